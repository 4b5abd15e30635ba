/* document/avro.h - an Avro schema as types.
 *
 * Shape   wd_avro_read turns a schema (a name, a list that is a union, an object) into a graph of types that
 *         know where they are written. Each text is a scope of its own: a name means what the text itself
 *         defines, before or after; else what another text of the set does (wd_avro_settle, when all are
 *         read). So one file may use what another defines, and two versions of a record may stand side by
 *         side.
 * Owns    types in the arena; the set until wd_avro_close.
 * Errors  WD_EPARSE with the place: no schema, a name that nothing defines or that is defined twice, a field
 *         twice, a union in a union; limit `schema-depth`.
 * Source  Apache Avro 1.11 specification: Schema Declaration, Names, Protocol Declaration.
 */
#ifndef WD_DOCUMENT_AVRO_H
#define WD_DOCUMENT_AVRO_H

#include "base/buf.h"
#include "base/map.h"
#include "document/document.h"
#include "model/layout.h"

/* A name that stands for a type which is defined elsewhere. */
struct wd_avro_mention {
    const struct wd_document *document;
    const struct wd_node *node; /* the name */
    struct wd_bytes space;      /* the namespace around it */
    struct wd_avro_type *type;  /* of the scope; filled by wd_avro_settle when another defines it */
    size_t scope;
};

struct wd_avro_set {
    struct wd_arena *arena;
    const struct wd_limits *limits;
    struct wd_err *err;
    struct wd_map **scopes; /* by full name: the types of each text */
    size_t scope_count, scope_cap;
    struct wd_avro_mention *mentions;
    size_t mention_count, mention_cap;
};

void wd_avro_open(struct wd_avro_set *set, struct wd_arena *arena, const struct wd_limits *limits,
                  struct wd_err *err);
void wd_avro_close(struct wd_avro_set *set);

/* Everything that is read until the next one belongs to one text. */
void wd_avro_begin(struct wd_avro_set *set);
/* The type at `node`; `space` is the namespace around it. */
int wd_avro_read(struct wd_avro_set *set, const struct wd_document *document, const struct wd_node *node,
                 struct wd_bytes space, const struct wd_avro_type **out);
/* A list of fields by itself, as a protocol's `request` is, as a record called `name`. */
int wd_avro_read_fields(struct wd_avro_set *set, const struct wd_document *document,
                        const struct wd_node *list, struct wd_bytes space, struct wd_bytes name,
                        const struct wd_avro_type **out);
/* Names that no text has defined so far are looked for in the others. */
int wd_avro_settle(struct wd_avro_set *set);

/* A text by itself, as container files carry it; views of it stay in the layout. */
int wd_avro_read_text(const char *name, struct wd_bytes text, const struct wd_limits *limits,
                      struct wd_arena *arena, struct wd_layout *out, struct wd_err *err);

/* Whether a node is an Avro schema, told from others that are JSON objects with a `type`: it defines a name,
 * or holds what does. */
bool wd_avro_is_schema(const struct wd_node *node);

/* Parsing Canonical Form, and its CRC-64-AVRO. False: nested deeper than `most`. */
bool wd_avro_put_canonical(struct wd_buf *out, const struct wd_avro_type *type, uint64_t most);
bool wd_avro_fingerprint(const struct wd_avro_type *type, uint64_t most, uint64_t *out);

/* The name of a kind: "record", "long", ... */
extern const char *const wd_avro_kind_names[];

#endif
