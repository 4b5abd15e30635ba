/* output/json_findings.c - findings/1, and the report as the same with what changed since. */
#include "output/compare.h"
#include "output/facts.h"
#include "output/figure.h"
#include "output/json.h"
#include "output/writers.h"

static void put_place(struct wd_json *in, const struct wd_place *at)
{
    if (!at->file) {
        wd_json_null(in, "at");
        return;
    }
    struct wd_json o = wd_json_object(in, "at", false);
    wd_json_text(&o, "file", wd_file_shown(at->file));
    wd_json_count(&o, "line", at->line);
    wd_json_count(&o, "column", at->column);
    wd_json_close(&o);
}

static void put_list(struct wd_json *in, const char *key, const struct wd_bytes *list, size_t count)
{
    struct wd_json o = wd_json_list(in, key, false);
    for (size_t i = 0; i < count; i++)
        wd_json_text(&o, NULL, list[i]);
    wd_json_close(&o);
}

static void put_fact(struct wd_json *in, const struct wd_fact *fact)
{
    switch (fact->kind) {
    case WD_FACT_COUNT: wd_json_count(in, fact->key, fact->count); break;
    case WD_FACT_SHARE: wd_json_number(in, fact->key, fact->share); break;
    case WD_FACT_WORD: wd_json_word(in, fact->key, fact->word); break;
    case WD_FACT_BYTES_TEXT: wd_json_text(in, fact->key, fact->text); break;
    case WD_FACT_LIST: put_list(in, fact->key, fact->list, fact->list_count); break;
    }
}

static void put_evidence(struct wd_json *in, const struct wd_finding *f)
{
    struct wd_json o = wd_json_object(in, "evidence", false);
    for (size_t i = 0; i < f->fact_count; i++)
        put_fact(&o, &f->facts[i]);
    wd_json_close(&o);
}

static void put_finding(struct wd_json *list, const struct wd_finding *f, bool has_wire)
{
    struct wd_json o = wd_json_object(list, NULL, true);
    wd_json_word(&o, "rule", f->rule->id);
    wd_json_word(&o, "name", f->rule->name);
    wd_json_word(&o, "severity", wd_severity_names[f->severity]);
    wd_json_number(&o, "confidence", f->confidence);
    wd_json_text(&o, "message", f->message);
    wd_json_text(&o, "channel", f->channel);
    bool has_direction = f->direction >= 0 && f->direction < WD_DIRECTION_COUNT;
    wd_json_word(&o, "direction", has_direction ? wd_direction_names[f->direction] : "");
    wd_json_text(&o, "path", f->path);
    put_place(&o, &f->at);
    put_evidence(&o, f);
    struct wd_json also = wd_json_list(&o, "also", false);
    for (size_t i = 0; i < f->also_count; i++)
        wd_json_word(&also, NULL, f->also[i]);
    wd_json_close(&also);
    wd_json_count(&o, "saves_bytes", f->saves_bytes);
    wd_json_number(&o, "saves_share", f->saves_share);
    if (has_wire && f->type)
        wd_json_count(&o, "saves_wire_bytes", f->saves_wire_bytes);
    wd_json_true(&o, "wire_estimated", f->is_wire_estimated);
    wd_json_text(&o, "text", f->text);
    wd_json_text(&o, "remedy", f->remedy);
    wd_json_close(&o);
}

static void put_findings(struct wd_json *root, const char *key, const struct wd_finding *findings,
                         size_t count, bool has_wire)
{
    struct wd_json list = wd_json_list(root, key, true);
    for (size_t i = 0; i < count; i++)
        put_finding(&list, &findings[i], has_wire);
    wd_json_close(&list);
}

