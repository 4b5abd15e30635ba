/* The declarations of a file as nodes. What there is comes from the descriptor, where it stands from
 * SourceCodeInfo: a list of paths, each with a span.
 *
 *     path      4, 0, 2, 1            the second field (2) of the first message (4) of FileDescriptorProto
 *     path      4, 0, 2, 1, 1         its name (1)
 *     span      7, 2, 31              line 7, columns 2 to 31; of four numbers the third is the last line
 *
 * Lines and columns begin at 0, the end is not a part of it, and a tab leads to the next multiple of 8.
 */
#include "schema/proto.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/escape.h"
#include "document/ruler.h"

typedef Google__Protobuf__FileDescriptorProto File;
typedef Google__Protobuf__DescriptorProto Message;
typedef Google__Protobuf__FieldDescriptorProto Field;
typedef Google__Protobuf__EnumDescriptorProto Enum;
typedef Google__Protobuf__ServiceDescriptorProto Service;
typedef Google__Protobuf__SourceCodeInfo__Location Location;

/* Numbers of descriptor.proto, of which paths are made. */
enum { FILE_IMPORT = 3, FILE_MESSAGE, FILE_ENUM, FILE_SERVICE, FILE_EXTENSION };
enum { MESSAGE_FIELD = 2, MESSAGE_NESTED, MESSAGE_ENUM, MESSAGE_EXTENSION = 6, MESSAGE_ONEOF = 8 };
enum { MARK = 256 };
enum { NAME = 1, FIELD_EXTENDEE = 2, ENUM_VALUE = 2, SERVICE_METHOD = 2 };

struct path { const int32_t *at; size_t depth; };

/* A message whose members are still to come. */
struct work { const Message *message; struct path path; struct wd_node *node; };

struct planter {
    struct wd_proto_file *file;
    const struct wd_limits *limits;
    struct wd_arena *arena;
    struct wd_err *err;
    struct wd_ruler ruler;
    size_t *lines;                   /* offsets where protoc's lines begin: only LF ends one */
    size_t line_count;
    size_t *columns;                 /* protoc's, of every 256th byte */
    const Location **located;        /* by path, then as they come */
    size_t located_count;
    struct work *works;
    size_t work_count, work_cap;
    struct wd_proto_spot *spots;
    size_t spot_count, spot_cap;
    uint64_t nodes;
};

/* --- paths --- */

static int compare_paths(const int32_t *a, size_t a_depth, const int32_t *b, size_t b_depth)
{
    for (size_t i = 0; i < a_depth && i < b_depth; i++)
        if (a[i] != b[i])
            return a[i] < b[i] ? -1 : 1;
    return (a_depth > b_depth) - (a_depth < b_depth);
}

/* The path with one or two numbers more. */
static struct path longer(struct planter *p, struct path path, int32_t number, size_t index)
{
    int32_t *at = wd_arena_array(p->arena, int32_t, path.depth + 2);
    if (path.depth)
        memcpy(at, path.at, path.depth * sizeof *at);
    at[path.depth] = number;
    at[path.depth + 1] = (int32_t)index;
    return (struct path){ at, path.depth + 2 };
}

/* --- where things stand --- */

/* Several blocks of one path: as they follow in the text. */
static int by_path(const void *a, const void *b)
{
    const Location *x = *(const Location *const *)a, *y = *(const Location *const *)b;
    int c = compare_paths(x->path, x->n_path, y->path, y->n_path);
    return c ? c : compare_paths(x->span, x->n_span, y->span, y->n_span);
}

static void sort_locations(struct planter *p)
{
    const Google__Protobuf__SourceCodeInfo *info = p->file->descriptor->source_code_info;
    p->located_count = info ? info->n_location : 0;
    p->located = wd_arena_array(p->arena, const Location *, p->located_count);
    for (size_t i = 0; i < p->located_count; i++)
        p->located[i] = info->location[i];
    if (p->located_count)
        qsort(p->located, p->located_count, sizeof *p->located, by_path);
}

