/* One exchange of a HAR, told again as if it had been captured: its connection is opened, its bodies go where
 * captured ones go (message/content.h), the messages of its WebSocket go to the sink. */
#include "message/har_entry.h"

#include <stdlib.h>

#include "base/base64.h"
#include "base/decimal.h"
#include "base/map.h"
#include "base/moment.h"
#include "message/content.h"
#include "message/frame.h"
#include "message/head.h"

/* A connection of HTTP exchanges. */
struct wd_har_peer {
    struct wd_connection connection;
    struct wd_polls *polls;
};

/* A WebSocket or event stream that was open. */
struct wd_har_stream {
    struct wd_connection connection;
    enum wd_transport transport;
    struct wd_bytes path;        /* its own copy */
    int64_t start_ns, end_ns;
};

/* --- reading an entry --- */

static struct wd_bytes text_at(const struct wd_har_entry *e, struct wd_har_span span)
{
    return span.len ? wd_bytes_at(e->held.at + span.off, span.len) : wd_bytes_of("");
}

static struct wd_bytes text_of(const struct wd_har_entry *e, enum wd_har_field field)
{
    struct wd_har_span span = e->fields[field];
    return span.is_there ? text_at(e, span) : wd_bytes_of("");
}

/* Sizes that are not known are -1. */
static bool read_size(const struct wd_har_entry *e, enum wd_har_field field, uint64_t *out)
{
    return wd_bytes_uint(text_of(e, field), out);
}

static struct wd_bytes authority_of(struct wd_bytes url)
{
    const uint8_t *at = memmem(url.at, url.len, "://", 3);
    size_t start = at ? (size_t)(at - url.at) + 3 : url.len, end = start;
    while (end < url.len && !memchr("/?#", url.at[end], 3))
        end++;
    return wd_bytes_at(url.at + start, end - start);
}

static bool has_scheme(struct wd_bytes url, const char *plain)
{
    size_t n = strlen(plain);
    struct wd_bytes scheme = wd_bytes_at(url.at, url.len < n ? url.len : n),
                    rest = wd_bytes_at(url.at + scheme.len, url.len - scheme.len);
    return wd_bytes_is_nocase(scheme, plain) &&
           (wd_bytes_starts(rest, "://") || wd_bytes_starts(rest, "s://"));
}

/* What a cache answered did not cross the wire, and neither did what is inside the page itself. */
static bool crossed_the_wire(const struct wd_har_entry *e)
{
    struct wd_bytes url = text_of(e, WD_HAR_URL), fetch = text_of(e, WD_HAR_FETCH_TYPE);
    bool is_cached = e->fields[WD_HAR_FROM_CACHE].is_there || wd_bytes_is(fetch, "Memory Cache") ||
                     wd_bytes_is(fetch, "Disk Cache");
    return !is_cached && (has_scheme(url, "http") || has_scheme(url, "ws"));
}

static uint64_t status_of(const struct wd_har_entry *e)
{
    uint64_t status = 0;
    read_size(e, WD_HAR_STATUS, &status);
    return status;
}

static bool is_socket(const struct wd_har_entry *e)
{
    return e->frame_count || (e->lost_items && !e->event_count) || status_of(e) == 101 ||
           has_scheme(text_of(e, WD_HAR_URL), "ws");
}

static bool is_base64(const struct wd_har_entry *e, enum wd_har_field encoding)
{
    return wd_bytes_is_nocase(text_of(e, encoding), "base64");
}

/* Seconds, or a date as some write. */
static int64_t item_time(const struct wd_har_entry *e, struct wd_har_span time, int64_t otherwise)
{
    int64_t ns = 0;
    struct wd_bytes text = text_at(e, time);
    if (time.is_there && (wd_moment_guess(text, &ns) || wd_moment_date(text, WD_ZONE_UTC, &ns)))
        return ns;
    return otherwise;
}

static int64_t end_of(const struct wd_har_entry *e, int64_t start)
{
    enum { MILLI = 3 };
    int64_t ns, end;
    if (!wd_moment_number(text_of(e, WD_HAR_TIME), MILLI, &ns) || ns < 0 ||
        __builtin_add_overflow(start, ns, &end))
        return start;
    return end;
}

