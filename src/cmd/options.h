/* cmd/options.h - what the verbs share: options, configuration, evidence, output.
 *
 * Shape   a verb embeds struct wd_common, gives wd_common_argp as a child of its own argp with `&args.common`
 *         as its input, and calls wd_common_start() after parsing. Results go out through wd_common_write(),
 *         whole or not at all.
 * Errors  wd_common_end() prints the error and gives the exit status.
 */
#ifndef WD_CMD_OPTIONS_H
#define WD_CMD_OPTIONS_H

#include <argp.h>
#include <signal.h>

#include "model/finding.h"
#include "output/output.h"
#include "pipeline/measure.h"

/* A list of words from the command line. */
struct wd_words {
    const char **at;
    size_t count, cap;
};
void wd_words_add(struct wd_words *words, const char *word);

struct wd_common {
    const char *output;           /* -o, NULL: standard output */
    const char *config_name;      /* --config */
    const char *format_name;      /* --format */
    const char *color;            /* auto, always, never */
    struct wd_words limits;       /* --limit, applied over the configuration's */
    struct wd_words keylogs, layouts, codecs;   /* --keylog, --ndjson, --codec, ... */
    const char *from, *to, *filter;     /* ... of verbs that read captures */
    int verbosity;
    struct wd_words imports;            /* -I, of verbs that read schemas */
    const char *root;             /* --root, of the same */
    bool reads_schemas;           /* .proto files need a program of others, which must be at hand before */
    bool is_guarded;              /* the verb sees to -o and to its confinement itself */
    const char *written;          /* the file that the verb writes, where that is not -o */
    unsigned formats;             /* bits the verb can write; 0: text only, no --format */
    /* set by wd_common_start */
    struct wd_arena *arena;
    struct wd_protoc *protoc;
    struct wd_config config;
    enum wd_format format;
    struct wd_style style;
    struct wd_selection selection;
    struct wd_err err;
    struct wd_buf diagnostics;
};

extern const struct argp wd_common_argp;
/* Options of verbs that read captures, with the same struct as input: --keylog, --from, --to, --filter,
 * --ndjson, --codec. */
extern const struct argp wd_traffic_argp;
/* --codec alone, where there is no file to read. */
extern const struct argp wd_codec_argp;

/* Options of verbs that read schemas, with the same struct as input: --root, -I. */
extern const struct argp wd_schema_argp;

/* Configuration, limits, format, style. Negative: common->err says why. */
int wd_common_start(struct wd_common *common);
/* --codec into the configuration; that, and its own codecs, against those there are. wd_common_start() does
 * it. */
int wd_common_name_codecs(struct wd_common *common);
/* One codec by its name; an unknown one is told with those there are. `at`: where the name stands. */
struct wd_codec;
int wd_codec_named(struct wd_bytes name, struct wd_place at, const struct wd_codec **out, struct wd_err *err);
/* --by raw or wire; NULL: raw. After wd_common_start(). */
int wd_common_rank(struct wd_common *common, const char *by);
/* --show-values, `force` what it says (NULL: nothing): refused where values would leave the terminal without
 * it. */
int wd_common_show_values(struct wd_common *common, const char *force);
/* No network, no other program, and no file is written but beside `names`: for a verb that is_guarded;
 * wd_common_start() does it for all others. A kernel that cannot is told of to who wants to know (-v). */
void wd_common_confine(struct wd_common *common, const char *const *names, size_t count);
/* Refuses an -o that is an input, before work is spent on it. wd_common_start() does it for the
 * configuration. */
int wd_common_spare(struct wd_common *common, const char *input);
int wd_common_spare_all(struct wd_common *common, const struct wd_words *inputs);
/* Reads the schemas that -s named. */
int wd_common_schema(struct wd_common *common, const struct wd_words *names, struct wd_schema **out);
/* Writes a result to -o or standard output; refuses when -o is one of the inputs. */
int wd_common_write(struct wd_common *common, const struct wd_buf *text, const struct wd_words *inputs,
                    unsigned mode);
/* Prints the diagnostics so far, unless -q. */
void wd_common_tell(struct wd_common *common);
/* Prints diagnostics (unless -q) and the error, frees, and gives the exit status for rc (a result code or an
 * exit status). */
int wd_common_end(struct wd_common *common, int rc);

/* Runs argp with the project's conventions: --help and --limits stop with 0, a usage error is one line and
 * stops with 2. */
void wd_parse(const struct argp *argp, int argc, char **argv, void *input);
/* The help of the verb that is being parsed. */
void wd_print_options(struct argp_state *state);

/* --- what was typed, as it can be typed again: " OPTION WORD", quoted for a shell. Standard input and what
 * cannot be shown is     `instead`; nothing for NULL. For others to read, an absolute name loses its directory. --- */

void wd_again_put_word(struct wd_buf *out, const char *option, const char *word, const char *instead);
void wd_again_put_file(struct wd_buf *out, const char *option, const char *name, const char *instead,
                       bool is_for_others);
void wd_again_put_files(struct wd_buf *out, const char *option, const struct wd_words *names,
                        const char *instead, bool is_for_others);
/* How schemas are read: the options of wd_schema_argp. */
void wd_again_put_schema(struct wd_buf *out, const struct wd_common *common, bool is_for_others);
/* How captures are read: the options of wd_traffic_argp, and the limits. */
void wd_again_put_traffic(struct wd_buf *out, const struct wd_common *common, bool is_for_others);

/* --- traffic, with progress on a terminal and a partial result on interrupt --- */

/* Captures and profiles as one profile. WD_STOP: interrupted, *out is partial; after writing it, end with
 * wd_interrupt_die(). */
int wd_common_measure(struct wd_common *common, const struct wd_words *inputs, const struct wd_schema *schema,
                      bool is_strict, struct wd_profile **out);
void wd_interrupt_die(void);

/* --- evidence for audit, prune and report --- */

struct wd_sources {
    struct wd_words schemas, traffic, usages, assume_unused;
    const char *named;            /* the options that named all this, for others to read */
    bool is_strict;               /* a path that a consumer reads and that is nowhere ends the run */
    struct wd_schema *schema;
    struct wd_profile *profile;
    struct wd_usage usage;
    struct wd_audit audit;
};

/* Options -s, -p, -u, --assume-unused. */
extern const struct argp wd_sources_argp;
/* Fills in from the configuration what the command line does not name, reads everything, runs the audit. */
int wd_sources_gather(struct wd_common *common, struct wd_sources *sources);
void wd_sources_free(struct wd_sources *sources);

#endif
