/* infer/asyncapi.c - AsyncAPI 3.0.0. The document describes the server: what it sends is s2c.
 *
 *     channels:   one for each that was seen; what varies in its path is a parameter
 *     operations: sendLive, receiveLive
 *     components: messages, each with its payload
 */
#include "infer/names.h"
#include "infer/printer.h"

struct channel {
    struct wd_bytes name;         /* of the traffic */
    struct wd_bytes key;
    struct wd_node *messages;
    struct wd_node *operations[2];   /* lists of references: send, receive; NULL: none yet */
};

struct maker {
    const struct wd_infer_print *p;
    struct channel *channels;
    size_t channel_count;
    struct wd_map *known;
    struct wd_name_scope keys;
};

static struct wd_node *text(const struct maker *m, struct wd_bytes bytes)
{
    return wd_make_text(m->p->arena, bytes);
}

static struct wd_node *reference(const struct maker *m, struct wd_bytes pointer)
{
    struct wd_node *node = wd_make_map(m->p->arena, true);
    wd_node_set(node, "$ref", text(m, pointer));
    return node;
}

/* --- channels --- */

static bool is_known_path(struct wd_bytes name)
{
    return name.len && name.at[0] != '(';
}

/* The name of what varies, from the segment before it: /room/{} is /room/{room}. */
static struct wd_bytes parameter_name(struct maker *m, struct wd_name_scope *scope, struct wd_bytes before)
{
    while (before.len && before.at[before.len - 1] == '/')
        before.len--;
    size_t start = before.len;
    while (start && before.at[start - 1] != '/')
        start--;
    struct wd_bytes segment = wd_bytes_at(before.at + start, before.len - start);
    if (memchr(segment.at, '}', segment.len))
        segment = wd_bytes_of("");
    struct wd_bytes name = wd_name_make(WD_NAME_WORD, segment, "id", m->p->arena);
    return wd_name_take(scope, name);
}

/* The address with a name in each {}, and the parameters that it has. */
static struct wd_bytes address_of(struct maker *m, struct wd_bytes name, struct wd_node *parameters)
{
    struct wd_buf out = { 0 };
    struct wd_name_scope scope = wd_name_scope_open(m->p->arena, true);
    for (size_t i = 0; i < name.len; i++) {
        const uint8_t *close = name.at[i] == '{' ? memchr(name.at + i, '}', name.len - i) : NULL;
        if (!close) {
            wd_buf_byte(&out, name.at[i]);
            continue;
        }
        struct wd_bytes inside = wd_bytes_at(name.at + i + 1, (size_t)(close - name.at) - i - 1);
        struct wd_bytes word =
            inside.len ? wd_name_take(&scope, wd_name_make(WD_NAME_PLAIN, inside, "id", m->p->arena))
                       : parameter_name(m, &scope, wd_bytes_at(name.at, i));
        wd_buf_byte(&out, '{');
        wd_buf_put(&out, word);
        wd_buf_byte(&out, '}');
        wd_node_put(parameters, word, wd_make_map(m->p->arena, true));
        i = (size_t)(close - name.at);
    }
    struct wd_bytes address = wd_arena_copy(m->p->arena, wd_buf_bytes(&out));
    wd_name_scope_close(&scope);
    wd_buf_free(&out);
    return address;
}

static struct channel *channel_of(struct maker *m, const struct wd_type_profile *type)
{
    bool is_new;
    uint64_t *at = wd_map_put(m->known, type->channel, &is_new);
    if (is_new) {
        struct channel *channel = &m->channels[m->channel_count];
        const char *fallback = is_known_path(type->channel) ? "root" : "unknown";
        *at = m->channel_count++;
        channel->name = type->channel;
        channel->key = wd_name_take(&m->keys, wd_name_make(WD_NAME_WORD, type->channel, fallback, m->p->arena));
        channel->messages = wd_make_map(m->p->arena, false);
    }
    return &m->channels[*at];
}

/* --- messages --- */

static const char *content_type_of(const char *codec)
{
    static const struct { const char *codec, *type; } types[] = {
        { "json", "application/json" },         { "msgpack", "application/msgpack" },
        { "cbor", "application/cbor" },         { "protobuf", "application/protobuf" },
        { "avro", "application/avro" },         { "opaque", "application/octet-stream" },
    };
    for (size_t i = 0; codec && i < WD_COUNT(types); i++)
        if (strcmp(types[i].codec, codec) == 0)
            return types[i].type;
    return NULL;
}

static struct wd_node *message_of(const struct maker *m, const struct wd_inferred_message *message)
{
    struct wd_arena *arena = m->p->arena;
    struct wd_node *node = wd_make_map(arena, false);
    const char *content_type = content_type_of(message->type->codec);
    wd_node_set(node, "name", text(m, message->type->name));
    if (content_type && strcmp(content_type, "application/json") != 0)
        wd_node_set(node, "contentType", wd_make_word(arena, content_type));
    wd_infer_measure_message(m->p, message, node);
    if (message->root)
        wd_node_set(node, "payload", wd_infer_schema(m->p, message, message->root));
    return node;
}