/* --- the ledger --- */

/* Bytes that the HAR tells of: whoever takes them puts them into a layer. */
static uint64_t take(struct wd_har_book *book, uint64_t bytes)
{
    book->ledger->captured_bytes += bytes;
    return bytes;
}

/* What an entry had no room for. */
static int take_cut(struct wd_har_book *book, struct wd_host *host, uint64_t messages, uint64_t bytes)
{
    book->cut_messages += messages;
    wd_host_undecoded(host, WD_REASON_LIMIT, take(book, bytes));
    return WD_OK;
}

static void take_http(struct wd_har_book *book, uint64_t bytes)
{
    wd_ledger_add(book->ledger, WD_LAYER_HTTP, take(book, bytes));
}

static void take_heads(struct wd_har_book *book, const struct wd_har_entry *e)
{
    static const enum wd_har_field heads[] = { WD_HAR_REQUEST_HEAD, WD_HAR_RESPONSE_HEAD };
    for (size_t i = 0; i < WD_COUNT(heads); i++) {
        uint64_t size;
        if (read_size(e, heads[i], &size) && size)
            take_http(book, size);
        else
            book->told.lacks_heads = true;
    }
}

/* --- the sink before the receiver's --- */

static bool is_inside(struct wd_har_book *book, int64_t ts_ns)
{
    return !book->window || wd_window_has(book->window, ts_ns);
}

static int on_message(void *ctx, const struct wd_message *message)
{
    struct wd_har_book *book = ctx;
    struct wd_message m = *message;
    const struct wd_har_entry *timed = book->timed;
    if (timed && book->timed_next < timed->event_count)
        m.ts_ns = item_time(timed, timed->events[book->timed_next++].time, m.ts_ns);
    if (!is_inside(book, m.ts_ns)) {
        book->ledger->captured_bytes -= m.wire_len;
        book->ledger->layer[WD_LAYER_PAYLOAD] -= m.wire_len;
        book->told.left_out++;
        return WD_OK;
    }
    wd_told_note(&book->told, m.ts_ns);
    book->told.messages++;
    return book->receiver->message(book->receiver->ctx, &m);
}

/* Exchanges stand in the order in which they began, so who was closed before whom is only known at the
 * end. */
static int on_opened(void *ctx, struct wd_channel *channel, int64_t ts_ns)
{
    (void)ctx, (void)channel, (void)ts_ns;
    return WD_OK;
}

static void on_closed(void *ctx, struct wd_channel *channel, int64_t ts_ns, bool is_last)
{
    struct wd_har_book *book = ctx;
    if (!is_last)
        return;
    channel->is_open = false;
    book->receiver->closed(book->receiver->ctx, channel, ts_ns, true);
}

static bool wants(void *ctx, struct wd_bytes path)
{
    struct wd_har_book *book = ctx;
    return book->receiver->wants && book->receiver->wants(book->receiver->ctx, path);
}

void wd_har_book_open(struct wd_har_book *book)
{
    book->peer_of = wd_map_open();
    book->sink = (struct wd_message_sink){ book, on_opened, on_message, on_closed, wants };
}

/* --- connections --- */

static int tell(struct wd_har_book *book, struct wd_connection *c, enum wd_chunk_kind kind, int64_t ts_ns)
{
    struct wd_chunk chunk = { .connection = c, .kind = kind, .ts_ns = ts_ns };
    return wd_messages_feed(book->messages, &chunk);
}

/* Who the server was is all that a HAR tells of the addresses; of its name what fits. */
static struct wd_connection connection_to(struct wd_bytes authority, int64_t ts_ns)
{
    struct wd_connection c = { .client_by = WD_CLIENT_BY_SYN, .opened_ns = ts_ns, .is_retold = true };
    for (size_t i = 0; i < authority.len; i++)
        c.key.addr[1][i % sizeof c.key.addr[1]] =
            (uint8_t)(c.key.addr[1][i % sizeof c.key.addr[1]] * 31 + authority.at[i]);
    return c;
}

