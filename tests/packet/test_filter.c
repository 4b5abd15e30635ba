/* The language of tcpdump, per link type. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include "packet/filter.h"

/* Ethernet, IPv4, TCP from port 0x1234 to 80; in front of it what `head` is. */
static const uint8_t ethernet[] = {
    1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 8, 0,
    0x45, 0, 0, 40, 0, 0, 0, 0, 64, 6, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2,
    0x12, 0x34, 0, 80, 0, 0, 0, 1, 0, 0, 0, 0, 0x50, 2, 0, 0, 0, 0, 0, 0,
};
static const uint8_t tagged[] = {
    1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 0x81, 0, 0, 7, 8, 0,
    0x45, 0, 0, 40, 0, 0, 0, 0, 64, 6, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2,
    0x12, 0x34, 0, 80, 0, 0, 0, 1, 0, 0, 0, 0, 0x50, 2, 0, 0, 0, 0, 0, 0,
};
enum { LINK_ETHERNET = 1, LINK_RAW = 101 };

static const struct packet_row { uint32_t link_type; struct wd_bytes bytes; } packets[] = {
    { LINK_ETHERNET, { ethernet, sizeof ethernet } },
    { LINK_RAW, { ethernet + 14, sizeof ethernet - 14 } },
    { LINK_ETHERNET, { tagged, sizeof tagged } },
    { LINK_ETHERNET, { ethernet, 20 } },   /* cut short */
};

static const struct { const char *expression; bool has[4]; } rows[] = {
    { "tcp", { true, true, false, false } },       { "tcp port 80", { true, true, false, false } },
    { "tcp port 81", { false, false, false, false } }, { "host 10.0.0.1", { true, true, false, false } },
    { "vlan 7 and tcp", { false, false, true, false } }, { "greater 54", { true, false, true, false } },
    { "", { true, true, true, true } },
};

static void test_rows(void **state)
{
    (void)state;
    for (size_t i = 0; i < WD_COUNT(rows); i++) {
        struct wd_filter *f;
        struct wd_err err = { 0 };
        assert_int_equal(wd_filter_open(rows[i].expression, &f, &err), WD_OK);
        for (size_t k = 0; k < WD_COUNT(packets); k++) {
            struct wd_packet packet = { .link_type = packets[k].link_type, .bytes = packets[k].bytes,
                                        .orig_len = (uint32_t)packets[k].bytes.len };
            bool has;
            if (strstr(rows[i].expression, "vlan") && packets[k].link_type == LINK_RAW)
                continue;
            assert_int_equal(wd_filter_has(f, &packet, &has, &err), WD_OK);
            if (has != rows[i].has[k])
                fail_msg("%s on packet %zu: %d", rows[i].expression, k, has);
        }
        wd_filter_free(f);
    }
}

/* None at all is refused before anything is read; one that a link type does not know, when it comes. */
static void test_refused(void **state)
{
    (void)state;
    struct wd_filter *f = NULL;
    struct wd_err err = { 0 };
    assert_int_equal(wd_filter_open("tcp prot 80", &f, &err), WD_EUSAGE);
    assert_ptr_equal(strstr(err.text, "--filter 'tcp prot 80': "), err.text);
    err = (struct wd_err){ 0 };
    assert_int_equal(wd_filter_open("ether host 01:02:03:04:05:06", &f, &err), WD_OK);
    struct wd_packet packet = { .link_type = LINK_RAW, .bytes = packets[1].bytes, .orig_len = 40 };
    bool has;
    assert_int_equal(wd_filter_has(f, &packet, &has, &err), WD_EUSAGE);
    assert_non_null(strstr(err.text, "--filter 'ether host"));
    wd_filter_free(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_rows), cmocka_unit_test(test_refused) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
