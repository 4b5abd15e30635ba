/* message/wsdeflate.h - permessage-deflate: what was agreed, and one direction of it undone.
 *
 * Shape   negotiate() reads the extensions of the 101 response. Per direction: feed() the payload of a
 *         message as it comes, then end_message(), and when it was read next(). A window that is incomplete
 *         (bytes lost, joined midway) is no reason to give up: a message that needs nothing from before
 *         decodes, and one that does is noticed by the inflater.
 * Units   bytes.
 * Owns    the inflater, and in it the plain bytes of the message, at most the `message` limit of them; all
 *         are counted.
 * Errors  the reason why the message is undecoded, or WD_FINE: malformed-encoding; limit (inflate-ratio,
 *         inflate-total); after lose() the reason given there.
 * Source  RFC 7692 section 7.
 */
#ifndef WD_MESSAGE_WSDEFLATE_H
#define WD_MESSAGE_WSDEFLATE_H

#include "message/host.h"
#include "model/bits.h"

struct wd_wsdeflate_side { bool has_takeover; };

struct wd_wsdeflate_terms {
    bool is_deflate;                   /* permessage-deflate was agreed */
    bool is_other;                     /* another extension was */
    struct wd_wsdeflate_side client, server;   /* by sender */
};
struct wd_wsdeflate_terms wd_wsdeflate_negotiate(struct wd_bytes extensions);

struct wd_wsdeflate;
struct wd_wsdeflate *wd_wsdeflate_open(struct wd_host *host, const struct wd_wsdeflate_side *terms);
enum wd_reason wd_wsdeflate_feed(struct wd_wsdeflate *d, struct wd_bytes bytes);

struct wd_wsdeflate_message {
    struct wd_bytes body;              /* what was kept; a view, until next() */
    uint64_t body_len;                 /* all of it */
    struct wd_bit_marks marks;
};
enum wd_reason wd_wsdeflate_end_message(struct wd_wsdeflate *d, struct wd_wsdeflate_message *out);
void wd_wsdeflate_next(struct wd_wsdeflate *d);
/* This message cannot be completed; the window is incomplete from now on. */
void wd_wsdeflate_lose(struct wd_wsdeflate *d, enum wd_reason reason);
void wd_wsdeflate_close(struct wd_wsdeflate *d);   /* NULL is fine */

#endif
