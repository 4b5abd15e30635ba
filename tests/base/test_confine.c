/* What a confined process tries: each forbidden call ends it or is refused, each call that it needs goes through. Every attempt
 * is a process of its own, confined as `record` confines itself. */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/seccomp.h>
#include <net/if.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/confine.h"
#include "base/identity.h"
#include "base/keeper.h"

static char directory[] = "/tmp/wirediet-confine-XXXXXX";
static char inside[64], outside[64];
static int packets[2], asked[2], spare[2];   /* stand for the packet socket, the keeper, and any other descriptor */

/* --- attempts: what is left of the right answer is the exit status, 0 when it went well --- */

static int refused(long rc) { return rc < 0 ? errno : 0; }

static int try_open(void) { return refused(open("/dev/null", O_RDONLY)); }
static int try_create(void) { return refused(open(inside, O_WRONLY | O_CREAT, 0600)); }
static int try_exec(void) { return refused(execl("/bin/true", "true", (char *)NULL)); }
static int try_socket(void) { return refused(socket(AF_INET, SOCK_STREAM, 0)); }
static int try_packet_socket(void) { return refused(socket(AF_PACKET, SOCK_RAW, 0)); }
static int try_connect(void) { return refused(connect(spare[0], (struct sockaddr *)&(struct sockaddr_un){ AF_UNIX, "/x" }, 4)); }
static int try_ptrace(void) { return refused(ptrace(PTRACE_ATTACH, getppid(), NULL, NULL)); }
static int try_kill(void) { return refused(kill(getppid(), 0)); }
static int try_signal_other(void) { return refused(syscall(SYS_tgkill, getppid(), getppid(), 0)); }
static int try_unlink(void) { return refused(unlink(inside)); }
static int try_rename(void) { return refused(rename(inside, outside)); }
static int try_setuid(void) { return refused(setuid(0)); }
static int try_dup(void) { return refused(dup(1)); }
static int try_namespace(void) { return refused(unshare(CLONE_NEWUSER)); }
static int try_thread(void) { return refused(syscall(SYS_clone, CLONE_VM | SIGCHLD, 0, 0, 0, 0)); }
static int try_forked_namespace(void) { return refused(syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0)); }
static int try_code(void) { return refused(mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED ? -1 : 0); }
static int try_inject(void) { return refused(write(packets[0], "x", 1)); }
static int try_inject_high(void) { return refused(syscall(SYS_write, (uint64_t)packets[0] | UINT64_C(1) << 32, "x", 1)); }
static int try_send(void) { return refused(send(spare[0], "x", 1, 0)); }
static int try_socket_option(void) { return refused(setsockopt(spare[0], SOL_SOCKET, SO_RCVBUF, &(int){ 1 }, sizeof(int))); }
static int try_change_interface(void) { struct ifreq r = { .ifr_name = "lo" }; return refused(ioctl(spare[0], SIOCSIFFLAGS, &r)); }
static int try_stat(void) { struct stat st; return refused(stat("/etc/passwd", &st)); }

static int do_write(void) { return refused(write(spare[0], "x", 1)); }
static int do_ask(void) { return refused(send(asked[0], "x", 1, 0)); }
static int do_memory(void)
{
    void *at = malloc(64 << 20);
    memset(at, 1, 64 << 20);
    at = realloc(at, 128 << 20);
    free(at);
    return at ? 0 : 1;
}
static int do_fork(void)
{
    int status;
    pid_t pid = fork();
    if (pid == 0)
        _exit(7);
    return pid > 0 && waitpid(pid, &status, 0) == pid && WEXITSTATUS(status) == 7 ? 0 : 1;
}
static int do_time(void)
{
    time_t now = time(NULL);
    struct tm tm;
    return gmtime_r(&now, &tm) ? 0 : 1;
}
static int do_print(void)
{
    dprintf(STDERR_FILENO, "%s", "");
    return isatty(spare[0]) ? 1 : 0;
}

