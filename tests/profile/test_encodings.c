/* What values of Protobuf messages would take in other wire types: sums by hand, and the same of a split capture. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include "field/codec.h"
#include "profile/merge.h"
#include "watch.h"
#include "tests/dice.h"

#define NAME(text) { (const uint8_t *)text, sizeof text - 1 }
#define FIELD(text, number_, kind_) .name = NAME(text), .number = number_, .kind = kind_, .oneof = -1

/* message Inner { repeated int32 list = 1; string word = 2; }
 * message Outer { int32 n = 1; sint64 z = 2; double d = 3; repeated Inner inner = 4; repeated int32 list = 5; bool flag = 6; } */
static const struct wd_proto_field inner_fields[] = { { FIELD("list", 1, WD_PROTO_INT32), .is_repeated = true },
                                                      { FIELD("word", 2, WD_PROTO_STRING) } };
static const struct wd_proto_message inner = { .name = NAME("p.Inner"), .fields = inner_fields, .field_count = 2, .envelope = -1 };
static const struct wd_proto_field outer_fields[] = {
    { FIELD("n", 1, WD_PROTO_INT32) }, { FIELD("z", 2, WD_PROTO_SINT64) }, { FIELD("d", 3, WD_PROTO_DOUBLE) },
    { FIELD("inner", 4, WD_PROTO_MESSAGE), .is_repeated = true, .message = &inner },
    { FIELD("list", 5, WD_PROTO_INT32), .is_repeated = true }, { FIELD("flag", 6, WD_PROTO_BOOL) },
};
static const struct wd_proto_message outer = { .name = NAME("p.Outer"), .fields = outer_fields, .field_count = 6, .envelope = -1 };
static const struct wd_layout layout = { .proto = &outer };

static struct wd_schema_message message;

static void start(struct watch *w, struct line *line)
{
    watch_init(w);
    message = (struct wd_schema_message){ .channel = wd_bytes_of("/live"), .layout = &layout };
    w->schema = (struct wd_schema){ .messages = &message, .message_count = 1 };
    w->has_schema = true;
    watch_start(w);
    line_open(line, w, WD_TRANSPORT_WEBSOCKET, "/live");
}

#define SAY(line, body) say_bytes(line, wd_bytes_at(body, sizeof body - 1))
#define MINUS_TWO "\xfe\xff\xff\xff\xff\xff\xff\xff\xff\x01"

