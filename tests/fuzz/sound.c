#include "sound.h"

#include <assert.h>

#include "base/escape.h"
#include "output/output.h"
#include "profile/file.h"
#include "profile/merge.h"

static void check_balance(const struct wd_profile *p)
{
    struct wd_buf why = { 0 };
    assert(wd_profile_balances(p, &why) && why.len == 0);
    wd_buf_free(&why);
}

static void print(struct wd_buf *out, const struct wd_profile *p)
{
    static const struct wd_style style = { .columns = 80 };
    wd_print_profile(out, p, WD_FORMAT_JSON, &style);
}

/* The profile as it is read back; NULL when a count is past the largest that files hold. */
static struct wd_profile *reread(struct wd_bytes text, const struct wd_limits *limits)
{
    struct wd_err err = { 0 };
    struct wd_profile *again = NULL;
    int rc = wd_profile_parse("again", text, limits, &again, &err);
    assert((rc == WD_OK) == (again != NULL));
    assert(rc == WD_OK || strstr(err.text, "at most 2^53"));
    return again;
}

bool sound_check_written(const struct wd_profile *p, const struct wd_limits *limits)
{
    struct wd_buf once = { 0 }, twice = { 0 };
    print(&once, p);
    struct wd_profile *again = reread(wd_buf_bytes(&once), limits);
    if (again) {
        check_balance(again);
        print(&twice, again);
        assert(wd_bytes_eq(wd_buf_bytes(&once), wd_buf_bytes(&twice)));
    }
    wd_profile_free(again);
    wd_buf_free(&once);
    wd_buf_free(&twice);
    return again != NULL;
}

void sound_check(struct wd_profile *profile, const struct wd_limits *limits)
{
    struct wd_profile *const parts[] = { profile, profile };
    struct wd_buf note = { 0 };
    check_balance(profile);
    bool is_read = sound_check_written(profile, limits);
    assert(is_read);
    struct wd_profile *twice = wd_profile_merge(parts, WD_COUNT(parts), &note);
    check_balance(twice);
    assert(twice->messages == 2 * profile->messages && twice->type_count == profile->type_count);
    wd_profile_free(twice);
    wd_buf_free(&note);
}

void sound_check_error(int rc, const struct wd_err *err, const char *file)
{
    struct wd_buf shown = { 0 };
    struct wd_bytes text = wd_bytes_of(err->text);
    wd_put_terminal(&shown, text);
    assert(rc == WD_EPARSE && err->code == rc);
    assert(wd_bytes_starts(text, file) && text.len > strlen(file) && text.at[strlen(file)] == ':');
    assert(wd_bytes_eq(text, wd_buf_bytes(&shown)));
    wd_buf_free(&shown);
}
