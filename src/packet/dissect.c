/* packet/dissect.c - packet to segment, and each byte below the payload to its layer.
 *
 *     | link, outer IP, tunnel .. | IP, options     | TCP                 | payload              | trailer |
 *                                 ^ link_end        ^ at                  ^ at + head            ^ end
 *     0|source|destination|4 seq|8 ack|12 head length 4 bits, flags|14 window|16 sum|18 urgent|20 options
 *
 * A tunnel is a loop: what stands behind an IP header is TCP, or leads to the next IP header.
 * Source: RFC 9293 section 3.1. Checksums are not verified: senders leave them to the network card.
 */
#include "packet/dissect.h"

#include "base/arena.h"
#include "packet/fragment.h"
#include "packet/layers.h"
#include "packet/load.h"
#include "packet/tunnel.h"
#include "packet/twin.h"

enum { TCP_LEAST = 20 };

struct wd_dissect {
    struct wd_ledger *ledger;
    wd_segment_fn *emit;
    void *ctx;
    const struct wd_link *link;   /* of the last packet */
    uint32_t link_type;
    struct wd_fragments *fragments;
    struct wd_twins *twins;
    uint64_t tunnels;             /* limit */
};

struct wd_dissect *wd_dissect_open(const struct wd_limits *limits, struct wd_ledger *ledger,
                                   wd_segment_fn *emit, void *ctx)
{
    struct wd_dissect *d = wd_alloc(sizeof *d);
    *d = (struct wd_dissect){ .ledger = ledger, .emit = emit, .ctx = ctx, .link_type = UINT32_MAX,
                              .tunnels = limits->tunnels };
    d->fragments = wd_fragments_open(limits, ledger);
    d->twins = wd_twins_open(limits);
    return d;
}

void wd_dissect_close(struct wd_dissect *d)
{
    if (!d)
        return;
    wd_fragments_close(d->fragments);
    wd_twins_close(d->twins);
    wd_free(d);
}

static uint64_t missing_of(const struct wd_layers *l)
{
    return l->wire_len - l->bytes.len;
}

/* The whole packet, and what was cut off it. */
static int set_aside(struct wd_dissect *d, const struct wd_layers *l, enum wd_layer layer)
{
    wd_ledger_add(d->ledger, layer, l->outside_link + l->outside_ip + l->bytes.len);
    d->ledger->missing_bytes += missing_of(l);
    return WD_OK;
}

/* What follows the sound headers. */
static int lose(struct wd_dissect *d, const struct wd_layers *l, enum wd_reason reason)
{
    wd_ledger_add(d->ledger, WD_LAYER_LINK, l->outside_link + l->link_end);
    wd_ledger_add(d->ledger, WD_LAYER_IP, l->outside_ip);
    wd_ledger_undecoded(d->ledger, reason, l->bytes.len - l->link_end);
    d->ledger->reason_streams[reason]++;
    d->ledger->missing_bytes += missing_of(l);
    return WD_OK;
}

/* The packet goes no further. A header that does not fit is cut if more of it was sent, else the packet
 * contradicts itself. */
static int end(struct wd_dissect *d, const struct wd_layers *l, enum wd_became became)
{
    switch (became) {
    case WD_IS_HELD:
        return WD_OK;
    case WD_IS_OTHER:
        return set_aside(d, l, WD_LAYER_OTHER);
    case WD_IS_DEEP:
        wd_ledger_limit(d->ledger, WD_LIMIT_tunnels, l->packet->number);
        return lose(d, l, WD_REASON_LIMIT);
    default:
        return lose(d, l, became == WD_IS_SHORT && wd_layers_are_cut(l) ? WD_REASON_INCOMPLETE : l->broken);
    }
}

static void read_segment(struct wd_bytes tcp, struct wd_segment *segment)
{
    segment->key.port[0] = wd_load_be16(tcp, 0);
    segment->key.port[1] = wd_load_be16(tcp, 2);
    segment->seq = wd_load_be32(tcp, 4);
    segment->ack = wd_load_be32(tcp, 8);
    segment->flags = tcp.at[13];
    segment->window = wd_load_be16(tcp, 14);
}

/* `tcp` is what was captured of a segment that was `wire_len` long. Returns false when it has no readable
 * header; a header whose options alone were cut off is good enough. */
