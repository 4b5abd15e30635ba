/* output/html_unseen.c - what was not seen, what was assumed, and how to do it again. */
#include "config.h"

#include "output/facts.h"
#include "output/figure.h"
#include "output/html_part.h"

static const char *const layer_words[WD_LAYER_COUNT] = {
    [WD_LAYER_LINK] = "Link headers",
    [WD_LAYER_IP] = "IP headers",
    [WD_LAYER_TRANSPORT] = "TCP headers",
    [WD_LAYER_TLS] = "TLS",
    [WD_LAYER_HTTP] = "HTTP heads and other bodies",
    [WD_LAYER_FRAMING] = "Framing of messages",
    [WD_LAYER_CONTROL] = "Keep-alives and control",
    [WD_LAYER_PAYLOAD] = "Payload, as it crossed the wire",
    [WD_LAYER_RETRANSMITTED] = "Sent again by TCP",
    [WD_LAYER_DUPLICATE] = "Captured twice",
    [WD_LAYER_UNDECODED] = "Not readable",
    [WD_LAYER_OTHER] = "Packets of another kind",
};

static const struct reason { const char *what, *remedy;
} reasons[WD_REASON_COUNT] = {
    [WD_REASON_TLS_NO_KEYS] = { "encrypted, no keys",
                                "record with SSLKEYLOGFILE set and give that file with --keylog, or capture behind the TLS terminator" },
    [WD_REASON_GAP] = { "packets missing before them", "capture with a larger buffer (tcpdump -B)" },
    [WD_REASON_INCOMPLETE] = { "a message that never ended", "capture until the connections close" },
    [WD_REASON_UNKNOWN_PROTOCOL] = { "a protocol that is not read",
                                     "filter it out of the capture if it does not matter" },
    [WD_REASON_LIMIT] = { "over a limit", "raise it with --limit" },
    [WD_REASON_MALFORMED_LINK] = { "broken link header", "check the capture" },
    [WD_REASON_MALFORMED_IP] = { "broken IP header", "check the capture" },
    [WD_REASON_MALFORMED_TRANSPORT] = { "broken TCP header", "capture whole packets (tcpdump -s 0)" },
    [WD_REASON_MALFORMED_HTTP] = { "broken HTTP", "start the capture before the connections" },
    [WD_REASON_MALFORMED_FRAMING] = { "broken framing", "start the capture before the connections" },
    [WD_REASON_MALFORMED_ENCODING] = { "broken compression", "start the capture before the connections" },
    [WD_REASON_UNSUPPORTED_ENCODING] = { "an encoding that is not read",
                                         "capture behind the proxy that adds it" },
    [WD_REASON_FRAGMENT] = { "IP fragments that never met", "capture on the receiving side" },
    [WD_REASON_UNKNOWN_LINK] = { "an unknown link type", "capture on an Ethernet or loopback interface" },
    [WD_REASON_MALFORMED_TLS] = { "broken TLS", "start the capture before the connections" },
    [WD_REASON_TLS_UNSUPPORTED] = { "TLS with a cipher or version that is not read",
                                    "let the peers agree on TLS 1.3, or on a usual cipher of TLS 1.2" },
};

