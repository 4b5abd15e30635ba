/* field/cbor.c - CBOR, with an owner for each byte (RFC 8949). {"cpu": {_ "load": 0.5}, "up": 1(1700000000)}:
 *
 *     a2 63 63 70 75 bf 64 6c 6f 61 64 f9 38 00 ff 62 75 70 c1 1a 65 53 f1 00
 *     |  |           |  |              |        |  |        |  |
 *     |  |           |  key            value    |  key      |  value: head and content
 *     |  |           the inner map's own: syntax, its break as well
 *     |  key: head and text                                 a tag: syntax of the value behind it
 *     the root's own: syntax
 *
 * A string in chunks is one value, the heads of the chunks and the break included. Of the tags:
 *   - 2 and 3, bignums: an integer when 64 bits hold it, else bytes, the magnitude;
 *   - 4, a decimal fraction [exponent, mantissa]: one number, when both are integers and of a sane size;
 *   - 24, encoded CBOR: when the bytes are one well-formed value, their head is syntax too and it is walked;
 *   - all others (times, 55799 "this is CBOR", ...): what is behind them.
 * undefined is null. A simple value that nobody has assigned is bytes, its number. Keys that are no text:
 * field/packed.h, wd_head_key.
 */
#include "field/packed.h"

enum { MAJOR_TEXT = 0x20 };  /* what tells 0x7f from 0x5f */

/* RFC 8949 appendix B, "Jump Table for Initial Byte"; what is not here is reserved. */
static const struct wd_initial initials[256] = {
    [0x00 ... 0x17] = { WD_HEAD_UNSIGNED, .mask = 0x1f },
    [0x18] = { WD_HEAD_UNSIGNED, .size = 1 },
    [0x19] = { WD_HEAD_UNSIGNED, .size = 2 },
    [0x1a] = { WD_HEAD_UNSIGNED, .size = 4 },
    [0x1b] = { WD_HEAD_UNSIGNED, .size = 8 },
    [0x20 ... 0x37] = { WD_HEAD_NEGATIVE, .mask = 0x1f },
    [0x38] = { WD_HEAD_NEGATIVE, .size = 1 },
    [0x39] = { WD_HEAD_NEGATIVE, .size = 2 },
    [0x3a] = { WD_HEAD_NEGATIVE, .size = 4 },
    [0x3b] = { WD_HEAD_NEGATIVE, .size = 8 },
    [0x40 ... 0x57] = { WD_HEAD_BYTES, .mask = 0x1f },
    [0x58] = { WD_HEAD_BYTES, .size = 1 },
    [0x59] = { WD_HEAD_BYTES, .size = 2 },
    [0x5a] = { WD_HEAD_BYTES, .size = 4 },
    [0x5b] = { WD_HEAD_BYTES, .size = 8 },
    [0x5f] = { WD_HEAD_CHUNKS, .mask = MAJOR_TEXT },
    [0x60 ... 0x77] = { WD_HEAD_TEXT, .mask = 0x1f },
    [0x78] = { WD_HEAD_TEXT, .size = 1 },
    [0x79] = { WD_HEAD_TEXT, .size = 2 },
    [0x7a] = { WD_HEAD_TEXT, .size = 4 },
    [0x7b] = { WD_HEAD_TEXT, .size = 8 },
    [0x7f] = { WD_HEAD_CHUNKS, .mask = MAJOR_TEXT },
    [0x80 ... 0x97] = { WD_HEAD_ARRAY, .mask = 0x1f },
    [0x98] = { WD_HEAD_ARRAY, .size = 1 },
    [0x99] = { WD_HEAD_ARRAY, .size = 2 },
    [0x9a] = { WD_HEAD_ARRAY, .size = 4 },
    [0x9b] = { WD_HEAD_ARRAY, .size = 8 },
    [0x9f] = { WD_HEAD_ARRAY, .is_open = true },
    [0xa0 ... 0xb7] = { WD_HEAD_MAP, .mask = 0x1f },
    [0xb8] = { WD_HEAD_MAP, .size = 1 },
    [0xb9] = { WD_HEAD_MAP, .size = 2 },
    [0xba] = { WD_HEAD_MAP, .size = 4 },
    [0xbb] = { WD_HEAD_MAP, .size = 8 },
    [0xbf] = { WD_HEAD_MAP, .is_open = true },
    [0xc0 ... 0xd7] = { WD_HEAD_TAG, .mask = 0x1f },
    [0xd8] = { WD_HEAD_TAG, .size = 1 },
    [0xd9] = { WD_HEAD_TAG, .size = 2 },
    [0xda] = { WD_HEAD_TAG, .size = 4 },
    [0xdb] = { WD_HEAD_TAG, .size = 8 },
    [0xe0 ... 0xf3] = { WD_HEAD_SIMPLE, .mask = 0x1f },
    [0xf4 ... 0xf5] = { WD_HEAD_BOOLEAN, .mask = 0x01 },
    [0xf6 ... 0xf7] = { .kind = WD_HEAD_NULL },
    [0xf8] = { WD_HEAD_SIMPLE, .size = 1 },
    [0xf9] = { WD_HEAD_FLOAT, .size = 2 },
    [0xfa] = { WD_HEAD_FLOAT, .size = 4 },
    [0xfb] = { WD_HEAD_FLOAT, .size = 8 },
    [WD_PACKED_BREAK] = { .kind = WD_HEAD_BREAK },
};

