/* message/poll.h - structured HTTP bodies, which are messages when they are polled.
 *
 * Shape   request() counts each (method, path) of a connection. body() emits the body when its request came
 *         twice or more; before that it is held, and emitted, in order, when the second request appears.
 *         Bodies that never recur are `http`.
 * Units   wire_len as in model/message.h: the whole body as sent.
 * Owns    copies of held bodies, at most WD_POLL_HELD_MAX bytes per connection; the oldest is given up as
 *         `http`. So is the count of the path that was asked for least recently once there are WD_POLLS_MAX.
 *         Marks are held only as far as there is room beside the bodies: else what the fields cost is an
 *         estimate.
 * Errors  the sink's.
 * Source  design: HTTP bodies are messages when they are polled.
 */
#ifndef WD_MESSAGE_POLL_H
#define WD_MESSAGE_POLL_H

#include "message/host.h"

#define WD_POLLS_MAX 1024
#define WD_POLL_HELD_MAX (1u << 20)

struct wd_poll_body {
    struct wd_bytes media_type;
    struct wd_bytes body;         /* what was kept */
    uint64_t body_len, wire_len;
    struct wd_bit_marks marks;    /* and is_shared: as in model/message.h */
    bool is_shared;
    /* WD_FINE, or why it could not be decoded: it counts as that when it is polled */
    enum wd_reason fault;
};

bool wd_poll_is_structured(struct wd_bytes media_type);

struct wd_polls;
/* is_stream_each: each body came on a stream of its own, so each is a channel of its own. */
struct wd_polls *wd_polls_open(struct wd_host *host, bool is_stream_each);
int wd_polls_request(struct wd_polls *polls, struct wd_bytes method, struct wd_bytes path);
int wd_polls_body(struct wd_polls *polls, struct wd_bytes method, struct wd_bytes path,
                  enum wd_direction direction, const struct wd_poll_body *body);
void wd_polls_finish(struct wd_polls *polls);   /* what is still held is `http` */
void wd_polls_free(struct wd_polls *polls);     /* NULL is fine */

#endif
