/* packet/dissect.c - packet to segment, and each byte below the payload to its layer.
 *
 *     | link         | IP, options     | TCP                          | payload              | trailer |
 *                    ^ link_end        ^ at                           ^ at + head            ^ end
 *     0|source|destination|4 seq|8 ack|12 head length 4 bits, flags|14 window|16 sum|18 urgent|20 options
 *
 * Source: RFC 9293 section 3.1. Checksums are not verified: senders leave them to the network card.
 */
#include "packet/dissect.h"

#include "base/arena.h"
#include "packet/fragment.h"
#include "packet/layers.h"
#include "packet/load.h"

enum { TCP_LEAST = 20 };

struct wd_dissect {
    struct wd_ledger *ledger;
    wd_segment_fn *emit;
    void *ctx;
    const struct wd_link *link;   /* of the last packet */
    uint32_t link_type;
    struct wd_fragments *fragments;
};

struct wd_dissect *wd_dissect_open(const struct wd_limits *limits, struct wd_ledger *ledger,
                                   wd_segment_fn *emit, void *ctx)
{
    struct wd_dissect *d = wd_alloc(sizeof *d);
    *d = (struct wd_dissect){ .ledger = ledger, .emit = emit, .ctx = ctx, .link_type = UINT32_MAX };
    d->fragments = wd_fragments_open(limits, ledger);
    return d;
}

void wd_dissect_close(struct wd_dissect *d)
{
    if (!d)
        return;
    wd_fragments_close(d->fragments);
    wd_free(d);
}

static uint64_t missing_of(const struct wd_packet *packet)
{
    return packet->orig_len > packet->bytes.len ? packet->orig_len - packet->bytes.len : 0;
}

/* Nothing for us: the whole packet, and what was cut off it. */
static int set_aside(struct wd_dissect *d, const struct wd_packet *packet)
{
    wd_ledger_add(d->ledger, WD_LAYER_OTHER, packet->bytes.len);
    d->ledger->missing_bytes += missing_of(packet);
    return WD_OK;
}

/* What follows `done`, of a packet of which `done` bytes are accounted for. */
static int lose(struct wd_dissect *d, const struct wd_packet *packet, size_t done, enum wd_reason reason)
{
    wd_ledger_undecoded(d->ledger, reason, packet->bytes.len - done);
    d->ledger->reason_streams[reason]++;
    d->ledger->missing_bytes += missing_of(packet);
    return WD_OK;
}

/* A header that does not fit is cut if more of it was sent, else the packet contradicts itself. */
static enum wd_reason reason_of(enum wd_became became, bool is_cut, enum wd_reason broken)
{
    return became == WD_IS_SHORT && is_cut ? WD_REASON_INCOMPLETE : broken;
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

static int send_whole(struct wd_dissect *d, const struct wd_layers *l)
{
    const struct wd_packet *packet = l->packet;
    struct wd_segment segment;
    segment.key = l->key;
    segment.ts_ns = packet->ts_ns;
    segment.packet = packet->number;
    struct wd_bytes tcp = wd_load_part(packet->bytes, l->at, l->end - l->at);
    wd_ledger_add(d->ledger, WD_LAYER_LINK, l->link_end + (packet->bytes.len - l->end));
    wd_ledger_add(d->ledger, WD_LAYER_IP, l->at - l->link_end);
    if (read_tcp(d, tcp, l->wire_left, &segment))
        return d->emit(d->ctx, &segment);
    bool is_cut = tcp.len < l->wire_left;
    return lose(d, packet, packet->bytes.len - tcp.len,
                is_cut ? WD_REASON_INCOMPLETE : WD_REASON_MALFORMED_TRANSPORT);
}

/* A datagram that came in fragments: link and IP headers are accounted for, `datagram` is not. */
static int send_joined(struct wd_dissect *d, const struct wd_layers *l, struct wd_bytes datagram,
                       uint8_t protocol)
{
    size_t at = 0;
    enum wd_became became =
        l->key.ip_version == 6 ? wd_ip_extensions(datagram, &protocol, &at, NULL) : WD_GOES_ON;
    struct wd_segment segment = { .key = l->key, .ts_ns = l->packet->ts_ns, .packet = l->packet->number };
    struct wd_bytes rest = wd_load_rest(datagram, at);
    wd_ledger_add(d->ledger, WD_LAYER_IP, at);
    if (became == WD_GOES_ON && protocol != WD_PROTOCOL_TCP) {
        wd_ledger_add(d->ledger, WD_LAYER_OTHER, rest.len);
        return WD_OK;
    }
    if (became == WD_GOES_ON && read_tcp(d, rest, rest.len, &segment))
        return d->emit(d->ctx, &segment);
    enum wd_reason reason = became == WD_GOES_ON ? WD_REASON_MALFORMED_TRANSPORT : WD_REASON_MALFORMED_IP;
    wd_ledger_undecoded(d->ledger, reason, rest.len);
    d->ledger->reason_streams[reason]++;
    return WD_OK;
}

static int hold(struct wd_dissect *d, const struct wd_layers *l)
{
    struct wd_bytes datagram;
    uint8_t protocol;
    wd_ledger_add(d->ledger, WD_LAYER_LINK, l->link_end + (l->packet->bytes.len - l->end));
    wd_ledger_add(d->ledger, WD_LAYER_IP, l->at - l->link_end);
    d->ledger->missing_bytes += l->wire_left - (l->end - l->at);
    return wd_fragments_add(d->fragments, l, &datagram, &protocol) ? send_joined(d, l, datagram, protocol)
                                                                   : WD_OK;
}

static int read_ip(struct wd_dissect *d, struct wd_layers *l)
{
    const struct wd_packet *packet = l->packet;
    bool is_cut = missing_of(packet) > 0;
    enum wd_became became = wd_ip_read(l);
    if (became == WD_GOES_ON && l->is_fragment)
        return hold(d, l);
    if (became == WD_GOES_ON && l->protocol == WD_PROTOCOL_TCP)
        return send_whole(d, l);
    if (became == WD_GOES_ON || became == WD_IS_OTHER)
        return set_aside(d, packet);
    wd_ledger_add(d->ledger, WD_LAYER_LINK, l->link_end);
    return lose(d, packet, l->link_end, reason_of(became, is_cut, WD_REASON_MALFORMED_IP));
}

int wd_dissect_feed(struct wd_dissect *d, const struct wd_packet *packet)
{
    d->ledger->packets++;
    d->ledger->captured_bytes += packet->bytes.len;
    if (packet->link_type != d->link_type) {
        d->link = wd_link_find(packet->link_type);
        d->link_type = packet->link_type;
    }
    if (!d->link)
        return lose(d, packet, 0, WD_REASON_UNKNOWN_LINK);
    struct wd_layers layers = { .packet = packet };
    switch (wd_link_read(d->link, &layers)) {
    case WD_GOES_ON:
        return read_ip(d, &layers);
    case WD_IS_OTHER:
        return set_aside(d, packet);
    default:
        return lose(d, packet, 0, missing_of(packet) ? WD_REASON_INCOMPLETE : WD_REASON_MALFORMED_LINK);
    }
}
