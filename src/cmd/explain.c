/* cmd/explain.c - what a rule means, why it matters, how to fix it. */
#include "base/escape.h"
#include "base/nearest.h"
#include "cmd/cmd.h"
#include "cmd/options.h"
#include "finding/audit.h"

struct args {
    struct wd_common common;
    struct wd_words rules;
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct args *a = state->input;
    switch (key) {
    case ARGP_KEY_INIT: state->child_inputs[0] = &a->common; return 0;
    case ARGP_KEY_ARG: wd_words_add(&a->rules, arg); return 0;
    default: return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp_child children[] = { { &wd_common_argp, 0, NULL, 0 }, { 0 } };
static const struct argp argp = {
    NULL, parse, "[RULE...]",
    "Tells what a rule means, why it matters, how it is measured and how to fix it."
    "\vWithout a rule all of them are listed. Example:\n\n  wirediet explain WD402",
    children, NULL, NULL,
};

static int unknown_rule(struct args *a, const char *name)
{
    struct wd_nearest nearest = { .name = wd_bytes_of(name) };
    struct wd_shown shown, best;
    for (size_t i = 0; wd_rules[i]; i++) {
        wd_nearest_try(&nearest, wd_bytes_of(wd_rules[i]->id));
        wd_nearest_try(&nearest, wd_bytes_of(wd_rules[i]->name));
    }
    return wd_fail(&a->common.err, WD_EUSAGE, (struct wd_place){ 0 },
                   "no rule '%s'; did you mean '%s'? wirediet explain lists all",
                   wd_show(&shown, wd_bytes_of(name)),
                   wd_show(&best, nearest.best.len ? nearest.best : wd_bytes_of(wd_rules[0]->id)));
}

static int print(struct args *a, struct wd_buf *out)
{
    if (!a->rules.count)
        wd_print_rules(out, wd_rules, &a->common.style);
    for (size_t i = 0; i < a->rules.count; i++) {
        const struct wd_rule *rule = wd_rule_find(wd_bytes_of(a->rules.at[i]));
        if (!rule)
            return unknown_rule(a, a->rules.at[i]);
        if (i)
            wd_buf_byte(out, '\n');
        wd_print_rule(out, rule, &a->common.style);
    }
    return wd_common_write(&a->common, out, NULL, 0644);
}

static int work(struct args *a)
{
    struct wd_buf out = { 0 };
    TRY(wd_common_start(&a->common));
    int rc = print(a, &out);
    wd_buf_free(&out);
    return rc;
}

static int run(int argc, char **argv)
{
    struct args a = { 0 };
    wd_parse(&argp, argc, argv, &a);
    int status = wd_common_end(&a.common, work(&a));
    wd_free(a.rules.at);
    return status;
}

const struct wd_verb wd_verb_explain = { "explain", "what a rule means, why it matters, how to fix it", run };
