#include "finding/rules.h"
#include "model/path.h"

static void report_message(struct wd_ask *ask, const struct wd_subject *s)
{
    struct wd_draft d;
    wd_draft_open(&d, ask, &wd_rule_never_sent, s, NULL);
    const struct wd_ledger *ledger = &ask->audit->profile->ledger;   /* it may be in what could not be read */
    d.finding.confidence = 0.7 * (1 - wd_share(ledger->layer[WD_LAYER_UNDECODED], ledger->captured_bytes));
    wd_draft_count(&d, "messages_seen", ask->audit->profile->messages);
    wd_buf_puts(&d.text, "Declared, but none of the ");
    wd_say_plural(&d.text, ask->audit->profile->messages, "message", "messages");
    wd_buf_puts(&d.text, " seen is one.");
    wd_buf_puts(&d.remedy,
                "Capture traffic in which it occurs, or remove its declaration if it is no longer sent.");
    wd_draft_send(&d);
}

static void report_field(struct wd_ask *ask, const struct wd_subject *s, const struct wd_cell *cell)
{
    struct wd_draft d;
    wd_draft_open(&d, ask, &wd_rule_never_sent, s, cell);
    d.finding.confidence = 0.9 * wd_sureness(s->type->count);
    wd_draft_count(&d, "messages", s->type->count);
    if (cell->field->is_deprecated)
        wd_draft_word(&d, "declared", "deprecated");
    wd_buf_puts(&d.text, cell->field->is_deprecated ? "Declared (as deprecated), but in none of the "
                                                    : "Declared, but in none of the ");
    wd_say_plural(&d.text, s->type->count, "message", "messages");
    wd_buf_puts(&d.text, " seen.");
    wd_buf_puts(&d.remedy, "Remove the declaration, or capture traffic in which it occurs.");
    wd_draft_send(&d);
}

/* Elements of arrays that were always empty, and keys that a map allows, are not promised. Where there is no
 * array or map around them (Protobuf's repeated fields), they are the field itself. */
static bool is_mere_entry(const struct wd_subject *s, const struct wd_cell *cell)
{
    return wd_path_is_entry(cell->path) &&
           wd_bytes_eq(s->cells[cell->parent].path, wd_path_parent(cell->path));
}

/* A declared member is missed only where an object stood that could have held it. */
static bool is_missed(const struct wd_subject *s, const struct wd_cell *cell)
{
    if (cell->row || cell->parent == WD_NO_CELL || is_mere_entry(s, cell))
        return false;
    const struct wd_row *parent = s->cells[cell->parent].row;
    return parent && parent->types[WD_TYPE_OBJECT] > 0;
}

static void check(struct wd_ask *ask)
{
    const struct wd_subjects *subjects = wd_ask_subjects(ask);
    for (size_t i = 0; i < subjects->count; i++) {
        const struct wd_subject *s = &subjects->at[i];
        if (!s->type)
            report_message(ask, s);
        for (size_t c = 0; s->type && s->is_first && c < s->cell_count; c++)
            if (is_missed(s, &s->cells[c]))
                report_field(ask, s, &s->cells[c]);
    }
}

const struct wd_rule wd_rule_never_sent = {
    .id = "WD103", .name = "never-sent", .title = "declared, not in the traffic", .severity = WD_NOTE,
    .needs = WD_NEEDS_SCHEMA | WD_NEEDS_PROFILE, .check = check,
    .asks = "The schema declares this message or field, and the captured traffic does not show it. Of an "
            "object that was never sent only the object is named.",
    .why = "Consumers write code for what will not come. Or it is sent, and this capture missed it: then "
           "nothing here says what it costs.",
    .measured = "Declared paths are compared with the paths that were seen. Elements of arrays that stayed "
                "empty and keys that a map merely allows are not missed. Confidence grows with the number "
                "of messages of the type.",
    .remedy = "Capture longer, or at a time when it occurs. If it is no longer sent, remove the declaration.",
};
