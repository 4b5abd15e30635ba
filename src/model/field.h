/* model/field.h - where each byte of a message went.
 *
 * Shape   field/ walks a body once and writes a tape: one entry per value, in wire order, a container before
 *         its members. Entries of one body tile it: the four shares of all entries add up to the body's
 *         length. `bytes` are exclusive: a container holds its brackets; a member its key, its colon and the
 *         comma before or after it (the comma belongs to the element after it); whitespace goes to the token
 *         that follows, at the end of a container to the container.
 *         Binary codecs own bytes the same way; what is key, value and syntax in each stands at the top of
 *         its file.
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
    WD_FIELD_DECIMAL = 16,   /* a number that mantissa and exponent hold exactly: in text one of at most 19 digits */
    WD_FIELD_NEGATIVE = 32,
    WD_FIELD_BINARY = 64,    /* the value is no JSON text: see text_off, mantissa; field/text.h reads it */
    WD_FIELD_SYMBOL = 128,   /* a string that the body has only the number of: see symbol */
};

struct wd_field {
    uint32_t path;           /* node of the path tree */
    uint8_t type;            /* enum wd_type */
    uint8_t flags;
    uint16_t depth;          /* containers around it; root 0 */
    uint32_t key_off, key_len;      /* key_len 0: none */
    uint32_t value_off, value_len;  /* scalars; for a container the offset of its bracket (in binary: where its content starts) and 0 */
    uint32_t syntax_len, space_len;
    uint32_t close_off;             /* of a container: one past its closing bracket (in binary: its content); 0: the body broke off before */
    int32_t exponent;               /* with WD_FIELD_DECIMAL: mantissa * 10^exponent, the mantissa without zeros at its end */
    union {
        uint64_t mantissa;          /* of a binary number that is not DECIMAL: the bits of a double */
        struct { uint32_t text_off, text_len; };  /* of a binary string or of bytes: where its content stands, without heads */
        const struct wd_bytes *symbol;  /* with WD_FIELD_SYMBOL: what the layout calls it; lives as long as that */
    };
};

struct wd_tape {
    struct wd_field *fields;
    uint32_t count, cap;
    uint32_t most;           /* limit `values`: a walk that has so many stops with a fault */
    const char *fault;       /* literal: why the rest is malformed; NULL when the body was well-formed */
    uint32_t fault_off;
    uint32_t unknown;        /* values that no schema declares, so that they were read by number */
    uint32_t variant;        /* path of the member that names the message (the set member of an envelope's oneof); WD_PATH_NONE */
    struct wd_bytes schema_name;  /* unqualified name of the message or record that the layout describes; "" none */
};

#endif
