/* schema/edit.c - which nodes of YAML and JSON go: the set grows until nothing follows any more. How they are
 * cut is schema/cut.c.
 *
 *     a field        its declarations; its name in every `required` that speaks of its object; its values in
 * examples a message      its node; what refers to it; an operation that is left without a message then maps
 * and lists that are left empty; definitions without a reader
 */
#include "schema/tree_edit.h"

#include "model/path.h"
#include "schema/avro_edit.h"
#include "schema/cut.h"
#include "schema/jsonschema.h"
#include "schema/mentions.h"
#include "schema/names.h"
#include "schema/reach.h"
#include "schema/spots.h"

struct edit {
    const struct wd_schema *schema;
    const struct wd_edit_target *targets;
    size_t count;
    enum wd_edit_stage stage;
    struct wd_arena *arena;
    struct wd_links links;
    struct wd_spots spots;
    struct wd_gone gone;
    bool **is_lost; /* [message][field]: all that declares it is gone */
    bool has_grown;
    struct wd_edit_obstacle *obstacles; /* per target */
    size_t obstacle_count;
};

static void take(struct edit *e, const struct wd_node *node, struct wd_cause cause)
{
    if (node)
        e->has_grown |= wd_gone_add(&e->gone, node, cause);
}

static struct wd_cause cause_of(const struct edit *e, const struct wd_node *node)
{
    return wd_gone_cause(&e->gone, wd_gone_cover(&e->gone, node));
}

static void object_to(struct edit *e, const struct wd_node *needed, const struct wd_document *document,
                      const struct wd_node *stays, const char *why)
{
    struct wd_edit_obstacle *obstacle = &e->obstacles[cause_of(e, needed).target];
    if (obstacle->why)
        return;
    *obstacle = (struct wd_edit_obstacle){why, wd_node_key_place(document, stays)};
    e->obstacle_count++;
}

/* ---- targets ---- */

static void take_target(struct edit *e, size_t i)
{
    const struct wd_edit_target *target = &e->targets[i];
    struct wd_cause cause = {(uint32_t)i, !target->field};
    if (!target->field)
        take(e, target->message->node, cause);
    for (size_t d = 0; target->field && d < target->field->decl_count; d++)
        if (target->field->decls[d].container) /* the root is declared by nothing that could go */
            take(e, target->field->decls[d].member, cause);
}

/* ---- fields that are declared nowhere any more ---- */

static bool is_declared(const struct edit *e, const struct wd_schema_field *field)
{
    for (size_t i = 0; i < field->decl_count; i++)
        if (!wd_gone_cover(&e->gone, field->decls[i].member))
            return true;
    return false;
}

static size_t field_at(const struct wd_schema_message *m, struct wd_bytes path)
{
    const struct wd_schema_field *field = wd_schema_field_find(m, path);
    return field ? (size_t)(field - m->fields) : SIZE_MAX;
}

/* Parents stand before their members. */
static void find_lost(struct edit *e)
{
    e->is_lost = wd_arena_array(e->arena, bool *, e->schema->message_count);
    for (size_t m = 0; m < e->schema->message_count; m++) {
        const struct wd_schema_message *message = &e->schema->messages[m];
        e->is_lost[m] = wd_arena_array(e->arena, bool, message->field_count);
        for (size_t f = 0; f < message->field_count; f++) {
            size_t parent = field_at(message, wd_path_parent(message->fields[f].path));
            bool is_below = parent != SIZE_MAX && e->is_lost[m][parent];
            e->is_lost[m][f] = is_below || !is_declared(e, &message->fields[f]);
        }
    }
}

/* ---- where they are named ---- */

struct naming {
    struct edit *edit;
    struct wd_cause cause;
};

static void take_mention(void *ctx, const struct wd_node *node)
{
    const struct naming *naming = ctx;
    take(naming->edit, node, naming->cause);
}

static void take_mentions(struct edit *e, const struct wd_schema_message *m,
                          const struct wd_schema_field *field)
{
    struct naming naming = {e, {cause_of(e, field->decls[0].member).target, false}};
    wd_mentions_find(&e->spots, m, field, take_mention, &naming);
}

