/* WebSocket: RFC 6455 section 5.7, RFC 7692 section 7.2.3, and what captures do to them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <zlib.h>

#include "play.h"

#define REQUEST "GET /live?token=x HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"
#define RESPONSE "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"
#define DEFLATE(parameters) \
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n" \
    "Sec-WebSocket-Extensions: permessage-deflate" parameters "\r\n\r\n"
#define HEADS (sizeof(REQUEST) - 1 + sizeof(RESPONSE) - 1)
#define OPENED "open websocket /live #1\n"
#define CLOSED "close /live last\n"

#define CHECK(p, steps, expected) play_check(&(p), (steps), WD_COUNT(steps), (expected))

static void test_rfc6455_unmasked_text(void **state)
{
    (void)state;
    struct play p = play_new();
    const struct step steps[] = { C(REQUEST), S(RESPONSE), S("\x81\x05Hello") };
    CHECK(p, steps, OPENED "s2c text 5/5 Hello\n" CLOSED);
    play_expect_layers(&p, HEADS, 2, 0, 5, 0);
    assert_int_equal(p.counts.opened, 1);
    assert_int_equal(p.last_ts, 3);
    play_free(&p);
}

static void test_rfc6455_masked_text(void **state)
{
    (void)state;
    struct play p = play_new();
    const struct step steps[] = { C(REQUEST), S(RESPONSE), C("\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58") };
    CHECK(p, steps, OPENED "c2s text 5/5 Hello\n" CLOSED);
    play_expect_layers(&p, HEADS, 6, 0, 5, 0);
    play_free(&p);
}

static void test_rfc6455_fragmented_with_ping(void **state)
{
    (void)state;
    struct play p = play_new();
    const struct step steps[] = {
        C(REQUEST), S(RESPONSE "\x01\x03Hel" "\x89\x05Hello" "\x80\x02lo"),
        C("\x8a\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58"),
    };
    CHECK(p, steps, OPENED "s2c text 5/5 Hello\n" CLOSED);
    play_expect_layers(&p, HEADS, 4, 7 + 11, 5, 0);
    assert_int_equal(p.counts.pings, 1);
    assert_int_equal(p.counts.pongs, 1);
    assert_int_equal(p.counts.messages_fragmented, 1);
    play_free(&p);
}

static void test_rfc6455_lengths(void **state)
{
    (void)state;
    static uint8_t text[10 + 65536 + 4 + 256];
    memcpy(text, "\x82\x7f\0\0\0\0\0\x01\0\0", 10);
    memset(text + 10, 'a', 65536);
    memcpy(text + 10 + 65536, "\x82\x7e\x01\x00", 4);
    memset(text + 10 + 65536 + 4, 'b', 256);
    struct play p = play_new();
    p.is_quiet = true;
    const struct step steps[] = { C(REQUEST), S(RESPONSE), { .side = 1, .bytes = { text, sizeof text } } };
    CHECK(p, steps, OPENED "s2c binary 65536/65536 \ns2c binary 256/256 \n" CLOSED);
    play_expect_layers(&p, HEADS, 14, 0, 65792, 0);
    play_free(&p);
}

static void test_close(void **state)
{
    (void)state;
    struct play p = play_new();
    const struct step steps[] = { C(REQUEST), S(RESPONSE), C("\x88\x82\x01\x02\x03\x04\x02\xea"), S("\x88\x02\x03\xe8" "xyz") };
    CHECK(p, steps, OPENED CLOSED);
    play_expect_layers(&p, HEADS, 0, 12, 0, 3);
    assert_int_equal(p.counts.closes, 1);
    assert_int_equal(p.ledger.reason_bytes[WD_REASON_MALFORMED_FRAMING], 3);
    assert_int_equal(p.ledger.reason_streams[WD_REASON_MALFORMED_FRAMING], 1);
    play_free(&p);
}

static void test_frame_before_the_answer(void **state)
{
    (void)state;
    struct play p = play_new();
    const struct step steps[] = { C(REQUEST "\x81\x80\x01\x02\x03\x04"), C("\x82\x81\x01\x02\x03\x04\x40"), S(RESPONSE) };
    CHECK(p, steps, OPENED "c2s text 0/0 \nc2s binary 1/1 A\n" CLOSED);
    play_expect_layers(&p, HEADS, 12, 0, 1, 0);
    play_free(&p);
}

static void test_refused_upgrade_goes_on_as_http(void **state)
{
    (void)state;
    struct play p = play_new();
    const struct step steps[] = {
        C(REQUEST "GET /x HTTP/1.1\r\n\r\n"), S("HTTP/1.1 426 No\r\nContent-Length: 2\r\n\r\nno"),
        S("HTTP/1.1 204 No Content\r\n\r\n"),
    };
    CHECK(p, steps, "");
    assert_int_equal(p.ledger.layer[WD_LAYER_HTTP], p.fed);
    play_free(&p);
}

static void test_rfc7692_one_block_fragmented_and_not(void **state)
{
    (void)state;
    struct play p = play_new();
    const struct step steps[] = {
        C(REQUEST), S(DEFLATE("")),
        S("\xc1\x07\xf2\x48\xcd\xc9\xc9\x07\x00"),
        C("\x41\x03\xf2\x48\xcd" "\x80\x04\xc9\xc9\x07\x00"),   /* this client does not mask */
    };
    CHECK(p, steps, OPENED "s2c text 5/7 Hello\nc2s text 5/7 Hello\n" CLOSED);
    assert_int_equal(p.ledger.layer[WD_LAYER_PAYLOAD], 14);
    assert_int_equal(p.ledger.layer[WD_LAYER_FRAMING], 6);
    assert_int_equal(p.counts.messages_compressed, 2);
    assert_int_equal(p.counts.messages_fragmented, 1);
    play_free(&p);
}

