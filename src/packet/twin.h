/* packet/twin.h - packets that were captured twice: by a mirror port that copies both ways through a switch,
 * on an interface and the bridge it belongs to, inside and outside of a tunnel.
 *
 * Shape   seen() is asked about each TCP packet and each fragment, once its innermost IP header was read:
 *         whether the same datagram was among the last 63 (16,383 if the file is from several interfaces, of
 *         which it holds bursts in turn), at most 100 ms away. The same is what has the same length, the same
 *         first 96 bytes, which are the headers and more, and the same last 16, except for what routers
 *         change: TTL or hop limit, DSCP and ECN, the sum of the IP header. The checksum of TCP speaks for
 *         what is in between: it is the same too, or was left to the network card. Frames, tags and tunnels
 *         around it do not matter. A copy may be cut shorter than the first, not the other way round. A
 *         retransmission is no copy: it differs in its IPv4 id or in its TCP timestamp. A packet that has
 *         neither (an id counts if no other packet of the connection in the window has it) is a copy if it
 *         was seen otherwise than the first, by frame, tags, tunnel or TTL; else if it came within 1 ms, and
 *         is not a bare acknowledgement, of which a receiver sends identical ones. What remains: a
 *         retransmission to the byte, within these times, is called a duplicate. Copies that were cut into
 *         segments differently, or whose addresses were translated, are not recognised. A connection of which
 *         copies were seen in several networks (VLANs, tunnels) is one: settle() gives it that in which the
 *         first packet of which there was a copy was seen first, in both directions. So does the answer to a
 *         SYN that was seen in another network, since its acknowledgement is no coincidence.
 * Owns    what it remembers: one entry per connection and network while there are at most `flows` (beyond,
 *         all are forgotten, and learnt again); 3 MiB of packets at most. Nothing that it says depends on its
 *         random seed.
 */
#ifndef WD_PACKET_TWIN_H
#define WD_PACKET_TWIN_H

#include "base/limits.h"
#include "packet/layers.h"

struct wd_twins;
struct wd_twins *wd_twins_open(const struct wd_limits *limits);
void wd_twins_close(struct wd_twins *twins);  /* NULL is fine */
/* Whether the datagram from link_end to end was seen; remembers it if not. */
bool wd_twins_seen(struct wd_twins *twins, const struct wd_layers *layers);
/* Changes the network of a TCP segment's key. */
void wd_twins_settle(const struct wd_twins *twins, struct wd_flow_key *key);

#endif