static void put_layers(struct wd_html *h)
{
    static const struct wd_html_column columns[] = {
        { "Layer", false }, { "Bytes", true }, { "Share", true },
    };
    const struct wd_ledger *l = &h->profile->ledger;
    wd_html_table(h, "layers", "Every captured byte, by layer", columns, WD_COUNT(columns));
    for (int i = 0; i < WD_LAYER_COUNT; i++) {
        if (l->layer[i] == 0)
            continue;
        wd_buf_printf(h->out, "<tr><th scope=\"row\">%s</th><td class=\"n\">", layer_words[i]);
        wd_html_count(h, l->layer[i]);
        wd_html_puts(h, "</td><td class=\"n\">");
        wd_html_percent(h, (double)l->layer[i], (double)l->captured_bytes);
        wd_html_puts(h, " ");
        wd_html_bar(h, (double)l->layer[i], (double)l->captured_bytes,
                    i == WD_LAYER_PAYLOAD ? "needed" : "unknown");
        wd_html_puts(h, "</td></tr>\n");
    }
    wd_html_puts(h, "<tr class=\"total\"><th scope=\"row\">All that was captured</th><td class=\"n\">");
    wd_html_count(h, l->captured_bytes);
    wd_html_puts(h, "</td><td class=\"n\"></td></tr>\n");
    wd_html_table_end(h);
    struct wd_buf lacks = { 0 };
    wd_put_lacks(&lacks, h->profile);
    if (lacks.len) {
        wd_html_puts(h, "<p>");
        wd_html_puts(h, wd_buf_cstr(&lacks));
        wd_html_puts(h, "</p>\n");
    }
    wd_buf_free(&lacks);
}

static void put_reasons(struct wd_html *h)
{
    static const struct wd_html_column columns[] = {
        { "Why", false }, { "Bytes", true }, { "Streams", true }, { "What helps", false },
    };
    const struct wd_ledger *l = &h->profile->ledger;
    if (l->layer[WD_LAYER_UNDECODED] == 0) {
        wd_html_puts(h, "<p>Every captured byte could be read.</p>\n");
        return;
    }
    wd_html_table(h, "reasons", "Bytes that could not be read; nothing in this report speaks about them",
                  columns, WD_COUNT(columns));
    for (int i = 0; i < WD_REASON_COUNT; i++) {
        if (l->reason_bytes[i] == 0 && l->reason_streams[i] == 0)
            continue;
        wd_buf_printf(h->out, "<tr><th scope=\"row\">%s</th><td class=\"n\">", reasons[i].what);
        wd_html_count(h, l->reason_bytes[i]);
        wd_html_puts(h, "</td><td class=\"n\">");
        wd_html_count(h, l->reason_streams[i]);
        wd_buf_printf(h->out, "</td><td>%s</td></tr>\n", reasons[i].remedy);
    }
    wd_html_table_end(h);
}

static void say_if(struct wd_html *h, uint64_t n, const char *one, const char *many)
{
    if (n == 0)
        return;
    wd_html_puts(h, "<li>");
    wd_html_plural(h, n, one, many);
    wd_html_puts(h, "</li>\n");
}

static bool is_seen(const struct wd_audit *a, const struct wd_schema_message *m)
{
    for (size_t t = 0; t < a->profile->type_count; t++)
        if (a->bindings[t].message == m)
            return true;
    return false;
}

static uint64_t count_unseen(const struct wd_html *h)
{
    uint64_t n = 0;
    for (size_t m = 0; h->audit->bindings && m < h->audit->schema->message_count; m++)
        n += !is_seen(h->audit, &h->audit->schema->messages[m]);
    return n;
}

static uint64_t count_unmatched(const struct wd_html *h)
{
    uint64_t n = 0;
    for (size_t t = 0; h->audit->bindings && t < h->profile->type_count; t++)
        n += !h->audit->bindings[t].message;
    return n;
}

struct doubts { uint64_t folded, estimated, guessed, beyond; };

static struct doubts count_doubts(const struct wd_profile *p)
{
    struct doubts d = { 0 };
    for (size_t t = 0; t < p->type_count; t++) {
        d.guessed += p->types[t].is_direction_guessed;
        d.beyond += p->types[t].other_fields;
        for (size_t r = 0; r < p->types[t].row_count; r++) {
            d.folded += p->types[t].rows[r].is_folded;
            d.estimated += p->types[t].rows[r].is_estimated;
        }
    }
    return d;
}

