#include "schema/spots.h"

struct search {
    struct wd_spots *spots;
    struct wd_map *seen;
    bool is_condition;
};

static void visit(struct search *s, const struct wd_node *object)
{
    bool is_new;
    if (!object || object->kind != WD_NODE_MAP)
        return;
    if (object->alias_of)
        object = object->alias_of;
    wd_map_put(s->seen, wd_bytes_at(&object, sizeof object), &is_new);
    if (!is_new)
        return;
    struct wd_spots *spots = s->spots;
    WD_GROW(spots->at, spots->count, spots->cap);
    spots->at[spots->count++] = (struct wd_spot){object, s->is_condition};
}

static void visit_members(struct search *s, const struct wd_node *object, const char *keyword,
                          enum wd_node_kind kind)
{
    const struct wd_node *collection = wd_node_get(object, keyword);
    if (!collection || collection->kind != kind)
        return;
    for (const struct wd_node *member = collection->first; member; member = member->next)
        visit(s, member);
}

/* The list grows behind the place that is looked at. */
static void follow(struct search *s, size_t from, bool to_conditions)
{
    static const char *const lists[] = {"allOf", "oneOf", "anyOf"}, *const schemas[] = {"then", "else"};
    static const char *const maps[] = {"dependentSchemas", "dependencies"}, *const conditions[] = {"if",
                                                                                                   "not"};
    for (size_t i = from; i < s->spots->count; i++) {
        const struct wd_node *object = s->spots->at[i].object;
        for (size_t k = 0; to_conditions && k < WD_COUNT(conditions); k++)
            visit(s, wd_node_get(object, conditions[k]));
        if (to_conditions && !s->spots->at[i].is_condition)
            continue;
        visit(s, wd_links_target(s->spots->links, object));
        for (size_t k = 0; k < WD_COUNT(lists); k++)
            visit_members(s, object, lists[k], WD_NODE_LIST);
        for (size_t k = 0; k < WD_COUNT(maps); k++)
            visit_members(s, object, maps[k], WD_NODE_MAP);
        for (size_t k = 0; k < WD_COUNT(schemas); k++)
            visit(s, wd_node_get(object, schemas[k]));
    }
}

static void finish(struct search *s)
{
    follow(s, 0, false);
    s->is_condition = true;
    follow(s, 0, true);
    wd_map_close(s->seen);
}

void wd_spots_find(struct wd_spots *spots, const struct wd_schema_field *field)
{
    struct search s = {.spots = spots, .seen = wd_map_open()};
    spots->count = 0;
    for (size_t i = 0; i < field->decl_count; i++)
        if (!field->decls[i].document->is_proto)
            visit(&s, field->decls[i].member);
    finish(&s);
}

void wd_spots_find_from(struct wd_spots *spots, const struct wd_node *object)
{
    struct search s = {.spots = spots, .seen = wd_map_open()};
    spots->count = 0;
    visit(&s, object);
    finish(&s);
}

void wd_spots_close(struct wd_spots *spots)
{
    wd_free(spots->at);
    *spots = (struct wd_spots){0};
}
