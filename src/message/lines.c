/* One line after the other:
 *
 *   {"topic":"t/1","ts":1700000000,"payload":{"a":1}} LF  payload: its span; the rest and the LF are framing
 *   {"topic":"t/1","payload":"{\"a\":1}"} CR LF           payload: in the quotes; the message is its text
 *   {"a":1} LF                                            without a layout: the line
 *   LF                                                    framing
 */
#include "message/lines.h"

#include "base/escape.h"
#include "base/jevents.h"
#include "base/map.h"
#include "base/moment.h"
#include "message/head.h"
#include "message/host.h"

enum { AROUND_PAYLOAD = 64 << 10, SHORT_MAX = 4096, PATH_STEPS_MAX = 16 };

/* The messages of one channel on one connection. */
struct peer {
    struct wd_connection connection;
    struct wd_channel *channel;
};

struct found {
    uint64_t start, end;         /* in the line */
    enum wd_jkind kind;
    size_t depth;                /* of a container that is open */
    bool is_there, is_open;
    struct wd_buf text;          /* of strings and numbers */
    uint64_t len;                /* of the whole text */
};

struct wd_lines {
    const char *name;
    struct wd_lines_layout layout;
    struct wd_limits limits;
    struct wd_ledger *ledger;
    struct wd_messages *messages;
    struct wd_window *window;
    struct wd_told told;
    struct wd_err fault;
    uint64_t bad_lines;

    uint64_t line_number, line_len;
    struct wd_buf line;          /* the start of a line that is split over two pieces */
    struct wd_jevents json;
    uint32_t inside[WD_JDEPTH_MAX]; /* per open container: bits of the members whose paths lead through it */
    struct found found[WD_LINE_MEMBER_COUNT];
    int64_t now_ns;

    struct wd_map *peer_of, *connection_of;
    struct peer **peers;
    size_t peer_count, peer_cap;
    struct wd_buf key;
};

static const char *const member_names[WD_LINE_MEMBER_COUNT] = {
#define ROW(id, name) name,
    WD_LINE_MEMBERS(ROW)
#undef ROW
};

/* --- the layout --- */

static int member_named(const char *name)
{
    for (int i = 0; i < WD_LINE_MEMBER_COUNT; i++)
        if (strcmp(member_names[i], name) == 0)
            return i;
    return -1;
}

static size_t count_steps(const char *path)
{
    size_t n = 1;
    for (; *path; path++)
        n += *path == '.';
    return n;
}

int wd_lines_layout_read(char *text, struct wd_lines_layout *out, struct wd_err *err)
{
    struct wd_shown shown;
    for (char *rest = text, *item; (item = strsep(&rest, ","));) {
        char *path = item, *name = strsep(&path, "=");
        int member = member_named(name);
        if (!path && strcmp(name, "lines") == 0)
            continue;
        if (member < 0 || !path || !*path || count_steps(path) > PATH_STEPS_MAX)
            return wd_fail(
                err, WD_EUSAGE, (struct wd_place){ 0 },
                "--ndjson: '%s' is no member; write payload=PATH, channel=PATH, type=PATH, time=PATH, "
                "direction=PATH or connection=PATH, apart by commas, or lines for whole lines",
                wd_show(&shown, wd_bytes_of(name)));
        out->path[member] = path;
    }
    out->is_forced = true;
    return WD_OK;
}

/* Step `i` of a dotted path; at NULL: it is not as long. */
static struct wd_bytes step_of(const char *path, size_t i)
{
    for (; path && i; i--) {
        const char *dot = strchr(path, '.');
        path = dot ? dot + 1 : NULL;
    }
    return path ? wd_bytes_at(path, strcspn(path, ".")) : wd_bytes_at(NULL, 0);
}

/* --- one line, looked through --- */

