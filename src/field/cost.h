/* field/cost.h - the compressed bits of a message, shared among the entries of its tape.
 *
 * Shape   an entry bears what its own bytes cost (design: exclusive bytes); the first one, the root, bears
 *         besides what made no byte at all: block headers, ends of blocks, padding. So the shares add up to
 *         the message's bits. The echo of a body is shared as its tape would be.
 * Units   bits. Without marks the bits are shared evenly by the bytes: an estimate.
 * Owns    nothing. Errors none: a body that broke is shared like any other.
 * Source  design: exact accounting, wire bits.
 */
#ifndef WD_FIELD_COST_H
#define WD_FIELD_COST_H

#include "field/echo.h"
#include "model/bits.h"

/* out[i]: the bits of tape->fields[i]. Together they are `bits`, all that the message took. */
void wd_tape_cost(const struct wd_tape *tape, uint64_t body_len, struct wd_bit_marks marks, uint64_t bits,
                  uint64_t *out);
/* The same of echo->entries, as differences to eight bits for each byte, modulo 2^64. They have the lengths
 * of the text now. */
void wd_echo_cost(const struct wd_echo *echo, struct wd_bit_marks marks, uint64_t bits, uint64_t *out);

#endif