static void test_rfc7692_sliding_window(void **state)
{
    (void)state;
    struct play p = play_new();
    const struct step steps[] = {
        C(REQUEST), S(DEFLATE("")),
        S("\xc1\x07\xf2\x48\xcd\xc9\xc9\x07\x00"),
        S("\x81\x02ok"),                                      /* an uncompressed one in between */
        S("\xc1\x05\xf2\x00\x11\x00\x00"),
    };
    CHECK(p, steps, OPENED "s2c text 5/7 Hello\ns2c text 2/2 ok\ns2c text 5/5 Hello\n" CLOSED);
    play_free(&p);
}

static void test_rfc7692_other_blocks(void **state)
{
    (void)state;
    struct play p = play_new();
    const struct step steps[] = {
        C(REQUEST), S(DEFLATE("; server_no_context_takeover; client_max_window_bits=10")),
        S("\xc1\x0b\x00\x05\x00\xfa\xff\x48\x65\x6c\x6c\x6f\x00"),                /* 7.2.3.3: no compression */
        S("\xc1\x08\xf3\x48\xcd\xc9\xc9\x07\x00\x00"),                            /* 7.2.3.4: BFINAL */
        S("\xc1\x0d\xf2\x48\x05\x00\x00\x00\xff\xff\xca\xc9\xc9\x07\x00"),        /* 7.2.3.5: two blocks */
        S("\xc1\x01\x00"),                                                        /* 7.2.3.6: empty */
        S("\xc1\x00"),                                                            /* emptier than a sender should */
        S("\xc1\x07\xf3\x48\xcd\xc9\xc9\x07\x00"),                                /* BFINAL, and nothing after it */
        S("\xc1\x03\xf2\x48\xcd"),                                                /* ends inside a block */
        S("\xc1\x07\xf2\x48\xcd\xc9\xc9\x07\x00"),
    };
    CHECK(p, steps, OPENED "s2c text 5/11 Hello\ns2c text 5/8 Hello\ns2c text 5/13 Hello\ns2c text 0/1 \ns2c text 0/0 \n"
                    "s2c text 5/7 Hello\ns2c text 5/7 Hello\n" CLOSED);
    assert_int_equal(p.ledger.reason_bytes[WD_REASON_MALFORMED_ENCODING], 3);
    play_free(&p);
}

static void test_window_survives_a_final_block(void **state)
{
    (void)state;
    struct play p = play_new();
    const struct step steps[] = {
        C(REQUEST), S(DEFLATE("")), S("\xc1\x08\xf3\x48\xcd\xc9\xc9\x07\x00\x00"), S("\xc1\x05\xf2\x00\x11\x00\x00"),
    };
    CHECK(p, steps, OPENED "s2c text 5/8 Hello\ns2c text 5/5 Hello\n" CLOSED);
    play_free(&p);
}

