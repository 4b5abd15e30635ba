/* output/html_part.h - what the sections of the HTML report share.
 *
 * Shape   a section is a function of `struct wd_html`; html.c writes its heading and calls it. Strings of
 * inputs go out through wd_html_text, _path and _sentence alone. Units   bytes, seconds; SVG user units are
 * CSS pixels at full width. Owns    `arena` lives for one report: lists and layouts.
 */
#ifndef WD_OUTPUT_HTML_PART_H
#define WD_OUTPUT_HTML_PART_H

#include "base/escape.h"
#include "output/compare.h"
#include "output/output.h"

#define WD_HTML_CELL_COLUMNS 200      /* a cell: what is longer loses its middle */
#define WD_HTML_SENTENCE_BYTES 1200   /* text of a finding */

struct wd_html {
    struct wd_buf *out;
    const struct wd_report *report;
    const struct wd_audit *audit;
    const struct wd_profile *profile;  /* NULL without traffic */
    const struct wd_usage *usage;      /* NULL when no consumer was named */
    struct wd_arena *arena;
    double seconds;                    /* captured time, 0 when unknown */
    size_t row_limit;
};

/* ---- words and numbers (html_text.c) ---- */
static inline void wd_html_puts(struct wd_html *h, const char *literal) { wd_buf_puts(h->out, literal); }
void wd_html_text(struct wd_html *h, struct wd_bytes s);      /* a name, at most a cell */
void wd_html_sentence(struct wd_html *h, struct wd_bytes s);  /* a finding's text */
void wd_html_path(struct wd_html *h,
                  struct wd_bytes path); /* <code>, may break after a dot; "." is "whole message" */
void wd_html_count(struct wd_html *h, uint64_t n);            /* 1,135,724 */
void wd_html_fixed(struct wd_html *h, double value, int decimals);  /* no locale */
void wd_html_number(struct wd_html *h, double value);         /* for attributes */
void wd_html_number_of(struct wd_html *h, const char *attribute, double value);
void wd_html_bytes(struct wd_html *h, double bytes);          /* 1.14 MB */
void wd_html_share(struct wd_html *h, double part, double whole);    /* in prose: 38 % */
void wd_html_percent(struct wd_html *h, double part, double whole);  /* in a column: 38.0 % */
void wd_html_change(struct wd_html *h, double before, double now);   /* -98.1 %, +3.0 %, new, gone */
void wd_html_plural(struct wd_html *h, uint64_t n, const char *one,
                    const char *many); /* "no fields", "1 field" */
void wd_html_seconds(struct wd_html *h, double seconds);
void wd_html_about(struct wd_html *h, double seconds); /* about 12 s: two figures */
void wd_html_time(struct wd_html *h, int64_t ns);
void wd_html_place(struct wd_html *h, struct wd_place at);
void wd_html_more(struct wd_html *h, size_t left, unsigned columns);  /* a row "... and N more" */

/* ---- facts (html_facts.c) ---- */
enum wd_verdict wd_html_verdict(const struct wd_html *h, size_t type, size_t row);
struct wd_bytes wd_html_personal(const struct wd_html *h, size_t type, size_t row);
bool wd_html_is_value(const struct wd_row *row); /* carries values of its own, is not just a container */
double wd_html_changed(
    const struct wd_row *row); /* share of comparisons that found a change; by entity where known */
const struct wd_schema_field *wd_html_declared(const struct wd_html *h, size_t type, struct wd_bytes path);
const struct wd_fact *wd_html_fact(const struct wd_finding *finding, const char *key);
/* Rows of a type, most bytes first. In the arena. */
size_t *wd_html_by_cost(const struct wd_html *h, size_t type);
/* Types, most bytes first. */
size_t *wd_html_types_by_cost(const struct wd_html *h);

/* ---- small parts (html_bits.c) ---- */
struct wd_html_verdict_info { const char *css, *label, *meaning, *without_usage; };
extern const struct wd_html_verdict_info wd_html_verdicts[WD_VERDICT_COUNT];
extern const enum wd_verdict wd_html_worst_first[WD_VERDICT_COUNT];
struct wd_html_column { const char *title; bool is_number; };
void wd_html_table(struct wd_html *h, const char *css, const char *caption,
                   const struct wd_html_column *columns, size_t count);
void wd_html_table_end(struct wd_html *h);
void wd_html_patterns(struct wd_html *h);                     /* once, before the first use */
void wd_html_legend(struct wd_html *h, bool has_meanings);    /* verdicts of the audit and their shares */
void wd_html_stack(struct wd_html *h, const uint64_t bytes[WD_VERDICT_COUNT], unsigned height);
void wd_html_bar(struct wd_html *h, double part, double whole, const char *css);
void wd_html_mark(struct wd_html *h, enum wd_verdict verdict, double x, double y,
                  double r); /* a shape per verdict */
void wd_html_message(struct wd_html *h, struct wd_bytes name, struct wd_bytes channel, int direction);
void wd_html_empty(struct wd_html *h, const char *why, const char *what_to_try);
void wd_html_changes(struct wd_html *h, const struct wd_row *row);   /* never, 2 %, always */

/* ---- the sections ---- */
void wd_html_headline(struct wd_html *h);
void wd_html_treemap(struct wd_html *h);
void wd_html_decide(struct wd_html *h);
void wd_html_before(struct wd_html *h);
void wd_html_scatter(struct wd_html *h);
void wd_html_matrix(struct wd_html *h);
void wd_html_privacy(struct wd_html *h);
void wd_html_ledger(struct wd_html *h);
void wd_html_connections(struct wd_html *h);
void wd_html_unseen(struct wd_html *h);

extern const char wd_html_style[];       /* the style element's text */
extern const char wd_html_style_hash[];  /* base64 of its SHA-256, for the policy */

#endif
