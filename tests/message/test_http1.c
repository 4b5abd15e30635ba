/* HTTP/1.1: framing of messages, matching of requests, what becomes of bodies. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <brotli/encode.h>
#include <zlib.h>
#include <zstd.h>

#include "play.h"

#define CHECK(p, steps, expected) play_check(&(p), (steps), WD_COUNT(steps), (expected))
#define GET(path) "GET " path " HTTP/1.1\r\nHost: a\r\n\r\n"
#define JSON(length) "HTTP/1.1 200 OK\r\nContent-Type: application/json; charset=utf-8\r\nContent-Length: " #length "\r\n\r\n"
#define HTML "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 4\r\n\r\nhtml"

static void test_other_bodies_are_http(void **state)
{
    (void)state;
    struct play p = play_new();
    const struct step steps[] = {
        C("\r\n" GET("/")), S(HTML), C(GET("/")), S(HTML),
        C("POST /f HTTP/1.0\nContent-Type: text/plain\nContent-Length: 3, 3\n\nabc"), S("HTTP/1.0 200 OK\n\nuntil the end"), END_S,
    };
    CHECK(p, steps, "");
    assert_int_equal(p.ledger.layer[WD_LAYER_HTTP], p.fed);
    play_free(&p);
}

static void test_polled_json_is_a_message_from_the_first_on(void **state)
{
    (void)state;
    struct play p = play_new();
    const struct step steps[] = {
        C(GET("/api?t=1")), S(JSON(7) "{\"a\":1}"), C(GET("/once")), S(JSON(2) "{}"),
        C(GET("/api?t=2#x")), S(JSON(7) "{\"a\":2}"), C(GET("http://h/api")), S(JSON(0)),
    };
    CHECK(p, steps, "open http /api application/json #1\ns2c text 7/7 {\"a\":1}\ns2c text 7/7 {\"a\":2}\nclose /api last\n");
    play_expect_layers(&p, p.fed - 14, 0, 0, 14, 0);
    play_free(&p);
}

static void test_wanted_json_need_not_be_polled(void **state)
{
    (void)state;
    struct play p = play_new();
    p.wanted = "/api";
    const struct step steps[] = {
        C(GET("/api?t=1")), S(JSON(7) "{\"a\":1}"), C(GET("/once")), S(JSON(2) "{}"), C(GET("/api/")), S(JSON(2) "[]"),
    };
    CHECK(p, steps, "open http /api application/json #1\ns2c text 7/7 {\"a\":1}\nclose /api last\n");
    play_expect_layers(&p, p.fed - 7, 0, 0, 7, 0);
    play_free(&p);
}

static void test_polled_with_request_bodies(void **state)
{
    (void)state;
    struct play p = play_new();
#define POST "POST /rpc HTTP/1.1\r\nContent-Type: application/vnd.x+JSON\r\nTransfer-Encoding: chunked\r\n\r\n"
    const struct step steps[] = {
        C(POST "4\r\n[1,2\r\n1\r\n]\r\n0\r\n\r\n"), S(JSON(1) "1"), C(POST "1\r\n2\r\n0\r\nTrailer: x\r\n\r\n"), S(JSON(1) "3"),
    };
    CHECK(p, steps, "open http /rpc application/vnd.x+json #1\nc2s text 5/5 [1,2]\ns2c text 1/1 1\nc2s text 1/1 2\n"
                    "s2c text 1/1 3\nclose /rpc last\n");
    play_free(&p);
}

static void test_methods_are_told_apart(void **state)
{
    (void)state;
    struct play p = play_new();
    const struct step steps[] = {
        C(GET("/a") "HEAD /a HTTP/1.1\r\n\r\n" "PUT /a HTTP/1.1\r\nContent-Length: 0\r\n\r\n"),
        S(JSON(1) "1" JSON(1) "HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n"),
    };
    CHECK(p, steps, "");
    assert_int_equal(p.ledger.layer[WD_LAYER_HTTP], p.fed);
    play_free(&p);
}

static void test_pipelined(void **state)
{
    (void)state;
    struct play p = play_new();
    const struct step steps[] = {
        C(GET("/a") GET("/b") GET("/a") GET("/b")),
        S("HTTP/1.1 100 Continue\r\n\r\n" JSON(2) "11" JSON(2) "12" "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" JSON(2) "21" JSON(2) "22"),
    };
    CHECK(p, steps, "open http /a application/json #1\ns2c text 2/2 11\nopen http /b application/json #1\ns2c text 2/2 12\n"
                    "s2c text 2/2 21\ns2c text 2/2 22\nclose /a last\nclose /b last\n");
    play_free(&p);
}

static void test_chunked(void **state)
{
    (void)state;
    struct play p = play_new();
#define CHUNKED "HTTP/1.1 200 OK\r\ntransfer-encoding:\r\n chunked\r\nContent-Length: 3\r\nContent-Type:application/json\r\n\r\n"
    const struct step steps[] = {
        C(GET("/a") GET("/a")), S(CHUNKED "003;name=\"x\r\n[1,\r\n"), S("0000000A \r\n123456789]\r\n0\r\nA: b\r\n c\r\n\r\n"),
        S(CHUNKED "1\n7\n0\n\n"),
    };
    CHECK(p, steps, "open http /a application/json #1\ns2c text 13/13 [1,123456789]\ns2c text 1/1 7\nclose /a last\n");
    assert_int_equal(p.ledger.layer[WD_LAYER_UNDECODED], 0);
    play_free(&p);
}

static void test_malformed(void **state)
{
    (void)state;
    static const struct { struct wd_bytes bytes; enum wd_reason reason; uint64_t bytes_of_it; } rows[] = {
        { BYTES("HTTP/1.1 20 OK\r\n\r\nabc"), WD_REASON_MALFORMED_HTTP, 21 },
        { BYTES("GET / HTTP/1.1\r\n\r\n"), WD_REASON_MALFORMED_HTTP, 18 },     /* a request from the server */
        { BYTES("HTTP/1.1 200 OK\r\nContent-Length: 1, 2\r\n\r\nabc"), WD_REASON_MALFORMED_HTTP, 3 },
        { BYTES("HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\nabc"), WD_REASON_MALFORMED_HTTP, 3 },
        { BYTES("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz"), WD_REASON_MALFORMED_HTTP, 3 },
        { BYTES("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nabc"), WD_REASON_MALFORMED_HTTP, 2 },
        { BYTES("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n00000000000000001\r\na"), WD_REASON_MALFORMED_HTTP, 20 },
        { BYTES("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n8\r\nab"), WD_REASON_INCOMPLETE, 0 },
        { BYTES("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n8"), WD_REASON_INCOMPLETE, 1 },
        { BYTES("HTTP/1.1 200 O"), WD_REASON_INCOMPLETE, 14 },
        { BYTES("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 5\r\n\r\n[1"), WD_REASON_INCOMPLETE, 2 },
    };
    for (size_t i = 0; i < WD_COUNT(rows); i++) {
        struct play p = play_new();
        const struct step steps[] = { C(GET("/")), { .side = 1, .bytes = rows[i].bytes } };
        CHECK(p, steps, "");
        assert_int_equal(p.ledger.layer[WD_LAYER_UNDECODED], rows[i].bytes_of_it);
        if (rows[i].bytes_of_it)
            assert_int_equal(p.ledger.reason_bytes[rows[i].reason], rows[i].bytes_of_it);
        play_free(&p);
    }
}

