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
#include "packet/tunnel.h"

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
    uint64_t head_link, head_ip;  /* bytes before and behind the data, of all its fragments */
    bool is_used;
    bool is_foreign;          /* UDP to no port of ours: nothing is held */
    bool has_start;           /* the first fragment was seen */
    struct piece *pieces;     /* sorted, no overlap */
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

/* Bytes of a datagram which will not be read: nobody knows whether UDP of which the ports were not seen is a
 * tunnel. */
static void lose(struct wd_fragments *f, const struct datagram *d, uint64_t bytes)
{
    if (d->is_foreign || (d->next == WD_PROTOCOL_UDP && !d->has_start)) {
        wd_ledger_add(f->ledger, WD_LAYER_OTHER, d->head_link + d->head_ip + bytes);
        return;
    }
    wd_ledger_add(f->ledger, WD_LAYER_LINK, d->head_link + (d->next == WD_PROTOCOL_TCP ? 0 : d->head_ip));
    wd_ledger_add(f->ledger, WD_LAYER_IP, d->next == WD_PROTOCOL_TCP ? d->head_ip : 0);
    wd_ledger_undecoded(f->ledger, WD_REASON_FRAGMENT, bytes);
    f->ledger->reason_streams[WD_REASON_FRAGMENT]++;
}

static void give_up(struct wd_fragments *f, struct datagram *d)
{
    if (d->is_used && !d->is_foreign)
        lose(f, d, d->held);
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
    return d->is_used && d->id == l->fragment_id && memcmp(&d->key, &l->key, sizeof d->key) == 0;
}

/* A free place, or the oldest datagram's. */
static struct datagram *make_room(struct wd_fragments *f)
{
    struct datagram *oldest = &f->datagrams[0];
    for (size_t i = 0; i < f->used; i++) {
        struct datagram *d = &f->datagrams[i];
        if (!d->is_used)
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
    d->is_used = true;
    d->next = l->protocol;
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

static void add_heads(struct datagram *d, const struct wd_layers *l)
{
    d->head_link += l->outside_link + l->link_end + (l->bytes.len - l->end);
    d->head_ip += l->outside_ip + l->at - l->link_end;
}

/* The first fragment tells the ports. */
static void note_start(struct datagram *d, const struct wd_layers *l, struct wd_bytes data)
{
    d->has_start = true;
    d->next = l->protocol;
    if (d->next == WD_PROTOCOL_UDP)
        d->is_foreign = !wd_tunnel_holds(d->next, data);
}

/* All bytes of it, which were seen so far, and, as long as it is remembered, those to come. */
static enum wd_became set_aside(struct wd_fragments *f, struct datagram *d, uint64_t bytes)
{
    for (size_t i = 0; i < d->count; i++)
        wd_free(d->pieces[i].at);
    d->count = 0;
    lose(f, d, d->held + bytes);
    d->head_link = d->head_ip = d->held = 0;
    return WD_IS_HELD;
}

static enum wd_became refuse(struct wd_fragments *f, const struct wd_layers *l, struct wd_bytes data)
{
    struct datagram alone = { .next = l->protocol };
    add_heads(&alone, l);
    if (l->fragment_off == 0)
        note_start(&alone, l, data);
    lose(f, &alone, data.len);
    return WD_IS_HELD;
}

static void resume(struct wd_fragments *f, struct datagram *d, struct wd_layers *l)
{
    l->bytes = wd_buf_bytes(&f->whole);
    l->wire_len = l->wire_left = l->end = l->bytes.len;
    l->first_ip = l->link_end = l->at = 0;
    l->outside_link = d->head_link;
    l->outside_ip = d->head_ip;
    l->protocol = d->next;
    l->is_fragment = false;
    forget(d);
}

enum wd_became wd_fragments_add(struct wd_fragments *f, struct wd_layers *l)
{
    struct wd_bytes data = wd_layers_rest(l);
    if (!is_sound(l, data))
        return refuse(f, l, data);
    struct datagram *d = find(f, l);
    enum fit fit = compare(d, l->fragment_off, data, l->has_more);
    add_heads(d, l);
    if (l->fragment_off == 0 && fit == FITS)
        note_start(d, l, data);
    if (d->is_foreign)
        return set_aside(f, d, data.len);
    if (fit == REPEATS) {
        wd_ledger_add(f->ledger, WD_LAYER_DUPLICATE, data.len);
        return WD_IS_HELD;
    }
    if (fit == FITS && d->count >= f->limit)
        wd_ledger_limit(f->ledger, WD_LIMIT_fragments, l->packet->number);
    if (fit == CONTRADICTS || d->count >= f->limit) {
        d->held += data.len;
        give_up(f, d);
        return WD_IS_HELD;
    }
    insert(d, l->fragment_off, data);
    if (!l->has_more)
        d->total = l->fragment_off + (uint32_t)data.len;
    if (!join(f, d))
        return WD_IS_HELD;
    resume(f, d, l);
    return WD_GOES_ON;
}
