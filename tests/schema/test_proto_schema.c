/* What a .proto file promises. Each row is a schema and what comes out of it, one message per line:
 *
 *     name channel directions | path:types flags ...
 *
 * types as in test_jsonschema: b boolean, i integer, n number, s string, o object, y bytes; flags: ! required
 * ? conditional  F free  M map  D deprecated  =x the default. protoc reads the files.
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
    static const char letters[] = "zbinsaoy";
    uint32_t types = f->types & 1u << WD_TYPE_NUMBER ? f->types & ~(1u << WD_TYPE_INTEGER) : f->types;
    wd_buf_byte(out, ' ');
    wd_buf_put(out, f->path);
    wd_buf_byte(out, ':');
    for (int i = 0; letters[i]; i++)
        if (types >> i & 1)
            wd_buf_byte(out, (uint8_t)letters[i]);
    wd_buf_puts(out, f->is_required ? "!" : "");
    wd_buf_puts(out, f->is_conditional ? "?" : "");
    wd_buf_puts(out, f->is_free ? "F" : "");
    wd_buf_puts(out, f->is_map ? "M" : "");
    wd_buf_puts(out, f->is_deprecated ? "D" : "");
    if (f->has_default) {
        wd_buf_byte(out, '=');
        wd_buf_put(out, f->default_value.json);
    }
}

static void put_message(struct wd_buf *out, const struct wd_schema_message *m)
{
    wd_buf_puts(out, out->len ? "\n" : "");
    wd_buf_put(out, m->name);
    wd_buf_byte(out, ' ');
    wd_buf_put(out, m->channel);
    wd_buf_printf(out, " %u |", m->directions);
    for (size_t f = 0; f < m->field_count; f++)
        put_field(out, &m->fields[f]);
}

static struct wd_schema *parse(const char *text, struct wd_err *err)
{
    struct wd_limits limits = wd_limits_default();
    struct wd_bytes bytes = wd_bytes_of(text);
    struct wd_schema *schema = NULL;
    static const char *const names[] = { "m.proto" };
    *err = (struct wd_err){ 0 };
    wd_schema_parse(names, &bytes, 1, NULL, &limits, &schema, err);
    return schema;
}

#define P3 "syntax = \"proto3\"; package p; "

static const struct { const char *schema, *messages; } rows[] = {
    /* types */
    { P3 "message M { double a = 1; float b = 2; int64 c = 3; sfixed32 d = 4; bool e = 5; string f = 6; bytes g = 7; E h = 8; N i = 9; } "
         "enum E { Z = 0; } message N { }",
      "M  0 | .:o a:n=0 b:n=0 c:i=0 d:i=0 e:b=false f:s=\"\" g:y=\"\" h:i=0 i:o" },
    { P3 "message M { repeated int32 a = 1; repeated N b = 2; map<string, int32> c = 3; map<int32, N> d = 4; optional int32 e = 5; } "
         "message N { string x = 1; }",
      "M  0 | .:o a[]:i b[]:o b[].x:s=\"\" c{}:iM d{}:oM d{}.x:s=\"\" e:i" },
    { "syntax = \"proto2\"; message M { required int32 a = 1; optional string b = 2 [default = \"x\\\"\"]; optional E c = 3 [default = Y]; "
      "optional double d = 4 [default = inf]; optional int32 e = 5 [deprecated = true]; optional group G = 6 { optional bool f = 1; } } "
      "enum E { X = 1; Y = 7; }",
      "M  0 | .:o a:i! b:s=\"x\\\"\" c:i=7 d:n e:iD g:o g.f:b" },
    /* services */
    { P3 "service S { rpc Get(Q) returns (stream A); rpc Put(Q) returns (Q); } message Q { string q = 1; } message A { Q q = 1; }",
      "Q /p.S/Get 1 | .:o q:s=\"\"\nA /p.S/Get 2 | .:o q:o q.q:s=\"\"\nQ /p.S/Put 3 | .:o q:s=\"\"" },
    { "syntax = \"proto3\"; service S { rpc Get(Q) returns (Q); } message Q { } message Root { Q q = 1; }",
      "Q /S/Get 3 | .:o\nRoot  0 | .:o q:o" },
    /* envelopes */
    { P3 "message E { oneof body { A a = 1; B b = 2; string c = 3; } uint64 seq = 15; } message A { int32 x = 1; } message B { A a = 1; }",
      "a  0 | .:o a:o a.x:i=0 seq:i=0\nb  0 | .:o b:o b.a:o b.a.x:i=0 seq:i=0\nc  0 | .:o c:s seq:i=0" },
    { P3 "message E { oneof x { int32 a = 1; string b = 2; } }", "E  0 | .:o a:i? b:s?" },
    /* messages in themselves */
    { P3 "message N { int32 v = 1; N next = 2; }", "N  0 | .:o next:o next.next:oF next.v:i=0 v:i=0" },
    { P3 "message A { B b = 1; } message B { A a = 1; } message C { A a = 1; }",
      "C  0 | .:o a:o a.b:o a.b.a:o a.b.a.b:o a.b.a.b.a:oF" },
    { P3 "message A { B b = 1; } message B { A a = 1; C c = 2; } message C { }",
      "A  0 | .:o b:o b.a:o b.a.b:o b.a.b.a:oF b.a.b.c:o b.c:o\nB  0 | .:o a:o a.b:o a.b.a:o a.b.a.b:oF a.b.c:o c:o" },
    /* nested types, extensions */
    { P3 "message M { message In { int32 x = 1; } In a = 1; repeated In b = 2; }", "M  0 | .:o a:o a.x:i=0 b[]:o b[].x:i=0" },
    { "syntax = \"proto2\"; package p; message M { extensions 100 to 200; } extend M { optional string tag = 100; }",
      "M  0 | .:o \"[p.tag]\":s" },
};

static void test_fields(void **state)
{
    (void)state;
    for (size_t i = 0; i < WD_COUNT(rows); i++) {
        struct wd_err err;
        struct wd_buf out = { 0 };
        struct wd_schema *schema = parse(rows[i].schema, &err);
        if (!schema)
            fail_msg("%s\n%s", err.text, rows[i].schema);
        for (size_t m = 0; m < schema->message_count; m++)
            put_message(&out, &schema->messages[m]);
        if (strcmp(wd_buf_cstr(&out), rows[i].messages) != 0)
            fail_msg("%s\nexpected %s\nfound    %s", rows[i].schema, rows[i].messages, wd_buf_cstr(&out));
        wd_buf_free(&out);
        wd_schema_free(schema);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fields),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
