/* finding/subject.h - all evidence about one field in one place: what rules look at.
 *
 * Shape   a subject is a message type of the traffic with the schema message that describes it, or a schema
 *         message that no traffic showed. Its cells are the rows of the profile and the declared fields,
 *         joined by path, root first and then bytewise, so a parent stands before its members. A field
 *         declared through a map ({}) is joined to every key seen there. Types come first, in the profile's
 *         order.
 * Units   bytes of this profile.
 * Owns    everything is in the audit's arena.
 * Source  design: the ledger, usage, rules.
 */
#ifndef WD_FINDING_SUBJECT_H
#define WD_FINDING_SUBJECT_H

#include "model/finding.h"

enum { WD_NO_CELL = SIZE_MAX };

struct wd_cell {
    struct wd_bytes path;
    const struct wd_row *row;                /* NULL: not in the traffic */
    size_t row_index;
    const struct wd_schema_field *field;     /* NULL: not declared */
    size_t parent;                           /* cell index, WD_NO_CELL for the root */
    enum wd_use use;                         /* over all consumers */
    bool is_leaf;                            /* no field below it */
    bool is_special;                         /* (malformed), (other): no field */
    bool is_discriminator, is_entity_key;
    bool is_unread;                          /* with all that is below it, and nothing forbids to say so */
    uint64_t tree_bytes;                     /* its own and what is below */
    size_t tree_leaves;
};

struct wd_subject {
    const struct wd_type_profile *type;      /* NULL: not in the traffic */
    size_t type_index;
    const struct wd_schema_message *message; /* NULL: nothing describes it */
    struct wd_bytes name, channel;
    int direction;                           /* enum wd_direction, -1 not known */
    bool is_received;                        /* some declared consumer receives what goes this way */
    bool is_known;                           /* by its name: declared, or listed by some consumer */
    bool is_unread;                          /* no consumer subscribes to it */
    bool is_first; /* of the subjects that share the schema message: speaks for its declarations */
    struct wd_cell *cells;
    size_t cell_count;
};

struct wd_subjects {
    struct wd_subject *at;
    size_t count;
};

/* Joins everything; use, is_unread and sums are set. `keeps` says that a path must not be called unread
 * (suppressed). */
void wd_subjects_gather(struct wd_audit *audit,
                        bool (*keeps)(void *ctx, const struct wd_subject *s, struct wd_bytes path), void *ctx,
                        struct wd_subjects *out);

/* Names of the consumers that take the message or, when none does, of those that receive what goes its
 * way. */
const struct wd_bytes *wd_subject_readers(const struct wd_audit *audit, const struct wd_subjects *subjects,
                                          const struct wd_subject *s, size_t *count);

/* True when there are consumers that would receive it, and that could have named it. */
static inline bool wd_subject_has_use(const struct wd_audit *audit, const struct wd_subject *s)
{
    return audit->usage && audit->usage->consumer_count && s->is_received && s->is_known;
}

#endif
