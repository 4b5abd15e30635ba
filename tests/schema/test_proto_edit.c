/* Fields of .proto files that go, byte for byte. What comes out is compiled again; and marking writes into the
 * options. Each row: the text, what goes ("A.b": field b of message A, also of a oneof in it), what is left. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "schema/proto_cut.h"
#include "schema/proto_edit.h"

#define P3 "syntax = \"proto3\";\n"
#define P2 "syntax = \"proto2\";\n"

struct row { const char *before, *gone, *after; };

static const struct row cuts[] = {
    /* lines, with comments as protoc assigns them */
    { P3 "message A {\n  int32 a = 1;\n  int32 b = 2;\n}\n", "A.b",
      P3 "message A {\n  int32 a = 1;\n  reserved 2;\n  reserved \"b\";\n}\n" },
    { P3 "message A {\n  // of a\n  int32 a = 1;  // behind a\n  int32 b = 2;\n}\n", "A.a",
      P3 "message A {\n  reserved 1;\n  reserved \"a\";\n  int32 b = 2;\n}\n" },
    { P3 "message A {\n  // nobody's\n\n  /* of a */\n  int32 a = 1; /* behind */\n\n  // of b\n  int32 b = 2;\n}\n", "A.a",
      P3 "message A {\n  // nobody's\n\n  reserved 1;\n  reserved \"a\";\n\n  // of b\n  int32 b = 2;\n}\n" },
    { P3 "message A {\n  reserved 9;\n  reserved \"z\";\n\n  int32 a = 1;\n  // below a\n\n  // of b\n  int32 b = 2;\n}\n", "A.a",
      P3 "message A {\n  reserved 1, 9;\n  reserved \"z\", \"a\";\n\n  // of b\n  int32 b = 2;\n}\n" },
    { P3 "message A {\n  int32 a = 1;\n  int32 b = 2;\n  // below b\n}\n", "A.b",
      P3 "message A {\n  int32 a = 1;\n  reserved 2;\n  reserved \"b\";\n}\n" },
    { P3 "message A {  // of A\n  int32 a = 1;\n  int32 b = 2;  // behind b\n  // below b\n}\n", "A.a A.b",
      P3 "message A {  // of A\n  reserved 1, 2;\n  reserved \"a\", \"b\";\n  // below b\n}\n" },
    { P3 "message A {\n\t// of a\n\tint32 a = 1;\t// behind\n\tint32 b = 2;\n}\n", "A.a",
      P3 "message A {\n\treserved 1;\n\treserved \"a\";\n\tint32 b = 2;\n}\n" },
    { "syntax = \"proto3\";\r\nmessage A {\r\n  int32 a = 1;  // x\r\n  int32 b = 2;\r\n}\r\n", "A.a",
      "syntax = \"proto3\";\r\nmessage A {\r\n  reserved 1;\r\n  reserved \"a\";\r\n  int32 b = 2;\r\n}\r\n" },
    { P3 "message A {\n  int32\n    a\n    = 1\n    [json_name = \"x\"];\n  int32 b = 2;\n}", "A.a",
      P3 "message A {\n  reserved 1;\n  reserved \"a\";\n  int32 b = 2;\n}" },
    /* several on a line */
    { P3 "message A { int32 a = 1; int32 b = 2; int32 c = 3; }\n", "A.b",
      P3 "message A { int32 a = 1; reserved 2; reserved \"b\"; int32 c = 3; }\n" },
    { P3 "message A { reserved 7; reserved \"x\"; int32 a = 1; int32 b = 2; int32 c = 3; }\n", "A.a A.c",
      P3 "message A { reserved 1, 3, 7; reserved \"x\", \"a\", \"c\"; int32 b = 2; }\n" },
    { P3 "message A { int32 a = 1; /* whose? */ int32 b = 2; }\n", "A.b",
      P3 "message A { int32 a = 1; /* whose? */ reserved 2; reserved \"b\"; }\n" },
    { P3 "message A {int32 a=1;int32 b=2;}", "A.a A.b", P3 "message A {reserved 1, 2; reserved \"a\", \"b\";}" },
    { P3 "message A {\n  reserved 3;\n  reserved \"c\";\n  int32 a = 1; int32 b = 2;\n  int32 d = 4;\n}\n", "A.a A.b",
      P3 "message A {\n  reserved 1 to 3;\n  reserved \"c\", \"a\", \"b\";\n  int32 d = 4;\n}\n" },
    /* what is reserved already */
    { P3 "message A {\n  reserved 4, 9 to 11;\n  int32 a = 1;\n  int32 e = 5;\n}\n", "A.e",
      P3 "message A {\n  reserved 4, 5, 9 to 11;\n  reserved \"e\";\n  int32 a = 1;\n}\n" },
    { P3 "message A {\n  reserved 4, 5;\n  int32 e = 6;\n}\n", "A.e", P3 "message A {\n  reserved 4 to 6;\n  reserved \"e\";\n}\n" },
    { P3 "message A {\n  reserved 9 to 11, 13 to 20, 2;  // of old\n  int32 e = 12;\n  int32 f = 3;\n}\n", "A.e A.f",
      P3 "message A {\n  reserved 9 to 20, 2, 3;  // of old\n  reserved \"e\", \"f\";\n}\n" },
    { P3 "message A {\n  reserved 5 to max;\n  reserved 'q', \"r\" /* r */;\n  int32 d = 4;\n  int32 a = 1;\n}\n", "A.d",
      P3 "message A {\n  reserved 4 to max;\n  reserved 'q', \"r\", 'd' /* r */;\n  int32 a = 1;\n}\n" },
    { P3 "message A {\n  reserved\n    2,  // two\n    0x10 to 20;\n  int32 a = 1;\n  int32 c = 3;\n  int32 k = 21;\n}\n", "A.c A.a A.k",
      P3 "message A {\n  reserved\n    1 to 3,  // two\n    16 to 21;\n  reserved \"a\", \"c\", \"k\";\n}\n" },
    { P3 "message A {\n  reserved \"x\";\n  int32 a = 1;\n  int32 b = 2;\n}\n", "A.b",
      P3 "message A {\n  reserved \"x\", \"b\";\n  reserved 2;\n  int32 a = 1;\n}\n" },
    { P3 "message A {\n  int32 a = 1;\n  int32 c = 3;\n  int32 b = 2;\n  int32 e = 5;\n  int32 z = 9;\n}\n", "A.a A.b A.c A.e",
      P3 "message A {\n  reserved 1 to 3, 5;\n  reserved \"a\", \"c\", \"b\", \"e\";\n  int32 z = 9;\n}\n" },
    /* long lists have lines */
    { P3 "message A {\n  int32 a_name_of_some_length_one = 1;\n  int32 a_name_of_some_length_two = 2;\n"
         "  int32 a_name_of_some_length_three = 3;\n  int32 a_name_of_some_length_four = 4;\n}\n",
      "A.a_name_of_some_length_one A.a_name_of_some_length_two A.a_name_of_some_length_three A.a_name_of_some_length_four",
      P3 "message A {\n  reserved 1 to 4;\n  reserved \"a_name_of_some_length_one\", \"a_name_of_some_length_two\",\n"
         "      \"a_name_of_some_length_three\", \"a_name_of_some_length_four\";\n}\n" },
    /* oneofs, maps, groups, nested */
    { P3 "message A {\n  oneof o {\n    int32 a = 1;\n    int32 b = 2;\n  }  // of o\n  int32 c = 3;\n}\n", "A.a",
      P3 "message A {\n  oneof o {\n    int32 b = 2;\n  }  // of o\n  reserved 1;\n  reserved \"a\";\n  int32 c = 3;\n}\n" },
    { P3 "message A {\n  // of o\n  oneof o {\n    // of a\n    int32 a = 1;\n  }  // behind o\n  int32 c = 3;\n}\n", "A.a",
      P3 "message A {\n  reserved 1;\n  reserved \"a\";\n  int32 c = 3;\n}\n" },
    { P3 "message A { oneof o { int32 a = 1; int32 b = 2; } int32 c = 3; }\n", "A.b",
      P3 "message A { oneof o { int32 a = 1; } reserved 2; reserved \"b\"; int32 c = 3; }\n" },
    { P3 "message A {\n  optional int32 a = 1;\n  map<string, B> m = 2;\n}\nmessage B { int32 x = 1; }\n", "A.a A.m",
      P3 "message A {\n  reserved 1, 2;\n  reserved \"a\", \"m\";\n}\n" },
    { P2 "message A {\n  optional group G = 1 {\n    optional int32 x = 2;\n  }\n  optional int32 b = 2;\n}\n", "A.G",
      P2 "message A {\n  reserved 1;\n  reserved \"g\";\n  optional int32 b = 2;\n}\n" },
    { P2 "message A {\n  repeated group G = 1 { optional int32 x = 2; optional int32 y = 3; }\n}\n", "G.x",
      P2 "message A {\n  repeated group G = 1 { reserved 2; reserved \"x\"; optional int32 y = 3; }\n}\n" },
    { P3 "message A {\n  message B {\n    int32 x = 1;\n    int32 y = 2;\n  }\n  B b = 1;\n}\n", "B.y",
      P3 "message A {\n  message B {\n    int32 x = 1;\n    reserved 2;\n    reserved \"y\";\n  }\n  B b = 1;\n}\n" },
    { P2 "message A {\n  optional int32 a = 1 [default = 3];\n  extensions 100 to 200;\n}\nextend A { optional int32 more = 100; }\n", "A.a",
      P2 "message A {\n  reserved 1;\n  reserved \"a\";\n  extensions 100 to 200;\n}\nextend A { optional int32 more = 100; }\n" },
    /* what only they referred to: in chains, nested, and in circles; what nobody referred to before stays */
    { P3 "message A {\n  B b = 1;\n  int32 c = 2;\n}\n\n// of B\nmessage B {\n  C c = 1;\n}\n\nenum C { Z = 0; }\n\nmessage Alone { D d = 1; }\nmessage D { }\n", "A.b",
      P3 "message A {\n  reserved 1;\n  reserved \"b\";\n  int32 c = 2;\n}\n\nmessage Alone { D d = 1; }\nmessage D { }\n" },
    { P3 "message A {\n  B b = 1;\n  int32 c = 2;\n}\nmessage B { C c = 1; }\nmessage C { B b = 1; }\n", "A.b",
      P3 "message A {\n  reserved 1;\n  reserved \"b\";\n  int32 c = 2;\n}\n" },
    { P3 "message A {\n  enum E { Z = 0; }\n\n  E e = 1;\n  int32 c = 2;\n}\n", "A.e",
      P3 "message A {\n\n  reserved 1;\n  reserved \"e\";\n  int32 c = 2;\n}\n" },
    { P3 "message A {\n  B.C c = 1;\n  B b = 2;\n}\nmessage B {\n  message C { int32 x = 1; }\n}\n", "A.b",
      P3 "message A {\n  B.C c = 1;\n  reserved 2;\n  reserved \"b\";\n}\nmessage B {\n  message C { int32 x = 1; }\n}\n" },
    { P3 "service S { rpc Go(B) returns (A); }\nmessage A { B b = 1; D d = 2; }\nmessage B { }\nmessage D { }\n", "A.b A.d",
      P3 "service S { rpc Go(B) returns (A); }\nmessage A { reserved 1, 2; reserved \"b\", \"d\"; }\nmessage B { }\n" },
    /* imports: with the last field that needs them, but not public ones, nor those that were of no use before */
    { P3 "import \"google/protobuf/any.proto\";\n// of time\nimport \"google/protobuf/timestamp.proto\";\nimport \"google/protobuf/empty.proto\";\n\n"
         "message A {\n  google.protobuf.Timestamp t = 1;\n  google.protobuf.Any a = 2;\n}\n", "A.t",
      P3 "import \"google/protobuf/any.proto\";\nimport \"google/protobuf/empty.proto\";\n\n"
         "message A {\n  reserved 1;\n  reserved \"t\";\n  google.protobuf.Any a = 2;\n}\n" },
    { P3 "import public \"google/protobuf/any.proto\";\nmessage A { google.protobuf.Any a = 1; int32 b = 2; }\n", "A.a",
      P3 "import public \"google/protobuf/any.proto\";\nmessage A { reserved 1; reserved \"a\"; int32 b = 2; }\n" },
    { P3 "import \"google/protobuf/descriptor.proto\";\nextend google.protobuf.FieldOptions { string o = 50001; }\n"
         "message A { int32 a = 1 [(o) = \"];\"]; int32 b = 2; }\n", "A.a",
      P3 "import \"google/protobuf/descriptor.proto\";\nextend google.protobuf.FieldOptions { string o = 50001; }\n"
         "message A { reserved 1; reserved \"a\"; int32 b = 2; }\n" },
    /* words that look like others */
    { P3 "message reserved { int32 reserved = 1; int32 message = 2; string s = 3; /* reserved 4; */ }\n", "reserved.message",
      P3 "message reserved { int32 reserved = 1; reserved 2; reserved \"message\"; string s = 3; /* reserved 4; */ }\n" },
    { "\xef\xbb\xbf" P3 "message A { int32 a = 1; int32 b = 2; }", "A.a",
      "\xef\xbb\xbf" P3 "message A { reserved 1; reserved \"a\"; int32 b = 2; }" },
};

