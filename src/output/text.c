#include "output/text.h"

#include <math.h>
#include <stdarg.h>

#include "output/escapes.h"

/* The sixteen colours of any terminal, legible on dark and on light. */
static const char *const tints[WD_TINT_COUNT] = {
    [WD_TINT_PLAIN] = "",       [WD_TINT_STRONG] = "\x1b[1m",     [WD_TINT_FAINT] = "\x1b[2m",
    [WD_TINT_ERROR] = "\x1b[1;31m", [WD_TINT_WARNING] = "\x1b[33m", [WD_TINT_NOTE] = "\x1b[36m",
    [WD_TINT_GOOD] = "\x1b[32m",
};

/* GLUE is a blank that does not break; no escaped text holds one. ROOM is what prose wants beside its
 * indent. */
enum { NARROWEST = 20, WIDEST = 400, GLUE = 0x1f, ROOM = 24 };

struct wd_page wd_page_open(struct wd_buf *out, const struct wd_style *style)
{
    size_t width = style->columns < NARROWEST ? NARROWEST : style->columns > WIDEST ? WIDEST : style->columns;
    return (struct wd_page){ .out = out, .style = style, .width = width };
}

void wd_page_close(struct wd_page *page)
{
    wd_buf_free(&page->cell);
    wd_buf_free(&page->cut);
}

static void pad(struct wd_page *page)
{
    for (; page->column < page->pad; page->column++)
        wd_buf_byte(page->out, ' ');
}

/* What fits of `text` in what is left of the line, without blanks at its end; false when that is nothing. */
static bool fit(struct wd_page *page, struct wd_bytes text, size_t columns)
{
    wd_buf_reset(&page->cut);
    wd_put_terminal_fit(&page->cut, text, columns);
    while (page->cut.len && page->cut.at[page->cut.len - 1] == ' ')
        page->cut.len--;
    return page->cut.len > 0;
}

/* `text` is escaped. Blanks at its end are put when something follows. */
static void put(struct wd_page *page, enum wd_tint tint, struct wd_bytes text)
{
    size_t start = page->pad > page->column ? page->pad : page->column, columns = wd_columns(text);
    page->pad = start + columns;
    if (start >= page->width || !fit(page, text, page->width - start))
        return;
    page->pad = start;
    pad(page);
    bool is_tinted = page->style->has_color && tint != WD_TINT_PLAIN;
    if (is_tinted)
        wd_buf_puts(page->out, tints[tint]);
    wd_buf_put(page->out, wd_buf_bytes(&page->cut));
    if (is_tinted)
        wd_buf_puts(page->out, "\x1b[0m");
    page->column = start + wd_columns(wd_buf_bytes(&page->cut));
    page->pad = start + columns;
}

void wd_page_put(struct wd_page *page, enum wd_tint tint, const char *literal)
{
    put(page, tint, wd_bytes_of(literal));
}

void wd_page_putf(struct wd_page *page, enum wd_tint tint, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    wd_buf_vprintf(wd_page_cell(page), format, args);
    va_end(args);
    wd_page_left(page, tint);
}

void wd_page_name(struct wd_page *page, enum wd_tint tint, struct wd_bytes name, size_t columns)
{
    wd_put_name_fit(wd_page_cell(page), name, columns);
    wd_page_left(page, tint);
}

void wd_page_to(struct wd_page *page, size_t column)
{
    page->pad = column > page->column ? column : page->column;
}

struct wd_buf *wd_page_cell(struct wd_page *page)
{
    wd_buf_reset(&page->cell);
    return &page->cell;
}

void wd_page_left(struct wd_page *page, enum wd_tint tint)
{
    put(page, tint, wd_buf_bytes(&page->cell));
}

void wd_page_right(struct wd_page *page, enum wd_tint tint, size_t end)
{
    size_t width = wd_columns(wd_buf_bytes(&page->cell));
    if (end > page->column + width)
        wd_page_to(page, end - width);
    else if (page->column)   /* wider than its column: keep it apart from what stands before */
        wd_page_to(page, page->column + 1);
    wd_page_left(page, tint);
}

void wd_page_end(struct wd_page *page)
{
    wd_buf_byte(page->out, '\n');
    page->column = page->pad = 0;
}

void wd_page_glue(struct wd_page *page, size_t from)
{
    for (size_t i = from; i < page->cell.len; i++)
        if (page->cell.at[i] == ' ')
            page->cell.at[i] = GLUE;
}

/* One word of the cell, as it may stand in a line. */
static struct wd_bytes unglue(struct wd_page *page, size_t at, size_t end)
{
    for (size_t i = at; i < end; i++)
        if (page->cell.at[i] == GLUE)
            page->cell.at[i] = ' ';
    return wd_bytes_at(page->cell.at + at, end - at);
}

