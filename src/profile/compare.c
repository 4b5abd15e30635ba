/* profile/compare.c - one message against its predecessor: bytes, change, repetition. The hot path.
 *
 * One pass over the tape adds the bytes and hashes each value; what a row's value in this message is (one
 * value, or the sequence of several) is settled when the message ends, then compared with what the series
 * remembers.
 */
#include <math.h>

#include "profile/observer.h"

/* --- rows --- */

enum { ENTRIES_PER_ROW = 64 };  /* of row_of, in all, for each row of the limit fields-total */

static void grow_rows(struct type *type)
{
    size_t cap = type->row_cap ? type->row_cap * 2 : 16;
    type->profile.rows = wd_realloc(type->profile.rows, cap, sizeof *type->profile.rows);
    memset(type->profile.rows + type->row_cap, 0, (cap - type->row_cap) * sizeof *type->profile.rows);
    type->node_of = wd_realloc(type->node_of, cap, sizeof *type->node_of);
    type->touches = wd_realloc(type->touches, cap, sizeof *type->touches);
    memset(type->touches + type->row_cap, 0, (cap - type->row_cap) * sizeof *type->touches);
    type->lists = wd_realloc(type->lists, cap, sizeof *type->lists);
    memset(type->lists + type->row_cap, 0, (cap - type->row_cap) * sizeof *type->lists);
    type->touched = wd_realloc(type->touched, cap, sizeof *type->touched);
    type->row_cap = cap;
}

static uint32_t add_row(struct wd_observer *o, struct type *type, uint32_t node)
{
    if (type->profile.row_count == type->row_cap)
        grow_rows(type);
    uint32_t row = (uint32_t)type->profile.row_count++;
    quota_take(o, QUOTA_ROWS, 1);
    o->rows++;
    wd_buf_reset(&o->scratch);
    wd_paths_write(type->paths, node, &o->scratch);
    type->profile.rows[row].path = wd_arena_copy(o->run, wd_buf_bytes(&o->scratch));
    type->profile.rows[row].sketch = wd_sketch_open();
    type->profile.rows[row].sample = wd_sample_open(o->config->samples);
    type->node_of[row] = node;
    return row;
}

/* Room in row_of for `node`; false when all types together have taken what there is. */
static bool grow_entries(struct wd_observer *o, struct type *type, uint32_t node)
{
    uint32_t cap = wd_paths_count(type->paths) + 16;
    if (node > WD_PATH_OTHER && o->row_entries + cap > o->limits.fields_total * ENTRIES_PER_ROW) {
        note_limit(o, WD_LIMIT_fields_total);
        return false;
    }
    if (node <= WD_PATH_OTHER && o->row_entries + cap > o->limits.fields_total * ENTRIES_PER_ROW)
        cap = WD_PATH_OTHER + 1;
    type->row_of = wd_realloc(type->row_of, cap, sizeof *type->row_of);
    memset(type->row_of + type->row_of_cap, 0, (cap - type->row_of_cap) * sizeof *type->row_of);
    o->row_entries += cap - type->row_of_cap;
    type->row_of_cap = cap;
    return true;
}

static bool has_row_left(const struct wd_observer *o, const struct type *type, uint32_t node)
{
    return node <= WD_PATH_OTHER ||
           (type->profile.row_count < o->limits.fields &&
            quota_room(o, QUOTA_ROWS, o->rows, o->limits.fields_total) > 0);
}

uint32_t row_entry(struct wd_observer *o, struct type *type, uint32_t node)
{
    if (node >= type->row_of_cap && !grow_entries(o, type, node))
        return row_entry(o, type, WD_PATH_OTHER);
    if (type->row_of[node])
        return type->row_of[node];
    const struct wd_path *path = &wd_paths_nodes(type->paths)[node];
    uint32_t entry;
    if (path->target != node) {  /* its key was folded later in the same message */
        entry = row_entry(o, type, path->target);
        type->profile.rows[(entry & ROW_MASK) - 1].is_folded = true;
    } else if (!has_row_left(o, type, node)) {
        note_limit(o, type->profile.row_count < o->limits.fields ? WD_LIMIT_fields_total : WD_LIMIT_fields);
        entry = row_entry(o, type, WD_PATH_OTHER);
    } else {
        bool is_special = node == WD_PATH_MALFORMED || node == WD_PATH_OTHER, is_repeated = path->is_repeated;
        entry =
            (add_row(o, type, node) + 1) | (is_special ? ROW_SPECIAL : 0) | (is_repeated ? ROW_REPEATED : 0);
    }
    return type->row_of[node] = entry;
}

static void cap(uint64_t *count, uint64_t most)
{
    if (*count > most)
        *count = most;
}

/* How many messages had any of the keys is not known any more, only that there were no more than all before
 * this one. */
static void cap_counts(struct wd_row *row, uint64_t messages)
{
    row->is_folded = row->is_estimated = true;
    cap(&row->present, messages);
    cap(&row->compared, row->present);
    cap(&row->changed, row->compared);
    cap(&row->changed_beyond, row->changed);
    cap(&row->toggled, messages);
}

