/* output/html_text.c - words and numbers of the report. Numbers never pass through a locale. */
#include "output/html_part.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <time.h>

/* Escaped for people first (bidirectional controls become visible, the middle goes), then for HTML. */
static void put_fitted(struct wd_html *h, struct wd_bytes s, size_t columns)
{
    struct wd_buf shown = { 0 };
    wd_put_terminal_fit(&shown, s, columns);
    wd_put_html(h->out, wd_buf_bytes(&shown));
    wd_buf_free(&shown);
}

void wd_html_text(struct wd_html *h, struct wd_bytes s)
{
    put_fitted(h, s, WD_HTML_CELL_COLUMNS);
}

void wd_html_sentence(struct wd_html *h, struct wd_bytes s)
{
    put_fitted(h, s, WD_HTML_SENTENCE_BYTES);
}

/* A long path may wrap after a dot rather than inside a name. */
static void put_segments(struct wd_html *h, struct wd_bytes path)
{
    size_t start = 0;
    for (size_t i = 0; i + 1 < path.len; i++) {
        if (path.at[i] != '.' || path.at[i + 1] == '.')
            continue;
        wd_put_html(h->out, wd_bytes_at(path.at + start, i + 1 - start));
        wd_html_puts(h, "<wbr>");
        start = i + 1;
    }
    wd_put_html(h->out, wd_bytes_at(path.at + start, path.len - start));
}

void wd_html_path(struct wd_html *h, struct wd_bytes path)
{
    if (path.len == 0 || wd_bytes_is(path, ".")) {
        wd_html_puts(h, "<em>whole message</em>");
        return;
    }
    struct wd_buf shown = { 0 };
    wd_put_terminal_fit(&shown, path, WD_HTML_CELL_COLUMNS);
    wd_html_puts(h, "<code>");
    put_segments(h, wd_buf_bytes(&shown));
    wd_html_puts(h, "</code>");
    wd_buf_free(&shown);
}

void wd_html_count(struct wd_html *h, uint64_t n)
{
    char digits[24];
    int len = snprintf(digits, sizeof digits, "%" PRIu64, n);
    for (int i = 0; i < len; i++) {
        if (i && (len - i) % 3 == 0)
            wd_buf_byte(h->out, ',');
        wd_buf_byte(h->out, (uint8_t)digits[i]);
    }
}

void wd_html_fixed(struct wd_html *h, double value, int decimals)
{
    static const int64_t scales[] = { 1, 10, 100, 1000 };
    int64_t scaled = llround(value * (double)scales[decimals]);
    if (scaled < 0)
        wd_html_puts(h, "\u2212");
    uint64_t size = scaled < 0 ? (uint64_t)-scaled : (uint64_t)scaled;
    wd_html_count(h, size / (uint64_t)scales[decimals]);
    if (decimals)
        wd_buf_printf(h->out, ".%0*" PRIu64, decimals, size % (uint64_t)scales[decimals]);
}

/* For attributes: two decimals, no separators, no trailing zeros. */
void wd_html_number(struct wd_html *h, double value)
{
    int64_t scaled = llround(value * 100);
    uint64_t size = scaled < 0 ? (uint64_t)-scaled : (uint64_t)scaled;
    wd_buf_printf(h->out, "%s%" PRIu64, scaled < 0 ? "-" : "", size / 100);
    if (size % 10)
        wd_buf_printf(h->out, ".%02" PRIu64, size % 100);
    else if (size % 100)
        wd_buf_printf(h->out, ".%" PRIu64, size % 100 / 10);
}

void wd_html_number_of(struct wd_html *h, const char *attribute, double value)
{
    wd_buf_printf(h->out, " %s=\"", attribute);
    wd_html_number(h, value);
    wd_html_puts(h, "\"");
}

/* Three figures that count: 9.54, 95.4, 954. */
static int decimals_for(double value)
{
    return value < 9.995 ? 2 : value < 99.95 ? 1 : 0;
}

void wd_html_bytes(struct wd_html *h, double bytes)
{
    static const char *const units[] = { "B", "kB", "MB", "GB", "TB", "PB", "EB" };
    size_t unit = 0;
    double value = fabs(bytes);
    while (value >= 999.5 && unit + 1 < WD_COUNT(units)) {
        value /= 1000;
        unit++;
    }
    wd_html_fixed(h, bytes < 0 ? -value : value, unit ? decimals_for(value) : 0);
    wd_buf_printf(h->out, "&#160;%s", units[unit]);
}