static void put_doubts(struct wd_html *h)
{
    const struct wd_profile *p = h->profile;
    struct doubts d = count_doubts(p);
    wd_html_puts(h, "<ul>\n");
    if (p->tls.connections) {
        wd_html_puts(h, "<li>");
        wd_html_count(h, p->tls.decrypted);
        wd_html_puts(h, " of ");
        wd_html_plural(h, p->tls.connections, "TLS connection was decrypted.",
                       "TLS connections were decrypted.");
        wd_html_puts(h, "</li>\n");
    }
    if (h->seconds >= 1) {
        wd_html_puts(h, "<li>Figures a day are extrapolated from ");
        wd_html_seconds(h, h->seconds);
        wd_html_puts(
            h, " of capture, as if that time were like any other; all other byte counts are exact.</li>\n");
    }
    if (!h->usage)
        wd_html_puts(h, "<li>No consumer was named: nothing could be called unread.</li>\n");
    if (!h->audit->schema)
        wd_html_puts(h, "<li>No schema was given: nothing could be said about what was promised.</li>\n");
    say_if(h, p->ledger.missing_bytes, "byte is known to have crossed the network but was never captured",
           "bytes are known to have crossed the network but were never captured");
    say_if(h, wd_profile_dropped(p), "packet was dropped while it was recorded: nobody saw it",
           "packets were dropped while they were recorded: nobody saw them");
    say_if(h, p->ledger.ambiguous_bytes, "byte was sent twice with different content; the first was kept",
           "bytes were sent twice with different content; the first were kept");
    say_if(h, p->ledger.damaged, "fault in the middle of a capture file was skipped",
           "faults in the middle of capture files were skipped");
    say_if(h, p->malformed, "message was malformed; what came before the fault counts",
           "messages were malformed; what came before the fault counts");
    say_if(h, count_unseen(h), "declared message never occurred", "declared messages never occurred");
    say_if(h, count_unmatched(h), "kind of message is described by no message of the schema",
           "kinds of messages are described by no message of the schema");
    say_if(h, d.guessed, "kind of message goes in a direction that was guessed",
           "kinds of messages go in a direction that was guessed");
    say_if(h, d.folded, "field stands for many keys that look like values",
           "fields stand for many keys that look like values");
    say_if(h, d.estimated, "field has an estimated figure", "fields have an estimated figure");
    say_if(h, d.beyond, "field beyond the limit is counted as (other)",
           "fields beyond the limit are counted as (other)");
    if (p->is_incomplete)
        wd_html_puts(h, "<li>The profile was interrupted: it holds what was read until then.</li>\n");
    wd_html_puts(h, "</ul>\n");
}

static void put_unasked(struct wd_html *h)
{
    static const struct wd_html_column columns[] = {
        { "Rule", false }, { "Asks", false }, { "Why it could not be asked", false }};
    if (h->audit->unasked_count == 0)
        return;
    wd_html_table(h, "unasked", "Rules that could not be asked", columns, WD_COUNT(columns));
    for (size_t i = 0; i < h->audit->unasked_count; i++) {
        const struct wd_unasked *u = &h->audit->unasked[i];
        wd_buf_printf(h->out, "<tr><th scope=\"row\">%s %s</th><td>%s</td><td>%s</td></tr>\n", u->rule->id,
                      u->rule->name, u->rule->title, u->why);
    }
    wd_html_table_end(h);
}

static void put_suppressed(struct wd_html *h)
{
    static const struct wd_html_column columns[] = {
        { "Rule", false }, { "Message", false }, { "Field", false }, { "Saves", true }};
    size_t count = h->audit->suppressed_count, shown = count < h->row_limit ? count : h->row_limit;
    if (count == 0)
        return;
    wd_html_table(h, "suppressed", "Findings that the configuration suppresses", columns, WD_COUNT(columns));
    for (size_t i = 0; i < shown; i++) {
        const struct wd_finding *f = &h->audit->suppressed[i];
        wd_buf_printf(h->out, "<tr><th scope=\"row\">%s %s</th><td>", f->rule->id, f->rule->name);
        wd_html_path(h, f->message);
        wd_html_puts(h, "</td><td>");
        wd_html_path(h, f->path);
        wd_html_puts(h, "</td><td class=\"n\">");
        wd_html_bytes(h, (double)f->saves_bytes);
        wd_html_puts(h, "</td></tr>\n");
    }
    wd_html_more(h, count - shown, WD_COUNT(columns));
    wd_html_table_end(h);
}

