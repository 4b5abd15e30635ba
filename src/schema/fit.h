/* schema/fit.h - how well one schema message describes one type of the traffic, by what its fields say.
 * Errors  none. Source  design: schema match. */
#ifndef WD_SCHEMA_FIT_H
#define WD_SCHEMA_FIT_H

#include "model/profile.h"
#include "model/schema.h"

struct wd_fit {
    double declared;        /* share of the traffic's rows that the schema declares */
    double weight;          /* the same, where a row counts half that is only covered by a free object, or of
                               another type */
    double required;        /* share of the required fields that were seen; 1 when there are none */
    double seen;            /* share of the schema's fields that were seen */
    bool has_required;
    bool names_type;        /* its discriminator has a constant, and the traffic's values are among them */
    const char *excluded;   /* literal: what contradicts; NULL */
    bool is_total;          /* the contradiction leaves nothing over: no value among the constants, another
                               kind of root */
};

struct wd_fit wd_fit_of(const struct wd_schema_message *message, const struct wd_type_profile *type);

#endif
