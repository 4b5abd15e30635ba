/* usage/config.h - reads .wirediet.yaml. A key that is not built is an error that names the nearest known
 * one. Names inside are made relative to the directory of the file. */
#ifndef WD_USAGE_CONFIG_H
#define WD_USAGE_CONFIG_H

#include "model/config.h"

struct wd_config wd_config_default(void);
/* `name` NULL: .wirediet.yaml in this directory or the nearest parent that holds .git; none found gives the
 * defaults. */
int wd_config_load(const char *name, struct wd_arena *arena, struct wd_config *out, struct wd_err *err);
/* The same from a text in memory, which outlives the configuration; `name` stands in messages and gives the
 * directory. */
int wd_config_parse(const char *name, struct wd_bytes text, struct wd_arena *arena, struct wd_config *out,
                    struct wd_err *err);

#endif
