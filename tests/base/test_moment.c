/* Moments as people and programs write them, and the window between two. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdlib.h>
#include <time.h>

#include "base/moment.h"
#include "base/window.h"

#define SECOND INT64_C(1000000000)

static const struct { const char *text; enum wd_zone zone; bool is_moment; int64_t ns; } dates[] = {
    { "1970-01-01T00:00:00Z", WD_ZONE_REQUIRED, true, 0 },
    { "2026-03-03T09:00:00.123456789Z", WD_ZONE_REQUIRED, true, 1772528400 * SECOND + 123456789 },
    { "2026-03-03 10:00:00.5+01:00", WD_ZONE_REQUIRED, true, 1772528400 * SECOND + SECOND / 2 },
    { "2026-03-03t04:00-0500", WD_ZONE_REQUIRED, true, 1772528400 * SECOND },
    { "2026-03-03T09:00:00,25Z", WD_ZONE_REQUIRED, true, 1772528400 * SECOND + SECOND / 4 },
    { "1969-12-31T23:59:59.75Z", WD_ZONE_REQUIRED, true, -SECOND / 4 },
    { "2026-03-03T09:00:00", WD_ZONE_REQUIRED, false, 0 },
    { "2026-03-03T09:00:00", WD_ZONE_UTC, true, 1772528400 * SECOND },
    { "2026-03-03T09:00", WD_ZONE_LOCAL, true, (1772528400 - 3600) * SECOND },
    { "2026-07-03", WD_ZONE_LOCAL, true, 1783029600 * SECOND },
    { "2026-03-03T25:00:00Z", WD_ZONE_UTC, false, 0 },
    { "2026-03-03T09:61:00Z", WD_ZONE_UTC, false, 0 },
    { "2026-02-30T09:00:00Z", WD_ZONE_UTC, false, 0 },
    { "2026-03-03T09:00:00Zx", WD_ZONE_UTC, false, 0 },
    { "9999-03-03T09:00:00Z", WD_ZONE_UTC, false, 0 },
    { "yesterday", WD_ZONE_LOCAL, false, 0 },
    { "", WD_ZONE_LOCAL, false, 0 },
};

static void test_dates(void **state)
{
    (void)state;
    for (size_t i = 0; i < WD_COUNT(dates); i++) {
        int64_t ns = 0;
        bool is_moment = wd_moment_date(wd_bytes_of(dates[i].text), dates[i].zone, &ns);
        if (is_moment != dates[i].is_moment || (is_moment && ns != dates[i].ns))
            fail_msg("%s: %d %lld", dates[i].text, is_moment, (long long)ns);
    }
}

static const struct { const char *text; bool is_moment; int64_t ns;
} numbers[] = {
    { "1795489899.2497032", true, 1795489899249703200 },
    { "1795489899", true, 1795489899 * SECOND },
    { "1795489899070", true, 1795489899070 * 1000000 },
    { "1795489899070123", true, 1795489899070123 * 1000 },
    { "1795489899070123456", true, 1795489899070123456 },
    { "1.795489899e9", true, 1795489899 * SECOND },
    { "0", true, 0 },
    { "-1.5", true, -SECOND * 3 / 2 },
    { "0.0000000001", true, 0 },
    { "99999999999999999999", false, 0 },
    { "soon", false, 0 },
    { "", false, 0 },
};

static void test_numbers(void **state)
{
    (void)state;
    int64_t ns;
    for (size_t i = 0; i < WD_COUNT(numbers); i++) {
        ns = 0;
        bool is_moment = wd_moment_guess(wd_bytes_of(numbers[i].text), &ns);
        if (is_moment != numbers[i].is_moment || (is_moment && ns != numbers[i].ns))
            fail_msg("%s: %d %lld", numbers[i].text, is_moment, (long long)ns);
    }
    assert_true(wd_moment_number(wd_bytes_of("20928.4"), 3, &ns) && ns == 20928400000);
}

static const struct { const char *text; bool is_relative; int64_t ns;
} bounds[] = {
    { "+90", true, 90 * SECOND },
    { "90s", true, 90 * SECOND },
    { "1.5m", true, 90 * SECOND },
    { "+2h", true, 7200 * SECOND },
    { "0s", true, 0 },
    { "2026-03-03T09:00:00Z", false, 1772528400 * SECOND },
};
static const char *const no_bounds[] = { "90", "+", "s", "-5s", "1e3s", "+1.5.5", "", "9999999999999h" };

static void test_bounds(void **state)
{
    (void)state;
    for (size_t i = 0; i < WD_COUNT(bounds); i++) {
        struct wd_bound b;
        assert_int_equal(wd_bound_read("--from", bounds[i].text, &b, NULL), WD_OK);
        assert_int_equal(b.is_relative, bounds[i].is_relative);
        assert_int_equal(b.ns, bounds[i].ns);
    }
    for (size_t i = 0; i < WD_COUNT(no_bounds); i++) {
        struct wd_bound b;
        struct wd_err err = { 0 };
        assert_int_equal(wd_bound_read("--from", no_bounds[i], &b, &err), WD_EUSAGE);
        assert_non_null(strstr(err.text, "--from: '"));
    }
}

/* Half-open, and relative to the first moment asked about, even if that is not in it. */
static void test_window(void **state)
{
    (void)state;
    struct wd_window w = { 0 };
    assert_true(wd_window_is_open(&w) && wd_window_has(&w, INT64_MIN) && wd_window_has(&w, INT64_MAX));
    w = (struct wd_window){ .from = { "+1", true, SECOND }, .to = { "+2", true, 2 * SECOND } };
    assert_false(wd_window_has(&w, 100 * SECOND));
    assert_false(wd_window_has(&w, 101 * SECOND - 1));
    assert_true(wd_window_has(&w, 101 * SECOND));
    assert_true(wd_window_has(&w, 102 * SECOND - 1));
    assert_false(wd_window_has(&w, 102 * SECOND));
    assert_false(wd_window_has(&w, INT64_MIN));
}

int main(void)
{
    setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3", 1);
    tzset();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_dates),
        cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_bounds),
        cmocka_unit_test(test_window),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