enum verdict { KILLED, GOES };
static const struct attempt { const char *what; int (*run)(void); enum verdict verdict; } attempts[] = {
    { "open", try_open, KILLED }, { "create a file", try_create, KILLED }, { "exec", try_exec, KILLED },
    { "socket", try_socket, KILLED }, { "packet socket", try_packet_socket, KILLED }, { "connect", try_connect, KILLED },
    { "ptrace", try_ptrace, KILLED }, { "kill", try_kill, KILLED }, { "signal another", try_signal_other, KILLED },
    { "unlink", try_unlink, KILLED }, { "rename", try_rename, KILLED }, { "setuid", try_setuid, KILLED }, { "dup", try_dup, KILLED },
    { "namespace", try_namespace, KILLED }, { "thread", try_thread, KILLED }, { "namespace by clone", try_forked_namespace, KILLED },
    { "executable memory", try_code, KILLED }, { "send a packet", try_inject, KILLED },
    { "send a packet, the number disguised", try_inject_high, KILLED }, { "send elsewhere", try_send, KILLED },
    { "socket option", try_socket_option, KILLED }, { "change an interface", try_change_interface, KILLED },
    { "look at a file", try_stat, KILLED },
    { "write", do_write, GOES }, { "ask the keeper", do_ask, GOES }, { "memory", do_memory, GOES }, { "fork", do_fork, GOES },
    { "time", do_time, GOES }, { "print", do_print, GOES },
};

/* --- confined --- */

static int become_nobody(struct wd_err *err)
{
    struct wd_identity identity;
    TRY(wd_identity_choose(NULL, false, &identity, err));
    return wd_identity_become(&identity, err);
}

static int confine(void)
{
    struct wd_err err = { 0 };
    struct wd_buf notes = { 0 };
    int rc = become_nobody(&err);
    if (rc >= 0)
        rc = wd_confine_files(NULL, 0, &notes, &err);
    if (rc >= 0)
        rc = wd_confine_recorder(packets[0], asked[0], &err);
    if (rc < 0)
        dprintf(STDERR_FILENO, "%s\n", err.text);
    wd_buf_free(&notes);
    return rc;
}

/* The wait status of a confined process that tries. */
static int attempt(int (*run)(void), int (*prepare)(void))
{
    int status;
    pid_t pid = fork();
    if (pid == 0)
        _exit(prepare() < 0 ? 99 : run());
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return status;
}

static void test_calls(void **state)
{
    (void)state;
    for (size_t i = 0; i < WD_COUNT(attempts); i++) {
        int status = attempt(attempts[i].run, confine);
        bool is_killed = WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS;
        if (attempts[i].verdict == KILLED ? !is_killed : status != 0)
            fail_msg("%s: wait status %x", attempts[i].what, (unsigned)status);
    }
}

/* Landlock by itself: refused, with errno. */
static int confine_files(void)
{
    struct wd_err err = { 0 };
    struct wd_buf notes = { 0 };
    int fd = open(directory, O_RDONLY | O_DIRECTORY);
    int rc = become_nobody(&err);
    if (rc >= 0)
        rc = wd_confine_files(&fd, 1, &notes, &err);
    return notes.len ? -1 : rc;
}
static int write_inside(void) { return refused(open(inside, O_WRONLY | O_CREAT | O_EXCL, 0600)); }
static int write_outside(void) { return refused(open(outside, O_WRONLY | O_CREAT, 0600)); }
static int read_outside(void) { return refused(open("/etc/passwd", O_RDONLY)); }
static int move_out(void) { return open(inside, O_WRONLY | O_CREAT, 0600) < 0 ? 98 : refused(rename(inside, outside)); }

