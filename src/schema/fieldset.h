/* schema/fieldset.h - what one schema says of each path, and how two of them go together.
 *
 * Shape   a set holds one entry per path. Both of two sets apply (allOf, siblings, base): wd_fieldset_and;
 *         one of several (oneOf, anyOf, then and else, the positions of a tuple, the branches of a union):
 *         wd_fieldset_and_either. `required` may name what another part declares, so an entry can be a mere
 *         promise (no declaration) until the parts have met.
 * Owns    the table of a set, on the heap until wd_fieldset_free; paths, constants and declarations in the
 *         arena.
 */
#ifndef WD_SCHEMA_FIELDSET_H
#define WD_SCHEMA_FIELDSET_H

#include "base/map.h"
#include "model/schema.h"

struct wd_entry {
    struct wd_schema_field field;     /* constants and decls grow in the arena */
    bool is_declared;                 /* not only named by `required` */
    bool says_open;                   /* additionalProperties: true */
    size_t parent_len;                /* of the path without its last step; SIZE_MAX at the set's own top */
    struct wd_decl *decls;            /* = field.decls, growing */
    struct wd_constant *constants;    /* = field.constants where they grow, else NULL */
    size_t decl_cap, constant_cap;
    size_t sets, sets_bare_parent;    /* while alternatives are united: those that have the path; of them,
                                         where the parent could not hold it */
    size_t no_objects, no_arrays;     /* alternatives in which this is declared, and can hold no member, no
                                         element */
};

/* More declarations or constants than this for one path, and the set is too large: looking for doubles is
 * quadratic. */
enum { WD_FIELDSET_MANY = 10000 };

struct wd_fieldset {
    struct wd_arena *arena;
    struct wd_map *index;             /* path to place in `entries` */
    struct wd_entry *entries;
    size_t count, cap;
    bool is_too_large;
};

struct wd_fieldset wd_fieldset_open(struct wd_arena *arena);
void wd_fieldset_free(struct wd_fieldset *set);
struct wd_entry *wd_fieldset_find(const struct wd_fieldset *set, struct wd_bytes path);
/* The entry of `path` (kept as a view), made when new. Pointers to entries move when one is made. */
struct wd_entry *wd_fieldset_put(struct wd_fieldset *set, struct wd_bytes path, size_t parent_len);

/* `from` applies as well; `from` is left as it was. */
void wd_fieldset_and(struct wd_fieldset *into, const struct wd_fieldset *from);
/* One of the sets applies as well: what can be said of all of them. */
void wd_fieldset_and_either(struct wd_fieldset *into, const struct wd_fieldset *sets, size_t count);
/* A list of sets on the heap, and what is in them. */
void wd_fieldset_free_all(struct wd_fieldset *sets, size_t count);

void wd_entry_add_decl(struct wd_fieldset *set, struct wd_entry *entry, const struct wd_decl *decl);
/* Restricts the values to `constants`, as a const or enum that stands beside what is there. */
void wd_entry_restrict(struct wd_entry *entry, const struct wd_constant *constants, size_t count,
                       bool is_const, struct wd_arena *arena);
void wd_entry_restrict_types(struct wd_entry *entry, uint32_t types);

/* The declared entries as sorted fields. */
void wd_fieldset_finish(const struct wd_fieldset *set, struct wd_arena *arena,
                        const struct wd_schema_field **out, size_t *count);

#endif
