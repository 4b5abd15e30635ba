/* The declarations of a file as nodes. What there is comes from the descriptor, where it stands from
 * SourceCodeInfo (schema/proto_place.h). */
#include "schema/proto.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/escape.h"
#include "schema/proto_path.h"
#include "schema/proto_place.h"

typedef Google__Protobuf__FileDescriptorProto File;
typedef Google__Protobuf__DescriptorProto Message;
typedef Google__Protobuf__FieldDescriptorProto Field;
typedef Google__Protobuf__EnumDescriptorProto Enum;
typedef Google__Protobuf__ServiceDescriptorProto Service;

enum { NAME = 1 };

/* A message whose members are still to come. */
struct work { const Message *message; struct wd_proto_path path; struct wd_node *node; };

struct planter {
    struct wd_proto_file *file;
    const struct wd_limits *limits;
    struct wd_arena *arena;
    struct wd_err *err;
    struct wd_proto_places places;
    struct work *works;
    size_t work_count, work_cap;
    struct wd_proto_spot *spots;
    size_t spot_count, spot_cap;
    uint64_t nodes;
};

/* --- paths --- */

/* The path with one or two numbers more. */
static struct wd_proto_path longer(struct planter *p, struct wd_proto_path path, int32_t number, size_t index)
{
    return wd_proto_path_longer(p->arena, path, number, index);
}

/* --- where things stand --- */

static const wd_proto_location *located(const struct planter *p, struct wd_proto_path path)
{
    size_t at = wd_proto_places_first(&p->places, path.at, path.depth);
    return at < p->places.count ? p->places.at[at] : NULL;
}

static int fail_lost(struct planter *p, struct wd_span span, const char *name)
{
    struct wd_shown shown;
    struct wd_place place = { .file = p->file->document->name, .line = span.line, .column = span.column };
    return wd_fail(p->err, WD_EPARSE, place,
                   "cannot locate '%s' in the text: it is not what was compiled; was it changed meanwhile?",
                   wd_show(&shown, wd_bytes_of(name)));
}

static int read_span(struct planter *p, const wd_proto_location *l, const char *name, struct wd_span *out)
{
    *out = (struct wd_span){ 0 };
    return !l || wd_proto_places_span(&p->places, l, out) ? WD_OK : fail_lost(p, *out, name);
}

/* A group's field is called like its type, in small letters. */
static bool is_called(struct planter *p, struct wd_span span, const char *name)
{
    return wd_bytes_is_nocase(wd_bytes_at(p->file->document->text.at + span.off, span.len), name);
}

static int read_places(struct planter *p, struct wd_proto_path path, int32_t named, const char *name,
                       struct wd_node *node)
{
    const wd_proto_location *l = located(p, path);
    struct wd_proto_path name_path = longer(p, path, named, 0);
    name_path.depth--;
    TRY(read_span(p, l, name, &node->span));
    TRY(read_span(p, located(p, name_path), name, &node->key_span));
    if (!node->span.len)
        return WD_OK;
    size_t key_end = node->key_span.off + node->key_span.len, end = node->span.off + node->span.len;
    bool is_inside = node->key_span.len && node->key_span.off >= node->span.off && key_end <= end;
    return is_inside && is_called(p, node->key_span, name) ? WD_OK : fail_lost(p, node->span, name);
}

/* --- nodes --- */

static int note_spot(struct planter *p, struct wd_proto_path path, struct wd_node *node)
{
    WD_GROW(p->spots, p->spot_count, p->spot_cap);
    p->spots[p->spot_count++] = (struct wd_proto_spot){ path.at, path.depth, node };
    return WD_OK;
}

static void hang(struct wd_node *parent, struct wd_node *node)
{
    node->parent = parent;
    if (parent->last)
        parent->last->next = node;
    else
        parent->first = node;
    parent->last = node;
    parent->count++;
}

static int count_node(struct planter *p)
{
    if (p->nodes++ < p->limits->yaml_nodes)
        return WD_OK;
    return wd_fail(p->err, WD_EPARSE, (struct wd_place){ .file = p->file->document->name },
                   "more than %" PRIu64 " declarations; raise it with --limit yaml-nodes=...",
                   p->limits->yaml_nodes);
}

