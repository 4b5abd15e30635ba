#include "finding/rules.h"

static void report(struct wd_ask *ask, const struct wd_subject *s)
{
    const struct wd_binding *binding = &ask->audit->bindings[s->type_index];
    struct wd_draft d;
    wd_draft_open(&d, ask, &wd_rule_unmatched_message, s, NULL);
    wd_draft_count(&d, "messages", s->type->count);
    wd_draft_count(&d, "bytes", s->type->payload_bytes);
    if (binding->why_not)
        wd_draft_word(&d, "why", binding->why_not);
    if (binding->nearest.len)
        wd_draft_text(&d, "nearest", binding->nearest);
    wd_buf_puts(&d.text, "No schema message describes it: ");
    wd_say_plural(&d.text, s->type->count, "message", "messages");
    wd_buf_puts(&d.text, ", ");
    wd_say_cost(&d.text, ask->audit, s->type->payload_bytes);
    if (binding->why_not)
        wd_buf_printf(&d.text, " (%s)", binding->why_not);
    wd_buf_puts(&d.text, ".");
    if (binding->nearest.len) {
        wd_buf_puts(&d.remedy, "Declare it, or correct what keeps it from being ");
        wd_buf_put(&d.remedy, binding->nearest);
        wd_buf_puts(&d.remedy, ", which comes closest.");
    } else {
        wd_buf_puts(&d.remedy, "Declare it, or stop sending it.");
    }
    wd_draft_send(&d);
}

static void check(struct wd_ask *ask)
{
    const struct wd_subjects *subjects = wd_ask_subjects(ask);
    for (size_t i = 0; ask->audit->bindings && i < subjects->count; i++)
        if (subjects->at[i].type && !subjects->at[i].message)
            report(ask, &subjects->at[i]);
}

const struct wd_rule wd_rule_unmatched_message = {
    .id = "WD106",
    .name = "unmatched-message",
    .title = "traffic that no schema message describes",
    .severity = WD_WARNING,
    .needs = WD_NEEDS_SCHEMA | WD_NEEDS_PROFILE,
    .check = check,
    .asks = "Messages of this type were seen, and no message of the schema fits them.",
    .why = "What is not described cannot be reviewed, priced or pruned, and a consumer that trusts the "
           "schema does not know of it.",
    .measured = "Each type found in the traffic is held against the schema's messages: channel and "
                "direction must agree, a contradicting const or enum excludes, and so does a required field "
                "that is missing in more than 5 % of the messages; then the best structural fit is taken. "
                "The finding names the message that came closest.",
    .remedy = "Declare the message, or correct what keeps it from matching. Name it in .wirediet.yaml "
              "(messages:) if traffic alone gives it a wrong name.",
};
