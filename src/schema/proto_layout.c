/* schema/proto_layout.c - a FileDescriptorSet, turned over three times: every name gets its place, every
 * field is found with whom it belongs to, and the fields are sorted into their messages.
 *
 *     file ─┬─ message_type ─┬─ nested_type ─ ...      a scope each: inherits names and features from above
 *           ├─ enum_type     ├─ enum_type              closed or open
 *           └─ extension     └─ field, extension       a member of its scope, or of what it extends
 */
#include "schema/proto_layout.h"

#include <stdlib.h>

#include "base/escape.h"
#include "base/map.h"
#include "schema/descriptor.pb-c.h"
#include "schema/proto_features.h"

enum { NAME_BYTES_MAX = 16 << 20, NUMBER_MAX = (1 << 29) - 1 };

typedef Google__Protobuf__FieldDescriptorProto field_proto;

struct scope {
    const Google__Protobuf__FileDescriptorProto *file; /* one of the two */
    const Google__Protobuf__DescriptorProto *message;
    struct wd_bytes name;
    struct wd_proto_features features;
    struct wd_proto_message *layout;
};

struct member {
    struct wd_proto_message *owner;
    size_t order; /* of the owner, so that sorting depends on no address */
    struct wd_proto_field field;
};

struct builder {
    struct wd_arena *arena;
    const char *file;
    struct wd_err *err;
    struct scope *scopes; /* files first; the list grows behind the place that is looked at */
    size_t scope_count, scope_cap;
    struct wd_map *messages; /* full name -> scope + 1 */
    struct wd_map *enums;    /* full name -> 1 open, 2 closed */
    struct member *members;
    size_t member_count, member_cap;
    size_t name_bytes;
};

static int fail(struct builder *b, const char *what, struct wd_bytes name)
{
    struct wd_shown shown;
    return wd_fail(b->err, WD_EPARSE, (struct wd_place){.file = b->file}, "%s '%s'; compile the schema again",
                   what, wd_show(&shown, name));
}

/* --- names --- */

static int full_name(struct builder *b, struct wd_bytes scope, const char *name, struct wd_bytes *out)
{
    struct wd_bytes own = wd_bytes_of(name);
    b->name_bytes += scope.len + own.len + 2;
    if (b->name_bytes > NAME_BYTES_MAX)
        return fail(b, "its names take over 16 MiB, up to", own);
    *out = scope.len ? wd_arena_printf(b->arena, "%.*s.%s", (int)scope.len, (const char *)scope.at,
                                       name ? name : "")
                     : wd_arena_copy(b->arena, own);
    return WD_OK;
}

static int add_message(struct builder *b, size_t above, const Google__Protobuf__DescriptorProto *message)
{
    WD_GROW(b->scopes, b->scope_count, b->scope_cap);
    const struct scope *up = &b->scopes[above];
    struct scope scope = {.message = message, .layout = wd_arena_new(b->arena, struct wd_proto_message)};
    const ProtobufCMessage *options = message->options ? &message->options->base : NULL;
    scope.features = wd_proto_features_under(up->features, options, WD_PROTO_MESSAGE_FEATURES);
    TRY(full_name(b, up->name, message->name, &scope.name));
    scope.layout->name = scope.name;
    scope.layout->envelope = -1;
    bool is_new;
    uint64_t *at = wd_map_put(b->messages, scope.name, &is_new);
    if (!is_new)
        return fail(b, "two messages are called", scope.name);
    b->scopes[b->scope_count++] = scope;
    *at = b->scope_count;
    return WD_OK;
}

static int add_enum(struct builder *b, const struct scope *up, const Google__Protobuf__EnumDescriptorProto *e)
{
    struct wd_bytes name;
    const ProtobufCMessage *options = e->options ? &e->options->base : NULL;
    TRY(full_name(b, up->name, e->name, &name));
    *wd_map_put(b->enums, name, NULL) =
        wd_proto_features_under(up->features, options, WD_PROTO_ENUM_FEATURES).enum_type;
    return WD_OK;
}

