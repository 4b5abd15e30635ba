/* What a message and a channel are called, and when that is decided. */
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

/* --- configuration and transport --- */

static void start_with(const struct wd_config_message *rules, size_t count)
{
    watch_init(&watch);
    watch.config.messages = rules;
    watch.config.message_count = count;
    watch_start(&watch);
}

static void test_configured_name(void **state)
{
    (void)state;
    const struct wd_config_message rules[] = {
        { .channel = wd_bytes_of("/live"), .direction = WD_S2C, .name = wd_bytes_of("tick") },
        { .channel = wd_bytes_of("/live"), .direction = WD_C2S, .field = wd_bytes_of("head.verb") },
    };
    struct line line;
    start_with(rules, 2);
    line_open(&line, &watch, WD_TRANSPORT_WEBSOCKET, "/live");
    say(&line, "{\"type\":\"ignored\"}");
    ask(&line, "{\"head\":{\"verb\":\"join\"},\"type\":\"talk\"}");
    ask(&line, "{\"type\":\"talk\"}");
    ask(&line, "{\"head\":{\"verb\":\"two words\"},\"type\":\"talk\"}");
    line_close(&line);
    struct wd_profile *p = watch_end(&watch);
    assert_int_equal(type_of(p, "tick")->named_by, WD_NAMED_BY_CONFIG);
    assert_int_equal(type_of(p, "join")->named_by, WD_NAMED_BY_CONFIG);
    assert_true(row_of(type_of(p, "join"), "head.verb")->is_discriminator);
    /* Where the configured field gives no name, the traffic is asked. */
    assert_int_equal(type_of(p, "talk")->named_by, WD_NAMED_BY_DISCRIMINATOR);
    assert_int_equal(type_of(p, "talk")->count, 2);
    assert_int_equal(p->type_count, 3);
    wd_profile_free(p);
}

static void test_configured_beyond_the_limit(void **state)
{
    (void)state;
    const struct wd_config_message rules[] = { { .channel = wd_bytes_of("/live"), .direction = -1, .field = wd_bytes_of("verb") } };
    struct line line;
    watch_init(&watch);
    watch.config.messages = rules;
    watch.config.message_count = 1;
    watch.config.limits.fields_total = 3;  /* the three nodes that each tree has */
    watch_start(&watch);
    line_open(&line, &watch, WD_TRANSPORT_WEBSOCKET, "/live");
    say(&line, "{\"other\":\"secret\",\"verb\":\"join\"}");
    line_close(&line);
    struct wd_profile *p = watch_end(&watch);
    assert_false(has_type(p, "secret"));
    wd_profile_free(p);
}

static void test_transport_event(void **state)
{
    (void)state;
    struct line line;
    char long_name[400];
    memset(long_name, 'e', sizeof long_name - 1);
    memcpy(long_name + 254, "\xc3\xa9", 2);
    long_name[sizeof long_name - 1] = 0;
    line_open(&line, &watch, WD_TRANSPORT_SSE, "/events");
    say_event(&line, "tick", "{\"type\":\"a\"}");
    say_event(&line, "", "{\"type\":\"a\"}");
    say(&line, "{\"type\":\"a\"}");
    say_event(&line, "br\xffken", "1");
    say_event(&line, "br\xfeken", "1");
    say_event(&line, long_name, "1");
    line_close(&line);
    struct wd_profile *p = watch_end(&watch);
    assert_int_equal(type_of(p, "tick")->named_by, WD_NAMED_BY_TRANSPORT);
    assert_int_equal(type_of(p, "message")->count, 2);
    assert_int_equal(type_of(p, "message")->named_by, WD_NAMED_BY_TRANSPORT);
    assert_int_equal(type_of(p, "br\xef\xbf\xbdken")->count, 2);
    assert_int_equal(p->type_count, 4);
    for (size_t t = 0; t < p->type_count; t++)
        assert_true(p->types[t].name.len <= 255 && p->types[t].name.at[p->types[t].name.len - 1] < 0xc3);
    wd_profile_free(p);
}

/* --- discovery --- */

enum { MOST_BODIES = 24 };

