/* output/html_ledger.c - every message as a folding section: its fields by cost. */
#include "output/figure.h"
#include "output/html_part.h"

/* TABLES_MAX: full tables in all; after as many rows messages stand alone. */
enum { READERS_MAX = 3, MESSAGES_MAX = 500, TABLES_MAX = 4 };

static const struct wd_html_column columns[] = {
    { "Field", false }, { "B\u202f/\u202fmessage", true }, { "Compressed", true }, { "Share of message", true },
    { "Changes", true }, { "A value lasts", true }, { "Repeated", true }, { "Read by", false }, { "Verdict", false },
};
enum { COMPRESSED = 2 };   /* a column of messages that were */

struct shares { uint64_t key, value, syntax, space, verdict[WD_VERDICT_COUNT]; };

static struct shares add_up(const struct wd_html *h, size_t t)
{
    struct shares s = { 0 };
    for (size_t r = 0; r < h->profile->types[t].row_count; r++) {
        const struct wd_row *row = &h->profile->types[t].rows[r];
        s.key += row->key_bytes;
        s.value += row->value_bytes;
        s.syntax += row->syntax_bytes;
        s.space += row->space_bytes;
        s.verdict[wd_html_verdict(h, t, r)] += wd_row_bytes(row);
    }
    return s;
}

static void put_summary(struct wd_html *h, size_t t, const struct shares *s)
{
    const struct wd_type_profile *type = &h->profile->types[t];
    wd_html_puts(h, "<summary><h3>");
    wd_html_message(h, type->name, type->channel, type->direction);
    wd_html_puts(h, "</h3><span class=\"sum\">");
    wd_html_percent(h, (double)type->payload_bytes, (double)h->profile->payload_bytes);
    wd_html_puts(h, " of the payload, ");
    wd_html_plural(h, type->count, "message", "messages");
    if (type->count) {
        wd_html_puts(h, " of ");
        wd_html_count(h, (type->payload_bytes + type->count / 2) / type->count);
        wd_html_puts(h, "&#160;B");
    }
    wd_html_puts(h, "</span>");
    wd_html_stack(h, s->verdict, 8);
    wd_html_puts(h, "</summary>\n");
}

static void say_shares(struct wd_html *h, const struct wd_type_profile *type, const struct shares *s)
{
    static const struct { size_t at; const char *what; } parts[] = {
        { offsetof(struct shares, value), "values" }, { offsetof(struct shares, key), "keys" },
        { offsetof(struct shares, syntax), "punctuation" }, { offsetof(struct shares, space), "whitespace" },
    };
    bool is_first = true;
    for (size_t i = 0; i < WD_COUNT(parts); i++) {
        uint64_t bytes = *(const uint64_t *)((const char *)s + parts[i].at);
        if (!bytes)
            continue;
        wd_html_puts(h, is_first ? "" : ", ");
        wd_html_share(h, (double)bytes, (double)type->payload_bytes);
        wd_buf_printf(h->out, " %s", parts[i].what);
        is_first = false;
    }
    wd_html_puts(h, is_first ? "It holds no bytes. " : " make up its bytes. ");
}

