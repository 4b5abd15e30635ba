/* A program of segments on a few connections. Each byte of a side is a function of its sequence number, so
 * all overlaps agree: what comes out must continue where the last chunk of its side ended, and each byte
 * that went in is counted once.
 *
 * The first byte sets the limits; then eight bytes are a segment: what, flow, flags, length and cut,
 * sequence (2), acknowledgement (2). */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>

#include "fuzz.h"
#include "stream/tcp.h"

enum { OP = 8, MOST = 1024, FLOWS = 4 };

struct sent { uint32_t seq; uint32_t len; };

struct side { bool is_known, is_ended; uint32_t at; };
struct tracker { struct side side[2]; };

struct run {
    struct wd_ledger ledger;
    struct sent sent[MOST + 1];   /* by packet number */
    uint64_t fed, data, opens, closes;
    uint64_t gaps;
};

static uint8_t byte_at(uint32_t seq)
{
    return (uint8_t)(seq * 2654435761u >> 24);
}

static bool matches(struct wd_bytes bytes, uint32_t seq)
{
    for (size_t i = 0; i < bytes.len; i++)
        if (bytes.at[i] != byte_at(seq + (uint32_t)i))
            return false;
    return true;
}

/* The place of the bytes in their segment, when there is only one. */
static void locate(struct side *side, struct wd_bytes bytes, const struct sent *sent)
{
    unsigned places = 0;
    for (uint32_t off = 0; off + bytes.len <= sent->len; off++) {
        if (!matches(bytes, sent->seq + off))
            continue;
        places++;
        side->at = sent->seq + off;
    }
    assert(places > 0);
    side->is_known = places == 1;
}

static void take_data(struct run *run, struct side *side, const struct wd_chunk *chunk)
{
    const struct sent *sent = &run->sent[chunk->packet];
    assert(chunk->bytes.len && !side->is_ended);
    if (!side->is_known)
        locate(side, chunk->bytes, sent);
    assert(!side->is_known || matches(chunk->bytes, side->at));
    side->at += (uint32_t)chunk->bytes.len;
    run->data += chunk->bytes.len;
}

static int take(void *ctx, const struct wd_chunk *chunk)
{
    struct run *run = ctx;
    struct tracker *tracker = chunk->connection->user;
    assert((chunk->kind == WD_CHUNK_OPEN) == (tracker == NULL));
    switch (chunk->kind) {
    case WD_CHUNK_OPEN:
        chunk->connection->user = calloc(1, sizeof *tracker);
        run->opens++;
        break;
    case WD_CHUNK_DATA:
        take_data(run, &tracker->side[chunk->side], chunk);
        break;
    case WD_CHUNK_GAP:
        assert(chunk->missing && !tracker->side[chunk->side].is_ended);
        tracker->side[chunk->side].at += (uint32_t)chunk->missing;
        run->gaps += chunk->missing;
        break;
    case WD_CHUNK_END:
        assert(!tracker->side[chunk->side].is_ended);
        tracker->side[chunk->side].is_ended = true;
        break;
    case WD_CHUNK_CLOSE:
        assert(chunk->is_reset || (tracker->side[0].is_ended && tracker->side[1].is_ended));
        free(tracker);
        run->closes++;
        break;
    case WD_CHUNK_SEALED:
        assert(false);   /* TLS says that */
        break;
    }
    return WD_OK;
}

/* Where a side is: segments are said to be near it. */
struct mouth { uint32_t next; };

static struct wd_segment segment_of(const uint8_t *op, struct mouth mouths[FLOWS][2], uint8_t *payload)
{
    int flow = op[1] % FLOWS, side = op[1] >> 7;
    struct mouth *mine = &mouths[flow][side];
    const struct mouth *other = &mouths[flow][1 - side];
    int16_t seq = (int16_t)(op[4] << 8 | op[5]), ack = (int16_t)(op[6] << 8 | op[7]);
    struct wd_segment s = { .flags = op[2] & 0x1f, .wire_len = op[3] };
    s.seq = mine->next + (op[0] & 1 ? (uint32_t)seq : 0);
    s.ack = other->next + (op[0] & 2 ? (uint32_t)ack : 0);
    if (op[0] & 4)
        s.seq += (uint32_t)op[4] << 24;
    s.payload = wd_bytes_at(payload, op[0] & 8 ? op[3] / 2 : op[3]);
    bool is_syn = s.flags & WD_TCP_SYN;
    if (!(op[0] & 16))
        mine->next = s.seq + is_syn + s.wire_len + !!(s.flags & WD_TCP_FIN);
    for (size_t i = 0; i < s.payload.len; i++)
        payload[i] = byte_at(s.seq + is_syn + (uint32_t)i);
    s.key.port[side] = (uint16_t)(100 + flow);
    s.key.port[1 - side] = 80;
    s.key.addr[side][0] = 1;
    return s;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct run run;
    struct mouth mouths[FLOWS][2] = { { { 0xfffffff0u }, { 1000 } }, { { 0x7ffffff0u }, { 0 } } };
    struct wd_limits limits = wd_limits_default();
    uint8_t payload[256];
    if (size == 0)
        return 0;
    memset(&run, 0, sizeof run);
    limits.segments = data[0] & 1 ? 4 : 1024;
    limits.reassembly = data[0] & 2 ? 1000 : 1 << 20;
    limits.reassembly_total = data[0] & 4 ? 2000 : 64 << 20;
    limits.flows = data[0] & 8 ? 2 : 1000;
    struct wd_tcp *tcp = wd_tcp_open(&limits, &run.ledger, take, &run);
    for (size_t at = 1, n = 1; size - at >= OP && n <= MOST; at += OP, n++) {
        struct wd_segment s = segment_of(data + at, mouths, payload);
        s.packet = n;
        s.ts_ns = (int64_t)n * (data[at] & 32 ? 1000000000 : 1000000);
        run.sent[n] = (struct sent){ s.seq + !!(s.flags & WD_TCP_SYN), (uint32_t)s.payload.len };
        run.fed += s.payload.len;
        assert(wd_tcp_feed(tcp, &s) == WD_OK);
    }
    assert(wd_tcp_finish(tcp) == WD_OK);
    assert(wd_tcp_connections(tcp) == run.opens && run.opens == run.closes);
    wd_tcp_free(tcp);
    assert(run.data + wd_ledger_sum(&run.ledger) == run.fed);
    return 0;
}