static uint32_t leads_through(const struct wd_lines *l, const struct wd_jevent *event)
{
    uint32_t around = event->depth ? l->inside[event->depth - 1] : (1u << WD_LINE_MEMBER_COUNT) - 1, bits = 0;
    for (int m = 0; event->depth && m < WD_LINE_MEMBER_COUNT; m++)
        if (around >> m & 1 && l->layout.path[m] &&
            wd_bytes_eq(step_of(l->layout.path[m], event->depth - 1), event->key))
            bits |= 1u << m;
    return event->depth ? bits : around;
}

static bool ends_here(const char *path, size_t depth)
{
    return path && depth && count_steps(path) == depth;
}

static void find(struct wd_lines *l, int member, const struct wd_jevent *event)
{
    struct found *f = &l->found[member];
    f->is_there = true;
    f->start = event->start;
    f->end = event->end;
    f->kind = event->kind;
    f->depth = event->depth;
    f->is_open = event->kind == WD_J_OBJECT || event->kind == WD_J_ARRAY;
    f->len = event->len;
    wd_buf_reset(&f->text);
    wd_buf_put(&f->text, event->text);
}

static void end_found(struct wd_lines *l, const struct wd_jevent *event)
{
    for (int m = 0; m < WD_LINE_MEMBER_COUNT; m++) {
        struct found *f = &l->found[m];
        if (!f->is_open || f->depth != event->depth)
            continue;
        f->is_open = false;
        f->end = event->end;
    }
}

static int on_event(void *ctx, const struct wd_jevent *event)
{
    struct wd_lines *l = ctx;
    if (event->kind == WD_J_END) {
        end_found(l, event);
        return 0;
    }
    uint32_t bits = leads_through(l, event);
    if (event->kind == WD_J_OBJECT || event->kind == WD_J_ARRAY)
        l->inside[event->depth] = event->kind == WD_J_OBJECT ? bits : 0;
    for (int m = 0; bits && m < WD_LINE_MEMBER_COUNT; m++)
        if (bits >> m & 1 && ends_here(l->layout.path[m], event->depth))
            find(l, m, event);
    return 0;
}

static uint64_t room(void *ctx, struct wd_bytes key, size_t depth)
{
    const struct wd_lines *l = ctx;
    const struct wd_jevent event = { .key = key, .depth = depth };
    uint32_t bits = leads_through(l, &event);
    return !bits ? 0 : bits & 1u << WD_LINE_PAYLOAD ? l->limits.message : SHORT_MAX;
}

static struct wd_bytes said(const struct wd_lines *l, enum wd_line_member member)
{
    const struct found *f = &l->found[member];
    bool is_text = f->is_there && (f->kind == WD_J_STRING || f->kind == WD_J_NUMBER);
    return is_text && f->text.len ? wd_buf_bytes(&f->text) : wd_bytes_of("");
}

/* --- connections and channels --- */

static int tell(struct wd_lines *l, struct peer *peer, enum wd_chunk_kind kind)
{
    struct wd_chunk chunk = { .connection = &peer->connection, .kind = kind, .ts_ns = l->now_ns };
    return wd_messages_feed(l->messages, &chunk);
}

static int close_peers(struct wd_lines *l)
{
    int rc = WD_OK;
    for (size_t i = 0; i < l->peer_count; i++) {
        if (rc >= 0)
            rc = tell(l, l->peers[i], WD_CHUNK_CLOSE);
        wd_free(l->peers[i]);
    }
    l->peer_count = 0;
    wd_map_close(l->peer_of);
    wd_map_close(l->connection_of);
    l->peer_of = wd_map_open();
    l->connection_of = wd_map_open();
    return rc;
}

