/* gRPC over HTTP/2: messages in any number of frames, compressed or not, all kinds of call, faults and gaps. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>
#include <zlib.h>
#include <zstd.h>

#include "frames.h"

#define CALL ":method POST|:scheme http|:path /a.B/C|te trailers|content-type application/grpc"
#define ANSWER ":status 200|content-type application/grpc+proto"
#define DONE "grpc-status 0|grpc-message "
#define OPEN "open grpc /a.B/C application/grpc #1\n"
#define CLOSE "close /a.B/C last\n"
#define MESSAGE(len, text) "\0\0\0\0" len text

enum { HEADERS = 1, RST_STREAM = 3 };

static struct talk *call(void)
{
    struct talk *t = calloc(1, sizeof *t);
    preface(t);
    return t;
}

static void send(struct talk *t, int side, uint32_t stream, struct wd_bytes bytes, int flags)
{
    data_of(t, side, stream, bytes, flags);
}
#define SEND(t, side, stream, literal, flags) send(t, side, stream, wd_bytes_at(literal, sizeof(literal) - 1), flags)

static void expect(struct talk *t, struct play *p, const char *expected)
{
    PLAY(p, t, expected);
    talk_free(t);
}

/* messages of the client, messages of the server; each in a frame of its own */
static const struct kind { const char *name; int asked, answered; } kinds[] = {
    { "unary", 1, 1 }, { "client streaming", 3, 1 }, { "server streaming", 1, 3 }, { "both", 3, 3 }, { "none", 0, 0 },
};

static void test_kinds_of_call(void **state)
{
    (void)state;
    for (size_t k = 0; k < WD_COUNT(kinds); k++) {
        struct play p = play_new();
        struct wd_buf expected = { 0 };
        struct talk *t = call();
        headers(t, CLIENT, 1, CALL, 0);
        wd_buf_puts(&expected, OPEN);
        for (int i = 0; i < kinds[k].asked; i++) {
            SEND(t, CLIENT, 1, MESSAGE("\2", "ab"), i + 1 < kinds[k].asked ? 0 : END_STREAM);
            wd_buf_puts(&expected, "c2s binary 2/2 ab\n");
        }
        headers(t, SERVER, 1, ANSWER, 0);
        for (int i = 0; i < kinds[k].answered; i++) {
            SEND(t, SERVER, 1, MESSAGE("\3", "xyz"), 0);
            wd_buf_puts(&expected, "s2c binary 3/3 xyz\n");
        }
        if (!kinds[k].asked)
            SEND(t, CLIENT, 1, "", END_STREAM);
        headers(t, SERVER, 1, DONE, END_STREAM);
        wd_buf_puts(&expected, CLOSE);
        print_message("%s\n", kinds[k].name);
        expect(t, &p, wd_buf_cstr(&expected));
        uint64_t payload = (uint64_t)(2 * kinds[k].asked + 3 * kinds[k].answered), framing = 5u * (unsigned)(kinds[k].asked + kinds[k].answered);
        play_expect_layers(&p, p.fed - payload - framing, framing, 0, payload, 0);
        assert_int_equal(p.counts.opened, 0);
        wd_buf_free(&expected);
        play_free(&p);
    }
}

static void test_only_trailers(void **state)
{
    (void)state;
    struct play p = play_new();
    struct talk *t = call();
    headers(t, CLIENT, 1, CALL, 0);
    SEND(t, CLIENT, 1, MESSAGE("\1", "a"), END_STREAM);
    headers(t, SERVER, 1, ANSWER "|grpc-status 12", END_STREAM);
    expect(t, &p, OPEN "c2s binary 1/1 a\n" CLOSE);
    assert_int_equal(p.ledger.layer[WD_LAYER_UNDECODED], 0);
    play_free(&p);
}

static void test_cut_anywhere(void **state)
{
    (void)state;
    static const char text[] = MESSAGE("\2", "ab") MESSAGE("\0", "") MESSAGE("\6", "cdefgh") MESSAGE("\1", "i");
    for (size_t piece = 1; piece <= sizeof text; piece++) {
        struct play p = play_new();
        struct talk *t = call();
        headers(t, CLIENT, 1, CALL, 0);
        for (size_t at = 0; at < sizeof text - 1; at += piece) {
            size_t n = sizeof text - 1 - at;
            padded(t, CLIENT, 1, "", 3, 0);
            send(t, CLIENT, 1, wd_bytes_at(text + at, n < piece ? n : piece), n <= piece ? END_STREAM : 0);
        }
        play(&p, t->steps, t->count, 0, SIZE_MAX);
        assert_string_equal(wd_buf_cstr(&p.log), OPEN "c2s binary 2/2 ab\nc2s binary 0/0 \nc2s binary 6/6 cdefgh\n"
                                                 "c2s binary 1/1 i\n" CLOSE);
        assert_int_equal(p.ledger.layer[WD_LAYER_FRAMING], 20);
        talk_free(t);
        play_free(&p);
    }
}

