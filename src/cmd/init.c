/* cmd/init.c - a first .wirediet.yaml, from what lies in this directory. */
#include <dirent.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/escape.h"
#include "base/file.h"
#include "cmd/cmd.h"
#include "cmd/options.h"
#include "document/document.h"
#include "output/figure.h"

enum { OPT_FORCE = 400 };

struct args {
    struct wd_common common;
    bool is_forced;
};

/* What a file in the directory can serve as. */
struct found { struct wd_words schemas, captures, profiles, usages; };

static const struct argp_option options[] = {
    { "force", OPT_FORCE, NULL, 0, "replace a file that is there", 1 },
    { 0 },
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct args *a = state->input;
    (void)arg;
    switch (key) {
    case ARGP_KEY_INIT: state->child_inputs[0] = &a->common; return 0;
    case OPT_FORCE: a->is_forced = true; return 0;
    default: return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp_child children[] = { { &wd_common_argp, 0, NULL, 0 }, { 0 } };
static const struct argp argp = {
    options, parse, NULL,
    "Writes a first .wirediet.yaml: the schemas, captures and usage files of this directory, and the usual thresholds."
    "\vExample:\n\n  wirediet init && wirediet audit",
    children, NULL, NULL,
};

static bool ends_with(const char *name, const char *tail)
{
    size_t n = strlen(name), t = strlen(tail);
    return n >= t && strcmp(name + n - t, tail) == 0;
}

static const char *const documents[] = { ".yaml", ".yml", ".json" };
static const char *const captures[] = { ".pcap", ".pcapng", ".pcap.gz", ".pcapng.gz", ".pcap.zst", ".pcapng.zst", ".har" };

static bool has_tail(const char *name, const char *const *tails, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (ends_with(name, tails[i]))
            return true;
    return false;
}

static int is_listed(const struct dirent *entry)
{
    const char *name = entry->d_name;
    return name[0] != '.' &&
           (has_tail(name, documents, WD_COUNT(documents)) || has_tail(name, captures, WD_COUNT(captures)));
}

/* Other tools' files name a "$schema" too: the one that they obey. */
static bool is_schema(const struct wd_node *root)
{
    const struct wd_node *dialect = wd_node_get(root, "$schema");
    return wd_node_get(root, "asyncapi") ||
           (dialect && memmem(dialect->text.at, dialect->text.len, "json-schema.org/", 16));
}

static void classify_document(struct args *a, const char *name, struct found *found)
{
    struct wd_document *document;
    struct wd_err ignored = { 0 };  /* a file that cannot be read is simply not listed */
    if (wd_document_read(name, &a->common.config.limits, a->common.arena, &document, &ignored) < 0)
        return;
    const struct wd_node *kind = wd_node_get(document->root, "wirediet");
    if (kind && wd_bytes_starts(kind->text, "usage/"))
        wd_words_add(&found->usages, name);
    else if (kind && wd_bytes_starts(kind->text, "profile/"))
        wd_words_add(&found->profiles, name);
    else if (is_schema(document->root))
        wd_words_add(&found->schemas, name);
}

static int look_around(struct args *a, struct found *found)
{
    struct dirent **entries;
    int count = scandir(".", &entries, is_listed, alphasort);
    if (count < 0)
        return wd_fail_errno(&a->common.err, ".", "cannot be listed");
    for (int i = 0; i < count; i++) {
        const char *name = wd_arena_string(a->common.arena, wd_bytes_of(entries[i]->d_name));
        if (has_tail(name, captures, WD_COUNT(captures)))
            wd_words_add(&found->captures, name);
        else
            classify_document(a, name, found);
        free(entries[i]);
    }
    free(entries);
    return WD_OK;
}

static void put_list(struct wd_buf *out, const char *key, const struct wd_words *words, const char *example)
{
    if (!words->count) {
        wd_buf_printf(out, "# %s: [%s]\n", key, example);
        return;
    }
    wd_buf_printf(out, "%s:\n", key);
    for (size_t i = 0; i < words->count; i++) {
        wd_buf_puts(out, "  - ");
        wd_put_json(out, wd_bytes_of(words->at[i]));
        wd_buf_byte(out, '\n');
    }
}

/* "web.usage.yaml" is what "web" reads. */
static struct wd_bytes consumer_name(const char *file)
{
    const char *dot = strchr(file, '.');
    return wd_bytes_at(file, dot ? (size_t)(dot - file) : strlen(file));
}

static void put_consumers(struct wd_buf *out, const struct wd_words *usages)
{
    if (!usages->count) {
        wd_buf_puts(out, "# consumers:\n#   - name: web\n#     usage: web.usage.yaml\n");
        return;
    }
    wd_buf_puts(out, "consumers:\n");
    for (size_t i = 0; i < usages->count; i++) {
        wd_buf_puts(out, "  - name: ");
        wd_put_json(out, consumer_name(usages->at[i]));
        wd_buf_puts(out, "\n    usage: ");
        wd_put_json(out, wd_bytes_of(usages->at[i]));
        wd_buf_byte(out, '\n');
    }
}

static void put_config(struct wd_buf *out, const struct found *found)
{
    wd_buf_puts(
        out,
        "# What wirediet audits when it is called without arguments. `man wirediet` describes each key.\n\n");
    put_list(out, "schemas", &found->schemas, "schema.yaml");
    put_list(out, "captures", &found->captures, "traffic.pcapng");
    put_list(out, "profiles", &found->profiles, "2026-q3.json");
    put_consumers(out, &found->usages);
    wd_buf_puts(out,
        "\n# Names for messages that carry none, and the key of the thing that a message is about:\n"
        "# messages:\n#   - channel: /live\n#     direction: s2c\n#     field: kind\n"
        "# entities:\n#   - message: quote\n#     key: symbol\n"
        "\n# What you decided to live with, why, and until when:\n"
        "# suppressions:\n#   - rule: WD203\n#     message: quote\n#     path: exchange\n"
        "#     reason: the venue needs it in each quote\n#     expires: 2027-03-31\n");
}

static void put_summary(struct wd_buf *out, const struct found *found)
{
    wd_put_plural(out, found->schemas.count, "schema, ", "schemas, ");
    wd_put_plural(out, found->captures.count, "capture, ", "captures, ");
    wd_put_plural(out, found->profiles.count, "profile, ", "profiles, ");
    wd_put_plural(out, found->usages.count, "consumer. ", "consumers. ");
    wd_buf_puts(out, found->schemas.count ? "Next: wirediet audit"
                                          : "Next: name a schema there, then: wirediet audit");
}

static void free_found(struct found *found)
{
    wd_free(found->schemas.at);
    wd_free(found->captures.at);
    wd_free(found->profiles.at);
    wd_free(found->usages.at);
}

static int write_config(struct args *a, const char *name)
{
    struct found found = { 0 };
    struct wd_buf out = { 0 };
    struct wd_shown shown;
    int rc = look_around(a, &found);
    if (rc >= 0) {
        put_config(&out, &found);
        rc = wd_file_write(name, wd_buf_bytes(&out), 0644, &a->common.err);
    }
    if (rc >= 0 && a->common.verbosity >= 0 && strcmp(name, "-") != 0) {
        wd_buf_reset(&out);
        put_summary(&out, &found);
        fprintf(stderr, "%s: %s\n", wd_show(&shown, wd_bytes_of(name)), wd_buf_cstr(&out));
    }
    wd_buf_free(&out);
    free_found(&found);
    return rc;
}

static int work(struct args *a)
{
    const char *name = a->common.output ? a->common.output : ".wirediet.yaml";
    const char *output = a->common.output;
    a->common.output = NULL;  /* its extension chooses nothing here */
    a->common.written = name;
    TRY(wd_common_start(&a->common));
    a->common.output = output;
    if (strcmp(name, "-") != 0 && access(name, F_OK) == 0 && !a->is_forced)
        return wd_fail(&a->common.err, WD_EUSAGE, (struct wd_place){ .file = name },
                       "is there already; --force replaces it");
    return write_config(a, name);
}

static int run(int argc, char **argv)
{
    struct args a = { 0 };
    wd_parse(&argp, argc, argv, &a);
    return wd_common_end(&a.common, work(&a));
}

const struct wd_verb wd_verb_init = { "init", "a first .wirediet.yaml", run };
