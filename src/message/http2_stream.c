/* message/http2_stream.c - RFC 9113 section 8.1, one half of a stream:
 *
 *   HEADERS :status 103 | HEADERS :status 200 | DATA | DATA | HEADERS grpc-status (trailers)
 *
 * Any of them may end the half. RFC 8441: CONNECT with :protocol and its answer 2xx, then DATA is the other
 * protocol's.
 */
#include "message/http2_stream.h"

#include "base/cursor.h"
#include "message/head.h"

#define LINGERING_MAX 64
#define GRPC_PREFIX 5

/* --- the table: at most `streams` are in it, so a bucket that holds all of them is bearable --- */

static size_t bucket_of(const struct wd_h2_streams *streams, uint32_t id)
{
    return (size_t)(id * UINT64_C(0x9e3779b97f4a7c15) >> 32) & (streams->bucket_count - 1);
}

struct wd_h2_stream *wd_h2_stream_find(const struct wd_h2_streams *streams, uint32_t id)
{
    if (streams->live.newest && streams->live.newest->id == id)
        return streams->live.newest;
    struct wd_h2_stream *stream = streams->bucket_count ? streams->buckets[bucket_of(streams, id)] : NULL;
    while (stream && stream->id != id)
        stream = stream->next;
    return stream;
}

static void put_in_bucket(struct wd_h2_streams *streams, struct wd_h2_stream *stream)
{
    struct wd_h2_stream **bucket = &streams->buckets[bucket_of(streams, stream->id)];
    stream->next = *bucket;
    *bucket = stream;
}

static void grow(struct wd_h2_streams *streams)
{
    struct wd_h2_stream **old = streams->buckets;
    size_t old_count = streams->bucket_count;
    streams->bucket_count = old_count ? 2 * old_count : 8;
    streams->buckets = wd_alloc(streams->bucket_count * sizeof(struct wd_h2_stream *));
    for (size_t i = 0; i < old_count; i++) {
        for (struct wd_h2_stream *stream = old[i], *next; stream; stream = next) {
            next = stream->next;
            put_in_bucket(streams, stream);
        }
    }
    wd_free(old);
}

static void enqueue(struct wd_h2_queue *queue, struct wd_h2_stream *stream)
{
    stream->newer = NULL;
    stream->older = queue->newest;
    *(queue->newest ? &queue->newest->newer : &queue->oldest) = stream;
    queue->newest = stream;
    queue->count++;
}

static void dequeue(struct wd_h2_queue *queue, struct wd_h2_stream *stream)
{
    *(stream->older ? &stream->older->newer : &queue->oldest) = stream->newer;
    *(stream->newer ? &stream->newer->older : &queue->newest) = stream->older;
    queue->count--;
}

static struct wd_h2_queue *queue_of(struct wd_h2_streams *streams, const struct wd_h2_stream *stream)
{
    return stream->is_lingering ? &streams->lingering : &streams->live;
}

/* It is what a frame is about. */
static void use(struct wd_h2_streams *streams, struct wd_h2_stream *stream)
{
    wd_host_follow(&stream->host);
    if (stream->is_lingering || streams->live.newest == stream)
        return;
    dequeue(&streams->live, stream);
    enqueue(&streams->live, stream);
}

void wd_h2_streams_open(struct wd_h2_streams *streams, struct wd_host *host, int client)
{
    *streams = (struct wd_h2_streams){ .host = host, .client = client, .polls = wd_polls_open(host, true) };
}

/* Gives back what is held of the client; how many bytes that was. */
static size_t drop_held(struct wd_h2_streams *streams, struct wd_h2_stream *stream)
{
    size_t len = stream->held ? stream->held->len : 0;
    streams->held_len -= len;
    wd_host_return(streams->host, stream->held);
    stream->held = NULL;
    return len;
}

static void forget(struct wd_h2_streams *streams, struct wd_h2_stream *stream)
{
    struct wd_h2_stream **at = &streams->buckets[bucket_of(streams, stream->id)];
    while (*at != stream)
        at = &(*at)->next;
    *at = stream->next;
    dequeue(queue_of(streams, stream), stream);
    wd_host_outermost(streams->host)->streams--;
    for (int side = 0; side < 2; side++)
        wd_content_free(&stream->half[side].content);
    wd_host_drop(&stream->host);
    wd_host_return(streams->host, stream->request);
    drop_held(streams, stream);
    wd_free(stream);
}

