#include "cmd/account.h"

#include <stdlib.h>

#include "output/escapes.h"
#include "output/text.h"

enum {
    AT = 2, /* the first column of a table */
    GAP = 2,
    MESSAGE_WIDEST = 20,
    PATH_WIDEST = 36,
    FIGURE = 9, /* columns of a figure, with the gap before it */
    SHOWN = 30, /* rows; -v shows all */
    PROOF_AT = 7
};

static const char WHOLE[] = "the whole message";

struct writer {
    struct wd_page page;
    const struct wd_account *a;
    const struct wd_prune_plan *plan;
    const struct wd_profile *profile; /* NULL: no figures */
    size_t message_width, path_width;
    bool is_removal;
    struct wd_buf scratch;
};

/* ---- words ---- */

static struct wd_bytes name_of_target(const struct wd_edit_target *t)
{
    return t->field ? t->field->path : wd_bytes_of(WHOLE);
}

static struct wd_bytes name_of_kept(struct writer *w, const struct wd_kept *k)
{
    if (k->path.len)
        return k->path;
    if (!k->fields)
        return wd_bytes_of(WHOLE);
    wd_buf_reset(&w->scratch);
    wd_put_plural(&w->scratch, k->fields, "field", "fields");
    return wd_buf_bytes(&w->scratch);
}

/* By name, or how many where that is too long. */
static void put_readers(struct wd_buf *out, const struct wd_usage *usage, size_t most)
{
    struct wd_buf names = {0};
    for (size_t i = 0; i < usage->consumer_count; i++) {
        wd_buf_puts(&names, i == 0 ? "" : i + 1 == usage->consumer_count ? " and " : ", ");
        wd_put_name_fit(&names, usage->consumers[i].name, 24);
    }
    if (wd_columns(wd_buf_bytes(&names)) <= most)
        wd_buf_put(out, wd_buf_bytes(&names));
    else
        wd_put_plural(out, usage->consumer_count, "consumer", "consumers");
    wd_buf_free(&names);
}

static void put_reason(struct wd_buf *out, const struct wd_prune_detail *d, bool is_message)
{
    const char *parts[4], *rule = d->reason ? d->reason->rule->id : "";
    size_t count = 0;
    if (d->is_credential)
        parts[count++] = "credential";
    if (d->is_personal)
        parts[count++] = "personal";
    if (!d->reason)
        parts[count++] = "left empty";
    else if (strcmp(rule, is_message ? "WD102" : "WD101") != 0)
        parts[count++] = d->reason->rule->name;
    if (d->fields > 1 || is_message)
        wd_put_plural(out, d->fields, "field", "fields");
    for (size_t i = 0; i < count; i++) {
        wd_buf_puts(out, out->len ? ", " : "");
        wd_buf_puts(out, parts[i]);
    }
}

/* ---- the heading ---- */

static size_t changed_lines(const struct writer *w, size_t d)
{
    const struct wd_edit_result *r = &w->a->results[d];
    return w->is_removal ? r->lines_removed : r->lines_added;
}

static bool is_changed(const struct wd_edit_result *r)
{
    return !wd_bytes_eq(r->text, r->document->text);
}

static void put_changed_file(struct writer *w, size_t d, bool is_first)
{
    struct wd_buf *cell = wd_page_cell(&w->page);
    wd_buf_puts(cell, is_first ? "" : ", ");
    wd_put_name_fit(cell, wd_file_shown(w->a->results[d].document->name), 40);
    if (changed_lines(w, d)) { /* else only parts of lines */
        wd_buf_puts(cell, " (");
        wd_put_plural(cell, changed_lines(w, d), "line", "lines");
        wd_buf_byte(cell, ')');
    }
    wd_page_left(&w->page, WD_TINT_PLAIN);
}

/* Where more than one file changes, each is named. */
static void put_changed_files(struct writer *w, size_t documents, size_t changed)
{
    bool is_first = true;
    if (changed < 2)
        return;
    wd_page_to(&w->page, AT);
    for (size_t d = 0; d < documents; d++) {
        if (!is_changed(&w->a->results[d]))
            continue;
        put_changed_file(w, d, is_first);
        is_first = false;
    }
    wd_page_end(&w->page);
}

