/* field/protobuf_wire.h - one record of the Protobuf wire format. Not for other folders.
 *
 *     tag = number << 3 | wire type        a varint: 7 bits a byte, the lowest first, the top bit says "more"
 *     wire type 0  varint                  1  8 bytes      5  4 bytes, both little-endian
 *               2  length, content         3  group starts 4  group ends
 *
 * Shape   wd_wire_record() reads the record at r->off, whose end is that of its content: the next one begins
 *         there. Below it stands what can be told of records without a schema (protobuf_guess.c).
 * Units   offsets in bytes from the start of the body.
 * Owns    nothing.
 * Errors  a literal that says what is wrong; NULL when nothing is.
 * Source  Protocol Buffers encoding.
 */
#ifndef WD_FIELD_PROTOBUF_WIRE_H
#define WD_FIELD_PROTOBUF_WIRE_H

#include "field/guess.h"

enum wd_wire { WD_WIRE_VARINT, WD_WIRE_I64, WD_WIRE_LEN, WD_WIRE_START, WD_WIRE_END, WD_WIRE_I32 };

struct wd_record {
    uint32_t off; /* of its tag */
    uint32_t number;
    uint32_t content_off, content_len; /* behind tag and length */
    uint64_t bits;                     /* of a varint or of fixed bytes: what they say */
    uint8_t wire;                      /* enum wd_wire */
};

/* Bytes of the varint at `off`, or 0: none ends before `end` or within 10 bytes. */
WD_HOT uint32_t wd_wire_varint(const uint8_t *at, uint32_t off, uint32_t end, uint64_t *value)
{
    if (off < end && at[off] < 0x80) {
        *value = at[off];
        return 1;
    }
    *value = 0;
    for (uint32_t n = 0; n < 10 && n < end - off; n++) {
        *value |= (uint64_t)(at[off + n] & 0x7f) << 7 * n;
        if (at[off + n] < 0x80)
            return n + 1;
    }
    return 0;
}

/* Why the varint at `off` is none. */
static inline const char *wd_wire_varint_fault(uint32_t off, uint32_t end)
{
    return end - off < 10 ? "ends inside a varint" : "a varint of more than 10 bytes";
}

WD_HOT uint64_t wd_wire_fixed(const uint8_t *at, uint32_t len)
{
    uint64_t bits = 0;
    for (uint32_t i = 0; i < len; i++)
        bits |= (uint64_t)at[i] << 8 * i;
    return bits;
}

WD_HOT const char *wd_wire_tag(const uint8_t *at, uint32_t end, struct wd_record *r)
{
    uint64_t tag;
    uint32_t len = wd_wire_varint(at, r->off, end, &tag);
    if (!len)
        return wd_wire_varint_fault(r->off, end);
    if (tag < 8)
        return "a field with number 0";
    if (tag > UINT32_MAX)
        return "a field number beyond 536870911";
    r->number = (uint32_t)tag >> 3;
    r->wire = tag & 7;
    r->content_off = r->off + len;
    return NULL;
}

WD_HOT const char *wd_wire_content(const uint8_t *at, uint32_t end, struct wd_record *r)
{
    uint32_t left = end - r->content_off;
    switch (r->wire) {
    case WD_WIRE_VARINT:
        r->content_len = wd_wire_varint(at, r->content_off, end, &r->bits);
        return r->content_len ? NULL : wd_wire_varint_fault(r->content_off, end);
    case WD_WIRE_I64:
    case WD_WIRE_I32:
        r->content_len = r->wire == WD_WIRE_I64 ? 8 : 4;
        if (left < r->content_len)
            return "ends inside a value";
        r->bits = wd_wire_fixed(at + r->content_off, r->content_len);
        return NULL;
    case WD_WIRE_LEN: {
        uint64_t len;
        uint32_t n = wd_wire_varint(at, r->content_off, end, &len);
        if (!n)
            return wd_wire_varint_fault(r->content_off, end);
        if (len > left - n)
            return "a length beyond the end";
        r->content_off += n;
        r->content_len = (uint32_t)len;
        return NULL;
    }
    case WD_WIRE_START:
    case WD_WIRE_END:
        r->content_len = 0;
        return NULL;
    default:
        return "no such wire type";
    }
}

/* The record at r->off, before `end`; NULL, or why there is none. */
WD_HOT const char *wd_wire_record(const uint8_t *at, uint32_t end, struct wd_record *r)
{
    const char *fault = wd_wire_tag(at, end, r);
    return fault ? fault : wd_wire_content(at, end, r);
}

/* Which numbers below 128 stand more than once among the records of a message. */
struct wd_wire_repeats {
    uint64_t bits[2];
};

static inline bool wd_wire_is_repeated(const struct wd_wire_repeats *repeats, uint32_t number)
{
    return number < 128 && repeats->bits[number / 64] >> number % 64 & 1;
}

/* --- protobuf_guess.c: what can be told without a schema --- */

/* What was seen of a field so far; each is said once and for all, so that a field does not change its type
 * to and fro. */
enum { WD_GUESS_NO_TEXT = 1, WD_GUESS_NO_MESSAGE = 2, WD_GUESS_NO_FLOAT = 4, WD_GUESS_REPEATED = 8 };

struct wd_wire_repeats wd_wire_repeats(const uint8_t *at, uint32_t off, uint32_t end);
/* What length-delimited content is: WD_TYPE_STRING, WD_TYPE_OBJECT (a message) or WD_TYPE_BYTES. */
uint8_t wd_guess_content(struct wd_bytes content, uint32_t *seen);
/* Whether the 4 or 8 bytes of a fixed value are a floating-point number. */
bool wd_guess_float(const struct wd_record *r, uint32_t *seen);
double wd_wire_double(const struct wd_record *r);
/* How sure it is that a body is a Protobuf message at all. */
int wd_guess_bid(struct wd_bytes body);
bool wd_guess_keeps(struct wd_bytes body);

#endif
