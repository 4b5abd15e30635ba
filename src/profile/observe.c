#include "profile/observe.h"

#include <stdlib.h>

#include "base/hash.h"
#include "model/path.h"
#include "profile/observer.h"

enum { HELD_MESSAGES = 64, HELD_BYTES = 1 << 20, HELD_TOTAL = 32 << 20, FEW_TYPES = 16, LONGEST_NAME = 255 };
static const char OTHER[] = "(other)";

struct wd_observer *wd_observer_open(const struct wd_config *config, const struct wd_schema *schema)
{
    struct wd_observer *o = wd_alloc(sizeof *o);
    o->config = config;
    o->schema = schema;
    o->limits = config->limits;
    o->paths.most = o->limits.fields_total;
    o->seed = wd_seed_draw().k0;
    o->run = wd_arena_open();
    o->family_by_name = wd_map_open();
    o->file_layouts = wd_map_open();
    o->left = wd_map_open();
    return o;
}

/* --- channels --- */

/* An object can declare members beside its map; folding would lose them. */
static bool has_members(const struct wd_schema_message *message, struct wd_bytes map)
{
    struct wd_bytes object = wd_path_parent(map);
    for (size_t f = 0; f < message->field_count; f++) {
        struct wd_bytes path = message->fields[f].path;
        if (!wd_path_is_entry(path) && wd_bytes_eq(wd_path_parent(path), object))
            return true;
    }
    return false;
}

static void declare_map(struct wd_paths *paths, struct wd_bytes path)
{
    uint32_t node = wd_paths_parse(paths, path);
    if (node != WD_PATH_NONE && node != WD_PATH_OTHER)
        wd_paths_fold(paths, node);
}

/* Objects whose keys are declared to be dynamic fold from the start: those of the configuration, and the
 * schema's maps. */
static void declare_maps(const struct wd_observer *o, struct family *family, enum wd_direction direction)
{
    struct wd_paths *paths = family->paths[direction];
    for (size_t i = 0; i < o->config->map_count; i++)
        declare_map(paths, o->config->maps[i].path);
    for (size_t m = 0; o->schema && m < o->schema->message_count; m++) {
        const struct wd_schema_message *message = &o->schema->messages[m];
        bool is_here = !message->channel.len || wd_bytes_eq(message->channel, family->name);
        if (!is_here || (message->directions && !(message->directions & 1u << direction)))
            continue;
        for (size_t f = 0; f < message->field_count; f++)
            if (message->fields[f].is_map && wd_path_is_entry(message->fields[f].path) &&
                !has_members(message, message->fields[f].path))
                wd_paths_parse(paths, message->fields[f].path);
    }
}

static struct family *add_family(struct wd_observer *o, enum wd_transport transport, struct wd_bytes name)
{
    struct family *family = wd_alloc(sizeof *family);
    *family = (struct family){ .name = wd_arena_copy(o->run, name), .transport = transport, .types = wd_map_open(),
                               .held_bodies = wd_arena_open() };
    for (int d = 0; d < WD_DIRECTION_COUNT; d++)
        family->node[d] = family->rule_node[d] = WD_PATH_NONE;
    WD_GROW(o->families, o->family_count, o->family_cap);
    return o->families[o->family_count++] = family;
}

static struct family *family_named(struct wd_observer *o, enum wd_transport transport, bool is_made)
{
    struct wd_bytes key = wd_buf_bytes(&o->scratch), name = wd_bytes_at(key.at + 1, key.len - 1);
    uint64_t *at = wd_map_get(o->family_by_name, key);
    if (at || !is_made)
        return at ? o->families[*at - 1] : NULL;
    struct family *family = add_family(o, transport, name);
    *wd_map_put(o->family_by_name, key, NULL) = o->family_count;
    return family;
}

