/* Avro schemas: files, several that name each other's types, protocols, payloads of AsyncAPI; fingerprints; edits. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <inttypes.h>
#include <stdio.h>

#include "base/buf.h"
#include "document/avro.h"
#include "schema/edit.h"
#include "schema/schema.h"

enum { MOST = 3 };

static struct wd_schema *parse(const char *const *texts, size_t count, struct wd_err *err)
{
    static const char *const names[MOST] = { "a.avsc", "b.avsc", "c.avsc" };
    struct wd_limits limits = wd_limits_default();
    struct wd_bytes bytes[MOST];
    struct wd_schema *schema = NULL;
    *err = (struct wd_err){ 0 };
    for (size_t i = 0; i < count; i++)
        bytes[i] = wd_bytes_of(texts[i]);
    wd_schema_parse(names, bytes, count, NULL, &limits, &schema, err);
    return schema;
}

static struct wd_schema *must_parse(const char *text)
{
    struct wd_err err;
    struct wd_schema *schema = parse(&text, 1, &err);
    if (!schema)
        fail_msg("%s", err.text);
    return schema;
}

/* "path types required? default description;" of each field */
static void put_fields(struct wd_buf *out, const struct wd_schema_message *m)
{
    for (size_t i = 0; i < m->field_count; i++) {
        const struct wd_schema_field *f = &m->fields[i];
        wd_buf_put(out, f->path);
        for (int t = 0; t < WD_TYPE_COUNT; t++)
            if (f->types & 1u << t)
                wd_buf_printf(out, " %s", wd_type_names[t]);
        wd_buf_printf(out, "%s%s%s%s%s", f->is_required ? " required" : "", f->is_conditional ? " conditional" : "",
                      f->is_map ? " map" : "", f->is_free ? " free" : "", f->is_deprecated ? " deprecated" : "");
        for (size_t c = 0; c < f->constant_count; c++)
            wd_buf_printf(out, " %.*s", (int)f->constants[c].json.len, (const char *)f->constants[c].json.at);
        if (f->has_default)
            wd_buf_printf(out, " =%.*s", (int)f->default_value.json.len, (const char *)f->default_value.json.at);
        if (f->format.len)
            wd_buf_printf(out, " (%.*s)", (int)f->format.len, (const char *)f->format.at);
        if (f->description.len)
            wd_buf_printf(out, " '%.*s'", (int)f->description.len, (const char *)f->description.at);
        wd_buf_byte(out, '\n');
    }
}

static void assert_fields(const char *text, const char *expected)
{
    struct wd_schema *schema = must_parse(text);
    struct wd_buf out = { 0 };
    for (size_t m = 0; m < schema->message_count; m++) {
        wd_buf_printf(&out, "--- %.*s\n", (int)schema->messages[m].name.len, (const char *)schema->messages[m].name.at);
        put_fields(&out, &schema->messages[m]);
    }
    assert_string_equal(wd_buf_cstr(&out), expected);
    assert_string_equal(schema->format, "avro");
    wd_buf_free(&out);
    wd_schema_free(schema);
}

static void test_fields(void **state)
{
    (void)state;
    assert_fields("{\"type\":\"record\",\"name\":\"Trade\",\"namespace\":\"com.x\",\"fields\":["
                  "{\"name\":\"id\",\"type\":{\"type\":\"string\",\"logicalType\":\"uuid\"},\"doc\":\"who\"},"
                  "{\"name\":\"side\",\"type\":[\"null\",{\"type\":\"enum\",\"name\":\"Side\",\"symbols\":[\"BUY\",\"SELL\"]}],\"default\":null},"
                  "{\"name\":\"legs\",\"type\":{\"type\":\"array\",\"items\":{\"type\":\"record\",\"name\":\"Leg\",\"fields\":["
                  "{\"name\":\"px\",\"type\":[\"null\",\"double\"]}]}}},"
                  "{\"name\":\"last\",\"type\":{\"type\":\"map\",\"values\":\"bytes\"},\"default\":{}},"
                  "{\"name\":\"a\",\"type\":[\"null\",\"Leg\",{\"type\":\"record\",\"name\":\"Other\",\"fields\":["
                  "{\"name\":\"px\",\"type\":\"int\"},{\"name\":\"q\",\"type\":\"int\",\"deprecated\":true}]}]}]}",
                  "--- Trade\n. object\n"
                  "a null object required\na.px null integer number required\na.q integer conditional deprecated\n"
                  "id string required (uuid) 'who'\n"
                  "last object required ={}\nlast{} bytes map\n"
                  "legs array required\nlegs[] object\nlegs[].px null integer number required\n"
                  "side null string required null \"BUY\" \"SELL\" =null\n");
}

