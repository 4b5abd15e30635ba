/* gzip and zstd undone in pieces of any size: members and frames in a row, cut and broken ones, and bombs. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <zlib.h>
#include <zstd.h>

#include "base/buf.h"
#include "packet/unpack.h"

enum { PLAIN = 700000 };

static struct wd_buf plain;

static int take(void *ctx, struct wd_bytes bytes, struct wd_err *err)
{
    (void)err;
    wd_buf_put(ctx, bytes);
    return WD_OK;
}

static void gzip(struct wd_bytes bytes, struct wd_buf *out)
{
    z_stream z = { 0 };
    size_t bound = bytes.len + 1000;
    assert_int_equal(deflateInit2(&z, 6, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY), Z_OK);
    z.next_in = (Bytef *)bytes.at;
    z.avail_in = (uInt)bytes.len;
    z.next_out = wd_buf_room(out, bound);
    z.avail_out = (uInt)bound;
    assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
    out->len += z.total_out;
    deflateEnd(&z);
}

static void zstd(struct wd_bytes bytes, struct wd_buf *out)
{
    size_t bound = ZSTD_compressBound(bytes.len);
    out->len += ZSTD_compress(wd_buf_room(out, bound), bound, bytes.at, bytes.len, 3);
}

typedef void pack_fn(struct wd_bytes bytes, struct wd_buf *out);
static pack_fn *const packs[] = { gzip, zstd };

/* The fault, NULL: none; what came out is in *out. */
static char *unpack(struct wd_bytes packed, size_t piece, uint64_t ratio, struct wd_buf *out)
{
    struct wd_limits limits = wd_limits_default();
    limits.unpack_ratio = ratio;
    wd_buf_reset(out);
    assert_true(wd_unpack_sniff(packed));
    struct wd_unpack *u = wd_unpack_open("x.gz", packed, &limits, take, out);
    for (size_t n; packed.len; packed = wd_bytes_at(packed.at + n, packed.len - n)) {
        n = piece < packed.len ? piece : packed.len;
        assert_int_equal(wd_unpack_feed(u, wd_bytes_at(packed.at, n), NULL), WD_OK);
    }
    wd_unpack_finish(u);
    char *fault = wd_unpack_fault(u) ? strdup(wd_unpack_fault(u)) : NULL;
    wd_unpack_free(u);
    return fault;
}

static void test_whole(void **state)
{
    (void)state;
    static const size_t pieces[] = { 1, 7, 4096, SIZE_MAX };
    for (size_t k = 0; k < WD_COUNT(packs); k++) {
        struct wd_buf packed = { 0 }, out = { 0 };
        packs[k](wd_buf_bytes(&plain), &packed);
        for (size_t i = 0; i < WD_COUNT(pieces); i++) {
            assert_null(unpack(wd_buf_bytes(&packed), pieces[i], 10000, &out));
            assert_int_equal(out.len, plain.len);
            assert_memory_equal(out.at, plain.at, plain.len);
        }
        wd_buf_free(&packed);
        wd_buf_free(&out);
    }
}

