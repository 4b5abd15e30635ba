/* Change, entities, folding and limits: small conversations whose counts were worked out by hand. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>

#include "watch.h"

static struct watch watch;

static int start(void **state)
{
    (void)state;
    watch_init(&watch);
    watch_start(&watch);
    return 0;
}

/* One connection that says these, NULL at the end. */
static struct wd_profile *profile_of(const char *const *bodies)
{
    struct line line;
    start(NULL);
    line_open(&line, &watch, WD_TRANSPORT_WEBSOCKET, "/live");
    for (size_t i = 0; bodies[i]; i++)
        say(&line, bodies[i]);
    line_close(&line);
    return watch_end(&watch);
}

/* --- change --- */

/* present occurrences compared changed toggled changed_beyond repeated_bytes series constant_series */
static void put_counts(struct wd_buf *out, const struct wd_row *r)
{
    const uint64_t counts[] = { r->present, r->occurrences, r->compared, r->changed, r->toggled, r->changed_beyond,
                                r->repeated_bytes, r->series, r->constant_series };
    for (size_t i = 0; i < WD_COUNT(counts); i++)
        wd_buf_printf(out, i ? " %ju" : "%ju", (uintmax_t)counts[i]);
}

static const struct { const char *what, *bodies[8], *path, *counts; } changes[] = {
    { "it stays", { "{\"a\":1}", "{\"a\":1}", "{\"a\":1}" }, "a", "3 3 2 0 0 0 10 1 1" },
    { "it changes once", { "{\"a\":1}", "{\"a\":2}", "{\"a\":2}" }, "a", "3 3 2 1 0 1 5 1 0" },
    { "it changes late", { "{\"a\":1}", "{\"a\":1}", "{\"a\":2}" }, "a", "3 3 2 1 0 1 5 1 0" },
    { "once only", { "{\"a\":1}" }, "a", "1 1 0 0 0 0 0 1 0" },
    { "exactly 5 %", { "{\"a\":100}", "{\"a\":105}" }, "a", "2 2 1 1 0 0 0 1 0" },
    { "more than 5 %", { "{\"a\":-100}", "{\"a\":-105.1}" }, "a", "2 2 1 1 0 1 0 1 0" },
    { "from nothing any step is large", { "{\"a\":0}", "{\"a\":0.001}" }, "a", "2 2 1 1 0 1 0 1 0" },
    { "no numbers, no threshold", { "{\"a\":\"1\"}", "{\"a\":2}", "{\"a\":\"9\"}" }, "a", "3 3 2 2 0 0 0 1 0" },
    { "notation of numbers", { "{\"a\":1}", "{\"a\":1.0}", "{\"a\":1e0}", "{\"a\":10E-1}", "{\"a\":0.1e+1}" }, "a", "5 5 4 0 0 0 33 1 1" },
    { "zero has no sign", { "{\"a\":0}", "{\"a\":-0}", "{\"a\":0.0}", "{\"a\":-0e7}" }, "a", "4 4 3 0 0 0 21 1 1" },
    { "long numbers are exact", { "{\"a\":12345678901234567890123}", "{\"a\":12345678901234567890124}",
      "{\"a\":12345678901234567890124.0}" }, "a", "3 3 2 1 0 0 29 1 0" },
    { "escapes", { "{\"a\":\"\\u0041\\/\"}", "{\"a\":\"A/\"}", "{\"a\":\"A\\u002f\"}" }, "a", "3 3 2 0 0 0 21 1 1" },
    { "escapes in keys", { "{\"a\":1}", "{\"\\u0061\":1}" }, "a", "2 2 1 0 0 0 10 1 1" },
    { "a string is no number", { "{\"a\":\"1\"}", "{\"a\":1}" }, "a", "2 2 1 1 0 0 0 1 0" },
    { "a string is no word", { "{\"a\":\"true\"}", "{\"a\":true}" }, "a", "2 2 1 1 0 0 0 1 0" },
    { "null is a value", { "{\"a\":null}", "{\"a\":1}", "{\"a\":null}" }, "a", "3 3 2 2 0 0 0 1 0" },
    { "absent is none", { "{\"a\":1,\"b\":1}", "{\"b\":1}", "{\"b\":1}", "{\"a\":1,\"b\":1}" }, "a", "2 2 1 0 2 0 5 1 1" },
    { "appears in the first message", { "{\"a\":1,\"b\":1}", "{\"a\":1,\"b\":1}" }, "b", "2 2 1 0 0 0 6 1 1" },
    { "appears in a later one", { "{\"a\":1}", "{\"a\":1,\"b\":1}", "{\"a\":1}", "{\"a\":1}" }, "b", "1 1 0 0 2 0 0 1 0" },
    { "a duplicate key is there once", { "{\"a\":1,\"a\":2}", "{\"a\":1,\"a\":3}" }, "a", "2 4 1 0 0 0 5 1 1" },
    { "a container is not compared", { "{\"a\":{\"x\":1}}", "{\"a\":{\"x\":2}}" }, "a", "2 2 0 0 0 0 0 0 0" },
    { "an empty one is", { "{\"a\":{}}", "{\"a\":{}}", "{\"a\":[]}" }, "a", "3 3 2 1 0 0 6 1 0" },
    { "now container, now leaf", { "{\"a\":1}", "{\"a\":{\"x\":1}}", "{\"a\":1}", "{\"a\":2}" }, "a", "4 4 2 1 0 1 5 1 0" },
    { "an array is a sequence", { "{\"a\":[1,2]}", "{\"a\":[1,2]}", "{\"a\":[2,1]}" }, "a[]", "3 6 2 1 0 0 3 1 0" },
    { "by position", { "{\"a\":[1,2,3]}", "{\"a\":[1,9,3]}" }, "a[]", "2 6 1 1 0 0 3 1 0" },
    { "a longer array", { "{\"a\":[1,2]}", "{\"a\":[1,2,2]}" }, "a[]", "2 5 1 1 0 0 3 1 0" },
    { "a position that was gone in between", { "{\"a\":[1,2]}", "{\"a\":[1]}", "{\"a\":[1,2]}" }, "a[]", "3 5 2 2 0 0 2 1 0" },
    { "a map is a sequence", { "{\"m\":{\"1111\":1,\"2222\":2}}", "{\"m\":{\"1111\":1,\"2222\":3}}" }, "m{}", "2 4 1 1 0 0 8 1 0" },
    { "the root", { "1", "1.0", "2" }, ".", "3 3 2 1 0 1 3 1 0" },
};

