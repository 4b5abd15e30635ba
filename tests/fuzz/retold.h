/* tests/fuzz/retold.h - a run of a reader that tells messages, and what two runs of the same bytes must have in common. */
#ifndef WD_TESTS_FUZZ_RETOLD_H
#define WD_TESTS_FUZZ_RETOLD_H

#include "base/buf.h"
#include "message/messages.h"

struct retold {
    struct wd_limits limits;
    struct wd_ledger ledger;
    struct wd_connection_counts counts;
    struct wd_messages *messages;
    uint64_t count, digest;
    struct wd_err err;
    int rc;
    char fault[sizeof ((struct wd_err *)0)->text];
};

static inline void retold_mix(struct retold *run, const void *at, size_t len)
{
    const uint8_t *byte = at;
    for (size_t i = 0; i < len; i++)
        run->digest = (run->digest ^ byte[i]) * 0x100000001b3u;
}

static inline int retold_opened(void *ctx, struct wd_channel *channel, int64_t ts_ns)
{
    retold_mix(ctx, channel->path.at, channel->path.len);
    retold_mix(ctx, &ts_ns, sizeof ts_ns);
    return WD_OK;
}

static inline int retold_message(void *ctx, const struct wd_message *m)
{
    struct retold *run = ctx;
    assert(m->body.len <= m->body_len && m->body.len <= run->limits.message);
    run->count++;
    retold_mix(run, m->channel->path.at, m->channel->path.len);
    retold_mix(run, m->body.at, m->body.len);
    retold_mix(run, m->event.at, m->event.len);
    retold_mix(run, &m->wire_len, sizeof m->wire_len);
    retold_mix(run, &m->ts_ns, sizeof m->ts_ns);
    return WD_OK;
}

static inline void retold_closed(void *ctx, struct wd_channel *channel, int64_t ts_ns, bool is_last)
{
    (void)ts_ns;
    retold_mix(ctx, channel->path.at, channel->path.len);
    retold_mix(ctx, &is_last, sizeof is_last);
}

static inline void retold_open(struct retold *run)
{
    memset(run, 0, sizeof *run);
    run->limits = wd_limits_default();
    run->limits.memory = 1 << 16;
    run->limits.message = 256;
    run->limits.flows = 4;
    const struct wd_message_sink sink = { run, retold_opened, retold_message, retold_closed, NULL };
    run->messages = wd_messages_open(&run->limits, &run->ledger, &run->counts, &sink);
}

static inline void retold_fault(struct retold *run, const char *fault)
{
    if (fault)
        strcpy(run->fault, fault);
}

static inline void retold_close(struct retold *run)
{
    wd_messages_free(run->messages);
    assert(run->rc < 0 || wd_ledger_sum(&run->ledger) == run->ledger.captured_bytes);
    assert((run->rc == WD_OK) == (run->err.code == 0));
}

static inline void retold_same(const struct retold *a, const struct retold *b)
{
    assert(a->rc == b->rc && a->count == b->count && a->digest == b->digest);
    assert(strcmp(a->fault, b->fault) == 0 && strcmp(a->err.text, b->err.text) == 0);
    assert(memcmp(&a->ledger, &b->ledger, sizeof a->ledger) == 0);
    assert(memcmp(&a->counts, &b->counts, sizeof a->counts) == 0);
}

#endif