static void say_identity(struct wd_html *h, size_t t)
{
    static const char *const named[WD_NAMED_BY_COUNT] = {
        [WD_NAMED_BY_CONFIG] = "named by the configuration",
        [WD_NAMED_BY_SCHEMA] = "named by the schema",
        [WD_NAMED_BY_TRANSPORT] = "named by the transport",
        [WD_NAMED_BY_DISCRIMINATOR] = "named by a field of its own",
        [WD_NAMED_BY_DEFAULT] = "without a name of its own",
    };
    static const char *const carriers[WD_TRANSPORT_COUNT] = {
        [WD_TRANSPORT_WEBSOCKET] = "A WebSocket message",
        [WD_TRANSPORT_SSE] = "A server-sent event",
        [WD_TRANSPORT_HTTP] = "An HTTP body",
        [WD_TRANSPORT_GRPC] = "A gRPC message",
        [WD_TRANSPORT_NDJSON] = "A message of a line",
    };
    const struct wd_type_profile *type = &h->profile->types[t];
    wd_buf_printf(h->out, "%s, %s", carriers[type->transport], named[type->named_by]);
    wd_html_puts(h, ", on ");
    wd_html_plural(h, type->connections, "connection", "connections");
    wd_html_puts(h, ". ");
    if (type->entity.len) {
        wd_html_puts(h, "Compared by entity (");
        wd_html_path(h, type->entity);
        wd_html_puts(h, "). ");
    }
    if (type->repeated_messages) {
        wd_html_share(h, (double)type->repeated_messages, (double)type->compared_messages);
        wd_html_puts(h, " of the messages equal the one before in every value. ");
    }
    if (type->wire_payload_bytes && type->wire_payload_bytes < type->payload_bytes) {
        wd_html_puts(h, "Compressed to ");
        wd_html_share(h, (double)type->wire_payload_bytes, (double)type->payload_bytes);
        wd_html_puts(h, " on the wire");
        wd_html_puts(h, type->is_wire_estimated
                            ? "; of some, the fields share it by their bytes, an estimate. "
                            : ". ");
    }
    if (type->malformed) {
        wd_html_plural(h, type->malformed, "message was", "messages were");
        wd_html_puts(h, " malformed. ");
    }
    if (type->is_direction_guessed)
        wd_html_puts(h, "Which side is the client was guessed from the ports. ");
    if (h->audit->bindings && !h->audit->bindings[t].message)
        wd_html_puts(h, "No message of the schema describes it. ");
}

static void put_readers(struct wd_html *h, const struct wd_type_profile *type, const struct wd_row *row)
{
    size_t readers = 0, unsure = 0;
    for (size_t c = 0; h->usage && c < h->usage->consumer_count; c++) {
        const struct wd_consumer *consumer = &h->usage->consumers[c];
        enum wd_use use = wd_usage_of(consumer, type->name, type->channel, type->direction, row->path, NULL);
        unsure += use == WD_USE_UNKNOWN;
        if (use != WD_USE_USED || ++readers > READERS_MAX)
            continue;
        wd_html_puts(h, readers > 1 ? ", " : "");
        wd_html_text(h, consumer->name);
    }
    if (readers > READERS_MAX)
        wd_buf_printf(h->out, ", and %zu more", readers - READERS_MAX);
    if (!readers)
        wd_html_puts(h, !h->usage ? "not known" : unsure ? "unknown" : "nobody");
}

static bool is_compressed(const struct wd_type_profile *type)
{
    return type->has_wire_bits && type->wire_payload_bytes != type->payload_bytes;
}

static void put_figures(struct wd_html *h, const struct wd_type_profile *type, const struct wd_row *row)
{
    double bytes = (double)wd_row_bytes(row);
    wd_html_puts(h, "<td class=\"n\">");
    wd_html_fixed(h, type->count ? bytes / (double)type->count : 0, 1);
    wd_html_puts(h, "</td><td class=\"n\">");
    if (is_compressed(type)) {
        wd_html_fixed(h, type->count ? (double)row->wire_bits / 8 / (double)type->count : 0, 1);
        wd_html_puts(h, "</td><td class=\"n\">");
    }
    wd_html_percent(h, bytes, (double)type->payload_bytes);
    wd_html_puts(h, " ");
}

static void put_life(struct wd_html *h, const struct wd_type_profile *type, const struct wd_row *row)
{
    int64_t lasts = wd_row_lasts(type, row);
    wd_html_puts(h, "</td><td class=\"n\">");
    wd_html_changes(h, row);
    wd_html_puts(h, "</td><td class=\"n\">");
    if (lasts)
        wd_html_about(h, (double)lasts / 1e9);
    wd_html_puts(h, "</td><td class=\"n\">");
    if (row->compared)
        wd_html_percent(h, (double)row->repeated_bytes, (double)wd_row_bytes(row));
}

static void put_marks(struct wd_html *h, size_t t, size_t r)
{
    const struct wd_row *row = &h->profile->types[t].rows[r];
    if (wd_html_personal(h, t, r).len)
        wd_html_puts(h, " <span class=\"tag\">personal</span>");
    if (row->is_discriminator)
        wd_html_puts(h, " <span class=\"tag plain\">names the message</span>");
    if (row->is_entity_key)
        wd_html_puts(h, " <span class=\"tag plain\">entity key</span>");
    if (row->is_folded)
        wd_html_puts(h, " <span class=\"tag plain\">keys folded</span>");
    if (row->is_estimated)
        wd_html_puts(h, " <span class=\"tag plain\">estimated</span>");
    if (h->audit->bindings && h->audit->bindings[t].message && !wd_html_declared(h, t, row->path) &&
        row->path.len)
        wd_html_puts(h, " <span class=\"tag plain\">not declared</span>");
}

