/* Batches of JSON texts: who owns what is between them, and which bodies are batches at all. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include <jansson.h>
#include <stdlib.h>

#include "field/codec.h"
#include "tests/dice.h"

static struct wd_limits limits;

static void walk(struct wd_bytes body, struct wd_tape *tape, struct wd_buf *out)
{
    struct wd_paths *paths = wd_paths_open(&limits, NULL);
    wd_codec_ndjson.walk(body, NULL, paths, &limits, tape);
    wd_buf_reset(out);
    for (uint32_t i = 0; i < tape->count; i++) {
        const struct wd_field *f = &tape->fields[i];
        wd_paths_write(paths, f->path, out);
        wd_buf_printf(out, " %u+%u+%u+%u;", f->key_len, f->value_len, f->syntax_len, f->space_len);
    }
    wd_paths_close(paths);
}

static const struct { const char *body, *fields, *fault; } vectors[] = {
    { "{\"a\":1}\n{\"a\":2}\n", ". 0+0+1+0;[] 0+0+2+0;[].a 3+1+1+0;[] 0+0+3+0;[].a 3+1+1+0;", NULL },
    { "{\"a\":1}\r\n\r\n {}", ". 0+0+0+0;[] 0+0+2+0;[].a 3+1+1+0;[] 0+0+3+4;", NULL },
    { "\x1e{\"a\":1}\n\x1e[7]\n", ". 0+0+1+0;[] 0+0+3+0;[].a 3+1+1+0;[] 0+0+4+0;[][] 0+1+0+0;", NULL },
    { "{\"type\":6}\x1e", ". 0+0+1+0;[] 0+0+2+0;[].type 6+1+1+0;", NULL },
    { "1\n\"x\"\nnull", ". 0+0+0+0;[] 0+1+0+0;[] 0+3+1+0;[] 0+4+1+0;", NULL },
    { "\n", ". 0+0+0+1;", NULL },
    { "", ". 0+0+0+0;", NULL },
    { "{} {}", ". 0+0+0+0;[] 0+0+2+0;(malformed) 0+3+0+0;", "expected a line feed or a record separator between two JSON texts" },
    { "{}\n{\"a\":}", ". 0+0+0+0;[] 0+0+2+0;[] 0+0+2+0;(malformed) 0+5+0+0;", "expected a value" },
};

static void test_vectors(void **state)
{
    (void)state;
    struct wd_tape tape = { 0 };
    struct wd_buf out = { 0 };
    for (size_t i = 0; i < WD_COUNT(vectors); i++) {
        struct wd_bytes body = wd_bytes_of(vectors[i].body);
        walk(body, &tape, &out);
        assert_string_equal(wd_buf_cstr(&out), vectors[i].fields);
        assert_true(vectors[i].fault ? tape.fault && !strcmp(tape.fault, vectors[i].fault) : !tape.fault);
        for (size_t n = 0; n <= body.len; n++) {
            walk(wd_bytes_at(body.at, n), &tape, &out);
            assert_int_equal(wd_tape_bytes(&tape), n);
        }
    }
    wd_buf_free(&out);
    wd_tape_free(&tape);
}

/* Which codec a body has when nothing else says so. */
static void test_bids(void **state)
{
    (void)state;
    static const struct { const char *body, *codec; } looks[] = {
        { "{\"a\":1}", "json" },
        { "{\"a\":1}\n", "json" },
        { "{\"a\":\n1}\n\n", "json" },
        { "{\"a\":\"}\n{\"}", "json" },
        { "[1,2]\n", "json" },
        { "{\"a\":1}\n{\"a\":2}", "ndjson" },
        { "{\"a\":[{\"b\":\"]\\\"\"}]}\r\n[", "ndjson" },
        { "{\"a\":1}\x1e", "ndjson" },
        { "\x1e{\"a\":1}\n", "ndjson" },
        { "{\"a\":1}{\"a\":2}", "json" },
        { "{\"a\":1\n{\"a\":2}", "json" },
        { "one\n{two}", "opaque" },
        { "", "opaque" },
    };
    for (size_t i = 0; i < WD_COUNT(looks); i++)
        assert_string_equal(wd_codec_choose((struct wd_bytes){ 0 }, NULL, wd_bytes_of(looks[i].body), true)->name, looks[i].codec);
}

static void test_media_types(void **state)
{
    (void)state;
    static const struct { const char *type, *codec; } types[] = {
        { "application/x-ndjson", "ndjson" }, { "application/jsonl", "ndjson" }, { "application/json-seq", "ndjson" },
        { "application/geo+json-seq", "ndjson" }, { "Application/JSON ; charset=utf-8", "json" }, { "application/ld+json", "json" },
    };
    for (size_t i = 0; i < WD_COUNT(types); i++)
        assert_string_equal(wd_codec_declared(wd_bytes_of(types[i].type))->name, types[i].codec);
    assert_null(wd_codec_declared(wd_bytes_of("text/plain")));
    assert_null(wd_codec_declared(wd_bytes_of("")));
}

/* --- random batches: the elements are those that jansson reads, one text after the other --- */

static void put_text(struct wd_buf *out)
{
    static const char *const texts[] = { "{}", "{\"a\":1,\"b\":[true,null]}", "[]", "[1, [2]]", "\"\\u001e \\n\"", "-1.5e3", "{ \"x\" :\n7 }" };
    wd_buf_puts(out, texts[dice(WD_COUNT(texts))]);
}

static size_t texts_read(struct wd_bytes body)
{
    size_t count = 0, off = 0;
    for (; off < body.len; count++) {
        json_error_t why;
        while (off < body.len && strchr("\x1e\r\n ", body.at[off]))
            off++;
        if (off == body.len)
            break;
        json_t *text = json_loadb((const char *)body.at + off, body.len - off, JSON_DISABLE_EOF_CHECK | JSON_DECODE_ANY, &why);
        assert_non_null(text);
        json_decref(text);
        off += (size_t)why.position;
    }
    return count;
}

static void test_random(void **state)
{
    (void)state;
    static const char *const ends[] = { "\n", "\r\n", "\n\x1e", "\x1e", " \n \n" };
    struct wd_tape tape = { 0 };
    struct wd_buf body = { 0 }, out = { 0 };
    for (int round = 0; round < 2000; round++) {
        size_t elements = 0;
        wd_buf_reset(&body);
        for (unsigned n = dice(8); n; n--) {
            put_text(&body);
            wd_buf_puts(&body, n > 1 || dice(2) ? ends[dice(WD_COUNT(ends))] : "");
        }
        walk(wd_buf_bytes(&body), &tape, &out);
        assert_null(tape.fault);
        assert_int_equal(wd_tape_bytes(&tape), body.len);
        for (uint32_t i = 0; i < tape.count; i++)
            elements += tape.fields[i].depth == 1;
        assert_int_equal(elements, texts_read(wd_buf_bytes(&body)));
    }
    wd_buf_free(&body);
    wd_buf_free(&out);
    wd_tape_free(&tape);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_vectors),
        cmocka_unit_test(test_bids),
        cmocka_unit_test(test_media_types),
        cmocka_unit_test(test_random),
    };
    limits = wd_limits_default();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
