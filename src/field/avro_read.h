/* field/avro_read.h - what avro.c and avro_file.c read alike: Avro's numbers and lengths, and a walk.
 *
 * Shape   a walk reads values of a type, one after the other, with an explicit stack. What is read before the
 *         value that it belongs to waits in `syntax` and in the key. A value without bytes spends from a
 *         budget.
 * Units   offsets in bytes from the start of the body.
 * Owns    nothing; the entries go to the tape.
 * Errors  the cursor's fault: the first thing that does not fit; nothing is read after it.
 * Source  Apache Avro 1.11 specification: Binary Encoding.
 */
#ifndef WD_FIELD_AVRO_READ_H
#define WD_FIELD_AVRO_READ_H

#include "base/cursor.h"
#include "field/codec.h"

struct wd_avro_level {
    const struct wd_avro_type *type;
    uint64_t left;      /* items of the block that are still to come; the next field of a record */
    uint64_t block_end; /* where the block ends, when it says so; 0: it does not */
    uint32_t field;     /* index of the container on the tape */
    uint32_t path;
    uint32_t child_path; /* node of the last member; WD_PATH_NONE at first */
};

struct wd_avro_walk {
    struct wd_cursor c;
    struct wd_paths *paths;
    struct wd_path_note *notes; /* of the tree's nodes: the field that a node was last for */
    struct wd_tape *tape;
    uint32_t syntax; /* bytes that wait for the value they belong to */
    uint32_t key_off, key_len;
    uint64_t paid;  /* up to here bytes have been spent on values */
    uint64_t spent; /* values that had none */
    uint32_t depth, max_depth;
    struct wd_avro_level stack[WD_DEPTH_MAX];
};

static inline void wd_avro_fail(struct wd_cursor *c, const char *why)
{
    if (!c->fault)
        c->fault = why;
}

/* int and long: seven bits at a time, the lowest first, the sign in the lowest bit. */
int64_t wd_avro_long_rest(struct wd_cursor *c);
static inline int64_t wd_avro_long(struct wd_cursor *c)
{
    if (!c->fault && c->off < c->len && c->at[c->off] < 0x80) {
        uint8_t b = c->at[c->off++];
        return (int64_t)(b >> 1) ^ -(int64_t)(b & 1);
    }
    return wd_avro_long_rest(c);
}

/* A length and as many bytes. */
struct wd_bytes wd_avro_take(struct wd_cursor *c);

/* Records, nulls and the like take no byte. More of them than there are bytes, and this many, is no message
 * but an attack: an array of 2^62 nulls takes ten bytes. */
enum { WD_AVRO_FREE_VALUES = 1 << 12 };

/* The entry of a value that begins at `start` and ends here, with what waited for it. */
static inline struct wd_field *wd_avro_emit(struct wd_avro_walk *w, uint32_t path, uint8_t type, size_t start)
{
    struct wd_field *f = wd_tape_push(w->tape);
    f->path = path;
    f->type = type;
    f->flags = WD_FIELD_BINARY;
    f->depth = (uint16_t)w->depth;
    f->key_off = w->key_off;
    f->key_len = w->key_len;
    f->value_off = (uint32_t)start;
    f->value_len = (uint32_t)(w->c.off - start);
    f->syntax_len = w->syntax;
    f->space_len = f->close_off = 0;
    f->exponent = 0;
    f->mantissa = 0;
    w->syntax = w->key_len = 0;
    if (w->c.off == w->paid && ++w->spent > WD_AVRO_FREE_VALUES + w->c.off)
        wd_avro_fail(&w->c, "too many values without bytes");
    w->paid = w->c.off;
    return f;
}
/* One value of the type, with all that is in it. */
void wd_avro_walk_value(struct wd_avro_walk *w, const struct wd_avro_type *type, uint32_t path);

/* The node of what an array or a map at `parent` holds. */
uint32_t wd_avro_entry_path(struct wd_avro_walk *w, uint32_t parent, bool is_map);
/* Unqualified; empty of what is no record. */
struct wd_bytes wd_avro_record_name(const struct wd_avro_type *type);

/* avro_file.c: a body that begins like a container file; `item`: what its records are. */
bool wd_avro_is_file(struct wd_bytes body);
void wd_avro_walk_file(struct wd_avro_walk *w, const struct wd_avro_type *item);

#endif
