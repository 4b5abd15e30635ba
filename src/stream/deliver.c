/* stream/deliver.c - per side, what was handed on and what waits:
 *
 *     start                next       waiting
 *     |====================|   hole   [ piece ][ piece ]   [ piece ]   fin_at
 *                          ^ acked by the other side up to somewhere
 *
 * A hole is a gap once the other side has acknowledged it, since it had what we miss, and enough packets came
 * since: the missing one could still be captured a little late. A cut packet leaves a hole that nothing
 * will fill.
 * Source: RFC 9293 section 3.10.7.4 (which segments are acceptable), section 3.4.1.
 */
#include "stream/deliver.h"

#include "base/arena.h"

static void advance(struct wd_side *side, uint32_t n)
{
    side->next += n;
    side->sent += n;
    side->patience = 0;
    if (wd_ahead(side->next, side->void_until) > 0)
        side->void_until = side->next;
}

/* When and where in the capture a chunk is. */
static struct wd_chunk chunk_of(struct wd_flow *flow, enum wd_chunk_kind kind, int side)
{
    return (struct wd_chunk){ .connection = &flow->connection, .kind = kind, .side = side,
                              .ts_ns = flow->connection.last_ns, .packet = flow->last_packet };
}

static int send_end(struct wd_tcp *tcp, struct wd_flow *flow, int side)
{
    struct wd_chunk chunk = chunk_of(flow, WD_CHUNK_END, side);
    return tcp->emit(tcp->ctx, &chunk);
}

/* Without a SYN the client is the side with the higher port; message/ may know better. */
static int open_flow(struct wd_tcp *tcp, struct wd_flow *flow)
{
    struct wd_connection *connection = &flow->connection;
    if (flow->is_open)
        return WD_OK;
    flow->is_open = true;
    tcp->opened++;
    if (connection->client_by != WD_CLIENT_BY_SYN)
        connection->client = connection->key.port[1] > connection->key.port[0];
    struct wd_chunk chunk = chunk_of(flow, WD_CHUNK_OPEN, 0);
    TRY(tcp->emit(tcp->ctx, &chunk));
    for (int side = 0; side < 2; side++)
        if (flow->side[side].is_ended)
            TRY(send_end(tcp, flow, side));
    return WD_OK;
}

static int send_data(struct wd_tcp *tcp, struct wd_flow *flow, const struct wd_chunk *chunk)
{
    TRY(open_flow(tcp, flow));
    return tcp->emit(tcp->ctx, chunk);
}

/* Payload that cannot be placed. */
static void reject(struct wd_tcp *tcp, struct wd_side *side, uint64_t bytes)
{
    if (!bytes)
        return;
    wd_ledger_undecoded(tcp->ledger, WD_REASON_MALFORMED_TRANSPORT, bytes);
    if (!side->is_odd)
        tcp->ledger->reason_streams[WD_REASON_MALFORMED_TRANSPORT]++;
    side->is_odd = true;
}

/* Bytes in front of `next`: seen before, or too late for a gap that was declared. */
static void account_old(struct wd_tcp *tcp, const struct wd_side *side, uint32_t seq, uint32_t len)
{
    int32_t from = side->has_gap ? wd_ahead(side->lost_from, seq) : 0;
    int32_t until = side->has_gap ? wd_ahead(side->lost_until, seq) : 0;
    if (from < 0)
        from = 0;
    if (until > (int32_t)len)
        until = (int32_t)len;
    uint32_t late = until > from ? (uint32_t)(until - from) : 0;
    if (late)
        wd_ledger_undecoded(tcp->ledger, WD_REASON_GAP, late);
    wd_ledger_add(tcp->ledger, WD_LAYER_RETRANSMITTED, len - late);
}

bool wd_deliver_blocks(struct wd_flow *flow, int side, uint32_t ack, uint8_t flags)
{
    struct wd_side *s = &flow->side[side];
    const struct wd_side *peer = &flow->side[1 - side];
    bool is_mute = !peer->has_spoken && flow->segments > WD_PATIENCE;  /* the capture has one side only */
    if (!peer->is_started || is_mute || !(flags & WD_TCP_ACK))
        return false;
    if (s->has_waived && wd_ahead(peer->next, s->waived) >= 0)
        s->has_waived = false;
    int32_t unseen = wd_ahead(ack, s->has_waived ? s->waived : peer->next);
    return unseen > 1 && unseen <= WD_FAR;  /* 1 may be a FIN, or the probe of a closed window */
}

