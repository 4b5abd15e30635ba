#include "walk.h"

#include <stdarg.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdlib.h>

#include "base/escape.h"
#include "field/text.h"

void put_unhexed(struct wd_buf *out, const char *hex)
{
    for (char digits[3] = { 0 }; *hex; hex += 2) {
        while (*hex == ' ')
            hex++;
        memcpy(digits, hex, 2);
        wd_buf_byte(out, (uint8_t)strtoul(digits, NULL, 16));
    }
}

static void put_says(const struct wd_field *f, struct wd_bytes body, struct wd_buf *out)
{
    struct wd_buf scratch = { 0 };
    struct wd_bytes text = wd_field_text(f, body, &scratch);
    wd_buf_puts(out, wd_type_names[f->type]);
    if (f->type != WD_TYPE_OBJECT && f->type != WD_TYPE_ARRAY && !(f->flags & WD_FIELD_MALFORMED)) {
        wd_buf_byte(out, '=');
        (f->type == WD_TYPE_BYTES ? wd_put_hex : wd_buf_put)(out, text);
    }
    wd_buf_free(&scratch);
}

static void put_tape(const struct wd_paths *paths, const struct wd_tape *tape, struct wd_bytes body, struct wd_buf *out)
{
    wd_buf_reset(out);
    for (uint32_t i = 0; i < tape->count; i++) {
        const struct wd_field *f = &tape->fields[i];
        wd_paths_write(paths, f->path, out);
        wd_buf_printf(out, " %u+%u+%u ", f->key_len, f->value_len, f->syntax_len);
        put_says(f, body, out);
        wd_buf_puts(out, f->flags & WD_FIELD_EMPTY ? "!;" : ";");
    }
}

/* Walks an exact copy, so that a sanitizer sees who reads beyond it; twice, the second time with a tree that knows it. */
static const char *walk(const struct wd_codec *codec, struct wd_bytes whole, struct wd_buf *out)
{
    const struct wd_limits limits = wd_limits_default();
    struct wd_paths *paths = wd_paths_open(&limits, NULL);
    struct wd_tape tape = { 0 };
    struct wd_buf again = { 0 };
    uint8_t *copy = malloc(whole.len + !whole.len);
    memcpy(copy, whole.at, whole.len);
    struct wd_bytes body = wd_bytes_at(copy, whole.len);
    codec->walk(body, NULL, paths, &limits, &tape);
    put_tape(paths, &tape, body, out);
    assert_int_equal(wd_tape_bytes(&tape), body.len);
    codec->walk(body, NULL, paths, &limits, &tape);
    put_tape(paths, &tape, body, &again);
    assert_string_equal(wd_buf_cstr(out), wd_buf_cstr(&again));
    const char *fault = tape.fault;
    free(copy);
    wd_buf_free(&again);
    wd_tape_free(&tape);
    wd_paths_close(paths);
    return fault;
}

static void assert_truncations(const struct wd_codec *codec, struct wd_bytes body, const char *hex)
{
    struct wd_buf out = { 0 };
    for (size_t n = 0; n < body.len; n++)
        if (!walk(codec, wd_bytes_at(body.at, n), &out))
            fail_msg("the first %zu bytes of %s are well-formed", n, hex);
    wd_buf_free(&out);
}

static void assert_fault(const char *got, const char *expected, const char *hex)
{
    if (!got != !expected || (got && strcmp(got, expected) != 0))
        fail_msg("%s: '%s' instead of '%s'", hex, got ? got : "", expected ? expected : "");
}

void assert_walks(const struct wd_codec *codec, const struct walk_vector *vectors, size_t count)
{
    struct wd_buf body = { 0 }, out = { 0 };
    for (size_t i = 0; i < count; i++) {
        wd_buf_reset(&body);
        put_unhexed(&body, vectors[i].hex);
        assert_fault(walk(codec, wd_buf_bytes(&body), &out), vectors[i].fault, vectors[i].hex);
        if (vectors[i].fields && strcmp(wd_buf_cstr(&out), vectors[i].fields) != 0)
            fail_msg("%s: '%s' instead of '%s'", vectors[i].hex, wd_buf_cstr(&out), vectors[i].fields);
        if (!vectors[i].fault)
            assert_truncations(codec, wd_buf_bytes(&body), vectors[i].hex);
    }
    wd_buf_free(&body);
    wd_buf_free(&out);
}

void assert_says(const struct wd_codec *codec, const struct walk_scalar *scalars, size_t count)
{
    struct wd_buf body = { 0 }, out = { 0 }, expected = { 0 };
    for (size_t i = 0; i < count; i++) {
        wd_buf_reset(&body);
        wd_buf_reset(&expected);
        put_unhexed(&body, scalars[i].hex);
        assert_fault(walk(codec, wd_buf_bytes(&body), &out), NULL, scalars[i].hex);
        wd_buf_put(&expected, wd_bytes_of(scalars[i].says));
        const char *got = strrchr(wd_buf_cstr(&out), ' ') ? wd_buf_cstr(&out) : "";
        /* ". 0+5+0 type=text;" */
        for (int spaces = 0; spaces < 2 && *got; got++)
            spaces += *got == ' ';
        wd_buf_byte(&expected, ';');
        if (strcmp(got, wd_buf_cstr(&expected)) != 0)
            fail_msg("%s: '%s' instead of '%s'", scalars[i].hex, got, wd_buf_cstr(&expected));
        assert_truncations(codec, wd_buf_bytes(&body), scalars[i].hex);
    }
    wd_buf_free(&body);
    wd_buf_free(&out);
    wd_buf_free(&expected);
}

void assert_depth(const struct wd_codec *codec, uint8_t initial, const char *fault)
{
    struct wd_buf deep = { 0 }, out = { 0 };
    for (int i = 0; i < 100000; i++)
        wd_buf_byte(&deep, initial);
    assert_fault(walk(codec, wd_buf_bytes(&deep), &out), fault, "a deep one");
    wd_buf_free(&deep);
    wd_buf_free(&out);
}

void assert_taken(const struct walk_first *firsts, size_t count)
{
    struct wd_buf body = { 0 };
    for (size_t i = 0; i < count; i++) {
        wd_buf_reset(&body);
        put_unhexed(&body, firsts[i].hex);
        const struct wd_codec *codec = wd_codec_choose((struct wd_bytes){ 0 }, NULL, wd_buf_bytes(&body), false);
        if (strcmp(codec->name, firsts[i].codec) != 0)
            fail_msg("%s is taken for %s", firsts[i].hex, codec->name);
        assert_false(wd_codec_choose((struct wd_bytes){ 0 }, NULL, wd_buf_bytes(&body), true)->is_binary);
    }
    wd_buf_free(&body);
}
