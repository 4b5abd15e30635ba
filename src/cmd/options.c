#include "cmd/options.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/confine.h"
#include "base/escape.h"
#include "base/file.h"
#include "base/nearest.h"
#include "cmd/cmd.h"
#include "field/codec.h"
#include "pipeline/gather.h"
#include "schema/protoc.h"
#include "schema/schema.h"
#include "usage/config.h"

enum { OPT_CONFIG = 256, OPT_LIMIT, OPT_LIMITS, OPT_COLOR, OPT_FORMAT, OPT_KEYLOG, OPT_FROM, OPT_TO, OPT_FILTER, OPT_NDJSON, OPT_CODEC,
       OPT_ROOT };

void wd_words_add(struct wd_words *words, const char *word)
{
    WD_GROW(words->at, words->count, words->cap);
    words->at[words->count++] = word;
}

static const struct argp_option common_options[] = {
    { "output", 'o', "FILE", 0, "write the result to FILE; its extension chooses the format", 90 },
    { "format", OPT_FORMAT, "FORMAT", 0, "as each verb has them", 90 }, /* say_formats() */
    { "config", OPT_CONFIG, "FILE", 0, "read FILE instead of .wirediet.yaml", 90 },
    { "limit", OPT_LIMIT, "NAME=VALUE", 0, "change a limit (repeatable; see --limits)", 90 },
    { "limits", OPT_LIMITS, NULL, 0, "list the limits and stop", 90 },
    { "color", OPT_COLOR, "WHEN", 0, "auto, always or never", 90 },
    { "quiet", 'q', NULL, 0, "say less", 90 },
    { "verbose", 'v', NULL, 0, "say more", 90 },
    { "help", 'h', NULL, 0, "print this and stop", 90 },
    { 0 },
};

static void list_formats(unsigned formats, const char *last_glue, struct wd_buf *out)
{
    for (int i = 0; i < WD_FORMAT_COUNT; i++) {
        bool is_last = !(formats >> i >> 1);
        if (formats & 1u << i)
            wd_buf_printf(out, "%s%s", !out->len ? "" : is_last ? last_glue : ", ", wd_format_names[i]);
    }
}

/* What argp frees. */
static char *say_formats(const struct wd_common *common)
{
    struct wd_buf known = { 0 };
    list_formats(common->formats ? common->formats : 1u << WD_FORMAT_TEXT, " or ", &known);
    if (common->formats <= 1)
        wd_buf_puts(&known, " only");
    char *text = strdup(wd_buf_cstr(&known));
    wd_buf_free(&known);
    return text;
}

static char *help_common(int key, const char *text, void *input)
{
    return key == OPT_FORMAT && input ? say_formats(input) : (char *)(uintptr_t)text;
}

static void print_limits(void)
{
    for (size_t i = 0; i < WD_LIMIT_COUNT; i++) {
        const struct wd_limit_row *row = &wd_limit_rows[i];
        printf("%-16s %12llu  %s: %s\n", row->name, (unsigned long long)row->value, row->unit, row->effect);
    }
}

static error_t parse_common(int key, char *arg, struct argp_state *state)
{
    struct wd_common *common = state->input;
    switch (key) {
    case 'o': common->output = arg; return 0;
    case 'q': common->verbosity--; return 0;
    case 'v': common->verbosity++; return 0;
    case OPT_FORMAT: common->format_name = arg; return 0;
    case OPT_CONFIG: common->config_name = arg; return 0;
    case OPT_LIMIT: wd_words_add(&common->limits, arg); return 0;
    case OPT_LIMITS: print_limits(); exit(wd_flush(0));
    case 'h': wd_print_options(state); exit(wd_flush(0));
    case OPT_COLOR: common->color = arg; return 0;
    default: return ARGP_ERR_UNKNOWN;
    }
}

const struct argp wd_common_argp = { .options = common_options, .parser = parse_common, .help_filter = help_common };

