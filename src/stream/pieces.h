/* stream/pieces.h - segments that wait: a list in order of sequence number, or of arrival.
 *
 * Shape   doubly linked, first to last. A piece holds a copy of the bytes. `wire_len` is larger than `len`
 *         when the packet was cut: what lies between was sent, and will never be seen.
 * Owns    the pieces. `*total` of the caller is kept at the bytes held by all lists.
 */
#ifndef WD_STREAM_PIECES_H
#define WD_STREAM_PIECES_H

#include "model/packet.h"

struct wd_piece {
    struct wd_piece *before, *after;
    uint32_t seq, ack;
    uint32_t len, wire_len;
    uint8_t flags;
    uint8_t side;
    bool is_stale;        /* a byte that was acknowledged before it came: a keep-alive */
    int64_t ts_ns;
    uint64_t packet;
    uint8_t bytes[];
};

struct wd_pieces {
    struct wd_piece *first, *last;
    uint64_t count, bytes;
};

/* What inserting found. */
struct wd_overlap {
    uint64_t repeated;    /* bytes that were there already */
    uint64_t ambiguous;   /* of those, different ones: the first stay */
};

/* At the end: a segment as it came. */
struct wd_piece *wd_pieces_append(struct wd_pieces *pieces, const struct wd_segment *segment,
                                  uint64_t *total);
/* By sequence number, only those bytes that are not there yet. */
struct wd_overlap wd_pieces_insert(struct wd_pieces *pieces, const struct wd_segment *segment,
                                   uint64_t *total);
/* Takes the first piece off the list; the caller frees it. */
struct wd_piece *wd_pieces_take(struct wd_pieces *pieces, uint64_t *total);
void wd_pieces_clear(struct wd_pieces *pieces, uint64_t *total);

#endif
