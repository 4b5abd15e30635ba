#include "referee.h"

#include <stdio.h>
#include <stdlib.h>
#include <zlib.h>

#include "base/buf.h"
#include "message/coding.h"
#include "message/inflate.h"

static void require(bool holds, const char *what)
{
    if (holds)
        return;
    fprintf(stderr, "referee: %s\n", what);
    abort();
}

/* What zlib makes of it, one byte at a time: the bytes, and for each how many bits of the input it had used before. */
struct account {
    struct wd_buf plain;
    uint64_t *used;       /* by byte: bits used when it was about to be written */
    size_t cap;
    int rc;
    size_t left;          /* input that it did not take */
};

static void note(struct account *a, const z_stream *z)
{
    if (a->plain.len == a->cap) {
        a->cap = a->cap ? a->cap * 2 : 1024;
        a->used = realloc(a->used, a->cap * sizeof *a->used);
    }
    a->used[a->plain.len] = 8 * (uint64_t)z->total_in - (unsigned)(z->data_type & 63);
}

static void run_zlib(struct account *a, struct wd_bytes packed)
{
    z_stream z = { 0 };
    uint8_t byte;
    require(inflateInit2(&z, -15) == Z_OK, "inflateInit2");
    z.next_in = (Bytef *)packed.at;
    z.avail_in = (uInt)packed.len;
    z.next_out = &byte;
    z.avail_out = 0;
    a->rc = inflate(&z, Z_SYNC_FLUSH);   /* up to where the first byte could be written */
    while (a->rc == Z_OK || a->rc == Z_BUF_ERROR) {
        note(a, &z);
        z.next_out = &byte;
        z.avail_out = 1;
        a->rc = inflate(&z, Z_SYNC_FLUSH);
        if (z.avail_out)
            break;
        wd_buf_byte(&a->plain, byte);
    }
    note(a, &z);
    a->left = z.avail_in;
    inflateEnd(&z);
}

static void compare_bits(const struct account *a, struct wd_bit_marks marks, uint64_t all_bits)
{
    uint64_t sum = 0;
    uint32_t before = 0;
    for (size_t m = 0; m < marks.count; m++) {
        require(marks.at[m].end > before, "marks do not rise");
        require(marks.at[m].bits > 0, "a symbol for nothing");
        sum += marks.at[m].bits;
        before = marks.at[m].end;
    }
    require(before == a->plain.len, "marks do not reach the end");
    require(sum <= all_bits, "more bits than there are");
}

/* --- blocks: where they begin in what was made, as zlib tells when it is asked to stop at each --- */

struct block { uint64_t start; bool is_stored; };
struct blocks { struct block *at; size_t count, cap; };

static unsigned bit_at(struct wd_bytes packed, uint64_t bit)
{
    return bit / 8 < packed.len ? packed.at[bit / 8] >> (bit % 8) & 1 : 0;
}

static void add_block(struct blocks *b, uint64_t start, struct wd_bytes packed, uint64_t bit)
{
    if (b->count == b->cap) {
        b->cap = b->cap ? b->cap * 2 : 64;
        b->at = realloc(b->at, b->cap * sizeof *b->at);
    }
    b->at[b->count++] = (struct block){ start, !bit_at(packed, bit + 1) && !bit_at(packed, bit + 2) };
}

static void find_blocks(struct blocks *b, struct wd_bytes packed)
{
    z_stream z = { 0 };
    uint8_t out[4096];
    int rc;
    require(inflateInit2(&z, -15) == Z_OK, "inflateInit2");
    z.next_in = (Bytef *)packed.at;
    z.avail_in = (uInt)packed.len;
    add_block(b, 0, packed, 0);
    do {
        z.next_out = out;
        z.avail_out = sizeof out;
        rc = inflate(&z, Z_BLOCK);
        if (rc == Z_OK && z.data_type & 128 && !(z.data_type & 64))
            add_block(b, z.total_out, packed, 8 * (uint64_t)z.total_in - (z.data_type & 63));
    } while (rc == Z_OK);
    inflateEnd(&z);
}

