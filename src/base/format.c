#include "base/format.h"

#include <arpa/inet.h>

#include "base/shape.h"

#define NAME(id, name) name,
const char *const wd_string_format_names[WD_STRING_FORMAT_COUNT] = { WD_STRING_FORMATS(NAME) };

static bool is_digit(uint8_t c)
{
    return c >= '0' && c <= '9';
}

static bool is_hex(uint8_t c)
{
    return is_digit(c) || ((c | 0x20) >= 'a' && (c | 0x20) <= 'f');
}

/* `form`: 9 a digit, x a hex digit, everything else itself. Moves *off behind it. */
static bool takes(struct wd_bytes text, size_t *off, const char *form)
{
    size_t at = *off;
    for (; *form; form++, at++)
        if (at >= text.len || (*form == '9'   ? !is_digit(text.at[at])
                               : *form == 'x' ? !is_hex(text.at[at])
                                              : text.at[at] != (uint8_t)*form))
            return false;
    *off = at;
    return true;
}

static int two(struct wd_bytes text, size_t off)
{
    return (text.at[off] - '0') * 10 + (text.at[off + 1] - '0');
}

/* RFC 3339 full-date */
static bool takes_date(struct wd_bytes text, size_t *off)
{
    static const uint8_t days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    size_t at = *off;
    if (!takes(text, off, "9999-99-99"))
        return false;
    int year = two(text, at) * 100 + two(text, at + 2), month = two(text, at + 5), day = two(text, at + 8);
    bool is_leap = year % 4 == 0 && (year % 100 || year % 400 == 0);
    return month >= 1 && month <= 12 && day >= 1 && day <= days[month - 1] + (month == 2 && is_leap);
}

static bool takes_zone(struct wd_bytes text, size_t *off)
{
    size_t at = *off;
    if (takes(text, off, "Z") || takes(text, off, "z"))
        return true;
    return (takes(text, off, "+99:99") || takes(text, off, "-99:99")) && two(text, at + 1) < 24 &&
           two(text, at + 4) < 60;
}

/* RFC 3339 full-time; a leap second is left to those who know when there was one. */
static bool takes_time(struct wd_bytes text, size_t *off)
{
    size_t at = *off;
    if (!takes(text, off, "99:99:99") || two(text, at) > 23 || two(text, at + 3) > 59 ||
        two(text, at + 6) > 59)
        return false;
    if (takes(text, off, ".9"))
        while (*off < text.len && is_digit(text.at[*off]))
            ++*off;
    return takes_zone(text, off);
}

static bool is_date_time(struct wd_bytes text)
{
    size_t off = 0;
    return takes_date(text, &off) && (takes(text, &off, "T") || takes(text, &off, "t")) &&
           takes_time(text, &off) && off == text.len;
}

static bool is_date(struct wd_bytes text)
{
    size_t off = 0;
    return takes_date(text, &off) && off == text.len;
}

static bool is_time(struct wd_bytes text)
{
    size_t off = 0;
    return takes_time(text, &off) && off == text.len;
}

static bool is_email(struct wd_bytes text)
{
    return wd_shape_of(text, true, 0) >> WD_SHAPE_EMAIL & 1;
}

static bool is_uuid(struct wd_bytes text)
{
    size_t off = 0;
    return takes(text, &off, "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx") && off == text.len;
}

static bool is_address(struct wd_bytes text, int family)
{
    char copy[INET6_ADDRSTRLEN];
    uint8_t address[16];
    if (text.len >= sizeof copy || memchr(text.at, 0, text.len))
        return false;
    memcpy(copy, text.at, text.len);
    copy[text.len] = 0;
    return inet_pton(family, copy, address) == 1;
}

static bool is_ipv4(struct wd_bytes text)
{
    return is_address(text, AF_INET);
}

static bool is_ipv6(struct wd_bytes text)
{
    return is_address(text, AF_INET6);
}

/* A scheme, an authority and only what RFC 3986 lets stand in a URI; relative ones are just text. */
static bool is_uri(struct wd_bytes text)
{
    static const char others[] = "-._~:/?#[]@!$&'()*+,;=";
    size_t host = 0;
    if (!(wd_shape_of(text, true, 0) >> WD_SHAPE_URL & 1) || !((text.at[0] | 0x20) >= 'a'))
        return false;
    for (size_t i = 0; i < text.len; i++) {
        uint8_t c = text.at[i];
        bool is_letter = (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
        if (c == '%' && (i + 2 >= text.len || !is_hex(text.at[i + 1]) || !is_hex(text.at[i + 2])))
            return false;
        if (!is_letter && !is_digit(c) && c != '%' && !(c && strchr(others, c)))
            return false;
        host += c == '[' || c == ']' || (c == '#' && memchr(text.at, '#', i));
    }
    return host == 0;
}

static bool (*const validators[WD_STRING_FORMAT_COUNT])(struct wd_bytes) = {
    [WD_STRING_DATE_TIME] = is_date_time, [WD_STRING_DATE] = is_date, [WD_STRING_TIME] = is_time,
    [WD_STRING_EMAIL] = is_email,         [WD_STRING_UUID] = is_uuid, [WD_STRING_IPV4] = is_ipv4,
    [WD_STRING_IPV6] = is_ipv6,           [WD_STRING_URI] = is_uri,
};

unsigned wd_string_formats_of(struct wd_bytes text)
{
    unsigned formats = 0;
    for (int i = 0; i < WD_STRING_FORMAT_COUNT && text.len; i++)
        formats |= (unsigned)validators[i](text) << i;
    return formats;
}
