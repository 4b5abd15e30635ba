#include "base/identity.h"

#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/escape.h"

enum { CAPABILITY_WORDS = 2 };

/* --- who --- */

static bool read_id(const char *text, uid_t *out)
{
    uint64_t n;
    if (!text || !wd_bytes_uint(wd_bytes_of(text), &n) || n >= UINT32_MAX)
        return false;
    *out = (uid_t)n;
    return true;
}

static void name_it(struct wd_identity *out, struct wd_bytes name)
{
    struct wd_shown shown;
    snprintf(out->name, sizeof out->name, "%s", wd_show(&shown, name));
}

static void take(const struct passwd *who, struct wd_identity *out)
{
    out->uid = who->pw_uid;
    out->gid = who->pw_gid;
    name_it(out, wd_bytes_of(who->pw_name));
}

static int take_named(const char *user, struct wd_identity *out, struct wd_err *err)
{
    struct wd_shown shown;
    uid_t uid;
    const struct passwd *who = getpwnam(user);
    if (!who && read_id(user, &uid))
        who = getpwuid(uid);
    if (!who)
        return wd_fail(err, WD_EUSAGE, (struct wd_place){ 0 },
                       "--user: nobody is called '%s' here; name a user of this system",
                       wd_show(&shown, wd_bytes_of(user)));
    take(who, out);
    out->is_invoker = true;
    return WD_OK;
}

/* In a container the number may have no name. */
static bool take_sudo(struct wd_identity *out)
{
    uid_t uid;
    gid_t gid;
    if (!read_id(getenv("SUDO_UID"), &uid) || uid == 0)
        return false;
    const struct passwd *who = getpwuid(uid);
    if (who) {
        take(who, out);
    } else if (read_id(getenv("SUDO_GID"), &gid)) {
        out->uid = uid;
        out->gid = gid;
        name_it(out, wd_bytes_of(getenv("SUDO_UID")));
    } else {
        return false;
    }
    return out->is_invoker = true;
}

static int take_nobody(struct wd_identity *out, struct wd_err *err)
{
    const struct passwd *who = getpwnam("nobody");
    if (!who)
        return wd_fail(err, WD_ESYSTEM, (struct wd_place){ 0 },
                       "this system has no user called nobody; name one with --user");
    take(who, out);
    return WD_OK;
}

static int stay(const char *user, struct wd_identity *out, struct wd_err *err)
{
    const struct passwd *who = getpwuid(geteuid());
    if (user)
        return wd_fail(err, WD_EUSAGE, (struct wd_place){ 0 },
                       "--user: only root can become somebody else; leave it out");
    out->uid = geteuid();
    out->gid = getegid();
    name_it(out, wd_bytes_of(who ? who->pw_name : "this user"));
    return WD_OK;
}

int wd_identity_choose(const char *user, bool is_root_allowed, struct wd_identity *out, struct wd_err *err)
{
    *out = (struct wd_identity){ 0 };
    if (geteuid() != 0)
        return stay(user, out, err);
    if (user)
        TRY(take_named(user, out, err));
    else if (is_root_allowed)
        name_it(out, wd_bytes_of("root"));
    else if (!take_sudo(out))
        TRY(take_nobody(out, err));
    if (out->uid == 0 && !is_root_allowed)
        return wd_fail(
            err, WD_EUSAGE, (struct wd_place){ 0 },
            "--user: strangers' bytes are not read as root; name another user, or add --allow-root");
    out->is_changed = out->uid != 0;
    return WD_OK;
}

/* --- giving up the rest --- */

static int failed(struct wd_err *err, const char *step)
{
    int number = errno;
    return wd_fail(
        err, WD_ESYSTEM, (struct wd_place){ 0 },
        "not confined: %s: %s; nothing was read; in a container that has nothing but root, try --allow-root",
        step, strerror(number));
}

static int get_capabilities(struct __user_cap_data_struct *data)
{
    struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
    return (int)syscall(SYS_capget, &header, data);
}

/* What is not in `kept` leaves the effective, permitted and inheritable set. */
static int keep_capabilities(uint64_t kept)
{
    struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
    struct __user_cap_data_struct data[CAPABILITY_WORDS];
    if (get_capabilities(data) < 0)
        return -1;
    for (int i = 0; i < CAPABILITY_WORDS; i++) {
        uint32_t mask = (uint32_t)(kept >> 32 * i);
        data[i].effective &= mask;
        data[i].permitted &= mask;
        data[i].inheritable = 0;
    }
    return (int)syscall(SYS_capset, &header, data);
}

static bool has_capability(int capability)
{
    struct __user_cap_data_struct data[CAPABILITY_WORDS];
    return get_capabilities(data) == 0 && data[capability / 32].effective & UINT32_C(1) << capability % 32;
}

/* Who may not narrow the bounding set gains nothing from it: no_new_privs follows. */
static int empty_bounding_set(void)
{
    if (!has_capability(CAP_SETPCAP))
        return 0;
    for (int capability = 0; capability < 64; capability++)
        if (prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) < 0)
            return errno == EINVAL && capability > CAP_SETPCAP ? 0 : -1;
    return 0;
}

static int seal(uint64_t capabilities, struct wd_err *err)
{
    if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) < 0 && errno != EINVAL)
        return failed(err, "the ambient capabilities cannot be given up");
    if (keep_capabilities(capabilities) < 0)
        return failed(err, "the capabilities cannot be given up");
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
        return failed(err, "new privileges cannot be forbidden");
    if (setrlimit(RLIMIT_CORE, &(struct rlimit){ 0, 0 }) < 0)
        return failed(err, "core files cannot be forbidden");
    if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
        return failed(err, "the memory cannot be closed to others");
    return WD_OK;
}

/* A kernel, or something in between, that says yes and does nothing. */
static int look(const struct wd_identity *identity, struct wd_err *err)
{
    uid_t uid[3];
    struct __user_cap_data_struct data[CAPABILITY_WORDS];
    errno = EPERM;
    if (getresuid(&uid[0], &uid[1], &uid[2]) < 0 || uid[0] != identity->uid || uid[1] != identity->uid ||
        uid[2] != identity->uid)
        return failed(err, "the user is still another");
    if (identity->is_changed && setresuid(0, 0, 0) == 0)
        return failed(err, "the way back to root is open");
    if (get_capabilities(data) < 0 || data[0].permitted || data[1].permitted || data[0].effective ||
        data[1].effective)
        return failed(err, "capabilities are left");
    return WD_OK;
}

int wd_identity_become(const struct wd_identity *identity, struct wd_err *err)
{
    if (empty_bounding_set() < 0)
        return failed(err, "the bounding set cannot be emptied");
    if (identity->is_changed) {
        if (setgroups(0, NULL) < 0)
            return failed(err, "the groups cannot be given up");
        if (setresgid(identity->gid, identity->gid, identity->gid) < 0)
            return failed(err, "the group cannot be changed");
        if (setresuid(identity->uid, identity->uid, identity->uid) < 0)
            return failed(err, "the user cannot be changed");
    }
    TRY(seal(0, err));
    return look(identity, err);
}

int wd_identity_reduce(struct wd_err *err)
{
    uint64_t files = UINT64_C(1) << CAP_DAC_OVERRIDE | UINT64_C(1) << CAP_FOWNER | UINT64_C(1) << CAP_CHOWN;
    if (empty_bounding_set() < 0)
        return failed(err, "the bounding set cannot be emptied");
    return seal(geteuid() == 0 ? files : 0, err);
}
