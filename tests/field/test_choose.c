/* What says nothing of itself is taken for MessagePack or CBOR only when it is. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include "base/buf.h"
#include "field/codec.h"
#include "tests/dice.h"

/* Of so many bodies how many are taken for one of the two. */
static uint32_t count_taken(uint32_t bodies, void (*draw)(struct wd_buf *out))
{
    struct wd_buf body = { 0 };
    uint32_t taken = 0;
    for (uint32_t i = 0; i < bodies; i++) {
        wd_buf_reset(&body);
        draw(&body);
        const struct wd_codec *codec = wd_codec_choose((struct wd_bytes){ 0 }, NULL, wd_buf_bytes(&body), false);
        taken += codec == &wd_codec_msgpack || codec == &wd_codec_cbor;
    }
    wd_buf_free(&body);
    return taken;
}

static void draw_any(struct wd_buf *out)
{
    for (uint32_t n = 1 + dice(dice(2) ? 12 : 400); n; n--)
        wd_buf_byte(out, (uint8_t)dice(256));
}

/* The first byte is right: of most random bodies it is not. */
static void draw_after_head(struct wd_buf *out)
{
    wd_buf_byte(out, (uint8_t)(0x80 + dice(0x40)));
    draw_any(out);
}

static void draw_jpeg(struct wd_buf *out)
{
    wd_buf_put(out, wd_bytes_at("\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00", 20));
    draw_any(out);
}

static void put_varint(struct wd_buf *out, uint64_t value)
{
    for (; value >= 0x80; value >>= 7)
        wd_buf_byte(out, (uint8_t)(value | 0x80));
    wd_buf_byte(out, (uint8_t)value);
}

/* Fields of a Protobuf message: varints and texts, their numbers high enough that tags begin like heads of maps. */
static void draw_protobuf(struct wd_buf *out)
{
    for (uint32_t n = 1 + dice(6); n; n--) {
        bool is_text = dice(2);
        uint32_t len = dice(12);
        put_varint(out, (uint64_t)(1 + dice(40)) << 3 | (is_text ? 2 : 0));
        put_varint(out, is_text ? len : dice(100000));
        for (; is_text && len; len--)
            wd_buf_byte(out, (uint8_t)('a' + dice(26)));
    }
}

/* Little-endian numbers of four bytes, as games send them. */
static void draw_words(struct wd_buf *out)
{
    for (uint32_t n = 1 + dice(8); n; n--) {
        uint32_t word = dice(2) ? dice(300) : dice(UINT32_MAX);
        for (int i = 0; i < 4; i++)
            wd_buf_byte(out, (uint8_t)(word >> (8 * i)));
    }
}

static void test_others(void **state)
{
    (void)state;
    enum { BODIES = 200000 };
    assert_in_range(count_taken(BODIES, draw_any), 0, BODIES / 5000);
    assert_in_range(count_taken(BODIES, draw_after_head), 0, BODIES / 5000);
    assert_int_equal(count_taken(BODIES, draw_jpeg), 0);
    assert_in_range(count_taken(BODIES, draw_protobuf), 0, BODIES / 5000);
    assert_in_range(count_taken(BODIES, draw_words), 0, BODIES / 5000);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_others) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
