/* stream/records.c - the bytes of a side, record by record.
 *
 *     type (1)  version (2)  length (2)  body
 *
 *     chunk      |  chunk                           | chunk
 *     ..][ rec  ][ rec ][ rec ][ re : cord ][ rec  ][ ..
 *                                ^^^^^^^^^  carried over; all others are read where they are
 *
 * Source: RFC 8446 section 5.1; RFC 5246 section 6.2.
 */
#include "base/arena.h"
#include "stream/session.h"

bool wd_record_head(struct wd_bytes view, struct wd_record *record, size_t *len)
{
    enum { FIRST = WD_TLS_CHANGE_CIPHER, LAST = 24 /* heartbeat */, NEWEST = 0x0304, OLDEST = 0x0300 };
    if (view.len < WD_RECORD_HEAD)
        return false;
    record->type = view.at[0];
    record->version = (uint16_t)(view.at[1] << 8 | view.at[2]);
    *len = (size_t)view.at[3] << 8 | view.at[4];
    return record->type >= FIRST && record->type <= LAST && record->version >= OLDEST &&
           record->version <= NEWEST && *len <= WD_RECORD_MOST;
}

static void begin_skip(struct wd_session *s, struct wd_half *half, size_t len, enum wd_reason reason)
{
    wd_session_overhead(s, WD_RECORD_HEAD);
    half->skip = len;
    half->skip_reason = reason;
}

static int step(struct wd_session *s, int side, struct wd_bytes view, size_t *used, uint64_t *need)
{
    struct wd_record record;
    size_t len;
    enum wd_reason reason;
    *need = WD_RECORD_HEAD;
    *used = 0;
    if (view.len < WD_RECORD_HEAD)
        return WD_OK;
    if (!wd_record_head(view, &record, &len)) {
        wd_half_break(s, side, WD_REASON_MALFORMED_TLS);
        return WD_OK;
    }
    if (!wd_session_wants(s, side, record.type, &reason)) {
        wd_session_note_record(s, side, record.type, len);
        *used = WD_RECORD_HEAD;
        begin_skip(s, &s->half[side], len, reason);
        return wd_session_tell_sealed(s);
    }
    *need = WD_RECORD_HEAD + len;
    if (view.len - WD_RECORD_HEAD < len)
        return WD_OK;
    wd_session_note_record(s, side, record.type, len);
    *used = WD_RECORD_HEAD + len;
    record.body = wd_bytes_at(view.at + WD_RECORD_HEAD, len);
    TRY(wd_session_record(s, side, &record));
    return wd_session_tell_sealed(s);
}

static void account_skipped(struct wd_session *s, const struct wd_half *half, size_t bytes)
{
    if (half->skip_reason == WD_REASON_COUNT)
        wd_session_overhead(s, bytes);
    else
        wd_session_undecoded(s, half->skip_reason, bytes);
}

/* Bytes of which nobody wants to know more; 0: the next is part of a record to read. */
static size_t pass_by(struct wd_session *s, int side, size_t len)
{
    struct wd_half *half = &s->half[side];
    if (half->is_broken) {
        wd_session_undecoded(s, half->why, len);
        return len;
    }
    size_t n = half->skip < len ? (size_t)half->skip : len;
    half->skip -= n;
    account_skipped(s, half, n);
    return n;
}

/* As many records as there are; *left is what is too short to read. */
static int run(struct wd_session *s, int side, struct wd_bytes view, struct wd_bytes *left)
{
    struct wd_half *half = &s->half[side];
    uint64_t need = 0;
    while (view.len) {
        size_t used = pass_by(s, side, view.len);
        if (!used && half->is_lost)
            TRY(wd_resync_step(s, side, view, &used, &need));
        if (!used && !half->is_lost)
            TRY(step(s, side, view, &used, &need));
        if (!used && !half->is_broken && need > view.len)
            break;
        view = wd_bytes_at(view.at + used, view.len - used);
    }
    half->need = need;
    *left = view;
    return WD_OK;
}

