/* Vectors, with a layout and without, and the properties that come with each: the fields tile the body, so do
 * those of every truncation, twice is the same. The bytes are put together by hand after the encoding's
 * documentation; encoders of other people are asked in tests/peers/protobuf.mjs. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#include "base/arena.h"
#include "field/codec.h"
#include "field/cost.h"
#include "field/text.h"
#include "model/path.h"
#include "tests/field/proto_all.h"

static struct wd_limits limits;

/* --- printing --- */

static size_t from_hex(const char *hex, uint8_t *out)
{
    size_t n = 0;
    for (unsigned byte; *hex; hex += *hex == ' ' ? 1 : 2)
        if (*hex != ' ' && sscanf(hex, "%2x", &byte) == 1)
            out[n++] = (uint8_t)byte;
    return n;
}

static void put_text(const struct wd_field *f, struct wd_bytes body, struct wd_buf *out)
{
    struct wd_buf scratch = {0};
    struct wd_bytes text =
        f->flags & WD_FIELD_BINARY ? wd_field_text(f, body, &scratch) : (struct wd_bytes){0};
    for (size_t i = 0; f->type == WD_TYPE_BYTES && i < text.len; i++)
        wd_buf_printf(out, "%02x", text.at[i]);
    if (f->type != WD_TYPE_BYTES)
        wd_buf_put(out, text);
    wd_buf_free(&scratch);
}

/* "path key+value+syntax type:text;" for each entry; ! for an empty one. */
static void print_tape(const struct wd_paths *paths, const struct wd_tape *tape, struct wd_bytes body,
                       struct wd_buf *out)
{
    wd_buf_reset(out);
    for (uint32_t i = 1; i < tape->count; i++) { /* the root has nothing of its own */
        const struct wd_field *f = &tape->fields[i];
        if (i > 1)
            wd_buf_byte(out, ' ');
        wd_paths_write(paths, f->path, out);
        wd_buf_printf(out, " %u+%u+%u %s%s", f->key_len, f->value_len, f->syntax_len, wd_type_names[f->type],
                      f->flags & WD_FIELD_EMPTY ? "!" : "");
        if (f->type != WD_TYPE_OBJECT && !(f->flags & WD_FIELD_MALFORMED)) {
            wd_buf_byte(out, ':');
            put_text(f, body, out);
        }
        wd_buf_byte(out, ';');
    }
}

static void walk(struct wd_bytes body, const struct wd_layout *by, struct wd_paths *paths,
                 struct wd_tape *tape)
{
    wd_codec_protobuf.walk(body, by, paths, &limits, tape);
    assert_int_equal(wd_tape_bytes(tape), body.len);
}

static void walk_anew(struct wd_bytes body, const struct wd_layout *by, struct wd_tape *tape,
                      struct wd_buf *out)
{
    struct wd_paths *paths = wd_paths_open(&limits, NULL);
    walk(body, by, paths, tape);
    print_tape(paths, tape, body, out);
    wd_paths_close(paths);
}

/* With a tree that knows the fields, twice the same; and what bits cost adds up. */
static void assert_tiles(struct wd_bytes body, const struct wd_layout *by)
{
    struct wd_paths *paths = wd_paths_open(&limits, NULL);
    struct wd_tape tape = {0};
    struct wd_buf once = {0}, again = {0};
    walk(body, by, paths, &tape);
    walk(body, by, paths, &tape);
    print_tape(paths, &tape, body, &once);
    walk(body, by, paths, &tape);
    print_tape(paths, &tape, body, &again);
    assert_true(wd_bytes_eq(wd_buf_bytes(&once), wd_buf_bytes(&again)));
    struct wd_bit_mark mark = {.end = (uint32_t)body.len, .bits = 8 * (uint32_t)body.len};
    uint64_t costs[64], sum = 0;
    assert_true(tape.count <= WD_COUNT(costs));
    wd_tape_cost(&tape, body.len, (struct wd_bit_marks){&mark, body.len > 0}, mark.bits, costs);
    for (uint32_t i = 0; i < tape.count; i++)
        sum += costs[i];
    assert_int_equal(sum, 8 * body.len);
    wd_paths_close(paths);
    wd_buf_free(&once);
    wd_buf_free(&again);
    wd_tape_free(&tape);
}

