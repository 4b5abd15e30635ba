#include "message/poll.h"

#include <stdalign.h>

struct held {
    struct held *newer;
    struct wd_poll_body body;     /* views into bytes[], first the marks */
    enum wd_direction direction;
    int64_t ts_ns;
    uint64_t packet;
    alignas(struct wd_bit_mark) uint8_t bytes[];
};

struct poll {
    struct poll *older, *newer;   /* by last request */
    struct held *first;           /* in order; while is_polled is false */
    bool is_polled;               /* asked for twice, or wanted by the receiver at once */
    size_t method_len, path_len;
    uint8_t key[];                /* method, path */
};

struct wd_polls {
    struct wd_host *host;
    bool is_stream_each;
    struct poll *oldest, *newest;
    size_t count;
    size_t held_bytes;
};

static const char *const structured[] = {
    "application/json", "text/json",
    "application/msgpack", "application/x-msgpack", "application/vnd.msgpack",
    "application/cbor",
    "application/protobuf", "application/x-protobuf", "application/vnd.google.protobuf",
    "avro/binary", "application/avro", "application/x-avro-binary", "application/vnd.apache.avro+binary",
};
static const char *const suffixes[] = { "json", "cbor", "msgpack", "protobuf" };

/* Structured syntax suffix (RFC 6838 section 4.2.8): what follows the last plus. */
static struct wd_bytes suffix_of(struct wd_bytes media_type)
{
    struct wd_bytes suffix = { NULL, 0 };
    for (size_t i = 0; i < media_type.len; i++)
        if (media_type.at[i] == '+')
            suffix = wd_bytes_at(media_type.at + i + 1, media_type.len - i - 1);
    return suffix;
}

bool wd_poll_is_structured(struct wd_bytes media_type)
{
    struct wd_bytes suffix = suffix_of(media_type);
    for (size_t i = 0; i < WD_COUNT(structured); i++)
        if (wd_bytes_is_nocase(media_type, structured[i]))
            return true;
    for (size_t i = 0; i < WD_COUNT(suffixes); i++)
        if (wd_bytes_is_nocase(suffix, suffixes[i]))
            return true;
    return false;
}

static bool is_json(struct wd_bytes media_type)
{
    return wd_bytes_is_nocase(media_type, "application/json") ||
           wd_bytes_is_nocase(media_type, "text/json") || wd_bytes_is_nocase(suffix_of(media_type), "json");
}

struct wd_polls *wd_polls_open(struct wd_host *host, bool is_stream_each)
{
    struct wd_polls *polls = wd_alloc(sizeof *polls);
    polls->host = host;
    polls->is_stream_each = is_stream_each;
    return polls;
}

static struct wd_bytes path_of(const struct poll *poll)
{
    return wd_bytes_at(poll->key + poll->method_len, poll->path_len);
}

static bool is_key(const struct poll *poll, struct wd_bytes method, struct wd_bytes path)
{
    return wd_bytes_eq(path_of(poll), path) && wd_bytes_eq(wd_bytes_at(poll->key, poll->method_len), method);
}

static struct poll *find(const struct wd_polls *polls, struct wd_bytes method, struct wd_bytes path)
{
    struct poll *poll = polls->newest;
    while (poll && !is_key(poll, method, path))
        poll = poll->older;
    return poll;
}

static void unlink_poll(struct wd_polls *polls, struct poll *poll)
{
    *(poll->older ? &poll->older->newer : &polls->oldest) = poll->newer;
    *(poll->newer ? &poll->newer->older : &polls->newest) = poll->older;
}

static void link_newest(struct wd_polls *polls, struct poll *poll)
{
    poll->newer = NULL;
    poll->older = polls->newest;
    *(polls->newest ? &polls->newest->newer : &polls->oldest) = poll;
    polls->newest = poll;
}

static size_t marks_size(const struct wd_poll_body *body)
{
    return body->marks.count * sizeof *body->marks.at;
}

static size_t held_size(const struct held *held)
{
    return sizeof *held + marks_size(&held->body) + held->body.body.len + held->body.media_type.len;
}

/* The first held body leaves; the caller accounts for it and frees it. */
static struct held *take_first(struct wd_polls *polls, struct poll *poll)
{
    struct held *held = poll->first;
    if (!held)
        return NULL;
    poll->first = held->newer;
    polls->held_bytes -= held_size(held);
    return held;
}

static void give_up(struct wd_polls *polls, struct poll *poll)
{
    for (struct held *held; (held = take_first(polls, poll)); wd_free(held))
        wd_ledger_add(polls->host->ledger, WD_LAYER_HTTP, held->body.wire_len);
}

static void drop_oldest(struct wd_polls *polls)
{
    struct poll *poll = polls->oldest;
    give_up(polls, poll);
    unlink_poll(polls, poll);
    polls->count--;
    wd_free(poll);
}

