/* packet/link.c - link layers: from the first byte of the packet to what it carries.
 *
 *     Ethernet         | to 6 | from 6 | type 2 | ...
 *     Linux cooked     | packet type 2 | arphrd 2 | length 2 | address 8 | protocol 2 | ...
 *     Linux cooked 2   | protocol 2 | 0 2 | interface 4 | arphrd 2 | kind 1 | length 1 | address 8 | ...
 *     Cisco HDLC       | address 1 | 00 | type 2 | ...
 *     PPP              | (ff 03) | protocol 2, or 1 if odd | ...      before it, on some, the direction
 *     loopback         | address family 4, in the order of the machine (NULL) or of the network (LOOP) | ...
 *     raw              | ...
 *     others           link_odd.c
 *
 * Source: tcpdump.org "Link-Layer Header Types"; IEEE 802.1Q section 9.6.
 */
#include "packet/layers.h"
#include "packet/load.h"

/* How a header says what follows it. */
enum naming { BY_TYPE, BY_FAMILY, FIXED, BY_READER };

struct wd_link {
    uint32_t link_type;
    uint8_t head;         /* bytes before what it carries */
    enum naming naming;
    uint16_t name;        /* where the type or family stands; FIXED: the type */
    enum wd_became (*read)(struct wd_layers *l);
};

static const struct wd_link links[] = {
    { 1,   14, BY_TYPE,   12,             NULL },            /* ETHERNET */
    { 113, 16, BY_TYPE,   14,             NULL },            /* LINUX_SLL */
    { 276, 20, BY_TYPE,   0,              NULL },            /* LINUX_SLL2 */
    { 101,  0, FIXED,     WD_TYPE_IP,     NULL },            /* RAW */
    { 12,   0, FIXED,     WD_TYPE_IP,     NULL },            /* RAW, as most systems number it */
    { 14,   0, FIXED,     WD_TYPE_IP,     NULL },            /* RAW, as OpenBSD does */
    { 228,  0, FIXED,     WD_TYPE_IPV4,   NULL },            /* IPV4 */
    { 229,  0, FIXED,     WD_TYPE_IPV6,   NULL },            /* IPV6 */
    { 0,    4, BY_FAMILY, 0,              NULL },            /* NULL */
    { 108,  4, BY_FAMILY, 0,              NULL },            /* LOOP */
    { 109, 12, BY_FAMILY, 0,              NULL },            /* ENC: OpenBSD's view into IPsec */
    { 9,    0, FIXED,     WD_TYPE_PPP,    NULL },            /* PPP */
    { 50,   0, FIXED,     WD_TYPE_PPP,    NULL },            /* PPP_HDLC */
    { 204,  1, FIXED,     WD_TYPE_PPP,    NULL },            /* PPP_WITH_DIR */
    { 166,  2, FIXED,     WD_TYPE_PPP,    NULL },            /* PPP_PPPD */
    { 51,   0, FIXED,     WD_TYPE_PPPOE,  NULL },            /* PPP_ETHER */
    { 104,  4, BY_TYPE,   2,              NULL },            /* C_HDLC */
    { 219,  0, FIXED,     WD_TYPE_MPLS,   NULL },            /* MPLS */
    { 105,  0, BY_READER, 0,              wd_link_wireless }, /* IEEE802_11 */
    { 127,  0, BY_READER, 0,              wd_link_radiotap }, /* IEEE802_11_RADIOTAP */
    { 117,  0, BY_READER, 0,              wd_link_pflog },   /* PFLOG */
    { 239,  0, BY_READER, 0,              wd_link_nflog },   /* NFLOG */
    { 258,  0, BY_READER, 0,              wd_link_pktap },   /* PKTAP */
};

/* Address families as systems number them: only IPv6 differs. */
static const struct { uint32_t family; uint16_t type; } families[] = {
    { 2, WD_TYPE_IPV4 },  { 10, WD_TYPE_IPV6 }, { 24, WD_TYPE_IPV6 },
    { 28, WD_TYPE_IPV6 }, { 30, WD_TYPE_IPV6 },
};

const struct wd_link *wd_link_find(uint32_t link_type)
{
    for (size_t i = 0; i < WD_COUNT(links); i++)
        if (links[i].link_type == link_type)
            return &links[i];
    return NULL;
}

/* Two tags have a place of their own in the key, more are mixed. VLAN 0 is a priority and no VLAN. */
void wd_link_note_vlan(struct wd_flow_key *key, uint16_t id)
{
    if (id == 0)
        return;
    if (!key->vlan[0])
        key->vlan[0] = (uint16_t)(id + 1);
    else if (!key->vlan[1])
        key->vlan[1] = (uint16_t)(id + 1);
    else
        key->tunnel = key->tunnel << 13 ^ key->tunnel >> 19 ^ (id + 1u);
}

/* NULL is in the order of the machine that captured, which is not told; families are small numbers. */
enum wd_became wd_link_family(struct wd_layers *l, uint32_t family)
{
    if (family > 0xffff)
        family = __builtin_bswap32(family);
    for (size_t i = 0; i < WD_COUNT(families); i++) {
        if (families[i].family == family) {
            l->type = families[i].type;
            return WD_GOES_ON;
        }
    }
    return WD_IS_OTHER;
}

enum wd_became wd_link_read(const struct wd_link *link, struct wd_layers *l)
{
    struct wd_bytes bytes = wd_layers_rest(l);
    enum wd_became became = wd_layers_skip(l, link->head);
    if (became != WD_GOES_ON)
        return became;
    if (link->naming == BY_READER)
        return link->read(l);
    if (link->naming == BY_FAMILY)
        return wd_link_family(l, wd_load_be32(bytes, link->name));
    l->type = link->naming == FIXED ? link->name : wd_load_be16(bytes, link->name);
    return WD_GOES_ON;
}
