/* packet/reader.h - what capture.c, pcap.c and pcapng.c share: a file is a chain of units, each read by one
 * step.
 *
 * Shape   a step is called with at least `need` bytes, all from `offset` of the file on. It either reads
 *         one unit and returns its length in *used, or raises `need` and leaves *used at 0, or ends the
 *         file with wd_capture_damage(). `step` and `need` say what comes next.
 * Owns    nothing beyond what wd_capture_free() frees.
 */
#ifndef WD_PACKET_READER_H
#define WD_PACKET_READER_H

#include "base/buf.h"
#include "packet/capture.h"

/* One pcapng interface; a pcap file has exactly one. */
struct wd_interface {
    uint32_t link_type;
    uint32_t snap_len;   /* 0: no limit */
    uint8_t resolution;  /* if_tsresol: 10^-n, or 2^-n with the high bit set */
    int64_t offset_s;    /* if_tsoffset */
};

typedef int wd_step_fn(struct wd_capture *capture, struct wd_bytes bytes, size_t *used, struct wd_err *err);

struct wd_capture {
    const char *name;
    struct wd_limits limits;
    struct wd_ledger *ledger;
    wd_packet_fn *emit;
    void *ctx;
    wd_secrets_fn *secrets; /* NULL: nobody asks for them */
    void *secrets_ctx;
    bool is_only_secrets;

    wd_step_fn *step;       /* reads the next unit */
    uint64_t need;          /* bytes it wants to see */
    uint64_t skip;          /* bytes nobody wants to see, before the next unit */
    uint64_t offset;        /* of the next unit, in the file */
    struct wd_buf carry;    /* the start of a unit that is split over two pieces */
    bool has_header;        /* the first header was read: from here on trouble is damage, not an error */
    bool is_over;           /* damaged: what follows is not looked at */
    struct wd_err fault;

    bool is_big;            /* byte order of the file or section */
    uint64_t packets;
    struct wd_interface *interfaces;
    size_t interface_count, interface_cap;

    uint32_t record_head;   /* pcap: bytes before each packet */
    bool is_nano;           /* pcap */
    bool is_swapped;        /* pcap before 2.3 wrote the two lengths in the other order */
    bool is_maybe_swapped;  /* 2.3: some did */
    uint32_t block_len;     /* pcapng: of the block that is being skipped */
};

/* Ends the file here: `fault` says why, at `offset`. Returns WD_OK, as damage is not an error. */
int wd_capture_damage(struct wd_capture *capture, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* The same, or WD_EPARSE while no header was read. */
int wd_capture_refuse(struct wd_capture *capture, struct wd_err *err, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* Numbers the packet and hands it on. */
int wd_capture_emit(struct wd_capture *capture, struct wd_packet *packet);
/* Whether a packet of this length may be held; damages the capture when not. */
bool wd_capture_allows(struct wd_capture *capture, uint32_t len);

wd_step_fn wd_pcap_header, wd_pcapng_block;

#endif