#define CODEC_OPTION \
    { "codec", OPT_CODEC, "[CHANNEL=]CODEC", 0, \
      "read the messages of CHANNEL, or all, as one of" WD_CODEC_NAMES " (repeatable)", 20 }

static const struct argp_option codec_options[] = { CODEC_OPTION, { 0 } };
static const struct argp_option traffic_options[] = {
    { "keylog", OPT_KEYLOG, "FILE", 0, "open TLS with the keys of this SSLKEYLOGFILE (repeatable)", 20 },
    { "from", OPT_FROM, "TIME", 0, "leave out what was captured before TIME: a date and time, or +SECONDS after the first packet", 20 },
    { "to", OPT_TO, "TIME", 0, "leave out what was captured at TIME or later", 20 },
    { "filter", OPT_FILTER, "EXPRESSION", 0, "leave out packets that do not match, in the language of tcpdump", 20 },
    { "ndjson", OPT_NDJSON, "MEMBER=PATH,...", 0,
      "read lines of JSON; payload, channel, type, time, direction and connection are at these paths (lines: the whole line)", 20 },
    CODEC_OPTION,
    { 0 },
};

static error_t parse_traffic(int key, char *arg, struct argp_state *state)
{
    struct wd_common *common = state->input;
    switch (key) {
    case OPT_KEYLOG: wd_words_add(&common->keylogs, arg); return 0;
    case OPT_FROM: common->from = arg; return 0;
    case OPT_TO: common->to = arg; return 0;
    case OPT_FILTER: common->filter = arg; return 0;
    case OPT_NDJSON: wd_words_add(&common->layouts, arg); return 0;
    case OPT_CODEC: wd_words_add(&common->codecs, arg); return 0;
    default: return ARGP_ERR_UNKNOWN;
    }
}

const struct argp wd_traffic_argp = { .options = traffic_options, .parser = parse_traffic };
const struct argp wd_codec_argp = { .options = codec_options, .parser = parse_traffic };

static const struct argp_option schema_options[] = {
    { "root", OPT_ROOT, "DIR", 0, "$ref may not leave DIR (default: the directory of the first schema)", 10 },
    { "import", 'I', "DIR", 0, "look for imports of .proto files in DIR (repeatable; default: near the file)", 10 },
    { 0 },
};

static error_t parse_schema(int key, char *arg, struct argp_state *state)
{
    struct wd_common *common = state->input;
    switch (key) {
    case OPT_ROOT: common->root = arg; return 0;
    case 'I': wd_words_add(&common->imports, arg); return 0;
    default: return ARGP_ERR_UNKNOWN;
    }
}

const struct argp wd_schema_argp = { .options = schema_options, .parser = parse_schema };

/* --- start --- */

/* The extensions that -o understands. */
static const struct { const char *extension; enum wd_format format; } extensions[] = {
    { ".txt", WD_FORMAT_TEXT }, { ".json", WD_FORMAT_JSON }, { ".md", WD_FORMAT_MARKDOWN }, { ".html", WD_FORMAT_HTML },
    { ".htm", WD_FORMAT_HTML }, { ".sarif", WD_FORMAT_SARIF }, { ".csv", WD_FORMAT_CSV },
};

static bool format_by_extension(const char *name, enum wd_format *out)
{
    const char *dot = name ? strrchr(name, '.') : NULL;
    for (size_t i = 0; dot && i < WD_COUNT(extensions); i++) {
        if (strcmp(dot, extensions[i].extension) == 0) {
            *out = extensions[i].format;
            return true;
        }
    }
    return false;
}

static int no_such_format(struct wd_common *common, const char *name)
{
    struct wd_buf known = { 0 };
    struct wd_shown shown;
    list_formats(common->formats, ", ", &known);
    int rc = wd_fail(&common->err, WD_EUSAGE, (struct wd_place){ 0 }, "no format '%s' here; choose one of %s",
                     wd_show(&shown, wd_bytes_of(name)), wd_buf_cstr(&known));
    wd_buf_free(&known);
    return rc;
}

