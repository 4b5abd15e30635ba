/* output/html_headline.c - the answer first: one sentence, three figures, how much was seen. */
#include "output/html_part.h"

#include <math.h>

static uint64_t unread_bytes(const struct wd_summary *s)
{
    return s->verdict_bytes[WD_VERDICT_UNREAD] + s->verdict_bytes[WD_VERDICT_PERSONAL_UNREAD];
}

struct tally { uint64_t fields, unread, personal_unread; };

static struct tally count_fields(const struct wd_html *h)
{
    struct tally n = { 0 };
    for (size_t t = 0; t < h->profile->type_count; t++)
        for (size_t r = 0; r < h->profile->types[t].row_count; r++) {
            if (!wd_html_is_value(&h->profile->types[t].rows[r]))
                continue;
            enum wd_verdict v = wd_html_verdict(h, t, r);
            n.fields++;
            n.unread += v == WD_VERDICT_UNREAD || v == WD_VERDICT_PERSONAL_UNREAD;
            n.personal_unread += v == WD_VERDICT_PERSONAL_UNREAD;
        }
    return n;
}

static void say_unread(struct wd_html *h, const struct wd_summary *s)
{
    uint64_t unread = unread_bytes(s);
    if (unread == s->payload_bytes) {
        wd_html_puts(h, "Nobody reads anything of what you send.");
    } else if (unread) {
        wd_html_puts(h, "<em>");
        wd_html_share(h, (double)unread, (double)s->payload_bytes);
        wd_html_puts(h, "</em> of what you send is read by nobody.");
    } else if (s->verdict_bytes[WD_VERDICT_UNKNOWN]) {
        wd_html_puts(h, "Nothing is known to be sent in vain.");
    } else {
        wd_html_puts(h, "Everything that you send is read by someone.");
    }
}

static void say_unchanged(struct wd_html *h, const struct wd_summary *s)
{
    uint64_t unchanged = s->verdict_bytes[WD_VERDICT_UNCHANGED];
    if (!unchanged)
        return;
    wd_html_puts(h, unread_bytes(s) ? " Another <em>" : " <em>");
    wd_html_share(h, (double)unchanged, (double)s->payload_bytes);
    wd_html_puts(h, "</em> is read, but tells the reader nothing new.");
}

static void say_without_usage(struct wd_html *h, const struct wd_summary *s)
{
    uint64_t unchanged = s->verdict_bytes[WD_VERDICT_UNCHANGED];
    if (unchanged) {
        wd_html_puts(h, "<em>");
        wd_html_share(h, (double)unchanged, (double)s->payload_bytes);
        wd_html_puts(h, "</em> of what you send repeats what was sent before.");
    } else {
        wd_html_puts(h, "What you send was measured to the byte.");
    }
    wd_html_puts(h, " Who reads it is not known yet: no consumer was named.");
}

static void say_change(struct wd_html *h)
{
    struct wd_scale scale = wd_profiles_scale(h->report->before, h->profile);
    double then = (double)h->report->before->payload_bytes * scale.then;
    double now = (double)h->profile->payload_bytes * scale.now;
    if (then <= 0)
        return;
    if (fabs(then - now) < 0.0005 * then) {
        wd_html_puts(h, "You send as much as before. ");
        return;
    }
    wd_html_puts(h, "You send <em>");
    wd_html_share(h, fabs(then - now), then);
    wd_html_puts(h, now < then ? " less</em>" : " more</em>");
    wd_html_puts(h, scale.is_rate ? " per hour than before. " : " than before. ");
}

static void put_sentence(struct wd_html *h)
{
    const struct wd_summary *s = &h->audit->summary;
    wd_html_puts(h, "<p class=\"answer\">");
    if (!h->profile) {
        wd_html_puts(h, "No traffic was measured: this review knows only what the schema promises.");
    } else if (s->payload_bytes == 0) {
        wd_html_puts(h, "No message was found in the traffic, so there is nothing to weigh yet.");
    } else {
        if (h->report->before)
            say_change(h);
        if (h->usage) {
            say_unread(h, s);
            say_unchanged(h, s);
        } else {
            say_without_usage(h, s);
        }
    }
    wd_html_puts(h, "</p>\n");
}

static void put_detail(struct wd_html *h)
{
    const struct wd_summary *s = &h->audit->summary;
    struct tally n = count_fields(h);
    bool is_unsure = h->usage && s->verdict_bytes[WD_VERDICT_UNKNOWN];
    if (!n.personal_unread && !is_unsure)
        return;
    wd_html_puts(h, "<p>");
    if (n.personal_unread) {
        wd_html_puts(h, n.personal_unread == 1 ? "Among it is " : "Among it are ");
        wd_html_plural(h, n.personal_unread, "field", "fields");
        wd_html_puts(h, n.personal_unread == 1 ? " with personal data or a secret that"
                                               : " with personal data or secrets that");
        wd_html_puts(h, " nobody reads: the first to go. ");
    }
    if (is_unsure) {
        wd_html_puts(h, "For ");
        wd_html_share(h, (double)s->verdict_bytes[WD_VERDICT_UNKNOWN], (double)s->payload_bytes);
        wd_html_puts(h, " it cannot be said whether anyone reads it; it is not counted as waste.");
    }
    wd_html_puts(h, "</p>\n");
}