static void test_limits(void **state)
{
    (void)state;
    struct play p = play_new();
    p.limits.header_line = 40;
    p.limits.header_list = 90;
    p.limits.header_count = 3;
    static const struct { struct wd_bytes bytes; uint64_t undecoded; } rows[] = {
        { BYTES("GET / HTTP/1.1\r\nA: b\r\nC: d\r\nE: f\r\n\r\n"), 0 },
        { BYTES("GET / HTTP/1.1\r\nA: b\r\nC: d\r\nE: f\r\nG: h\r\n\r\nxyz"), 45 },
        { BYTES("GET / HTTP/1.1\r\nA: 0123456789012345678901234567890123456789\r\n\r\n"), 63 },
        { BYTES("GET / HTTP/1.1\r\nA: 012345678901234567890123456789\r\nB: 012345678901234567890123456789\r\nC: 01234567890\r\n\r\n"), 104 },
        { BYTES("PUT / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1;aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\na"), 53 },
    };
    for (size_t i = 0; i < WD_COUNT(rows); i++) {
        const struct step steps[] = { { .side = 0, .bytes = rows[i].bytes } };
        CHECK(p, steps, "");
        assert_int_equal(p.ledger.reason_bytes[WD_REASON_LIMIT], rows[i].undecoded);
    }
    play_free(&p);
}

