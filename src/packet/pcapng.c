/* packet/pcapng.c - blocks: each says its type and its length, the length again at its end.
 *
 *      0       4        8                           length-4
 *     +-------+--------+---------------------------+--------+
 *     | type  | length | body, padded to 4         | length |
 *     +-------+--------+---------------------------+--------+
 *      section (0a0d0d0a)   byte-order magic, version, section length, options; forgets all interfaces
 *      interface (1)        link type, 0, snap length, options (if_tsresol, if_tsoffset)
 *      packet (2, obsolete) interface, drops, time high, low, captured, original, packet, options
 *      simple packet (3)    original, packet: of interface 0
 *      enhanced packet (6)  interface, time high, low, captured, original, packet, options
 *      secrets (10)         type, length, secrets, options
 *
 * Other blocks are skipped without being held. The section's own length is not needed: sections end where
 * the next begins.
 * Source: draft-ietf-opsawg-pcapng, sections 3 and 4.
 */
#include "packet/load.h"
#include "packet/reader.h"

#include <inttypes.h>

#include "base/arena.h"

enum { BLOCK_HEAD = 8, BLOCK_TAIL = 4, BLOCK_LEAST = 12, SECTION = 0x0a0d0d0a, ORDER_MAGIC = 0x1a2b3c4d };
enum { NS_PER_S = 1000000000, MICROSECONDS = 6 };

/* value * scale, or as far as 64 bits go. */
static int64_t times(uint64_t value, uint64_t scale)
{
    uint64_t out;
    return __builtin_mul_overflow(value, scale, &out) || out > INT64_MAX ? INT64_MAX : (int64_t)out;
}

static int64_t plus(int64_t a, int64_t b)
{
    int64_t sum;
    return __builtin_add_overflow(a, b, &sum) ? (b < 0 ? INT64_MIN : INT64_MAX) : sum;
}

static uint64_t power_of_ten(unsigned n)
{
    uint64_t p = 1;
    while (n--)
        p *= 10;
    return p;
}

/* Ticks of 2^-bits seconds. A fraction of more than 34 bits is finer than a nanosecond and would overflow. */
static int64_t from_binary(uint64_t ticks, unsigned bits)
{
    if (bits == 0)
        return times(ticks, NS_PER_S);
    uint64_t seconds = bits < 64 ? ticks >> bits : 0;
    uint64_t fraction = bits < 64 ? ticks & ((UINT64_C(1) << bits) - 1) : ticks;
    unsigned kept = bits;
    if (bits > 34) {
        unsigned shift = bits - 34;
        fraction = shift < 64 ? fraction >> shift : 0;
        kept = 34;
    }
    return plus(times(seconds, NS_PER_S), (int64_t)(fraction * NS_PER_S >> kept));
}

static int64_t from_decimal(uint64_t ticks, unsigned digits)
{
    if (digits <= 9)
        return times(ticks, power_of_ten(9 - digits));
    return digits <= 28 ? times(ticks / power_of_ten(digits - 9), 1) : 0;
}

static int64_t time_of(const struct wd_interface *interface, uint64_t ticks)
{
    if (interface->resolution == MICROSECONDS && interface->offset_s == 0)
        return times(ticks, 1000);
    unsigned exponent = interface->resolution & 0x7f;
    int64_t ns = interface->resolution & 0x80 ? from_binary(ticks, exponent) : from_decimal(ticks, exponent);
    int64_t offset = times((uint64_t)(interface->offset_s < 0 ? -(uint64_t)interface->offset_s
                                                             : (uint64_t)interface->offset_s), NS_PER_S);
    return plus(ns, interface->offset_s < 0 ? -offset : offset);
}

static int read_section(struct wd_capture *c, struct wd_bytes block)
{
    (void)block;
    c->interface_count = 0;
    c->has_header = true;
    return WD_OK;
}

