/* profile/file_reader.h - what reads a profile file, shared by the files of profile/ that do. Not for other
 * folders.
 *
 * Shape   each get_ takes one member of an object by its name and checks it; a missing one leaves *out as it
 *         is.
 * Owns    texts go to the arena.
 * Errors  WD_EPARSE: the member, and what it should be.
 */
#ifndef WD_PROFILE_FILE_READER_H
#define WD_PROFILE_FILE_READER_H

#include <jansson.h>

#include "base/err.h"
#include "base/limits.h"
#include "model/profile.h"

struct reader {
    const char *file;
    struct wd_arena *arena;
    struct wd_err *err;
    const struct wd_limits *limits;
};

/* Up to here every JSON reader knows integers exactly. */
static const json_int_t most_count = (json_int_t)1 << 53;

int fail(const struct reader *r, const char *member, const char *expected);
int get_count(const struct reader *r, const json_t *object, const char *name, uint64_t *out);
int get_text(const struct reader *r, const json_t *object, const char *name, struct wd_bytes *out);
int get_flag(const struct reader *r, const json_t *object, const char *name, bool *out);
/* One of `names`; *out keeps its value when the member is missing. */
int get_word(const struct reader *r, const json_t *object, const char *name, const char *const *names,
             int count, int *out);
/* "" is no time. */
int get_time(const struct reader *r, const json_t *object, const char *name, int64_t *out);
/* An object of counts whose names come from a table. */
int get_table(const struct reader *r, const json_t *object, const char *name, const char *const *names,
              int count, uint64_t *out);
int get_list(const struct reader *r, const json_t *object, const char *name, const json_t **out,
             size_t *count);
int get_codec(const struct reader *r, const json_t *object, const char **out);

/* What is counted of something is not more than it. */
struct part { uint64_t part, whole; const char *name; };
int check_parts(const struct reader *r, const struct part *parts, size_t count);

/* file_row.c */
int get_row(const struct reader *r, const json_t *object, struct wd_row *row);

#endif
