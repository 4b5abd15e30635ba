/* message/host.h - what a protocol sees of the connection it decodes.
 *
 * Shape   one host per connection. While nobody has recognised the bytes they wait here in pieces and every
 *         protocol of table.c bids; the winner is opened and gets what waited. Later it may hand over by name
 *         (wd_host_switch) and pass on what it has left (wd_host_pass); its own end follows when its call
 *         returns. Decoders sit above a protocol: they read the bodies of one media type.
 * Units   a bid is in bits: how unlikely it is that other traffic looks like this. Costs (decoder.feed):
 *         message/share.h. A stream of a connection that carries many is a host within the connection's
 *         (wd_host_nest).
 * Owns    the host owns channels and waiting pieces. Buffers are borrowed from the run and given back, so
 *         that a steady stream allocates nothing. Views die when the call they came with returns.
 * Errors  broken bytes are counted through wd_host_undecoded. A negative return is the sink's and is passed
 *         on.
 */
#ifndef WD_MESSAGE_HOST_H
#define WD_MESSAGE_HOST_H

#include "base/arena.h"
#include "base/buf.h"
#include "message/messages.h"
#include "message/share.h"

/* No fault: what a function returns that answers with the reason why bytes cannot be read. */
#define WD_FINE WD_REASON_COUNT

struct wd_protocol;

struct wd_host {
    /* For protocols to read. */
    const struct wd_limits *limits;
    struct wd_ledger *ledger;
    struct wd_connection_counts *counts;
    const struct wd_message_sink *sink;
    struct wd_connection *connection;
    int64_t ts_ns;                     /* of the chunk that is being fed */
    uint64_t packet;

    /* The host's own. */
    struct wd_messages *messages;
    const struct wd_protocol *protocol;   /* NULL while undecided or given up */
    void *state;
    struct wd_waiting *waiting;           /* undecided: pieces that nobody has claimed yet; else NULL */
    enum wd_reason given_up;              /* WD_FINE while there is hope */
    struct wd_channel **channels;
    size_t channel_count, channel_cap;
    uint32_t switch_count;                /* times that the protocol changed */
    uint32_t reasons_seen;                /* bits 1 << enum wd_reason */
    uint64_t message_count;               /* emitted so far */
    struct wd_host *outer;                /* of a stream: the host of its connection; else NULL */
    /* Of the outermost, for all that is within it. */
    uint64_t streams;                     /* live streams */
    uint64_t inflated;                    /* plain bytes of bodies that no complete message has taken */
    struct wd_host *next, *previous;
};

/* What waited, as a bid sees it: in order of capture. */
struct wd_piece {
    enum wd_chunk_kind kind;           /* DATA, GAP or END */
    int side;
    struct wd_bytes bytes;
    uint64_t missing;
};

struct wd_pieces {
    const struct wd_piece *at;
    size_t count;
    bool is_midway;                    /* the start of the streams is not among them */
};

struct wd_bid {
    int bits;                          /* negative: never mine; 0: cannot say yet; else how sure */
    int client;                        /* side that speaks as the client, -1 not known */
    /* piece at which that side stands at a boundary; WD_NO_START: nowhere yet */
    size_t start[2];
};
#define WD_NO_START SIZE_MAX

/* What a protocol is opened with. Views die when open() returns. */
struct wd_opening {
    int client;                        /* side in the role of the client; -1 not known */
    bool is_midway;                    /* what was agreed before is not known */
    bool is_synced[2];                 /* the next byte of that side starts a unit */
    struct wd_bytes method, path, subprotocol, extensions;   /* from the protocol that handed over */
};

struct wd_protocol {
    const char *name, *alias;          /* "websocket": what a hand-over asks for; alias may be NULL */
    void (*bid)(const struct wd_pieces *pieces, struct wd_bid *out);
    int (*open)(struct wd_host *host, const struct wd_opening *opening, void **state);
    int (*data)(void *state, int side, struct wd_bytes bytes);
    int (*gap)(void *state, int side, uint64_t missing);
    int (*end)(void *state, int side);                 /* that side sent FIN */
    int (*finish)(void *state);        /* the connection is over: account for what is unfinished */
    void (*free)(void *state);
};
extern const struct wd_protocol *const wd_protocols[];  /* NULL-terminated */

/* Reads a body of one media type as it streams in. It accounts for payload, control and undecoded; what it
 * does not account for is framing, and added by whoever feeds it. */
