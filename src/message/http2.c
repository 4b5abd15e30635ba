/* message/http2.c - RFC 9113:
 *
 *   client   PRI * HTTP/2.0 CRLF CRLF SM CRLF CRLF   SETTINGS frame frame ...
 *   server                                           SETTINGS frame frame ...
 *
 *   frame    length(24) type(8) flags(8) R(1) stream(31) payload
 *   HEADERS  [pad length(8)] [priority(40)] fragment [padding]     CONTINUATION goes on until END_HEADERS
 *   DATA     [pad length(8)] content [padding]                     content: message/http2_stream.h
 *
 * All but the content of DATA is http.
 */
#include "message/head.h"
#include "message/http2_bid.h"
#include "message/http2_frame.h"
#include "message/http2_stream.h"

#define PRIORITY_LEN 5
#define PROMISED_LEN 4

enum phase {
    PREFACE,
    HEAD,
    CONTENT,    /* DATA: pad length, content, padding */
    BLOCK,      /* HEADERS, PUSH_PROMISE, CONTINUATION */
    SKIP,       /* payload that nobody needs */
    LOST,       /* position lost: undecoded for `doubt.reason` up to frames at the start of a chunk */
    DEAD,       /* undecoded for `doubt.reason` */
};

struct side {
    enum phase phase;
    struct wd_h2_doubt doubt;
    uint8_t head[WD_H2_PREFACE_LEN];
    uint8_t head_len;          /* of a preface or frame header that is not complete */
    bool is_unheard;           /* no frame has come yet, and the first will be the first that was sent */
    struct wd_h2_frame frame;
    uint32_t left;             /* of its payload */
    bool has_pad_len;          /* CONTENT: the next byte says how long the padding is */
    bool is_start;             /* CONTENT: none of it has come yet */
    uint32_t padding;          /* CONTENT: at the end of what is left */

    struct wd_hpack *hpack;    /* NULL until it is needed */
    struct wd_h2_frame begun;  /* the frame that began the block; len 0 and type DATA: there is none */
    bool in_block, is_block_lost;
    struct wd_buf *block;      /* payloads of its frames so far, stripped but for the last */
    size_t frame_off;          /* where the payload of this frame begins in it */
    uint64_t block_bytes;      /* of all payloads; not in a layer yet */
    uint64_t continuations;
    uint32_t promised;
};

struct http2 {
    struct wd_host *host;
    struct side side[2];
    struct wd_h2_streams streams;
    struct wd_h2_head head;
    bool is_client_known;
};

/* --- opening --- */

/* The request that asked for HTTP/2 is its stream 1 (RFC 7540 section 3.2). */
static int take_upgraded(struct http2 *h, const struct wd_opening *opening)
{
    struct wd_h2_stream *stream;
    TRY(wd_h2_stream_add(&h->streams, 1, &stream));
    return stream ? wd_h2_stream_asked(&h->streams, stream, opening->method, opening->path) : WD_OK;
}

static int open_http2(struct wd_host *host, const struct wd_opening *opening, void **state)
{
    struct http2 *h = wd_alloc(sizeof *h);
    *state = h;
    h->host = host;
    h->is_client_known = opening->client >= 0;
    if (h->is_client_known)
        wd_host_client_is(host, opening->client);
    int client = h->is_client_known ? opening->client : host->connection->client;
    wd_h2_streams_open(&h->streams, host, client);
    for (int i = 0; i < 2; i++) {
        struct side *s = &h->side[i];
        s->phase = opening->is_midway || !opening->is_synced[i] ? LOST : i == client ? PREFACE : HEAD;
        s->doubt = (struct wd_h2_doubt){ WD_REASON_INCOMPLETE, s->phase == LOST };
        s->is_unheard = s->phase != LOST;
    }
    return opening->method.len ? take_upgraded(h, opening) : WD_OK;
}

/* --- losing track --- */

/* Bytes that are in no layer yet. */
static uint64_t pending(const struct side *s)
{
    return s->head_len + s->block_bytes;
}

static void forget_block(struct http2 *h, struct side *s)
{
    wd_host_return(h->host, s->block);
    s->block = NULL;
    s->block_bytes = 0;
    s->in_block = s->is_block_lost = false;
}

static void give_up(struct http2 *h, struct side *s, enum wd_reason reason)
{
    if (s->phase != DEAD) {
        wd_host_undecoded(h->host, reason, pending(s));
        s->doubt.reason = reason;
    }
    s->head_len = 0;
    forget_block(h, s);
    s->phase = DEAD;
}

