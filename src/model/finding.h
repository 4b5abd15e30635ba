/* model/finding.h - questions asked of the ledger, and their answers.
 * Owns    everything is in the audit's arena. */
#ifndef WD_MODEL_FINDING_H
#define WD_MODEL_FINDING_H

#include "model/config.h"
#include "model/profile.h"
#include "model/schema.h"
#include "model/usage.h"

enum wd_severity { WD_NOTE, WD_WARNING, WD_ERROR };   /* ordered */
extern const char *const wd_severity_names[3];        /* "note" "warning" "error" */

/* What a rule cannot do without; it says so instead of staying silent. */
enum { WD_NEEDS_PROFILE = 1, WD_NEEDS_SCHEMA = 2, WD_NEEDS_USAGE = 4 };

/* A reason or figure behind a finding: key is a literal, exactly one value is set. */
enum wd_fact_kind { WD_FACT_COUNT, WD_FACT_SHARE, WD_FACT_WORD, WD_FACT_BYTES_TEXT, WD_FACT_LIST };
struct wd_fact {
    const char *key;
    enum wd_fact_kind kind;
    uint64_t count;
    double share;
    const char *word;                     /* ours */
    struct wd_bytes text;                 /* from an input: escape it */
    const struct wd_bytes *list; size_t list_count;
};

struct wd_finding {
    const struct wd_rule *rule;
    enum wd_severity severity;
    double confidence;
    struct wd_bytes message, channel, path;   /* path "" : about the message; message "" : about the schema or config */
    int direction;                            /* enum wd_direction or -1 */
    struct wd_place at;                       /* in the schema (or config); file NULL: none */
    const struct wd_fact *facts; size_t fact_count;
    const char *const *also; size_t also_count;   /* rule ids */
    uint64_t saves_bytes;                     /* payload bytes of the profile */
    double saves_share;                       /* of all payload bytes */
    uint64_t saves_wire_bytes;                /* what those took on the wire, compressed or not; see wd_summary.has_wire */
    bool is_wire_estimated;                   /* only a part of its fields' bytes, or their own share is an estimate */
    struct wd_bytes text, remedy;             /* a sentence each; parts from inputs are NOT escaped yet */
    const struct wd_type_profile *type;       /* NULL when not in the traffic */
    const struct wd_row *row;                 /* NULL when not in the traffic or about a message */
    const struct wd_schema_field *field;      /* NULL when not declared */
};

/* The verdict on a row: colours of the treemap, columns of the ledger. */
enum wd_verdict { WD_VERDICT_NEEDED, WD_VERDICT_UNCHANGED, WD_VERDICT_UNREAD, WD_VERDICT_PERSONAL_UNREAD,
                  WD_VERDICT_UNKNOWN, WD_VERDICT_COUNT };
extern const char *const wd_verdict_names[WD_VERDICT_COUNT];
/* "needed" "unchanged" "unread" "personal-unread" "unknown" */

struct wd_summary {
    uint64_t payload_bytes;
    uint64_t removable_bytes;                  /* each byte once: unread and unchanged */
    /* Sums to payload_bytes. Of a row that is unchanged only what repeats counts so, the rest as needed (or
     * unknown): thus unread + personal-unread + unchanged = removable_bytes. */
    uint64_t verdict_bytes[WD_VERDICT_COUNT];
    bool has_wire;                             /* something was compressed, and what all fields took on the wire is known */
    uint64_t wire_payload_bytes, removable_wire_bytes;   /* the same of what crossed the wire, as the fields share it */
    uint64_t errors, warnings, notes, suppressed;
};

/* A rule that could not be asked, and why. */
struct wd_unasked { const struct wd_rule *rule; const char *why; };

/* The result of `audit`: everything an output may show. */
struct wd_audit {
    struct wd_arena *arena;
    const struct wd_config *config;
    const struct wd_profile *profile;          /* NULL without traffic */
    const struct wd_schema *schema;            /* NULL without schema */
    const struct wd_usage *usage;              /* consumer_count 0 without */
    const struct wd_binding *bindings;         /* per profile type; NULL without schema or profile */
    bool is_by_wire;                           /* rank by what would be saved once compressed */
    const struct wd_finding *findings; size_t finding_count;      /* worst and most saving first */
    const struct wd_finding *suppressed; size_t suppressed_count;
    const struct wd_unasked *unasked; size_t unasked_count;
    struct wd_summary summary;
    /* verdicts[t][r] of profile->types[t].rows[r]; personal[t][r] the category or "" */
    uint8_t *const *verdicts;
    struct wd_bytes *const *personal;
    const char *command;                       /* to reproduce; NULL */
};

/* What a rule sees while it runs. emit() copies the finding into the audit. */
struct wd_ask {
    struct wd_audit *audit;
    struct wd_arena *arena;
    void (*emit)(struct wd_ask *ask, const struct wd_finding *finding);
    int64_t today_days;                        /* days since 1970, for expiry; from SOURCE_DATE_EPOCH when set */
    void *engine;
};

struct wd_rule {
    const char *id, *name, *title;     /* "WD101" "unused-field" "no consumer reads it" */
    enum wd_severity severity;         /* usual one */
    unsigned needs;
    void (*check)(struct wd_ask *ask);
    const char *asks;                  /* explain: what it means, a paragraph */
    const char *why;                   /* explain: why it matters */
    const char *measured;              /* explain: how it is measured */
    const char *remedy;                /* explain: how to fix it */
};

#endif
