/* message/coding.h - one content coding: compressed bytes in, plain bytes out.
 *
 * Shape   open / run / close. run() takes what it can from the front of *in, writes at most `room` bytes and
 *         says how it stands; it writes what the input allows before it asks for more, so the output of the
 *         n-th input byte does not depend on how the input was cut. A coding that knows what each byte cost
 *         says so in marks().
 * Units   bytes; marks: bits, ends counted from the first byte of the last run.
 * Owns    its state. No third-party type leaves the .c file of a coding.
 * Errors  WD_CODING_BAD: the stream is broken, nothing more will come.
 * Source  RFC 9110 section 8.4.1; RFC 1950, 1951, 1952 (gzip.c), 7932 (brotli.c), 8878 and 9659 (zstd.c).
 */
#ifndef WD_MESSAGE_CODING_H
#define WD_MESSAGE_CODING_H

#include "model/bits.h"

enum wd_coding_got { WD_CODING_MORE, WD_CODING_FULL, WD_CODING_END, WD_CODING_BAD };

#define WD_CODING_SLACK 257        /* there must be more room than this; it is FULL when no more than this is left */

struct wd_coding {
    const char *name, *alias;      /* "gzip", "x-gzip"; alias may be NULL */
    void *(*open)(void);
    /* MORE: all input taken, more is needed. FULL: room used up, call again. END: the stream is complete. */
    enum wd_coding_got (*run)(void *state, struct wd_bytes *in, uint8_t *out, size_t room, size_t *made);
    void (*close)(void *state);
    bool (*is_whole)(const void *state);   /* what has come so far is a complete stream */
    /* NULL, both: it cannot tell. The marks die at the next run. */
    struct wd_bit_marks (*marks)(const void *state);
    /* After BAD: how many of the bytes taken belong to what is broken, however they were cut. */
    uint64_t (*broken)(const void *state);
};

const struct wd_coding *wd_coding_find(struct wd_bytes name);   /* case folded; NULL: not supported */

#endif
