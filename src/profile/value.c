/* profile/value.c - a scalar by its meaning: its hash, its number, its shapes. The value itself is never kept. */
#include <math.h>
#include <stdlib.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "base/decimal.h"
#include "base/unescape.h"
#include "profile/observer.h"

enum { PLAIN_DIGITS = 21 };
static const uint64_t NUMBER_SALT = 0x9e3779b97f4a7c15u;  /* the string "1" is not the number 1 */

static inline bool is_number(const struct wd_field *f)
{
    return f->type == WD_TYPE_INTEGER || f->type == WD_TYPE_NUMBER;
}

static inline bool is_quoted(const struct wd_field *f)
{
    return f->type == WD_TYPE_STRING && !(f->flags & WD_FIELD_OPAQUE);
}

/* What the value says: a string decoded and without quotes, a number in its shortest notation, else the text. */
struct wd_bytes value_meaning(const struct wd_field *f, struct wd_bytes body, struct wd_buf *scratch)
{
    struct wd_bytes text = wd_bytes_at(body.at + f->value_off, f->value_len);
    if (is_quoted(f)) {
        text.at++;
        text.len -= 2;
        if (!(f->flags & WD_FIELD_ESCAPED))
            return text;
        wd_buf_reset(scratch);
        wd_unescape(text, scratch);
        return wd_buf_bytes(scratch);
    }
    struct wd_decimal decimal;
    if (!is_number(f) || (!(f->flags & WD_FIELD_ESCAPED) && text.len <= PLAIN_DIGITS) || !wd_decimal_read(text, &decimal))
        return text;
    wd_buf_reset(scratch);
    wd_decimal_put(scratch, &decimal);
    return wd_buf_bytes(scratch);
}

/* Never 0: that stands for "no value". */
uint64_t value_hash(const struct wd_field *f, struct wd_bytes meaning, uint64_t seed)
{
    if (is_number(f))
        seed ^= NUMBER_SALT;
    else if (f->type != WD_TYPE_STRING)
        seed += f->type + 1u;  /* null, {} and [] have no text that tells them apart */
    uint64_t hash = XXH3_64bits_withSeed(meaning.at, meaning.len, seed);
    return hash ? hash : 1;
}

uint64_t value_sketch_hash(const struct wd_field *f, struct wd_bytes meaning)
{
    switch ((enum wd_type)f->type) {
    case WD_TYPE_STRING: return wd_hash_string_value(meaning, WD_SKETCH_SEED);
    case WD_TYPE_INTEGER:
    case WD_TYPE_NUMBER: return wd_hash_number_value(meaning, WD_SKETCH_SEED);
    case WD_TYPE_OBJECT: return wd_hash_literal_value(wd_bytes_of("{}"), WD_SKETCH_SEED);
    case WD_TYPE_ARRAY: return wd_hash_literal_value(wd_bytes_of("[]"), WD_SKETCH_SEED);
    default: return wd_hash_literal_value(meaning, WD_SKETCH_SEED);
    }
}

/* Most numbers have few digits: an integer mantissa and a power of ten are exact up to 2^53 and 10^22. */
double value_number(const struct wd_field *f, struct wd_bytes body)
{
    static const double powers[] = { 1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16 };
    if (!is_number(f))
        return NAN;
    const uint8_t *at = body.at + f->value_off;
    uint32_t len = f->value_len;
    if (len <= 16 && !(f->flags & WD_FIELD_ESCAPED)) {
        uint64_t mantissa = 0;
        uint32_t fraction = 0, i = at[0] == '-';
        for (; i < len && at[i] != '.'; i++)
            mantissa = mantissa * 10 + (at[i] - '0');
        for (i++; i < len; i++, fraction++)
            mantissa = mantissa * 10 + (at[i] - '0');
        double value = (double)mantissa / powers[fraction];
        return at[0] == '-' ? -value : value;
    }
    char text[64];
    if (len >= sizeof text)
        return NAN;
    memcpy(text, at, len);
    text[len] = 0;
    return strtod(text, NULL);
}

static uint32_t digits_after_point(const uint8_t *at, uint32_t len)
{
    const uint8_t *point = memchr(at, '.', len);
    uint32_t count = 0;
    for (const uint8_t *p = point ? point + 1 : at + len; p < at + len && *p >= '0' && *p <= '9'; p++)
        count++;
    return count;
}

void value_inspect(struct wd_row *row, const struct wd_field *f, struct wd_bytes meaning, int64_t ts_ns)
{
    if (f->value_len > row->value_len_max)
        row->value_len_max = f->value_len;
    if (!is_number(f) && f->type != WD_TYPE_STRING)
        return;
    row->shape_values++;
    if (f->type == WD_TYPE_NUMBER)
        row->digits += digits_after_point(meaning.at, (uint32_t)meaning.len);
    for (uint64_t shapes = wd_shape_of(meaning, f->type == WD_TYPE_STRING, ts_ns); shapes; shapes &= shapes - 1)
        row->shapes[__builtin_ctzll(shapes)]++;
}
