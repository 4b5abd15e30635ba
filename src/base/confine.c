#include "base/confine.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/landlock.h>
#include <linux/sockios.h>
#include <sched.h>
#include <seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "base/arena.h"

static int failed(struct wd_err *err, const char *step, int number)
{
    return wd_fail(err, WD_ESYSTEM, (struct wd_place){ 0 },
                   "not confined: %s: %s; nothing was read; use a kernel that has it", step,
                   strerror(number));
}

/* --- files --- */

/* The rights of each version of the interface, whatever the headers at hand know. */
enum { FS_FIRST = 13, FS_REFER = 13, FS_TRUNCATE = 14, FS_IOCTL = 15 };
static const struct { int version; unsigned fs_rights; } versions[] = {
    { 1, FS_FIRST }, { 2, FS_REFER + 1 }, { 3, FS_TRUNCATE + 1 }, { 5, FS_IOCTL + 1 },
};
enum { NET_VERSION = 4, NET_BIND_CONNECT = 3, SCOPE_VERSION = 6, SCOPE_ABSTRACT_SIGNAL = 3 };

struct ruleset { uint64_t fs, net, scoped; };

/* A descriptor can be cut only where the file could have been when it was opened. */
static const uint64_t below = LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_FILE |
                              LANDLOCK_ACCESS_FS_MAKE_REG | UINT64_C(1) << FS_TRUNCATE;

static struct ruleset everything(int version)
{
    struct ruleset set = { 0 };
    for (size_t i = 0; i < WD_COUNT(versions); i++)
        if (version >= versions[i].version)
            set.fs = (UINT64_C(1) << versions[i].fs_rights) - 1;
    set.net = version >= NET_VERSION ? NET_BIND_CONNECT : 0;
    set.scoped = version >= SCOPE_VERSION ? SCOPE_ABSTRACT_SIGNAL : 0;
    return set;
}

static int allow_one(int rules, uint64_t rights, int fd)
{
    struct landlock_path_beneath_attr beneath = { .allowed_access = rights, .parent_fd = fd };
    return (int)syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, &beneath, 0);
}

static int allow_below(int rules, uint64_t handled, const int *directories, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (allow_one(rules, below & handled, directories[i]) < 0)
            return -1;
    return 0;
}

int wd_confine_files(const int *directories, size_t count, struct wd_buf *notes, struct wd_err *err)
{
    long version = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
    if (version < 0 && errno != ENOSYS && errno != EOPNOTSUPP)
        return failed(err, "Landlock cannot be asked", errno);
    if (version < 0) {
        wd_buf_puts(notes,
                    "this kernel has no Landlock: files are guarded by seccomp and permissions alone\n");
        return WD_OK;
    }
    struct ruleset set = everything((int)version);   /* longer than an older kernel knows: it minds only what is not zero */
    int rules = (int)syscall(SYS_landlock_create_ruleset, &set, sizeof set, 0);
    if (rules < 0)
        return failed(err, "Landlock makes no rules", errno);
    int rc = WD_OK;
    if (allow_below(rules, set.fs, directories, count) < 0)
        rc = failed(err, "Landlock takes no rule", errno);
    else if (syscall(SYS_landlock_restrict_self, rules, 0) < 0)
        rc = failed(err, "Landlock does not begin", errno);
    close(rules);
    return rc;
}

/* --- files, for who reads them --- */

static void note(struct wd_buf *notes, const char *what, int number)
{
    wd_buf_printf(notes, "not confined: %s: %s\n", what, strerror(number));
}

/* A device or pipe itself, else the directory. What is not there needs no rule, and what lies on no file
 * system (a pipe under /proc) no permission. */
