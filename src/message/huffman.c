/* message/huffman.c - canonical codes, RFC 1951 section 3.2.2: of codes of one length the smaller symbol has
 * the smaller code, and shorter codes come first. On the wire a code's first bit is the lowest, so tables are
 * indexed by reversed codes.
 */
#include "message/huffman.h"

/* Sections 3.2.5: length codes 257 to 285 and distance codes 0 to 29. */
static const struct range { uint16_t base; uint8_t extra; } lengths_of[] = {
    { 3, 0 },  { 4, 0 },  { 5, 0 },  { 6, 0 },  { 7, 0 },  { 8, 0 },  { 9, 0 },   { 10, 0 },  { 11, 1 },  { 13, 1 },
    { 15, 1 }, { 17, 1 }, { 19, 2 }, { 23, 2 }, { 27, 2 }, { 31, 2 }, { 35, 3 },  { 43, 3 },  { 51, 3 },  { 59, 3 },
    { 67, 4 }, { 83, 4 }, { 99, 4 }, { 115, 4 }, { 131, 5 }, { 163, 5 }, { 195, 5 }, { 227, 5 }, { 258, 0 },
};
static const struct range distances_of[] = {
    { 1, 0 },     { 2, 0 },     { 3, 0 },     { 4, 0 },     { 5, 1 },      { 7, 1 },      { 9, 2 },     { 13, 2 },
    { 17, 3 },    { 25, 3 },    { 33, 4 },    { 49, 4 },    { 65, 5 },     { 97, 5 },     { 129, 6 },   { 193, 6 },
    { 257, 7 },   { 385, 7 },   { 513, 8 },   { 769, 8 },   { 1025, 9 },   { 1537, 9 },   { 2049, 10 }, { 3073, 10 },
    { 4097, 11 }, { 6145, 11 }, { 8193, 12 }, { 12289, 12 }, { 16385, 13 }, { 24577, 13 },
};

enum { END_OF_BLOCK = 256 };

static uint32_t entry(unsigned value, unsigned kind, unsigned code, unsigned bits)
{
    return (uint32_t)value << 16 | kind << 12 | code << 8 | bits;
}

static uint32_t ranged(const struct range *ranges, size_t count, unsigned which, unsigned code)
{
    if (which >= count)
        return entry(0, WD_HUFFMAN_BAD, code, code);
    return entry(ranges[which].base, WD_HUFFMAN_BASE, code, code + ranges[which].extra);
}

static uint32_t entry_of(enum wd_alphabet alphabet, unsigned symbol, unsigned code)
{
    if (alphabet == WD_ALPHABET_DISTANCES)
        return ranged(distances_of, WD_COUNT(distances_of), symbol, code);
    if (alphabet == WD_ALPHABET_LENGTHS || symbol < END_OF_BLOCK)
        return entry(symbol, WD_HUFFMAN_LITERAL, code, code);
    if (symbol == END_OF_BLOCK)
        return entry(0, WD_HUFFMAN_END, code, code);
    return ranged(lengths_of, WD_COUNT(lengths_of), symbol - END_OF_BLOCK - 1, code);
}

struct code {
    uint16_t count[WD_CODE_MAX + 1];     /* symbols by length */
    uint16_t sorted[WD_SYMBOLS_MAX];     /* symbols by length, then by number */
    unsigned used, longest;
    bool is_complete;
};

/* The next symbol that has a code, from `i` on; `count` when there is none. Text has long runs without. */
static inline unsigned next_used(const uint8_t *lengths, unsigned i, unsigned count)
{
    for (uint64_t eight; i + sizeof eight <= count; i += sizeof eight) {
        memcpy(&eight, lengths + i, sizeof eight);
        if (eight)
            break;
    }
    while (i < count && !lengths[i])
        i++;
    return i;
}

/* The symbols that have a code, and how many there are of each length. */
static unsigned find_used(struct code *c, const uint8_t *lengths, unsigned count, uint16_t *symbols)
{
    unsigned used = 0;
    memset(c->count, 0, sizeof c->count);
    for (unsigned i = next_used(lengths, 0, count); i < count; i = next_used(lengths, i + 1, count)) {
        c->count[lengths[i]]++;
        symbols[used++] = (uint16_t)i;
    }
    return used;
}

static bool sort(struct code *c, const uint8_t *lengths, unsigned count)
{
    uint16_t next[WD_CODE_MAX + 1], symbols[WD_SYMBOLS_MAX];
    c->used = find_used(c, lengths, count, symbols);
    c->longest = 0;
    int left = 1;   /* codes of this length that are not taken */
    next[1] = 0;
    for (unsigned len = 1; len <= WD_CODE_MAX; len++) {
        left = left * 2 - c->count[len];
        if (left < 0)
            return false;
        if (c->count[len])
            c->longest = len;
        if (len < WD_CODE_MAX)
            next[len + 1] = (uint16_t)(next[len] + c->count[len]);
    }
    for (unsigned k = 0; k < c->used; k++)
        c->sorted[next[lengths[symbols[k]]]++] = symbols[k];
    c->is_complete = left == 0;
    return true;
}

