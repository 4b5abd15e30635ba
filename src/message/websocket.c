/* message/websocket.c - RFC 6455 section 5.4, one side:
 *
 *   text fin=0 | ping | continuation fin=0 | pong | continuation fin=1   one message, control frames between
 *   close                                                                nothing of that side is read after it
 *
 * Headers and masks of data frames are framing, whole control frames control; the payloads of a message wait
 * until it is complete and become payload, or undecoded when it never is.
 */
#include "message/frame.h"
#include "message/wsdeflate.h"

#define RESUME_BITS 13   /* one whole frame that fills its chunk */
#define BID_BITS 39      /* three of them, or less when there is text to see */

enum phase {
    HEADER,
    PAYLOAD,
    LOST,       /* position lost: undecoded for `reason` up to a plausible frame at the start of a chunk */
    DEAD,       /* undecoded for `reason` */
};

struct side {
    enum phase phase;
    enum wd_reason reason;
    enum wd_direction direction;
    /* frames were found again rather than followed: a fault is no proof, search again */
    bool is_resumed;
    int8_t is_masked;          /* habit of this side; -1 not known */
    uint8_t head[WD_FRAME_HEAD_MAX];
    uint8_t head_len;          /* of a header that is not complete */
    struct wd_frame frame;
    uint64_t left;             /* payload of the frame still to come */

    /* The message that is being read. */
    bool in_message, is_text, is_compressed;
    enum wd_reason fault;      /* WD_FINE, or why it is undecoded */
    uint32_t frames;
    uint64_t wire_len;         /* of its payloads; not in a layer yet */
    uint64_t body_len;         /* uncompressed messages: all of it, body holds at most the `message` limit */
    struct wd_buf *body;       /* borrowed while an uncompressed message is in pieces */
    struct wd_wsdeflate *deflate;   /* NULL until it is needed */
};

struct websocket {
    struct wd_host *host;
    struct wd_channel *channel;
    struct wd_wsdeflate_terms terms;
    bool is_midway;            /* what was agreed is not known */
    bool has_closed;           /* a Close was seen on either side */
    int client;
    struct side side[2];
};

/* --- recognising, opening --- */

static unsigned best_start(const struct wd_pieces *pieces, int side, struct wd_buf *text, size_t *start)
{
    unsigned best = 0;
    for (size_t from = 0; from < pieces->count; from++) {
        wd_buf_reset(text);
        if (pieces->at[from].side != side || wd_frame_evidence(pieces->at[from].bytes, -1) == 0)
            continue;
        for (size_t i = from; i < pieces->count; i++) {
            if (pieces->at[i].side == side && pieces->at[i].kind == WD_CHUNK_GAP)
                break;
            if (pieces->at[i].side == side)
                wd_buf_put(text, pieces->at[i].bytes);
        }
        unsigned bits = wd_frame_evidence(wd_buf_bytes(text), -1);
        if (bits <= best)
            continue;
        best = bits;
        *start = from;
    }
    return best;
}

/* Without the upgrade in sight only frame after frame is convincing. */
static void bid(const struct wd_pieces *pieces, struct wd_bid *out)
{
    struct wd_buf text = { 0 };
    unsigned bits = 0;
    out->bits = pieces->is_midway ? 0 : -1;
    for (int side = 0; side < 2 && pieces->is_midway; side++)
        bits += best_start(pieces, side, &text, &out->start[side]);
    wd_buf_free(&text);
    if (bits >= BID_BITS)
        out->bits = (int)bits;
}

static int open_websocket(struct wd_host *host, const struct wd_opening *opening, void **state)
{
    struct websocket *ws = wd_alloc(sizeof *ws);
    *state = ws;
    ws->host = host;
    ws->client = opening->client;
    ws->is_midway = opening->is_midway;
    ws->terms = wd_wsdeflate_negotiate(opening->extensions);
    for (int i = 0; i < 2; i++) {
        ws->side[i].phase = opening->is_synced[i] ? HEADER : LOST;
        ws->side[i].reason = WD_REASON_INCOMPLETE;
        ws->side[i].is_resumed = opening->is_midway || !opening->is_synced[i];
        ws->side[i].is_masked = -1;
        ws->side[i].direction = wd_host_direction(host, i);
    }
    host->counts->opened += !opening->is_midway;
    ws->channel = wd_host_channel(host, WD_TRANSPORT_WEBSOCKET, opening->path, wd_bytes_at(NULL, 0),
                                  opening->subprotocol);
    return ws->channel ? wd_host_channel_open(host, ws->channel) : WD_OK;
}

