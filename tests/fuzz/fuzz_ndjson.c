/* Lines of JSON, with the layout that the first byte chooses: bytes balance, all of them, whole and in pieces. */
#include <assert.h>
#include <stdint.h>

#include "fuzz.h"
#include "message/lines.h"
#include "retold.h"

static const struct wd_lines_layout layouts[] = {
    { .path = { NULL } },
    { .path = { [WD_LINE_PAYLOAD] = "p" } },
    { .path = { [WD_LINE_PAYLOAD] = "m.p",
                [WD_LINE_CHANNEL] = "m.c",
                [WD_LINE_TYPE] = "t",
                [WD_LINE_TIME] = "ts" } },
    { .path = { [WD_LINE_CHANNEL] = "c",
                [WD_LINE_DIRECTION] = "d",
                [WD_LINE_CONNECTION] = "n",
                [WD_LINE_TIME] = "ts" } },
};

static void play(struct retold *run, const struct wd_lines_layout *layout, struct wd_bytes bytes,
                 size_t piece)
{
    size_t len = bytes.len;
    retold_open(run);
    struct wd_lines *lines = wd_lines_open("f", layout, &run->limits, &run->ledger, run->messages, NULL);
    while (bytes.len && run->rc >= 0) {
        size_t n = bytes.len < piece ? bytes.len : piece;
        run->rc = wd_lines_feed(lines, wd_bytes_at(bytes.at, n), &run->err);
        bytes = wd_bytes_at(bytes.at + n, bytes.len - n);
    }
    if (run->rc >= 0)
        run->rc = wd_lines_finish(lines, &run->err);
    retold_fault(run, wd_lines_fault(lines));
    assert(wd_lines_told(lines)->messages == run->count);
    assert(run->ledger.captured_bytes == len);
    wd_lines_free(lines);
    retold_close(run);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct retold whole, split;
    if (size < 1)
        return 0;
    const struct wd_lines_layout *layout = &layouts[data[0] % WD_COUNT(layouts)];
    play(&whole, layout, wd_bytes_at(data + 1, size - 1), SIZE_MAX);
    play(&split, layout, wd_bytes_at(data + 1, size - 1), 1u + data[0] / WD_COUNT(layouts));
    retold_same(&whole, &split);
    return 0;
}