/* A copy of just that size, so that the sanitizer sees a read beyond it. */
static void assert_tiles_cut(const uint8_t *at, size_t len, const struct wd_layout *by)
{
    uint8_t *cut = malloc(len ? len : 1);
    memcpy(cut, at, len);
    assert_tiles(wd_bytes_at(cut, len), by);
    free(cut);
}

struct vector {
    const char *hex, *fields, *fault;
};

static void assert_vector(const struct vector *v, const struct wd_layout *by)
{
    uint8_t bytes[512];
    struct wd_bytes body = wd_bytes_at(bytes, from_hex(v->hex, bytes));
    struct wd_tape tape = {0};
    struct wd_buf out = {0};
    walk_anew(body, by, &tape, &out);
    assert_string_equal(wd_buf_cstr(&out), v->fields);
    assert_string_equal(tape.fault ? tape.fault : "", v->fault ? v->fault : "");
    for (size_t n = 0; n <= body.len; n++)
        assert_tiles_cut(bytes, n, by);
    wd_buf_free(&out);
    wd_tape_free(&tape);
}

/* --- with a layout --- */

static const struct vector known[] = {
    {"", "", NULL},
    /* every kind; numbers by meaning: 3.0 is an integer, int32 is cut to 32 bits, the sign of zigzag is its
       last bit */
    {"09 000000000000f03f", "double 1+8+0 integer:1;", NULL},
    {"09 333333333333d3bf", "double 1+8+0 number:-0.3;", NULL},
    {"15 0000c03f", "float 1+4+0 number:1.5;", NULL},
    {"18 ffffffffffffffffff01", "int64 1+10+0 integer:-1;", NULL},
    {"18 80808080808080808001", "int64 1+10+0 integer:-9223372036854775808;", NULL},
    {"20 ffffffffffffffffff01", "uint64 1+10+0 integer:18446744073709551615;", NULL},
    {"28 feffffffffffffffff01", "int32 1+10+0 integer:-2;", NULL},
    {"28 feffffff0f", "int32 1+5+0 integer:-2;", NULL},
    {"28 b817", "int32 1+2+0 integer:3000;", NULL},
    {"31 ffffffffffffffff", "fixed64 1+8+0 integer:18446744073709551615;", NULL},
    {"3d ffffffff", "fixed32 1+4+0 integer:4294967295;", NULL},
    {"40 01", "bool 1+1+0 boolean:true;", NULL},
    {"40 8000", "bool 1+2+0 boolean:false;", NULL},
    {"4a 03 616263", "string 2+3+0 string:abc;", NULL},
    {"4a 00", "string 2+0+0 string!:;", NULL},
    {"4a 02 c328", "string 2+2+0 bytes:c328;", NULL},
    {"62 02 00ff", "bytes 2+2+0 bytes:00ff;", NULL},
    {"62 00", "bytes 2+0+0 bytes!:;", NULL},
    {"68 ffffffffffffffffff01", "uint32 1+10+0 integer:4294967295;", NULL},
    {"70 ffffffffffffffffff01", "enum 1+10+0 integer:-1;", NULL},
    {"7d feffffff", "sfixed32 1+4+0 integer:-2;", NULL},
    {"8101 feffffffffffffff", "sfixed64 2+8+0 integer:-2;", NULL},
    {"8801 03", "sint32 2+1+0 integer:-2;", NULL},
    {"8801 ffffffff0f", "sint32 2+5+0 integer:-2147483648;", NULL},
    {"9001 04", "sint64 2+1+0 integer:2;", NULL},
    {"9001 ffffffffffffffffff01", "sint64 2+10+0 integer:-9223372036854775808;", NULL},
    /* a number far away, and a name that looks like an identifier */
    {"c2b802 01 78", "a1b2c3d4e5 4+1+0 string:x;", NULL},
    /* defaults on the wire are values; the last of several wins, all are occurrences */
    {"28 00 28 05", "int32 1+1+0 integer:0; int32 1+1+0 integer:5;", NULL},
    {"28 8000", "int32 1+2+0 integer:0;", NULL},
    /* messages */
    {"5a 04 28 01 4a 00",
     "message 2+0+0 object; message.int32 1+1+0 integer:1; message.string 2+0+0 string!:;", NULL},
    {"5a 00", "message 2+0+0 object!;", NULL},
    {"5a 8400 5a 02 5a 00",
     "message 3+0+0 object; message.message 2+0+0 object; message.message.message 2+0+0 object!;", NULL},
    {"ba01 02 28 07 ba01 00", "subs[] 3+0+0 object; subs[].int32 1+1+0 integer:7; subs[] 3+0+0 object!;",
     NULL},
    /* groups */
    {"53 28 01 54", "group 1+0+1 object; group.int32 1+1+0 integer:1;", NULL},
    {"53 53 54 54 28 01", "group 1+0+1 object; group.group 1+0+1 object!; int32 1+1+0 integer:1;", NULL},
    {"db01 28 01 dc01 db01 dc01",
     "groups[] 2+0+2 object; groups[].int32 1+1+0 integer:1; groups[] 2+0+2 object!;", NULL},
    {"53 54 54", "group 1+0+1 object!; (malformed) 0+1+0 bytes;", "the end of a group that did not begin"},
    {"53 28 01 dc01", "group 1+0+0 object; group.int32 1+1+0 integer:1; (malformed) 0+2+0 bytes;",
     "the end of another group"},
    {"53 28 01", "group 1+0+0 object; group.int32 1+1+0 integer:1;", "ends inside a group"},
    {"5a 01 53 54", "message 2+0+0 object; message.group 1+0+0 object; (malformed) 0+1+0 bytes;",
     "ends inside a group"},
    /* packed and not, as declared and otherwise */
    {"a201 03 01 9601", "ints[] 3+1+0 integer:1; ints[] 0+2+0 integer:150;", NULL},
    {"a001 01 a001 02", "ints[] 2+1+0 integer:1; ints[] 2+1+0 integer:2;", NULL},
    {"a001 01 a201 02 02 03", "ints[] 2+1+0 integer:1; ints[] 3+1+0 integer:2; ints[] 0+1+0 integer:3;",
     NULL},
    {"aa01 08 01000000 02000000", "fixes[] 3+4+0 integer:1; fixes[] 0+4+0 integer:2;", NULL},
    {"ad01 01000000", "fixes[] 2+4+0 integer:1;", NULL},
    {"a201 00", "ints[] 3+0+0 integer:0;", NULL},
    {"e201 02 0100", "bools[] 3+1+0 boolean:true; bools[] 0+1+0 boolean:false;", NULL},
    {"a201 02 01 96", "ints[] 3+1+0 integer:1; (malformed) 0+1+0 bytes;", "a packed record that breaks off"},
    {"a201 01 96", "(malformed) 0+4+0 bytes;", "a packed record that breaks off"},
    {"aa01 06 01000000 0200", "fixes[] 3+4+0 integer:1; (malformed) 0+2+0 bytes;",
     "a packed record that breaks off"},
    {"b201 01 61 b201 00", "words[] 3+1+0 string:a; words[] 3+0+0 string!:;", NULL},
    /* maps: all that is not the value is key, in either order; without a value the default */
    {"c201 05 0a 01 61 10 03", "counts{} 7+1+0 integer:-2;", NULL},
    {"c201 05 10 03 0a 01 61", "counts{} 7+1+0 integer:-2;", NULL},
    {"c201 02 10 03", "counts{} 4+1+0 integer:-2;", NULL},
    {"c201 03 0a 01 61", "counts{} 6+0+0 integer!:0;", NULL},
    {"c201 00", "counts{} 3+0+0 integer!:0;", NULL},
    {"c201 05 0a 01 61 10 03 c201 05 0a 01 62 10 04", "counts{} 7+1+0 integer:-2; counts{} 7+1+0 integer:2;",
     NULL},
    {"ca01 06 08 01 12 02 6869", "labels{} 7+2+0 string:hi;", NULL},
    {"ca01 02 08 01", "labels{} 5+0+0 string!:;", NULL},
    {"ca01 04 08 01 12 00", "labels{} 7+0+0 string!:;", NULL},
    {"d201 06 08 01 12 02 28 05", "map{} 7+0+0 object; map{}.int32 1+1+0 integer:5;", NULL},
    {"d201 06 12 02 28 05 08 01 28 01",
     "map{} 7+0+0 object; map{}.int32 1+1+0 integer:5; int32 1+1+0 integer:1;", NULL},
    {"d201 02 08 01", "map{} 5+0+0 object!;", NULL},
    {"d201 04 08 01 12 00", "map{} 7+0+0 object!;", NULL},
    /* an entry with two values, with fields it should not have, with a value of another wire type */
    {"c201 07 0a 01 61 10 03 10 04", "counts{} 7+1+0 integer:-2; counts{} 1+1+0 integer:2;", NULL},
    {"c201 07 18 01 0a 01 61 10 03", "counts{} 9+1+0 integer:-2;", NULL},
    {"c201 06 0a 01 61 1b 1c 10 03 28 01", "(malformed) 0+12+0 bytes;", "ends inside a varint"},
    {"c201 07 0a 01 61 1b 1c 10 03", "counts{} 9+1+0 integer:-2;", NULL},
    {"c201 09 0a 01 61 1b 23 24 1c 10 03", "counts{} 11+1+0 integer:-2;", NULL},
    {"c201 04 1b 24 1c 1c", "(malformed) 0+7+0 bytes;", "the end of another group"},
    {"c201 01 1c", "(malformed) 0+4+0 bytes;", "the end of a group that did not begin"},
    {"c201 06 0a 01 61 12 01 00", "counts{} 9+0+0 integer!:0;", NULL},
    /* what the layout does not have, or has otherwise: by the wire */
    {"9806 05", "99 2+1+0 integer:5;", NULL},
    {"9806 05 9806 06", "99[] 2+1+0 integer:5; 99[] 2+1+0 integer:6;", NULL},
    {"c0b802 05", "5000 3+1+0 integer:5;", NULL},
    {"2d 01000000", "5 1+4+0 integer:1;", NULL},
    {"2a 01 61", "5 2+1+0 string:a;", NULL},
    {"48 05", "9 1+1+0 integer:5;", NULL},
    {"5b 28 01 5c", "11 1+0+1 object; 11.5 1+1+0 integer:1;", NULL},
    {"52 02 28 01", "10 2+0+0 object; 10.5 1+1+0 integer:1;", NULL},
    /* malformed: what was read counts, the rest is one piece */
    {"28 01 00 01", "int32 1+1+0 integer:1; (malformed) 0+2+0 bytes;", "a field with number 0"},
    {"28 01 2e 01", "int32 1+1+0 integer:1; (malformed) 0+2+0 bytes;", "no such wire type"},
    {"28 01 2f 01", "int32 1+1+0 integer:1; (malformed) 0+2+0 bytes;", "no such wire type"},
    {"28 ffffffffffffffffffff01", "(malformed) 0+12+0 bytes;", "a varint of more than 10 bytes"},
    {"a8808080808080808080 8001 01", "(malformed) 0+13+0 bytes;", "a varint of more than 10 bytes"},
    {"a880808010 01", "(malformed) 0+6+0 bytes;", "a field number beyond 536870911"},
    {"28 80", "(malformed) 0+2+0 bytes;", "ends inside a varint"},
    {"28", "(malformed) 0+1+0 bytes;", "ends inside a varint"},
    {"09 0000", "(malformed) 0+3+0 bytes;", "ends inside a value"},
    {"4a 04 616263", "(malformed) 0+5+0 bytes;", "a length beyond the end"},
    {"4a 8080808010", "(malformed) 0+6+0 bytes;", "a length beyond the end"},
    {"4a ffffffffffffffffff01", "(malformed) 0+11+0 bytes;", "a length beyond the end"},
    {"5a 03 4a 02 61 62", "message 2+0+0 object; (malformed) 0+4+0 bytes;", "a length beyond the end"},
};

