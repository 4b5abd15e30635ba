/* stream/session.c - what a record means: opened with the keys in use or those that follow, and handed on. */
#include "stream/session.h"

#include <openssl/crypto.h>

#include "base/arena.h"

enum { FAILURES_MOST = 8, EARLY_MOST = 64 << 10 };

/* --- keys of a side --- */

bool wd_half_has_seal(const struct wd_half *half)
{
    return half->epochs[0].seal || half->epochs[1].seal || half->epochs[2].seal;
}

void wd_half_advance(struct wd_half *half, int epochs)
{
    for (; epochs > 0; epochs--) {
        wd_seal_free(half->epochs[0].seal);
        memmove(&half->epochs[0], &half->epochs[1], (WD_EPOCHS - 1) * sizeof half->epochs[0]);
        half->epochs[WD_EPOCHS - 1] = (struct wd_epoch){ 0 };
    }
    half->number = 0;
}

void wd_half_deafen(struct wd_half *half, enum wd_reason why)
{
    wd_half_advance(half, WD_EPOCHS);
    OPENSSL_cleanse(&half->traffic, sizeof half->traffic);
    half->is_deaf = true;
    half->why = why;
}

void wd_half_break(struct wd_session *s, int side, enum wd_reason why)
{
    wd_half_deafen(&s->half[side], why);
    s->half[side].is_broken = true;
}

void wd_half_break_limit(struct wd_session *s, int side, enum wd_limit limit)
{
    wd_ledger_limit(s->tls->ledger, limit, s->packet);
    wd_half_break(s, side, WD_REASON_LIMIT);
}

/* --- memory --- */

static struct wd_buf *spare(struct wd_tls *tls)
{
    return tls->pool_count ? tls->pool[--tls->pool_count] : wd_alloc(sizeof(struct wd_buf));
}

bool wd_session_is_full(const struct wd_session *s, size_t more)
{
    return more > s->tls->limits.reassembly_total ||
           s->tls->held_bytes > s->tls->limits.reassembly_total - more;
}

void wd_session_hold(struct wd_session *s, struct wd_buf *buf, struct wd_bytes bytes)
{
    wd_buf_put(buf, bytes);
    s->tls->held_bytes += bytes.len;
}

void wd_session_drop(struct wd_session *s, struct wd_buf *buf, size_t bytes)
{
    s->tls->held_bytes -= bytes;
    buf->len -= bytes;
    if (buf->len && bytes)
        memmove(buf->at, buf->at + bytes, buf->len);
}

struct wd_buf *wd_session_borrow(struct wd_session *s)
{
    return spare(s->tls);
}

void wd_session_return(struct wd_session *s, struct wd_buf *buf)
{
    struct wd_tls *tls = s->tls;
    wd_session_drop(s, buf, buf->len);
    if (tls->pool_count < WD_POOL) {
        tls->pool[tls->pool_count++] = buf;
        return;
    }
    wd_buf_free(buf);
    wd_free(buf);
}

static void wipe_buf(struct wd_session *s, struct wd_buf *buf)
{
    wd_session_drop(s, buf, buf->len);
    wd_buf_free(buf);
}

struct wd_session *wd_session_open(struct wd_tls *tls, struct wd_connection *connection)
{
    struct wd_session *s = wd_alloc(sizeof *s);
    s->tls = tls;
    s->connection = connection;
    s->client = s->misfit = -1;
    s->reason = WD_REASON_TLS_NO_KEYS;
    s->next = tls->sessions;
    if (s->next)
        s->next->previous = s;
    tls->sessions = s;
    connection->tls = s;
    return s;
}

void wd_session_free(struct wd_session *s)
{
    for (int side = 0; side < 2; side++) {
        struct wd_half *half = &s->half[side];
        wd_half_advance(half, WD_EPOCHS);
        if (half->carry)
            wd_session_return(s, half->carry);
        wipe_buf(s, &half->shake);
    }
    wipe_buf(s, &s->early_data);
    if (s->next)
        s->next->previous = s->previous;
    *(s->previous ? &s->previous->next : &s->tls->sessions) = s->next;
    s->connection->tls = NULL;
    s->connection->alpn = wd_bytes_of("");
    OPENSSL_cleanse(s, sizeof *s);
    wd_free(s);
}

