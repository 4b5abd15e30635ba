#include "base/moment.h"

#include <time.h>

#include "base/date.h"
#include "base/decimal.h"

enum { NANO = 9, SECONDS_PER_DAY = 86400 };

static bool is_digit(uint8_t c)
{
    return c >= '0' && c <= '9';
}

/* Two digits at the front, less than `end`. */
static bool take_two(struct wd_bytes *text, int end, int *out)
{
    if (text->len < 2 || !is_digit(text->at[0]) || !is_digit(text->at[1]))
        return false;
    *out = (text->at[0] - '0') * 10 + text->at[1] - '0';
    text->at += 2;
    text->len -= 2;
    return *out < end;
}

static bool take(struct wd_bytes *text, const char *any)
{
    if (!text->len || !text->at[0] || !strchr(any, text->at[0]))
        return false;
    text->at++;
    text->len--;
    return true;
}

static int64_t take_fraction(struct wd_bytes *text)
{
    int64_t ns = 0, scale = 1000000000;
    if (!take(text, ".,"))
        return 0;
    for (; text->len && is_digit(text->at[0]); text->at++, text->len--) {
        scale /= 10;
        ns += (text->at[0] - '0') * scale;
    }
    return ns;
}

/* Seconds that the zone is ahead of UTC. */
static bool take_zone(struct wd_bytes *text, int64_t *ahead)
{
    int hours, minutes = 0;
    *ahead = 0;
    if (take(text, "zZ"))
        return true;
    bool is_behind = text->len && text->at[0] == '-';
    if (!take(text, "+-") || !take_two(text, 24, &hours))
        return false;
    take(text, ":");
    if (text->len && !take_two(text, 60, &minutes))
        return false;
    *ahead = (hours * 60 + minutes) * (is_behind ? -60 : 60);
    return true;
}

/* The machine's idea of a wall clock. */
static bool local_seconds(int64_t wall, int64_t *out)
{
    time_t as_if = (time_t)wall;
    struct tm tm;
    if (!gmtime_r(&as_if, &tm))
        return false;
    tm.tm_isdst = -1;
    *out = mktime(&tm);
    return true;
}

bool wd_moment_date(struct wd_bytes text, enum wd_zone zone, int64_t *ns)
{
    enum { DATE = 10 };
    int64_t days, ahead, fraction = 0, seconds;
    int hour = 0, minute = 0, second = 0;
    if (text.len < DATE || !wd_date_days(wd_bytes_at(text.at, DATE), &days))
        return false;
    text = wd_bytes_at(text.at + DATE, text.len - DATE);
    if (take(&text, "Tt ")) {
        if (!take_two(&text, 24, &hour) || !take(&text, ":") || !take_two(&text, 60, &minute))
            return false;
        if (take(&text, ":") && !take_two(&text, 61, &second))
            return false;
        fraction = take_fraction(&text);
    }
    seconds = days * SECONDS_PER_DAY + hour * 3600 + minute * 60 + second;
    if (!text.len && zone == WD_ZONE_LOCAL) {
        if (!local_seconds(seconds, &seconds))
            return false;
    } else if (!text.len && zone == WD_ZONE_UTC) {
        ahead = 0;
    } else if (take_zone(&text, &ahead) && !text.len) {
        seconds -= ahead;
    } else {
        return false;
    }
    if (seconds < 0) {   /* towards 1970: of the earliest second only a part is in reach */
        seconds++;
        fraction -= 1000000000;
    }
    return !__builtin_mul_overflow(seconds, INT64_C(1000000000), ns) &&
           !__builtin_add_overflow(*ns, fraction, ns);
}

/* The digits of the decimal, `count` of them, as a whole number. */
static bool digits_value(struct wd_bytes digits, int64_t count, uint64_t *out)
{
    *out = 0;
    for (size_t i = 0; i < digits.len && count > 0; i++) {
        if (digits.at[i] == '.')
            continue;
        if (__builtin_mul_overflow(*out, UINT64_C(10), out) ||
            __builtin_add_overflow(*out, (uint64_t)(digits.at[i] - '0'), out))
            return false;
        count--;
    }
    for (; count > 0; count--)
        if (__builtin_mul_overflow(*out, UINT64_C(10), out))
            return false;
    return true;
}

bool wd_moment_number(struct wd_bytes text, int scale, int64_t *ns)
{
    struct wd_decimal d;
    uint64_t value;
    if (!wd_decimal_read(text, &d))
        return false;
    int64_t places = (int64_t)d.digit_count + d.exponent + NANO - scale;   /* digits of the nanoseconds */
    if (d.digit_count == 0 || places <= 0) {
        *ns = 0;
        return true;
    }
    if (places > 19 || !digits_value(d.digits, places, &value) || value > INT64_MAX)
        return false;
    *ns = d.is_negative ? -(int64_t)value : (int64_t)value;
    return true;
}

bool wd_moment_guess(struct wd_bytes text, int64_t *ns)
{
    struct wd_decimal d;
    if (!wd_decimal_read(text, &d))
        return false;
    int64_t whole = (int64_t)d.digit_count + d.exponent;
    return wd_moment_number(text, whole <= 11 ? 0 : whole <= 14 ? 3 : whole <= 17 ? 6 : NANO, ns);
}
