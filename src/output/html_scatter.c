/* output/html_scatter.c - sent against changed: one mark a field, both axes logarithmic.
 *
 *     changed |            . '    on the dotted line a field is sent when it changes;
 *             |        . '  o     far under it, it is sent again and again for nothing
 *             |    . '      o
 *       never |___________ooo_    the strip below the axis
 *                       sent
 *
 * Marks that would lie on one another stand side by side.
 */
#include "output/html_part.h"

#include <math.h>
#include <stdlib.h>

enum { DOTS_MAX = 600, LABELS_MAX = 6 };

struct dot {
    size_t type, row;
    uint64_t bytes;
    double sent, changed;      /* times a second, of one stream */
    double x, y, r;
};

struct plot {
    struct wd_html *h;
    const char *css;
    double width, height, left, right, top, bottom, strip;  /* the strip of "never" lies below `bottom` */
    double low, high;          /* both axes: log10 of times a second */
    struct dot *dots;
    size_t count;
};

/* Ticks that people say. */
static const struct tick { double rate; const char *label;
} ticks[] = {
    {1.0 / 86400, "1/day"}, {1.0 / 3600, "1/hour"}, {1.0 / 600, "6/hour" },
    {1.0 / 60, "1/min"},    {0.1, "6/min"},         {1, "1/s" },
    {10, "10/s"},           {100, "100/s"},         {1000, "1,000/s" },
    {10000, "10,000/s" },
};

static int by_bytes(const void *a, const void *b)
{
    const struct dot *x = a, *y = b;
    if (x->bytes != y->bytes)
        return (x->bytes < y->bytes) - (x->bytes > y->bytes);
    return x->type != y->type ? (x->type > y->type) - (x->type < y->type)
                              : (x->row > y->row) - (x->row < y->row);
}

/* Fields that had a chance to repeat; *once counts the others. */
static struct dot *collect(struct wd_html *h, size_t *count, size_t *once)
{
    size_t all = 0;
    *count = *once = 0;
    for (size_t t = 0; t < h->profile->type_count; t++)
        all += h->profile->types[t].row_count;
    struct dot *dots = wd_arena_array(h->arena, struct dot, all);
    for (size_t t = 0; t < h->profile->type_count; t++) {
        const struct wd_type_profile *type = &h->profile->types[t];
        for (size_t r = 0; r < type->row_count; r++) {
            const struct wd_row *row = &type->rows[r];
            if (!wd_html_is_value(row))
                continue;
            if (row->compared == 0) {
                *once += 1;
                continue;
            }
            double streams = row->series         ? (double)row->series
                             : type->connections ? (double)type->connections
                                                 : 1;
            double sent = (double)row->present / streams / h->seconds;
            dots[*count] = (struct dot){ .type = t, .row = r, .bytes = wd_row_bytes(row), .sent = sent,
                                         .changed = sent * wd_html_changed(row) };
            *count += 1;
        }
    }
    qsort(dots, *count, sizeof *dots, by_bytes);
    return dots;
}

static double x_of(const struct plot *p, double rate)
{
    return p->left + (log10(rate) - p->low) / (p->high - p->low) * (p->right - p->left);
}

static double y_of(const struct plot *p, double rate)
{
    return p->bottom - (log10(rate) - p->low) / (p->high - p->low) * (p->bottom - p->top);
}

static void find_range(struct plot *p)
{
    double low = INFINITY, high = -INFINITY;
    for (size_t i = 0; i < p->count; i++) {
        const struct dot *d = &p->dots[i];
        double least = d->changed > 0 ? d->changed : d->sent;
        low = least < low ? least : low;
        high = d->sent > high ? d->sent : high;
    }
    p->low = log10(low) - 0.35;
    p->high = log10(high) + 0.25;
    if (p->high - p->low < 2)
        p->low = p->high - 2;
    if (p->high - p->low > 12)
        p->low = p->high - 12;
}

static bool is_free(const struct plot *p, size_t count, double x, double y, double r)
{
    if (x - r < p->left || x + r > p->right)
        return false;
    for (size_t i = 0; i < count; i++) {
        double dx = p->dots[i].x - x, dy = p->dots[i].y - y, gap = p->dots[i].r + r + 1;
        if (dx * dx + dy * dy < gap * gap)
            return false;
    }
    return true;
}

