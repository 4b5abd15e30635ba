/* usage/config.c - .wirediet.yaml, strictly: a key that does nothing must not look as if it did. */
#include "usage/config.h"

#include <sys/stat.h>

#include "base/date.h"
#include "base/escape.h"
#include "usage/reader.h"

static const char config_name[] = ".wirediet.yaml";
static const char *const file_keys[] = { "schemas",   "captures", "profiles",     "consumers",
                                         "messages",  "entities", "maps",         "thresholds",
                                         "sensitive", "limits",   "suppressions", NULL };
static const char *const consumer_keys[] = { "name", "usage", NULL };
static const char *const message_keys[] = { "channel", "direction", "name", "field", "message", "codec", NULL };
static const char *const entity_keys[] = { "message", "key", NULL };
static const char *const map_keys[] = { "message", "path", NULL };
static const char *const sensitive_keys[] = { "path", "category", NULL };
static const char *const suppression_keys[] = { "rule", "message", "path", "reason", "expires", NULL };
static const char *const threshold_keys[] = { "changed_beyond", "slow_ratio", "snapshot_ratio", "min_share",
                                              "min_confidence", "min_messages", NULL };

/* Planned keys that nothing reads yet. */
static const char *const unbuilt[] = { "budgets", "policies" };

struct loader {
    struct wd_reader r;
    struct wd_bytes directory;  /* of the file: "" or with a slash at the end */
    struct wd_config *config;
};

struct wd_config wd_config_default(void)
{
    return (struct wd_config){
        .thresholds = { .changed_beyond = 0.05, .slow_ratio = 0.10, .snapshot_ratio = 0.80, .min_share = 0.0,
                        .min_confidence = 0.5, .min_messages = 20 },
        .limits = wd_limits_default(),
    };
}

/* Names are relative to the file that says them. */
static struct wd_bytes resolve(const struct loader *l, struct wd_bytes name)
{
    if (wd_bytes_is(name, "-") || wd_bytes_starts(name, "/") || l->directory.len == 0)
        return wd_arena_copy(l->r.arena, name);
    struct wd_buf buf = { 0 };
    wd_buf_put(&buf, l->directory);
    wd_buf_put(&buf, name);
    struct wd_bytes all = wd_arena_copy(l->r.arena, wd_buf_bytes(&buf));
    wd_buf_free(&buf);
    return all;
}

static int read_file_name(const struct loader *l, const struct wd_node *node, struct wd_bytes *out)
{
    struct wd_bytes name = { 0 };
    TRY(wd_reader_text(&l->r, node, &name));
    if (memchr(name.at, 0, name.len))
        return wd_reader_fail(&l->r, node, "a file name cannot hold a NUL; remove it");
    *out = resolve(l, name);
    return WD_OK;
}

static int read_file_names(const struct loader *l, const char *key, const struct wd_bytes **out,
                           size_t *count)
{
    const struct wd_node *entry;
    TRY(wd_reader_list(&l->r, wd_node_get(l->r.document->root, key), count, &entry));
    struct wd_bytes *names = wd_arena_array(l->r.arena, struct wd_bytes, *count);
    for (size_t i = 0; entry; entry = entry->next, i++)
        TRY(read_file_name(l, entry, &names[i]));
    *out = names;
    return WD_OK;
}

static int read_consumer(const struct loader *l, const struct wd_node *node, void *out)
{
    struct wd_config_consumer *consumer = out;
    const struct wd_node *sources = wd_node_get(node, "sources"), *name, *usage;
    if (sources)
        return wd_reader_fail(&l->r, sources, "'sources' is not built yet; give 'usage', a usage/1 file");
    TRY(wd_reader_map(&l->r, node, "a consumer", consumer_keys));
    TRY(wd_reader_need(&l->r, node, "a consumer", "name", &name));
    TRY(wd_reader_need(&l->r, node, "a consumer", "usage", &usage));
    TRY(wd_reader_text(&l->r, name, &consumer->name));
    return read_file_name(l, usage, &consumer->usage);
}

