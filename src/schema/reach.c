/* Mark and sweep, twice: with all references and with those that stay.
 *
 *     text ---$ref---> A ---$ref---> B <---> C        A, B and C live as long as the first reference does
 *                                  D ---> E           nobody ever led to D: it stays as it is, and keeps E
 *
 * A definition inside another keeps that one too, since it is part of its text.
 */
#include "schema/reach.h"

#include "schema/names.h"

enum { NONE = SIZE_MAX };

struct definition {
    const struct wd_node *node;
    size_t around;     /* the definition that it is part of, or NONE */
    size_t first_link; /* of those that it holds, one list through `next_link` */
    bool was_alive, is_alive;
};

struct reach {
    const struct wd_links *links;
    const struct wd_gone *gone; /* NULL: all references count */
    struct wd_map *index;       /* node to place in `at` */
    struct definition *at;
    size_t count, cap;
    size_t *holder_of, *next_link;
    size_t *queue, queue_count;
};

/* The innermost definition that the node is, or is part of. */
static size_t innermost(const struct reach *r, const struct wd_node *node)
{
    for (; node; node = node->parent) {
        const uint64_t *place = wd_map_get(r->index, wd_bytes_at(&node, sizeof node));
        if (place)
            return *place;
    }
    return NONE;
}

static void add_definitions(struct reach *r, const struct wd_document *document)
{
    for (const struct wd_node *n = document->root; n; n = wd_node_after(n, document->root)) {
        if (!wd_is_definition(n))
            continue;
        size_t around = innermost(r, n);
        *wd_map_put(r->index, wd_bytes_at(&n, sizeof n), NULL) = r->count;
        WD_GROW(r->at, r->count, r->cap);
        r->at[r->count++] = (struct definition){.node = n, .around = around, .first_link = NONE};
    }
}

static void hang_links(struct reach *r)
{
    r->holder_of = wd_realloc(NULL, r->links->count + 1, sizeof *r->holder_of);
    r->next_link = wd_realloc(NULL, r->links->count + 1, sizeof *r->next_link);
    for (size_t i = 0; i < r->links->count; i++) {
        size_t holder = r->holder_of[i] = innermost(r, r->links->at[i].holder);
        r->next_link[i] = holder == NONE ? NONE : r->at[holder].first_link;
        if (holder != NONE)
            r->at[holder].first_link = i;
    }
}

static void wake(struct reach *r, size_t definition)
{
    for (; definition != NONE && !r->at[definition].is_alive; definition = r->at[definition].around) {
        r->at[definition].is_alive = true;
        r->queue[r->queue_count++] = definition;
    }
}

static void follow(struct reach *r, size_t link)
{
    const struct wd_link *l = &r->links->at[link];
    if (l->target && !(r->gone && wd_gone_cover(r->gone, l->holder)))
        wake(r, innermost(r, l->target));
}

static void mark(struct reach *r)
{
    for (size_t i = 0; i < r->links->count; i++)
        if (r->holder_of[i] == NONE)
            follow(r, i);
    while (r->queue_count) {
        size_t definition = r->queue[--r->queue_count];
        for (size_t i = r->at[definition].first_link; i != NONE; i = r->next_link[i])
            follow(r, i);
    }
}

/* From all references first; those without a reader, and what can be named at run time, are as good as text.
 */
static void mark_both(struct reach *r, const struct wd_gone *gone)
{
    mark(r);
    for (size_t d = 0; d < r->count; d++)
        r->at[d].was_alive = r->at[d].is_alive;
    for (size_t d = 0; d < r->count; d++)
        r->at[d].is_alive = false;
    r->gone = gone;
    for (size_t d = 0; d < r->count; d++)
        if (!r->at[d].was_alive || wd_node_get(r->at[d].node, "$dynamicAnchor"))
            wake(r, d);
    mark(r);
}

static void close_reach(struct reach *r)
{
    wd_map_close(r->index);
    wd_free(r->at);
    wd_free(r->holder_of);
    wd_free(r->next_link);
    wd_free(r->queue);
}

void wd_reach_orphans(const struct wd_schema *schema, const struct wd_links *links,
                      const struct wd_gone *gone, void (*take)(void *ctx, const struct wd_node *definition),
                      void *ctx)
{
    struct reach r = {.links = links, .index = wd_map_open()};
    for (size_t d = 0; d < schema->named_count; d++)
        if (!schema->documents[d]->is_proto)
            add_definitions(&r, schema->documents[d]);
    hang_links(&r);
    r.queue = wd_realloc(NULL, r.count + 1, sizeof *r.queue);
    mark_both(&r, gone);
    for (size_t d = 0; d < r.count; d++)
        if (!r.at[d].is_alive && !wd_gone_cover(gone, r.at[d].node))
            take(ctx, r.at[d].node);
    close_reach(&r);
}