/* --- compressed --- */

static void put_message(struct wd_buf *out, int flag, struct wd_bytes bytes)
{
    wd_buf_byte(out, (uint8_t)flag);
    for (int shift = 24; shift >= 0; shift -= 8)
        wd_buf_byte(out, (uint8_t)(bytes.len >> shift));
    wd_buf_put(out, bytes);
}

static size_t deflated(int window_bits, const char *text, uint8_t *out, size_t room)
{
    z_stream z = { 0 };
    assert_int_equal(deflateInit2(&z, 9, Z_DEFLATED, window_bits, 8, Z_DEFAULT_STRATEGY), Z_OK);
    z.next_in = (Bytef *)text;
    z.avail_in = (uInt)strlen(text);
    z.next_out = out;
    z.avail_out = (uInt)room;
    assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
    deflateEnd(&z);
    return room - z.avail_out;
}

static size_t squeeze(const char *coding, const char *text, uint8_t *out, size_t room)
{
    if (strcmp(coding, "zstd") == 0)
        return ZSTD_compress(out, room, text, strlen(text), 3);
    return deflated(strcmp(coding, "gzip") == 0 ? 15 + 16 : 15, text, out, room);
}

static const char long_text[] = "again and again and again and again and again and again and again and again";

/* The last byte of the compressed text is left out when `is_cut`. */
static struct talk *compressed_call(const char *coding, bool is_cut, size_t *len)
{
    struct talk *t = call();
    struct wd_buf text = { 0 }, fields = { 0 };
    uint8_t out[256];
    *len = squeeze(strcmp(coding, "snappy") && strcmp(coding, "identity") && *coding ? coding : "gzip", long_text, out, sizeof out) - is_cut;
    wd_buf_printf(&fields, ANSWER "%s%s", *coding ? "|grpc-encoding " : "", coding);
    put_message(&text, 1, wd_bytes_at(out, *len));
    put_message(&text, 0, wd_bytes_of("plain"));
    put_message(&text, 1, wd_bytes_of(""));
    put_message(&text, 1, wd_bytes_at(out, *len));
    headers(t, CLIENT, 1, CALL, END_STREAM);
    headers(t, SERVER, 1, wd_buf_cstr(&fields), 0);
    send(t, SERVER, 1, wd_bytes_at(text.at, 9), 0);
    send(t, SERVER, 1, wd_bytes_at(text.at + 9, text.len - 9), 0);
    headers(t, SERVER, 1, DONE, END_STREAM);
    wd_buf_free(&text);
    wd_buf_free(&fields);
    return t;
}

static void test_compressed(void **state)
{
    (void)state;
    static const char *const codings[] = { "gzip", "deflate", "zstd" };
    for (size_t i = 0; i < WD_COUNT(codings); i++) {
        struct play p = play_new();
        struct wd_buf expected = { 0 };
        size_t len;
        struct talk *t = compressed_call(codings[i], false, &len);
        wd_buf_printf(&expected, OPEN "s2c binary 75/%zu %s\ns2c binary 5/5 plain\n"
                      "s2c binary 0/0 \ns2c binary 75/%zu %s\n" CLOSE, len, long_text, len, long_text);
        expect(t, &p, wd_buf_cstr(&expected));
        assert_int_equal(p.ledger.layer[WD_LAYER_FRAMING], 20);
        assert_int_equal(p.ledger.layer[WD_LAYER_UNDECODED], 0);
        assert_int_equal(p.counts.messages_compressed, 3);
        wd_buf_free(&expected);
        play_free(&p);
    }
}

static const struct { const char *coding; bool is_cut; enum wd_reason reason; } uncompressable[] = {
    { "snappy", false, WD_REASON_UNSUPPORTED_ENCODING }, { "identity", false, WD_REASON_MALFORMED_ENCODING },
    { "", false, WD_REASON_MALFORMED_ENCODING },         { "gzip", true, WD_REASON_MALFORMED_ENCODING },
    { "deflate", true, WD_REASON_MALFORMED_ENCODING },   { "zstd", true, WD_REASON_MALFORMED_ENCODING },
};

static void test_cannot_be_decompressed(void **state)
{
    (void)state;
    for (size_t i = 0; i < WD_COUNT(uncompressable); i++) {
        struct play p = play_new();
        size_t len;
        struct talk *t = compressed_call(uncompressable[i].coding, uncompressable[i].is_cut, &len);
        print_message("%s\n", uncompressable[i].coding);
        expect(t, &p, OPEN "s2c binary 5/5 plain\ns2c binary 0/0 \n" CLOSE);
        assert_int_equal(p.ledger.reason_bytes[uncompressable[i].reason], 2 * len);
        assert_int_equal(p.ledger.layer[WD_LAYER_UNDECODED], 2 * len);
        play_free(&p);
    }
}

