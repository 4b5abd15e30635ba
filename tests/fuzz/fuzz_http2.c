/* Frames. The first byte chooses: bit 0 joined midway, bit 1 without the preface, bit 2 raw bytes instead of frames. A frame
 * is side and type, flags, stream, length class, payload: so that most are what they claim to be. */
#include "converse.h"
#include "fuzz.h"

#include "base/buf.h"

#define TURNS 64
#define PREFACE "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"

static const uint8_t settings[] = { 0, 0, 0, 4, 0, 0, 0, 0, 0 };

/* The payload of one frame; what is left of `data` moves on. */
static struct wd_bytes take_frame(struct wd_bytes *data, struct wd_buf *out)
{
    const uint8_t *control = data->at;
    size_t want = control[3] == 255 ? data->len : control[3];
    *data = wd_bytes_at(data->at + 4, data->len - 4);
    struct wd_bytes payload = { data->at, want < data->len ? want : data->len };
    *data = wd_bytes_at(data->at + payload.len, data->len - payload.len);
    const uint8_t head[] = { (uint8_t)(payload.len >> 16), (uint8_t)(payload.len >> 8), (uint8_t)payload.len,
                             control[0] >> 1 & 15, control[1], 0, 0, 0, control[2] & 15 };
    size_t from = out->len;
    wd_buf_put(out, wd_bytes_at(head, sizeof head));
    wd_buf_put(out, payload);
    return wd_bytes_at((void *)from, out->len - from);   /* an offset: the buffer may move */
}

static size_t take_frames(struct wd_bytes data, struct wd_buf *out, struct turn *turns, size_t cap)
{
    size_t count = 0;
    while (data.len >= 4 && count < cap) {
        uint8_t control = data.at[0];
        struct turn turn = { .side = control & 1, .kind = WD_CHUNK_DATA };
        if (control >> 5 == 7) {
            turn.kind = WD_CHUNK_GAP;
            turn.missing = data.at[3];
            data = wd_bytes_at(data.at + 4, data.len - 4);
        } else {
            turn.bytes = take_frame(&data, out);
        }
        turns[count++] = turn;
    }
    for (size_t i = 0; i < count; i++)
        if (turns[i].kind == WD_CHUNK_DATA)
            turns[i].bytes.at = out->at + (size_t)turns[i].bytes.at;
    return count;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct turn turns[TURNS];
    struct wd_buf frames = { 0 };
    size_t count = 0;
    if (size < 2)
        return 0;
    if (!(data[0] & 2)) {
        turns[count++] = (struct turn){ .side = 0, .kind = WD_CHUNK_DATA, .bytes = wd_bytes_of(PREFACE) };
        turns[count++] = (struct turn){ .side = 1, .kind = WD_CHUNK_DATA, .bytes = wd_bytes_at(settings, sizeof settings) };
    }
    struct wd_bytes rest = { data + 1, size - 1 };
    if (data[0] & 4)
        count += converse_script(rest, turns + count, TURNS - count);
    else
        count += take_frames(rest, &frames, turns + count, TURNS - count);
    converse_check(turns, count, data[0] & 1);
    wd_buf_free(&frames);
    return 0;
}