/* --- symbols --- */

/* used[end of symbol k] covers symbols 0 to k + 1 (one ahead); so the difference at two ends is symbol k + 2's cost, and what stands
 * before it when a block begins there: an end and a head, four bits or more. Into stored blocks zlib does not look ahead. */
static void compare_symbols(const struct account *a, struct wd_bit_marks marks, const struct blocks *blocks)
{
    size_t of[3] = { 0, 0, 0 };   /* blocks of the symbol before the last, of the last, of this one */
    uint64_t start = 0;
    for (size_t m = 0; m < marks.count; m++) {
        uint32_t cost = marks.at[m].bits, len = marks.at[m].end - (uint32_t)start;
        of[0] = of[1];
        of[1] = of[2];
        while (of[2] + 1 < blocks->count && blocks->at[of[2] + 1].start <= start)
            of[2]++;
        start = marks.at[m].end;
        if (blocks->at[of[2]].is_stored)
            require(cost == 8 * len, "stored bytes are eight bits");
        if (m < 2 || blocks->at[of[0]].is_stored || blocks->at[of[1]].is_stored || blocks->at[of[2]].is_stored)
            continue;
        uint64_t difference = a->used[marks.at[m - 1].end] - a->used[marks.at[m - 2].end];
        require(of[1] == of[2] ? difference == cost : difference >= cost + 4, "zlib used other bits for a symbol");
    }
}

void referee(struct wd_bytes packed, size_t piece, size_t room)
{
    struct account a = { 0 };
    struct wd_inflate *ours = wd_inflate_open(UINT64_MAX, NULL);
    enum wd_coding_got got = WD_CODING_MORE;
    size_t off = 0, unread = 0;
    run_zlib(&a, packed);
    while (off < packed.len && got == WD_CODING_MORE) {
        size_t n = piece < packed.len - off ? piece : packed.len - off;
        uint8_t *copy = malloc(n);   /* exact, so that a sanitizer sees every read beyond it */
        memcpy(copy, packed.at + off, n);
        struct wd_bytes in = wd_bytes_at(copy, n);
        do {
            uint64_t made = wd_inflate_total(ours);
            got = wd_inflate_run(ours, &in, room);
            require(got != WD_CODING_FULL || wd_inflate_total(ours) >= made + room, "full before it was");
            require(wd_inflate_total(ours) <= made + room + 257, "more than there was room for");
        } while (got == WD_CODING_FULL);
        unread = in.len;
        off += n;
        free(copy);
    }
    struct wd_bytes made = wd_inflate_made(ours);
    require(wd_bytes_eq(made, wd_buf_bytes(&a.plain)), "other bytes");
    require((got == WD_CODING_END) == (a.rc == Z_STREAM_END), "another end");
    require((got == WD_CODING_BAD) == (a.rc == Z_DATA_ERROR), "another verdict");
    if (got == WD_CODING_END)
        require(packed.len - off + unread == a.left, "another rest");
    compare_bits(&a, wd_inflate_marks(ours), 8 * (uint64_t)packed.len);
    struct blocks blocks = { 0 };
    find_blocks(&blocks, packed);
    compare_symbols(&a, wd_inflate_marks(ours), &blocks);
    free(blocks.at);
    wd_inflate_close(ours);
    wd_buf_free(&a.plain);
    free(a.used);
}

/* --- codings --- */

/* How zlib would be called for it: the first two bytes of what is called "deflate" tell (RFC 1950 section 2.2). */
static int window_bits_of(const char *name, struct wd_bytes packed)
{
    if (strcmp(name, "gzip") == 0)
        return 15 + 16;
    bool is_zlib = (packed.at[0] & 0x0f) == 8 && packed.at[0] >> 4 <= 7 && (packed.at[0] << 8 | packed.at[1]) % 31 == 0;
    return is_zlib ? 15 : -15;
}

