/* schema/links.h - who refers to whom in the texts of a schema: every $ref as a link from its holder to its target.
 *
 * Shape   all documents, all $ref, whether a message needs them or not; links that lead nowhere or elsewhere have no target.
 * Owns    the list, on the heap until wd_links_free. Source  RFC 6901.
 */
#ifndef WD_SCHEMA_LINKS_H
#define WD_SCHEMA_LINKS_H

#include "model/schema.h"

struct wd_link {
    const struct wd_node *holder;   /* the map that has the $ref */
    const struct wd_node *target;   /* NULL: not in these documents */
};

struct wd_links {
    struct wd_link *at;
    size_t count, cap;
};

struct wd_links wd_links_of(const struct wd_schema *schema);
void wd_links_free(struct wd_links *links);

/* Every node below and including `root`, one after the other, without following aliases: NULL at the end. */
const struct wd_node *wd_node_after(const struct wd_node *node, const struct wd_node *root);

#endif
