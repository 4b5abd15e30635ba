/* finding/rules.h - every rule by its symbol; one file each, one row each here. */
#ifndef WD_FINDING_RULES_H
#define WD_FINDING_RULES_H

#include "finding/ask.h"

/* By id. */
#define WD_RULES(X) \
    X(unused_field) X(unused_message) X(never_sent) X(undeclared_field) X(type_mismatch) \
    X(unmatched_message) X(unknown_use) \
    X(always_empty) X(constant) X(slow_field) X(full_snapshot) X(duplicate_field) X(verbose_encoding) X(wire_type) \
    X(personal_data) X(credential_in_message) X(undocumented_field) X(stale_suppression)

#define DECLARE(name) extern const struct wd_rule wd_rule_##name;
WD_RULES(DECLARE)
#undef DECLARE

#endif