static void test_other_protocols(void **state)
{
    (void)state;
    static const struct { struct wd_bytes bytes; enum wd_reason reason; } rows[] = {
        { BYTES("\x10\x20\x00\x04MQTT\x05"), WD_REASON_UNKNOWN_PROTOCOL },
        { BYTES("PRI * HTTP/2.0\r\n\r\nSN\r\n\r\n"), WD_REASON_UNKNOWN_PROTOCOL },
        { BYTES("hello world\n"), WD_REASON_UNKNOWN_PROTOCOL },
        { BYTES("\x16\x03\x01\x00\x05\x01\x00\x00\x01\x00"), WD_REASON_TLS_NO_KEYS },
        { BYTES("\x16\x03"), WD_REASON_INCOMPLETE },
        { BYTES("GET /a"), WD_REASON_INCOMPLETE },
    };
    for (size_t i = 0; i < WD_COUNT(rows); i++) {
        struct play p = play_new();
        const struct step steps[] = { { .side = 0, .bytes = rows[i].bytes } };
        CHECK(p, steps, "");
        assert_int_equal(p.ledger.reason_bytes[rows[i].reason], p.fed);
        play_free(&p);
    }
}

static void test_client_is_who_asks(void **state)
{
    (void)state;
    struct play p = play_new();
    p.client = 1;
    p.client_by = WD_CLIENT_BY_PORT;
    const struct step steps[] = { C(GET("/a") GET("/a")), S(JSON(1) "1" JSON(1) "2") };
    CHECK(p, steps, "open http /a application/json #1\ns2c text 1/1 1\ns2c text 1/1 2\nclose /a last\n");
    assert_int_equal(p.client_after, 0);
    p.client_by = WD_CLIENT_BY_SYN;   /* who opened the connection is known: a reverse tunnel */
    CHECK(p, steps, "open http /a application/json #1\nc2s text 1/1 1\nc2s text 1/1 2\nclose /a last\n");
    assert_int_equal(p.client_after, 1);
    play_free(&p);
}

static void test_midway_looks_for_the_next_head(void **state)
{
    (void)state;
    struct play p = play_new();
    p.is_midway = true;
    p.client = 1;
    p.client_by = WD_CLIENT_BY_PORT;
    const struct step steps[] = {
        S("the rest of a body HTTP/1.1 200 OK\r\n\r\n"), C(GET("/a")), S("more of it"), S(JSON(1) "1"), C(GET("/a")), S(JSON(1) "2"),
    };
    CHECK(p, steps, "open http /a application/json #1\ns2c text 1/1 1\ns2c text 1/1 2\nclose /a last\n");
    assert_int_equal(p.ledger.reason_bytes[WD_REASON_INCOMPLETE], 38 + 10);
    assert_int_equal(p.ledger.layer[WD_LAYER_UNDECODED], 38 + 10);
    play_free(&p);
}

