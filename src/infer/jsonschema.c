/* infer/jsonschema.c - JSON Schema 2020-12.
 *
 *     type: object
 *     required: [type, host]           in each of enough messages, or of enough objects that could hold it
 *     properties:
 *       host: { type: string }
 *       rates:
 *         type: object
 *         additionalProperties: ...    a map
 *
 * Nothing is said that would have to be taken back: objects stay open, ranges and lengths are not stated.
 */
#include "infer/printer.h"

bool wd_infer_is_numbered(const struct wd_inferred_message *message)
{
    const char *codec = message->type->codec;
    uint64_t number;
    if (!message->root || !codec || strcmp(codec, "protobuf") != 0)
        return false;
    for (size_t i = 0; i < message->root->member_count; i++)
        if (!wd_bytes_uint(message->root->members[i]->key, &number))
            return false;
    return true;
}

int wd_infer_one_type(const struct wd_inferred_field *field)
{
    uint32_t types = field->types & ~(1u << WD_TYPE_NULL);
    if (types & 1u << WD_TYPE_NUMBER)
        types &= ~(1u << WD_TYPE_INTEGER);
    return types && !(types & (types - 1)) ? __builtin_ctz(types) : -1;
}

/* --- types --- */

static void add_type(const struct wd_infer_print *p, struct wd_node *list, const char *name)
{
    wd_node_add(list, wd_make_word(p->arena, name));
}

/* What was only ever null can be anything; so can what JSON has no type for. */
static bool is_typed(const struct wd_inferred_field *field)
{
    return field->types & ~(1u << WD_TYPE_NULL) && !(field->types & 1u << WD_TYPE_BYTES);
}

static void put_types(const struct wd_infer_print *p, const struct wd_inferred_field *field,
                      struct wd_node *schema)
{
    static const uint8_t order[] = { WD_TYPE_OBJECT, WD_TYPE_ARRAY,   WD_TYPE_STRING, WD_TYPE_NUMBER,
                                     WD_TYPE_INTEGER, WD_TYPE_BOOLEAN, WD_TYPE_NULL };
    uint32_t types = field->types;
    if (!is_typed(field))
        return;
    if (types & 1u << WD_TYPE_NUMBER)
        types &= ~(1u << WD_TYPE_INTEGER);
    struct wd_node *list = wd_make_list(p->arena, true);
    for (size_t i = 0; i < sizeof order; i++)
        if (types & 1u << order[i])
            add_type(p, list, wd_type_names[order[i]]);
    wd_node_set(schema, "type", list->count == 1 ? wd_make_text(p->arena, list->first->text) : list);
}

static const char *format_of(const struct wd_inferred_field *field)
{
    if (!field->strings || !field->formats || field->formats == WD_STRING_FORMATS_ALL || field->word_count)
        return NULL;
    return wd_string_format_names[__builtin_ctz(field->formats)];
}

static void put_words(const struct wd_infer_print *p, const struct wd_inferred_field *field,
                      struct wd_node *schema)
{
    struct wd_node *list = wd_make_list(p->arena, true);
    for (size_t i = 0; i < field->word_count; i++)
        wd_node_add(list, wd_make_text(p->arena, field->words[i]));
    if (field->types & 1u << WD_TYPE_NULL)
        wd_node_add(list, wd_make_null(p->arena));
    wd_node_set(schema, "enum", list);
}

static void put_values(const struct wd_infer_print *p, const struct wd_inferred_field *field,
                       struct wd_node *schema)
{
    const char *format = format_of(field);
    if (field->constant.len)
        wd_node_set(schema, "const", wd_make_text(p->arena, field->constant));
    if (field->word_count)
        put_words(p, field, schema);
    if (format)
        wd_node_set(schema, "format", wd_make_word(p->arena, format));
}

/* --- containers --- */

static void put_required(const struct wd_infer_print *p, const struct wd_inferred_field *field,
                         struct wd_node *schema)
{
    struct wd_node *list = wd_make_list(p->arena, true);
    for (size_t i = 0; i < field->member_count; i++)
        if (field->members[i]->is_required)
            wd_node_add(list, wd_make_text(p->arena, field->members[i]->key));
    if (list->count)
        wd_node_set(schema, "required", list);
}

static struct wd_node *member_of(const struct wd_infer_print *p, const struct wd_inferred_message *message,
                                 const struct wd_inferred_field *member)
{
    struct wd_node *schema = wd_infer_schema(p, message, member);
    wd_infer_measure_field(p, message, member, NULL, schema);
    return schema;
}

