/* message/inflate.c - RFC 1951 section 3.2.3, bits from the low end of each byte:
 *
 *   [final 1] [type 2] 00  ... up to the byte ... [length 16] [~length 16] bytes          stored
 *                      01  symbols, end of block                                          fixed codes
 *                      10  [HLIT 5] [HDIST 5] [HCLEN 4] code lengths, symbols, end        dynamic codes
 *
 * A symbol is read whole or not at all, so between runs there are only bits that wait. The view grows behind
 * the window:
 *
 *   [ ... window ][ this message .................. ]                       copies never leave the buffer
 *   [ ... window ][ this message: kept ][ window ][ forgotten next ]        a message longer than what is kept
 */
#include "message/inflate.h"

#include "base/arena.h"
#include "message/huffman.h"

#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#include <endian.h>
#endif

enum {
    WINDOW = 1 << 15,
    MATCH_MAX = 258,
    STRIDE = 32,                    /* of copies */
    SLACK = MATCH_MAX + STRIDE,     /* a run may exceed its room by one match, and copies go beyond their end */
    SLIDE = 2 * WINDOW,             /* what may lie behind before it is moved out */
    ROOM_MAX = 1 << 16,
    LENGTHS_MAX = 286 + 30, CODES_MAX = 19
};

enum state { HEAD, STORED_LEN, STORED, TABLES, CODES, LENGTHS, SYMBOLS, BAD };

struct wd_inflate {
    enum state state;
    bool is_final, is_fresh;
    uint64_t bits;                  /* read and not used, from the low end */
    unsigned bit_count;
    unsigned literals_bits, distances_bits, code_bits;
    const uint32_t *literals, *distances;
    uint32_t stored_left;

    uint8_t *buffer;
    size_t len, cap;
    size_t start;                   /* of this message */
    size_t forgotten;               /* of this message, behind `kept` */
    size_t kept_max;
    struct wd_bit_mark *marks;
    size_t mark_count, mark_cap;
    const struct wd_fixed_codes *fixed;   /* NULL: not needed yet */
    struct wd_fixed_codes *own_fixed;     /* NULL: shared */

    /* Of a block with codes of its own. */
    unsigned literal_count, distance_count, code_count, length_count;
    uint8_t lengths[LENGTHS_MAX];
    uint32_t code_table[WD_LENGTHS_ROOM], literal_table[WD_LITERALS_ROOM], distance_table[WD_DISTANCES_ROOM];
};

/* --- open, begin, reset --- */

struct wd_inflate *wd_inflate_open(uint64_t kept, const struct wd_fixed_codes *shared)
{
    struct wd_inflate *i = wd_alloc(sizeof *i);
    i->kept_max = kept < INT32_MAX ? (size_t)kept : INT32_MAX;
    i->is_fresh = true;
    i->fixed = shared;
    return i;
}

static const struct wd_fixed_codes *fixed_codes(struct wd_inflate *i)
{
    if (!i->fixed) {
        i->own_fixed = wd_alloc(sizeof *i->own_fixed);
        wd_huffman_build_fixed(i->own_fixed);
        i->fixed = i->own_fixed;
    }
    return i->fixed;
}

void wd_inflate_close(struct wd_inflate *i)
{
    if (!i)
        return;
    wd_free(i->buffer);
    wd_free(i->marks);
    wd_free(i->own_fixed);
    wd_free(i);
}

void wd_inflate_begin(struct wd_inflate *i)
{
    if (i->len > SLIDE) {
        memmove(i->buffer, i->buffer + i->len - WINDOW, WINDOW);
        i->len = WINDOW;
    }
    i->start = i->len;
    i->forgotten = 0;
    i->mark_count = 0;
}

void wd_inflate_reset(struct wd_inflate *i)
{
    i->state = HEAD;
    i->is_fresh = true;
    i->bits = i->bit_count = 0;
    i->len = 0;
    wd_inflate_begin(i);
}

bool wd_inflate_is_fresh(const struct wd_inflate *i)
{
    return i->is_fresh;
}

bool wd_inflate_is_whole(const struct wd_inflate *i)
{
    return i->state == HEAD && i->bit_count == 0;
}

