#include "finding/rules.h"

/* How sure it is that a consumer reads no more than it says: a trace saw one session, an analysis reads
 * all of the source. */
static double trust_in(const struct wd_consumer *consumer)
{
    static const double trust[WD_USAGE_SOURCE_COUNT] = {
        [WD_USAGE_STATIC] = 0.95,
        [WD_USAGE_TRACE] = 0.8,
        [WD_USAGE_CONTRACT] = 1.0,
        [WD_USAGE_MANIFEST] = 1.0,
    };
    return consumer->is_assumed_unused ? 0.6 : trust[consumer->source];
}

static double trust_in_all(const struct wd_usage *usage)
{
    double least = 1;
    for (size_t i = 0; i < usage->consumer_count; i++)
        if (trust_in(&usage->consumers[i]) < least)
            least = trust_in(&usage->consumers[i]);
    return least;
}

static void say(struct wd_draft *d, const struct wd_subject *s, const struct wd_cell *cell,
                const struct wd_bytes *names, size_t count)
{
    wd_buf_puts(&d->text, count == 1 ? "The only consumer, " : "No consumer, neither ");
    wd_say_names(&d->text, names, count, " nor ");
    wd_buf_puts(&d->text, count == 1 ? ", does not read it" : ", reads it");
    if (!cell->is_leaf) {
        wd_buf_puts(&d->text, cell->tree_leaves == 1 ? " or what is in it" : " or any of its ");
        if (cell->tree_leaves > 1)
            wd_say_plural(&d->text, cell->tree_leaves, "field", "fields");
    }
    if (cell->row) {
        wd_buf_puts(&d->text, ": ");
        wd_say_cost(&d->text, d->ask->audit, cell->tree_bytes);
    } else if (s->type) {
        wd_buf_puts(&d->text, ", and no message carried it");
    }
    wd_buf_puts(&d->text, ".");
    if (cell->is_entity_key)
        wd_buf_puts(&d->remedy,
                    "Keep it if anything tells entities apart by it; else remove it from sender and schema.");
    else if (cell->field)
        wd_buf_puts(&d->remedy,
                    "Remove it from the schema (wirediet prune does that) and stop sending it, or name the "
                    "consumer that needs it in the usage file.");
    else
        wd_buf_puts(&d->remedy, "Stop sending it, or name the consumer that needs it in the usage file.");
}

static void report(struct wd_ask *ask, const struct wd_rule *rule, const struct wd_subject *s,
                   const struct wd_cell *cell)
{
    size_t count;
    const struct wd_bytes *names = wd_subject_readers(ask->audit, wd_ask_subjects(ask), s, &count);
    struct wd_draft d;
    wd_draft_open(&d, ask, rule, s, cell);
    if (s->type && !cell->row)
        d.finding.severity = WD_NOTE;  /* it costs nothing yet */
    d.finding.confidence = trust_in_all(ask->audit->usage);
    d.finding.saves_bytes = cell->tree_bytes;
    wd_draft_list(&d, "consumers", names, count);
    if (!cell->is_leaf)
        wd_draft_count(&d, "fields", cell->tree_leaves);
    if (cell->row) {
        wd_draft_count(&d, "bytes", cell->tree_bytes);
        wd_draft_count(&d, "present", cell->row->present);
        wd_draft_count(&d, "messages", s->type->count);
    }
    say(&d, s, cell, names, count);
    wd_draft_send(&d);
}

/* One finding at the top of each tree that is unread as a whole. */
static void check(struct wd_ask *ask)
{
    const struct wd_subjects *subjects = wd_ask_subjects(ask);
    for (size_t i = 0; i < subjects->count; i++) {
        const struct wd_subject *s = &subjects->at[i];
        for (size_t c = 0; !s->is_unread && c < s->cell_count; c++) {
            const struct wd_cell *cell = &s->cells[c];
            bool is_top = cell->parent == WD_NO_CELL || !s->cells[cell->parent].is_unread;
            if (cell->is_unread && is_top)
                report(ask, &wd_rule_unused_field, s, cell);
        }
    }
}

const struct wd_rule wd_rule_unused_field = {
    .id = "WD101",
    .name = "unused-field",
    .title = "no consumer reads it",
    .severity = WD_WARNING,
    .needs = WD_NEEDS_USAGE,
    .check = check,
    .asks = "Every declared consumer is known not to read this field. An object or array is named once, at "
            "its top, when nothing in it is read. Unknown is never taken for unused: a value that a "
            "consumer hands to code which cannot be followed, or a list of reads that is not complete, "
            "keeps the field.",
    .why = "It is paid for in each message and at each receiver: bytes, encoding, parsing, battery. And it "
           "is a promise that somebody has to keep.",
    .measured = "Usage files say what each consumer reads; the bytes are those of the field's key, value "
                "and punctuation in the captured messages, counted and not estimated. What messages are "
                "told apart by (the discriminator) is exempt. Confidence falls when a consumer's reads come "
                "from a trace, which saw one session only.",
    .remedy = "wirediet prune removes the declaration and proves that nothing else changed; then stop "
              "sending it. If somebody does read it, say so in that consumer's usage file.",
};
