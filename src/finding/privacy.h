/* finding/privacy.h - is a field personal, of what category, how sure, and why.
 *
 * Shape   evidence (annotation, name, holder, values, behaviour) is weighed as log-odds that add up; the most
 * specific category with the highest sum is the answer. Without traffic the names and the schema speak alone,
 * and are believed less. Units   weights are natural log-odds; p = 1 / (1 + e^-L). Counts are values tried
 * (new or changed at their place). Owns    nothing; words are literals, a category from the configuration is
 * a view of it. Errors  none. No value is looked at: only what profiles count. Source  privacy taxonomy 2
 * and 3.
 */
#ifndef WD_FINDING_PRIVACY_H
#define WD_FINDING_PRIVACY_H

#include "base/buf.h"
#include "finding/vocabulary.h"
#include "model/finding.h"

/* The one table of weights: `explain` prints it. */
#define WD_PRIVACY_WEIGHTS(X) \
    X(PRIOR,       -3.5, "to begin with") \
    X(ANNOTATED,   +6.0, "schema or configuration says yes") \
    X(DENIED,      -6.0, "schema says no") \
    X(UNAMBIGUOUS, +4.0, "an unambiguous name") \
    X(USUAL,       +2.5, "a usual name") \
    X(HOMONYM,     +0.5, "a name with other meanings too") \
    X(HELD,        +1.0, "held by a person, or beside a field proven personal") \
    X(THING,       -5.0, "held by a thing or a company") \
    X(QUALIFIED,   -5.0, "a qualifier, boolean or short enumeration where the category cannot be one") \
    X(VALUES,      +6.0, "values that pass a validator beyond chance, at most") \
    X(UNPROVED,    -3.0, "a validator exists and fewer than 1 in 5 values pass") \
    X(BEHAVIOUR,   +2.0, "constant on a connection, different between connections") \
    X(EXCLUDED,    -4.0, "timestamps, versions, hashes")

enum wd_privacy_weight {
#define ROW(id, weight, what) WD_WEIGH_##id,
    WD_PRIVACY_WEIGHTS(ROW)
#undef ROW
    WD_WEIGH_COUNT
};

#define WD_PRIVACY_UNSEEN 0.8      /* the most that names and annotations can give without traffic */
#define WD_PRIVACY_NOTE 0.7        /* below: a note, and a warning at most */

struct wd_privacy_reason {
    const char *source;            /* "annotation" "name" "holder" "qualifier" "values" "behaviour" */
    double weight;
    const char *word;              /* what matched: a word of ours, or a validator's name */
    uint64_t hits, tried, distinct;  /* values only; tried 0: not about values */
};

#define WD_REASONS_MAX 10

struct wd_assessment {
    const struct wd_category *category;   /* NULL: not personal */
    struct wd_bytes key;                  /* its key, or what the configuration calls it */
    double confidence;
    bool is_contradicted;                 /* the schema says no, the values prove the opposite */
    struct wd_privacy_reason reasons[WD_REASONS_MAX];
    size_t reason_count;
};

/* One field: in the traffic (type and row), in the schema (message and field), or in both. */
struct wd_personal_case {
    struct wd_bytes path;
    const struct wd_type_profile *type;
    const struct wd_row *row;
    const struct wd_schema_message *message;
    const struct wd_schema_field *field;
    const struct wd_config *config;       /* NULL: none */
};

/* Whatever the confidence: compare it with the threshold of the configuration. */
void wd_privacy_assess(const struct wd_personal_case *c, struct wd_assessment *out);

/* The most specific category of a row at or above thresholds.min_confidence, or ""; its confidence in
 * *confidence (0 for ""). */
struct wd_bytes wd_privacy_category(const struct wd_ask *ask, size_t type_index, size_t row_index,
                                    double *confidence);

/* "name +4.0: email", "values +6.0: email, 10 of 10 tried, 4 distinct". */
void wd_privacy_put_reason(struct wd_buf *out, const struct wd_privacy_reason *reason);

/* Reports every field whose category has the class 'C' (is_credential) or another; the two rules are this. */
void wd_privacy_report(struct wd_ask *ask, const struct wd_rule *rule, bool is_credential);

#endif
