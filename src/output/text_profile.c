/* output/text_profile.c - a profile for people: under what was read, each field, what it costs and how it
 * changes. */
#include <stdlib.h>

#include "output/escapes.h"
#include "output/facts.h"
#include "output/text_layers.h"
#include "output/writers.h"

enum { TYPES_SHOWN = 24, FIELDS_OF_LARGE = 12, FIELDS_OF_SMALL = 4, PATH_WIDEST = 64 };

/* ---- the table of messages and fields ---- */

struct table {
    struct wd_page *page;
    const struct wd_profile *profile;
    size_t path_end;                   /* where the figures start */
    bool has_wire;
};

static void field_each(struct wd_buf *out, const struct table *t, const struct wd_type_profile *type,
                       const struct wd_row *row)
{
    (void)t;
    wd_put_count(out, wd_each(row ? wd_row_bytes(row) : type->payload_bytes, type->count));
}

static void field_wire(struct wd_buf *out, const struct table *t, const struct wd_type_profile *type,
                       const struct wd_row *row)
{
    (void)t;
    if (!row && (type->has_wire_bits || !type->is_wire_estimated))
        wd_put_count(out, wd_each(type->wire_payload_bytes, type->count));
    else if (!row)
        return;
    else if (type->has_wire_bits)
        wd_put_bits(out, row->wire_bits, type->count);
}

static void field_share(struct wd_buf *out, const struct table *t, const struct wd_type_profile *type,
                        const struct wd_row *row)
{
    wd_put_share(out, wd_share_of(row ? wd_row_bytes(row) : type->payload_bytes, t->profile->payload_bytes));
}

static void field_changes(struct wd_buf *out, const struct table *t, const struct wd_type_profile *type,
                          const struct wd_row *row)
{
    (void)t;
    if (row)
        wd_put_change(out, type, row);
}

static void field_lasts(struct wd_buf *out, const struct table *t, const struct wd_type_profile *type,
                        const struct wd_row *row)
{
    (void)t;
    int64_t lasts = row ? wd_row_lasts(type, row) : 0;
    if (lasts)
        wd_put_about(out, lasts);
}

static void field_repeats(struct wd_buf *out, const struct table *t, const struct wd_type_profile *type,
                          const struct wd_row *row)
{
    (void)t;
    if (row && !row->compared)
        return;
    if (row)
        wd_put_percent(out, wd_share_of(wd_row_repeated(type, row), wd_row_bytes(row)));
    else if (type->compared_messages)
        wd_put_percent(out, wd_share_of(wd_type_repeated(type), type->payload_bytes));
}

static void field_bytes(struct wd_buf *out, const struct table *t, const struct wd_type_profile *type,
                        const struct wd_row *row)
{
    (void)t;
    wd_put_count(out, row ? wd_row_bytes(row) : type->payload_bytes);
}

static void field_values(struct wd_buf *out, const struct table *t, const struct wd_type_profile *type,
                         const struct wd_row *row)
{
    (void)t, (void)type;
    if (!row || !row->distinct)
        return;
    if (row->distinct_max > row->distinct)
        wd_buf_puts(out, ">=");
    else if (wd_row_is_distinct_estimated(row))
        wd_buf_byte(out, '~');
    wd_put_count(out, row->distinct);
}

static void field_present(struct wd_buf *out, const struct table *t, const struct wd_type_profile *type,
                          const struct wd_row *row)
{
    (void)t;
    if (row)
        wd_put_percent(out, wd_share_of(row->present, type->count));
}

/* From left to right; a column needs a page of `from` columns. */
static const struct column {
    const char *head;
    unsigned width, from;
    bool is_wire;
    void (*put)(struct wd_buf *out, const struct table *t, const struct wd_type_profile *type,
                const struct wd_row *row);
} columns[] = {
    { "B/msg", 8, 0, false, field_each },       { "wire", 7, 0, true, field_wire },
    { "share", 8, 0, false, field_share },      { "changes", 9, 48, false, field_changes },
    { "lasts", 9, 64, false, field_lasts },     { "repeats", 9, 56, false, field_repeats },
    { "bytes", 13, 110, false, field_bytes },   { "values", 9, 110, false, field_values },
    { "present", 9, 120, false, field_present },
};

