/* base/amount.h - amounts as people type them: "16M" of bytes, "10min" of time.
 *
 * Units   bytes, with k, M or G for 1024, 1024^2, 1024^3 (lower or upper case); nanoseconds, from s, m, min,
 *         h or d, where seconds are meant when none is named.
 * Errors  false: not such an amount, or one that does not fit. `out` is then untouched.
 */
#ifndef WD_BASE_AMOUNT_H
#define WD_BASE_AMOUNT_H

#include "base/bytes.h"

bool wd_amount_bytes(struct wd_bytes text, uint64_t *out);
bool wd_amount_ns(struct wd_bytes text, int64_t *out);

#endif
