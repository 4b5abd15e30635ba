/* output/sarif.c - findings for code hosts and editors.
 *
 * Source  SARIF 2.1.0 (OASIS). Message text is plain (3.11): no link, no placeholder. URIs are relative and
 *         percent-encoded (3.4). A result is recognised again by what it is about, not by its line (3.27.17).
 */
#include <inttypes.h>
#include <stdlib.h>

#include "base/hash.h"
#include "output/escapes.h"
#include "output/figure.h"
#include "output/json.h"
#include "output/writers.h"

/* ---- the rules that occur ---- */

struct rules { const struct wd_rule **at; size_t count, cap; };

static int by_id(const void *a, const void *b)
{
    const struct wd_rule *const *x = a, *const *y = b;
    return strcmp((*x)->id, (*y)->id);
}

static void note_rule(struct rules *rules, const struct wd_rule *rule)
{
    for (size_t i = 0; i < rules->count; i++)
        if (rules->at[i] == rule)
            return;
    WD_GROW(rules->at, rules->count, rules->cap);
    rules->at[rules->count++] = rule;
}

static struct rules rules_of(const struct wd_audit *a)
{
    struct rules rules = { 0 };
    for (size_t i = 0; i < a->finding_count; i++)
        note_rule(&rules, a->findings[i].rule);
    for (size_t i = 0; i < a->suppressed_count; i++)
        note_rule(&rules, a->suppressed[i].rule);
    for (size_t i = 0; i < a->unasked_count; i++)
        note_rule(&rules, a->unasked[i].rule);
    if (rules.count)
        qsort(rules.at, rules.count, sizeof *rules.at, by_id);
    return rules;
}

static size_t index_of(const struct rules *rules, const struct wd_rule *rule)
{
    size_t i = 0;
    while (rules->at[i] != rule)
        i++;
    return i;
}

static void put_text(struct wd_json *in, const char *key, struct wd_bytes text)
{
    struct wd_json o = wd_json_object(in, key, false);
    wd_json_next(&o, "text");
    wd_put_sarif_text(o.out, text);
    wd_json_close(&o);
}

static void add_part(struct wd_buf *out, const char *part)
{
    if (part && *part)
        wd_buf_printf(out, "%s%s", out->len ? " " : "", part);
}

static void put_rule(struct wd_json *list, const struct wd_rule *rule)
{
    struct wd_buf help = { 0 };
    struct wd_json o = wd_json_object(list, NULL, true);
    wd_json_word(&o, "id", rule->id);
    wd_json_word(&o, "name", rule->name);
    put_text(&o, "shortDescription", wd_bytes_of(rule->title));
    put_text(&o, "fullDescription", wd_bytes_of(rule->asks && *rule->asks ? rule->asks : rule->title));
    add_part(&help, rule->asks && *rule->asks ? rule->asks : rule->title);
    add_part(&help, rule->why);
    add_part(&help, rule->measured);
    add_part(&help, rule->remedy);
    put_text(&o, "help", wd_buf_bytes(&help));
    struct wd_json level = wd_json_object(&o, "defaultConfiguration", false);
    wd_json_word(&level, "level", wd_severity_names[rule->severity]);
    wd_json_close(&level);
    wd_json_close(&o);
    wd_buf_free(&help);
}

static void put_tool(struct wd_json *run, const struct rules *rules)
{
    struct wd_json tool = wd_json_object(run, "tool", true);
    struct wd_json driver = wd_json_object(&tool, "driver", true);
    wd_json_word(&driver, "name", "wirediet");
    struct wd_json list = wd_json_list(&driver, "rules", true);
    for (size_t i = 0; i < rules->count; i++)
        put_rule(&list, rules->at[i]);
    wd_json_close(&list);
    wd_json_close(&driver);
    wd_json_close(&tool);
}

/* ---- results ---- */

/* Hosts show only what has a place: where the finding has none, the schema it was held against, else the
 * capture. */