/* --- ends --- */

static int end_half(struct wd_h2_streams *streams, struct wd_h2_stream *stream, int side, bool is_whole,
                    enum wd_reason reason)
{
    struct wd_h2_half *half = &stream->half[side];
    int rc = WD_OK;
    if (half->phase == WD_H2_BODY)
        rc = wd_content_close(&half->content, is_whole, reason, true);
    else if (half->phase == WD_H2_HELD)
        wd_host_undecoded(&stream->host, reason, drop_held(streams, stream));
    half->phase = WD_H2_OVER;
    return rc;
}

static int close_stream(struct wd_h2_streams *streams, struct wd_h2_stream *stream, enum wd_reason reason)
{
    int rc = WD_OK;
    for (int side = 0; side < 2 && rc >= 0; side++)
        rc = end_half(streams, stream, side, false, reason);
    if (rc >= 0)
        rc = wd_host_close(&stream->host);
    forget(streams, stream);
    return rc;
}

/* A server that has ended its answer to a request that nobody saw will not see one either. */
static bool is_over(const struct wd_h2_streams *streams, const struct wd_h2_stream *stream)
{
    enum wd_h2_phase asks = stream->half[streams->client].phase;
    return stream->half[!streams->client].phase == WD_H2_OVER && (asks == WD_H2_OVER || asks == WD_H2_WAIT);
}

int wd_h2_stream_end(struct wd_h2_streams *streams, struct wd_h2_stream *stream, int side)
{
    struct wd_h2_half *half = &stream->half[side];
    use(streams, stream);
    if (half->phase == WD_H2_HELD) {
        stream->is_held_over = true;
        return WD_OK;
    }
    int rc = half->phase == WD_H2_TUNNEL ? wd_host_pass_end(&stream->host, side) : WD_OK;
    if (rc >= 0)
        rc = end_half(streams, stream, side, true, WD_REASON_INCOMPLETE);
    if (rc >= 0 && is_over(streams, stream))
        rc = close_stream(streams, stream, WD_REASON_INCOMPLETE);
    return rc;
}

int wd_h2_stream_reset(struct wd_h2_streams *streams, struct wd_h2_stream *stream, int side)
{
    use(streams, stream);
    TRY(end_half(streams, stream, side, false, WD_REASON_INCOMPLETE));
    if (is_over(streams, stream))
        return close_stream(streams, stream, WD_REASON_INCOMPLETE);
    if (stream->is_lingering)
        return WD_OK;
    dequeue(&streams->live, stream);
    stream->is_lingering = true;
    enqueue(&streams->lingering, stream);
    if (streams->lingering.count <= LINGERING_MAX)
        return WD_OK;
    wd_host_follow(&streams->lingering.oldest->host);
    return close_stream(streams, streams->lingering.oldest, WD_REASON_INCOMPLETE);
}

int wd_h2_streams_close(struct wd_h2_streams *streams, enum wd_reason reason)
{
    int rc = WD_OK;
    struct wd_h2_queue *const queues[] = { &streams->lingering, &streams->live };
    for (size_t i = 0; i < WD_COUNT(queues); i++) {
        while (rc >= 0 && queues[i]->oldest) {
            wd_host_follow(&queues[i]->oldest->host);
            rc = close_stream(streams, queues[i]->oldest, reason);
        }
    }
    wd_polls_finish(streams->polls);
    return rc;
}

void wd_h2_streams_free(struct wd_h2_streams *streams)
{
    while (streams->lingering.oldest)
        forget(streams, streams->lingering.oldest);
    while (streams->live.oldest)
        forget(streams, streams->live.oldest);
    wd_polls_free(streams->polls);
    wd_free(streams->buckets);
}

/* --- beginnings --- */

bool wd_h2_stream_is_new(const struct wd_h2_streams *streams, uint32_t id)
{
    return id > streams->highest[id & 1];
}