/* The next code of the same length, and both of them reversed. */
static unsigned next_reversed(unsigned reversed, unsigned len)
{
    unsigned bit = 1u << (len - 1);
    while (reversed & bit)
        bit >>= 1;
    return bit ? (reversed & (bit - 1)) + bit : 0;
}

/* Index bits of the second table that begins with a code of `len`: until what follows fills it. */
static unsigned second_bits(const struct code *c, const uint16_t *left_of, unsigned len, unsigned bits)
{
    unsigned wide = len - bits;
    int left = (1 << wide) - left_of[len];
    while (left > 0 && wide + bits < c->longest) {
        wide++;
        left = left * 2 - left_of[wide + bits];
    }
    return wide;
}

static void fill(uint32_t *table, unsigned size, unsigned from, unsigned step, uint32_t value)
{
    for (unsigned i = from; i < size; i += step)
        table[i] = value;
}

/* Codes longer than the first index, from the k-th sorted symbol on. */
static bool build_second(const struct code *c, enum wd_alphabet alphabet, unsigned k, unsigned len,
                         unsigned reversed, uint32_t *table, unsigned bits, unsigned room)
{
    uint16_t left_of[WD_CODE_MAX + 1];
    unsigned first = (1u << bits) - 1, prefix = UINT32_MAX, start = 1u << bits, wide = 0, end = start;
    memcpy(left_of, c->count, sizeof left_of);
    for (; k < c->used; k++, left_of[len]--) {
        while (left_of[len] == 0)
            len++;
        if ((reversed & first) != prefix) {
            prefix = reversed & first;
            start = end;
            wide = second_bits(c, left_of, len, bits);
            end = start + (1u << wide);
            if (end > room)
                return false;
            table[prefix] = entry(start, WD_HUFFMAN_LINK, wide, bits);
        }
        fill(table + start, 1u << wide, reversed >> bits, 1u << (len - bits),
             entry_of(alphabet, c->sorted[k], len));
        reversed = next_reversed(reversed, len);
    }
    return true;
}

/* Codes that the first index holds, shortest first: each is written once, and what stands is doubled when codes get a bit
 * longer. Returns how many symbols that were; *reversed is the code of the next one. */
static unsigned build_first(const struct code *c, enum wd_alphabet alphabet, uint32_t *table, unsigned bits,
                            unsigned *reversed)
{
    unsigned k = 0;
    *reversed = 0;
    /* Of a code without symbols, lengths of zero can still be read: whoever needs the end of a block will
     * miss it. */
    if (!c->is_complete)
        table[0] = table[1] = entry(0, alphabet == WD_ALPHABET_LENGTHS ? WD_HUFFMAN_LITERAL : WD_HUFFMAN_BAD, 1, 1);
    for (unsigned len = 1; len <= bits; len++) {
        size_t half = (size_t)1 << (len - 1);
        if (len > 1)
            memcpy(table + half, table, half * sizeof *table);
        for (unsigned end = k + c->count[len]; k < end; k++) {
            table[*reversed] = entry_of(alphabet, c->sorted[k], len);
            *reversed = next_reversed(*reversed, len);
        }
    }
    return k;
}

bool wd_huffman_build(enum wd_alphabet alphabet, const uint8_t *lengths, unsigned count, uint32_t *table,
                      unsigned *bits, unsigned room)
{
    struct code c;
    unsigned reversed;
    if (!sort(&c, lengths, count))
        return false;
    if (!c.is_complete && (c.longest > 1 || (c.used && alphabet == WD_ALPHABET_LENGTHS)))
        return false;
    if (*bits > c.longest)
        *bits = c.longest ? c.longest : 1;
    unsigned k = build_first(&c, alphabet, table, *bits, &reversed);
    return k == c.used || build_second(&c, alphabet, k, *bits + 1, reversed, table, *bits, room);
}

/* Section 3.2.6. */
void wd_huffman_build_fixed(struct wd_fixed_codes *codes)
{
    static const struct { unsigned end; uint8_t len; } runs[] = { { 144, 8 }, { 256, 9 }, { 280, 7 }, { 288, 8 } };
    uint8_t lengths[WD_SYMBOLS_MAX];
    for (unsigned r = 0, symbol = 0; r < WD_COUNT(runs); r++)
        while (symbol < runs[r].end)
            lengths[symbol++] = runs[r].len;
    unsigned literals_bits = WD_FIXED_LITERALS_BITS, distances_bits = WD_FIXED_DISTANCES_BITS;
    wd_huffman_build(WD_ALPHABET_LITERALS, lengths, WD_SYMBOLS_MAX, codes->literals, &literals_bits,
                     WD_COUNT(codes->literals));
    memset(lengths, 5, 32);
    wd_huffman_build(WD_ALPHABET_DISTANCES, lengths, 32, codes->distances, &distances_bits,
                     WD_COUNT(codes->distances));
}
