#include "base/nearest.h"

/* Longer names are not typing mistakes of one another; it also bounds the work. */
enum { LONGEST = 64 };

static uint8_t fold(uint8_t c)
{
    return c >= 'A' && c <= 'Z' ? (uint8_t)(c | 0x20) : c;
}

static unsigned least(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

static unsigned swap_cost(uint8_t a, uint8_t b)
{
    return a == b ? 0 : fold(a) == fold(b) ? 1 : 2;
}

/* Optimal string alignment in three rows; costs in halves so that a slip of case is half a mistake. */
static unsigned distance(struct wd_bytes a, struct wd_bytes b)
{
    unsigned rows[3][LONGEST + 1];
    for (size_t j = 0; j <= b.len; j++)
        rows[0][j] = (unsigned)(2 * j);
    for (size_t i = 1; i <= a.len; i++) {
        unsigned *row = rows[i % 3], *above = rows[(i - 1) % 3], *two_above = rows[(i + 1) % 3];
        row[0] = (unsigned)(2 * i);
        for (size_t j = 1; j <= b.len; j++) {
            unsigned cost = above[j - 1] + swap_cost(a.at[i - 1], b.at[j - 1]);
            cost = least(cost, least(above[j], row[j - 1]) + 2);
            if (i > 1 && j > 1 && a.at[i - 1] == b.at[j - 2] && a.at[i - 2] == b.at[j - 1])
                cost = least(cost, two_above[j - 2] + 2);
            row[j] = cost;
        }
    }
    return rows[a.len % 3][b.len];
}

/* A third of the letters may be wrong, at least one. */
static unsigned tolerance(struct wd_bytes name)
{
    size_t mistakes = name.len / 3;
    return (unsigned)(2 * (mistakes ? mistakes : 1));
}

void wd_nearest_try(struct wd_nearest *nearest, struct wd_bytes candidate)
{
    if (!nearest->name.len || nearest->name.len > LONGEST || !candidate.len || candidate.len > LONGEST)
        return;
    unsigned d = distance(nearest->name, candidate);
    if (d > tolerance(nearest->name) || (nearest->best.len && d >= nearest->distance))
        return;
    nearest->best = candidate;
    nearest->distance = d;
}
