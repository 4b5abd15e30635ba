/* bench/inflate.c - our inflater, which counts the bits of every byte, against zlib, which does not: the frames of bench/traffic
 * --deflate from memory, message by message and context by context. Prints MB of plain bytes a second, ours and zlib's: the best
 * of ROUNDS, in turn. */
#include "clock.h"
#include "frames.h"

#include <zlib.h>

#include "message/huffman.h"
#include "message/inflate.h"

enum { ROUNDS = 9, BODY_MAX = 1 << 16, STEP = 16384 };

struct frame { unsigned stream; size_t len; uint8_t *at; };   /* its tail included */

static struct frame *frames;
static size_t count, cap;

static void keep_frame(struct stream *s, const uint8_t *payload, size_t len)
{
    static const uint8_t tail[TAIL_LEN] = { 0, 0, 0xff, 0xff };
    if (count == cap) {
        cap = cap ? 2 * cap : 1024;
        frames = realloc(frames, cap * sizeof *frames);
    }
    uint8_t *at = malloc(len + TAIL_LEN);
    if (!frames || !at)
        abort();
    memcpy(at, payload, len);
    memcpy(at + len, tail, TAIL_LEN);
    frames[count++] = (struct frame){ s->number, len + TAIL_LEN, at };
}

static double run_ours(const struct wd_fixed_codes *codes, uint64_t *made)
{
    struct wd_inflate **all = calloc(stream_count, sizeof *all);
    *made = 0;
    for (unsigned i = 0; i < stream_count; i++)
        all[i] = wd_inflate_open(INT32_MAX, codes);
    double start = cpu_seconds();
    for (size_t k = 0; k < count; k++) {
        struct wd_inflate *one = all[frames[k].stream];
        struct wd_bytes in = wd_bytes_at(frames[k].at, frames[k].len);
        wd_inflate_begin(one);
        while (wd_inflate_run(one, &in, STEP) == WD_CODING_FULL) { }
        *made += wd_inflate_total(one);
    }
    double took = cpu_seconds() - start;
    for (unsigned i = 0; i < stream_count; i++)
        wd_inflate_close(all[i]);
    free(all);
    return took;
}

static double run_zlib(uint64_t *made)
{
    static uint8_t body[BODY_MAX];
    z_stream *all = calloc(stream_count, sizeof *all);
    *made = 0;
    for (unsigned i = 0; i < stream_count; i++)
        if (inflateInit2(&all[i], -15) != Z_OK)
            abort();
    double start = cpu_seconds();
    for (size_t k = 0; k < count; k++) {
        z_stream *one = &all[frames[k].stream];
        one->next_in = frames[k].at;
        one->avail_in = (uInt)frames[k].len;
        one->next_out = body;
        one->avail_out = sizeof body;
        inflate(one, Z_SYNC_FLUSH);
        *made += sizeof body - one->avail_out;
    }
    double took = cpu_seconds() - start;
    for (unsigned i = 0; i < stream_count; i++)
        inflateEnd(&all[i]);
    free(all);
    return took;
}

int main(int argc, char **argv)
{
    static struct wd_fixed_codes codes;
    double ours = 1e9, zlib = 1e9;
    uint64_t made, expected;
    if (argc != 2) {
        fputs("usage: inflate FILE\n", stderr);
        return 2;
    }
    int rc = read_frames(argv[1], keep_frame);
    wd_huffman_build_fixed(&codes);
    for (int i = 0; i < ROUNDS; i++) {
        double took = run_ours(&codes, &made);
        ours = took < ours ? took : ours;
        took = run_zlib(&expected);
        zlib = took < zlib ? took : zlib;
        if (made != expected)
            abort();
    }
    printf("%.0f %.0f\n", (double)made / ours / 1e6, (double)made / zlib / 1e6);
    return rc;
}