static void test_change(void **state)
{
    (void)state;
    for (size_t i = 0; i < WD_COUNT(changes); i++) {
        struct wd_profile *p = profile_of(changes[i].bodies);
        struct wd_buf got = { 0 };
        put_counts(&got, row_of(type_of(p, "message"), changes[i].path));
        if (strcmp(wd_buf_cstr(&got), changes[i].counts) != 0)
            fail_msg("%s: '%s' instead of '%s'", changes[i].what, wd_buf_cstr(&got), changes[i].counts);
        wd_buf_free(&got);
        wd_profile_free(p);
    }
}

static void test_series_are_apart(void **state)
{
    (void)state;
    struct line a, b;
    line_open(&a, &watch, WD_TRANSPORT_WEBSOCKET, "/live");
    line_open(&b, &watch, WD_TRANSPORT_WEBSOCKET, "/live");
    for (int i = 0; i < 3; i++) {
        say(&a, "{\"x\":1}");
        say(&b, "{\"x\":2}");
    }
    line_close(&a);
    line_close(&b);
    line_open(&a, &watch, WD_TRANSPORT_WEBSOCKET, "/live");
    say(&a, "{\"x\":3}");
    ask(&a, "{\"x\":4}");
    line_close(&a);
    struct wd_profile *p = watch_end(&watch);
    assert_int_equal(p->type_count, 2);
    const struct wd_type_profile *t = &p->types[1];
    assert_int_equal(t->direction, WD_S2C);
    const struct wd_row *x = row_of(t, "x");
    assert_int_equal(x->compared, 4);
    assert_int_equal(x->changed, 0);
    assert_int_equal(x->series, 3);
    assert_int_equal(x->constant_series, 2);
    assert_int_equal(x->distinct, 3);
    assert_int_equal(t->connections, 3);
    assert_int_equal(t->compared_messages, 4);
    assert_int_equal(t->repeated_messages, 4);
    wd_profile_free(p);
}

static void test_repeated_messages(void **state)
{
    (void)state;
    static const char *const bodies[] = { "{\"a\":1}", "{\"a\":1}", "{\"a\":1,\"b\":1}", "{\"a\":1}", "{\"a\": 1.0}", "{\"a\":2}",
                                          "{\"a\":{\"b\":2}}", NULL };
    struct wd_profile *p = profile_of(bodies);
    assert_int_equal(p->types[0].compared_messages, 6);
    assert_int_equal(p->types[0].repeated_messages, 2);
    wd_profile_free(p);
}

static void test_hold(void **state)
{
    (void)state;
    struct line line;
    line_open(&line, &watch, WD_TRANSPORT_WEBSOCKET, "/live");
    for (int i = 0; i < 9; i++)
        say(&line, i < 4 ? "{\"x\":1}" : i < 8 ? "{\"x\":2}" : "{\"x\":3}");  /* 4 s, 4 s */
    line_close(&line);
    struct wd_profile *p = watch_end(&watch);
    const struct wd_row *x = row_of(&p->types[0], "x");
    for (int i = 0; i < WD_HOLD_BUCKETS; i++)
        assert_int_equal(x->hold[i], i == 11 ? 2 : 0);  /* 2048 to 4095 ms */
    assert_int_equal(x->hold_ms, 8000);
    assert_int_equal(wd_row_mean_hold_ms(x), 4000);
    wd_profile_free(p);
}

static void test_values_leave_no_trace_but_counts(void **state)
{
    (void)state;
    static const char *const bodies[] = { "{\"m\":\"a@example.com\",\"n\":1.25,\"e\":\"\",\"z\":null}",
                                          "{\"m\":\"b@example.com\",\"n\":1.5,\"e\":\"\",\"z\":null}",
                                          "{\"m\":\"b@example.com\",\"n\":1.5,\"e\":\"\",\"z\":null}", NULL };
    struct wd_profile *p = profile_of(bodies);
    const struct wd_row *m = row_of(&p->types[0], "m");
    assert_int_equal(m->shapes[WD_SHAPE_EMAIL], 2);
    assert_int_equal(m->shape_values, 2);
    assert_int_equal(m->distinct, 2);
    assert_int_equal(row_of(&p->types[0], "n")->digits, 3);
    assert_int_equal(row_of(&p->types[0], "n")->types[WD_TYPE_NUMBER], 3);
    assert_int_equal(row_of(&p->types[0], "e")->empty, 3);
    assert_int_equal(row_of(&p->types[0], "z")->empty, 3);
    wd_profile_free(p);
}

