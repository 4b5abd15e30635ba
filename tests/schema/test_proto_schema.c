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
#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "model/config.h"
#include "model/message.h"
#include "schema/edit.h"
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

/* --- words --- */

static const struct wd_schema_field *field_of(const struct wd_schema *schema, const char *path)
{
    const struct wd_schema_field *field = wd_schema_field_find(&schema->messages[0], wd_bytes_of(path));
    assert_non_null(field);
    return field;
}

static void assert_text(struct wd_bytes found, const char *expected)
{
    if (!wd_bytes_is(found, expected))
        fail_msg("expected '%s', found '%.*s'", expected, (int)found.len, (const char *)found.at);
}

static void test_comments(void **state)
{
    static const char text[] = "syntax = \"proto3\";\n"
                               "// A person.\n// owner: people team\nmessage M {\n"
                               "  // How to reach them.\n  //\n  // By mail.\n  // purpose: password recovery\n  // changes: never\n"
                               "  string mail = 1;\n"
                               "  int32 age = 2; // In years.\n"
                               "  int32 bare = 3;\n}\n";
    struct wd_err err;
    (void)state;
    struct wd_schema *schema = parse(text, &err);
    assert_non_null(schema);
    assert_text(field_of(schema, "mail")->description, "How to reach them. By mail.");
    assert_text(field_of(schema, "mail")->purpose, "password recovery");
    assert_text(field_of(schema, "mail")->changes, "never");
    assert_text(field_of(schema, "age")->description, "In years.");
    assert_false(field_of(schema, "bare")->is_described);
    assert_text(schema->messages[0].owner, "people team");
    assert_true(schema->states_wirediet);
    wd_schema_free(schema);
}

/* The shipped file, and options of others that are called alike. */
static void test_options(void **state)
{
    static const char text[] =
        "syntax = \"proto3\"; package m; import \"wirediet/options.proto\"; import \"google/protobuf/descriptor.proto\";\n"
        "enum Level { NONE = 0; SECRET = 1; }\n"
        "extend google.protobuf.FieldOptions { bool pii = 70000; Level privacy = 70001; string other = 70002; }\n"
        "message M { option (wirediet.Message.owner) = \"us\";\n"
        "  string a = 1 [(wirediet.purpose) = \"p\", (wirediet.owner) = \"o\", (wirediet.changes) = \"1 s\"];\n"
        "  string b = 2 [(wirediet.sensitive) = \"user.contact.email\"]; string c = 3 [(wirediet.sensitive) = \"none\"];\n"
        "  string d = 4 [(pii) = true]; string e = 5 [(pii) = false]; string f = 6 [(privacy) = SECRET];\n"
        "  string g = 7 [(privacy) = NONE]; string h = 8 [(other) = \"x\"]; }\n";
    static const struct { const char *path; int privacy; const char *category; } verdicts[] = {
        { "a", 0, "" }, { "b", 1, "user.contact.email" }, { "c", -1, "" }, { "d", 1, "" },
        { "e", -1, "" }, { "f", 1, "SECRET" }, { "g", -1, "" }, { "h", 0, "" },
    };
    char directory[4096];
    const char *imports[] = { directory, "" }, *names[] = { "m.proto" };
    struct wd_bytes bytes = wd_bytes_of(text);
    struct wd_limits limits = wd_limits_default();
    struct wd_schema *schema = NULL;
    struct wd_err err = { 0 };
    (void)state;
    snprintf(directory, sizeof directory, "%s/schemas", getenv("srcdir") ? getenv("srcdir") : ".");
    struct wd_schema_request request = { .names = names, .texts = &bytes, .count = 1, .imports = imports, .import_count = 2 };
    if (wd_schema_open(&request, &limits, &schema, &err) < 0)
        fail_msg("%s", err.text);
    assert_int_equal(schema->message_count, 1);
    assert_text(field_of(schema, "a")->purpose, "p");
    assert_text(field_of(schema, "a")->owner, "o");
    assert_text(field_of(schema, "a")->changes, "1 s");
    assert_text(schema->messages[0].owner, "us");
    for (size_t i = 0; i < WD_COUNT(verdicts); i++) {
        assert_int_equal(field_of(schema, verdicts[i].path)->privacy, verdicts[i].privacy);
        assert_text(field_of(schema, verdicts[i].path)->privacy_category, verdicts[i].category);
    }
    wd_schema_free(schema);
}