static struct wd_host *open_host(struct wd_har_book *book, struct wd_connection *c, int64_t ts_ns)
{
    c->id = WD_TOLD_CONNECTIONS + ++book->told.connections;
    tell(book, c, WD_CHUNK_OPEN, ts_ns);
    struct wd_host *host = c->user;
    book->receiver = host->sink;
    host->sink = &book->sink;
    host->ts_ns = ts_ns;
    return host;
}

static int close_peers(struct wd_har_book *book)
{
    int rc = WD_OK;
    for (size_t i = 0; i < book->peer_count; i++) {
        struct wd_har_peer *peer = book->peers[i];
        wd_polls_finish(peer->polls);
        wd_polls_free(peer->polls);
        peer->polls = NULL;
        if (rc >= 0)
            rc = tell(book, &peer->connection, WD_CHUNK_CLOSE, book->now_ns);
        wd_free(peer);
    }
    book->peer_count = 0;
    wd_map_close(book->peer_of);
    book->peer_of = wd_map_open();
    return rc;
}

static int peer_for(struct wd_har_book *book, const struct wd_har_entry *e, struct wd_har_peer **out)
{
    struct wd_bytes authority = authority_of(text_of(e, WD_HAR_URL)), id = text_of(e, WD_HAR_CONNECTION_ID);
    bool is_new;
    if (!id.len)
        id = text_of(e, WD_HAR_CONNECTION);
    if (book->peer_count >= book->limits.flows)
        TRY(close_peers(book));
    wd_buf_reset(&book->body);
    wd_buf_put(&book->body, authority);
    wd_buf_byte(&book->body, 0);
    wd_buf_put(&book->body, id);
    uint64_t *index = wd_map_put(book->peer_of, wd_buf_bytes(&book->body), &is_new);
    if (is_new) {
        struct wd_har_peer *peer = wd_alloc(sizeof *peer);
        peer->connection = connection_to(authority, book->now_ns);
        peer->polls = wd_polls_open(open_host(book, &peer->connection, book->now_ns), false);
        WD_GROW(book->peers, book->peer_count, book->peer_cap);
        *index = book->peer_count;
        book->peers[book->peer_count++] = peer;
    }
    *out = book->peers[*index];
    return WD_OK;
}

static void note_stream(struct wd_har_book *book, const struct wd_har_entry *e, enum wd_transport transport)
{
    struct wd_bytes url = text_of(e, WD_HAR_URL), path = wd_target_path(url);
    if (book->stream_count >= book->limits.flows)
        return;
    WD_GROW(book->streams, book->stream_count, book->stream_cap);
    struct wd_har_stream *stream = &book->streams[book->stream_count++];
    uint8_t *copy = wd_alloc(path.len + 1);
    if (path.len)
        memcpy(copy, path.at, path.len);
    *stream = (struct wd_har_stream){ connection_to(authority_of(url), book->now_ns), transport,
                                      wd_bytes_at(copy, path.len), book->now_ns, end_of(e, book->now_ns) };
}

struct turn { int64_t ts_ns; size_t stream; bool is_opening; };

static int by_time(const void *a, const void *b)
{
    const struct turn *x = a, *y = b;
    int c = (x->ts_ns > y->ts_ns) - (x->ts_ns < y->ts_ns);
    if (!c)
        c = (x->stream > y->stream) - (x->stream < y->stream);
    return c ? c : y->is_opening - x->is_opening;
}

/* Openings and closings of streams in the order of their times, from which the receiver tells
 * reconnections. */
static int tell_streams(struct wd_har_book *book)
{
    int rc = WD_OK;
    struct turn *turns = wd_realloc(NULL, book->stream_count * 2 + 1, sizeof *turns);
    for (size_t i = 0; i < book->stream_count; i++) {
        turns[2 * i] = (struct turn){ book->streams[i].start_ns, i, true };
        turns[2 * i + 1] = (struct turn){ book->streams[i].end_ns, i, false };
    }
    qsort(turns, book->stream_count * 2, sizeof *turns, by_time);
    for (size_t i = 0; i < book->stream_count * 2 && rc >= 0; i++) {
        struct wd_har_stream *s = &book->streams[turns[i].stream];
        struct wd_channel channel = { .connection = &s->connection,
                                      .transport = s->transport,
                                      .path = s->path,
                                      .openings = 1,
                                      .is_open = true };
        if (turns[i].is_opening)
            rc = book->receiver->opened(book->receiver->ctx, &channel, turns[i].ts_ns);
        else
            book->receiver->closed(book->receiver->ctx, &channel, turns[i].ts_ns, false);
    }
    wd_free(turns);
    return rc;
}

