/* The host: a sink that stops the run, connections that are never closed, many at once, truncated at every byte. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "play.h"

#define DEFLATE_ANSWER \
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\r\n"
#define STREAM "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
#define JSON "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 1\r\n\r\n1"
#define NDJSON "HTTP/1.1 200 OK\r\nContent-Type: application/jsonl\r\nContent-Length: 4\r\n\r\n1\n2\n"

/* Everything that emits, on one connection. */
static const struct step steps[] = {
    C("GET /j HTTP/1.1\r\n\r\nGET /s HTTP/1.1\r\n\r\n"), S(JSON STREAM "9\r\ndata: 1\n\n\r\n0\r\n\r\n"),
    C("GET /n HTTP/1.1\r\n\r\nGET /j HTTP/1.1\r\n\r\n"), S(NDJSON JSON),
    C("GET /w HTTP/1.1\r\nUpgrade: websocket\r\n\r\n" "\x81\x82\1\2\3\4ab"),
    S(DEFLATE_ANSWER "\xc1\x07\xf2\x48\xcd\xc9\xc9\x07\x00" "\x01\x01" "a" "\x80\x01" "b" "\x81\x05Hello"),
};

struct stopper { long calls, stop_at; };

static int count_call(struct stopper *s)
{
    return ++s->calls == s->stop_at ? WD_STOP : WD_OK;
}

static int on_opened(void *ctx, struct wd_channel *channel, int64_t ts_ns)
{
    (void)channel, (void)ts_ns;
    return count_call(ctx);
}

static int on_message(void *ctx, const struct wd_message *message)
{
    (void)message;
    return count_call(ctx);
}

static void on_closed(void *ctx, struct wd_channel *channel, int64_t ts_ns, bool is_last)
{
    (void)ctx, (void)channel, (void)ts_ns, (void)is_last;
}

/* Feeds until the sink stops it; the connection is never closed. */
static int feed_until_stopped(struct stopper *stopper)
{
    struct wd_limits limits = wd_limits_default();
    struct wd_ledger ledger = { 0 };
    struct wd_connection_counts counts = { 0 };
    struct wd_message_sink sink = { stopper, on_opened, on_message, on_closed, NULL };
    struct wd_connection connection = { .id = 1 };
    struct wd_messages *messages = wd_messages_open(&limits, &ledger, &counts, &sink);
    struct wd_chunk chunk = { .connection = &connection, .kind = WD_CHUNK_OPEN };
    int rc = wd_messages_feed(messages, &chunk);
    for (size_t i = 0; i < WD_COUNT(steps) && rc >= 0; i++) {
        chunk = (struct wd_chunk){ .connection = &connection, .kind = WD_CHUNK_DATA, .side = steps[i].side, .bytes = steps[i].bytes };
        rc = wd_messages_feed(messages, &chunk);
    }
    wd_messages_free(messages);   /* the sanitizer counts what is left */
    return rc;
}

static void test_the_sink_may_stop_at_any_call(void **state)
{
    (void)state;
    struct stopper all = { 0, 0 };
    assert_int_equal(feed_until_stopped(&all), WD_OK);
    assert_int_equal(all.calls, 4 + 1 + 2 + 2 + 4);   /* channels; event, lines, polls, frames */
    for (long n = 1; n <= all.calls; n++) {
        struct stopper one = { 0, n };
        assert_int_equal(feed_until_stopped(&one), WD_STOP);
        assert_int_equal(one.calls, n);
    }
}

static void test_everything_on_one_connection(void **state)
{
    (void)state;
    struct play p = play_new();
    play_check(&p, steps, WD_COUNT(steps),
               "open sse /s text/event-stream #1\ns2c text 1/1 1\nclose /s\n"
               "open http /j application/json #1\ns2c text 1/1 1\n"
               "open http /n application/json #1\ns2c text 1/1 1\ns2c text 1/1 2\nclose /n\n"
               "s2c text 1/1 1\n"
               "open websocket /w #1\nc2s text 2/2 ``\ns2c text 5/7 Hello\ns2c text 2/2 ab\ns2c text 5/5 Hello\n"
               "close /s last\nclose /j last\nclose /n last\nclose /w last\n");
    assert_int_equal(p.ledger.layer[WD_LAYER_UNDECODED], 0);
    play_free(&p);
}

