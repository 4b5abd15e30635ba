/* bench/lines.h - messages to measure on, one a line, and how long a walk over all of them takes.
 * Shared by json.c and simdjson.cc, so that both sides of the comparison read and time in the same way. */
#ifndef WD_BENCH_LINES_H
#define WD_BENCH_LINES_H

#include <string.h>

#include "clock.h"

struct lines {
    char *text;       /* followed by LINES_PADDING bytes that may be read */
    size_t len;
    size_t *start;    /* count + 1 offsets; a line ends one byte before the next starts */
    size_t count;
};

enum { LINES_PADDING = 128 };

static inline struct lines lines_read(const char *name)
{
    struct lines l = { NULL, 0, NULL, 0 };
    FILE *in = fopen(name, "rb");
    if (!in || fseek(in, 0, SEEK_END) || (l.len = (size_t)ftell(in)) == 0 || fseek(in, 0, SEEK_SET))
        bench_fail("cannot read the messages");
    l.text = (char *)calloc(1, l.len + LINES_PADDING);
    l.start = (size_t *)calloc(l.len / 16 + 2, sizeof *l.start);   /* no message is shorter than 16 bytes */
    if (!l.text || !l.start || fread(l.text, 1, l.len, in) != l.len)
        bench_fail("cannot read the messages");
    fclose(in);
    for (const char *at = l.text; at < l.text + l.len; at = (const char *)memchr(at, '\n', l.len) + 1)
        l.start[l.count++] = (size_t)(at - l.text);
    l.start[l.count] = l.len;
    return l;
}

static inline size_t line_len(const struct lines *l, size_t i) { return l->start[i + 1] - l->start[i] - 1; }

/* Walks everything again and again for two CPU seconds, and prints MB/s of the fastest round. `walk` returns how many
 * values it saw, which is printed too: both sides must agree. */
static inline void lines_measure(const struct lines *l, size_t (*walk)(const struct lines *l))
{
    double best = 1e9;
    size_t values = 0;
    for (double begin = cpu_seconds(); cpu_seconds() - begin < 2;) {
        double start = cpu_seconds();
        values = walk(l);
        double took = cpu_seconds() - start;
        best = took < best ? took : best;
    }
    printf("%.0f %zu\n", (double)l->len / best / 1e6, values);
}

#endif
