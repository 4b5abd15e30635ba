#include "document/tree.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/escape.h"

/* Smaller maps are searched from end to end. */
enum { INDEXED = 8 };

struct wd_place wd_tree_place(const struct wd_tree *tree, struct wd_span span)
{
    return (struct wd_place){ .file = tree->document->name, .line = span.line, .column = span.column,
                              .offset = span.off, .has_offset = true };
}

int wd_tree_fail(struct wd_tree *tree, size_t off, const char *format, ...)
{
    char text[512];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    return wd_fail(tree->err, WD_EPARSE, wd_tree_place(tree, wd_ruler_span(&tree->ruler, off, off)), "%s",
                   text);
}

struct wd_tree_frame *wd_tree_top(struct wd_tree *tree)
{
    return tree->depth ? &tree->stack[tree->depth - 1] : NULL;
}

int wd_tree_key(struct wd_tree *tree, struct wd_bytes key, struct wd_span span, bool is_merge)
{
    struct wd_tree_frame *top = wd_tree_top(tree);
    top->has_key = true;
    top->key = key;
    top->key_span = span;
    top->is_merge = is_merge;
    return WD_OK;
}

static int check_limits(struct wd_tree *tree, const struct wd_node *like, uint64_t weight, unsigned height)
{
    if (tree->depth + height > tree->limits->yaml_depth)
        return wd_tree_fail(tree, like->span.off, "nested deeper than %" PRIu64
                            " levels; raise it with --limit yaml-depth=...", tree->limits->yaml_depth);
    if (weight >= tree->limits->yaml_nodes || tree->nodes >= tree->limits->yaml_nodes - weight)
        return wd_tree_fail(tree, like->span.off, "more than %" PRIu64
                            " values%s; raise it with --limit yaml-nodes=...", tree->limits->yaml_nodes,
                            weight ? " once aliases are followed" : "");
    return WD_OK;
}

static void hang(struct wd_tree_frame *top, struct wd_node *node)
{
    node->parent = top->node;
    if (top->node->last)
        top->node->last->next = node;
    else
        top->node->first = node;
    top->node->last = node;
    top->node->count++;
    if (top->node->kind != WD_NODE_MAP)
        return;
    node->key = top->key;
    node->key_span = top->key_span;
    node->is_merge = top->is_merge;
    top->has_key = false;
}

int wd_tree_add(struct wd_tree *tree, const struct wd_node *like, uint64_t weight, unsigned height,
                struct wd_node **out)
{
    TRY(check_limits(tree, like, weight, height));
    struct wd_node *node = wd_arena_new(tree->arena, struct wd_node);
    *node = *like;
    tree->nodes += 1 + weight;
    struct wd_tree_frame *top = wd_tree_top(tree);
    if (top) {
        hang(top, node);
        if (top->height < height)
            top->height = height;
    } else {
        tree->document->root = node;
    }
    *out = node;
    return WD_OK;
}

int wd_tree_open(struct wd_tree *tree, const struct wd_node *like, struct wd_node **out)
{
    uint64_t nodes_before = tree->nodes;
    TRY(wd_tree_add(tree, like, 0, 1, out));
    WD_GROW(tree->stack, tree->depth, tree->cap);
    tree->stack[tree->depth++] = (struct wd_tree_frame){ .node = *out, .nodes_before = nodes_before };
    return WD_OK;
}

static int by_key(const void *a, const void *b)
{
    const struct wd_node *x = *(struct wd_node *const *)a, *y = *(struct wd_node *const *)b;
    int c = wd_bytes_cmp(x->key, y->key);
    return c ? c : (x->key_span.off > y->key_span.off) - (x->key_span.off < y->key_span.off);
}

static int fail_twice(struct wd_tree *tree, const struct wd_node *first, const struct wd_node *second)
{
    struct wd_shown shown;
    return wd_tree_fail(tree, second->key_span.off,
                        "'%s' is already a key of this map, on line %" PRIu32 "; keep one of them",
                        wd_show(&shown, second->key), first->key_span.line);
}

/* Of all keys that come twice, complains about the one that a reader meets first. */
static int check_twice(struct wd_tree *tree, struct wd_node *const *sorted, size_t count)
{
    size_t worst = 0;
    for (size_t i = 1; i < count; i++)
        if (wd_bytes_eq(sorted[i - 1]->key, sorted[i]->key) &&
            (!worst || sorted[i]->key_span.off < sorted[worst]->key_span.off))
            worst = i;
    return worst ? fail_twice(tree, sorted[worst - 1], sorted[worst]) : WD_OK;
}

static int index_members(struct wd_tree *tree, struct wd_node *map)
{
    struct wd_node *few[INDEXED], **sorted = few;
    if (map->count > INDEXED)
        map->index = sorted = wd_arena_array(tree->arena, struct wd_node *, map->count);
    size_t n = 0;
    for (struct wd_node *member = map->first; member; member = member->next)
        sorted[n++] = member;
    qsort(sorted, n, sizeof *sorted, by_key);
    return check_twice(tree, sorted, n);
}

/* `<<` lends members: a map does, and so does a list of maps. */
static int check_merge(struct wd_tree *tree, const struct wd_node *value)
{
    bool is_good = value->kind == WD_NODE_MAP || (value->kind == WD_NODE_LIST && value->count);
    for (const struct wd_node *item = value->first; is_good && value->kind == WD_NODE_LIST && item;
         item = item->next)
        is_good = item->kind == WD_NODE_MAP;
    if (is_good)
        return WD_OK;
    return wd_tree_fail(
        tree, value->span.off,
        "'<<' merges a map or a list of maps, found %s; quote the key if it is meant literally",
        wd_node_kind_name(value));
}

int wd_tree_close(struct wd_tree *tree, size_t end)
{
    struct wd_tree_frame frame = tree->stack[--tree->depth];
    struct wd_node *node = frame.node;
    node->span.len = end - node->span.off;
    if (node->kind == WD_NODE_MAP) {
        for (const struct wd_node *member = node->first; member; member = member->next)
            if (member->is_merge)
                TRY(check_merge(tree, member));
        TRY(index_members(tree, node));
    }
    struct wd_tree_frame *above = wd_tree_top(tree);
    if (above && above->height < frame.height + 1)
        above->height = frame.height + 1;
    return WD_OK;
}

void wd_tree_end(struct wd_tree *tree)
{
    wd_free(tree->stack);
}
