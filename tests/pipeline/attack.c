#include "attack.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <zlib.h>
#include <cmocka.h>

#include "../packet/build.h"

enum { C = SCENE_CLIENT, S = SCENE_SERVER };
enum {
    DATA,
    HEADERS,
    PRIORITY,
    RST_STREAM,
    SETTINGS,
    PUSH_PROMISE,
    PING,
    GOAWAY,
    WINDOW_UPDATE,
    CONTINUATION
};
enum { END_STREAM = 1, END_HEADERS = 4 };

#define UPGRADE "Upgrade: websocket\r\nConnection: Upgrade\r\n"
#define DEFLATED "Sec-WebSocket-Extensions: permessage-deflate\r\n"

/* --- parts --- */

static void trigger(struct scene *s, unsigned c, int side, const struct wd_buf *bytes)
{
    scene_mark(s);
    scene_say(s, c, side, wd_buf_bytes(bytes));
}

static void open_socket(struct scene *s, unsigned c)
{
    scene_connect(s, c);
    scene_text(s, c, C, "GET /hostile HTTP/1.1\r\nHost: h\r\n" UPGRADE DEFLATED "\r\n");
    scene_text(s, c, S, "HTTP/1.1 101 Switching Protocols\r\n" UPGRADE DEFLATED "\r\n");
}

static void put_frame(struct wd_buf *out, uint8_t first, struct wd_bytes payload)
{
    wd_buf_byte(out, first);
    wd_buf_byte(out, payload.len < 126 ? (uint8_t)payload.len : payload.len < 65536 ? 126 : 127);
    if (payload.len >= 65536)
        put32(out, 0, true), put32(out, (uint32_t)payload.len, true);
    else if (payload.len >= 126)
        put16(out, (uint16_t)payload.len, true);
    wd_buf_put(out, payload);
}

/* `wrap` as for deflateInit2: -15 raw, 31 gzip. */
static void put_zeros(struct wd_buf *out, size_t len, int wrap)
{
    z_stream z = {0};
    uint8_t *zeros = calloc(1, len);
    size_t room = len / 100 + 1000;
    assert_int_equal(deflateInit2(&z, 9, Z_DEFLATED, wrap, 8, Z_DEFAULT_STRATEGY), Z_OK);
    z.next_in = zeros;
    z.avail_in = (uInt)len;
    z.next_out = wd_buf_room(out, room);
    z.avail_out = (uInt)room;
    deflate(&z, wrap < 0 ? Z_SYNC_FLUSH : Z_FINISH);
    out->len += z.total_out - (wrap < 0 ? 4 : 0);
    deflateEnd(&z);
    free(zeros);
}

