/* Any bytes as CBOR: what libcbor loads to the last byte is well-formed, and nothing else. */
#define FUZZ_OPTIONS ":allocator_may_return_null=1:max_allocation_size_mb=48"   /* libcbor believes what an array declares */
#include "fuzz.h"
#include "walked.h"

#ifdef WD_HAVE_CODECS
#include <cbor.h>

/* It knows no simple values but those of JSON and undefined, no tags from 6 to 20, and does not look at the text of strings. */
static bool knows(const uint8_t *data, size_t size, const struct cbor_load_result *result, const char *fault)
{
    if (result->error.code == CBOR_ERR_MEMERROR)
        return false;
    if (fault && (!strcmp(fault, "a string is not valid UTF-8") || !strcmp(fault, "nested too deeply")))
        return false;
    uint8_t at = result->error.code != CBOR_ERR_NONE && result->error.position < size ? data[result->error.position] : 0;
    return !((at >= 0xe0 && at < 0xf4) || at == 0xf8 || (at >= 0xc6 && at <= 0xd4));
}

static void ask_libcbor(const uint8_t *data, size_t size, const char *fault)
{
    struct cbor_load_result result = { .read = 0 };
    cbor_item_t *item = cbor_load(data, size, &result);
    bool is_whole = item && result.error.code == CBOR_ERR_NONE && result.read == size;
    if (knows(data, size, &result, fault) && is_whole != !fault)
        abort();
    if (item)
        cbor_decref(&item);
}
#endif

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *fault = walked(&wd_codec_cbor, data, size);
#ifdef WD_HAVE_CODECS
    ask_libcbor(data, size, fault);
#endif
    (void)fault;
    return 0;
}
