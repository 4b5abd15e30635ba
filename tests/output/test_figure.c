/* Numbers as people read them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "output/compare.h"
#include "output/figure.h"

#define CHECK(call, expected)                          \
    do {                                               \
        struct wd_buf out = { 0 };                     \
        call;                                          \
        assert_string_equal(wd_buf_cstr(&out), expected); \
        wd_buf_free(&out);                             \
    } while (0)

static void counts(void **state)
{
    (void)state;
    CHECK(wd_put_count(&out, 0), "0");
    CHECK(wd_put_count(&out, 999), "999");
    CHECK(wd_put_count(&out, 1000), "1,000");
    CHECK(wd_put_count(&out, UINT64_MAX), "18,446,744,073,709,551,615");
    CHECK(wd_put_plural(&out, 1, "field", "fields"), "1 field");
    CHECK(wd_put_plural(&out, 0, "field", "fields"), "0 fields");
}

static void sizes(void **state)
{
    (void)state;
    CHECK(wd_put_size(&out, 0), "0 B");
    CHECK(wd_put_size(&out, 999), "999 B");
    CHECK(wd_put_size(&out, 1000), "1.00 kB");
    CHECK(wd_put_size(&out, 9994), "9.99 kB");
    CHECK(wd_put_size(&out, 9996), "10.0 kB");
    CHECK(wd_put_size(&out, 99949), "99.9 kB");
    CHECK(wd_put_size(&out, 99951), "100 kB");
    CHECK(wd_put_size(&out, 999499), "999 kB");
    CHECK(wd_put_size(&out, 999500), "1.00 MB");
    CHECK(wd_put_size(&out, 1251094), "1.25 MB");
    CHECK(wd_put_size(&out, 432008), "432 kB");
    CHECK(wd_put_size(&out, UINT64_MAX), "18,446,744 TB");
}

static void shares(void **state)
{
    (void)state;
    CHECK(wd_put_share(&out, 0), "0 %");
    CHECK(wd_put_share(&out, 0.127), "12.7 %");
    CHECK(wd_put_share(&out, 0.0004), "<0.1 %");
    CHECK(wd_put_share(&out, 0.99996), ">99.9 %");
    CHECK(wd_put_share(&out, 1), "100 %");
    CHECK(wd_put_share(&out, 0.0 / 0.0), "0 %");
    CHECK(wd_put_percent(&out, 0.004), "<1 %");
    CHECK(wd_put_percent(&out, 0.996), ">99 %");
    CHECK(wd_put_percent(&out, 0.31), "31 %");
    CHECK(wd_put_percent(&out, 1.2), "120 %");
}

static void times(void **state)
{
    (void)state;
    CHECK(wd_put_time(&out, 0), "1970-01-01T00:00:00.000000000Z");
    CHECK(wd_put_time(&out, 1709210096123456789), "2024-02-29T12:34:56.123456789Z");
    CHECK(wd_put_time(&out, -1), "1969-12-31T23:59:59.999999999Z");
    CHECK(wd_put_time(&out, INT64_MAX), "2262-04-11T23:47:16.854775807Z");
    CHECK(wd_put_time(&out, INT64_MIN), "1677-09-21T00:12:43.145224192Z");
    CHECK(wd_put_duration(&out, 250000000), "250 ms");
    CHECK(wd_put_duration(&out, 11200000000), "11.2 s");
    CHECK(wd_put_duration(&out, 59990000000), "1 min");
    CHECK(wd_put_duration(&out, 252000000000), "4 min 12 s");
    CHECK(wd_put_duration(&out, 3600000000000 * 26), "1 d 2 h");
    CHECK(wd_put_about(&out, 31000000000), "~31 s");
    CHECK(wd_put_about(&out, 724000000), "~720 ms");
    CHECK(wd_put_about(&out, 980000000), "~1 s");
    CHECK(wd_put_about(&out, 1440000000), "~1.4 s");
    CHECK(wd_put_about(&out, 72300000000), "~72 s");
    CHECK(wd_put_about(&out, 724000000000), "~12 min");
    CHECK(wd_put_about(&out, 7200000000000), "~2 h");
    CHECK(wd_put_about(&out, 0), "~1 ms");
    CHECK(wd_put_about(&out, INT64_MAX), "~110000 d");
}

static void decimals(void **state)
{
    (void)state;
    CHECK(wd_put_decimal(&out, 0.97, 6), "0.97");
    CHECK(wd_put_decimal(&out, 1, 6), "1");
    CHECK(wd_put_decimal(&out, -0.5, 6), "-0.5");
    CHECK(wd_put_decimal(&out, 1.0 / 3, 6), "0.333333");
    CHECK(wd_put_decimal(&out, 0.0 / 0.0, 6), "0");
}

static void a_value_lasts_as_long_as_the_mean_hold(void **state)
{
    (void)state;
    struct wd_row row = { 0 };
    struct wd_type_profile type = { .count = 6 };
    assert_int_equal(wd_row_lasts(&type, &row), 0);
    row.hold[10] = 5;
    row.hold[20] = 1;
    row.hold_ms = 6 * 30000 + 2;
    assert_int_equal(wd_row_lasts(&type, &row), 30000 * 1000000LL);
    row.hold_ms += 1;                  /* to the nearest */
    assert_int_equal(wd_row_lasts(&type, &row), 30001 * 1000000LL);
    row.hold_ms = 0;                   /* known to be shorter than can be told */
    assert_int_equal(wd_row_lasts(&type, &row), 1000000);
    wd_row_add_holds(&row, UINT64_MAX);
    wd_row_add_holds(&row, 1);
    assert_int_equal(row.hold_ms, WD_HOLD_MOST);
    row.hold[10] = 0;
    assert_int_equal(wd_row_lasts(&type, &row), INT64_MAX);
    type.entity = wd_bytes_of("id");   /* of the stream, not of the entity: says nothing */
    row.entity_compared = 5;
    assert_int_equal(wd_row_lasts(&type, &row), 0);
}

