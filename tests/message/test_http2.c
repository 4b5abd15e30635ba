/* HTTP/2 as RFC 9113 has it: messages in streams, everything else http; limits, faults, gaps, late joins, tunnels. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "frames.h"

#define GET(path) ":method GET|:scheme http|:path " path
#define JSON ":status 200|content-type application/json"
#define EVENTS ":status 200|content-type text/event-stream"
#define OPEN_JSON(path) "open http " path " application/json #1\n"
#define OPEN_EVENTS(path) "open sse " path " text/event-stream #1\n"

enum { FRAME = 9, OPENING = 24 + 9 + 9 };
enum { DATA, HEADERS, PRIORITY, RST_STREAM, SETTINGS, PUSH_PROMISE, PING, GOAWAY, WINDOW_UPDATE, CONTINUATION };

static struct talk *talk_new(void)
{
    return calloc(1, sizeof(struct talk));
}

static void expect(struct talk *t, struct play *p, const char *expected)
{
    PLAY(p, t, expected);
    talk_free(t);
}

static void poll_json(struct talk *t, uint32_t stream, const char *body)
{
    headers(t, CLIENT, stream, GET("/poll?x=1"), END_STREAM);
    headers(t, SERVER, stream, JSON, 0);
    data(t, SERVER, stream, body, END_STREAM);
}

/* --- messages --- */

static void test_polled(void **state)
{
    (void)state;
    struct play p = play_new();
    struct talk *t = talk_new();
    preface(t);
    poll_json(t, 1, "{\"a\":1}");
    poll_json(t, 3, "{\"a\":2}");
    headers(t, CLIENT, 5, GET("/once"), END_STREAM);
    headers(t, SERVER, 5, JSON, 0);
    data(t, SERVER, 5, "{}", END_STREAM);
    expect(t, &p, OPEN_JSON("/poll") "s2c text 7/7 {\"a\":1}\nclose /poll last\n"
                  OPEN_JSON("/poll") "s2c text 7/7 {\"a\":2}\nclose /poll last\n");
    play_expect_layers(&p, p.fed - 14, 0, 0, 14, 0);
    play_free(&p);
}

static void test_posted(void **state)
{
    (void)state;
    struct play p = play_new();
    struct talk *t = talk_new();
    preface(t);
    for (uint32_t stream = 1; stream <= 3; stream += 2) {
        headers(t, CLIENT, stream, ":method POST|:path /p|content-type application/json", 0);
        data(t, CLIENT, stream, "[", 0);
        data(t, CLIENT, stream, "1]", END_STREAM);
        headers(t, SERVER, stream, ":status 204", END_STREAM);
    }
    expect(t, &p, OPEN_JSON("/p") "c2s text 3/3 [1]\nclose /p last\n" OPEN_JSON("/p") "c2s text 3/3 [1]\nclose /p last\n");
    play_expect_layers(&p, p.fed - 6, 0, 0, 6, 0);
    play_free(&p);
}

static void test_events_padded_with_trailers(void **state)
{
    (void)state;
    struct play p = play_new();
    struct talk *t = talk_new();
    preface(t);
    headers(t, CLIENT, 1, GET("/s"), END_STREAM);
    headers(t, SERVER, 1, ":status 103|link x", 0);
    headers(t, SERVER, 1, EVENTS, 0);
    padded(t, SERVER, 1, "data: a\n", 5, 0);
    frame(t, SERVER, PING, 0, 0, wd_bytes_of("12345678"));
    padded(t, SERVER, 1, "\ndata: b\n\n", 0, 0);
    padded(t, SERVER, 1, "", 255, 0);
    data(t, SERVER, 1, "data: c\n\n", 0);
    headers(t, SERVER, 1, "x-done yes", END_STREAM);
    expect(t, &p, OPEN_EVENTS("/s") "s2c text 1/1 a\ns2c text 1/1 b\ns2c text 1/1 c\nclose /s last\n");
    play_expect_layers(&p, p.fed - 27, 24, 0, 3, 0);
    assert_int_equal(p.counts.opened, 1);
    play_free(&p);
}

static void test_streams_interleave(void **state)
{
    (void)state;
    struct play p = play_new();
    struct talk *t = talk_new();
    preface(t);
    headers(t, CLIENT, 1, GET("/s"), END_STREAM);
    headers(t, CLIENT, 3, GET("/s"), END_STREAM);
    headers(t, SERVER, 1, EVENTS, 0);
    headers(t, SERVER, 3, EVENTS, 0);
    data(t, SERVER, 1, "data: 1", 0);
    data(t, SERVER, 3, "data: 3\n\n", 0);
    data(t, SERVER, 1, "\n\n", END_STREAM);
    data(t, SERVER, 3, "data: 4\n\n", 0);
    expect(t, &p, OPEN_EVENTS("/s") OPEN_EVENTS("/s") "s2c text 1/1 3\ns2c text 1/1 1\nclose /s last\n"
                  "s2c text 1/1 4\nclose /s last\n");
    play_free(&p);
}

