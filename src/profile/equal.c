/* profile/equal.c - which fields always repeat another one (WD207).
 *
 * A row equals another when each message that has it has the other too, with the same value: then it can go.
 * Pairs are made when a row is new, with the rows of that message which have the same value, and die in the
 * first message where that fails. So what a part of the traffic knows of a row (not seen, equal to these,
 * equal to none) is all that merging needs. Pairs of constants survive; whether they mean anything is for the
 * rule to say.
 */
#include <stdlib.h>

#include "profile/observer.h"

/* The hash by which this message's value of a row is compared, 0 when it has none worth comparing. What a
 * message that repeats the one before has is what the echo has. */
static uint64_t hash_in_message(const struct type *type, const struct series *series, uint32_t row)
{
    if (series->has_echo)
        return row < series->slot_cap && series->memories[row].values ? series->slots[row].hash : 0;
    return has_value(type, row) ? series->slots[row].hash : 0;
}

static bool is_worth(const struct type *type, uint32_t row)
{
    const struct wd_row *r = &type->profile.rows[row];
    return r->empty < r->occurrences && r->types[WD_TYPE_BOOLEAN] < r->occurrences;
}

static void pair_up(struct type *type, const struct series *series, uint32_t row)
{
    uint64_t hash = hash_in_message(type, series, row);
    if (!hash || !is_worth(type, row))
        return;
    for (uint32_t i = 0; i < type->touched_count && type->pair_count < EQUAL_PAIRS; i++)
        if (type->touched[i] != row && hash_in_message(type, series, type->touched[i]) == hash)
            type->pairs[type->pair_count++] = (struct equal_pair){ row, type->touched[i], false };
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
        uint64_t hash = hash_in_message(type, series, p->row);
        if (hash && hash_in_message(type, series, p->other) != hash)
            has_dead = p->is_dead = true;
    }
    if (has_dead)
        drop_dead(type);
    for (uint32_t i = 0; has_new_rows && i < type->touched_count; i++)
        if (type->profile.rows[type->touched[i]].present == 1)
            pair_up(type, series, type->touched[i]);
}

void equal_forget(struct type *type, uint32_t row)
{
    for (uint32_t i = 0; i < type->pair_count; i++)
        type->pairs[i].is_dead = type->pairs[i].row == row || type->pairs[i].other == row;
    drop_dead(type);
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
            if (p->row != r)
                continue;
            if (!list)
                list = wd_arena_array(arena, struct wd_bytes, type->pair_count);
            list[count++] = type->profile.rows[p->other].path;
        }
        if (count > 1)
            qsort(list, count, sizeof *list, by_bytes);
        type->profile.rows[r].equals = list;
        type->profile.rows[r].equals_count = count;
    }
}