static bool is_shown(const struct table *t, const struct column *c)
{
    return t->page->width >= c->from && (!c->is_wire || t->has_wire);
}

static size_t figures_width(const struct table *t)
{
    size_t width = 0;
    for (size_t i = 0; i < WD_COUNT(columns); i++)
        width += is_shown(t, &columns[i]) ? columns[i].width : 0;
    return width;
}

static void put_figures(struct table *t, enum wd_tint tint, const struct wd_type_profile *type,
                        const struct wd_row *row)
{
    size_t end = t->path_end;
    for (size_t i = 0; i < WD_COUNT(columns); i++) {
        if (!is_shown(t, &columns[i]))
            continue;
        end += columns[i].width;
        struct wd_buf *cell = wd_page_cell(t->page);
        if (type)
            columns[i].put(cell, t, type, row);
        else
            wd_buf_puts(cell, columns[i].head);
        if (cell->len)
            wd_page_right(t->page, tint, end);
    }
    wd_page_end(t->page);
}

static void put_field(struct table *t, const struct wd_type_profile *type, const struct wd_row *row)
{
    const char *like = wd_row_likeness(row);
    size_t room = t->path_end > 6 ? t->path_end - 4 : 2;
    size_t like_room = like ? strlen(like) + 2 : 0;
    wd_page_to(t->page, 4);
    wd_page_name(t->page, WD_TINT_PLAIN, row->path, room > like_room + 8 ? room - like_room : room);
    if (like && room > like_room + 8) {
        wd_buf_puts(wd_page_cell(t->page), like);
        wd_page_right(t->page, WD_TINT_WARNING, t->path_end);
    }
    put_figures(t, WD_TINT_PLAIN, type, row);
}

static size_t fields_shown(const struct table *t, const struct wd_type_profile *type)
{
    if (t->page->style->show_all)
        return type->row_count;
    double share = wd_share_of(type->payload_bytes, t->profile->payload_bytes);
    return share >= 0.05 ? FIELDS_OF_LARGE : share >= 0.01 ? FIELDS_OF_SMALL : 0;
}

static void put_hidden(struct table *t, const struct wd_type_profile *type, const size_t *shown, size_t count)
{
    uint64_t bytes = type->payload_bytes, bits = type->wire_bits;
    for (size_t i = 0; i < count; i++) {
        const struct wd_row *row = &type->rows[shown[i]];
        bytes -= bytes < wd_row_bytes(row) ? bytes : wd_row_bytes(row);
        bits -= bits < row->wire_bits ? bits : row->wire_bits;
    }
    if (count == type->row_count || count == 0)
        return;
    wd_page_to(t->page, 4);
    struct wd_buf *cell = wd_page_cell(t->page);
    wd_buf_puts(cell, "... ");
    wd_put_plural(cell, type->row_count - count, "more field", "more fields");
    wd_buf_puts(cell, " (--all)");
    wd_page_left(t->page, WD_TINT_FAINT);
    wd_put_count(wd_page_cell(t->page), wd_each(bytes, type->count));
    wd_page_right(t->page, WD_TINT_FAINT, t->path_end + columns[0].width);
    size_t end = t->path_end + columns[0].width + (t->has_wire ? columns[1].width : 0);
    if (t->has_wire && type->has_wire_bits) {
        wd_put_bits(wd_page_cell(t->page), bits, type->count);
        wd_page_right(t->page, WD_TINT_FAINT, end);
    }
    wd_put_share(wd_page_cell(t->page), wd_share_of(bytes, t->profile->payload_bytes));
    wd_page_right(t->page, WD_TINT_FAINT, end + columns[2].width);
    wd_page_end(t->page);
}

