/* bench/json.c - how fast our JSON walker reads messages: prints MB/s and the number of values. */
#include "field/codec.h"

#include "lines.h"

static size_t walk(const struct lines *l)
{
    struct wd_limits limits = wd_limits_default();
    struct wd_paths *paths = wd_paths_open(&limits, NULL);
    struct wd_tape tape = { 0 };
    size_t values = 0;
    for (size_t i = 0; i < l->count; i++) {
        struct wd_bytes body = { (const uint8_t *)l->text + l->start[i], line_len(l, i) };
        wd_codec_json.walk(body, NULL, paths, &limits, &tape);
        values += tape.count;
    }
    wd_tape_free(&tape);
    wd_paths_close(paths);
    return values;
}

int main(int argc, char **argv)
{
    if (argc != 2)
        bench_fail("usage: json MESSAGES");
    struct lines l = lines_read(argv[1]);
    lines_measure(&l, walk);
    free(l.text);
    free(l.start);
    return 0;
}
