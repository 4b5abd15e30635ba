/* Messages that repeat most of the one before are read another way than others (profile/repeat.c), and counted the same: the
 * lines of the input are messages of a WebSocket, each said twice; without echoes the profile is the same, byte for byte. The
 * first byte of the input sets limits, and whether messages are compressed. */
#include "../profile/wire.h"

#include <assert.h>
#include <string.h>

#include "fuzz.h"
#include "output/output.h"
#include "profile/observe.h"

/* `odds`: 0 when the message is not compressed. */
static int said(struct wd_message_sink *sink, struct wd_channel *channel, struct wd_bytes body, int64_t ts_ns, uint64_t *odds)
{
    static struct wd_bit_mark marks[WIRE_MARKS];
    struct wd_message m = { .channel = channel, .direction = WD_S2C, .body = body, .wire_len = body.len, .body_len = body.len,
                            .ts_ns = ts_ns };
    if (*odds)
        wire_draw(&m, marks, odds);
    return sink->message(sink->ctx, &m);
}

static void say_lines(struct wd_message_sink *sink, struct wd_channel *channel, struct wd_bytes text, uint64_t odds)
{
    int64_t ts_ns = 1000000000;
    while (text.len) {
        const uint8_t *end = memchr(text.at, '\n', text.len);
        struct wd_bytes line = wd_bytes_at(text.at, end ? (size_t)(end - text.at) : text.len);
        for (int i = 0; i < 2; i++) {
            int rc = said(sink, channel, line, ts_ns += 300000000, &odds);
            assert(rc == WD_OK);
        }
        size_t used = line.len + (end != NULL);
        text = wd_bytes_at(text.at + used, text.len - used);
    }
}

static void print(const struct wd_config *config, struct wd_bytes text, uint64_t odds, struct wd_buf *out)
{
    struct wd_observer *observer = wd_observer_open(config, NULL);
    struct wd_message_sink sink = wd_observer_sink(observer);
    struct wd_connection connection = { .id = 1 };
    struct wd_channel channel = { .connection = &connection, .transport = WD_TRANSPORT_WEBSOCKET, .path = wd_bytes_of("/"),
                                  .openings = 1, .is_open = true };
    const struct wd_style style = { .columns = 80 };
    sink.opened(sink.ctx, &channel, 0);
    say_lines(&sink, &channel, text, odds);
    sink.closed(sink.ctx, &channel, 0, true);
    struct wd_profile *profile = wd_observer_finish(observer);
    wd_observer_close(observer);
    profile->ledger.layer[WD_LAYER_PAYLOAD] = profile->ledger.captured_bytes = profile->wire_payload_bytes;
    struct wd_buf why = { 0 };
    bool is_balanced = wd_profile_balances(profile, &why);
    assert(is_balanced);
    wd_print_profile(out, profile, WD_FORMAT_JSON, &style);
    wd_profile_free(profile);
    wd_buf_free(&why);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct wd_config config = { .limits = wd_limits_default(), .thresholds = { .changed_beyond = 0.05 } };
    struct wd_buf fast = { 0 }, slow = { 0 };
    if (!size)
        return 0;
    if (data[0] & 1)
        config.limits.map_keys = 4;
    if (data[0] & 2)
        config.limits.series_fields = 64;
    if (data[0] & 4)
        config.limits.fields = config.limits.fields_total = 8;
    uint64_t odds = data[0] & 8 ? data[0] : 0;
    struct wd_bytes text = wd_bytes_at(data + 1, size - 1);
    print(&config, text, odds, &fast);
    config.limits.echo = 0;
    print(&config, text, odds, &slow);
    assert(fast.len == slow.len && memcmp(fast.at, slow.at, fast.len) == 0);
    wd_buf_free(&fast);
    wd_buf_free(&slow);
    return 0;
}