static int choose_format(struct wd_common *common)
{
    common->format = WD_FORMAT_TEXT;
    if (!common->formats)
        common->formats = 1u << WD_FORMAT_TEXT;
    if (!common->format_name) {
        enum wd_format by_name;
        if (format_by_extension(common->output, &by_name)) {
            if (!(common->formats & 1u << by_name))
                return no_such_format(common, wd_format_names[by_name]);
            common->format = by_name;
        }
        return WD_OK;
    }
    for (int i = 0; i < WD_FORMAT_COUNT; i++) {
        if ((common->formats & 1u << i) && strcmp(common->format_name, wd_format_names[i]) == 0) {
            common->format = (enum wd_format)i;
            return WD_OK;
        }
    }
    return no_such_format(common, common->format_name);
}

static bool is_utf8_terminal(void)
{
    const char *names[] = { "LC_ALL", "LC_CTYPE", "LANG" };
    for (size_t i = 0; i < WD_COUNT(names); i++) {
        const char *value = getenv(names[i]);
        if (value && *value)
            return strcasestr(value, "utf-8") || strcasestr(value, "utf8");
    }
    return false;
}

static unsigned terminal_columns(void)
{
    struct winsize size;
    uint64_t columns;
    const char *env = getenv("COLUMNS");
    if (env && wd_bytes_uint(wd_bytes_of(env), &columns) && columns >= 40 && columns <= 1000)
        return (unsigned)columns;
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col >= 40)
        return size.ws_col;
    return 80;
}

static int choose_style(struct wd_common *common)
{
    bool is_terminal = isatty(STDOUT_FILENO) && !common->output;
    const char *no_color = getenv("NO_COLOR"), *when = common->color ? common->color : "auto";
    common->style.columns = is_terminal || getenv("COLUMNS") ? terminal_columns() : 80;
    common->style.is_unicode = is_utf8_terminal();
    common->style.verbosity = common->verbosity;
    if (strcmp(when, "always") == 0)
        common->style.has_color = true;
    else if (strcmp(when, "auto") == 0)
        common->style.has_color = is_terminal && !(no_color && *no_color);
    else if (strcmp(when, "never") != 0)
        return wd_fail(&common->err, WD_EUSAGE, (struct wd_place){ 0 },
                       "--color takes auto, always or never");
    return WD_OK;
}

static int choose_selection(struct wd_common *common)
{
    struct wd_selection *s = &common->selection;
    s->filter = common->filter;
    if (common->from)
        TRY(wd_bound_read("--from", common->from, &s->window.from, &common->err));
    if (common->to)
        TRY(wd_bound_read("--to", common->to, &s->window.to, &common->err));
    bool is_empty = common->from && common->to && s->window.from.is_relative == s->window.to.is_relative &&
                    s->window.from.ns >= s->window.to.ns;
    if (is_empty)
        return wd_fail(&common->err, WD_EUSAGE, (struct wd_place){ 0 },
                       "--from is not before --to; nothing is between them");
    for (size_t i = 0; i < common->layouts.count; i++)
        TRY(wd_lines_layout_read(wd_arena_string(common->arena, wd_bytes_of(common->layouts.at[i])),
                                 &s->lines, &common->err));
    return WD_OK;
}

void wd_common_confine(struct wd_common *common, const char *const *names, size_t count)
{
    struct wd_buf notes = { 0 };
    wd_confine_reader(&notes);
    wd_confine_writes(names, count, &notes);
    if (common->verbosity > 0)
        wd_buf_put(&common->diagnostics, wd_buf_bytes(&notes));
    wd_buf_free(&notes);
}

