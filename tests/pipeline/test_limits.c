/* Each limit, reached once and often: it is said once, with its value, the packet where it began and the remedy; every byte is
 * accounted for; and the connection beside it is read as if nobody else were there. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <zlib.h>
#include <cmocka.h>

#include "../packet/build.h"
#include "pipeline/limited.h"
#include "usage/config.h"
#include "scene.h"

enum { C = SCENE_CLIENT, S = SCENE_SERVER, OFTEN = 5 };
enum { DATA, HEADERS, PRIORITY, RST_STREAM, SETTINGS, PUSH_PROMISE, PING, GOAWAY, WINDOW_UPDATE, CONTINUATION };
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
    z_stream z = { 0 };
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

static void put_h2(struct wd_buf *out, int type, int flags, uint32_t stream, struct wd_bytes payload)
{
    wd_buf_byte(out, (uint8_t)(payload.len >> 16));
    put16(out, (uint16_t)payload.len, true);
    wd_buf_byte(out, (uint8_t)type);
    wd_buf_byte(out, (uint8_t)flags);
    put32(out, stream, true);
    wd_buf_put(out, payload);
}

static void open_h2(struct scene *s, unsigned c)
{
    struct wd_buf out = { 0 };
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
    struct wd_buf packed = { 0 }, out = { 0 };
    open_socket(s, c);
    put_zeros(&packed, len, -15);
    put_frame(&out, 0xc1, wd_buf_bytes(&packed));
    trigger(s, c, S, &out);
    scene_say(s, c, S, wd_buf_bytes(&out));   /* what follows is not another one */
    wd_buf_free(&packed);
    wd_buf_free(&out);
}

static void socket_bomb(struct scene *s, unsigned c) { socket_zeros(s, c, 8 << 20); }
static void socket_total(struct scene *s, unsigned c) { socket_zeros(s, c, 600 << 10); }

static void events_zeros(struct scene *s, unsigned c, size_t len)
{
    struct wd_buf out = { 0 };
    open_events(s, c, "Content-Encoding: gzip\r\n");
    put_zeros(&out, len, 31);
    trigger(s, c, S, &out);
    scene_say(s, c, S, wd_buf_bytes(&out));
    wd_buf_free(&out);
}

static void gzip_bomb(struct scene *s, unsigned c) { events_zeros(s, c, 8 << 20); }
static void gzip_total(struct scene *s, unsigned c) { events_zeros(s, c, 600 << 10); }

static void many_layers(struct scene *s, unsigned c)
{
    scene_connect(s, c);
    scene_text(s, c, C, "GET /hostile HTTP/1.1\r\nHost: h\r\n\r\n");
    scene_mark(s);
    scene_text(s, c, S, "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Encoding: gzip, gzip, gzip\r\n\r\nxyz");
}

static void long_message(struct scene *s, unsigned c)
{
    struct wd_buf text = { 0 }, out = { 0 };
    open_socket(s, c);
    put_fill(&text, 5000, '1');
    put_frame(&out, 0x81, wd_buf_bytes(&text));
    trigger(s, c, S, &out);
    wd_buf_free(&text);
    wd_buf_free(&out);
}

static void large_table(struct scene *s, unsigned c)
{
    struct wd_buf out = { 0 };
    open_h2(s, c);
    put_h2(&out, HEADERS, END_HEADERS | END_STREAM, 1, wd_bytes_of("\x3f\xe1\xff\x05" GET));   /* a table of 98,304 bytes */
    trigger(s, c, C, &out);
    scene_say(s, c, C, wd_buf_bytes(&out));
    wd_buf_free(&out);
}

/* A field of 3,000 bytes is entered once and referred to again and again. */
static void hpack_bomb(struct scene *s, unsigned c)
{
    struct wd_buf block = { 0 }, out = { 0 };
    open_h2(s, c);
    wd_buf_put(&block, wd_bytes_of(GET "\x40\x01x\x7f\xb9\x16"));
    put_fill(&block, 3000, 'v');
    put_fill(&block, 400, 0xbe);
    put_h2(&out, HEADERS, END_HEADERS | END_STREAM, 1, wd_buf_bytes(&block));
    trigger(s, c, C, &out);
    wd_buf_free(&block);
    wd_buf_free(&out);
}

