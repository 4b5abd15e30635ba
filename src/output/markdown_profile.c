/* output/markdown_profile.c - a profile to paste into an issue. */
#include "output/markdown.h"
#include "output/writers.h"

static void put_title(struct wd_buf *out, const struct wd_profile *p)
{
    wd_buf_puts(out, "### wirediet: ");
    if (p->input_count)
        wd_put_markdown_code(out, p->inputs[0].name);
    if (p->input_count > 1)
        wd_buf_printf(out, " and %zu more", p->input_count - 1);
    wd_buf_puts(out, "\n\n");
    wd_put_size(out, p->ledger.captured_bytes);
    if (!wd_profile_is_told(p)) {
        wd_buf_puts(out, " in ");
        wd_put_plural(out, p->ledger.packets, "packet", "packets");
    }
    wd_buf_puts(out, ", ");
    wd_put_plural(out, p->connections, "connection", "connections");
    wd_buf_puts(out, ", ");
    wd_put_plural(out, p->messages, "message", "messages");
    wd_buf_puts(out, ", ");
    struct wd_buf share = { 0 };
    wd_put_share(&share, wd_profile_decoded(p));
    wd_put_markdown_figure(out, wd_buf_bytes(&share));
    wd_buf_free(&share);
    wd_buf_puts(out, " decoded");
    struct wd_buf left_out = { 0 };
    wd_put_left_out(&left_out, p);
    wd_buf_puts(out, left_out.len ? ", " : "");
    wd_buf_put(out, wd_buf_bytes(&left_out));
    wd_buf_free(&left_out);
    wd_buf_byte(out, '.');
    if (p->wire_payload_bytes < p->payload_bytes) {
        wd_buf_puts(out, " Compression took ");
        wd_put_size(out, p->payload_bytes);
        wd_buf_puts(out, " of payload to ");
        wd_put_size(out, p->wire_payload_bytes);
        wd_buf_puts(out, " on the wire.");
    }
    wd_buf_byte(out, '\n');
    if (p->is_incomplete)
        wd_buf_puts(out, "\nInterrupted: what was read until then is counted, the rest is not.\n");
    struct wd_buf lost = { 0 };
    if (wd_put_dropped(&lost, p))
        wd_buf_printf(out, "\n%s\n", wd_buf_cstr(&lost));
    wd_buf_free(&lost);
}

static void put_layers(struct wd_buf *out, const struct wd_profile *p)
{
    static const char *const titles[] = { "layer", ">bytes", ">share" };
    if (!p->ledger.captured_bytes)
        return;
    wd_buf_byte(out, '\n');
    wd_markdown_head(out, titles, WD_COUNT(titles));
    for (int i = 0; i < WD_LAYER_COUNT; i++) {
        if (!p->ledger.layer[i])
            continue;
        wd_markdown_word_cell(out, wd_layer_names[i]);
        wd_markdown_count_cell(out, p->ledger.layer[i]);
        wd_markdown_share_cell(out, wd_share_of(p->ledger.layer[i], p->ledger.captured_bytes));
        wd_markdown_end(out);
    }
    wd_markdown_lacks(out, p);
}

/* Costs are told twice only where they differ. */
static bool has_wire(const struct wd_profile *p)
{
    return p->wire_payload_bytes != p->payload_bytes;
}

/* Titles, of which the one at `wire_at` stands only where costs are told twice. */
static void put_head(struct wd_buf *out, const struct wd_profile *p, const char *const *titles, size_t count,
                     size_t wire_at)
{
    const char *some[16];
    size_t n = 0;
    assert(count <= WD_COUNT(some));
    for (size_t i = 0; i < count; i++)
        if (i != wire_at || has_wire(p))
            some[n++] = titles[i];
    wd_markdown_head(out, some, n);
}

