/* output/groups.c - findings that belong together, and each in a phrase. */
#include "output/facts.h"
#include "output/figure.h"

const char *wd_group_title(const struct wd_audit *audit, enum wd_group group)
{
#define TITLE(id, title) title,
    static const char *const titles[WD_GROUP_COUNT] = { WD_GROUPS(TITLE) };
#undef TITLE
    if (wd_audit_knows_readers(audit))
        return titles[group];
    return group == WD_GROUP_PERSONAL ? "personal; who reads it is not known"
           : group == WD_GROUP_SLOW   ? "hardly ever changes"
                                      : titles[group];
}

static const struct { const char *rule; enum wd_group group; } rule_groups[] = {
    { "WD101", WD_GROUP_UNREAD },   { "WD102", WD_GROUP_UNREAD },   { "WD103", WD_GROUP_SCHEMA },
    { "WD104", WD_GROUP_SCHEMA },   { "WD105", WD_GROUP_SCHEMA },   { "WD106", WD_GROUP_SCHEMA },
    { "WD107", WD_GROUP_UNKNOWN },  { "WD201", WD_GROUP_CONSTANT }, { "WD202", WD_GROUP_CONSTANT },
    { "WD203", WD_GROUP_SLOW },     { "WD204", WD_GROUP_SNAPSHOT },     { "WD205", WD_GROUP_SLOW },
    { "WD206", WD_GROUP_CONSTANT }, { "WD207", WD_GROUP_CONSTANT }, { "WD208", WD_GROUP_SLOW },
};

static bool is_exposed_unread(const struct wd_finding *f)
{
    const struct wd_fact *exposure = wd_finding_fact(f, "exposure");
    if (!exposure)
        return false;
    if (exposure->kind == WD_FACT_WORD)
        return strcmp(exposure->word, "unread") == 0;
    for (size_t i = 0; i < exposure->list_count; i++)
        if (wd_bytes_is(exposure->list[i], "unread"))
            return true;
    return wd_bytes_is(exposure->text, "unread");
}

enum wd_group wd_finding_group(const struct wd_audit *audit, const struct wd_finding *finding)
{
    const char *id = finding->rule->id;
    if (strncmp(id, "WD4", 3) == 0) {
        enum wd_verdict verdict = wd_finding_verdict(audit, finding);
        bool is_unread = verdict == WD_VERDICT_PERSONAL_UNREAD || verdict == WD_VERDICT_UNREAD ||
                         is_exposed_unread(finding);
        return is_unread ? WD_GROUP_PERSONAL_UNREAD : WD_GROUP_PERSONAL;
    }
    for (size_t i = 0; i < WD_COUNT(rule_groups); i++)
        if (strcmp(rule_groups[i].rule, id) == 0)
            return rule_groups[i].group;
    return WD_GROUP_ADVICE;
}

static uint64_t saves(const struct wd_audit *audit, enum wd_group group, bool on_the_wire)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < audit->finding_count; i++) {
        const struct wd_finding *f = &audit->findings[i];
        bool is_whole = f->path.len == 0 && strcmp(f->rule->id, "WD102") != 0;
        if (!is_whole && wd_finding_group(audit, f) == group)
            sum += on_the_wire ? f->saves_wire_bytes : f->saves_bytes;
    }
    uint64_t most = on_the_wire ? audit->summary.wire_payload_bytes : audit->summary.payload_bytes;
    return sum < most ? sum : most;
}

uint64_t wd_group_saves(const struct wd_audit *audit, enum wd_group group)
{
    return saves(audit, group, false);
}

uint64_t wd_group_saves_wire(const struct wd_audit *audit, enum wd_group group)
{
    return saves(audit, group, true);
}

static void put_fact(struct wd_buf *out, const struct wd_fact *fact)
{
    if (fact->kind == WD_FACT_WORD)
        wd_buf_puts(out, fact->word);
    else if (fact->kind == WD_FACT_BYTES_TEXT)
        wd_buf_put(out, fact->text);
    else if (fact->kind == WD_FACT_COUNT)
        wd_put_count(out, fact->count);
    else if (fact->kind == WD_FACT_SHARE)
        wd_put_share(out, fact->share);
    else if (fact->list_count)
        wd_buf_put(out, fact->list[0]);
}

static void put_changes(struct wd_buf *out, const struct wd_finding *f)
{
    uint64_t compared, changed;
    wd_row_change(f->type, f->row, &compared, &changed);
    if (compared == 0)
        wd_buf_puts(out, "sent once");
    else if (changed == 0)
        wd_buf_puts(out, "never changes");
    else if (changed >= compared)
        wd_buf_puts(out, "changes always");
    else {
        wd_buf_puts(out, "changes ");
        wd_put_percent(out, wd_share_of(changed, compared));
    }
}

