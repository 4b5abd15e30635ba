/* Single cases of TCP, one line of segments each, and what comes out of them.
 *
 * A script is a list of segments "side flags seq ack payload": c or s (client 40000, server 80), flags of S
 * F R A or -, numbers relative to 1000 (client) and 5000 (server). The expected text has a word per chunk:
 * O open, c(..) and s(..) data, gap as c[n], c. and s. for END, X close, R close by reset. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "base/buf.h"
#include "stream/tcp.h"

struct run {
    struct wd_tcp *tcp;
    struct wd_ledger ledger;
    struct wd_limits limits;
    struct wd_buf out;
    uint64_t fed, data, packets;
    uint32_t base[2];
    int64_t ts_ns;
    uint8_t vlan;
    struct wd_connection last;    /* as of the last chunk */
};

static int write_chunk(void *ctx, const struct wd_chunk *chunk)
{
    struct run *run = ctx;
    char side = chunk->connection->key.port[chunk->side] == 80 ? 's' : 'c';
    run->last = *chunk->connection;
    switch (chunk->kind) {
    case WD_CHUNK_OPEN: wd_buf_puts(&run->out, "O "); break;
    case WD_CHUNK_DATA:
        run->data += chunk->bytes.len;
        wd_buf_printf(&run->out, "%c(", side);
        wd_buf_put(&run->out, chunk->bytes);
        wd_buf_puts(&run->out, ") ");
        break;
    case WD_CHUNK_GAP: wd_buf_printf(&run->out, "%c[%llu] ", side, (unsigned long long)chunk->missing); break;
    case WD_CHUNK_END: wd_buf_printf(&run->out, "%c. ", side); break;
    case WD_CHUNK_CLOSE: wd_buf_puts(&run->out, chunk->is_reset ? "R " : "X "); break;
    case WD_CHUNK_SEALED: fail(); break;   /* TLS says that */
    }
    return WD_OK;
}

static void begin(struct run *run)
{
    memset(run, 0, sizeof *run);
    run->limits = wd_limits_default();
    run->base[0] = 1000;
    run->base[1] = 5000;
    run->ts_ns = 1000000000;
}

static void feed(struct run *run, char who, const char *flags, int seq, int ack, const char *payload, uint32_t cut)
{
    static const struct { char c; uint8_t bit; } bits[] = {
        { 'S', WD_TCP_SYN }, { 'F', WD_TCP_FIN }, { 'R', WD_TCP_RST }, { 'A', WD_TCP_ACK },
    };
    int side = who == 's';
    if (!run->tcp)
        run->tcp = wd_tcp_open(&run->limits, &run->ledger, write_chunk, run);
    struct wd_segment s = { .seq = run->base[side] + (uint32_t)seq, .ack = run->base[1 - side] + (uint32_t)ack,
                            .payload = wd_bytes_of(payload), .wire_len = (uint32_t)strlen(payload) + cut,
                            .ts_ns = run->ts_ns, .packet = ++run->packets };
    for (size_t i = 0; i < WD_COUNT(bits); i++)
        if (strchr(flags, bits[i].c))
            s.flags |= bits[i].bit;
    s.key.ip_version = 4;
    s.key.addr[0][0] = side ? 11 : 10;
    s.key.addr[1][0] = side ? 10 : 11;
    s.key.port[side] = 40000;
    s.key.port[1 - side] = 80;
    s.key.vlan[0] = run->vlan;
    run->fed += s.payload.len;
    assert_int_equal(wd_tcp_feed(run->tcp, &s), WD_OK);
}

static void play(struct run *run, const char *script)
{
    char who, flags[8], payload[64];
    int seq, ack, used;
    while (sscanf(script, " %c %7s %d %d %63s%n", &who, flags, &seq, &ack, payload, &used) == 5) {
        char *bar = strchr(payload, '/');  /* "abc/5": five more bytes were cut off */
        uint32_t cut = bar ? (uint32_t)atoi(bar + 1) : 0;
        if (bar)
            *bar = 0;
        feed(run, who, flags, seq, ack, strcmp(payload, "-") ? payload : "", cut);
        script += used;
    }
}

