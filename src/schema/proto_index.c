/* schema/proto_index.c - one walk over the descriptors, level by level. */
#include "schema/proto_index.h"

#include "base/buf.h"
#include "schema/proto_path.h"

enum { NONE = SIZE_MAX };

struct scope {
    const struct wd_proto_file *file;
    const Google__Protobuf__DescriptorProto *message; /* NULL: the file itself */
    struct wd_bytes name;
    size_t above;       /* the scope around it; NONE of a file */
    int32_t tag, place; /* the last two numbers of its path */
};

struct builder {
    struct wd_proto_index *index;
    struct wd_arena *arena;
    struct scope *scopes; /* the list grows behind the place that is looked at */
    size_t scope_count, scope_cap;
    struct wd_map *comments; /* file and path to the location that has one */
    int32_t *path;           /* the one at hand, written from its end */
    size_t path_cap;
    struct wd_buf key;
};

/* --- keys --- */

static struct wd_bytes place_key(struct wd_buf *key, const struct wd_proto_file *file, const int32_t *path,
                                 size_t depth)
{
    wd_buf_reset(key);
    wd_buf_put(key, wd_bytes_at(&file, sizeof file));
    wd_buf_put(key, wd_bytes_at(path, depth * sizeof *path));
    return wd_buf_bytes(key);
}

static struct wd_bytes member_key(struct wd_buf *key, struct wd_bytes owner, uint32_t number)
{
    wd_buf_reset(key);
    wd_buf_put(key, wd_bytes_at(&number, sizeof number));
    wd_buf_put(key, owner);
    return wd_buf_bytes(key);
}

static struct wd_bytes undotted(struct wd_bytes name)
{
    bool has_dot = name.len && name.at[0] == '.';
    return has_dot ? wd_bytes_at(name.at + 1, name.len - 1) : name;
}

/* --- places --- */

static void note_comments(struct builder *b, const struct wd_proto_file *file)
{
    const Google__Protobuf__SourceCodeInfo *info = file->descriptor->source_code_info;
    for (size_t i = 0; info && i < info->n_location; i++) {
        const Google__Protobuf__SourceCodeInfo__Location *l = info->location[i];
        bool has_comment = (l->leading_comments && l->leading_comments[0]) ||
                           (l->trailing_comments && l->trailing_comments[0]);
        if (has_comment)
            *wd_map_put(b->comments, place_key(&b->key, file, l->path, l->n_path), NULL) = (uintptr_t)l;
    }
}

/* The path of what stands in a scope as `tag` and `place`. */
static const int32_t *path_of(struct builder *b, size_t scope, int32_t tag, int32_t place, size_t *depth)
{
    size_t at = b->path_cap;
    b->path[--at] = place;
    b->path[--at] = tag;
    for (const struct scope *s = &b->scopes[scope]; s->above != NONE; s = &b->scopes[s->above]) {
        b->path[--at] = s->place;
        b->path[--at] = s->tag;
    }
    *depth = b->path_cap - at;
    return b->path + at;
}

struct found {
    const struct wd_node *node;
    struct wd_bytes comment;
};

static struct found look_up(struct builder *b, size_t scope, int32_t tag, size_t place)
{
    size_t depth;
    const struct wd_proto_file *file = b->scopes[scope].file;
    const int32_t *path = path_of(b, scope, tag, (int32_t)place, &depth);
    struct found found = { .node = wd_proto_node(file, path, depth) };
    const uint64_t *at = wd_map_get(b->comments, place_key(&b->key, file, path, depth));
    if (!at)
        return found;
    const Google__Protobuf__SourceCodeInfo__Location *l = (const void *)(uintptr_t)*at;
    bool leads = l->leading_comments && l->leading_comments[0];
    found.comment = wd_bytes_of(leads ? l->leading_comments : l->trailing_comments);
    return found;
}

/* --- what is declared --- */

static struct wd_bytes name_in(struct builder *b, struct wd_bytes scope, const char *name)
{
    const char *own = name ? name : "";
    return scope.len ? wd_arena_printf(b->arena, "%.*s.%s", (int)scope.len, (const char *)scope.at, own)
                     : wd_bytes_of(own);
}