struct heard { uint64_t opened, closed; };

static int hear_opened(void *ctx, struct wd_channel *channel, int64_t ts_ns)
{
    (void)ts_ns;
    ((struct heard *)ctx)->opened += channel->is_open && channel->path.len == 0;
    return WD_OK;
}

static void hear_closed(void *ctx, struct wd_channel *channel, int64_t ts_ns, bool is_last)
{
    (void)ts_ns;
    ((struct heard *)ctx)->closed += channel->is_open && is_last;
}

static void test_what_stays_sealed_is_opened_and_closed(void **state)
{
    (void)state;
    static const enum wd_chunk_kind kinds[] = { WD_CHUNK_OPEN, WD_CHUNK_SEALED, WD_CHUNK_END, WD_CHUNK_CLOSE };
    struct wd_limits limits = wd_limits_default();
    struct wd_ledger ledger = { 0 };
    struct wd_connection_counts counts = { 0 };
    struct heard heard = { 0, 0 };
    struct wd_message_sink sink = { &heard, hear_opened, on_message, hear_closed, NULL };
    struct wd_connection connection = { .id = 1, .is_sealed = true };
    struct wd_messages *messages = wd_messages_open(&limits, &ledger, &counts, &sink);
    for (size_t i = 0; i < WD_COUNT(kinds); i++) {
        assert_int_equal(wd_messages_feed(messages, &(struct wd_chunk){ .connection = &connection, .kind = kinds[i] }), WD_OK);
        assert_int_equal(heard.opened, i > 0);
        assert_int_equal(heard.closed, i == 3);
    }
    wd_messages_free(messages);
    assert_int_equal(counts.opened, 0);
    assert_int_equal(wd_ledger_sum(&ledger), 0);
}

/* Connections share buffers of the run: interleaved, each must still get its own. */
static void test_interleaved_connections(void **state)
{
    (void)state;
    enum { N = 100 };
    struct wd_limits limits = wd_limits_default();
    struct wd_ledger ledger = { 0 };
    struct wd_connection_counts counts = { 0 };
    struct stopper stopper = { 0, 0 };
    struct wd_message_sink sink = { &stopper, on_opened, on_message, on_closed, NULL };
    struct wd_connection connections[N] = { { .id = 0 } };
    struct wd_messages *messages = wd_messages_open(&limits, &ledger, &counts, &sink);
    uint64_t fed = 0;
    for (int i = 0; i < N; i++)
        wd_messages_feed(messages, &(struct wd_chunk){ .connection = &connections[i], .kind = WD_CHUNK_OPEN });
    for (size_t s = 0; s < WD_COUNT(steps); s++) {
        for (size_t off = 0; off < steps[s].bytes.len; off += 3) {
            size_t n = steps[s].bytes.len - off < 3 ? steps[s].bytes.len - off : 3;
            for (int i = 0; i < N; i++, fed += n)
                wd_messages_feed(messages, &(struct wd_chunk){ .connection = &connections[i], .kind = WD_CHUNK_DATA,
                                                               .side = steps[s].side, .bytes = { steps[s].bytes.at + off, n } });
        }
    }
    for (int i = 0; i < N; i++)
        wd_messages_feed(messages, &(struct wd_chunk){ .connection = &connections[i], .kind = WD_CHUNK_CLOSE });
    wd_messages_free(messages);
    assert_int_equal(stopper.calls, N * 13);
    assert_int_equal(wd_ledger_sum(&ledger), fed);
    assert_int_equal(ledger.layer[WD_LAYER_UNDECODED], 0);
    assert_int_equal(counts.opened, 2 * N);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_sink_may_stop_at_any_call),
        cmocka_unit_test(test_everything_on_one_connection),
        cmocka_unit_test(test_interleaved_connections),
        cmocka_unit_test(test_what_stays_sealed_is_opened_and_closed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