static int read_message(const struct loader *l, const struct wd_node *node, void *out)
{
    struct wd_config_message *message = out;
    TRY(wd_reader_map(&l->r, node, "a message", message_keys));
    const struct wd_node *channel, *name = wd_node_get(node, "name"), *field = wd_node_get(node, "field"),
                         *of_schema = wd_node_get(node, "message"), *codec = wd_node_get(node, "codec");
    TRY(wd_reader_need(&l->r, node, "a message", "channel", &channel));
    if ((name && field) || !(name || field || of_schema || codec))
        return wd_reader_fail(
            &l->r, node,
            "a message has either 'name' (all of the channel) or 'field' (the path that holds "
            "the name), or 'message' (the schema's, as which payloads are read), or 'codec'; give one of them");
    message->name = message->field = message->message = message->codec = wd_bytes_of("");
    TRY(wd_reader_text(&l->r, channel, &message->channel));
    TRY(wd_reader_direction(&l->r, wd_node_get(node, "direction"), &message->direction));
    TRY(wd_reader_text(&l->r, name, &message->name));
    TRY(wd_reader_text(&l->r, of_schema, &message->message));
    TRY(wd_reader_text(&l->r, codec, &message->codec));
    return wd_reader_path(&l->r, field, &message->field);
}

static int read_entity(const struct loader *l, const struct wd_node *node, void *out)
{
    struct wd_config_entity *entity = out;
    const struct wd_node *message, *key;
    TRY(wd_reader_map(&l->r, node, "an entity", entity_keys));
    TRY(wd_reader_need(&l->r, node, "an entity", "message", &message));
    TRY(wd_reader_need(&l->r, node, "an entity", "key", &key));
    TRY(wd_reader_text(&l->r, message, &entity->message));
    return wd_reader_path(&l->r, key, &entity->key);
}

static int read_map(const struct loader *l, const struct wd_node *node, void *out)
{
    struct wd_config_map *map = out;
    const struct wd_node *message, *path;
    TRY(wd_reader_map(&l->r, node, "a map", map_keys));
    TRY(wd_reader_need(&l->r, node, "a map", "message", &message));
    TRY(wd_reader_need(&l->r, node, "a map", "path", &path));
    TRY(wd_reader_text(&l->r, message, &map->message));
    return wd_reader_path(&l->r, path, &map->path);
}

static int read_sensitive(const struct loader *l, const struct wd_node *node, void *out)
{
    struct wd_config_sensitive *sensitive = out;
    const struct wd_node *path, *category;
    TRY(wd_reader_map(&l->r, node, "a sensitive field", sensitive_keys));
    TRY(wd_reader_need(&l->r, node, "a sensitive field", "path", &path));
    TRY(wd_reader_need(&l->r, node, "a sensitive field", "category", &category));
    TRY(wd_reader_path(&l->r, path, &sensitive->path));
    return wd_reader_text(&l->r, category, &sensitive->category);
}

/* A suppression without a reason is read: it silences nothing, and a rule of its own reports it. */
static int read_suppression(const struct loader *l, const struct wd_node *node, void *out)
{
    struct wd_suppression *s = out;
    const struct wd_bytes any = wd_bytes_of("");
    *s = (struct wd_suppression){ any, any, any, any, any, wd_node_place(l->r.document, node) };
    TRY(wd_reader_map(&l->r, node, "a suppression", suppression_keys));
    const struct wd_node *rule, *reason = wd_node_get(node, "reason"),
                                *expires = wd_node_get(node, "expires");
    TRY(wd_reader_need(&l->r, node, "a suppression", "rule", &rule));
    TRY(wd_reader_text(&l->r, rule, &s->rule));
    TRY(wd_reader_text(&l->r, wd_node_get(node, "message"), &s->message));
    TRY(wd_reader_path(&l->r, wd_node_get(node, "path"), &s->path));
    if (reason && reason->kind != WD_NODE_NULL)
        TRY(wd_node_string(l->r.document, reason, &s->reason, l->r.err));
    TRY(wd_reader_text(&l->r, expires, &s->expires));
    int64_t last;
    if (expires && !wd_date_days(s->expires, &last))
        return wd_reader_fail(&l->r, expires, "'expires' is a day that exists, written YYYY-MM-DD");
    return WD_OK;
}

