/* profile/file.h - profile/1 on disk: read back and merged. (Written by output/, see wd_print_profile JSON.) */
#ifndef WD_PROFILE_FILE_H
#define WD_PROFILE_FILE_H

#include "base/buf.h"
#include "base/limits.h"
#include "model/profile.h"

/* Our own format is input too: every count is checked, the ledger must balance, limits hold.
 * Errors: WD_EPARSE with file and member path. */
int wd_profile_read(const char *name, const struct wd_limits *limits, struct wd_profile **out, struct wd_err *err);
/* True when the file begins like a profile (`{` and "wirediet": "profile/...). */
bool wd_profile_sniff(struct wd_bytes head);

/* Associative and commutative; *note gets one line per type that was named, folded or keyed differently. */
int wd_profile_merge(struct wd_profile *const *parts, size_t count, struct wd_profile **out, struct wd_buf *note,
                     struct wd_err *err);

#endif
