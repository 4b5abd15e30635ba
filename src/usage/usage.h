/* usage/usage.h - usage/1 files in, consumers out; and the three-valued question.
 * Errors  WD_EPARSE with FILE:LINE:COLUMN and remedy. Everything is allocated in `arena`. */
#ifndef WD_USAGE_USAGE_H
#define WD_USAGE_USAGE_H

#include "base/limits.h"
#include "model/profile.h"
#include "model/schema.h"
#include "model/usage.h"

/* Reads one usage/1 file (YAML or JSON) and appends its consumers to *usage. */
int wd_usage_load(const char *name, const struct wd_limits *limits, struct wd_arena *arena, struct wd_usage *usage,
                  struct wd_err *err);
/* The same from a text in memory, which outlives the usage; `name` stands in messages. */
int wd_usage_parse(const char *name, struct wd_bytes text, const struct wd_limits *limits, struct wd_arena *arena,
                   struct wd_usage *usage, struct wd_err *err);

/* Names that no schema message and no traffic type has: WD_EPARSE with the place and the nearest known name.
 * schema and profile may each be NULL (with both NULL nothing is checked). */
int wd_usage_check(const struct wd_usage *usage, const struct wd_schema *schema, const struct wd_profile *profile,
                   struct wd_err *err);

#endif
