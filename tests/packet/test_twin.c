/* The same packet twice, however it was seen the second time; and packets that are only alike. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "build.h"
#include "run.h"

enum { MS = 1000000 };

/* A segment and how it is sent; put() makes the bytes. */
struct shape {
    int version;
    uint16_t id;
    uint8_t hops, service;
    uint32_t seq;
    uint8_t flags;
    uint32_t timestamp;    /* 0: no option */
    uint16_t sum;
    size_t payload;
    uint8_t fill;
    bool is_reverse;
};

static const struct shape usual = { .version = 4, .id = 7, .hops = 64, .seq = 1000, .flags = 0x18, .sum = 0x1234,
                                    .payload = 300, .fill = 'x' };

static void put_shape(struct wd_buf *out, const struct shape *s)
{
    size_t at = out->len, options = s->timestamp ? 12 : 0, tcp = 20 + options + s->payload;
    if (s->version == 4)
        put_ipv4(out, 6, 0, tcp, 0);
    else
        put_ipv6(out, 6, tcp);
    uint8_t *ip = out->at + at;
    if (s->version == 4) {
        ip[1] = s->service;
        ip[4] = (uint8_t)(s->id >> 8);
        ip[5] = (uint8_t)s->id;
        ip[8] = s->hops;
        ip[10] = s->hops;  /* the header's own sum */
    } else {
        ip[0] |= s->service >> 4;
        ip[1] |= (uint8_t)(s->service << 4);
        ip[7] = s->hops;
    }
    if (s->is_reverse) {
        size_t addresses = s->version == 4 ? 12 : 8, last = s->version == 4 ? 3 : 15;
        ip[addresses + last] = 2;
        ip[addresses + 2 * last + 1] = 1;
    }
    size_t start = out->len;
    put_tcp(out, s->seq, 0);
    uint8_t *head = out->at + start;
    if (s->is_reverse) {
        memcpy(head, "\x00\x50\x9c\x40", 4);
    }
    head[12] = (uint8_t)((20 + options) / 4 << 4);
    head[13] = s->flags;
    head[16] = (uint8_t)(s->sum >> 8);
    head[17] = (uint8_t)s->sum;
    if (options) {
        put_hex(out, "0101080a");
        put32(out, s->timestamp, true);
        put32(out, 1, true);
    }
    put_fill(out, s->payload, s->fill);
}

#define FRAME "020000000001 020000000002 "
#define PLAIN FRAME "0800"
#define PLAIN_6 FRAME "86dd"
#define TAGGED FRAME "8100 0007 0800"
#define TAGGED_6 FRAME "8100 0007 86dd"
#define VXLAN \
    "020000000009 020000000008 0800 45000000 00000000 40110000 c0a80001 c0a80002 c000 12b5 0000 0000 "                  \
    "08000000 00002a00 " PLAIN

static void feed_in(struct run *run, const char *around, const struct shape *s, size_t cut)
{
    struct wd_buf p = { 0 };
    put_hex(&p, around);
    put_shape(&p, s);
    run_feed(run, *around ? 1 : 101, &p, cut);
    wd_buf_free(&p);
}

/* Whether `second`, so much later, was taken for a copy of `first`. */
static bool is_copy(const char *around, const struct shape *first, const char *around_second,
                    const struct shape *second, int64_t later_ns)
{
    struct run run;
    run_begin(&run);
    feed_in(&run, around, first, 0);
    uint64_t before = run.ledger.captured_bytes;
    run.now_ns += later_ns;
    feed_in(&run, around_second, second, 0);
    bool is_copy = run.segments == 1;
    assert_int_equal(run.ledger.layer[WD_LAYER_DUPLICATE], is_copy ? run.ledger.captured_bytes - before : 0);
    run_end(&run);
    return is_copy;
}

