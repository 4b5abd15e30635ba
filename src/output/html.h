/* output/html.h - the data-diet review: one HTML file that opens anywhere, prints, and runs nothing.
 *
 * Shape   a whole document is appended to `out`: sections as rows of html.c, each in its own html_*.c.
 * Units   as in the profile; rates are said to be extrapolated where they are.
 * Owns    nothing; `report` is only read.
 * Errors  none: what was not measured is said in the section that misses it.
 * Source  HTML Living Standard; SVG 2; Content Security Policy Level 3 (style-src with a hash); WCAG 2.2 AA.
 */
#ifndef WD_OUTPUT_HTML_H
#define WD_OUTPUT_HTML_H

#include "output/output.h"

void wd_html_report(struct wd_buf *out, const struct wd_report *report);

#endif