static void keep(struct wd_session *s, int side, struct wd_bytes bytes)
{
    struct wd_half *half = &s->half[side];
    if (wd_session_is_full(s, bytes.len)) {
        size_t held = half->carry ? half->carry->len : 0;
        wd_half_break_limit(s, side, WD_LIMIT_reassembly_total);
        wd_session_undecoded(s, WD_REASON_LIMIT, held + bytes.len);
        if (half->carry)
            wd_session_drop(s, half->carry, held);
        return;
    }
    if (!half->carry)
        half->carry = wd_session_borrow(s);
    wd_session_hold(s, half->carry, bytes);
}

/* Completes the carried record byte for byte, so that it ends where the record does. */
static int take_carried(struct wd_session *s, int side, struct wd_bytes *bytes)
{
    struct wd_half *half = &s->half[side];
    while (half->carry && half->carry->len) {
        uint64_t lack = half->need > half->carry->len ? half->need - half->carry->len : 0;
        size_t n = lack < bytes->len ? (size_t)lack : bytes->len;
        keep(s, side, wd_bytes_at(bytes->at, n));
        *bytes = wd_bytes_at(bytes->at + n, bytes->len - n);
        if (half->carry->len < half->need)
            break;
        struct wd_bytes left, all = wd_buf_bytes(half->carry);
        TRY(run(s, side, all, &left));
        wd_session_drop(s, half->carry, all.len - left.len);
    }
    if (half->carry && !half->carry->len) {
        wd_session_return(s, half->carry);
        half->carry = NULL;
    }
    return WD_OK;
}

int wd_records_take(struct wd_session *s, int side, struct wd_bytes bytes)
{
    TRY(take_carried(s, side, &bytes));
    if (!bytes.len)
        return WD_OK;
    struct wd_bytes left;
    TRY(run(s, side, bytes, &left));
    if (left.len)
        keep(s, side, left);
    return WD_OK;
}

/* What is carried is the start of something that will not be completed. */
static void give_up_carry(struct wd_session *s, int side, enum wd_reason reason)
{
    struct wd_half *half = &s->half[side];
    if (!half->carry)
        return;
    wd_session_undecoded(s, reason, half->carry->len);
    wd_session_return(s, half->carry);
    half->carry = NULL;
}

/* Within one record, it is known where the next one begins. */
static bool lose_part(struct wd_session *s, int side, uint64_t missing)
{
    struct wd_half *half = &s->half[side];
    struct wd_record record;
    size_t len;
    if (half->skip) {
        if (missing > half->skip)
            return false;
        half->skip -= missing;
        return true;
    }
    if (!half->carry || !wd_record_head(wd_buf_bytes(half->carry), &record, &len))
        return false;
    uint64_t rest = WD_RECORD_HEAD + len - half->carry->len;
    if (missing > rest)
        return false;
    give_up_carry(s, side, WD_REASON_GAP);
    half->skip = rest - missing;
    half->skip_reason = WD_REASON_GAP;
    if (wd_session_seals(s, side, record.type))
        wd_resync_doubt(half, 0);
    return true;
}

int wd_records_gap(struct wd_session *s, int side, uint64_t missing)
{
    struct wd_half *half = &s->half[side];
    half->had_gap = true;
    if (half->is_broken)
        return WD_OK;
    wd_handshake_lose(s, side);
    if (!half->is_lost && missing && lose_part(s, side, missing))
        return WD_OK;
    give_up_carry(s, side, half->is_lost ? wd_resync_reason(s, half) : WD_REASON_GAP);
    half->skip = 0;
    half->is_lost = true;
    wd_resync_doubt(half, missing);
    return WD_OK;
}

void wd_records_finish(struct wd_session *s, int side)
{
    const struct wd_half *half = &s->half[side];
    give_up_carry(s, side, half->is_lost ? wd_resync_reason(s, half) : WD_REASON_INCOMPLETE);
}
