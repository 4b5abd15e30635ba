#include "packet/live.h"

#include <fcntl.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <pcap/pcap.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/escape.h"
#include "base/nearest.h"

/* The kernel hands over a block when it is full, or after this long. */
enum { TIMEOUT_MS = 100 };

struct wd_live {
    pcap_t *pcap;
    char *name;
    bool is_nano;
    uint32_t link_type;
    struct wd_live_counts counts;
    struct { int fd; uint64_t first; } losses[2];   /* what the interface says of its own, from when it was opened */
    wd_packet_fn *emit;   /* of the read that is going on */
    void *ctx;
    int rc;
};

/* Packets that came and were not taken off the interface in time. */
static const char *const loss_files[2] = { "rx_missed_errors", "rx_fifo_errors" };

/* --- opening --- */

/* What libpcap says, without what it says about itself: escaped, since it repeats what it was given. */
static int refuse(struct wd_live *live, int code, const char *what, const char *remedy, struct wd_err *err)
{
    struct wd_shown shown;
    return wd_fail(err, code, (struct wd_place){ .file = live->name }, "%s%s%s; %s", what, *what ? ": " : "",
                   wd_show(&shown, wd_bytes_of(pcap_geterr(live->pcap))), remedy);
}

static int no_such_interface(const char *name, struct wd_err *err)
{
    char why[PCAP_ERRBUF_SIZE];
    pcap_if_t *all = NULL;
    struct wd_nearest nearest = { .name = wd_bytes_of(name) };
    struct wd_shown shown;
    if (pcap_findalldevs(&all, why) == 0)
        for (const pcap_if_t *one = all; one; one = one->next)
            wd_nearest_try(&nearest, wd_bytes_of(one->name));
    struct wd_place place = { .file = name };
    int rc = nearest.best.len
        ? wd_fail(err, WD_EUSAGE, place, "no such interface; did you mean %s?", wd_show(&shown, nearest.best))
        : wd_fail(err, WD_EUSAGE, place, "no such interface; wirediet record --list names them");
    if (all)
        pcap_freealldevs(all);
    return rc;
}

static int explain(struct wd_live *live, int status, struct wd_err *err)
{
    struct wd_place place = { .file = live->name };
    switch (status) {
    case PCAP_ERROR_NO_SUCH_DEVICE:
        return no_such_interface(live->name, err);
    case PCAP_ERROR_PERM_DENIED:
    case PCAP_ERROR_PROMISC_PERM_DENIED:
        return wd_fail(err, WD_ESYSTEM, place, "no permission to capture; use sudo, or once: "
                       "sudo setcap cap_net_raw+ep \"$(command -v wirediet)\"");
    case PCAP_ERROR_IFACE_NOT_UP:
        return wd_fail(err, WD_ESYSTEM, place, "the interface is down; ip link set it up");
    default:
        return refuse(live, WD_ESYSTEM, "cannot be captured", "--list names the interfaces", err);
    }
}

static int activate(struct wd_live *live, const struct wd_live_options *o, struct wd_buf *notes,
                    struct wd_err *err)
{
    char why[PCAP_ERRBUF_SIZE];
    struct wd_shown shown;
    pcap_set_snaplen(live->pcap, (int)o->snap_len);
    pcap_set_promisc(live->pcap, o->is_promiscuous);
    pcap_set_timeout(live->pcap, TIMEOUT_MS);
    pcap_set_buffer_size(live->pcap, (int)o->buffer_bytes);
    pcap_set_tstamp_precision(live->pcap, PCAP_TSTAMP_PRECISION_NANO);   /* stays at microseconds where there are none */
    int status = pcap_activate(live->pcap);
    if (status < 0)
        return explain(live, status, err);
    if (status > 0) {
        const char *what = *pcap_geterr(live->pcap) ? pcap_geterr(live->pcap) : pcap_statustostr(status);
        wd_buf_printf(notes, "%s: ", wd_show(&shown, wd_bytes_of(live->name)));
        wd_buf_printf(notes, "%s\n", wd_show(&shown, wd_bytes_of(what)));
    }
    if (pcap_setnonblock(live->pcap, 1, why) < 0)
        return refuse(live, WD_ESYSTEM, "cannot be read without waiting", "choose another interface", err);
    return WD_OK;
}

