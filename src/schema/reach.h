/* schema/reach.h - definitions that nothing refers to any more.
 * Source  design: pruning is safe. */
#ifndef WD_SCHEMA_REACH_H
#define WD_SCHEMA_REACH_H

#include "schema/cut.h"
#include "schema/links.h"

/* Calls `take` for each definition of the named documents that something outside of definitions led to, and
 * nothing does once `gone` is gone: also chains and circles of them. What was without a reader before stays,
 * and so does what it refers to. In files that were only referred to nothing is an orphan: others may read
 * them. */
void wd_reach_orphans(const struct wd_schema *schema, const struct wd_links *links,
                      const struct wd_gone *gone, void (*take)(void *ctx, const struct wd_node *definition),
                      void *ctx);

#endif
