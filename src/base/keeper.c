#include "base/keeper.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/confine.h"

enum { CREATE, PUBLISH, DISCARD };
enum { NAME_BYTES = 512 };

struct request { uint32_t what, file, part; };
struct reply { int32_t error; };

struct wd_keeper {
    int fd;
    pid_t pid;
    const struct wd_kept_file *files;
    size_t count;
};

int wd_keeper_part_name(const char *name, unsigned part, char *out, size_t cap)
{
    const char *slash = strrchr(name, '/'), *base = slash ? slash + 1 : name, *dot = strrchr(base, '.');
    size_t stem = dot && dot != base ? (size_t)(dot - base) : strlen(base);
    int n = part ? snprintf(out, cap, "%.*s-%05u%s", (int)stem, base, part, base + stem)
                 : snprintf(out, cap, "%s", base);
    if (n >= 0 && (size_t)n < cap)
        return 0;
    errno = ENAMETOOLONG;
    return -1;
}

/* --- the keeper --- */

struct kept {
    const struct wd_kept_file *file;
    int directory;
    char temporary[NAME_BYTES];   /* "": none waits for its name */
};

struct keeper {
    int fd;
    pid_t parent;
    struct kept files[WD_KEPT_MAX];
    size_t count;
    const struct wd_identity *owner;
};

static int discard(struct kept *k)
{
    int rc = k->temporary[0] ? unlinkat(k->directory, k->temporary, 0) : 0;
    k->temporary[0] = 0;
    return rc;
}

