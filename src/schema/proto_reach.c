#include "schema/proto_reach.h"

#include "schema/proto_path.h"

typedef Google__Protobuf__FileDescriptorProto File;
typedef Google__Protobuf__DescriptorProto Message;
typedef Google__Protobuf__FieldDescriptorProto Field;
typedef Google__Protobuf__EnumDescriptorProto Enum;
typedef Google__Protobuf__ServiceDescriptorProto Service;

/* A message to look into. */
struct work { const Message *message; struct wd_proto_path path; struct wd_bytes name; int32_t type; };

struct builder {
    struct wd_proto_reach *reach;
    struct wd_arena *arena;
    const struct wd_proto_file *file;
    struct wd_map *options;          /* "google.protobuf.FieldOptions:50001" to files */
    struct work *works;
    size_t work_count, work_cap;
};

static struct wd_proto_path longer(struct builder *b, struct wd_proto_path path, int32_t number, size_t index)
{
    return wd_proto_path_longer(b->arena, path, number, index);
}

static const struct wd_node *node_at(const struct builder *b, struct wd_proto_path path)
{
    return wd_proto_node(b->file, path.at, path.depth);
}

/* --- types --- */

static struct wd_bytes full_name(struct builder *b, struct wd_bytes scope, const char *name)
{
    return wd_arena_printf(b->arena, "%.*s.%s", (int)scope.len, (const char *)scope.at, name ? name : "");
}

static struct wd_bytes key_of(const struct wd_node *const *node)
{
    return wd_bytes_at(node, sizeof *node);
}

static int32_t add_type(struct builder *b, struct wd_bytes name, const struct wd_node *node, int32_t parent)
{
    struct wd_proto_reach *r = b->reach;
    int32_t id = (int32_t)r->type_count;
    WD_GROW(r->types, r->type_count, r->type_cap);
    r->types[r->type_count++] = (struct wd_proto_declared){ .file = b->file, .node = node, .parent = parent };
    *wd_map_put(r->by_name, name, NULL) = (uint64_t)id;
    if (node)
        *wd_map_put(r->by_node, key_of(&node), NULL) = (uint64_t)id;
    return id;
}

static void put_off(struct builder *b, const Message *message, struct wd_proto_path path,
                    struct wd_bytes scope, int32_t parent)
{
    struct wd_bytes name = full_name(b, scope, message->name);
    int32_t type = add_type(b, name, node_at(b, path), parent);
    WD_GROW(b->works, b->work_count, b->work_cap);
    b->works[b->work_count++] = (struct work){ message, path, name, type };
}

static void add_enum(struct builder *b, const Enum *of, struct wd_proto_path path, struct wd_bytes scope,
                     int32_t parent)
{
    add_type(b, full_name(b, scope, of->name), node_at(b, path), parent);
}

static void note_option(struct builder *b, const Field *extension)
{
    struct wd_bytes key = wd_arena_printf(b->arena, "%s:%d", extension->extendee ? extension->extendee : "",
                                          extension->number);
    *wd_map_put(b->options, key, NULL) = (uint64_t)(uintptr_t)b->file;
}

static void add_types(struct builder *b)
{
    const File *file = b->file->descriptor;
    struct wd_proto_path top = { 0 };
    struct wd_bytes package = wd_bytes_of("");
    if (file->package && file->package[0])
        package = full_name(b, package, file->package);
    b->work_count = 0;
    for (size_t i = 0; i < file->n_message_type; i++)
        put_off(b, file->message_type[i], longer(b, top, WD_FILE_MESSAGE, i), package, WD_PROTO_NOBODY);
    for (size_t i = 0; i < file->n_enum_type; i++)
        add_enum(b, file->enum_type[i], longer(b, top, WD_FILE_ENUM, i), package, WD_PROTO_NOBODY);
    for (size_t i = 0; i < file->n_extension; i++)
        note_option(b, file->extension[i]);
    for (size_t i = 0; i < b->work_count; i++) {
        struct work w = b->works[i];
        for (size_t k = 0; k < w.message->n_nested_type; k++)
            put_off(b, w.message->nested_type[k], longer(b, w.path, WD_MESSAGE_NESTED, k), w.name, w.type);
        for (size_t k = 0; k < w.message->n_enum_type; k++)
            add_enum(b, w.message->enum_type[k], longer(b, w.path, WD_MESSAGE_ENUM, k), w.name, w.type);
        for (size_t k = 0; k < w.message->n_extension; k++)
            note_option(b, w.message->extension[k]);
    }
}

