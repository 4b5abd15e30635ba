#include "frames.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

static struct step *step(struct talk *t, int side)
{
    if (!t->is_open || t->steps[t->count - 1].side != side) {
        assert_true(t->count < STEPS_MAX);
        t->steps[t->count++] = (struct step){ .side = side };
        t->is_open = true;
    }
    return &t->steps[t->count - 1];
}

void raw(struct talk *t, int side, struct wd_bytes bytes)
{
    struct step *s = step(t, side);
    struct wd_buf *buf = &t->bytes[s - t->steps];
    wd_buf_put(buf, bytes);
    s->bytes = wd_buf_bytes(buf);
}

void next(struct talk *t)
{
    t->is_open = false;
}

void hole(struct talk *t, int side, uint64_t missing)
{
    t->is_open = false;
    struct step *s = step(t, side);
    s->missing = missing;
    s->is_unknown_gap = !missing;
    t->is_open = false;
}

void frame(struct talk *t, int side, int type, int flags, uint32_t stream, struct wd_bytes payload)
{
    const uint8_t head[] = { (uint8_t)(payload.len >> 16), (uint8_t)(payload.len >> 8), (uint8_t)payload.len, (uint8_t)type,
                             (uint8_t)flags, (uint8_t)(stream >> 24), (uint8_t)(stream >> 16), (uint8_t)(stream >> 8),
                             (uint8_t)stream };
    raw(t, side, wd_bytes_at(head, sizeof head));
    raw(t, side, payload);
}

void preface(struct talk *t)
{
    raw(t, CLIENT, wd_bytes_of("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"));
    frame(t, CLIENT, 4, 0, 0, wd_bytes_of(""));
    frame(t, SERVER, 4, 0, 0, wd_bytes_of(""));
}

struct wd_bytes block_of(struct wd_buf *out, const char *fields, bool is_indexed)
{
    wd_buf_reset(out);
    while (*fields) {
        size_t field = strcspn(fields, "|"), name = strcspn(fields, " ");
        struct wd_bytes parts[] = { { (const uint8_t *)fields, name },
                                    { (const uint8_t *)fields + name + 1, field - name - 1 } };
        wd_buf_byte(out, is_indexed ? 0x40 : 0);
        for (int i = 0; i < 2; i++) {
            assert_true(parts[i].len < 127 + 128);
            wd_buf_byte(out, parts[i].len < 127 ? (uint8_t)parts[i].len : 127);
            if (parts[i].len >= 127)
                wd_buf_byte(out, (uint8_t)(parts[i].len - 127));
            wd_buf_put(out, parts[i]);
        }
        fields += field + (fields[field] == '|');
    }
    return wd_buf_bytes(out);
}

void headers(struct talk *t, int side, uint32_t stream, const char *fields, int flags)
{
    struct wd_buf block = { 0 };
    frame(t, side, 1, flags | END_HEADERS, stream, block_of(&block, fields, false));
    wd_buf_free(&block);
}

void data_of(struct talk *t, int side, uint32_t stream, struct wd_bytes bytes, int flags)
{
    frame(t, side, 0, flags, stream, bytes);
}

void data(struct talk *t, int side, uint32_t stream, const char *text, int flags)
{
    data_of(t, side, stream, wd_bytes_of(text), flags);
}

void padded(struct talk *t, int side, uint32_t stream, const char *text, int padding, int flags)
{
    struct wd_buf payload = { 0 };
    wd_buf_byte(&payload, (uint8_t)padding);
    wd_buf_puts(&payload, text);
    for (int i = 0; i < padding; i++)
        wd_buf_byte(&payload, 0);
    frame(t, side, 0, flags | PADDED, stream, wd_buf_bytes(&payload));
    wd_buf_free(&payload);
}

void talk_free(struct talk *t)
{
    for (size_t i = 0; i < t->count; i++)
        wd_buf_free(&t->bytes[i]);
    free(t);
}
