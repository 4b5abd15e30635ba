/* profile/entity.c - the last value per entity: a room, a symbol, a device.
 *
 * A configured key is used from the start. Otherwise at most eight candidates (id, *_id, *Id, name, symbol, key, topic, not
 * deeper than 3) are tried side by side on the first 1,000 messages of the type; the one which makes most values repeat wins
 * if it gains 20 % or more of all comparisons over the plain series, and its counts are kept. Entities live within a
 * series, so a message that is broadcast to many is not compared with its own copies.
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

static uint32_t node_of_path(const struct type *type, struct wd_bytes path)
{
    for (size_t r = 0; r < type->profile.row_count; r++)
        if (wd_bytes_eq(type->profile.rows[r].path, path))
            return type->node_of[r];
    return WD_PATH_NONE;
}

static void add_candidate(struct type *type, uint32_t node)
{
    for (uint32_t i = 0; i < type->candidate_count; i++)
        if (type->candidates[i].node == node)
            return;
    type->candidates[type->candidate_count++] = (struct entities){ .node = node };
}

/* Looks for candidates among the rows that are there; called while the trial lasts, when rows are new. */
void entity_begin(struct wd_observer *o, struct type *type)
{
    struct wd_bytes key;
    if (is_configured(o, type, &key)) {
        type->entities.node = node_of_path(type, key);
        type->is_entity_decided = type->has_entities = type->entities.node != WD_PATH_NONE;
        return;
    }
    if (!type->candidates)
        type->candidates = wd_alloc(CANDIDATES * sizeof *type->candidates);
    for (size_t r = 0; r < type->profile.row_count && type->candidate_count < CANDIDATES; r++) {
        const struct wd_path *n = &wd_paths_nodes(type->paths)[type->node_of[r]];
        const struct wd_row *row = &type->profile.rows[r];
        bool is_scalar = row->types[WD_TYPE_STRING] + row->types[WD_TYPE_INTEGER] == row->occurrences;
        if (n->token && n->depth <= KEY_DEPTH && !n->is_repeated && is_scalar &&
            is_key_like(wd_paths_key(type->paths, type->node_of[r])))
            add_candidate(type, type->node_of[r]);
    }
    type->has_entities = type->candidate_count > 0;
}

static void note_key(struct entities *e, uint32_t node, uint64_t hash)
{
    if (e->node == node && !e->has_key) {
        e->key_hash = hash;
        e->has_key = true;
    }
}

void entity_value(struct type *type, uint32_t node, uint64_t hash)
{
    note_key(&type->entities, node, hash);
    for (uint32_t i = 0; i < type->candidate_count; i++)
        note_key(&type->candidates[i], node, hash);
}

/* --- the table: open addressing, at most half full; when the limit is reached, a slot that was not used lately is given up --- */

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

/* Forgets one entity: the first from the hand on that was not used since the hand passed, and closes the hole it leaves. */
static void forget_one(struct entities *e)
{
    uint32_t mask = e->size - 1;
    while (!e->table[e->hand].key || e->table[e->hand].is_used) {
        e->table[e->hand].is_used = false;
        e->hand = (e->hand + 1) & mask;
    }
    uint32_t hole = e->hand;
    wd_free(e->table[hole].hashes);
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

static struct entity *find(struct entities *e, uint64_t key, uint64_t limit)
{
    if (e->count * 2 >= e->size && e->size < limit * 4)
        grow(e);
    struct entity *slot = slot_of(e, key);
    if (!slot->key) {
        if (e->count >= limit) {
            forget_one(e);
            slot = slot_of(e, key);
        }
        *slot = (struct entity){ .key = key };
        e->count++;
    }
    slot->is_used = true;
    return slot;
}

static void grow_hashes(struct entity *slot, uint32_t rows)
{
    if (rows <= slot->cap)
        return;
    slot->hashes = wd_realloc(slot->hashes, rows, sizeof *slot->hashes);
    memset(slot->hashes + slot->cap, 0, (rows - slot->cap) * sizeof *slot->hashes);
    slot->cap = rows;
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

static void compare_entity(struct entities *e, const struct type *type, const struct series *series, uint64_t limit)
{
    if (!e->has_key)
        return;
    uint32_t rows = (uint32_t)type->row_cap;
    uint64_t key = e->key_hash ^ series->id * 0x9e3779b97f4a7c15u;
    struct entity *slot = find(e, key ? key : 1, limit);
    grow_hashes(slot, rows);
    grow_counts(e, rows);
    for (uint32_t i = 0; i < type->touched_count; i++) {
        uint32_t r = type->touched[i];
        if (series->slots[r].valued != series->messages)
            continue;
        uint64_t hash = series->slots[r].hash;
        if (slot->hashes[r]) {
            e->compared[r]++;
            e->changed[r] += slot->hashes[r] != hash;
        }
        slot->hashes[r] = hash;
    }
}

static void close_entities(struct entities *e)
{
    for (uint32_t i = 0; i < e->size; i++)
        wd_free(e->table[i].hashes);
    wd_free(e->table);
    wd_free(e->compared);
    wd_free(e->changed);
    *e = (struct entities){ .node = WD_PATH_NONE };
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
    (void)o;
    if (type->is_entity_decided)
        return;
    type->is_entity_decided = true;
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
    bool is_worth = best < CANDIDATES && (double)most - (double)repeated >= LEAST_GAIN * (double)compared && compared > 0;
    for (uint32_t i = 0; i < type->candidate_count; i++) {
        if (is_worth && i == best)
            type->entities = type->candidates[i];
        else
            close_entities(&type->candidates[i]);
    }
    wd_free(type->candidates);
    type->candidates = NULL;
    type->candidate_count = 0;
    type->has_entities = is_worth;
}

void entity_message(struct wd_observer *o, struct type *type, struct series *series)
{
    compare_entity(&type->entities, type, series, o->limits.entities);
    if (type->is_entity_decided)
        return;
    for (uint32_t i = 0; i < type->candidate_count; i++) {
        compare_entity(&type->candidates[i], type, series, o->limits.entities);
        type->candidates[i].has_key = false;
    }
    if (type->profile.count >= TRIAL_MESSAGES)
        entity_decide(o, type);
    else if (type->profile.row_count != type->rows_tried) {
        type->rows_tried = (uint32_t)type->profile.row_count;
        entity_begin(o, type);
    }
}

void entity_close(struct type *type)
{
    close_entities(&type->entities);
    for (uint32_t i = 0; i < type->candidate_count; i++)
        close_entities(&type->candidates[i]);
    wd_free(type->candidates);
}