/* Cuts off what was handed on already. */
static void trim_front(struct wd_tcp *tcp, const struct wd_side *side, struct wd_segment *segment)
{
    int32_t old = wd_ahead(side->next, segment->seq);
    if (old <= 0)
        return;
    size_t seen = (size_t)old < segment->payload.len ? (size_t)old : segment->payload.len;
    uint32_t sent = (uint32_t)old < segment->wire_len ? (uint32_t)old : segment->wire_len;
    account_old(tcp, side, segment->seq, (uint32_t)seen);
    segment->seq += sent;
    segment->wire_len -= sent;
    segment->payload.at += seen;
    segment->payload.len -= seen;
}

/* Cuts off what follows a FIN. */
static void trim_back(struct wd_tcp *tcp, struct wd_side *side, struct wd_segment *segment)
{
    if (!side->has_fin)
        return;
    int32_t room = wd_ahead(side->fin_at, segment->seq);
    uint32_t fits = room < 0 ? 0 : (uint32_t)room;
    if (segment->payload.len > fits) {
        reject(tcp, side, segment->payload.len - fits);
        segment->payload.len = fits;
    }
    if (segment->wire_len > fits)
        segment->wire_len = fits;
}

void wd_deliver_late(struct wd_tcp *tcp, struct wd_flow *flow, int side, const struct wd_segment *segment)
{
    struct wd_side *s = &flow->side[side];
    struct wd_segment late = *segment;
    late.seq += !!(late.flags & WD_TCP_SYN);
    if (s->is_started)
        trim_front(tcp, s, &late);
    reject(tcp, s, late.payload.len);
}

static void accept(struct wd_tcp *tcp, struct wd_flow *flow, int side, struct wd_segment segment)
{
    struct wd_side *s = &flow->side[side];
    int32_t off = wd_ahead(segment.seq, s->next);
    if (off > WD_WINDOW || off < -WD_WINDOW) {
        reject(tcp, s, segment.payload.len);
        return;
    }
    trim_front(tcp, s, &segment);
    trim_back(tcp, s, &segment);
    struct wd_overlap found = wd_pieces_insert(&s->waiting, &segment, &tcp->flows.held_bytes);
    wd_ledger_add(tcp->ledger, WD_LAYER_RETRANSMITTED, found.repeated);
    tcp->ledger->ambiguous_bytes += found.ambiguous;
}

/* A FIN in front of bytes that were captured is not this stream's. */
static void note_fin(struct wd_side *side, uint32_t at)
{
    int32_t off = wd_ahead(at, side->next);
    const struct wd_piece *last = side->waiting.last;
    if (side->has_fin || off < 0 || off > WD_FAR || wd_ahead(side->void_until, at) > 0 ||
        (last && wd_ahead(last->seq + last->wire_len, at) > 0))
        return;
    side->has_fin = true;
    side->fin_at = at;
}

static void note_reset(struct wd_flow *flow, const struct wd_side *side, uint32_t seq)
{
    int32_t off = wd_ahead(seq, side->next);
    if (!side->is_started || (off >= -0xffff && off <= WD_FAR))
        flow->is_reset = true;
}

static int declare_gap(struct wd_tcp *tcp, struct wd_flow *flow, int side, uint32_t until)
{
    struct wd_side *s = &flow->side[side];
    uint32_t missing = until - s->next, cut = (uint32_t)wd_ahead(s->void_until, s->next);
    if (cut > missing)
        cut = missing;
    tcp->ledger->missing_bytes += missing - cut;
    if (!s->has_gap)
        tcp->ledger->reason_streams[WD_REASON_GAP]++;
    s->has_gap = true;
    s->lost_from = s->next;
    s->lost_until = until;
    advance(s, missing);
    if (!flow->is_open && !s->waiting.first && !cut)
        return WD_OK;  /* a connection of which no payload was captured */
    struct wd_chunk chunk = chunk_of(flow, WD_CHUNK_GAP, side);
    chunk.missing = missing;
    return send_data(tcp, flow, &chunk);
}

static int deliver_end(struct wd_tcp *tcp, struct wd_flow *flow, int side)
{
    struct wd_side *s = &flow->side[side];
    s->is_ended = true;
    while (s->waiting.first) {
        struct wd_piece *piece = wd_pieces_take(&s->waiting, &tcp->flows.held_bytes);
        reject(tcp, s, piece->len);
        wd_free(piece);
    }
    advance(s, 1);
    return flow->is_open ? send_end(tcp, flow, side) : WD_OK;
}

static int deliver_piece(struct wd_tcp *tcp, struct wd_flow *flow, int side)
{
    struct wd_side *s = &flow->side[side];
    struct wd_piece *piece = wd_pieces_take(&s->waiting, &tcp->flows.held_bytes);
    uint32_t end = piece->seq + piece->wire_len;
    advance(s, piece->len);
    if (wd_ahead(end, s->void_until) > 0)
        s->void_until = end;
    int rc = WD_OK;
    if (piece->len) {
        struct wd_chunk chunk = chunk_of(flow, WD_CHUNK_DATA, side);
        chunk.bytes = wd_bytes_at(piece->bytes, piece->len);
        chunk.ts_ns = piece->ts_ns;
        chunk.packet = piece->packet;
        rc = send_data(tcp, flow, &chunk);
    }
    wd_free(piece);
    return rc;
}

