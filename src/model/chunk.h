/* model/chunk.h - a TCP conversation, in order.
 *
 * Shape   stream/ emits, per connection: OPEN, then DATA, GAP and END (one side sent FIN) in stream order of
 *         each side, interleaved as captured, then CLOSE once. Each payload byte is emitted in DATA at most
 *         once; repeated ones went to the ledger as `retransmitted`, unusable ones as `undecoded`. SEALED
 *         once, when it turns out that what is said is under TLS that nothing opens: no DATA follows.
 * Units   stream bytes. `missing` of a GAP are bytes never captured (already in missing_bytes), 0 when
 *         unknown.
 * Owns    the connection belongs to stream/ and lives from OPEN until CLOSE has returned. Bytes are views,
 *         valid until emit returns.
 */
#ifndef WD_MODEL_CHUNK_H
#define WD_MODEL_CHUNK_H

#include "model/packet.h"

/* How it is known which side is the client. */
enum wd_client_by { WD_CLIENT_BY_SYN, WD_CLIENT_BY_SPEECH, WD_CLIENT_BY_PORT };

struct wd_connection {
    uint64_t id;                 /* 1-based, in order of first packet */
    struct wd_flow_key key;      /* side 0 and side 1 */
    int client;                  /* side (0 or 1) that opened it; message/ may correct it to who speaks as a client,
                                    before the first message (HTTP/2: request), when client_by is not SYN */
    enum wd_client_by client_by;
    bool is_midway;              /* its opening was not captured */
    bool is_encrypted;           /* DATA was decrypted from TLS */
    bool is_sealed;              /* SEALED was emitted */
    bool is_retold;              /* known from a file that tells its messages: what they took on the wire is not known */
    struct wd_bytes alpn;        /* protocol that its TLS agreed on ("h2", "http/1.1"), "" when not known; the connection's */
    int64_t opened_ns, last_ns;
    void *user;                  /* message/'s state */
    void *tls;                   /* stream/tls's */
};

enum wd_chunk_kind { WD_CHUNK_OPEN, WD_CHUNK_DATA, WD_CHUNK_GAP, WD_CHUNK_END, WD_CHUNK_CLOSE, WD_CHUNK_SEALED };

struct wd_chunk {
    struct wd_connection *connection;
    enum wd_chunk_kind kind;
    int side;                    /* who sent it; for OPEN, CLOSE and SEALED 0 */
    struct wd_bytes bytes;       /* DATA */
    uint64_t missing;            /* GAP */
    int64_t ts_ns;
    uint64_t packet;
    bool is_reset;               /* CLOSE: by RST, eviction or end of input rather than by FINs */
};

#endif
