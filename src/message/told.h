/* message/told.h - what a file that already holds messages (HAR, NDJSON) said about itself. A plain value. */
#ifndef WD_MESSAGE_TOLD_H
#define WD_MESSAGE_TOLD_H

#include "base/bytes.h"

struct wd_told {
    uint64_t messages;           /* handed on */
    uint64_t left_out;           /* messages and exchanges outside of the window */
    uint64_t connections;
    int64_t first_ns, last_ns;   /* both 0: nothing had a time */
    bool has_time;
    bool lacks_heads;            /* HAR: not every head's size is stated */
};

static inline void wd_told_note(struct wd_told *told, int64_t ts_ns)
{
    if (!told->has_time || ts_ns < told->first_ns)
        told->first_ns = ts_ns;
    if (!told->has_time || ts_ns > told->last_ns)
        told->last_ns = ts_ns;
    told->has_time = true;
}

/* Connections of these files are counted from here, apart from those of captures. */
#define WD_TOLD_CONNECTIONS (UINT64_C(1) << 48)

#endif
