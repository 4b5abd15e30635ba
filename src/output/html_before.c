/* output/html_before.c - since last time: what was saved, measured; messages and fields that came, went,
 * grew.
 *
 * Both profiles are sorted by channel, direction, name and path, so that one walk over each finds the pairs.
 * Where the captured times differ, figures an hour stand beside the captured ones and decide.
 */
#include "output/html_part.h"

#include <math.h>
#include <stdlib.h>

struct pair {                      /* one message type, or one field of a type that both have */
    const struct wd_type_profile *then, *now;
    const struct wd_row *row_then, *row_now;
    double bytes_then, bytes_now;  /* types: an hour where rates are compared; fields: of each message */
    double weight;                 /* what it is sorted by: bytes an hour that it moved */
    size_t index;
};

static int cmp_types(const struct wd_type_profile *a, const struct wd_type_profile *b)
{
    int c = wd_bytes_cmp(a->channel, b->channel);
    if (c || a->direction != b->direction)
        return c ? c : (int)a->direction - (int)b->direction;
    return wd_bytes_cmp(a->name, b->name);
}

static int by_weight(const void *a, const void *b)
{
    const struct pair *x = a, *y = b;
    return x->weight != y->weight ? (x->weight < y->weight) - (x->weight > y->weight)
                                  : (x->index > y->index) - (x->index < y->index);
}

static struct pair *pair_types(struct wd_html *h, const struct wd_scale *s, size_t *count)
{
    const struct wd_profile *a = h->report->before, *b = h->profile;
    struct pair *pairs = wd_arena_array(h->arena, struct pair, a->type_count + b->type_count);
    size_t n = 0;
    for (size_t i = 0, j = 0; i < a->type_count || j < b->type_count; n++) {
        int c = i == a->type_count ? 1 : j == b->type_count ? -1 : cmp_types(&a->types[i], &b->types[j]);
        struct pair *p = &pairs[n];
        p->then = c <= 0 ? &a->types[i++] : NULL;
        p->now = c >= 0 ? &b->types[j++] : NULL;
        p->bytes_then = p->then ? (double)p->then->payload_bytes * s->then : 0;
        p->bytes_now = p->now ? (double)p->now->payload_bytes * s->now : 0;
        p->weight = fabs(p->bytes_now - p->bytes_then);
        p->index = n;
    }
    *count = n;
    return pairs;
}

static double each(const struct wd_type_profile *t, const struct wd_row *row)
{
    return row && t->count ? (double)wd_row_bytes(row) / (double)t->count : 0;
}

/* Fields of the types that both have, whose cost in each message moved by half a byte or more. */
static size_t pair_rows(const struct pair *type, const struct wd_scale *s, struct pair *out,
                        size_t index)
{
    const struct wd_type_profile *a = type->then, *b = type->now;
    size_t n = 0;
    for (size_t i = 0, j = 0; i < a->row_count || j < b->row_count;) {
        int c = i == a->row_count   ? 1
                : j == b->row_count ? -1
                                    : wd_bytes_cmp(a->rows[i].path, b->rows[j].path);
        struct pair p = { .then = a, .now = b, .index = index + n };
        p.row_then = c <= 0 ? &a->rows[i++] : NULL;
        p.row_now = c >= 0 ? &b->rows[j++] : NULL;
        p.bytes_then = each(a, p.row_then);
        p.bytes_now = each(b, p.row_now);
        double moved = (p.row_now ? (double)wd_row_bytes(p.row_now) * s->now : 0) -
                       (p.row_then ? (double)wd_row_bytes(p.row_then) * s->then : 0);
        p.weight = fabs(moved);
        if (!p.row_then || !p.row_now || fabs(p.bytes_now - p.bytes_then) >= 0.5)
            out[n++] = p;
    }
    return n;
}

static struct pair *pair_fields(struct wd_html *h, const struct pair *types, size_t type_count,
                                const struct wd_scale *s, size_t *count)
{
    size_t most = 0, n = 0;
    for (size_t i = 0; i < type_count; i++)
        if (types[i].then && types[i].now)
            most += types[i].then->row_count + types[i].now->row_count;
    struct pair *pairs = wd_arena_array(h->arena, struct pair, most);
    for (size_t i = 0; i < type_count; i++)
        if (types[i].then && types[i].now)
            n += pair_rows(&types[i], s, pairs + n, n);
    qsort(pairs, n, sizeof *pairs, by_weight);
    *count = n;
    return pairs;
}

