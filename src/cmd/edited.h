/* cmd/edited.h - schemas that a verb has edited, on their way out: to -o, as a diff, or in their own place.
 *
 * Shape   a verb embeds struct wd_edited, gives wd_edited_argp as a child with it as input, calls
 *         wd_edited_start() in place of wd_common_start(), and wd_edited_write() at the end.
 * Errors  as cmd/options.h.
 */
#ifndef WD_CMD_EDITED_H
#define WD_CMD_EDITED_H

#include "cmd/options.h"
#include "schema/edit.h"

struct wd_edited {
    bool is_diff, is_in_place;
    struct wd_edit_result *results;   /* one per document of the schema */
};

extern const struct argp wd_edited_argp;   /* --diff, --in-place */

/* -o names a schema here, so that its extension chooses no format of ours. --in-place writes the schemas
 * themselves, and what they refer to below them, below the root, or where imports are found: only those may be
 * written. */
int wd_edited_start(struct wd_common *common, const struct wd_sources *sources, const struct wd_edited *edited);
/* The account goes where the schema does not. */
int wd_edited_write(struct wd_common *common, const struct wd_sources *sources, const struct wd_edited *edited,
                    const struct wd_buf *account);

#endif