/* records, integers, varint, zigzag, negatives, packed, uuids, words */
static void assert_sums(const struct wd_profile *p, const char *path, struct wd_encodings expected)
{
    const struct wd_encodings *got = &row_of(type_of(p, "Outer"), path)->encodings;
#define SAME(name)                                                                                        \
    if (got->name != expected.name)                                                                       \
        fail_msg("%s of %s: %llu, not %llu", #name, path, (unsigned long long)got->name, (unsigned long long)expected.name);
    WD_ENCODINGS(SAME)
#undef SAME
}

static void test_numbers(void **state)
{
    (void)state;
    struct watch w;
    struct line line;
    start(&w, &line);
    SAY(&line, "\x08" MINUS_TWO "\x10\x03\x19\0\0\0\0\0\0\x08\x40\x30\x01");   /* n -2, z -2, d 3.0, flag true */
    SAY(&line, "\x08\x96\x01");                                                /* n 150 */
    line_close(&line);
    struct wd_profile *p = watch_end(&w);
    assert_sums(p, "n", (struct wd_encodings){ .records = 2, .integers = 2, .varint_bytes = 12, .zigzag_bytes = 3, .negatives = 1 });
    assert_sums(p, "z", (struct wd_encodings){ .records = 1, .integers = 1, .varint_bytes = 10, .zigzag_bytes = 1, .negatives = 1 });
    assert_sums(p, "d", (struct wd_encodings){ .records = 1, .integers = 1, .varint_bytes = 1, .zigzag_bytes = 1 });
    assert_sums(p, "flag", (struct wd_encodings){ .records = 1 });
    wd_profile_free(p);
}

/* Lists end with their message, not with the body; their records need not stand together. */
static void test_lists(void **state)
{
    (void)state;
    struct watch w;
    struct line line;
    start(&w, &line);
    SAY(&line, "\x28\x01\x22\x06\x08\x05\x08\x06\x08\x07\x28\x02\x22\x02\x08\x09");  /* list 1, inner {5 6 7}, list 2, inner {9} */
    SAY(&line, "\x2a\x02\x01\x02\x28\x03\x2a\x00");                                  /* list packed {1 2}, 3, packed {} */
    line_close(&line);
    struct wd_profile *p = watch_end(&w);
    assert_sums(p, "inner[].list[]", (struct wd_encodings){ .records = 4, .integers = 4, .varint_bytes = 4, .zigzag_bytes = 4,
                                                            .packed_bytes = (1 + 1 + 3) + (1 + 1 + 1) });
    assert_sums(p, "list[]", (struct wd_encodings){ .records = 5, .integers = 5, .varint_bytes = 5, .zigzag_bytes = 5,
                                                    .packed_bytes = (1 + 1 + 2) + (1 + 1 + 3) + 2 });
    wd_profile_free(p);
}

static void test_texts(void **state)
{
    (void)state;
    struct watch w;
    struct line line;
    start(&w, &line);
    SAY(&line, "\x22\x05\x12\x03" "BUY");
    SAY(&line, "\x22\x26\x12\x24" "123e4567-e89b-12d3-a456-426614174000");
    SAY(&line, "\x22\x26\x12\x24" "123e4567-e89b-12d3-a456_426614174000");
    SAY(&line, "\x22\x05\x12\x03" "1st");
    line_close(&line);
    struct wd_profile *p = watch_end(&w);
    assert_sums(p, "inner[].word", (struct wd_encodings){ .records = 4, .uuids = 1, .words = 1 });
    assert_sums(p, "inner[]", (struct wd_encodings){ .records = 4 });
    wd_profile_free(p);
}

static void test_not_of_json(void **state)
{
    (void)state;
    struct watch w;
    struct line line;
    start(&w, &line);
    say_message(&line, (struct wd_message){ .direction = WD_S2C, .body = wd_bytes_of("{\"n\":-2}"), .is_text = true });
    line_close(&line);
    struct wd_profile *p = watch_end(&w);
    assert_int_equal(row_of(&p->types[0], "n")->encodings.records, 0);
    wd_profile_free(p);
}

/* --- split by connection --- */

static void put_random(struct wd_buf *out)
{
    static const char *const pieces[] = { "\x08\x05", "\x10\x03", "\x28\x07", "\x22\x04\x08\x01\x08\x02", "\x22\x05\x12\x03" "BUY", "\x2a\x02\x01\x02" };
    wd_buf_reset(out);
    for (unsigned n = 1 + dice(6); n; n--)
        wd_buf_puts(out, pieces[dice(WD_COUNT(pieces))]);
}

static void test_split_by_connection(void **state)
{
    (void)state;
    struct watch whole, half[2];
    struct line lines[2], alone[2];
    struct wd_buf body = { 0 }, note = { 0 };
    start(&whole, &lines[0]);
    line_open(&lines[1], &whole, WD_TRANSPORT_WEBSOCKET, "/live");
    for (int c = 0; c < 2; c++)
        start(&half[c], &alone[c]);
    for (int i = 0; i < 500; i++) {
        int c = (int)dice(2);
        put_random(&body);
        say_bytes(&lines[c], wd_buf_bytes(&body));
        say_bytes(&alone[c], wd_buf_bytes(&body));
    }
    for (int c = 0; c < 2; c++) {
        line_close(&lines[c]);
        line_close(&alone[c]);
    }
    struct wd_profile *p = watch_end(&whole), *parts[] = { watch_end(&half[0]), watch_end(&half[1]) };
    struct wd_profile *merged = wd_profile_merge(parts, 2, &note);
    const struct wd_type_profile *t = type_of(p, "Outer");
    for (size_t r = 0; r < t->row_count; r++)
        assert_sums(merged, wd_arena_string(p->arena, t->rows[r].path), t->rows[r].encodings);
    wd_buf_free(&body);
    wd_buf_free(&note);
    wd_profile_free(p);
    wd_profile_free(merged);
    wd_profile_free(parts[0]);
    wd_profile_free(parts[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_numbers), cmocka_unit_test(test_lists), cmocka_unit_test(test_texts),
        cmocka_unit_test(test_not_of_json), cmocka_unit_test(test_split_by_connection),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
