/* base/escape.h - the ways for a stranger's string to reach an output.
 *
 * Terminal: C0, C1, DEL, U+2028/9, bidirectional controls (U+202A-202E, 2066-2069), zero-width characters and
 * invalid UTF-8 become visible escapes (\n, \x1b, \u202e), whether or not stdout is a terminal.
 * Source  UTF-8: RFC 3629. Width: utf8proc_charwidth.
 */
#ifndef WD_BASE_ESCAPE_H
#define WD_BASE_ESCAPE_H

#include "base/buf.h"

/* One code point from s at *off (advanced by 1 to 4), or -1 and one byte when it is not valid UTF-8. */
int32_t wd_utf8_next(struct wd_bytes s, size_t *off);
bool wd_utf8_valid(struct wd_bytes s);

void wd_put_terminal(struct wd_buf *out, struct wd_bytes s);
/* The same, at most `columns` wide: what is longer loses its middle to "..". */
void wd_put_terminal_fit(struct wd_buf *out, struct wd_bytes s, size_t columns);
size_t wd_columns(struct wd_bytes escaped);                /* display width of text that was escaped */
void wd_put_html(struct wd_buf *out, struct wd_bytes s);   /* & < > " ' and controls as entities; text and quoted attributes */
void wd_put_json(struct wd_buf *out, struct wd_bytes s);   /* with quotes; invalid UTF-8 becomes U+FFFD; < > & and controls escaped */
void wd_put_hex(struct wd_buf *out, struct wd_bytes s);    /* two lower-case digits for each byte */

/* Escaped for a terminal into a slot of the caller, at most 120 columns: for the `%s` of wd_fail. */
struct wd_shown { char text[512]; };
const char *wd_show(struct wd_shown *slot, struct wd_bytes s);

#endif
