/* message/inflate.h - raw DEFLATE, undone by an inflater that knows what each byte cost.
 *
 * Shape   open / run / close. Plain bytes gather behind the window and are one view (wd_inflate_made) from
 *         begin() on, which starts a message and keeps the window; reset() forgets the window too. run()
 *         writes what the input allows before it asks for more, so the output of the n-th input byte does not
 *         depend on how the input was cut. A final block does not end the inflater: it says END, and the next
 *         run goes on at the next byte with the same window (RFC 7692, 7.2.3.4).
 * Units   marks: bits of the symbol that made the bytes up to `end`, an offset in the view. What makes no
 *         byte (block headers, code lengths, end of block, padding) has no mark.
 * Owns    window, view and marks; the views die at the next run or begin.
 * Errors  WD_CODING_BAD as in coding.h; then only reset() helps.
 * Source  RFC 1951.
 */
#ifndef WD_MESSAGE_INFLATE_H
#define WD_MESSAGE_INFLATE_H

#include "message/coding.h"
#include "model/bits.h"

struct wd_inflate;
struct wd_fixed_codes;
/* Of each message at most `kept` bytes stay in the view; what is beyond is made and counted, and forgotten.
 * `shared` must outlive it; NULL: it makes its own. */
struct wd_inflate *wd_inflate_open(uint64_t kept, const struct wd_fixed_codes *shared);
/* MORE: all input taken. FULL: `room` more bytes were made. END: a final block is over. */
enum wd_coding_got wd_inflate_run(struct wd_inflate *inflate, struct wd_bytes *in, size_t room);
void wd_inflate_begin(struct wd_inflate *inflate);
void wd_inflate_reset(struct wd_inflate *inflate);
uint64_t wd_inflate_total(const struct wd_inflate *inflate);          /* bytes made since begin() */
struct wd_bytes wd_inflate_made(const struct wd_inflate *inflate);    /* those that were kept */
struct wd_bit_marks wd_inflate_marks(const struct wd_inflate *inflate);  /* of those */
bool wd_inflate_is_whole(const struct wd_inflate *inflate);   /* no block has begun and not ended */
bool wd_inflate_is_fresh(const struct wd_inflate *inflate);   /* nothing was read since open, reset or a final block */
uint64_t wd_inflate_waiting(const struct wd_inflate *inflate);  /* bytes taken of which some bits are not used, however it was fed */
void wd_inflate_close(struct wd_inflate *inflate);            /* NULL is fine */

#endif
