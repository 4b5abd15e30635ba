/* HARs as browsers write them and as nobody should: the messages, what the ledger says of them, and how a broken one ends. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>

#include "message/har.h"
#include "receiver.h"

static int read_har(struct teller *t, struct wd_bytes text, size_t piece, struct wd_told *told)
{
    told_open(t);
    struct wd_har *har = wd_har_open("x.har", &t->limits, &t->ledger, t->messages, t->window);
    int rc = WD_OK;
    for (size_t n; text.len && rc >= 0; text = wd_bytes_at(text.at + n, text.len - n)) {
        n = piece < text.len ? piece : text.len;
        rc = wd_har_feed(har, wd_bytes_at(text.at, n), &t->err);
    }
    if (rc >= 0)
        rc = wd_har_finish(har, &t->err);
    if (wd_har_fault(har))
        wd_buf_printf(&t->notes, "%s\n", wd_har_fault(har));
    wd_har_notes(har, &t->notes);
    *told = *wd_har_told(har);
    wd_har_free(har);
    told_close(t);
    return rc;
}

static struct teller new_teller(void)
{
    return (struct teller){ .limits = wd_limits_default() };
}

/* `entries` inside the frame that every HAR has; whole and in pieces. */
static void expect(const char *entries, const char *want, struct teller *t)
{
    struct wd_buf text = { 0 };
    struct wd_told told;
    wd_buf_printf(
        &text,
        "{\"log\":{\"version\":\"1.2\",\"creator\":{\"name\":\"t\"},\"pages\":[{\"log\":{\"entries\":[1]}}],"
        "\"entries\":[%s]}}",
        entries);
    for (size_t piece = 1; piece < 100000; piece = piece * 3 + 1) {
        struct teller one = *t;
        assert_int_equal(read_har(&one, wd_buf_bytes(&text), piece, &told), WD_OK);
        assert_string_equal(wd_buf_cstr(&one.log), want);
        told_free(&one);
    }
    assert_int_equal(read_har(t, wd_buf_bytes(&text), SIZE_MAX, &told), WD_OK);
    wd_buf_free(&text);
}

#define ENTRY(url, more)                                                                                            \
    "{\"startedDateTime\":\"2026-03-03T09:00:00.000Z\",\"time\":100,\"request\":{\"method\":\"GET\",\"url\":\"" url \
    "\",\"headersSize\":-1,\"bodySize\":0}," more "}"
#define RESPONSE(type, text)                                                                                       \
    "\"response\":{\"status\":200,\"headersSize\":-1,\"bodySize\":-1,\"content\":{\"size\":9,\"mimeType\":\"" type \
    "\",\"text\":\"" text "\"}}"

/* The members that say where it came from stand after the messages, as Chromium has it. */
static void test_websocket(void **state)
{
    (void)state;
    struct teller t = new_teller();
    expect(
        "{\"_webSocketMessages\":[{\"type\":\"send\",\"time\":1772528400.25,\"opcode\":1,\"data\":\"{\\\"a\\\":\\\"\\u00e9\\\"}\"},"
        "{\"data\":\"b\",\"opcode\":1,\"time\":1772528400.5,\"type\":\"receive\",\"x\":{\"data\":\"y\"}},"
        "{\"type\":\"error\",\"time\":1772528401,\"opcode\":-1,\"data\":\"net::ERR\"}],"
        "\"startedDateTime\":\"2026-03-03T09:00:00Z\",\"time\":2000,\"request\":{\"method\":\"GET\",\"url\":\"wss://h/s?q=1#x\"},"
        "\"response\":{\"status\":101,\"content\":{\"size\":0,\"mimeType\":\"x-unknown\"}}}",
        "/s c2s {\"a\":\"\xc3\xa9\"} (10) @1772528400.250\n/s s2c b (1) @1772528400.500\n", &t);
    told_free(&t);
}