static void test_no_takeover_does_not_see_the_past(void **state)
{
    (void)state;
    struct play p = play_new();
    const struct step steps[] = {
        C(REQUEST), S(DEFLATE("; server_no_context_takeover")),
        S("\xc1\x07\xf2\x48\xcd\xc9\xc9\x07\x00"),
        S("\xc1\x05\xf2\x00\x11\x00\x00"),
        S("\xc1\x07\xf2\x48\xcd\xc9\xc9\x07\x00"),
    };
    CHECK(p, steps, OPENED "s2c text 5/7 Hello\ns2c text 5/7 Hello\n" CLOSED);
    assert_int_equal(p.ledger.reason_bytes[WD_REASON_MALFORMED_ENCODING], 5);
    play_free(&p);
}

static void test_masked_compressed(void **state)
{
    (void)state;
    struct play p = play_new();
    const struct step steps[] = {
        C(REQUEST), S(DEFLATE("")),
        C("\xc1\x87\x01\x02\x03\x04" "\xf3\x4a\xce\xcd\xc8\x05\x03"),
        C("\xc1\x85\x01\x02\x03\x04" "\xf3\x02\x12\x04\x01"),
    };
    CHECK(p, steps, OPENED "c2s text 5/7 Hello\nc2s text 5/5 Hello\n" CLOSED);
    assert_int_equal(p.ledger.layer[WD_LAYER_FRAMING], 12);
    play_free(&p);
}

static void test_malformed_frames(void **state)
{
    (void)state;
    static const struct { struct wd_bytes bytes; uint64_t undecoded; } rows[] = {
        { BYTES("\x83\x00" "rest"), 6 },                             /* reserved opcode */
        { BYTES("\x09\x00" "rest"), 6 },                             /* fragmented ping */
        { BYTES("\x89\x7e\x00\x80" "rest"), 8 },                     /* long ping */
        { BYTES("\x91\x00" "rest"), 6 },                             /* RSV3 */
        { BYTES("\xc1\x00" "rest"), 6 },                             /* RSV1 without an extension */
        { BYTES("\x80\x00" "rest"), 6 },                             /* continuation of nothing */
        { BYTES("\x01\x02" "ab" "\x81\x00" "rest"), 8 },             /* text in a text; 2 bytes of framing stay */
        { BYTES("\x82\x7f\x80\0\0\0\0\0\0\0" "rest"), 14 },          /* 2^63 */
    };
    for (size_t i = 0; i < WD_COUNT(rows); i++) {
        struct play p = play_new();
        const struct step steps[] = { C(REQUEST), S(RESPONSE), { .side = 1, .bytes = rows[i].bytes }, C("\x82\x80\1\2\3\4") };
        CHECK(p, steps, OPENED "c2s binary 0/0 \n" CLOSED);
        assert_int_equal(p.ledger.reason_bytes[WD_REASON_MALFORMED_FRAMING], rows[i].undecoded);
        play_free(&p);
    }
}

static void test_unfinished_is_incomplete(void **state)
{
    (void)state;
    static const struct { struct wd_bytes bytes; uint64_t framing, undecoded; } rows[] = {
        { BYTES("\x81"), 0, 1 },
        { BYTES("\x81\x05Hel"), 2, 3 },
        { BYTES("\x01\x03Hel"), 2, 3 },
        { BYTES("\x89\x05Hel"), 0, 5 },
        { BYTES("\x01\x03Hel" "\x80\x02l"), 4, 4 },
    };
    for (size_t i = 0; i < WD_COUNT(rows); i++) {
        struct play p = play_new();
        const struct step steps[] = { C(REQUEST), S(RESPONSE), { .side = 1, .bytes = rows[i].bytes } };
        CHECK(p, steps, OPENED CLOSED);
        play_expect_layers(&p, HEADS, rows[i].framing, 0, 0, rows[i].undecoded);
        assert_int_equal(p.ledger.reason_bytes[WD_REASON_INCOMPLETE], rows[i].undecoded);
        play_free(&p);
    }
}

