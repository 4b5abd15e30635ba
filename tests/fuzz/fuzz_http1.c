#include "converse.h"
#include "fuzz.h"

#define TURNS 64

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct turn turns[TURNS];
    if (size < 2)
        return 0;
    size_t count = converse_script(wd_bytes_at(data + 1, size - 1), turns, TURNS);
    converse_check(turns, count, data[0] & 1);
    return 0;
}