uint64_t wd_inflate_waiting(const struct wd_inflate *i)
{
    return (i->bit_count + 7) / 8;
}

uint64_t wd_inflate_total(const struct wd_inflate *i)
{
    return (uint64_t)(i->len - i->start) + i->forgotten;
}

struct wd_bytes wd_inflate_made(const struct wd_inflate *i)
{
    size_t len = i->len - i->start;
    if (len == 0)
        return wd_bytes_at(NULL, 0);
    return wd_bytes_at(i->buffer + i->start, len < i->kept_max ? len : i->kept_max);
}

struct wd_bit_marks wd_inflate_marks(const struct wd_inflate *i)
{
    return (struct wd_bit_marks){ i->marks, i->mark_count };
}

/* --- bits --- */

static bool need(struct wd_inflate *i, struct wd_bytes *in, unsigned count)
{
    while (i->bit_count < count && in->len) {
        i->bits |= (uint64_t)in->at[0] << i->bit_count;
        i->bit_count += 8;
        *in = wd_bytes_at(in->at + 1, in->len - 1);
    }
    return i->bit_count >= count;
}

static unsigned take(struct wd_inflate *i, unsigned count)
{
    unsigned value = (unsigned)(i->bits & ((UINT64_C(1) << count) - 1));
    i->bits >>= count;
    i->bit_count -= count;
    return value;
}

static inline uint32_t look(const uint32_t *table, unsigned table_bits, uint64_t bits)
{
    uint32_t entry = table[bits & ((1u << table_bits) - 1)];
    if (wd_entry_kind(entry) == WD_HUFFMAN_LINK)
        entry = table[wd_entry_value(entry) + (bits >> table_bits & ((1u << wd_entry_code(entry)) - 1))];
    return entry;
}

/* The entry of the symbol that is `skip` bits away, when all of it is there. */
static bool find(struct wd_inflate *i, struct wd_bytes *in, const uint32_t *table, unsigned table_bits,
                 unsigned skip, uint32_t *entry)
{
    do {
        *entry = look(table, table_bits, i->bits >> skip);
        if (i->bit_count >= skip + wd_entry_bits(*entry))
            return true;
    } while (need(i, in, i->bit_count + 1));
    return false;
}

static inline unsigned extra_of(uint32_t entry, uint64_t bits)
{
    return (unsigned)(bits >> wd_entry_code(entry) &
                      ((UINT64_C(1) << (wd_entry_bits(entry) - wd_entry_code(entry))) - 1));
}

/* --- output --- */

static inline void mark(struct wd_inflate *i, size_t end, unsigned bits)
{
    i->marks[i->mark_count++] = (struct wd_bit_mark){ (uint32_t)(end - i->start), bits };
}

static void make_room(struct wd_inflate *i, size_t room)
{
    size_t floor = i->start + i->kept_max;
    if (i->len > floor && i->len - floor > SLIDE) {
        i->forgotten += i->len - floor - WINDOW;
        memmove(i->buffer + floor, i->buffer + i->len - WINDOW, WINDOW);
        i->len = floor + WINDOW;
    }
    if (i->cap - i->len < room + SLACK) {
        i->cap = i->len + room + SLACK > 2 * i->cap ? i->len + room + SLACK : 2 * i->cap;
        i->buffer = wd_realloc(i->buffer, i->cap, 1);
    }
    if (i->mark_cap - i->mark_count < room + SLACK) {
        i->mark_cap =
            i->mark_count + room + SLACK > 2 * i->mark_cap ? i->mark_count + room + SLACK : 2 * i->mark_cap;
        i->marks = wd_realloc(i->marks, i->mark_cap, sizeof *i->marks);
    }
}

/* Most matches are short and from far away: one turn. Writes beyond the end, up to STRIDE - 1 bytes; there is
 * SLACK. */
static inline void copy(uint8_t *to, size_t distance, size_t len)
{
    const uint8_t *from = to - distance, *end = to + len;
    if (distance >= STRIDE) {
        do {
            memcpy(to, from, STRIDE);
            to += STRIDE;
            from += STRIDE;
        } while (to < end);
    } else {
        while (to < end)
            *to++ = *from++;
    }
}

