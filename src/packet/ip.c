/* packet/ip.c - IP headers: from the version to the transport header.
 *
 *     IPv4  0|ver ihl|tos|total|4 id|flags offset|8 ttl|proto|sum|12 source 4|16 destination 4|20 options
 *     IPv6  0|ver class flow|4 payload length|next|hops|8 source 16|24 destination 16|
 *          40|next|length| ... 8 * (length + 1)           extension headers, a chain
 *            |next|0     |offset 13 bits, 0, more|id 4|   a fragment header
 *
 * A total length of 0 was left to the network card (segmentation offload): the packet's own end is meant.
 * Source: RFC 791 section 3.1, RFC 8200 sections 3 and 4, RFC 4302 section 2.2 (authentication header).
 */
#include "packet/layers.h"
#include "packet/load.h"
#include "packet/tunnel.h"

enum { FRAGMENT_HEADER = 44, AUTHENTICATION_HEADER = 51 };

/* What of the datagram was captured and sent, `total` being its length or 0. Inside a tunnel it ends where
 * that does; one that says it is longer was cut by who wrapped it. */
static void measure(struct wd_layers *l, uint64_t total)
{
    size_t captured = l->end - l->link_end;
    if (total == 0)
        total = l->wire_left;
    l->end = l->link_end + (captured < total ? captured : (size_t)total);
    l->wire_left = total;
}

static enum wd_became read_v4(struct wd_layers *l, struct wd_bytes ip)
{
    if (ip.len < 20)
        return WD_IS_SHORT;
    size_t head = (ip.at[0] & 0x0fu) * 4;
    uint16_t total = wd_load_be16(ip, 2), fragment = wd_load_be16(ip, 6);
    if (head < 20)
        return WD_IS_BROKEN;
    measure(l, total);
    l->protocol = ip.at[9];
    memcpy(l->key.addr[0], ip.at + 12, 4);
    memcpy(l->key.addr[1], ip.at + 16, 4);
    l->has_more = fragment & 0x2000;
    l->fragment_off = (fragment & 0x1fffu) * 8;
    l->fragment_id = wd_load_be16(ip, 4);
    l->is_fragment = l->has_more || l->fragment_off;
    return wd_layers_skip(l, head);
}

static bool is_extension(uint8_t protocol)
{
    switch (protocol) {
    case 0: case 43: case 60: case 135: case 139: case 140:
    case FRAGMENT_HEADER: case AUTHENTICATION_HEADER:
        return true;
    default:
        return false;
    }
}

static size_t extension_len(uint8_t protocol, struct wd_bytes header)
{
    size_t n = header.at[1];
    if (protocol == FRAGMENT_HEADER)
        return 8;
    return protocol == AUTHENTICATION_HEADER ? 4 * (n + 2) : 8 * (n + 1);
}

static void read_fragment(struct wd_layers *l, struct wd_bytes header)
{
    uint16_t off = wd_load_be16(header, 2);
    l->has_more = off & 1;
    l->fragment_off = off & 0xfff8u;
    l->fragment_id = wd_load_be32(header, 4);
    l->is_fragment = l->has_more || l->fragment_off;
}

/* Extension headers at the start of `datagram`, beginning with one of type *protocol; adds their length to
 * *at. A fragment header fills in the fragment_* members, or is a contradiction when `l` is NULL. */
static enum wd_became skip_extensions(struct wd_bytes datagram, uint8_t *protocol, size_t *at,
                                      struct wd_layers *l)
{
    while (is_extension(*protocol) && !(l && l->is_fragment)) {
        struct wd_bytes header = wd_load_rest(datagram, *at);
        if (header.len < 8)
            return WD_IS_SHORT;
        size_t len = extension_len(*protocol, header);
        if (len > header.len)
            return WD_IS_SHORT;
        if (*protocol == FRAGMENT_HEADER && !l)
            return WD_IS_BROKEN;  /* a fragment inside a datagram that was put together */
        if (*protocol == FRAGMENT_HEADER)
            read_fragment(l, header);
        *protocol = header.at[0];
        *at += len;
    }
    return WD_GOES_ON;
}

static enum wd_became read_v6(struct wd_layers *l, struct wd_bytes ip)
{
    if (ip.len < 40)
        return WD_IS_SHORT;
    uint16_t payload = wd_load_be16(ip, 4);
    measure(l, payload ? 40u + payload : 0u);
    l->protocol = ip.at[6];
    memcpy(l->key.addr[0], ip.at + 8, 16);
    memcpy(l->key.addr[1], ip.at + 24, 16);
    return wd_layers_skip(l, 40);
}

static enum wd_became read_extensions(struct wd_layers *l)
{
    size_t len = 0;
    enum wd_became became = skip_extensions(wd_layers_rest(l), &l->protocol, &len, l);
    return became == WD_GOES_ON ? wd_layers_skip(l, len) : became;
}

/* What a fragment may be a part of. */
static bool is_ours(const struct wd_layers *l)
{
    return l->protocol == WD_PROTOCOL_TCP || wd_tunnel_may_hold(l->protocol) ||
           (l->key.ip_version == 6 && is_extension(l->protocol));
}

enum wd_became wd_ip_read(struct wd_layers *l)
{
    struct wd_bytes ip = wd_layers_rest(l);
    l->broken = WD_REASON_MALFORMED_IP;
    l->is_fragment = false;
    if (ip.len == 0)
        return WD_IS_SHORT;
    int version = ip.at[0] >> 4, wanted = l->type == WD_TYPE_IPV4 ? 4 : l->type == WD_TYPE_IPV6 ? 6 : version;
    if ((version != 4 && version != 6) || version != wanted)
        return WD_IS_BROKEN;
    l->key.ip_version = (uint8_t)version;
    enum wd_became became = version == 4 ? read_v4(l, ip) : read_v6(l, ip);
    if (became == WD_GOES_ON && !l->is_fragment)
        became = read_extensions(l);
    return became == WD_GOES_ON && l->is_fragment && !is_ours(l) ? WD_IS_OTHER : became;
}

enum wd_became wd_ip_resume(struct wd_layers *l)
{
    size_t len = 0;
    l->broken = WD_REASON_MALFORMED_IP;
    if (l->key.ip_version == 4)
        return WD_GOES_ON;
    enum wd_became became = skip_extensions(wd_layers_rest(l), &l->protocol, &len, NULL);
    return became == WD_GOES_ON ? wd_layers_skip(l, len) : became == WD_IS_SHORT ? WD_IS_BROKEN : became;
}
