/* Server-sent events: the examples of WHATWG HTML "Server-sent events", line ends of every kind, cut anywhere, compressed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <brotli/encode.h>
#include <zlib.h>
#include <zstd.h>

#include "message/inflate.h"
#include "play.h"

#define CHECK(p, steps, expected) play_check(&(p), (steps), WD_COUNT(steps), (expected))
#define GET "GET /s?x=1 HTTP/1.1\r\n\r\n"
#define STREAM "HTTP/1.1 200 OK\r\nContent-Type: Text/Event-Stream; charset=utf-8\r\n\r\n"
#define HEADS (sizeof(GET) - 1 + sizeof(STREAM) - 1)
#define OPENED "open sse /s text/event-stream #1\n"
#define CLOSED "close /s last\n"

/* messages as play.h writes them; control, payload and undecoded of the stream: the rest is framing */
struct row { struct wd_bytes text; const char *expected; uint64_t control, payload, undecoded; };

static const struct row rows[] = {
    /* the examples of the specification */
    { BYTES("data: This is the first message.\n\ndata: This is the second message, it\ndata: has two lines.\n\n"
            "data: This is the third message.\n\n"),
      "s2c text 26/26 This is the first message.\ns2c text 45/45 This is the second message, it\\nhas two lines.\n"
      "s2c text 26/26 This is the third message.\n", 0, 97, 0 },
    { BYTES("event: add\ndata: 73857293\n\nevent: remove\ndata: 2153\n\nevent: add\ndata: 113411\n\n"),
      "s2c text <add> 8/8 73857293\ns2c text <remove> 4/4 2153\ns2c text <add> 6/6 113411\n", 0, 18, 0 },
    { BYTES("data: YHOO\ndata: +2\ndata: 10\n\n"), "s2c text 10/10 YHOO\\n+2\\n10\n", 0, 10, 0 },
    { BYTES(": test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third event\n"),
      "s2c text 11/11 first event\ns2c text 12/12 second event\n", 14, 23, 19 },
    { BYTES("data\n\ndata\ndata\n\ndata:\n"), "s2c text 0/0 \ns2c text 1/1 \\n\n", 0, 1, 6 },
    { BYTES("data:test\n\ndata: test\n\n"), "s2c text 4/4 test\ns2c text 4/4 test\n", 0, 8, 0 },
    /* line ends; the byte that became the line feed is payload, the rest of it framing */
    { BYTES("data: a\r\ndata: b\r\n\r\n"), "s2c text 3/3 a\\nb\n", 0, 3, 0 },
    { BYTES("data: a\rdata: b\r\rdata: c\n\rdata:d\r\n\n"), "s2c text 3/3 a\\nb\ns2c text 1/1 c\ns2c text 1/1 d\n", 0, 5, 0 },
    { BYTES(": c\r\n\r\n:\r\nretry: 10\r\n"), "", 19, 0, 0 },
    /* fields */
    { BYTES("retry: 1000\nretry\nid: 7\nfoo: bar\ndatum: x\ndata-x: y\ndata : z\n\n"), "", 18, 0, 0 },
    { BYTES("event: a\n\ndata: x\n\nevent: b\nevent:\ndata: y\n\nevent: c\nevent: d\ndata: z\n\n"),
      "s2c text 1/1 x\ns2c text 1/1 y\ns2c text <d> 1/1 z\n", 0, 3, 0 },
    { BYTES("data: a\n: in between\ndata: b\n\n"), "s2c text 3/3 a\\nb\n", 13, 3, 0 },
    { BYTES("data: {\"a\": \"b: c\"}\n\n"), "s2c text 13/13 {\"a\": \"b: c\"}\n", 0, 13, 0 },
    { BYTES("data: a\0b\n\n"), "s2c text 3/3 a\\x00b\n", 0, 3, 0 },
    { BYTES("\n\n\n"), "", 0, 0, 0 },
    /* byte order mark: one, at the very start */
    { BYTES("\xef\xbb\xbf" "data: a\n\n"), "s2c text 1/1 a\n", 0, 1, 0 },
    { BYTES("\xef\xbb\xbf\xef\xbb\xbf" "data: a\ndata: b\n\n"), "s2c text 1/1 b\n", 0, 1, 0 },
    { BYTES("\xef\xbb" "data: a\ndata: b\n\n"), "s2c text 1/1 b\n", 0, 1, 0 },
    { BYTES("\xef" "\n" "data: b\n\n"), "s2c text 1/1 b\n", 0, 1, 0 },
    /* unfinished */
    { BYTES("data: a\n\nevent: x\ndata: b\n"), "s2c text 1/1 a\n", 0, 1, 17 },
    { BYTES("data: a\n\n: keep-al"), "s2c text 1/1 a\n", 0, 1, 9 },
    { BYTES("data: a\r\n\r\nda"), "s2c text 1/1 a\n", 0, 1, 2 },
};

