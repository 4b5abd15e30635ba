/* message/body.h - the content codings of one body, undone.
 *
 * Shape   open() with the lists of codings, feed() wire bytes, emit() gets plain bytes and what they cost.
 *         One coding that knows what its symbols cost tells exactly; what made no byte (headers, trailers,
 *         block headers, flushes) is nobody's. Other codings are, with `is_fine`, driven one wire byte at a
 *         time, so that the plain bytes each of them made are known: they share it evenly, and with it those
 *         before it that made nothing, up to one wire byte per plain byte; the excess falls on the plain
 *         bytes that follow. Either way the costs do not depend on how the body was cut into segments.
 * Units   costs: message/share.h.
 * Owns    the state of the codings.
 * Errors  the reason: unsupported-encoding, malformed-encoding, limit (inflate-layers, inflate-ratio,
 *         inflate-total).
 * Source  RFC 9110 section 8.4, RFC 9112 section 6.1.
 */
#ifndef WD_MESSAGE_BODY_H
#define WD_MESSAGE_BODY_H

#include "message/host.h"

typedef int wd_body_fn(void *ctx, struct wd_bytes bytes, struct wd_share *share);

struct wd_body;
/* `codings` as in Content-Encoding, then as in Transfer-Encoding without `chunked`: in the order of
 * application. NULL with *fault WD_FINE: none, the bytes are plain. NULL with a fault: cannot be read. */
struct wd_body *wd_body_open(struct wd_host *host, struct wd_bytes codings, enum wd_reason *fault);
/* *fault: the reason why the codings cannot go on, then for good. */
int wd_body_feed(struct wd_body *body, struct wd_bytes bytes, bool is_fine, wd_body_fn *emit, void *ctx,
                 enum wd_reason *fault);
/* How many of all wire bytes so far could be read. */
uint64_t wd_body_fine(const struct wd_body *body);
/* The compressed streams are complete: nothing of them is missing. */
bool wd_body_is_whole(const struct wd_body *body);
/* A message was completed: inflate-total starts again. */
void wd_body_mark(struct wd_body *body);
void wd_body_close(struct wd_body *body);   /* NULL is fine */

#endif
