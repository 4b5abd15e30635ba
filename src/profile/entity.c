/* profile/entity.c - the last value per entity: a room, a symbol, a device.
 *
 * A configured key is used from the start. Otherwise at most eight candidates (id, *_id, *Id, name, symbol,
 * key, topic, not deeper than 3) are tried side by side on the first 1,000 messages of the type; the one
 * which makes most values repeat wins if it gains 20 % or more of all comparisons over the plain series, and
 * its counts are kept. Entities live within a series, so a message that is broadcast to many is not compared
 * with its own copies.
 */
#include "profile/observer.h"

enum { TRIAL_MESSAGES = 1000, KEY_DEPTH = 3 };
static const double LEAST_GAIN = 0.20;

static bool ends_with(struct wd_bytes key, const char *tail)
{
    size_t n = strlen(tail);
    return key.len > n && memcmp(key.at + key.len - n, tail, n) == 0;
}

static bool is_key_like(struct wd_bytes key)
{
    static const char *const words[] = { "id", "name", "symbol", "key", "topic" };
    for (size_t i = 0; i < WD_COUNT(words); i++)
        if (wd_bytes_is(key, words[i]))
            return true;
    return ends_with(key, "_id") || ends_with(key, "Id");
}

static bool is_configured(const struct wd_observer *o, const struct type *type, struct wd_bytes *key)
{
    for (size_t i = 0; i < o->config->entity_count; i++) {
        if (wd_bytes_eq(o->config->entities[i].message, type->profile.name)) {
            *key = o->config->entities[i].key;
            return true;
        }
    }
    return false;
}

static uint32_t row_of_path(const struct type *type, struct wd_bytes path)
{
    for (uint32_t r = 0; r < type->profile.row_count; r++)
        if (wd_bytes_eq(type->profile.rows[r].path, path))
            return r;
    return NO_ROW;
}

static void add_candidate(struct type *type, uint32_t row)
{
    for (uint32_t i = 0; i < type->candidate_count; i++)
        if (type->candidates[i].row == row)
            return;
    type->candidates[type->candidate_count++] = (struct entities){ .row = row };
}

/* Looks for candidates among the rows that are there; called while the trial lasts, when rows are new. */
void entity_begin(struct wd_observer *o, struct type *type)
{
    struct wd_bytes key;
    if (is_configured(o, type, &key)) {
        type->entities.row = row_of_path(type, key);
        type->is_entity_decided = type->entities.row != NO_ROW;
        return;
    }
    if (!type->candidates)
        type->candidates = wd_alloc(CANDIDATES * sizeof *type->candidates);
    for (uint32_t r = 0; r < type->profile.row_count && type->candidate_count < CANDIDATES; r++) {
        const struct wd_path *n = &wd_paths_nodes(type->paths)[type->node_of[r]];
        const struct wd_row *row = &type->profile.rows[r];
        bool is_scalar = row->types[WD_TYPE_STRING] + row->types[WD_TYPE_INTEGER] == row->occurrences;
        if (n->token && n->depth <= KEY_DEPTH && !n->is_repeated && is_scalar &&
            is_key_like(wd_paths_key(type->paths, type->node_of[r])))
            add_candidate(type, r);
    }
}

/* --- the table: open addressing, at most half full; when the limit is reached, a slot that was not used
 * lately is given up --- */

static struct entity *slot_of(struct entities *e, uint64_t key)
{
    uint32_t mask = e->size - 1, i = (uint32_t)(key >> 7) & mask;
    while (e->table[i].key && e->table[i].key != key)
        i = (i + 1) & mask;
    return &e->table[i];
}

static void grow(struct entities *e)
{
    struct entity *old = e->table;
    uint32_t old_size = e->size;
    e->size = old_size ? old_size * 2 : 16;
    e->table = wd_alloc(e->size * sizeof *e->table);
    for (uint32_t i = 0; i < old_size; i++)
        if (old[i].key)
            *slot_of(e, old[i].key) = old[i];
    wd_free(old);
}

