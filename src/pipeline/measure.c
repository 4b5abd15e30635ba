#include "pipeline/measure.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "pipeline/intake.h"
#include "pipeline/keys.h"
#include "pipeline/limited.h"
#include "pipeline/road.h"
#include "profile/file.h"
#include "profile/merge.h"
#include "profile/observe.h"
#include "schema/schema.h"

enum { READ_BYTES = 1 << 18 };

/* --- files --- */

static bool is_interrupted(const struct wd_measure *m)
{
    return m->interrupted && *m->interrupted;
}

/* Waits for a slow writer in short turns: a signal between the question and read() would otherwise not be
 * seen until more bytes come. */
static bool wait_for_bytes(const struct wd_measure *m, int fd)
{
    struct pollfd ready = { .fd = fd, .events = POLLIN };
    while (!is_interrupted(m)) {
        int n = poll(&ready, 1, 200);
        if (n > 0 || (n < 0 && errno != EINTR))
            return true;
    }
    return false;
}

/* *len is 0 at the end and when interrupted. */
static int read_some(const struct wd_measure *m, int fd, const char *name, uint8_t *buffer, size_t *len,
                     struct wd_err *err)
{
    ssize_t n;
    *len = 0;
    do {
        if (!wait_for_bytes(m, fd))
            return WD_OK;
        n = read(fd, buffer, READ_BYTES);
    } while (n < 0 && errno == EINTR);
    if (n < 0)
        return wd_fail_input(err, name, "cannot be read");
    *len = (size_t)n;
    return WD_OK;
}

static int feed_file(const struct wd_measure *m, int fd, const char *name, struct wd_intake *intake,
                     uint8_t *buffer, struct wd_err *err)
{
    struct stat st;
    uint64_t size = fstat(fd, &st) == 0 && S_ISREG(st.st_mode) ? (uint64_t)st.st_size : 0, done = 0;
    for (size_t len = 1; len; done += len) {
        TRY(read_some(m, fd, name, buffer, &len, err));
        TRY(wd_intake_feed(intake, wd_bytes_at(buffer, len), err));
        if (m->progress)
            m->progress(m->progress_ctx, name, done + len, size);
    }
    return WD_OK;
}

static int measure_file(struct wd_intake_run *run, const struct wd_measure *m, const char *name,
                        uint8_t *buffer, struct wd_buf *diagnostics, struct wd_err *err)
{
    int fd = wd_file_open(name);
    if (fd < 0)
        return errno == EINTR && is_interrupted(m) ? WD_OK : wd_fail_input(err, name, "cannot be opened");
    struct wd_intake *intake = wd_intake_open(run, name);
    int rc = feed_file(m, fd, name, intake, buffer, err);
    if (rc >= 0)  /* who is interrupted leaves a packet half read */
        rc = wd_intake_finish(intake, m->is_strict, is_interrupted(m), diagnostics, err);
    wd_intake_free(intake);
    close(fd);
    return rc;
}

static int measure_files(struct wd_keys *keys, const struct wd_measure *m, struct wd_buf *diagnostics,
                         struct wd_err *err)
{
    struct wd_intake_run run;
    int rc = wd_intake_run_open(&run, keys, &m->selection, err);
    uint8_t *buffer = wd_alloc(READ_BYTES);
    for (size_t i = 0; i < m->capture_count && rc >= 0 && !is_interrupted(m); i++)
        rc = measure_file(&run, m, m->captures[i], buffer, diagnostics, err);
    if (rc >= 0)
        wd_intake_run_note(&run, diagnostics);
    wd_free(buffer);
    wd_intake_run_free(&run);
    return rc;
}

int wd_measure_run(const struct wd_measure *m, struct wd_profile **out, struct wd_buf *diagnostics,
                   struct wd_err *err)
{
    struct wd_road road;
    wd_road_open(&road, m->config, m->schema);
    struct wd_keys keys;
    int rc = wd_keys_open(&keys, &road, m, err);
    if (rc >= 0)
        rc = measure_files(&keys, m, diagnostics, err);
    if (rc >= 0)
        rc = wd_road_finish(&road, out);
    if (rc >= 0)
        wd_keys_report(&keys, diagnostics);
    if (rc >= 0)
        wd_limited_report(&road, diagnostics);
    if (rc >= 0)
        wd_observer_report(road.observer, diagnostics);
    if (rc >= 0 && is_interrupted(m)) {
        (*out)->is_incomplete = true;
        rc = WD_STOP;
    }
    wd_road_close(&road);
    return rc;
}