/* The nearest free place on the same height, left and right in turn; in the strip also lower. */
static void place(struct plot *p, size_t index)
{
    struct dot *d = &p->dots[index];
    double x = x_of(p, d->sent), top = d->changed > 0 ? y_of(p, d->changed) : p->bottom + 12 + d->r,
           low = top;
    if (d->changed > 0 && top > p->bottom - d->r)
        top = low = p->bottom - d->r;
    if (d->changed <= 0)
        low = p->bottom + p->strip - 4 - d->r;
    x = fmin(fmax(x, p->left + d->r), p->right - d->r);
    d->x = x;
    d->y = top;
    for (int step = 0; step < 80; step++)
        for (double y = top; y <= low; y += 5)
            for (int side = -1; side <= 1; side += 2) {
                double at = x + side * step * 5;
                if (is_free(p, index, at, y, d->r)) {
                    d->x = at;
                    d->y = y;
                    return;
                }
            }
}

static void layout(struct plot *p)
{
    double largest = (double)p->dots[0].bytes;
    for (size_t i = 0; i < p->count; i++) {
        double share = largest > 0 ? (double)p->dots[i].bytes / largest : 0;
        p->dots[i].r = 3.2 + 8.5 * sqrt(share);
        place(p, i);
    }
}

static void put_line(struct wd_html *h, const char *css, double x1, double y1, double x2, double y2)
{
    wd_buf_printf(h->out, "<line class=\"%s\"", css);
    wd_html_number_of(h, "x1", x1);
    wd_html_number_of(h, "y1", y1);
    wd_html_number_of(h, "x2", x2);
    wd_html_number_of(h, "y2", y2);
    wd_html_puts(h, "/>");
}

static void put_words(struct wd_html *h, const char *css, double x, double y, const char *words)
{
    wd_buf_printf(h->out, "<text class=\"%s\"", css);
    wd_html_number_of(h, "x", x);
    wd_html_number_of(h, "y", y);
    wd_buf_printf(h->out, ">%s</text>\n", words);
}

/* An axis label needs room: those nearer than 34 units to the last one stay away. */
static void put_axes(struct plot *p)
{
    struct wd_html *h = p->h;
    double last_x = -INFINITY, last_y = INFINITY;
    for (size_t i = 0; i < WD_COUNT(ticks); i++) {
        double at = log10(ticks[i].rate);
        if (at < p->low || at > p->high)
            continue;
        double x = x_of(p, ticks[i].rate), y = y_of(p, ticks[i].rate);
        put_line(h, "grid", x, p->top, x, p->bottom + p->strip);
        put_line(h, "grid", p->left, y, p->right, y);
        if (x - last_x >= 46)
            put_words(h, "tick mid", last_x = x, p->bottom + p->strip + 16, ticks[i].label);
        if (last_y - y >= 16)
            put_words(h, "tick end", p->left - 6, (last_y = y) + 4, ticks[i].label);
    }
    put_line(h, "axis", p->left, p->bottom, p->right, p->bottom);
    put_line(h, "axis", p->left, p->top, p->left, p->bottom + p->strip);
    put_words(h, "tick end", p->left - 6, p->bottom + p->strip / 2 + 4, "never");
    put_words(h, "axis-name mid", (p->left + p->right) / 2, p->bottom + p->strip + 34,
              "how often it is sent, in one stream");
    put_words(h, "axis-name", 2, p->top - 10, "how often it changes");
}

/* The dotted line: sent when it changes; the dashed one: sent ten times for each change. */
static void put_diagonals(struct plot *p)
{
    struct wd_html *h = p->h;
    double slope = (p->bottom - p->top) / (p->right - p->left),
           decade = (p->right - p->left) / (p->high - p->low);
    put_line(h, "diagonal", p->left, p->bottom, p->right, p->top);
    put_line(h, "tenth", p->left + decade, p->bottom, p->right, p->top + decade * slope);
    double angle = -atan(slope) * 180 / M_PI;
    for (int i = 0; i < 2; i++) {
        double along = (p->right - p->left) * (i ? 0.06 : 0.30), x = p->left + along + (i ? decade : 0);
        double y = p->bottom - along * slope - 7;
        wd_html_puts(h, "<text class=\"tick\" transform=\"translate(");
        wd_html_number(h, x);
        wd_html_puts(h, " ");
        wd_html_number(h, y);
        wd_html_puts(h, ") rotate(");
        wd_html_number(h, angle);
        wd_buf_printf(h->out, ")\">%s</text>\n",
                      i ? "sent ten times for each change" : "sent when it changes");
    }
}

