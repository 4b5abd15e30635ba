/* Who bears which bits: byte i of the body costs 2^i, so the bits of an entry are the set of its bytes. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdlib.h>

#include "field/codec.h"
#include "field/cost.h"
#include "tests/dice.h"

/* The digit under each byte is the entry that owns it. */
static const struct vector { const struct wd_codec *codec; const char *body; size_t len; const char *owners; } vectors[] = {
#define JSON(text, owners) { &wd_codec_json, text, sizeof text - 1, owners }
    JSON("{\"a\":[1, 2] }", "0111112333100"),
    JSON("{}", "00"),
    JSON(" [ ] ", "00000"),
    JSON("7", "0"),
    JSON(" \"x\" ", "00000"),
    JSON("[[],{}]", "0112220"),
    JSON("{\"a\":{\"b\":[]},\"c\":1}", "01111122222213333" "33" "0"),
    JSON("[1,[2,[3]],4]", "0122344542660"),
    JSON("[1,x]", "01222"),
    JSON("{\"a\":{\"b\":1} x", "01111122222133"),
    JSON("{\"a\" 1}", "0111111"),
    JSON("{}x", "001"),
    JSON("nonsense", "00000000"),
#define MSGPACK(bytes, owners) { &wd_codec_msgpack, bytes, sizeof bytes - 1, owners }
    MSGPACK("\x82\xa1" "a\x92\x01\xcc\x80\xa1" "b\x80", "0111233444"),
    MSGPACK("\x92\x91\x91\x90\xc0", "01234"),
    MSGPACK("\xd6\xff\0\0\0\1", "000000"),
    MSGPACK("\x82\xa1" "a\x91\x01\xa1" "b\xc1", "01112333"),
    MSGPACK("\x80\x01", "01"),
#define CBOR(bytes, owners) { &wd_codec_cbor, bytes, sizeof bytes - 1, owners }
    CBOR("\xbf\x61" "a\x9f\x01\xff\x61" "b\xc1\x18\x80\xff", "011121333330"),
    CBOR("\x9f\x9f\x9f\xff\xff\x01\xff", "0122130"),
    CBOR("\xd9\xd9\xf7\x81\xd8\x18\x42\x81\x01", "000011112"),
    CBOR("\x82\x7f\x61" "a\x61" "b\xff\xc4\x82\x20\x0f", "01111112222"),
    CBOR("\x9f\x01\x61", "012"),
};

/* Byte i costs 2^i. */
static void assert_owners(const struct vector *v)
{
    const struct wd_limits limits = wd_limits_default();
    struct wd_paths *paths = wd_paths_open(&limits, NULL);
    struct wd_tape tape = { 0 };
    struct wd_bit_mark marks[31];
    uint64_t costs[40] = { 0 }, expected[40] = { 0 };
    assert_in_range(v->len, 1, WD_COUNT(marks));
    assert_int_equal(strlen(v->owners), v->len);
    for (uint32_t i = 0; i < v->len; i++) {
        marks[i] = (struct wd_bit_mark){ i + 1, 1u << i };
        expected[v->owners[i] - '0'] += 1u << i;
    }
    expected[0] += 100;   /* of the compression itself */
    v->codec->walk(wd_bytes_at(v->body, v->len), NULL, paths, &limits, &tape);
    wd_tape_cost(&tape, v->len, (struct wd_bit_marks){ marks, v->len }, (1u << v->len) - 1 + 100, costs);
    for (uint32_t i = 0; i < tape.count; i++)
        if (costs[i] != expected[i])
            fail_msg("%s: entry %u bears %jx, not %jx", v->owners, i, (uintmax_t)costs[i], (uintmax_t)expected[i]);
    wd_tape_free(&tape);
    wd_paths_close(paths);
}

static void test_owners(void **state)
{
    (void)state;
    for (size_t i = 0; i < WD_COUNT(vectors); i++)
        assert_owners(&vectors[i]);
}

