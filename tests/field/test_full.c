/* A message of more values than the limit allows is walked up to it, in every codec: the rest is one malformed piece, and the shares
 * still add up. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "base/buf.h"
#include "field/codec.h"

enum { VALUES = 1000, MOST = 100 };

static const struct wd_proto_field numbers = { .name = { (const uint8_t *)"n", 1 }, .number = 1, .kind = WD_PROTO_INT32,
                                               .is_repeated = true, .is_packed = true, .oneof = -1 };
static const struct wd_proto_message list = { .name = { (const uint8_t *)"List", 4 }, .fields = &numbers, .field_count = 1, .envelope = -1 };
static const struct wd_avro_type integer = { .kind = WD_AVRO_INT }, *const items[] = { &integer },
                                 array = { .kind = WD_AVRO_ARRAY, .branches = items, .count = 1 };
static const struct wd_layout proto_layout = { .proto = &list }, avro_layout = { .avro = &array };

/* What stands before, in place of each value, and after. */
static const struct row {
    const struct wd_codec *codec;
    const struct wd_layout *layout;
    struct wd_bytes before, each, after;
} rows[] = {
#define TEXT(s) { (const uint8_t *)(s), sizeof(s) - 1 }
    { &wd_codec_json, NULL, TEXT("[0"), TEXT(",0"), TEXT("]") },
    { &wd_codec_ndjson, NULL, TEXT("0"), TEXT("\n0"), TEXT("\n") },
    { &wd_codec_msgpack, NULL, TEXT("\xdc\x03\xe8"), TEXT("\x01"), TEXT("") },
    { &wd_codec_cbor, NULL, TEXT("\x9f"), TEXT("\x01"), TEXT("\xff") },
    { &wd_codec_protobuf, NULL, TEXT(""), TEXT("\x08\x01"), TEXT("") },
    { &wd_codec_protobuf, &proto_layout, TEXT("\x0a\xe8\x07"), TEXT("\x01"), TEXT("") },
    { &wd_codec_avro, &avro_layout, TEXT("\xd0\x0f"), TEXT("\x02"), TEXT("\0") },
};

static void walk(const struct row *row, uint64_t most, struct wd_tape *tape, struct wd_buf *body)
{
    struct wd_limits limits = wd_limits_default();
    struct wd_paths *paths = wd_paths_open(&limits, NULL);
    limits.values = most;
    wd_buf_put(body, row->before);
    for (int i = 0; i < VALUES; i++)
        wd_buf_put(body, row->each);
    wd_buf_put(body, row->after);
    row->codec->walk(wd_buf_bytes(body), row->layout, paths, &limits, tape);
    assert_int_equal(wd_tape_bytes(tape), body->len);
    wd_paths_close(paths);
}

static void test_full(void **state)
{
    (void)state;
    for (size_t i = 0; i < WD_COUNT(rows); i++) {
        struct wd_tape tape = { 0 };
        struct wd_buf body = { 0 };
        walk(&rows[i], MOST, &tape, &body);
        if (!tape.fault || strcmp(tape.fault, WD_TAPE_FULL) != 0)
            fail_msg("row %zu: %s", i, tape.fault ? tape.fault : "no fault");
        assert_in_range(tape.count, MOST, MOST + 1);
        wd_tape_free(&tape);
        wd_buf_free(&body);
    }
}

static void test_room(void **state)
{
    (void)state;
    for (size_t i = 0; i < WD_COUNT(rows); i++) {
        struct wd_tape tape = { 0 };
        struct wd_buf body = { 0 };
        walk(&rows[i], VALUES + 10, &tape, &body);
        if (tape.fault)
            fail_msg("row %zu: %s", i, tape.fault);
        assert_in_range(tape.count, VALUES, VALUES + 3);
        wd_tape_free(&tape);
        wd_buf_free(&body);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_full), cmocka_unit_test(test_room) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
