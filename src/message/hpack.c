/* message/hpack.c - RFC 7541 section 6:
 *
 *   1 index(7)                                 indexed field
 *   01 index(6) [name] value                   literal, entered into the dynamic table
 *   0000 index(4) [name] value                 literal, not entered
 *   0001 index(4) [name] value                 literal, never to be entered
 *   001 size(5)                                the table's size from now on; only at the start of a block
 */
#include "message/hpack.h"

#include <nghttp2/nghttp2.h>

/* A name that no field can have (RFC 9110 section 5.1), entered as 01 000000, "?", "". */
#define PLACEHOLDER "?"
static const uint8_t enter_placeholder[] = { 0x40, 1, PLACEHOLDER[0], 0 };
#define FIRST_TABLE 4096       /* what every table has until its peer allows more (RFC 9113 section 6.5.2) */
#define PLACEHOLDERS 512       /* far more entries than that holds */

struct wd_hpack {
    nghttp2_hd_inflater *inflater;
    uint64_t table_max;
};

/* A number that fills `bits` of its first byte, then 7 of each that follows (section 5.1). More than 32 bits:
 * UINT64_MAX. */
static uint64_t read_number(struct wd_bytes *in, unsigned bits)
{
    uint64_t mask = (1u << bits) - 1, n = in->at[0] & mask;
    bool has_more = n == mask;
    *in = wd_bytes_at(in->at + 1, in->len - 1);
    for (unsigned shift = 0; has_more && in->len; shift += 7) {
        if (shift > 28)
            return UINT64_MAX;
        n += (uint64_t)(in->at[0] & 0x7f) << shift;
        has_more = in->at[0] & 0x80;
        *in = wd_bytes_at(in->at + 1, in->len - 1);
    }
    return n;
}

static bool is_table_too_large(const struct wd_hpack *hpack, struct wd_bytes block)
{
    while (block.len && (block.at[0] & 0xe0) == 0x20)
        if (read_number(&block, 5) > hpack->table_max)
            return true;
    return false;
}

/* The largest table from the start: indices count from the newest entry, so one that keeps more than its
 * sender's does no harm, and what the sender's had grown to before the capture is not known. */
static void fill(struct wd_hpack *hpack)
{
    struct wd_buf block = { 0 };
    uint64_t unresolved, rest = hpack->table_max - 31;
    wd_buf_byte(&block, 0x20 | 31);
    for (; rest >= 0x80; rest >>= 7)
        wd_buf_byte(&block, (uint8_t)(0x80 | (rest & 0x7f)));
    wd_buf_byte(&block, (uint8_t)rest);
    for (int i = 0; i < PLACEHOLDERS; i++)
        wd_buf_put(&block, wd_bytes_at(enter_placeholder, sizeof enter_placeholder));
    wd_hpack_read(hpack, wd_buf_bytes(&block), NULL, NULL, &unresolved);
    wd_buf_free(&block);
}

struct wd_hpack *wd_hpack_open(const struct wd_limits *limits, bool is_midway)
{
    struct wd_hpack *hpack = wd_alloc(sizeof *hpack);
    hpack->table_max = limits->table < UINT32_MAX ? limits->table : UINT32_MAX;
    if (hpack->table_max < FIRST_TABLE)
        hpack->table_max = FIRST_TABLE;
    if (nghttp2_hd_inflate_new(&hpack->inflater) != 0 ||
        nghttp2_hd_inflate_change_table_size(hpack->inflater, hpack->table_max) != 0)
        wd_realloc(NULL, SIZE_MAX, 2);   /* ends the program: memory is out */
    if (is_midway)
        fill(hpack);
    return hpack;
}

void wd_hpack_close(struct wd_hpack *hpack)
{
    if (!hpack)
        return;
    nghttp2_hd_inflate_del(hpack->inflater);
    wd_free(hpack);
}

static void send(const nghttp2_nv *nv, wd_hpack_fn *emit, void *ctx, uint64_t bytes, uint64_t *unresolved)
{
    struct wd_bytes name = { nv->name, nv->namelen }, value = { nv->value, nv->valuelen };
    if (wd_bytes_is(name, PLACEHOLDER)) {
        *unresolved += bytes;
        name = value = wd_bytes_at(NULL, 0);
    }
    if (emit)
        emit(ctx, name, value);
}

enum wd_reason wd_hpack_read(struct wd_hpack *hpack, struct wd_bytes block, wd_hpack_fn *emit, void *ctx,
                             uint64_t *unresolved)
{
    *unresolved = 0;
    if (is_table_too_large(hpack, block))
        return WD_REASON_LIMIT;
    for (;;) {
        nghttp2_nv nv;
        int flags = 0;
        ssize_t n = nghttp2_hd_inflate_hd2(hpack->inflater, &nv, &flags, block.at, block.len, 1);
        if (n == NGHTTP2_ERR_NOMEM)
            wd_realloc(NULL, SIZE_MAX, 2);   /* ends the program */
        if (n < 0)
            return WD_REASON_MALFORMED_HTTP;
        if (n > 0)
            block = wd_bytes_at(block.at + n, block.len - (size_t)n);
        if (flags & NGHTTP2_HD_INFLATE_EMIT)
            send(&nv, emit, ctx, (uint64_t)n, unresolved);
        if (flags & NGHTTP2_HD_INFLATE_FINAL)
            break;
        if (n == 0 && !(flags & NGHTTP2_HD_INFLATE_EMIT))
            return WD_REASON_MALFORMED_HTTP;
    }
    nghttp2_hd_inflate_end_headers(hpack->inflater);
    return WD_FINE;
}
