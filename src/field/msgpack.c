/* field/msgpack.c - MessagePack, with an owner for each byte (MessagePack specification, "Formats").
 *
 *     82 a3 63 70 75 81 a4 6c 6f 61 64 cb 3f e0 .. a2 75 70 c3       {"cpu": {"load": 0.5}, "up": true}
 *     |  |           |  |              |           |        |
 *     |  |           |  key            value       key      value: head and content
 *     |  |           the inner map's own: syntax
 *     |  key: head and text
 *     the root's own: syntax
 *
 * What the specification leaves open:
 *   - a str that is not UTF-8, which writers from before `bin` still send, is bytes;
 *   - ext is bytes, without its type; a timestamp (type -1) is a number: seconds since 1970, exactly. One
 *     whose nanoseconds are a second or more is bytes again;
 *   - keys that are no text: field/packed.h, wd_head_key.
 */
#include "field/packed.h"

static const struct wd_initial initials[256] = {
    [0x00 ... 0x7f] = { WD_HEAD_UNSIGNED, .mask = 0x7f },
    [0x80 ... 0x8f] = { WD_HEAD_MAP, .mask = 0x0f },
    [0x90 ... 0x9f] = { WD_HEAD_ARRAY, .mask = 0x0f },
    [0xa0 ... 0xbf] = { WD_HEAD_TEXT, .mask = 0x1f },
    [0xc0] = { .kind = WD_HEAD_NULL },
    [0xc2 ... 0xc3] = { WD_HEAD_BOOLEAN, .mask = 0x01 },
    [0xc4] = { WD_HEAD_BYTES, .size = 1 },
    [0xc5] = { WD_HEAD_BYTES, .size = 2 },
    [0xc6] = { WD_HEAD_BYTES, .size = 4 },
    [0xc7] = { WD_HEAD_EXT, .size = 1 },
    [0xc8] = { WD_HEAD_EXT, .size = 2 },
    [0xc9] = { WD_HEAD_EXT, .size = 4 },
    [0xca] = { WD_HEAD_FLOAT, .size = 4 },
    [0xcb] = { WD_HEAD_FLOAT, .size = 8 },
    [0xcc] = { WD_HEAD_UNSIGNED, .size = 1 },
    [0xcd] = { WD_HEAD_UNSIGNED, .size = 2 },
    [0xce] = { WD_HEAD_UNSIGNED, .size = 4 },
    [0xcf] = { WD_HEAD_UNSIGNED, .size = 8 },
    [0xd0] = { WD_HEAD_SIGNED, .size = 1 },
    [0xd1] = { WD_HEAD_SIGNED, .size = 2 },
    [0xd2] = { WD_HEAD_SIGNED, .size = 4 },
    [0xd3] = { WD_HEAD_SIGNED, .size = 8 },
    [0xd4 ... 0xd8] = { .kind = WD_HEAD_EXT },  /* of 1, 2, 4, 8, 16 bytes */
    [0xd9] = { WD_HEAD_TEXT, .size = 1 },
    [0xda] = { WD_HEAD_TEXT, .size = 2 },
    [0xdb] = { WD_HEAD_TEXT, .size = 4 },
    [0xdc] = { WD_HEAD_ARRAY, .size = 2 },
    [0xdd] = { WD_HEAD_ARRAY, .size = 4 },
    [0xde] = { WD_HEAD_MAP, .size = 2 },
    [0xdf] = { WD_HEAD_MAP, .size = 4 },
    [0xe0 ... 0xff] = { .kind = WD_HEAD_SIGNED },
};

/* --- heads --- */

enum { EXT_TYPE_TIME = 0xff, TIME_32 = 4, TIME_64 = 8, TIME_96 = 12, SECOND_NS = 1000000000 };

struct moment { int64_t seconds; uint32_t ns; };

/* Timestamp 64 has the nanoseconds in its upper 30 bits, 96 in front of its seconds. */
static struct moment read_moment(const uint8_t *content, uint64_t len)
{
    uint64_t word = wd_read_big_endian(content, len == TIME_32 ? 4 : 8);
    if (len == TIME_32)
        return (struct moment){ (int64_t)word, 0 };
    if (len == TIME_64)
        return (struct moment){ (int64_t)(word & ((UINT64_C(1) << 34) - 1)), (uint32_t)(word >> 34) };
    return (struct moment){ (int64_t)wd_read_big_endian(content + 4, 8), (uint32_t)(word >> 32) };
}

