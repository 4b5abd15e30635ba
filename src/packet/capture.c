/* packet/capture.c - the file in pieces: recognised by its first four bytes, then unit after unit.
 *
 *     piece      |  piece                         | piece
 *     ..][ unit ][ unit ][ unit ][ un : it ][ unit ][ ..
 *                                  ^^^^^^^  carried over; all others are read where they are
 */
#include "packet/capture.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/arena.h"
#include "packet/load.h"
#include "packet/reader.h"

enum { MAGIC_BYTES = 4 };

/* The first four bytes of files that are captures. The order of pcapng is told later, by its second magic. */
static const struct format {
    uint32_t magic;
    wd_step_fn *step;
    uint32_t header;       /* bytes of the first header, at least */
    uint32_t record_head;
    bool is_big, is_nano;
} formats[] = {
    { 0x0a0d0d0a, wd_pcapng_block, 12, 0, false, false },
    { 0xd4c3b2a1, wd_pcap_header, 24, 16, false, false },
    { 0xa1b2c3d4, wd_pcap_header, 24, 16, true, false },
    { 0x4d3cb2a1, wd_pcap_header, 24, 16, false, true },
    { 0xa1b23c4d, wd_pcap_header, 24, 16, true, true },
    { 0x34cdb2a1, wd_pcap_header, 24, 24, false, false },  /* modified: 8 more bytes per record */
    { 0xa1b2cd34, wd_pcap_header, 24, 24, true, false },
};

/* What people hand over instead, and what to do about it. */
static const struct foreign {
    const char *starts, *what, *remedy;
} foreigners[] = {
    { "\x1f\x8b", "gzip", "unpack it first: gunzip -c FILE | wirediet profile -" },
    { "\x28\xb5\x2f\xfd", "zstd", "unpack it first: zstd -dc FILE | wirediet profile -" },
    { "\xfd" "7zX", "xz", "unpack it first: xz -dc FILE | wirediet profile -" },
    { "BZh", "bzip2", "unpack it first: bzip2 -dc FILE | wirediet profile -" },
    { "PK\x03\x04", "zip", "unpack it first" },
    { "snoo", "snoop", "convert it with: editcap -F pcapng FILE out.pcapng" },
    { "RTSS", "Network Monitor", "convert it with: editcap -F pcapng FILE out.pcapng" },
    { "GMBU", "Network Monitor", "convert it with: editcap -F pcapng FILE out.pcapng" },
    { "{", "JSON", "give a saved profile as a plain file, or read lines of JSON with --ndjson" },
    { "", "something else", "convert it with: editcap -F pcapng FILE out.pcapng" },
};

static int refuse_foreign(const struct wd_capture *c, struct wd_bytes bytes, struct wd_err *err)
{
    const struct foreign *row = foreigners;
    while (!wd_bytes_starts(bytes, row->starts))
        row++;
    return wd_fail(err, WD_EPARSE, (struct wd_place){ .file = c->name },
                   "not a capture file (expected a pcap or pcapng header, found %s); %s",
                   bytes.len ? row->what : "nothing",
                   bytes.len ? row->remedy : "record the traffic with: tcpdump -w out.pcap");
}

bool wd_capture_sniff(struct wd_bytes head)
{
    for (size_t i = 0; head.len >= MAGIC_BYTES && i < WD_COUNT(formats); i++)
        if (formats[i].magic == wd_load_be32(head, 0))
            return true;
    return false;
}

static int recognise(struct wd_capture *c, struct wd_bytes bytes, size_t *used, struct wd_err *err)
{
    uint32_t magic = wd_load_be32(bytes, 0);
    for (size_t i = 0; i < WD_COUNT(formats); i++) {
        if (formats[i].magic != magic)
            continue;
        c->step = formats[i].step;
        c->need = formats[i].header;
        c->record_head = formats[i].record_head;
        c->is_big = formats[i].is_big;
        c->is_nano = formats[i].is_nano;
        c->is_over = c->is_only_secrets && c->step != wd_pcapng_block;
        *used = 0;
        return WD_OK;
    }
    return refuse_foreign(c, bytes, err);
}

struct wd_capture *wd_capture_open(const char *name, const struct wd_limits *limits, struct wd_ledger *ledger,
                                   wd_packet_fn *emit, void *ctx)
{
    struct wd_capture *c = wd_alloc(sizeof *c);
    c->name = name;
    c->limits = *limits;
    c->ledger = ledger;
    c->emit = emit;
    c->ctx = ctx;
    c->step = recognise;
    c->need = MAGIC_BYTES;
    return c;
}

void wd_capture_on_secrets(struct wd_capture *c, wd_secrets_fn *secrets, void *ctx)
{
    c->secrets = secrets;
    c->secrets_ctx = ctx;
}

void wd_capture_only_secrets(struct wd_capture *c)
{
    c->is_only_secrets = true;
}

uint64_t wd_capture_skips(struct wd_capture *c, uint64_t most)
{
    uint64_t n = c->carry.len || c->is_over ? 0 : c->skip < most ? c->skip : most;
    c->skip -= n;
    c->offset += n;
    return n;
}

