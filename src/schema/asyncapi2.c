/* AsyncAPI 2.0.0 to 2.6.0. The document describes the server as its clients see it:
 *
 *     channels:
 *       /ws/room/{room}:
 *         subscribe: { message: ... }      what clients may subscribe to: s2c
 *         publish: { message: { oneOf: [...] } }      what clients may publish: c2s
 */
#include "schema/loader.h"

#include "model/message.h"

static bool sniff(const struct wd_document *document)
{
    return wd_bytes_starts(wd_site_text((struct wd_site){ NULL, wd_node_get(document->root, "asyncapi") }),
                           "2.");
}

static int add_message(struct wd_loader *loader, struct wd_site site, struct wd_message_spot spot)
{
    struct wd_site message;
    spot.key = wd_ref_key(&loader->resolver, site.node);
    TRY(wd_resolve_all(&loader->resolver, site, &message));
    return wd_asyncapi_message(loader, message, &spot);
}

/* A message, a reference to one, or { oneOf: [...] }. */
static int add_messages(struct wd_loader *loader, struct wd_site site, const struct wd_message_spot *spot)
{
    const struct wd_node *list = wd_node_get(site.node, "oneOf");
    if (!list || list->kind != WD_NODE_LIST)
        return add_message(loader, site, *spot);
    for (const struct wd_node *item = list->first; item; item = item->next)
        TRY(add_message(loader, (struct wd_site){ site.document, item }, *spot));
    return WD_OK;
}

/* Words of the operation, else of the channel. */
static int read_operation(struct wd_loader *loader, struct wd_site operation, struct wd_message_spot *spot)
{
    struct wd_site found;
    TRY(wd_asyncapi_merged(loader, operation, true, "operationId", NULL, &found));
    spot->fallback = wd_site_text(found);
    TRY(wd_asyncapi_merged(loader, operation, true, "x-wirediet", "purpose", &found));
    if (found.node)
        spot->purpose = wd_site_text(found);
    TRY(wd_asyncapi_merged(loader, operation, true, "x-wirediet", "owner", &found));
    if (found.node)
        spot->owner = wd_site_text(found);
    return WD_OK;
}

static int load_channel(struct wd_loader *loader, struct wd_site member, struct wd_message_spot spot)
{
    static const struct { const char *keyword; unsigned direction; } operations[] = {
        { "subscribe", 1u << WD_S2C }, { "publish", 1u << WD_C2S },
    };
    struct wd_site channel;
    TRY(wd_resolve_all(&loader->resolver, member, &channel));
    const struct wd_node *wirediet = wd_node_get(channel.node, "x-wirediet");
    spot.channel = member.node->key;
    spot.purpose = wd_site_text((struct wd_site){ NULL, wd_node_get(wirediet, "purpose") });
    spot.owner = wd_site_text((struct wd_site){ NULL, wd_node_get(wirediet, "owner") });
    for (size_t i = 0; i < WD_COUNT(operations); i++) {
        struct wd_site operation;
        struct wd_message_spot here = spot;
        TRY(wd_asyncapi_map(loader, channel, operations[i].keyword, &operation));
        const struct wd_node *message = operation.node ? wd_node_get(operation.node, "message") : NULL;
        if (!message)
            continue;
        here.direction = operations[i].direction;
        TRY(read_operation(loader, operation, &here));
        TRY(add_messages(loader, (struct wd_site){ operation.document, message }, &here));
    }
    return WD_OK;
}

static int load_members(struct wd_loader *loader, struct wd_site map, const struct wd_message_spot *spot,
                        bool are_channels)
{
    const struct wd_node *const *members = NULL;
    size_t n = wd_node_members(map.node, loader->arena, &members);
    for (size_t i = 0; i < n; i++) {
        struct wd_site member = { map.document, members[i] };
        struct wd_message_spot here = *spot;
        here.fallback = members[i]->key;
        TRY(are_channels ? load_channel(loader, member, here) : add_message(loader, member, here));
    }
    return WD_OK;
}

static int load(struct wd_loader *loader, struct wd_document *document)
{
    struct wd_site root = { document, document->root }, channels, components, messages;
    struct wd_message_spot spot = { .overrides = true };
    size_t before = loader->count;
    wd_asyncapi_info(loader, document);
    spot.default_content_type =
        wd_site_text((struct wd_site){ document, wd_node_get(document->root, "defaultContentType") });
    TRY(wd_asyncapi_map(loader, root, "channels", &channels));
    if (channels.node)
        TRY(load_members(loader, channels, &spot, true));
    TRY(wd_asyncapi_map(loader, root, "components", &components));
    if (loader->count > before || !components.node)
        return WD_OK;
    TRY(wd_asyncapi_map(loader, components, "messages", &messages));   /* a library of messages */
    return messages.node ? load_members(loader, messages, &spot, false) : WD_OK;
}

const struct wd_schema_format wd_schema_format_asyncapi2 = { .name = "asyncapi-2",
                                                             .sniff = sniff,
                                                             .load = load };
