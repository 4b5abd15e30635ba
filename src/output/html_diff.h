/* output/html_diff.h - the lines of the schema that a decision takes out. */
#ifndef WD_OUTPUT_HTML_DIFF_H
#define WD_OUTPUT_HTML_DIFF_H

#include "output/html_decision.h"
#include "output/html_part.h"

/* Whether there is anything to show: the schema may declare the fields in pieces of lines. */
bool wd_html_has_diff(struct wd_html *h, const struct wd_html_decision *decision);
/* A <pre> with the declarations as removed lines. */
void wd_html_diff(struct wd_html *h, const struct wd_html_decision *decision);

#endif
