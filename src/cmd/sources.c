/* cmd/sources.c - schema, traffic and consumers for audit, prune and report: from options, else from the
 * configuration. */
#include "base/escape.h"
#include "base/nearest.h"
#include "cmd/options.h"
#include "finding/audit.h"
#include "finding/naming.h"
#include "finding/vocabulary.h"
#include "schema/schema.h"
#include "usage/usage.h"

enum { OPT_ASSUME = 300 };

static const struct argp_option sources_options[] = {
    { "schema", 's', "FILE", 0, "AsyncAPI, JSON Schema, .proto or .avsc file, or descriptor set (repeatable)", 10 },
    { "profile", 'p', "FILE", 0, "a profile, or a capture to make one from (repeatable)", 10 },
    { "usage", 'u', "FILE", 0, "usage/1 file: what a consumer reads (repeatable)", 10 },
    { "assume-unused", OPT_ASSUME, "CONSUMER", 0, "take what CONSUMER may read for unread, on your word (repeatable)", 10 },
    { 0 },
};

static error_t parse_sources(int key, char *arg, struct argp_state *state)
{
    struct wd_sources *e = state->input;
    switch (key) {
    case 's': wd_words_add(&e->schemas, arg); return 0;
    case 'p': wd_words_add(&e->traffic, arg); return 0;
    case 'u': wd_words_add(&e->usages, arg); return 0;
    case OPT_ASSUME: wd_words_add(&e->assume_unused, arg); return 0;
    default: return ARGP_ERR_UNKNOWN;
    }
}

const struct argp wd_sources_argp = { .options = sources_options, .parser = parse_sources };

static void fill(struct wd_arena *arena, struct wd_words *words, const struct wd_bytes *from, size_t count)
{
    for (size_t i = 0; i < count; i++)
        wd_words_add(words, wd_arena_string(arena, from[i]));
}

static void fill_from_config(struct wd_common *common, struct wd_sources *e)
{
    const struct wd_config *c = &common->config;
    if (!e->schemas.count)
        fill(common->arena, &e->schemas, c->schemas, c->schema_count);
    if (!e->traffic.count)
        fill(common->arena, &e->traffic, c->profiles, c->profile_count);
    if (!e->traffic.count)
        fill(common->arena, &e->traffic, c->captures, c->capture_count);
    bool is_named = e->usages.count > 0;
    for (size_t i = 0; !is_named && i < c->consumer_count; i++)
        wd_words_add(&e->usages, wd_arena_string(common->arena, c->consumers[i].usage));
}

static const char *name_again(struct wd_common *common, const struct wd_sources *e, bool is_for_others)
{
    struct wd_buf named = { 0 };
    wd_again_put_file(&named, "--config", common->config_name, "CONFIG", is_for_others);
    wd_again_put_files(&named, "-s", &e->schemas, "SCHEMA", is_for_others);
    wd_again_put_files(&named, "-p", &e->traffic, "CAPTURE", is_for_others);
    wd_again_put_files(&named, "-u", &e->usages, "USAGE", is_for_others);
    wd_again_put_schema(&named, common, is_for_others);
    for (size_t i = 0; i < e->assume_unused.count; i++)
        wd_again_put_word(&named, "--assume-unused", e->assume_unused.at[i], "CONSUMER");
    wd_again_put_traffic(&named, common, is_for_others);
    const char *kept = wd_arena_string(common->arena, wd_buf_bytes(&named));
    wd_buf_free(&named);
    return kept;
}

static int spare_inputs(struct wd_common *common, const struct wd_sources *e)
{
    TRY(wd_common_spare_all(common, &e->schemas));
    TRY(wd_common_spare_all(common, &e->traffic));
    return wd_common_spare_all(common, &e->usages);
}

/* What a $ref leads to is an input too. */
static int read_schema(struct wd_common *common, struct wd_sources *e)
{
    if (!e->schemas.count)
        return WD_OK;
    TRY(wd_common_schema(common, &e->schemas, &e->schema));
    for (size_t i = 0; i < e->schema->document_count; i++)
        TRY(wd_common_spare(common, e->schema->documents[i]->name));
    return WD_OK;
}

static int read_usage(struct wd_common *common, struct wd_sources *e)
{
    for (size_t i = 0; i < e->usages.count; i++)
        TRY(wd_usage_load(e->usages.at[i], &common->config.limits, common->arena, &e->usage, &common->err));
    return WD_OK;
}