/* The first of a path, as a place in the list; located_count when there is none. */
static size_t first_located(const struct planter *p, struct path path)
{
    size_t low = 0, high = p->located_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const Location *l = p->located[middle];
        if (compare_paths(l->path, l->n_path, path.at, path.depth) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    bool is_there = low < p->located_count && compare_paths(p->located[low]->path, p->located[low]->n_path,
                                                            path.at, path.depth) == 0;
    return is_there ? low : p->located_count;
}

static const Location *located(const struct planter *p, struct path path)
{
    size_t at = first_located(p, path);
    return at < p->located_count ? p->located[at] : NULL;
}

static size_t column_after(size_t column, uint8_t byte)
{
    return byte == '\t' ? column + 8 - column % 8 : byte == '\n' ? 0 : column + 1;
}

/* Files can be one line of millions of bytes: so marks, and not from the start of the line each time. */
static void count_lines(struct planter *p, struct wd_bytes text)
{
    p->line_count = 1;
    for (size_t i = 0; i < text.len; i++)
        p->line_count += text.at[i] == '\n';
    p->lines = wd_arena_array(p->arena, size_t, p->line_count);
    p->columns = wd_arena_array(p->arena, size_t, text.len / MARK + 1);
    for (size_t i = 0, n = 1, column = 0; i < text.len; i++) {
        if (i % MARK == 0)
            p->columns[i / MARK] = column;
        column = column_after(column, text.at[i]);
        if (text.at[i] == '\n')
            p->lines[n++] = i + 1;
    }
}

static bool find_offset(const struct planter *p, int32_t line, int32_t column, size_t *out)
{
    struct wd_bytes text = p->file->document->text;
    if (line < 0 || (size_t)line >= p->line_count || column < 0)
        return false;
    size_t off = p->lines[line], at = 0, wanted = (size_t)column;
    size_t end = (size_t)line + 1 < p->line_count ? p->lines[line + 1] - 1 : text.len;
    size_t low = off / MARK, high = end / MARK;
    while (low < high) {   /* the last mark of the line that is not beyond */
        size_t middle = high - (high - low) / 2;
        if (middle * MARK < text.len && p->columns[middle] <= wanted)
            low = middle;
        else
            high = middle - 1;
    }
    if (low * MARK > off) {
        off = low * MARK;
        at = p->columns[low];
    }
    for (; at < wanted && off < end; off++)
        at = column_after(at, text.at[off]);
    *out = off;
    return at >= wanted;
}

static int fail_lost(struct planter *p, struct wd_span span, const char *name)
{
    struct wd_shown shown;
    struct wd_place place = { .file = p->file->document->name, .line = span.line, .column = span.column };
    return wd_fail(p->err, WD_EPARSE, place,
                   "cannot locate '%s' in the text: it is not what was compiled; was it changed meanwhile?",
                   wd_show(&shown, wd_bytes_of(name)));
}

/* Without the text there are lines and columns, but no offsets. */
static int read_span(struct planter *p, const Location *l, const char *name, struct wd_span *out)
{
    size_t start, end;
    *out = (struct wd_span){ 0 };
    if (!l || (l->n_span != 3 && l->n_span != 4))
        return l ? fail_lost(p, *out, name) : WD_OK;
    int32_t last = l->n_span == 4 ? l->span[2] : l->span[0];
    out->line = (uint32_t)l->span[0] + 1;
    out->column = (uint32_t)l->span[1] + 1;
    if (!p->file->document->text.len)
        return WD_OK;
    if (!find_offset(p, l->span[0], l->span[1], &start) ||
        !find_offset(p, last, l->span[l->n_span - 1], &end) || end <= start)
        return fail_lost(p, *out, name);
    *out = wd_ruler_span(&p->ruler, start, end);
    return WD_OK;
}

/* A group's field is called like its type, in small letters. */
static bool is_called(struct planter *p, struct wd_span span, const char *name)
{
    return wd_bytes_is_nocase(wd_bytes_at(p->file->document->text.at + span.off, span.len), name);
}

static int read_places(struct planter *p, struct path path, int32_t named, const char *name,
                       struct wd_node *node)
{
    const Location *l = located(p, path);
    struct path name_path = longer(p, path, named, 0);
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

static int note_spot(struct planter *p, struct path path, struct wd_node *node)
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
static int add_node(struct planter *p, struct wd_node *parent, struct path path, enum wd_node_kind kind,
                    const char *name, struct wd_node **out)
{
    *out = NULL;
    if (p->located_count && !located(p, path))
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

static int add_field(struct planter *p, struct wd_node *parent, struct path path, const Field *field)
{
    struct wd_node *node;
    TRY(add_node(p, parent, path, WD_NODE_STRING, field->name ? field->name : "", &node));
    if (node)
        node->text = type_text(field);
    return WD_OK;
}

static int add_enum(struct planter *p, struct wd_node *parent, struct path path, const Enum *of)
{
    struct wd_node *node, *value;
    TRY(add_node(p, parent, path, WD_NODE_MAP, of->name ? of->name : "", &node));
    for (size_t i = 0; node && i < of->n_value; i++) {
        const char *name = of->value[i]->name;
        TRY(add_node(p, node, longer(p, path, ENUM_VALUE, i), WD_NODE_INTEGER, name ? name : "", &value));
        if (value)
            value->text = number_text(p, of->value[i]->number);
    }
    return WD_OK;
}

static int add_service(struct planter *p, struct path path, const Service *of)
{
    struct wd_node *node, *method;
    TRY(add_node(p, p->file->document->root, path, WD_NODE_MAP, of->name ? of->name : "", &node));
    for (size_t i = 0; node && i < of->n_method; i++) {
        const char *name = of->method[i]->name;
        TRY(add_node(p, node, longer(p, path, SERVICE_METHOD, i), WD_NODE_STRING, name ? name : "", &method));
        if (method)
            method->text = type_name(of->method[i]->input_type);
    }
    return WD_OK;
}

/* Its key stands in quotes, and nothing says where. */
static int add_import(struct planter *p, struct path path, const char *name)
{
    const Location *l = located(p, path);
    if (!l && p->located_count)
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
static int add_extends(struct planter *p, struct wd_node *parent, struct path list, size_t *first)
{
    *first = p->spot_count;
    for (size_t i = first_located(p, list); i < p->located_count; i++) {
        const Location *l = p->located[i];
        if (compare_paths(l->path, l->n_path, list.at, list.depth) != 0)
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

static bool begins_before(const struct wd_node *node, const Location *l)
{
    uint32_t line = l && l->n_span >= 3 ? (uint32_t)l->span[0] + 1 : 0;
    uint32_t column = line ? (uint32_t)l->span[1] + 1 : 0;
    return node->span.line < line || (node->span.line == line && node->span.column <= column);
}

static int name_block(struct planter *p, struct wd_node *block, struct path path, const Field *field)
{
    struct path extended = longer(p, path, FIELD_EXTENDEE, 0);
    extended.depth--;
    block->key = type_name(field->extendee);
    return read_span(p, located(p, extended), "extend", &block->key_span);
}

/* Fields and blocks follow in the same order. */
static int add_extensions(struct planter *p, struct wd_node *parent, struct path list, Field **fields,
                          size_t count)
{
    size_t at, end;
    TRY(add_extends(p, parent, list, &at));
    end = p->spot_count;
    for (size_t i = 0; i < count; i++) {
        struct path path = longer(p, (struct path){ list.at, list.depth - 1 }, list.at[list.depth - 1], i);
        while (end - at > 1 && begins_before(p->spots[at + 1].node, located(p, path)))
            at++;
        struct wd_node *block = at < end ? p->spots[at].node : NULL;
        if (block && !block->key.len)
            TRY(name_block(p, block, path, fields[i]));
        TRY(add_field(p, block ? block : parent, path, fields[i]));
    }
    return WD_OK;
}

static struct path list_path(struct planter *p, struct path path, int32_t number)
{
    struct path list = longer(p, path, number, 0);
    list.depth--;
    return list;
}

/* --- messages --- */

static void put_off(struct planter *p, const Message *message, struct path path, struct wd_node *node)
{
    WD_GROW(p->works, p->work_count, p->work_cap);
    p->works[p->work_count++] = (struct work){ message, path, node };
}

/* protoc makes up the entries of maps, and nothing else, without a place. */
static bool is_made_up(const Message *message)
{
    return message->options && message->options->has_map_entry && message->options->map_entry;
}

static int add_message(struct planter *p, struct wd_node *parent, struct path path, const Message *message,
                       struct wd_node **out)
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
            TRY(add_node(p, w->node, longer(p, w->path, MESSAGE_ONEOF, i), WD_NODE_MAP, name ? name : "",
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
    struct path path = longer(p, w->path, MESSAGE_FIELD, i);
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
        TRY(add_message(p, home(&homes, homes.oneof_of[i], w.node), longer(p, w.path, MESSAGE_NESTED, i),
                        m->nested_type[i], &homes.nested[i]));
    for (size_t i = 0; i < m->n_field; i++)
        TRY(add_member(p, &w, &homes, i));
    for (size_t i = 0; i < m->n_enum_type; i++)
        TRY(add_enum(p, w.node, longer(p, w.path, MESSAGE_ENUM, i), m->enum_type[i]));
    return add_extensions(p, w.node, list_path(p, w.path, MESSAGE_EXTENSION), m->extension, m->n_extension);
}

static int add_all(struct planter *p)
{
    const File *file = p->file->descriptor;
    struct wd_node *root = p->file->document->root;
    struct wd_node *node;
    struct path top = { 0 };
    for (size_t i = 0; i < file->n_dependency; i++)
        TRY(add_import(p, longer(p, top, FILE_IMPORT, i), file->dependency[i]));
    for (size_t i = 0; i < file->n_message_type; i++)
        TRY(add_message(p, root, longer(p, top, FILE_MESSAGE, i), file->message_type[i], &node));
    for (size_t i = 0; i < file->n_enum_type; i++)
        TRY(add_enum(p, root, longer(p, top, FILE_ENUM, i), file->enum_type[i]));
    for (size_t i = 0; i < file->n_service; i++)
        TRY(add_service(p, longer(p, top, FILE_SERVICE, i), file->service[i]));
    TRY(add_extensions(p, root, list_path(p, top, FILE_EXTENSION), file->extension, file->n_extension));
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
    if (!p->located_count || parent->count < 2)
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
    int c = compare_paths(x->path, x->depth, y->path, y->depth);
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
    p.ruler = wd_ruler_make(text, arena);
    *document->root = (struct wd_node){ .kind = WD_NODE_MAP, .is_flow = true,
                                        .span = wd_ruler_span(&p.ruler, 0, text.len) };
    sort_locations(&p);
    count_lines(&p, text);
    int rc = text.len && !p.located_count ? fail_lost(&p, document->root->span, name) : add_all(&p);
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
        if (compare_paths(spot->path, spot->depth, path, depth) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    bool is_there = low < file->spot_count &&
                    compare_paths(file->spots[low].path, file->spots[low].depth, path, depth) == 0;
    return is_there ? file->spots[low].node : NULL;
}
