#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

#include "run.h"

static int keep(void *ctx, const struct wd_segment *segment)
{
    struct run *run = ctx;
    run->segment = *segment;
    wd_buf_reset(&run->payload);
    wd_buf_put(&run->payload, segment->payload);
    run->segments++;
    run->payload_bytes += segment->payload.len;
    return WD_OK;
}

struct wd_dissect *run_open(struct run *run)
{
    return wd_dissect_open(&run->limits, &run->ledger, keep, run);
}

void run_begin(struct run *run)
{
    memset(run, 0, sizeof *run);
    run->limits = wd_limits_default();
    run->dissect = run_open(run);
}

void run_feed(struct run *run, uint32_t link_type, const struct wd_buf *packet, size_t cut)
{
    size_t len = packet->len - cut;
    uint8_t *copy = malloc(len ? len : 1);
    if (len)
        memcpy(copy, packet->at, len);
    struct wd_packet p = { .number = run->ledger.packets + 1, .ts_ns = run->now_ns,
                           .link_type = link_type, .interfaces = run->interfaces,
                           .orig_len = (uint32_t)packet->len, .bytes = wd_bytes_at(copy, len) };
    assert_int_equal(wd_dissect_feed(run->dissect, &p), WD_OK);
    free(copy);
}

void run_end(struct run *run)
{
    wd_dissect_close(run->dissect);
    assert_int_equal(run->ledger.captured_bytes, wd_ledger_sum(&run->ledger) + run->payload_bytes);
    uint64_t sum = 0;
    for (int i = 0; i < WD_REASON_COUNT; i++)
        sum += run->ledger.reason_bytes[i];
    assert_int_equal(sum, run->ledger.layer[WD_LAYER_UNDECODED]);
    wd_buf_free(&run->payload);
}
