/* What AsyncAPI 2.x and 3.0 have in common: the message object, its traits, the formats of its payload.
 *
 *     metrics:                          name, title, contentType, x-wirediet may come from traits:
 *       traits: [{$ref: ...}]             2.x: JSON Merge Patch in their order: a trait wins over the message
 *       name: metrics                     3.0: the message wins, then the last trait
 *       schemaFormat: ...               2.x; in 3.0 the payload is { schemaFormat: ..., schema: ... }
 *       payload: ...                    none, or in a format that is not read: opaque
 */
#include "base/escape.h"
#include "schema/jsonschema.h"
#include "schema/loader.h"

struct wd_bytes wd_site_text(struct wd_site site)
{
    bool is_scalar = site.node && site.node->kind != WD_NODE_MAP && site.node->kind != WD_NODE_LIST &&
                     site.node->kind != WD_NODE_NULL;
    return is_scalar ? site.node->text : wd_bytes_of("");
}

int wd_asyncapi_map(struct wd_loader *loader, struct wd_site site, const char *key, struct wd_site *out)
{
    struct wd_site member = { site.document, wd_node_get(site.node, key) };
    if (member.node && member.node->kind != WD_NODE_NULL)
        TRY(wd_resolve_all(&loader->resolver, member, &member));
    if (!member.node || member.node->kind == WD_NODE_NULL) {
        out->node = NULL;
        return WD_OK;
    }
    if (member.node->kind != WD_NODE_MAP)
        return wd_fail(loader->err, WD_EPARSE, wd_node_place(member.document, member.node),
                       "'%s' needs a map, found %s; write 'name: ...' lines below it", key,
                       wd_node_kind_name(member.node));
    *out = member;
    return WD_OK;
}

void wd_asyncapi_info(struct wd_loader *loader, const struct wd_document *document)
{
    const struct wd_node *info = wd_node_get(document->root, "info");
    if (loader->schema->title.len || loader->schema->version.len)
        return;
    loader->schema->title = wd_site_text((struct wd_site){ NULL, wd_node_get(info, "title") });
    loader->schema->version = wd_site_text((struct wd_site){ NULL, wd_node_get(info, "version") });
}

/* ---- traits ---- */

static struct wd_site member_of(struct wd_site site, const char *key, const char *deeper)
{
    const struct wd_node *member = wd_node_get(site.node, key);
    return (struct wd_site){ site.document, deeper ? wd_node_get(member, deeper) : member };
}

/* The last trait that has the member; `out->node` NULL when none has. */
static int find_in_traits(struct wd_loader *loader, struct wd_site site, const char *key, const char *deeper,
                          struct wd_site *out)
{
    const struct wd_node *traits = wd_node_get(site.node, "traits");
    out->node = NULL;
    if (!traits)
        return WD_OK;
    if (traits->kind != WD_NODE_LIST)
        return wd_fail(loader->err, WD_EPARSE, wd_node_place(site.document, traits),
                       "'traits' needs a list, found %s; write '- $ref: ...' lines",
                       wd_node_kind_name(traits));
    for (const struct wd_node *item = traits->first; item; item = item->next) {
        struct wd_site trait;
        TRY(wd_resolve_all(&loader->resolver, (struct wd_site){ site.document, item }, &trait));
        struct wd_site found = member_of(trait, key, deeper);
        if (found.node)
            *out = found;
    }
    return WD_OK;
}

int wd_asyncapi_merged(struct wd_loader *loader, struct wd_site site, bool overrides, const char *key,
                       const char *deeper, struct wd_site *out)
{
    struct wd_site own = member_of(site, key, deeper), trait = { site.document, NULL };
    TRY(find_in_traits(loader, site, key, deeper, &trait));
    *out = trait.node && (overrides || !own.node) ? trait : own;
    if (out->node && out->node->kind == WD_NODE_NULL)
        out->node = NULL;   /* merge patch: null takes it away */
    return WD_OK;
}

/* ---- the message ---- */

struct message {
    struct wd_loader *loader;
    struct wd_site site;
    const struct wd_message_spot *spot;
    struct wd_schema_message *out;
};

static int read_text(struct message *m, const char *key, const char *deeper, struct wd_bytes *out)
{
    struct wd_site found;
    TRY(wd_asyncapi_merged(m->loader, m->site, m->spot->overrides, key, deeper, &found));
    struct wd_bytes text = wd_site_text(found);
    if (text.len)
        *out = text;
    return WD_OK;
}

static int read_name(struct message *m)
{
    struct wd_bytes id = { 0 };
    m->out->key = m->spot->key;
    TRY(read_text(m, "title", NULL, &m->out->title));
    TRY(read_text(m, "messageId", NULL, &id));
    m->out->name = m->spot->key.len        ? m->spot->key
                   : id.len                ? id
                   : m->spot->fallback.len ? m->spot->fallback
                                           : wd_bytes_of("message");
    return read_text(m, "name", NULL, &m->out->name);
}

static int read_words(struct message *m)
{
    struct wd_bytes purpose = { 0 }, owner = { 0 };
    m->out->content_type = m->spot->default_content_type;
    m->out->purpose = m->spot->purpose;
    m->out->owner = m->spot->owner;
    TRY(read_text(m, "contentType", NULL, &m->out->content_type));
    TRY(read_text(m, "x-version", NULL, &m->out->version));
    TRY(read_text(m, "x-wirediet", "purpose", &purpose));
    TRY(read_text(m, "x-wirediet", "owner", &owner));
    m->out->states_wirediet = purpose.len || owner.len;   /* a slot to be filled in states nothing */
    if (purpose.len)
        m->out->purpose = purpose;
    if (owner.len)
        m->out->owner = owner;
    return WD_OK;
}

