/* stream/pieces.c - segments overlap as they please; pieces do not:
 *
 *     held      [ piece ]      [ piece ]
 *     comes  [     a new segment     ]
 *     held   [a][ piece ][ new ][ piece ]     what was there first stays
 */
#include "stream/pieces.h"

#include "base/arena.h"
#include "stream/flow.h"

/* Before `place`, or at the end when that is NULL. */
static void link_before(struct wd_pieces *pieces, struct wd_piece *piece, struct wd_piece *place)
{
    piece->after = place;
    piece->before = place ? place->before : pieces->last;
    if (piece->before)
        piece->before->after = piece;
    else
        pieces->first = piece;
    if (place)
        place->before = piece;
    else
        pieces->last = piece;
}

static void put(struct wd_pieces *pieces, const struct wd_segment *segment, struct wd_piece *place,
                uint64_t *total)
{
    size_t len = segment->payload.len;
    struct wd_piece *piece = wd_alloc(sizeof *piece + len);
    piece->seq = segment->seq;
    piece->ack = segment->ack;
    piece->len = (uint32_t)len;
    piece->wire_len = segment->wire_len;
    piece->flags = segment->flags;
    piece->ts_ns = segment->ts_ns;
    piece->packet = segment->packet;
    if (len)
        memcpy(piece->bytes, segment->payload.at, len);
    link_before(pieces, piece, place);
    pieces->count++;
    pieces->bytes += sizeof *piece + len;
    *total += sizeof *piece + len;
}

struct wd_piece *wd_pieces_append(struct wd_pieces *pieces, const struct wd_segment *segment, uint64_t *total)
{
    put(pieces, segment, NULL, total);
    return pieces->last;
}

/* Without its first `n` bytes. */
static struct wd_segment drop(struct wd_segment segment, size_t n)
{
    segment.seq += (uint32_t)n;
    segment.payload.at += n;
    segment.payload.len -= n;
    segment.wire_len -= (uint32_t)n;
    return segment;
}

/* Its first `n` bytes alone. */
static struct wd_segment head(struct wd_segment segment, size_t n)
{
    segment.payload.len = n;
    segment.wire_len = (uint32_t)n;
    return segment;
}

static uint64_t differing(const uint8_t *a, const uint8_t *b, size_t n)
{
    uint64_t count = 0;
    if (memcmp(a, b, n) == 0)
        return 0;
    for (size_t i = 0; i < n; i++)
        count += a[i] != b[i];
    return count;
}

/* How much of the segment lies in front of `piece`. */
static size_t room_before(const struct wd_piece *piece, const struct wd_segment *segment)
{
    int32_t room = wd_ahead(piece->seq, segment->seq);
    return room <= 0 ? 0 : (size_t)room < segment->payload.len ? (size_t)room : segment->payload.len;
}

/* Compares with what `piece` holds, and returns how much that covers. Of two copies the one that
 * acknowledges less tells more: what the bytes answer. */
static size_t overlay(struct wd_piece *piece, const struct wd_segment *segment, struct wd_overlap *found)
{
    size_t skip = (size_t)wd_ahead(segment->seq, piece->seq), n = piece->len - skip;
    if (n > segment->payload.len)
        n = segment->payload.len;
    if (wd_ahead(piece->ack, segment->ack) > 0)
        piece->ack = segment->ack;
    found->repeated += n;
    found->ambiguous += differing(piece->bytes + skip, segment->payload.at, n);
    return n;
}

static struct wd_piece *first_beyond(const struct wd_pieces *pieces, uint32_t seq)
{
    struct wd_piece *piece = pieces->last;
    if (!piece || wd_ahead(seq, piece->seq + piece->len) >= 0)
        return NULL;
    while (piece->before && wd_ahead(piece->before->seq + piece->before->len, seq) > 0)
        piece = piece->before;
    return piece;
}

/* The part of a segment that was cut off. It stands at the end of a piece, or is one without bytes, never
 * inside another. */
static void put_tail(struct wd_pieces *pieces, const struct wd_segment *tail, uint64_t *total)
{
    struct wd_piece *piece = first_beyond(pieces, tail->seq);
    if (!piece || wd_ahead(piece->seq, tail->seq) >= 0) {
        put(pieces, tail, piece, total);
        return;
    }
    uint32_t wire_len = tail->seq - piece->seq + tail->wire_len;
    if (wire_len > piece->wire_len)
        piece->wire_len = wire_len;
}

struct wd_overlap wd_pieces_insert(struct wd_pieces *pieces, const struct wd_segment *segment,
                                   uint64_t *total)
{
    struct wd_overlap found = { 0, 0 };
    struct wd_segment left = *segment;
    struct wd_piece *piece = first_beyond(pieces, left.seq);
    while (piece && left.payload.len) {
        size_t room = room_before(piece, &left);
        if (room == left.payload.len)
            break;
        struct wd_segment part = head(left, room);
        if (room)
            put(pieces, &part, piece, total);
        left = drop(left, room);
        left = drop(left, overlay(piece, &left, &found));
        piece = piece->after;
    }
    if (left.payload.len)
        put(pieces, &left, piece, total);
    else if (left.wire_len)
        put_tail(pieces, &left, total);
    return found;
}

struct wd_piece *wd_pieces_take(struct wd_pieces *pieces, uint64_t *total)
{
    struct wd_piece *piece = pieces->first;
    pieces->first = piece->after;
    if (piece->after)
        piece->after->before = NULL;
    else
        pieces->last = NULL;
    pieces->count--;
    pieces->bytes -= sizeof *piece + piece->len;
    *total -= sizeof *piece + piece->len;
    return piece;
}

void wd_pieces_clear(struct wd_pieces *pieces, uint64_t *total)
{
    while (pieces->first)
        wd_free(wd_pieces_take(pieces, total));
}
