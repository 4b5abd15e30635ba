/* What a document says about itself: kinds, spans cut from the text, and one line for each way to be wrong. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "document/document.h"

struct fixture {
    struct wd_arena *arena;
    struct wd_limits limits;
    struct wd_err err;
    struct wd_document *document;
};

static struct fixture open_fixture(void)
{
    return (struct fixture){ .arena = wd_arena_open(), .limits = wd_limits_default() };
}

static int parse_as(struct fixture *f, const char *name, const char *text)
{
    f->err = (struct wd_err){ 0 };
    return wd_document_parse(name, wd_bytes_of(text), &f->limits, f->arena, &f->document, &f->err);
}

static int parse(struct fixture *f, const char *text)
{
    return parse_as(f, "x.yaml", text);
}

static void must_parse(struct fixture *f, const char *text)
{
    if (parse(f, text) < 0)
        fail_msg("%s", f->err.text);
}

/* "a/b/0": members by key, elements by number. */
static const struct wd_node *at(const struct fixture *f, const char *path)
{
    const struct wd_node *node = f->document->root;
    char step[64];
    while (*path && node) {
        size_t n = strcspn(path, "/");
        snprintf(step, sizeof step, "%.*s", (int)n, path);
        path += n + (path[n] == '/');
        if (node->kind == WD_NODE_LIST) {
            const struct wd_node *item = node->first;
            for (long i = strtol(step, NULL, 10); item && i > 0; i--)
                item = item->next;
            node = item;
        } else {
            node = wd_node_get(node, step);
        }
    }
    return node;
}

static void assert_slice(const struct fixture *f, struct wd_span span, const char *expected, const char *path)
{
    struct wd_bytes slice = wd_bytes_at(f->document->text.at + span.off, span.len);
    if (!wd_bytes_is(slice, expected))
        fail_msg("%s: expected <%s>, found <%.*s>", path, expected, (int)slice.len, (const char *)slice.at);
}

static const char spans_yaml[] =
    "# head\n"                                  /*  1 */
    "plain: some text   # not this\n"           /*  2 */
    "\"k\\u00e9y\": 'sin''gle'\n"               /*  3 */
    "\xc3\xa9\xc3\xa9: \"\xe2\x82\xac\" # e\n"  /*  4 */
    "block: &anchor !!map # here\n"             /*  5 */
    "  one: 1   # last\n"                       /*  6 */
    "  list:\n"                                 /*  7 */
    "  - a\n"                                   /*  8 */
    "  - {b: [1, 2.50], \"c\" : ~}   \n"        /*  9 */
    "  # between\n"                             /* 10 */
    "\n"                                        /* 11 */
    "empty:\n"                                  /* 12 */
    "# gap\n"                                   /* 13 */
    "text: |+ # note\n"                         /* 14 */
    "  two\n"                                   /* 15 */
    "   lines  \n"                              /* 16 */
    "\n"                                        /* 17 */
    "folded: >-\n"                              /* 18 */
    "  x\n"                                     /* 19 */
    "again: *anchor\n"                          /* 20 */
    "tagged: &s !!str 5\n"                      /* 21 */
    "? odd\n"                                   /* 22 */
    "last: &none\n";                            /* 23 */

static const struct { const char *path, *key, *value; uint32_t line, column; } spans[] = {
    { "plain", "plain", "some text", 2, 8 },
    { "k\xc3\xa9y", "\"k\\u00e9y\"", "'sin''gle'", 3, 13 },
    { "\xc3\xa9\xc3\xa9", "\xc3\xa9\xc3\xa9", "\"\xe2\x82\xac\"", 4, 7 },
    { "block", "block", "one: 1   # last\n  list:\n  - a\n  - {b: [1, 2.50], \"c\" : ~}   ", 6, 3 },
    { "block/one", "one", "1", 6, 8 },
    { "block/list", "list", "- a\n  - {b: [1, 2.50], \"c\" : ~}   ", 8, 3 },
    { "block/list/0", "", "a", 8, 5 },
    { "block/list/1", "", "{b: [1, 2.50], \"c\" : ~}", 9, 5 },
    { "block/list/1/b", "b", "[1, 2.50]", 9, 9 },
    { "block/list/1/c", "\"c\"", "~", 9, 26 },
    { "empty", "empty", "", 12, 7 },
    { "text", "text", "|+ # note\n  two\n   lines  ", 14, 7 },
    { "folded", "folded", ">-\n  x", 18, 9 },
    { "again", "again", "*anchor", 20, 8 },
    { "tagged", "tagged", "5", 21, 18 },
    { "odd", "odd", "", 22, 6 },
    { "last", "last", "", 23, 12 },
};