static int add_types(struct builder *b, size_t above)
{
    const Google__Protobuf__FileDescriptorProto *file = b->scopes[above].file;
    const Google__Protobuf__DescriptorProto *message = b->scopes[above].message;
    for (size_t i = 0; i < (file ? file->n_message_type : message->n_nested_type); i++)
        TRY(add_message(b, above, file ? file->message_type[i] : message->nested_type[i]));
    for (size_t i = 0; i < (file ? file->n_enum_type : message->n_enum_type); i++)
        TRY(add_enum(b, &b->scopes[above], file ? file->enum_type[i] : message->enum_type[i]));
    return WD_OK;
}

static int add_file(struct builder *b, const Google__Protobuf__FileDescriptorProto *file)
{
    WD_GROW(b->scopes, b->scope_count, b->scope_cap);
    struct scope *scope = &b->scopes[b->scope_count++];
    const ProtobufCMessage *options = file->options ? &file->options->base : NULL;
    *scope = (struct scope){.file = file};
    scope->features =
        wd_proto_features_under(wd_proto_features_of(file->syntax), options, WD_PROTO_FILE_FEATURES);
    return full_name(b, (struct wd_bytes){ 0 }, file->package, &scope->name);
}

static int add_names(struct builder *b, const Google__Protobuf__FileDescriptorSet *set)
{
    for (size_t i = 0; i < set->n_file; i++)
        TRY(add_file(b, set->file[i]));
    for (size_t i = 0; i < b->scope_count; i++)
        TRY(add_types(b, i));
    return WD_OK;
}

/* What a compiler refers to starts with a dot; it is not looked for in enclosing scopes. */
static struct wd_bytes referred(const char *name)
{
    return wd_bytes_of(name && name[0] == '.' ? name + 1 : name);
}

static struct scope *message_called(const struct builder *b, const char *name)
{
    const uint64_t *at = wd_map_get(b->messages, referred(name));
    return at ? &b->scopes[*at - 1] : NULL;
}

/* --- fields --- */

/* A parser that resolves no names leaves the type open. */
static uint8_t kind_of(const struct builder *b, const field_proto *f)
{
    if (f->has_type)
        return (int)f->type >= WD_PROTO_DOUBLE && (int)f->type <= WD_PROTO_SINT64 ? (uint8_t)f->type : 0;
    return wd_map_get(b->enums, referred(f->type_name)) ? WD_PROTO_ENUM : f->type_name ? WD_PROTO_MESSAGE : 0;
}

static bool is_key(uint8_t kind)
{
    return kind && kind != WD_PROTO_DOUBLE && kind != WD_PROTO_FLOAT && kind != WD_PROTO_GROUP &&
           kind != WD_PROTO_MESSAGE && kind != WD_PROTO_BYTES && kind != WD_PROTO_ENUM;
}

static bool is_repeated(const field_proto *f)
{
    return f->label == GOOGLE__PROTOBUF__FIELD_DESCRIPTOR_PROTO__LABEL__LABEL_REPEATED;
}

/* An entry has a key, 1, and a value, 2, and nothing else: the walker counts on it. */
static bool is_map_entry(const struct builder *b, const Google__Protobuf__DescriptorProto *m)
{
    if (!m->options || !m->options->map_entry || m->n_field != 2)
        return false;
    bool is_in_order = m->field[0]->number == 1;
    const field_proto *key = m->field[!is_in_order], *value = m->field[is_in_order];
    return key->number == 1 && value->number == 2 && is_key(kind_of(b, key)) &&
           kind_of(b, value) != WD_PROTO_GROUP && !is_repeated(key) && !is_repeated(value);
}

static bool can_be_packed(uint8_t kind)
{
    return kind != WD_PROTO_STRING && kind != WD_PROTO_GROUP && kind != WD_PROTO_MESSAGE &&
           kind != WD_PROTO_BYTES;
}

/* A message that the set does not hold. */
static const struct wd_proto_message *foreign_message(struct builder *b, const char *name)
{
    struct wd_proto_message *message = wd_arena_new(b->arena, struct wd_proto_message);
    message->name = wd_arena_copy(b->arena, referred(name));
    message->envelope = -1;
    return message;
}

