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

static uint64_t seed = 0x2545f4914f6cdd1du;

static uint32_t dice(uint32_t sides)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (uint32_t)(seed >> 33) % sides;
}

/* --- texts --- */

static void put_random(struct wd_buf *out, size_t len, unsigned letters)
{
    while (len--)
        wd_buf_byte(out, (uint8_t)('!' + dice(letters)));
}

static void put_json(struct wd_buf *out, size_t len)
{
    while (out->len < len)
        wd_buf_printf(out, "{\"type\":\"metrics\",\"cpu\":%u,\"host\":\"web-%u.example\",\"token\":\"%08x\"}", dice(100), dice(3), dice(UINT32_MAX));
}

static void put_far(struct wd_buf *out, size_t len)   /* matches from the far end of the window */
{
    size_t start = out->len;
    put_random(out, len < 32768 ? len : 32768, 90);
    while (out->len - start < len) {
        size_t n = 3 + dice(256), distance = 32768 - dice(300), at = out->len - (distance < out->len - start ? distance : out->len - start);
        while (n--)
            wd_buf_byte(out, out->at[at++]);
        wd_buf_byte(out, (uint8_t)dice(256));
    }
}

static void put_runs(struct wd_buf *out, size_t len)
{
    size_t start = out->len;
    while (out->len - start < len)
        for (uint32_t n = 1 + dice(700), c = dice(3); n; n--)
            wd_buf_byte(out, (uint8_t)('a' + (n % (1 + c))));
}

static void put_text(struct wd_buf *out, unsigned kind, size_t len)
{
    switch (kind % 6) {
    case 0: put_json(out, len); break;
    case 1: put_random(out, len, 94); break;
    case 2: put_random(out, len, 2); break;
    case 3: put_far(out, len); break;
    case 4: put_runs(out, len); break;
    default: put_random(out, len, 255 - '!'); break;
    }
}

/* --- what zlib makes of them --- */

static const int strategies[] = { Z_DEFAULT_STRATEGY, Z_FILTERED, Z_HUFFMAN_ONLY, Z_RLE, Z_FIXED };

static void deflate_text(struct wd_bytes text, int level, int strategy, int bits, int flush, struct wd_buf *out)
{
    z_stream z = { 0 };
    assert_int_equal(deflateInit2(&z, level, Z_DEFLATED, -bits, 1 + (int)dice(9), strategy), Z_OK);
    z.next_in = (Bytef *)text.at;
    for (size_t left = text.len; ;) {
        size_t n = flush == Z_FINISH || dice(3) == 0 ? left : dice((uint32_t)left + 1);
        z.avail_in = (uInt)n;
        left -= n;
        int how = left ? flush : Z_FINISH;
        do {
            z.next_out = wd_buf_room(out, 4096);
            z.avail_out = 4096;
            deflate(&z, how);
            out->len += 4096 - z.avail_out;
        } while (z.avail_out == 0);
        if (how == Z_FINISH)
            break;
    }
    deflateEnd(&z);
}

static void test_zlib_streams(void **state)
{
    (void)state;
    static const int flushes[] = { Z_FINISH, Z_SYNC_FLUSH, Z_FULL_FLUSH, Z_PARTIAL_FLUSH, Z_BLOCK };
    struct wd_buf text = { 0 }, packed = { 0 };
    for (unsigned round = 0; round < 600; round++) {
        wd_buf_reset(&text);
        wd_buf_reset(&packed);
        put_text(&text, round, dice(round % 7 ? 3000 : 150000));
        deflate_text(wd_buf_bytes(&text), (int)dice(10), strategies[dice(5)], 9 + (int)dice(7), flushes[dice(5)], &packed);
        referee(wd_buf_bytes(&packed), 1 + dice(5000), 1 + dice(round % 3 ? 5000 : 3));
    }
    wd_buf_free(&text);
    wd_buf_free(&packed);
}

/* Damaged: a bit turned, cut, or noise. */
static void test_damaged_streams(void **state)
{
    (void)state;
    struct wd_buf text = { 0 }, packed = { 0 };
    for (unsigned round = 0; round < 4000; round++) {
        wd_buf_reset(&text);
        wd_buf_reset(&packed);
        put_text(&text, round, dice(900));
        deflate_text(wd_buf_bytes(&text), (int)dice(10), strategies[dice(5)], 15, Z_SYNC_FLUSH, &packed);
        for (uint32_t n = 1 + dice(3); n && packed.len; n--)
            packed.at[dice((uint32_t)packed.len)] ^= (uint8_t)(1u << dice(8));
        if (dice(8) == 0)
            for (size_t k = 0; k < packed.len; k++)
                packed.at[k] = (uint8_t)dice(256);
        referee(wd_bytes_at(packed.at, packed.len ? 1 + dice((uint32_t)packed.len) : 0), 1 + dice(100), 1 + dice(400));
    }
    wd_buf_free(&text);
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
    { "no end of block: all lengths zero", V("\x04\xc0\x81\x08\x00\x00\x00\x00\x20\x7f\xeb\x0b\x00\x00"), "", WD_CODING_BAD },
};

static void test_vectors(void **state)
{
    (void)state;
    for (size_t i = 0; i < WD_COUNT(vectors); i++) {
        struct wd_inflate *inflate = wd_inflate_open(UINT64_MAX);
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
    struct wd_inflate *inflate = wd_inflate_open(UINT64_MAX);
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
    deflate_text(wd_buf_bytes(&text), 9, Z_DEFAULT_STRATEGY, 15, Z_FINISH, &packed);
    for (size_t kept = 0; kept < 300000; kept = kept * 3 + 1) {
        struct wd_inflate *inflate = wd_inflate_open(kept);
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
    struct wd_inflate *inflate = wd_inflate_open(UINT64_MAX);
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
        cmocka_unit_test(test_vectors), cmocka_unit_test(test_marks), cmocka_unit_test(test_zlib_streams),
        cmocka_unit_test(test_damaged_streams), cmocka_unit_test(test_kept), cmocka_unit_test(test_takeover),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
