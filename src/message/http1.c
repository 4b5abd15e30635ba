/* message/http1.c - RFC 9112:
 *
 *   client   head [body] head [body] ...         requests, maybe several before the first is answered
 *   server   head [body] head [body] ...         responses in the same order; 1xx heads in between
 *
 *   body     none | Content-Length bytes | chunked | until the connection ends      (section 6.3)
 *
 * After a 101 the connection belongs to the protocol that Upgrade names; after CONNECT to whatever is inside.
 */
#include "message/chunked.h"
#include "message/content.h"
#include "message/head.h"
#include "message/request.h"

enum phase {
    HEAD,
    FIXED,      /* body of known length */
    CHUNKED,
    BETWEEN,    /* in a chunked body, position lost: up to the next chunk or head at the start of a segment */
    TO_END,     /* body until END */
    HOLD,       /* client: after a request that may change the protocol, until it is answered */
    SEEK,       /* position lost: up to the next head at the start of a segment, undecoded for `reason` */
    DEAD,       /* undecoded for `reason` */
    GONE,       /* handed over */
};

struct side {
    enum phase phase;
    enum wd_reason reason;
    struct wd_head head;
    uint64_t left;             /* FIXED */
    struct wd_chunked chunked;
    struct wd_content content;
    struct wd_buf *held;       /* HOLD */
    bool is_holding;           /* the request being read asks for another protocol */
};

struct http1 {
    struct wd_host *host;
    int client;                /* side that sends requests */
    struct side side[2];
    struct wd_requests requests;
    struct wd_polls *polls;
    struct wd_buf list;        /* scratch: a header's list */
    bool is_misaligned;        /* responses were lost: which request is answered is not known */
};

/* A chunk whose data begins like a line of an event stream: seen where a capture starts inside one. */
static bool is_event_chunk(struct wd_bytes bytes)
{
    struct wd_bytes data;
    return wd_chunked_sniff(bytes, &data) && wd_content_is_event(data);
}

static void bid(const struct wd_pieces *pieces, struct wd_bid *out)
{
    bool has_seen[2] = { false, false };
    /* Midway any piece may begin with a head; those before the last had their chance. */
    for (size_t i = pieces->is_midway ? pieces->count - 1 : 0; i < pieces->count; i++) {
        const struct wd_piece *piece = &pieces->at[i];
        if (piece->kind != WD_CHUNK_DATA || has_seen[piece->side])
            continue;
        has_seen[piece->side] = true;
        enum wd_start start = wd_head_sniff(piece->bytes);
        if (start == WD_START_NEVER && !pieces->is_midway)
            out->bits = -1;
        if (pieces->is_midway && is_event_chunk(piece->bytes)) {
            out->bits = 50;
            out->client = !piece->side;   /* no start: the side looks for it itself */
            return;
        }
        if (start <= WD_START_MORE)
            continue;
        out->bits = 100;
        out->client = start == WD_START_REQUEST ? piece->side : !piece->side;
        out->start[piece->side] = i;
        return;
    }
}

static int open_http1(struct wd_host *host, const struct wd_opening *opening, void **state)
{
    struct http1 *h = wd_alloc(sizeof *h);
    h->host = host;
    h->client = opening->client;
    h->polls = wd_polls_open(host, false);
    for (int i = 0; i < 2; i++) {
        h->side[i].phase = opening->is_synced[i] ? HEAD : SEEK;
        h->side[i].reason = WD_REASON_INCOMPLETE;
    }
    wd_host_client_is(host, h->client);
    *state = h;
    return WD_OK;
}

/* --- bodies --- */

/* Content-Encoding, then Transfer-Encoding without `chunked`, in h->list. True when chunked comes last. */
static bool read_codings(struct http1 *h, const struct wd_head *head, bool *has_transfer)
{
    wd_buf_reset(&h->list);
    wd_head_list(head, "content-encoding", &h->list);
    size_t content_len = h->list.len;
    wd_head_list(head, "transfer-encoding", &h->list);
    bool is_chunked = false;
    *has_transfer = false;
    if (h->list.len == content_len)
        return false;
    struct wd_bytes rest = { h->list.at + content_len, h->list.len - content_len }, item;
    /* `chunked` is blanked out: the list then holds codings alone. */
    while (wd_list_next(&rest, ',', &item)) {
        *has_transfer = true;
        is_chunked = wd_bytes_is_nocase(item, "chunked");
        if (is_chunked)
            memset(h->list.at + (item.at - h->list.at), ' ', item.len);
    }
    return is_chunked;
}

static int end_body(struct http1 *h, struct side *s)
{
    int rc = wd_content_close(&s->content, true, WD_REASON_INCOMPLETE, false);
    s->phase = s->is_holding ? HOLD : HEAD;
    if (s->is_holding && !s->held)
        s->held = wd_host_borrow(h->host);
    s->is_holding = false;
    return rc;
}

