#include "pipeline/spool.h"

#include <errno.h>
#include <unistd.h>

#include "base/arena.h"

enum { BUFFER_BYTES = 1 << 18 };

struct wd_spool {
    struct wd_spool_plan plan;
    int fd;
    unsigned part;            /* 0: there is but one file */
    uint64_t written;         /* bytes of this part that are in the file */
    uint64_t packets;         /* of this part */
    int64_t since_ns;         /* when this part began */
    bool is_broken;
    struct wd_buf waiting;
};

static const char *name_of(const struct wd_spool *s, char *part, size_t cap)
{
    return s->part && wd_keeper_part_name(s->plan.name, s->part, part, cap) == 0 ? part : s->plan.name;
}

/* What cannot be written whole is taken back, so that the file ends with a whole packet. */
static int broken(struct wd_spool *s, struct wd_err *err)
{
    char part[512];
    int number = errno;
    s->is_broken = true;
    if (ftruncate(s->fd, (off_t)s->written) < 0)
        wd_buf_reset(&s->waiting);   /* a cut file is read up to the cut */
    errno = number;
    return wd_fail_errno(err, name_of(s, part, sizeof part), "cannot be written");
}

static int flush(struct wd_spool *s, struct wd_err *err)
{
    for (size_t off = 0; off < s->waiting.len;) {
        ssize_t n = write(s->fd, s->waiting.at + off, s->waiting.len - off);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return broken(s, err);
        off += (size_t)n;
    }
    s->written += s->waiting.len;
    wd_buf_reset(&s->waiting);
    return WD_OK;
}

static int begin_part(struct wd_spool *s, int64_t now_ns, struct wd_err *err)
{
    const struct wd_rotation *r = &s->plan.rotation;
    if (r->bytes || r->ns)
        s->part++;
    TRY(wd_keeper_create(s->plan.keeper, s->plan.file, s->part, &s->fd, err));
    s->written = s->packets = 0;
    s->since_ns = now_ns;
    wd_dump_head(&s->plan.dump, &s->waiting);
    return WD_OK;
}

static int end_part(struct wd_spool *s, const struct wd_dump_counts *counts, struct wd_err *err)
{
    struct wd_dump_counts own = *counts;
    own.written = s->packets;
    wd_dump_tail(&s->plan.dump, &own, &s->waiting);
    TRY(flush(s, err));
    int rc = fsync(s->fd) < 0 && errno != EINVAL ? broken(s, err) : WD_OK;
    int fd = s->fd;
    s->fd = -1;
    return close(fd) < 0 && rc >= 0 ? broken(s, err) : rc;
}

int wd_spool_open(const struct wd_spool_plan *plan, struct wd_spool **out, struct wd_err *err)
{
    struct wd_spool *s = wd_alloc(sizeof *s);
    s->plan = *plan;
    s->fd = -1;
    int rc = begin_part(s, 0, err);
    if (rc < 0)
        wd_spool_free(s);
    else
        *out = s;
    return rc;
}

static int rotate(struct wd_spool *s, int64_t now_ns, const struct wd_dump_counts *counts, struct wd_err *err)
{
    TRY(end_part(s, counts, err));
    int rc = begin_part(s, now_ns, err);
    s->is_broken = rc < 0;
    return rc;
}

int wd_spool_packet(struct wd_spool *s, const struct wd_packet *packet, int64_t now_ns,
                    const struct wd_dump_counts *counts, struct wd_err *err)
{
    uint64_t most = s->plan.rotation.bytes;
    if (s->is_broken)
        return WD_OK;
    if (most && s->packets && s->written + s->waiting.len >= most)
        TRY(rotate(s, now_ns, counts, err));
    wd_dump_packet(&s->plan.dump, packet, &s->waiting);
    s->packets++;
    return s->waiting.len < BUFFER_BYTES ? WD_OK : flush(s, err);
}

int wd_spool_tick(struct wd_spool *s, int64_t now_ns, const struct wd_dump_counts *counts, struct wd_err *err)
{
    if (s->is_broken)
        return WD_OK;
    if (!s->since_ns)
        s->since_ns = now_ns;   /* the first part begins with the first tick */
    if (s->plan.rotation.ns && now_ns - s->since_ns >= s->plan.rotation.ns)
        TRY(rotate(s, now_ns, counts, err));
    return flush(s, err);
}

int wd_spool_finish(struct wd_spool *s, const struct wd_dump_counts *counts, struct wd_err *err)
{
    return s->is_broken ? WD_OK : end_part(s, counts, err);
}

void wd_spool_free(struct wd_spool *s)
{
    if (!s)
        return;
    if (s->fd >= 0)
        close(s->fd);
    wd_buf_free(&s->waiting);
    wd_free(s);
}
