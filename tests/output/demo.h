/* A dashboard in memory: 1,004 messages of four kinds, five connections, two consumers, and what an audit
 * says about them. The figures are those of a real capture; layers and durations are made to fit. */
#ifndef WD_TESTS_OUTPUT_DEMO_H
#define WD_TESTS_OUTPUT_DEMO_H

#include "model/finding.h"
#include "output/output.h"

struct demo {
    struct wd_arena *arena;
    struct wd_profile profile;
    struct wd_schema schema;
    struct wd_usage usage;
    struct wd_config config;
    struct wd_audit audit;
};

struct demo *demo_open(void);
void demo_close(struct demo *demo);

/* The same with `name` in place of every string that an input could have chosen. */
struct demo *demo_open_hostile(const char *name);

/* A profile with one packet-less input, and nothing else. */
void demo_empty(struct wd_profile *profile, struct wd_input *input);

extern const struct wd_rule *const demo_rules[];   /* NULL-terminated, by id */

#endif