/* Whatever the symbols are and wherever the body breaks off: nothing is lost, and with marks of one symbol it is an even share. */
static void test_sums(void **state)
{
    (void)state;
    static const char body[] = "{\"type\":\"quote\",\"bid\":{\"px\":101.25,\"qty\":[1,2,{\"x\":null}]},\"tags\":[],\"note\":\"\\u00e9 b\"} ";
    const struct wd_limits limits = wd_limits_default();
    struct wd_paths *paths = wd_paths_open(&limits, NULL);
    struct wd_tape tape = { 0 };
    for (int round = 0; round < 20000; round++) {
        struct wd_bytes part = wd_bytes_at(body, 1 + dice(sizeof body - 1));
        struct wd_bit_mark marks[sizeof body];
        uint64_t costs[60], even[60], bits = 0, sum = 0;
        size_t count = 0;
        for (uint32_t end = 0; end < part.len; count++) {
            end += 1 + dice(round % 3 ? 9 : 100);
            if (end > part.len)
                end = (uint32_t)part.len;
            marks[count] = (struct wd_bit_mark){ end, 1 + dice(60) };
            bits += marks[count].bits;
        }
        uint64_t all = bits + dice(200);
        wd_codec_json.walk(part, NULL, paths, &limits, &tape);
        wd_tape_cost(&tape, part.len, (struct wd_bit_marks){ marks, count }, all, costs);
        for (uint32_t i = 0; i < tape.count; i++)
            sum += costs[i];
        assert_int_equal(sum, all);
        wd_tape_cost(&tape, part.len, (struct wd_bit_marks){ NULL, 0 }, all, even);
        sum = 0;
        for (uint32_t i = 0; i < tape.count; i++) {
            const struct wd_field *f = &tape.fields[i];
            double share = (double)all * (f->key_len + f->value_len + f->syntax_len + f->space_len) / (double)part.len;
            assert_true((double)even[i] > share - 1 && (double)even[i] < share + 1);
            sum += even[i];
        }
        assert_int_equal(sum, all);
    }
    wd_tape_free(&tape);
    wd_paths_close(paths);
}

/* Symbols of any length and price: the elements of an array of digits bear what the division says, to the bit. */
static void test_long_symbols(void **state)
{
    enum { ELEMENTS = 150000, LEN = 2 * ELEMENTS + 1 };
    static const uint32_t lens[] = { 1, 3, 258, 4097, 65534, 65535, 65536, 99991 };
    static char body[LEN];
    static struct wd_bit_mark marks[LEN];
    static uint64_t costs[ELEMENTS + 1];
    const struct wd_limits limits = wd_limits_default();
    struct wd_paths *paths = wd_paths_open(&limits, NULL);
    struct wd_tape tape = { 0 };
    (void)state;
    for (uint32_t i = 0; i < LEN; i++)
        body[i] = i & 1 ? '7' : ',';
    body[0] = '[';
    body[LEN - 1] = ']';
    wd_codec_json.walk(wd_bytes_at(body, LEN), NULL, paths, &limits, &tape);
    assert_int_equal(tape.count, ELEMENTS + 1);
    for (int round = 0; round < 200; round++) {
        size_t count = 0;
        uint64_t all = 0;
        for (uint32_t end = 0; end < LEN; all += marks[count++].bits) {
            uint32_t len = round % 2 ? lens[dice(WD_COUNT(lens))] : 1 + dice(1u << dice(18));
            end = len < LEN - end ? end + len : LEN;
            marks[count] = (struct wd_bit_mark){ end, 1 + dice(1u << dice(31)) };
        }
        wd_tape_cost(&tape, LEN, (struct wd_bit_marks){ marks, count }, all, costs);
        uint64_t whole = 0, before = 0;
        for (uint32_t i = 0, start = 0, mark = 0; i < ELEMENTS; i++) {
            uint32_t off = 2 * i + 2;   /* one past element i, whose comma or bracket comes before it */
            for (; mark < count && marks[mark].end <= off; start = marks[mark++].end)
                whole += marks[mark].bits;
            uint64_t upto = whole + (off > start ? (uint64_t)(off - start) * marks[mark].bits / (marks[mark].end - start) : 0);
            uint64_t bracket = i ? 0 : marks[0].bits / marks[0].end;
            if (costs[i + 1] != upto - before - bracket)
                fail_msg("round %d, element %u: %ju, not %ju", round, i, (uintmax_t)costs[i + 1], (uintmax_t)(upto - before));
            before = upto;
        }
    }
    wd_tape_free(&tape);
    wd_paths_close(paths);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_owners),
        cmocka_unit_test(test_sums),
        cmocka_unit_test(test_long_symbols),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
