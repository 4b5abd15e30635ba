/* tests/profile/wire.h - what a message took on the wire, at random: as it is, compressed as a whole, or symbol by symbol. */
#ifndef WD_TESTS_PROFILE_WIRE_H
#define WD_TESTS_PROFILE_WIRE_H

#include "model/message.h"

enum { WIRE_MARKS = 4096 };

static inline uint32_t wire_dice(uint64_t *seed, uint32_t sides)
{
    *seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)(*seed >> 33) % sides;
}

/* Symbols that made the body, or its beginning: matches up to `longest`, among them literals. Returns their bits. */
static inline uint64_t wire_draw_marks(struct wd_message *m, struct wd_bit_mark *marks, uint32_t longest, uint64_t *seed)
{
    size_t until = wire_dice(seed, 4) ? m->body.len : wire_dice(seed, (uint32_t)m->body.len + 1), end = 0, count = 0;
    uint64_t bits = 0;
    while (end < until && count < WIRE_MARKS) {
        size_t len = wire_dice(seed, 3) ? 1 + wire_dice(seed, longest) : 1;
        end = len < until - end ? end + len : until;
        marks[count] = (struct wd_bit_mark){ (uint32_t)end, 1 + wire_dice(seed, 40) };
        bits += marks[count++].bits;
    }
    m->marks = (struct wd_bit_marks){ marks, count };
    return bits;
}

/* Sets wire_len, odd_bits, is_shared and marks of a message whose body is there; `marks` has room for WIRE_MARKS. */
static inline void wire_draw(struct wd_message *m, struct wd_bit_mark *marks, uint64_t *seed)
{
    static const uint32_t longest[] = { 1, 4, 40, 258 };
    uint64_t bits = 8 * m->body.len;
    uint32_t kind = wire_dice(seed, 8);
    if (kind < 2)
        bits += wire_dice(seed, 2) * wire_dice(seed, 30);
    else if (kind == 2)
        bits = 8 * (uint64_t)wire_dice(seed, (uint32_t)m->body.len + 9);
    else
        bits = wire_draw_marks(m, marks, longest[kind % 4], seed) + wire_dice(seed, 60);
    m->is_shared = wire_dice(seed, 9) == 0;
    m->wire_len = bits / 8;
    m->odd_bits = bits % 8;
}

#endif
