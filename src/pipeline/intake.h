/* pipeline/intake.h - one input file to the road, whatever it is: packets of a capture, messages of a HAR or
 * of lines of JSON.
 *
 * Shape   open / feed / finish. The first bytes say whether it is compressed, and those inside what it is;
 *         where they do not, the name does. What the window and the filter leave out is counted at the input,
 *         and nowhere else.
 * Owns    the readers. The run is shared by all inputs.
 * Errors  WD_EPARSE: nothing that we read. WD_EUSAGE: the filter cannot be used on it. Damage: a line of
 *         diagnostics, an error when is_strict.
 */
#ifndef WD_PIPELINE_INTAKE_H
#define WD_PIPELINE_INTAKE_H

#include "packet/filter.h"
#include "pipeline/keys.h"
#include "pipeline/selection.h"

/* All inputs of one run. */
struct wd_intake_run {
    struct wd_road *road;
    struct wd_keys *keys;        /* hear of secrets in captures */
    struct wd_selection selection;
    struct wd_filter *filter;    /* NULL: every packet */
    uint64_t outside, filtered;  /* left out by the window; packets by the filter */
    uint64_t kept;               /* packets and messages that were not */
    bool has_lines;              /* one of the inputs is lines of JSON */
};

int wd_intake_run_open(struct wd_intake_run *run, struct wd_keys *keys, const struct wd_selection *selection,
                       struct wd_err *err);
/* A line when options left nothing of all that was there, and when one was of no use. */
void wd_intake_run_note(const struct wd_intake_run *run, struct wd_buf *diagnostics);
void wd_intake_run_free(struct wd_intake_run *run);

struct wd_intake;
struct wd_intake *wd_intake_open(struct wd_intake_run *run, const char *name);
int wd_intake_feed(struct wd_intake *intake, struct wd_bytes bytes, struct wd_err *err);
/* When is_interrupted, what is half read is no damage. */
int wd_intake_finish(struct wd_intake *intake, bool is_strict, bool is_interrupted,
                     struct wd_buf *diagnostics, struct wd_err *err);
void wd_intake_free(struct wd_intake *intake);

#define WD_INTAKE_HEAD 4096      /* bytes that is_profile() wants to see */
bool wd_intake_is_profile(const char *name, const struct wd_selection *selection, struct wd_bytes head);

/* The time of the first packet of a capture that begins with these bytes, be it compressed; false: it is no
 * capture, or none is whole in them. *is_input: something that wd_intake reads. */
bool wd_intake_peek(const char *name, struct wd_bytes head, const struct wd_limits *limits, bool *is_input,
                    int64_t *first_ns);

#endif
