/* profile/compare.c - one message against its predecessor: bytes, change, repetition. The hot path.
 *
 * One pass over the tape adds the bytes and hashes each value; what a row's value in this message is (one value, or the
 * sequence of several) is settled when the message ends, then compared with what the series remembers.
 */
#include <math.h>

#include "profile/observer.h"

/* --- rows --- */

static void grow_rows(struct type *type)
{
    size_t cap = type->row_cap ? type->row_cap * 2 : 16;
    type->profile.rows = wd_realloc(type->profile.rows, cap, sizeof *type->profile.rows);
    memset(type->profile.rows + type->row_cap, 0, (cap - type->row_cap) * sizeof *type->profile.rows);
    type->node_of = wd_realloc(type->node_of, cap, sizeof *type->node_of);
    type->touches = wd_realloc(type->touches, cap, sizeof *type->touches);
    memset(type->touches + type->row_cap, 0, (cap - type->row_cap) * sizeof *type->touches);
    type->touched = wd_realloc(type->touched, cap, sizeof *type->touched);
    type->row_cap = cap;
}

static uint32_t add_row(struct wd_observer *o, struct type *type, uint32_t node)
{
    if (type->profile.row_count == type->row_cap)
        grow_rows(type);
    uint32_t row = (uint32_t)type->profile.row_count++;
    wd_buf_reset(&o->scratch);
    wd_paths_write(type->paths, node, &o->scratch);
    type->profile.rows[row].path = wd_arena_copy(o->run, wd_buf_bytes(&o->scratch));
    type->profile.rows[row].sketch = wd_sketch_open();
    type->node_of[row] = node;
    return row;
}

/* The entry of `node` in row_of, made when new. */
static uint32_t entry_for(struct wd_observer *o, struct type *type, uint32_t node)
{
    if (node >= type->row_of_cap) {
        uint32_t cap = wd_paths_count(type->paths) + 16;
        type->row_of = wd_realloc(type->row_of, cap, sizeof *type->row_of);
        memset(type->row_of + type->row_of_cap, 0, (cap - type->row_of_cap) * sizeof *type->row_of);
        type->row_of_cap = cap;
    }
    if (!type->row_of[node]) {
        bool is_special = node == WD_PATH_MALFORMED || node == WD_PATH_OTHER;
        type->row_of[node] = (add_row(o, type, node) + 1) | (is_special ? ROW_SPECIAL : 0) |
                             (wd_paths_nodes(type->paths)[node].is_repeated ? ROW_REPEATED : 0);
    }
    return type->row_of[node];
}

/* Keys folded since the last message: their rows' counts move to the {} row. */
void rows_refold(struct wd_observer *o, struct type *type)
{
    type->folds_seen = wd_paths_folds(type->paths);
    for (uint32_t node = 0; node < type->row_of_cap && node < wd_paths_count(type->paths); node++) {
        uint32_t target = wd_paths_nodes(type->paths)[node].target;
        if (!type->row_of[node] || target == node)
            continue;
        uint32_t from = (type->row_of[node] & ROW_MASK) - 1, entry = entry_for(o, type, target), into = (entry & ROW_MASK) - 1;
        struct wd_row *rows = type->profile.rows;
        row_add(&rows[into], &rows[from]);
        rows[into].is_folded = true;
        if (rows[into].present > type->profile.count)
            rows[into].present = type->profile.count;
        struct wd_sketch *sketch = rows[from].sketch;
        wd_sketch_close(sketch);
        rows[from] = (struct wd_row){ .path = rows[from].path };
        type->row_of[node] = entry;
    }
}

/* --- one value --- */

static bool is_value(const struct wd_field *f)
{
    return f->value_len || (f->flags & WD_FIELD_EMPTY);
}

static uint64_t mix(uint64_t sequence, uint64_t hash)
{
    return (sequence ^ hash) * 0x9fb21c651e98df25u + (sequence >> 29);
}

static bool is_same_place(struct slot *slot, uint32_t place, uint64_t hash)
{
    if (place >= slot->place_cap) {
        uint32_t cap = slot->place_cap ? slot->place_cap * 2 : 4;
        slot->places = wd_realloc(slot->places, cap, sizeof *slot->places);
        slot->place_cap = cap;
    }
    bool is_same = place < slot->place_count && slot->places[place] == hash;
    slot->places[place] = hash;
    if (place >= slot->place_count)
        slot->place_count = place + 1;
    return is_same;
}

static inline void add_bytes(struct wd_row *row, const struct wd_field *f)
{
    row->occurrences++;
    row->key_bytes += f->key_len;
    row->value_bytes += f->value_len;
    row->syntax_bytes += f->syntax_len;
    row->space_bytes += f->space_len;
    row->types[f->type]++;
}

static uint64_t field_bytes(const struct wd_field *f)
{
    return (uint64_t)f->key_len + f->value_len + f->syntax_len + f->space_len;
}

/* Where a message can hold several values, each is held against the one at its position the last time. */
static void add_repeated(struct wd_row *row, struct slot *slot, struct touch *touch, const struct wd_field *f, struct wd_bytes text,
                         uint64_t hash, int64_t ts_ns)
{
    if (is_same_place(slot, touch->values, hash))
        row->repeated_bytes += field_bytes(f);
    else
        value_take(row, slot, f, text, ts_ns);
    touch->sequence = mix(touch->sequence, hash);
    touch->values++;
}

static bool is_beyond(double before, double now, double threshold)
{
    return fabs(now - before) > fabs(before) * threshold;
}