static void open_h2(struct scene *s, unsigned c)
{
    struct wd_buf out = {0};
    scene_connect(s, c);
    wd_buf_puts(&out, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
    put_h2(&out, SETTINGS, 0, 0, wd_bytes_of(""));
    scene_say(s, c, C, wd_buf_bytes(&out));
    wd_buf_reset(&out);
    put_h2(&out, SETTINGS, 0, 0, wd_bytes_of(""));
    scene_say(s, c, S, wd_buf_bytes(&out));
    wd_buf_free(&out);
}

/* :method GET, :scheme http, :path / */
#define GET "\x82\x86\x84"

static void open_events(struct scene *s, unsigned c, const char *coding)
{
    char text[200];
    scene_connect(s, c);
    scene_text(s, c, C, "GET /hostile HTTP/1.1\r\nHost: h\r\n\r\n");
    snprintf(text, sizeof text, "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n%s\r\n", coding);
    scene_text(s, c, S, text);
}

/* --- attacks: each does its harm once, on a connection of its own --- */

static void socket_zeros(struct scene *s, unsigned c, size_t len)
{
    struct wd_buf packed = {0}, out = {0};
    open_socket(s, c);
    put_zeros(&packed, len, -15);
    put_frame(&out, 0xc1, wd_buf_bytes(&packed));
    trigger(s, c, S, &out);
    scene_say(s, c, S, wd_buf_bytes(&out)); /* what follows is not another one */
    wd_buf_free(&packed);
    wd_buf_free(&out);
}

void attack_socket_bomb(struct scene *s, unsigned c)
{
    socket_zeros(s, c, 8 << 20);
}
void attack_socket_total(struct scene *s, unsigned c)
{
    socket_zeros(s, c, 600 << 10);
}

static void events_zeros(struct scene *s, unsigned c, size_t len)
{
    struct wd_buf out = {0};
    open_events(s, c, "Content-Encoding: gzip\r\n");
    put_zeros(&out, len, 31);
    trigger(s, c, S, &out);
    scene_say(s, c, S, wd_buf_bytes(&out));
    wd_buf_free(&out);
}

void attack_gzip_bomb(struct scene *s, unsigned c)
{
    events_zeros(s, c, 8 << 20);
}
void attack_gzip_total(struct scene *s, unsigned c)
{
    events_zeros(s, c, 600 << 10);
}

static void events_in(struct scene *s, unsigned c, const char *coding)
{
    scene_connect(s, c);
    scene_text(s, c, C, "GET /hostile HTTP/1.1\r\nHost: h\r\n\r\n");
    char text[300];
    snprintf(text, sizeof text,
             "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Encoding: %s\r\n\r\nxyz", coding);
    scene_mark(s);
    scene_text(s, c, S, text);
}

void attack_many_layers(struct scene *s, unsigned c)
{
    events_in(s, c, "gzip, gzip, gzip");
}
void attack_more_layers(struct scene *s, unsigned c)
{
    events_in(s, c, "gzip, gzip, gzip, gzip, gzip, gzip, gzip, gzip, gzip");
}

void attack_long_message(struct scene *s, unsigned c)
{
    struct wd_buf text = {0}, out = {0};
    open_socket(s, c);
    put_fill(&text, 5000, '1');
    put_frame(&out, 0x81, wd_buf_bytes(&text));
    trigger(s, c, S, &out);
    wd_buf_free(&text);
    wd_buf_free(&out);
}

void attack_large_table(struct scene *s, unsigned c)
{
    struct wd_buf out = {0};
    open_h2(s, c);
    put_h2(&out, HEADERS, END_HEADERS | END_STREAM, 1,
           wd_bytes_of("\x3f\xe1\xff\x05" GET)); /* a table of 98,304 bytes */
    trigger(s, c, C, &out);
    scene_say(s, c, C, wd_buf_bytes(&out));
    wd_buf_free(&out);
}

/* A field of 3,000 bytes is entered once and referred to again and again. */
void attack_hpack_bomb(struct scene *s, unsigned c)
{
    struct wd_buf block = {0}, out = {0};
    open_h2(s, c);
    wd_buf_put(&block, wd_bytes_of(GET "\x40\x01x\x7f\xb9\x16"));
    put_fill(&block, 3000, 'v');
    put_fill(&block, 400, 0xbe);
    put_h2(&out, HEADERS, END_HEADERS | END_STREAM, 1, wd_buf_bytes(&block));
    trigger(s, c, C, &out);
    wd_buf_free(&block);
    wd_buf_free(&out);
}

void attack_many_fields_h2(struct scene *s, unsigned c)
{
    struct wd_buf block = {0}, out = {0};
    open_h2(s, c);
    wd_buf_puts(&block, GET);
    put_fill(&block, 1100, 0x90); /* accept-encoding: gzip, deflate */
    put_h2(&out, HEADERS, END_HEADERS | END_STREAM, 1, wd_buf_bytes(&block));
    trigger(s, c, C, &out);
    wd_buf_free(&block);
    wd_buf_free(&out);
}

void attack_long_block_h2(struct scene *s, unsigned c)
{
    struct wd_buf part = {0}, out = {0};
    open_h2(s, c);
    put_fill(&part, 16384, 0x90);
    put_h2(&out, HEADERS, 0, 1, wd_buf_bytes(&part));
    for (int i = 0; i < 15; i++)
        put_h2(&out, CONTINUATION, 0, 1, wd_buf_bytes(&part));
    scene_say(s, c, C, wd_buf_bytes(&out));
    wd_buf_reset(&out);
    put_h2(&out, CONTINUATION, 0, 1, wd_buf_bytes(&part));
    trigger(s, c, C, &out);
    wd_buf_free(&part);
    wd_buf_free(&out);
}

void attack_endless_continuation(struct scene *s, unsigned c)
{
    struct wd_buf out = {0};
    open_h2(s, c);
    put_h2(&out, HEADERS, 0, 1, wd_bytes_of(GET));
    for (int i = 0; i < 32; i++)
        put_h2(&out, CONTINUATION, 0, 1, wd_bytes_of(""));
    scene_say(s, c, C, wd_buf_bytes(&out));
    wd_buf_reset(&out);
    for (int i = 0; i < 2000; i++)
        put_h2(&out, CONTINUATION, 0, 1, wd_bytes_of(""));
    trigger(s, c, C, &out);
    wd_buf_free(&out);
}

void attack_many_streams(struct scene *s, unsigned c)
{
    struct wd_buf out = {0};
    open_h2(s, c);
    for (uint32_t id = 1; id < 2 * 4; id += 2)
        put_h2(&out, HEADERS, END_HEADERS, id, wd_bytes_of(GET));
    scene_say(s, c, C, wd_buf_bytes(&out));
    wd_buf_reset(&out);
    put_h2(&out, HEADERS, END_HEADERS, 9, wd_bytes_of(GET));
    trigger(s, c, C, &out);
    wd_buf_free(&out);
}

void attack_long_line(struct scene *s, unsigned c)
{
    struct wd_buf out = {0};
    scene_connect(s, c);
    scene_text(s, c, C, "GET /hostile HTTP/1.1\r\nX: ");
    put_fill(&out, 60000, 'x');
    scene_say(s, c, C, wd_buf_bytes(&out));
    wd_buf_reset(&out);
    put_fill(&out, 6000, 'x');
    trigger(s, c, C, &out);
    wd_buf_free(&out);
}

void attack_long_extension(struct scene *s, unsigned c)
{
    struct wd_buf out = {0};
    open_events(s, c, "Transfer-Encoding: chunked\r\n");
    wd_buf_puts(&out, "5;");
    put_fill(&out, 60000, 'x');
    scene_say(s, c, S, wd_buf_bytes(&out));
    wd_buf_reset(&out);
    put_fill(&out, 6000, 'x');
    trigger(s, c, S, &out);
    wd_buf_free(&out);
}

static void put_lines(struct wd_buf *out, unsigned count, size_t len)
{
    for (unsigned i = 0; i < count; i++) {
        wd_buf_puts(out, "X: ");
        put_fill(out, len, 'x');
        wd_buf_puts(out, "\r\n");
    }
}

void attack_long_head(struct scene *s, unsigned c)
{
    struct wd_buf out = {0};
    scene_connect(s, c);
    scene_text(s, c, C, "GET /hostile HTTP/1.1\r\n");
    put_lines(&out, 26, 10000);
    scene_say(s, c, C, wd_buf_bytes(&out));
    wd_buf_reset(&out);
    put_lines(&out, 1, 10000);
    trigger(s, c, C, &out);
    wd_buf_free(&out);
}

void attack_many_lines(struct scene *s, unsigned c)
{
    struct wd_buf out = {0};
    scene_connect(s, c);
    scene_text(s, c, C, "GET /hostile HTTP/1.1\r\n");
    put_lines(&out, 1100, 1);
    trigger(s, c, C, &out);
    wd_buf_free(&out);
}

void attack_many_requests(struct scene *s, unsigned c)
{
    scene_connect(s, c);
    for (int i = 0; i < 4; i++)
        scene_text(s, c, C, "GET /hostile HTTP/1.1\r\nHost: h\r\n\r\n");
    scene_mark(s);
    scene_text(s, c, C, "GET /hostile HTTP/1.1\r\nHost: h\r\n\r\n");
}

void attack_many_channels(struct scene *s, unsigned c)
{
    char text[80];
    scene_connect(s, c);
    for (int i = 0; i < 5; i++) {
        snprintf(text, sizeof text, "GET /hostile%c HTTP/1.1\r\nHost: h\r\n\r\n", 'a' + i);
        scene_text(s, c, C, text);
        if (i == 4)
            scene_mark(s);
        scene_text(s, c, S,
                   "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Length: 9\r\n\r\n"
                   "data: 1\n\n");
    }
}

/* A tunnel in a tunnel in a tunnel. */
void attack_many_protocols(struct scene *s, unsigned c)
{
    scene_connect(s, c);
    for (int i = 0; i < 8; i++) {
        scene_text(s, c, C, "CONNECT h:1 HTTP/1.1\r\nHost: h\r\n\r\n");
        if (i == 7)
            scene_mark(s);
        scene_text(s, c, S, "HTTP/1.1 200 OK\r\n\r\n");
    }
}

/* Bytes of a protocol that nobody has agreed to yet. */
void attack_long_hold(struct scene *s, unsigned c)
{
    struct wd_buf out = {0};
    scene_connect(s, c);
    scene_text(s, c, C, "GET /hostile HTTP/1.1\r\nHost: h\r\n" UPGRADE "\r\n");
    put_fill(&out, 250000, 'x');
    scene_say(s, c, C, wd_buf_bytes(&out));
    wd_buf_reset(&out);
    put_fill(&out, 20000, 'x');
    trigger(s, c, C, &out);
    wd_buf_free(&out);
}

/* The same in a stream: content of a tunnel that was not granted. */
void attack_long_hold_h2(struct scene *s, unsigned c)
{
    struct wd_buf part = {0}, out = {0};
    open_h2(s, c);
    put_h2(&out, HEADERS, END_HEADERS, 1,
           wd_bytes_of("\x02\x07"
                       "CONNECT\x01\x01h"));
    put_fill(&part, 16384, 'x');
    for (int i = 0; i < 16; i++)
        put_h2(&out, DATA, 0, 1, wd_buf_bytes(&part));
    scene_say(s, c, C, wd_buf_bytes(&out));
    wd_buf_reset(&out);
    put_h2(&out, DATA, 0, 1, wd_buf_bytes(&part));
    trigger(s, c, C, &out);
    wd_buf_free(&part);
    wd_buf_free(&out);
}

void attack_empty_records(struct scene *s, unsigned c)
{
    static const uint8_t hello[50] = {22, 3, 1, 0, 45, 1, 0, 0, 41, 3, 3, [43] = 0, 0, 2, 0x13, 1, 1, 0};
    struct wd_buf out = {0};
    scene_connect(s, c);
    scene_say(s, c, C, wd_bytes_at(hello, sizeof hello));
    for (int i = 0; i < 1024; i++)
        put_hex(&out, "16 0303 0000");
    scene_say(s, c, C, wd_buf_bytes(&out));
    trigger(s, c, C, &out);
    wd_buf_free(&out);
}

static void pieces(struct scene *s, unsigned c, uint32_t count, size_t len)
{
    struct wd_buf piece = {0};
    put_fill(&piece, len, 'x');
    for (uint32_t i = 0; i < count; i++) {
        if (i + 1 == count)
            scene_mark(s);
        scene_say_ahead(s, c, S, 1000 + i * (uint32_t)len, wd_buf_bytes(&piece));
    }
    wd_buf_free(&piece);
}

static void pieces_behind_a_hole(struct scene *s, unsigned c, uint32_t count, size_t len)
{
    scene_connect(s, c);
    pieces(s, c, count, len);
}

void attack_many_segments(struct scene *s, unsigned c)
{
    pieces_behind_a_hole(s, c, 9, 10);
}
void attack_much_without_a_start(struct scene *s, unsigned c)
{
    pieces(s, c, 5, 900);
}
void attack_much_behind_a_hole(struct scene *s, unsigned c)
{
    pieces_behind_a_hole(s, c, 5, 900);
}

void attack_many_fragments(struct scene *s, unsigned c)
{
    for (uint16_t i = 0; i < 4; i++) {
        if (i == 3)
            scene_mark(s);
        scene_ipv4(s, 6, (uint16_t)(0x8000 + c), (uint16_t)(0x2000 | i * 4), wd_bytes_of("abcdefgh"));
    }
}

void attack_many_tunnels(struct scene *s, unsigned c)
{
    static const uint8_t head[] = {0x45, 0, 0, 0, 0, 0, 0, 0, 64, 4, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8};
    struct wd_buf out = {0};
    enum { DEEP = 12 };
    for (int i = 0; i < DEEP; i++) {
        size_t at = out.len;
        wd_buf_put(&out, wd_bytes_at(head, sizeof head));
        out.at[at + 3] = (uint8_t)(20 * (DEEP - i));
        out.at[at + 5] = (uint8_t)c;
    }
    scene_mark(s);
    scene_ipv4(s, 4, 0, 0, wd_buf_bytes(&out));
    wd_buf_free(&out);
}

static void open_flow(struct scene *s, unsigned c)
{
    scene_connect(s, c);
    scene_text(s, c, C, "GET /hostile HTTP/1.1\r\nHost: h\r\n");
}

void attack_few_flows(struct scene *s, unsigned c)
{
    for (unsigned i = 0; i < 3; i++)
        open_flow(s, c + 10 * i);
    scene_mark(s);
    open_flow(s, c + 10 * 3);
}

/* Which of them is the first too many depends on how large a flow is. */
void attack_many_flows(struct scene *s, unsigned c)
{
    for (unsigned i = 0; i < 40; i++)
        open_flow(s, c + 10 * i);
}

static void objects(struct scene *s, unsigned c, const char *const *texts, size_t count)
{
    open_socket(s, c);
    for (size_t i = 0; i < count; i++) {
        struct wd_buf out = {0};
        put_frame(&out, 0x81, wd_bytes_of(texts[i]));
        if (i + 1 == count)
            scene_mark(s);
        scene_say(s, c, S, wd_buf_bytes(&out));
        wd_buf_free(&out);
    }
}

void attack_many_paths(struct scene *s, unsigned c)
{
    static const char *const texts[] = {"{\"a\":1,\"b\":2}", "{\"a\":1,\"b\":2,\"c\":3,\"d\":4,\"e\":5}"};
    objects(s, c, texts, WD_COUNT(texts));
}

void attack_many_types(struct scene *s, unsigned c)
{
    struct wd_buf out = {0};
    open_events(s, c, "");
    for (char kind = 'a'; kind <= 'd'; kind++)
        wd_buf_printf(&out, "event: kind-%c\ndata: {}\n\n", kind);
    trigger(s, c, S, &out);
    wd_buf_free(&out);
}

/* The second connection begins when the messages of the first are being compared. */
void attack_two_series(struct scene *s, unsigned c)
{
    enum { HELD = 64 };
    struct wd_buf out = {0};
    open_socket(s, c);
    for (int i = 0; i < HELD; i++)
        put_frame(&out, 0x81, wd_bytes_of("{\"a\":1}"));
    scene_say(s, c, S, wd_buf_bytes(&out));
    open_socket(s, c + 100);
    wd_buf_reset(&out);
    put_frame(&out, 0x81, wd_bytes_of("{\"a\":1}"));
    trigger(s, c + 100, S, &out);
    wd_buf_free(&out);
}

void attack_many_entities(struct scene *s, unsigned c)
{
    static const char *const texts[] = {"{\"id\":1}", "{\"id\":2}", "{\"id\":1}", "{\"id\":3}"};
    objects(s, c, texts, WD_COUNT(texts));
}

/* --- attacks that meet no limit that is told --- */

void attack_deep_json(struct scene *s, unsigned c)
{
    struct wd_buf text = {0}, out = {0};
    open_socket(s, c);
    put_fill(&text, 3000, '[');
    put_fill(&text, 3000, ']');
    put_frame(&out, 0x81, wd_buf_bytes(&text));
    trigger(s, c, S, &out);
    wd_buf_free(&text);
    wd_buf_free(&out);
}

void attack_many_keys(struct scene *s, unsigned c)
{
    struct wd_buf text = {0}, out = {0};
    open_socket(s, c);
    for (int i = 0; i < 1000; i++)
        wd_buf_printf(&text, "%s\"key%c%c%c\":1", i ? "," : "{", 'a' + i % 10, 'a' + i / 10 % 10,
                      'a' + i / 100);
    wd_buf_puts(&text, "}");
    put_frame(&out, 0x81, wd_buf_bytes(&text));
    trigger(s, c, S, &out);
    wd_buf_free(&text);
    wd_buf_free(&out);
}

static void h2_flood(struct scene *s, unsigned c, int side, int type, uint32_t stream,
                     struct wd_bytes payload)
{
    struct wd_buf out = {0};
    open_h2(s, c);
    put_h2(&out, HEADERS, END_HEADERS, 1, wd_bytes_of(GET));
    scene_say(s, c, C, wd_buf_bytes(&out));
    wd_buf_reset(&out);
    for (int i = 0; i < 5000; i++)
        put_h2(&out, type, 0, stream, payload);
    trigger(s, c, side, &out);
    wd_buf_free(&out);
}

void attack_empty_data(struct scene *s, unsigned c)
{
    h2_flood(s, c, C, DATA, 1, wd_bytes_of(""));
}
void attack_window_updates(struct scene *s, unsigned c)
{
    h2_flood(s, c, S, WINDOW_UPDATE, 1, wd_bytes_at("\x7f\xff\xff\xff", 4));
}
void attack_zero_updates(struct scene *s, unsigned c)
{
    h2_flood(s, c, S, WINDOW_UPDATE, 0, wd_bytes_at("\0\0\0\0", 4));
}
void attack_pings(struct scene *s, unsigned c)
{
    h2_flood(s, c, C, PING, 0, wd_bytes_of("12345678"));
}
void attack_settings(struct scene *s, unsigned c)
{
    h2_flood(s, c, C, SETTINGS, 0, wd_bytes_at("\0\4\0\0\0\0", 6));
}

void attack_rapid_reset(struct scene *s, unsigned c)
{
    struct wd_buf out = {0};
    open_h2(s, c);
    for (uint32_t id = 1; id < 10000; id += 2) {
        put_h2(&out, HEADERS, END_HEADERS, id, wd_bytes_of(GET));
        put_h2(&out, RST_STREAM, 0, id, wd_bytes_at("\0\0\0\x08", 4));
    }
    trigger(s, c, C, &out);
    wd_buf_free(&out);
}

/* The server says that its window is shut, and is asked again and again whether it still is. */
void attack_zero_window(struct scene *s, unsigned c)
{
    scene_connect(s, c);
    scene_text(s, c, C, "GET /hostile HTTP/1.1\r\nHost: h\r\n\r\n");
    for (int i = 0; i < 500; i++) {
        scene_window(s, c, S, 0);
        scene_say_ahead(s, c, C, UINT32_MAX, wd_bytes_of("\n"));
    }
}

void attack_empty_frames(struct scene *s, unsigned c)
{
    struct wd_buf out = {0};
    open_socket(s, c);
    put_frame(&out, 0x01, wd_bytes_of(""));
    for (int i = 0; i < 5000; i++)
        put_frame(&out, 0x00, wd_bytes_of(""));
    trigger(s, c, S, &out);
    wd_buf_free(&out);
}
