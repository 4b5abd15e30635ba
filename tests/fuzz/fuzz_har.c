/* A HAR: whatever it holds, its bytes balance, and fed in pieces it gives the same messages and the same fault as at once. */
#include <assert.h>
#include <stdint.h>

#include "fuzz.h"
#include "message/har.h"
#include "retold.h"

static void play(struct retold *run, struct wd_bytes bytes, size_t piece)
{
    retold_open(run);
    struct wd_har *har = wd_har_open("f", &run->limits, &run->ledger, run->messages, NULL);
    while (bytes.len && run->rc >= 0) {
        size_t n = bytes.len < piece ? bytes.len : piece;
        run->rc = wd_har_feed(har, wd_bytes_at(bytes.at, n), &run->err);
        bytes = wd_bytes_at(bytes.at + n, bytes.len - n);
    }
    if (run->rc >= 0)
        run->rc = wd_har_finish(har, &run->err);
    retold_fault(run, wd_har_fault(har));
    assert(wd_har_told(har)->messages == run->count);
    wd_har_free(har);
    retold_close(run);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct retold whole, split;
    if (size < 1)
        return 0;
    play(&whole, wd_bytes_at(data + 1, size - 1), SIZE_MAX);
    play(&split, wd_bytes_at(data + 1, size - 1), 1u + data[0] % 64);
    retold_same(&whole, &split);
    return 0;
}
