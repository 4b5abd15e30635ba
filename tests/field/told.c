#include "told.h"

#include <stdio.h>
#include <stdlib.h>

#include <cbor.h>
#include <msgpack.h>

#include "base/arena.h"
#include "base/escape.h"
#include "tests/dice.h"

/* --- what is told --- */

/* The encoder's bytes of one event. */
static uint32_t put(struct told *t, struct told_event event)
{
    size_t before = t->packed.len;
    t->encode(&event, &t->packed);
    return (uint32_t)(t->packed.len - before);
}

static struct told_share *share(struct told *t)
{
    WD_GROW(t->shares, t->count, t->cap);
    struct told_share *s = &t->shares[t->count++];
    *s = (struct told_share){ .key = t->key_len };
    t->key_len = 0;
    return s;
}

static const char *const keys[] = { "id", "name", "cpu", "load", "x y", "a.b", "", "\xc3\xbc", "say \"so\"", "k0", "k1", "k2", "k3", "12345",
                                    "deadbeef00", "a key that is longer than any short head can say", "type", "items", "event_type", "ts" };
static const char *const texts[] = { "", "a", "hello", "\xe2\x82\xac 5", "line\nline", "\"quoted\\\"", "\x01\x1f\x7f", "2026-11-30T02:00:00Z", "12", "1.5",
                                     "null", "a text of some length, more than a head of one byte can say" };

static struct wd_bytes draw_text(uint64_t *seed, struct wd_buf *scratch)
{
    uint32_t kind = dice_from(seed, WD_COUNT(texts) + 2);
    wd_buf_reset(scratch);
    if (kind < WD_COUNT(texts))
        return wd_bytes_of(texts[kind]);
    for (uint32_t n = dice_from(seed, kind == WD_COUNT(texts) ? 300 : 70000 / (1 + dice_from(seed, 100))); n; n--)
        wd_buf_byte(scratch, (uint8_t)('a' + dice_from(seed, 26)));
    return wd_buf_bytes(scratch);
}

static double draw_double(uint64_t *seed)
{
    static const double some[] = { 0.5, 0.1, -0.0, 3.0, -1e300, 1e-300, 1234567.891, 18446744073709551616.0, 1e18, -2.5, 100 };
    uint32_t kind = dice_from(seed, WD_COUNT(some) + 3);
    if (kind < WD_COUNT(some))
        return some[kind];
    return kind == WD_COUNT(some) ? (double)dice_from(seed, 1000000) / 1000 : (double)(float)((double)dice_from(seed, 1000000) / 7);
}

static void tell_integer(struct told *t, uint64_t *seed)
{
    uint64_t magnitude = (uint64_t)dice_from(seed, UINT32_MAX) << 32 | dice_from(seed, UINT32_MAX);
    magnitude >>= dice_from(seed, 64);
    bool is_negative = dice_from(seed, 3) == 0 && magnitude && magnitude <= UINT64_C(1) << 63;
    share(t)->value = put(t, (struct told_event){ TOLD_INTEGER, .magnitude = magnitude, .is_negative = is_negative });
    wd_buf_printf(&t->json, "%s%llu", is_negative ? "-" : "", (unsigned long long)magnitude);
}

/* Bytes stand in the JSON as hexadecimal digits. */
static void tell_text(struct told *t, uint64_t *seed)
{
    struct wd_buf scratch = { 0 };
    struct wd_bytes text = draw_text(seed, &scratch);
    bool is_bytes = dice_from(seed, 6) == 0;
    share(t)->value = put(t, (struct told_event){ is_bytes ? TOLD_BYTES : TOLD_TEXT, .text = text });
    if (is_bytes) {
        wd_buf_byte(&t->json, '"');
        wd_put_hex(&t->json, text);
        wd_buf_byte(&t->json, '"');
    } else {
        wd_put_json(&t->json, text);
    }
    wd_buf_free(&scratch);
}

static void tell_scalar(struct told *t, uint64_t *seed)
{
    double number;
    bool is_true;
    switch (dice_from(seed, 6)) {
    case 0:
        share(t)->value = put(t, (struct told_event){ TOLD_NULL });
        wd_buf_puts(&t->json, "null");
        break;
    case 1:
        is_true = dice_from(seed, 2);
        share(t)->value = put(t, (struct told_event){ TOLD_BOOLEAN, .is_true = is_true });
        wd_buf_puts(&t->json, is_true ? "true" : "false");
        break;
    case 2:
        number = draw_double(seed);
        share(t)->value = put(t, (struct told_event){ TOLD_DOUBLE, .number = number });
        wd_buf_printf(&t->json, "%.17g", number);
        break;
    case 3: tell_text(t, seed); break;
    default: tell_integer(t, seed);
    }
}

static void tell_value(struct told *t, int depth);

static void tell_members(struct told *t, int depth, bool is_map, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        wd_buf_puts(&t->json, i ? "," : "");
        if (is_map) {
            struct wd_bytes key = wd_bytes_of(keys[dice_from(&t->shape, WD_COUNT(keys))]);
            t->key_len = put(t, (struct told_event){ TOLD_TEXT, .text = key });
            wd_put_json(&t->json, key);
            wd_buf_byte(&t->json, ':');
        }
        tell_value(t, depth + 1);
    }
}