/* A limit was hit that the whole connection has to keep. */
static int abandon(struct http2 *h, enum wd_limit limit)
{
    wd_host_limit(h->host, limit);
    give_up(h, &h->side[0], WD_REASON_LIMIT);
    give_up(h, &h->side[1], WD_REASON_LIMIT);
    return wd_h2_streams_close(&h->streams, WD_REASON_LIMIT);
}

static int lose_position(struct http2 *h, struct side *s, enum wd_reason reason)
{
    wd_host_undecoded(h->host, reason, pending(s));
    s->head_len = 0;
    forget_block(h, s);
    wd_hpack_close(s->hpack);
    s->hpack = NULL;
    s->phase = LOST;
    s->is_unheard = false;
    s->doubt = (struct wd_h2_doubt){ reason, true };
    return wd_h2_streams_gap(&h->streams, (int)(s - h->side));
}

/* No frame looks like this. Where frames were found again rather than followed that proves nothing: search
 * again. */
static int break_off(struct http2 *h, struct side *s)
{
    if (s->doubt.is_lost)
        return lose_position(h, s, s->doubt.reason);
    give_up(h, s, WD_REASON_MALFORMED_HTTP);
    return WD_OK;
}

/* --- header blocks --- */

static struct wd_hpack *hpack_of(struct http2 *h, struct side *s)
{
    if (!s->hpack)
        s->hpack = wd_hpack_open(h->host->limits, s->doubt.is_lost);
    return s->hpack;
}

/* Takes padding, priority and promised stream off the payload that was put at frame_off. False: they do not
 * fit. */
static bool strip(struct side *s)
{
    size_t len = s->block->len - s->frame_off, skip = 0, padding = 0;
    bool is_plain = s->frame.type == WD_H2_HEADERS && !(s->frame.flags & (WD_H2_PADDED | WD_H2_PRIORITIZED));
    if (s->frame.type == WD_H2_CONTINUATION || is_plain || len == 0)
        return s->frame.type == WD_H2_CONTINUATION || is_plain;
    uint8_t *at = s->block->at + s->frame_off;
    if (s->frame.flags & WD_H2_PADDED) {
        padding = at[0];
        skip = 1;
    }
    if (s->frame.type == WD_H2_PUSH_PROMISE)
        skip += PROMISED_LEN;
    else if (s->frame.flags & WD_H2_PRIORITIZED)
        skip += PRIORITY_LEN;
    if (skip > len || padding > len - skip)
        return false;
    if (s->frame.type == WD_H2_PUSH_PROMISE) {
        const uint8_t *p = at + skip - PROMISED_LEN;
        s->promised = ((uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3]) & INT32_MAX;
    }
    memmove(at, at + skip, len - skip - padding);
    s->block->len -= skip + padding;
    return true;
}

/* Who asks is the client. Where the opening was not seen that may come as news. */
static void note_client(struct http2 *h, int side)
{
    bool asks = h->head.has[WD_H2_METHOD], answers = h->head.has[WD_H2_STATUS];
    if (h->is_client_known || asks == answers)
        return;
    h->is_client_known = true;
    h->streams.client = asks ? side : !side;
    wd_host_client_is(h->host, h->streams.client);
}

static int take_promise(struct http2 *h, struct side *s)
{
    struct wd_h2_stream *stream = NULL;
    if (s->promised && wd_h2_stream_is_new(&h->streams, s->promised))
        TRY(wd_h2_stream_add(&h->streams, s->promised, &stream));
    if (!stream)
        return WD_OK;
    return wd_h2_stream_asked(&h->streams, stream, wd_h2_head_value(&h->head, WD_H2_METHOD),
                              wd_target_path(wd_h2_head_value(&h->head, WD_H2_PATH)));
}

static int take_head(struct http2 *h, struct side *s, int side)
{
    uint32_t id = s->begun.stream;
    bool is_end = s->begun.flags & WD_H2_END_STREAM;
    struct wd_h2_stream *stream = wd_h2_stream_find(&h->streams, id);
    bool is_lost = h->side[0].doubt.is_lost || h->side[1].doubt.is_lost;
    if (!stream && (is_lost || wd_h2_stream_is_new(&h->streams, id)))
        TRY(wd_h2_stream_add(&h->streams, id, &stream));
    return stream ? wd_h2_stream_head(&h->streams, stream, side, &h->head, is_end, s->doubt) : WD_OK;
}