static void test_with_a_layout(void **state)
{
    (void)state;
    for (size_t i = 0; i < WD_COUNT(known); i++)
        assert_vector(&known[i], &all_layout);
}

/* --- without one --- */

static const struct vector unknown[] = {
    {"", "", NULL},
    {"08 9601", "1 1+2+0 integer:150;", NULL},
    {"18 ffffffffffffffffff01", "3 1+10+0 integer:18446744073709551615;", NULL},
    {"0a 03 616263", "1 2+3+0 string:abc;", NULL},
    {"0a 03 00ff80", "1 2+3+0 bytes:00ff80;", NULL},
    {"0a 00", "1 2+0+0 string!:;", NULL},
    {"1a 05 0a 03 616263", "3 2+0+0 object; 3.1 2+3+0 string:abc;", NULL},
    {"1a 02 08 05", "3 2+0+0 object; 3.1 1+1+0 integer:5;", NULL},
    /* two letters could be a message as well, and are text */
    {"1a 02 6869", "3 2+2+0 string:hi;", NULL},
    /* text starts with no control character: this is a message whose tag is a line feed */
    {"1a 22 0a 20 6161616161616161616161616161616161616161616161616161616161616161",
     "3 2+0+0 object; 3.1 2+32+0 string:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa;", NULL},
    /* twice in one message: an array, from the first on */
    {"0a 01 61 0a 01 62", "1[] 2+1+0 string:a; 1[] 2+1+0 string:b;", NULL},
    {"08 01 10 02 08 03", "1[] 1+1+0 integer:1; 2 1+1+0 integer:2; 1[] 1+1+0 integer:3;", NULL},
    {"12 02 08 01 12 04 08 02 08 03",
     "2[] 2+0+0 object; 2[].1 1+1+0 integer:1; 2[] 2+0+0 object; 2[].1[] 1+1+0 integer:2; 2[].1[] 1+1+0 "
     "integer:3;",
     NULL},
    {"d23e 01 61 d03e 01", "1002 3+1+0 string:a; 1002 2+1+0 integer:1;", NULL},
    /* fixed: a float when it is of a size that floats have */
    {"0d 0000c03f", "1 1+4+0 number:1.5;", NULL},
    {"0d 0000803f", "1 1+4+0 integer:1;", NULL},
    {"0d 01000000", "1 1+4+0 integer:1;", NULL},
    {"09 333333333333d3bf", "1 1+8+0 number:-0.3;", NULL},
    {"09 0010a5d4e8000000", "1 1+8+0 integer:1000000000000;", NULL},
    {"0d 00000000", "1 1+4+0 integer:0;", NULL},
    {"0d 0000c07f", "1 1+4+0 integer:2143289344;", NULL},
    /* groups */
    {"0b 08 01 0c", "1 1+0+1 object; 1.1 1+1+0 integer:1;", NULL},
    {"0b 0b 0c 0c", "1 1+0+1 object; 1.1 1+0+1 object!;", NULL},
    {"0c", "(malformed) 0+1+0 bytes;", "the end of a group that did not begin"},
    {"08 01 00", "1 1+1+0 integer:1; (malformed) 0+1+0 bytes;", "a field with number 0"},
};

