/* base/shape_address.c - mail and network addresses, URLs, browsers, positions written as a pair.
 * Source  RFC 5321 section 4.1.2, RFC 4291 section 2.2, RFC 9562 section 4, RFC 3986, RFC 9110
 * section 10.1.5. */
#include "base/shape_rule.h"

/* Labels of letters, digits and inner dashes; the last one of at least two letters. */
static bool is_domain(struct wd_bytes text, size_t off)
{
    size_t labels = 0, last = off;
    while (off < text.len) {
        size_t run = wd_run(text, off, C_ALNUM | C_DASH | C_HIGH);
        if (run == 0 || run > 63 || text.at[off] == '-' || text.at[off + run - 1] == '-')
            return false;
        last = off;
        off += run;
        labels++;
        if (off < text.len && text.at[off++] != '.')
            return false;
    }
    size_t top = text.len - last;
    return labels >= 2 && text.at[text.len - 1] != '.' && top >= 2 &&
           (wd_rest_is(text, last, C_ALPHA | C_HIGH) || (top > 4 && memcmp(text.at + last, "xn--", 4) == 0));
}

uint64_t wd_shape_email(const struct wd_value *v)
{
    struct wd_bytes text = v->text;
    size_t local = wd_run(text, 0, C_ANY & ~C_AT);
    if (local == 0 || local > 64 || text.at[local - 1] == '.' || local + 1 >= text.len)
        return 0;
    return is_domain(text, local + 1) ? SHAPE(EMAIL) : 0;
}

/* One octet without leading zeros; its digits, or 0. */
static size_t take_octet(struct wd_bytes text, size_t off)
{
    size_t run = wd_run(text, off, C_DIGIT);
    if (run == 0 || run > 3 || (run > 1 && text.at[off] == '0'))
        return 0;
    unsigned value = 0;
    for (size_t i = 0; i < run; i++)
        value = value * 10 + (text.at[off + i] - (unsigned)'0');
    return value <= 255 ? run : 0;
}

/* The length of a dotted quad at `off`, or 0. */
static size_t take_quad(struct wd_bytes text, size_t off)
{
    size_t start = off;
    for (int i = 0; i < 4; i++) {
        if (i && (off >= text.len || text.at[off++] != '.'))
            return 0;
        size_t run = take_octet(text, off);
        if (run == 0)
            return 0;
        off += run;
    }
    return off - start;
}

uint64_t wd_shape_ipv4(const struct wd_value *v)
{
    struct wd_bytes text = v->text;
    size_t off = take_quad(text, 0);
    if (off == 0)
        return 0;
    if (off == text.len)
        return SHAPE(IPV4);
    size_t most = text.at[off] == ':' ? 5 : text.at[off] == '/' ? 2 : 0;   /* a port, a prefix length */
    size_t run = wd_run(text, off + 1, C_DIGIT);
    return run > 0 && run <= most && off + 1 + run == text.len ? SHAPE(IPV4) : 0;
}

/* Groups of one to four hex digits, at most one `::`, the last two groups possibly as a dotted quad. */
uint64_t wd_shape_ipv6(const struct wd_value *v)
{
    struct wd_bytes text = v->text;
    text.len = wd_run(text, 0, C_ANY & ~(C_PERCENT | C_SLASH));   /* zone and prefix length */
    size_t groups = 0, off = 0;
    bool is_short = false;
    while (off < text.len) {
        bool is_pair = off + 1 < text.len && text.at[off] == ':' && text.at[off + 1] == ':';
        if (is_pair && is_short)
            return 0;
        if (is_pair) {
            is_short = true;
            off += 2;
        } else if (groups && (text.at[off] != ':' || ++off == text.len)) {
            return 0;
        }
        if (off == text.len)
            break;
        size_t run = wd_run(text, off, C_HEX);
        if (run >= 1 && run <= 3 && take_quad(text, off) == text.len - off && groups <= 6) {
            groups += 2;
            break;
        }
        if (run == 0 || run > 4 || ++groups > 8)
            return 0;
        off += run;
    }
    return is_short ? (groups < 8 ? SHAPE(IPV6) : 0) : groups == 8 ? SHAPE(IPV6) : 0;
}

/* Groups of `size` hex digits joined by one separator. */
static bool is_grouped(struct wd_bytes text, size_t size, size_t count, uint8_t separator)
{
    if (text.len != size * count + count - 1)
        return false;
    for (size_t i = 0; i < text.len; i++)
        if (i % (size + 1) == size ? text.at[i] != separator : !wd_is_class(text.at[i], C_HEX))
            return false;
    return true;
}

uint64_t wd_shape_mac(const struct wd_value *v)
{
    bool is_mac =
        is_grouped(v->text, 2, 6, ':') || is_grouped(v->text, 2, 6, '-') || is_grouped(v->text, 4, 3, '.');
    return is_mac ? SHAPE(MAC) : 0;
}

uint64_t wd_shape_uuid(const struct wd_value *v)
{
    for (size_t i = 0; i < 36; i++) {
        bool is_dash = i == 8 || i == 13 || i == 18 || i == 23;
        if (is_dash != (v->text.at[i] == '-'))
            return 0;
    }
    return SHAPE(UUID);
}

/* Query parameters whose value is a secret by their name. */
static const char *const secret_parameters[] = {
    "access_token",    "token", "id_token", "refresh_token", "auth", "api_key",   "apikey",  "key",
    "password",        "pwd",   "secret",   "client_secret", "sig",  "signature", "session", "sid",
    "X-Amz-Signature",
};

