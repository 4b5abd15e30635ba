/* pipeline/planner.h - what a plan knows while it is made. For pipeline/ only.
 *
 * Shape   a place per declared field. prune.c marks what findings point at; evidence.c knows what has to stay
 *         for its own sake; settle.c takes back what something else needs, until nothing changes.
 * Owns    everything is in the plan's arena, but `kept`, which is on the heap.
 */
#ifndef WD_PIPELINE_PLANNER_H
#define WD_PIPELINE_PLANNER_H

#include "finding/subject.h"
#include "pipeline/prune.h"
#include "schema/ties.h"

/* One declared field. */
struct wd_place_plan {
    bool goes, is_kept, is_asked;    /* is_asked: nothing in its object depends on it */
    const struct wd_finding *reason; /* NULL: left empty */
    enum wd_use use;                 /* over all consumers, channels and keys of maps */
    bool is_discriminator, is_entity_key;
};

struct wd_planner {
    const struct wd_audit *audit;
    const struct wd_schema *schema;
    enum wd_edit_stage stage;
    struct wd_arena *arena;
    const char *const *rules;
    size_t rule_count;
    int64_t today;
    struct wd_ties *ties;
    struct wd_subjects subjects;
    struct wd_place_plan **places; /* [message][field] */
    bool *message_goes;
    const struct wd_finding **message_reasons;
    struct wd_edit_target *targets; /* the topmost that go, as of now */
    size_t target_count;
    struct wd_kept *kept;
    size_t kept_count, kept_cap;
};

/* By their exact steps: {} is a step of its own here, not any member. */
bool wd_planner_is_below(struct wd_bytes path, struct wd_bytes top);
struct wd_bytes wd_planner_path(const struct wd_planner *p, size_t m, size_t f);

/* Once for each path and reason; what is below a noted path is covered by it. */
void wd_planner_note(struct wd_planner *p, struct wd_bytes message, struct wd_bytes path,
                     struct wd_bytes why);
/* The field stays, and so does what holds it; what is below may still go. */
void wd_planner_keep_field(struct wd_planner *p, size_t m, size_t field, struct wd_bytes why);
void wd_planner_keep_message(struct wd_planner *p, size_t m, struct wd_bytes why);

/* Use, and what tells messages and entities apart, for all places. */
void wd_planner_gather(struct wd_planner *p);
bool wd_planner_is_suppressed(const struct wd_planner *p, size_t m, struct wd_bytes path);
/* Why a field has to stay for its own sake; "" when it need not. */
struct wd_bytes wd_planner_why(const struct wd_planner *p, size_t m, size_t f);

/* Takes back what something that stays needs, and adds containers that are left empty: p->targets is what
 * remains. */
void wd_planner_settle(struct wd_planner *p);

#endif