static void test_bodiless(void **state)
{
    (void)state;
    struct play p = play_new();
    struct talk *t = talk_new();
    preface(t);
    for (uint32_t stream = 1; stream <= 3; stream += 2) {
        headers(t, CLIENT, stream, ":method HEAD|:path /h", END_STREAM);
        headers(t, SERVER, stream, JSON, 0);
        data(t, SERVER, stream, "", END_STREAM);
    }
    headers(t, CLIENT, 5, GET("/s"), END_STREAM);
    headers(t, SERVER, 5, ":status 500|content-type text/event-stream", 0);
    data(t, SERVER, 5, "data: 1\n\n", END_STREAM);
    expect(t, &p, "");
    assert_int_equal(p.ledger.layer[WD_LAYER_HTTP], p.fed);
    play_free(&p);
}

static void test_pushed(void **state)
{
    (void)state;
    struct play p = play_new();
    struct talk *t = talk_new();
    struct wd_buf promise = { 0 }, block = { 0 };
    preface(t);
    headers(t, CLIENT, 1, GET("/"), END_STREAM);
    for (uint8_t id = 2; id <= 4; id += 2) {
        const uint8_t padded_promise[] = { 3, 0, 0, 0, id };
        wd_buf_reset(&promise);
        wd_buf_put(&promise, wd_bytes_at(padded_promise, sizeof padded_promise));
        wd_buf_put(&promise, block_of(&block, GET("/pushed"), false));
        wd_buf_puts(&promise, "pad");
        frame(t, SERVER, PUSH_PROMISE, END_HEADERS | PADDED, 1, wd_buf_bytes(&promise));
        headers(t, SERVER, id, JSON, 0);
        data(t, SERVER, id, "[]", END_STREAM);
    }
    expect(t, &p, OPEN_JSON("/pushed") "s2c text 2/2 []\nclose /pushed last\n"
                  OPEN_JSON("/pushed") "s2c text 2/2 []\nclose /pushed last\n");
    wd_buf_free(&promise);
    wd_buf_free(&block);
    play_free(&p);
}

static void test_continuations(void **state)
{
    (void)state;
    struct play p = play_new();
    struct wd_buf block = { 0 };
    p.wanted = "/c";
    for (size_t pieces = 2; pieces <= 34; pieces += 16) {
        struct talk *t = talk_new();
        preface(t);
        struct wd_bytes rest = block_of(&block, GET("/c") "|x-long abcdefghijklmnopqrstuvwxyz0123456789", false);
        const uint8_t priority[] = { 2, 0, 0, 0, 0, 16 };
        struct wd_buf first = { 0 };
        wd_buf_put(&first, wd_bytes_at(priority, sizeof priority));
        wd_buf_put(&first, wd_bytes_at(rest.at, 1));
        wd_buf_puts(&first, "pp");
        rest = wd_bytes_at(rest.at + 1, rest.len - 1);
        frame(t, CLIENT, HEADERS, END_STREAM | PADDED | PRIORITIZED, 1, wd_buf_bytes(&first));
        for (size_t i = 1; i < pieces; i++) {
            size_t n = i + 1 < pieces ? 1 : rest.len;
            frame(t, CLIENT, CONTINUATION, i + 1 < pieces ? 0 : END_HEADERS, 1, wd_bytes_at(rest.at, n));
            rest = wd_bytes_at(rest.at + n, rest.len - n);
        }
        headers(t, SERVER, 1, JSON, 0);
        data(t, SERVER, 1, "{}", END_STREAM);
        wd_buf_free(&first);
        bool is_over = pieces == 34;   /* 33 continuations */
        expect(t, &p, is_over ? "" : OPEN_JSON("/c") "s2c text 2/2 {}\nclose /c last\n");
        assert_int_equal(p.ledger.reason_streams[WD_REASON_LIMIT], is_over);
    }
    wd_buf_free(&block);
    play_free(&p);
}

/* --- recognised --- */

static void test_server_first(void **state)
{
    (void)state;
    struct play p = play_new();
    struct talk *t = talk_new();
    frame(t, SERVER, SETTINGS, 0, 0, wd_bytes_at("\0\3\0\0\0\144", 6));
    raw(t, CLIENT, wd_bytes_of("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"));
    frame(t, CLIENT, SETTINGS, 0, 0, wd_bytes_of(""));
    poll_json(t, 1, "1");
    poll_json(t, 3, "2");
    expect(t, &p, OPEN_JSON("/poll") "s2c text 1/1 1\nclose /poll last\n" OPEN_JSON("/poll") "s2c text 1/1 2\nclose /poll last\n");
    play_free(&p);
}

static void test_upgraded(void **state)
{
    (void)state;
    struct play p = play_new();
    struct talk *t = talk_new();
    p.wanted = "/up";
    raw(t, CLIENT, wd_bytes_of("GET /up HTTP/1.1\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n"
                               "HTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n"));
    raw(t, SERVER, wd_bytes_of("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n"));
    frame(t, SERVER, SETTINGS, 0, 0, wd_bytes_of(""));
    headers(t, SERVER, 1, JSON, 0);
    raw(t, CLIENT, wd_bytes_of("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"));
    frame(t, CLIENT, SETTINGS, 0, 0, wd_bytes_of(""));
    data(t, SERVER, 1, "{\"up\":1}", END_STREAM);
    expect(t, &p, OPEN_JSON("/up") "s2c text 8/8 {\"up\":1}\nclose /up last\n");
    play_expect_layers(&p, p.fed - 8, 0, 0, 8, 0);
    play_free(&p);
}

