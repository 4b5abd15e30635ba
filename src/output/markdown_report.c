/* output/markdown_report.c - the data-diet review as text: the sections of the HTML report that words and
 * tables can carry. */
#include <math.h>
#include <stdlib.h>

#include "output/compare.h"
#include "output/html_decision.h"
#include "output/markdown.h"
#include "output/writers.h"

struct review {
    struct wd_buf *out;
    const struct wd_report *report;
    const struct wd_audit *audit;
    const struct wd_profile *profile;
    bool show_all;
};

static void heading(struct review *r, const char *title)
{
    wd_buf_printf(r->out, "\n## %s\n\n", title);
}

static void put_figure(struct wd_buf *out, void (*put)(struct wd_buf *out, double share), double share)
{
    struct wd_buf figure = { 0 };
    put(&figure, share);
    wd_put_markdown_figure(out, wd_buf_bytes(&figure));
    wd_buf_free(&figure);
}

/* ---- 1. headline ---- */

/* "98.2 % less", of captures of the same length or per hour; false where there is no change. */
static bool put_change(struct wd_buf *out, const struct review *r)
{
    const struct wd_profile *before = r->report->before;
    struct wd_scale scale = wd_profiles_scale(before, r->profile);
    double then = (double)before->payload_bytes * scale.then,
           now = (double)r->profile->payload_bytes * scale.now;
    if (then <= 0 || fabs(then - now) < 0.0005 * then)
        return false;
    put_figure(out, wd_put_share, fabs(then - now) / then);
    wd_buf_puts(out, now < then ? " less" : " more");
    wd_buf_puts(out, scale.is_rate ? " per hour" : "");
    return true;
}

static void put_unread(struct wd_buf *out, const struct wd_summary *s)
{
    uint64_t unread = s->verdict_bytes[WD_VERDICT_UNREAD] + s->verdict_bytes[WD_VERDICT_PERSONAL_UNREAD];
    if (unread == s->payload_bytes)
        wd_buf_puts(out, "**Nobody reads anything of what is pushed**, ");
    else if (unread) {
        wd_buf_puts(out, "**");
        put_figure(out, wd_put_percent, wd_share_of(unread, s->payload_bytes));
        wd_buf_puts(out, " of what is pushed is read by nobody**, ");
    } else if (s->verdict_bytes[WD_VERDICT_UNKNOWN])
        wd_buf_puts(out, "**Nothing is known to be pushed in vain**, ");
    else
        wd_buf_puts(out, "**Everything that is pushed is read by someone**, ");
    put_figure(out, wd_put_percent, wd_share_of(s->removable_bytes, s->payload_bytes));
    wd_buf_puts(out, " of ");
    wd_put_size(out, s->payload_bytes);
    wd_buf_puts(out, " is waste. ");
}

static void put_answer(const struct review *r, const struct wd_summary *s)
{
    struct wd_buf change = { 0 };
    if (r->report->before && put_change(&change, r)) {
        wd_buf_puts(r->out, "**");
        wd_buf_put(r->out, wd_buf_bytes(&change));
        wd_buf_puts(r->out, " is pushed than before.** ");
    }
    wd_buf_free(&change);
    if (wd_audit_knows_readers(r->audit)) {
        put_unread(r->out, s);
        return;
    }
    wd_buf_puts(r->out, "**");
    put_figure(r->out, wd_put_percent, wd_share_of(s->verdict_bytes[WD_VERDICT_UNCHANGED], s->payload_bytes));
    wd_buf_puts(
        r->out,
        " of what is pushed repeats what was sent before.** Who reads it is not known yet: no consumer "
        "was named. ");
}

