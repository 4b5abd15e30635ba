/* schema/mentions.h - where a schema names a field besides declaring it: in `required`, in what has to come
 * with another key (dependentRequired, dependencies), and in examples.
 *
 * Owns    nothing. Errors  none. Source  JSON Schema 2020-12; AsyncAPI 2.6.0 and 3.0.0, message examples.
 */
#ifndef WD_SCHEMA_MENTIONS_H
#define WD_SCHEMA_MENTIONS_H

#include "schema/spots.h"

typedef void wd_mention_fn(void *ctx, const struct wd_node *node);

/* Calls take() for each name, and each member of an example, in all schema objects that speak of the object
 * around the field. What `if` and `not` ask for is no mention: it is a condition, and false once the field is
 * gone. */
void wd_mentions_find(struct wd_spots *spots, const struct wd_schema_message *message,
                      const struct wd_schema_field *field, wd_mention_fn *take, void *ctx);

#endif
