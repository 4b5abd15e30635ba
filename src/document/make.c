#include "document/make.h"

#include <inttypes.h>

static struct wd_node *make(struct wd_arena *arena, enum wd_node_kind kind)
{
    struct wd_node *node = wd_arena_new(arena, struct wd_node);
    node->kind = kind;
    return node;
}

static struct wd_node *make_collection(struct wd_arena *arena, enum wd_node_kind kind, bool is_flow)
{
    struct wd_node *node = make(arena, kind);
    node->is_flow = is_flow;
    return node;
}

static struct wd_node *make_scalar(struct wd_arena *arena, enum wd_node_kind kind, struct wd_bytes text)
{
    struct wd_node *node = make(arena, kind);
    node->text = text;
    return node;
}

struct wd_node *wd_make_map(struct wd_arena *arena, bool is_flow)
{
    return make_collection(arena, WD_NODE_MAP, is_flow);
}

struct wd_node *wd_make_list(struct wd_arena *arena, bool is_flow)
{
    return make_collection(arena, WD_NODE_LIST, is_flow);
}

struct wd_node *wd_make_text(struct wd_arena *arena, struct wd_bytes text)
{
    return make_scalar(arena, WD_NODE_STRING, text);
}

struct wd_node *wd_make_word(struct wd_arena *arena, const char *literal)
{
    return make_scalar(arena, WD_NODE_STRING, wd_bytes_of(literal));
}

struct wd_node *wd_make_count(struct wd_arena *arena, uint64_t n)
{
    return make_scalar(arena, WD_NODE_INTEGER, wd_arena_printf(arena, "%" PRIu64, n));
}

struct wd_node *wd_make_decimal(struct wd_arena *arena, double value, int digits)
{
    struct wd_bytes text = wd_arena_printf(arena, "%.*f", digits, value);
    while (digits && text.len && (text.at[text.len - 1] == '0' || text.at[text.len - 1] == '.'))
        if (text.at[--text.len] == '.')
            break;
    return make_scalar(arena, WD_NODE_NUMBER, text);
}

struct wd_node *wd_make_true(struct wd_arena *arena)
{
    return make_scalar(arena, WD_NODE_BOOLEAN, wd_bytes_of("true"));
}

struct wd_node *wd_make_null(struct wd_arena *arena)
{
    return make_scalar(arena, WD_NODE_NULL, wd_bytes_of("null"));
}

struct wd_node *wd_node_add(struct wd_node *list, struct wd_node *value)
{
    value->parent = list;
    if (list->last)
        list->last->next = value;
    else
        list->first = value;
    list->last = value;
    list->count++;
    return value;
}

struct wd_node *wd_node_put(struct wd_node *map, struct wd_bytes key, struct wd_node *value)
{
    value->key = key;
    return wd_node_add(map, value);
}

struct wd_node *wd_node_set(struct wd_node *map, const char *key, struct wd_node *value)
{
    return wd_node_put(map, wd_bytes_of(key), value);
}
