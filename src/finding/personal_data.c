/* finding/personal_data.c - WD401: a field carries personal data. */
#include "finding/privacy.h"

extern const struct wd_rule wd_rule_personal_data;

static void check(struct wd_ask *ask)
{
    wd_privacy_report(ask, &wd_rule_personal_data, false);
}

#define ROW(id, weight, what) what " " #weight "; "

const struct wd_rule wd_rule_personal_data = {
    .id = "WD401",
    .name = "personal-data",
    .title = "a field carries personal data",
    .severity = WD_WARNING,
    .needs = 0,
    .check = check,
    .asks = "Something in this field tells a person, or tells people apart. Its category is a key of the "
            "Fideslang data categories "
            "(user.contact.email), so that the finding can be joined with an inventory of personal data. "
            "Class S is special or "
            "irreplaceable (health, beliefs, official numbers, cards), D identifies directly or is private "
            "(names, contact, "
            "birth, precise location), P is pseudonymous or weak (user ids, addresses of devices, a town). "
            "It is an error when it is "
            "of class S or D and no consumer reads it: then it is collected and sent for nothing.",
    .why = "What is pushed to every client reaches every client: each copy is a disclosure that has to have "
           "a purpose, a legal ground "
           "and an end. Real-time messages repeat it every second, into logs, proxies and browsers' "
           "memories. Personal "
           "data that nobody reads is the cheapest risk to remove.",
    .measured = "Evidence adds up as log-odds L, confidence is 1 / (1 + e^-L): " WD_PRIVACY_WEIGHTS(
        ROW) "without traffic at most 0.8. Reported from 0.5 (thresholds.min_confidence) on, below 0.7 as a "
             "note. No value is kept: "
             "only how many of those that were new or changed pass a validator, such as a check digit.",
    .remedy = "Remove what nobody reads. Send the rest to those alone who need it, when it changes, and say "
              "why in the schema: "
              "x-wirediet: {purpose}. Where the detector is wrong say so there too (x-pii: false). What only "
              "your own words give away "
              "goes under `sensitive` in .wirediet.yaml, with its path and category.",
};
