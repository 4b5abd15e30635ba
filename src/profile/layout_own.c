/* profile/layout_own.c - messages of Avro that say themselves how they are laid out: by the fingerprint of
 * their schema, or with the schema in front of them (a container file). */
#include "document/avro.h"
#include "field/avro.h"
#include "profile/observer.h"

/* Schemas of container files that are kept, and their text, of which one is made in memory a hundred times as
 * large; whoever sends more is not read. */
enum { MOST_FILE_LAYOUTS = 64, MOST_FILE_TEXT = 1 << 20 };

/* The layout, or a record of the union that it is. */
static const struct wd_layout *find_in(const struct wd_layout *layout, uint64_t fingerprint)
{
    if (!layout->avro || layout->fingerprint == fingerprint)
        return layout->avro ? layout : NULL;
    for (size_t i = 0; i < layout->branch_count; i++)
        if (layout->branches[i].fingerprint == fingerprint)
            return &layout->branches[i];
    return NULL;
}

static const struct wd_layout *layout_with(const struct wd_observer *o, uint64_t fingerprint)
{
    const struct wd_layout *found = NULL;
    for (size_t i = 0; o->schema && i < o->schema->message_count && !found; i++)
        if (o->schema->messages[i].layout)
            found = find_in(o->schema->messages[i].layout, fingerprint);
    return found;
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
    uint64_t *layout = wd_map_get(o->file_layouts, schema);
    bool is_full = wd_map_count(o->file_layouts) >= MOST_FILE_LAYOUTS ||
                   schema.len > MOST_FILE_TEXT - o->file_layout_text;
    if (!layout && is_full)
        return NULL;
    if (!layout) {
        layout = wd_map_put(o->file_layouts, schema, NULL);
        o->file_layout_text += schema.len;
        *layout = (uint64_t)(uintptr_t)read_layout(o, schema);
    }
    return (const struct wd_layout *)(uintptr_t)*layout;
}

const struct wd_layout *layout_said(struct wd_observer *o, struct wd_bytes body)
{
    uint64_t fingerprint;
    struct wd_bytes schema;
    if (wd_avro_file_schema(body, &schema))
        return layout_in_file(o, schema);
    return wd_avro_object_fingerprint(body, &fingerprint) ? layout_with(o, fingerprint) : NULL;
}
