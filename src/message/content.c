#include "message/content.h"

static struct wd_bytes media_type_of(struct wd_bytes content_type)
{
    for (size_t i = 0; i < content_type.len; i++)
        if (content_type.at[i] == ';')
            content_type.len = i;
    return wd_bytes_trim(content_type);
}

bool wd_content_is_event(struct wd_bytes body)
{
    static const char *const starts[] = { "data:", "event:", "id:", "retry:", ":" };
    for (size_t i = 0; i < WD_COUNT(starts); i++)
        if (wd_bytes_starts(body, starts[i]) && memchr(body.at, '\n', body.len))
            return true;
    return false;
}

static int open_stream(struct wd_content *c, const struct wd_content_spec *spec, struct wd_bytes media_type)
{
    struct wd_host *host = c->host;
    c->kind = WD_CONTENT_STREAM;
    c->codings = wd_body_open(host, spec->codings, &c->fault);
    if (c->decoder->message_type)
        media_type = wd_bytes_of(c->decoder->message_type);
    c->channel = wd_host_channel(host, c->decoder->transport, spec->path, media_type, wd_bytes_at(NULL, 0));
    if (!c->channel) {
        c->fault = WD_REASON_LIMIT;
        return WD_OK;
    }
    host->counts->opened += c->decoder->transport == WD_TRANSPORT_SSE && !spec->is_midway;
    c->state = c->decoder->open(host, c->channel, c->direction, spec->message_coding);
    if (spec->is_midway)
        c->decoder->gap(c->state, WD_REASON_INCOMPLETE);
    /* Both directions of a call are one opening. */
    bool is_open = c->decoder->transport == WD_TRANSPORT_GRPC && c->channel->openings;
    return is_open ? WD_OK : wd_host_channel_open(host, c->channel);
}

static void open_whole(struct wd_content *c, const struct wd_content_spec *spec, struct wd_bytes media_type)
{
    c->kind = WD_CONTENT_WHOLE;
    c->codings = wd_body_open(c->host, spec->codings, &c->fault);
    c->text = wd_host_borrow(c->host);
    c->method_len = spec->method.len;
    c->path_len = spec->path.len;
    c->type_len = media_type.len;
    wd_buf_put(c->text, spec->method);
    wd_buf_put(c->text, spec->path);
    wd_buf_put(c->text, media_type);
}

int wd_content_open(struct wd_content *c, struct wd_host *host, struct wd_polls *polls,
                    const struct wd_content_spec *spec)
{
    struct wd_bytes media_type = media_type_of(spec->content_type);
    *c = (struct wd_content){ .host = host, .polls = polls, .direction = spec->direction, .fault = WD_FINE };
    c->decoder = wd_decoder_find(media_type);
    if (c->decoder && (c->decoder->transport != WD_TRANSPORT_SSE || spec->is_stream_allowed))
        return open_stream(c, spec, media_type);
    if (wd_poll_is_structured(media_type) && spec->method.len)
        open_whole(c, spec, media_type);
    return WD_OK;
}

/* The decoder's part is over: what it did not account for of its wire bytes is framing. */
static int end_decoder(struct wd_content *c, bool is_whole, enum wd_reason reason)
{
    uint64_t accounted = 0;
    if (!c->state)
        return WD_OK;
    int rc = c->decoder->finish(c->state, is_whole, reason, &accounted);
    assert(accounted <= c->wire_len);
    wd_ledger_add(c->host->ledger, WD_LAYER_FRAMING, c->wire_len - accounted);
    c->decoder->free(c->state);
    c->state = NULL;
    return rc;
}

static int decoded_stream(void *ctx, struct wd_bytes bytes, struct wd_share *share)
{
    struct wd_content *c = ctx;
    uint64_t before = c->host->message_count;
    int rc = c->decoder->feed(c->state, bytes, share);
    if (c->host->message_count != before)
        wd_body_mark(c->codings);
    return rc;
}

