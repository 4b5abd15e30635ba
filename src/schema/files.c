#include "schema/files.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/buf.h"

enum { OPEN_FLAGS = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY };

struct wd_bytes wd_file_directory(struct wd_bytes path)
{
    while (path.len && path.at[path.len - 1] != '/')
        path.len--;
    return wd_bytes_at(path.at, path.len ? path.len - 1 : 0);
}

/* Takes one component off the end. */
static bool pop(struct wd_buf *out)
{
    if (!out->len)
        return false;
    out->len = wd_file_directory(wd_buf_bytes(out)).len;
    return true;
}

static bool push_components(struct wd_buf *out, struct wd_bytes path)
{
    for (size_t off = 0; off <= path.len;) {
        size_t end = off;
        while (end < path.len && path.at[end] != '/')
            end++;
        struct wd_bytes part = wd_bytes_at(path.at + off, end - off);
        off = end + 1;
        if (!part.len || wd_bytes_is(part, "."))
            continue;
        if (memchr(part.at, 0, part.len) || (wd_bytes_is(part, "..") && !pop(out)))
            return false;
        if (wd_bytes_is(part, ".."))
            continue;
        if (out->len)
            wd_buf_byte(out, '/');
        wd_buf_put(out, part);
    }
    return true;
}

const char *wd_file_join(struct wd_bytes directory, struct wd_bytes relative, struct wd_arena *arena)
{
    struct wd_buf out = { 0 };
    const char *path = NULL;
    if (push_components(&out, directory) && push_components(&out, relative) && out.len)
        path = wd_arena_string(arena, wd_buf_bytes(&out));
    wd_buf_free(&out);
    return path;
}

/* Component by component, no link followed: for kernels and sandboxes without openat2. */
static int open_walking(int root_fd, const char *path)
{
    char name[NAME_MAX + 1];
    int fd = dup(root_fd);
    while (fd >= 0) {
        size_t n = strcspn(path, "/");
        if (n > NAME_MAX) {
            close(fd);
            errno = ENAMETOOLONG;
            return -1;
        }
        memcpy(name, path, n);
        name[n] = '\0';
        bool is_last = path[n] == '\0';
        int next = openat(fd, name, OPEN_FLAGS | O_NOFOLLOW | (is_last ? 0 : O_DIRECTORY));
        int why = errno;
        close(fd);
        errno = why;
        if (is_last)
            return next;
        fd = next;
        path += n + 1;
    }
    return -1;
}

static int open_beneath(int root_fd, const char *path)
{
    struct open_how how = { .flags = OPEN_FLAGS, .resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS };
    long fd = syscall(SYS_openat2, root_fd, path, &how, sizeof how);
    if (fd < 0 && (errno == ENOSYS || errno == EPERM))
        return open_walking(root_fd, path);
    return (int)fd;
}

static const char *why_not(int number)
{
    switch (number) {
    case ENOENT: return "is not there";
    case EACCES: return "may not be read";
    case EXDEV:
    case ELOOP: return "leads out of the root through a symbolic link";
    case ENOTDIR: return "is not there (a part of its path is no directory)";
    default: return "cannot be opened";
    }
}

static const char *read_all(int fd, uint64_t limit, struct wd_buf *buf)
{
    struct stat st;
    if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
        return "is no regular file";
    for (;;) {
        ssize_t n = read(fd, wd_buf_room(buf, 65536), 65536);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return "cannot be read";
        if (n == 0)
            return NULL;
        buf->len += (size_t)n;
        if (buf->len > limit)
            return "is larger than --limit document=... allows";
    }
}

const char *wd_file_read_beneath(int root_fd, const char *path, uint64_t limit, struct wd_arena *arena,
                                 struct wd_bytes *out)
{
    int fd = open_beneath(root_fd, path);
    if (fd < 0)
        return why_not(errno);
    struct wd_buf buf = { 0 };
    const char *why = read_all(fd, limit, &buf);
    if (!why)
        *out = wd_arena_copy(arena, wd_buf_bytes(&buf));
    wd_buf_free(&buf);
    close(fd);
    return why;
}
