/* Any descriptor set is a schema or is refused with a place, soon. Fields come sorted, each once, with a
 * declaration; the same set gives the same messages; every path is found and covered. Every message can be
 * put on a channel, and nothing takes a name in it for a keyword. */
#include <assert.h>

#include "fuzz.h"
#include "model/config.h"
#include "schema/schema.h"
#include "schema/ties.h"

static struct wd_schema *parse(const uint8_t *data, size_t size, const struct wd_limits *limits)
{
    static const char *const names[] = { "fuzz.binpb" };
    struct wd_bytes set = wd_bytes_at(data, size);
    struct wd_schema *schema = NULL;
    struct wd_err err = { 0 };
    int rc = wd_schema_parse(names, &set, 1, "/nowhere-at-all", limits, &schema, &err);
    assert(rc == WD_OK || (rc == WD_EPARSE && err.code == WD_EPARSE && err.text[0] && !schema));
    return schema;
}

static void check_field(const struct wd_schema_message *m, size_t i)
{
    const struct wd_schema_field *f = &m->fields[i];
    assert(i > 0 || wd_bytes_is(f->path, "."));
    assert(i < 2 || wd_bytes_cmp(m->fields[i - 1].path, f->path) < 0);
    assert(wd_schema_field_find(m, f->path) == f && wd_schema_field_cover(m, f->path) == f);
    assert(f->decl_count > 0); /* several, where fields of one message share a name */
    for (size_t d = 0; d < f->decl_count; d++)
        assert(f->decls[d].member && f->decls[d].object && f->decls[d].at.file);
    assert(f->types && !(f->is_free && f->is_closed));
    assert(f->has_default == (f->default_value.json.len > 0));
}

static void check_ties(const struct wd_schema *schema)
{
    struct wd_ties *ties = wd_ties_open(schema);
    for (size_t m = 0; m < schema->message_count; m++)
        for (size_t f = 1; f < schema->messages[m].field_count; f++) {
            assert(!wd_ties_of_message(ties, &schema->messages[m], &schema->messages[m].fields[f]));
            assert(!wd_ties_of_object(ties, &schema->messages[m], &schema->messages[m].fields[f]));
        }
    wd_ties_close(ties);
}

static void check_same(const struct wd_schema *a, const struct wd_schema *b)
{
    assert(a->message_count == b->message_count);
    for (size_t i = 0; i < a->message_count; i++) {
        const struct wd_schema_message *x = &a->messages[i], *y = &b->messages[i];
        assert(wd_bytes_eq(x->name, y->name) && wd_bytes_eq(x->channel, y->channel));
        assert(x->directions == y->directions && x->field_count == y->field_count);
    }
}

/* The last message, by its full name. */
static void check_placed(struct wd_schema *schema, const struct wd_limits *limits)
{
    struct wd_config_message rule = { .channel = wd_bytes_of("/x"), .direction = -1 };
    struct wd_place at = { .file = "fuzz.yaml" };
    struct wd_config config = { .limits = *limits, .messages = &rule, .message_count = 1, .message_at = &at };
    struct wd_err err = { 0 };
    if (!schema->message_count || !schema->messages[schema->message_count - 1].key.len)
        return;
    rule.message = schema->messages[schema->message_count - 1].key;
    if (wd_schema_place(schema, &config, &err) >= 0)
        assert(wd_bytes_is(schema->messages[schema->message_count - 1].channel, "/x"));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct wd_limits limits = wd_limits_default();
    limits.yaml_nodes = 5000;
    limits.fields = 500;
    limits.schema_depth = 40;
    struct wd_schema *schema = parse(data, size, &limits),
                     *again = schema ? parse(data, size, &limits) : NULL;
    if (!schema)
        return 0;
    for (size_t m = 0; m < schema->message_count; m++)
        for (size_t f = 0; f < schema->messages[m].field_count; f++)
            check_field(&schema->messages[m], f);
    check_same(schema, again);
    check_ties(schema);
    check_placed(schema, &limits);
    wd_schema_free(again);
    wd_schema_free(schema);
    return 0;
}
