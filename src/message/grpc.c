/* message/grpc.c - gRPC, one direction of a call:
 *
 *   compressed(8) length(32) message      prefix: framing; message: payload
 *   compressed(8) length(32) message
 *
 * A message is compressed by itself, with what grpc-encoding names. Prefix and message may be cut anywhere.
 *
 * Source: grpc/grpc "gRPC over HTTP2", Length-Prefixed-Message.
 */
#include "base/cursor.h"
#include "message/body.h"

#define PREFIX 5

enum phase {
    AT_PREFIX,
    IN_MESSAGE,
    LOST,       /* position lost: undecoded for `reason` up to messages that fill what is fed at once */
    DEAD,       /* undecoded for `reason` */
};

struct grpc {
    struct wd_host *host;
    struct wd_channel *channel;
    enum wd_direction direction;
    struct wd_buf *coding;     /* grpc-encoding */
    enum phase phase;
    enum wd_reason reason;
    bool is_resumed;           /* the position was found again rather than followed */
    uint8_t prefix[PREFIX];
    uint8_t prefix_len;
    uint64_t prefix_share;     /* of the wire, as message/share.h counts */

    /* The message that is being read. */
    bool is_compressed;
    uint64_t left;
    enum wd_reason fault;      /* WD_FINE, or why it is undecoded */
    struct wd_body *body;      /* compressed */
    struct wd_mark_list marks; /* of what it was compressed from */
    bool is_shared;            /* compressed, without marks or inside of another compression */
    struct wd_buf *text;       /* as far as it is in pieces */
    uint64_t text_len;         /* all of it: text holds at most the `message` limit */
    uint64_t share;

    uint64_t lost_share;
    uint64_t accounted;        /* whole bytes that went to a layer */
};

static void *open_grpc(struct wd_host *host, struct wd_channel *channel, enum wd_direction direction,
                       struct wd_bytes message_coding)
{
    struct grpc *g = wd_alloc(sizeof *g);
    g->host = host;
    g->channel = channel;
    g->direction = direction;
    g->text = wd_host_borrow(host);
    g->coding = wd_host_borrow(host);
    wd_buf_put(g->coding, message_coding);
    return g;
}

static void free_grpc(void *state)
{
    struct grpc *g = state;
    wd_body_close(g->body);
    wd_free(g->marks.at);
    wd_host_return(g->host, g->text);
    wd_host_return(g->host, g->coding);
    wd_free(g);
}

static int keep(void *ctx, struct wd_bytes bytes, struct wd_share *share)
{
    struct grpc *g = ctx;
    g->is_shared |= share->is_estimated;
    if (!g->is_shared && share->marks.at && g->text_len < g->host->limits->message && g->text_len < INT32_MAX)
        wd_share_keep(share, bytes.len, &g->marks);
    uint64_t limit = g->host->limits->message, room = g->text->len < limit ? limit - g->text->len : 0;
    g->text_len += bytes.len;
    wd_buf_put(g->text, wd_bytes_at(bytes.at, bytes.len < room ? bytes.len : (size_t)room));
    return WD_OK;
}

static void undecoded(struct grpc *g, enum wd_reason reason, uint64_t bytes)
{
    wd_host_undecoded(g->host, reason, bytes);
    g->accounted += bytes;
}

/* --- messages --- */

static void begin_message(struct grpc *g)
{
    struct wd_cursor c = wd_cursor_of(wd_bytes_at(g->prefix, PREFIX));
    uint8_t flag = wd_cursor_u8(&c);
    g->left = wd_cursor_be32(&c);
    g->is_compressed = flag == 1;
    g->prefix_len = 0;
    g->share = 0;
    g->text_len = 0;
    g->fault = WD_FINE;
    g->marks.count = 0;
    g->is_shared = false;
    wd_buf_reset(g->text);
    if (flag > 1) {
        g->phase = g->is_resumed ? LOST : DEAD;
        if (!g->is_resumed)
            g->reason = WD_REASON_MALFORMED_FRAMING;
        g->lost_share += g->prefix_share;
        g->prefix_share = 0;
        return;
    }
    g->prefix_share = 0;
    g->phase = IN_MESSAGE;
    if (!g->is_compressed || g->left == 0)
        return;
    g->body = wd_body_open(g->host, wd_buf_bytes(g->coding), &g->fault);
    if (!g->body && g->fault == WD_FINE)   /* compressed with nothing, or with what was not seen */
        g->fault = g->is_resumed ? g->reason : WD_REASON_MALFORMED_ENCODING;
}

static int emit(struct grpc *g, struct wd_bytes body, uint64_t body_len)
{
    struct wd_message message = {
        .channel = g->channel,
        .direction = g->direction,
        .body = body,
        .body_len = body_len,
        .wire_len = wd_share_bytes(g->share),
        .odd_bits = wd_share_odd_bits(g->share),
        .is_shared = g->is_shared,
    };
    if (!g->is_shared && g->marks.count)
        message.marks = wd_marks_of(&g->marks);
    g->host->counts->messages_compressed += g->is_compressed;
    g->accounted += message.wire_len;
    g->share = 0;
    return wd_host_message(g->host, &message);
}

