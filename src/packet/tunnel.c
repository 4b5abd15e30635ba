/* packet/tunnel.c - headers that stand before another network header.
 *
 *     MPLS     | label 20 bits, class 3, last 1, ttl 8 | ...           after the last: IP, or a pseudowire:
 *              | 0 4 bits, control word 28 | Ethernet | ...             (RFC 4448; some leave the word out)
 *     PPPoE    | 1 1 code 00 | session 2 | length 2 | PPP: protocol 2, or 1 if odd |
 *     GRE      | C.KS flags, version 3 bits | type 2 | C: sum 4 | K: key 4 | S: sequence 4 |
 *              | version 1 (PPTP): K | type 2 | length 2, call 2 | S: sequence 4 | A: acknowledgement 4 |
 *     ERSPAN   | I: nothing | II: 1 vlan 2 ... 8 | III: 2 vlan 2 ... O 12 | O: platform 8 |    then Ethernet
 *     VXLAN    | UDP 8 | flags I, P | 2 | next 1 | VNI 3 | 0 | Ethernet, or with P what `next` says
 *     Geneve   | UDP 8 | version 2 bits, options 6 | O C 0 | type 2 | VNI 3 | 0 | options, 4 each |
 *     GTP-U    | UDP 8 | version 1, E S N | 255 | length 2 | tunnel 4 | if any: sequence 2, N-PDU 1, next 1 |
 *              | E: length 1 in fours, ..., next 1 | ... | IP
 */
#include "packet/tunnel.h"

#include "packet/load.h"

typedef enum wd_became read_fn(struct wd_layers *l);

/* What names a network: the kind goes into the key with the number. */
enum kind { VXLAN = 1, GENEVE, GRE, NVGRE, PPPOE };

static void note_network(struct wd_layers *l, enum kind kind, uint32_t number)
{
    uint64_t mixed = ((uint64_t)l->key.tunnel << 32 | number) * 0x9e3779b97f4a7c15u + kind;
    mixed = (mixed ^ mixed >> 29) * 0xbf58476d1ce4e5b9u;
    l->key.tunnel = (uint32_t)(mixed >> 32) | 1;  /* 0 is none */
}

/* --- below IP: what a type says --- */

static enum wd_became read_vlan(struct wd_layers *l)
{
    struct wd_bytes b = wd_layers_rest(l);
    enum wd_became became = wd_layers_skip(l, 4);
    if (became != WD_GOES_ON)
        return became;
    wd_link_note_vlan(&l->key, wd_load_be16(b, 0) & 0x0fff);
    l->type = wd_load_be16(b, 2);
    return WD_GOES_ON;
}

static enum wd_became read_ethernet(struct wd_layers *l)
{
    struct wd_bytes b = wd_layers_rest(l);
    enum wd_became became = wd_layers_skip(l, 14);
    if (became == WD_GOES_ON)
        l->type = wd_load_be16(b, 12);
    return became;
}

static enum wd_became read_type(struct wd_layers *l, uint16_t type)
{
    l->type = type;
    return type == WD_TYPE_ETHERNET ? read_ethernet(l) : WD_GOES_ON;
}

static bool is_frame(struct wd_bytes b, size_t off)
{
    switch (wd_load_be16(b, off + 12)) {
    case WD_TYPE_IPV4: case WD_TYPE_IPV6: case WD_TYPE_VLAN: case WD_TYPE_VLAN_SERVICE: case WD_TYPE_VLAN_OLD:
    case WD_TYPE_MPLS: case WD_TYPE_PPPOE:
        return true;
    default:
        return false;
    }
}

/* An Ethernet address may begin as an IP header does: the lengths tell. */
static bool is_ip(const struct wd_layers *l, struct wd_bytes b)
{
    unsigned version = b.at[0] >> 4;
    if (version == 6)
        return b.len < 6 || wd_load_be16(b, 4) + UINT64_C(40) <= l->wire_left;
    if (version != 4 || (b.at[0] & 15) < 5)
        return false;
    uint16_t total = wd_load_be16(b, 2);
    return total ? total >= 20 && total <= l->wire_left : b.len < 4 || !is_frame(b, 0);
}

/* Labels do not say what they lead to, except for two. */
static enum wd_became read_labelled(struct wd_layers *l)
{
    enum wd_became became = wd_layers_need(l, 1);
    if (became != WD_GOES_ON)
        return became;
    struct wd_bytes b = wd_layers_rest(l);
    bool has_word = b.at[0] >> 4 == 0 && is_frame(b, 4);
    if (is_ip(l, b)) {
        l->type = WD_TYPE_IP;
        return WD_GOES_ON;
    }
    if (has_word)
        wd_layers_skip(l, 4);
    if (has_word || is_frame(b, 0))
        return read_ethernet(l);
    return b.len < 18 && b.len < l->wire_left ? WD_IS_SHORT : WD_IS_OTHER;
}