static void test_files(void **state)
{
    (void)state;
    if (syscall(SYS_landlock_create_ruleset, NULL, 0, 1) < 0)
        return;   /* the kernel has none, and test_calls() holds all the same */
    unlink(inside);
    assert_int_equal(attempt(write_inside, confine_files), 0);
    assert_int_equal(WEXITSTATUS(attempt(write_outside, confine_files)), EACCES);
    assert_int_equal(WEXITSTATUS(attempt(read_outside, confine_files)), EACCES);
    int moved = WEXITSTATUS(attempt(move_out, confine_files));
    assert_true(moved == EACCES || moved == EXDEV);
    assert_int_equal(access(outside, F_OK), -1);
}

/* Who reads files: the same calls that anything needs, but no network, no other program, and writing in one place. */
static int confine_reader(void)
{
    struct wd_buf notes = { 0 };
    const char *names[] = { inside, "/dev/null" };
    wd_confine_reader(&notes);
    wd_confine_writes(names, 2, &notes);
    return notes.len ? -1 : 0;
}
static int read_anything(void)
{
    char c;
    int fd = open("/etc/passwd", O_RDONLY);
    return fd >= 0 && read(fd, &c, 1) == 1 && open("/", O_RDONLY | O_DIRECTORY) >= 0 ? 0 : 1;
}
static int write_device(void) { return refused(open("/dev/null", O_WRONLY)); }
static int write_other_device(void) { return refused(open("/dev/full", O_WRONLY)); }
static int truncate_outside(void) { return refused(truncate(outside, 0)); }
static int unlink_outside(void) { return refused(unlink(outside)); }

static void test_reader(void **state)
{
    (void)state;
    int (*const killed[])(void) = { try_socket, try_packet_socket, try_exec, try_namespace };
    for (size_t i = 0; i < WD_COUNT(killed); i++) {
        int status = attempt(killed[i], confine_reader);
        assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS);
    }
    assert_int_equal(attempt(read_anything, confine_reader), 0);
    assert_int_equal(attempt(do_memory, confine_reader), 0);
    if (syscall(SYS_landlock_create_ruleset, NULL, 0, 1) < 0)
        return;
    unlink(inside);
    close(open(outside, O_WRONLY | O_CREAT, 0600));
    assert_int_equal(attempt(write_inside, confine_reader), 0);
    assert_int_equal(attempt(write_device, confine_reader), 0);
    assert_int_equal(WEXITSTATUS(attempt(write_other_device, confine_reader)), EACCES);
    assert_int_equal(WEXITSTATUS(attempt(write_outside, confine_reader)), EACCES);
    assert_int_equal(WEXITSTATUS(attempt(truncate_outside, confine_reader)), EACCES);
    assert_int_equal(WEXITSTATUS(attempt(unlink_outside, confine_reader)), EACCES);
    unlink(outside);
}

/* A program of others: it is started, reads in one place and where programs lie, and writes nowhere. */
static int confine_program(void)
{
    int fd = open(directory, O_PATH | O_DIRECTORY);
    wd_confine_starter();
    wd_confine_program("/bin/true", &fd, 1);
    return fd;
}
static int read_inside(void) { return refused(open(inside, O_RDONLY)); }

static void test_program(void **state)
{
    (void)state;
    assert_int_equal(WEXITSTATUS(attempt(try_socket, confine_program)), EPERM);
    assert_int_equal(attempt(try_exec, confine_program), 0);
    if (syscall(SYS_landlock_create_ruleset, NULL, 0, 1) < 0)
        return;
    close(open(inside, O_WRONLY | O_CREAT, 0600));
    assert_int_equal(attempt(read_inside, confine_program), 0);
    assert_int_equal(WEXITSTATUS(attempt(read_outside, confine_program)), EACCES);
    assert_int_equal(WEXITSTATUS(attempt(write_outside, confine_program)), EACCES);
    assert_int_equal(WEXITSTATUS(attempt(try_unlink, confine_program)), EACCES);
    unlink(inside);
}

/* Who starts a program of others is refused the same, and lives. */
static int confine_starter(void)
{
    wd_confine_starter();
    return 0;
}