static void refer(struct builder *b, const struct scope *in, struct wd_proto_features features,
                  const field_proto *f, struct wd_proto_field *out)
{
    const uint64_t *closed = out->kind == WD_PROTO_ENUM ? wd_map_get(b->enums, referred(f->type_name)) : NULL;
    out->is_enum_closed = closed && *closed == WD_PROTO_CLOSED;
    if (out->kind != WD_PROTO_MESSAGE && out->kind != WD_PROTO_GROUP)
        return;
    const struct scope *target = message_called(b, f->type_name);
    out->message = target ? target->layout : foreign_message(b, f->type_name);
    out->is_map =
        out->kind == WD_PROTO_MESSAGE && out->is_repeated && target && is_map_entry(b, target->message);
    bool is_entry = in->message && in->message->options && in->message->options->map_entry;
    if (features.message_encoding == WD_PROTO_DELIMITED && !out->is_map && !is_entry)
        out->kind = WD_PROTO_GROUP;
}

static int check(struct builder *b, const struct scope *in, const struct wd_proto_field *f, int32_t number)
{
    if (!f->name.len)
        return fail(b, "no name has a field of", in->name);
    if (number < 1 || number > NUMBER_MAX)
        return fail(b, "no number from 1 to 536870911 has the field", f->name);
    if (!f->kind)
        return fail(b, "no type of Protobuf has the field", f->name);
    return WD_OK;
}

/* What a oneof states holds for its fields. */
static struct wd_proto_features features_of(const struct scope *in, const field_proto *f)
{
    struct wd_proto_features features = in->features;
    bool has_oneof = in->message && f->has_oneof_index && !f->extendee && f->oneof_index >= 0 &&
                     (size_t)f->oneof_index < in->message->n_oneof_decl;
    if (has_oneof && in->message->oneof_decl[f->oneof_index]->options)
        features = wd_proto_features_under(features, &in->message->oneof_decl[f->oneof_index]->options->base,
                                           WD_PROTO_ONEOF_FEATURES);
    return wd_proto_features_under(features, f->options ? &f->options->base : NULL, WD_PROTO_FIELD_FEATURES);
}

static int read_field(struct builder *b, const struct scope *in, const field_proto *f,
                      struct wd_proto_field *out)
{
    struct wd_proto_features features = features_of(in, f);
    out->number = (uint32_t)f->number;
    out->kind = kind_of(b, f);
    out->is_repeated = is_repeated(f);
    TRY(check(b, in, out, f->number));
    bool is_packed = f->options && f->options->has_packed ? f->options->packed
                                                          : features.repeated_encoding == WD_PROTO_PACKED;
    out->is_packed = out->is_repeated && is_packed && can_be_packed(out->kind);
    out->oneof = f->has_oneof_index && !f->proto3_optional && !f->extendee ? f->oneof_index : -1;
    refer(b, in, features, f, out);
    return WD_OK;
}

static int add_member(struct builder *b, const struct scope *in, const struct scope *owner,
                      const field_proto *f)
{
    WD_GROW(b->members, b->member_count, b->member_cap);
    struct member *m = &b->members[b->member_count++];
    *m = (struct member){.owner = owner->layout, .order = (size_t)(owner - b->scopes)};
    m->field.name = wd_arena_copy(b->arena, wd_bytes_of(f->name));
    return read_field(b, in, f, &m->field);
}

static int add_extension(struct builder *b, const struct scope *in, const field_proto *f)
{
    const struct scope *owner = message_called(b, f->extendee);
    struct wd_bytes name;
    if (!owner)
        return WD_OK;
    TRY(add_member(b, in, owner, f));
    TRY(full_name(b, in->name, f->name, &name));
    b->members[b->member_count - 1].field.name =
        wd_arena_printf(b->arena, "[%.*s]", (int)name.len, (const char *)name.at);
    return WD_OK;
}

