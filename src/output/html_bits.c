/* output/html_bits.c - the small parts that sections are made of: tables, bars, marks, the legend. */
#include "output/html_part.h"

const struct wd_html_verdict_info wd_html_verdicts[WD_VERDICT_COUNT] = {
    [WD_VERDICT_NEEDED] = { "needed", "needed", "read by someone, and news when it arrives",
                            "what holds messages together" },
    [WD_VERDICT_UNCHANGED] = { "unchanged", "unchanged",
                               "read, but nearly always what the reader has already",
                               "nearly always the same as the one before" },
    [WD_VERDICT_UNREAD] = { "unread", "unread", "no consumer reads it", "no consumer reads it" },
    [WD_VERDICT_PERSONAL_UNREAD] = { "personal", "personal and unread",
                                     "about a person or secret, and no consumer reads it",
                                     "about a person or secret, and no consumer reads it" },
    [WD_VERDICT_UNKNOWN] = { "unknown", "cannot say", "whether anyone reads it is not known",
                             "it changes, and who reads it is not known" },
};

const enum wd_verdict wd_html_worst_first[WD_VERDICT_COUNT] = {
    WD_VERDICT_PERSONAL_UNREAD, WD_VERDICT_UNREAD, WD_VERDICT_UNCHANGED,
    WD_VERDICT_UNKNOWN,         WD_VERDICT_NEEDED,
};

void wd_html_table(struct wd_html *h, const char *css, const char *caption,
                   const struct wd_html_column *columns, size_t count)
{
    wd_buf_printf(
        h->out,
        "<div class=\"wide\" tabindex=\"0\" role=\"group\" aria-label=\"%s\">\n<table class=\"%s\">\n"
        "<caption>%s</caption>\n<thead><tr>",
        caption, css, caption);
    for (size_t i = 0; i < count; i++)
        wd_buf_printf(h->out, "<th scope=\"col\"%s>%s</th>", columns[i].is_number ? " class=\"n\"" : "",
                      columns[i].title);
    wd_html_puts(h, "</tr></thead>\n<tbody>\n");
}

void wd_html_table_end(struct wd_html *h)
{
    wd_html_puts(h, "</tbody>\n</table>\n</div>\n");
}

/* Each verdict is told by its pattern too: in print, and for eyes that do not tell the colours apart. */
void wd_html_patterns(struct wd_html *h)
{
    wd_html_puts(
        h, "<svg class=\"defs\" width=\"0\" height=\"0\" aria-hidden=\"true\" focusable=\"false\"><defs>\n"
           "<pattern id=\"p-unchanged\" width=\"9\" height=\"9\" patternUnits=\"userSpaceOnUse\" "
           "patternTransform=\"rotate(45)\">"
           "<path class=\"k-unchanged\" d=\"M0 0V9\"/></pattern>\n"
           "<pattern id=\"p-unread\" width=\"7\" height=\"7\" patternUnits=\"userSpaceOnUse\">"
           "<circle class=\"d-unread\" cx=\"2\" cy=\"2\" r=\"1\"/>"
           "<path class=\"k-unread\" d=\"M2 0V7\"/></pattern>\n"
           "<pattern id=\"p-personal\" width=\"6\" height=\"6\" patternUnits=\"userSpaceOnUse\" "
           "patternTransform=\"rotate(-45)\">"
           "<path class=\"k-personal\" d=\"M0 0V6M0 0H6\"/></pattern>\n"
           "<pattern id=\"p-unknown\" width=\"8\" height=\"6\" patternUnits=\"userSpaceOnUse\">"
           "<path class=\"k-unknown\" d=\"M0 1H8\"/></pattern>\n"
           "</defs></svg>\n");
}

static void put_swatch(struct wd_html *h, enum wd_verdict verdict)
{
    const char *css = wd_html_verdicts[verdict].css;
    wd_buf_printf(h->out, "<svg class=\"swatch\" width=\"22\" height=\"14\" aria-hidden=\"true\">"
                  "<rect class=\"f-%s\" width=\"22\" height=\"14\"/>", css);
    if (verdict != WD_VERDICT_NEEDED)
        wd_buf_printf(h->out, "<rect width=\"22\" height=\"14\" fill=\"url(#p-%s)\"/>", css);
    wd_html_puts(h, "</svg>");
}

void wd_html_legend(struct wd_html *h, bool has_meanings)
{
    const struct wd_summary *s = &h->audit->summary;
    wd_html_puts(h, has_meanings ? "<ul class=\"legend\">\n" : "<ul class=\"legend marks\">\n");
    for (int i = 0; i < WD_VERDICT_COUNT; i++) {
        enum wd_verdict v = wd_html_worst_first[i];
        if (s->verdict_bytes[v] == 0)
            continue;
        wd_html_puts(h, "<li>");
        put_swatch(h, v);
        wd_buf_printf(h->out, has_meanings ? "<span><b>%s " : "<span>%s ", wd_html_verdicts[v].label);
        wd_html_share(h, (double)s->verdict_bytes[v], (double)s->payload_bytes);
        if (has_meanings)
            wd_buf_printf(h->out, "</b> %s", h->usage ? wd_html_verdicts[v].meaning
                                                      : wd_html_verdicts[v].without_usage);
        wd_html_puts(h, "</span></li>\n");
    }
    wd_html_puts(h, "</ul>\n");
}

