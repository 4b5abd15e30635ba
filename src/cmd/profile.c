/* cmd/profile.c - captured traffic -> profile. */
#include "cmd/cmd.h"
#include "cmd/options.h"
#include "schema/schema.h"

enum { OPT_BALANCE = 400, OPT_STRICT, OPT_ALL, OPT_BY, OPT_SHOW_VALUES };

struct args {
    struct wd_common common;
    struct wd_words captures, schemas;
    const char *by;
    const char *force;   /* what --show-values= says */
    bool has_balance, is_strict, shows_values;
};

static const struct argp_option options[] = {
    { "schema", 's', "FILE", 0, "call messages and binary fields by the names of this schema (repeatable)", 1 },
    { "balance", OPT_BALANCE, NULL, 0, "print the ledger and whether its sums agree; exit 4 if they do not", 1 },
    { "strict", OPT_STRICT, NULL, 0, "damage in the middle of a capture is an error (exit 3)", 1 },
    { "by", OPT_BY, "raw|wire", 0, "rank messages and fields by their bytes, or by what they cost once compressed", 1 },
    { "show-values", OPT_SHOW_VALUES, "force", OPTION_ARG_OPTIONAL,
      "print the names of servers that TLS asks for too; =force: also when the output is not a terminal", 1 },
    { "all", OPT_ALL, NULL, 0, "every field, not only the most expensive", 1 },
    { 0 },
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct args *a = state->input;
    switch (key) {
    case ARGP_KEY_INIT: 
        state->child_inputs[0] = state->child_inputs[1] = state->child_inputs[2] = &a->common;
        return 0;
    case 's': wd_words_add(&a->schemas, arg); return 0;
    case OPT_BALANCE: a->has_balance = true; return 0;
    case OPT_STRICT: a->is_strict = true; return 0;
    case OPT_BY: a->by = arg; return 0;
    case OPT_SHOW_VALUES:
        a->shows_values = true;
        a->force = arg;
        return 0;
    case OPT_ALL: a->common.style.show_all = true; return 0;
    case ARGP_KEY_ARG: wd_words_add(&a->captures, arg); return 0;
    default: return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp_child children[] = {
    { &wd_common_argp, 0, NULL, 0 }, { &wd_traffic_argp, 0, NULL, 0 }, { &wd_schema_argp, 0, NULL, 0 }, { 0 },
};
static const struct argp argp = {
    options, parse, "CAPTURE...",
    "Measures what each field of each message costs and how often it changes."
    "\vCAPTURE is a pcap or pcapng file (also .gz or .zst), a HAR, lines of JSON, a directory of such files, - for standard input, "
    "or a saved profile. Example:\n\n"
    "  wirediet profile -s schema.yaml -o traffic.json traffic.pcapng",
    children, NULL, NULL,
};

/* What an audit of the same would take, before the configuration fills in the rest. */
static void keep_named(struct args *a)
{
    const struct wd_config *c = &a->common.config;
    struct wd_buf named = { 0 };
    wd_again_put_file(&named, "--config", a->common.config_name, "CONFIG", false);
    wd_again_put_files(&named, "-s", &a->schemas, "SCHEMA", false);
    if (!a->schemas.count && !c->schema_count)
        wd_buf_puts(&named, " -s SCHEMA");
    wd_again_put_files(&named, "-p", &a->captures, "CAPTURE", false);
    if (!c->consumer_count)
        wd_buf_puts(&named, " -u USAGE");
    wd_again_put_schema(&named, &a->common, false);
    wd_again_put_traffic(&named, &a->common, false);
    a->common.style.evidence = wd_arena_string(a->common.arena, wd_buf_bytes(&named));
    wd_buf_free(&named);
}

static void fill_from_config(struct args *a)
{
    const struct wd_config *c = &a->common.config;
    bool has_capture = a->captures.count > 0, has_schema = a->schemas.count > 0;
    for (size_t k = 0; !has_capture && k < c->capture_count; k++)
        wd_words_add(&a->captures, wd_arena_string(a->common.arena, c->captures[k]));
    for (size_t k = 0; !has_schema && k < c->schema_count; k++)
        wd_words_add(&a->schemas, wd_arena_string(a->common.arena, c->schemas[k]));
}

static int print(struct args *a, const struct wd_profile *profile)
{
    struct wd_buf out = { 0 }, why = { 0 };
    bool is_balanced = wd_profile_balances(profile, &why);
    if (a->has_balance)
        wd_print_balance(&out, profile, &a->common.style);
    else
        wd_print_profile(&out, profile, a->common.format, &a->common.style);
    int rc = wd_common_write(&a->common, &out, &a->captures, 0600);
    wd_buf_free(&out);
    if (rc >= 0 && !is_balanced) {
        wd_buf_put(&a->common.diagnostics, wd_buf_bytes(&why));
        rc = wd_fail(
            &a->common.err, WD_ESYSTEM, (struct wd_place){ 0 },
            "the ledger does not balance: a bug of ours; please report it with the output of --balance");
    }
    wd_buf_free(&why);
    return rc;
}

static int show_servers(struct args *a)
{
    struct wd_common *common = &a->common;
    if (a->has_balance || (common->format != WD_FORMAT_TEXT && common->format != WD_FORMAT_JSON))
        return wd_fail(
            &common->err, WD_EUSAGE, (struct wd_place){ 0 },
            "--show-values goes with --format text and json only; leave --balance and other formats away");
    common->config.shows_servers = true;
    return wd_common_show_values(common, a->force);
}

static int work(struct args *a, bool *is_interrupted)
{
    struct wd_schema *schema = NULL;
    struct wd_profile *profile = NULL;
    struct wd_binding *bindings;
    a->common.reads_schemas = true;
    TRY(wd_common_start(&a->common));
    TRY(wd_common_rank(&a->common, a->by));
    if (a->has_balance && a->common.format != WD_FORMAT_TEXT)
        return wd_fail(&a->common.err, WD_EUSAGE, (struct wd_place){ 0 },
                       "--balance prints text; leave out %s",
                       a->common.format_name ? "--format" : "the extension of -o");
    if (a->shows_values)
        TRY(show_servers(a));
    keep_named(a);
    fill_from_config(a);
    if (!a->captures.count)
        return wd_fail(&a->common.err, WD_EUSAGE, (struct wd_place){ 0 },
                       "no capture; name a pcap or pcapng file, or - for standard input");
    TRY(wd_common_spare_all(&a->common, &a->captures));
    TRY(wd_common_spare_all(&a->common, &a->schemas));
    if (a->schemas.count)
        TRY(wd_common_schema(&a->common, &a->schemas, &schema));
    int rc = wd_common_measure(&a->common, &a->captures, schema, a->is_strict, &profile);
    *is_interrupted = rc == WD_STOP;
    if (rc >= 0 || rc == WD_STOP)
        rc = schema ? wd_measure_bind(&profile, schema, &bindings, &a->common.err) : WD_OK;
    if (rc >= 0)
        rc = print(a, profile);
    wd_profile_free(profile);
    wd_schema_free(schema);
    return rc;
}

static int run(int argc, char **argv)
{
    struct args a = { .common.formats = wd_formats_profile };
    bool is_interrupted = false;
    wd_parse(&argp, argc, argv, &a);
    int status = wd_common_end(&a.common, work(&a, &is_interrupted));
    wd_free(a.captures.at);
    wd_free(a.schemas.at);
    if (is_interrupted)
        wd_interrupt_die();
    return status;
}

const struct wd_verb wd_verb_profile = { "profile", "captured traffic -> what each field costs and how often it changes", run };
