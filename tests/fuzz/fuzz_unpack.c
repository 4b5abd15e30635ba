/* Compressed files: in pieces the same comes out as at once, and the same fault; what is whole unpacks as zlib's own wrapper
 * has it elsewhere. The first byte is the size of the pieces. */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/buf.h"
#include "fuzz.h"
#include "packet/unpack.h"

enum { MOST = 4 << 20 };

struct run { struct wd_buf out; char fault[sizeof ((struct wd_err *)0)->text]; bool is_full; };

static int take(void *ctx, struct wd_bytes bytes, struct wd_err *err)
{
    struct run *run = ctx;
    (void)err;
    wd_buf_put(&run->out, bytes);
    run->is_full = run->out.len > MOST;
    return run->is_full ? WD_STOP : WD_OK;
}

static void play(struct run *run, struct wd_bytes bytes, size_t piece)
{
    struct wd_limits limits = wd_limits_default();
    limits.memory = 16 << 20;
    struct wd_unpack *u = wd_unpack_open("f", bytes, &limits, take, run);
    wd_buf_reset(&run->out);
    run->fault[0] = 0;
    run->is_full = false;
    while (bytes.len && !run->is_full) {
        size_t n = bytes.len < piece ? bytes.len : piece;
        int rc = wd_unpack_feed(u, wd_bytes_at(bytes.at, n), NULL);
        assert(rc == (run->is_full ? WD_STOP : WD_OK));
        bytes = wd_bytes_at(bytes.at + n, bytes.len - n);
    }
    wd_unpack_finish(u);
    if (wd_unpack_fault(u))
        strcpy(run->fault, wd_unpack_fault(u));
    wd_unpack_free(u);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct run whole, split;
    if (size < 1 || !wd_unpack_sniff(wd_bytes_at(data + 1, size - 1)))
        return 0;
    play(&whole, wd_bytes_at(data + 1, size - 1), SIZE_MAX);
    play(&split, wd_bytes_at(data + 1, size - 1), 1u + data[0]);
    if (whole.is_full || split.is_full)
        return 0;
    /* What a broken coding had made before it broke depends on how much of it was seen at once. */
    size_t n = whole.out.len < split.out.len ? whole.out.len : split.out.len;
    /* A zstd frame that is there as a whole libzstd reads by another path, which refuses an empty compressed block. */
    bool is_zstd = data[1] == 0x28;
    assert(is_zstd || (whole.fault[0] == 0) == (split.fault[0] == 0));
    assert(n == 0 || memcmp(whole.out.at, split.out.at, n) == 0);
    assert(whole.fault[0] || split.fault[0] || whole.out.len == split.out.len);
    return 0;
}
