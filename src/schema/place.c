/* schema/place.c - messages that the configuration puts on a channel, where the transport does not say what
 * they are.
 *
 *     messages: [{channel: /desk, message: desk.Envelope}]
 *
 * Each stands there as if the schema had said so, and no longer nowhere.
 */
#include "base/escape.h"
#include "base/nearest.h"
#include "model/config.h"
#include "schema/proto_schema.h"

static bool ends_with_name(struct wd_bytes full, struct wd_bytes name)
{
    size_t rest = full.len - name.len;
    return full.len > name.len && full.at[rest - 1] == '.' && memcmp(full.at + rest, name.at, name.len) == 0;
}

/* By full name; else the only one of the named files that is called so in its package. */
static const struct wd_proto_type *find_type(const struct wd_proto_index *index, struct wd_bytes name)
{
    const struct wd_proto_type *found = wd_proto_index_type(index, name);
    size_t count = 0;
    if (found)
        return found->node ? found : NULL;
    for (size_t i = 0; i < index->type_count; i++) {
        const struct wd_proto_type *type = &index->types[i];
        if (!type->node || !type->file->is_named || !ends_with_name(type->name, name))
            continue;
        found = type;
        count++;
    }
    return count == 1 ? found : NULL;
}

static bool is_called(const struct wd_schema_message *m, struct wd_bytes name)
{
    bool is_record = m->layout && m->layout->avro && wd_bytes_eq(m->layout->avro->name, name);
    return m->layout && (is_record || wd_bytes_eq(m->name, name) || wd_bytes_eq(m->key, name));
}

/* Of other formats: the same message once more, on the channel. */
static bool place_others(struct wd_loader *loader, const struct wd_config_message *rule, unsigned directions)
{
    size_t count = loader->count;
    bool found = false;
    for (size_t i = 0; i < count; i++) {
        if (!is_called(&loader->messages[i], rule->message))
            continue;
        found = true;
        if (wd_bytes_eq(loader->messages[i].channel, rule->channel))
            continue;
        struct wd_schema_message placed = loader->messages[i];
        placed.channel = rule->channel;
        placed.directions = directions;
        WD_GROW(loader->messages, loader->count, loader->cap);
        loader->messages[loader->count++] = placed;
    }
    return found;
}

static int fail_unknown(struct wd_loader *loader, const struct wd_config_message *rule, struct wd_place at)
{
    struct wd_nearest nearest = { .name = rule->message };
    struct wd_shown shown, near;
    for (const struct wd_proto_index *index = loader->schema->protos; index; index = index->next)
        for (size_t i = 0; i < index->type_count; i++)
            wd_nearest_try(&nearest, index->types[i].name);
    for (size_t i = 0; i < loader->count; i++)
        if (loader->messages[i].layout)
            wd_nearest_try(&nearest, loader->messages[i].name);
    wd_show(&shown, rule->message);
    if (nearest.best.len)
        return wd_fail(loader->err, WD_EPARSE, at,
                       "the schema lays out no message called '%s'; did you mean '%s'?", shown.text,
                       wd_show(&near, nearest.best));
    return wd_fail(
        loader->err, WD_EPARSE, at,
        "the schema lays out no message called '%s'; give the .proto file that declares it with -s",
        shown.text);
}

static int place_type(struct wd_loader *loader, const struct wd_proto_index *index,
                      const struct wd_proto_type *type, const struct wd_config_message *rule,
                      unsigned directions)
{
    struct wd_proto_maker maker;
    wd_proto_maker_open(&maker, loader, index);
    int rc = wd_proto_maker_add(&maker, type, rule->channel, directions);
    wd_proto_maker_close(&maker);
    return rc;
}

static int place_one(struct wd_loader *loader, const struct wd_config_message *rule, struct wd_place at)
{
    unsigned directions = rule->direction < 0 ? 0 : 1u << rule->direction;
    for (const struct wd_proto_index *index = loader->schema->protos; index; index = index->next) {
        const struct wd_proto_type *type = find_type(index, rule->message);
        if (type)
            return place_type(loader, index, type, rule, directions);
    }
    return place_others(loader, rule, directions) ? WD_OK : fail_unknown(loader, rule, at);
}

/* The layouts of messages that stand on a channel. */
static struct wd_map *placed_layouts(const struct wd_loader *loader)
{
    struct wd_map *placed = wd_map_open();
    for (size_t i = 0; i < loader->count; i++)
        if (loader->messages[i].channel.len)
            wd_map_put(placed, wd_bytes_at(&loader->messages[i].layout, sizeof loader->messages[i].layout),
                       NULL);
    return placed;
}

void wd_loader_leave_nowhere(struct wd_loader *loader)
{
    struct wd_map *placed = placed_layouts(loader);
    size_t kept = 0;
    for (size_t i = 0; i < loader->count; i++) {
        const struct wd_schema_message *m = &loader->messages[i];
        if (!m->layout || m->channel.len || !wd_map_get(placed, wd_bytes_at(&m->layout, sizeof m->layout)))
            loader->messages[kept++] = *m;
    }
    loader->count = kept;
    wd_map_close(placed);
}

static void keep(struct wd_loader *loader)
{
    struct wd_schema *schema = loader->schema;
    schema->message_count = loader->count;
    schema->messages = wd_arena_array(schema->arena, struct wd_schema_message, loader->count);
    if (loader->count)
        memcpy(schema->messages, loader->messages, loader->count * sizeof *schema->messages);
    for (size_t i = 0; i < loader->count; i++)
        schema->states_wirediet |= schema->messages[i].states_wirediet;
}

int wd_schema_place(struct wd_schema *schema, const struct wd_config *config, struct wd_err *err)
{
    struct wd_loader loader = { .schema = schema,
                                .arena = schema->arena,
                                .err = err,
                                .resolver = {
                                    .arena = schema->arena, .limits = &config->limits, .err = err } };
    int rc = WD_OK;
    for (size_t i = 0; i < schema->message_count; i++) {
        WD_GROW(loader.messages, loader.count, loader.cap);
        loader.messages[loader.count++] = schema->messages[i];
    }
    for (size_t i = 0; i < config->message_count && rc >= 0; i++)
        if (config->messages[i].message.len)
            rc = place_one(&loader, &config->messages[i], config->message_at[i]);
    if (rc >= 0) {
        wd_loader_leave_nowhere(&loader);
        keep(&loader);
        schema->placed_by = config;
    }
    wd_free(loader.messages);
    return rc;
}