/* Members one after the other, as RFC 1952 has it; the rest is padding. */
static enum wd_coding_got run_members(struct wd_bytes packed, int window_bits, struct wd_buf *plain)
{
    z_stream z = { 0 };
    int rc = Z_OK;
    require(inflateInit2(&z, window_bits) == Z_OK, "inflateInit2");
    z.next_in = (Bytef *)packed.at;
    z.avail_in = (uInt)packed.len;
    do {
        if (rc == Z_STREAM_END)
            inflateReset(&z);
        do {
            z.next_out = wd_buf_room(plain, 4096);
            z.avail_out = 4096;
            rc = inflate(&z, Z_SYNC_FLUSH);
            plain->len += 4096 - z.avail_out;
        } while (rc == Z_OK);
    } while (rc == Z_STREAM_END && window_bits > 15 && z.avail_in && *z.next_in == 0x1f);
    inflateEnd(&z);
    bool is_over = rc == Z_STREAM_END && (window_bits <= 15 || z.avail_in);
    return is_over ? WD_CODING_END : rc == Z_DATA_ERROR || rc == Z_NEED_DICT ? WD_CODING_BAD : WD_CODING_MORE;
}

/* Bytes, verdict, and where the damage begins: its length from the end of what was taken. */
static enum wd_coding_got run_coding(const struct wd_coding *coding, struct wd_bytes packed, size_t piece, struct wd_buf *plain, uint64_t *fine)
{
    enum wd_coding_got got = WD_CODING_MORE;
    void *state = coding->open();
    uint8_t out[WD_CODING_SLACK + 700];
    *fine = 0;
    for (size_t off = 0, n; off < packed.len && got == WD_CODING_MORE; off += n) {
        n = piece < packed.len - off ? piece : packed.len - off;
        uint8_t *copy = malloc(n);
        memcpy(copy, packed.at + off, n);
        struct wd_bytes in = wd_bytes_at(copy, n);
        do {
            size_t made;
            got = coding->run(state, &in, out, sizeof out, &made);
            struct wd_bit_marks marks = coding->marks(state);
            require((marks.count ? marks.at[marks.count - 1].end : 0) == made, "marks of something else");
            wd_buf_put(plain, wd_bytes_at(out, made));
        } while (got == WD_CODING_FULL);
        *fine += n - in.len;
        free(copy);
    }
    if (got == WD_CODING_BAD)
        *fine -= coding->broken(state);
    coding->close(state);
    return got;
}

void referee_coding(const char *name, struct wd_bytes packed, size_t piece)
{
    const struct wd_coding *coding = wd_coding_find(wd_bytes_of(name));
    struct wd_buf theirs = { 0 }, whole = { 0 }, cut = { 0 };
    uint64_t fine, fine_cut;
    if (packed.len < 2)
        return;
    enum wd_coding_got expected = run_members(packed, window_bits_of(name, packed), &theirs);
    enum wd_coding_got got = run_coding(coding, packed, packed.len, &whole, &fine);
    enum wd_coding_got got_cut = run_coding(coding, packed, piece, &cut, &fine_cut);
    require(wd_bytes_eq(wd_buf_bytes(&theirs), wd_buf_bytes(&whole)), "other bytes");
    require(wd_bytes_eq(wd_buf_bytes(&theirs), wd_buf_bytes(&cut)), "other bytes when cut");
    /* A stream that ends with its last byte is over for zlib; ours says so when it is asked again. */
    require(got == expected || (got == WD_CODING_MORE && expected == WD_CODING_END), "another verdict");
    require(got_cut == got || (got_cut == WD_CODING_MORE && got == WD_CODING_END), "another verdict when cut");
    require(got != WD_CODING_BAD || fine == fine_cut, "damage elsewhere when cut");
    require(fine <= packed.len, "more than there is");
    wd_buf_free(&theirs);
    wd_buf_free(&whole);
    wd_buf_free(&cut);
}
