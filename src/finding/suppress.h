/* finding/suppress.h - findings that were looked at and accepted, with a reason and until a day. */
#ifndef WD_FINDING_SUPPRESS_H
#define WD_FINDING_SUPPRESS_H

#include "model/finding.h"

/* Days since 1970, from SOURCE_DATE_EPOCH when it is set, else of the clock. */
int64_t wd_today_days(void);

bool wd_suppression_has_reason(const struct wd_suppression *s);
bool wd_suppression_is_expired(const struct wd_suppression *s, int64_t today);
/* With a reason, not expired, and about this. `path` is "" for a message. A suppressed path covers what
 * is below it. */
bool wd_is_suppressed(const struct wd_config *config, int64_t today, const struct wd_rule *rule,
                      struct wd_bytes message, struct wd_bytes path);

#endif
