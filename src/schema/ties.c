#include "schema/ties.h"

#include "model/path.h"
#include "schema/spots.h"

struct wd_ties {
    const struct wd_schema *schema;
    struct wd_arena *arena;
    struct wd_links links;
    struct wd_spots spots, branch, other; /* objects of the parent; of one alternative, and of another */
    struct wd_bytes *expressions;         /* pointers of $message.payload#, decoded to paths */
    size_t count, cap;
};

/* ---- runtime expressions ---- */

/* "/user/id" as "user.id"; elements of arrays by number are any element. */
static struct wd_bytes path_of_pointer(struct wd_ties *ties, struct wd_bytes pointer)
{
    struct wd_buf path = {0}, step = {0};
    for (size_t off = 0; off < pointer.len;) {
        uint64_t index;
        wd_buf_reset(&step);
        for (off++; off < pointer.len && pointer.at[off] != '/'; off++) {
            uint8_t c = pointer.at[off];
            bool is_code = c == '~' && off + 1 < pointer.len && (pointer.at[off + 1] | 1) == '1';
            wd_buf_byte(&step, !is_code ? c : pointer.at[++off] == '1' ? '/' : '~');
        }
        if (wd_bytes_uint(wd_buf_bytes(&step), &index))
            wd_buf_puts(&path, "[]");
        else
            wd_path_put_member(&path, wd_buf_bytes(&step));
    }
    struct wd_bytes made = wd_arena_copy(ties->arena, wd_buf_bytes(&path));
    wd_buf_free(&path);
    wd_buf_free(&step);
    return made;
}

static void note_expression(struct wd_ties *ties, struct wd_bytes text)
{
    static const char start[] = "$message.payload#/";
    size_t skip = sizeof start - 2; /* the pointer keeps its slash */
    if (!wd_bytes_starts(text, start))
        return;
    WD_GROW(ties->expressions, ties->count, ties->cap);
    ties->expressions[ties->count++] = path_of_pointer(ties, wd_bytes_at(text.at + skip, text.len - skip));
}

struct wd_ties *wd_ties_open(const struct wd_schema *schema)
{
    struct wd_ties *ties = wd_alloc(sizeof *ties);
    ties->schema = schema;
    ties->arena = wd_arena_open();
    ties->links = wd_links_of(schema, ties->arena);
    ties->spots.links = ties->branch.links = ties->other.links = &ties->links;
    for (size_t d = 0; d < schema->document_count; d++) {
        const struct wd_node *root = schema->documents[d]->root;
        for (const struct wd_node *n = schema->documents[d]->is_proto ? NULL : root; n;
             n = wd_node_after(n, root))
            if (n->kind == WD_NODE_STRING && wd_bytes_is(n->key, "location"))
                note_expression(ties, n->text);
    }
    return ties;
}

void wd_ties_close(struct wd_ties *ties)
{
    if (!ties)
        return;
    wd_links_free(&ties->links);
    wd_spots_close(&ties->spots);
    wd_spots_close(&ties->branch);
    wd_spots_close(&ties->other);
    wd_free(ties->expressions);
    wd_arena_close(ties->arena);
    wd_free(ties);
}

/* ---- messages ---- */

static bool is_among(struct wd_bytes json, const struct wd_schema_field *field)
{
    for (size_t i = 0; i < field->constant_count; i++)
        if (wd_bytes_eq(field->constants[i].json, json))
            return true;
    return false;
}

static bool tells_messages_apart(const struct wd_ties *ties, const struct wd_schema_message *message,
                                 const struct wd_schema_field *field)
{
    for (size_t m = 0; field->constant_count && m < ties->schema->message_count; m++) {
        const struct wd_schema_message *other = &ties->schema->messages[m];
        if (other == message || !wd_bytes_eq(other->channel, message->channel))
            continue;
        const struct wd_schema_field *same = wd_schema_field_find(other, field->path);
        if (same && same->has_const && same->constant_count == 1 && !is_among(same->constants[0].json, field))
            return true;
    }
    return false;
}

/* ---- what one object says of the key ---- */

