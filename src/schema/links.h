/* schema/links.h - who refers to whom in the texts of a schema: every $ref and every alias as a link from its
 * holder to its target.
 *
 * Shape   all documents, whether a message needs the link or not; links that lead nowhere, or to files that
 *         were not read, have no target. Nothing is read from disk.
 * Owns    the list, on the heap until wd_links_free; decoded pointers in `arena`.
 * Source  RFC 6901, RFC 3986, YAML 1.2.2.
 */
#ifndef WD_SCHEMA_LINKS_H
#define WD_SCHEMA_LINKS_H

#include "base/map.h"
#include "model/schema.h"

struct wd_link {
    const struct wd_document *document;   /* of the holder */
    const struct wd_node *holder;         /* the map that has the $ref, or the alias itself */
    const struct wd_node *target;         /* NULL: not in these documents */
    bool is_alias;
    bool is_name;                         /* the holder is the name of a type (Avro) */
};

struct wd_links {
    struct wd_link *at;
    size_t count, cap;
    struct wd_map *targets;               /* `$ref` member to place in `at` */
};

struct wd_links wd_links_of(const struct wd_schema *schema, struct wd_arena *arena);
void wd_links_free(struct wd_links *links);
/* What the $ref of this map names, one step; NULL when it has none or it leads elsewhere. */
const struct wd_node *wd_links_target(const struct wd_links *links, const struct wd_node *map);

/* Every node below and including `root`, one after the other, without following aliases: NULL at the end. */
const struct wd_node *wd_node_after(const struct wd_node *node, const struct wd_node *root);
/* The same, passing over what is below `node`. */
const struct wd_node *wd_node_past(const struct wd_node *node, const struct wd_node *root);

#endif
