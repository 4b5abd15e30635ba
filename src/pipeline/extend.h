/* pipeline/extend.h - what messages look like, added to a schema that is there already.
 *
 * Shape   fields that are declared nowhere, types that a declaration does not allow, and messages that
 *         nothing describes are written into the texts (schema/grow.h). Nothing is taken away or changed
 *         otherwise: names, order, comments, `required` stay; new fields of old objects are never required. Doing it
 *         twice is doing it once.
 * Owns    the new texts are in the arena.
 * Errors  WD_EPARSE: a text that cannot be added to. WD_ESYSTEM: the result does not hold what was there
 *         before, a bug of ours.
 */
#ifndef WD_PIPELINE_EXTEND_H
#define WD_PIPELINE_EXTEND_H

#include "infer/printer.h"
#include "model/schema.h"
#include "schema/edit.h"

struct wd_extension {
    struct wd_edit_result *results;    /* one per document of the schema, in its order */
    size_t fields, types, messages;    /* added */
    size_t missing;                    /* required fields that were not always there: they stay required */
    size_t unplaced;                   /* for which the schema has no place */
};

/* `bindings`: one per type of `profile`, whose types the inferred messages are. */
/* The same for a .proto file, by names of messages and the JSON names of fields (pipeline/extend_proto.c). */
int wd_extend_proto(const struct wd_infer_print *print, const struct wd_schema *old,
                    const struct wd_limits *limits, struct wd_extension *out, struct wd_err *err);

int wd_extend(const struct wd_infer_print *print, const struct wd_profile *profile,
              const struct wd_schema *old, const struct wd_binding *bindings, const struct wd_limits *limits,
              struct wd_extension *out, struct wd_err *err);

#endif
