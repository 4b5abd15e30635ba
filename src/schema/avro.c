/* schema/avro.c - Avro: .avsc files, protocols, and payloads of AsyncAPI.
 *
 *     {"type": "record", "name": "Trade", ...}     one message
 *     [{"type": "record", ...}, {...}]             one for each record: the first byte of a value tells which
 *     {"protocol": "Desk", "types": [...],         one for each request, and for each record in a response;
 *      "messages": {"buy": {"request": [...],      without messages, the records that nothing else names
 *                           "response": "Fill"}}}
 *
 * A record that another schema names is a part of that, no message. All texts are read first, since they may
 * name each other's types; then each message gets its fields and its layout.
 */
#include "schema/avro.h"

#include "document/avro.h"
#include "model/message.h"

/* A message that waits until all types are known. */
struct pending {
    struct wd_schema_message message; /* its name, its places */
    const struct wd_avro_type *type;  /* what its fields are */
    const struct wd_avro_type *whole; /* what its bytes are: a union, where the message is a branch of it */
    size_t index;                     /* of a message of AsyncAPI, which has its place in the list already */
    bool is_listed;
    bool is_optional; /* none where another text names its type */
};

struct wd_avro_load {
    struct wd_avro_set set;
    struct pending *pending;
    size_t count, cap;
    struct wd_map *payloads; /* node to type */
    struct wd_map *layouts;  /* type to layout */
};

static struct wd_avro_load *begin(struct wd_loader *loader)
{
    if (!loader->avro) {
        loader->avro = wd_alloc(sizeof *loader->avro);
        wd_avro_open(&loader->avro->set, loader->arena, loader->resolver.limits, loader->err);
        loader->avro->payloads = wd_map_open();
        loader->avro->layouts = wd_map_open();
    }
    return loader->avro;
}

void wd_avro_abandon(struct wd_loader *loader)
{
    struct wd_avro_load *avro = loader->avro;
    if (!avro)
        return;
    wd_avro_close(&avro->set);
    wd_free(avro->pending);
    wd_map_close(avro->payloads);
    wd_map_close(avro->layouts);
    wd_free(avro);
    loader->avro = NULL;
}

static struct pending *add(struct wd_avro_load *avro, struct pending pending)
{
    WD_GROW(avro->pending, avro->count, avro->cap);
    avro->pending[avro->count] = pending;
    return &avro->pending[avro->count++];
}

/* ---- payloads of AsyncAPI ---- */

int wd_avro_payload(struct wd_loader *loader, struct wd_site site, struct wd_schema_message *out)
{
    struct wd_avro_load *avro = begin(loader);
    bool is_new;
    uint64_t *known = wd_map_put(avro->payloads, wd_bytes_at(&site.node, sizeof site.node), &is_new);
    const struct wd_avro_type *type = (const struct wd_avro_type *)(uintptr_t)*known;
    if (is_new) {
        wd_avro_begin(&avro->set);
        TRY(wd_avro_read(&avro->set, site.document, site.node, wd_bytes_of(""), &type));
        *wd_map_put(avro->payloads, wd_bytes_at(&site.node, sizeof site.node), NULL) =
            (uint64_t)(uintptr_t)type;
    }
    struct wd_schema_message place = {.document = site.document, .payload = site.node};
    add(avro, (struct pending){
                  .message = place, .type = type, .whole = type, .index = loader->count, .is_listed = true});
    (void)out;
    return WD_OK;
}

/* ---- files ---- */

static struct wd_schema_message message_of(const struct wd_document *document, const struct wd_node *node,
                                           struct wd_bytes name)
{
    return (struct wd_schema_message){.name = wd_bytes_unqualified(name),
                                      .key = name,
                                      .document = document,
                                      .node = node,
                                      .payload = node,
                                      .at = wd_node_key_place(document, node)};
}