static const struct row marks[] = {
    { P3 "message A {\n  int32 a = 1;  // a\n}\n", "A.a", P3 "message A {\n  int32 a = 1 [deprecated = true];  // a\n}\n" },
    { P3 "message A { int32 a = 1[json_name=\"x\"]; }", "A.a", P3 "message A { int32 a = 1[json_name=\"x\", deprecated = true]; }" },
    { P3 "message A { int32 a = 1 [deprecated = true]; int32 b = 2 [ deprecated=false ]; }", "A.a A.b",
      P3 "message A { int32 a = 1 [deprecated = true]; int32 b = 2 [ deprecated=true ]; }" },
    { P3 "message A {\n  int32 a = 1 [\n    json_name = \"]\",  // j\n    packed = false  // p\n  ];\n}\n", "",
      P3 "message A {\n  int32 a = 1 [\n    json_name = \"]\",  // j\n    packed = false  // p\n  ];\n}\n" },
    { P3 "message A {\n  repeated int32 a = 1 [\n    json_name = \"]\",  // j\n    packed = false  // p\n  ];\n}\n", "A.a",
      P3 "message A {\n  repeated int32 a = 1 [\n    json_name = \"]\",  // j\n    packed = false,  // p\n    deprecated = true\n  ];\n}\n" },
    { P3 "message A { map<string, int32> m = 1; oneof o { bytes b = 2; } }", "A.m A.b",
      P3 "message A { map<string, int32> m = 1 [deprecated = true]; oneof o { bytes b = 2 [deprecated = true]; } }" },
    { P2 "message A { optional group G = 1 { optional int32 x = 2; } optional int32 y = 3 [default = 7]; }", "A.G A.y",
      P2 "message A { optional group G = 1 [deprecated = true] { optional int32 x = 2; } optional int32 y = 3 [default = 7, deprecated = true]; }" },
};

