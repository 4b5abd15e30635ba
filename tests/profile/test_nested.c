/* Documents inside strings: what they waste is what the payload shrinks by without the nesting, and their members are the
 * rows that it then has. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include <jansson.h>
#include <stdlib.h>

#include "profile/merge.h"
#include "watch.h"
#include "tests/dice.h"

/* --- what jansson writes --- */

static json_t *random_document(int depth)
{
    static const char *const names[] = { "page", "n", "a b", "it\"s", "tags", "\xc3\xa9t\xc3\xa9", "user" };
    json_t *object = json_object();
    for (unsigned i = dice(5) + (depth == 0); i; i--) {
        const char *name = names[dice(WD_COUNT(names))];
        switch (dice(depth > 2 ? 3 : 5)) {
        case 0: json_object_set_new(object, name, json_integer(dice(100000))); break;
        case 1: json_object_set_new(object, name, json_string("quoted \"words\"\n\\")); break;
        case 2: json_object_set_new(object, name, json_null()); break;
        case 3: json_object_set_new(object, name, random_document(depth + 1)); break;
        default: json_object_set_new(object, name, json_pack("[i, o]", dice(9), random_document(depth + 1)));
        }
    }
    return object;
}

static char *written(json_t *document)
{
    char *text = json_dumps(document, JSON_COMPACT);
    json_decref(document);
    return text;
}

static void say_json(struct line *line, json_t *message)
{
    char *text = written(message);
    say(line, text);
    free(text);
}

static uint64_t tree_bytes(const struct wd_type_profile *t, struct wd_bytes member)
{
    uint64_t sum = 0;
    for (size_t r = 0; r < t->row_count; r++) {
        struct wd_bytes path = t->rows[r].path;
        size_t n = 2 + member.len;
        bool is_below = path.len >= n && memcmp(path.at, "m.", 2) == 0 && memcmp(path.at + 2, member.at, member.len) == 0 &&
                        (path.len == n || path.at[n] == '.' || path.at[n] == '[');
        sum += is_below ? wd_row_bytes(&t->rows[r]) : 0;
    }
    return sum;
}

/* The same documents in strings and as objects. */
static void test_waste_is_what_the_payload_shrinks_by(void **state)
{
    (void)state;
    struct watch nested, plain;
    struct line a, b;
    watch_init(&nested);
    watch_init(&plain);
    watch_start(&nested);
    watch_start(&plain);
    line_open(&a, &nested, WD_TRANSPORT_WEBSOCKET, "/live");
    line_open(&b, &plain, WD_TRANSPORT_WEBSOCKET, "/live");
    for (int i = 0; i < 60; i++) {
        json_t *document = random_document(0);
        json_object_set_new(document, "n", json_integer(1000 + i));   /* no two are the same */
        char *text = json_dumps(document, JSON_COMPACT);
        say_json(&a, json_pack("{s:s}", "m", text));
        say_json(&b, json_pack("{s:o}", "m", document));
        free(text);
    }
    line_close(&a);
    line_close(&b);
    struct wd_profile *p = watch_end(&nested), *q = watch_end(&plain);
    const struct wd_nested *n = row_of(type_of(p, "message"), "m")->nested;
    assert_non_null(n);
    assert_string_equal(n->codec, "json");
    assert_int_equal(n->values, 60);
    assert_int_equal(n->base64, 0);
    assert_int_equal(n->bytes, row_of(type_of(p, "message"), "m")->value_bytes);
    assert_int_equal(n->waste_bytes, p->payload_bytes - q->payload_bytes);
    for (size_t i = 0; i < n->member_count; i++)
        assert_int_equal(n->members[i].bytes, tree_bytes(type_of(q, "message"), wd_nested_path(&n->members[i])));
    wd_profile_free(p);
    wd_profile_free(q);
}

/* --- single values --- */

static struct watch watch;
static struct line line;

static const struct wd_nested *after(struct wd_profile **p)
{
    line_close(&line);
    *p = watch_end(&watch);
    return row_of(type_of(*p, "message"), "m")->nested;
}

