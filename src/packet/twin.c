/* packet/twin.c - the last datagrams, as they would look to every observer: the start, with what changes on
 * the way blanked, and the end.
 *
 *     | IP | TCP | ...                      | .. |              a short one is all in `start`
 *     [ start: 96 bytes at most             ]    [ end: 16 ]
 *
 * Those with the same hash of the sequence numbers are compared.
 */
#include "packet/twin.h"

#include "base/arena.h"
#include "base/hash.h"
#include "base/map.h"
#include "packet/load.h"

enum {
    NARROW_BITS = 6, WIDE_BITS = 14,  /* slots, as a power of 2 */
    SPARSE_BITS = 2,                  /* so many times more buckets than slots */
    NEAR = 1 << NARROW_BITS,
    START = 96, END = 16, MOST_HOPS = 8, TCP_HEAD = 20
};
static const uint64_t WINDOW_NS = 100 * UINT64_C(1000000), CLOSE_NS = UINT64_C(1000000);

struct twin {
    uint64_t serial;       /* counted from 1 */
    uint64_t same_bucket;  /* serial of the one before, or 0 */
    int64_t ts_ns;
    uint32_t len, head;    /* of what was captured, and of IP in it */
    uint64_t wire_len;
    uint64_t sight;        /* how it was seen */
    uint64_t network;      /* where */
    uint64_t numbers;      /* what is hashed: the sequence numbers as they stand, or what a fragment has there; or 0 */
    uint16_t sum;          /* of TCP */
    bool is_fragment;
    uint8_t ip_version;
    uint8_t start[START], end[END];
};

struct wd_twins {
    uint64_t seed;
    uint64_t flows;
    uint64_t serial;            /* of the last one */
    unsigned bits;
    struct twin *slots;         /* by serial, modulo their number */
    uint64_t *buckets;          /* serials */
    struct wd_map *networks;    /* connection as seen -> packed network; NULL until there is one */
};

static void make_room(struct wd_twins *t, unsigned bits)
{
    t->bits = bits;
    t->slots = wd_realloc(NULL, (size_t)1 << bits, sizeof *t->slots);
    t->buckets = wd_alloc(sizeof *t->buckets << (bits + SPARSE_BITS));
}

struct wd_twins *wd_twins_open(const struct wd_limits *limits)
{
    struct wd_twins *t = wd_alloc(sizeof *t);
    t->seed = wd_seed_draw().k0;
    t->flows = limits->flows;
    make_room(t, NARROW_BITS);
    return t;
}

void wd_twins_close(struct wd_twins *t)
{
    if (!t)
        return;
    wd_map_close(t->networks);
    wd_free(t->slots);
    wd_free(t->buckets);
    wd_free(t);
}

/* --- one connection in several networks --- */

static uint64_t pack_network(const struct wd_flow_key *key)
{
    return (uint64_t)key->vlan[0] << 48 | (uint64_t)key->vlan[1] << 32 | key->tunnel;
}

static void unpack_network(struct wd_flow_key *key, uint64_t network)
{
    key->vlan[0] = (uint16_t)(network >> 48);
    key->vlan[1] = (uint16_t)(network >> 32);
    key->tunnel = (uint32_t)network;
}

/* The same for both directions. */
static struct wd_flow_key order_sides(const struct wd_flow_key *key)
{
    struct wd_flow_key out = *key;
    int order = memcmp(key->addr[0], key->addr[1], sizeof key->addr[0]);
    if (order < 0 || (order == 0 && key->port[0] <= key->port[1]))
        return out;
    memcpy(out.addr[0], key->addr[1], sizeof out.addr[0]);
    memcpy(out.addr[1], key->addr[0], sizeof out.addr[1]);
    out.port[0] = key->port[1];
    out.port[1] = key->port[0];
    return out;
}

void wd_twins_settle(const struct wd_twins *t, struct wd_flow_key *key)
{
    if (!t->networks)
        return;
    struct wd_flow_key ordered = order_sides(key);
    for (int hop = 0; hop < MOST_HOPS; hop++) {
        const uint64_t *network = wd_map_get(t->networks, wd_bytes_at(&ordered, sizeof ordered));
        if (!network)
            break;
        unpack_network(&ordered, *network);
    }
    unpack_network(key, pack_network(&ordered));
}

