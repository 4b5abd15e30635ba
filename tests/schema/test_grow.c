/* What is added stands where it belongs, in the style of its place, and no other byte changes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "schema/grow.h"

/* To the map (or list) at `path`, members apart by blanks, `new: {type: integer}` (or an entry `new`) is added, then `more`. */
static const struct row { const char *before, *path, *after; } rows[] = {
    /* blocks: at the end, at the indentation of the others, behind comments on the last line */
    { "properties:\n  a:\n    type: string\n", "properties",
      "properties:\n  a:\n    type: string\n  new: { type: integer }\n  more: { type: integer }\n" },
    { "properties:\n    a: {type: string}  # of a\n\n# the end\nb: 1\n", "properties",
      "properties:\n    a: {type: string}  # of a\n    new: { type: integer }\n    more: { type: integer }\n\n# the end\nb: 1\n" },
    { "a:\n  b:\n    c: 1", "a b", "a:\n  b:\n    c: 1\n    new: { type: integer }\n    more: { type: integer }" },
    { "a:\r\n  b: 1\r\n", "a", "a:\r\n  b: 1\r\n  new: { type: integer }\r\n  more: { type: integer }\r\n" },
    { "a:\n  - x\n  - y\n", "a", "a:\n  - x\n  - y\n  - new\n  - more\n" },
    { "a:\n- x: 1\n  y: 2\nb: 3\n", "a", "a:\n- x: 1\n  y: 2\n- new\n- more\nb: 3\n" },
    { "a:\n  t: |\n    some\n    text\nb: 1\n", "a",
      "a:\n  t: |\n    some\n    text\n  new: { type: integer }\n  more: { type: integer }\nb: 1\n" },
    /* brackets: on their line, or a line each */
    { "a: {b: {type: string}}\n", "a", "a: {b: {type: string}, new: { type: integer }, more: { type: integer }}\n" },
    { "a: [x]\n", "a", "a: [x, new, more]\n" },
    { "a: {\n  b: 1,\n  c: 2 }\n", "a", "a: {\n  b: 1,\n  c: 2,\n  new: { type: integer },\n  more: { type: integer } }\n" },
    { "{\n  \"a\": {\n    \"b\": 1\n  }\n}\n", "a",
      "{\n  \"a\": {\n    \"b\": 1,\n    \"new\": { \"type\": \"integer\" },\n    \"more\": { \"type\": \"integer\" }\n  }\n}\n" },
    { "{\"a\":{\"b\":1}}", "a", "{\"a\":{\"b\":1, \"new\": { \"type\": \"integer\" }, \"more\": { \"type\": \"integer\" }}}" },
    { "{\"a\": [\"x\"]}", "a", "{\"a\": [\"x\", \"new\", \"more\"]}" },
    /* empty ones open up */
    { "a: {}\nb: 1\n", "a", "a:\n  new: { type: integer }\n  more: { type: integer }\nb: 1\n" },
    { "x:\n  a: []\n", "x a", "x:\n  a:\n    - new\n    - more\n" },
    { "x: {a: {}}\n", "x a", "x: {a: { new: { type: integer }, more: { type: integer } }}\n" },
    { "{\n  \"a\": {}\n}\n", "a", "{\n  \"a\": {\n    \"new\": { \"type\": \"integer\" },\n    \"more\": { \"type\": \"integer\" }\n  }\n}\n" },
};

static const struct wd_node *find(const struct wd_node *node, const char *path)
{
    while (*path) {
        size_t n = strcspn(path, " ");
        node = wd_node_get_bytes(node, wd_bytes_at(path, n));
        path += n + (path[n] == ' ');
    }
    return node;
}

static struct wd_node *make_new(struct wd_arena *arena, const struct wd_node *into, const char *name)
{
    if (into->kind == WD_NODE_LIST)
        return wd_make_word(arena, name);
    struct wd_node *made = wd_make_map(arena, true);
    wd_node_set(made, "type", wd_make_word(arena, "integer"));
    made->key = wd_bytes_of(name);
    return made;
}

static void test_rows(void **state)
{
    (void)state;
    struct wd_limits limits = wd_limits_default();
    for (size_t i = 0; i < WD_COUNT(rows); i++) {
        struct wd_arena *arena = wd_arena_open();
        struct wd_document *document;
        struct wd_edit_result made;
        struct wd_err err = { 0 };
        assert_int_equal(wd_document_parse("x", wd_bytes_of(rows[i].before), &limits, arena, &document, &err), WD_OK);
        const struct wd_node *into = find(document->root, rows[i].path);
        assert_true(wd_grow_can(into));
        struct wd_growth growths[] = { { into, make_new(arena, into, "new"), false }, { into, make_new(arena, into, "more"), false } };
        assert_int_equal(wd_grow_write(document, growths, 2, &limits, arena, &made, &err), WD_OK);
        assert_string_equal(wd_arena_string(arena, made.text), rows[i].after);
        wd_arena_close(arena);
    }
}

/* The end of the inner map is the end of the outer one, too. */
static void test_one_place(void **state)
{
    (void)state;
    struct wd_limits limits = wd_limits_default();
    struct wd_arena *arena = wd_arena_open();
    struct wd_document *document;
    struct wd_edit_result made;
    struct wd_err err = { 0 };
    assert_int_equal(wd_document_parse("x", wd_bytes_of("a:\n  b:\n    c: 1\n"), &limits, arena, &document, &err), WD_OK);
    const struct wd_node *outer = find(document->root, "a"), *inner = find(document->root, "a b");
    struct wd_growth growths[] = { { outer, make_new(arena, outer, "new"), false }, { inner, make_new(arena, inner, "more"), false },
                                   { find(document->root, "a b c"), wd_make_word(arena, "two"), true } };
    assert_int_equal(wd_grow_write(document, growths, 3, &limits, arena, &made, &err), WD_OK);
    assert_string_equal(wd_arena_string(arena, made.text),
                        "a:\n  b:\n    c: two\n    more: { type: integer }\n  new: { type: integer }\n");
    wd_arena_close(arena);
}

static void test_nothing(void **state)
{
    (void)state;
    struct wd_limits limits = wd_limits_default();
    struct wd_arena *arena = wd_arena_open();
    struct wd_document *document;
    struct wd_edit_result made;
    struct wd_err err = { 0 };
    assert_int_equal(wd_document_parse("x", wd_bytes_of("a: &x {b: 1}\nc: *x\nd:\n"), &limits, arena, &document, &err), WD_OK);
    assert_int_equal(wd_grow_write(document, NULL, 0, &limits, arena, &made, &err), WD_OK);
    assert_ptr_equal(made.text.at, document->text.at);
    assert_false(wd_grow_can(find(document->root, "c")));
    assert_false(wd_grow_can(find(document->root, "d")));
    wd_arena_close(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_rows), cmocka_unit_test(test_one_place), cmocka_unit_test(test_nothing) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
