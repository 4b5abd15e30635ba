/* profile/merge.h - several profiles as one.
 *
 * Shape   associative and commutative. Profiles of a capture that was split by connection, made with the same
 *         configuration, merge into the profile of the whole, except inputs, reconnects, entity fields, and
 *         distinct where a sketch is missing.
 * Owns    the result, to be freed with wd_profile_free. `note` gets a line for each type whose parts were
 *         named, folded or keyed differently.
 */
#ifndef WD_PROFILE_MERGE_H
#define WD_PROFILE_MERGE_H

#include "model/profile.h"

struct wd_profile *wd_profile_merge(struct wd_profile *const *parts, size_t count, struct wd_buf *note);

#endif