static void put_fields(struct table *t, const struct wd_type_profile *type)
{
    size_t count = fields_shown(t, type);
    size_t *shown = wd_rows_by_waste(type, &count, t->page->style->is_by_wire);
    for (size_t i = 0; i < count; i++)
        put_field(t, type, &type->rows[shown[i]]);
    put_hidden(t, type, shown, count);
    wd_free(shown);
}

static void put_notes(struct table *t, const struct wd_type_profile *type)
{
    if (type->entity.len) {
        wd_page_to(t->page, 4);
        wd_page_put(t->page, WD_TINT_FAINT, "changes are counted, repeats estimated, for each ");
        wd_page_name(t->page, WD_TINT_FAINT, type->entity, t->page->width - t->page->column);
        wd_page_end(t->page);
    }
    if (t->has_wire && type->is_wire_estimated && type->has_wire_bits) {
        wd_page_to(t->page, 4);
        wd_page_put(t->page, WD_TINT_FAINT, "wire is estimated: fields share it by their bytes");
        wd_page_end(t->page);
    }
    if (type->malformed) {
        struct wd_buf *cell = wd_page_cell(t->page);
        wd_put_plural(cell, type->malformed, "message is", "messages are");
        wd_buf_puts(cell, " malformed: the rest of each is counted as (malformed)");
        wd_page_to(t->page, 4);
        wd_page_wrap(t->page, WD_TINT_WARNING, 4);
        wd_page_end(t->page);
    }
}

/* "960 messages s2c", or "960 s2c" where the name needs the room. Returns the columns that are left for the
 * name. */
static size_t put_type_count(struct wd_buf *out, const struct table *t, const struct wd_type_profile *type)
{
    for (int is_short = 0;; is_short++) {
        wd_buf_reset(out);
        if (is_short)
            wd_put_count(out, type->count);
        else
            wd_put_plural(out, type->count, "message", "messages");
        wd_buf_printf(out, " %s%s", wd_direction_names[type->direction],
                      type->is_direction_guessed ? "?" : "");
        size_t room = t->path_end > 6 + out->len ? t->path_end - 4 - out->len : 2;
        if (is_short || room >= wd_name_columns(type->name, 16))
            return room;
    }
}

static void put_type(struct table *t, const struct wd_type_profile *type)
{
    struct wd_buf count = { 0 };
    size_t room = put_type_count(&count, t, type);
    wd_page_to(t->page, 2);
    wd_page_name(t->page, WD_TINT_STRONG, type->name, room);
    wd_buf_put(wd_page_cell(t->page), wd_buf_bytes(&count));
    wd_page_right(t->page, WD_TINT_PLAIN, t->path_end);
    wd_buf_free(&count);
    put_figures(t, WD_TINT_PLAIN, type, NULL);
    put_notes(t, type);
    put_fields(t, type);
}

/* The channel and its kind before the heads of the columns; a long channel gets the line above for itself. */
static void put_channel_head(struct table *t, const struct wd_type_profile *type)
{
    struct wd_bytes channel = type->channel.len ? type->channel : wd_bytes_of("(opening not seen)");
    const char *codec = type->codec ? type->codec : "opaque";
    wd_page_name(t->page, WD_TINT_STRONG, channel, t->page->width);
    size_t kind_width = strlen(wd_transport_names[type->transport]) + 2 + strlen(codec);
    if (t->page->column + 2 + kind_width > t->path_end)
        wd_page_end(t->page);
    wd_page_to(t->page, t->page->column + 2);
    wd_page_putf(t->page, WD_TINT_FAINT, "%s, %s", wd_transport_names[type->transport], codec);
    put_figures(t, WD_TINT_FAINT, NULL, NULL);
}

static bool is_same_channel(const struct wd_type_profile *a, const struct wd_type_profile *b)
{
    return wd_bytes_eq(a->channel, b->channel) && a->transport == b->transport;
}

