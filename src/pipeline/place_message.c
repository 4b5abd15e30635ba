/* pipeline/place_message.c - a new message in an AsyncAPI 3 document:
 *
 *     channels:
 *       live:                                  the one with its address, else a new one
 *         messages:
 *           metrics: { $ref: ... }
 *     operations:
 *       push:                                  the one that sends there, unless it sends all; else a new one
 *         messages: [..., { $ref: ... }]
 *     components:
 *       messages:
 *         metrics: ...
 */
#include "pipeline/place.h"
#include "schema/address.h"

struct placing {
    struct wd_places *p;
    const struct wd_infer_print *print;
    const struct wd_inferred_message *message;
    struct wd_place_in root;
    struct wd_bytes channel, key;    /* of the document */
};

static struct wd_node *reference(const struct placing *g, struct wd_bytes pointer)
{
    struct wd_node *node = wd_make_map(g->p->arena, true);
    wd_node_set(node, "$ref", wd_make_text(g->p->arena, pointer));
    return node;
}

static struct wd_bytes free_key(struct placing *g, struct wd_place_in in, struct wd_bytes wanted)
{
    struct wd_bytes key = wanted;
    for (unsigned n = 2; wd_place_has(g->p, in, key); n++)
        key = wd_arena_printf(g->p->arena, "%.*s_%u", (int)wanted.len, (const char *)wanted.at, n);
    return key;
}

/* --- channels --- */

static bool is_channel(const struct wd_node *node, struct wd_bytes name)
{
    const struct wd_node *address = wd_node_get(node, "address");
    bool is_unknown = !name.len || name.at[0] == '(';
    if (!address || address->kind != WD_NODE_STRING)
        return is_unknown;
    return !is_unknown && wd_address_fits(name, address->text);
}

/* Read, or made in this run: those have their names under the address that they were made for. */
static struct wd_place_in channel_of(struct placing *g)
{
    struct wd_place_in channels = wd_place_below(g->p, g->root, "channels");
    const struct wd_type_profile *type = g->message->type;
    for (const struct wd_node *n = channels.read ? channels.read->first : NULL; n; n = n->next) {
        if (n->kind != WD_NODE_MAP || !is_channel(n, type->channel))
            continue;
        g->channel = n->key;
        return wd_place_at(n);
    }
    for (size_t i = 0; i < g->p->count; i++) {
        struct wd_node *made = g->p->growths[i].put;
        if (g->p->growths[i].at != channels.read || !channels.read || !is_channel(made, type->channel))
            continue;
        g->channel = made->key;
        return (struct wd_place_in){ .made = made };
    }
    for (struct wd_node *n = channels.made ? channels.made->first : NULL; n; n = n->next) {
        if (!is_channel(n, type->channel))
            continue;
        g->channel = n->key;
        return (struct wd_place_in){ .made = n };
    }
    struct wd_node *made = wd_infer_channel(g->print, type);
    g->channel = free_key(g, channels, wd_infer_channel_key(g->print, type));
    wd_place_put(g->p, channels, g->channel, made);
    return (struct wd_place_in){ .made = made };
}

/* --- operations --- */

static bool is_operation(const struct placing *g, const struct wd_node *node, const char *action)
{
    const struct wd_node *channel = wd_node_get(wd_node_get(node, "channel"), "$ref"),
                         *does = wd_node_get(node, "action");
    struct wd_bytes pointer = wd_arena_printf(g->p->arena, "#/channels/%.*s", (int)g->channel.len,
                                              (const char *)g->channel.at);
    return channel && does && wd_bytes_is(does->text, action) && wd_bytes_eq(channel->text, pointer);
}

/* Lists the message where messages are listed: an operation without a list has all of the channel. */
static void list_in(struct placing *g, const struct wd_node *operation, bool is_made, struct wd_node *entry)
{
    const struct wd_node *list = wd_node_get(operation, "messages");
    if (!list || list->kind != WD_NODE_LIST)
        return;
    if (is_made)
        wd_node_add((struct wd_node *)list, entry);
    else
        wd_place_add(g->p, list, entry);
}

static const struct wd_node *find_operation(const struct placing *g, struct wd_place_in operations,
                                            const char *action, bool *is_made)
{
    const struct wd_node *map = operations.read ? operations.read : operations.made;
    *is_made = operations.made != NULL;
    for (const struct wd_node *n = map ? map->first : NULL; n; n = n->next)
        if (is_operation(g, n, action))
            return n;
    *is_made = true;
    for (size_t i = 0; i < g->p->count && operations.read; i++)
        if (g->p->growths[i].at == operations.read && is_operation(g, g->p->growths[i].put, action))
            return g->p->growths[i].put;
    return NULL;
}

static void put_operation(struct placing *g, struct wd_node *entry)
{
    struct wd_place_in operations = wd_place_below(g->p, g->root, "operations");
    bool is_received = g->message->type->direction == WD_C2S, is_made;
    const char *action = is_received ? "receive" : "send";
    const struct wd_node *operation = find_operation(g, operations, action, &is_made);
    if (!operation) {
        struct wd_node *made = wd_infer_operation(g->print, g->channel, is_received);
        wd_place_put(g->p, operations,
                     free_key(g, operations, wd_infer_operation_key(g->print, g->channel, is_received)),
                     made);
        operation = made;
    }
    list_in(g, operation, is_made, entry);
}

/* --- the message --- */

void wd_place_message(struct wd_places *p, const struct wd_infer_print *print,
                      const struct wd_inferred_message *message)
{
    struct placing g = { .p = p, .print = print, .message = message,
                         .root = wd_place_at(p->schema->documents[0]->root) };
    struct wd_place_in components = wd_place_below(p, g.root, "components"),
                       messages = wd_place_below(p, components, "messages"), channel = channel_of(&g);
    g.key = free_key(&g, messages, message->key);
    const char *key = (const char *)g.key.at;
    wd_place_put(p, messages, g.key, wd_infer_message(print, message));
    wd_place_put(p, wd_place_below(p, channel, "messages"), g.key,
                 reference(&g, wd_arena_printf(p->arena, "#/components/messages/%.*s", (int)g.key.len, key)));
    put_operation(&g,
                  reference(&g, wd_arena_printf(p->arena, "#/channels/%.*s/messages/%.*s", (int)g.channel.len,
                                                (const char *)g.channel.at, (int)g.key.len, key)));
}
