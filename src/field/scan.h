/* field/scan.h - the two JSON tokens worth hurrying over: strings and numbers.
 *
 * Shape   scan from `off` (the quote, or the first character of the number) within `len`; `end` is one past the token.
 *         is_escaped: equal meaning does not need equal bytes (a string with escapes, a number that is not in its
 *         shortest plain decimal form), so compare by meaning.
 * Owns    nothing. Errors: `fault`, a literal, when the token is malformed; then `end` is where.
 * Source  RFC 8259 sections 6 and 7; RFC 3629.
 */
#ifndef WD_FIELD_SCAN_H
#define WD_FIELD_SCAN_H

#include "base/bytes.h"

struct wd_scan {
    uint32_t end;
    bool is_escaped, is_integer;
    const char *fault;
};

static inline bool wd_is_space(uint8_t c)
{
    return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

struct wd_scan wd_scan_string(const uint8_t *at, uint32_t off, uint32_t len);
struct wd_scan wd_scan_number(const uint8_t *at, uint32_t off, uint32_t len);

#endif
