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
    struct wd_bit_marks marks;
    size_t next;                    /* first mark that does not end before `at` */
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

/* Bits of the body's bytes from w->at to `off`, where w->at is then. */
static inline uint64_t advance(struct walk *w, uint64_t off)
{
    uint64_t before = w->cost;
    if (off <= w->at)
        return 0;
    while (w->next < w->marks.count && w->marks.at[w->next].end <= off) {
        w->before += w->marks.at[w->next].bits;
        w->start = w->marks.at[w->next++].end;
    }
    w->at = off;
    w->cost = w->before;
    if (off > w->start && w->next < w->marks.count)
        w->cost += part_of((uint32_t)(off - w->start), w->marks.at[w->next].bits, w->marks.at[w->next].end - w->start);
    return w->cost - before;
}

/* One that the body breaks off inside has no end: its offset is 0 and nothing is left to bear. */
static void close_one(struct walk *w, const struct wd_tape *tape, uint64_t *out)
{
    uint32_t field = w->open[--w->depth];
    out[field] += advance(w, tape->fields[field].close_off);
}

static bool is_container(const struct wd_field *f)
{
    return f->type == WD_TYPE_OBJECT || f->type == WD_TYPE_ARRAY;
}

/* Without marks: what one symbol would cost that made all of the body. */
static void share_evenly(const struct wd_tape *tape, uint64_t body_len, uint64_t bits, uint64_t *out)
{
    uint64_t bytes = 0, cost = 0;
    for (uint32_t i = 0; i < tape->count; i++) {
        const struct wd_field *f = &tape->fields[i];
        bytes += (uint64_t)f->key_len + f->value_len + f->syntax_len + f->space_len;
        uint64_t upto = (uint64_t)((unsigned __int128)bits * bytes / body_len);
        out[i] = upto - cost;
        cost = upto;
    }
}

void wd_tape_cost(const struct wd_tape *tape, uint64_t body_len, struct wd_bit_marks marks, uint64_t bits, uint64_t *out)
{
    struct walk w;  /* the stack is not cleared: only levels below `depth` are read */
    if (tape->count == 0)
        return;
    if (!marks.at && body_len) {
        share_evenly(tape, body_len, bits, out);
        return;
    }
    w.marks = marks;
    w.next = 0;
    w.start = w.depth = 0;
    w.before = w.at = w.cost = 0;
    for (uint32_t i = 0; i < tape->count; i++) {
        const struct wd_field *f = &tape->fields[i];
        while (w.depth > f->depth)
            close_one(&w, tape, out);
        out[i] = advance(&w, (uint64_t)f->value_off + (is_container(f) ? 1 : f->value_len));
        if (is_container(f) && w.depth <= WD_DEPTH_MAX)
            w.open[w.depth++] = i;
    }
    while (w.depth)
        close_one(&w, tape, out);
    out[0] += advance(&w, body_len);
    out[0] += bits - w.cost;
}
