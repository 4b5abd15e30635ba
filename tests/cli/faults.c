/* tests/cli/faults.c - preloaded: the FAULT_N-th call of FAULT_CALL fails, as it would on a full disk or without memory.
 *
 * FAULT_CALL is malloc (calloc and realloc count too), write, fsync or rename. The file FAULT_MARK is made when the fault was
 * hit: when it is missing the command needs fewer calls than that. A program with
 * sanitizers has an allocator of its own: for it this is built with -DNO_MALLOC. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

static long countdown = -1;   /* calls until the fault; negative: none to come */
static const char *call, *mark;

__attribute__((constructor)) static void start(void)
{
    const char *n = getenv("FAULT_N");
    call = getenv("FAULT_CALL");
    mark = getenv("FAULT_MARK");
    countdown = n && call ? atol(n) : -1;
}

static bool is_due(const char *name, int number)
{
    if (countdown < 0 || strcmp(call, name) != 0 || --countdown != 0)
        return false;
    countdown = -1;
    int fd = open(mark, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
    if (fd >= 0)
        close(fd);
    errno = number;
    return true;
}

#ifndef NO_MALLOC
extern void *__libc_malloc(size_t), *__libc_calloc(size_t, size_t), *__libc_realloc(void *, size_t);

/* libseccomp 2.5 does not look at all that it gets: its own calls are spared. */
static bool is_spared(const void *caller)
{
    Dl_info info;
    return countdown < 0 || (dladdr(caller, &info) && info.dli_fname && strstr(info.dli_fname, "libseccomp"));
}

#define FAILS(caller) (!is_spared(caller) && is_due("malloc", ENOMEM))
void *malloc(size_t size) { return FAILS(__builtin_return_address(0)) ? NULL : __libc_malloc(size); }
void *calloc(size_t n, size_t size) { return FAILS(__builtin_return_address(0)) ? NULL : __libc_calloc(n, size); }
void *realloc(void *at, size_t size) { return FAILS(__builtin_return_address(0)) ? NULL : __libc_realloc(at, size); }
#endif

ssize_t write(int fd, const void *at, size_t n)
{
    ssize_t (*real)(int, const void *, size_t) = (ssize_t (*)(int, const void *, size_t))dlsym(RTLD_NEXT, "write");
    return fd != STDERR_FILENO && is_due("write", ENOSPC) ? -1 : real(fd, at, n);
}

int fsync(int fd)
{
    int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, "fsync");
    return is_due("fsync", EIO) ? -1 : real(fd);
}

int rename(const char *from, const char *to)
{
    int (*real)(const char *, const char *) = (int (*)(const char *, const char *))dlsym(RTLD_NEXT, "rename");
    return is_due("rename", EACCES) ? -1 : real(from, to);
}
