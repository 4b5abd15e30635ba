/* packet/unpack.h - a compressed file in pieces, its content out: gzip and zstd, recognised by their first
 * bytes.
 *
 * Shape   open / feed / finish. Several gzip members or zstd frames one after the other are one file, as gzip
 *         and zstd have it. Nothing is held but the window of the coding, half of the limit `memory` at most.
 * Units   offsets in bytes of the compressed file.
 * Owns    the coding's state and one buffer.
 * Errors  a file that is cut, damaged or over the limit `unpack-ratio`: fault(); what came out before counts.
 *         A negative return is emit's.
 * Source  RFC 1952, RFC 8878.
 */
#ifndef WD_PACKET_UNPACK_H
#define WD_PACKET_UNPACK_H

#include "base/err.h"
#include "base/limits.h"

typedef int wd_unpack_fn(void *ctx, struct wd_bytes bytes, struct wd_err *err);

#define WD_UNPACK_HEAD 4         /* bytes that sniff() wants to see */
bool wd_unpack_sniff(struct wd_bytes head);

struct wd_unpack;
/* `head`: at least the first bytes of what will be fed. */
struct wd_unpack *wd_unpack_open(const char *name, struct wd_bytes head, const struct wd_limits *limits,
                                 wd_unpack_fn *emit, void *ctx);
int wd_unpack_feed(struct wd_unpack *unpack, struct wd_bytes bytes, struct wd_err *err);
void wd_unpack_finish(struct wd_unpack *unpack);
void wd_unpack_free(struct wd_unpack *unpack);   /* NULL is fine */
const char *wd_unpack_fault(const struct wd_unpack *unpack);

#endif