static void allow_writing_to(int rules, uint64_t handled, const char *name)
{
    struct stat st;
    bool is_special = stat(name, &st) == 0 && !S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode);
    const char *slash = strrchr(name, '/'), *place = is_special || slash ? name : ".";
    size_t len = is_special || !slash ? strlen(place) : slash == name ? 1 : (size_t)(slash - name);
    char *path = wd_alloc(len + 1);   /* without its rule the result could not be written in the end */
    memcpy(path, place, len);
    int fd = open(path, O_PATH | O_CLOEXEC);
    if (fd >= 0) {
        allow_one(rules, is_special ? LANDLOCK_ACCESS_FS_WRITE_FILE : below & handled, fd);
        close(fd);
    }
    wd_free(path);
}

void wd_confine_writes(const char *const *names, size_t count, struct wd_buf *notes)
{
    long version = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
    if (version < 0) {
        note(notes, "Landlock", errno);
        return;
    }
    struct ruleset set = everything((int)version);
    set.fs &=
        ~(uint64_t)(LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR | UINT64_C(1) << FS_IOCTL);
    int rules = (int)syscall(SYS_landlock_create_ruleset, &set, sizeof set, 0);
    for (size_t i = 0; rules >= 0 && i < count; i++)
        allow_writing_to(rules, set.fs, names[i]);
    if (rules < 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
        syscall(SYS_landlock_restrict_self, rules, 0) < 0)
        note(notes, "Landlock", errno);
    if (rules >= 0)
        close(rules);
}

/* --- system calls --- */

/* Allowed where the bits of one argument that are under `mask` are `value`; mask 0: always. */
struct call { int number; unsigned argument; uint64_t mask, value; };

#define ALWAYS(name) { SCMP_SYS(name), 0, 0, 0 }
#define WITHOUT(name, argument, bits) { SCMP_SYS(name), argument, bits, 0 }
#define WITH(name, argument, bits) { SCMP_SYS(name), argument, bits, bits }
#define ONLY(name, argument, value) { SCMP_SYS(name), argument, UINT32_MAX, value }

/* A child that shares nothing with its parent and is in the same namespaces. */
enum { FORK_FLAGS = CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID | 0xff };

static const struct call common[] = {
    ALWAYS(read), ALWAYS(close), ALWAYS(fsync), ALWAYS(lseek), ALWAYS(fstat), WITH(newfstatat, 3, AT_EMPTY_PATH),
    ALWAYS(brk), WITHOUT(mmap, 2, PROT_EXEC), WITHOUT(mprotect, 2, PROT_EXEC), ALWAYS(munmap), ALWAYS(mremap), ALWAYS(madvise),
    ALWAYS(rt_sigaction), ALWAYS(rt_sigprocmask), ALWAYS(rt_sigreturn), ALWAYS(sigaltstack), ALWAYS(restart_syscall),
    ALWAYS(clock_gettime), ALWAYS(gettimeofday), ALWAYS(getrandom), ALWAYS(futex), ALWAYS(sched_yield),
    ALWAYS(sysinfo),   /* how much memory there is: what glibc's qsort() asks once there is more than 1 KiB to sort */
    ALWAYS(getpid), ALWAYS(gettid), ALWAYS(exit), ALWAYS(exit_group),
};

static const struct call recorder[] = {
    ALWAYS(poll), ALWAYS(ppoll), ALWAYS(recvmsg), ALWAYS(ftruncate), ALWAYS(getsockopt), ALWAYS(getsockname), ALWAYS(nanosleep),
    ALWAYS(clock_nanosleep), ALWAYS(set_robust_list), ALWAYS(wait4),
    WITHOUT(clone, 0, UINT32_MAX & ~(uint64_t)FORK_FLAGS),
    /* Whether standard output is a terminal and how wide, and whether the interface still stands. */
    ONLY(ioctl, 1, TCGETS), ONLY(ioctl, 1, TIOCGWINSZ), ONLY(ioctl, 1, SIOCGIFFLAGS), ONLY(ioctl, 1, SIOCGIFINDEX),
};

static const struct call keeper[] = {
    ALWAYS(recvfrom), ALWAYS(sendto), ALWAYS(sendmsg), ALWAYS(openat), ALWAYS(renameat), ALWAYS(renameat2),
    ALWAYS(unlinkat), ALWAYS(fchown),
};

