#include "converse.h"

#include <stdlib.h>

struct record {
    struct wd_ledger ledger;
    struct wd_connection_counts counts;
    uint64_t digest, wire_len, fed;
};

static void require(bool holds)
{
    if (!holds)
        abort();
}

static void mix(struct record *r, const void *at, size_t len)
{
    const uint8_t *p = at;
    for (size_t i = 0; i < len; i++)
        r->digest = (r->digest ^ p[i]) * UINT64_C(0x100000001b3);
}

static void mix_number(struct record *r, uint64_t n)
{
    mix(r, &n, sizeof n);
}

static int on_opened(void *ctx, struct wd_channel *channel, int64_t ts_ns)
{
    struct record *r = ctx;
    (void)ts_ns;
    channel->user[0] = channel;   /* a receiver may keep something here */
    mix(r, channel->path.at, channel->path.len);
    mix_number(r, channel->openings);
    return 0;
}

/* By byte: how symbols are put together into marks is nobody's business. */
static void mix_marks(struct record *r, const struct wd_message *m)
{
    uint32_t start = 0;
    uint64_t sum = 0;
    for (size_t k = 0; k < m->marks.count; k++) {
        struct wd_bit_mark mark = m->marks.at[k];
        uint64_t len = mark.end - start;
        require(mark.end > start);
        for (uint64_t i = 0; i < len; i++)
            mix_number(r, (i + 1) * mark.bits / len - i * mark.bits / len);
        sum += mark.bits;
        start = mark.end;
    }
    require(start == m->body_len && sum <= 8 * m->wire_len + m->odd_bits);
}

static int on_message(void *ctx, const struct wd_message *m)
{
    struct record *r = ctx;
    require(m->odd_bits < 8 && !(m->marks.at && m->is_shared));
    if (m->marks.at && !m->is_too_long)
        mix_marks(r, m);
    mix_number(r, m->odd_bits);
    require(m->channel->user[0] == m->channel);
    require(m->body.len <= m->body_len && (m->is_too_long || m->body.len == m->body_len));
    r->wire_len += m->wire_len;
    mix_number(r, m->direction);
    mix_number(r, m->wire_len);
    mix_number(r, m->body_len);
    mix(r, m->event.at, m->event.len);
    mix(r, m->body.at, m->body.len);
    return 0;
}

static void on_closed(void *ctx, struct wd_channel *channel, int64_t ts_ns, bool is_last)
{
    (void)ts_ns;
    require(channel->user[0] == channel);
    mix_number(ctx, is_last);
}

static void feed(struct wd_messages *messages, struct wd_chunk *chunk, struct wd_bytes bytes, size_t piece)
{
    do {
        size_t n = piece < bytes.len ? piece : bytes.len;
        uint8_t *copy = malloc(n ? n : 1);   /* exact, for the sanitizer */
        if (n)
            memcpy(copy, bytes.at, n);
        chunk->bytes = wd_bytes_at(copy, n);
        require(wd_messages_feed(messages, chunk) == 0);
        free(copy);
        bytes = wd_bytes_at(bytes.at + n, bytes.len - n);
    } while (bytes.len);
}

static void run(struct record *r, const struct turn *turns, size_t count, bool is_midway, size_t piece)
{
    struct wd_limits limits = wd_limits_default();
    struct wd_message_sink sink = { r, on_opened, on_message, on_closed, NULL };
    struct wd_connection connection = { .id = 1, .is_midway = is_midway,
                                        .client_by = is_midway ? WD_CLIENT_BY_PORT : WD_CLIENT_BY_SYN };
    limits.header_line = 512;
    limits.header_list = 2048;
    limits.message = 4096;
    limits.streams = 6;
    limits.continuations = 3;
    struct wd_messages *messages = wd_messages_open(&limits, &r->ledger, &r->counts, &sink);
    struct wd_chunk chunk = { .connection = &connection, .kind = WD_CHUNK_OPEN };
    require(wd_messages_feed(messages, &chunk) == 0);
    for (size_t i = 0; i < count; i++) {
        chunk = (struct wd_chunk){ &connection, turns[i].kind,  turns[i].side, turns[i].bytes,
                                   turns[i].missing, (int64_t)i + 1, i + 1,         false };
        r->fed += turns[i].kind == WD_CHUNK_DATA ? turns[i].bytes.len : 0;
        if (turns[i].kind == WD_CHUNK_DATA)
            feed(messages, &chunk, turns[i].bytes, piece);
        else
            require(wd_messages_feed(messages, &chunk) == 0);
    }
    chunk = (struct wd_chunk){ .connection = &connection, .kind = WD_CHUNK_CLOSE, .is_reset = true };
    require(wd_messages_feed(messages, &chunk) == 0);
    wd_messages_free(messages);
    require(wd_ledger_sum(&r->ledger) == r->fed);
    require(r->ledger.layer[WD_LAYER_PAYLOAD] == r->wire_len);
}

void converse_check(const struct turn *turns, size_t count, bool is_midway)
{
    struct record whole = { 0 }, cut = { 0 };
    bool has_gap = is_midway;
    for (size_t i = 0; i < count; i++)
        has_gap |= turns[i].kind == WD_CHUNK_GAP;
    run(&whole, turns, count, is_midway, SIZE_MAX);
    run(&cut, turns, count, is_midway, 1);
    if (has_gap)
        return;
    require(whole.digest == cut.digest);
    require(memcmp(&whole.ledger, &cut.ledger, sizeof whole.ledger) == 0);
    require(memcmp(&whole.counts, &cut.counts, sizeof whole.counts) == 0);
}

size_t converse_script(struct wd_bytes data, struct turn *turns, size_t cap)
{
    size_t count = 0;
    while (data.len && count < cap) {
        uint8_t control = data.at[0];
        size_t want = control >> 3 == 31 ? data.len - 1 : (size_t)(control >> 3) * 8;
        static const enum wd_chunk_kind kinds[] = { WD_CHUNK_DATA, WD_CHUNK_DATA, WD_CHUNK_GAP,
                                                    WD_CHUNK_END };
        struct turn turn = { .side = control & 1, .kind = kinds[control >> 1 & 3] };
        data = wd_bytes_at(data.at + 1, data.len - 1);
        if (turn.kind == WD_CHUNK_GAP)
            turn.missing = control >> 3;
        if (turn.kind == WD_CHUNK_DATA) {
            turn.bytes = wd_bytes_at(data.at, want < data.len ? want : data.len);
            data = wd_bytes_at(data.at + turn.bytes.len, data.len - turn.bytes.len);
        }
        turns[count++] = turn;
    }
    return count;
}
