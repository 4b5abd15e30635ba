#include "finding/rules.h"
#include "model/path.h"

static bool is_declared(const struct wd_schema_message *m, struct wd_bytes path)
{
    return wd_schema_field_cover(m, path) != NULL;
}

/* The topmost: what stands in something undeclared is undeclared with it. */
static bool is_top(const struct wd_subject *s, const struct wd_cell *cell)
{
    return cell->parent == WD_NO_CELL || is_declared(s->message, s->cells[cell->parent].path);
}

static void judge(struct wd_ask *ask, const struct wd_rule *rule, const struct wd_subject *s,
                  const struct wd_cell *cell)
{
    if (!s->message || s->message->is_opaque || cell->field || is_declared(s->message, cell->path) ||
        !is_top(s, cell))
        return;
    struct wd_draft d;
    wd_draft_open(&d, ask, rule, s, cell);
    d.finding.at = s->message->at;
    wd_draft_count(&d, "present", cell->row->present);
    wd_draft_count(&d, "messages", s->type->count);
    wd_draft_count(&d, "bytes", cell->tree_bytes);
    wd_buf_puts(&d.text, "Sent in ");
    if (cell->row->present == s->type->count) {
        wd_buf_puts(&d.text, "each of ");
    } else {
        wd_say_count(&d.text, cell->row->present);
        wd_buf_puts(&d.text, " of ");
    }
    wd_say_plural(&d.text, s->type->count, "message", "messages");
    wd_buf_puts(&d.text, " (");
    wd_say_cost(&d.text, ask->audit, cell->tree_bytes);
    wd_buf_puts(&d.text, "), but the schema does not declare it.");
    wd_buf_puts(&d.remedy, cell->use == WD_USE_USED ? "Declare it: a consumer reads it."
                                                    : "Declare it, or stop sending it.");
    wd_draft_send(&d);
}

static void check(struct wd_ask *ask)
{
    wd_ask_each_row(ask, &wd_rule_undeclared_field, judge);
}

const struct wd_rule wd_rule_undeclared_field = {
    .id = "WD104",
    .name = "undeclared-field",
    .title = "in the traffic, not declared",
    .severity = WD_WARNING,
    .needs = WD_NEEDS_SCHEMA | WD_NEEDS_PROFILE,
    .check = check,
    .asks = "The traffic carries a field that the schema message does not declare.",
    .why = "Nobody decided to send it, nobody reviews what is in it, and pruning cannot reach it. Personal "
           "data that was never meant to leave travels this way.",
    .measured = "Each path that was seen is looked up among the declared ones: itself, the map ({}) that "
                "its key falls into, or an object that is free on purpose (additionalProperties: true, or "
                "nothing said about its members). That JSON Schema lets objects hold more by default "
                "declares nothing. Of an undeclared object only the object is named.",
    .remedy = "Declare it, with its purpose, or stop sending it.",
};