static void add_message(struct maker *m, const struct wd_inferred_message *message, struct wd_node *components)
{
    struct wd_arena *arena = m->p->arena;
    struct channel *channel = channel_of(m, message->type);
    int direction = message->type->direction == WD_C2S;
    const char *key = (const char *)message->key.at, *in = (const char *)channel->key.at;
    wd_node_put(channel->messages, message->key,
                reference(m, wd_arena_printf(arena, "#/components/messages/%.*s", (int)message->key.len, key)));
    if (!channel->operations[direction])
        channel->operations[direction] = wd_make_list(arena, false);
    wd_node_add(channel->operations[direction],
                reference(m, wd_arena_printf(arena, "#/channels/%.*s/messages/%.*s", (int)channel->key.len, in,
                                             (int)message->key.len, key)));
    wd_node_put(components, message->key, message_of(m, message));
}

/* --- the document --- */

static struct wd_node *info(const struct maker *m)
{
    struct wd_arena *arena = m->p->arena;
    struct wd_node *node = wd_make_map(arena, false);
    struct wd_buf source = { 0 };
    wd_infer_put_source(&source, m->p);
    wd_node_set(node, "title", text(m, m->p->inferred->title));
    wd_node_set(node, "version", wd_make_word(arena, "0.1.0"));
    wd_node_set(node, "description", text(m, wd_arena_copy(arena, wd_buf_bytes(&source))));
    wd_buf_free(&source);
    return node;
}

static struct wd_node *channels(struct maker *m)
{
    struct wd_arena *arena = m->p->arena;
    struct wd_node *map = wd_make_map(arena, false);
    for (size_t i = 0; i < m->channel_count; i++) {
        const struct channel *channel = &m->channels[i];
        struct wd_node *node = wd_make_map(arena, false), *parameters = wd_make_map(arena, false);
        struct wd_bytes address = address_of(m, channel->name, parameters);
        if (is_known_path(channel->name))
            wd_node_set(node, "address", text(m, address));
        if (is_known_path(channel->name) && parameters->count)
            wd_node_set(node, "parameters", parameters);
        wd_node_set(node, "messages", channel->messages);
        wd_node_put(map, channel->key, node);
    }
    return map;
}

static void put_operation(const struct maker *m, const struct channel *channel, int direction, struct wd_node *map)
{
    static const char *const actions[] = { "send", "receive" };
    struct wd_arena *arena = m->p->arena;
    struct wd_node *node = wd_make_map(arena, false);
    struct wd_bytes key = wd_arena_printf(arena, "%s%.*s", actions[direction], (int)channel->key.len,
                                          (const char *)channel->key.at);
    uint8_t *first = (uint8_t *)key.at + strlen(actions[direction]);
    if (*first >= 'a' && *first <= 'z')
        *first = (uint8_t)(*first - 0x20);
    wd_node_set(node, "action", wd_make_word(arena, actions[direction]));
    wd_node_set(node, "channel",
                reference(m, wd_arena_printf(arena, "#/channels/%.*s", (int)channel->key.len,
                                             (const char *)channel->key.at)));
    wd_node_set(node, "messages", channel->operations[direction]);
    wd_node_put(map, key, node);
}

static struct wd_node *operations(const struct maker *m)
{
    struct wd_node *map = wd_make_map(m->p->arena, false);
    for (size_t i = 0; i < m->channel_count; i++)
        for (int d = 0; d < 2; d++)
            if (m->channels[i].operations[d])
                put_operation(m, &m->channels[i], d, map);
    return map;
}

static struct wd_node *document(struct maker *m)
{
    struct wd_arena *arena = m->p->arena;
    struct wd_node *root = wd_make_map(arena, false), *components = wd_make_map(arena, false),
                   *messages = wd_make_map(arena, false);
    for (size_t i = 0; i < m->p->inferred->message_count; i++)
        add_message(m, &m->p->inferred->messages[i], messages);
    wd_node_set(root, "asyncapi", wd_make_word(arena, "3.0.0"));
    wd_node_set(root, "info", info(m));
    wd_node_set(root, "defaultContentType", wd_make_word(arena, "application/json"));
    wd_node_set(root, "channels", channels(m));
    wd_node_set(root, "operations", operations(m));
    wd_node_set(root, "components", components);
    wd_node_set(components, "messages", messages);
    return root;
}

static void print(const struct wd_infer_print *p, struct wd_buf *out)
{
    struct maker m = { .p = p, .known = wd_map_open(), .keys = wd_name_scope_open(p->arena, false),
                       .channels = wd_arena_array(p->arena, struct channel, p->inferred->message_count) };
    const struct wd_node *root = document(&m);
    if (p->is_json) {
        wd_write_json(out, root, 0);
        wd_buf_byte(out, '\n');
    } else {
        wd_write_yaml(out, root, 0);
    }
    wd_map_close(m.known);
    wd_name_scope_close(&m.keys);
}

static const char *const extensions[] = { ".yaml", ".yml", ".asyncapi.json", NULL };
const struct wd_infer_format wd_infer_asyncapi = { "asyncapi", extensions, "AsyncAPI 3.0", print };
