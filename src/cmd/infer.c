/* cmd/infer.c - a schema, where there is none. */
#include "base/escape.h"
#include "base/nearest.h"
#include "cmd/cmd.h"
#include "cmd/edited.h"
#include "cmd/options.h"
#include "output/figure.h"
#include "pipeline/infer.h"

enum { OPT_AS = 400, OPT_MESSAGE, OPT_BARE, OPT_STRICT, OPT_SHOW_VALUES };

struct args {
    struct wd_common common;
    struct wd_sources sources;   /* the old schema, and the traffic */
    struct wd_edited edited;
    const char *as, *only;
    const char *force;   /* what --show-values= says */
    bool shows_values, is_bare, is_strict;
};

static const struct argp_option options[] = {
    { "schema", 's', "FILE", 0, "add what is new to this schema instead, and change nothing else in it", 1 },
    { "as", OPT_AS, "SCHEMA", 0,
      "asyncapi (default), json-schema, proto or avro; else as the extension of -o says", 1 },
    { "message", OPT_MESSAGE, "NAME", 0, "describe this message only", 1 },
    { "bare", OPT_BARE, NULL, 0, "leave out what was measured", 1 },
    { "strict", OPT_STRICT, NULL, 0, "damage in the middle of a capture is an error (exit 3)", 1 },
    { "show-values", OPT_SHOW_VALUES, "force", OPTION_ARG_OPTIONAL,
      "list the values of fields that have few and are not personal; =force: also when the output is not a "
      "terminal",
      1 },
    { 0 },
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct args *a = state->input;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = state->child_inputs[1] = state->child_inputs[2] = &a->common;
        state->child_inputs[3] = &a->edited;
        return 0;
    case 's': wd_words_add(&a->sources.schemas, arg); return 0;
    case OPT_AS: a->as = arg; return 0;
    case OPT_MESSAGE: a->only = arg; return 0;
    case OPT_BARE: a->is_bare = true; return 0;
    case OPT_STRICT: a->is_strict = true; return 0;
    case OPT_SHOW_VALUES:
        a->shows_values = true;
        a->force = arg;
        return 0;
    case ARGP_KEY_ARG: wd_words_add(&a->sources.traffic, arg); return 0;
    default: return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp_child children[] = {
    { &wd_common_argp, 0, NULL, 0 }, { &wd_traffic_argp, 0, NULL, 0 }, { &wd_schema_argp, 0, NULL, 0 },
    { &wd_edited_argp, 0, NULL, 0 }, { 0 },
};
static const struct argp argp = {
    options,
    parse,
    "CAPTURE|PROFILE...",
    "Writes the schema that the messages of captures have: what was seen, to be corrected by who knows what "
    "was meant."
    "\vExamples:\n\n"
    "  wirediet infer -o schema.yaml traffic.pcapng\n"
    "  wirediet infer --message metrics -o metrics.proto traffic.json\n"
    "  wirediet infer -s schema.yaml --in-place traffic.pcapng",
    children,
    NULL,
    NULL,
};

/* --- the format --- */

static int no_such_format(struct args *a)
{
    struct wd_shown name, shown;
    struct wd_nearest nearest = { .name = wd_bytes_of(a->as) };
    for (size_t i = 0; wd_infer_formats[i]; i++)
        wd_nearest_try(&nearest, wd_bytes_of(wd_infer_formats[i]->name));
    wd_show(&name, wd_bytes_of(a->as));
    if (nearest.best.len)
        return wd_fail(&a->common.err, WD_EUSAGE, (struct wd_place){ 0 },
                       "--as: no schema '%s'; did you mean '%s'?", name.text, wd_show(&shown, nearest.best));
    return wd_fail(&a->common.err, WD_EUSAGE, (struct wd_place){ 0 },
                   "--as: no schema '%s'; choose one of asyncapi, json-schema, proto, avro", name.text);
}

static bool ends_with(const char *name, const char *extension)
{
    size_t n = name ? strlen(name) : 0, m = strlen(extension);
    return n > m && strcmp(name + n - m, extension) == 0;
}

static int choose_format(struct args *a, struct wd_inferring *inferring)
{
    const char *output = a->common.output;
    inferring->format = output ? wd_infer_format_for(wd_bytes_of(output)) : NULL;
    if (a->as)
        inferring->format = wd_infer_format_named(wd_bytes_of(a->as));
    if (a->as && !inferring->format)
        return no_such_format(a);
    if (!inferring->format)
        inferring->format = wd_infer_formats[0];
    bool is_yaml = ends_with(output, ".yaml") || ends_with(output, ".yml");
    inferring->is_json = ends_with(output, ".json") || (inferring->format != wd_infer_formats[0] && !is_yaml);
    return WD_OK;
}

/* --- the work --- */

static int show_values(struct args *a)
{
    a->common.config.samples = WD_SAMPLES_KINDS;
    if (!a->shows_values)
        return WD_OK;
    a->common.config.samples = WD_SAMPLES_WORDS;
    return wd_common_show_values(&a->common, a->force);
}

static void fill_from_config(struct args *a)
{
    const struct wd_config *c = &a->common.config;
    struct wd_words *traffic = &a->sources.traffic;
    bool has_any = traffic->count > 0;
    for (size_t i = 0; !has_any && i < c->profile_count; i++)
        wd_words_add(traffic, wd_arena_string(a->common.arena, c->profiles[i]));
    for (size_t i = 0; !has_any && !traffic->count && i < c->capture_count; i++)
        wd_words_add(traffic, wd_arena_string(a->common.arena, c->captures[i]));
}

static int check(struct args *a)
{
    const char *why = a->as ? "--as" : a->only ? "--message" : NULL;
    if (a->sources.schemas.count && why)
        return wd_fail(&a->common.err, WD_EUSAGE, (struct wd_place){ 0 },
                       "%s goes not with -s: what is new is added to that schema as it is; leave one out",
                       why);
    if (!a->sources.schemas.count && (a->edited.is_diff || a->edited.is_in_place))
        return wd_fail(&a->common.err, WD_EUSAGE, (struct wd_place){ 0 },
                       "--diff and --in-place need the schema that is added to; give it with -s FILE");
    if (a->sources.traffic.count)
        return WD_OK;
    return wd_fail(&a->common.err, WD_EUSAGE, (struct wd_place){ 0 },
                   "no traffic; name a capture or a profile, or - for standard input");
}

static int start(struct args *a)
{
    TRY(wd_edited_start(&a->common, &a->sources, &a->edited));
    TRY(show_values(a));
    fill_from_config(a);
    TRY(check(a));
    TRY(wd_common_spare_all(&a->common, &a->sources.schemas));
    return wd_common_spare_all(&a->common, &a->sources.traffic);
}

static int read_schema(struct args *a)
{
    struct wd_sources *s = &a->sources;
    if (!s->schemas.count)
        return WD_OK;
    return wd_common_schema(&a->common, &s->schemas, &s->schema);
}

static int write_schema(struct args *a, struct wd_inferring *inferring)
{
    struct wd_buf out = { 0 };
    TRY(choose_format(a, inferring));
    int rc = wd_infer_write(inferring, a->common.arena, &out, &a->common.diagnostics, &a->common.err);
    if (rc >= 0)
        rc = wd_common_write(&a->common, &out, &a->sources.traffic, a->shows_values ? 0600 : 0644);
    wd_buf_free(&out);
    return rc;
}

static void put_account(struct wd_buf *out, const struct args *a, const struct wd_extension *e)
{
    if (a->common.verbosity < 0)
        return;
    wd_buf_puts(out, "added: ");
    wd_put_plural(out, e->fields, "field", "fields");
    wd_buf_puts(out, ", ");
    wd_put_plural(out, e->types, "type", "types");
    wd_buf_puts(out, ", ");
    wd_put_plural(out, e->messages, "message", "messages");
    wd_buf_puts(out, "; everything else is unchanged to the byte\n");
}

static int extend_schema(struct args *a, struct wd_inferring *inferring)
{
    struct wd_extension made;
    struct wd_buf account = { 0 };
    struct wd_binding *bindings;
    TRY(wd_measure_bind(&a->sources.profile, a->sources.schema, &bindings, &a->common.err));
    inferring->profile = a->sources.profile;
    inferring->bindings = bindings;
    TRY(wd_infer_extend(inferring, a->common.arena, &made, &a->common.diagnostics, &a->common.err));
    a->edited.results = made.results;
    put_account(&account, a, &made);
    int rc = wd_edited_write(&a->common, &a->sources, &a->edited, &account);
    wd_buf_free(&account);
    return rc;
}

static int work(struct args *a, bool *is_interrupted)
{
    struct wd_sources *s = &a->sources;
    TRY(start(a));
    TRY(read_schema(a));
    int rc = wd_common_measure(&a->common, &s->traffic, s->schema, a->is_strict, &s->profile);
    struct wd_inferring inferring = { .config = &a->common.config,
                                      .profile = s->profile,
                                      .old = s->schema,
                                      .only = a->only,
                                      .has_words = a->shows_values,
                                      .is_bare = a->is_bare };
    *is_interrupted = rc == WD_STOP;
    if (rc < 0 && rc != WD_STOP)
        return rc;
    return s->schema ? extend_schema(a, &inferring) : write_schema(a, &inferring);
}

static int run(int argc, char **argv)
{
    struct args a = { 0 };
    bool is_interrupted = false;
    wd_parse(&argp, argc, argv, &a);
    int rc = work(&a, &is_interrupted);
    wd_sources_free(&a.sources);
    int status = wd_common_end(&a.common, rc);
    if (is_interrupted)
        wd_interrupt_die();
    return status;
}

const struct wd_verb wd_verb_infer = { "infer", "a schema from traffic, where there is none", run };
