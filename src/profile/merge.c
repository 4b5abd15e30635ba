#include "profile/merge.h"

#include <stdlib.h>

#include "base/escape.h"
#include "base/map.h"
#include "profile/observer.h"

struct merge {
    struct wd_profile *into;
    size_t type_cap;
    struct wd_map *types;    /* identity -> type + 1 */
    struct wd_buf *note;
    struct wd_buf key;
};

static void add_ledger(struct wd_ledger *into, const struct wd_ledger *from)
{
    into->captured_bytes += from->captured_bytes;
    into->missing_bytes += from->missing_bytes;
    into->packets += from->packets;
    into->ambiguous_bytes += from->ambiguous_bytes;
    into->damaged += from->damaged;
    for (int i = 0; i < WD_LAYER_COUNT; i++)
        into->layer[i] += from->layer[i];
    for (int i = 0; i < WD_REASON_COUNT; i++) {
        into->reason_bytes[i] += from->reason_bytes[i];
        into->reason_streams[i] += from->reason_streams[i];
    }
}

static void add_counts(struct wd_connection_counts *into, const struct wd_connection_counts *from)
{
    into->opened += from->opened;
    into->pings += from->pings;
    into->pongs += from->pongs;
    into->closes += from->closes;
    into->messages_fragmented += from->messages_fragmented;
    into->messages_compressed += from->messages_compressed;
}

/* --- types --- */

static struct wd_type_profile *type_for(struct merge *m, const struct wd_type_profile *from)
{
    wd_buf_reset(&m->key);
    wd_buf_put(&m->key, from->channel);
    wd_buf_byte(&m->key, 0);
    wd_buf_byte(&m->key, (uint8_t)from->direction);
    wd_buf_byte(&m->key, (uint8_t)from->transport);
    wd_buf_put(&m->key, from->name);
    bool is_new;
    uint64_t *at = wd_map_put(m->types, wd_buf_bytes(&m->key), &is_new);
    if (is_new) {
        WD_GROW(m->into->types, m->into->type_count, m->type_cap);
        *at = ++m->into->type_count;
    }
    return &m->into->types[*at - 1];
}

static struct wd_bytes keep(struct merge *m, struct wd_bytes text)
{
    return text.len ? wd_arena_copy(m->into->arena, text) : text;
}

static void note_difference(struct merge *m, const struct wd_type_profile *t, const char *what)
{
    wd_put_terminal(m->note, t->channel);
    wd_buf_printf(m->note, " %s ", wd_direction_names[t->direction]);
    wd_put_terminal(m->note, t->name);
    wd_buf_printf(m->note, ": %s\n", what);
}

static void start_type(struct merge *m, struct wd_type_profile *into, const struct wd_type_profile *from)
{
    *into = *from;
    into->name = keep(m, from->name);
    into->channel = keep(m, from->channel);
    into->discovered = keep(m, from->discovered);
    into->entity = keep(m, from->entity);
    into->discriminator = keep(m, from->discriminator);
    into->rows = NULL;
    into->row_count = 0;
}

static void add_type(struct merge *m, struct wd_type_profile *into, const struct wd_type_profile *from)
{
    if (into->named_by != from->named_by || !wd_bytes_eq(into->discriminator, from->discriminator))
        note_difference(m, from, "its parts were named in different ways; name it in the configuration (messages)");
    if (!wd_bytes_eq(into->entity, from->entity))
        note_difference(m, from, "its parts have different entity keys; name one in the configuration (entities)");
    if (from->named_by < into->named_by)
        into->named_by = from->named_by;
    if (from->entity.len && (!into->entity.len || wd_bytes_cmp(from->entity, into->entity) < 0))
        into->entity = keep(m, from->entity);
    if (from->discriminator.len && (!into->discriminator.len || wd_bytes_cmp(from->discriminator, into->discriminator) < 0))
        into->discriminator = keep(m, from->discriminator);
    if (into->codec != from->codec && strcmp(into->codec, from->codec) != 0)
        into->codec = "mixed";
    into->is_direction_guessed |= from->is_direction_guessed;
    into->count += from->count;
    into->malformed += from->malformed;
    into->payload_bytes += from->payload_bytes;
    into->wire_payload_bytes += from->wire_payload_bytes;
    into->compared_messages += from->compared_messages;
    into->repeated_messages += from->repeated_messages;
    into->connections += from->connections;
    into->other_fields += from->other_fields;
    if (from->first_ns < into->first_ns)
        into->first_ns = from->first_ns;
    if (from->last_ns > into->last_ns)
        into->last_ns = from->last_ns;
}

/* --- rows: both lists are sorted by path --- */

/* A pair that both parts could have seen must hold in both; one that a part could not see rests on the other. */
static void keep_equals(struct merge *m, struct wd_row *into, const struct wd_row *from, const struct wd_type_profile *other,
                        const struct wd_row *self)
{
    struct wd_bytes *list = wd_arena_array(m->into->arena, struct wd_bytes, from->equals_count);
    size_t count = 0;
    for (size_t i = 0; i < from->equals_count; i++) {
        bool is_known = false, is_equal = false;
        for (size_t r = 0; self && r < other->row_count; r++)
            is_known |= wd_bytes_eq(other->rows[r].path, from->equals[i]);
        for (size_t e = 0; self && e < self->equals_count; e++)
            is_equal |= wd_bytes_eq(self->equals[e], from->equals[i]);
        if (!is_known || is_equal)
            list[count++] = keep(m, from->equals[i]);
    }
    into->equals = list;
    into->equals_count = count;
}

