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

/* Trailing zeros were moved to the exponent, so the number is a whole one. */
static void put_decimal(struct wd_buf *out, const struct wd_field *f)
{
    wd_buf_printf(out, "%s%llu", f->flags & WD_FIELD_NEGATIVE ? "-" : "", (unsigned long long)f->mantissa);
    for (int32_t i = 0; i < f->exponent; i++)
        wd_buf_byte(out, '0');
}

static struct wd_bytes of_binary(const struct wd_field *f, struct wd_bytes body, struct wd_buf *scratch)
{
    switch ((enum wd_type)f->type) {
    case WD_TYPE_STRING:
    case WD_TYPE_BYTES: return wd_bytes_at(body.at + f->text_off, f->text_len);
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

void wd_field_keep_integer(struct wd_field *f, uint64_t magnitude, bool is_negative)
{
    f->type = WD_TYPE_INTEGER;
    f->flags = (uint8_t)(WD_FIELD_BINARY | WD_FIELD_DECIMAL | (is_negative && magnitude ? WD_FIELD_NEGATIVE : 0));
    f->exponent = 0;
    while (magnitude && magnitude % 10 == 0) {
        magnitude /= 10;
        f->exponent++;
    }
    f->mantissa = magnitude;
}

void wd_field_keep_double(struct wd_field *f, double value)
{
    bool is_whole = fabs(value) < 0x1p63 && value == trunc(value);
    if (is_whole) {
        wd_field_keep_integer(f, (uint64_t)fabs(value), value < 0);
        return;
    }
    f->type = WD_TYPE_NUMBER;
    f->flags = WD_FIELD_BINARY;
    f->exponent = 0;
    if (isnan(value))
        value = NAN;
    memcpy(&f->mantissa, &value, sizeof value);
}