/* --- accounts --- */

void wd_session_undecoded(struct wd_session *s, enum wd_reason reason, uint64_t bytes)
{
    if (bytes == 0)
        return;
    wd_ledger_undecoded(s->tls->ledger, reason, bytes);
    if (!(s->reasons_seen & 1u << reason))
        s->tls->ledger->reason_streams[reason]++;
    s->reasons_seen |= 1u << reason;
}

void wd_session_overhead(struct wd_session *s, uint64_t bytes)
{
    wd_ledger_add(s->tls->ledger, WD_LAYER_TLS, bytes);
}

void wd_session_count(struct wd_session *s, uint16_t version, uint16_t suite)
{
    struct wd_tls_counts *counts = s->tls->counts;
    if (s->is_counted) {
        struct wd_tls_kind *before = wd_tls_counts_kind(counts, s->counted_version, s->counted_suite);
        before->connections--;
        before->decrypted -= s->is_decrypted;
    } else {
        counts->connections++;
    }
    struct wd_tls_kind *kind = wd_tls_counts_kind(counts, version, suite);
    kind->connections++;
    kind->decrypted += s->is_decrypted;
    s->is_counted = true;
    s->counted_version = version;
    s->counted_suite = suite;
}

void wd_session_tell_records(struct wd_session *s)
{
    struct wd_tls_kind *kind = wd_tls_counts_kind(s->tls->counts, s->counted_version, s->counted_suite);
    struct wd_tls_kind told = s->untold;
    for (int direction = 0; direction < 2; direction++) {
        int side = direction ? 1 - s->connection->client : s->connection->client;
        told.records[direction] = s->untold.records[side];
        told.data_bytes[direction] = s->untold.data_bytes[side];
    }
    wd_tls_kind_add(kind, &told);
    s->untold = (struct wd_tls_kind){ 0 };
}

void wd_session_note_record(struct wd_session *s, int side, uint8_t type, size_t len)
{
    struct wd_tls_kind one = { .first_ns = s->ts_ns, .last_ns = s->ts_ns };
    one.records[side] = 1;
    one.data_bytes[side] = type == WD_TLS_DATA ? len : 0;
    wd_tls_kind_add(&s->untold, &one);
    s->tls->counts->records++;
    s->half[side].data_records += type == WD_TLS_DATA;
    if (s->has_server_hello || s->connection->is_midway)
        wd_session_tell_records(s);
}

static void note_opened(struct wd_session *s, struct wd_half *half)
{
    half->has_opened = true;
    half->is_sealed |= s->version == WD_TLS_1_2;
    half->failures = 0;
    if (s->is_decrypted)
        return;
    s->is_decrypted = true;
    s->tls->counts->decrypted++;
    wd_tls_counts_kind(s->tls->counts, s->counted_version, s->counted_suite)->decrypted++;
    wd_keylog_source(s->tls->keylog, half->epochs[0].source)->fits++;
}

static enum wd_reason why(const struct wd_session *s, const struct wd_half *half)
{
    if (half->is_deaf)
        return half->why;
    bool lost_hello = s->is_in_log && (s->half[0].had_gap || s->half[1].had_gap);
    return lost_hello && s->reason == WD_REASON_TLS_NO_KEYS ? WD_REASON_GAP : s->reason;
}

/* --- data --- */

static int emit(struct wd_session *s, const struct wd_chunk *chunk)
{
    return s->tls->emit(s->tls->ctx, chunk);
}

static int emit_data(struct wd_session *s, int side, struct wd_bytes bytes, int64_t ts_ns, uint64_t packet)
{
    struct wd_chunk chunk = { .connection = s->connection, .side = side, .ts_ns = ts_ns, .packet = packet };
    if (s->half[side].owes_gap) {
        s->half[side].owes_gap = false;
        chunk.kind = WD_CHUNK_GAP;
        TRY(emit(s, &chunk));
    }
    s->connection->is_encrypted = true;
    chunk.kind = WD_CHUNK_DATA;
    chunk.bytes = bytes;
    return emit(s, &chunk);
}