/* --- references --- */

static void add_reference(struct builder *b, int32_t from, const struct wd_node *node, const char *name)
{
    struct wd_proto_reach *r = b->reach;
    const uint64_t *to = name && name[0] ? wd_map_get(r->by_name, wd_bytes_of(name)) : NULL;
    if (!to)
        return;
    WD_GROW(r->references, r->reference_count, r->reference_cap);
    r->references[r->reference_count++] =
        (struct wd_proto_reference){ b->file, node, from, (int32_t)*to, r->types[*to].file };
}

/* Custom options are what the tables of protobuf-c do not know. */
static void add_options(struct builder *b, const struct wd_node *node, const ProtobufCMessage *options)
{
    struct wd_proto_reach *r = b->reach;
    for (size_t i = 0; options && i < options->n_unknown_fields; i++) {
        struct wd_bytes key = wd_arena_printf(b->arena, ".%s:%u", options->descriptor->name,
                                              options->unknown_fields[i].tag);
        const uint64_t *file = wd_map_get(b->options, key);
        if (!file)
            continue;
        WD_GROW(r->references, r->reference_count, r->reference_cap);
        r->references[r->reference_count++] = (struct wd_proto_reference){
            b->file, node, WD_PROTO_NOBODY, WD_PROTO_NOBODY, (const void *)(uintptr_t)*file };
    }
}

#define OPTIONS_OF(thing) ((thing)->options ? &(thing)->options->base : NULL)

static void add_field(struct builder *b, int32_t from, struct wd_proto_path path, const Field *field)
{
    const struct wd_node *node = node_at(b, path);
    add_reference(b, from, node, field->type_name);
    add_options(b, node, OPTIONS_OF(field));
}

/* An extension is what its file says to everyone, wherever it stands; a message around it stays. */
static void add_extension(struct builder *b, struct wd_proto_path path, const Field *field)
{
    add_field(b, WD_PROTO_NOBODY, path, field);
    add_reference(b, WD_PROTO_NOBODY, node_at(b, path), field->extendee);
}

static void add_enum_options(struct builder *b, struct wd_proto_path path, const Enum *of)
{
    add_options(b, node_at(b, path), OPTIONS_OF(of));
    for (size_t i = 0; i < of->n_value; i++)
        add_options(b, node_at(b, longer(b, path, WD_ENUM_VALUE, i)), OPTIONS_OF(of->value[i]));
}

static void add_of_message(struct builder *b, const struct work *w)
{
    const Message *m = w->message;
    add_options(b, node_at(b, w->path), OPTIONS_OF(m));
    for (size_t i = 0; i < m->n_field; i++)
        add_field(b, w->type, longer(b, w->path, WD_MESSAGE_FIELD, i), m->field[i]);
    for (size_t i = 0; i < m->n_oneof_decl; i++)
        add_options(b, node_at(b, longer(b, w->path, WD_MESSAGE_ONEOF, i)), OPTIONS_OF(m->oneof_decl[i]));
    for (size_t i = 0; i < m->n_enum_type; i++)
        add_enum_options(b, longer(b, w->path, WD_MESSAGE_ENUM, i), m->enum_type[i]);
    for (size_t i = 0; i < m->n_extension_range; i++)
        add_options(b, node_at(b, w->path), OPTIONS_OF(m->extension_range[i]));
    for (size_t i = 0; i < m->n_extension; i++)
        add_extension(b, longer(b, w->path, WD_MESSAGE_EXTENSION, i), m->extension[i]);
    b->reach->types[w->type].is_root |= m->n_extension > 0;
}

