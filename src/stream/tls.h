/* stream/tls.h - chunks of connections in, the same chunks out; of those that speak TLS, what was inside.
 *
 * Shape   open / feed / free with one emit, between tcp.h and whoever reads messages. The first bytes decide:
 *         a connection that does not begin as TLS passes through untouched. Of one that does, application
 *         data comes out as DATA when the key log has its secrets, in the order of the records, whole records
 *         at a time; OPEN, END and CLOSE as they came. Lost bytes come out as GAP (`missing` 0: how much data
 *         was lost cannot be known), records are found again behind them by trying keys and sequence numbers.
 *         Where there are no keys, or none that fit, SEALED comes out once the peers say something. Before
 *         the first DATA `connection` says is_encrypted and alpn; before that and before SEALED, who the
 *         client is when TCP did not tell.
 * Units   ledger: record headers, nonces, padding, tags, handshake, alerts -> tls; application data that
 *         cannot be opened -> undecoded (tls-no-keys, tls-unsupported, gap, incomplete, malformed-tls,
 *         limit); DATA bytes are the receiver's.
 * Owns    its sessions; alpn lives until CLOSE was emitted. Keys are wiped with the session.
 * Errors  the sink's. What is malformed is counted.
 * Source  RFC 8446 (TLS 1.3), RFC 5246 (TLS 1.2), RFC 7366.
 */
#ifndef WD_STREAM_TLS_H
#define WD_STREAM_TLS_H

#include "base/limits.h"
#include "base/map.h"
#include "model/chunk.h"
#include "model/ledger.h"
#include "model/tls.h"
#include "stream/keylog.h"
#include "stream/tcp.h"

struct wd_tls;
struct wd_tls *wd_tls_open(const struct wd_limits *limits, struct wd_ledger *ledger,
                           struct wd_tls_counts *counts, struct wd_keylog *keylog, wd_chunk_fn *emit,
                           void *ctx);
/* Called at the first session without secrets: there may be more to feed to the key log. */
void wd_tls_on_missing_keys(struct wd_tls *tls, void (*more)(void *ctx), void *ctx);
/* From here on the names of servers that clients ask for are kept, up to WD_SERVER_NAMES and (other), with
 * the number of connections each; without it none is. names() is NULL then. */
void wd_tls_keep_names(struct wd_tls *tls);
const struct wd_map *wd_tls_names(const struct wd_tls *tls);
int wd_tls_feed(struct wd_tls *tls, const struct wd_chunk *chunk);
void wd_tls_free(struct wd_tls *tls);   /* NULL is fine */

#endif
