/* usage/usage.h - usage/1 files in, consumers out; and the three-valued question.
 * Errors  WD_EPARSE with FILE:LINE:COLUMN and remedy. Everything is allocated in `arena`. */
#ifndef WD_USAGE_USAGE_H
#define WD_USAGE_USAGE_H

#include "base/buf.h"
#include "base/limits.h"
#include "model/config.h"
#include "model/profile.h"
#include "model/schema.h"
#include "model/usage.h"

/* Reads one usage/1 file (YAML or JSON) and appends its consumers to *usage, unless that file was read
 * already. Two consumers of one name are an error. */
int wd_usage_load(const char *name, const struct wd_limits *limits, struct wd_arena *arena,
                  struct wd_usage *usage, struct wd_err *err);
/* The same from a text in memory, which outlives the usage; `name` stands in messages. */
int wd_usage_parse(const char *name, struct wd_bytes text, const struct wd_limits *limits,
                   struct wd_arena *arena, struct wd_usage *usage, struct wd_err *err);

/* Holds the names against what is there (schema and profile may each be NULL; with both NULL nothing is
 * checked). A message, channel or direction that is nowhere would make what it was meant for look unread:
 * WD_EPARSE with its place and the nearest that exists. So would a path: with `is_strict` it is the same,
 * where a schema describes the message. Else a consumer may be ahead of the schema or behind the traffic: a
 * line in `diagnostics`, and the entry no longer counts as complete. May replace usage->consumers, in
 * `arena`. */
int wd_usage_check(struct wd_usage *usage, const struct wd_schema *schema, const struct wd_profile *profile,
                   bool is_strict, struct wd_arena *arena, struct wd_buf *diagnostics, struct wd_err *err);

/* What the configuration names and neither has does nothing: a line in `diagnostics` for each. */
void wd_config_check(const struct wd_config *config, const struct wd_schema *schema,
                     const struct wd_profile *profile, struct wd_buf *diagnostics);

#endif
