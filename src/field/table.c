#include "field/codec.h"

#include "base/arena.h"

#define ROW(name) &wd_codec_##name,
const struct wd_codec *const wd_codecs[] = { WD_CODECS(ROW) NULL };

const struct wd_codec *wd_codec_find(struct wd_bytes name)
{
    for (size_t i = 0; wd_codecs[i]; i++)
        if (wd_bytes_is(name, wd_codecs[i]->name))
            return wd_codecs[i];
    return NULL;
}

static bool names(const struct wd_codec *codec, struct wd_bytes media_type)
{
    for (size_t i = 0; codec->media_types[i]; i++) {
        struct wd_bytes type = wd_bytes_of(codec->media_types[i]), end = media_type;
        if (type.at[0] == '+' && end.len > type.len) {  /* "+json": a structured syntax suffix, RFC 6839 */
            end.at += end.len - type.len;
            end.len = type.len;
        }
        if (wd_bytes_is_nocase(end, codec->media_types[i]))
            return true;
    }
    return false;
}

/* Without parameters and the blanks before them. */
static struct wd_bytes bare_type(struct wd_bytes media_type)
{
    const uint8_t *semicolon = media_type.len ? memchr(media_type.at, ';', media_type.len) : NULL;
    if (semicolon)
        media_type.len = (size_t)(semicolon - media_type.at);
    while (media_type.len && media_type.at[media_type.len - 1] == ' ')
        media_type.len--;
    return media_type;
}

const struct wd_codec *wd_codec_declared(struct wd_bytes media_type)
{
    media_type = bare_type(media_type);
    for (size_t i = 0; media_type.len && wd_codecs[i]; i++)
        if (names(wd_codecs[i], media_type))
            return wd_codecs[i];
    return NULL;
}

const struct wd_codec *wd_codec_choose(struct wd_bytes media_type, const struct wd_layout *layout,
                                       struct wd_bytes body, bool is_text)
{
    const struct wd_codec *best = wd_codec_declared(media_type);
    int highest = 0;
    if (best)
        return best;
    for (size_t i = 0; wd_codecs[i]; i++) {
        if (is_text && wd_codecs[i]->is_binary)
            continue;
        if (layout && wd_codecs[i]->reads && wd_codecs[i]->reads(layout))
            return wd_codecs[i];
        int bid = wd_codecs[i]->bid(body);
        if (bid > highest) {
            highest = bid;
            best = wd_codecs[i];
        }
    }
    return best;
}

void wd_tape_free(struct wd_tape *tape)
{
    wd_free(tape->fields);
    *tape = (struct wd_tape){ 0 };
}

void wd_tape_grow(struct wd_tape *tape)
{
    tape->cap = tape->cap ? tape->cap * 2 : 64;
    tape->fields = wd_realloc(tape->fields, tape->cap, sizeof *tape->fields);
}

uint64_t wd_tape_bytes(const struct wd_tape *tape)
{
    uint64_t sum = 0;
    for (uint32_t i = 0; i < tape->count; i++) {
        const struct wd_field *f = &tape->fields[i];
        sum += (uint64_t)f->key_len + f->value_len + f->syntax_len + f->space_len;
    }
    return sum;
}

void wd_tape_fail(struct wd_tape *tape, struct wd_bytes body, uint32_t off, const char *why)
{
    uint64_t held = wd_tape_bytes(tape);
    tape->fault = why;
    tape->fault_off = off;
    if (held < body.len)
        *wd_tape_push(tape) = (struct wd_field){
            .path = WD_PATH_MALFORMED, .type = WD_TYPE_BYTES, .flags = WD_FIELD_MALFORMED,
            .value_off = (uint32_t)held, .value_len = (uint32_t)(body.len - held),
        };
}
