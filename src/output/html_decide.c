/* output/html_decide.c - decide today: the ten decisions that save most, each with what one must know to say
 * yes. */
#include "output/figure.h"
#include "output/html_decision.h"
#include "output/html_diff.h"
#include "output/html_part.h"

#include <math.h>

enum { DECISIONS_MAX = 10, NAMES_MAX = 6, ASKED_MAX = 8, DETAILS_MAX = 200 };

static const char *const efforts[] = {
    [WD_EFFORT_SMALL] = "small", [WD_EFFORT_MEDIUM] = "medium", [WD_EFFORT_LARGE] = "large"};

/* "Stop sending 5 personal fields of metrics that nobody reads" */
static void put_heading(struct wd_html *h, const struct wd_html_decision *d)
{
    const struct wd_html_kind *k = d->kind;
    const struct wd_finding *f = d->findings[0];
    bool is_one = d->count == 1;
    wd_buf_printf(h->out, "%s ", k->verb);
    if (is_one && f->path.len == 0 && f->message.len && !k->is_counted) {
        wd_html_path(h, f->message);
    } else {
        if (is_one && f->path.len && !k->is_counted)
            wd_html_path(h, f->path);
        else {
            wd_html_count(h, d->count);
            wd_buf_printf(h->out, " %s%s", d->is_personal ? "personal " : "", is_one ? k->one : k->many);
        }
        if (f->message.len) {
            wd_html_puts(h, " of ");
            wd_html_path(h, f->message);
        }
    }
    const char *tail = is_one ? k->tail_one : k->tail_many;
    if (*tail)
        wd_buf_printf(h->out, "%s %s", is_one ? "," : "", tail);
}

static void put_saving(struct wd_html *h, const struct wd_html_decision *d)
{
    wd_html_puts(h, "<b>");
    wd_html_share(h, (double)d->saves, (double)h->audit->summary.payload_bytes);
    wd_html_puts(h, "</b> of the payload, ");
    wd_html_bytes(h, (double)d->saves);
    wd_html_puts(h, " here");
    if (h->audit->summary.has_wire) {
        wd_html_puts(h, " (compressed, ");
        wd_html_bytes(h, (double)d->saves_wire);
        wd_html_puts(h, " on the wire)");
    }
    const struct wd_type_profile *t = d->findings[0]->type;
    if (t && t->count) {
        wd_html_puts(h, ", ");
        wd_html_fixed(h, (double)d->saves / (double)t->count, 0);
        wd_html_puts(h, "&#160;B of each message");
    }
    if (h->seconds >= 1) {
        wd_html_puts(h, ", about ");
        wd_html_bytes(h, (double)d->saves * 86400 / h->seconds);
        wd_html_puts(h, " a day");
    }
}

static bool is_asked(const struct wd_html_decision *d, const struct wd_consumer *consumer)
{
    const struct wd_finding *first = d->findings[0];
    enum wd_direction direction = first->direction < 0 ? WD_S2C : (enum wd_direction)first->direction;
    if (d->kind->ask == WD_ASK_SUBSCRIBERS)
        return wd_usage_subscribes(consumer, first->message, first->channel, direction);
    enum wd_use wanted = d->kind->ask == WD_ASK_UNSURE ? WD_USE_UNKNOWN : WD_USE_USED;
    for (size_t i = 0; i < d->count && i < DETAILS_MAX; i++)
        if (wd_usage_of(consumer, first->message, first->channel, direction, d->findings[i]->path, NULL) ==
            wanted)
            return true;
    return false;
}

static void put_asked(struct wd_html *h, const struct wd_html_decision *d)
{
    size_t asked = 0;
    for (size_t c = 0; h->usage && d->kind->ask < WD_ASK_SCHEMA && c < h->usage->consumer_count; c++) {
        if (!is_asked(d, &h->usage->consumers[c]) || ++asked > ASKED_MAX)
            continue;
        wd_html_puts(h, asked > 1 ? ", " : "");
        wd_html_text(h, h->usage->consumers[c].name);
    }
    if (asked > ASKED_MAX)
        wd_buf_printf(h->out, " ... and %zu more", asked - ASKED_MAX);
    if (asked)
        return;
    if (d->kind->ask == WD_ASK_SCHEMA || d->kind->ask == WD_ASK_CONFIG)
        wd_html_puts(h, d->kind->ask == WD_ASK_SCHEMA ? "only whoever keeps the schema"
                                                      : "only whoever keeps the configuration");
    else
        wd_html_puts(h, h->usage ? "nobody subscribes" : "not known: no consumer was named");
}