static void figure_volume(struct wd_html *h)
{
    double payload = (double)h->profile->payload_bytes;
    bool is_rate = h->seconds >= 1;
    wd_html_puts(h, "<div><dt>");
    wd_html_puts(h, is_rate ? "Payload a day" : "Payload");
    wd_html_puts(h, "</dt><dd>");
    wd_html_bytes(h, is_rate ? payload * 86400 / h->seconds : payload);
    wd_html_puts(h, "</dd><dd class=\"note\">");
    if (is_rate) {
        wd_html_puts(h, "extrapolated from ");
        wd_html_bytes(h, payload);
        wd_html_puts(h, " in ");
        wd_html_seconds(h, h->seconds);
        wd_html_puts(h, ", ");
    } else {
        wd_html_puts(h, "in ");
    }
    wd_html_plural(h, h->profile->messages, "message", "messages");
    wd_html_puts(h, "</dd></div>\n");
}

static void figure_waste(struct wd_html *h)
{
    const struct wd_summary *s = &h->audit->summary;
    wd_html_puts(h, "<div><dt>Could go</dt><dd>");
    wd_html_share(h, (double)s->removable_bytes, (double)s->payload_bytes);
    wd_html_puts(h, "</dd><dd class=\"note\">");
    wd_html_bytes(h, (double)s->removable_bytes);
    wd_html_puts(h, " of ");
    wd_html_bytes(h, (double)s->payload_bytes);
    wd_html_puts(h, h->usage ? ", unread or unchanged" : ", unchanged; who reads it is not known");
    wd_html_puts(h, "</dd></div>\n");
}

static void figure_change(struct wd_html *h)
{
    struct wd_scale scale = wd_profiles_scale(h->report->before, h->profile);
    wd_buf_printf(h->out, "<div><dt>Payload%s, against before</dt><dd>", scale.is_rate ? " an hour" : "");
    wd_html_change(h, (double)h->report->before->payload_bytes * scale.then,
                   (double)h->profile->payload_bytes * scale.now);
    wd_html_puts(h, "</dd><dd class=\"note\">");
    if (h->report->before_name.len) {
        wd_html_puts(h, "before: ");
        wd_html_text(h, h->report->before_name);
    } else {
        wd_html_puts(h, "against the profile given as before");
    }
    wd_html_puts(h, "</dd></div>\n");
}

static void figure_fields(struct wd_html *h)
{
    struct tally n = count_fields(h);
    wd_html_puts(h, h->usage ? "<div><dt>Fields that nobody reads</dt><dd>" : "<div><dt>Fields</dt><dd>");
    wd_html_count(h, h->usage ? n.unread : n.fields);
    wd_html_puts(h, "</dd><dd class=\"note\">");
    if (h->usage) {
        wd_html_puts(h, "of ");
        wd_html_plural(h, n.fields, "field", "fields");
        wd_html_puts(h, " sent, as ");
        wd_html_plural(h, h->usage->consumer_count, "consumer declares", "consumers declare");
    } else {
        wd_html_puts(h, "in ");
        wd_html_plural(h, h->profile->type_count, "kind of message", "kinds of messages");
    }
    wd_html_puts(h, "</dd></div>\n");
}

static void say_compression(struct wd_html *h)
{
    const struct wd_profile *p = h->profile;
    if (p->wire_payload_bytes >= p->payload_bytes)
        return;
    wd_html_puts(h, "Compression took the payload to ");
    wd_html_bytes(h, (double)p->wire_payload_bytes);
    wd_html_puts(h, " on the wire, ");
    wd_html_share(h, (double)p->wire_payload_bytes, (double)p->payload_bytes);
    wd_html_puts(h, " of it; figures here are before compression. ");
    if (h->audit->summary.has_wire) {
        wd_html_puts(h, "What could go takes ");
        wd_html_bytes(h, (double)h->audit->summary.removable_wire_bytes);
        wd_html_puts(h, " there, ");
        wd_html_share(h, (double)h->audit->summary.removable_wire_bytes, (double)p->wire_payload_bytes);
        wd_html_puts(h, ". ");
    }
}

static void put_seen(struct wd_html *h)
{
    const struct wd_ledger *l = &h->profile->ledger;
    uint64_t undecoded = l->layer[WD_LAYER_UNDECODED];
    if (l->captured_bytes == 0)
        return;
    wd_html_puts(h, "<p class=\"seen\">");
    say_compression(h);
    wd_html_share(h, (double)(l->captured_bytes - undecoded), (double)l->captured_bytes);
    wd_html_puts(h, " of the captured bytes could be read");
    if (undecoded) {
        wd_html_puts(h, "; ");
        wd_html_bytes(h, (double)undecoded);
        wd_html_puts(
            h, " could not, and nothing here speaks about them (<a href=\"#unseen\">what was not seen</a>)");
    }
    if (l->missing_bytes) {
        wd_html_puts(h, ". Another ");
        wd_html_bytes(h, (double)l->missing_bytes);
        wd_html_puts(h, " crossed the network but never reached the capture");
    }
    wd_html_puts(h, ".</p>\n");
}

void wd_html_headline(struct wd_html *h)
{
    put_sentence(h);
    if (!h->profile) {
        wd_html_empty(h, "Nothing was weighed.",
                      "Give a capture or a profile to learn what each field costs and how often it changes.");
        return;
    }
    if (h->audit->summary.payload_bytes == 0) {
        wd_html_empty(h, "The captures hold no readable message.",
                      "Section <a href=\"#unseen\">Not seen</a> says where their bytes went. Encrypted "
                      "traffic is read with its key log (<code>--keylog</code>); "
                      "a capture that starts late misses the opening of its connections.");
        return;
    }
    put_detail(h);
    wd_html_stack(h, h->audit->summary.verdict_bytes, 30);
    wd_html_legend(h, true);
    wd_html_puts(h, "<dl class=\"figures\">\n");
    figure_volume(h);
    figure_waste(h);
    if (h->report->before)
        figure_change(h);
    else
        figure_fields(h);
    wd_html_puts(h, "</dl>\n");
    put_seen(h);
}
