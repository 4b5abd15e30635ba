/* Any bytes as a gzip or deflate body, cut in pieces: ours and zlib agree on bytes, end and verdict (tests/message/referee.h). */
#include "fuzz.h"
#include "../message/referee.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2)
        return 0;
    referee_coding(data[0] & 1 ? "gzip" : "deflate", wd_bytes_at(data + 1, size - 1), 1 + data[0] / 2);
    return 0;
}
