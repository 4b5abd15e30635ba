/* schema/tree_edit.h - the part of schema/edit.h that is about YAML and JSON: the same, for a schema without
 * .proto files. Owns, Errors and Source as there.
 */
#ifndef WD_SCHEMA_TREE_EDIT_H
#define WD_SCHEMA_TREE_EDIT_H

#include "schema/edit.h"

int wd_tree_edit_apply(const struct wd_schema *schema, const struct wd_edit_target *targets, size_t count,
                       enum wd_edit_stage stage, struct wd_arena *arena, struct wd_edit_result **out,
                       struct wd_err *err);
size_t wd_tree_edit_obstacles(const struct wd_schema *schema, const struct wd_edit_target *targets,
                              size_t count, enum wd_edit_stage stage, struct wd_arena *arena,
                              struct wd_edit_obstacle **out);

#endif