static void test_yaml_spans_are_slices_of_the_text(void **state)
{
    (void)state;
    struct fixture f = open_fixture();
    must_parse(&f, spans_yaml);
    for (size_t i = 0; i < WD_COUNT(spans); i++) {
        const struct wd_node *node = at(&f, spans[i].path);
        if (!node)
            fail_msg("no node at %s", spans[i].path);
        assert_slice(&f, node->span, spans[i].value, spans[i].path);
        assert_slice(&f, node->key_span, spans[i].key, spans[i].path);
        assert_int_equal(node->span.line, spans[i].line);
        assert_int_equal(node->span.column, spans[i].column);
    }
    assert_slice(&f, at(&f, "block")->anchor, "&anchor", "block");
    assert_slice(&f, at(&f, "last")->anchor, "&none", "last");
    assert_ptr_equal(at(&f, "again")->alias_of, at(&f, "block"));
    assert_ptr_equal(at(&f, "again")->first, at(&f, "block")->first);
    assert_true(wd_bytes_is(at(&f, "text")->text, "two\n lines  \n\n"));
    wd_arena_close(f.arena);
}

static void test_carriage_returns_and_byte_order_mark(void **state)
{
    (void)state;
    struct fixture f = open_fixture();
    must_parse(&f, "\xef\xbb\xbf" "a:\r\n  b: \xc3\xa9\r\n  c: 2\r\nd: 3\r\n");
    assert_slice(&f, at(&f, "a")->span, "b: \xc3\xa9\r\n  c: 2", "a");
    assert_slice(&f, at(&f, "a/c")->span, "2", "a/c");
    assert_int_equal(at(&f, "d")->span.line, 4);
    assert_int_equal(at(&f, "d")->span.column, 4);
    wd_arena_close(f.arena);
}

static void test_json_spans(void **state)
{
    (void)state;
    struct fixture f = open_fixture();
    must_parse(&f, " {\"a\": [1, {\"b\":null} ],\n\t\"c\\n\": \"\\ud83d\\ude00\\\"\" , \"d\": -1.5e+3}\n");
    assert_true(f.document->is_json);
    assert_slice(&f, f.document->root->span, "{\"a\": [1, {\"b\":null} ],\n\t\"c\\n\": \"\\ud83d\\ude00\\\"\" , \"d\": -1.5e+3}", "root");
    assert_slice(&f, at(&f, "a")->span, "[1, {\"b\":null} ]", "a");
    assert_slice(&f, at(&f, "a/1/b")->span, "null", "b");
    assert_slice(&f, at(&f, "c\n")->key_span, "\"c\\n\"", "c");
    assert_true(wd_bytes_is(at(&f, "c\n")->text, "\xf0\x9f\x98\x80\""));
    assert_int_equal(at(&f, "c\n")->span.line, 2);
    assert_int_equal(at(&f, "c\n")->span.column, 9);
    assert_int_equal(at(&f, "d")->kind, WD_NODE_NUMBER);
    wd_arena_close(f.arena);
}

/* YAML 1.2.2, 10.3.2: what each plain scalar is. */
static const struct { const char *text; enum wd_node_kind kind; } scalars[] = {
    { "", WD_NODE_NULL }, { "~", WD_NODE_NULL }, { "null", WD_NODE_NULL }, { "Null", WD_NODE_NULL }, { "nUll", WD_NODE_STRING },
    { "true", WD_NODE_BOOLEAN }, { "FALSE", WD_NODE_BOOLEAN }, { "yes", WD_NODE_STRING }, { "off", WD_NODE_STRING },
    { "0", WD_NODE_INTEGER }, { "-12", WD_NODE_INTEGER }, { "+3", WD_NODE_INTEGER }, { "012", WD_NODE_INTEGER },
    { "0o17", WD_NODE_INTEGER }, { "0x1F", WD_NODE_INTEGER }, { "0o8", WD_NODE_STRING }, { "1_000", WD_NODE_STRING },
    { "1:30", WD_NODE_STRING }, { "1.", WD_NODE_NUMBER }, { ".5", WD_NODE_NUMBER }, { "1e3", WD_NODE_NUMBER },
    { "1e", WD_NODE_STRING }, { ".", WD_NODE_STRING }, { "-", WD_NODE_STRING }, { "2.3.0", WD_NODE_STRING },
    { ".inf", WD_NODE_NUMBER }, { "-.INF", WD_NODE_NUMBER }, { ".NaN", WD_NODE_NUMBER }, { "2024-01-01", WD_NODE_STRING },
    { "'1'", WD_NODE_STRING }, { "\"true\"", WD_NODE_STRING }, { "!!str 1", WD_NODE_STRING }, { "! 1", WD_NODE_STRING },
    { "!!int \"7\"", WD_NODE_INTEGER }, { "!custom 1", WD_NODE_STRING },
};