/* The client's address says nothing: who asks is the client. */
static void test_joined_late(void **state)
{
    (void)state;
    struct play p = play_new();
    struct wd_buf block = { 0 };
    struct talk *t = talk_new();
    p.is_midway = true;
    p.client_by = WD_CLIENT_BY_PORT;
    p.client = SERVER;
    raw(t, SERVER, wd_bytes_of("the end of some frame"));
    next(t);
    frame(t, SERVER, DATA, 0, 1, wd_bytes_of("what is this?"));
    frame(t, SERVER, WINDOW_UPDATE, 0, 0, wd_bytes_at("\0\0\1\0", 4));
    /* The method is in the static table, the path in an entry from before. */
    frame(t, CLIENT, HEADERS, END_HEADERS | END_STREAM, 7, wd_bytes_at("\x82\xbe", 2));
    frame(t, SERVER, HEADERS, END_HEADERS, 7, wd_bytes_at("\x88\xc0", 2));
    data(t, SERVER, 7, "{\"unknown\":1}", END_STREAM);
    for (uint32_t stream = 9; stream <= 11; stream += 2) {
        /* Entered now, then referred to, while an older entry is still unknown. */
        if (stream == 9)
            frame(t, CLIENT, HEADERS, END_HEADERS | END_STREAM, stream, block_of(&block, ":method GET|:path /late|x y", true));
        else
            frame(t, CLIENT, HEADERS, END_HEADERS | END_STREAM, stream, wd_bytes_at("\xc0\xbf\xbe\xd0", 4));
        if (stream == 9)
            frame(t, SERVER, HEADERS, END_HEADERS, stream, block_of(&block, JSON, true));
        else
            frame(t, SERVER, HEADERS, END_HEADERS, stream, wd_bytes_at("\xbf\xbe\xc0", 3));
        data(t, SERVER, stream, "[]", END_STREAM);
    }
    expect(t, &p, OPEN_JSON("/late") "s2c text 2/2 []\nclose /late last\n" OPEN_JSON("/late") "s2c text 2/2 []\nclose /late last\n");
    assert_int_equal(p.client_after, CLIENT);
    /* two bodies of streams that are not known, what precedes them, and the four references */
    assert_int_equal(p.ledger.layer[WD_LAYER_UNDECODED], 21 + 13 + 13 + 4);
    assert_int_equal(p.ledger.reason_bytes[WD_REASON_INCOMPLETE], 21 + 13 + 13 + 4);
    wd_buf_free(&block);
    play_free(&p);
}

static void test_joined_before_the_preface(void **state)
{
    (void)state;
    struct play p = play_new();
    struct talk *t = talk_new();
    p.is_midway = true;
    p.client_by = WD_CLIENT_BY_PORT;
    preface(t);
    poll_json(t, 1, "1");
    poll_json(t, 3, "2");
    expect(t, &p, OPEN_JSON("/poll") "s2c text 1/1 1\nclose /poll last\n" OPEN_JSON("/poll") "s2c text 1/1 2\nclose /poll last\n");
    assert_int_equal(p.ledger.layer[WD_LAYER_UNDECODED], 0);
    play_free(&p);
}

static void test_joined_inside_streams(void **state)
{
    (void)state;
    struct play p = play_new();
    struct talk *t = talk_new();
    p.is_midway = true;
    data(t, SERVER, 1, "data: 1\n\n", 0);
    data(t, SERVER, 3, "noise", 0);
    data(t, SERVER, 1, "data: 2\n\n", 0);
    expect(t, &p, "open sse  text/event-stream #1\ns2c text 1/1 2\nclose  last\n");
    assert_int_equal(p.ledger.reason_bytes[WD_REASON_INCOMPLETE], 9 + 5);
    play_free(&p);
}

/* One frame is no proof for the bids, but TLS said what it is. */
static void test_agreed_by_alpn(void **state)
{
    (void)state;
    for (int is_agreed = 0; is_agreed < 2; is_agreed++) {
        struct play p = play_new();
        struct talk *t = talk_new();
        p.is_midway = true;
        p.alpn = is_agreed ? "h2" : NULL;
        data(t, SERVER, 1, "data: 1\n\ndata: 2\n\n", 0);
        t->steps[0].bytes.len--;   /* not to the end of the frame, which would be proof enough */
        expect(t, &p, is_agreed ? "open sse  text/event-stream #1\nclose  last\n" : "");
        play_free(&p);
    }
}

/* --- gaps --- */

static void test_gap_inside_data(void **state)
{
    (void)state;
    struct play p = play_new();
    struct talk *t = talk_new();
    preface(t);
    headers(t, CLIENT, 1, GET("/s"), END_STREAM);
    headers(t, SERVER, 1, EVENTS, 0);
    raw(t, SERVER, wd_bytes_at("\0\0\x12\0\0\0\0\0\1data: 1\n", 17));
    hole(t, SERVER, 4);
    raw(t, SERVER, wd_bytes_of("2222\n\n"));
    data(t, SERVER, 1, "data: 3\n\n", 0);
    poll_json(t, 3, "1");
    poll_json(t, 5, "2");
    expect(t, &p, OPEN_EVENTS("/s") "s2c text 1/1 3\n" OPEN_JSON("/poll") "s2c text 1/1 1\nclose /poll last\n"
                  OPEN_JSON("/poll") "s2c text 1/1 2\nclose /poll last\nclose /s last\n");
    assert_int_equal(p.ledger.layer[WD_LAYER_UNDECODED], 8 + 6);
    assert_int_equal(p.ledger.reason_bytes[WD_REASON_GAP], 8 + 6);
    play_free(&p);
}

