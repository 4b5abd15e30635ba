#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"

static int read_all(int fd, const char *name, uint64_t limit, struct wd_buf *buf, struct wd_err *err)
{
    for (;;) {
        ssize_t n = read(fd, wd_buf_room(buf, 65536), 65536);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return wd_fail_input(err, name, "cannot be read");
        if (n == 0)
            return WD_OK;
        buf->len += (size_t)n;
        if (buf->len > limit)
            return wd_fail(err, WD_EPARSE, (struct wd_place){ .file = name },
                           "larger than %llu bytes; raise it with --limit document=...",
                           (unsigned long long)limit);
    }
}

int wd_file_open(const char *name)
{
    return strcmp(name, "-") == 0 ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0)
                                  : open(name, O_RDONLY | O_CLOEXEC);
}

int wd_file_read(const char *name, uint64_t limit, struct wd_arena *arena, struct wd_bytes *out,
                 struct wd_err *err)
{
    int fd = wd_file_open(name);
    if (fd < 0)
        return wd_fail_input(err, name, "cannot be opened");
    struct wd_buf buf = { 0 };
    int rc = read_all(fd, name, limit, &buf, err);
    if (rc >= 0)
        *out = wd_arena_copy(arena, wd_buf_bytes(&buf));
    wd_buf_free(&buf);
    close(fd);
    return rc;
}

static int write_all(int fd, struct wd_bytes text)
{
    while (text.len) {
        ssize_t n = write(fd, text.at, text.len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -1;
        text.at += n;
        text.len -= (size_t)n;
    }
    return 0;
}

/* On the heap, NULL when there is no memory. */
static char *directory_of(const char *name)
{
    const char *slash = strrchr(name, '/');
    return slash ? strndup(name, slash == name ? 1 : (size_t)(slash - name)) : strdup(".");
}

static int sync_directory(const char *name)
{
    char *dir = directory_of(name);
    if (!dir)
        return -1;
    int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    free(dir);
    if (fd < 0)
        return -1;
    int rc = fsync(fd) < 0 && errno != EINVAL ? -1 : 0;
    return close(fd) < 0 ? -1 : rc;
}

/* A file that is replaced keeps its permissions, unless the new content is for its owner alone. */
static unsigned mode_for(const char *name, unsigned mode)
{
    struct stat st;
    return mode & 077 && lstat(name, &st) == 0 && S_ISREG(st.st_mode) ? st.st_mode & 0777 : 0;
}

/* A temporary beside the target, so that rename() stays within one file system and a failure leaves the old
 * file. */
static int replace(const char *name, struct wd_bytes text, unsigned mode, struct wd_err *err)
{
    size_t len = strlen(name) + 32;
    char *temporary = wd_alloc(len);
    int fd = -1;
    for (int i = 0; i < 100 && fd < 0; i++) {
        snprintf(temporary, len, "%s.%ld-%d.tmp", name, (long)getpid(), i);
        fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode);
        if (fd < 0 && errno != EEXIST)
            break;
    }
    int rc = WD_OK;
    if (fd < 0) {
        rc = wd_fail_errno(err, name, "cannot be written");
    } else {
        unsigned kept = mode_for(name, mode);
        bool is_bad = write_all(fd, text) < 0 || (kept && fchmod(fd, kept) < 0) || fsync(fd) < 0;
        int why = errno;
        if (close(fd) < 0 && !is_bad) {
            is_bad = true;
            why = errno;
        }
        if (!is_bad && rename(temporary, name) < 0) {
            is_bad = true;
            why = errno;
        }
        errno = why;
        if (is_bad) {
            rc = wd_fail_errno(err, name, "cannot be written");
            unlink(temporary);
        } else if (sync_directory(name) < 0) {
            rc = wd_fail_errno(err, name, "the directory cannot be synchronised");
        }
    }
    wd_free(temporary);
    return rc;
}

static int write_in_place(int fd, const char *name, struct wd_bytes text, struct wd_err *err)
{
    return write_all(fd, text) < 0 ? wd_fail_errno(err, name, "cannot be written") : WD_OK;
}

static int fail_directory(const char *name, struct wd_err *err)
{
    return wd_fail(err, WD_EUSAGE, (struct wd_place){ .file = name }, "is a directory; name a file");
}

/* By whatever name: /dev/stdout is a link that rename() would replace. */
bool wd_file_is_stdout(const char *name)
{
    struct stat x, y;
    if (!name || strcmp(name, "-") == 0)
        return true;
    return stat(name, &x) == 0 && fstat(STDOUT_FILENO, &y) == 0 && x.st_dev == y.st_dev &&
           x.st_ino == y.st_ino;
}

int wd_file_check(const char *name, struct wd_err *err)
{
    struct stat st;
    if (wd_file_is_stdout(name))
        return WD_OK;
    bool is_there = stat(name, &st) == 0;
    if (is_there && S_ISDIR(st.st_mode))
        return fail_directory(name, err);
    if (is_there && !S_ISREG(st.st_mode))
        return access(name, W_OK) < 0 ? wd_fail_errno(err, name, "cannot be written") : WD_OK;
    char *dir = directory_of(name);
    int rc = !dir || access(dir, W_OK | X_OK) < 0 ? wd_fail_errno(err, name, "cannot be written") : WD_OK;
    free(dir);
    return rc;
}

int wd_file_write(const char *name, struct wd_bytes text, unsigned mode, struct wd_err *err)
{
    if (wd_file_is_stdout(name))
        return write_in_place(STDOUT_FILENO, "standard output", text, err);
    struct stat st;
    if (stat(name, &st) == 0 && !S_ISREG(st.st_mode)) {
        if (S_ISDIR(st.st_mode))
            return fail_directory(name, err);
        int fd = open(name, O_WRONLY | O_CLOEXEC);
        if (fd < 0)
            return wd_fail_errno(err, name, "cannot be written");
        int rc = write_in_place(fd, name, text, err);
        if (close(fd) < 0 && rc >= 0)
            rc = wd_fail_errno(err, name, "cannot be written");
        return rc;
    }
    return replace(name, text, mode, err);
}

static bool look_at(const char *name, struct stat *st)
{
    return (strcmp(name, "-") == 0 ? fstat(STDIN_FILENO, st) : stat(name, st)) == 0;
}

bool wd_file_same(const char *a, const char *b)
{
    struct stat x, y;
    return look_at(a, &x) && look_at(b, &y) && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}
