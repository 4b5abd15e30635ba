/* stream/opening.h - where the streams of a connection start.
 *
 * Shape   a SYN says where its side starts, a SYN with ACK where both do. Payload of a side of which that
 *         is not known is held, with all that follows in the connection, until a SYN comes late or
 *         WD_PATIENCE more packets have shown what is the lowest sequence number. Then everything goes on
 *         in the order of capture.
 * Owns    nothing: what is held belongs to the flow. Errors: the sink's.
 */
#ifndef WD_STREAM_OPENING_H
#define WD_STREAM_OPENING_H

#include "stream/state.h"

/* Whether the segment belongs to a new connection between the same ports. */
bool wd_opening_restarts(const struct wd_tcp *tcp, const struct wd_flow *flow, int side,
                         const struct wd_segment *segment);
/* Takes note of a SYN. */
void wd_opening_syn(struct wd_flow *flow, int side, const struct wd_segment *segment);
/* Whether it has to be held. */
bool wd_opening_holds(const struct wd_flow *flow, int side, const struct wd_segment *segment);
/* Holds it, and lets all that is held go on when the time has come. */
int wd_opening_hold(struct wd_tcp *tcp, struct wd_flow *flow, int side, const struct wd_segment *segment);
/* Lets go what is held, now. */
int wd_opening_release(struct wd_tcp *tcp, struct wd_flow *flow);

#endif