static void test_gap_across_frames(void **state)
{
    (void)state;
    struct play p = play_new();
    struct wd_buf block = { 0 };
    struct talk *t = talk_new();
    preface(t);
    headers(t, CLIENT, 1, GET("/s"), END_STREAM);
    headers(t, CLIENT, 3, GET("/t"), END_STREAM);
    frame(t, SERVER, HEADERS, END_HEADERS, 1, block_of(&block, EVENTS, true));
    data(t, SERVER, 1, "data: 1\n\ndata:", 0);
    hole(t, SERVER, 100);
    raw(t, SERVER, wd_bytes_of("2\n\n and no frame"));
    next(t);
    data(t, SERVER, 1, "data: 3\n\ndata: 4\n\n", 0);
    /* Its index refers to what the hole may have moved. */
    frame(t, SERVER, HEADERS, END_HEADERS, 3, wd_bytes_at("\x88\xbe", 2));
    data(t, SERVER, 3, "data: 5\n\ndata: 6\n\n", 0);
    expect(t, &p, OPEN_EVENTS("/s") "s2c text 1/1 1\ns2c text 1/1 4\n"
                  "open sse /t text/event-stream #1\ns2c text 1/1 6\nclose /s last\nclose /t last\n");
    assert_int_equal(p.ledger.reason_bytes[WD_REASON_GAP], 5 + 16 + 9 + 1);
    assert_int_equal(p.ledger.reason_bytes[WD_REASON_INCOMPLETE], 9);   /* whether that event began there is not known */
    assert_int_equal(p.ledger.layer[WD_LAYER_UNDECODED], 5 + 16 + 9 + 1 + 9);
    wd_buf_free(&block);
    play_free(&p);
}

static void test_gap_inside_headers(void **state)
{
    (void)state;
    struct play p = play_new();
    struct talk *t = talk_new();
    preface(t);
    raw(t, CLIENT, wd_bytes_at("\0\0\x0a\1\5\0\0\0\1\x82\x84", 11));
    hole(t, CLIENT, 5);
    raw(t, CLIENT, wd_bytes_of("abc"));
    headers(t, SERVER, 1, JSON, 0);
    data(t, SERVER, 1, "{}", END_STREAM);
    poll_json(t, 3, "1");
    poll_json(t, 5, "2");
    expect(t, &p, OPEN_JSON("/poll") "s2c text 1/1 1\nclose /poll last\n" OPEN_JSON("/poll") "s2c text 1/1 2\nclose /poll last\n");
    assert_int_equal(p.ledger.reason_bytes[WD_REASON_GAP], 2 + 3);
    play_free(&p);
}

/* --- ends --- */

static void test_reset_lingers(void **state)
{
    (void)state;
    struct play p = play_new();
    struct talk *t = talk_new();
    preface(t);
    headers(t, CLIENT, 1, GET("/s"), END_STREAM);
    headers(t, SERVER, 1, EVENTS, 0);
    data(t, SERVER, 1, "data: 1\n\nda", 0);
    frame(t, CLIENT, RST_STREAM, 0, 1, wd_bytes_at("\0\0\0\10", 4));
    data(t, SERVER, 1, "ta: 2\n\ndata: 3", 0);
    frame(t, SERVER, RST_STREAM, 0, 1, wd_bytes_at("\0\0\0\10", 4));
    data(t, SERVER, 1, "late", 0);
    expect(t, &p, OPEN_EVENTS("/s") "s2c text 1/1 1\ns2c text 1/1 2\nclose /s last\n");
    assert_int_equal(p.ledger.reason_bytes[WD_REASON_INCOMPLETE], 7 + 4);
    play_free(&p);
}

static void test_reset_flood(void **state)
{
    (void)state;
    struct play p = play_new();
    struct talk *t = talk_new();
    preface(t);
    headers(t, CLIENT, 1, GET("/s"), END_STREAM);
    headers(t, SERVER, 1, EVENTS, 0);
    for (uint32_t stream = 3; stream < 2000; stream += 2) {
        headers(t, CLIENT, stream, GET("/x"), 0);
        data(t, CLIENT, stream, "", 0);
        frame(t, CLIENT, RST_STREAM, 0, stream, wd_bytes_at("\0\0\0\10", 4));
        frame(t, CLIENT, WINDOW_UPDATE, 0, stream, wd_bytes_at("\x7f\xff\xff\xff", 4));
    }
    data(t, SERVER, 1, "data: 1\n\n", 0);
    play(&p, t->steps, t->count, 0, SIZE_MAX);
    assert_string_equal(wd_buf_cstr(&p.log), OPEN_EVENTS("/s") "s2c text 1/1 1\nclose /s last\n");
    assert_int_equal(p.ledger.layer[WD_LAYER_UNDECODED], 0);
    talk_free(t);
    play_free(&p);
}