static void say_unused(struct wd_buf *out, const struct wd_audit *audit, const struct wd_finding *f)
{
    uint64_t fields, personal;
    if (!f->row) {
        wd_buf_puts(out, "declared, never seen");
        return;
    }
    wd_finding_below(audit, f, &fields, &personal);
    if (!fields) {
        put_changes(out, f);
        return;
    }
    wd_put_plural(out, fields, "field", "fields");
    if (personal)
        wd_buf_puts(out, ", ");
    if (personal)
        wd_put_count(out, personal);
    if (personal)
        wd_buf_puts(out, " personal");
}

static void say_personal(struct wd_buf *out, const struct wd_audit *audit, const struct wd_finding *f)
{
    (void)audit;
    const struct wd_fact *category = wd_finding_fact(f, "category");
    if (category)
        put_fact(out, category);
    else
        wd_buf_puts(out, f->rule->title);
    unsigned hundredths = (unsigned)(f->confidence * 100 + 0.5);   /* never quite certain */
    wd_buf_printf(out, " 0.%02u", hundredths > 99 ? 99 : hundredths);
}

static void say_unused_message(struct wd_buf *out, const struct wd_audit *audit, const struct wd_finding *f)
{
    (void)audit;
    if (f->type)
        wd_put_plural(out, f->type->count, "message", "messages");
    else
        wd_buf_puts(out, "declared, never seen");
}

static void say_slow(struct wd_buf *out, const struct wd_audit *audit, const struct wd_finding *f)
{
    (void)audit;
    if (!f->row) {
        wd_buf_puts(out, f->rule->title);
        return;
    }
    const struct wd_fact *cadence = wd_finding_fact(f, "cadence_ms");
    int64_t lasts = cadence && cadence->count < INT64_MAX / 1000000 ? (int64_t)cadence->count * 1000000
                                                                     : wd_row_lasts(f->type, f->row);
    if (lasts && f->row->changed) {
        wd_buf_puts(out, "changes every ");
        wd_put_about(out, lasts);
    } else
        put_changes(out, f);
}

static void say_constant(struct wd_buf *out, const struct wd_audit *audit, const struct wd_finding *f)
{
    (void)audit;
    const struct wd_fact *per = wd_finding_fact(f, "constant_per");
    if (per && per->kind == WD_FACT_WORD && strcmp(per->word, "overall") != 0)
        wd_buf_printf(out, "one value per %s", per->word);
    else
        wd_buf_puts(out, f->row && f->row->distinct > 1 ? "never changes" : "one value ever");
}

static void say_snapshot(struct wd_buf *out, const struct wd_audit *audit, const struct wd_finding *f)
{
    (void)audit;
    if (!f->type) {
        wd_buf_puts(out, f->rule->title);
        return;
    }
    const struct wd_fact *share = wd_finding_fact(f, "repeated_share");
    wd_buf_puts(out, "repeats ");
    wd_put_percent(out,
                   share ? share->share : wd_share_of(wd_type_repeated(f->type), f->type->payload_bytes));
}

static void say_duplicate(struct wd_buf *out, const struct wd_audit *audit, const struct wd_finding *f)
{
    (void)audit;
    const struct wd_fact *equals = wd_finding_fact(f, "equals");
    wd_buf_puts(out, "equals ");
    if (equals)
        put_fact(out, equals);
    else if (f->row && f->row->equals_count)
        wd_buf_put(out, f->row->equals[0]);
    else
        wd_buf_puts(out, "another field");
}

static void say_empty(struct wd_buf *out, const struct wd_audit *audit, const struct wd_finding *f)
{
    (void)audit;
    const struct wd_fact *value = wd_finding_fact(f, "value");
    bool is_null = f->row && f->row->types[WD_TYPE_NULL] == f->row->occurrences;
    const char *what = value && value->kind == WD_FACT_WORD ? value->word : is_null ? "null" : "empty";
    wd_buf_printf(out, "always %s%s", strcmp(what, "default") == 0 ? "the " : "", what);
}

static const struct {
    const char *rule;
    void (*say)(struct wd_buf *out, const struct wd_audit *audit, const struct wd_finding *f);
} phrases[] = {
    { "WD101", say_unused },    { "WD102", say_unused_message }, { "WD201", say_empty },
    { "WD202", say_constant },  { "WD203", say_slow },           { "WD204", say_snapshot },
    { "WD207", say_duplicate }, { "WD401", say_personal },       { "WD402", say_personal },
};

void wd_finding_phrase(struct wd_buf *out, const struct wd_audit *audit, const struct wd_finding *finding)
{
    for (size_t i = 0; i < WD_COUNT(phrases); i++) {
        if (strcmp(phrases[i].rule, finding->rule->id) == 0) {
            phrases[i].say(out, audit, finding);
            return;
        }
    }
    wd_buf_put(out, finding->text);
}
