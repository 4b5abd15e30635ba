/* cmd/audit.c - all evidence -> findings. */
#include "cmd/cmd.h"
#include "cmd/options.h"

enum { OPT_FAIL_ON = 400, OPT_ALL, OPT_BY };

struct args {
    struct wd_common common;
    struct wd_sources sources;
    const char *fail_on, *by;
};

static const struct argp_option options[] = {
    { "fail-on", OPT_FAIL_ON, "SEVERITY", 0, "exit 1 on findings of error (default), warning or note and above; none: never", 1 },
    { "all", OPT_ALL, NULL, 0, "every finding, not only the most expensive", 1 },
    { "by", OPT_BY, "raw|wire", 0, "rank findings by the bytes that they save, or by what those cost once compressed", 1 },
    { 0 },
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
        return 0;
    case OPT_FAIL_ON: a->fail_on = arg; return 0;
    case OPT_BY: a->by = arg; return 0;
    case OPT_ALL: a->common.style.show_all = true; return 0;
    case ARGP_KEY_ARG: wd_words_add(&a->sources.traffic, arg); return 0;
    default: return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp_child children[] = {
    { &wd_common_argp, 0, NULL, 0 }, { &wd_sources_argp, 0, NULL, 0 }, { &wd_traffic_argp, 0, NULL, 0 },
    { &wd_schema_argp, 0, NULL, 0 }, { 0 },
};
static const struct argp argp = {
    options, parse, "[PROFILE|CAPTURE...]",
    "Holds a schema against traffic and consumers, and says what to remove and why."
    "\vWith a .wirediet.yaml no argument is needed. Example:\n\n"
    "  wirediet audit -s schema.yaml -p traffic.pcapng -u web.usage.yaml",
    children, NULL, NULL,
};

/* Findings at or above this fail the run; past the last one: none does. */
static int threshold(struct args *a, int *out)
{
    for (*out = WD_NOTE; *out <= WD_ERROR; ++*out)
        if (strcmp(a->fail_on, wd_severity_names[*out]) == 0)
            return WD_OK;
    if (strcmp(a->fail_on, "none") == 0)
        return WD_OK;
    return wd_fail(&a->common.err, WD_EUSAGE, (struct wd_place){ 0 },
                   "--fail-on takes error, warning, note or none");
}

static int work(struct args *a)
{
    int least;
    a->common.reads_schemas = true;
    TRY(wd_common_start(&a->common));
    TRY(threshold(a, &least));
    TRY(wd_common_rank(&a->common, a->by));
    TRY(wd_sources_gather(&a->common, &a->sources));
    struct wd_buf out = { 0 };
    wd_print_audit(&out, &a->sources.audit, a->common.format, &a->common.style);
    int rc = wd_common_write(&a->common, &out, &a->sources.traffic, 0644);
    wd_buf_free(&out);
    TRY(rc);
    for (size_t i = 0; i < a->sources.audit.finding_count; i++)
        if ((int)a->sources.audit.findings[i].severity >= least)
            return 1;
    return 0;
}

static int run(int argc, char **argv)
{
    struct args a = { .common.formats = wd_formats_audit, .fail_on = "error" };
    wd_parse(&argp, argc, argv, &a);
    int rc = work(&a);
    wd_sources_free(&a.sources);
    return wd_common_end(&a.common, rc);
}

const struct wd_verb wd_verb_audit = { "audit", "schema, traffic and consumers -> findings", run };
