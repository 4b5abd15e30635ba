#include "schema/links.h"

#include <unistd.h>

#include "schema/resolve.h"

const struct wd_node *wd_node_past(const struct wd_node *node, const struct wd_node *root)
{
    while (node != root && !node->next)
        node = node->parent;
    return node == root ? NULL : node->next;
}

const struct wd_node *wd_node_after(const struct wd_node *node, const struct wd_node *root)
{
    return node->first && !node->alias_of ? node->first : wd_node_past(node, root);
}

static void add(struct wd_links *links, struct wd_link link)
{
    WD_GROW(links->at, links->count, links->cap);
    links->at[links->count++] = link;
}

static const struct wd_node *resolve(struct wd_resolver *r, struct wd_document *document,
                                     const struct wd_node *holder)
{
    struct wd_site target = {0};
    *r->err = (struct wd_err){0};
    return wd_resolve(r, (struct wd_site){document, holder}, &target) < 0 ? NULL : target.node;
}

static void add_links_of(struct wd_links *links, struct wd_resolver *r, struct wd_document *document)
{
    for (const struct wd_node *n = document->root; n; n = wd_node_after(n, document->root)) {
        if (n->alias_of)
            add(links, (struct wd_link){
                           .document = document, .holder = n, .target = n->alias_of, .is_alias = true});
        if (!wd_bytes_is(n->key, "$ref") || n->kind != WD_NODE_STRING || !n->parent ||
            n->parent->kind != WD_NODE_MAP)
            continue;
        *wd_map_put(links->targets, wd_bytes_at(&n, sizeof n), NULL) = links->count;
        add(links, (struct wd_link){.document = document,
                                    .holder = n->parent,
                                    .target = resolve(r, document, n->parent)});
    }
}

/* The documents are all there: without a root directory the resolver reads no file. */
static void forget_root(struct wd_resolver *r)
{
    if (r->root_fd >= 0)
        close(r->root_fd);
    r->root_fd = -1;
}

struct wd_links wd_links_of(const struct wd_schema *schema, struct wd_arena *arena)
{
    struct wd_links links = {.targets = wd_map_open()};
    struct wd_limits limits = wd_limits_default();
    struct wd_err err = {0};
    limits.refs = limits.schema_files = UINT64_MAX; /* they were counted when the schema was read */
    struct wd_resolver r = {.arena = arena, .limits = &limits, .err = &err};
    wd_resolver_open(&r, schema->root, schema->documents[0]->name);
    for (size_t d = 0; d < schema->document_count; d++)
        wd_resolver_adopt(&r, schema->documents[d]);
    forget_root(&r);
    for (size_t d = 0; d < schema->document_count; d++)
        if (!schema->documents[d]->is_proto) /* its names are no keywords */
            add_links_of(&links, &r, schema->documents[d]);
    for (size_t i = 0; i < schema->name_use_count; i++) {
        const struct wd_name_use *use = &schema->name_uses[i];
        add(&links, (struct wd_link){.document = use->document,
                                     .holder = use->node,
                                     .target = use->definition,
                                     .is_name = true});
    }
    wd_resolver_close(&r);
    return links;
}

void wd_links_free(struct wd_links *links)
{
    wd_free(links->at);
    wd_map_close(links->targets);
    *links = (struct wd_links){0};
}

const struct wd_node *wd_links_target(const struct wd_links *links, const struct wd_node *map)
{
    const struct wd_node *ref = wd_node_get(map, "$ref");
    const uint64_t *place = ref ? wd_map_get(links->targets, wd_bytes_at(&ref, sizeof ref)) : NULL;
    return place ? links->at[*place].target : NULL;
}
