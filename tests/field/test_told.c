/* Random messages by msgpack-c and libcbor: our walkers see what these were told, as the JSON walker does of the same values
 * in JSON, and who owns how many bytes. MESSAGES=10000 for more. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include <math.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/escape.h"
#include "field/codec.h"
#include "field/cost.h"
#include "field/text.h"
#include "told.h"

/* Both walks use one tree, so that equal paths are equal nodes. */
struct reading {
    const struct wd_codec *codec;
    struct wd_bytes body;
    struct wd_tape tape;
    struct wd_buf scratch, hex;
};

static bool is_number(const struct wd_field *f)
{
    return f->type == WD_TYPE_INTEGER || f->type == WD_TYPE_NUMBER;
}

static struct wd_bytes text_of(struct reading *r, uint32_t i)
{
    const struct wd_field *f = &r->tape.fields[i];
    struct wd_bytes text = wd_field_text(f, r->body, &r->scratch);
    if (f->type != WD_TYPE_BYTES)
        return text;
    wd_buf_reset(&r->hex);
    wd_put_hex(&r->hex, text);
    return wd_buf_bytes(&r->hex);
}

static double number_of(struct wd_bytes text)
{
    char copy[400] = { 0 };
    memcpy(copy, text.at, text.len < sizeof copy - 1 ? text.len : sizeof copy - 1);
    return strtod(copy, NULL);
}

/* Numbers that both hold exactly are held as the same decimal, hence have the same hash. */
static bool is_same_number(const struct wd_field *a, const struct wd_field *b, struct wd_bytes text_a, struct wd_bytes text_b)
{
    if (a->flags & b->flags & WD_FIELD_DECIMAL)
        return a->mantissa == b->mantissa && a->exponent == b->exponent && !((a->flags ^ b->flags) & WD_FIELD_NEGATIVE);
    return number_of(text_a) == number_of(text_b);
}

static bool is_same(struct reading *json, struct reading *packed, uint32_t i)
{
    const struct wd_field *a = &json->tape.fields[i], *b = &packed->tape.fields[i];
    uint8_t type = b->type == WD_TYPE_BYTES ? WD_TYPE_STRING : b->type;
    struct wd_bytes text_a = text_of(json, i), text_b = text_of(packed, i);
    if (a->type == WD_TYPE_OBJECT || a->type == WD_TYPE_ARRAY)
        text_a = text_b = (struct wd_bytes){ 0 };   /* of the JSON one its bracket */
    return a->path == b->path && a->type == type && a->depth == b->depth &&
           (a->flags & WD_FIELD_EMPTY) == (b->flags & WD_FIELD_EMPTY) &&
           (is_number(a) ? is_same_number(a, b, text_a, text_b) : wd_bytes_eq(text_a, text_b));
}

/* One bit a byte: what each entry bears is what it owns, so the entries lie where they should. */
static void assert_costs(const struct reading *r)
{
    struct wd_bit_mark *marks = wd_alloc(r->body.len * sizeof *marks);
    uint64_t *costs = wd_alloc(r->tape.count * sizeof *costs);
    for (uint32_t i = 0; i < r->body.len; i++)
        marks[i] = (struct wd_bit_mark){ i + 1, 1 };
    wd_tape_cost(&r->tape, r->body.len, (struct wd_bit_marks){ marks, r->body.len }, r->body.len, costs);
    for (uint32_t i = 0; i < r->tape.count; i++) {
        const struct wd_field *f = &r->tape.fields[i];
        assert_int_equal(costs[i], (uint64_t)f->key_len + f->value_len + f->syntax_len);
    }
    wd_free(marks);
    wd_free(costs);
}

static void read_message(struct reading *r, struct wd_paths *paths, struct wd_bytes body)
{
    const struct wd_limits limits = wd_limits_default();
    r->body = body;
    r->codec->walk(body, NULL, paths, &limits, &r->tape);
    if (r->tape.fault)
        fail_msg("%s at %u: %s", r->codec->name, r->tape.fault_off, r->tape.fault);
}

static void assert_message(struct reading *json, struct reading *packed, struct wd_paths *paths, const struct told *t)
{
    read_message(json, paths, wd_buf_bytes(&t->json));
    read_message(packed, paths, wd_buf_bytes(&t->packed));
    assert_int_equal(packed->tape.count, t->count);
    assert_int_equal(json->tape.count, t->count);
    for (uint32_t i = 0; i < t->count; i++) {
        const struct wd_field *f = &packed->tape.fields[i];
        if (!is_same(json, packed, i))
            fail_msg("value %u of %.*s is another in %s", i, (int)t->json.len, (const char *)t->json.at, packed->codec->name);
        assert_int_equal(f->key_len, t->shares[i].key);
        assert_int_equal(f->value_len, t->shares[i].value);
        assert_int_equal(f->syntax_len, t->shares[i].syntax);
    }
    assert_costs(packed);
}

static void assert_told(const struct wd_codec *codec, told_encoder *encode, bool has_open)
{
    const char *count = getenv("MESSAGES");
    const struct wd_limits limits = wd_limits_default();
    struct reading json = { .codec = &wd_codec_json }, packed = { .codec = codec };
    struct told t = { .encode = encode, .has_open = has_open };
    struct wd_paths *paths = wd_paths_open(&limits, NULL);
    for (long i = count ? atol(count) : 500; i > 0; i--) {
        uint64_t shape = (uint64_t)(i / 3 + 1) * 0x9e3779b97f4a7c15u;   /* three of a kind, so that keys are guessed */
        t.shape = shape;
        t.change = (uint64_t)i * 0xc2b2ae3d27d4eb4fu;
        told_draw(&t);
        assert_message(&json, &packed, paths, &t);
        if (i % 20 == 0) {
            wd_paths_close(paths);
            paths = wd_paths_open(&limits, NULL);
        }
    }
    wd_paths_close(paths);
    wd_tape_free(&json.tape);
    wd_tape_free(&packed.tape);
    wd_buf_free(&json.scratch);
    wd_buf_free(&json.hex);
    wd_buf_free(&packed.scratch);
    wd_buf_free(&packed.hex);
    told_free(&t);
}

static void test_msgpack(void **state)
{
    (void)state;
    assert_told(&wd_codec_msgpack, told_to_msgpack, false);
}

static void test_cbor(void **state)
{
    (void)state;
    assert_told(&wd_codec_cbor, told_to_cbor, true);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_msgpack), cmocka_unit_test(test_cbor) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