/* --- HTTP --- */

struct body {
    enum wd_har_field text, type, encoding, size, plain_size;
    enum wd_direction direction;
};
static const struct body request_body = { WD_HAR_POST_TEXT,    WD_HAR_POST_TYPE,    WD_HAR_POST_ENCODING,
                                          WD_HAR_REQUEST_SIZE, WD_HAR_REQUEST_SIZE, WD_C2S };
static const struct body response_body = { WD_HAR_CONTENT_TEXT, WD_HAR_CONTENT_TYPE, WD_HAR_CONTENT_ENCODING,
                                           WD_HAR_CONTENT_SIZE, WD_HAR_RESPONSE_SIZE, WD_S2C };

/* Its bytes, undone; false with the reason when they cannot be had. */
static bool read_body(struct wd_har_book *book, const struct wd_har_entry *e, const struct body *body,
                      struct wd_bytes *out, enum wd_reason *why)
{
    struct wd_har_span span = e->fields[body->text];
    *out = text_of(e, body->text);
    if (span.whole > span.len) {
        *why = WD_REASON_LIMIT;
        return false;
    }
    if (!is_base64(e, body->encoding))
        return true;
    wd_buf_reset(&book->body);
    *why = WD_REASON_MALFORMED_ENCODING;
    if (!wd_base64_decode(*out, &book->body))
        return false;
    *out = wd_bytes_at(book->body.at ? book->body.at : (const uint8_t *)"", book->body.len);
    return true;
}

/* Events of a stream whose text the HAR does not hold, or not all of it. */
static int retell_events(struct wd_har_book *book, const struct wd_har_entry *e, struct wd_host *host,
                         size_t from)
{
    struct wd_channel *channel =
        wd_host_channel(host, WD_TRANSPORT_SSE, wd_target_path(text_of(e, WD_HAR_URL)),
                        wd_bytes_of("text/event-stream"), wd_bytes_of(""));
    book->timed = NULL;
    for (size_t i = from; i < e->event_count; i++) {
        const struct wd_har_item *event = &e->events[i];
        struct wd_bytes name = text_at(e, event->type);
        if (!event->data.is_there)
            continue;
        if (!channel) {
            wd_host_undecoded(host, WD_REASON_LIMIT, take(book, event->data.whole));
            continue;
        }
        bool is_unnamed = !name.len || wd_bytes_is(name, "message");
        struct wd_message message = {
            .channel = channel,
            .direction = WD_S2C,
            .event = is_unnamed ? wd_bytes_at(NULL, 0) : name,
            .body = text_at(e, event->data),
            .body_len = event->data.whole,
            .wire_len = take(book, event->data.whole),
            .is_text = true,
            .ts_ns = item_time(e, event->time, book->now_ns),
        };
        TRY(wd_host_message(host, &message));
    }
    return take_cut(book, host, e->lost_items, e->lost_bytes);
}

static int feed_body(struct wd_har_book *book, const struct wd_har_entry *e, const struct body *body,
                     struct wd_content *content, struct wd_host *host)
{
    struct wd_bytes bytes;
    enum wd_reason why;
    uint64_t size = 0;
    if (content->kind == WD_CONTENT_PLAIN) {
        if (!read_size(e, body->plain_size, &size) && !read_size(e, body->size, &size))
            size = e->fields[body->text].whole;
        take_http(book, size);
        return WD_OK;
    }
    if (!e->fields[body->text].is_there) {
        bool has_events = content->kind == WD_CONTENT_STREAM && e->event_count;
        if (has_events || !read_size(e, body->size, &size) || !size)
            return WD_OK;
        book->missing_bodies++;
        wd_host_undecoded(host, WD_REASON_INCOMPLETE, take(book, size));
        return WD_OK;
    }
    if (read_body(book, e, body, &bytes, &why)) {
        take(book, bytes.len);
        return wd_content_feed(content, bytes);
    }
    if (why == WD_REASON_LIMIT)
        return take_cut(book, host, 1, e->fields[body->text].whole);
    wd_host_undecoded(host, why, take(book, e->fields[body->text].whole));
    return WD_OK;
}

