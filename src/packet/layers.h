/* packet/layers.h - one packet while it is being taken apart: link.c and ip.c move `at` forward.
 *
 * Shape   a reader returns what became of the packet. WD_GOES_ON: `at` is behind the header it read.
 *         WD_IS_OTHER: it carries no TCP. WD_IS_SHORT: the header is longer than what was captured.
 *         WD_IS_BROKEN: it contradicts itself.
 * Units   bytes from the start of the packet; *_wire lengths are as sent, which is more than captured when
 *         the packet was cut.
 */
#ifndef WD_PACKET_LAYERS_H
#define WD_PACKET_LAYERS_H

#include "model/packet.h"

enum wd_became { WD_GOES_ON, WD_IS_OTHER, WD_IS_SHORT, WD_IS_BROKEN };

struct wd_layers {
    const struct wd_packet *packet;
    struct wd_flow_key key;
    size_t link_end;         /* where the network header starts */
    size_t at;               /* what is read next */
    size_t end;              /* captured end of the IP datagram; a trailer may follow */
    uint64_t wire_left;      /* of the datagram behind `at`, as sent */
    int version;             /* 4 or 6; 0: whatever the first nibble says */
    uint8_t protocol;        /* what follows the IP headers */
    bool is_fragment, has_more;
    uint32_t fragment_id, fragment_off;
};

enum { WD_PROTOCOL_TCP = 6 };

struct wd_link;
/* The row for a LINKTYPE, or NULL. */
const struct wd_link *wd_link_find(uint32_t link_type);
enum wd_became wd_link_read(const struct wd_link *link, struct wd_layers *layers);
/* The IP header with options or extension headers, up to the transport header or the fragment's data. */
enum wd_became wd_ip_read(struct wd_layers *layers);
/* Extension headers at the start of `datagram`, beginning with one of type *protocol; adds their length to
 * *at. A fragment header fills in the fragment_* members, when `layers` is not NULL. */
enum wd_became wd_ip_extensions(struct wd_bytes datagram, uint8_t *protocol, size_t *at,
                                struct wd_layers *layers);

#endif
