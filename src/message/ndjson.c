/* message/ndjson.c - newline-delimited JSON, a message per line:
 *
 *   {"a":1} LF                  payload, then framing
 *   {"a":2} CR LF               payload, then framing
 *   LF                          framing
 *   {"a":3}                     the last line may lack its end
 *
 * Source: github.com/ndjson/ndjson-spec section 3; jsonlines.org.
 */
#include "message/host.h"

struct ndjson {
    struct wd_host *host;
    struct wd_channel *channel;
    enum wd_direction direction;
    struct wd_buf *line;
    uint64_t line_len;         /* all of it: line holds at most the `message` limit */
    bool has_cr;               /* a CR that may belong to the line end, not counted in line_len yet */
    bool is_lost;              /* bytes of this line are missing */
    enum wd_reason lost;       /* why */
    struct wd_mark_list marks; /* of the line, where they are known */
    bool is_marked, is_shared; /* the body is compressed, and they are, or not */
    uint64_t share, cr_share;  /* what the line so far and that CR cost, in units of message/share.h */
    uint64_t lost_share;
    uint64_t accounted;
};

static void *open_ndjson(struct wd_host *host, struct wd_channel *channel, enum wd_direction direction,
                         struct wd_bytes message_coding)
{
    (void)message_coding;
    struct ndjson *n = wd_alloc(sizeof *n);
    n->host = host;
    n->channel = channel;
    n->direction = direction;
    n->line = wd_host_borrow(host);
    return n;
}

static void free_ndjson(void *state)
{
    struct ndjson *n = state;
    wd_host_return(n->host, n->line);
    wd_free(n->marks.at);
    wd_free(n);
}

static bool keeps_marks(const struct ndjson *n)
{
    return n->is_marked && n->line_len < n->host->limits->message && n->line_len < INT32_MAX;
}

static void content(struct ndjson *n, struct wd_bytes bytes, uint64_t share)
{
    uint64_t limit = n->host->limits->message;
    uint64_t room = n->line->len < limit ? limit - n->line->len : 0;
    n->line_len += bytes.len;
    n->share += share;
    wd_buf_put(n->line, wd_bytes_at(bytes.at, bytes.len < room ? bytes.len : (size_t)room));
}

static int end_line(struct ndjson *n)
{
    struct wd_message message = {
        .channel = n->channel,
        .direction = n->direction,
        .body = wd_buf_bytes(n->line),
        .body_len = n->line_len,
        .wire_len = wd_share_bytes(n->share),
        .odd_bits = wd_share_odd_bits(n->share),
        .is_shared = n->is_shared,
        .is_text = true,
    };
    int rc = WD_OK;
    if (n->is_marked && n->marks.count)
        message.marks = wd_marks_of(&n->marks);
    if (n->is_lost) {
        n->lost_share += n->share;
    } else if (n->line_len) {
        n->accounted += message.wire_len;
        rc = wd_host_message(n->host, &message);
    }
    n->is_lost = n->has_cr = false;
    n->line_len = n->share = n->cr_share = 0;
    n->marks.count = 0;
    wd_buf_reset(n->line);
    return rc;
}

/* A CR that no LF followed is content. */
static void settle_cr(struct ndjson *n)
{
    if (n->has_cr && keeps_marks(n))
        wd_marks_put(&n->marks, 1, n->cr_share / WD_SHARE_BIT);
    if (n->has_cr)
        content(n, wd_bytes_of("\r"), n->cr_share);
    n->has_cr = false;
    n->cr_share = 0;
}

static int feed_ndjson(void *state, struct wd_bytes bytes, struct wd_share *share)
{
    struct ndjson *n = state;
    n->is_marked = share->marks.at != NULL;
    n->is_shared = share->is_estimated;
    while (bytes.len) {
        const uint8_t *lf = memchr(bytes.at, '\n', bytes.len);
        size_t len = lf ? (size_t)(lf - bytes.at) : bytes.len;
        if (len)
            settle_cr(n);
        bool has_cr = len && bytes.at[len - 1] == '\r';
        size_t plain = len - has_cr;
        uint64_t cost = keeps_marks(n) ? wd_share_keep(share, plain, &n->marks) : wd_share_take(share, plain);
        content(n, wd_bytes_at(bytes.at, plain), cost);
        if (has_cr) {
            n->has_cr = true;
            n->cr_share = wd_share_take(share, 1);
        }
        if (lf) {
            wd_share_take(share, 1);
            TRY(end_line(n));
        }
        len += lf != NULL;
        bytes.at += len;
        bytes.len -= len;
    }
    return WD_OK;
}

static void gap_ndjson(void *state, enum wd_reason reason)
{
    struct ndjson *n = state;
    n->is_lost = true;
    n->lost = reason;
}

static int finish_ndjson(void *state, bool is_whole, enum wd_reason reason, uint64_t *accounted)
{
    struct ndjson *n = state;
    int rc = WD_OK;
    if (is_whole)
        rc = end_line(n);
    uint64_t unfinished = (n->share + n->cr_share) >> WD_SHARE_BITS, lost = n->lost_share >> WD_SHARE_BITS;
    wd_host_undecoded(n->host, n->is_lost ? n->lost : reason, unfinished);
    wd_host_undecoded(n->host, n->lost, lost);
    *accounted = n->accounted + unfinished + lost;
    return rc;
}

static const char *const media_types[] = { "application/x-ndjson", "application/ndjson", "application/jsonl",
                                           "application/x-jsonlines", "application/jsonlines", NULL };

const struct wd_decoder wd_decoder_ndjson = {
    .name = "ndjson",
    .media_types = media_types,
    .transport = WD_TRANSPORT_HTTP,
    .message_type = "application/json",
    .open = open_ndjson,
    .feed = feed_ndjson,
    .gap = gap_ndjson,
    .finish = finish_ndjson,
    .free = free_ndjson,
};