static void copies(void **state)
{
    (void)state;
    struct shape s = usual, other = usual;
    assert_true(is_copy(PLAIN, &s, PLAIN, &s, 0));
    assert_true(is_copy(PLAIN, &s, PLAIN, &s, 100 * MS));
    assert_true(is_copy(PLAIN, &s, PLAIN, &s, -100 * MS));   /* two interfaces, one after the other */
    assert_false(is_copy(PLAIN, &s, PLAIN, &s, 100 * MS + 1));
    other.hops = 63;
    other.service = 0xb9;
    assert_true(is_copy(PLAIN, &s, PLAIN, &other, MS));
    assert_true(is_copy(PLAIN, &s, "020000000003 020000000004 8100 0007 0800", &other, MS));
    assert_true(is_copy(PLAIN, &s, VXLAN, &other, MS));
    assert_true(is_copy(VXLAN, &s, PLAIN, &s, MS));
    s.version = other.version = 6;
    s.timestamp = other.timestamp = 99;
    assert_true(is_copy("", &s, "", &other, 100 * MS));
}

static void alike(void **state)
{
    (void)state;
    struct shape s = usual;
    s.timestamp = 99;
#define DIFFERS(member, value)                                  \
    do {                                                        \
        struct shape other = s;                                 \
        other.member = value;                                   \
        assert_false(is_copy(PLAIN, &s, PLAIN, &other, 0));     \
    } while (0)
    DIFFERS(id, 8);           /* a retransmission */
    DIFFERS(timestamp, 100);
    DIFFERS(seq, 1001);
    DIFFERS(flags, 0x10);
    DIFFERS(sum, 0x4321);     /* something in the middle */
    DIFFERS(payload, 299);
    DIFFERS(fill, 'y');
    DIFFERS(is_reverse, true);
}

/* What a sender leaves to its network card is the sum of addresses, protocol and length. */
static void checksum_left_to_the_card(void **state)
{
    (void)state;
    struct shape s = usual, other = usual;
    s.sum = 0x0a00 + 0x0001 + 0x0a00 + 0x0002 + 6 + 320;
    assert_true(is_copy(PLAIN, &s, PLAIN, &other, 0));
    assert_true(is_copy(PLAIN, &other, PLAIN, &s, 0));
    s.sum++;
    assert_false(is_copy(PLAIN, &s, PLAIN, &other, 0));
    s.sum = 0;
    assert_true(is_copy(PLAIN, &s, PLAIN, &other, 0));
}

/* Neither id nor timestamp: the circumstances decide. */
static void nothing_that_changes(void **state)
{
    (void)state;
    struct shape s = usual;
    for (s.version = 4; s.version <= 6; s.version += 2) {
        struct shape routed = s, bare;
        s.id = routed.id = 0;
        routed.hops = 63;
        bare = s;
        bare.payload = 0;
        bare.flags = WD_TCP_ACK;
        const char *around = s.version == 4 ? PLAIN : PLAIN_6, *tagged = s.version == 4 ? TAGGED : TAGGED_6;
        assert_true(is_copy(around, &s, around, &s, MS));
        assert_false(is_copy(around, &s, around, &s, MS + 1));
        assert_true(is_copy(around, &s, around, &routed, 50 * MS));
        assert_true(is_copy(around, &s, tagged, &s, 50 * MS));
        assert_false(is_copy(around, &bare, around, &bare, 0));   /* a receiver repeats itself */
        assert_true(is_copy(around, &bare, tagged, &bare, 0));
        bare.flags = WD_TCP_SYN;
        assert_true(is_copy(around, &bare, around, &bare, 0));
    }
}

/* An id that every packet has tells nothing. */
static void constant_id(void **state)
{
    (void)state;
    struct run run;
    struct shape s = usual;
    run_begin(&run);
    s.seq = 1;
    feed_in(&run, PLAIN, &s, 0);
    s.seq = 301;
    feed_in(&run, PLAIN, &s, 0);
    run.now_ns = 5 * MS;
    feed_in(&run, PLAIN, &s, 0);
    assert_int_equal(run.segments, 3);
    run_end(&run);
}