static void test_cut(void **state)
{
    (void)state;
    struct play p = play_new();
    struct talk *t = talk_new();
    preface(t);
    poll_json(t, 1, "1");
    headers(t, CLIENT, 3, GET("/poll"), END_STREAM);
    headers(t, SERVER, 3, JSON, 0);
    data(t, SERVER, 3, "{\"half\":", 0);
    raw(t, SERVER, wd_bytes_at("\0\0\4\0", 4));
    expect(t, &p, OPEN_JSON("/poll") "s2c text 1/1 1\nclose /poll last\n");
    assert_int_equal(p.ledger.reason_bytes[WD_REASON_INCOMPLETE], 8 + 4);
    play_free(&p);
}

/* --- faults --- */

/* What the server sends after the head of an event stream, and what becomes of the bytes from `from` on. */
static const struct fault { const char *what; struct wd_bytes bytes; size_t undecoded; enum wd_reason reason; } faults[] = {
    { "data of no stream", BYTES("\0\0\1\0\0\0\0\0\0x"), 10, WD_REASON_MALFORMED_HTTP },
    { "headers of no stream", BYTES("\0\0\1\1\4\0\0\0\0\x88"), 10, WD_REASON_MALFORMED_HTTP },
    { "settings of a stream", BYTES("\0\0\0\4\0\0\0\0\1"), 9, WD_REASON_MALFORMED_HTTP },
    { "half a setting", BYTES("\0\0\3\4\0\0\0\0\0\0\0\0"), 12, WD_REASON_MALFORMED_HTTP },
    { "a long ping", BYTES("\0\0\x09\6\0\0\0\0\0" "123456789"), 18, WD_REASON_MALFORMED_HTTP },
    { "a continuation of nothing", BYTES("\0\0\1\x09\4\0\0\0\1\x88"), 10, WD_REASON_MALFORMED_HTTP },
    { "data between continuations", BYTES("\0\0\1\1\0\0\0\0\3\x88" "\0\0\1\0\0\0\0\0\1x"), 11, WD_REASON_MALFORMED_HTTP },
    { "a continuation of another", BYTES("\0\0\1\1\0\0\0\0\3\x88" "\0\0\1\x09\4\0\0\0\5\x88"), 11, WD_REASON_MALFORMED_HTTP },
    { "padding beyond the frame", BYTES("\0\0\3\0\x08\0\0\0\1\3ab"), 2, WD_REASON_MALFORMED_HTTP },
    { "padding without a length", BYTES("\0\0\0\0\x08\0\0\0\1x"), 1, WD_REASON_MALFORMED_HTTP },
    { "padding beyond a head", BYTES("\0\0\2\1\x0c\0\0\0\3\5\x88"), 2, WD_REASON_MALFORMED_HTTP },
    { "a head without its priority", BYTES("\0\0\2\1\x24\0\0\0\3\0\0"), 2, WD_REASON_MALFORMED_HTTP },
    { "data of an idle stream", BYTES("\0\0\3\0\0\0\0\0\x09xyz"), 3, WD_REASON_MALFORMED_HTTP },
    { "data before its head", BYTES("\0\0\3\0\0\0\0\0\3xyz"), 3, WD_REASON_MALFORMED_HTTP },
    { "a table beyond the limit", BYTES("\0\0\4\1\4\0\0\0\3\x3f\xe2\xff\3"), 4, WD_REASON_LIMIT },
    { "an index of nothing", BYTES("\0\0\2\1\4\0\0\0\3\x88\xc4"), 2, WD_REASON_MALFORMED_HTTP },
    { "an index of 40 bits", BYTES("\0\0\7\1\4\0\0\0\3\xff\xff\xff\xff\xff\xff\1"), 7, WD_REASON_MALFORMED_HTTP },
    /* and what is none */
    { "a frame of an unknown type", BYTES("\0\0\1\x63\xff\0\0\0\7x"), 0, WD_REASON_LIMIT },
    { "a table as large as the limit", BYTES("\0\0\5\1\5\0\0\0\3\x3f\xe1\xff\3\x88"), 0, WD_REASON_LIMIT },
    { "a head that is all padding", BYTES("\0\0\2\1\x0d\0\0\0\3\1\0"), 0, WD_REASON_LIMIT },
    { "priority", BYTES("\0\0\5\2\0\0\0\0\3\0\0\0\1\1"), 0, WD_REASON_LIMIT },
    { "good bye", BYTES("\0\0\x0a\7\0\0\0\0\0\0\0\0\3\0\0\0\0hi"), 0, WD_REASON_LIMIT },
};

static void test_faults(void **state)
{
    (void)state;
    for (size_t i = 0; i < WD_COUNT(faults); i++) {
        struct play p = play_new();
        struct talk *t = talk_new();
        preface(t);
        headers(t, CLIENT, 1, GET("/s"), END_STREAM);
        headers(t, CLIENT, 3, GET("/t"), END_STREAM);
        headers(t, SERVER, 1, EVENTS, 0);
        data(t, SERVER, 1, "data: 1\n\n", 0);
        raw(t, SERVER, faults[i].bytes);
        print_message("%s\n", faults[i].what);
        expect(t, &p, OPEN_EVENTS("/s") "s2c text 1/1 1\nclose /s last\n");
        assert_int_equal(p.ledger.layer[WD_LAYER_UNDECODED], faults[i].undecoded);
        assert_int_equal(p.ledger.reason_bytes[faults[i].reason], faults[i].undecoded);
        assert_int_equal(p.ledger.reason_streams[faults[i].reason], faults[i].undecoded > 0);
        play_free(&p);
    }
}

