#include "schema/protoc.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/confine.h"
#include "base/escape.h"

enum { SECONDS = 60, NAME_BYTES = 4096, SAID_BYTES = 1 << 20 };
/* Where the kernel counts them; what is asked for is never near. */
static const rlim_t MEMORY = (rlim_t)4 << 30;

enum { ROOT, FILE_NAMED, OUTPUT, SAID, RUN };
struct part { uint32_t what; uint32_t len; uint64_t limit; char name[NAME_BYTES]; };

struct wd_protoc {
    int fd;
    pid_t pid;
};

/* --- the program --- */

static bool is_program(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && S_ISREG(st.st_mode) && access(path, X_OK) == 0;
}

/* The first of PATH; what is relative there is passed over. */
static bool find_program(char *out, size_t cap)
{
    const char *path = getenv("PATH");
    if (!path || !*path)
        path = "/usr/local/bin:/usr/bin:/bin";
    for (; *path; path += strspn(path, ":")) {
        size_t n = strcspn(path, ":");
        int len = snprintf(out, cap, "%.*s/protoc", (int)n, path);
        if (path[0] == '/' && len > 0 && (size_t)len < cap && is_program(out))
            return true;
        path += n;
    }
    return false;
}

/* --- a command line, as it is put together --- */

struct command {
    char **words;
    size_t count, cap;
    int *fds;                    /* that protoc inherits */
    size_t fd_count, fd_cap;
    int *roots;                  /* a part of these */
    size_t root_count, root_cap;
    int output, said;
    uint64_t limit;
};

static void add_word(struct command *c, char *word)
{
    WD_GROW(c->words, c->count, c->cap);
    c->words[c->count++] = word;
}

static void add_printed(struct command *c, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void add_printed(struct command *c, const char *format, ...)
{
    struct wd_buf word = { 0 };
    va_list args;
    va_start(args, format);
    wd_buf_vprintf(&word, format, args);
    va_end(args);
    add_word(c, strdup(wd_buf_cstr(&word)));
    wd_buf_free(&word);
}

static void keep_fd(struct command *c, int fd)
{
    WD_GROW(c->fds, c->fd_count, c->fd_cap);
    c->fds[c->fd_count++] = fd;
}

/* A name that protoc looks up leads to the open file. */
static void add_part(struct command *c, uint32_t what, const char *name, uint64_t limit, int fd)
{
    keep_fd(c, fd);
    if (what == ROOT) {
        WD_GROW(c->roots, c->root_count, c->root_cap);
        c->roots[c->root_count++] = fd;
        add_printed(c, "-I/proc/self/fd/%d", fd);
    } else if (what == FILE_NAMED) {
        add_printed(c, "-I%s=/proc/self/fd/%d", name, fd);
        add_printed(c, "%s", name);
    } else if (what == OUTPUT) {
        c->output = fd;
        c->limit = limit;
        add_printed(c, "--descriptor_set_out=/proc/self/fd/%d", fd);
    } else {
        c->said = fd;
    }
}

static void begin(struct command *c)
{
    *c = (struct command){ .output = -1, .said = -1 };
    add_printed(c, "protoc");
    add_printed(c, "--include_imports");
    add_printed(c, "--include_source_info");
}

/* `is_owner`: the descriptors are the command's own. */
static void end(struct command *c, bool is_owner)
{
    for (size_t i = 0; i < c->count; i++)
        free(c->words[i]);
    for (size_t i = 0; is_owner && i < c->fd_count; i++)
        close(c->fds[i]);
    wd_free(c->words);
    wd_free(c->fds);
    wd_free(c->roots);
}

/* --- the child --- */

static void cap(int what, rlim_t value)
{
    struct rlimit limit = { value, value };
    setrlimit(what, &limit);
}

static void close_others(const struct command *c)
{
    close_range(3, ~0u, CLOSE_RANGE_CLOEXEC);
    for (size_t i = 0; i < c->fd_count; i++)
        fcntl(c->fds[i], F_SETFD, 0);
}

/* protoc must not find its inputs where it stands, but only where they are said to be: it stands where
 * nothing is called like a file. */
static void become_protoc(struct command *c)
{
    char program[NAME_BYTES];
    char locale[] = "LC_ALL=C", *environment[] = { locale, NULL };
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    signal(SIGALRM, SIG_DFL);
    signal(SIGPIPE, SIG_DFL);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    add_word(c, NULL);
    int nothing = open("/dev/null", O_RDWR);
    if (!find_program(program, sizeof program) || dup2(nothing, 0) < 0 || dup2(nothing, 1) < 0 ||
        dup2(c->said, 2) < 0 || chdir("/proc/self/fdinfo") < 0)
        _exit(127);
    close_others(c);
    wd_confine_starter();
    wd_confine_program(program, c->roots, c->root_count);
    cap(RLIMIT_CPU, SECONDS);
    cap(RLIMIT_FSIZE, c->limit > SAID_BYTES ? c->limit : SAID_BYTES);
    cap(RLIMIT_AS, MEMORY);
    alarm(SECONDS);
    execve(program, c->words, environment);
    _exit(127);
}

/* Until it ends; before that, when who asks has gone: `asker`, -1 when that is us. Landlock keeps the confined
 * from sending signals, PR_SET_PDEATHSIG's as well, so that the socket alone tells. */
static void watch(pid_t pid, int asker)
{
    int fd = (int)syscall(SYS_pidfd_open, pid, 0);
    struct pollfd fds[] = { { .fd = fd, .events = POLLIN }, { .fd = asker } };
    while (fd >= 0 && poll(fds, WD_COUNT(fds), -1) < 0 && errno == EINTR)
        ;
    if (fds[1].revents)
        kill(pid, SIGKILL);
    if (fd >= 0)
        close(fd);
}

/* How it ended, as wait() says; -1 and errno when it did not begin. */
static int run(struct command *c, int asker)
{
    int status;
    pid_t pid = fork();
    if (pid == 0)
        become_protoc(c);
    if (pid < 0)
        return -1;
    watch(pid, asker);
    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR)
            return -1;
    return status;
}