int wd_h2_stream_add(struct wd_h2_streams *streams, uint32_t id, struct wd_h2_stream **out)
{
    struct wd_host *outermost = wd_host_outermost(streams->host);
    *out = NULL;
    if (outermost->streams >= outermost->limits->streams) {
        wd_host_limit(streams->host, WD_LIMIT_streams);
        struct wd_h2_queue *queue = streams->lingering.oldest ? &streams->lingering : &streams->live;
        struct wd_h2_stream *oldest = queue->oldest;
        if (!oldest)
            return WD_OK;
        wd_host_follow(&oldest->host);
        TRY(close_stream(streams, oldest, WD_REASON_LIMIT));
    }
    if (streams->live.count + streams->lingering.count >= streams->bucket_count)
        grow(streams);
    struct wd_h2_stream *stream = wd_alloc(sizeof *stream);
    wd_host_nest(&stream->host, streams->host);
    stream->id = id;
    outermost->streams++;
    put_in_bucket(streams, stream);
    enqueue(&streams->live, stream);
    if (wd_h2_stream_is_new(streams, id))
        streams->highest[id & 1] = id;
    *out = stream;
    return WD_OK;
}

static struct wd_bytes part_of(const struct wd_h2_stream *stream, size_t off, size_t len)
{
    return wd_bytes_at(len ? stream->request->at + off : NULL, len);
}

static struct wd_bytes method_of(const struct wd_h2_stream *stream)
{
    return part_of(stream, 0, stream->method_len);
}

static struct wd_bytes path_of(const struct wd_h2_stream *stream)
{
    return part_of(stream, stream->method_len, stream->path_len);
}

static struct wd_bytes protocol_of(const struct wd_h2_stream *stream)
{
    size_t off = stream->method_len + stream->path_len;
    return part_of(stream, off, stream->request ? stream->request->len - off : 0);
}

static int note_request(struct wd_h2_streams *streams, struct wd_h2_stream *stream, struct wd_bytes method,
                        struct wd_bytes path, struct wd_bytes protocol)
{
    if (!stream->request)
        stream->request = wd_host_borrow(streams->host);
    wd_buf_reset(stream->request);
    wd_buf_put(stream->request, method);
    wd_buf_put(stream->request, path);
    wd_buf_put(stream->request, protocol);
    stream->method_len = method.len;
    stream->path_len = path.len;
    return method.len && path.len ? wd_polls_request(streams->polls, method, path) : WD_OK;
}

static int open_content(struct wd_h2_streams *streams, struct wd_h2_stream *stream, int side,
                        struct wd_content_spec spec)
{
    struct wd_h2_half *half = &stream->half[side];
    spec.direction = wd_host_direction(&stream->host, side);
    spec.method = method_of(stream);
    spec.path = path_of(stream);
    half->phase = WD_H2_BODY;
    return wd_content_open(&half->content, &stream->host, streams->polls, &spec);
}

static int begin_body(struct wd_h2_streams *streams, struct wd_h2_stream *stream, int side,
                      const struct wd_h2_head *head, struct wd_h2_doubt doubt)
{
    struct wd_h2_half *half = &stream->half[side];
    if (head->has_unknown && !head->has[WD_H2_CONTENT_TYPE]) {
        half->phase = WD_H2_STRANGE;
        half->reason = doubt.reason;
        return WD_OK;
    }
    bool is_bodiless = side != streams->client && wd_bytes_is(method_of(stream), "HEAD");
    return open_content(streams, stream, side, (struct wd_content_spec){
        .is_stream_allowed = side == streams->client || wd_h2_head_status(head) == 200,
        .content_type = is_bodiless ? wd_bytes_at(NULL, 0) : wd_h2_head_value(head, WD_H2_CONTENT_TYPE),
        .codings = wd_h2_head_value(head, WD_H2_CONTENT_ENCODING),
        .message_coding = wd_h2_head_value(head, WD_H2_GRPC_ENCODING),
    });
}

/* --- tunnels --- */

static bool is_connect(const struct wd_h2_stream *stream)
{
    return wd_bytes_is(method_of(stream), "CONNECT");
}

static int pass_held(struct wd_h2_streams *streams, struct wd_h2_stream *stream)
{
    struct wd_buf *held = stream->held;
    int rc = WD_OK;
    stream->held = NULL;
    streams->held_len -= held ? held->len : 0;
    if (held)
        rc = wd_host_pass(&stream->host, streams->client, wd_buf_bytes(held));
    wd_host_return(streams->host, held);
    if (rc >= 0 && stream->is_held_over)
        rc = wd_h2_stream_end(streams, stream, streams->client);
    return rc;
}

