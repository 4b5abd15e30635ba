/* packet/layers.h - one packet while it is being taken apart: link.c, tunnel.c and ip.c move `at` forward.
 *
 * Shape   a reader returns what became of the packet. WD_GOES_ON: `at` is behind the header it read.
 *         WD_IS_OTHER: it carries no TCP. WD_IS_SHORT: the header is longer than what was captured.
 *         WD_IS_BROKEN: it contradicts itself. WD_IS_DEEP: too many tunnels inside each other. WD_IS_HELD: a
 *         fragment of a datagram that is not whole yet.
 * Units   bytes from the start of `bytes`; wire_* lengths are as sent, which is more than captured when the
 *         packet was cut.
 */
#ifndef WD_PACKET_LAYERS_H
#define WD_PACKET_LAYERS_H

#include "model/ledger.h"
#include "model/packet.h"

enum wd_became { WD_GOES_ON, WD_IS_OTHER, WD_IS_SHORT, WD_IS_BROKEN, WD_IS_DEEP, WD_IS_HELD };

/* What follows a header, as Ethernet numbers it (IEEE 802 numbers, IANA). */
enum {
    WD_TYPE_IP = 0,            /* either version: the first nibble says which */
    WD_TYPE_IPV4 = 0x0800, WD_TYPE_IPV6 = 0x86dd,
    WD_TYPE_ETHERNET = 0x6558, /* "transparent Ethernet bridging" */
    WD_TYPE_VLAN = 0x8100, WD_TYPE_VLAN_SERVICE = 0x88a8, WD_TYPE_VLAN_OLD = 0x9100,
    WD_TYPE_PPP = 0x880b, WD_TYPE_MPLS = 0x8847, WD_TYPE_MPLS_MULTICAST = 0x8848, WD_TYPE_PPPOE = 0x8864,
    WD_TYPE_ERSPAN = 0x88be, WD_TYPE_ERSPAN_3 = 0x22eb,
    WD_TYPE_NONE = 0xffff,     /* nothing that is read here */
};

struct wd_layers {
    const struct wd_packet *packet;  /* which, and when */
    struct wd_bytes bytes;   /* what is read: the packet's, or those of a datagram that was put together */
    uint64_t wire_len;       /* of `bytes` */
    uint64_t outside_link;   /* headers of the fragments that `bytes` was put together from */
    uint64_t outside_ip;
    struct wd_flow_key key;
    size_t first_ip;         /* where the outermost network header starts */
    size_t link_end;         /* where the network header starts; before that: behind the last sound header */
    size_t at;               /* what is read next */
    size_t end;              /* captured end of the IP datagram; a trailer may follow */
    uint64_t wire_left;      /* of the datagram behind `at` */
    enum wd_reason broken;   /* what a contradiction is called, as far as it was read */
    uint16_t type;           /* WD_TYPE_*: what stands at `at`, below IP */
    uint8_t protocol;        /* what follows the IP headers */
    bool is_fragment, has_more;
    uint32_t fragment_id, fragment_off;
    uint64_t tunnels;        /* around what is read now */
};

enum { WD_PROTOCOL_TCP = 6, WD_PROTOCOL_UDP = 17 };

static inline bool wd_layers_are_cut(const struct wd_layers *l)
{
    return l->wire_len > l->bytes.len;
}

/* Whether n more bytes can be read. */
static inline enum wd_became wd_layers_need(const struct wd_layers *l, size_t n)
{
    if (n > l->wire_left)
        return WD_IS_BROKEN;
    return n > l->end - l->at ? WD_IS_SHORT : WD_GOES_ON;
}

static inline enum wd_became wd_layers_skip(struct wd_layers *l, size_t n)
{
    enum wd_became became = wd_layers_need(l, n);
    if (became == WD_GOES_ON) {
        l->at += n;
        l->wire_left -= n;
    }
    return became;
}

/* What was captured of the datagram from `at` on. */
static inline struct wd_bytes wd_layers_rest(const struct wd_layers *l)
{
    return (struct wd_bytes){ l->bytes.at + l->at, l->end - l->at };
}

struct wd_link;
/* The row for a LINKTYPE, or NULL. */
const struct wd_link *wd_link_find(uint32_t link_type);
/* The link header; `type` says what follows. */
enum wd_became wd_link_read(const struct wd_link *link, struct wd_layers *layers);
/* Links whose header has no fixed length. */
enum wd_became wd_link_pflog(struct wd_layers *layers);
enum wd_became wd_link_nflog(struct wd_layers *layers);
enum wd_became wd_link_pktap(struct wd_layers *layers);
enum wd_became wd_link_wireless(struct wd_layers *layers);
enum wd_became wd_link_radiotap(struct wd_layers *layers);
/* Sets `type` by an address family, as any system numbers it, in either byte order. */
enum wd_became wd_link_family(struct wd_layers *layers, uint32_t family);
/* Notes a VLAN id (12 bits) in the key. */
void wd_link_note_vlan(struct wd_flow_key *key, uint16_t id);

/* The IP header with options or extension headers, up to the transport header or the fragment's data. */
enum wd_became wd_ip_read(struct wd_layers *layers);
/* Of a datagram that was put together: the extension headers which are left. */
enum wd_became wd_ip_resume(struct wd_layers *layers);

#endif
