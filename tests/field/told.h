/* tests/field/told.h - random values, told to a JSON writer and to somebody else's binary encoder at once, and what each value
 * took of the latter. */
#ifndef WD_TESTS_FIELD_TOLD_H
#define WD_TESTS_FIELD_TOLD_H

#include "base/buf.h"

enum told_kind { TOLD_NULL, TOLD_BOOLEAN, TOLD_INTEGER, TOLD_DOUBLE, TOLD_TEXT, TOLD_BYTES, TOLD_ARRAY, TOLD_MAP, TOLD_END };

/* What an encoder is told, in the order of the wire. */
struct told_event {
    enum told_kind kind;
    bool is_true, is_negative;
    bool is_open;              /* an array or map, and its END, whose length is not told */
    uint64_t magnitude;        /* of an integer; of a negative one from 1 to 2^63 */
    double number;
    struct wd_bytes text;
    uint32_t count;            /* of elements or members */
};
typedef void told_encoder(const struct told_event *event, struct wd_buf *out);

struct told_share { uint32_t key, value, syntax; };

struct told {
    told_encoder *encode;
    bool has_open;             /* the encoder knows containers of unknown length */
    uint64_t shape, change;    /* dice: of what a message looks like, of the values that change from one to the next */
    struct wd_buf json, packed;
    struct told_share *shares; /* by value */
    size_t count, cap;
    uint32_t key_len;          /* of the value to come */
};

/* One more message in place of the last: the same `shape` gives the same fields, and most of the same values. */
void told_draw(struct told *t);
void told_free(struct told *t);

/* msgpack-c and libcbor. */
void told_to_msgpack(const struct told_event *event, struct wd_buf *out);
void told_to_cbor(const struct told_event *event, struct wd_buf *out);

#endif