static void add_of_service(struct builder *b, struct wd_proto_path path, const Service *of)
{
    add_options(b, node_at(b, path), OPTIONS_OF(of));
    for (size_t i = 0; i < of->n_method; i++) {
        const struct wd_node *node = node_at(b, longer(b, path, WD_SERVICE_METHOD, i));
        add_reference(b, WD_PROTO_NOBODY, node, of->method[i]->input_type);
        add_reference(b, WD_PROTO_NOBODY, node, of->method[i]->output_type);
        add_options(b, node, OPTIONS_OF(of->method[i]));
    }
}

static void add_references(struct builder *b)
{
    const File *file = b->file->descriptor;
    struct wd_proto_path top = { 0 };
    add_options(b, NULL, OPTIONS_OF(file));
    for (size_t i = 0; i < b->work_count; i++)
        add_of_message(b, &b->works[i]);
    for (size_t i = 0; i < file->n_enum_type; i++)
        add_enum_options(b, longer(b, top, WD_FILE_ENUM, i), file->enum_type[i]);
    for (size_t i = 0; i < file->n_service; i++)
        add_of_service(b, longer(b, top, WD_FILE_SERVICE, i), file->service[i]);
    for (size_t i = 0; i < file->n_extension; i++)
        add_extension(b, longer(b, top, WD_FILE_EXTENSION, i), file->extension[i]);
}

/* --- all --- */

static bool is_around(const struct wd_proto_reach *r, int32_t outer, int32_t type)
{
    for (; type != WD_PROTO_NOBODY; type = r->types[type].parent)
        if (type == outer)
            return true;
    return false;
}

/* Those that nobody refers to, but themselves and what stands in them. */
static void find_roots(struct wd_proto_reach *r)
{
    bool *is_referred = wd_alloc(r->type_count + 1);
    for (size_t i = 0; i < r->reference_count; i++) {
        const struct wd_proto_reference *ref = &r->references[i];
        if (ref->to != WD_PROTO_NOBODY && !is_around(r, ref->to, ref->from))
            is_referred[ref->to] = true;
    }
    for (size_t i = 0; i < r->type_count; i++)
        r->types[i].is_root |= !is_referred[i];
    wd_free(is_referred);
}

/* First all types, then who refers to them. A file's messages are listed anew for that. */
struct wd_proto_reach wd_proto_reach_of(const struct wd_proto_set *set, struct wd_arena *arena)
{
    struct wd_proto_reach reach = { .set = set, .by_name = wd_map_open(), .by_node = wd_map_open(),
                                    .files = wd_map_open() };
    struct builder b = { .reach = &reach, .arena = arena, .options = wd_map_open() };
    struct work **works = wd_arena_array(arena, struct work *, set->count);
    size_t *counts = wd_arena_array(arena, size_t, set->count);
    for (size_t f = 0; f < set->count; f++) {
        b.file = &set->files[f];
        *wd_map_put(reach.files, wd_bytes_of(b.file->descriptor->name), NULL) = f;
        add_types(&b);
        counts[f] = b.work_count;
        works[f] = wd_arena_array(arena, struct work, b.work_count);
        if (b.work_count)
            memcpy(works[f], b.works, b.work_count * sizeof *b.works);
    }
    wd_free(b.works);
    for (size_t f = 0; f < set->count; f++) {
        b.file = &set->files[f];
        b.works = works[f];
        b.work_count = counts[f];
        add_references(&b);
    }
    wd_map_close(b.options);
    find_roots(&reach);
    return reach;
}

void wd_proto_reach_free(struct wd_proto_reach *reach)
{
    wd_free(reach->types);
    wd_free(reach->references);
    wd_map_close(reach->by_name);
    wd_map_close(reach->by_node);
    wd_map_close(reach->files);
}

struct wd_proto_declared *wd_proto_reach_type(const struct wd_proto_reach *reach, const struct wd_node *node)
{
    const uint64_t *id = wd_map_get(reach->by_node, key_of(&node));
    return id ? &reach->types[*id] : NULL;
}

/* --- orphans --- */

