/* Any text is a schema or is refused with a place. Fields come sorted, each once, below declared parents;
 * declarations point into their documents; the same text gives the same fields; every path is found and
 * covered. References to files lead nowhere: nothing is read. */
#include <assert.h>

#include "fuzz.h"
#include "model/path.h"
#include "schema/schema.h"

static struct wd_schema *parse(const uint8_t *data, size_t size, const struct wd_limits *limits)
{
    static const char *const names[] = { "fuzz.yaml" };
    struct wd_bytes text = wd_bytes_at(data, size);
    struct wd_schema *schema = NULL;
    struct wd_err err = { 0 };
    int rc = wd_schema_parse(names, &text, 1, "/nowhere-at-all", limits, &schema, &err);
    assert(rc == WD_OK || (rc == WD_EPARSE && err.code == WD_EPARSE && err.text[0] && !schema));
    return schema;
}

static void check_decl(const struct wd_decl *decl)
{
    struct wd_bytes text = decl->document->text;
    assert(decl->member && decl->object && decl->at.line >= 1);
    assert(decl->member->span.off <= text.len && decl->member->span.len <= text.len - decl->member->span.off);
}

static void check_field(const struct wd_schema_message *m, size_t i)
{
    const struct wd_schema_field *f = &m->fields[i];
    if (i > 1)
        assert(wd_bytes_cmp(m->fields[i - 1].path, f->path) < 0);
    assert(i > 0 || wd_bytes_is(f->path, "."));
    assert(wd_schema_field_find(m, f->path) == f);
    assert(wd_schema_field_cover(m, f->path) == f);
    assert(i == 0 || wd_schema_field_find(m, wd_path_parent(f->path)));
    assert(f->decl_count > 0);
    assert(!(f->is_open && f->is_closed) && !(f->is_free && f->is_closed));
    assert((f->has_const || f->has_enum) == (f->constant_count > 0));
    for (size_t j = 0; j < f->decl_count; j++)
        check_decl(&f->decls[j]);
}

static void check_same(const struct wd_schema *a, const struct wd_schema *b)
{
    assert(a->message_count == b->message_count);
    for (size_t i = 0; i < a->message_count; i++) {
        const struct wd_schema_message *x = &a->messages[i], *y = &b->messages[i];
        assert(wd_bytes_eq(x->name, y->name) && x->field_count == y->field_count);
        for (size_t j = 0; j < x->field_count; j++)
            assert(wd_bytes_eq(x->fields[j].path, y->fields[j].path) &&
                   x->fields[j].types == y->fields[j].types);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct wd_limits limits = wd_limits_default();
    limits.yaml_nodes = 5000;
    limits.fields = 500;
    limits.refs = 1000;
    limits.document = 1 << 16;
    struct wd_schema *schema = parse(data, size, &limits);
    if (!schema)
        return 0;
    for (size_t i = 0; i < schema->message_count; i++)
        for (size_t j = 0; j < schema->messages[i].field_count; j++)
            check_field(&schema->messages[i], j);
    struct wd_schema *again = parse(data, size, &limits);
    check_same(schema, again);
    wd_schema_free(again);
    wd_schema_free(schema);
    return 0;
}