/* --- places --- */

static void test_places(void **state)
{
    static const char text[] = "syntax = \"proto3\";\nmessage E {\n  oneof body {\n    A a = 1;\n    B b = 2;\n  }\n}\n"
                               "message A { T t = 1; }\nmessage B { T t = 1; }\nmessage T {\n  map<string, T> m = 1;\n}\n";
    struct wd_err err;
    (void)state;
    struct wd_schema *schema = parse(text, &err);
    assert_non_null(schema);
    assert_int_equal(schema->message_count, 2);
    assert_text(schema->messages[1].variant, "b");
    assert_int_equal(schema->messages[1].at.line, 5);
    assert_ptr_equal(schema->messages[0].layout, schema->messages[1].layout);
    const struct wd_decl *a = &field_of(schema, "a")->decls[0], *m = &field_of(schema, "a.t.m{}")->decls[0];
    assert_int_equal(a->at.line, 4);
    assert_text(a->container->key, "body");
    assert_text(a->object->key, "E");
    assert_false(a->is_shared);
    assert_int_equal(m->at.line, 11);
    assert_text(m->member->key, "m");
    assert_text(m->object->key, "T");
    assert_true(m->is_shared);
    wd_schema_free(schema);
}

/* --- on channels --- */

static struct wd_schema *place(const char *text, const struct wd_config_message *rule, struct wd_err *err)
{
    static struct wd_config config;
    static const struct wd_place at = { .file = ".wirediet.yaml", .line = 3, .column = 4 };
    config = (struct wd_config){ .limits = wd_limits_default(), .messages = rule, .message_count = 1, .message_at = &at };
    struct wd_schema *schema = parse(text, err);
    assert_non_null(schema);
    if (wd_schema_place(schema, &config, err) >= 0)
        return schema;
    wd_schema_free(schema);
    return NULL;
}

static void test_placed(void **state)
{
    static const char text[] = P3 "message E { oneof b { A a = 1; B c = 2; } } message A { } message B { B b = 1; }";
    static const struct { const char *message; int direction; const char *messages; } cases[] = {
        { "p.E", -1, "a /x 0 | .:o a:o\nc /x 0 | .:o c:o c.b:o c.b.b:oF" },
        { "E", WD_C2S, "a /x 1 | .:o a:o\nc /x 1 | .:o c:o c.b:o c.b.b:oF" },
        { "p.A", WD_S2C, "a  0 | .:o a:o\nc  0 | .:o c:o c.b:o c.b.b:oF\nA /x 2 | .:o" },
    };
    (void)state;
    for (size_t i = 0; i < WD_COUNT(cases); i++) {
        struct wd_config_message rule = { .channel = wd_bytes_of("/x"), .direction = cases[i].direction,
                                          .message = wd_bytes_of(cases[i].message) };
        struct wd_err err = { 0 };
        struct wd_buf out = { 0 };
        struct wd_schema *schema = place(text, &rule, &err), *again = NULL;
        if (!schema)
            fail_msg("%s", err.text);
        for (size_t m = 0; m < schema->message_count; m++)
            put_message(&out, &schema->messages[m]);
        assert_string_equal(wd_buf_cstr(&out), cases[i].messages);
        struct wd_limits limits = wd_limits_default();
        struct wd_bytes same = wd_bytes_of(text);
        assert_int_equal(wd_schema_reparse(schema, &same, &limits, &again, &err), WD_OK);
        assert_int_equal(again->message_count, schema->message_count);
        assert_text(again->messages[again->message_count - 1].channel, "/x");
        wd_schema_free(again);
        wd_schema_free(schema);
        wd_buf_free(&out);
    }
}

static void test_placed_nowhere(void **state)
{
    struct wd_config_message rule = { .channel = wd_bytes_of("/x"), .direction = -1, .message = wd_bytes_of("p.Envelop") };
    struct wd_err err = { 0 };
    (void)state;
    assert_null(place(P3 "message Envelope { }", &rule, &err));
    assert_string_equal(err.text, ".wirediet.yaml:3:4: the schema lays out no message called 'p.Envelop'; did you mean 'p.Envelope'?");
}

