/* packet/live.h - an interface: packets as the kernel hands them over.
 *
 * Shape   open / read again and again / close. open() needs the right to capture, read() needs none. read()
 *         does not wait: poll fd() for that. Packets that the filter refuses are never seen. `pcap_t` stays
 *         in the .c file.
 * Units   ts_ns, nanoseconds since 1970, as fine as the interface tells. `number` and `offset` are the
 *         caller's.
 * Owns    the socket and its ring. A packet is valid until emit() returns.
 * Errors  WD_EUSAGE: no such interface, a filter that is none. WD_ESYSTEM: no permission, an interface that
 *         is down or goes away.
 * Source  pcap(3PCAP); LINKTYPE registry of tcpdump.org.
 */
#ifndef WD_PACKET_LIVE_H
#define WD_PACKET_LIVE_H

#include "base/buf.h"
#include "base/err.h"
#include "packet/capture.h"

struct wd_live_options {
    const char *interface;        /* "any": all of them */
    const char *filter;           /* pcap-filter(7); NULL: everything */
    uint32_t snap_len;
    uint32_t buffer_bytes;
    bool is_promiscuous;
};

/* Since opening. Nobody knows what was in the packets that were dropped. */
struct wd_live_counts {
    uint64_t received;            /* that the filter let through, dropped ones too */
    uint64_t dropped;             /* by the kernel, for want of room in the buffer */
    uint64_t interface_dropped;   /* by the interface or its driver */
};

struct wd_live;
/* `notes` gets a line for what the interface does not do, such as promiscuous mode. */
int wd_live_open(const struct wd_live_options *options, struct wd_live **out, struct wd_buf *notes,
                 struct wd_err *err);
int wd_live_fd(const struct wd_live *live);
uint32_t wd_live_link_type(const struct wd_live *live);
uint32_t wd_live_snap_len(const struct wd_live *live);
/* At most `most` of the packets that are there; gives their number. Negative: emit()'s own wish to stop, or
 * the interface's. */
int wd_live_read(struct wd_live *live, int most, wd_packet_fn *emit, void *ctx, struct wd_err *err);
struct wd_live_counts wd_live_counts(struct wd_live *live);
void wd_live_close(struct wd_live *live);   /* NULL is fine */

/* The interfaces that there are, one a line: name, whether it is up, what it is. Escaped for a terminal. */
int wd_live_list(struct wd_buf *out, struct wd_err *err);

#endif
