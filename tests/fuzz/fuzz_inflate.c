/* Any bytes as raw DEFLATE, cut in pieces: our inflater and zlib agree on bytes, end, verdict and bits (tests/message/referee.h). */
#include "fuzz.h"
#include "../message/referee.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2)
        return 0;
    size_t piece = data[0] % 16 ? data[0] : size, room = data[1] % 16 ? data[1] : 65536;
    referee(wd_bytes_at(data + 2, size - 2), piece, room);
    return 0;
}