/* Something is said that no key opens. In TLS 1.3 the end of the client's handshake looks like data and is
 * none: a client that turned away there has said nothing. */
static bool is_sealed(const struct wd_session *s)
{
    if (s->is_decrypted || wd_half_has_seal(&s->half[0]) || wd_half_has_seal(&s->half[1]))
        return false;
    if (s->client < 0)
        return s->half[0].data_records || s->half[1].data_records;
    if (!s->has_server_hello && !s->half[1 - s->client].data_records)
        return false;   /* early data, of which the keys may be there yet */
    return s->half[s->client].data_records > (s->version != WD_TLS_1_2);
}

int wd_session_tell_sealed(struct wd_session *s)
{
    if (s->connection->is_sealed || !is_sealed(s))
        return WD_OK;
    s->connection->is_sealed = true;
    const struct wd_chunk chunk = { .connection = s->connection, .kind = WD_CHUNK_SEALED, .ts_ns = s->ts_ns,
                                    .packet = s->packet };
    return emit(s, &chunk);
}

int wd_session_release_early(struct wd_session *s)
{
    struct wd_buf data = s->early_data;
    int rc = WD_OK;
    if (data.len && s->early == WD_EARLY_REJECTED)
        wd_session_overhead(s, data.len);   /* the server threw it away: it will come again */
    else if (data.len)
        rc = emit_data(s, s->client, wd_buf_bytes(&data), s->early_ns, s->early_packet);
    wd_session_drop(s, &s->early_data, data.len);
    return rc;
}

static int deliver_early(struct wd_session *s, int side, struct wd_bytes bytes)
{
    if (s->early == WD_EARLY_REJECTED) {
        wd_session_overhead(s, bytes.len);
        return WD_OK;
    }
    bool is_known = s->early == WD_EARLY_ACCEPTED;
    if (is_known || s->early_data.len + bytes.len > EARLY_MOST || wd_session_is_full(s, bytes.len)) {
        TRY(wd_session_release_early(s));
        return emit_data(s, side, bytes, s->ts_ns, s->packet);
    }
    wd_session_hold(s, &s->early_data, bytes);
    s->early_ns = s->ts_ns;
    s->early_packet = s->packet;
    return WD_OK;
}

static int deliver(struct wd_session *s, int side, struct wd_bytes bytes)
{
    if (bytes.len == 0)
        return WD_OK;
    if (s->half[side].epochs[0].kind == WD_EPOCH_EARLY)
        return deliver_early(s, side, bytes);
    if (s->early_data.len)
        TRY(wd_session_release_early(s));
    return emit_data(s, side, bytes, s->ts_ns, s->packet);
}

/* --- records --- */

bool wd_session_seals(const struct wd_session *s, int side, uint8_t type)
{
    return type == WD_TLS_DATA || (s->half[side].is_sealed && s->version != WD_TLS_1_3);
}

/* Early data comes before the suite is known. */
static bool may_be_early(const struct wd_session *s, int side)
{
    return side == s->client && s->early == WD_EARLY_OFFERED && s->early_suites && !s->has_server_hello &&
           !s->half[side].epochs[0].seal;
}

bool wd_session_wants(const struct wd_session *s, int side, uint8_t type, enum wd_reason *reason)
{
    const struct wd_half *half = &s->half[side];
    *reason = type == WD_TLS_DATA ? why(s, half) : WD_REASON_COUNT;
    if (half->is_deaf)
        return false;
    return !wd_session_seals(s, side, type) || wd_half_has_seal(half) || may_be_early(s, side);
}

/* Nothing inside, over and over: somebody spends our time. */
static void count_empty(struct wd_session *s, int side, bool is_empty)
{
    struct wd_half *half = &s->half[side];
    half->empties = is_empty ? half->empties + 1 : 0;
    if (half->empties > s->tls->limits.tls_empty && !half->is_broken)
        wd_half_break_limit(s, side, WD_LIMIT_tls_empty);
}

