/* schema/ties.h - what else in a schema depends on a field being there, so that it cannot go although nobody
 * reads it.
 *
 * Shape   a field is tied when its constant tells messages of a channel, or the alternatives of oneOf and
 *         anyOf, apart; when a oneOf without such constants tells its alternatives apart by what they
 *         require; when `if`, `not`, `discriminator`, `minProperties`, `uniqueItems` or a constant object
 *         looks at it; when a runtime expression of AsyncAPI ($message.payload#/...) names it.
 * Owns    everything until wd_ties_close. Errors  none.
 * Source  JSON Schema 2020-12; AsyncAPI 2.6.0 and 3.0.0.
 */
#ifndef WD_SCHEMA_TIES_H
#define WD_SCHEMA_TIES_H

#include "schema/links.h"

struct wd_ties;

struct wd_ties *wd_ties_open(const struct wd_schema *schema);
void wd_ties_close(struct wd_ties *ties);
/* What depends on a field, or on one below it: a literal, or NULL. */
const char *wd_ties_of_message(struct wd_ties *ties, const struct wd_schema_message *message,
                               const struct wd_schema_field *field);
/* What depends on it in the object around it, when that stays. */
const char *wd_ties_of_object(struct wd_ties *ties, const struct wd_schema_message *message,
                              const struct wd_schema_field *field);

#endif
