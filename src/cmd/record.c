/* cmd/record.c - an interface -> a profile, as somebody who may do nothing else. The order is the point:
 *
 *     command line | keeper of the files, socket, first file of -w | another user, no rights | configuration,
 *     schema | Landlock, seccomp | packets
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/amount.h"
#include "base/confine.h"
#include "base/escape.h"
#include "base/file.h"
#include "cmd/cmd.h"
#include "cmd/options.h"
#include "pipeline/record.h"
#include "schema/schema.h"

enum {
    OPT_FILTER = 900,
    OPT_DURATION,
    OPT_PACKETS,
    OPT_ROTATE,
    OPT_FORCE,
    OPT_SNAPLEN,
    OPT_PROMISC,
    OPT_NO_PROMISC,
    OPT_BUFFER,
    OPT_LIST,
    OPT_USER,
    OPT_ALLOW_ROOT,
    OPT_ALL,
};
enum { SNAPLEN_LEAST = 64, SNAPLEN_MOST = 262144, BUFFER_LEAST = 64 << 10, BUFFER_MOST = 1 << 30, BUFFER_USUAL = 16 << 20 };

struct args {
    struct wd_common common;
    struct wd_live_options live;
    struct wd_words schemas;
    struct wd_words interfaces;
    const char *capture, *user;
    const char *duration, *packets, *rotate, *snap_len, *buffer;   /* as typed */
    bool is_forced, is_list, is_root_allowed;
    /* what came of it */
    struct wd_record record;
    struct wd_spool_plan spool;
    struct wd_identity identity;
    struct wd_kept_file files[2];
    size_t file_count;
    struct wd_schema *schema;
    bool is_stream;               /* the result goes to standard output */
    bool is_confined;
    bool has_terminal;            /* for progress */
    bool is_shown;                /* a line of progress stands on the terminal */
    int by;
};