/* Channels that are as many as the limit on types leaves are one together: each has at least one type. */
static struct family *family_for(struct wd_observer *o, const struct wd_channel *channel)
{
    wd_buf_reset(&o->scratch);
    wd_buf_byte(&o->scratch, (uint8_t)channel->transport);
    channel_put_name(o, channel, &o->scratch);
    size_t before = o->family_count;
    o->connection = channel->connection->id;
    struct family *family =
        family_named(o, channel->transport, quota_room(o, QUOTA_CHANNELS, before, o->limits.types) > 0);
    quota_take(o, QUOTA_CHANNELS, o->family_count - before);
    if (family)
        return family;
    wd_buf_reset(&o->scratch);
    wd_buf_byte(&o->scratch, (uint8_t)channel->transport);
    wd_buf_puts(&o->scratch, OTHER);
    return family_named(o, channel->transport, true);
}

static struct lane *lane_for(struct wd_observer *o, const struct wd_message *m)
{
    struct lane *lane = m->channel->user[m->direction];
    if (lane)
        return lane;
    lane = wd_alloc(sizeof *lane);
    lane->family = family_for(o, m->channel);
    lane->connection = m->channel->connection->id;
    lane->direction = m->direction;
    lane->is_guessed = m->channel->connection->client_by == WD_CLIENT_BY_PORT;
    if (!lane->family->paths[m->direction]) {
        lane->family->paths[m->direction] = wd_paths_open(&o->limits, &o->paths);
        declare_maps(o, lane->family, m->direction);
        naming_begin(o, lane->family, m->direction);
        layout_begin(o, lane->family, m->direction);
    }
    reading_begin(o, lane, m->channel->media_type);
    lane->next = o->lanes;
    if (o->lanes)
        o->lanes->previous = lane;
    o->lanes = lane;
    m->channel->user[m->direction] = lane;
    return lane;
}

static void free_lane(struct wd_observer *o, struct lane *lane)
{
    for (size_t i = 0; i < lane->series_cap; i++)
        if (lane->series[i])
            series_free(o, lane->series[i]);
    *(lane->previous ? &lane->previous->next : &o->lanes) = lane->next;
    if (lane->next)
        lane->next->previous = lane->previous;
    wd_free(lane->series);
    wd_free(lane->has_carried);
    wd_free(lane);
}

/* --- types --- */

static struct type *add_type(struct wd_observer *o, struct lane *lane, struct wd_bytes name,
                             enum wd_named_by by)
{
    struct family *family = lane->family;
    struct type *type = wd_alloc(sizeof *type);
    type->profile.name = wd_arena_copy(o->run, name);
    type->profile.channel = family->name;
    type->profile.direction = lane->direction;
    type->profile.named_by = by;
    type->profile.transport = family->transport;
    type->paths = family->paths[lane->direction];
    type->entities.row = NO_ROW;
    type->index = (uint32_t)family->count;
    WD_GROW(family->list, family->count, family->cap);
    family->list[family->count++] = type;
    o->type_count++;
    return type;
}

static struct type *type_named(struct wd_observer *o, struct lane *lane, struct wd_bytes name,
                               enum wd_named_by by, bool is_made)
{
    struct family *family = lane->family;
    uint8_t key[1 + LONGEST_NAME] = { (uint8_t)lane->direction };
    memcpy(key + 1, name.at, name.len);
    uint64_t *at = wd_map_get(family->types, wd_bytes_at(key, name.len + 1));
    if (at || !is_made)
        return at ? family->list[*at - 1] : NULL;
    struct type *type = add_type(o, lane, name, by);
    *wd_map_put(family->types, wd_bytes_at(key, name.len + 1), NULL) = family->count;
    return type;
}

