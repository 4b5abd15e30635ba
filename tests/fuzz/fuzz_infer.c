/* Any profile as schemas: each format prints it the same twice; what is YAML or JSON reads; AsyncAPI and JSON Schema load, and
 * describe the profile they were made of, so that it adds nothing to them. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "fuzz.h"
#include "pipeline/infer.h"
#include "pipeline/measure.h"
#include "profile/file.h"
#include "schema/schema.h"

struct check {
    struct wd_config config;
    struct wd_profile *profile;
    struct wd_arena *arena;
};

static void print(struct check *c, const struct wd_infer_format *format, bool is_json, struct wd_buf *out)
{
    struct wd_inferring inferring = { .profile = c->profile, .config = &c->config, .format = format, .is_json = is_json };
    struct wd_buf notes = { 0 };
    struct wd_err err = { 0 };
    int rc = wd_infer_write(&inferring, c->arena, out, &notes, &err);
    assert(rc == WD_OK && out->len);
    wd_buf_free(&notes);
}

static void fail(const char *what, const struct wd_err *err, struct wd_bytes text)
{
    fprintf(stderr, "%s: %s\n%.*s\n", what, err->text, (int)text.len, (const char *)text.at);
    abort();
}

static void check_document(struct check *c, struct wd_bytes text)
{
    struct wd_document *document;
    struct wd_err err = { 0 };
    if (wd_document_parse("inferred", text, &c->config.limits, c->arena, &document, &err) < 0)
        fail("does not read", &err, text);
}

/* The same profile, with the schema's names, adds nothing. */
static void check_again(struct check *c, struct wd_schema *schema, struct wd_bytes text)
{
    struct wd_binding *bindings;
    struct wd_extension made;
    struct wd_err err = { 0 };
    struct wd_buf notes = { 0 };
    if (wd_schema_bind(schema, c->profile, c->arena, &bindings, &err) < 0)
        fail("does not bind", &err, text);
    struct wd_inferring inferring = { .profile = c->profile, .config = &c->config, .old = schema, .bindings = bindings };
    if (wd_infer_extend(&inferring, c->arena, &made, &notes, &err) < 0)
        fail("does not extend", &err, text);
    wd_buf_free(&notes);
}

static void check_schema(struct check *c, struct wd_bytes text)
{
    static const char *const names[] = { "inferred.yaml" };
    struct wd_schema *schema = NULL;
    struct wd_err err = { 0 };
    if (wd_schema_parse(names, &text, 1, "/nowhere-at-all", &c->config.limits, &schema, &err) < 0)
        fail("is no schema", &err, text);
    check_again(c, schema, text);
    wd_schema_free(schema);
}

static void check_format(struct check *c, size_t f, bool is_json)
{
    struct wd_buf once = { 0 }, twice = { 0 };
    const struct wd_infer_format *format = wd_infer_formats[f];
    print(c, format, is_json, &once);
    print(c, format, is_json, &twice);
    assert(wd_bytes_eq(wd_buf_bytes(&once), wd_buf_bytes(&twice)));
    bool is_proto = strcmp(format->name, "proto") == 0, is_avro = strcmp(format->name, "avro") == 0;
    if (!is_proto)
        check_document(c, wd_buf_bytes(&once));
    if (!is_proto && !is_avro)
        check_schema(c, wd_buf_bytes(&once));
    wd_buf_free(&once);
    wd_buf_free(&twice);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct wd_err err = { 0 };
    struct check c = { .config.limits = wd_limits_default(), .config.thresholds = { .min_messages = 2, .min_confidence = 0.5 } };
    c.config.limits.fields = 64;
    c.config.limits.types = 16;
    if (wd_profile_parse("p", wd_bytes_at(data, size), &c.config.limits, &c.profile, &err) < 0)
        return 0;
    c.config.limits = wd_limits_default();
    c.arena = wd_arena_open();
    for (size_t f = 0; wd_infer_formats[f]; f++)
        for (int is_json = 0; is_json < 2; is_json++)
            check_format(&c, f, is_json);
    wd_arena_close(c.arena);
    wd_profile_free(c.profile);
    return 0;
}
