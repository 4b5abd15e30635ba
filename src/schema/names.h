/* schema/names.h - which keys of a schema document are names that somebody chose, and which are keywords: a
 * property may be called `properties`, `required` or `messages`.
 *
 * Owns    nothing. Errors  none. Source  JSON Schema 2020-12, AsyncAPI 2.6.0 and 3.0.0.
 */
#ifndef WD_SCHEMA_NAMES_H
#define WD_SCHEMA_NAMES_H

#include "document/document.h"

/* The node's key is a chosen name: a member of `properties`, `$defs`, `channels`, ... */
bool wd_is_named(const struct wd_node *node);
/* The node stands under this keyword. */
bool wd_is_keyword(const struct wd_node *node, const char *keyword);
/* The node stands under one of these keywords (NULL-terminated). */
bool wd_is_keyword_of(const struct wd_node *node, const char *const *keywords);
/* A named part that exists to be referred to: below `$defs`, `definitions`, AsyncAPI's `components`, or in the
 * `types` of an Avro protocol. */
bool wd_is_definition(const struct wd_node *node);
/* A member of a map of AsyncAPI 3 `operations`, or `publish` and `subscribe` of a 2.x channel. */
bool wd_is_operation(const struct wd_node *node);

#endif