static void test_streams(void **state)
{
    (void)state;
    for (size_t i = 0; i < WD_COUNT(rows); i++) {
        struct play p = play_new();
        struct wd_buf expected = { 0 };
        wd_buf_printf(&expected, OPENED "%s" CLOSED, rows[i].expected);
        const struct step steps[] = { C(GET), S(STREAM), { .side = 1, .bytes = rows[i].text } };
        CHECK(p, steps, wd_buf_cstr(&expected));
        uint64_t framing = rows[i].text.len - rows[i].control - rows[i].payload - rows[i].undecoded;
        play_expect_layers(&p, HEADS, framing, rows[i].control, rows[i].payload, rows[i].undecoded);
        assert_int_equal(p.ledger.reason_bytes[WD_REASON_INCOMPLETE], rows[i].undecoded);
        assert_int_equal(p.counts.opened, 1);
        play_free(&p);
        wd_buf_free(&expected);
    }
}

static void test_resumed_on_the_same_connection(void **state)
{
    (void)state;
    struct play p = play_new();
#define CHUNKED "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
    const struct step steps[] = {
        C(GET), S(CHUNKED "8\r\ndata: 1\n\r\n" "1\r\n\n\r\n"), S("7\r\ndata: u\r\n0\r\n\r\n"), C("GET /s?x=2 HTTP/1.1\r\nLast-Event-ID: 1\r\n\r\n"),
        S(CHUNKED "9\r\ndata: 2\n\n\r\n"), END_S,
    };
    CHECK(p, steps, OPENED "s2c text 1/1 1\nclose /s\nopen sse /s text/event-stream #2\ns2c text 1/1 2\n" CLOSED);
    assert_int_equal(p.ledger.reason_bytes[WD_REASON_INCOMPLETE], 7);
    assert_int_equal(p.counts.opened, 2);
    play_free(&p);
}

static void test_polled_and_streamed_at_one_path(void **state)
{
    (void)state;
    struct play p = play_new();
    const struct step steps[] = {
        C(GET GET GET), S("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 1\r\n\r\n1"),
        S("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 1\r\n\r\n2" STREAM "data: 3\n\n"),
    };
    CHECK(p, steps, "open http /s application/json #1\ns2c text 1/1 1\ns2c text 1/1 2\n" OPENED "s2c text 1/1 3\n" CLOSED CLOSED);
    play_free(&p);
}

static void test_only_a_200_is_a_stream(void **state)
{
    (void)state;
    struct play p = play_new();
    const struct step steps[] = { C(GET), S("HTTP/1.1 500 No\r\nContent-Type: text/event-stream\r\n\r\ndata: 1\n\n") };
    CHECK(p, steps, "");
    assert_int_equal(p.ledger.layer[WD_LAYER_HTTP], p.fed);
    play_free(&p);
}

static void test_gap_costs_the_event(void **state)
{
    (void)state;
    struct play p = play_new();
    const struct step steps[] = {
        C(GET), S(STREAM "data: 1\n\nevent: x\ndata: 2"), GAP_S(9), S("2\n\ndata: 3\n\n"),
        { .side = 1, .is_unknown_gap = true }, S("ata: 4\n\ndata: 5\n\n"),
    };
    CHECK(p, steps, OPENED "s2c text 1/1 1\ns2c text 1/1 3\ns2c text 1/1 5\n" CLOSED);
    assert_int_equal(p.ledger.reason_bytes[WD_REASON_GAP], 16 + 3 + 8);
    play_free(&p);
}

