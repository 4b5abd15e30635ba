#include "finding/rules.h"
#include "finding/waste.h"

static bool is_default(const struct wd_row *row, const struct wd_schema_field *field)
{
    return field && field->has_default && field->default_value.json.len && row->changed == 0 && row->sketch &&
           wd_sketch_count(row->sketch) == 1 &&
           wd_sketch_has(row->sketch, wd_sketch_hash_json(field->default_value.json)) == 1;
}

enum wd_emptiness wd_emptiness_of(const struct wd_audit *audit, const struct wd_subject *s,
                                  const struct wd_cell *cell)
{
    if (!wd_is_compared(audit, s, cell) || cell->is_discriminator)
        return WD_EMPTY_NOT;
    const struct wd_row *row = cell->row;
    if (row->types[WD_TYPE_NULL] == row->occurrences)
        return WD_EMPTY_NULL;
    if (row->empty == row->occurrences)
        return WD_EMPTY_VALUE;
    return wd_is_scalar(cell) && is_default(row, cell->field) ? WD_EMPTY_DEFAULT : WD_EMPTY_NOT;
}

static void judge(struct wd_ask *ask, const struct wd_rule *rule, const struct wd_subject *s,
                  const struct wd_cell *cell)
{
    static const char *const words[] = { NULL, "null", "empty", "default" };
    static const char *const begins[] = { NULL, "Null", "Empty", "The declared default" };
    enum wd_emptiness emptiness = wd_emptiness_of(ask->audit, s, cell);
    if (!emptiness)
        return;
    struct wd_draft d;
    wd_draft_open(&d, ask, rule, s, cell);
    d.finding.severity = cell->use == WD_USE_USED ? WD_NOTE : rule->severity;
    d.finding.confidence = wd_sureness(cell->row->compared);
    d.finding.saves_bytes = cell->tree_bytes;
    wd_draft_word(&d, "value", words[emptiness]);
    wd_draft_count(&d, "present", cell->row->present);
    wd_draft_count(&d, "messages", s->type->count);
    wd_draft_count(&d, "bytes", cell->tree_bytes);
    wd_buf_printf(&d.text, "%s in each of the ", begins[emptiness]);
    wd_say_plural(&d.text, cell->row->present, "message", "messages");
    wd_buf_puts(&d.text, " that carry it: ");
    wd_say_cost(&d.text, ask->audit, cell->tree_bytes);
    wd_buf_puts(&d.text, ".");
    wd_buf_puts(&d.remedy,
                "Leave it out until it has something to say, and let consumers take absence for that.");
    wd_draft_send(&d);
}

static void check(struct wd_ask *ask)
{
    wd_ask_each_compared(ask, &wd_rule_always_empty, judge);
}

const struct wd_rule wd_rule_always_empty = {
    .id = "WD201",
    .name = "always-empty",
    .title = "null, empty or the default in every message",
    .severity = WD_WARNING,
    .needs = WD_NEEDS_PROFILE,
    .check = check,
    .asks = "The field never said anything: null, an empty string, array or object, or the default that the "
            "schema declares, in every message that carries it.",
    .why = "A key that announces nothing costs as much as one that does. Absent, null and empty usually "
           "mean the same to consumers, at three different prices.",
    .measured = "Every occurrence is counted. Types of which fewer than thresholds.min_messages messages "
                "were seen are not judged, nor is what was never sent twice on a connection.",
    .remedy = "Leave it out while it is empty. Check first that consumers treat absence like the empty "
              "value; where they read it the finding is a note.",
};