static int retell_body(struct wd_har_book *book, const struct wd_har_entry *e, const struct body *body,
                       struct wd_har_peer *peer)
{
    struct wd_host *host = peer->connection.user;
    struct wd_content content;
    bool has_events = body->direction == WD_S2C && e->event_count;
    const struct wd_content_spec spec = {
        .direction = body->direction,
        .is_stream_allowed = has_events || (body->direction == WD_S2C && status_of(e) == 200),
        .method = text_of(e, WD_HAR_METHOD),
        .path = wd_target_path(text_of(e, WD_HAR_URL)),
        .content_type = has_events ? wd_bytes_of("text/event-stream") : text_of(e, body->type),
        .codings = wd_bytes_of(""),
    };
    TRY(wd_content_open(&content, host, peer->polls, &spec));
    bool is_events = content.kind == WD_CONTENT_STREAM && content.decoder->transport == WD_TRANSPORT_SSE;
    book->timed = is_events ? e : NULL;
    book->timed_next = 0;
    if (is_events)
        note_stream(book, e, WD_TRANSPORT_SSE);
    int rc = feed_body(book, e, body, &content, host);
    if (rc >= 0)
        rc = wd_content_close(&content, true, WD_REASON_INCOMPLETE, false);
    else
        wd_content_free(&content);
    if (rc >= 0 && is_events)
        rc = retell_events(book, e, host, book->timed_next);
    book->timed = NULL;
    return rc;
}

static bool is_event_stream(const struct wd_har_entry *e)
{
    return e->event_count || wd_bytes_starts(text_of(e, WD_HAR_CONTENT_TYPE), "text/event-stream");
}

static int retell_exchange(struct wd_har_book *book, const struct wd_har_entry *e)
{
    struct wd_har_peer *peer;
    bool is_in = is_inside(book, book->now_ns);
    if (!is_in && !is_event_stream(e)) {
        book->told.left_out++;
        return WD_OK;
    }
    TRY(peer_for(book, e, &peer));
    struct wd_host *host = peer->connection.user;
    host->ts_ns = book->now_ns;
    TRY(wd_polls_request(peer->polls, text_of(e, WD_HAR_METHOD), wd_target_path(text_of(e, WD_HAR_URL))));
    if (is_in)
        take_heads(book, e);
    TRY(retell_body(book, e, &request_body, peer));
    if (!is_event_stream(e))
        host->ts_ns = end_of(e, book->now_ns);
    return retell_body(book, e, &response_body, peer);
}

/* --- WebSocket --- */

static int retell_data(struct wd_har_book *book, const struct wd_har_entry *e,
                       const struct wd_har_item *frame, struct wd_host *host, struct wd_channel *channel,
                       bool is_binary)
{
    struct wd_bytes body = text_at(e, frame->data);
    uint64_t len = frame->data.whole;
    bool is_whole = frame->data.len == len;
    wd_buf_reset(&book->body);
    if (is_binary && !is_whole)
        return take_cut(book, host, 1, len);
    if (is_binary && !wd_base64_decode(body, &book->body)) {
        wd_host_undecoded(host, WD_REASON_MALFORMED_ENCODING, take(book, len));
        return WD_OK;
    }
    if (is_binary) {
        body = wd_buf_bytes(&book->body);
        len = body.len;
    }
    if (!is_whole &&
        body.len <= book->limits.message) /* the entry's room ended it, not the limit of messages */
        return take_cut(book, host, 1, len);
    struct wd_message message = {
        .channel = channel,
        .direction = wd_bytes_is(text_at(e, frame->type), "send") ? WD_C2S : WD_S2C,
        .body = body, .body_len = len, .wire_len = take(book, len), .is_text = !is_binary,
        .ts_ns = item_time(e, frame->time, book->now_ns),
    };
    return wd_host_message(host, &message);
}

/* Frames that are no messages; Chromium leaves them out and tells errors of its own instead, which are no
 * traffic. */