static int open_tunnel(struct wd_h2_streams *streams, struct wd_h2_stream *stream,
                       const struct wd_h2_head *head)
{
    struct wd_h2_half *client = &stream->half[streams->client];
    struct wd_bytes protocol = protocol_of(stream);
    struct wd_opening opening = {
        .client = streams->client,
        .is_midway = head->has_unknown,
        .path = path_of(stream),
        .subprotocol = wd_h2_head_value(head, WD_H2_WS_PROTOCOL),
        .extensions = wd_h2_head_value(head, WD_H2_WS_EXTENSIONS),
    };
    opening.is_synced[streams->client] = client->phase == WD_H2_HELD;
    opening.is_synced[!streams->client] = true;
    stream->half[!streams->client].phase = WD_H2_TUNNEL;
    if (client->phase != WD_H2_OVER)
        client->phase = WD_H2_TUNNEL;
    if (protocol.len)
        TRY(wd_host_switch(&stream->host, protocol, &opening));
    else
        wd_host_restart(&stream->host, !opening.is_synced[streams->client]);
    return pass_held(streams, stream);
}

/* The answer was no: what the client sent ahead of it is nobody's. */
static int refuse(struct wd_h2_streams *streams, struct wd_h2_stream *stream)
{
    if (stream->half[streams->client].phase != WD_H2_HELD)
        return WD_OK;
    wd_ledger_add(streams->host->ledger, WD_LAYER_HTTP, drop_held(streams, stream));
    TRY(open_content(streams, stream, streams->client, (struct wd_content_spec){ 0 }));
    return stream->is_held_over ? wd_h2_stream_end(streams, stream, streams->client) : WD_OK;
}

static int hold(struct wd_h2_streams *streams, struct wd_h2_stream *stream, struct wd_bytes bytes)
{
    struct wd_h2_half *half = &stream->half[streams->client];
    if (!stream->held)
        stream->held = wd_host_borrow(streams->host);
    if (bytes.len <= streams->host->limits->header_list - streams->held_len) {
        wd_buf_put(stream->held, bytes);
        streams->held_len += bytes.len;
        return WD_OK;
    }
    wd_host_limit(streams->host, WD_LIMIT_header_list);
    wd_host_undecoded(&stream->host, WD_REASON_LIMIT, drop_held(streams, stream) + bytes.len);
    half->phase = WD_H2_LOST;
    half->reason = WD_REASON_LIMIT;
    return WD_OK;
}

/* --- heads --- */

static int begin_request(struct wd_h2_streams *streams, struct wd_h2_stream *stream,
                         const struct wd_h2_head *head, struct wd_h2_doubt doubt)
{
    struct wd_bytes path = wd_target_path(wd_h2_head_value(head, WD_H2_PATH));
    TRY(note_request(streams, stream, wd_h2_head_value(head, WD_H2_METHOD), path,
                     wd_h2_head_value(head, WD_H2_PROTOCOL)));
    if (!is_connect(stream))
        return begin_body(streams, stream, streams->client, head, doubt);
    stream->half[streams->client].phase = WD_H2_HELD;
    return WD_OK;
}

static int begin_response(struct wd_h2_streams *streams, struct wd_h2_stream *stream,
                          const struct wd_h2_head *head, bool is_end, struct wd_h2_doubt doubt)
{
    int status = wd_h2_head_status(head), server = !streams->client;
    if (status >= 100 && status < 200 && !is_end)
        return WD_OK;
    if (is_connect(stream) && status >= 200 && status < 300)
        return open_tunnel(streams, stream, head);
    /* The body first: refusing may end the other half. */
    TRY(begin_body(streams, stream, server, head, doubt));
    return is_connect(stream) ? refuse(streams, stream) : WD_OK;
}