static const struct { const char *what, *bodies[MOST_BODIES], *names; } discoveries[] = {
    { "one of the usual words", { "{\"type\":\"a\",\"x\":1}", "{\"type\":\"b\",\"x\":2}" }, "a b" },
    { "the first of the list, not of the message", { "{\"kind\":\"k\",\"event\":\"e\"}", "{\"kind\":\"l\",\"event\":\"e\"}" }, "e" },
    { "type before event", { "{\"event\":\"e\",\"type\":\"t\"}", "{\"event\":\"e\",\"type\":\"u\"}" }, "t u" },
    { "t is the last of the list", { "{\"t\":\"x\",\"k\":\"y\"}", "{\"t\":\"x\",\"k\":\"z\"}" }, "y z" },
    { "not shaped like a name", { "{\"type\":\"two words\",\"op\":\"a\"}", "{\"type\":\"b\",\"op\":\"a\"}" }, "a" },
    { "not a number", { "{\"type\":1,\"op\":\"a\"}", "{\"type\":2,\"op\":\"b\"}" }, "a b" },
    { "not an identifier", { "{\"type\":\"deadbeef01\",\"op\":\"a\"}", "{\"type\":\"cafebabe02\",\"op\":\"a\"}" }, "a" },
    { "not deeper", { "{\"data\":{\"type\":\"a\"}}", "{\"data\":{\"type\":\"b\"}}" }, "message" },
    { "below 95 %", { "{\"type\":\"a\"}", "{\"x\":1,\"y\":1}", "{\"type\":\"a\"}" }, "message" },
    { "duplicates do not make up for it", { "{\"type\":\"a\",\"type\":\"a\"}", "{\"x\":1,\"y\":1}" }, "message" },
    { "what is not structured does not count", { "{\"type\":\"a\"}", "ping", "7", "{\"type\":\"b\"" }, "a b message" },
    { "names with escapes", { "{\"type\":\"chat\\/message\"}", "{\"type\":\"chat/message\"}", "{\"type\":\"\\u0075pd\"}" },
      "chat/message upd" },
    { "element 0 of an array", { "[\"join\",{\"x\":1}]", "[\"leave\",{\"x\":1}]" }, "join leave" },
    { "element 0 of a list of words", { "[\"bo\",\"al\"]", "[\"al\",\"bo\"]" }, "message" },
    { "fewest key sets for each value", { "{\"label\":\"p\",\"sort\":\"one\",\"a\":1}", "{\"label\":\"q\",\"sort\":\"one\",\"a\":1}",
      "{\"label\":\"p\",\"sort\":\"two\",\"b\":1}", "{\"label\":\"q\",\"sort\":\"two\",\"b\":1}" }, "one two" },
    { "a label that tells no shapes apart is none", { "{\"label\":\"p\",\"a\":1}", "{\"label\":\"q\",\"a\":1}" }, "message" },
    { "the one key that varies", { "{\"v\":1,\"join\":{}}", "{\"v\":1,\"leave\":{}}", "{\"v\":2,\"join\":{}}" }, "join leave" },
    { "two vary in one and none in another", { "{\"v\":1,\"join\":{},\"leave\":{}}", "{\"v\":1}" }, "message" },
    { "the key that varies is an identifier", { "{\"v\":1,\"12345678\":{}}", "{\"v\":1,\"87654321\":{}}" }, "message" },
    { "an envelope with one kind is none", { "{\"join\":{}}", "{\"join\":{}}" }, "message" },
};

static void test_discovery(void **state)
{
    (void)state;
    for (size_t i = 0; i < WD_COUNT(discoveries); i++) {
        struct line line;
        struct wd_buf names = { 0 };
        start(NULL);
        line_open(&line, &watch, WD_TRANSPORT_WEBSOCKET, "/live");
        for (size_t b = 0; discoveries[i].bodies[b]; b++)
            say(&line, discoveries[i].bodies[b]);
        line_close(&line);
        struct wd_profile *p = watch_end(&watch);
        for (size_t t = 0; t < p->type_count; t++) {
            wd_buf_puts(&names, t ? " " : "");
            wd_buf_put(&names, p->types[t].name);
        }
        if (strcmp(wd_buf_cstr(&names), discoveries[i].names) != 0)
            fail_msg("%s: '%s' instead of '%s'", discoveries[i].what, wd_buf_cstr(&names), discoveries[i].names);
        wd_buf_free(&names);
        wd_profile_free(p);
    }
}

static void test_ninety_five(void **state)
{
    (void)state;
    struct line line;
    line_open(&line, &watch, WD_TRANSPORT_WEBSOCKET, "/live");
    for (int i = 0; i < 19; i++)
        say(&line, "{\"type\":\"a\"}");
    say(&line, "{\"x\":1}");
    line_close(&line);
    struct wd_profile *p = watch_end(&watch);
    assert_int_equal(type_of(p, "a")->count, 19);
    assert_int_equal(type_of(p, "message")->named_by, WD_NAMED_BY_DEFAULT);
    assert_true(row_of(type_of(p, "a"), "type")->is_discriminator);
    assert_bytes(type_of(p, "a")->discriminator, "type");
    wd_profile_free(p);
}

