/* pipeline/selection.h - what of the inputs is looked at, and how they are to be read: plain values from the
 * command line. */
#ifndef WD_PIPELINE_SELECTION_H
#define WD_PIPELINE_SELECTION_H

#include "base/window.h"
#include "message/lines.h"

struct wd_selection {
    struct wd_window window;     /* --from, --to */
    const char *filter;          /* --filter: NULL: every packet */
    struct wd_lines_layout lines;   /* --ndjson: where the members are; is_forced: whatever the name */
};

#endif
