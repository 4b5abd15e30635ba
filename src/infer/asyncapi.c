/* infer/asyncapi.c - AsyncAPI 3.0.0. The document describes the server: what it sends is s2c.
 *
 *     channels:   one for each that was seen; what varies in its path is a parameter
 *     operations: sendLive, receiveLive
 *     components: messages, each with its payload
 */
#include "infer/names.h"
#include "infer/printer.h"

struct channel {
    struct wd_bytes key;
    struct wd_node *messages;
    struct wd_node *operations[2];   /* lists of references: send, receive; NULL: none yet */
};

struct maker {
    const struct wd_infer_print *p;
    struct channel *all;
    size_t count;
    struct wd_map *known;            /* channels by name */
    struct wd_name_scope keys;
    struct wd_node *channels, *operations, *messages;
};

static struct wd_node *reference(const struct wd_infer_print *p, struct wd_bytes pointer)
{
    struct wd_node *node = wd_make_map(p->arena, true);
    wd_node_set(node, "$ref", wd_make_text(p->arena, pointer));
    return node;
}

/* --- channels --- */

static bool is_known_path(struct wd_bytes name)
{
    return name.len && name.at[0] != '(';
}

/* The name of what varies, from the segment before it: /room/{} is /room/{room}. */
static struct wd_bytes parameter_name(const struct wd_infer_print *p, struct wd_name_scope *scope,
                                      struct wd_bytes before)
{
    while (before.len && before.at[before.len - 1] == '/')
        before.len--;
    size_t start = before.len;
    while (start && before.at[start - 1] != '/')
        start--;
    struct wd_bytes segment = wd_bytes_at(before.at + start, before.len - start);
    if (segment.len && memchr(segment.at, '}', segment.len))
        segment = wd_bytes_of("");
    return wd_name_take(scope, wd_name_make(WD_NAME_WORD, segment, "id", p->arena));
}

static void put_parameter(const struct wd_infer_print *p, struct wd_name_scope *scope, struct wd_bytes before,
                          struct wd_bytes inside, struct wd_buf *out, struct wd_node *parameters)
{
    struct wd_bytes word = inside.len
                               ? wd_name_take(scope, wd_name_make(WD_NAME_PLAIN, inside, "id", p->arena))
                               : parameter_name(p, scope, before);
    wd_buf_byte(out, '{');
    wd_buf_put(out, word);
    wd_buf_byte(out, '}');
    wd_node_put(parameters, word, wd_make_map(p->arena, true));
}

/* The address with a name in each {}, and the parameters that it has. */
static struct wd_bytes address_of(const struct wd_infer_print *p, struct wd_bytes name,
                                  struct wd_node *parameters)
{
    struct wd_buf out = { 0 };
    struct wd_name_scope scope = wd_name_scope_open(p->arena, true);
    for (size_t i = 0; i < name.len; i++) {
        const uint8_t *close = name.at[i] == '{' ? memchr(name.at + i, '}', name.len - i) : NULL;
        if (!close) {
            wd_buf_byte(&out, name.at[i]);
            continue;
        }
        size_t end = (size_t)(close - name.at);
        put_parameter(p, &scope, wd_bytes_at(name.at, i), wd_bytes_at(name.at + i + 1, end - i - 1), &out,
                      parameters);
        i = end;
    }
    struct wd_bytes address = wd_arena_copy(p->arena, wd_buf_bytes(&out));
    wd_name_scope_close(&scope);
    wd_buf_free(&out);
    return address;
}

struct wd_bytes wd_infer_channel_key(const struct wd_infer_print *p, const struct wd_type_profile *type)
{
    return wd_name_make(WD_NAME_WORD, type->channel, is_known_path(type->channel) ? "root" : "unknown",
                        p->arena);
}

struct wd_node *wd_infer_channel(const struct wd_infer_print *p, const struct wd_type_profile *type)
{
    struct wd_node *node = wd_make_map(p->arena, false), *parameters = wd_make_map(p->arena, false);
    struct wd_bytes address = address_of(p, type->channel, parameters);
    if (!is_known_path(type->channel))
        return node;
    wd_node_set(node, "address", wd_make_text(p->arena, address));
    if (parameters->count)
        wd_node_set(node, "parameters", parameters);
    return node;
}

static struct channel *channel_of(struct maker *m, const struct wd_type_profile *type)
{
    bool is_new;
    uint64_t *at = wd_map_put(m->known, type->channel, &is_new);
    if (!is_new)
        return &m->all[*at];
    struct channel *channel = &m->all[m->count];
    struct wd_node *node = wd_infer_channel(m->p, type);
    *at = m->count++;
    channel->key = wd_name_take(&m->keys, wd_infer_channel_key(m->p, type));
    channel->messages = wd_node_set(node, "messages", wd_make_map(m->p->arena, false));
    wd_node_put(m->channels, channel->key, node);
    return channel;
}

/* --- operations --- */

static const char *const actions[] = { "send", "receive" };

/* sendLive */
struct wd_bytes wd_infer_operation_key(const struct wd_infer_print *p, struct wd_bytes channel,
                                       bool is_received)
{
    struct wd_bytes key = wd_arena_printf(p->arena, "%s%.*s", actions[is_received], (int)channel.len,
                                          (const char *)channel.at);
    uint8_t *first = (uint8_t *)key.at + strlen(actions[is_received]);
    if (*first >= 'a' && *first <= 'z')
        *first = (uint8_t)(*first - 0x20);
    return key;
}

