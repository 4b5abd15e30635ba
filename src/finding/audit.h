/* finding/audit.h - all evidence in, findings out. Rules are rows of finding/table.c. */
#ifndef WD_FINDING_AUDIT_H
#define WD_FINDING_AUDIT_H

#include "model/finding.h"

extern const struct wd_rule *const wd_rules[];   /* NULL-terminated, by id */
const struct wd_rule *wd_rule_find(struct wd_bytes id_or_name);

/* Runs every rule whose evidence is there; applies precedence (101, 201, 207, 202, 203 on one path: the first
 * is the finding, the others stand in `also`), containers unused as a whole (one finding at their top),
 * suppressions, order and summary. `audit` comes with arena, config, profile, schema, usage, bindings set;
 * the rest is filled in. */
int wd_audit_run(struct wd_audit *audit, struct wd_err *err);

#endif
