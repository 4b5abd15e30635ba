/* What is written reads as what was made, in YAML and in JSON, whatever the strings are; and it looks as people write it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "document/make.h"

static const char *const strings[] = {
    "plain", "two words", "", " ", "null", "Null", "~", "true", "no", "ON", "y", "1", "-1", "1.5", "1e3", "0x10", ".inf", "3.0.0", "1.2", "..",
    "1.2.", "- x", "-", "? x", ": x", "x: y", "x:", "x #y", "# x", "{", "}", "[a", "a]", "a, b", "*a", "&a", "!a", "|", ">", "%a", "@a", "`a",
    "'", "it's", "\"", "\\", "a\nb", "\t", "\r", "\x01", "\x7f", "\xc3\xa4", "\xe2\x80\xa8", "\xf0\x9f\x98\x80", "$ref", "#/a/b", "/a/{b}",
    "2024-01-01", "12:30", "<<", "=", "a ", " a", "---", "...", "key: [a]", "x\xc2\x85y", "\xef\xbb\xbf",
};

static struct wd_node *make_tree(struct wd_arena *arena, bool is_flow)
{
    struct wd_node *map = wd_make_map(arena, false), *list = wd_make_list(arena, is_flow);
    for (size_t i = 0; i < WD_COUNT(strings); i++) {
        struct wd_node *inner = wd_make_map(arena, is_flow);
        wd_node_set(inner, strings[i], wd_make_word(arena, strings[WD_COUNT(strings) - 1 - i]));
        wd_node_put(map, wd_bytes_of(strings[i]), inner);
        wd_node_add(list, wd_make_word(arena, strings[i]));
    }
    wd_node_set(map, "all of them", list);
    struct wd_node *rest = wd_node_set(map, "the rest", wd_make_list(arena, is_flow));
    wd_node_add(rest, wd_make_count(arena, UINT64_MAX));
    wd_node_add(rest, wd_make_decimal(arena, 0.125, 2));
    wd_node_add(rest, wd_make_decimal(arena, 1200, 1));
    wd_node_add(rest, wd_make_true(arena));
    wd_node_add(rest, wd_make_null(arena));
    wd_node_add(rest, wd_make_map(arena, false));
    wd_node_add(rest, wd_make_list(arena, false));
    wd_node_add(wd_node_add(rest, wd_make_list(arena, false)), wd_make_list(arena, true));
    char *long_key = wd_arena_alloc(arena, 3001);
    memset(long_key, 'k', 3000);
    wd_node_set(map, long_key, wd_make_word(arena, "of a long key"));
    return map;
}

static void check(struct wd_arena *arena, const char *name, const struct wd_node *made, struct wd_buf *text)
{
    struct wd_limits limits = wd_limits_default();
    struct wd_document *document;
    struct wd_err err = { 0 };
    if (wd_document_parse(name, wd_buf_bytes(text), &limits, arena, &document, &err) < 0)
        fail_msg("%s\n%s", err.text, wd_buf_cstr(text));
    struct wd_bytes want = wd_node_canonical(made, arena), got = wd_node_canonical(document->root, arena);
    assert_int_equal(got.len, want.len);
    assert_memory_equal(got.at, want.at, want.len);
    wd_buf_free(text);
}

static void test_reads_back(void **state)
{
    (void)state;
    for (int is_flow = 0; is_flow < 2; is_flow++) {
        struct wd_arena *arena = wd_arena_open();
        const struct wd_node *made = make_tree(arena, is_flow);
        struct wd_buf text = { 0 };
        wd_write_yaml(&text, made, 0);
        check(arena, "x.yaml", made, &text);
        wd_write_json(&text, made, 0);
        check(arena, "x.json", made, &text);
        wd_write_flow(&text, made, true);
        check(arena, "x.json", made, &text);
        wd_arena_close(arena);
    }
}

static void test_looks(void **state)
{
    (void)state;
    struct wd_arena *arena = wd_arena_open();
    struct wd_node *map = wd_make_map(arena, false), *load = wd_make_map(arena, true), *inner = wd_make_map(arena, false);
    struct wd_buf text = { 0 };
    wd_node_set(load, "type", wd_make_word(arena, "number"));
    wd_node_set(load, "version", wd_make_word(arena, "3.0.0"));
    wd_node_set(map, "load", load)->comment = wd_bytes_of("seen");
    wd_node_set(map, "inner", inner);
    wd_node_add(wd_node_set(inner, "list", wd_make_list(arena, false)), wd_make_word(arena, "it's"));
    wd_node_set(inner, "none", wd_make_map(arena, false));
    wd_write_yaml(&text, map, 0);
    assert_string_equal(wd_buf_cstr(&text), "# seen\nload: { type: number, version: 3.0.0 }\ninner:\n  list:\n    - \"it's\"\n  none: {}\n");
    wd_buf_reset(&text);
    wd_write_json(&text, map, 0);
    assert_string_equal(wd_buf_cstr(&text), "{\n  \"load\": { \"type\": \"number\", \"version\": \"3.0.0\" },\n  \"inner\": {\n"
                                            "    \"list\": [\n      \"it's\"\n    ],\n    \"none\": {}\n  }\n}");
    wd_buf_free(&text);
    wd_arena_close(arena);
}

static void test_fills_lines(void **state)
{
    (void)state;
    struct wd_arena *arena = wd_arena_open();
    struct wd_node *map = wd_make_map(arena, false), *list = wd_node_set(map, "required", wd_make_list(arena, true));
    struct wd_buf text = { 0 };
    for (int i = 0; i < 40; i++)
        wd_node_add(list, wd_make_word(arena, "a name of some length"));
    wd_write_yaml(&text, map, 0);
    size_t lines = 0, longest = 0, at = 0;
    for (size_t i = 0; i < text.len; i++) {
        if (text.at[i] != '\n')
            continue;
        longest = i - at > longest ? i - at : longest;
        at = i + 1;
        lines++;
    }
    assert_in_range(lines, 8, 12);
    assert_in_range(longest, 90, 110);
    wd_buf_free(&text);
    wd_arena_close(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_reads_back), cmocka_unit_test(test_looks), cmocka_unit_test(test_fills_lines) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
