/* output/text_layers.c - what was read, and where its bytes went. */
#include "output/text_layers.h"

#include "output/facts.h"

enum { FIGURE_END = 22, SHARE_END = 30, BAR_AT = 32 };

/* ---- what was read ---- */

static void scope_bytes(struct wd_buf *out, const struct wd_profile *p)
{
    wd_put_size(out, p->ledger.captured_bytes);
}
static void scope_packets(struct wd_buf *out, const struct wd_profile *p)
{
    if (wd_profile_is_told(p))
        wd_put_plural(out, p->messages, "message", "messages");
    else
        wd_put_plural(out, p->ledger.packets, "packet", "packets");
}
static void scope_connections(struct wd_buf *out, const struct wd_profile *p)
{
    wd_put_plural(out, p->connections, "connection", "connections");
}
static void scope_span(struct wd_buf *out, const struct wd_profile *p)
{
    if (wd_profile_span(p) > 0)
        wd_put_duration(out, wd_profile_span(p));
}
static void scope_decoded(struct wd_buf *out, const struct wd_profile *p)
{
    if (!p->ledger.captured_bytes)
        return;
    wd_put_share(out, wd_profile_decoded(p));
    wd_buf_puts(out, " decoded");
}

static void scope_left_out(struct wd_buf *out, const struct wd_profile *p)
{
    wd_put_left_out(out, p);
}

/* "1.25 MB, 1,641 packets, 5 connections, 11.2 s, 99.9 % decoded": into the cell, to be broken at commas
 * only. */
static void put_scope(struct wd_page *page, const struct wd_profile *p)
{
    static void (*const parts[])(struct wd_buf *out, const struct wd_profile *p) = {
        scope_bytes, scope_packets, scope_connections, scope_span, scope_decoded, scope_left_out,
    };
    struct wd_buf *cell = wd_page_cell(page);
    for (size_t i = 0; i < WD_COUNT(parts); i++) {
        size_t before = cell->len;
        wd_buf_puts(cell, before ? ", " : "");
        size_t from = cell->len;
        parts[i](cell, p);
        wd_page_glue(page, from);
        if (cell->len == from)
            cell->len = before;
    }
}

void wd_text_heading(struct wd_page *page, const struct wd_profile *p)
{
    struct wd_bytes name = p->input_count ? p->inputs[0].name : wd_bytes_of("no input");
    wd_page_name(page, WD_TINT_STRONG, name, page->width / 2);
    if (p->input_count > 1)
        wd_page_putf(page, WD_TINT_PLAIN, " and %zu more", p->input_count - 1);
    wd_page_to(page, page->column + 2);
    size_t indent = page->pad;
    put_scope(page, p);
    wd_page_wrap(page, WD_TINT_PLAIN, indent);
    wd_page_end(page);
    if (p->is_incomplete)
        wd_page_prose(page, WD_TINT_WARNING, 0,
                      "Interrupted: what was read until then is counted, the rest is not.");
    struct wd_buf lost = { 0 };
    if (wd_put_dropped(&lost, p))
        wd_page_prose(page, WD_TINT_WARNING, 0, wd_buf_cstr(&lost));
    wd_buf_free(&lost);
    wd_page_end(page);
}

static void put_detail(struct wd_buf *out, const char *name, uint64_t bytes)
{
    if (!bytes)
        return;
    wd_buf_printf(out, "%s%s ", out->len ? ", " : "", name);
    wd_put_count(out, bytes);
}

static void detail_headers(struct wd_buf *out, const struct wd_profile *p)
{
    put_detail(out, "link", p->ledger.layer[WD_LAYER_LINK]);
    put_detail(out, "IP", p->ledger.layer[WD_LAYER_IP]);
    put_detail(out, "TCP", p->ledger.layer[WD_LAYER_TRANSPORT]);
}

static void detail_control(struct wd_buf *out, const struct wd_profile *p)
{
    if (!p->counts.pings && !p->counts.pongs)
        return;
    wd_put_plural(out, p->counts.pings, "ping", "pings");
    wd_buf_puts(out, " and ");
    wd_put_plural(out, p->counts.pongs, "pong", "pongs");
}