static int allow_all(scmp_filter_ctx filter, const struct call *calls, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct scmp_arg_cmp when = { .arg = calls[i].argument,
                                     .op = SCMP_CMP_MASKED_EQ,
                                     .datum_a = calls[i].mask,
                                     .datum_b = calls[i].value };
        TRY(seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, calls[i].number, calls[i].mask ? 1 : 0, &when));
    }
    return 0;
}

/* Other than `fd` is what differs from it in some bit. The kernel looks at the lower half of the argument
 * only, so to compare the whole would let through what has something in its upper half. */
static int allow_writing_but(scmp_filter_ctx filter, int fd)
{
    for (unsigned bit = 0; bit < 32; bit++) {
        uint64_t mask = UINT64_C(1) << bit;
        TRY(allow_all(filter, &(struct call){ SCMP_SYS(write), 0, mask, ~(uint64_t)fd & mask }, 1));
    }
    return 0;
}

/* clone3 hides its flags from a filter: who finds it missing takes clone. */
static int allow_recorder(scmp_filter_ctx filter, int packet_fd, int keeper_fd)
{
    const struct call ours[] = { ONLY(sendto, 0, (uint32_t)keeper_fd), ONLY(tgkill, 0, (uint32_t)getpid()) };
    TRY(allow_all(filter, recorder, WD_COUNT(recorder)));
    TRY(allow_all(filter, ours, WD_COUNT(ours)));
    TRY(allow_writing_but(filter, packet_fd));
    return seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);
}

static int load(scmp_filter_ctx filter, int rc, struct wd_err *err)
{
    if (rc >= 0)
        rc = allow_all(filter, common, WD_COUNT(common));
    if (rc >= 0)
        rc = seccomp_load(filter);
    if (filter)
        seccomp_release(filter);
    return rc < 0 ? failed(err, "seccomp does not begin", -rc) : WD_OK;
}

int wd_confine_recorder(int packet_fd, int keeper_fd, struct wd_err *err)
{
    tzset();   /* gmtime_r() opens the file of the time zone, once */
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_KILL_PROCESS);
    return load(filter, filter ? allow_recorder(filter, packet_fd, keeper_fd) : -ENOMEM, err);
}

int wd_confine_keeper(struct wd_err *err)
{
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_KILL_PROCESS);
    return load(filter, filter ? allow_all(filter, keeper, WD_COUNT(keeper)) : -ENOMEM, err);
}

/* --- system calls, for who reads files --- */

#if defined(__SANITIZE_ADDRESS__)
#define LOOKS_FOR_LEAKS 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define LOOKS_FOR_LEAKS 1
#endif
#endif

static const int forbidden[] = {
    SCMP_SYS(socket), SCMP_SYS(socketpair), SCMP_SYS(connect), SCMP_SYS(bind), SCMP_SYS(listen), SCMP_SYS(accept),
    SCMP_SYS(accept4),
#ifndef LOOKS_FOR_LEAKS   /* a sanitizer does with it */
    SCMP_SYS(ptrace),
#endif
    SCMP_SYS(process_vm_readv), SCMP_SYS(process_vm_writev), SCMP_SYS(mount), SCMP_SYS(umount2), SCMP_SYS(pivot_root),
    SCMP_SYS(chroot), SCMP_SYS(unshare), SCMP_SYS(setns), SCMP_SYS(bpf), SCMP_SYS(perf_event_open), SCMP_SYS(io_uring_setup),
    SCMP_SYS(userfaultfd), SCMP_SYS(keyctl), SCMP_SYS(add_key), SCMP_SYS(request_key), SCMP_SYS(init_module),
    SCMP_SYS(finit_module), SCMP_SYS(delete_module), SCMP_SYS(kexec_load), SCMP_SYS(kexec_file_load), SCMP_SYS(reboot),
    SCMP_SYS(swapon), SCMP_SYS(swapoff), SCMP_SYS(open_by_handle_at), SCMP_SYS(acct), SCMP_SYS(settimeofday),
    SCMP_SYS(clock_settime), SCMP_SYS(sethostname),
};