static size_t count_messages(const struct writer *w)
{
    size_t messages = 0;
    for (size_t i = 0; i < w->plan->target_count; i++)
        messages += !w->plan->targets[i].field;
    return messages;
}

/* What is marked, where it is not removed: messages cannot be. */
static size_t count_marked(const struct writer *w)
{
    size_t marked = 0;
    for (size_t i = 0; i < w->plan->target_count; i++)
        marked += w->plan->targets[i].field != NULL;
    return marked;
}

static void put_what_goes(struct writer *w, struct wd_buf *cell, size_t lines)
{
    if (!w->plan->target_count) {
        wd_buf_puts(cell, "nothing to remove: each declared field is read, or may be, or has to stay");
        return;
    }
    if (w->is_removal) {
        wd_put_plural(cell, w->plan->field_count, "field goes", "fields go");
    } else {
        size_t marked = count_marked(w);
        wd_put_plural(cell, marked, "declaration is", "declarations are");
        wd_buf_puts(cell, " marked as deprecated");
    }
    if (lines && w->is_removal) {
        wd_buf_puts(cell, ", ");
        wd_put_plural(cell, lines, "line", "lines");
    }
    wd_buf_puts(cell, "; everything else is unchanged to the byte");
}

static void put_heading(struct writer *w)
{
    const struct wd_schema *schema = w->a->audit->schema;
    size_t lines = 0, changed = 0, named = 0;
    for (size_t d = 0; d < schema->document_count; d++) {
        lines += changed_lines(w, d);
        named = !changed && is_changed(&w->a->results[d]) ? d : named;
        changed += is_changed(&w->a->results[d]);
    }
    wd_page_name(&w->page, WD_TINT_STRONG, wd_file_shown(schema->documents[named]->name), w->page.width / 2);
    wd_buf_puts(wd_page_cell(&w->page), ": ");
    put_what_goes(w, &w->page.cell, lines);
    wd_page_wrap(&w->page, WD_TINT_PLAIN, AT);
    wd_page_end(&w->page);
    put_changed_files(w, schema->document_count, changed);
}

/* ---- the tables ---- */

static void widen(size_t *width, struct wd_bytes name, size_t most)
{
    size_t columns = wd_name_columns(name, most);
    if (columns > *width)
        *width = columns;
}

static void measure_columns(struct writer *w)
{
    for (size_t i = 0; i < w->plan->target_count; i++) {
        widen(&w->message_width, w->plan->targets[i].message->name, MESSAGE_WIDEST);
        widen(&w->path_width, name_of_target(&w->plan->targets[i]), PATH_WIDEST);
    }
    for (size_t i = 0; i < w->plan->kept_count; i++) {
        widen(&w->message_width, w->plan->kept[i].message, MESSAGE_WIDEST);
        widen(&w->path_width, name_of_kept(w, &w->plan->kept[i]), PATH_WIDEST);
    }
}

static size_t note_column(const struct writer *w)
{
    return AT + w->message_width + GAP + w->path_width + GAP;
}

static void put_names(struct writer *w, struct wd_bytes message, struct wd_bytes path)
{
    wd_page_to(&w->page, AT);
    wd_page_name(&w->page, WD_TINT_PLAIN, message, w->message_width);
    wd_page_to(&w->page, AT + w->message_width + GAP);
    wd_page_name(&w->page, WD_TINT_PLAIN, path, w->path_width);
    wd_page_to(&w->page, note_column(w));
}

static bool has_figures(const struct writer *w)
{
    return w->profile && w->profile->payload_bytes;
}

static void put_figures(struct writer *w, const struct wd_prune_detail *d)
{
    if (!has_figures(w) || !d->messages)
        return;
    wd_put_count(wd_page_cell(&w->page), wd_each(d->bytes, d->messages));
    wd_page_right(&w->page, WD_TINT_PLAIN, w->page.width - FIGURE);
    wd_put_share(wd_page_cell(&w->page), wd_share_of(d->bytes, w->profile->payload_bytes));
    wd_page_right(&w->page, WD_TINT_PLAIN, w->page.width);
}

