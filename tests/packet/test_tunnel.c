/* Tunnels: what is inside comes out, whole or cut anywhere; what only looks like one stays other. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "build.h"
#include "run.h"

#define ETHERNET "020000000001 020000000002 "
#define UDP(port) "c000 " port " 0000 0000 "

/* What stands before the inner datagram: the link header, then (with `outer`) an IP header of that protocol,
 * then more. */
static const struct tunnel {
    const char *name;
    uint32_t link_type;
    const char *link;
    int outer;              /* IP version, or 0 */
    uint8_t protocol;
    const char *head;
    int inner;
    bool names_network;
} tunnels[] = {
    { "VXLAN", 1, ETHERNET "0800", 4, 17, UDP("12b5") "08000000 00002a00" ETHERNET "0800", 4, true },
    { "VXLAN, 8472, IPv6", 1, ETHERNET "86dd", 6, 17, UDP("2118") "08000000 00002a00" ETHERNET "86dd", 6, true },
    { "VXLAN, policy, VLAN", 1, ETHERNET "0800", 4, 17, UDP("12b5") "88000017 00002a00" ETHERNET "8100 0005 0800", 4, true },
    { "GPE, IPv4", 1, ETHERNET "0800", 4, 17, UDP("12b6") "0c000001 00002a00", 4, true },
    { "GPE, IPv6", 1, ETHERNET "0800", 4, 17, UDP("12b6") "0c000002 00002a00", 6, true },
    { "GPE, Ethernet", 1, ETHERNET "0800", 4, 17, UDP("12b6") "0c000003 00002a00" ETHERNET "0800", 4, true },
    { "GPE, MPLS", 1, ETHERNET "0800", 4, 17, UDP("12b6") "0c000005 00002a00 00010140", 4, true },
    { "Geneve", 1, ETHERNET "0800", 4, 17, UDP("17c1") "00006558 00002a00" ETHERNET "0800", 4, true },
    { "Geneve, options", 1, ETHERNET "0800", 4, 17, UDP("17c1") "03406558 00002a00 01028001 11111111 22222222" ETHERNET "86dd", 6, true },
    { "Geneve, IP", 1, ETHERNET "0800", 4, 17, UDP("17c1") "00000800 00002a00", 4, true },
    { "GTP-U", 101, "", 4, 17, UDP("0868") "30ff0040 12345678", 4, false },
    { "GTP-U, sequence", 101, "", 4, 17, UDP("0868") "32ff0040 12345678 00010000", 6, false },
    { "GTP-U, PDU session", 101, "", 4, 17, UDP("0868") "34ff0040 12345678 00000085 01100900", 4, false },
    { "GTP-U, two extensions", 101, "", 6, 17, UDP("0868") "36ff0040 12345678 000100c0 01000085 02100900 00000000", 4, false },
    { "GRE", 101, "", 4, 47, "0000 0800", 4, false },
    { "GRE, IPv6 in IPv6", 101, "", 6, 47, "0000 86dd", 6, false },
    { "GRE, sum", 101, "", 4, 47, "8000 0800 ffff0000", 4, false },
    { "GRE, key", 101, "", 4, 47, "2000 0800 00000007", 4, true },
    { "GRE, all", 101, "", 4, 47, "b000 0800 ffff0000 00000007 00000001", 4, true },
    { "GRE, Ethernet", 101, "", 4, 47, "2000 6558 00000007" ETHERNET "0800", 4, true },
    { "NVGRE", 101, "", 4, 47, "2000 6558 00555517" ETHERNET "0800", 4, true },
    { "GRE, MPLS", 101, "", 4, 47, "0000 8847 00010140", 4, false },
    { "PPTP", 101, "", 4, 47, "3001 880b 00300007 00000001 ff03 0021", 4, false },
    { "PPTP, acknowledging", 101, "", 4, 47, "3081 880b 00300007 00000001 00000009 21", 4, false },
    { "ERSPAN I", 101, "", 4, 47, "0000 88be" ETHERNET "0800", 4, false },
    { "ERSPAN II", 101, "", 4, 47, "1000 88be 00000001 10050003 00000000" ETHERNET "0800", 4, false },
    { "ERSPAN III", 101, "", 4, 47, "1000 22eb 00000001 20050003 00000000 00000000" ETHERNET "0800", 4, false },
    { "ERSPAN III, platform", 101, "", 4, 47, "1000 22eb 00000001 20050003 00000000 00000001 00000000 00000000" ETHERNET "86dd", 6, false },
    { "ERSPAN III, IP", 101, "", 4, 47, "1000 22eb 00000001 20050003 00000000 00000800", 4, false },
    { "4 in 4", 1, ETHERNET "0800", 4, 4, "", 4, false },
    { "6 in 4", 1, ETHERNET "0800", 4, 41, "", 6, false },
    { "4 in 6", 1, ETHERNET "86dd", 6, 4, "", 4, false },
    { "6 in 6", 1, ETHERNET "86dd", 6, 41, "", 6, false },
    { "EtherIP", 101, "", 4, 97, "3000" ETHERNET "0800", 4, false },
    { "Ethernet in SRv6", 101, "", 6, 143, ETHERNET "0800", 4, false },
    { "MPLS in IP", 101, "", 4, 137, "00010140", 4, false },
    { "MPLS in UDP", 101, "", 4, 17, UDP("19eb") "00010140", 6, false },
    { "GRE in UDP", 101, "", 4, 17, UDP("1292") "0000 86dd", 6, false },
    { "MPLS", 1, ETHERNET "8847 00010140", 0, 0, "", 4, false },
    { "MPLS, three, IPv6", 1, ETHERNET "8847 00010040 00011040 00012140", 0, 0, "", 6, false },
    { "MPLS, explicit null", 1, ETHERNET "8848 00000140", 0, 0, "", 4, false },
    { "MPLS, IPv6 explicit null", 1, ETHERNET "8847 00002140", 0, 0, "", 6, false },
    { "MPLS, word", 1, ETHERNET "8847 00010140 00000000" ETHERNET "0800", 0, 0, "", 4, false },
    { "MPLS, no word", 1, ETHERNET "8847 00010140" ETHERNET "0800", 0, 0, "", 4, false },
    { "MPLS, no word, address 4", 1, ETHERNET "8847 00010140 450000000001 020000000002 0800", 0, 0, "", 4, false },
    { "PPPoE", 1, ETHERNET "8864 1100 0007 0030 0021", 0, 0, "", 4, true },
    { "PPPoE, compressed", 1, ETHERNET "8864 1100 0007 0030 57", 0, 0, "", 6, true },
    { "PPPoE in two VLANs", 1, ETHERNET "88a8 0002 8100 0003 8864 1100 0007 0030 0057", 0, 0, "", 6, true },
    { "PPP", 9, "0021", 0, 0, "", 4, false },
    { "PPP, HDLC", 9, "ff03 57", 0, 0, "", 6, false },
    { "PPP_HDLC", 50, "ff03 0021", 0, 0, "", 4, false },
    { "PPP, MPLS", 50, "ff03 0281 00010140", 0, 0, "", 4, false },
    { "PPP_WITH_DIR", 204, "01 ff03 0021", 0, 0, "", 4, false },
    { "PPP_PPPD", 166, "0003 0021", 0, 0, "", 4, false },
    { "PPP_ETHER", 51, "1100 0007 0030 0021", 0, 0, "", 4, true },
    { "C_HDLC", 104, "0f00 0800", 0, 0, "", 4, false },
    { "C_HDLC, IPv6", 104, "0f00 86dd", 0, 0, "", 6, false },
    { "LINKTYPE_MPLS", 219, "00010140", 0, 0, "", 4, false },
    { "PFLOG", 117, "3d02 0000" "0000000000000000 0000000000000000 0000000000000000 0000000000000000 0000000000000000"
      "0000000000000000 0000000000000000 00000000", 0, 0, "", 4, false },
    { "NFLOG", 239, "0200 0000 0800 0100 08000003 0500 0a00 00000000 0800 0900", 0, 0, "", 4, false },
    { "NFLOG, big", 239, "0a00 0000 0008 0001 08000003 0005 000a 00000000 0008 0009", 0, 0, "", 6, false },
    { "PKTAP", 258, "10000000 01000000 01000000 00000000" ETHERNET "0800", 0, 0, "", 4, false },
    { "PKTAP, loopback", 258, "10000000 01000000 00000000 00000000 1e000000", 0, 0, "", 6, false },
    { "802.11", 105, "0801 0000" ETHERNET "020000000003 1000 aaaa030000000800", 0, 0, "", 4, false },
    { "802.11, QoS", 105, "8802 0000" ETHERNET "020000000003 1000 0000 aaaa0300000086dd", 0, 0, "", 6, false },
    { "802.11, QoS, HT, 4 addresses", 105, "8883 0000" ETHERNET "020000000003 1000 020000000004 0000 00000000"
      "aaaa030000000800", 0, 0, "", 4, false },
    { "radiotap", 127, "00000900 02000000 10 0801 0000" ETHERNET "020000000003 1000 aaaa030000000800", 0, 0, "", 4, false },
    { "radiotap, time, padded", 127, "00001d00 030000a0 00000080 00000000 0000000000000000 20 00000000 8801 0000"
      ETHERNET "020000000003 1000 0000 0000 aaaa030000000800", 0, 0, "", 4, false },
    { "ENC", 109, "02000000 00000000 00000000", 0, 0, "", 4, false },
};