/* What an entity kept serves the next one. */
static void keep_spare(struct wd_observer *o, struct entities *e, struct entity *slot)
{
    o->entity_values -= slot->cap;
    if (slot->cap <= e->spare_cap) {
        wd_free(slot->hashes);
        return;
    }
    wd_free(e->spare);
    e->spare = slot->hashes;
    e->spare_cap = slot->cap;
}

/* Forgets one entity: the first from the hand on that was not used since the hand passed, and closes the hole
 * it leaves. */
static void forget_one(struct wd_observer *o, struct entities *e)
{
    uint32_t mask = e->size - 1;
    while (!e->table[e->hand].key || e->table[e->hand].is_used) {
        e->table[e->hand].is_used = false;
        e->hand = (e->hand + 1) & mask;
    }
    uint32_t hole = e->hand;
    keep_spare(o, e, &e->table[hole]);
    for (uint32_t i = (hole + 1) & mask; e->table[i].key; i = (i + 1) & mask) {
        uint32_t home = (uint32_t)(e->table[i].key >> 7) & mask;
        if (((i - home) & mask) >= ((i - hole) & mask)) {
            e->table[hole] = e->table[i];
            hole = i;
        }
    }
    e->table[hole] = (struct entity){ 0 };
    e->count--;
}

static bool is_over(const struct wd_observer *o, const struct entities *e, uint32_t rows)
{
    return e->count >= o->limits.entities || o->entity_values + rows > o->limits.series_fields;
}

static void grow_hashes(struct wd_observer *o, struct entity *slot, uint32_t rows)
{
    if (rows <= slot->cap || o->entity_values + (rows - slot->cap) > o->limits.series_fields)
        return;
    slot->hashes = wd_realloc(slot->hashes, rows, sizeof *slot->hashes);
    memset(slot->hashes + slot->cap, 0, (rows - slot->cap) * sizeof *slot->hashes);
    o->entity_values += rows - slot->cap;
    slot->cap = rows;
}

static void take_spare(struct wd_observer *o, struct entities *e, struct entity *slot)
{
    if (!e->spare_cap)
        return;
    slot->hashes = e->spare;
    slot->cap = e->spare_cap;
    memset(slot->hashes, 0, slot->cap * sizeof *slot->hashes);
    o->entity_values += slot->cap;
    e->spare = NULL;
    e->spare_cap = 0;
}

/* A trial keeps the values of keys that will never be one: what it forgets is not missed. */
static void note_full(const struct wd_observer *o, const struct entities *e, const struct type *type)
{
    if (e == &type->entities)
        note_limit(o, e->count >= o->limits.entities ? WD_LIMIT_entities : WD_LIMIT_series_fields);
}

/* The entity of that key with room for `rows` values, or NULL when there is no room for another. */
static struct entity *find(struct wd_observer *o, struct entities *e, const struct type *type, uint64_t key,
                           uint32_t rows)
{
    if (e->count * 2 >= e->size && (!e->size || e->size < o->limits.entities * 4))
        grow(e);
    struct entity *slot = slot_of(e, key);
    if (!slot->key) {
        while (e->count && is_over(o, e, rows)) {
            note_full(o, e, type);
            forget_one(o, e);
        }
        if (is_over(o, e, rows))
            return NULL;
        slot = slot_of(e, key);
        *slot = (struct entity){ .key = key };
        take_spare(o, e, slot);
        e->count++;
    }
    slot->is_used = true;
    grow_hashes(o, slot, rows);
    return slot;
}

static void grow_counts(struct entities *e, uint32_t rows)
{
    if (rows <= e->row_cap)
        return;
    e->compared = wd_realloc(e->compared, rows, sizeof *e->compared);
    e->changed = wd_realloc(e->changed, rows, sizeof *e->changed);
    memset(e->compared + e->row_cap, 0, (rows - e->row_cap) * sizeof *e->compared);
    memset(e->changed + e->row_cap, 0, (rows - e->row_cap) * sizeof *e->changed);
    e->row_cap = rows;
}

/* One past the last row of the message, in steps of eight so that entities seldom grow. */
static uint32_t rows_of(const struct type *type)
{
    uint32_t last = 0;
    for (uint32_t i = 0; i < type->touched_count; i++)
        last = type->touched[i] > last ? type->touched[i] : last;
    return (last + 8) & ~7u;
}