/* --- a function per state: WD_CODING_FULL is "go on" --- */

static enum wd_coding_got fail(struct wd_inflate *i)
{
    i->state = BAD;
    return WD_CODING_BAD;
}

static enum wd_coding_got end_block(struct wd_inflate *i)
{
    i->state = HEAD;
    if (!i->is_final)
        return WD_CODING_FULL;
    i->is_fresh = true;
    i->bits = i->bit_count = 0;   /* the rest of the byte: less than eight bits, since symbols ask for bytes one by one */
    return WD_CODING_END;
}

static enum wd_coding_got read_head(struct wd_inflate *i, struct wd_bytes *in)
{
    if (in->len)
        i->is_fresh = false;
    if (!need(i, in, 3))
        return WD_CODING_MORE;
    i->is_final = take(i, 1);
    switch (take(i, 2)) {
    case 0:
        take(i, i->bit_count & 7);
        i->state = STORED_LEN;
        return WD_CODING_FULL;
    case 1:
        i->literals = fixed_codes(i)->literals;
        i->literals_bits = WD_FIXED_LITERALS_BITS;
        i->distances = fixed_codes(i)->distances;
        i->distances_bits = WD_FIXED_DISTANCES_BITS;
        i->state = SYMBOLS;
        return WD_CODING_FULL;
    case 2:
        i->state = TABLES;
        return WD_CODING_FULL;
    default:
        return fail(i);
    }
}

static enum wd_coding_got read_stored_len(struct wd_inflate *i, struct wd_bytes *in)
{
    if (!need(i, in, 32))
        return WD_CODING_MORE;
    unsigned len = take(i, 16);
    if (take(i, 16) != (len ^ 0xffff))
        return fail(i);
    i->stored_left = len;
    i->state = STORED;
    return WD_CODING_FULL;
}

static enum wd_coding_got read_stored(struct wd_inflate *i, struct wd_bytes *in, size_t goal)
{
    size_t n = i->stored_left;
    if (n == 0)
        return end_block(i);
    if (n > in->len)
        n = in->len;
    if (n > goal - i->len)
        n = goal - i->len;
    if (n == 0)
        return WD_CODING_MORE;
    memcpy(i->buffer + i->len, in->at, n);
    *in = wd_bytes_at(in->at + n, in->len - n);
    i->len += n;
    i->stored_left -= (uint32_t)n;
    mark(i, i->len, (unsigned)n * 8);
    return WD_CODING_FULL;
}

static enum wd_coding_got read_tables(struct wd_inflate *i, struct wd_bytes *in)
{
    if (!need(i, in, 14))
        return WD_CODING_MORE;
    i->literal_count = take(i, 5) + 257;
    i->distance_count = take(i, 5) + 1;
    i->code_count = take(i, 4) + 4;
    if (i->literal_count > 286 || i->distance_count > 30)
        return fail(i);
    memset(i->lengths, 0, CODES_MAX);
    i->length_count = 0;
    i->state = CODES;
    return WD_CODING_FULL;
}

static enum wd_coding_got read_codes(struct wd_inflate *i, struct wd_bytes *in)
{
    static const uint8_t order[CODES_MAX] = { 16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15 };
    for (; i->length_count < i->code_count; i->length_count++) {
        if (!need(i, in, 3))
            return WD_CODING_MORE;
        i->lengths[order[i->length_count]] = (uint8_t)take(i, 3);
    }
    i->code_bits = WD_LENGTHS_BITS;
    if (!wd_huffman_build(WD_ALPHABET_LENGTHS, i->lengths, CODES_MAX, i->code_table, &i->code_bits,
                          WD_LENGTHS_ROOM))
        return fail(i);
    i->length_count = 0;
    i->state = LENGTHS;
    return WD_CODING_FULL;
}

static enum wd_coding_got begin_symbols(struct wd_inflate *i)
{
    i->literals_bits = WD_LITERALS_BITS;
    i->distances_bits = WD_DISTANCES_BITS;
    if (i->lengths[256] == 0 || /* no end of block */
        !wd_huffman_build(WD_ALPHABET_LITERALS, i->lengths, i->literal_count, i->literal_table,
                          &i->literals_bits, WD_LITERALS_ROOM) ||
        !wd_huffman_build(WD_ALPHABET_DISTANCES, i->lengths + i->literal_count, i->distance_count,
                          i->distance_table, &i->distances_bits, WD_DISTANCES_ROOM))
        return fail(i);
    i->literals = i->literal_table;
    i->distances = i->distance_table;
    i->state = SYMBOLS;
    return WD_CODING_FULL;
}