static void test_gaps(void **state)
{
    (void)state;
    struct play p = play_new();
    const struct step steps[] = {
        C(GET("/a")), S("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nab"), GAP_S(5), S("cde" "HTTP/1.1 204 No\r\n\r\n"),
        C(GET("/b")), S("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n8\r\nab"), GAP_S(6), S("\r\n0\r\n\r\n"),
        C(GET("/c")), S("HTTP/1.1 200 OK\r\nContent-"), GAP_S(5), S("lost"), C(GET("/j")), S(JSON(1) "1"),
        C(GET("/j")), S(JSON(3) "1"), GAP_S(2), C(GET("/j")), S(JSON(1) "3"),
    };
    CHECK(p, steps, "open http /j application/json #1\ns2c text 1/1 1\ns2c text 1/1 3\nclose /j last\n");
    assert_int_equal(p.ledger.reason_bytes[WD_REASON_GAP], 25 + 4 + 1);
    assert_int_equal(p.ledger.layer[WD_LAYER_UNDECODED], 30);
    play_free(&p);
}

static void test_tunnel(void **state)
{
    (void)state;
    struct play p = play_new();
    const struct step steps[] = {
        C("CONNECT h:80 HTTP/1.1\r\n\r\n" GET("/a")), S("HTTP/1.1 200 OK\r\n\r\n"), C(GET("/a")), S(JSON(1) "1" JSON(1) "2"),
    };
    CHECK(p, steps, "open http /a application/json #1\ns2c text 1/1 1\ns2c text 1/1 2\nclose /a last\n");
    const struct step other[] = { C("GET / HTTP/1.1\r\nUpgrade: x\r\n\r\n"), S("HTTP/1.1 101 Go\r\nUpgrade: x\r\n\r\nabc"), C("de") };
    CHECK(p, other, "");
    assert_int_equal(p.ledger.reason_bytes[WD_REASON_UNKNOWN_PROTOCOL], 5);
    play_free(&p);
}

static void test_tunnels_do_not_nest_for_ever(void **state)
{
    (void)state;
    struct wd_buf client = { 0 }, server = { 0 };
    for (int i = 0; i < 10000; i++) {
        wd_buf_puts(&client, "CONNECT h:80 HTTP/1.1\r\n\r\n");
        wd_buf_puts(&server, "HTTP/1.1 200 OK\r\n\r\n");
    }
    struct play p = play_new();
    p.limits.header_list = 1u << 20;
    const struct step steps[] = { { .side = 0, .bytes = wd_buf_bytes(&client) }, { .side = 1, .bytes = wd_buf_bytes(&server) } };
    play(&p, steps, WD_COUNT(steps), 0, SIZE_MAX);
    assert_true(p.ledger.reason_bytes[WD_REASON_LIMIT] > 0);
    play_free(&p);
    wd_buf_free(&client);
    wd_buf_free(&server);
}

static void test_held_bodies_are_bounded(void **state)
{
    (void)state;
    struct wd_buf client = { 0 }, server = { 0 };
    static const int rounds = 1500;
    for (int i = 0; i < rounds; i++) {
        wd_buf_printf(&client, "GET /%d HTTP/1.1\r\n\r\n", i);
        wd_buf_printf(&server, JSON(2000) "%2000d", i);
    }
    struct play p = play_new();
    p.is_quiet = true;
    const struct step steps[] = {
        { .side = 0, .bytes = { client.at, client.len / 2 } }, { .side = 1, .bytes = { server.at, server.len / 2 } },
        { .side = 0, .bytes = { client.at + client.len / 2, client.len - client.len / 2 } },
        { .side = 1, .bytes = { server.at + server.len / 2, server.len - server.len / 2 } },
        C(GET("/0") GET("/1499")), S(JSON(1) "0" JSON(1) "1"),
    };
    play(&p, steps, WD_COUNT(steps), 0, SIZE_MAX);
    assert_string_equal(wd_buf_cstr(&p.log), "open http /1499 application/json #1\ns2c text 2000/2000 \ns2c text 1/1 \nclose /1499 last\n");
    assert_int_equal(p.ledger.layer[WD_LAYER_UNDECODED], 0);
    play_free(&p);
    wd_buf_free(&client);
    wd_buf_free(&server);
}

