/* packet/dump.c - little-endian, one section, one interface with nanoseconds. The pictures are those of
 * pcapng.c and pcap.c.
 *
 *     section header | interface: name, filter, if_tsresol 9 | enhanced packet ... | interface statistics:
 *     drops
 */
#include "packet/dump.h"

enum { SECTION = 0x0a0d0d0a, INTERFACE = 1, STATISTICS = 5, PACKET = 6 };
enum { NS_PER_S = 1000000000 };

static void put_u16(struct wd_buf *out, uint16_t n)
{
    const uint8_t bytes[] = { (uint8_t)n, (uint8_t)(n >> 8) };
    wd_buf_put(out, wd_bytes_at(bytes, sizeof bytes));
}

static void put_u32(struct wd_buf *out, uint32_t n)
{
    put_u16(out, (uint16_t)n);
    put_u16(out, (uint16_t)(n >> 16));
}

static void put_padding(struct wd_buf *out, size_t len)
{
    static const uint8_t zeros[4];
    wd_buf_put(out, wd_bytes_at(zeros, (4 - len % 4) % 4));
}

static size_t begin_block(struct wd_buf *out, uint32_t type)
{
    size_t at = out->len;
    put_u32(out, type);
    put_u32(out, 0);   /* the length, which end_block() knows */
    return at;
}

static void end_block(struct wd_buf *out, size_t at)
{
    uint32_t length = (uint32_t)(out->len - at + 4);
    put_u32(out, length);
    memcpy(out->at + at + 4, out->at + out->len - 4, 4);
}

static void put_option(struct wd_buf *out, uint16_t code, struct wd_bytes value)
{
    put_u16(out, code);
    put_u16(out, (uint16_t)value.len);
    wd_buf_put(out, value);
    put_padding(out, value.len);
}

static void put_count(struct wd_buf *out, uint16_t code, uint64_t n)
{
    put_u16(out, code);
    put_u16(out, 8);
    put_u32(out, (uint32_t)n);
    put_u32(out, (uint32_t)(n >> 32));
}

static void put_time(struct wd_buf *out, int64_t ts_ns)
{
    put_u32(out, (uint32_t)((uint64_t)ts_ns >> 32));
    put_u32(out, (uint32_t)ts_ns);
}

bool wd_dump_is_classic(const char *name)
{
    const char *dot = strrchr(name, '.');
    return dot && (strcmp(dot, ".pcap") == 0 || strcmp(dot, ".cap") == 0);
}

static void put_classic_head(const struct wd_dump *dump, struct wd_buf *out)
{
    put_u32(out, 0xa1b23c4d);
    put_u16(out, 2);
    put_u16(out, 4);
    put_u32(out, 0);
    put_u32(out, 0);
    put_u32(out, dump->snap_len);
    put_u32(out, dump->link_type);
}

static void put_section(struct wd_buf *out)
{
    size_t at = begin_block(out, SECTION);
    put_u32(out, 0x1a2b3c4d);
    put_u16(out, 1);
    put_u16(out, 0);
    put_u32(out, UINT32_MAX);   /* a length that is not told */
    put_u32(out, UINT32_MAX);
    end_block(out, at);
}

/* A filter longer than an option can hold is left out. */
static void put_interface(const struct wd_dump *dump, struct wd_buf *out)
{
    enum { END = 0, NAME = 2, TSRESOL = 9, FILTER = 11 };
    size_t at = begin_block(out, INTERFACE);
    put_u16(out, (uint16_t)dump->link_type);
    put_u16(out, 0);
    put_u32(out, dump->snap_len);
    put_option(out, NAME, wd_bytes_of(dump->interface));
    put_option(out, TSRESOL, wd_bytes_of("\x09"));
    if (dump->filter && strlen(dump->filter) < UINT16_MAX) {
        struct wd_bytes text = wd_bytes_of(dump->filter);
        put_u16(out, FILTER);
        put_u16(out, (uint16_t)(text.len + 1));
        wd_buf_byte(out, 0);   /* as text */
        wd_buf_put(out, text);
        put_padding(out, text.len + 1);
    }
    put_u32(out, END);
    end_block(out, at);
}

void wd_dump_head(const struct wd_dump *dump, struct wd_buf *out)
{
    if (dump->is_classic) {
        put_classic_head(dump, out);
        return;
    }
    put_section(out);
    put_interface(dump, out);
}

void wd_dump_packet(const struct wd_dump *dump, const struct wd_packet *packet, struct wd_buf *out)
{
    size_t at = 0;
    if (dump->is_classic) {
        put_u32(out, (uint32_t)(packet->ts_ns / NS_PER_S));
        put_u32(out, (uint32_t)(packet->ts_ns % NS_PER_S));
    } else {
        at = begin_block(out, PACKET);
        put_u32(out, 0);
        put_time(out, packet->ts_ns);
    }
    put_u32(out, (uint32_t)packet->bytes.len);
    put_u32(out, packet->orig_len);
    wd_buf_put(out, packet->bytes);
    if (!dump->is_classic) {
        put_padding(out, packet->bytes.len);
        end_block(out, at);
    }
}

void wd_dump_tail(const struct wd_dump *dump, const struct wd_dump_counts *counts, struct wd_buf *out)
{
    enum { END = 0, IFDROP = 5, FILTERACCEPT = 6, OSDROP = 7, USRDELIV = 8 };
    if (dump->is_classic)
        return;
    size_t at = begin_block(out, STATISTICS);
    put_u32(out, 0);
    put_time(out, counts->ts_ns);
    put_count(out, IFDROP, counts->interface_dropped);
    put_count(out, FILTERACCEPT, counts->received);
    put_count(out, OSDROP, counts->dropped);
    put_count(out, USRDELIV, counts->written);
    put_u32(out, END);
    end_block(out, at);
}