/* --- in AsyncAPI --- */

#define ASYNCAPI(message) "asyncapi: 2.6.0\nchannels:\n  /x:\n    subscribe:\n      message:\n" message
#define INSIDE "        schemaFormat: application/vnd.google.protobuf;version=3\n        payload: |\n"

static void test_embedded(void **state)
{
    static const struct { const char *text, *messages, *error; uint32_t line, column; } cases[] = {
        { ASYNCAPI("        name: order.created\n" INSIDE
                   "          syntax = \"proto3\";\n          message O { N n = 1; }\n          message N { string s = 1; }\n"),
          "order.created /x 2 | .:o n:o n.s:s=\"\"", NULL, 10, 25 },
        { ASYNCAPI("        name: B\n" INSIDE "          syntax = \"proto3\"; message A { int32 n = 1; } message B { bool n = 1; }\n"),
          "B /x 2 | .:o n:b=false", NULL, 9, 74 },
        { ASYNCAPI(INSIDE "          syntax = \"proto3\"; message E { oneof o { A a = 1; A n = 2; } } message A { }\n"),
          "a /x 2 | .:o a:o\nn /x 2 | .:o n:o", NULL, 8, 63 },
        { ASYNCAPI("        schemaFormat: application/vnd.google.protobuf;version=3\n"
                   "        payload: 'syntax = \"proto3\"; message A { int32 n = 1; }'\n"),
          "message /x 2 | .:o n:i=0", NULL, 7, 18 },
        { ASYNCAPI(INSIDE "          syntax = \"proto3\"; message A { } message B { }\n"), NULL,
          "a.yaml:5:7: which of its messages is the payload? none is called 'message', and not just one stands alone; "
          "write $ref: FILE.proto#/MESSAGE, or name the message like it", 0, 0 },
        { ASYNCAPI(INSIDE "          syntax = \"proto3\";\n"), NULL,
          "a.yaml:5:7: its payload declares no message; write message message { ... }", 0, 0 },
        { ASYNCAPI("        schemaFormat: application/vnd.google.protobuf;version=3\n        payload: {type: object}\n"), NULL,
          "a.yaml:7:18: a payload in Protobuf is the text of a .proto file, found a map; write 'payload: |' and the text "
          "below, or $ref: FILE.proto", 0, 0 },
    };
    (void)state;
    for (size_t i = 0; i < WD_COUNT(cases); i++) {
        static const char *const names[] = { "a.yaml" };
        struct wd_limits limits = wd_limits_default();
        struct wd_bytes bytes = wd_bytes_of(cases[i].text);
        struct wd_schema *schema = NULL;
        struct wd_err err = { 0 };
        struct wd_buf out = { 0 };
        wd_schema_parse(names, &bytes, 1, NULL, &limits, &schema, &err);
        if (cases[i].error || !schema) {
            assert_string_equal(err.text, cases[i].error ? cases[i].error : "");
            continue;
        }
        for (size_t m = 0; m < schema->message_count; m++)
            put_message(&out, &schema->messages[m]);
        assert_string_equal(wd_buf_cstr(&out), cases[i].messages);
        const struct wd_schema_message *last = &schema->messages[schema->message_count - 1];
        const struct wd_schema_field *n = wd_schema_field_find(last, wd_bytes_of("n"));
        assert_string_equal(n->decls[0].at.file, "a.yaml");
        assert_int_equal(n->decls[0].at.line, cases[i].line);
        assert_int_equal(n->decls[0].at.column, cases[i].column);
        wd_schema_free(schema);
        wd_buf_free(&out);
    }
}

