/* output/text_audit.h - the end of an audit for people, beneath its groups.
 *
 * Shape   puts lines on a page that is open. Errors none.
 */
#ifndef WD_OUTPUT_TEXT_AUDIT_H
#define WD_OUTPUT_TEXT_AUDIT_H

#include "output/text.h"

void wd_text_audit_end(struct wd_page *page, const struct wd_audit *audit);

#endif
