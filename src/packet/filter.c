#include "packet/filter.h"

#include <pcap/pcap.h>

#include "base/arena.h"
#include "base/escape.h"

enum { LINK_TYPES_MAX = 64, SNAP_LEN = 262144 };

struct program { uint32_t link_type; struct bpf_program code; };

struct wd_filter {
    const char *expression;
    struct program programs[LINK_TYPES_MAX];
    size_t count;
};

/* Link types of files whose number libpcap knows by another one. */
static int library_type(uint32_t link_type)
{
    enum { FILE_ATM = 100, FILE_RAW = 101 };
    return link_type == FILE_RAW ? DLT_RAW : link_type == FILE_ATM ? DLT_ATM_RFC1483 : (int)link_type;
}

static int refuse(const struct wd_filter *f, const char *why, struct wd_err *err)
{
    struct wd_shown shown, reason;
    return wd_fail(err, WD_EUSAGE, (struct wd_place){ 0 }, "--filter '%s': %s; see pcap-filter(7)",
                   wd_show(&shown, wd_bytes_of(f->expression)), wd_show(&reason, wd_bytes_of(why)));
}

/* Without `err` it only tells whether it can be done. */
static int compile(const struct wd_filter *f, uint32_t link_type, struct bpf_program *out, struct wd_err *err)
{
    pcap_t *pcap = pcap_open_dead(library_type(link_type), SNAP_LEN);
    if (!pcap)
        return wd_fail(err, WD_ESYSTEM, (struct wd_place){ 0 }, "libpcap cannot be used");
    int rc = WD_OK;
    if (pcap_compile(pcap, out, f->expression, 1, PCAP_NETMASK_UNKNOWN) < 0)
        rc = refuse(f, pcap_geterr(pcap), err);
    pcap_close(pcap);
    return rc;
}

/* An expression that suits none of the usual link types is none: better said before an hour of reading. */
int wd_filter_open(const char *expression, struct wd_filter **out, struct wd_err *err)
{
    static const uint32_t usual[] = { DLT_EN10MB, DLT_LINUX_SLL2, DLT_IEEE802_11_RADIO, DLT_RAW };
    struct wd_filter *f = wd_alloc(sizeof *f);
    struct wd_err why = { 0 };
    f->expression = expression;
    for (size_t i = 0; i < WD_COUNT(usual); i++) {
        struct bpf_program code;
        if (compile(f, usual[i], &code, &why) == WD_OK) {
            pcap_freecode(&code);
            *out = f;
            return WD_OK;
        }
    }
    wd_free(f);
    *err = why;
    return why.code;
}

static int program_for(struct wd_filter *f, uint32_t link_type, const struct program **out,
                       struct wd_err *err)
{
    for (size_t i = 0; i < f->count; i++) {
        if (f->programs[i].link_type == link_type) {
            *out = &f->programs[i];
            return WD_OK;
        }
    }
    if (f->count == LINK_TYPES_MAX)
        return refuse(f, "too many link types", err);
    TRY(compile(f, link_type, &f->programs[f->count].code, err));
    f->programs[f->count].link_type = link_type;
    *out = &f->programs[f->count++];
    return WD_OK;
}

int wd_filter_has(struct wd_filter *f, const struct wd_packet *packet, bool *out, struct wd_err *err)
{
    const struct program *program = NULL;
    TRY(program_for(f, packet->link_type, &program, err));
    struct pcap_pkthdr head = { .caplen = (bpf_u_int32)packet->bytes.len, .len = packet->orig_len };
    *out = pcap_offline_filter(&program->code, &head, packet->bytes.at) != 0;
    return WD_OK;
}

void wd_filter_free(struct wd_filter *f)
{
    if (!f)
        return;
    for (size_t i = 0; i < f->count; i++)
        pcap_freecode(&f->programs[i].code);
    wd_free(f);
}
