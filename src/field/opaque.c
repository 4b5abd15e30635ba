/* field/opaque.c - a body that is not structured: one value at the root. */
#include "base/escape.h"
#include "field/codec.h"

static int bid(struct wd_bytes body)
{
    (void)body;
    return 1;
}

static void walk(struct wd_bytes body, struct wd_paths *paths, const struct wd_limits *limits,
                 struct wd_tape *tape)
{
    (void)paths;
    (void)limits;
    tape->count = 0;
    tape->fault = NULL;
    *wd_tape_push(tape) = (struct wd_field){
        .path = WD_PATH_ROOT,
        .type = wd_utf8_valid(body) ? WD_TYPE_STRING : WD_TYPE_BYTES,
        .flags = (uint8_t)(WD_FIELD_OPAQUE | (body.len == 0 ? WD_FIELD_EMPTY : 0)),
        .value_len = (uint32_t)body.len,
    };
}

/* Protobuf, of which no codec knows more: its first bytes may well look like JSON. Not text/plain and
 * application/octet-stream, which say nothing of what is inside: the bids do. */
static const char *const media_types[] = { "application/grpc", "application/grpc+proto", NULL };
const struct wd_codec wd_codec_opaque = { "opaque", media_types, bid, walk };
