/* message/sse.c - WHATWG HTML, "Server-sent events", "Parsing an event stream":
 *
 *   [EF BB BF]                  BOM                         framing
 *   : keep-alive EOL            comment                     control
 *   retry: 3000 EOL                                         control
 *   event: quote EOL            the event's name            framing
 *   id: 17 EOL                                              framing
 *   data: {"a":1, EOL           framing, then content       payload from after the optional space
 *   data:  "b":2} EOL           the first byte of the line end before it is payload: it joins the two
 *   EOL                         dispatch                    framing
 *
 * EOL is CR LF, LF or CR, cut anywhere.
 */
#include "message/host.h"

#define NAME_MAX 8             /* longer field names are not known */

enum { LINE_START, NAME, SPACE, DATA, EVENT, OTHER };
enum { KIND_FRAMING, KIND_CONTROL };

struct sse {
    struct wd_host *host;
    struct wd_channel *channel;
    enum wd_direction direction;

    uint8_t state;
    uint8_t kind;              /* of the line that is being read */
    uint8_t field;             /* state that the value leads to */
    uint8_t bom;               /* bytes of the BOM seen; 4: beyond it */
    bool is_after_cr;          /* a LF would belong to the line end before ... */
    uint64_t *after_share;     /* ... and is counted with it; NULL: the empty line, framing */
    bool is_lost;              /* after a gap: up to the next empty line nothing can be trusted */
    enum wd_reason lost;       /* why */
    uint8_t name[NAME_MAX];
    uint8_t name_len;

    bool has_data;
    struct wd_buf *data, *event;
    uint64_t data_len;         /* all of it: data holds at most the `message` limit */
    struct wd_mark_list marks; /* of the data, where they are known */
    bool is_marked, is_shared; /* the body is compressed, and they are, or not */

    /* What it cost, in units of message/share.h. */
    uint64_t line_share;       /* of this line so far */
    uint64_t event_share;      /* of all lines since the last empty one, except control */
    uint64_t payload_share;    /* content of those */
    uint64_t join_share;       /* the line end after the last data line, should another follow */
    uint64_t control_share;
    uint64_t lost_share;
    uint64_t accounted;        /* whole bytes that went to a layer */
};

static void *open_sse(struct wd_host *host, struct wd_channel *channel, enum wd_direction direction,
                      struct wd_bytes message_coding)
{
    (void)message_coding;
    struct sse *s = wd_alloc(sizeof *s);
    s->host = host;
    s->channel = channel;
    s->direction = direction;
    s->data = wd_host_borrow(host);
    s->event = wd_host_borrow(host);
    return s;
}

static void free_sse(void *state)
{
    struct sse *s = state;
    wd_host_return(s->host, s->data);
    wd_host_return(s->host, s->event);
    wd_free(s->marks.at);
    wd_free(s);
}

static void forget_event(struct sse *s)
{
    wd_buf_reset(s->data);
    wd_buf_reset(s->event);
    s->has_data = false;
    s->data_len = 0;
    s->marks.count = 0;
    s->event_share = s->payload_share = s->join_share = 0;
}

static void keep(struct wd_buf *buf, uint64_t limit, struct wd_bytes bytes)
{
    uint64_t room = buf->len < limit ? limit - buf->len : 0;
    if (bytes.len > room)
        bytes.len = (size_t)room;
    wd_buf_put(buf, bytes);
}

static bool keeps_marks(const struct sse *s)
{
    return s->is_marked && s->data_len < s->host->limits->message && s->data_len < INT32_MAX;
}

static void keep_data(struct sse *s, struct wd_bytes bytes)
{
    keep(s->data, s->host->limits->message, bytes);
    s->data_len += bytes.len;
}