static void window(void **state)
{
    (void)state;
    for (uint16_t between = 0; between < 100; between++) {
        struct run run;
        struct shape s = usual;
        run_begin(&run);
        feed_in(&run, PLAIN, &s, 0);
        for (uint16_t i = 0; i < between; i++) {
            struct shape other = usual;
            other.id = (uint16_t)(100 + i);
            other.seq += 300u * (i + 1);
            feed_in(&run, PLAIN, &other, 0);
        }
        feed_in(&run, PLAIN, &s, 0);
        assert_int_equal(run.segments, between < 63 ? between + 1 : between + 2);
        run_end(&run);
    }
}

/* From several interfaces: all of one, then all of the other. */
static void two_interfaces(void **state)
{
    (void)state;
    static const uint16_t bursts[] = { 100, 16383, 16384 };
    for (size_t i = 0; i < WD_COUNT(bursts); i++) {
        struct run run;
        run_begin(&run);
        for (int round = 0; round < 2; round++) {
            struct shape s = usual;
            s.payload = 10;
            for (s.id = 1; s.id <= bursts[i]; s.id++) {
                s.seq += 10;
                feed_in(&run, round ? VXLAN : PLAIN, &s, 0);
                run.interfaces = s.id > 20 ? 2 : 1;  /* a description may stand among the packets */
            }
        }
        assert_int_equal(run.segments, bursts[i] < 16384 ? bursts[i] : 2 * bursts[i]);
        run_end(&run);
    }
}

/* A copy that was cut shorter adds nothing; one that was cut less does. What is left of the TCP header has to be
 * enough to find the first by, whatever the seed. */
static void cut(void **state)
{
    (void)state;
    for (size_t first = 0; first < 350; first += 7) {
        for (size_t second = 0; second < 350; second += 7) {
            struct run run;
            struct shape s = usual;
            run_begin(&run);
            feed_in(&run, PLAIN, &s, first);
            int segments = run.segments;
            uint64_t before = run.ledger.captured_bytes;
            bool is_copy = second >= first && (second <= 300 || (first > 300 && second <= 320));
            feed_in(&run, PLAIN, &s, second);
            assert_int_equal(run.ledger.layer[WD_LAYER_DUPLICATE], is_copy ? run.ledger.captured_bytes - before : 0);
            assert_int_equal(run.segments, segments + (second <= 300 && !is_copy));
            run_end(&run);
        }
    }
}

/* --- one connection, seen in two networks --- */

static struct wd_flow_key last_key(struct run *run, const char *around, const struct shape *s)
{
    int before = run->segments;
    feed_in(run, around, s, 0);
    assert_int_equal(run->segments, before + 1);
    return run->segment.key;
}

static void turn(struct wd_flow_key *key)
{
    struct wd_flow_key was = *key;
    memcpy(key->addr[0], was.addr[1], sizeof was.addr[0]);
    memcpy(key->addr[1], was.addr[0], sizeof was.addr[0]);
    key->port[0] = was.port[1];
    key->port[1] = was.port[0];
}

/* What leaves is seen plain and then in a tunnel, what comes in the tunnel and then plain: one connection
 * still. */
static void two_networks(void **state)
{
    (void)state;
    static const char *const around[] = { PLAIN, VXLAN, TAGGED };
    for (size_t first = 0; first < WD_COUNT(around); first++) {
        for (size_t second = 0; second < WD_COUNT(around); second++) {
            struct run run;
            struct shape out = usual, in = usual;
            in.is_reverse = true;
            in.seq = 77;
            run_begin(&run);
            struct wd_flow_key there = last_key(&run, around[first], &out), back;
            feed_in(&run, around[second], &out, 0);
            back = last_key(&run, around[second], &in);
            feed_in(&run, around[first], &in, 0);
            assert_int_equal(run.segments, 2);
            turn(&back);
            assert_memory_equal(&there, &back, sizeof there);
            out.seq += 300;
            out.id++;
            struct wd_flow_key third = last_key(&run, around[(second + 1) % 3], &out);
            feed_in(&run, around[first], &out, 0);   /* now all three are known to be the same */
            out.seq += 300;
            out.id++;
            struct wd_flow_key again = last_key(&run, around[second], &out);
            out.seq += 300;
            out.id++;
            third = last_key(&run, around[(second + 1) % 3], &out);
            assert_memory_equal(&again, &third, sizeof again);
            run_end(&run);
        }
    }
}

