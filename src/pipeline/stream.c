#include "pipeline/stream.h"

#include "base/escape.h"
#include "message/messages.h"

enum { CLIENT, SERVER };

static const struct opening { const char *name, *request, *response; } openings[] = {
    { "websocket",
      "GET / HTTP/1.1\r\nHost: stream\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
      "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\r\n",
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
      "Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n" },
    { "sse", "GET / HTTP/1.1\r\nHost: stream\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n" },
    { "http", "", "" },
    { "http2", "", "" },
};

static int feed(struct wd_messages *messages, struct wd_connection *connection, enum wd_chunk_kind kind,
                int side, struct wd_bytes bytes)
{
    struct wd_chunk chunk = { .connection = connection, .kind = kind, .side = side, .bytes = bytes };
    if (kind == WD_CHUNK_DATA && !bytes.len)
        return WD_OK;
    return wd_messages_feed(messages, &chunk);
}

static int replay(struct wd_messages *messages, const struct opening *opening, struct wd_bytes bytes)
{
    struct wd_connection connection = { .id = 1, .client = CLIENT, .client_by = WD_CLIENT_BY_SPEECH };
    TRY(feed(messages, &connection, WD_CHUNK_OPEN, CLIENT, (struct wd_bytes){ 0 }));
    TRY(feed(messages, &connection, WD_CHUNK_DATA, CLIENT, wd_bytes_of(opening->request)));
    TRY(feed(messages, &connection, WD_CHUNK_DATA, SERVER, wd_bytes_of(opening->response)));
    TRY(feed(messages, &connection, WD_CHUNK_DATA, SERVER, bytes));
    TRY(feed(messages, &connection, WD_CHUNK_END, SERVER, (struct wd_bytes){ 0 }));
    return feed(messages, &connection, WD_CHUNK_CLOSE, CLIENT, (struct wd_bytes){ 0 });
}

int wd_stream_replay(const char *protocol, struct wd_bytes bytes, const struct wd_limits *limits,
                     const struct wd_message_sink *sink, uint64_t *undecoded, struct wd_err *err)
{
    const struct opening *opening = NULL;
    for (size_t i = 0; i < WD_COUNT(openings); i++)
        if (strcmp(openings[i].name, protocol) == 0)
            opening = &openings[i];
    struct wd_shown shown;
    if (!opening)
        return wd_fail(err, WD_EUSAGE, (struct wd_place){ 0 },
                       "no stream protocol '%s'; --stream takes websocket, sse, http or http2",
                       wd_show(&shown, wd_bytes_of(protocol)));
    struct wd_ledger ledger = { 0 };
    struct wd_connection_counts counts = { 0 };
    struct wd_messages *messages = wd_messages_open(limits, &ledger, &counts, sink);
    int rc = replay(messages, opening, bytes);
    wd_messages_free(messages);
    *undecoded = ledger.layer[WD_LAYER_UNDECODED];
    return rc;
}
