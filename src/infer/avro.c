/* infer/avro.c - Avro 1.11: a record, or a union of them.
 *
 *     {"name": "fan", "type": ["null", "long"], "default": null}     not in each message, or null
 *     {"name": "a_b", "type": "string", "x-wirediet": {"key": "a b"}}   a name that Avro does not allow
 *
 * A record is called by its path, since names are those of the whole file: MetricsHost.
 */
#include "infer/names.h"
#include "infer/printer.h"
#include "infer/tree.h"

struct writer {
    const struct wd_infer_print *p;
    const struct wd_inferred_message *message;
    struct wd_name_scope *types;
};

static struct wd_node *type_of(struct writer *w, const struct wd_inferred_field *field, struct wd_bytes name,
                               bool is_optional);

static struct wd_node *word(const struct writer *w, const char *literal)
{
    return wd_make_word(w->p->arena, literal);
}

static struct wd_bytes joined(const struct writer *w, struct wd_bytes name, struct wd_bytes key)
{
    struct wd_bytes last = wd_name_make(WD_NAME_TYPE, key, "Object", w->p->arena);
    return wd_arena_printf(w->p->arena, "%.*s%.*s", (int)name.len, (const char *)name.at, (int)last.len,
                           (const char *)last.at);
}

/* --- records --- */

static struct wd_node *field_of(struct writer *w, const struct wd_inferred_field *field,
                                struct wd_bytes record, struct wd_name_scope *names)
{
    struct wd_node *node = wd_make_map(w->p->arena, true);
    struct wd_bytes name = wd_name_take(names, wd_name_make(WD_NAME_PLAIN, field->key, "field", w->p->arena));
    bool is_same = wd_bytes_eq(name, field->key), is_optional = !field->is_required;
    struct wd_node *type = type_of(w, field, joined(w, record, field->key), is_optional);
    wd_node_set(node, "name", wd_make_text(w->p->arena, name));
    wd_node_set(node, "type", type);
    if (type->kind == WD_NODE_LIST && wd_bytes_is(type->first->text, "null"))
        wd_node_set(node, "default", wd_make_null(w->p->arena));
    wd_infer_measure_field(w->p, w->message, field, is_same ? NULL : &field->key, node);
    return node;
}

static struct wd_node *record_of(struct writer *w, const struct wd_inferred_field *object,
                                 struct wd_bytes name)
{
    struct wd_node *record = wd_make_map(w->p->arena, false), *fields = wd_make_list(w->p->arena, false);
    struct wd_name_scope names = wd_name_scope_open(w->p->arena, true);
    name = wd_name_take(w->types, name);
    wd_node_set(record, "type", word(w, "record"));
    wd_node_set(record, "name", wd_make_text(w->p->arena, name));
    for (size_t i = 0; i < object->member_count; i++)
        wd_node_add(fields, field_of(w, object->members[i], name, &names));
    wd_node_set(record, "fields", fields);
    wd_name_scope_close(&names);
    return record;
}

/* --- other types --- */

static struct wd_node *collection_of(struct writer *w, const char *type, const char *what,
                                     const struct wd_inferred_field *held, struct wd_bytes name)
{
    struct wd_node *node = wd_make_map(w->p->arena, true);
    wd_node_set(node, "type", word(w, type));
    wd_node_set(node, what,
                held ? type_of(w, held, joined(w, name, wd_bytes_of("item")), false) : word(w, "null"));
    return node;
}

static bool are_symbols(const struct wd_inferred_field *field)
{
    for (size_t i = 0; i < field->word_count; i++)
        for (size_t k = 0; k < field->words[i].len; k++)
            if (strchr("-.", field->words[i].at[k]))
                return false;
    return field->word_count > 0;
}

static struct wd_node *string_of(struct writer *w, const struct wd_inferred_field *field,
                                 struct wd_bytes name)
{
    struct wd_node *node = wd_make_map(w->p->arena, true);
    bool is_uuid = field->strings && field->formats == 1u << WD_STRING_UUID;
    if (!is_uuid && !are_symbols(field))
        return word(w, "string");
    wd_node_set(node, "type", word(w, is_uuid ? "string" : "enum"));
    if (is_uuid) {
        wd_node_set(node, "logicalType", word(w, "uuid"));
        return node;
    }
    struct wd_node *symbols = wd_make_list(w->p->arena, true);
    for (size_t i = 0; i < field->word_count; i++)
        wd_node_add(symbols, wd_make_text(w->p->arena, field->words[i]));
    wd_node_set(node, "name", wd_make_text(w->p->arena, wd_name_take(w->types, name)));
    wd_node_set(node, "symbols", symbols);
    return node;
}