static void put_headline(struct review *r)
{
    const struct wd_summary *s = &r->audit->summary;
    struct wd_buf *out = r->out;
    wd_buf_puts(out, "# Data diet");
    if (r->report->title.len) {
        wd_buf_puts(out, ": ");
        wd_put_markdown_text(out, r->report->title);
    }
    wd_buf_puts(out, "\n\n");
    if (r->report->period.len) {
        wd_buf_puts(out, "Period: ");
        wd_put_markdown_text(out, r->report->period);
        wd_buf_puts(out, ". ");
    }
    if (s->payload_bytes)
        put_answer(r, s);
    wd_markdown_held_against(out, r->audit);
    wd_buf_byte(out, '\n');
    wd_buf_puts(out, s->has_wire ? "\n" : "");
    wd_markdown_wire(out, s);
}

/* ---- 2. where the bytes go ---- */

static uint64_t verdict_bytes(const struct review *r, size_t type, enum wd_verdict verdict)
{
    uint64_t bytes = 0;
    const struct wd_type_profile *t = &r->profile->types[type];
    for (size_t i = 0; r->audit->verdicts && i < t->row_count; i++)
        bytes += r->audit->verdicts[type][i] == verdict ? wd_row_bytes(&t->rows[i]) : 0;
    return bytes;
}

static void put_where(struct review *r)
{
    static const enum wd_verdict verdicts[] = { /* the last two need consumers */
                                                WD_VERDICT_NEEDED, WD_VERDICT_UNCHANGED, WD_VERDICT_UNKNOWN,
                                                WD_VERDICT_UNREAD, WD_VERDICT_PERSONAL_UNREAD
    };
    static const char *const plain[] = { "message", "channel", ">bytes", ">needed", ">unchanged", ">unknown", ">unread",
                                         ">personal and unread" };
    static const char *const compressed[] = { "message", "channel", ">bytes", ">on the wire", ">needed", ">unchanged",
                                              ">unknown", ">unread", ">personal and unread" };
    size_t fewer = wd_audit_knows_readers(r->audit) ? 0 : 2;
    bool has_wire = r->audit->summary.has_wire;
    heading(r, "Where the bytes go");
    if (has_wire)
        wd_markdown_head(r->out, compressed, WD_COUNT(compressed) - fewer);
    else
        wd_markdown_head(r->out, plain, WD_COUNT(plain) - fewer);
    size_t *order = wd_types_by_cost(r->profile, r->audit->is_by_wire);
    for (size_t i = 0; i < r->profile->type_count; i++) {
        const struct wd_type_profile *type = &r->profile->types[order[i]];
        wd_markdown_code_cell(r->out, type->name);
        wd_markdown_code_cell(r->out, type->channel);
        wd_markdown_count_cell(r->out, type->payload_bytes);
        if (has_wire)
            wd_markdown_count_cell(r->out, type->wire_payload_bytes);
        for (size_t v = 0; v < WD_COUNT(verdicts) - fewer; v++)
            wd_markdown_share_cell(r->out,
                                   wd_share_of(verdict_bytes(r, order[i], verdicts[v]), type->payload_bytes));
        wd_markdown_end(r->out);
    }
    wd_free(order);
}

/* ---- 3. decide today ---- */

enum { DECISIONS = 10, NAMES = 6 };

/* The subjects of a decision: its field, or how many. */
static void put_subject(struct wd_buf *out, const struct wd_html_decision *d)
{
    const struct wd_finding *f = d->findings[0];
    bool is_named = d->count == 1 && !d->kind->is_counted && (f->path.len || f->message.len);
    if (is_named)
        wd_put_markdown_code(out, f->path.len ? f->path : f->message);
    else {
        wd_put_count(out, d->count);
        wd_buf_printf(out, " %s%s", d->is_personal ? "personal " : "",
                      d->count == 1 ? d->kind->one : d->kind->many);
    }
    if (f->message.len && !(is_named && !f->path.len)) {
        wd_buf_puts(out, " of ");
        wd_put_markdown_code(out, f->message);
    }
}

static void put_names(struct wd_buf *out, const struct wd_html_decision *d)
{
    size_t shown = d->count < NAMES ? d->count : NAMES;
    for (size_t i = 0; i < shown; i++) {
        struct wd_bytes path = d->findings[i]->path;
        wd_buf_puts(out, i ? ", " : ": ");
        wd_put_markdown_code(out, path.len ? path : d->findings[i]->message);
    }
    if (shown < d->count)
        wd_buf_printf(out, " and %zu more", d->count - shown);
}

