/* stream/tls.c - which connections speak TLS, and the chunks of those that do. */
#include "stream/tls.h"

#include <openssl/crypto.h>

#include "base/arena.h"
#include "stream/session.h"

/* What connection->tls says of one that does not. */
static const char plain_mark;

struct wd_tls *wd_tls_open(const struct wd_limits *limits, struct wd_ledger *ledger,
                           struct wd_tls_counts *counts, struct wd_keylog *keylog, wd_chunk_fn *emit,
                           void *ctx)
{
    struct wd_tls *tls = wd_alloc(sizeof *tls);
    tls->limits = *limits;
    tls->ledger = ledger;
    tls->counts = counts;
    tls->keylog = keylog;
    tls->emit = emit;
    tls->ctx = ctx;
    tls->plain = wd_alloc(WD_RECORD_MOST + 32);   /* a cipher may write up to a block more */
    return tls;
}

void wd_tls_on_missing_keys(struct wd_tls *tls, void (*more)(void *ctx), void *ctx)
{
    tls->more = more;
    tls->more_ctx = ctx;
}

void wd_tls_keep_names(struct wd_tls *tls)
{
    if (!tls->names)
        tls->names = wd_map_open();
}

const struct wd_map *wd_tls_names(const struct wd_tls *tls)
{
    return tls->names;
}

void wd_tls_free(struct wd_tls *tls)
{
    if (!tls)
        return;
    while (tls->sessions)
        wd_session_free(tls->sessions);
    while (tls->pool_count) {
        struct wd_buf *buf = tls->pool[--tls->pool_count];
        wd_buf_free(buf);
        wd_free(buf);
    }
    wd_seals_free(tls->seals);
    wd_map_close(tls->names);
    OPENSSL_cleanse(tls->plain, WD_RECORD_MOST + 32);
    wd_free(tls->plain);
    wd_free(tls);
}

/* --- is it TLS? --- */

enum verdict { NOT_TLS, TOO_SHORT, IS_TLS };

/* The start of a stream: a record that holds a hello. In the middle of one, any record. */
static enum verdict judge(struct wd_bytes bytes, bool is_midway)
{
    static const struct {
        uint8_t lo, hi;
    } hello[] = {{22, 22}, {3, 3}, {0, 4}, {0, 0x48}, {0, 255}, {1, 2}};
    static const struct {
        uint8_t lo, hi;
    } any[] = {{20, 23}, {3, 3}, {1, 3}, {0, 0x48}, {0, 255}, {0, 255}};
    for (size_t i = 0; i < WD_COUNT(hello); i++) {
        if (i == bytes.len)
            return TOO_SHORT;
        uint8_t lo = is_midway ? any[i].lo : hello[i].lo, hi = is_midway ? any[i].hi : hello[i].hi;
        if (bytes.at[i] < lo || bytes.at[i] > hi)
            return NOT_TLS;
    }
    return IS_TLS;
}

static int release_side(struct wd_session *s, int side, struct wd_chunk chunk)
{
    struct wd_buf *carry = s->half[side].carry;
    if (!carry)
        return WD_OK;
    chunk.kind = WD_CHUNK_DATA;
    chunk.side = side;
    chunk.bytes = wd_buf_bytes(carry);
    return s->tls->emit(s->tls->ctx, &chunk);
}

/* It is not: what was held goes on, and nothing will be held again. */
static int dismiss(struct wd_session *s)
{
    struct wd_connection *connection = s->connection;
    struct wd_chunk held = { .connection = connection, .ts_ns = s->ts_ns, .packet = s->packet };
    int rc = release_side(s, 0, held);
    if (rc >= 0)
        rc = release_side(s, 1, held);
    wd_session_free(s);
    connection->tls = (void *)&plain_mark;
    return rc;
}

static int read_held(struct wd_session *s)
{
    for (int side = 0; side < 2; side++) {
        struct wd_buf *carry = s->half[side].carry;
        s->half[side].is_lost = s->connection->is_midway;
        if (!carry)
            continue;
        s->half[side].carry = NULL;
        s->tls->held_bytes -= carry->len;
        int rc = wd_records_take(s, side, wd_buf_bytes(carry));
        s->tls->held_bytes += carry->len;
        wd_session_return(s, carry);
        TRY(rc);
    }
    return WD_OK;
}

static int decide(struct wd_session *s, const struct wd_chunk *chunk)
{
    struct wd_half *half = &s->half[chunk->side];
    if (!half->carry)
        half->carry = wd_session_borrow(s);
    wd_session_hold(s, half->carry, chunk->bytes);
    enum verdict verdict = judge(wd_buf_bytes(half->carry), s->connection->is_midway);
    if (verdict == NOT_TLS)
        return dismiss(s);
    if (verdict == TOO_SHORT)
        return WD_OK;
    s->is_decided = true;
    wd_session_count(s, 0, 0);
    return read_held(s);
}

/* The common case first: nothing is held for the first bytes of a connection that are not TLS. */
static int begin(struct wd_tls *tls, const struct wd_chunk *chunk)
{
    enum verdict verdict = judge(chunk->bytes, chunk->connection->is_midway);
    if (verdict == NOT_TLS) {
        chunk->connection->tls = (void *)&plain_mark;
        return tls->emit(tls->ctx, chunk);
    }
    struct wd_session *s = wd_session_open(tls, chunk->connection);
    s->ts_ns = chunk->ts_ns;
    s->packet = chunk->packet;
    return decide(s, chunk);
}

/* --- chunks --- */

static int end_side(struct wd_session *s, const struct wd_chunk *chunk)
{
    if (chunk->side == s->client)
        TRY(wd_session_release_early(s));
    wd_records_finish(s, chunk->side);
    return s->tls->emit(s->tls->ctx, chunk);
}

static int close_session(struct wd_session *s, const struct wd_chunk *chunk)
{
    struct wd_tls *tls = s->tls;
    int rc = wd_session_release_early(s);
    for (int side = 0; side < 2; side++)
        wd_records_finish(s, side);
    wd_session_tell_records(s);
    if (s->misfit >= 0 && !s->is_decrypted)
        wd_keylog_source(tls->keylog, (size_t)s->misfit)->misfits++;
    if (s->is_in_log && s->reason == WD_REASON_TLS_UNSUPPORTED)
        wd_keylog_source(tls->keylog, s->named_by)->unread++;
    if (rc >= 0)
        rc = tls->emit(tls->ctx, chunk);
    wd_session_free(s);
    return rc;
}

static int take(struct wd_session *s, const struct wd_chunk *chunk)
{
    s->ts_ns = chunk->ts_ns;
    s->packet = chunk->packet;
    if (chunk->kind == WD_CHUNK_DATA)
        return wd_records_take(s, chunk->side, chunk->bytes);
    if (chunk->kind == WD_CHUNK_GAP)
        return wd_records_gap(s, chunk->side, chunk->missing);
    return chunk->kind == WD_CHUNK_END ? end_side(s, chunk) : close_session(s, chunk);
}

int wd_tls_feed(struct wd_tls *tls, const struct wd_chunk *chunk)
{
    void *state = chunk->connection->tls;
    if (state == &plain_mark)
        return tls->emit(tls->ctx, chunk);
    struct wd_session *s = state;
    if (s && s->is_decided)
        return take(s, chunk);
    if (chunk->kind == WD_CHUNK_DATA && chunk->bytes.len)
        return s ? decide(s, chunk) : begin(tls, chunk);
    if (s)
        TRY(dismiss(s));
    return tls->emit(tls->ctx, chunk);
}