static void test_bomb(void **state)
{
    (void)state;
    struct play p = play_new();
    struct talk *t = call();
    static char zeros[4 << 20];
    static uint8_t out[64 << 10];
    struct wd_buf text = { 0 };
    memset(zeros, '0', sizeof zeros - 1);
    size_t len = deflated(15 + 16, zeros, out, sizeof out);
    p.limits.inflate_ratio = 100;
    p.is_quiet = true;
    put_message(&text, 1, wd_bytes_at(out, len));
    put_message(&text, 0, wd_bytes_of("plain"));
    headers(t, CLIENT, 1, CALL "|grpc-encoding gzip", 0);
    send(t, CLIENT, 1, wd_buf_bytes(&text), END_STREAM);
    play(&p, t->steps, t->count, 0, SIZE_MAX);
    assert_string_equal(wd_buf_cstr(&p.log), OPEN "c2s binary 5/5 \n" CLOSE);
    assert_int_equal(p.ledger.reason_bytes[WD_REASON_LIMIT], len);
    wd_buf_free(&text);
    talk_free(t);
    play_free(&p);
}

/* What a connection has inflated for messages that are not complete counts for all of its streams together. */
static void test_inflated_together(void **state)
{
    (void)state;
    struct play p = play_new();
    struct talk *t = call();
    char text[1201] = { 0 };
    uint8_t out[256];
    struct wd_buf message = { 0 };
    memset(text, 'a', sizeof text - 1);
    size_t len = deflated(15 + 16, text, out, sizeof out), early;
    put_message(&message, 1, wd_bytes_at(out, len));
    early = message.len - 8;   /* without the checksum and the length */
    p.limits.inflate_total = 3000;
    p.is_quiet = true;
    for (uint32_t stream = 1; stream <= 5; stream += 2) {
        headers(t, CLIENT, stream, CALL "|grpc-encoding gzip", 0);
        send(t, CLIENT, stream, wd_bytes_at(message.at, early), 0);
    }
    for (uint32_t stream = 1; stream <= 5; stream += 2)
        send(t, CLIENT, stream, wd_bytes_at(message.at + early, 8), END_STREAM);
    headers(t, CLIENT, 7, CALL "|grpc-encoding gzip", 0);
    send(t, CLIENT, 7, wd_buf_bytes(&message), END_STREAM);
    expect(t, &p, NULL);
    assert_int_equal(p.messages, 3);
    assert_int_equal(p.ledger.reason_bytes[WD_REASON_LIMIT], len);
    wd_buf_free(&message);
    play_free(&p);
}

static void test_one_sided(void **state)
{
    (void)state;
    struct play p = play_new();
    struct talk *t = calloc(1, sizeof *t);
    frame(t, SERVER, 4, 0, 0, wd_bytes_of(""));
    for (uint32_t stream = 1; stream <= 3; stream += 2) {
        headers(t, SERVER, stream, ANSWER, 0);
        SEND(t, SERVER, stream, MESSAGE("\1", "a"), 0);
        headers(t, SERVER, stream, DONE, END_STREAM);
    }
    expect(t, &p, "open grpc  application/grpc+proto #1\ns2c binary 1/1 a\nclose  last\n"
                  "open grpc  application/grpc+proto #1\ns2c binary 1/1 a\nclose  last\n");
    play_free(&p);
}

static void test_too_long(void **state)
{
    (void)state;
    struct play p = play_new();
    struct talk *t = call();
    p.limits.message = 4;
    headers(t, CLIENT, 1, CALL, 0);
    SEND(t, CLIENT, 1, MESSAGE("\6", "abcdef"), 0);
    SEND(t, CLIENT, 1, MESSAGE("\6", "abc"), 0);
    SEND(t, CLIENT, 1, "def", END_STREAM);
    expect(t, &p, OPEN "c2s binary 6/6 cut abcd\nc2s binary 6/6 cut abcd\n" CLOSE);
    play_free(&p);
}

/* --- faults, gaps, ends --- */

static void test_broken_prefix(void **state)
{
    (void)state;
    struct play p = play_new();
    struct talk *t = call();
    headers(t, CLIENT, 1, CALL, 0);
    SEND(t, CLIENT, 1, MESSAGE("\1", "a") "\2\0\0\0\1b" MESSAGE("\1", "c"), 0);
    SEND(t, CLIENT, 1, MESSAGE("\1", "d"), END_STREAM);
    expect(t, &p, OPEN "c2s binary 1/1 a\n" CLOSE);
    assert_int_equal(p.ledger.reason_bytes[WD_REASON_MALFORMED_FRAMING], 6 + 6 + 6);
    play_free(&p);
}

