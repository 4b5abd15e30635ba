/* tests/fuzz/sound.h - asserts what holds of any profile: it balances; what is written of it is read back and written again
 * byte for byte; and merged with itself it balances too. */
#ifndef WD_TESTS_FUZZ_SOUND_H
#define WD_TESTS_FUZZ_SOUND_H

#include "base/limits.h"
#include "model/profile.h"

void sound_check(struct wd_profile *profile, const struct wd_limits *limits);

/* What is written is read and written again byte for byte. False: a count is past the largest that files hold. */
bool sound_check_written(const struct wd_profile *profile, const struct wd_limits *limits);

/* One line, safe for a terminal, that begins with the name of the file. */
void sound_check_error(int rc, const struct wd_err *err, const char *file);

#endif
