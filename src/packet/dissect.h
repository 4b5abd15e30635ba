/* packet/dissect.h - packets in, TCP segments out; everything below TCP payload goes to the ledger.
 *
 * Shape   one table row per link type (link.c), tunnel (tunnel.c), IPv4 and IPv6 with fragments (ip.c), TCP
 *         header (dissect.c). Each packet adds its captured length to captured_bytes and packets, and to
 *         layers: link headers, VLAN tags, tunnels with their IP headers, padding and trailers to `link`; the
 *         innermost IP header to `ip`; TCP headers to `transport`; the payload is handed to emit(), whose
 *         receiver accounts for it; a packet that was seen before (twin.c) wholly to `duplicate`; anything
 *         else (ARP, UDP, ICMP) wholly to `other`. What is in more than `tunnels` tunnels is undecoded
 *         `limit`. What was cut off a packet (of a segment: of its payload) is added to missing_bytes.
 *         Fragments are held until the datagram is whole; those that never become whole end as undecoded
 *         `fragment`.
 * Owns    fragment buffers. Malformed packets are counted, never an error; a negative return is emit()'s own.
 * Source  LINKTYPE registry of tcpdump.org; IEEE 802.1Q; RFC 791, 8200, 9293.
 */
#ifndef WD_PACKET_DISSECT_H
#define WD_PACKET_DISSECT_H

#include "base/err.h"
#include "base/limits.h"
#include "model/ledger.h"
#include "model/packet.h"

typedef int wd_segment_fn(void *ctx, const struct wd_segment *segment);

struct wd_dissect;
struct wd_dissect *wd_dissect_open(const struct wd_limits *limits, struct wd_ledger *ledger,
                                   wd_segment_fn *emit, void *ctx);
int wd_dissect_feed(struct wd_dissect *dissect, const struct wd_packet *packet);
void wd_dissect_close(struct wd_dissect *dissect);  /* accounts for fragments still held, frees */

#endif
