/* message/brotli.c - Content-Encoding: br, RFC 7932:
 *
 *   WBITS meta-block...      window of 16 to 24 bits; each meta-block is a length, prefix codes and commands
 */
#include <brotli/decode.h>

#include "base/arena.h"
#include "message/coding.h"

static void *open_br(void)
{
    BrotliDecoderState *state = BrotliDecoderCreateInstance(NULL, NULL, NULL);
    if (!state)
        wd_realloc(NULL, SIZE_MAX, 2);   /* ends the program: memory is out */
    return state;
}

static enum wd_coding_got run_br(void *state, struct wd_bytes *in, uint8_t *out, size_t room, size_t *made)
{
    size_t in_len = in->len, out_left = room;
    const uint8_t *next = in->at;
    BrotliDecoderResult rc = BrotliDecoderDecompressStream(state, &in_len, &next, &out_left, &out, NULL);
    in->at = next;
    in->len = in_len;
    *made = room - out_left;
    switch (rc) {
    case BROTLI_DECODER_RESULT_SUCCESS:
        return WD_CODING_END;
    case BROTLI_DECODER_RESULT_NEEDS_MORE_INPUT:
        return WD_CODING_MORE;
    case BROTLI_DECODER_RESULT_NEEDS_MORE_OUTPUT:
        return WD_CODING_FULL;
    default:
        return WD_CODING_BAD;
    }
}

static void close_br(void *state)
{
    BrotliDecoderDestroyInstance(state);
}

static bool is_whole(const void *state)
{
    return BrotliDecoderIsFinished(state);
}

const struct wd_coding wd_coding_br = { "br", NULL, open_br, run_br, close_br, is_whole, NULL, NULL };
