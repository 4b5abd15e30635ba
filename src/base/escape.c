#include "base/escape.h"

#include <utf8proc.h>

int32_t wd_utf8_next(struct wd_bytes s, size_t *off)
{
    utf8proc_int32_t point;
    size_t left = s.len - *off;
    utf8proc_ssize_t n = utf8proc_iterate(s.at + *off, (utf8proc_ssize_t)(left > 4 ? 4 : left), &point);
    if (n < 1) {
        *off += 1;
        return -1;
    }
    *off += (size_t)n;
    return point;
}

/* Whether the next eight bytes are ASCII. */
static bool are_ascii(const uint8_t *at)
{
    uint64_t eight;
    memcpy(&eight, at, sizeof eight);
    return !(eight & UINT64_C(0x8080808080808080));
}

bool wd_utf8_valid(struct wd_bytes s)
{
    for (size_t off = 0; off < s.len;) {
        if (s.len - off >= 8 && are_ascii(s.at + off))
            off += 8;
        else if (s.at[off] < 0x80)
            off++;
        else if (wd_utf8_next(s, &off) < 0)
            return false;
    }
    return true;
}

/* Characters that a terminal would obey, or that would make the text read differently from what it is. */
static bool is_active(int32_t c)
{
    return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x2028 || c == 0x2029 ||
           (c >= 0x202a && c <= 0x202e) || (c >= 0x2060 && c <= 0x206f) || (c >= 0x200b && c <= 0x200f) ||
           c == 0xfeff || c == 0xad || c == 0x61c || c == 0x180e || (c >= 0xe0000 && c <= 0xe007f);
}

static void put_point(struct wd_buf *out, struct wd_bytes s, size_t start, size_t end, int32_t c)
{
    if (c < 0)
        wd_buf_printf(out, "\\x%02x", s.at[start]);
    else if (c == '\n' || c == '\t' || c == '\r')
        wd_buf_puts(out, c == '\n' ? "\\n" : c == '\t' ? "\\t" : "\\r");
    else if (is_active(c))
        wd_buf_printf(out, c < 0x100 ? "\\x%02x" : c < 0x10000 ? "\\u%04x" : "\\U%08x", (unsigned)c);
    else
        wd_buf_put(out, wd_bytes_at(s.at + start, end - start));
}

void wd_put_terminal(struct wd_buf *out, struct wd_bytes s)
{
    for (size_t off = 0; off < s.len;) {
        size_t start = off;
        int32_t c = wd_utf8_next(s, &off);
        put_point(out, s, start, off, c);
    }
}

static size_t width_of(int32_t c)
{
    int w = c < 0 ? 1 : utf8proc_charwidth(c);
    return w > 0 ? (size_t)w : 0;
}

size_t wd_columns(struct wd_bytes escaped)
{
    size_t columns = 0;
    for (size_t off = 0; off < escaped.len;)
        columns += width_of(wd_utf8_next(escaped, &off));
    return columns;
}

/* Byte length of the longest prefix of `s` that is at most `columns` wide. */
static size_t prefix_of(struct wd_bytes s, size_t columns)
{
    size_t off = 0, used = 0;
    while (off < s.len) {
        size_t next = off;
        used += width_of(wd_utf8_next(s, &next));
        if (used > columns)
            break;
        off = next;
    }
    return off;
}

void wd_put_terminal_fit(struct wd_buf *out, struct wd_bytes s, size_t columns)
{
    size_t start = out->len;
    if (!s.len)
        return;
    wd_put_terminal(out, s);
    struct wd_bytes all = wd_bytes_at(out->at + start, out->len - start);
    size_t width = wd_columns(all);
    if (width <= columns)
        return;
    if (columns < 5) {
        out->len = start + prefix_of(all, columns);
        return;
    }
    size_t tail_columns = (columns - 2) / 2, head_columns = columns - 2 - tail_columns;
    size_t head = prefix_of(all, head_columns), tail = prefix_of(all, width - tail_columns);
    if (wd_columns(wd_bytes_at(all.at + tail, all.len - tail)) > tail_columns) {  /* a wide character on the cut */
        size_t next = tail;
        wd_utf8_next(all, &next);
        tail = next;
    }
    size_t tail_len = all.len - tail;
    memmove(out->at + start + head + 2, out->at + start + tail, tail_len);
    memcpy(out->at + start + head, "..", 2);
    out->len = start + head + 2 + tail_len;
}

void wd_put_hex(struct wd_buf *out, struct wd_bytes s)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < s.len; i++) {
        wd_buf_byte(out, (uint8_t)digits[s.at[i] >> 4]);
        wd_buf_byte(out, (uint8_t)digits[s.at[i] & 15]);
    }
}

void wd_put_html(struct wd_buf *out, struct wd_bytes s)
{
    for (size_t off = 0; off < s.len;) {
        size_t start = off;
        int32_t c = wd_utf8_next(s, &off);
        if (c == '&' || c == '<' || c == '>' || c == '"' || c == '\'')
            wd_buf_printf(out, "&#%d;", (int)c);
        else
            put_point(out, s, start, off, c);
    }
}

/* UTF-16, as JSON spells what it escapes. */
static void put_json_escape(struct wd_buf *out, uint32_t c)
{
    if (c < 0x10000)
        wd_buf_printf(out, "\\u%04x", c);
    else
        wd_buf_printf(out, "\\u%04x\\u%04x", 0xd800 + ((c - 0x10000) >> 10),
                      0xdc00 + ((c - 0x10000) & 0x3ff));
}

void wd_put_json(struct wd_buf *out, struct wd_bytes s)
{
    wd_buf_byte(out, '"');
    for (size_t off = 0; off < s.len;) {
        size_t start = off;
        int32_t c = wd_utf8_next(s, &off);
        if (c == '"' || c == '\\')
            wd_buf_printf(out, "\\%c", (int)c);
        else if (c == '\n')
            wd_buf_puts(out, "\\n");
        else if (c < 0)
            wd_buf_puts(out, "\\ufffd");
        else if (c == '<' || c == '>' || c == '&' || is_active(c))
            put_json_escape(out, (uint32_t)c);
        else
            wd_buf_put(out, wd_bytes_at(s.at + start, off - start));
    }
    wd_buf_byte(out, '"');
}

const char *wd_show(struct wd_shown *slot, struct wd_bytes s)
{
    struct wd_buf buf = { 0 };
    wd_put_terminal_fit(&buf, s.len > 4096 ? wd_bytes_at(s.at, 4096) : s, 120);
    size_t n = buf.len < sizeof slot->text - 1 ? buf.len : sizeof slot->text - 1;
    if (n)
        memcpy(slot->text, buf.at, n);
    slot->text[n] = 0;
    wd_buf_free(&buf);
    return slot->text;
}