/* --- */

struct work {
    struct wd_arena *arena;
    struct wd_proto_set set;
    struct wd_edit_target targets[8];
    size_t count;
};

static void read_text(struct work *w, const char *text)
{
    const char *name = "x.proto";
    struct wd_bytes bytes = wd_bytes_of(text);
    struct wd_limits limits = wd_limits_default();
    struct wd_err err = { 0 };
    struct wd_proto_sources sources = { .names = &name, .texts = &bytes, .count = 1 };
    if (wd_proto_read(&sources, &limits, w->arena, &w->set, &err) < 0)
        fail_msg("%s in:\n%s", err.text, text);
}

/* "A.b": what is called b in what is called A, or in a oneof of that. */
static bool is_called(const struct wd_node *node, struct wd_bytes name)
{
    const struct wd_node *up = node->parent;
    for (int levels = 0; up && levels < 2; levels++, up = up->parent) {
        struct wd_bytes rest = wd_bytes_at(name.at + up->key.len + 1, name.len - up->key.len - 1);
        if (up->key.len && name.len > up->key.len && memcmp(name.at, up->key.at, up->key.len) == 0 &&
            name.at[up->key.len] == '.' && wd_bytes_eq(rest, node->key))
            return true;
    }
    return false;
}

static void add_target(struct work *w, const char *name, size_t len)
{
    const struct wd_proto_file *file = &w->set.files[0];
    for (size_t i = 0; i < file->spot_count; i++) {
        const struct wd_node *node = file->spots[i].node;
        if (!is_called(node, wd_bytes_at(name, len)))
            continue;
        struct wd_decl *decl = wd_arena_new(w->arena, struct wd_decl);
        struct wd_schema_field *field = wd_arena_new(w->arena, struct wd_schema_field);
        *decl = (struct wd_decl){ .document = file->document, .container = node->parent, .member = node };
        *field = (struct wd_schema_field){ .decls = decl, .decl_count = 1 };
        w->targets[w->count++] = (struct wd_edit_target){ .field = field };
        return;
    }
    fail_msg("no %.*s in:\n%s", (int)len, name, (const char *)file->document->text.at);
}

