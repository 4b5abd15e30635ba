/* profile/layout.c - which message of the schema tells how a channel's payloads are laid out.
 *
 * In this order: the configuration names it (messages: [{channel, message}]); the channel is a gRPC method or
 * an address of the schema that carries one layout. Where several could be meant, none is.
 *
 * Avro's messages can say it themselves, which comes before what their channel says: by the fingerprint of their
 * schema, or with the schema in front of them (a container file). Where a channel has several of Avro and its
 * messages are silent, the only one that reads a message to the last byte is meant.
 */
#include "document/avro.h"
#include "field/avro.h"
#include "profile/observer.h"

/* Schemas of container files that are kept; whoever sends more is not read. */
enum { MOST_FILE_LAYOUTS = 64 };

static bool is_called(const struct wd_schema_message *m, struct wd_bytes name)
{
    const struct wd_layout *layout = m->layout;
    return wd_bytes_eq(m->name, name) || wd_bytes_eq(m->key, name) ||
           (layout->proto && wd_bytes_eq(layout->proto->name, name)) ||
           (layout->avro && wd_bytes_eq(layout->avro->name, name));
}

static bool is_carried(const struct wd_schema_message *m, const struct family *family,
                       enum wd_direction direction)
{
    return m->channel.len && (!m->directions || direction == WD_P2P || m->directions & 1u << direction) &&
           (wd_bytes_eq(m->channel, family->name) || channel_fits(family->name, m->channel));
}

static bool is_meant(const struct family *family, enum wd_direction direction, const struct wd_schema_message *m)
{
    const struct wd_config_message *rule = family->rule[direction];
    return m->layout && (rule && rule->message.len ? is_called(m, rule->message) : is_carried(m, family, direction));
}

const struct wd_layout *layout_of(const struct wd_observer *o, const struct family *family,
                                  enum wd_direction direction)
{
    const struct wd_layout *found = NULL;
    for (size_t i = 0; o->schema && i < o->schema->message_count; i++) {
        const struct wd_schema_message *m = &o->schema->messages[i];
        if (!is_meant(family, direction, m) || m->layout == found)
            continue;
        if (found)
            return NULL;
        found = m->layout;
    }
    return found;
}

/* --- what a message says itself --- */

static const struct wd_layout *layout_with(const struct wd_observer *o, uint64_t fingerprint)
{
    for (size_t i = 0; o->schema && i < o->schema->message_count; i++) {
        const struct wd_layout *layout = o->schema->messages[i].layout;
        if (layout && layout->avro && layout->fingerprint == fingerprint)
            return layout;
    }
    return NULL;
}

/* NULL where it is no schema. */
static const struct wd_layout *read_layout(struct wd_observer *o, struct wd_bytes schema)
{
    struct wd_err why = { 0 };
    struct wd_layout *layout = wd_arena_new(o->run, struct wd_layout);
    schema = wd_arena_copy(o->run, schema);
    return wd_avro_read_text("avro.schema", schema, &o->limits, o->run, layout, &why) >= 0 ? layout : NULL;
}

static const struct wd_layout *layout_in_file(struct wd_observer *o, struct wd_bytes schema)
{
    bool is_new;
    if (!wd_map_get(o->file_layouts, schema) && wd_map_count(o->file_layouts) >= MOST_FILE_LAYOUTS)
        return NULL;
    uint64_t *layout = wd_map_put(o->file_layouts, schema, &is_new);
    if (is_new)
        *layout = (uint64_t)(uintptr_t)read_layout(o, schema);
    return (const struct wd_layout *)(uintptr_t)*layout;
}

/* --- which of several --- */

static bool reads_all(struct wd_observer *o, const struct wd_layout *layout, struct wd_bytes body)
{
    struct wd_paths *paths = wd_paths_open(&o->limits, NULL);
    wd_codec_avro.walk(body, layout, paths, &o->limits, &o->tape);
    wd_paths_close(paths);
    return !o->tape.fault;
}

static const struct wd_layout *only_one_that_reads(struct wd_observer *o, const struct lane *lane,
                                                   struct wd_bytes body)
{
    const struct wd_layout *found = NULL, *last = NULL;
    for (size_t i = 0; o->schema && i < o->schema->message_count; i++) {
        const struct wd_schema_message *m = &o->schema->messages[i];
        if (!is_meant(lane->family, lane->direction, m) || !m->layout->avro || m->layout == last)
            continue;
        last = m->layout;
        if (m->layout == found || !reads_all(o, m->layout, body))
            continue;
        if (found)
            return NULL;
        found = m->layout;
    }
    return found;
}

const struct wd_layout *layout_of_message(struct wd_observer *o, const struct lane *lane, struct wd_bytes body)
{
    uint64_t fingerprint;
    struct wd_bytes schema;
    const struct wd_layout *own = NULL;
    if (wd_avro_file_schema(body, &schema))
        own = layout_in_file(o, schema);
    else if (wd_avro_object_fingerprint(body, &fingerprint))
        own = layout_with(o, fingerprint);
    if (own || lane->layout || !lane->has_choice)
        return own ? own : lane->layout;
    return only_one_that_reads(o, lane, body);
}

bool layout_has_choice(const struct wd_observer *o, const struct family *family, enum wd_direction direction)
{
    const struct wd_layout *found = NULL;
    for (size_t i = 0; o->schema && i < o->schema->message_count; i++) {
        const struct wd_schema_message *m = &o->schema->messages[i];
        if (!is_meant(family, direction, m) || !m->layout->avro)
            continue;
        if (found && m->layout != found)
            return true;
        found = m->layout;
    }
    return false;
}