static void test_ndjson(void **state)
{
    (void)state;
    struct play p = play_new();
    const struct step steps[] = {
        C(GET("/log") GET("/log")),
        S("HTTP/1.1 200 OK\r\nContent-Type: application/x-ndjson\r\nContent-Length: 20\r\n\r\n{\"a\":1}\n{\"a\":2}\r\n\n12"),
        S("HTTP/1.1 200 OK\r\nContent-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n1\n2\r\n"),
    };
    CHECK(p, steps, "open http /log application/json #1\ns2c text 7/7 {\"a\":1}\ns2c text 7/7 {\"a\":2}\ns2c text 2/2 12\nclose /log\n"
                    "open http /log application/json #2\ns2c text 1/1 1\nclose /log last\n");
    assert_int_equal(p.ledger.layer[WD_LAYER_FRAMING], 4 + 1);
    assert_int_equal(p.ledger.reason_bytes[WD_REASON_INCOMPLETE], 1);
    play_free(&p);
}

/* --- content codings --- */

#define TEXT "[\"a body that repeats itself, a body that repeats itself, a body that repeats itself\"]"

static size_t zlib_compress(uint8_t *out, size_t cap, int window_bits)
{
    z_stream z = { 0 };
    assert_int_equal(deflateInit2(&z, 9, Z_DEFLATED, window_bits, 8, Z_DEFAULT_STRATEGY), Z_OK);
    z.next_in = (uint8_t *)TEXT;
    z.avail_in = sizeof TEXT - 1;
    z.next_out = out;
    z.avail_out = (uInt)cap;
    assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
    deflateEnd(&z);
    return z.total_out;
}

static size_t compress_with(const char *coding, uint8_t *out, size_t cap)
{
    if (strcmp(coding, "gzip") == 0)
        return zlib_compress(out, cap, 31);
    if (strcmp(coding, "deflate") == 0)
        return zlib_compress(out, cap, 15);
    if (strcmp(coding, "raw") == 0)
        return zlib_compress(out, cap, -15);
    if (strcmp(coding, "zstd") == 0)
        return ZSTD_compress(out, cap, TEXT, sizeof TEXT - 1, 9);
    if (strcmp(coding, "br") == 0) {
        size_t n = cap;
        assert_true(BrotliEncoderCompress(9, 22, BROTLI_MODE_TEXT, sizeof TEXT - 1, (const uint8_t *)TEXT, &n, out));
        return n;
    }
    memcpy(out, TEXT, sizeof TEXT - 1);
    return sizeof TEXT - 1;
}

