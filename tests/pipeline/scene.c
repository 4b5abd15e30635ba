#include "scene.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "../packet/build.h"
#include "packet/dissect.h"
#include "pipeline/limited.h"

enum { PORT = 40000, SEGMENT = 32000, SYN = 2, ACK = 16, PUSH = 24, TCP = 6, ETHERNET = 1 };

static void feed(struct scene *s, const struct wd_buf *frame)
{
    struct wd_packet packet = {.number = ++s->packet,
                               .ts_ns = (int64_t)(1700000000000 + s->packet) * 1000000,
                               .link_type = ETHERNET,
                               .orig_len = (uint32_t)frame->len,
                               .bytes = wd_buf_bytes(frame)};
    assert_int_equal(wd_road_packet(&s->road, &packet), 0);
}

static void ipv4(struct scene *s, int side, uint8_t protocol, uint16_t id, uint16_t fragment,
                 struct wd_bytes content)
{
    struct wd_buf frame = {0};
    put_ethernet(&frame, 0x0800);
    put_hex(&frame, "4500");
    put16(&frame, (uint16_t)(20 + content.len), true);
    put16(&frame, id ? id : (uint16_t)(s->packet + 1), true);
    put16(&frame, fragment, true);
    wd_buf_byte(&frame, 64);
    wd_buf_byte(&frame, protocol);
    put_hex(&frame, side == SCENE_CLIENT ? "0000 0a000001 0a000002" : "0000 0a000002 0a000001");
    wd_buf_put(&frame, content);
    feed(s, &frame);
    wd_buf_free(&frame);
}

static void tcp(struct scene *s, unsigned c, int side, uint8_t flags, uint32_t ahead, uint16_t window,
                struct wd_bytes payload)
{
    struct wd_buf segment = {0};
    uint16_t ports[] = {(uint16_t)(PORT + c), 80};
    put16(&segment, ports[side], true);
    put16(&segment, ports[!side], true);
    put32(&segment, s->next[c][side] + ahead, true);
    put32(&segment, flags == SYN ? 0 : s->next[c][!side], true);
    wd_buf_byte(&segment, 0x50);
    wd_buf_byte(&segment, flags);
    put16(&segment, window, true);
    put32(&segment, 0, true);
    wd_buf_put(&segment, payload);
    ipv4(s, side, TCP, 0, 0, wd_buf_bytes(&segment));
    wd_buf_free(&segment);
}

static void send(struct scene *s, unsigned c, int side, struct wd_bytes bytes)
{
    tcp(s, c, side, PUSH, 0, 4096, bytes);
    s->next[c][side] += (uint32_t)bytes.len;
}

static void say_calm(struct scene *s)
{
    char text[64];
    if (s->calm == CALM)
        return;
    int len = snprintf(text + 2, sizeof text - 2, "{\"v\":%u,\"name\":\"calm\",\"on\":true}", s->calm++);
    text[0] = (char)0x81;
    text[1] = (char)len;
    send(s, 0, SCENE_SERVER, wd_bytes_at(text, (size_t)len + 2));
}

void scene_connect(struct scene *s, unsigned c)
{
    static const struct wd_bytes nothing;
    assert_true(c < SCENE_CONNECTIONS);
    s->next[c][0] = 1000 * c;
    s->next[c][1] = 7000 * c;
    tcp(s, c, SCENE_CLIENT, SYN, 0, 4096, nothing);
    s->next[c][SCENE_CLIENT]++;
    tcp(s, c, SCENE_SERVER, SYN | ACK, 0, 4096, nothing);
    s->next[c][SCENE_SERVER]++;
    tcp(s, c, SCENE_CLIENT, ACK, 0, 4096, nothing);
}

void scene_open(struct scene *s, const struct wd_config *config)
{
    *s = (struct scene){.packet = 0};
    wd_road_open(&s->road, config, NULL);
    wd_road_begin_input(&s->road, "somewhere/wire.pcap");
    scene_connect(s, 0);
    send(s, 0, SCENE_CLIENT,
         wd_bytes_of("GET /calm HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"));
    send(
        s, 0, SCENE_SERVER,
        wd_bytes_of("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"));
    say_calm(s);
}

struct wd_profile *scene_finish(struct scene *s, struct wd_buf *told)
{
    struct wd_profile *profile = NULL;
    while (s->calm < CALM)
        say_calm(s);
    assert_int_equal(wd_road_finish(&s->road, &profile), 0);
    wd_limited_report(&s->road, told);
    return profile;
}

void scene_close(struct scene *s)
{
    wd_road_close(&s->road);
}

void scene_say(struct scene *s, unsigned c, int side, struct wd_bytes bytes)
{
    while (bytes.len) {
        size_t n = bytes.len < SEGMENT ? bytes.len : SEGMENT;
        send(s, c, side, wd_bytes_at(bytes.at, n));
        say_calm(s);
        bytes = wd_bytes_at(bytes.at + n, bytes.len - n);
    }
}

void scene_text(struct scene *s, unsigned c, int side, const char *text)
{
    scene_say(s, c, side, wd_bytes_of(text));
}

void scene_say_ahead(struct scene *s, unsigned c, int side, uint32_t ahead, struct wd_bytes bytes)
{
    tcp(s, c, side, PUSH, ahead, 4096, bytes);
    say_calm(s);
}

void scene_ipv4(struct scene *s, uint8_t protocol, uint16_t id, uint16_t fragment, struct wd_bytes content)
{
    ipv4(s, SCENE_CLIENT, protocol, id, fragment, content);
    say_calm(s);
}

void scene_window(struct scene *s, unsigned c, int side, uint16_t window)
{
    tcp(s, c, side, ACK, 0, window, wd_bytes_at(NULL, 0));
}

void scene_mark(struct scene *s)
{
    if (!s->mark)
        s->mark = s->packet + 1;
}

void put_h2(struct wd_buf *out, int type, int flags, uint32_t stream, struct wd_bytes payload)
{
    wd_buf_byte(out, (uint8_t)(payload.len >> 16));
    put16(out, (uint16_t)payload.len, true);
    wd_buf_byte(out, (uint8_t)type);
    wd_buf_byte(out, (uint8_t)flags);
    put32(out, stream, true);
    wd_buf_put(out, payload);
}
