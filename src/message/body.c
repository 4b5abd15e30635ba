/* message/body.c - RFC 9110 section 8.4: "Content-Encoding: deflate, gzip" was deflated first, so gzip is
 * undone first. */
#include "message/body.h"

#include "message/coding.h"
#include "message/head.h"

#define STEP 8192
#define GATHER_MAX (64u << 10)
#define FREE_RATIO (1u << 20)   /* inflate-ratio counts past the first MiB */

struct layer {
    const struct wd_coding *coding;
    void *state;
    bool is_over;                /* its stream is complete: what follows is padding */
};

struct wd_body {
    struct wd_host *host;
    struct layer layers[WD_LAYERS_MAX];   /* the outermost, which is undone first, is the last */
    unsigned count;
    bool is_exact;               /* one coding, which tells what its symbols cost */
    uint64_t taken, made;        /* wire and plain bytes so far */
    uint64_t fine;               /* wire bytes before what could not be read */
    uint64_t marked;             /* plain bytes at the last complete message */
    uint64_t carry;              /* wire bytes that no plain byte has borne yet, in 1/WD_SHARE_ONE */
    struct wd_buf *gather;       /* what one wire byte made; NULL while not driven finely */
    wd_body_fn *emit;
    void *ctx;
    enum wd_reason fault;
};

static enum wd_reason add_layer(struct wd_body *b, struct wd_bytes name)
{
    const struct wd_coding *coding = wd_coding_find(name);
    if (wd_bytes_is_nocase(name, "identity"))
        return WD_FINE;
    if (b->count == WD_LAYERS_MAX || b->count == b->host->limits->inflate_layers) {
        wd_host_limit(b->host, WD_LIMIT_inflate_layers);
        return WD_REASON_LIMIT;
    }
    if (!coding)
        return WD_REASON_UNSUPPORTED_ENCODING;
    b->layers[b->count++] = (struct layer){ coding, coding->open(), false };
    return WD_FINE;
}

struct wd_body *wd_body_open(struct wd_host *host, struct wd_bytes codings, enum wd_reason *fault)
{
    struct wd_bytes name;
    *fault = WD_FINE;
    if (!codings.len)
        return NULL;
    struct wd_body *b = wd_alloc(sizeof *b);
    b->host = host;
    b->fault = WD_FINE;
    while (*fault == WD_FINE && wd_list_next(&codings, ',', &name))
        *fault = add_layer(b, name);
    b->is_exact = b->count == 1 && b->layers[0].coding->marks;
    if (*fault == WD_FINE && b->count)
        return b;
    wd_body_close(b);
    return NULL;
}

void wd_body_close(struct wd_body *b)
{
    if (!b)
        return;
    wd_body_mark(b);
    for (unsigned i = 0; i < b->count; i++)
        b->layers[i].coding->close(b->layers[i].state);
    wd_host_return(b->host, b->gather);
    wd_free(b);
}

bool wd_body_is_whole(const struct wd_body *b)
{
    for (unsigned i = 0; i < b->count; i++)
        if (!b->layers[i].is_over && !b->layers[i].coding->is_whole(b->layers[i].state))
            return false;
    return true;
}

void wd_body_mark(struct wd_body *b)
{
    wd_host_outermost(b->host)->inflated -= b->made - b->marked;
    b->marked = b->made;
}

/* What was gathered shares the wire bytes that made it. A plain byte bears at most one wire byte: block
 * headers and flushes, which make nothing, are spread over what follows instead of falling on its first
 * byte. */
static int flush(struct wd_body *b)
{
    struct wd_bytes plain = wd_buf_bytes(b->gather);
    if (plain.len == 0)
        return WD_OK;
    uint64_t rate = b->carry / plain.len;
    if (rate > WD_SHARE_ONE)
        rate = WD_SHARE_ONE;
    b->carry -= rate * plain.len;
    wd_buf_reset(b->gather);
    struct wd_share share = { .rate = rate, .is_estimated = true };
    return b->emit(b->ctx, plain, &share);
}

/* Gives it up when it is over a limit. */
static void keep_limits(struct wd_body *b)
{
    const struct wd_limits *limits = b->host->limits;
    bool is_total = wd_host_outermost(b->host)->inflated > limits->inflate_total;
    bool is_bomb = b->made > FREE_RATIO && wd_limits_over_ratio(b->made, b->taken, limits->inflate_ratio);
    if (!is_total && !is_bomb)
        return;
    b->fault = WD_REASON_LIMIT;
    wd_host_limit(b->host, is_total ? WD_LIMIT_inflate_total : WD_LIMIT_inflate_ratio);
}

