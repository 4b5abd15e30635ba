/* message/frame.c - RFC 6455 section 5.2:
 *
 *   0               1
 *   7 6 5 4 3 2 1 0 7 6 5 4 3 2 1 0
 *   F R R R opcode  M len             len 126: 16 bits follow, 127: 64 bits follow; M: then a 32-bit key
 */
#include "message/frame.h"

int wd_frame_read(struct wd_bytes bytes, struct wd_frame *out)
{
    if (bytes.len < 2)
        return 0;
    const uint8_t *p = bytes.at;
    out->is_fin = p[0] & 0x80;
    out->rsv = p[0] & 0x70;
    out->opcode = p[0] & 0x0f;
    out->is_masked = p[1] & 0x80;
    uint8_t len = p[1] & 0x7f;
    if ((out->opcode & 7) > 2 || (wd_frame_is_control(out) && (!out->is_fin || len > 125)))
        return -1;
    size_t len_size = len == 126 ? 2 : len == 127 ? 8 : 0;
    size_t head_len = 2 + len_size + (out->is_masked ? 4 : 0);
    if (bytes.len < head_len)
        return 0;
    uint64_t payload_len = len_size ? 0 : len;
    for (size_t i = 0; i < len_size; i++)
        payload_len = payload_len << 8 | p[2 + i];
    if (payload_len >> 63)
        return -1;
    if (out->is_masked)
        memcpy(out->key, p + 2 + len_size, 4);
    out->payload_len = payload_len;
    out->head_len = (uint8_t)head_len;
    return (int)head_len;
}

typedef uint8_t v16 __attribute__((vector_size(16)));

void wd_frame_unmask(uint8_t *out, struct wd_bytes in, const uint8_t key[4], uint64_t phase)
{
    uint8_t turned[16];
    for (size_t i = 0; i < sizeof turned; i++)
        turned[i] = key[(phase + i) & 3];
    v16 mask, block;
    memcpy(&mask, turned, sizeof mask);
    size_t i = 0;
    for (; in.len - i >= sizeof block; i += sizeof block) {
        memcpy(&block, in.at + i, sizeof block);
        block ^= mask;
        memcpy(out + i, &block, sizeof block);
    }
    for (; i < in.len; i++)
        out[i] = in.at[i] ^ turned[i & 3];
}

/* A bit for each byte of text that could be none, up to 16. */
static unsigned text_evidence(const struct wd_frame *frame, struct wd_bytes payload)
{
    if (frame->opcode != WD_WS_TEXT || frame->is_masked || frame->rsv)
        return 0;
    size_t n = payload.len < 16 ? payload.len : 16;
    for (size_t i = 0; i < n; i++)
        if (payload.at[i] < ' ' && payload.at[i] != '\t' && payload.at[i] != '\r' && payload.at[i] != '\n')
            return 0;
    return (unsigned)n;
}

static bool is_plausible(const struct wd_frame *frame, int is_masked, bool is_first)
{
    bool is_data = !wd_frame_is_control(frame);
    if (is_masked >= 0 && frame->is_masked != is_masked)
        return false;
    if (frame->rsv & ~WD_WS_RSV1 || (frame->rsv && (!is_data || frame->opcode == WD_WS_CONTINUATION)))
        return false;
    /* Other first bytes are too common in text to begin with. */
    return !is_first || (frame->is_fin && frame->opcode != WD_WS_CONTINUATION);
}

unsigned wd_frame_evidence(struct wd_bytes bytes, int is_masked)
{
    unsigned bits = 0;
    struct wd_frame frame;
    for (bool is_first = true; bytes.len; is_first = false) {
        int head_len = wd_frame_read(bytes, &frame);
        if (head_len == 0 && !is_first)
            return bits;
        if (head_len <= 0 || !is_plausible(&frame, is_masked, is_first))
            return 0;
        is_masked = frame.is_masked;
        bytes = wd_bytes_at(bytes.at + head_len, bytes.len - (size_t)head_len);
        if (frame.payload_len > bytes.len)
            return bits + 5 + text_evidence(&frame, bytes);
        bits += 5 + text_evidence(&frame, wd_bytes_at(bytes.at, (size_t)frame.payload_len));
        bytes = wd_bytes_at(bytes.at + frame.payload_len, bytes.len - (size_t)frame.payload_len);
    }
    return bits ? bits + 8 : 0;   /* the last one ends where the bytes end */
}