static void test_binary(void **state)
{
    (void)state;
    struct teller t = new_teller();
    struct wd_told told;
    static const char text[] =
        "{\"log\":{\"entries\":[{\"startedDateTime\":\"2026-03-03T09:00:00Z\",\"time\":5,\"request\":{\"url\":\"ws://h/s\"},"
        "\"_webSocketMessages\":[{\"type\":\"receive\",\"time\":1,\"opcode\":2,\"data\":\"AAEC/w==\"},"
        "{\"type\":\"receive\",\"time\":1,\"opcode\":2,\"data\":\"AAEC/w==x\"},"
        "{\"type\":\"receive\",\"time\":1,\"opcode\":9,\"data\":\"hi\"},{\"type\":\"receive\",\"opcode\":10,\"data\":\"\"},"
        "{\"type\":\"receive\",\"opcode\":8,\"data\":\"\"},{\"type\":\"send\",\"opcode\":8,\"data\":\"\"}]}]}}";
    assert_int_equal(read_har(&t, wd_bytes_at(text, sizeof text - 1), SIZE_MAX, &told), WD_OK);
    assert_memory_equal(t.log.at, "/s s2c \0\1\2\xff (4 binary) @1.000\n", 31);
    assert_int_equal(t.ledger.layer[WD_LAYER_PAYLOAD], 4);
    assert_int_equal(t.ledger.reason_bytes[WD_REASON_MALFORMED_ENCODING], 9);
    assert_int_equal(t.ledger.layer[WD_LAYER_CONTROL], 2);
    assert_int_equal(t.counts.pings, 1);
    assert_int_equal(t.counts.pongs, 1);
    assert_int_equal(t.counts.closes, 1);
    assert_int_equal(t.counts.opened, 1);
    assert_int_equal(told.connections, 1);
    told_free(&t);
}

static void test_events(void **state)
{
    (void)state;
    struct teller t = new_teller();
    /* both: the body says what they are, the list when they came; what the body lacks, the list has */
    expect(
        ENTRY(
            "http://h/e",
            RESPONSE(
                "text/event-stream",
                "retry: 5\\n\\nevent: q\\nid: 1\\ndata: a\\ndata: b\\n\\n:x\\n\\ndata: c\\n\\n") ",\"_eventSourceMessages\":[{\"time\":1772528401,\"eventName\":\"q\",\"data\":\"a\\nb\"},"
                                                                                                 "{\"time\":1772528402,\"eventName\":\"message\",\"data\":\"c\"},{\"time\":1772528403,\"eventName\":\"q\",\"data\":\"d\"}]"),
        "/e s2c [q] a\nb (3) @1772528401.000\n/e s2c c (1) @1772528402.000\n/e s2c [q] d (1) @1772528403.000\n",
        &t);
    assert_int_equal(t.ledger.layer[WD_LAYER_CONTROL], 12);
    assert_int_equal(t.ledger.layer[WD_LAYER_PAYLOAD], 5);
    assert_int_equal(t.ledger.layer[WD_LAYER_FRAMING], 39);
    assert_int_equal(t.counts.opened, 1);
    told_free(&t);

    t = new_teller();
    expect(ENTRY("http://h/e",
                 "\"response\":{\"status\":200,\"content\":{\"size\":99,\"mimeType\":\"text/event-stream\"}},"
                 "\"_eventSourceMessages\":[{\"time\":1772528401,\"eventName\":\"message\",\"data\":\"c\"}]"),
           "/e s2c c (1) @1772528401.000\n", &t);
    assert_int_equal(t.ledger.captured_bytes, 1);
    told_free(&t);

    t = new_teller();
    expect(
        ENTRY(
            "http://h/e",
            "\"response\":{\"status\":200,\"content\":{\"size\":9,\"mimeType\":\"text/event-stream; charset=utf-8\","
            "\"text\":\"ZGF0YTogYwoK\",\"encoding\":\"base64\"}}"),
        "/e s2c c (1) @1772528400.000\n", &t);
    told_free(&t);
}

