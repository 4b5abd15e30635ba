/* Sketches count what they should, merge in any order, come back from their text; hashes see meaning, not notation. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>

#include "base/sketch.h"

static uint64_t mix(uint64_t x)
{
    x += UINT64_C(0x9e3779b97f4a7c15);
    x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
    return x ^ x >> 31;
}

static struct wd_sketch *range(uint64_t from, uint64_t to)
{
    struct wd_sketch *s = wd_sketch_open();
    for (uint64_t i = from; i < to; i++)
        wd_sketch_add(s, mix(i));
    return s;
}

static void assert_same(const struct wd_sketch *a, const struct wd_sketch *b)
{
    struct wd_buf x = { 0 }, y = { 0 };
    wd_sketch_write(a, &x);
    wd_sketch_write(b, &y);
    assert_string_equal(wd_buf_cstr(&x), wd_buf_cstr(&y));
    wd_buf_free(&x);
    wd_buf_free(&y);
}

static void test_exact_up_to_sparse(void **state)
{
    (void)state;
    struct wd_sketch *s = range(0, WD_SPARSE);
    for (uint64_t i = 0; i < WD_SPARSE; i++)
        wd_sketch_add(s, mix(i));
    assert_true(wd_sketch_is_exact(s));
    assert_int_equal(wd_sketch_count(s), WD_SPARSE);
    assert_int_equal(wd_sketch_has(s, mix(3)), 1);
    assert_int_equal(wd_sketch_has(s, mix(WD_SPARSE)), 0);
    wd_sketch_add(s, mix(WD_SPARSE));
    assert_false(wd_sketch_is_exact(s));
    assert_int_equal(wd_sketch_has(s, mix(3)), -1);
    assert_true(wd_sketch_count(s) > WD_SPARSE);
    wd_sketch_close(s);
    wd_sketch_close(NULL);
}

/* 2.3 % is the standard error: four of them never, over these fixed inputs. */
static void test_estimate(void **state)
{
    (void)state;
    for (uint64_t n = 100; n <= 1000000; n *= 10) {
        struct wd_sketch *s = range(n, 2 * n);
        double error = fabs((double)wd_sketch_count(s) - (double)n) / (double)n;
        assert_true(error < 4 * 0.023);
        wd_sketch_close(s);
    }
}

static void test_union(void **state)
{
    (void)state;
    static const uint64_t cuts[][4] = { { 0, 10, 20, 30 }, { 0, 40, 60, 100 }, { 0, 50, 5000, 5010 }, { 0, 1000, 2000, 3000 } };
    for (size_t i = 0; i < WD_COUNT(cuts); i++) {
        const uint64_t *c = cuts[i];
        struct wd_sketch *whole = range(c[0], c[3]);
        struct wd_sketch *a = range(c[0], c[2]), *b = range(c[1], c[3]);
        struct wd_sketch *ab = wd_sketch_open(), *ba = wd_sketch_open();
        wd_sketch_merge(ab, a);
        wd_sketch_merge(ab, b);
        wd_sketch_merge(ba, b);
        wd_sketch_merge(ba, a);
        assert_same(ab, whole);
        assert_same(ba, whole);
        struct wd_sketch *all[] = { whole, a, b, ab, ba };
        for (size_t j = 0; j < WD_COUNT(all); j++)
            wd_sketch_close(all[j]);
    }
}

