/* stream/deliver.h - segments of a connection in, its chunks out in order.
 *
 * Shape   a side is delivered in the order of its sequence numbers, and both sides in the order of cause
 *         and effect: a segment that acknowledges bytes of the other side waits until those were delivered.
 *         What blocks a side is given up (a gap is declared, or the effect goes before its cause) when
 *         WD_PATIENCE packets of the connection came since it was acknowledged, at a limit, or at the end.
 * Owns    nothing: pieces belong to the flow. Errors: the sink's.
 */
#ifndef WD_STREAM_DELIVER_H
#define WD_STREAM_DELIVER_H

#include "stream/state.h"

/* A side that has payload or a FIN must be started. */
int wd_deliver_segment(struct wd_tcp *tcp, struct wd_flow *flow, int side, const struct wd_segment *segment);
/* The next bytes of a side for which nothing waits: no copy. */
int wd_deliver_next(struct wd_tcp *tcp, struct wd_flow *flow, int side, const struct wd_segment *segment);
/* Everything that waits, then CLOSE. */
int wd_deliver_close(struct wd_tcp *tcp, struct wd_flow *flow);
/* Accounts for the payload of a segment that came after the end. */
void wd_deliver_late(struct wd_tcp *tcp, struct wd_flow *flow, int side, const struct wd_segment *segment);
/* Whether it answers bytes of the other side that were not delivered. */
bool wd_deliver_blocks(struct wd_flow *flow, int side, uint32_t ack, uint8_t flags);
/* The limit that what waits there is over; WD_LIMIT_COUNT: none. */
enum wd_limit wd_deliver_limit(const struct wd_tcp *tcp, const struct wd_pieces *waiting);

#endif