/* An ext's length is followed by its type. */
static struct wd_head ext_head(struct wd_head h, const uint8_t *at, uint32_t off, uint32_t len)
{
    if (!h.size)
        h.arg = UINT64_C(1) << (at[off] - 0xd4);
    if (h.end == len)
        return wd_head_fault(off, "ends inside the head of a value");
    bool is_time = at[h.end++] == EXT_TYPE_TIME && (h.arg == TIME_32 || h.arg == TIME_64 || h.arg == TIME_96);
    if (is_time && h.arg <= len - h.end && read_moment(at + h.end, h.arg).ns < SECOND_NS)
        h.kind = WD_HEAD_TIME;
    return h;
}

static inline struct wd_head read_head(const uint8_t *at, uint32_t off, uint32_t len)
{
    struct wd_head h = wd_head_read(initials, at, off, len);
    return h.kind == WD_HEAD_EXT ? ext_head(h, at, off, len) : h;
}

/* --- its own kinds --- */

static void keep_moment(struct wd_field *f, struct moment m)
{
    bool is_negative = m.seconds < 0;   /* nanoseconds count up from there: -1 s and 1 ns is -0.999999999 s */
    uint64_t whole = is_negative ? -(uint64_t)m.seconds - 1 : (uint64_t)m.seconds, size;
    uint64_t ns = is_negative ? SECOND_NS - m.ns : m.ns;
    if (m.ns == 0)
        wd_field_keep_integer(f, m.seconds < 0 ? -(uint64_t)m.seconds : (uint64_t)m.seconds, is_negative);
    else if (!__builtin_mul_overflow(whole, (uint64_t)SECOND_NS, &size) &&
             !__builtin_add_overflow(size, ns, &size))
        wd_field_keep_decimal(f, size, is_negative, -9);
    else
        wd_field_keep_double(f, (double)m.seconds + m.ns / 1e9);
}

static const struct wd_packing packing;

static __attribute__((noinline)) struct wd_packed_place
ext_value(struct wd_packed *w, struct wd_packed_place p, uint32_t path, struct wd_head h)
{
    if (h.kind != WD_HEAD_TIME)
        return wd_packed_string(&packing, w, p, path, h);
    struct moment m = read_moment(w->body + h.end, h.arg);
    keep_moment(wd_packed_emit(w, &p, path, WD_TYPE_NUMBER, h.end + (uint32_t)h.arg), m);
    return p;
}

/* --- the codec --- */

/* A str, or an integer that CBOR writes the same way. */
static inline bool begins_key(uint8_t initial)
{
    return (initial & 0xe0) == 0xa0 || (uint8_t)(initial - 0xd9) < 3 || initial < 0x18;
}

static const struct wd_packing packing = { read_head, begins_key, ext_value, false };

static void walk(struct wd_bytes body, const struct wd_layout *layout, struct wd_paths *paths,
                 const struct wd_limits *limits, struct wd_tape *tape)
{
    (void)layout;
    wd_packed_walk(&packing, body, paths, limits, tape);
}

/* A map or an array. */
static bool keeps(struct wd_bytes body)
{
    uint8_t kind = body.len ? initials[body.at[0]].kind : WD_HEAD_FAULT;
    return kind == WD_HEAD_MAP || kind == WD_HEAD_ARRAY;
}

static int bid(struct wd_bytes body)
{
    if (!keeps(body))
        return 0;
    struct wd_survey s = wd_survey_value(&packing, body.at, 0, (uint32_t)body.len);
    return wd_survey_bid(&s, (uint32_t)body.len);
}

static const char *const media_types[] = {
    "application/msgpack", "application/x-msgpack", "application/vnd.msgpack", "+msgpack", NULL,
};
const struct wd_codec wd_codec_msgpack = {
    .name = "msgpack",
    .media_types = media_types,
    .is_binary = true,
    .bid = bid,
    .keeps = keeps,
    .walk = walk,
};