static void put_title(struct wd_html *h, const struct dot *d)
{
    const struct wd_type_profile *t = &h->profile->types[d->type];
    const struct wd_row *row = &t->rows[d->row];
    wd_html_puts(h, "<title>");
    wd_html_text(h, t->name);
    wd_html_puts(h, " \u203a ");
    wd_html_text(h, row->path);
    wd_html_puts(h, "\nsent ");
    wd_html_plural(h, row->present, "time", "times");
    wd_html_puts(h, ", changed ");
    wd_html_count(h, row->entity_compared ? row->entity_changed : row->changed);
    wd_html_puts(h, " of ");
    wd_html_count(h, row->entity_compared ? row->entity_compared : row->compared);
    wd_html_puts(h, row->entity_compared ? " compared, by entity\n" : " compared\n");
    wd_html_count(h, d->bytes);
    wd_buf_printf(h->out, " B, %s</title>", wd_html_verdicts[wd_html_verdict(h, d->type, d->row)].label);
}

static void put_dot(struct wd_html *h, const struct dot *d)
{
    enum wd_verdict v = wd_html_verdict(h, d->type, d->row);
    wd_buf_printf(h->out, "<g class=\"dot m-%s\">", wd_html_verdicts[v].css);
    put_title(h, d);
    wd_html_mark(h, v, d->x, d->y, d->r);
    wd_html_puts(h, "</g>\n");
}

/* Where the marks end that stand beside this one. */
static double edge_of(const struct plot *p, const struct dot *d, bool is_left)
{
    double edge = d->x;
    for (size_t i = 0; i < p->count; i++) {
        const struct dot *o = &p->dots[i];
        if (fabs(o->y - d->y) > 10 || fabs(o->x - d->x) > 90)
            continue;
        edge = is_left ? fmin(edge, o->x - o->r - 5) : fmax(edge, o->x + o->r + 5);
    }
    return edge;
}

enum { NAME_COLUMNS = 28 };

/* Whether a name beside this mark would lie on other marks. */
static bool is_crowded(const struct plot *p, const struct dot *d, double edge, double width)
{
    double from = edge < d->x ? edge - width : edge, to = from + width;
    for (size_t i = 0; i < p->count; i++) {
        const struct dot *o = &p->dots[i];
        if (fabs(o->y - d->y) < o->r + 6 && o->x + o->r > from && o->x - o->r < to)
            return true;
    }
    return false;
}

static void put_name(struct plot *p, double edge, double y, bool is_left, struct wd_bytes name)
{
    struct wd_html *h = p->h;
    wd_html_puts(h, is_left ? "<text class=\"name end\"" : "<text class=\"name\"");
    wd_html_number_of(h, "x", edge);
    wd_html_number_of(h, "y", y + 4);
    wd_html_puts(h, ">");
    wd_put_html(h->out, name);
    wd_html_puts(h, "</text>\n");
}

/* The costliest fields far under the line get their name beside them, where nothing else stands. */
static void put_names(struct plot *p)
{
    double taken[LABELS_MAX];
    size_t names = 0;
    for (size_t i = 0; i < p->count && names < LABELS_MAX; i++) {
        const struct dot *d = &p->dots[i];
        if (d->changed <= 0 || d->changed * 3 > d->sent)
            continue;
        struct wd_buf name = { 0 };
        wd_put_terminal_fit(&name, p->h->profile->types[d->type].rows[d->row].path, NAME_COLUMNS);
        bool is_left = d->x > (p->left + p->right) / 2;
        double edge = edge_of(p, d, is_left), width = 7.4 * (double)wd_columns(wd_buf_bytes(&name));
        bool is_free_there = !is_crowded(p, d, edge, width);
        for (size_t n = 0; n < names; n++)
            is_free_there &= fabs(taken[n] - d->y) >= 15;
        if (is_free_there) {
            taken[names++] = d->y;
            put_name(p, edge, d->y, is_left, wd_buf_bytes(&name));
        }
        wd_buf_free(&name);
    }
}

