#include "schema/names.h"

static bool is_one_of(struct wd_bytes key, const char *const *words)
{
    for (; *words; words++)
        if (wd_bytes_is(key, *words))
            return true;
    return false;
}

/* Keywords whose members are named by the author. */
static bool could_hold_names(const struct wd_node *node)
{
    static const char *const keys[] = {"properties",
                                       "patternProperties",
                                       "$defs",
                                       "definitions",
                                       "dependentSchemas",
                                       "dependentRequired",
                                       "dependencies",
                                       "schemas",
                                       "messages",
                                       "channels",
                                       "operations",
                                       "parameters",
                                       "servers",
                                       "messageTraits",
                                       "operationTraits",
                                       "replies",
                                       NULL};
    return node->kind == WD_NODE_MAP && is_one_of(node->key, keys);
}

/* In properties: {properties: {properties: ...}} names and keywords take turns. */
bool wd_is_named(const struct wd_node *node)
{
    bool is_named = false;
    for (const struct wd_node *up = node->parent; up && could_hold_names(up); up = up->parent)
        is_named = !is_named;
    return is_named;
}

bool wd_is_keyword_of(const struct wd_node *node, const char *const *keywords)
{
    return is_one_of(node->key, keywords) && node->parent && node->parent->kind == WD_NODE_MAP &&
           !wd_is_named(node);
}

bool wd_is_keyword(const struct wd_node *node, const char *keyword)
{
    return wd_is_keyword_of(node, (const char *const[]){keyword, NULL});
}

/* An item of the `types` of an Avro protocol. */
static bool is_type_of_protocol(const struct wd_node *node)
{
    const struct wd_node *list = node->parent;
    return list && list->kind == WD_NODE_LIST && wd_bytes_is(list->key, "types") && list->parent &&
           !list->parent->parent && wd_node_get(list->parent, "protocol");
}

bool wd_is_definition(const struct wd_node *node)
{
    static const char *const anywhere[] = {"$defs", "definitions", NULL};
    static const char *const components[] = {"schemas", "messages", "messageTraits", "operationTraits", NULL};
    const struct wd_node *map = node->parent;
    if (is_type_of_protocol(node))
        return true;
    if (!map || !wd_is_named(node) || node->is_merge)
        return false;
    if (wd_is_keyword_of(map, anywhere))
        return true;
    const struct wd_node *up = map->parent;
    return wd_is_keyword_of(map, components) && up->parent && !up->parent->parent &&
           wd_bytes_is(up->key, "components");
}

bool wd_is_operation(const struct wd_node *node)
{
    static const char *const v2[] = {"publish", "subscribe", NULL};
    const struct wd_node *up = node->parent;
    if (!up || up->kind != WD_NODE_MAP || !up->parent)
        return false;
    bool is_v3 = wd_is_keyword(up, "operations") && wd_is_named(node);
    return is_v3 || (wd_is_keyword_of(node, v2) && wd_is_named(up) && wd_is_keyword(up->parent, "channels"));
}
