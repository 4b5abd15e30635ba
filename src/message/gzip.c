/* message/gzip.c - Content-Encoding: gzip and deflate, by zlib:
 *
 *   gzip     1f 8b 08 flags time xfl os [extra name comment crc] deflate... crc32 isize      RFC 1952
 *   deflate  78 xx deflate... adler32                                                        RFC 1950
 *            deflate...                 what many senders call "deflate"                     RFC 1951
 */
#include <zlib.h>

#include "base/arena.h"
#include "message/coding.h"

struct gzip {
    z_stream z;
    bool is_ended;               /* between two gzip members */
    uint8_t first;               /* deflate: the first byte, until the second tells which of the two it is */
    uint8_t first_count;
    bool is_known;
};

static struct gzip *start(int window_bits)
{
    struct gzip *i = wd_alloc(sizeof *i);
    if (inflateInit2(&i->z, window_bits) != Z_OK)
        wd_realloc(NULL, SIZE_MAX, 2);   /* ends the program: memory is out */
    return i;
}

/* One call of zlib. Its counters are 32 bits wide; what is longer takes several turns of our caller. */
static int turn(struct gzip *i, struct wd_bytes *in, uint8_t *out, size_t room, size_t *made)
{
    uInt in_len = in->len < UINT32_MAX ? (uInt)in->len : UINT32_MAX;
    uInt out_len = room < UINT32_MAX ? (uInt)room : UINT32_MAX;
    i->z.next_in = (Bytef *)in->at;   /* zlib does not write there */
    i->z.avail_in = in_len;
    i->z.next_out = out;
    i->z.avail_out = out_len;
    int rc = inflate(&i->z, Z_SYNC_FLUSH);
    size_t used = in_len - i->z.avail_in;
    in->at += used;
    in->len -= used;
    *made += out_len - i->z.avail_out;
    return rc;
}

static enum wd_coding_got judge(const struct gzip *i, int rc)
{
    if (rc == Z_STREAM_END)
        return WD_CODING_END;
    if (rc != Z_OK && rc != Z_BUF_ERROR)
        return WD_CODING_BAD;
    return i->z.avail_out == 0 ? WD_CODING_FULL : WD_CODING_MORE;
}

static void close_coding(void *state)
{
    struct gzip *i = state;
    inflateEnd(&i->z);
    wd_free(i);
}

static void *open_gzip(void)
{
    return start(15 + 16);
}

static enum wd_coding_got run_gzip(void *state, struct wd_bytes *in, uint8_t *out, size_t room, size_t *made)
{
    struct gzip *i = state;
    *made = 0;
    if (i->is_ended) {
        if (in->len == 0)
            return WD_CODING_MORE;
        if (in->at[0] != 0x1f)   /* padding after the last member */
            return WD_CODING_END;
        inflateReset(&i->z);
        i->is_ended = false;
    }
    enum wd_coding_got got = judge(i, turn(i, in, out, room, made));
    if (got != WD_CODING_END)
        return got;
    i->is_ended = true;
    return in->len ? WD_CODING_FULL : WD_CODING_MORE;
}

static void *open_deflate(void)
{
    return start(15);
}

/* RFC 1950 section 2.2: method 8, window of at most 32 KiB, and the two bytes are a multiple of 31. */
static bool is_zlib(uint8_t cmf, uint8_t flags)
{
    return (cmf & 0x0f) == 8 && cmf >> 4 <= 7 && (cmf << 8 | flags) % 31 == 0;
}

static enum wd_coding_got run_deflate(void *state, struct wd_bytes *in, uint8_t *out, size_t room,
                                      size_t *made)
{
    struct gzip *i = state;
    *made = 0;
    if (!i->is_known && i->first_count == 0 && in->len) {
        i->first = in->at[0];
        i->first_count = 1;
        in->at++;
        in->len--;
    }
    if (in->len == 0)
        return WD_CODING_MORE;
    if (!i->is_known) {
        i->is_known = true;
        if (!is_zlib(i->first, in->at[0]) && inflateReset2(&i->z, -15) != Z_OK)
            return WD_CODING_BAD;
    }
    if (i->first_count) {
        struct wd_bytes first = { &i->first, 1 };
        i->first_count = 0;
        enum wd_coding_got got = judge(i, turn(i, &first, out, room, made));
        if (got != WD_CODING_MORE)
            return got;
    }
    size_t before = *made;
    return judge(i, turn(i, in, out + before, room - before, made));
}

const struct wd_coding wd_coding_gzip = { "gzip", "x-gzip", open_gzip, run_gzip, close_coding };
const struct wd_coding wd_coding_deflate = { "deflate", NULL, open_deflate, run_deflate, close_coding };