static enum wd_became read_mpls(struct wd_layers *l)
{
    enum { LAST = 0x100, IPV4_NULL = 0, IPV6_NULL = 2 };
    uint32_t entry;
    do {
        entry = wd_load_be32(wd_layers_rest(l), 0);
        enum wd_became became = wd_layers_skip(l, 4);
        if (became != WD_GOES_ON)
            return became;
    } while (!(entry & LAST));
    if (entry >> 12 != IPV4_NULL && entry >> 12 != IPV6_NULL)
        return read_labelled(l);
    l->type = entry >> 12 == IPV4_NULL ? WD_TYPE_IPV4 : WD_TYPE_IPV6;
    return WD_GOES_ON;
}

/* PPP's own numbers of what it carries. */
static const struct { uint16_t protocol, type; } by_ppp[] = {
    { 0x0021, WD_TYPE_IPV4 }, { 0x0057, WD_TYPE_IPV6 },
    { 0x0281, WD_TYPE_MPLS }, { 0x0283, WD_TYPE_MPLS_MULTICAST },
};

static enum wd_became read_ppp(struct wd_layers *l)
{
    struct wd_bytes b = wd_layers_rest(l);
    size_t framing = wd_load_be16(b, 0) == 0xff03 ? 2 : 0;  /* address and control, as in HDLC */
    uint16_t protocol = wd_load_be16(b, framing);
    bool is_compressed = wd_load_u8(b, framing) & 1;        /* of a whole one the first byte is even */
    enum wd_became became = wd_layers_skip(l, framing + (is_compressed ? 1 : 2));
    if (is_compressed)
        protocol >>= 8;
    l->type = WD_TYPE_NONE;
    for (size_t i = 0; i < WD_COUNT(by_ppp); i++)
        if (by_ppp[i].protocol == protocol)
            l->type = by_ppp[i].type;
    return became;
}

static enum wd_became read_pppoe(struct wd_layers *l)
{
    struct wd_bytes b = wd_layers_rest(l);
    enum wd_became became = wd_layers_skip(l, 6);
    if (became != WD_GOES_ON)
        return became;
    if (wd_load_be16(b, 0) != 0x1100)
        return WD_IS_OTHER;
    note_network(l, PPPOE, wd_load_be16(b, 2));
    return read_ppp(l);
}

/* --- GRE and what it is used for --- */

static enum wd_became read_erspan(struct wd_layers *l, size_t head)
{
    enum { PLATFORM = 1, IS_ETHERNET = 0, IS_IP = 2 };
    struct wd_bytes b = wd_layers_rest(l);
    enum wd_became became = wd_layers_skip(l, head);
    if (became != WD_GOES_ON)
        return became;
    bool is_third = head == 12;
    if (head && b.at[0] >> 4 != (is_third ? 2 : 1))
        return WD_IS_OTHER;
    if (is_third && b.at[11] & PLATFORM && (became = wd_layers_skip(l, 8)) != WD_GOES_ON)
        return became;
    unsigned carries = is_third ? b.at[10] >> 2 & 0x1f : IS_ETHERNET;
    if (carries != IS_ETHERNET)
        return read_type(l, carries == IS_IP ? WD_TYPE_IP : WD_TYPE_NONE);
    return read_ethernet(l);
}

/* The low byte of an NVGRE key tells flows apart, also the two directions. Its networks begin at 0x1000: what
 * is below is a key that somebody gave to a tunnel of his own. */
static void note_key(struct wd_layers *l, uint16_t flags, uint16_t type, uint32_t key)
{
    bool is_nvgre = type == WD_TYPE_ETHERNET && !(flags & 0x9000) && key >> 8 >= 0x1000;
    if (type != WD_TYPE_ERSPAN && type != WD_TYPE_ERSPAN_3)
        note_network(l, is_nvgre ? NVGRE : GRE, is_nvgre ? key >> 8 : key);
}

