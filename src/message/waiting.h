/* message/waiting.h - the start of a connection that nobody has recognised yet.
 *
 * Shape   pieces are kept, with their bytes, until a protocol bids; then it gets them in order. What precedes
 *         the piece at which the winner says that a side starts is undecoded `incomplete`. On a connection
 *         that was joined midway the oldest pieces are dropped when room runs out, and the search goes on.
 * Owns    copies of the bytes.
 * Errors  see message/host.h.
 */
#ifndef WD_MESSAGE_WAITING_H
#define WD_MESSAGE_WAITING_H

#include "message/host.h"

struct wd_waiting;
struct wd_waiting *wd_waiting_open(bool is_midway);
void wd_waiting_free(struct wd_waiting *waiting);   /* NULL is fine */
int wd_waiting_take(struct wd_host *host, const struct wd_piece *piece);
/* Nobody claims it: everything is undecoded from here on. */
void wd_waiting_give_up(struct wd_host *host, bool is_closing);

int wd_host_take(struct wd_host *host, const struct wd_piece *piece);

#endif
