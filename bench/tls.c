/* bench/tls.c - the TLS twin of a capture: bench/tls KEYLOG <plain.pcap >tls.pcap
 *
 * Each connection of the plain capture (Ethernet | IPv4 | TCP, as bench/traffic writes it) is said again through a TLS 1.3
 * client and server of libssl, at the same times, in segments of the same size; what was one write there (full segments and
 * the one that is not full) is one write here. AES-128-GCM, which most peers agree on. The keys go to KEYLOG. Keys and
 * randoms are new each time, so the bytes differ, their number does not. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "../tests/stream/peer.h"
#include "base/arena.h"

enum { FILE_HEAD = 24, RECORD_HEAD = 16, ETHERNET = 14, IP = 20, TCP = 20, HEADERS = ETHERNET + IP + TCP, SEGMENT = 1460 };
enum { SYN = 2, PSH = 8, ACK = 16, CONNECTIONS = 65536 };

struct flow {
    struct peer peer;
    bool is_open;
    uint32_t next[2];
    struct wd_buf write[2];    /* of which the end has not come */
};

struct twin {
    struct flow *flows[CONNECTIONS];   /* by the client's port */
    struct flow *flow;                 /* whose turn it is */
    uint8_t head[RECORD_HEAD], packet[HEADERS];
    int keylog;
};

static uint32_t be32(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | p[1] << 16 | p[2] << 8 | p[3];
}

static void put32(uint8_t *p, uint32_t v, bool is_big)
{
    for (int i = 0; i < 4; i++)
        p[i] = (uint8_t)(v >> 8 * (is_big ? 3 - i : i));
}

static int side_of(const uint8_t *tcp)
{
    return (tcp[0] << 8 | tcp[1]) < (tcp[2] << 8 | tcp[3]) ? PEER_SERVER : PEER_CLIENT;
}

/* A packet like the one being looked at, from either side. */
static void put_packet(struct twin *t, int side, uint8_t flags, struct wd_bytes payload)
{
    uint8_t head[RECORD_HEAD], packet[HEADERS];
    memcpy(head, t->head, sizeof head);
    memcpy(packet, t->packet, sizeof packet);
    uint8_t *ip = packet + ETHERNET, *tcp = ip + IP;
    if (side != side_of(tcp)) {
        uint8_t addresses[8], ports[4];
        memcpy(addresses, ip + 16, 4);
        memcpy(addresses + 4, ip + 12, 4);
        memcpy(ip + 12, addresses, 8);
        memcpy(ports, tcp + 2, 2);
        memcpy(ports + 2, tcp, 2);
        memcpy(tcp, ports, 4);
    }
    size_t len = HEADERS + payload.len;
    put32(head + 8, (uint32_t)len, false);
    put32(head + 12, (uint32_t)len, false);
    ip[2] = (uint8_t)((len - ETHERNET) >> 8);
    ip[3] = (uint8_t)(len - ETHERNET);
    put32(tcp + 4, t->flow->next[side], true);
    put32(tcp + 8, t->flow->next[1 - side], true);
    tcp[13] = flags;
    fwrite(head, 1, sizeof head, stdout);
    fwrite(packet, 1, sizeof packet, stdout);
    fwrite(payload.at, 1, payload.len, stdout);
    t->flow->next[side] += (uint32_t)payload.len;
}

static void wire(void *ctx, int side, struct wd_bytes bytes)
{
    while (bytes.len) {
        size_t n = bytes.len < SEGMENT ? bytes.len : SEGMENT;
        put_packet(ctx, side, PSH | ACK, wd_bytes_at(bytes.at, n));
        bytes = wd_bytes_at(bytes.at + n, bytes.len - n);
    }
}

static void fail(const char *what)
{
    fprintf(stderr, "tls: %s\n", what);
    exit(1);
}

static void open_peers(struct twin *t)
{
    static const struct peer_wishes wishes = {.version = TLS1_3_VERSION, .cipher = "TLS_AES_128_GCM_SHA256"};
    struct flow *flow = t->flow;
    if (flow->is_open)
        return;
    flow->is_open = true;
    if (!peer_open(&flow->peer, &wishes, wire, t) || !peer_shake(&flow->peer))
        fail("no handshake");
    if (write(t->keylog, flow->peer.keylog.at, flow->peer.keylog.len) < 0)
        fail("the key log cannot be written");
}

static void take_packet(struct twin *t, struct wd_bytes payload)
{
    const uint8_t *tcp = t->packet + ETHERNET + IP;
    int side = side_of(tcp);
    size_t port = (size_t)(side == PEER_CLIENT ? tcp[0] << 8 | tcp[1] : tcp[2] << 8 | tcp[3]);
    if (!t->flows[port])
        t->flows[port] = wd_alloc(sizeof(struct flow));
    struct flow *flow = t->flow = t->flows[port];
    if (tcp[13] & SYN)
        flow->next[side] = be32(tcp + 4);
    if (!payload.len) {
        put_packet(t, side, tcp[13], payload);
        flow->next[side] += (tcp[13] & 3) != 0;   /* SYN and FIN count */
        return;
    }
    open_peers(t);
    wd_buf_put(&flow->write[side], payload);
    if (payload.len == SEGMENT)
        return;
    if (!peer_say(&flow->peer, side, wd_buf_bytes(&flow->write[side])))
        fail("a write failed");
    wd_buf_reset(&flow->write[side]);
}

int main(int argc, char **argv)
{
    static struct twin t;
    static uint8_t payload[65536];
    uint8_t head[FILE_HEAD];
    t.keylog = argc == 2 ? open(argv[1], O_WRONLY | O_CREAT | O_TRUNC, 0600) : -1;
    if (t.keylog < 0)
        fail("usage: tls KEYLOG <plain.pcap >tls.pcap");
    if (fread(head, 1, sizeof head, stdin) != sizeof head)
        fail("no capture");
    fwrite(head, 1, sizeof head, stdout);
    while (fread(t.head, 1, sizeof t.head, stdin) == sizeof t.head) {
        size_t len = t.head[8] | t.head[9] << 8 | t.head[10] << 16;
        if (len < HEADERS || len > sizeof payload || fread(t.packet, 1, HEADERS, stdin) != HEADERS ||
            fread(payload, 1, len - HEADERS, stdin) != len - HEADERS)
            fail("not a capture of bench/traffic");
        take_packet(&t, wd_bytes_at(payload, len - HEADERS));
    }
    return fflush(stdout) == 0 ? 0 : 1;
}
