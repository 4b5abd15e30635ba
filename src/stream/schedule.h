/* stream/schedule.h - from the secrets of a session to the keys of its records.
 *
 * Shape   open() fetches the derivations once; expand() and block() run one each.
 * Units   bytes; hashes are those of the cipher suite.
 * Owns    what it fetched. Outputs are the caller's to wipe.
 * Errors  false: libcrypto refused, `out` is not to be used.
 * Source  RFC 8446 section 7.1 (HKDF-Expand-Label), 7.2; RFC 5246 section 5, 6.3.
 */
#ifndef WD_STREAM_SCHEDULE_H
#define WD_STREAM_SCHEDULE_H

#include "base/bytes.h"
#include "model/tls.h"

struct wd_schedule;
struct wd_schedule *wd_schedule_open(void);
void wd_schedule_free(struct wd_schedule *schedule);   /* NULL is fine */

/* HKDF-Expand-Label(secret, label, "", len). */
bool wd_schedule_expand(struct wd_schedule *schedule, enum wd_tls_hash hash, struct wd_bytes secret,
                        const char *label, uint8_t *out, size_t len);
/* PRF(master, "key expansion", server random + client random). */
bool wd_schedule_block(struct wd_schedule *schedule, enum wd_tls_hash hash, struct wd_bytes master,
                       const uint8_t *server_random, const uint8_t *client_random, uint8_t *out, size_t len);
size_t wd_hash_len(enum wd_tls_hash hash);
const char *wd_hash_name(enum wd_tls_hash hash);       /* libcrypto's */

#endif