static bool is_gone(const struct wd_gone *gone, const struct wd_node *node)
{
    return gone && node && wd_gone_cover(gone, node);
}

/* References sorted by who refers: where those of a type begin. Those of nobody come last. */
struct sorted { size_t *first; const struct wd_proto_reference **at; };

static struct sorted sort_references(const struct wd_proto_reach *r)
{
    struct sorted s = { wd_alloc((r->type_count + 2) * sizeof *s.first),
                        wd_alloc((r->reference_count + 1) * sizeof(struct wd_proto_reference *)) };
    for (size_t i = 0; i < r->reference_count; i++)
        if (r->references[i].from != WD_PROTO_NOBODY)
            s.first[r->references[i].from + 1]++;
    for (size_t i = 0; i < r->type_count; i++)
        s.first[i + 1] += s.first[i];
    size_t *next = wd_alloc((r->type_count + 1) * sizeof *next);
    memcpy(next, s.first, r->type_count * sizeof *next);
    for (size_t i = 0; i < r->reference_count; i++)
        if (r->references[i].from != WD_PROTO_NOBODY)
            s.at[next[r->references[i].from]++] = &r->references[i];
    wd_free(next);
    return s;
}

struct walk {
    struct wd_proto_reach *reach;
    const struct wd_gone *gone;      /* NULL: as it was */
    struct sorted sorted;
    int32_t *waiting;
    size_t count;
};

static void read_type(struct walk *w, int32_t type)
{
    if (type == WD_PROTO_NOBODY || w->reach->types[type].is_read ||
        is_gone(w->gone, w->reach->types[type].node))
        return;
    w->reach->types[type].is_read = true;
    w->waiting[w->count++] = type;
}

static void follow(struct walk *w)
{
    while (w->count) {
        int32_t type = w->waiting[--w->count];
        read_type(w, w->reach->types[type].parent);
        for (size_t i = w->sorted.first[type]; i < w->sorted.first[type + 1]; i++)
            if (!is_gone(w->gone, w->sorted.at[i]->node))
                read_type(w, w->sorted.at[i]->to);
    }
}

static void walk(struct walk *w, const struct wd_gone *gone)
{
    struct wd_proto_reach *r = w->reach;
    w->gone = gone;
    for (size_t i = 0; i < r->type_count; i++)
        r->types[i].is_read = false;
    for (size_t i = 0; i < r->type_count; i++)
        if (r->types[i].is_root)
            read_type(w, (int32_t)i);
    for (size_t i = 0; i < r->reference_count; i++)
        if (r->references[i].from == WD_PROTO_NOBODY && !is_gone(gone, r->references[i].node))
            read_type(w, r->references[i].to);
    follow(w);
}

/* A circle that nobody leads to begins where it is declared first. */
static void find_circles(struct walk *w)
{
    for (size_t i = 0; i < w->reach->type_count; i++) {
        if (w->reach->types[i].is_read)
            continue;
        w->reach->types[i].is_root = true;
        read_type(w, (int32_t)i);
        follow(w);
    }
}

/* All were read before. */
static void take_unread(const struct wd_proto_reach *r, const struct wd_gone *gone, wd_proto_take_fn *take,
                        void *ctx)
{
    for (size_t i = 0; i < r->type_count; i++) {
        const struct wd_proto_declared *type = &r->types[i];
        if (!type->is_read && type->node && type->file->is_named && !is_gone(gone, type->node))
            take(ctx, type->node);
    }
}

void wd_proto_reach_orphans(struct wd_proto_reach *reach, const struct wd_gone *gone, wd_proto_take_fn *take,
                            void *ctx)
{
    struct walk w = { .reach = reach, .sorted = sort_references(reach),
                      .waiting = wd_alloc((reach->type_count + 1) * sizeof(int32_t)) };
    walk(&w, NULL);
    find_circles(&w);
    walk(&w, gone);
    take_unread(reach, gone, take, ctx);
    wd_free(w.waiting);
    wd_free(w.sorted.first);
    wd_free(w.sorted.at);
}