static int dispatch(struct sse *s)
{
    if (s->is_lost) {
        s->lost_share += s->event_share;
        s->is_lost = false;
        forget_event(s);
        return WD_OK;
    }
    int rc = WD_OK;
    if (s->has_data) {
        struct wd_message message = {
            .channel = s->channel,
            .direction = s->direction,
            .event = s->event->len ? wd_buf_bytes(s->event) : wd_bytes_at(NULL, 0),
            .body = wd_buf_bytes(s->data),
            .body_len = s->data_len,
            .wire_len = wd_share_bytes(s->payload_share),
            .odd_bits = wd_share_odd_bits(s->payload_share),
            .is_shared = s->is_shared,
            .is_text = true,
        };
        if (s->is_marked && s->marks.count)
            message.marks = wd_marks_of(&s->marks);
        s->accounted += message.wire_len;
        rc = wd_host_message(s->host, &message);
    }
    forget_event(s);
    return rc;
}

/* A data line begins: the line feed that joins it to the one before was the line end of that. */
static void begin_data(struct sse *s)
{
    if (s->has_data && keeps_marks(s))
        wd_marks_put(&s->marks, 1, s->join_share / WD_SHARE_BIT);
    if (s->has_data)
        keep_data(s, wd_bytes_of("\n"));
    s->payload_share += s->join_share;
    s->join_share = 0;
    s->has_data = true;
}

static const struct { const char *name; uint8_t state, kind; } fields[] = {
    { "data", DATA, KIND_FRAMING },
    { "event", EVENT, KIND_FRAMING },
    { "retry", OTHER, KIND_CONTROL },
};

static void end_name(struct sse *s)
{
    struct wd_bytes name = { s->name, s->name_len };
    s->field = OTHER;
    for (size_t i = 0; i < WD_COUNT(fields); i++) {
        if (!wd_bytes_is(name, fields[i].name))
            continue;
        s->field = fields[i].state;
        s->kind = fields[i].kind;
    }
    if (s->field == DATA)
        begin_data(s);
    if (s->field == EVENT)
        wd_buf_reset(s->event);
}

static int end_line(struct sse *s, uint64_t cost)
{
    bool is_empty = s->state == LINE_START;
    if (s->state == NAME)
        end_name(s);
    if (!is_empty && s->field == DATA)
        s->join_share = cost;
    uint64_t *share = s->kind == KIND_CONTROL ? &s->control_share : &s->event_share;
    *share += s->line_share;
    s->after_share = is_empty ? NULL : share;
    s->line_share = 0;
    s->state = LINE_START;
    s->kind = KIND_FRAMING;
    s->field = OTHER;
    s->name_len = 0;
    return is_empty ? dispatch(s) : WD_OK;
}

static void begin_line(struct sse *s, uint8_t byte)
{
    s->state = byte == ':' ? OTHER : NAME;
    s->kind = byte == ':' ? KIND_CONTROL : KIND_FRAMING;
    s->field = OTHER;
    s->name_len = 0;
}

static void name_byte(struct sse *s, uint8_t byte)
{
    if (byte == ':') {
        end_name(s);
        s->state = SPACE;
    } else if (s->name_len < NAME_MAX) {
        s->name[s->name_len++] = byte;
    }
}

/* Bytes of a value, without a line end among them. */
static void value(struct sse *s, struct wd_bytes bytes, uint64_t cost)
{
    s->line_share += cost;
    if (s->state == DATA) {
        keep_data(s, bytes);
        s->payload_share += cost;
    } else if (s->state == EVENT) {
        keep(s->event, s->host->limits->path, bytes);
    }
}

/* The first byte, when no space is before it; its cost is in the line's already. */
static void first_of_value(struct sse *s, uint8_t byte, uint64_t cost)
{
    if (s->state == DATA && keeps_marks(s))
        wd_marks_put(&s->marks, 1, cost / WD_SHARE_BIT);
    s->line_share -= cost;
    value(s, wd_bytes_at(&byte, 1), cost);
}

