/* packet/dump.h - packets to a capture file: pcapng, or classic pcap with nanoseconds. What packet/capture.h
 * reads.
 *
 * Shape   head / packets / tail, appended to a buffer; who owns the buffer writes it. The same packets give
 *         the same bytes.
 * Errors  none.
 * Source  draft-ietf-opsawg-pcap, draft-ietf-opsawg-pcapng.
 */
#ifndef WD_PACKET_DUMP_H
#define WD_PACKET_DUMP_H

#include "base/buf.h"
#include "model/packet.h"

struct wd_dump {
    bool is_classic;          /* pcap: no names, no counts */
    const char *interface;
    const char *filter;       /* NULL: none */
    uint32_t link_type, snap_len;
};

/* What the tail says of an interface. */
struct wd_dump_counts {
    int64_t ts_ns;            /* when it was counted */
    uint64_t received, dropped, interface_dropped, written;
};

/* pcap for a name that ends in .pcap or .cap, else pcapng. */
bool wd_dump_is_classic(const char *name);
void wd_dump_head(const struct wd_dump *dump, struct wd_buf *out);
void wd_dump_packet(const struct wd_dump *dump, const struct wd_packet *packet, struct wd_buf *out);
void wd_dump_tail(const struct wd_dump *dump, const struct wd_dump_counts *counts, struct wd_buf *out);

#endif