static void test_gap_inside_a_payload_costs_one_message(void **state)
{
    (void)state;
    struct play p = play_new();
    const struct step steps[] = { C(REQUEST), S(RESPONSE), S("\x81\x0aHel"), GAP_S(5), S("ld" "\x81\x02ok") };
    CHECK(p, steps, OPENED "s2c text 2/2 ok\n" CLOSED);
    assert_int_equal(p.ledger.reason_bytes[WD_REASON_GAP], 5);
    assert_int_equal(p.ledger.layer[WD_LAYER_FRAMING], 4);
    play_free(&p);
}

static void test_gap_across_headers_resynchronises_at_a_chunk(void **state)
{
    (void)state;
    struct play p = play_new();
    const struct step steps[] = {
        C(REQUEST), S(RESPONSE), S("\x81\x0aHel"), GAP_S(500), S("tail of something" "\x81\x02no"),
        S("\x81\x07{\"a\":1}"), S("\x81\x02ok"),
    };
    CHECK(p, steps, OPENED "s2c text 7/7 {\"a\":1}\ns2c text 2/2 ok\n" CLOSED);
    assert_int_equal(p.ledger.reason_bytes[WD_REASON_GAP], 3 + 17 + 4);
    play_free(&p);
}

static void test_gap_breaks_the_window(void **state)
{
    (void)state;
    struct play p = play_new();
    const struct step steps[] = {
        C(REQUEST), S(DEFLATE("")), S("\xc1\x07\xf2\x48"), GAP_S(5),
        S("\xc1\x05\xf2\x00\x11\x00\x00"),                 /* refers to what was lost */
        S("\xc1\x07\xf2\x48\xcd\xc9\xc9\x07\x00"),         /* refers to nothing */
        S("\xc1\x05\xf2\x00\x11\x00\x00"),
    };
    CHECK(p, steps, OPENED "s2c text 5/7 Hello\ns2c text 5/5 Hello\n" CLOSED);
    assert_int_equal(p.ledger.reason_bytes[WD_REASON_GAP], 2 + 5);
    play_free(&p);
}

static void test_gap_before_the_first_compressed_byte(void **state)
{
    (void)state;
    struct play p = play_new();
    const struct step steps[] = {
        C(REQUEST), S(DEFLATE("")), S("\xc1\x07"), GAP_S(7), S("\xc1\x05\xf2\x00\x11\x00\x00" "\x81\x02ok"),
    };
    CHECK(p, steps, OPENED "s2c text 2/2 ok\n" CLOSED);
    assert_int_equal(p.ledger.reason_bytes[WD_REASON_GAP], 5);
    play_free(&p);
}

static void test_midway(void **state)
{
    (void)state;
    struct play p = play_new();
    p.is_midway = true;
    p.client_by = WD_CLIENT_BY_PORT;
    const struct step steps[] = {
        S("rest of a message"),
        S("\x81\x07{\"a\":1}"), C("\x81\x82\x01\x02\x03\x04" "no"), S("\x81\x07{\"a\":2}"), S("\xc1\x05\xf2\x00\x11\x00\x00"),
        S("\xc1\x07\xf2\x48\xcd\xc9\xc9\x07\x00"),
    };
    CHECK(p, steps, "open websocket  #1\ns2c text 7/7 {\"a\":1}\nc2s text 2/2 om\ns2c text 7/7 {\"a\":2}\n"
                    "s2c text 5/7 Hello\nclose  last\n");
    assert_int_equal(p.ledger.reason_bytes[WD_REASON_INCOMPLETE], 17 + 5);
    assert_int_equal(p.counts.opened, 0);
    play_free(&p);
}

static void test_midway_text_is_no_frame(void **state)
{
    (void)state;
    static const uint8_t zeros[200];
    struct play p = play_new();
    p.is_midway = true;
    const struct step steps[] = { { .side = 1, .bytes = { zeros, sizeof zeros } }, S("AAAAAAAAAAAAAAAA"), C("BBBBBBBBBBB"), S("\x81\x81\x81\x81\x81\x81"), S("{\"a\":1}") };
    CHECK(p, steps, "");
    assert_int_equal(p.ledger.reason_bytes[WD_REASON_UNKNOWN_PROTOCOL], p.fed);
    play_free(&p);
}