static void change_cipher(struct wd_session *s, int side)
{
    if (s->version == WD_TLS_1_3 || !s->has_server_hello)
        return;   /* for middleboxes, without a meaning */
    s->half[side].is_sealed = true;
    wd_half_advance(&s->half[side], 1);
    wd_handshake_lose(s, side);
}

static int take_content(struct wd_session *s, int side, uint8_t type, struct wd_bytes content)
{
    count_empty(s, side, content.len == 0);
    if (type == WD_TLS_CHANGE_CIPHER)
        change_cipher(s, side);
    return type == WD_TLS_HANDSHAKE ? wd_handshake_feed(s, side, content) : WD_OK;
}

int wd_session_opened(struct wd_session *s, int side, const struct wd_record *record,
                      const struct wd_opened *opened)
{
    note_opened(s, &s->half[side]);
    if (opened->type != WD_TLS_DATA) {
        wd_session_overhead(s, record->body.len);
        return take_content(s, side, opened->type, opened->content);
    }
    wd_session_overhead(s, record->body.len - opened->content.len);
    count_empty(s, side, opened->content.len == 0);
    return deliver(s, side, opened->content);
}

/* With the keys in use; else with those that follow, whose first record it then is. */
static bool open_record(struct wd_session *s, int side, const struct wd_record *record,
                        struct wd_opened *opened)
{
    struct wd_half *half = &s->half[side];
    uint8_t *out = s->tls->plain;
    if (may_be_early(s, side))
        return wd_handshake_try_early(s, record, opened);
    if (half->epochs[0].seal && wd_seal_read(half->epochs[0].seal, half->number, record, out, opened)) {
        half->number++;
        half->doubt = 0;
        return true;
    }
    for (int i = 1; i < WD_EPOCHS; i++) {
        if (half->epochs[i].seal && wd_seal_read(half->epochs[i].seal, 0, record, out, opened)) {
            wd_half_advance(half, i);
            half->number = 1;
            half->doubt = 0;
            return true;
        }
    }
    return half->doubt && wd_resync_open(s, side, record, opened);
}

/* Keys that open nothing are the wrong ones; those that did, and do not any more, met damage. */
static enum wd_reason judge(struct wd_session *s, int side)
{
    struct wd_half *half = &s->half[side];
    if (!half->epochs[0].seal)
        return why(s, half);
    bool may_be_early_data = side == s->client && s->early != WD_EARLY_NONE;   /* of which the secret was not logged */
    enum wd_reason reason = half->doubt        ? WD_REASON_GAP
                            : half->has_opened ? WD_REASON_MALFORMED_TLS
                                               : WD_REASON_TLS_NO_KEYS;
    half->owes_gap |= half->has_opened || half->doubt;
    if (half->doubt) {
        half->doubt++;
    } else if (half->has_opened) {
        half->number++;
    } else if (!may_be_early_data) {
        s->misfit = half->epochs[0].source;
        half->failures = FAILURES_MOST;
    } else {
        return reason;
    }
    if (++half->failures > FAILURES_MOST)
        wd_half_deafen(half, reason);
    return reason;
}

int wd_session_record(struct wd_session *s, int side, const struct wd_record *record)
{
    struct wd_opened opened;
    wd_session_overhead(s, WD_RECORD_HEAD);
    if (!wd_session_seals(s, side, record->type)) {
        wd_session_overhead(s, record->body.len);
        return take_content(s, side, record->type, record->body);
    }
    if (open_record(s, side, record, &opened))
        return wd_session_opened(s, side, record, &opened);
    enum wd_reason reason = judge(s, side);
    if (record->type == WD_TLS_DATA)
        wd_session_undecoded(s, reason, record->body.len);
    else
        wd_session_overhead(s, record->body.len);
    count_empty(s, side, record->body.len == 0);
    return WD_OK;
}