enum { TCP_AND_DATA = 25 };

static void put_inner(struct wd_buf *out, int version)
{
    if (version == 4)
        put_ipv4(out, 6, 0, TCP_AND_DATA, 0);
    else
        put_ipv6(out, 6, TCP_AND_DATA);
    put_tcp(out, 9, 0);
    wd_buf_puts(out, "hello");
}

static size_t inner_len(const struct tunnel *t)
{
    return (t->inner == 4 ? 20u : 40u) + TCP_AND_DATA;
}

/* All of it; returns where the inner datagram starts. */
static size_t put_tunnel(struct wd_buf *out, const struct tunnel *t)
{
    struct wd_buf head = { 0 };
    put_hex(&head, t->head);
    put_hex(out, t->link);
    if (t->outer == 4)
        put_ipv4(out, t->protocol, 0, head.len + inner_len(t), 0);
    else if (t->outer == 6)
        put_ipv6(out, t->protocol, head.len + inner_len(t));
    wd_buf_put(out, wd_buf_bytes(&head));
    wd_buf_free(&head);
    size_t at = out->len;
    put_inner(out, t->inner);
    return at;
}

static void check(const struct tunnel *t, const struct run *run, size_t link)
{
    if (run->segments != 1 || run->payload.len != 5)
        fail_msg("%s: %d segments, other %d, undecoded %d", t->name, run->segments,
                 (int)run->ledger.layer[WD_LAYER_OTHER], (int)run->ledger.layer[WD_LAYER_UNDECODED]);
    assert_memory_equal(run->payload.at, "hello", 5);
    assert_int_equal(run->segment.seq, 9);
    assert_int_equal(run->segment.key.ip_version, t->inner);
    assert_int_equal(run->segment.key.addr[1][t->inner == 4 ? 3 : 15], 2);
    assert_int_equal(run->segment.key.addr[1][15], t->inner == 4 ? 0 : 2);  /* nothing left of the outer address */
    assert_int_equal(run->segment.key.tunnel != 0, t->names_network);
    assert_int_equal(run->ledger.layer[WD_LAYER_LINK], link);
    assert_int_equal(run->ledger.layer[WD_LAYER_IP], t->inner == 4 ? 20 : 40);
    assert_int_equal(run->ledger.layer[WD_LAYER_TRANSPORT], 20);
}