static bool has_siblings(struct wd_bytes format)
{
    return format.len &&
           (memmem(format.at, format.len, "2020-12", 7) || memmem(format.at, format.len, "2019-09", 7));
}

/* 3.0: { schemaFormat, schema } in place of a schema. */
static int unwrap(struct message *m, struct wd_site *payload, struct wd_bytes *format)
{
    struct wd_site inner = *payload;
    if (inner.node->kind != WD_NODE_MAP)
        return WD_OK;
    if (!wd_node_get(inner.node, "schema"))
        TRY(wd_ref_of(inner.node) ? wd_resolve(&m->loader->resolver, inner, &inner) : WD_OK);
    if (inner.document->is_proto)
        return WD_OK;
    const struct wd_node *stated = wd_node_get(inner.node, "schemaFormat"),
                         *schema = wd_node_get(inner.node, "schema");
    if (!stated || !schema)
        return WD_OK;
    *format = wd_site_text((struct wd_site){ inner.document, stated });
    *payload = (struct wd_site){ inner.document, schema };
    return WD_OK;
}

static int read_json_schema(struct message *m, struct wd_site payload, struct wd_bytes format)
{
    struct wd_flatten flatten = { .resolver = &m->loader->resolver,
                                  .has_siblings = has_siblings(format),
                                  .states_wirediet = &m->out->states_wirediet,
                                  .visited = &m->loader->visited };
    return wd_jsonschema_flatten(&flatten, payload, &m->out->fields, &m->out->field_count);
}

static int read_avro(struct message *m, struct wd_site payload, struct wd_bytes format)
{
    (void)format;
    TRY(wd_resolve_all(&m->loader->resolver, payload, &payload));
    return wd_avro_payload(m->loader, payload, m->out);
}

static int read_proto(struct message *m, struct wd_site payload, struct wd_bytes format)
{
    (void)format;
    TRY(wd_resolve_all(&m->loader->resolver, payload, &payload));
    return wd_proto_payload(m->loader, payload, m->out);
}

/* By what a schemaFormat begins with; AsyncAPI's own is a superset of draft-07. */
static const struct payload_format {
    const char *begins;
    int (*read)(struct message *m, struct wd_site payload, struct wd_bytes format);
} payload_formats[] = {
    { "application/vnd.aai.asyncapi", read_json_schema },
    { "application/schema+json", read_json_schema },
    { "application/schema+yaml", read_json_schema },
    { "application/vnd.apache.avro", read_avro },
    { "application/vnd.google.protobuf", read_proto },
};

/* NULL: it is not read. */
static const struct payload_format *format_called(struct wd_bytes format)
{
    for (size_t i = 0; i < WD_COUNT(payload_formats); i++)
        if (!format.len || wd_bytes_starts(format, payload_formats[i].begins))
            return &payload_formats[i];
    return NULL;
}

static int read_payload(struct message *m)
{
    struct wd_bytes text = { 0 };
    struct wd_site payload = { m->site.document, wd_node_get(m->site.node, "payload") };
    m->out->is_opaque = true;
    if (!payload.node)
        return WD_OK;
    TRY(read_text(m, "schemaFormat", NULL, &text));
    TRY(unwrap(m, &payload, &text));
    m->out->payload = payload.node;
    const struct payload_format *format = format_called(text);
    if (!format)
        return WD_OK;
    m->out->is_opaque = false;
    return format->read(m, payload, text);
}

static void add_spot(struct wd_schema_message *message, const struct wd_message_spot *spot)
{
    message->directions |= spot->direction;
    if (!message->purpose.len)
        message->purpose = spot->purpose;
    if (!message->owner.len)
        message->owner = spot->owner;
}

/* False where the channel has not got it yet. An envelope is several messages of one text. */
static bool add_spots(struct wd_loader *loader, struct wd_site site, const struct wd_message_spot *spot)
{
    bool found = false;
    for (size_t i = 0; i < loader->count; i++) {
        if (loader->messages[i].node != site.node || !wd_bytes_eq(loader->messages[i].channel, spot->channel))
            continue;
        add_spot(&loader->messages[i], spot);
        found = true;
    }
    return found;
}

int wd_asyncapi_message(struct wd_loader *loader, struct wd_site site, const struct wd_message_spot *spot)
{
    if (site.node->kind != WD_NODE_MAP)
        return wd_fail(loader->err, WD_EPARSE, wd_node_place(site.document, site.node),
                       "a message is a map, found %s; write 'payload: ...' below it",
                       wd_node_kind_name(site.node));
    if (add_spots(loader, site, spot))
        return WD_OK;
    struct wd_schema_message out = { .channel = spot->channel,
                                     .directions = spot->direction,
                                     .document = site.document,
                                     .node = site.node,
                                     .at = wd_node_key_place(site.document, site.node) };
    struct message m = { loader, site, spot, &out };
    TRY(read_name(&m));
    TRY(read_words(&m));
    TRY(read_payload(&m));
    WD_GROW(loader->messages, loader->count, loader->cap);
    loader->messages[loader->count++] = out;
    return WD_OK;
}
