/* Real traffic: zlib, driven one byte at a time, keeps the same account of bits as we do at every symbol boundary of every
 * deflated stream there is, and of the dashboards' messages once they are compressed; and messages carry just these bits.
 *
 * The streams are taken out of the connections here, with as little of our own code as possible. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdlib.h>
#include <zlib.h>

#include "base/arena.h"
#include "message/chunked.h"
#include "message/frame.h"
#include "message/inflate.h"
#include "message/messages.h"
#include "referee.h"
#include "replay.h"

enum { CONNECTIONS_MAX = 16 };

/* One direction of a connection. */
struct lane {
    struct wd_buf raw;          /* as it crossed the wire */
    struct wd_buf bits;         /* what each byte of its messages cost, as they say */
    z_stream z;                 /* what its messages become when they are compressed */
    struct wd_buf packed;
    uint64_t messages;
};

struct run {
    struct wd_limits limits;
    struct wd_ledger ledger;
    struct wd_connection_counts counts;
    struct wd_messages *messages;
    struct lane lanes[CONNECTIONS_MAX][2];
};

static void put_bits(struct wd_buf *out, struct wd_bit_marks marks)
{
    uint64_t at = 0;
    for (size_t k = 0; k < marks.count; k++)
        for (uint64_t start = at, len = marks.at[k].end - start, bits = marks.at[k].bits; at < marks.at[k].end; at++)
            wd_buf_byte(out, (uint8_t)((at - start + 1) * bits / len - (at - start) * bits / len));
}

/* As a server with context takeover would. */
static void compress_body(struct lane *lane, struct wd_bytes body)
{
    if (lane->messages++ == 0)
        assert_int_equal(deflateInit2(&lane->z, Z_DEFAULT_COMPRESSION, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY), Z_OK);
    lane->z.next_in = (Bytef *)body.at;
    lane->z.avail_in = (uInt)body.len;
    do {
        lane->z.next_out = wd_buf_room(&lane->packed, 4096);
        lane->z.avail_out = 4096;
        assert_int_equal(deflate(&lane->z, Z_SYNC_FLUSH), Z_OK);
        lane->packed.len += 4096 - lane->z.avail_out;
    } while (lane->z.avail_out == 0);
}

static int on_message(void *ctx, const struct wd_message *m)
{
    struct run *run = ctx;
    const struct wd_connection *connection = m->channel->connection;
    struct lane *lane = &run->lanes[connection->id][m->direction == WD_C2S ? connection->client : !connection->client];
    uint64_t sum = 0;
    for (size_t k = 0; k < m->marks.count; k++)
        sum += m->marks.at[k].bits;
    assert_true(sum <= 8 * m->wire_len + m->odd_bits);
    put_bits(&lane->bits, m->marks);
    compress_body(lane, m->body);
    return 0;
}

static int on_opened(void *ctx, struct wd_channel *channel, int64_t ts_ns)
{
    (void)ctx, (void)channel, (void)ts_ns;
    return 0;
}

static void on_closed(void *ctx, struct wd_channel *channel, int64_t ts_ns, bool is_last)
{
    (void)ctx, (void)channel, (void)ts_ns, (void)is_last;
}

static int on_chunk(void *ctx, const struct wd_chunk *chunk)
{
    struct run *run = ctx;
    assert_in_range(chunk->connection->id, 1, CONNECTIONS_MAX - 1);
    if (chunk->kind == WD_CHUNK_DATA)
        wd_buf_put(&run->lanes[chunk->connection->id][chunk->side].raw, chunk->bytes);
    return wd_messages_feed(run->messages, chunk);
}

/* --- taking streams out --- */

static struct wd_bytes after(struct wd_bytes bytes, size_t n)
{
    return wd_bytes_at(bytes.at + n, bytes.len - n);
}

static struct wd_bytes skip_head(struct wd_bytes bytes)
{
    const uint8_t *end = memmem(bytes.at, bytes.len, "\r\n\r\n", 4);
    return end ? after(bytes, (size_t)(end - bytes.at) + 4) : wd_bytes_at(NULL, 0);
}