/* Before the first byte of a stranger. */
static int guard(struct wd_common *common)
{
    const char *written = common->written ? common->written : common->output;
    if (common->is_guarded)
        return WD_OK;
    TRY(wd_file_check(common->output, &common->err));
    wd_common_confine(common, &written, !wd_file_is_stdout(written));
    return WD_OK;
}

int wd_common_start(struct wd_common *common)
{
    common->arena = wd_arena_open();
    TRY(choose_format(common));
    TRY(choose_style(common));
    TRY(choose_selection(common));
    common->protoc = common->reads_schemas ? wd_protoc_open() : NULL;
    TRY(guard(common));
    TRY(wd_common_spare_all(common, &common->keylogs));
    TRY(wd_config_load(common->config_name, common->arena, &common->config, &common->err));
    for (size_t i = 0; i < common->limits.count; i++)
        TRY(wd_limits_set(&common->config.limits, common->limits.at[i], &common->err));
    TRY(wd_common_name_codecs(common));
    return wd_common_spare(common, common->config.at.file);
}

int wd_common_rank(struct wd_common *common, const char *by)
{
    common->style.is_by_wire = by && strcmp(by, "wire") == 0;
    if (!by || common->style.is_by_wire || strcmp(by, "raw") == 0)
        return WD_OK;
    return wd_fail(&common->err, WD_EUSAGE, (struct wd_place){ 0 }, "--by takes raw or wire");
}

/* Values leave the terminal only on purpose. */
int wd_common_show_values(struct wd_common *common, const char *force)
{
    if (force && strcmp(force, "force") != 0)
        return wd_fail(&common->err, WD_EUSAGE, (struct wd_place){ 0 },
                       "--show-values takes force or nothing");
    if (!force && (common->output || !isatty(STDOUT_FILENO)))
        return wd_fail(
            &common->err, WD_EUSAGE, (struct wd_place){ 0 },
            "--show-values would write captured values to something that is not a terminal; --show-values=force does so");
    wd_buf_puts(&common->diagnostics, "captured values are shown (--show-values)\n");
    return WD_OK;
}

int wd_common_schema(struct wd_common *common, const struct wd_words *names, struct wd_schema **out)
{
    struct wd_schema_request request = { .names = names->at,
                                         .count = names->count,
                                         .root = common->root,
                                         .imports = common->imports.at,
                                         .import_count = common->imports.count,
                                         .protoc = common->protoc };
    struct wd_schema *schema = NULL;
    TRY(wd_schema_open(&request, &common->config.limits, &schema, &common->err));
    int rc = wd_schema_place(schema, &common->config, &common->err);
    if (rc < 0)
        wd_schema_free(schema);
    else
        *out = schema;
    return rc;
}

/* --- results --- */

int wd_common_spare(struct wd_common *common, const char *input)
{
    const char *output = common->output;
    struct stat st;
    if (!output || !input || strcmp(output, "-") == 0 || !wd_file_same(output, input))
        return WD_OK;
    if (strcmp(input, "-") == 0 && (fstat(STDIN_FILENO, &st) < 0 || !S_ISREG(st.st_mode)))
        return WD_OK;  /* the terminal, or /dev/null, may serve for both */
    return wd_fail(&common->err, WD_EUSAGE, (struct wd_place){ .file = output },
                   "is also an input; name another file with -o");
}

int wd_common_spare_all(struct wd_common *common, const struct wd_words *inputs)
{
    for (size_t i = 0; inputs && i < inputs->count; i++)
        TRY(wd_common_spare(common, inputs->at[i]));
    return WD_OK;
}

int wd_common_write(struct wd_common *common, const struct wd_buf *text, const struct wd_words *inputs,
                    unsigned mode)
{
    TRY(wd_common_spare_all(common, inputs));
    return wd_file_write(common->output, wd_buf_bytes(text), mode, &common->err);
}