/* The shortest time for which a field of the decision holds its value. */
static int64_t shortest_hold(const struct wd_html_decision *d)
{
    int64_t shortest = 0;
    for (size_t i = 0; i < d->count; i++) {
        const struct wd_finding *f = d->findings[i];
        int64_t lasts = f->type && f->row ? wd_row_lasts(f->type, f->row) : 0;
        if (lasts && (shortest == 0 || lasts < shortest))
            shortest = lasts;
    }
    return shortest;
}

static void put_staleness(struct wd_html *h, const struct wd_html_decision *d)
{
    wd_html_puts(h, d->kind->staleness);
    int64_t lasts = strcmp(d->kind->rule, "WD203") == 0 ? shortest_hold(d) : 0;
    if (lasts) {
        wd_html_puts(h, " (a value lasts ");
        wd_html_about(h, (double)lasts / 1e9);
        wd_html_puts(h, ")");
    }
}

static void fact_open(struct wd_html *h, const char *name)
{
    wd_buf_printf(h->out, "<div><dt>%s</dt><dd>", name);
}

static void fact_close(struct wd_html *h)
{
    wd_html_puts(h, "</dd></div>\n");
}

static void put_exposed(struct wd_html *h, const struct wd_html_decision *d)
{
    const struct wd_type_profile *t = d->findings[0]->type;
    if (!t || (!d->is_personal && strncmp(d->kind->rule, "WD4", 3) != 0))
        return;
    fact_open(h, "Exposed");
    wd_html_puts(h, "sent ");
    wd_html_plural(h, t->count, "time", "times");
    wd_html_puts(h, ", to whoever held ");
    wd_html_plural(h, t->connections, "connection", "connections");
    fact_close(h);
}

static void put_names(struct wd_html *h, const struct wd_html_decision *d)
{
    if (d->count < 2 && !d->kind->is_counted)
        return;
    fact_open(h, "Which");
    for (size_t i = 0; i < d->count && i < NAMES_MAX; i++) {
        wd_html_puts(h, i ? ", " : "");
        if (d->findings[i]->path.len)
            wd_html_path(h, d->findings[i]->path);
        else if (d->findings[i]->message.len)
            wd_html_path(h, d->findings[i]->message);
        else
            wd_html_place(h, d->findings[i]->at);
    }
    if (d->count > NAMES_MAX) {
        wd_html_puts(h, " ... and ");
        wd_html_count(h, d->count - NAMES_MAX);
        wd_html_puts(h, " more");
    }
    fact_close(h);
}

static void put_facts(struct wd_html *h, const struct wd_html_decision *d)
{
    wd_html_puts(h, "<dl class=\"facts\">\n");
    if (d->saves) {
        fact_open(h, "Saves");
        put_saving(h, d);
        fact_close(h);
    }
    put_names(h, d);
    put_exposed(h, d);
    fact_open(h, "Ask");
    put_asked(h, d);
    fact_close(h);
    fact_open(h, "Effort");
    wd_buf_printf(h->out, "%s: %s", efforts[d->kind->effort], d->kind->effort_why);
    fact_close(h);
    if (d->saves) {
        fact_open(h, "Staleness");
        put_staleness(h, d);
        fact_close(h);
    }
    wd_html_puts(h,
                 "</dl>\n<p class=\"sign\"><span>Owner</span><span>Date</span><span>Decision</span></p>\n");
}

/* A remedy is said once for the rows in a row that share it. */
static void put_evidence_row(struct wd_html *h, const struct wd_finding *f, struct wd_bytes last_remedy)
{
    wd_html_puts(h, "<tr><th scope=\"row\">");
    wd_html_path(h, f->path.len ? f->path : f->message);
    wd_buf_printf(h->out, "</th><td>%s</td><td class=\"n\">", f->rule->id);
    if (f->saves_bytes)
        wd_html_bytes(h, (double)f->saves_bytes);
    if (h->audit->summary.has_wire) {
        wd_html_puts(h, "</td><td class=\"n\">");
        if (f->saves_bytes && f->type)
            wd_html_bytes(h, (double)f->saves_wire_bytes);
    }
    wd_html_puts(h, "</td><td>");
    wd_html_sentence(h, f->text);
    if (!wd_bytes_eq(f->remedy, last_remedy)) {
        wd_html_puts(h, " <span class=\"remedy\">");
        wd_html_sentence(h, f->remedy);
        wd_html_puts(h, "</span>");
    }
    wd_html_puts(h, "</td><td class=\"place\">");
    wd_html_place(h, f->at);
    wd_html_puts(h, "</td></tr>\n");
}

static size_t put_evidence_rows(struct wd_html *h, const struct wd_finding **findings, size_t count,
                                size_t room)
{
    size_t shown = count < room ? count : room;
    struct wd_bytes remedy = { 0 };
    for (size_t i = 0; i < shown; i++) {
        put_evidence_row(h, findings[i], remedy);
        remedy = findings[i]->remedy;
    }
    return shown;
}