/* Each record of the type; an enum, an array or a number by itself is no message. */
static void add_records(struct wd_avro_load *avro, const struct wd_document *document,
                        const struct wd_avro_type *type, bool is_optional, unsigned directions)
{
    size_t branches = type->kind == WD_AVRO_UNION ? type->count : 1;
    for (size_t i = 0; i < branches; i++) {
        const struct wd_avro_type *record = type->kind == WD_AVRO_UNION ? type->branches[i] : type;
        if (record->kind != WD_AVRO_RECORD || !record->node)
            continue;
        struct pending *p =
            add(avro, (struct pending){.message = message_of(document, record->node, record->name),
                                       .type = record,
                                       .whole = type,
                                       .is_optional = is_optional});
        p->message.document = record->document;
        p->message.directions = directions;
    }
}

static int load_schema(struct wd_loader *loader, struct wd_document *document)
{
    const struct wd_avro_type *type;
    struct wd_avro_load *avro = begin(loader);
    TRY(wd_avro_read(&avro->set, document, document->root, wd_bytes_of(""), &type));
    add_records(avro, document, type, true, 0);
    return WD_OK;
}

/* ---- protocols ---- */

struct protocol {
    struct wd_avro_load *avro;
    struct wd_document *document;
    struct wd_bytes space;
};

static int read_types(struct protocol *p, bool has_messages)
{
    const struct wd_node *types = wd_node_get(p->document->root, "types");
    for (const struct wd_node *node = types ? types->first : NULL; node; node = node->next) {
        const struct wd_avro_type *type;
        TRY(wd_avro_read(&p->avro->set, p->document, node, p->space, &type));
        if (!has_messages)
            add_records(p->avro, p->document, type, true, 0);
    }
    return WD_OK;
}

static int read_message(struct protocol *p, const struct wd_node *node)
{
    const struct wd_node *request = wd_node_get(node, "request"), *response = wd_node_get(node, "response");
    const struct wd_avro_type *type;
    if (request) {
        TRY(wd_avro_read_fields(&p->avro->set, p->document, request, p->space, node->key, &type));
        struct pending *pending = add(p->avro, (struct pending){.type = type, .whole = type});
        pending->message = message_of(p->document, node, node->key);
        pending->message.payload = request;
        pending->message.directions = 1u << WD_C2S;
    }
    if (response) {
        TRY(wd_avro_read(&p->avro->set, p->document, response, p->space, &type));
        add_records(p->avro, p->document, type, false, 1u << WD_S2C);
    }
    return WD_OK;
}

static int load_protocol(struct wd_loader *loader, struct wd_document *document)
{
    const struct wd_node *messages = wd_node_get(document->root, "messages");
    struct wd_site space = {document, wd_node_get(document->root, "namespace")};
    struct protocol p = {begin(loader), document, wd_site_text(space)};
    TRY(read_types(&p, messages && messages->count));
    for (const struct wd_node *node = messages ? messages->first : NULL; node; node = node->next)
        TRY(read_message(&p, node));
    return WD_OK;
}

/* ---- when all is read ---- */

static bool is_inside(const struct wd_node *node, const struct wd_node *around)
{
    while (node && node != around)
        node = node->parent;
    return node != NULL;
}

static bool is_named_elsewhere(const struct wd_avro_set *set, const struct wd_avro_type *type)
{
    for (size_t i = 0; i < set->mention_count; i++)
        if (set->mentions[i].type->node == type->node && !is_inside(set->mentions[i].node, type->node))
            return true;
    return false;
}

static int make_layout(struct wd_loader *loader, const struct pending *p, const struct wd_avro_type *type,
                       struct wd_layout *out)
{
    *out = (struct wd_layout){.avro = type};
    if (wd_avro_fingerprint(type, loader->resolver.limits->schema_depth, &out->fingerprint))
        return WD_OK;
    return wd_fail(loader->err, WD_EPARSE, wd_node_key_place(p->message.document, p->message.payload),
                   "types are nested too deep here; raise it with --limit schema-depth=...");
}