struct wd_decoder {
    const char *name;
    /* lower case, NULL-terminated; one that ends in `+` stands for all that begin so */
    const char *const *media_types;
    enum wd_transport transport;
    const char *message_type;          /* media type of each message; NULL: the stream's */
    /* `message_coding`: what single messages are compressed with, where they are; "" none or not known */
    void *(*open)(struct wd_host *host, struct wd_channel *channel, enum wd_direction direction,
                  struct wd_bytes message_coding);
    /* `share`: what the bytes cost, to be taken from it as they are read. */
    int (*feed)(void *state, struct wd_bytes bytes, struct wd_share *share);
    /* bytes are missing here: gap, or incomplete before the start */
    void (*gap)(void *state, enum wd_reason reason);
    /* The body is over. is_whole: its end was seen. What is unfinished even so is undecoded for `reason`.
     * *accounted: bytes that went to a layer here. */
    int (*finish)(void *state, bool is_whole, enum wd_reason reason, uint64_t *accounted);
    void (*free)(void *state);
};
extern const struct wd_decoder *const wd_decoders[];    /* NULL-terminated */

const struct wd_protocol *wd_protocol_find(struct wd_bytes name);          /* case folded; NULL: not known */
/* NULL: not a stream of messages */
const struct wd_decoder *wd_decoder_find(struct wd_bytes media_type);

/* Undecoded bytes, with reason_streams kept (a stream is a connection here). */
void wd_host_undecoded(struct wd_host *host, enum wd_reason reason, uint64_t bytes);

/* A limit acts on what is being fed: noted in the ledger. */
static inline void wd_host_limit(struct wd_host *host, enum wd_limit limit)
{
    wd_ledger_limit(host->ledger, limit, host->packet);
}

/* The protocol `name` reads from now on; an unknown name: undecoded. */
int wd_host_switch(struct wd_host *host, struct wd_bytes name, const struct wd_opening *opening);
/* From now on every protocol bids again (the inside of a tunnel; or a start that was lost: is_midway). */
void wd_host_restart(struct wd_host *host, bool is_midway);
/* To whoever was switched to. */
int wd_host_pass(struct wd_host *host, int side, struct wd_bytes bytes);
int wd_host_pass_gap(struct wd_host *host, int side, uint64_t missing);
int wd_host_pass_end(struct wd_host *host, int side);

/* `host` becomes that of one stream within the connection of `outer`: channels, and who may take it over, are
 * its own; ledger, counts, sink and the limit on nesting are shared. */
void wd_host_nest(struct wd_host *host, struct wd_host *outer);
/* Time and packet are those of the outer host again. */
void wd_host_follow(struct wd_host *host);
/* The stream is over: who took it over accounts for what is unfinished, channels are closed for good. */
int wd_host_close(struct wd_host *host);
void wd_host_drop(struct wd_host *host);       /* the same, accounting for nothing and telling nobody */
struct wd_host *wd_host_outermost(struct wd_host *host);

static inline enum wd_direction wd_host_direction(const struct wd_host *host, int side)
{
    return side == host->connection->client ? WD_C2S : WD_S2C;
}

/* Corrects who opened the connection, when it was only guessed. */
void wd_host_client_is(struct wd_host *host, int side);

/* The channel (transport, path) of this connection or stream, made when it is new. Strings are copied. NULL:
 * the limit `channels` is reached. */
struct wd_channel *wd_host_channel(struct wd_host *host, enum wd_transport transport, struct wd_bytes path,
                                   struct wd_bytes media_type, struct wd_bytes subprotocol);
/* openings + 1, told to the sink */
int wd_host_channel_open(struct wd_host *host, struct wd_channel *channel);
void wd_host_channel_closed(struct wd_host *host, struct wd_channel *channel);  /* it may be opened again */
void wd_host_channels_free(struct wd_host *host, bool is_told);               /* is_last */

/* Adds wire_len to payload and tells the sink. The caller sets channel, direction, event, body (what was
 * kept), body_len (all of it), wire_len, is_text, and of what was compressed odd_bits, marks, is_shared; time
 * and packet are those of the current chunk when ts_ns and packet are 0. */
int wd_host_message(struct wd_host *host, struct wd_message *message);

/* A buffer of the run, empty; and back again (NULL is fine). */
struct wd_buf *wd_host_borrow(struct wd_host *host);
void wd_host_return(struct wd_host *host, struct wd_buf *buf);
/* Scratch of the run, at least `size` bytes, valid until it is asked for again. */
uint8_t *wd_host_scratch(struct wd_host *host, size_t size);
/* Those of DEFLATE, made once for the run: what connections share is warm for the next one. */
struct wd_fixed_codes;
const struct wd_fixed_codes *wd_host_fixed_codes(struct wd_host *host);

#endif
