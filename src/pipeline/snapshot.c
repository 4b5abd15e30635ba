#include "pipeline/snapshot.h"

#include <errno.h>
#include <sys/wait.h>
#include <unistd.h>

/* In the copy: nothing of it is freed, all of it goes at once. */
__attribute__((noreturn)) static void write_copy(const struct wd_record *r, struct wd_road *road, int fd)
{
    struct wd_profile *profile = NULL;
    struct wd_buf text = { 0 };
    struct wd_err err = { 0 };
    int rc = wd_road_finish(road, &profile);
    if (rc >= 0) {
        profile->is_incomplete = true;
        rc = r->print(r->ctx, &profile, &text, &err);
    }
    if (rc >= 0)
        rc = wd_record_write(fd, NULL, wd_buf_bytes(&text), &err);
    _exit(wd_exit_status(rc));
}

static void tell(struct wd_buf *diagnostics, const char *why)
{
    wd_buf_printf(diagnostics, "a snapshot was asked for and not written: %s\n", why);
}

void wd_snapshot_begin(struct wd_snapshot *s, const struct wd_record *r, struct wd_road *road,
                       struct wd_buf *diagnostics)
{
    struct wd_err err = { 0 };
    int fd = r->profile_fd;
    s->is_wanted = s->pid != 0;
    if (s->pid)
        return;
    if (!r->print) {
        tell(diagnostics, "it needs a file to go to; name one with -o");
        return;
    }
    if (fd < 0 && wd_keeper_create(r->keeper, r->profile_file, 0, &fd, &err) < 0) {
        tell(diagnostics, err.text);
        return;
    }
    s->pid = fork();
    if (s->pid == 0)
        write_copy(r, road, fd);
    if (r->profile_fd < 0)
        close(fd);
    if (s->pid > 0)
        return;
    s->pid = 0;
    tell(diagnostics, strerror(errno));
}

static void settle(const struct wd_record *r, int status, struct wd_buf *diagnostics)
{
    struct wd_err err = { 0 };
    bool is_good = WIFEXITED(status) && WEXITSTATUS(status) == 0;
    int rc = WD_OK;
    if (r->profile_fd < 0)
        rc = is_good ? wd_keeper_publish(r->keeper, r->profile_file, &err)
                     : wd_keeper_discard(r->keeper, r->profile_file, &err);
    if (rc < 0)
        tell(diagnostics, err.text);
    else if (!is_good)
        tell(diagnostics, "it could not be written whole; make room, or give the process more memory");
}

void wd_snapshot_reap(struct wd_snapshot *s, const struct wd_record *r, bool waits,
                      struct wd_buf *diagnostics)
{
    int status;
    pid_t pid;
    if (!s->pid)
        return;
    do
        pid = waitpid(s->pid, &status, waits ? 0 : WNOHANG);
    while (pid < 0 && errno == EINTR);
    if (pid == 0)
        return;
    s->pid = 0;
    settle(r, pid < 0 ? 1 << 8 : status, diagnostics);
}