static void test_lost_answer_to_the_upgrade(void **state)
{
    (void)state;
    struct play p = play_new();
    const struct step steps[] = {
        C(REQUEST), GAP_S(200), S("\x81\x07{\"a\":1}"), S("\x81\x07{\"a\":2}"), S("\x81\x07{\"a\":3}"),
    };
    CHECK(p, steps, "open websocket  #1\ns2c text 7/7 {\"a\":1}\ns2c text 7/7 {\"a\":2}\ns2c text 7/7 {\"a\":3}\nclose  last\n");
    play_free(&p);
}

static void test_message_over_the_limit_is_cut(void **state)
{
    (void)state;
    struct play p = play_new();
    p.limits.message = 4;
    const struct step steps[] = {
        C(REQUEST), S(DEFLATE("")), S("\x81\x05Hello"), S("\x01\x03Hel" "\x80\x02lo"),
        S("\xc1\x07\xf2\x48\xcd\xc9\xc9\x07\x00"), S("\x81\x04okay"),
    };
    CHECK(p, steps, OPENED "s2c text 5/5 cut Hell\ns2c text 5/5 cut Hell\ns2c text 5/7 cut Hell\ns2c text 4/4 okay\n" CLOSED);
    play_free(&p);
}

/* `len` zeros, compressed as permessage-deflate does it, in a frame. */
static struct wd_bytes bomb(uint8_t *out, size_t cap, size_t len)
{
    z_stream z = { 0 };
    assert_int_equal(deflateInit2(&z, 9, Z_DEFLATED, -15, 9, Z_DEFAULT_STRATEGY), Z_OK);
    uint8_t *zeros = calloc(1, len);
    z.next_in = zeros;
    z.avail_in = (uInt)len;
    z.next_out = out + 10;
    z.avail_out = (uInt)cap - 10;
    assert_int_equal(deflate(&z, Z_SYNC_FLUSH), Z_OK);
    size_t n = z.total_out - 4;
    deflateEnd(&z);
    free(zeros);
    out[0] = 0xc2;
    out[1] = 127;
    for (int i = 0; i < 8; i++)
        out[2 + i] = (uint8_t)(n >> (8 * (7 - i)));
    return wd_bytes_at(out, n + 10);
}

static void test_bombs(void **state)
{
    (void)state;
    static uint8_t out[1 << 17];
    struct wd_bytes frame = bomb(out, sizeof out, 32u << 20);
    struct step steps[] = { C(REQUEST), S(DEFLATE("")), { .side = 1, .bytes = frame }, S("\xc1\x07\xf2\x48\xcd\xc9\xc9\x07\x00") };
    struct play p = play_new();
    p.is_quiet = true;
    play(&p, steps, WD_COUNT(steps), 0, SIZE_MAX);   /* over inflate-ratio; with takeover the direction is lost */
    assert_string_equal(wd_buf_cstr(&p.log), OPENED CLOSED);
    assert_int_equal(p.ledger.reason_bytes[WD_REASON_LIMIT], frame.len - 10 + 7);

    steps[1] = (struct step)S(DEFLATE("; server_no_context_takeover"));
    play(&p, steps, WD_COUNT(steps), 0, SIZE_MAX);   /* without it, the message */
    assert_string_equal(wd_buf_cstr(&p.log), OPENED "s2c text 5/7 \n" CLOSED);
    assert_int_equal(p.ledger.reason_bytes[WD_REASON_LIMIT], frame.len - 10);

    p.limits.inflate_ratio = 100000;
    play(&p, steps, WD_COUNT(steps), 0, SIZE_MAX);   /* allowed: longer than `message`, shorter than inflate-total */
    assert_int_equal(p.messages, 2);
    assert_int_equal(p.ledger.layer[WD_LAYER_UNDECODED], 0);

    p.limits.inflate_total = 1u << 20;
    play(&p, steps, WD_COUNT(steps), 0, SIZE_MAX);
    assert_int_equal(p.messages, 1);
    play_free(&p);
}

static void test_other_extension(void **state)
{
    (void)state;
    struct play p = play_new();
    const struct step steps[] = {
        C(REQUEST), S("HTTP/1.1 101 Hi\r\nUpgrade: websocket\r\nSec-WebSocket-Protocol: v2.chat\r\nSec-WebSocket-Extensions: x-squeeze\r\n\r\n"),
        S("\xc1\x02zz" "\x81\x02ok"),
    };
    CHECK(p, steps, "open websocket /live v2.chat #1\ns2c text 2/2 ok\n" CLOSED);
    assert_int_equal(p.ledger.reason_bytes[WD_REASON_UNSUPPORTED_ENCODING], 2);
    play_free(&p);
}

