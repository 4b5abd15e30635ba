/* stream/opening.c - the three-way handshake, when it was captured, and when it was not.
 *
 *     client  SYN seq=c            --->
 *             <---                 SYN seq=s ack=c+1   server      client starts at c+1, server at s+1
 *     client  ack=s+1              --->
 *
 * Source: RFC 9293 section 3.5; for port reuse RFC 6191 (the new initial number is above the old ones).
 */
#include "stream/opening.h"

#include "base/arena.h"
#include "stream/deliver.h"

enum { LATE_SYN = 1 << 16 };  /* how far in front of a midway start its SYN may be */

static void start_at(struct wd_side *side, uint32_t seq)
{
    side->is_started = true;
    side->start = side->next = side->void_until = seq;
}

static bool is_bare(const struct wd_segment *segment)
{
    return segment->wire_len == 0 && !(segment->flags & WD_TCP_FIN);
}

/* Whether all that is held of a side could follow a SYN whose first byte is `first`. */
static bool held_follows(const struct wd_flow *flow, int side, uint32_t first)
{
    for (const struct wd_piece *p = flow->held.first; p; p = p->after) {
        int32_t off = wd_ahead(p->seq, first);
        if (p->side == side && (p->wire_len || p->flags & WD_TCP_FIN) && !p->is_stale &&
            (off < 0 || off > WD_FAR))
            return false;
    }
    return true;
}

/* Whether a SYN contradicts what its side is known to be. */
static bool contradicts(const struct wd_flow *flow, int side, const struct wd_segment *syn)
{
    const struct wd_side *s = &flow->side[side];
    uint32_t first = syn->seq + 1;
    if (!s->is_started)
        return !held_follows(flow, side, first);
    if (s->start == first)
        return false;
    if (syn->flags & WD_TCP_ACK && s->sent == 0 && !s->waiting.first)
        return false;  /* answered anew, before anything was sent */
    int32_t before = wd_ahead(s->start, first);
    return s->has_syn || before < 0 || before > LATE_SYN;
}

/* A SYN with ACK answers the SYN of the other side. */
static bool answers_another(const struct wd_flow *flow, int side, const struct wd_segment *syn)
{
    const struct wd_side *peer = &flow->side[1 - side];
    if (!(syn->flags & WD_TCP_ACK) || !peer->has_syn)
        return false;
    int32_t off = wd_ahead(syn->ack, peer->start);
    return off < 0 || off > LATE_SYN;
}

/* After the end: payload that is not among what was sent. */
static bool is_beyond(const struct wd_side *side, const struct wd_segment *segment)
{
    int32_t off = wd_ahead(segment->seq, side->next);
    return segment->wire_len > 0 &&
           (!side->is_started || off >= 0 || (uint64_t) - (int64_t)off > side->sent + LATE_SYN);
}

bool wd_opening_restarts(const struct wd_tcp *tcp, const struct wd_flow *flow, int side,
                         const struct wd_segment *segment)
{
    const struct wd_side *s = &flow->side[side];
    if (!(segment->flags & WD_TCP_SYN))
        return flow->is_closed && !(segment->flags & WD_TCP_RST) && is_beyond(s, segment);
    if (flow->is_closed || flow->is_closing) {
        bool is_same = s->is_started && s->start == segment->seq + 1;
        return !is_same || tcp->flows.clock - flow->closing_at > WD_LINGER;
    }
    return contradicts(flow, side, segment) || answers_another(flow, side, segment);
}

static void note_client(struct wd_flow *flow, int client)
{
    struct wd_connection *connection = &flow->connection;
    if (flow->is_open || connection->client_by == WD_CLIENT_BY_SYN)
        return;
    connection->client = client;
    connection->client_by = WD_CLIENT_BY_SYN;
    connection->is_midway = false;
}

