/* stream/hello.h - what the hellos of TLS agree on.
 *
 * Shape   one handshake message without its header in, the few members that matter to a reader of records
 *         out.
 * Owns    nothing: views into the message.
 * Errors  false: cut short or not well-formed, `out` is not to be used.
 * Source  RFC 8446 section 4.1.2-4.1.4, 4.2, 4.3.1; RFC 5246 7.4.1; RFC 6066 section 3 (server name);
 *         RFC 7301 (ALPN); RFC 7366 (encrypt-then-MAC).
 */
#ifndef WD_STREAM_HELLO_H
#define WD_STREAM_HELLO_H

#include "base/bytes.h"

struct wd_client_hello {
    const uint8_t *random;
    bool has_early;          /* data follows at once, under an early secret */
    struct wd_bytes server_name;   /* "" none */
    uint8_t suites;          /* of TLS 1.3 that are offered: bit i is suite 0x1301 + i */
};

struct wd_server_hello {
    const uint8_t *random;
    uint16_t version, suite;
    bool is_retry;           /* HelloRetryRequest: another ClientHello follows */
    bool is_mac_last;        /* encrypt-then-MAC */
    struct wd_bytes alpn;    /* "" none */
};

struct wd_extensions {
    bool has_early;          /* early data was accepted */
    struct wd_bytes alpn;
};

bool wd_hello_client(struct wd_bytes message, struct wd_client_hello *out);
bool wd_hello_server(struct wd_bytes message, struct wd_server_hello *out);
bool wd_hello_extensions(struct wd_bytes message, struct wd_extensions *out);   /* EncryptedExtensions */

#endif
