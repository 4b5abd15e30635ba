/* bench/traffic.c - traffic to measure on: a pcap of WebSocket connections that talk JSON, from a seed.
 *
 *   pcap file header, then packets: Ethernet | IPv4 | TCP | bytes
 *   per connection: SYN, SYN+ACK, ACK, HTTP Upgrade, 101, then frames (RFC 6455, 5.2), FIN both ways
 *   with --deflate they agree on permessage-deflate (RFC 7692) with context takeover, as node's ws does it: level 6, 32 KiB;
 *   with --deflate-alone without, as servers do that share one compressor among their connections
 *
 * Connections are interleaved at random. Of 16 messages 15 go from the server (unmasked), one from the client
 * (masked); bodies have 200 to 2,000 bytes in five shapes, most of whose fields stay as they are from one message
 * of a connection to the next. Every second data packet is acknowledged by a bare ACK. Same size and seed, same
 * bytes. Written without the code that is measured. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

enum {
    ETHERNET_LEN = 14, IP_LEN = 20, TCP_LEN = 20, HEADERS_LEN = ETHERNET_LEN + IP_LEN + TCP_LEN,
    SEGMENT_LEN = 1460, BODY_MAX = 2600, FRAME_MAX = BODY_MAX + 8, ITEMS = 16,
    SYN = 2, FIN = 1, PSH = 8, ACK = 16, SERVER_PORT = 8080
};

#define EXTENSION "Sec-WebSocket-Extensions: permessage-deflate"
#define ALONE "; server_no_context_takeover; client_no_context_takeover"

enum side { CLIENT, SERVER };

/* What one connection is about: the state that its messages tell of. */
struct connection {
    uint32_t seq[2];
    uint16_t port;
    unsigned unacknowledged;
    uint64_t count;
    unsigned room, temperature, rpm;
    double price[ITEMS], latitude, longitude;
    unsigned stock[ITEMS], load[ITEMS];
    char user[24], token[49];
    z_stream deflate[2];
};

struct traffic {
    FILE *out;
    uint64_t random, written, payload, messages, time_us;
    bool is_bare;   /* only the bodies, one a line: for the JSON benchmarks */
    bool is_deflated, is_alone;
};

static uint64_t draw(struct traffic *t)   /* xorshift64* */
{
    t->random ^= t->random >> 12;
    t->random ^= t->random << 25;
    t->random ^= t->random >> 27;
    return t->random * UINT64_C(2685821657736338717);
}

static unsigned below(struct traffic *t, unsigned n) { return (unsigned)((draw(t) >> 33) % n); }

static double around(struct traffic *t, double width)
{
    return ((double)(draw(t) >> 11) / 9007199254740992.0 - 0.5) * width;
}

static void put(struct traffic *t, const void *bytes, size_t len)
{
    if (len && fwrite(bytes, 1, len, t->out) != len) {
        perror("traffic: write");
        exit(4);
    }
    t->written += len;
}

static void be16(uint8_t *at, unsigned v)
{
    at[0] = (uint8_t)(v >> 8);
    at[1] = (uint8_t)v;
}

static void be32(uint8_t *at, uint32_t v)
{
    be16(at, v >> 16);
    be16(at + 2, v & 0xffff);
}

static void ip_checksum(uint8_t *ip)
{
    uint32_t sum = 0;
    for (int i = 0; i < IP_LEN; i += 2)
        sum += (uint32_t)ip[i] << 8 | ip[i + 1];
    sum = (sum & 0xffff) + (sum >> 16);
    be16(ip + 10, ~((sum & 0xffff) + (sum >> 16)) & 0xffff);
}

static void send_packet(struct traffic *t, struct connection *c, enum side from, unsigned flags,
                        const uint8_t *bytes, size_t len)
{
    uint8_t head[HEADERS_LEN] = { 2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 8, 0, 0x45 };
    uint8_t *ip = head + ETHERNET_LEN, *tcp = ip + IP_LEN;
    be16(ip + 2, (unsigned)(IP_LEN + TCP_LEN + len));
    ip[6] = 0x40;
    ip[8] = 64;
    ip[9] = 6;
    be32(ip + 12, from == CLIENT ? 0x0a000000u + c->port : 0x0a640001u);
    be32(ip + 16, from == CLIENT ? 0x0a640001u : 0x0a000000u + c->port);
    ip_checksum(ip);
    be16(tcp, from == CLIENT ? c->port : SERVER_PORT);
    be16(tcp + 2, from == CLIENT ? SERVER_PORT : c->port);
    be32(tcp + 4, c->seq[from]);
    be32(tcp + 8, flags == SYN ? 0 : c->seq[!from]);
    tcp[12] = TCP_LEN / 4 << 4;
    tcp[13] = (uint8_t)flags;
    be16(tcp + 14, 0xfaf0);

    uint32_t record[4] = { (uint32_t)(t->time_us / 1000000 + 1772528400), (uint32_t)(t->time_us % 1000000),
                           (uint32_t)(HEADERS_LEN + len), (uint32_t)(HEADERS_LEN + len) };
    put(t, record, sizeof record);
    put(t, head, sizeof head);
    put(t, bytes, len);
    c->seq[from] += (uint32_t)len + !!(flags & (SYN | FIN));
    t->time_us += 1 + below(t, 40);
}

