/* profile/repeat.c - messages that repeat most of the one before them. The hot path.
 *
 * A series keeps its last message (field/echo.h). When the next one has other scalars only, or more or fewer
 * elements of an array, what differs is counted at once, as compare.c does it. What stays is counted when it
 * goes:
 *
 *     message          1      2      3      4      5      6
 *     "seq"            |      |      |      |      |      |      each value in one message
 *     "host.name"      |-----------------------------------...    one value, counted as six when its run ends
 *
 * An entry says up to which message it is counted (`since`), the series up to which one its rows are
 * (`counted`); echo_drop() settles both. The counts are the same as without all this: limit `echo` 0 shows
 * it.
 */
#include "profile/observer.h"

enum { WAIT_MOST = 15, HITS_ENOUGH = 2, FETCH_MOST = 8192 };

/* --- what is counted later --- */

static bool is_value(const struct wd_echo_entry *e)
{
    return e->value_len || e->flags & WD_FIELD_EMPTY;
}

/* The messages after e->since up to `last`, in which the entry stood unchanged. */
static void count_run(struct type *type, const struct wd_echo_entry *e, uint32_t last)
{
    if (e->since >= last)
        return;
    struct wd_row *row = &type->profile.rows[(e->row & ROW_MASK) - 1];
    uint64_t n = last - e->since;
    row->occurrences += n;
    row->key_bytes += n * e->key_len;
    row->value_bytes += n * e->value_len;
    row->syntax_bytes += n * e->syntax_len;
    row->space_bytes += n * e->space_len;
    row->types[e->type] += n;
    if (e->flags & WD_FIELD_EMPTY)
        row->empty += n;
    if (is_value(e))
        row->repeated_bytes += n * ((uint32_t)e->key_len + e->value_len + e->syntax_len + e->space_len);
}

static void count_rows(struct type *type, struct series *series)
{
    uint32_t n = series->messages - series->counted;
    for (uint32_t r = 0; r < series->slot_cap; r++) {
        struct memory *memory = &series->memories[r];
        struct slot *slot = &series->slots[r];
        if (!memory->entries)
            continue;
        type->profile.rows[r].present += n;
        slot->seen = series->messages;
        if (memory->values) {
            type->profile.rows[r].compared += n;
            slot->values += n;
        }
        memory->entries = memory->values = 0;
    }
}

void echo_drop(struct series *series)
{
    struct wd_echo *echo = &series->echo;
    if (!series->has_echo)
        return;
    for (uint32_t i = 0; i < echo->count; i++)
        count_run(series->type, &echo->entries[i], series->messages);
    count_rows(series->type, series);
    series->has_echo = false;
}

void echo_drop_type(struct wd_observer *o, const struct type *type)
{
    for (struct series *s = o->newest; s; s = s->older)
        if (s->type == type)
            echo_drop(s);
}

void echo_free(struct wd_observer *o, struct series *series)
{
    echo_drop(series);
    o->echo_bytes -= wd_echo_size(&series->echo);
    wd_echo_free(&series->echo);
}

/* --- keeping a message --- */

static bool keep_entry(const struct type *type, struct series *series, const struct wd_field *f,
                       struct wd_echo_entry *e)
{
    uint32_t entry = f->path < type->row_of_cap ? type->row_of[f->path] : 0, r = (entry & ROW_MASK) - 1;
    if (!entry || entry & ROW_SPECIAL)
        return false;
    const struct wd_path *nodes = wd_paths_nodes(type->paths);
    struct memory *memory = &series->memories[r];
    bool is_container = f->type == WD_TYPE_OBJECT || f->type == WD_TYPE_ARRAY;
    bool is_element = f->depth && !f->key_len && !nodes[nodes[f->path].parent].is_repeated;
    *e = (struct wd_echo_entry){
        .row = entry,
        .place = memory->values,
        .since = series->messages,
        .end = f->value_off + f->value_len + is_container,
        .key_len = (uint16_t)f->key_len,
        .value_len = (uint16_t)f->value_len,
        .syntax_len = (uint16_t)f->syntax_len,
        .space_len = (uint16_t)f->space_len,
        .depth = f->depth,
        .type = f->type,
        .flags = (uint8_t)(f->flags | (is_element ? WD_ECHO_ELEMENT : 0)),
    };
    memory->entries++;
    memory->values += is_value(e);
    if (!(entry & ROW_REPEATED))
        return memory->entries == 1 && (!is_value(e) || series->slots[r].values > 1);  /* no key twice */
    return !is_value(e) || (series->slots[r].values > 1 && e->place < memory->place_cap);
}

static void forget_kept(struct series *series)
{
    for (uint32_t r = 0; r < series->slot_cap; r++)
        series->memories[r].entries = series->memories[r].values = 0;
}