/* --- messages --- */

static struct wd_wsdeflate *deflate_of(struct websocket *ws, struct side *s)
{
    if (s->deflate)
        return s->deflate;
    bool is_client = s == &ws->side[ws->client == 1];
    s->deflate = wd_wsdeflate_open(ws->host, is_client ? &ws->terms.client : &ws->terms.server);
    if (s->is_resumed)
        wd_wsdeflate_lose(s->deflate, s->reason);
    return s->deflate;
}

/* The message will not be complete: what there is of it, and what is still to come, is undecoded. */
static void lose_message(struct websocket *ws, struct side *s, enum wd_reason reason)
{
    wd_host_undecoded(ws->host, reason, s->wire_len);
    s->wire_len = 0;
    s->fault = reason;
    wd_host_return(ws->host, s->body);
    s->body = NULL;
}

static int emit(struct websocket *ws, struct side *s, struct wd_bytes body, uint64_t body_len,
                struct wd_bit_marks marks)
{
    struct wd_message message = {
        .channel = ws->channel,
        .direction = s->direction,
        .body = body,
        .body_len = body_len,
        .wire_len = s->wire_len,
        .marks = marks,
        .is_text = s->is_text,
    };
    ws->host->counts->messages_fragmented += s->frames > 1;
    ws->host->counts->messages_compressed += s->is_compressed;
    s->wire_len = 0;
    s->in_message = false;
    return wd_host_message(ws->host, &message);
}

static const struct wd_bit_marks plain_marks = { NULL, 0 };

static struct wd_buf *body_of(struct websocket *ws, struct side *s)
{
    if (!s->body)
        s->body = wd_host_borrow(ws->host);
    return s->body;
}

static void keep_plain(struct websocket *ws, struct side *s, struct wd_bytes bytes)
{
    struct wd_buf *body = body_of(ws, s);
    uint64_t room = body->len < ws->host->limits->message ? ws->host->limits->message - body->len : 0;
    s->body_len += bytes.len;
    wd_buf_put(body, wd_bytes_at(bytes.at, bytes.len < room ? bytes.len : (size_t)room));
}

static int end_compressed(struct websocket *ws, struct side *s)
{
    struct wd_wsdeflate *deflate = deflate_of(ws, s);
    struct wd_wsdeflate_message plain;
    enum wd_reason fault = wd_wsdeflate_end_message(deflate, &plain);
    if (fault != WD_FINE) {
        lose_message(ws, s, fault);
        return WD_OK;
    }
    int rc = emit(ws, s, plain.body, plain.body_len, plain.marks);
    wd_wsdeflate_next(deflate);
    return rc;
}

static int end_message(struct websocket *ws, struct side *s)
{
    s->in_message = false;
    if (s->fault != WD_FINE)
        return WD_OK;
    if (s->is_compressed)
        return end_compressed(ws, s);
    struct wd_buf *body = s->body;
    int rc = emit(ws, s, body ? wd_buf_bytes(body) : wd_bytes_at(NULL, 0), s->body_len, plain_marks);
    wd_host_return(ws->host, body);
    s->body = NULL;
    return rc;
}

/* Payload of the message, as sent: part of it or all. */
static int take_content(struct websocket *ws, struct side *s, struct wd_bytes bytes, bool is_all)
{
    struct wd_host *host = ws->host;
    if (s->fault != WD_FINE) {
        wd_host_undecoded(host, s->fault, bytes.len);
        return WD_OK;
    }
    s->wire_len += bytes.len;
    if (s->frame.is_masked && bytes.len) {
        uint8_t *plain = wd_host_scratch(host, bytes.len);
        wd_frame_unmask(plain, bytes, s->frame.key, s->frame.payload_len - s->left);
        bytes.at = plain;
    }
    if (is_all && !s->is_compressed)
        return emit(ws, s, bytes, bytes.len, plain_marks);
    if (!s->is_compressed) {
        keep_plain(ws, s, bytes);
        return WD_OK;
    }
    enum wd_reason fault = wd_wsdeflate_feed(deflate_of(ws, s), bytes);
    if (fault != WD_FINE)
        lose_message(ws, s, fault);
    return WD_OK;
}

/* --- frames --- */

