/* finding/table.c - the rules there are. */
#include "finding/audit.h"
#include "finding/rules.h"

#define ROW(name) &wd_rule_##name,
const struct wd_rule *const wd_rules[] = { WD_RULES(ROW) NULL };

const struct wd_rule *wd_rule_find(struct wd_bytes id_or_name)
{
    for (size_t i = 0; wd_rules[i]; i++)
        if (wd_bytes_is_nocase(id_or_name, wd_rules[i]->id) ||
            wd_bytes_is_nocase(id_or_name, wd_rules[i]->name))
            return wd_rules[i];
    return NULL;
}
