#include "texts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <zlib.h>

static uint64_t seed = 0x2545f4914f6cdd1du;

uint32_t dice(uint32_t sides)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (uint32_t)(seed >> 33) % sides;
}

static void put_random(struct wd_buf *out, size_t len, unsigned letters)
{
    while (len--)
        wd_buf_byte(out, (uint8_t)('!' + dice(letters)));
}

void put_json(struct wd_buf *out, size_t len)
{
    while (out->len < len)
        wd_buf_printf(out, "{\"type\":\"metrics\",\"cpu\":%u,\"host\":\"web-%u.example\",\"token\":\"%08x\"}", dice(100), dice(3), dice(UINT32_MAX));
}

void put_far(struct wd_buf *out, size_t len)   /* matches from the far end of the window */
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

void put_text(struct wd_buf *out, unsigned kind, size_t len)
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

void deflate_text(struct wd_bytes text, int level, int strategy, int bits, int flush, struct wd_buf *out)
{
    z_stream z = { 0 };
    assert_int_equal(deflateInit2(&z, level, Z_DEFLATED, bits, 1 + (int)dice(9), strategy), Z_OK);
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

void deflate_somehow(struct wd_bytes text, int wrap, struct wd_buf *out)
{
    static const int flushes[] = { Z_FINISH, Z_SYNC_FLUSH, Z_FULL_FLUSH, Z_PARTIAL_FLUSH, Z_BLOCK };
    int bits = 9 + (int)dice(7);
    deflate_text(text, (int)dice(10), strategies[dice(WD_COUNT(strategies))], wrap < 0 ? -bits : bits + wrap,
                 flushes[dice(WD_COUNT(flushes))], out);
}

void damage(struct wd_buf *packed)
{
    uint32_t len = (uint32_t)packed->len;
    if (len == 0)
        return;
    switch (dice(5)) {
    case 0:   /* noise */
        for (uint32_t k = dice(len); k < len; k++)
            packed->at[k] = (uint8_t)dice(256);
        break;
    case 1:   /* cut */
        packed->len = dice(len);
        break;
    case 2: {   /* something taken out */
        uint32_t from = dice(len), gone = 1 + dice(len - from);
        memmove(packed->at + from, packed->at + from + gone, len - from - gone);
        packed->len -= gone;
        break;
    }
    default:  /* bits turned, and perhaps cut */
        for (uint32_t n = 1 + dice(3); n; n--)
            packed->at[dice(len)] ^= (uint8_t)(1u << dice(8));
        packed->len -= dice(2) * dice(len);
    }
}

