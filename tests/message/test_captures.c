/* Real peers: captures of node `ws`, `eventsource` and an HTTP server, against what the applications logged. The table was
 * made from that log, not from what this code said: see testdata/captures/README.md. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>
#include <zlib.h>

#include "base/arena.h"
#include "message/messages.h"
#include "replay.h"

/* order: CRC-32 of a line "PORT DIRECTION LENGTH" per message, sorted by client port and direction, in order of sending */
static const struct row {
    const char *name;
    uint64_t messages, payload_bytes;
    uint32_t order;
    uint64_t opened, pings, pongs, closes, compressed, fragmented;
} rows[] = {
    { "dashboard-naive.pcapng", 1004, 1135724, 0x2338bb84, 5, 40, 40, 5, 0, 0 },
    { "dashboard-diet.pcapng", 196, 21668, 0x965a8926, 5, 8, 8, 5, 0, 0 },
    { "chat-deflate.pcapng", 2484, 1256273, 0x5e4b4c59, 4, 10, 10, 4, 2484, 10 },   /* RSV1 is on all of them, the short ones too */
    { "ticker-sse-plain.pcapng", 567, 201045, 0x726adfd7, 4, 0, 0, 0, 0, 0 },
    { "ticker-sse-gzip.pcapng", 378, 133990, 0x629802eb, 2, 0, 0, 0, 0, 0 },
    { "storm-fixed.pcapng", 300, 118950, 0xe2884a07, 90, 0, 0, 30, 0, 0 },
    { "line-grpc.pcapng", 491, 144885, 0x3b8dc8ab, 0, 0, 0, 0, 0, 0 },
    { "storm-backoff.pcapng", 634, 132644, 0x016678e9, 90, 0, 0, 30, 0, 0 },
};

struct line { uint16_t port; int direction; uint64_t number, len; };

struct run {
    struct wd_limits limits;
    struct wd_ledger ledger;
    struct wd_connection_counts counts;
    struct wd_messages *messages;
    struct line *lines;
    size_t line_count, line_cap;
    uint64_t body_len, wire_len;
};

static int on_opened(void *ctx, struct wd_channel *channel, int64_t ts_ns)
{
    (void)ctx, (void)ts_ns;
    assert_true(channel->path.len > 0);
    return 0;
}

static int on_message(void *ctx, const struct wd_message *m)
{
    struct run *run = ctx;
    const struct wd_connection *connection = m->channel->connection;
    WD_GROW(run->lines, run->line_count, run->line_cap);
    run->lines[run->line_count] = (struct line){ connection->key.port[connection->client], m->direction, run->line_count, m->body_len };
    run->line_count++;
    run->body_len += m->body_len;
    run->wire_len += m->wire_len;
    return 0;
}

static void on_closed(void *ctx, struct wd_channel *channel, int64_t ts_ns, bool is_last)
{
    (void)ctx, (void)channel, (void)ts_ns, (void)is_last;
}

static int on_chunk(void *ctx, const struct wd_chunk *chunk)
{
    return wd_messages_feed(((struct run *)ctx)->messages, chunk);
}

static void run_file(struct run *run, const char *name)
{
    struct wd_message_sink sink = { run, on_opened, on_message, on_closed, NULL };
    char path[64];
    run->limits = wd_limits_default();
    run->messages = wd_messages_open(&run->limits, &run->ledger, &run->counts, &sink);
    snprintf(path, sizeof path, "captures/%s", name);
    replay(path, &run->limits, &run->ledger, on_chunk, run);
    wd_messages_free(run->messages);
}

static int by_place(const void *va, const void *vb)
{
    const struct line *a = va, *b = vb;
    if (a->port != b->port)
        return a->port < b->port ? -1 : 1;
    if (a->direction != b->direction)
        return a->direction - b->direction;
    return (a->number > b->number) - (a->number < b->number);
}

static uint32_t order_of(struct run *run)
{
    uLong crc = 0;
    qsort(run->lines, run->line_count, sizeof *run->lines, by_place);
    for (size_t i = 0; i < run->line_count; i++) {
        char text[64];
        int n = snprintf(text, sizeof text, "%u %s %llu\n", run->lines[i].port, wd_direction_names[run->lines[i].direction],
                         (unsigned long long)run->lines[i].len);
        crc = crc32(crc, (const Bytef *)text, (uInt)n);
    }
    return (uint32_t)crc;
}

static void test_captures(void **state)
{
    (void)state;
    for (size_t i = 0; i < WD_COUNT(rows); i++) {
        const struct row *row = &rows[i];
        struct run run = { 0 };
        run_file(&run, row->name);
        assert_int_equal(run.line_count, row->messages);
        assert_int_equal(run.body_len, row->payload_bytes);
        assert_int_equal(order_of(&run), row->order);
        assert_int_equal(run.counts.opened, row->opened);
        assert_int_equal(run.counts.pings, row->pings);
        assert_int_equal(run.counts.pongs, row->pongs);
        assert_int_equal(run.counts.closes, row->closes);
        assert_int_equal(run.counts.messages_compressed, row->compressed);
        assert_int_equal(run.counts.messages_fragmented, row->fragmented);
        assert_int_equal(wd_ledger_sum(&run.ledger), run.ledger.captured_bytes);
        assert_int_equal(run.ledger.layer[WD_LAYER_PAYLOAD], run.wire_len);
        assert_int_equal(run.ledger.layer[WD_LAYER_UNDECODED], 0);
        wd_free(run.lines);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_captures) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