void wd_common_tell(struct wd_common *common)
{
    const uint8_t *at = common->diagnostics.at, *end = at + common->diagnostics.len;
    while (common->verbosity >= 0 && at < end) {
        const uint8_t *line = memchr(at, '\n', (size_t)(end - at));
        fprintf(stderr, "wirediet: %.*s\n", (int)((line ? line : end) - at), (const char *)at);
        at = line ? line + 1 : end;
    }
    wd_buf_reset(&common->diagnostics);
}

int wd_common_end(struct wd_common *common, int rc)
{
    wd_common_tell(common);
    if (rc < 0 && rc != WD_STOP)
        fprintf(stderr, "wirediet: %s\n",
                common->err.code ? common->err.text : "failed without a reason: a bug of ours");
    wd_protoc_close(common->protoc);
    wd_buf_free(&common->diagnostics);
    wd_arena_close(common->arena);
    wd_free(common->limits.at);
    wd_free(common->keylogs.at);
    wd_free(common->layouts.at);
    wd_free(common->imports.at);
    wd_free(common->codecs.at);
    return rc < 0 ? wd_exit_status(rc) : rc;
}

/* --- traffic --- */

static volatile sig_atomic_t caught;  /* the one thing a signal handler may touch */

static void on_signal(int number)
{
    caught = number;
}

static void catch_signals(void)
{
    struct sigaction action = { .sa_handler = on_signal, .sa_flags = (int)SA_RESETHAND };
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

void wd_interrupt_die(void)
{
    int number = caught ? caught : SIGINT;
    fflush(NULL);
    signal(number, SIG_DFL);
    raise(number);
}

struct progress {
    struct timespec start, last;
    bool is_shown;
};

static double seconds_between(const struct timespec *a, const struct timespec *b)
{
    return (double)(b->tv_sec - a->tv_sec) + (double)(b->tv_nsec - a->tv_nsec) / 1e9;
}

/* After a second, ten times a second at most, one line that is rewritten. */
static void show_progress(void *ctx, const char *name, uint64_t done, uint64_t size)
{
    struct progress *p = ctx;
    struct timespec now;
    struct wd_shown shown;
    clock_gettime(CLOCK_MONOTONIC, &now);
    double elapsed = seconds_between(&p->start, &now);
    if (elapsed < 1 || (p->is_shown && seconds_between(&p->last, &now) < 0.1))
        return;
    p->last = now;
    p->is_shown = true;
    fprintf(stderr, "\r\033[K%s  %.0f MB", wd_show(&shown, wd_bytes_of(name)), (double)done / 1e6);
    if (size)
        fprintf(stderr, " of %.0f MB, %.0f %%", (double)size / 1e6, 100.0 * (double)done / (double)size);
    fprintf(stderr, ", %.0f MB/s", (double)done / 1e6 / elapsed);
}

int wd_common_measure(struct wd_common *common, const struct wd_words *inputs, const struct wd_schema *schema,
                      bool is_strict, struct wd_profile **out)
{
    struct progress progress = { 0 };
    clock_gettime(CLOCK_MONOTONIC, &progress.start);
    struct wd_names names;
    TRY(wd_gather(inputs->at, inputs->count, &common->config.limits, common->arena, &names,
                  &common->diagnostics, &common->err));
    TRY(wd_common_spare_all(common, &(struct wd_words){ names.at, names.count, 0 }));
    catch_signals();
    struct wd_measure measure = {
        .captures = names.at,
        .capture_count = names.count,
        .keylogs = common->keylogs.at,
        .keylog_count = common->keylogs.count,
        .config = &common->config,
        .schema = schema,
        .selection = common->selection,
        .is_strict = is_strict,
        .interrupted = &caught,
        .progress_ctx = &progress,
        .progress = isatty(STDERR_FILENO) && common->verbosity >= 0 ? show_progress : NULL,
    };
    int rc = wd_measure_any(&measure, out, &common->diagnostics, &common->err);
    if (progress.is_shown)
        fprintf(stderr, "\r\033[K");
    return rc;
}