static enum wd_became read_gre(struct wd_layers *l)
{
    enum {
        SUM = 0x8000, ROUTING = 0x4000, KEY = 0x2000, SEQUENCE = 0x1000, ACKNOWLEDGES = 0x0080, VERSION = 7
    };
    struct wd_bytes b = wd_layers_rest(l);
    enum wd_became became = wd_layers_need(l, 4);
    if (became != WD_GOES_ON)
        return became;
    uint16_t flags = wd_load_be16(b, 0), type = wd_load_be16(b, 2);
    bool is_pptp = (flags & VERSION) == 1 && type == WD_TYPE_PPP && flags & KEY;
    if (flags & ROUTING || (flags & VERSION && !is_pptp))
        return WD_IS_OTHER;
    size_t key_at = flags & SUM ? 8 : 4, head = key_at;
    head += (flags & KEY ? 4 : 0) + (flags & SEQUENCE ? 4 : 0) + (is_pptp && flags & ACKNOWLEDGES ? 4 : 0);
    became = wd_layers_skip(l, head);
    if (became != WD_GOES_ON)
        return became;
    if (is_pptp && !(flags & SEQUENCE))
        return WD_IS_OTHER;  /* acknowledges, carries nothing */
    if (flags & KEY && !is_pptp)
        note_key(l, flags, type, wd_load_be32(b, key_at));
    if (type == WD_TYPE_ERSPAN || type == WD_TYPE_ERSPAN_3)
        return read_erspan(l, type == WD_TYPE_ERSPAN_3 ? 12 : flags & SEQUENCE ? 8 : 0);
    return read_type(l, type);
}

/* --- IP in IP and its relatives --- */

static enum wd_became read_ipv4(struct wd_layers *l)
{
    return read_type(l, WD_TYPE_IPV4);
}

static enum wd_became read_ipv6(struct wd_layers *l)
{
    return read_type(l, WD_TYPE_IPV6);
}

static enum wd_became read_etherip(struct wd_layers *l)
{
    uint8_t version = wd_load_u8(wd_layers_rest(l), 0);
    enum wd_became became = wd_layers_skip(l, 2);
    if (became != WD_GOES_ON)
        return became;
    return version == 0x30 ? read_ethernet(l) : WD_IS_OTHER;
}

/* --- UDP: a port is a hint, the header has to look right --- */

/* Behind the header of what only looked like a tunnel. */
static enum wd_became doubt(enum wd_became became)
{
    return became == WD_IS_BROKEN ? WD_IS_OTHER : became;
}

/* "Next protocol" of VXLAN-GPE. */
static uint16_t type_of_next(uint8_t next)
{
    static const uint16_t types[] = {
        WD_TYPE_NONE, WD_TYPE_IPV4, WD_TYPE_IPV6, WD_TYPE_ETHERNET, WD_TYPE_NONE, WD_TYPE_MPLS,
    };
    return next < WD_COUNT(types) ? types[next] : WD_TYPE_NONE;
}

static enum wd_became read_vxlan(struct wd_layers *l)
{
    enum { HAS_VNI = 0x08, HAS_NEXT = 0x04, VERSION = 0x30 };
    struct wd_bytes b = wd_layers_rest(l);
    enum wd_became became = wd_layers_skip(l, 8);
    if (became != WD_GOES_ON)
        return doubt(became);
    if (!(b.at[0] & HAS_VNI) || b.at[0] & VERSION || b.at[7] != 0)
        return WD_IS_OTHER;
    note_network(l, VXLAN, wd_load_be32(b, 4) >> 8);
    return doubt(read_type(l, b.at[0] & HAS_NEXT ? type_of_next(b.at[3]) : WD_TYPE_ETHERNET));
}

static enum wd_became read_geneve(struct wd_layers *l)
{
    struct wd_bytes b = wd_layers_rest(l);
    enum wd_became became = wd_layers_need(l, 8);
    if (became != WD_GOES_ON)
        return doubt(became);
    if (b.at[0] >> 6 != 0 || b.at[1] & 0x3f || b.at[7] != 0)
        return WD_IS_OTHER;
    became = wd_layers_skip(l, 8 + (b.at[0] & 0x3fu) * 4);
    if (became != WD_GOES_ON)
        return doubt(became);
    note_network(l, GENEVE, wd_load_be32(b, 4) >> 8);
    return doubt(read_type(l, wd_load_be16(b, 2)));
}

static enum wd_became skip_gtp_extensions(struct wd_layers *l, uint8_t next)
{
    while (next) {
        struct wd_bytes b = wd_layers_rest(l);
        size_t len = wd_load_u8(b, 0) * 4u;
        enum wd_became became = wd_layers_need(l, 1);
        if (became == WD_GOES_ON)
            became = len ? wd_layers_skip(l, len) : WD_IS_OTHER;
        if (became != WD_GOES_ON)
            return became;
        next = b.at[len - 1];
    }
    return WD_GOES_ON;
}

static enum wd_became read_gtp(struct wd_layers *l)
{
    enum { VERSION_1 = 0x30, VERSION = 0xf8, EXTENDS = 4, OPTIONAL = 7, G_PDU = 255 };
    struct wd_bytes b = wd_layers_rest(l);
    enum wd_became became = wd_layers_skip(l, 8);
    if (became != WD_GOES_ON)
        return doubt(became);
    if ((b.at[0] & VERSION) != VERSION_1 || b.at[1] != G_PDU)
        return WD_IS_OTHER;
    if (b.at[0] & OPTIONAL)
        became = wd_layers_skip(l, 4);
    if (became == WD_GOES_ON && b.at[0] & EXTENDS)
        became = skip_gtp_extensions(l, b.at[11]);
    if (became == WD_GOES_ON)
        became = wd_layers_need(l, 1);
    if (became != WD_GOES_ON)
        return doubt(became);
    return is_ip(l, wd_layers_rest(l)) ? read_type(l, WD_TYPE_IP) : WD_IS_OTHER;
}