static void test_directions_are_pooled(void **state)
{
    (void)state;
    struct line one, two;
    line_open(&one, &watch, WD_TRANSPORT_WEBSOCKET, "/live");
    line_open(&two, &watch, WD_TRANSPORT_WEBSOCKET, "/live");
    ask(&one, "{\"op\":\"join\"}");
    say(&two, "{\"op\":\"joined\"}");
    say(&two, "{\"op\":\"left\",\"type\":\"x\"}");
    line_close(&one);
    line_close(&two);
    struct wd_profile *p = watch_end(&watch);
    assert_int_equal(type_of(p, "join")->direction, WD_C2S);
    assert_int_equal(type_of(p, "left")->direction, WD_S2C);
    wd_profile_free(p);
}

/* --- waiting --- */

/* Decided after 64 messages: what comes later does not change it. */
static void test_decided_after_64(void **state)
{
    (void)state;
    struct line line;
    line_open(&line, &watch, WD_TRANSPORT_WEBSOCKET, "/live");
    for (int i = 0; i < 64; i++)
        say(&line, i % 2 ? "{\"op\":\"a\"}" : "{\"op\":\"b\"}");
    for (int i = 0; i < 100; i++)
        say(&line, "{\"x\":1}");
    say(&line, "{\"op\":\"c\"}");
    line_close(&line);
    struct wd_profile *p = watch_end(&watch);
    assert_int_equal(type_of(p, "a")->count, 32);
    assert_int_equal(type_of(p, "c")->count, 1);
    assert_int_equal(type_of(p, "message")->count, 100);
    wd_profile_free(p);
}

static void test_decided_after_a_mebibyte(void **state)
{
    (void)state;
    struct line line;
    size_t len = (1 << 20) - 10;
    char *big = wd_alloc(len + 40);
    int head = sprintf(big, "{\"op\":\"big\",\"x\":\"");
    memset(big + head, 'x', len - (size_t)head);
    strcpy(big + len, "\"}");
    line_open(&line, &watch, WD_TRANSPORT_WEBSOCKET, "/live");
    say(&line, big);
    say(&line, "{\"op\":\"small\",\"type\":3}");   /* full now */
    for (int i = 0; i < 10; i++)
        say(&line, "{\"x\":1}");                   /* or these would have spoilt it */
    line_close(&line);
    struct wd_profile *p = watch_end(&watch);
    assert_int_equal(type_of(p, "big")->count, 1);
    assert_int_equal(type_of(p, "small")->count, 1);
    assert_int_equal(type_of(p, "message")->count, 10);
    wd_profile_free(p);
    wd_free(big);
}

/* Held messages are compared in their order, with their series, also when their channel is closed by then. */
static void test_order_is_kept(void **state)
{
    (void)state;
    struct line a, b;
    line_open(&a, &watch, WD_TRANSPORT_WEBSOCKET, "/live");
    line_open(&b, &watch, WD_TRANSPORT_WEBSOCKET, "/live");
    for (int i = 0; i < 5; i++) {
        say_printf(&a, "{\"op\":\"n\",\"x\":%d}", i);
        say(&b, "{\"op\":\"n\",\"x\":7}");
    }
    line_close(&a);
    line_close(&b);
    line_open(&a, &watch, WD_TRANSPORT_WEBSOCKET, "/live");
    say(&a, "{\"op\":\"n\",\"x\":7}");
    line_close(&a);
    struct wd_profile *p = watch_end(&watch);
    const struct wd_row *x = row_of(type_of(p, "n"), "x");
    assert_int_equal(x->present, 11);
    assert_int_equal(x->compared, 8);
    assert_int_equal(x->changed, 4);
    assert_int_equal(type_of(p, "n")->connections, 3);
    wd_profile_free(p);
}

/* All channels together hold no more than 32 MiB, whatever each would be allowed. */
static void test_held_in_all(void **state)
{
    (void)state;
    enum { LINES = 80, BIG = 900 * 1024 };
    struct line *lines = wd_alloc(LINES * sizeof *lines);
    char *body = wd_alloc(BIG + 1), path[20];
    memset(body, ' ', BIG);
    memcpy(body, "{\"op\":\"a\"}", 10);
    for (int i = 0; i < LINES; i++) {
        snprintf(path, sizeof path, "/%c%c", 'a' + i / 26, 'a' + i % 26);
        line_open(&lines[i], &watch, WD_TRANSPORT_WEBSOCKET, path);
        lines[i].channel.path = wd_bytes_of(path);
        say(&lines[i], body);
        lines[i].channel.path = (struct wd_bytes){ 0 };
    }
    for (int i = 0; i < LINES; i++)
        line_close(&lines[i]);
    struct wd_profile *p = watch_end(&watch);
    assert_int_equal(p->messages, LINES);
    wd_profile_free(p);
    wd_free(body);
    wd_free(lines);
}

