/* schema/files.h - opening files below a directory, and nowhere else.
 * Source  openat2(2): RESOLVE_BENEATH, RESOLVE_NO_MAGICLINKS; where the kernel lacks it, a walk that follows
 *         no symbolic link. */
#ifndef WD_SCHEMA_FILES_H
#define WD_SCHEMA_FILES_H

#include "base/arena.h"
#include "base/err.h"

/* "a/b/" and "../c/./d" to "a/c/d", in the arena; NULL when it leaves the root (or names nothing). */
const char *wd_file_join(struct wd_bytes directory, struct wd_bytes relative, struct wd_arena *arena);
/* Everything up to the last '/', without it; empty when there is none. */
struct wd_bytes wd_file_directory(struct wd_bytes path);

/* Reads the regular file `path` below the directory `root_fd`. On failure returns a literal that says why,
 * else NULL. */
const char *wd_file_read_beneath(int root_fd, const char *path, uint64_t limit, struct wd_arena *arena,
                                 struct wd_bytes *out);

#endif
