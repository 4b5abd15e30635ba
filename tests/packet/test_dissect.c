/* Link layers, IP with everything that can stand between it and TCP, and where each byte is counted. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "build.h"
#include "run.h"

static void check_layers(const struct run *run, uint64_t link, uint64_t ip, uint64_t transport)
{
    assert_int_equal(run->ledger.layer[WD_LAYER_LINK], link);
    assert_int_equal(run->ledger.layer[WD_LAYER_IP], ip);
    assert_int_equal(run->ledger.layer[WD_LAYER_TRANSPORT], transport);
}

/* What precedes IP on each link, as bytes. */
static const struct { uint32_t link_type; const char *head; uint16_t vlan[2]; int version; } links[] = {
    { 1, "000000000000 000000000000 0800", { 0, 0 }, 4 },
    { 1, "000000000000 000000000000 86dd", { 0, 0 }, 6 },
    { 1, "000000000000 000000000000 8100 2064 0800", { 101, 0 }, 4 },
    { 1, "000000000000 000000000000 88a8 0064 8100 0fff 0800", { 101, 4096 }, 4 },
    { 1, "000000000000 000000000000 9100 0001 86dd", { 2, 0 }, 6 },
    { 1, "000000000000 000000000000 8100 6000 0800", { 0, 0 }, 4 },  /* VLAN 0: a priority */
    { 113, "0000 0001 0006 0000000000000000 0800", { 0, 0 }, 4 },
    { 113, "0000 0001 0006 0000000000000000 8100 0007 86dd", { 8, 0 }, 6 },
    { 276, "0800 0000 00000001 0001 00 06 0000000000000000", { 0, 0 }, 4 },
    { 101, "", { 0, 0 }, 4 }, { 101, "", { 0, 0 }, 6 }, { 12, "", { 0, 0 }, 4 }, { 14, "", { 0, 0 }, 6 },
    { 228, "", { 0, 0 }, 4 }, { 229, "", { 0, 0 }, 6 },
    { 0, "02000000", { 0, 0 }, 4 }, { 0, "00000002", { 0, 0 }, 4 }, { 0, "1e000000", { 0, 0 }, 6 },
    { 0, "0000001c", { 0, 0 }, 6 }, { 108, "00000002", { 0, 0 }, 4 }, { 108, "00000018", { 0, 0 }, 6 },
};

static void link_layers(void **state)
{
    (void)state;
    for (size_t i = 0; i < WD_COUNT(links); i++) {
        struct run run;
        struct wd_buf p = { 0 };
        run_begin(&run);
        put_hex(&p, links[i].head);
        size_t link = p.len, ip = links[i].version == 4 ? 20 : 40;
        if (ip == 20)
            put_ipv4(&p, 6, 0, 25, 0);
        else
            put_ipv6(&p, 6, 25);
        put_tcp(&p, 9, 0);
        wd_buf_puts(&p, "hello");
        run_feed(&run, links[i].link_type, &p, 0);
        assert_int_equal(run.segments, 1);
        assert_memory_equal(run.payload.at, "hello", 5);
        assert_int_equal(run.segment.key.ip_version, links[i].version);
        assert_int_equal(run.segment.key.vlan[0], links[i].vlan[0]);
        assert_int_equal(run.segment.key.vlan[1], links[i].vlan[1]);
        assert_int_equal(run.segment.key.port[0], 40000);
        assert_int_equal(run.segment.key.port[1], 80);
        assert_int_equal(run.segment.key.addr[1][ip == 20 ? 3 : 15], 2);
        assert_int_equal(run.segment.seq, 9);
        assert_int_equal(run.segment.ack, 77);
        assert_int_equal(run.segment.window, 4096);
        assert_int_equal(run.segment.flags, WD_TCP_PSH | WD_TCP_ACK);
        check_layers(&run, link, ip, 20);
        run_end(&run);

        for (size_t cut = 1; cut <= p.len; cut++) {  /* every snap length */
            run_begin(&run);
            run_feed(&run, links[i].link_type, &p, cut);
            assert_int_equal(run.ledger.missing_bytes, cut);
            assert_int_equal(run.segments, cut <= 5);
            if (cut > 5)
                assert_int_equal(run.ledger.reason_streams[WD_REASON_INCOMPLETE], 1);
            else
                assert_int_equal(run.segment.wire_len, 5);
            run_end(&run);
        }
        wd_buf_free(&p);
    }
}