/* All types of the channel of `order[first]`, and marks them done. Returns how many were put. */
static size_t put_channel(struct table *t, const size_t *order, size_t first, size_t limit, bool *done)
{
    const struct wd_type_profile *head = &t->profile->types[order[first]];
    size_t put = 0;
    put_channel_head(t, head);
    for (size_t i = first; i < t->profile->type_count && put < limit; i++) {
        const struct wd_type_profile *type = &t->profile->types[order[i]];
        if (done[i] || !is_same_channel(type, head))
            continue;
        put_type(t, type);
        done[i] = true;
        put++;
    }
    wd_page_end(t->page);
    return put;
}

static size_t widest_path(const struct table *t)
{
    size_t widest = 30;
    for (size_t i = 0; i < t->profile->type_count; i++) {
        const struct wd_type_profile *type = &t->profile->types[i];
        size_t count = fields_shown(t, type);
        size_t *shown = wd_rows_by_waste(type, &count, t->page->style->is_by_wire);
        for (size_t r = 0; r < count; r++) {
            const char *like = wd_row_likeness(&type->rows[shown[r]]);
            size_t width =
                wd_name_columns(type->rows[shown[r]].path, PATH_WIDEST) + (like ? strlen(like) + 2 : 0) + 4;
            widest = width > widest ? width : widest;
        }
        wd_free(shown);
    }
    return widest;
}

static void put_messages(struct wd_page *page, const struct wd_profile *p)
{
    struct table t = { .page = page, .profile = p, .has_wire = p->wire_payload_bytes != p->payload_bytes };
    size_t figures = figures_width(&t), widest = widest_path(&t);
    size_t room = page->width > figures + 12 ? page->width - figures : 12;
    t.path_end = widest < room ? widest : room;
    size_t *order = wd_types_by_cost(p, page->style->is_by_wire);
    bool *done = wd_alloc(p->type_count + 1);
    size_t limit = page->style->show_all ? p->type_count : TYPES_SHOWN, put = 0;
    for (size_t i = 0; i < p->type_count && put < limit; i++)
        if (!done[i])
            put += put_channel(&t, order, i, limit - put, done);
    if (put < p->type_count) {
        wd_page_putf(page, WD_TINT_FAINT, "... %zu more kinds of message (--all)", p->type_count - put);
        wd_page_end(page);
    }
    wd_free(done);
    wd_free(order);
}

/* ---- what was not seen, and what to do next ---- */

static void put_unseen(struct wd_page *page, const struct wd_profile *p)
{
    bool is_first = true;
    for (int r = 0; r < WD_REASON_COUNT; r++) {
        if (!p->ledger.reason_bytes[r])
            continue;
        wd_page_put(page, WD_TINT_WARNING, is_first ? "Not seen:" : "");
        wd_page_to(page, 10);
        struct wd_buf *cell = wd_page_cell(page);
        wd_put_size(cell, p->ledger.reason_bytes[r]);
        wd_buf_puts(cell, " (");
        wd_put_share(cell, wd_share_of(p->ledger.reason_bytes[r], p->ledger.captured_bytes));
        wd_buf_printf(cell, ") %s; %s", wd_reason_words[r].why, wd_reason_words[r].remedy);
        wd_page_wrap(page, WD_TINT_PLAIN, 10);
        wd_page_end(page);
        is_first = false;
    }
    if (p->ledger.missing_bytes) {
        wd_page_put(page, WD_TINT_WARNING, is_first ? "Not seen:" : "");
        wd_page_to(page, 10);
        struct wd_buf *cell = wd_page_cell(page);
        wd_put_size(cell, p->ledger.missing_bytes);
        wd_buf_puts(cell, " that were on the wire and are not in the capture");
        wd_page_wrap(page, WD_TINT_PLAIN, 10);
        wd_page_end(page);
    }
}

/* Why there is no message, and what to try: a sentence, and a command when there is one to copy. */
struct advice { const char *why, *command; };

