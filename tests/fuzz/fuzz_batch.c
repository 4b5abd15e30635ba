/* Batches of JSON texts: the fields of any bytes tile them, and what bids for a message reads it from end to end or says
 * where it could not. */
#include <stdlib.h>

#include "field/codec.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct wd_limits limits = wd_limits_default();
    struct wd_bytes body = wd_bytes_at(data, size);
    struct wd_tape tape = { 0 };
    limits.map_keys = 8;
    struct wd_paths *paths = wd_paths_open(&limits, NULL);
    bool is_batch = wd_codec_ndjson.bid(body) > wd_codec_json.bid(body);
    wd_codec_ndjson.walk(body, NULL, paths, &limits, &tape);
    if (wd_tape_bytes(&tape) != size)
        abort();
    wd_codec_json.walk(body, NULL, paths, &limits, &tape);
    if (wd_tape_bytes(&tape) != size || (is_batch && !tape.fault))
        abort();  /* nothing that is one JSON text is taken for a batch */
    wd_tape_free(&tape);
    wd_paths_close(paths);
    return 0;
}
