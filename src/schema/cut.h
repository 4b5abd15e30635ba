/* schema/cut.h - the text of a document without some of its nodes.
 * Shape   spans of the nodes become cuts, the rest is copied byte for byte. Owns  results are in the arena. */
#ifndef WD_SCHEMA_CUT_H
#define WD_SCHEMA_CUT_H

#include "base/map.h"
#include "schema/edit.h"

/* A set of nodes. */
struct wd_gone { struct wd_map *set; };

void wd_gone_add(struct wd_gone *gone, const struct wd_node *node);
bool wd_gone_has(const struct wd_gone *gone, const struct wd_node *node);
/* The node or one around it is in the set. */
bool wd_gone_covers(const struct wd_gone *gone, const struct wd_node *node);

struct wd_edit_result wd_cut_document(const struct wd_document *document, const struct wd_gone *gone, struct wd_arena *arena);
/* Writes `deprecated: true` into each schema of the set, where it is a map that does not say so already. */
struct wd_edit_result wd_cut_deprecate(const struct wd_document *document, const struct wd_gone *marked, struct wd_arena *arena);

#endif
