/* packet/filter.h - which packets are looked at, in the language of tcpdump.
 *
 * Shape   has() compiles the expression once for each link type that it meets.
 * Owns    the compiled programs. The expression outlives it.
 * Errors  WD_EUSAGE, naming the expression: it is none, or none for this link type.
 * Source  pcap-filter(7): VLAN tags and tunnels are where that says.
 */
#ifndef WD_PACKET_FILTER_H
#define WD_PACKET_FILTER_H

#include "base/err.h"
#include "model/packet.h"

struct wd_filter;
int wd_filter_open(const char *expression, struct wd_filter **out, struct wd_err *err);
int wd_filter_has(struct wd_filter *filter, const struct wd_packet *packet, bool *out, struct wd_err *err);
void wd_filter_free(struct wd_filter *filter);   /* NULL is fine */

#endif
