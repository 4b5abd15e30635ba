/* base/err.h - why the run cannot go on.
 *
 * Shape   a function that can fail takes `struct wd_err *err` last and returns WD_OK or a negative WD_E*.
 *         The first error wins; there is no global. Broken *data* is no error (house rule): it is counted.
 * Units   line and column are 1-based and count bytes; offset is bytes from the start of the file.
 * Owns    the text, inside the struct.
 * Source  exit codes: 2 usage, 3 bad input, 4 system or a bug of ours.
 */
#ifndef WD_BASE_ERR_H
#define WD_BASE_ERR_H

#include "base/bytes.h"

enum {
    WD_OK = 0,
    WD_EUSAGE = -2,  /* the command line or the configuration asks for what cannot be */
    WD_EPARSE = -3,  /* an input is broken, cut, foreign or contradicts itself        */
    WD_ESYSTEM = -4, /* I/O, permission, memory, a limit of time, a bug of ours       */
    WD_STOP = -5,    /* a sink asked its feeder to stop; not an error                 */
};

/* Where in an input. All-zero means "nowhere in particular". */
struct wd_place {
    const char *file;    /* as the user named it; outlives the error (arena or argv) */
    uint32_t line;       /* 0: not a text                                           */
    uint32_t column;
    uint64_t offset;     /* meaningful when has_offset                              */
    bool has_offset;
    uint64_t packet;     /* 0: none                                                 */
};

struct wd_err {
    int code;            /* 0 while nothing went wrong */
    char text[768];      /* "chat.yaml:14:9: a field needs a 'type'; ...", escaped for a terminal, no newline */
};

/* Notes the first error and returns `code`. The text is one line, lower case, and ends at the remedy.
 * `%s` arguments must be literals or already escaped (wd_show). `place.file` is escaped here. */
int wd_fail(struct wd_err *err, int code, struct wd_place place, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* The same for a system call: appends strerror(errno) and what to do about it. */
int wd_fail_errno(struct wd_err *err, const char *file, const char *what);

/* The same for an input. A name that leads to no file is bad input (WD_EPARSE); what the system refuses is
 * WD_ESYSTEM. */
int wd_fail_input(struct wd_err *err, const char *file, const char *what);

/* Exit status for a result code: 0, 2, 3 or 4. */
int wd_exit_status(int code);

#define TRY(expr) do { int try_rc_ = (expr); if (try_rc_ < 0) return try_rc_; } while (0)

#endif