/* What the limit leaves room for. */
static bool has_room(struct wd_observer *o, struct series *series, const struct wd_tape *tape,
                     struct wd_bytes body)
{
    size_t need = (size_t)tape->count * sizeof(struct wd_echo_entry) + body.len,
           has = wd_echo_size(&series->echo);
    if (o->echo_bytes - has + need * 2 > o->limits.echo)
        return false;
    o->echo_bytes += wd_echo_reserve(&series->echo, tape->count, (uint32_t)body.len);
    return true;
}

/* Each value of a message that is compared with that of its entity must be looked at. */
static bool can_repeat(const struct type *type, const struct held *m)
{
    return m->codec == &wd_codec_json && !m->is_too_long && type->entities.row == NO_ROW &&
           !type->candidate_count && type->folds_seen == wd_paths_folds(type->paths);
}

/* To keep a message costs about as much as reading one that repeats it saves: where none does, seldom one is
 * kept. */
static void wait_longer(struct series *series)
{
    series->echo_penalty = series->echo_penalty < WAIT_MOST ? series->echo_penalty * 2 + 1 : WAIT_MOST;
    series->echo_wait = series->echo_penalty;
}

static bool keep_entries(struct lane *lane, struct series *series, const struct wd_tape *tape,
                         uint32_t name_path)
{
    bool is_named = false;
    for (uint32_t i = 0; i < tape->count; i++) {
        struct wd_echo_entry *e = &series->echo.entries[i];
        if (!keep_entry(series->type, series, &tape->fields[i], e)) {
            forget_kept(series);
            return false;
        }
        if (is_named || tape->fields[i].path != name_path)
            continue;
        e->flags |= WD_ECHO_FIXED;
        lane->name_off = tape->fields[i].value_off;
        is_named = true;
    }
    return true;
}

void echo_keep(struct wd_observer *o, struct lane *lane, struct series *series, const struct held *m)
{
    struct wd_echo *echo = &series->echo;
    const struct wd_tape *tape = &o->tape;
    uint32_t name_path;
    bool is_whole =
        !tape->fault && tape->count && tape->fields[0].value_len == 0 && m->body.len <= WD_ECHO_TEXT;
    lane->last_type = series->type;
    if (series->echo_wait) {
        series->echo_wait--;
        return;
    }
    if (!can_repeat(series->type, m) || !is_whole || !naming_path(lane, &name_path) ||
        !has_room(o, series, tape, m->body))
        return;
    if (!keep_entries(lane, series, tape, name_path)) {
        wait_longer(series);
        return;
    }
    memcpy(echo->text, m->body.at, m->body.len);
    echo->len = (uint32_t)m->body.len;
    echo->count = tape->count;
    series->has_echo = true;
    series->counted = series->messages;
    series->echo_hits = 0;
}

/* --- a message that repeats --- */

static void mark_dirty(struct type *type, struct series *series, uint32_t r)
{
    struct memory *memory = &series->memories[r];
    if (memory->dirty == series->messages)
        return;
    memory->dirty = series->messages;
    type->touched[type->touched_count++] = r;
}

/* Elements are taken out: false when a row goes with them, and then nothing was done. */
static bool take_out(struct series *series, const struct wd_echo_diff *diff)
{
    bool is_gone = false;
    for (uint32_t i = 0; i < diff->removed_count; i++) {
        struct memory *memory = &series->memories[(diff->removed[i].row & ROW_MASK) - 1];
        memory->entries--;
        memory->values -= is_value(&diff->removed[i]);
        is_gone |= !memory->entries || (is_value(&diff->removed[i]) && !memory->values);
    }
    for (uint32_t i = 0; is_gone && i < diff->removed_count; i++) {
        struct memory *memory = &series->memories[(diff->removed[i].row & ROW_MASK) - 1];
        memory->entries++;
        memory->values += is_value(&diff->removed[i]);
    }
    return !is_gone;
}

/* Elements are added: places for their values; false when the limits leave none, and then nothing was done
 * that matters. */
static bool put_in(struct wd_observer *o, struct series *series, uint32_t now)
{
    const struct wd_tape *edits = &o->diff.edits;
    bool has_room = true;
    for (uint32_t i = 0; i < edits->count && has_room; i++) {
        struct wd_echo_entry *e = &series->echo.entries[edits->fields[i].path];
        struct memory *memory = &series->memories[(e->row & ROW_MASK) - 1];
        if (e->since != now)
            continue;
        memory->entries++;
        e->place = memory->values;
        if (!is_value(e))
            continue;
        memory->values++;
        has_room = place_room(o, series, memory, e->place);
    }
    return has_room;
}