static void test_bytes(void **state)
{
    (void)state;
    static const char *const bodies[] = { " { \"a\" : [ 1 , 22 ] , \"b\":{ } } ", NULL };
    struct wd_profile *p = profile_of(bodies);
    const struct { const char *path; uint64_t key, value, syntax, space; } rows[] = {
        { ".", 0, 0, 2, 3 }, { "a", 3, 0, 3, 4 }, { "a[]", 0, 3, 1, 3 }, { "b", 3, 0, 4, 3 },
    };
    for (size_t i = 0; i < WD_COUNT(rows); i++) {
        const struct wd_row *r = row_of(&p->types[0], rows[i].path);
        if (r->key_bytes != rows[i].key || r->value_bytes != rows[i].value || r->syntax_bytes != rows[i].syntax ||
            r->space_bytes != rows[i].space)
            fail_msg("%s: %ju %ju %ju %ju", rows[i].path, (uintmax_t)r->key_bytes, (uintmax_t)r->value_bytes,
                     (uintmax_t)r->syntax_bytes, (uintmax_t)r->space_bytes);
    }
    wd_profile_free(p);
}

/* --- equal fields --- */

static const struct { const char *what, *bodies[8], *path, *equals; } equalities[] = {
    { "always", { "{\"a\":1,\"b\":1}", "{\"a\":2,\"b\":2.0}" }, "a", "b" },
    { "not once", { "{\"a\":1,\"b\":1}", "{\"a\":2,\"b\":3}" }, "a", "" },
    { "the one that is always there is no copy", { "{\"a\":1}", "{\"a\":2,\"b\":2}" }, "a", "" },
    { "the one that is seldom there is", { "{\"a\":1}", "{\"a\":2,\"b\":2}", "{\"a\":3}" }, "b", "a" },
    { "absent when the other is there", { "{\"a\":1,\"b\":1}", "{\"b\":2}" }, "b", "" },
    { "three", { "{\"c\":\"x\",\"b\":\"x\",\"a\":\"x\"}", "{\"c\":\"y\",\"b\":\"y\",\"a\":\"y\"}" }, "b", "a c" },
    { "booleans and empties are no copies", { "{\"a\":true,\"b\":true,\"c\":\"\",\"d\":\"\"}" }, "a", "" },
};

static void test_equal(void **state)
{
    (void)state;
    for (size_t i = 0; i < WD_COUNT(equalities); i++) {
        struct wd_profile *p = profile_of(equalities[i].bodies);
        assert_equals(row_of(&p->types[0], equalities[i].path), equalities[i].equals);
        wd_profile_free(p);
    }
}

/* Pairs of rows that a shorter series has no slots for. */
static void test_equal_beyond_the_series(void **state)
{
    (void)state;
    struct line a, b;
    struct wd_buf wide = { 0 };
    line_open(&a, &watch, WD_TRANSPORT_SSE, "/live");
    line_open(&b, &watch, WD_TRANSPORT_SSE, "/live");
    say(&a, "{\"x\":1}");
    for (int i = 0; i < 40; i++)
        wd_buf_printf(&wide, "%c\"k%c\":%d", i ? ',' : '{', 'A' + i, i / 2 + 5);
    wd_buf_byte(&wide, '}');
    say(&b, wd_buf_cstr(&wide));
    say(&a, "{\"x\":1}");
    line_close(&a);
    line_close(&b);
    struct wd_profile *p = watch_end(&watch);
    assert_equals(row_of(&p->types[0], "kC"), "kD");
    wd_buf_free(&wide);
    wd_profile_free(p);
}

/* --- entities --- */

/* Four rooms in turn, each constant: every message differs from the one before, none from its entity's last one. */
static struct wd_profile *rooms(int messages, int values)
{
    struct line line;
    line_open(&line, &watch, WD_TRANSPORT_WEBSOCKET, "/live");
    for (int i = 0; i < messages; i++)
        say_printf(&line, "{\"room_id\":%d,\"x\":%d}", i % 4, values > 0 ? i % 4 % values : i);
    line_close(&line);
    return watch_end(&watch);
}

static void test_entity_is_discovered(void **state)
{
    (void)state;
    struct wd_profile *p = rooms(40, 4);
    assert_bytes(p->types[0].entity, "room_id");
    const struct wd_row *x = row_of(&p->types[0], "x");
    assert_int_equal(x->compared, 39);
    assert_int_equal(x->changed, 39);
    assert_int_equal(x->entity_compared, 36);  /* from each room's second message on */
    assert_int_equal(x->entity_changed, 0);
    assert_true(row_of(&p->types[0], "room_id")->is_entity_key);
    wd_profile_free(p);
}

static void test_entity_is_decided_after_1000(void **state)
{
    (void)state;
    struct wd_profile *p = rooms(1500, 4);
    assert_int_equal(row_of(&p->types[0], "x")->entity_compared, 1496);
    wd_profile_free(p);
}

/* Values that repeat anyway gain nothing by a key; nor does a key that is different in each message. */
static void test_entity_without_gain(void **state)
{
    (void)state;
    struct line line;
    line_open(&line, &watch, WD_TRANSPORT_WEBSOCKET, "/live");
    for (int i = 0; i < 60; i++)
        say_printf(&line, "{\"id\":%d,\"x\":%d,\"y\":1,\"z\":1}", i, 5);
    line_close(&line);
    struct wd_profile *p = watch_end(&watch);
    assert_bytes(p->types[0].entity, "");
    assert_int_equal(row_of(&p->types[0], "x")->entity_compared, 0);
    wd_profile_free(p);
}

