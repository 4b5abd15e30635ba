/* pipeline/prune.h - an audit to a smaller schema, and the proof that nobody loses anything.
 *
 * Shape   plan: what the findings allow to remove, less what is shared with something that stays. apply: the new texts. prove: the new texts are
 *         parsed again and held against the old schema, the consumers and the traffic.
 * Owns    results are in `arena`; the pruned schema inside a proof is freed by wd_prune_free.
 * Errors  WD_EPARSE where the text cannot be edited; WD_ESYSTEM when a proof fails (a bug of ours): nothing must be written then.
 * Source  design: pruning is safe.
 */
#ifndef WD_PIPELINE_PRUNE_H
#define WD_PIPELINE_PRUNE_H

#include "model/finding.h"
#include "schema/edit.h"

/* Why something that a rule would remove stays. */
struct wd_kept {
    struct wd_bytes message, path, why;   /* `why` may hold names from inputs: escape it */
};

struct wd_prune_plan {
    struct wd_edit_target *targets; size_t target_count;   /* topmost: what is below goes with them */
    const struct wd_finding **reasons;                     /* per target; NULL for a container left empty */
    struct wd_kept *kept; size_t kept_count;
    size_t field_count;                                    /* declared fields that go, those below included */
    uint64_t saves_bytes;                                  /* of the profile's payload */
};

/* `rules`: ids that are acted on. */
int wd_prune_plan(const struct wd_audit *audit, const char *const *rules, size_t rule_count, struct wd_arena *arena,
                  struct wd_prune_plan *out, struct wd_err *err);

struct wd_proof {
    bool parses, differs_exactly, reads_remain, fits;
    size_t differences;                   /* fields and messages that the models differ in */
    size_t reads;                         /* paths that consumers read and the old schema declared */
    size_t consumers;
    uint64_t messages;                    /* captured messages held against the new schema */
    uint64_t misfits;                     /* of the checks on them: failed now, not before */
    struct wd_bytes failure;              /* what failed first, escaped; "" */
    struct wd_schema *pruned;
};

int wd_prune_prove(const struct wd_audit *audit, const struct wd_prune_plan *plan, enum wd_edit_stage stage,
                   const struct wd_edit_result *results, struct wd_arena *arena, struct wd_proof *out,
                   struct wd_err *err);
void wd_prune_free(struct wd_proof *proof);

#endif
