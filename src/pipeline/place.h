/* pipeline/place.h - where in the text of a schema something new stands. Private to pipeline/extend.c.
 *
 * Shape   a place is a map that was read, or one that is made to stand in it. What is put twice to one place,
 *         by messages that share a declaration, is put once.
 * Owns    growths and links, until wd_places_close; nodes are in the arena.
 */
#ifndef WD_PIPELINE_PLACE_H
#define WD_PIPELINE_PLACE_H

#include "base/map.h"
#include "infer/printer.h"
#include "schema/grow.h"

struct wd_places {
    const struct wd_schema *schema;
    struct wd_arena *arena;
    struct wd_links links;
    struct wd_map *known;              /* place and key to the made node behind it, a pointer */
    struct wd_growth *growths;
    size_t count, cap;
};

struct wd_place_in { const struct wd_node *read; struct wd_node *made; };   /* neither: nowhere */

void wd_places_open(struct wd_places *places, const struct wd_schema *schema, struct wd_arena *arena);
void wd_places_close(struct wd_places *places);

struct wd_place_in wd_place_at(const struct wd_node *read);   /* NULL: nowhere */
/* The map under `key`, made where there is none. */
struct wd_place_in wd_place_below(struct wd_places *places, struct wd_place_in in, const char *key);
bool wd_place_has(struct wd_places *places, struct wd_place_in in, struct wd_bytes key);
/* False when it is there already, or has no room. */
bool wd_place_put(struct wd_places *places, struct wd_place_in in, struct wd_bytes key,
                  struct wd_node *value);
/* The same, but what is there is replaced. */
bool wd_place_set(struct wd_places *places, struct wd_place_in in, const char *key, struct wd_node *value);
bool wd_place_add(struct wd_places *places, const struct wd_node *list, struct wd_node *value);
/* A type becomes a list of itself and another one; again, and that gets more. */
bool wd_place_widen(struct wd_places *places, const struct wd_node *type, const char *name);

/* A message of an AsyncAPI 3 document, with its channel and operation (pipeline/place_message.c). */
void wd_place_message(struct wd_places *places, const struct wd_infer_print *print,
                      const struct wd_inferred_message *message);

#endif
