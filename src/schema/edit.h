/* schema/edit.h - removing fields from a schema's text without touching another byte.
 *
 * Shape   given the fields to remove, wd_edit_plan makes a list of cuts and replacements per document: the property
 *         with its comments and trailing comma, its name in `required`, containers left empty, definitions that nothing refers to any more.
 *         wd_edit_apply makes the new text of a document. Removing nothing gives the same bytes. Line-based in block YAML
 *         (cut by lines, comments above a removed property go with it when they are indented like it and touch it);
 *         token-based in JSON and flow YAML.
 * Errors  WD_EPARSE with a place where an edit is not possible (an alias shared with something that stays, ...).
 * Source  design: pruning is safe.
 */
#ifndef WD_SCHEMA_EDIT_H
#define WD_SCHEMA_EDIT_H

#include "model/schema.h"

enum wd_edit_stage { WD_EDIT_REMOVE, WD_EDIT_DEPRECATE };   /* deprecate: writes `deprecated: true` */

struct wd_edit_target {
    const struct wd_schema_message *message;
    const struct wd_schema_field *field;   /* NULL: the whole message (WD102) */
};

struct wd_edit;  /* one document's new text */

struct wd_edit_result {
    const struct wd_document *document;
    struct wd_bytes text;          /* the new text; equals document->text when nothing was cut */
    size_t lines_removed, lines_added;
};

/* Applies all targets; `out` one result per document of the schema, in `arena`. */
int wd_edit_apply(const struct wd_schema *schema, const struct wd_edit_target *targets, size_t count,
                  enum wd_edit_stage stage, struct wd_arena *arena, struct wd_edit_result **out, struct wd_err *err);

#endif
