#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include "base/date.h"

static const struct { const char *text; bool is_day; int64_t days; } rows[] = {
    { "1970-01-01", true, 0 }, { "1970-01-02", true, 1 }, { "1969-12-31", true, -1 }, { "2000-02-29", true, 11016 },
    { "2026-03-01", true, 20513 }, { "9999-12-31", true, 2932896 }, { "0001-01-01", true, -719162 },
    { "2100-02-29", false, 0 }, { "2023-02-29", false, 0 }, { "2024-04-31", false, 0 }, { "2024-13-01", false, 0 },
    { "2024-00-10", false, 0 }, { "2024-01-00", false, 0 }, { "0000-01-01", false, 0 }, { "2026-3-1", false, 0 },
    { "2026/03/01", false, 0 }, { "+026-03-01", false, 0 }, { "2026-03- 1", false, 0 }, { "2026-03-01T", false, 0 }, { "", false, 0 },
};

static void test_days(void **state)
{
    (void)state;
    for (size_t i = 0; i < WD_COUNT(rows); i++) {
        int64_t days = 0;
        if (wd_date_days(wd_bytes_of(rows[i].text), &days) != rows[i].is_day || days != rows[i].days)
            fail_msg("%s", rows[i].text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_days) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