/* Both sides begin with SETTINGS; what begins otherwise is not HTTP/2, however its bytes may be read as frames. */
static void test_begins_otherwise(void **state)
{
    static const struct wd_bytes others[] = {
        BYTES("\x17\x03\x03\x63\xff\0\0\0\7garbage"),     /* a long frame of an unknown type */
        BYTES("\0\0\0\4\1\0\0\0\0"),                      /* SETTINGS that acknowledge what nobody asked for */
        BYTES("\0\0\x08\6\0\0\0\0\0" "12345678"),
    };
    (void)state;
    for (size_t i = 0; i < WD_COUNT(others); i++) {
        struct play p = play_new();
        struct talk *t = talk_new();
        raw(t, CLIENT, (struct wd_bytes)BYTES("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" "\0\0\0\4\0\0\0\0\0"));
        headers(t, CLIENT, 1, GET("/s"), END_STREAM);
        raw(t, SERVER, others[i]);
        expect(t, &p, "");
        assert_int_equal(p.ledger.reason_bytes[WD_REASON_MALFORMED_HTTP], others[i].len);
        play_free(&p);
    }
}

/* A block that cannot be read costs its stream: frames go on. */
static void test_after_a_broken_block(void **state)
{
    (void)state;
    struct play p = play_new();
    struct talk *t = talk_new();
    preface(t);
    headers(t, CLIENT, 1, GET("/s"), END_STREAM);
    headers(t, CLIENT, 3, GET("/t"), END_STREAM);
    headers(t, SERVER, 1, EVENTS, 0);
    frame(t, SERVER, HEADERS, END_HEADERS, 3, wd_bytes_at("\x88\xc4", 2));
    data(t, SERVER, 3, "lost", END_STREAM);
    data(t, SERVER, 1, "data: 1\n\n", END_STREAM);
    poll_json(t, 5, "1");
    poll_json(t, 7, "2");
    headers(t, CLIENT, 9, GET("/u"), END_STREAM);
    frame(t, SERVER, HEADERS, END_HEADERS, 9, wd_bytes_at("\x88\xbe", 2));   /* an entry that the broken block may have made */
    data(t, SERVER, 9, "what?", END_STREAM);
    expect(t, &p, OPEN_EVENTS("/s") "s2c text 1/1 1\nclose /s last\n"
                  OPEN_JSON("/poll") "s2c text 1/1 1\nclose /poll last\n" OPEN_JSON("/poll") "s2c text 1/1 2\nclose /poll last\n");
    assert_int_equal(p.ledger.reason_bytes[WD_REASON_MALFORMED_HTTP], 2 + 4 + 1 + 5);
    play_free(&p);
}

/* --- limits --- */

static void test_header_limits(void **state)
{
    (void)state;
    for (int which = 0; which < 3; which++) {
        struct play p = play_new();
        struct talk *t = talk_new();
        if (which == 0)
            p.limits.header_count = 4;
        else if (which == 1)
            p.limits.header_list = 200;
        preface(t);
        poll_json(t, 1, "1");
        headers(t, CLIENT, 3, GET("/poll"), END_STREAM);
        headers(t, SERVER, 3, JSON "|a 1|b 2|c 3|d 4|e 5", 0);
        data(t, SERVER, 3, "2", END_STREAM);
        poll_json(t, 5, "3");
        expect(t, &p, which < 2 ? OPEN_JSON("/poll") "s2c text 1/1 1\nclose /poll last\n" OPEN_JSON("/poll") "s2c text 1/1 3\nclose /poll last\n"
                                : NULL);
        assert_int_equal(p.messages, which < 2 ? 2 : 3);
        assert_int_equal(p.ledger.reason_bytes[WD_REASON_LIMIT], which < 2);
        play_free(&p);
    }
}

/* One byte that stands for four thousand, again and again. */
static void test_hpack_bomb(void **state)
{
    (void)state;
    struct play p = play_new();
    struct talk *t = talk_new();
    struct wd_buf block = { 0 };
    preface(t);
    headers(t, CLIENT, 1, GET("/s"), END_STREAM);
    headers(t, SERVER, 1, EVENTS, 0);
    const uint8_t literal[] = { 0x40, 1, 'x', 0x7f, 0xa1, 0x1e };   /* a value of 4,000 bytes */
    wd_buf_put(&block, wd_bytes_at(literal, sizeof literal));
    for (int i = 0; i < 4000; i++)
        wd_buf_byte(&block, 'y');
    for (int i = 0; i < 100000; i++)
        wd_buf_byte(&block, 0xbe);
    frame(t, CLIENT, HEADERS, END_HEADERS, 3, wd_buf_bytes(&block));
    data(t, CLIENT, 3, "abandoned", 0);
    data(t, SERVER, 1, "data: 1\n\n", END_STREAM);
    play(&p, t->steps, t->count, 0, SIZE_MAX);
    assert_string_equal(wd_buf_cstr(&p.log), OPEN_EVENTS("/s") "s2c text 1/1 1\nclose /s last\n");
    assert_int_equal(p.ledger.reason_bytes[WD_REASON_LIMIT], 9);
    wd_buf_free(&block);
    talk_free(t);
    play_free(&p);
}