static void put_response(struct wd_buf *out, const char *coding, const char *header)
{
    uint8_t body[512];
    size_t n = compress_with(coding, body, sizeof body);
    wd_buf_printf(out, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n%sContent-Length: %zu\r\n\r\n", header, n);
    wd_buf_put(out, wd_bytes_at(body, n));
}

static void test_codings(void **state)
{
    (void)state;
    static const struct { const char *coding, *header; bool is_fine; enum wd_reason reason; } rows[] = {
        { "gzip", "Content-Encoding: gzip\r\n", true, 0 },
        { "gzip", "Content-Encoding: X-GZIP, identity\r\n", true, 0 },
        { "deflate", "Content-Encoding: deflate\r\n", true, 0 },
        { "raw", "Content-Encoding: deflate\r\n", true, 0 },
        { "br", "Content-Encoding: br\r\n", true, 0 },
        { "zstd", "Content-Encoding: zstd\r\n", true, 0 },
        { "identity", "Content-Encoding: identity\r\n", true, 0 },
        { "gzip", "Content-Encoding: br\r\n", false, WD_REASON_MALFORMED_ENCODING },
        { "gzip", "Content-Encoding: gzip, gzip, gzip\r\n", false, WD_REASON_LIMIT },
        { "gzip", "Content-Encoding: lzma\r\n", false, WD_REASON_UNSUPPORTED_ENCODING },
    };
    enum { MARKED = 4, SHARED = 6 };   /* rows before: the first four are deflated, then two that are compressed otherwise */
    for (size_t i = 0; i < WD_COUNT(rows); i++) {
        struct wd_buf server = { 0 };
        put_response(&server, rows[i].coding, rows[i].header);
        put_response(&server, rows[i].coding, rows[i].header);
        uint8_t body[512];
        size_t n = compress_with(rows[i].coding, body, sizeof body);
        struct play p = play_new();
        const struct step steps[] = { C(GET("/j") GET("/j")), { .side = 1, .bytes = wd_buf_bytes(&server) } };
        CHECK(p, steps, NULL);
        assert_int_equal(p.messages, rows[i].is_fine ? 2 : 0);
        assert_int_equal(p.ledger.layer[WD_LAYER_PAYLOAD], rows[i].is_fine ? 2 * n : 0);
        assert_int_equal(p.bits.len, i < MARKED ? 2 * strlen(TEXT) : 0);   /* also of the first, which was held */
        assert_int_equal(p.shared, i >= MARKED && i < SHARED ? 2 : 0);
        if (rows[i].is_fine)
            assert_non_null(strstr(wd_buf_cstr(&p.log), TEXT));
        else
            assert_int_equal(p.ledger.reason_bytes[rows[i].reason], 2 * n);
        play_free(&p);
        wd_buf_free(&server);
    }
}

static void test_two_layers_and_transfer_gzip(void **state)
{
    (void)state;
    uint8_t inner[512], outer[600];
    size_t n = compress_with("br", inner, sizeof inner);
    uLongf m = sizeof outer;
    assert_int_equal(compress2(outer, &m, inner, n, 9), Z_OK);
    struct wd_buf server = { 0 };
    for (int i = 0; i < 2; i++) {
        wd_buf_printf(&server, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Encoding: br\r\n"
                               "Transfer-Encoding: deflate, chunked\r\n\r\n%zx\r\n", (size_t)m);
        wd_buf_put(&server, wd_bytes_at(outer, m));
        wd_buf_puts(&server, "\r\n0\r\n\r\n");
    }
    struct play p = play_new();
    const struct step steps[] = { C(GET("/j") GET("/j")), { .side = 1, .bytes = wd_buf_bytes(&server) } };
    CHECK(p, steps, NULL);
    assert_int_equal(p.messages, 2);
    assert_int_equal(p.wire_len, 2 * m);
    play_free(&p);
    wd_buf_free(&server);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_other_bodies_are_http),
        cmocka_unit_test(test_polled_json_is_a_message_from_the_first_on),
        cmocka_unit_test(test_wanted_json_need_not_be_polled),
        cmocka_unit_test(test_polled_with_request_bodies),
        cmocka_unit_test(test_methods_are_told_apart),
        cmocka_unit_test(test_pipelined),
        cmocka_unit_test(test_chunked),
        cmocka_unit_test(test_malformed),
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_other_protocols),
        cmocka_unit_test(test_client_is_who_asks),
        cmocka_unit_test(test_midway_looks_for_the_next_head),
        cmocka_unit_test(test_gaps),
        cmocka_unit_test(test_tunnel),
        cmocka_unit_test(test_tunnels_do_not_nest_for_ever),
        cmocka_unit_test(test_held_bodies_are_bounded),
        cmocka_unit_test(test_ndjson),
        cmocka_unit_test(test_codings),
        cmocka_unit_test(test_two_layers_and_transfer_gzip),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