/* Everything of this side is undecoded from here on, `bytes` that were taken already included. */
static int die(struct http1 *h, struct side *s, enum wd_reason reason, uint64_t bytes)
{
    wd_host_undecoded(h->host, reason, bytes);
    s->phase = DEAD;
    s->reason = reason;
    s->chunked.pending = 0;
    wd_head_reset(&s->head);
    return wd_content_close(&s->content, false, reason, false);
}

/* How long the body is (RFC 9112 section 6.3). */
static int begin_body(struct http1 *h, struct side *s, struct wd_content_spec *spec, bool has_none)
{
    bool has_transfer;
    enum wd_reason fault = WD_FINE;
    bool is_chunked = read_codings(h, &s->head, &has_transfer);
    bool has_length = wd_head_length(&s->head, &s->left, &fault);
    bool is_request = s->head.is_request;
    if (has_none || (!has_transfer && is_request && !has_length))
        return end_body(h, s);
    if ((!has_transfer && fault != WD_FINE) || (has_transfer && !is_chunked && is_request))
        return die(h, s, WD_REASON_MALFORMED_HTTP, 0);
    spec->content_type = wd_head_value(&s->head, "content-type");
    spec->codings = wd_buf_bytes(&h->list);
    s->phase = is_chunked ? CHUNKED : has_transfer || !has_length ? TO_END : FIXED;
    s->chunked = (struct wd_chunked){ 0 };
    TRY(wd_content_open(&s->content, h->host, h->polls, spec));
    return s->phase == FIXED && s->left == 0 ? end_body(h, s) : WD_OK;
}

/* --- heads --- */

static int begin_request(struct http1 *h, struct side *s)
{
    struct wd_head *head = &s->head;
    struct wd_bytes path = wd_target_path(head->target);
    bool is_connect = wd_bytes_is(head->method, "CONNECT");
    s->is_holding = is_connect || wd_head_value(head, "upgrade").len > 0;
    if (!wd_requests_push(&h->requests, head->method, path, s->is_holding, h->host->limits->requests)) {
        wd_host_limit(h->host, WD_LIMIT_requests);
        return die(h, s, WD_REASON_LIMIT, 0);
    }
    TRY(wd_polls_request(h->polls, head->method, path));
    struct wd_content_spec spec = {
        .direction = wd_host_direction(h->host, (int)(s - h->side)),
        .method = head->method,
        .path = path,
    };
    return begin_body(h, s, &spec, false);
}

static int feed(struct http1 *h, struct side *s, struct wd_bytes bytes);

/* Nothing is left to do here: what the client sent meanwhile goes to the new owner. */
static int leave(struct http1 *h)
{
    struct side *client = &h->side[h->client];
    int rc = WD_OK;
    if (client->held)
        rc = wd_host_pass(h->host, h->client, wd_buf_bytes(client->held));
    wd_host_return(h->host, client->held);
    client->held = NULL;
    h->side[0].phase = h->side[1].phase = GONE;
    return rc;
}

/* True when the next byte of the client belongs to the new protocol. */
static bool is_client_synced(const struct side *client)
{
    return client->phase == HOLD || (client->phase == HEAD && client->head.text.len == 0);
}

static int upgrade(struct http1 *h, struct side *server, const struct wd_request *request)
{
    struct wd_bytes protocols = wd_head_value(&server->head, "upgrade"), name = { NULL, 0 };
    wd_buf_reset(&h->list);
    wd_head_list(&server->head, "sec-websocket-extensions", &h->list);
    struct wd_opening opening = {
        .client = h->client,
        .method = wd_request_method(request),
        .path = wd_request_path(request),
        .subprotocol = wd_head_value(&server->head, "sec-websocket-protocol"),
        .extensions = wd_buf_bytes(&h->list),
    };
    opening.is_synced[h->client] = is_client_synced(&h->side[h->client]);
    opening.is_synced[!h->client] = true;
    wd_list_next(&protocols, ',', &name);
    TRY(wd_host_switch(h->host, name, &opening));
    return leave(h);
}

/* The request was answered in HTTP after all: what was held are more requests. */
static int go_on(struct http1 *h)
{
    struct side *client = &h->side[h->client];
    if (client->phase != HOLD)
        return WD_OK;
    struct wd_buf *held = client->held;
    client->held = NULL;
    client->phase = HEAD;
    int rc = feed(h, client, wd_buf_bytes(held));
    wd_host_return(h->host, held);
    return rc;
}