static int add_members(struct builder *b, const struct scope *in)
{
    for (size_t i = 0; in->message && i < in->message->n_field; i++)
        TRY(add_member(b, in, in, in->message->field[i]));
    for (size_t i = 0; i < (in->file ? in->file->n_extension : in->message->n_extension); i++)
        TRY(add_extension(b, in, in->file ? in->file->extension[i] : in->message->extension[i]));
    return WD_OK;
}

/* --- messages --- */

static int by_owner_and_number(const void *a, const void *b)
{
    const struct member *x = a, *y = b;
    if (x->order != y->order)
        return x->order < y->order ? -1 : 1;
    return (x->field.number > y->field.number) - (x->field.number < y->field.number);
}

/* An envelope has one oneof, and at least two messages are its members. */
static int32_t envelope_of(const struct wd_proto_message *m)
{
    int32_t oneof = -1;
    size_t choices = 0;
    for (size_t i = 0; i < m->field_count; i++) {
        const struct wd_proto_field *f = &m->fields[i];
        if (f->oneof < 0)
            continue;
        if (oneof >= 0 && f->oneof != oneof)
            return -1;
        oneof = f->oneof;
        choices += f->message != NULL;
    }
    return choices >= 2 ? oneof : -1;
}

static int take_fields(struct builder *b, const struct member *first, size_t count)
{
    struct wd_proto_field *fields = wd_arena_array(b->arena, struct wd_proto_field, count);
    for (size_t i = 0; i < count; i++) {
        fields[i] = first[i].field;
        if (i && fields[i].number == fields[i - 1].number)
            return fail(b, "the number of another field has", fields[i].name);
    }
    first->owner->fields = fields;
    first->owner->field_count = count;
    first->owner->envelope = envelope_of(first->owner);
    return WD_OK;
}

static int add_fields(struct builder *b)
{
    for (size_t i = 0; i < b->scope_count; i++)
        TRY(add_members(b, &b->scopes[i]));
    if (b->member_count)
        qsort(b->members, b->member_count, sizeof *b->members, by_owner_and_number);
    for (size_t i = 0, n; i < b->member_count; i += n) {
        for (n = 1; i + n < b->member_count && b->members[i + n].order == b->members[i].order;)
            n++;
        TRY(take_fields(b, &b->members[i], n));
    }
    return WD_OK;
}

static int by_name(const void *a, const void *b)
{
    const struct wd_proto_message *const *x = a, *const *y = b;
    return wd_bytes_cmp((*x)->name, (*y)->name);
}

static void list(const struct builder *b, struct wd_proto_layouts *out)
{
    const struct wd_proto_message **at =
        wd_arena_array(b->arena, const struct wd_proto_message *, b->scope_count);
    size_t count = 0;
    for (size_t i = 0; i < b->scope_count; i++)
        if (b->scopes[i].layout)
            at[count++] = b->scopes[i].layout;
    qsort(at, count, sizeof *at, by_name);
    *out = (struct wd_proto_layouts){at, count};
}

static int build(struct builder *b, const Google__Protobuf__FileDescriptorSet *set)
{
    TRY(add_names(b, set));
    return add_fields(b);
}

int wd_proto_layouts(const struct Google__Protobuf__FileDescriptorSet *set, const char *file,
                     struct wd_arena *arena, struct wd_proto_layouts *out, struct wd_err *err)
{
    struct builder b = {
        .arena = arena, .file = file, .err = err, .messages = wd_map_open(), .enums = wd_map_open()};
    int rc = build(&b, set);
    if (rc == WD_OK)
        list(&b, out);
    wd_map_close(b.messages);
    wd_map_close(b.enums);
    wd_free(b.scopes);
    wd_free(b.members);
    return rc;
}

const struct wd_proto_message *wd_proto_layouts_find(const struct wd_proto_layouts *layouts,
                                                     struct wd_bytes name)
{
    size_t low = 0, high = layouts->count;
    if (name.len && name.at[0] == '.')
        name = wd_bytes_at(name.at + 1, name.len - 1);
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = wd_bytes_cmp(layouts->at[middle]->name, name);
        if (order == 0)
            return layouts->at[middle];
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}
