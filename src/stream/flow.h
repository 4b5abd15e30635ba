/* stream/flow.h - connections under way, and the tables that find them.
 *
 * Shape   find() looks a segment's flow up, whichever side sent it; the last few are found without hashing
 *         the whole key. Flows stand in one list by last use (the oldest are given up first) and, once they
 *         are closing, in a queue until late segments can no longer be expected.
 * Units   sequence numbers are modulo 2^32 and compared by wd_ahead().
 * Owns    flows and the pieces they hold. Errors: none.
 * Source  RFC 9293 section 3.4.
 */
#ifndef WD_STREAM_FLOW_H
#define WD_STREAM_FLOW_H

#include "base/hash.h"
#include "model/chunk.h"
#include "stream/pieces.h"

/* What one side sent. `next` is the first byte that was not handed on. */
struct wd_side {
    bool is_started;          /* start and next are known */
    bool has_syn;             /* from a SYN of its own */
    bool has_spoken;          /* some segment of it was captured */
    bool has_acked;           /* `acked` is known */
    bool has_floor, has_waived;
    bool has_fin, is_ended;   /* fin_at is known; what came before it was handed on */
    bool has_gap, is_odd;     /* counted once in reason_streams: gap, malformed-transport */
    uint32_t start, next;
    uint32_t acked;           /* highest acknowledgement by the other side */
    uint32_t floor;           /* lowest acknowledgement, while this side is not started */
    uint32_t fin_at;
    uint32_t void_until;      /* up to here no packet can help: they were captured, but cut */
    uint32_t waived;          /* acknowledgements up to here do not wait for the other side any more */
    uint32_t lost_from, lost_until;  /* the last gap */
    unsigned patience;        /* packets since what blocks this side could have been captured */
    uint64_t sent;            /* bytes between start and next */
    struct wd_pieces waiting; /* behind a hole, or behind what they answer */
};

struct wd_flow {
    struct wd_connection connection;
    struct wd_side side[2];
    struct wd_pieces held;    /* whole segments, while it is not known where the stream starts */
    bool is_open;             /* OPEN was emitted */
    bool is_reset;
    bool is_closing;          /* in the queue */
    bool is_closed;           /* CLOSE was emitted or not needed: kept to know late segments */
    uint64_t closing_at;      /* wd_flows.clock when it entered the queue */
    uint64_t last_packet;
    uint32_t segments;        /* of both sides, as far as WD_PATIENCE and one more */
    uint64_t hash;
    struct wd_flow *chain;             /* same bucket */
    struct wd_flow *newer, *older;     /* by last use */
    struct wd_flow *sooner, *later;    /* in the closing queue */
};

enum { WD_RECENT = 256 };

struct wd_flows {
    struct wd_seed seed;
    struct wd_flow **buckets;
    size_t bucket_count, count;
    struct wd_flow *recent[WD_RECENT];
    struct wd_flow *newest, *oldest;
    struct wd_flow *closing_first, *closing_last;
    uint64_t clock;           /* segments seen */
    uint64_t last_id;
    uint64_t held_bytes;      /* in all pieces of all flows */
};

static inline int32_t wd_ahead(uint32_t a, uint32_t b)
{
    return (int32_t)(a - b);
}

void wd_flows_open(struct wd_flows *flows);
void wd_flows_close(struct wd_flows *flows);

/* The flow of a segment and which side of it sent that, or NULL. */
struct wd_flow *wd_flows_find(struct wd_flows *flows, const struct wd_flow_key *key, int *side);
/* A new flow, side 0 being the sender. There must be none for this key. */
struct wd_flow *wd_flows_add(struct wd_flows *flows, const struct wd_flow_key *key);
void wd_flows_remove(struct wd_flows *flows, struct wd_flow *flow);
void wd_flows_touch(struct wd_flows *flows, struct wd_flow *flow);
/* Into the closing queue, once. */
void wd_flows_closing(struct wd_flows *flows, struct wd_flow *flow);
void wd_flows_not_closing(struct wd_flows *flows, struct wd_flow *flow);

#endif
