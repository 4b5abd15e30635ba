#include "cmd/edited.h"

#include "base/diff.h"
#include "base/file.h"
#include "schema/proto.h"

enum { OPT_DIFF = 450, OPT_IN_PLACE };

static const struct argp_option options[] = {
    { "diff", OPT_DIFF, NULL, 0, "write the edit as a diff that git apply takes, not the schema", 1 },
    { "in-place", OPT_IN_PLACE, NULL, 0, "replace the schema itself", 1 },
    { 0 },
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct wd_edited *edited = state->input;
    (void)arg;
    switch (key) {
    case OPT_DIFF: edited->is_diff = true; return 0;
    case OPT_IN_PLACE: edited->is_in_place = true; return 0;
    default: return ARGP_ERR_UNKNOWN;
    }
}

const struct argp wd_edited_argp = { .options = options, .parser = parse };

/* --- start --- */

static bool has_proto(const struct wd_words *names)
{
    for (size_t i = 0; i < names->count; i++)
        if (wd_proto_recognise(names->at[i], wd_bytes_of("")) == WD_PROTO_TEXT)
            return true;
    return false;
}

static void confine_in_place(struct wd_common *common, const struct wd_sources *sources)
{
    const struct wd_config *c = &common->config;
    struct wd_words names = { 0 };
    if (common->root)
        wd_words_add(&names, (const char *)wd_arena_printf(common->arena, "%s/", common->root).at);
    for (size_t i = 0; i < common->imports.count; i++)
        wd_words_add(&names, (const char *)wd_arena_printf(common->arena, "%s/", common->imports.at[i]).at);
    for (size_t i = 0; i < sources->schemas.count; i++)
        wd_words_add(&names, sources->schemas.at[i]);
    for (size_t i = 0; !sources->schemas.count && i < c->schema_count; i++)
        wd_words_add(&names, wd_arena_string(common->arena, c->schemas[i]));
    if (!common->imports.count && has_proto(&names))
        wd_words_add(&names, "./");   /* from where imports are looked for, at most */
    wd_common_confine(common, names.at, names.count);
    wd_free(names.at);
}

int wd_edited_start(struct wd_common *common, const struct wd_sources *sources, const struct wd_edited *edited)
{
    const char *output = common->output;
    common->output = NULL;
    common->written = output;
    common->is_guarded = edited->is_in_place;
    common->reads_schemas = true;
    TRY(wd_common_start(common));
    common->output = output;
    if (!edited->is_in_place)
        return WD_OK;
    if (output || edited->is_diff)
        return wd_fail(&common->err, WD_EUSAGE, (struct wd_place){ 0 },
                       "--in-place goes neither with -o nor with --diff");
    confine_in_place(common, sources);
    return WD_OK;
}

/* --- the end --- */

static bool is_changed(const struct wd_edit_result *r)
{
    return !wd_bytes_eq(r->text, r->document->text);
}

static void put_diff(struct wd_buf *out, const struct wd_edit_result *results, size_t count)
{
    for (size_t d = 0; d < count; d++)
        wd_diff_put(out, wd_bytes_of(results[d].document->name), results[d].document->text, results[d].text);
}

static int write_in_place(struct wd_common *common, const struct wd_edit_result *results, size_t count)
{
    for (size_t d = 0; d < count; d++)
        if (is_changed(&results[d]))
            TRY(wd_file_write(results[d].document->name, results[d].text, 0644, &common->err));
    return WD_OK;
}

/* One text can go to -o; a schema of several changed files needs --in-place or --diff. */
static int one_result(struct wd_common *common, const struct wd_edit_result *results, size_t count,
                      struct wd_buf *out)
{
    for (size_t d = 1; d < count; d++)
        if (is_changed(&results[d]))
            return wd_fail(&common->err, WD_EUSAGE, (struct wd_place){ .file = results[d].document->name },
                           "changes too, and one output cannot hold two files; use --diff or --in-place");
    wd_buf_put(out, results[0].text);
    return WD_OK;
}

static int write_result(struct wd_common *common, const struct wd_sources *sources,
                        const struct wd_edited *edited)
{
    size_t count = sources->schema->document_count;
    struct wd_buf out = { 0 };
    int rc = WD_OK;
    if (edited->is_in_place)
        return write_in_place(common, edited->results, count);
    if (edited->is_diff)
        put_diff(&out, edited->results, count);
    else
        rc = one_result(common, edited->results, count, &out);
    if (rc >= 0)
        rc = wd_common_write(common, &out, &sources->schemas, 0644);
    wd_buf_free(&out);
    return rc;
}

int wd_edited_write(struct wd_common *common, const struct wd_sources *sources, const struct wd_edited *edited,
                    const struct wd_buf *account)
{
    bool is_free = edited->is_in_place || (common->output && strcmp(common->output, "-") != 0);
    TRY(write_result(common, sources, edited));
    if (account->len)
        fwrite(account->at, 1, account->len, is_free ? stdout : stderr);
    return WD_OK;
}