static const int starting[] = { SCMP_SYS(execve), SCMP_SYS(execveat) };

static int forbid_all(scmp_filter_ctx filter, uint32_t action, const int *calls, size_t count)
{
    for (size_t i = 0; i < count; i++)
        TRY(seccomp_rule_add(filter, action, calls[i], 0));
    return 0;
}

/* Speculation stays as it was: older kernels would slow a filtered process down. A program of others is told
 * no: a shell in front of it asks the name service who it is, and lives without an answer. */
static int forbid(scmp_filter_ctx filter, bool may_start)
{
    uint32_t action = may_start ? SCMP_ACT_ERRNO(EPERM) : SCMP_ACT_KILL_PROCESS;
    TRY(seccomp_attr_set(filter, SCMP_FLTATR_CTL_SSB, 1));
    TRY(forbid_all(filter, action, forbidden, WD_COUNT(forbidden)));
    if (!may_start)
        TRY(forbid_all(filter, action, starting, WD_COUNT(starting)));
    return seccomp_load(filter);
}

static int load_forbidden(bool may_start)
{
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
    int rc = filter ? forbid(filter, may_start) : -ENOMEM;
    if (filter)
        seccomp_release(filter);
    return rc;
}

void wd_confine_reader(struct wd_buf *notes)
{
    if (setrlimit(RLIMIT_CORE, &(struct rlimit){ 0, 0 }) < 0)
        note(notes, "core files", errno);
    int rc = load_forbidden(false);
    if (rc < 0)
        note(notes, "seccomp", -rc);
}

void wd_confine_starter(void)
{
    setrlimit(RLIMIT_CORE, &(struct rlimit){ 0, 0 });
    load_forbidden(true);
}

/* --- a program of others --- */

static const uint64_t reading = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR;

/* Where programs lie, and what they load. */
static const char *const programs[] = { "/usr", "/lib", "/lib32", "/lib64", "/bin", "/opt", "/nix/store",
                                        "/gnu/store", "/etc/ld.so.cache", "/etc/ld.so.preload" };

static void allow_running(int rules, const char *path, uint64_t rights)
{
    struct stat st;
    int fd = open(path, O_PATH | O_CLOEXEC);
    bool is_file = fd >= 0 && fstat(fd, &st) == 0 && !S_ISDIR(st.st_mode);
    if (fd >= 0)
        allow_one(rules, is_file ? rights & ~(uint64_t)LANDLOCK_ACCESS_FS_READ_DIR : rights, fd);
    if (fd >= 0)
        close(fd);
}

/* PREFIX/bin/program, and what belongs to it beside. */
static void allow_prefix(int rules, const char *program, uint64_t rights)
{
    static const char *const beside[] = { ".", "../lib", "../lib64", "../include" };
    char *real = realpath(program, NULL), path[PATH_MAX + 16];
    for (size_t i = 0; real && i < WD_COUNT(beside); i++) {
        snprintf(path, sizeof path, "%.*s/%s", (int)(strrchr(real, '/') - real), real, beside[i]);
        allow_running(rules, path, rights);
    }
    free(real);
}

void wd_confine_program(const char *program, const int *directories, size_t count)
{
    long version = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
    struct ruleset set = everything((int)version);
    int rules = version < 0 ? -1 : (int)syscall(SYS_landlock_create_ruleset, &set, sizeof set, 0);
    if (rules < 0)
        return;
    for (size_t i = 0; i < WD_COUNT(programs); i++)
        allow_running(rules, programs[i], reading | LANDLOCK_ACCESS_FS_EXECUTE);
    allow_prefix(rules, program, reading | LANDLOCK_ACCESS_FS_EXECUTE);
    for (size_t i = 0; i < count; i++)
        allow_one(rules, reading, directories[i]);
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0)
        syscall(SYS_landlock_restrict_self, rules, 0);
    close(rules);
}
