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

enum phase { FIXED, EXTRA_LEN, EXTRA, NAME, COMMENT, HEAD_SUM, SYMBOLS, TRAILER, LENGTH, BETWEEN, OVER, BROKEN, PHASES };
enum { HAS_HEAD_SUM = 2, HAS_EXTRA = 4, HAS_NAME = 8, HAS_COMMENT = 16, RESERVED = 0xe0, FIXED_LEN = 10 };

/* What run() was called with. */
struct run {
    struct wd_bytes *in;
    uint8_t *out;
    size_t room, *made;
};

struct gzip;
/* One for each phase: FULL is "go on". */
typedef enum wd_coding_got phase_fn(struct gzip *g, const struct run *r);
typedef uLong sum_fn(uLong sum, const Bytef *bytes, uInt len);

struct gzip {
    struct wd_inflate *inflate;
    phase_fn *const *phases;     /* of the coding, by enum phase */
    enum phase phase;
    uint8_t kept[FIXED_LEN];     /* of a part that must be whole to be read */
    unsigned kept_count;
    unsigned flags, extra_left;
    uint32_t head_sum;
    sum_fn *sum_of;              /* what was made is to sum up to what the trailer says; NULL: there is no trailer */
    uLong sum;
    uint32_t made;               /* modulo 2^32, as isize has it */
    uint64_t broken;
};