static void each_tunnel(void **state)
{
    (void)state;
    for (size_t i = 0; i < WD_COUNT(tunnels); i++) {
        struct run run;
        struct wd_buf p = { 0 };
        size_t at = put_tunnel(&p, &tunnels[i]);
        put_fill(&p, 3, 0xee);  /* a trailer */
        run_begin(&run);
        run_feed(&run, tunnels[i].link_type, &p, 0);
        check(&tunnels[i], &run, at + 3);
        run_end(&run);
        wd_buf_free(&p);
    }
}

/* Every snap length, and every length a packet could really have had. */
static void cut_anywhere(void **state)
{
    (void)state;
    for (size_t i = 0; i < WD_COUNT(tunnels); i++) {
        struct run run;
        struct wd_buf p = { 0 };
        put_tunnel(&p, &tunnels[i]);
        for (size_t cut = 1; cut <= p.len; cut++) {
            run_begin(&run);
            run_feed(&run, tunnels[i].link_type, &p, cut);
            assert_int_equal(run.ledger.missing_bytes, cut);
            assert_int_equal(run.segments, cut <= 5);
            if (cut <= 5)
                assert_int_equal(run.segment.wire_len, 5);
            else if (!run.ledger.layer[WD_LAYER_OTHER])  /* before anything showed that it is a tunnel */
                assert_int_equal(run.ledger.reason_streams[WD_REASON_INCOMPLETE], 1);
            run_end(&run);
        }
        for (size_t whole = p.len; p.len > 0; p.len--) {
            run_begin(&run);
            run_feed(&run, tunnels[i].link_type, &p, 0);
            assert_true(p.len < whole || run.segments == 1);
            run_end(&run);
        }
        wd_buf_free(&p);
    }
}

