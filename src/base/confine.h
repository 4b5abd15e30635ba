/* base/confine.h - what the process may still ask of the kernel: Landlock for files, seccomp for everything
 * else.
 *
 * Shape   who reads packets as they come, after base/identity.h (Landlock and seccomp need no_new_privs):
 *         files(), then one of the allow-lists. Who reads files: the two of a reader, in any order; and what
 *         starts a program for it, the last two. A call that is not allowed kills the process.
 * Errors  WD_ESYSTEM: a step that failed, by name. A kernel without Landlock costs a line in `notes` and no
 *         more.
 * Source  landlock(7), seccomp(2).
 */
#ifndef WD_BASE_CONFINE_H
#define WD_BASE_CONFINE_H

#include "base/buf.h"
#include "base/err.h"

/* No file can be opened, made or renamed any more but below `directories`: made, written, renamed and removed
 * there, not read. No network, no signal to others where the kernel can forbid it. */
int wd_confine_files(const int *directories, size_t count, struct wd_buf *notes, struct wd_err *err);

/* For who reads packets: memory, time, signals of its own, reading and writing what is open; a forked child
 * lives by the same list. No open, no exec, no socket, no ptrace; nothing can be sent through `packet_fd`,
 * and only `keeper_fd` is sent to. */
int wd_confine_recorder(int packet_fd, int keeper_fd, struct wd_err *err);

/* For who makes files on behalf of the former (base/keeper.h). */
int wd_confine_keeper(struct wd_err *err);

/* For who reads files that strangers made: no socket, no exec, no ptrace, nothing that changes the system;
 * everything else as ever, and no core file. What the kernel lacks is a line in `notes`. */
void wd_confine_reader(struct wd_buf *notes);
/* Reads anything as ever, writes only below the directories that hold `names`, and those of them that are
 * devices or pipes. */
void wd_confine_writes(const char *const *names, size_t count, struct wd_buf *notes);

/* For who starts programs of others on behalf of a reader: no network, nothing that changes the system. */
void wd_confine_starter(void);
/* For such a program, before it starts: it reads below `directories` and where programs and their libraries
 * lie, and writes to what is open. What the kernel lacks is done without: the reader has said so. */
void wd_confine_program(const char *program, const int *directories, size_t count);

#endif