/* Packets without payload: time passes. */
static void wait_packets(struct run *run, int count, int client_seq, int server_seq)
{
    for (int i = 0; i < count; i++)
        feed(run, i % 2 ? 's' : 'c', "A", i % 2 ? server_seq : client_seq, i % 2 ? client_seq : server_seq, "", 0);
}

static void expect(struct run *run, const char *expected)
{
    assert_string_equal(wd_buf_cstr(&run->out), expected);
    wd_buf_reset(&run->out);
}

static void finish(struct run *run, const char *expected)
{
    assert_int_equal(wd_tcp_finish(run->tcp), WD_OK);
    wd_tcp_free(run->tcp);
    expect(run, expected);
    wd_buf_free(&run->out);
    assert_int_equal(run->fed, run->data + wd_ledger_sum(&run->ledger));
}

static const char handshake[] = "c S -1 0 -  s SA -1 0 -  c A 0 0 -  ";

/* Scripts behind a handshake; `layers`: retransmitted, undecoded, missing. */
static const struct { const char *what, *script, *expected; unsigned retransmitted, undecoded, missing; } cases[] = {
    { "plain", "c A 0 0 abc  s A 0 3 xyz  c FA 3 3 -  s FA 3 4 -  c A 4 4 -", "O c(abc) s(xyz) c. s. X ", 0, 0, 0 },
    { "nothing said", "c FA 0 0 -  s FA 0 1 -", "", 0, 0, 0 },
    { "out of order", "c A 3 0 def  c A 0 0 abc", "O c(abc) c(def) R ", 0, 0, 0 },
    { "overlap", "c A 0 0 abc  c A 1 0 bcde  c A 0 0 ab", "O c(abc) c(de) R ", 4, 0, 0 },
    { "overlap beyond a hole", "c A 4 0 ef  c A 2 0 cdefgh  c A 0 0 ab", "O c(ab) c(cd) c(ef) c(gh) R ", 2, 0, 0 },
    { "different bytes: the first stay", "c A 2 0 cd  c A 1 0 bXd  c A 0 0 a", "O c(a) c(b) c(cd) R ", 2, 0, 0 },
    { "keep-alive and window probe", "c A 0 0 abc  c A 2 0 c  c A 2 0 -  c A 3 0 d  c A 3 0 def", "O c(abc) c(d) c(ef) R ", 2, 0, 0 },
    { "payload with FIN", "c A 0 0 ab  c FA 2 0 cd  s A 0 5 ok", "O c(ab) c(cd) c. s(ok) R ", 0, 0, 0 },
    { "FIN before the data", "c FA 2 0 -  c A 0 0 ab", "O c(ab) c. R ", 0, 0, 0 },
    { "data behind FIN", "c FA 0 0 ab  c A 2 0 xcd", "O c(ab) c. R ", 1, 2, 0 },  /* the first byte stands where the FIN does */
    { "data beyond FIN, in one", "c FA 2 0 -  c A 0 0 abcd", "O c(ab) c. R ", 0, 2, 0 },
    { "half closed before anything", "c FA 0 0 -  s A 0 1 bye  s FA 3 1 -", "O c. s(bye) s. X ", 0, 0, 0 },
    { "reset", "c A 0 0 ab  s RA 0 2 -", "O c(ab) R ", 0, 0, 0 },
    { "reset with late data", "c A 2 0 cd  s RA 0 4 -  c A 0 0 ab", "O c(ab) c(cd) R ", 0, 0, 0 },
    { "reset out of window", "c A 0 0 ab  c R 900000000 0 -  c A 2 0 cd  c FA 4 0 -  s FA 0 5 -", "O c(ab) c(cd) c. s. X ", 0, 0, 0 },
    { "reset that explains itself", "c A 0 0 ab  s R 0 0 sorry", "O c(ab) R ", 0, 5, 0 },
    { "far out of window", "c A 0 0 ab  c A 1500000000 0 zz  c A -1500000000 0 yy  c A 2 0 cd", "O c(ab) c(cd) R ", 0, 4, 0 },
    { "stray, never acknowledged", "c A 0 0 ab  s A 0 2 -  c A 100000000 0 zz", "O c(ab) R ", 0, 2, 0 },
    { "a hole at the end", "c A 0 0 ab  c A 5 0 fg", "O c(ab) c[3] c(fg) R ", 0, 0, 3 },
    { "acknowledged, never captured", "c A 0 0 ab  s A 0 12 ok", "O c(ab) s(ok) c[10] R ", 0, 0, 10 },
    { "a FIN that was not captured", "c A 0 0 ab  s A 0 3 ok", "O c(ab) s(ok) R ", 0, 0, 0 },
    { "cut packets", "c A 0 0 ab/3  c A 5 0 fg", "O c(ab) c[3] c(fg) R ", 0, 0, 0 },
    { "cut, out of order", "c A 5 0 fg/2  c A 0 0 ab/3", "O c(ab) c[3] c(fg) c[2] R ", 0, 0, 0 },
    { "cut to nothing", "c A 0 0 -/4  c A 4 0 x", "O c[4] c(x) R ", 0, 0, 0 },
    { "an answer captured before the question", "s A 0 3 yes  c A 0 0 why", "O c(why) s(yes) R ", 0, 0, 0 },
    { "each answers the other", "c A 0 2 hi  s A 0 2 ok", "O s(ok) c(hi) R ", 0, 0, 0 },
    { "a FIN in front of what came", "c A 4 0 ef  c FA 2 0 -  c A 0 0 abcd  c FA 6 0 -", "O c(abcd) c(ef) c. R ", 0, 0, 0 },
    { "SYN again", "c A 0 0 ab  c S -1 0 -  s SA -1 0 -  c A 2 0 cd", "O c(ab) c(cd) R ", 0, 0, 0 },
    { "after the end", "c FA 0 0 ab  s FA 0 3 -  c A 3 1 -  c FA 0 1 ab", "O c(ab) c. s. X ", 2, 0, 0 },
};