int wd_measure_bytes(const struct wd_config *config, const struct wd_schema *schema, struct wd_bytes bytes,
                     size_t piece, struct wd_profile **out, struct wd_err *err)
{
    struct wd_road road;
    struct wd_intake_run run;
    struct wd_buf diagnostics = { 0 };
    wd_road_open(&road, config, schema);
    struct wd_keys keys;
    int rc = wd_keys_open(&keys, &road, NULL, err);
    keys.memory = bytes;
    wd_intake_run_open(&run, &keys, &(struct wd_selection){ 0 }, err);
    struct wd_intake *intake = wd_intake_open(&run, "memory");
    for (size_t off = 0, n; off < bytes.len && rc >= 0; off += n) {
        n = piece && piece < bytes.len - off ? piece : bytes.len - off;
        rc = wd_intake_feed(intake, wd_bytes_at(bytes.at + off, n), err);
    }
    if (rc >= 0)
        rc = wd_intake_finish(intake, false, false, &diagnostics, err);
    if (rc >= 0)
        rc = wd_road_finish(&road, out);
    wd_intake_free(intake);
    wd_intake_run_free(&run);
    wd_road_close(&road);
    wd_buf_free(&diagnostics);
    return rc;
}

/* --- profiles and captures alike --- */

/* What can be read once only, such as a pipe, is a capture: looking would cost its header. */
static int is_profile(const struct wd_measure *m, const char *name, bool *out, struct wd_err *err)
{
    struct stat st;
    *out = false;
    if (strcmp(name, "-") == 0 || (stat(name, &st) == 0 && !S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode)))
        return WD_OK;
    int fd = open(name, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return wd_fail_input(err, name, "cannot be opened");
    uint8_t head[WD_INTAKE_HEAD];
    ssize_t n = read(fd, head, sizeof head);
    int why = errno;
    close(fd);
    errno = why;
    if (n < 0)
        return wd_fail_input(err, name, "cannot be read");
    *out = wd_intake_is_profile(name, &m->selection, wd_bytes_at(head, (size_t)n));
    return WD_OK;
}

/* Reads the profiles among the inputs into parts, and leaves the captures in `captures`. */
static int read_parts(const struct wd_measure *m, struct wd_profile **parts, size_t *part_count,
                      const char **captures, size_t *capture_count, struct wd_err *err)
{
    for (size_t i = 0; i < m->capture_count; i++) {
        bool is_json;
        TRY(is_profile(m, m->captures[i], &is_json, err));
        if (!is_json) {
            captures[(*capture_count)++] = m->captures[i];
            continue;
        }
        if (m->selection.filter || !wd_window_is_open(&m->selection.window))
            return wd_fail(
                err, WD_EUSAGE, (struct wd_place){ .file = m->captures[i] },
                "is a profile, of which nothing can be left out any more; give --from, --to and --filter with captures alone");
        TRY(wd_profile_read(m->captures[i], &m->config->limits, &parts[*part_count], err));
        ++*part_count;
    }
    return WD_OK;
}

int wd_measure_any(const struct wd_measure *m, struct wd_profile **out, struct wd_buf *diagnostics,
                   struct wd_err *err)
{
    struct wd_profile **parts = wd_alloc((m->capture_count + 1) * sizeof *parts);
    const char **captures = wd_alloc((m->capture_count + 1) * sizeof *captures);
    size_t part_count = 0, capture_count = 0;
    int rc = read_parts(m, parts, &part_count, captures, &capture_count, err);
    if (rc >= 0 && capture_count) {
        struct wd_measure rest = *m;
        rest.captures = captures;
        rest.capture_count = capture_count;
        rc = wd_measure_run(&rest, &parts[part_count], diagnostics, err);
        part_count += rc >= 0 || rc == WD_STOP;
    }
    if (rc >= 0 || rc == WD_STOP) {
        if (part_count == 1) {
            *out = parts[0];
            part_count = 0;
        } else {
            *out = wd_profile_merge(parts, part_count, diagnostics);
        }
    }
    for (size_t i = 0; i < part_count; i++)
        wd_profile_free(parts[i]);
    wd_free(parts);
    wd_free(captures);
    return rc;
}

/* --- the schema's names --- */

static void rename_types(struct wd_profile *p, const struct wd_binding *bindings)
{
    for (size_t t = 0; t < p->type_count; t++) {
        struct wd_type_profile *type = &p->types[t];
        bool is_final = type->named_by == WD_NAMED_BY_SCHEMA && bindings[t].message && !bindings[t].message->layout;
        if (!bindings[t].message || type->named_by == WD_NAMED_BY_CONFIG || is_final)
            continue;
        if (!wd_bytes_eq(type->name, bindings[t].message->name))
            type->discovered = type->name;
        type->name = wd_arena_copy(p->arena, bindings[t].message->name);
        type->named_by = WD_NAMED_BY_SCHEMA;
    }
}

/* Two discovered types can be one message of the schema: merging a profile with nothing joins them. */
int wd_measure_bind(struct wd_profile **profile, const struct wd_schema *schema, struct wd_binding **bindings,
                    struct wd_err *err)
{
    TRY(wd_schema_bind(schema, *profile, (*profile)->arena, bindings, err));
    rename_types(*profile, *bindings);
    struct wd_buf note = { 0 };
    struct wd_profile *named = wd_profile_merge(profile, 1, &note);
    wd_buf_free(&note);
    wd_profile_free(*profile);
    *profile = named;
    return wd_schema_bind(schema, named, named->arena, bindings, err);
}
