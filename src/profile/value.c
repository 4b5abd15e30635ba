/* profile/value.c - a scalar by its meaning: its hash, its number, its shapes. The value itself is never
 * kept. */
#include <math.h>
#include <stdlib.h>

#include "base/unescape.h"
#include "profile/observer.h"

enum { TRIED_FIRST = 64, TRIED_LATER = 8 };

static inline bool is_number(const struct wd_field *f)
{
    return f->type == WD_TYPE_INTEGER || f->type == WD_TYPE_NUMBER;
}

struct wd_bytes value_unescape(struct wd_bytes inside, struct wd_buf *scratch)
{
    wd_buf_reset(scratch);
    wd_unescape(inside, scratch);
    return wd_buf_bytes(scratch);
}

static uint64_t hash_binary(const struct wd_field *f, struct wd_bytes text, uint64_t seed)
{
    switch ((enum wd_type)f->type) {
    case WD_TYPE_INTEGER:
    case WD_TYPE_NUMBER: return wd_hash_literal_value(wd_bytes_at(&f->mantissa, sizeof f->mantissa), seed);
    case WD_TYPE_BOOLEAN: return wd_hash_literal_value(wd_bytes_of(f->mantissa ? "true" : "false"), seed);
    case WD_TYPE_NULL: return wd_hash_literal_value(wd_bytes_of("null"), seed);
    default: return wd_hash_bytes_value(text, seed);   /* which "null" as bytes is not null */
    }
}

uint64_t value_hash_other(const struct wd_field *f, struct wd_bytes text, uint64_t seed)
{
    if (f->flags & WD_FIELD_BINARY && f->type != WD_TYPE_OBJECT && f->type != WD_TYPE_ARRAY)
        return hash_binary(f, text, seed);
    switch ((enum wd_type)f->type) {
    case WD_TYPE_INTEGER:
    case WD_TYPE_NUMBER: return wd_hash_number_value(text, seed);
    case WD_TYPE_OBJECT: return wd_hash_literal_value(wd_bytes_of("{}"), seed);
    case WD_TYPE_ARRAY: return wd_hash_literal_value(wd_bytes_of("[]"), seed);
    default: return wd_hash_literal_value(text, seed);
    }
}

static const double powers[] = { 1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17,
                                 1e18, 1e19, 1e20, 1e21, 1e22 };

/* An integer mantissa times or over a power of ten: exact up to 2^53 and 10^22, close enough for thresholds
 * beyond. */
static double decimal_number(const struct wd_field *f)
{
    double value = (double)f->mantissa;
    int32_t exponent = f->exponent;
    if (exponent < 0)
        value = -exponent < (int32_t)WD_COUNT(powers) ? value / powers[-exponent] : value * pow(10, exponent);
    else
        value = exponent < (int32_t)WD_COUNT(powers) ? value * powers[exponent] : value * pow(10, exponent);
    return f->flags & WD_FIELD_NEGATIVE ? -value : value;
}

double value_number(const struct wd_field *f, struct wd_bytes text)
{
    char copy[64];
    if (f->flags & WD_FIELD_DECIMAL)
        return decimal_number(f);
    if (f->flags & WD_FIELD_BINARY)
        return is_number(f) ? wd_field_double(f) : NAN;
    if (!is_number(f) || text.len >= sizeof copy)
        return NAN;
    memcpy(copy, text.at, text.len);
    copy[text.len] = 0;
    return strtod(copy, NULL);
}

/* Digits behind the point. */
static uint64_t fraction_digits(const struct wd_field *f, struct wd_bytes text)
{
    const uint8_t *point;
    if (f->flags & WD_FIELD_DECIMAL)
        return f->exponent < 0 ? (uint64_t)-f->exponent : 0;
    if (!(f->flags & WD_FIELD_BINARY) || memchr(text.at, 'e', text.len))
        return 0;
    point = memchr(text.at, '.', text.len);
    return point ? text.len - (size_t)(point + 1 - text.at) : 0;
}

static void inspect(struct wd_observer *o, struct wd_row *row, const struct wd_field *f, struct wd_bytes text,
                    int64_t ts_ns)
{
    row->shape_values++;
    if (f->flags & WD_FIELD_BINARY && is_number(f))
        text = wd_field_text(f, text, &o->scratch);   /* a binary number has no text until somebody looks at it */
    if (f->type == WD_TYPE_NUMBER)
        row->digits += fraction_digits(f, text);
    uint64_t shapes = wd_shape_of(text, f->type == WD_TYPE_STRING, ts_ns);
    for (uint64_t left = shapes; left; left &= left - 1)
        row->shapes[__builtin_ctzll(left)]++;
    if (f->type == WD_TYPE_STRING)
        nested_look(o, row, f, text, shapes);
}

/* Validators cost more than everything else together, so of a value that keeps changing the first 64 of a
 * series are tried and then one in eight, chosen by its hash: the same ones however the capture is split. */
void value_take(struct wd_observer *o, struct wd_row *row, struct memory *memory, const struct wd_field *f,
                struct wd_bytes text, int64_t ts_ns)
{
    uint64_t hash = value_hash(f, text, WD_SKETCH_SEED);
    wd_sketch_add(row->sketch, hash);
    if (f->value_len > row->value_len_max)
        row->value_len_max = f->value_len;
    if (row->sample)
        wd_sample_take(row->sample, f, text);
    if (!is_number(f) && f->type != WD_TYPE_STRING)
        return;
    if (memory->tried >= TRIED_FIRST && hash % TRIED_LATER)
        return;
    memory->tried++;
    inspect(o, row, f, text, ts_ns);
}