/* Polled bodies are messages by the rule for captured ones; the rest is http, by the sizes that the HAR states. */
static void test_polls(void **state)
{
    (void)state;
    struct teller t = new_teller();
    expect(
        ENTRY("https://h/p?a=1", RESPONSE("application/json", "[1]") ",\"connection\":\"7\"") "," ENTRY("https://h/p?a=2", RESPONSE("application/json", "[2]") ",\"connection\":\"7\"") "," ENTRY(
            "https://h/once",
            RESPONSE(
                "application/json",
                "[345]") ",\"connection\":\"7\"") "," ENTRY("https://h/p",
                                                            RESPONSE(
                                                                "application/json",
                                                                "[6]") ",\"connection\":\"8\"") "," ENTRY("https://h/page",
                                                                                                          "\"response\":{\"status\":200,\"headersSize\":100,\"bodySize\":40,\"content\":{\"size\":90,"
                                                                                                          "\"mimeType\":\"text/html\",\"text\":\"<p>\"}}") "," ENTRY("https://h/cached",
                                                                                                                                                                     RESPONSE(
                                                                                                                                                                         "text/html",
                                                                                                                                                                         "x") ",\"_fromCache\":\"disk\"") "," ENTRY("data:text/html,x",
                                                                                                                                                                                                                    RESPONSE(
                                                                                                                                                                                                                        "text/html",
                                                                                                                                                                                                                        "x")),
        "/p s2c [1] (3) @1772528400.100\n/p s2c [2] (3) @1772528400.100\n", &t);
    assert_int_equal(t.ledger.layer[WD_LAYER_PAYLOAD], 6);
    assert_int_equal(t.ledger.layer[WD_LAYER_HTTP], 5 + 3 + 100 + 40);
    told_free(&t);

    t = new_teller();
    t.wanted = "/once";
    expect(
        "{\"startedDateTime\":\"2026-03-03T09:00:00Z\",\"time\":1,\"request\":{\"method\":\"POST\",\"url\":\"http://h/once\","
        "\"postData\":{\"mimeType\":\"application/json; charset=utf-8\",\"text\":\"{}\"}}," RESPONSE(
            "application/json", "[1]") "}",
        "/once c2s {} (2) @1772528400.000\n/once s2c [1] (3) @1772528400.001\n", &t);
    told_free(&t);
}

/* Who was closed before whom is a matter of time, not of the order in the file. */
static void test_reconnects(void **state)
{
    (void)state;
    struct teller t = new_teller();
    struct wd_told told;
    static const char text[] =
        "{\"log\":{\"entries\":["
        "{\"startedDateTime\":\"2026-03-03T09:00:00Z\",\"time\":9000,\"request\":{\"url\":\"ws://h/s\"},\"response\":{\"status\":101}},"
        "{\"startedDateTime\":\"2026-03-03T09:00:01Z\",\"time\":1000,\"request\":{\"url\":\"ws://h/s\"},\"response\":{\"status\":101}},"
        "{\"startedDateTime\":\"2026-03-03T09:00:01Z\",\"time\":0,\"request\":{\"url\":\"ws://h/s\"},\"response\":{\"status\":403}}]}}";
    assert_int_equal(read_har(&t, wd_bytes_of(text), SIZE_MAX, &told), WD_OK);
    assert_int_equal(t.opened, 2);
    assert_int_equal(t.closed, 2);
    assert_non_null(strstr(wd_buf_cstr(&t.notes), "2 WebSocket connections are in it without messages"));
    told_free(&t);
}

static void test_window(void **state)
{
    (void)state;
    struct teller t = new_teller();
    struct wd_window window = { .from = { "x", false, 1772528401000000000 },
                                .to = { "y", false, 1772528403000000000 } };
    t.window = &window;
    struct wd_told told;
    static const char text[] =
        "{\"log\":{\"entries\":[{\"startedDateTime\":\"2026-03-03T09:00:00Z\",\"request\":{\"url\":\"ws://h/s\","
        "\"headersSize\":50},\"_webSocketMessages\":[{\"type\":\"send\",\"time\":1772528400,\"data\":\"a\"},"
        "{\"type\":\"send\",\"time\":1772528401,\"data\":\"b\"},{\"type\":\"send\",\"time\":1772528403,\"data\":\"c\"}]}," ENTRY(
            "http://h/p", RESPONSE("application/json", "[1]")) "]}}";
    assert_int_equal(read_har(&t, wd_bytes_of(text), SIZE_MAX, &told), WD_OK);
    assert_string_equal(wd_buf_cstr(&t.log), "/s c2s b (1) @1772528401.000\n");
    assert_int_equal(told.left_out, 3);
    assert_int_equal(t.ledger.captured_bytes, 1);
    told_free(&t);
}