/* The root's keys fold when there are too many of them; a discriminator among them still names. */
static void test_discriminator_in_a_folded_root(void **state)
{
    (void)state;
    struct line line;
    line_open(&line, &watch, WD_TRANSPORT_WEBSOCKET, "/live");
    for (int i = 0; i < 400; i++) {
        char body[100];
        snprintf(body, sizeof body, "{\"type\":\"%s\",\"k%c%c\":1}", i % 2 ? "odd" : "even", 'a' + i / 26, 'a' + i % 26);
        say(&line, body);
    }
    line_close(&line);
    struct wd_profile *p = watch_end(&watch);
    assert_int_equal(type_of(p, "odd")->count, 200);
    assert_int_equal(type_of(p, "even")->count, 200);
    assert_true(row_of(type_of(p, "odd"), "{}")->is_folded);
    wd_profile_free(p);
}

/* More keys than fold before anything is decided: the name is in every message all the same. */
static void test_discriminator_among_many_keys(void **state)
{
    (void)state;
    struct line line;
    line_open(&line, &watch, WD_TRANSPORT_WEBSOCKET, "/live");
    for (int i = 0; i < 100; i++) {
        struct wd_buf body = { 0 };
        wd_buf_printf(&body, "{\"type\":\"%s\"", i % 2 ? "quotes" : "trades");
        for (int k = 0; k < 10; k++)
            wd_buf_printf(&body, ",\"%c%c%c\":1", 'a' + i / 26, 'a' + i % 26, 'a' + k);
        wd_buf_puts(&body, "}");
        say(&line, wd_buf_cstr(&body));
        wd_buf_free(&body);
    }
    line_close(&line);
    struct wd_profile *p = watch_end(&watch);
    assert_int_equal(type_of(p, "quotes")->count, 50);
    assert_int_equal(type_of(p, "trades")->count, 50);
    wd_profile_free(p);
}

/* --- channels --- */

static const struct { const char *path, *name; } channels[] = {
    { "/live", "/live" },
    { "", "(unknown)" },
    { "/", "/" },
    { "/rooms/12345/chat", "/rooms/{}/chat" },
    { "/u/550e8400-e29b-41d4-a716-446655440000", "/u/{}" },
    { "/u/7/deadbeef01/", "/u/7/{}/" },
    { "/ws/room/blue", "/ws/room/{room}" },
    { "/ws/room/main", "ws/room/main" },           /* the more literal template */
    { "/game-blue/state.json", "/game-{g}/state.json" },
    { "/game-/state.json", "/game-/state.json" },  /* a parameter is not empty */
    { "/v1/orders/blue", "/v1/{kind}/{id}" },
    { "/caf\xc3\xa9/\xff", "/caf\xc3\xa9/\xef\xbf\xbd" },
};

static void test_channels(void **state)
{
    (void)state;
    const struct wd_schema_message declared[] = {
        { .name = wd_bytes_of("m"), .channel = wd_bytes_of("/ws/room/{room}") },
        { .name = wd_bytes_of("m"), .channel = wd_bytes_of("ws/room/main") },
        { .name = wd_bytes_of("m"), .channel = wd_bytes_of("/game-{g}/state.json") },
        { .name = wd_bytes_of("m"), .channel = wd_bytes_of("/v1/orders/{id}") },
    };
    const struct wd_config_message rules[] = { { .channel = wd_bytes_of("/v1/{kind}/{id}"), .direction = -1, .name = wd_bytes_of("order") } };
    for (size_t i = 0; i < WD_COUNT(channels); i++) {
        struct line line;
        watch_init(&watch);
        watch.schema = (struct wd_schema){ .messages = (struct wd_schema_message *)declared, .message_count = WD_COUNT(declared) };
        watch.has_schema = true;
        watch.config.messages = rules;
        watch.config.message_count = 1;
        watch_start(&watch);
        line_open(&line, &watch, WD_TRANSPORT_WEBSOCKET, channels[i].path);
        say(&line, "1");
        line_close(&line);
        struct wd_profile *p = watch_end(&watch);
        assert_bytes(p->types[0].channel, channels[i].name);
        wd_profile_free(p);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_configured_name), cmocka_unit_test(test_configured_beyond_the_limit),
        cmocka_unit_test_setup(test_transport_event, start), cmocka_unit_test(test_discovery),
        cmocka_unit_test_setup(test_ninety_five, start), cmocka_unit_test_setup(test_directions_are_pooled, start),
        cmocka_unit_test_setup(test_decided_after_64, start), cmocka_unit_test_setup(test_decided_after_a_mebibyte, start),
        cmocka_unit_test_setup(test_order_is_kept, start), cmocka_unit_test_setup(test_held_in_all, start),
        cmocka_unit_test_setup(test_discriminator_in_a_folded_root, start),
        cmocka_unit_test_setup(test_discriminator_among_many_keys, start), cmocka_unit_test(test_channels),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