static struct peer *open_peer(struct wd_lines *l, struct wd_bytes connection, struct wd_bytes channel)
{
    bool is_new;
    struct peer *peer = wd_alloc(sizeof *peer);
    uint64_t *id = wd_map_put(l->connection_of, connection, &is_new);
    if (is_new)
        *id = WD_TOLD_CONNECTIONS + ++l->told.connections;
    bool is_sure = l->layout.path[WD_LINE_DIRECTION];
    peer->connection = (struct wd_connection){ .id = *id,
                                               .client_by = is_sure ? WD_CLIENT_BY_SYN : WD_CLIENT_BY_PORT,
                                               .is_retold = true };
    tell(l, peer, WD_CHUNK_OPEN);
    /* A text within the line can be in any encoding; what stands there itself is JSON. */
    bool is_text = l->layout.path[WD_LINE_PAYLOAD] && l->found[WD_LINE_PAYLOAD].kind == WD_J_STRING;
    peer->channel = wd_host_channel(peer->connection.user, WD_TRANSPORT_NDJSON,
                                    channel.len ? channel : wd_bytes_of("ndjson"),
                                    wd_bytes_of(is_text ? "" : "application/json"), wd_bytes_of(""));
    WD_GROW(l->peers, l->peer_count, l->peer_cap);
    l->peers[l->peer_count++] = peer;
    return peer;
}

static int peer_for(struct wd_lines *l, struct peer **out)
{
    struct wd_bytes connection = said(l, WD_LINE_CONNECTION), channel = said(l, WD_LINE_CHANNEL);
    bool is_new, is_address = wd_bytes_starts(channel, "/") || memmem(channel.at, channel.len, "://", 3);
    if (is_address)   /* what a query holds are values */
        channel = wd_target_path(channel);
    if (l->peer_count >= l->limits.flows)
        TRY(close_peers(l));
    wd_buf_reset(&l->key);
    wd_buf_put(&l->key, connection);
    wd_buf_byte(&l->key, 0);
    wd_buf_put(&l->key, channel);
    uint64_t *index = wd_map_put(l->peer_of, wd_buf_bytes(&l->key), &is_new);
    if (is_new) {
        *index = l->peer_count;
        open_peer(l, connection, channel);
    }
    *out = l->peers[*index];
    return WD_OK;
}

/* --- messages --- */

static enum wd_direction direction_of(struct wd_bytes word)
{
    static const char *const up[] = { "c2s",     "send",   "sent", "out", "outgoing", "outbound",
                                      "request", "client", "up",   "tx",  ">",        "->" };
    for (size_t i = 0; i < WD_COUNT(up); i++)
        if (wd_bytes_is_nocase(word, up[i]))
            return WD_C2S;
    return WD_S2C;
}

static void note_bad(struct wd_lines *l, const char *why, uint64_t column)
{
    if (l->bad_lines++ == 0)
        wd_fail(&l->fault, WD_EPARSE,
                (struct wd_place){
                    .file = l->name, .line = (uint32_t)l->line_number, .column = (uint32_t)column + 1 },
                "%s", why);
}

static int give_up(struct wd_lines *l, enum wd_reason reason, uint64_t len)
{
    if (!l->ledger->reason_bytes[reason])
        l->ledger->reason_streams[reason]++;
    wd_ledger_undecoded(l->ledger, reason, len);
    return WD_OK;
}

static int emit(struct wd_lines *l, struct wd_message *message)
{
    struct peer *peer;
    struct wd_bytes type = said(l, WD_LINE_TYPE);
    TRY(peer_for(l, &peer));
    message->channel = peer->channel;
    message->direction = direction_of(said(l, WD_LINE_DIRECTION));
    message->event = type.len ? type : wd_bytes_at(NULL, 0);
    message->is_text = true;
    message->ts_ns = l->now_ns;
    l->told.messages++;
    return wd_host_message(peer->connection.user, message);
}

/* `line` is what was kept of it, len all that it has. */
static int emit_line(struct wd_lines *l, struct wd_bytes line, uint64_t len)
{
    struct wd_message message = { .body = line, .body_len = len, .wire_len = len };
    return emit(l, &message);
}

