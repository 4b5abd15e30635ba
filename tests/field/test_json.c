/* Vectors, and the properties that come with each: the fields tile the body, every truncation tiles too, twice is the same. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include "field/codec.h"

static struct wd_limits limits;

/* "path key+value+syntax+space type;" for each entry. */
static void print_tape(const struct wd_paths *paths, const struct wd_tape *tape, struct wd_buf *out)
{
    wd_buf_reset(out);
    for (uint32_t i = 0; i < tape->count; i++) {
        const struct wd_field *f = &tape->fields[i];
        wd_paths_write(paths, f->path, out);
        wd_buf_printf(out, " %u+%u+%u+%u %s%s;", f->key_len, f->value_len, f->syntax_len, f->space_len,
                      wd_type_names[f->type], f->flags & WD_FIELD_ESCAPED ? "~" : "");
    }
}

static void walk(struct wd_bytes body, struct wd_tape *tape, struct wd_buf *out)
{
    struct wd_paths *paths = wd_paths_open(&limits, NULL);
    wd_codec_json.walk(body, NULL, paths, &limits, tape);
    print_tape(paths, tape, out);
    wd_paths_close(paths);
}

static void assert_tiles(struct wd_bytes body)
{
    struct wd_tape tape = { 0 };
    struct wd_buf once = { 0 }, again = { 0 };
    walk(body, &tape, &once);
    assert_int_equal(wd_tape_bytes(&tape), body.len);
    walk(body, &tape, &again);
    assert_true(wd_bytes_eq(wd_buf_bytes(&once), wd_buf_bytes(&again)));
    wd_buf_free(&once);
    wd_buf_free(&again);
    wd_tape_free(&tape);
}

static void assert_vector(const char *text, const char *expected, const char *fault)
{
    struct wd_tape tape = { 0 };
    struct wd_buf out = { 0 };
    struct wd_bytes body = wd_bytes_of(text);
    walk(body, &tape, &out);
    assert_string_equal(wd_buf_cstr(&out), expected);
    if (fault)
        assert_string_equal(tape.fault, fault);
    else
        assert_null(tape.fault);
    for (size_t n = 0; n <= body.len; n++)
        assert_tiles(wd_bytes_at(body.at, n));
    wd_buf_free(&out);
    wd_tape_free(&tape);
}

