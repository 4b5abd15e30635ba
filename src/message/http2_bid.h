/* message/http2_bid.h - how sure it is that a connection is HTTP/2: see message/host.h.
 * Source  RFC 9113 section 3.4. */
#ifndef WD_MESSAGE_HTTP2_BID_H
#define WD_MESSAGE_HTTP2_BID_H

#include "message/host.h"

#define WD_H2_RESUME_BITS 24   /* evidence of one frame's header: enough where it is known to be HTTP/2 */

void wd_h2_bid(const struct wd_pieces *pieces, struct wd_bid *out);

#endif