static struct work open_work(const struct row *row)
{
    struct work w = { .arena = wd_arena_open() };
    read_text(&w, row->before);
    for (const char *name = row->gone; *name; name += strspn(name, " ")) {
        add_target(&w, name, strcspn(name, " "));
        name += strcspn(name, " ");
    }
    return w;
}

static void compare(const struct row *row, struct wd_bytes text)
{
    if (!wd_bytes_is(text, row->after))
        fail_msg("%s from:\n%s\ngives:\n%.*s\nand not:\n%s", row->gone, row->before, (int)text.len,
                 (const char *)text.at, row->after);
}

static void test_cuts(void **state)
{
    (void)state;
    for (size_t i = 0; i < WD_COUNT(cuts); i++) {
        struct work w = open_work(&cuts[i]);
        struct wd_gone gone = { wd_map_open() }, nothing = { wd_map_open() };
        struct wd_edit_obstacle obstacles[8] = { 0 };
        struct wd_proto_targets targets = { .set = &w.set, .at = w.targets, .count = w.count };
        assert_int_equal(wd_proto_edit_find(&targets, &gone, w.arena, obstacles), 0);
        compare(&cuts[i], wd_proto_cut(&w.set.files[0], &gone, w.arena).text);
        assert_true(wd_bytes_is(wd_proto_cut(&w.set.files[0], &nothing, w.arena).text, cuts[i].before));
        read_text(&w, cuts[i].after);
        wd_map_close(gone.set);
        wd_map_close(nothing.set);
        wd_arena_close(w.arena);
    }
}

