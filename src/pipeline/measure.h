/* pipeline/measure.h - capture files to a profile: plugs packet, stream, message and profile together.
 *
 * Shape   reads each file with plain read(2) into one large buffer (mapping costs more and shows the file as
 *         memory). All files share one set of streams, in the order given, so rotated files continue each
 *         other (pipeline/gather.h puts them in order).
 * Owns    the profile is the caller's (wd_profile_free). `diagnostics` gets one line per damage.
 * Errors  WD_EPARSE: a file without a readable header; with is_strict any damage in the middle too.
 *         WD_ESYSTEM: I/O. WD_STOP: interrupted; *out then holds what was seen, marked incomplete.
 */
#ifndef WD_PIPELINE_MEASURE_H
#define WD_PIPELINE_MEASURE_H

#include <signal.h>

#include "base/err.h"
#include "model/config.h"
#include "model/profile.h"
#include "model/schema.h"
#include "pipeline/selection.h"

struct wd_measure {
    const char *const *captures;
    size_t capture_count;
    const char *const *keylogs;                 /* secrets of TLS sessions (stream/keylog.h) */
    size_t keylog_count;
    const struct wd_config *config;
    const struct wd_schema *schema;             /* NULL: none */
    struct wd_selection selection;              /* all zero: everything */
    bool is_strict;
    const volatile sig_atomic_t *interrupted;   /* NULL, or set by a signal handler */
    void (*progress)(void *ctx, const char *name, uint64_t done, uint64_t size);  /* NULL; size 0: unknown */
    void *progress_ctx;
};

int wd_measure_run(const struct wd_measure *measure, struct wd_profile **out, struct wd_buf *diagnostics,
                   struct wd_err *err);

/* The same from memory, for tests: one capture's bytes in pieces of `piece` bytes (0: at once). */
int wd_measure_bytes(const struct wd_config *config, const struct wd_schema *schema, struct wd_bytes capture,
                     size_t piece, struct wd_profile **out, struct wd_err *err);

/* A profile file or a capture, by its first bytes; several become one. */
int wd_measure_any(const struct wd_measure *measure, struct wd_profile **out, struct wd_buf *diagnostics,
                   struct wd_err *err);

/* Matches the profile's types to the schema's messages and calls them by the schema's names; types that
 * become one are merged. *bindings, one per type, lives in the profile's arena. */
int wd_measure_bind(struct wd_profile **profile, const struct wd_schema *schema, struct wd_binding **bindings,
                    struct wd_err *err);

#endif