/* The gain is a share of all comparisons of the type: 20 % or more. */
static void test_entity_gain_is_20_percent(void **state)
{
    (void)state;
    for (int constants = 7; constants <= 9; constants++) {
        struct line line;
        start(NULL);
        line_open(&line, &watch, WD_TRANSPORT_WEBSOCKET, "/live");
        for (int i = 0; i < 900; i++) {
            char body[300];
            int n = snprintf(body, sizeof body, "{\"id\":%d,\"x\":%d", i % 2, i % 2 * 7);
            for (int c = 0; c < constants; c++)  /* two rows gain of 2 + constants; the first message of each entity is lost */
                n += snprintf(body + n, sizeof body - (size_t)n, ",\"c%d\":0", c);
            strcpy(body + n, "}");
            say(&line, body);
        }
        line_close(&line);
        struct wd_profile *p = watch_end(&watch);
        assert_bytes(p->types[0].entity, constants == 7 ? "id" : "");
        wd_profile_free(p);
    }
}

static void test_entity_is_configured(void **state)
{
    (void)state;
    const struct wd_config_entity keys[] = { { wd_bytes_of("message"), wd_bytes_of("who.n") } };
    struct line line;
    watch_init(&watch);
    watch.config.entities = keys;
    watch.config.entity_count = 1;
    watch_start(&watch);
    line_open(&line, &watch, WD_TRANSPORT_WEBSOCKET, "/live");
    for (int i = 0; i < 10; i++)
        say_printf(&line, "{\"id\":1,\"who\":{\"n\":%d},\"x\":%d}", i % 2, i);
    line_close(&line);
    struct wd_profile *p = watch_end(&watch);
    assert_bytes(p->types[0].entity, "who.n");
    assert_int_equal(row_of(&p->types[0], "x")->entity_compared, 8);
    assert_int_equal(row_of(&p->types[0], "x")->entity_changed, 8);
    assert_int_equal(row_of(&p->types[0], "who.n")->entity_changed, 0);
    wd_profile_free(p);
}

/* What is broadcast to many is not compared with its own copies. */
static void test_entity_lives_in_a_series(void **state)
{
    (void)state;
    struct line lines[2];
    for (int i = 0; i < 2; i++)
        line_open(&lines[i], &watch, WD_TRANSPORT_WEBSOCKET, "/live");
    for (int i = 0; i < 20; i++)
        for (int k = 0; k < 2; k++)
            say_printf(&lines[k], "{\"symbol\":\"s%d\",\"x\":\"v%d\"}", i % 2, i % 2);
    for (int i = 0; i < 2; i++)
        line_close(&lines[i]);
    struct wd_profile *p = watch_end(&watch);
    assert_bytes(p->types[0].entity, "symbol");
    assert_int_equal(row_of(&p->types[0], "x")->entity_compared, 36);
    wd_profile_free(p);
}

/* 0 entities, fewer than there are, fewer values than an entity needs: forgotten, never wrong, never a crash. */
static void test_entity_limits(void **state)
{
    (void)state;
    for (uint64_t entities = 0; entities < 6; entities++) {
        for (uint64_t values = 4; values < 40; values += 7) {
            watch_init(&watch);
            watch.config.limits.entities = entities;
            watch.config.limits.series_fields = values;
            watch_start(&watch);
            struct wd_profile *p = rooms(300, 4);
            const struct wd_row *x = row_of(&p->types[0], "x");
            assert_true(x->entity_compared <= 296 && x->entity_changed == 0);
            assert_true(entities >= 4 && values >= 32 ? x->entity_compared == 296 : entities > 0 || x->entity_compared == 0);
            wd_profile_free(p);
        }
    }
}

/* --- folding --- */

static void put_key(char *out, int i)
{
    sprintf(out, "k%c%c", 'a' + i / 26, 'a' + i % 26);
}

/* One message for each key, or `per` keys in each. */
static struct wd_profile *many_keys(int keys, int per)
{
    struct line line;
    struct wd_buf body = { 0 };
    line_open(&line, &watch, WD_TRANSPORT_SSE, "/live");
    for (int i = 0; i < keys; i += per) {
        wd_buf_reset(&body);
        wd_buf_puts(&body, "{\"m\":{");
        for (int k = i; k < i + per && k < keys; k++) {
            char key[8];
            put_key(key, k);
            wd_buf_printf(&body, "%s\"%s\":{\"bid\":%d,\"l\":[1]}", k == i ? "" : ",", key, k);
        }
        wd_buf_puts(&body, "}}");
        say(&line, wd_buf_cstr(&body));
    }
    line_close(&line);
    wd_buf_free(&body);
    return watch_end(&watch);
}

