/* cmd/report.c - the quarterly data-diet report. */
#include "cmd/cmd.h"
#include "cmd/options.h"

enum { OPT_TITLE = 400, OPT_PERIOD, OPT_BEFORE, OPT_BY };

struct args {
    struct wd_common common;
    struct wd_sources sources;
    struct wd_words before;
    const char *title, *period, *by;
};

static const struct argp_option options[] = {
    { "before", OPT_BEFORE, "FILE", 0, "the earlier profile or capture to compare with (repeatable)", 1 },
    { "title", OPT_TITLE, "TEXT", 0, "what the report is about (default: the schema's title, or the capture)", 1 },
    { "period", OPT_PERIOD, "TEXT", 0, "what the report covers, such as 2026-Q3 (default: the times of the capture)", 1 },
    { "by", OPT_BY, "raw|wire", 0, "rank decisions by the bytes that they save, or by what those cost once compressed", 1 },
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
    case OPT_BEFORE: wd_words_add(&a->before, arg); return 0;
    case OPT_BY: a->by = arg; return 0;
    case OPT_TITLE: a->title = arg; return 0;
    case OPT_PERIOD: a->period = arg; return 0;
    case ARGP_KEY_ARG: wd_words_add(&a->sources.traffic, arg); return 0;
    default: return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp_child children[] = {
    { &wd_common_argp, 0, NULL, 0 }, { &wd_sources_argp, 0, NULL, 0 }, { &wd_traffic_argp, 0, NULL, 0 },
    { &wd_schema_argp, 0, NULL, 0 }, { 0 },
};
static const struct argp argp = {
    options, parse, "[[BEFORE] PROFILE|CAPTURE]",
    "Writes the data-diet report: where the bytes go, what to decide, what changed since the last one."
    "\vOf two profiles or captures the first is the earlier one, to compare with. Example:\n\n"
    "  wirediet report -s schema.yaml -u web.yaml -o diet.html q2.json q3.json",
    children, NULL, NULL,
};

/* Two positional files are the earlier and the later one. */
static int split_before(struct args *a)
{
    struct wd_words *traffic = &a->sources.traffic;
    if (traffic->count > 2)
        return wd_fail(
            &a->common.err, WD_EUSAGE, (struct wd_place){ 0 },
            "report takes one profile, or an earlier and a later one; add others up first with wirediet merge");
    if (traffic->count == 2) {
        wd_words_add(&a->before, traffic->at[0]);
        traffic->at[0] = traffic->at[1];
        traffic->count = 1;
    }
    return WD_OK;
}

static int measure_before(struct args *a, struct wd_profile **before)
{
    struct wd_binding *bindings;
    struct wd_selection selection = a->common.selection;
    a->common.selection = (struct wd_selection){ .lines = selection.lines };   /* the window is that of the traffic of today */
    int rc = wd_common_measure(&a->common, &a->before, a->sources.schema, false, before);
    a->common.selection = selection;
    if (rc == WD_STOP)
        wd_interrupt_die();
    TRY(rc);
    return a->sources.schema ? wd_measure_bind(before, a->sources.schema, &bindings, &a->common.err) : WD_OK;
}

static struct wd_bytes title_of(const struct args *a)
{
    if (a->title)
        return wd_bytes_of(a->title);
    if (a->sources.schema && a->sources.schema->title.len)
        return a->sources.schema->title;
    const struct wd_profile *p = a->sources.profile;
    return p && p->input_count ? p->inputs[0].name : (struct wd_bytes){ 0 };
}

/* How this report was made, for those who read it. */
static const char *name_again(const struct args *a)
{
    struct wd_buf command = { 0 };
    wd_buf_puts(&command, "wirediet report");
    wd_buf_puts(&command, a->sources.named);
    wd_again_put_files(&command, "--before", &a->before, "BEFORE", true);
    wd_again_put_word(&command, "--title", a->title, "TITLE");
    wd_again_put_word(&command, "--period", a->period, "PERIOD");
    wd_again_put_file(&command, "-o", a->common.output, "REPORT", true);
    const char *kept = wd_arena_string(a->common.arena, wd_buf_bytes(&command));
    wd_buf_free(&command);
    return kept;
}

static int print(struct args *a, const struct wd_profile *before)
{
    a->sources.audit.command = name_again(a);
    struct wd_report report = {
        .audit = &a->sources.audit, .before = before, .title = title_of(a), .period = wd_bytes_of(a->period),
        .before_name = before && before->input_count ? before->inputs[0].name : (struct wd_bytes){ 0 },
    };
    struct wd_buf out = { 0 };
    wd_print_report(&out, &report, a->common.format, &a->common.style);
    int rc = wd_common_write(&a->common, &out, &a->sources.traffic, 0644);
    wd_buf_free(&out);
    return rc;
}

static int work(struct args *a)
{
    struct wd_profile *before = NULL;
    if (!a->common.format_name && !a->common.output)
        a->common.format_name = "markdown";
    a->common.reads_schemas = true;
    TRY(wd_common_start(&a->common));
    TRY(wd_common_rank(&a->common, a->by));
    TRY(split_before(a));
    TRY(wd_common_spare_all(&a->common, &a->before));
    TRY(wd_sources_gather(&a->common, &a->sources));
    int rc = a->before.count ? measure_before(a, &before) : WD_OK;
    if (rc >= 0)
        rc = print(a, before);
    wd_profile_free(before);
    return rc;
}

static int run(int argc, char **argv)
{
    struct args a = { .common.formats = wd_formats_report };
    wd_parse(&argp, argc, argv, &a);
    int rc = work(&a);
    wd_sources_free(&a.sources);
    wd_free(a.before.at);
    return wd_common_end(&a.common, rc);
}

const struct wd_verb wd_verb_report = { "report", "the quarterly data-diet report", run };
