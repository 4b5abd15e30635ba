/* schema/grow.h - adding to a schema's text without touching another byte.
 *
 * Shape   what is added is a made node (document/make.h): a member of a map, an entry of a list, or what
 *         stands in the place of a value. It is written in the style of where it goes: block YAML, flow YAML
 *         or JSON, on as many lines as that has, with its indentation and line breaks.
 *
 *             properties:                        "properties": {
 *               load: {type: number}               "load": {"type": "number"},
 *               fan: { type: integer }   <- new     "fan": { "type": "integer" }    <- new, and a comma above
 *
 * Owns    the new text is in the arena.
 * Errors  WD_EPARSE: the new text does not read as the old one with what was added, so nothing is changed.
 * Source  design: pruning is safe (the edit is surgical).
 */
#ifndef WD_SCHEMA_GROW_H
#define WD_SCHEMA_GROW_H

#include "document/make.h"
#include "schema/edit.h"
#include "schema/links.h"

struct wd_growth {
    const struct wd_node *at;      /* the map or list that gets more, or the value that is replaced */
    struct wd_node *put;
    bool is_replaced;
};

/* False for what cannot get more: an alias, a map that is left out. */
bool wd_grow_can(const struct wd_node *collection);
/* `growths` are those of this document, in the order in which they are to stand. */
int wd_grow_write(const struct wd_document *document, const struct wd_growth *growths, size_t count,
                  const struct wd_limits *limits, struct wd_arena *arena, struct wd_edit_result *out,
                  struct wd_err *err);

/* The schema object that speaks for a field alone: behind $ref, and in allOf the one that has this keyword.
 * NULL: there is none that could be added to. */
const struct wd_node *wd_grow_object(const struct wd_links *links, const struct wd_schema_field *field,
                                     const char *keyword);
/* The document that a node stands in. */
const struct wd_document *wd_grow_document(const struct wd_schema *schema, const struct wd_node *node);

#endif
