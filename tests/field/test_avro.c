/* Vectors of the specification and beyond, and the properties that come with each: the fields tile the body, every
 * truncation tiles too, twice is the same. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>

#include "document/avro.h"
#include "field/avro.h"
#include "field/codec.h"
#include "field/cost.h"
#include "field/text.h"

static struct wd_limits limits;
static struct wd_arena *arena;

/* "path key+value+syntax type=text;" for each entry. */
static void print_tape(const struct wd_paths *paths, const struct wd_tape *tape, struct wd_bytes body, struct wd_buf *out)
{
    struct wd_buf scratch = { 0 };
    wd_buf_reset(out);
    for (uint32_t i = 0; i < tape->count; i++) {
        const struct wd_field *f = &tape->fields[i];
        struct wd_bytes text = f->flags & WD_FIELD_MALFORMED ? (struct wd_bytes){ 0 } : wd_field_text(f, body, &scratch);
        wd_paths_write(paths, f->path, out);
        wd_buf_printf(out, " %u+%u+%u %s%s%.*s;", f->key_len, f->value_len, f->syntax_len, wd_type_names[f->type],
                      text.len ? "=" : "", f->type == WD_TYPE_BYTES ? 0 : (int)text.len, (const char *)text.at);
        assert_int_equal(f->space_len, 0);
    }
    wd_buf_free(&scratch);
}

static void walk(const struct wd_layout *layout, struct wd_bytes body, struct wd_tape *tape, struct wd_buf *out)
{
    struct wd_paths *paths = wd_paths_open(&limits, NULL);
    wd_codec_avro.walk(body, layout, paths, &limits, tape);
    print_tape(paths, tape, body, out);
    assert_int_equal(wd_tape_bytes(tape), body.len);
    wd_paths_close(paths);
}

static struct wd_layout *read_layout(const char *schema)
{
    struct wd_err err = { 0 };
    struct wd_layout *layout = wd_arena_new(arena, struct wd_layout);
    if (wd_avro_read_text("test.avsc", wd_bytes_of(schema), &limits, arena, layout, &err) < 0)
        fail_msg("%s", err.text);
    return layout;
}

static struct wd_bytes from_hex(const char *hex)
{
    uint8_t *at = wd_arena_alloc(arena, strlen(hex) / 2 + 1);
    size_t n = 0;
    unsigned byte;
    for (; *hex; hex += *hex == ' ' ? 1 : 2)
        if (*hex != ' ' && sscanf(hex, "%2x", &byte) == 1)
            at[n++] = (uint8_t)byte;
    return wd_bytes_at(at, n);
}

static void assert_tiles(const struct wd_layout *layout, struct wd_bytes body)
{
    struct wd_tape tape = { 0 };
    struct wd_buf once = { 0 }, again = { 0 };
    walk(layout, body, &tape, &once);
    walk(layout, body, &tape, &again);
    assert_true(wd_bytes_eq(wd_buf_bytes(&once), wd_buf_bytes(&again)));
    wd_buf_free(&once);
    wd_buf_free(&again);
    wd_tape_free(&tape);
}

static void assert_vector(const struct wd_layout *layout, struct wd_bytes body, const char *expected, const char *fault)
{
    struct wd_tape tape = { 0 };
    struct wd_buf out = { 0 };
    walk(layout, body, &tape, &out);
    assert_string_equal(wd_buf_cstr(&out), expected);
    if (fault && tape.fault)
        assert_string_equal(tape.fault, fault);
    else
        assert_ptr_equal(tape.fault, fault);
    for (size_t n = 0; n <= body.len; n++)
        assert_tiles(layout, wd_bytes_at(body.at, n));
    wd_buf_free(&out);
    wd_tape_free(&tape);
}

#define REC(fields) "{\"type\":\"record\",\"name\":\"n.R\",\"fields\":[" fields "]}"
#define F(name, type) "{\"name\":\"" name "\",\"type\":" type "}"
#define LONGS "{\"type\":\"array\",\"items\":\"long\"}"