/* A path is no longer than two numbers per level. */
static void add_scope(struct builder *b, struct scope scope)
{
    size_t depth = 2;
    for (size_t s = scope.above; s != NONE; s = b->scopes[s].above)
        depth += 2;
    if (depth + 2 > b->path_cap) {
        b->path_cap = depth + 2;
        b->path = wd_realloc(b->path, b->path_cap, sizeof *b->path);
    }
    WD_GROW(b->scopes, b->scope_count, b->scope_cap);
    b->scopes[b->scope_count++] = scope;
}

static void add_messages(struct builder *b, size_t above, int32_t tag,
                         Google__Protobuf__DescriptorProto **messages, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct scope scope = { .file = b->scopes[above].file,
                               .message = messages[i],
                               .name = name_in(b, b->scopes[above].name, messages[i]->name),
                               .above = above,
                               .tag = tag,
                               .place = (int32_t)i };
        add_scope(b, scope);
    }
}

static void add_enums(struct builder *b, size_t scope, Google__Protobuf__EnumDescriptorProto **enums,
                      size_t count)
{
    struct wd_proto_index *x = b->index;
    for (size_t i = 0; i < count; i++) {
        WD_GROW(x->enums, x->enum_count, x->enum_cap);
        x->enums[x->enum_count++] = enums[i];
        *wd_map_put(x->enum_at, name_in(b, b->scopes[scope].name, enums[i]->name), NULL) = x->enum_count;
    }
}

static void add_members(struct builder *b, size_t scope, int32_t tag,
                        Google__Protobuf__FieldDescriptorProto **fields, size_t count)
{
    struct wd_proto_index *x = b->index;
    for (size_t i = 0; i < count; i++) {
        struct found found = look_up(b, scope, tag, i);
        struct wd_bytes owner =
            tag == WD_MESSAGE_FIELD ? b->scopes[scope].name : undotted(wd_bytes_of(fields[i]->extendee));
        WD_GROW(x->members, x->member_count, x->member_cap);
        x->members[x->member_count++] = (struct wd_proto_member){ .file = b->scopes[scope].file,
                                                                  .descriptor = fields[i],
                                                                  .node = found.node,
                                                                  .comment = found.comment };
        *wd_map_put(x->member_at, member_key(&b->key, owner, (uint32_t)fields[i]->number), NULL) =
            x->member_count;
    }
}

static void add_type(struct builder *b, size_t s)
{
    struct wd_proto_index *x = b->index;
    const struct scope *scope = &b->scopes[s];
    struct found found = look_up(b, scope->above, scope->tag, (size_t)scope->place);
    WD_GROW(x->types, x->type_count, x->type_cap);
    x->types[x->type_count++] =
        (struct wd_proto_type){ .name = scope->name,
                                .file = scope->file,
                                .descriptor = scope->message,
                                .layout.proto = wd_proto_layouts_find(&x->layouts, scope->name),
                                .node = found.node,
                                .comment = found.comment };
    *wd_map_put(x->type_at, scope->name, NULL) = x->type_count;
}

static void read_message(struct builder *b, size_t s)
{
    const Google__Protobuf__DescriptorProto *m = b->scopes[s].message;
    add_type(b, s);
    add_members(b, s, WD_MESSAGE_FIELD, m->field, m->n_field);
    add_members(b, s, WD_MESSAGE_EXTENSION, m->extension, m->n_extension);
    add_enums(b, s, m->enum_type, m->n_enum_type);
    add_messages(b, s, WD_MESSAGE_NESTED, m->nested_type, m->n_nested_type);
}

static void read_file(struct builder *b, const struct wd_proto_file *file)
{
    const Google__Protobuf__FileDescriptorProto *d = file->descriptor;
    size_t s = b->scope_count;
    note_comments(b, file);
    add_scope(b, (struct scope){ .file = file, .name = wd_bytes_of(d->package), .above = NONE });
    add_members(b, s, WD_FILE_EXTENSION, d->extension, d->n_extension);
    add_enums(b, s, d->enum_type, d->n_enum_type);
    add_messages(b, s, WD_FILE_MESSAGE, d->message_type, d->n_message_type);
    while (++s < b->scope_count)
        read_message(b, s);
}

