/* field/echo.h - the last message of a series, kept so that the next one is read only where it differs.
 *
 * Shape   the text of a message and an entry for each value, in wire order. match() finds where another body
 *         has other scalars, or more or fewer elements at the end of an array; it makes the echo the new
 *         message's and tells of each difference. Anything else (another key, order, white space, nesting) is
 *         no match: the message is to be walked.
 * Units   offsets and lengths in bytes of the text, which has at most WD_ECHO_TEXT.
 * Owns    text and entries, in one block. match() allocates nothing of its own.
 * Errors  none. What match() accepts is well-formed JSON because the last message was and each scalar that
 *         differs is.
 * Source  RFC 8259.
 */
#ifndef WD_FIELD_ECHO_H
#define WD_FIELD_ECHO_H

#include "model/field.h"

enum { WD_ECHO_TEXT = UINT16_MAX };

enum {  /* in the flags of an entry, beside those of the field */
    WD_ECHO_ELEMENT = 64,    /* element of an array that stands only once in a message: their number may change */
    WD_ECHO_FIXED = 128,     /* the message is another one when this value changes */
};

struct wd_echo_entry {
    uint32_t row, place;     /* the owner's: whose value it is, and the how manieth of that row */
    uint32_t since;          /* the owner's number of the last message for which it was counted */
    uint32_t end;            /* one past the scalar, or past the opening bracket */
    uint16_t key_len, value_len, syntax_len, space_len;
    uint16_t depth;
    uint8_t type, flags;
};

struct wd_echo {
    struct wd_echo_entry *entries;
    uint8_t *text;           /* behind the entries */
    uint32_t count, cap;
    uint32_t len, text_cap;
};

/* What match() found: where scalars differ or were added, in wire order, and what is gone. One for all
 * echoes. */
struct wd_echo_diff {
    struct wd_tape edits;    /* fields of the new body; `path` is the number of the entry, which still has the old lengths */
    struct wd_echo_entry *removed;
    uint32_t removed_count, removed_cap;
};
void wd_echo_diff_free(struct wd_echo_diff *diff);

/* Room for so many; what was there is lost. Returns by how many bytes the block grew. */
size_t wd_echo_reserve(struct wd_echo *echo, uint32_t entries, uint32_t text);
size_t wd_echo_size(const struct wd_echo *echo);
void wd_echo_free(struct wd_echo *echo);

/* True: the echo is that of `body` now, but for the lengths, types and flags of the entries in diff->edits,
 * which the owner sets. Added ones have `since` == now. False: no match; then what the last message had are
 * the entries whose `since` is less than `now` and those in diff->removed, and the echo is of no further
 * use. */
bool wd_echo_match(struct wd_echo *echo, struct wd_bytes body, uint32_t now, struct wd_echo_diff *diff);

#endif