static void options_and_padding(void **state)
{
    (void)state;
    struct run run;
    struct wd_buf p = { 0 };
    run_begin(&run);
    put_ethernet(&p, 0x0800);
    put_ipv4(&p, 6, 40, 34, 0);
    put_tcp(&p, 1, 12);
    wd_buf_puts(&p, "ab");
    put_fill(&p, 10, 0);
    run_feed(&run, 1, &p, 0);
    assert_int_equal(run.payload.len, 2);
    check_layers(&run, 24, 60, 32);
    p.at[19]++;            /* the id: no copy */
    run_feed(&run, 1, &p, 4);  /* of the trailer: nothing of ours is missing */
    assert_int_equal(run.segments, 2);
    assert_int_equal(run.ledger.missing_bytes, 0);
    p.at[19]++;
    run_feed(&run, 1, &p, 20);  /* in the options of TCP: all that matters is there */
    assert_int_equal(run.segments, 3);
    assert_int_equal(run.segment.wire_len, 2);
    assert_int_equal(run.payload.len, 0);
    assert_int_equal(run.ledger.missing_bytes, 2);
    wd_buf_free(&p);
    run_end(&run);
}

static void length_left_to_the_card(void **state)
{
    (void)state;
    struct run run;
    struct wd_buf p = { 0 };
    run_begin(&run);
    put_ethernet(&p, 0x0800);
    put_ipv4(&p, 6, 0, 100020, 0);
    p.at[16] = p.at[17] = 0;
    put_tcp(&p, 1, 0);
    put_fill(&p, 100000, 'x');
    run_feed(&run, 1, &p, 0);
    assert_int_equal(run.payload.len, 100000);
    wd_buf_free(&p);
    put_ethernet(&p, 0x86dd);
    put_ipv6(&p, 6, 0);
    put_tcp(&p, 1, 0);
    put_fill(&p, 70000, 'x');
    run_feed(&run, 1, &p, 1000);
    assert_int_equal(run.payload.len, 69000);
    assert_int_equal(run.segment.wire_len, 70000);
    assert_int_equal(run.ledger.missing_bytes, 1000);
    wd_buf_free(&p);
    run_end(&run);
}

static void extension_headers(void **state)
{
    (void)state;
    struct run run;
    struct wd_buf p = { 0 };
    run_begin(&run);
    put_ipv6(&p, 0, 8 + 16 + 12 + 8 + 8 + 21);
    put_hex(&p, "2b 00 010400000000");                    /* hop by hop, then routing */
    put_hex(&p, "33 01 0000 00000000 0000000000000000");  /* routing, then authentication */
    put_hex(&p, "2c 01 0000 00000000 00000000");          /* authentication, then a fragment that is none */
    put_hex(&p, "3c 00 0000 00000007");                   /* then destination options */
    put_hex(&p, "06 00 010400000000");
    put_tcp(&p, 1, 0);
    wd_buf_puts(&p, "z");
    run_feed(&run, 101, &p, 0);
    assert_int_equal(run.segments, 1);
    check_layers(&run, 0, 92, 20);
    wd_buf_free(&p);
    run_end(&run);
}