static void test_folding(void **state)
{
    (void)state;
    static const int pers[] = { 1, 7, 255, 256, 257, 300 };
    for (size_t i = 0; i < WD_COUNT(pers); i++) {
        start(NULL);
        struct wd_profile *p = many_keys(300, pers[i]);
        const struct wd_type_profile *t = &p->types[0];
        const struct wd_row *bid = row_of(t, "m{}.bid");
        assert_int_equal(t->row_count, 6);  /* . m m{} m{}.bid m{}.l m{}.l[] */
        assert_int_equal(bid->occurrences, 300);
        assert_int_equal(bid->types[WD_TYPE_INTEGER], 300);
        assert_int_equal(row_of(t, "m{}.l[]")->occurrences, 300);
        assert_true(bid->is_folded && row_of(t, "m{}")->is_folded);
        assert_true(bid->present <= t->count && bid->compared <= bid->present && bid->changed <= bid->compared);
        assert_true(pers[i] > 1 || bid->present == 300);
        assert_in_range(bid->distinct, 280, 320);
        wd_profile_free(p);
    }
}

static void test_no_folding_at_256(void **state)
{
    (void)state;
    struct wd_profile *p = many_keys(256, 100);
    assert_int_equal(p->types[0].row_count, 2 + 4 * 256);
    assert_false(has_row(&p->types[0], "m{}"));
    wd_profile_free(p);
}

/* Keys of a map that are themselves maps fold while they are moved: no path is left behind. */
static void test_folding_inside_folding(void **state)
{
    (void)state;
    struct line line;
    watch_init(&watch);
    watch.config.limits.map_keys = 4;
    watch_start(&watch);
    line_open(&line, &watch, WD_TRANSPORT_SSE, "/live");
    for (int i = 0; i < 40; i++) {
        char body[100], a[8], b[8];
        put_key(a, i / 4);
        put_key(b, i);
        snprintf(body, sizeof body, "{\"m\":{\"%s\":{\"%s\":{\"x\":1}}}}", a, b);
        say(&line, body);
    }
    line_close(&line);
    struct wd_profile *p = watch_end(&watch);
    assert_int_equal(p->types[0].row_count, 5);
    assert_int_equal(row_of(&p->types[0], "m{}{}.x")->occurrences, 40);
    wd_profile_free(p);
}

/* A row that equals another is not said to equal one that was folded away. */
static void test_folding_and_equality(void **state)
{
    (void)state;
    struct line line;
    line_open(&line, &watch, WD_TRANSPORT_SSE, "/live");
    for (int i = 0; i < 258; i++) {
        char body[100], key[8];
        put_key(key, i);
        snprintf(body, sizeof body, "{\"a\":%d,\"m\":{\"%s\":%d}}", i, key, i);
        say(&line, body);
    }
    line_close(&line);
    struct wd_profile *p = watch_end(&watch);
    for (size_t r = 0; r < p->types[0].row_count; r++)
        for (size_t e = 0; e < p->types[0].rows[r].equals_count; e++)
            assert_bytes(p->types[0].rows[r].equals[e], "a");
    wd_profile_free(p);
}

static void test_identifiers_fold_at_once(void **state)
{
    (void)state;
    static const char *const bodies[] = {
        "{\"1234\":1,\"deadbeef01\":2,\"550e8400-e29b-41d4-a716-446655440000\":3,\"a@example.com\":4,\"+4930123456\":5,"
        "\"10.0.0.1\":6,\"plain\":7}", NULL };
    struct wd_profile *p = profile_of(bodies);
    assert_int_equal(p->types[0].row_count, 3);
    assert_int_equal(row_of(&p->types[0], "{}")->occurrences, 6);
    assert_int_equal(row_of(&p->types[0], "{}")->present, 1);
    assert_false(row_of(&p->types[0], "{}")->is_folded);
    wd_profile_free(p);
}

/* HTTP bodies of a channel that somebody declared are messages, polled or not. */
static void test_declared_channels(void **state)
{
    (void)state;
    const struct wd_config_message rules[] = { { .channel = wd_bytes_of("/api/{id}") }, { .channel = wd_bytes_of("health") } };
    const struct wd_schema_message declared[] = { { .channel = wd_bytes_of("/state") }, { .name = wd_bytes_of("anywhere") } };
    watch_init(&watch);
    watch.config.messages = rules;
    watch.config.message_count = WD_COUNT(rules);
    watch.schema = (struct wd_schema){ .messages = (struct wd_schema_message *)declared, .message_count = WD_COUNT(declared) };
    watch.has_schema = true;
    watch_start(&watch);
    static const struct { const char *path; bool is_wanted; } paths[] = {
        { "/api/7", true }, { "/api/7/x", false }, { "/api", false }, { "/health", true }, { "/state", true }, { "/", false }, { "", false },
    };
    for (size_t i = 0; i < WD_COUNT(paths); i++)
        if (watch.sink.wants(watch.sink.ctx, wd_bytes_of(paths[i].path)) != paths[i].is_wanted)
            fail_msg("%s", paths[i].path);
    wd_profile_free(watch_end(&watch));
}

static void test_declared_maps(void **state)
{
    (void)state;
    const struct wd_config_map maps[] = { { wd_bytes_of("message"), wd_bytes_of("rates") },
                                          { wd_bytes_of("message"), wd_bytes_of("\"o\\u0064d\\\"key\".x") } };
    const struct wd_schema_field fields[] = { { .path = wd_bytes_of("users{}"), .is_map = true } };
    const struct wd_schema_message declared[] = { { .channel = wd_bytes_of("/live"), .fields = fields, .field_count = 1 } };
    struct line line;
    watch_init(&watch);
    watch.config.maps = maps;
    watch.config.map_count = 2;
    watch.schema = (struct wd_schema){ .messages = (struct wd_schema_message *)declared, .message_count = 1 };
    watch.has_schema = true;
    watch_start(&watch);
    line_open(&line, &watch, WD_TRANSPORT_WEBSOCKET, "/live");
    say(&line, "{\"rates\":{\"EUR\":1,\"USD\":2},\"users\":{\"bo\":1,\"al\":2},\"odd\\\"key\":{\"x\":{\"p\":1,\"q\":2}}}");
    line_close(&line);
    struct wd_profile *p = watch_end(&watch);
    assert_int_equal(row_of(&p->types[0], "rates{}")->occurrences, 2);
    assert_int_equal(row_of(&p->types[0], "users{}")->occurrences, 2);
    assert_int_equal(row_of(&p->types[0], "\"odd\\\"key\".x{}")->occurrences, 2);
    wd_profile_free(p);
}