static void test_core_schema(void **state)
{
    (void)state;
    struct fixture f = open_fixture();
    for (size_t i = 0; i < WD_COUNT(scalars); i++) {
        char text[64];
        snprintf(text, sizeof text, strcmp(scalars[i].text, "-") ? "a: %s\n" : "a: {b: %s}\n", scalars[i].text);
        if (strcmp(scalars[i].text, "-") == 0)
            continue;   /* a lone dash is no plain scalar */
        must_parse(&f, text);
        if (at(&f, "a")->kind != scalars[i].kind)
            fail_msg("%s is %s", scalars[i].text, wd_node_kind_name(at(&f, "a")));
    }
    wd_arena_close(f.arena);
}

static void test_merge_lends_members(void **state)
{
    (void)state;
    struct fixture f = open_fixture();
    must_parse(&f, "x: &x {a: 1, b: 2}\ny: &y {b: 3, c: 4}\nm:\n  <<: [*x, *y]\n  a: 0\nq:\n  \"<<\": 5\nz: &z\n  <<: *x\n  d: 9\nn: {<<: *z}\nt: {<<: [*x, *x]}\n");
    assert_true(wd_bytes_is(at(&f, "m/a")->text, "0"));
    assert_true(wd_bytes_is(at(&f, "m/b")->text, "2"));
    assert_true(wd_bytes_is(at(&f, "m/c")->text, "4"));
    assert_true(wd_bytes_is(at(&f, "n/b")->text, "2"));
    assert_true(wd_bytes_is(at(&f, "q/<<")->text, "5"));
    const struct wd_node *const *members = NULL;
    assert_int_equal(wd_node_members(at(&f, "m"), f.arena, &members), 3);
    assert_true(wd_bytes_is(members[0]->key, "a") && wd_bytes_is(members[0]->text, "0"));
    assert_true(wd_bytes_is(members[1]->key, "b") && wd_bytes_is(members[2]->key, "c"));
    assert_int_equal(wd_node_members(at(&f, "n"), f.arena, &members), 3);
    assert_int_equal(wd_node_members(at(&f, "t"), f.arena, &members), 2);
    wd_arena_close(f.arena);
}

static const struct { const char *text, *canonical; } canonicals[] = {
    { "{\"b\": 1.0, \"a\": [1e0, -0, 100, 1e2, 0.5, 5e-1, 1e400, -12.50]}",
      "{\"a\":[1,0,100,100,0.5,0.5,1e+400,-12.5],\"b\":1}" },
    { "\"\\u0041\\/\\u0001\\u00e9\"", "\"A/\\u0001\xc3\xa9\"" },
    { "a: 0x1f\nb: 0o17\nc: .INF\nd: 010\ne: 'x'\n", "{\"a\":31,\"b\":15,\"c\":\".inf\",\"d\":10,\"e\":\"x\"}" },
    { "k: &k {z: 1, y: [a, ~]}\nj: *k\n", "{\"j\":{\"y\":[\"a\",null],\"z\":1},\"k\":{\"y\":[\"a\",null],\"z\":1}}" },
    { "k: &k {z: 1}\nj: {<<: *k, a: 2}\n", "{\"j\":{\"a\":2,\"z\":1},\"k\":{\"z\":1}}" },
    { "123456789012345678901234567890", "1.2345678901234567890123456789e+29" },
    { "[04e1111111111111111111, 1.E1111111111111111111, -0e1111111111111111111, -04e1]",
      "[\"04e1111111111111111111\",\"1.e1111111111111111111\",0,-40]" },
};

static void test_canonical(void **state)
{
    (void)state;
    struct fixture f = open_fixture();
    for (size_t i = 0; i < WD_COUNT(canonicals); i++) {
        must_parse(&f, canonicals[i].text);
        struct wd_bytes text = wd_node_canonical(f.document->root, f.arena);
        assert_string_equal((const char *)text.at, canonicals[i].canonical);
    }
    wd_arena_close(f.arena);
}