static void test_without_a_layout(void **state)
{
    (void)state;
    for (size_t i = 0; i < WD_COUNT(unknown); i++)
        assert_vector(&unknown[i], NULL);
}

/* Messages of one channel, one after the other: a field goes from text to a message to bytes, from a float to
 * an integer, from one to many, and never back. */
static const struct {
    const char *first, *second, *third;
    const char *fields[3];
} changes[] = {
    {"0a 02 6869",
     "0a 02 0801",
     "0a 02 6869",
     {"1 2+2+0 string:hi;", "1 2+0+0 object; 1.1 1+1+0 integer:1;",
      "1 2+0+0 object; 1.13 1+1+0 integer:105;"}},
    {"0a 02 0801",
     "0a 03 00ff80",
     "0a 02 0801",
     {"1 2+0+0 object; 1.1 1+1+0 integer:1;", "1 2+3+0 bytes:00ff80;", "1 2+2+0 bytes:0801;"}},
    {"0a 05 68656c6c6f",
     "0a 02 0801",
     "0a 01 61",
     {"1 2+5+0 string:hello;", "1 2+2+0 bytes:0801;", "1 2+1+0 bytes:61;"}},
    {"0a 02 0801",
     "0a 00",
     "0a 02 0801",
     {"1 2+0+0 object; 1.1 1+1+0 integer:1;", "1 2+0+0 object!;", "1 2+0+0 object; 1.1 1+1+0 integer:1;"}},
    {"0d 0000c03f",
     "0d 01000000",
     "0d 0000c03f",
     {"1 1+4+0 number:1.5;", "1 1+4+0 integer:1;", "1 1+4+0 integer:1069547520;"}},
    {"08 01",
     "08 01 08 02",
     "08 01",
     {"1 1+1+0 integer:1;", "1[] 1+1+0 integer:1; 1[] 1+1+0 integer:2;", "1[] 1+1+0 integer:1;"}},
};

