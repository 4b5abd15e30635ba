#include "pipeline/place.h"

void wd_places_open(struct wd_places *p, const struct wd_schema *schema, struct wd_arena *arena)
{
    *p = (struct wd_places){
        .schema = schema, .arena = arena, .links = wd_links_of(schema, arena), .known = wd_map_open()
    };
}

void wd_places_close(struct wd_places *p)
{
    wd_links_free(&p->links);
    wd_map_close(p->known);
    wd_free(p->growths);
}

static void grow(struct wd_places *p, const struct wd_node *at, struct wd_node *put, bool is_replaced)
{
    WD_GROW(p->growths, p->count, p->cap);
    p->growths[p->count++] = (struct wd_growth){ at, put, is_replaced };
}

/* What is remembered of a node that was read, by key; 0 when new. */
static uint64_t *known(struct wd_places *p, const struct wd_node *read, struct wd_bytes key)
{
    struct wd_buf text = { 0 };
    wd_buf_put(&text, wd_bytes_at(&read, sizeof read));
    wd_buf_put(&text, key);
    uint64_t *at = wd_map_put(p->known, wd_buf_bytes(&text), NULL);
    wd_buf_free(&text);
    return at;
}

static const struct wd_node *own_member(const struct wd_node *map, struct wd_bytes key)
{
    const struct wd_node *member = wd_node_get_bytes(map, key);
    return member && member->parent == map ? member : NULL;
}

struct wd_place_in wd_place_at(const struct wd_node *read)
{
    return (struct wd_place_in){ .read = read };
}

bool wd_place_put(struct wd_places *p, struct wd_place_in in, struct wd_bytes key, struct wd_node *value)
{
    if (in.made) {
        bool is_new = !own_member(in.made, key);
        if (is_new)
            wd_node_put(in.made, key, value);
        return is_new;
    }
    if (!in.read || in.read->kind != WD_NODE_MAP || !wd_grow_can(in.read) || wd_node_get_bytes(in.read, key))
        return false;
    uint64_t *at = known(p, in.read, key);
    if (*at)
        return false;
    *at = (uint64_t)(uintptr_t)value;
    value->key = key;
    grow(p, in.read, value, false);
    return true;
}

struct wd_place_in wd_place_below(struct wd_places *p, struct wd_place_in in, const char *key)
{
    struct wd_bytes name = wd_bytes_of(key);
    const struct wd_node *read = in.read ? own_member(in.read, name) : NULL;
    if (in.made && own_member(in.made, name))
        return (struct wd_place_in){ .made = (struct wd_node *)own_member(in.made, name) };
    if (read)
        return (struct wd_place_in){ .read = read };
    if (in.read && *known(p, in.read, name))
        return (struct wd_place_in){ .made = (struct wd_node *)(uintptr_t)*known(p, in.read, name) };
    struct wd_node *map = wd_make_map(p->arena, false);
    bool is_put = wd_place_put(p, in, name, map);
    return (struct wd_place_in){ .made = is_put ? map : NULL };
}

bool wd_place_has(struct wd_places *p, struct wd_place_in in, struct wd_bytes key)
{
    if (in.made)
        return own_member(in.made, key);
    return in.read && (wd_node_get_bytes(in.read, key) || *known(p, in.read, key));
}

bool wd_place_set(struct wd_places *p, struct wd_place_in in, const char *key, struct wd_node *value)
{
    const struct wd_node *old = in.read ? own_member(in.read, wd_bytes_of(key)) : NULL;
    if (!old)
        return wd_place_put(p, in, wd_bytes_of(key), value);
    uint64_t *at = known(p, in.read, wd_bytes_of(key));
    if (*at)
        return false;
    *at = (uint64_t)(uintptr_t)value;
    grow(p, old, value, true);
    return true;
}

bool wd_place_add(struct wd_places *p, const struct wd_node *list, struct wd_node *value)
{
    struct wd_bytes text = value->first ? value->first->text : value->text; /* of a reference what it names */
    uint64_t *at = wd_grow_can(list) ? known(p, list, text) : NULL;
    if (!at || *at)
        return false;
    *at = (uint64_t)(uintptr_t)value;
    grow(p, list, value, false);
    return true;
}

bool wd_place_widen(struct wd_places *p, const struct wd_node *type, const char *name)
{
    uint64_t *at = known(p, type, wd_bytes_of(""));
    struct wd_node *list = (struct wd_node *)(uintptr_t)*at;
    if (!list) {
        list = wd_make_list(p->arena, true);
        wd_node_add(list,
                    wd_make_text(p->arena, type->kind == WD_NODE_NULL ? wd_bytes_of("null") : type->text));
        *at = (uint64_t)(uintptr_t)list;
        grow(p, type, list, true);
    }
    for (const struct wd_node *n = list->first; n; n = n->next)
        if (wd_bytes_is(n->text, name))
            return false;
    wd_node_add(list, wd_make_word(p->arena, name));
    return true;
}
