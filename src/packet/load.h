/* packet/load.h - integers at known offsets of a view: for headers of fixed layout, where a cursor would
 * test each byte.
 *
 * Shape   an offset that does not fit reads as zero and touches nothing, so a reader that forgot to compare
 *         a length is wrong but not unsafe. Headers are compared with what is there once, before they are
 *         read.
 * Owns    nothing.
 */
#ifndef WD_PACKET_LOAD_H
#define WD_PACKET_LOAD_H

#include <endian.h>

#include "base/bytes.h"

static inline bool wd_load_fits(struct wd_bytes b, size_t off, size_t size)
{
    return off <= b.len && size <= b.len - off;
}

static inline uint8_t wd_load_u8(struct wd_bytes b, size_t off)
{
    return wd_load_fits(b, off, 1) ? b.at[off] : 0;
}

static inline uint16_t wd_load_be16(struct wd_bytes b, size_t off)
{
    uint16_t v = 0;
    if (wd_load_fits(b, off, sizeof v))
        memcpy(&v, b.at + off, sizeof v);
    return be16toh(v);
}

static inline uint32_t wd_load_be32(struct wd_bytes b, size_t off)
{
    uint32_t v = 0;
    if (wd_load_fits(b, off, sizeof v))
        memcpy(&v, b.at + off, sizeof v);
    return be32toh(v);
}

/* In the byte order of the machine that wrote the file. */
static inline uint16_t wd_load_u16(struct wd_bytes b, size_t off, bool is_big)
{
    uint16_t v = wd_load_be16(b, off);
    return is_big ? v : __builtin_bswap16(v);
}

static inline uint32_t wd_load_u32(struct wd_bytes b, size_t off, bool is_big)
{
    uint32_t v = wd_load_be32(b, off);
    return is_big ? v : __builtin_bswap32(v);
}

/* From `off` to the end; empty when there is nothing. */
static inline struct wd_bytes wd_load_rest(struct wd_bytes b, size_t off)
{
    return off <= b.len ? (struct wd_bytes){ b.at + off, b.len - off } : (struct wd_bytes){ b.at, 0 };
}

static inline struct wd_bytes wd_load_part(struct wd_bytes b, size_t off, size_t len)
{
    struct wd_bytes rest = wd_load_rest(b, off);
    if (rest.len > len)
        rest.len = len;
    return rest;
}

#endif