static void changes_are_told_per_entity_where_there_is_one(void **state)
{
    (void)state;
    struct wd_type_profile type = { .count = 100 };
    struct wd_row row = { .present = 100,
                          .occurrences = 100,
                          .compared = 99,
                          .changed = 99,
                          .entity_compared = 90,
                          .entity_changed = 9 };
    row.types[WD_TYPE_STRING] = 100;
    CHECK(wd_put_change(&out, &type, &row), "always");
    type.entity = wd_bytes_of("id");
    CHECK(wd_put_change(&out, &type, &row), "10 %");
    row.value_bytes = 1000;
    row.repeated_bytes = 10;
    assert_int_equal(wd_row_repeated(&type, &row),
                     810); /* 81 of 100 messages said again what that entity had said */
    row.compared = row.entity_compared = 0;
    assert_int_equal(wd_row_repeated(&type, &row), 10);
    CHECK(wd_put_change(&out, &type, &row), "once");
    CHECK(wd_put_types(&out, &row), "string");
}

static void profiles_are_compared_per_message(void **state)
{
    (void)state;
    struct wd_row old_rows[] = { { .path = wd_bytes_of("a"), .value_bytes = 100 },
                                 { .path = wd_bytes_of("b"), .value_bytes = 50 },
                                 { .path = wd_bytes_of("d"), .value_bytes = 10 } };
    struct wd_row new_rows[] = { { .path = wd_bytes_of("a"), .value_bytes = 200 },
                                 { .path = wd_bytes_of("c"), .value_bytes = 60 },
                                 { .path = wd_bytes_of("d"), .value_bytes = 40 } };
    struct wd_type_profile old_type = {
        .name = wd_bytes_of("m"), .count = 10, .payload_bytes = 160, .rows = old_rows, .row_count = 3};
    struct wd_type_profile new_type = {
        .name = wd_bytes_of("m"), .count = 20, .payload_bytes = 300, .rows = new_rows, .row_count = 3};
    struct wd_profile before = { .types = &old_type, .type_count = 1 },
                      after = { .types = &new_type, .type_count = 1 };
    size_t count;
    struct wd_difference *d = wd_profiles_compare(&before, &after, &count);
    static const struct { const char *path, *word; uint64_t before, after; } expected[] = {
        { "", "shrunk", 16, 15 }, { "b", "gone", 5, 0 }, { "c", "new", 0, 3 }, { "d", "grown", 1, 2 },
    };
    assert_int_equal(count, WD_COUNT(expected));
    for (size_t i = 0; i < count; i++) {
        assert_true(wd_bytes_is(wd_difference_path(&d[i]), expected[i].path));
        assert_string_equal(wd_difference_word(&d[i]), expected[i].word);
        assert_int_equal(wd_difference_before(&d[i]), expected[i].before);
        assert_int_equal(wd_difference_after(&d[i]), expected[i].after);
    }
    wd_free(d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts),
        cmocka_unit_test(sizes),
        cmocka_unit_test(shares),
        cmocka_unit_test(times),
        cmocka_unit_test(decimals),
        cmocka_unit_test(a_value_lasts_as_long_as_the_mean_hold),
        cmocka_unit_test(changes_are_told_per_entity_where_there_is_one),
        cmocka_unit_test(profiles_are_compared_per_message),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