static void put_target(struct writer *w, size_t i)
{
    const struct wd_edit_target *t = &w->plan->targets[i];
    const struct wd_prune_detail *d = &w->plan->details[i];
    size_t room = w->page.width - note_column(w) - (has_figures(w) ? 2 * FIGURE : 0);
    struct wd_buf reason = {0}, *cell;
    put_names(w, t->message->name, name_of_target(t));
    put_reason(&reason, d, !t->field);
    cell = wd_page_cell(&w->page);
    wd_put_name_fit(cell, wd_buf_bytes(&reason), room < 80 ? room : 80);
    wd_page_left(&w->page, d->is_personal || d->is_credential ? WD_TINT_ERROR : WD_TINT_PLAIN);
    put_figures(w, d);
    wd_page_end(&w->page);
    wd_buf_free(&reason);
}

struct weight {
    uint64_t bytes;
    size_t place;
};

/* What saves most comes first; else in the order of the schema. */
static int by_weight(const void *a, const void *b)
{
    const struct weight *x = a, *y = b;
    if (x->bytes != y->bytes)
        return x->bytes > y->bytes ? -1 : 1;
    return (x->place > y->place) - (x->place < y->place);
}

static void put_table_heading(struct writer *w)
{
    struct wd_buf *cell = wd_page_cell(&w->page);
    const struct wd_usage *usage = w->a->audit->usage;
    wd_buf_puts(cell, usage->consumer_count == 1 ? "not read by " : "read by none of ");
    put_readers(cell, usage, w->page.width / 2);
    wd_page_left(&w->page, WD_TINT_PLAIN);
    if (has_figures(w)) {
        wd_buf_puts(wd_page_cell(&w->page), "B/msg");
        wd_page_right(&w->page, WD_TINT_FAINT, w->page.width - FIGURE);
        wd_buf_puts(wd_page_cell(&w->page), "share");
        wd_page_right(&w->page, WD_TINT_FAINT, w->page.width);
    }
    wd_page_end(&w->page);
}

static void put_more(struct writer *w, size_t count)
{
    if (!count)
        return;
    wd_page_to(&w->page, AT);
    wd_page_putf(&w->page, WD_TINT_FAINT, "... %zu more (-v shows all)", count);
    wd_page_end(&w->page);
}

static size_t shown_of(const struct writer *w, size_t count)
{
    return w->page.style->verbosity > 0 || count <= SHOWN ? count : SHOWN;
}

static void put_targets(struct writer *w)
{
    size_t count = w->plan->target_count, shown = shown_of(w, count);
    if (!count)
        return;
    struct weight *order = wd_realloc(NULL, count, sizeof *order);
    for (size_t i = 0; i < count; i++)
        order[i] = (struct weight){w->plan->details[i].bytes, i};
    qsort(order, count, sizeof *order, by_weight);
    wd_page_end(&w->page);
    put_table_heading(w);
    for (size_t i = 0; i < shown; i++)
        put_target(w, order[i].place);
    put_more(w, count - shown);
    wd_free(order);
}

static void put_kept(struct writer *w)
{
    size_t count = w->plan->kept_count, shown = shown_of(w, count);
    if (!count)
        return;
    wd_page_end(&w->page);
    wd_page_put(&w->page, WD_TINT_PLAIN, "kept");
    wd_page_end(&w->page);
    for (size_t i = 0; i < shown; i++) {
        const struct wd_kept *k = &w->plan->kept[i];
        put_names(w, k->message, name_of_kept(w, k));
        wd_put_name(wd_page_cell(&w->page), k->why);
        wd_page_wrap(&w->page, WD_TINT_PLAIN, note_column(w));
        wd_page_end(&w->page);
    }
    put_more(w, count - shown);
}

/* A message has no mark, and the stage that removes takes it anyway. */
static void put_unmarked(struct writer *w)
{
    size_t messages = count_messages(w);
    if (w->is_removal || !messages)
        return;
    wd_put_plural(wd_page_cell(&w->page), messages, "message is", "messages are");
    wd_buf_puts(&w->page.cell,
                " left as before, since schemas have no mark for that; --stage remove takes them out");
    wd_page_wrap(&w->page, WD_TINT_PLAIN, AT);
    wd_page_end(&w->page);
}

