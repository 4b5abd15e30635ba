/* schema/cut.h - the text of a document without some of its nodes.
 *
 * Shape   the places of nodes become cuts, the rest is copied byte for byte. A map or list that stays, but
 *         loses all that it has, is written {} or []. The new text is read again: it holds the old tree
 *         without those nodes, or the call fails.
 * Owns    results are in the arena. Source  design: pruning is safe.
 */
#ifndef WD_SCHEMA_CUT_H
#define WD_SCHEMA_CUT_H

#include "base/map.h"
#include "schema/edit.h"

/* A set of nodes, each with the target that made it go. */
struct wd_gone { struct wd_map *set; };

/* What a node goes with. */
struct wd_cause {
    uint32_t target;
    bool is_reference;   /* what refers to the node goes as well: a message, an operation, a reference to one */
};

/* False when it was in the set already. */
bool wd_gone_add(struct wd_gone *gone, const struct wd_node *node, struct wd_cause cause);
bool wd_gone_has(const struct wd_gone *gone, const struct wd_node *node);
/* The innermost of the node and those around it that is in the set; NULL when none is. */
const struct wd_node *wd_gone_cover(const struct wd_gone *gone, const struct wd_node *node);
/* Of a node in the set. */
struct wd_cause wd_gone_cause(const struct wd_gone *gone, const struct wd_node *node);

/* Errors: WD_EPARSE where the nodes cannot be cut out of the text. */
int wd_cut_document(const struct wd_document *document, const struct wd_gone *gone, struct wd_arena *arena,
                    struct wd_edit_result *out, struct wd_err *err);
/* Writes `deprecated: true` into each schema of the set, unless it says so already; and `default: ...` where
 * `defaults` has the node, with the address of the JSON text (struct wd_bytes). */
struct wd_edit_result wd_cut_deprecate(const struct wd_document *document, const struct wd_gone *marked,
                                       const struct wd_map *defaults, struct wd_arena *arena);

#endif
