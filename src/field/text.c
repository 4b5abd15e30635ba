#include "field/text.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/unescape.h"

static struct wd_bytes of_json_string(const struct wd_field *f, struct wd_bytes token, struct wd_buf *scratch)
{
    struct wd_bytes inside = wd_bytes_at(token.at + 1, token.len - 2);
    if (!(f->flags & WD_FIELD_ESCAPED))
        return inside;
    wd_buf_reset(scratch);
    wd_unescape(inside, scratch);
    return wd_buf_bytes(scratch);
}

static void put_double(struct wd_buf *out, double value)
{
    char text[40];
    for (int digits = 6; digits <= DBL_DECIMAL_DIG; digits++) {
        snprintf(text, sizeof text, "%.*g", digits, value);
        if (strtod(text, NULL) == value || isnan(value))
            break;
    }
    wd_buf_puts(out, text);
}

static void put_zeros(struct wd_buf *out, int32_t count)
{
    for (int32_t i = 0; i < count; i++)
        wd_buf_byte(out, '0');
}

/* Without an exponent: 1500, 0.015. */
static void put_decimal(struct wd_buf *out, const struct wd_field *f)
{
    char digits[24];
    int32_t count = snprintf(digits, sizeof digits, "%llu", (unsigned long long)f->mantissa),
            whole = f->exponent < 0 ? count + f->exponent : count;
    wd_buf_puts(out, f->flags & WD_FIELD_NEGATIVE ? "-" : "");
    wd_buf_put(out, whole > 0 ? wd_bytes_at(digits, (size_t)whole) : wd_bytes_of("0"));
    put_zeros(out, f->exponent);
    if (f->exponent >= 0)
        return;
    wd_buf_byte(out, '.');
    put_zeros(out, -whole);
    wd_buf_puts(out, digits + (whole > 0 ? whole : 0));
}

/* RFC 8949 section 3.2.3: of each chunk a head, its length in the low five bits or in 1, 2, 4 or 8 bytes. */
void wd_field_join(struct wd_bytes chunks, struct wd_buf *out)
{
    size_t off = 0;
    while (off < chunks.len) {
        uint64_t len = chunks.at[off++] & 0x1f;
        if (len >= 24) {
            size_t size = (size_t)1 << (len - 24);
            for (len = 0; size; size--)
                len = len << 8 | chunks.at[off++];
        }
        wd_buf_put(out, wd_bytes_at(chunks.at + off, (size_t)len));
        off += (size_t)len;
    }
}

static struct wd_bytes of_binary_string(struct wd_bytes content, uint8_t flags, struct wd_buf *scratch)
{
    if (!(flags & WD_FIELD_ESCAPED))
        return content;
    wd_buf_reset(scratch);
    wd_field_join(content, scratch);
    return wd_buf_bytes(scratch);
}

static struct wd_bytes of_binary(const struct wd_field *f, struct wd_bytes body, struct wd_buf *scratch)
{
    switch ((enum wd_type)f->type) {
    case WD_TYPE_STRING:
    case WD_TYPE_BYTES:
        if (f->flags & WD_FIELD_SYMBOL)
            return *f->symbol;
        return of_binary_string(wd_bytes_at(body.at + f->text_off, f->text_len), f->flags, scratch);
    case WD_TYPE_BOOLEAN: return wd_bytes_of(f->mantissa ? "true" : "false");
    case WD_TYPE_NULL: return wd_bytes_of("null");
    case WD_TYPE_INTEGER:
    case WD_TYPE_NUMBER:
        wd_buf_reset(scratch);
        if (f->flags & WD_FIELD_DECIMAL)
            put_decimal(scratch, f);
        else
            put_double(scratch, wd_field_double(f));
        return wd_buf_bytes(scratch);
    default: return (struct wd_bytes){ 0 };
    }
}

struct wd_bytes wd_field_text(const struct wd_field *f, struct wd_bytes body, struct wd_buf *scratch)
{
    if (f->flags & WD_FIELD_BINARY)
        return of_binary(f, body, scratch);
    struct wd_bytes token = wd_bytes_at(body.at + f->value_off, f->value_len);
    bool is_quoted = f->type == WD_TYPE_STRING && !(f->flags & WD_FIELD_OPAQUE) && token.len >= 2;
    return is_quoted ? of_json_string(f, token, scratch) : token;
}

void wd_field_keep_decimal(struct wd_field *f, uint64_t magnitude, bool is_negative, int32_t exponent)
{
    while (magnitude && magnitude % 10 == 0) {
        magnitude /= 10;
        exponent++;
    }
    f->mantissa = magnitude;
    f->exponent = magnitude ? exponent : 0;
    f->type = f->exponent < 0 ? WD_TYPE_NUMBER : WD_TYPE_INTEGER;
    f->flags =
        (uint8_t)(WD_FIELD_BINARY | WD_FIELD_DECIMAL | (is_negative && magnitude ? WD_FIELD_NEGATIVE : 0));
}

void wd_field_keep_integer(struct wd_field *f, uint64_t magnitude, bool is_negative)
{
    wd_field_keep_decimal(f, magnitude, is_negative, 0);
}

void wd_field_keep_double(struct wd_field *f, double value)
{
    double size = fabs(value);
    if (size < 0x1p64 && size == (double)(uint64_t)size) {
        wd_field_keep_integer(f, (uint64_t)size, value < 0);
        return;
    }
    f->type = isfinite(value) && size >= 0x1p53 ? WD_TYPE_INTEGER : WD_TYPE_NUMBER;
    f->flags = WD_FIELD_BINARY;
    f->exponent = 0;
    if (isnan(value))
        value = NAN;
    memcpy(&f->mantissa, &value, sizeof value);
}