static void put_evidence(struct wd_html *h, const struct wd_html_decision *d)
{
    static const struct wd_html_column plain[] = {
        { "Field", false },    { "Rule", false }, { "Saves", true }, { "Evidence and remedy", false },
        { "Declared", false },
    };
    static const struct wd_html_column compressed[] = {
        { "Field", false },    { "Rule", false }, { "Saves", true }, { "On the wire", true }, { "Evidence and remedy", false },
        { "Declared", false },
    };
    bool has_wire = h->audit->summary.has_wire;
    const struct wd_html_column *columns = has_wire ? compressed : plain;
    size_t column_count = has_wire ? WD_COUNT(compressed) : WD_COUNT(plain);
    size_t shown, all = d->count + d->beside_count;
    bool has_diff = d->kind->is_removal && wd_html_has_diff(h, d);
    wd_html_puts(h, "<details><summary>Evidence");
    wd_html_puts(h, has_diff ? " and edit</summary>\n" : "</summary>\n");
    wd_html_table(h, "evidence", "What was found", columns, column_count);
    shown = put_evidence_rows(h, d->findings, d->count, DETAILS_MAX);
    shown += put_evidence_rows(h, d->beside, d->beside_count, DETAILS_MAX - shown);
    wd_html_more(h, all - shown, column_count);
    wd_html_table_end(h);
    if (has_diff)
        wd_html_diff(h, d);
    wd_html_puts(h, "</details>\n");
}

static void put_decision(struct wd_html *h, const struct wd_html_decision *d)
{
    wd_html_puts(h, "<li>\n<h3>");
    put_heading(h, d);
    wd_html_puts(h, d->severity == WD_ERROR ? " <span class=\"tag\">error</span></h3>\n" : "</h3>\n");
    put_facts(h, d);
    put_evidence(h, d);
    wd_html_puts(h, "</li>\n");
}

static void put_rest(struct wd_html *h, const struct wd_html_decisions *all)
{
    if (all->count <= DECISIONS_MAX)
        return;
    size_t rest = all->count - DECISIONS_MAX, shown = rest < h->row_limit ? rest : h->row_limit;
    static const struct wd_html_column columns[] = {
        { "Decision", false }, { "Saves", true }, { "Effort", false },
    };
    wd_html_puts(h, "<details><summary>... and ");
    wd_html_plural(h, rest, "more decision that saves less", "more decisions that save less");
    wd_html_puts(h, "</summary>\n");
    wd_html_table(h, "rest", "Further decisions", columns, WD_COUNT(columns));
    for (size_t i = 0; i < shown; i++) {
        const struct wd_html_decision *d = &all->list[DECISIONS_MAX + i];
        wd_html_puts(h, "<tr><th scope=\"row\">");
        put_heading(h, d);
        wd_html_puts(h, "</th><td class=\"n\">");
        wd_html_bytes(h, (double)d->saves);
        wd_buf_printf(h->out, "</td><td>%s</td></tr>\n", efforts[d->kind->effort]);
    }
    wd_html_more(h, rest - shown, WD_COUNT(columns));
    wd_html_table_end(h);
    wd_html_puts(h, "</details>\n");
}

static void say_nothing_to_decide(struct wd_html *h)
{
    wd_html_empty(
        h, "There is nothing to decide: no rule found anything.",
        h->audit->unasked_count
            ? "Some rules could not be asked; section <a href=\"#unseen\">Not seen</a> says which and why."
        : h->audit->suppressed_count
            ? "What was found is suppressed; section <a href=\"#unseen\">Not seen</a> lists it."
            : "Every rule was asked.");
}

void wd_html_decide(struct wd_html *h)
{
    struct wd_html_decisions all = wd_html_decisions_of(h->audit, h->arena);
    if (all.count == 0) {
        say_nothing_to_decide(h);
        return;
    }
    wd_html_puts(h, "<p>");
    wd_html_plural(h, h->audit->finding_count, "finding makes", "findings make");
    wd_html_puts(h, " ");
    wd_html_plural(h, all.count, "decision", "decisions");
    wd_html_puts(h, all.count > DECISIONS_MAX ? "; the ten that save most for least effort are here."
                    : all.count > 1           ? ", those that save most for least effort first."
                                              : ".");
    if (h->audit->summary.removable_bytes && all.count > 1) {
        wd_html_puts(h, " Savings may overlap: all together save ");
        wd_html_bytes(h, (double)h->audit->summary.removable_bytes);
        wd_html_puts(h, ", each byte counted once.");
    }
    wd_html_puts(h, "</p>\n<ol class=\"decisions\">\n");
    for (size_t i = 0; i < all.count && i < DECISIONS_MAX; i++)
        put_decision(h, &all.list[i]);
    wd_html_puts(h, "</ol>\n");
    put_rest(h, &all);
}