/* ---- the measured saving ---- */

struct measure { const char *name; uint64_t then, now; bool is_bytes; };

static size_t measures_of(const struct wd_html *h, struct measure *out)
{
    const struct wd_profile *a = h->report->before, *b = h->profile;
    const uint64_t *x = a->ledger.layer, *y = b->ledger.layer;
    size_t n = 0;
    uint64_t headers_then = x[WD_LAYER_LINK] + x[WD_LAYER_IP] + x[WD_LAYER_TRANSPORT];
    uint64_t headers_now = y[WD_LAYER_LINK] + y[WD_LAYER_IP] + y[WD_LAYER_TRANSPORT];
    out[n++] = (struct measure){ "Payload", a->payload_bytes, b->payload_bytes, true };
    if (a->wire_payload_bytes != a->payload_bytes || b->wire_payload_bytes != b->payload_bytes)
        out[n++] = (struct measure){ "Payload as sent", a->wire_payload_bytes, b->wire_payload_bytes, true };
    out[n++] = (struct measure){ "All captured", a->ledger.captured_bytes, b->ledger.captured_bytes, true };
    out[n++] = (struct measure){ "Packet headers among it", headers_then, headers_now, true };
    out[n++] = (struct measure){ "Messages", a->messages, b->messages, false };
    out[n++] = (struct measure){ "Packets", a->ledger.packets, b->ledger.packets, false };
    out[n++] = (struct measure){ "Connections", a->connections, b->connections, false };
    return n;
}

static void put_number(struct wd_html *h, double value)
{
    wd_html_puts(h, "<td class=\"n\">");
    wd_html_fixed(h, value, 0);
    wd_html_puts(h, "</td>");
}

static void put_measure(struct wd_html *h, const struct measure *m, const struct wd_scale *s)
{
    if (m->then == 0 && m->now == 0)
        return;
    double then = (double)m->then * s->then, now = (double)m->now * s->now;
    wd_buf_printf(h->out, "<tr><th scope=\"row\">%s%s</th>", m->name, m->is_bytes ? ", B" : "");
    put_number(h, (double)m->then);
    put_number(h, (double)m->now);
    if (s->is_rate && strcmp(m->name, "Connections") == 0) {
        wd_html_puts(h, "<td></td><td></td><td></td><td></td></tr>\n");  /* how many there are is no rate */
        return;
    }
    if (s->is_rate) {
        put_number(h, then);
        put_number(h, now);
    }
    put_number(h, now - then);
    wd_html_puts(h, "<td class=\"n\">");
    wd_html_change(h, then, now);
    wd_html_puts(h, "</td></tr>\n");
}

static void put_measures(struct wd_html *h, const struct wd_scale *s)
{
    static const struct wd_html_column plain[] = {
        { "Measured", false }, { "Before", true }, { "Now", true }, { "Difference", true },
        { "Change", true },
    };
    static const struct wd_html_column rates[] = {
        { "Measured", false }, { "Before", true }, { "Now", true }, { "Before, an hour", true },
        { "Now, an hour", true }, { "Difference, an hour", true }, { "Change", true },
    };
    struct measure measures[8];
    size_t count = measures_of(h, measures);
    if (s->is_rate)
        wd_html_table(h, "measures", "The two captures side by side", rates, WD_COUNT(rates));
    else
        wd_html_table(h, "measures", "The two captures side by side", plain, WD_COUNT(plain));
    for (size_t i = 0; i < count; i++)
        put_measure(h, &measures[i], s);
    wd_html_table_end(h);
}

