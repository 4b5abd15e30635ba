/* base/shape_time.c - dates, stamps, epochs, and the versions that look like them.
 * Source  ISO 8601, RFC 3339, RFC 9110 section 5.6.7 (IMF-fixdate). */
#include "base/shape_rule.h"

#define SECOND_NS INT64_C(1000000000)
#define TEN_YEARS_S INT64_C(315576000)
#define YEAR_2000_S INT64_C(946684800)
#define YEAR_2050_S INT64_C(2524608000)

static bool is_near(int64_t seconds, int64_t capture_ns)
{
    if (capture_ns == 0)
        return seconds >= YEAR_2000_S && seconds < YEAR_2050_S;
    int64_t now = capture_ns / SECOND_NS;
    return seconds >= now - TEN_YEARS_S && seconds <= now + TEN_YEARS_S;
}

uint64_t wd_shape_epoch(uint64_t whole, size_t digits, bool has_fraction, int64_t capture_ns)
{
    if (digits <= 10)
        return is_near((int64_t)whole, capture_ns) ? SHAPE(EPOCH_S) : 0;
    if (digits == 12 || digits == 13)
        return is_near((int64_t)(whole / 1000), capture_ns) ? SHAPE(EPOCH_MS) : 0;
    if ((digits == 18 || digits == 19) && !has_fraction && whole <= INT64_MAX)
        return is_near((int64_t)(whole / 1000000000), capture_ns) ? SHAPE(EPOCH_NS) : 0;
    return 0;
}

/* Reads exactly n digits at *off; -1 when they are not there. */
static int take(struct wd_bytes text, size_t *off, size_t n)
{
    int value = 0;
    if (n > text.len - *off || wd_run(text, *off, C_DIGIT) < n)
        return -1;
    for (size_t i = 0; i < n; i++)
        value = value * 10 + (text.at[*off + i] - '0');
    *off += n;
    return value;
}

static bool take_byte(struct wd_bytes text, size_t *off, uint8_t byte)
{
    bool is_there = *off < text.len && text.at[*off] == byte;
    *off += is_there;
    return is_there;
}