static int filter(struct wd_live *live, const char *expression, struct wd_err *err)
{
    struct bpf_program program;
    if (!expression)
        return WD_OK;
    struct wd_shown shown;
    if (pcap_compile(live->pcap, &program, expression, 1, PCAP_NETMASK_UNKNOWN) < 0)
        return wd_fail(err, WD_EUSAGE, (struct wd_place){ 0 },
                       "--filter: %s; write it as pcap-filter(7) says",
                       wd_show(&shown, wd_bytes_of(pcap_geterr(live->pcap))));
    int rc = pcap_setfilter(live->pcap, &program);
    pcap_freecode(&program);
    return rc < 0 ? refuse(live, WD_ESYSTEM, "takes no filter", "leave out --filter", err) : WD_OK;
}

/* DLT and LINKTYPE are the same but for a few old ones; of those Linux has one. */
static uint32_t link_type_of(int dlt)
{
    enum { LINKTYPE_RAW = 101 };
    return dlt == DLT_RAW ? LINKTYPE_RAW : (uint32_t)dlt;
}

static uint64_t read_losses(int fd)
{
    char text[32];
    ssize_t n = fd >= 0 && lseek(fd, 0, SEEK_SET) == 0 ? read(fd, text, sizeof text) : -1;
    uint64_t count = 0;
    if (n > 0 && text[n - 1] == '\n')
        n--;
    return n > 0 && wd_bytes_uint(wd_bytes_at(text, (size_t)n), &count) ? count : 0;
}

/* libpcap would open them at each question, which is forbidden by then. */
static void open_losses(struct wd_live *live)
{
    char path[256];
    for (size_t i = 0; i < WD_COUNT(loss_files); i++) {
        int n = snprintf(path, sizeof path, "/sys/class/net/%s/statistics/%s", live->name, loss_files[i]);
        live->losses[i].fd = !strchr(live->name, '/') && n > 0 && (size_t)n < sizeof path
                                 ? open(path, O_RDONLY | O_CLOEXEC)
                                 : -1;
        live->losses[i].first = read_losses(live->losses[i].fd);
    }
}

/* libpcap knows other sources too: USB, Bluetooth, logs of the firewall. They hold no streams, and need other
 * rights. */
static int want_network(struct wd_live *live, struct wd_err *err)
{
    int domain = 0;
    socklen_t len = sizeof domain;
    int fd = wd_live_fd(live);
    if (fd >= 0 && getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &len) == 0 && domain == AF_PACKET)
        return WD_OK;
    return wd_fail(err, WD_EUSAGE, (struct wd_place){ .file = live->name },
                   "no network interface; --list names them");
}

static int start(struct wd_live *live, const struct wd_live_options *options, struct wd_buf *notes,
                 struct wd_err *err)
{
    TRY(activate(live, options, notes, err));
    TRY(want_network(live, err));
    TRY(filter(live, options->filter, err));
    live->link_type = link_type_of(pcap_datalink(live->pcap));
    live->is_nano = pcap_get_tstamp_precision(live->pcap) == PCAP_TSTAMP_PRECISION_NANO;
    return WD_OK;
}

int wd_live_open(const struct wd_live_options *options, struct wd_live **out, struct wd_buf *notes,
                 struct wd_err *err)
{
    char why[PCAP_ERRBUF_SIZE] = "";
    struct wd_shown shown;
    pcap_t *pcap = pcap_create(options->interface, why);
    if (!pcap)
        return wd_fail(err, WD_ESYSTEM, (struct wd_place){ .file = options->interface },
                       "cannot be captured: %s; --list names the interfaces",
                       wd_show(&shown, wd_bytes_of(why)));
    struct wd_live *live = wd_alloc(sizeof *live);
    live->pcap = pcap;
    live->name = wd_alloc(strlen(options->interface) + 1);
    strcpy(live->name, options->interface);
    open_losses(live);
    int rc = start(live, options, notes, err);
    if (rc < 0)
        wd_live_close(live);
    else
        *out = live;
    return rc;
}

