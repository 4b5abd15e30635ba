/* stream/state.h - the state of a run, shared by tcp.c, opening.c and deliver.c; and the distances they
 * believe in. */
#ifndef WD_STREAM_STATE_H
#define WD_STREAM_STATE_H

#include "stream/flow.h"
#include "stream/tcp.h"

struct wd_tcp {
    struct wd_limits limits;
    uint64_t held_limit;      /* bytes of all waiting segments */
    struct wd_ledger *ledger;
    wd_chunk_fn *emit;
    void *ctx;
    struct wd_flows flows;
    uint64_t opened;          /* connections that carried payload */
    int64_t now_ns;           /* of the last segment that has a time */
};

enum {
    /* Captures reorder: a packet may be recorded this many packets of its connection after what depends on
     * it. */
    WD_PATIENCE = 32,
    /* A connection that ended is listened to for this many more segments of the capture. */
    WD_LINGER = 64,
    /* What lies further away than this is believed only if it was acknowledged; beyond the largest window,
     * never. */
    WD_FAR = 1 << 24,
    WD_WINDOW = 1 << 30,
};

#endif
