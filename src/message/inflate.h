/* message/inflate.h - raw DEFLATE, as permessage-deflate uses it.
 *
 * Shape   open / run / close; the window survives from call to call until reset(). A final block does not end
 *         it: the next block goes on with the same window (RFC 7692 section 7.2.3.4).
 * Units   window_bits 9 to 15.
 * Owns    a zlib stream. Errors: WD_CODING_BAD as in coding.h, then only reset() helps.
 * Source  RFC 1951.
 */
#ifndef WD_MESSAGE_INFLATE_H
#define WD_MESSAGE_INFLATE_H

#include "message/coding.h"

struct wd_inflate;
struct wd_inflate *wd_inflate_open(int window_bits);
enum wd_coding_got wd_inflate_run(struct wd_inflate *inflate, struct wd_bytes *in, uint8_t *out, size_t room,
                                  size_t *made);
bool wd_inflate_is_whole(const struct wd_inflate *inflate);   /* no block has begun and not ended */
/* nothing was read since open, reset or a final block */
bool wd_inflate_is_fresh(const struct wd_inflate *inflate);
void wd_inflate_reset(struct wd_inflate *inflate);   /* forgets the window */
void wd_inflate_close(struct wd_inflate *inflate);   /* NULL is fine */

#endif
