/* base/file.h - whole files in, whole files out.
 *
 * Errors  WD_ESYSTEM for I/O (missing file, permission), WD_EPARSE when larger than `limit`. One line, with
 *         the name.
 */
#ifndef WD_BASE_FILE_H
#define WD_BASE_FILE_H

#include "base/arena.h"
#include "base/err.h"

/* A file to read from, closed when another program starts; "-" is standard input, of which it is a copy to
 * close like any other. Negative: errno says why. */
int wd_file_open(const char *name);

/* All of `name` ("-" is standard input), copied into the arena. A missing file is bad input: WD_EPARSE. */
int wd_file_read(const char *name, uint64_t limit, struct wd_arena *arena, struct wd_bytes *out,
                 struct wd_err *err);

/* Writes to an O_EXCL temporary beside the target, fsyncs, renames, fsyncs the directory. Never through a
 * symlink that would leave the old file half written: the link itself is replaced only if it is a regular
 * file. What standard output goes to is written there. A FIFO or device named by the user is written in
 * place. */
int wd_file_write(const char *name, struct wd_bytes text, unsigned mode, struct wd_err *err);

/* Whether that is what standard output goes to: "-", NULL, /dev/stdout, or the file by its name. */
bool wd_file_is_stdout(const char *name);

/* Whether wd_file_write could write there, as far as can be told without touching anything: to fail before
 * long work. */
int wd_file_check(const char *name, struct wd_err *err);

/* True when both names are the same existing file; "-" is whatever standard input comes from. */
bool wd_file_same(const char *a, const char *b);

#endif