static void behind_a_handshake(void **state)
{
    (void)state;
    for (size_t i = 0; i < 3 * WD_COUNT(cases); i++) {
        struct run run;
        begin(&run);
        if (i % 3 == 1)  /* across the wrap */
            run.base[0] = UINT32_MAX, run.base[1] = UINT32_MAX - 1;
        if (i % 3 == 2)
            run.base[0] = 0x7fffffff, run.base[1] = 0x80000000;
        play(&run, handshake);
        play(&run, cases[i / 3].script);
        if (run.packets < 2)
            fail_msg("%s: no packets", cases[i / 3].what);
        finish(&run, cases[i / 3].expected);
        unsigned counted[3] = { (unsigned)run.ledger.layer[WD_LAYER_RETRANSMITTED],
                                (unsigned)run.ledger.layer[WD_LAYER_UNDECODED], (unsigned)run.ledger.missing_bytes };
        if (counted[0] != cases[i / 3].retransmitted || counted[1] != cases[i / 3].undecoded ||
            counted[2] != cases[i / 3].missing)
            fail_msg("%s: %u %u %u", cases[i / 3].what, counted[0], counted[1], counted[2]);
        assert_int_equal(run.ledger.ambiguous_bytes, strstr(cases[i / 3].what, "different") ? 1 : 0);
    }
}

static void payload_on_syn(void **state)
{
    (void)state;
    struct run run;
    begin(&run);
    play(&run, "c S -1 0 abc  s SA -1 3 -  c A 3 0 d");
    expect(&run, "O c(abc) c(d) ");
    assert_int_equal(run.last.client_by, WD_CLIENT_BY_SYN);
    finish(&run, "R ");
}

static void a_gap_needs_proof_and_patience(void **state)
{
    (void)state;
    struct run run;
    begin(&run);
    play(&run, handshake);
    play(&run, "c A 0 0 ab  c A 4 0 ef");
    wait_packets(&run, 100, 2, 0);                    /* acknowledged up to the hole only: it may be sent again */
    expect(&run, "O c(ab) ");
    play(&run, "s A 0 6 -");
    wait_packets(&run, 20, 6, 0);
    expect(&run, "");
    wait_packets(&run, 20, 6, 0);
    expect(&run, "c[2] c(ef) ");
    play(&run, "c A 1 0 bcde");                       /* too late for the gap */
    assert_int_equal(run.ledger.reason_bytes[WD_REASON_GAP], 2);
    assert_int_equal(run.ledger.reason_streams[WD_REASON_GAP], 1);
    assert_int_equal(run.ledger.layer[WD_LAYER_RETRANSMITTED], 2);
    finish(&run, "R ");
}