static const struct { const char *body, *fields, *fault; } vectors[] = {
    /* who owns what: design, exact accounting */
    { "{}", ". 0+0+2+0 object;", NULL },
    { "[]", ". 0+0+2+0 array;", NULL },
    { "{\"a\":1}", ". 0+0+2+0 object;a 3+1+1+0 integer;", NULL },
    { "{\"a\":1,\"b\":\"x\"}", ". 0+0+2+0 object;a 3+1+1+0 integer;b 3+3+2+0 string;", NULL },
    { "[1,2.5,null]", ". 0+0+2+0 array;[] 0+1+0+0 integer;[] 0+3+1+0 number;[] 0+4+1+0 null;", NULL },
    { "{\"a\":{\"b\":[{\"c\":true}]}}",
      ". 0+0+2+0 object;a 3+0+3+0 object;a.b 3+0+3+0 array;a.b[] 0+0+2+0 object;a.b[].c 3+4+1+0 boolean;", NULL },
    { "{\"a\":[],\"b\":{}}", ". 0+0+2+0 object;a 3+0+3+0 array;b 3+0+4+0 object;", NULL },
    /* space goes to the token that follows, at the end of a container to the container */
    { " { \"a\" : 1 , \"b\" : 2 } \n", ". 0+0+2+4 object;a 3+1+1+3 integer;b 3+1+2+4 integer;", NULL },
    { "[ ]", ". 0+0+2+1 array;", NULL },
    { "7 ", ". 0+1+0+1 integer;", NULL },
    { "\"x\"", ". 0+3+0+0 string;", NULL },
    /* keys */
    { "{\"a b\":1,\"a.b\":2,\"\":3}", ". 0+0+2+0 object;\"a b\" 5+1+1+0 integer;\"a.b\" 5+1+2+0 integer;\"\" 2+1+2+0 integer;", NULL },
    { "{\"\\u0061\":1,\"a\":2}", ". 0+0+2+0 object;a 8+1+1+0 integer;a 3+1+2+0 integer;", NULL },
    { "{\"12345\":1,\"67890\":2}", ". 0+0+2+0 object;{} 7+1+1+0 integer;{} 7+1+2+0 integer;", NULL },
    { "{\"$ver\":{\"x-y\":0}}", ". 0+0+2+0 object;\"$ver\" 6+0+3+0 object;\"$ver\".x-y 5+1+1+0 integer;", NULL },
    /* numbers: 1.0 and 1e0 are integers; what is not in its shortest plain form is compared by meaning */
    { "[1.0,1e0,-0,0.5,-0.50,15e-1,1500e-2,1E+2]",
      ". 0+0+2+0 array;[] 0+3+0+0 integer~;[] 0+3+1+0 integer~;[] 0+2+1+0 integer~;[] 0+3+1+0 number;[] 0+5+1+0 number~;"
      "[] 0+5+1+0 number~;[] 0+7+1+0 integer~;[] 0+4+1+0 integer~;", NULL },
    { "[\"\\\"\",\"\xc3\xbc\"]", ". 0+0+2+0 array;[] 0+4+0+0 string~;[] 0+4+1+0 string;", NULL },
    /* malformed: what was read counts, the rest is one piece */
    { "{\"a\":1,}", ". 0+0+1+0 object;a 3+1+1+0 integer;(malformed) 0+2+0+0 bytes;", "expected a key in quotes" },
    { "{\"a\":1 \"b\":2}", ". 0+0+1+0 object;a 3+1+1+0 integer;(malformed) 0+7+0+0 bytes;", "expected ',' or '}'" },
    { "{\"a\" 1}", ". 0+0+1+0 object;(malformed) 0+6+0+0 bytes;", "expected ':' after a key" },
    { "[1,2", ". 0+0+1+0 array;[] 0+1+0+0 integer;[] 0+1+1+0 integer;", "ends inside a container" },
    { "[01]", ". 0+0+1+0 array;(malformed) 0+3+0+0 bytes;", "a number with a leading zero" },
    { "[1.]", ". 0+0+1+0 array;(malformed) 0+3+0+0 bytes;", "a number without digits after its point" },
    { "[1e]", ". 0+0+1+0 array;(malformed) 0+3+0+0 bytes;", "a number without digits in its exponent" },
    { "[+1]", ". 0+0+1+0 array;(malformed) 0+3+0+0 bytes;", "expected a value" },
    { "[NaN]", ". 0+0+1+0 array;(malformed) 0+4+0+0 bytes;", "expected a value" },
    { "{} x", ". 0+0+2+1 object;(malformed) 0+1+0+0 bytes;", "text after the end of the value" },
    { "[\"\x80\"]", ". 0+0+1+0 array;(malformed) 0+4+0+0 bytes;", "a string is not valid UTF-8" },
    { "[\"\t\"]", ". 0+0+1+0 array;(malformed) 0+4+0+0 bytes;", "a control character in a string" },
    { "[\"\\x\"]", ". 0+0+1+0 array;(malformed) 0+5+0+0 bytes;", "an escape is not one of JSON's" },
    { "[\"\\u12g4\"]", ". 0+0+1+0 array;(malformed) 0+9+0+0 bytes;", "an escape is not one of JSON's" },
    { "", "", "ends where a value should be" },
};

static void test_vectors(void **state)
{
    (void)state;
    for (size_t i = 0; i < WD_COUNT(vectors); i++)
        assert_vector(vectors[i].body, vectors[i].fields, vectors[i].fault);
}

static void test_depth_limit(void **state)
{
    (void)state;
    struct wd_buf deep = { 0 }, out = { 0 };
    struct wd_tape tape = { 0 };
    for (int i = 0; i < 100000; i++)
        wd_buf_byte(&deep, '[');
    walk(wd_buf_bytes(&deep), &tape, &out);
    assert_string_equal(tape.fault, "nested too deeply");
    assert_int_equal(wd_tape_bytes(&tape), deep.len);
    wd_buf_free(&deep);
    wd_buf_free(&out);
    wd_tape_free(&tape);
}

/* The 257th key folds all of them, with what was below. */
static void test_fold(void **state)
{
    (void)state;
    struct wd_paths *paths = wd_paths_open(&limits, NULL);
    struct wd_tape tape = { 0 };
    struct wd_buf body = { 0 }, out = { 0 };
    for (int i = 0; i < 257; i++) {
        wd_buf_reset(&body);
        wd_buf_printf(&body, "{\"rates\":{\"k%c%c\":{\"bid\":1}}}", 'a' + i / 26, 'a' + i % 26);
        wd_codec_json.walk(wd_buf_bytes(&body), NULL, paths, &limits, &tape);
        assert_null(tape.fault);
    }
    assert_int_equal(wd_paths_folds(paths), 1);
    print_tape(paths, &tape, &out);
    assert_string_equal(wd_buf_cstr(&out), ". 0+0+2+0 object;rates 7+0+3+0 object;rates{} 5+0+3+0 object;rates{}.bid 5+1+1+0 integer;");
    uint32_t first = wd_paths_parse(paths, wd_bytes_of("rates{}.bid"));
    assert_int_equal(first, tape.fields[tape.count - 1].path);
    wd_buf_free(&body);
    wd_buf_free(&out);
    wd_tape_free(&tape);
    wd_paths_close(paths);
}