/* The compressed messages of an upgraded connection, each with the tail that its sender left off. */
static void put_frames(struct wd_buf *out, struct wd_bytes bytes)
{
    static const uint8_t tail[] = { 0, 0, 0xff, 0xff };
    bool is_compressed = false;
    struct wd_frame frame;
    for (int head; bytes.len && (head = wd_frame_read(bytes, &frame)) > 0;) {
        struct wd_bytes payload = wd_bytes_at(bytes.at + head, (size_t)frame.payload_len);
        bytes = after(bytes, (size_t)head + payload.len);
        if (wd_frame_is_control(&frame))
            continue;
        if (frame.opcode != WD_WS_CONTINUATION)
            is_compressed = frame.rsv & WD_WS_RSV1;
        if (!is_compressed)
            continue;
        uint8_t *plain = wd_buf_room(out, payload.len + 1);
        if (frame.is_masked)
            wd_frame_unmask(plain, payload, frame.key, 0);
        else
            memcpy(plain, payload.at, payload.len);
        out->len += payload.len;
        if (frame.is_fin)
            wd_buf_put(out, wd_bytes_at(tail, sizeof tail));
    }
}

static void put_chunks(struct wd_buf *out, const struct wd_limits *limits, struct wd_bytes bytes)
{
    struct wd_chunked chunked = { 0 };
    uint64_t framing = 0;
    struct wd_bytes data;
    while (wd_chunked_take(&chunked, limits, &bytes, &data, &framing) == WD_CHUNKED_DATA)
        wd_buf_put(out, data);
}

static void check_frames(struct run *run, struct lane *lane)
{
    struct wd_buf packed = { 0 }, bits = { 0 };
    put_frames(&packed, skip_head(wd_buf_bytes(&lane->raw)));
    referee(wd_buf_bytes(&packed), packed.len, 65536);
    struct wd_inflate *whole = wd_inflate_open(UINT64_MAX, NULL);
    for (struct wd_bytes in = wd_buf_bytes(&packed); wd_inflate_run(whole, &in, 65536) == WD_CODING_FULL;) { }
    put_bits(&bits, wd_inflate_marks(whole));
    assert_true(bits.len > 0 && wd_bytes_eq(wd_buf_bytes(&bits), wd_buf_bytes(&lane->bits)));
    assert_int_equal(run->ledger.layer[WD_LAYER_UNDECODED], 0);
    wd_inflate_close(whole);
    wd_buf_free(&packed);
    wd_buf_free(&bits);
}

static void check_gzip(struct run *run, struct lane *lane)
{
    enum { GZIP_HEAD_LEN = 10 };
    struct wd_buf packed = { 0 };
    struct wd_bytes body = skip_head(wd_buf_bytes(&lane->raw));
    put_chunks(&packed, &run->limits, body);
    if (packed.len > GZIP_HEAD_LEN && packed.at[0] == 0x1f)
        referee(after(wd_buf_bytes(&packed), GZIP_HEAD_LEN), 5000, 65536);
    assert_true(lane->messages == 0 || (packed.len && lane->bits.len));
    wd_buf_free(&packed);
}

static void check_nothing(struct run *run, struct lane *lane)
{
    (void)run;
    assert_int_equal(lane->bits.len, 0);
}

static const struct { const char *name; void (*check)(struct run *run, struct lane *lane); } rows[] = {
    { "captures/chat-deflate.pcapng", check_frames },
    { "dashboard/deflate.pcapng", check_frames },
    { "captures/ticker-sse-gzip.pcapng", check_gzip },
    { "captures/dashboard-naive.pcapng", check_nothing },
    { "captures/dashboard-diet.pcapng", check_nothing },
    { "dashboard/naive.pcapng", check_nothing },
    { "dashboard/diet.pcapng", check_nothing },
};

static void test_account(void **state)
{
    (void)state;
    for (size_t i = 0; i < WD_COUNT(rows); i++) {
        struct run *run = calloc(1, sizeof *run);
        struct wd_message_sink sink = { run, on_opened, on_message, on_closed, NULL };
        run->limits = wd_limits_default();
        run->messages = wd_messages_open(&run->limits, &run->ledger, &run->counts, &sink);
        replay(rows[i].name, &run->limits, &run->ledger, on_chunk, run);
        wd_messages_free(run->messages);
        uint64_t messages = 0;
        for (struct lane *lane = run->lanes[0], *end = lane + 2 * CONNECTIONS_MAX; lane < end; lane++) {
            messages += lane->messages;
            if (lane->messages) {
                rows[i].check(run, lane);
                referee(wd_buf_bytes(&lane->packed), 1448, 65536);
                deflateEnd(&lane->z);
            }
            wd_buf_free(&lane->raw);
            wd_buf_free(&lane->bits);
            wd_buf_free(&lane->packed);
        }
        assert_true(messages > 100);
        free(run);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_account) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