static void test_guesses_are_kept(void **state)
{
    (void)state;
    struct wd_tape tape = {0};
    struct wd_buf out = {0};
    for (size_t i = 0; i < WD_COUNT(changes); i++) {
        const char *bodies[] = {changes[i].first, changes[i].second, changes[i].third};
        struct wd_paths *paths = wd_paths_open(&limits, NULL);
        for (size_t n = 0; n < 3; n++) {
            uint8_t bytes[64];
            struct wd_bytes body = wd_bytes_at(bytes, from_hex(bodies[n], bytes));
            walk(body, NULL, paths, &tape);
            print_tape(paths, &tape, body, &out);
            assert_string_equal(wd_buf_cstr(&out), changes[i].fields[n]);
        }
        wd_paths_close(paths);
    }
    wd_buf_free(&out);
    wd_tape_free(&tape);
}

/* --- paths --- */

static void test_paths_are_read_as_written(void **state)
{
    (void)state;
    static const char *const texts[] = {"1.3[]", "12[].1", "1002", "\"1\"", "a.7", "m{}.2"};
    struct wd_paths *paths = wd_paths_open(&limits, NULL);
    struct wd_arena *arena = wd_arena_open();
    struct wd_bytes normal;
    struct wd_buf out = {0};
    for (size_t i = 0; i < WD_COUNT(texts); i++) {
        uint32_t node = wd_paths_parse(paths, wd_bytes_of(texts[i]));
        wd_buf_reset(&out);
        wd_paths_write(paths, node, &out);
        assert_string_equal(wd_buf_cstr(&out), texts[i]);
        assert_int_equal(wd_paths_parse(paths, wd_bytes_of(texts[i])), node);
        assert_true(wd_path_normal(wd_bytes_of(texts[i]), arena, &normal));
        assert_true(wd_bytes_is(normal, texts[i]));
    }
    assert_false(wd_path_normal(wd_bytes_of("1a"), arena, &normal));
    assert_true(wd_path_is_under(wd_bytes_of("12.3[].4"), wd_bytes_of("12.3")));
    assert_false(wd_path_is_under(wd_bytes_of("12.34"), wd_bytes_of("12.3")));
    wd_arena_close(arena);
    wd_buf_free(&out);
    wd_paths_close(paths);
}