/* A record that contains itself is followed once. */
static void test_recursion(void **state)
{
    (void)state;
    assert_fields("{\"type\":\"record\",\"name\":\"T\",\"fields\":[{\"name\":\"v\",\"type\":\"int\"},{\"name\":\"n\",\"type\":[\"null\",\"T\"]}]}",
                  "--- T\n. object\nn null object required\nn.n null object required free\nn.v integer required\nv integer required\n");
}

/* A union of records is one layout and a message each; they are told apart by the branch. */
static void test_union(void **state)
{
    (void)state;
    struct wd_schema *schema = must_parse("[{\"type\":\"record\",\"name\":\"x.A\",\"fields\":[]},\"null\",{\"type\":\"record\",\"name\":\"B\",\"fields\":[]}]");
    assert_int_equal(schema->message_count, 2);
    assert_true(wd_bytes_is(schema->messages[0].name, "A") && wd_bytes_is(schema->messages[0].key, "x.A"));
    assert_ptr_equal(schema->messages[0].layout, schema->messages[1].layout);
    assert_int_equal(schema->messages[0].layout->avro->kind, WD_AVRO_UNION);
    const struct wd_layout *layout = schema->messages[0].layout;   /* and each record has a fingerprint by itself */
    struct wd_schema *alone = must_parse("{\"type\":\"record\",\"name\":\"B\",\"fields\":[]}");
    assert_int_equal(layout->branch_count, 2);
    assert_int_equal(layout->branches[1].fingerprint, alone->messages[0].layout->fingerprint);
    wd_schema_free(alone);
    wd_schema_free(schema);
}

static void test_protocol(void **state)
{
    (void)state;
    assert_fields("{\"protocol\":\"Desk\",\"namespace\":\"d\",\"types\":[{\"type\":\"record\",\"name\":\"Fill\",\"fields\":[{\"name\":\"px\",\"type\":\"int\"}]}],"
                  "\"messages\":{\"buy\":{\"request\":[{\"name\":\"of\",\"type\":\"Fill\"},{\"name\":\"n\",\"type\":\"long\",\"default\":1}],\"response\":\"Fill\"},"
                  "\"ping\":{\"request\":[],\"response\":\"null\",\"one-way\":true}}}",
                  "--- buy\n. object\nn integer required =1\nof object required\nof.px integer required\n"
                  "--- Fill\n. object\npx integer required\n--- ping\n. object\n");
    assert_fields("{\"protocol\":\"P\",\"types\":[{\"type\":\"record\",\"name\":\"A\",\"fields\":[{\"name\":\"b\",\"type\":\"B\"}]},"
                  "{\"type\":\"record\",\"name\":\"B\",\"fields\":[{\"name\":\"x\",\"type\":\"int\"}]}]}",
                  "--- A\n. object\nb object required\nb.x integer required\n");
}

static const char A[] = "{\"type\":\"record\",\"name\":\"a.A\",\"fields\":[{\"name\":\"b\",\"type\":\"B\"},{\"name\":\"o\",\"type\":[\"null\",\"o.E\"]}]}";
static const char B[] = "{\"type\":\"record\",\"name\":\"a.B\",\"fields\":[{\"name\":\"x\",\"type\":\"int\"}]}";
static const char E[] = "{\"type\":\"enum\",\"name\":\"o.E\",\"symbols\":[\"X\"]}";

/* Files use each other's types, whichever comes first; what another names is no message. Versions stand side by side. */
static void test_files(void **state)
{
    (void)state;
    struct wd_err err;
    struct wd_schema *schema = parse((const char *const[]){ A, B, E }, 3, &err);
    assert_non_null(schema);
    assert_int_equal(schema->message_count, 1);
    assert_non_null(wd_schema_field_find(&schema->messages[0], wd_bytes_of("b.x")));
    wd_schema_free(schema);
    static const char newer[] = "{\"type\":\"record\",\"name\":\"a.B\",\"fields\":[{\"name\":\"x\",\"type\":\"long\"}]}";
    schema = parse((const char *const[]){ B, newer }, 2, &err);
    assert_non_null(schema);
    assert_int_equal(schema->message_count, 2);
    assert_true(schema->messages[0].layout->fingerprint != schema->messages[1].layout->fingerprint);
    wd_schema_free(schema);
}

