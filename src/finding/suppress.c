#include "finding/suppress.h"

#include <stdlib.h>
#include <time.h>

#include "base/date.h"
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

bool wd_suppression_has_reason(const struct wd_suppression *s)
{
    return wd_bytes_trim(s->reason).len > 0;
}

/* It holds through the day that it names. A day that is none has never come. */
bool wd_suppression_is_expired(const struct wd_suppression *s, int64_t today)
{
    int64_t last;
    return s->expires.len > 0 && (!wd_date_days(s->expires, &last) || last < today);
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