static inline struct wd_head read_head(const uint8_t *at, uint32_t off, uint32_t len)
{
    struct wd_head h = wd_head_read(initials, at, off, len);
    if (h.kind == WD_HEAD_SIMPLE && h.size && h.arg < 32)
        return wd_head_fault(off, "a simple value below 32 in two bytes");
    return h;
}

static const struct wd_packing packing;

/* --- strings in chunks, simple values --- */

static struct wd_packed_place chunked_value(struct wd_packed *w, struct wd_packed_place p, uint32_t path,
                                            struct wd_head h)
{
    struct wd_survey s = wd_survey_value(&packing, w->body, p.off, w->len);
    struct wd_buf *scratch = wd_paths_scratch(w->paths);
    if (s.fault)
        return p.off = s.end, wd_packed_fail(p, s.fault);
    struct wd_field *f = wd_packed_emit(w, &p, path, h.arg ? WD_TYPE_STRING : WD_TYPE_BYTES, s.end);
    f->text_off = h.end;
    f->text_len = s.end - 1 - h.end;
    wd_buf_reset(scratch);
    wd_field_join(wd_bytes_at(w->body + f->text_off, f->text_len), scratch);
    f->flags |= (uint8_t)(WD_FIELD_ESCAPED | (scratch->len ? 0 : WD_FIELD_EMPTY));
    return p;
}

static struct wd_packed_place simple_value(struct wd_packed *w, struct wd_packed_place p, uint32_t path,
                                           struct wd_head h)
{
    struct wd_field *f = wd_packed_emit(w, &p, path, WD_TYPE_BYTES, h.end);
    f->text_off = h.end - 1;
    f->text_len = 1;
    return p;
}

/* --- tags (section 3.4) --- */

enum { TAG_BIGNUM = 2, TAG_NEGATIVE_BIGNUM = 3, TAG_DECIMAL = 4, TAG_ENCODED = 24 };
enum { EXPONENT_MOST = 400 };  /* doubles end at 10^308 */

static struct wd_packed_place pass_head(struct wd_packed_place p, struct wd_head h)
{
    p.syntax += h.end - p.off;
    p.off = h.end;
    return p;
}

/* Bytes that are one well-formed value. */
static bool is_encoded(const struct wd_packed *w, struct wd_head h)
{
    if (h.kind != WD_HEAD_BYTES || h.arg > w->len - h.end)
        return false;
    uint32_t end = h.end + (uint32_t)h.arg;
    struct wd_survey s = wd_survey_value(&packing, w->body, h.end, end);
    return !s.fault && s.end == end;
}

/* The head of the integer that a bignum could have been; *h as it is when it could not. */
static void read_bignum(const struct wd_packed *w, uint64_t tag, struct wd_head *h)
{
    if (h->kind != WD_HEAD_BYTES || h->arg > w->len - h->end)
        return;
    const uint8_t *at = w->body + h->end, *end = at + h->arg;
    while (at < end && *at == 0)
        at++;
    if (end - at > 8)
        return;
    h->end += (uint32_t)h->arg;
    h->kind = tag == TAG_BIGNUM ? WD_HEAD_UNSIGNED : WD_HEAD_NEGATIVE;
    for (h->arg = 0; at < end; at++)
        h->arg = h->arg << 8 | *at;
}