static int feed_stream(struct wd_content *c, struct wd_bytes bytes)
{
    struct wd_share plain = { .rate = WD_SHARE_ONE };
    if (c->fault != WD_FINE && !c->state) {
        wd_host_undecoded(c->host, c->fault, bytes.len);
        return WD_OK;
    }
    c->wire_len += bytes.len;
    if (c->fault == WD_FINE && !c->codings)
        return c->decoder->feed(c->state, bytes, &plain);
    uint64_t fine = 0;
    if (c->fault == WD_FINE) {
        TRY(wd_body_feed(c->codings, bytes, true, decoded_stream, c, &c->fault));
        fine = wd_body_fine(c->codings);
    }
    if (c->fault == WD_FINE)
        return WD_OK;
    wd_host_undecoded(c->host, c->fault, c->wire_len - fine);
    c->wire_len = fine;
    return end_decoder(c, false, c->fault);
}

static int decoded_whole(void *ctx, struct wd_bytes bytes, struct wd_share *share)
{
    struct wd_content *c = ctx;
    uint64_t limit = c->host->limits->message;
    uint64_t room = c->body_len < limit ? limit - c->body_len : 0;
    c->body_len += bytes.len;
    c->is_shared |= share->is_estimated;
    if (bytes.len <= room && c->body_len < INT32_MAX)   /* of a body that is too long nobody asks */
        wd_share_keep(share, bytes.len, &c->marks);
    wd_buf_put(c->text, wd_bytes_at(bytes.at, bytes.len < room ? bytes.len : (size_t)room));
    return WD_OK;
}

static int feed_whole(struct wd_content *c, struct wd_bytes bytes)
{
    struct wd_share plain = { .rate = WD_SHARE_ONE };
    c->wire_len += bytes.len;
    if (c->fault != WD_FINE)
        return WD_OK;
    if (!c->codings)
        return decoded_whole(c, bytes, &plain);
    return wd_body_feed(c->codings, bytes, false, decoded_whole, c, &c->fault);
}

int wd_content_feed(struct wd_content *c, struct wd_bytes bytes)
{
    if (c->kind == WD_CONTENT_STREAM)
        return feed_stream(c, bytes);
    if (c->kind == WD_CONTENT_WHOLE)
        return feed_whole(c, bytes);
    wd_ledger_add(c->host->ledger, WD_LAYER_HTTP, bytes.len);
    return WD_OK;
}

int wd_content_gap(struct wd_content *c)
{
    if (c->kind == WD_CONTENT_STREAM && c->state && !c->codings) {
        c->decoder->gap(c->state, WD_REASON_GAP);
        return WD_OK;
    }
    if (c->fault == WD_FINE)
        c->fault = WD_REASON_GAP;
    return c->kind == WD_CONTENT_STREAM ? end_decoder(c, false, WD_REASON_GAP) : WD_OK;
}

static int close_whole(struct wd_content *c, bool is_whole, enum wd_reason reason)
{
    if (!is_whole || c->wire_len == 0) {
        wd_host_undecoded(c->host, c->fault == WD_FINE ? reason : c->fault, c->wire_len);
        return WD_OK;
    }
    size_t key_len = c->method_len + c->path_len;
    struct wd_poll_body body = {
        .media_type = wd_bytes_at(c->text->at + key_len, c->type_len),
        .body = wd_bytes_at(c->text->at + key_len + c->type_len, c->text->len - key_len - c->type_len),
        .body_len = c->body_len,
        .wire_len = c->wire_len,
        .marks = wd_marks_of(&c->marks),
        .is_shared = c->is_shared,
        .fault = c->fault,
    };
    return wd_polls_body(c->polls, wd_bytes_at(c->text->at, c->method_len),
                         wd_bytes_at(c->text->at + c->method_len, c->path_len), c->direction, &body);
}

int wd_content_close(struct wd_content *c, bool is_whole, enum wd_reason reason, bool is_last)
{
    int rc = WD_OK;
    if (c->kind == WD_CONTENT_STREAM) {
        rc = end_decoder(c, is_whole, reason);
        if (rc >= 0 && c->channel && !is_last)
            wd_host_channel_closed(c->host, c->channel);
    } else if (c->kind == WD_CONTENT_WHOLE) {
        rc = close_whole(c, is_whole, reason);
    }
    wd_content_free(c);
    return rc;
}

void wd_content_free(struct wd_content *c)
{
    if (c->state)
        c->decoder->free(c->state);
    wd_body_close(c->codings);
    wd_free(c->marks.at);
    if (c->text)
        wd_host_return(c->host, c->text);
    *c = (struct wd_content){ 0 };
}