static int begin_response(struct http1 *h, struct side *s)
{
    struct wd_head *head = &s->head;
    if (head->status < 200 && head->status != 101)
        return WD_OK;
    const struct wd_request *request = wd_requests_pop(&h->requests, h->is_misaligned);
    h->is_misaligned = false;
    if (head->status == 101)
        return upgrade(h, s, request);
    if (wd_bytes_is(wd_request_method(request), "CONNECT") && head->status < 300) {
        wd_host_restart(h->host, false);
        return leave(h);
    }
    bool is_head = wd_bytes_is(wd_request_method(request), "HEAD");
    struct wd_content_spec spec = {
        .direction = wd_host_direction(h->host, (int)(s - h->side)),
        .is_stream_allowed = head->status == 200,
        .method = wd_request_method(request),
        .path = wd_request_path(request),
    };
    bool was_holding = request && request->is_holding;
    TRY(begin_body(h, s, &spec, is_head || head->status == 204 || head->status == 304));
    return was_holding ? go_on(h) : WD_OK;
}

static int read_head(struct http1 *h, struct side *s, struct wd_bytes *bytes)
{
    enum wd_reason fault;
    uint64_t blank = 0;
    bool is_whole = wd_head_feed(&s->head, h->host->limits, bytes, &blank, &fault);
    wd_ledger_add(h->host->ledger, WD_LAYER_HTTP, blank);
    if (fault == WD_REASON_LIMIT)
        wd_host_limit(h->host, wd_head_limit(&s->head, h->host->limits));
    if (fault == WD_FINE && s->head.is_line_checked && s->head.is_request != (s == &h->side[h->client]))
        fault = WD_REASON_MALFORMED_HTTP;
    if (fault != WD_FINE)
        return die(h, s, fault, s->head.text.len);
    if (!is_whole)
        return WD_OK;
    wd_ledger_add(h->host->ledger, WD_LAYER_HTTP, s->head.text.len);
    int rc = s->head.is_request ? begin_request(h, s) : begin_response(h, s);
    wd_head_reset(&s->head);
    return rc;
}

/* --- feeding --- */

static int read_fixed(struct http1 *h, struct side *s, struct wd_bytes *bytes)
{
    size_t n = bytes->len < s->left ? bytes->len : (size_t)s->left;
    TRY(wd_content_feed(&s->content, wd_bytes_at(bytes->at, n)));
    bytes->at += n;
    bytes->len -= n;
    s->left -= n;
    return s->left ? WD_OK : end_body(h, s);
}

static int read_chunked(struct http1 *h, struct side *s, struct wd_bytes *bytes)
{
    struct wd_bytes data;
    uint64_t framing = 0;
    enum wd_chunked_got got = wd_chunked_take(&s->chunked, h->host->limits, bytes, &data, &framing);
    wd_ledger_add(h->host->ledger, WD_LAYER_HTTP, framing);
    switch (got) {
    case WD_CHUNKED_DATA:
        return wd_content_feed(&s->content, data);
    case WD_CHUNKED_END:
        return end_body(h, s);
    case WD_CHUNKED_BAD:
        return die(h, s, WD_REASON_MALFORMED_HTTP, s->chunked.pending);
    case WD_CHUNKED_LIMIT:
        wd_host_limit(h->host, s->chunked.pending > h->host->limits->header_line ? WD_LIMIT_header_line
                                                                                 : WD_LIMIT_header_list);
        return die(h, s, WD_REASON_LIMIT, s->chunked.pending);
    default:
        return WD_OK;
    }
}

static int hold(struct http1 *h, struct side *s, struct wd_bytes bytes)
{
    if (bytes.len <= h->host->limits->header_list - s->held->len) {
        wd_buf_put(s->held, bytes);
        return WD_OK;
    }
    wd_host_limit(h->host, WD_LIMIT_header_list);
    int rc = die(h, s, WD_REASON_LIMIT, s->held->len + bytes.len);
    wd_host_return(h->host, s->held);
    s->held = NULL;
    return rc;
}

static int join_stream(struct http1 *h, struct side *s)
{
    struct wd_content_spec spec = {
        .direction = wd_host_direction(h->host, (int)(s - h->side)),
        .is_stream_allowed = true,
        .is_midway = true,
        .content_type = wd_bytes_of("text/event-stream"),
    };
    s->phase = CHUNKED;
    s->chunked = (struct wd_chunked){ 0 };
    return wd_content_open(&s->content, h->host, h->polls, &spec);
}

static int seek(struct http1 *h, struct side *s, struct wd_bytes *bytes)
{
    bool is_client = s == &h->side[h->client];
    if (wd_head_sniff(*bytes) == (is_client ? WD_START_REQUEST : WD_START_RESPONSE)) {
        s->phase = HEAD;
        return wd_content_close(&s->content, false, WD_REASON_GAP, false);
    }
    struct wd_bytes data;
    if (s->phase == BETWEEN && wd_chunked_sniff(*bytes, &data)) {
        s->phase = CHUNKED;
        s->chunked = (struct wd_chunked){ 0 };
        return WD_OK;
    }
    if (s->phase == SEEK && !is_client && is_event_chunk(*bytes))
        return join_stream(h, s);
    wd_host_undecoded(h->host, s->reason, bytes->len);
    bytes->len = 0;
    return WD_OK;
}