/* Random messages, random fragments, masks and chunks: what goes in comes out. */
static void test_random_streams(void **state)
{
    (void)state;
    for (unsigned seed = 1; seed <= 40; seed++) {
        srand(seed);
        struct wd_buf wire = { 0 }, expected = { 0 };
        wd_buf_puts(&expected, OPENED);
        bool is_masked = seed & 1;
        for (int m = 0; m < 20; m++) {
            uint8_t body[700];
            size_t len = (size_t)rand() % sizeof body, done = 0;
            for (size_t i = 0; i < len; i++)
                body[i] = (uint8_t)('a' + rand() % 26);
            for (bool is_first = true; is_first || done < len; is_first = false) {
                size_t n = rand() % 3 ? len - done : (size_t)rand() % (len - done + 1);
                bool is_fin = done + n == len;
                wd_buf_byte(&wire, (uint8_t)((is_fin ? 0x80 : 0) | (is_first ? 2 : 0)));
                wd_buf_byte(&wire, (uint8_t)((is_masked ? 0x80 : 0) | (n < 126 ? n : 126)));
                if (n >= 126) {
                    wd_buf_byte(&wire, (uint8_t)(n >> 8));
                    wd_buf_byte(&wire, (uint8_t)n);
                }
                uint8_t key[4] = { 0 };
                for (int i = 0; i < 4 && is_masked; i++)
                    wd_buf_byte(&wire, key[i] = (uint8_t)rand());
                for (size_t i = 0; i < n; i++)
                    wd_buf_byte(&wire, body[done + i] ^ key[i & 3]);
                done += n;
                if (is_fin)
                    break;
            }
            wd_buf_printf(&expected, "c2s binary %zu/%zu %.*s\n", len, len, (int)len, (char *)body);
        }
        wd_buf_puts(&expected, CLOSED);
        struct play p = play_new();
        const struct step steps[] = { C(REQUEST), S(RESPONSE), { .side = 0, .bytes = wd_buf_bytes(&wire) } };
        for (size_t piece = 0; piece < 1500; piece += 1 + piece / 2) {
            play(&p, steps, WD_COUNT(steps), piece, SIZE_MAX);
            assert_string_equal(wd_buf_cstr(&p.log), wd_buf_cstr(&expected));
        }
        play_free(&p);
        wd_buf_free(&wire);
        wd_buf_free(&expected);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rfc6455_unmasked_text),
        cmocka_unit_test(test_rfc6455_masked_text),
        cmocka_unit_test(test_rfc6455_fragmented_with_ping),
        cmocka_unit_test(test_rfc6455_lengths),
        cmocka_unit_test(test_close),
        cmocka_unit_test(test_frame_before_the_answer),
        cmocka_unit_test(test_refused_upgrade_goes_on_as_http),
        cmocka_unit_test(test_rfc7692_one_block_fragmented_and_not),
        cmocka_unit_test(test_rfc7692_sliding_window),
        cmocka_unit_test(test_rfc7692_other_blocks),
        cmocka_unit_test(test_no_takeover_does_not_see_the_past),
        cmocka_unit_test(test_masked_compressed),
        cmocka_unit_test(test_malformed_frames),
        cmocka_unit_test(test_unfinished_is_incomplete),
        cmocka_unit_test(test_gap_inside_a_payload_costs_one_message),
        cmocka_unit_test(test_gap_across_headers_resynchronises_at_a_chunk),
        cmocka_unit_test(test_gap_breaks_the_window),
        cmocka_unit_test(test_gap_before_the_first_compressed_byte),
        cmocka_unit_test(test_window_survives_a_final_block),
        cmocka_unit_test(test_midway),
        cmocka_unit_test(test_midway_text_is_no_frame),
        cmocka_unit_test(test_lost_answer_to_the_upgrade),
        cmocka_unit_test(test_message_over_the_limit_is_cut),
        cmocka_unit_test(test_bombs),
        cmocka_unit_test(test_other_extension),
        cmocka_unit_test(test_random_streams),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