/* What stands nowhere, though others do, protoc has made up: NULL then. */
static int add_node(struct planter *p, struct wd_node *parent, struct wd_proto_path path,
                    enum wd_node_kind kind, const char *name, struct wd_node **out)
{
    *out = NULL;
    if (p->places.count && !located(p, path))
        return WD_OK;
    TRY(count_node(p));
    struct wd_node *node = wd_arena_new(p->arena, struct wd_node);
    *node = (struct wd_node){ .kind = kind, .is_flow = true, .key = wd_bytes_of(name) };
    TRY(read_places(p, path, NAME, name, node));
    hang(parent, node);
    *out = node;
    return note_spot(p, path, node);
}

static struct wd_bytes number_text(struct planter *p, int32_t number)
{
    return wd_arena_printf(p->arena, "%" PRId32, number);
}

/* Of a type's full name the part that does not begin with a dot. */
static struct wd_bytes type_name(const char *name)
{
    return wd_bytes_of(name && name[0] == '.' ? name + 1 : name ? name : "");
}

static struct wd_bytes type_text(const Field *field)
{
    static const char *const types[] = {
        "", "double", "float", "int64", "uint64", "int32", "fixed64", "fixed32", "bool", "string", "group",
        "message", "bytes", "uint32", "enum", "sfixed32", "sfixed64", "sint32", "sint64",
    };
    if (field->type_name && field->type_name[0])
        return type_name(field->type_name);
    unsigned type = (unsigned)field->type;
    return wd_bytes_of(field->has_type && type < WD_COUNT(types) ? types[type] : "");
}

static int add_field(struct planter *p, struct wd_node *parent, struct wd_proto_path path, const Field *field)
{
    struct wd_node *node;
    TRY(add_node(p, parent, path, WD_NODE_STRING, field->name ? field->name : "", &node));
    if (node)
        node->text = type_text(field);
    return WD_OK;
}

static int add_enum(struct planter *p, struct wd_node *parent, struct wd_proto_path path, const Enum *of)
{
    struct wd_node *node, *value;
    TRY(add_node(p, parent, path, WD_NODE_MAP, of->name ? of->name : "", &node));
    for (size_t i = 0; node && i < of->n_value; i++) {
        const char *name = of->value[i]->name;
        TRY(add_node(p, node, longer(p, path, WD_ENUM_VALUE, i), WD_NODE_INTEGER, name ? name : "", &value));
        if (value)
            value->text = number_text(p, of->value[i]->number);
    }
    return WD_OK;
}

static int add_service(struct planter *p, struct wd_proto_path path, const Service *of)
{
    struct wd_node *node, *method;
    TRY(add_node(p, p->file->document->root, path, WD_NODE_MAP, of->name ? of->name : "", &node));
    for (size_t i = 0; node && i < of->n_method; i++) {
        const char *name = of->method[i]->name;
        TRY(add_node(p, node, longer(p, path, WD_SERVICE_METHOD, i), WD_NODE_STRING, name ? name : "",
                     &method));
        if (method)
            method->text = type_name(of->method[i]->input_type);
    }
    return WD_OK;
}

/* Its key stands in quotes, and nothing says where. */
static int add_import(struct planter *p, struct wd_proto_path path, const char *name)
{
    const wd_proto_location *l = located(p, path);
    if (!l && p->places.count)
        return WD_OK;
    TRY(count_node(p));
    struct wd_node *node = wd_arena_new(p->arena, struct wd_node);
    *node = (struct wd_node){ .kind = WD_NODE_STRING, .key = wd_bytes_of(name) };
    TRY(read_span(p, l, name, &node->span));
    hang(p->file->document->root, node);
    return note_spot(p, path, node);
}

/* --- extend --- */