static bool names(const struct wd_node *list, struct wd_bytes key)
{
    for (const struct wd_node *item = list && list->kind == WD_NODE_LIST ? list->first : NULL; item;
         item = item->next)
        if (item->kind == WD_NODE_STRING && wd_bytes_eq(item->text, key))
            return true;
    return false;
}

static const struct wd_node *property_of(const struct wd_node *object, struct wd_bytes key)
{
    return wd_node_get_bytes(wd_node_get(object, "properties"), key);
}

static bool has_number(const struct wd_node *object, const char *keyword)
{
    const struct wd_node *value = wd_node_get(object, keyword);
    return value && (value->kind == WD_NODE_INTEGER || value->kind == WD_NODE_NUMBER) &&
           !wd_bytes_is(value->text, "0");
}

static bool is_discriminator(const struct wd_node *object, struct wd_bytes key)
{
    const struct wd_node *name = wd_node_get(object, "discriminator");
    if (name && name->kind == WD_NODE_MAP)
        name = wd_node_get(name, "propertyName");
    return name && name->kind == WD_NODE_STRING && wd_bytes_eq(name->text, key);
}

/* const, or an item of enum, is an object that has the key. */
static bool is_in_constant(const struct wd_node *object, struct wd_bytes key)
{
    const struct wd_node *many = wd_node_get(object, "enum");
    if (wd_node_get_bytes(wd_node_get(object, "const"), key))
        return true;
    for (const struct wd_node *item = many && many->kind == WD_NODE_LIST ? many->first : NULL; item;
         item = item->next)
        if (wd_node_get_bytes(item, key))
            return true;
    return false;
}

static const char *tie_of_object(const struct wd_spot *spot, struct wd_bytes key)
{
    const struct wd_node *o = spot->object;
    if (spot->is_condition && (property_of(o, key) || names(wd_node_get(o, "required"), key)))
        return "a condition ('if' or 'not') asks for it";
    if (is_discriminator(o, key))
        return "it is the schema's 'discriminator'";
    if (has_number(o, "minProperties"))
        return "'minProperties' counts it";
    return is_in_constant(o, key) ? "a constant of the object around it holds it" : NULL;
}

/* ---- alternatives ---- */

static bool is_constant(const struct wd_node *schema)
{
    return wd_node_get(schema, "const") || wd_node_get(schema, "enum");
}

/* The constant that an alternative declares for the key, in place or through references; NULL: none. */
static const struct wd_node *constant_in(struct wd_ties *ties, const struct wd_spots *branch,
                                         struct wd_bytes key)
{
    for (size_t i = 0; i < branch->count; i++) {
        const struct wd_node *property = property_of(branch->at[i].object, key);
        for (int n = 0; property && n < 8; n++, property = wd_links_target(&ties->links, property))
            if (is_constant(property))
                return property;
    }
    return NULL;
}

static bool requires(const struct wd_spots *branch, struct wd_bytes key)
{
    for (size_t i = 0; i < branch->count; i++)
        if (!branch->at[i].is_condition && names(wd_node_get(branch->at[i].object, "required"), key))
            return true;
    return false;
}

static struct wd_bytes type_in(const struct wd_spots *branch)
{
    for (size_t i = 0; i < branch->count; i++) {
        const struct wd_node *type = wd_node_get(branch->at[i].object, "type");
        if (type && type->kind != WD_NODE_LIST && type->kind != WD_NODE_MAP)
            return type->text;
    }
    return wd_bytes_of("");
}

static bool are_other_constants(const struct wd_ties *ties, const struct wd_node *a, const struct wd_node *b)
{
    const struct wd_node *x = wd_node_get(a, "const"), *y = wd_node_get(b, "const");
    return x && y && !wd_bytes_eq(wd_node_canonical(x, ties->arena), wd_node_canonical(y, ties->arena));
}

