/* Lines of JSON: whole lines and members of them, whole and in pieces; the ledger; lines that are none. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdlib.h>

#include "base/arena.h"
#include "message/lines.h"
#include "receiver.h"

static void read_lines(struct teller *t, const char *layout_text, struct wd_bytes text, size_t piece,
                       struct wd_told *told)
{
    struct wd_lines_layout layout = { 0 };
    char *copy = strdup(layout_text);
    if (*copy)
        assert_int_equal(wd_lines_layout_read(copy, &layout, &t->err), WD_OK);
    told_open(t);
    struct wd_lines *lines =
        wd_lines_open("x.ndjson", &layout, &t->limits, &t->ledger, t->messages, t->window);
    for (size_t n; text.len; text = wd_bytes_at(text.at + n, text.len - n)) {
        n = piece < text.len ? piece : text.len;
        assert_int_equal(wd_lines_feed(lines, wd_bytes_at(text.at, n), &t->err), WD_OK);
    }
    assert_int_equal(wd_lines_finish(lines, &t->err), WD_OK);
    if (wd_lines_fault(lines))
        wd_buf_puts(&t->notes, wd_lines_fault(lines));
    *told = *wd_lines_told(lines);
    wd_lines_free(lines);
    told_close(t);
    free(copy);
}

static const struct { const char *layout, *text, *want, *fault; uint64_t framing, undecoded;
} rows[] = {
    { "", "{\"a\":1}\n\n{\"a\":2}\r\n  \n{\"a\":3}",
      "ndjson s2c {\"a\":1} (7) @0.000\nndjson s2c {\"a\":2} (7) @0.000\nndjson s2c {\"a\":3} (7) @0.000\n",
      "", 7, 0 },
    { "", "\xef\xbb\xbf{}\n", "ndjson s2c {} (2) @0.000\n", "", 4, 0 },
    { "", "{}\nbroken\n[1,\n",
      "ndjson s2c {} (2) @0.000\nndjson s2c broken (6) @0.000\nndjson s2c [1, (3) @0.000\n",
      "x.ndjson:2:1: expected a value; so is 1 more line", 3, 0 },
    { "payload=p,channel=m.topic,type=t,time=ts,direction=d",
      "{\"m\":{\"topic\":\"/o?k=1\"},\"p\":{\"x\": [1]},\"t\":\"T\",\"ts\":1772528400123,\"d\":\"out\"}\n",
      "/o c2s [T] {\"x\": [1]} (10) @1772528400.123\n", "", 67, 0 },
    { "payload=p", "{\"p\":\"{\\\"a\\\":1}\"}\n{\"p\":7}\n{\"p\":null}\n{\"q\":1}\n{\"p\":\n",
      "ndjson s2c {\"a\":1} (9) @0.000\nndjson s2c 7 (1) @0.000\n",
      "x.ndjson:4:1: no payload where --ndjson says; so is 1 more line", 8 + 6 + 10 + 5, 12 },
    /* of members that are there twice the last one counts, and p.p is not p */
    { "payload=p.p", "{\"p\":{\"p\":1,\"p\":2},\"x\":{\"p\":{\"p\":3}}}", "ndjson s2c 2 (1) @0.000\n", "", 36,
      0 },
    { "channel=c", "{\"c\":\"a\"}\n{\"c\":\"b\"}\n{\"c\":\"a\"}\n",
      "a s2c {\"c\":\"a\"} (9) @0.000\nb s2c {\"c\":\"b\"} (9) @0.000\na s2c {\"c\":\"a\"} (9) @0.000\n", "",
      3, 0 },
    { "", "", "", "", 0, 0 },
};

static void test_rows(void **state)
{
    (void)state;
    for (size_t i = 0; i < WD_COUNT(rows); i++) {
        for (size_t piece = 1; piece < 200; piece = piece * 2 + 1) {
            struct teller t = { .limits = wd_limits_default() };
            struct wd_told told;
            read_lines(&t, rows[i].layout, wd_bytes_of(rows[i].text), piece, &told);
            assert_string_equal(wd_buf_cstr(&t.log), rows[i].want);
            assert_string_equal(wd_buf_cstr(&t.notes), rows[i].fault);
            assert_int_equal(t.ledger.captured_bytes, strlen(rows[i].text));
            assert_int_equal(t.ledger.layer[WD_LAYER_FRAMING], rows[i].framing);
            assert_int_equal(t.ledger.layer[WD_LAYER_UNDECODED], rows[i].undecoded);
            told_free(&t);
        }
    }
}

static void test_long_lines(void **state)
{
    (void)state;
    struct teller t = { .limits = wd_limits_default() };
    struct wd_told told;
    t.limits.message = 4;
    read_lines(&t, "", wd_bytes_of("[1,2,3]\n[1]\n"), 3, &told);
    assert_string_equal(wd_buf_cstr(&t.log),
                        "ndjson s2c [1,2 (7 too long) @0.000\nndjson s2c [1] (3) @0.000\n");
    assert_int_equal(t.ledger.limits[WD_LIMIT_message].count, 1);
    told_free(&t);
    struct wd_buf line = { 0 };   /* so long that the payload in it is not looked for */
    wd_buf_puts(&line, "{\"p\":[1],\"q\":\"");
    for (int i = 0; i < 1 << 20; i++)
        wd_buf_byte(&line, 'x');
    wd_buf_puts(&line, "\"}\n{\"p\":[1]}\n");
    t = (struct teller){ .limits = t.limits };
    read_lines(&t, "payload=p", wd_buf_bytes(&line), 99999, &told);
    assert_string_equal(wd_buf_cstr(&t.log), "ndjson s2c [1] (3) @0.000\n");
    assert_int_equal(t.ledger.limits[WD_LIMIT_message].count, 1);
    told_free(&t);
    wd_buf_free(&line);
}

static void test_window(void **state)
{
    (void)state;
    struct teller t = { .limits = wd_limits_default() };
    struct wd_window window = { .from = { "+1", true, 1000000000 } };
    struct wd_told told;
    t.window = &window;
    read_lines(&t, "time=t",
               wd_bytes_of("{\"t\":\"2026-03-03T09:00:00Z\"}\n{\"t\":\"2026-03-03T09:00:01\"}\n"), 999,
               &told);
    assert_string_equal(wd_buf_cstr(&t.log),
                        "ndjson s2c {\"t\":\"2026-03-03T09:00:01\"} (27) @1772528401.000\n");
    assert_int_equal(told.left_out, 1);
    told_free(&t);
}

static void test_layouts(void **state)
{
    (void)state;
    static const char *const wrong[] = { "payload", "payload=", "=x", "topic=x", "payload=a,b", "a.b" };
    for (size_t i = 0; i < WD_COUNT(wrong); i++) {
        struct wd_lines_layout layout = { 0 };
        struct wd_err err = { 0 };
        char *copy = strdup(wrong[i]);
        assert_int_equal(wd_lines_layout_read(copy, &layout, &err), WD_EUSAGE);
        assert_non_null(strstr(err.text, "--ndjson: "));
        free(copy);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_long_lines),
        cmocka_unit_test(test_window),
        cmocka_unit_test(test_layouts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
