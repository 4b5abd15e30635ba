/* finding/engine.h - the state of one audit while its rules run; shared by the files that make the engine. */
#ifndef WD_FINDING_ENGINE_H
#define WD_FINDING_ENGINE_H

#include "finding/ask.h"

struct pending {
    struct wd_finding finding;
    bool is_suppressed;
    bool is_folded;        /* it stands in `also` of another */
};

struct engine {
    struct wd_subjects subjects;
    struct pending *pending;
    size_t count, cap;
    struct wd_unasked *unasked;
    size_t unasked_count, unasked_cap;
};

/* precedence.c: one finding for one waste; the others stand in its `also`. */
void precedence_apply(struct engine *engine, struct wd_arena *arena);

/* verdict.c: fills verdicts and the byte sums of the summary. `personal` is there already. */
void verdict_fill(struct wd_ask *ask, struct wd_audit *audit, const struct wd_subjects *subjects);

#endif
