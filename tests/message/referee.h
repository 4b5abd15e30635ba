/* tests/message/referee.h - one DEFLATE stream, undone by zlib and by us: aborts at the first difference.
 *
 * Shape   ours gets it in pieces of `piece` bytes with `room` at a time. Held against zlib: all bytes; whether it ended, broke or
 *         waits; and the account of bits. zlib, driven one byte at a time, decodes one symbol ahead: what it has used after a call
 *         is what the bytes so far and the next symbol cost. So at each boundary between symbols the sums must agree, but for
 *         what makes no bytes.
 */
#ifndef WD_TESTS_MESSAGE_REFEREE_H
#define WD_TESTS_MESSAGE_REFEREE_H

#include "base/bytes.h"

/* The same of a body in a content coding, "gzip" or "deflate": bytes, end and verdict, and that what is broken begins at the same
 * byte however it is cut. */
void referee_coding(const char *name, struct wd_bytes packed, size_t piece);

void referee(struct wd_bytes packed, size_t piece, size_t room);

#endif
