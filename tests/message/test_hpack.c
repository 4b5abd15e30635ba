/* Header blocks: the examples of RFC 7541 appendix C, tables that were joined late, sizes and numbers that lie. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/buf.h"
#include "message/hpack.h"

struct block { struct wd_bytes bytes; const char *fields; };
#define B(literal) { (const uint8_t *)(literal), sizeof(literal) - 1 }

static void note(void *ctx, struct wd_bytes name, struct wd_bytes value)
{
    struct wd_buf *out = ctx;
    wd_buf_puts(out, name.len ? "" : "?");
    wd_buf_put(out, name);
    wd_buf_puts(out, "=");
    wd_buf_put(out, value);
    wd_buf_puts(out, "\n");
}

static enum wd_reason read_block(struct wd_hpack *hpack, struct wd_bytes bytes, struct wd_buf *out, uint64_t *unresolved)
{
    wd_buf_reset(out);
    return wd_hpack_read(hpack, bytes, note, out, unresolved);
}

static void check(const struct block *blocks, size_t count, bool is_midway)
{
    struct wd_limits limits = wd_limits_default();
    struct wd_hpack *hpack = wd_hpack_open(&limits, is_midway);
    struct wd_buf out = { 0 };
    for (size_t i = 0; i < count; i++) {
        uint64_t unresolved;
        assert_int_equal(read_block(hpack, blocks[i].bytes, &out, &unresolved), WD_FINE);
        assert_string_equal(wd_buf_cstr(&out), blocks[i].fields);
        assert_true((unresolved > 0) == (strchr(blocks[i].fields, '?') != NULL));
    }
    wd_buf_free(&out);
    wd_hpack_close(hpack);
}

/* RFC 7541 C.4: requests with Huffman coding; each refers to entries of those before. */
static const struct block requests[] = {
    { B("\x82\x86\x84\x41\x8c\xf1\xe3\xc2\xe5\xf2\x3a\x6b\xa0\xab\x90\xf4\xff"),
      ":method=GET\n:scheme=http\n:path=/\n:authority=www.example.com\n" },
    { B("\x82\x86\x84\xbe\x58\x86\xa8\xeb\x10\x64\x9c\xbf"),
      ":method=GET\n:scheme=http\n:path=/\n:authority=www.example.com\ncache-control=no-cache\n" },
    { B("\x82\x87\x85\xbf\x40\x88\x25\xa8\x49\xe9\x5b\xa9\x7d\x7f\x89\x25\xa8\x49\xe9\x5b\xb8\xe8\xb4\xbf"),
      ":method=GET\n:scheme=https\n:path=/index.html\n:authority=www.example.com\ncustom-key=custom-value\n" },
};

static void test_examples(void **state)
{
    (void)state;
    check(requests, WD_COUNT(requests), false);
    check(requests, WD_COUNT(requests), true);   /* nothing in them is older than the first */
}

/* The same, of which the first was missed: what it entered is unknown, what the second entered resolves in the third. */
static const struct block joined[] = {
    { B("\x82\x86\x84\xbe\x58\x86\xa8\xeb\x10\x64\x9c\xbf"),
      ":method=GET\n:scheme=http\n:path=/\n?=\ncache-control=no-cache\n" },
    { B("\x82\x87\x85\xbf\x40\x88\x25\xa8\x49\xe9\x5b\xa9\x7d\x7f\x89\x25\xa8\x49\xe9\x5b\xb8\xe8\xb4\xbf"),
      ":method=GET\n:scheme=https\n:path=/index.html\n?=\ncustom-key=custom-value\n" },
    { B("\xbe\xbf\xc0\xc1"), "custom-key=custom-value\ncache-control=no-cache\n?=\n?=\n" },
    /* a new value of a name that is unknown, entered: unknown for ever */
    { B("\x7f\x81\0\1v"), "?=\n" },
    { B("\xbe"), "?=\n" },
};

