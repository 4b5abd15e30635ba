/* message/gzip.c - Content-Encoding: gzip and deflate:
 *
 *   gzip     1f 8b 08 flags time xfl os [extra] [name] [comment] [crc16] deflate... crc32 isize     RFC 1952; members repeat
 *   deflate  78 xx deflate... adler32                                                               RFC 1950
 *            deflate...                 what many senders call "deflate"                            RFC 1951
 *
 * Only the checksums are zlib's.
 */
#include <assert.h>
#include <zlib.h>

#include "base/arena.h"
#include "message/coding.h"
#include "message/inflate.h"

enum phase { FIXED, EXTRA_LEN, EXTRA, NAME, COMMENT, HEAD_SUM, SYMBOLS, TRAILER, LENGTH, BETWEEN, OVER, BROKEN };
enum { HAS_HEAD_SUM = 2, HAS_EXTRA = 4, HAS_NAME = 8, HAS_COMMENT = 16, RESERVED = 0xe0, FIXED_LEN = 10 };

struct gzip {
    struct wd_inflate *inflate;
    enum phase phase;
    uint8_t kept[FIXED_LEN];     /* of a part that must be whole to be read */
    unsigned kept_count, trailer_len;
    unsigned flags, extra_left;
    uint32_t head_sum;
    uLong sum;                   /* crc32 or adler32 of what was made; raw deflate has none */
    uint32_t made;               /* modulo 2^32, as isize has it */
    uint64_t broken;
};

static struct gzip *start(void)
{
    struct gzip *g = wd_alloc(sizeof *g);
    g->inflate = wd_inflate_open(UINT64_MAX, NULL);
    return g;
}

static void close_coding(void *state)
{
    struct gzip *g = state;
    wd_inflate_close(g->inflate);
    wd_free(g);
}

static struct wd_bit_marks marks_of(const void *state)
{
    return wd_inflate_marks(((const struct gzip *)state)->inflate);
}

static uint64_t broken_of(const void *state)
{
    return ((const struct gzip *)state)->broken;
}

static enum wd_coding_got fail(struct gzip *g, uint64_t broken)
{
    g->phase = BROKEN;
    g->broken = broken;
    return WD_CODING_BAD;
}

/* Gathers `count` bytes in all; true when they are there. */
static bool gather(struct gzip *g, struct wd_bytes *in, unsigned count)
{
    while (g->kept_count < count && in->len) {
        g->kept[g->kept_count++] = in->at[0];
        *in = wd_bytes_at(in->at + 1, in->len - 1);
    }
    return g->kept_count >= count;
}

static void next_phase(struct gzip *g, enum phase phase)
{
    g->phase = phase;
    g->kept_count = 0;
}

/* --- symbols --- */

typedef uLong sum_fn(uLong sum, const Bytef *bytes, uInt len);

/* What zlib's checksums take is a matter of 32 bits; a run makes much less. */
static void take_made(struct gzip *g, sum_fn *sum, uint8_t *out, size_t *made)
{
    struct wd_bytes plain = wd_inflate_made(g->inflate);
    if (plain.len)
        memcpy(out, plain.at, plain.len);
    *made = plain.len;
    g->made += (uint32_t)plain.len;
    if (sum && plain.len)
        g->sum = sum(g->sum, out, (uInt)plain.len);
}

static enum wd_coding_got run_symbols(struct gzip *g, struct wd_bytes *in, sum_fn *sum, uint8_t *out,
                                      size_t room, size_t *made)
{
    enum wd_coding_got got = wd_inflate_run(g->inflate, in, room - WD_CODING_SLACK);
    take_made(g, sum, out, made);
    if (got == WD_CODING_BAD)
        return fail(g, wd_inflate_waiting(g->inflate));
    if (got != WD_CODING_END)
        return got;
    next_phase(g, sum ? TRAILER : OVER);
    return WD_CODING_FULL;
}