static int create_temporary(const struct keeper *keeper, struct kept *k)
{
    char base[NAME_BYTES - 64];
    discard(k);
    if (wd_keeper_part_name(k->file->name, 0, base, sizeof base) < 0)
        return -1;
    for (int i = 0; i < 100; i++) {
        snprintf(k->temporary, sizeof k->temporary, "%s.%ld-%d.tmp", base, (long)keeper->parent, i);
        int fd =
            openat(k->directory, k->temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
        if (fd >= 0)
            return fd;
        if (errno != EEXIST)
            break;
    }
    k->temporary[0] = 0;
    return -1;
}

static int create_standing(struct kept *k, unsigned part)
{
    char base[NAME_BYTES];
    if (wd_keeper_part_name(k->file->name, part, base, sizeof base) < 0)
        return -1;
    if (k->file->is_forced && unlinkat(k->directory, base, 0) < 0 && errno != ENOENT)
        return -1;
    return openat(k->directory, base, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
}

static int create(const struct keeper *keeper, struct kept *k, unsigned part)
{
    int fd = k->file->is_replaced ? create_temporary(keeper, k) : create_standing(k, part);
    if (fd < 0 || !keeper->owner->is_invoker || fchown(fd, keeper->owner->uid, keeper->owner->gid) == 0)
        return fd;
    int number = errno;
    close(fd);
    errno = number;
    return -1;
}

static int publish(struct kept *k)
{
    char base[NAME_BYTES];
    if (!k->temporary[0] || wd_keeper_part_name(k->file->name, 0, base, sizeof base) < 0 ||
        renameat(k->directory, k->temporary, k->directory, base) < 0)
        return -1;
    k->temporary[0] = 0;
    return fsync(k->directory) < 0 && errno != EINVAL ? -1 : 0;
}

/* >= 0 went well; *fd is what was made. */
static int obey(struct keeper *keeper, const struct request *request, int *fd)
{
    errno = EBADMSG;
    if (request->file >= keeper->count)
        return -1;
    struct kept *k = &keeper->files[request->file];
    switch (request->what) {
    case CREATE: return *fd = create(keeper, k, request->part);
    case PUBLISH: return publish(k);
    case DISCARD: return discard(k);
    default: return -1;
    }
}

static ssize_t answer(int to, int error, int fd)
{
    struct reply reply = { error };
    struct iovec part = { &reply, sizeof reply };
    union { char at[CMSG_SPACE(sizeof fd)]; struct cmsghdr align; } control = { { 0 } };
    struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1 };
    if (fd >= 0) {
        message.msg_control = control.at;
        message.msg_controllen = sizeof control.at;
        struct cmsghdr *head = CMSG_FIRSTHDR(&message);
        *head = (struct cmsghdr){ .cmsg_len = CMSG_LEN(sizeof fd), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS };
        memcpy(CMSG_DATA(head), &fd, sizeof fd);
    }
    return sendmsg(to, &message, MSG_NOSIGNAL);
}

/* Until the other end closes, however that happens. */
static void serve(struct keeper *keeper)
{
    struct request request;
    for (;;) {
        ssize_t n = recv(keeper->fd, &request, sizeof request, 0);
        if (n < 0 && errno == EINTR)
            continue;
        if (n != (ssize_t)sizeof request)
            break;
        int fd = -1, rc = obey(keeper, &request, &fd);
        if (answer(keeper->fd, rc < 0 ? errno : 0, fd) < 0)
            break;
        if (fd >= 0)
            close(fd);
    }
    for (size_t i = 0; i < keeper->count; i++)
        discard(&keeper->files[i]);
}

static int open_directory(const char *name)
{
    const char *slash = strrchr(name, '/');
    char *path = slash ? strndup(name, slash == name ? 1 : (size_t)(slash - name)) : strdup(".");
    int fd = path ? open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
    free(path);
    return fd;
}

/* Signals that end the other one are not for the keeper, which goes when that has gone. */
static void detach(void)
{
    static const int ignored[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, SIGTSTP };
    for (size_t i = 0; i < WD_COUNT(ignored); i++)
        signal(ignored[i], SIG_IGN);
    int nothing = open("/dev/null", O_RDWR | O_CLOEXEC);
    for (int fd = 0; nothing >= 0 && fd <= STDERR_FILENO; fd++)
        dup2(nothing, fd);
    if (nothing > STDERR_FILENO)
        close(nothing);
}

static int confine(const struct keeper *keeper, struct wd_err *err)
{
    struct wd_buf notes = { 0 };   /* the other process says the same for both */
    int directories[WD_KEPT_MAX];
    for (size_t i = 0; i < keeper->count; i++)
        directories[i] = keeper->files[i].directory;
    TRY(wd_identity_reduce(err));
    TRY(wd_confine_files(directories, keeper->count, &notes, err));
    wd_buf_free(&notes);
    return wd_confine_keeper(err);
}

/* Says by its first reply whether it stands; the reason goes as text, since nobody else knows it. */
__attribute__((noreturn)) static void run(struct keeper *keeper)
{
    struct wd_err err = { 0 };
    detach();
    int rc = confine(keeper, &err);
    if (send(keeper->fd, err.text, strlen(err.text) + 1, MSG_NOSIGNAL) > 0 && rc >= 0)
        serve(keeper);
    _exit(rc < 0 ? 4 : 0);
}

/* --- who asks --- */

static int gone(struct wd_err *err)
{
    return wd_fail(err, WD_ESYSTEM, (struct wd_place){ 0 },
                   "the process that keeps the output files is gone; record again, and do not stop it");
}

static int start(struct keeper *keeper, struct wd_keeper *out, struct wd_err *err)
{
    char why[sizeof err->text] = "";
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
        return wd_fail_errno(err, NULL, "the process that keeps the output files cannot be reached");
    keeper->fd = ends[1];
    keeper->parent = getpid();
    out->pid = fork();
    if (out->pid == 0) {
        close(ends[0]);
        run(keeper);
    }
    close(ends[1]);
    out->fd = ends[0];
    if (out->pid < 0)
        return wd_fail_errno(err, NULL, "the process that keeps the output files cannot be started");
    ssize_t n;
    do
        n = recv(out->fd, why, sizeof why - 1, 0);
    while (n < 0 && errno == EINTR);
    if (n <= 0)
        return gone(err);
    return why[0] ? wd_fail(err, WD_ESYSTEM, (struct wd_place){ 0 }, "%s", why) : WD_OK;
}

int wd_keeper_open(const struct wd_kept_file *files, size_t count, const struct wd_identity *owner,
                   struct wd_keeper **out, struct wd_err *err)
{
    struct keeper keeper = { .count = count, .owner = owner };
    struct wd_keeper *k = wd_alloc(sizeof *k);
    *k = (struct wd_keeper){ .fd = -1, .pid = -1, .files = files, .count = count };
    int rc = WD_OK;
    for (size_t i = 0; i < count; i++) {
        keeper.files[i] = (struct kept){ .file = &files[i], .directory = open_directory(files[i].name) };
        if (keeper.files[i].directory < 0 && rc >= 0)
            rc = wd_fail_errno(err, files[i].name, "cannot be written");
    }
    if (rc >= 0)
        rc = start(&keeper, k, err);
    for (size_t i = 0; i < count; i++)
        if (keeper.files[i].directory >= 0)
            close(keeper.files[i].directory);
    if (rc >= 0)
        *out = k;
    else
        wd_keeper_close(k);
    return rc;
}

int wd_keeper_fd(const struct wd_keeper *keeper)
{
    return keeper->fd;
}

static ssize_t hear(int from, struct reply *reply, int *fd)
{
    struct iovec part = { reply, sizeof *reply };
    union { char at[CMSG_SPACE(sizeof *fd)]; struct cmsghdr align; } control = { { 0 } };
    struct msghdr message = {
        .msg_iov = &part, .msg_iovlen = 1, .msg_control = control.at, .msg_controllen = sizeof control.at };
    ssize_t n;
    do
        n = recvmsg(from, &message, MSG_CMSG_CLOEXEC);
    while (n < 0 && errno == EINTR);
    struct cmsghdr *head = n > 0 ? CMSG_FIRSTHDR(&message) : NULL;
    if (head && head->cmsg_type == SCM_RIGHTS && head->cmsg_len == CMSG_LEN(sizeof *fd))
        memcpy(fd, CMSG_DATA(head), sizeof *fd);
    return n;
}

static int ask(struct wd_keeper *k, struct request request, int *fd, struct wd_err *err)
{
    struct reply reply = { 0 };
    if (send(k->fd, &request, sizeof request, MSG_NOSIGNAL) < 0 ||
        hear(k->fd, &reply, fd) != (ssize_t)sizeof reply)
        return gone(err);
    if (!reply.error)
        return WD_OK;
    const char *name = k->files[request.file].name;
    char part[NAME_BYTES];
    if (request.part && wd_keeper_part_name(name, request.part, part, sizeof part) == 0)
        name = part;
    if (reply.error == EEXIST)
        return wd_fail(err, WD_EUSAGE, (struct wd_place){ .file = name },
                       "is there already; --force replaces it");
    errno = reply.error;
    return wd_fail_errno(err, name, "cannot be written");
}

int wd_keeper_create(struct wd_keeper *k, size_t file, unsigned part, int *fd, struct wd_err *err)
{
    int made = -1;
    TRY(ask(k, (struct request){ CREATE, (uint32_t)file, part }, &made, err));
    if (made < 0)
        return gone(err);
    *fd = made;
    return WD_OK;
}

int wd_keeper_publish(struct wd_keeper *k, size_t file, struct wd_err *err)
{
    int none;
    return ask(k, (struct request){ PUBLISH, (uint32_t)file, 0 }, &none, err);
}

int wd_keeper_discard(struct wd_keeper *k, size_t file, struct wd_err *err)
{
    int none;
    return ask(k, (struct request){ DISCARD, (uint32_t)file, 0 }, &none, err);
}

void wd_keeper_close(struct wd_keeper *k)
{
    if (!k)
        return;
    if (k->fd >= 0)
        close(k->fd);
    if (k->pid > 0)
        while (waitpid(k->pid, NULL, 0) < 0 && errno == EINTR)
            ;
    wd_free(k);
}
