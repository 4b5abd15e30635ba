/* JSON Schema keywords and the fields they flatten to. Each row is a schema and what comes out of it, one word per field:
 *
 *     path:types flags      types: z null, b boolean, i integer, n number, s string, a array, o object, * anything
 *                           flags: ! required  ? conditional  F free  C closed  M map  D deprecated
 *                           =x the constant, |x|y the enumeration
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/buf.h"
#include "schema/schema.h"

static void put_field(struct wd_buf *out, const struct wd_schema_field *f)
{
    static const char letters[] = "zbinsao";
    wd_buf_put(out, f->path);
    wd_buf_byte(out, ':');
    uint32_t types = f->types;
    if (types & 1u << WD_TYPE_NUMBER)
        types &= ~(1u << WD_TYPE_INTEGER);
    for (int i = 0; letters[i]; i++)
        if (types >> i & 1)
            wd_buf_byte(out, (uint8_t)letters[i]);
    wd_buf_puts(out, types ? "" : "*");
    wd_buf_puts(out, f->is_required ? "!" : "");
    wd_buf_puts(out, f->is_conditional ? "?" : "");
    wd_buf_puts(out, f->is_free ? "F" : "");
    wd_buf_puts(out, f->is_closed ? "C" : "");
    wd_buf_puts(out, f->is_map ? "M" : "");
    wd_buf_puts(out, f->is_deprecated ? "D" : "");
    for (size_t i = 0; i < f->constant_count; i++) {
        wd_buf_puts(out, f->has_const ? "=" : "|");
        wd_buf_put(out, f->constants[i].json);
    }
}

static const struct { const char *schema, *fields; } rows[] = {
    /* types */
    { "{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"string\"},\"b\":{\"type\":[\"integer\",\"null\"]},\"c\":{\"type\":\"number\"}},\"required\":[\"a\"]}",
      ".:o a:s! b:zi c:n" },
    { "type: object\nproperties:\n  a: {}\n  b: true\n  c: false\n  d: {type: string, nullable: true}\n", ".:o a:*F b:*F d:zs" },
    { "type: object\n", ".:oF" },
    { "type: object\nadditionalProperties: false\n", ".:oC" },
    { "properties:\n  x: {const: metrics}\n  y: {enum: [1, 1.5, null]}\n  z: {type: string, enum: [a, b]}\n",
      ".:* x:s=\"metrics\" y:zn|1|1.5|null z:s|\"a\"|\"b\"" },
    { "properties: {\"a.b\": {type: string}, \"$v\": {type: integer}, \"\": {type: boolean}}\n", ".:* \"\":b \"$v\":i \"a.b\":s" },
    { "properties: {a: {type: string, deprecated: true}}\n", ".:* a:sD" },
    /* arrays */
    { "properties: {a: {type: array, items: {type: object, properties: {p: {type: number}}, required: [p]}}}\n", ".:* a:a a[]:o a[].p:n!" },
    { "type: array\nitems: {type: array, items: {type: string}}\n", ".:a []:a [][]:s" },
    { "prefixItems: [{type: string}, {type: object, properties: {x: {type: integer}}, required: [x]}]\n", ".:* []:so [].x:i!" },
    { "prefixItems: [{type: string}]\nitems: {type: integer}\n", ".:* []:is" },
    { "{\"$schema\":\"http://json-schema.org/draft-07/schema#\",\"items\":[{\"type\":\"string\"},{\"type\":\"null\"}],\"additionalItems\":{\"type\":\"boolean\"}}",
      ".:* []:zbs" },
    { "properties: {a: {type: array}}\n", ".:* a:aF" },
    /* maps */
    { "properties: {rates: {type: object, additionalProperties: {type: object, properties: {bid: {type: number}}, required: [bid]}}}\n",
      ".:* rates:o rates{}:oM rates{}.bid:n!" },
    { "type: object\nproperties: {a: {type: string}}\nadditionalProperties: true\n", ".:oF a:s" },
    { "type: object\npatternProperties: {\"^x-\": {type: string}, \"^y-\": {type: integer}}\nadditionalProperties: false\n", ".:oC {}:isM" },
    { "type: object\nadditionalProperties: {}\n", ".:oF" },
    /* both apply */
    { "allOf: [{properties: {a: {type: [string, integer]}}}, {properties: {a: {type: string}, b: {type: boolean}}, required: [a]}]\n",
      ".:* a:s! b:b" },
    { "properties: {a: {type: string}}\nallOf: [{required: [a]}]\n", ".:* a:s!" },
    { "required: [ghost]\nproperties: {a: {type: string}}\n", ".:* a:s" },
    { "allOf: [{properties: {k: {enum: [a, b]}}}, {properties: {k: {enum: [b, c]}}}]\n", ".:* k:s|\"b\"" },
    { "allOf: [{properties: {k: {enum: [a, b]}}}, {properties: {k: {const: b}}}]\n", ".:* k:s=\"b\"" },
    /* one of several applies */
    { "oneOf:\n- properties: {t: {const: a}, x: {type: integer}}\n  required: [t, x]\n- properties: {t: {const: b}, y: {type: string}}\n  required: [t]\n",
      ".:* t:s!|\"a\"|\"b\" x:i? y:s?" },
    { "type: object\nproperties: {id: {type: string}}\nrequired: [id]\nanyOf: [{properties: {id: {format: uuid}, n: {type: integer}}}, {required: [id]}]\n",
      ".:o id:s! n:i?" },
    { "properties:\n  u:\n    oneOf:\n    - type: 'null'\n    - {type: object, properties: {e: {type: string}}, required: [e]}\n", ".:* u:zo u.e:s!" },
    { "properties:\n  u:\n    oneOf:\n    - {type: object}\n    - {type: object, properties: {e: {type: string}}, required: [e]}\n", ".:* u:o u.e:s?" },
    { "properties: {a: {type: string}, b: {type: string}}\noneOf: [{required: [a]}, {required: [b]}]\n", ".:* a:s b:s" },
    { "properties: {a: {type: string}}\noneOf: [{required: [a]}, {required: [a]}]\n", ".:* a:s!" },
    { "oneOf: [{properties: {x: {type: string}}, required: [x]}, {properties: {x: {type: integer}}}]\n", ".:* x:is" },
    { "oneOf: [false, {properties: {a: {type: string}}}]\n", ".:* a:s" },
    { "properties: {k: {type: string}}\nif: {properties: {k: {const: a}}}\nthen: {properties: {x: {type: integer}}, required: [x]}\nelse: {properties: {y: {type: integer}}}\n",
      ".:* k:s x:i? y:i?" },
    { "if: {required: [k]}\nthen: {properties: {x: {type: integer}}}\n", ".:* x:i?" },
    { "properties: {a: {type: string}}\ndependentSchemas: {a: {properties: {b: {type: string}}, required: [b]}}\n", ".:* a:s b:s?" },
    { "oneOf:\n- properties: {p: {type: object, properties: {q: {type: string}}, required: [q]}}\n- properties: {r: {type: string}}\n",
      ".:* p:o? p.q:s? r:s?" },
    { "properties: {a: {anyOf: [{type: object, additionalProperties: false}, {type: 'null'}]}}\n", ".:* a:zoC" },
    /* references */
    { "$ref: '#/$defs/m'\n$defs: {m: {type: object, properties: {a: {$ref: '#/$defs/n'}}, required: [a]}, n: {type: string}}\n", ".:o a:s!" },
    { "properties: {a: {$ref: '#/$defs/n', deprecated: true}}\n$defs: {n: {type: string}}\n", ".:* a:sD" },
    { "$schema: http://json-schema.org/draft-07/schema#\nproperties: {a: {$ref: '#/definitions/n', deprecated: true}}\ndefinitions: {n: {type: string}}\n",
      ".:* a:s" },
    { "properties: {a: {$ref: '#pet'}, b: {$ref: 'urn:x'}, c: {$ref: '#/$defs/a~1b%20c'}}\n"
      "$defs: {p: {$anchor: pet, type: string}, q: {$id: 'urn:x', type: integer}, 'a/b c': {type: boolean}}\n", ".:* a:s b:i c:b" },
    { "type: object\nproperties:\n  v: {type: integer}\n  next: {$ref: '#'}\n", ".:o next:o next.next:oF next.v:i v:i" },
    { "$ref: '#/$defs/tree'\n$defs: {tree: {type: object, properties: {kids: {type: array, items: {$ref: '#/$defs/tree'}}}}}\n",
      ".:o kids:a kids[]:o kids[].kids:a kids[].kids[]:oF" },
    { "properties: {a: {$ref: '#/properties/b'}, b: {type: string}}\n", ".:* a:s b:s" },
    { "allOf: [{$ref: '#/$defs/x'}]\n$defs: {x: {type: object, properties: {a: {type: string}}, allOf: [{$ref: '#/$defs/x'}]}}\n", ".:o a:s" },
    /* YAML's own sharing */
    { "properties:\n  a: &a {type: object, properties: {x: {type: string}}}\n  b: *a\n  c:\n    <<: *a\n    required: [x]\n", ".:* a:o a.x:s b:o b.x:s c:o c.x:s!" },
};