static int end_block(struct http2 *h, struct side *s)
{
    uint64_t unresolved = 0, all = s->block_bytes;
    enum wd_reason fault = s->doubt.reason;
    wd_h2_head_reset(&h->head, h->host);
    if (!s->is_block_lost)
        fault = wd_h2_head_read(&h->head, hpack_of(h, s), wd_buf_bytes(s->block), &unresolved);
    if (fault == WD_REASON_LIMIT && !s->is_block_lost)
        return abandon(h, WD_LIMIT_table);
    if (fault != WD_FINE) {   /* what was entered by it is not known: from here on as after a gap */
        wd_h2_head_reset(&h->head, h->host);
        h->head.has_unknown = true;
        wd_hpack_close(s->hpack);
        s->hpack = wd_hpack_open(h->host->limits, true);
        unresolved = all;
        if (!s->doubt.is_lost)
            s->doubt.reason = fault;
    }
    wd_host_undecoded(h->host, s->doubt.reason, unresolved);
    wd_ledger_add(h->host->ledger, WD_LAYER_HTTP, all - unresolved);
    forget_block(h, s);
    int side = (int)(s - h->side);
    note_client(h, side);
    return s->begun.type == WD_H2_PUSH_PROMISE ? take_promise(h, s) : take_head(h, s, side);
}

static int end_block_frame(struct http2 *h, struct side *s)
{
    s->phase = HEAD;
    if (!s->is_block_lost && !strip(s))
        return break_off(h, s);
    if (!s->is_block_lost)
        s->frame_off = s->block->len;
    return s->frame.flags & WD_H2_END_HEADERS ? end_block(h, s) : WD_OK;
}

static int begin_block_frame(struct http2 *h, struct side *s)
{
    const struct wd_limits *limits = h->host->limits;
    if (s->frame.type == WD_H2_CONTINUATION) {
        if (++s->continuations > limits->continuations)
            return abandon(h, WD_LIMIT_continuations);
    } else {
        s->in_block = true;
        s->begun = s->frame;
        s->continuations = 0;
        s->promised = 0;
        s->frame_off = 0;
        s->block = wd_host_borrow(h->host);
    }
    if (s->block->len > limits->header_list || s->frame.len > limits->header_list - s->block->len)
        return abandon(h, WD_LIMIT_header_list);
    s->phase = BLOCK;
    return s->left ? WD_OK : end_block_frame(h, s);
}

static int read_block(struct http2 *h, struct side *s, struct wd_bytes part)
{
    if (s->is_block_lost) {
        wd_host_undecoded(h->host, s->doubt.reason, part.len);
    } else {
        wd_buf_put(s->block, part);
        s->block_bytes += part.len;
    }
    return s->left ? WD_OK : end_block_frame(h, s);
}

/* --- data --- */

static int end_content(struct http2 *h, struct side *s)
{
    struct wd_h2_stream *stream = wd_h2_stream_find(&h->streams, s->frame.stream);
    s->phase = HEAD;
    if (!stream || !(s->frame.flags & WD_H2_END_STREAM))
        return WD_OK;
    return wd_h2_stream_end(&h->streams, stream, (int)(s - h->side));
}

static int begin_content(struct http2 *h, struct side *s)
{
    s->phase = CONTENT;
    s->padding = 0;
    s->has_pad_len = s->frame.flags & WD_H2_PADDED;
    s->is_start = true;
    if (s->has_pad_len && s->left == 0)
        return break_off(h, s);
    return s->left ? WD_OK : end_content(h, s);
}

static int take_content(struct http2 *h, struct side *s, struct wd_bytes bytes, uint64_t left)
{
    struct wd_h2_stream *stream = wd_h2_stream_find(&h->streams, s->frame.stream);
    bool is_new = wd_h2_stream_is_new(&h->streams, s->frame.stream);
    if (!stream && s->doubt.is_lost)
        TRY(wd_h2_stream_add(&h->streams, s->frame.stream, &stream));
    if (stream) {
        bool is_start = s->is_start;
        s->is_start = false;
        return wd_h2_stream_data(&h->streams, stream, (int)(s - h->side), bytes, is_start, left, s->doubt);
    }
    /* Nobody waits for it any more, or nobody ever did. */
    wd_host_undecoded(h->host, is_new ? WD_REASON_MALFORMED_HTTP : WD_REASON_INCOMPLETE, bytes.len);
    return WD_OK;
}

