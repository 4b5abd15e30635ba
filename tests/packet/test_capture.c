/* pcap and pcapng: what each form says, in one piece and in pieces of every size; what is refused, and with
 * which words. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "build.h"
#include "packet/capture.h"

/* Packets as lines "number@offset link ts captured/original bytes", the fault or error as the last one. */
struct run {
    struct wd_buf lines;
    int rc;
    struct wd_err err;
    struct wd_ledger ledger;
    struct wd_limits limits;
};

static int write_line(void *ctx, const struct wd_packet *p)
{
    struct run *run = ctx;
    wd_buf_printf(&run->lines, "%llu@%llu %u %lld %zu/%u ", (unsigned long long)p->number,
                  (unsigned long long)p->offset, p->link_type, (long long)p->ts_ns, p->bytes.len, p->orig_len);
    wd_buf_put(&run->lines, p->bytes);
    wd_buf_byte(&run->lines, '\n');
    return WD_OK;
}

static void read_in_pieces(struct run *run, struct wd_bytes file, size_t piece)
{
    run->limits = run->limits.packet ? run->limits : wd_limits_default();
    struct wd_capture *c = wd_capture_open("a.pcap", &run->limits, &run->ledger, write_line, run);
    for (size_t off = 0; off < file.len && run->rc >= 0; off += piece) {
        size_t n = piece < file.len - off ? piece : file.len - off;
        uint8_t *copy = malloc(n);  /* its own allocation, so that a sanitizer sees what is read beyond it */
        memcpy(copy, file.at + off, n);
        run->rc = wd_capture_feed(c, wd_bytes_at(copy, n), &run->err);
        free(copy);
    }
    if (run->rc >= 0)
        run->rc = wd_capture_finish(c, &run->err);
    if (wd_capture_fault(c))
        wd_buf_printf(&run->lines, "%s\n", wd_capture_fault(c));
    if (run->err.code)
        wd_buf_printf(&run->lines, "error %s\n", run->err.text);
    wd_capture_free(c);
}

static void check(struct wd_buf *file, const char *expected, const struct wd_limits *limits)
{
    for (size_t piece = 1; piece <= file->len + 1; piece++) {
        struct run run = { 0 };
        if (limits)
            run.limits = *limits;
        read_in_pieces(&run, wd_buf_bytes(file), piece > file->len ? SIZE_MAX / 2 : piece);
        assert_string_equal(wd_buf_cstr(&run.lines), expected);
        wd_buf_free(&run.lines);
    }
    wd_buf_free(file);
}

static void put_record(struct wd_buf *out, uint32_t frac, const char *packet, uint32_t original, bool is_big, int more)
{
    put32(out, 1, is_big);
    put32(out, frac, is_big);
    put32(out, (uint32_t)strlen(packet), is_big);
    put32(out, original, is_big);
    put_fill(out, (size_t)more, 0xee);
    wd_buf_puts(out, packet);
}

static void pcap(void **state)
{
    (void)state;
    static const struct { uint32_t magic; int more; const char *ns; } kinds[] = {
        { 0xa1b2c3d4, 0, "1000005000" }, { 0xa1b23c4d, 0, "1000000005" }, { 0xa1b2cd34, 8, "1000005000" },
    };
    for (size_t i = 0; i < 2 * WD_COUNT(kinds); i++) {
        bool is_big = i % 2;
        struct wd_buf file = { 0 };
        char expected[256];
        put_pcap(&file, kinds[i / 2].magic, 1, is_big);
        put_record(&file, 5, "abc", 3, is_big, kinds[i / 2].more);
        put_record(&file, 5, "", 9, is_big, kinds[i / 2].more);
        put_record(&file, 5, "defg", 90, is_big, kinds[i / 2].more);
        int more = kinds[i / 2].more;
        snprintf(expected, sizeof expected, "1@24 1 %s 3/3 abc\n2@%d 1 %s 0/9 \n3@%d 1 %s 4/90 defg\n", kinds[i / 2].ns,
                 43 + more, kinds[i / 2].ns, 59 + 2 * more, kinds[i / 2].ns);
        check(&file, expected, NULL);
    }
}

static void pcap_without_packets(void **state)
{
    (void)state;
    struct wd_buf file = { 0 };
    put_pcap(&file, 0xa1b2c3d4, 1, false);
    check(&file, "", NULL);
}