static void read_options(struct wd_capture *c, struct wd_bytes options, struct wd_interface *interface)
{
    enum { END = 0, TSRESOL = 9, TSOFFSET = 14 };
    while (options.len >= 4) {
        uint16_t code = wd_load_u16(options, 0, c->is_big), len = wd_load_u16(options, 2, c->is_big);
        struct wd_bytes value = wd_load_part(options, 4, len);
        if (code == END || value.len < len)
            return;
        if (code == TSRESOL && len >= 1)
            interface->resolution = value.at[0];
        if (code == TSOFFSET && len >= 8) {
            uint64_t a = wd_load_u32(value, 0, c->is_big), b = wd_load_u32(value, 4, c->is_big);
            interface->offset_s = (int64_t)(c->is_big ? a << 32 | b : b << 32 | a);
        }
        options = wd_load_rest(options, 4 + ((size_t)len + 3) / 4 * 4);
    }
}

static int read_interface(struct wd_capture *c, struct wd_bytes block)
{
    if (c->interface_count >= c->limits.interfaces)
        return wd_capture_damage(c,
                                 "damaged, or more interfaces than the limit (expected at most %" PRIu64 "); "
                                 "raise it with --limit interfaces=...",
                                 c->limits.interfaces);
    WD_GROW(c->interfaces, c->interface_count, c->interface_cap);
    struct wd_interface *interface = &c->interfaces[c->interface_count++];
    *interface = (struct wd_interface){
        .link_type = wd_load_u16(block, 8, c->is_big),
        .snap_len = wd_load_u32(block, 12, c->is_big),
        .resolution = MICROSECONDS,
    };
    read_options(c, wd_load_part(block, 16, block.len - 16 - BLOCK_TAIL), interface);
    return WD_OK;
}

/* `id` must have been described in this section, and `captured` must fit between `head` and the block's
 * end. */
static int read_packet(struct wd_capture *c, struct wd_bytes block, uint32_t id, size_t head,
                       uint32_t captured, uint32_t original, uint64_t ticks, bool has_time)
{
    if (id >= c->interface_count)
        return wd_capture_damage(c, "damaged (expected one of %zu interfaces, found number %" PRIu32 ")",
                                 c->interface_count, id);
    if (!wd_capture_allows(c, captured))
        return WD_OK;
    if (captured > block.len - head - BLOCK_TAIL)
        return wd_capture_damage(
            c, "damaged (expected at most %zu bytes of packet in the block, found %" PRIu32 ")",
            block.len - head - BLOCK_TAIL, captured);
    const struct wd_interface *interface = &c->interfaces[id];
    return wd_capture_emit(c, &(struct wd_packet){
        .ts_ns = has_time ? time_of(interface, ticks) : 0,
        .link_type = interface->link_type,
        .orig_len = original,
        .interfaces = (uint32_t)c->interface_count,
        .bytes = wd_load_part(block, head, captured),
    });
}

static uint64_t ticks_at(const struct wd_capture *c, struct wd_bytes block, size_t off)
{
    return (uint64_t)wd_load_u32(block, off, c->is_big) << 32 | wd_load_u32(block, off + 4, c->is_big);
}

static int read_obsolete(struct wd_capture *c, struct wd_bytes block)
{
    return read_packet(c, block, wd_load_u16(block, 8, c->is_big), 28, wd_load_u32(block, 20, c->is_big),
                       wd_load_u32(block, 24, c->is_big), ticks_at(c, block, 12), true);
}

static int read_enhanced(struct wd_capture *c, struct wd_bytes block)
{
    return read_packet(c, block, wd_load_u32(block, 8, c->is_big), 28, wd_load_u32(block, 20, c->is_big),
                       wd_load_u32(block, 24, c->is_big), ticks_at(c, block, 12), true);
}

/* How much was captured is said nowhere: what fits in the block, at most the snap length. */
static int read_simple(struct wd_capture *c, struct wd_bytes block)
{
    uint32_t original = wd_load_u32(block, 8, c->is_big), captured = original;
    uint32_t snap_len = c->interface_count ? c->interfaces[0].snap_len : 0;
    if (snap_len && captured > snap_len)
        captured = snap_len;
    if (captured > block.len - 12 - BLOCK_TAIL)
        captured = (uint32_t)(block.len - 12 - BLOCK_TAIL);
    return read_packet(c, block, 0, 12, captured, original, 0, false);
}

