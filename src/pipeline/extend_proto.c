/* pipeline/extend_proto.c - new fields in the messages of a .proto file, before the bracket that closes them;
 * new messages at its end, and in the envelope of their channel:
 *
 *     message Metrics {
 *       reserved 4;
 *       string type = 1;
 *       int64 fan = 5;        <- new: behind the last number that is taken or reserved
 *     }
 */
#include <inttypes.h>
#include <stdlib.h>

#include "infer/names.h"
#include "infer/tree.h"
#include "pipeline/extend.h"
#include "schema/patch.h"
#include "schema/proto_index.h"
#include "schema/schema.h"

/* What a message gains; several fields can be of it, and each can have something new. */
struct growth {
    const struct wd_proto_type *type;
    struct wd_infer_room room;
    struct wd_buf lines;
};

struct extender {
    const struct wd_infer_print *print;
    const struct wd_schema *old;
    const struct wd_document *document;
    const struct wd_inferred_message *message;
    struct wd_patch patch;
    struct wd_buf tail;                /* what is appended */
    struct wd_map *made;               /* names of messages in it */
    struct wd_map *grown;              /* growths, by the names of their types; behind a NUL each key */
    struct growth *growths;
    size_t growth_count, growth_cap;
    struct wd_extension *out;
    bool needs_struct;
};

/* --- the old file --- */

static const struct wd_proto_type *type_named(const struct extender *x, struct wd_bytes name)
{
    const struct wd_proto_index *index = x->old->protos;
    for (size_t i = 0; i < index->type_count; i++) {
        const struct wd_proto_type *type = &index->types[i];
        bool is_top = type->node && type->node->parent && type->node->parent == type->file->document->root;
        if (is_top && type->file->document == x->document && wd_bytes_is(name, type->descriptor->name))
            return type;
    }
    return NULL;
}

/* By its JSON name; of Protobuf that was read without its schema, by its number. */
static const Google__Protobuf__FieldDescriptorProto *field_of(const struct extender *x,
                                                              const struct wd_proto_type *type,
                                                              struct wd_bytes key)
{
    uint64_t number = 0;
    bool is_number = wd_infer_is_numbered(x->message) && wd_bytes_uint(key, &number);
    for (size_t i = 0; i < type->descriptor->n_field; i++)
        if (is_number ? (uint64_t)type->descriptor->field[i]->number == number
                      : wd_bytes_is(key, type->descriptor->field[i]->json_name))
            return type->descriptor->field[i];
    return NULL;
}

/* Of fields, of what is reserved, and of what belongs to extensions. */
static uint64_t last_number(const Google__Protobuf__DescriptorProto *d)
{
    int32_t last = 0;
    for (size_t i = 0; i < d->n_field; i++)
        last = d->field[i]->number > last ? d->field[i]->number : last;
    for (size_t i = 0; i < d->n_reserved_range; i++)
        last = d->reserved_range[i]->end - 1 > last ? d->reserved_range[i]->end - 1 : last;
    for (size_t i = 0; i < d->n_extension_range; i++)
        last = d->extension_range[i]->end - 1 > last ? d->extension_range[i]->end - 1 : last;
    return (uint64_t)last;
}

static struct wd_infer_room room_of(const struct extender *x, const Google__Protobuf__DescriptorProto *d,
                                    size_t depth)
{
    size_t names = 0, types = 0;
    struct wd_bytes *name = wd_arena_array(x->print->arena, struct wd_bytes,
                                           d->n_field + d->n_reserved_name + d->n_oneof_decl),
                    *type =
                        wd_arena_array(x->print->arena, struct wd_bytes, d->n_nested_type + d->n_enum_type);
    for (size_t i = 0; i < d->n_field; i++)
        name[names++] = wd_bytes_of(d->field[i]->name);
    for (size_t i = 0; i < d->n_reserved_name; i++)
        name[names++] = wd_bytes_of(d->reserved_name[i]);
    for (size_t i = 0; i < d->n_oneof_decl; i++)
        name[names++] = wd_bytes_of(d->oneof_decl[i]->name);
    for (size_t i = 0; i < d->n_nested_type; i++)
        type[types++] = wd_bytes_of(d->nested_type[i]->name);
    for (size_t i = 0; i < d->n_enum_type; i++)
        type[types++] = wd_bytes_of(d->enum_type[i]->name);
    return (struct wd_infer_room){ last_number(d), depth, name, type, names, types };
}

