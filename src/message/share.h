/* message/share.h - what decoded bytes cost on the wire.
 *
 * Shape   a run of decoded bytes comes with a share; whoever reads the bytes takes their cost from it in the
 *         same order, all of them, each once. Where the coding tells what each symbol took, the cost is that,
 *         to the bit; else each byte has the same rate. keep() takes too and notes the marks of bytes that
 *         become part of a message.
 * Units   1/WD_SHARE_ONE wire bytes; a bit is WD_SHARE_BIT of them.
 * Owns    a share nothing: it is a view like the run; a list of marks its memory.
 * Errors  none. Source: design, exact accounting.
 */
#ifndef WD_MESSAGE_SHARE_H
#define WD_MESSAGE_SHARE_H

#include "model/bits.h"

#define WD_SHARE_BITS 24
#define WD_SHARE_ONE (UINT64_C(1) << WD_SHARE_BITS)
#define WD_SHARE_BIT (WD_SHARE_ONE / 8)

struct wd_share {
    uint64_t rate;                 /* of a byte, without marks; WD_SHARE_ONE: not compressed */
    struct wd_bit_marks marks;     /* of the run's symbols, ends counted from its first byte; .at NULL: not known */
    bool is_estimated;             /* compressed, and `rate` is a guess */
    size_t next;                   /* first mark that is not used up ... */
    uint32_t start;                /* ... where its bytes begin ... */
    uint32_t at;                   /* ... and how far they are taken */
};

struct wd_mark_list { struct wd_bit_mark *at; size_t count, cap; };

uint64_t wd_share_walk(struct wd_share *share, size_t len, struct wd_mark_list *kept);

static inline uint64_t wd_share_take(struct wd_share *share, size_t len)
{
    return share->marks.at ? wd_share_walk(share, len, NULL) : len * share->rate;
}

static inline uint64_t wd_share_keep(struct wd_share *share, size_t len, struct wd_mark_list *kept)
{
    return share->marks.at ? wd_share_walk(share, len, kept) : len * share->rate;
}

/* `len` more bytes, which cost so much together. */
void wd_marks_put(struct wd_mark_list *list, uint32_t len, uint64_t bits);
static inline struct wd_bit_marks wd_marks_of(const struct wd_mark_list *list)
{
    return (struct wd_bit_marks){ list->at, list->count };
}

/* A cost as a message has it: whole bytes, and the bits beyond. */
static inline uint64_t wd_share_bytes(uint64_t cost) { return cost >> WD_SHARE_BITS; }
static inline uint8_t wd_share_odd_bits(uint64_t cost) { return (uint8_t)(cost / WD_SHARE_BIT % 8); }

#endif