/* More fields than a map may have keys: they stay what they are. */
static void test_fields_do_not_fold(void **state)
{
    (void)state;
    struct wd_buf body = {0}, out = {0};
    struct wd_tape tape = {0};
    for (unsigned number = 1; number <= 1500; number++) {
        wd_buf_byte(&body, (uint8_t)(number << 3 | 0x80));
        wd_buf_byte(&body, (uint8_t)(number >> 4 & 0x7f));
        if (number >> 11)
            body.at[body.len - 1] |= 0x80, wd_buf_byte(&body, (uint8_t)(number >> 11));
        wd_buf_byte(&body, 1);
    }
    struct wd_paths *paths = wd_paths_open(&limits, NULL);
    walk(wd_buf_bytes(&body), NULL, paths, &tape);
    assert_null(tape.fault);
    wd_paths_write(paths, tape.fields[1500].path, &out);
    assert_string_equal(wd_buf_cstr(&out), "1500");
    assert_int_equal(wd_paths_folds(paths), 0);
    wd_paths_close(paths);
    wd_buf_free(&body);
    wd_buf_free(&out);
    wd_tape_free(&tape);
}

/* --- envelopes --- */

static void test_variant(void **state)
{
    (void)state;
    static const struct wd_proto_field fields[] = {
        {.name = NAME("order"), .number = 1, .kind = WD_PROTO_MESSAGE, .message = &all},
        {.name = NAME("beat"), .number = 2, .kind = WD_PROTO_MESSAGE, .message = &all},
        SCALAR(15, WD_PROTO_UINT64, "seq"),
    };
    static const struct wd_proto_message envelope = {NAME("desk.Envelope"), fields, WD_COUNT(fields), 0};
    static const struct wd_layout by = {.proto = &envelope};
    struct wd_paths *paths = wd_paths_open(&limits, NULL);
    struct wd_tape tape = {0};
    walk(wd_bytes_at("\x78\x01\x12\x02\x28\x01", 6), &by, paths, &tape);
    assert_true(wd_bytes_is(wd_paths_key(paths, tape.variant), "beat"));
    assert_true(wd_bytes_is(tape.schema_name, "Envelope"));
    walk(wd_bytes_at("\x78\x01", 2), &by, paths, &tape);
    assert_int_equal(tape.variant, WD_PATH_NONE);
    walk(wd_bytes_at("\x78\x01", 2), NULL, paths, &tape);
    assert_int_equal(tape.schema_name.len, 0);
    wd_paths_close(paths);
    wd_tape_free(&tape);
}