/* Names of the transport are whatever somebody sent: they are cut and made UTF-8. */
static struct type *type_for(struct wd_observer *o, struct lane *lane, struct wd_bytes name,
                             enum wd_named_by by)
{
    const struct family *family = lane->family;
    for (size_t i = 0; i < family->count && i < FEW_TYPES; i++) {
        struct type *type = family->list[i];
        if (type->profile.direction == lane->direction && wd_bytes_eq(type->profile.name, name))
            return type;
    }
    wd_buf_reset(&o->scratch);
    channel_put_text(&o->scratch, wd_bytes_at(name.at, name.len < LONGEST_NAME ? name.len : LONGEST_NAME));
    name = wd_buf_bytes(&o->scratch);
    while (name.len > LONGEST_NAME || (name.len < o->scratch.len && (name.at[name.len] & 0xc0) == 0x80))
        name.len--;
    size_t before = o->type_count;
    struct type *type = type_named(o, lane, name, by, quota_room(o, QUOTA_TYPES, before, o->limits.types) > 0);
    quota_take(o, QUOTA_TYPES, o->type_count - before);
    if (type)
        return type;
    note_limit(o, WD_LIMIT_types);
    return type_named(o, lane, wd_bytes_of(OTHER), WD_NAMED_BY_DEFAULT, true);
}

/* --- one message --- */

static void walk_body(struct wd_observer *o, const struct held *m)
{
    uint64_t before = o->paths.made, most = o->paths.most;
    o->paths.most = before + quota_room(o, QUOTA_PATHS, before, most);
    m->codec->walk(m->body, m->layout, m->lane->family->paths[m->lane->direction], &o->limits, &o->tape);
    quota_take(o, QUOTA_PATHS, o->paths.made - before);
    o->paths.most = most;
}

/* A message that is not walked is one value, in pieces when its length does not fit an entry. */
static void walk(struct wd_observer *o, const struct held *m)
{
    uint64_t body_len = m->body_len;
    if (!m->is_too_long) {
        walk_body(o, m);
        return;
    }
    wd_tape_reset(&o->tape);
    do {
        uint32_t piece = body_len < UINT32_MAX ? (uint32_t)body_len : UINT32_MAX;
        *wd_tape_push(&o->tape) = (struct wd_field){ .path = WD_PATH_OTHER, .type = WD_TYPE_BYTES, .value_len = piece };
        body_len -= piece;
    } while (body_len);
}

static void note_codec(struct wd_type_profile *p, const char *name)
{
    p->codec = !p->codec || p->codec == name ? name : WD_CODEC_MIXED;
}

static void note_message(struct wd_type_profile *p, const struct held *m)
{
    p->count++;
    p->payload_bytes += m->body_len;
    p->wire_payload_bytes += m->wire_len;
    if (p->count == 1 || m->ts_ns < p->first_ns)
        p->first_ns = m->ts_ns;
    if (p->count == 1 || m->ts_ns > p->last_ns)
        p->last_ns = m->ts_ns;
}

/* The series of the lane that the message probably belongs to and repeats; NULL when it must be walked. */
static struct series *repeated_series(struct wd_observer *o, const struct held *m, struct wd_bytes event)
{
    struct lane *lane = m->lane;
    struct type *type = naming_guess(lane, event, m->body);
    if (!type || type->index >= lane->series_cap || !lane->series[type->index])
        return NULL;
    struct series *series = series_of(o, lane, type);
    return echo_matches(o, series, m) ? series : NULL;
}

/* A message that the codec cannot read may be of another kind than its like. */
static void read_message(struct wd_observer *o, struct held *m)
{
    walk(o, m);
    const struct wd_codec *other = o->tape.fault ? reading_other(m) : NULL;
    if (!other)
        return;
    m->codec = other;
    walk(o, m);
}

