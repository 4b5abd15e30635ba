/* tests/packet/run.h - one run of packet/dissect.h, and the books of it. cmocka.h comes first. */
#ifndef WD_TESTS_PACKET_RUN_H
#define WD_TESTS_PACKET_RUN_H

#include "base/buf.h"
#include "packet/dissect.h"

struct run {
    struct wd_dissect *dissect;
    struct wd_ledger ledger;
    struct wd_limits limits;
    struct wd_segment segment;   /* the last one; its payload is kept in `payload` */
    struct wd_buf payload;
    int segments;
    uint64_t payload_bytes;
    int64_t now_ns;              /* of the packets to come */
    uint32_t interfaces;
};

void run_begin(struct run *run);
/* The dissector alone, with the limits of the run as they are now. */
struct wd_dissect *run_open(struct run *run);
/* The packet in an allocation of its own; `cut` bytes less than were sent. */
void run_feed(struct run *run, uint32_t link_type, const struct wd_buf *packet, size_t cut);
/* Closes, and checks that each captured byte was counted once. */
void run_end(struct run *run);

#endif
