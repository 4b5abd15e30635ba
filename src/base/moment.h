/* base/moment.h - points in time as people and programs write them.
 * Units   nanoseconds since 1970, UTC; they reach from 1677 to 2262. Source  RFC 3339. */
#ifndef WD_BASE_MOMENT_H
#define WD_BASE_MOMENT_H

#include "base/bytes.h"

/* What a date without a zone means. LOCAL: as the machine has it (TZ). */
enum wd_zone { WD_ZONE_REQUIRED, WD_ZONE_UTC, WD_ZONE_LOCAL };

/* RFC 3339: 2026-03-03T09:00:00.5Z, +01:00; also with a space instead of the T, without seconds, a date
 * alone. False when it is no moment. */
bool wd_moment_date(struct wd_bytes text, enum wd_zone zone, int64_t *ns);
/* A decimal number of units of 10^-scale seconds: 0 seconds, 3 milliseconds, 6, 9. Digits beyond the
 * nanosecond are dropped. */
bool wd_moment_number(struct wd_bytes text, int scale, int64_t *ns);
/* The same, its unit told by its size: dates from 1973 to 5138 in seconds, milli-, micro- or nanoseconds. */
bool wd_moment_guess(struct wd_bytes text, int64_t *ns);

#endif
