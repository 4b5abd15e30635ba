/* pipeline/prune.h - an audit to a smaller schema, and the proof that nobody loses anything.
 *
 * Shape   plan: what the findings point at, less what has to stay: what some consumer reads or may read, what
 *         messages or entities are told apart by, suppressed paths, what else in the schema depends on it
 *         (schema/ties.h, obstacles of schema/edit.h), and what is shared with something that stays; plus
 *         containers that are left empty. apply (schema/edit.h): the new texts. prove: the new texts are
 *         parsed again and held against the old schema, the consumers and the traffic.
 * Owns    results are in `arena`; the pruned schema inside a proof is freed by wd_prune_free.
 * Errors  WD_EUSAGE without a schema or without consumers, and where no message would be left. A proof that
 *         fails is no error of these calls: nothing must be written then.
 * Source  design: pruning is safe.
 */
#ifndef WD_PIPELINE_PRUNE_H
#define WD_PIPELINE_PRUNE_H

#include "model/finding.h"
#include "schema/edit.h"

/* Why something that a rule points at stays, or that nobody can say who reads it. */
struct wd_kept {
    struct wd_bytes message, path;        /* path "": the message, or its `fields` that nothing can be said of */
    struct wd_bytes why;                  /* may hold names from inputs: escape it */
    uint64_t fields;                      /* 0: not counted */
};

/* What is known of a target. */
struct wd_prune_detail {
    const struct wd_finding *reason;      /* NULL: a container that is left empty */
    size_t fields;                        /* declared, without what only holds others */
    uint64_t bytes;                       /* of the profile's payload, with what is below */
    uint64_t messages;                    /* captured ones of its type */
    bool is_personal, is_credential;      /* it, or something below */
};

struct wd_prune_plan {
    struct wd_edit_target *targets;       /* topmost: what is below goes with them */
    struct wd_prune_detail *details;      /* one per target */
    size_t target_count;
    struct wd_kept *kept;
    size_t kept_count;
    size_t field_count;                   /* sums of the details */
    uint64_t saves_bytes;
};

/* `rules`: ids that are acted on. */
int wd_prune_plan(const struct wd_audit *audit, const char *const *rules, size_t rule_count,
                  enum wd_edit_stage stage, struct wd_arena *arena, struct wd_prune_plan *out, struct wd_err *err);

struct wd_proof {
    bool parses, differs_exactly, reads_remain, fits;
    size_t differences;                   /* fields that the models differ in */
    size_t reads;                         /* paths that consumers read and the old schema declared */
    size_t consumers;
    uint64_t messages;                    /* captured messages held against the new schema */
    uint64_t misfits;                     /* of the checks on them: failed now, not before */
    struct wd_bytes failure;              /* what failed first, escaped; "" */
    struct wd_schema *pruned;             /* NULL when it does not parse */
};

int wd_prune_prove(const struct wd_audit *audit, const struct wd_prune_plan *plan, enum wd_edit_stage stage,
                   const struct wd_edit_result *results, struct wd_arena *arena, struct wd_proof *out,
                   struct wd_err *err);
void wd_prune_free(struct wd_proof *proof);

#endif