/* --- limits --- */

static void test_fields_limit(void **state)
{
    (void)state;
    struct line line;
    watch_init(&watch);
    watch.config.limits.fields = 4;
    watch_start(&watch);
    line_open(&line, &watch, WD_TRANSPORT_SSE, "/live");
    for (int i = 0; i < 3; i++)
        say_event(&line, "a", "{\"a\":1,\"b\":2,\"c\":3,\"d\":[4,{\"e\":5}],\"f\":6,\"f\":7}");
    say_event(&line, "b", "{\"x\":1,\"y\":2,\"z\":3}");  /* the limit is for each type */
    line_close(&line);
    struct wd_profile *p = watch_end(&watch);
    const struct wd_type_profile *a = type_of(p, "a");
    assert_int_equal(a->row_count, 5);
    assert_int_equal(row_of(a, "(other)")->occurrences, 18);
    assert_int_equal(row_of(a, "(other)")->present, 3);
    assert_int_equal(a->other_fields, 4);  /* d d[] d[].e f */
    assert_null(row_of(a, "(other)")->sketch);
    assert_false(has_row(type_of(p, "b"), "(other)"));
    wd_profile_free(p);
}

static void test_fields_total_limit(void **state)
{
    (void)state;
    for (uint64_t limit = 0; limit < 20; limit++) {
        struct line line;
        watch_init(&watch);
        watch.config.limits.fields_total = limit;
        watch_start(&watch);
        line_open(&line, &watch, WD_TRANSPORT_SSE, "/live");
        for (int i = 0; i < 40; i++)
            say_event(&line, i % 2 ? "a" : "b", i % 3 ? "{\"a\":1,\"b\":{\"c\":{\"1234\":2}},\"d\":[[4]]}" : "{\"a\":[{\"q\":1}],\"e\":1}");
        line_close(&line);
        struct wd_profile *p = watch_end(&watch);
        uint64_t rows = 0;
        for (size_t t = 0; t < p->type_count; t++)
            for (size_t r = 0; r < p->types[t].row_count; r++)
                rows += p->types[t].rows[r].path.at[0] != '(' && !wd_bytes_is(p->types[t].rows[r].path, ".");
        assert_true(rows <= limit);
        wd_profile_free(p);
    }
}

/* A limit met by earlier types leaves those that are known alone. */
static void test_types_limit(void **state)
{
    (void)state;
    struct line line;
    watch_init(&watch);
    watch.config.limits.types = 3;
    watch_start(&watch);
    line_open(&line, &watch, WD_TRANSPORT_SSE, "/live");
    for (int i = 0; i < 50; i++) {
        char name[10];
        snprintf(name, sizeof name, "n%d", i % 5);
        say_event(&line, name, "{\"x\":1}");
    }
    line_close(&line);
    for (int i = 0; i < 10; i++) {
        char path[20];
        snprintf(path, sizeof path, "/p%d", i);
        line_open(&line, &watch, WD_TRANSPORT_SSE, path);
        say_event(&line, "n0", "{\"x\":1}");
        line_close(&line);
    }
    struct wd_profile *p = watch_end(&watch);
    uint64_t others = 0;
    for (size_t t = 0; t < p->type_count; t++)
        others += wd_bytes_is(p->types[t].name, "(other)") ? p->types[t].count : 0;
    for (size_t t = 0; t < p->type_count; t++)
        if (wd_bytes_is(p->types[t].channel, "/live") && !wd_bytes_is(p->types[t].name, "(other)"))
            assert_int_equal(p->types[t].count, 10);
    assert_int_equal(others, 40);   /* of the three one is (other), and one connection has the rest */
    assert_true(p->type_count <= 9);
    wd_profile_free(p);
}

/* Types, paths and rows of a connection: how many of them have a name of their own. */
static void count_named(const struct wd_profile *p, const char *channel, size_t *types, size_t *rows)
{
    *types = *rows = 0;
    for (size_t t = 0; t < p->type_count; t++) {
        if (!wd_bytes_is(p->types[t].channel, channel) || wd_bytes_is(p->types[t].name, "(other)"))
            continue;
        ++*types;
        for (size_t r = 0; r < p->types[t].row_count; r++)
            *rows += !wd_bytes_is(p->types[t].rows[r].path, "(other)");
    }
}