/* --- imports --- */

struct needs {
    struct wd_proto_reach *reach;
    bool *before, *after;            /* by file */
    bool *is_provided;               /* by one import */
    size_t *waiting;
};

static size_t file_index(const struct wd_proto_reach *r, const char *name)
{
    const uint64_t *at = name ? wd_map_get(r->files, wd_bytes_of(name)) : NULL;
    return at ? (size_t)*at : SIZE_MAX;
}

/* An import brings a file, and what that imports publicly. */
static void provide(struct needs *n, size_t file)
{
    size_t count = 0, files = n->reach->set->count;
    memset(n->is_provided, 0, files);
    if (file != SIZE_MAX) {
        n->is_provided[file] = true;
        n->waiting[count++] = file;
    }
    while (count) {
        const File *f = n->reach->set->files[n->waiting[--count]].descriptor;
        for (size_t i = 0; i < f->n_public_dependency; i++) {
            int32_t at = f->public_dependency[i];
            bool is_there = at >= 0 && (size_t)at < f->n_dependency;
            size_t next = is_there ? file_index(n->reach, f->dependency[at]) : SIZE_MAX;
            if (next != SIZE_MAX && !n->is_provided[next]) {
                n->is_provided[next] = true;
                n->waiting[count++] = next;
            }
        }
    }
}

static bool is_public(const File *file, size_t import)
{
    for (size_t i = 0; i < file->n_public_dependency; i++)
        if (file->public_dependency[i] >= 0 && (size_t)file->public_dependency[i] == import)
            return true;
    return false;
}

static bool is_of_use(const struct needs *n, const bool *needed)
{
    for (size_t i = 0; i < n->reach->set->count; i++)
        if (n->is_provided[i] && needed[i])
            return true;
    return false;
}

static void take_imports(struct needs *n, const struct wd_proto_file *file, wd_proto_take_fn *take, void *ctx)
{
    const File *f = file->descriptor;
    for (size_t i = 0; i < f->n_dependency; i++) {
        const int32_t path[] = { WD_FILE_IMPORT, (int32_t)i };
        const struct wd_node *node = wd_proto_node(file, path, WD_COUNT(path));
        provide(n, file_index(n->reach, f->dependency[i]));
        if (node && !is_public(f, i) && is_of_use(n, n->before) && !is_of_use(n, n->after))
            take(ctx, node);
    }
}

/* Sorted by file, as they were collected. */
static size_t note_needs(struct needs *n, size_t first, const struct wd_gone *gone)
{
    const struct wd_proto_reach *r = n->reach;
    const struct wd_proto_file *file = r->references[first].file, *files = r->set->files;
    size_t i = first;
    memset(n->before, 0, r->set->count);
    memset(n->after, 0, r->set->count);
    for (; i < r->reference_count && r->references[i].file == file; i++) {
        size_t to = (size_t)(r->references[i].to_file - files);
        bool goes = is_gone(gone, r->references[i].node) ||
                    (r->references[i].from != WD_PROTO_NOBODY &&
                     is_gone(gone, r->types[r->references[i].from].node));
        n->before[to] = true;
        n->after[to] |= !goes;
    }
    return i;
}

void wd_proto_reach_imports(struct wd_proto_reach *reach, const struct wd_gone *gone, wd_proto_take_fn *take,
                            void *ctx)
{
    size_t files = reach->set->count;
    struct needs n = { .reach = reach, .before = wd_alloc(files + 1), .after = wd_alloc(files + 1),
                       .is_provided = wd_alloc(files + 1),
                       .waiting = wd_alloc((files + 1) * sizeof(size_t)) };
    for (size_t i = 0; i < reach->reference_count;) {
        const struct wd_proto_file *file = reach->references[i].file;
        i = note_needs(&n, i, gone);
        if (file->is_named && file->document->text.len && memcmp(n.before, n.after, files) != 0)
            take_imports(&n, file, take, ctx);
    }
    wd_free(n.before);
    wd_free(n.after);
    wd_free(n.is_provided);
    wd_free(n.waiting);
}
