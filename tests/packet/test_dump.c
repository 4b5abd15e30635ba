/* What is written is read back the same, in both formats. Other readers hold the files in tests/peers/record.mjs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "packet/capture.h"
#include "packet/dump.h"

/* Lengths around the padding, times around a second, a packet that was cut. */
static const struct { int64_t ts_ns; uint32_t orig_len; const char *bytes; } rows[] = {
    { 1, 0, "" }, { 999999999, 1, "a" }, { 1000000000, 2, "ab" }, { 1795994145123456789, 3, "abc" }, { 1795994145123456790, 1500, "abcd" },
    { 4294967295999999999, 5, "abcde" },   /* 2106, the last second that pcap knows */
};

struct reader { size_t count; uint32_t link_type; };

static int on_packet(void *ctx, const struct wd_packet *p)
{
    struct reader *r = ctx;
    assert_true(r->count < WD_COUNT(rows));
    assert_int_equal(p->ts_ns, rows[r->count].ts_ns);
    assert_int_equal(p->orig_len, rows[r->count].orig_len);
    assert_true(wd_bytes_is(p->bytes, rows[r->count].bytes));
    assert_int_equal(p->link_type, r->link_type);
    r->count++;
    return WD_OK;
}

static void write_all(const struct wd_dump *dump, struct wd_buf *out)
{
    wd_dump_head(dump, out);
    for (size_t i = 0; i < WD_COUNT(rows); i++)
        wd_dump_packet(dump, &(struct wd_packet){ .ts_ns = rows[i].ts_ns, .orig_len = rows[i].orig_len,
                                                  .bytes = wd_bytes_of(rows[i].bytes) }, out);
    wd_dump_tail(dump, &(struct wd_dump_counts){ .ts_ns = 5, .received = 9, .dropped = 3, .written = 6 }, out);
}

static void check(bool is_classic, const char *filter)
{
    struct wd_dump dump = { is_classic, "eth0", filter, 113, 65535 };
    struct wd_buf file = { 0 };
    struct wd_limits limits = wd_limits_default();
    struct wd_ledger ledger = { 0 };
    struct wd_err err = { 0 };
    struct reader reader = { .link_type = 113 };
    write_all(&dump, &file);
    assert_true(is_classic || file.len % 4 == 0);
    struct wd_capture *c = wd_capture_open("x", &limits, &ledger, on_packet, &reader);
    assert_int_equal(wd_capture_feed(c, wd_buf_bytes(&file), &err), WD_OK);
    assert_int_equal(wd_capture_finish(c, &err), WD_OK);
    assert_null(wd_capture_fault(c));
    assert_int_equal(reader.count, WD_COUNT(rows));
    wd_capture_free(c);
    wd_buf_free(&file);
}

static void test_round(void **state)
{
    (void)state;
    check(false, NULL);
    check(false, "tcp port 80");
    check(true, "tcp port 80");
}

static void test_extension(void **state)
{
    (void)state;
    assert_true(wd_dump_is_classic("a.pcap"));
    assert_true(wd_dump_is_classic("a.b/c.cap"));
    assert_false(wd_dump_is_classic("a.pcapng"));
    assert_false(wd_dump_is_classic("pcap"));
    assert_false(wd_dump_is_classic("a"));
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_round), cmocka_unit_test(test_extension) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