static int begin(void **state)
{
    (void)state;
    watch_init(&watch);
    watch_start(&watch);
    line_open(&line, &watch, WD_TRANSPORT_WEBSOCKET, "/live");
    return 0;
}

static void test_base64(void **state)
{
    (void)state;
    struct wd_profile *p;
    say(&line, "{\"m\":\"eyJwYWdlIjoiaG9tZSIsIm4iOjF9\"}");   /* {"page":"home","n":1} */
    const struct wd_nested *n = after(&p);
    assert_int_equal(n->base64, 1);
    assert_int_equal(n->bytes, 30);
    assert_int_equal(n->waste_bytes, 30 - 21);
    assert_int_equal(n->member_count, 2);
    assert_bytes(wd_nested_path(&n->members[1]), "page");
    wd_profile_free(p);
}

/* A MessagePack map of three members, as base64. */
static void test_base64_of_binary(void **state)
{
    (void)state;
    struct wd_profile *p;
    say(&line, "{\"m\":\"g6RwYWdlpGhvbWWibjHNCOaib2vD\"}");   /* {"page":"home","n1":2278,"ok":true} */
    const struct wd_nested *n = after(&p);
    assert_string_equal(n->codec, "msgpack");
    assert_int_equal(n->waste_bytes, 30 - 21);
    assert_int_equal(n->member_count, 3);
    wd_profile_free(p);
}

/* A string of MessagePack has no quotes to escape: only base64 wastes there. */
static void test_in_binary(void **state)
{
    (void)state;
    struct wd_profile *p;
    say(&line, "\x82\xa1m\xb5{\"page\":\"home\",\"n\":1}\xa3two\xa3txt");
    const struct wd_nested *n = after(&p);
    assert_string_equal(type_of(p, "message")->codec, "msgpack");
    assert_int_equal(n->bytes, 21);
    assert_int_equal(n->waste_bytes, 0);
    assert_int_equal(n->member_count, 2);
    wd_profile_free(p);
    begin(NULL);
    say(&line, "\x82\xa1m\xbc" "eyJwYWdlIjoiaG9tZSIsIm4iOjF9\xa3two\xa3txt");
    n = after(&p);
    assert_int_equal(n->bytes, 28);
    assert_int_equal(n->waste_bytes, 28 - 21);
    wd_profile_free(p);
}

static void test_no_document(void **state)
{
    (void)state;
    struct wd_profile *p;
    static const char *const values[] = { "\"[not json]\"", "\"{\\\"a\\\":}\"", "\"12\"", "\"true\"", "\"dGhpcyBpcyBvbmx5IHRleHQh\"",
                                          "\"q83vEjRWeJq83vASNFZ4kKvN7w==\"", "7", "{\"a\":1}" };
    for (size_t i = 0; i < WD_COUNT(values); i++)
        say_printf(&line, "{\"m\":%s}", values[i]);
    assert_null(after(&p));
    wd_profile_free(p);
}

/* Identifiers as keys are values; so are more keys than anyone would name. */
static void test_keys_that_are_values(void **state)
{
    (void)state;
    struct wd_profile *p;
    say(&line, "{\"m\":\"{\\\"1001\\\":1,\\\"1002\\\":2}\"}");
    const struct wd_nested *n = after(&p);
    assert_int_equal(n->member_count, 1);
    assert_bytes(wd_nested_path(&n->members[0]), "{}");
    assert_int_equal(n->members[0].values, 2);
    wd_profile_free(p);
    begin(NULL);
    for (int i = 0; i <= WD_NESTED_MEMBERS; i++)
        say_printf(&line, "{\"m\":\"{\\\"k%c%c\\\":1}\"}", 'a' + i / 26, 'a' + i % 26);
    n = after(&p);
    assert_true(n->is_folded);
    assert_int_equal(n->member_count, 1);
    assert_int_equal(n->members[0].values, WD_NESTED_MEMBERS + 1);
    wd_profile_free(p);
}

/* --- in whatever order and parts --- */

