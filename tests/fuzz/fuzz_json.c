/* The fields of any bytes tile them; a second walk with a tree that has learnt the keys finds the same fields. */
#include <stdlib.h>

#include "field/codec.h"
#include "fuzz.h"

static uint64_t tape_sum(const struct wd_tape *tape)
{
    uint64_t sum = 0;
    for (uint32_t i = 0; i < tape->count; i++) {
        const struct wd_field *f = &tape->fields[i];
        sum = sum * 31 + f->path + f->type * 7u + f->key_len * 11u + f->value_len * 13u + f->syntax_len * 17u + f->space_len * 19u;
    }
    return sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct wd_limits limits = wd_limits_default();
    struct wd_bytes body = wd_bytes_at(data, size);
    struct wd_tape tape = { 0 };
    limits.map_keys = 8;
    struct wd_paths *paths = wd_paths_open(&limits, NULL);
    wd_codec_json.bid(body);
    wd_codec_json.walk(body, NULL, paths, &limits, &tape);
    if (wd_tape_bytes(&tape) != size)
        abort();
    uint32_t folds = wd_paths_folds(paths);
    wd_codec_json.walk(body, NULL, paths, &limits, &tape);
    uint64_t second = tape_sum(&tape);
    wd_codec_json.walk(body, NULL, paths, &limits, &tape);
    if (wd_tape_bytes(&tape) != size || (wd_paths_folds(paths) == folds && tape_sum(&tape) != second))
        abort();
    wd_tape_free(&tape);
    wd_paths_close(paths);
    return 0;
}