/* Whatever follows on this side cannot be read. */
static void break_off(struct websocket *ws, struct side *s, struct wd_bytes *bytes)
{
    if (s->in_message && s->fault == WD_FINE)
        lose_message(ws, s, WD_REASON_MALFORMED_FRAMING);
    s->in_message = false;
    s->head_len = 0;
    s->phase = s->is_resumed ? LOST : DEAD;
    if (!s->is_resumed)
        s->reason = WD_REASON_MALFORMED_FRAMING;
    wd_host_undecoded(ws->host, s->reason, bytes->len);
    bytes->len = 0;
}

/* RFC 6455 section 5.2: reserved bits mean what an extension says; 5.4: fragments do not interleave. */
static bool is_allowed(const struct websocket *ws, const struct side *s)
{
    const struct wd_frame *f = &s->frame;
    bool starts = f->opcode == WD_WS_TEXT || f->opcode == WD_WS_BINARY;
    bool knows_rsv1 = ws->terms.is_deflate || ws->is_midway;
    if (f->rsv && !ws->terms.is_other && (!knows_rsv1 || f->rsv != WD_WS_RSV1 || !starts))
        return false;
    if (starts)
        return !s->in_message;
    return wd_frame_is_control(f) || s->in_message || s->is_resumed;
}

static void begin_message(struct websocket *ws, struct side *s)
{
    const struct wd_frame *f = &s->frame;
    s->in_message = true;
    s->is_text = f->opcode == WD_WS_TEXT;
    s->is_compressed = f->rsv == WD_WS_RSV1 && (ws->terms.is_deflate || ws->is_midway);
    s->fault = WD_FINE;
    s->frames = 0;
    s->body_len = 0;
    if (f->opcode == WD_WS_CONTINUATION)
        s->fault = s->reason;   /* its beginning was not captured */
    else if (f->rsv && !s->is_compressed)
        s->fault = WD_REASON_UNSUPPORTED_ENCODING;
    else if (!ws->channel)
        s->fault = WD_REASON_LIMIT;
}

static void end_control(struct websocket *ws, struct side *s)
{
    struct wd_connection_counts *counts = ws->host->counts;
    wd_ledger_add(ws->host->ledger, WD_LAYER_CONTROL, s->frame.head_len + s->frame.payload_len);
    counts->pings += s->frame.opcode == WD_WS_PING;
    counts->pongs += s->frame.opcode == WD_WS_PONG;
    if (s->frame.opcode != WD_WS_CLOSE)
        return;
    counts->closes += !ws->has_closed;
    ws->has_closed = true;
    s->phase = DEAD;
    s->reason = WD_REASON_MALFORMED_FRAMING;
}

static int end_frame(struct websocket *ws, struct side *s)
{
    s->phase = HEADER;
    if (wd_frame_is_control(&s->frame)) {
        end_control(ws, s);
        return WD_OK;
    }
    return s->frame.is_fin && s->in_message ? end_message(ws, s) : WD_OK;
}

/* A header is complete; *bytes begin with the payload. */
static int begin_frame(struct websocket *ws, struct side *s, struct wd_bytes *bytes)
{
    const struct wd_frame *f = &s->frame;
    s->is_masked = f->is_masked;
    s->left = f->payload_len;
    s->phase = PAYLOAD;
    if (wd_frame_is_control(f))
        return s->left ? WD_OK : end_frame(ws, s);
    wd_ledger_add(ws->host->ledger, WD_LAYER_FRAMING, f->head_len);
    bool is_start = !s->in_message;
    if (is_start)
        begin_message(ws, s);
    s->frames++;
    /* The usual case: a message in one frame, all of it at hand. It is passed on as it lies there. */
    if (is_start && f->is_fin && !s->is_compressed && s->left <= bytes->len) {
        struct wd_bytes payload = { bytes->at, (size_t)s->left };
        *bytes = wd_bytes_at(bytes->at + payload.len, bytes->len - payload.len);
        s->phase = HEADER;
        int rc = take_content(ws, s, payload, true);
        s->in_message = false;
        return rc;
    }
    return s->left ? WD_OK : end_frame(ws, s);
}

/* A header cut by a chunk: the rest of it, a byte at a time. */
static int finish_header(struct side *s, struct wd_bytes *bytes)
{
    int head_len = 0;
    while (head_len == 0 && bytes->len) {
        s->head[s->head_len++] = bytes->at[0];
        *bytes = wd_bytes_at(bytes->at + 1, bytes->len - 1);
        head_len = wd_frame_read(wd_bytes_at(s->head, s->head_len), &s->frame);
    }
    return head_len;
}