static void note_hold(struct wd_row *row, int64_t held_ns)
{
    uint64_t ms = held_ns > 0 ? (uint64_t)held_ns / 1000000 : 0;
    int bucket = ms ? 63 - __builtin_clzll(ms) : 0;
    row->hold[bucket < WD_HOLD_BUCKETS ? bucket : WD_HOLD_BUCKETS - 1]++;
}

/* Bookkeeping of a row's value in this message, whatever kind of row: seen before, and different or not. */
static bool settle(struct type *type, struct wd_row *row, struct slot *slot, uint64_t hash, int64_t ts_ns)
{
    bool is_first = slot->values == 0, is_changed = !is_first && slot->hash != hash;
    slot->hash = hash;
    slot->values++;
    if (is_first) {
        slot->since_ns = ts_ns;
        row->series++;
        return true;
    }
    row->compared++;
    if (slot->values == 2 && !is_changed)
        row->constant_series++;
    if (!is_changed)
        return false;
    row->changed++;
    note_hold(row, ts_ns - slot->since_ns);
    slot->since_ns = ts_ns;
    if (!slot->has_changed && slot->values > 2)
        row->constant_series--;
    slot->has_changed = true;
    type->has_changed = true;
    return true;
}

/* The only value of its row in a message: compared at once. */
static void add_single(struct wd_observer *o, struct type *type, struct wd_row *row, struct slot *slot,
                       const struct wd_field *f, struct wd_bytes text, uint64_t hash, int64_t ts_ns)
{
    bool is_first = slot->values == 0;
    if (!settle(type, row, slot, hash, ts_ns)) {
        row->repeated_bytes += field_bytes(f);
        return;
    }
    double number = value_number(f, text);
    if (!is_first && is_beyond(slot->number, number, o->config->thresholds.changed_beyond))
        row->changed_beyond++;
    slot->number = number;
    value_take(row, slot, f, text, ts_ns);
}

/* --- one message --- */

static inline void touch_row(struct type *type, struct series *series, struct wd_row *row, struct slot *slot, uint32_t r)
{
    type->touched[type->touched_count++] = r;
    row->present++;
    if (slot->seen == series->messages - 1)
        series->kept_rows++;
    else
        row->toggled++;
    slot->seen = series->messages;
}

static inline void add_field(struct wd_observer *o, struct type *type, struct series *series, const struct wd_field *f,
                             struct wd_bytes body, int64_t ts_ns)
{
    uint32_t entry = f->path < type->row_of_cap && type->row_of[f->path] ? type->row_of[f->path] : entry_for(o, type, f->path);
    uint32_t r = (entry & ROW_MASK) - 1;
    if (r >= series->slot_cap)
        series_room(o, series, (uint32_t)type->profile.row_count);
    struct wd_row *row = &type->profile.rows[r];
    struct slot *slot = &series->slots[r];
    bool is_again = slot->seen == series->messages;
    add_bytes(row, f);
    if (!is_again)
        touch_row(type, series, row, slot, r);
    if (!is_value(f) || entry & ROW_SPECIAL)
        return;
    if (f->flags & WD_FIELD_EMPTY)
        row->empty++;
    struct wd_bytes text = value_text(f, body, &o->scratch);
    uint64_t hash = value_hash(f, text, o->seed);
    if (type->has_entities)
        entity_value(type, f->path, hash);
    if (entry & ROW_REPEATED) {
        struct touch *touch = &type->touches[r];
        if (slot->valued != series->messages)
            *touch = (struct touch){ 0 };
        add_repeated(row, slot, touch, f, text, hash, ts_ns);
    } else if (slot->valued != series->messages) {  /* of a duplicate key the first one is compared */
        add_single(o, type, row, slot, f, text, hash, ts_ns);
    }
    slot->valued = series->messages;
}

/* Rows that can hold several values are compared as a sequence, once it is complete. */
static void settle_repeated(struct type *type, struct series *series, int64_t ts_ns)
{
    for (uint32_t i = 0; i < type->touched_count; i++) {
        uint32_t r = type->touched[i];
        struct slot *slot = &series->slots[r];
        if (!(type->row_of[type->node_of[r]] & ROW_REPEATED) || slot->valued != series->messages)
            continue;
        struct touch *touch = &type->touches[r];
        slot->place_count = touch->values;
        settle(type, &type->profile.rows[r], slot, touch->sequence + touch->values, ts_ns);
    }
}

/* Rows of the last message that are not in this one; looked for only when the counts say that there are some. */
static void note_vanished(struct type *type, struct series *series)
{
    if (series->kept_rows == series->last_rows)
        return;
    type->has_changed = true;
    for (uint32_t r = 0; r < series->slot_cap; r++)
        if (series->slots[r].seen == series->messages - 1)
            type->profile.rows[r].toggled++;
}

void compare_message(struct wd_observer *o, struct type *type, struct series *series, struct wd_bytes body, int64_t ts_ns)
{
    if (type->folds_seen != wd_paths_folds(type->paths))
        rows_refold(o, type);
    size_t rows_before = type->profile.row_count;
    series->messages++;
    series->kept_rows = 0;
    type->touched_count = 0;
    type->has_changed = false;
    type->entities.has_key = false;
    for (uint32_t i = 0; i < o->tape.count; i++)
        add_field(o, type, series, &o->tape.fields[i], body, ts_ns);
    settle_repeated(type, series, ts_ns);
    if (series->messages > 1) {
        note_vanished(type, series);
        type->has_changed |= type->touched_count != series->last_rows;
        type->profile.compared_messages++;
        type->profile.repeated_messages += !type->has_changed;
    }
    series->last_rows = type->touched_count;
    if (type->has_entities || !type->is_entity_decided)
        entity_message(o, type, series);
    equal_message(type, series, type->profile.row_count != rows_before);
}