static void move_row(struct type *type, uint32_t from, uint32_t into)
{
    struct wd_row *rows = type->profile.rows;
    row_add(&rows[into], &rows[from]);
    cap_counts(&rows[into], type->profile.count - 1);
    wd_row_close(&rows[from]);
    rows[from] = (struct wd_row){ .path = rows[from].path };
    entity_fold(type, from, into);
    equal_forget(type, from);
    equal_forget(type, into);
}

/* Keys folded since the last message: their rows' counts move to the {} row. */
void rows_refold(struct wd_observer *o, struct type *type)
{
    echo_drop_type(o, type);
    type->folds_seen = wd_paths_folds(type->paths);
    for (uint32_t node = 0; node < type->row_of_cap && node < wd_paths_count(type->paths); node++) {
        uint32_t target = wd_paths_nodes(type->paths)[node].target;
        if (!type->row_of[node] || target == node)
            continue;
        uint32_t from = (type->row_of[node] & ROW_MASK) - 1, entry = row_entry(o, type, target),
                 into = (entry & ROW_MASK) - 1;
        if (from != into && type->node_of[from] == node)
            move_row(type, from, into);
        type->row_of[node] = entry;
    }
}

/* --- one value --- */

static bool is_value(const struct wd_field *f)
{
    return f->value_len || (f->flags & WD_FIELD_EMPTY);
}

bool place_room(struct wd_observer *o, struct series *series, struct memory *memory, uint32_t place)
{
    if (place < memory->place_cap)
        return true;
    uint32_t cap = memory->place_cap ? memory->place_cap * 2 : 4;
    if (place >= cap || !series_take(o, series, cap - memory->place_cap))
        return false;
    memory->places = wd_realloc(memory->places, cap, sizeof *memory->places);
    memory->place_cap = cap;
    return true;
}

static bool is_same_place(struct wd_observer *o, struct series *series, struct memory *memory, uint32_t place,
                          uint64_t hash)
{
    if (!place_room(o, series, memory, place))
        return false;
    bool is_same = place < memory->place_count && memory->places[place] == hash;
    memory->places[place] = hash;
    if (place >= memory->place_count)
        memory->place_count = place + 1;
    return is_same;
}

/* Where a message can hold several values, each is held against the one at its position the last time. */
static void add_repeated(struct wd_observer *o, struct series *series, uint32_t r, struct wd_row *row,
                         struct touch *touch, const struct wd_field *f, struct wd_bytes text, uint64_t hash,
                         int64_t ts_ns)
{
    struct memory *memory = &series->memories[r];
    if (is_same_place(o, series, memory, touch->values, hash))
        row->repeated_bytes += field_bytes(f);
    else
        value_take(o, row, memory, f, text, ts_ns);
    touch->sequence = sequence_mix(touch->sequence, hash);
    touch->values++;
}

static bool is_beyond(double before, double now, double threshold)
{
    return fabs(now - before) > fabs(before) * threshold;
}

/* The times of a capture can be further apart than 63 bits reach. */
static void note_hold(struct wd_row *row, int64_t since_ns, int64_t now_ns)
{
    if (!since_ns && !now_ns)   /* lines of JSON need not say when */
        return;
    uint64_t ns = now_ns > since_ns ? (uint64_t)now_ns - (uint64_t)since_ns : 0, ms = ns / 1000000;
    int bucket = ms ? 63 - __builtin_clzll(ms) : 0;
    row->hold[bucket < WD_HOLD_BUCKETS ? bucket : WD_HOLD_BUCKETS - 1]++;
    wd_row_add_holds(row, ms + (ns % 1000000 >= 500000));
}

void change_value(struct type *type, struct series *series, uint32_t r, uint64_t hash, int64_t ts_ns,
                  bool was_constant)
{
    struct wd_row *row = &type->profile.rows[r];
    struct memory *memory = &series->memories[r];
    series->slots[r].hash = hash;
    row->changed++;
    note_hold(row, memory->since_ns, ts_ns);
    memory->since_ns = ts_ns;
    if (!memory->has_changed && was_constant)
        row->constant_series--;
    memory->has_changed = true;
    type->has_changed = true;
}

void change_single(struct wd_observer *o, struct wd_row *row, struct memory *memory, const struct wd_field *f,
                   struct wd_bytes text, int64_t ts_ns)
{
    double number = value_number(f, text);
    if (is_beyond(memory->number, number, o->config->thresholds.changed_beyond))
        row->changed_beyond++;
    memory->number = number;
    value_take(o, row, memory, f, text, ts_ns);
}

