/* message/wsdeflate.c - RFC 7692 section 7.2: the sender deflates a message, flushes, and leaves off the last
 * four bytes:
 *
 *   f2 48 cd c9 c9 07 00 [00 00 ff ff]      "Hello"
 *
 * With context takeover the next message refers to the ones before it; without it each stands alone.
 */
#include "message/wsdeflate.h"

#include "message/head.h"
#include "message/inflate.h"

#define FREE_RATIO (1u << 20)   /* inflate-ratio counts past the first MiB */
#define STEP 4096
#define WINDOW_MIN 9            /* senders that agreed on 8 use 9: zlib cannot do 8 */

struct wd_wsdeflate {
    const struct wd_limits *limits;
    struct wd_inflate *inflate;
    bool has_takeover;
    bool is_abandoned;          /* over a limit with takeover: nothing more is read */
    bool has_hole;              /* the window does not hold all that was sent ... */
    enum wd_reason hole;        /* ... for this reason */
    uint64_t taken, made;       /* of this message */
};

static bool read_window(struct wd_bytes value, int *out)
{
    uint64_t bits;
    if (value.len >= 2 && value.at[0] == '"' && value.at[value.len - 1] == '"')
        value = wd_bytes_at(value.at + 1, value.len - 2);
    if (!wd_bytes_uint(value, &bits) || bits < 8 || bits > 15)
        return false;
    *out = bits < WINDOW_MIN ? WINDOW_MIN : (int)bits;
    return true;
}

static void read_parameter(struct wd_bytes parameter, struct wd_wsdeflate_terms *terms)
{
    struct wd_bytes name = parameter, value = { NULL, 0 };
    const uint8_t *equals = memchr(parameter.at, '=', parameter.len);
    if (equals) {
        name.len = (size_t)(equals - parameter.at);
        value = wd_bytes_trim(wd_bytes_at(equals + 1, parameter.len - name.len - 1));
    }
    name = wd_bytes_trim(name);
    if (wd_bytes_is_nocase(name, "server_no_context_takeover"))
        terms->server.has_takeover = false;
    else if (wd_bytes_is_nocase(name, "client_no_context_takeover"))
        terms->client.has_takeover = false;
    else if (wd_bytes_is_nocase(name, "server_max_window_bits"))
        read_window(value, &terms->server.window_bits);
    else if (wd_bytes_is_nocase(name, "client_max_window_bits"))
        read_window(value, &terms->client.window_bits);
}

struct wd_wsdeflate_terms wd_wsdeflate_negotiate(struct wd_bytes extensions)
{
    struct wd_wsdeflate_terms terms = { .client = { true, 15 }, .server = { true, 15 } };
    struct wd_bytes extension, part;
    while (wd_list_next(&extensions, ',', &extension)) {
        if (!wd_list_next(&extension, ';', &part))
            continue;
        if (!wd_bytes_is_nocase(part, "permessage-deflate")) {
            terms.is_other = true;
            continue;
        }
        terms.is_deflate = true;
        while (wd_list_next(&extension, ';', &part))
            read_parameter(part, &terms);
    }
    return terms;
}

struct wd_wsdeflate *wd_wsdeflate_open(const struct wd_limits *limits, const struct wd_wsdeflate_side *terms)
{
    struct wd_wsdeflate *d = wd_alloc(sizeof *d);
    d->limits = limits;
    d->inflate = wd_inflate_open(terms->window_bits);
    d->has_takeover = terms->has_takeover;
    return d;
}

void wd_wsdeflate_close(struct wd_wsdeflate *d)
{
    if (!d)
        return;
    wd_inflate_close(d->inflate);
    wd_free(d);
}

void wd_wsdeflate_lose(struct wd_wsdeflate *d, enum wd_reason reason)
{
    wd_inflate_reset(d->inflate);
    d->has_hole = d->has_takeover;
    d->hole = reason;
    d->taken = d->made = 0;
}

static enum wd_reason fail(struct wd_wsdeflate *d, enum wd_reason reason)
{
    if (reason == WD_REASON_LIMIT)
        d->is_abandoned = d->has_takeover;
    else if (d->has_hole)
        reason = d->hole;
    wd_wsdeflate_lose(d, reason);
    return reason;
}

static bool is_over_limit(const struct wd_wsdeflate *d)
{
    return d->made > d->limits->inflate_total ||
           (d->made > FREE_RATIO && d->made / d->limits->inflate_ratio > d->taken);
}

/* Room for the next step of output: in the buffer, or beside it when the buffer holds all that is kept. */
static uint8_t *room_for(const struct wd_wsdeflate *d, struct wd_buf *out, uint8_t *beside, size_t *room)
{
    uint64_t left = out->len < d->limits->message ? d->limits->message - out->len : 0;
    *room = STEP;
    if (left == 0)
        return beside;
    uint8_t *at = wd_buf_room(out, STEP);
    *room = out->cap - out->len;
    if (*room > left)
        *room = (size_t)left;
    return at;
}

static enum wd_reason inflate_all(struct wd_wsdeflate *d, struct wd_bytes bytes, struct wd_buf *out)
{
    uint8_t beside[STEP];
    enum wd_coding_got got = WD_CODING_FULL;
    while (got == WD_CODING_FULL) {
        size_t made, room;
        uint8_t *at = room_for(d, out, beside, &room);
        got = wd_inflate_run(d->inflate, &bytes, at, room, &made);
        d->made += made;
        if (at != beside)
            out->len += made;
        if (is_over_limit(d))
            return fail(d, WD_REASON_LIMIT);
    }
    return got == WD_CODING_BAD ? fail(d, WD_REASON_MALFORMED_ENCODING) : WD_FINE;
}

enum wd_reason wd_wsdeflate_feed(struct wd_wsdeflate *d, struct wd_bytes bytes, struct wd_buf *out)
{
    if (d->is_abandoned)
        return WD_REASON_LIMIT;
    d->taken += bytes.len;
    return inflate_all(d, bytes, out);
}

enum wd_reason wd_wsdeflate_end_message(struct wd_wsdeflate *d, struct wd_buf *out, uint64_t *plain_len)
{
    static const uint8_t tail[] = { 0x00, 0x00, 0xff, 0xff };
    if (d->is_abandoned)
        return WD_REASON_LIMIT;
    enum wd_reason fault = WD_FINE;
    /* Nothing was left off when the message is empty, or ends with a final block. */
    if (d->taken && !wd_inflate_is_fresh(d->inflate))
        fault = inflate_all(d, wd_bytes_at(tail, sizeof tail), out);
    if (fault == WD_FINE && !wd_inflate_is_whole(d->inflate))
        fault = fail(d, WD_REASON_MALFORMED_ENCODING);
    if (fault != WD_FINE)
        return fault;
    if (!d->has_takeover)
        wd_inflate_reset(d->inflate);
    *plain_len = d->made;
    d->taken = d->made = 0;
    return WD_FINE;
}