static int assume_unused(struct wd_common *common, struct wd_sources *e)
{
    struct wd_consumer *consumers =
        wd_arena_array(common->arena, struct wd_consumer, e->usage.consumer_count);
    for (size_t k = 0; k < e->usage.consumer_count; k++)
        consumers[k] = e->usage.consumers[k];
    for (size_t i = 0; i < e->assume_unused.count; i++) {
        bool is_known = false;
        for (size_t k = 0; k < e->usage.consumer_count; k++) {
            if (wd_bytes_is(consumers[k].name, e->assume_unused.at[i]))
                is_known = consumers[k].is_assumed_unused = true;
        }
        struct wd_shown shown;
        if (!is_known)
            return wd_fail(&common->err, WD_EUSAGE, (struct wd_place){ 0 },
                           "--assume-unused: no consumer is called '%s'; the usage files name them",
                           wd_show(&shown, wd_bytes_of(e->assume_unused.at[i])));
    }
    e->usage.consumers = consumers;
    return WD_OK;
}

static int nothing_to_look_at(struct wd_common *common)
{
    return wd_fail(&common->err, WD_EUSAGE, (struct wd_place){ 0 },
                   "nothing to look at: name a schema with -s, traffic with -p and consumers with -u, "
                   "or write them into .wirediet.yaml (wirediet init)");
}

static bool is_key_above(const char *key, struct wd_bytes text)
{
    size_t n = strlen(key);
    return wd_bytes_starts(text, key) && (text.len == n || text.at[n] == '.');
}

/* A key of the taxonomy, or below one, or a word for one. Almost one of ours is a slip, though it be below
 * `user`. */
static bool is_category(struct wd_bytes text, struct wd_nearest *nearest)
{
    enum { TWO_LETTERS = 4 };
    bool is_dotted = memchr(text.at, '.', text.len), is_users = is_key_above("user", text);
    for (size_t i = 0; i < WD_CAT_COUNT; i++) {
        const char *key = wd_privacy_categories[i].key;
        if (is_key_above(key, text) && (strcmp(key, "user") != 0 || text.len == strlen(key)))
            return true;
        wd_nearest_try(nearest, wd_bytes_of(key));
    }
    bool is_slip = is_dotted && nearest->best.len && nearest->distance <= TWO_LETTERS;
    return !is_slip && (is_users || wd_naming_word(text));
}

static int check_categories(struct wd_common *common)
{
    const struct wd_config *config = &common->config;
    for (size_t i = 0; i < config->sensitive_count; i++) {
        struct wd_nearest nearest = { .name = config->sensitive[i].category };
        struct wd_shown shown, near;
        if (is_category(nearest.name, &nearest))
            continue;
        wd_show(&shown, nearest.name);
        if (nearest.best.len)
            return wd_fail(&common->err, WD_EPARSE, config->sensitive_at[i],
                           "sensitive: no category is called '%s'; did you mean '%s'?", shown.text,
                           wd_show(&near, nearest.best));
        return wd_fail(&common->err, WD_EPARSE, config->sensitive_at[i],
                       "sensitive: no category is called '%s'; write one like user.contact.email, or user",
                       shown.text);
    }
    return WD_OK;
}

int wd_sources_gather(struct wd_common *common, struct wd_sources *e)
{
    struct wd_binding *bindings = NULL;
    common->style.evidence = name_again(common, e, false); /* before the configuration fills in the rest */
    e->named = name_again(common, e, true);
    fill_from_config(common, e);
    if (!e->schemas.count && !e->traffic.count)
        return nothing_to_look_at(common);
    TRY(check_categories(common));
    TRY(spare_inputs(common, e));
    TRY(read_schema(common, e));
    TRY(read_usage(common, e));
    TRY(assume_unused(common, e));
    if (e->traffic.count) {
        int rc = wd_common_measure(common, &e->traffic, e->schema, false, &e->profile);
        if (rc == WD_STOP)
            wd_interrupt_die();
        TRY(rc);
    }
    if (e->schema && e->profile)
        TRY(wd_measure_bind(&e->profile, e->schema, &bindings, &common->err));
    TRY(wd_usage_check(&e->usage, e->schema, e->profile, e->is_strict, common->arena, &common->diagnostics,
                       &common->err));
    wd_config_check(&common->config, e->schema, e->profile, &common->diagnostics);
    e->audit = (struct wd_audit){ .arena = common->arena, .config = &common->config, .profile = e->profile,
                                  .schema = e->schema, .usage = &e->usage, .bindings = bindings,
                                  .is_by_wire = common->style.is_by_wire };
    return wd_audit_run(&e->audit, &common->err);
}

void wd_sources_free(struct wd_sources *e)
{
    wd_profile_free(e->profile);
    wd_schema_free(e->schema);
    wd_free(e->schemas.at);
    wd_free(e->traffic.at);
    wd_free(e->usages.at);
    wd_free(e->assume_unused.at);
}
