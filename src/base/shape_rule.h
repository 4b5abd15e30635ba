/* base/shape_rule.h - how the validators of base/shape.h are written. Private to src/base/shape*.c.
 *
 * Shape   one pass over a value gives the set of byte classes that occur in it; a rule is tried only on
 * values whose length, first byte and classes fit, so that most values meet no validator at all. Owns
 * nothing. A rule reads the value and returns the shapes it proves.
 */
#ifndef WD_BASE_SHAPE_RULE_H
#define WD_BASE_SHAPE_RULE_H

#include "base/shape.h"

/* Classes of bytes, bits of a set. */
enum {
    C_DIGIT = 1 << 0,
    C_HEX_LOWER = 1 << 1,   /* a-f */
    C_HEX_UPPER = 1 << 2,   /* A-F */
    C_LOWER = 1 << 3,       /* g-z */
    C_UPPER = 1 << 4,       /* G-Z */
    C_SPACE = 1 << 5,
    C_BREAK = 1 << 6,       /* tab, LF, CR */
    C_CONTROL = 1 << 7,
    C_HIGH = 1 << 8,        /* 0x80-0xff: UTF-8 beyond ASCII */
    C_AT = 1 << 9,
    C_DOT = 1 << 10,
    C_COLON = 1 << 11,
    C_DASH = 1 << 12,
    C_PLUS = 1 << 13,
    C_SLASH = 1 << 14,
    C_EQUALS = 1 << 15,
    C_UNDERSCORE = 1 << 16,
    C_PAREN = 1 << 17,
    C_COMMA = 1 << 18,
    C_PERCENT = 1 << 19,
    C_TILDE = 1 << 20,
    C_BRACE = 1 << 21,      /* { } [ ] */
    C_QUOTE = 1 << 22,      /* ' " */
    C_QUERY = 1 << 23,      /* ? # & */
    C_OTHER = 1 << 24,

    C_HEX = C_DIGIT | C_HEX_LOWER | C_HEX_UPPER,
    C_SMALL = C_HEX_LOWER | C_LOWER,
    C_BIG = C_HEX_UPPER | C_UPPER,
    C_ALPHA = C_SMALL | C_BIG,
    C_ALNUM = C_ALPHA | C_DIGIT,
    C_ANY = (1 << 25) - 1,
    C_PRINT = C_ANY & ~(C_SPACE | C_BREAK | C_CONTROL),
};

extern const uint32_t wd_byte_class[256];

struct wd_value {
    struct wd_bytes text;
    uint32_t seen;        /* classes that occur */
    int64_t capture_ns;   /* anchor of the epoch shapes; 0: none */
};

#define SHAPE(id) (UINT64_C(1) << WD_SHAPE_##id)

static inline bool wd_is_class(uint8_t byte, uint32_t classes) { return wd_byte_class[byte] & classes; }

/* The number of bytes at the start of `text` from `off` on that are of these classes. */
static inline size_t wd_run(struct wd_bytes text, size_t off, uint32_t classes)
{
    size_t i = off;
    while (i < text.len && wd_is_class(text.at[i], classes))
        i++;
    return i - off;
}

/* Is it all of this class, from off to the end? */
static inline bool wd_rest_is(struct wd_bytes text, size_t off, uint32_t classes)
{
    return off + wd_run(text, off, classes) == text.len;
}

typedef uint64_t wd_shape_fn(const struct wd_value *v);

/* shape_digits.c: numbers, phones, cards, IBAN, IMEI, postal codes */
wd_shape_fn wd_shape_number, wd_shape_digits, wd_shape_phone, wd_shape_card, wd_shape_iban, wd_shape_postal;
/* shape_time.c: dates, stamps, epochs, versions */
wd_shape_fn wd_shape_time, wd_shape_version;
uint64_t wd_shape_epoch(uint64_t whole, size_t digits, bool has_fraction, int64_t capture_ns);
/* shape_address.c: mail, network addresses, URLs, browsers */
wd_shape_fn wd_shape_email, wd_shape_ipv4, wd_shape_ipv6, wd_shape_mac, wd_shape_uuid, wd_shape_url,
    wd_shape_path, wd_shape_agent, wd_shape_pair;
/* shape_secret.c: tokens, keys, hashes, encodings */
wd_shape_fn wd_shape_jwt, wd_shape_pem, wd_shape_authorization, wd_shape_vendor, wd_shape_entropy,
    wd_shape_hex, wd_shape_base64;
/* shape_words.c: names, prose, JSON in a string */
wd_shape_fn wd_shape_words, wd_shape_json;

#endif