void wd_opening_syn(struct wd_flow *flow, int side, const struct wd_segment *segment)
{
    struct wd_side *s = &flow->side[side], *peer = &flow->side[1 - side];
    bool has_ack = segment->flags & WD_TCP_ACK;
    note_client(flow, has_ack ? 1 - side : side);
    if (!s->is_started || (has_ack && s->sent == 0 && !s->waiting.first && !s->has_fin))
        start_at(s, segment->seq + 1);
    s->has_syn = true;
    if (has_ack && !peer->is_started && held_follows(flow, 1 - side, segment->ack))
        start_at(peer, segment->ack);
}

bool wd_opening_holds(const struct wd_flow *flow, int side, const struct wd_segment *segment)
{
    return flow->held.first || (!flow->side[side].is_started && !is_bare(segment));
}

/* The lowest sequence number held of a side, as seen from the first one. Keep-alives count when there is
 * nothing else. */
static bool lowest(const struct wd_flow *flow, int side, bool stale_too, uint32_t *seq)
{
    bool is_found = false;
    for (const struct wd_piece *p = flow->held.first; p; p = p->after) {
        if (p->side != side || (!p->wire_len && !(p->flags & WD_TCP_FIN)) || (p->is_stale && !stale_too))
            continue;
        int32_t before = is_found ? wd_ahead(*seq, p->seq) : 1;
        if (before > 0 && (!is_found || before <= WD_FAR))
            *seq = p->seq;
        is_found = true;
    }
    return is_found;
}

/* What the other side acknowledged first is where this one starts, if that other side's own SYN was seen. */
static void guess_start(struct wd_flow *flow, int side)
{
    struct wd_side *s = &flow->side[side];
    const struct wd_side *peer = &flow->side[1 - side];
    uint32_t seq = 0;
    if (!lowest(flow, side, false, &seq) && !lowest(flow, side, true, &seq))
        return;
    int32_t off = wd_ahead(seq, s->floor);
    start_at(s, s->has_floor && peer->has_syn && off >= 0 && off <= WD_FAR ? s->floor : seq);
}

static int let_go(struct wd_tcp *tcp, struct wd_flow *flow)
{
    struct wd_piece *piece = wd_pieces_take(&flow->held, &tcp->flows.held_bytes);
    struct wd_segment segment = {
        .seq = piece->seq, .ack = piece->ack, .flags = piece->flags,
        .payload = wd_bytes_at(piece->bytes, piece->len), .wire_len = piece->wire_len,
        .ts_ns = piece->ts_ns, .packet = piece->packet,
    };
    int rc = wd_deliver_segment(tcp, flow, piece->side, &segment);
    wd_free(piece);
    return rc;
}

int wd_opening_release(struct wd_tcp *tcp, struct wd_flow *flow)
{
    for (int side = 0; side < 2; side++)
        if (!flow->side[side].is_started)
            guess_start(flow, side);
    while (flow->held.first)
        TRY(let_go(tcp, flow));
    return WD_OK;
}

/* Nothing that is held belongs to a side that is not started. */
static bool is_known(const struct wd_flow *flow)
{
    uint32_t seq;
    for (int side = 0; side < 2; side++)
        if (!flow->side[side].is_started && lowest(flow, side, true, &seq))
            return false;
    return true;
}

/* A byte that the other side acknowledged before it came: a keep-alive, not the start of a stream. */
static bool is_stale(const struct wd_side *side, const struct wd_segment *segment)
{
    return segment->wire_len == 1 && side->has_acked && wd_ahead(side->acked, segment->seq + 1) >= 0;
}

int wd_opening_hold(struct wd_tcp *tcp, struct wd_flow *flow, int side, const struct wd_segment *segment)
{
    struct wd_piece *piece = wd_pieces_append(&flow->held, segment, &tcp->flows.held_bytes);
    piece->side = (uint8_t)side;
    piece->is_stale = is_stale(&flow->side[side], segment);
    bool is_over = flow->held.count > WD_PATIENCE;
    enum wd_limit limit = is_over ? WD_LIMIT_COUNT : wd_deliver_limit(tcp, &flow->held);
    if (limit != WD_LIMIT_COUNT)
        wd_ledger_limit(tcp->ledger, limit, segment->packet);
    return is_over || limit != WD_LIMIT_COUNT || is_known(flow) ? wd_opening_release(tcp, flow) : WD_OK;
}
