/* pipeline/spool.h - the capture that is written beside a live profile: one file, or parts that follow each
 * other.
 *
 * Shape   open / packet ... / tick / close. Packets gather in memory and go out when there are many, and at
 *         each tick: who reads along sees whole packets only, also when the disk is full. A part ends by size
 *         or by time.
 * Units   bytes of the file; nanoseconds of the monotonic clock.
 * Owns    its descriptor, made by the keeper (base/keeper.h), and its buffer.
 * Errors  WD_ESYSTEM: the file cannot be written. Nothing of it is written after that.
 */
#ifndef WD_PIPELINE_SPOOL_H
#define WD_PIPELINE_SPOOL_H

#include "base/err.h"
#include "base/keeper.h"
#include "packet/dump.h"

struct wd_rotation {
    uint64_t bytes;           /* 0: not by size */
    int64_t ns;               /* 0: not by time */
};

struct wd_spool_plan {
    struct wd_dump dump;
    struct wd_keeper *keeper;
    size_t file;              /* its number for the keeper */
    const char *name;
    struct wd_rotation rotation;
};

struct wd_spool;
/* Makes the file, or the first part: to fail before anything is recorded. */
int wd_spool_open(const struct wd_spool_plan *plan, struct wd_spool **out, struct wd_err *err);
int wd_spool_packet(struct wd_spool *spool, const struct wd_packet *packet, int64_t now_ns,
                    const struct wd_dump_counts *counts, struct wd_err *err);
int wd_spool_tick(struct wd_spool *spool, int64_t now_ns, const struct wd_dump_counts *counts,
                  struct wd_err *err);
/* The end of the last part. */
int wd_spool_finish(struct wd_spool *spool, const struct wd_dump_counts *counts, struct wd_err *err);
void wd_spool_free(struct wd_spool *spool);   /* NULL is fine */

#endif