static void test_asyncapi(void **state)
{
    (void)state;
    static const char three[] =
        "asyncapi: 3.0.0\ninfo: { title: t, version: '1' }\nchannels:\n  live:\n    address: /live\n    messages:\n"
        "      trade:\n        payload:\n          schemaFormat: application/vnd.apache.avro+yaml;version=1.9.0\n"
        "          schema:\n            type: record\n            name: x.Trade\n            fields:\n"
        "              - { name: id, type: [null, long] }\n"
        "operations: { send: { action: send, channel: { $ref: '#/channels/live' } } }\n";
    static const char two[] =
        "{\"asyncapi\":\"2.6.0\",\"info\":{\"title\":\"t\",\"version\":\"1\"},\"channels\":{\"/live\":{\"subscribe\":{\"message\":"
        "{\"name\":\"trade\",\"schemaFormat\":\"application/vnd.apache.avro;version=1.9.0\",\"payload\":{\"$ref\":\"#/components/schemas/T\"}}}}},"
        "\"components\":{\"schemas\":{\"T\":{\"type\":\"record\",\"name\":\"x.Trade\",\"fields\":[{\"name\":\"id\",\"type\":[\"null\",\"long\"]}]}}}}";
    static const char *const texts[] = { three, two };
    for (size_t i = 0; i < WD_COUNT(texts); i++) {
        struct wd_schema *schema = must_parse(texts[i]);
        const struct wd_schema_message *m = &schema->messages[0];
        assert_int_equal(schema->message_count, 1);
        assert_true(wd_bytes_is(m->name, "trade") && wd_bytes_is(m->channel, "/live") && !m->is_opaque);
        assert_int_equal(wd_schema_field_find(m, wd_bytes_of("id"))->types, 1u << WD_TYPE_NULL | 1u << WD_TYPE_INTEGER);
        assert_true(m->layout && wd_bytes_is(m->layout->avro->name, "x.Trade"));
        wd_schema_free(schema);
    }
}

/* As npm avsc and Java's SchemaNormalization compute them; the first three stand in Avro's own schema-tests.txt. */
static const struct { const char *schema, *canonical; uint64_t fingerprint; } prints[] = {
    { "\"null\"", "\"null\"", 0x63dd24e7cc258f8a },
    { "\"int\"", "\"int\"", 0x7275d51a3f395c8f },
    { "{\"type\":\"int\",\"logicalType\":\"date\"}", "\"int\"", 0x7275d51a3f395c8f },
    { "{\"type\":\"record\",\"name\":\"R\",\"namespace\":\"a.b\",\"doc\":\"d\",\"aliases\":[\"q\"],\"fields\":["
      "{\"name\":\"f\",\"doc\":\"x\",\"order\":\"ignore\",\"default\":1,\"type\":{\"type\":\"long\"}},{\"name\":\"r\",\"type\":[\"null\",\"R\"]},"
      "{\"name\":\"e\",\"type\":{\"name\":\"c.E\",\"symbols\":[\"A\"],\"type\":\"enum\"}},{\"name\":\"x\",\"type\":{\"type\":\"fixed\",\"size\":3,\"name\":\"F\"}}]}",
      "{\"name\":\"a.b.R\",\"type\":\"record\",\"fields\":[{\"name\":\"f\",\"type\":\"long\"},{\"name\":\"r\",\"type\":[\"null\",\"a.b.R\"]},"
      "{\"name\":\"e\",\"type\":{\"name\":\"c.E\",\"type\":\"enum\",\"symbols\":[\"A\"]}},{\"name\":\"x\",\"type\":{\"name\":\"a.b.F\",\"type\":\"fixed\",\"size\":3}}]}",
      0 },
};

static void test_fingerprints(void **state)
{
    (void)state;
    struct wd_limits limits = wd_limits_default();
    struct wd_arena *arena = wd_arena_open();
    for (size_t i = 0; i < WD_COUNT(prints); i++) {
        struct wd_layout layout;
        struct wd_err err = { 0 };
        struct wd_buf out = { 0 };
        assert_int_equal(wd_avro_read_text("x", wd_bytes_of(prints[i].schema), &limits, arena, &layout, &err), WD_OK);
        assert_true(wd_avro_put_canonical(&out, layout.avro, 256));
        assert_string_equal(wd_buf_cstr(&out), prints[i].canonical);
        if (prints[i].fingerprint)
            assert_int_equal(layout.fingerprint, prints[i].fingerprint);
        wd_buf_free(&out);
    }
    wd_arena_close(arena);
}