static struct type *compare(struct wd_observer *o, struct held *m, struct wd_bytes event)
{
    struct lane *lane = m->lane;
    enum wd_named_by by;
    read_message(o, m);
    if (wd_paths_take_refused(lane->family->paths[lane->direction]))
        note_limit(o, WD_LIMIT_fields_total);
    struct wd_bytes name = naming_of(o, lane, event, m->body, &by);
    struct type *type = type_for(o, lane, name, by);
    struct wd_type_profile *p = &type->profile;
    note_codec(p, m->codec->name);
    p->is_direction_guessed |= lane->is_guessed;
    if (by < p->named_by)
        p->named_by = by;
    p->malformed += o->tape.fault != NULL;
    note_message(p, m);
    struct series *series = series_of(o, lane, type);
    echo_drop(series);
    compare_message(o, type, series, m->body, m->ts_ns);
    if (m->codec == &wd_codec_protobuf)
        encodings_message(o, type, m->body);
    echo_keep(o, lane, series, m);
    return type;
}

static void process(struct wd_observer *o, struct held *m, struct wd_bytes event)
{
    o->packet = m->packet;
    o->connection = m->lane->connection;
    struct series *series = repeated_series(o, m, event);
    if (!series) {
        wire_message(o, compare(o, m, event), m);
        return;
    }
    note_message(&series->type->profile, m);
    echo_take(o, series, m);
    wire_repeat(o, series, m);
}

static void decide(struct wd_observer *o, struct family *family)
{
    if (family->is_decided)
        return;
    layout_decide(o, family);
    naming_decide(o, family);
    for (size_t i = 0; i < family->held_count; i++) {
        struct lane *lane = family->held[i].lane;
        process(o, &family->held[i], (struct wd_bytes){ 0 });
        if (--lane->holding == 0 && lane->is_closed)
            free_lane(o, lane);
    }
    wd_free(family->held);
    family->held = NULL;
    family->held_count = family->held_cap = 0;
    o->held_bytes -= family->held_bytes + family->held_marks;
    wd_arena_close(family->held_bodies);
    family->held_bodies = NULL;
}

static void hold(struct wd_observer *o, const struct held *m)
{
    struct family *family = m->lane->family;
    WD_GROW(family->held, family->held_count, family->held_cap);
    struct held *kept = &family->held[family->held_count++];
    *kept = *m;
    kept->body = wd_arena_copy(family->held_bodies, m->body);
    size_t marks_size = m->marks.count * sizeof *m->marks.at;
    if (m->marks.at)
        kept->marks.at =
            (const void *)wd_arena_copy(family->held_bodies, wd_bytes_at(m->marks.at, marks_size)).at;
    m->lane->holding++;
    family->held_bytes += m->body.len;
    family->held_marks += marks_size;
    o->held_bytes += m->body.len + marks_size;
    if (family->held_count >= HELD_MESSAGES || family->held_bytes >= HELD_BYTES ||
        o->held_bytes >= HELD_TOTAL)
        decide(o, family);
}

static int on_message(void *ctx, const struct wd_message *message)
{
    struct wd_observer *o = ctx;
    struct lane *lane = lane_for(o, message);
    o->messages++;
    struct held m = { .lane = lane,
                      .body = message->body,
                      .wire_len = message->wire_len,
                      .body_len = message->body_len,
                      .odd_bits = message->odd_bits,
                      .is_shared = message->is_shared,
                      .is_retold = message->channel->connection->is_retold,
                      .is_too_long = message->is_too_long,
                      .is_text = message->is_text,
                      .marks = message->marks,
                      .ts_ns = message->ts_ns,
                      .packet = message->packet };
    m.layout = layout_of(o, &m);
    m.codec = reading_of(&m);
    if (naming_is_known(&m, message->event) && (message->event.at || !layout_waits(&m)))
        process(o, &m, message->event);
    else
        hold(o, &m);
    return WD_OK;
}

/* --- openings and closings --- */

/* Closes of a stream of that client, server and path which no opening has answered; NULL when the limit
 * leaves no room. */