static void test_joined_late(void **state)
{
    (void)state;
    check(joined, WD_COUNT(joined), true);
}

static void test_unresolved_bytes(void **state)
{
    (void)state;
    struct wd_limits limits = wd_limits_default();
    struct wd_hpack *hpack = wd_hpack_open(&limits, true);
    struct wd_buf out = { 0 };
    uint64_t unresolved;
    /* static, unknown (two bytes), a literal with an unknown name (five), a literal */
    read_block(hpack, wd_bytes_at("\x82\xff\x40\x0f\x40\x02vv\0\1n\1v", 13), &out, &unresolved);
    assert_string_equal(wd_buf_cstr(&out), ":method=GET\n?=\n?=\nn=v\n");
    assert_int_equal(unresolved, 2 + 5);
    wd_buf_free(&out);
    wd_hpack_close(hpack);
}

static void test_faults(void **state)
{
    (void)state;
    static const struct { const char *what; struct wd_bytes bytes; enum wd_reason reason; } rows[] = {
        { "nothing", B(""), WD_FINE },
        { "index 0", B("\x80"), WD_REASON_MALFORMED_HTTP },
        { "index beyond the table", B("\xbe"), WD_REASON_MALFORMED_HTTP },
        { "a string that is cut", B("\x40\5ab"), WD_REASON_MALFORMED_HTTP },
        { "a number that is cut", B("\xff\xff"), WD_REASON_MALFORMED_HTTP },
        { "a number without end", B("\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"), WD_REASON_MALFORMED_HTTP },
        { "a size update at the end", B("\x82\x20"), WD_REASON_MALFORMED_HTTP },
        { "Huffman code of the end", B("\x40\x84\xff\xff\xff\xff\1v"), WD_REASON_MALFORMED_HTTP },
        { "65,536 bytes of table", B("\x3f\xe1\xff\3\x82"), WD_FINE },
        { "a byte more", B("\x3f\xe2\xff\3\x82"), WD_REASON_LIMIT },
        { "twice, the second too large", B("\x20\x3f\xe2\xff\3\x82"), WD_REASON_LIMIT },
        { "a size of 40 bits", B("\x3f\xff\xff\xff\xff\xff\1"), WD_REASON_LIMIT },
    };
    for (size_t i = 0; i < WD_COUNT(rows); i++) {
        struct wd_limits limits = wd_limits_default();
        struct wd_hpack *hpack = wd_hpack_open(&limits, false);
        struct wd_buf out = { 0 };
        uint64_t unresolved;
        print_message("%s\n", rows[i].what);
        assert_int_equal(read_block(hpack, rows[i].bytes, &out, &unresolved), rows[i].reason);
        wd_buf_free(&out);
        wd_hpack_close(hpack);
    }
}

/* A table of 0 bytes keeps nothing; a limit below what every peer may use is that. */
static void test_sizes(void **state)
{
    (void)state;
    struct wd_limits limits = wd_limits_default();
    struct wd_buf out = { 0 };
    uint64_t unresolved;
    limits.table = 0;
    struct wd_hpack *hpack = wd_hpack_open(&limits, false);
    assert_int_equal(read_block(hpack, wd_bytes_at("\x40\1a\1b\xbe", 6), &out, &unresolved), WD_FINE);
    assert_string_equal(wd_buf_cstr(&out), "a=b\na=b\n");
    assert_int_equal(read_block(hpack, wd_bytes_at("\x20\x82", 2), &out, &unresolved), WD_FINE);
    assert_int_equal(read_block(hpack, wd_bytes_at("\xbe", 1), &out, &unresolved), WD_REASON_MALFORMED_HTTP);
    wd_buf_free(&out);
    wd_hpack_close(hpack);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_examples), cmocka_unit_test(test_joined_late), cmocka_unit_test(test_unresolved_bytes),
        cmocka_unit_test(test_faults),   cmocka_unit_test(test_sizes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