/* Section 3.2.7: 0 to 15 are lengths, the rest repeat: the one before, or zero. */
static enum wd_coding_got read_lengths(struct wd_inflate *i, struct wd_bytes *in)
{
    static const struct { uint8_t base, extra; } repeats[] = { { 3, 2 }, { 3, 3 }, { 11, 7 } };
    unsigned all = i->literal_count + i->distance_count;
    while (i->length_count < all) {
        uint32_t entry;
        if (!find(i, in, i->code_table, i->code_bits, 0, &entry))
            return WD_CODING_MORE;
        unsigned symbol = wd_entry_value(entry), bits = wd_entry_bits(entry);
        if (symbol < 16) {
            take(i, bits);
            i->lengths[i->length_count++] = (uint8_t)symbol;
            continue;
        }
        unsigned extra = repeats[symbol - 16].extra;
        if (!need(i, in, bits + extra))
            return WD_CODING_MORE;
        take(i, bits);
        unsigned n = repeats[symbol - 16].base + take(i, extra);
        if (n > all - i->length_count || (symbol == 16 && i->length_count == 0))
            return fail(i);
        memset(i->lengths + i->length_count, symbol == 16 ? i->lengths[i->length_count - 1] : 0, n);
        i->length_count += n;
    }
    return begin_symbols(i);
}

static uint64_t load(const uint8_t *at)
{
    uint64_t word;
    memcpy(&word, at, sizeof word);
#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
    word = le64toh(word);
#endif
    return word;
}

/* --- symbols: what read_symbols() holds in registers --- */

struct symbols {
    const uint32_t *literals, *distances;
    unsigned literals_bits, distances_bits;
    uint64_t bits;
    unsigned count;
    uint8_t *to;
    uint8_t *window, *base, *stop;
    struct wd_bit_mark *marks;
};

enum { GO_ON, SHORT, ENDED, FAILED };

#define INLINE static inline __attribute__((always_inline))

INLINE void use(struct symbols *s, unsigned used)
{
    s->bits >>= used;
    s->count -= used;
}

INLINE void made(struct symbols *s, unsigned used)
{
    *s->marks++ = (struct wd_bit_mark){ (uint32_t)(s->to - s->base), used };
    use(s, used);
}

/* A length was found; at most 15 + 5 bits of it, and 15 + 13 of the distance. */
INLINE int read_match(struct symbols *s, uint32_t entry, bool is_checked)
{
    unsigned used = wd_entry_bits(entry);
    if (wd_entry_kind(entry) != WD_HUFFMAN_BASE)
        return FAILED;   /* whatever would follow */
    unsigned len = wd_entry_value(entry) + extra_of(entry, s->bits);
    uint32_t second = look(s->distances, s->distances_bits, s->bits >> used);
    size_t distance = wd_entry_value(second) + extra_of(second, s->bits >> used);
    if (is_checked && used + wd_entry_bits(second) > s->count)
        return SHORT;
    if (wd_entry_kind(second) != WD_HUFFMAN_BASE || distance > (size_t)(s->to - s->window))
        return FAILED;
    copy(s->to, distance, len);
    s->to += len;
    made(s, used + wd_entry_bits(second));
    return GO_ON;
}

INLINE void put_literal(struct symbols *s, uint32_t entry)
{
    *s->to++ = (uint8_t)wd_entry_value(entry);
    made(s, wd_entry_bits(entry));
}