/* Calls `each` for fields that are lost while what holds them stays. */
static void for_each_lost(struct edit *e, void (*each)(struct edit *e, const struct wd_schema_message *m,
                                                       const struct wd_schema_field *field))
{
    for (size_t m = 0; m < e->schema->message_count; m++) {
        const struct wd_schema_message *message = &e->schema->messages[m];
        for (size_t f = 1; f < message->field_count && !wd_gone_cover(&e->gone, message->node); f++) {
            size_t parent = field_at(message, wd_path_parent(message->fields[f].path));
            if (e->is_lost[m][f] && (parent == SIZE_MAX || !e->is_lost[m][parent]))
                each(e, message, &message->fields[f]);
        }
    }
}

/* ---- what follows ---- */

/* A reference to a message that is gone goes too: a map's member or a list's item. */
static void take_references(struct edit *e)
{
    for (size_t i = 0; i < e->links.count; i++) {
        const struct wd_link *link = &e->links.at[i];
        if (link->is_alias || !link->target || !wd_gone_has(&e->gone, link->target) ||
            wd_gone_cover(&e->gone, link->holder))
            continue;
        struct wd_cause cause = wd_gone_cause(&e->gone, link->target);
        if (cause.is_reference)
            take(e, link->holder, cause);
    }
}

/* Maps and lists that mean nothing when they are empty. */
static bool is_hollow(const struct wd_node *node)
{
    static const char *const keys[] = {"required",
                                       "properties",
                                       "patternProperties",
                                       "prefixItems",
                                       "allOf",
                                       "$defs",
                                       "definitions",
                                       "dependentRequired",
                                       "dependencies",
                                       "components",
                                       "schemas",
                                       "messages",
                                       "oneOf",
                                       "operations",
                                       NULL};
    static const char *const lists[] = {"dependentRequired", "dependencies", NULL};
    const struct wd_node *up = node->parent;
    if (wd_is_keyword_of(node, keys) || (wd_is_keyword(node, "items") && node->kind == WD_NODE_LIST))
        return true;
    return wd_is_keyword(up, "allOf") || (node->kind == WD_NODE_LIST && wd_is_keyword_of(up, lists));
}

static bool is_emptied(const struct edit *e, const struct wd_node *node)
{
    const struct wd_node *c = node->alias_of ? NULL : node->first;
    while (c && wd_gone_has(&e->gone, c))
        c = c->next;
    return node->first && !node->alias_of && !c;
}

/* Something other than `but` still tells that the document is a schema. */
static bool is_known(const struct edit *e, const struct wd_node *root, const struct wd_node *but)
{
    bool is_told = wd_node_get(root, "asyncapi") != NULL;
    for (size_t i = 0; !is_told && wd_jsonschema_marks[i]; i++) {
        const struct wd_node *mark = wd_node_get(root, wd_jsonschema_marks[i]);
        is_told = mark && mark != but && !wd_gone_cover(&e->gone, mark);
    }
    return is_told;
}

/* A JSON Schema by itself has to keep something that tells what it is; `properties` rather than something
 * else. */
static bool is_last_of_root(const struct edit *e, const struct wd_node *node)
{
    const struct wd_node *root = node->parent;
    if (!root || root->parent || !wd_is_keyword_of(node, wd_jsonschema_marks))
        return false;
    bool is_preferred =
        wd_bytes_is(node->key, "properties") && !wd_node_get(root, "type") && !wd_node_get(root, "$schema");
    return is_preferred || !is_known(e, root, node);
}

static bool is_v3_operation(const struct wd_node *node)
{
    return wd_is_operation(node) && wd_is_keyword(node->parent, "operations");
}

/* What has no meaning without this node: an operation without its messages would stand for all of the channel
 * (AsyncAPI 3) or for none that can be read (2.x), and so would its reply. */
static const struct wd_node *dependent_on(const struct wd_node *node)
{
    const struct wd_node *up = node->parent;
    if (!up)
        return NULL;
    bool is_reply = wd_is_keyword(up, "reply") && up->parent && wd_is_operation(up->parent);
    bool has_list = is_reply || is_v3_operation(up);
    return (has_list || wd_is_operation(up)) && wd_is_keyword(node, has_list ? "messages" : "message") ? up
                                                                                                       : NULL;
}