static int feed(struct http1 *h, struct side *s, struct wd_bytes bytes)
{
    while (bytes.len) {
        switch (s->phase) {
        case HEAD:
            TRY(read_head(h, s, &bytes));
            break;
        case FIXED:
            TRY(read_fixed(h, s, &bytes));
            break;
        case CHUNKED:
            TRY(read_chunked(h, s, &bytes));
            break;
        case TO_END:
            return wd_content_feed(&s->content, bytes);
        case HOLD:
            return hold(h, s, bytes);
        case BETWEEN:
        case SEEK:
            TRY(seek(h, s, &bytes));
            break;
        case DEAD:
            wd_host_undecoded(h->host, s->reason, bytes.len);
            return WD_OK;
        case GONE:
            return wd_host_pass(h->host, (int)(s - h->side), bytes);
        }
    }
    return WD_OK;
}

static int data(void *state, int side, struct wd_bytes bytes)
{
    struct http1 *h = state;
    return feed(h, &h->side[side], bytes);
}

/* --- gaps and ends --- */

static int lose_position(struct http1 *h, struct side *s)
{
    wd_host_undecoded(h->host, WD_REASON_GAP,
                      s->head.text.len + s->chunked.pending + (s->held ? s->held->len : 0));
    wd_host_return(h->host, s->held);
    s->held = NULL;
    s->is_holding = false;
    s->chunked.pending = 0;
    wd_head_reset(&s->head);
    s->phase = SEEK;
    s->reason = WD_REASON_GAP;
    return wd_content_close(&s->content, false, WD_REASON_GAP, false);
}

static void lose_chunk(struct http1 *h, struct side *s)
{
    wd_host_undecoded(h->host, WD_REASON_GAP, s->chunked.pending);
    s->chunked.pending = 0;
    s->phase = BETWEEN;
    s->reason = WD_REASON_GAP;
}

/* The answer to an upgrade may be among the lost bytes: everybody may bid again. */
static int restart(struct http1 *h, int side)
{
    TRY(lose_position(h, &h->side[side]));
    wd_host_restart(h->host, true);
    return leave(h);
}

static int gap(void *state, int side, uint64_t missing)
{
    struct http1 *h = state;
    struct side *s = &h->side[side];
    bool is_server = side != h->client;
    switch (s->phase) {
    case TO_END:
        return wd_content_gap(&s->content);
    case FIXED:
        if (missing == 0 || missing > s->left)
            break;
        s->left -= missing;
        TRY(wd_content_gap(&s->content));
        return s->left ? WD_OK : end_body(h, s);
    case CHUNKED:
        if (missing == 0 || !wd_chunked_skip(&s->chunked, missing))
            lose_chunk(h, s);
        return wd_content_gap(&s->content);
    case BETWEEN:
        return WD_OK;
    case DEAD:
        return WD_OK;
    case GONE:
        return wd_host_pass_gap(h->host, side, missing);
    default:
        break;
    }
    h->is_misaligned |= is_server;
    if (is_server && h->side[h->client].phase == HOLD && (s->phase == HEAD || s->phase == SEEK))
        return restart(h, side);
    return lose_position(h, s);
}

static int end(void *state, int side)
{
    struct http1 *h = state;
    struct side *s = &h->side[side];
    return s->phase == TO_END ? end_body(h, s) : WD_OK;
}

static int finish(void *state)
{
    struct http1 *h = state;
    int rc = WD_OK;
    for (int i = 0; i < 2 && rc >= 0; i++) {
        struct side *s = &h->side[i];
        uint64_t held = s->held ? s->held->len : 0;
        wd_host_undecoded(h->host, WD_REASON_INCOMPLETE, s->head.text.len + s->chunked.pending + held);
        rc = wd_content_close(&s->content, false, WD_REASON_INCOMPLETE, true);
    }
    wd_polls_finish(h->polls);
    return rc;
}

static void free_http1(void *state)
{
    struct http1 *h = state;
    for (int i = 0; i < 2; i++) {
        wd_head_free(&h->side[i].head);
        wd_content_free(&h->side[i].content);
        wd_host_return(h->host, h->side[i].held);
    }
    wd_requests_free(&h->requests);
    wd_polls_free(h->polls);
    wd_buf_free(&h->list);
    wd_free(h);
}

const struct wd_protocol wd_protocol_http1 = {
    .name = "http/1.1",
    .bid = bid,
    .open = open_http1,
    .data = data,
    .gap = gap,
    .end = end,
    .finish = finish,
    .free = free_http1,
};