static struct wd_sketch *copy_sketch(const struct wd_sketch *from)
{
    if (!from)
        return NULL;
    struct wd_sketch *copy = wd_sketch_open();
    wd_sketch_merge(copy, from);
    return copy;
}

static void start_row(struct merge *m, struct wd_row *into, const struct wd_row *from)
{
    *into = *from;
    into->path = keep(m, from->path);
    into->sketch = copy_sketch(from->sketch);
    keep_equals(m, into, from, NULL, NULL);
}

static struct wd_bytes *union_of(struct merge *m, const struct wd_row *a, const struct wd_row *b, size_t *count)
{
    struct wd_bytes *list = wd_arena_array(m->into->arena, struct wd_bytes, a->equals_count + b->equals_count);
    size_t i = 0, j = 0;
    *count = 0;
    while (i < a->equals_count || j < b->equals_count) {
        int c = i == a->equals_count ? 1 : j == b->equals_count ? -1 : wd_bytes_cmp(a->equals[i], b->equals[j]);
        list[(*count)++] = c <= 0 ? a->equals[i] : b->equals[j];
        i += c <= 0;
        j += c >= 0;
    }
    return list;
}

static void join_rows(struct merge *m, struct wd_row *out, struct wd_row *a, const struct wd_type_profile *ta,
                      const struct wd_row *b, const struct wd_type_profile *tb)
{
    struct wd_row left = *a, right = *b;
    keep_equals(m, &left, a, tb, b);
    keep_equals(m, &right, b, ta, a);
    *out = *a;
    row_add(out, b);
    out->equals = union_of(m, &left, &right, &out->equals_count);
}

/* A constant in each part that differs between them is equal to nothing that it was not already. */
static void merge_rows(struct merge *m, struct wd_type_profile *into, const struct wd_type_profile *from)
{
    size_t i = 0, j = 0, n = 0;
    struct wd_row *rows = wd_arena_array(m->into->arena, struct wd_row, into->row_count + from->row_count);
    while (i < into->row_count || j < from->row_count) {
        int c = i == into->row_count ? 1 : j == from->row_count ? -1 : wd_bytes_cmp(into->rows[i].path, from->rows[j].path);
        if (c < 0)
            rows[n++] = into->rows[i++];
        else if (c > 0)
            start_row(m, &rows[n++], &from->rows[j++]);
        else
            join_rows(m, &rows[n++], &into->rows[i++], into, &from->rows[j++], from);
    }
    into->rows = rows;
    into->row_count = n;
}

static void note_folds(struct merge *m, const struct wd_type_profile *into, const struct wd_type_profile *from)
{
    for (size_t i = 0, j = 0; i < into->row_count && j < from->row_count;) {
        int c = wd_bytes_cmp(into->rows[i].path, from->rows[j].path);
        if (c == 0 && into->rows[i].is_folded != from->rows[j].is_folded) {
            note_difference(m, from, "its parts folded different keys; name the map in the configuration (maps)");
            return;
        }
        i += c <= 0;
        j += c >= 0;
    }
}

static void add_part(struct merge *m, const struct wd_profile *part)
{
    struct wd_profile *into = m->into;
    add_ledger(&into->ledger, &part->ledger);
    add_counts(&into->counts, &part->counts);
    into->connections += part->connections;
    into->reconnects += part->reconnects;
    into->is_incomplete |= part->is_incomplete;
    for (size_t i = 0; i < part->input_count; i++) {
        into->inputs[into->input_count] = part->inputs[i];
        into->inputs[into->input_count++].name = keep(m, part->inputs[i].name);
    }
    for (size_t t = 0; t < part->type_count; t++) {
        size_t before = into->type_count;
        struct wd_type_profile *type = type_for(m, &part->types[t]);
        if (into->type_count > before)
            start_type(m, type, &part->types[t]);
        else
            add_type(m, type, &part->types[t]);
        note_folds(m, type, &part->types[t]);
        merge_rows(m, type, &part->types[t]);
    }
}

static int by_name(const void *a, const void *b)
{
    const struct wd_input *x = a, *y = b;
    int c = wd_bytes_cmp(x->name, y->name);
    return c ? c : (x->first_ns > y->first_ns) - (x->first_ns < y->first_ns);
}

struct wd_profile *wd_profile_merge(struct wd_profile *const *parts, size_t count, struct wd_buf *note)
{
    struct wd_profile *into = wd_alloc(sizeof *into);
    into->arena = wd_arena_open();
    struct merge m = { .into = into, .types = wd_map_open(), .note = note };
    size_t inputs = 0;
    for (size_t i = 0; i < count; i++)
        inputs += parts[i]->input_count;
    into->inputs = wd_arena_array(into->arena, struct wd_input, inputs);
    for (size_t i = 0; i < count; i++)
        add_part(&m, parts[i]);
    if (inputs)
        qsort(into->inputs, inputs, sizeof *into->inputs, by_name);
    struct wd_type_profile *types = into->types;
    into->types = wd_arena_array(into->arena, struct wd_type_profile, into->type_count);
    if (into->type_count)
        memcpy(into->types, types, into->type_count * sizeof *types);
    wd_free(types);
    wd_map_close(m.types);
    wd_buf_free(&m.key);
    wd_profile_settle(into);
    return into;
}