static void take_value(struct wd_observer *o, struct type *type, struct series *series,
                       const struct wd_echo_entry *e, const struct wd_field *f, const struct held *m)
{
    uint32_t r = (e->row & ROW_MASK) - 1;
    struct wd_row *row = &type->profile.rows[r];
    struct memory *memory = &series->memories[r];
    struct wd_bytes text = value_text(f, m->body, &o->scratch);
    uint64_t hash = value_hash(f, text, o->seed);
    if (e->row & ROW_REPEATED) {
        bool is_same = e->place < memory->place_count && memory->places[e->place] == hash;
        memory->places[e->place] = hash;
        mark_dirty(type, series, r);
        if (is_same)
            row->repeated_bytes += field_bytes(f);
        else
            value_take(o, row, memory, f, text, m->ts_ns);
    } else if (series->slots[r].hash == hash) {
        row->repeated_bytes += field_bytes(f);
    } else {
        change_value(type, series, r, hash, m->ts_ns, true);
        change_single(o, row, memory, f, text, m->ts_ns);
    }
}

static void take_edit(struct wd_observer *o, struct type *type, struct series *series, struct wd_field *f,
                      const struct held *m)
{
    struct wd_echo_entry *e = &series->echo.entries[f->path];
    struct wd_row *row = &type->profile.rows[(e->row & ROW_MASK) - 1];
    count_run(type, e, series->messages - 1);
    e->since = series->messages;
    e->value_len = (uint16_t)f->value_len;
    e->type = f->type;
    e->flags = (uint8_t)(f->flags | (e->flags & (WD_ECHO_ELEMENT | WD_ECHO_FIXED)));
    row_take_bytes(row, f);
    if (f->flags & WD_FIELD_EMPTY)
        row->empty++;
    if (is_value(e))
        take_value(o, type, series, e, f, m);
}

/* Rows that hold several values, once all of them are known. */
static void settle_sequences(struct type *type, struct series *series, int64_t ts_ns)
{
    for (uint32_t i = 0; i < type->touched_count; i++) {
        uint32_t r = type->touched[i];
        struct memory *memory = &series->memories[r];
        uint64_t sequence = 0;
        for (uint32_t place = 0; place < memory->values; place++)
            sequence = sequence_mix(sequence, memory->places[place]);
        memory->place_count = memory->values;
        sequence += memory->values;
        if (series->slots[r].hash != sequence)
            change_value(type, series, r, sequence, ts_ns, true);
    }
}

static void take_removed(struct type *type, struct series *series, struct wd_echo_diff *diff)
{
    for (uint32_t i = 0; i < diff->removed_count; i++) {
        const struct wd_echo_entry *e = &diff->removed[i];
        count_run(type, e, series->messages - 1);
        if (is_value(e))
            mark_dirty(type, series, (e->row & ROW_MASK) - 1);
    }
    diff->removed_count = 0;
}

/* What is needed once the texts were compared: a series is cold when its turn comes among many. */
static void fetch(const void *at, size_t size)
{
    for (size_t off = 0; off < size && off < FETCH_MOST; off += 64)
        __builtin_prefetch((const char *)at + off);
}

bool echo_matches(struct wd_observer *o, struct series *series, const struct held *m)
{
    uint32_t now = series->messages + 1;
    struct wd_echo_diff *diff = &o->diff;
    if (!series->has_echo)
        return false;
    fetch(series->memories, series->slot_cap * sizeof *series->memories);
    fetch(series->slots, series->slot_cap * sizeof *series->slots);
    diff->removed_count = 0;
    if (can_repeat(series->type, m) && wd_echo_match(&series->echo, m->body, now, diff) &&
        take_out(series, diff) && put_in(o, series, now))
        return true;
    for (uint32_t i = 0; i < diff->removed_count; i++)
        count_run(series->type, &diff->removed[i], series->messages);
    echo_drop(series);
    if (series->echo_hits < HITS_ENOUGH)
        wait_longer(series);
    else
        series->echo_penalty = 0;
    return false;
}

void echo_take(struct wd_observer *o, struct series *series, const struct held *m)
{
    struct type *type = series->type;
    series->messages++;
    series->echo_hits++;
    type->has_changed = false;
    type->touched_count = 0;
    take_removed(type, series, &o->diff);
    for (uint32_t i = 0; i < o->diff.edits.count; i++)
        take_edit(o, type, series, &o->diff.edits.fields[i], m);
    settle_sequences(type, series, m->ts_ns);
    type->profile.compared_messages++;
    type->profile.repeated_messages += !type->has_changed;
    if (!type->is_entity_decided)
        entity_message(o, type, series);
    if (type->has_changed)
        equal_message(type, series, false);
}
