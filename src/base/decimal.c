#include "base/decimal.h"

#include <inttypes.h>

enum { EXPONENT_DIGITS = 18, PLAIN_DIGITS = 21 };

static bool is_digit(uint8_t c)
{
    return c >= '0' && c <= '9';
}

static bool read_exponent(struct wd_bytes text, int64_t *out)
{
    bool is_negative = text.len && text.at[0] == '-';
    size_t i = text.len && (text.at[0] == '-' || text.at[0] == '+');
    while (i < text.len && text.at[i] == '0')
        i++;
    if (text.len - i > EXPONENT_DIGITS)
        return false;
    int64_t value = 0;
    for (; i < text.len; i++) {
        if (!is_digit(text.at[i]))
            return false;
        value = value * 10 + (text.at[i] - '0');
    }
    *out = is_negative ? -value : value;
    return true;
}

bool wd_decimal_read(struct wd_bytes text, struct wd_decimal *out)
{
    struct wd_decimal d = { .is_negative = text.len && text.at[0] == '-' };
    size_t i = text.len && (text.at[0] == '-' || text.at[0] == '+');
    size_t first = 0, last = 0, point = 0, digits = 0, digits_to_last = 0, leading = 0;
    bool has_point = false, has_first = false;
    for (; i < text.len; i++) {
        uint8_t c = text.at[i];
        if (c == '.' && !has_point) {
            has_point = true;
            point = digits;
        } else if (is_digit(c)) {
            digits++;
            if (c != '0' && !has_first) {
                has_first = true;
                first = i;
                leading = digits - 1;
            }
            if (c != '0') {
                last = i;
                digits_to_last = digits;
            }
        } else {
            break;
        }
    }
    if (!digits || (i < text.len && text.at[i] != 'e' && text.at[i] != 'E'))
        return false;
    if (!has_first) {
        *out = (struct wd_decimal){ .exponent = 0 };
        return true;
    }
    if (i < text.len && !read_exponent(wd_bytes_at(text.at + i + 1, text.len - i - 1), &d.exponent))
        return false;
    if (!has_point)
        point = digits;
    d.exponent += (int64_t)point - (int64_t)digits_to_last;
    d.digits = wd_bytes_at(text.at + first, last - first + 1);
    d.digit_count = digits_to_last - leading;
    *out = d;
    return true;
}

/* The digits with a '.' after `point` of them (none when point is 0 or beyond the last). */
static void put_digits(struct wd_buf *out, const struct wd_decimal *d, size_t point)
{
    size_t n = 0;
    for (size_t i = 0; i < d->digits.len; i++) {
        if (d->digits.at[i] == '.')
            continue;
        if (n && n == point)
            wd_buf_byte(out, '.');
        wd_buf_byte(out, d->digits.at[i]);
        n++;
    }
}

static void put_zeros(struct wd_buf *out, int64_t count)
{
    while (count-- > 0)
        wd_buf_byte(out, '0');
}

void wd_decimal_put(struct wd_buf *out, const struct wd_decimal *d)
{
    if (!d->digit_count) {
        wd_buf_byte(out, '0');
        return;
    }
    if (d->is_negative)
        wd_buf_byte(out, '-');
    int64_t point = (int64_t)d->digit_count + d->exponent;   /* digits before the decimal point */
    if (point > 0 && point <= PLAIN_DIGITS) {
        put_digits(out, d, d->exponent < 0 ? (size_t)point : 0);
        put_zeros(out, d->exponent);
    } else if (point <= 0 && point > -6) {
        wd_buf_puts(out, "0.");
        put_zeros(out, -point);
        put_digits(out, d, 0);
    } else {
        put_digits(out, d, 1);
        wd_buf_printf(out, "e%+" PRId64, point - 1);
    }
}