static void test_unfinished(void **state)
{
    (void)state;
    struct play p = play_new();
    struct talk *t = call();
    headers(t, CLIENT, 1, CALL, END_STREAM);
    headers(t, SERVER, 1, ANSWER, 0);
    SEND(t, SERVER, 1, MESSAGE("\1", "a") MESSAGE("\7", "bcd"), 0);
    frame(t, CLIENT, RST_STREAM, 0, 1, wd_bytes_at("\0\0\0\10", 4));
    headers(t, CLIENT, 3, CALL, 0);
    SEND(t, CLIENT, 3, MESSAGE("\1", "a") "\0\0\0", END_STREAM);
    expect(t, &p, NULL);
    assert_int_equal(p.messages, 2);
    assert_int_equal(p.ledger.reason_bytes[WD_REASON_INCOMPLETE], 3 + 3);
    play_free(&p);
}

static void test_gap(void **state)
{
    (void)state;
    struct play p = play_new();
    struct talk *t = call();
    headers(t, CLIENT, 1, CALL, END_STREAM);
    headers(t, SERVER, 1, ANSWER, 0);
    SEND(t, SERVER, 1, MESSAGE("\1", "a"), 0);
    raw(t, SERVER, wd_bytes_at("\0\0\x0f\0\0\0\0\0\1" MESSAGE("\x0a", "bc"), 9 + 7));
    hole(t, SERVER, 5);
    raw(t, SERVER, wd_bytes_of("ghi"));
    SEND(t, SERVER, 1, MESSAGE("\1", "j") MESSAGE("\2", "kl"), 0);   /* fills its frame: found again */
    hole(t, SERVER, 70);
    SEND(t, SERVER, 1, "no prefix", 0);
    SEND(t, SERVER, 1, MESSAGE("\1", "m"), 0);
    headers(t, SERVER, 1, DONE, END_STREAM);
    expect(t, &p, "open grpc /a.B/C application/grpc #1\ns2c binary 1/1 a\ns2c binary 1/1 j\ns2c binary 2/2 kl\n"
                  "s2c binary 1/1 m\n" CLOSE);
    assert_int_equal(p.ledger.reason_bytes[WD_REASON_GAP], 2 + 3 + 9);
    play_free(&p);
}

static void test_joined_late(void **state)
{
    (void)state;
    struct play p = play_new();
    struct talk *t = calloc(1, sizeof *t);
    p.is_midway = true;
    SEND(t, SERVER, 1, MESSAGE("\1", "a"), 0);
    SEND(t, SERVER, 1, MESSAGE("\3", "bcd"), 0);
    SEND(t, SERVER, 1, "\1\0\0\0\1e", 0);   /* compressed with nobody knows what */
    SEND(t, SERVER, 1, MESSAGE("\1", "f"), 0);
    expect(t, &p, "open grpc  application/grpc #1\ns2c binary 1/1 a\ns2c binary 3/3 bcd\ns2c binary 1/1 f\nclose  last\n");
    assert_int_equal(p.ledger.reason_bytes[WD_REASON_INCOMPLETE], 1);
    play_free(&p);
}

static void test_media_types(void **state)
{
    (void)state;
    static const struct { const char *type; bool is_grpc; } types[] = {
        { "application/grpc", true },          { "application/grpc+json", true }, { "Application/gRPC+Proto; v=1", true },
        { "application/grpc;charset=x", true }, { "application/grpc-web", false }, { "application/grp", false },
        { "application/grpcx", false },
    };
    for (size_t i = 0; i < WD_COUNT(types); i++) {
        struct play p = play_new();
        struct wd_buf fields = { 0 };
        struct talk *t = call();
        wd_buf_printf(&fields, ":method POST|:path /a.B/C|content-type %s", types[i].type);
        headers(t, CLIENT, 1, wd_buf_cstr(&fields), 0);
        SEND(t, CLIENT, 1, MESSAGE("\1", "a"), END_STREAM);
        play(&p, t->steps, t->count, 0, SIZE_MAX);
        assert_int_equal(p.messages, types[i].is_grpc);
        wd_buf_free(&fields);
        talk_free(t);
        play_free(&p);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_kinds_of_call),
        cmocka_unit_test(test_only_trailers),
        cmocka_unit_test(test_cut_anywhere),
        cmocka_unit_test(test_compressed),
        cmocka_unit_test(test_cannot_be_decompressed),
        cmocka_unit_test(test_bomb),
        cmocka_unit_test(test_inflated_together),
        cmocka_unit_test(test_one_sided),
        cmocka_unit_test(test_too_long),
        cmocka_unit_test(test_broken_prefix),
        cmocka_unit_test(test_unfinished),
        cmocka_unit_test(test_gap),
        cmocka_unit_test(test_joined_late),
        cmocka_unit_test(test_media_types),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
