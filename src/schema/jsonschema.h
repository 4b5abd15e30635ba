/* schema/jsonschema.h - a schema object and all that it refers to, as flat, sorted fields.
 *
 * Shape   `$ref`, allOf and siblings are merged; oneOf, anyOf, if/then/else, dependentSchemas and tuples are
 *         alternatives (fieldset.h). A recursive schema is followed once, its second return is free
 *         (is_free).
 * Errors  WD_EPARSE with a place: no schema, a keyword of the wrong kind, a circle of nothing but $refs,
 *         limits `schema-depth`, `fields`, `path`, `yaml-nodes` (4 times as many may be looked at).
 * Source  JSON Schema 2020-12 (core 7 to 10, validation 6, 9) and draft-07.
 */
#ifndef WD_SCHEMA_JSONSCHEMA_H
#define WD_SCHEMA_JSONSCHEMA_H

#include "model/schema.h"
#include "schema/resolve.h"

struct wd_flatten {
    struct wd_resolver *resolver;
    bool has_siblings;            /* $ref stands beside other keywords (2019-09 and later) where the document
                                     does not say */
    bool *states_wirediet;        /* set when an x-wirediet is met */
    uint64_t *visited;            /* nodes looked at so far, over all messages */
};

int wd_jsonschema_flatten(const struct wd_flatten *flatten, struct wd_site payload,
                          const struct wd_schema_field **fields, size_t *count);

/* What a JSON Schema by itself is known by: one of these at its root (schema/standalone.c).
 * NULL-terminated. */
extern const char *const wd_jsonschema_marks[];

/* The words of one schema object that constrain or describe its own field (schema/keywords.c). */
struct wd_entry;
int wd_keywords_read(struct wd_resolver *r, struct wd_site site, struct wd_entry *entry,
                     bool *states_wirediet);
/* What an annotation calls a category says that the value is not personal: "public", "none", ... */
bool wd_is_denial(struct wd_bytes word);
/* Those that any format may carry: deprecated, x-wirediet, and what is personal data. */
void wd_keywords_annotate(struct wd_site site, struct wd_entry *entry, bool *states_wirediet);

#endif
