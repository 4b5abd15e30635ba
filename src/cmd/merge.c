/* cmd/merge.c - profiles -> one profile. */
#include "cmd/cmd.h"
#include "cmd/options.h"
#include "profile/file.h"
#include "profile/merge.h"

struct args {
    struct wd_common common;
    struct wd_words inputs;
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct args *a = state->input;
    switch (key) {
    case ARGP_KEY_INIT: state->child_inputs[0] = &a->common; return 0;
    case ARGP_KEY_ARG: wd_words_add(&a->inputs, arg); return 0;
    default: return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp_child children[] = { { &wd_common_argp, 0, NULL, 0 }, { 0 } };
static const struct argp argp = {
    NULL, parse, "PROFILE...",
    "Adds profiles up to one, as if their traffic had been one capture."
    "\vThe result is JSON unless --format says otherwise. Example:\n\n"
    "  wirediet merge -o quarter.json week-*.json",
    children, NULL, NULL,
};

static int read_parts(struct args *a, struct wd_profile **parts, size_t *count)
{
    for (; *count < a->inputs.count; ++*count)
        TRY(wd_profile_read(a->inputs.at[*count], &a->common.config.limits, &parts[*count], &a->common.err));
    return WD_OK;
}

static int merge(struct args *a, struct wd_profile **parts, size_t count)
{
    struct wd_buf out = { 0 };
    struct wd_profile *whole = wd_profile_merge(parts, count, &a->common.diagnostics);
    wd_print_profile(&out, whole, a->common.format, &a->common.style);
    int rc = wd_common_write(&a->common, &out, &a->inputs, 0600);
    wd_buf_free(&out);
    wd_profile_free(whole);
    return rc;
}

static int work(struct args *a)
{
    if (!a->common.format_name && !a->common.output)
        a->common.format_name = "json";
    TRY(wd_common_start(&a->common));
    if (!a->inputs.count)
        return wd_fail(&a->common.err, WD_EUSAGE, (struct wd_place){ 0 },
                       "no profile; name the files that wirediet profile made");
    TRY(wd_common_spare_all(&a->common, &a->inputs));
    struct wd_profile **parts = wd_alloc(a->inputs.count * sizeof *parts);
    size_t count = 0;
    int rc = read_parts(a, parts, &count);
    if (rc >= 0)
        rc = merge(a, parts, count);
    for (size_t i = 0; i < count; i++)
        wd_profile_free(parts[i]);
    wd_free(parts);
    return rc;
}

static int run(int argc, char **argv)
{
    struct args a = { .common.formats = wd_formats_profile };
    wd_parse(&argp, argc, argv, &a);
    int status = wd_common_end(&a.common, work(&a));
    wd_free(a.inputs.at);
    return status;
}

const struct wd_verb wd_verb_merge = { "merge", "profiles -> one profile", run };