static void test_gap_across_chunks(void **state)
{
    (void)state;
    struct play p = play_new();
    const struct step steps[] = {
        C(GET), S(CHUNKED "9\r\ndata: 1\n\n\r\n"), GAP_S(14), S("9\r\ndata: 3\n\n\r\n"), S("9\r\ndat"), GAP_S(20),
        S("4\n\n\r\n"), S("9\r\ndata: 5\n\n\r\n"), S("9\r\ndata: 6\n\n\r\n"), GAP_S(100),
        C(GET), S(CHUNKED "9\r\ndata: 7\n\n\r\n"),
    };
    CHECK(p, steps, OPENED "s2c text 1/1 1\ns2c text 1/1 6\nclose /s\nopen sse /s text/event-stream #2\ns2c text 1/1 7\n" CLOSED);
    /* 3 and 5: the end of the event before them may be among what is missing */
    assert_int_equal(p.ledger.reason_bytes[WD_REASON_GAP], 9 + 3 + 5 + 9);
    play_free(&p);
}

static void test_midway(void **state)
{
    (void)state;
    struct play p = play_new();
    p.is_midway = true;
    p.client_by = WD_CLIENT_BY_PORT;
    p.client = 1;
    const struct step steps[] = { S("ta: 0\n\n\r\n"), S("11\r\nid: 1\ndata: {1}\n\n\r\n"), S("9\r\ndata: 2\n\n\r\n0\r\n\r\n"), C(GET) };
    CHECK(p, steps, "open sse  text/event-stream #1\ns2c text 1/1 2\nclose \nclose  last\n");
    assert_int_equal(p.ledger.reason_bytes[WD_REASON_INCOMPLETE], 9 + 17);   /* that event may have begun before */
    assert_int_equal(p.counts.opened, 0);
    assert_int_equal(p.client_after, 0);
    play_free(&p);
}

static void test_too_long(void **state)
{
    (void)state;
    struct play p = play_new();
    p.limits.message = 4;
    const struct step steps[] = { C(GET), S(STREAM "data: 123\ndata: 456\n\ndata: 7\n\n") };
    CHECK(p, steps, OPENED "s2c text 7/7 cut 123\\n\ns2c text 1/1 7\n" CLOSED);
    play_free(&p);
}

/* --- compressed --- */

static void put_event(struct wd_buf *text, int i)
{
    wd_buf_printf(text, "event: quote\nid: %d\ndata: {\"symbol\":\"ACME\",\ndata: \"price\":%d}\n\n%s", i, i * 37 % 101,
                  i % 3 ? "" : ": keep-alive\n\nretry: 1000\n");
}

/* Twenty events, flushed one by one (or never), in that coding. */
static void compress_events(struct wd_buf *out, const char *coding, bool is_flushed)
{
    z_stream z = { 0 };
    ZSTD_CCtx *zstd = ZSTD_createCCtx();
    BrotliEncoderState *br = BrotliEncoderCreateInstance(NULL, NULL, NULL);
    deflateInit2(&z, 6, Z_DEFLATED, strcmp(coding, "gzip") ? 15 : 31, 8, Z_DEFAULT_STRATEGY);
    for (int i = 0; i < 20; i++) {
        struct wd_buf text = { 0 };
        bool is_last = i == 19;
        put_event(&text, i);
        uint8_t *room = wd_buf_room(out, 4096);
        if (strcmp(coding, "zstd") == 0) {
            ZSTD_inBuffer from = { text.at, text.len, 0 };
            ZSTD_outBuffer to = { room, 4096, 0 };
            ZSTD_compressStream2(zstd, &to, &from, is_last ? ZSTD_e_end : is_flushed ? ZSTD_e_flush : ZSTD_e_continue);
            out->len += to.pos;
        } else if (strcmp(coding, "br") == 0) {
            size_t in_len = text.len, left = 4096;
            const uint8_t *in = text.at;
            BrotliEncoderOperation op = is_last ? BROTLI_OPERATION_FINISH
                                        : is_flushed ? BROTLI_OPERATION_FLUSH : BROTLI_OPERATION_PROCESS;
            assert_true(BrotliEncoderCompressStream(br, op, &in_len, &in, &left, &room, NULL));
            out->len += 4096 - left;
        } else {
            z.next_in = text.at;
            z.avail_in = (uInt)text.len;
            z.next_out = room;
            z.avail_out = 4096;
            deflate(&z, is_last ? Z_FINISH : is_flushed ? Z_SYNC_FLUSH : Z_NO_FLUSH);
            out->len += 4096 - z.avail_out;
        }
        wd_buf_free(&text);
    }
    deflateEnd(&z);
    ZSTD_freeCCtx(zstd);
    BrotliEncoderDestroyInstance(br);
}