static int emit(struct wd_polls *polls, const struct poll *poll, enum wd_direction direction,
                const struct wd_poll_body *body, int64_t ts_ns, uint64_t packet)
{
    struct wd_host *host = polls->host;
    if (body->fault != WD_FINE) {
        wd_host_undecoded(host, body->fault, body->wire_len);
        return WD_OK;
    }
    struct wd_channel *channel = wd_host_channel(host, WD_TRANSPORT_HTTP, path_of(poll), body->media_type,
                                                 wd_bytes_at(NULL, 0));
    if (!channel) {
        wd_host_undecoded(host, WD_REASON_LIMIT, body->wire_len);
        return WD_OK;
    }
    if (channel->openings == 0)
        TRY(wd_host_channel_open(host, channel));
    struct wd_message message = {
        .channel = channel,
        .direction = direction,
        .body = body->body,
        .body_len = body->body_len,
        .wire_len = body->wire_len,
        .marks = body->marks,
        .is_shared = body->is_shared,
        .is_text = is_json(body->media_type),
        .ts_ns = ts_ns,
        .packet = packet,
    };
    TRY(wd_host_message(host, &message));
    if (polls->is_stream_each)
        wd_host_channels_free(host, true);
    return WD_OK;
}

static int release(struct wd_polls *polls, struct poll *poll)
{
    int rc = WD_OK;
    for (struct held *held; rc >= 0 && (held = take_first(polls, poll)); wd_free(held))
        rc = emit(polls, poll, held->direction, &held->body, held->ts_ns, held->packet);
    return rc;
}

static void add(struct wd_polls *polls, struct wd_bytes method, struct wd_bytes path)
{
    if (polls->count == WD_POLLS_MAX)
        drop_oldest(polls);
    struct poll *poll = wd_alloc(sizeof *poll + method.len + path.len);
    poll->method_len = method.len;
    poll->path_len = path.len;
    if (method.len)
        memcpy(poll->key, method.at, method.len);
    if (path.len)
        memcpy(poll->key + method.len, path.at, path.len);
    const struct wd_message_sink *sink = polls->host->sink;
    poll->is_polled = sink->wants && sink->wants(sink->ctx, path);
    link_newest(polls, poll);
    polls->count++;
}

int wd_polls_request(struct wd_polls *polls, struct wd_bytes method, struct wd_bytes path)
{
    struct poll *poll = find(polls, method, path);
    if (!poll) {
        add(polls, method, path);
        return WD_OK;
    }
    unlink_poll(polls, poll);
    link_newest(polls, poll);
    poll->is_polled = true;
    return release(polls, poll);
}

static struct wd_bytes copy_to(uint8_t **to, struct wd_bytes bytes)
{
    struct wd_bytes copy = wd_bytes_at(*to, bytes.len);
    if (bytes.len)
        memcpy(*to, bytes.at, bytes.len);
    *to += bytes.len;
    return copy;
}

/* The copy of a body. Marks are the first to go when there is little room: they must not be what costs a
 * message. */
static struct held *copy_body(const struct wd_polls *polls, struct wd_poll_body body)
{
    if (body.marks.at && polls->held_bytes + marks_size(&body) + body.body.len > WD_POLL_HELD_MAX) {
        body.marks = (struct wd_bit_marks){ NULL, 0 };
        body.is_shared = true;
    }
    struct held *held = wd_alloc(sizeof *held + marks_size(&body) + body.body.len + body.media_type.len);
    uint8_t *to = held->bytes;
    held->body = body;
    if (body.marks.at)
        held->body.marks.at = (const void *)copy_to(&to, wd_bytes_at(body.marks.at, marks_size(&body))).at;
    held->body.body = copy_to(&to, body.body);
    held->body.media_type = copy_to(&to, body.media_type);
    return held;
}

static void hold(struct wd_polls *polls, struct poll *poll, enum wd_direction direction,
                 const struct wd_poll_body *body)
{
    struct held *held = copy_body(polls, *body);
    held->direction = direction;
    held->ts_ns = polls->host->ts_ns;
    held->packet = polls->host->packet;
    struct held **end = &poll->first;
    while (*end)
        end = &(*end)->newer;
    *end = held;
    polls->held_bytes += held_size(held);
    for (struct poll *old = polls->oldest; old && polls->held_bytes > WD_POLL_HELD_MAX; old = old->newer)
        give_up(polls, old);
}

int wd_polls_body(struct wd_polls *polls, struct wd_bytes method, struct wd_bytes path,
                  enum wd_direction direction, const struct wd_poll_body *body)
{
    struct poll *poll = find(polls, method, path);
    if (!poll)   /* its request was not seen, or forgotten */
        wd_ledger_add(polls->host->ledger, WD_LAYER_HTTP, body->wire_len);
    else if (poll->is_polled)
        return emit(polls, poll, direction, body, polls->host->ts_ns, polls->host->packet);
    else
        hold(polls, poll, direction, body);
    return WD_OK;
}

void wd_polls_finish(struct wd_polls *polls)
{
    for (struct poll *poll = polls->oldest; poll; poll = poll->newer)
        give_up(polls, poll);
}

void wd_polls_free(struct wd_polls *polls)
{
    if (!polls)
        return;
    while (polls->oldest) {
        struct poll *poll = polls->oldest;
        for (struct held *held; (held = take_first(polls, poll));)
            wd_free(held);
        unlink_poll(polls, poll);
        wd_free(poll);
    }
    wd_free(polls);
}
