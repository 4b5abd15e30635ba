/* stream/resync.c - behind a gap: where do records begin, how many were lost, which keys are in use?
 *
 * A place that looks like a header is believed when what follows opens under some number that the next record
 * may have. Where nothing is to be opened, its looks must do: of 2^24 places, one looks so by chance.
 */
#include "stream/session.h"

#include <openssl/crypto.h>

enum { LEAST_RECORD = WD_RECORD_HEAD + 17, DOUBT_MOST = 4096, TRIALS_MOST = 4096, TRIAL_BYTES_MOST = 8 << 20 };

void wd_resync_doubt(struct wd_half *half, uint64_t missing)
{
    uint64_t most = half->doubt + missing / LEAST_RECORD + 1;
    half->doubt = most < DOUBT_MOST ? (uint32_t)most : DOUBT_MOST;
    half->trials = TRIALS_MOST;
    half->trial_bytes = TRIAL_BYTES_MOST;
}

static bool try(struct wd_session *s, struct wd_half *half, struct wd_seal *seal, uint64_t number,
                const struct wd_record *record, struct wd_opened *opened)
{
    if (!seal || !half->trials || half->trial_bytes < record->body.len)
        return false;
    half->trials--;
    half->trial_bytes -= record->body.len;
    return wd_seal_read(seal, number, record, s->tls->plain, opened);
}

/* The keys are known now; was it data that was lost? Not when the handshake ended meanwhile and this is the
 * first record behind it (TLS 1.3), or the second, behind Finished (TLS 1.2). */
static void settle(const struct wd_session *s, struct wd_half *half, int epoch, uint64_t number)
{
    uint64_t first = s->version == WD_TLS_1_2;
    bool is_fresh = epoch ? half->epochs[0].kind != WD_EPOCH_TRAFFIC : half->number == 0;
    bool was_handshake = half->epochs[epoch].kind == WD_EPOCH_HANDSHAKE || (is_fresh && number <= first);
    half->owes_gap |= !was_handshake;
    wd_half_advance(half, epoch);
    half->number = number + 1;
    half->doubt = 0;
}

/* Low numbers of all keys first: records are mostly larger than the smallest. */
bool wd_resync_open(struct wd_session *s, int side, const struct wd_record *record, struct wd_opened *opened)
{
    struct wd_half *half = &s->half[side];
    struct wd_secret secret;
    struct wd_seal *updated = wd_handshake_updated(s, half, &secret);
    bool is_open = false;
    for (uint64_t n = 0; n <= half->doubt && half->trials && !is_open; n++) {
        for (int i = 0; i < WD_EPOCHS && !is_open; i++) {
            uint64_t number = i ? n : half->number + n;
            is_open = try(s, half, half->epochs[i].seal, number, record, opened);
            if (is_open)
                settle(s, half, i, number);
        }
        if (!is_open && try(s, half, updated, n, record, opened)) {
            is_open = true;
            wd_seal_free(half->epochs[0].seal);
            half->epochs[0].seal = updated;
            updated = NULL;
            half->traffic = secret;
            settle(s, half, 0, n);
        }
    }
    wd_seal_free(updated);
    OPENSSL_cleanse(&secret, sizeof secret);
    return is_open;
}

/* Whether the bytes could begin a record, as far as they go. */
static bool looks_like(struct wd_bytes view)
{
    static const struct { uint8_t lo, hi; } head[] = { { 20, 23 }, { 3, 3 }, { 1, 3 }, { 0, 0x48 } };
    for (size_t i = 0; i < WD_COUNT(head) && i < view.len; i++)
        if (view.at[i] < head[i].lo || view.at[i] > head[i].hi)
            return false;
    return true;
}

static size_t next_candidate(struct wd_bytes view, size_t from)
{
    while (from < view.len && !looks_like(wd_bytes_at(view.at + from, view.len - from)))
        from++;
    return from;
}

enum wd_reason wd_resync_reason(const struct wd_session *s, const struct wd_half *half)
{
    if (half->is_deaf)
        return half->why;
    return wd_half_has_seal(half) || s->is_in_log ? WD_REASON_GAP : s->reason;
}

static void pass(struct wd_session *s, int side, size_t bytes)
{
    wd_session_undecoded(s, wd_resync_reason(s, &s->half[side]), bytes);
}

int wd_resync_step(struct wd_session *s, int side, struct wd_bytes view, size_t *used, uint64_t *need)
{
    struct wd_half *half = &s->half[side];
    struct wd_record record;
    struct wd_opened opened;
    size_t len;
    *need = WD_RECORD_HEAD;
    *used = next_candidate(view, 0);
    if (*used) {
        pass(s, side, *used);
        return WD_OK;
    }
    if (view.len < WD_RECORD_HEAD)
        return WD_OK;
    bool is_head = wd_record_head(view, &record, &len);
    if (is_head && (!wd_half_has_seal(half) || !wd_session_seals(s, side, record.type))) {
        half->is_lost = false;   /* nothing to try it with: step() reads it as it stands */
        return WD_OK;
    }
    if (is_head && view.len - WD_RECORD_HEAD < len) {
        *need = WD_RECORD_HEAD + len;
        return WD_OK;
    }
    record.body = is_head ? wd_bytes_at(view.at + WD_RECORD_HEAD, len) : wd_bytes_of("");
    if (is_head && wd_resync_open(s, side, &record, &opened)) {
        half->is_lost = false;
        wd_session_note_record(s, side, record.type, len);
        *used = WD_RECORD_HEAD + len;
        wd_session_overhead(s, WD_RECORD_HEAD);
        return wd_session_opened(s, side, &record, &opened);
    }
    if (half->trials == 0 || half->trial_bytes < WD_RECORD_MOST)
        wd_half_break(s, side, WD_REASON_GAP);   /* enough was tried */
    *used = 1;
    pass(s, side, 1);
    return WD_OK;
}
