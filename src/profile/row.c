/* profile/row.c - adding the counts of one row to another: when keys fold, and when profiles merge. */
#include "profile/observer.h"

static void add_words(uint64_t *into, const uint64_t *from, size_t count)
{
    for (size_t i = 0; i < count; i++)
        into[i] += from[i];
}

static uint64_t sum_of(uint64_t a, uint64_t b)
{
    return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

/* The most values that the sketch does not know of: those of parts that came without one. */
static uint64_t unsketched(const struct wd_row *row)
{
    uint64_t known = row->sketch ? wd_sketch_count(row->sketch) : 0;
    if (!known && !row->distinct_max)
        return row->distinct;  /* no sketch, or one that saw nothing */
    return row->distinct_max > known ? row->distinct_max - known : 0;
}

/* Of what has sketches the union is known, of the rest only bounds: at least the largest, at most the sum. */
static void add_distinct(struct wd_row *into, const struct wd_row *from)
{
    uint64_t beyond = sum_of(unsketched(into), unsketched(from));
    if (from->sketch && !into->sketch)
        into->sketch = wd_sketch_open();
    if (from->sketch)
        wd_sketch_merge(into->sketch, from->sketch);
    uint64_t known = into->sketch ? wd_sketch_count(into->sketch) : 0;
    if (from->distinct > into->distinct)
        into->distinct = from->distinct;
    if (known > into->distinct)
        into->distinct = known;
    into->distinct_max = beyond ? sum_of(known, beyond) : 0;
    if (!known && into->distinct_max == into->distinct)
        into->distinct_max = 0;
}

void row_add(struct wd_row *into, const struct wd_row *from)
{
    add_distinct(into, from);
    into->present += from->present;
    into->occurrences += from->occurrences;
    into->key_bytes += from->key_bytes;
    into->value_bytes += from->value_bytes;
    into->syntax_bytes += from->syntax_bytes;
    into->space_bytes += from->space_bytes;
    add_words(into->types, from->types, WD_TYPE_COUNT);
    into->wire_bits += from->wire_bits;
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
    wd_sample_merge(&into->sample, from->sample);
    add_words(into->hold, from->hold, WD_HOLD_BUCKETS);
    wd_row_add_holds(into, from->hold_ms);
#define ADD(name) into->encodings.name += from->encodings.name;
    WD_ENCODINGS(ADD)
#undef ADD
    wd_nested_add(&into->nested, from->nested);
    into->is_folded |= from->is_folded;
    into->is_estimated |= from->is_estimated;
    into->is_discriminator |= from->is_discriminator;
    into->is_entity_key |= from->is_entity_key;
}
