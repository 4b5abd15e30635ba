/* model/encodings.h - what the values of a Protobuf field would take in other wire types.
 *
 * Shape   plain sums over every occurrence in Protobuf messages, so that parts add up; all zero elsewhere.
 *         Made by profile/encodings.c, judged by the rule wire-type.
 * Units   bytes unless the name says otherwise.
 * Owns    nothing: a plain value.
 * Source  Protocol Buffers encoding.
 */
#ifndef WD_MODEL_ENCODINGS_H
#define WD_MODEL_ENCODINGS_H

#include "base/bytes.h"

#define WD_ENCODINGS(X) \
    X(records)        /* records on the wire, each with a tag: a packed one is one */ \
    X(integers)       /* values that are whole numbers, but for defaults that are not sent */ \
    X(varint_bytes)   /* of those, each as a plain varint: a negative one takes 10 */ \
    X(zigzag_bytes)   /* of the same, each in zigzag */ \
    X(negatives)      /* of the same, those below zero */ \
    X(packed_bytes)   /* of numbers in lists: tags, lengths and values, were each list one packed record */ \
    X(uuids)          /* texts that are a UUID in 36 characters */ \
    X(words)          /* texts that could be the name of an enumerator */

struct wd_encodings {
#define MEMBER(name) uint64_t name;
    WD_ENCODINGS(MEMBER)
#undef MEMBER
};

/* Bytes of a varint. */
static inline uint32_t wd_varint_len(uint64_t value)
{
    return (uint32_t)(63 - __builtin_clzll(value | 1)) / 7 + 1;
}

#endif