static uint64_t *departures(struct wd_observer *o, const struct wd_channel *channel, bool is_made)
{
    const struct wd_connection *c = channel->connection;
    wd_buf_reset(&o->scratch);
    wd_buf_put(&o->scratch, wd_bytes_at(c->key.addr[c->client], sizeof c->key.addr[0]));
    wd_buf_put(&o->scratch, wd_bytes_at(c->key.addr[!c->client], sizeof c->key.addr[0]));
    wd_buf_put(&o->scratch, wd_bytes_at(&c->key.port[!c->client], sizeof c->key.port[0]));
    wd_buf_put(&o->scratch, channel->path);
    if (!is_made || wd_map_count(o->left) >= o->limits.flows)
        return wd_map_get(o->left, wd_buf_bytes(&o->scratch));
    return wd_map_put(o->left, wd_buf_bytes(&o->scratch), NULL);
}

static int on_opened(void *ctx, struct wd_channel *channel, int64_t ts_ns)
{
    struct wd_observer *o = ctx;
    uint64_t *left = channel->is_open ? departures(o, channel, false) : NULL;
    (void)ts_ns;
    if (left && *left) {
        (*left)--;
        o->reconnects++;
    }
    return WD_OK;
}

static void on_closed(void *ctx, struct wd_channel *channel, int64_t ts_ns, bool is_last)
{
    struct wd_observer *o = ctx;
    uint64_t *left = channel->is_open ? departures(o, channel, true) : NULL;
    (void)ts_ns;
    if (left)
        ++*left;
    if (!is_last)
        return;
    for (int d = 0; d < 2; d++) {
        struct lane *lane = channel->user[d];
        if (!lane)
            continue;
        lane->is_closed = true;
        if (!lane->holding)
            free_lane(o, lane);
        channel->user[d] = NULL;
    }
}

static bool wants(void *ctx, struct wd_bytes path)
{
    return channel_is_declared(ctx, path);
}

struct wd_message_sink wd_observer_sink(struct wd_observer *observer)
{
    return (struct wd_message_sink){ observer, on_opened, on_message, on_closed, wants };
}

void wd_observer_note_limits(struct wd_observer *observer, struct wd_ledger *ledger)
{
    observer->ledger = ledger;
}

uint64_t wd_observer_messages(const struct wd_observer *observer)
{
    return observer->messages;
}

/* --- the end --- */

static void mark_special(struct type *type, const struct family *family, struct wd_arena *arena)
{
    struct wd_type_profile *p = &type->profile;
    for (size_t r = 0; r < p->row_count; r++) {
        uint32_t node = type->node_of[r];
        p->rows[r].is_discriminator =
            (node == family->node[p->direction] && p->named_by == WD_NAMED_BY_DISCRIMINATOR) ||
            (node == family->rule_node[p->direction] && p->named_by == WD_NAMED_BY_CONFIG);
        p->rows[r].is_entity_key = r == type->entities.row;
        if (p->rows[r].is_discriminator)
            p->discriminator = wd_arena_copy(arena, p->rows[r].path);
        if (p->rows[r].is_entity_key)
            p->entity = wd_arena_copy(arena, p->rows[r].path);
    }
}

static void finish_rows(struct type *type, struct wd_arena *arena)
{
    struct wd_type_profile *p = &type->profile;
    for (size_t r = 0; r < p->row_count; r++) {
        struct wd_row *row = &p->rows[r];
        row->path = wd_arena_copy(arena, row->path);
        row->distinct = row->sketch ? wd_sketch_count(row->sketch) : 0;  /* rows that were folded away have none */
        if (r < type->entities.row_cap) {
            row->entity_compared = type->entities.compared[r];
            row->entity_changed = type->entities.changed[r];
            if (row->is_folded && row->entity_compared > row->present)
                row->entity_compared = row->present;
            if (row->entity_changed > row->entity_compared)
                row->entity_changed = row->entity_compared;
        }
        if (type->node_of[r] == WD_PATH_OTHER) {  /* its sketch held paths, not values */
            p->other_fields = row->distinct;
            row->distinct = 0;
            wd_sketch_close(row->sketch);
            row->sketch = NULL;
        }
    }
    wire_finish(type);
    equal_finish(type, arena);
}


