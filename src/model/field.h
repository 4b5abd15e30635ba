/* model/field.h - where each byte of a message went.
 *
 * Shape   field/ walks a body once and writes a tape: one entry per value, in wire order, a container before
 *         its members. Entries of one body tile it: the four shares of all entries add up to the body's
 *         length. `bytes` are exclusive: a container holds its brackets; a member its key, its colon and the
 *         comma before or after it (the comma belongs to the element after it); whitespace goes to the token
 *         that follows, at the end of a container to the container.
 * Units   offsets and lengths in bytes from the start of the body. JSON key_len and value_len include quotes.
 * Owns    the tape is the walker's, reused for each message; paths belong to the path tree (field/path.h).
 * Source  design: exact accounting, field paths. RFC 8259.
 */
#ifndef WD_MODEL_FIELD_H
#define WD_MODEL_FIELD_H

#include "base/bytes.h"

#define WD_TYPES(X) \
    X(NULL, "null") X(BOOLEAN, "boolean") X(INTEGER, "integer") X(NUMBER, "number") X(STRING, "string") \
    X(ARRAY, "array") X(OBJECT, "object") X(BYTES, "bytes")

enum wd_type {
#define ROW(id, name) WD_TYPE_##id,
    WD_TYPES(ROW)
#undef ROW
    WD_TYPE_COUNT
};
extern const char *const wd_type_names[WD_TYPE_COUNT];

enum {
    WD_FIELD_EMPTY = 1,      /* {} [] "" : an empty container counts as a value of length 0 */
    WD_FIELD_ESCAPED = 2,    /* a string with escapes, or a number not in canonical notation: compare by meaning */
    WD_FIELD_MALFORMED = 4,  /* the opaque rest of a body that broke */
    WD_FIELD_OPAQUE = 8,     /* a body that is not structured: one value at the root */
    WD_FIELD_DECIMAL = 16,   /* a number of at most 19 digits: mantissa and exponent hold it exactly */
    WD_FIELD_NEGATIVE = 32,
};

struct wd_field {
    uint32_t path;           /* node of the path tree */
    uint8_t type;            /* enum wd_type */
    uint8_t flags;
    uint16_t depth;          /* root 0 */
    uint32_t key_off, key_len;      /* key_len 0: none */
    uint32_t value_off, value_len;  /* scalars; for a container the offset of its bracket and 0 */
    uint32_t syntax_len, space_len;
    uint32_t close_off;             /* of a container: one past its closing bracket; 0: the body broke off before */
    int32_t exponent;               /* with WD_FIELD_DECIMAL: mantissa * 10^exponent, the mantissa without zeros at its end */
    uint64_t mantissa;
};

struct wd_tape {
    struct wd_field *fields;
    uint32_t count, cap;
    const char *fault;       /* literal: why the rest is malformed; NULL when the body was well-formed */
    uint32_t fault_off;
};

#endif