static void test_starter(void **state)
{
    int (*const denied[])(void) = { try_socket, try_packet_socket, try_namespace };
    (void)state;
    for (size_t i = 0; i < WD_COUNT(denied); i++)
        assert_int_equal(WEXITSTATUS(attempt(denied[i], confine_starter)), EPERM);
    assert_int_equal(attempt(try_exec, confine_starter), 0);
}

/* --- the identity --- */

static int look_at_identity(void)
{
    struct rlimit core;
    return getrlimit(RLIMIT_CORE, &core) == 0 && core.rlim_max == 0 && getuid() != 0 && geteuid() != 0 && getgroups(0, NULL) == 0 &&
           setuid(0) < 0 && chown(directory, 0, 0) < 0 ? 0 : 1;
}
static int identity_alone(void)
{
    struct wd_err err = { 0 };
    return setgroups(2, (gid_t[]){ 4, 24 }) < 0 ? -1 : become_nobody(&err);   /* something to give up */
}

static void test_identity(void **state)
{
    (void)state;
    struct wd_identity identity;
    if (geteuid() != 0)
        return;   /* nothing to give up */
    assert_int_equal(attempt(look_at_identity, identity_alone), 0);
    setenv("SUDO_UID", "1", 1);
    assert_int_equal(wd_identity_choose(NULL, false, &identity, NULL), WD_OK);
    assert_true(identity.uid == 1 && identity.is_changed && identity.is_invoker);
    setenv("SUDO_UID", "0", 1);
    assert_int_equal(wd_identity_choose(NULL, false, &identity, NULL), WD_OK);
    assert_true(identity.uid == 65534 && !identity.is_invoker);
    setenv("SUDO_UID", "-1", 1);
    assert_int_equal(wd_identity_choose(NULL, false, &identity, NULL), WD_OK);
    assert_int_equal(identity.uid, 65534);
    unsetenv("SUDO_UID");
    assert_int_equal(wd_identity_choose("root", false, &identity, NULL), WD_EUSAGE);
    assert_int_equal(wd_identity_choose("no such user", false, &identity, NULL), WD_EUSAGE);
    assert_int_equal(wd_identity_choose(NULL, true, &identity, NULL), WD_OK);
    assert_true(identity.uid == 0 && !identity.is_changed);
}

/* --- the keeper --- */

static void put(int fd, const char *text)
{
    assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    close(fd);
}

static void assert_holds(const char *name, const char *text)
{
    char path[128], is[64] = "";
    snprintf(path, sizeof path, "%s/%s", directory, name);
    int fd = open(path, O_RDONLY);
    ssize_t n = fd >= 0 ? read(fd, is, sizeof is - 1) : -1;
    close(fd);
    if (!text)
        assert_int_equal(n, -1);
    else
        assert_string_equal(is, text);
}

