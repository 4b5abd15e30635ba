/* infer/tree.h - the rows of a message type as a tree of fields. Private to infer/.
 *
 * Shape   one field for each path, its members and its entry below it; what an object's keys lead to can be
 *         made one entry.
 * Owns    fields in the arena; names are views of the profile.
 * Errors  none.
 */
#ifndef WD_INFER_TREE_H
#define WD_INFER_TREE_H

#include "infer/infer.h"

/* The rows of a type as a tree; NULL when there is none. `words`: those that may be written; counts into
 * `out`. */
struct wd_inferred_field *wd_infer_tree(const struct wd_inference *inference,
                                        const struct wd_type_profile *type, struct wd_arena *arena,
                                        struct wd_inferred *out);
void wd_infer_add_member(struct wd_inferred_field *object, struct wd_inferred_field *member,
                         struct wd_arena *arena);
/* Makes a map of an object whose keys are values (infer/maps.c): what they lead to becomes one entry. */
bool wd_infer_is_map(const struct wd_inferred_field *object);
void wd_infer_make_map(struct wd_inferred_field *object, struct wd_arena *arena);
/* The one field that all keys of the object lead to, members and entries together, for formats that have
 * either a class or a map. NULL: it has no key. */
struct wd_inferred_field *wd_infer_any_member(const struct wd_inferred_field *object, struct wd_arena *arena);

#endif