static struct gzip *start(phase_fn *const *phases)
{
    struct gzip *g = wd_alloc(sizeof *g);
    g->inflate = wd_inflate_open(UINT64_MAX, NULL);
    g->phases = phases;
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

static void begin_sum(struct gzip *g, sum_fn *sum_of)
{
    g->sum_of = sum_of;
    g->sum = sum_of ? sum_of(0, NULL, 0) : 0;
}

/* What zlib's checksums take is a matter of 32 bits; a run makes much less. */
static void take_made(struct gzip *g, const struct run *r)
{
    struct wd_bytes plain = wd_inflate_made(g->inflate);
    if (plain.len)
        memcpy(r->out, plain.at, plain.len);
    *r->made = plain.len;
    g->made += (uint32_t)plain.len;
    if (g->sum_of && plain.len)
        g->sum = g->sum_of(g->sum, r->out, (uInt)plain.len);
}

static enum wd_coding_got read_symbols(struct gzip *g, const struct run *r)
{
    enum wd_coding_got got = wd_inflate_run(g->inflate, r->in, r->room - WD_CODING_SLACK);
    take_made(g, r);
    if (got == WD_CODING_BAD)
        return fail(g, wd_inflate_waiting(g->inflate));
    if (got != WD_CODING_END)
        return got;
    next_phase(g, g->sum_of ? TRAILER : OVER);
    return WD_CODING_FULL;
}

static uint32_t le32(const uint8_t *at)
{
    return at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

/* A number that says what the plain bytes should be. */
static enum wd_coding_got read_number(struct gzip *g, const struct run *r, uint64_t expected, enum phase next)
{
    if (!gather(g, r->in, 4))
        return WD_CODING_MORE;
    if (le32(g->kept) != expected)
        return fail(g, 4);
    next_phase(g, next);
    return WD_CODING_FULL;
}

static enum wd_coding_got stay_over(struct gzip *g, const struct run *r)
{
    (void)g;
    (void)r;
    return WD_CODING_END;
}

static enum wd_coding_got stay_broken(struct gzip *g, const struct run *r)
{
    (void)g;
    (void)r;
    return WD_CODING_BAD;
}

static enum wd_coding_got run_phases(void *state, struct wd_bytes *in, uint8_t *out, size_t room, size_t *made)
{
    struct gzip *g = state;
    const struct run r = { in, out, room, made };
    enum wd_coding_got got = WD_CODING_FULL;
    assert(room > WD_CODING_SLACK);
    *made = 0;
    wd_inflate_begin(g->inflate);
    while (got == WD_CODING_FULL && *made == 0)
        got = g->phases[g->phase](g, &r);
    return got;
}

/* --- gzip --- */

static void begin_member(struct gzip *g)
{
    wd_inflate_reset(g->inflate);
    begin_sum(g, crc32);
    g->head_sum = 0;
    g->made = 0;
    next_phase(g, FIXED);
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

static enum wd_coding_got read_head(struct gzip *g, const struct run *r)
{
    enum wd_coding_got got = WD_CODING_FULL;
    while (r->in->len && g->phase < SYMBOLS && got == WD_CODING_FULL) {
        uint8_t byte = r->in->at[0];
        *r->in = wd_bytes_at(r->in->at + 1, r->in->len - 1);
        got = head_byte(g, byte);
    }
    return got == WD_CODING_FULL && g->phase < SYMBOLS ? WD_CODING_MORE : got;
}

static enum wd_coding_got read_crc(struct gzip *g, const struct run *r)
{
    return read_number(g, r, g->sum, LENGTH);
}

static enum wd_coding_got read_length(struct gzip *g, const struct run *r)
{
    return read_number(g, r, g->made, BETWEEN);
}

/* A member, or padding after the last one. */
static enum wd_coding_got read_between(struct gzip *g, const struct run *r)
{
    if (r->in->len == 0)
        return WD_CODING_MORE;
    if (r->in->at[0] == 0x1f)
        begin_member(g);
    else
        g->phase = OVER;
    return WD_CODING_FULL;
}

static void *open_gzip(void)
{
    static phase_fn *const phases[PHASES] = {
        [FIXED] = read_head, [EXTRA_LEN] = read_head, [EXTRA] = read_head, [NAME] = read_head,
        [COMMENT] = read_head, [HEAD_SUM] = read_head, [SYMBOLS] = read_symbols, [TRAILER] = read_crc,
        [LENGTH] = read_length, [BETWEEN] = read_between, [OVER] = stay_over, [BROKEN] = stay_broken,
    };
    struct gzip *g = start(phases);
    begin_member(g);
    return g;
}

/* --- deflate --- */

/* RFC 1950 section 2.2: method 8, window of at most 32 KiB, and the two bytes are a multiple of 31. */
static bool is_zlib(const uint8_t *head)
{
    return (head[0] & 0x0f) == 8 && head[0] >> 4 <= 7 && (head[0] << 8 | head[1]) % 31 == 0;
}

/* The first two bytes tell which of the two it is. They are symbols already when it is the raw one; those
 * make a few bytes. */
static enum wd_coding_got read_deflate_head(struct gzip *g, const struct run *r)
{
    enum { HAS_DICTIONARY = 0x20, WITH_DICTIONARY_LEN = 6 };
    if (!gather(g, r->in, 2))
        return WD_CODING_MORE;
    bool has_head = is_zlib(g->kept);
    if (has_head && g->kept[1] & HAS_DICTIONARY)   /* one that nobody has here */
        return gather(g, r->in, WITH_DICTIONARY_LEN) ? fail(g, WITH_DICTIONARY_LEN) : WD_CODING_MORE;
    begin_sum(g, has_head ? adler32 : NULL);
    next_phase(g, SYMBOLS);
    if (has_head)
        return WD_CODING_FULL;
    struct wd_bytes head = wd_bytes_at(g->kept, 2);
    enum wd_coding_got got = read_symbols(g, &(struct run){ &head, r->out, r->room, r->made });
    g->broken += head.len;
    return got == WD_CODING_MORE ? WD_CODING_FULL : got;
}

static enum wd_coding_got read_adler(struct gzip *g, const struct run *r)
{
    return read_number(g, r, __builtin_bswap32((uint32_t)g->sum), OVER);
}

static void *open_deflate(void)
{
    static phase_fn *const phases[PHASES] = {
        [FIXED] = read_deflate_head, [SYMBOLS] = read_symbols, [TRAILER] = read_adler, [OVER] = stay_over,
        [BROKEN] = stay_broken,
    };
    return start(phases);
}

static bool is_whole(const void *state)
{
    const struct gzip *g = state;
    return (g->phase == BETWEEN && g->kept_count == 0) || g->phase == OVER;
}

const struct wd_coding wd_coding_gzip = { "gzip", "x-gzip", open_gzip, run_phases, close_coding, is_whole, marks_of, broken_of };
const struct wd_coding wd_coding_deflate = { "deflate", NULL, open_deflate, run_phases, close_coding, is_whole, marks_of, broken_of };