/* --- the text --- */

static size_t depth_of(const struct wd_node *node)
{
    size_t depth = 0;
    while (node->parent && node->parent->parent) {
        node = node->parent;
        depth++;
    }
    return depth + 1;
}

/* Before the closing bracket of a declaration, in lines of their own. */
static void put_inside(struct extender *x, const struct wd_node *node, const struct wd_buf *lines)
{
    struct wd_bytes text = x->document->text;
    size_t close = node->span.off + node->span.len - 1, line = wd_line_start(text, close);
    bool is_alone = wd_skip_space(text, line, false) == close;
    int indent = is_alone ? 0 : (int)wd_line_indent(text, line);
    struct wd_bytes put = wd_arena_printf(x->print->arena, "%s%.*s%*s", is_alone ? "" : "\n", (int)lines->len,
                                          (const char *)lines->at, indent, "");
    wd_patch_add(&x->patch, is_alone ? line : close, is_alone ? line : close, put);
}

static struct growth *growth_of(struct extender *x, const struct wd_proto_type *type)
{
    bool is_new;
    uint64_t *at = wd_map_put(x->grown, type->name, &is_new);
    if (is_new) {
        *at = x->growth_count;
        WD_GROW(x->growths, x->growth_count, x->growth_cap);
        x->growths[x->growth_count++] = (struct growth){
            .type = type, .room = room_of(x, type->descriptor, depth_of(type->node)) };
    }
    return &x->growths[*at];
}

/* False as well for what cannot be told from what is there: in a descriptor a name ends at a NUL. */
static bool is_first_of(struct extender *x, const struct wd_proto_type *type, struct wd_bytes key)
{
    bool is_new;
    if (key.len && memchr(key.at, 0, key.len))
        return false;
    struct wd_buf name = { 0 };
    wd_buf_put(&name, type->name);
    wd_buf_byte(&name, 0);
    wd_buf_put(&name, key);
    wd_map_put(x->grown, wd_buf_bytes(&name), &is_new);
    wd_buf_free(&name);
    return is_new;
}

static const struct wd_bytes *with_keys(const struct extender *x, const struct wd_bytes *old, size_t count,
                                        struct wd_inferred_field **fields, size_t more,
                                        enum wd_name_style style)
{
    struct wd_bytes *all = wd_arena_array(x->print->arena, struct wd_bytes, count + more);
    if (count)
        memcpy(all, old, count * sizeof *all);
    for (size_t i = 0; i < more; i++)
        all[count + i] = wd_name_make(style, fields[i]->key, "field", x->print->arena);
    return all;
}

/* What was printed takes its numbers and its names, in the order in which it was. */
static void narrow(const struct extender *x, struct wd_infer_room *room, struct wd_inferred_field **fields,
                   size_t count)
{
    room->names = with_keys(x, room->names, room->name_count, fields, count, WD_NAME_SNAKE);
    room->types = with_keys(x, room->types, room->type_count, fields, count, WD_NAME_TYPE);
    room->name_count += count;
    room->type_count += count;
    room->last += count;
}

static void add_fields(struct extender *x, const struct wd_proto_type *type,
                       struct wd_inferred_field **fields, size_t count)
{
    if (!count)
        return;
    struct growth *growth = growth_of(x, type);
    wd_infer_proto_fields(x->print, x->message, fields, count, &growth->room, &growth->lines,
                          &x->needs_struct);
    narrow(x, &growth->room, fields, count);
    x->out->fields += count;
}

static void put_growths(struct extender *x)
{
    for (size_t i = 0; i < x->growth_count; i++) {
        put_inside(x, x->growths[i].type->node, &x->growths[i].lines);
        wd_buf_free(&x->growths[i].lines);
    }
    wd_free(x->growths);
}

