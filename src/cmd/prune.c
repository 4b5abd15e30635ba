/* cmd/prune.c - the smaller schema, or the way to it, with a proof that nobody loses anything. */
#include "base/escape.h"
#include "cmd/account.h"
#include "cmd/cmd.h"
#include "cmd/edited.h"
#include "cmd/options.h"
#include "finding/audit.h"
#include "pipeline/prune.h"

enum { OPT_STAGE = 400, OPT_ALSO };

struct args {
    struct wd_common common;
    struct wd_sources sources;
    struct wd_words rules;
    const char *stage_name;
    enum wd_edit_stage stage;
    struct wd_edited edited;
    struct wd_prune_plan plan;
    struct wd_proof proof;
};

static const struct argp_option options[] = {
    {"stage", OPT_STAGE, "STAGE", 0, "remove (default), or deprecate: mark the fields first", 1},
    {"also", OPT_ALSO, "RULE", 0, "act on this rule as well as on WD101 and WD102 (repeatable)", 1},
    {0},
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct args *a = state->input;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &a->common;
        state->child_inputs[1] = &a->sources;
        state->child_inputs[2] = &a->common;
        state->child_inputs[3] = &a->common;
        state->child_inputs[4] = &a->edited;
        return 0;
    case OPT_STAGE:
        a->stage_name = arg;
        return 0;
    case OPT_ALSO:
        wd_words_add(&a->rules, arg);
        return 0;
    case ARGP_KEY_ARG:
        wd_words_add(&a->sources.traffic, arg);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp_child children[] = {
    { &wd_common_argp, 0, NULL, 0 }, { &wd_sources_argp, 0, NULL, 0 }, { &wd_traffic_argp, 0, NULL, 0 },
    { &wd_schema_argp, 0, NULL, 0 }, { &wd_edited_argp, 0, NULL, 0 }, { 0 },
};
static const struct argp argp = {
    options,
    parse,
    "[PROFILE|CAPTURE...]",
    "Removes from a schema what no consumer reads, without touching another byte, and proves it."
    "\vThe schema goes to -o or standard output, the account of it to the terminal. Example:\n\n"
    "  wirediet prune -s schema.yaml -p traffic.pcapng -u web.yaml -o slim.yaml",
    children,
    NULL,
    NULL,
};

static int read_options(struct args *a)
{
    struct wd_shown shown;
    a->stage = strcmp(a->stage_name, "deprecate") == 0 ? WD_EDIT_DEPRECATE : WD_EDIT_REMOVE;
    if (a->stage == WD_EDIT_REMOVE && strcmp(a->stage_name, "remove") != 0)
        return wd_fail(&a->common.err, WD_EUSAGE, (struct wd_place){0}, "--stage takes deprecate or remove");
    for (size_t i = 0; i < a->rules.count; i++) {
        const struct wd_rule *rule = wd_rule_find(wd_bytes_of(a->rules.at[i]));
        if (!rule)
            return wd_fail(&a->common.err, WD_EUSAGE, (struct wd_place){0},
                           "--also: no rule '%s'; wirediet explain lists them",
                           wd_show(&shown, wd_bytes_of(a->rules.at[i])));
        a->rules.at[i] = rule->id;
    }
    wd_words_add(&a->rules, "WD101");
    wd_words_add(&a->rules, "WD102");
    return WD_OK;
}

/* --- the result --- */

static void put_account(struct wd_buf *out, struct args *a)
{
    struct wd_account account = {&a->sources.audit, &a->plan, a->edited.results, &a->proof, a->stage};
    if (a->common.verbosity >= 0)
        wd_put_account(out, &account, &a->common.style);
}

/* The account is whole before anything is written: then nothing is left that can fail. */
static int write_both(struct args *a)
{
    struct wd_buf account = {0};
    put_account(&account, a);
    int rc = wd_edited_write(&a->common, &a->sources, &a->edited, &account);
    wd_buf_free(&account);
    return rc;
}

static int prune(struct args *a)
{
    const struct wd_audit *audit = &a->sources.audit;
    struct wd_arena *arena = a->common.arena;
    struct wd_err *err = &a->common.err;
    TRY(wd_prune_plan(audit, a->rules.at, a->rules.count, a->stage, arena, &a->plan, err));
    TRY(wd_edit_apply(audit->schema, a->plan.targets, a->plan.target_count, a->stage, arena, &a->edited.results,
                      err));
    TRY(wd_prune_prove(audit, &a->plan, a->stage, a->edited.results, arena, &a->proof, err));
    const struct wd_proof *p = &a->proof;
    if (!p->parses || !p->differs_exactly || !p->reads_remain || !p->fits)
        return wd_fail(err, WD_ESYSTEM,
                       (struct wd_place){.file = a->sources.schema->documents[0]->name},
                       "the proof fails (%.*s), so nothing is written: a bug of ours, please report it",
                       (int)p->failure.len, p->failure.len ? (const char *)p->failure.at : "");
    return write_both(a);
}

static int work(struct args *a)
{
    TRY(wd_edited_start(&a->common, &a->sources, &a->edited));
    TRY(read_options(a));
    TRY(wd_sources_gather(&a->common, &a->sources));
    return prune(a);
}

static int run(int argc, char **argv)
{
    struct args a = {.stage_name = "remove", .sources.is_strict = true};
    wd_parse(&argp, argc, argv, &a);
    int rc = work(&a);
    wd_prune_free(&a.proof);
    wd_sources_free(&a.sources);
    wd_free(a.rules.at);
    return wd_common_end(&a.common, rc);
}

const struct wd_verb wd_verb_prune = {"prune", "a smaller schema, with a proof that nobody loses anything",
                                      run};
