#include "pipeline/extend.h"

#include "model/path.h"
#include "pipeline/place.h"
#include "schema/schema.h"

struct extender {
    struct wd_places places;
    const struct wd_infer_print *print;
    const struct wd_schema *old;
    struct wd_extension *out;
    const struct wd_inferred_message *message;
    const struct wd_schema_message *declared;
};

static const struct wd_schema_field *declaration_of(const struct extender *x, struct wd_bytes path)
{
    const struct wd_schema_field *field = wd_schema_field_find(x->declared, path);
    return field ? field : wd_schema_field_cover(x->declared, path);
}

/* --- fields --- */

static const char *keyword_for(const struct wd_inferred_field *holder, const struct wd_inferred_field *field)
{
    return field == holder->element ? "items"
           : field == holder->entry ? "additionalProperties"
                                    : "properties";
}

static void add_field(struct extender *x, const struct wd_inferred_field *holder,
                      const struct wd_inferred_field *field)
{
    const char *keyword = keyword_for(holder, field);
    const struct wd_schema_field *declared = declaration_of(x, holder->path);
    const struct wd_node *object = declared ? wd_grow_object(&x->places.links, declared, keyword) : NULL;
    struct wd_node *schema = wd_infer_schema(x->print, x->message, field);
    struct wd_place_in at = wd_place_at(object);
    wd_infer_measure_field(x->print, x->message, field, NULL, schema);
    if (strcmp(keyword, "properties") == 0)
        x->out->fields +=
            wd_place_put(&x->places, wd_place_below(&x->places, at, keyword), field->key, schema);
    else
        x->out->fields += wd_place_set(&x->places, at, keyword, schema);
    x->out->unplaced += object == NULL;
}

/* --- types --- */

static bool is_list_with(const struct wd_node *list, const char *name)
{
    for (const struct wd_node *n = list->first; n; n = n->next)
        if (wd_bytes_is(n->kind == WD_NODE_NULL ? wd_bytes_of("null") : n->text, name))
            return true;
    return false;
}

/* `enum` says again which types there are. */
static void add_null_to_enum(struct extender *x, const struct wd_node *object)
{
    const struct wd_node *list = wd_node_get(object, "enum");
    if (list && list->kind == WD_NODE_LIST && !is_list_with(list, "null"))
        wd_place_add(&x->places, list, wd_make_null(x->places.arena));
}

static void add_type(struct extender *x, const struct wd_schema_field *declared, enum wd_type type)
{
    const struct wd_node *object = wd_grow_object(&x->places.links, declared, "type"),
                         *types = object ? wd_node_get(object, "type") : NULL;
    const char *name = wd_type_names[type];
    if (!types || types->parent != object || declared->is_conditional) {
        x->out->unplaced++;
        return;
    }
    if (types->kind == WD_NODE_LIST)
        x->out->types += !is_list_with(types, name) &&
                         wd_place_add(&x->places, types, wd_make_word(x->places.arena, name));
    else
        x->out->types += wd_place_widen(&x->places, types, name);
    if (type == WD_TYPE_NULL)
        add_null_to_enum(x, object);
}

static void widen(struct extender *x, const struct wd_schema_field *declared,
                  const struct wd_inferred_field *field)
{
    uint32_t allowed = declared->types;
    if (!allowed)
        return;
    if (allowed & 1u << WD_TYPE_NUMBER || field->types & 1u << WD_TYPE_NUMBER)
        allowed |= 1u << WD_TYPE_INTEGER;
    allowed |= 1u << WD_TYPE_BYTES;   /* which JSON does not have */
    for (int t = 0; t < WD_TYPE_COUNT; t++)
        if (field->types & ~allowed & 1u << t)
            add_type(x, declared, (enum wd_type)t);
}

/* --- one message --- */

static void compare(struct extender *x, const struct wd_inferred_field *holder,
                    const struct wd_inferred_field *field)
{
    const struct wd_schema_field *declared = declaration_of(x, field->path);
    if (!declared && holder)
        add_field(x, holder, field);
    if (!declared || (declared->is_free && !wd_path_meets(declared->path, field->path)))
        return;
    widen(x, declared, field);
    for (size_t i = 0; i < field->member_count; i++)
        compare(x, field, field->members[i]);
    if (field->element)
        compare(x, field, field->element);
    if (field->entry)
        compare(x, field, field->entry);
}

