/* schema/proto_roots.c - which messages of a schema can stand at the top.
 *
 *     Envelope ──> Order ──> Trader        a root is what nothing refers to, or a whole circle of
 *     Node <──> Tree ──> Leaf              messages into which nothing leads: Envelope; Node and Tree
 *
 * Walked once, messages in the order in which they are left form a list whose last one nothing leads to but
 * its own circle. From the end of the list: what is not reached from those before is such a one too.
 */
#include "schema/proto_index.h"

struct graph {
    const struct wd_proto_index *index;
    /* Links of a type: first[type], then next[link]; they count from 1, 0 ends. */
    size_t *first, *next, *target;
    size_t *back_first, *back_next, *source;
    size_t links;
};

static void link_types(struct graph *g, size_t from, size_t to)
{
    size_t link = ++g->links;
    g->target[link] = to;
    g->source[link] = from;
    g->next[link] = g->first[from];
    g->first[from] = link;
    g->back_next[link] = g->back_first[to];
    g->back_first[to] = link;
}

static size_t *numbers(size_t count)
{
    return wd_alloc((count + 1) * sizeof(size_t));
}

static void open_graph(struct graph *g, const struct wd_proto_index *index)
{
    size_t links = 0;
    for (size_t t = 0; t < index->type_count; t++)
        links += index->types[t].layout.proto->field_count;
    *g = (struct graph){ .index = index,
                         .first = numbers(index->type_count),
                         .back_first = numbers(index->type_count),
                         .next = numbers(links),
                         .back_next = numbers(links),
                         .target = numbers(links),
                         .source = numbers(links) };
    for (size_t t = 0; t < index->type_count; t++) {
        const struct wd_proto_message *m = index->types[t].layout.proto;
        for (size_t f = 0; f < m->field_count; f++) {
            const struct wd_proto_type *to =
                m->fields[f].message ? wd_proto_index_type(index, m->fields[f].message->name) : NULL;
            if (to)
                link_types(g, t, (size_t)(to - index->types));
        }
    }
}

static void close_graph(struct graph *g)
{
    wd_free(g->first);
    wd_free(g->next);
    wd_free(g->target);
    wd_free(g->back_first);
    wd_free(g->back_next);
    wd_free(g->source);
}

/* --- the order in which they are left --- */

/* Depth first from `from`, on a stack of its own; `at` is the link that each is about to take. */
static void leave(const struct graph *g, size_t from, bool *seen, size_t *at, size_t *stack, size_t *order,
                  size_t *count)
{
    size_t depth = 0;
    stack[depth++] = from;
    seen[from] = true;
    at[from] = g->first[from];
    while (depth) {
        size_t type = stack[depth - 1], link = at[type];
        if (!link) {
            order[(*count)++] = type;
            depth--;
            continue;
        }
        at[type] = g->next[link];
        size_t to = g->target[link];
        if (seen[to])
            continue;
        seen[to] = true;
        at[to] = g->first[to];
        stack[depth++] = to;
    }
}

static void spread(const size_t *first, const size_t *next, const size_t *target, size_t from, bool *seen,
                   size_t *queue)
{
    size_t count = 0;
    if (seen[from])
        return;
    seen[from] = true;
    queue[count++] = from;
    while (count) {
        size_t type = queue[--count];
        for (size_t link = first[type]; link; link = next[link]) {
            if (seen[target[link]])
                continue;
            seen[target[link]] = true;
            queue[count++] = target[link];
        }
    }
}

/* --- roots --- */

static void spread_from(const struct graph *g, const char *name, bool *reached, size_t *queue)
{
    const struct wd_proto_type *type = wd_proto_index_type(g->index, wd_bytes_of(name));
    if (type)
        spread(g->first, g->next, g->target, (size_t)(type - g->index->types), reached, queue);
}

static void spread_service(const struct graph *g, const Google__Protobuf__ServiceDescriptorProto *service,
                           bool *reached, size_t *queue)
{
    for (size_t m = 0; m < service->n_method; m++) {
        spread_from(g, service->method[m]->input_type, reached, queue);
        spread_from(g, service->method[m]->output_type, reached, queue);
    }
}

/* What methods of the named files send is on its channel, and all that is in it. */
static void spread_services(const struct graph *g, bool *reached, size_t *queue)
{
    const struct wd_proto_set *set = g->index->set;
    for (size_t f = 0; f < set->count; f++)
        for (size_t s = 0; set->files[f].is_named && s < set->files[f].descriptor->n_service; s++)
            spread_service(g, set->files[f].descriptor->service[s], reached, queue);
}

static void mark_roots(const struct graph *g, bool *is_root, bool *reached, size_t *order, size_t *queue)
{
    size_t count = 0, n = g->index->type_count;
    bool *seen = wd_alloc(n + 1);
    size_t *at = numbers(n);
    for (size_t t = 0; t < n; t++)
        if (!seen[t])
            leave(g, t, seen, at, queue, order, &count);
    while (count--) {
        if (reached[order[count]])
            continue;
        spread(g->first, g->next, g->target, order[count], reached, queue);
        spread(g->back_first, g->back_next, g->source, order[count], is_root, queue); /* its circle */
    }
    wd_free(seen);
    wd_free(at);
}

size_t wd_proto_index_roots(const struct wd_proto_index *index, struct wd_arena *arena,
                            const struct wd_proto_type ***out)
{
    struct graph g;
    size_t n = index->type_count, count = 0;
    bool *is_root = wd_alloc(n + 1), *reached = wd_alloc(n + 1);
    size_t *order = numbers(n), *queue = numbers(n);
    open_graph(&g, index);
    spread_services(&g, reached, queue);
    mark_roots(&g, is_root, reached, order, queue);
    *out = wd_arena_array(arena, const struct wd_proto_type *, n);
    for (size_t t = 0; t < n; t++)
        if (is_root[t] && index->types[t].file->is_named)
            (*out)[count++] = &index->types[t];
    close_graph(&g);
    wd_free(is_root);
    wd_free(reached);
    wd_free(order);
    wd_free(queue);
    return count;
}