static void put_percent(struct wd_html *h, double part, double whole, bool is_column)
{
    double share = whole > 0 ? 100 * part / whole : 0;
    if (part > 0 && share < 0.05)
        wd_html_puts(h, "&lt;&#160;0.1");
    else if (part < whole && share >= 99.95)
        wd_html_puts(h, "&gt;&#160;99.9");
    else if (share == 0 && !is_column)
        wd_html_puts(h, "0");
    else
        wd_html_fixed(h, share, is_column || share < 9.95 || (share > 99 && part < whole) ? 1 : 0);
    wd_html_puts(h, "&#160;%");
}

void wd_html_share(struct wd_html *h, double part, double whole)
{
    put_percent(h, part, whole, false);
}

void wd_html_percent(struct wd_html *h, double part, double whole)
{
    put_percent(h, part, whole, true);
}

void wd_html_change(struct wd_html *h, double before, double now)
{
    if (before <= 0 || now <= 0) {
        wd_html_puts(h, before == now ? "no change" : before <= 0 ? "new" : "gone");
        return;
    }
    double share = 100 * (now - before) / before;
    if (fabs(share) < 0.05) {
        wd_html_puts(h, "no change");
        return;
    }
    if (share >= 900) {  /* a percentage of thousands is read as a typing mistake */
        wd_html_puts(h, "\u00d7");
        wd_html_fixed(h, now / before, 1);
        return;
    }
    wd_html_puts(h, share > 0 ? "+" : "");
    wd_html_fixed(h, share <= -99.95 ? -99.9 : share, 1);
    wd_html_puts(h, "&#160;%");
}

void wd_html_plural(struct wd_html *h, uint64_t n, const char *one, const char *many)
{
    if (n == 0)
        wd_html_puts(h, "no");
    else
        wd_html_count(h, n);
    wd_buf_printf(h->out, "&#160;%s", n == 1 ? one : many);
}

void wd_html_seconds(struct wd_html *h, double seconds)
{
    static const struct step { double below, unit; const char *name;
    } steps[] = {
        {0.9995, 0.001, "ms"}, {119.5, 1, "s"},           {7170, 60, "min"},
        {172800, 3600, "h"},   {INFINITY, 86400, "days"},
    };
    size_t i = 0;
    while (seconds >= steps[i].below)
        i++;
    double value = seconds / steps[i].unit;
    wd_html_fixed(h, value,
                  value < 99.95 && steps[i].unit >= 1 && fabs(value - round(value)) >= 0.05 ? 1 : 0);
    wd_buf_printf(h->out, "&#160;%s", steps[i].name);
}

void wd_html_about(struct wd_html *h, double seconds)
{
    double unit = pow(10, floor(log10(seconds)) - 1);
    wd_html_puts(h, "about ");
    wd_html_seconds(h, round(seconds / unit) * unit);
}

void wd_html_time(struct wd_html *h, int64_t ns)
{
    time_t seconds = (time_t)(ns / 1000000000);
    struct tm tm;
    if (!gmtime_r(&seconds, &tm)) {
        wd_html_puts(h, "unknown");
        return;
    }
    wd_buf_printf(h->out, "%04d-%02d-%02d&#160;%02d:%02d:%02d", tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday,
                  tm.tm_hour, tm.tm_min, tm.tm_sec);
}

void wd_html_place(struct wd_html *h, struct wd_place at)
{
    if (!at.file)
        return;
    const char *slash = strrchr(at.file, '/');  /* no absolute path in an output */
    wd_html_puts(h, "<code>");
    wd_html_text(h, wd_bytes_of(slash ? slash + 1 : at.file));
    if (at.line)
        wd_buf_printf(h->out, ":%" PRIu32, at.line);
    wd_html_puts(h, "</code>");
}

void wd_html_more(struct wd_html *h, size_t left, unsigned columns)
{
    if (left == 0)
        return;
    wd_buf_printf(h->out, "<tr class=\"more\"><td colspan=\"%u\">... and ", columns);
    wd_html_count(h, left);
    wd_html_puts(h, " more</td></tr>\n");
}