/* Any byte of the headers, with any value: nobody reads beyond, and the books balance. */
static void any_byte_wrong(void **state)
{
    (void)state;
    for (size_t i = 0; i < WD_COUNT(tunnels); i++) {
        struct run run;
        struct wd_buf p = { 0 };
        put_tunnel(&p, &tunnels[i]);
        run_begin(&run);
        for (size_t at = 0; at < p.len; at++) {
            uint8_t right = p.at[at];
            for (unsigned value = 0; value < 256; value += at % 2 ? 1 : 5) {
                p.at[at] = (uint8_t)value;
                run_feed(&run, tunnels[i].link_type, &p, value % 3 * 7);
            }
            p.at[at] = right;
        }
        run_end(&run);
        wd_buf_free(&p);
    }
}

static struct wd_flow_key key_of(uint32_t link_type, const struct wd_buf *p)
{
    struct run run;
    run_begin(&run);
    run_feed(&run, link_type, p, 0);
    assert_int_equal(run.segments, 1);
    run_end(&run);
    return run.segment.key;
}

static void networks(void **state)
{
    (void)state;
    static const struct { size_t row, byte; bool tells_apart; } changes[] = {
        { 0, 26, false },               /* outer address: the other end of the tunnel answers */
        { 0, 14 + 20 + 8 + 4, true },   /* VNI */
        { 7, 14 + 20 + 8 + 6, true },   /* VNI of Geneve */
        { 10, 20 + 8 + 5, false },      /* GTP: each direction has a TEID of its own */
        { 17, 20 + 7, true },           /* GRE key */
        { 19, 20 + 7, true },           /* key of a bridge in GRE */
        { 20, 20 + 6, true },           /* NVGRE: subnet */
        { 20, 20 + 7, false },          /* NVGRE: flow */
        { 22, 20 + 7, false },          /* PPTP: each direction has a call of its own */
        { 25, 20 + 11, false },         /* ERSPAN: sessions are of the mirror */
        { 38, 15, false },              /* label: each direction has its own */
        { 45, 17, true },               /* PPPoE: session */
    };
    for (size_t i = 0; i < WD_COUNT(changes); i++) {
        const struct tunnel *t = &tunnels[changes[i].row];
        struct wd_buf p = { 0 };
        put_tunnel(&p, t);
        struct wd_flow_key before = key_of(t->link_type, &p);
        p.at[changes[i].byte] ^= 0x11;
        struct wd_flow_key after = key_of(t->link_type, &p);
        if ((memcmp(&before, &after, sizeof before) != 0) != changes[i].tells_apart)
            fail_msg("%s, byte %zu", t->name, changes[i].byte);
        wd_buf_free(&p);
    }
}

