#include "cmd/cmd.h"

#define ROW(name) &wd_verb_##name,
const struct wd_verb *const wd_verbs[] = { WD_VERBS(ROW) NULL };
