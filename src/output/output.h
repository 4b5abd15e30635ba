/* output/output.h - results in, text out. A view of the ledger and its findings, and nothing else.
 *
 * Shape   one function per (noun, format), rows of output/table.c. Writers append to a buffer; the caller
 *         writes the buffer, whole or not at all. No clock, no absolute path, no locale: same input, same
 *         bytes.
 * Errors  none of their own.
 */
#ifndef WD_OUTPUT_OUTPUT_H
#define WD_OUTPUT_OUTPUT_H

#include "base/buf.h"
#include "model/finding.h"

#define WD_FORMATS(X) \
    X(TEXT, "text") X(JSON, "json") X(MARKDOWN, "markdown") X(HTML, "html") X(SARIF, "sarif") X(CSV, "csv")
enum wd_format {
#define ROW(id, name) WD_FORMAT_##id,
    WD_FORMATS(ROW)
#undef ROW
    WD_FORMAT_COUNT
};
extern const char *const wd_format_names[WD_FORMAT_COUNT];

struct wd_style {
    unsigned columns;      /* 80 when not a terminal */
    bool has_color;
    bool is_unicode;       /* bars from block characters; else from # */
    bool show_all;         /* --all: every field, not the most expensive */
    bool is_by_wire;       /* --by wire: expensive is what costs most once compressed */
    int verbosity;         /* -q -1, -v 1 */
    const char *evidence;  /* the options that named the evidence, as they can be typed again, each behind a blank, for the
                              command that is next; NULL: none did */
};

/* What `report` shows: one audit, and what it is compared with. */
struct wd_report {
    const struct wd_audit *audit;
    const struct wd_profile *before;     /* NULL: no comparison */
    struct wd_bytes before_name, title;
    struct wd_bytes period;
};

void wd_print_profile(struct wd_buf *out, const struct wd_profile *profile, enum wd_format format,
                      const struct wd_style *style);
void wd_print_balance(struct wd_buf *out, const struct wd_profile *profile, const struct wd_style *style);
void wd_print_audit(struct wd_buf *out, const struct wd_audit *audit, enum wd_format format,
                    const struct wd_style *style);
void wd_print_report(struct wd_buf *out, const struct wd_report *report, enum wd_format format,
                     const struct wd_style *style);
void wd_print_rule(struct wd_buf *out, const struct wd_rule *rule, const struct wd_style *style);
void wd_print_rules(struct wd_buf *out, const struct wd_rule *const *rules, const struct wd_style *style);
/* Which formats a noun has: bits 1 << enum wd_format. */
extern const unsigned wd_formats_profile, wd_formats_audit, wd_formats_report;

#endif