static void add_random(struct wd_nested *n, unsigned names)
{
    n->values++;
    n->bytes += 40;
    n->waste_bytes += dice(20);
    for (unsigned i = dice(4); i; i--) {
        char path[8] = { 'k', (char)('a' + dice(names)), (char)('a' + dice(5)) };
        wd_nested_add_member(n, wd_bytes_of(path), 1, dice(30));
    }
}

static void assert_same(const struct wd_nested *a, const struct wd_nested *b)
{
    assert_string_equal(a->codec, b->codec);
    assert_int_equal(a->values, b->values);
    assert_int_equal(a->waste_bytes, b->waste_bytes);
    assert_int_equal(a->is_folded, b->is_folded);
    assert_int_equal(a->member_count, b->member_count);
    for (size_t i = 0; i < a->member_count; i++) {
        assert_true(wd_bytes_eq(wd_nested_path(&a->members[i]), wd_nested_path(&b->members[i])));
        assert_int_equal(a->members[i].values, b->members[i].values);
        assert_int_equal(a->members[i].bytes, b->members[i].bytes);
    }
}

static void test_order_does_not_matter(void **state)
{
    (void)state;
    enum { PARTS = 6 };
    static const char *const codecs[] = { "json", "json", "msgpack" };
    for (int round = 0; round < 500; round++) {
        struct wd_nested *parts[PARTS], *left = NULL, *right = NULL, *pair = NULL;
        unsigned names = 2 + dice(12);
        for (int i = 0; i < PARTS; i++) {
            parts[i] = wd_nested_open(codecs[dice(3)]);
            for (unsigned n = dice(40); n; n--)
                add_random(parts[i], names);
        }
        for (int i = 0; i < PARTS; i++)
            wd_nested_add(&left, parts[i]);
        for (int i = PARTS - 1; i >= 2; i--)
            wd_nested_add(&right, parts[i]);
        wd_nested_add(&pair, parts[1]);
        wd_nested_add(&pair, parts[0]);
        wd_nested_add(&right, pair);
        assert_same(left, right);
        for (int i = 0; i < PARTS; i++)
            wd_nested_close(parts[i]);
        wd_nested_close(left);
        wd_nested_close(right);
        wd_nested_close(pair);
    }
}

/* One capture against the same split by connection. */
static void test_split_by_connection(void **state)
{
    (void)state;
    struct watch whole, half[2];
    struct line lines[2], alone[2];
    watch_init(&whole);
    watch_start(&whole);
    for (int c = 0; c < 2; c++) {
        watch_init(&half[c]);
        watch_start(&half[c]);
        line_open(&lines[c], &whole, WD_TRANSPORT_WEBSOCKET, "/live");
        line_open(&alone[c], &half[c], WD_TRANSPORT_WEBSOCKET, "/live");
    }
    for (int i = 0; i < 600; i++) {
        int c = (int)dice(2);
        char *text = written(random_document(0)), *body = written(json_pack("{s:s}", "m", text));
        say(&lines[c], body);
        say(&alone[c], body);
        free(text);
        free(body);
    }
    for (int c = 0; c < 2; c++) {
        line_close(&lines[c]);
        line_close(&alone[c]);
    }
    struct wd_profile *p = watch_end(&whole), *parts[] = { watch_end(&half[0]), watch_end(&half[1]) };
    struct wd_buf note = { 0 };
    struct wd_profile *merged = wd_profile_merge(parts, 2, &note);
    assert_same(row_of(type_of(p, "message"), "m")->nested, row_of(type_of(merged, "message"), "m")->nested);
    wd_buf_free(&note);
    wd_profile_free(merged);
    wd_profile_free(parts[0]);
    wd_profile_free(parts[1]);
    wd_profile_free(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_waste_is_what_the_payload_shrinks_by),
        cmocka_unit_test_setup(test_base64, begin),
        cmocka_unit_test_setup(test_base64_of_binary, begin),
        cmocka_unit_test_setup(test_in_binary, begin),
        cmocka_unit_test_setup(test_no_document, begin),
        cmocka_unit_test_setup(test_keys_that_are_values, begin),
        cmocka_unit_test(test_order_does_not_matter),
        cmocka_unit_test(test_split_by_connection),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