/* --- messages --- */

/* The object whose members the message of a field has: itself, or what its list holds. */
static const struct wd_inferred_field *object_of(const struct wd_inferred_field *field)
{
    const struct wd_inferred_field *object =
        field->element && field->types & 1u << WD_TYPE_ARRAY ? field->element : field;
    return object->member_count && !object->entry ? object : NULL;
}

static void compare(struct extender *x, const struct wd_proto_type *type,
                    const struct wd_inferred_field *object)
{
    struct wd_inferred_field **fresh =
        wd_arena_array(x->print->arena, struct wd_inferred_field *, object->member_count);
    size_t count = 0;
    for (size_t i = 0; i < object->member_count; i++) {
        const Google__Protobuf__FieldDescriptorProto *known = field_of(x, type, object->members[i]->key);
        const struct wd_inferred_field *inner = object_of(object->members[i]);
        if (!known && is_first_of(x, type, object->members[i]->key))
            fresh[count++] = object->members[i];
        if (!known)
            continue;
        const struct wd_proto_type *other =
            known->type_name && inner ? wd_proto_index_type(x->old->protos, wd_bytes_of(known->type_name))
                                      : NULL;
        if (other && other->node && other->file->document == x->document)
            compare(x, other, inner);
    }
    add_fields(x, type, fresh, count);
}

static const struct wd_node *oneof_of(const struct wd_proto_type *type)
{
    const struct wd_node *found = NULL;
    for (const struct wd_node *n = type->node->first; n && type->descriptor->n_oneof_decl == 1; n = n->next)
        if (n->kind == WD_NODE_MAP && wd_bytes_is(n->key, type->descriptor->oneof_decl[0]->name))
            found = n;
    return found;
}

struct joining { const struct wd_proto_type *envelope; struct wd_buf lines; uint64_t last; };

/* As a member of the oneof, called as infer would call it. */
static void join(struct extender *x, struct joining *all, size_t count, const struct wd_proto_type *envelope,
                 struct wd_bytes name)
{
    struct wd_bytes field = wd_name_make(WD_NAME_SNAKE, name, "message", x->print->arena);
    size_t at = 0;
    while (at < count && all[at].envelope && all[at].envelope != envelope)
        at++;
    struct joining *joining = &all[at];
    joining->last = (joining->envelope ? joining->last : last_number(envelope->descriptor)) + 1;
    joining->envelope = envelope;
    wd_buf_printf(&joining->lines, "    %.*s %.*s = %" PRIu64 ";\n", (int)name.len, (const char *)name.at,
                  (int)field.len, (const char *)field.at, joining->last);
}

static void add_message(struct extender *x, struct joining *all, size_t count, struct wd_bytes name)
{
    const struct wd_proto_type *envelope = type_named(x, wd_infer_envelope_name(x->print, x->message->type));
    bool is_new;
    wd_map_put(x->made, name, &is_new);
    if (!is_new) {
        x->out->unplaced++;
        return;
    }
    wd_infer_proto_message(x->print, x->message, name, &x->tail, &x->needs_struct);
    x->out->messages++;
    if (envelope && oneof_of(envelope))
        join(x, all, count, envelope, name);
}

static void compare_all(struct extender *x)
{
    const struct wd_inferred *in = x->print->inferred;
    struct joining *all = wd_arena_array(x->print->arena, struct joining, in->message_count + 1);
    for (size_t m = 0; m < in->message_count; m++) {
        x->message = &in->messages[m];
        struct wd_bytes name = wd_infer_proto_name(x->print, x->message);
        const struct wd_proto_type *type = type_named(x, name);
        const struct wd_inferred_field *object = x->message->root ? object_of(x->message->root) : NULL;
        if (!type)
            add_message(x, all, in->message_count, name);
        else if (object)
            compare(x, type, object);
    }
    for (size_t i = 0; all[i].envelope; i++) {
        put_inside(x, oneof_of(all[i].envelope), &all[i].lines);
        wd_buf_free(&all[i].lines);
    }
}