/* Three connections that take whatever they can get leave enough for one that needs little, though it comes last. */
static void test_shared_limits(void **state)
{
    (void)state;
    enum { HOGS = 3, TYPES = 100, KEYS = 100 };
    struct line hogs[HOGS], victim;
    size_t types, rows;
    watch_init(&watch);
    watch.config.limits.types = 64;
    watch.config.limits.fields_total = 640;
    watch_start(&watch);
    for (int h = 0; h < HOGS; h++) {
        line_open(&hogs[h], &watch, WD_TRANSPORT_SSE, "/hog");
        for (int i = 0; i < TYPES; i++) {
            struct wd_buf body = { 0 };
            char name[32];
            snprintf(name, sizeof name, "h%dn%d", h, i);
            for (int k = 0; k < KEYS; k++)
                wd_buf_printf(&body, "%s\"h%c%c%c\":1", k ? "," : "{", 'a' + h, 'a' + i % 20, 'a' + k % 20);
            wd_buf_puts(&body, "}");
            say_event(&hogs[h], name, wd_buf_cstr(&body));
            wd_buf_free(&body);
        }
    }
    line_open(&victim, &watch, WD_TRANSPORT_SSE, "/victim");
    for (int i = 0; i < 4; i++) {
        const char *const names[] = { "a", "b", "c", "d" };
        say_event(&victim, names[i], "{\"x\":1,\"y\":{\"z\":2}}");
    }
    line_close(&victim);
    for (int h = 0; h < HOGS; h++)
        line_close(&hogs[h]);
    struct wd_profile *p = watch_end(&watch);
    count_named(p, "/victim", &types, &rows);
    assert_int_equal(types, 4);
    assert_int_equal(rows, 4 * 4);
    count_named(p, "/hog", &types, &rows);
    assert_in_range(types, 50, 60);
    assert_in_range(rows, 300, 620);
    wd_profile_free(p);
}

/* Series that were forgotten begin again; the connection is counted once. */
static void test_series_limit(void **state)
{
    (void)state;
    struct line lines[4];
    watch_init(&watch);
    watch.config.limits.series_fields = 16;
    watch_start(&watch);
    for (int i = 0; i < 4; i++)
        line_open(&lines[i], &watch, WD_TRANSPORT_SSE, "/live");
    for (int round = 0; round < 5; round++)
        for (int i = 0; i < 4; i++)
            say(&lines[i], "{\"x\":1}");
    say(&lines[3], "{\"x\":1}");
    for (int i = 0; i < 4; i++)
        line_close(&lines[i]);
    struct wd_profile *p = watch_end(&watch);
    assert_int_equal(p->types[0].connections, 4);
    assert_int_equal(row_of(&p->types[0], "x")->compared, 1);
    assert_int_equal(row_of(&p->types[0], "x")->present, 21);
    wd_profile_free(p);
}

/* An array that is longer than what may be remembered: counted, compared as a whole, not place by place. */
static void test_places_limit(void **state)
{
    (void)state;
    struct line line;
    struct wd_buf body = { 0 };
    watch_init(&watch);
    watch.config.limits.series_fields = 200;
    watch_start(&watch);
    for (int i = 0; i < 1000; i++)
        wd_buf_puts(&body, i ? ",1" : "[1");
    wd_buf_byte(&body, ']');
    line_open(&line, &watch, WD_TRANSPORT_SSE, "/live");
    for (int i = 0; i < 3; i++)
        say(&line, wd_buf_cstr(&body));
    line_close(&line);
    struct wd_profile *p = watch_end(&watch);
    const struct wd_row *r = row_of(&p->types[0], "[]");
    assert_int_equal(r->compared, 2);
    assert_int_equal(r->changed, 0);
    assert_in_range(r->repeated_bytes, 2 * 100, 2 * 2 * 200);
    wd_buf_free(&body);
    wd_profile_free(p);
}

static void test_too_long(void **state)
{
    (void)state;
    static const uint64_t lengths[] = { 100, UINT32_MAX, (uint64_t)UINT32_MAX + 1, UINT64_C(3) << 32 };
    for (size_t i = 0; i < WD_COUNT(lengths); i++) {
        struct line line;
        start(NULL);
        line_open(&line, &watch, WD_TRANSPORT_WEBSOCKET, "/live");
        for (int n = 0; n < 2; n++)
            say_message(&line, (struct wd_message){ .direction = WD_S2C, .body = wd_bytes_of("{\"type\":\"a\""), .is_too_long = true,
                                                    .body_len = lengths[i] });
        line_close(&line);
        struct wd_profile *p = watch_end(&watch);  /* balances */
        assert_int_equal(p->types[0].row_count, 1);
        assert_int_equal(row_of(&p->types[0], "(other)")->value_bytes, 2 * lengths[i]);
        assert_int_equal(p->types[0].other_fields, 0);
        assert_int_equal(p->types[0].malformed, 0);
        wd_profile_free(p);
    }
}

/* --- bodies that are not what they seem --- */

static void test_malformed(void **state)
{
    (void)state;
    static const char *const bodies[] = { "{\"a\":1,\"b\":2}", "{\"a\":1,\"b\":", "{\"a\":1,\"b\":\"\xff\"}", "{", "", "plain", "{} x", NULL };
    struct wd_profile *p = profile_of(bodies);
    const struct wd_type_profile *t = &p->types[0];
    assert_int_equal(t->count, 7);
    assert_int_equal(t->malformed, 4);
    assert_string_equal(t->codec, "mixed");
    assert_int_equal(row_of(t, "a")->present, 3);
    assert_int_equal(row_of(t, "a")->changed, 0);
    assert_int_equal(row_of(t, "(malformed)")->present, 3);  /* of "{" nothing is left */
    assert_int_equal(row_of(t, "(malformed)")->compared, 0);
    assert_int_equal(row_of(t, "(malformed)")->distinct, 0);
    wd_profile_free(p);
}