static int plain(struct wd_body *b, struct wd_bytes bytes)
{
    const struct layer *last = &b->layers[0];
    b->made += bytes.len;
    wd_host_outermost(b->host)->inflated += bytes.len;
    if (b->is_exact) {
        struct wd_share share = { .marks = last->coding->marks(last->state) };
        return b->emit(b->ctx, bytes, &share);
    }
    keep_limits(b);
    if (b->fault != WD_FINE)
        return WD_OK;
    if (!b->gather) {
        struct wd_share share = { .rate = WD_SHARE_ONE, .is_estimated = true };
        return b->emit(b->ctx, bytes, &share);
    }
    if (bytes.len > GATHER_MAX - b->gather->len)
        TRY(flush(b));
    wd_buf_put(b->gather, bytes);
    return WD_OK;
}

/* One turn of the layer below which `below` are left. Recursion is limited by WD_LAYERS_MAX. */
static int push(struct wd_body *b, unsigned below, struct wd_bytes in)
{
    if (below == 0)
        return plain(b, in);
    struct layer *layer = &b->layers[below - 1];
    uint8_t out[STEP + WD_CODING_SLACK];
    enum wd_coding_got got = layer->is_over ? WD_CODING_END : WD_CODING_FULL;
    while (got == WD_CODING_FULL && b->fault == WD_FINE) {
        size_t made = 0, before = in.len;
        got = layer->coding->run(layer->state, &in, out, sizeof out, &made);
        if (below == b->count)
            b->taken += before - in.len;
        if (got == WD_CODING_FULL && made == 0 && before == in.len)
            got = WD_CODING_BAD;
        if (made)
            TRY(push(b, below - 1, wd_bytes_at(out, made)));
        layer->is_over = got == WD_CODING_END;
        if (got == WD_CODING_BAD && b->fault == WD_FINE)
            b->fault = WD_REASON_MALFORMED_ENCODING;
    }
    return WD_OK;
}

static int push_finely(struct wd_body *b, struct wd_bytes bytes)
{
    if (!b->gather)
        b->gather = wd_host_borrow(b->host);
    for (size_t i = 0; i < bytes.len; i++) {
        b->carry += WD_SHARE_ONE;
        TRY(push(b, b->count, wd_bytes_at(bytes.at + i, 1)));
        if (b->fault != WD_FINE)
            return WD_OK;
        TRY(flush(b));
        b->fine++;
    }
    return WD_OK;
}

/* Steps end at multiples of the step in what is made, and limits are looked at there alone: so it does not
 * matter for them either how the wire was cut. */
static int push_exactly(struct wd_body *b, struct wd_bytes in)
{
    struct layer *layer = &b->layers[0];
    uint64_t step = b->host->limits->inflate_total < STEP ? b->host->limits->inflate_total + 1 : STEP;
    uint8_t out[STEP + WD_CODING_SLACK];
    enum wd_coding_got got = layer->is_over ? WD_CODING_END : WD_CODING_FULL;
    while (got == WD_CODING_FULL && b->fault == WD_FINE) {
        size_t made = 0, before = in.len, room = (size_t)(step - b->made % step);
        got = layer->coding->run(layer->state, &in, out, room + WD_CODING_SLACK, &made);
        b->taken += before - in.len;
        b->fine = b->taken;
        if (made)
            TRY(plain(b, wd_bytes_at(out, made)));
        if (got == WD_CODING_FULL)
            keep_limits(b);
    }
    if (got == WD_CODING_BAD) {
        b->fault = WD_REASON_MALFORMED_ENCODING;
        b->fine -= layer->coding->broken(layer->state);
    }
    layer->is_over = got == WD_CODING_END;
    b->taken += in.len;   /* padding, at the end; else nothing is left, or nothing more will come */
    b->fine += layer->is_over ? in.len : 0;
    return WD_OK;
}

int wd_body_feed(struct wd_body *b, struct wd_bytes bytes, bool is_fine, wd_body_fn *emit, void *ctx,
                 enum wd_reason *fault)
{
    b->emit = emit;
    b->ctx = ctx;
    int rc = b->is_exact ? push_exactly(b, bytes)
             : is_fine   ? push_finely(b, bytes)
                         : push(b, b->count, bytes);
    *fault = b->fault;
    return rc;
}

uint64_t wd_body_fine(const struct wd_body *b)
{
    return b->fine;
}
