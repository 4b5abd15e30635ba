#include "pipeline/record.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#include "base/escape.h"
#include "pipeline/limited.h"
#include "pipeline/road.h"
#include "pipeline/snapshot.h"

/* TURN_PACKETS: between two looks at signals and clock. LAST_NS: what the kernel holds comes within its
 * timeout of 100 ms. */
enum { WAIT_MS = 100, TURN_PACKETS = 4096, TICK_NS = 100000000, LAST_NS = 250000000, NS_PER_S = 1000000000, NS_PER_MS = 1000000 };

struct run {
    const struct wd_record *record;
    struct wd_road road;
    struct wd_input *input;
    struct wd_snapshot snapshot;
    struct wd_record_state *state;
    int64_t start_ns, now_ns, tick_ns;
    int64_t stop_ns;          /* when it was told to stop; 0: not yet */
    int by;                   /* the signal that did */
    struct wd_buf *diagnostics;
    struct wd_err *err;
};

static int64_t clock_ns(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return (int64_t)t.tv_sec * NS_PER_S + t.tv_nsec;
}

static struct wd_dump_counts dump_counts(const struct run *run, int64_t ts_ns)
{
    const struct wd_live_counts *c = &run->state->counts;
    return (struct wd_dump_counts){ .ts_ns = ts_ns, .received = c->received, .dropped = c->dropped,
                                    .interface_dropped = c->interface_dropped };
}

/* --- packets --- */

static int on_packet(void *ctx, const struct wd_packet *seen)
{
    struct run *run = ctx;
    struct wd_packet packet = *seen;
    packet.number = ++run->state->packets;
    if (run->record->spool) {
        struct wd_dump_counts counts = dump_counts(run, packet.ts_ns);
        TRY(wd_spool_packet(run->record->spool, &packet, run->now_ns, &counts, run->err));
    }
    run->input->bytes += packet.bytes.len;
    return wd_road_packet(&run->road, &packet);
}

static bool is_full(const struct run *run)
{
    return run->record->packets && run->state->packets >= run->record->packets;
}

/* Gives how many came. */
static int read_packets(struct run *run)
{
    uint64_t most = TURN_PACKETS;
    if (run->record->packets && run->record->packets - run->state->packets < most)
        most = run->record->packets - run->state->packets;
    return wd_live_read(run->record->live, (int)most, on_packet, run, run->err);
}

/* --- what else there is to do --- */

static void obey(struct run *run, uint32_t number)
{
    switch (number) {
    case SIGUSR1:
        wd_snapshot_begin(&run->snapshot, run->record, &run->road, run->diagnostics);
        break;
    case SIGCHLD:
        wd_snapshot_reap(&run->snapshot, run->record, false, run->diagnostics);
        if (run->snapshot.is_wanted && !run->snapshot.pid)
            wd_snapshot_begin(&run->snapshot, run->record, &run->road, run->diagnostics);
        break;
    default:
        run->by = (int)number;
        run->stop_ns = run->now_ns;
    }
}

/* Waits for packets or signals; is_busy: only looks. */
static void wait_for_any(struct run *run, bool is_busy)
{
    struct pollfd ready[] = {
        { .fd = run->stop_ns ? -1 : run->record->signal_fd, .events = POLLIN },
        { .fd = wd_live_fd(run->record->live), .events = POLLIN } };
    int64_t left_ms = WAIT_MS;
    if (run->record->duration_ns && !run->stop_ns)
        left_ms = (run->start_ns + run->record->duration_ns - run->now_ns + NS_PER_MS - 1) / NS_PER_MS;
    int n = poll(ready, 2, is_busy || left_ms <= 0 ? 0 : left_ms < WAIT_MS ? (int)left_ms : WAIT_MS);
    run->now_ns = clock_ns(CLOCK_MONOTONIC);
    struct signalfd_siginfo info;
    if (n > 0 && ready[0].revents && read(run->record->signal_fd, &info, sizeof info) == sizeof info)
        obey(run, info.ssi_signo);
}

static int tick(struct run *run)
{
    struct wd_record_state *state = run->state;
    if (run->now_ns - run->tick_ns < TICK_NS)
        return WD_OK;
    run->tick_ns = run->now_ns;
    state->counts = wd_live_counts(run->record->live);
    state->bytes = run->road.ledger.captured_bytes;
    state->messages = wd_road_messages(&run->road);
    state->elapsed_ns = run->now_ns - run->start_ns;
    run->input->dropped = state->counts.dropped + state->counts.interface_dropped;
    if (run->record->progress)
        run->record->progress(run->record->ctx, state);
    struct wd_dump_counts counts = dump_counts(run, clock_ns(CLOCK_REALTIME));
    return run->record->spool ? wd_spool_tick(run->record->spool, run->now_ns, &counts, run->err) : WD_OK;
}

