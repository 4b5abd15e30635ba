#include "build.h"

void put16(struct wd_buf *out, uint16_t v, bool is_big)
{
    wd_buf_byte(out, (uint8_t)(is_big ? v >> 8 : v));
    wd_buf_byte(out, (uint8_t)(is_big ? v : v >> 8));
}

void put32(struct wd_buf *out, uint32_t v, bool is_big)
{
    put16(out, (uint16_t)(is_big ? v >> 16 : v), is_big);
    put16(out, (uint16_t)(is_big ? v : v >> 16), is_big);
}

static uint8_t digit(char c)
{
    return (uint8_t)(c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
}

void put_hex(struct wd_buf *out, const char *hex)
{
    for (; *hex; hex++) {
        if (*hex == ' ')
            continue;
        wd_buf_byte(out, (uint8_t)(digit(hex[0]) << 4 | digit(hex[1])));
        hex++;
    }
}

void put_fill(struct wd_buf *out, size_t n, uint8_t byte)
{
    while (n--)
        wd_buf_byte(out, byte);
}

void put_ethernet(struct wd_buf *out, uint16_t type)
{
    put_fill(out, 12, 0);
    put16(out, type, true);
}

void put_ipv4(struct wd_buf *out, uint8_t protocol, size_t options, size_t payload, uint16_t fragment)
{
    wd_buf_byte(out, (uint8_t)(0x40 | (20 + options) / 4));
    wd_buf_byte(out, 0);
    put16(out, (uint16_t)(20 + options + payload), true);
    put16(out, 0x4242, true);
    put16(out, fragment, true);
    wd_buf_byte(out, 64);
    wd_buf_byte(out, protocol);
    put16(out, 0, true);
    put_hex(out, "0a000001 0a000002");
    put_fill(out, options, 1);
}

void put_ipv6(struct wd_buf *out, uint8_t next, size_t payload)
{
    put32(out, 0x60000000, true);
    put16(out, (uint16_t)payload, true);
    wd_buf_byte(out, next);
    wd_buf_byte(out, 64);
    put_hex(out, "fd000000000000000000000000000001 fd000000000000000000000000000002");
}

void put_tcp(struct wd_buf *out, uint32_t seq, size_t options)
{
    put_hex(out, "9c40 0050");
    put32(out, seq, true);
    put32(out, 77, true);
    wd_buf_byte(out, (uint8_t)((20 + options) / 4 << 4));
    wd_buf_byte(out, 0x18);
    put_hex(out, "1000 0000 0000");
    put_fill(out, options, 1);
}

void put_pcap(struct wd_buf *out, uint32_t magic, uint32_t link_type, bool is_big)
{
    put32(out, magic, is_big);
    put16(out, 2, is_big);
    put16(out, 4, is_big);
    put32(out, 0, is_big);
    put32(out, 0, is_big);
    put32(out, 65535, is_big);
    put32(out, link_type, is_big);
}

void put_block(struct wd_buf *out, uint32_t type, struct wd_bytes body, bool is_big)
{
    uint32_t len = (uint32_t)(12 + (body.len + 3) / 4 * 4);
    put32(out, type, is_big);
    put32(out, len, is_big);
    wd_buf_put(out, body);
    put_fill(out, len - 12 - body.len, 0);
    put32(out, len, is_big);
}

void put_section(struct wd_buf *out, bool is_big)
{
    struct wd_buf body = { 0 };
    put32(&body, 0x1a2b3c4d, is_big);
    put16(&body, 1, is_big);
    put16(&body, 0, is_big);
    put_fill(&body, 8, 0xff);
    put_block(out, 0x0a0d0d0a, wd_buf_bytes(&body), is_big);
    wd_buf_free(&body);
}

void put_interface(struct wd_buf *out, uint16_t link_type, uint32_t snap_len, const char *options_hex,
                   bool is_big)
{
    struct wd_buf body = { 0 };
    put16(&body, link_type, is_big);
    put16(&body, 0, is_big);
    put32(&body, snap_len, is_big);
    put_hex(&body, options_hex);
    put_block(out, 1, wd_buf_bytes(&body), is_big);
    wd_buf_free(&body);
}

void put_enhanced(struct wd_buf *out, uint32_t interface, uint64_t ticks, struct wd_bytes packet,
                  uint32_t original, bool is_big)
{
    struct wd_buf body = { 0 };
    put32(&body, interface, is_big);
    put32(&body, (uint32_t)(ticks >> 32), is_big);
    put32(&body, (uint32_t)ticks, is_big);
    put32(&body, (uint32_t)packet.len, is_big);
    put32(&body, original, is_big);
    wd_buf_put(&body, packet);
    put_block(out, 6, wd_buf_bytes(&body), is_big);
    wd_buf_free(&body);
}
