#include "finding/rules.h"
#include "finding/waste.h"

static uint64_t repeated_in(const struct wd_subject *s, bool *is_estimated)
{
    uint64_t sum = 0;
    *is_estimated = false;
    for (size_t i = 0; i < s->cell_count; i++) {
        bool is_reckoned = false;
        if (s->cells[i].row && !s->cells[i].is_special)
            sum += wd_repeated_bytes(s, &s->cells[i], &is_reckoned);
        *is_estimated |= is_reckoned;
    }
    return sum;
}

static void report(struct wd_ask *ask, const struct wd_subject *s, uint64_t repeated, bool is_estimated)
{
    struct wd_draft d;
    wd_draft_open(&d, ask, &wd_rule_full_snapshot, s, NULL);
    d.finding.confidence = wd_sureness(s->type->compared_messages);
    d.finding.saves_bytes = repeated;
    wd_draft_share(&d, "repeated_share", wd_share(repeated, s->type->payload_bytes));
    wd_draft_count(&d, "repeated_bytes", repeated);
    wd_draft_count(&d, "messages", s->type->count);
    wd_draft_count(&d, "compared", s->type->compared_messages);
    if (s->type->repeated_messages)
        wd_draft_count(&d, "identical", s->type->repeated_messages);
    if (s->type->entity.len)
        wd_draft_text(&d, "entity", s->type->entity);
    if (is_estimated)
        wd_draft_word(&d, "saving", "estimated");
    wd_say_share(&d.text, wd_share(repeated, s->type->payload_bytes));
    wd_buf_puts(&d.text, " of its bytes repeat the message before");
    if (s->type->entity.len) {
        wd_buf_puts(&d.text, " or the last one about the same ");
        wd_buf_put(&d.text, s->type->entity);
    }
    wd_buf_puts(&d.text, ": ");
    wd_say_cost(&d.text, ask->audit, repeated);
    wd_buf_puts(&d.text, ", in ");
    wd_say_plural(&d.text, s->type->count, "message", "messages");
    wd_buf_puts(&d.text, ".");
    wd_buf_puts(&d.remedy, "Send a full snapshot to newcomers, then only what changed.");
    wd_draft_send(&d);
}

static void check(struct wd_ask *ask)
{
    const struct wd_subjects *subjects = wd_ask_subjects(ask);
    const struct wd_thresholds *t = &ask->audit->config->thresholds;
    for (size_t i = 0; i < subjects->count; i++) {
        const struct wd_subject *s = &subjects->at[i];
        if (!s->type || s->type->count < t->min_messages || s->type->compared_messages == 0 ||
            s->type->payload_bytes == 0)
            continue;
        bool is_estimated;
        uint64_t repeated = repeated_in(s, &is_estimated);
        if (repeated && wd_share(repeated, s->type->payload_bytes) >= t->snapshot_ratio)
            report(ask, s, repeated, is_estimated);
    }
    wd_ask_note_few(ask, &wd_rule_full_snapshot);
}

const struct wd_rule wd_rule_full_snapshot = {
    .id = "WD204", .name = "full-snapshot", .title = "mostly repeats the message before", .severity = WD_NOTE,
    .needs = WD_NEEDS_PROFILE, .check = check,
    .asks = "At least thresholds.snapshot_ratio (80 % unless set) of this message's bytes say what the "
            "message before, or the last one about the same entity, said already.",
    .why = "The state is sent where its change would do. The first snapshot to a newcomer is not waste; all "
           "later ones are.",
    .measured = "The repeated bytes of all its fields, each compared at its place, over all bytes of its "
                "payload. Keys and brackets of the objects that hold the fields are not counted as repeated.",
    .remedy = "Send a snapshot when a client arrives or asks for one, then deltas (RFC 7396 merge patches, "
              "RFC 6902 patches, or a message per concern). Number them, so that a client notices a gap and "
              "asks for a snapshot again.",
};