static void test_limits(void **state)
{
    (void)state;
    struct teller t = new_teller();
    struct wd_told told;
    t.limits.memory = 20;   /* half of it for an entry */
    t.limits.message = 4;
    static const char text[] =
        "{\"log\":{\"entries\":[{\"request\":{\"url\":\"ws://h/s\"}," /* 8 of them are the address */
        "\"_webSocketMessages\":[{\"type\":\"send\",\"data\":\"abc\"}]}]}}";
    assert_int_equal(read_har(&t, wd_bytes_of(text), SIZE_MAX, &told), WD_OK);
    assert_int_equal(t.ledger.reason_bytes[WD_REASON_LIMIT], 3);
    assert_string_equal(
        wd_buf_cstr(&t.notes),
        "x.har: 1 message of entries larger than 10 bytes counts as undecoded; raise it with --limit memory=0M\n");
    told_free(&t);

    t = new_teller();
    t.limits.memory = 2048;   /* of a list of messages a few fit */
    struct wd_buf many = { 0 };
    wd_buf_puts(&many, "{\"log\":{\"entries\":[{\"_webSocketMessages\":[");
    for (int i = 0; i < 100; i++)
        wd_buf_printf(&many, "%s{\"type\":\"send\",\"time\":1,\"data\":\"x\"}", i ? "," : "");
    wd_buf_puts(&many, "],\"request\":{\"url\":\"ws://h/s\"}}]}}");
    assert_int_equal(read_har(&t, wd_buf_bytes(&many), 64, &told), WD_OK);
    assert_true(told.messages > 0 && told.messages < 10);
    assert_int_equal(t.ledger.captured_bytes, 100);
    assert_int_equal(t.ledger.reason_bytes[WD_REASON_LIMIT], 100 - told.messages);
    wd_buf_free(&many);
    told_free(&t);
    t = new_teller();
    t.limits.message = 4;
    expect(ENTRY("ws://h/s", "\"_webSocketMessages\":[{\"type\":\"send\",\"time\":1,\"data\":\"abcdef\"}]"),
           "/s c2s abcd (6 too long) @1.000\n", &t);
    told_free(&t);
}

/* A whole one, cut at each byte: what came before counts, and one line says where it ends. */
static void test_cut(void **state)
{
    (void)state;
    static const char text[] = "{\"log\":{\"entries\":[" ENTRY(
        "ws://h/s", "\"_webSocketMessages\":[{\"type\":\"send\",\"time\":1,\"data\":\"a\"},"
                    "{\"type\":\"send\",\"time\":1,\"data\":\"b\"}]") "]}}";
    size_t start = (size_t)(strstr(text, "[") - text), most = 0;
    for (size_t len = 0; len < sizeof text - 1; len++) {
        struct teller t = new_teller();
        struct wd_told told;
        char place[32];
        int rc = read_har(&t, wd_bytes_at(text, len), SIZE_MAX, &told);
        snprintf(place, sizeof place, "x.har:%zu: ", len);
        if (len <= start) {
            assert_int_equal(rc, WD_EPARSE);
            assert_non_null(strstr(t.err.text, "not a HAR"));
        } else {
            assert_int_equal(rc, WD_OK);
            assert_int_equal(t.ledger.damaged, 1);
            assert_ptr_equal(strstr(wd_buf_cstr(&t.notes), place), wd_buf_cstr(&t.notes));
            assert_true(told.messages >= most);
            most = told.messages;
        }
        told_free(&t);
    }
    assert_int_equal(most, 2);
}

static const char *const foreign[] = { "",
                                       "{}",
                                       "[]",
                                       "{\"log\":{}}",
                                       "{\"log\":{\"entries\":{}}}",
                                       "{\"log\":[]}",
                                       "7",
                                       "{\"x\":{\"entries\":[]}}" };

static void test_foreign(void **state)
{
    (void)state;
    for (size_t i = 0; i < WD_COUNT(foreign); i++) {
        struct teller t = new_teller();
        struct wd_told told;
        assert_int_equal(read_har(&t, wd_bytes_of(foreign[i]), SIZE_MAX, &told), WD_EPARSE);
        assert_non_null(strstr(t.err.text, "not a HAR (expected "));
        told_free(&t);
    }
}

/* Half of a surrogate pair is in no text: what it stands in is then no UTF-8. */
static void test_surrogates(void **state)
{
    (void)state;
    struct teller t = new_teller();
    expect(
        ENTRY("ws://h/s",
              "\"_webSocketMessages\":[{\"type\":\"send\",\"time\":1,\"data\":\"\\ud83d\\ude00\\ud83d\"}]"),
        "/s c2s \xf0\x9f\x98\x80\xed\xa0\xbd (7) @1.000\n", &t);
    told_free(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_websocket),  cmocka_unit_test(test_binary),     cmocka_unit_test(test_events),
        cmocka_unit_test(test_polls),      cmocka_unit_test(test_reconnects), cmocka_unit_test(test_window),
        cmocka_unit_test(test_limits),     cmocka_unit_test(test_cut),        cmocka_unit_test(test_foreign),
        cmocka_unit_test(test_surrogates),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
