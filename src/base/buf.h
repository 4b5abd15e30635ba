/* base/buf.h - bytes that grow: assembling a message, building an output.
 * Owns its memory; zero-initialise to open, wd_buf_free to close. Running out of memory ends the program. */
#ifndef WD_BASE_BUF_H
#define WD_BASE_BUF_H

#include <stdarg.h>

#include "base/bytes.h"

struct wd_buf {
    uint8_t *at;
    size_t len, cap;
};

void wd_buf_free(struct wd_buf *buf);
static inline void wd_buf_reset(struct wd_buf *buf) { buf->len = 0; }
uint8_t *wd_buf_room(struct wd_buf *buf, size_t n);  /* n writable bytes at the end; then add to len */
void wd_buf_put(struct wd_buf *buf, struct wd_bytes bytes);
static inline void wd_buf_byte(struct wd_buf *buf, uint8_t byte)
{
    if (buf->len == buf->cap)
        wd_buf_room(buf, 1);
    buf->at[buf->len++] = byte;
}
void wd_buf_puts(struct wd_buf *buf, const char *literal);
void wd_buf_printf(struct wd_buf *buf, const char *format, ...) __attribute__((format(printf, 2, 3)));
void wd_buf_vprintf(struct wd_buf *buf, const char *format, va_list args)
    __attribute__((format(printf, 2, 0)));
static inline struct wd_bytes wd_buf_bytes(const struct wd_buf *buf)
{
    return wd_bytes_at(buf->at, buf->len);
}
/* NUL-terminated view (the NUL is not counted). */
const char *wd_buf_cstr(struct wd_buf *buf);

#endif
