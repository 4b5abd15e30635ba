/* AsyncAPI 3.0.0. The document describes the application, here the server:
 *
 *     channels:
 *       live: { address: /live, messages: { metrics: {$ref: ...} } }
 *     operations:
 *       sendLive: { action: send,       the application sends: s2c; receive: c2s; `reply` goes the other way
 *                   channel: {$ref: '#/channels/live'},
 *                   messages: [{$ref: '#/channels/live/messages/metrics'}] }     left out: all of them
 */
#include "schema/loader.h"

#include "base/escape.h"
#include "model/message.h"

static bool sniff(const struct wd_document *document)
{
    return wd_bytes_starts(wd_site_text((struct wd_site){ NULL, wd_node_get(document->root, "asyncapi") }),
                           "3.0");
}

static int add_message(struct wd_loader *loader, struct wd_site site, struct wd_message_spot spot)
{
    struct wd_site message;
    spot.key = wd_ref_key(&loader->resolver, site.node);
    if (!spot.key.len)
        spot.key = site.node->key;
    TRY(wd_resolve_all(&loader->resolver, site, &message));
    return wd_asyncapi_message(loader, message, &spot);
}

static int add_map(struct wd_loader *loader, struct wd_site map, const struct wd_message_spot *spot)
{
    const struct wd_node *const *members = NULL;
    size_t n = wd_node_members(map.node, loader->arena, &members);
    for (size_t i = 0; i < n; i++)
        TRY(add_message(loader, (struct wd_site){ map.document, members[i] }, *spot));
    return WD_OK;
}

/* ---- channels ---- */

static void read_channel(struct wd_site channel, struct wd_message_spot *spot)
{
    const struct wd_node *wirediet = wd_node_get(channel.node, "x-wirediet");
    spot->channel = wd_site_text((struct wd_site){ NULL, wd_node_get(channel.node, "address") });
    spot->purpose = wd_site_text((struct wd_site){ NULL, wd_node_get(wirediet, "purpose") });
    spot->owner = wd_site_text((struct wd_site){ NULL, wd_node_get(wirediet, "owner") });
}

static int add_channel(struct wd_loader *loader, struct wd_site channel, const struct wd_message_spot *spot)
{
    struct wd_site messages;
    TRY(wd_asyncapi_map(loader, channel, "messages", &messages));
    return messages.node ? add_map(loader, messages, spot) : WD_OK;
}

static int load_channels(struct wd_loader *loader, struct wd_site root, const struct wd_message_spot *spot)
{
    struct wd_site channels;
    const struct wd_node *const *members = NULL;
    TRY(wd_asyncapi_map(loader, root, "channels", &channels));
    size_t n = wd_node_members(channels.node, loader->arena, &members);
    for (size_t i = 0; i < n; i++) {
        struct wd_site channel;
        struct wd_message_spot here = *spot;
        TRY(wd_resolve_all(&loader->resolver, (struct wd_site){ channels.document, members[i] }, &channel));
        read_channel(channel, &here);
        TRY(add_channel(loader, channel, &here));
    }
    return WD_OK;
}

/* ---- operations ---- */

/* The key of a message in an operation is that of the component behind the channel's message. */
static int add_listed(struct wd_loader *loader, struct wd_site item, struct wd_message_spot spot)
{
    struct wd_site in_channel = item;
    if (wd_ref_of(item.node))
        TRY(wd_resolve(&loader->resolver, item, &in_channel));
    return add_message(loader, in_channel, spot);
}

/* The messages that an operation, or its reply, lists; all of the channel when it lists none. */
static int add_operation(struct wd_loader *loader, struct wd_site operation, struct wd_site channel,
                         struct wd_message_spot spot)
{
    const struct wd_node *list = wd_node_get(operation.node, "messages");
    if (!list)
        return add_channel(loader, channel, &spot);
    if (list->kind != WD_NODE_LIST)
        return wd_fail(loader->err, WD_EPARSE, wd_node_place(operation.document, list),
                       "'messages' of an operation needs a list, found %s; write '- $ref: ...' lines",
                       wd_node_kind_name(list));
    for (const struct wd_node *item = list->first; item; item = item->next)
        TRY(add_listed(loader, (struct wd_site){ operation.document, item }, spot));
    return WD_OK;
}

