/* output/facts.h - what several outputs say about the same evidence, in the same words.
 * Owns    nothing; orders are heap arrays that the caller frees with wd_free. Errors: none. */
#ifndef WD_OUTPUT_FACTS_H
#define WD_OUTPUT_FACTS_H

#include "model/finding.h"

/* Undecoded bytes in words: why, and what to do about it. Rows by enum wd_reason. */
struct wd_reason_words { const char *why, *remedy; };
extern const struct wd_reason_words wd_reason_words[WD_REASON_COUNT];

/* The share of the captured bytes that was understood. */
double wd_profile_decoded(const struct wd_profile *profile);

/* What inputs that are no captures do not contain: sentences, nothing when there are none. */
void wd_put_lacks(struct wd_buf *out, const struct wd_profile *profile);
/* True when no input has packets. */
bool wd_profile_is_told(const struct wd_profile *profile);
/* True when a layer of zero bytes is one that no input can tell of: not zero then, but not known. */
bool wd_profile_lacks(const struct wd_profile *profile, enum wd_layer layer);
/* "1,204 packets and messages left out (--from, --to, --filter)"; nothing when none were. */
void wd_put_left_out(struct wd_buf *out, const struct wd_profile *profile);

/* What the values look like when it matters to people: "email", "jwt", NULL. Half of the tried must agree. */
const char *wd_row_likeness(const struct wd_row *row);
/* True when a sketch of the values could be guessed back to a person or a secret: it is then not saved. */
bool wd_row_is_private(const struct wd_row *row);

/* Of many values the number is an estimate. */
bool wd_row_is_distinct_estimated(const struct wd_row *row);

/* Types by payload, largest first (ties in the profile's order). */
size_t *wd_types_by_cost(const struct wd_profile *profile, bool is_by_wire);
/* The `count` most expensive rows, among them the most expensive repetition first. *count is lowered to what
 * there is. */
size_t *wd_rows_by_waste(const struct wd_type_profile *type, size_t *count, bool is_by_wire);

/* Index of a finding's type and row in the audit's profile, and what is said of the row there. */
enum wd_verdict wd_finding_verdict(const struct wd_audit *audit, const struct wd_finding *finding);
const struct wd_fact *wd_finding_fact(const struct wd_finding *finding, const char *key);
/* Bytes of a finding per message of its type: what it saves, else what it costs; 0 unknown. */
uint64_t wd_finding_each(const struct wd_finding *finding);
/* The same on the wire, in bits and for all messages. */
uint64_t wd_finding_wire_bits(const struct wd_finding *finding);
/* A phrase: "never changes", "user.contact.email 0.99", "equals memory.used". Untrusted parts are NOT
 * escaped. */
void wd_finding_phrase(struct wd_buf *out, const struct wd_audit *audit, const struct wd_finding *finding);
/* Fields below a container, and how many of them are personal. */
void wd_finding_below(const struct wd_audit *audit, const struct wd_finding *finding, uint64_t *fields,
                      uint64_t *personal);

/* Findings that belong together, in the order in which they are told. */
#define WD_GROUPS(X) \
    X(PERSONAL_UNREAD, "personal and unread, first to go") \
    X(UNREAD, "unread") \
    X(PERSONAL, "personal, and read or perhaps read") \
    X(SNAPSHOT, "sent in full each time") \
    X(SLOW, "read, but hardly ever changes") \
    X(CONSTANT, "constant, empty or a copy of another field") \
    X(UNKNOWN, "cannot say who reads it; what never changes of it counts as unchanged") \
    X(SCHEMA, "schema and traffic disagree") \
    X(ADVICE, "advice")
enum wd_group {
#define ROW(id, title) WD_GROUP_##id,
    WD_GROUPS(ROW)
#undef ROW
    WD_GROUP_COUNT
};
const char *wd_group_title(const struct wd_audit *audit, enum wd_group group);
enum wd_group wd_finding_group(const struct wd_audit *audit, const struct wd_finding *finding);
/* What the findings of a group save together; a message's own saving does not count its fields' twice. */
uint64_t wd_group_saves(const struct wd_audit *audit, enum wd_group group);
uint64_t wd_group_saves_wire(const struct wd_audit *audit, enum wd_group group);

/* Without consumers nothing is read or unread. */
bool wd_audit_knows_readers(const struct wd_audit *audit);
bool wd_audit_has_rule(const struct wd_audit *audit, const char *id);

#endif
