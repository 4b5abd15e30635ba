/* base/keeper.h - files made by a process of its own, on behalf of one that may make none.
 *
 * Shape   open() forks the keeper before anything of a stranger is read, while there still are rights. It
 *         knows the directories and names that it was born with, is confined to them, and takes three
 *         requests that hold nothing but numbers: make file n, give the last one its name, throw it away.
 *         What it makes comes back as a descriptor. So whoever reads packets needs no right in any directory,
 *         and owner and permissions of the directory do not matter.
 *
 *             process that reads packets  -- create 0, publish 0 -->  keeper: Landlock with the directories, seccomp
 *             no file system at all       <-- descriptor, errno --    leaves when the other does, and cleans up
 *
 * Owns    the keeper process, until close(). Descriptors that it handed out are the caller's.
 * Errors  WD_EUSAGE: a file that would have to be replaced without leave. WD_ESYSTEM: the system, or the
 *         keeper is gone.
 */
#ifndef WD_BASE_KEEPER_H
#define WD_BASE_KEEPER_H

#include "base/err.h"
#include "base/identity.h"

enum { WD_KEPT_MAX = 4 };

struct wd_kept_file {
    const char *name;     /* as the user gave it, outlives the keeper */
    bool is_replaced;     /* appears whole when published, in place of what was there; else it stands from the beginning */
    bool is_forced;       /* of what stands from the beginning: takes the place of what was there */
};

struct wd_keeper;
/* Files are for `owner` where that is who asked. */
int wd_keeper_open(const struct wd_kept_file *files, size_t count, const struct wd_identity *owner,
                   struct wd_keeper **out, struct wd_err *err);
int wd_keeper_fd(const struct wd_keeper *keeper);

/* Makes file number `file`, mode 0600. With a `part` its name is that of a part: "a-00001.pcap" of
 * "a.pcap". */
int wd_keeper_create(struct wd_keeper *keeper, size_t file, unsigned part, int *fd, struct wd_err *err);
/* What was made and written gets its name; the caller has synchronised it. */
int wd_keeper_publish(struct wd_keeper *keeper, size_t file, struct wd_err *err);
int wd_keeper_discard(struct wd_keeper *keeper, size_t file, struct wd_err *err);
/* Waits for the keeper to leave. NULL is fine. */
void wd_keeper_close(struct wd_keeper *keeper);

/* "a-00001.pcap" for part 1 of "dir/a.pcap" (without the directory), the name itself for part 0. */
int wd_keeper_part_name(const char *name, unsigned part, char *out, size_t cap);

#endif
