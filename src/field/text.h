/* field/text.h - what a scalar of the tape says, whatever its codec.
 *
 * Shape   a string or bytes: its content, decoded, without quotes and heads. A number: decimal digits, as
 *         short as they give the same number back. true, false, null. Of a container: nothing.
 * Owns    the view is of the body, of a literal or of `scratch`, which is written over.
 * Errors  none.
 */
#ifndef WD_FIELD_TEXT_H
#define WD_FIELD_TEXT_H

#include "base/buf.h"
#include "model/field.h"

struct wd_bytes wd_field_text(const struct wd_field *f, struct wd_bytes body, struct wd_buf *scratch);

/* The bits of a double are what `mantissa` holds of a binary number that is not WD_FIELD_DECIMAL. */
static inline double wd_field_double(const struct wd_field *f)
{
    double value;
    memcpy(&value, &f->mantissa, sizeof value);
    return value;
}

/* For walkers: a number by meaning into type, flags, mantissa and exponent. 3.0 is an integer, as in JSON
 * Schema, and so is every double from 2^53 on; every NaN is the same one. */
void wd_field_keep_integer(struct wd_field *f, uint64_t magnitude, bool is_negative);
void wd_field_keep_decimal(struct wd_field *f, uint64_t magnitude, bool is_negative, int32_t exponent);
void wd_field_keep_double(struct wd_field *f, double value);

/* Appends what a CBOR string of indefinite length says: `chunks` stand between its head and its break, and
 * are well-formed. */
void wd_field_join(struct wd_bytes chunks, struct wd_buf *out);

#endif
