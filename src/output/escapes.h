/* output/escapes.h - the ways for a stranger's string to reach one of our formats.
 *
 * Shape   each appends a form of `s` that its reader shows and does not obey. All begin with the terminal's
 *         escapes (base/escape.h): no control character, no bidirectional trick, valid UTF-8. HTML and JSON
 *         are in base/.
 * Errors  none.
 * Source  robustness: output safety. RFC 4180 (CSV), RFC 3986 (URI), GitHub Flavored Markdown 0.29, SARIF
 *         2.1.0 3.11.
 */
#ifndef WD_OUTPUT_ESCAPES_H
#define WD_OUTPUT_ESCAPES_H

#include "base/escape.h"

/* For text: the terminal's escapes, and nothing that a CI runner takes for a command (::error, ##[). */
void wd_put_name(struct wd_buf *out, struct wd_bytes s);
/* The same, at most `columns` wide: what is longer loses its middle. */
void wd_put_name_fit(struct wd_buf *out, struct wd_bytes s, size_t columns);

/* A code span that stays one, also in a table cell. Nothing for an empty string. */
void wd_put_markdown_code(struct wd_buf *out, struct wd_bytes s);
/* Prose: words that Markdown or its hosts could take for more than a word become code spans. */
void wd_put_markdown_text(struct wd_buf *out, struct wd_bytes s);

/* Figures of ours: "<0.1 %" would open a tag. */
void wd_put_markdown_figure(struct wd_buf *out, struct wd_bytes s);

/* One quoted cell; what a spreadsheet would take for a formula gets a leading apostrophe. */
void wd_put_csv(struct wd_buf *out, struct wd_bytes s);

/* One word for a shell, quoted where it has to be. What cannot be shown as it is, or would be taken for an
 * option, is left to the reader: `instead` stands for it. */
void wd_put_shell(struct wd_buf *out, struct wd_bytes word, const char *instead);

/* A relative URI of a file name, percent-encoded; of an absolute name the last part. */
void wd_put_uri(struct wd_buf *out, struct wd_bytes name);
/* A JSON string that holds a SARIF plain text message: no link, no placeholder. */
void wd_put_sarif_text(struct wd_buf *out, struct wd_bytes s);

#endif