static uint32_t le32(const uint8_t *at)
{
    return at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

/* --- gzip --- */

static void begin_member(struct gzip *g)
{
    wd_inflate_reset(g->inflate);
    g->sum = crc32(0, NULL, 0);
    g->head_sum = 0;
    g->made = 0;
    next_phase(g, FIXED);
}

static void *open_gzip(void)
{
    struct gzip *g = start();
    begin_member(g);
    return g;
}

/* The part after `phase` that is there according to the flags. */
static void next_part(struct gzip *g, enum phase phase)
{
    static const struct { enum phase phase; unsigned flag; } parts[] = {
        { EXTRA_LEN, HAS_EXTRA }, { NAME, HAS_NAME }, { COMMENT, HAS_COMMENT }, { HEAD_SUM, HAS_HEAD_SUM },
    };
    for (size_t i = 0; i < WD_COUNT(parts); i++) {
        if (parts[i].phase > phase && g->flags & parts[i].flag) {
            next_phase(g, parts[i].phase);
            return;
        }
    }
    next_phase(g, SYMBOLS);
}

static enum wd_coding_got fixed_byte(struct gzip *g, uint8_t byte)
{
    const uint8_t *kept = g->kept;
    g->kept[g->kept_count++] = byte;
    g->flags = kept[3];
    if (g->kept_count == 2 && (kept[0] != 0x1f || kept[1] != 0x8b))
        return fail(g, 2);
    if (g->kept_count == 4 && (kept[2] != Z_DEFLATED || g->flags & RESERVED))
        return fail(g, 2);
    if (g->kept_count == FIXED_LEN)
        next_part(g, FIXED);
    return WD_CODING_FULL;
}

static enum wd_coding_got head_sum_byte(struct gzip *g, uint8_t byte)
{
    g->kept[g->kept_count++] = byte;
    if (g->kept_count < 2)
        return WD_CODING_FULL;
    if ((g->kept[0] | g->kept[1] << 8) != (int)(g->head_sum & 0xffff))
        return fail(g, 2);
    next_phase(g, SYMBOLS);
    return WD_CODING_FULL;
}

static enum wd_coding_got head_byte(struct gzip *g, uint8_t byte)
{
    if (g->phase != HEAD_SUM)
        g->head_sum = (uint32_t)crc32(g->head_sum, &byte, 1);
    switch (g->phase) {
    case FIXED:
        return fixed_byte(g, byte);
    case EXTRA_LEN:
        g->kept[g->kept_count++] = byte;
        g->extra_left = g->kept[0] | (unsigned)byte << 8;
        if (g->kept_count == 2 && g->extra_left)
            next_phase(g, EXTRA);
        else if (g->kept_count == 2)
            next_part(g, EXTRA);
        return WD_CODING_FULL;
    case EXTRA:
        if (--g->extra_left == 0)
            next_part(g, EXTRA);
        return WD_CODING_FULL;
    case HEAD_SUM:
        return head_sum_byte(g, byte);
    default:   /* NAME and COMMENT end with a zero */
        if (byte == 0)
            next_part(g, g->phase);
        return WD_CODING_FULL;
    }
}

static enum wd_coding_got read_head(struct gzip *g, struct wd_bytes *in)
{
    enum wd_coding_got got = WD_CODING_FULL;
    while (in->len && g->phase < SYMBOLS && got == WD_CODING_FULL) {
        uint8_t byte = in->at[0];
        *in = wd_bytes_at(in->at + 1, in->len - 1);
        got = head_byte(g, byte);
    }
    return got == WD_CODING_FULL && g->phase < SYMBOLS ? WD_CODING_MORE : got;
}

/* A number that says what the plain bytes should be. */
static enum wd_coding_got read_trailer(struct gzip *g, struct wd_bytes *in, uint64_t expected,
                                       enum phase next)
{
    if (!gather(g, in, 4))
        return WD_CODING_MORE;
    if (le32(g->kept) != expected)
        return fail(g, 4);
    next_phase(g, next);
    return WD_CODING_FULL;
}

/* A member, or padding after the last one. */
static enum wd_coding_got read_between(struct gzip *g, const struct wd_bytes *in)
{
    if (in->len == 0)
        return WD_CODING_MORE;
    if (in->at[0] == 0x1f)
        begin_member(g);
    else
        g->phase = OVER;
    return WD_CODING_FULL;
}

static enum wd_coding_got run_gzip(void *state, struct wd_bytes *in, uint8_t *out, size_t room, size_t *made)
{
    struct gzip *g = state;
    enum wd_coding_got got = WD_CODING_FULL;
    assert(room > WD_CODING_SLACK);
    *made = 0;
    wd_inflate_begin(g->inflate);
    while (got == WD_CODING_FULL && *made == 0) {
        switch (g->phase) {
        case SYMBOLS: got = run_symbols(g, in, crc32, out, room, made); break;
        case TRAILER: got = read_trailer(g, in, g->sum, LENGTH); break;
        case LENGTH: got = read_trailer(g, in, g->made, BETWEEN); break;
        case BETWEEN: got = read_between(g, in); break;
        case OVER: return WD_CODING_END;
        case BROKEN: return WD_CODING_BAD;
        default: got = read_head(g, in); break;
        }
    }
    return got;
}

/* --- deflate --- */

static void *open_deflate(void)
{
    return start();
}

/* RFC 1950 section 2.2: method 8, window of at most 32 KiB, and the two bytes are a multiple of 31. */
static bool is_zlib(const uint8_t *head)
{
    return (head[0] & 0x0f) == 8 && head[0] >> 4 <= 7 && (head[0] << 8 | head[1]) % 31 == 0;
}

/* The first two bytes tell which of the two it is. They are symbols already when it is the raw one; those
 * make a few bytes. */
static enum wd_coding_got read_deflate_head(struct gzip *g, struct wd_bytes *in, uint8_t *out, size_t room,
                                            size_t *made)
{
    enum { HAS_DICTIONARY = 0x20, WITH_DICTIONARY_LEN = 6 };
    if (!gather(g, in, 2))
        return WD_CODING_MORE;
    if (is_zlib(g->kept) && g->kept[1] & HAS_DICTIONARY)   /* one that nobody has here */
        return gather(g, in, WITH_DICTIONARY_LEN) ? fail(g, WITH_DICTIONARY_LEN) : WD_CODING_MORE;
    g->trailer_len = is_zlib(g->kept) ? 4 : 0;
    g->sum = adler32(0, NULL, 0);
    g->phase = SYMBOLS;
    if (g->trailer_len)
        return WD_CODING_FULL;
    struct wd_bytes head = wd_bytes_at(g->kept, 2);
    enum wd_coding_got got = run_symbols(g, &head, NULL, out, room, made);
    g->broken += head.len;
    return got == WD_CODING_MORE ? WD_CODING_FULL : got;
}

static enum wd_coding_got run_deflate(void *state, struct wd_bytes *in, uint8_t *out, size_t room,
                                      size_t *made)
{
    struct gzip *g = state;
    enum wd_coding_got got = WD_CODING_FULL;
    assert(room > WD_CODING_SLACK);
    *made = 0;
    wd_inflate_begin(g->inflate);
    while (got == WD_CODING_FULL && *made == 0) {
        switch (g->phase) {
        case FIXED: got = read_deflate_head(g, in, out, room, made); break;
        case SYMBOLS: got = run_symbols(g, in, g->trailer_len ? adler32 : NULL, out, room, made); break;
        case TRAILER: got = read_trailer(g, in, __builtin_bswap32((uint32_t)g->sum), OVER); break;
        case OVER: return WD_CODING_END;
        default: return WD_CODING_BAD;
        }
    }
    return got;
}

static bool is_whole(const void *state)
{
    const struct gzip *g = state;
    return (g->phase == BETWEEN && g->kept_count == 0) || g->phase == OVER;
}

const struct wd_coding wd_coding_gzip = { "gzip", "x-gzip", open_gzip, run_gzip, close_coding, is_whole, marks_of, broken_of };
const struct wd_coding wd_coding_deflate = { "deflate", NULL, open_deflate, run_deflate, close_coding, is_whole, marks_of, broken_of };