/* By a type, or by a constant of some member that stays. */
static bool are_apart(struct wd_ties *ties)
{
    struct wd_bytes a = type_in(&ties->branch), b = type_in(&ties->other);
    if (a.len && b.len && !wd_bytes_eq(a, b))
        return true;
    for (size_t i = 0; i < ties->branch.count; i++) {
        const struct wd_node *properties = wd_node_get(ties->branch.at[i].object, "properties");
        for (const struct wd_node *p = properties ? properties->first : NULL; p; p = p->next) {
            const struct wd_node *one = constant_in(ties, &ties->branch, p->key);
            const struct wd_node *two = one ? constant_in(ties, &ties->other, p->key) : NULL;
            if (two && are_other_constants(ties, one, two))
                return true;
        }
    }
    return false;
}

static bool is_apart_from_all(struct wd_ties *ties, const struct wd_node *list, const struct wd_node *branch)
{
    for (const struct wd_node *other = list->first; other; other = other->next) {
        if (other == branch)
            continue;
        wd_spots_find_from(&ties->other, other);
        if (!are_apart(ties))
            return false;
    }
    return true;
}

static const char *tie_of_alternatives(struct wd_ties *ties, const struct wd_node *object,
                                       const char *keyword, struct wd_bytes key)
{
    const struct wd_node *list = wd_node_get(object, keyword);
    bool is_one_of = strcmp(keyword, "oneOf") == 0;
    size_t constants = 0;
    if (!list || list->kind != WD_NODE_LIST || list->count < 2)
        return NULL;
    for (const struct wd_node *branch = list->first; branch; branch = branch->next) {
        wd_spots_find_from(&ties->branch, branch);
        constants += constant_in(ties, &ties->branch, key) != NULL;
        if (is_one_of && requires(&ties->branch, key) && !is_apart_from_all(ties, list, branch))
            return "alternatives of 'oneOf' are told apart by what they require";
    }
    return constants > 1 ? "alternatives are told apart by it" : NULL;
}

/* ---- the questions ---- */

static bool is_named_by_expression(const struct wd_ties *ties, struct wd_bytes path)
{
    for (size_t i = 0; i < ties->count; i++)
        if (wd_path_is_under(ties->expressions[i], path))
            return true;
    return false;
}

const char *wd_ties_of_message(struct wd_ties *ties, const struct wd_schema_message *message,
                               const struct wd_schema_field *field)
{
    if (tells_messages_apart(ties, message, field))
        return "messages are told apart by it";
    return is_named_by_expression(ties, field->path) ? "a runtime expression ($message.payload#) names it"
                                                     : NULL;
}

static bool is_true(const struct wd_node *node)
{
    return node && node->kind == WD_NODE_BOOLEAN && (node->text.at[0] | 0x20) == 't';
}

/* Elements around the field, at any distance, may be equal without it. */
static bool must_differ(struct wd_ties *ties, const struct wd_schema_message *message, struct wd_bytes path)
{
    for (; path.len && !wd_bytes_is(path, "."); path = wd_path_parent(path)) {
        bool is_element = path.len > 2 && path.at[path.len - 2] == '[';
        const struct wd_schema_field *array =
            is_element ? wd_schema_field_find(message, wd_path_parent(path)) : NULL;
        if (!array)
            continue;
        wd_spots_find(&ties->spots, array);
        for (size_t i = 0; i < ties->spots.count; i++)
            if (is_true(wd_node_get(ties->spots.at[i].object, "uniqueItems")))
                return true;
    }
    return false;
}

const char *wd_ties_of_object(struct wd_ties *ties, const struct wd_schema_message *message,
                              const struct wd_schema_field *field)
{
    struct wd_bytes above = wd_path_parent(field->path), key = field->decls[0].member->key;
    const struct wd_schema_field *parent = wd_schema_field_find(message, above);
    const char *tie = must_differ(ties, message, above) ? "'uniqueItems' may need it" : NULL;
    if (tie || !parent || wd_path_is_entry(field->path))
        return tie;
    wd_spots_find(&ties->spots, parent);
    for (size_t i = 0; i < ties->spots.count && !tie; i++) {
        const struct wd_spot spot = ties->spots.at[i];
        tie = tie_of_object(&spot, key);
        if (!tie && !spot.is_condition)
            tie = tie_of_alternatives(ties, spot.object, "oneOf", key);
        if (!tie && !spot.is_condition)
            tie = tie_of_alternatives(ties, spot.object, "anyOf", key);
    }
    return tie;
}
