/* model/bits.h - what the bytes of a message cost on the wire, where it was compressed.
 *
 * Shape   one mark per symbol of the compression, in order: it made the bytes from the mark before to its own
 *         `end`. Byte i of the n that a symbol of b bits made bears floor((i + 1) b / n) - floor(i b / n) of
 *         them: sums are exact. (So symbols of one byte that follow each other and cost the same may be one
 *         mark; and one that two bodies share is a mark for each byte.)
 * Units   offsets in bytes of the body, costs in bits.
 * Source  design: exact accounting, wire bits.
 */
#ifndef WD_MODEL_BITS_H
#define WD_MODEL_BITS_H

#include "base/bytes.h"

struct wd_bit_mark { uint32_t end, bits; };

struct wd_bit_marks {
    const struct wd_bit_mark *at;
    size_t count;
};

#endif
