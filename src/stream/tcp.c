/* stream/tcp.c - a segment finds its connection, and connections end.
 *
 *     segment -> flow (flow.c) -> held until the start is known (opening.c) -> ordered (deliver.c) -> chunks
 *
 * A connection that ended stays in the table, so that what comes late is known to be late; it goes like any
 * other when it is idle or when room is needed.
 */
#include "stream/tcp.h"

#include <stdlib.h>

#include "base/arena.h"
#include "stream/deliver.h"
#include "stream/opening.h"
#include "stream/state.h"

static const uint64_t NS_PER_S = 1000000000;

struct wd_tcp *wd_tcp_open(const struct wd_limits *limits, struct wd_ledger *ledger, wd_chunk_fn *emit,
                           void *ctx)
{
    struct wd_tcp *tcp = wd_alloc(sizeof *tcp);
    tcp->limits = *limits;
    tcp->held_limit = limits->reassembly_total < limits->memory ? limits->reassembly_total : limits->memory;
    tcp->ledger = ledger;
    tcp->emit = emit;
    tcp->ctx = ctx;
    wd_flows_open(&tcp->flows);
    return tcp;
}

void wd_tcp_free(struct wd_tcp *tcp)
{
    if (!tcp)
        return;
    wd_flows_close(&tcp->flows);
    wd_free(tcp);
}

uint64_t wd_tcp_connections(const struct wd_tcp *tcp)
{
    return tcp->opened;
}

static int shut(struct wd_tcp *tcp, struct wd_flow *flow)
{
    if (flow->is_closed)
        return WD_OK;
    TRY(wd_opening_release(tcp, flow));
    wd_flows_not_closing(&tcp->flows, flow);
    flow->closing_at = tcp->flows.clock;
    return wd_deliver_close(tcp, flow);
}

static int forget(struct wd_tcp *tcp, struct wd_flow *flow)
{
    TRY(shut(tcp, flow));
    wd_flows_remove(&tcp->flows, flow);
    return WD_OK;
}

static bool is_idle(const struct wd_tcp *tcp, const struct wd_flow *flow)
{
    int64_t last = flow->connection.last_ns;
    return tcp->now_ns > last && ((uint64_t)tcp->now_ns - (uint64_t)last) / NS_PER_S > tcp->limits.flow_idle;
}

static int expire(struct wd_tcp *tcp)
{
    struct wd_flows *flows = &tcp->flows;
    while (flows->closing_first && flows->clock - flows->closing_first->closing_at > WD_LINGER)
        TRY(shut(tcp, flows->closing_first));
    while (flows->oldest && is_idle(tcp, flows->oldest))
        TRY(forget(tcp, flows->oldest));
    return WD_OK;
}

static bool is_full(const struct wd_tcp *tcp)
{
    const struct wd_flows *flows = &tcp->flows;
    return flows->oldest && (flows->count >= tcp->limits.flows ||
                             flows->count * sizeof(struct wd_flow) + flows->held_bytes > tcp->limits.memory);
}

/* A connection that is over is not missed. */
static void note_full(const struct wd_tcp *tcp, const struct wd_flow *flow, uint64_t packet)
{
    bool is_many = tcp->flows.count >= tcp->limits.flows;
    if (!flow->is_closed)
        wd_ledger_limit(tcp->ledger, is_many ? WD_LIMIT_flows : WD_LIMIT_memory, packet);
}

static int begin(struct wd_tcp *tcp, const struct wd_segment *segment, struct wd_flow **out)
{
    while (is_full(tcp)) {
        note_full(tcp, tcp->flows.oldest, segment->packet);
        TRY(forget(tcp, tcp->flows.oldest));
    }
    struct wd_flow *flow = wd_flows_add(&tcp->flows, &segment->key);
    flow->connection.client_by = WD_CLIENT_BY_PORT;
    flow->connection.is_midway = true;
    flow->connection.opened_ns = tcp->now_ns;
    *out = flow;
    return WD_OK;
}

/* What the segment says about the other side's bytes. It is believed when the segment itself is where it
 * should be. */