/* Every block has the path of the list. */
static int add_extends(struct planter *p, struct wd_node *parent, struct wd_proto_path list, size_t *first)
{
    *first = p->spot_count;
    for (size_t i = wd_proto_places_first(&p->places, list.at, list.depth); i < p->places.count; i++) {
        const wd_proto_location *l = p->places.at[i];
        if (wd_proto_path_compare(l->path, l->n_path, list.at, list.depth) != 0)
            break;
        TRY(count_node(p));
        struct wd_node *node = wd_arena_new(p->arena, struct wd_node);
        *node = (struct wd_node){ .kind = WD_NODE_MAP, .is_flow = true };
        TRY(read_span(p, l, "extend", &node->span));
        hang(parent, node);
        TRY(note_spot(p, list, node));
    }
    return WD_OK;
}

static bool begins_before(const struct wd_node *node, const wd_proto_location *l)
{
    uint32_t line = l && l->n_span >= 3 ? (uint32_t)l->span[0] + 1 : 0;
    uint32_t column = line ? (uint32_t)l->span[1] + 1 : 0;
    return node->span.line < line || (node->span.line == line && node->span.column <= column);
}

static int name_block(struct planter *p, struct wd_node *block, struct wd_proto_path path, const Field *field)
{
    struct wd_proto_path extended = longer(p, path, WD_FIELD_EXTENDEE, 0);
    extended.depth--;
    block->key = type_name(field->extendee);
    return read_span(p, located(p, extended), "extend", &block->key_span);
}

/* Fields and blocks follow in the same order. */
static int add_extensions(struct planter *p, struct wd_node *parent, struct wd_proto_path list, Field **fields,
                          size_t count)
{
    struct wd_proto_path around = { list.at, list.depth - 1 };
    size_t at, end;
    TRY(add_extends(p, parent, list, &at));
    end = p->spot_count;
    for (size_t i = 0; i < count; i++) {
        struct wd_proto_path path = longer(p, around, list.at[list.depth - 1], i);
        while (end - at > 1 && begins_before(p->spots[at + 1].node, located(p, path)))
            at++;
        struct wd_node *block = at < end ? p->spots[at].node : NULL;
        if (block && !block->key.len)
            TRY(name_block(p, block, path, fields[i]));
        TRY(add_field(p, block ? block : parent, path, fields[i]));
    }
    return WD_OK;
}

static struct wd_proto_path list_path(struct planter *p, struct wd_proto_path path, int32_t number)
{
    struct wd_proto_path list = longer(p, path, number, 0);
    list.depth--;
    return list;
}

/* --- messages --- */

static void put_off(struct planter *p, const Message *message, struct wd_proto_path path, struct wd_node *node)
{
    WD_GROW(p->works, p->work_count, p->work_cap);
    p->works[p->work_count++] = (struct work){ message, path, node };
}

/* protoc makes up the entries of maps, and nothing else, without a place. */
static bool is_made_up(const Message *message)
{
    return message->options && message->options->has_map_entry && message->options->map_entry;
}

static int add_message(struct planter *p, struct wd_node *parent, struct wd_proto_path path,
                       const Message *message, struct wd_node **out)
{
    if (is_made_up(message))
        return WD_OK;
    TRY(add_node(p, parent, path, WD_NODE_MAP, message->name ? message->name : "", out));
    if (*out)
        put_off(p, message, path, *out);
    return WD_OK;
}

/* What the members of a message are hung on. */
struct homes {
    struct wd_node **oneofs;         /* NULL: none, or made up for an `optional` */
    struct wd_node **nested;
    size_t *oneof_of;                /* of nested types: the oneof that their group is in; SIZE_MAX */
    size_t *type_of;                 /* of fields that are groups: their nested type; SIZE_MAX */
};

static bool is_optional(const Field *field)
{
    return field->has_proto3_optional && field->proto3_optional;
}

static size_t oneof_of(const Message *m, const Field *field)
{
    bool is_member = field->has_oneof_index && field->oneof_index >= 0 && !is_optional(field);
    return is_member && (size_t)field->oneof_index < m->n_oneof_decl ? (size_t)field->oneof_index : SIZE_MAX;
}

static bool is_type_of(const Field *field, const Message *type)
{
    const char *dot = field->type_name ? strrchr(field->type_name, '.') : NULL;
    return dot && type->name && strcmp(dot + 1, type->name) == 0;
}

