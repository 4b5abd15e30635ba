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
#define STEP 4096               /* bytes between two looks at the limits */

struct wd_wsdeflate {
    struct wd_host *host;
    struct wd_inflate *inflate;
    bool has_takeover;
    bool is_abandoned;          /* over a limit with takeover: nothing more is read */
    bool has_hole;              /* the window does not hold all that was sent ... */
    enum wd_reason hole;        /* ... for this reason */
    uint64_t taken;             /* of this message */
};

/* What is agreed on windows changes nothing here: ours is as large as any. */
static void read_parameter(struct wd_bytes parameter, struct wd_wsdeflate_terms *terms)
{
    const uint8_t *equals = memchr(parameter.at, '=', parameter.len);
    struct wd_bytes name =
        wd_bytes_trim(wd_bytes_at(parameter.at, equals ? (size_t)(equals - parameter.at) : parameter.len));
    if (wd_bytes_is_nocase(name, "server_no_context_takeover"))
        terms->server.has_takeover = false;
    else if (wd_bytes_is_nocase(name, "client_no_context_takeover"))
        terms->client.has_takeover = false;
}

struct wd_wsdeflate_terms wd_wsdeflate_negotiate(struct wd_bytes extensions)
{
    struct wd_wsdeflate_terms terms = { .client = { true }, .server = { true } };
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

struct wd_wsdeflate *wd_wsdeflate_open(struct wd_host *host, const struct wd_wsdeflate_side *terms)
{
    struct wd_wsdeflate *d = wd_alloc(sizeof *d);
    d->host = host;
    d->inflate = wd_inflate_open(host->limits->message, wd_host_fixed_codes(host));
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
    d->taken = 0;
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

/* WD_LIMIT_COUNT: it is over none. */
static enum wd_limit limit_of(const struct wd_wsdeflate *d)
{
    const struct wd_limits *limits = d->host->limits;
    uint64_t made = wd_inflate_total(d->inflate);
    if (made > limits->inflate_total)
        return WD_LIMIT_inflate_total;
    bool is_bomb = made > FREE_RATIO && wd_limits_over_ratio(made, d->taken, limits->inflate_ratio);
    return is_bomb ? WD_LIMIT_inflate_ratio : WD_LIMIT_COUNT;
}

static enum wd_reason inflate_all(struct wd_wsdeflate *d, struct wd_bytes bytes)
{
    enum wd_coding_got got = WD_CODING_FULL;
    while (got == WD_CODING_FULL || (got == WD_CODING_END && bytes.len)) {
        got = wd_inflate_run(d->inflate, &bytes, STEP);
        enum wd_limit limit = limit_of(d);
        if (limit == WD_LIMIT_COUNT)
            continue;
        wd_host_limit(d->host, limit);
        return fail(d, WD_REASON_LIMIT);
    }
    return got == WD_CODING_BAD ? fail(d, WD_REASON_MALFORMED_ENCODING) : WD_FINE;
}

enum wd_reason wd_wsdeflate_feed(struct wd_wsdeflate *d, struct wd_bytes bytes)
{
    if (d->is_abandoned)
        return WD_REASON_LIMIT;
    d->taken += bytes.len;
    return inflate_all(d, bytes);
}

enum wd_reason wd_wsdeflate_end_message(struct wd_wsdeflate *d, struct wd_wsdeflate_message *out)
{
    static const uint8_t tail[] = { 0x00, 0x00, 0xff, 0xff };
    if (d->is_abandoned)
        return WD_REASON_LIMIT;
    enum wd_reason fault = WD_FINE;
    /* Nothing was left off when the message is empty, or ends with a final block. */
    if (d->taken && !wd_inflate_is_fresh(d->inflate))
        fault = inflate_all(d, wd_bytes_at(tail, sizeof tail));
    if (fault == WD_FINE && !wd_inflate_is_whole(d->inflate))
        fault = fail(d, WD_REASON_MALFORMED_ENCODING);
    if (fault != WD_FINE)
        return fault;
    *out = (struct wd_wsdeflate_message){ wd_inflate_made(d->inflate), wd_inflate_total(d->inflate), wd_inflate_marks(d->inflate) };
    return WD_FINE;
}

void wd_wsdeflate_next(struct wd_wsdeflate *d)
{
    if (d->has_takeover)
        wd_inflate_begin(d->inflate);
    else
        wd_inflate_reset(d->inflate);
    d->taken = 0;
}
