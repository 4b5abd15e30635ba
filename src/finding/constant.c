#include "finding/rules.h"
#include "finding/waste.h"

static bool is_entity_constant(const struct wd_subject *s, const struct wd_row *row)
{
    return s->type->entity.len && row->entity_compared > 0 && row->entity_changed == 0;
}

enum wd_constancy wd_constancy_of(const struct wd_audit *audit, const struct wd_subject *s,
                                  const struct wd_cell *cell)
{
    if (!wd_is_compared(audit, s, cell) || !wd_is_scalar(cell) || cell->is_discriminator ||
        cell->is_entity_key || wd_comes_and_goes(s, cell))
        return WD_CONSTANT_NOT;
    const struct wd_row *row = cell->row;
    if (row->changed == 0 && (row->distinct <= 1 || row->series <= 1))
        return WD_CONSTANT_OVERALL;
    if (row->changed == 0 && row->constant_series == row->series)
        return WD_CONSTANT_PER_CONNECTION;
    return row->changed && is_entity_constant(s, row) ? WD_CONSTANT_PER_ENTITY : WD_CONSTANT_NOT;
}

static void say(struct wd_draft *d, const struct wd_subject *s, const struct wd_row *row,
                enum wd_constancy constancy)
{
    switch (constancy) {
    case WD_CONSTANT_PER_ENTITY:
        wd_buf_puts(&d->text, "The same for each ");
        wd_buf_put(&d->text, s->type->entity);
        wd_buf_puts(&d->text, " in all ");
        wd_say_plural(&d->text, row->entity_compared, "message", "messages");
        wd_buf_puts(&d->text, " that could differ");
        break;
    case WD_CONSTANT_PER_CONNECTION:
        wd_buf_puts(&d->text, "Never changes within a connection (");
        wd_say_plural(&d->text, row->series, "connection", "connections");
        wd_buf_puts(&d->text, ", ");
        wd_say_plural(&d->text, row->compared, "comparison", "comparisons");
        wd_buf_puts(&d->text, ")");
        break;
    default:
        wd_buf_puts(&d->text, "The same in all ");
        wd_say_plural(&d->text, row->present, "message", "messages");
        break;
    }
    wd_buf_puts(&d->text, ", yet sent again each time: ");
    wd_say_cost(&d->text, d->ask->audit, d->finding.saves_bytes);
    wd_buf_puts(&d->text, ".");
}

static void judge(struct wd_ask *ask, const struct wd_rule *rule, const struct wd_subject *s,
                  const struct wd_cell *cell)
{
    static const char *const words[] = { NULL, "overall", "connection", "entity" };
    enum wd_constancy constancy =
        wd_emptiness_of(ask->audit, s, cell) ? WD_CONSTANT_NOT : wd_constancy_of(ask->audit, s, cell);
    if (!constancy)
        return;
    bool is_per_entity = constancy == WD_CONSTANT_PER_ENTITY, is_estimated;
    struct wd_draft d;
    wd_draft_open(&d, ask, rule, s, cell);
    d.finding.severity = cell->use == WD_USE_USED ? WD_NOTE : rule->severity;
    d.finding.confidence = wd_sureness(is_per_entity ? cell->row->entity_compared : cell->row->compared);
    d.finding.saves_bytes = wd_repeated_bytes(s, cell, &is_estimated);
    wd_draft_word(&d, "constant_per", words[constancy]);
    wd_draft_count(&d, "compared", is_per_entity ? cell->row->entity_compared : cell->row->compared);
    wd_draft_count(&d, "changed", is_per_entity ? cell->row->entity_changed : cell->row->changed);
    if (is_per_entity)
        wd_draft_text(&d, "entity", s->type->entity);
    if (constancy == WD_CONSTANT_PER_CONNECTION)
        wd_draft_count(&d, "connections", cell->row->series);
    if (is_estimated)
        wd_draft_word(&d, "saving", "estimated");
    say(&d, s, cell->row, constancy);
    wd_buf_puts(&d.remedy, cell->use == WD_USE_USED ? "Send it once, or when it changes."
                : is_per_entity ? "Send it once for each entity, or when it changes; better, leave it out."
                                : "Send it once, when the connection opens, or leave it out.");
    wd_draft_send(&d);
}

static void check(struct wd_ask *ask)
{
    wd_ask_each_compared(ask, &wd_rule_constant, judge);
}

const struct wd_rule wd_rule_constant = {
    .id = "WD202",
    .name = "constant",
    .title = "one value ever",
    .severity = WD_WARNING,
    .needs = WD_NEEDS_PROFILE,
    .check = check,
    .asks = "The field never changes: one value overall, or one for each connection, or one for each entity "
            "(room, symbol, device) that the message is about.",
    .why = "The receiver has known it since the first message. Everything after that is repetition.",
    .measured = "Each value is compared with the last one of its series and, where the message names an "
                "entity, with the last one of that entity; by hash, so no value is kept. Exempt: what "
                "messages are told apart by, entity keys, and fields that come and go on their own, since "
                "their presence says something. The saving is what repeats; for entities it is reckoned "
                "from the share of comparisons that agreed.",
    .remedy = "Send it once, when the connection or the entity appears, and again only when it changes. If "
              "nobody needs it, remove it. A capture that is too short makes slow fields look constant: "
              "confidence is n/(n+3) for n comparisons.",
};
