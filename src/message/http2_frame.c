/* message/http2_frame.c - RFC 9113 section 4.1:
 *
 *   length(24) type(8) flags(8) R(1) stream(31) payload
 */
#include "message/http2_frame.h"

#include "base/cursor.h"

enum stream_rule { ANY_STREAM, NO_STREAM, A_STREAM };
enum { FIXED = 1, AT_LEAST, MULTIPLE };

/* Section 6: what each type may look like. */
static const struct { uint8_t flags, stream, rule; uint32_t len; } types[] = {
    [WD_H2_DATA]          = { 0x09, A_STREAM,   AT_LEAST, 0 },
    [WD_H2_HEADERS]       = { 0x2d, A_STREAM,   AT_LEAST, 0 },
    [WD_H2_PRIORITY]      = { 0x00, A_STREAM,   FIXED,    5 },
    [WD_H2_RST_STREAM]    = { 0x00, A_STREAM,   FIXED,    4 },
    [WD_H2_SETTINGS]      = { 0x01, NO_STREAM,  MULTIPLE, 6 },
    [WD_H2_PUSH_PROMISE]  = { 0x0c, A_STREAM,   AT_LEAST, 4 },
    [WD_H2_PING]          = { 0x01, NO_STREAM,  FIXED,    8 },
    [WD_H2_GOAWAY]        = { 0x00, NO_STREAM,  AT_LEAST, 8 },
    [WD_H2_WINDOW_UPDATE] = { 0x00, ANY_STREAM, FIXED,    4 },
    [WD_H2_CONTINUATION]  = { 0x04, A_STREAM,   AT_LEAST, 0 },
};

/* What a header tells that was found rather than followed. */
enum {
    LENGTH_LIKELY = 1 << 16,   /* few peers send longer frames */
    STREAM_LIKELY = 1 << 24,
    LENGTH_BITS = 8, FIXED_LENGTH_BITS = 24, TYPE_BITS = 4, RESERVED_BITS = 1, STREAM_BITS = 7,
    NO_STREAM_BITS = 31,
    END_BITS = 10,             /* the last frame ends where the bytes do */
};

static bool has_length(const struct wd_h2_frame *f)
{
    uint32_t len = types[f->type].len;
    switch (types[f->type].rule) {
    case FIXED:
        return f->len == len;
    case MULTIPLE:
        return f->len % len == 0;
    default:
        return f->len >= len;
    }
}

bool wd_h2_frame_read(struct wd_bytes bytes, struct wd_h2_frame *out)
{
    struct wd_cursor c = wd_cursor_of(bytes);
    uint32_t len_high = wd_cursor_be16(&c);
    out->len = len_high << 8 | wd_cursor_u8(&c);
    out->type = wd_cursor_u8(&c);
    out->flags = wd_cursor_u8(&c);
    out->stream = wd_cursor_be32(&c) & INT32_MAX;
    if (out->type >= WD_COUNT(types))
        return true;   /* section 5.5: unknown types are ignored */
    uint8_t stream = types[out->type].stream;
    return has_length(out) && (stream == ANY_STREAM || (stream == A_STREAM) == (out->stream != 0));
}

int wd_h2_frame_is_preface(struct wd_bytes bytes)
{
    size_t n = bytes.len < WD_H2_PREFACE_LEN ? bytes.len : WD_H2_PREFACE_LEN;
    if (n && memcmp(bytes.at, WD_H2_PREFACE, n) != 0)
        return -1;
    return n == WD_H2_PREFACE_LEN;
}

int wd_h2_frame_is_start(struct wd_bytes bytes)
{
    static const uint8_t type_flags_stream[] = { WD_H2_SETTINGS, 0, 0, 0, 0, 0 };
    struct wd_h2_frame frame;
    size_t n = bytes.len < WD_H2_HEAD ? bytes.len : WD_H2_HEAD;
    if (n && bytes.at[0] != 0)
        return -1;
    if (n > 3 && memcmp(bytes.at + 3, type_flags_stream, n - 3) != 0)
        return -1;
    if (n < WD_H2_HEAD)
        return 0;
    return wd_h2_frame_read(bytes, &frame) ? 1 : -1;
}

static unsigned evidence_of(struct wd_bytes head)
{
    struct wd_h2_frame f;
    if (!wd_h2_frame_read(head, &f) || f.type >= WD_COUNT(types) || (f.flags & ~types[f.type].flags) ||
        f.len >= LENGTH_LIKELY || f.stream >= STREAM_LIKELY || head.at[5] & 0x80)
        return 0;
    unsigned bits = TYPE_BITS + RESERVED_BITS + 8 - (unsigned)__builtin_popcount(types[f.type].flags);
    bits += types[f.type].rule == FIXED ? FIXED_LENGTH_BITS : LENGTH_BITS;
    return bits + (types[f.type].stream == NO_STREAM ? NO_STREAM_BITS : STREAM_BITS);
}

unsigned wd_h2_frame_evidence(struct wd_bytes bytes)
{
    unsigned bits = 0;
    while (bytes.len >= WD_H2_HEAD) {
        unsigned more = evidence_of(bytes);
        struct wd_h2_frame frame;
        if (more == 0)
            return 0;
        bits += more;
        wd_h2_frame_read(bytes, &frame);
        if (frame.len > bytes.len - WD_H2_HEAD)
            return bits;
        size_t size = WD_H2_HEAD + frame.len;
        bytes = wd_bytes_at(bytes.at + size, bytes.len - size);
    }
    return bytes.len || !bits ? bits : bits + END_BITS;
}
