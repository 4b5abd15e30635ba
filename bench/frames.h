/* bench/frames.h - the WebSocket frames of a pcap that bench/traffic wrote, and of no other: Ethernet, IPv4 and TCP without
 * options, in order, nothing lost. No checks, no table of connections but the port's: the least that is needed to get at them. */
#ifndef WD_BENCH_FRAMES_H
#define WD_BENCH_FRAMES_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HEADERS_LEN = 54, FRAME_MAX = 1 << 16, SERVER_PORT = 8080, TAIL_LEN = 4 };

/* One direction of a connection. */
struct stream {
    uint8_t bytes[FRAME_MAX + TAIL_LEN];   /* an unfinished head or frame */
    size_t len;
    int is_open;                /* the HTTP head is over */
    unsigned number;            /* 0, 1, ... in order of appearance */
    void *user;
};

/* A compressed payload, unmasked. */
typedef void frame_fn(struct stream *stream, const uint8_t *payload, size_t len);

static struct stream *streams[2][1 << 16];
static unsigned stream_count;

static unsigned be16(const uint8_t *at) { return (unsigned)at[0] << 8 | at[1]; }

/* How many of the bytes are a frame; 0: more are needed. */
static size_t read_frame(struct stream *s, uint8_t *bytes, size_t len, frame_fn *on_frame)
{
    if (len < 2)
        return 0;
    size_t head = 2, n = bytes[1] & 0x7f, key = bytes[1] & 0x80 ? 4 : 0;
    if (n == 126) {
        if (len < 4)
            return 0;
        n = be16(bytes + 2);
        head = 4;
    }
    if (len < head + key + n)
        return 0;
    uint8_t *payload = bytes + head + key;
    for (size_t i = 0; key && i < n; i++)
        payload[i] ^= bytes[head + (i & 3)];
    if (bytes[0] & 0x40)
        on_frame(s, payload, n);
    return head + key + n;
}

static size_t read_head(struct stream *s, const uint8_t *bytes, size_t len)
{
    const uint8_t *end = memmem(bytes, len, "\r\n\r\n", 4);
    s->is_open = end != NULL;
    return end ? (size_t)(end - bytes) + 4 : 0;
}

static void feed(struct stream *s, const uint8_t *bytes, size_t len, frame_fn *on_frame)
{
    size_t used = 0, n;
    memcpy(s->bytes + s->len, bytes, len);
    s->len += len;
    do {
        n = s->is_open ? read_frame(s, s->bytes + used, s->len - used, on_frame) : read_head(s, s->bytes + used, s->len - used);
        used += n;
    } while (n);
    memmove(s->bytes, s->bytes + used, s->len - used);
    s->len -= used;
}

static struct stream *stream_of(const uint8_t *tcp)
{
    int is_server = be16(tcp) == SERVER_PORT;
    struct stream **s = &streams[is_server][be16(is_server ? tcp + 2 : tcp)];
    if (!*s) {
        *s = calloc(1, sizeof **s);
        if (!*s)
            abort();
        (*s)->number = stream_count++;
    }
    return *s;
}

static int read_frames(const char *name, frame_fn *on_frame)
{
    static uint8_t packet[1 << 18];
    uint32_t record[4];
    FILE *in = fopen(name, "rb");
    if (!in || fread(packet, 24, 1, in) != 1) {
        perror(name);
        return 3;
    }
    while (fread(record, sizeof record, 1, in) == 1) {
        if (record[2] > sizeof packet || fread(packet, 1, record[2], in) != record[2])
            return 3;
        if (record[2] > HEADERS_LEN)
            feed(stream_of(packet + 34), packet + HEADERS_LEN, record[2] - HEADERS_LEN, on_frame);
    }
    fclose(in);
    return 0;
}

#endif