static void pcap_cut_short(void **state)
{
    (void)state;
    struct wd_buf file = { 0 };
    put_pcap(&file, 0xa1b2c3d4, 1, false);
    put_record(&file, 0, "abc", 3, false, 0);
    put_record(&file, 0, "defgh", 5, false, 0);
    file.len -= 2;
    check(&file, "1@24 1 1000000000 3/3 abc\na.pcap:43: packet 2: cut short (needs 21 bytes, 19 are left)\n", NULL);
}

static void pcap_damaged(void **state)
{
    (void)state;
    struct wd_buf file = { 0 };
    put_pcap(&file, 0xa1b2c3d4, 1, false);
    put_record(&file, 0, "abc", 3, false, 0);
    put_hex(&file, "00000000 00000000 00000f00 00000f00 ffff");
    check(&file, "1@24 1 1000000000 3/3 abc\na.pcap:43: packet 2: damaged, or larger than the limit (expected at most "
          "262144 bytes, found 983040); raise it with --limit packet=983040\n", NULL);
}

/* Two sections of different order; interfaces of different link type, resolution, offset and snap length. */
static void pcapng(void **state)
{
    (void)state;
    struct wd_buf file = { 0 }, body = { 0 };
    put_section(&file, true);
    put_interface(&file, 1, 0, "", true);
    put_interface(&file, 101, 0, "0009 0001 09000000 000e 0008 000000000000000a 0000 0000", true);
    put_interface(&file, 113, 3, "0002 0003 65746800 0009 0001 8a000000", true);
    put_enhanced(&file, 0, 2000001, wd_bytes_of("abc"), 30, true);
    put_enhanced(&file, 1, 5, wd_bytes_of("de"), 2, true);
    put_enhanced(&file, 2, 1536, wd_bytes_of("f"), 1, true);
    put_block(&file, 5, wd_bytes_of("statistics"), true);
    put_section(&file, false);
    put_interface(&file, 276, 3, "", false);
    put32(&body, 5, false);
    wd_buf_puts(&body, "ghi");
    put_block(&file, 3, wd_buf_bytes(&body), false);
    wd_buf_reset(&body);
    put_hex(&body, "0000 ffff 00000000 07000000 02000000 02000000");
    wd_buf_puts(&body, "jk");
    put_block(&file, 2, wd_buf_bytes(&body), false);
    put_block(&file, 0x0bad, wd_bytes_of(""), false);
    wd_buf_free(&body);
    check(&file,
          "1@128 1 2000001000 3/30 abc\n2@164 101 10000000005 2/2 de\n3@200 113 1500000000 1/1 f\n"
          "4@308 276 0 3/5 ghi\n5@328 276 7000 2/2 jk\n", NULL);
}

static void times_far_away(void **state)
{
    (void)state;
    struct wd_buf file = { 0 };
    put_section(&file, false);
    put_interface(&file, 1, 0, "0900 0100 00000000", false);                        /* seconds */
    put_interface(&file, 1, 0, "0900 0100 ff000000", false);                        /* 2^-127 */
    put_interface(&file, 1, 0, "0900 0100 0c000000", false);                        /* picoseconds */
    put_interface(&file, 1, 0, "0e00 0800 0000000000000080", false);                /* -2^63 seconds */
    put_interface(&file, 1, 0, "0900 0100 c0000000", false);                        /* 2^-64 */
    put_enhanced(&file, 0, UINT64_MAX, wd_bytes_of(""), 0, false);
    put_enhanced(&file, 1, UINT64_MAX, wd_bytes_of(""), 0, false);
    put_enhanced(&file, 2, 1000000001, wd_bytes_of(""), 0, false);
    put_enhanced(&file, 3, 0, wd_bytes_of(""), 0, false);
    put_enhanced(&file, 4, UINT64_C(1) << 63, wd_bytes_of(""), 0, false);
    check(&file, "1@172 1 9223372036854775807 0/0 \n2@204 1 0 0/0 \n3@236 1 1000000 0/0 \n"
          "4@268 1 -9223372036854775807 0/0 \n5@300 1 500000000 0/0 \n", NULL);
}