static void test_compressed(void **state)
{
    (void)state;
    static const char *const codings[] = { "gzip", "deflate", "br", "zstd" };
    struct wd_buf events = { 0 }, expected = { 0 };
    for (int i = 0; i < 20; i++)
        put_event(&events, i);
    for (size_t i = 0; i < 2 * WD_COUNT(codings); i++) {
        struct wd_buf head = { 0 }, body = { 0 };
        wd_buf_printf(&head, "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Encoding: %s\r\n\r\n", codings[i / 2]);
        compress_events(&body, codings[i / 2], i & 1);
        struct play p = play_new();
        const struct step steps[] = {
            C(GET), { .side = 1, .bytes = wd_buf_bytes(&head) }, { .side = 1, .bytes = wd_buf_bytes(&body) }, END_S,
        };
        CHECK(p, steps, NULL);
        assert_int_equal(p.messages, 20);
        assert_int_equal(p.shared, i < 4 ? 0 : 20);
        /* Everything of the body is shared out, and nobody gets nothing or all of it. */
        const uint64_t *layer = p.ledger.layer;
        assert_int_equal(layer[WD_LAYER_FRAMING] + layer[WD_LAYER_CONTROL] + layer[WD_LAYER_PAYLOAD], body.len);
        assert_true(layer[WD_LAYER_FRAMING] > 0 && layer[WD_LAYER_PAYLOAD] > body.len / 8);
        /* Bodies cut anywhere carry the events before the cut. */
        struct step cut[] = { steps[0], steps[1], { .side = 1, .bytes = { body.at, body.len * 3 / 4 } } };
        play(&p, cut, WD_COUNT(cut), 0, SIZE_MAX);
        assert_true(i & 1 ? p.messages >= 10 : p.messages < 20);
        play_free(&p);
        wd_buf_free(&head);
        wd_buf_free(&body);
    }
    wd_buf_free(&events);
    wd_buf_free(&expected);
}

/* What each byte of a raw stream's text cost, by the inflater that test_inflate.c holds against zlib. */
static void put_costs(struct wd_buf *out, struct wd_bytes packed)
{
    struct wd_inflate *inflate = wd_inflate_open(UINT64_MAX, NULL);
    assert_int_equal(wd_inflate_run(inflate, &packed, 60000), WD_CODING_END);
    struct wd_bit_marks marks = wd_inflate_marks(inflate);
    for (size_t k = 0, at = 0; k < marks.count; k++)
        for (uint64_t start = at, len = marks.at[k].end - start; at < marks.at[k].end; at++)
            wd_buf_byte(out, (uint8_t)((at - start + 1) * marks.at[k].bits / len - (at - start) * marks.at[k].bits / len));
    wd_inflate_close(inflate);
}

/* Those of the data alone: put_event() writes two lines of it, and the first one's end joins them. */
static void pick_data(struct wd_buf *out, uint64_t *by_event, struct wd_bytes text, const uint8_t *costs)
{
    const char *at = (const char *)text.at;
    for (int i = 0; i < 20; i++) {
        const char *first = strstr(at, "data: ") + strlen("data: "), *second = strchr(first, '\n') + 1;
        const char *last = strchr(second, '\n');
        wd_buf_put(out, wd_bytes_at(costs + (first - (const char *)text.at), (size_t)(second - first)));
        second += strlen("data: ");
        wd_buf_put(out, wd_bytes_at(costs + (second - (const char *)text.at), (size_t)(last - second)));
        by_event[i] = out->len;
        at = last;
    }
}

