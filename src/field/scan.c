#include "field/scan.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "base/escape.h"
#include "base/unescape.h"

/* --- strings --- */

/* First byte at or after `off` that is not plain ASCII text: a quote, a backslash, a control or part of a longer character. */
static uint32_t skip_plain(const uint8_t *at, uint32_t off, uint32_t len)
{
#ifdef __SSE2__
    const __m128i quote = _mm_set1_epi8('"'), backslash = _mm_set1_epi8('\\'), space = _mm_set1_epi8(' ');
    while (len - off >= 16) {
        __m128i v = _mm_loadu_si128((const __m128i *)(const void *)(at + off));
        /* As signed bytes, controls and bytes from 0x80 up are all less than a space. */
        __m128i odd = _mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(v, quote), _mm_cmpeq_epi8(v, backslash)),
                                   _mm_cmplt_epi8(v, space));
        unsigned bits = (unsigned)_mm_movemask_epi8(odd);
        if (bits)
            return off + (uint32_t)__builtin_ctz(bits);
        off += 16;
    }
#endif
    while (off < len && at[off] != '"' && at[off] != '\\' && at[off] >= ' ' && at[off] < 0x80)
        off++;
    return off;
}

/* Length of the escape at a backslash, 0 when it is none. */
static uint32_t escape_len(const uint8_t *at, uint32_t off, uint32_t len)
{
    if (len - off < 2)
        return 0;
    if (at[off + 1] == 'u')
        return wd_hex4(at + off + 2, len - off - 2) >= 0 ? 6 : 0;
    return strchr("\"\\/bfnrt", at[off + 1]) && at[off + 1] ? 2 : 0;
}

struct wd_scan wd_scan_string(const uint8_t *at, uint32_t off, uint32_t len)
{
    struct wd_scan s = { 0 };
    for (off++;;) {
        off = skip_plain(at, off, len);
        s.end = off;
        if (off >= len) {
            s.fault = "a string does not end";
            return s;
        }
        uint8_t c = at[off];
        if (c == '"') {
            s.end = off + 1;
            return s;
        }
        if (c == '\\') {
            uint32_t n = escape_len(at, off, len);
            s.is_escaped = true;
            if (!n) {
                s.fault = "an escape is not one of JSON's";
                return s;
            }
            off += n;
        } else if (c < ' ') {
            s.fault = "a control character in a string";
            return s;
        } else {
            size_t next = off;
            if (wd_utf8_next(wd_bytes_at(at, len), &next) < 0) {
                s.fault = "a string is not valid UTF-8";
                return s;
            }
            off = (uint32_t)next;
        }
    }
}

/* --- numbers --- */

static uint32_t skip_digits(const uint8_t *at, uint32_t off, uint32_t len)
{
    while (off < len && (uint8_t)(at[off] - '0') < 10)
        off++;
    return off;
}

/* Whether 12.50e3 is a whole number: the exponent reaches past the last digit that is not zero. Text is well-formed. */
static bool is_whole(const uint8_t *at, uint32_t start, uint32_t end)
{
    int64_t fraction = 0, exponent = 0;  /* digits after the point up to the last one that is not zero */
    bool is_negative = false, is_after_point = false, is_all_zero = true;
    int64_t seen = 0, trailing = 0;      /* zeros at the end of the digits so far */
    uint32_t i = start + (at[start] == '-');
    for (; i < end && (at[i] | 0x20) != 'e'; i++) {
        if (at[i] == '.') {
            is_after_point = true;
            continue;
        }
        seen += is_after_point;
        trailing = at[i] == '0' ? trailing + 1 : 0;
        is_all_zero &= at[i] == '0';
    }
    fraction = seen - trailing;          /* negative: zeros before the point too */
    if (i < end)
        i++;
    if (i < end && (at[i] == '+' || at[i] == '-'))
        is_negative = at[i++] == '-';
    for (; i < end && exponent < 1 << 20; i++)
        exponent = exponent * 10 + (at[i] - '0');
    return is_all_zero || (is_negative ? -exponent : exponent) >= fraction;
}

struct wd_scan wd_scan_number(const uint8_t *at, uint32_t off, uint32_t len)
{
    struct wd_scan s = { .is_integer = true };
    uint32_t start = off, digits = off + (off < len && at[off] == '-');
    off = skip_digits(at, digits, len);
    s.end = off;
    if (off == digits || (at[digits] == '0' && off - digits > 1)) {
        s.fault = off == digits ? "expected a value" : "a number with a leading zero";
        return s;
    }
    s.is_escaped = digits != start && at[digits] == '0' && off - digits == 1;  /* -0, and -0.5 is undone below */
    bool is_odd = false;
    if (off < len && at[off] == '.') {
        uint32_t fraction = off + 1;
        off = skip_digits(at, fraction, len);
        s.end = off;
        if (off == fraction) {
            s.fault = "a number without digits after its point";
            return s;
        }
        is_odd = at[off - 1] == '0';
        s.is_escaped = is_odd;
        s.is_integer = false;
    }
    if (off < len && (at[off] | 0x20) == 'e') {
        uint32_t exponent = off + 1;
        if (exponent < len && (at[exponent] == '+' || at[exponent] == '-'))
            exponent++;
        off = skip_digits(at, exponent, len);
        s.end = off;
        if (off == exponent) {
            s.fault = "a number without digits in its exponent";
            return s;
        }
        is_odd = s.is_escaped = true;
    }
    if (is_odd)
        s.is_integer = is_whole(at, start, off);
    s.end = off;
    return s;
}
