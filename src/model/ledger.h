/* model/ledger.h - double-entry book-keeping for bytes.
 *
 * Shape   each captured byte is added to exactly one layer by the stage that understood it. A stage that is
 *         handed bytes accounts for all of them, or hands them on. At the end captured_bytes = the sum of the
 *         layers.
 * Units   bytes of the packets as captured.
 * Source  design: exact accounting.
 */
#ifndef WD_MODEL_LEDGER_H
#define WD_MODEL_LEDGER_H

#include <assert.h>

#include "base/bytes.h"
#include "base/limits.h"

#define WD_LAYERS(X) \
    X(LINK, "link") X(IP, "ip") X(TRANSPORT, "transport") X(TLS, "tls") X(HTTP, "http") X(FRAMING, "framing") \
    X(CONTROL, "control") X(PAYLOAD, "payload") X(RETRANSMITTED, "retransmitted") X(DUPLICATE, "duplicate") \
    X(UNDECODED, "undecoded") X(OTHER, "other")

enum wd_layer {
#define ROW(id, name) WD_LAYER_##id,
    WD_LAYERS(ROW)
#undef ROW
    WD_LAYER_COUNT
};

/* Why bytes could not be read. */
#define WD_REASONS(X) \
    X(TLS_NO_KEYS, "tls-no-keys") X(GAP, "gap") X(INCOMPLETE, "incomplete") \
    X(UNKNOWN_PROTOCOL, "unknown-protocol") X(LIMIT, "limit") X(MALFORMED_LINK, "malformed-link") \
    X(MALFORMED_IP, "malformed-ip") X(MALFORMED_TRANSPORT, "malformed-transport") \
    X(MALFORMED_HTTP, "malformed-http") X(MALFORMED_FRAMING, "malformed-framing") \
    X(MALFORMED_ENCODING, "malformed-encoding") X(UNSUPPORTED_ENCODING, "unsupported-encoding") \
    X(FRAGMENT, "fragment") X(UNKNOWN_LINK, "unknown-link") \
    X(MALFORMED_TLS, "malformed-tls") X(TLS_UNSUPPORTED, "tls-unsupported")

enum wd_reason {
#define ROW(id, name) WD_REASON_##id,
    WD_REASONS(ROW)
#undef ROW
    WD_REASON_COUNT
};

/* How often a limit acted, and where it did so first. */
struct wd_limit_hits {
    uint64_t count;
    uint64_t packet;                       /* in its file; 0: not known, or no packet */
    uint64_t input;                        /* as wd_ledger.input */
};

struct wd_ledger {
    uint64_t captured_bytes;               /* what went in: captured lengths of all packets */
    uint64_t missing_bytes;                /* known to have existed, never captured: outside the sum */
    uint64_t packets;
    uint64_t layer[WD_LAYER_COUNT];
    uint64_t reason_bytes[WD_REASON_COUNT];    /* sums to layer[UNDECODED] */
    uint64_t reason_streams[WD_REASON_COUNT];  /* streams (or packets below TCP) that had any */
    uint64_t ambiguous_bytes;              /* overlapping segments that disagreed; counted in retransmitted too */
    uint64_t damaged;                      /* faults in the middle of capture files */
    uint64_t input;                        /* number of the input that is being read, from 1; 0: none */
    struct wd_limit_hits limits[WD_LIMIT_COUNT];   /* of this run: in no profile file */
};

extern const char *const wd_layer_names[WD_LAYER_COUNT];
extern const char *const wd_reason_names[WD_REASON_COUNT];

static inline void wd_ledger_add(struct wd_ledger *l, enum wd_layer layer, uint64_t bytes)
{
    l->layer[layer] += bytes;
}

/* Not readable. The stage counts reason_streams itself, once per stream. */
static inline void wd_ledger_undecoded(struct wd_ledger *l, enum wd_reason reason, uint64_t bytes)
{
    l->layer[WD_LAYER_UNDECODED] += bytes;
    l->reason_bytes[reason] += bytes;
}

/* A limit acts, on what `packet` brought (0: not known): once for each thing that is given up, not for all
 * that is missed because of it later. */
static inline void wd_ledger_limit(struct wd_ledger *l, enum wd_limit id, uint64_t packet)
{
    struct wd_limit_hits *hits = &l->limits[id];
    if (hits->count++ == 0) {
        hits->packet = packet;
        hits->input = l->input;
    }
}

static inline uint64_t wd_ledger_sum(const struct wd_ledger *l)
{
    uint64_t sum = 0;
    for (int i = 0; i < WD_LAYER_COUNT; i++)
        sum += l->layer[i];
    return sum;
}

#endif