static int read_header(struct websocket *ws, struct side *s, struct wd_bytes *bytes)
{
    int head_len = 0;
    if (s->head_len == 0)
        head_len = wd_frame_read(*bytes, &s->frame);
    uint8_t from_before = 0;
    if (head_len > 0) {
        *bytes = wd_bytes_at(bytes->at + head_len, bytes->len - (size_t)head_len);
    } else if (head_len == 0) {
        head_len = finish_header(s, bytes);
        from_before = s->head_len;
        if (head_len == 0)
            return WD_OK;
    }
    if (head_len < 0 || !is_allowed(ws, s)) {
        uint64_t taken = head_len < 0 ? from_before : (uint64_t)head_len;
        break_off(ws, s, bytes);
        wd_host_undecoded(ws->host, s->reason, taken);
        return WD_OK;
    }
    s->head_len = 0;
    return begin_frame(ws, s, bytes);
}

static int read_payload(struct websocket *ws, struct side *s, struct wd_bytes *bytes)
{
    struct wd_bytes part = { bytes->at, bytes->len < s->left ? bytes->len : (size_t)s->left };
    *bytes = wd_bytes_at(bytes->at + part.len, bytes->len - part.len);
    if (!wd_frame_is_control(&s->frame))
        TRY(take_content(ws, s, part, false));
    s->left -= part.len;
    return s->left ? WD_OK : end_frame(ws, s);
}

static void seek(struct websocket *ws, struct side *s, struct wd_bytes *bytes)
{
    if (wd_frame_evidence(*bytes, s->is_masked) >= RESUME_BITS) {
        s->phase = HEADER;
        return;
    }
    wd_host_undecoded(ws->host, s->reason, bytes->len);
    bytes->len = 0;
}

static int data(void *state, int side, struct wd_bytes bytes)
{
    struct websocket *ws = state;
    struct side *s = &ws->side[side];
    while (bytes.len) {
        switch (s->phase) {
        case HEADER:
            TRY(read_header(ws, s, &bytes));
            break;
        case PAYLOAD:
            TRY(read_payload(ws, s, &bytes));
            break;
        case LOST:
            seek(ws, s, &bytes);
            break;
        case DEAD:
            wd_host_undecoded(ws->host, s->reason, bytes.len);
            return WD_OK;
        }
    }
    return WD_OK;
}

/* --- gaps and ends --- */

/* Bytes of a frame that are in no layer yet, apart from those of its message. */
static uint64_t pending(const struct side *s)
{
    if (s->phase == PAYLOAD && wd_frame_is_control(&s->frame))
        return s->frame.head_len + s->frame.payload_len - s->left;
    return s->head_len;
}

static int gap(void *state, int side, uint64_t missing)
{
    struct websocket *ws = state;
    struct side *s = &ws->side[side];
    bool is_inside = s->phase == PAYLOAD && missing > 0 && missing <= s->left;
    if (s->phase == DEAD || s->phase == LOST)
        return WD_OK;
    if (s->in_message && s->fault == WD_FINE)
        lose_message(ws, s, WD_REASON_GAP);
    if (s->deflate)
        wd_wsdeflate_lose(s->deflate, WD_REASON_GAP);
    s->reason = WD_REASON_GAP;
    if (is_inside && !wd_frame_is_control(&s->frame)) {
        s->left -= missing;
        s->is_resumed = true;
        return s->left ? WD_OK : end_frame(ws, s);
    }
    wd_host_undecoded(ws->host, WD_REASON_GAP, pending(s));
    s->head_len = 0;
    s->in_message = false;
    s->is_resumed = true;
    s->phase = LOST;
    return WD_OK;
}

static int end(void *state, int side)
{
    (void)state;
    (void)side;
    return WD_OK;
}

static int finish(void *state)
{
    struct websocket *ws = state;
    for (int i = 0; i < 2; i++) {
        struct side *s = &ws->side[i];
        wd_host_undecoded(ws->host, WD_REASON_INCOMPLETE, pending(s));
        if (s->in_message && s->fault == WD_FINE)
            lose_message(ws, s, WD_REASON_INCOMPLETE);
    }
    return WD_OK;
}

static void free_websocket(void *state)
{
    struct websocket *ws = state;
    for (int i = 0; i < 2; i++) {
        wd_host_return(ws->host, ws->side[i].body);
        wd_wsdeflate_close(ws->side[i].deflate);
    }
    wd_free(ws);
}

const struct wd_protocol wd_protocol_websocket = {
    .name = "websocket",
    .bid = bid,
    .open = open_websocket,
    .data = data,
    .gap = gap,
    .end = end,
    .finish = finish,
    .free = free_websocket,
};