static void put_decision(struct wd_buf *out, const struct wd_html_decision *d)
{
    const char *tail = d->count == 1 ? d->kind->tail_one : d->kind->tail_many;
    wd_markdown_cell(out);
    wd_buf_printf(out, "%s ", d->kind->verb);
    put_subject(out, d);
    if (*tail)
        wd_buf_printf(out, "%s %s", d->count == 1 ? "," : "", tail);
    if (d->count > 1 && d->findings[0]->path.len)
        put_names(out, d);
    wd_buf_byte(out, ' ');
}

static void put_decision_savings(struct review *r, const struct wd_html_decision *d)
{
    bool has_wire = r->audit->summary.has_wire;
    if (!d->saves) {
        wd_buf_puts(r->out, has_wire ? "| | | " : "| | ");
        return;
    }
    wd_markdown_cell(r->out);
    wd_put_size(r->out, d->saves);
    wd_buf_byte(r->out, ' ');
    wd_markdown_share_cell(r->out, wd_share_of(d->saves, r->audit->summary.payload_bytes));
    if (!has_wire)
        return;
    wd_markdown_cell(r->out);
    wd_put_size(r->out, d->saves_wire);
    wd_buf_byte(r->out, ' ');
}

static void put_decision_rows(struct review *r, const struct wd_html_decisions *all)
{
    static const char *const plain[] = { "", "decision", ">saves", ">share", "effort", "owner", "date" };
    static const char *const compressed[] = { "", "decision", ">saves", ">share", ">on the wire", "effort", "owner", "date" };
    bool has_wire = r->audit->summary.has_wire;
    static const char *const efforts[] = {
        [WD_EFFORT_SMALL] = "small", [WD_EFFORT_MEDIUM] = "medium", [WD_EFFORT_LARGE] = "large" };
    if (has_wire)
        wd_markdown_head(r->out, compressed, WD_COUNT(compressed));
    else
        wd_markdown_head(r->out, plain, WD_COUNT(plain));
    for (size_t i = 0; i < all->count && i < DECISIONS; i++) {
        const struct wd_html_decision *d = &all->list[i];
        wd_buf_printf(r->out, "| %zu ", i + 1);
        put_decision(r->out, d);
        put_decision_savings(r, d);
        wd_markdown_word_cell(r->out, efforts[d->kind->effort]);
        wd_buf_puts(r->out, "| | |\n");
    }
}

static void put_decisions(struct review *r)
{
    struct wd_arena *arena = wd_arena_open();
    struct wd_html_decisions all = wd_html_decisions_of(r->audit, arena);
    heading(r, "Decide today");
    if (!all.count)
        wd_buf_puts(r->out, "Nothing to decide: there is no finding.\n");
    else {
        wd_put_plural(r->out, r->audit->finding_count, "finding makes ", "findings make ");
        wd_put_plural(r->out, all.count, "decision", "decisions");
        wd_buf_puts(r->out,
                    ", what saves most for least effort first. Savings may overlap: all together save ");
        wd_put_size(r->out, r->audit->summary.removable_bytes);
        wd_buf_puts(r->out, ", each byte counted once.\n\n");
        put_decision_rows(r, &all);
        wd_markdown_more(r->out, all.count > DECISIONS ? all.count - DECISIONS : 0, "");
    }
    wd_arena_close(arena);
}

/* ---- 4. since the last one ---- */

static int by_difference(const void *a, const void *b)
{
    const struct wd_difference *x = a, *y = b;
    uint64_t xb = wd_difference_before(x), xa = wd_difference_after(x), yb = wd_difference_before(y),
             ya = wd_difference_after(y);
    uint64_t dx = xb > xa ? xb - xa : xa - xb, dy = yb > ya ? yb - ya : ya - yb;
    if (dx != dy)
        return dx < dy ? 1 : -1;
    return (x > y) - (x < y);
}