static void test_too_many_streams(void **state)
{
    (void)state;
    struct play p = play_new();
    struct talk *t = talk_new();
    p.limits.streams = 2;
    preface(t);
    for (uint32_t stream = 1; stream <= 5; stream += 2) {
        headers(t, CLIENT, stream, GET("/s"), END_STREAM);
        headers(t, SERVER, stream, EVENTS, 0);
        data(t, SERVER, stream, "data: 1\n\ndata: x", 0);
    }
    data(t, SERVER, 3, "\n\n", 0);
    data(t, SERVER, 1, "\n\n", 0);
    expect(t, &p, OPEN_EVENTS("/s") "s2c text 1/1 1\n" OPEN_EVENTS("/s") "s2c text 1/1 1\nclose /s last\n" OPEN_EVENTS("/s")
                  "s2c text 1/1 1\ns2c text 1/1 x\nclose /s last\nclose /s last\n");
    assert_int_equal(p.ledger.reason_bytes[WD_REASON_LIMIT], 7);
    assert_int_equal(p.ledger.reason_bytes[WD_REASON_INCOMPLETE], 7 + 2);
    play_free(&p);
}

static void test_large_frame(void **state)
{
    (void)state;
    struct play p = play_new();
    struct talk *t = talk_new();
    static char text[3 << 20];
    memset(text, '1', sizeof text - 1);
    p.is_quiet = true;
    p.wanted = "/poll";
    preface(t);
    poll_json(t, 1, text);
    play(&p, t->steps, t->count, 1400, SIZE_MAX);
    assert_int_equal(p.wire_len, sizeof text - 1);
    talk_free(t);
    play_free(&p);
}

/* --- tunnels --- */

#define CONNECT_WS ":method CONNECT|:protocol websocket|:scheme http|:path /ws?token=1|:authority x"
#define OPEN_WS "open websocket /ws #1\n"

static void test_websocket(void **state)
{
    (void)state;
    struct play p = play_new();
    struct talk *t = talk_new();
    preface(t);
    headers(t, CLIENT, 1, CONNECT_WS, 0);
    data(t, CLIENT, 1, "\x81\x02hi", 0);   /* ahead of the answer */
    headers(t, SERVER, 1, ":status 200", 0);
    poll_json(t, 3, "1");
    data(t, SERVER, 1, "\x81\x03one\x89\x01p\x01\x02tw", 0);
    data_of(t, CLIENT, 1, wd_bytes_at("\x81\x82" "abcd\0\0", 8), 0);
    data(t, SERVER, 1, "\x80\x01o", 0);
    data(t, CLIENT, 1, "\x88", 0);
    data_of(t, CLIENT, 1, wd_bytes_at("\0", 1), END_STREAM);
    data_of(t, SERVER, 1, wd_bytes_at("\x88\0", 2), END_STREAM);
    poll_json(t, 5, "2");
    expect(t, &p, OPEN_WS "c2s text 2/2 hi\ns2c text 3/3 one\nc2s text 2/2 ab\ns2c text 3/3 two\nclose /ws last\n"
                  OPEN_JSON("/poll") "s2c text 1/1 1\nclose /poll last\n" OPEN_JSON("/poll") "s2c text 1/1 2\nclose /poll last\n");
    assert_int_equal(p.counts.opened, 1);
    assert_int_equal(p.counts.pings, 1);
    assert_int_equal(p.counts.closes, 1);
    play_expect_layers(&p, p.fed - 14 - 7 - 12, 2 + 2 + 2 + 6 + 2, 3 + 2 + 2, 2 + 3 + 2 + 3 + 1 + 1, 0);
    play_free(&p);
}

static void test_websocket_refused(void **state)
{
    (void)state;
    struct play p = play_new();
    struct talk *t = talk_new();
    preface(t);
    headers(t, CLIENT, 1, CONNECT_WS, 0);
    data(t, CLIENT, 1, "\x81\x02hi", END_STREAM);
    headers(t, SERVER, 1, ":status 403|content-type text/plain", 0);
    data(t, SERVER, 1, "no", END_STREAM);
    poll_json(t, 3, "1");
    poll_json(t, 5, "2");
    expect(t, &p, OPEN_JSON("/poll") "s2c text 1/1 1\nclose /poll last\n" OPEN_JSON("/poll") "s2c text 1/1 2\nclose /poll last\n");
    play_expect_layers(&p, p.fed - 2, 0, 0, 2, 0);
    play_free(&p);
}

/* What is held for all streams together is bounded. */
static void test_held(void **state)
{
    (void)state;
    struct play p = play_new();
    struct talk *t = talk_new();
    p.limits.header_list = 400;
    preface(t);
    for (uint32_t stream = 1; stream <= 3; stream += 2) {
        headers(t, CLIENT, stream, CONNECT_WS, 0);
        for (int i = 0; i < 60; i++)
            data(t, CLIENT, stream, "\x81\x02hi", 0);
    }
    for (uint32_t stream = 1; stream <= 3; stream += 2)
        headers(t, SERVER, stream, ":status 200", 0);
    expect(t, &p, NULL);
    assert_int_equal(p.messages, 60);
    assert_int_equal(p.ledger.reason_bytes[WD_REASON_LIMIT], 60 * 4);   /* of the second, for which not enough was left */
    play_free(&p);
}