/* A symbol, or two literals. Not checked: there are at least 56 bits. */
INLINE int read_symbol(struct symbols *s, bool is_checked)
{
    uint32_t entry = look(s->literals, s->literals_bits, s->bits);
    unsigned used = wd_entry_bits(entry), kind = wd_entry_kind(entry);
    if (is_checked && used > s->count)
        return SHORT;
    if (kind == WD_HUFFMAN_LITERAL) {
        put_literal(s, entry);
        if (is_checked)
            return GO_ON;
        entry = look(s->literals, s->literals_bits, s->bits);
        if (wd_entry_kind(entry) == WD_HUFFMAN_LITERAL)
            put_literal(s, entry);
        return GO_ON;
    }
    if (kind != WD_HUFFMAN_END)
        return read_match(s, entry, is_checked);
    use(s, used);
    return ENDED;
}

/* Fewer than eight bytes are left: a copy of them, from which eight can be loaded at any place. */
static int read_last(struct symbols *s, const uint8_t **from, const uint8_t *end)
{
    uint8_t rest[16] = { 0 };
    size_t at = 0, len = (size_t)(end - *from);
    int got = GO_ON;
    memcpy(rest, *from, len);
    while (got == GO_ON && s->to < s->stop) {
        size_t n = (63 - s->count) >> 3;
        s->bits |= load(rest + at) << s->count;
        n = n < len - at ? n : len - at;
        at += n;
        s->count += 8 * (unsigned)n;
        got = read_symbol(s, true);
    }
    *from += at;
    return got;
}

/* Whole bytes that are not used go back; what waits from before cannot. */
static void give_back(struct wd_inflate *i, const struct symbols *s, struct wd_bytes *in, const uint8_t *from)
{
    size_t taken = (size_t)(from - in->at), back = s->count >> 3;
    back = back < taken ? back : taken;
    i->bit_count = s->count - 8 * (unsigned)back;
    i->bits = s->bits & ((UINT64_C(1) << i->bit_count) - 1);
    *in = wd_bytes_at(from - back, in->len - taken + back);
}

static enum wd_coding_got read_symbols(struct wd_inflate *i, struct wd_bytes *in, size_t goal)
{
    const uint8_t *from = in->at, *end = from + in->len;
    struct symbols s = {
        i->literals, i->distances, i->literals_bits, i->distances_bits, i->bits, i->bit_count,
        i->buffer + i->len, i->buffer, i->buffer + i->start, i->buffer + goal, i->marks + i->mark_count,
    };
    int got = GO_ON;
    while (got == GO_ON && end - from >= 8 && s.to < s.stop) {
        s.bits |= load(from) << s.count;
        from += (63 - s.count) >> 3;
        s.count |= 56;
        got = read_symbol(&s, false);
    }
    if (got == GO_ON && s.to < s.stop)
        got = read_last(&s, &from, end);
    i->len = (size_t)(s.to - i->buffer);
    i->mark_count = (size_t)(s.marks - i->marks);
    if (got == SHORT) {   /* all that was left has been taken: a symbol is shorter than what can wait */
        i->bits = s.bits & ((UINT64_C(1) << s.count) - 1);
        i->bit_count = s.count;
        *in = wd_bytes_at(end, 0);
        return WD_CODING_MORE;
    }
    give_back(i, &s, in, from);
    return got == ENDED ? end_block(i) : got == FAILED ? fail(i) : WD_CODING_FULL;
}

static enum wd_coding_got step(struct wd_inflate *i, struct wd_bytes *in, size_t goal)
{
    switch (i->state) {
    case HEAD: return read_head(i, in);
    case STORED_LEN: return read_stored_len(i, in);
    case STORED: return read_stored(i, in, goal);
    case TABLES: return read_tables(i, in);
    case CODES: return read_codes(i, in);
    case LENGTHS: return read_lengths(i, in);
    case SYMBOLS: return read_symbols(i, in, goal);
    default: return WD_CODING_BAD;
    }
}

enum wd_coding_got wd_inflate_run(struct wd_inflate *i, struct wd_bytes *in, size_t room)
{
    enum wd_coding_got got = WD_CODING_FULL;
    make_room(i, room < ROOM_MAX ? room : ROOM_MAX);
    size_t goal = i->len + (room < ROOM_MAX ? room : ROOM_MAX), kept_marks = i->mark_count;
    bool is_beyond = i->len - i->start >= i->kept_max;
    while (got == WD_CODING_FULL && i->len < goal)
        got = step(i, in, goal);
    if (is_beyond)
        i->mark_count = kept_marks;
    return got;
}
