/* packet/pcap.c - the classic format: one header, then records to the end of the file.
 *
 *      0        4       8            16        20      24
 *     +--------+---+---+------------+---------+-------+
 *     | magic  |maj|min| 0          | snaplen | link  |
 *     +--------+---+---+------------+---------+-------+
 *     | seconds| frac  | captured | original | packet ...      magic a1b2cd34: 8 more bytes before the packet
 *     +--------+-------+----------+----------+
 *
 * The magic tells the byte order, and whether frac is micro- or nanoseconds.
 * Source: draft-ietf-opsawg-pcap, sections 4 and 5; the modified header is that of old Red Hat kernels.
 */
#include "packet/load.h"
#include "packet/reader.h"

#include "base/arena.h"

/* The upper bits of the link field say how long the frame check sequence is; the trailer rule finds that
 * anyway. */
enum { LINK_MASK = 0x03ffffff };

static int read_record(struct wd_capture *c, struct wd_bytes bytes, size_t *used, struct wd_err *err)
{
    (void)err;
    bool is_big = c->is_big;
    int64_t seconds = wd_load_u32(bytes, 0, is_big), fraction = wd_load_u32(bytes, 4, is_big);
    uint32_t captured = wd_load_u32(bytes, 8, is_big), original = wd_load_u32(bytes, 12, is_big);
    if (c->is_swapped || (c->is_maybe_swapped && captured > original)) {
        uint32_t other = captured;
        captured = original;
        original = other;
    }
    if (!wd_capture_allows(c, captured))
        return WD_OK;
    size_t whole = c->record_head + (size_t)captured;
    if (bytes.len < whole) {
        c->need = whole;
        return WD_OK;
    }
    *used = whole;
    c->need = c->record_head;
    return wd_capture_emit(c, &(struct wd_packet){
        .ts_ns = seconds * 1000000000 + fraction * (c->is_nano ? 1 : 1000),
        .link_type = c->interfaces->link_type,
        .orig_len = original,
        .bytes = wd_load_part(bytes, c->record_head, captured),
    });
}

int wd_pcap_header(struct wd_capture *c, struct wd_bytes bytes, size_t *used, struct wd_err *err)
{
    uint16_t major = wd_load_u16(bytes, 4, c->is_big), minor = wd_load_u16(bytes, 6, c->is_big);
    if (major != 2)
        return wd_capture_refuse(c, err, "a pcap of another version (expected 2.4, found %u.%u); "
                                 "convert it with: editcap -F pcapng FILE out.pcapng", major, minor);
    c->is_swapped = minor < 3;
    c->is_maybe_swapped = minor == 3;
    WD_GROW(c->interfaces, c->interface_count, c->interface_cap);
    c->interfaces[c->interface_count++].link_type = wd_load_u32(bytes, 20, c->is_big) & LINK_MASK;
    c->has_header = true;
    c->step = read_record;
    c->need = c->record_head;
    *used = 24;
    return WD_OK;
}