/* `first` and `copy` are the same connection. */
static void join_networks(struct wd_twins *t, struct wd_flow_key first, struct wd_flow_key copy)
{
    wd_twins_settle(t, &first);
    wd_twins_settle(t, &copy);
    if (pack_network(&first) == pack_network(&copy))
        return;
    if (t->networks && wd_map_count(t->networks) >= t->flows) {
        wd_map_close(t->networks);
        t->networks = NULL;
    }
    if (!t->networks)
        t->networks = wd_map_open();
    struct wd_flow_key ordered = order_sides(&copy);
    *wd_map_put(t->networks, wd_bytes_at(&ordered, sizeof ordered), NULL) = pack_network(&first);
}

/* --- what is kept of one --- */

/* What changes on the way. The checksum of TCP is compared by itself. */
static void blank(struct twin *twin)
{
    uint8_t *ip = twin->start;
    if (twin->ip_version == 4) {
        ip[1] = ip[8] = ip[10] = ip[11] = 0;
    } else {
        ip[0] &= 0xf0;
        ip[1] &= 0x0f;
        ip[7] = 0;
    }
    twin->sum = 0;
    if (!twin->is_fragment && twin->len >= twin->head + TCP_HEAD && twin->head <= START - TCP_HEAD) {
        memcpy(&twin->sum, ip + twin->head + 16, 2);
        ip[twin->head + 16] = ip[twin->head + 17] = 0;
    }
}

static void copy_ends(struct twin *twin, const uint8_t *at)
{
    if (twin->len >= START) {
        memcpy(twin->start, at, START);
        memcpy(twin->end, at + twin->len - END, END);
    } else {
        memcpy(twin->start, at, twin->len);
    }
}

static uint64_t load64(const uint8_t *at)
{
    uint64_t word;
    memcpy(&word, at, sizeof word);
    return word;
}

/* The frame (its first and its last bytes), what is around it, and how far it came. Mixed well enough for a
 * comparison which decides only whether more is asked for. */
static uint64_t look(const struct wd_layers *l, uint64_t network)
{
    const uint64_t odd = 0x9e3779b97f4a7c15u;
    const uint8_t *at = l->bytes.at;
    uint8_t hops = at[l->link_end + (l->key.ip_version == 4 ? 8 : 7)];
    uint64_t sight = (network ^ l->packet->link_type) * odd ^ l->tunnels << 8 ^ hops;
    if (l->first_ip < sizeof sight)
        return sight + l->first_ip;
    return ((sight + load64(at)) * odd ^ load64(at + l->first_ip - sizeof sight)) + l->first_ip;
}

static struct twin *slot_of(const struct wd_twins *t, uint64_t serial)
{
    return &t->slots[serial & (((uint64_t)1 << t->bits) - 1)];
}

static struct twin *take(struct wd_twins *t, const struct wd_layers *l)
{
    struct twin *twin = slot_of(t, t->serial + 1);
    twin->serial = t->serial + 1;
    twin->len = (uint32_t)(l->end - l->link_end);
    twin->head = (uint32_t)(l->at - l->link_end);
    twin->wire_len = twin->head + l->wire_left;
    twin->ts_ns = l->packet->ts_ns;
    twin->network = pack_network(&l->key);
    twin->sight = look(l, twin->network);
    twin->numbers = l->end - l->at >= TCP_HEAD ? load64(l->bytes.at + l->at + 4) : 0;
    twin->is_fragment = l->is_fragment;
    twin->ip_version = l->key.ip_version;
    copy_ends(twin, l->bytes.at + l->link_end);
    blank(twin);
    return twin;
}

static struct wd_bytes start_of(const struct twin *twin)
{
    return wd_bytes_at(twin->start, twin->len < START ? twin->len : START);
}

static struct wd_bytes tcp_of(const struct twin *twin)
{
    return wd_load_rest(start_of(twin), twin->head);
}

/* --- the same, or only alike --- */

static uint64_t distance(int64_t a, int64_t b)
{
    return a > b ? (uint64_t)a - (uint64_t)b : (uint64_t)b - (uint64_t)a;
}

/* What TCP's checksum is before the card has added the segment to it: the sum over addresses, protocol and
 * length. */
