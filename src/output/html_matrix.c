/* output/html_matrix.c - who reads what: fields down, consumers across. */
#include "output/html_part.h"

enum { CONSUMERS_MAX = 24 };

/* One line of the matrix: a field of the traffic, or without traffic of the schema. */
struct line {
    struct wd_bytes message, channel, path, personal;
    int direction;
    enum wd_verdict verdict;
    bool is_measured;
};

static size_t columns_of(const struct wd_html *h)
{
    return h->usage->consumer_count < CONSUMERS_MAX ? h->usage->consumer_count : CONSUMERS_MAX;
}

static void put_use(struct wd_html *h, const struct wd_consumer *consumer, const struct line *line)
{
    static const struct { const char *css, *word;
    } uses[] = {
        [WD_USE_UNUSED] = { "no", "no" },
        [WD_USE_UNKNOWN] = { "unsure", "unknown" },
        [WD_USE_USED] = { "yes", "reads" },
    };
    struct wd_bytes where = { 0 };
    enum wd_direction direction = line->direction < 0 ? WD_S2C : (enum wd_direction)line->direction;
    enum wd_use use = wd_usage_of(consumer, line->message, line->channel, direction, line->path, &where);
    wd_buf_printf(h->out, "<td class=\"%s\"", uses[use].css);
    if (where.len) {
        wd_html_puts(h, " title=\"");
        wd_html_text(h, where);
        wd_html_puts(h, "\"");
    }
    wd_buf_printf(h->out, ">%s</td>", uses[use].word);
}

static void put_line(struct wd_html *h, const struct line *line)
{
    wd_html_puts(h, "<tr><th scope=\"row\">");
    wd_html_path(h, line->path);
    if (line->personal.len)
        wd_html_puts(h, " <span class=\"tag\">personal</span>");
    wd_html_puts(h, "</th>");
    for (size_t c = 0; c < columns_of(h); c++)
        put_use(h, &h->usage->consumers[c], line);
    if (line->is_measured)
        wd_buf_printf(h->out, "<td class=\"v-%s\">%s</td>", wd_html_verdicts[line->verdict].css,
                      wd_html_verdicts[line->verdict].label);
    else
        wd_html_puts(h, "<td>not measured</td>");
    wd_html_puts(h, "</tr>\n");
}

static void put_group(struct wd_html *h, const struct line *line)
{
    wd_buf_printf(h->out, "</tbody>\n<tbody><tr class=\"group\"><th scope=\"rowgroup\" colspan=\"%zu\">",
                  columns_of(h) + 2);
    wd_html_message(h, line->message, line->channel, line->direction);
    wd_html_puts(h, "</th></tr>\n");
}

static void put_head(struct wd_html *h)
{
    wd_html_puts(
        h, "<div class=\"wide\" tabindex=\"0\" role=\"group\" aria-label=\"Fields and their consumers\">\n"
           "<table class=\"matrix\">\n<caption>Fields and their consumers</caption>\n<thead><tr><th "
           "scope=\"col\">Field</th>");
    for (size_t c = 0; c < columns_of(h); c++) {
        wd_html_puts(h, "<th scope=\"col\">");
        wd_html_text(h, h->usage->consumers[c].name);
        wd_html_puts(h, "</th>");
    }
    wd_html_puts(h, "<th scope=\"col\">Verdict</th></tr></thead>\n<tbody>\n");
}

static size_t put_type(struct wd_html *h, size_t t, size_t *left)
{
    const struct wd_type_profile *type = &h->profile->types[t];
    size_t skipped = 0;
    bool is_headed = false;
    for (size_t r = 0; r < type->row_count; r++) {
        if (!wd_html_is_value(&type->rows[r]))
            continue;
        if (*left == 0) {
            skipped++;
            continue;
        }
        struct line line = {
            .message = type->name, .channel = type->channel, .path = type->rows[r].path,
            .direction = type->direction, .personal = wd_html_personal(h, t, r),
            .verdict = wd_html_verdict(h, t, r), .is_measured = true,
        };
        if (!is_headed)
            put_group(h, &line);
        is_headed = true;
        put_line(h, &line);
        *left -= 1;
    }
    return skipped;
}

