#include "profile/merge.h"

#include <stdlib.h>

#include "base/escape.h"
#include "base/map.h"
#include "model/path.h"
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
        note_difference(m, from,
                        "its parts were named in different ways; name it in the configuration (messages)");
    if (!wd_bytes_eq(into->entity, from->entity))
        note_difference(m, from,
                        "its parts have different entity keys; name one in the configuration (entities)");
    if (from->named_by < into->named_by)
        into->named_by = from->named_by;
    if (from->discovered.len &&
        (!into->discovered.len || wd_bytes_cmp(from->discovered, into->discovered) < 0))
        into->discovered = keep(m, from->discovered);
    if (from->entity.len && (!into->entity.len || wd_bytes_cmp(from->entity, into->entity) < 0))
        into->entity = keep(m, from->entity);
    if (from->discriminator.len &&
        (!into->discriminator.len || wd_bytes_cmp(from->discriminator, into->discriminator) < 0))
        into->discriminator = keep(m, from->discriminator);
    if (into->codec != from->codec && strcmp(into->codec, from->codec) != 0)
        into->codec = WD_CODEC_MIXED;
    into->is_direction_guessed |= from->is_direction_guessed;
    into->count += from->count;
    into->malformed += from->malformed;
    into->payload_bytes += from->payload_bytes;
    into->wire_payload_bytes += from->wire_payload_bytes;
    into->wire_bits += from->wire_bits;
    into->has_wire_bits &= from->has_wire_bits;
    into->is_wire_estimated |= from->is_wire_estimated;
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
    struct wd_bytes *list = wd_arena_array(m->into->arena, struct wd_bytes, from->equals_count);
    *into = *from;
    into->path = keep(m, from->path);
    into->sketch = copy_sketch(from->sketch);
    into->sample = wd_sample_copy(from->sample);
    into->nested = NULL;
    wd_nested_add(&into->nested, from->nested);
    for (size_t i = 0; i < from->equals_count; i++)
        list[i] = keep(m, from->equals[i]);
    into->equals = list;
}

/* What a row equals, it equals in each part that has it. Both lists are sorted. */
static void keep_common(struct wd_row *into, const struct wd_row *from)
{
    struct wd_bytes *list = (struct wd_bytes *)into->equals;  /* ours: start_row made it */
    size_t i = 0, j = 0, n = 0;
    while (i < into->equals_count && j < from->equals_count) {
        int c = wd_bytes_cmp(list[i], from->equals[j]);
        if (c == 0)
            list[n++] = list[i];
        i += c <= 0;
        j += c >= 0;
    }
    into->equals_count = n;
}

static void join_rows(struct wd_row *into, const struct wd_row *from)
{
    row_add(into, from);
    keep_common(into, from);
}

static void merge_rows(struct merge *m, struct wd_type_profile *into, const struct wd_type_profile *from)
{
    size_t i = 0, j = 0, n = 0;
    struct wd_row *rows = wd_arena_array(m->into->arena, struct wd_row, into->row_count + from->row_count);
    while (i < into->row_count || j < from->row_count) {
        int c = i == into->row_count   ? 1
                : j == from->row_count ? -1
                                       : wd_bytes_cmp(into->rows[i].path, from->rows[j].path);
        if (c > 0) {
            start_row(m, &rows[n++], &from->rows[j++]);
            continue;
        }
        rows[n] = into->rows[i++];
        if (c == 0)
            join_rows(&rows[n], &from->rows[j++]);
        n++;
    }
    into->rows = rows;
    into->row_count = n;
}

/* --- parts that folded other keys --- */

/* The first row that does not sort before `prefix`. */
static size_t first_from(const struct wd_type_profile *t, struct wd_bytes prefix)
{
    size_t low = 0, high = t->row_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (wd_bytes_cmp(t->rows[middle].path, prefix) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static struct wd_bytes before_map(struct wd_bytes path)
{
    const uint8_t *map = memmem(path.at, path.len, "{}", 2);
    return wd_bytes_at(path.at, map ? (size_t)(map - path.at) : 0);
}

/* True when `other` still has a row of a key that is folded here. */
static bool has_unfolded(const struct wd_row *row, const struct wd_type_profile *other)
{
    struct wd_bytes top = before_map(row->path);
    for (size_t r = first_from(other, top); r < other->row_count; r++) {
        struct wd_bytes path = other->rows[r].path;
        if (path.len < top.len || (top.len && memcmp(path.at, top.at, top.len) != 0))
            return false;
        if (!wd_bytes_eq(path, row->path) && wd_path_meets(row->path, path))
            return true;
    }
    return false;
}

static bool folds_what_is_open(const struct wd_type_profile *a, const struct wd_type_profile *b)
{
    for (size_t r = 0; r < a->row_count; r++)
        if (a->rows[r].is_folded && wd_path_is_entry(a->rows[r].path) && has_unfolded(&a->rows[r], b))
            return true;
    return false;
}

static void note_folds(struct merge *m, const struct wd_type_profile *into,
                       const struct wd_type_profile *from)
{
    if (folds_what_is_open(into, from) || folds_what_is_open(from, into))
        note_difference(m, from, "its parts folded different keys; name the map in the configuration (maps)");
}

static void add_part(struct merge *m, const struct wd_profile *part)
{
    struct wd_profile *into = m->into;
    add_ledger(&into->ledger, &part->ledger);
    add_counts(&into->counts, &part->counts);
    wd_tls_counts_add(&into->tls, &part->tls);
    for (size_t i = 0; i < part->server_name_count; i++)
        wd_profile_name_server(into, part->server_names[i].name, part->server_names[i].connections);
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
    if (!c)
        c = (x->first_ns > y->first_ns) - (x->first_ns < y->first_ns);
    if (!c)
        c = (x->last_ns > y->last_ns) - (x->last_ns < y->last_ns);
    if (!c)
        c = (x->bytes > y->bytes) - (x->bytes < y->bytes);
    if (!c)
        c = (x->packets > y->packets) - (x->packets < y->packets);
    return c ? c : (x->dropped > y->dropped) - (x->dropped < y->dropped);
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
