/* output/html_connections.c - connections: what the profile counts of them. */
#include "output/facts.h"
#include "output/html_part.h"

static void put_count(struct wd_html *h, const char *name, uint64_t n, const char *what)
{
    wd_buf_printf(h->out, "<tr><th scope=\"row\">%s</th><td class=\"n\">", name);
    wd_html_count(h, n);
    wd_buf_printf(h->out, "</td><td>%s</td></tr>\n", what);
}

static void say_rates(struct wd_html *h)
{
    const struct wd_profile *p = h->profile;
    wd_html_puts(h, "<p>");
    wd_html_plural(h, p->connections, "connection carried", "connections carried");
    wd_html_puts(h, " data");
    if (h->seconds > 0 && p->connections && p->messages) {
        double rate = (double)p->messages / (double)p->connections / h->seconds;
        wd_html_puts(h, ": on average ");
        wd_html_fixed(h, rate >= 1 ? rate : rate * 60, 1);
        wd_html_puts(h, rate >= 1 ? " messages a second on each" : " messages a minute on each");
    }
    if (wd_profile_is_told(p)) {
        wd_html_puts(h, ". What keeps them alive is not in files of messages.</p>\n");
        return;
    }
    wd_html_puts(h, ". Pings, pongs and other keep-alives took ");
    wd_html_bytes(h, (double)p->ledger.layer[WD_LAYER_CONTROL]);
    wd_html_puts(h, ", ");
    wd_html_share(h, (double)p->ledger.layer[WD_LAYER_CONTROL], (double)p->ledger.captured_bytes);
    wd_html_puts(h, " of the captured bytes, without the packet headers around them.</p>\n");
}

void wd_html_connections(struct wd_html *h)
{
    if (!h->profile || h->profile->connections == 0) {
        wd_html_empty(h, "No connection with data was seen.", "Give a capture, or a profile made from one.");
        return;
    }
    static const struct wd_html_column columns[] = {
        { "What", false }, { "Count", true }, { "Meaning", false },
    };
    const struct wd_connection_counts *c = &h->profile->counts;
    say_rates(h);
    wd_html_table(h, "counts", "Counts over all connections", columns, WD_COUNT(columns));
    put_count(h, "Connections", h->profile->connections, "that carried data");
    put_count(h, "Opened", c->opened, "WebSocket upgrades and event streams that were accepted");
    put_count(
        h, "Reconnections", h->profile->reconnects,
        "streams opened again by the same client after a close; TLS that was not decrypted: connections");
    if (wd_profile_is_told(h->profile)) {   /* no file of messages says anything of the rest */
        wd_html_table_end(h);
        return;
    }
    put_count(h, "Pings", c->pings, "WebSocket keep-alives");
    put_count(h, "Pongs", c->pongs, "answers to them, or sent unasked");
    put_count(h, "Closes", c->closes, "WebSocket connections that said goodbye");
    put_count(h, "Fragmented", c->messages_fragmented, "messages that came in several frames");
    put_count(h, "Compressed", c->messages_compressed, "messages that came compressed");
    wd_html_table_end(h);
}