/* --- hostile --- */

/* 10,000 messages inside each other, the innermost first: their lengths take 1 to 3 bytes. */
static struct wd_bytes nested(unsigned count, bool is_group, uint8_t *room, size_t size)
{
    uint8_t *at = room + size;
    for (unsigned i = 0; i < count; i++) {
        size_t len = (size_t)(room + size - at);
        if (is_group) {
            room[size / 2 - 1 - i] = 0x53;
            room[size / 2 + i] = 0x54;
            continue;
        }
        for (unsigned shift = len >> 14 ? 14 : len >> 7 ? 7 : 0, last = shift;; shift -= 7) {
            *--at = (uint8_t)((len >> shift & 0x7f) | (shift == last ? 0 : 0x80));
            if (!shift)
                break;
        }
        *--at = 0x5a;
    }
    return is_group ? wd_bytes_at(room + size / 2 - count, 2 * count)
                    : wd_bytes_at(at, (size_t)(room + size - at));
}

static void test_depth(void **state)
{
    (void)state;
    static uint8_t room[100000];
    struct wd_paths *paths = wd_paths_open(&limits, NULL);
    struct wd_tape tape = {0};
    for (int is_group = 0; is_group < 2; is_group++) {
        for (int has_layout = 0; has_layout < 2; has_layout++) {
            walk(nested(10000, is_group, room, sizeof room), has_layout ? &all_layout : NULL, paths, &tape);
            assert_string_equal(tape.fault, "nested too deeply");
            walk(nested(511, is_group, room, sizeof room), has_layout ? &all_layout : NULL, paths, &tape);
            assert_null(tape.fault);
        }
    }
    wd_paths_close(paths);
    wd_tape_free(&tape);
}

static void test_limits(void **state)
{
    (void)state;
    struct wd_limits few = limits;
    few.fields_total = 5;
    few.depth = 2;
    struct wd_paths *paths = wd_paths_open(&few, NULL);
    struct wd_tape tape = {0};
    uint8_t bytes[64];
    struct wd_bytes body = wd_bytes_at(
        bytes, from_hex("28 01 4a 01 61 a201 02 01 02 c201 05 0a 01 61 10 03 5a 02 28 01 9806 01", bytes));
    wd_codec_protobuf.walk(body, &all_layout, paths, &few, &tape);
    assert_null(tape.fault);
    assert_int_equal(wd_tape_bytes(&tape), body.len);
    assert_int_equal(tape.fields[3].path, WD_PATH_OTHER);
    wd_codec_protobuf.walk(wd_bytes_at("\x5a\x02\x5a\x00", 4), &all_layout, paths, &few, &tape);
    assert_string_equal(tape.fault, "nested too deeply");
    assert_int_equal(tape.fault_off, 2);
    wd_paths_close(paths);
    wd_tape_free(&tape);
}