/* A number is not parted from its unit: "0.1 %", "432 kB". */
static bool is_bound(struct wd_bytes text, size_t blank)
{
    size_t end = blank + 1;
    while (end < text.len && text.at[end] != ' ')
        end++;
    return blank && text.at[blank - 1] >= '0' && text.at[blank - 1] <= '9' && end - blank <= 4;
}

void wd_page_wrap(struct wd_page *page, enum wd_tint tint, size_t indent)
{
    struct wd_bytes text = wd_buf_bytes(&page->cell);
    if (indent > page->width / 2 && indent + ROOM > page->width)
        indent = page->width / 2;
    bool is_first = true;
    for (size_t i = 0; i < text.len;) {
        size_t end = i;
        while (end < text.len && (text.at[end] != ' ' || is_bound(text, end)))
            end++;
        struct wd_bytes word = unglue(page, i, end);
        size_t start = is_first ? page->pad : page->column + 1;
        if (!is_first && start + wd_columns(word) > page->width) {
            wd_page_end(page);
            start = indent;
        }
        wd_page_to(page, start);
        put(page, tint, word);
        is_first = false;
        for (i = end; i < text.len && text.at[i] == ' '; i++)
            ;
    }
}

void wd_page_prose(struct wd_page *page, enum wd_tint tint, size_t indent, const char *literal)
{
    wd_page_to(page, indent);
    wd_buf_puts(wd_page_cell(page), literal);
    wd_page_wrap(page, tint, indent);
    wd_page_end(page);
}

/* Up to the next option of a command; what is in quotes stays whole. */
static size_t option_end(struct wd_bytes command, size_t at)
{
    bool is_quoted = false;
    for (size_t i = at; i + 1 < command.len; i++) {
        if (!is_quoted && command.at[i] == '\\') {
            i++; /* what it makes plain */
            continue;
        }
        is_quoted ^= command.at[i] == '\'';
        if (i > at && !is_quoted && command.at[i] == ' ' && command.at[i + 1] == '-')
            return i;
    }
    return command.len;
}

/* As many options as fit in what is left of the line, at least one. */
static size_t line_end(const struct wd_page *page, struct wd_bytes command, size_t at, size_t margin)
{
    size_t end = option_end(command, at);
    while (end < command.len) {
        size_t next = option_end(command, end), room = page->width - (next < command.len ? margin : 0);
        if (page->pad + wd_columns(wd_bytes_at(command.at + at, next - at)) > room)
            break;
        end = next;
    }
    return end;
}

static void put_command(struct wd_page *page, struct wd_bytes command, size_t indent)
{
    static const char more[] = " \\";
    wd_page_to(page, indent);
    for (size_t at = 0; at < command.len;) {
        size_t end = line_end(page, command, at, strlen(more));
        bool is_last = end == command.len;
        struct wd_buf *cell = wd_page_cell(page);
        wd_buf_put(cell, wd_bytes_at(command.at + at, end - at));
        wd_buf_puts(cell, is_last ? "" : more);
        wd_page_left(page, WD_TINT_STRONG);
        wd_page_end(page);
        wd_page_to(page, indent + 2);
        at = end + !is_last; /* the blank */
    }
    wd_page_to(page, 0);
}

void wd_page_next(struct wd_page *page, struct wd_bytes command, size_t indent)
{
    static const char next[] = "Next: ";
    size_t at = indent + strlen(next);
    wd_page_to(page, indent);
    wd_page_put(page, WD_TINT_PLAIN, "Next:");
    if (at + wd_columns(command) > page->width) {
        wd_page_end(page);
        at = indent + 2;
    }
    put_command(page, command, at);
}

static const char *const eighths[] = { "",       "\u258f", "\u258e", "\u258d",
                                       "\u258c", "\u258b", "\u258a", "\u2589" };

void wd_page_bar(struct wd_page *page, enum wd_tint tint, double share, size_t columns)
{
    double clipped = isfinite(share) ? fmin(fmax(share, 0), 1) : 0;
    size_t parts = page->style->is_unicode ? 8 : 1;
    size_t length = (size_t)llround(clipped * (double)(columns * parts));
    struct wd_buf *cell = wd_page_cell(page);
    for (size_t i = 0; i < length / parts; i++)
        wd_buf_puts(cell, parts == 8 ? "\u2588" : "#");
    if (parts == 8)
        wd_buf_puts(cell, eighths[length % 8]);
    wd_page_left(page, tint);
}

size_t wd_name_columns(struct wd_bytes name, size_t most)
{
    struct wd_buf escaped = { 0 };
    wd_put_name_fit(&escaped, name, most);
    size_t columns = wd_columns(wd_buf_bytes(&escaped));
    wd_buf_free(&escaped);
    return columns;
}

enum wd_tint wd_severity_tint(enum wd_severity severity)
{
    static const enum wd_tint of[] = {
        [WD_NOTE] = WD_TINT_NOTE, [WD_WARNING] = WD_TINT_WARNING, [WD_ERROR] = WD_TINT_ERROR};
    return of[severity];
}
