/* What fields of gRPC messages cost that are compressed with gzip, row by row, against an account in which none of our code has a
 * part: zlib, driven one byte at a time, says what each byte took; and which bytes are whose is known here, since they are
 * written here. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <zlib.h>
#include <cmocka.h>

#include "../packet/build.h"
#include "scene.h"
#include "usage/config.h"

enum { C = SCENE_CLIENT, S = SCENE_SERVER, DATA = 0, HEADERS = 1, SETTINGS = 4, END_STREAM = 1, END_HEADERS = 4 };
enum { ROOT, SEQ, WARD, LOAD, TRACE, ROWS, MESSAGES = 60, GZIP = 31, CALL = 1 };

static const char *const paths[ROWS] = {".", "seq", "ward", "load", "trace"};

/* --- the account --- */

static uint64_t used(const z_stream *z)
{
    return 8 * (uint64_t)z->total_in - (uint64_t)(z->data_type & 63);
}

/* Bits that each byte made cost, as the symbol's that made it: zlib has read one symbol more than it has written. */
static void account(struct wd_bytes packed, uint64_t *costs, size_t len)
{
    enum { AT_SYMBOLS = 256, LAST = 64 };
    z_stream z = {.next_in = (Bytef *)packed.at, .avail_in = (uInt)packed.len};
    uint8_t byte;
    assert_int_equal(inflateInit2(&z, GZIP), Z_OK);
    do {
        z.next_out = &byte;
        assert_int_equal(inflate(&z, Z_TREES), Z_OK);
    } while (!(z.data_type & AT_SYMBOLS));
    assert_true(z.data_type & LAST); /* one block */
    uint64_t before = used(&z);
    for (size_t i = 0; i < len; i++) {
        z.avail_out = i > 0;
        z.next_out = &byte;
        inflate(&z, Z_NO_FLUSH);
        costs[i] = used(&z) - before;
        before = used(&z);
    }
    inflateEnd(&z);
}

/* A symbol's first byte has all of its bits: byte k of n bears floor((k + 1) b / n) - floor(k b / n). */
static void spread(uint64_t *costs, size_t len)
{
    for (size_t start = 0, end; start < len; start = end) {
        uint64_t bits = costs[start];
        for (end = start + 1; end < len && costs[end] == 0;)
            end++;
        for (size_t n = end - start, k = 0; k < n; k++)
            costs[start + k] = (k + 1) * bits / n - k * bits / n;
    }
}

/* --- the call --- */

static struct wd_bytes squeeze(const struct wd_buf *text, uint8_t *out, size_t room)
{
    z_stream z = {.next_in = text->at, .avail_in = (uInt)text->len, .next_out = out, .avail_out = (uInt)room};
    assert_int_equal(deflateInit2(&z, 9, Z_DEFLATED, GZIP, 8, Z_DEFAULT_STRATEGY), Z_OK);
    assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
    deflateEnd(&z);
    return wd_bytes_at(out, room - z.avail_out);
}

/* A body; whose its bytes are: those from ends[i - 1] to ends[i] row i's, all others the root's. */
static void write_body(struct wd_buf *out, unsigned n, size_t *ends)
{
    static const char hex[] = "0123456789abcdef";
    wd_buf_reset(out);
    wd_buf_puts(out, "{");
    ends[ROOT] = out->len;
    wd_buf_printf(out, "\"seq\":%u", n);
    ends[SEQ] = out->len;
    wd_buf_printf(out, ",\"ward\":\"bay bay bay bay bay bay bay %s\"", n % 7 ? "west" : "east");
    ends[WARD] = out->len;
    wd_buf_printf(out, ",\"load\":%u.%u", n * 7 % 90, n % 9 + 1);
    ends[LOAD] = out->len;
    wd_buf_puts(out, ",\"trace\":\"");
    for (unsigned i = 0; i < 32; i++)
        wd_buf_byte(out, (uint8_t)hex[(n * 2654435761u >> i % 28 ^ i * 7) & 15]);
    wd_buf_puts(out, "\"");
    ends[TRACE] = out->len;
    wd_buf_puts(out, "}");
}

/* A field that enters no table. */
static void put_field(struct wd_buf *out, const char *name, const char *value)
{
    wd_buf_byte(out, 0);
    wd_buf_byte(out, (uint8_t)strlen(name));
    wd_buf_puts(out, name);
    wd_buf_byte(out, (uint8_t)strlen(value));
    wd_buf_puts(out, value);
}