/* Of a deflated stream every byte of every message bears what its symbol took, wherever the stream was cut. */
static void test_costs(void **state)
{
    (void)state;
    struct wd_buf text = { 0 };
    for (int i = 0; i < 20; i++)
        put_event(&text, i);
    wd_buf_cstr(&text);
    for (int i = 0; i < 4; i++) {
        bool is_gzip = i & 2;
        struct wd_buf body = { 0 }, costs = { 0 }, data = { 0 };
        uint64_t by_event[20], wire_len = 0, bits = 0;
        compress_events(&body, is_gzip ? "gzip" : "deflate", i & 1);
        put_costs(&costs, wd_bytes_at(body.at + (is_gzip ? 10 : 2), body.len - (is_gzip ? 18 : 6)));
        assert_int_equal(costs.len, text.len);
        pick_data(&data, by_event, wd_buf_bytes(&text), costs.at);
        for (size_t e = 0, b = 0; e < 20; e++) {
            uint64_t of_event = 0;
            for (; b < by_event[e]; b++)
                of_event += data.at[b];
            wire_len += of_event / 8;
            bits += of_event;
        }
        struct play p = play_new();
        const char *head = is_gzip ? "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Encoding: gzip\r\n\r\n"
                                   : "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Encoding: deflate\r\n\r\n";
        const struct step steps[] = {
            C(GET), { .side = 1, .bytes = wd_bytes_of(head) }, { .side = 1, .bytes = wd_buf_bytes(&body) }, END_S,
        };
        CHECK(p, steps, NULL);
        assert_true(wd_bytes_eq(wd_buf_bytes(&p.bits), wd_buf_bytes(&data)));
        assert_int_equal(p.wire_bits, bits);
        assert_int_equal(p.wire_len, wire_len);
        assert_int_equal(p.shared, 0);
        play_free(&p);
        wd_buf_free(&body);
        wd_buf_free(&costs);
        wd_buf_free(&data);
    }
    wd_buf_free(&text);
}

static void test_gzip_members_and_damage(void **state)
{
    (void)state;
    static const char head[] = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Encoding: gzip\r\n\r\n";
    struct wd_buf body = { 0 };
    struct play p = play_new();
    compress_events(&body, "gzip", true);
    size_t one = body.len;
    compress_events(&body, "gzip", true);
    wd_buf_puts(&body, "padding");
    struct step steps[] = { C(GET), S(head), { .side = 1, .bytes = wd_buf_bytes(&body) }, { .side = 1 } };
    CHECK(p, steps, NULL);
    assert_int_equal(p.messages, 40);
    p.limits.inflate_total = 400;   /* without a complete message: a long stream of short events is fine */
    play(&p, steps, WD_COUNT(steps), 0, SIZE_MAX);
    assert_int_equal(p.messages, 40);
    p.limits.inflate_total = 20;
    play(&p, steps, WD_COUNT(steps), 0, SIZE_MAX);
    assert_int_equal(p.messages, 0);
    assert_true(p.ledger.reason_bytes[WD_REASON_LIMIT] > one);
    p.limits.inflate_total = 64u << 20;

    body.at[one / 2] ^= 0x55;   /* what follows the damage cannot be read */
    CHECK(p, steps, NULL);
    assert_true(p.messages < 20 && p.ledger.reason_bytes[WD_REASON_MALFORMED_ENCODING] > one);
    body.at[one / 2] ^= 0x55;

    steps[2].bytes.len = one / 2;
    steps[3] = (struct step)GAP_S(10);
    const struct step gap[] = { steps[0], steps[1], steps[2], steps[3], { .side = 1, .bytes = { body.at + one / 2 + 10, one / 2 } } };
    play(&p, gap, WD_COUNT(gap), 0, SIZE_MAX);
    assert_true(p.messages < 20 && p.ledger.reason_bytes[WD_REASON_GAP] >= one / 2);
    play_free(&p);
    wd_buf_free(&body);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_streams),
        cmocka_unit_test(test_resumed_on_the_same_connection),
        cmocka_unit_test(test_polled_and_streamed_at_one_path),
        cmocka_unit_test(test_only_a_200_is_a_stream),
        cmocka_unit_test(test_gap_costs_the_event),
        cmocka_unit_test(test_gap_across_chunks),
        cmocka_unit_test(test_midway),
        cmocka_unit_test(test_too_long),
        cmocka_unit_test(test_compressed),
        cmocka_unit_test(test_costs),
        cmocka_unit_test(test_gzip_members_and_damage),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
