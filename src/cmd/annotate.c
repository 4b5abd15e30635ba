/* cmd/annotate.c - what was measured, written into the schema beside each declaration. */
#include "cmd/cmd.h"
#include "cmd/edited.h"
#include "cmd/options.h"
#include "output/figure.h"
#include "pipeline/annotate.h"

struct args {
    struct wd_common common;
    struct wd_sources sources;
    struct wd_edited edited;
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
    case ARGP_KEY_ARG: wd_words_add(&a->sources.traffic, arg); return 0;
    default: return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp_child children[] = {
    { &wd_common_argp, 0, NULL, 0 }, { &wd_sources_argp, 0, NULL, 0 }, { &wd_traffic_argp, 0, NULL, 0 },
    { &wd_schema_argp, 0, NULL, 0 }, { &wd_edited_argp, 0, NULL, 0 }, { 0 },
};
static const struct argp argp = {
    NULL, parse, "[PROFILE|CAPTURE...]",
    "Writes the measured cost, change and readers into a schema, beside each declaration."
    "\vAs comments where the format has them, else as x-wirediet, with a slot for the purpose, which people fill in. A second "
    "run replaces what the first wrote; nothing else changes. Example:\n\n"
    "  wirediet annotate -s schema.yaml -p traffic.pcapng -u web.yaml --in-place",
    children, NULL, NULL,
};

static void put_sentence(struct wd_buf *out, size_t n, const char *one, const char *many)
{
    if (n) {
        wd_put_count(out, n);
        wd_buf_puts(out, n == 1 ? one : many);
        wd_buf_byte(out, '\n');
    }
}

static void put_account(struct wd_buf *out, const struct args *a, const struct wd_annotation *made)
{
    size_t left = made->unstated > made->lack.slots ? made->unstated - made->lack.slots : 0;
    if (a->common.verbosity < 0)
        return;
    put_sentence(out, made->noted - made->lack.notes, " declaration annotated", " declarations annotated");
    put_sentence(out, made->unseen, " of them is not in the traffic", " of them are not in the traffic");
    put_sentence(out, left, " states no purpose; an empty one is left to be filled in",
                 " state no purpose; an empty one is left to be filled in");
    put_sentence(out, made->lack.slots,
                 " has no place for a purpose: it is a $ref, or shares its line with others",
                 " have no place for a purpose: they are a $ref, or share their line with others");
    put_sentence(out, made->lack.notes,
                 " can bear no note: a schema that is true or false, an alias, an entry of a list, a text "
                 "inside a document",
                 " can bear no note: schemas that are true or false, aliases, entries of lists, texts inside "
                 "a document");
}

static int work(struct args *a)
{
    struct wd_annotation made;
    struct wd_buf account = { 0 };
    TRY(wd_edited_start(&a->common, &a->sources, &a->edited));
    TRY(wd_sources_gather(&a->common, &a->sources));
    TRY(wd_annotate(&a->sources.audit, a->common.arena, &made, &a->common.err));
    a->edited.results = made.results;
    put_account(&account, a, &made);
    int rc = wd_edited_write(&a->common, &a->sources, &a->edited, &account);
    wd_buf_free(&account);
    return rc;
}

static int run(int argc, char **argv)
{
    struct args a = { .sources.is_strict = true };
    wd_parse(&argp, argc, argv, &a);
    int rc = work(&a);
    wd_sources_free(&a.sources);
    return wd_common_end(&a.common, rc);
}

const struct wd_verb wd_verb_annotate = { "annotate", "measured cost, change and readers written into a schema", run };
