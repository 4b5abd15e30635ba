/* schema/edit.h - removing fields from a schema's text without touching another byte.
 *
 * Shape   from the fields to remove follows a set of nodes that go: the properties, their names in
 *         `required`, their values in `examples`, maps and lists that this leaves empty, references to
 *         messages that go, operations without a message, and definitions that nothing refers to any more.
 *         The new text is the old one without them; removing nothing gives the same bytes. In block YAML
 *         whole lines are cut (a comment that stands directly above an entry, indented like it, goes with it,
 *         and so does a deeper one directly below); in JSON and flow YAML tokens are. Deprecating writes
 *         `deprecated: true` into the schema of each field; a message has no such mark and is left as it is.
 *         Of .proto files (proto_edit.h, proto_cut.h) declarations go with their comments, and numbers and
 *         names are reserved; `deprecated = true` joins the options of a field. Of Avro
 *         (avro_edit.h) a field without a default is given one when it is deprecated, and only one with a
 *         default can be removed.
 * Owns    the new texts are in `arena`.
 * Errors  WD_EPARSE with a place where an edit is not possible: an obstacle (below), or text that cannot be
 *         cut. A field that others share is removed for all: whoever asks has made sure (pipeline/prune.h).
 * Source  design: pruning is safe.
 */
#ifndef WD_SCHEMA_EDIT_H
#define WD_SCHEMA_EDIT_H

#include "model/schema.h"

enum wd_edit_stage { WD_EDIT_REMOVE, WD_EDIT_DEPRECATE };

struct wd_edit_target {
    const struct wd_schema_message *message;
    const struct wd_schema_field *field;   /* NULL: the whole message */
};

struct wd_edit_result {
    const struct wd_document *document;
    struct wd_bytes text;                  /* the document's own when nothing was changed */
    size_t lines_removed, lines_added;
};

/* What keeps a target from going: something that stays needs a part of it. */
struct wd_edit_obstacle {
    const char *why;                       /* literal; NULL: nothing */
    struct wd_place at;                    /* of what stays */
};

/* `out`: one result per document of the schema, in its order. */
int wd_edit_apply(const struct wd_schema *schema, const struct wd_edit_target *targets, size_t count,
                  enum wd_edit_stage stage, struct wd_arena *arena, struct wd_edit_result **out,
                  struct wd_err *err);

/* `out`: one per target, in `arena`. Returns how many there are. */
size_t wd_edit_obstacles(const struct wd_schema *schema, const struct wd_edit_target *targets, size_t count,
                         enum wd_edit_stage stage, struct wd_arena *arena, struct wd_edit_obstacle **out);

#endif