static uint16_t unfinished_sum(const struct twin *twin)
{
    size_t from = twin->ip_version == 4 ? 12 : 8, to = twin->ip_version == 4 ? 20 : 40;
    uint64_t sum = WD_PROTOCOL_TCP + twin->wire_len - twin->head;
    for (size_t at = from; at < to; at += 2)
        sum += wd_load_be16(start_of(twin), at);
    while (sum >> 16)
        sum = (sum & 0xffff) + (sum >> 16);
    return htobe16((uint16_t)sum);
}

static bool is_same_sum(const struct twin *first, const struct twin *last)
{
    if (first->sum == last->sum || !first->sum || !last->sum)
        return true;
    uint16_t unfinished = unfinished_sum(first);
    return first->sum == unfinished || last->sum == unfinished;
}

static bool is_same_data(const struct twin *first, const struct twin *last)
{
    struct wd_bytes start = start_of(last);
    return last->numbers == first->numbers && last->wire_len == first->wire_len &&
           last->head == first->head && last->len <= first->len && last->ip_version == first->ip_version &&
           last->is_fragment == first->is_fragment && memcmp(first->start, start.at, start.len) == 0 &&
           (last->len != first->len || last->len < START || memcmp(first->end, last->end, END) == 0) &&
           is_same_sum(first, last);
}

static bool has_timestamp(struct wd_bytes tcp)
{
    enum { STOP = 0, NO_OPERATION = 1, TIMESTAMP = 8 };
    size_t end = (wd_load_u8(tcp, 12) >> 4) * 4u;
    for (size_t at = TCP_HEAD; at < end && at < tcp.len;) {
        uint8_t kind = tcp.at[at], len = wd_load_u8(tcp, at + 1);
        if (kind == TIMESTAMP)
            return true;
        if (kind == STOP || (kind != NO_OPERATION && len < 2))
            return false;
        at += kind == NO_OPERATION ? 1 : len;
    }
    return false;
}

static bool shares_id(const struct twin *a, const struct twin *b)
{
    struct wd_bytes x = start_of(a), y = start_of(b);
    return b->ip_version == 4 && wd_load_be16(x, 4) == wd_load_be16(y, 4) &&
           memcmp(x.at + 12, y.at + 12, 8) == 0 && wd_load_be32(tcp_of(a), 0) == wd_load_be32(tcp_of(b), 0);
}

/* Some systems give every packet the id 0, and some tools 1. */
static bool has_id_of_its_own(const struct wd_twins *t, const struct twin *first, const struct twin *last)
{
    if (first->ip_version != 4 || wd_load_be16(start_of(first), 4) == 0)
        return false;
    for (uint64_t serial = last->serial - 1; serial && serial + NEAR > last->serial; serial--) {
        const struct twin *other = slot_of(t, serial);
        if (other != first && shares_id(first, other))
            return false;
    }
    return true;
}

static bool is_bare(struct wd_bytes tcp, uint64_t wire_len)
{
    enum { OPENS_OR_ENDS = WD_TCP_SYN | WD_TCP_FIN | WD_TCP_RST };
    return (wd_load_u8(tcp, 12) >> 4) * 4u == wire_len && !(wd_load_u8(tcp, 13) & OPENS_OR_ENDS);
}

__attribute__((noinline))  /* seldom asked, and it would cost the others their registers */
static bool is_copy(const struct wd_twins *t, const struct twin *first, const struct twin *last)
{
    uint64_t apart = distance(last->ts_ns, first->ts_ns);
    if (apart > WINDOW_NS || !is_same_data(first, last))
        return false;
    if (last->is_fragment || last->sight != first->sight || has_timestamp(tcp_of(last)) ||
        has_id_of_its_own(t, first, last))
        return true;
    return apart <= CLOSE_NS && !is_bare(tcp_of(last), last->wire_len - last->head);
}

static void note_networks(struct wd_twins *t, const struct wd_layers *l, uint64_t first)
{
    struct wd_flow_key copy = l->key;
    struct wd_bytes tcp = wd_layers_rest(l);
    if (l->is_fragment || first == pack_network(&copy) || tcp.len < 4)
        return;
    copy.port[0] = wd_load_be16(tcp, 0);
    copy.port[1] = wd_load_be16(tcp, 2);
    struct wd_flow_key key = copy;
    unpack_network(&key, first);
    join_networks(t, key, copy);
}