/* --- from beginning to end --- */

static int capture(struct run *run)
{
    const struct wd_record *r = run->record;
    int n = 0;
    while (!run->stop_ns && !is_full(run)) {
        wait_for_any(run, n > 0);
        if (r->duration_ns && run->now_ns - run->start_ns >= r->duration_ns)
            run->stop_ns = run->now_ns;
        TRY(n = read_packets(run));
        TRY(tick(run));
    }
    /* The last block of the kernel, which is handed over when its time has come. */
    for (n = 0; !is_full(run) && run->now_ns - run->stop_ns < LAST_NS;) {
        wait_for_any(run, n > 0);
        TRY(n = read_packets(run));
    }
    return WD_OK;
}

static void tell_drops(const struct run *run)
{
    const struct wd_live_counts *c = &run->state->counts;
    struct wd_shown shown;
    if (!c->dropped && !c->interface_dropped)
        return;
    wd_buf_printf(run->diagnostics, "%s: ", wd_show(&shown, wd_bytes_of(run->record->interface)));
    if (c->dropped)
        wd_buf_printf(run->diagnostics,
                      "the kernel dropped %llu of %llu packets for want of room; raise --buffer or narrow "
                      "--filter%s",
                      (unsigned long long)c->dropped, (unsigned long long)c->received,
                      c->interface_dropped ? "; " : "\n");
    if (c->interface_dropped)
        wd_buf_printf(run->diagnostics, "the interface dropped %llu packets; see ip -s link\n",
                      (unsigned long long)c->interface_dropped);
}

static int finish(struct run *run, struct wd_profile **out)
{
    run->tick_ns = 0;
    int rc = tick(run);
    struct wd_dump_counts counts = dump_counts(run, clock_ns(CLOCK_REALTIME));
    if (run->record->spool && rc >= 0)
        rc = wd_spool_finish(run->record->spool, &counts, run->err);
    wd_snapshot_reap(&run->snapshot, run->record, true, run->diagnostics);
    tell_drops(run);
    TRY(wd_road_finish(&run->road, out));
    run->state->messages = (*out)->messages;
    wd_limited_report(&run->road, run->diagnostics);
    return rc;
}

int wd_record_run(const struct wd_record *record, struct wd_profile **out, struct wd_record_state *state,
                  int *by, struct wd_buf *diagnostics, struct wd_err *err)
{
    *out = NULL;
    *by = 0;
    *state = (struct wd_record_state){ 0 };
    struct run run = { .record = record, .state = state, .diagnostics = diagnostics, .err = err };
    run.start_ns = run.now_ns = clock_ns(CLOCK_MONOTONIC);
    wd_road_open(&run.road, record->config, record->schema);
    run.input = wd_road_begin_input(&run.road, record->interface);
    int rc = capture(&run), end = finish(&run, out);
    rc = rc < 0 ? rc : end;
    if (*out && (run.by || rc < 0))
        (*out)->is_incomplete = true;
    *by = run.by;
    wd_road_close(&run.road);
    return rc;
}

int wd_record_signals(struct wd_err *err)
{
    static const int numbers[] = { SIGINT, SIGTERM, SIGHUP, SIGUSR1, SIGCHLD };
    sigset_t set;
    sigemptyset(&set);
    for (size_t i = 0; i < WD_COUNT(numbers); i++)
        sigaddset(&set, numbers[i]);
    int fd = sigprocmask(SIG_BLOCK, &set, NULL) < 0 ? -1 : signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    return fd < 0 ? wd_fail_errno(err, NULL, "signals cannot be waited for") : fd;
}

int wd_record_write(int fd, const char *name, struct wd_bytes text, struct wd_err *err)
{
    while (text.len) {
        ssize_t n = write(fd, text.at, text.len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return wd_fail_errno(err, name, "cannot be written");
        text.at += n;
        text.len -= (size_t)n;
    }
    /* A pipe or a terminal has nothing to synchronise. */
    if (fsync(fd) < 0 && errno != EINVAL && errno != EROFS)
        return wd_fail_errno(err, name, "cannot be written");
    return WD_OK;
}
