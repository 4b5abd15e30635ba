/* message/zstd.c - Content-Encoding: zstd, RFC 8878:
 *
 *   28 b5 2f fd descriptor [window] [size] block... [checksum]     frames repeat
 */
#include <zstd.h>

#include "base/arena.h"
#include "message/coding.h"

#define WINDOW_LOG_MAX 23   /* RFC 9659: 8 MiB is the most that a receiver of content must have */

struct zstd {
    ZSTD_DStream *stream;
    bool is_whole;               /* between two frames */
};

static void *open_zstd(void)
{
    struct zstd *z = wd_alloc(sizeof *z);
    z->stream = ZSTD_createDStream();
    if (!z->stream)
        wd_realloc(NULL, SIZE_MAX, 2);   /* ends the program: memory is out */
    ZSTD_DCtx_setParameter(z->stream, ZSTD_d_windowLogMax, WINDOW_LOG_MAX);
    return z;
}

static enum wd_coding_got run_zstd(void *state, struct wd_bytes *in, uint8_t *out, size_t room, size_t *made)
{
    ZSTD_inBuffer from = { in->at, in->len, 0 };
    ZSTD_outBuffer to = { out, room, 0 };
    struct zstd *z = state;
    size_t rc = ZSTD_decompressStream(z->stream, &to, &from);
    if (from.pos || to.pos)
        z->is_whole = rc == 0;
    in->at += from.pos;
    in->len -= from.pos;
    *made = to.pos;
    if (ZSTD_isError(rc))
        return WD_CODING_BAD;
    return to.pos == room || in->len ? WD_CODING_FULL : WD_CODING_MORE;
}

static void close_zstd(void *state)
{
    struct zstd *z = state;
    ZSTD_freeDStream(z->stream);
    wd_free(z);
}

static bool is_whole(const void *state)
{
    return ((const struct zstd *)state)->is_whole;
}

const struct wd_coding wd_coding_zstd = { "zstd", NULL, open_zstd, run_zstd, close_zstd, is_whole, NULL, NULL };