static void detail_payload(struct wd_buf *out, const struct wd_profile *p)
{
    if (p->wire_payload_bytes == p->payload_bytes || !p->payload_bytes)
        return;
    wd_put_count(out, p->payload_bytes);
    wd_buf_puts(out, " before compression");
}

static void detail_tls(struct wd_buf *out, const struct wd_profile *p)
{
    if (!p->tls.connections)
        return;
    wd_put_count(out, p->tls.decrypted);
    wd_buf_puts(out, " of ");
    wd_put_plural(out, p->tls.connections, "connection decrypted", "connections decrypted");
}

static void detail_doubled(struct wd_buf *out, const struct wd_profile *p)
{
    (void)p;
    wd_buf_puts(out, "captured twice, counted once");
}

static void detail_undecoded(struct wd_buf *out, const struct wd_profile *p)
{
    (void)p;
    wd_buf_puts(out, "see 'Not seen'");
}

/* Layers of the ledger as people think of them. The three headers count as one. */
static const struct layer_row {
    const char *name;
    enum wd_layer layers[3];
    size_t count;
    void (*detail)(struct wd_buf *out, const struct wd_profile *p);
} layer_rows[] = {
    { "payload", { WD_LAYER_PAYLOAD }, 1, detail_payload },
    { "headers", { WD_LAYER_LINK, WD_LAYER_IP, WD_LAYER_TRANSPORT }, 3, detail_headers },
    { "framing", { WD_LAYER_FRAMING }, 1, NULL },
    { "control", { WD_LAYER_CONTROL }, 1, detail_control },
    { "http", { WD_LAYER_HTTP }, 1, NULL },
    { "tls", { WD_LAYER_TLS }, 1, detail_tls },
    { "resent", { WD_LAYER_RETRANSMITTED }, 1, NULL },
    { "doubled", { WD_LAYER_DUPLICATE }, 1, detail_doubled },
    { "undecoded", { WD_LAYER_UNDECODED }, 1, detail_undecoded },
    { "other", { WD_LAYER_OTHER }, 1, NULL },
};

static void put_layer(struct wd_page *page, const struct wd_profile *p, const struct layer_row *row)
{
    uint64_t bytes = 0;
    for (size_t i = 0; i < row->count; i++)
        bytes += p->ledger.layer[row->layers[i]];
    if (bytes == 0 && row != layer_rows)
        return;
    double share = wd_share_of(bytes, p->ledger.captured_bytes);
    wd_page_to(page, 2);
    wd_page_put(page, WD_TINT_PLAIN, row->name);
    wd_put_count(wd_page_cell(page), bytes);
    wd_page_right(page, WD_TINT_PLAIN, FIGURE_END);
    wd_put_share(wd_page_cell(page), share);
    wd_page_right(page, WD_TINT_PLAIN, SHARE_END);
    size_t room = page->width > BAR_AT + 8 ? page->width - BAR_AT : 0;
    wd_page_to(page, BAR_AT);
    wd_page_bar(page, WD_TINT_NOTE, share, room > 60 ? 60 : room);
    struct wd_buf *cell = wd_page_cell(page);
    if (row->detail)
        row->detail(cell, p);
    if (cell->len && page->column + 2 + cell->len <= page->width) {
        wd_page_to(page, page->column <= BAR_AT ? BAR_AT : page->column + 2);
        wd_page_left(page, WD_TINT_FAINT);
    }
    wd_page_end(page);
}

void wd_text_layers(struct wd_page *page, const struct wd_profile *p)
{
    for (size_t i = 0; i < WD_COUNT(layer_rows); i++)
        put_layer(page, p, &layer_rows[i]);
    struct wd_buf lacks = { 0 };
    wd_put_lacks(&lacks, p);
    if (lacks.len)
        wd_page_prose(page, WD_TINT_FAINT, 2, wd_buf_cstr(&lacks));
    wd_buf_free(&lacks);
    wd_page_end(page);
}