static const struct { uint16_t port; read_fn *read; } by_port[] = {
    { 4789, read_vxlan },
    { 8472, read_vxlan },   /* as Linux had it before there was a number */
    { 4790, read_vxlan },   /* GPE */
    { 6081, read_geneve },
    { 2152, read_gtp },
    { 6635, read_mpls },
    { 4754, read_gre },
};

static read_fn *find_port(uint16_t port)
{
    for (size_t i = 0; i < WD_COUNT(by_port); i++)
        if (by_port[i].port == port)
            return by_port[i].read;
    return NULL;
}

static enum wd_became read_udp(struct wd_layers *l)
{
    read_fn *read = find_port(wd_load_be16(wd_layers_rest(l), 2));
    if (!read)
        return WD_IS_OTHER;
    enum wd_became became = wd_layers_skip(l, 8);
    return doubt(became == WD_GOES_ON ? read(l) : became);
}

/* --- the tables, and the way through them --- */

static const struct by_protocol { uint8_t protocol; read_fn *read; } by_protocol[] = {
    { WD_PROTOCOL_UDP, read_udp }, { 4, read_ipv4 },  { 41, read_ipv6 },      { 47, read_gre },
    { 97, read_etherip },          { 137, read_mpls }, { 143, read_ethernet },  /* SRv6 */
};

static const struct by_type { uint16_t type; bool is_tunnel; read_fn *read; } by_type[] = {
    { WD_TYPE_VLAN, false, read_vlan },
    { WD_TYPE_VLAN_SERVICE, false, read_vlan },
    { WD_TYPE_VLAN_OLD, false, read_vlan },
    { WD_TYPE_MPLS, true, read_mpls },
    { WD_TYPE_MPLS_MULTICAST, true, read_mpls },
    { WD_TYPE_PPPOE, true, read_pppoe },
    { WD_TYPE_PPP, false, read_ppp },
    { WD_TYPE_ETHERNET, true, read_ethernet },
};

static const struct by_protocol *find_protocol(uint8_t protocol)
{
    for (size_t i = 0; i < WD_COUNT(by_protocol); i++)
        if (by_protocol[i].protocol == protocol)
            return &by_protocol[i];
    return NULL;
}

static const struct by_type *find_type(uint16_t type)
{
    for (size_t i = 0; i < WD_COUNT(by_type); i++)
        if (by_type[i].type == type)
            return &by_type[i];
    return NULL;
}

bool wd_tunnel_may_hold(uint8_t protocol)
{
    return find_protocol(protocol);
}

bool wd_tunnel_holds(uint8_t protocol, struct wd_bytes start)
{
    return wd_tunnel_may_hold(protocol) && (protocol != WD_PROTOCOL_UDP || find_port(wd_load_be16(start, 2)));
}

/* A tunnel's header begins: up to here all was sound. */
static enum wd_became begin(struct wd_layers *l, uint64_t limit)
{
    l->link_end = l->at;
    l->broken = WD_REASON_MALFORMED_LINK;
    return l->tunnels++ < limit ? WD_GOES_ON : WD_IS_DEEP;
}

enum wd_became wd_tunnel_unwrap(struct wd_layers *l, uint64_t limit)
{
    while (l->type != WD_TYPE_IPV4 && l->type != WD_TYPE_IPV6 && l->type != WD_TYPE_IP) {
        const struct by_type *row = find_type(l->type);
        if (!row)
            return WD_IS_OTHER;
        enum wd_became became = row->is_tunnel ? begin(l, limit) : WD_GOES_ON;
        if (became == WD_GOES_ON)
            became = row->read(l);
        if (became != WD_GOES_ON)
            return became;
    }
    l->link_end = l->at;
    return WD_GOES_ON;
}

enum wd_became wd_tunnel_enter(struct wd_layers *l, uint64_t limit)
{
    const struct by_protocol *row = find_protocol(l->protocol);
    if (!row || (row->read == read_udp && !find_port(wd_load_be16(wd_layers_rest(l), 2))))
        return WD_IS_OTHER;
    enum wd_became became = begin(l, limit);
    if (became == WD_GOES_ON)
        became = row->read(l);
    l->outside_link += l->outside_ip;
    l->outside_ip = 0;
    memset(l->key.addr, 0, sizeof l->key.addr);
    return became;
}
