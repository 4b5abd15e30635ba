/* field/opaque.c - a body that is not structured: one value at the root. */
#include "base/escape.h"
#include "field/codec.h"

static int bid(struct wd_bytes body)
{
    (void)body;
    return 1;
}

static bool keeps(struct wd_bytes body)
{
    (void)body;
    return false;  /* the next message may well be something */
}

static void walk(struct wd_bytes body, const struct wd_layout *layout, struct wd_paths *paths,
                 const struct wd_limits *limits, struct wd_tape *tape)
{
    (void)layout;
    (void)paths;
    (void)limits;
    wd_tape_reset(tape);
    *wd_tape_push(tape) = (struct wd_field){
        .path = WD_PATH_ROOT,
        .type = wd_utf8_valid(body) ? WD_TYPE_STRING : WD_TYPE_BYTES,
        .flags = (uint8_t)(WD_FIELD_OPAQUE | (body.len == 0 ? WD_FIELD_EMPTY : 0)),
        .value_len = (uint32_t)body.len,
    };
}

/* Not text/plain and application/octet-stream, which say nothing of what is inside: the bids do. */
static const char *const media_types[] = { NULL };
const struct wd_codec wd_codec_opaque = {
    .name = "opaque",
    .media_types = media_types,
    .bid = bid,
    .keeps = keeps,
    .walk = walk,
};