static struct wd_bytes artifact_of(const struct wd_audit *a, const struct wd_finding *f)
{
    if (f->at.file)
        return wd_bytes_of(strcmp(f->at.file, "-") == 0 ? "standard-input" : f->at.file);
    if (a->schema && a->schema->document_count)
        return wd_bytes_of(a->schema->documents[0]->name);
    return a->profile && a->profile->input_count ? a->profile->inputs[0].name : wd_bytes_of("");
}

static void put_physical(struct wd_json *location, const struct wd_audit *a, const struct wd_finding *f)
{
    struct wd_bytes artifact = artifact_of(a, f);
    if (!artifact.len)
        return;
    struct wd_json physical = wd_json_object(location, "physicalLocation", false);
    struct wd_json file = wd_json_object(&physical, "artifactLocation", false);
    struct wd_buf uri = { 0 };
    wd_put_uri(&uri, artifact);
    wd_json_text(&file, "uri", wd_buf_bytes(&uri));
    wd_buf_free(&uri);
    wd_json_close(&file);
    bool is_text = f->at.file || (a->schema && a->schema->document_count);
    if (is_text) {
        struct wd_json region = wd_json_object(&physical, "region", false);
        wd_json_count(&region, "startLine", f->at.file && f->at.line ? f->at.line : 1);
        if (f->at.file && f->at.line && f->at.column)
            wd_json_count(&region, "startColumn", f->at.column);
        wd_json_close(&region);
    }
    wd_json_close(&physical);
}

static void put_logical(struct wd_json *location, const struct wd_finding *f)
{
    if (!f->message.len)
        return;
    struct wd_buf name = { 0 };
    wd_put_name(&name, f->message);
    if (f->path.len)
        wd_buf_byte(&name, '/');
    wd_put_name(&name, f->path);
    struct wd_json list = wd_json_list(location, "logicalLocations", false);
    struct wd_json o = wd_json_object(&list, NULL, false);
    wd_json_text(&o, "fullyQualifiedName", wd_buf_bytes(&name));
    wd_json_word(&o, "kind", f->path.len ? "member" : "type");
    wd_json_close(&o);
    wd_json_close(&list);
    wd_buf_free(&name);
}

static void put_locations(struct wd_json *result, const struct wd_audit *a, const struct wd_finding *f)
{
    if (!artifact_of(a, f).len && !f->message.len)
        return;
    struct wd_json list = wd_json_list(result, "locations", false);
    struct wd_json location = wd_json_object(&list, NULL, false);
    put_physical(&location, a, f);
    put_logical(&location, f);
    wd_json_close(&location);
    wd_json_close(&list);
}

static void add_length_and_bytes(struct wd_buf *out, struct wd_bytes s)
{
    wd_buf_printf(out, "%zu:", s.len);
    wd_buf_put(out, s);
}

/* Rule, message, channel, direction and path: what stays when lines move. Fixed keys: the same finding has
 * the same fingerprint in every run. */
static void put_fingerprint(struct wd_json *result, const struct wd_finding *f)
{
    struct wd_buf about = { 0 }, hex = { 0 };
    add_length_and_bytes(&about, wd_bytes_of(f->rule->id));
    add_length_and_bytes(&about, f->message);
    add_length_and_bytes(&about, f->channel);
    add_length_and_bytes(&about, f->path);
    wd_buf_printf(&about, "%d", f->direction);
    struct wd_json o = wd_json_object(result, "partialFingerprints", false);
    wd_buf_printf(&hex, "%016" PRIx64 "%016" PRIx64,
                  wd_siphash((struct wd_seed){ 1, 2 }, wd_buf_bytes(&about)),
                  wd_siphash((struct wd_seed){ 3, 4 }, wd_buf_bytes(&about)));
    wd_json_text(&o, "wirediet/v1", wd_buf_bytes(&hex));
    wd_json_close(&o);
    wd_buf_free(&about);
    wd_buf_free(&hex);
}