static int emit_payload(struct wd_lines *l, struct wd_bytes line)
{
    const struct found *f = &l->found[WD_LINE_PAYLOAD];
    uint64_t len = f->end - f->start;
    struct wd_message message = { .body = wd_bytes_at(line.at + f->start, (size_t)len),
                                  .body_len = len,
                                  .wire_len = len };
    if (f->kind == WD_J_STRING) {
        message.body = wd_buf_bytes(&f->text);
        message.body_len = f->len;
        message.wire_len = len - 2;
    }
    wd_ledger_add(l->ledger, WD_LAYER_FRAMING, line.len - message.wire_len);
    return emit(l, &message);
}

static void forget_found(struct wd_lines *l)
{
    for (int m = 0; m < WD_LINE_MEMBER_COUNT; m++)
        l->found[m].is_there = l->found[m].is_open = false;
}

/* Whether it is JSON, and where its members are. */
static bool look_through(struct wd_lines *l, struct wd_bytes line)
{
    forget_found(l);
    wd_jevents_reset(&l->json);
    wd_jevents_feed(&l->json, line);
    wd_jevents_finish(&l->json);
    return !l->json.fault;
}

static bool is_outside(struct wd_lines *l)
{
    int64_t ns;
    struct wd_bytes time = said(l, WD_LINE_TIME);
    bool is_known = time.len && (wd_moment_guess(time, &ns) || wd_moment_date(time, WD_ZONE_UTC, &ns));
    if (is_known)
        l->now_ns = ns;
    if (l->window && !wd_window_is_open(l->window) && !wd_window_has(l->window, l->now_ns)) {
        l->told.left_out++;
        return true;
    }
    if (is_known)
        wd_told_note(&l->told, ns);
    return false;
}

static int take_payload(struct wd_lines *l, struct wd_bytes line)
{
    const struct found *f = &l->found[WD_LINE_PAYLOAD];
    if (!f->is_there) {
        note_bad(l, "no payload where --ndjson says", 0);
        return give_up(l, WD_REASON_MALFORMED_FRAMING, line.len);
    }
    if (f->kind != WD_J_NULL)
        return emit_payload(l, line);
    wd_ledger_add(l->ledger, WD_LAYER_FRAMING, line.len); /* brokers write null where a record has no value */
    return WD_OK;
}

static int take_line(struct wd_lines *l, struct wd_bytes line, uint64_t len)
{
    bool is_cut = line.len < len, is_json = !is_cut && look_through(l, line);
    if (is_cut)
        forget_found(l);
    else if (!is_json)
        note_bad(l, l->json.fault, l->json.offset);
    if (is_outside(l))
        return WD_OK;
    l->ledger->captured_bytes += len;
    if (!l->layout.path[WD_LINE_PAYLOAD])
        return emit_line(l, line, len);
    if (is_cut)
        wd_ledger_limit(l->ledger, WD_LIMIT_message, 0);
    if (is_cut)
        return give_up(l, WD_REASON_LIMIT, len);
    return is_json ? take_payload(l, line) : give_up(l, WD_REASON_MALFORMED_FRAMING, len);
}

static bool is_blank(struct wd_bytes line)
{
    for (size_t i = 0; i < line.len; i++)
        if (line.at[i] != ' ' && line.at[i] != '\t' && line.at[i] != '\r')
            return false;
    return true;
}

static void take_framing(struct wd_lines *l, uint64_t bytes)
{
    l->ledger->captured_bytes += bytes;
    wd_ledger_add(l->ledger, WD_LAYER_FRAMING, bytes);
}

/* A line without its LF; the ends of lines are framing, and so is a byte order mark. */
static int end_line(struct wd_lines *l, struct wd_bytes line, uint64_t len, bool has_end)
{
    static const char mark[] = "\xef\xbb\xbf";
    uint64_t framing = has_end;
    bool is_first = l->line_number++ == 0, is_cut = line.len < len;
    if (is_first && wd_bytes_starts(line, mark)) {
        line = wd_bytes_at(line.at + 3, line.len - 3);
        len -= 3;
        framing += 3;
    }
    if (!is_cut && line.len && line.at[line.len - 1] == '\r') {
        line.len--;
        len--;
        framing++;
    }
    bool is_empty = !is_cut && is_blank(line);
    take_framing(l, framing + (is_empty ? len : 0));
    return is_empty ? WD_OK : take_line(l, line, len);
}

