/* field/scan.h - the two JSON tokens worth hurrying over: strings and numbers.
 *
 * Shape   scan from `off` (the quote, or the first character of the number) within `len`; `end` is one past
 *         the token. is_escaped: equal meaning does not need equal bytes (a string with escapes, a number
 *         that is not in its shortest plain decimal form), so compare by meaning.
 * Owns    nothing. Errors: `fault`, a literal, when the token is malformed; then `end` is where.
 * Source  RFC 8259 sections 6 and 7; RFC 3629.
 */
#ifndef WD_FIELD_SCAN_H
#define WD_FIELD_SCAN_H

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "model/field.h"

struct wd_scan {
    uint32_t end;
    bool is_escaped, is_integer;
    bool is_decimal, is_negative;   /* numbers without an exponent and of at most 19 digits: the two below are exact */
    int32_t exponent;
    uint64_t mantissa;              /* without zeros at its end */
    const char *fault;
};

static inline bool wd_is_space(uint8_t c)
{
    return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

/* From the first character that is not plain text on; for the inline ones below. */
struct wd_scan wd_scan_string_rest(const uint8_t *at, uint32_t off, uint32_t len);
struct wd_scan wd_scan_exponent(struct wd_scan s, const uint8_t *at, uint32_t start, uint32_t len);
/* Whether a well-formed number from start to end is a whole one. */
bool wd_scan_is_whole(const uint8_t *at, uint32_t start, uint32_t end);

/* First byte at or after `off` that is not plain ASCII text: a quote, a backslash, a control or part of a
 * longer character. */
static inline uint32_t wd_skip_plain(const uint8_t *at, uint32_t off, uint32_t len)
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

static inline __attribute__((always_inline)) struct wd_scan wd_scan_string(const uint8_t *at, uint32_t off,
                                                                           uint32_t len)
{
    uint32_t end = wd_skip_plain(at, off + 1, len);
    if (end < len && at[end] == '"')
        return (struct wd_scan){ .end = end + 1 };
    return wd_scan_string_rest(at, end, len);
}

enum { WD_MANTISSA_DIGITS = 19 };

/* Digits read into *mantissa, which may wrap: the caller counts them. */
static inline __attribute__((always_inline)) uint32_t wd_read_digits(const uint8_t *at, uint32_t off,
                                                                     uint32_t len, uint64_t *mantissa)
{
    uint64_t m = *mantissa;
    for (uint8_t digit; off < len && (digit = (uint8_t)(at[off] - '0')) < 10; off++)
        m = m * 10 + digit;
    *mantissa = m;
    return off;
}

/* 1500 is 15 * 10^2, however it was written. */
static inline __attribute__((always_inline)) void wd_settle_decimal(struct wd_scan *s, uint32_t digits)
{
    s->is_decimal = digits <= WD_MANTISSA_DIGITS;
    if (s->mantissa == 0) {
        s->exponent = 0;
        s->is_negative = false;
        return;
    }
    if (s->exponent < 0 && !s->is_escaped)
        return;  /* the fraction does not end in a zero */
    while (s->mantissa % 10 == 0) {
        s->mantissa /= 10;
        s->exponent++;
    }
}

static inline __attribute__((always_inline)) struct wd_scan wd_scan_number(const uint8_t *at, uint32_t off,
                                                                           uint32_t len)
{
    struct wd_scan s = { .is_integer = true, .is_negative = off < len && at[off] == '-' };
    uint32_t start = off, first = off + s.is_negative;
    s.end = off = wd_read_digits(at, first, len, &s.mantissa);
    uint32_t digits = off - first;
    if (digits == 0 || (at[first] == '0' && digits > 1)) {
        s.fault = digits ? "a number with a leading zero" : "expected a value";
        return s;
    }
    s.is_escaped = s.is_negative && at[first] == '0';  /* -0; -0.5 is undone below */
    if (off < len && at[off] == '.') {
        uint32_t fraction = off + 1;
        s.end = off = wd_read_digits(at, fraction, len, &s.mantissa);
        if (off == fraction) {
            s.fault = "a number without digits after its point";
            return s;
        }
        digits += off - fraction;
        s.exponent = -(int32_t)(off - fraction);
        s.is_escaped = at[off - 1] == '0';
        s.is_integer = s.is_escaped && wd_scan_is_whole(at, start, off);
    }
    if (off < len && (at[off] | 0x20) == 'e')
        return wd_scan_exponent(s, at, start, len);
    wd_settle_decimal(&s, digits);
    return s;
}

static inline __attribute__((always_inline)) void wd_scan_keep_string(const struct wd_scan *s,
                                                                      struct wd_field *f)
{
    f->type = WD_TYPE_STRING;
    f->value_len = s->end - f->value_off;
    f->flags = (uint8_t)((s->is_escaped ? WD_FIELD_ESCAPED : 0) | (f->value_len == 2 ? WD_FIELD_EMPTY : 0));
}

static inline __attribute__((always_inline)) void wd_scan_keep_number(const struct wd_scan *s,
                                                                      struct wd_field *f)
{
    f->type = s->is_integer ? WD_TYPE_INTEGER : WD_TYPE_NUMBER;
    f->value_len = s->end - f->value_off;
    f->flags = (uint8_t)((s->is_escaped ? WD_FIELD_ESCAPED : 0) | (s->is_decimal ? WD_FIELD_DECIMAL : 0) |
                         (s->is_negative ? WD_FIELD_NEGATIVE : 0));
    f->exponent = s->exponent;
    f->mantissa = s->mantissa;
}

/* Any scalar at `off` into the value, type and flags of *f; false when there is none that is well-formed. */
bool wd_scan_scalar(const uint8_t *at, uint32_t off, uint32_t len, struct wd_field *f);

/* How many bytes are the same in both, of `len`. */
static inline uint32_t wd_same_len(const uint8_t *a, const uint8_t *b, uint32_t len)
{
    uint32_t n = 0;
#ifdef __SSE2__
    for (; len - n >= 16; n += 16) {
        __m128i same = _mm_cmpeq_epi8(_mm_loadu_si128((const __m128i *)(const void *)(a + n)),
                                      _mm_loadu_si128((const __m128i *)(const void *)(b + n)));
        uint32_t other = (uint32_t)_mm_movemask_epi8(same) ^ 0xffff;
        if (other)
            return n + (uint32_t)__builtin_ctz(other);
    }
#endif
    while (n < len && a[n] == b[n])
        n++;
    return n;
}

#endif