static void test_keeper(void **state)
{
    (void)state;
    char whole[128], part[128], target[128];
    struct wd_identity owner = { 0 };
    struct wd_keeper *keeper;
    struct wd_err err = { 0 };
    int fd;
    snprintf(whole, sizeof whole, "%s/whole.json", directory);
    snprintf(part, sizeof part, "%s/part.pcap", directory);
    snprintf(target, sizeof target, "%s/target", directory);
    const struct wd_kept_file files[] = { { whole, true, false }, { part, false, false }, { part, false, true } };
    assert_int_equal(wd_keeper_open(files, 3, &owner, &keeper, &err), WD_OK);

    assert_int_equal(wd_keeper_create(keeper, 0, 0, &fd, &err), WD_OK);
    put(fd, "first");
    assert_holds("whole.json", NULL);
    assert_int_equal(wd_keeper_publish(keeper, 0, &err), WD_OK);
    assert_holds("whole.json", "first");
    assert_int_equal(wd_keeper_create(keeper, 0, 0, &fd, &err), WD_OK);
    put(fd, "never");
    assert_int_equal(wd_keeper_discard(keeper, 0, &err), WD_OK);
    assert_int_equal(wd_keeper_publish(keeper, 0, &err), WD_ESYSTEM);   /* nothing waits for its name */
    err = (struct wd_err){ 0 };
    assert_holds("whole.json", "first");

    assert_int_equal(wd_keeper_create(keeper, 1, 7, &fd, &err), WD_OK);
    put(fd, "seven");
    assert_holds("part-00007.pcap", "seven");
    assert_int_equal(wd_keeper_create(keeper, 1, 7, &fd, &err), WD_EUSAGE);
    assert_non_null(strstr(err.text, "part-00007.pcap: is there already; --force"));
    err = (struct wd_err){ 0 };
    assert_int_equal(wd_keeper_create(keeper, 2, 7, &fd, &err), WD_OK);
    put(fd, "forced");
    assert_holds("part-00007.pcap", "forced");

    /* A link in the way is replaced or refused, never followed. */
    fd = open(target, O_WRONLY | O_CREAT, 0600);
    put(fd, "target");
    unlink(whole);
    assert_int_equal(symlink("target", whole), 0);
    assert_int_equal(symlink("target", part), 0);
    assert_int_equal(wd_keeper_create(keeper, 0, 0, &fd, &err), WD_OK);
    put(fd, "second");
    assert_int_equal(wd_keeper_publish(keeper, 0, &err), WD_OK);
    assert_int_equal(wd_keeper_create(keeper, 1, 0, &fd, &err), WD_EUSAGE);
    err = (struct wd_err){ 0 };
    assert_int_equal(wd_keeper_create(keeper, 2, 0, &fd, &err), WD_OK);
    put(fd, "third");
    assert_holds("whole.json", "second");
    assert_holds("part.pcap", "third");
    assert_holds("target", "target");

    /* What was never published goes with the keeper. */
    assert_int_equal(wd_keeper_create(keeper, 0, 0, &fd, &err), WD_OK);
    put(fd, "never");
    wd_keeper_close(keeper);
    char command[160];
    snprintf(command, sizeof command, "ls %s | grep -q tmp", directory);
    assert_int_not_equal(system(command), 0);
}

static void test_names(void **state)
{
    (void)state;
    static const struct { const char *name; unsigned part; const char *is; } rows[] = {
        { "a.pcapng", 0, "a.pcapng" }, { "x/a.pcapng", 1, "a-00001.pcapng" }, { "x.d/a", 12, "a-00012" }, { "/.a", 3, ".a-00003" },
        { "a.b.pcap", 123456, "a.b-123456.pcap" },
    };
    char out[64], small[8];
    for (size_t i = 0; i < WD_COUNT(rows); i++) {
        assert_int_equal(wd_keeper_part_name(rows[i].name, rows[i].part, out, sizeof out), 0);
        assert_string_equal(out, rows[i].is);
    }
    assert_int_equal(wd_keeper_part_name("long.name", 0, small, sizeof small), -1);
}

static int set_up(void **state)
{
    (void)state;
    if (!mkdtemp(directory) || chmod(directory, 0777) < 0)
        return -1;
    snprintf(inside, sizeof inside, "%s/inside", directory);
    snprintf(outside, sizeof outside, "%s.outside", directory);
    unsetenv("SUDO_UID");
    return socketpair(AF_UNIX, SOCK_DGRAM, 0, packets) < 0 || socketpair(AF_UNIX, SOCK_DGRAM, 0, asked) < 0 ||
           socketpair(AF_UNIX, SOCK_DGRAM, 0, spare) < 0;
}

static int tear_down(void **state)
{
    (void)state;
    char command[160];
    snprintf(command, sizeof command, "rm -rf %s", directory);
    return system(command);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_calls), cmocka_unit_test(test_files), cmocka_unit_test(test_reader), cmocka_unit_test(test_program),
        cmocka_unit_test(test_starter),
        cmocka_unit_test(test_identity), cmocka_unit_test(test_keeper), cmocka_unit_test(test_names),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