static void take_if_emptied(struct edit *e, const struct wd_node *n)
{
    const struct wd_node *dependent = dependent_on(n);
    if (!n->parent || !is_emptied(e, n) || (!dependent && (!is_hollow(n) || is_last_of_root(e, n))))
        return;
    struct wd_cause cause = wd_gone_cause(&e->gone, n->last);
    take(e, n, cause);
    if (dependent)
        take(e, dependent, cause);
}

/* An operation that lists no messages has all of its channel: none when these go. */
static bool is_of_empty_channel(const struct edit *e, const struct wd_node *operation, struct wd_cause *cause)
{
    const struct wd_node *channel = wd_links_target(&e->links, wd_node_get(operation, "channel"));
    const struct wd_node *messages = channel ? wd_node_get(channel, "messages") : NULL;
    if (!messages || wd_node_get(operation, "messages") || !wd_gone_cover(&e->gone, messages))
        return false;
    *cause = cause_of(e, messages);
    return true;
}

static void take_operation(struct edit *e, const struct wd_node *n)
{
    struct wd_cause cause;
    const struct wd_node *message = is_v3_operation(n) ? NULL : wd_node_get(n, "message");
    if (is_v3_operation(n) && is_of_empty_channel(e, n, &cause))
        take(e, n, cause);
    else if (message && message->parent == n && wd_gone_has(&e->gone, message))
        take(e, n, wd_gone_cause(&e->gone, message));
}

static void take_emptied(struct edit *e)
{
    for (size_t d = 0; d < e->schema->document_count; d++) {
        const struct wd_node *root = e->schema->documents[d]->root, *n = root;
        while (n) {
            if (!wd_gone_has(&e->gone, n)) {
                take_if_emptied(e, n);
                if (wd_is_operation(n))
                    take_operation(e, n);
            }
            n = wd_gone_has(&e->gone, n) ? wd_node_past(n, root) : wd_node_after(n, root);
        }
    }
}

static void take_orphan(void *ctx, const struct wd_node *definition)
{
    take(ctx, definition, (struct wd_cause){0});
}

static void grow(struct edit *e)
{
    do {
        e->has_grown = false;
        take_references(e);
        take_emptied(e);
        wd_reach_orphans(e->schema, &e->links, &e->gone, take_orphan, e);
    } while (e->has_grown);
}

/* ---- obstacles ---- */

static void check_links(struct edit *e)
{
    for (size_t i = 0; i < e->links.count; i++) {
        const struct wd_link *link = &e->links.at[i];
        if (link->target && wd_gone_cover(&e->gone, link->target) && !wd_gone_cover(&e->gone, link->holder))
            object_to(e, link->target, link->document, link->holder,
                      link->is_alias  ? "an alias that stays names an anchor in it"
                      : link->is_name ? "it defines a type that is named again in what stays"
                                      : "a $ref that stays leads into it");
    }
}

/* The anchor of a key is no node: it goes with the entry that it stands in. */
static void check_key_anchors(struct edit *e)
{
    for (size_t i = 0; i < e->links.count; i++) {
        const struct wd_link *link = &e->links.at[i];
        const struct wd_node *root = link->document->root;
        if (!link->is_alias || link->target->parent || link->target == root ||
            wd_gone_cover(&e->gone, link->holder))
            continue;
        for (const struct wd_node *n = root; n; n = wd_node_after(n, root))
            if (n->key_span.len && n->key_span.off == link->target->span.off && wd_gone_cover(&e->gone, n))
                object_to(e, n, link->document, link->holder, "an alias that stays names an anchor in it");
    }
}

/* The map, or one that it borrows from through `<<`, still has the key. Depth as in wd_node_get. */
static bool still_has(const struct edit *e, const struct wd_node *map, struct wd_bytes key)
{
    for (const struct wd_node *n = map && map->kind != WD_NODE_STRING ? map->first : NULL; n; n = n->next) {
        bool is_lender = map->kind == WD_NODE_LIST || n->is_merge;
        if (is_lender ? still_has(e, n, key) : wd_bytes_eq(n->key, key) && !wd_gone_has(&e->gone, n))
            return true;
    }
    return false;
}