static void compare_entity(struct wd_observer *o, struct entities *e, const struct type *type,
                           const struct series *series)
{
    if (e->row >= series->slot_cap || !has_value(type, e->row))
        return;
    uint64_t key = series->slots[e->row].hash ^ series->id * 0x9e3779b97f4a7c15u;
    struct entity *slot = find(o, e, type, key ? key : 1, rows_of(type));
    if (!slot)
        return;
    grow_counts(e, (uint32_t)type->row_cap);
    for (uint32_t i = 0; i < type->touched_count; i++) {
        uint32_t r = type->touched[i];
        if (r >= slot->cap || !has_value(type, r))
            continue;
        uint64_t hash = series->slots[r].hash;
        if (slot->hashes[r]) {
            e->compared[r]++;
            e->changed[r] += slot->hashes[r] != hash;
        }
        slot->hashes[r] = hash;
    }
}

static void close_entities(struct wd_observer *o, struct entities *e)
{
    for (uint32_t i = 0; i < e->size; i++) {
        o->entity_values -= e->table[i].cap;
        wd_free(e->table[i].hashes);
    }
    wd_free(e->table);
    wd_free(e->spare);
    wd_free(e->compared);
    wd_free(e->changed);
    *e = (struct entities){ .row = NO_ROW };
}

static void fold_counts(struct entities *e, uint32_t from, uint32_t into)
{
    if (from >= e->row_cap || into >= e->row_cap)
        return;
    e->compared[into] += e->compared[from];
    e->changed[into] += e->changed[from];
    e->compared[from] = e->changed[from] = 0;
}

void entity_fold(struct type *type, uint32_t from, uint32_t into)
{
    fold_counts(&type->entities, from, into);
    for (uint32_t i = 0; i < type->candidate_count; i++)
        fold_counts(&type->candidates[i], from, into);
}

/* --- the decision --- */

static uint64_t repeats(const struct entities *e)
{
    uint64_t sum = 0;
    for (uint32_t r = 0; r < e->row_cap; r++)
        sum += e->compared[r] - e->changed[r];
    return sum;
}

void entity_decide(struct wd_observer *o, struct type *type)
{
    if (type->is_entity_decided)
        return;
    type->is_entity_decided = true;
    if (type->candidate_count)
        echo_drop_type(o, type);
    uint64_t compared = 0, repeated = 0, most = 0;
    uint32_t best = CANDIDATES;
    for (size_t r = 0; r < type->profile.row_count; r++) {
        compared += type->profile.rows[r].compared;
        repeated += type->profile.rows[r].compared - type->profile.rows[r].changed;
    }
    for (uint32_t i = 0; i < type->candidate_count; i++) {
        uint64_t n = repeats(&type->candidates[i]);
        if (n > most) {
            most = n;
            best = i;
        }
    }
    bool is_worth =
        best < CANDIDATES && (double)most - (double)repeated >= LEAST_GAIN * (double)compared && compared > 0;
    for (uint32_t i = 0; i < type->candidate_count; i++) {
        if (is_worth && i == best)
            type->entities = type->candidates[i];
        else
            close_entities(o, &type->candidates[i]);
    }
    wd_free(type->candidates);
    type->candidates = NULL;
    type->candidate_count = 0;
}

void entity_message(struct wd_observer *o, struct type *type, struct series *series)
{
    if (!type->is_entity_decided && type->profile.row_count != type->rows_tried) {
        type->rows_tried = (uint32_t)type->profile.row_count;
        entity_begin(o, type);
    }
    compare_entity(o, &type->entities, type, series);
    if (type->is_entity_decided)
        return;
    for (uint32_t i = 0; i < type->candidate_count; i++)
        compare_entity(o, &type->candidates[i], type, series);
    if (type->profile.count >= TRIAL_MESSAGES)
        entity_decide(o, type);
}

void entity_close(struct wd_observer *o, struct type *type)
{
    close_entities(o, &type->entities);
    for (uint32_t i = 0; i < type->candidate_count; i++)
        close_entities(o, &type->candidates[i]);
    wd_free(type->candidates);
}