static void put_packets(struct wd_html *h, const struct wd_input *in)
{
    if (in->kind == WD_INPUT_CAPTURE)
        wd_html_count(h, in->packets);
    else
        wd_html_puts(h, "none: messages alone");
    if (!in->left_out)
        return;
    wd_html_puts(h, ", without ");
    wd_html_count(h, in->left_out);
    wd_html_puts(h, " left out");
}

static void put_inputs(struct wd_html *h)
{
    static const struct wd_html_column columns[] = {
        { "Capture", false }, { "Bytes", true }, { "Packets", true }, { "From (UTC)", true },
        { "To (UTC)", true },
    };
    size_t count = h->profile->input_count, shown = count < h->row_limit ? count : h->row_limit;
    if (count == 0)
        return;
    wd_html_table(h, "inputs", "What was read", columns, WD_COUNT(columns));
    for (size_t i = 0; i < shown; i++) {
        const struct wd_input *in = &h->profile->inputs[i];
        wd_html_puts(h, "<tr><th scope=\"row\">");
        wd_html_text(h, in->name);
        wd_html_puts(h, "</th><td class=\"n\">");
        wd_html_count(h, in->bytes);
        wd_html_puts(h, "</td><td class=\"n\">");
        put_packets(h, in);
        wd_html_puts(h, "</td><td class=\"n\">");
        if (in->packets + in->messages)
            wd_html_time(h, in->first_ns);
        wd_html_puts(h, "</td><td class=\"n\">");
        if (in->packets + in->messages)
            wd_html_time(h, in->last_ns);
        wd_html_puts(h, "</td></tr>\n");
    }
    wd_html_more(h, count - shown, WD_COUNT(columns));
    wd_html_table_end(h);
}

static void put_method(struct wd_html *h)
{
    wd_html_puts(h, "<h3>Method</h3>\n<p>Each captured byte is booked once, under the layer that understood "
                    "it, and each payload byte once more under "
                    "its field; both sums are checked. A field has changed when its value differs, by "
                    "meaning, from the one before in the "
                    "same stream, or of the same entity where the message names one. Unread means that every "
                    "consumer named is known not to read it. "
                    "No captured value is kept. ");
    wd_html_puts(h, "Written by wirediet " PACKAGE_VERSION ".</p>\n");
    if (h->audit->schema) {
        wd_html_puts(h, "<p>Schema: ");
        wd_html_text(h,
                     h->audit->schema->title.len ? h->audit->schema->title : wd_bytes_of("without a title"));
        if (h->audit->schema->version.len) {
            wd_html_puts(h, " ");
            wd_html_text(h, h->audit->schema->version);
        }
        wd_buf_printf(h->out, " (%s), ",
                      h->audit->schema->format ? h->audit->schema->format : "format unknown");
        wd_html_plural(h, h->audit->schema->message_count, "message", "messages");
        wd_html_puts(h, ".</p>\n");
    }
    if (h->audit->command) {
        wd_html_puts(h, "<p>To make this report again:</p>\n<pre class=\"command\" tabindex=\"0\">");
        wd_html_sentence(h, wd_bytes_of(h->audit->command));
        wd_html_puts(h, "</pre>\n");
    }
}

void wd_html_unseen(struct wd_html *h)
{
    if (h->profile) {
        wd_html_puts(h, "<h3>Not seen</h3>\n");
        put_reasons(h);
        wd_html_puts(h, "<h3>Assumptions</h3>\n");
        put_doubts(h);
    } else {
        wd_html_empty(
            h, "No traffic was given.",
            "Costs, changes and exposure are unknown; what is said here comes from names and declarations.");
    }
    put_unasked(h);
    put_suppressed(h);
    put_method(h);
    if (h->profile) {
        put_layers(h);
        put_inputs(h);
    }
}
