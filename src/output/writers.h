/* output/writers.h - one writer per noun and format; rows of output/table.c. Each appends to `out`. */
#ifndef WD_OUTPUT_WRITERS_H
#define WD_OUTPUT_WRITERS_H

#include "output/output.h"

void wd_text_profile(struct wd_buf *out, const struct wd_profile *profile, const struct wd_style *style);
void wd_text_audit(struct wd_buf *out, const struct wd_audit *audit, const struct wd_style *style);

void wd_json_profile(struct wd_buf *out, const struct wd_profile *profile);            /* profile/1 */
void wd_json_audit(struct wd_buf *out, const struct wd_audit *audit);                  /* findings/1 */
void wd_json_report(struct wd_buf *out, const struct wd_report *report); /* findings/1, and what changed */

void wd_markdown_profile(struct wd_buf *out, const struct wd_profile *profile, const struct wd_style *style);
void wd_markdown_audit(struct wd_buf *out, const struct wd_audit *audit, const struct wd_style *style);
void wd_markdown_report(struct wd_buf *out, const struct wd_report *report, const struct wd_style *style);

void wd_csv_profile(struct wd_buf *out, const struct wd_profile *profile);             /* a row per field */
void wd_csv_audit(struct wd_buf *out, const struct wd_audit *audit);                   /* a row per finding */

void wd_sarif_audit(struct wd_buf *out, const struct wd_audit *audit);                 /* 2.1.0 */

#endif