static int end_message(struct grpc *g)
{
    g->phase = AT_PREFIX;
    if (g->body && g->fault == WD_FINE && !wd_body_is_whole(g->body))
        g->fault = WD_REASON_MALFORMED_ENCODING;
    wd_body_close(g->body);
    g->body = NULL;
    if (g->fault == WD_FINE)
        return emit(g, wd_buf_bytes(g->text), g->text_len);
    undecoded(g, g->fault, g->share >> WD_SHARE_BITS);
    g->share = 0;
    return WD_OK;
}

/* Part of the message, or all of what is left of it. */
static int take_content(struct grpc *g, struct wd_bytes bytes, struct wd_share *share)
{
    struct wd_share plain = { .rate = WD_SHARE_ONE };
    bool is_all = g->share == 0 && g->text_len == 0 && bytes.len == g->left && !g->is_compressed;
    uint64_t cost = wd_share_take(share, bytes.len);
    g->is_shared |= cost != bytes.len * WD_SHARE_ONE;
    g->share += cost;
    g->left -= bytes.len;
    if (is_all) {   /* the usual case: passed on as it lies there */
        g->phase = AT_PREFIX;
        return emit(g, bytes, bytes.len);
    }
    if (g->fault == WD_FINE && g->body)
        TRY(wd_body_feed(g->body, bytes, false, keep, g, &g->fault));
    else if (g->fault == WD_FINE)
        keep(g, bytes, &plain);
    return g->left ? WD_OK : end_message(g);
}

/* --- feeding --- */

/* Messages follow one another from here exactly to the end of the bytes, as they do where senders write a
 * message to a frame. */
static bool is_messages(struct wd_bytes bytes)
{
    struct wd_cursor c = wd_cursor_of(bytes);
    bool is_sane = bytes.len > 0;
    while (is_sane && wd_cursor_left(&c)) {
        is_sane = wd_cursor_u8(&c) <= 1;
        wd_cursor_skip(&c, wd_cursor_be32(&c));
    }
    return is_sane && !c.fault;
}

static int read_prefix(struct grpc *g, struct wd_bytes *bytes, struct wd_share *share)
{
    size_t n = PREFIX - g->prefix_len;
    n = n < bytes->len ? n : bytes->len;
    memcpy(g->prefix + g->prefix_len, bytes->at, n);
    g->prefix_len += (uint8_t)n;
    g->prefix_share += wd_share_take(share, n);
    *bytes = wd_bytes_at(bytes->at + n, bytes->len - n);
    if (g->prefix_len < PREFIX)
        return WD_OK;
    begin_message(g);
    return g->phase == IN_MESSAGE && g->left == 0 ? end_message(g) : WD_OK;
}

static int feed_grpc(void *state, struct wd_bytes bytes, struct wd_share *share)
{
    struct grpc *g = state;
    if (g->phase == LOST && is_messages(bytes))
        g->phase = AT_PREFIX;
    while (bytes.len) {
        if (g->phase >= LOST) {
            g->lost_share += wd_share_take(share, bytes.len);
            return WD_OK;
        }
        if (g->phase == AT_PREFIX) {
            TRY(read_prefix(g, &bytes, share));
            continue;
        }
        struct wd_bytes part = { bytes.at, bytes.len < g->left ? bytes.len : (size_t)g->left };
        bytes = wd_bytes_at(bytes.at + part.len, bytes.len - part.len);
        TRY(take_content(g, part, share));
    }
    return WD_OK;
}

/* What there is of a message that will not be complete. */
static void lose_message(struct grpc *g)
{
    g->lost_share += g->share + g->prefix_share;
    g->share = g->prefix_share = 0;
    g->prefix_len = 0;
    wd_body_close(g->body);
    g->body = NULL;
}

static void gap_grpc(void *state, enum wd_reason reason)
{
    struct grpc *g = state;
    if (g->phase == DEAD)
        return;
    undecoded(g, g->reason, g->lost_share >> WD_SHARE_BITS);
    g->lost_share &= WD_SHARE_ONE - 1;
    lose_message(g);
    g->phase = LOST;
    g->reason = reason;
    g->is_resumed = true;
}

static int finish_grpc(void *state, bool is_whole, enum wd_reason reason, uint64_t *accounted)
{
    struct grpc *g = state;
    (void)is_whole;   /* a message that is not complete by now never is */
    if (g->phase < LOST) {
        undecoded(g, g->reason, g->lost_share >> WD_SHARE_BITS);
        g->lost_share &= WD_SHARE_ONE - 1;
        lose_message(g);
        g->reason = reason;
    }
    undecoded(g, g->reason, g->lost_share >> WD_SHARE_BITS);
    *accounted = g->accounted;
    return WD_OK;
}

static const char *const media_types[] = { "application/grpc", "application/grpc+", NULL };

const struct wd_decoder wd_decoder_grpc = {
    .name = "grpc",
    .media_types = media_types,
    .transport = WD_TRANSPORT_GRPC,
    .open = open_grpc,
    .feed = feed_grpc,
    .gap = gap_grpc,
    .finish = finish_grpc,
    .free = free_grpc,
};