static void draw(struct plot *p)
{
    struct wd_html *h = p->h;
    find_range(p);
    layout(p);
    wd_buf_printf(h->out,
                  "<svg class=\"plot %s\" viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"How often each "
                  "field is sent against "
                  "how often it changes, both logarithmic; the ledger holds the same figures as tables\">\n",
                  p->css, (int)p->width, (int)p->height);
    wd_html_puts(h, "<rect class=\"strip\"");
    wd_html_number_of(h, "x", p->left);
    wd_html_number_of(h, "y", p->bottom);
    wd_html_number_of(h, "width", p->right - p->left);
    wd_html_number_of(h, "height", p->strip);
    wd_html_puts(h, "/>\n");
    put_axes(p);
    put_diagonals(p);
    for (size_t i = 0; i < p->count; i++)
        put_dot(h, &p->dots[i]);
    put_names(p);
    wd_html_puts(h, "</svg>\n");
}

static void put_marks_legend(struct wd_html *h)
{
    wd_html_puts(h, "<ul class=\"legend marks\">\n");
    for (int i = 0; i < WD_VERDICT_COUNT; i++) {
        enum wd_verdict v = wd_html_worst_first[i];
        if (h->audit->summary.verdict_bytes[v] == 0)
            continue;
        wd_buf_printf(h->out,
                      "<li><svg class=\"swatch\" width=\"16\" height=\"16\" aria-hidden=\"true\"><g "
                      "class=\"dot m-%s\">",
                      wd_html_verdicts[v].css);
        wd_html_mark(h, v, 8, 8, 5);
        wd_buf_printf(h->out, "</g></svg><span>%s</span></li>\n", wd_html_verdicts[v].label);
    }
    wd_html_puts(h, "</ul>\n");
}

static void put_some(struct wd_html *h, size_t n)
{
    if (n)
        wd_html_count(h, n);
    else
        wd_html_puts(h, "none");
}

static void say_counts(struct wd_html *h, const struct dot *dots, size_t count, size_t once)
{
    size_t never = 0, slow = 0;
    for (size_t i = 0; i < count; i++) {
        never += dots[i].changed <= 0;
        slow += dots[i].changed > 0 && dots[i].changed * 10 <= dots[i].sent;
    }
    wd_html_puts(h, "<p>A field on the dotted line is sent when it changes. One far under it is sent again "
                    "and again for nothing: "
                    "a candidate for a slower channel, or for being sent once. Of ");
    wd_html_plural(h, count, "field", "fields");
    wd_html_puts(h, " that could be compared, ");
    put_some(h, never);
    wd_html_puts(h, " never changed and ");
    put_some(h, slow);
    wd_html_puts(h, slow == 1 ? " was" : " were");
    wd_html_puts(h, " sent ten times or more for each change.");
    if (once) {
        wd_html_puts(h, " Not drawn: ");
        wd_html_plural(h, once, "field that was never sent twice in one stream",
                       "fields that were never sent twice in one stream");
        wd_html_puts(h, ".");
    }
    wd_html_puts(
        h, " Larger marks cost more bytes; marks that would lie on one another stand side by side.</p>\n");
}

void wd_html_scatter(struct wd_html *h)
{
    size_t count = 0, once = 0;
    struct dot *dots = h->profile && h->seconds > 0 ? collect(h, &count, &once) : NULL;
    if (count == 0) {
        wd_html_empty(h, "No field was sent twice in one stream, so nothing can be said about change.",
                      "Capture for longer: a few minutes usually do.");
        return;
    }
    say_counts(h, dots, count, once);
    size_t shown = count < DOTS_MAX ? count : DOTS_MAX;
    struct plot wide = { h, "at-wide", 1040, 600, 70, 1030, 30, 460, 92, 0, 0, dots, shown };
    struct plot narrow = { h, "at-narrow", 360, 480, 48, 354, 30, 340, 92, 0, 0, dots, shown };
    wd_html_puts(h, "<figure>\n");
    draw(&wide);
    draw(&narrow);
    put_marks_legend(h);
    if (count > shown) {
        wd_html_puts(h, "<p class=\"note\">... and ");
        wd_html_count(h, count - shown);
        wd_html_puts(h, " more, all of them smaller.</p>\n");
    }
    wd_html_puts(h, "</figure>\n");
}