static const struct { const char *schema, *body, *fields, *fault; } vectors[] = {
    /* the examples of the specification, Binary Encoding */
    { "\"string\"", "06 666f6f", ". 0+4+0 string=foo;", NULL },
    { REC(F("a", "\"long\"") "," F("b", "\"string\"")), "36 06 666f6f", ". 0+0+0 object;a 0+1+0 integer=27;b 0+4+0 string=foo;", NULL },
    { LONGS, "04 06 36 00", ". 0+0+2 array;[] 0+1+0 integer=3;[] 0+1+0 integer=27;", NULL },
    { "[\"null\",\"string\"]", "00", ". 0+0+1 null=null;", NULL },
    { "[\"null\",\"string\"]", "02 02 61", ". 0+2+1 string=a;", NULL },
    { "\"long\"", "8001", ". 0+2+0 integer=64;", NULL },
    { "\"long\"", "7f", ". 0+1+0 integer=-64;", NULL },
    /* every kind */
    { "\"null\"", "", ". 0+0+0 null=null;", NULL },
    { "\"boolean\"", "01", ". 0+1+0 boolean=true;", NULL },
    { "\"int\"", "ffffffff0f", ". 0+5+0 integer=-2147483648;", NULL },
    { "\"long\"", "ffffffffffffffffff01", ". 0+10+0 integer=-9223372036854775808;", NULL },
    { "\"float\"", "0000c03f", ". 0+4+0 number=1.5;", NULL },
    { "\"double\"", "9a9999999999b93f", ". 0+8+0 number=0.1;", NULL },
    { "\"double\"", "0000000000000840", ". 0+8+0 integer=3;", NULL },
    { "\"bytes\"", "04 ff00", ". 0+3+0 bytes=;", NULL },
    { "{\"type\":\"fixed\",\"name\":\"F\",\"size\":2}", "0102", ". 0+2+0 bytes=;", NULL },
    { "{\"type\":\"fixed\",\"name\":\"F\",\"size\":0}", "", ". 0+0+0 bytes;", NULL },
    { "{\"type\":\"enum\",\"name\":\"E\",\"symbols\":[\"BUY\",\"SELL\"]}", "02", ". 0+1+0 string=SELL;", NULL },
    { "{\"type\":\"map\",\"values\":\"int\"}", "04 02 61 02 04 6262 04 00",
      ". 0+0+2 object;{} 2+1+0 integer=1;{} 3+1+0 integer=2;", NULL },
    { LONGS, "00", ". 0+0+1 array;", NULL },
    /* blocks: the first is announced in front of the array, the next in front of its first element; the end is the array's */
    { LONGS, "02 06 02 36 00", ". 0+0+2 array;[] 0+1+0 integer=3;[] 0+1+1 integer=27;", NULL },
    { LONGS, "03 04 06 36 00", ". 0+0+3 array;[] 0+1+0 integer=3;[] 0+1+0 integer=27;", NULL },
    { LONGS, "03 06 06 36 00", ". 0+0+2 array;[] 0+1+0 integer=3;[] 0+1+0 integer=27;(malformed) 0+1+0 bytes;", "a block is not as long as it says" },
    { LONGS, "03 7e 06 36 00", "(malformed) 0+5+0 bytes;", "a block is longer than what is there" },
    /* a union's branch is syntax of what it leads to, also of an entry of a map, whose key stands before */
    { "{\"type\":\"map\",\"values\":[\"null\",\"int\"]}", "04 02 61 00 02 62 02 08 00",
      ". 0+0+2 object;{} 2+0+1 null=null;{} 2+1+1 integer=4;", NULL },
    { REC(F("x", "[\"null\",\"R\"]")), "02 02 00", ". 0+0+0 object;x 0+0+1 object;x.x 0+0+1 object;x.x.x 0+0+1 null=null;", NULL },
    /* what is malformed */
    { "\"boolean\"", "02", "(malformed) 0+1+0 bytes;", "a boolean is 0 or 1" },
    { "\"int\"", "8080808010", "(malformed) 0+5+0 bytes;", "an int of more than 32 bits" },
    { "\"long\"", "ffffffffffffffffff02", "(malformed) 0+10+0 bytes;", "a number of more than 64 bits" },
    { "\"long\"", "8080808080808080808000", "(malformed) 0+11+0 bytes;", "a number of more than 64 bits" },
    { "\"long\"", "02 00", ". 0+1+0 integer=1;(malformed) 0+1+0 bytes;", "bytes after the end of the value" },
    { "\"string\"", "01", "(malformed) 0+1+0 bytes;", "a length below zero" },
    { "\"string\"", "08 6161", "(malformed) 0+3+0 bytes;", "cut short" },
    { "\"string\"", "02 ff", "(malformed) 0+2+0 bytes;", "a string that is not UTF-8" },
    { "[\"null\",\"string\"]", "04", "(malformed) 0+1+0 bytes;", "a union has no branch of that number" },
    { "[\"null\",\"string\"]", "01", "(malformed) 0+1+0 bytes;", "a union has no branch of that number" },
    { "{\"type\":\"enum\",\"name\":\"E\",\"symbols\":[\"A\"]}", "02", "(malformed) 0+1+0 bytes;", "an enum has no symbol of that number" },
};

