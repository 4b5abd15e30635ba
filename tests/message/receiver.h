/* tests/message/receiver.h - a receiver of messages that writes them down, and what every reader of told messages must keep:
 * bytes balance, and so do splits. */
#ifndef WD_TESTS_MESSAGE_RECEIVER_H
#define WD_TESTS_MESSAGE_RECEIVER_H

#include <inttypes.h>

#include "base/buf.h"
#include "base/window.h"
#include "message/messages.h"

struct teller {
    struct wd_limits limits;
    struct wd_ledger ledger;
    struct wd_connection_counts counts;
    struct wd_messages *messages;
    struct wd_window *window;
    struct wd_buf log;             /* "path direction [event] body (wire) @seconds" */
    struct wd_buf notes;
    const char *wanted;
    uint64_t opened, closed;
    struct wd_err err;
};

static inline int told_opened(void *ctx, struct wd_channel *channel, int64_t ts_ns)
{
    struct teller *t = ctx;
    (void)ts_ns;
    t->opened += channel->is_open;
    return WD_OK;
}

static inline int told_message(void *ctx, const struct wd_message *m)
{
    struct teller *t = ctx;
    assert_true(m->channel->connection->is_retold);
    wd_buf_put(&t->log, m->channel->path);
    wd_buf_printf(&t->log, " %s ", wd_direction_names[m->direction]);
    if (m->event.at) {
        wd_buf_puts(&t->log, "[");
        wd_buf_put(&t->log, m->event);
        wd_buf_puts(&t->log, "] ");
    }
    wd_buf_put(&t->log, m->body);
    wd_buf_printf(&t->log, " (%" PRIu64 "%s)", m->wire_len,
                  m->is_too_long ? " too long"
                  : m->is_text   ? ""
                                 : " binary");
    wd_buf_printf(&t->log, " @%.3f\n", (double)m->ts_ns / 1e9);
    return WD_OK;
}

static inline void told_closed(void *ctx, struct wd_channel *channel, int64_t ts_ns, bool is_last)
{
    struct teller *t = ctx;
    (void)ts_ns;
    t->closed += channel->is_open && !is_last;
}

static inline bool told_wants(void *ctx, struct wd_bytes path)
{
    const struct teller *t = ctx;
    return t->wanted && wd_bytes_is(path, t->wanted);
}

static inline void told_open(struct teller *t)
{
    const struct wd_message_sink sink = { t, told_opened, told_message, told_closed, told_wants };
    t->messages = wd_messages_open(&t->limits, &t->ledger, &t->counts, &sink);
}

static inline void told_close(struct teller *t)
{
    wd_messages_free(t->messages);
    assert_int_equal(wd_ledger_sum(&t->ledger), t->ledger.captured_bytes);
}

static inline void told_free(struct teller *t)
{
    wd_buf_free(&t->log);
    wd_buf_free(&t->notes);
}

#endif