/* --- who refers to whom --- */

static void count_use(struct wd_proto_index *x, const char *name)
{
    struct wd_proto_type *type = wd_proto_index_type(x, wd_bytes_of(name));
    if (type)
        type->uses++;
}

static void count_uses(struct wd_proto_index *x)
{
    for (size_t i = 0; i < x->member_count; i++)
        count_use(x, x->members[i].descriptor->type_name);
    for (size_t f = 0; f < x->set->count; f++) {
        const Google__Protobuf__FileDescriptorProto *d = x->set->files[f].descriptor;
        for (size_t s = 0; s < d->n_service; s++) {
            for (size_t m = 0; m < d->service[s]->n_method; m++) {
                count_use(x, d->service[s]->method[m]->input_type);
                count_use(x, d->service[s]->method[m]->output_type);
            }
        }
    }
}

/* --- the whole --- */

static int read_layouts(struct builder *b, struct wd_err *err)
{
    const struct wd_proto_set *set = b->index->set;
    Google__Protobuf__FileDescriptorSet all = GOOGLE__PROTOBUF__FILE_DESCRIPTOR_SET__INIT;
    all.n_file = set->count;
    all.file = wd_arena_array(b->arena, Google__Protobuf__FileDescriptorProto *, set->count);
    for (size_t i = 0; i < set->count; i++)
        memcpy(&all.file[i], &set->files[i].descriptor, sizeof all.file[i]); /* read only, all the same */
    return wd_proto_layouts(&all, set->count ? set->files[0].document->name : "", b->arena,
                            &b->index->layouts, err);
}

int wd_proto_index_open(struct wd_proto_index *index, const struct wd_proto_set *set, struct wd_arena *arena,
                        struct wd_err *err)
{
    *index = (struct wd_proto_index){
        .set = set, .type_at = wd_map_open(), .member_at = wd_map_open(), .enum_at = wd_map_open()
    };
    struct builder b = { .index = index, .arena = arena, .comments = wd_map_open() };
    int rc = read_layouts(&b, err);
    for (size_t i = 0; rc >= 0 && i < set->count; i++)
        read_file(&b, &set->files[i]);
    if (rc >= 0)
        count_uses(index);
    wd_free(b.scopes);
    wd_free(b.path);
    wd_buf_free(&b.key);
    wd_map_close(b.comments);
    return rc;
}

void wd_proto_index_close(struct wd_proto_index *index)
{
    wd_free(index->types);
    wd_free(index->members);
    wd_free(index->enums);
    wd_map_close(index->type_at);
    wd_map_close(index->member_at);
    wd_map_close(index->enum_at);
}

struct wd_proto_type *wd_proto_index_type(const struct wd_proto_index *index, struct wd_bytes name)
{
    const uint64_t *at = wd_map_get(index->type_at, undotted(name));
    return at ? &index->types[*at - 1] : NULL;
}

const struct wd_proto_member *wd_proto_index_member(const struct wd_proto_index *index, struct wd_bytes owner,
                                                    uint32_t number)
{
    struct wd_buf key = { 0 };
    const uint64_t *at = wd_map_get(index->member_at, member_key(&key, owner, number));
    wd_buf_free(&key);
    return at ? &index->members[*at - 1] : NULL;
}

/* The first line of a block is the one below its `|`. */
struct wd_place wd_proto_index_place(const struct wd_proto_index *index, const struct wd_proto_file *file,
                                     const struct wd_node *node)
{
    const struct wd_proto_host *host = &index->host;
    struct wd_place at =
        node ? wd_node_key_place(file->document, node) : (struct wd_place){ .file = file->document->name };
    at.has_offset = at.line > 0; /* a descriptor set need not say where */
    if (!host->at.file || !file->is_named)
        return at;
    if (!host->is_literal || !at.line)
        return host->at;
    at.file = host->at.file;
    at.line += host->at.line;
    at.column += host->indent;
    return at;
}

const Google__Protobuf__EnumDescriptorProto *wd_proto_index_enum(const struct wd_proto_index *index,
                                                                 struct wd_bytes name)
{
    const uint64_t *at = wd_map_get(index->enum_at, undotted(name));
    return at ? index->enums[*at - 1] : NULL;
}