/* --- openings and closings --- */

static void test_reconnects(void **state)
{
    (void)state;
    struct line a, b, other;
    line_open(&a, &watch, WD_TRANSPORT_WEBSOCKET, "/live");
    line_close(&a);
    line_open(&a, &watch, WD_TRANSPORT_WEBSOCKET, "/live");   /* 1 */
    line_open(&b, &watch, WD_TRANSPORT_WEBSOCKET, "/live");   /* no close is left */
    line_close(&a);
    line_close(&b);
    line_open(&a, &watch, WD_TRANSPORT_WEBSOCKET, "/other");  /* another path */
    line_open(&b, &watch, WD_TRANSPORT_WEBSOCKET, "/live");   /* 2 */
    line_open(&other, &watch, WD_TRANSPORT_HTTP, "/live");    /* a poll is no stream */
    line_close(&other);
    line_close(&a);
    line_close(&b);
    struct wd_profile *p = watch_end(&watch);
    assert_int_equal(p->reconnects, 2);
    wd_profile_free(p);
}

/* TLS that stays sealed has no path: connections come back, and no stream does. */
static void test_reconnects_of_sealed(void **state)
{
    (void)state;
    struct line a;
    for (int i = 0; i < 4; i++) {
        line_open(&a, &watch, WD_TRANSPORT_WEBSOCKET, "");
        line_close(&a);
    }
    line_open(&a, &watch, WD_TRANSPORT_WEBSOCKET, "/live");
    line_close(&a);
    struct wd_profile *p = watch_end(&watch);
    assert_int_equal(p->reconnects, 3);
    wd_profile_free(p);
}

static void test_reconnects_of_another_client(void **state)
{
    (void)state;
    struct line a = { 0 };
    line_open(&a, &watch, WD_TRANSPORT_SSE, "/live");
    a.connection.key.addr[0][3] = 9;  /* between opening and closing it is another one, for the observer */
    line_close(&a);
    line_open(&a, &watch, WD_TRANSPORT_SSE, "/live");
    a.connection.key.port[0] = 1;     /* the client's port does not matter */
    line_close(&a);
    line_open(&a, &watch, WD_TRANSPORT_SSE, "/live");
    line_close(&a);
    struct wd_profile *p = watch_end(&watch);
    assert_int_equal(p->reconnects, 1);
    wd_profile_free(p);
}

/* A stream that ended with its response is closed once, though its channel is reported again at the end of the connection. */
static void test_closed_twice(void **state)
{
    (void)state;
    struct line a, b;
    line_open(&a, &watch, WD_TRANSPORT_SSE, "/live");
    watch.sink.closed(watch.sink.ctx, &a.channel, watch.now_ns, false);
    a.channel.is_open = false;        /* as message/ does */
    line_close(&a);
    line_open(&a, &watch, WD_TRANSPORT_SSE, "/live");
    line_open(&b, &watch, WD_TRANSPORT_SSE, "/live");
    line_close(&a);
    line_close(&b);
    struct wd_profile *p = watch_end(&watch);
    assert_int_equal(p->reconnects, 1);
    wd_profile_free(p);
}

static void test_closing_without_finishing(void **state)
{
    (void)state;
    struct line line;
    line_open(&line, &watch, WD_TRANSPORT_WEBSOCKET, "/live");
    for (int i = 0; i < 70; i++)
        say_printf(&line, "{\"id\":%d,\"a\":[%d,2]}", i % 3, i);
    line_open(&line, &watch, WD_TRANSPORT_WEBSOCKET, "/held");
    say(&line, "{\"a\":1}");
    wd_observer_close(watch.observer);  /* a sanitizer tells what is left */
    wd_observer_close(NULL);
}

#define WITH_START(test) cmocka_unit_test_setup(test, start)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_change), WITH_START(test_series_are_apart), cmocka_unit_test(test_repeated_messages),
        WITH_START(test_hold), cmocka_unit_test(test_values_leave_no_trace_but_counts), cmocka_unit_test(test_bytes),
        cmocka_unit_test(test_equal), WITH_START(test_equal_beyond_the_series),
        WITH_START(test_entity_is_discovered), WITH_START(test_entity_is_decided_after_1000), WITH_START(test_entity_without_gain),
        cmocka_unit_test(test_entity_gain_is_20_percent), cmocka_unit_test(test_entity_is_configured),
        WITH_START(test_entity_lives_in_a_series), cmocka_unit_test(test_entity_limits),
        cmocka_unit_test(test_folding), WITH_START(test_no_folding_at_256), cmocka_unit_test(test_folding_inside_folding),
        WITH_START(test_folding_and_equality), cmocka_unit_test(test_identifiers_fold_at_once), cmocka_unit_test(test_declared_channels), cmocka_unit_test(test_declared_maps),
        cmocka_unit_test(test_fields_limit), cmocka_unit_test(test_fields_total_limit), cmocka_unit_test(test_types_limit), cmocka_unit_test(test_shared_limits),
        cmocka_unit_test(test_series_limit), cmocka_unit_test(test_places_limit), cmocka_unit_test(test_too_long),
        cmocka_unit_test(test_malformed), WITH_START(test_reconnects), WITH_START(test_reconnects_of_sealed), WITH_START(test_reconnects_of_another_client),
        WITH_START(test_closed_twice), WITH_START(test_closing_without_finishing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
