#include "base/err.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/escape.h"

static size_t put(char *at, size_t cap, size_t off, const char *format, va_list args)
{
    int n = vsnprintf(at + off, cap - off, format, args);
    size_t end = off + (n > 0 ? (size_t)n : 0);
    return end < cap ? end : cap - 1;
}

__attribute__((format(printf, 4, 5)))
static size_t putf(char *at, size_t cap, size_t off, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    off = put(at, cap, off, format, args);
    va_end(args);
    return off;
}

int wd_fail(struct wd_err *err, int code, struct wd_place place, const char *format, ...)
{
    if (!err || err->code)
        return code;
    err->code = code;
    size_t off = 0, cap = sizeof err->text;
    if (place.file) {
        struct wd_shown shown;
        bool is_stdin = strcmp(place.file, "-") == 0;
        const char *name = is_stdin ? "standard input" : wd_show(&shown, wd_bytes_of(place.file));
        off = putf(err->text, cap, off, "%s:", name);
        if (place.line)
            off = putf(err->text, cap, off, "%" PRIu32 ":%" PRIu32 ":", place.line, place.column);
        else if (place.has_offset)
            off = putf(err->text, cap, off, "%" PRIu64 ":", place.offset);
        off = putf(err->text, cap, off, " ");
        if (place.packet)
            off = putf(err->text, cap, off, "packet %" PRIu64 ": ", place.packet);
    }
    va_list args;
    va_start(args, format);
    put(err->text, cap, off, format, args);
    va_end(args);
    return code;
}

static const struct { int number; bool is_name; const char *remedy; } remedies[] = {
    { ENOENT, true, "check the name" },
    { ENOTDIR, true, "check the name" },
    { ENAMETOOLONG, true, "check the name" },
    { ELOOP, true, "check the name" },
    { EISDIR, true, "name a file" },
    { EACCES, false, "check the permissions" },
    { EPERM, false, "check the permissions" },
    { EROFS, false, "choose another place" },
    { ENOSPC, false, "make room or choose another place" },
    { EDQUOT, false, "make room or choose another place" },
    { EBADF, false, "it is closed; open it or name a file with -o" },
    { ENOMEM, false, "give the process more memory" },
    { EMFILE, false, "raise the limit of open files (ulimit -n)" },
};

static int fail_with_remedy(struct wd_err *err, int code, const char *file, const char *what, int number)
{
    const char *remedy = "check the device";
    for (size_t i = 0; i < WD_COUNT(remedies); i++)
        if (remedies[i].number == number)
            remedy = remedies[i].remedy;
    struct wd_place place = { .file = file };
    return wd_fail(err, code, place, "%s: %s; %s", what, strerror(number), remedy);
}

int wd_fail_errno(struct wd_err *err, const char *file, const char *what)
{
    return fail_with_remedy(err, WD_ESYSTEM, file, what, errno);
}

int wd_fail_input(struct wd_err *err, const char *file, const char *what)
{
    int number = errno, code = WD_ESYSTEM;
    for (size_t i = 0; i < WD_COUNT(remedies); i++)
        if (remedies[i].number == number && remedies[i].is_name)
            code = WD_EPARSE;
    return fail_with_remedy(err, code, file, what, number);
}

int wd_exit_status(int code)
{
    return code >= 0 || code == WD_STOP ? 0 : -code;
}