static void test_vectors(void **state)
{
    (void)state;
    for (size_t i = 0; i < WD_COUNT(vectors); i++)
        assert_vector(read_layout(vectors[i].schema), from_hex(vectors[i].body), vectors[i].fields, vectors[i].fault);
}

/* Heads are syntax of the root. Nothing tells a registry's head from a value, so what can be read is meant. */
static void test_heads(void **state)
{
    (void)state;
    struct wd_layout *layout = read_layout(REC(F("a", "\"string\"")));
    struct wd_buf body = { 0 };
    wd_buf_put(&body, wd_bytes_at("\xc3\x01", 2));
    for (int i = 0; i < 8; i++)
        wd_buf_byte(&body, (uint8_t)(layout->fingerprint >> 8 * i));
    wd_buf_put(&body, wd_bytes_at("\x02x", 2));
    struct wd_tape tape = { 0 };
    struct wd_buf out = { 0 };
    uint64_t fingerprint;
    walk(layout, wd_buf_bytes(&body), &tape, &out);
    assert_string_equal(wd_buf_cstr(&out), ". 0+0+10 object;a 0+2+0 string=x;");
    assert_true(wd_bytes_is(tape.schema_name, "R"));
    assert_true(wd_avro_object_fingerprint(wd_buf_bytes(&body), &fingerprint) && fingerprint == layout->fingerprint);
    body.at[5] ^= 1;
    assert_vector(layout, wd_buf_bytes(&body), "(malformed) 0+12+0 bytes;", "no schema that was given has its fingerprint");
    assert_vector(NULL, wd_buf_bytes(&body), ". 0+2+10 bytes=;", NULL);
    assert_vector(NULL, from_hex("0278"), ". 0+2+0 bytes=;", NULL);
    assert_vector(layout, from_hex("00 00000007 0278"), ". 0+0+5 object;a 0+2+0 string=x;", NULL);
    assert_vector(layout, from_hex("00"), ". 0+0+0 object;a 0+1+0 string;", NULL);
    assert_vector(read_layout(LONGS), from_hex("00 00000007 02 08 00"), ". 0+0+7 array;[] 0+1+0 integer=4;", NULL);
    assert_vector(read_layout("{\"type\":\"fixed\",\"name\":\"F\",\"size\":8}"), from_hex("0000000000000000"), ". 0+8+0 bytes=;", NULL);
    wd_buf_free(&body);
    wd_buf_free(&out);
    wd_tape_free(&tape);
}

/* The branch of a union at the root names the message. */
static void test_names(void **state)
{
    (void)state;
    struct wd_layout *layout = read_layout("[" REC(F("a", "\"int\"")) ",{\"type\":\"record\",\"name\":\"Bye\",\"fields\":[]}]");
    struct wd_tape tape = { 0 };
    struct wd_buf out = { 0 };
    walk(layout, from_hex("02"), &tape, &out);
    assert_true(wd_bytes_is(tape.schema_name, "Bye") && tape.fields[0].flags & WD_FIELD_EMPTY);
    walk(layout, from_hex("00 02"), &tape, &out);
    assert_true(wd_bytes_is(tape.schema_name, "R"));
    wd_buf_free(&out);
    wd_tape_free(&tape);
}

#define HEAD "4f626a01 02 16 6176726f2e736368656d61 0c 226c6f6e6722 00 000102030405060708090a0b0c0d0e0f"
#define SYNC "000102030405060708090a0b0c0d0e0f"
#define DEFLATED "4f626a01 04 16 6176726f2e736368656d61 0c 226c6f6e6722 14 6176726f2e636f646563 0e 6465666c617465 00 " SYNC

/* A container file: all but the records is syntax of the root; compressed blocks are its value. */
static void test_files(void **state)
{
    (void)state;
    struct wd_bytes schema;
    struct wd_layout *layout = read_layout("\"long\"");
    assert_true(wd_avro_file_schema(from_hex(HEAD), &schema) && wd_bytes_is(schema, "\"long\""));
    assert_false(wd_avro_file_schema(from_hex("4f626a01 02 16 6176"), &schema));
    assert_vector(layout, from_hex(HEAD "04 04 02 04" SYNC "02 02 06" SYNC),
                  ". 0+0+77 array;[] 0+1+0 integer=1;[] 0+1+0 integer=2;[] 0+1+0 integer=3;", NULL);
    assert_vector(layout, from_hex(HEAD), ". 0+0+41 array;", NULL);
    assert_vector(layout, from_hex(DEFLATED "04 06 630201" SYNC), ". 0+3+78 bytes=;", NULL);
    assert_vector(layout, from_hex(HEAD "04 02 02" SYNC), ". 0+0+43 array;[] 0+1+0 integer=1;[] 0+1+0 integer=0;(malformed) 0+15+0 bytes;",
                  "a block is not as long as it says");
    assert_vector(layout, from_hex(HEAD "02 02 02" "ff" SYNC), ". 0+0+43 array;[] 0+1+0 integer=1;(malformed) 0+17+0 bytes;",
                  "a block does not end with the sync marker");
}

