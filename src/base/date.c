#include "base/date.h"

#include <time.h>

bool wd_date_days(struct wd_bytes text, int64_t *days)
{
    uint64_t year, month, day;
    if (text.len != 10 || text.at[4] != '-' || text.at[7] != '-' ||
        !wd_bytes_uint(wd_bytes_at(text.at, 4), &year) ||
        !wd_bytes_uint(wd_bytes_at(text.at + 5, 2), &month) ||
        !wd_bytes_uint(wd_bytes_at(text.at + 8, 2), &day))
        return false;
    struct tm tm = { .tm_year = (int)year - 1900, .tm_mon = (int)month - 1, .tm_mday = (int)day };
    time_t seconds = timegm(&tm);  /* the 31st of a month of 30 days becomes the 1st of the next */
    if (year == 0 || tm.tm_mon != (int)month - 1 || tm.tm_mday != (int)day)
        return false;
    *days = (int64_t)seconds / 86400;
    return true;
}
