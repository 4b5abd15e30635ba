/* schema/edit.c - which nodes go (the set grows until nothing follows any more). How they are cut is schema/cut.c. */
#include "schema/edit.h"

#include "base/map.h"
#include "schema/cut.h"
#include "schema/links.h"

struct edit {
    const struct wd_schema *schema;
    struct wd_links links;
    struct wd_gone gone;
    bool has_grown;
};

static void take(struct edit *e, const struct wd_node *node)
{
    if (!node || wd_gone_has(&e->gone, node))
        return;
    wd_gone_add(&e->gone, node);
    e->has_grown = true;
}

/* --- what a field takes with it --- */

static bool is_combinator(struct wd_bytes key)
{
    static const char *const keys[] = { "allOf", "oneOf", "anyOf", "then", "else", "if" };
    for (size_t i = 0; i < WD_COUNT(keys); i++)
        if (wd_bytes_is(key, keys[i]))
            return true;
    return false;
}

static void take_required(struct edit *e, const struct wd_node *object, struct wd_bytes name)
{
    const struct wd_node *required = wd_node_get(object, "required");
    for (const struct wd_node *item = required && required->kind == WD_NODE_LIST ? required->first : NULL; item; item = item->next)
        if (wd_bytes_eq(item->text, name))
            take(e, item);
}

/* The schema object that the branches allOf, oneOf, then ... around `object` belong to. */
static const struct wd_node *owner_of(const struct wd_node *object)
{
    while (object->parent) {
        const struct wd_node *up = object->parent;
        if (up->kind == WD_NODE_LIST && is_combinator(up->key) && up->parent)
            object = up->parent;
        else if (up->kind == WD_NODE_MAP && is_combinator(object->key))
            object = up;
        else
            break;
    }
    return object;
}

/* `required` may name the property in any branch around the one that declares it, but not further down in other properties. */
static void take_required_around(struct edit *e, const struct wd_node *object, struct wd_bytes name)
{
    const struct wd_node *top = owner_of(object);
    take_required(e, top, name);
    for (const struct wd_node *n = top; n; n = wd_node_after(n, top)) {
        const struct wd_node *up = n->parent;
        bool is_branch = n != top && n->kind == WD_NODE_MAP && up &&
                         ((up->kind == WD_NODE_LIST && is_combinator(up->key)) || is_combinator(n->key));
        if (is_branch && owner_of(n) == top)
            take_required(e, n, name);
    }
}

static void take_field(struct edit *e, const struct wd_schema_field *field)
{
    for (size_t i = 0; i < field->decl_count; i++) {
        const struct wd_decl *decl = &field->decls[i];
        take(e, decl->member);
        take_required_around(e, decl->object, decl->member->key);
    }
}

/* --- what follows --- */

static bool is_inside(const struct wd_node *node, const struct wd_node *of)
{
    while (node && node != of)
        node = node->parent;
    return node != NULL;
}

/* A reference to a message that is gone goes too: a map's member or a list's item. */
static void take_dangling(struct edit *e)
{
    for (size_t i = 0; i < e->links.count; i++) {
        const struct wd_link *link = &e->links.at[i];
        if (link->target && wd_gone_covers(&e->gone, link->target) && !wd_gone_covers(&e->gone, link->holder))
            take(e, link->holder);
    }
}

/* Maps and lists that mean nothing when they are empty. */
static bool is_hollow(const struct wd_node *node)
{
    static const char *const keys[] = { "required", "properties", "patternProperties", "schemas", "messages", "$defs", "definitions",
                                        "components", "oneOf", "anyOf", "allOf", "operations" };
    for (size_t i = 0; i < WD_COUNT(keys); i++)
        if (wd_bytes_is(node->key, keys[i]))
            return true;
    return false;
}

static bool is_emptied(const struct edit *e, const struct wd_node *node)
{
    if (!node->first || node->alias_of)
        return false;
    for (const struct wd_node *c = node->first; c; c = c->next)
        if (!wd_gone_covers(&e->gone, c))
            return false;
    return true;
}

/* An operation without its messages would stand for all of them (AsyncAPI 3), or for none that can be read (2.x). */
static const struct wd_node *operation_of(const struct wd_node *messages)
{
    const struct wd_node *up = messages->parent;
    if (!up || !up->parent)
        return NULL;
    bool is_v3 = wd_bytes_is(messages->key, "messages") && wd_bytes_is(up->parent->key, "operations");
    bool is_v2 = wd_bytes_is(messages->key, "message") && (wd_bytes_is(up->key, "publish") || wd_bytes_is(up->key, "subscribe"));
    return is_v3 || is_v2 ? up : NULL;
}

