#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "base/amount.h"

static const struct { const char *text; bool is_size, is_time; uint64_t bytes; int64_t ns; } rows[] = {
    { "0", true, true, 0, 0 }, { "7", true, true, 7, 7000000000 }, { "16k", true, false, 16384, 0 }, { "2G", true, false, 2147483648, 0 },
    { "10m", true, true, 10485760, 600000000000 }, { "10M", true, false, 10485760, 0 }, { "10min", false, true, 0, 600000000000 },
    { "30s", false, true, 0, 30000000000 }, { "1h", false, true, 0, 3600000000000 }, { "1d", false, true, 0, 86400000000000 },
    { "17179869183G", true, false, 18446744072635809792u, 0 }, { "17179869184G", false, false, 0, 0 },
    { "106751d", false, true, 0, 9223286400000000000 }, { "106752d", false, false, 0, 0 }, { "99999999999999999999", false, false, 0, 0 },
    { "", false, false, 0, 0 }, { "k", false, false, 0, 0 }, { "min", false, false, 0, 0 }, { "-1", false, false, 0, 0 },
    { "1.5h", false, false, 0, 0 }, { "1 h", false, false, 0, 0 }, { "1hh", false, false, 0, 0 }, { "1kk", false, false, 0, 0 },
};

static void test_amounts(void **state)
{
    (void)state;
    for (size_t i = 0; i < WD_COUNT(rows); i++) {
        uint64_t bytes = 0;
        int64_t ns = 0;
        if (wd_amount_bytes(wd_bytes_of(rows[i].text), &bytes) != rows[i].is_size || bytes != rows[i].bytes ||
            wd_amount_ns(wd_bytes_of(rows[i].text), &ns) != rows[i].is_time || ns != rows[i].ns)
            fail_msg("%s: %llu bytes, %lld ns", rows[i].text, (unsigned long long)bytes, (long long)ns);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_amounts) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