static void many_fields_h2(struct scene *s, unsigned c)
{
    struct wd_buf block = { 0 }, out = { 0 };
    open_h2(s, c);
    wd_buf_puts(&block, GET);
    put_fill(&block, 1100, 0x90);   /* accept-encoding: gzip, deflate */
    put_h2(&out, HEADERS, END_HEADERS | END_STREAM, 1, wd_buf_bytes(&block));
    trigger(s, c, C, &out);
    wd_buf_free(&block);
    wd_buf_free(&out);
}

static void long_block_h2(struct scene *s, unsigned c)
{
    struct wd_buf part = { 0 }, out = { 0 };
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

static void endless_continuation(struct scene *s, unsigned c)
{
    struct wd_buf out = { 0 };
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

static void many_streams(struct scene *s, unsigned c)
{
    struct wd_buf out = { 0 };
    open_h2(s, c);
    for (uint32_t id = 1; id < 2 * 4; id += 2)
        put_h2(&out, HEADERS, END_HEADERS, id, wd_bytes_of(GET));
    scene_say(s, c, C, wd_buf_bytes(&out));
    wd_buf_reset(&out);
    put_h2(&out, HEADERS, END_HEADERS, 9, wd_bytes_of(GET));
    trigger(s, c, C, &out);
    wd_buf_free(&out);
}

static void long_line(struct scene *s, unsigned c)
{
    struct wd_buf out = { 0 };
    scene_connect(s, c);
    scene_text(s, c, C, "GET /hostile HTTP/1.1\r\nX: ");
    put_fill(&out, 60000, 'x');
    scene_say(s, c, C, wd_buf_bytes(&out));
    wd_buf_reset(&out);
    put_fill(&out, 6000, 'x');
    trigger(s, c, C, &out);
    wd_buf_free(&out);
}

static void long_extension(struct scene *s, unsigned c)
{
    struct wd_buf out = { 0 };
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

static void long_head(struct scene *s, unsigned c)
{
    struct wd_buf out = { 0 };
    scene_connect(s, c);
    scene_text(s, c, C, "GET /hostile HTTP/1.1\r\n");
    put_lines(&out, 26, 10000);
    scene_say(s, c, C, wd_buf_bytes(&out));
    wd_buf_reset(&out);
    put_lines(&out, 1, 10000);
    trigger(s, c, C, &out);
    wd_buf_free(&out);
}

static void many_lines(struct scene *s, unsigned c)
{
    struct wd_buf out = { 0 };
    scene_connect(s, c);
    scene_text(s, c, C, "GET /hostile HTTP/1.1\r\n");
    put_lines(&out, 1100, 1);
    trigger(s, c, C, &out);
    wd_buf_free(&out);
}

/* Bytes of a protocol that nobody has agreed to yet. */
static void long_hold(struct scene *s, unsigned c)
{
    struct wd_buf out = { 0 };
    scene_connect(s, c);
    scene_text(s, c, C, "GET /hostile HTTP/1.1\r\nHost: h\r\n" UPGRADE "\r\n");
    put_fill(&out, 250000, 'x');
    scene_say(s, c, C, wd_buf_bytes(&out));
    wd_buf_reset(&out);
    put_fill(&out, 20000, 'x');
    trigger(s, c, C, &out);
    wd_buf_free(&out);
}

static void empty_records(struct scene *s, unsigned c)
{
    static const uint8_t hello[50] = { 22, 3, 1, 0, 45, 1, 0, 0, 41, 3, 3, [43] = 0, 0, 2, 0x13, 1, 1, 0 };
    struct wd_buf out = { 0 };
    scene_connect(s, c);
    scene_say(s, c, C, wd_bytes_at(hello, sizeof hello));
    for (int i = 0; i < 1024; i++)
        put_hex(&out, "16 0303 0000");
    scene_say(s, c, C, wd_buf_bytes(&out));
    trigger(s, c, C, &out);
    wd_buf_free(&out);
}

static void pieces_behind_a_hole(struct scene *s, unsigned c, uint32_t count, size_t len)
{
    struct wd_buf piece = { 0 };
    scene_connect(s, c);
    put_fill(&piece, len, 'x');
    for (uint32_t i = 0; i < count; i++) {
        if (i + 1 == count)
            scene_mark(s);
        scene_say_ahead(s, c, S, 1000 + i * (uint32_t)len, wd_buf_bytes(&piece));
    }
    wd_buf_free(&piece);
}

static void many_segments(struct scene *s, unsigned c) { pieces_behind_a_hole(s, c, 9, 10); }
static void much_behind_a_hole(struct scene *s, unsigned c) { pieces_behind_a_hole(s, c, 5, 900); }

static void many_fragments(struct scene *s, unsigned c)
{
    for (uint16_t i = 0; i < 4; i++) {
        if (i == 3)
            scene_mark(s);
        scene_ipv4(s, 6, (uint16_t)(0x8000 + c), (uint16_t)(0x2000 | i * 4), wd_bytes_of("abcdefgh"));
    }
}

static void many_tunnels(struct scene *s, unsigned c)
{
    static const uint8_t head[] = { 0x45, 0, 0, 0, 0, 0, 0, 0, 64, 4, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8 };
    struct wd_buf out = { 0 };
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

static void flows(struct scene *s, unsigned c, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        if (i + 1 == count)
            scene_mark(s);
        scene_connect(s, c + 100 * i);
        scene_text(s, c + 100 * i, C, "GET /hostile HTTP/1.1\r\nHost: h\r\n");
    }
}

static void few_flows(struct scene *s, unsigned c) { flows(s, c, 4); }

static void objects(struct scene *s, unsigned c, const char *const *texts, size_t count)
{
    open_socket(s, c);
    for (size_t i = 0; i < count; i++) {
        struct wd_buf out = { 0 };
        put_frame(&out, 0x81, wd_bytes_of(texts[i]));
        if (i + 1 == count)
            scene_mark(s);
        scene_say(s, c, S, wd_buf_bytes(&out));
        wd_buf_free(&out);
    }
}

static void many_paths(struct scene *s, unsigned c)
{
    static const char *const texts[] = { "{\"a\":1,\"b\":2}", "{\"a\":1,\"b\":2,\"c\":3,\"d\":4,\"e\":5}" };
    objects(s, c, texts, WD_COUNT(texts));
}

static void many_types(struct scene *s, unsigned c)
{
    struct wd_buf out = { 0 };
    open_events(s, c, "");
    for (char kind = 'a'; kind <= 'd'; kind++)
        wd_buf_printf(&out, "event: kind-%c\ndata: {}\n\n", kind);
    trigger(s, c, S, &out);
    wd_buf_free(&out);
}

/* The second connection begins when the messages of the first are being compared. */
static void two_series(struct scene *s, unsigned c)
{
    enum { HELD = 64 };
    struct wd_buf out = { 0 };
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

static void many_entities(struct scene *s, unsigned c)
{
    static const char *const texts[] = { "{\"id\":1}", "{\"id\":2}", "{\"id\":1}", "{\"id\":3}" };
    objects(s, c, texts, WD_COUNT(texts));
}

/* --- attacks that meet no limit that is told --- */

static void deep_json(struct scene *s, unsigned c)
{
    struct wd_buf text = { 0 }, out = { 0 };
    open_socket(s, c);
    put_fill(&text, 3000, '[');
    put_fill(&text, 3000, ']');
    put_frame(&out, 0x81, wd_buf_bytes(&text));
    trigger(s, c, S, &out);
    wd_buf_free(&text);
    wd_buf_free(&out);
}

static void many_keys(struct scene *s, unsigned c)
{
    struct wd_buf text = { 0 }, out = { 0 };
    open_socket(s, c);
    for (int i = 0; i < 1000; i++)
        wd_buf_printf(&text, "%s\"key%c%c%c\":1", i ? "," : "{", 'a' + i % 10, 'a' + i / 10 % 10, 'a' + i / 100);
    wd_buf_puts(&text, "}");
    put_frame(&out, 0x81, wd_buf_bytes(&text));
    trigger(s, c, S, &out);
    wd_buf_free(&text);
    wd_buf_free(&out);
}

static void h2_flood(struct scene *s, unsigned c, int side, int type, uint32_t stream, struct wd_bytes payload)
{
    struct wd_buf out = { 0 };
    open_h2(s, c);
    put_h2(&out, HEADERS, END_HEADERS, 1, wd_bytes_of(GET));
    scene_say(s, c, C, wd_buf_bytes(&out));
    wd_buf_reset(&out);
    for (int i = 0; i < 5000; i++)
        put_h2(&out, type, 0, stream, payload);
    trigger(s, c, side, &out);
    wd_buf_free(&out);
}

static void empty_data(struct scene *s, unsigned c) { h2_flood(s, c, C, DATA, 1, wd_bytes_of("")); }
static void window_updates(struct scene *s, unsigned c) { h2_flood(s, c, S, WINDOW_UPDATE, 1, wd_bytes_at("\x7f\xff\xff\xff", 4)); }
static void zero_updates(struct scene *s, unsigned c) { h2_flood(s, c, S, WINDOW_UPDATE, 0, wd_bytes_at("\0\0\0\0", 4)); }
static void pings(struct scene *s, unsigned c) { h2_flood(s, c, C, PING, 0, wd_bytes_of("12345678")); }
static void settings(struct scene *s, unsigned c) { h2_flood(s, c, C, SETTINGS, 0, wd_bytes_at("\0\4\0\0\0\0", 6)); }

static void rapid_reset(struct scene *s, unsigned c)
{
    struct wd_buf out = { 0 };
    open_h2(s, c);
    for (uint32_t id = 1; id < 10000; id += 2) {
        put_h2(&out, HEADERS, END_HEADERS, id, wd_bytes_of(GET));
        put_h2(&out, RST_STREAM, 0, id, wd_bytes_at("\0\0\0\x08", 4));
    }
    trigger(s, c, C, &out);
    wd_buf_free(&out);
}

/* The server says that its window is shut, and is asked again and again whether it still is. */
static void zero_window(struct scene *s, unsigned c)
{
    scene_connect(s, c);
    scene_text(s, c, C, "GET /hostile HTTP/1.1\r\nHost: h\r\n\r\n");
    for (int i = 0; i < 500; i++) {
        scene_window(s, c, S, 0);
        scene_say_ahead(s, c, C, UINT32_MAX, wd_bytes_of("\n"));
    }
}

static void empty_frames(struct scene *s, unsigned c)
{
    struct wd_buf out = { 0 };
    open_socket(s, c);
    put_frame(&out, 0x01, wd_bytes_of(""));
    for (int i = 0; i < 5000; i++)
        put_frame(&out, 0x00, wd_bytes_of(""));
    trigger(s, c, S, &out);
    wd_buf_free(&out);
}

/* --- the runs --- */

struct row {
    const char *set;             /* the limit as it is set; NULL: the default */
    void (*attack)(struct scene *s, unsigned connection);
    const char *begins;          /* the line of diagnostics up to how often; NULL: nothing is told */
    const char *remedy;
    bool is_more;                /* what is done often reaches it more often than that */
};

static const struct row rows[] = {
    { NULL, socket_bomb, "limit inflate-ratio (1,000 to 1, past the first MiB)", "inflate-ratio=2000", false },
    { NULL, gzip_bomb, "limit inflate-ratio (1,000 to 1, past the first MiB)", "inflate-ratio=2000", false },
    { "inflate-ratio=0", gzip_bomb, "limit inflate-ratio (0 to 1, past the first MiB)", "inflate-ratio=1000", false },
    { "inflate-total=300k", socket_total, "limit inflate-total (307,200 bytes without a complete message)", "inflate-total=600k",
      false },
    { "inflate-total=300k", gzip_total, "limit inflate-total (307,200 bytes without a complete message)", "inflate-total=600k",
      false },
    { NULL, many_layers, "limit inflate-layers (2 layers)", "inflate-layers=4", false },
    { "message=4k", long_message, "limit message (4,096 bytes)", "message=8k", false },
    { NULL, large_table, "limit table (65,536 bytes of an HPACK table)", "table=128k", false },
    { NULL, hpack_bomb, "limit header-list (262,144 bytes)", "header-list=512k", false },
    { NULL, long_block_h2, "limit header-list (262,144 bytes)", "header-list=512k", false },
    { NULL, long_head, "limit header-list (262,144 bytes)", "header-list=512k", false },
    { NULL, long_hold, "limit header-list (262,144 bytes)", "header-list=512k", false },
    { NULL, many_fields_h2, "limit header-count (1,000 headers)", "header-count=2000", false },
    { NULL, many_lines, "limit header-count (1,000 headers)", "header-count=2000", false },
    { NULL, long_line, "limit header-line (65,536 bytes)", "header-line=128k", false },
    { NULL, long_extension, "limit header-line (65,536 bytes)", "header-line=128k", false },
    { NULL, endless_continuation, "limit continuations (32 frames per HTTP/2 header block)", "continuations=64", false },
    { "streams=4", many_streams, "limit streams (4 live HTTP/2 streams per connection)", "streams=8", false },
    { NULL, empty_records, "limit tls-empty (1,024 TLS records without content in a row)", "tls-empty=2048", false },
    { "segments=8", many_segments, "limit segments (8 segments waiting per direction)", "segments=16", false },
    { "reassembly=4k", much_behind_a_hole, "limit reassembly (4,096 bytes per direction)", "reassembly=8k", false },
    { "reassembly-total=4k", much_behind_a_hole, "limit reassembly-total (4,096 bytes)", "reassembly-total=8k", false },
    { "fragments=3", many_fragments, "limit fragments (3 fragments per datagram)", "fragments=6", false },
    { NULL, many_tunnels, "limit tunnels (8 tunnels inside each other)", "tunnels=16", false },
    { "flows=4", few_flows, "limit flows (4 flows)", "flows=8", true },
    { "fields=4", many_paths, "limit fields (4 paths per message type)", "fields=8", true },
    { "fields-total=13", many_paths, "limit fields-total (13 paths)", "fields-total=26", true },
    { "series-fields=12", two_series, "limit series-fields (12 remembered values)", "series-fields=24", true },
    { "entities=2", many_entities, "limit entities (2 entities per message type)", "entities=4", true },
    { "types=3", many_types, "limit types (3 message types)", "types=6", true },

    { NULL, deep_json, NULL, NULL, false },
    { NULL, many_keys, NULL, NULL, false },
    { "echo=0", many_paths, NULL, NULL, false },
    { "flow-idle=0", many_paths, NULL, NULL, false },
    { NULL, empty_data, NULL, NULL, false },
    { NULL, window_updates, NULL, NULL, false },
    { NULL, zero_updates, NULL, NULL, false },
    { NULL, pings, NULL, NULL, false },
    { NULL, settings, NULL, NULL, false },
    { NULL, rapid_reset, NULL, NULL, false },
    { NULL, zero_window, NULL, NULL, false },
    { NULL, empty_frames, NULL, NULL, false },
};

/* What was read of the calm connection, but for when, and for what its messages are called: the limit `types` is for all
 * channels together. */
static void put_calm(const struct wd_profile *p, struct wd_buf *out)
{
    for (size_t t = 0; t < p->type_count; t++) {
        const struct wd_type_profile *type = &p->types[t];
        if (!wd_bytes_is(type->channel, "/calm"))
            continue;
        wd_buf_printf(out, "type %llu %llu %llu %llu\n", (unsigned long long)type->count, (unsigned long long)type->payload_bytes,
                      (unsigned long long)type->wire_payload_bytes, (unsigned long long)type->malformed);
        for (size_t r = 0; r < type->row_count; r++) {
            const struct wd_row *row = &type->rows[r];
            wd_buf_put(out, row->path);
            wd_buf_printf(out, " %llu %llu %llu\n", (unsigned long long)row->present, (unsigned long long)row->changed,
                          (unsigned long long)wd_row_bytes(row));
        }
    }
}

static void configure(struct wd_config *config, const struct row *row)
{
    static struct wd_config_entity entity;
    struct wd_err err = { 0 };
    *config = wd_config_default();
    entity = (struct wd_config_entity){ .message = wd_bytes_of("message"), .key = wd_bytes_of("id") };
    config->entities = &entity;
    config->entity_count = 1;
    if (row && row->set)
        assert_int_equal(wd_limits_set(&config->limits, row->set, &err), 0);
}

/* Runs it, holds what holds for any, and gives the packet that was marked. */
static uint64_t run(const struct row *row, unsigned times, struct wd_buf *calm, struct wd_buf *told)
{
    struct wd_config config;
    struct wd_buf why = { 0 };
    struct scene *s = calloc(1, sizeof *s);
    configure(&config, row);
    scene_open(s, &config);
    for (unsigned i = 0; row && i < times; i++)
        row->attack(s, 1 + i);
    struct wd_profile *p = scene_finish(s, told);
    if (!wd_profile_balances(p, &why))
        fail_msg("%s", wd_buf_cstr(&why));
    put_calm(p, calm);
    wd_profile_free(p);
    scene_close(s);
    wd_buf_free(&why);
    uint64_t mark = s->mark;
    free(s);
    return mark;
}

static void expect_line(const struct row *row, unsigned times, uint64_t mark, struct wd_buf *told)
{
    struct wd_buf expected = { 0 };
    const char *text = wd_buf_cstr(told), *first = times > 1 ? ", first" : ",";
    char packet[80], remedy[80];
    snprintf(packet, sizeof packet, " at packet %llu: ", (unsigned long long)mark);
    snprintf(remedy, sizeof remedy, "; raise it with --limit %s\n", row->remedy);
    wd_buf_puts(&expected, row->begins);
    wd_buf_puts(&expected, " was reached ");
    if (!row->is_more)
        wd_buf_printf(&expected, "%u time%s%s%s", times, times > 1 ? "s" : "", first, packet);
    if (strncmp(text, wd_buf_cstr(&expected), expected.len) != 0)
        fail_msg("said '%s', expected '%s...'", text, wd_buf_cstr(&expected));
    if (!strstr(text, packet) || !strstr(text, remedy))
        fail_msg("said '%s', expected '%s' and '%s'", text, packet, remedy);
    assert_ptr_equal(strchr(text, '\n'), text + told->len - 1);   /* one line */
    wd_buf_free(&expected);
}

static void test_each(void **state)
{
    static const unsigned often[] = { 1, OFTEN };
    struct wd_buf alone = { 0 }, nothing = { 0 };
    (void)state;
    run(NULL, 0, &alone, &nothing);
    assert_int_equal(nothing.len, 0);
    assert_non_null(strstr(wd_buf_cstr(&alone), " 24 "));
    for (size_t i = 0; i < WD_COUNT(rows); i++) {
        for (size_t k = 0; k < WD_COUNT(often); k++) {
            struct wd_buf calm = { 0 }, told = { 0 };
            print_message("row %zu (%s), %u times\n", i, rows[i].remedy ? rows[i].remedy : "nothing told", often[k]);
            uint64_t mark = run(&rows[i], often[k], &calm, &told);
            assert_string_equal(wd_buf_cstr(&calm), wd_buf_cstr(&alone));
            if (rows[i].begins)
                expect_line(&rows[i], often[k], mark, &told);
            else
                assert_string_equal(wd_buf_cstr(&told), "");
            wd_buf_free(&calm);
            wd_buf_free(&told);
        }
    }
    wd_buf_free(&alone);
    wd_buf_free(&nothing);
}

/* Where there are several inputs, packets are numbered in each. */
static void test_inputs_are_named(void **state)
{
    struct wd_config config = wd_config_default();
    struct wd_buf told = { 0 };
    struct scene *s = calloc(1, sizeof *s);
    (void)state;
    scene_open(s, &config);
    wd_road_begin_input(&s->road, "else\x1bwhere.pcap");
    many_tunnels(s, 1);
    many_tunnels(s, 2);
    wd_profile_free(scene_finish(s, &told));
    char place[80];
    snprintf(place, sizeof place, "reached 2 times, first at packet %llu of else\\x1bwhere.pcap: ", (unsigned long long)s->mark);
    if (!strstr(wd_buf_cstr(&told), place))
        fail_msg("said '%s', expected '%s'", wd_buf_cstr(&told), place);
    wd_buf_free(&told);
    scene_close(s);
    free(s);
}

/* Who is told has a way to raise it; the words make a sentence. */
static void test_table(void **state)
{
    (void)state;
    struct wd_limits limits = wd_limits_default();
    for (int id = 0; id < WD_LIMIT_COUNT; id++) {
        const struct wd_limit_row *row = &wd_limit_rows[id];
        assert_true(row->value && *row->unit && *row->effect);
        assert_int_equal(wd_limits_value(&limits, (enum wd_limit)id), row->value);
    }
    assert_int_equal(wd_limits_value(&limits, WD_LIMIT_streams), 4096);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each),
        cmocka_unit_test(test_inputs_are_named),
        cmocka_unit_test(test_table),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
