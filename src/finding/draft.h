/* finding/draft.h - writing a finding: its facts, its sentence, its remedy.
 *
 * Shape   open it for a cell (or a message, cell NULL), add facts, say what was found, send. Facts are at
 *         most WD_DRAFT_FACTS; more is a bug of ours.
 * Owns    its buffers, given up by wd_draft_send; the engine copies what is sent.
 */
#ifndef WD_FINDING_DRAFT_H
#define WD_FINDING_DRAFT_H

#include "base/buf.h"
#include "finding/subject.h"

#define WD_DRAFT_FACTS 16

struct wd_draft {
    struct wd_ask *ask;
    struct wd_finding finding;
    struct wd_fact facts[WD_DRAFT_FACTS];
    struct wd_buf text, remedy;
};

/* Confidence 1, the rule's usual severity, no saving. */
void wd_draft_open(struct wd_draft *d, struct wd_ask *ask, const struct wd_rule *rule,
                   const struct wd_subject *subject, const struct wd_cell *cell);
void wd_draft_count(struct wd_draft *d, const char *key, uint64_t count);
void wd_draft_share(struct wd_draft *d, const char *key, double share);
void wd_draft_word(struct wd_draft *d, const char *key, const char *word);
void wd_draft_text(struct wd_draft *d, const char *key, struct wd_bytes text);
void wd_draft_list(struct wd_draft *d, const char *key, const struct wd_bytes *list, size_t count);
void wd_draft_send(struct wd_draft *d);

/* Parts of a sentence. */
void wd_say_count(struct wd_buf *out, uint64_t n);                                /* 35,520 */
void wd_say_plural(struct wd_buf *out, uint64_t n, const char *one, const char *many);   /* 3 fields */
void wd_say_share(struct wd_buf *out, double share);                              /* 3.1 % */
void wd_say_ms(struct wd_buf *out, uint64_t ms);                                  /* 31 s */
void wd_say_names(struct wd_buf *out, const struct wd_bytes *names, size_t count,
                  const char *last); /* web, wall and kiosk */
/* "35,520 bytes, 3.1 % of the payload" of this audit. */
void wd_say_cost(struct wd_buf *out, const struct wd_audit *audit, uint64_t bytes);

/* n / total, 0 of nothing. */
double wd_share(uint64_t n, uint64_t total);
/* n like observations and no other: how sure the next is alike. 19 give 0.86, 956 give 0.997. */
double wd_sureness(uint64_t n);

/* It is declared in a .proto file, where options and comments state what x-wirediet does elsewhere. */
bool wd_is_in_proto(const struct wd_subject *s, const struct wd_cell *cell);

#endif
