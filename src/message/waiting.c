#include "message/waiting.h"

#define PIECES_MAX 32
#define BYTES_MAX (32u << 10)

struct kept {
    enum wd_chunk_kind kind;
    int side;
    size_t off, len;
    uint64_t missing;
    int64_t ts_ns;
    uint64_t packet;
};

struct wd_waiting {
    struct wd_buf bytes;
    struct kept kept[PIECES_MAX];
    size_t count;
    uint64_t skipped;        /* bytes that were dropped to make room: not accounted for yet */
    bool is_midway, is_tls;
    bool is_open;            /* what there is so far may still become something */
};

struct wd_waiting *wd_waiting_open(bool is_midway)
{
    struct wd_waiting *waiting = wd_alloc(sizeof *waiting);
    waiting->is_midway = is_midway;
    return waiting;
}

void wd_waiting_free(struct wd_waiting *waiting)
{
    if (!waiting)
        return;
    wd_buf_free(&waiting->bytes);
    wd_free(waiting);
}

/* A TLS record header (RFC 8446 section 5.1): type, version 3.x, at most 2^14 + 2048 bytes. -1: it is none,
 * 0: too short to tell. */
static int is_tls_record(struct wd_bytes bytes)
{
    static const struct { uint8_t lo, hi; } head[] = { { 20, 23 }, { 3, 3 }, { 0, 4 }, { 0, 0x48 } };
    for (size_t i = 0; i < WD_COUNT(head); i++) {
        if (i == bytes.len)
            return 0;
        if (bytes.at[i] < head[i].lo || bytes.at[i] > head[i].hi)
            return -1;
    }
    return 1;
}

/* Where streams start at their start, the cuts between chunks mean nothing. */
static bool continues_last(const struct wd_waiting *w, const struct wd_piece *piece)
{
    const struct kept *last = w->count ? &w->kept[w->count - 1] : NULL;
    return !w->is_midway && last && last->kind == WD_CHUNK_DATA && piece->kind == WD_CHUNK_DATA &&
           last->side == piece->side;
}

static void keep(struct wd_host *host, struct wd_waiting *w, const struct wd_piece *piece)
{
    if (continues_last(w, piece)) {
        struct kept *last = &w->kept[w->count - 1];
        last->len += piece->bytes.len;
        last->ts_ns = host->ts_ns;
        last->packet = host->packet;
    } else {
        w->kept[w->count++] = (struct kept){ piece->kind,    piece->side, w->bytes.len, piece->bytes.len,
                                             piece->missing, host->ts_ns, host->packet };
    }
    wd_buf_put(&w->bytes, piece->bytes);
}

static void drop(struct wd_waiting *w)
{
    w->skipped += w->bytes.len;
    w->count = 0;
    wd_buf_reset(&w->bytes);
}

static struct wd_piece piece_at(const struct wd_waiting *w, size_t i)
{
    const struct kept *k = &w->kept[i];
    struct wd_bytes bytes = { k->len ? w->bytes.at + k->off : NULL, k->len };
    return (struct wd_piece){ k->kind, k->side, bytes, k->missing };
}

/* The highest bid; NULL when nobody is sure yet. */
static const struct wd_protocol *ask(struct wd_waiting *w, struct wd_bid *best)
{
    struct wd_piece at[PIECES_MAX];
    for (size_t i = 0; i < w->count; i++)
        at[i] = piece_at(w, i);
    struct wd_pieces pieces = { at, w->count, w->is_midway };
    const struct wd_protocol *winner = NULL;
    w->is_open = false;
    best->bits = 0;
    best->client = -1;
    for (size_t i = 0; wd_protocols[i]; i++) {
        struct wd_bid bid = { 0, -1, { WD_NO_START, WD_NO_START } };
        wd_protocols[i]->bid(&pieces, &bid);
        w->is_open |= bid.bits >= 0;
        if (bid.bits > best->bits) {
            *best = bid;
            winner = wd_protocols[i];
        }
    }
    return winner;
}

static int replay(struct wd_host *host, const struct wd_waiting *w, const struct wd_bid *bid)
{
    int64_t ts_ns = host->ts_ns;
    uint64_t packet = host->packet;
    int rc = WD_OK;
    wd_host_undecoded(host, WD_REASON_INCOMPLETE, w->skipped);
    for (size_t i = 0; i < w->count && rc >= 0; i++) {
        struct wd_piece piece = piece_at(w, i);
        size_t start = bid->start[piece.side];
        host->ts_ns = w->kept[i].ts_ns;
        host->packet = w->kept[i].packet;
        if (start != WD_NO_START && i < start)
            wd_host_undecoded(host, WD_REASON_INCOMPLETE, piece.bytes.len);
        else
            rc = wd_host_take(host, &piece);
    }
    host->ts_ns = ts_ns;
    host->packet = packet;
    return rc;
}

static int accept(struct wd_host *host, const struct wd_protocol *winner, const struct wd_bid *bid)
{
    struct wd_waiting *w = host->waiting;
    struct wd_opening opening = { .client = bid->client, .is_midway = w->is_midway };
    for (int side = 0; side < 2; side++)
        opening.is_synced[side] = !w->is_midway || bid->start[side] != WD_NO_START;
    host->waiting = NULL;
    host->protocol = winner;
    int rc = winner->open(host, &opening, &host->state);
    if (rc >= 0)
        rc = replay(host, w, bid);
    wd_waiting_free(w);
    return rc;
}

void wd_waiting_give_up(struct wd_host *host, bool is_closing)
{
    struct wd_waiting *w = host->waiting;
    host->given_up = w->is_tls ? WD_REASON_TLS_NO_KEYS : WD_REASON_UNKNOWN_PROTOCOL;
    /* A request line that was cut is not an unknown protocol. */
    bool is_cut = is_closing && w->is_open && !w->is_midway;
    wd_host_undecoded(host, is_cut ? WD_REASON_INCOMPLETE : host->given_up, w->skipped + w->bytes.len);
    host->waiting = NULL;
    wd_waiting_free(w);
}

/* What TLS agreed on. Only of HTTP/2 is that worth more than the bytes: it stays HTTP/2 to the end. */
static const struct wd_protocol *agreed(const struct wd_host *host)
{
    bool is_innermost = host->outer || host->switch_count > 1;
    struct wd_bytes alpn = host->connection->alpn;
    return !is_innermost && wd_bytes_is(alpn, "h2") ? wd_protocol_find(alpn) : NULL;
}

int wd_waiting_take(struct wd_host *host, const struct wd_piece *piece)
{
    struct wd_waiting *w = host->waiting;
    w->is_midway |= piece->kind == WD_CHUNK_GAP;
    if ((w->count == PIECES_MAX && !continues_last(w, piece)) || w->bytes.len > BYTES_MAX) {
        if (!w->is_midway) {
            wd_waiting_give_up(host, false);
            return wd_host_take(host, piece);
        }
        drop(w);
    }
    keep(host, w, piece);
    if (piece->kind != WD_CHUNK_DATA)
        return WD_OK;
    struct wd_bid best = { 0, host->connection->client, { WD_NO_START, WD_NO_START } };
    const struct wd_protocol *winner = agreed(host);
    if (!winner)
        winner = ask(w, &best);
    if (winner)
        return accept(host, winner, &best);
    int tls = is_tls_record(piece_at(w, w->count - 1).bytes);
    w->is_tls |= tls > 0;
    w->is_open |= tls == 0;
    if (!w->is_open)
        wd_waiting_give_up(host, false);
    return WD_OK;
}