static void take_emptied(struct edit *e)
{
    for (size_t d = 0; d < e->schema->document_count; d++) {
        const struct wd_node *root = e->schema->documents[d]->root;
        for (const struct wd_node *n = root; n; n = wd_node_after(n, root)) {
            bool is_gone = wd_gone_has(&e->gone, n);
            if (n != root && !is_gone && is_emptied(e, n) && (is_hollow(n) || operation_of(n))) {
                take(e, n);
                is_gone = true;
            }
            if (is_gone && operation_of(n))
                take(e, operation_of(n));
        }
    }
}

/* --- definitions without a reader --- */

static bool is_definition(const struct wd_node *node)
{
    static const char *const keys[] = { "schemas", "messages", "messageTraits", "operationTraits" };
    const struct wd_node *up = node->parent;
    if (!up || up->kind != WD_NODE_MAP || !up->key.len)
        return false;
    if (wd_bytes_is(up->key, "$defs") || wd_bytes_is(up->key, "definitions"))
        return true;
    for (size_t i = 0; i < WD_COUNT(keys); i++)
        if (wd_bytes_is(up->key, keys[i]))
            return up->parent && wd_bytes_is(up->parent->key, "components");
    return false;
}

/* True when something referred to the definition and all that did is gone; what refers to itself does not count. */
static bool is_orphan(const struct edit *e, const struct wd_node *definition)
{
    bool had_reader = false;
    for (size_t i = 0; i < e->links.count; i++) {
        const struct wd_link *link = &e->links.at[i];
        if (!link->target || !is_inside(link->target, definition) || is_inside(link->holder, definition))
            continue;
        had_reader = true;
        if (!wd_gone_covers(&e->gone, link->holder))
            return false;
    }
    return had_reader;
}

static void take_orphans(struct edit *e)
{
    for (size_t i = 0; i < e->links.count; i++) {
        if (!e->links.at[i].target || !wd_gone_covers(&e->gone, e->links.at[i].holder))
            continue;
        for (const struct wd_node *n = e->links.at[i].target; n; n = n->parent)
            if (is_definition(n) && !wd_gone_covers(&e->gone, n) && is_orphan(e, n))
                take(e, n);
    }
}

static int check_aliases(const struct edit *e, struct wd_err *err)
{
    for (size_t d = 0; d < e->schema->document_count; d++) {
        const struct wd_document *document = e->schema->documents[d];
        for (const struct wd_node *n = document->root; n; n = wd_node_after(n, document->root))
            if (n->alias_of && wd_gone_covers(&e->gone, n->alias_of) && !wd_gone_covers(&e->gone, n))
                return wd_fail(err, WD_EPARSE, wd_node_place(document, n),
                               "this alias stays, but its anchor would be removed; write its value out here, or suppress the finding");
    }
    return WD_OK;
}

static int remove_all(struct edit *e, const struct wd_edit_target *targets, size_t count, struct wd_err *err)
{
    for (size_t i = 0; i < count; i++) {
        if (targets[i].field)
            take_field(e, targets[i].field);
        else
            take(e, targets[i].message->node);
    }
    do {
        e->has_grown = false;
        take_dangling(e);
        take_emptied(e);
        take_orphans(e);
    } while (e->has_grown);
    return check_aliases(e, err);
}

int wd_edit_apply(const struct wd_schema *schema, const struct wd_edit_target *targets, size_t count,
                  enum wd_edit_stage stage, struct wd_arena *arena, struct wd_edit_result **out, struct wd_err *err)
{
    struct edit e = { .schema = schema, .gone = { .set = wd_map_open() } };
    struct wd_edit_result *results = wd_arena_array(arena, struct wd_edit_result, schema->document_count);
    int rc = WD_OK;
    if (stage == WD_EDIT_REMOVE) {
        e.links = wd_links_of(schema);
        rc = remove_all(&e, targets, count, err);
    } else {
        for (size_t i = 0; i < count; i++)
            for (size_t k = 0; targets[i].field && k < targets[i].field->decl_count; k++)
                take(&e, targets[i].field->decls[k].member);
    }
    for (size_t d = 0; rc >= 0 && d < schema->document_count; d++)
        results[d] = stage == WD_EDIT_REMOVE ? wd_cut_document(schema->documents[d], &e.gone, arena)
                                             : wd_cut_deprecate(schema->documents[d], &e.gone, arena);
    if (rc >= 0)
        *out = results;
    wd_links_free(&e.links);
    wd_map_close(e.gone.set);
    return rc;
}