/* A length that does not fit costs no packet: what is there is read, and lines that are none are counted. */
static int read_secrets(struct wd_capture *c, struct wd_bytes block)
{
    enum { TLS_KEY_LOG = 0x544c534b };
    struct wd_bytes room = wd_load_part(block, 16, block.len - 16 - BLOCK_TAIL);
    if (c->secrets && wd_load_u32(block, 8, c->is_big) == TLS_KEY_LOG)
        c->secrets(c->secrets_ctx, wd_load_part(room, 0, wd_load_u32(block, 12, c->is_big)));
    return WD_OK;
}

/* Blocks that are read; `least` is the length of one without packet or options. */
static const struct block {
    uint32_t type, least;
    int (*read)(struct wd_capture *capture, struct wd_bytes block);
    bool is_packet;
} blocks[] = {
    { 6, 32, read_enhanced, true },
    { SECTION, 28, read_section, false },
    { 1, 20, read_interface, false },
    { 2, 32, read_obsolete, true },
    { 3, 16, read_simple, true },
    { 10, 20, read_secrets, false },
};

static const struct block *block_of(uint32_t type)
{
    for (size_t i = 0; i < WD_COUNT(blocks); i++)
        if (blocks[i].type == type)
            return &blocks[i];
    return NULL;
}

static int wrong_tail(struct wd_capture *c, struct wd_err *err, uint32_t length, uint32_t tail)
{
    return wd_capture_refuse(
        c, err, "damaged (expected the block's length %" PRIu32 " again at its end, found %" PRIu32 ")",
        length, tail);
}

/* The length at the end of a block that was skipped. */
static int read_tail(struct wd_capture *c, struct wd_bytes bytes, size_t *used, struct wd_err *err)
{
    uint32_t tail = wd_load_u32(bytes, 0, c->is_big);
    if (tail != c->block_len)
        return wrong_tail(c, err, c->block_len, tail);
    c->block_len = 0;
    c->step = wd_pcapng_block;
    c->need = BLOCK_LEAST;
    *used = BLOCK_TAIL;
    return WD_OK;
}

static int skip_block(struct wd_capture *c, uint32_t length, size_t *used)
{
    c->block_len = length;
    c->skip = length - BLOCK_LEAST;
    c->step = read_tail;
    c->need = BLOCK_TAIL;
    *used = BLOCK_HEAD;
    return WD_OK;
}

static bool find_order(struct wd_capture *c, struct wd_bytes bytes)
{
    uint32_t magic = wd_load_be32(bytes, BLOCK_HEAD);
    c->is_big = magic == ORDER_MAGIC;
    return c->is_big || magic == __builtin_bswap32(ORDER_MAGIC);
}

int wd_pcapng_block(struct wd_capture *c, struct wd_bytes bytes, size_t *used, struct wd_err *err)
{
    uint32_t type = wd_load_u32(bytes, 0, c->is_big);  /* a section's type reads the same in both orders */
    if (type == SECTION && !find_order(c, bytes))
        return wd_capture_refuse(
            c, err,
            "a damaged section header (expected the byte order 1a2b3c4d, found %08" PRIx32
            "); copy or record the file again",
            wd_load_be32(bytes, BLOCK_HEAD));
    uint32_t length = wd_load_u32(bytes, 4, c->is_big);
    const struct block *block = block_of(type);
    if (length < (block ? block->least : BLOCK_LEAST) || length % 4 != 0)
        return wd_capture_refuse(c, err,
                                 "damaged (expected a block of at least %" PRIu32 " bytes, a multiple of 4, "
                                 "found %" PRIu32 ")",
                                 block ? block->least : BLOCK_LEAST, length);
    if (length > c->limits.block)
        return wd_capture_refuse(c, err,
                                 "damaged, or larger than the limit (expected a block of at most %" PRIu64
                                 " bytes, found %" PRIu32 "); raise it with --limit block=%" PRIu32,
                                 c->limits.block, length, length);
    if (!block || (block->is_packet && c->is_only_secrets))
        return skip_block(c, length, used);
    if (bytes.len < length) {
        c->need = length;
        return WD_OK;
    }
    struct wd_bytes whole = wd_load_part(bytes, 0, length);
    uint32_t tail = wd_load_u32(whole, length - BLOCK_TAIL, c->is_big);
    if (tail != length)
        return wrong_tail(c, err, length, tail);
    c->need = BLOCK_LEAST;
    *used = length;
    return block->read(c, whole);
}