/* Bookkeeping of a row's value in this message, whatever kind of row. False when it is what it was. */
static inline bool settle(struct type *type, struct series *series, uint32_t r, uint64_t hash, int64_t ts_ns)
{
    struct wd_row *row = &type->profile.rows[r];
    struct slot *slot = &series->slots[r];
    if (slot->values++ == 0) {
        slot->hash = hash;
        series->memories[r].since_ns = ts_ns;
        row->series++;
        return true;
    }
    row->compared++;
    if (slot->hash != hash) {
        change_value(type, series, r, hash, ts_ns, slot->values > 2);
        return true;
    }
    if (slot->values == 2)
        row->constant_series++;
    return false;
}

/* The only value of its row in a message: compared at once. */
static inline void add_single(struct wd_observer *o, struct type *type, struct series *series, uint32_t r,
                              const struct wd_field *f, struct wd_bytes text, uint64_t hash, int64_t ts_ns)
{
    struct wd_row *row = &type->profile.rows[r];
    struct memory *memory = &series->memories[r];
    if (series->slots[r].values == 0)
        memory->number = NAN;  /* nothing is beyond a first value */
    if (settle(type, series, r, hash, ts_ns))
        change_single(o, row, memory, f, text, ts_ns);
    else
        row->repeated_bytes += field_bytes(f);
}

/* --- one message --- */

static inline void touch_row(struct type *type, struct series *series, struct wd_row *row, struct slot *slot,
                             uint32_t r)
{
    type->touched[type->touched_count++] = r;
    row->present++;
    if (slot->seen == series->messages - 1)
        series->kept_rows++;
    else
        row->toggled++;
    slot->seen = series->messages;
}

/* How many paths the (other) row stands for, by their keys and depths. A message that is not walked has
 * none. */
static void note_beyond(const struct wd_field *f, struct wd_row *row, struct wd_bytes body)
{
    if (f->depth == 0 || f->flags & WD_FIELD_MALFORMED)
        return;
    struct wd_bytes key = wd_bytes_at(body.at + f->key_off, f->key_len);
    wd_sketch_add(row->sketch, wd_hash_string_value(key, WD_SKETCH_SEED + f->depth));
}

static inline void add_field(struct wd_observer *o, struct type *type, struct series *series,
                             const struct wd_field *f, struct wd_bytes body, int64_t ts_ns)
{
    uint32_t entry = f->path < type->row_of_cap && type->row_of[f->path] ? type->row_of[f->path]
                                                                         : row_entry(o, type, f->path);
    uint32_t r = (entry & ROW_MASK) - 1;
    if (r >= series->slot_cap)
        series_room(o, series, (uint32_t)type->profile.row_count);
    struct wd_row *row = &type->profile.rows[r];
    struct slot *slot = &series->slots[r];
    bool is_again = slot->seen == series->messages;
    row_take_bytes(row, f);
    if (!is_again)
        touch_row(type, series, row, slot, r);
    if (entry & ROW_SPECIAL) {
        note_beyond(f, row, body);
        return;
    }
    if (!is_value(f))
        return;
    if (f->flags & WD_FIELD_EMPTY)
        row->empty++;
    struct wd_bytes text = value_text(f, body, &o->scratch);
    uint64_t hash = value_hash(f, text, o->seed);
    struct touch *touch = &type->touches[r];
    if (!has_value(type, r))
        *touch = (struct touch){ .message = (uint32_t)type->profile.count };
    if (entry & ROW_REPEATED)
        add_repeated(o, series, r, row, touch, f, text, hash, ts_ns);
    else if (touch->values++ == 0)  /* of a duplicate key the first one is compared */
        add_single(o, type, series, r, f, text, hash, ts_ns);
}

/* Rows that can hold several values are compared as a sequence, once it is complete. */
static void settle_repeated(struct type *type, struct series *series, int64_t ts_ns)
{
    for (uint32_t i = 0; i < type->touched_count; i++) {
        uint32_t r = type->touched[i];
        if (!(type->row_of[type->node_of[r]] & ROW_REPEATED) || !has_value(type, r))
            continue;
        struct touch *touch = &type->touches[r];
        series->memories[r].place_count = touch->values;
        settle(type, series, r, touch->sequence + touch->values, ts_ns);
    }
}

/* Rows of the last message that are not in this one; looked for only when the counts say that there are
 * some. */
static void note_vanished(struct type *type, struct series *series)
{
    if (series->kept_rows == series->last_rows)
        return;
    type->has_changed = true;
    for (uint32_t r = 0; r < series->slot_cap; r++)
        if (series->slots[r].seen == series->messages - 1)
            type->profile.rows[r].toggled++;
}

void compare_message(struct wd_observer *o, struct type *type, struct series *series, struct wd_bytes body,
                     int64_t ts_ns)
{
    if (type->folds_seen != wd_paths_folds(type->paths))
        rows_refold(o, type);
    size_t rows_before = type->profile.row_count;
    series->messages++;
    series->kept_rows = 0;
    type->touched_count = 0;
    type->has_changed = false;
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
    if (type->entities.row != NO_ROW || !type->is_entity_decided)
        entity_message(o, type, series);
    equal_message(type, series, type->profile.row_count != rows_before);
}