static int read_action(struct wd_loader *loader, struct wd_site operation, unsigned *direction)
{
    struct wd_shown shown;
    const struct wd_node *action = wd_node_get(operation.node, "action");
    struct wd_bytes word = wd_site_text((struct wd_site){ NULL, action });
    if (!wd_bytes_is(word, "send") && !wd_bytes_is(word, "receive"))
        return wd_fail(
            loader->err, WD_EPARSE, wd_node_place(operation.document, action ? action : operation.node),
            "an operation needs 'action: send' or 'action: receive', found '%s'; write one of them",
            wd_show(&shown, word));
    *direction = wd_bytes_is(word, "send") ? 1u << WD_S2C : 1u << WD_C2S;
    return WD_OK;
}

static int read_words(struct wd_loader *loader, struct wd_site operation, struct wd_message_spot *spot)
{
    struct wd_site purpose, owner;
    TRY(wd_asyncapi_merged(loader, operation, false, "x-wirediet", "purpose", &purpose));
    TRY(wd_asyncapi_merged(loader, operation, false, "x-wirediet", "owner", &owner));
    if (purpose.node)
        spot->purpose = wd_site_text(purpose);
    if (owner.node)
        spot->owner = wd_site_text(owner);
    return WD_OK;
}

static int load_reply(struct wd_loader *loader, struct wd_site operation, struct wd_site channel,
                      struct wd_message_spot spot)
{
    struct wd_site reply, other;
    TRY(wd_asyncapi_map(loader, operation, "reply", &reply));
    if (!reply.node)
        return WD_OK;
    TRY(wd_asyncapi_map(loader, reply, "channel", &other));
    if (!other.node && !wd_node_get(reply.node, "messages"))
        return WD_OK;   /* it only says where: the messages are not told apart */
    if (other.node)
        channel = other;
    spot.direction ^= 1u << WD_S2C | 1u << WD_C2S;
    spot.channel = wd_site_text((struct wd_site){ NULL, wd_node_get(channel.node, "address") });
    return add_operation(loader, reply, channel, spot);
}

static int load_operation(struct wd_loader *loader, struct wd_site member, struct wd_message_spot spot)
{
    struct wd_site operation, channel;
    TRY(wd_resolve_all(&loader->resolver, member, &operation));
    TRY(wd_asyncapi_map(loader, operation, "channel", &channel));
    if (!channel.node)
        return wd_fail(loader->err, WD_EPARSE, wd_node_key_place(member.document, member.node),
                       "an operation needs a 'channel'; write channel: {$ref: '#/channels/...'}");
    read_channel(channel, &spot);
    TRY(read_action(loader, operation, &spot.direction));
    TRY(read_words(loader, operation, &spot));
    TRY(add_operation(loader, operation, channel, spot));
    return load_reply(loader, operation, channel, spot);
}

static int load_operations(struct wd_loader *loader, struct wd_site root, const struct wd_message_spot *spot)
{
    struct wd_site operations;
    const struct wd_node *const *members = NULL;
    TRY(wd_asyncapi_map(loader, root, "operations", &operations));
    size_t n = wd_node_members(operations.node, loader->arena, &members);
    for (size_t i = 0; i < n; i++)
        TRY(load_operation(loader, (struct wd_site){ operations.document, members[i] }, *spot));
    return WD_OK;
}

static int load(struct wd_loader *loader, struct wd_document *document)
{
    struct wd_site root = { document, document->root }, components, messages;
    struct wd_message_spot spot = { .default_content_type = wd_site_text((struct wd_site){
                                        document, wd_node_get(document->root, "defaultContentType") }) };
    size_t before = loader->count;
    wd_asyncapi_info(loader, document);
    TRY(load_channels(loader, root, &spot));
    TRY(load_operations(loader, root, &spot));
    TRY(wd_asyncapi_map(loader, root, "components", &components));
    if (loader->count > before || !components.node)
        return WD_OK;
    TRY(wd_asyncapi_map(loader, components, "messages", &messages));   /* a library of messages */
    return messages.node ? add_map(loader, messages, &spot) : WD_OK;
}

const struct wd_schema_format wd_schema_format_asyncapi3 = { .name = "asyncapi-3",
                                                             .sniff = sniff,
                                                             .load = load };
