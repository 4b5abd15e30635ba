/* pipeline/gather.h - the names that a user gave to the files that are read, in the order in which they are
 * read.
 *
 * Shape   a directory becomes the captures, HARs and lines of JSON in it, not those below it, nor hidden
 *         ones; what else is in it is skipped with a note. Captures stand in the order of their first
 *         packets, since rotated files continue each other and the names of a ring do not tell where it
 *         began; names break ties within a directory, the command line otherwise. What has no first packet
 *         (HARs, pipes) follows as given.
 *         A file that is named twice, itself and by its directory, is read once, with a note: it would count
 *         twice.
 * Owns    the list is in the arena.
 * Errors  WD_EPARSE: a directory without anything to read. WD_ESYSTEM: one that cannot be read. A file that
 *         cannot be opened is left for whoever reads it.
 */
#ifndef WD_PIPELINE_GATHER_H
#define WD_PIPELINE_GATHER_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/limits.h"

struct wd_names {
    const char **at;
    size_t count;
};

int wd_gather(const char *const *names, size_t count, const struct wd_limits *limits, struct wd_arena *arena,
              struct wd_names *out, struct wd_buf *diagnostics, struct wd_err *err);

#endif
