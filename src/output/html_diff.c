/* output/html_diff.c - the lines of the schema that a decision takes out, as a diff to read. */
#include "output/html_diff.h"

#include <stdlib.h>

enum { LINES_MAX = 80, LINE_COLUMNS = 120 };

struct cut {
    const struct wd_document *document;
    size_t from, to;      /* whole lines: bytes of the document */
    uint32_t line;
};

static int by_place(const void *a, const void *b)
{
    const struct cut *x = a, *y = b;
    int c = x->document == y->document ? 0 : strcmp(x->document->name, y->document->name);
    return c                    ? c
           : x->from != y->from ? (x->from > y->from) - (x->from < y->from)
                                : (x->to > y->to) - (x->to < y->to);
}

static bool is_blank(struct wd_bytes text, size_t from, size_t to)
{
    while (from < to && (text.at[from] == ' ' || text.at[from] == '\t'))
        from++;
    return from == to;
}

/* Whole lines of the member, if no other member shares them. */
static bool cut_of(const struct wd_decl *decl, struct cut *out)
{
    if (!decl->document || !decl->member)
        return false;
    struct wd_bytes text = decl->document->text;
    const struct wd_span *key = &decl->member->key_span, *value = &decl->member->span;
    size_t from = key->off,
           to = value->off + value->len > key->off + key->len ? value->off + value->len : key->off + key->len;
    if (key->len == 0 || to > text.len)
        return false;
    while (from > 0 && text.at[from - 1] != '\n')
        from--;
    if (!is_blank(text, from, key->off))
        return false;
    while (to < text.len && (to == 0 || text.at[to - 1] != '\n'))
        to++;
    *out = (struct cut){ decl->document, from, to, key->line };
    return true;
}

static struct cut *collect(struct wd_html *h, const struct wd_html_decision *d, size_t *count)
{
    size_t most = 0;
    for (size_t i = 0; i < d->count; i++)
        most += d->findings[i]->field ? d->findings[i]->field->decl_count : 0;
    struct cut *cuts = wd_arena_array(h->arena, struct cut, most);
    *count = 0;
    for (size_t i = 0; i < d->count; i++)
        for (size_t k = 0; d->findings[i]->field && k < d->findings[i]->field->decl_count; k++)
            *count += cut_of(&d->findings[i]->field->decls[k], &cuts[*count]);
    qsort(cuts, *count, sizeof *cuts, by_place);
    return cuts;
}

/* Prints lines of [from, to); returns how many were left out for want of room. */
static size_t put_lines(struct wd_html *h, struct wd_bytes text, size_t from, size_t to, size_t *left)
{
    size_t skipped = 0;
    while (from < to) {
        size_t end = from;
        while (end < to && text.at[end] != '\n')
            end++;
        if (*left) {
            struct wd_buf line = { 0 };
            size_t len = end - from;
            if (len && text.at[end - 1] == '\r')
                len--;
            wd_put_terminal_fit(&line, wd_bytes_at(text.at + from, len), LINE_COLUMNS);
            wd_html_puts(h, "<del>-");
            wd_put_html(h->out, wd_buf_bytes(&line));
            wd_html_puts(h, "</del>\n");
            wd_buf_free(&line);
            *left -= 1;
        } else {
            skipped++;
        }
        from = end + 1;
    }
    return skipped;
}

static void put_hunk_head(struct wd_html *h, const struct cut *cut)
{
    wd_html_puts(h, "<b>@@ ");
    const char *slash = strrchr(cut->document->name, '/');
    wd_html_text(h, wd_bytes_of(slash ? slash + 1 : cut->document->name));
    wd_buf_printf(h->out, ", line %u @@</b>\n", cut->line);
}

bool wd_html_has_diff(struct wd_html *h, const struct wd_html_decision *decision)
{
    size_t count;
    collect(h, decision, &count);
    return count > 0;
}

void wd_html_diff(struct wd_html *h, const struct wd_html_decision *decision)
{
    size_t count, left = LINES_MAX, skipped = 0, end = 0;
    const struct cut *cuts = collect(h, decision, &count);
    wd_html_puts(h, "<pre class=\"diff\" tabindex=\"0\">");
    for (size_t i = 0; i < count; i++) {
        bool is_same = i && cuts[i].document == cuts[i - 1].document;
        if (is_same && cuts[i].to <= end)
            continue;  /* inside what went already */
        if (left && (!is_same || cuts[i].from > end))
            put_hunk_head(h, &cuts[i]);
        skipped += put_lines(h, cuts[i].document->text, is_same && cuts[i].from < end ? end : cuts[i].from,
                             cuts[i].to, &left);
        end = cuts[i].to;
    }
    if (skipped) {
        wd_html_puts(h, "... and ");
        wd_html_plural(h, skipped, "more line", "more lines");
        wd_html_puts(h, "\n");
    }
    wd_html_puts(
        h, "</pre>\n<p class=\"note\"><code>wirediet prune --diff</code> prints the whole edit, with what "
           "<code>required</code> loses, as a patch for <code>git apply</code>.</p>\n");
}