static bool read_tcp(struct wd_dissect *d, struct wd_bytes tcp, uint64_t wire_len, struct wd_segment *segment)
{
    if (tcp.len < TCP_LEAST)
        return false;
    size_t head = (tcp.at[12] >> 4) * 4u;
    if (head < TCP_LEAST || head > wire_len || (head > tcp.len && tcp.len == wire_len))
        return false;
    read_segment(tcp, segment);
    segment->payload = wd_load_rest(tcp, head);
    segment->wire_len = (uint32_t)(wire_len - head);
    wd_ledger_add(d->ledger, WD_LAYER_TRANSPORT, tcp.len - segment->payload.len);
    d->ledger->missing_bytes += segment->wire_len - segment->payload.len;
    return true;
}

/* The headers below TCP, and what stands behind the datagram. */
static void count_headers(struct wd_dissect *d, const struct wd_layers *l)
{
    wd_ledger_add(d->ledger, WD_LAYER_LINK, l->outside_link + l->link_end + (l->bytes.len - l->end));
    wd_ledger_add(d->ledger, WD_LAYER_IP, l->outside_ip + l->at - l->link_end);
}

static int send_segment(struct wd_dissect *d, const struct wd_layers *l)
{
    struct wd_segment segment;
    segment.key = l->key;
    segment.ts_ns = l->packet->ts_ns;
    segment.packet = l->packet->number;
    struct wd_bytes tcp = wd_layers_rest(l);
    count_headers(d, l);
    if (read_tcp(d, tcp, l->wire_left, &segment)) {
        wd_twins_settle(d->twins, &segment.key);
        return d->emit(d->ctx, &segment);
    }
    enum wd_reason reason = tcp.len < l->wire_left ? WD_REASON_INCOMPLETE : WD_REASON_MALFORMED_TRANSPORT;
    wd_ledger_undecoded(d->ledger, reason, tcp.len);
    d->ledger->reason_streams[reason]++;
    d->ledger->missing_bytes += missing_of(l);
    return WD_OK;
}

/* The datagram that the fragment completes. */
static enum wd_became join(struct wd_dissect *d, struct wd_layers *l)
{
    d->ledger->missing_bytes += l->wire_left - (l->end - l->at);
    enum wd_became became = wd_fragments_add(d->fragments, l);
    return became == WD_GOES_ON ? wd_ip_resume(l) : became;
}

/* From below one IP header to what it carries. */
static enum wd_became read_network(struct wd_dissect *d, struct wd_layers *l)
{
    enum wd_became became = wd_tunnel_unwrap(l, d->tunnels);
    if (became != WD_GOES_ON)
        return became;
    if (l->key.ip_version == 0)
        l->first_ip = l->link_end;
    return wd_ip_read(l);
}

static int read_layers(struct wd_dissect *d, struct wd_layers *l)
{
    for (;;) {
        enum wd_became became = read_network(d, l);
        bool is_ours = became == WD_GOES_ON && (l->is_fragment || l->protocol == WD_PROTOCOL_TCP);
        if (is_ours && wd_twins_seen(d->twins, l))
            return set_aside(d, l, WD_LAYER_DUPLICATE);
        if (became == WD_GOES_ON && l->is_fragment)
            became = join(d, l);
        if (became == WD_GOES_ON && l->protocol == WD_PROTOCOL_TCP)
            return send_segment(d, l);
        if (became == WD_GOES_ON)
            became = wd_tunnel_enter(l, d->tunnels);
        if (became != WD_GOES_ON)
            return end(d, l, became);
    }
}

int wd_dissect_feed(struct wd_dissect *d, const struct wd_packet *packet)
{
    size_t len = packet->bytes.len;
    uint64_t wire_len = packet->orig_len > len ? packet->orig_len : len;
    d->ledger->packets++;
    d->ledger->captured_bytes += len;
    if (packet->link_type != d->link_type) {
        d->link = wd_link_find(packet->link_type);
        d->link_type = packet->link_type;
    }
    struct wd_layers layers = { .packet = packet, .bytes = packet->bytes, .wire_len = wire_len, .end = len,
                                .wire_left = wire_len, .broken = WD_REASON_MALFORMED_LINK };
    if (!d->link)
        return lose(d, &layers, WD_REASON_UNKNOWN_LINK);
    enum wd_became became = wd_link_read(d->link, &layers);
    return became == WD_GOES_ON ? read_layers(d, &layers) : end(d, &layers, became);
}
