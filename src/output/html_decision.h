/* output/html_decision.h - findings gathered into decisions: what one person can say yes or no to.
 *
 * Shape   findings of one kind about one message are one decision; personal fields that nobody reads are kept
 * apart, since other people decide on them. Privacy findings at or below a path that is unread stand beside
 * it. Units   saves: payload bytes of the profile; saves_wire: what they took on the wire. Owns    everything is in
 * the arena given; findings belong to the audit.
 */
#ifndef WD_OUTPUT_HTML_DECISION_H
#define WD_OUTPUT_HTML_DECISION_H

#include "model/finding.h"

enum wd_html_effort { WD_EFFORT_SMALL, WD_EFFORT_MEDIUM, WD_EFFORT_LARGE };
enum wd_html_ask { WD_ASK_SUBSCRIBERS, WD_ASK_READERS, WD_ASK_UNSURE, WD_ASK_SCHEMA, WD_ASK_CONFIG };

/* What the findings of a rule ask people to do. "VERB 3 MANY of MESSAGE TAIL_MANY". */
struct wd_html_kind {
    const char *rule;
    const char *verb, *one, *many, *tail_one, *tail_many;
    enum wd_html_effort effort;
    const char *effort_why, *staleness;
    enum wd_html_ask ask;
    bool is_counted;         /* the subject is not the field itself: "1 suppression" */
    bool is_removal;         /* the declaration goes: it can be shown as a diff */
};

struct wd_html_decision {
    const struct wd_html_kind *kind;
    bool is_personal;
    enum wd_severity severity;        /* of its worst finding */
    uint64_t saves, saves_wire;
    bool is_by_wire;                  /* which of the two ranks it */
    const struct wd_finding **findings; size_t count, cap;  /* first: names message and channel */
    const struct wd_finding **beside; size_t beside_count, beside_cap;
    size_t rank;                      /* of its first finding: breaks ties */
};

struct wd_html_decisions { struct wd_html_decision *list; size_t count; };

/* What saves most for its effort first (a large one counts four times a small one), then the worst. */
struct wd_html_decisions wd_html_decisions_of(const struct wd_audit *audit, struct wd_arena *arena);

#endif