/* A property that hid another of its name, lent by `<<`, would uncover it. */
static void check_uncovered(struct edit *e, const struct wd_schema_message *m,
                            const struct wd_schema_field *lost)
{
    const struct wd_schema_field *parent = wd_schema_field_find(m, wd_path_parent(lost->path));
    const struct wd_node *member = lost->decls[0].member;
    if (!parent || wd_path_is_entry(lost->path))
        return;
    wd_spots_find(&e->spots, parent);
    for (size_t i = 0; i < e->spots.count; i++) {
        const struct wd_node *properties = wd_node_get(e->spots.at[i].object, "properties");
        if (!e->spots.at[i].is_condition && properties && still_has(e, properties, member->key))
            object_to(e, member, lost->decls[0].document, properties,
                      "'<<' lends a property of the same name here");
    }
}

/* A `required` that several objects share names what one of them keeps. */
static void check_required(struct edit *e, const struct wd_schema_message *m, size_t message, size_t object)
{
    wd_spots_find(&e->spots, &m->fields[object]);
    for (size_t i = 0; i < e->spots.count; i++) {
        const struct wd_node *list = wd_node_get(e->spots.at[i].object, "required");
        for (const struct wd_node *item = list ? list->first : NULL; item; item = item->next) {
            if (!wd_gone_has(&e->gone, item) || wd_gone_cover(&e->gone, list))
                continue;
            struct wd_buf path = {0};
            if (object)
                wd_buf_put(&path, m->fields[object].path);
            wd_path_put_member(&path, item->text);
            size_t f = field_at(m, wd_buf_bytes(&path));
            if (f != SIZE_MAX && !e->is_lost[message][f])
                object_to(e, item, m->fields[f].decls[0].document, m->fields[f].decls[0].member,
                          "a 'required' list names it for another field that stays");
            wd_buf_free(&path);
        }
    }
}

static void check_all_required(struct edit *e)
{
    for (size_t m = 0; m < e->schema->message_count; m++) {
        const struct wd_schema_message *message = &e->schema->messages[m];
        for (size_t f = 0; f < message->field_count && !wd_gone_cover(&e->gone, message->node); f++)
            if (!e->is_lost[m][f])
                check_required(e, message, m, f);
    }
}

static const struct wd_node *through_ref(const struct edit *e, const struct wd_node *node)
{
    const struct wd_node *target = wd_links_target(&e->links, node);
    return target ? target : node;
}

/* Of a list of references, or a map of messages. */
static const struct wd_node *message_that_stays(const struct edit *e, const struct wd_node *messages)
{
    for (const struct wd_node *n = messages ? messages->first : NULL; n; n = n->next) {
        const struct wd_node *message = through_ref(e, n);
        if (!wd_gone_cover(&e->gone, message))
            return message;
    }
    return NULL;
}

/* An operation whose request goes, but not the reply. */
static void check_reply(struct edit *e, const struct wd_document *document, const struct wd_node *operation)
{
    const struct wd_node *reply = through_ref(e, wd_node_get(operation, "reply"));
    const struct wd_node *messages = wd_node_get(reply, "messages");
    const struct wd_node *channel = through_ref(e, wd_node_get(reply, "channel"));
    if (!messages)
        messages = wd_node_get(channel, "messages");
    if (message_that_stays(e, messages))
        object_to(e, operation, document, reply, "a reply that stays answers it");
}

static void check_replies(struct edit *e)
{
    for (size_t d = 0; d < e->schema->document_count; d++) {
        const struct wd_document *document = e->schema->documents[d];
        for (const struct wd_node *n = document->root; n; n = wd_node_after(n, document->root))
            if (wd_is_operation(n) && wd_gone_has(&e->gone, n) && wd_node_get(n, "reply"))
                check_reply(e, document, n);
    }
}

/* What told that the file is a schema is gone, and nothing is left that could stay empty in its place. */
static void object_to_loss(struct edit *e, const struct wd_document *document)
{
    for (size_t i = 0; wd_jsonschema_marks[i]; i++) {
        const struct wd_node *mark = wd_node_get(document->root, wd_jsonschema_marks[i]);
        if (mark && wd_gone_cover(&e->gone, mark))
            object_to(e, mark, document, document->root,
                      "nothing else says that the file is a JSON Schema; give it a 'type'");
    }
}

