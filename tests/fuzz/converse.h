/* tests/fuzz/converse.h - runs a conversation twice and asserts what holds for any.
 *
 * Every byte ends in one layer; payload is the sum of wire_len; and, where no position has to be searched (no
 * gap, not midway), the same bytes cut into single bytes give the same messages and the same ledger.
 */
#ifndef WD_TESTS_FUZZ_CONVERSE_H
#define WD_TESTS_FUZZ_CONVERSE_H

#include "message/messages.h"

struct turn {
    int side;
    enum wd_chunk_kind kind;      /* DATA, GAP, END */
    struct wd_bytes bytes;
    uint64_t missing;
};

/* Turns out of fuzzer bytes: a control byte (bits 0: side, 1-2: kind, 3-7: length class), then the bytes. At
 * most `cap`. */
size_t converse_script(struct wd_bytes data, struct turn *turns, size_t cap);
void converse_check(const struct turn *turns, size_t count, bool is_midway);

#endif