/* A group declares a field and a type at once: one node, which has the members. Both lists are in the order
 * of the text. */
static void find_groups(const Message *m, struct homes *homes)
{
    size_t next = 0;
    for (size_t k = 0; k < m->n_nested_type; k++)
        homes->oneof_of[k] = SIZE_MAX;
    for (size_t i = 0; i < m->n_field; i++) {
        homes->type_of[i] = SIZE_MAX;
        if (m->field[i]->type != GOOGLE__PROTOBUF__FIELD_DESCRIPTOR_PROTO__TYPE__TYPE_GROUP)
            continue;
        while (next < m->n_nested_type && !is_type_of(m->field[i], m->nested_type[next]))
            next++;
        if (next < m->n_nested_type) {
            homes->oneof_of[next] = oneof_of(m, m->field[i]);
            homes->type_of[i] = next++;
        }
    }
}

static int add_oneofs(struct planter *p, const struct work *w, struct homes *homes)
{
    const Message *m = w->message;
    bool *is_real = wd_arena_array(p->arena, bool, m->n_oneof_decl);
    for (size_t i = 0; i < m->n_field; i++)
        if (oneof_of(m, m->field[i]) != SIZE_MAX)
            is_real[m->field[i]->oneof_index] = true;
    for (size_t i = 0; i < m->n_oneof_decl; i++) {
        const char *name = m->oneof_decl[i]->name;
        if (is_real[i])
            TRY(add_node(p, w->node, longer(p, w->path, WD_MESSAGE_ONEOF, i), WD_NODE_MAP, name ? name : "",
                         &homes->oneofs[i]));
    }
    return WD_OK;
}

static struct wd_node *home(const struct homes *homes, size_t oneof, struct wd_node *message)
{
    return oneof != SIZE_MAX && homes->oneofs[oneof] ? homes->oneofs[oneof] : message;
}

static int add_member(struct planter *p, const struct work *w, const struct homes *homes, size_t i)
{
    const Field *field = w->message->field[i];
    struct wd_proto_path path = longer(p, w->path, WD_MESSAGE_FIELD, i);
    size_t type = homes->type_of[i];
    struct wd_node *group = type != SIZE_MAX ? homes->nested[type] : NULL;
    if (!group)
        return add_field(p, home(homes, oneof_of(w->message, field), w->node), path, field);
    group->text = type_text(field);
    return note_spot(p, path, group);
}

static int add_members(struct planter *p, struct work w)
{
    const Message *m = w.message;
    struct homes homes = {
        .oneofs = wd_arena_array(p->arena, struct wd_node *, m->n_oneof_decl),
        .nested = wd_arena_array(p->arena, struct wd_node *, m->n_nested_type),
        .oneof_of = wd_arena_array(p->arena, size_t, m->n_nested_type),
        .type_of = wd_arena_array(p->arena, size_t, m->n_field),
    };
    find_groups(m, &homes);
    TRY(add_oneofs(p, &w, &homes));
    for (size_t i = 0; i < m->n_nested_type; i++)
        TRY(add_message(p, home(&homes, homes.oneof_of[i], w.node), longer(p, w.path, WD_MESSAGE_NESTED, i),
                        m->nested_type[i], &homes.nested[i]));
    for (size_t i = 0; i < m->n_field; i++)
        TRY(add_member(p, &w, &homes, i));
    for (size_t i = 0; i < m->n_enum_type; i++)
        TRY(add_enum(p, w.node, longer(p, w.path, WD_MESSAGE_ENUM, i), m->enum_type[i]));
    return add_extensions(p, w.node, list_path(p, w.path, WD_MESSAGE_EXTENSION), m->extension, m->n_extension);
}