static struct advice why_empty(const struct wd_profile *p)
{
    static const char capture[] = "tcpdump -i any -s 0 -w live.pcapng 'tcp port 8080'";
    const struct wd_ledger *l = &p->ledger;
    struct wd_buf left_out = { 0 };
    wd_put_left_out(&left_out, p);
    bool is_left_out = left_out.len && !l->packets;
    wd_buf_free(&left_out);
    if (is_left_out)
        return (struct advice){ "No message: nothing was left in. Widen --from, --to or --filter.", NULL };
    if (p->input_count && p->inputs[0].kind == WD_INPUT_HAR)
        return (struct advice){ "No message: the HAR holds no WebSocket message, no event and no JSON that was asked for twice. "
                                "Export it from Chromium, with content.", NULL };
    if (l->packets == 0)
        return (struct advice){ "No message: there is no packet in it. Capture while clients are connected:",
                                capture };
    if (p->connections == 0)
        return (struct advice){
            "No message: there is no TCP connection that carried data. Capture where the clients' traffic "
            "passes, e.g. on all interfaces:",
            capture};
    if (l->reason_bytes[WD_REASON_TLS_NO_KEYS])
        return (struct advice){
            "No message: the connections are encrypted. Record with SSLKEYLOGFILE set and give that file with "
            "--keylog, or capture behind the TLS terminator.",
            NULL
        };
    if (l->reason_bytes[WD_REASON_UNKNOWN_PROTOCOL])
        return (struct advice){
            "No message: the connections carry a protocol that is not read. Read are WebSocket, event streams "
            "and gRPC, over HTTP/1.1 and HTTP/2.",
            NULL
        };
    if (l->layer[WD_LAYER_HTTP])
        return (struct advice){
            "No message: there is HTTP, but no WebSocket, no event stream, no gRPC and no resource that is polled. "
            "Capture for longer, and begin before the clients connect.",
            NULL
        };
    return (struct advice){
        "No message was carried. Capture for longer, and begin before the clients connect.", NULL};
}

static void put_empty(struct wd_page *page, const struct wd_profile *p)
{
    struct advice advice = why_empty(p);
    wd_page_prose(page, WD_TINT_STRONG, 0, advice.why);
    if (advice.command)
        wd_page_prose(page, WD_TINT_PLAIN, 2, advice.command);
}

static void put_legend(struct wd_page *page, const struct wd_profile *p)
{
    if (page->style->verbosity < 0)
        return;
    bool has_wire = p->wire_payload_bytes != p->payload_bytes;
    struct wd_buf text = {0};
    wd_buf_puts(&text, "B/msg: bytes of each message, ");
    wd_buf_puts(&text, has_wire ? "wire: what they took compressed, " : "");
    wd_buf_puts(
        &text,
        "share: of all payload, changes: in how many of the messages the value differs from the one before, "
        "lasts: how long a value stays, repeats: share of the bytes that only say again what was said.");
    wd_page_prose(page, WD_TINT_FAINT, 0, wd_buf_cstr(&text));
    wd_buf_free(&text);
}

void wd_text_profile(struct wd_buf *out, const struct wd_profile *profile, const struct wd_style *style)
{
    struct wd_page page = wd_page_open(out, style);
    wd_text_heading(&page, profile);
    if (profile->ledger.captured_bytes)
        wd_text_layers(&page, profile);
    if (profile->messages == 0)
        put_empty(&page, profile);
    else {
        put_messages(&page, profile);
        put_legend(&page, profile);
    }
    if (profile->ledger.layer[WD_LAYER_UNDECODED] + profile->ledger.missing_bytes)
        wd_page_end(&page);
    wd_text_tls(&page, profile);
    put_unseen(&page, profile);
    if (profile->messages && style->verbosity >= 0) {
        wd_page_end(&page);
        struct wd_buf next = {0};
        wd_buf_printf(&next, "wirediet audit%s",
                      style->evidence ? style->evidence : " -s SCHEMA -p CAPTURE -u USAGE");
        wd_page_next(&page, wd_buf_bytes(&next), 0);
        wd_buf_free(&next);
    }
    wd_page_close(&page);
}
