#include "schema/proto_schema.h"

/* --- one message --- */

void wd_proto_maker_open(struct wd_proto_maker *maker, struct wd_loader *loader,
                         const struct wd_proto_index *index)
{
    *maker = (struct wd_proto_maker){ .loader = loader, .options = wd_proto_options_open(index) };
    maker->flatten = (struct wd_proto_flatten){ .index = index,
                                                .options = &maker->options,
                                                .limits = loader->resolver.limits,
                                                .arena = loader->arena,
                                                .err = loader->err,
                                                .visited = &loader->visited };
}

void wd_proto_maker_close(struct wd_proto_maker *maker)
{
    wd_proto_options_close(&maker->options);
}

static bool is_there(struct wd_loader *loader, const struct wd_proto_type *type, struct wd_bytes channel,
                     unsigned directions)
{
    bool found = false;
    for (size_t i = 0; i < loader->count; i++) {
        struct wd_schema_message *m = &loader->messages[i];
        if (m->layout != &type->layout || !wd_bytes_eq(m->channel, channel))
            continue;
        m->directions |= directions;
        found = true;
    }
    return found;
}

static int add_one(struct wd_proto_maker *maker, const struct wd_proto_type *type,
                   const struct wd_proto_field *member, struct wd_schema_message like)
{
    struct wd_loader *loader = maker->loader;
    const struct wd_proto_member *declared =
        member ? wd_proto_index_member(maker->flatten.index, type->name, member->number) : NULL;
    like.variant = member ? member->name : wd_bytes_of("");
    like.name = member ? member->name : wd_bytes_unqualified(type->name);
    if (declared && declared->node) {
        like.node = declared->node; /* it is the member that goes, when it goes */
        like.at = wd_proto_index_place(maker->flatten.index, declared->file, declared->node);
    }
    TRY(wd_proto_fields(&maker->flatten, type, member, &like));
    WD_GROW(loader->messages, loader->count, loader->cap);
    loader->messages[loader->count++] = like;
    return WD_OK;
}

int wd_proto_maker_add(struct wd_proto_maker *maker, const struct wd_proto_type *type,
                       struct wd_bytes channel, unsigned directions)
{
    const struct wd_proto_message *m = type->layout.proto;
    if (!type->node)
        return WD_OK; /* protoc made it up */
    struct wd_proto_words words = wd_proto_words_of_message(&maker->options, type, maker->loader->arena);
    struct wd_schema_message like = { .key = type->name,
                                      .channel = channel,
                                      .directions = directions,
                                      .purpose = words.purpose,
                                      .owner = words.owner,
                                      .document = type->file->document,
                                      .node = type->node,
                                      .payload = type->node,
                                      .layout = &type->layout,
                                      .states_wirediet = words.states_wirediet };
    like.at = wd_proto_index_place(maker->flatten.index, type->file, type->node);
    if (channel.len && is_there(maker->loader, type, channel, directions))
        return WD_OK;
    if (m->envelope < 0)
        return add_one(maker, type, NULL, like);
    for (size_t i = 0; i < m->field_count; i++)
        if (m->fields[i].oneof == m->envelope)
            TRY(add_one(maker, type, &m->fields[i], like));
    return WD_OK;
}

/* --- indexes --- */

int wd_proto_indexed(struct wd_loader *loader, const struct wd_proto_set *set, struct wd_proto_index **out)
{
    struct wd_proto_index *index = wd_arena_new(loader->arena, struct wd_proto_index),
                          **last = &loader->schema->protos;
    while (*last)
        last = &(*last)->next;
    *last = index; /* closed with the schema, whatever becomes of it */
    *out = index;
    return wd_proto_index_open(index, set, loader->arena, loader->err);
}

int wd_proto_named(struct wd_loader *loader)
{
    return loader->named ? WD_OK : wd_proto_indexed(loader, loader->protos, &loader->named);
}

/* --- all of them --- */

static int add_of_method(struct wd_proto_maker *maker, const char *type, struct wd_bytes channel,
                         unsigned direction)
{
    const struct wd_proto_type *found = wd_proto_index_type(maker->flatten.index, wd_bytes_of(type));
    return found ? wd_proto_maker_add(maker, found, channel, direction) : WD_OK;
}

static int add_service(struct wd_proto_maker *maker, const Google__Protobuf__FileDescriptorProto *file,
                       const Google__Protobuf__ServiceDescriptorProto *service)
{
    const char *package = file->package ? file->package : "";
    for (size_t i = 0; i < service->n_method; i++) {
        const Google__Protobuf__MethodDescriptorProto *m = service->method[i];
        struct wd_bytes channel = wd_arena_printf(maker->loader->arena, "/%s%s%s/%s", package,
                                                  package[0] ? "." : "", service->name, m->name);
        TRY(add_of_method(maker, m->input_type, channel, 1u << WD_C2S));
        TRY(add_of_method(maker, m->output_type, channel, 1u << WD_S2C));
    }
    return WD_OK;
}

static int add_services(struct wd_proto_maker *maker, const struct wd_proto_file *file)
{
    for (size_t i = 0; i < file->descriptor->n_service; i++)
        TRY(add_service(maker, file->descriptor, file->descriptor->service[i]));
    return WD_OK;
}

static int add_all(struct wd_proto_maker *maker, const struct wd_proto_index *index)
{
    const struct wd_proto_type **roots;
    for (size_t i = 0; i < index->set->count; i++)
        if (index->set->files[i].is_named)
            TRY(add_services(maker, &index->set->files[i]));
    size_t count = wd_proto_index_roots(index, maker->loader->arena, &roots);
    for (size_t i = 0; i < count; i++)
        TRY(wd_proto_maker_add(maker, roots[i], wd_bytes_of(""), 0));
    return WD_OK;
}

/* --- the format --- */

static bool sniff(const struct wd_document *document)
{
    return document->is_proto;
}

/* All .proto files together, when the first of them has its turn. */
static int load(struct wd_loader *loader, struct wd_document *document)
{
    struct wd_proto_maker maker;
    struct wd_schema *schema = loader->schema;
    if (document != loader->protos->named[0])
        return WD_OK;
    TRY(wd_proto_named(loader));
    wd_proto_maker_open(&maker, loader, loader->named);
    int rc = add_all(&maker, loader->named);
    wd_proto_maker_close(&maker);
    if (loader->protos->count && !schema->title.len)
        schema->title = wd_bytes_of(loader->protos->files[0].descriptor->package);
    return rc;
}

const struct wd_schema_format wd_schema_format_protobuf = { .name = "protobuf",
                                                            .sniff = sniff,
                                                            .load = load };