/* Rows whose counts were moved by a fold are left out. */
static void export_type(struct type *type, struct wd_type_profile *out, struct wd_arena *arena)
{
    *out = type->profile;
    out->name = wd_arena_copy(arena, out->name);
    out->channel = wd_arena_copy(arena, out->channel);
    out->rows = wd_arena_array(arena, struct wd_row, type->profile.row_count);
    out->row_count = 0;
    for (size_t r = 0; r < type->profile.row_count; r++) {
        if (type->profile.rows[r].occurrences)
            out->rows[out->row_count++] = type->profile.rows[r];
        else
            wd_row_close(&type->profile.rows[r]);
        type->profile.rows[r].sketch = NULL;
        type->profile.rows[r].sample = NULL;
        type->profile.rows[r].nested = NULL;
    }
}

void wd_observer_report(const struct wd_observer *observer, struct wd_buf *out)
{
    layout_report(observer, out);
    reading_report(observer, out);
}

struct wd_profile *wd_observer_finish(struct wd_observer *o)
{
    struct wd_profile *profile = wd_alloc(sizeof *profile);
    profile->arena = wd_arena_open();
    for (size_t f = 0; f < o->family_count; f++)
        decide(o, o->families[f]);
    for (struct series *s = o->newest; s; s = s->older)
        echo_drop(s);
    profile->types = wd_arena_array(profile->arena, struct wd_type_profile, o->type_count);
    for (size_t f = 0; f < o->family_count; f++) {
        for (size_t t = 0; t < o->families[f]->count; t++) {
            struct type *type = o->families[f]->list[t];
            entity_decide(o, type);
            finish_rows(type, profile->arena);
            mark_special(type, o->families[f], profile->arena);
            export_type(type, &profile->types[profile->type_count++], profile->arena);
        }
    }
    profile->reconnects = o->reconnects;
    wd_profile_settle(profile);
    return profile;
}

static void free_type(struct wd_observer *o, struct type *type)
{
    for (size_t r = 0; r < type->profile.row_count; r++)
        wd_row_close(&type->profile.rows[r]);
    entity_close(o, type);
    wd_free(type->profile.rows);
    wd_free(type->row_of);
    wd_free(type->node_of);
    wd_free(type->touches);
    wd_free(type->lists);
    wd_free(type->touched);
    wd_free(type);
}

static void free_family(struct wd_observer *o, struct family *family)
{
    for (size_t t = 0; t < family->count; t++)
        free_type(o, family->list[t]);
    for (int d = 0; d < WD_DIRECTION_COUNT; d++)
        wd_paths_close(family->paths[d]);
    wd_map_close(family->types);
    wd_map_close(family->stable);
    wd_arena_close(family->held_bodies);
    wd_free(family->list);
    wd_free(family->held);
    wd_free(family);
}

void wd_observer_close(struct wd_observer *o)
{
    if (!o)
        return;
    while (o->lanes)
        free_lane(o, o->lanes);
    for (size_t f = 0; f < o->family_count; f++)
        free_family(o, o->families[f]);
    wd_free(o->families);
    wd_map_close(o->family_by_name);
    wd_map_close(o->file_layouts);
    wd_map_close(o->left);
    for (int kind = 0; kind < QUOTA_COUNT; kind++)
        wd_map_close(o->quotas[kind]);
    wd_tape_free(&o->tape);
    wd_paths_close(o->trial);
    wd_echo_diff_free(&o->diff);
    wd_free(o->costs);
    wd_tape_free(&o->inner_tape);
    wd_buf_free(&o->inner);
    wd_buf_free(&o->inner_name);
    wd_buf_free(&o->name);
    wd_buf_free(&o->scratch);
    wd_arena_close(o->run);
    wd_free(o);
}
