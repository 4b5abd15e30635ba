/* stream/seal.h - what protects the records of one direction, with its keys: opens them, and knows when it
 * could not.
 *
 * Shape   seals_open() once per run; a seal is made from a secret and a cipher suite, and reads records by
 *         their sequence number. Of TLS 1.3 it also removes the padding and finds the type inside.
 * Units   bytes. `out` holds WD_RECORD_MOST bytes.
 * Owns    its keys, in libcrypto's contexts, which wipe them. One context per seal, none made per record.
 * Errors  NULL: the suite is not read, the secret does not fit it, or libcrypto refused. read() is false when
 *         the tag, the padding or the MAC is wrong: other keys, another number, or not what was sent.
 * Source  RFC 8446 section 5.2-5.3, 7.3; RFC 5246 6.2.3, 6.3; RFC 5288, 6655, 7905, 6209 (nonces); RFC 7366
 *         (encrypt-then-MAC).
 */
#ifndef WD_STREAM_SEAL_H
#define WD_STREAM_SEAL_H

#include "model/tls.h"
#include "stream/schedule.h"

enum { WD_RECORD_HEAD = 5, WD_RECORD_MOST = (1 << 14) + 2048 };   /* largest body, RFC 5246 6.2.3 */

/* A record as it crossed the wire. */
struct wd_record {
    uint8_t type;
    uint16_t version;
    struct wd_bytes body;
};

/* What was inside. */
struct wd_opened {
    uint8_t type;
    struct wd_bytes content;   /* in `out` */
};

struct wd_seals;
struct wd_seals *wd_seals_open(void);
void wd_seals_free(struct wd_seals *seals);   /* NULL is fine */

struct wd_seal;
/* TLS 1.3: from a traffic secret. */
struct wd_seal *wd_seal_open(struct wd_seals *seals, const struct wd_suite *suite, struct wd_bytes secret);
/* TLS 1.2: from the master secret, for what the client or the server sends. */
struct wd_seal *wd_seal_open_12(struct wd_seals *seals, const struct wd_suite *suite, struct wd_bytes master,
                                const uint8_t *server_random, const uint8_t *client_random, bool is_client,
                                bool is_mac_last);
void wd_seal_free(struct wd_seal *seal);      /* NULL is fine */

bool wd_seal_read(struct wd_seal *seal, uint64_t number, const struct wd_record *record, uint8_t *out,
                  struct wd_opened *opened);

/* The secret that follows a KeyUpdate, in place. */
bool wd_secret_update(struct wd_seals *seals, const struct wd_suite *suite, uint8_t *secret, size_t len);

#endif