/* --- the broker --- */

union control { char at[CMSG_SPACE(sizeof(int))]; struct cmsghdr align; };

static bool receive(int from, struct part *part, int *fd)
{
    union control control;
    struct iovec iov = { part, sizeof *part };
    struct msghdr message = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control.at,
                              .msg_controllen = sizeof control.at };
    ssize_t n;
    do
        n = recvmsg(from, &message, MSG_CMSG_CLOEXEC);
    while (n < 0 && errno == EINTR);
    struct cmsghdr *head = n > 0 ? CMSG_FIRSTHDR(&message) : NULL;
    *fd = -1;
    if (head && head->cmsg_type == SCM_RIGHTS)
        memcpy(fd, CMSG_DATA(head), sizeof *fd);
    return n > 0 && (size_t)n >= offsetof(struct part, name);
}

static bool send_part(int to, uint32_t what, const char *name, uint64_t limit, int fd)
{
    struct part part = { .what = what, .limit = limit };
    union control control = { { 0 } };
    size_t len = name ? strlen(name) + 1 : 1;
    if (len > sizeof part.name)
        return false;
    memcpy(part.name, name ? name : "", len);
    struct iovec iov = { &part, offsetof(struct part, name) + len };
    struct msghdr message = { .msg_iov = &iov, .msg_iovlen = 1 };
    if (fd >= 0) {
        message.msg_control = control.at;
        message.msg_controllen = sizeof control.at;
        struct cmsghdr *head = CMSG_FIRSTHDR(&message);
        *head = (struct cmsghdr){ .cmsg_len = CMSG_LEN(sizeof fd),
                                  .cmsg_level = SOL_SOCKET,
                                  .cmsg_type = SCM_RIGHTS };
        memcpy(CMSG_DATA(head), &fd, sizeof fd);
    }
    return sendmsg(to, &message, MSG_NOSIGNAL) >= 0;
}