/* A list of maps under `key`, each read by `read` into `size` bytes; `at` is where each stands. */
static int read_list(const struct loader *l, const char *key, size_t size,
                     int (*read)(const struct loader *, const struct wd_node *, void *), void **out,
                     size_t *count, const struct wd_place **at)
{
    const struct wd_node *entry;
    TRY(wd_reader_list(&l->r, wd_node_get(l->r.document->root, key), count, &entry));
    uint8_t *list = wd_arena_calloc(l->r.arena, *count, size);
    struct wd_place *places = wd_arena_array(l->r.arena, struct wd_place, *count);
    *at = places;
    for (size_t i = 0; entry; entry = entry->next, i++) {
        places[i] = wd_node_place(l->r.document, entry);
        TRY(read(l, entry, list + i * size));
    }
    *out = list;
    return WD_OK;
}

static int read_lists(const struct loader *l)
{
    struct wd_config *c = l->config;
    void *list;
#define LIST(key, member, count, at, read)                                                        \
    do {                                                                                          \
        TRY(read_list(l, key, sizeof *c->member, read, &list, &c->count, &c->at));                \
        c->member = list;                                                                         \
    } while (0)
    LIST("consumers", consumers, consumer_count, consumer_at, read_consumer);
    LIST("messages", messages, message_count, message_at, read_message);
    LIST("entities", entities, entity_count, entity_at, read_entity);
    LIST("maps", maps, map_count, map_at, read_map);
    LIST("sensitive", sensitive, sensitive_count, sensitive_at, read_sensitive);
    LIST("suppressions", suppressions, suppression_count, suppression_at, read_suppression);
#undef LIST
    return WD_OK;
}

static int read_share(const struct loader *l, const struct wd_node *map, const char *key, double *out)
{
    const struct wd_node *node = wd_node_get(map, key);
    double value;
    if (!node)
        return WD_OK;
    TRY(wd_node_number(l->r.document, node, &value, l->r.err));
    if (!(value >= 0 && value <= 1))
        return wd_reader_fail(&l->r, node, "'%s' is a share; write a number from 0 to 1", key);
    *out = value;
    return WD_OK;
}

static int read_thresholds(const struct loader *l, const struct wd_node *map)
{
    struct wd_thresholds *t = &l->config->thresholds;
    if (!map || map->kind == WD_NODE_NULL)
        return WD_OK;
    TRY(wd_reader_map(&l->r, map, "thresholds", threshold_keys));
    TRY(read_share(l, map, "changed_beyond", &t->changed_beyond));
    TRY(read_share(l, map, "slow_ratio", &t->slow_ratio));
    TRY(read_share(l, map, "snapshot_ratio", &t->snapshot_ratio));
    TRY(read_share(l, map, "min_share", &t->min_share));
    TRY(read_share(l, map, "min_confidence", &t->min_confidence));
    const struct wd_node *messages = wd_node_get(map, "min_messages");
    return messages ? wd_node_uint(l->r.document, messages, &t->min_messages, l->r.err) : WD_OK;
}

/* As on the command line, with the place in front of what is wrong. */
static int read_limit(const struct loader *l, const struct wd_node *node)
{
    if (node->kind != WD_NODE_INTEGER && node->kind != WD_NODE_STRING)
        return wd_reader_fail(&l->r, node, "a limit is a whole number, with k, M or G if you like");
    struct wd_buf text = { 0 };
    wd_buf_put(&text, node->key);
    wd_buf_byte(&text, '=');
    wd_buf_put(&text, node->text);
    struct wd_err why = { 0 };
    int rc = wd_limits_set(&l->config->limits, wd_buf_cstr(&text), &why);
    wd_buf_free(&text);
    return rc < 0 ? wd_reader_fail(&l->r, node, "%s", why.text) : WD_OK;
}

