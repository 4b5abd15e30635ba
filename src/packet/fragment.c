/* packet/fragment.c - fragments are held sorted by offset until they meet, from 0 to the one that has none
 * after it.
 *
 *      0         1480       2960      3100
 *     |[ piece  ]|[ piece  ]          |
 *                           [ last   ]|  total is known
 */
#include "packet/fragment.h"

#include "base/arena.h"
#include "base/buf.h"
#include "packet/load.h"

enum { DATAGRAMS = 256, DATAGRAM_BYTES = 65535 };
static const int64_t PATIENCE_NS = 30 * INT64_C(1000000000);

struct piece {
    uint32_t off, len;
    uint8_t *at;
};

struct datagram {
    struct wd_flow_key key;   /* addresses and VLANs; no ports yet */
    uint32_t id;
    uint8_t next;             /* type of the first header, as the first fragment says it */
    int64_t since_ns;
    uint64_t turn;            /* when it was begun: the oldest makes room */
    uint32_t total;           /* 0: the last fragment was not seen */
    uint64_t held;
    struct piece *pieces;     /* sorted, no overlap; NULL: a free place */
    size_t count, cap;
};

struct wd_fragments {
    uint64_t limit;
    struct wd_ledger *ledger;
    uint64_t turn;
    size_t used;              /* places that may be in use: those below */
    struct datagram datagrams[DATAGRAMS];
    struct wd_buf whole;
};

struct wd_fragments *wd_fragments_open(const struct wd_limits *limits, struct wd_ledger *ledger)
{
    struct wd_fragments *f = wd_alloc(sizeof *f);
    f->limit = limits->fragments;
    f->ledger = ledger;
    return f;
}

static void forget(struct datagram *d)
{
    for (size_t i = 0; i < d->count; i++)
        wd_free(d->pieces[i].at);
    wd_free(d->pieces);
    memset(d, 0, sizeof *d);
}

static void lose(struct wd_fragments *f, uint64_t bytes)
{
    wd_ledger_undecoded(f->ledger, WD_REASON_FRAGMENT, bytes);
    f->ledger->reason_streams[WD_REASON_FRAGMENT]++;
}

static void give_up(struct wd_fragments *f, struct datagram *d)
{
    if (!d->pieces)
        return;
    lose(f, d->held);
    forget(d);
}

void wd_fragments_close(struct wd_fragments *f)
{
    if (!f)
        return;
    for (size_t i = 0; i < f->used; i++)
        give_up(f, &f->datagrams[i]);
    wd_buf_free(&f->whole);
    wd_free(f);
}

static bool is_of(const struct datagram *d, const struct wd_layers *l)
{
    return d->pieces && d->id == l->fragment_id && memcmp(&d->key, &l->key, sizeof d->key) == 0;
}

/* A free place, or the oldest datagram's. */
static struct datagram *make_room(struct wd_fragments *f)
{
    struct datagram *oldest = &f->datagrams[0];
    for (size_t i = 0; i < f->used; i++) {
        struct datagram *d = &f->datagrams[i];
        if (!d->pieces)
            return d;
        if (d->turn < oldest->turn)
            oldest = d;
    }
    if (f->used < DATAGRAMS)
        return &f->datagrams[f->used++];
    give_up(f, oldest);
    return oldest;
}

static struct datagram *find(struct wd_fragments *f, const struct wd_layers *l)
{
    for (size_t i = 0; i < f->used; i++) {
        struct datagram *d = &f->datagrams[i];
        if (!is_of(d, l))
            continue;
        if ((int64_t)((uint64_t)l->packet->ts_ns - (uint64_t)d->since_ns) <= PATIENCE_NS)
            return d;
        give_up(f, d);
    }
    struct datagram *d = make_room(f);
    d->key = l->key;
    d->id = l->fragment_id;
    d->since_ns = l->packet->ts_ns;
    d->turn = ++f->turn;
    return d;
}

static void insert(struct datagram *d, uint32_t off, struct wd_bytes data)
{
    WD_GROW(d->pieces, d->count, d->cap);
    size_t i = d->count++;
    for (; i > 0 && d->pieces[i - 1].off > off; i--)
        d->pieces[i] = d->pieces[i - 1];
    d->pieces[i] = (struct piece){ off, (uint32_t)data.len, wd_alloc(data.len) };
    memcpy(d->pieces[i].at, data.at, data.len);
    d->held += data.len;
}

enum fit { FITS, REPEATS, CONTRADICTS };

static enum fit compare(const struct datagram *d, uint32_t off, struct wd_bytes data, bool has_more)
{
    uint32_t end = off + (uint32_t)data.len;
    if (d->total ? end > d->total || (!has_more && end != d->total) : false)
        return CONTRADICTS;
    for (size_t i = 0; i < d->count; i++) {
        const struct piece *p = &d->pieces[i];
        if (!has_more && p->off + p->len > end)
            return CONTRADICTS;
        if (off >= p->off + p->len || p->off >= end)
            continue;
        bool is_inside = off >= p->off && data.len <= p->len - (off - p->off);
        return is_inside && memcmp(p->at + (off - p->off), data.at, data.len) == 0 ? REPEATS : CONTRADICTS;
    }
    return FITS;
}

static bool join(struct wd_fragments *f, const struct datagram *d)
{
    if (!d->total || d->held != d->total)
        return false;
    wd_buf_reset(&f->whole);
    for (size_t i = 0; i < d->count; i++)
        wd_buf_put(&f->whole, wd_bytes_at(d->pieces[i].at, d->pieces[i].len));
    return true;
}

/* All but the last are a multiple of 8 long, none is empty, and no datagram is longer than a length field
 * can say. */
static bool is_sound(const struct wd_layers *l, struct wd_bytes data)
{
    return data.len && data.len == l->wire_left && data.len <= DATAGRAM_BYTES - l->fragment_off &&
           (!l->has_more || data.len % 8 == 0);
}

bool wd_fragments_add(struct wd_fragments *f, const struct wd_layers *l, struct wd_bytes *datagram,
                      uint8_t *protocol)
{
    struct wd_bytes data = wd_load_part(l->packet->bytes, l->at, l->end - l->at);
    if (!is_sound(l, data)) {
        lose(f, data.len);
        return false;
    }
    struct datagram *d = find(f, l);
    enum fit fit = compare(d, l->fragment_off, data, l->has_more);
    if (fit == REPEATS) {
        wd_ledger_add(f->ledger, WD_LAYER_DUPLICATE, data.len);
        return false;
    }
    if (fit == CONTRADICTS || d->count >= f->limit) {
        d->held += data.len;
        lose(f, d->held);
        forget(d);
        return false;
    }
    insert(d, l->fragment_off, data);
    if (!l->has_more)
        d->total = l->fragment_off + (uint32_t)data.len;
    if (l->fragment_off == 0)
        d->next = l->protocol;
    if (!join(f, d))
        return false;
    *datagram = wd_buf_bytes(&f->whole);
    *protocol = d->next;
    forget(d);
    return true;
}