static const struct { const char *schema, *text; } errors[] = {
    { "{\"type\":\"record\",\"fields\":[]}", "a.avsc:1:1: a record, enum or fixed needs a 'name'" },
    { "{\"type\":\"record\",\"name\":\"R\"}", "a.avsc:1:1: 'fields' needs a list, found none" },
    { "{\"type\":\"record\",\"name\":\"R\",\"fields\":[{\"name\":\"a\"}]}", "a.avsc:1:39: a field needs a 'name' and a 'type'" },
    { "{\"type\":\"record\",\"name\":\"R\",\"fields\":[{\"name\":\"a\",\"type\":\"Strin\"}]}", "a.avsc:1:58: nothing defines 'Strin'" },
    { "{\"type\":\"record\",\"name\":\"Trade\",\"fields\":[{\"name\":\"a\",\"type\":[\"null\",\"Trad\"]}]}", "did you mean 'Trade'" },
    { "{\"type\":\"record\",\"name\":\"R\",\"fields\":[{\"name\":\"a\",\"type\":\"int\"},{\"name\":\"a\",\"type\":\"int\"}]}", "two fields 'a'" },
    { "{\"type\":\"record\",\"name\":\"R\",\"fields\":[{\"name\":\"a\",\"type\":[\"int\",[\"null\"]]}]}", "a union stands directly in a union" },
    { "{\"type\":\"record\",\"name\":\"R\",\"fields\":[{\"name\":\"a\",\"type\":{\"type\":\"fixed\",\"name\":\"F\"}}]}", "needs a 'size' in bytes" },
    { "[{\"type\":\"fixed\",\"name\":\"F\",\"size\":1},{\"type\":\"fixed\",\"name\":\"F\",\"size\":1}]", "'F' is defined twice" },
};

static void test_errors(void **state)
{
    (void)state;
    for (size_t i = 0; i < WD_COUNT(errors); i++) {
        struct wd_err err;
        assert_null(parse(&errors[i].schema, 1, &err));
        if (!strstr(err.text, errors[i].text))
            fail_msg("%s\n%s", errors[i].text, err.text);
    }
}

/* A thousand records, each in the next, each named before it is defined: deep without being nested. */
static void test_deep(void **state)
{
    (void)state;
    struct wd_buf text = { 0 };
    struct wd_err err;
    wd_buf_byte(&text, '[');
    for (int i = 0; i < 1000; i++)
        wd_buf_printf(&text, "%s{\"type\":\"record\",\"name\":\"R%d\",\"fields\":[{\"name\":\"x\",\"type\":\"R%d\"},{\"name\":\"y\",\"type\":\"R%d\"}]}",
                      i ? "," : "", i, i + 1, i + 1);
    wd_buf_puts(&text, ",{\"type\":\"record\",\"name\":\"R1000\",\"fields\":[]}]");
    const char *at = wd_buf_cstr(&text);
    assert_null(parse(&at, 1, &err));
    assert_non_null(strstr(err.text, "--limit"));
    wd_buf_free(&text);
}

/* ---- edits ---- */

static void assert_edit(const char *text, const char *path, enum wd_edit_stage stage, const char *expected)
{
    struct wd_schema *schema = must_parse(text);
    struct wd_edit_target target = { &schema->messages[0], wd_schema_field_find(&schema->messages[0], wd_bytes_of(path)) };
    struct wd_edit_obstacle *obstacles;
    struct wd_edit_result *results;
    struct wd_err err = { 0 };
    struct wd_arena *arena = wd_arena_open();
    assert_non_null(target.field);
    if (wd_edit_obstacles(schema, &target, 1, stage, arena, &obstacles)) {
        assert_string_equal(obstacles[0].why, expected);
    } else {
        assert_int_equal(wd_edit_apply(schema, &target, 1, stage, arena, &results, &err), WD_OK);
        assert_int_equal(results[0].text.len, strlen(expected));
        assert_memory_equal(results[0].text.at, expected, results[0].text.len);
    }
    wd_arena_close(arena);
    wd_schema_free(schema);
}

#define R(fields) "{\"type\": \"record\", \"name\": \"R\", \"fields\": [" fields "]}"
#define NEEDS "its readers need a default: --stage deprecate gives it one; once they all have that, it can go"

