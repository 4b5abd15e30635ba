#include "play.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

struct play play_new(void)
{
    return (struct play){ .limits = wd_limits_default() };
}

static void put_visible(struct wd_buf *out, struct wd_bytes bytes)
{
    for (size_t i = 0; i < bytes.len; i++) {
        uint8_t c = bytes.at[i];
        if (c == '\n')
            wd_buf_puts(out, "\\n");
        else if (c >= ' ' && c < 0x7f && c != '\\')
            wd_buf_byte(out, c);
        else
            wd_buf_printf(out, "\\x%02x", c);
    }
}

static int on_opened(void *ctx, struct wd_channel *channel, int64_t ts_ns)
{
    struct play *p = ctx;
    (void)ts_ns;
    wd_buf_printf(&p->log, "open %s ", wd_transport_names[channel->transport]);
    put_visible(&p->log, channel->path);
    if (channel->media_type.len) {
        wd_buf_puts(&p->log, " ");
        put_visible(&p->log, channel->media_type);
    }
    if (channel->subprotocol.len) {
        wd_buf_puts(&p->log, " ");
        put_visible(&p->log, channel->subprotocol);
    }
    wd_buf_printf(&p->log, " #%llu\n", (unsigned long long)channel->openings);
    return 0;
}

static int on_message(void *ctx, const struct wd_message *m)
{
    struct play *p = ctx;
    assert_true(m->body.len <= m->body_len);
    assert_true(m->is_too_long || m->body.len == m->body_len);
    p->messages++;
    p->wire_len += m->wire_len;
    p->last_ts = m->ts_ns;
    wd_buf_printf(&p->log, "%s %s ", wd_direction_names[m->direction], m->is_text ? "text" : "binary");
    if (m->event.at) {
        wd_buf_puts(&p->log, "<");
        put_visible(&p->log, m->event);
        wd_buf_puts(&p->log, "> ");
    }
    wd_buf_printf(&p->log, "%llu/%llu%s ", (unsigned long long)m->body_len, (unsigned long long)m->wire_len,
                  m->is_too_long ? " cut" : "");
    if (!p->is_quiet)
        put_visible(&p->log, m->body);
    wd_buf_puts(&p->log, "\n");
    return 0;
}

static void on_closed(void *ctx, struct wd_channel *channel, int64_t ts_ns, bool is_last)
{
    struct play *p = ctx;
    (void)ts_ns;
    wd_buf_printf(&p->log, "close ");
    put_visible(&p->log, channel->path);
    wd_buf_puts(&p->log, is_last ? " last\n" : "\n");
}

static void feed_pieces(struct wd_messages *messages, struct wd_chunk *chunk, struct wd_bytes bytes, size_t piece)
{
    while (bytes.len) {
        size_t n = piece && piece < bytes.len ? piece : bytes.len;
        /* An exact copy on the heap, so that the sanitizer sees every read beyond it. */
        uint8_t *copy = malloc(n);
        memcpy(copy, bytes.at, n);
        chunk->bytes = wd_bytes_at(copy, n);
        assert_int_equal(wd_messages_feed(messages, chunk), 0);
        free(copy);
        bytes = wd_bytes_at(bytes.at + n, bytes.len - n);
    }
}

static bool wants(void *ctx, struct wd_bytes path)
{
    const struct play *p = ctx;
    return p->wanted && wd_bytes_is(path, p->wanted);
}

void play(struct play *p, const struct step *steps, size_t count, size_t piece, size_t total)
{
    struct wd_message_sink sink = { p, on_opened, on_message, on_closed, wants };
    struct wd_connection connection = { .id = 1, .client = p->client, .client_by = p->client_by, .is_midway = p->is_midway };
    p->ledger = (struct wd_ledger){ 0 };
    p->counts = (struct wd_connection_counts){ 0 };
    p->fed = p->messages = p->wire_len = 0;
    wd_buf_reset(&p->log);
    struct wd_messages *messages = wd_messages_open(&p->limits, &p->ledger, &p->counts, &sink);
    struct wd_chunk chunk = { .connection = &connection, .kind = WD_CHUNK_OPEN };
    assert_int_equal(wd_messages_feed(messages, &chunk), 0);
    for (size_t i = 0; i < count; i++) {
        struct wd_bytes bytes = steps[i].bytes;
        if (bytes.len > total - p->fed)
            bytes.len = total - p->fed;
        p->fed += bytes.len;
        chunk = (struct wd_chunk){ .connection = &connection, .side = steps[i].side, .ts_ns = (int64_t)i + 1, .packet = i + 1 };
        chunk.kind = steps[i].is_end ? WD_CHUNK_END
                     : steps[i].missing || steps[i].is_unknown_gap ? WD_CHUNK_GAP : WD_CHUNK_DATA;
        chunk.missing = steps[i].missing;
        if (chunk.kind == WD_CHUNK_DATA)
            feed_pieces(messages, &chunk, bytes, piece);
        else
            assert_int_equal(wd_messages_feed(messages, &chunk), 0);
        if (p->fed == total)
            break;
    }
    chunk = (struct wd_chunk){ .connection = &connection, .kind = WD_CHUNK_CLOSE, .ts_ns = (int64_t)count + 1 };
    assert_int_equal(wd_messages_feed(messages, &chunk), 0);
    wd_messages_free(messages);
    p->client_after = connection.client;
    uint64_t reasons = 0;
    for (int i = 0; i < WD_REASON_COUNT; i++)
        reasons += p->ledger.reason_bytes[i];
    assert_int_equal(wd_ledger_sum(&p->ledger), p->fed);
    assert_int_equal(p->ledger.layer[WD_LAYER_PAYLOAD], p->wire_len);
    assert_int_equal(p->ledger.layer[WD_LAYER_UNDECODED], reasons);
}

void play_free(struct play *p)
{
    wd_buf_free(&p->log);
}

void play_check(struct play *p, const struct step *steps, size_t count, const char *expected)
{
    struct play again = *p;
    again.log = (struct wd_buf){ 0 };
    play(p, steps, count, 0, SIZE_MAX);
    if (expected)
        assert_string_equal(wd_buf_cstr(&p->log), expected);
    bool has_positions = p->is_midway;   /* where positions are searched at chunk starts, cuts matter */
    for (size_t i = 0; i < count; i++)
        has_positions |= steps[i].missing || steps[i].is_unknown_gap;
    for (size_t piece = 1; piece <= 7 && !has_positions; piece += 2) {
        play(&again, steps, count, piece, SIZE_MAX);
        assert_string_equal(wd_buf_cstr(&again.log), wd_buf_cstr(&p->log));
        assert_memory_equal(&again.ledger, &p->ledger, sizeof p->ledger);
        assert_memory_equal(&again.counts, &p->counts, sizeof p->counts);
    }
    for (size_t total = 0; total < p->fed; total += 1 + p->fed / 2000)
        play(&again, steps, count, 0, total);
    play_free(&again);
}

void play_expect_layers(const struct play *p, uint64_t http, uint64_t framing, uint64_t control, uint64_t payload,
                        uint64_t undecoded)
{
    assert_int_equal(p->ledger.layer[WD_LAYER_HTTP], http);
    assert_int_equal(p->ledger.layer[WD_LAYER_FRAMING], framing);
    assert_int_equal(p->ledger.layer[WD_LAYER_CONTROL], control);
    assert_int_equal(p->ledger.layer[WD_LAYER_PAYLOAD], payload);
    assert_int_equal(p->ledger.layer[WD_LAYER_UNDECODED], undecoded);
}