static void set_aside(void **state)
{
    (void)state;
    static const struct { uint32_t link_type; const char *hex; } others[] = {
        { 1, "000000000000 000000000000 0806 0001" },
        { 1, "000000000000 000000000000 0040 aaaa" },
        { 101, "45000018 00000000 40110000 0a000001 0a000002 00350035" },
        { 101, "45000018 00002000 40110000 0a000001 0a000002 00350035" },
        { 101, "60000000 00043a40 fd000000000000000000000000000001 fd000000000000000000000000000002 80000000" },
        { 0, "07000000 00" },
        { 117, "0407 0000 00" },
        { 239, "0700 0000 0400 0900" },
        { 258, "0c000000 01000000 93000000" },                         /* a link that is unknown */
        { 258, "0c000000 01000000 02010000 0c000000 01000000 02010000" },
        { 105, "8000 0000" },                                          /* a beacon */
        { 105, "4801 0000 000000000000 000000000000 000000000000 0000" },                           /* no data */
        { 105, "0841 0000 000000000000 000000000000 000000000000 0000 aaaa030000000800 45" },       /* encrypted */
        { 105, "0801 0000 000000000000 000000000000 000000000000 0100 aaaa030000000800 45" },       /* a fragment */
        { 105, "8801 0000 000000000000 000000000000 000000000000 0000 8000 aaaa030000000800 45" },  /* several */
        { 105, "0801 0000 000000000000 000000000000 000000000000 0000 4242030000000800 45" },       /* not SNAP */
    };
    struct run run;
    run_begin(&run);
    for (size_t i = 0; i < WD_COUNT(others); i++) {
        struct wd_buf p = { 0 };
        put_hex(&p, others[i].hex);
        run_feed(&run, others[i].link_type, &p, 0);
        wd_buf_free(&p);
    }
    assert_int_equal(run.ledger.layer[WD_LAYER_OTHER], run.ledger.captured_bytes);
    run_end(&run);
}

static void malformed(void **state)
{
    (void)state;
    static const struct { uint32_t link_type; enum wd_reason reason; const char *hex; } broken[] = {
        { 1, WD_REASON_MALFORMED_LINK, "000000000000 000000000000 08" },
        { 1, WD_REASON_MALFORMED_LINK, "000000000000 000000000000 8100 0001 08" },
        { 147, WD_REASON_UNKNOWN_LINK, "00" },
        { 101, WD_REASON_MALFORMED_IP, "" },
        { 101, WD_REASON_MALFORMED_IP, "50000000" },
        { 228, WD_REASON_MALFORMED_IP, "60000000 00000640 fd000000000000000000000000000001 fd000000000000000000000000000002" },
        { 101, WD_REASON_MALFORMED_IP, "44000014 00000000 40060000 0a000001 0a000002" },  /* header of 16 */
        { 101, WD_REASON_MALFORMED_IP, "45000013 00000000 40060000 0a000001 0a000002" },  /* shorter than its header */
        { 101, WD_REASON_MALFORMED_TRANSPORT, "45000014 00000000 40060000 0a000001 0a000002" },
        { 101, WD_REASON_MALFORMED_TRANSPORT,
          "45000028 00000000 40060000 0a000001 0a000002 00010002 00000003 00000004 40101000 00000000" },
        { 101, WD_REASON_MALFORMED_TRANSPORT,
          "45000028 00000000 40060000 0a000001 0a000002 00010002 00000003 00000004 60101000 00000000" },
    };
    for (size_t i = 0; i < WD_COUNT(broken); i++) {
        struct run run;
        struct wd_buf p = { 0 };
        run_begin(&run);
        put_hex(&p, broken[i].hex);
        run_feed(&run, broken[i].link_type, &p, 0);
        assert_int_equal(run.ledger.reason_streams[broken[i].reason], 1);
        assert_int_equal(run.segments, 0);
        wd_buf_free(&p);
        run_end(&run);
    }
}

/* `len` bytes of a datagram from `off` on. */

