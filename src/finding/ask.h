/* finding/ask.h - what the engine offers to rules while they run. */
#ifndef WD_FINDING_ASK_H
#define WD_FINDING_ASK_H

#include "finding/draft.h"

const struct wd_subjects *wd_ask_subjects(const struct wd_ask *ask);
/* The rule was not asked, or not of everything: `why` is a literal or lives in the arena. Once for each
 * reason. */
void wd_ask_cannot(struct wd_ask *ask, const struct wd_rule *rule, const char *why);

/* One cell of one subject at a time. */
typedef void wd_judge(struct wd_ask *ask, const struct wd_rule *rule, const struct wd_subject *s,
                      const struct wd_cell *cell);
/* Every cell that is in the traffic, and not the row of what could not be read. */
void wd_ask_each_row(struct wd_ask *ask, const struct wd_rule *rule, wd_judge *judge);
/* The same, and says of how many types too little was seen to judge change. */
void wd_ask_each_compared(struct wd_ask *ask, const struct wd_rule *rule, wd_judge *judge);
void wd_ask_note_few(struct wd_ask *ask, const struct wd_rule *rule);

#endif
