/* message/chunked.c - RFC 9112 section 7.1:
 *
 *   1F;name=value CRLF      chunk-size in hexadecimal, extensions
 *   <31 bytes> CRLF         chunk-data
 *   0 CRLF                  last-chunk
 *   Trailer: value CRLF     trailer-section
 *   CRLF
 */
#include "message/chunked.h"

#define DIGITS_MAX 16

enum { SIZE, EXTENSION, DATA, DATA_END, TRAILER };

static int hex(uint8_t c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static enum wd_chunked_got end_line(struct wd_chunked *c, uint64_t *framing)
{
    *framing += c->pending;
    c->trailer += c->state == TRAILER ? c->pending : 0;
    bool is_over = c->state == TRAILER && c->is_blank;
    c->pending = 0;
    if (is_over)
        return WD_CHUNKED_END;
    if (c->state == TRAILER) {
        c->is_blank = true;
    } else if (c->state == DATA_END) {
        c->state = SIZE;
        c->digits = 0;
    } else {
        c->state = c->left ? DATA : TRAILER;
        c->is_blank = true;
    }
    return WD_CHUNKED_MORE;
}

/* One byte of the line that gives the size. */
static enum wd_chunked_got size_byte(struct wd_chunked *c, uint8_t byte)
{
    int digit = c->state == SIZE ? hex(byte) : -1;
    if (digit >= 0) {
        if (c->digits == DIGITS_MAX)
            return WD_CHUNKED_BAD;
        c->left = c->digits++ ? c->left << 4 | (uint64_t)digit : (uint64_t)digit;
        return WD_CHUNKED_MORE;
    }
    if (c->digits == 0 || (c->state == SIZE && byte != ';' && byte != ' ' && byte != '\t' && byte != '\r'))
        return WD_CHUNKED_BAD;
    c->state = EXTENSION;
    return WD_CHUNKED_MORE;
}

static enum wd_chunked_got line_byte(struct wd_chunked *c, uint8_t byte, uint64_t *framing)
{
    c->pending++;
    if (byte == '\n')
        return c->state == SIZE && c->digits == 0 ? WD_CHUNKED_BAD : end_line(c, framing);
    switch (c->state) {
    case SIZE:
    case EXTENSION:
        return size_byte(c, byte);
    case DATA_END:
        return byte == '\r' && c->pending == 1 ? WD_CHUNKED_MORE : WD_CHUNKED_BAD;
    default:
        /* The trailer ends at a line that holds nothing but a CR. */
        if (byte != '\r' || c->pending != 1)
            c->is_blank = false;
        return WD_CHUNKED_MORE;
    }
}

enum wd_chunked_got wd_chunked_take(struct wd_chunked *c, const struct wd_limits *limits,
                                    struct wd_bytes *bytes, struct wd_bytes *data, uint64_t *framing)
{
    while (bytes->len) {
        if (c->state == DATA) {
            size_t n = bytes->len < c->left ? bytes->len : (size_t)c->left;
            *data = wd_bytes_at(bytes->at, n);
            wd_chunked_skip(c, n);
            bytes->at += n;
            bytes->len -= n;
            return WD_CHUNKED_DATA;
        }
        uint8_t byte = bytes->at[0];
        bytes->at++;
        bytes->len--;
        enum wd_chunked_got got = line_byte(c, byte, framing);
        if (got != WD_CHUNKED_MORE)
            return got;
        if (c->pending > limits->header_line || c->trailer + c->pending > limits->header_list)
            return WD_CHUNKED_LIMIT;
    }
    return WD_CHUNKED_MORE;
}

bool wd_chunked_skip(struct wd_chunked *c, uint64_t missing)
{
    if (c->state != DATA || missing > c->left)
        return false;
    c->left -= missing;
    if (c->left == 0)
        c->state = DATA_END;
    return true;
}

bool wd_chunked_sniff(struct wd_bytes bytes, struct wd_bytes *data)
{
    uint64_t size = 0;
    size_t i = 0;
    for (; i < bytes.len && i < 8 && hex(bytes.at[i]) >= 0; i++)
        size = size << 4 | (uint64_t)hex(bytes.at[i]);
    if (i == 0 || bytes.len - i <= 2 || memcmp(bytes.at + i, "\r\n", 2) != 0)
        return false;
    *data = wd_bytes_at(bytes.at + i + 2, bytes.len - i - 2);
    if (data->len <= size)
        return i > 1;   /* one digit and a line end alone are too common */
    size_t left = data->len - (size_t)size;
    data->len = (size_t)size;
    return memcmp(data->at + size, "\r\n", left < 2 ? left : 2) == 0;
}
