/* schema/proto_fields.c - level by level: what stands higher is declared before what stands deeper.
 *
 *     Envelope          visit 0   "."            order -> visit 1, seq
 *     └─ Order          visit 1   order          id, symbol, trader -> visit 2, ...
 *        └─ Trader      visit 2   order.trader   id, name, ...
 */
#include "schema/proto_fields.h"

#include <inttypes.h>

#include "base/escape.h"
#include "model/path.h"
#include "schema/fieldset.h"

enum { NONE = SIZE_MAX };

/* In a schema where every message holds every other, following each once would never end: past so many fields
 * none is. */
enum { MANY = 1000 };

/* A message that stands at a path. */
struct visit {
    const struct wd_proto_message *message;
    struct wd_bytes path; /* "" at the top */
    struct wd_decl decl;  /* of the field that led here */
    size_t above, depth;  /* the visit that it was found in, and how many are around it */
    bool is_shared;
};

struct walk {
    const struct wd_proto_flatten *f;
    const struct wd_proto_type *type;
    struct wd_fieldset set;
    struct visit *visits; /* the list grows behind the place that is looked at */
    size_t count, cap;
    struct wd_buf path;
    bool states_wirediet;
};

static struct wd_bytes written(struct wd_bytes path)
{
    return path.len ? path : wd_bytes_of(".");
}

static int fail_at(const struct walk *w, const struct wd_decl *decl, const char *what, const char *limit)
{
    struct wd_shown shown;
    return wd_fail(w->f->err, WD_EPARSE, decl->at, "in message '%s': %s; raise it with --limit %s=...",
                   wd_show(&shown, w->type->name), what, limit);
}

/* --- declarations --- */

static struct wd_decl decl_of_type(const struct walk *w, const struct wd_proto_type *type, bool is_shared)
{
    struct wd_decl decl = { .document = type->file->document,
                            .object = type->node,
                            .container = type->node,
                            .member = type->node,
                            .is_shared = is_shared,
                            .at = wd_proto_index_place(w->f->index, type->file, type->node) };
    return decl;
}

static bool is_in_oneof(const struct wd_proto_member *member)
{
    const Google__Protobuf__FieldDescriptorProto *d = member->descriptor;
    return d->has_oneof_index && !d->proto3_optional && !d->extendee;
}

/* Of a field without text of its own (the value of a map) it is that of the field around it. */
static struct wd_decl decl_of_member(const struct walk *w, const struct visit *v,
                                     const struct wd_proto_member *member)
{
    struct wd_decl decl = v->decl;
    if (member && member->node) {
        decl.document = member->file->document;
        decl.container = member->node->parent;
        decl.object = is_in_oneof(member) ? decl.container->parent : decl.container;
        decl.member = member->node;
        decl.at = wd_proto_index_place(w->f->index, member->file, member->node);
    }
    decl.is_shared = v->is_shared;
    return decl;
}

/* --- types and defaults --- */

static uint32_t types_of(const struct wd_proto_field *field)
{
    enum { INTEGER = 1u << WD_TYPE_INTEGER, NUMBER = 1u << WD_TYPE_NUMBER | INTEGER };
    static const uint32_t types[] = {
        [WD_PROTO_DOUBLE] = NUMBER,    [WD_PROTO_FLOAT] = NUMBER,     [WD_PROTO_INT64] = INTEGER,
        [WD_PROTO_UINT64] = INTEGER,   [WD_PROTO_INT32] = INTEGER,    [WD_PROTO_FIXED64] = INTEGER,
        [WD_PROTO_FIXED32] = INTEGER,  [WD_PROTO_UINT32] = INTEGER,   [WD_PROTO_ENUM] = INTEGER,
        [WD_PROTO_SFIXED32] = INTEGER, [WD_PROTO_SFIXED64] = INTEGER, [WD_PROTO_SINT32] = INTEGER,
        [WD_PROTO_SINT64] = INTEGER,   [WD_PROTO_BOOL] = 1u << WD_TYPE_BOOLEAN,
        [WD_PROTO_STRING] = 1u << WD_TYPE_STRING, [WD_PROTO_BYTES] = 1u << WD_TYPE_BYTES,
        [WD_PROTO_GROUP] = 1u << WD_TYPE_OBJECT,  [WD_PROTO_MESSAGE] = 1u << WD_TYPE_OBJECT,
    };
    return field->kind < WD_COUNT(types) ? types[field->kind] : 0;
}

/* The number of an enum's value; the text of any other default is JSON already, but for inf and nan. */
static struct wd_bytes number_of(const struct walk *w, const struct wd_proto_member *member,
                                 struct wd_bytes text)
{
    const Google__Protobuf__EnumDescriptorProto *e =
        wd_proto_index_enum(w->f->index, wd_bytes_of(member->descriptor->type_name));
    for (size_t i = 0; e && i < e->n_value; i++)
        if (wd_bytes_is(text, e->value[i]->name))
            return wd_arena_printf(w->f->arena, "%" PRId32, e->value[i]->number);
    return (struct wd_bytes){ 0 };
}