static struct wd_schema *parse(const char *text, struct wd_err *err)
{
    struct wd_limits limits = wd_limits_default();
    struct wd_bytes bytes = wd_bytes_of(text);
    struct wd_schema *schema = NULL;
    static const char *const names[] = { "m.yaml" };
    *err = (struct wd_err){ 0 };
    wd_schema_parse(names, &bytes, 1, NULL, &limits, &schema, err);
    return schema;
}

static void test_keywords(void **state)
{
    (void)state;
    for (size_t i = 0; i < WD_COUNT(rows); i++) {
        struct wd_err err;
        struct wd_schema *schema = parse(rows[i].schema, &err);
        if (!schema)
            fail_msg("%s\n%s", err.text, rows[i].schema);
        struct wd_buf out = { 0 };
        for (size_t j = 0; j < schema->messages[0].field_count; j++) {
            wd_buf_puts(&out, j ? " " : "");
            put_field(&out, &schema->messages[0].fields[j]);
        }
        if (strcmp(wd_buf_cstr(&out), rows[i].fields) != 0)
            fail_msg("%s\nexpected %s\nfound    %s", rows[i].schema, rows[i].fields, wd_buf_cstr(&out));
        wd_buf_free(&out);
        wd_schema_free(schema);
    }
}

static void test_words(void **state)
{
    (void)state;
    struct wd_err err;
    struct wd_schema *schema = parse(
        "title: Position\nproperties:\n"
        "  mail: {type: string, format: email, default: 'x', description: where to write, x-pii: true}\n"
        "  host: {type: string, x-pii: false}\n"
        "  tel: {type: string, x-data-classification: {category: user.contact.phone_number}}\n"
        "  free: {type: string, x-privacy: none}\n"
        "  who: {type: string, x-personal-data: user.name, x-wirediet: {purpose: shown in the head, owner: web, changes: never}}\n", &err);
    assert_non_null(schema);
    const struct wd_schema_message *m = &schema->messages[0];
    assert_true(wd_bytes_is(m->name, "Position"));
    assert_true(m->states_wirediet && schema->states_wirediet);
    const struct wd_schema_field *mail = wd_schema_field_find(m, wd_bytes_of("mail"));
    assert_true(wd_bytes_is(mail->format, "email") && mail->privacy == 1 && mail->is_described && mail->has_default);
    assert_true(wd_bytes_is(mail->default_value.json, "\"x\""));
    assert_int_equal(wd_schema_field_find(m, wd_bytes_of("host"))->privacy, -1);
    assert_int_equal(wd_schema_field_find(m, wd_bytes_of("free"))->privacy, -1);
    assert_true(wd_bytes_is(wd_schema_field_find(m, wd_bytes_of("tel"))->privacy_category, "user.contact.phone_number"));
    const struct wd_schema_field *who = wd_schema_field_find(m, wd_bytes_of("who"));
    assert_true(wd_bytes_is(who->purpose, "shown in the head") && wd_bytes_is(who->owner, "web") && wd_bytes_is(who->changes, "never"));
    assert_true(wd_bytes_is(who->privacy_category, "user.name"));
    wd_schema_free(schema);
}