static void only_looks_like_one(void **state)
{
    (void)state;
    static const struct { uint8_t protocol; const char *hex; } others[] = {
        { 17, UDP("12b5") "00000000 00000100" ETHERNET "0800" },               /* no VNI */
        { 17, UDP("12b5") "08000000 00000101" ETHERNET "0800" },               /* reserved byte */
        { 17, UDP("12b5") "38000000 00000100" ETHERNET "0800" },               /* version */
        { 17, UDP("12b5") "08000000 00000100" ETHERNET "0806" },               /* ARP inside */
        { 17, UDP("12b6") "0c000007 00000100" ETHERNET "0800" },               /* next: unknown */
        { 17, UDP("12b5") "08000000" },
        { 17, UDP("12b5") "08000000 00000100 0200" },
        { 17, UDP("17c1") "40006558 00000100" ETHERNET "0800" },               /* version */
        { 17, UDP("17c1") "00016558 00000100" ETHERNET "0800" },               /* reserved bits */
        { 17, UDP("17c1") "3f006558 00000100" },                               /* more options than there is */
        { 17, UDP("0868") "32020000 00000000 00000000" },                      /* echo response */
        { 17, UDP("0868") "50ff0000 00000000 45000000" },                      /* GTP 2 */
        { 17, UDP("0868") "34ff0000 00000000 00000085 00100900 45000000" },    /* extension without length */
        { 17, UDP("0868") "30ff0000 00000000 02000000" },                      /* neither IPv4 nor IPv6 */
        { 17, UDP("0035") "08000000 00000100" ETHERNET "0800" },
        { 17, "12b5 c000 0000 0000 08000000 00000100" ETHERNET "0800" },       /* from the port, not to it */
        { 17, "c000 12" },
        { 47, "4000 0800 00000000 45000000" },                                 /* routing */
        { 47, "0002 0800 45000000" },                                          /* version 2 */
        { 47, "2001 880b 00000007" },                                          /* PPTP that only acknowledges */
        { 47, "0000 0806 00000000" },
        { 47, "1000 88be 00000001 70050003 00000000" ETHERNET "0800" },        /* ERSPAN version */
        { 137, "00010140 10000000" ETHERNET "0800" },                          /* a pseudowire's own channel */
        { 97, "2000" ETHERNET "0800" },
        { 50, "00000000 00000000" },                                           /* IPsec */
    };
    struct run run;
    run_begin(&run);
    for (size_t i = 0; i < WD_COUNT(others); i++) {
        struct wd_buf head = { 0 }, p = { 0 };
        put_hex(&head, others[i].hex);
        put_ipv4(&p, others[i].protocol, 0, head.len, 0);
        wd_buf_put(&p, wd_buf_bytes(&head));
        run_feed(&run, 101, &p, 0);
        if (run.ledger.layer[WD_LAYER_OTHER] != run.ledger.captured_bytes)
            fail_msg("row %zu", i);
        wd_buf_free(&head);
        wd_buf_free(&p);
    }
    assert_int_equal(run.segments, 0);
    run_end(&run);
}

static void broken_inside(void **state)
{
    (void)state;
    static const struct { uint8_t protocol; enum wd_reason reason; uint64_t link; const char *hex; } broken[] = {
        { 47, WD_REASON_MALFORMED_LINK, 20, "2000 08" },
        { 47, WD_REASON_MALFORMED_LINK, 20, "b000 0800 00000000 0000" },
        { 137, WD_REASON_MALFORMED_LINK, 20, "00010040 00010040" },             /* no label is the last */
        { 4, WD_REASON_MALFORMED_IP, 20, "" },
        { 4, WD_REASON_MALFORMED_IP, 20, "60000000 00000640 fd000000000000000000000000000001 fd000000000000000000000000000002" },
        { 41, WD_REASON_MALFORMED_IP, 20, "60000000" },
        { 47, WD_REASON_MALFORMED_IP, 24, "0000 0800 44000014 00000000 40060000 0a000001 0a000002" },
        { 4, WD_REASON_MALFORMED_TRANSPORT, 20, "45000014 00000000 40060000 0a000001 0a000002" },
    };
    for (size_t i = 0; i < WD_COUNT(broken); i++) {
        struct run run;
        struct wd_buf head = { 0 }, p = { 0 };
        put_hex(&head, broken[i].hex);
        put_ipv4(&p, broken[i].protocol, 0, head.len, 0);
        wd_buf_put(&p, wd_buf_bytes(&head));
        run_begin(&run);
        run_feed(&run, 101, &p, 0);
        assert_int_equal(run.ledger.reason_streams[broken[i].reason], 1);
        assert_int_equal(run.ledger.layer[WD_LAYER_LINK], broken[i].link);
        assert_int_equal(run.segments, 0);
        run_end(&run);
        wd_buf_free(&head);
        wd_buf_free(&p);
    }
}

/* `depth` times IP in IP, then TCP. */
static void put_nested(struct wd_buf *out, size_t depth)
{
    for (size_t left = depth; left > 0; left--)
        put_ipv4(out, 4, 0, left * 20 + TCP_AND_DATA, 0);
    put_inner(out, 4);
}

