/* schema/avro_edit.h - what Avro asks of an edit.
 *
 * Shape   whoever reads with the schema of before fills in a field that is gone with its default. So a field
 *         with a default can go at once; one without is given a default first (stage deprecate, with `deprecated`
 *         beside it, an attribute of its own that Avro leaves alone), and can go when all readers have that.
 * Owns    texts in the arena.
 * Errors  none: an obstacle says why.
 * Source  Apache Avro 1.11 specification: Schema Resolution.
 */
#ifndef WD_SCHEMA_AVRO_EDIT_H
#define WD_SCHEMA_AVRO_EDIT_H

#include "base/map.h"
#include "schema/edit.h"

/* `why` NULL: none. */
struct wd_edit_obstacle wd_avro_obstacle(const struct wd_schema *schema, const struct wd_edit_target *target,
                                         enum wd_edit_stage stage);
/* A default for each declaration of the field that has none, into `defaults`: its node to the address of the
 * JSON text (struct wd_bytes). False: there was nothing to do. */
bool wd_avro_put_defaults(const struct wd_schema_field *field, struct wd_arena *arena,
                          struct wd_map *defaults);

#endif
