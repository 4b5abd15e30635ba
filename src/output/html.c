/* output/html.c - the report as a document: head, title, contents, sections, foot. */
#include "output/html.h"

#include "output/html_part.h"

/* In the order of reading. A section that is not asked for is left out, and the numbers close up. */
static const struct section {
    const char *id, *title;
    void (*write)(struct wd_html *h);
    bool needs_before;
} sections[] = {
    { "bytes", "Where the bytes go", wd_html_treemap, false },
    { "decide", "Decide today", wd_html_decide, false },
    { "before", "Since last time", wd_html_before, true },
    { "change", "Sent against changed", wd_html_scatter, false },
    { "readers", "Who reads what", wd_html_matrix, false },
    { "personal", "Personal data", wd_html_privacy, false },
    { "ledger", "Ledger", wd_html_ledger, false },
    { "connections", "Connections", wd_html_connections, false },
    { "unseen", "Not seen, assumptions, method", wd_html_unseen, false },
};

static bool is_shown(const struct wd_html *h, const struct section *section)
{
    return !section->needs_before || h->report->before;
}

/* What the report is about: its own title, else the schema's, else the first capture. */
static struct wd_bytes title_of(const struct wd_html *h)
{
    if (h->report->title.len)
        return h->report->title;
    if (h->audit->schema && h->audit->schema->title.len)
        return h->audit->schema->title;
    if (h->profile && h->profile->input_count)
        return h->profile->inputs[0].name;
    return wd_bytes_of("Real-time messages");
}

static void put_head(struct wd_html *h)
{
    wd_html_puts(h, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
    wd_buf_printf(h->out,
                  "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
                  "'sha256-%s'\">\n",
                  wd_html_style_hash);
    wd_html_puts(h, "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
                    "<meta name=\"color-scheme\" content=\"light dark\">\n<meta name=\"referrer\" "
                    "content=\"no-referrer\">\n<title>");
    wd_html_text(h, title_of(h));
    wd_html_puts(h, ": data-diet review</title>\n<style>");
    wd_html_puts(h, wd_html_style);
    wd_html_puts(h, "</style>\n</head>\n");
}

/* The period as given, else from the first to the last packet. */
static void put_period(struct wd_html *h)
{
    if (h->report->period.len) {
        wd_html_text(h, h->report->period);
        return;
    }
    int64_t first = INT64_MAX, last = INT64_MIN;
    for (size_t i = 0; h->profile && i < h->profile->input_count; i++) {
        const struct wd_input *in = &h->profile->inputs[i];
        if (in->packets + in->messages == 0)
            continue;
        first = in->first_ns < first ? in->first_ns : first;
        last = in->last_ns > last ? in->last_ns : last;
    }
    if (first > last) {
        wd_html_puts(h, "no traffic");
        return;
    }
    wd_html_time(h, first);
    wd_html_puts(h, " UTC, ");
    wd_html_seconds(h, h->seconds);
    wd_html_puts(h, " of capture");
}

static void put_title(struct wd_html *h)
{
    wd_html_puts(h, "<header>\n<p class=\"kicker\">Data-diet review</p>\n<h1>");
    wd_html_text(h, title_of(h));
    wd_html_puts(h, "</h1>\n<p class=\"meta\">");
    put_period(h);
    if (h->usage) {
        wd_html_puts(h, " \u00b7 ");
        wd_html_plural(h, h->usage->consumer_count, "consumer", "consumers");
    }
    if (h->audit->schema) {
        wd_html_puts(h, " \u00b7 ");
        wd_html_plural(h, h->audit->schema->message_count, "declared message", "declared messages");
    }
    wd_html_puts(h, "</p>\n</header>\n");
}

static void put_contents(struct wd_html *h)
{
    wd_html_puts(h, "<nav aria-label=\"Contents\">\n<h2 id=\"contents\">Contents</h2>\n<ol>\n");
    for (size_t i = 0; i < WD_COUNT(sections); i++)
        if (is_shown(h, &sections[i]))
            wd_buf_printf(h->out, "<li><a href=\"#%s\">%s</a></li>\n", sections[i].id, sections[i].title);
    wd_html_puts(h, "</ol>\n</nav>\n");
}

static void put_sections(struct wd_html *h)
{
    unsigned number = 0;
    for (size_t i = 0; i < WD_COUNT(sections); i++) {
        if (!is_shown(h, &sections[i]))
            continue;
        wd_buf_printf(
            h->out, "<section aria-labelledby=\"%s\">\n<h2 id=\"%s\"><span class=\"no\">%u</span> %s</h2>\n",
            sections[i].id, sections[i].id, ++number, sections[i].title);
        sections[i].write(h);
        wd_html_puts(h, "</section>\n");
    }
}

void wd_html_report(struct wd_buf *out, const struct wd_report *report)
{
    const struct wd_audit *audit = report->audit;
    uint64_t rows = audit->config ? audit->config->limits.rows : 0;
    struct wd_html h = {
        .out = out, .report = report, .audit = audit, .profile = audit->profile, .arena = wd_arena_open(),
        .usage = audit->usage && audit->usage->consumer_count ? audit->usage : NULL,
        .row_limit = (size_t)(rows ? rows : wd_limits_default().rows),
    };
    h.seconds = h.profile ? wd_profile_seconds(h.profile) : 0;
    put_head(&h);
    wd_html_puts(&h, "<body>\n");
    wd_html_patterns(&h);
    put_title(&h);
    wd_html_puts(&h, "<main>\n<section class=\"headline\" aria-label=\"Headline\">\n");
    wd_html_headline(&h);
    wd_html_puts(&h, "</section>\n");
    put_contents(&h);
    put_sections(&h);
    wd_html_puts(&h, "</main>\n</body>\n</html>\n");
    wd_arena_close(h.arena);
}
