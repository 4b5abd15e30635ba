/* packet/capture.h - capture file bytes in, packets out: classic pcap and pcapng.
 *
 * Shape   open / feed / close. feed() takes the file in pieces of any size (whole packets inside a piece
 *         are emitted as views into it, without copying; one that is split over two pieces is assembled).
 *         The format is recognised by its first bytes. pcapng: both byte orders, several sections,
 *         interfaces of different link type and snap length, if_tsresol in powers of 2 and 10, if_tsoffset,
 *         enhanced, simple and obsolete packet blocks. pcap: micro- and nanoseconds, both byte orders, the
 *         modified header (magic a1b2cd34).
 * Units   ts_ns, nanoseconds since 1970.
 * Owns    its buffers. Errors: WD_EPARSE with file, offset and packet number when the first header cannot
 *         be read; later damage ends the file: everything before it counts, `fault()` says what and where,
 *         ledger.damaged is raised. A file cut short is not an error, nor is an empty pcap with a header.
 * Source  draft-ietf-opsawg-pcap, draft-ietf-opsawg-pcapng.
 */
#ifndef WD_PACKET_CAPTURE_H
#define WD_PACKET_CAPTURE_H

#include "base/err.h"
#include "base/limits.h"
#include "model/ledger.h"
#include "model/packet.h"

typedef int wd_packet_fn(void *ctx, const struct wd_packet *packet);

/* What a capture says beside its packets: a piece of a TLS key log. */
typedef void wd_secrets_fn(void *ctx, struct wd_bytes text);
/* True when the first four bytes are those of a capture. */
bool wd_capture_sniff(struct wd_bytes head);

struct wd_capture;
struct wd_capture *wd_capture_open(const char *name, const struct wd_limits *limits, struct wd_ledger *ledger,
                                   wd_packet_fn *emit, void *ctx);
/* Decryption Secrets Blocks of type TLS go there; without it they are skipped. */
void wd_capture_on_secrets(struct wd_capture *capture, wd_secrets_fn *secrets, void *ctx);
/* Nothing but secrets is looked for: no packet is emitted. A pcap file has none, and ends at once. */
void wd_capture_only_secrets(struct wd_capture *capture);
/* Bytes from here on that nobody wants to see: a reader that can seek need not read them. */
uint64_t wd_capture_skips(struct wd_capture *capture, uint64_t most);
int wd_capture_feed(struct wd_capture *capture, struct wd_bytes bytes, struct wd_err *err);
/* End of file: what was cut is a fault (see below); a file without a readable header is WD_EPARSE. Then
 * call free. */
int wd_capture_finish(struct wd_capture *capture, struct wd_err *err);
void wd_capture_free(struct wd_capture *capture);
/* One line on the damage ("a.pcapng:1234: packet 17: cut short (needs 90 bytes, 12 are left)"), or NULL. */
const char *wd_capture_fault(const struct wd_capture *capture);
uint64_t wd_capture_packets(const struct wd_capture *capture);

#endif
