/* profile/row.c - adding the counts of one row to another: when keys fold, and when profiles merge. */
#include "profile/observer.h"


static void add_words(uint64_t *into, const uint64_t *from, size_t count)
{
    for (size_t i = 0; i < count; i++)
        into[i] += from[i];
}

static void add_distinct(struct wd_row *into, const struct wd_row *from)
{
    if (into->sketch && from->sketch) {
        wd_sketch_merge(into->sketch, from->sketch);
        into->distinct = wd_sketch_count(into->sketch);
        into->distinct_max = into->distinct_max || from->distinct_max ? into->distinct_max + from->distinct_max : 0;
        return;
    }
    /* Without both sketches only bounds are known: at least the larger, at most the sum. */
    uint64_t most = (into->distinct_max ? into->distinct_max : into->distinct) +
                    (from->distinct_max ? from->distinct_max : from->distinct);
    if (into->occurrences == 0) {
        into->distinct = from->distinct;
        into->distinct_max = from->distinct_max;
        return;
    }
    if (from->distinct > into->distinct)
        into->distinct = from->distinct;
    into->distinct_max = most > into->distinct ? most : 0;
    wd_sketch_close(into->sketch);
    into->sketch = NULL;
}

void row_add(struct wd_row *into, const struct wd_row *from)
{
    if (from->occurrences && (from->distinct || from->sketch))
        add_distinct(into, from);
    into->present += from->present;
    into->occurrences += from->occurrences;
    into->key_bytes += from->key_bytes;
    into->value_bytes += from->value_bytes;
    into->syntax_bytes += from->syntax_bytes;
    into->space_bytes += from->space_bytes;
    add_words(into->types, from->types, WD_TYPE_COUNT);
    into->empty += from->empty;
    into->compared += from->compared;
    into->changed += from->changed;
    into->toggled += from->toggled;
    into->changed_beyond += from->changed_beyond;
    into->entity_compared += from->entity_compared;
    into->entity_changed += from->entity_changed;
    into->repeated_bytes += from->repeated_bytes;
    into->series += from->series;
    into->constant_series += from->constant_series;
    add_words(into->shapes, from->shapes, WD_SHAPE_COUNT);
    into->shape_values += from->shape_values;
    if (from->value_len_max > into->value_len_max)
        into->value_len_max = from->value_len_max;
    into->digits += from->digits;
    add_words(into->hold, from->hold, WD_HOLD_BUCKETS);
    into->is_folded |= from->is_folded;
    into->is_estimated |= from->is_estimated;
    into->is_discriminator |= from->is_discriminator;
    into->is_entity_key |= from->is_entity_key;
}
