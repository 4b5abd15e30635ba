/* field/avro.h - what an Avro body says of its own schema.
 *
 * Shape   a single-object body names its schema by fingerprint, a container file carries the text of it. Who
 *         knows schemas asks here which of them is meant, and walks with that.
 * Units   the fingerprint is CRC-64-AVRO, as a number.
 * Owns    nothing: views of the body.
 * Errors  none: what is broken says nothing.
 * Source  Apache Avro 1.11 specification: Single-object encoding, Object Container Files.
 */
#ifndef WD_FIELD_AVRO_H
#define WD_FIELD_AVRO_H

#include "base/bytes.h"

/* False: not single-object encoding. */
bool wd_avro_object_fingerprint(struct wd_bytes body, uint64_t *out);
/* False: not a container file, or its head is broken. */
bool wd_avro_file_schema(struct wd_bytes body, struct wd_bytes *out);

#endif
