/* finding/credential.c - WD402: a password, token, key or session id in messages. */
#include "finding/privacy.h"

extern const struct wd_rule wd_rule_credential_in_message;

static void check(struct wd_ask *ask)
{
    wd_privacy_report(ask, &wd_rule_credential_in_message, true);
}

#define ROW(id, weight, what) what " " #weight "; "

const struct wd_rule wd_rule_credential_in_message = {
    .id = "WD402",
    .name = "credential-in-message",
    .title = "a password, token, key or session id is sent in messages",
    .severity = WD_ERROR,
    .needs = 0,
    .check = check,
    .asks = "The values of this field open something: a password, a bearer or session token, an API key, a "
            "private key, a URL with "
            "user and password. Who sees the message can use them.",
    .why = "Messages are logged, cached, mirrored, replayed and broadcast; a credential in each of them is a "
           "credential in every "
           "log. It also costs: tokens are long, never change, and do not compress away on the first message "
           "of a connection.",
    .measured =
        "By the structure of the values (a JWT whose header names an algorithm, PEM, prefixes that vendors "
        "publish, "
        "Basic and Bearer, URLs with credentials), or a name that says so together with values that look "
        "random. Evidence adds up as log-odds L, confidence is "
        "1 / (1 + e^-L): " WD_PRIVACY_WEIGHTS(
            ROW) "reported from 0.5 on, below 0.7 as a note. The value itself is never kept or shown.",
    .remedy =
        "Authenticate once, when the connection opens: an Authorization header, a cookie, or a short-lived "
        "ticket in the first "
        "message that is redeemed and dropped. Take it out of every other message, and revoke what was sent. "
        "A first message that has to carry it gets a suppression with that as its reason.",
};