static int deliver_void(struct wd_tcp *tcp, struct wd_flow *flow, int side)
{
    const struct wd_side *s = &flow->side[side];
    const struct wd_piece *piece = s->waiting.first;
    uint32_t until = s->void_until;
    if (piece && wd_ahead(until, piece->seq) > 0)
        until = piece->seq;
    if (s->has_fin && wd_ahead(until, s->fin_at) > 0)
        until = s->fin_at;
    return declare_gap(tcp, flow, side, until);
}

typedef int deliver_fn(struct wd_tcp *tcp, struct wd_flow *flow, int side);

/* What can be handed on now, or NULL. */
static deliver_fn *ready(struct wd_flow *flow, int side)
{
    const struct wd_side *s = &flow->side[side];
    const struct wd_piece *piece = s->waiting.first;
    if (!s->is_started || s->is_ended)
        return NULL;
    if (s->has_fin && s->next == s->fin_at)
        return deliver_end;
    if (piece && wd_ahead(piece->seq, s->next) <= 0)
        return wd_deliver_blocks(flow, side, piece->ack, piece->flags) ? NULL : deliver_piece;
    return wd_ahead(s->void_until, s->next) > 0 ? deliver_void : NULL;
}

/* Why the first piece of a side waits. */
enum stuck { WAITS_FOR_NOTHING, WAITS_FOR_CAUSE, WAITS_FOR_LOST, WAITS_FOR_RETRANSMISSION };

static enum stuck stuck(const struct wd_side *side)
{
    const struct wd_piece *piece = side->waiting.first;
    if (!piece)
        return WAITS_FOR_NOTHING;
    if (wd_ahead(piece->seq, side->next) <= 0)
        return WAITS_FOR_CAUSE;
    bool is_acked = side->has_acked && wd_ahead(side->acked, piece->seq) >= 0;
    return is_acked ? WAITS_FOR_LOST : WAITS_FOR_RETRANSMISSION;
}

/* The first piece goes before what it answers. */
static void waive(struct wd_side *side)
{
    side->has_waived = true;
    side->waived = side->waiting.first->ack;
}

/* Each side answers the other: one is a retransmission, which acknowledges more than the original did. It
 * is the one that was captured later, since what was captured first acknowledges it. */
static bool untie(struct wd_flow *flow)
{
    struct wd_side *s = flow->side;
    if (stuck(&s[0]) != WAITS_FOR_CAUSE || stuck(&s[1]) != WAITS_FOR_CAUSE)
        return false;
    waive(&s[s[1].waiting.first->packet > s[0].waiting.first->packet]);
    return true;
}

/* Of two sides that are ready, the one whose packet was captured first. */
static int drain(struct wd_tcp *tcp, struct wd_flow *flow)
{
    for (;;) {
        deliver_fn *can[2] = { ready(flow, 0), ready(flow, 1) };
        if (!can[0] && !can[1] && untie(flow))
            continue;
        if (!can[0] && !can[1])
            return WD_OK;
        int side = !can[0];
        if (can[0] == deliver_piece && can[1] == deliver_piece)
            side = flow->side[1].waiting.first->packet < flow->side[0].waiting.first->packet;
        TRY(can[side](tcp, flow, side));
    }
}

/* Lets the first piece of a side go on, whatever it waits for. */
static int give_up(struct wd_tcp *tcp, struct wd_flow *flow, int side)
{
    struct wd_side *s = &flow->side[side];
    struct wd_piece *piece = s->waiting.first;
    enum stuck why = stuck(s);
    if (why == WAITS_FOR_CAUSE) {
        waive(s);
    } else if (why == WAITS_FOR_RETRANSMISSION && s->has_acked && wd_ahead(piece->seq, s->next) > WD_FAR) {
        piece = wd_pieces_take(&s->waiting, &tcp->flows.held_bytes);
        reject(tcp, s, piece->len);
        wd_free(piece);
    } else {
        TRY(declare_gap(tcp, flow, side, piece->seq));
    }
    return drain(tcp, flow);
}

/* Holes before effects: filling a hole may be what the other side waits for. */
static int impatient(const struct wd_flow *flow)
{
    const struct wd_side *s = flow->side;
    for (int side = 0; side < 2; side++)
        if (s[side].patience > WD_PATIENCE && stuck(&s[side]) == WAITS_FOR_LOST)
            return side;
    for (int side = 0; side < 2; side++)
        if (s[side].patience > WD_PATIENCE)
            return side;
    return -1;
}