static void test_websocket_gap(void **state)
{
    (void)state;
    struct play p = play_new();
    struct talk *t = talk_new();
    preface(t);
    headers(t, CLIENT, 1, CONNECT_WS, 0);
    headers(t, SERVER, 1, ":status 200", 0);
    raw(t, SERVER, wd_bytes_at("\0\0\x0e\0\0\0\0\0\1\x81\6abc", 14));
    hole(t, SERVER, 3);
    raw(t, SERVER, wd_bytes_of("\x81\x04" "done"));
    expect(t, &p, OPEN_WS "s2c text 4/4 done\nclose /ws last\n");
    assert_int_equal(p.ledger.reason_bytes[WD_REASON_GAP], 3);
    play_free(&p);
}

static void test_unknown_protocol(void **state)
{
    (void)state;
    struct play p = play_new();
    struct talk *t = talk_new();
    preface(t);
    headers(t, CLIENT, 1, ":method CONNECT|:protocol connect-udp|:path /u", 0);
    headers(t, SERVER, 1, ":status 200", 0);
    data(t, CLIENT, 1, "12345", 0);
    data(t, SERVER, 1, "678", 0);
    expect(t, &p, "");
    assert_int_equal(p.ledger.reason_bytes[WD_REASON_UNKNOWN_PROTOCOL], 8);
    play_free(&p);
}

static void test_tunnel(void **state)
{
    (void)state;
    struct play p = play_new();
    struct talk *t = talk_new();
    preface(t);
    headers(t, CLIENT, 1, ":method CONNECT|:authority far:80", 0);
    headers(t, SERVER, 1, ":status 200", 0);
    data(t, CLIENT, 1, "GET /inner HTTP/1.1\r\n\r\n", 0);
    data(t, SERVER, 1, "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: ", 0);
    data(t, SERVER, 1, "in\n\n", 0);
    expect(t, &p, OPEN_EVENTS("/inner") "s2c text 2/2 in\nclose /inner last\n");
    play_free(&p);
}

/* A connection in a tunnel in a connection in a tunnel ... ends at the limit on nesting, and so do its streams. */
static void test_nesting(void **state)
{
    (void)state;
    struct play p = play_new();
    struct talk *t = talk_new();
    struct wd_buf inner = { 0 };
    enum { LEVELS = 12 };
    for (int level = 0; level < LEVELS; level++) {
        struct talk *outer = talk_new();
        raw(outer, CLIENT, wd_bytes_of("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"));
        frame(outer, CLIENT, SETTINGS, 0, 0, wd_bytes_of(""));
        headers(outer, CLIENT, 1, ":method CONNECT|:authority x", 0);
        if (inner.len)
            data_of(outer, CLIENT, 1, wd_buf_bytes(&inner), 0);
        wd_buf_reset(&inner);
        wd_buf_put(&inner, outer->steps[0].bytes);
        talk_free(outer);
    }
    raw(t, CLIENT, wd_buf_bytes(&inner));
    wd_buf_reset(&inner);
    for (int level = 0; level < LEVELS; level++) {
        struct talk *outer = talk_new();
        frame(outer, SERVER, SETTINGS, 0, 0, wd_bytes_of(""));
        headers(outer, SERVER, 1, ":status 200", 0);
        if (inner.len)
            data_of(outer, SERVER, 1, wd_buf_bytes(&inner), 0);
        wd_buf_reset(&inner);
        wd_buf_put(&inner, outer->steps[0].bytes);
        talk_free(outer);
    }
    raw(t, SERVER, wd_buf_bytes(&inner));
    wd_buf_free(&inner);
    expect(t, &p, "");
    assert_true(p.ledger.reason_bytes[WD_REASON_LIMIT] > 0);
    assert_int_equal(p.ledger.layer[WD_LAYER_UNDECODED], p.ledger.reason_bytes[WD_REASON_LIMIT]);
    play_free(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_polled),
        cmocka_unit_test(test_posted),
        cmocka_unit_test(test_events_padded_with_trailers),
        cmocka_unit_test(test_streams_interleave),
        cmocka_unit_test(test_bodiless),
        cmocka_unit_test(test_pushed),
        cmocka_unit_test(test_continuations),
        cmocka_unit_test(test_server_first),
        cmocka_unit_test(test_upgraded),
        cmocka_unit_test(test_joined_late),
        cmocka_unit_test(test_joined_before_the_preface),
        cmocka_unit_test(test_joined_inside_streams),
        cmocka_unit_test(test_agreed_by_alpn),
        cmocka_unit_test(test_gap_inside_data),
        cmocka_unit_test(test_gap_across_frames),
        cmocka_unit_test(test_gap_inside_headers),
        cmocka_unit_test(test_reset_lingers),
        cmocka_unit_test(test_reset_flood),
        cmocka_unit_test(test_cut),
        cmocka_unit_test(test_faults), cmocka_unit_test(test_begins_otherwise),
        cmocka_unit_test(test_after_a_broken_block),
        cmocka_unit_test(test_header_limits),
        cmocka_unit_test(test_hpack_bomb),
        cmocka_unit_test(test_too_many_streams),
        cmocka_unit_test(test_large_frame),
        cmocka_unit_test(test_websocket),
        cmocka_unit_test(test_websocket_refused),
        cmocka_unit_test(test_held),
        cmocka_unit_test(test_websocket_gap),
        cmocka_unit_test(test_unknown_protocol),
        cmocka_unit_test(test_tunnel),
        cmocka_unit_test(test_nesting),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
