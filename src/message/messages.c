#include "message/messages.h"

#include "message/host.h"
#include "message/huffman.h"
#include "message/waiting.h"

#define POOL_MAX 64                /* idle buffers that are kept */
#define POOL_BUF_MAX (256u << 10)  /* larger ones are given back to the system */

struct wd_messages {
    struct wd_limits limits;
    struct wd_ledger *ledger;
    struct wd_connection_counts *counts;
    struct wd_message_sink sink;
    struct wd_host *hosts;             /* all that are open */
    struct wd_buf *pool[POOL_MAX];
    size_t pool_count;
    struct wd_buf scratch;
    struct wd_fixed_codes *fixed_codes;
};

struct wd_messages *wd_messages_open(const struct wd_limits *limits, struct wd_ledger *ledger,
                                     struct wd_connection_counts *counts, const struct wd_message_sink *sink)
{
    struct wd_messages *messages = wd_alloc(sizeof *messages);
    messages->limits = *limits;
    messages->ledger = ledger;
    messages->counts = counts;
    messages->sink = *sink;
    return messages;
}

static void free_buf(struct wd_buf *buf)
{
    wd_buf_free(buf);
    wd_free(buf);
}

struct wd_host *wd_host_outermost(struct wd_host *host)
{
    while (host->outer)
        host = host->outer;
    return host;
}

void wd_host_nest(struct wd_host *host, struct wd_host *outer)
{
    *host = (struct wd_host){
        .limits = outer->limits,
        .ledger = outer->ledger,
        .counts = outer->counts,
        .sink = outer->sink,
        .connection = outer->connection,
        .messages = outer->messages,
        .given_up = WD_FINE,
        .switch_count = outer->switch_count,
        .outer = outer,
    };
    wd_host_follow(host);
}

void wd_host_follow(struct wd_host *host)
{
    host->ts_ns = host->outer->ts_ns;
    host->packet = host->outer->packet;
}

void wd_host_drop(struct wd_host *host)
{
    if (host->protocol)
        host->protocol->free(host->state);
    host->protocol = NULL;
    wd_waiting_free(host->waiting);
    host->waiting = NULL;
    wd_host_channels_free(host, false);
}

static void free_host(struct wd_host *host)
{
    struct wd_messages *messages = host->messages;
    wd_host_drop(host);
    if (host->next)
        host->next->previous = host->previous;
    if (host->previous)
        host->previous->next = host->next;
    else
        messages->hosts = host->next;
    host->connection->user = NULL;
    wd_free(host);
}

void wd_messages_free(struct wd_messages *messages)
{
    if (!messages)
        return;
    while (messages->hosts)
        free_host(messages->hosts);
    while (messages->pool_count)
        free_buf(messages->pool[--messages->pool_count]);
    wd_buf_free(&messages->scratch);
    wd_free(messages->fixed_codes);
    wd_free(messages);
}

struct wd_buf *wd_host_borrow(struct wd_host *host)
{
    struct wd_messages *messages = host->messages;
    if (messages->pool_count)
        return messages->pool[--messages->pool_count];
    return wd_alloc(sizeof(struct wd_buf));
}

void wd_host_return(struct wd_host *host, struct wd_buf *buf)
{
    struct wd_messages *messages = host->messages;
    if (!buf)
        return;
    if (buf->cap > POOL_BUF_MAX || messages->pool_count == POOL_MAX) {
        free_buf(buf);
        return;
    }
    wd_buf_reset(buf);
    messages->pool[messages->pool_count++] = buf;
}

const struct wd_fixed_codes *wd_host_fixed_codes(struct wd_host *host)
{
    struct wd_messages *messages = host->messages;
    if (!messages->fixed_codes) {
        messages->fixed_codes = wd_alloc(sizeof *messages->fixed_codes);
        wd_huffman_build_fixed(messages->fixed_codes);
    }
    return messages->fixed_codes;
}

uint8_t *wd_host_scratch(struct wd_host *host, size_t size)
{
    wd_buf_reset(&host->messages->scratch);
    return wd_buf_room(&host->messages->scratch, size);
}

void wd_host_undecoded(struct wd_host *host, enum wd_reason reason, uint64_t bytes)
{
    if (bytes == 0)
        return;
    wd_ledger_undecoded(host->ledger, reason, bytes);
    host = wd_host_outermost(host);
    if (!(host->reasons_seen & 1u << reason))
        host->ledger->reason_streams[reason]++;
    host->reasons_seen |= 1u << reason;
}

int wd_host_message(struct wd_host *host, struct wd_message *message)
{
    wd_ledger_add(host->ledger, WD_LAYER_PAYLOAD, message->wire_len);
    if (!message->body.at)
        message->body = wd_bytes_of("");   /* receivers add offsets to it */
    if (message->body_len > host->limits->message) {
        message->is_too_long = true;
        wd_ledger_limit(host->ledger, WD_LIMIT_message, message->packet ? message->packet : host->packet);
        if (message->body.len > host->limits->message)
            message->body.len = host->limits->message;
    }
    if (!message->ts_ns && !message->packet) {
        message->ts_ns = host->ts_ns;
        message->packet = host->packet;
    }
    host->message_count++;
    return host->sink->message(host->sink->ctx, message);
}