static void test_marks(void **state)
{
    (void)state;
    for (size_t i = 0; i < WD_COUNT(marks); i++) {
        struct work w = open_work(&marks[i]);
        struct wd_gone marked = { wd_map_open() };
        struct wd_proto_targets targets = { .set = &w.set, .at = w.targets, .count = w.count };
        wd_proto_edit_marked(&targets, &marked);
        compare(&marks[i], wd_proto_mark(&w.set.files[0], &marked, w.arena).text);
        read_text(&w, marks[i].after);
        wd_map_close(marked.set);
        wd_arena_close(w.arena);
    }
}

static void test_obstacles(void **state)
{
    static const struct row rows[] = {
        { P2 "message A { required int32 a = 1; }\n", "A.a", "it is required: whoever was built with it refuses messages without it" },
        { P2 "message A { extensions 5; }\nextend A { optional int32 more = 5; }\n", "A.more", "it is an extension" },
        { P3 "message A { B.C c = 1; }\nmessage B { message C { } int32 x = 1; }\n", "B.C", "a field or a method that stays has it as its type" },
    };
    (void)state;
    for (size_t i = 0; i < WD_COUNT(rows); i++) {
        struct work w = open_work(&rows[i]);
        struct wd_gone gone = { wd_map_open() };
        struct wd_edit_obstacle obstacles[8] = { 0 };
        struct wd_proto_targets targets = { .set = &w.set, .at = w.targets, .count = w.count };
        assert_int_equal(wd_proto_edit_find(&targets, &gone, w.arena, obstacles), 1);
        assert_string_equal(obstacles[0].why, rows[i].after);
        wd_map_close(gone.set);
        wd_arena_close(w.arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cuts),
        cmocka_unit_test(test_marks),
        cmocka_unit_test(test_obstacles),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
