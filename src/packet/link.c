/* packet/link.c - link layers: from the first byte of the packet to its IP header.
 *
 *     Ethernet         | to 6 | from 6 | type 2 | ...      a tag, after 8100, 88a8, 9100: | id 2 | type 2 |
 *     Linux cooked     | packet type 2 | arphrd 2 | length 2 | address 8 | protocol 2 | ...
 *     Linux cooked 2   | protocol 2 | 0 2 | interface 4 | arphrd 2 | kind 1 | length 1 | address 8 | ...
 *     loopback         | address family 4, in the order of the machine (NULL) or of the network (LOOP) | ...
 *     raw              | ...
 *
 * Source: tcpdump.org "Link-Layer Header Types"; IEEE 802.1Q section 9.6.
 */
#include "packet/layers.h"
#include "packet/load.h"

enum { TYPE_IPV4 = 0x0800, TYPE_IPV6 = 0x86dd, VLAN_MASK = 0x0fff };

/* How a header says what follows it. */
enum naming { BY_TYPE, BY_FAMILY, BY_ITSELF };

struct wd_link {
    uint32_t link_type;
    uint8_t head;         /* bytes before the IP header or VLAN tags */
    enum naming naming;
    uint8_t name_at;      /* where the type or family stands */
    uint8_t version;      /* BY_ITSELF: 4, 6, or 0 for either */
};

static const struct wd_link links[] = {
    { 1,   14, BY_TYPE,   12, 0 },  /* ETHERNET */
    { 113, 16, BY_TYPE,   14, 0 },  /* LINUX_SLL */
    { 276, 20, BY_TYPE,    0, 0 },  /* LINUX_SLL2 */
    { 101,  0, BY_ITSELF,  0, 0 },  /* RAW */
    { 12,   0, BY_ITSELF,  0, 0 },  /* RAW, as most systems number it */
    { 14,   0, BY_ITSELF,  0, 0 },  /* RAW, as OpenBSD does */
    { 228,  0, BY_ITSELF,  0, 4 },  /* IPV4 */
    { 229,  0, BY_ITSELF,  0, 6 },  /* IPV6 */
    { 0,    4, BY_FAMILY,  0, 0 },  /* NULL */
    { 108,  4, BY_FAMILY,  0, 0 },  /* LOOP */
};

/* Address families as systems number them: only IPv6 differs. */
static const struct { uint32_t family; uint8_t version; } families[] = {
    { 2, 4 }, { 10, 6 }, { 24, 6 }, { 28, 6 }, { 30, 6 },
};

const struct wd_link *wd_link_find(uint32_t link_type)
{
    for (size_t i = 0; i < WD_COUNT(links); i++)
        if (links[i].link_type == link_type)
            return &links[i];
    return NULL;
}

static bool is_vlan(uint16_t type)
{
    return type == 0x8100 || type == 0x88a8 || type == 0x9100;
}

/* Two tags have a place of their own in the key, more are mixed. VLAN 0 is a priority and no VLAN. */
static void note_vlan(struct wd_flow_key *key, uint16_t id)
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

static enum wd_became read_type(struct wd_layers *l, uint16_t type)
{
    struct wd_bytes bytes = l->packet->bytes;
    while (is_vlan(type)) {
        if (!wd_load_fits(bytes, l->at, 4))
            return WD_IS_SHORT;
        note_vlan(&l->key, wd_load_be16(bytes, l->at) & VLAN_MASK);
        type = wd_load_be16(bytes, l->at + 2);
        l->at += 4;
    }
    l->version = type == TYPE_IPV4 ? 4 : type == TYPE_IPV6 ? 6 : 0;
    return l->version ? WD_GOES_ON : WD_IS_OTHER;
}

/* NULL is in the order of the machine that captured, which is not told; families are small numbers. */
static enum wd_became read_family(struct wd_layers *l, uint32_t family)
{
    if (family > 0xffff)
        family = __builtin_bswap32(family);
    for (size_t i = 0; i < WD_COUNT(families); i++) {
        if (families[i].family == family) {
            l->version = families[i].version;
            return WD_GOES_ON;
        }
    }
    return WD_IS_OTHER;
}

enum wd_became wd_link_read(const struct wd_link *link, struct wd_layers *l)
{
    struct wd_bytes bytes = l->packet->bytes;
    enum wd_became became = WD_GOES_ON;
    if (bytes.len < link->head)
        return WD_IS_SHORT;
    l->at = link->head;
    l->version = link->version;
    if (link->naming == BY_TYPE)
        became = read_type(l, wd_load_be16(bytes, link->name_at));
    else if (link->naming == BY_FAMILY)
        became = read_family(l, wd_load_be32(bytes, link->name_at));
    l->link_end = l->at;
    return became;
}