static const struct argp_option options[] = {
    { "interface", 'i', "IFACE", 0, "the interface to record from; any: all of them", 1 },
    { "list", OPT_LIST, NULL, 0, "list the interfaces and stop", 1 },
    { "filter", OPT_FILTER, "EXPR", 0, "only packets that this pcap-filter(7) lets through", 1 },
    { "duration", OPT_DURATION, "TIME", 0, "stop after TIME: 30s, 10min, 2h, 1d", 1 },
    { "packets", OPT_PACKETS, "N", 0, "stop after N packets", 1 },
    { "write", 'w', "CAPTURE", 0, "keep the packets too: pcapng, or pcap by its extension", 1 },
    { "rotate", OPT_ROTATE, "SIZE|TIME", 0, "begin another CAPTURE after 100M or 10min: name-00001.pcapng ...", 1 },
    { "force", OPT_FORCE, NULL, 0, "replace a CAPTURE that is there", 1 },
    { "schema", 's', "FILE", 0, "call messages and binary fields by the names of this schema (repeatable)", 1 },
    { "all", OPT_ALL, NULL, 0, "every field, not only the most expensive", 1 },
    { "snaplen", OPT_SNAPLEN, "BYTES", 0, "bytes kept of each packet (default 262144)", 2 },
    { "promisc", OPT_PROMISC, NULL, 0, "packets for others too, as a mirror port sends them (default)", 2 },
    { "no-promisc", OPT_NO_PROMISC, NULL, 0, "only packets from and for this machine", 2 },
    { "buffer", OPT_BUFFER, "SIZE", 0, "room in the kernel for packets that wait (default 16M)", 2 },
    { "user", OPT_USER, "USER", 0, "read packets as USER (default: who ran sudo, else nobody)", 2 },
    { "allow-root", OPT_ALLOW_ROOT, NULL, 0, "read packets as root, where there is nobody else", 2 },
    { 0 },
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct args *a = state->input;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = state->child_inputs[1] = state->child_inputs[2] = &a->common;
        return 0;
    case 'i': wd_words_add(&a->interfaces, arg); return 0;
    case 's': wd_words_add(&a->schemas, arg); return 0;
    case 'w': a->capture = arg; return 0;
    case OPT_FILTER: a->live.filter = arg; return 0;
    case OPT_DURATION: a->duration = arg; return 0;
    case OPT_PACKETS: a->packets = arg; return 0;
    case OPT_ROTATE: a->rotate = arg; return 0;
    case OPT_FORCE: a->is_forced = true; return 0;
    case OPT_SNAPLEN: a->snap_len = arg; return 0;
    case OPT_PROMISC: a->live.is_promiscuous = true; return 0;
    case OPT_NO_PROMISC: a->live.is_promiscuous = false; return 0;
    case OPT_BUFFER: a->buffer = arg; return 0;
    case OPT_LIST: a->is_list = true; return 0;
    case OPT_USER: a->user = arg; return 0;
    case OPT_ALLOW_ROOT: a->is_root_allowed = true; return 0;
    case OPT_ALL: a->common.style.show_all = true; return 0;
    default: return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp_child children[] = {
    { &wd_common_argp, 0, NULL, 0 }, { &wd_schema_argp, 0, NULL, 0 }, { &wd_codec_argp, 0, NULL, 0 }, { 0 },
};
static const struct argp argp = {
    options, parse, NULL,
    "Measures live traffic as wirediet profile measures captures, without the right to do anything else."
    "\vEnds with Ctrl-C; SIGUSR1 writes the profile so far. Example:\n\n"
    "  sudo wirediet record -i eth0 --duration 10min -o traffic.json",
    children, NULL, NULL,
};

/* --- the command line --- */

static int usage(struct args *a, const char *what)
{
    return wd_fail(&a->common.err, WD_EUSAGE, (struct wd_place){ 0 }, "%s", what);
}

static int read_between(struct args *a, const char *text, uint32_t least, uint32_t most, uint32_t *out,
                        const char *what)
{
    uint64_t n;
    if (!text)
        return WD_OK;
    if (!wd_amount_bytes(wd_bytes_of(text), &n) || n < least || n > most)
        return usage(a, what);
    *out = (uint32_t)n;
    return WD_OK;
}

/* "10m" would be either. */
static int read_rotation(struct args *a)
{
    if (!a->rotate)
        return WD_OK;
    struct wd_bytes text = wd_bytes_of(a->rotate);
    uint64_t n;
    bool has_unit = text.len && (text.at[text.len - 1] < '0' || text.at[text.len - 1] > '9');
    if (!has_unit || text.at[text.len - 1] == 'm')
        return usage(a, "--rotate takes a size (100M, 1G) or a time (60s, 10min, 1h)");
    if (wd_amount_bytes(text, &a->spool.rotation.bytes) || wd_amount_ns(text, &a->spool.rotation.ns))
        n = a->spool.rotation.bytes ? a->spool.rotation.bytes : (uint64_t)a->spool.rotation.ns;
    else
        n = 0;
    return n ? WD_OK : usage(a, "--rotate takes a size (100M, 1G) or a time (60s, 10min, 1h)");
}

static int read_amounts(struct args *a)
{
    if (a->duration &&
        (!wd_amount_ns(wd_bytes_of(a->duration), &a->record.duration_ns) || !a->record.duration_ns))
        return usage(a, "--duration takes a time: 30s, 10min, 2h, 1d");
    if (a->packets && (!wd_bytes_uint(wd_bytes_of(a->packets), &a->record.packets) || !a->record.packets))
        return usage(a, "--packets takes a whole number, 1 or more");
    TRY(read_between(a, a->snap_len, SNAPLEN_LEAST, SNAPLEN_MOST, &a->live.snap_len,
                     "--snaplen takes 64 to 262144 bytes"));
    TRY(read_between(a, a->buffer, BUFFER_LEAST, BUFFER_MOST, &a->live.buffer_bytes,
                     "--buffer takes 64k to 1G"));
    return read_rotation(a);
}

static int check_capture(struct args *a)
{
    struct stat st;
    if (!a->capture)
        return a->rotate || a->is_forced
                   ? usage(a, "--rotate and --force are about the capture; name one with -w")
                   : WD_OK;
    if (strcmp(a->capture, "-") == 0)
        return usage(a, "-w: a capture does not go to standard output; name a file");
    if (a->common.output && strcmp(a->capture, a->common.output) == 0)
        return usage(a, "-o and -w are the same file; name another");
    if (stat(a->capture, &st) == 0 && !S_ISREG(st.st_mode))
        return wd_fail(&a->common.err, WD_EUSAGE, (struct wd_place){ .file = a->capture },
                       "is no ordinary file; name another");
    return wd_file_check(a->capture, &a->common.err);
}

static int check(struct args *a)
{
    if (a->interfaces.count != 1)
        return usage(a, a->interfaces.count ? "-i: one interface at a time; any is all of them"
                                            : "no interface; name one with -i (--list names them)");
    a->live.interface = a->interfaces.at[0];
    TRY(read_amounts(a));
    TRY(check_capture(a));
    return wd_file_check(a->common.output, &a->common.err);
}

/* --- while there are rights --- */

/* A pipe or a device is opened here and written in place, an ordinary file is the keeper's. */
static int choose_files(struct args *a)
{
    struct stat st;
    a->record.profile_fd = STDOUT_FILENO;
    a->is_stream = wd_file_is_stdout(a->common.output);
    if (!a->is_stream) {
        bool is_special = stat(a->common.output, &st) == 0 && !S_ISREG(st.st_mode);
        a->record.profile_fd = is_special ? open(a->common.output, O_WRONLY | O_CLOEXEC) : -1;
        if (is_special && a->record.profile_fd < 0)
            return wd_fail_errno(&a->common.err, a->common.output, "cannot be written");
        if (!is_special)
            a->files[a->file_count++] = (struct wd_kept_file){ .name = a->common.output, .is_replaced = true };
    }
    a->spool.file = a->file_count;
    if (a->capture)
        a->files[a->file_count++] = (struct wd_kept_file){ .name = a->capture, .is_forced = a->is_forced };
    return WD_OK;
}

/* Makes and throws away what the profile will be made as: to fail now rather than after hours. */
static int probe(struct args *a)
{
    int fd;
    if (a->record.profile_fd >= 0)
        return WD_OK;
    TRY(wd_keeper_create(a->record.keeper, 0, 0, &fd, &a->common.err));
    close(fd);
    return wd_keeper_discard(a->record.keeper, 0, &a->common.err);
}

static int open_spool(struct args *a)
{
    if (!a->capture)
        return WD_OK;
    a->spool.dump = (struct wd_dump){ wd_dump_is_classic(a->capture), a->live.interface, a->live.filter,
                                      wd_live_link_type(a->record.live), wd_live_snap_len(a->record.live) };
    a->spool.keeper = a->record.keeper;
    a->spool.name = a->capture;
    return wd_spool_open(&a->spool, &a->record.spool, &a->common.err);
}

/* The keeper comes first: it is to hold no socket. */
static int open_all(struct args *a, struct wd_buf *notes)
{
    struct wd_err *err = &a->common.err;
    TRY(wd_identity_choose(a->user, a->is_root_allowed, &a->identity, err));
    TRY(choose_files(a));
    TRY(wd_keeper_open(a->files, a->file_count, &a->identity, &a->record.keeper, err));
    TRY(wd_live_open(&a->live, &a->record.live, notes, err));
    TRY(probe(a));
    TRY(open_spool(a));
    return a->record.signal_fd = wd_record_signals(err);
}

/* --- without --- */

/* A configuration that the new user cannot reach would go unnoticed. */
static void note_unreachable(struct args *a)
{
    if (!a->common.config_name && access(".", X_OK) < 0)
        wd_buf_printf(&a->common.diagnostics,
                      "%s cannot look into this directory, so no .wirediet.yaml was looked for; --user "
                      "names somebody who can\n",
                      a->identity.name);
}

static int load(struct args *a)
{
    struct wd_err *err = &a->common.err;
    TRY(wd_identity_become(&a->identity, err));
    a->common.is_guarded = true;
    TRY(wd_common_start(&a->common));
    note_unreachable(a);
    TRY(wd_common_spare_all(&a->common, &a->schemas));
    if (a->schemas.count)
        TRY(wd_common_schema(&a->common, &a->schemas, &a->schema));
    return WD_OK;
}

static int confine(struct args *a, struct wd_buf *notes)
{
    a->is_confined = true;
    TRY(wd_confine_files(NULL, 0, notes, &a->common.err));
    return wd_confine_recorder(wd_live_fd(a->record.live), wd_keeper_fd(a->record.keeper), &a->common.err);
}

/* --- results --- */

static int print(void *ctx, struct wd_profile **profile, struct wd_buf *out, struct wd_err *err)
{
    struct args *a = ctx;
    struct wd_binding *bindings;
    if (a->schema)
        TRY(wd_measure_bind(profile, a->schema, &bindings, err));
    wd_print_profile(out, *profile, a->common.format, &a->common.style);
    return WD_OK;
}

static int write_profile(struct args *a, struct wd_profile **profile)
{
    struct wd_err *err = &a->common.err;
    struct wd_buf out = { 0 }, why = { 0 };
    int fd = a->record.profile_fd, rc = print(a, profile, &out, err);
    bool is_balanced = rc < 0 || wd_profile_balances(*profile, &why);
    if (rc >= 0 && fd < 0)
        rc = wd_keeper_create(a->record.keeper, 0, 0, &fd, err);
    if (rc >= 0)
        rc = wd_record_write(fd, a->common.output ? a->common.output : "standard output", wd_buf_bytes(&out),
                             err);
    if (rc >= 0 && a->record.profile_fd < 0)
        rc = wd_keeper_publish(a->record.keeper, 0, err);
    if (fd > STDERR_FILENO)
        close(fd);
    if (!is_balanced) {
        wd_buf_put(&a->common.diagnostics, wd_buf_bytes(&why));
        rc = wd_fail(
            err, WD_ESYSTEM, (struct wd_place){ 0 },
            "the ledger does not balance: a bug of ours; please report it with the output of --balance");
    }
    wd_buf_free(&out);
    wd_buf_free(&why);
    return rc;
}

static void show_progress(void *ctx, const struct wd_record_state *s)
{
    struct args *a = ctx;
    struct wd_shown shown;
    if (a->is_shown && a->common.diagnostics.len)
        fprintf(stderr, "\r\033[K");
    wd_common_tell(&a->common);   /* of a snapshot: now, not after hours */
    if (!a->has_terminal)
        return;
    a->is_shown = true;
    fprintf(stderr, "\r\033[K%s  %llu packets, %.1f MB, %llu messages, %llu dropped, %lld s",
            wd_show(&shown, wd_bytes_of(a->live.interface)), (unsigned long long)s->packets,
            (double)s->bytes / 1e6, (unsigned long long)s->messages,
            (unsigned long long)(s->counts.dropped + s->counts.interface_dropped),
            (long long)(s->elapsed_ns / 1000000000));
}

static void tell_start(const struct args *a)
{
    struct wd_shown shown;
    if (a->common.verbosity >= 0)
        fprintf(stderr, "wirediet: recording %s as %s, process %ld\n",
                wd_show(&shown, wd_bytes_of(a->live.interface)), a->identity.name, (long)getpid());
}

static void tell_end(const struct args *a, const struct wd_record_state *s)
{
    struct wd_shown shown;
    if (a->common.verbosity < 0 || a->is_stream)
        return;
    fprintf(stderr, "wirediet: %s: %llu packets, %llu messages in %lld s\n",
            wd_show(&shown, wd_bytes_of(a->common.output)), (unsigned long long)s->packets,
            (unsigned long long)s->messages, (long long)(s->elapsed_ns / 1000000000));
}

/* --- the run --- */

static int record(struct args *a)
{
    struct wd_profile *profile;
    struct wd_record_state state;
    bool is_text = a->common.format == WD_FORMAT_TEXT;
    a->record.interface = a->live.interface;
    a->record.config = &a->common.config;
    a->record.schema = a->schema;
    a->record.ctx = a;
    /* Results on a stream are told apart by people only. */
    a->record.print = a->record.profile_fd < 0 || is_text ? print : NULL;
    a->record.progress = show_progress;
    a->has_terminal = isatty(STDERR_FILENO) && a->common.verbosity >= 0;
    tell_start(a);
    int rc = wd_record_run(&a->record, &profile, &state, &a->by, &a->common.diagnostics, &a->common.err);
    if (a->is_shown)
        fprintf(stderr, "\r\033[K");
    if (profile) {
        int written = write_profile(a, &profile);
        rc = rc < 0 ? rc : written;
        if (written >= 0)
            tell_end(a, &state);
    }
    wd_profile_free(profile);
    return rc;
}

static int list(struct args *a)
{
    struct wd_buf out = { 0 };
    int rc = wd_live_list(&out, &a->common.err);
    if (rc >= 0)
        rc = wd_file_write(NULL, wd_buf_bytes(&out), 0, &a->common.err);
    wd_buf_free(&out);
    return rc;
}

static int work(struct args *a)
{
    struct wd_buf notes = { 0 };
    if (a->is_list)
        return list(a);
    TRY(check(a));
    int rc = open_all(a, &notes);
    if (rc >= 0)
        rc = load(a);
    if (rc >= 0)
        rc = confine(a, &notes);
    if (rc >= 0 && a->common.verbosity >= 0)
        wd_buf_put(&a->common.diagnostics, wd_buf_bytes(&notes));
    wd_buf_free(&notes);
    return rc < 0 ? rc : record(a);
}

static void die_by(int number)
{
    sigset_t set;
    fflush(NULL);
    signal(number, SIG_DFL);
    sigemptyset(&set);
    sigaddset(&set, number);
    raise(number);
    sigprocmask(SIG_UNBLOCK, &set, NULL);
}

static int run(int argc, char **argv)
{
    struct args a = { .common.formats = wd_formats_profile, .record.profile_fd = -1, .record.signal_fd = -1,
                      .live = { .snap_len = SNAPLEN_MOST, .buffer_bytes = BUFFER_USUAL, .is_promiscuous = true } };
    wd_parse(&argp, argc, argv, &a);
    int status = wd_common_end(&a.common, work(&a));
    if (!a.is_confined)
        wd_live_close(a.record.live);   /* else it goes with the process: to give back the ring is a call that is forbidden by now */
    wd_spool_free(a.record.spool);
    wd_keeper_close(a.record.keeper);
    wd_schema_free(a.schema);
    wd_free(a.schemas.at);
    wd_free(a.interfaces.at);
    if (a.by && status == 0)
        die_by(a.by);
    return status;
}

const struct wd_verb wd_verb_record = { "record", "live traffic -> profile, without the right to do anything else", run };