/* --- finding --- */

/* Others may be in the same bucket, which depends on the seed: who looks compares `numbers` first. */
static uint64_t *find_bucket(const struct wd_twins *t, uint64_t numbers)
{
    return &t->buckets[(numbers + 1) * (t->seed | 1) >> (64 - SPARSE_BITS - t->bits)];
}

/* The serials of a bucket from the last one on, as long as they are remembered. */
static bool is_remembered(const struct wd_twins *t, uint64_t serial, const struct twin *last)
{
    return serial && serial + ((uint64_t)1 << t->bits) > last->serial;
}

/* Whether `last` is the SYN+ACK to a SYN. */
static bool is_answer(const struct twin *first, const struct twin *last)
{
    struct wd_bytes tcp = tcp_of(last), syn = tcp_of(first);
    size_t size = last->ip_version == 4 ? 4 : 16;
    const uint8_t *x = first->start + (size == 4 ? 12 : 8), *y = last->start + (size == 4 ? 12 : 8);
    return first->ip_version == last->ip_version && !first->is_fragment && syn.len >= TCP_HEAD &&
           (syn.at[13] & (WD_TCP_SYN | WD_TCP_ACK)) == WD_TCP_SYN &&
           wd_load_be32(syn, 4) + 1 == wd_load_be32(tcp, 8) && wd_load_be16(syn, 0) == wd_load_be16(tcp, 2) &&
           wd_load_be16(syn, 2) == wd_load_be16(tcp, 0) && memcmp(x, y + size, size) == 0 &&
           memcmp(x + size, y, size) == 0;
}

/* The copy of a SYN may be late: its answer, seen first in the other network, tells the same. A SYN
 * acknowledges 0. */
__attribute__((noinline))
static void note_answer(struct wd_twins *t, const struct wd_layers *l, const struct twin *last)
{
    uint8_t numbers[8] = { 0 };
    uint32_t seq = htobe32(wd_load_be32(wd_layers_rest(l), 8) - 1);
    memcpy(numbers, &seq, sizeof seq);
    uint64_t wanted = load64(numbers);
    for (uint64_t serial = *find_bucket(t, wanted); is_remembered(t, serial, last);) {
        const struct twin *first = slot_of(t, serial);
        if (first->numbers == wanted && is_answer(first, last)) {
            note_networks(t, l, first->network);
            return;
        }
        serial = first->same_bucket;
    }
}

/* Several interfaces: whoever writes the file takes from each what has come, in turn, so a copy may be far
 * behind. */
__attribute__((noinline))
static void widen(struct wd_twins *t)
{
    struct wd_twins narrow = *t;
    make_room(t, WIDE_BITS);
    uint64_t first = t->serial < NEAR ? 1 : t->serial - NEAR + 2;
    for (uint64_t serial = first; serial <= t->serial; serial++) {
        struct twin *twin = slot_of(t, serial);
        *twin = *slot_of(&narrow, serial);
        uint64_t *bucket = find_bucket(t, twin->numbers);
        twin->same_bucket = *bucket;
        *bucket = serial;
    }
    wd_free(narrow.slots);
    wd_free(narrow.buckets);
}

bool wd_twins_seen(struct wd_twins *t, const struct wd_layers *l)
{
    enum { ANSWERS = WD_TCP_SYN | WD_TCP_ACK };
    if (l->packet->interfaces > 1 && t->bits == NARROW_BITS)
        widen(t);
    struct twin *last = take(t, l);
    uint64_t *bucket = find_bucket(t, last->numbers);
    for (uint64_t serial = *bucket; is_remembered(t, serial, last);) {
        const struct twin *first = slot_of(t, serial);
        if (is_copy(t, first, last)) {
            note_networks(t, l, first->network);
            return true;
        }
        serial = first->same_bucket;
    }
    last->same_bucket = *bucket;
    t->serial = *bucket = last->serial;
    if (!l->is_fragment && (wd_load_u8(wd_layers_rest(l), 13) & ANSWERS) == ANSWERS)
        note_answer(t, l, last);
    return false;
}
