/* stream/flow.c - the flow table: chained buckets under SipHash, and in front of it a small array of the
 * flows last seen, indexed by a cheap mix that is the same for both directions. An adversary can make that
 * array miss, no more.
 */
#include "stream/flow.h"

#include "base/arena.h"

enum { FIRST_BUCKETS = 1024 };

void wd_flows_open(struct wd_flows *flows)
{
    memset(flows, 0, sizeof *flows);
    flows->seed = wd_seed_draw();
    flows->bucket_count = FIRST_BUCKETS;
    flows->buckets = wd_alloc(FIRST_BUCKETS * sizeof *flows->buckets);
}

static void free_flow(struct wd_flows *flows, struct wd_flow *flow)
{
    wd_pieces_clear(&flow->held, &flows->held_bytes);
    wd_pieces_clear(&flow->side[0].waiting, &flows->held_bytes);
    wd_pieces_clear(&flow->side[1].waiting, &flows->held_bytes);
    wd_free(flow);
}

void wd_flows_close(struct wd_flows *flows)
{
    while (flows->newest) {
        struct wd_flow *flow = flows->newest;
        flows->newest = flow->older;
        free_flow(flows, flow);
    }
    wd_free(flows->buckets);
}

static bool is_same(const struct wd_flow_key *a, const struct wd_flow_key *b)
{
    return memcmp(a, b, sizeof *a) == 0;
}

static struct wd_flow_key crossed(const struct wd_flow_key *key)
{
    struct wd_flow_key other = *key;
    memcpy(other.addr[0], key->addr[1], sizeof other.addr[0]);
    memcpy(other.addr[1], key->addr[0], sizeof other.addr[1]);
    other.port[0] = key->port[1];
    other.port[1] = key->port[0];
    return other;
}

static bool is_crossed(const struct wd_flow_key *a, const struct wd_flow_key *b)
{
    return a->port[0] == b->port[1] && a->port[1] == b->port[0] &&
           memcmp(a->addr[0], b->addr[1], sizeof a->addr[0]) == 0 &&
           memcmp(a->addr[1], b->addr[0], sizeof a->addr[1]) == 0 && a->vlan[0] == b->vlan[0] &&
           a->vlan[1] == b->vlan[1] && a->tunnel == b->tunnel && a->ip_version == b->ip_version;
}

static bool matches(const struct wd_flow *flow, const struct wd_flow_key *key, int *side)
{
    if (is_same(&flow->connection.key, key))
        *side = 0;
    else if (is_crossed(&flow->connection.key, key))
        *side = 1;
    else
        return false;
    return true;
}

/* The same for both directions, and spread well enough for flows that are no attack. */
static size_t recent_of(const struct wd_flow_key *key)
{
    uint32_t a, b;
    memcpy(&a, key->addr[0], sizeof a);
    memcpy(&b, key->addr[1], sizeof b);
    uint32_t mix = (a ^ b) * 0x9e3779b1u ^ (uint32_t)(key->port[0] ^ key->port[1]) * 0x85ebca6bu;
    return (mix >> 16 ^ mix) % WD_RECENT;
}

static uint64_t hash_of(const struct wd_flows *flows, const struct wd_flow_key *key)
{
    int order = memcmp(key->addr[0], key->addr[1], sizeof key->addr[0]);
    struct wd_flow_key normal =
        order > 0 || (order == 0 && key->port[0] > key->port[1]) ? crossed(key) : *key;
    return wd_siphash(flows->seed, wd_bytes_at(&normal, sizeof normal));
}

struct wd_flow *wd_flows_find(struct wd_flows *flows, const struct wd_flow_key *key, int *side)
{
    struct wd_flow **recent = &flows->recent[recent_of(key)];
    if (*recent && matches(*recent, key, side))
        return *recent;
    uint64_t hash = hash_of(flows, key);
    for (struct wd_flow *flow = flows->buckets[hash % flows->bucket_count]; flow; flow = flow->chain)
        if (flow->hash == hash && matches(flow, key, side))
            return *recent = flow;
    return NULL;
}

static void grow(struct wd_flows *flows)
{
    size_t count = flows->bucket_count * 2;
    struct wd_flow **buckets = wd_alloc(count * sizeof *buckets);
    for (size_t i = 0; i < flows->bucket_count; i++) {
        for (struct wd_flow *flow = flows->buckets[i], *next; flow; flow = next) {
            next = flow->chain;
            flow->chain = buckets[flow->hash % count];
            buckets[flow->hash % count] = flow;
        }
    }
    wd_free(flows->buckets);
    flows->buckets = buckets;
    flows->bucket_count = count;
}

static void enlist(struct wd_flows *flows, struct wd_flow *flow)
{
    flow->newer = NULL;
    flow->older = flows->newest;
    if (flow->older)
        flow->older->newer = flow;
    else
        flows->oldest = flow;
    flows->newest = flow;
}

static void delist(struct wd_flows *flows, struct wd_flow *flow)
{
    *(flow->newer ? &flow->newer->older : &flows->newest) = flow->older;
    *(flow->older ? &flow->older->newer : &flows->oldest) = flow->newer;
}

struct wd_flow *wd_flows_add(struct wd_flows *flows, const struct wd_flow_key *key)
{
    if (flows->count >= flows->bucket_count)
        grow(flows);
    struct wd_flow *flow = wd_alloc(sizeof *flow);
    flow->connection.key = *key;
    flow->connection.id = ++flows->last_id;
    flow->hash = hash_of(flows, key);
    struct wd_flow **bucket = &flows->buckets[flow->hash % flows->bucket_count];
    flow->chain = *bucket;
    *bucket = flow;
    flows->recent[recent_of(key)] = flow;
    flows->count++;
    enlist(flows, flow);
    return flow;
}

void wd_flows_remove(struct wd_flows *flows, struct wd_flow *flow)
{
    struct wd_flow **at = &flows->buckets[flow->hash % flows->bucket_count];
    while (*at != flow)
        at = &(*at)->chain;
    *at = flow->chain;
    struct wd_flow **recent = &flows->recent[recent_of(&flow->connection.key)];
    if (*recent == flow)
        *recent = NULL;
    wd_flows_not_closing(flows, flow);
    delist(flows, flow);
    flows->count--;
    free_flow(flows, flow);
}

void wd_flows_touch(struct wd_flows *flows, struct wd_flow *flow)
{
    if (flow == flows->newest)
        return;
    delist(flows, flow);
    enlist(flows, flow);
}

void wd_flows_closing(struct wd_flows *flows, struct wd_flow *flow)
{
    if (flow->is_closing)
        return;
    flow->is_closing = true;
    flow->closing_at = flows->clock;
    flow->later = NULL;
    flow->sooner = flows->closing_last;
    *(flow->sooner ? &flow->sooner->later : &flows->closing_first) = flow;
    flows->closing_last = flow;
}

void wd_flows_not_closing(struct wd_flows *flows, struct wd_flow *flow)
{
    if (!flow->is_closing)
        return;
    flow->is_closing = false;
    *(flow->sooner ? &flow->sooner->later : &flows->closing_first) = flow->later;
    *(flow->later ? &flow->later->sooner : &flows->closing_last) = flow->sooner;
}