static bool is_leaf(const struct wd_schema_field *field)
{
    return field->path.len && !(field->types & (1u << WD_TYPE_OBJECT | 1u << WD_TYPE_ARRAY)) &&
           !wd_bytes_is(field->path, ".");
}

static int direction_of(const struct wd_schema_message *m)
{
    for (int d = 0; d < WD_DIRECTION_COUNT; d++)
        if (m->directions == 1u << d)
            return d;
    return -1;
}

/* Without traffic: what is declared. */
static size_t put_declared(struct wd_html *h, const struct wd_schema_message *m, size_t *left)
{
    size_t skipped = 0;
    bool is_headed = false;
    for (size_t f = 0; f < m->field_count; f++) {
        if (!is_leaf(&m->fields[f]))
            continue;
        if (*left == 0) {
            skipped++;
            continue;
        }
        struct line line = {
            .message = m->name, .channel = m->channel, .path = m->fields[f].path,
            .direction = direction_of(m), .verdict = WD_VERDICT_UNKNOWN,
            .personal = wd_bytes_of(m->fields[f].privacy > 0 ? "personal" : ""),
        };
        if (!is_headed)
            put_group(h, &line);
        is_headed = true;
        put_line(h, &line);
        *left -= 1;
    }
    return skipped;
}

static size_t put_lines(struct wd_html *h)
{
    size_t left = h->row_limit, skipped = 0;
    if (h->profile) {
        for (size_t t = 0; t < h->profile->type_count; t++)
            skipped += put_type(h, t, &left);
        return skipped;
    }
    for (size_t m = 0; m < h->audit->schema->message_count; m++)
        skipped += put_declared(h, &h->audit->schema->messages[m], &left);
    return skipped;
}

static void say_consumers(struct wd_html *h)
{
    static const char *const sources[WD_USAGE_SOURCE_COUNT] = {
        [WD_USAGE_STATIC] = "its source was read", [WD_USAGE_TRACE] = "it was traced while it ran",
        [WD_USAGE_CONTRACT] = "by its contract", [WD_USAGE_MANIFEST] = "by a list written by hand",
    };
    wd_html_puts(h, "<p>What is known of each consumer: ");
    size_t shown = columns_of(h);
    for (size_t c = 0; c < shown; c++) {
        wd_html_puts(h, c ? "; <b>" : "<b>");
        wd_html_text(h, h->usage->consumers[c].name);
        wd_buf_printf(h->out, "</b> (%s%s)", sources[h->usage->consumers[c].source],
                      h->usage->consumers[c].is_assumed_unused ? "; what is unknown is assumed to be unused"
                                                               : "");
    }
    if (h->usage->consumer_count > shown) {
        wd_html_puts(h, "; ... and ");
        wd_html_count(h, h->usage->consumer_count - shown);
        wd_html_puts(h, " more, which have no column here but count in every verdict");
    }
    wd_html_puts(h, ". \u201cUnknown\u201d is never treated as unread: a value that leaves the analysis may "
                    "be read anywhere.</p>\n");
}

void wd_html_matrix(struct wd_html *h)
{
    if (!h->usage) {
        wd_html_empty(h, "No consumer was named, so nothing can be called unread.",
                      "List what each client reads in a file that begins with <code>wirediet: "
                      "usage/1</code>, and name it with "
                      "<code>-u</code> or under <code>consumers</code> in <code>.wirediet.yaml</code>.");
        return;
    }
    if (!h->profile && !h->audit->schema) {
        wd_html_empty(h, "There are consumers, but no field to hold against them.",
                      "Give a capture, a profile or a schema.");
        return;
    }
    say_consumers(h);
    put_head(h);
    size_t skipped = put_lines(h);
    wd_html_more(h, skipped, (unsigned)columns_of(h) + 2);
    wd_html_table_end(h);
}
