/* tests/message/texts.h - texts of many kinds, from a seed, and what zlib makes of them. */
#ifndef WD_TESTS_MESSAGE_TEXTS_H
#define WD_TESTS_MESSAGE_TEXTS_H

#include "base/buf.h"

uint32_t dice(uint32_t sides);
void put_json(struct wd_buf *out, size_t len);
void put_far(struct wd_buf *out, size_t len);   /* matches from the far end of the window */
void put_text(struct wd_buf *out, unsigned kind, size_t len);
/* `bits` as deflateInit2 takes them, `flush` in between. */
void deflate_text(struct wd_bytes text, int level, int strategy, int bits, int flush, struct wd_buf *out);
/* Any level, strategy, window and flush. wrap: -1 raw, 0 zlib, 16 gzip. */
void deflate_somehow(struct wd_bytes text, int wrap, struct wd_buf *out);
void damage(struct wd_buf *packed);

#endif
