/* cmd/prune.c - the smaller schema, or the way to it, with a proof that nobody loses anything. */
#include <inttypes.h>

#include "base/diff.h"
#include "base/escape.h"
#include "base/file.h"
#include "cmd/account.h"
#include "cmd/cmd.h"
#include "cmd/options.h"
#include "finding/audit.h"
#include "pipeline/prune.h"

enum { OPT_DIFF = 400, OPT_STAGE, OPT_ALSO, OPT_IN_PLACE };

struct args {
    struct wd_common common;
    struct wd_sources sources;
    struct wd_words rules;
    const char *stage_name;
    enum wd_edit_stage stage;
    bool is_diff, is_in_place;
    struct wd_prune_plan plan;
    struct wd_edit_result *results;
    struct wd_proof proof;
};

static const struct argp_option options[] = {
    {"diff", OPT_DIFF, NULL, 0, "write the edit as a diff that git apply takes, not the schema", 1},
    {"stage", OPT_STAGE, "STAGE", 0, "remove (default), or deprecate: mark the fields first", 1},
    {"also", OPT_ALSO, "RULE", 0, "act on this rule as well as on WD101 and WD102 (repeatable)", 1},
    {"in-place", OPT_IN_PLACE, NULL, 0, "replace the schema itself", 1},
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
        return 0;
    case OPT_DIFF:
        a->is_diff = true;
        return 0;
    case OPT_STAGE:
        a->stage_name = arg;
        return 0;
    case OPT_ALSO:
        wd_words_add(&a->rules, arg);
        return 0;
    case OPT_IN_PLACE:
        a->is_in_place = true;
        return 0;
    case ARGP_KEY_ARG:
        wd_words_add(&a->sources.traffic, arg);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp_child children[] = {
    { &wd_common_argp, 0, NULL, 0 }, { &wd_sources_argp, 0, NULL, 0 }, { &wd_traffic_argp, 0, NULL, 0 }, { 0 },
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
    if (a->is_in_place && (a->common.output || a->is_diff))
        return wd_fail(&a->common.err, WD_EUSAGE, (struct wd_place){0},
                       "--in-place goes neither with -o nor with --diff");
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

static void put_diff(struct wd_buf *out, const struct args *a)
{
    for (size_t d = 0; d < a->sources.schema->document_count; d++)
        wd_diff_put(out, wd_bytes_of(a->results[d].document->name), a->results[d].document->text,
                    a->results[d].text);
}

static bool is_changed(const struct wd_edit_result *r)
{
    return !wd_bytes_eq(r->text, r->document->text);
}

static int write_in_place(struct args *a)
{
    for (size_t d = 0; d < a->sources.schema->document_count; d++)
        if (is_changed(&a->results[d]))
            TRY(wd_file_write(a->results[d].document->name, a->results[d].text, 0644, &a->common.err));
    return WD_OK;
}

/* One text can go to -o; a schema of several changed files needs --in-place or --diff. */
static int one_result(struct args *a, struct wd_buf *out)
{
    for (size_t d = 1; d < a->sources.schema->document_count; d++)
        if (is_changed(&a->results[d]))
            return wd_fail(&a->common.err, WD_EUSAGE, (struct wd_place){.file = a->results[d].document->name},
                           "changes too, and one output cannot hold two files; use --diff or --in-place");
    wd_buf_put(out, a->results[0].text);
    return WD_OK;
}

static int write_result(struct args *a)
{
    struct wd_buf out = {0};
    int rc = WD_OK;
    if (a->is_in_place)
        return write_in_place(a);
    if (a->is_diff)
        put_diff(&out, a);
    else
        rc = one_result(a, &out);
    if (rc >= 0)
        rc = wd_common_write(&a->common, &out, &a->sources.schemas, 0644);
    wd_buf_free(&out);
    return rc;
}

static void put_account(struct wd_buf *out, struct args *a)
{
    struct wd_account account = {&a->sources.audit, &a->plan, a->results, &a->proof, a->stage};
    if (a->common.verbosity >= 0)
        wd_put_account(out, &account, &a->common.style);
}

/* The account goes where the schema does not. It is whole before anything is written: then nothing is left
 * that can fail. */
static int write_both(struct args *a)
{
    struct wd_buf account = {0};
    bool is_free = a->is_in_place || (a->common.output && strcmp(a->common.output, "-") != 0);
    put_account(&account, a);
    int rc = write_result(a);
    if (rc >= 0 && account.len)
        fwrite(account.at, 1, account.len, is_free ? stdout : stderr);
    wd_buf_free(&account);
    return rc;
}

static int prune(struct args *a)
{
    struct wd_arena *arena = a->common.arena;
    TRY(wd_prune_plan(&a->sources.audit, a->rules.at, a->rules.count, arena, &a->plan, &a->common.err));
    TRY(wd_edit_apply(a->sources.schema, a->plan.targets, a->plan.target_count, a->stage, arena, &a->results,
                      &a->common.err));
    TRY(wd_prune_prove(&a->sources.audit, &a->plan, a->stage, a->results, arena, &a->proof, &a->common.err));
    const struct wd_proof *p = &a->proof;
    if (!p->parses || !p->differs_exactly || !p->reads_remain || !p->fits)
        return wd_fail(&a->common.err, WD_ESYSTEM,
                       (struct wd_place){.file = a->sources.schema->documents[0]->name},
                       "the proof fails (%.*s), so nothing is written: a bug of ours, please report it",
                       (int)p->failure.len, p->failure.len ? (const char *)p->failure.at : "");
    return write_both(a);
}

/* --in-place writes the schemas themselves, and what they refer to below them or below the root. */
static void confine_in_place(struct args *a)
{
    const struct wd_config *c = &a->common.config;
    struct wd_words names = {0};
    if (a->sources.root)
        wd_words_add(&names, (const char *)wd_arena_printf(a->common.arena, "%s/", a->sources.root).at);
    for (size_t i = 0; i < a->sources.schemas.count; i++)
        wd_words_add(&names, a->sources.schemas.at[i]);
    for (size_t i = 0; !a->sources.schemas.count && i < c->schema_count; i++)
        wd_words_add(&names, wd_arena_string(a->common.arena, c->schemas[i]));
    wd_common_confine(&a->common, names.at, names.count);
    wd_free(names.at);
}

static int work(struct args *a)
{
    const char *output = a->common.output;
    a->common.output = NULL; /* its extension is the schema's, not a format of ours */
    a->common.written = output;
    a->common.is_guarded = a->is_in_place;
    TRY(wd_common_start(&a->common));
    a->common.output = output;
    TRY(read_options(a));
    if (a->is_in_place)
        confine_in_place(a);
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