static void feed_fragment(struct run *run, const struct wd_buf *datagram, size_t off, size_t len, int version)
{
    struct wd_buf p = { 0 };
    bool has_more = off + len < datagram->len;
    if (version == 4) {
        put_ipv4(&p, 6, 0, len, (uint16_t)(off / 8 | (has_more ? 0x2000 : 0)));
    } else {
        put_ipv6(&p, 44, len + 8);
        put_hex(&p, "0600");
        put16(&p, (uint16_t)(off | has_more), true);
        put32(&p, 99, true);
    }
    wd_buf_put(&p, wd_bytes_at(datagram->at + off, len));
    run_feed(run, 101, &p, 0);
    wd_buf_free(&p);
}

static void fragments(void **state)
{
    (void)state;
    static const int orders[][3] = { { 0, 1, 2 }, { 2, 1, 0 }, { 1, 2, 0 }, { 1, 0, 2 } };
    struct wd_buf datagram = { 0 };
    put_tcp(&datagram, 1, 0);
    for (int i = 0; i < 60; i++)
        wd_buf_byte(&datagram, (uint8_t)i);
    for (size_t i = 0; i < 2 * WD_COUNT(orders); i++) {
        struct run run;
        int version = i % 2 ? 4 : 6;
        run_begin(&run);
        for (int k = 0; k < 3; k++) {
            size_t off = (size_t)orders[i / 2][k] * 32;
            assert_int_equal(run.segments, 0);
            feed_fragment(&run, &datagram, off, off == 64 ? 16 : 32, version);
            if (k == 0)  /* the first again, later than a mirror copies */
                run.now_ns += 1000000000;
            if (k == 0)
                feed_fragment(&run, &datagram, off, off == 64 ? 16 : 32, version);
        }
        assert_int_equal(run.segments, 1);
        assert_int_equal(run.payload.len, 60);
        assert_memory_equal(run.payload.at, datagram.at + 20, 60);
        assert_int_equal(run.ledger.layer[WD_LAYER_DUPLICATE], orders[i / 2][0] == 2 ? 16 : 32);
        check_layers(&run, 0, version == 4 ? 80 : 192, 20);
        run_end(&run);
    }
    wd_buf_free(&datagram);
}

static void fragments_that_do_not_meet(void **state)
{
    (void)state;
    struct run run;
    struct wd_buf datagram = { 0 };
    put_tcp(&datagram, 1, 0);
    put_fill(&datagram, 2000, 'a');
    run_begin(&run);
    feed_fragment(&run, &datagram, 0, 32, 4);
    datagram.at[16] ^= 1;
    feed_fragment(&run, &datagram, 0, 32, 4);     /* contradicts what is held: both are given up */
    assert_int_equal(run.ledger.reason_bytes[WD_REASON_FRAGMENT], 64);
    feed_fragment(&run, &datagram, 32, 33, 4);    /* not a multiple of 8 */
    assert_int_equal(run.ledger.reason_bytes[WD_REASON_FRAGMENT], 97);
    feed_fragment(&run, &datagram, 0, 32, 6);     /* left at the end */
    run_end(&run);
    assert_int_equal(run.ledger.reason_bytes[WD_REASON_FRAGMENT], 129);
    assert_int_equal(run.ledger.reason_streams[WD_REASON_FRAGMENT], 3);
    assert_int_equal(run.segments, 0);

    run_begin(&run);
    for (size_t i = 0; i < 80; i++)               /* more than 64 of one datagram */
        feed_fragment(&run, &datagram, i * 16, 8, 4);
    assert_int_equal(run.ledger.reason_bytes[WD_REASON_FRAGMENT], 65 * 8);
    run_end(&run);
    assert_int_equal(run.ledger.reason_bytes[WD_REASON_FRAGMENT], 80 * 8);
    wd_buf_free(&datagram);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(link_layers),
        cmocka_unit_test(options_and_padding),
        cmocka_unit_test(length_left_to_the_card),
        cmocka_unit_test(extension_headers),
        cmocka_unit_test(set_aside),
        cmocka_unit_test(malformed),
        cmocka_unit_test(fragments),
        cmocka_unit_test(fragments_that_do_not_meet),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