static bool is_secret_parameter(struct wd_bytes name)
{
    for (size_t i = 0; i < WD_COUNT(secret_parameters); i++)
        if (wd_bytes_is_nocase(name, secret_parameters[i]))
            return true;
    return false;
}

/* ?name=value&name=value: one that is named as a secret and has eight or more bytes. */
static bool has_secret_parameter(struct wd_bytes text, size_t off)
{
    off += wd_run(text, off, C_ANY & ~C_QUERY);
    while (off < text.len) {
        size_t name = wd_run(text, ++off, C_ANY & ~(C_QUERY | C_EQUALS));
        size_t value = off + name + 1;
        size_t len = value < text.len ? wd_run(text, value, C_ANY & ~C_QUERY) : 0;
        if (len >= 8 && text.at[off + name] == '=' && is_secret_parameter(wd_bytes_at(text.at + off, name)))
            return true;
        off += name;
        off += wd_run(text, off, C_ANY & ~C_QUERY);
    }
    return false;
}

/* user:password@ between :// and the path. */
static bool has_userinfo(struct wd_bytes text, size_t off)
{
    size_t authority = wd_run(text, off, C_ANY & ~(C_SLASH | C_QUERY));
    const uint8_t *colon = memchr(text.at + off, ':', authority);
    const uint8_t *at = memchr(text.at + off, '@', authority);
    return colon && at && at - colon > 1 && colon > text.at + off && at + 1 < text.at + off + authority;
}

uint64_t wd_shape_url(const struct wd_value *v)
{
    struct wd_bytes text = v->text;
    size_t scheme = wd_run(text, 0, C_ALNUM | C_PLUS | C_DASH | C_DOT);
    if (scheme < 2 || scheme > 20 || text.len - scheme < 4 || memcmp(text.at + scheme, "://", 3) != 0)
        return 0;
    size_t host = scheme + 3;
    bool has_credentials = has_userinfo(text, host) || has_secret_parameter(text, host);
    return SHAPE(URL) | (has_credentials ? SHAPE(URL_CREDENTIALS) : 0);
}

uint64_t wd_shape_path(const struct wd_value *v)
{
    struct wd_bytes text = v->text;
    if (wd_run(text, 1, C_SLASH) ||
        wd_run(text, 1, C_ALNUM | C_DOT | C_UNDERSCORE | C_DASH | C_TILDE | C_PERCENT) == 0)
        return 0;
    return SHAPE(URL_PATH) | (has_secret_parameter(text, 0) ? SHAPE(URL_CREDENTIALS) : 0);
}

/* Clients that send a product and nothing else. */
static const char *const plain_agents[] = {
    "curl/",           "Wget/",           "okhttp/", "python-requests/",
    "PostmanRuntime/", "Go-http-client/", "axios/",  "node-fetch/",
};

uint64_t wd_shape_agent(const struct wd_value *v)
{
    struct wd_bytes text = v->text;
    size_t product = wd_run(text, 0, C_ALNUM | C_DASH | C_DOT | C_UNDERSCORE);
    if (product < 3 || product + 1 >= text.len || text.at[product] != '/' ||
        !wd_is_class(text.at[product + 1], C_DIGIT))
        return 0;
    for (size_t i = 0; i < WD_COUNT(plain_agents); i++)
        if (wd_bytes_starts(text, plain_agents[i]))
            return SHAPE(USER_AGENT);
    size_t off = product + 1;
    off += wd_run(text, off, C_ALNUM | C_DOT | C_DASH | C_UNDERSCORE);
    return text.len - off > 3 && text.at[off] == ' ' && text.at[off + 1] == '(' ? SHAPE(USER_AGENT) : 0;
}

/* A signed decimal at *off with at least 3 decimals and a whole part of at most `most`; its decimals, or 0.
 */
static size_t take_degrees(struct wd_bytes text, size_t *off, unsigned most)
{
    size_t i = *off + (*off < text.len && wd_is_class(text.at[*off], C_DASH | C_PLUS));
    size_t run = wd_run(text, i, C_DIGIT);
    if (run == 0 || run > 3 || i + run >= text.len || text.at[i + run] != '.')
        return 0;
    unsigned whole = 0;
    for (size_t k = 0; k < run; k++)
        whole = whole * 10 + (text.at[i + k] - (unsigned)'0');
    size_t decimals = wd_run(text, i + run + 1, C_DIGIT);
    *off = i + run + 1 + decimals;
    return whole < most && decimals >= 3 ? decimals : 0;
}

/* 52.52001,13.40495 with an optional blank, or geo:52.52001,13.40495 (RFC 5870). */
uint64_t wd_shape_pair(const struct wd_value *v)
{
    struct wd_bytes text = v->text;
    size_t off = wd_bytes_starts(text, "geo:") ? 4 : 0;
    size_t latitude = take_degrees(text, &off, 90);
    if (!latitude || off >= text.len || text.at[off++] != ',')
        return 0;
    off += wd_run(text, off, C_SPACE) == 1;
    size_t longitude = take_degrees(text, &off, 180);
    if (!longitude || off != text.len)
        return 0;
    return SHAPE(LATITUDE) | SHAPE(LONGITUDE) |
           (latitude >= 4 && longitude >= 4 ? SHAPE(PRECISE_DECIMAL) : 0);
}
