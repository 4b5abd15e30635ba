/* schema/avro.h - an Avro type as flat, sorted fields.
 *
 * Shape   paths as field/avro.c reports them: fields of records, [] of arrays, {} of maps; the branches of a
 *         union are alternatives (fieldset.h). All fields of a record are required: a value has each of them.
 *         A record that contains itself is followed once, its second return is free (is_free).
 * Owns    fields in the resolver's arena.
 * Errors  WD_EPARSE with a place: limits `schema-depth`, `fields`, `path`, `yaml-nodes`.
 * Source  Apache Avro 1.11 specification.
 */
#ifndef WD_SCHEMA_AVRO_H
#define WD_SCHEMA_AVRO_H

#include "schema/loader.h"

int wd_avro_flatten(struct wd_loader *loader, const struct wd_avro_type *type, struct wd_schema_message *out);

#endif