static void put_difference(struct wd_buf *out, const struct wd_difference *d)
{
    wd_markdown_word_cell(out, wd_difference_word(d));
    wd_markdown_code_cell(out, wd_difference_path(d));
    wd_markdown_code_cell(out, wd_difference_type(d)->name);
    wd_markdown_count_cell(out, wd_difference_before(d));
    wd_markdown_count_cell(out, wd_difference_after(d));
    wd_markdown_end(out);
}

static void put_since(struct review *r)
{
    static const char *const titles[] = { "", "field", "message", ">B/msg before", ">now" };
    const struct wd_profile *before = r->report->before;
    if (!before)
        return;
    wd_buf_puts(r->out, "\n## Since ");
    wd_put_markdown_code(r->out, r->report->before_name);
    wd_buf_puts(r->out, "\n\nPayload ");
    wd_put_count(r->out, before->payload_bytes);
    wd_buf_puts(r->out, " B in ");
    wd_put_plural(r->out, before->messages, "message", "messages");
    wd_buf_puts(r->out, " before, ");
    wd_put_count(r->out, r->profile->payload_bytes);
    wd_buf_puts(r->out, " B in ");
    wd_put_plural(r->out, r->profile->messages, "message", "messages");
    wd_buf_puts(r->out, " now");
    struct wd_buf change = { 0 };
    bool is_changed = put_change(&change, r);
    wd_buf_puts(r->out, is_changed ? ": " : "");
    wd_buf_put(r->out, wd_buf_bytes(&change));
    wd_buf_puts(r->out, ".\n\n");
    wd_buf_free(&change);
    size_t count;
    struct wd_difference *changes = wd_profiles_compare(before, r->profile, &count);
    if (count)
        qsort(changes, count, sizeof *changes, by_difference);
    size_t shown = r->show_all || count < WD_MARKDOWN_ROWS ? count : WD_MARKDOWN_ROWS;
    if (count)
        wd_markdown_head(r->out, titles, WD_COUNT(titles));
    else
        wd_buf_puts(r->out, "No field came, went or changed its size.\n");
    for (size_t i = 0; i < shown; i++)
        put_difference(r->out, &changes[i]);
    wd_markdown_more(r->out, count - shown, "");
    wd_free(changes);
}

/* ---- 6. who reads what, with 7. personal data ---- */

/* A value that is read or not, of any type. */
struct reading { size_t type; const struct wd_row *row; struct wd_bytes category; };

static void put_reader_row(struct review *r, const struct reading *reading)
{
    const struct wd_type_profile *type = &r->profile->types[reading->type];
    const struct wd_row *row = reading->row;
    static const char *const marks[] = {
        [WD_USE_UNUSED] = "-", [WD_USE_UNKNOWN] = "?", [WD_USE_USED] = "reads"};
    wd_markdown_code_cell(r->out, row->path);
    wd_markdown_code_cell(r->out, type->name);
    wd_markdown_count_cell(r->out, wd_row_bytes(row));
    wd_markdown_count_cell(r->out, wd_each(wd_row_bytes(row), type->count));
    wd_markdown_code_cell(r->out, reading->category);
    for (size_t c = 0; c < r->audit->usage->consumer_count; c++) {
        struct wd_bytes where;
        enum wd_use use = wd_usage_of(&r->audit->usage->consumers[c], type->name, type->channel,
                                      type->direction, row->path, &where);
        wd_markdown_word_cell(r->out, marks[use]);
    }
    wd_markdown_end(r->out);
}

static void put_reader_head(struct review *r)
{
    wd_buf_puts(r->out, "| field | message | bytes | B/msg | personal ");
    for (size_t c = 0; c < r->audit->usage->consumer_count; c++)
        wd_markdown_code_cell(r->out, r->audit->usage->consumers[c].name);
    wd_markdown_end(r->out);
    wd_buf_puts(r->out, "| --- | --- | ---: | ---: | --- ");
    for (size_t c = 0; c < r->audit->usage->consumer_count; c++)
        wd_buf_puts(r->out, "| --- ");
    wd_markdown_end(r->out);
}

