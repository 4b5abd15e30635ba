/* Our inflater held against zlib: the bytes, the end, and at every symbol boundary the bits. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdlib.h>
#include <zlib.h>

#include "base/buf.h"
#include "message/inflate.h"
#include "referee.h"
#include "texts.h"

/* Ten thousand streams, or as many as STREAMS says (make soak): of every kind, valid or not. */
static uint32_t stream_count(void)
{
    const char *count = getenv("STREAMS");
    return count ? (uint32_t)strtoul(count, NULL, 10) : 10000;
}

static void test_streams(void **state)
{
    (void)state;
    struct wd_buf text = { 0 }, packed = { 0 };
    for (uint32_t round = 0, rounds = stream_count(); round < rounds; round++) {
        wd_buf_reset(&packed);
        for (uint32_t n = dice(4) ? 1 : 1 + dice(3); n; n--) {   /* some are several, one after the other */
            wd_buf_reset(&text);
            put_text(&text, dice(6), dice(round % 200 ? 1 + dice(3000) : 150000));
            deflate_somehow(wd_buf_bytes(&text), -1, &packed);
        }
        if (dice(2))
            damage(&packed);
        if (dice(8) == 0) {   /* short noise: codes that are none, cut before what would follow them */
            packed.len = 0;
            for (uint32_t n = 1 + dice(12); n; n--)
                wd_buf_byte(&packed, (uint8_t)dice(256));
        }
        size_t piece = dice(2) ? 1 + dice(5000) : 1 + dice(20), room = dice(3) ? 1 + dice(5000) : 1 + dice(3);
        referee(wd_buf_bytes(&packed), piece, room);
    }
    wd_buf_free(&text);
    wd_buf_free(&packed);
}

/* The same in their wrappings. */
static void test_codings(void **state)
{
    (void)state;
    static const struct { const char *name; int wrap; } kinds[] = { { "gzip", 16 }, { "deflate", 0 }, { "deflate", -1 } };
    struct wd_buf text = { 0 }, packed = { 0 };
    for (uint32_t round = 0, rounds = stream_count() / 4; round < rounds; round++) {
        size_t kind = dice(WD_COUNT(kinds));
        wd_buf_reset(&packed);
        for (uint32_t n = 1 + dice(3) / 2; n; n--) {
            wd_buf_reset(&text);
            put_text(&text, dice(6), dice(round % 50 ? 1 + dice(3000) : 50000));
            deflate_somehow(wd_buf_bytes(&text), kinds[kind].wrap, &packed);
        }
        if (dice(8) == 0)
            wd_buf_puts(&packed, "padding");
        if (dice(2))
            damage(&packed);
        referee_coding(kinds[kind].name, wd_buf_bytes(&packed), dice(2) ? 1 + dice(5000) : 1 + dice(20));
    }
    wd_buf_free(&text);
    wd_buf_free(&packed);
}

/* What gzip's head may hold: extra field, name, comment, checksum of the head itself. */
static void test_gzip_heads(void **state)
{
    (void)state;
    struct wd_buf packed = { 0 };
    for (int round = 0; round < 2000; round++) {
        z_stream z = { 0 };
        Bytef extra[70], name[] = "a name", comment[] = "a comment";
        gz_header head = { .extra = dice(2) ? extra : NULL, .extra_len = dice(70), .name = dice(2) ? name : NULL,
                           .comment = dice(2) ? comment : NULL, .hcrc = (int)dice(2), .os = 3, .text = (int)dice(2), .time = dice(UINT32_MAX) };
        memset(extra, 'x', sizeof extra);
        wd_buf_reset(&packed);
        assert_int_equal(deflateInit2(&z, 6, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY), Z_OK);
        assert_int_equal(deflateSetHeader(&z, &head), Z_OK);
        z.next_in = (Bytef *)"hello, hello, hello";
        z.avail_in = 19;
        z.next_out = wd_buf_room(&packed, 500);
        z.avail_out = 500;
        assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
        packed.len = 500 - z.avail_out;
        deflateEnd(&z);
        if (dice(2))
            packed.at[dice((uint32_t)packed.len)] ^= (uint8_t)(1u << dice(8));
        referee_coding("gzip", wd_bytes_at(packed.at, dice(3) ? packed.len : dice((uint32_t)packed.len)), 1 + dice(40));
    }
    wd_buf_free(&packed);
}

/* --- by hand --- */

static const struct { const char *what; const char *bytes; size_t len; const char *plain; enum wd_coding_got got; } vectors[] = {
#define V(literal) literal, sizeof literal - 1
    { "RFC 7692, 7.2.3.1, with its tail", V("\xf2\x48\xcd\xc9\xc9\x07\x00\x00\x00\xff\xff"), "Hello", WD_CODING_MORE },
    { "7.2.3.3: no compression", V("\x00\x05\x00\xfa\xff\x48\x65\x6c\x6c\x6f\x00\x00\x00\xff\xff"), "Hello", WD_CODING_MORE },
    { "7.2.3.4: a final block", V("\xf3\x48\xcd\xc9\xc9\x07\x00"), "Hello", WD_CODING_END },
    { "7.2.3.5: two blocks", V("\xf2\x48\x05\x00\x00\x00\xff\xff\xca\xc9\xc9\x07\x00\x00\x00\xff\xff"), "Hello", WD_CODING_MORE },
    { "an empty stored block", V("\x00\x00\x00\xff\xff"), "", WD_CODING_MORE },
    { "a type that is none", V("\x07"), "", WD_CODING_BAD },
    { "a length that contradicts itself", V("\x00\x05\x00\xfa\xfe"), "", WD_CODING_BAD },
    { "a distance before the start", V("\x4b\x04\x42\x00"), "a", WD_CODING_BAD },
    { "a length that is none, and nothing behind it", V("\x1a\x2f\x0a"), "", WD_CODING_BAD },
    { "no end of block: all lengths zero", V("\x04\xc0\x81\x08\x00\x00\x00\x00\x20\x7f\xeb\x0b\x00\x00"), "", WD_CODING_BAD },
};