int wd_h2_stream_head(struct wd_h2_streams *streams, struct wd_h2_stream *stream, int side,
                      const struct wd_h2_head *head, bool is_end, struct wd_h2_doubt doubt)
{
    struct wd_h2_half *half = &stream->half[side];
    int rc = WD_OK;
    use(streams, stream);
    if (half->phase == WD_H2_WAIT && head->fault != WD_FINE) {
        half->phase = WD_H2_LOST;
        half->reason = head->fault;
    } else if (half->phase == WD_H2_WAIT) {
        rc = side == streams->client ? begin_request(streams, stream, head, doubt)
                                     : begin_response(streams, stream, head, is_end, doubt);
    }
    return rc < 0 || !is_end ? rc : wd_h2_stream_end(streams, stream, side);
}

int wd_h2_stream_asked(struct wd_h2_streams *streams, struct wd_h2_stream *stream, struct wd_bytes method,
                       struct wd_bytes path)
{
    stream->half[streams->client].phase = WD_H2_OVER;
    return note_request(streams, stream, method, path, wd_bytes_at(NULL, 0));
}

/* --- data --- */

/* What a frame of a stream whose head was not seen begins with; NULL: nothing that is known. */
static const char *sniff(struct wd_bytes bytes, uint64_t frame_left)
{
    struct wd_cursor c = wd_cursor_of(bytes);
    uint8_t flag = wd_cursor_u8(&c);
    uint32_t len = wd_cursor_be32(&c);
    if (!c.fault && flag <= 1 && frame_left >= GRPC_PREFIX && len == frame_left - GRPC_PREFIX)
        return "application/grpc";
    return wd_content_is_event(bytes) ? "text/event-stream" : NULL;
}

static int join(struct wd_h2_streams *streams, struct wd_h2_stream *stream, int side, struct wd_bytes bytes,
                uint64_t frame_left)
{
    const char *type = sniff(bytes, frame_left);
    if (!type)
        return WD_OK;
    return open_content(streams, stream, side, (struct wd_content_spec){
        .is_stream_allowed = true,
        .is_midway = true,
        .content_type = wd_bytes_of(type),
    });
}

int wd_h2_stream_data(struct wd_h2_streams *streams, struct wd_h2_stream *stream, int side,
                      struct wd_bytes bytes, bool is_start, uint64_t frame_left, struct wd_h2_doubt doubt)
{
    struct wd_h2_half *half = &stream->half[side];
    use(streams, stream);
    if (half->phase == WD_H2_WAIT) {
        half->phase = doubt.is_lost ? WD_H2_STRANGE : WD_H2_LOST;
        half->reason = doubt.is_lost ? doubt.reason : WD_REASON_MALFORMED_HTTP;
    }
    if (half->phase == WD_H2_STRANGE && is_start && doubt.is_lost)
        TRY(join(streams, stream, side, bytes, frame_left));
    switch (half->phase) {
    case WD_H2_BODY:
        return wd_content_feed(&half->content, bytes);
    case WD_H2_HELD:
        return hold(streams, stream, bytes);
    case WD_H2_TUNNEL:
        return wd_host_pass(&stream->host, side, bytes);
    case WD_H2_OVER:
        wd_host_undecoded(&stream->host, WD_REASON_MALFORMED_HTTP, bytes.len);
        return WD_OK;
    default:
        wd_host_undecoded(&stream->host, half->reason, bytes.len);
        return WD_OK;
    }
}

int wd_h2_stream_gap(struct wd_h2_streams *streams, struct wd_h2_stream *stream, int side, uint64_t missing)
{
    struct wd_h2_half *half = &stream->half[side];
    wd_host_follow(&stream->host);
    if (half->phase == WD_H2_BODY)
        return wd_content_gap(&half->content);
    if (half->phase == WD_H2_TUNNEL)
        return wd_host_pass_gap(&stream->host, side, missing);
    if (half->phase != WD_H2_HELD)
        return WD_OK;
    wd_host_undecoded(&stream->host, WD_REASON_GAP, drop_held(streams, stream));
    half->phase = WD_H2_LOST;
    half->reason = WD_REASON_GAP;
    return WD_OK;
}

int wd_h2_streams_gap(struct wd_h2_streams *streams, int side)
{
    struct wd_h2_stream *const oldest[] = { streams->live.oldest, streams->lingering.oldest };
    for (size_t i = 0; i < WD_COUNT(oldest); i++)
        for (struct wd_h2_stream *stream = oldest[i]; stream; stream = stream->newer)
            TRY(wd_h2_stream_gap(streams, stream, side, 0));
    return WD_OK;
}