static struct wd_bytes stated_default(const struct walk *w, const struct wd_proto_field *field,
                                      const struct wd_proto_member *member)
{
    struct wd_bytes text = wd_bytes_of(member->descriptor->default_value);
    bool is_odd = !text.len || text.at[0] == 'i' || text.at[0] == 'n' || wd_bytes_is(text, "-inf");
    struct wd_buf json = { 0 };
    switch (field->kind) {
    case WD_PROTO_BYTES: return (struct wd_bytes){ 0 };
    case WD_PROTO_ENUM: return number_of(w, member, text);
    case WD_PROTO_STRING: wd_path_put_quoted(&json, text); break;
    default: wd_buf_put(&json, is_odd ? (struct wd_bytes){ 0 } : text);
    }
    struct wd_bytes kept = wd_arena_copy(w->f->arena, wd_buf_bytes(&json));
    wd_buf_free(&json);
    return kept;
}

/* proto3 without `optional`: what is not sent is zero. */
static bool is_zero_when_absent(const struct wd_proto_field *field, const struct wd_proto_member *member)
{
    const char *syntax = member->file->descriptor->syntax;
    return syntax && strcmp(syntax, "proto3") == 0 && !field->is_repeated && !field->message &&
           field->oneof < 0 && !member->descriptor->proto3_optional;
}

static void read_default(const struct walk *w, const struct wd_proto_field *field,
                         const struct wd_proto_member *member, struct wd_schema_field *out)
{
    uint32_t types = types_of(field);
    if (member->descriptor->default_value)
        out->default_value.json = stated_default(w, field, member);
    else if (is_zero_when_absent(field, member))
        out->default_value.json = wd_bytes_of(types & 1u << WD_TYPE_BOOLEAN   ? "false"
                                              : types & 1u << WD_TYPE_INTEGER ? "0"
                                                                              : "\"\"");
    out->has_default = out->default_value.json.len > 0;
}

/* --- one field --- */

static void read_words(struct walk *w, const struct wd_proto_member *member, struct wd_schema_field *out)
{
    struct wd_proto_words words = wd_proto_words_of_field(w->f->options, member, w->f->arena);
    const Google__Protobuf__FieldOptions *options = member->descriptor->options;
    out->description = words.description;
    out->is_described = words.description.len > 0;
    out->purpose = words.purpose;
    out->owner = words.owner;
    out->changes = words.changes;
    out->privacy = words.privacy;
    out->privacy_category = words.category;
    out->is_deprecated = options && options->has_deprecated && options->deprecated;
    w->states_wirediet |= words.states_wirediet;
}

static bool is_required(const struct wd_proto_member *member)
{
    return member->descriptor->label == GOOGLE__PROTOBUF__FIELD_DESCRIPTOR_PROTO__LABEL__LABEL_REQUIRED;
}

/* `field` as the message at hand declares it; `member` is the same in the text. */
static void describe(struct walk *w, const struct wd_proto_field *field, const struct wd_proto_member *member,
                     struct wd_schema_field *out)
{
    const struct wd_proto_field *value =
        field->is_map && field->message->field_count == 2 ? &field->message->fields[1] : field;
    out->types = types_of(value);
    out->is_closed = value->message != NULL;
    out->is_map = field->is_map;
    out->is_conditional = field->oneof >= 0;
    if (!member)
        return;
    out->is_required = is_required(member);
    read_default(w, field, member, out);
    read_words(w, member, out);
}

static int spend(struct walk *w, const struct wd_decl *decl)
{
    if (w->set.count > w->f->limits->fields)
        return fail_at(w, decl, "too many fields", "fields");
    if (w->path.len > w->f->limits->path)
        return fail_at(w, decl, "a field's path is too long", "path");
    if (++*w->f->visited > w->f->limits->yaml_nodes)
        return fail_at(w, decl, "all messages together unfold to too many fields", "yaml-nodes");
    return WD_OK;
}

/* --- messages in messages --- */

/* How often the message stands around what is found in visit `at`. */
static unsigned returns(const struct walk *w, size_t at, const struct wd_proto_message *message)
{
    unsigned count = 0;
    for (; at != NONE; at = w->visits[at].above)
        count += w->visits[at].message == message;
    return count;
}

static bool ends_here(const struct walk *w, size_t at, const struct wd_proto_message *message)
{
    unsigned count = returns(w, at, message);
    return count > 1 || (count && w->set.count > MANY);
}

