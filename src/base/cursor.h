/* base/cursor.h - the one way to read bytes that a stranger wrote.
 *
 * Shape   bounds-checked and sticky: the first read past the end sets `fault`, and from then on every read
 *         returns zero and moves nothing, so a decoder checks once per unit instead of once per byte.
 * Owns    nothing.
 */
#ifndef WD_BASE_CURSOR_H
#define WD_BASE_CURSOR_H

#include "base/bytes.h"

struct wd_cursor {
    const uint8_t *at;
    size_t off, len;
    const char *fault;  /* literal; NULL while all went well */
};

static inline struct wd_cursor wd_cursor_of(struct wd_bytes b) { return (struct wd_cursor){ b.at, 0, b.len, NULL }; }
static inline size_t wd_cursor_left(const struct wd_cursor *c) { return c->fault ? 0 : c->len - c->off; }

static inline bool wd_cursor_has(struct wd_cursor *c, uint64_t n)
{
    if (c->fault || n > c->len - c->off) {
        if (!c->fault)
            c->fault = "cut short";
        return false;
    }
    return true;
}

static inline uint8_t wd_cursor_u8(struct wd_cursor *c)
{
    return wd_cursor_has(c, 1) ? c->at[c->off++] : 0;
}

static inline uint16_t wd_cursor_be16(struct wd_cursor *c)
{
    if (!wd_cursor_has(c, 2))
        return 0;
    const uint8_t *p = c->at + c->off;
    c->off += 2;
    return (uint16_t)(p[0] << 8 | p[1]);
}

static inline uint32_t wd_cursor_be32(struct wd_cursor *c)
{
    uint32_t hi = wd_cursor_be16(c);
    return hi << 16 | wd_cursor_be16(c);
}

static inline uint64_t wd_cursor_be64(struct wd_cursor *c)
{
    uint64_t hi = wd_cursor_be32(c);
    return hi << 32 | wd_cursor_be32(c);
}

static inline uint16_t wd_cursor_le16(struct wd_cursor *c)
{
    uint16_t v = wd_cursor_be16(c);
    return (uint16_t)(v << 8 | v >> 8);
}

static inline uint32_t wd_cursor_le32(struct wd_cursor *c) { return __builtin_bswap32(wd_cursor_be32(c)); }

/* Seven bits a byte, the lowest first; bits beyond the 64th are lost, as Protobuf's readers lose them. */
static inline uint64_t wd_cursor_varint(struct wd_cursor *c)
{
    uint64_t value = 0;
    for (unsigned shift = 0; shift < 70; shift += 7) {
        uint8_t byte = wd_cursor_u8(c);
        value |= (uint64_t)(byte & 0x7f) << shift;
        if (byte < 0x80)
            return c->fault ? 0 : value;
    }
    c->fault = c->fault ? c->fault : "a varint of more than 10 bytes";
    return 0;
}

/* The next n bytes as a view, or an empty view and a fault. */
static inline struct wd_bytes wd_cursor_take(struct wd_cursor *c, uint64_t n)
{
    if (!wd_cursor_has(c, n))
        return (struct wd_bytes){ c->at + c->off, 0 };
    struct wd_bytes b = { c->at + c->off, (size_t)n };
    c->off += (size_t)n;
    return b;
}

static inline void wd_cursor_skip(struct wd_cursor *c, uint64_t n) { (void)wd_cursor_take(c, n); }

#endif