static void test_removal(void **state)
{
    (void)state;
    static const char first[] = R("{\"name\": \"a\", \"type\": {\"type\": \"enum\", \"name\": \"E\", \"symbols\": [\"X\"]}, \"default\": \"X\"}, {\"name\": \"b\", \"type\": \"E\", \"default\": \"X\"}");
    assert_edit(R("{\"name\": \"a\", \"type\": \"int\", \"default\": 0}, {\"name\": \"b\", \"type\": \"int\"}"), "a", WD_EDIT_REMOVE,
                R("{\"name\": \"b\", \"type\": \"int\"}"));
    assert_edit(R("{\"name\": \"a\", \"type\": \"int\", \"default\": 0}, {\"name\": \"b\", \"type\": \"int\"}"), "b", WD_EDIT_REMOVE, NEEDS);
    assert_edit(first, "a", WD_EDIT_REMOVE, "it defines a type that is named again in what stays");
    assert_edit(first, "b", WD_EDIT_REMOVE, R("{\"name\": \"a\", \"type\": {\"type\": \"enum\", \"name\": \"E\", \"symbols\": [\"X\"]}, \"default\": \"X\"}"));
    assert_edit(R("{\"name\": \"l\", \"type\": {\"type\": \"array\", \"items\": \"int\"}}"), "l[]", WD_EDIT_REMOVE, "an array or a map has to say what it holds");
    assert_edit(R("{\"name\": \"o\", \"type\": {\"type\": \"record\", \"name\": \"O\", \"fields\": [{\"name\": \"x\", \"type\": \"int\", \"default\": 0}]}, \"default\": {\"x\": 1}}"),
                "o.x", WD_EDIT_REMOVE, "a default that stays has a value for it");
    /* a type of a protocol that nothing names any more goes too */
    assert_edit("{\"protocol\": \"P\", \"types\": [\n  {\"type\": \"enum\", \"name\": \"E\", \"symbols\": [\"X\"]}\n],\n\"messages\": {\"m\": {\"request\": [\n"
                "  {\"name\": \"e\", \"type\": \"E\", \"default\": \"X\"},\n  {\"name\": \"n\", \"type\": \"int\"}\n], \"response\": \"null\"}}}", "e", WD_EDIT_REMOVE,
                "{\"protocol\": \"P\", \"types\": [],\n\"messages\": {\"m\": {\"request\": [\n  {\"name\": \"n\", \"type\": \"int\"}\n], \"response\": \"null\"}}}");
}

static void test_deprecation(void **state)
{
    (void)state;
    assert_edit(R("{\"name\": \"a\", \"type\": \"int\", \"default\": 0}"), "a", WD_EDIT_DEPRECATE, R("{\"deprecated\": true, \"name\": \"a\", \"type\": \"int\", \"default\": 0}"));
    static const struct { const char *type, *value; } defaults[] = {
        { "\"null\"", "null" }, { "\"boolean\"", "false" }, { "\"long\"", "0" }, { "\"double\"", "0" }, { "\"string\"", "\"\"" }, { "\"bytes\"", "\"\"" },
        { "[\"string\", \"null\"]", "\"\"" }, { "[\"null\", \"string\"]", "null" }, { "{\"type\": \"array\", \"items\": \"int\"}", "[]" },
        { "{\"type\": \"map\", \"values\": \"int\"}", "{}" }, { "{\"type\": \"enum\", \"name\": \"E\", \"symbols\": [\"X\", \"Y\"]}", "\"X\"" },
        { "{\"type\": \"fixed\", \"name\": \"F\", \"size\": 2}", "\"\\u0000\\u0000\"" },
        { "{\"type\": \"record\", \"name\": \"O\", \"fields\": [{\"name\": \"x\", \"type\": \"int\", \"default\": 7}, {\"name\": \"y\", \"type\": \"string\"}]}", "{\"x\": 7, \"y\": \"\"}" },
    };
    for (size_t i = 0; i < WD_COUNT(defaults); i++) {
        char before[512], after[512];
        snprintf(before, sizeof before, R("{\"name\": \"a\", \"type\": %s}"), defaults[i].type);
        snprintf(after, sizeof after, R("{\"deprecated\": true, \"default\": %s, \"name\": \"a\", \"type\": %s}"), defaults[i].value, defaults[i].type);
        assert_edit(before, "a", WD_EDIT_DEPRECATE, after);
        assert_edit(after, "a", WD_EDIT_DEPRECATE, after);
    }
    assert_edit(R("{\"name\": \"r\", \"type\": \"R\"}"), "r", WD_EDIT_DEPRECATE, "no default could be made for its type; write one by hand");
    assert_edit("type: record\nname: R\nfields:\n  - name: a\n    type: int\n", "a", WD_EDIT_DEPRECATE,
                "type: record\nname: R\nfields:\n  - deprecated: true\n    default: 0\n    name: a\n    type: int\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fields),   cmocka_unit_test(test_recursion), cmocka_unit_test(test_union),
        cmocka_unit_test(test_protocol), cmocka_unit_test(test_files),     cmocka_unit_test(test_asyncapi),
        cmocka_unit_test(test_fingerprints), cmocka_unit_test(test_errors), cmocka_unit_test(test_deep),
        cmocka_unit_test(test_removal),  cmocka_unit_test(test_deprecation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