void wd_live_close(struct wd_live *live)
{
    if (!live)
        return;
    for (size_t i = 0; i < WD_COUNT(loss_files); i++)
        if (live->losses[i].fd >= 0)
            close(live->losses[i].fd);
    pcap_close(live->pcap);
    wd_free(live->name);
    wd_free(live);
}

int wd_live_fd(const struct wd_live *live)
{
    return pcap_get_selectable_fd(live->pcap);
}

uint32_t wd_live_link_type(const struct wd_live *live)
{
    return live->link_type;
}

uint32_t wd_live_snap_len(const struct wd_live *live)
{
    return (uint32_t)pcap_snapshot(live->pcap);
}

/* --- reading --- */

static void on_packet(u_char *ctx, const struct pcap_pkthdr *head, const u_char *bytes)
{
    struct wd_live *live = (struct wd_live *)ctx;
    if (live->rc < 0)
        return;
    live->rc = live->emit(live->ctx, &(struct wd_packet){
                                         .ts_ns = (int64_t)head->ts.tv_sec * 1000000000 +
                                                  (int64_t)head->ts.tv_usec * (live->is_nano ? 1 : 1000),
                                         .link_type = live->link_type,
                                         .orig_len = head->len < head->caplen ? head->caplen : head->len,
                                         .bytes = wd_bytes_at(bytes, head->caplen),
                                     });
    if (live->rc < 0)
        pcap_breakloop(live->pcap);
}

int wd_live_read(struct wd_live *live, int most, wd_packet_fn *emit, void *ctx, struct wd_err *err)
{
    live->emit = emit;
    live->ctx = ctx;
    live->rc = WD_OK;
    int n = pcap_dispatch(live->pcap, most, on_packet, (u_char *)live);
    if (live->rc < 0)
        return live->rc;
    return n < 0 ? refuse(live, WD_ESYSTEM, "", "bring the interface up and record again", err) : n;
}

/* The kernel counts from the last question on. */
struct wd_live_counts wd_live_counts(struct wd_live *live)
{
    struct tpacket_stats_v3 since = { 0 };
    socklen_t len = sizeof since;
    if (getsockopt(wd_live_fd(live), SOL_PACKET, PACKET_STATISTICS, &since, &len) == 0) {
        live->counts.received += since.tp_packets;
        live->counts.dropped += since.tp_drops;
    }
    live->counts.interface_dropped = 0;
    for (size_t i = 0; i < WD_COUNT(loss_files); i++) {
        uint64_t now = read_losses(live->losses[i].fd);
        live->counts.interface_dropped += now > live->losses[i].first ? now - live->losses[i].first : 0;
    }
    return live->counts;
}

/* --- which there are --- */

int wd_live_list(struct wd_buf *out, struct wd_err *err)
{
    char why[PCAP_ERRBUF_SIZE] = "";
    struct wd_shown name, what;
    pcap_if_t *all = NULL;
    if (pcap_findalldevs(&all, why) < 0)
        return wd_fail(err, WD_ESYSTEM, (struct wd_place){ 0 },
                       "the interfaces cannot be listed: %s; try: ip link", wd_show(&what, wd_bytes_of(why)));
    for (const pcap_if_t *one = all; one; one = one->next) {
        if (strcmp(one->name, "any") != 0 && if_nametoindex(one->name) == 0)
            continue;
        const char *about = one->description                ? one->description
                            : one->flags & PCAP_IF_LOOPBACK ? "Loopback"
                                                            : "";
        wd_buf_printf(out, "%-16s  %-4s%s%s\n", wd_show(&name, wd_bytes_of(one->name)),
                      one->flags & PCAP_IF_UP ? "up" : "down", *about ? "  " : "",
                      wd_show(&what, wd_bytes_of(about)));
    }
    if (all)
        pcap_freealldevs(all);
    return WD_OK;
}
