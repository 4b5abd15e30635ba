/* packet/link.c - link layers: from the first byte of the packet to what it carries.
 *
 *     Ethernet         | to 6 | from 6 | type 2 | ...
 *     Linux cooked     | packet type 2 | arphrd 2 | length 2 | address 8 | protocol 2 | ...
 *     Linux cooked 2   | protocol 2 | 0 2 | interface 4 | arphrd 2 | kind 1 | length 1 | address 8 | ...
 *     Cisco HDLC       | address 1 | 00 | type 2 | ...
 *     PPP              | (ff 03) | protocol 2, or 1 if odd | ...      before it, on some, the direction
 *     loopback         | address family 4, in the order of the machine (NULL) or of the network (LOOP) | ...
 *     raw              | ...
 *
 * Source: tcpdump.org "Link-Layer Header Types"; IEEE 802.1Q section 9.6.
 */
#include "packet/layers.h"
#include "packet/load.h"

/* How a header says what follows it. */
enum naming { BY_TYPE, BY_FAMILY, FIXED };

struct wd_link {
    uint32_t link_type;
    uint8_t head;         /* bytes before what it carries */
    enum naming naming;
    uint16_t name;        /* where the type or family stands; FIXED: the type */
};

static const struct wd_link links[] = {
    { 1,   14, BY_TYPE,   12 },             /* ETHERNET */
    { 113, 16, BY_TYPE,   14 },             /* LINUX_SLL */
    { 276, 20, BY_TYPE,    0 },             /* LINUX_SLL2 */
    { 101,  0, FIXED,     WD_TYPE_IP },     /* RAW */
    { 12,   0, FIXED,     WD_TYPE_IP },     /* RAW, as most systems number it */
    { 14,   0, FIXED,     WD_TYPE_IP },     /* RAW, as OpenBSD does */
    { 228,  0, FIXED,     WD_TYPE_IPV4 },   /* IPV4 */
    { 229,  0, FIXED,     WD_TYPE_IPV6 },   /* IPV6 */
    { 0,    4, BY_FAMILY,  0 },             /* NULL */
    { 108,  4, BY_FAMILY,  0 },             /* LOOP */
    { 109, 12, BY_FAMILY,  0 },             /* ENC: OpenBSD's view into IPsec */
    { 9,    0, FIXED,     WD_TYPE_PPP },    /* PPP */
    { 50,   0, FIXED,     WD_TYPE_PPP },    /* PPP_HDLC */
    { 204,  1, FIXED,     WD_TYPE_PPP },    /* PPP_WITH_DIR */
    { 166,  2, FIXED,     WD_TYPE_PPP },    /* PPP_PPPD */
    { 51,   0, FIXED,     WD_TYPE_PPPOE },  /* PPP_ETHER */
    { 104,  4, BY_TYPE,    2 },             /* C_HDLC */
    { 219,  0, FIXED,     WD_TYPE_MPLS },   /* MPLS */
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
static enum wd_became read_family(struct wd_layers *l, uint32_t family)
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
    struct wd_bytes bytes = l->bytes;
    enum wd_became became = wd_layers_skip(l, link->head);
    if (became != WD_GOES_ON)
        return became;
    if (link->naming == BY_FAMILY)
        return read_family(l, wd_load_be32(bytes, link->name));
    l->type = link->naming == FIXED ? link->name : wd_load_be16(bytes, link->name);
    return WD_GOES_ON;
}