/* As many descriptors as the system allows at all. */
static void raise_descriptors(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

/* Until the other end closes, however that happens. */
static void serve(int fd)
{
    struct part part;
    struct command command;
    int given;
    begin(&command);
    while (receive(fd, &part, &given)) {
        part.name[sizeof part.name - 1] = '\0';
        if (part.what != RUN) {
            add_part(&command, part.what, part.name, part.limit, given);
            continue;
        }
        int status = run(&command, fd);
        end(&command, true);
        begin(&command);
        if (send(fd, &status, sizeof status, MSG_NOSIGNAL) < 0)
            break;
    }
    end(&command, true);
}

/* It has nothing to say for itself, not even that memory is short: who asks sees that there is no answer. */
static void be_silent(void)
{
    int nowhere = open("/dev/null", O_RDWR);
    for (int fd = STDIN_FILENO; nowhere >= 0 && fd <= STDERR_FILENO; fd++)
        dup2(nowhere, fd);
}

static void become_broker(int fd)
{
    signal(SIGINT, SIG_IGN);   /* who asked decides when to leave */
    be_silent();
    dup2(fd, 3);
    close_range(4, ~0u, 0);
    fcntl(3, F_SETFD, FD_CLOEXEC);
    raise_descriptors();
    wd_confine_starter();
    serve(3);
    _exit(0);
}

struct wd_protoc *wd_protoc_open(void)
{
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
        return NULL;
    fflush(NULL);
    pid_t pid = fork();
    if (pid == 0)
        become_broker(ends[1]);
    close(ends[1]);
    if (pid < 0) {
        close(ends[0]);
        return NULL;
    }
    struct wd_protoc *protoc = wd_alloc(sizeof *protoc);
    *protoc = (struct wd_protoc){ ends[0], pid };
    return protoc;
}

void wd_protoc_close(struct wd_protoc *protoc)
{
    if (!protoc)
        return;
    close(protoc->fd);
    while (waitpid(protoc->pid, NULL, 0) < 0 && errno == EINTR)
        ;
    wd_free(protoc);
}

/* --- who asks --- */

static bool write_all(int fd, struct wd_bytes text)
{
    for (size_t off = 0; off < text.len;) {
        ssize_t n = write(fd, text.at + off, text.len - off);
        if (n < 0 && errno != EINTR)
            return false;
        off += n > 0 ? (size_t)n : 0;
    }
    return true;
}

/* Either handed to the broker, or kept for the command of our own. */
struct call {
    const struct wd_protoc *protoc;
    struct command command;
    int output, said;
};

static bool give(struct call *call, uint32_t what, const char *name, uint64_t limit, int fd)
{
    if (fd < 0)
        return false;
    if (call->protoc)
        return send_part(call->protoc->fd, what, name, limit, fd);
    add_part(&call->command, what, name, limit, fcntl(fd, F_DUPFD_CLOEXEC, 3));
    return true;
}

static bool give_file(struct call *call, const struct wd_protoc_file *file)
{
    int fd = memfd_create("proto", MFD_CLOEXEC);
    bool is_given = fd >= 0 && write_all(fd, file->text) && give(call, FILE_NAMED, file->name, 0, fd);
    if (fd >= 0)
        close(fd);
    return is_given;
}

/* Files before roots: what is in memory is meant, not what lies in a directory. */
static bool give_all(struct call *call, const struct wd_protoc_request *request)
{
    bool is_given = give(call, OUTPUT, NULL, request->limit, call->output) &&
                    give(call, SAID, NULL, 0, call->said);
    for (size_t i = 0; is_given && i < request->count; i++)
        is_given = give_file(call, &request->files[i]);
    for (size_t i = 0; is_given && i < request->root_count; i++)
        is_given = give(call, ROOT, NULL, 0, request->roots[i]);
    return is_given;
}

static int run_call(struct call *call)
{
    int status = -1;
    ssize_t n;
    if (!call->protoc)
        return run(&call->command, -1);
    if (!send_part(call->protoc->fd, RUN, NULL, 0, -1))
        return -1;
    do
        n = recv(call->protoc->fd, &status, sizeof status, 0);
    while (n < 0 && errno == EINTR);
    errno = n == 0 ? EPIPE : errno;
    return n == sizeof status ? status : -1;
}

static struct wd_bytes read_memory(int fd, uint64_t limit, struct wd_arena *arena)
{
    struct stat st;
    if (fstat(fd, &st) < 0 || st.st_size <= 0)
        return wd_bytes_of("");
    size_t size = (uint64_t)st.st_size > limit ? (size_t)limit : (size_t)st.st_size, off = 0;
    uint8_t *at = wd_arena_alloc(arena, size);
    while (off < size) {
        ssize_t n = pread(fd, at + off, size - off, (off_t)off);
        if (n <= 0 && !(n < 0 && errno == EINTR))
            break;
        off += n > 0 ? (size_t)n : 0;
    }
    return wd_bytes_at(at, off);
}

/* --- what it says --- */

static struct wd_bytes next_line(struct wd_bytes *rest)
{
    const uint8_t *nl = rest->len ? memchr(rest->at, '\n', rest->len) : NULL;
    size_t n = nl ? (size_t)(nl - rest->at) : rest->len;
    struct wd_bytes line = wd_bytes_at(rest->at, n);
    size_t past = nl ? n + 1 : n;
    *rest = wd_bytes_at(rest->at + past, rest->len - past);
    return line;
}

/* Digits and a colon off the front. */
static bool take_number(struct wd_bytes *s, uint64_t *out)
{
    size_t n = 0;
    while (n < s->len && s->at[n] >= '0' && s->at[n] <= '9')
        n++;
    if (n == s->len || s->at[n] != ':' || !wd_bytes_uint(wd_bytes_at(s->at, n), out))
        return false;
    *s = wd_bytes_at(s->at + n + 1, s->len - n - 1);
    return true;
}

/* protoc counts a tab as up to eight columns; we count bytes. */
static uint32_t byte_column(struct wd_bytes text, uint64_t line, uint64_t column)
{
    size_t off = 0;
    uint64_t at = 0;
    uint32_t bytes = 1;
    for (uint64_t n = 1; n < line && off < text.len; off++)
        n += text.at[off] == '\n';
    for (; at + 1 < column && off < text.len && text.at[off] != '\n'; off++, bytes++)
        at += text.at[off] == '\t' ? 8 - at % 8 : 1;
    return at + 1 < column ? (uint32_t)column : bytes;
}

/* "NAME:LINE:COLUMN: sentence" or "NAME: sentence", where NAME is one that protoc was told. */
static struct wd_place place_of(const struct wd_protoc_request *request, struct wd_bytes *line,
                                struct wd_arena *arena)
{
    uint64_t row = 0, column = 0;
    const uint8_t *colon = line->len ? memchr(line->at, ':', line->len) : NULL;
    struct wd_bytes rest = colon ? wd_bytes_at(colon + 1, (size_t)(line->at + line->len - colon - 1)) : *line;
    struct wd_bytes name = wd_bytes_at(line->at, colon ? (size_t)(colon - line->at) : 0);
    if (!name.len)
        return (struct wd_place){ 0 };
    struct wd_place place = { .file = wd_arena_string(arena, name) };
    if (take_number(&rest, &row) && take_number(&rest, &column))
        place.line = (uint32_t)row;
    place.column = (uint32_t)column;
    for (size_t i = 0; i < request->count; i++) {
        if (!wd_bytes_is(name, request->files[i].name))
            continue;
        place.file = request->files[i].shown;
        place.column = place.line ? byte_column(request->files[i].text, row, column) : 0;
    }
    *line = rest;
    return place;
}

static bool is_given(const struct wd_protoc_request *request, const char *shown)
{
    for (size_t i = 0; i < request->count; i++)
        if (request->files[i].shown == shown)
            return true;
    return false;
}

/* What is wrong with an import as such ("NAME: File not found.") comes before the import itself: that tells
 * where. */
static int fail_import(const struct wd_protoc_request *request, struct wd_bytes said, const char *name,
                       struct wd_bytes sentence, struct wd_arena *arena, struct wd_err *err)
{
    struct wd_shown shown, why;
    struct wd_place place = { .file = request->files[0].shown };
    while (said.len && !place.line) {
        struct wd_bytes line = next_line(&said);
        struct wd_place at = place_of(request, &line, arena);
        struct wd_bytes import = wd_arena_printf(arena, " Import \"%s\"", name);
        if (at.line && wd_bytes_starts(line, (const char *)import.at))
            place = at;
    }
    wd_show(&shown, wd_bytes_of(name));
    if (wd_bytes_is(sentence, "File not found"))
        return wd_fail(err, WD_EPARSE, place,
                       "the import '%s' is not found; name the directory that it is below with -I",
                       shown.text);
    return wd_fail(err, WD_EPARSE, place, "the import '%s': protoc: %s", shown.text, wd_show(&why, sentence));
}

/* What its library notes ("[libprotobuf WARNING ...] No syntax specified", "W0000 ...") beside what is wrong. */
static bool is_note(struct wd_bytes line)
{
    bool is_coded = line.len > 5 && strchr("IWE", line.at[0]) && line.at[5] == ' ';
    for (size_t i = 1; is_coded && i < 5; i++)
        is_coded = line.at[i] >= '0' && line.at[i] <= '9';
    return is_coded || wd_bytes_starts(line, "[libprotobuf ") || wd_bytes_starts(line, "WARNING: ");
}

static int fail_said(const struct wd_protoc_request *request, struct wd_bytes said, struct wd_arena *arena,
                     struct wd_err *err)
{
    struct wd_shown shown;
    while (said.len) {
        struct wd_bytes line = next_line(&said);
        if (is_note(line))
            continue;
        struct wd_place place = place_of(request, &line, arena);
        line = wd_bytes_trim(line);
        if (!line.len || wd_bytes_starts(line, "warning:"))
            continue;
        while (line.len && line.at[line.len - 1] == '.')
            line.len--;
        if (place.file && !place.line && !is_given(request, place.file))
            return fail_import(request, said, place.file, line, arena, err);
        return wd_fail(err, WD_EPARSE, place, "protoc: %s", wd_show(&shown, line));
    }
    return wd_fail(err, WD_EPARSE, (struct wd_place){ .file = request->files[0].shown },
                   "protoc refuses it and does not say why; run protoc on it to see more");
}

static int fail_ended(const struct wd_protoc_request *request, int status, struct wd_err *err)
{
    struct wd_place place = { .file = request->files[0].shown };
    char program[NAME_BYTES];
    if (status == -1)
        return wd_fail(err, WD_ESYSTEM, place, "protoc was not started: %s; a descriptor set (protoc -o, "
                       "buf build -o) needs none", strerror(errno));
    if (WIFSIGNALED(status) && WTERMSIG(status) == SIGXFSZ)
        return wd_fail(err, WD_EPARSE, place, "with all imports it is larger than %llu bytes as a descriptor "
                       "set; raise it with --limit document=...", (unsigned long long)request->limit);
    if (WIFSIGNALED(status))
        return wd_fail(err, WD_ESYSTEM, place, "protoc was ended by signal %d (it has %d seconds and 4 GiB); "
                       "name fewer files", WTERMSIG(status), SECONDS);
    if (!find_program(program, sizeof program))
        return wd_fail(err, WD_ESYSTEM, place, "protoc reads .proto files and is not installed; install "
                       "protobuf-compiler, or name a descriptor set (protoc --include_imports "
                       "--include_source_info -o FILE, buf build -o FILE)");
    return wd_fail(err, WD_ESYSTEM, place, "protoc cannot be started; a descriptor set (protoc -o, "
                   "buf build -o) needs none");
}

static int check_end(const struct wd_protoc_request *request, int status, int said, struct wd_arena *arena,
                     struct wd_err *err)
{
    if (status == 0)
        return WD_OK;
    if (status == -1 || !WIFEXITED(status) || WEXITSTATUS(status) == 127)
        return fail_ended(request, status, err);
    return fail_said(request, read_memory(said, SAID_BYTES, arena), arena, err);
}

/* It would be read as an option, as a file of options, as two directories or as half a name. */
static int check_name(const struct wd_protoc_file *file, struct wd_err *err)
{
    struct wd_shown shown;
    const char *name = file->name;
    if (name[0] != '-' && name[0] != '@' && !strpbrk(name, ":="))
        return WD_OK;
    return wd_fail(err, WD_EPARSE, (struct wd_place){ .file = file->shown },
                   "protoc takes no file that is called '%s' (expected a name that begins with neither - nor @ "
                   "and holds neither : nor =); rename it", wd_show(&shown, wd_bytes_of(name)));
}

int wd_protoc_run(const struct wd_protoc *protoc, const struct wd_protoc_request *request,
                  struct wd_arena *arena, struct wd_bytes *out, struct wd_err *err)
{
    for (size_t i = 0; i < request->count; i++)
        TRY(check_name(&request->files[i], err));
    struct call call = { .protoc = protoc, .output = memfd_create("set", MFD_CLOEXEC),
                         .said = memfd_create("said", MFD_CLOEXEC) };
    begin(&call.command);
    int status = give_all(&call, request) ? run_call(&call) : -1;
    int rc = check_end(request, status, call.said, arena, err);
    if (rc >= 0)
        *out = read_memory(call.output, request->limit, arena);
    end(&call.command, true);
    if (call.output >= 0)
        close(call.output);
    if (call.said >= 0)
        close(call.said);
    return rc;
}