static void pcapng_cut_short(void **state)
{
    (void)state;
    struct wd_buf file = { 0 };
    put_section(&file, false);
    put_block(&file, 0x0bad, wd_bytes_of("skipped"), false);
    file.len -= 4;  /* the second length */
    check(&file, "a.pcap:44: packet 1: cut short (needs 4 bytes, 0 are left)\n", NULL);
    put_section(&file, false);
    put_interface(&file, 1, 0, "", false);
    file.len -= 1;
    check(&file, "a.pcap:28: packet 1: cut short (needs 20 bytes, 19 are left)\n", NULL);
}

static void damaged_block(const char *hex, const char *what)
{
    struct wd_buf file = { 0 };
    char expected[512];
    put_section(&file, false);
    put_interface(&file, 1, 0, "", false);
    put_hex(&file, hex);
    snprintf(expected, sizeof expected, "a.pcap:48: packet 1: damaged%s\n", what);
    check(&file, expected, NULL);
}

static void pcapng_damaged(void **state)
{
    (void)state;
    damaged_block("06000000 1d000000 00000000", " (expected a block of at least 32 bytes, a multiple of 4, found 29)");
    damaged_block("07000000 08000000 00000000", " (expected a block of at least 12 bytes, a multiple of 4, found 8)");
    damaged_block("06000000 00000010 00000000", ", or larger than the limit (expected a block of at most 16777216 bytes, "
                  "found 268435456); raise it with --limit block=268435456");
    damaged_block("06000000 20000000 01000000 00000000 00000000 00000000 00000000 20000000",
                  " (expected one of 1 interfaces, found number 1)");
    damaged_block("06000000 20000000 00000000 00000000 00000000 01000000 01000000 20000000",
                  " (expected at most 0 bytes of packet in the block, found 1)");
    damaged_block("06000000 20000000 00000000 00000000 00000000 00000000 00000000 21000000",
                  " (expected the block's length 32 again at its end, found 33)");
}

static void interfaces_have_a_limit(void **state)
{
    (void)state;
    struct wd_limits limits = wd_limits_default();
    limits.interfaces = 1;
    struct wd_buf file = { 0 };
    put_section(&file, false);
    put_interface(&file, 1, 0, "", false);
    put_section(&file, false);
    put_interface(&file, 1, 0, "", false);
    put_interface(&file, 1, 0, "", false);
    check(&file, "a.pcap:96: packet 1: damaged, or more interfaces than the limit (expected at most 1); "
          "raise it with --limit interfaces=...\n", &limits);
}

static void foreign(const char *text, size_t len, const char *expected)
{
    struct wd_buf file = { 0 };
    wd_buf_put(&file, wd_bytes_at(text, len));
    check(&file, expected, NULL);
}

static void not_a_capture(void **state)
{
    (void)state;
    foreign("", 0, "error a.pcap: not a capture file (expected a pcap or pcapng header, found nothing); "
            "record the traffic with: tcpdump -w out.pcap\n");
    foreign("\x1f\x8b\x08\x00zzzz", 8, "error a.pcap: not a capture file (expected a pcap or pcapng header, found gzip); "
            "unpack it first: gunzip -c FILE | wirediet profile -\n");
    foreign("hi", 2, "error a.pcap: not a capture file (expected a pcap or pcapng header, found something else); "
            "convert it with: editcap -F pcapng FILE out.pcapng\n");
    foreign("\xd4\xc3\xb2\xa1\x02", 5, "error a.pcap:0: the header is cut short (expected 24 bytes, found 5); "
            "copy or record the file again\n");
    foreign("\xd4\xc3\xb2\xa1\x03\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 24, "error a.pcap:0: a pcap of another version "
            "(expected 2.4, found 3.0); convert it with: editcap -F pcapng FILE out.pcapng\n");
    foreign("\x0a\x0d\x0d\x0a\x1c\0\0\0\x11\x22\x33\x44", 12, "error a.pcap:0: a damaged section header (expected the byte "
            "order 1a2b3c4d, found 11223344); copy or record the file again\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pcap),
        cmocka_unit_test(pcap_without_packets),
        cmocka_unit_test(pcap_cut_short),
        cmocka_unit_test(pcap_damaged),
        cmocka_unit_test(pcapng),
        cmocka_unit_test(times_far_away),
        cmocka_unit_test(pcapng_cut_short),
        cmocka_unit_test(pcapng_damaged),
        cmocka_unit_test(interfaces_have_a_limit),
        cmocka_unit_test(not_a_capture),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