/* Some of the payload; s->left is without it. */
static int read_content(struct http2 *h, struct side *s, struct wd_bytes part)
{
    if (s->has_pad_len) {
        s->has_pad_len = false;
        s->padding = part.at[0];
        wd_ledger_add(h->host->ledger, WD_LAYER_HTTP, 1);
        part = wd_bytes_at(part.at + 1, part.len - 1);
        if (s->padding > s->left + part.len) {
            enum wd_reason reason = s->doubt.is_lost ? s->doubt.reason : WD_REASON_MALFORMED_HTTP;
            wd_host_undecoded(h->host, reason, part.len);
            return break_off(h, s);
        }
    }
    uint64_t rest = s->left + part.len;
    uint64_t left = rest > s->padding ? rest - s->padding : 0;   /* of the content */
    size_t n = part.len < left ? part.len : (size_t)left;
    if (n)
        TRY(take_content(h, s, wd_bytes_at(part.at, n), left));
    wd_ledger_add(h->host->ledger, WD_LAYER_HTTP, part.len - n);
    return s->phase == CONTENT && !s->left ? end_content(h, s) : WD_OK;
}

/* --- frames --- */

static int take_reset(struct http2 *h, struct side *s)
{
    struct wd_h2_stream *stream = wd_h2_stream_find(&h->streams, s->frame.stream);
    return stream ? wd_h2_stream_reset(&h->streams, stream, (int)(s - h->side)) : WD_OK;
}

static int read_skipped(struct http2 *h, struct side *s, struct wd_bytes part)
{
    wd_ledger_add(h->host->ledger, WD_LAYER_HTTP, part.len);
    if (s->left)
        return WD_OK;
    s->phase = HEAD;
    return s->frame.type == WD_H2_RST_STREAM ? take_reset(h, s) : WD_OK;
}

static int begin_frame(struct http2 *h, struct side *s)
{
    bool is_continuation = s->frame.type == WD_H2_CONTINUATION;
    if (s->in_block != is_continuation || (is_continuation && s->frame.stream != s->begun.stream))
        return break_off(h, s);
    wd_ledger_add(h->host->ledger, WD_LAYER_HTTP, WD_H2_HEAD);
    s->head_len = 0;
    s->left = s->frame.len;
    switch (s->frame.type) {
    case WD_H2_DATA:
        return begin_content(h, s);
    case WD_H2_HEADERS:
    case WD_H2_PUSH_PROMISE:
    case WD_H2_CONTINUATION:
        return begin_block_frame(h, s);
    default:
        s->phase = SKIP;
        return s->left ? WD_OK : read_skipped(h, s, wd_bytes_at(NULL, 0));
    }
}

/* The rest of `len` bytes that are looked at together. True when they are there. */
static bool gather(struct side *s, struct wd_bytes *bytes, size_t len)
{
    size_t n = len - s->head_len < bytes->len ? len - s->head_len : bytes->len;
    memcpy(s->head + s->head_len, bytes->at, n);
    s->head_len += (uint8_t)n;
    *bytes = wd_bytes_at(bytes->at + n, bytes->len - n);
    return s->head_len == len;
}

static int read_head(struct http2 *h, struct side *s, struct wd_bytes *bytes)
{
    if (!gather(s, bytes, WD_H2_HEAD))
        return WD_OK;
    bool is_unheard = s->is_unheard;
    s->is_unheard = false;
    if (!wd_h2_frame_read(wd_bytes_at(s->head, WD_H2_HEAD), &s->frame))
        return break_off(h, s);
    if (is_unheard && (s->frame.type != WD_H2_SETTINGS || s->frame.flags & WD_H2_ACK))   /* section 3.4 */
        return break_off(h, s);
    return begin_frame(h, s);
}

static int read_preface(struct http2 *h, struct side *s, struct wd_bytes *bytes)
{
    if (!gather(s, bytes, WD_H2_PREFACE_LEN))
        return WD_OK;
    if (wd_h2_frame_is_preface(wd_bytes_at(s->head, WD_H2_PREFACE_LEN)) < 0)
        return break_off(h, s);
    wd_ledger_add(h->host->ledger, WD_LAYER_HTTP, WD_H2_PREFACE_LEN);
    s->head_len = 0;
    s->phase = HEAD;
    return WD_OK;
}

static int read_payload(struct http2 *h, struct side *s, struct wd_bytes *bytes)
{
    struct wd_bytes part = { bytes->at, bytes->len < s->left ? bytes->len : s->left };
    *bytes = wd_bytes_at(bytes->at + part.len, bytes->len - part.len);
    s->left -= (uint32_t)part.len;
    if (s->phase == CONTENT)
        return read_content(h, s, part);
    return s->phase == BLOCK ? read_block(h, s, part) : read_skipped(h, s, part);
}

/* --- finding frames again --- */

