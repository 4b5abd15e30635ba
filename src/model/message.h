/* model/message.h - what one application said to another.
 *
 * Shape   message/ emits, per channel of a connection: opened, messages in order, closed. A channel is one
 *         logical stream: for HTTP/1.1 the (TCP connection, path) pair, so a resumed SSE stream on the same
 *         connection is the same channel, opened twice; for HTTP/2 each stream is a channel of its own, and
 *         so is each call of gRPC. TLS that nothing opens is one channel without a path: its opening and its
 *         end are told, and no message.
 * Units   wire_len: bytes of the message's content as they crossed the wire (compressed, without framing),
 *         already added to the ledger's payload layer when the message is emitted. body: as the library hands
 *         it to the application (unmasked, inflated; for SSE the data lines joined by LF).
 * Owns    channels belong to message/ and live until `closed` with is_last has returned. Views die when emit
 *         returns.
 */
#ifndef WD_MODEL_MESSAGE_H
#define WD_MODEL_MESSAGE_H

#include "model/bits.h"
#include "model/chunk.h"

enum wd_transport { WD_TRANSPORT_WEBSOCKET, WD_TRANSPORT_SSE, WD_TRANSPORT_HTTP, WD_TRANSPORT_GRPC, WD_TRANSPORT_NDJSON,
                    WD_TRANSPORT_COUNT };
extern const char *const wd_transport_names[WD_TRANSPORT_COUNT];  /* "websocket" "sse" "http" "grpc" "ndjson" */

enum wd_direction { WD_C2S, WD_S2C, WD_P2P, WD_DIRECTION_COUNT };
extern const char *const wd_direction_names[WD_DIRECTION_COUNT];  /* "c2s" "s2c" "p2p" */

struct wd_channel {
    struct wd_connection *connection;
    enum wd_transport transport;
    struct wd_bytes path;         /* URL path as sent, without query or fragment; of gRPC the method; "" when the opening was not seen */
    struct wd_bytes media_type;   /* of its messages: lower case, without parameters; "" unknown */
    struct wd_bytes subprotocol;  /* Sec-WebSocket-Protocol as chosen by the server; "" none */
    uint64_t openings;            /* times it was opened, this one included */
    bool is_open;                 /* a stream that was accepted: WebSocket upgrade, SSE response, all of a sealed connection;
                                     true at its `closed` too */
    void *user[2];                /* the receiver's, per direction (WD_C2S, WD_S2C); NULL when new */
};

struct wd_message {
    struct wd_channel *channel;
    enum wd_direction direction;
    struct wd_bytes event;        /* the transport's own name (SSE `event:`); .at == NULL when it has none */
    struct wd_bytes body;
    uint64_t wire_len;
    uint8_t odd_bits;             /* 0 to 7: what it took beyond wire_len, where messages share a compressed body */
    bool is_shared;               /* compressed, but not known which bytes took what: an even share is an estimate */
    struct wd_bit_marks marks;    /* what its bytes cost, where it was deflated; .at == NULL: not known, or not compressed */
    bool is_text;                 /* WebSocket opcode 1, SSE; false: binary */
    bool is_too_long;             /* over the `message` limit: body holds what was kept, body_len the whole length */
    uint64_t body_len;            /* = body.len unless is_too_long */
    int64_t ts_ns;                /* of the packet that completed it */
    uint64_t packet;
};

/* Things that happen beside messages. */
struct wd_connection_counts {
    uint64_t opened;      /* WebSocket upgrades and event streams that were accepted */
    uint64_t pings, pongs;
    uint64_t closes;      /* WebSocket connections on which a Close frame was seen */
    uint64_t messages_fragmented, messages_compressed;
};

/* What a receiver of messages implements. A negative return stops the run and is passed on. */
struct wd_message_sink {
    void *ctx;
    int (*opened)(void *ctx, struct wd_channel *channel, int64_t ts_ns);
    int (*message)(void *ctx, const struct wd_message *message);
    void (*closed)(void *ctx, struct wd_channel *channel, int64_t ts_ns, bool is_last);
    /* True when structured HTTP bodies of that path are messages even if nobody polls it. NULL: none are. */
    bool (*wants)(void *ctx, struct wd_bytes path);
};

#endif