static void put_members(const struct wd_infer_print *p, const struct wd_inferred_message *message,
                        const struct wd_inferred_field *field, struct wd_node *schema)
{
    struct wd_node *properties = wd_make_map(p->arena, false);
    put_required(p, field, schema);
    for (size_t i = 0; i < field->member_count; i++)
        wd_node_put(properties, field->members[i]->key, member_of(p, message, field->members[i]));
    if (field->member_count)
        wd_node_set(schema, "properties", properties);
    if (field->entry)
        wd_node_set(schema, "additionalProperties", wd_infer_schema(p, message, field->entry));
    else if (field->is_left_open)
        wd_node_set(schema, "additionalProperties", wd_make_true(p->arena));
}

static bool has_lines(const struct wd_inferred_field *field)
{
    return field->member_count || field->entry || field->element;
}

struct wd_node *wd_infer_schema(const struct wd_infer_print *p, const struct wd_inferred_message *message,
                                const struct wd_inferred_field *field)
{
    struct wd_node *schema = wd_make_map(p->arena, !has_lines(field));
    put_types(p, field, schema);
    put_values(p, field, schema);
    put_members(p, message, field, schema);
    if (field->element)
        wd_node_set(schema, "items", wd_infer_schema(p, message, field->element));
    return schema;
}

/* --- documents --- */

static void put_schema_of(const struct wd_infer_print *p, const struct wd_inferred_message *message,
                          struct wd_node *into)
{
    wd_infer_measure_message(p, message, into);
    if (!message->root || wd_infer_is_numbered(message))
        return;
    const struct wd_node *schema = wd_infer_schema(p, message, message->root);
    for (struct wd_node *n = schema->first, *next; n; n = next) {
        next = n->next;
        n->next = NULL;
        wd_node_add(into, n);
    }
}

static struct wd_node *definition_of(const struct wd_infer_print *p,
                                     const struct wd_inferred_message *message)
{
    struct wd_node *definition = wd_make_map(p->arena, false);
    wd_node_set(definition, "title", wd_make_text(p->arena, message->type->name));
    put_schema_of(p, message, definition);
    return definition;
}

/* Each message is told apart by a constant: then it is exactly one of them. */
static bool are_told_apart(const struct wd_inferred *in)
{
    for (size_t m = 0; m < in->message_count; m++) {
        const struct wd_inferred_field *root = in->messages[m].root;
        if (!root || !root->member_count || !root->members[0]->constant.len || !root->members[0]->is_required)
            return false;
        for (size_t i = 0; i < m; i++)
            if (wd_bytes_eq(in->messages[i].root->members[0]->constant, root->members[0]->constant) ||
                !wd_bytes_eq(in->messages[i].root->members[0]->key, root->members[0]->key))
                return false;
    }
    return true;
}

static void put_choice(const struct wd_infer_print *p, struct wd_node *root)
{
    const struct wd_inferred *in = p->inferred;
    struct wd_node *any = wd_make_list(p->arena, false), *definitions = wd_make_map(p->arena, false);
    for (size_t m = 0; m < in->message_count; m++) {
        struct wd_node *reference = wd_make_map(p->arena, true);
        struct wd_bytes key = in->messages[m].key;
        wd_node_set(reference, "$ref",
                    wd_make_text(p->arena, wd_arena_printf(p->arena, "#/$defs/%.*s", (int)key.len,
                                                           (const char *)key.at)));
        wd_node_add(any, reference);
        wd_node_put(definitions, key, definition_of(p, &in->messages[m]));
    }
    wd_node_set(root, are_told_apart(in) ? "oneOf" : "anyOf", any);
    wd_node_set(root, "$defs", definitions);
}

static void print(const struct wd_infer_print *p, struct wd_buf *out)
{
    const struct wd_inferred *in = p->inferred;
    struct wd_buf source = { 0 };
    struct wd_node *root = wd_make_map(p->arena, false);
    wd_infer_put_source(&source, p);
    wd_node_set(root, "$schema", wd_make_word(p->arena, "https://json-schema.org/draft/2020-12/schema"));
    wd_node_set(root, "title",
                wd_make_text(p->arena, in->message_count == 1 ? in->messages[0].type->name : in->title));
    wd_node_set(root, "description", wd_make_text(p->arena, wd_buf_bytes(&source)));
    if (in->message_count == 1)
        put_schema_of(p, &in->messages[0], root);
    else if (in->message_count)
        put_choice(p, root);
    if (p->is_json) {
        wd_write_json(out, root, 0);
        wd_buf_byte(out, '\n');
    } else {
        wd_write_yaml(out, root, 0);
    }
    wd_buf_free(&source);
}

static const char *const extensions[] = { ".schema.json", ".schema.yaml", ".json", NULL };
const struct wd_infer_format wd_infer_jsonschema = { "json-schema", extensions, "JSON Schema 2020-12",
                                                     print };
