#include "base/unescape.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

static int hex_value(uint8_t c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Four hex digits, or -1. */
int32_t wd_hex4(const uint8_t *at, size_t left)
{
    int32_t unit = 0;
    if (left < 4)
        return -1;
    for (int i = 0; i < 4; i++) {
        int digit = hex_value(at[i]);
        if (digit < 0)
            return -1;
        unit = unit << 4 | digit;
    }
    return unit;
}

static uint8_t *put_utf8(uint8_t *to, uint32_t c)
{
    if (c < 0x80) {
        *to++ = (uint8_t)c;
        return to;
    }
    if (c < 0x800) {
        *to++ = (uint8_t)(0xc0 | c >> 6);
    } else {
        if (c < 0x10000) {
            *to++ = (uint8_t)(0xe0 | c >> 12);
        } else {
            *to++ = (uint8_t)(0xf0 | c >> 18);
            *to++ = (uint8_t)(0x80 | (c >> 12 & 63));
        }
        *to++ = (uint8_t)(0x80 | (c >> 6 & 63));
    }
    *to++ = (uint8_t)(0x80 | (c & 63));
    return to;
}

/* `c` is what \u at `off` says; the pair that it may begin is read too. */
static uint8_t *unescape_unicode(struct wd_bytes in, size_t *off, uint32_t c, uint8_t *to)
{
    size_t at = *off;
    *off += 6;
    if (c >= 0xd800 && c < 0xdc00 && in.len - at >= 12 && in.at[at + 6] == '\\' && in.at[at + 7] == 'u') {
        int32_t low = wd_hex4(in.at + at + 8, in.len - at - 8);
        if (low >= 0xdc00 && low < 0xe000) {
            c = 0x10000 + ((c - 0xd800) << 10) + ((uint32_t)low - 0xdc00);
            *off += 6;
        }
    }
    return put_utf8(to, c >= 0xd800 && c < 0xe000 ? 0xfffd : c);
}

/* Copies up to the next backslash; returns its offset, or in.len. Whole blocks are written: there is room for
 * all of `in`, and what was written so far is not longer than what was read. */
static size_t copy_plain(struct wd_bytes in, size_t off, uint8_t **to)
{
    uint8_t *at = *to;
#ifdef __SSE2__
    for (; in.len - off >= 16; off += 16, at += 16) {
        __m128i v = _mm_loadu_si128((const __m128i *)(const void *)(in.at + off));
        unsigned bits = (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(v, _mm_set1_epi8('\\')));
        _mm_storeu_si128((__m128i *)(void *)at, v);
        if (bits) {
            *to = at + __builtin_ctz(bits);
            return off + (size_t)__builtin_ctz(bits);
        }
    }
#endif
    while (off < in.len && in.at[off] != '\\')
        *at++ = in.at[off++];
    *to = at;
    return off;
}

void wd_unescape(struct wd_bytes in, struct wd_buf *out)
{
    static const uint8_t meanings[256] = { ['b'] = '\b', ['f'] = '\f', ['n'] = '\n', ['r'] = '\r', ['t'] = '\t' };
    uint8_t *to = wd_buf_room(out, in.len);  /* never longer than what it is made from */
    for (size_t off = 0; (off = copy_plain(in, off, &to)) < in.len;) {
        if (off + 1 == in.len) {
            *to++ = '\\';
            break;
        }
        uint8_t c = in.at[off + 1];
        int32_t unit = c == 'u' ? wd_hex4(in.at + off + 2, in.len - off - 2) : -1;
        if (unit >= 0) {
            to = unescape_unicode(in, &off, (uint32_t)unit, to);
            continue;
        }
        *to++ = meanings[c] ? meanings[c] : c;
        off += 2;
    }
    out->len = (size_t)(to - out->at);
}