/* As gzip and zstd have it: files put together, an empty one among them, zeros after the last of gzip. */
static void test_members(void **state)
{
    (void)state;
    static const uint8_t zeros[700];
    for (size_t k = 0; k < WD_COUNT(packs); k++) {
        struct wd_buf packed = { 0 }, out = { 0 };
        packs[k](wd_bytes_at(plain.at, 1000), &packed);
        packs[k](wd_bytes_of(""), &packed);
        packs[k](wd_bytes_at(plain.at + 1000, plain.len - 1000), &packed);
        for (size_t piece = 1; piece < 100000; piece = piece * 10 + 1) {
            assert_null(unpack(wd_buf_bytes(&packed), piece, 10000, &out));
            assert_int_equal(out.len, plain.len);
            assert_memory_equal(out.at, plain.at, plain.len);
        }
        if (packs[k] == gzip) {
            wd_buf_put(&packed, wd_bytes_at(zeros, sizeof zeros));
            assert_null(unpack(wd_buf_bytes(&packed), 333, 10000, &out));
            wd_buf_puts(&packed, "x");
            char *fault = unpack(wd_buf_bytes(&packed), 333, 10000, &out);
            assert_non_null(strstr(fault, "something else after the end"));
            free(fault);
        }
        if (packs[k] == zstd) {   /* a frame to skip, then one of a format that zstd has left behind */
            wd_buf_put(&packed, wd_bytes_at("\x53\x2a\x4d\x18\3\0\0\0abc", 11));
            for (size_t piece = 1; piece < 100000; piece = piece * 10 + 1)
                assert_null(unpack(wd_buf_bytes(&packed), piece, 10000, &out));
            wd_buf_puts(&packed, "\x26\xb5\x2f\xfd\x1e\x0c");
            char *fault = unpack(wd_buf_bytes(&packed), 1, 10000, &out);
            assert_non_null(strstr(fault, "something else after the end"));
            free(fault);
        }
        assert_int_equal(out.len, plain.len);
        wd_buf_free(&packed);
        wd_buf_free(&out);
    }
}

/* What is left is the start of what was there, and the fault says where the file ends. */
static void test_cut(void **state)
{
    (void)state;
    for (size_t k = 0; k < WD_COUNT(packs); k++) {
        struct wd_buf packed = { 0 }, out = { 0 };
        packs[k](wd_buf_bytes(&plain), &packed);
        for (size_t len = 10; len < packed.len; len += packed.len / 37 + 1) {
            char *fault = unpack(wd_bytes_at(packed.at, len), 1000, 10000, &out), place[64];
            snprintf(place, sizeof place, "x.gz:%zu: the %s data is cut short", len,
                     packs[k] == gzip ? "gzip" : "zstd");
            assert_non_null(fault);
            assert_ptr_equal(strstr(fault, place), fault);
            assert_memory_equal(out.at ? out.at : plain.at, plain.at, out.len);
            free(fault);
        }
        packed.at[packed.len / 2] ^= 0x55;
        packed.at[packed.len / 2 + 1] ^= 0x55;
        char *fault = unpack(wd_buf_bytes(&packed), 1000, 10000, &out);
        assert_non_null(fault);
        assert_non_null(strstr(fault, "damaged"));
        free(fault);
        wd_buf_free(&packed);
        wd_buf_free(&out);
    }
}

/* 200 MiB of zeros: 64 of them are free. */
static void test_bomb(void **state)
{
    (void)state;
    struct wd_buf packed = { 0 }, out = { 0 };
    uint8_t *zeros = calloc(1, 200u << 20);
    zstd(wd_bytes_at(zeros, 200u << 20), &packed);
    free(zeros);
    char *fault = unpack(wd_buf_bytes(&packed), SIZE_MAX, 100, &out);
    assert_non_null(strstr(fault, "unpacks to more than 100 times its size"));
    assert_non_null(strstr(fault, "--limit unpack-ratio="));
    assert_true(out.len < (80u << 20));
    free(fault);
    assert_null(unpack(wd_buf_bytes(&packed), SIZE_MAX, 1000000, &out));
    wd_buf_free(&packed);
    wd_buf_free(&out);
}

int main(void)
{
    uint64_t x = 88172645463325252u;
    for (size_t i = 0; i < PLAIN; i++) {
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        wd_buf_byte(&plain, i % 3 ? (uint8_t)('a' + i / 1000 % 20) : (uint8_t)x);
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_whole),
        cmocka_unit_test(test_members),
        cmocka_unit_test(test_cut),
        cmocka_unit_test(test_bomb),
    };
    int rc = cmocka_run_group_tests(tests, NULL, NULL);
    wd_buf_free(&plain);
    return rc;
}