/* `most`: bytes of the costliest row, a full bar. */
static void put_row(struct wd_html *h, size_t t, size_t r, uint64_t most)
{
    const struct wd_type_profile *type = &h->profile->types[t];
    const struct wd_row *row = &type->rows[r];
    const struct wd_html_verdict_info *verdict = &wd_html_verdicts[wd_html_verdict(h, t, r)];
    wd_html_puts(h, "<tr><th scope=\"row\">");
    wd_html_path(h, row->path);
    put_marks(h, t, r);
    wd_html_puts(h, "</th>");
    put_figures(h, type, row);
    wd_html_bar(h, (double)wd_row_bytes(row), (double)most, verdict->css);
    put_life(h, type, row);
    wd_html_puts(h, "</td><td>");
    if (wd_html_is_value(row))
        put_readers(h, type, row);
    else
        wd_html_puts(h, "<span class=\"where\">container</span>");
    wd_buf_printf(h->out, "</td><td class=\"v-%s\">%s</td></tr>\n", verdict->css, verdict->label);
}

/* Returns how many columns there are. */
static size_t open_table(struct wd_html *h, const struct wd_type_profile *type)
{
    struct wd_html_column shown[WD_COUNT(columns)];
    size_t count = 0;
    for (size_t i = 0; i < WD_COUNT(columns); i++)
        if (i != COMPRESSED || is_compressed(type))
            shown[count++] = columns[i];
    wd_html_table(h, "ledger", "Fields by cost, most expensive first", shown, count);
    return count;
}

/* *left: rows that the report has room for; the messages come most expensive first. */
static void put_type(struct wd_html *h, size_t t, bool is_open, size_t *left)
{
    const struct wd_type_profile *type = &h->profile->types[t];
    struct shares shares = add_up(h, t);
    wd_html_puts(h, is_open ? "<details open>" : "<details>");
    put_summary(h, t, &shares);
    wd_html_puts(h, "<p>");
    say_identity(h, t);
    say_shares(h, type, &shares);
    wd_html_puts(h, "</p>\n");
    size_t column_count = open_table(h, type);
    const size_t *order = wd_html_by_cost(h, t);
    size_t most = *left < h->row_limit ? *left : h->row_limit;
    size_t shown = type->row_count < most ? type->row_count : most;
    *left -= shown;
    for (size_t i = 0; i < shown; i++)
        put_row(h, t, order[i], wd_row_bytes(&type->rows[order[0]]));
    wd_html_more(h, type->row_count - shown, column_count);
    wd_html_table_end(h);
    wd_html_puts(h, "</details>\n");
}

void wd_html_ledger(struct wd_html *h)
{
    if (!h->profile || h->profile->type_count == 0) {
        wd_html_empty(h, "The ledger is empty: no message was measured.",
                      "Give a capture that holds WebSocket messages, event streams or polled JSON, or a "
                      "profile made from one.");
        return;
    }
    wd_html_puts(h, "<p>Bytes are exact and exclusive: a container\u2019s row holds its brackets alone, a "
                    "member\u2019s row its key, colon "
                    "and comma as well. \u201cRepeated\u201d are the bytes spent on values equal to the last "
                    "ones, which a delta would "
                    "not have sent. Open a message to see its fields.</p>\n");
    const size_t *order = wd_html_types_by_cost(h);
    size_t shown = h->profile->type_count < MESSAGES_MAX ? h->profile->type_count : MESSAGES_MAX;
    size_t left = h->row_limit * TABLES_MAX;
    for (size_t i = 0; i < shown; i++)
        put_type(h, order[i], i == 0, &left);
    if (shown < h->profile->type_count) {
        wd_html_puts(h, "<p class=\"note\">... and ");
        wd_html_count(h, h->profile->type_count - shown);
        wd_html_puts(h, " more, all of them smaller.</p>\n");
    }
}