static struct wd_node *object_of(struct writer *w, const struct wd_inferred_field *field,
                                 struct wd_bytes name)
{
    if (!field->entry)
        return record_of(w, field, name);
    return collection_of(w, "map", "values", wd_infer_any_member(field, w->p->arena), name);
}

static struct wd_node *branch_of(struct writer *w, int type, const struct wd_inferred_field *field,
                                 struct wd_bytes name)
{
    switch ((enum wd_type)type) {
    case WD_TYPE_NULL: return word(w, "null");
    case WD_TYPE_BOOLEAN: return word(w, "boolean");
    case WD_TYPE_INTEGER: return word(w, field->is_wide ? "double" : "long");
    case WD_TYPE_NUMBER: return word(w, "double");
    case WD_TYPE_STRING: return string_of(w, field, name);
    case WD_TYPE_ARRAY: return collection_of(w, "array", "items", field->element, name);
    case WD_TYPE_OBJECT: return object_of(w, field, name);
    default: return word(w, "bytes");
    }
}

static struct wd_node *type_of(struct writer *w, const struct wd_inferred_field *field, struct wd_bytes name,
                               bool is_optional)
{
    struct wd_node *list = wd_make_list(w->p->arena, true);
    uint32_t types = field->types | (is_optional ? 1u << WD_TYPE_NULL : 0);
    if (types & 1u << WD_TYPE_NUMBER)
        types &= ~(1u << WD_TYPE_INTEGER);
    for (int t = 0; t < WD_TYPE_COUNT; t++)
        if (types & 1u << t)
            wd_node_add(list, branch_of(w, t, field, name));
    if (list->count != 1)
        return list->count ? list : word(w, "null");
    struct wd_node *only = list->first;
    only->parent = NULL;
    return only;
}

/* --- the file --- */

static struct wd_node *message_of(struct writer *w)
{
    static const struct wd_inferred_field bytes = { .types = 1u << WD_TYPE_BYTES };
    const struct wd_inferred_field *root = w->message->root ? w->message->root : &bytes;
    struct wd_bytes name = wd_name_make(WD_NAME_TYPE, w->message->key, "Message", w->p->arena);
    struct wd_node *node = type_of(w, root, name, false);
    if (node->kind == WD_NODE_MAP) {
        wd_node_set(node, "doc", wd_make_text(w->p->arena, w->message->type->name));
        wd_infer_measure_message(w->p, w->message, node);
    }
    return node;
}

static struct wd_bytes kind_of(const struct wd_node *node)
{
    return node->kind == WD_NODE_MAP ? node->first->text : node->text;
}

/* A union has each type once, save what has a name, and no unions. */
static bool can_hold(const struct wd_node *list, const struct wd_node *node)
{
    if (node->kind == WD_NODE_LIST || wd_bytes_is(kind_of(node), "record"))
        return node->kind != WD_NODE_LIST;
    for (const struct wd_node *n = list->first; n; n = n->next)
        if (wd_bytes_eq(kind_of(n), kind_of(node)))
            return false;
    return true;
}

static void print(const struct wd_infer_print *p, struct wd_buf *out)
{
    const struct wd_inferred *in = p->inferred;
    struct wd_name_scope types = wd_name_scope_open(p->arena, false);
    struct wd_node *all = wd_make_list(p->arena, false), *only = wd_make_word(p->arena, "null");
    for (size_t m = 0; m < in->message_count; m++) {
        only = message_of(&(struct writer){ p, &in->messages[m], &types });
        if (in->message_count > 1 && can_hold(all, only))
            wd_node_add(all, only);
    }
    wd_write_json(out, in->message_count > 1 ? all : only, 0);
    wd_buf_byte(out, '\n');
    wd_name_scope_close(&types);
}

static const char *const extensions[] = { ".avsc", NULL };
const struct wd_infer_format wd_infer_avro = { "avro", extensions, "Avro 1.11", print };
