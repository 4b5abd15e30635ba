#include "base/buf.h"

#include <stdio.h>

#include "base/arena.h"

void wd_buf_free(struct wd_buf *buf)
{
    wd_free(buf->at);
    *buf = (struct wd_buf){ 0 };
}

uint8_t *wd_buf_room(struct wd_buf *buf, size_t n)
{
    if (n > buf->cap - buf->len) {
        size_t cap = buf->cap ? buf->cap : 256;
        while (cap - buf->len < n) {
            if (cap > SIZE_MAX / 2)
                return buf->at = wd_realloc(buf->at, SIZE_MAX, 2);  /* ends the program */
            cap *= 2;
        }
        buf->at = wd_realloc(buf->at, cap, 1);
        buf->cap = cap;
    }
    return buf->at + buf->len;
}

void wd_buf_put(struct wd_buf *buf, struct wd_bytes bytes)
{
    if (bytes.len == 0)
        return;
    memcpy(wd_buf_room(buf, bytes.len), bytes.at, bytes.len);
    buf->len += bytes.len;
}

void wd_buf_puts(struct wd_buf *buf, const char *literal)
{
    wd_buf_put(buf, wd_bytes_of(literal));
}

void wd_buf_vprintf(struct wd_buf *buf, const char *format, va_list args)
{
    va_list again;
    va_copy(again, args);
    int n = vsnprintf(NULL, 0, format, args);
    size_t len = n > 0 ? (size_t)n : 0;
    vsnprintf((char *)wd_buf_room(buf, len + 1), len + 1, format, again);
    va_end(again);
    buf->len += len;
}

void wd_buf_printf(struct wd_buf *buf, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    wd_buf_vprintf(buf, format, args);
    va_end(args);
}

const char *wd_buf_cstr(struct wd_buf *buf)
{
    *wd_buf_room(buf, 1) = 0;
    return (const char *)buf->at;
}
