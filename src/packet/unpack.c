#include "packet/unpack.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <zlib.h>
#include <zstd.h>
#include <zstd_errors.h>

#include "base/arena.h"

enum { OUT_BYTES = 1 << 18, RATIO_FREE = 64 << 20 };

struct coding;

struct wd_unpack {
    const char *name;
    const struct coding *coding;
    uint64_t ratio, memory;
    wd_unpack_fn *emit;
    void *ctx;
    uint64_t read_bytes, made_bytes;
    bool is_between;             /* a member or frame has ended and none has begun: here the file may end */
    bool is_padded;              /* gzip: zeros after the last member, as on tapes */
    bool is_over;
    struct wd_err fault;
    z_stream gzip;
    ZSTD_DStream *zstd;
    uint8_t magic_seen;          /* zstd: bytes of the magic number that were looked at */
    bool is_skipped;             /* zstd: the frame is one that holds nothing for us */
    uint8_t *out;
};

/* Both turn some of *bytes into *made bytes of u->out; *bytes may be left over. */
static const struct coding {
    const char *magic, *name;
    void (*open)(struct wd_unpack *u);
    void (*step)(struct wd_unpack *u, struct wd_bytes *bytes, size_t *made);
    void (*close)(struct wd_unpack *u);
} codings[];

__attribute__((format(printf, 2, 3)))
static void fail(struct wd_unpack *u, const char *format, ...)
{
    char what[256];
    va_list args;
    va_start(args, format);
    vsnprintf(what, sizeof what, format, args);
    va_end(args);
    u->is_over = true;
    wd_fail(&u->fault, WD_EPARSE,
            (struct wd_place){ .file = u->name, .offset = u->read_bytes, .has_offset = true }, "%s", what);
}

/* --- gzip --- */

static void open_gzip(struct wd_unpack *u)
{
    enum { GZIP_ONLY = 16 };
    if (inflateInit2(&u->gzip, MAX_WBITS + GZIP_ONLY) != Z_OK)
        fail(u, "zlib cannot be used");
}

static void close_gzip(struct wd_unpack *u)
{
    inflateEnd(&u->gzip);
}

/* Between members: another one, or zeros up to the end. */
static bool begin_member(struct wd_unpack *u, struct wd_bytes *bytes)
{
    while (bytes->len && bytes->at[0] == 0 && (u->is_padded || u->read_bytes)) {
        u->is_padded = true;
        u->read_bytes++;
        *bytes = wd_bytes_at(bytes->at + 1, bytes->len - 1);
    }
    if (!bytes->len)
        return false;
    if (u->is_padded) {
        fail(u, "something else after the end of the gzip data");
        return false;
    }
    inflateReset(&u->gzip);
    u->is_between = false;
    return true;
}

static void step_gzip(struct wd_unpack *u, struct wd_bytes *bytes, size_t *made)
{
    *made = 0;
    if (u->is_between && !begin_member(u, bytes))
        return;
    uInt given = bytes->len < OUT_BYTES ? (uInt)bytes->len : OUT_BYTES;
    u->gzip.next_in = (Bytef *)bytes->at;
    u->gzip.avail_in = given;
    u->gzip.next_out = u->out;
    u->gzip.avail_out = OUT_BYTES;
    int rc = inflate(&u->gzip, Z_NO_FLUSH);
    size_t used = given - u->gzip.avail_in;
    *made = OUT_BYTES - u->gzip.avail_out;
    *bytes = wd_bytes_at(bytes->at + used, bytes->len - used);
    u->read_bytes += used;
    u->is_between = rc == Z_STREAM_END;
    if (rc != Z_OK && rc != Z_STREAM_END && rc != Z_BUF_ERROR)
        fail(u, "damaged gzip data (%s)", u->gzip.msg ? u->gzip.msg : "no reason given");
}

/* --- zstd --- */

/* A frame says how much of what it made must be held: half of the limit `memory` at most, by default 128 MiB,
 * as zstd itself has it. zstd knows no window of less than 1 KiB, nor one of more than 2 GiB. */
enum { LEAST_WINDOW_LOG = 10, MOST_WINDOW_LOG = 31 };

static void open_zstd(struct wd_unpack *u)
{
    int window_log = LEAST_WINDOW_LOG;
    while (window_log < MOST_WINDOW_LOG && UINT64_C(4) << window_log <= u->memory)
        window_log++;
    u->zstd = ZSTD_createDStream();
    if (!u->zstd || ZSTD_isError(ZSTD_initDStream(u->zstd)) ||
        ZSTD_isError(ZSTD_DCtx_setParameter(u->zstd, ZSTD_d_windowLogMax, window_log)))
        fail(u, "libzstd cannot be used");
}

static void close_zstd(struct wd_unpack *u)
{
    ZSTD_freeDStream(u->zstd);
}

