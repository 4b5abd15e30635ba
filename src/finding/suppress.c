#include "finding/suppress.h"

#include <stdlib.h>
#include <time.h>

#include "model/path.h"

enum { SECONDS_A_DAY = 86400 };

int64_t wd_today_days(void)
{
    uint64_t seconds;
    const char *epoch = getenv("SOURCE_DATE_EPOCH");
    if (epoch && wd_bytes_uint(wd_bytes_of(epoch), &seconds) && seconds <= INT64_MAX)
        return (int64_t)seconds / SECONDS_A_DAY;
    time_t now = time(NULL);
    return now > 0 ? (int64_t)now / SECONDS_A_DAY : 0;
}

/* Days from 1970-01-01 in the Gregorian calendar, counted in years that start in March, so that the leap
 * day comes last. */
static int64_t days_from_civil(int64_t year, int64_t month, int64_t day)
{
    year -= month <= 2;
    int64_t era = year / 400, year_of_era = year % 400;
    int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146097 + day_of_era - 719468;
}

bool wd_days_of(struct wd_bytes date, int64_t *days)
{
    uint64_t year, month, day;
    if (date.len != 10 || date.at[4] != '-' || date.at[7] != '-' ||
        !wd_bytes_uint(wd_bytes_at(date.at, 4), &year) ||
        !wd_bytes_uint(wd_bytes_at(date.at + 5, 2), &month) ||
        !wd_bytes_uint(wd_bytes_at(date.at + 8, 2), &day))
        return false;
    if (year < 1 || month < 1 || month > 12 || day < 1 || day > 31)
        return false;
    *days = days_from_civil((int64_t)year, (int64_t)month, (int64_t)day);
    return true;
}

bool wd_suppression_has_reason(const struct wd_suppression *s)
{
    return wd_bytes_trim(s->reason).len > 0;
}

/* It holds through the day that it names. A day that is none has never come. */
bool wd_suppression_is_expired(const struct wd_suppression *s, int64_t today)
{
    int64_t last;
    return s->expires.len > 0 && (!wd_days_of(s->expires, &last) || last < today);
}

static bool is_about(const struct wd_suppression *s, const struct wd_rule *rule, struct wd_bytes message,
                     struct wd_bytes path)
{
    if (!wd_bytes_is(s->rule, rule->id) && !wd_bytes_is(s->rule, rule->name))
        return false;
    if (s->message.len && !wd_bytes_eq(s->message, message))
        return false;
    return s->path.len == 0 || (path.len && path.at[0] != '(' && wd_path_is_under(path, s->path));
}

bool wd_is_suppressed(const struct wd_config *config, int64_t today, const struct wd_rule *rule,
                      struct wd_bytes message, struct wd_bytes path)
{
    for (size_t i = 0; config && i < config->suppression_count; i++) {
        const struct wd_suppression *s = &config->suppressions[i];
        if (is_about(s, rule, message, path) && wd_suppression_has_reason(s) &&
            !wd_suppression_is_expired(s, today))
            return true;
    }
    return false;
}
