/* cmd/cmd.h - verbs, in the manner of git. One file per verb, one row in cmd/table.c. */
#ifndef WD_CMD_CMD_H
#define WD_CMD_CMD_H

#include <stddef.h>

struct wd_verb {
    const char *name;
    const char *summary;      /* a line of `wirediet --help` */
    int (*run)(int argc, char **argv);  /* argv[0] is "wirediet VERB"; returns the exit status */
};

#define WD_VERBS(X) X(profile) X(record) X(merge) X(decode) X(infer) X(audit) X(prune) X(annotate) \
    X(report) X(explain) X(init)
#define DECLARE(name) extern const struct wd_verb wd_verb_##name;
WD_VERBS(DECLARE)
#undef DECLARE
extern const struct wd_verb *const wd_verbs[];  /* NULL-terminated */

int wd_main(int argc, char **argv);

/* The exit status for a run that ended with `status`: 4, with a line on stderr, when standard output did not
 * take it all. */
int wd_flush(int status);

#endif
