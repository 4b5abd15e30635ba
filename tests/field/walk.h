/* tests/field/walk.h - vectors of binary codecs, and the properties that come with each: the fields tile the body, every
 * truncation tiles too and is malformed, twice is the same. */
#ifndef WD_TESTS_FIELD_WALK_H
#define WD_TESTS_FIELD_WALK_H

#include "field/codec.h"

struct walk_vector {
    const char *hex;      /* the body; spaces are left out */
    const char *fields;   /* "path key+value+syntax type=text;" for each entry, bytes as hex; NULL: only that it has the fault */
    const char *fault;    /* NULL: it is well-formed */
};

void assert_walks(const struct wd_codec *codec, const struct walk_vector *vectors, size_t count);

/* One scalar: "type=text", bytes as hex. */
struct walk_scalar { const char *hex, *says; };
void assert_says(const struct wd_codec *codec, const struct walk_scalar *scalars, size_t count);

/* 100,000 times the same byte. */
void assert_depth(const struct wd_codec *codec, uint8_t initial, const char *fault);

/* A first message of these bytes, and as text, is taken for that codec. */
struct walk_first { const char *hex, *codec; };
void assert_taken(const struct walk_first *firsts, size_t count);

void put_unhexed(struct wd_buf *out, const char *hex);

#endif