void wd_host_client_is(struct wd_host *host, int side)
{
    if (side < 0 || host->connection->client_by == WD_CLIENT_BY_SYN)
        return;
    host->connection->client = side;
    host->connection->client_by = WD_CLIENT_BY_SPEECH;
}

/* Protocols inside protocols, without end, would take our stack. */
static bool is_too_deep(struct wd_host *host)
{
    host->protocol = NULL;
    host->state = NULL;
    host->given_up = WD_REASON_LIMIT;
    if (host->switch_count < host->limits->protocols && host->switch_count < WD_PROTOCOLS_MAX) {
        host->switch_count++;
        return false;
    }
    wd_host_limit(host, WD_LIMIT_protocols);
    return true;
}

void wd_host_restart(struct wd_host *host, bool is_midway)
{
    if (!is_too_deep(host))
        host->waiting = wd_waiting_open(is_midway);
}

int wd_host_switch(struct wd_host *host, struct wd_bytes name, const struct wd_opening *opening)
{
    if (is_too_deep(host))
        return WD_OK;
    host->protocol = wd_protocol_find(name);
    host->given_up = WD_REASON_UNKNOWN_PROTOCOL;
    return host->protocol ? host->protocol->open(host, opening, &host->state) : WD_OK;
}

static void open_host(struct wd_messages *messages, struct wd_connection *connection)
{
    struct wd_host *host = wd_alloc(sizeof *host);
    host->limits = &messages->limits;
    host->ledger = messages->ledger;
    host->counts = messages->counts;
    host->sink = &messages->sink;
    host->connection = connection;
    host->messages = messages;
    host->given_up = WD_FINE;
    host->next = messages->hosts;
    if (host->next)
        host->next->previous = host;
    messages->hosts = host;
    connection->user = host;
    wd_host_restart(host, connection->is_midway);
}

/* One call of a protocol. When it handed over meanwhile, it is finished and freed here. */
static int call(struct wd_host *host, const struct wd_piece *piece)
{
    const struct wd_protocol *protocol = host->protocol;
    void *state = host->state;
    int rc = piece->kind == WD_CHUNK_DATA ? protocol->data(state, piece->side, piece->bytes)
             : piece->kind == WD_CHUNK_GAP ? protocol->gap(state, piece->side, piece->missing)
                                           : protocol->end(state, piece->side);
    if (host->state == state)
        return rc;
    if (rc >= 0)
        rc = protocol->finish(state);
    protocol->free(state);
    return rc;
}

int wd_host_take(struct wd_host *host, const struct wd_piece *piece)
{
    if (host->protocol)
        return call(host, piece);
    if (host->waiting)
        return wd_waiting_take(host, piece);
    if (piece->kind == WD_CHUNK_DATA)
        wd_host_undecoded(host, host->given_up, piece->bytes.len);
    return WD_OK;
}

int wd_host_pass(struct wd_host *host, int side, struct wd_bytes bytes)
{
    if (bytes.len == 0)
        return WD_OK;
    return wd_host_take(host, &(struct wd_piece){ .kind = WD_CHUNK_DATA, .side = side, .bytes = bytes });
}

int wd_host_pass_gap(struct wd_host *host, int side, uint64_t missing)
{
    return wd_host_take(host, &(struct wd_piece){ .kind = WD_CHUNK_GAP, .side = side, .missing = missing });
}

int wd_host_pass_end(struct wd_host *host, int side)
{
    return wd_host_take(host, &(struct wd_piece){ .kind = WD_CHUNK_END, .side = side });
}

int wd_host_close(struct wd_host *host)
{
    int rc = WD_OK;
    if (host->protocol)
        rc = host->protocol->finish(host->state);
    else if (host->waiting)
        wd_waiting_give_up(host, true);
    if (rc >= 0)
        wd_host_channels_free(host, true);
    wd_host_drop(host);
    return rc;
}

static int close_host(struct wd_host *host)
{
    int rc = wd_host_close(host);
    free_host(host);
    return rc;
}

/* Nothing of it can be read: that it was opened, and is closed, can be told. */
static int seal_host(struct wd_host *host)
{
    struct wd_bytes nothing = wd_bytes_of("");
    struct wd_channel *channel = wd_host_channel(host, WD_TRANSPORT_HTTP, nothing, nothing, nothing);
    return channel ? wd_host_channel_open(host, channel) : WD_OK;
}

int wd_messages_feed(struct wd_messages *messages, const struct wd_chunk *chunk)
{
    if (chunk->kind == WD_CHUNK_OPEN) {
        open_host(messages, chunk->connection);
        return WD_OK;
    }
    struct wd_host *host = chunk->connection->user;
    assert(host);
    host->ts_ns = chunk->ts_ns;
    host->packet = chunk->packet;
    if (chunk->kind == WD_CHUNK_CLOSE)
        return close_host(host);
    if (chunk->kind == WD_CHUNK_SEALED)
        return seal_host(host);
    struct wd_piece piece = { chunk->kind, chunk->side, chunk->bytes, chunk->missing };
    if (piece.kind == WD_CHUNK_DATA && piece.bytes.len == 0)
        return WD_OK;
    return wd_host_take(host, &piece);
}