/* Where a field is declared: the member, its keyword, and whether others see it. */
static void test_declarations(void **state)
{
    (void)state;
    struct wd_err err;
    struct wd_schema *schema = parse(
        "properties:\n"                                     /* 1 */
        "  a:\n"                                            /* 2 */
        "    $ref: '#/$defs/u'\n"                           /* 3 */
        "  l: {type: array, items: {type: string}}\n"       /* 4 */
        "  r: {additionalProperties: {type: string}}\n"     /* 5 */
        "$defs:\n"                                          /* 6 */
        "  u:\n"                                            /* 7 */
        "    properties:\n"                                 /* 8 */
        "      x: {type: string}\n", &err);                 /* 9 */
    assert_non_null(schema);
    static const struct { const char *path; uint32_t line, column; bool is_shared; } places[] = {
        { "a", 2, 3, false }, { "a.x", 9, 7, true }, { "l[]", 4, 20, false }, { "r{}", 5, 7, false },
    };
    const struct wd_schema_message *m = &schema->messages[0];
    for (size_t i = 0; i < WD_COUNT(places); i++) {
        const struct wd_schema_field *f = wd_schema_field_find(m, wd_bytes_of(places[i].path));
        assert_non_null(f);
        assert_int_equal(f->decl_count, 1);
        assert_int_equal(f->decls[0].at.line, places[i].line);
        assert_int_equal(f->decls[0].at.column, places[i].column);
        assert_int_equal(f->decls[0].is_shared, places[i].is_shared);
        assert_ptr_equal(f->decls[0].document, m->document);
    }
    const struct wd_decl *x = wd_schema_field_find(m, wd_bytes_of("a.x"))->decls;
    assert_ptr_equal(x->member->parent, x->container);
    assert_ptr_equal(wd_node_get(x->object, "properties"), x->container);
    wd_schema_free(schema);
}

