/* profile/file.h - profile/1 read back from disk. (Written by output/, see wd_print_profile.)
 *
 * Our own format is input too: members have the types they must have, counts do not overflow, the sums agree,
 * limits hold.
 * Owns    the profile, to be freed with wd_profile_free. Errors: WD_EPARSE with the file and the member.
 */
#ifndef WD_PROFILE_FILE_H
#define WD_PROFILE_FILE_H

#include "base/err.h"
#include "base/limits.h"
#include "model/profile.h"

int wd_profile_read(const char *name, const struct wd_limits *limits, struct wd_profile **out,
                    struct wd_err *err);
int wd_profile_parse(const char *name, struct wd_bytes text, const struct wd_limits *limits,
                     struct wd_profile **out, struct wd_err *err);

/* True when the head of a file looks like JSON, hence like a profile rather than a capture. */
bool wd_profile_sniff(struct wd_bytes head);

#endif