/* A file that AsyncAPI refers to, named by the user or not: the same messages, and the same again. */
static void test_referred(void **state)
{
    static const char *const names[] = { "a.yaml", "b.proto" };
    struct wd_bytes texts[] = {
        wd_bytes_of(ASYNCAPI("        schemaFormat: application/vnd.google.protobuf\n        payload: {$ref: 'b.proto#/Out/In'}\n")),
        wd_bytes_of("syntax = \"proto3\"; message Out { message In { bool x = 1; } In in = 1; } message Two { Out out = 1; }"),
    };
    struct wd_limits limits = wd_limits_default();
    struct wd_schema *schema = NULL, *again = NULL;
    struct wd_err err = { 0 };
    struct wd_buf out = { 0 };
    (void)state;
    if (wd_schema_parse(names, texts, 2, NULL, &limits, &schema, &err) < 0)
        fail_msg("%s", err.text);
    for (size_t m = 0; m < schema->message_count; m++)
        put_message(&out, &schema->messages[m]);
    assert_string_equal(wd_buf_cstr(&out), "message /x 2 | .:o x:b=false\nTwo  0 | .:o out:o out.in:o out.in.x:b=false");
    assert_int_equal(wd_schema_reparse(schema, texts, &limits, &again, &err), WD_OK);
    assert_int_equal(again->message_count, 2);
    /* Its own text can be edited. */
    struct wd_arena *arena = wd_arena_open();
    struct wd_edit_target x = { &schema->messages[0], wd_schema_field_find(&schema->messages[0], wd_bytes_of("x")) };
    struct wd_edit_obstacle *obstacles;
    struct wd_edit_result *results;
    assert_int_equal(wd_edit_obstacles(schema, &x, 1, WD_EDIT_REMOVE, arena, &obstacles), 0);
    assert_int_equal(wd_edit_apply(schema, &x, 1, WD_EDIT_REMOVE, arena, &results, &err), WD_OK);
    assert_ptr_equal(results[0].text.at, schema->documents[0]->text.at);
    assert_non_null(memmem(results[1].text.at, results[1].text.len, "message In { reserved 1; reserved \"x\"; }", 38));
    wd_arena_close(arena);
    wd_schema_free(again);
    wd_schema_free(schema);
    wd_buf_free(&out);
}

/* What is written inside another document stays as it is, and says why. */
static void test_embedded_stays(void **state)
{
    static const char *const names[] = { "a.yaml" };
    struct wd_bytes text = wd_bytes_of(ASYNCAPI(INSIDE "          syntax = \"proto3\"; message A { bool x = 1; }\n"));
    struct wd_limits limits = wd_limits_default();
    struct wd_schema *schema = NULL;
    struct wd_edit_obstacle *obstacles;
    struct wd_err err = { 0 };
    (void)state;
    assert_int_equal(wd_schema_parse(names, &text, 1, NULL, &limits, &schema, &err), WD_OK);
    struct wd_edit_target x = { &schema->messages[0], wd_schema_field_find(&schema->messages[0], wd_bytes_of("x")) };
    assert_int_equal(wd_edit_obstacles(schema, &x, 1, WD_EDIT_REMOVE, schema->arena, &obstacles), 1);
    assert_string_equal(obstacles[0].why, "it stands in no .proto file of its own");
    assert_int_equal(obstacles[0].at.line, 8);
    wd_schema_free(schema);
}

/* --- bounds --- */

/* Each message holds all others: what is deep is left free, and what does not fit a limit is said. */
static void test_tangle(void **state)
{
    enum { MESSAGES = 60 };
    struct wd_buf text = { 0 };
    struct wd_err err;
    (void)state;
    wd_buf_puts(&text, "syntax = \"proto3\"; ");
    for (int m = 0; m < MESSAGES; m++) {
        wd_buf_printf(&text, "message M%d { ", m);
        for (int f = 0; f < MESSAGES; f++)
            wd_buf_printf(&text, "M%d f%d = %d; ", f, f, f + 1);
        wd_buf_puts(&text, "} ");
    }
    assert_null(parse(wd_buf_cstr(&text), &err));
    assert_non_null(strstr(err.text, "in message 'M0': too many fields; raise it with --limit fields=..."));
    wd_buf_free(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fields),   cmocka_unit_test(test_comments), cmocka_unit_test(test_options),
        cmocka_unit_test(test_places),   cmocka_unit_test(test_placed),   cmocka_unit_test(test_placed_nowhere),
        cmocka_unit_test(test_embedded), cmocka_unit_test(test_referred), cmocka_unit_test(test_embedded_stays),
        cmocka_unit_test(test_tangle),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