static const struct { const char *path, *cover; } covers[] = {
    { "a", "a" }, { "a.new", NULL }, { "new", NULL }, { "free", "free" }, { "free.x[].y", "free" }, { "rates.usd", "rates{}" },
    { "rates.usd.bid", "rates{}.bid" }, { "rates.usd.new", NULL }, { "rates{}.bid", "rates{}.bid" }, { "list[]", "list[]" },
    { "list[].x", NULL }, { ".", "." }, { "bag[].x", "bag" }, { "folded{}", "folded.k" },
    { "n", NULL }, { "n.x", NULL },   /* as long as the root, and not it */
};

static void test_cover(void **state)
{
    (void)state;
    struct wd_err err;
    struct wd_schema *schema = parse(
        "type: object\nproperties:\n  a: {type: object, properties: {b: {type: string}}}\n  free: {type: object}\n"
        "  rates: {additionalProperties: {properties: {bid: {type: number}}}}\n  list: {items: {type: string}}\n  bag: {type: array}\n"
        "  folded: {properties: {k: {type: string}}}\n", &err);
    assert_non_null(schema);
    for (size_t i = 0; i < WD_COUNT(covers); i++) {
        const struct wd_schema_field *f = wd_schema_field_cover(&schema->messages[0], wd_bytes_of(covers[i].path));
        if (!f != !covers[i].cover || (f && !wd_bytes_is(f->path, covers[i].cover)))
            fail_msg("%s is covered by %s", covers[i].path, f ? (const char *)f->path.at : "nothing");
    }
    wd_schema_free(schema);
}

