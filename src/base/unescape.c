#include "base/unescape.h"

static int hex_value(uint8_t c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Four hex digits, or -1. */
int32_t wd_hex4(const uint8_t *at, size_t left)
{
    int32_t unit = 0;
    if (left < 4)
        return -1;
    for (int i = 0; i < 4; i++) {
        int digit = hex_value(at[i]);
        if (digit < 0)
            return -1;
        unit = unit << 4 | digit;
    }
    return unit;
}

static void put_utf8(struct wd_buf *out, uint32_t c)
{
    if (c < 0x80) {
        wd_buf_byte(out, (uint8_t)c);
    } else if (c < 0x800) {
        wd_buf_byte(out, (uint8_t)(0xc0 | c >> 6));
        wd_buf_byte(out, (uint8_t)(0x80 | (c & 63)));
    } else if (c < 0x10000) {
        wd_buf_byte(out, (uint8_t)(0xe0 | c >> 12));
        wd_buf_byte(out, (uint8_t)(0x80 | (c >> 6 & 63)));
        wd_buf_byte(out, (uint8_t)(0x80 | (c & 63)));
    } else {
        wd_buf_byte(out, (uint8_t)(0xf0 | c >> 18));
        wd_buf_byte(out, (uint8_t)(0x80 | (c >> 12 & 63)));
        wd_buf_byte(out, (uint8_t)(0x80 | (c >> 6 & 63)));
        wd_buf_byte(out, (uint8_t)(0x80 | (c & 63)));
    }
}

static size_t unescape_unicode(struct wd_bytes in, size_t off, struct wd_buf *out)
{
    uint32_t c = (uint32_t)wd_hex4(in.at + off + 2, in.len - off - 2);
    size_t used = 6;
    if (c >= 0xd800 && c < 0xdc00 && in.len - off >= 12 && in.at[off + 6] == '\\' && in.at[off + 7] == 'u') {
        int32_t low = wd_hex4(in.at + off + 8, in.len - off - 8);
        if (low >= 0xdc00 && low < 0xe000) {
            c = 0x10000 + ((c - 0xd800) << 10) + ((uint32_t)low - 0xdc00);
            used = 12;
        }
    }
    put_utf8(out, c >= 0xd800 && c < 0xe000 ? 0xfffd : c);
    return used;
}

void wd_unescape(struct wd_bytes in, struct wd_buf *out)
{
    static const char from[] = "bfnrt", into[] = "\b\f\n\r\t";
    wd_buf_room(out, in.len);  /* never longer than what it is made from */
    for (size_t off = 0; off < in.len;) {
        const uint8_t *escape = memchr(in.at + off, '\\', in.len - off);
        size_t run = escape ? (size_t)(escape - in.at) - off : in.len - off;
        wd_buf_put(out, wd_bytes_at(in.at + off, run));
        off += run;
        if (in.len - off < 2) {
            wd_buf_put(out, wd_bytes_at(in.at + off, in.len - off));
            return;
        }
        uint8_t c = in.at[off + 1];
        if (c == 'u' && wd_hex4(in.at + off + 2, in.len - off - 2) >= 0) {
            off += unescape_unicode(in, off, out);
            continue;
        }
        const char *known = c ? strchr(from, c) : NULL;
        wd_buf_byte(out, known ? (uint8_t)into[known - from] : c);
        off += 2;
    }
}
