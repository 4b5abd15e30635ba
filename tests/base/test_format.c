/* Formats as validators of JSON Schema know them: what they refuse must not be called so. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/format.h"

#define F(id) (1u << WD_STRING_##id)

static const struct row { const char *text; unsigned formats; } rows[] = {
    /* RFC 3339 5.8, and what is not of it */
    { "1985-04-12T23:20:50.52Z", F(DATE_TIME) }, { "1996-12-19T16:39:57-08:00", F(DATE_TIME) },
    { "1937-01-01t12:00:27.87+00:20", F(DATE_TIME) }, { "1990-12-31T23:59:60Z", 0 },
    { "1985-04-12T23:20:50", 0 }, { "1985-04-12 23:20:50Z", 0 }, { "1985-04-12T23:20:50.Z", 0 }, { "1985-04-12T23:20:50+0100", 0 },
    { "1985-04-12T24:00:00Z", 0 }, { "1985-04-12T23:20:50+24:00", 0 }, { "Fri, 12 Apr 1985 23:20:50 GMT", 0 },
    { "2024-02-29", F(DATE) }, { "2023-02-29", 0 }, { "1900-02-29", 0 }, { "2000-02-29", F(DATE) }, { "2024-13-01", 0 },
    { "2024-00-10", 0 }, { "2024-01-00", 0 }, { "20240110", 0 }, { "2024-1-1", 0 }, { "2024-01-10 ", 0 },
    { "23:20:50Z", F(TIME) }, { "23:20:50", 0 }, { "23:20:50.123-01:30", F(TIME) },
    /* RFC 4122 */
    { "f81d4fae-7dec-11d0-a765-00a0c91e6bf6", F(UUID) }, { "F81D4FAE-7DEC-11D0-A765-00A0C91E6BF6", F(UUID) },
    { "f81d4fae7dec11d0a76500a0c91e6bf6", 0 }, { "{f81d4fae-7dec-11d0-a765-00a0c91e6bf6}", 0 }, { "g81d4fae-7dec-11d0-a765-00a0c91e6bf6", 0 },
    /* addresses */
    { "192.0.2.1", F(IPV4) }, { "192.0.2.256", 0 }, { "192.0.2.1:80", 0 }, { "192.0.2.0/24", 0 }, { "192.0.2", 0 },
    { "2001:db8::1", F(IPV6) }, { "::", F(IPV6) }, { "2001:db8::1%eth0", 0 }, { "2001:db8::1::2", 0 }, { "1:2:3:4:5:6:7:8:9", 0 },
    { "ada@example.com", F(EMAIL) }, { "ada@", 0 }, { "Ada <ada@example.com>", 0 },
    /* RFC 3986 */
    { "https://example.com/a%20b?c=d#e", F(URI) }, { "https://example.com/a b", 0 }, { "https://example.com/%zz", 0 }, { "/a/b", 0 },
    { "wss://example.com/live", F(URI) }, { "https://example.com/\xc3\xa4", 0 }, { "https://example.com/<x>", 0 }, { "https://a#b#c", 0 },
    { "", 0 }, { "text", 0 }, { "1", 0 },
};

static void test_formats(void **state)
{
    (void)state;
    for (size_t i = 0; i < WD_COUNT(rows); i++)
        if (wd_string_formats_of(wd_bytes_of(rows[i].text)) != rows[i].formats)
            fail_msg("%s: %x instead of %x", rows[i].text, wd_string_formats_of(wd_bytes_of(rows[i].text)), rows[i].formats);
}

static void test_nul(void **state)
{
    (void)state;
    assert_int_equal(wd_string_formats_of(wd_bytes_at("192.0.2.1\0", 10)), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_formats), cmocka_unit_test(test_nul) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