/* Everything of this side has been captured after all. */
static void begin_fresh(struct http2 *h, struct side *s, enum phase phase)
{
    int side = (int)(s - h->side), client = phase == PREFACE ? side : !side;
    s->phase = phase;
    s->doubt = (struct wd_h2_doubt){ WD_REASON_INCOMPLETE, false };
    s->is_unheard = true;
    if (h->is_client_known)
        return;
    h->is_client_known = true;
    h->streams.client = client;
    wd_host_client_is(h->host, client);
}

static void seek(struct http2 *h, struct side *s, struct wd_bytes *bytes)
{
    bool has_streams = h->streams.highest[0] || h->streams.highest[1];
    bool is_virgin = s->doubt.reason == WD_REASON_INCOMPLETE && !has_streams;
    if (is_virgin && wd_h2_frame_is_preface(*bytes) > 0) {
        begin_fresh(h, s, PREFACE);
    } else if (is_virgin && wd_h2_frame_is_start(*bytes) > 0 && s != &h->side[h->streams.client]) {
        begin_fresh(h, s, HEAD);
    } else if (wd_h2_frame_evidence(*bytes) >= WD_H2_RESUME_BITS) {
        s->phase = HEAD;
    } else {
        wd_host_undecoded(h->host, s->doubt.reason, bytes->len);
        bytes->len = 0;
    }
}

static int data(void *state, int side, struct wd_bytes bytes)
{
    struct http2 *h = state;
    struct side *s = &h->side[side];
    while (bytes.len) {
        switch (s->phase) {
        case PREFACE:
            TRY(read_preface(h, s, &bytes));
            break;
        case HEAD:
            TRY(read_head(h, s, &bytes));
            break;
        case CONTENT:
        case BLOCK:
        case SKIP:
            TRY(read_payload(h, s, &bytes));
            break;
        case LOST:
            seek(h, s, &bytes);
            break;
        case DEAD:
            wd_host_undecoded(h->host, s->doubt.reason, bytes.len);
            return WD_OK;
        }
    }
    return WD_OK;
}

/* --- gaps and ends --- */

/* A hole whose end is inside the frame. */
static int lose_content(struct http2 *h, struct side *s, uint32_t missing)
{
    struct wd_h2_stream *stream = wd_h2_stream_find(&h->streams, s->frame.stream);
    uint32_t content = s->left > s->padding ? s->left - s->padding : 0;
    s->left -= missing;
    if (stream && content)
        TRY(wd_h2_stream_gap(&h->streams, stream, (int)(s - h->side), missing < content ? missing : content));
    return s->left ? WD_OK : end_content(h, s);
}

static int lose_block(struct http2 *h, struct side *s, uint32_t missing)
{
    wd_host_undecoded(h->host, WD_REASON_GAP, s->block_bytes);
    s->block_bytes = 0;
    s->is_block_lost = true;
    s->doubt = (struct wd_h2_doubt){ WD_REASON_GAP, true };
    s->left -= missing;
    return s->left ? WD_OK : end_block_frame(h, s);
}

static int gap(void *state, int side, uint64_t missing)
{
    struct http2 *h = state;
    struct side *s = &h->side[side];
    bool is_inside = missing > 0 && missing <= s->left;
    if (s->phase == LOST || s->phase == DEAD)
        return WD_OK;
    if (is_inside && s->phase == CONTENT && !s->has_pad_len)
        return lose_content(h, s, (uint32_t)missing);
    if (is_inside && s->phase == BLOCK)
        return lose_block(h, s, (uint32_t)missing);
    if (is_inside && s->phase == SKIP) {
        s->left -= (uint32_t)missing;
        return s->left ? WD_OK : read_skipped(h, s, wd_bytes_at(NULL, 0));
    }
    return lose_position(h, s, WD_REASON_GAP);
}

static int end(void *state, int side)
{
    (void)state;
    (void)side;
    return WD_OK;
}

static int finish(void *state)
{
    struct http2 *h = state;
    for (int i = 0; i < 2; i++)
        wd_host_undecoded(h->host, WD_REASON_INCOMPLETE, pending(&h->side[i]));
    return wd_h2_streams_close(&h->streams, WD_REASON_INCOMPLETE);
}

static void free_http2(void *state)
{
    struct http2 *h = state;
    for (int i = 0; i < 2; i++) {
        wd_host_return(h->host, h->side[i].block);
        wd_hpack_close(h->side[i].hpack);
    }
    wd_h2_streams_free(&h->streams);
    wd_h2_head_free(&h->head);
    wd_free(h);
}

const struct wd_protocol wd_protocol_http2 = {
    .name = "h2",
    .alias = "h2c",
    .bid = wd_h2_bid,
    .open = open_http2,
    .data = data,
    .gap = gap,
    .end = end,
    .finish = finish,
    .free = free_http2,
};
