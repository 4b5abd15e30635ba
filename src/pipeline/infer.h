/* pipeline/infer.h - a profile to the text of a schema: plugs infer, finding and schema together.
 *
 * Shape   messages become what they look like (infer/infer.h), in the format that was chosen. With an old
 *         schema only what that does not say is added to it; everything else stays byte for byte.
 * Owns    nothing; texts go to `out`, what a person should know to `notes`, a line each.
 * Errors  WD_EUSAGE: no message is called as `only` says. WD_EPARSE: the old schema cannot be added to.
 */
#ifndef WD_PIPELINE_INFER_H
#define WD_PIPELINE_INFER_H

#include "infer/printer.h"
#include "model/config.h"
#include "pipeline/extend.h"

struct wd_inferring {
    struct wd_profile *profile;
    const struct wd_config *config;
    const struct wd_infer_format *format;
    const char *only;                       /* the name of one message; NULL: all */
    const struct wd_schema *old;            /* NULL: there is none */
    const struct wd_binding *bindings;      /* of it, one per type of the profile */
    bool has_words, is_bare, is_json;
};

/* With an old schema: what is new, in its own format; `only` chooses nothing here. */
int wd_infer_extend(const struct wd_inferring *inferring, struct wd_arena *arena, struct wd_extension *out,
                    struct wd_buf *notes, struct wd_err *err);

int wd_infer_write(const struct wd_inferring *inferring, struct wd_arena *arena, struct wd_buf *out,
                   struct wd_buf *notes, struct wd_err *err);

#endif