/* --- whose is it --- */

static void test_choice(void **state)
{
    (void)state;
    static const char *const types[] = {
        "application/grpc",       "application/grpc+proto",          "application/protobuf",
        "application/x-protobuf", "application/vnd.google.protobuf", "application/x+protobuf"};
    for (size_t i = 0; i < WD_COUNT(types); i++)
        assert_ptr_equal(wd_codec_choose(wd_bytes_of(types[i]), NULL, wd_bytes_of("{}"), false),
                         &wd_codec_protobuf);
    assert_ptr_equal(wd_codec_choose((struct wd_bytes){0}, &all_layout, wd_bytes_of("x"), false),
                     &wd_codec_protobuf);
    assert_ptr_not_equal(wd_codec_choose((struct wd_bytes){0}, &all_layout, wd_bytes_of("x"), true),
                         &wd_codec_protobuf);
    assert_false(wd_codec_protobuf.reads(&(struct wd_layout){0}));
}

static const struct {
    const char *hex;
    bool is_mine;
} bids[] = {
    {"0a 05 68656c6c6f 10 01 18 02", true},              /* text and two numbers */
    {"0a 0c 0a 04 61626364 12 04 65666768 78 01", true}, /* an envelope */
    {"08 01 10 02 18 03 20 04", true},
    {"", false},
    {"08 01", false},                                    /* too little to tell */
    {"68656c6c6f20776f726c6421", false},                 /* hello world! */
    {"ffd8ffe000104a46494600010100000100010000", false}, /* JPEG */
    {"89504e470d0a1a0a0000000d49484452", false},         /* PNG */
    {"1f8b0800000000000003", false},                     /* gzip */
    {"504b030414000000080000002100", false},             /* ZIP */
    {"7f454c4602010100000000000000", false},             /* ELF */
    {"0061736d01000000", false},                         /* WebAssembly */
    {"82a474797065a46d6f7665a178cd012c", false},         /* MessagePack */
    {"a2647479706564 6d6f7665617819012c", false},        /* CBOR */
    {"93cc01cc02cc03", false},
};

static void test_bids(void **state)
{
    (void)state;
    for (size_t i = 0; i < WD_COUNT(bids); i++) {
        uint8_t bytes[64];
        assert_int_equal(wd_codec_protobuf.bid(wd_bytes_at(bytes, from_hex(bids[i].hex, bytes))) > 0,
                         bids[i].is_mine);
    }
}

/* Random bytes are taken less than once in 2,000 times, of whatever length. */
static void test_random_bytes(void **state)
{
    (void)state;
    uint64_t seed = 1;
    for (size_t len = 1; len <= 256; len = len < 16 ? len + 1 : len * 2) {
        unsigned taken = 0;
        for (int i = 0; i < 20000; i++) {
            uint8_t bytes[256];
            for (size_t n = 0; n < len; n++) {
                seed = seed * 6364136223846793005u + 1442695040888963407u;
                bytes[n] = (uint8_t)(seed >> 56);
            }
            taken += wd_codec_protobuf.bid(wd_bytes_at(bytes, len)) > 0;
        }
        assert_in_range(taken, 0, 9);
    }
}

int main(void)
{
    limits = wd_limits_default();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_with_a_layout),
        cmocka_unit_test(test_without_a_layout),
        cmocka_unit_test(test_guesses_are_kept),
        cmocka_unit_test(test_paths_are_read_as_written),
        cmocka_unit_test(test_fields_do_not_fold),
        cmocka_unit_test(test_variant),
        cmocka_unit_test(test_depth),
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_choice),
        cmocka_unit_test(test_bids),
        cmocka_unit_test(test_random_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
