/* profile/equal.c - which fields always carry the same value (WD207).
 *
 * Pairs are made when a row is new in a message: the new row with every row of that message that has the same hash. From
 * then on a pair must hold in each message that has both, or it dies. Pairs of constants survive, or profiles of parts could
 * not be merged; whether they mean anything is for the rule to say.
 */
#include <stdlib.h>

#include "profile/observer.h"

/* The hash by which this message's value of a row is compared, 0 when it has none worth comparing. */
static uint64_t hash_in_message(const struct series *series, uint32_t row)
{
    const struct slot *slot = &series->slots[row];
    return slot->valued == series->messages ? slot->hash : 0;
}

static bool is_worth(const struct type *type, uint32_t row)
{
    const struct wd_row *r = &type->profile.rows[row];
    return r->empty < r->occurrences && r->types[WD_TYPE_BOOLEAN] < r->occurrences;
}

static void pair_up(struct type *type, const struct series *series, uint32_t row)
{
    uint64_t hash = hash_in_message(series, row);
    if (!hash || !is_worth(type, row))
        return;
    for (uint32_t i = 0; i < type->touched_count && type->pair_count < EQUAL_PAIRS; i++) {
        uint32_t other = type->touched[i];
        /* Two new rows meet twice: once is enough. */
        bool is_later_new = type->profile.rows[other].present == 1 && other > row;
        if (other != row && !is_later_new && hash_in_message(series, other) == hash && is_worth(type, other))
            type->pairs[type->pair_count++] = (struct equal_pair){ row, other, false };
    }
}

static void drop_dead(struct type *type)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < type->pair_count; i++)
        if (!type->pairs[i].is_dead)
            type->pairs[kept++] = type->pairs[i];
    type->pair_count = kept;
}

void equal_message(struct type *type, const struct series *series, bool has_new_rows)
{
    bool has_dead = false;
    for (uint32_t i = 0; i < type->pair_count; i++) {
        struct equal_pair *p = &type->pairs[i];
        uint64_t a = hash_in_message(series, p->a), b = hash_in_message(series, p->b);
        if (a && b && a != b)
            has_dead = p->is_dead = true;
    }
    if (has_dead)
        drop_dead(type);
    for (uint32_t i = 0; has_new_rows && i < type->touched_count; i++)
        if (type->profile.rows[type->touched[i]].present == 1)
            pair_up(type, series, type->touched[i]);
}

static int by_bytes(const void *a, const void *b)
{
    return wd_bytes_cmp(*(const struct wd_bytes *)a, *(const struct wd_bytes *)b);
}

void equal_finish(struct type *type, struct wd_arena *arena)
{
    for (uint32_t r = 0; r < type->profile.row_count; r++) {
        struct wd_bytes *list = NULL;
        size_t count = 0;
        for (uint32_t i = 0; i < type->pair_count; i++) {
            const struct equal_pair *p = &type->pairs[i];
            if (p->a != r && p->b != r)
                continue;
            if (!list)
                list = wd_arena_array(arena, struct wd_bytes, type->pair_count);
            list[count++] = type->profile.rows[p->a == r ? p->b : p->a].path;
        }
        if (count > 1)
            qsort(list, count, sizeof *list, by_bytes);
        type->profile.rows[r].equals = list;
        type->profile.rows[r].equals_count = count;
    }
}