/* A file that is nothing but the message: files are not removed. Where other files refer to it, it is enough
 * to drop that. */
static void check_roots(struct edit *e)
{
    for (size_t d = 0; d < e->schema->named_count; d++) {
        const struct wd_document *document = e->schema->documents[d];
        if (wd_gone_has(&e->gone, document->root))
            object_to(e, document->root, document, document->root,
                      "it is a file of its own; delete that instead");
        else if (!is_known(e, document->root, NULL))
            object_to_loss(e, document);
    }
}

static void check_avro(struct edit *e)
{
    for (size_t i = 0; i < e->count; i++) {
        struct wd_edit_obstacle obstacle = wd_avro_obstacle(e->schema, &e->targets[i], e->stage);
        if (!obstacle.why || e->obstacles[i].why)
            continue;
        e->obstacles[i] = obstacle;
        e->obstacle_count++;
    }
}

static void open_edit(struct edit *e)
{
    e->gone.set = wd_map_open();
    e->links = wd_links_of(e->schema, e->arena);
    e->spots.links = &e->links;
    e->obstacles = wd_arena_array(e->arena, struct wd_edit_obstacle, e->count);
}

static void close_edit(struct edit *e)
{
    wd_spots_close(&e->spots);
    wd_links_free(&e->links);
    wd_map_close(e->gone.set);
}

static void find_gone(struct edit *e)
{
    for (size_t i = 0; i < e->count; i++)
        take_target(e, i);
    find_lost(e);
    for_each_lost(e, take_mentions);
    grow(e);
    check_links(e);
    check_key_anchors(e);
    check_all_required(e);
    for_each_lost(e, check_uncovered);
    check_replies(e);
    check_roots(e);
    check_avro(e);
}

size_t wd_tree_edit_obstacles(const struct wd_schema *schema, const struct wd_edit_target *targets,
                              size_t count, enum wd_edit_stage stage, struct wd_arena *arena,
                              struct wd_edit_obstacle **out)
{
    struct edit e = {.schema = schema, .targets = targets, .count = count, .stage = stage, .arena = arena};
    open_edit(&e);
    find_gone(&e);
    *out = e.obstacles;
    close_edit(&e);
    return e.obstacle_count;
}

/* ---- both stages ---- */

static int remove_all(struct edit *e, struct wd_edit_result *results, struct wd_err *err)
{
    find_gone(e);
    for (size_t i = 0; i < e->count; i++)
        if (e->obstacles[i].why)
            return wd_fail(err, WD_EPARSE, e->obstacles[i].at,
                           "%s; change that first, or suppress the finding", e->obstacles[i].why);
    for (size_t d = 0; d < e->schema->document_count; d++)
        TRY(wd_cut_document(e->schema->documents[d], &e->gone, e->arena, &results[d], err));
    return WD_OK;
}

static int deprecate_all(struct edit *e, struct wd_edit_result *results)
{
    struct wd_map *defaults = wd_map_open();
    for (size_t i = 0; i < e->count; i++) {
        const struct wd_schema_field *field = e->targets[i].field;
        bool has_new = field && wd_avro_put_defaults(field, e->arena, defaults);
        if (field && (has_new || !field->is_deprecated))
            take_target(e, i);
    }
    for (size_t d = 0; d < e->schema->document_count; d++)
        results[d] = wd_cut_deprecate(e->schema->documents[d], &e->gone, defaults, e->arena);
    wd_map_close(defaults);
    return WD_OK;
}

int wd_tree_edit_apply(const struct wd_schema *schema, const struct wd_edit_target *targets, size_t count,
                       enum wd_edit_stage stage, struct wd_arena *arena, struct wd_edit_result **out,
                       struct wd_err *err)
{
    struct edit e = {.schema = schema, .targets = targets, .count = count, .stage = stage, .arena = arena};
    struct wd_edit_result *results = wd_arena_array(arena, struct wd_edit_result, schema->document_count);
    open_edit(&e);
    int rc = stage == WD_EDIT_REMOVE ? remove_all(&e, results, err) : deprecate_all(&e, results);
    close_edit(&e);
    if (rc >= 0)
        *out = results;
    return rc;
}