static bool is_integer(struct wd_head h)
{
    return h.kind == WD_HEAD_UNSIGNED || (h.kind == WD_HEAD_NEGATIVE && h.arg != UINT64_MAX);
}

/* [exponent, mantissa] as one number; false when that is not what it is. */
static bool take_decimal(struct wd_packed *w, struct wd_packed_place *p, uint32_t path, struct wd_head h)
{
    if (h.kind != WD_HEAD_ARRAY || h.is_open || h.arg != 2)
        return false;
    struct wd_head exponent = read_head(w->body, h.end, w->len),
                   mantissa = read_head(w->body, exponent.end, w->len);
    if (!is_integer(exponent) || !is_integer(mantissa) || exponent.arg > EXPONENT_MOST)
        return false;
    bool is_negative = mantissa.kind == WD_HEAD_NEGATIVE;
    int32_t power = exponent.kind == WD_HEAD_NEGATIVE ? -1 - (int32_t)exponent.arg : (int32_t)exponent.arg;
    wd_field_keep_decimal(wd_packed_emit(w, p, path, WD_TYPE_NUMBER, mantissa.end),
                          mantissa.arg + is_negative, is_negative, power);
    return true;
}

static struct wd_packed_place tagged_value(struct wd_packed *w, struct wd_packed_place p, uint32_t path,
                                           struct wd_head h)
{
    uint64_t tag = 0;
    while (h.kind == WD_HEAD_TAG) {
        tag = h.arg;
        p = pass_head(p, h);
        h = read_head(w->body, p.off, w->len);
        if (tag == TAG_ENCODED && is_encoded(w, h)) {
            p = pass_head(p, h);
            h = read_head(w->body, p.off, w->len);
        }
    }
    if (tag == TAG_BIGNUM || tag == TAG_NEGATIVE_BIGNUM)
        read_bignum(w, tag, &h);
    if (tag == TAG_DECIMAL && take_decimal(w, &p, path, h))
        return p;
    return wd_packed_value(&packing, w, p, path, h);
}

/* --- the codec --- */

static __attribute__((noinline)) struct wd_packed_place
own_value(struct wd_packed *w, struct wd_packed_place p, uint32_t path, struct wd_head h)
{
    switch (h.kind) {
    case WD_HEAD_TAG: return tagged_value(w, p, path, h);
    case WD_HEAD_CHUNKS: return chunked_value(w, p, path, h);
    case WD_HEAD_SIMPLE: return simple_value(w, p, path, h);
    default: return wd_packed_fail(p, "a break where a value should be");
    }
}

/* A text, or an integer that MessagePack writes the same way. */
static inline bool begins_key(uint8_t initial)
{
    return (uint8_t)(initial - 0x60) < 0x1c || initial < 0x18;
}

static const struct wd_packing packing = { read_head, begins_key, own_value, true };

static void walk(struct wd_bytes body, const struct wd_layout *layout, struct wd_paths *paths,
                 const struct wd_limits *limits, struct wd_tape *tape)
{
    (void)layout;
    wd_packed_walk(&packing, body, paths, limits, tape);
}

/* A map, an array, or what a tag stands before. */
static bool keeps(struct wd_bytes body)
{
    uint8_t kind = body.len ? initials[body.at[0]].kind : WD_HEAD_FAULT;
    return kind == WD_HEAD_MAP || kind == WD_HEAD_ARRAY || kind == WD_HEAD_TAG;
}

/* What begins with the tag that is there for this (section 3.4.6) need not convince otherwise. */
static int bid(struct wd_bytes body)
{
    enum { SELF_DESCRIBED = 24 };
    if (!keeps(body))
        return 0;
    struct wd_survey s = wd_survey_value(&packing, body.at, 0, (uint32_t)body.len);
    if (wd_bytes_starts(body, "\xd9\xd9\xf7") && !s.fault && s.end == body.len)
        return SELF_DESCRIBED;
    return wd_survey_bid(&s, (uint32_t)body.len);
}

static const char *const media_types[] = { "application/cbor", "+cbor", NULL };
const struct wd_codec wd_codec_cbor = {
    .name = "cbor",
    .media_types = media_types,
    .is_binary = true,
    .bid = bid,
    .keeps = keeps,
    .walk = walk,
};
