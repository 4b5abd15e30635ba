/* base/identity.h - whom the process acts as, and giving up the rest before it looks at what strangers sent.
 *
 * Shape   choose() before anything is opened, become() once everything that needs rights is open. become()
 *         takes user, groups and capabilities (ambient, bounding, permitted) away for good, forbids to gain
 *         any by exec, and leaves neither a core file nor a process that others may inspect. It looks at what
 *         came of it.
 * Errors  WD_EUSAGE: no such user, or one that cannot be. WD_ESYSTEM: a step that failed, by name.
 * Source  credentials(7), capabilities(7), prctl(2).
 */
#ifndef WD_BASE_IDENTITY_H
#define WD_BASE_IDENTITY_H

#include "base/err.h"

struct wd_identity {
    bool is_changed;      /* started as root, goes on as somebody else */
    bool is_invoker;      /* that is who asked for it (sudo, or by name): files are made theirs */
    uid_t uid;
    gid_t gid;
    char name[64];        /* escaped */
};

/* Who goes on: for root `user` (a name or number), else whoever ran sudo, else nobody; root itself only where
 * it is allowed. Everybody else stays who they are, and may name no user. */
int wd_identity_choose(const char *user, bool is_root_allowed, struct wd_identity *out, struct wd_err *err);

/* For good. */
int wd_identity_become(const struct wd_identity *identity, struct wd_err *err);

/* The same for a helper that stays who it is and has to make files in any directory, whoever owns it. */
int wd_identity_reduce(struct wd_err *err);

#endif