/* Cuts into segments; the other side acknowledges every second one. */
static void send_bytes(struct traffic *t, struct connection *c, enum side from, const uint8_t *bytes,
                       size_t len)
{
    while (len) {
        size_t part = len < SEGMENT_LEN ? len : SEGMENT_LEN;
        send_packet(t, c, from, ACK | (part == len ? PSH : 0), bytes, part);
        bytes += part;
        len -= part;
        if (++c->unacknowledged % 2 == 0)
            send_packet(t, c, !from, ACK, NULL, 0);
    }
}

/* RFC 7692, 7.2.1: flushed, without the last four bytes. */
static size_t compress_body(z_stream *z, const char *body, size_t len, uint8_t *out)
{
    z->next_in = (Bytef *)body;
    z->avail_in = (uInt)len;
    z->next_out = out;
    z->avail_out = FRAME_MAX;
    if (deflate(z, Z_SYNC_FLUSH) != Z_OK || z->avail_in || z->avail_out == 0)
        abort();
    return FRAME_MAX - z->avail_out - 4;
}

static void send_frame(struct traffic *t, struct connection *c, enum side from, const char *body, size_t len)
{
    t->payload += len;
    t->messages++;
    if (t->is_bare) {
        put(t, body, len);
        put(t, "\n", 1);
        return;
    }
    uint8_t frame[FRAME_MAX] = { 0x81 };   /* FIN, text */
    uint8_t packed[FRAME_MAX];
    if (t->is_deflated) {
        len = compress_body(&c->deflate[from], body, len, packed);
        if (t->is_alone)
            deflateReset(&c->deflate[from]);
        body = (const char *)packed;
        frame[0] |= 0x40;
    }
    size_t head = 2;
    frame[1] = len < 126 ? (uint8_t)len : 126;
    if (len >= 126) {
        be16(frame + 2, (unsigned)len);
        head = 4;
    }
    if (from == CLIENT) {
        uint8_t mask[4];
        be32(mask, (uint32_t)draw(t));
        frame[1] |= 0x80;
        memcpy(frame + head, mask, 4);
        head += 4;
        for (size_t i = 0; i < len; i++)
            frame[head + i] = (uint8_t)body[i] ^ mask[i & 3];
    } else {
        memcpy(frame + head, body, len);
    }
    send_bytes(t, c, from, frame, head + len);
}

static void open_connection(struct traffic *t, struct connection *c, unsigned number)
{
    char request[512];
    memset(c, 0, sizeof *c);
    c->port = (uint16_t)(20000 + number);
    c->seq[CLIENT] = (uint32_t)draw(t);
    c->seq[SERVER] = (uint32_t)draw(t);
    c->room = below(t, 9000);
    c->latitude = 52.5 + around(t, 0.2);
    c->longitude = 13.4 + around(t, 0.2);
    snprintf(c->user, sizeof c->user, "viewer-%06u", below(t, 1000000));
    for (size_t i = 0; i < sizeof c->token - 1; i++)
        c->token[i] = "abcdefghijklmnopqrstuvwxyz234567"[below(t, 32)];
    for (int i = 0; i < ITEMS; i++) {
        c->price[i] = 20 + 10 * i + around(t, 10);
        c->stock[i] = below(t, 500);
        c->load[i] = below(t, 100);
    }
    for (int side = 0; side < 2 && t->is_deflated; side++)
        if (deflateInit2(&c->deflate[side], Z_DEFAULT_COMPRESSION, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY) != Z_OK)
            exit(4);
    if (t->is_bare)
        return;
    send_packet(t, c, CLIENT, SYN, NULL, 0);
    send_packet(t, c, SERVER, SYN | ACK, NULL, 0);
    send_packet(t, c, CLIENT, ACK, NULL, 0);
    int len = snprintf(request, sizeof request,
                       "GET /feed HTTP/1.1\r\nHost: bench.example\r\n"
                       "Upgrade: websocket\r\nConnection: Upgrade\r\n"
                       "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n%s\r\n",
                   t->is_alone ? EXTENSION ALONE "\r\n" : t->is_deflated ? EXTENSION "\r\n" : "");
    send_bytes(t, c, CLIENT, (const uint8_t *)request, (size_t)len);
    len = snprintf(request, sizeof request,
                   "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                   "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n%s\r\n",
                   t->is_alone ? EXTENSION ALONE "\r\n" : t->is_deflated ? EXTENSION "\r\n" : "");
    send_bytes(t, c, SERVER, (const uint8_t *)request, (size_t)len);
}

