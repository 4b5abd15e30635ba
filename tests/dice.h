/* tests/dice.h - draws that look random and are the same in each run: xorshift64 (Marsaglia 2003). */
#ifndef WD_TESTS_DICE_H
#define WD_TESTS_DICE_H

#include <stdint.h>

static uint64_t dice_seed = 0x9e3779b97f4a7c15u;

static inline uint32_t dice_from(uint64_t *seed, uint32_t sides)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return (uint32_t)(*seed >> 30) % sides;
}

/* 0 to sides - 1. */
static inline uint32_t dice(uint32_t sides)
{
    return dice_from(&dice_seed, sides);
}

#endif
