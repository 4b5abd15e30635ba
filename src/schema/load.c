#include "schema/schema.h"

#include <inttypes.h>

#include "base/escape.h"
#include "schema/loader.h"
#include "schema/proto_index.h"

static bool has(const struct wd_document *document, const char *key)
{
    return wd_node_get(document->root, key) != NULL;
}

static int fail_foreign(struct wd_loader *loader, const struct wd_document *document)
{
    struct wd_shown shown;
    const struct wd_node *version = wd_node_get(document->root, "asyncapi");
    if (version)
        return wd_fail(loader->err, WD_EPARSE, wd_node_place(document, version),
                       "AsyncAPI '%s' is not read; 2.0.0 to 2.6.0 and 3.0.0 are",
                       wd_show(&shown, version->text));
    const char *what = has(document, "openapi") || has(document, "swagger")
                           ? "this is OpenAPI"
                           : "neither AsyncAPI, Avro nor JSON Schema";
    return wd_fail(loader->err, WD_EPARSE, wd_node_place(document, document->root),
                   "%s; expected 'asyncapi: 3.0.0', or '$schema', 'type' or 'properties' at the top", what);
}

static int recognise(struct wd_loader *loader, const struct wd_document *document,
                     const struct wd_schema_format **out)
{
    for (size_t i = 0; wd_schema_formats[i]; i++) {
        if (wd_schema_formats[i]->sniff(document)) {
            *out = wd_schema_formats[i];
            return WD_OK;
        }
    }
    return fail_foreign(loader, document);
}

/* First the documents that stand alone, then the fragments that none of them refers to. */
static int load_all(struct wd_loader *loader, struct wd_document **named, size_t count)
{
    const struct wd_schema_format **formats =
        wd_arena_array(loader->arena, const struct wd_schema_format *, count);
    bool *is_part = wd_arena_array(loader->arena, bool, count);
    for (size_t i = 0; i < count; i++) {
        TRY(recognise(loader, named[i], &formats[i]));
        if (!formats[i]->is_fragment)
            TRY(formats[i]->load(loader, named[i]));
    }
    for (size_t i = 0; i < count; i++)
        is_part[i] = wd_resolver_is_reached(&loader->resolver, named[i]);
    for (size_t i = 0; i < count; i++)
        if (formats[i]->is_fragment && !is_part[i])
            TRY(formats[i]->load(loader, named[i]));
    loader->schema->format = formats[0]->name;
    TRY(wd_avro_finish(loader));
    wd_loader_leave_nowhere(loader);
    return WD_OK;
}

static void settle(struct wd_loader *loader)
{
    struct wd_schema *schema = loader->schema;
    schema->messages = wd_arena_array(loader->arena, struct wd_schema_message, loader->count);
    if (loader->count)
        memcpy(schema->messages, loader->messages, loader->count * sizeof *schema->messages);
    schema->message_count = loader->count;
    for (size_t i = 0; i < loader->count; i++)
        schema->states_wirediet |= schema->messages[i].states_wirediet;
    schema->document_count = loader->resolver.count;
    schema->documents = wd_arena_array(loader->arena, struct wd_document *, schema->document_count);
    for (size_t i = 0; i < schema->document_count; i++)
        schema->documents[i] = loader->resolver.sources[i]->document;
}

static size_t named_count(const struct wd_schema_request *request)
{
    return request->named ? request->named : request->count;
}

/* ---- .proto files ---- */

static bool is_proto(const struct wd_schema_request *request, size_t i)
{
    struct wd_bytes text = request->texts ? request->texts[i] : wd_bytes_of("");
    return wd_proto_recognise(request->names[i], text) != WD_PROTO_FOREIGN;
}

static struct wd_proto_file *file_of(const struct wd_proto_set *set, const struct wd_document *document)
{
    for (size_t i = 0; i < set->count; i++)
        if (set->files[i].document == document)
            return &set->files[i];
    return NULL;
}

/* One document per source; those that the user did not name were imported, when they were read first. */
static void take_named(struct wd_loader *loader, const struct wd_schema_request *request,
                       struct wd_document **documents)
{
    size_t count = 0;
    for (size_t i = 0; i < request->count; i++) {
        if (!is_proto(request, i))
            continue;
        documents[i] = loader->protos->named[count++];
        struct wd_proto_file *file = file_of(loader->protos, documents[i]);
        if (file && i >= named_count(request))
            file->is_named = false;
    }
}

/* They are compiled together: they may import each other. */
static int read_protos(struct wd_loader *loader, const struct wd_schema_request *request,
                       struct wd_document **documents)
{
    const char **names = wd_arena_array(loader->arena, const char *, request->count);
    struct wd_bytes *texts = wd_arena_array(loader->arena, struct wd_bytes, request->count);
    struct wd_proto_sources sources = { .names = names, .texts = request->texts ? texts : NULL,
                                        .roots = loader->schema->imports, .root_count = loader->schema->import_count,
                                        .protoc = request->protoc };
    for (size_t i = 0; i < request->count; i++) {
        if (!is_proto(request, i))
            continue;
        names[sources.count] = request->names[i];
        texts[sources.count++] = request->texts ? request->texts[i] : wd_bytes_of("");
    }
    if (!sources.count)
        return WD_OK;
    loader->protos = wd_arena_new(loader->arena, struct wd_proto_set);
    TRY(wd_proto_read(&sources, loader->resolver.limits, loader->arena, loader->protos, loader->err));
    loader->schema->imports = loader->protos->roots;
    loader->schema->import_count = loader->protos->root_count;
    take_named(loader, request, documents);
    return WD_OK;
}