static int lose_patience(struct wd_tcp *tcp, struct wd_flow *flow)
{
    for (int side = 0; side < 2; side++) {
        struct wd_side *s = &flow->side[side];
        enum stuck why = stuck(s);
        s->patience = why == WAITS_FOR_CAUSE || why == WAITS_FOR_LOST ? s->patience + 1 : 0;
    }
    for (int side; (side = impatient(flow)) >= 0;)
        TRY(give_up(tcp, flow, side));
    return WD_OK;
}

enum wd_limit wd_deliver_limit(const struct wd_tcp *tcp, const struct wd_pieces *waiting)
{
    if (!waiting->first)
        return WD_LIMIT_COUNT;
    if (waiting->count > tcp->limits.segments)
        return WD_LIMIT_segments;
    if (waiting->bytes > tcp->limits.reassembly)
        return WD_LIMIT_reassembly;
    if (tcp->flows.held_bytes <= tcp->held_limit)
        return WD_LIMIT_COUNT;
    return tcp->held_limit < tcp->limits.reassembly_total ? WD_LIMIT_memory : WD_LIMIT_reassembly_total;
}

static int keep_limits(struct wd_tcp *tcp, struct wd_flow *flow)
{
    for (int side = 0; side < 2; side++) {
        enum wd_limit limit;
        while ((limit = wd_deliver_limit(tcp, &flow->side[side].waiting)) != WD_LIMIT_COUNT) {
            wd_ledger_limit(tcp->ledger, limit, flow->last_packet);
            TRY(give_up(tcp, flow, side));
        }
    }
    return WD_OK;
}

int wd_deliver_next(struct wd_tcp *tcp, struct wd_flow *flow, int side, const struct wd_segment *segment)
{
    struct wd_chunk chunk = { .connection = &flow->connection, .kind = WD_CHUNK_DATA, .side = side,
                              .bytes = segment->payload, .ts_ns = segment->ts_ns, .packet = segment->packet };
    advance(&flow->side[side], (uint32_t)segment->payload.len);
    return send_data(tcp, flow, &chunk);
}

int wd_deliver_segment(struct wd_tcp *tcp, struct wd_flow *flow, int side, const struct wd_segment *segment)
{
    struct wd_side *s = &flow->side[side];
    struct wd_segment inside = *segment;
    if (segment->flags & WD_TCP_SYN)
        inside.seq++;
    if (segment->flags & WD_TCP_RST) {
        reject(tcp, s, segment->payload.len);  /* text for people, not part of the stream */
        note_reset(flow, s, segment->seq);
        return WD_OK;
    }
    if (segment->wire_len)
        accept(tcp, flow, side, inside);
    if (segment->flags & WD_TCP_FIN)
        note_fin(s, inside.seq + segment->wire_len);
    TRY(drain(tcp, flow));
    TRY(lose_patience(tcp, flow));
    return keep_limits(tcp, flow);
}

/* The side to give up next when nothing more will come: what is lost for certain, else what was captured
 * first. */
static int next_to_flush(const struct wd_flow *flow)
{
    const struct wd_piece *first[2] = { flow->side[0].waiting.first, flow->side[1].waiting.first };
    for (int side = 0; side < 2; side++)
        if (stuck(&flow->side[side]) == WAITS_FOR_LOST)
            return side;
    if (first[0] && first[1])
        return first[1]->packet < first[0]->packet;
    return first[0] ? 0 : first[1] ? 1 : -1;
}

/* Bytes at the end that were acknowledged, or lie before a FIN, and were not captured. */
static int declare_tail(struct wd_tcp *tcp, struct wd_flow *flow, int side)
{
    const struct wd_side *s = &flow->side[side];
    if (!s->is_started || s->is_ended)
        return WD_OK;
    int32_t acked = s->has_acked ? wd_ahead(s->acked, s->next) : 0;
    if (s->has_fin)
        TRY(declare_gap(tcp, flow, side, s->fin_at));
    else if (acked > 1 && acked <= WD_FAR)  /* 1 is a FIN that was not captured */
        TRY(declare_gap(tcp, flow, side, s->acked));
    return WD_OK;
}

int wd_deliver_close(struct wd_tcp *tcp, struct wd_flow *flow)
{
    TRY(drain(tcp, flow));
    for (int side; (side = next_to_flush(flow)) >= 0;)
        TRY(give_up(tcp, flow, side));
    for (int side = 0; side < 2; side++)
        TRY(declare_tail(tcp, flow, side));
    TRY(drain(tcp, flow));
    flow->is_closed = true;
    if (!flow->is_open)
        return WD_OK;
    struct wd_chunk chunk = chunk_of(flow, WD_CHUNK_CLOSE, 0);
    chunk.is_reset = flow->is_reset || !flow->side[0].is_ended || !flow->side[1].is_ended;
    return tcp->emit(tcp->ctx, &chunk);
}
