/* stream/tcp.h - segments in, ordered bytes of connections out.
 *
 * Shape   open / feed / close with one emit. Tolerates what captures do: out of order, retransmitted,
 *         overlapping (equal or different: the first stays), midway starts, gaps, port reuse, sequence
 *         wrap-around, missing FIN. Captures also reorder, so each side comes in the order of its sequence
 *         numbers, and both sides in the order of cause and effect: what acknowledges bytes of the other
 *         side comes after them. A hole is declared a gap when the other side has acknowledged it and 32
 *         more packets of the connection came, when a limit is reached (`reassembly`, `reassembly-total`,
 *         `segments`), or at the end. A connection whose opening was not captured is held for 32 packets;
 *         each side then starts at the lowest sequence number seen. A SYN that comes late is still believed.
 * Units   ledger: repeated payload -> retransmitted; payload that cannot be used (out of window, behind a
 *         FIN) -> undecoded malformed-transport, or `gap` when it comes after its gap was declared; DATA
 *         bytes are the receiver's to account for; GAP sizes -> missing_bytes, without what was cut off
 *         packets (dissect counted that).
 * Owns    connections and buffered segments; idle and surplus flows are evicted (`flows`, `flow-idle`,
 *         `memory`).
 * Source  RFC 9293; robustness rules: verify no checksums (senders offload them).
 */
#ifndef WD_STREAM_TCP_H
#define WD_STREAM_TCP_H

#include "base/limits.h"
#include "model/chunk.h"
#include "model/ledger.h"

typedef int wd_chunk_fn(void *ctx, const struct wd_chunk *chunk);

struct wd_tcp;
struct wd_tcp *wd_tcp_open(const struct wd_limits *limits, struct wd_ledger *ledger, wd_chunk_fn *emit,
                           void *ctx);
int wd_tcp_feed(struct wd_tcp *tcp, const struct wd_segment *segment);
/* End of input: flushes what waits behind holes, closes every connection in order of its id. */
int wd_tcp_finish(struct wd_tcp *tcp);
void wd_tcp_free(struct wd_tcp *tcp);
uint64_t wd_tcp_connections(const struct wd_tcp *tcp);  /* that carried payload */

#endif
