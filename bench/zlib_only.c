/* bench/zlib_only.c - the least that a program can do that inflates the frames of bench/traffic --deflate: zlib, and nothing else.
 *
 * Reads what that generator writes and no other capture: Ethernet, IPv4 and TCP without options, in order, nothing lost, one
 * frame a message. No checks, no table of connections but the port's, no JSON: its bytes are inflated and thrown away.
 * Shares no code with what it is compared to. Prints messages and bytes made. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

enum { HEADERS_LEN = 54, FRAME_MAX = 1 << 16, BODY_MAX = 1 << 16, SERVER_PORT = 8080 };

struct stream {
    z_stream z;
    uint8_t bytes[FRAME_MAX];   /* an unfinished head or frame */
    size_t len;
    int is_open;                /* the HTTP head is over */
};

static struct stream *streams[2][1 << 16];
static uint8_t body[BODY_MAX];
static uint64_t messages, made;

static unsigned be16(const uint8_t *at) { return (unsigned)at[0] << 8 | at[1]; }

static void inflate_frame(z_stream *z, const uint8_t *bytes, size_t len)
{
    static const uint8_t tail[] = { 0, 0, 0xff, 0xff };
    z->next_out = body;
    z->avail_out = sizeof body;
    z->next_in = (Bytef *)bytes;
    z->avail_in = (uInt)len;
    int rc = inflate(z, Z_SYNC_FLUSH);
    z->next_in = (Bytef *)tail;
    z->avail_in = sizeof tail;
    if (rc != Z_OK || inflate(z, Z_SYNC_FLUSH) != Z_OK)
        abort();
    made += sizeof body - z->avail_out;
    messages++;
}

/* How many of the bytes are a frame; 0: more are needed. */
static size_t read_frame(struct stream *s, uint8_t *bytes, size_t len)
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
        inflate_frame(&s->z, payload, n);
    return head + key + n;
}

static size_t read_head(struct stream *s, const uint8_t *bytes, size_t len)
{
    const uint8_t *end = memmem(bytes, len, "\r\n\r\n", 4);
    s->is_open = end != NULL;
    return end ? (size_t)(end - bytes) + 4 : 0;
}

static void feed(struct stream *s, const uint8_t *bytes, size_t len)
{
    size_t used = 0, n;
    memcpy(s->bytes + s->len, bytes, len);
    s->len += len;
    while ((n = s->is_open ? read_frame(s, s->bytes + used, s->len - used) : read_head(s, s->bytes + used, s->len - used)) > 0)
        used += n;
    memmove(s->bytes, s->bytes + used, s->len - used);
    s->len -= used;
}

static struct stream *stream_of(const uint8_t *tcp)
{
    int is_server = be16(tcp) == SERVER_PORT;
    struct stream **s = &streams[is_server][be16(is_server ? tcp + 2 : tcp)];
    if (!*s) {
        *s = calloc(1, sizeof **s);
        if (!*s || inflateInit2(&(*s)->z, -15) != Z_OK)
            abort();
    }
    return *s;
}

int main(int argc, char **argv)
{
    static uint8_t packet[1 << 18];
    uint32_t record[4];
    FILE *in = argc == 2 ? fopen(argv[1], "rb") : NULL;
    if (!in || fread(packet, 24, 1, in) != 1) {
        fputs("usage: zlib_only FILE\n", stderr);
        return 2;
    }
    while (fread(record, sizeof record, 1, in) == 1) {
        if (record[2] > sizeof packet || fread(packet, 1, record[2], in) != record[2])
            return 3;
        if (record[2] > HEADERS_LEN)
            feed(stream_of(packet + 34), packet + HEADERS_LEN, record[2] - HEADERS_LEN);
    }
    printf("%llu messages, %llu bytes\n", (unsigned long long)messages, (unsigned long long)made);
    return 0;
}