static void limits_declare_gaps(void **state)
{
    (void)state;
    static const struct { uint64_t segments, reassembly, total; } limits[] = {
        { 3, 1000000, 1000000 }, { 1000, 200, 1000000 }, { 1000, 1000000, 200 },
    };
    for (size_t i = 0; i < WD_COUNT(limits); i++) {
        struct run run;
        begin(&run);
        run.limits.segments = limits[i].segments;
        run.limits.reassembly = limits[i].reassembly;
        run.limits.reassembly_total = limits[i].total;
        play(&run, handshake);
        play(&run, "c A 0 0 a  c A 2 0 c  c A 4 0 e  c A 6 0 g  c A 8 0 i  c A 10 0 k");
        assert_non_null(strstr(wd_buf_cstr(&run.out), "O c(a) c[1] c(c) "));
        wd_buf_reset(&run.out);
        assert_int_equal(wd_tcp_finish(run.tcp), WD_OK);
        assert_int_equal(run.data, 6);
        assert_int_equal(run.ledger.missing_bytes, 5);
        wd_tcp_free(run.tcp);
        wd_buf_free(&run.out);
    }
}

static void midway(void **state)
{
    (void)state;
    struct run run;
    begin(&run);
    play(&run, "s A 503 100 def  s A 500 100 abc  c A 100 506 ok");
    expect(&run, "");                                 /* held: something lower may still come */
    wait_packets(&run, 40, 102, 506);
    expect(&run, "O s(abc) s(def) c(ok) ");
    assert_int_equal(run.last.client_by, WD_CLIENT_BY_PORT);
    assert_int_equal(run.last.client, 1);
    assert_true(run.last.is_midway);
    play(&run, "s A 506 102 g");
    expect(&run, "s(g) ");
    finish(&run, "R ");
}

static void midway_with_a_keep_alive(void **state)
{
    (void)state;
    struct run run;
    begin(&run);
    play(&run, "s A 500 100 -  c A 99 500 x  s A 500 100 -  c A 105 500 more  c A 100 500 hello");
    finish(&run, "O c(hello) c(more) R ");
    assert_int_equal(run.ledger.layer[WD_LAYER_RETRANSMITTED], 1);
}

static void late_syn(void **state)
{
    (void)state;
    static const char *const scripts[] = {
        "s SA -1 0 -  c A 0 0 ab  c S -1 0 -  s A 0 2 ok",
        "c A 0 0 ab  s SA -1 0 -  s A 0 2 ok  c S -1 0 -",
        "c A 0 0 ab  c S -1 0 -  s A 0 2 ok  s SA -1 0 -",
        "c A 0 0 ab  s A 0 2 ok  c S -1 0 -",
        "c S -1 0 -  c A 0 0 ab  s A 0 2 ok",
    };
    for (size_t i = 0; i < WD_COUNT(scripts); i++) {
        struct run run;
        begin(&run);
        play(&run, scripts[i]);
        finish(&run, "O c(ab) s(ok) R ");
        assert_int_equal(run.last.client_by, WD_CLIENT_BY_SYN);
        assert_int_equal(run.last.key.port[run.last.client], 40000);
        assert_false(run.last.is_midway);
    }
}

static void port_reuse(void **state)
{
    (void)state;
    struct run run;
    begin(&run);
    play(&run, handshake);
    play(&run, "c A 0 0 one  s FA 0 3 -  c FA 3 1 -  s A 1 4 -  c S 70000 0 -  s SA 90000 70001 -  c A 70001 90001 two");
    expect(&run, "O c(one) s. c. X O c(two) ");
    assert_int_equal(run.last.id, 2);
    play(&run, "c S 990000 0 -  s SA 990000 990001 -  c A 990001 990001 three");  /* the old one never ended */
    expect(&run, "R O c(three) ");
    play(&run, "s SA 1990000 1990001 -  c A 1990001 1990001 four");  /* its SYN was not captured */
    expect(&run, "R O c(four) ");
    assert_int_equal(wd_tcp_connections(run.tcp), 4);
    finish(&run, "R ");
}