/* "Payload fell from 1.14 MB to 21.7 kB an hour: 1.11 MB less, -98.1 %" */
static void say_measure(struct wd_html *h, const char *what, double then, double now, bool is_bytes,
                        const char *per)
{
    wd_html_puts(h, what);
    if (then == now) {
        wd_html_puts(h, " stayed the same. ");
        return;
    }
    wd_html_puts(h, now < then ? " fell from " : " rose from ");
    is_bytes ? wd_html_bytes(h, then) : wd_html_fixed(h, then, 0);
    wd_html_puts(h, " to ");
    is_bytes ? wd_html_bytes(h, now) : wd_html_fixed(h, now, 0);
    wd_buf_printf(h->out, "%s: ", per);
    is_bytes ? wd_html_bytes(h, fabs(now - then)) : wd_html_fixed(h, fabs(now - then), 0);
    wd_html_puts(h, now > then ? " more" : is_bytes ? " less" : " fewer");
    if (then > 0 && now > 0) {
        wd_html_puts(h, ", ");
        wd_html_puts(h, "<b>");
        wd_html_change(h, then, now);
        wd_html_puts(h, "</b>");
    }
    wd_html_puts(h, ". ");
}

static void say_saving(struct wd_html *h, const struct wd_scale *s)
{
    const struct wd_profile *a = h->report->before, *b = h->profile;
    const char *per = s->is_rate ? " an hour" : "";
    wd_html_puts(h, "<p>Before: ");
    if (h->report->before_name.len) {
        wd_html_text(h, h->report->before_name);
        wd_html_puts(h, ". ");
    } else {
        wd_html_puts(h, "the profile that was given for comparison. ");
    }
    say_measure(h, "The payload", (double)a->payload_bytes * s->then, (double)b->payload_bytes * s->now, true,
                per);
    say_measure(h, "With all headers, the captured bytes", (double)a->ledger.captured_bytes * s->then,
                (double)b->ledger.captured_bytes * s->now, true, per);
    say_measure(h, "The number of messages", (double)a->messages * s->then, (double)b->messages * s->now,
                false, per);
    wd_html_puts(h, "</p>\n");
    if (!s->is_rate)
        return;
    wd_html_puts(h, "<p>The captures cover different times (");
    wd_html_seconds(h, wd_profile_seconds(a));
    wd_html_puts(h, " before, ");
    wd_html_seconds(h, h->seconds);
    wd_html_puts(h,
                 " now), so figures are compared per hour of capture; as captured, the payload went from ");
    wd_html_bytes(h, (double)a->payload_bytes);
    wd_html_puts(h, " to ");
    wd_html_bytes(h, (double)b->payload_bytes);
    wd_html_puts(h, " (");
    wd_html_change(h, (double)a->payload_bytes, (double)b->payload_bytes);
    wd_html_puts(h, ").</p>\n");
}

/* ---- messages and fields ---- */

static const char *word_of(const struct pair *p, bool is_field)
{
    bool had = is_field ? p->row_then != NULL : p->then != NULL,
         has = is_field ? p->row_now != NULL : p->now != NULL;
    return !had                           ? "new"
           : !has                         ? "gone"
           : p->bytes_now > p->bytes_then ? "grew"
           : p->bytes_now < p->bytes_then ? "shrank"
                                          : "the same";
}

static void put_message_row(struct wd_html *h, const struct pair *p)
{
    const struct wd_type_profile *t = p->now ? p->now : p->then;
    wd_html_puts(h, "<tr><th scope=\"row\">");
    wd_html_message(h, t->name, t->channel, t->direction);
    wd_buf_printf(h->out, "</th><td>%s</td>", word_of(p, false));
    put_number(h, p->then ? (double)p->then->count : 0);
    put_number(h, p->now ? (double)p->now->count : 0);
    put_number(h, p->bytes_then);
    put_number(h, p->bytes_now);
    wd_html_puts(h, "<td class=\"n\">");
    wd_html_change(h, p->bytes_then, p->bytes_now);
    wd_html_puts(h, "</td></tr>\n");
}

static void put_messages(struct wd_html *h, struct pair *pairs, size_t count, const struct wd_scale *s)
{
    const struct wd_html_column columns[] = {
        { "Message", false },
        { "What happened", false },
        { "Messages before", true },
        { "Messages now", true },
        { s->is_rate ? "B an hour before" : "B before", true },
        { s->is_rate ? "B an hour now" : "B now", true },
        { "Change", true },
    };
    size_t shown = count < h->row_limit ? count : h->row_limit;
    qsort(pairs, count, sizeof *pairs, by_weight);
    wd_html_table(h, "messages", "Messages, those that moved most bytes first", columns, WD_COUNT(columns));
    for (size_t i = 0; i < shown; i++)
        put_message_row(h, &pairs[i]);
    wd_html_more(h, count - shown, WD_COUNT(columns));
    wd_html_table_end(h);
}

