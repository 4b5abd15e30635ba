/* packet/link_odd.c - link headers whose length only they know.
 *
 *     PFLOG     | length 1 | family 1 | ... up to the next multiple of 4 | ...
 *     NFLOG     | family 1 | 0 1 | group 2 | length 2 | type 2 | value, padded to 4 | again ..., type 9: the packet
 *     PKTAP     | length 4 | 1 4 | link type 4 | ... | what that link type has           all from the low byte up
 *     radiotap  | 0 1 | 0 1 | length 2 | present 4, again if its last bit is set | time 8 | flags 1 | ... | 802.11
 *     802.11    | control 2 | duration 2 | addresses 18 | sequence 2 | address 6 | QoS 2 | HT 4 | SNAP
 *     SNAP      | aa aa 03 00 00 00 | type 2 |
 *
 * Source: tcpdump.org "Link-Layer Header Types"; radiotap.org; IEEE 802.11 section 9.2.3, 802.2 SNAP.
 */
#include "packet/layers.h"
#include "packet/load.h"

enum wd_became wd_link_pflog(struct wd_layers *l)
{
    enum { LEAST = 4 };
    struct wd_bytes b = wd_layers_rest(l);
    enum wd_became became = wd_layers_need(l, LEAST);
    size_t len = (wd_load_u8(b, 0) + 3u) & ~3u;
    if (became == WD_GOES_ON)
        became = len < LEAST ? WD_IS_BROKEN : wd_layers_skip(l, len);
    return became == WD_GOES_ON ? wd_link_family(l, wd_load_u8(b, 1)) : became;
}

/* In the order of the machine that captured, which is not told: a length of 256 and more is rare. */
enum wd_became wd_link_nflog(struct wd_layers *l)
{
    enum { PAYLOAD = 9 };
    uint8_t family = wd_load_u8(wd_layers_rest(l), 0);
    enum wd_became became = wd_layers_skip(l, 4);
    while (became == WD_GOES_ON) {
        struct wd_bytes b = wd_layers_rest(l);
        bool is_big = wd_load_u8(b, 2) == 0 && wd_load_u8(b, 3) != 0;
        uint16_t len = wd_load_u16(b, 0, is_big), type = wd_load_u16(b, 2, is_big);
        if ((became = wd_layers_need(l, 4)) != WD_GOES_ON)
            return became;
        if (type == PAYLOAD) {
            wd_layers_skip(l, 4);
            return wd_link_family(l, family);
        }
        became = len < 4 ? WD_IS_BROKEN : wd_layers_skip(l, (len + 3u) & ~3u);
    }
    return became;
}

enum wd_became wd_link_pktap(struct wd_layers *l)
{
    enum { PKTAP = 258, LEAST = 12 };
    struct wd_bytes b = wd_layers_rest(l);
    enum wd_became became = wd_layers_need(l, LEAST);
    uint32_t len = wd_load_u32(b, 0, false), inner = wd_load_u32(b, 8, false);
    if (became == WD_GOES_ON)
        became = len < LEAST ? WD_IS_BROKEN : wd_layers_skip(l, len);
    if (became != WD_GOES_ON)
        return became;
    const struct wd_link *link = inner == PKTAP ? NULL : wd_link_find(inner);
    return link ? wd_link_read(link, l) : WD_IS_OTHER;
}

static enum wd_became read_snap(struct wd_layers *l)
{
    struct wd_bytes b = wd_layers_rest(l);
    enum wd_became became = wd_layers_skip(l, 8);
    if (became != WD_GOES_ON)
        return became;
    if (memcmp(b.at, "\xaa\xaa\x03\0\0\0", 6) != 0)
        return WD_IS_OTHER;
    l->type = wd_load_be16(b, 6);
    return WD_GOES_ON;
}

static enum wd_became read_wireless(struct wd_layers *l, bool is_padded)
{
    enum { DATA = 0x08, TYPE = 0x0c, IS_EMPTY = 0x40, HAS_QOS = 0x80 };               /* of the first byte */
    enum { BOTH_WAYS = 3, MORE_FRAGMENTS = 4, PROTECTED = 0x40, HAS_HT = 0x80 };      /* of the second */
    enum { SEVERAL = 0x80 };                                                          /* of QoS */
    struct wd_bytes b = wd_layers_rest(l);
    enum wd_became became = wd_layers_need(l, 24);
    if (became != WD_GOES_ON)
        return (b.len ? b.at[0] & TYPE : DATA) == DATA ? became : WD_IS_OTHER;
    if ((b.at[0] & TYPE) != DATA || b.at[0] & IS_EMPTY || b.at[1] & (PROTECTED | MORE_FRAGMENTS) ||
        b.at[22] & 15)
        return WD_IS_OTHER;
    size_t head = (b.at[1] & BOTH_WAYS) == BOTH_WAYS ? 30 : 24;
    bool has_qos = b.at[0] & HAS_QOS;
    if (has_qos && wd_load_u8(b, head) & SEVERAL)
        return WD_IS_OTHER;
    head += (has_qos ? 2 : 0) + (has_qos && b.at[1] & HAS_HT ? 4 : 0);
    became = wd_layers_skip(l, is_padded ? (head + 3) & ~(size_t)3 : head);
    return became == WD_GOES_ON ? read_snap(l) : became;
}

enum wd_became wd_link_wireless(struct wd_layers *l)
{
    return read_wireless(l, false);
}

/* Some cards pad the header before what it carries to 4; the flags tell. */
static bool is_padded(struct wd_bytes radiotap)
{
    enum { HAS_TIME = 1, HAS_FLAGS = 2, PADDED = 0x20 };
    uint32_t present = wd_load_u32(radiotap, 4, false);
    size_t at = 8;
    for (uint32_t more = present; more >> 31 && at < radiotap.len; at += 4)
        more = wd_load_u32(radiotap, at, false);
    if (present & HAS_TIME)
        at = ((at + 7) & ~(size_t)7) + 8;
    return present & HAS_FLAGS && wd_load_u8(radiotap, at) & PADDED;
}

enum wd_became wd_link_radiotap(struct wd_layers *l)
{
    struct wd_bytes b = wd_layers_rest(l);
    enum wd_became became = wd_layers_need(l, 8);
    uint16_t len = wd_load_u16(b, 2, false);
    if (became == WD_GOES_ON)
        became = len < 8 ? WD_IS_BROKEN : wd_layers_skip(l, len);
    return became == WD_GOES_ON ? read_wireless(l, is_padded(wd_load_part(b, 0, len))) : became;
}