static void nested(void **state)
{
    (void)state;
    for (size_t depth = 7; depth <= 40; depth++) {
        struct run run;
        struct wd_buf p = { 0 };
        put_nested(&p, depth);
        run_begin(&run);
        run_feed(&run, 101, &p, 0);
        assert_int_equal(run.segments, depth <= 8);
        assert_int_equal(run.ledger.layer[WD_LAYER_LINK], depth <= 8 ? depth * 20 : 180);
        assert_int_equal(run.ledger.reason_bytes[WD_REASON_LIMIT],
                         depth <= 8 ? 0 : (depth - 8) * 20 + TCP_AND_DATA);
        assert_int_equal(run.ledger.reason_streams[WD_REASON_LIMIT], depth > 8);
        run_end(&run);
        wd_buf_free(&p);
    }
}

/* Headers that say: more of the same. */
static void turtles(void **state)
{
    (void)state;
    static const struct { const char *start, *again; enum wd_reason reason; } all[] = {
        { ETHERNET "6558", ETHERNET "6558", WD_REASON_LIMIT },
        { ETHERNET "8847", "00010040", WD_REASON_MALFORMED_LINK },
        { ETHERNET "8847", "00010140 00000000" ETHERNET "8847", WD_REASON_LIMIT },
        { ETHERNET "8864", "1100 0001 0000 0281 00010140" ETHERNET "8864", WD_REASON_LIMIT },
        { ETHERNET "8100", "0001 8100", WD_REASON_MALFORMED_LINK },
        { ETHERNET "0800", "45000000 00000000 40040000 0a000001 0a000002", WD_REASON_LIMIT },
        { ETHERNET "0800", "45000000 00000000 402f0000 0a000001 0a000002 00006558" ETHERNET "0800", WD_REASON_LIMIT },
        { ETHERNET "0800", "45000000 00000000 40110000 0a000001 0a000002" UDP("12b5") "0800000000000100" ETHERNET "0800", WD_REASON_LIMIT },
    };
    for (size_t i = 0; i < WD_COUNT(all); i++) {
        struct run run;
        struct wd_buf p = { 0 };
        put_hex(&p, all[i].start);
        for (int n = 0; n < 3000; n++)
            put_hex(&p, all[i].again);
        run_begin(&run);
        run_feed(&run, 1, &p, 0);
        if (run.ledger.reason_streams[all[i].reason] != 1)
            fail_msg("row %zu", i);
        run_end(&run);
        wd_buf_free(&p);
    }
}

/* --- fragments --- */

/* `len` bytes from `off` of what an IPv4 or IPv6 header of this protocol would carry, with `around` before
 * it. */
static void feed_fragment(struct run *run, struct wd_bytes datagram, size_t off, size_t len, uint8_t protocol,
                          int version, const char *around)
{
    struct wd_buf p = { 0 };
    bool has_more = off + len < datagram.len;
    put_hex(&p, around);
    if (version == 4) {
        put_ipv4(&p, protocol, 0, len, (uint16_t)(off / 8 | (has_more ? 0x2000 : 0)));
    } else {
        put_ipv6(&p, 44, len + 8);
        wd_buf_byte(&p, protocol);
        wd_buf_byte(&p, 0);
        put16(&p, (uint16_t)(off | has_more), true);
        put32(&p, 99, true);
    }
    wd_buf_put(&p, wd_bytes_at(datagram.at + off, len));
    run_feed(run, *around ? 1 : 101, &p, 0);
    wd_buf_free(&p);
}

static const size_t orders[][3] = { { 0, 1, 2 }, { 2, 1, 0 }, { 1, 2, 0 }, { 1, 0, 2 } };

static void outer_fragments(void **state)
{
    (void)state;
    struct wd_buf datagram = { 0 };
    put_hex(&datagram, UDP("12b5") "08000000 00002a00" ETHERNET "0800");
    put_inner(&datagram, 4);
    for (size_t i = 0; i < 2 * WD_COUNT(orders); i++) {
        struct run run;
        int version = i % 2 ? 4 : 6;
        run_begin(&run);
        for (int k = 0; k < 3; k++) {
            size_t off = orders[i / 2][k] * 32;
            assert_int_equal(run.segments, 0);
            size_t len = off == 64 ? datagram.len - 64 : 32;
            feed_fragment(&run, wd_buf_bytes(&datagram), off, len, 17, version, "");
        }
        assert_int_equal(run.segments, 1);
        assert_memory_equal(run.payload.at, "hello", 5);
        assert_true(run.segment.key.tunnel);
        assert_int_equal(run.ledger.layer[WD_LAYER_LINK], 3 * (version == 4 ? 20 : 48) + 30);
        assert_int_equal(run.ledger.layer[WD_LAYER_IP], 20);
        run_end(&run);
    }
    wd_buf_free(&datagram);
}