static void open_call(struct scene *s)
{
    struct wd_buf head = {0}, out = {0};
    scene_connect(s, CALL);
    wd_buf_puts(&out, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
    put_h2(&out, SETTINGS, 0, 0, wd_bytes_of(""));
    wd_buf_puts(&head, "\x83\x86"); /* POST, http */
    put_field(&head, ":path", "/ward.Feed/Watch");
    put_field(&head, "content-type", "application/grpc+json");
    put_h2(&out, HEADERS, END_HEADERS | END_STREAM, 1, wd_buf_bytes(&head));
    scene_say(s, CALL, C, wd_buf_bytes(&out));
    wd_buf_reset(&out);
    wd_buf_reset(&head);
    put_h2(&out, SETTINGS, 0, 0, wd_bytes_of(""));
    wd_buf_puts(&head, "\x88"); /* 200 */
    put_field(&head, "content-type", "application/grpc+json");
    put_field(&head, "grpc-encoding", "gzip");
    put_h2(&out, HEADERS, END_HEADERS, 1, wd_buf_bytes(&head));
    scene_say(s, CALL, S, wd_buf_bytes(&out));
    wd_buf_free(&head);
    wd_buf_free(&out);
}

static void say_compressed(struct scene *s, struct wd_bytes packed)
{
    struct wd_buf message = {0}, out = {0};
    wd_buf_byte(&message, 1);
    put32(&message, (uint32_t)packed.len, true);
    wd_buf_put(&message, packed);
    put_h2(&out, DATA, 0, 1, wd_bytes_at(message.at, 20)); /* in two */
    put_h2(&out, DATA, 0, 1, wd_bytes_at(message.at + 20, message.len - 20));
    scene_say(s, CALL, S, wd_buf_bytes(&out));
    wd_buf_free(&message);
    wd_buf_free(&out);
}

/* Says it all, and what the rows must be. */
static void talk(struct scene *s, uint64_t *expected)
{
    struct wd_buf body = {0};
    for (unsigned n = 0; n < MESSAGES; n++) {
        uint64_t costs[400], all = 0;
        uint8_t out[600];
        size_t ends[ROWS], at = 0;
        write_body(&body, n, ends);
        struct wd_bytes packed = squeeze(&body, out, sizeof out);
        assert_true(body.len < 400);
        account(packed, costs, body.len);
        spread(costs, body.len);
        for (int row = ROOT; row < ROWS; row++) {
            for (; at < ends[row]; at++) {
                expected[row] += costs[at];
                all += costs[at];
            }
        }
        expected[ROOT] += 8 * packed.len - all; /* the last bracket, and what made no bytes */
        say_compressed(s, packed);
    }
    wd_buf_free(&body);
}

/* `has_echo`: messages may be read as what differs from the one before; else field by field. */
static void check(bool has_echo)
{
    struct wd_config config = wd_config_default();
    struct wd_buf told = {0};
    struct scene *s = calloc(1, sizeof *s);
    uint64_t expected[ROWS] = {0};
    unsigned seen = 0;
    if (!has_echo)
        config.limits.echo = 0;
    scene_open(s, &config);
    open_call(s);
    talk(s, expected);
    struct wd_profile *p = scene_finish(s, &told);
    for (size_t t = 0; t < p->type_count; t++) {
        const struct wd_type_profile *type = &p->types[t];
        if (type->transport != WD_TRANSPORT_GRPC)
            continue;
        assert_int_equal(type->count, MESSAGES);
        assert_false(type->is_wire_estimated);
        assert_int_equal(type->row_count, ROWS);
        for (size_t r = 0; r < type->row_count; r++)
            for (int row = ROOT; row < ROWS; row++)
                if (wd_bytes_is(type->rows[r].path, paths[row])) {
                    assert_int_equal(type->rows[r].wire_bits, expected[row]);
                    seen++;
                }
    }
    assert_int_equal(seen, ROWS);
    wd_profile_free(p);
    scene_close(s);
    free(s);
    wd_buf_free(&told);
}

static void test_rows(void **state)
{
    (void)state;
    check(true);
}

static void test_rows_field_by_field(void **state)
{
    (void)state;
    check(false);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_rows), cmocka_unit_test(test_rows_field_by_field)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
