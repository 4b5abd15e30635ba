/* output/text.h - a page of fixed columns, for people.
 *
 * Shape   open a page, put things from left to right, end the line. Columns are display columns; nothing is
 *         wrapped by the terminal, because nothing leaves the page: what would is cut, prose is wrapped at
 *         words. Padding is put only when something follows, so no line ends in blanks.
 * Units   columns from 0.
 * Owns    its scratch buffers; wd_page_close frees them.
 * Errors  none.
 */
#ifndef WD_OUTPUT_TEXT_H
#define WD_OUTPUT_TEXT_H

#include "output/figure.h"
#include "output/output.h"

/* What colour repeats. Rows of a table of SGR sequences in text.c. */
enum wd_tint {
    WD_TINT_PLAIN, WD_TINT_STRONG, WD_TINT_FAINT, WD_TINT_ERROR, WD_TINT_WARNING, WD_TINT_NOTE, WD_TINT_GOOD,
    WD_TINT_COUNT
};

struct wd_page {
    struct wd_buf *out;
    const struct wd_style *style;
    size_t width;            /* style->columns, made sane */
    size_t column, pad;      /* written so far; where the next thing starts */
    struct wd_buf cell, cut; /* the next thing to put; what of it fits */
};

struct wd_page wd_page_open(struct wd_buf *out, const struct wd_style *style);
void wd_page_close(struct wd_page *page);

void wd_page_put(struct wd_page *page, enum wd_tint tint, const char *literal);
void wd_page_putf(struct wd_page *page, enum wd_tint tint, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* A stranger's string, at most `columns` wide: what is longer loses its middle. */
void wd_page_name(struct wd_page *page, enum wd_tint tint, struct wd_bytes name, size_t columns);
/* The next thing starts there, or where we are if beyond. */
void wd_page_to(struct wd_page *page, size_t column);

/* The cell, emptied; then put it: here, ending at column `end`, or as prose with a hanging indent. */
struct wd_buf *wd_page_cell(struct wd_page *page);
void wd_page_left(struct wd_page *page, enum wd_tint tint);
void wd_page_right(struct wd_page *page, enum wd_tint tint, size_t end);
void wd_page_wrap(struct wd_page *page, enum wd_tint tint, size_t indent);
/* Keeps what the cell holds from byte `from` on together when it is wrapped. */
void wd_page_glue(struct wd_page *page, size_t from);

/* A bar of `share` of `columns`, from blocks of an eighth or from #. */
void wd_page_bar(struct wd_page *page, enum wd_tint tint, double share, size_t columns);
void wd_page_end(struct wd_page *page); /* of the line; an empty one when nothing was put */

/* A whole paragraph of ours on lines of its own. */
void wd_page_prose(struct wd_page *page, enum wd_tint tint, size_t indent, const char *literal);

/* "Next: COMMAND": on one line where it fits, else on lines that end in a backslash, so that it can be
 * pasted. */
void wd_page_next(struct wd_page *page, struct wd_bytes command, size_t indent);

void wd_text_tls(struct wd_page *page, const struct wd_profile *profile);   /* a paragraph, or nothing */

/* Display width of an escaped name, at most `most`. */
size_t wd_name_columns(struct wd_bytes name, size_t most);
enum wd_tint wd_severity_tint(enum wd_severity severity);

#endif
