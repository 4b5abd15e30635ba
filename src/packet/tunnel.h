/* packet/tunnel.h - what wraps packets into packets: from one network header to the next one inside.
 *
 * Shape   unwrap() reads tags, labels and frames until `at` is an IP header. enter() stands behind an IP
 *         header that carries no TCP and reads the header of a tunnel: by IP protocol, or by UDP port and a
 *         look at what follows, since a port is only a hint; `type` then says what is inside. Both in turn
 *         read any nesting, up to `limit` tunnels (`tunnels`); VLAN tags are no tunnels. A tunnel goes into
 *         key.tunnel when it names a network, with a number that is the same in both directions: VXLAN and
 *         Geneve VNI, NVGRE subnet, GRE key, PPPoE session. What differs between the directions of one
 *         connection does not: outer addresses, GTP tunnel ids, MPLS labels, the sessions of mirrors; and
 *         neither does IP in IP, through which often one direction alone goes.
 * Source  RFC 7348, draft-ietf-nvo3-vxlan-gpe, RFC 8926, 2784, 2890, 7637, 2637, draft-foschiano-erspan,
 *         3GPP TS 29.281, RFC 3032, 4385, 4448, 4023, 7510, 2516, 1661, 2003, 2473, 4213, 3378.
 */
#ifndef WD_PACKET_TUNNEL_H
#define WD_PACKET_TUNNEL_H

#include "packet/layers.h"

enum wd_became wd_tunnel_unwrap(struct wd_layers *layers, uint64_t limit);
enum wd_became wd_tunnel_enter(struct wd_layers *layers, uint64_t limit);
/* Whether a datagram of this protocol may hold a tunnel; and, if its start was captured, whether it does. */
bool wd_tunnel_may_hold(uint8_t protocol);
bool wd_tunnel_holds(uint8_t protocol, struct wd_bytes start);

#endif