static void test_text_form(void **state)
{
    (void)state;
    static const uint64_t sizes[] = { 0, 1, 2, 3, 63, 64, 65, 10000 };
    for (size_t i = 0; i < WD_COUNT(sizes); i++) {
        struct wd_sketch *s = range(0, sizes[i]), *back = NULL;
        struct wd_buf text = { 0 };
        wd_sketch_write(s, &text);
        assert_true(wd_sketch_read(wd_buf_bytes(&text), &back));
        assert_same(s, back);
        assert_int_equal(wd_sketch_count(s), wd_sketch_count(back));
        for (size_t cut = 0; cut < text.len && cut < 40; cut++) {
            struct wd_sketch *none = NULL;
            assert_false(wd_sketch_read(wd_bytes_at(text.at, text.len - 1 - cut), &none));
        }
        wd_sketch_close(back);
        wd_sketch_close(s);
        wd_buf_free(&text);
    }
    struct wd_sketch *none = NULL;
    assert_false(wd_sketch_read(wd_bytes_of("not one"), &none));
    assert_false(wd_sketch_read(wd_bytes_of("U////"), &none));
    assert_false(wd_sketch_read(wd_bytes_of("UwEB"), &none));
}

/* One group, one value; different groups, different hashes. */
static const char *const groups[][6] = {
    { "1", "1.0", "1e0", "10e-1", "0.1e1", "1.000E+00" },
    { "0", "-0", "0.0", "-0e9", "0e99999999999999999999" },
    { "100", "1e2", "100.00", "0.001e5" },
    { "-12.5", "-125e-1", "-1.25e1" },
    { "12.5", "125e-1" },
    { "12345678901234567890123", "12345678901234567890.123e3", "1.2345678901234567890123e22" },
    { "12345678901234567890124" },
    { "-12345678901234567890123" },
    { "123456789012345678901230" },
    { "\"1\"", "\"\\u0031\"" },
    { "\"a/\xc3\xa9\"", "\"a\\/\\u00e9\"", "\"\\u0061/\\u00E9\"" },
    { "\"\xf0\x9f\x98\x80\"", "\"\\ud83d\\ude00\"" },
    { "\"\\n\"", "\"\\u000a\"" },
    { "\"\"" }, { "true" }, { "\"true\"" }, { "null" }, { "{}" }, { "[]" },
};

static void test_values_hash_by_meaning(void **state)
{
    (void)state;
    uint64_t seen[WD_COUNT(groups)];
    for (size_t i = 0; i < WD_COUNT(groups); i++) {
        seen[i] = wd_sketch_hash_json(wd_bytes_of(groups[i][0]));
        for (size_t j = 1; j < 6 && groups[i][j]; j++)
            if (wd_sketch_hash_json(wd_bytes_of(groups[i][j])) != seen[i])
                fail_msg("%s is not %s", groups[i][j], groups[i][0]);
        for (size_t j = 0; j < i; j++)
            if (seen[i] == seen[j])
                fail_msg("%s is %s", groups[i][0], groups[j][0]);
    }
    assert_int_equal(wd_sketch_hash_json(wd_bytes_of("\"x\"")), wd_hash_string_value(wd_bytes_of("x"), WD_SKETCH_SEED));
    assert_int_equal(wd_sketch_hash_json(wd_bytes_of("-1.5")), wd_hash_number_value(wd_bytes_of("-15e-1"), WD_SKETCH_SEED));
    assert_true(wd_hash_number_value(wd_bytes_of("1"), 1) != wd_hash_number_value(wd_bytes_of("1"), 2));
}

/* A profile of last year must still merge: the hash of a value may never change. */
static void test_hashes_are_for_ever(void **state)
{
    (void)state;
    assert_int_equal(wd_sketch_hash_json(wd_bytes_of("\"metrics\"")), UINT64_C(0x49dc098b6dc7c48e));
    assert_int_equal(wd_sketch_hash_json(wd_bytes_of("-12.50")), UINT64_C(0xa56110bc546543da));
    assert_int_equal(wd_sketch_hash_json(wd_bytes_of("true")), UINT64_C(0xe49deea57bd8c84a));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_exact_up_to_sparse), cmocka_unit_test(test_estimate),
        cmocka_unit_test(test_union),              cmocka_unit_test(test_text_form),
        cmocka_unit_test(test_values_hash_by_meaning), cmocka_unit_test(test_hashes_are_for_ever),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