static void carry(struct wd_lines *l, struct wd_bytes bytes)
{
    uint64_t most = l->limits.message + AROUND_PAYLOAD,
             room_left = l->line.len < most ? most - l->line.len : 0;
    l->line_len += bytes.len;
    wd_buf_put(&l->line, wd_bytes_at(bytes.at, bytes.len < room_left ? bytes.len : (size_t)room_left));
}

static int end_carried(struct wd_lines *l, bool has_end)
{
    int rc = end_line(l, l->line.len ? wd_buf_bytes(&l->line) : wd_bytes_of(""), l->line_len, has_end);
    wd_buf_reset(&l->line);
    l->line_len = 0;
    return rc;
}

int wd_lines_feed(struct wd_lines *l, struct wd_bytes bytes, struct wd_err *err)
{
    (void)err;
    while (bytes.len) {
        const uint8_t *lf = memchr(bytes.at, '\n', bytes.len);
        struct wd_bytes line = wd_bytes_at(bytes.at, lf ? (size_t)(lf - bytes.at) : bytes.len);
        if (!lf || l->line_len || line.len > l->limits.message) {
            carry(l, line);
            if (lf)
                TRY(end_carried(l, true));
        } else {
            TRY(end_line(l, line, line.len, true));
        }
        size_t used = line.len + (lf != NULL);
        bytes = wd_bytes_at(bytes.at + used, bytes.len - used);
    }
    return WD_OK;
}

/* The last line may lack its end. */
int wd_lines_finish(struct wd_lines *l, struct wd_err *err)
{
    (void)err;
    if (l->line_len)
        TRY(end_carried(l, false));
    if (l->bad_lines > 1) {
        struct wd_err first = l->fault;
        l->fault = (struct wd_err){ 0 };
        wd_fail(&l->fault, WD_EPARSE, (struct wd_place){ 0 }, "%.400s; so %s %llu more line%s", first.text,
                l->bad_lines == 2 ? "is" : "are", (unsigned long long)l->bad_lines - 1,
                l->bad_lines == 2 ? "" : "s");
    }
    return close_peers(l);
}

const char *wd_lines_fault(const struct wd_lines *l)
{
    return l->fault.code ? l->fault.text : NULL;
}

const struct wd_told *wd_lines_told(const struct wd_lines *l)
{
    return &l->told;
}

struct wd_lines *wd_lines_open(const char *name, const struct wd_lines_layout *layout,
                               const struct wd_limits *limits, struct wd_ledger *ledger,
                               struct wd_messages *messages, struct wd_window *window)
{
    struct wd_lines *l = wd_alloc(sizeof *l);
    l->name = name;
    l->layout = *layout;
    l->limits = *limits;
    l->ledger = ledger;
    l->messages = messages;
    l->window = window;
    l->peer_of = wd_map_open();
    l->connection_of = wd_map_open();
    wd_jevents_open(&l->json, on_event, room, l);
    return l;
}

/* Hosts of connections that are still open would point to what is gone. */
void wd_lines_free(struct wd_lines *l)
{
    if (!l)
        return;
    close_peers(l);
    wd_free(l->peers);
    wd_map_close(l->peer_of);
    wd_map_close(l->connection_of);
    wd_jevents_free(&l->json);
    for (int m = 0; m < WD_LINE_MEMBER_COUNT; m++)
        wd_buf_free(&l->found[m].text);
    wd_buf_free(&l->line);
    wd_buf_free(&l->key);
    wd_free(l);
}