/* A frame, or one to be skipped. What else libzstd reads, formats of its youth, heeds no limit of memory. */
static bool is_frame_start(struct wd_unpack *u, struct wd_bytes bytes)
{
    static const uint8_t frame[] = { 0x28, 0xb5, 0x2f, 0xfd }, skipped[] = { 0x50, 0x2a, 0x4d, 0x18 };
    for (size_t i = 0; i < bytes.len && u->magic_seen < sizeof frame; i++, u->magic_seen++) {
        uint8_t c = bytes.at[i], first = u->magic_seen == 0 ? c & 0xf0 : c;
        if (u->magic_seen == 0)
            u->is_skipped = c != frame[0];
        if (u->is_skipped ? first != skipped[u->magic_seen] : c != frame[u->magic_seen])
            return false;
    }
    return true;
}

static void step_zstd(struct wd_unpack *u, struct wd_bytes *bytes, size_t *made)
{
    *made = 0;
    if (!is_frame_start(u, *bytes)) {
        fail(u, "something else after the end of the zstd data");
        return;
    }
    ZSTD_inBuffer in = { bytes->at, bytes->len, 0 };
    ZSTD_outBuffer out = { u->out, OUT_BYTES, 0 };
    size_t rc = ZSTD_decompressStream(u->zstd, &out, &in);
    *made = out.pos;
    *bytes = wd_bytes_at(bytes->at + in.pos, bytes->len - in.pos);
    u->read_bytes += in.pos;
    if (in.pos || out.pos)   /* asked with nothing, it only says what it would like to have */
        u->is_between = rc == 0;
    if (u->is_between)
        u->magic_seen = 0;
    if (ZSTD_getErrorCode(rc) == ZSTD_error_frameParameter_windowTooLarge)
        fail(u,
             "needs more memory to unpack than half of the limit; raise it with --limit memory=%" PRIu64 "M",
             u->memory >> 20 << 2);
    else if (ZSTD_isError(rc))
        fail(u, "damaged zstd data (%s)", ZSTD_getErrorName(rc));
}

static const struct coding codings[] = {
    { "\x1f\x8b", "gzip", open_gzip, step_gzip, close_gzip },
    { "\x28\xb5\x2f\xfd", "zstd", open_zstd, step_zstd, close_zstd },
};

static const struct coding *coding_of(struct wd_bytes head)
{
    for (size_t i = 0; i < WD_COUNT(codings); i++)
        if (wd_bytes_starts(head, codings[i].magic))
            return &codings[i];
    return NULL;
}

bool wd_unpack_sniff(struct wd_bytes head)
{
    return coding_of(head) != NULL;
}

struct wd_unpack *wd_unpack_open(const char *name, struct wd_bytes head, const struct wd_limits *limits,
                                 wd_unpack_fn *emit, void *ctx)
{
    struct wd_unpack *u = wd_alloc(sizeof *u);
    *u = (struct wd_unpack){ .name = name,
                             .coding = coding_of(head),
                             .ratio = limits->unpack_ratio,
                             .memory = limits->memory,
                             .emit = emit,
                             .ctx = ctx };
    u->out = wd_alloc(OUT_BYTES);
    u->coding->open(u);
    return u;
}

void wd_unpack_free(struct wd_unpack *u)
{
    if (!u)
        return;
    u->coding->close(u);
    wd_free(u->out);
    wd_free(u);
}

/* Deflate cannot make more than 1,032 bytes of one; what zstd can make has no bound. */
static void check_ratio(struct wd_unpack *u)
{
    if (u->made_bytes <= RATIO_FREE ||
        !wd_limits_over_ratio(u->made_bytes - RATIO_FREE, u->read_bytes, u->ratio))
        return;
    fail(u,
         "unpacks to more than %" PRIu64
         " times its size past the first 64 MiB; raise it with --limit unpack-ratio=%" PRIu64,
         u->ratio, u->ratio * 10);
}

int wd_unpack_feed(struct wd_unpack *u, struct wd_bytes bytes, struct wd_err *err)
{
    for (size_t made = 1; !u->is_over && (bytes.len || made);) {
        uint64_t before = u->read_bytes;
        u->coding->step(u, &bytes, &made);
        if (bytes.len && !made && u->read_bytes == before && !u->is_over)
            fail(u, "the %s data does not go on", u->coding->name);   /* no library of today does that */
        u->made_bytes += made;
        if (made)
            TRY(u->emit(u->ctx, wd_bytes_at(u->out, made), err));
        check_ratio(u);
        if (!bytes.len && made < OUT_BYTES)
            break;
    }
    return WD_OK;
}

void wd_unpack_finish(struct wd_unpack *u)
{
    if (!u->is_over && !u->is_between)
        fail(u, "the %s data is cut short after %" PRIu64 " unpacked bytes", u->coding->name, u->made_bytes);
}

const char *wd_unpack_fault(const struct wd_unpack *u)
{
    return u->fault.code ? u->fault.text : NULL;
}