/* Single-object encoding names a record of a union by itself. */
static int make_branches(struct wd_loader *loader, const struct pending *p, struct wd_layout *layout)
{
    const struct wd_avro_type *type = layout->avro;
    if (type->kind != WD_AVRO_UNION)
        return WD_OK;
    struct wd_layout *branches = wd_arena_array(loader->arena, struct wd_layout, type->count);
    layout->branches = branches;
    for (size_t i = 0; i < type->count; i++)
        if (type->branches[i]->kind == WD_AVRO_RECORD)
            TRY(make_layout(loader, p, type->branches[i], &branches[layout->branch_count++]));
    return WD_OK;
}

static int layout_of(struct wd_loader *loader, const struct pending *p, const struct wd_layout **out)
{
    bool is_new;
    uint64_t *known = wd_map_put(loader->avro->layouts, wd_bytes_at(&p->whole, sizeof p->whole), &is_new);
    struct wd_layout *layout = (struct wd_layout *)(uintptr_t)*known;
    if (is_new) {
        layout = wd_arena_new(loader->arena, struct wd_layout);
        *known = (uint64_t)(uintptr_t)layout;
        TRY(make_layout(loader, p, p->whole, layout));
        TRY(make_branches(loader, p, layout));
    }
    *out = layout;
    return WD_OK;
}

static void describe(struct wd_schema_message *m)
{
    const struct wd_node *wirediet = wd_node_get(m->payload, "x-wirediet");
    m->title = wd_site_text((struct wd_site){NULL, wd_node_get(m->payload, "doc")});
    m->purpose = wd_site_text((struct wd_site){NULL, wd_node_get(wirediet, "purpose")});
    m->owner = wd_site_text((struct wd_site){NULL, wd_node_get(wirediet, "owner")});
    m->states_wirediet |= m->purpose.len || m->owner.len;
}

static int finish_message(struct wd_loader *loader, struct pending *p)
{
    struct wd_schema_message *m = &p->message;
    TRY(wd_avro_flatten(loader, p->type, m));
    TRY(layout_of(loader, p, &m->layout));
    if (!p->is_listed) {
        describe(m);
        WD_GROW(loader->messages, loader->count, loader->cap);
        loader->messages[loader->count++] = *m;
        return WD_OK;
    }
    struct wd_schema_message *listed = &loader->messages[p->index];
    listed->fields = m->fields;
    listed->field_count = m->field_count;
    listed->layout = m->layout;
    listed->states_wirediet |= m->states_wirediet;
    return WD_OK;
}

/* For edits: a definition can only go when no name that stays means it. */
static void keep_uses(struct wd_loader *loader)
{
    const struct wd_avro_set *set = &loader->avro->set;
    struct wd_name_use *uses = wd_arena_array(loader->arena, struct wd_name_use, set->mention_count);
    for (size_t i = 0; i < set->mention_count; i++)
        uses[i] = (struct wd_name_use){set->mentions[i].document, set->mentions[i].node,
                                       set->mentions[i].type->node};
    loader->schema->name_uses = uses;
    loader->schema->name_use_count = set->mention_count;
}

int wd_avro_finish(struct wd_loader *loader)
{
    if (!loader->avro)
        return WD_OK;
    TRY(wd_avro_settle(&loader->avro->set));
    for (size_t i = 0; i < loader->avro->count; i++) {
        struct pending *p = &loader->avro->pending[i];
        if (!p->is_optional || !is_named_elsewhere(&loader->avro->set, p->type))
            TRY(finish_message(loader, p));
    }
    keep_uses(loader);
    return WD_OK;
}

/* ---- the format ---- */

static bool is_protocol(const struct wd_document *document)
{
    const struct wd_node *name = wd_node_get(document->root, "protocol");
    return name && name->kind == WD_NODE_STRING &&
           (wd_node_get(document->root, "types") || wd_node_get(document->root, "messages"));
}

static bool sniff(const struct wd_document *document)
{
    return is_protocol(document) || wd_avro_is_schema(document->root);
}

static int load(struct wd_loader *loader, struct wd_document *document)
{
    wd_avro_begin(&begin(loader)->set);
    return is_protocol(document) ? load_protocol(loader, document) : load_schema(loader, document);
}

const struct wd_schema_format wd_schema_format_avro = {
    .name = "avro", .sniff = sniff, .load = load, .is_fragment = true};