struct wd_node *wd_infer_operation(const struct wd_infer_print *p, struct wd_bytes channel, bool is_received)
{
    struct wd_node *node = wd_make_map(p->arena, false);
    wd_node_set(node, "action", wd_make_word(p->arena, actions[is_received]));
    wd_node_set(node, "channel",
                reference(p, wd_arena_printf(p->arena, "#/channels/%.*s", (int)channel.len,
                                             (const char *)channel.at)));
    wd_node_set(node, "messages", wd_make_list(p->arena, false));
    return node;
}

static struct wd_node *operation_of(struct maker *m, struct channel *channel, bool is_received)
{
    if (channel->operations[is_received])
        return channel->operations[is_received];
    struct wd_node *node = wd_infer_operation(m->p, channel->key, is_received);
    wd_node_put(m->operations, wd_infer_operation_key(m->p, channel->key, is_received), node);
    return channel->operations[is_received] = node->last;
}

/* --- messages --- */

static const char *content_type_of(const char *codec)
{
    static const struct { const char *codec, *type; } types[] = {
        { "msgpack", "application/msgpack" }, { "cbor", "application/cbor" },
        { "protobuf", "application/protobuf" }, { "avro", "application/avro" },
        { "opaque", "application/octet-stream" },
    };
    for (size_t i = 0; codec && i < WD_COUNT(types); i++)
        if (strcmp(types[i].codec, codec) == 0)
            return types[i].type;
    return NULL;
}

struct wd_node *wd_infer_message(const struct wd_infer_print *p, const struct wd_inferred_message *message)
{
    struct wd_node *node = wd_make_map(p->arena, false);
    const char *content_type = content_type_of(message->type->codec);
    wd_node_set(node, "name", wd_make_text(p->arena, message->type->name));
    if (content_type)
        wd_node_set(node, "contentType", wd_make_word(p->arena, content_type));
    wd_infer_measure_message(p, message, node);
    if (message->root && !wd_infer_is_numbered(message))
        wd_node_set(node, "payload", wd_infer_schema(p, message, message->root));
    return node;
}

static void add_message(struct maker *m, const struct wd_inferred_message *message)
{
    struct wd_arena *arena = m->p->arena;
    struct channel *channel = channel_of(m, message->type);
    const char *key = (const char *)message->key.at, *in = (const char *)channel->key.at;
    int key_len = (int)message->key.len, in_len = (int)channel->key.len;
    wd_node_put(m->messages, message->key, wd_infer_message(m->p, message));
    wd_node_put(channel->messages, message->key,
                reference(m->p, wd_arena_printf(arena, "#/components/messages/%.*s", key_len, key)));
    wd_node_add(
        operation_of(m, channel, message->type->direction == WD_C2S),
        reference(m->p, wd_arena_printf(arena, "#/channels/%.*s/messages/%.*s", in_len, in, key_len, key)));
}

/* --- the document --- */

static void put_info(const struct maker *m, struct wd_node *root)
{
    struct wd_arena *arena = m->p->arena;
    struct wd_node *info = wd_node_set(root, "info", wd_make_map(arena, false));
    struct wd_buf source = { 0 };
    wd_infer_put_source(&source, m->p);
    wd_node_set(info, "title", wd_make_text(arena, m->p->inferred->title));
    wd_node_set(info, "version", wd_make_word(arena, "0.1.0"));
    wd_node_set(info, "description", wd_make_text(arena, wd_arena_copy(arena, wd_buf_bytes(&source))));
    wd_buf_free(&source);
}

/* What all messages are, where that is one type. */
static const char *common_type(const struct wd_inferred *in)
{
    static const char json[] = "application/json";
    const char *common = in->message_count ? content_type_of(in->messages[0].type->codec) : NULL;
    for (size_t i = 1; common && i < in->message_count; i++) {
        const char *type = content_type_of(in->messages[i].type->codec);
        if (!type || strcmp(type, common) != 0)
            common = NULL;
    }
    return common ? common : json;
}

static struct wd_node *document(struct maker *m)
{
    struct wd_arena *arena = m->p->arena;
    struct wd_node *root = wd_make_map(arena, false), *components = wd_make_map(arena, false);
    wd_node_set(root, "asyncapi", wd_make_word(arena, "3.0.0"));
    put_info(m, root);
    wd_node_set(root, "defaultContentType", wd_make_word(arena, common_type(m->p->inferred)));
    m->channels = wd_node_set(root, "channels", wd_make_map(arena, false));
    m->operations = wd_node_set(root, "operations", wd_make_map(arena, false));
    wd_node_set(root, "components", components);
    m->messages = wd_node_set(components, "messages", wd_make_map(arena, false));
    for (size_t i = 0; i < m->p->inferred->message_count; i++)
        add_message(m, &m->p->inferred->messages[i]);
    return root;
}

static void print(const struct wd_infer_print *p, struct wd_buf *out)
{
    struct maker m = { .p = p, .known = wd_map_open(), .keys = wd_name_scope_open(p->arena, false),
                       .all = wd_arena_array(p->arena, struct channel, p->inferred->message_count) };
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
