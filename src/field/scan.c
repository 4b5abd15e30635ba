#include "field/scan.h"

#include "base/escape.h"
#include "base/unescape.h"

/* --- strings --- */

/* After a backslash: RFC 8259 section 7. */
static const bool is_escape[256] = { ['"'] = true, ['\\'] = true, ['/'] = true, ['b'] = true,
                                     ['f'] = true, ['n'] = true, ['r'] = true, ['t'] = true };

/* Length of the escape at a backslash, 0 when it is none. */
static uint32_t escape_len(const uint8_t *at, uint32_t off, uint32_t len)
{
    if (len - off < 2)
        return 0;
    if (at[off + 1] == 'u')
        return wd_hex4(at + off + 2, len - off - 2) >= 0 ? 6 : 0;
    return is_escape[at[off + 1]] ? 2 : 0;
}

struct wd_scan wd_scan_string_rest(const uint8_t *at, uint32_t off, uint32_t len)
{
    struct wd_scan s = { 0 };
    for (;; off = wd_skip_plain(at, off, len)) {
        s.end = off;
        if (off >= len) {
            s.fault = "a string does not end";
            return s;
        }
        uint8_t c = at[off];
        if (c == '"') {
            s.end = off + 1;
            return s;
        }
        if (c == '\\') {
            uint32_t n = escape_len(at, off, len);
            s.is_escaped = true;
            if (!n) {
                s.fault = "an escape is not one of JSON's";
                return s;
            }
            off += n;
        } else if (c < ' ') {
            s.fault = "a control character in a string";
            return s;
        } else {
            size_t next = off;
            if (wd_utf8_next(wd_bytes_at(at, len), &next) < 0) {
                s.fault = "a string is not valid UTF-8";
                return s;
            }
            off = (uint32_t)next;
        }
    }
}

/* --- numbers --- */

static uint32_t skip_digits(const uint8_t *at, uint32_t off, uint32_t len)
{
    while (off < len && (uint8_t)(at[off] - '0') < 10)
        off++;
    return off;
}

/* Whether 12.50e3 is a whole number: the exponent reaches past the last digit that is not zero. Text is
 * well-formed. */
bool wd_scan_is_whole(const uint8_t *at, uint32_t start, uint32_t end)
{
    int64_t fraction = 0, exponent = 0;  /* digits after the point up to the last one that is not zero */
    bool is_negative = false, is_after_point = false, is_all_zero = true;
    int64_t seen = 0, trailing = 0;      /* zeros at the end of the digits so far */
    uint32_t i = start + (at[start] == '-');
    for (; i < end && (at[i] | 0x20) != 'e'; i++) {
        if (at[i] == '.') {
            is_after_point = true;
            continue;
        }
        seen += is_after_point;
        trailing = at[i] == '0' ? trailing + 1 : 0;
        is_all_zero &= at[i] == '0';
    }
    fraction = seen - trailing;          /* negative: zeros before the point too */
    if (i < end)
        i++;
    if (i < end && (at[i] == '+' || at[i] == '-'))
        is_negative = at[i++] == '-';
    for (; i < end && exponent < 1 << 20; i++)
        exponent = exponent * 10 + (at[i] - '0');
    return is_all_zero || (is_negative ? -exponent : exponent) >= fraction;
}

struct wd_scan wd_scan_exponent(struct wd_scan s, const uint8_t *at, uint32_t start, uint32_t len)
{
    uint32_t off = s.end + 1;
    if (off < len && (at[off] == '+' || at[off] == '-'))
        off++;
    uint32_t digits = off;
    s.end = skip_digits(at, off, len);
    s.fault = s.end == digits ? "a number without digits in its exponent" : NULL;
    s.is_escaped = true;
    s.is_decimal = false;
    s.is_integer = !s.fault && wd_scan_is_whole(at, start, s.end);
    return s;
}

/* --- any scalar --- */

static const struct word { const char *text; uint32_t len; uint8_t type, flags; } words[] = {
    { "true", 4, WD_TYPE_BOOLEAN, 0 }, { "false", 5, WD_TYPE_BOOLEAN, 0 }, { "null", 4, WD_TYPE_NULL, WD_FIELD_EMPTY },
};

static bool scan_word(const uint8_t *at, uint32_t off, uint32_t len, struct wd_field *f)
{
    for (size_t i = 0; i < WD_COUNT(words); i++) {
        const struct word *w = &words[i];
        if (len - off < w->len || memcmp(at + off, w->text, w->len) != 0)
            continue;
        f->type = w->type;
        f->flags = w->flags;
        f->value_len = w->len;
        return true;
    }
    return false;
}

bool wd_scan_scalar(const uint8_t *at, uint32_t off, uint32_t len, struct wd_field *f)
{
    f->value_off = off;
    if (off >= len)
        return false;
    if (at[off] == '"') {
        struct wd_scan s = wd_scan_string(at, off, len);
        wd_scan_keep_string(&s, f);
        return !s.fault;
    }
    if (at[off] >= 'a')
        return scan_word(at, off, len, f);
    struct wd_scan s = wd_scan_number(at, off, len);
    wd_scan_keep_number(&s, f);
    return !s.fault;
}