static void close_connection(struct traffic *t, struct connection *c)
{
    static const uint8_t from_server[] = { 0x88, 0x02, 0x03, 0xe8 };
    static const uint8_t from_client[] = { 0x88, 0x82, 1, 2, 3, 4, 1 ^ 0x03, 2 ^ 0xe8 };
    send_bytes(t, c, CLIENT, from_client, sizeof from_client);
    send_bytes(t, c, SERVER, from_server, sizeof from_server);
    send_packet(t, c, SERVER, FIN | ACK, NULL, 0);
    send_packet(t, c, CLIENT, FIN | ACK, NULL, 0);
    send_packet(t, c, SERVER, ACK, NULL, 0);
    for (int side = 0; side < 2 && t->is_deflated; side++)
        deflateEnd(&c->deflate[side]);
}

/* A body under construction; the shapes below never come near BODY_MAX. */
struct body { char text[BODY_MAX]; size_t len; };

__attribute__((format(printf, 2, 3)))
static void say(struct body *b, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int n = vsnprintf(b->text + b->len, sizeof b->text - b->len, format, args);
    va_end(args);
    if (n < 0 || (size_t)n >= sizeof b->text - b->len)
        abort();
    b->len += (size_t)n;
}

static void say_head(struct traffic *t, struct connection *c, struct body *b, const char *type)
{
    say(b, "{\"type\":\"%s\",\"seq\":%" PRIu64 ",\"ts\":%" PRIu64 ",\"room\":\"room-%u\",", type, c->count,
        UINT64_C(1772528400000) + t->time_us / 1000, c->room);
}

static void say_metrics(struct traffic *t, struct connection *c, struct body *b)
{
    c->load[below(t, ITEMS)] = below(t, 100);
    c->temperature = c->count % 40 == 0 ? 40 + below(t, 30) : c->temperature;
    say_head(t, c, b, "metrics");
    say(b, "\"session\":{\"token\":\"%s\",\"user\":\"%s\",\"locale\":\"de-DE\"},", c->token, c->user);
    say(b, "\"host\":{\"name\":\"web-%u.fra1.example.com\",\"os\":\"Debian GNU/Linux 12\","
           "\"kernel\":\"6.1.0-28-amd64\",\"rack\":\"r12-u07\",\"maintenance\":false,\"contact\":null},",
        c->room % 40);
    say(b, "\"cpu\":{\"user\":%.1f,\"system\":%.1f,\"cores\":[", 30 + around(t, 20), 10 + around(t, 5));
    for (int i = 0; i < 8; i++)
        say(b, "%s%u", i ? "," : "", c->load[i]);
    say(b, "]},\"memory\":{\"total\":16755879936,\"used\":%u},\"temperature\":%u,", c->stock[0] * 16384u,
        c->temperature);
    say(b, "\"flags\":{\"canary\":true,\"beta\":false}}");
}

static void say_prices(struct traffic *t, struct connection *c, struct body *b)
{
    int n = 3 + (int)below(t, ITEMS - 3);
    say_head(t, c, b, "prices");
    say(b, "\"items\":[");
    for (int i = 0; i < n; i++) {
        if (below(t, 3) == 0)
            c->price[i] += around(t, 0.5);
        if (below(t, 20) == 0)
            c->stock[i] = below(t, 500);
        say(b, "%s{\"sku\":\"A-%04d\",\"title\":\"Article number %d \\u2013 blue\",\"price\":%.2f,"
               "\"currency\":\"EUR\",\"stock\":%u,\"tags\":[\"new\",\"sale\"]}",
            i ? "," : "", i * 37, i, c->price[i], c->stock[i]);
    }
    say(b, "],\"total\":%d,\"next\":null}", n);
}

static void say_position(struct traffic *t, struct connection *c, struct body *b)
{
    c->latitude += around(t, 0.0004);
    c->longitude += around(t, 0.0004);
    c->rpm = c->count % 10 == 0 ? below(t, 4000) : c->rpm;
    say_head(t, c, b, "position");
    say(b, "\"vehicle\":{\"id\":%u,\"plate\":\"B-WD %u\",\"model\":\"e-Vito\"},", c->room, 1000 + c->room);
    say(b, "\"position\":{\"lat\":%.6f,\"lon\":%.6f,\"speed\":%.2f,\"heading\":%u},",
        c->latitude, c->longitude, 40 + around(t, 30), below(t, 360));
    say(b, "\"rpm\":%u,\"battery\":%u,\"online\":true,\"driver\":{\"name\":\"%s\",\"shift\":\"early\"}}",
        c->rpm, 80 - (unsigned)(c->count / 64 % 60), c->user);
}

