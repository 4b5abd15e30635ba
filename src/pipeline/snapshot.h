/* pipeline/snapshot.h - the profile as it stands, written by a copy of the process while that goes on. For
 * pipeline/ only.
 *
 * Shape   begin() forks; wd_snapshot_reap() is asked after each SIGCHLD, and gives the file its name when the
 *         copy has written all of it. One at a time: what is asked for meanwhile follows.
 * Errors  none that would end a recording: a line in `diagnostics`.
 */
#ifndef WD_PIPELINE_SNAPSHOT_H
#define WD_PIPELINE_SNAPSHOT_H

#include "pipeline/record.h"
#include "pipeline/road.h"

struct wd_snapshot {
    pid_t pid;                /* 0: none is being written */
    bool is_wanted;           /* another one */
};

void wd_snapshot_begin(struct wd_snapshot *snapshot, const struct wd_record *record, struct wd_road *road,
                       struct wd_buf *diagnostics);
/* waits: until it has ended; else only looks. */
void wd_snapshot_reap(struct wd_snapshot *snapshot, const struct wd_record *record, bool waits,
                      struct wd_buf *diagnostics);

#endif
