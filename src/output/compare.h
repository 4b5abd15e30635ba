/* output/compare.h - two profiles side by side: which fields came, went, grew and shrank.
 *
 * Shape   fields are matched by channel, direction, message name and path; what is compared is bytes per
 *         message of the type, so that captures of different length can be held against each other.
 * Owns    the list is on the heap: wd_free.
 * Errors  none.
 */
#ifndef WD_OUTPUT_COMPARE_H
#define WD_OUTPUT_COMPARE_H

#include "model/profile.h"

struct wd_difference {
    const struct wd_type_profile *before, *after;   /* NULL: the type is new, or gone */
    const struct wd_row *row_before, *row_after;    /* NULL: the field is new, or gone; both: the type itself */
};

/* Only what differs; types as a whole are listed, and their fields when both sides have the type. Profile
 * order. */
struct wd_difference *wd_profiles_compare(const struct wd_profile *before, const struct wd_profile *after,
                                          size_t *count);

/* Bytes per message, of the field or of the type; 0 where there is none. */
uint64_t wd_difference_before(const struct wd_difference *d);
uint64_t wd_difference_after(const struct wd_difference *d);
struct wd_bytes wd_difference_path(const struct wd_difference *d); /* "" for a type as a whole */
const struct wd_type_profile *wd_difference_type(const struct wd_difference *d);   /* whichever there is */
const char *wd_difference_word(const struct wd_difference *d); /* "new" "gone" "grown" "shrunk" */

/* Captured seconds; gaps between files left out. 0: not known. */
double wd_profile_seconds(const struct wd_profile *profile);
/* What captured bytes of before and now are multiplied with to be compared: 1, or what makes them bytes an
 * hour when the captured times differ by more than one in a hundred. */
struct wd_scale { double then, now; bool is_rate; };
struct wd_scale wd_profiles_scale(const struct wd_profile *before, const struct wd_profile *now);

#endif
