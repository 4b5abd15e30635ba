#include "finding/rules.h"

static void report(struct wd_ask *ask, const struct wd_subject *s)
{
    size_t count;
    const struct wd_bytes *names = wd_subject_readers(ask->audit, wd_ask_subjects(ask), s, &count);
    struct wd_draft d;
    wd_draft_open(&d, ask, &wd_rule_unused_message, s, NULL);
    wd_draft_list(&d, "consumers", names, count);
    wd_buf_puts(&d.text, count == 1 ? "The only consumer, " : "No consumer, neither ");
    wd_say_names(&d.text, names, count, " nor ");
    wd_buf_puts(&d.text, count == 1 ? ", does not take it" : ", takes it");
    if (s->type) {
        d.finding.saves_bytes = s->type->payload_bytes;
        wd_draft_count(&d, "messages", s->type->count);
        wd_draft_count(&d, "bytes", s->type->payload_bytes);
        wd_buf_puts(&d.text, ": ");
        wd_say_plural(&d.text, s->type->count, "message", "messages");
        wd_buf_puts(&d.text, ", ");
        wd_say_cost(&d.text, ask->audit, s->type->payload_bytes);
    }
    wd_buf_puts(&d.text, ".");
    wd_buf_puts(
        &d.remedy,
        "Stop sending it, and remove it from the schema (wirediet prune does that), or list it in the usage "
        "file of the consumer that takes it.");
    wd_draft_send(&d);
}

static void check(struct wd_ask *ask)
{
    const struct wd_subjects *subjects = wd_ask_subjects(ask);
    for (size_t i = 0; i < subjects->count; i++)
        if (subjects->at[i].is_unread)
            report(ask, &subjects->at[i]);
}

const struct wd_rule wd_rule_unused_message = {
    .id = "WD102",
    .name = "unused-message",
    .title = "no consumer takes it",
    .severity = WD_WARNING,
    .needs = WD_NEEDS_USAGE,
    .check = check,
    .asks = "No declared consumer subscribes to this message or reads any of it.",
    .why = "Each one is built, sent and parsed to be thrown away; on a phone it also wakes the radio.",
    .measured = "A consumer takes a message when its usage file lists it, by name or with *, even without a "
                "read. Only consumers that receive what goes in this direction are asked: what a browser "
                "reads says nothing about what the server reads. A consumer that lists nothing at all is "
                "unknown; so is a message that neither schema nor any consumer names, since it may be taken "
                "under another name.",
    .remedy = "Stop sending it, or send it to those who ask for it. wirediet prune removes its declaration. "
              "If somebody does take it, list it in that consumer's usage file.",
};