static void put_field_row(struct wd_html *h, const struct pair *p)
{
    wd_html_puts(h, "<tr><th scope=\"row\">");
    wd_html_path(h, (p->row_now ? p->row_now : p->row_then)->path);
    wd_html_puts(h, "</th><td>");
    wd_html_path(h, p->now->name);
    wd_buf_printf(h->out, "</td><td>%s</td><td class=\"n\">", word_of(p, true));
    wd_html_fixed(h, p->bytes_then, 1);
    wd_html_puts(h, "</td><td class=\"n\">");
    wd_html_fixed(h, p->bytes_now, 1);
    wd_html_puts(h, "</td><td class=\"n\">");
    wd_html_puts(h, p->bytes_now > p->bytes_then ? "+" : "");
    wd_html_fixed(h, p->bytes_now - p->bytes_then, 1);
    wd_html_puts(h, "</td></tr>\n");
}

static void put_fields(struct wd_html *h, const struct pair *pairs, size_t count)
{
    static const struct wd_html_column columns[] = {
        { "Field", false }, { "Message", false }, { "What happened", false },
        { "B\u202f/\u202fmessage before", true }, { "B\u202f/\u202fmessage now", true },
        { "Difference", true },
    };
    if (count == 0) {
        wd_html_puts(h, "<p>No field of a message that both captures hold was added, removed, or moved by "
                        "half a byte a message.</p>\n");
        return;
    }
    size_t shown = count < h->row_limit ? count : h->row_limit;
    wd_html_table(h, "moved", "Fields added, removed, grown and shrunk, in messages that both captures hold",
                  columns, WD_COUNT(columns));
    for (size_t i = 0; i < shown; i++)
        put_field_row(h, &pairs[i]);
    wd_html_more(h, count - shown, WD_COUNT(columns));
    wd_html_table_end(h);
}

static void put_some(struct wd_html *h, uint64_t n, const char *one, const char *many)
{
    if (n)
        wd_html_count(h, n);
    else
        wd_html_puts(h, "none");
    wd_buf_printf(h->out, " %s", n == 1 ? one : many);
}

/* Waste that stayed, and waste that came: unread now, sent then or not. */
static void say_promises(struct wd_html *h, const struct pair *types, size_t count)
{
    uint64_t stayed = 0, came = 0;
    for (size_t i = 0; h->usage && i < count; i++) {
        size_t t = types[i].now ? (size_t)(types[i].now - h->profile->types) : 0;
        for (size_t r = 0; types[i].now && r < types[i].now->row_count; r++) {
            enum wd_verdict v = wd_html_verdict(h, t, r);
            if (!wd_html_is_value(&types[i].now->rows[r]) ||
                (v != WD_VERDICT_UNREAD && v != WD_VERDICT_PERSONAL_UNREAD))
                continue;
            bool was = types[i].then && wd_type_row(types[i].then, types[i].now->rows[r].path);
            stayed += was;
            came += !was;
        }
    }
    if (stayed + came == 0)
        return;
    wd_html_puts(h, "<p>Of the fields that nobody reads today, ");
    put_some(h, stayed, "was sent before already", "were sent before already");
    wd_html_puts(h, " and ");
    put_some(h, came, "is new", "are new");
    wd_html_puts(h, ".</p>\n");
}

void wd_html_before(struct wd_html *h)
{
    if (!h->profile) {
        wd_html_empty(h, "There is nothing to compare: this review has no traffic of its own.",
                      "Give a capture or a profile of today as well.");
        return;
    }
    struct wd_scale s = wd_profiles_scale(h->report->before, h->profile);
    size_t type_count, field_count;
    struct pair *types = pair_types(h, &s, &type_count);
    struct pair *fields = pair_fields(h, types, type_count, &s, &field_count);
    say_saving(h, &s);
    say_promises(h, types, type_count);
    put_measures(h, &s);
    put_messages(h, types, type_count, &s);
    put_fields(h, fields, field_count);
}