static void same_numbers_again(void **state)
{
    (void)state;
    struct run run;
    begin(&run);
    for (int i = 0; i < 2; i++) {
        play(&run, handshake);
        play(&run, "c FA 0 0 abc  s FA 0 4 -");
        for (int k = 0; k < 70; k++)
            feed(&run, 'c', "A", 4, 1, "", 0);
    }
    finish(&run, "O c(abc) c. s. X O c(abc) c. s. X ");
}

/* After an end, payload that was never sent before begins a new conversation even without SYN. */
static void midway_after_an_end(void **state)
{
    (void)state;
    struct run run;
    begin(&run);
    play(&run, handshake);
    play(&run, "c FA 0 0 abc  s FA 0 4 -  c A 500000 600000 new");
    finish(&run, "O c(abc) c. s. X O c(new) R ");
}

static void idle_and_surplus_flows(void **state)
{
    (void)state;
    struct run run;
    begin(&run);
    run.limits.flows = 2;
    for (run.vlan = 1; run.vlan <= 3; run.vlan++) {   /* the same addresses and ports: three conversations */
        play(&run, handshake);
        play(&run, "c A 0 0 abc");
    }
    expect(&run, "O c(abc) O c(abc) R O c(abc) ");
    run.vlan = 3;
    run.ts_ns += 301 * INT64_C(1000000000);
    play(&run, "c A 3 0 def");                        /* both were idle: this one starts anew */
    finish(&run, "R R O c(def) R ");
}

static void one_direction_only(void **state)
{
    (void)state;
    struct run run;
    begin(&run);
    play(&run, "s SA -1 0 -  s A 0 4 ab  s A 2 4 cd  s A 4 9 ef");
    finish(&run, "O s(ab) s(cd) s(ef) c[9] R ");
}

/* What an answer answers was lost by the capture: it goes on after a while. */
static void the_question_was_lost(void **state)
{
    (void)state;
    struct run run;
    begin(&run);
    play(&run, handshake);
    play(&run, "s A 0 30 yes");
    expect(&run, "");
    wait_packets(&run, 40, 30, 3);
    expect(&run, "O s(yes) ");
    play(&run, "c A 30 3 next  s A 3 34 no");
    wait_packets(&run, 40, 34, 5);
    expect(&run, "c[30] c(next) s(no) ");
    finish(&run, "R ");
}

static int stop(void *ctx, const struct wd_chunk *chunk)
{
    (void)ctx;
    return chunk->kind == WD_CHUNK_DATA ? WD_STOP : WD_OK;
}

static void the_sink_may_stop(void **state)
{
    (void)state;
    struct wd_limits limits = wd_limits_default();
    struct wd_ledger ledger = { 0 };
    struct wd_tcp *tcp = wd_tcp_open(&limits, &ledger, stop, NULL);
    struct wd_segment s = { .flags = WD_TCP_SYN, .payload = wd_bytes_of("abc"), .wire_len = 3, .packet = 1 };
    s.key.port[1] = 80;
    assert_int_equal(wd_tcp_feed(tcp, &s), WD_STOP);
    wd_tcp_free(tcp);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(behind_a_handshake),
        cmocka_unit_test(payload_on_syn),
        cmocka_unit_test(a_gap_needs_proof_and_patience),
        cmocka_unit_test(limits_declare_gaps),
        cmocka_unit_test(midway),
        cmocka_unit_test(midway_with_a_keep_alive),
        cmocka_unit_test(late_syn),
        cmocka_unit_test(port_reuse),
        cmocka_unit_test(same_numbers_again),
        cmocka_unit_test(midway_after_an_end),
        cmocka_unit_test(idle_and_surplus_flows),
        cmocka_unit_test(one_direction_only),
        cmocka_unit_test(the_question_was_lost),
        cmocka_unit_test(the_sink_may_stop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