static void put_summary(struct wd_json *root, const struct wd_summary *s)
{
    struct wd_json o = wd_json_object(root, "summary", true);
    wd_json_count(&o, "payload_bytes", s->payload_bytes);
    wd_json_count(&o, "removable_bytes", s->removable_bytes);
    wd_json_number(&o, "removable_share", wd_share_of(s->removable_bytes, s->payload_bytes));
    if (s->has_wire) {
        wd_json_count(&o, "wire_payload_bytes", s->wire_payload_bytes);
        wd_json_count(&o, "removable_wire_bytes", s->removable_wire_bytes);
    }
    struct wd_json verdicts = wd_json_object(&o, "verdict_bytes", false);
    for (int v = 0; v < WD_VERDICT_COUNT; v++)
        wd_json_count(&verdicts, wd_verdict_names[v], s->verdict_bytes[v]);
    wd_json_close(&verdicts);
    wd_json_count(&o, "errors", s->errors);
    wd_json_count(&o, "warnings", s->warnings);
    wd_json_count(&o, "notes", s->notes);
    wd_json_count(&o, "suppressed", s->suppressed);
    wd_json_close(&o);
}

static void put_unasked(struct wd_json *root, const struct wd_audit *a)
{
    struct wd_json list = wd_json_list(root, "unasked", true);
    for (size_t i = 0; i < a->unasked_count; i++) {
        struct wd_json o = wd_json_object(&list, NULL, false);
        wd_json_word(&o, "rule", a->unasked[i].rule->id);
        wd_json_word(&o, "name", a->unasked[i].rule->name);
        wd_json_word(&o, "why", a->unasked[i].why);
        wd_json_close(&o);
    }
    wd_json_close(&list);
}

/* What the conclusions rest on: nothing is said about bytes that were not read. */
static void put_seen(struct wd_json *root, const struct wd_profile *p)
{
    if (!p)
        return;
    struct wd_json o = wd_json_object(root, "traffic", false);
    wd_json_count(&o, "messages", p->messages);
    wd_json_count(&o, "captured_bytes", p->ledger.captured_bytes);
    wd_json_count(&o, "undecoded_bytes", p->ledger.layer[WD_LAYER_UNDECODED]);
    wd_json_count(&o, "missing_bytes", p->ledger.missing_bytes);
    wd_json_close(&o);
}

static void put_audit(struct wd_json *root, const struct wd_audit *a)
{
    wd_json_word(root, "wirediet", "findings/1");
    put_findings(root, "findings", a->findings, a->finding_count, a->summary.has_wire);
    put_summary(root, &a->summary);
    put_findings(root, "suppressed", a->suppressed, a->suppressed_count, a->summary.has_wire);
    put_unasked(root, a);
    put_seen(root, a->profile);
}

void wd_json_audit(struct wd_buf *out, const struct wd_audit *audit)
{
    struct wd_json root = wd_json_root(out);
    put_audit(&root, audit);
    wd_json_close(&root);
}

static void put_difference(struct wd_json *list, const struct wd_difference *d)
{
    const struct wd_type_profile *type = wd_difference_type(d);
    struct wd_json o = wd_json_object(list, NULL, false);
    wd_json_word(&o, "change", wd_difference_word(d));
    wd_json_text(&o, "message", type->name);
    wd_json_text(&o, "channel", type->channel);
    wd_json_word(&o, "direction", wd_direction_names[type->direction]);
    wd_json_text(&o, "path", wd_difference_path(d));
    wd_json_count(&o, "before", wd_difference_before(d));
    wd_json_count(&o, "after", wd_difference_after(d));
    wd_json_close(&o);
}

static void put_since(struct wd_json *root, const struct wd_report *report)
{
    const struct wd_profile *before = report->before, *after = report->audit->profile;
    if (!before || !after)
        return;
    struct wd_json o = wd_json_object(root, "since", true);
    wd_json_text(&o, "name", report->before_name);
    wd_json_count(&o, "messages", before->messages);
    wd_json_count(&o, "payload_bytes", before->payload_bytes);
    size_t count;
    struct wd_difference *changes = wd_profiles_compare(before, after, &count);
    struct wd_json list = wd_json_list(&o, "changes", true);   /* bytes per message, before and after */
    for (size_t i = 0; i < count; i++)
        put_difference(&list, &changes[i]);
    wd_json_close(&list);
    wd_free(changes);
    wd_json_close(&o);
}

void wd_json_report(struct wd_buf *out, const struct wd_report *report)
{
    struct wd_json root = wd_json_root(out);
    put_audit(&root, report->audit);
    wd_json_text(&root, "title", report->title);
    wd_json_text(&root, "period", report->period);
    put_since(&root, report);
    wd_json_close(&root);
}
