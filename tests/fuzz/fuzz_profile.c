/* Any bytes as a profile: one line that says what is wrong with it, or a profile as sound.h wants it, and so is what
 * comes of merging it with nothing and with itself, as far as files can hold the sums. */
#include <assert.h>

#include "fuzz.h"
#include "profile/file.h"
#include "profile/merge.h"
#include "sound.h"

static void check_merged(struct wd_profile *profile, size_t times, const struct wd_limits *limits)
{
    struct wd_profile *const parts[] = { profile, profile };
    struct wd_buf note = { 0 };
    struct wd_profile *merged = wd_profile_merge(parts, times, &note);
    bool is_read = sound_check_written(merged, limits);
    assert(is_read || times > 1);
    wd_profile_free(merged);
    wd_buf_free(&note);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct wd_limits limits = wd_limits_default();
    struct wd_err err = { 0 };
    struct wd_profile *profile = NULL;
    limits.fields = 64;
    limits.types = 16;
    int rc = wd_profile_parse("p", wd_bytes_at(data, size), &limits, &profile, &err);
    assert((rc == WD_OK) == (profile != NULL));
    if (!profile) {
        sound_check_error(rc, &err, "p");
        return 0;
    }
    sound_check(profile, &limits);
    check_merged(profile, 1, &limits);
    check_merged(profile, 2, &limits);
    wd_profile_free(profile);
    return 0;
}
