#include "finding/rules.h"
#include "finding/waste.h"

struct wd_pace wd_pace_of(const struct wd_subject *s, const struct wd_cell *cell)
{
    const struct wd_row *row = cell->row;
    struct wd_pace pace = { row->compared, row->changed, wd_row_mean_hold_ms(row), false };
    bool has_entity = s->type->entity.len && row->entity_compared > 0;
    if (has_entity &&
        wd_share(row->entity_changed, row->entity_compared) < wd_share(row->changed, row->compared))
        pace = (struct wd_pace){ row->entity_compared, row->entity_changed, 0,
                                 true }; /* holds are those of the series */
    return pace;
}

bool wd_is_slow(const struct wd_audit *audit, const struct wd_subject *s, const struct wd_cell *cell)
{
    if (!wd_is_compared(audit, s, cell) || !wd_is_scalar(cell) || cell->is_discriminator ||
        cell->is_entity_key || wd_emptiness_of(audit, s, cell) || wd_constancy_of(audit, s, cell))
        return false;
    struct wd_pace pace = wd_pace_of(s, cell);
    return pace.changed > 0 && wd_share(pace.changed, pace.compared) <= audit->config->thresholds.slow_ratio;
}

/* Fields of the message that hardly ever change, and the others: what a split would put in two messages. */
struct split { uint64_t cold, hot, cold_bytes; };

static struct split split_of(const struct wd_audit *audit, const struct wd_subject *s)
{
    struct split split = { 0 };
    for (size_t i = 0; i < s->cell_count; i++) {
        const struct wd_cell *cell = &s->cells[i];
        if (!cell->row || cell->is_special || cell->row->compared == 0)
            continue;
        bool is_cold =
            wd_emptiness_of(audit, s, cell) || wd_constancy_of(audit, s, cell) || wd_is_slow(audit, s, cell);
        split.cold += is_cold;
        split.hot += !is_cold;
        split.cold_bytes += is_cold ? wd_row_bytes(cell->row) : 0;
    }
    return split;
}

static void say(struct wd_draft *d, const struct wd_subject *s, const struct wd_pace *pace)
{
    wd_buf_puts(&d->text, "Changes in ");
    wd_say_count(&d->text, pace->changed);
    wd_buf_puts(&d->text, " of ");
    wd_say_plural(&d->text, pace->compared, "message", "messages");
    if (pace->is_per_entity) {
        wd_buf_puts(&d->text, " about the same ");
        wd_buf_put(&d->text, s->type->entity);
    }
    wd_buf_puts(&d->text, " (");
    wd_say_share(&d->text, wd_share(pace->changed, pace->compared));
    wd_buf_puts(&d->text, ")");
    if (pace->hold_ms) {
        wd_buf_puts(&d->text, ", about every ");
        wd_say_ms(&d->text, pace->hold_ms);
    }
    wd_buf_puts(&d->text, "; repeating it costs ");
    wd_say_cost(&d->text, d->ask->audit, d->finding.saves_bytes);
    wd_buf_puts(&d->text, ".");
    if (pace->hold_ms) {
        wd_buf_puts(
            &d->remedy,
            "Send it when it changes, or with the other slow fields in a message of its own about every ");
        wd_say_ms(&d->remedy, pace->hold_ms);
        wd_buf_puts(&d->remedy, ".");
    } else {
        wd_buf_puts(&d->remedy,
                    "Send it when it changes, or with the other slow fields in a message of its own.");
    }
}

static void report(struct wd_ask *ask, const struct wd_subject *s, const struct wd_cell *cell,
                   const struct split *split)
{
    struct wd_pace pace = wd_pace_of(s, cell);
    bool is_estimated;
    struct wd_draft d;
    wd_draft_open(&d, ask, &wd_rule_slow_field, s, cell);
    d.finding.confidence = wd_sureness(pace.compared);
    d.finding.saves_bytes = wd_repeated_bytes(s, cell, &is_estimated);
    wd_draft_count(&d, "compared", pace.compared);
    wd_draft_count(&d, "changed", pace.changed);
    wd_draft_share(&d, "change_rate", wd_share(pace.changed, pace.compared));
    if (pace.hold_ms)
        wd_draft_count(&d, "cadence_ms", pace.hold_ms);
    if (pace.is_per_entity)
        wd_draft_text(&d, "entity", s->type->entity);
    if (is_estimated)
        wd_draft_word(&d, "saving", "estimated");
    wd_draft_count(&d, "cold_fields", split->cold);
    wd_draft_count(&d, "hot_fields", split->hot);
    wd_draft_count(&d, "cold_bytes", split->cold_bytes);
    say(&d, s, &pace);
    wd_draft_send(&d);
}

static void ask_subject(struct wd_ask *ask, const struct wd_subject *s)
{
    struct split split = split_of(ask->audit, s);
    for (size_t i = 0; i < s->cell_count; i++)
        if (wd_is_slow(ask->audit, s, &s->cells[i]))
            report(ask, s, &s->cells[i], &split);
}

static void check(struct wd_ask *ask)
{
    const struct wd_subjects *subjects = wd_ask_subjects(ask);
    for (size_t i = 0; i < subjects->count; i++)
        if (subjects->at[i].type)
            ask_subject(ask, &subjects->at[i]);
    wd_ask_note_few(ask, &wd_rule_slow_field);
}

const struct wd_rule wd_rule_slow_field = {
    .id = "WD203", .name = "slow-field", .title = "sent far more often than it changes", .severity = WD_NOTE,
    .needs = WD_NEEDS_PROFILE, .check = check,
    .asks = "The field does change, but in few of the messages that carry it: at most thresholds.slow_ratio "
            "of them (10 % unless set).",
    .why = "A message that is sent as often as its fastest field needs repeats all the slow ones. Splitting "
           "hot from cold is usually the largest saving that costs no information.",
    .measured = "changed / compared, in the series or for each entity, whichever is smaller. The cadence is "
                "the mean time that a value lasted, of those whose end was seen. cold_fields and hot_fields say how the message would split. The "
                "saving is what was repeated.",
    .remedy = "Send it when it changes (a delta), or move it with the other slow fields to a message of its "
              "own at the suggested cadence. A consumer then sees a change at once, or at most that much "
              "later.",
};