/* Required, and not in each of its parents. It stays: whoever requires it knows why. */
static void count_missing(struct extender *x)
{
    const struct wd_type_profile *type = x->message->type;
    for (size_t f = 0; f < x->declared->field_count; f++) {
        const struct wd_schema_field *field = &x->declared->fields[f];
        const struct wd_row *row = wd_type_row(type, field->path),
                            *parent = wd_type_row(type, wd_path_parent(field->path));
        bool is_asked = field->is_required && !field->is_map && !wd_path_is_entry(field->path) && parent;
        x->out->missing += is_asked && (row ? row->occurrences : 0) < parent->types[WD_TYPE_OBJECT];
    }
}

/* --- new messages --- */

static bool is_asyncapi3(const struct wd_schema *schema)
{
    return schema->format && strcmp(schema->format, "asyncapi-3") == 0;
}

static void add_message(struct extender *x)
{
    if (!is_asyncapi3(x->old)) {
        x->out->unplaced++;
        return;
    }
    wd_place_message(&x->places, x->print, x->message);
    x->out->messages++;
}

/* --- the texts --- */

static int write_texts(struct extender *x, const struct wd_limits *limits, struct wd_err *err)
{
    x->out->results = wd_arena_array(x->places.arena, struct wd_edit_result, x->old->document_count);
    for (size_t d = 0; d < x->old->document_count; d++) {
        struct wd_growth *growths = wd_arena_array(x->places.arena, struct wd_growth, x->places.count);
        size_t n = 0;
        for (size_t i = 0; i < x->places.count; i++)
            if (wd_grow_document(x->old, x->places.growths[i].at) == x->old->documents[d])
                growths[n++] = x->places.growths[i];
        TRY(wd_grow_write(x->old->documents[d], growths, n, limits, x->places.arena, &x->out->results[d],
                          err));
    }
    return WD_OK;
}

/* Each message and field is declared as before; a type may only have become wider. */
static bool holds(const struct wd_schema *old, const struct wd_schema *again)
{
    if (again->message_count < old->message_count)
        return false;
    for (size_t m = 0; m < old->message_count; m++) {
        const struct wd_schema_message *before = &old->messages[m], *after = NULL;
        for (size_t i = 0; i < again->message_count && !after; i++)
            if (wd_bytes_eq(again->messages[i].key, before->key) &&
                wd_bytes_eq(again->messages[i].channel, before->channel))
                after = &again->messages[i];
        for (size_t f = 0; f < before->field_count; f++) {
            const struct wd_schema_field *is =
                after ? wd_schema_field_find(after, before->fields[f].path) : NULL;
            if (!is || is->is_required != before->fields[f].is_required ||
                before->fields[f].types & ~is->types)
                return false;
        }
    }
    return true;
}

static int prove(const struct extender *x, const struct wd_limits *limits, struct wd_err *err)
{
    struct wd_bytes *texts = wd_arena_array(x->places.arena, struct wd_bytes, x->old->document_count);
    struct wd_schema *again = NULL;
    for (size_t d = 0; d < x->old->document_count; d++)
        texts[d] = x->out->results[d].text;
    TRY(wd_schema_reparse(x->old, texts, limits, &again, err));
    bool is_held = holds(x->old, again);
    wd_schema_free(again);
    if (is_held)
        return WD_OK;
    return wd_fail(
        err, WD_ESYSTEM, (struct wd_place){ .file = x->old->documents[0]->name },
        "what was added changes what was there, so nothing is written: a bug of ours, please report it");
}

static int extend(struct extender *x, const struct wd_profile *profile, const struct wd_binding *bindings,
                  const struct wd_limits *limits, struct wd_err *err)
{
    const struct wd_inferred *in = x->print->inferred;
    for (size_t m = 0; m < in->message_count; m++) {
        x->message = &in->messages[m];
        x->declared = bindings[x->message->type - profile->types].message;
        if (!x->declared) {
            add_message(x);
        } else if (!x->declared->is_opaque && x->message->root) {
            compare(x, NULL, x->message->root);
            count_missing(x);
        }
    }
    TRY(write_texts(x, limits, err));
    return prove(x, limits, err);
}

int wd_extend(const struct wd_infer_print *print, const struct wd_profile *profile,
              const struct wd_schema *old, const struct wd_binding *bindings, const struct wd_limits *limits,
              struct wd_extension *out, struct wd_err *err)
{
    struct extender x = { .print = print, .old = old, .out = out };
    *out = (struct wd_extension){ 0 };
    wd_places_open(&x.places, old, print->arena);
    int rc = extend(&x, profile, bindings, limits, err);
    wd_places_close(&x.places);
    return rc;
}