static bool is_day(int year, int month, int day)
{
    static const uint8_t days[] = { 0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    return year >= 1900 && year < 2100 && month >= 1 && month <= 12 && day >= 1 && day <= days[month];
}

/* 2024-01-31, 2024/01/31, 20240131; leaves *off behind it. */
static bool take_date(struct wd_bytes text, size_t *off)
{
    int year = take(text, off, 4);
    uint8_t separator =
        *off < text.len && wd_is_class(text.at[*off], C_DASH | C_SLASH) ? text.at[(*off)++] : 0;
    int month = take(text, off, 2);
    if (separator && !take_byte(text, off, separator))
        return false;
    int day = take(text, off, 2);
    return is_day(year, month, day);
}

/* 31.01.2024, 31/01/2024, 01/31/2024, 31-01-2024, one or two digits each. */
static bool is_day_first(struct wd_bytes text)
{
    size_t off = 0, lead = wd_run(text, 0, C_DIGIT);
    if (lead < 1 || lead > 2)
        return false;
    int a = take(text, &off, lead);
    uint8_t separator = off < text.len ? text.at[off++] : 0;
    if (separator != '.' && separator != '/' && separator != '-')
        return false;
    size_t run = wd_run(text, off, C_DIGIT);
    if (run < 1 || run > 2)
        return false;
    int b = take(text, &off, run);
    if (!take_byte(text, &off, separator))
        return false;
    int year = take(text, &off, 4);
    return off == text.len && (is_day(year, b, a) || (separator == '/' && is_day(year, a, b)));
}

/* Z, +01:00, +0100, or nothing. */
static bool take_zone(struct wd_bytes text, size_t *off)
{
    if (*off == text.len || take_byte(text, off, 'Z') || take_byte(text, off, 'z'))
        return *off == text.len;
    if (!take_byte(text, off, '+') && !take_byte(text, off, '-'))
        return false;
    int hours = take(text, off, 2);
    take_byte(text, off, ':');
    int minutes = *off < text.len ? take(text, off, 2) : 0;
    return hours >= 0 && hours <= 14 && minutes >= 0 && minutes < 60 && *off == text.len;
}

/* 13:05, 13:05:59, 13:05:59.123, 130559. */
static bool take_clock(struct wd_bytes text, size_t *off)
{
    int hours = take(text, off, 2);
    bool is_extended = take_byte(text, off, ':');
    int minutes = take(text, off, 2), seconds = 0;
    if (is_extended ? take_byte(text, off, ':') : wd_run(text, *off, C_DIGIT) == 2)
        seconds = take(text, off, 2);
    if (take_byte(text, off, '.') || take_byte(text, off, ',')) {
        size_t run = wd_run(text, *off, C_DIGIT);
        if (run == 0 || run > 9)
            return false;
        *off += run;
    }
    return hours >= 0 && hours < 24 && minutes >= 0 && minutes < 60 && seconds >= 0 && seconds <= 60;
}

/* Tue, 15 Nov 1994 08:12:31 GMT */
static bool is_http_date(struct wd_bytes text)
{
    static const char form[] = "Aaa, 99 Aaa 9999 99:99:99 ";
    if (text.len < sizeof form - 1 + 3)
        return false;
    for (size_t i = 0; form[i]; i++) {
        uint32_t want = form[i] == 'A' ? C_BIG : form[i] == 'a' ? C_SMALL : form[i] == '9' ? C_DIGIT : 0;
        if (want ? !wd_is_class(text.at[i], want) : text.at[i] != (uint8_t)form[i])
            return false;
    }
    return true;
}

/* YYYYMMDDhhmm and YYYYMMDDhhmmss */
static bool is_stamp(struct wd_bytes text)
{
    size_t off = 0;
    return (text.len == 12 || text.len == 14) && take_date(text, &off) && take_clock(text, &off) &&
           off == text.len;
}

uint64_t wd_shape_time(const struct wd_value *v)
{
    struct wd_bytes text = v->text;
    size_t off = 0;
    if (wd_is_class(text.at[0], C_BIG))
        return is_http_date(text) ? SHAPE(DATETIME) : 0;
    if (wd_run(text, 0, C_DIGIT) == text.len && text.len != 8)
        return is_stamp(text) ? SHAPE(DATETIME) : 0;
    if (text.len <= 10 && is_day_first(text))
        return SHAPE(DATE);
    if (!take_date(text, &off))
        return 0;
    if (off == text.len)
        return SHAPE(DATE);
    bool is_joined = take_byte(text, &off, 'T') || take_byte(text, &off, 't') || take_byte(text, &off, ' ');
    return is_joined && take_clock(text, &off) && take_zone(text, &off) ? SHAPE(DATETIME) : 0;
}

/* Numbers with dots from *off on: how many, each of at most five digits. */
static size_t take_numbers(struct wd_bytes text, size_t *off)
{
    size_t count = 0;
    for (;;) {
        size_t run = wd_run(text, *off, C_DIGIT);
        if (run == 0 || run > 5)
            return 0;
        *off += run;
        count++;
        if (*off + 1 >= text.len || text.at[*off] != '.' || !wd_is_class(text.at[*off + 1], C_DIGIT))
            return count;
        *off += 1;
    }
}

/* -beta.1, +build, rc1, ~deb12: begins with a separator or a letter, is not just more digits. */
static bool is_suffix(struct wd_bytes text, size_t off)
{
    return wd_is_class(text.at[off], C_ALPHA | C_DASH | C_PLUS | C_TILDE | C_UNDERSCORE | C_DOT) &&
           wd_rest_is(text, off, C_ALNUM | C_DOT | C_DASH | C_PLUS | C_UNDERSCORE | C_TILDE) &&
           text.len - off >= 2;
}

uint64_t wd_shape_version(const struct wd_value *v)
{
    struct wd_bytes text = v->text;
    bool is_marked = text.at[0] == 'v' || text.at[0] == 'V';
    size_t off = is_marked;
    if (!is_marked && !wd_is_class(text.at[0], C_DIGIT))
        return 0;
    size_t count = take_numbers(text, &off);
    bool is_bare = count && off == text.len, has_suffix = count && off < text.len && is_suffix(text, off);
    if (!is_bare && !has_suffix)
        return 0;
    bool is_address = is_bare && count == 4 && wd_shape_ipv4(v),
         is_date = is_bare && count == 3 && is_day_first(text);
    if (is_address || is_date)
        return 0;
    /* 1.5e3 and 12.5ms are quantities: two numbers with a suffix need a separator before it. */
    bool is_quantity = count < 3 && has_suffix && !wd_is_class(text.at[off], C_DASH | C_PLUS | C_TILDE);
    return (count >= 3 || (count == 2 && (is_marked || has_suffix))) && (is_marked || !is_quantity)
               ? SHAPE(VERSION)
               : 0;
}