static void test_paths_round_trip(void **state)
{
    (void)state;
    static const char *const written[] = { ".", "user.address.street", "items[].price", "[].price", "rates{}.bid", "{}.bid",
                                           "\"a.b\".c", "\"$ver\"", "a[][].b{}[].\"x y\"" };
    for (size_t i = 0; i < WD_COUNT(written); i++) {
        struct wd_paths *paths = wd_paths_open(&limits, NULL);
        struct wd_buf out = { 0 };
        uint32_t node = wd_paths_parse(paths, wd_bytes_of(written[i]));
        assert_int_not_equal(node, WD_PATH_NONE);
        wd_paths_write(paths, node, &out);
        assert_string_equal(wd_buf_cstr(&out), written[i]);
        wd_buf_free(&out);
        wd_paths_close(paths);
    }
}

/* --- random texts, held against jansson --- */

static uint64_t next_random(uint64_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return *seed;
}

static void put_random(struct wd_buf *out, uint64_t *seed, int depth)
{
    static const char *const scalars[] = { "0", "-1", "3.25", "1e3", "true", "false", "null", "\"\"", "\"text\"", "\"\\n\\u00fc\"",
                                           "\"\xe2\x82\xac\"", "123456789", "[]", "{}" };
    uint64_t kind = next_random(seed) % (depth > 4 ? 1 : 3);
    if (kind == 0) {
        wd_buf_puts(out, scalars[next_random(seed) % WD_COUNT(scalars)]);
        return;
    }
    uint64_t count = next_random(seed) % 5;
    wd_buf_byte(out, kind == 1 ? '{' : '[');
    for (uint64_t i = 0; i < count; i++) {
        wd_buf_puts(out, i ? next_random(seed) % 4 ? "," : " ,\n" : "");
        if (kind == 1)
            wd_buf_printf(out, "\"k%u\"%s", (unsigned)(next_random(seed) % 6), next_random(seed) % 4 ? ":" : " : ");
        put_random(out, seed, depth + 1);
    }
    wd_buf_byte(out, kind == 1 ? '}' : ']');
}

static bool jansson_accepts(struct wd_bytes body)
{
    json_error_t why;
    json_t *root = json_loadb((const char *)body.at, body.len, JSON_DECODE_ANY | JSON_ALLOW_NUL, &why);
    json_decref(root);
    return root || json_error_code(&why) == json_error_numeric_overflow;  /* 1e400 is JSON, only no double */
}

static void test_random_against_jansson(void **state)
{
    (void)state;
    uint64_t seed = 0x5eed;
    struct wd_buf body = { 0 }, out = { 0 };
    struct wd_tape tape = { 0 };
    int rejected = 0;
    for (int round = 0; round < 20000; round++) {
        wd_buf_reset(&body);
        put_random(&body, &seed, 0);
        if (round % 2 && body.len)  /* one byte is wrong */
            body.at[next_random(&seed) % body.len] = (uint8_t)"{}[],:\"0e.- x\x80\x01"[next_random(&seed) % 15];
        walk(wd_buf_bytes(&body), &tape, &out);
        assert_int_equal(wd_tape_bytes(&tape), body.len);
        if ((tape.fault == NULL) != jansson_accepts(wd_buf_bytes(&body)))
            fail_msg("jansson disagrees on %s", wd_buf_cstr(&body));
        rejected += tape.fault != NULL;
    }
    assert_in_range(rejected, 2000, 10000);
    wd_buf_free(&body);
    wd_buf_free(&out);
    wd_tape_free(&tape);
}

static void test_bid(void **state)
{
    (void)state;
    static const struct { const char *body; bool is_json; } rows[] = {
        { "{\"a\":1}", true }, { " [1]", true }, { "12", true }, { "\"x\"", true }, { "null\n", true },
        { "hello", false }, { "12 apples", false }, { "", false }, { "true story", false },
    };
    for (size_t i = 0; i < WD_COUNT(rows); i++)
        assert_int_equal(wd_codec_choose((struct wd_bytes){ 0 }, NULL, wd_bytes_of(rows[i].body), true) == &wd_codec_json, rows[i].is_json);
    assert_ptr_equal(wd_codec_choose(wd_bytes_of("application/vnd.x+json"), NULL, wd_bytes_of("x"), true), &wd_codec_json);
}

int main(void)
{
    limits = wd_limits_default();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_vectors), cmocka_unit_test(test_depth_limit), cmocka_unit_test(test_fold),
        cmocka_unit_test(test_paths_round_trip), cmocka_unit_test(test_random_against_jansson), cmocka_unit_test(test_bid),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