static void put_types(struct wd_buf *out, const struct wd_profile *p, const size_t *order)
{
    static const char *const titles[] = { "message", "channel", "",       ">messages",
                                          ">B/msg",  ">wire",   ">share", ">repeats" };
    wd_buf_puts(out, "\n#### Messages\n\n");
    put_head(out, p, titles, WD_COUNT(titles), 5);
    for (size_t i = 0; i < p->type_count; i++) {
        const struct wd_type_profile *type = &p->types[order[i]];
        wd_markdown_code_cell(out, type->name);
        wd_markdown_code_cell(out, type->channel);
        wd_markdown_word_cell(out, wd_direction_names[type->direction]);
        wd_markdown_count_cell(out, type->count);
        wd_markdown_count_cell(out, wd_each(type->payload_bytes, type->count));
        if (has_wire(p))
            wd_markdown_count_cell(out, wd_each(type->wire_payload_bytes, type->count));
        wd_markdown_share_cell(out, wd_share_of(type->payload_bytes, p->payload_bytes));
        wd_markdown_share_cell(out, wd_share_of(wd_type_repeated(type), type->payload_bytes));
        wd_markdown_end(out);
    }
}

static void put_row(struct wd_buf *out, const struct wd_profile *p, const struct wd_type_profile *type,
                    const struct wd_row *row)
{
    struct wd_buf figure = { 0 };
    const char *like = wd_row_likeness(row);
    wd_markdown_code_cell(out, row->path);
    wd_markdown_word_cell(out, like ? like : "");
    wd_markdown_count_cell(out, wd_each(wd_row_bytes(row), type->count));
    if (has_wire(p)) {
        wd_markdown_cell(out);
        if (type->has_wire_bits)
            wd_put_bits(&figure, row->wire_bits, type->count);
        wd_put_markdown_figure(out, wd_buf_bytes(&figure));
        wd_buf_reset(&figure);
        wd_buf_byte(out, ' ');
    }
    wd_markdown_share_cell(out, wd_share_of(wd_row_bytes(row), p->payload_bytes));
    wd_markdown_cell(out);
    wd_put_change(&figure, type, row);
    wd_put_markdown_figure(out, wd_buf_bytes(&figure));
    wd_buf_puts(out, " | ");
    wd_buf_reset(&figure);
    if (wd_row_lasts(type, row))
        wd_put_about(&figure, wd_row_lasts(type, row));
    wd_put_markdown_figure(out, wd_buf_bytes(&figure));
    wd_buf_byte(out, ' ');
    wd_markdown_share_cell(out, wd_share_of(wd_row_repeated(type, row), wd_row_bytes(row)));
    wd_markdown_end(out);
    wd_buf_free(&figure);
}

static void put_fields(struct wd_buf *out, const struct wd_profile *p, const struct wd_type_profile *type,
                       const struct wd_style *style)
{
    static const char *const titles[] = { "field", "looks like", ">B/msg", ">wire", ">share", ">changes", ">lasts", ">repeats" };
    size_t count = style->show_all ? type->row_count : WD_MARKDOWN_ROWS;
    size_t *shown = wd_rows_by_waste(type, &count, style->is_by_wire);
    wd_buf_puts(out, "\n#### Fields of ");
    wd_put_markdown_code(out, type->name);
    wd_buf_puts(out, "\n\n");
    if (has_wire(p) && type->is_wire_estimated)
        wd_buf_puts(out, "What they took on the wire is estimated: fields share it by their bytes.\n\n");
    put_head(out, p, titles, WD_COUNT(titles), 3);
    for (size_t i = 0; i < count; i++)
        put_row(out, p, type, &type->rows[shown[i]]);
    wd_markdown_more(out, type->row_count - count, " (`--all`)");
    wd_free(shown);
}

void wd_markdown_profile(struct wd_buf *out, const struct wd_profile *profile, const struct wd_style *style)
{
    put_title(out, profile);
    put_layers(out, profile);
    if (!profile->messages)
        wd_buf_puts(out, "\nNo message was found: the text output of `wirediet profile` says why.\n");
    else {
        size_t *order = wd_types_by_cost(profile, style->is_by_wire);
        put_types(out, profile, order);
        for (size_t i = 0; i < profile->type_count; i++) {
            const struct wd_type_profile *type = &profile->types[order[i]];
            if (style->show_all || wd_share_of(type->payload_bytes, profile->payload_bytes) >= 0.01)
                put_fields(out, profile, type, style);
        }
        wd_free(order);
    }
    const struct wd_audit alone = { .profile = profile };
    wd_markdown_unseen(out, &alone);
}
