/* message/huffman.h - DEFLATE's prefix codes as tables to look up.
 *
 * Shape   the low `bits` of what comes next index the table; an entry that is a LINK leads to a second table
 *         for longer codes, indexed by the bits behind those. Fewer bits than an entry asks for: look again
 *         when there are more.
 * Units   bits. An entry: 0-7 all bits of the symbol, its extra bits included; 8-11 those of its code alone
 *         (LINK: of the second index); 12-15 the kind; 16-31 the literal, the base, or where the second table
 *         starts.
 * Owns    nothing: tables are the caller's.
 * Errors  false when the lengths are no code (RFC 1951 section 3.2.2). A code with one symbol of one bit is
 *         allowed, and one with none: their other entries are BAD, as zlib has it.
 * Source  RFC 1951 sections 3.2.2, 3.2.5 and 3.2.6.
 */
#ifndef WD_MESSAGE_HUFFMAN_H
#define WD_MESSAGE_HUFFMAN_H

#include "base/bytes.h"

enum { WD_HUFFMAN_BAD, WD_HUFFMAN_LITERAL, WD_HUFFMAN_BASE, WD_HUFFMAN_END, WD_HUFFMAN_LINK };

/* Which symbols a code is for. */
enum wd_alphabet { WD_ALPHABET_LENGTHS, WD_ALPHABET_LITERALS, WD_ALPHABET_DISTANCES };

enum {
    WD_LENGTHS_BITS = 7, WD_LITERALS_BITS = 10, WD_DISTANCES_BITS = 8,   /* of the first table */
    WD_LENGTHS_ROOM = 128, WD_LITERALS_ROOM = 1536, WD_DISTANCES_ROOM = 512,  /* more than any code needs */
    WD_FIXED_LITERALS_BITS = 9, WD_FIXED_DISTANCES_BITS = 5,
    WD_CODE_MAX = 15, WD_SYMBOLS_MAX = 288
};

static inline unsigned wd_entry_bits(uint32_t entry) { return entry & 0xff; }
static inline unsigned wd_entry_code(uint32_t entry) { return entry >> 8 & 0xf; }
static inline unsigned wd_entry_kind(uint32_t entry) { return entry >> 12 & 0xf; }
static inline unsigned wd_entry_value(uint32_t entry) { return entry >> 16; }

/* The codes that need not be sent. Same for all, so that many can share them. */
struct wd_fixed_codes {
    uint32_t literals[1 << WD_FIXED_LITERALS_BITS], distances[1 << WD_FIXED_DISTANCES_BITS];
};
void wd_huffman_build_fixed(struct wd_fixed_codes *codes);

/* *bits: of the first index, at most; then what it has, since short codes need no wide one. */
bool wd_huffman_build(enum wd_alphabet alphabet, const uint8_t *lengths, unsigned count, uint32_t *table,
                      unsigned *bits, unsigned room);

#endif
