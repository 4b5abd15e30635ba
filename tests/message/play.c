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

/* As model/bits.h has it. A symbol takes at most 48 bits. */
static void put_bits(struct play *p, const struct wd_message *m)
{
    uint32_t start = 0;
    uint64_t sum = 0;
    for (size_t k = 0; k < m->marks.count; k++) {
        struct wd_bit_mark mark = m->marks.at[k];
        uint64_t len = mark.end - start;
        assert_true(mark.end > start);
        for (uint64_t i = 0; i < len; i++)
            wd_buf_byte(&p->bits, (uint8_t)((i + 1) * mark.bits / len - i * mark.bits / len));
        sum += mark.bits;
        start = mark.end;
    }
    assert_int_equal(start, m->body_len);
    assert_true(sum <= 8 * m->wire_len + m->odd_bits);
    if (m->channel->transport == WD_TRANSPORT_SSE)   /* of a stream, what made no byte is nobody's */
        assert_int_equal(sum, 8 * m->wire_len + m->odd_bits);
}

static int on_message(void *ctx, const struct wd_message *m)
{
    struct play *p = ctx;
    assert_true(m->body.len <= m->body_len);
    assert_in_range(m->odd_bits, 0, 7);
    assert_false(m->marks.at && m->is_shared);
    if (m->marks.at && !m->is_too_long)
        put_bits(p, m);
    p->wire_bits += 8 * m->wire_len + m->odd_bits;
    p->shared += m->is_shared;
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
    struct wd_connection connection = { .id = 1, .client = p->client, .client_by = p->client_by, .is_midway = p->is_midway,
                                        .alpn = wd_bytes_of(p->alpn) };
    p->ledger = (struct wd_ledger){ 0 };
    p->counts = (struct wd_connection_counts){ 0 };
    p->fed = p->messages = p->wire_len = p->wire_bits = p->shared = 0;
    wd_buf_reset(&p->log);
    wd_buf_reset(&p->bits);
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
    wd_buf_free(&p->bits);
}

void play_check(struct play *p, const struct step *steps, size_t count, const char *expected)
{
    struct play again = *p;
    again.log = again.bits = (struct wd_buf){ 0 };
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
        assert_int_equal(again.wire_bits, p->wire_bits);
        assert_true(wd_bytes_eq(wd_buf_bytes(&again.bits), wd_buf_bytes(&p->bits)));
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
