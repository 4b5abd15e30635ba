/* message/har.h - HTTP Archive bytes in, messages out: what a browser saw, told by itself.
 *
 * Shape   open / feed / finish. Entry after entry: the messages of WebSockets (`_webSocketMessages`:
 *         Chromium, mitmproxy and those who follow them; Firefox and Safari export none), the events of event
 *         streams, from the body or `_eventSourceMessages`, and structured bodies by the rule for captured
 *         ones (message/poll.h). Connections are `_connectionId` or `connection` of one server; a WebSocket
 *         has its own.
 * Units   captured_bytes are those that the HAR tells: bodies and messages as their receiver got them, heads
 *         where their size is stated, other bodies by `bodySize` where it is stated. Packets, framing,
 *         control frames and compression are not in it.
 * Owns    the entry that is being read, at most half of the limit `memory`; connections until finish().
 * Errors  WD_EPARSE: not a HAR. A HAR that is cut or broken later: fault(), ledger.damaged; what came before
 *         counts, and so does what is whole of the entry that was being read. A negative return may be the
 *         sink's.
 * Source  HAR 1.2 (www.softwareishard.com/blog/har-12-spec); the layout of Chromium's and WebKit's exports.
 */
#ifndef WD_MESSAGE_HAR_H
#define WD_MESSAGE_HAR_H

#include "base/buf.h"
#include "base/err.h"
#include "base/window.h"
#include "message/messages.h"
#include "message/told.h"

struct wd_har;
/* The window may be NULL; it outlives the reader, and so do the others. */
struct wd_har *wd_har_open(const char *name, const struct wd_limits *limits, struct wd_ledger *ledger,
                           struct wd_messages *messages, struct wd_window *window);
int wd_har_feed(struct wd_har *har, struct wd_bytes bytes, struct wd_err *err);
int wd_har_finish(struct wd_har *har, struct wd_err *err);
void wd_har_free(struct wd_har *har);   /* NULL is fine */
/* One line on the damage, or NULL. */
const char *wd_har_fault(const struct wd_har *har);
const struct wd_told *wd_har_told(const struct wd_har *har);
/* What a reader should know of this HAR beyond its faults: lines appended. */
void wd_har_notes(const struct wd_har *har, struct wd_buf *out);

#endif