static void say_chat(struct traffic *t, struct connection *c, struct body *b)
{
    static const char *const words[] = {
        "yes", "no", "tomorrow", "meeting", "at", "nine", "\\\"quoted\\\"", "caf\xc3\xa9", "please", "send",
        "the", "report", "line\\nbreak", "thanks",
    };
    say_head(t, c, b, "chat");
    say(b, "\"from\":{\"id\":\"%s\",\"avatar\":\"https://img.example.com/%s/64.png\",", c->user, c->user);
    say(b, "\"roles\":[\"member\"]},\"text\":\"");
    for (int n = 16 + (int)below(t, 60); n > 0; n--)
        say(b, "%s ", words[below(t, sizeof words / sizeof words[0])]);
    say(b, "\",\"edited\":false,\"reply_to\":null}");
}

static void say_ack(struct traffic *t, struct connection *c, struct body *b)
{
    say_head(t, c, b, "ack");
    say(b, "\"client\":{\"id\":\"%s\",\"agent\":\"LiveDash/5.1 (X11; Linux x86_64)\",\"locale\":\"de-DE\","
           "\"build\":9001},",
        c->user);
    say(b, "\"upTo\":%" PRIu64 ",\"dropped\":0,\"visible\":true}", c->count);
}

static void send_message(struct traffic *t, struct connection *c)
{
    static void (*const shapes[])(struct traffic *, struct connection *, struct body *) = {
        say_metrics, say_metrics, say_metrics, say_metrics, say_metrics, say_metrics, say_prices, say_prices,
        say_prices, say_prices, say_position, say_position, say_position, say_chat, say_chat,
    };
    struct body body = { .len = 0 };
    bool is_ack = below(t, 16) == 0;
    c->count++;
    (is_ack ? say_ack : shapes[below(t, sizeof shapes / sizeof shapes[0])])(t, c, &body);
    send_frame(t, c, is_ack ? CLIENT : SERVER, body.text, body.len);
}

static void generate(struct traffic *t, uint64_t bytes, unsigned connections)
{
    struct connection *all = calloc(connections, sizeof *all);
    if (!all)
        exit(4);
    if (!t->is_bare) {
        uint32_t head[6] = { 0xa1b2c3d4, 4 << 16 | 2, 0, 0, 262144, 1 };
        put(t, head, sizeof head);
    }
    for (unsigned i = 0; i < connections; i++)
        open_connection(t, &all[i], i);
    while (t->written < bytes)
        send_message(t, &all[below(t, connections)]);
    for (unsigned i = 0; i < connections && !t->is_bare; i++)
        close_connection(t, &all[i]);
    free(all);
}

int main(int argc, char **argv)
{
    struct traffic t = { .out = stdout };
    t.is_bare = argc > 1 && strcmp(argv[1], "--bodies") == 0;
    t.is_alone = argc > 1 && strcmp(argv[1], "--deflate-alone") == 0;
    t.is_deflated = t.is_alone || (argc > 1 && strcmp(argv[1], "--deflate") == 0);
    int options = t.is_bare || t.is_deflated;
    char **args = argv + 1 + options;
    int count = argc - 1 - options;
    if (count < 1 || count > 3) {
        fputs("usage: traffic [--bodies|--deflate|--deflate-alone] MEGABYTES [CONNECTIONS [SEED]] >FILE\n"
              "A pcap of WebSocket traffic, compressed with --deflate, each message alone with --deflate-alone; or with --bodies the JSON messages alone,\n"
              "one a line.\n", stderr);
        return 2;
    }
    uint64_t megabytes = strtoull(args[0], NULL, 10);
    unsigned connections = count > 1 ? (unsigned)strtoul(args[1], NULL, 10) : 64;
    t.random = count > 2 ? strtoull(args[2], NULL, 10) : 20260303;
    if (!megabytes || !connections || connections > 40000 || !t.random) {
        fprintf(stderr, "traffic: sizes and seed are numbers above 0, connections at most 40,000\n");
        return 2;
    }
    generate(&t, megabytes * 1000000, connections);
    if (fflush(stdout)) {
        perror("traffic: write");
        return 4;
    }
    fprintf(stderr, "%" PRIu64 " bytes, %" PRIu64 " messages, %" PRIu64 " payload bytes, %u connections\n",
            t.written, t.messages, t.payload, connections);
    return 0;
}