static const struct { const char *text, *message; } bad[] = {
    { "{\"a\":1,}", "x.json:1:8: expected a key in double quotes, found '}'; remove the comma before it" },
    { "[1,]", "x.json:1:4: expected a value, found ']'; remove the comma before it" },
    { "[1 2]", "x.json:1:4: expected ',' or ']', found '2'; separate the entries with a comma" },
    { "{\"a\"", "x.json:1:5: expected ':' after the key, found the end of the file; the file is cut short or a bracket is open" },
    { "[01]", "x.json:1:3: expected the end of the number after 0, found '1'; numbers look like -12.5e3" },
    { "[1.]", "x.json:1:4: expected a digit after '.', found ']'; numbers look like -12.5e3" },
    { "[\"\\ud800\"]", "x.json:1:3: half of a surrogate pair; write both halves, or the character itself" },
    { "[\"\\x\"]", "x.json:1:4: expected an escape (\\\" \\\\ \\/ \\b \\f \\n \\r \\t \\uXXXX), found 'x'; double the backslash if it is meant literally" },
    { "[\"a\nb\"]", "x.json:1:4: expected a character or '\"', found '\\n'; write line breaks as \\n and tabs as \\t" },
    { "[\"a", "x.json:1:2: a string without an end; close it with '\"'" },
    { "[] x", "x.json:1:4: expected the end of the file, found 'x'; one file holds one value" },
    { "{\"a\":1,\n \"b\":2, \"a\":2}", "x.json:2:9: 'a' is already a key of this map, on line 1; keep one of them" },
    { "a: 1\nb: 2\nb: 2\na: 3\n", "x.yaml:3:1: 'b' is already a key of this map, on line 2; keep one of them" },
    { "a: b: c\n", "x.yaml:1:5: mapping values are not allowed in this context; quote the text if its ':' is meant literally, or start the key on a line of its own" },
    { "a:\n\tb: 1\n", "x.yaml:2:1: found character that cannot start any token; indent with spaces, and quote text that starts with '%', '@' or '`'" },
    { "abc: &abc 1\nb: *abd\n", "x.yaml:2:4: '*abd' names no anchor above it; did you mean '*abc'?" },
    { "a: &q [*q]\n", "x.yaml:1:8: '*q' stands inside the value that it names; write the value out" },
    { "? [a]\n: b\n", "x.yaml:1:3: a key is a string or a number, found a list; write the key as text" },
    { "a: 1\n---\nb: 2\n", "x.yaml:2:1: a second document starts here; put each into a file of its own" },
    { "<<: 3\n", "x.yaml:1:5: '<<' merges a map or a list of maps, found an integer; quote the key if it is meant literally" },
    { "a: \xff\n", "x.yaml:1:4: not UTF-8; save the file as UTF-8" },
    { "a: \x01\n", "x.yaml:1:4: control characters are not allowed; remove the character, or write it as an escape in double quotes" },
};

static void test_bad_input_is_one_line_with_a_place(void **state)
{
    (void)state;
    struct fixture f = open_fixture();
    for (size_t i = 0; i < WD_COUNT(bad); i++) {
        bool is_json = strncmp(bad[i].message, "x.json", 6) == 0;
        assert_int_equal(parse_as(&f, is_json ? "x.json" : "x.yaml", bad[i].text), WD_EPARSE);
        assert_string_equal(f.err.text, bad[i].message);
    }
    wd_arena_close(f.arena);
}

static void test_limits(void **state)
{
    (void)state;
    struct fixture f = open_fixture();
    f.limits.yaml_depth = 3;
    must_parse(&f, "[[[1]]]");
    assert_int_equal(parse(&f, "[[[[1]]]]"), WD_EPARSE);
    assert_string_equal(f.err.text, "x.yaml:1:4: nested deeper than 3 levels; raise it with --limit yaml-depth=...");
    assert_int_equal(parse(&f, "a: &a [[1]]\nb: [[*a]]\n"), WD_EPARSE);
    f.limits = wd_limits_default();
    f.limits.yaml_nodes = 10;
    must_parse(&f, "[1,2,3,4,5,6,7,8,9]");
    assert_int_equal(parse(&f, "[1,2,3,4,5,6,7,8,9,10]"), WD_EPARSE);
    assert_int_equal(parse(&f, "a: &a [1,2,3]\nb: *a\nc: *a\n"), WD_EPARSE);
    assert_string_equal(f.err.text, "x.yaml:3:4: more than 10 values once aliases are followed; raise it with --limit yaml-nodes=...");
    f.limits = wd_limits_default();
    f.limits.yaml_aliases = 1;
    assert_int_equal(parse(&f, "a: &a 1\nb: *a\nc: *a\n"), WD_EPARSE);
    f.limits.document = 3;
    assert_int_equal(parse(&f, "a: 1"), WD_EPARSE);
    wd_arena_close(f.arena);
}

