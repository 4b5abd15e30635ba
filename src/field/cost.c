/* field/cost.c - the tape again, this time for where each byte lies:
 *
 *     {"a":[1, 2]}      entry        from the end of what came before to
 *     |    ||  | ||     {            its bracket
 *     |    ||  | |}     "a":[        its bracket
 *     |    ||  ]        1            its end
 *     |    |, 2         , 2          its end
 *     |    1            [ again      its closing bracket
 *     "a":[             { again      its closing bracket
 */
#include "field/cost.h"

#include "field/codec.h"

struct walk {
    const struct wd_bit_mark *next, *end;  /* marks: the first that does not end before `at` */
    uint32_t start;                 /* where that mark's bytes begin */
    uint64_t before;                /* bits of all marks before it */
    uint64_t at, cost;              /* a place in the body, and the bits of all bytes before it */
    uint32_t open[WD_DEPTH_MAX + 1];
    uint32_t depth;
};

/* Bits of the first n bytes that a symbol of `len` bytes made. Of most symbols both fit 32 bits, in which division is quick. */
static uint64_t part_of(uint32_t n, uint32_t bits, uint32_t len)
{
    if (bits <= UINT16_MAX && len <= UINT16_MAX)
        return n * bits / len;
    return (uint64_t)n * bits / len;
}

static inline void begin(struct walk *w, struct wd_bit_marks marks)
{
    w->next = marks.at;
    w->end = marks.at + marks.count;
    w->start = w->depth = 0;
    w->before = w->at = w->cost = 0;
}

/* Bits of the body's bytes from w->at to `off`, where w->at is then. */
static inline uint64_t advance(struct walk *w, uint64_t off)
{
    uint64_t before = w->cost;
    if (off <= w->at)
        return 0;
    for (; w->next < w->end && w->next->end <= off; w->next++) {
        w->before += w->next->bits;
        w->start = w->next->end;
    }
    w->at = off;
    w->cost = w->before;
    if (off > w->start && w->next < w->end)
        w->cost += part_of((uint32_t)(off - w->start), w->next->bits, w->next->end - w->start);
    return w->cost - before;
}

static bool is_container(uint8_t type)
{
    return type == WD_TYPE_OBJECT || type == WD_TYPE_ARRAY;
}

/* Without marks: what one symbol would cost that made all of the body. */
struct even { uint64_t bits, body_len, bytes, cost; };

static uint64_t share_evenly(struct even *e, uint64_t bytes)
{
    uint64_t before = e->cost;
    e->bytes += bytes;
    e->cost = (uint64_t)((unsigned __int128)e->bits * e->bytes / e->body_len);
    return e->cost - before;
}

/* --- the tape of a body --- */

static void share_tape(const struct wd_tape *tape, uint64_t body_len, uint64_t bits, uint64_t *out)
{
    struct even even = { .bits = bits, .body_len = body_len };
    for (uint32_t i = 0; i < tape->count; i++) {
        const struct wd_field *f = &tape->fields[i];
        out[i] = share_evenly(&even, (uint64_t)f->key_len + f->value_len + f->syntax_len + f->space_len);
    }
}

/* One that the body breaks off inside has no end: its offset is 0 and nothing is left to bear. */
static void close_field(struct walk *w, const struct wd_tape *tape, uint64_t *out)
{
    uint32_t field = w->open[--w->depth];
    out[field] += advance(w, tape->fields[field].close_off);
}

void wd_tape_cost(const struct wd_tape *tape, uint64_t body_len, struct wd_bit_marks marks, uint64_t bits, uint64_t *out)
{
    struct walk w;  /* the stack is not cleared: only levels below `depth` are read */
    if (tape->count == 0)
        return;
    if (!marks.at && body_len) {
        share_tape(tape, body_len, bits, out);
        return;
    }
    begin(&w, marks);
    for (uint32_t i = 0; i < tape->count; i++) {
        const struct wd_field *f = &tape->fields[i];
        while (w.depth > f->depth)
            close_field(&w, tape, out);
        out[i] = advance(&w, (uint64_t)f->value_off + (is_container(f->type) ? 1 : f->value_len));
        if (is_container(f->type) && w.depth <= WD_DEPTH_MAX)
            w.open[w.depth++] = i;
    }
    while (w.depth)
        close_field(&w, tape, out);
    out[0] += advance(&w, body_len);
    out[0] += bits - w.cost;
}

/* --- the echo of one --- */

static void share_echo(const struct wd_echo *echo, uint64_t bits, uint64_t *out)
{
    struct even even = { .bits = bits, .body_len = echo->len };
    for (uint32_t i = 0; i < echo->count; i++) {
        const struct wd_echo_entry *e = &echo->entries[i];
        out[i] = share_evenly(&even, (uint64_t)e->key_len + e->value_len + e->syntax_len + e->space_len);
    }
}

/* The text is well-formed: what stands here is white space and the closing bracket. */
static inline void close_entry(struct walk *w, const struct wd_echo *echo, uint64_t *out)
{
    uint64_t off = w->at;
    while (off < echo->len && echo->text[off] <= ' ')
        off++;
    out[w->open[--w->depth]] += advance(w, off + 1);
}

void wd_echo_cost(const struct wd_echo *echo, struct wd_bit_marks marks, uint64_t bits, uint64_t *out)
{
    struct walk w;
    if (!marks.at) {
        share_echo(echo, bits, out);
        return;
    }
    begin(&w, marks);
    for (uint32_t i = 0; i < echo->count; i++) {
        const struct wd_echo_entry *e = &echo->entries[i];
        while (w.depth > e->depth)
            close_entry(&w, echo, out);
        out[i] = advance(&w, e->end);
        if (is_container(e->type))
            w.open[w.depth++] = i;
    }
    while (w.depth)
        close_entry(&w, echo, out);
    out[0] += advance(&w, echo->len);
    out[0] += bits - w.cost;
}