/* The byte order mark at the very start; true while `byte` belongs to it. */
static bool take_bom(struct sse *s, uint8_t byte)
{
    static const uint8_t mark[] = { 0xef, 0xbb, 0xbf };
    if (s->bom < sizeof mark && byte == mark[s->bom]) {
        s->bom++;
        return true;
    }
    bool is_partial = s->bom > 0 && s->bom < sizeof mark;
    s->bom = sizeof mark + 1;
    if (is_partial)   /* not a mark after all: the line begins with bytes that no field name has */
        begin_line(s, mark[0]), name_byte(s, mark[0]);
    return false;
}

/* One byte at a boundary: line ends, names, the first byte of a line or value. */
static int step(struct sse *s, uint8_t byte, uint64_t cost)
{
    if (s->is_after_cr) {
        s->is_after_cr = false;
        if (byte == '\n') {
            if (s->after_share)
                *s->after_share += cost;
            return WD_OK;
        }
    }
    s->line_share += cost;
    if (s->bom <= 3 && take_bom(s, byte))
        return WD_OK;
    if (byte == '\n' || byte == '\r') {
        s->is_after_cr = byte == '\r';
        return end_line(s, cost);
    }
    if (s->state == LINE_START)
        begin_line(s, byte);
    if (s->state == NAME) {
        name_byte(s, byte);
    } else if (s->state == SPACE) {
        s->state = s->field;
        if (byte != ' ')
            first_of_value(s, byte, cost);
    }
    return WD_OK;
}

static size_t find_line_end(struct wd_bytes bytes)
{
    const uint8_t *lf = memchr(bytes.at, '\n', bytes.len);
    size_t n = lf ? (size_t)(lf - bytes.at) : bytes.len;
    const uint8_t *cr = memchr(bytes.at, '\r', n);
    return cr ? (size_t)(cr - bytes.at) : n;
}

static int feed_sse(void *state, struct wd_bytes bytes, struct wd_share *share)
{
    struct sse *s = state;
    s->is_marked = share->marks.at != NULL;
    s->is_shared = share->is_estimated;
    while (bytes.len) {
        size_t n = s->state >= DATA && !s->is_after_cr ? find_line_end(bytes) : 0;
        if (n) {
            bool is_kept = s->state == DATA && keeps_marks(s);
            uint64_t cost = is_kept ? wd_share_keep(share, n, &s->marks) : wd_share_take(share, n);
            value(s, wd_bytes_at(bytes.at, n), cost);
        } else {
            TRY(step(s, bytes.at[0], wd_share_take(share, 1)));
            n = 1;
        }
        bytes.at += n;
        bytes.len -= n;
    }
    return WD_OK;
}

static void gap_sse(void *state, enum wd_reason reason)
{
    struct sse *s = state;
    s->is_lost = true;
    s->lost = reason;
    s->bom = 4;
    s->is_after_cr = false;
    if (s->state == LINE_START)
        begin_line(s, '?');   /* what follows need not be the start of a line */
}

static int finish_sse(void *state, bool is_whole, enum wd_reason reason, uint64_t *accounted)
{
    (void)is_whole;   /* an event is only dispatched by its empty line */
    struct sse *s = state;
    uint64_t control = s->control_share >> WD_SHARE_BITS;
    uint64_t unfinished = (s->event_share + s->line_share) >> WD_SHARE_BITS;
    uint64_t lost = s->lost_share >> WD_SHARE_BITS;
    wd_ledger_add(s->host->ledger, WD_LAYER_CONTROL, control);
    wd_host_undecoded(s->host, s->lost, lost);
    wd_host_undecoded(s->host, s->is_lost ? s->lost : reason, unfinished);
    *accounted = s->accounted + control + lost + unfinished;
    return WD_OK;
}

static const char *const media_types[] = { "text/event-stream", NULL };

const struct wd_decoder wd_decoder_sse = {
    .name = "sse",
    .media_types = media_types,
    .transport = WD_TRANSPORT_SSE,
    .open = open_sse,
    .feed = feed_sse,
    .gap = gap_sse,
    .finish = finish_sse,
    .free = free_sse,
};
