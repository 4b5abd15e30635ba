/* Any bytes as MessagePack: what msgpack-c unpacks to the last byte is well-formed, and nothing else. */
#define FUZZ_OPTIONS ":allocator_may_return_null=1:max_allocation_size_mb=48"   /* msgpack-c believes what an array declares */
#include "fuzz.h"
#include "walked.h"

#ifdef WD_HAVE_CODECS
#include <msgpack.h>

static void ask_msgpack_c(const uint8_t *data, size_t size, const char *fault)
{
    msgpack_unpacked unpacked;
    size_t off = 0;
    msgpack_unpacked_init(&unpacked);
    msgpack_unpack_return got = msgpack_unpack_next(&unpacked, (const char *)data, size, &off);
    bool is_whole = got == MSGPACK_UNPACK_SUCCESS && off == size;
    if (got != MSGPACK_UNPACK_NOMEM_ERROR && is_whole != !fault)   /* nested more than 32 deep is no memory, to it */
        abort();
    msgpack_unpacked_destroy(&unpacked);
}
#endif

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *fault = walked(&wd_codec_msgpack, data, size);
#ifdef WD_HAVE_CODECS
    ask_msgpack_c(data, size, fault);
#endif
    (void)fault;
    return 0;
}
