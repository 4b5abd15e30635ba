/* message/hpack.h - the header blocks of one direction, by nghttp2.
 *
 * Shape   read() takes whole blocks in order and emits the fields of each. Where blocks were missed (a
 *         capture that joined late, a gap) the table is opened full of placeholders: what is indexed among
 *         them is a field that cannot be resolved, and what was entered since resolves exactly, because
 *         indices count from the newest entry.
 * Units   bytes of the block.
 * Owns    the dynamic table. Views die when emit() returns.
 * Errors  malformed-http; limit: a table larger than the limit `table`. Afterwards nothing can be read here:
 *         open anew.
 * Source  RFC 7541.
 */
#ifndef WD_MESSAGE_HPACK_H
#define WD_MESSAGE_HPACK_H

#include "message/host.h"

/* The name is empty when the field cannot be resolved. */
typedef void wd_hpack_fn(void *ctx, struct wd_bytes name, struct wd_bytes value);

struct wd_hpack;
struct wd_hpack *wd_hpack_open(const struct wd_limits *limits, bool is_midway);
void wd_hpack_close(struct wd_hpack *hpack);   /* NULL is fine */
/* WD_FINE, or the reason why not. *unresolved: bytes of the fields that cannot be resolved. */
enum wd_reason wd_hpack_read(struct wd_hpack *hpack, struct wd_bytes block, wd_hpack_fn *emit, void *ctx,
                             uint64_t *unresolved);

#endif