static void note_ack(struct wd_flow *flow, int side, const struct wd_segment *segment)
{
    const struct wd_side *s = &flow->side[side];
    struct wd_side *peer = &flow->side[1 - side];
    int32_t off = s->is_started ? wd_ahead(segment->seq, s->next) : 0;
    if (!(segment->flags & WD_TCP_ACK) || segment->flags & WD_TCP_RST || off > WD_FAR || off < -WD_FAR)
        return;
    if (!peer->has_acked || wd_ahead(segment->ack, peer->acked) > 0)
        peer->acked = segment->ack;
    peer->has_acked = true;
    if (!peer->is_started && (!peer->has_floor || wd_ahead(peer->floor, segment->ack) > 0)) {
        peer->floor = segment->ack;
        peer->has_floor = true;
    }
}

/* The common case: the next bytes, nothing waits, nothing ends. */
static bool is_next(struct wd_flow *flow, int side, const struct wd_segment *segment)
{
    const struct wd_side *s = &flow->side[side];
    return s->is_started && segment->seq == s->next && segment->payload.len &&
           segment->payload.len == segment->wire_len &&
           !(segment->flags & (WD_TCP_SYN | WD_TCP_FIN | WD_TCP_RST)) && !s->has_fin && !s->waiting.first &&
           !flow->side[1 - side].waiting.first && !flow->held.first && !flow->is_closed &&
           segment->wire_len <= WD_FAR && !wd_deliver_blocks(flow, side, segment->ack, segment->flags);
}

static int settle(struct wd_tcp *tcp, struct wd_flow *flow)
{
    if (flow->side[0].is_ended && flow->side[1].is_ended)
        return shut(tcp, flow);
    if (flow->is_reset || (flow->side[0].has_fin && flow->side[1].has_fin))
        wd_flows_closing(&tcp->flows, flow);
    return WD_OK;
}

static int take(struct wd_tcp *tcp, struct wd_flow *flow, int side, struct wd_segment segment)
{
    if (segment.wire_len < segment.payload.len || segment.wire_len > WD_FAR)
        segment.wire_len = (uint32_t)segment.payload.len;
    if (flow->is_closed) {
        wd_deliver_late(tcp, flow, side, &segment);
        return WD_OK;
    }
    if (segment.flags & WD_TCP_SYN)
        wd_opening_syn(flow, side, &segment);
    note_ack(flow, side, &segment);
    if (wd_opening_holds(flow, side, &segment))
        TRY(wd_opening_hold(tcp, flow, side, &segment));
    else
        TRY(wd_deliver_segment(tcp, flow, side, &segment));
    return settle(tcp, flow);
}

int wd_tcp_feed(struct wd_tcp *tcp, const struct wd_segment *segment)
{
    int side = 0;
    tcp->flows.clock++;
    if (segment->ts_ns)
        tcp->now_ns = segment->ts_ns;
    TRY(expire(tcp));
    struct wd_flow *flow = wd_flows_find(&tcp->flows, &segment->key, &side);
    if (flow && (segment->flags & WD_TCP_SYN || flow->is_closed) &&
        wd_opening_restarts(tcp, flow, side, segment)) {
        TRY(forget(tcp, flow));
        flow = NULL;
    }
    if (!flow) {
        TRY(begin(tcp, segment, &flow));
        side = 0;
    }
    wd_flows_touch(&tcp->flows, flow);
    flow->connection.last_ns = tcp->now_ns;
    flow->last_packet = segment->packet;
    flow->side[side].has_spoken = true;
    flow->segments += flow->segments <= WD_PATIENCE;
    if (is_next(flow, side, segment)) {
        note_ack(flow, side, segment);
        return wd_deliver_next(tcp, flow, side, segment);
    }
    return take(tcp, flow, side, *segment);
}

static int by_id(const void *a, const void *b)
{
    const struct wd_flow *const *x = a, *const *y = b;
    return ((*x)->connection.id > (*y)->connection.id) - ((*x)->connection.id < (*y)->connection.id);
}

int wd_tcp_finish(struct wd_tcp *tcp)
{
    size_t count = 0;
    struct wd_flow **all = wd_alloc(tcp->flows.count * sizeof(struct wd_flow *));
    for (struct wd_flow *flow = tcp->flows.newest; flow; flow = flow->older)
        all[count++] = flow;
    qsort(all, count, sizeof *all, by_id);
    int rc = WD_OK;
    for (size_t i = 0; i < count && rc >= 0; i++)
        rc = shut(tcp, all[i]);
    wd_free(all);
    return rc;
}
