#include "finding/audit.h"
#include "finding/rules.h"
#include "finding/suppress.h"

enum fault { FINE, NO_REASON, EXPIRED, NO_RULE };

static enum fault fault_of(const struct wd_suppression *s, int64_t today)
{
    if (!wd_rule_find(s->rule))
        return NO_RULE;
    if (!wd_suppression_has_reason(s))
        return NO_REASON;
    return wd_suppression_is_expired(s, today) ? EXPIRED : FINE;
}

static void say(struct wd_draft *d, const struct wd_suppression *s, enum fault fault)
{
    wd_buf_puts(&d->text, "The suppression of ");
    wd_buf_put(&d->text, s->rule);
    switch (fault) {
    case NO_RULE:
        wd_buf_puts(&d->text, " silences nothing: no rule is called that.");
        wd_buf_puts(&d->remedy, "Correct the rule (wirediet explain lists them), or remove the suppression.");
        break;
    case NO_REASON:
        wd_buf_puts(&d->text, " gives no reason, so it silences nothing.");
        wd_buf_puts(&d->remedy, "Say why in reason:, or remove the suppression.");
        break;
    default:
        wd_buf_puts(&d->text, " expired on ");
        wd_buf_put(&d->text, s->expires);
        wd_buf_puts(&d->text, " and silences nothing any more.");
        wd_buf_puts(&d->remedy, "Deal with the finding, or look at it again and set a new day.");
        break;
    }
}

static void report(struct wd_ask *ask, const struct wd_suppression *s, enum fault fault)
{
    static const char *const words[] = { NULL, "no-reason", "expired", "unknown-rule" };
    struct wd_draft d;
    wd_draft_open(&d, ask, &wd_rule_stale_suppression, NULL, NULL);
    d.finding.message = s->message;
    d.finding.path = s->path;
    d.finding.at = s->at;
    wd_draft_text(&d, "suppresses", s->rule);
    wd_draft_word(&d, "fault", words[fault]);
    if (fault == EXPIRED)
        wd_draft_text(&d, "expired", s->expires);
    say(&d, s, fault);
    wd_draft_send(&d);
}

static void check(struct wd_ask *ask)
{
    const struct wd_config *config = ask->audit->config;
    for (size_t i = 0; i < config->suppression_count; i++) {
        enum fault fault = fault_of(&config->suppressions[i], ask->today_days);
        if (fault)
            report(ask, &config->suppressions[i], fault);
    }
}

const struct wd_rule wd_rule_stale_suppression = {
    .id = "WD603",
    .name = "stale-suppression",
    .title = "a suppression without a reason, or expired",
    .severity = WD_WARNING,
    .check = check,
    .asks = "A suppression in .wirediet.yaml gives no reason, has expired, or names a rule that does not "
            "exist.",
    .why = "A finding that was silenced for good reasons comes back as a surprise when nobody remembers "
           "them.",
    .measured = "Such a suppression silences nothing; this finding says so. A suppression holds through the "
                "day in expires:, by the clock, or by SOURCE_DATE_EPOCH where that is set.",
    .remedy = "Deal with the finding, or write reason: and a new expires: after looking at it again.",
};