/* --- the file --- */

static bool imports_struct(const struct extender *x)
{
    static const char name[] = "google/protobuf/struct.proto";
    for (size_t f = 0; f < x->old->protos->set->count; f++) {
        const struct wd_proto_file *file = &x->old->protos->set->files[f];
        for (size_t i = 0; file->document == x->document && i < file->descriptor->n_dependency; i++)
            if (strcmp(file->descriptor->dependency[i], name) == 0)
                return true;
    }
    return false;
}

/* Behind the line of `syntax`, where people look for it; imports may stand anywhere. */
static void put_import(struct extender *x)
{
    static const char line[] = "\nimport \"google/protobuf/struct.proto\";\n";
    struct wd_bytes text = x->document->text;
    for (size_t off = 0; off < text.len; off = wd_line_end(text, off)) {
        if (!wd_bytes_starts(wd_bytes_at(text.at + off, text.len - off), "syntax"))
            continue;
        size_t end = wd_line_end(text, off);
        wd_patch_add(&x->patch, end, end, wd_bytes_of(line));
        return;
    }
    wd_buf_puts(&x->tail, line);
}

static bool is_kept(const struct wd_schema *old, const struct wd_schema *again)
{
    for (size_t i = 0; i < old->protos->type_count; i++) {
        const struct wd_proto_type *before = &old->protos->types[i],
                                   *after = wd_proto_index_type(again->protos, before->name);
        for (size_t f = 0; after && f < before->descriptor->n_field; f++) {
            const Google__Protobuf__FieldDescriptorProto *a = before->descriptor->field[f];
            const struct wd_proto_member *b =
                wd_proto_index_member(again->protos, before->name, (uint32_t)a->number);
            if (!b || strcmp(b->descriptor->name, a->name) != 0 || b->descriptor->type != a->type)
                return false;
        }
        if (!after)
            return false;
    }
    return true;
}

static int prove(const struct extender *x, const struct wd_limits *limits, struct wd_err *err)
{
    struct wd_bytes *texts = wd_arena_array(x->print->arena, struct wd_bytes, x->old->document_count);
    struct wd_schema *again = NULL;
    for (size_t d = 0; d < x->old->document_count; d++)
        texts[d] = x->out->results[d].text;
    TRY(wd_schema_reparse(x->old, texts, limits, &again, err));
    bool is_same = again->protos && is_kept(x->old, again);
    wd_schema_free(again);
    if (is_same)
        return WD_OK;
    return wd_fail(
        err, WD_ESYSTEM, (struct wd_place){ .file = x->document->name },
        "what was added changes what was there, so nothing is written: a bug of ours, please report it");
}

static void write_texts(struct extender *x)
{
    x->out->results = wd_arena_array(x->print->arena, struct wd_edit_result, x->old->document_count);
    if (x->needs_struct && !imports_struct(x))
        put_import(x);
    if (x->tail.len)
        wd_patch_add(&x->patch, x->document->text.len, x->document->text.len,
                     wd_arena_copy(x->print->arena, wd_buf_bytes(&x->tail)));
    for (size_t d = 0; d < x->old->document_count; d++)
        x->out->results[d] =
            (struct wd_edit_result){ .document = x->old->documents[d], .text = x->old->documents[d]->text };
    x->out->results[0].text = wd_patch_make(&x->patch, x->print->arena);
}

int wd_extend_proto(const struct wd_infer_print *print, const struct wd_schema *old,
                    const struct wd_limits *limits, struct wd_extension *out, struct wd_err *err)
{
    struct extender x = { .print = print, .old = old, .document = old->documents[0], .out = out,
                          .patch.text = old->documents[0]->text, .made = wd_map_open(),
                          .grown = wd_map_open() };
    *out = (struct wd_extension){ 0 };
    compare_all(&x);
    put_growths(&x);
    write_texts(&x);
    wd_buf_free(&x.tail);
    wd_map_close(x.made);
    wd_map_close(x.grown);
    return prove(&x, limits, err);
}