/* ---- the proof ---- */

/* One line of it: what, and whether. */
static void put_line(struct writer *w, bool is_first, bool is_true, const char *yes, const char *no)
{
    struct wd_buf what = {0};
    wd_buf_put(&what, wd_buf_bytes(&w->page.cell));
    wd_page_put(&w->page, WD_TINT_STRONG, is_first ? "proof" : "");
    wd_page_to(&w->page, PROOF_AT);
    wd_buf_put(wd_page_cell(&w->page), wd_buf_bytes(&what));
    wd_page_left(&w->page, WD_TINT_PLAIN);
    wd_page_put(&w->page, is_true ? WD_TINT_GOOD : WD_TINT_ERROR, is_true ? yes : no);
    wd_page_end(&w->page);
    wd_buf_free(&what);
}

static void put_reads_line(struct writer *w)
{
    const struct wd_proof *p = w->a->proof;
    struct wd_buf *cell = wd_page_cell(&w->page);
    wd_put_plural(cell, p->reads, "path", "paths");
    wd_buf_puts(cell, " that ");
    put_readers(cell, w->a->audit->usage, w->page.width / 2);
    wd_buf_puts(cell, p->consumers == 1 ? " reads: " : " read: ");
    put_line(w, false, p->reads_remain, "all there", "NOT all there");
}

static void put_traffic_line(struct writer *w)
{
    const struct wd_proof *p = w->a->proof;
    if (!w->profile) {
        wd_buf_puts(wd_page_cell(&w->page), "captured messages: ");
        put_line(w, false, true, "none given (-p), so none were held against it", "");
        return;
    }
    wd_put_plural(wd_page_cell(&w->page), p->messages, "captured message", "captured messages");
    wd_buf_puts(&w->page.cell, w->is_removal ? ", pruned: " : ": ");
    put_line(w, false, p->fits, "each fits as before", "some NO LONGER fit");
    uint64_t others = w->profile->messages - p->messages;
    if (!others)
        return;
    wd_put_count(wd_page_cell(&w->page), others);
    wd_buf_puts(&w->page.cell, w->is_removal
                                   ? " more are of messages that go, or that the schema does not describe"
                                   : " more are of messages that the schema does not describe");
    put_line(w, false, true, "", "");
}

static void put_proof(struct writer *w)
{
    const struct wd_proof *p = w->a->proof;
    wd_page_end(&w->page);
    wd_buf_puts(wd_page_cell(&w->page), "parses again: ");
    put_line(w, true, p->parses, "yes", "NO");
    wd_buf_puts(wd_page_cell(&w->page), "differs from before by exactly what is listed: ");
    put_line(w, false, p->differs_exactly, "yes", "NO");
    put_reads_line(w);
    put_traffic_line(w);
}

static void put_savings(struct writer *w)
{
    if (!has_figures(w))
        return;
    wd_page_put(&w->page, WD_TINT_STRONG, "saves");
    wd_page_to(&w->page, PROOF_AT);
    struct wd_buf *cell = wd_page_cell(&w->page);
    wd_put_count(cell, w->plan->saves_bytes);
    wd_buf_puts(cell, " of ");
    wd_put_count(cell, w->profile->payload_bytes);
    wd_buf_puts(cell, " payload bytes (");
    wd_put_share(cell, wd_share_of(w->plan->saves_bytes, w->profile->payload_bytes));
    wd_buf_puts(cell, w->is_removal ? ")" : ") once they are removed");
    wd_page_left(&w->page, WD_TINT_PLAIN);
    wd_page_end(&w->page);
}

void wd_put_account(struct wd_buf *out, const struct wd_account *account, const struct wd_style *style)
{
    struct writer w = {.page = wd_page_open(out, style),
                       .a = account,
                       .plan = account->plan,
                       .profile = account->audit->profile,
                       .is_removal = account->stage == WD_EDIT_REMOVE};
    measure_columns(&w);
    put_heading(&w);
    put_targets(&w);
    put_unmarked(&w);
    put_kept(&w);
    put_proof(&w);
    if (w.plan->target_count)
        put_savings(&w);
    wd_buf_free(&w.scratch);
    wd_page_close(&w.page);
}
