/* The body of an event stream; the first byte chooses its content coding. */
#include "converse.h"
#include "fuzz.h"

#define HEAD "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"

static const char *const heads[] = {
    HEAD "\r\n",
    HEAD "Content-Encoding: gzip\r\n\r\n",
    HEAD "Content-Encoding: deflate\r\n\r\n",
    HEAD "Content-Encoding: br\r\n\r\n",
    HEAD "Content-Encoding: zstd\r\n\r\n",
    HEAD "Content-Encoding: deflate, gzip\r\n\r\n",
    "HTTP/1.1 200 OK\r\nContent-Type: application/x-ndjson\r\n\r\n",
    HEAD "Transfer-Encoding: chunked\r\n\r\n",
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2)
        return 0;
    struct wd_bytes body = { data + 1, size - 1 };
    size_t half = body.len / 2;
    enum wd_chunk_kind between = data[0] & 8 ? WD_CHUNK_GAP : WD_CHUNK_DATA;
    const struct turn turns[] = {
        { .side = 0, .kind = WD_CHUNK_DATA, .bytes = wd_bytes_of("GET /events HTTP/1.1\r\n\r\n") },
        { .side = 1, .kind = WD_CHUNK_DATA, .bytes = wd_bytes_of(heads[data[0] & 7]) },
        { .side = 1, .kind = WD_CHUNK_DATA, .bytes = { body.at, half } },
        { .side = 1, .kind = between, .bytes = { body.at, 0 }, .missing = data[0] >> 4 },
        { .side = 1, .kind = WD_CHUNK_DATA, .bytes = { body.at + half, body.len - half } },
        { .side = 1, .kind = WD_CHUNK_END },
    };
    converse_check(turns, WD_COUNT(turns), false);
    return 0;
}
