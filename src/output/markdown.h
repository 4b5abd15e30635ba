/* output/markdown.h - what the Markdown views share. Strings of inputs go through output/escapes.h alone;
 * every line begins with something of ours, so nothing of theirs starts a block. */
#ifndef WD_OUTPUT_MARKDOWN_H
#define WD_OUTPUT_MARKDOWN_H

#include "output/escapes.h"
#include "output/facts.h"
#include "output/figure.h"

enum { WD_MARKDOWN_ROWS = 25 };   /* of a table, unless all are asked for */

/* The head of a table; a title that begins with '>' is that of a column of figures. */
void wd_markdown_head(struct wd_buf *out, const char *const *titles, size_t count);
/* Cells: wd_markdown_cell before each one's content, wd_markdown_end after the last. */
static inline void wd_markdown_cell(struct wd_buf *out) { wd_buf_puts(out, "| "); }
static inline void wd_markdown_end(struct wd_buf *out) { wd_buf_puts(out, "|\n"); }
void wd_markdown_code_cell(struct wd_buf *out, struct wd_bytes name);     /* "| `name` " */
void wd_markdown_word_cell(struct wd_buf *out, const char *literal);
void wd_markdown_count_cell(struct wd_buf *out, uint64_t n);
void wd_markdown_share_cell(struct wd_buf *out, double share);
/* A line after the table: "... and 7 more", and how to see them: "" or " (`--all`)". */
void wd_markdown_more(struct wd_buf *out, size_t left, const char *how);

/* Parts of an audit that its own view and the report have in common. `how` as above. */
void wd_markdown_groups(struct wd_buf *out, const struct wd_audit *audit, const char *level, const char *how,
                        bool show_all);
/* A paragraph; nothing where nothing was compressed. */
void wd_markdown_wire(struct wd_buf *out, const struct wd_summary *summary);
void wd_markdown_verdicts(struct wd_buf *out, const struct wd_audit *audit);
void wd_markdown_held_against(struct wd_buf *out, const struct wd_audit *audit);
/* What inputs that are no captures do not contain: a paragraph, where there is something to say. */
void wd_markdown_lacks(struct wd_buf *out, const struct wd_profile *profile);
void wd_markdown_unseen(struct wd_buf *out, const struct wd_audit *audit);

#endif
