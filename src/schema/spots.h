/* schema/spots.h - the schema objects that speak of one field's value in place: its declarations, and what
 * $ref, allOf, oneOf, anyOf, if, then, else, not and the dependencies bring in. A .proto file has none.
 *
 * Owns    the answer, until the next question or wd_spots_close. Errors  none.
 * Source  JSON Schema 2020-12, 10.2.
 */
#ifndef WD_SCHEMA_SPOTS_H
#define WD_SCHEMA_SPOTS_H

#include "schema/links.h"

struct wd_spot {
    const struct wd_node *object;   /* a map */
    bool is_condition;              /* reached through `if` or `not`: it decides, it does not demand */
};

struct wd_spots {
    const struct wd_links *links;
    struct wd_spot *at;
    size_t count, cap;
};

/* Each object once (an alias is what it names), those reached without a condition first. */
void wd_spots_find(struct wd_spots *spots, const struct wd_schema_field *field);
/* The same from one schema object on. */
void wd_spots_find_from(struct wd_spots *spots, const struct wd_node *object);
void wd_spots_close(struct wd_spots *spots);

#endif
