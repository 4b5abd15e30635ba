/* base/date.h - days of the Gregorian calendar as people write them. Source  RFC 3339, full-date. */
#ifndef WD_BASE_DATE_H
#define WD_BASE_DATE_H

#include "base/bytes.h"

/* Days since 1970-01-01 of YYYY-MM-DD; false when that is no day. */
bool wd_date_days(struct wd_bytes text, int64_t *days);

#endif