static void test_vectors(void **state)
{
    (void)state;
    for (size_t i = 0; i < WD_COUNT(vectors); i++) {
        struct wd_inflate *inflate = wd_inflate_open(UINT64_MAX, NULL);
        struct wd_bytes in = wd_bytes_at(vectors[i].bytes, vectors[i].len);
        enum wd_coding_got got = wd_inflate_run(inflate, &in, 1000);
        if (got != vectors[i].got || !wd_bytes_is(wd_inflate_made(inflate), vectors[i].plain))
            fail_msg("%s: %d", vectors[i].what, got);
        wd_inflate_close(inflate);
        referee(wd_bytes_at(vectors[i].bytes, vectors[i].len), 1, 1);
    }
}

/* "aaaa...": a literal of 8 bits, then matches; what they cost by hand. */
static void test_marks(void **state)
{
    (void)state;
    static const uint8_t packed[] = { 0x4b, 0x4c, 0x84, 0x01, 0x00 };   /* a, then 9 more at distance 1; end */
    struct wd_inflate *inflate = wd_inflate_open(UINT64_MAX, NULL);
    struct wd_bytes in = wd_bytes_at(packed, sizeof packed);
    assert_int_equal(wd_inflate_run(inflate, &in, 1000), WD_CODING_END);
    assert_true(wd_bytes_is(wd_inflate_made(inflate), "aaaaaaaaaa"));
    struct wd_bit_marks marks = wd_inflate_marks(inflate);
    assert_int_equal(marks.at[0].end, 1);
    assert_int_equal(marks.at[0].bits, 8);
    assert_int_equal(marks.at[marks.count - 1].end, 10);
    wd_inflate_close(inflate);
}

/* A message longer than what is kept: its beginning stays, everything is counted, the next one still finds its window. */
static void test_kept(void **state)
{
    (void)state;
    struct wd_buf text = { 0 }, packed = { 0 };
    put_far(&text, 400000);
    deflate_text(wd_buf_bytes(&text), 9, Z_DEFAULT_STRATEGY, -15, Z_FINISH, &packed);
    for (size_t kept = 0; kept < 300000; kept = kept * 3 + 1) {
        struct wd_inflate *inflate = wd_inflate_open(kept, NULL);
        struct wd_bytes in = wd_buf_bytes(&packed);
        while (wd_inflate_run(inflate, &in, 1 + dice(70000)) == WD_CODING_FULL) { }
        assert_int_equal(wd_inflate_total(inflate), text.len);
        struct wd_bytes made = wd_inflate_made(inflate);
        assert_int_equal(made.len, kept);
        assert_memory_equal(made.at, text.at, kept);
        /* 03 00 ... a match at distance 32768 of length 258: c c */
        wd_inflate_begin(inflate);
        struct wd_bytes again = wd_buf_bytes(&packed);
        while (wd_inflate_run(inflate, &again, 5000) == WD_CODING_FULL) { }
        assert_memory_equal(wd_inflate_made(inflate).at, text.at, wd_inflate_made(inflate).len);
        assert_int_equal(wd_inflate_total(inflate), text.len);
        wd_inflate_close(inflate);
    }
    wd_buf_free(&text);
    wd_buf_free(&packed);
}

/* Context takeover: each message refers to the ones before it, over hundreds of kilobytes. */
static void test_takeover(void **state)
{
    (void)state;
    z_stream z = { 0 };
    struct wd_buf text = { 0 };
    struct wd_inflate *inflate = wd_inflate_open(UINT64_MAX, NULL);
    uint8_t packed[20000];
    assert_int_equal(deflateInit2(&z, 6, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY), Z_OK);
    for (int n = 0; n < 2000; n++) {
        wd_buf_reset(&text);
        put_json(&text, 1 + dice(900));
        z.next_in = text.at;
        z.avail_in = (uInt)text.len;
        z.next_out = packed;
        z.avail_out = sizeof packed;
        assert_int_equal(deflate(&z, Z_SYNC_FLUSH), Z_OK);
        struct wd_bytes in = wd_bytes_at(packed, sizeof packed - z.avail_out);
        wd_inflate_begin(inflate);
        assert_int_equal(wd_inflate_run(inflate, &in, 10000), WD_CODING_MORE);
        assert_true(wd_bytes_eq(wd_inflate_made(inflate), wd_buf_bytes(&text)));
        assert_true(wd_inflate_is_whole(inflate));
        assert_false(wd_inflate_is_fresh(inflate));
    }
    deflateEnd(&z);
    wd_inflate_close(inflate);
    wd_buf_free(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_vectors), cmocka_unit_test(test_marks), cmocka_unit_test(test_streams), cmocka_unit_test(test_codings),
        cmocka_unit_test(test_gzip_heads), cmocka_unit_test(test_kept), cmocka_unit_test(test_takeover),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
