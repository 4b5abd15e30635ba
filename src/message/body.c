/* message/body.c - RFC 9110 section 8.4: "Content-Encoding: deflate, gzip" was deflated first, so gzip is
 * undone first. */
#include "message/body.h"

#include "message/coding.h"
#include "message/head.h"

#define LAYERS_MAX 8
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
    struct layer layers[LAYERS_MAX];   /* the outermost, which is undone first, is the last */
    unsigned count;
    uint64_t taken, made;        /* wire and plain bytes so far */
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
    if (b->count == LAYERS_MAX || b->count == b->host->limits->inflate_layers)
        return WD_REASON_LIMIT;
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
    if (*fault == WD_FINE && b->count)
        return b;
    wd_body_close(b);
    return NULL;
}

void wd_body_close(struct wd_body *b)
{
    if (!b)
        return;
    for (unsigned i = 0; i < b->count; i++)
        b->layers[i].coding->close(b->layers[i].state);
    wd_host_return(b->host, b->gather);
    wd_free(b);
}

void wd_body_mark(struct wd_body *b)
{
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
    return b->emit(b->ctx, plain, rate);
}

static int plain(struct wd_body *b, struct wd_bytes bytes)
{
    const struct wd_limits *limits = b->host->limits;
    b->made += bytes.len;
    if (b->made - b->marked > limits->inflate_total ||
        (b->made > FREE_RATIO && b->made / limits->inflate_ratio > b->taken)) {
        b->fault = WD_REASON_LIMIT;
        return WD_OK;
    }
    if (!b->gather)
        return b->emit(b->ctx, bytes, WD_SHARE_ONE);
    if (bytes.len > GATHER_MAX - b->gather->len)
        TRY(flush(b));
    wd_buf_put(b->gather, bytes);
    return WD_OK;
}

/* One turn of the layer below which `below` are left. Recursion is limited by LAYERS_MAX. */
static int push(struct wd_body *b, unsigned below, struct wd_bytes in)
{
    if (below == 0)
        return plain(b, in);
    struct layer *layer = &b->layers[below - 1];
    uint8_t out[STEP];
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

static int push_finely(struct wd_body *b, struct wd_bytes bytes, size_t *used)
{
    if (!b->gather)
        b->gather = wd_host_borrow(b->host);
    for (size_t i = 0; i < bytes.len; i++) {
        b->carry += WD_SHARE_ONE;
        TRY(push(b, b->count, wd_bytes_at(bytes.at + i, 1)));
        if (b->fault != WD_FINE)
            return WD_OK;
        TRY(flush(b));
        *used = i + 1;
    }
    return WD_OK;
}

int wd_body_feed(struct wd_body *b, struct wd_bytes bytes, bool is_fine, wd_body_fn *emit, void *ctx,
                 size_t *used, enum wd_reason *fault)
{
    b->emit = emit;
    b->ctx = ctx;
    *used = 0;
    int rc = WD_OK;
    if (is_fine)
        rc = push_finely(b, bytes, used);
    else
        rc = push(b, b->count, bytes);
    if (!is_fine && b->fault == WD_FINE)
        *used = bytes.len;
    *fault = b->fault;
    return rc;
}