static const struct { const char *schema, *message; } bad[] = {
    { "properties: {a: {$ref: '#/$defs/usr'}}\n$defs: {user: {type: string}}\n",
      "m.yaml:1:18: '$ref' leads nowhere: '#/$defs/usr' is not there; did you mean 'user'?" },
    { "properties: {a: {$ref: '#/x'}}\n", "m.yaml:1:18: '$ref' leads nowhere: '#/x' is not there; define it, or mend the name" },
    { "properties: {a: {$ref: '#nope'}}\n", "m.yaml:1:18: '$ref' leads nowhere: '#nope' is not there; define it, or mend the name" },
    { "properties: {a: {$ref: '#/$defs/a'}}\n$defs: {a: {$ref: '#/$defs/b'}, b: {$ref: '#/$defs/a'}}\n",
      "m.yaml:2:13: '$ref' goes in a circle: '#/$defs/b' leads back to it; let one of them hold a schema" },
    { "properties: {a: {$ref: 'http://x/y.json'}}\n",
      "m.yaml:1:18: '$ref' to 'http://x/y.json' is not followed: only files below the root are; keep a copy beside the schema and refer to that" },
    { "properties: {a: {$ref: 'file:///etc/passwd'}}\n",
      "m.yaml:1:18: '$ref' to 'file:///etc/passwd' is not followed: only files below the root are; keep a copy beside the schema and refer to that" },
    { "properties: {a: {$ref: '/etc/passwd'}}\n", "m.yaml:1:18: '$ref' to '/etc/passwd' is an absolute path; write it relative to this file" },
    { "properties: {a: {$ref: '../x.yaml'}}\n", "m.yaml:1:18: '$ref' to '../x.yaml' leads out of the root; name a higher directory with --root" },
    { "properties: {a: {$ref: 'none.yaml#/x'}}\n", "m.yaml:1:18: '$ref' to 'none.yaml#/x' is not there; put the file there, or mend the path" },
    { "properties: {a: {type: sting}}\n", "m.yaml:1:24: 'sting' is no type; did you mean 'string'?" },
    { "properties: [a]\n", "m.yaml:1:13: 'properties' needs a map, found a list; mend it or leave it out" },
    { "properties: {a: 5}\n", "m.yaml:1:17: a schema is a map, true or false, found an integer; write type: ... on a line below" },
    { "type: object\nrequired: [1]\n", "m.yaml:2:12: 'required' lists names, found an integer; put it in quotes" },
    { "openapi: 3.0.0\n", "m.yaml:1:1: this is OpenAPI; expected 'asyncapi: 3.0.0', or '$schema', 'type' or 'properties' at the top" },
    { "asyncapi: 1.2.0\n", "m.yaml:1:11: AsyncAPI '1.2.0' is not read; 2.0.0 to 2.6.0 and 3.0.0 are" },
    { "a: b: c\n", "m.yaml:1:5: mapping values are not allowed in this context; quote the text if its ':' is meant literally, or start the key on a line of its own" },
};

static void test_bad_schemas(void **state)
{
    (void)state;
    for (size_t i = 0; i < WD_COUNT(bad); i++) {
        struct wd_err err;
        struct wd_schema *schema = parse(bad[i].schema, &err);
        assert_null(schema);
        assert_int_equal(err.code, WD_EPARSE);
        assert_string_equal(err.text, bad[i].message);
    }
}

static void test_limits(void **state)
{
    (void)state;
    struct wd_limits limits = wd_limits_default();
    struct wd_schema *schema = NULL;
    static const char *const names[] = { "m.yaml" };
    struct wd_bytes deep = wd_bytes_of("items: {items: {items: {items: {type: string}}}}\n");
    struct wd_bytes wide = wd_bytes_of("properties: {a: {}, b: {}, c: {}, d: {}}\n");
    struct wd_bytes bomb = wd_bytes_of("$defs: {a: {allOf: [{$ref: '#/$defs/b'}, {$ref: '#/$defs/b'}]}, b: {allOf: [{$ref: '#/$defs/c'}, {$ref: '#/$defs/c'}]}, c: {type: string}}\n"
                                       "allOf: [{$ref: '#/$defs/a'}, {$ref: '#/$defs/a'}]\n");
    struct wd_err err = { 0 };
    limits.schema_depth = 4;
    assert_int_equal(wd_schema_parse(names, &deep, 1, NULL, &limits, &schema, &err), WD_EPARSE);
    assert_string_equal(err.text, "m.yaml:1:25: schemas are nested too deep here; raise it with --limit schema-depth=...");
    limits = wd_limits_default();
    limits.fields = 4;
    err = (struct wd_err){ 0 };
    assert_int_equal(wd_schema_parse(names, &wide, 1, NULL, &limits, &schema, &err), WD_EPARSE);
    limits = wd_limits_default();
    limits.refs = 3;
    err = (struct wd_err){ 0 };
    assert_int_equal(wd_schema_parse(names, &bomb, 1, NULL, &limits, &schema, &err), WD_EPARSE);
    assert_null(schema);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_keywords),    cmocka_unit_test(test_words), cmocka_unit_test(test_declarations),
        cmocka_unit_test(test_cover), cmocka_unit_test(test_bad_schemas), cmocka_unit_test(test_limits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
