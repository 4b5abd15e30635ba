/* tests/stream/peer.h - a TLS client and a TLS server that talk through memory: real records for tests, and their keys.
 *
 * Shape   open with a script of wishes, then say things; what crosses the wire goes to `wire`, side by side with what each
 *         side meant to say. libssl does all of it; wirediet has no part in it.
 * Owns    both ends and the key log.
 */
#ifndef WD_TESTS_STREAM_PEER_H
#define WD_TESTS_STREAM_PEER_H

#include <openssl/ssl.h>

#include "base/buf.h"

enum { PEER_CLIENT, PEER_SERVER };

struct peer_wishes {
    int version;                 /* TLS1_2_VERSION, TLS1_3_VERSION, ... */
    const char *cipher;          /* OpenSSL's name; NULL: what they like */
    uint64_t options;            /* SSL_OP_* of both */
    const char *client_groups, *server_groups;   /* key exchange; NULL: any */
    const char *alpn;            /* in wire form: "\x08http/1.1"; NULL: none */
    const char *server_name;     /* that the client asks for; NULL: none */
    SSL_SESSION *session;        /* to resume */
    size_t fragment;             /* most content of a record; 0: any */
    size_t padding;              /* TLS 1.3: content is padded to a multiple; 0: not */
    bool refuses_early;
};

struct peer {
    SSL_CTX *ctx[2];
    SSL *ssl[2];
    BIO *out[2];                 /* what a side has written */
    void (*wire)(void *ctx, int side, struct wd_bytes bytes);
    void *wire_ctx;
    struct wd_buf keylog;
    SSL_SESSION *session;        /* the last ticket that the client got */
};

/* False: libssl does not offer that, or they did not agree. The handshake is not made yet. */
bool peer_open(struct peer *peer, const struct peer_wishes *wishes,
               void (*wire)(void *ctx, int side, struct wd_bytes bytes), void *ctx);
bool peer_shake(struct peer *peer);
bool peer_say(struct peer *peer, int side, struct wd_bytes bytes);
bool peer_say_early(struct peer *peer, struct wd_bytes bytes);   /* before the handshake */
bool peer_update(struct peer *peer, int side, bool both);        /* KeyUpdate */
bool peer_renegotiate(struct peer *peer);                        /* TLS 1.2 */
void peer_close(struct peer *peer);                              /* close_notify, and frees */

#endif
