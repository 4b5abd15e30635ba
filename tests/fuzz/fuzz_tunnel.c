/* Packets in tunnels. Whatever they hold: each captured byte is in one layer or was handed on as payload; and
 * when every packet is seen a second time, in a VLAN of its own, the same segments come out and the same headers
 * are counted.
 *
 *     | length 2 | cut off 1 | milliseconds since the last 1 | an Ethernet frame |  again ... */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/cursor.h"
#include "fuzz.h"
#include "packet/dissect.h"

enum { ADDRESSES = 12 };

struct run {
    struct wd_ledger ledger;
    struct wd_dissect *dissect;
    uint64_t digest, segments, payload_bytes;
    bool is_doubled;
};

static void mix(struct run *run, const void *at, size_t len)
{
    const uint8_t *byte = at;
    for (size_t i = 0; i < len; i++)
        run->digest = (run->digest ^ byte[i]) * 0x100000001b3u;
}

static int take(void *ctx, const struct wd_segment *segment)
{
    struct run *run = ctx;
    assert(segment->payload.len <= segment->wire_len);
    run->segments++;
    run->payload_bytes += segment->payload.len;
    mix(run, segment->key.addr, sizeof segment->key.addr);
    mix(run, segment->key.port, sizeof segment->key.port);
    mix(run, &segment->seq, sizeof segment->seq);
    mix(run, &segment->wire_len, sizeof segment->wire_len);
    mix(run, segment->payload.at, segment->payload.len);
    return WD_OK;
}

/* In an allocation of its own. */
static void feed(struct run *run, struct wd_bytes frame, uint32_t cut, int64_t ts_ns)
{
    uint8_t *copy = malloc(frame.len ? frame.len : 1);
    if (frame.len)
        memcpy(copy, frame.at, frame.len);
    struct wd_packet packet = { .number = run->ledger.packets + 1, .ts_ns = ts_ns, .link_type = 1,
                                .orig_len = (uint32_t)frame.len + cut, .bytes = { copy, frame.len } };
    assert(wd_dissect_feed(run->dissect, &packet) == WD_OK);
    free(copy);
}

static void feed_tagged(struct run *run, struct wd_bytes frame, uint32_t cut, int64_t ts_ns)
{
    static const uint8_t tag[] = { 0x81, 0, 0, 7 };
    struct wd_buf tagged = { 0 };
    wd_buf_put(&tagged, wd_bytes_at(frame.at, ADDRESSES));
    wd_buf_put(&tagged, wd_bytes_at(tag, sizeof tag));
    wd_buf_put(&tagged, wd_bytes_at(frame.at + ADDRESSES, frame.len - ADDRESSES));
    feed(run, wd_buf_bytes(&tagged), cut, ts_ns);
    wd_buf_free(&tagged);
}

static void play(struct run *run, struct wd_bytes input)
{
    struct wd_limits limits = wd_limits_default();
    struct wd_cursor c = wd_cursor_of(input);
    int64_t ts_ns = 0;
    run->dissect = wd_dissect_open(&limits, &run->ledger, take, run);
    while (wd_cursor_left(&c) > 4) {
        size_t len = wd_cursor_be16(&c);
        uint32_t cut = wd_cursor_u8(&c);
        ts_ns += wd_cursor_u8(&c) * INT64_C(1000000);
        len = len < wd_cursor_left(&c) ? len : wd_cursor_left(&c);
        struct wd_bytes frame = wd_cursor_take(&c, len);
        feed(run, frame, cut, ts_ns);
        if (run->is_doubled && len >= ADDRESSES + 2)
            feed_tagged(run, frame, cut, ts_ns);
    }
    wd_dissect_close(run->dissect);
    assert(wd_ledger_sum(&run->ledger) + run->payload_bytes == run->ledger.captured_bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct run once = { 0 }, twice = { .is_doubled = true };
    play(&once, wd_bytes_at(data, size));
    play(&twice, wd_bytes_at(data, size));
    assert(once.segments == twice.segments && once.digest == twice.digest);
    assert(once.ledger.layer[WD_LAYER_TRANSPORT] == twice.ledger.layer[WD_LAYER_TRANSPORT]);
    assert(once.ledger.layer[WD_LAYER_IP] == twice.ledger.layer[WD_LAYER_IP]);
    return 0;
}
