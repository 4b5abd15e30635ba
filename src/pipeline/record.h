/* pipeline/record.h - an interface to a profile: plugs packet/live.h into the road, until told to stop.
 *
 * Shape   confined before it is called (base/identity.h, base/confine.h): it opens nothing. Signals are read
 *         from a descriptor that wd_record_signals() made before, so that none comes between a question and
 *         its answer. SIGUSR1: a forked copy finishes the profile as it stands and writes it, while this one
 *         goes on; the copy shares its memory until either changes it, so a snapshot takes at most as much
 *         memory again. SIGINT, SIGTERM, SIGHUP, the duration and the number of packets end it; what the
 *         kernel still holds by then is read first.
 * Owns    the profile is the caller's. `diagnostics` gets a line for drops and for a snapshot that came to
 *         nothing.
 * Errors  WD_ESYSTEM: the interface went away, the capture cannot be written; *out then holds what was seen,
 *         marked incomplete, as after a signal. Without a profile *out is NULL.
 */
#ifndef WD_PIPELINE_RECORD_H
#define WD_PIPELINE_RECORD_H

#include "base/err.h"
#include "base/keeper.h"
#include "model/config.h"
#include "model/profile.h"
#include "model/schema.h"
#include "packet/live.h"
#include "pipeline/spool.h"

struct wd_record_state {
    uint64_t packets, bytes, messages;
    struct wd_live_counts counts;
    int64_t elapsed_ns;
};

struct wd_record {
    struct wd_live *live;
    const char *interface;
    const struct wd_config *config;
    const struct wd_schema *schema;              /* NULL: none */
    struct wd_spool *spool;                      /* NULL: no -w; the caller's */
    uint64_t packets;                            /* 0: any number */
    int64_t duration_ns;                         /* 0: any time */
    int signal_fd;
    /* Writes a snapshot, in the copy: called with the profile, gives the descriptor a text. NULL: there is no
     * place for one. */
    int (*print)(void *ctx, struct wd_profile **profile, struct wd_buf *out, struct wd_err *err);
    struct wd_keeper *keeper;
    size_t profile_file;                         /* its number for the keeper */
    int profile_fd;                              /* in place of the keeper: an open descriptor, or -1 */
    void (*progress)(void *ctx, const struct wd_record_state *state);   /* NULL; ten times a second */
    void *ctx;
};

/* The descriptor; the signals are blocked from here on. */
int wd_record_signals(struct wd_err *err);

/* *by is the signal that ended it, or 0. */
int wd_record_run(const struct wd_record *record, struct wd_profile **out, struct wd_record_state *state,
                  int *by, struct wd_buf *diagnostics, struct wd_err *err);

/* Writes all of `text`, and what the kernel holds of it; `name` is for the message. */
int wd_record_write(int fd, const char *name, struct wd_bytes text, struct wd_err *err);

#endif
