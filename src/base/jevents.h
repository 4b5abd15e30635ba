/* base/jevents.h - a JSON text in pieces of any size, as events: for inputs that are too large to hold.
 *
 * Shape   open / feed / finish. event() is called for each value, in order: OBJECT and ARRAY when they begin
 *         and END when they are over, scalars when they are whole. room() is asked when the string of a
 *         member or element begins, and says how much of it is kept; the rest is only counted.
 * Units   offsets in bytes from the start of the text. text: of a string with its escapes undone; half a
 *         surrogate pair is written as three bytes that are no UTF-8, so that whoever reads the text finds it
 *         broken.
 * Owns    a buffer for one string. Views die when event() returns.
 * Errors  `fault` is a literal once the text is no JSON, `offset` then where: what came before counts, what
 *         follows is not looked at. A negative return is event()'s and is passed on.
 * Source  RFC 8259.
 */
#ifndef WD_BASE_JEVENTS_H
#define WD_BASE_JEVENTS_H

#include "base/buf.h"

enum { WD_JKEY_MAX = 255, WD_JNUMBER_MAX = 64, WD_JDEPTH_MAX = 512 };

enum wd_jkind {
    WD_J_OBJECT,
    WD_J_ARRAY,
    WD_J_END,
    WD_J_STRING,
    WD_J_NUMBER,
    WD_J_TRUE,
    WD_J_FALSE,
    WD_J_NULL
};

struct wd_jevent {
    enum wd_jkind kind;
    struct wd_bytes
        key; /* of the member, its first WD_JKEY_MAX bytes; empty in arrays, at the root and for END */
    struct wd_bytes text; /* STRING: what was kept; NUMBER: as written, its first WD_JNUMBER_MAX bytes */
    uint64_t len;                /* of the whole text */
    uint64_t start,
        end; /* of the value; OBJECT, ARRAY: end is one past the bracket; END: start is its bracket */
    size_t depth;                /* containers around it */
};

typedef int wd_jevent_fn(void *ctx, const struct wd_jevent *event);
typedef uint64_t wd_jroom_fn(void *ctx, struct wd_bytes key, size_t depth);

struct wd_jevents {
    wd_jevent_fn *event;
    wd_jroom_fn *room;
    void *ctx;
    const char *fault;
    uint64_t offset;             /* bytes read so far; of the fault */
    bool is_over;                /* the root value is whole */

    /* its own */
    uint8_t state, hex_left, bom;
    bool is_key;
    uint32_t unit,
        high; /* of a \u escape: the digits so far; half a pair that waits for the other, 0: none */
    size_t depth;
    uint8_t is_array[WD_JDEPTH_MAX / 8];
    uint64_t start, len, room_left;
    struct wd_buf text, key;
    const char *word;            /* what is left of true, false or null */
    enum wd_jkind word_kind;
};

void wd_jevents_open(struct wd_jevents *j, wd_jevent_fn *event, wd_jroom_fn *room, void *ctx);
int wd_jevents_feed(struct wd_jevents *j, struct wd_bytes bytes);
/* The end of the text: a value that is not whole is a fault. */
int wd_jevents_finish(struct wd_jevents *j);
/* Ready for another text, offsets from 0; buffers are kept. */
void wd_jevents_reset(struct wd_jevents *j);
void wd_jevents_free(struct wd_jevents *j);

#endif
