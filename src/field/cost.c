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

/* A place among the marks. */
struct marks {
    const struct wd_bit_mark *next, *end;   /* those that have not begun */
    uint64_t start, stop;                   /* the bytes of the one that has; UINT64_MAX: none is left */
    uint64_t bits;
    uint64_t scale;                         /* 2^32 times the bits of a byte, rounded up; 0: nobody asked yet */
    uint64_t before;                        /* bits of those that are over */
};

/* Up to this many bytes of a symbol a product is as good as a division: what rounding up adds to n * scale is
 * less than n, and n * bits / len is short of the next whole number by 1 / len or more. Together they do not
 * reach it while n * len < 2^32. */
enum { FEW = UINT16_MAX };

static void next_mark(struct marks *m)
{
    m->before += m->bits;
    m->start = m->stop;
    m->stop = m->next < m->end ? m->next->end : UINT64_MAX;
    m->bits = m->next < m->end ? m->next++->bits : 0;
    m->scale = 0;
}

static struct marks begin(struct wd_bit_marks marks)
{
    struct marks m = { .next = marks.at, .end = marks.at ? marks.at + marks.count : NULL };
    next_mark(&m);
    return m;
}

/* Bits of the first `off` bytes of the body; never asked for fewer than before. */
static inline uint64_t upto(struct marks *m, uint64_t off)
{
    while (off >= m->stop)
        next_mark(m);
    uint64_t n = off - m->start, len = m->stop - m->start;
    if (n == 0)   /* the end of a symbol, such as every literal is */
        return m->before;
    if (len > FEW)
        return m->before + n * m->bits / len;
    if (!m->scale)
        m->scale = ((m->bits << 32) + len - 1) / len;
    return m->before + (n * m->scale >> 32);
}

/* A stack of containers that are open. It is not cleared: only levels below `depth` are read. */
struct open {
    uint32_t at[WD_DEPTH_MAX + 1];
    uint32_t depth;
};

static bool is_container(uint8_t type)
{
    return type == WD_TYPE_OBJECT || type == WD_TYPE_ARRAY;
}

/* Without marks: what one symbol would cost that made all of the body. */
struct even { uint64_t bits, body_len, bytes, cost; };

/* bits * bytes / len; `bytes` is at most `len`, and when it is `len` the result is `bits`. */
static uint64_t part_of(uint64_t bits, uint64_t bytes, uint64_t len)
{
    for (; len > UINT32_MAX; len /= 2)
        bytes /= 2;   /* such a body was not read: nobody misses the difference */
    return bits / len * bytes + bits % len * bytes / len;
}

static uint64_t share_evenly(struct even *e, uint64_t bytes)
{
    uint64_t before = e->cost;
    e->bytes += bytes;
    e->cost = part_of(e->bits, e->bytes, e->body_len);
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

struct walk {
    struct marks marks;
    struct open open;
    uint64_t at, cost;              /* a place in the body, and the bits of all bytes before it */
};

/* Bits of the body's bytes from w->at to `off`, where w->at is then. */
static uint64_t advance(struct walk *w, uint64_t off)
{
    uint64_t before = w->cost;
    if (off <= w->at)
        return 0;
    w->at = off;
    w->cost = upto(&w->marks, off);
    return w->cost - before;
}

/* One that the body breaks off inside has no end: its offset is 0 and nothing is left to bear. */
static void close_field(struct walk *w, const struct wd_tape *tape, uint64_t *out)
{
    uint32_t field = w->open.at[--w->open.depth];
    out[field] += advance(w, tape->fields[field].close_off);
}

void wd_tape_cost(const struct wd_tape *tape, uint64_t body_len, struct wd_bit_marks marks, uint64_t bits,
                  uint64_t *out)
{
    struct walk w;
    if (tape->count == 0)
        return;
    if (!marks.at && body_len) {
        share_tape(tape, body_len, bits, out);
        return;
    }
    w.marks = begin(marks);
    w.at = w.cost = w.open.depth = 0;
    for (uint32_t i = 0; i < tape->count; i++) {
        const struct wd_field *f = &tape->fields[i];
        while (w.open.depth > f->depth)
            close_field(&w, tape, out);
        uint32_t bracket = is_container(f->type) && !(f->flags & WD_FIELD_BINARY);
        out[i] = advance(&w, (uint64_t)f->value_off + bracket + f->value_len);
        if (is_container(f->type) && w.open.depth <= WD_DEPTH_MAX)
            w.open.at[w.open.depth++] = i;
    }
    while (w.open.depth)
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
        uint64_t bytes = (uint64_t)e->key_len + e->value_len + e->syntax_len + e->space_len;
        out[i] = share_evenly(&even, bytes) - 8 * bytes;
    }
}

/* A walk over the entries; `before`: the bits of what is behind, less eight for each byte. */
struct echo_walk {
    struct marks marks;
    struct open open;
    uint64_t before;
    uint32_t at;
};

/* What the bytes from s->at to `off` bear, where s->at is then. */
static inline uint64_t walk_to(struct echo_walk *s, uint32_t off)
{
    uint64_t now = upto(&s->marks, off) - UINT64_C(8) * off, between = now - s->before;
    s->at = off;
    s->before = now;
    return between;
}

/* The innermost container ends here: the text is well-formed, so before its bracket is nothing but white
 * space. */
static inline void close_entry(struct echo_walk *s, const struct wd_echo *echo, uint64_t *out)
{
    uint32_t off = s->at;
    while (off < echo->len && echo->text[off] <= ' ')
        off++;
    out[s->open.at[--s->open.depth]] += walk_to(s, off + 1);
}

void wd_echo_cost(const struct wd_echo *echo, struct wd_bit_marks marks, uint64_t bits, uint64_t *out)
{
    struct echo_walk s;
    if (!marks.at) {
        share_echo(echo, bits, out);
        return;
    }
    s.marks = begin(marks);
    s.open.depth = s.at = 0;
    s.before = 0;
    for (uint32_t i = 0; i < echo->count; i++) {
        const struct wd_echo_entry *e = &echo->entries[i];
        while (s.open.depth > e->depth)
            close_entry(&s, echo, out);
        out[i] = walk_to(&s, e->end);
        s.open.at[s.open.depth] = i;
        s.open.depth += is_container(e->type);
    }
    while (s.open.depth)
        close_entry(&s, echo, out);
    out[0] += bits - UINT64_C(8) * echo->len - s.before;
}