static void put_properties(struct wd_json *result, const struct wd_finding *f, bool has_wire)
{
    struct wd_json o = wd_json_object(result, "properties", false);
    wd_json_number(&o, "confidence", f->confidence);
    wd_json_count(&o, "savesBytes", f->saves_bytes);
    wd_json_number(&o, "savesShare", f->saves_share);
    if (has_wire && f->type)
        wd_json_count(&o, "savesWireBytes", f->saves_wire_bytes);
    wd_json_close(&o);
}

static void put_result(struct wd_json *list, const struct wd_audit *a, const struct rules *rules,
                       const struct wd_finding *f, bool is_suppressed)
{
    struct wd_buf text = { 0 };
    wd_buf_put(&text, f->text);
    if (f->remedy.len) {
        wd_buf_puts(&text, text.len && text.at[text.len - 1] == '.' ? " " : "; ");
        wd_buf_put(&text, f->remedy);
    }
    struct wd_json o = wd_json_object(list, NULL, true);
    wd_json_word(&o, "ruleId", f->rule->id);
    wd_json_count(&o, "ruleIndex", index_of(rules, f->rule));
    wd_json_word(&o, "level", wd_severity_names[f->severity]);
    put_text(&o, "message", wd_buf_bytes(&text));
    put_locations(&o, a, f);
    put_fingerprint(&o, f);
    if (is_suppressed) {
        struct wd_json all = wd_json_list(&o, "suppressions", false), one = wd_json_object(&all, NULL, false);
        wd_json_word(&one, "kind", "external");
        wd_json_close(&one);
        wd_json_close(&all);
    }
    put_properties(&o, f, a->summary.has_wire);
    wd_json_close(&o);
    wd_buf_free(&text);
}

/* What could not be asked is said, so that silence is not taken for a clean bill. */
static void put_invocation(struct wd_json *run, const struct wd_audit *a)
{
    struct wd_json list = wd_json_list(run, "invocations", true), o = wd_json_object(&list, NULL, true);
    wd_json_true(&o, "executionSuccessful", true);
    struct wd_json notes = wd_json_list(&o, "toolConfigurationNotifications", true);
    for (size_t i = 0; i < a->unasked_count; i++) {
        struct wd_json note = wd_json_object(&notes, NULL, false);
        struct wd_json rule = wd_json_object(&note, "associatedRule", false);
        wd_json_word(&rule, "id", a->unasked[i].rule->id);
        wd_json_close(&rule);
        wd_json_word(&note, "level", "note");
        struct wd_buf text = { 0 };
        wd_buf_printf(&text, "%s was not asked: %s", a->unasked[i].rule->id, a->unasked[i].why);
        put_text(&note, "message", wd_buf_bytes(&text));
        wd_buf_free(&text);
        wd_json_close(&note);
    }
    wd_json_close(&notes);
    wd_json_close(&o);
    wd_json_close(&list);
}

void wd_sarif_audit(struct wd_buf *out, const struct wd_audit *audit)
{
    struct rules rules = rules_of(audit);
    struct wd_json root = wd_json_root(out);
    wd_json_word(&root, "$schema", "https://json.schemastore.org/sarif-2.1.0.json");
    wd_json_word(&root, "version", "2.1.0");
    struct wd_json runs = wd_json_list(&root, "runs", true), run = wd_json_object(&runs, NULL, true);
    put_tool(&run, &rules);
    put_invocation(&run, audit);
    wd_json_word(&run, "columnKind", "utf16CodeUnits");
    struct wd_json results = wd_json_list(&run, "results", true);
    for (size_t i = 0; i < audit->finding_count; i++)
        put_result(&results, audit, &rules, &audit->findings[i], false);
    for (size_t i = 0; i < audit->suppressed_count; i++)
        put_result(&results, audit, &rules, &audit->suppressed[i], true);
    wd_json_close(&results);
    wd_json_close(&run);
    wd_json_close(&runs);
    wd_json_close(&root);
    wd_free(rules.at);
}
