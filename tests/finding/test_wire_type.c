/* WD304: from sums to the advice, and when there is none. */
#include "build.h"

#define NAME(text) { (const uint8_t *)text, sizeof text - 1 }
#define FIELD(text, number_, kind_) { .name = NAME(text), .number = number_, .kind = kind_, .oneof = -1 }

static const struct wd_proto_field fields[] = {
    FIELD("cold", 1, WD_PROTO_UINT32), FIELD("n", 2, WD_PROTO_INT32), FIELD("big", 3, WD_PROTO_UINT64), FIELD("fix", 4, WD_PROTO_FIXED64),
    FIELD("d", 5, WD_PROTO_DOUBLE), FIELD("word", 6, WD_PROTO_STRING), FIELD("uuid", 7, WD_PROTO_STRING), FIELD("hot", 16, WD_PROTO_UINT32),
    FIELD("hotter", 2048, WD_PROTO_UINT32),
};
static const struct wd_proto_message proto = { .name = NAME("p.M"), .fields = fields, .field_count = WD_COUNT(fields), .envelope = -1 };
static const struct wd_layout layout = { .proto = &proto };

static int setup(void **state)
{
    struct world *w = *state = world_open();
    add_type(w, "m", 100)->codec = "protobuf";
    add_message(w, "m")->layout = &layout;
    return 0;
}

static int teardown(void **state)
{
    world_close(*state);
    return 0;
}

/* A row of 100 integers that took `now` bytes, and would take these. */
static struct wd_row *add_integers(struct world *w, const char *path, uint64_t now, uint64_t varint, uint64_t zigzag, uint64_t negatives)
{
    struct wd_row *row = add_row(w, path, WD_TYPE_INTEGER, 0, 99);
    row->key_bytes = 100;
    row->value_bytes = now;
    row->encodings = (struct wd_encodings){ .records = 100, .integers = 100, .varint_bytes = varint, .zigzag_bytes = zigzag, .negatives = negatives };
    return row;
}

static struct wd_row *add_texts(struct world *w, const char *path, uint64_t each)
{
    struct wd_row *row = add_row(w, path, WD_TYPE_STRING, 0, 99);
    row->key_bytes = 200;
    row->value_bytes = each * 100;
    row->encodings.records = 100;
    row->distinct = 3;
    return row;
}

static void assert_advice(const struct wd_audit *a, const char *path, const char *habit, uint64_t saves)
{
    const struct wd_finding *f = find(a, "WD304", path);
    assert_non_null(f);
    assert_string_equal(fact(f, "habit")->word, habit);
    assert_int_equal(f->saves_bytes, saves);
    assert_non_null(strstr(wd_arena_string(a->arena, f->remedy), habit[0] == 'u' ? "packed" : "reserve the old"));
}

static void test_integers(void **state)
{
    struct world *w = *state;
    add_integers(w, "n", 370, 370, 110, 30);
    add_integers(w, "big", 1000, 1000, 120, 100);       /* beyond 2^63: no negatives in a uint64 */
    add_integers(w, "fix", 800, 150, 140, 1);           /* nor in a fixed64 */
    add_integers(w, "d", 800, 100, 100, 0);             /* doubles that happen to be whole */
    const struct wd_audit *a = world_run(w);
    assert_string_equal(paths_of(w, "WD304"), "fix n big");
    assert_advice(a, "n", "negative-varint", 260);
    assert_advice(a, "big", "large-varint", 200);
    assert_advice(a, "fix", "small-fixed", 650);
}

/* Without a declaration a varint is known by its length, and fixed bytes are not known from doubles. */
static void test_without_schema(void **state)
{
    struct world *w = *state;
    w->messages[0].layout = NULL;
    add_integers(w, "2", 370, 370, 110, 30);
    add_integers(w, "4", 800, 150, 170, 0);
    add_integers(w, "name", 370, 370, 110, 30);         /* no number: nothing of Protobuf */
    const struct wd_audit *a = world_run(w);
    assert_string_equal(paths_of(w, "WD304"), "2");
    assert_advice(a, "2", "negative-varint", 260);
}

static void test_lists(void **state)
{
    struct world *w = *state;
    w->messages[0].layout = NULL;
    struct wd_row *row = add_integers(w, "9[]", 100, 100, 100, 0);
    row->encodings.packed_bytes = 130;
    assert_advice(world_run(w), "9[]", "unpacked", 70);
    row->encodings.packed_bytes = 201;                  /* lists of one: packing costs a length */
    assert_null(find(world_run(w), "WD304", "9[]"));
}

static void test_texts(void **state)
{
    struct world *w = *state;
    struct wd_row *word = add_texts(w, "word", 8), *uuid = add_texts(w, "uuid", 36);
    word->encodings.words = 100;
    uuid->encodings.uuids = 100;
    uuid->distinct = 99;
    const struct wd_audit *a = world_run(w);
    assert_advice(a, "word", "text-enum", 1000 - 200);
    assert_advice(a, "uuid", "text-uuid", 2000);
    uuid = &w->rows[0][1];                              /* by now they are sorted */
    word = &w->rows[0][2];
    word->distinct = 6;                                 /* each seen fewer than 20 times */
    uuid->encodings.uuids = 99;                         /* one of them is none */
    assert_int_equal(count_of(world_run(w), "WD304"), 0);
}

/* The most sent number above 15 is paired with the least sent below: 8 to 15 are free. */
static void test_numbers(void **state)
{
    struct world *w = *state;
    struct wd_row *hot = add_integers(w, "hot", 100, 100, 100, 0), *hotter = add_integers(w, "hotter", 100, 100, 100, 0);
    hot->key_bytes = 200;
    hotter->key_bytes = 300;
    add_integers(w, "cold", 100, 100, 100, 0);
    const struct wd_audit *a = world_run(w);
    assert_advice(a, "hot", "high-number", 100);
    assert_advice(a, "hotter", "high-number", 200);
    assert_int_equal(fact(find(a, "WD304", "hot"), "partner")->count, 2);      /* the first that nothing is sent under */
    assert_int_equal(fact(find(a, "WD304", "hotter"), "partner")->count, 3);
}

static void test_moot(void **state)
{
    struct world *w = *state;
    struct wd_row *still = add_integers(w, "n", 1000, 1000, 100, 100);
    still->changed = 0;
    still->constant_series = 1;
    still->distinct = 1;
    assert_null(find(world_run(w), "WD304", "n"));
    still->changed = 99;
    still->constant_series = 0;
    still->distinct = 99;
    assert_non_null(find(world_run(w), "WD304", "n"));
    still->encodings = (struct wd_encodings){ 0 };      /* not of Protobuf */
    assert_null(find(world_run(w), "WD304", "n"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_integers, setup, teardown),
        cmocka_unit_test_setup_teardown(test_without_schema, setup, teardown),
        cmocka_unit_test_setup_teardown(test_lists, setup, teardown),
        cmocka_unit_test_setup_teardown(test_texts, setup, teardown),
        cmocka_unit_test_setup_teardown(test_numbers, setup, teardown),
        cmocka_unit_test_setup_teardown(test_moot, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
