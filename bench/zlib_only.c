/* bench/zlib_only.c - the least that a program can do that inflates the frames of bench/traffic --deflate: zlib, and nothing else.
 *
 * Reads the pcap by bench/frames.h, which is far less than any reader of real captures must do; inflates each message and throws
 * its bytes away. No JSON, no fields. Shares no code with what it is compared to. Prints messages and bytes made. */
#include "frames.h"

#include <zlib.h>

enum { BODY_MAX = 1 << 16 };

static uint64_t messages, made;

static void inflate_frame(struct stream *s, const uint8_t *payload, size_t len)
{
    static const uint8_t tail[TAIL_LEN] = { 0, 0, 0xff, 0xff };
    static uint8_t body[BODY_MAX];
    z_stream *z = s->user;
    if (!z) {
        z = s->user = calloc(1, sizeof *z);
        if (!z || inflateInit2(z, -15) != Z_OK)
            abort();
    }
    z->next_out = body;
    z->avail_out = sizeof body;
    z->next_in = (Bytef *)payload;
    z->avail_in = (uInt)len;
    int rc = inflate(z, Z_SYNC_FLUSH);
    z->next_in = (Bytef *)tail;
    z->avail_in = sizeof tail;
    if (rc != Z_OK || inflate(z, Z_SYNC_FLUSH) != Z_OK)
        abort();
    made += sizeof body - z->avail_out;
    messages++;
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fputs("usage: zlib_only FILE\n", stderr);
        return 2;
    }
    int rc = read_frames(argv[1], inflate_frame);
    printf("%llu messages, %llu bytes\n", (unsigned long long)messages, (unsigned long long)made);
    return rc;
}