static void retell_control(struct wd_har_book *book, struct wd_host *host, const struct wd_har_item *frame,
                           uint64_t opcode, bool *has_closed)
{
    if (opcode != WD_WS_CLOSE && opcode != WD_WS_PING && opcode != WD_WS_PONG)
        return;
    wd_ledger_add(book->ledger, WD_LAYER_CONTROL, take(book, frame->data.whole));
    host->counts->pings += opcode == WD_WS_PING;
    host->counts->pongs += opcode == WD_WS_PONG;
    host->counts->closes += opcode == WD_WS_CLOSE && !*has_closed;
    *has_closed |= opcode == WD_WS_CLOSE;
}

static int retell_frames(struct wd_har_book *book, const struct wd_har_entry *e, struct wd_host *host)
{
    struct wd_channel *channel =
        wd_host_channel(host, WD_TRANSPORT_WEBSOCKET, wd_target_path(text_of(e, WD_HAR_URL)), wd_bytes_of(""),
                        wd_bytes_of(""));
    bool has_closed = false;
    TRY(wd_host_channel_open(host, channel));
    for (size_t i = 0; i < e->frame_count; i++) {
        const struct wd_har_item *frame = &e->frames[i];
        struct wd_bytes type = text_at(e, frame->type);
        uint64_t opcode = WD_WS_TEXT;
        bool is_known = !frame->opcode.is_there || wd_bytes_uint(text_at(e, frame->opcode), &opcode);
        if (!is_known || (!wd_bytes_is(type, "send") && !wd_bytes_is(type, "receive")))
            continue;
        if (opcode == WD_WS_TEXT || opcode == WD_WS_BINARY)
            TRY(retell_data(book, e, frame, host, channel, opcode == WD_WS_BINARY));
        else
            retell_control(book, host, frame, opcode, &has_closed);
    }
    return take_cut(book, host, e->lost_items, e->lost_bytes);
}

static int retell_socket(struct wd_har_book *book, const struct wd_har_entry *e)
{
    struct wd_connection connection = connection_to(authority_of(text_of(e, WD_HAR_URL)), book->now_ns);
    struct wd_host *host = open_host(book, &connection, book->now_ns);
    bool is_accepted = e->frame_count || e->lost_items || status_of(e) == 101 || status_of(e) == 200;
    host->counts->opened += is_accepted;
    book->mute_sockets += is_accepted && !e->frame_count;
    if (is_inside(book, book->now_ns))
        take_heads(book, e);
    if (is_accepted)
        note_stream(book, e, WD_TRANSPORT_WEBSOCKET);
    int rc = is_accepted ? retell_frames(book, e, host) : WD_OK;
    int closed = tell(book, &connection, WD_CHUNK_CLOSE, end_of(e, book->now_ns));
    return rc < 0 ? rc : closed;
}

int wd_har_retell(struct wd_har_book *book, const struct wd_har_entry *e)
{
    if (!crossed_the_wire(e))
        return WD_OK;
    int64_t ns;
    if (wd_moment_date(text_of(e, WD_HAR_STARTED), WD_ZONE_UTC, &ns)) {
        book->now_ns = ns;
        if (is_inside(book, ns))
            wd_told_note(&book->told, ns);
    }
    return is_socket(e) ? retell_socket(book, e) : retell_exchange(book, e);
}

int wd_har_book_close(struct wd_har_book *book)
{
    TRY(close_peers(book));
    return book->stream_count ? tell_streams(book) : WD_OK;
}

/* After finish() no connection is left; the hosts of those that are would point to what is gone. */
void wd_har_book_free(struct wd_har_book *book)
{
    for (size_t i = 0; i < book->peer_count; i++) {
        wd_polls_free(book->peers[i]->polls);
        tell(book, &book->peers[i]->connection, WD_CHUNK_CLOSE, book->now_ns);
        wd_free(book->peers[i]);
    }
    for (size_t i = 0; i < book->stream_count; i++)
        wd_free((void *)book->streams[i].path.at);
    wd_free(book->peers);
    wd_free(book->streams);
    wd_map_close(book->peer_of);
    wd_buf_free(&book->body);
}
