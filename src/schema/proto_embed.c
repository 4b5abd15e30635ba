/* schema/proto_embed.c - Protobuf as the payload of an AsyncAPI message.
 *
 *     schemaFormat: application/vnd.google.protobuf;version=3
 *     payload: |                            payload: { $ref: 'order.proto' }
 *       syntax = "proto3";                  payload: { $ref: 'order.proto#/Order' }
 *       message Order { ... }
 *
 * The message is what the reference names; else the only one that no other refers to; else the one that is
 * called like the AsyncAPI message. What it is called and where it stands, AsyncAPI says.
 */
#include "base/escape.h"
#include "schema/proto_schema.h"

/* --- reading --- */

static int read_set(struct wd_loader *loader, const char *name, struct wd_bytes text,
                    struct wd_proto_index **index, struct wd_document **out)
{
    struct wd_proto_set *set = wd_arena_new(loader->arena, struct wd_proto_set);
    struct wd_proto_sources sources = { .names = &name,
                                        .texts = &text,
                                        .count = 1,
                                        .roots = loader->schema->imports,
                                        .root_count = loader->schema->import_count,
                                        .protoc = loader->protoc };
    TRY(wd_proto_read(&sources, loader->resolver.limits, loader->arena, set, loader->err));
    *out = set->named[0];
    return wd_proto_indexed(loader, set, index);
}

int wd_proto_read_file(void *ctx, const char *name, struct wd_bytes text, struct wd_document **out)
{
    struct wd_proto_index *index;
    return read_set(ctx, name, text, &index, out);
}

/* How far the lines of a block are indented: the first that has something says so. */
static uint32_t indent_of(const struct wd_document *document, const struct wd_span *span)
{
    uint32_t indent = 0;
    const uint8_t *at = document->text.at + span->off, *end = at + span->len;
    at = memchr(at, '\n', span->len);
    for (at = at ? at + 1 : end; at < end && (*at == ' ' || *at == '\n' || *at == '\r'); at++)
        indent = *at == ' ' ? indent + 1 : 0;
    return indent;
}

static struct wd_proto_host host_of(struct wd_site site)
{
    struct wd_proto_host host = { .at = wd_node_place(site.document, site.node) };
    host.is_literal = site.node->span.len && site.document->text.at[site.node->span.off] == '|';
    host.indent = host.is_literal ? indent_of(site.document, &site.node->span) : 0;
    return host;
}

static struct wd_proto_index *index_at(const struct wd_loader *loader, struct wd_place at)
{
    for (struct wd_proto_index *index = loader->schema->protos; index; index = index->next)
        if (index->host.at.file == at.file && index->host.at.line == at.line &&
            index->host.at.column == at.column)
            return index;
    return NULL;
}

/* The text is called like the document and its line, so that imports are found beside it. Several channels
 * can have it. */
static int read_inline(struct wd_loader *loader, struct wd_site *site, struct wd_proto_index **index)
{
    struct wd_document *document;
    const struct wd_node *node = site->node;
    *index = index_at(loader, wd_node_place(site->document, node));
    if (*index) {
        document = (*index)->set->named[0];
        *site = (struct wd_site){ document, document->root };
        return WD_OK;
    }
    struct wd_bytes name =
        wd_arena_printf(loader->arena, "%s.%u.proto", site->document->name, node->span.line);
    TRY(read_set(loader, (const char *)name.at, node->text, index, &document));
    (*index)->host = host_of(*site);
    *site = (struct wd_site){ document, document->root };
    return WD_OK;
}

static struct wd_proto_index *index_with(const struct wd_loader *loader, const struct wd_document *document)
{
    for (struct wd_proto_index *index = loader->schema->protos; index; index = index->next)
        for (size_t f = 0; f < index->set->count; f++)
            if (index->set->files[f].document == document)
                return index;
    return NULL;
}

/* --- which message --- */

static int fail_choice(struct wd_loader *loader, const struct wd_proto_index *index,
                       const struct wd_schema_message *out)
{
    struct wd_shown shown;
    if (!index || !index->type_count)
        return wd_fail(loader->err, WD_EPARSE, out->at,
                       "its payload declares no message; write message %s { ... }", wd_show(&shown, out->name));
    return wd_fail(loader->err, WD_EPARSE, out->at,
                   "which of its messages is the payload? none is called '%s', and not just one stands alone; "
                   "write $ref: FILE.proto#/MESSAGE, or name the message like it",
                   wd_show(&shown, out->name));
}

static bool is_called(const struct wd_proto_type *type, struct wd_bytes name)
{
    return wd_bytes_eq(type->name, name) || wd_bytes_eq(wd_bytes_of(type->descriptor->name), name);
}

/* Of what a file declares, `site` is its root; else the declaration itself. */
static const struct wd_proto_type *find_type(const struct wd_proto_index *index, struct wd_site site,
                                             const struct wd_schema_message *out)
{
    const struct wd_proto_type *alone = NULL, *called = NULL;
    size_t count = 0;
    for (size_t i = 0; i < index->type_count; i++) {
        const struct wd_proto_type *type = &index->types[i];
        if (type->file->document != site.document || !type->node)
            continue;
        if (type->node == site.node)
            return type;
        if (!called && (is_called(type, out->name) || is_called(type, out->key)))
            called = type;
        alone = type->uses ? alone : type;
        count += !type->uses;
    }
    return site.node != site.document->root ? NULL : count == 1 ? alone : called;
}

/* --- the payload --- */

/* `out` becomes the last of several. */
static int fill(struct wd_proto_maker *maker, const struct wd_proto_type *type, struct wd_schema_message *out)
{
    const struct wd_proto_message *m = type->layout.proto;
    struct wd_loader *loader = maker->loader;
    const struct wd_schema_message like = *out;
    out->layout = &type->layout;
    if (m->envelope < 0)
        return wd_proto_fields(&maker->flatten, type, NULL, out);
    bool is_first = true;
    for (size_t i = 0; i < m->field_count; i++) {
        if (m->fields[i].oneof != m->envelope)
            continue;
        if (!is_first) {
            WD_GROW(loader->messages, loader->count, loader->cap);
            loader->messages[loader->count++] = *out;
        }
        is_first = false;
        *out = like;
        out->layout = &type->layout;
        out->name = out->variant = m->fields[i].name;
        TRY(wd_proto_fields(&maker->flatten, type, &m->fields[i], out));
    }
    return WD_OK;
}

int wd_proto_payload(struct wd_loader *loader, struct wd_site site, struct wd_schema_message *out)
{
    struct wd_proto_maker maker;
    struct wd_proto_index *index = NULL;
    if (!site.document->is_proto && site.node->kind != WD_NODE_STRING)
        return wd_fail(
            loader->err, WD_EPARSE, wd_node_place(site.document, site.node),
            "a payload in Protobuf is the text of a .proto file, found %s; write 'payload: |' and the text "
            "below, or $ref: FILE.proto",
            wd_node_kind_name(site.node));
    if (!site.document->is_proto)
        TRY(read_inline(loader, &site, &index));
    else if (loader->protos)
        TRY(wd_proto_named(loader));
    index = index ? index : index_with(loader, site.document);
    const struct wd_proto_type *type = index ? find_type(index, site, out) : NULL;
    if (!type)
        return fail_choice(loader, index, out);
    wd_proto_maker_open(&maker, loader, index);
    int rc = fill(&maker, type, out);
    wd_proto_maker_close(&maker);
    return rc;
}
