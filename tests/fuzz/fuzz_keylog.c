/* A key log: fed in pieces it holds the same as at once. The first byte is the size of the pieces. */
#include <assert.h>

#include "fuzz.h"
#include "stream/keylog.h"

static struct wd_keylog *read_log(struct wd_bytes text, size_t piece)
{
    struct wd_limits limits = wd_limits_default();
    limits.secrets = 20;
    struct wd_keylog *log = wd_keylog_open(&limits);
    wd_keylog_begin(log, "log", false);
    for (size_t off = 0, n; off < text.len; off += n) {
        n = piece < text.len - off ? piece : text.len - off;
        wd_keylog_feed(log, wd_bytes_at(text.at + off, n));
    }
    wd_keylog_end(log);
    return log;
}

/* Asks both for every place in the text where a random could stand. */
static uint64_t compare(struct wd_keylog *a, struct wd_keylog *b, struct wd_bytes text)
{
    uint64_t found = 0;
    for (size_t at = 0; text.len >= 64 && at <= text.len - 64; at++) {
        uint8_t random[WD_RANDOM_BYTES];
        for (size_t i = 0; i < sizeof random; i++) {
            uint8_t high = text.at[at + 2 * i], low = text.at[at + 2 * i + 1];
            random[i] =
                (uint8_t)((high & 15) + (high > '9') * 9) << 4 | (((low & 15) + (low > '9') * 9) & 15);
        }
        for (int kind = 0; kind < WD_SECRET_COUNT; kind++) {
            struct wd_secret x = { .len = 0 }, y = { .len = 0 };
            bool has = wd_keylog_find(a, (enum wd_secret_kind)kind, random, &x);
            assert(has == wd_keylog_find(b, (enum wd_secret_kind)kind, random, &y));
            assert(x.len == y.len && x.len <= WD_SECRET_MOST && (has ? x.len > 0 : true));
            assert(memcmp(x.bytes, y.bytes, x.len) == 0);
            found += has;
        }
    }
    return found;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 1 || size > 4000)
        return 0;
    struct wd_bytes text = { data + 1, size - 1 };
    struct wd_keylog *whole = read_log(text, SIZE_MAX), *pieces = read_log(text, 1 + data[0]);
    const struct wd_keylog_source *a = wd_keylog_source(whole, 0), *b = wd_keylog_source(pieces, 0);
    assert(a->secrets == b->secrets && a->bad_lines == b->bad_lines && a->rsa_lines == b->rsa_lines);
    assert(wd_keylog_is_full(whole) == wd_keylog_is_full(pieces));
    uint64_t found = compare(whole, pieces, text);
    assert((a->secrets > 0) == (found > 0));
    wd_keylog_free(whole);
    wd_keylog_free(pieces);
    return 0;
}
