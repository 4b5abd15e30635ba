/* tests/stream/talk.h - a conversation over TCP that never happened: packets as both ends would have sent
 * them.
 *
 * Shape   wd_talk_make() draws streams, segmentation, acknowledgements, FINs from a seed; the other
 *         functions disturb the capture of it: duplicate, reorder, retransmit, lose. Everything comes from
 *         the seed.
 */
#ifndef WD_TESTS_STREAM_TALK_H
#define WD_TESTS_STREAM_TALK_H

#include "model/packet.h"

enum { TALK_PACKETS = 2048, TALK_BYTES = 1 << 16 };

struct wd_talk_packet {
    int side;
    uint8_t flags;
    uint32_t off, len;        /* into stream[side] */
    uint32_t cut;             /* bytes of len that were not captured */
    uint32_t heard;           /* bytes of the other side's stream that were acknowledged; UINT32_MAX: no ACK */
    bool heard_fin;
    bool is_probe;            /* a keep-alive: one byte in front */
    bool is_moved;
};

struct wd_talk {
    uint64_t random;
    uint32_t isn[2];
    uint8_t stream[2][TALK_BYTES];
    uint32_t len[2];
    struct wd_talk_packet packets[TALK_PACKETS];
    size_t count;
};

uint32_t wd_talk_draw(struct wd_talk *talk, uint32_t below);
void wd_talk_make(struct wd_talk *talk, uint64_t seed);
void wd_talk_duplicate(struct wd_talk *talk, unsigned per_mille);
void wd_talk_retransmit(struct wd_talk *talk, unsigned per_mille);
void wd_talk_reorder(struct wd_talk *talk, unsigned per_mille, unsigned distance);
void wd_talk_drop(struct wd_talk *talk, unsigned per_mille);
/* The i-th packet as it would be dissected; number i + 1. */
struct wd_segment wd_talk_segment(const struct wd_talk *talk, size_t i);

#endif