static void test_typed_reads(void **state)
{
    (void)state;
    struct fixture f = open_fixture();
    must_parse(&f, "s: text\nn: 0.05\ni: 12\nb: true\nneg: -1\nyes: yes\n");
    struct wd_bytes text;
    uint64_t whole;
    double number;
    bool truth;
    assert_int_equal(wd_node_string(f.document, at(&f, "s"), &text, &f.err), WD_OK);
    assert_int_equal(wd_node_uint(f.document, at(&f, "i"), &whole, &f.err), WD_OK);
    assert_int_equal(whole, 12);
    assert_int_equal(wd_node_number(f.document, at(&f, "n"), &number, &f.err), WD_OK);
    assert_true(number > 0.0499 && number < 0.0501);
    assert_int_equal(wd_node_boolean(f.document, at(&f, "b"), &truth, &f.err), WD_OK);
    assert_true(truth);
    assert_int_equal(wd_node_boolean(f.document, at(&f, "yes"), &truth, &f.err), WD_EPARSE);
    assert_string_equal(f.err.text, "x.yaml:6:6: 'yes' needs true or false, found a string; 'yes' and 'on' are text here");
    f.err.code = 0;
    assert_int_equal(wd_node_uint(f.document, at(&f, "neg"), &whole, &f.err), WD_EPARSE);
    f.err.code = 0;
    assert_int_equal(wd_node_string(f.document, at(&f, "i"), &text, &f.err), WD_EPARSE);
    static const char *const known[] = { "s", "n", "i", "b", "nag", "yes", NULL };
    f.err.code = 0;
    assert_int_equal(wd_node_known(f.document, f.document->root, known, &f.err), WD_EPARSE);
    assert_string_equal(f.err.text, "x.yaml:5:1: 'neg' is not known here; did you mean 'nag'?");
    wd_arena_close(f.arena);
}

static void test_large_maps_are_indexed(void **state)
{
    (void)state;
    struct fixture f = open_fixture();
    struct wd_buf text = { 0 };
    for (int i = 0; i < 500; i++)
        wd_buf_printf(&text, "k%d: %d\n", (i * 37) % 500, i);
    must_parse(&f, wd_buf_cstr(&text));
    for (int i = 0; i < 500; i++) {
        char key[16], value[16];
        snprintf(key, sizeof key, "k%d", (i * 37) % 500);
        snprintf(value, sizeof value, "%d", i);
        assert_true(wd_bytes_is(at(&f, key)->text, value));
    }
    assert_null(at(&f, "k500"));
    wd_buf_free(&text);
    wd_arena_close(f.arena);
}

/* The flow style begins like JSON: the name tells, and JSON that is called YAML stays JSON. */
static void test_flow_style_is_no_json(void **state)
{
    (void)state;
    static const struct { const char *name, *text; bool reads, is_json; } rows[] = {
        { "x.yaml", "{a: 1, 'b': [x, y]}\n", true, false },
        { "dir.json/x.YML", "# why\n{a: 1}\n", true, false },
        { "x.yml", "[a, b]\n", true, false },
        { "x.yaml", "{\"a\": \"\\ud83d\\ude00\"}", true, true },
        { "x.json", "{a: 1}", false, true },
        { "-", "{a: 1}", false, true },
        { "yaml", "{a: 1}", false, true },
        { "x.yaml", "{a: 1", false, false },
    };
    for (size_t i = 0; i < WD_COUNT(rows); i++) {
        struct fixture f = open_fixture();
        bool reads = parse_as(&f, rows[i].name, rows[i].text) >= 0;
        if (reads != rows[i].reads || (reads && f.document->is_json != rows[i].is_json) ||
            (!reads && rows[i].is_json != !!strstr(f.err.text, "double quotes")))
            fail_msg("%s: %s: %s", rows[i].name, rows[i].text, f.err.text);
        wd_arena_close(f.arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_yaml_spans_are_slices_of_the_text),
        cmocka_unit_test(test_carriage_returns_and_byte_order_mark),
        cmocka_unit_test(test_json_spans),
        cmocka_unit_test(test_flow_style_is_no_json),
        cmocka_unit_test(test_core_schema),
        cmocka_unit_test(test_merge_lends_members),
        cmocka_unit_test(test_canonical),
        cmocka_unit_test(test_bad_input_is_one_line_with_a_place),
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_typed_reads),
        cmocka_unit_test(test_large_maps_are_indexed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