static void put_percentage(struct wd_html *h, const char *name, double part, double whole)
{
    wd_buf_printf(h->out, " %s=\"", name);
    wd_html_number(h, 100 * part / whole);
    wd_html_puts(h, "%\"");
}

void wd_html_stack(struct wd_html *h, const uint64_t bytes[WD_VERDICT_COUNT], unsigned height)
{
    double whole = 0, from = 0;
    for (int v = 0; v < WD_VERDICT_COUNT; v++)
        whole += (double)bytes[v];
    wd_buf_printf(h->out, "<svg class=\"stack\" width=\"100%%\" height=\"%u\" aria-hidden=\"true\">", height);
    for (int i = 0; i < WD_VERDICT_COUNT; i++) {
        enum wd_verdict v = wd_html_worst_first[i];
        if (bytes[v] == 0)
            continue;
        for (int layer = 0; layer < (v == WD_VERDICT_NEEDED ? 1 : 2); layer++) {
            wd_html_puts(h, "<rect");
            put_percentage(h, "x", from, whole);
            put_percentage(h, "width", (double)bytes[v], whole);
            wd_buf_printf(h->out,
                          layer ? " height=\"%u\" fill=\"url(#p-%s)\"/>" : " height=\"%u\" class=\"f-%s\"/>",
                          height, wd_html_verdicts[v].css);
        }
        from += (double)bytes[v];
    }
    wd_html_puts(h, "</svg>\n");
}

void wd_html_bar(struct wd_html *h, double part, double whole, const char *css)
{
    double width = whole > 0 ? 64 * part / whole : 0;
    wd_html_puts(h, "<svg class=\"bar\" width=\"64\" height=\"9\" aria-hidden=\"true\">"
                    "<rect class=\"track\" width=\"64\" height=\"9\"/>");
    wd_buf_printf(h->out, "<rect class=\"b-%s\" height=\"9\"", css);
    wd_html_number_of(h, "width", width > 64 ? 64 : width > 0 && width < 1 ? 1 : width);
    wd_html_puts(h, "/></svg>");
}

static void put_polygon(struct wd_html *h, double x, double y, double r, const double points[][2],
                        size_t count)
{
    wd_html_puts(h, "<path d=\"");
    for (size_t i = 0; i < count; i++) {
        wd_html_puts(h, i ? "L" : "M");
        wd_html_number(h, x + r * points[i][0]);
        wd_html_puts(h, " ");
        wd_html_number(h, y + r * points[i][1]);
    }
    wd_html_puts(h, "Z\"/>");
}

/* Equal areas, told apart without colour: circle, square, triangle, diamond, cross. */
void wd_html_mark(struct wd_html *h, enum wd_verdict verdict, double x, double y, double r)
{
    static const double square[][2] = { { -.886, -.886 }, { .886, -.886 }, { .886, .886 }, { -.886, .886 } };
    static const double triangle[][2] = { { 0, -1.25 }, { 1.3, 0.95 }, { -1.3, 0.95 } };
    static const double diamond[][2] = { { 0, -1.3 }, { 1.25, 0 }, { 0, 1.3 }, { -1.25, 0 } };
    static const double cross[][2] = {
        { -.35, -1.1 }, { .35, -1.1 }, { .35, -.35 }, { 1.1, -.35 }, { 1.1, .35 }, { .35, .35 },
        { .35, 1.1 }, { -.35, 1.1 }, { -.35, .35 }, { -1.1, .35 }, { -1.1, -.35 }, { -.35, -.35 },
    };
    switch (verdict) {
    case WD_VERDICT_UNCHANGED: put_polygon(h, x, y, r, square, WD_COUNT(square)); return;
    case WD_VERDICT_UNREAD: put_polygon(h, x, y, r, triangle, WD_COUNT(triangle)); return;
    case WD_VERDICT_PERSONAL_UNREAD: put_polygon(h, x, y, r, diamond, WD_COUNT(diamond)); return;
    case WD_VERDICT_UNKNOWN: put_polygon(h, x, y, r, cross, WD_COUNT(cross)); return;
    default: break;
    }
    wd_html_puts(h, "<circle");
    wd_html_number_of(h, "cx", x);
    wd_html_number_of(h, "cy", y);
    wd_html_number_of(h, "r", r);
    wd_html_puts(h, "/>");
}

void wd_html_message(struct wd_html *h, struct wd_bytes name, struct wd_bytes channel, int direction)
{
    static const char *const words[WD_DIRECTION_COUNT] = { "from clients", "to clients", "between peers" };
    wd_html_path(h, name);
    wd_html_puts(h, " <span class=\"where\">");
    wd_html_text(h, channel);
    if (direction >= 0 && direction < WD_DIRECTION_COUNT)
        wd_buf_printf(h->out, "%s%s", channel.len ? ", " : "", words[direction]);
    wd_html_puts(h, "</span>");
}

void wd_html_empty(struct wd_html *h, const char *why, const char *what_to_try)
{
    wd_buf_printf(h->out, "<p class=\"empty\"><b>%s</b> %s</p>\n", why, what_to_try);
}

void wd_html_changes(struct wd_html *h, const struct wd_row *row)
{
    if (row->compared == 0) {
        wd_html_puts(h, wd_html_is_value(row) ? "seen once" : "");
        return;
    }
    double share = wd_html_changed(row);
    if (share <= 0)
        wd_html_puts(h, "never");
    else if (share >= 1)
        wd_html_puts(h, "always");
    else
        wd_html_percent(h, share, 1);
}
