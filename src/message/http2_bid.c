#include "message/http2_bid.h"

#include "message/http2_frame.h"

#define BID_BITS 40   /* two frames of any kind, or one of fixed size that fills its chunk */

/* From the start: each side can begin in one way only. */
static void bid_at_start(const struct wd_pieces *pieces, struct wd_bid *out)
{
    bool has_seen[2] = { false, false };
    for (size_t i = 0; i < pieces->count; i++) {
        const struct wd_piece *piece = &pieces->at[i];
        if (piece->kind != WD_CHUNK_DATA || has_seen[piece->side])
            continue;
        has_seen[piece->side] = true;
        int client = wd_h2_frame_is_preface(piece->bytes), server = wd_h2_frame_is_start(piece->bytes);
        if (client < 0 && server < 0) {
            out->bits = -1;
            return;
        }
        if (client <= 0 && server <= 0)
            continue;
        out->bits = 8 * WD_H2_HEAD;
        out->client = client > 0 ? piece->side : !piece->side;
        return;
    }
}

static unsigned best_start(const struct wd_pieces *pieces, int side, size_t *start)
{
    unsigned best = 0;
    for (size_t i = 0; i < pieces->count; i++) {
        const struct wd_piece *piece = &pieces->at[i];
        if (piece->side != side || piece->kind != WD_CHUNK_DATA)
            continue;
        unsigned bits = wd_h2_frame_evidence(piece->bytes);
        if (wd_h2_frame_is_preface(piece->bytes) > 0)
            bits = 8 * WD_H2_PREFACE_LEN;
        if (bits < WD_H2_RESUME_BITS)
            continue;
        if (*start == WD_NO_START)
            *start = i;
        best += bits;
    }
    return best;
}

void wd_h2_bid(const struct wd_pieces *pieces, struct wd_bid *out)
{
    unsigned bits = 0;
    if (!pieces->is_midway) {
        bid_at_start(pieces, out);
        return;
    }
    for (int side = 0; side < 2; side++)
        bits += best_start(pieces, side, &out->start[side]);
    out->bits = bits >= BID_BITS ? (int)bits : 0;
}