void wd_capture_free(struct wd_capture *c)
{
    if (!c)
        return;
    wd_buf_free(&c->carry);
    wd_free(c->interfaces);
    wd_free(c);
}

const char *wd_capture_fault(const struct wd_capture *c)
{
    return c->fault.code ? c->fault.text : NULL;
}

uint64_t wd_capture_packets(const struct wd_capture *c)
{
    return c->packets;
}

static struct wd_place here(const struct wd_capture *c)
{
    return (struct wd_place){
        .file = c->name, .offset = c->offset, .has_offset = true, .packet = c->packets + 1};
}

__attribute__((format(printf, 2, 0)))
static int damage(struct wd_capture *c, const char *format, va_list args)
{
    char what[256];
    vsnprintf(what, sizeof what, format, args);
    wd_fail(&c->fault, WD_EPARSE, here(c), "%s", what);
    c->is_over = true;
    c->ledger->damaged++;
    return WD_OK;
}

int wd_capture_damage(struct wd_capture *c, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int rc = damage(c, format, args);
    va_end(args);
    return rc;
}

int wd_capture_refuse(struct wd_capture *c, struct wd_err *err, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int rc = WD_OK;
    if (c->has_header) {
        damage(c, format, args);
    } else {
        char what[256];
        vsnprintf(what, sizeof what, format, args);
        c->is_over = true;
        rc = wd_fail(err, WD_EPARSE,
                     (struct wd_place){.file = c->name, .offset = c->offset, .has_offset = true}, "%s", what);
    }
    va_end(args);
    return rc;
}

bool wd_capture_allows(struct wd_capture *c, uint32_t len)
{
    if (len <= c->limits.packet)
        return true;
    wd_capture_damage(c,
                      "damaged, or larger than the limit (expected at most %" PRIu64 " bytes, found %" PRIu32
                      "); raise it with --limit packet=%" PRIu32,
                      c->limits.packet, len, len);
    return false;
}

int wd_capture_emit(struct wd_capture *c, struct wd_packet *packet)
{
    packet->number = ++c->packets;
    packet->offset = c->offset;
    if (packet->orig_len < packet->bytes.len)
        packet->orig_len = (uint32_t)packet->bytes.len;
    return c->emit(c->ctx, packet);
}

static struct wd_bytes drop(struct wd_capture *c, struct wd_bytes bytes, size_t n)
{
    c->offset += n;
    return wd_load_rest(bytes, n);
}

static struct wd_bytes skip(struct wd_capture *c, struct wd_bytes bytes)
{
    size_t n = c->skip < bytes.len ? (size_t)c->skip : bytes.len;
    c->skip -= n;
    return drop(c, bytes, n);
}

/* Completes the carried unit byte for byte, so that it ends exactly where the unit does. */
static int read_carried(struct wd_capture *c, struct wd_bytes *bytes, struct wd_err *err)
{
    while (c->carry.len && !c->is_over) {
        uint64_t lack = c->need > c->carry.len ? c->need - c->carry.len : 0;
        size_t n = lack < bytes->len ? (size_t)lack : bytes->len;
        wd_buf_put(&c->carry, wd_load_part(*bytes, 0, n));
        *bytes = wd_load_rest(*bytes, n);
        if (c->carry.len < c->need)
            return WD_OK;
        size_t used = 0;
        TRY(c->step(c, wd_buf_bytes(&c->carry), &used, err));
        if (used == 0)
            continue;  /* now it knows how much more it needs, or it was recognised */
        c->offset += used;
        size_t left = c->carry.len - used;  /* after a block head whose body is skipped */
        if (left)
            memmove(c->carry.at, c->carry.at + used, left);
        c->carry.len = left;
        if (left)
            c->carry.len -= left - skip(c, wd_buf_bytes(&c->carry)).len;
    }
    return WD_OK;
}

int wd_capture_feed(struct wd_capture *c, struct wd_bytes bytes, struct wd_err *err)
{
    if (c->skip)
        bytes = skip(c, bytes);
    TRY(read_carried(c, &bytes, err));
    while (!c->is_over) {
        if (c->skip)
            bytes = skip(c, bytes);
        if (bytes.len < c->need || bytes.len == 0)
            break;
        size_t used = 0;
        TRY(c->step(c, bytes, &used, err));
        bytes = drop(c, bytes, used);
    }
    if (!c->is_over)
        wd_buf_put(&c->carry, bytes);
    return WD_OK;
}

int wd_capture_finish(struct wd_capture *c, struct wd_err *err)
{
    struct wd_bytes left = wd_buf_bytes(&c->carry);
    if (c->is_over)
        return c->has_header ? WD_OK : WD_EPARSE;
    if (c->step == recognise)
        return refuse_foreign(c, left, err);
    if (!c->has_header)
        return wd_capture_refuse(c, err, "the header is cut short (expected %" PRIu64 " bytes, found %zu); "
                                 "copy or record the file again", c->need, left.len);
    if (left.len || c->skip || c->block_len)
        return wd_capture_damage(c, "cut short (needs %" PRIu64 " bytes, %zu are left)",
                                 c->skip ? c->skip : c->need, left.len);
    return WD_OK;
}