static void tell_container(struct told *t, int depth, bool is_map)
{
    bool is_open = t->has_open && dice_from(&t->shape, 3) == 0;
    uint32_t count = dice_from(&t->shape, 12) ? dice_from(&t->shape, 7) : 10 + dice_from(&t->shape, 40);
    enum told_kind kind = is_map ? TOLD_MAP : TOLD_ARRAY;
    size_t own = t->count;
    share(t)->syntax = put(t, (struct told_event){ kind, .count = count, .is_open = is_open });
    wd_buf_byte(&t->json, is_map ? '{' : '[');
    tell_members(t, depth, is_map, count);
    wd_buf_byte(&t->json, is_map ? '}' : ']');
    t->shares[own].syntax += put(t, (struct told_event){ TOLD_END, .is_open = is_open });
}

static void tell_value(struct told *t, int depth)
{
    uint32_t kind = depth ? dice_from(&t->shape, depth < 6 ? 8 : 6) : 6 + dice_from(&t->shape, 2);
    if (kind >= 6)
        tell_container(t, depth, kind == 6);
    else   /* one in four values is another one in the next message */
        tell_scalar(t, dice_from(&t->change, 4) ? &t->shape : &t->change);
}

void told_draw(struct told *t)
{
    wd_buf_reset(&t->json);
    wd_buf_reset(&t->packed);
    t->count = 0;
    tell_value(t, 0);
}

void told_free(struct told *t)
{
    wd_buf_free(&t->json);
    wd_buf_free(&t->packed);
    free(t->shares);
}

/* --- msgpack-c --- */

static int write_packed(void *ctx, const char *at, size_t len)
{
    wd_buf_put(ctx, wd_bytes_at(at, len));
    return 0;
}

static bool is_float(double number)
{
    return (double)(float)number == number;
}

void told_to_msgpack(const struct told_event *e, struct wd_buf *out)
{
    msgpack_packer p;
    msgpack_packer_init(&p, out, write_packed);
    switch (e->kind) {
    case TOLD_NULL: msgpack_pack_nil(&p); break;
    case TOLD_BOOLEAN: e->is_true ? msgpack_pack_true(&p) : msgpack_pack_false(&p); break;
    case TOLD_INTEGER: e->is_negative ? msgpack_pack_int64(&p, (int64_t)-e->magnitude) : msgpack_pack_uint64(&p, e->magnitude); break;
    case TOLD_DOUBLE: is_float(e->number) ? msgpack_pack_float(&p, (float)e->number) : msgpack_pack_double(&p, e->number); break;
    case TOLD_TEXT:
        msgpack_pack_str(&p, e->text.len);
        msgpack_pack_str_body(&p, e->text.at, e->text.len);
        break;
    case TOLD_BYTES:
        msgpack_pack_bin(&p, e->text.len);
        msgpack_pack_bin_body(&p, e->text.at, e->text.len);
        break;
    case TOLD_ARRAY: msgpack_pack_array(&p, e->count); break;
    case TOLD_MAP: msgpack_pack_map(&p, e->count); break;
    case TOLD_END: break;
    }
}

/* --- libcbor --- */

static size_t cbor_double(double number, unsigned char *head)
{
    if (number == 0.5 || number == 3.0 || number == -2.5 || number == 100)
        return cbor_encode_half((float)number, head, 9);
    return is_float(number) ? cbor_encode_single((float)number, head, 9) : cbor_encode_double(number, head, 9);
}

static size_t cbor_open(const struct told_event *e, unsigned char *head)
{
    if (e->kind == TOLD_ARRAY)
        return e->is_open ? cbor_encode_indef_array_start(head, 9) : cbor_encode_array_start(e->count, head, 9);
    return e->is_open ? cbor_encode_indef_map_start(head, 9) : cbor_encode_map_start(e->count, head, 9);
}

void told_to_cbor(const struct told_event *e, struct wd_buf *out)
{
    unsigned char head[9];
    size_t len = 0;
    switch (e->kind) {
    case TOLD_NULL: len = cbor_encode_null(head, sizeof head); break;
    case TOLD_BOOLEAN: len = cbor_encode_bool(e->is_true, head, sizeof head); break;
    case TOLD_INTEGER:
        len = e->is_negative ? cbor_encode_negint(e->magnitude - 1, head, sizeof head) : cbor_encode_uint(e->magnitude, head, sizeof head);
        break;
    case TOLD_DOUBLE: len = cbor_double(e->number, head); break;
    case TOLD_TEXT: len = cbor_encode_string_start(e->text.len, head, sizeof head); break;
    case TOLD_BYTES: len = cbor_encode_bytestring_start(e->text.len, head, sizeof head); break;
    case TOLD_ARRAY:
    case TOLD_MAP: len = cbor_open(e, head); break;
    case TOLD_END: len = e->is_open ? cbor_encode_break(head, sizeof head) : 0; break;
    }
    wd_buf_put(out, wd_bytes_at(head, len));
    if (e->kind == TOLD_TEXT || e->kind == TOLD_BYTES)
        wd_buf_put(out, e->text);
}