static int by_bytes(const void *a, const void *b)
{
    const struct reading *x = a, *y = b;
    uint64_t p = wd_row_bytes(x->row), q = wd_row_bytes(y->row);
    if (p != q)
        return p < q ? 1 : -1;
    return x->type != y->type ? (x->type > y->type) - (x->type < y->type)
                              : (x->row > y->row) - (x->row < y->row);
}

static struct reading *readings_of(const struct review *r, size_t *count)
{
    struct reading *list = NULL;
    size_t cap = 0;
    *count = 0;
    for (size_t t = 0; t < r->profile->type_count; t++)
        for (size_t i = 0; i < r->profile->types[t].row_count; i++) {
            const struct wd_row *row = &r->profile->types[t].rows[i];
            if (wd_row_is_container(row))
                continue;
            WD_GROW(list, *count, cap);
            list[(*count)++] =
                (struct reading){ t, row, r->audit->personal ? r->audit->personal[t][i] : wd_bytes_of("") };
        }
    if (*count)
        qsort(list, *count, sizeof *list, by_bytes);
    return list;
}

static void put_readers(struct review *r)
{
    if (!wd_audit_knows_readers(r->audit))
        return;
    heading(r, "Who reads what");
    put_reader_head(r);
    size_t count;
    struct reading *list = readings_of(r, &count);
    size_t shown = r->show_all || count < 2 * WD_MARKDOWN_ROWS ? count : 2 * WD_MARKDOWN_ROWS;
    for (size_t i = 0; i < shown; i++)
        put_reader_row(r, &list[i]);
    wd_free(list);
    wd_markdown_more(r->out, count - shown, "");
}

/* ---- 9. connections, 10. method ---- */

static void put_connections(struct review *r)
{
    const struct wd_profile *p = r->profile;
    heading(r, "Connections");
    wd_put_plural(r->out, p->connections, "connection", "connections");
    wd_buf_puts(r->out, ", ");
    wd_put_plural(r->out, p->reconnects, "reconnection", "reconnections");
    wd_buf_puts(r->out, ", ");
    wd_put_plural(r->out, p->counts.pings, "ping", "pings");
    wd_buf_puts(r->out, ", ");
    wd_put_plural(r->out, p->counts.pongs, "pong", "pongs");
    wd_buf_puts(r->out, ", ");
    wd_put_plural(r->out, p->counts.closes, "close", "closes");
    wd_buf_puts(r->out, ".\n");
}

static void put_method(struct review *r)
{
    heading(r, "Not seen, assumptions, method");
    wd_buf_puts(r->out, "Bytes of fields are counted in the captured traffic; nothing is estimated unless it "
                        "says so. A field counts as unread "
                        "only when every consumer is known not to read it.\n");
    if (r->audit->command) {
        wd_buf_puts(r->out, "\nMade by ");
        wd_put_markdown_code(r->out, wd_bytes_of(r->audit->command));
        wd_buf_puts(r->out, ".\n");
    }
    wd_markdown_unseen(r->out, r->audit);
}

void wd_markdown_report(struct wd_buf *out, const struct wd_report *report, const struct wd_style *style)
{
    struct review r = { out, report, report->audit, report->audit->profile, style->show_all };
    put_headline(&r);
    wd_markdown_verdicts(out, r.audit);
    if (r.profile)
        put_where(&r);
    put_decisions(&r);
    if (r.profile) {
        put_since(&r);
        put_readers(&r);
    }
    wd_buf_puts(out, "\n## Findings\n"); /* each group begins with an empty line */
    if (!r.audit->finding_count)
        wd_buf_puts(out, "\nNone.\n");
    wd_markdown_groups(out, r.audit, "###", " (`wirediet audit --all` lists them)", r.show_all);
    if (r.profile)
        put_connections(&r);
    put_method(&r);
}