/* The answer to a SYN belongs to it, even if it comes first from where the copy of the SYN is still to come.
 * */
static void answer_elsewhere(void **state)
{
    (void)state;
    for (int version = 4; version <= 6; version += 2) {
        for (uint32_t wrong = 0; wrong < 2; wrong++) {
            struct run run;
            struct wd_buf p = { 0 };
            struct shape syn = usual, answer = usual;
            syn.version = answer.version = version;
            syn.flags = WD_TCP_SYN;
            syn.seq = 76 - wrong;   /* put_tcp() acknowledges 77 */
            syn.payload = answer.payload = 0;
            answer.flags = WD_TCP_SYN | WD_TCP_ACK;
            answer.is_reverse = true;
            put_hex(&p, version == 4 ? PLAIN : PLAIN_6);
            size_t at = p.len;
            put_shape(&p, &syn);
            memset(p.at + at + (version == 4 ? 20 : 40) + 8, 0, 4);
            run_begin(&run);
            run_feed(&run, 1, &p, 0);
            struct wd_flow_key there = run.segment.key, back;
            back = last_key(&run, version == 4 ? TAGGED : TAGGED_6, &answer);
            turn(&back);
            assert_int_equal(memcmp(&there, &back, sizeof there) != 0, wrong);
            run_end(&run);
            wd_buf_free(&p);
        }
    }
}

/* Without a copy, the same ports in another network are another connection. */
static void networks_apart(void **state)
{
    (void)state;
    struct run run;
    struct shape s = usual;
    run_begin(&run);
    struct wd_flow_key plain = last_key(&run, PLAIN, &s);
    s.id++;
    s.seq += 300;
    struct wd_flow_key tunnel = last_key(&run, VXLAN, &s);
    assert_memory_not_equal(&plain, &tunnel, sizeof plain);
    run_end(&run);
}

/* At the limit everything is forgotten, and learnt again. */
static void networks_limited(void **state)
{
    (void)state;
    struct run run;
    struct shape s = usual;
    run_begin(&run);
    wd_dissect_close(run.dissect);
    run.limits.flows = 1;
    run.dissect = run_open(&run);
    for (int i = 0; i < 5; i++) {
        feed_in(&run, PLAIN, &s, 0);
        feed_in(&run, VXLAN, &s, 0);
        s.id++;
        s.seq += 300;
        s.is_reverse = i % 2;
    }
    assert_int_equal(run.segments, 5);
    run_end(&run);
}

static void fragments(void **state)
{
    (void)state;
    struct run run;
    struct wd_buf tcp = { 0 };
    put_tcp(&tcp, 1, 0);
    put_fill(&tcp, 44, 'x');
    run_begin(&run);
    for (int round = 0; round < 2; round++) {
        for (uint16_t off = 0; off < 64; off += 32) {
            struct wd_buf p = { 0 };
            put_ipv4(&p, 6, 0, 32, off ? off / 8 : 0x2000);
            wd_buf_put(&p, wd_bytes_at(tcp.at + off, 32));
            run_feed(&run, 101, &p, 0);
            wd_buf_free(&p);
        }
    }
    assert_int_equal(run.segments, 1);
    assert_int_equal(run.ledger.layer[WD_LAYER_DUPLICATE], 2 * 52);
    run_end(&run);
    wd_buf_free(&tcp);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(copies), cmocka_unit_test(alike), cmocka_unit_test(checksum_left_to_the_card),
        cmocka_unit_test(nothing_that_changes), cmocka_unit_test(constant_id), cmocka_unit_test(window),
        cmocka_unit_test(two_interfaces), cmocka_unit_test(cut), cmocka_unit_test(answer_elsewhere),
        cmocka_unit_test(two_networks), cmocka_unit_test(networks_apart), cmocka_unit_test(networks_limited),
        cmocka_unit_test(fragments),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