static int add_all(struct planter *p)
{
    const File *file = p->file->descriptor;
    struct wd_node *root = p->file->document->root;
    struct wd_node *node;
    struct wd_proto_path top = { 0 };
    for (size_t i = 0; i < file->n_dependency; i++)
        TRY(add_import(p, longer(p, top, WD_FILE_IMPORT, i), file->dependency[i]));
    for (size_t i = 0; i < file->n_message_type; i++)
        TRY(add_message(p, root, longer(p, top, WD_FILE_MESSAGE, i), file->message_type[i], &node));
    for (size_t i = 0; i < file->n_enum_type; i++)
        TRY(add_enum(p, root, longer(p, top, WD_FILE_ENUM, i), file->enum_type[i]));
    for (size_t i = 0; i < file->n_service; i++)
        TRY(add_service(p, longer(p, top, WD_FILE_SERVICE, i), file->service[i]));
    TRY(add_extensions(p, root, list_path(p, top, WD_FILE_EXTENSION), file->extension, file->n_extension));
    for (size_t i = 0; i < p->work_count; i++)
        TRY(add_members(p, p->works[i]));
    return WD_OK;
}

/* --- in order --- */

static int by_place(const void *a, const void *b)
{
    const struct wd_node *x = *(struct wd_node *const *)a, *y = *(struct wd_node *const *)b;
    if (x->span.line != y->span.line)
        return x->span.line < y->span.line ? -1 : 1;
    return (x->span.column > y->span.column) - (x->span.column < y->span.column);
}

/* As they follow in the text: the descriptor sorts them by kind. What stands nowhere stays as it came. */
static void order_members(struct planter *p, struct wd_node *parent)
{
    size_t count = 0;
    if (!p->places.count || parent->count < 2)
        return;
    struct wd_node **members = wd_arena_array(p->arena, struct wd_node *, parent->count);
    for (struct wd_node *n = parent->first; n; n = n->next)
        members[count++] = n;
    qsort(members, count, sizeof(struct wd_node *), by_place);
    for (size_t i = 0; i < count; i++)
        members[i]->next = i + 1 < count ? members[i + 1] : NULL;
    parent->first = members[0];
    parent->last = members[count - 1];
}

static int by_spot(const void *a, const void *b)
{
    const struct wd_proto_spot *x = a, *y = b;
    int c = wd_proto_path_compare(x->path, x->depth, y->path, y->depth);
    return c ? c : (x->node->span.off > y->node->span.off) - (x->node->span.off < y->node->span.off);
}

static void settle(struct planter *p)
{
    struct wd_proto_file *file = p->file;
    order_members(p, file->document->root);
    for (size_t i = 0; i < p->spot_count; i++)
        order_members(p, p->spots[i].node);
    struct wd_proto_spot *spots = wd_arena_array(p->arena, struct wd_proto_spot, p->spot_count);
    if (p->spot_count) {
        memcpy(spots, p->spots, p->spot_count * sizeof *spots);
        qsort(spots, p->spot_count, sizeof *spots, by_spot);
    }
    file->spots = spots;
    file->spot_count = p->spot_count;
}

int wd_proto_plant(struct wd_proto_file *file, const char *name, struct wd_bytes text,
                   const struct wd_limits *limits, struct wd_arena *arena, struct wd_err *err)
{
    struct planter p = { .file = file, .limits = limits, .arena = arena, .err = err };
    struct wd_document *document = wd_arena_new(arena, struct wd_document);
    *document = (struct wd_document){ .name = name, .text = text, .is_proto = true,
                                      .root = wd_arena_new(arena, struct wd_node) };
    file->document = document;
    p.places = wd_proto_places_of(file->descriptor, text, arena);
    *document->root = (struct wd_node){ .kind = WD_NODE_MAP, .is_flow = true,
                                        .span = wd_ruler_span(&p.places.ruler, 0, text.len) };
    int rc = text.len && !p.places.count ? fail_lost(&p, document->root->span, name) : add_all(&p);
    if (rc >= 0)
        settle(&p);
    wd_free(p.works);
    wd_free(p.spots);
    return rc;
}

struct wd_node *wd_proto_node(const struct wd_proto_file *file, const int32_t *path, size_t depth)
{
    size_t low = 0, high = file->spot_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct wd_proto_spot *spot = &file->spots[middle];
        if (wd_proto_path_compare(spot->path, spot->depth, path, depth) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    bool is_there = low < file->spot_count &&
                    wd_proto_path_compare(file->spots[low].path, file->spots[low].depth, path, depth) == 0;
    return is_there ? file->spots[low].node : NULL;
}