/* Values without bytes spend from a budget; so do records of nothing. A record that never ends is too deep. */
static void test_hostile(void **state)
{
    (void)state;
    static const char *const schemas[] = { "{\"type\":\"array\",\"items\":\"null\"}",
                                           "{\"type\":\"array\",\"items\":{\"type\":\"record\",\"name\":\"E\",\"fields\":[]}}" };
    struct wd_tape tape = { 0 };
    struct wd_paths *paths = wd_paths_open(&limits, NULL);
    for (size_t i = 0; i < WD_COUNT(schemas); i++) {
        struct wd_bytes body = from_hex("feffffffffffffff7f 00");
        wd_codec_avro.walk(body, read_layout(schemas[i]), paths, &limits, &tape);
        assert_string_equal(tape.fault, "too many values without bytes");
        assert_int_equal(wd_tape_bytes(&tape), body.len);
    }
    struct wd_buf many = { 0 };   /* but any number of records that hold something is a message */
    wd_buf_put(&many, wd_bytes_at("\xc0\x84\x3d", 3));
    for (int i = 0; i < 500000; i++)
        wd_buf_byte(&many, 2);
    wd_buf_byte(&many, 0);
    wd_codec_avro.walk(wd_buf_bytes(&many), read_layout("{\"type\":\"array\",\"items\":" REC(F("a", "\"int\"")) "}"), paths, &limits, &tape);
    assert_null(tape.fault);
    wd_buf_free(&many);
    wd_codec_avro.walk(from_hex("02"), read_layout(REC(F("r", "\"R\""))), paths, &limits, &tape);
    assert_string_equal(tape.fault, "nested too deeply");
    wd_codec_avro.walk(from_hex("ffffffffffffffffff01 00 00"), read_layout(LONGS), paths, &limits, &tape);
    assert_string_equal(tape.fault, "cut short");
    wd_paths_close(paths);
    wd_tape_free(&tape);
}

/* Each byte's bits go where the byte goes: 1 bit for the first, 2 for the second, ... */
static void test_cost(void **state)
{
    (void)state;
    struct wd_layout *layout = read_layout(REC(F("a", LONGS) "," F("b", "[\"null\",\"int\"]")));
    struct wd_bytes body = from_hex("02 06 02 36 00 02 08");
    struct wd_bit_mark marks[7];
    struct wd_tape tape = { 0 };
    struct wd_paths *paths = wd_paths_open(&limits, NULL);
    uint64_t out[8];
    for (uint32_t i = 0; i < 7; i++)
        marks[i] = (struct wd_bit_mark){ .end = i + 1, .bits = i + 1 };
    wd_codec_avro.walk(body, layout, paths, &limits, &tape);
    wd_tape_cost(&tape, body.len, (struct wd_bit_marks){ marks, 7 }, 28, out);
    static const uint64_t expected[] = { 0, 1 + 5, 2, 3 + 4, 6 + 7 };
    assert_int_equal(tape.count, WD_COUNT(expected));
    for (size_t i = 0; i < WD_COUNT(expected); i++)
        assert_int_equal(out[i], expected[i]);
    wd_paths_close(paths);
    wd_tape_free(&tape);
}

static void test_choice(void **state)
{
    (void)state;
    struct wd_layout *layout = read_layout("\"long\"");
    struct wd_bytes body = wd_bytes_of("{}"), none = { 0 };
    assert_ptr_equal(wd_codec_choose(none, layout, body, false), &wd_codec_avro);
    assert_ptr_equal(wd_codec_choose(none, layout, body, true), &wd_codec_json);
    assert_ptr_equal(wd_codec_choose(wd_bytes_of("avro/binary"), NULL, body, false), &wd_codec_avro);
    assert_ptr_equal(wd_codec_choose(none, NULL, from_hex(HEAD), false), &wd_codec_avro);
    assert_ptr_equal(wd_codec_choose(none, NULL, from_hex("c301 0000000000000000"), false), &wd_codec_avro);
}

int main(void)
{
    limits = wd_limits_default();
    arena = wd_arena_open();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_vectors), cmocka_unit_test(test_heads),   cmocka_unit_test(test_names),
        cmocka_unit_test(test_files),   cmocka_unit_test(test_hostile), cmocka_unit_test(test_cost),
        cmocka_unit_test(test_choice),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    wd_arena_close(arena);
    return failed;
}
