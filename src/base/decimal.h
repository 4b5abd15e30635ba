/* base/decimal.h - a JSON number by meaning: 1.0 = 1 = 1e0, -0 = 0, without ever becoming a double.
 *
 * Shape   sign, significant digits without leading and trailing zeros, and the power of ten of the last
 *         digit: "-12.50" is -, "125", -1. Zero is no digits and exponent 0, whatever its notation.
 * Owns    nothing; the digits stay where they are in the text.
 * Errors  an exponent of more than 18 digits is no decimal: wd_decimal_read says false, the text is then its
 *         own meaning. */
#ifndef WD_BASE_DECIMAL_H
#define WD_BASE_DECIMAL_H

#include "base/buf.h"

struct wd_decimal {
    bool is_negative;
    struct wd_bytes digits;   /* from the first to the last significant digit, maybe with a '.' inside */
    size_t digit_count;       /* without the '.'; 0 is zero */
    int64_t exponent;         /* value = digits * 10^exponent */
};

/* `text` is a number as JSON or YAML writes it (a leading '+' and zeros, ".5" and "5." are fine). */
bool wd_decimal_read(struct wd_bytes text, struct wd_decimal *out);

/* The shortest JSON notation: plain when it takes no more than 21 digits, else d.ddde+x. */
void wd_decimal_put(struct wd_buf *out, const struct wd_decimal *decimal);

#endif