static int read_limits(const struct loader *l, const struct wd_node *map)
{
    if (!map || map->kind == WD_NODE_NULL)
        return WD_OK;
    if (map->kind != WD_NODE_MAP)
        return wd_reader_fail(&l->r, map, "limits is a map (expected 'memory: 256M', found %s)",
                              wd_node_kind_name(map));
    const struct wd_node *const *members;
    size_t count = wd_node_members(map, l->r.arena, &members);
    for (size_t i = 0; i < count; i++)
        TRY(read_limit(l, members[i]));
    return WD_OK;
}

static int read_config(const struct loader *l)
{
    const struct wd_node *root = l->r.document->root;
    struct wd_config *c = l->config;
    if (root->kind == WD_NODE_NULL)
        return WD_OK;  /* nothing but comments */
    for (size_t i = 0; i < WD_COUNT(unbuilt); i++)
        if (wd_node_get(root, unbuilt[i]))
            return wd_fail(l->r.err, WD_EPARSE,
                           wd_node_key_place(l->r.document, wd_node_get(root, unbuilt[i])),
                           "'%s' is not built yet; remove it", unbuilt[i]);
    TRY(wd_reader_map(&l->r, root, "a configuration", file_keys));
    TRY(read_file_names(l, "schemas", &c->schemas, &c->schema_count));
    TRY(read_file_names(l, "captures", &c->captures, &c->capture_count));
    TRY(read_file_names(l, "profiles", &c->profiles, &c->profile_count));
    TRY(read_lists(l));
    TRY(read_thresholds(l, wd_node_get(root, "thresholds")));
    return read_limits(l, wd_node_get(root, "limits"));
}

static struct wd_bytes directory_of(const char *name)
{
    const char *slash = strrchr(name, '/');
    return slash ? wd_bytes_at(name, (size_t)(slash - name) + 1) : wd_bytes_of("");
}

static int load(const char *name, const struct wd_document *document, struct wd_arena *arena,
                struct wd_config *out, struct wd_err *err)
{
    struct wd_config config = wd_config_default();
    config.at = (struct wd_place){ .file = document->name };
    struct loader l = { { document, arena, err }, directory_of(name), &config };
    TRY(read_config(&l));
    *out = config;
    return WD_OK;
}

int wd_config_parse(const char *name, struct wd_bytes text, struct wd_arena *arena, struct wd_config *out,
                    struct wd_err *err)
{
    struct wd_limits limits = wd_limits_default();
    struct wd_document *document;
    TRY(wd_document_parse(name, text, &limits, arena, &document, err));
    return load(name, document, arena, out, err);
}

static bool exists(const char *name, struct stat *st)
{
    return stat(name, st) == 0;
}

/* The configuration that governs this directory, or NULL: here, else at the root of the repository around
 * it. */
static const char *find_config(struct wd_arena *arena)
{
    enum { HIGHEST = 128 };
    struct stat here, above, st;
    if (exists(config_name, &st))
        return config_name;
    struct wd_buf up = { 0 };
    const char *found = NULL;
    for (int i = 0; i < HIGHEST && !found; i++) {
        size_t length = up.len;
        wd_buf_puts(&up, ".git");
        bool is_root = exists(wd_buf_cstr(&up), &st);
        up.len = length;
        if (is_root) {
            wd_buf_puts(&up, config_name);
            found = exists(wd_buf_cstr(&up), &st) ? wd_arena_string(arena, wd_buf_bytes(&up)) : NULL;
            break;
        }
        wd_buf_puts(&up, "./");
        bool is_here = exists(wd_buf_cstr(&up), &here);
        up.len = length;
        wd_buf_puts(&up, "../");
        if (!is_here || !exists(wd_buf_cstr(&up), &above) ||
            (here.st_dev == above.st_dev && here.st_ino == above.st_ino))
            break;  /* the root of the file system */
    }
    wd_buf_free(&up);
    return found;
}

int wd_config_load(const char *name, struct wd_arena *arena, struct wd_config *out, struct wd_err *err)
{
    struct wd_limits limits = wd_limits_default();
    struct wd_document *document;
    if (!name)
        name = find_config(arena);
    if (!name) {
        *out = wd_config_default();
        return WD_OK;
    }
    TRY(wd_document_read(name, &limits, arena, &document, err));
    return load(name, document, arena, out, err);
}