static void inner_fragments(void **state)
{
    (void)state;
    struct wd_buf tcp = { 0 };
    put_tcp(&tcp, 9, 0);
    put_fill(&tcp, 60, 'x');
    for (size_t i = 0; i < WD_COUNT(orders); i++) {
        struct run run;
        run_begin(&run);
        for (int k = 0; k < 3; k++) {
            size_t off = orders[i][k] * 32;
            feed_fragment(&run, wd_buf_bytes(&tcp), off, off == 64 ? 16 : 32, 6, 4,
                          ETHERNET "8864 1100 0007 0030 0021");
        }
        assert_int_equal(run.segments, 1);
        assert_int_equal(run.payload.len, 60);
        assert_true(run.segment.key.tunnel);
        assert_int_equal(run.ledger.layer[WD_LAYER_LINK], 3 * 22);
        assert_int_equal(run.ledger.layer[WD_LAYER_IP], 60);
        run_end(&run);
    }
    wd_buf_free(&tcp);
}

/* A fragment of a datagram whose own frame came in fragments. */
static void fragments_in_fragments(void **state)
{
    (void)state;
    struct run run;
    struct wd_buf tcp = { 0 };
    put_tcp(&tcp, 9, 0);
    put_fill(&tcp, 60, 'x');
    run_begin(&run);
    for (size_t off = 0; off < 80; off += 40) {
        struct wd_buf datagram = { 0 };
        put_ipv4(&datagram, 6, 0, 40, (uint16_t)(off / 8 | (off ? 0 : 0x2000)));
        wd_buf_put(&datagram, wd_bytes_at(tcp.at + off, 40));
        feed_fragment(&run, wd_buf_bytes(&datagram), 0, 32, 4, 6, "");
        feed_fragment(&run, wd_buf_bytes(&datagram), 32, 28, 4, 6, "");
        wd_buf_free(&datagram);
    }
    assert_int_equal(run.segments, 1);
    assert_int_equal(run.payload.len, 60);
    assert_int_equal(run.ledger.layer[WD_LAYER_LINK], 4 * 48);
    assert_int_equal(run.ledger.layer[WD_LAYER_IP], 40);
    run_end(&run);
    wd_buf_free(&tcp);
}

/* UDP that is no tunnel is other, whichever fragment comes first; a tunnel of which a part is missing is
 * undecoded. */
static void fragments_of_others(void **state)
{
    (void)state;
    for (size_t i = 0; i < WD_COUNT(orders); i++) {
        struct run run;
        struct wd_buf datagram = { 0 };
        put_hex(&datagram, UDP("0035"));
        put_fill(&datagram, 70, 'x');
        run_begin(&run);
        for (int k = 0; k < 3; k++) {
            size_t off = orders[i][k] * 32;
            feed_fragment(&run, wd_buf_bytes(&datagram), off, off == 64 ? 14 : 32, 17, i % 2 ? 4 : 6, "");
        }
        feed_fragment(&run, wd_buf_bytes(&datagram), 64, 8, 1, 4, "");
        run_end(&run);
        assert_int_equal(run.ledger.layer[WD_LAYER_OTHER], run.ledger.captured_bytes);

        datagram.at[2] = 0x12;
        datagram.at[3] = 0xb5;
        run_begin(&run);
        feed_fragment(&run, wd_buf_bytes(&datagram), 0, 32, 17, 4, "");
        feed_fragment(&run, wd_buf_bytes(&datagram), 64, 14, 17, 4, "");
        run_end(&run);
        assert_int_equal(run.ledger.reason_bytes[WD_REASON_FRAGMENT], 46);
        assert_int_equal(run.ledger.layer[WD_LAYER_LINK], 40);
        wd_buf_free(&datagram);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_tunnel), cmocka_unit_test(cut_anywhere), cmocka_unit_test(any_byte_wrong),
        cmocka_unit_test(networks), cmocka_unit_test(only_looks_like_one), cmocka_unit_test(broken_inside),
        cmocka_unit_test(nested), cmocka_unit_test(turtles), cmocka_unit_test(outer_fragments),
        cmocka_unit_test(inner_fragments), cmocka_unit_test(fragments_in_fragments),
        cmocka_unit_test(fragments_of_others),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