/* Imports whose text is there can be edited, too. */
static int adopt_imports(struct wd_loader *loader)
{
    for (size_t i = 0; loader->protos && i < loader->protos->count; i++) {
        struct wd_document *document = loader->protos->files[i].document;
        if (document->text.len && !wd_resolver_has(&loader->resolver, document))
            TRY(wd_resolver_adopt(&loader->resolver, document));
    }
    return WD_OK;
}

static int load(struct wd_loader *loader, const struct wd_schema_request *request)
{
    struct wd_document **documents = wd_arena_array(loader->arena, struct wd_document *, request->count);
    TRY(read_protos(loader, request, documents));
    for (size_t i = 0; i < request->count; i++)
        TRY(documents[i] ? wd_resolver_adopt(&loader->resolver, documents[i])
                         : wd_resolver_add(&loader->resolver, request->names[i],
                                           request->texts ? &request->texts[i] : NULL, &documents[i]));
    TRY(adopt_imports(loader));
    TRY(load_all(loader, documents, named_count(request)));
    settle(loader);
    return WD_OK;
}

static const char **keep(struct wd_arena *arena, const char *const *names, size_t count)
{
    const char **kept = wd_arena_array(arena, const char *, count);
    for (size_t i = 0; i < count; i++)
        kept[i] = wd_arena_string(arena, wd_bytes_of(names[i]));
    return kept;
}

int wd_schema_open(const struct wd_schema_request *request, const struct wd_limits *limits,
                   struct wd_schema **out, struct wd_err *err)
{
    if (!request->count)
        return wd_fail(err, WD_EUSAGE, (struct wd_place){ 0 },
                       "no schema file was named; give one with -s FILE");
    struct wd_arena *arena = wd_arena_open();
    struct wd_loader loader = { .schema = wd_arena_new(arena, struct wd_schema), .arena = arena, .err = err,
                                .protoc = request->protoc,
                                .resolver = { .arena = arena, .limits = limits, .err = err,
                                              .read_proto = wd_proto_read_file, .ctx = &loader } };
    *loader.schema = (struct wd_schema){ .arena = arena, .named_count = named_count(request),
                                          .protoc = request->protoc };
    loader.schema->root = request->root ? wd_arena_string(arena, wd_bytes_of(request->root)) : NULL;
    loader.schema->imports = keep(arena, request->imports, request->import_count);
    loader.schema->import_count = request->import_count;
    wd_resolver_open(&loader.resolver, loader.schema->root, request->names[0]);
    int rc = load(&loader, request);
    wd_avro_abandon(&loader);
    wd_resolver_close(&loader.resolver);
    wd_free(loader.messages);
    if (rc < 0)
        wd_schema_free(loader.schema);
    else
        *out = loader.schema;
    return rc;
}

int wd_schema_load(const char *const *names, size_t count, const char *root, const struct wd_limits *limits,
                   struct wd_schema **out, struct wd_err *err)
{
    return wd_schema_open(&(struct wd_schema_request){ .names = names, .count = count, .root = root }, limits,
                          out, err);
}

int wd_schema_parse(const char *const *names, const struct wd_bytes *texts, size_t count, const char *root,
                    const struct wd_limits *limits, struct wd_schema **out, struct wd_err *err)
{
    return wd_schema_open(
        &(struct wd_schema_request){ .names = names, .texts = texts, .count = count, .root = root }, limits,
        out, err);
}

int wd_schema_reparse(const struct wd_schema *like, const struct wd_bytes *texts,
                      const struct wd_limits *limits, struct wd_schema **out, struct wd_err *err)
{
    const char **names = wd_realloc(NULL, like->document_count + 1, sizeof *names);
    struct wd_schema *again = NULL;
    for (size_t i = 0; i < like->document_count; i++)
        names[i] = like->documents[i]->name;
    int rc = wd_schema_open(&(struct wd_schema_request){ .names = names,
                                                         .texts = texts,
                                                         .count = like->document_count,
                                                         .named = like->named_count,
                                                         .root = like->root,
                                                         .imports = like->imports,
                                                         .import_count = like->import_count,
                                                         .protoc = like->protoc },
                            limits, &again, err);
    wd_free(names);
    if (rc >= 0 && like->placed_by)
        rc = wd_schema_place(again, like->placed_by, err);
    if (rc < 0)
        wd_schema_free(again);
    else
        *out = again;
    return rc;
}

void wd_schema_free(struct wd_schema *schema)
{
    if (!schema)
        return;
    for (struct wd_proto_index *index = schema->protos; index; index = index->next)
        wd_proto_index_close(index);
    wd_arena_close(schema->arena);
}