static int visit_later(struct walk *w, size_t above, const struct wd_proto_message *message,
                       struct wd_bytes path, const struct wd_decl *decl)
{
    const struct wd_proto_type *type = wd_proto_index_type(w->f->index, message->name);
    size_t depth = above == NONE ? 0 : w->visits[above].depth + 1;
    if (depth > w->f->limits->schema_depth)
        return fail_at(w, decl, "messages are nested too deep", "schema-depth");
    WD_GROW(w->visits, w->count, w->cap);
    w->visits[w->count++] =
        (struct visit){ message, path, *decl, above, depth, decl->is_shared || (type && type->uses > 1) };
    return WD_OK;
}

/* What the message at the field's place holds comes later, unless it came often enough, or nobody knows. */
static int go_below(struct walk *w, size_t at, const struct wd_proto_message *message, struct wd_entry *entry)
{
    bool is_known = wd_proto_index_type(w->f->index, message->name) != NULL;
    if (!is_known || ends_here(w, at, message)) {
        entry->field.is_free = true;
        entry->field.is_closed = false;
        return WD_OK;
    }
    return visit_later(w, at, message, entry->field.path, &entry->field.decls[0]);
}

static void put_path(struct walk *w, struct wd_bytes above, const struct wd_proto_field *field)
{
    wd_buf_reset(&w->path);
    wd_buf_put(&w->path, above);
    wd_path_put_member(&w->path, field->name);
    wd_buf_puts(&w->path, field->is_map ? "{}" : field->is_repeated ? "[]" : "");
}

static int add_field(struct walk *w, size_t at, const struct wd_proto_field *field)
{
    const struct visit v = w->visits[at];
    const struct wd_proto_member *member = wd_proto_index_member(w->f->index, v.message->name, field->number);
    struct wd_decl decl = decl_of_member(w, &v, member);
    put_path(w, v.path, field);
    TRY(spend(w, &decl));
    struct wd_entry *entry =
        wd_fieldset_put(&w->set, wd_arena_copy(w->f->arena, wd_buf_bytes(&w->path)), v.path.len);
    wd_entry_add_decl(&w->set, entry, &decl);
    describe(w, field, member, &entry->field);
    const struct wd_proto_message *below = field->message;
    if (field->is_map)
        below = below->field_count == 2 ? below->fields[1].message : NULL;
    return below ? go_below(w, at, below, entry) : WD_OK;
}

/* --- the top --- */

static int add_top(struct walk *w, const struct wd_proto_type *type)
{
    struct wd_decl decl = decl_of_type(w, type, type->uses > 1);
    struct wd_entry *entry = wd_fieldset_put(&w->set, wd_bytes_of("."), SIZE_MAX);
    wd_entry_add_decl(&w->set, entry, &decl);
    const Google__Protobuf__MessageOptions *options = type->descriptor->options;
    struct wd_proto_words words = wd_proto_words_of_message(w->f->options, type, w->f->arena);
    entry->field.types = 1u << WD_TYPE_OBJECT;
    entry->field.is_closed = true;
    entry->field.is_deprecated = options && options->has_deprecated && options->deprecated;
    entry->field.description = words.description;
    entry->field.is_described = words.description.len > 0;
    entry->field.privacy = words.privacy;
    entry->field.privacy_category = words.category;
    return visit_later(w, NONE, type->layout.proto, wd_bytes_of(""), &decl);
}

/* In an envelope the set member is always there, the others never. */
static bool is_left_out(const struct wd_proto_field *member, const struct wd_proto_field *field)
{
    return member && field != member && field->oneof == member->oneof;
}

static int walk(struct walk *w, const struct wd_proto_type *type, const struct wd_proto_field *member)
{
    TRY(add_top(w, type));
    for (size_t v = 0; v < w->count; v++) {
        const struct wd_proto_message *message = w->visits[v].message;
        for (size_t f = 0; f < message->field_count; f++)
            if (v || !is_left_out(member, &message->fields[f]))
                TRY(add_field(w, v, &message->fields[f]));
    }
    struct wd_entry *set = member ? wd_fieldset_find(&w->set, written(member->name)) : NULL;
    if (set)
        set->field.is_conditional = false;
    return WD_OK;
}

int wd_proto_fields(const struct wd_proto_flatten *flatten, const struct wd_proto_type *type,
                    const struct wd_proto_field *member, struct wd_schema_message *out)
{
    struct walk w = { .f = flatten, .type = type, .set = wd_fieldset_open(flatten->arena) };
    int rc = walk(&w, type, member);
    if (rc >= 0)
        wd_fieldset_finish(&w.set, flatten->arena, &out->fields, &out->field_count);
    out->states_wirediet |= w.states_wirediet;
    wd_fieldset_free(&w.set);
    wd_free(w.visits);
    wd_buf_free(&w.path);
    return rc;
}
