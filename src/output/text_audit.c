/* output/text_audit.c - an audit for people: how much is waste, what goes first, what cannot be said. */
#include "output/escapes.h"
#include "output/facts.h"
#include "output/text_audit.h"
#include "output/writers.h"

enum {
    SHOWN = 10,
    SEVERITY_AT = 2,
    PATH_AT = 9,
    PATH_WIDEST = 44,
    MESSAGE_WIDEST = 20,
    EACH_WIDTH = 9,
    EACH_BESIDE_WIRE = 7,
    WIRE_WIDTH = 6,
    WIDE = 100
};

static const char *const short_severity[] = {
    [WD_NOTE] = "note", [WD_WARNING] = "warn", [WD_ERROR] = "error"
};

/* ---- what was held against what ---- */

static void put_names(struct wd_buf *out, const struct wd_usage *usage, size_t most, const char *last_glue)
{
    size_t shown = usage->consumer_count < most ? usage->consumer_count : most;
    for (size_t i = 0; i < shown; i++) {
        bool is_last = i + 1 == usage->consumer_count;
        wd_buf_puts(out, i == 0 ? "" : is_last ? last_glue : ", ");
        wd_put_name_fit(out, usage->consumers[i].name, 24);
    }
    if (shown < usage->consumer_count)
        wd_buf_printf(out, " and %zu more", usage->consumer_count - shown);
}

static void put_heading(struct wd_page *page, const struct wd_audit *a)
{
    if (a->schema && a->schema->document_count)
        wd_page_name(page, WD_TINT_STRONG, wd_file_shown(a->schema->documents[0]->name), page->width / 2);
    else if (a->profile && a->profile->input_count)
        wd_page_name(page, WD_TINT_STRONG, a->profile->inputs[0].name, page->width / 2);
    struct wd_buf *cell = wd_page_cell(page);
    if (a->profile) {
        wd_buf_puts(cell, a->schema ? "held against " : "");
        wd_put_plural(cell, a->profile->messages, "message", "messages");
    } else
        wd_buf_puts(cell, "without traffic");
    if (a->usage && a->usage->consumer_count) {
        wd_buf_puts(cell, " and ");
        wd_put_plural(cell, a->usage->consumer_count, "consumer", "consumers");
        wd_buf_puts(cell, " (");
        put_names(cell, a->usage, 4, ", ");
        wd_buf_puts(cell, ")");
    } else
        wd_buf_puts(cell, ", without consumers");
    wd_page_to(page, page->column + (page->column > 0));
    wd_page_wrap(page, WD_TINT_PLAIN, 2);
    wd_page_end(page);
    wd_page_end(page);
}

/* From the first to go to the one that stays; told apart by shade and by word, the colour only repeats it. */
static const struct shade {
    enum wd_verdict verdict;
    const char *block, *ascii, *word;
    enum wd_tint tint;
} shades[] = {
    { WD_VERDICT_PERSONAL_UNREAD, "\u2588", "#", "personal and unread", WD_TINT_ERROR },
    { WD_VERDICT_UNREAD, "\u2593", "=", "unread", WD_TINT_WARNING },
    { WD_VERDICT_UNCHANGED, "\u2592", "-", "unchanged", WD_TINT_NOTE },
    { WD_VERDICT_UNKNOWN, "\u2591", "?", "unknown", WD_TINT_PLAIN },
    { WD_VERDICT_NEEDED, "\u00b7", ".", "needed", WD_TINT_GOOD },
};

static const char *mark(const struct wd_page *page, const struct shade *shade)
{
    return page->style->is_unicode ? shade->block : shade->ascii;
}

static void put_shades(struct wd_page *page, const struct wd_summary *s, size_t columns)
{
    uint64_t before = 0;
    wd_page_to(page, 2);
    for (size_t i = 0; i < WD_COUNT(shades); i++) {
        uint64_t upto = before + s->verdict_bytes[shades[i].verdict];
        size_t from = (size_t)(wd_share_of(before, s->payload_bytes) * (double)columns + 0.5);
        size_t to = (size_t)(wd_share_of(upto, s->payload_bytes) * (double)columns + 0.5);
        struct wd_buf *cell = wd_page_cell(page);
        for (size_t c = from; c < to && c < columns; c++)
            wd_buf_puts(cell, mark(page, &shades[i]));
        wd_page_left(page, shades[i].tint);
        before = upto;
    }
    wd_page_end(page);
}

static void put_shade_words(struct wd_page *page, const struct wd_summary *s)
{
    wd_page_to(page, 2);
    for (size_t i = 0; i < WD_COUNT(shades); i++) {
        uint64_t bytes = s->verdict_bytes[shades[i].verdict];
        if (!bytes)
            continue;
        struct wd_buf *cell = wd_page_cell(page);
        wd_buf_printf(cell, "%s %s ", mark(page, &shades[i]), shades[i].word);
        wd_put_percent(cell, wd_share_of(bytes, s->payload_bytes));
        if (page->column > 2 && page->pad + wd_columns(wd_buf_bytes(cell)) > page->width) {
            wd_page_end(page);
            wd_page_to(page, 2);
        }
        wd_page_left(page, shades[i].tint);
        wd_page_to(page, page->column + 3);
    }
    wd_page_end(page);
    wd_page_end(page);
}

/* Repetition is cheap once compressed, so the same waste is a smaller share of what crosses the wire. */
static void put_wire_headline(struct wd_page *page, const struct wd_summary *s)
{
    if (!s->has_wire)
        return;
    struct wd_buf *cell = wd_page_cell(page);
    wd_buf_puts(cell, "compressed: ");
    wd_put_percent(cell, wd_share_of(s->removable_wire_bytes, s->wire_payload_bytes));
    wd_buf_puts(cell, " of ");
    wd_put_size(cell, s->wire_payload_bytes);
    wd_buf_puts(cell, " on the wire");
    wd_page_to(page, 2);
    wd_page_left(page, WD_TINT_PLAIN);
    wd_page_end(page);
}

static void put_headline(struct wd_page *page, const struct wd_audit *a)
{
    const struct wd_summary *s = &a->summary;
    if (!s->payload_bytes)
        return;
    struct wd_buf *cell = wd_page_cell(page);
    wd_put_percent(cell, wd_share_of(s->removable_bytes, s->payload_bytes));
    wd_buf_puts(cell, " of ");
    wd_put_size(cell, s->payload_bytes);
    wd_buf_puts(cell, " is waste");
    wd_page_to(page, 2);
    wd_page_left(page, WD_TINT_STRONG);
    wd_page_end(page);
    put_wire_headline(page, s);
    put_shades(page, s, page->width - 4 < 72 ? page->width - 4 : 72);
    put_shade_words(page, s);
}

/* ---- groups of findings ---- */

struct list {
    struct wd_page *page;
    const struct wd_audit *audit;
    enum wd_group group;
    size_t path, message;    /* widths of the group's columns */
    size_t right;            /* where places and savings end */
    bool is_sentence;        /* told by its text rather than by a phrase */
};

static bool is_sentence(enum wd_group group)
{
    return group == WD_GROUP_UNKNOWN || group == WD_GROUP_SCHEMA || group == WD_GROUP_ADVICE;
}

/* A field that stands among the personal ones already is not told again as unread. */
static bool is_told_above(const struct wd_audit *a, const struct wd_finding *f)
{
    if (strcmp(f->rule->id, "WD101") != 0 || !f->row)
        return false;
    for (size_t i = 0; i < a->finding_count; i++) {
        const struct wd_finding *other = &a->findings[i];
        if (other != f && other->row == f->row && wd_finding_group(a, other) == WD_GROUP_PERSONAL_UNREAD)
            return true;
    }
    return false;
}

static bool is_listed(const struct wd_audit *a, const struct wd_finding *f, enum wd_group group)
{
    return wd_finding_group(a, f) == group && !(group == WD_GROUP_UNREAD && is_told_above(a, f));
}

static size_t shown_at_most(const struct list *l) { return l->page->style->show_all ? SIZE_MAX : SHOWN; }

static struct wd_bytes path_shown(const struct list *l, const struct wd_finding *f)
{
    if (f->path.len && !wd_bytes_is(f->path, "."))
        return f->path;
    return l->is_sentence ? f->message : wd_bytes_of("(all of it)");
}

/* Where there is one schema file and little room, its name goes without saying. */
static bool is_line_enough(const struct list *l)
{
    return l->page->width < WIDE && l->audit->schema && l->audit->schema->document_count == 1;
}

/* "61" beneath the word, "line 61" without it, else "dashboard.yaml:61". */
static void put_place(struct wd_buf *out, const struct list *l, const struct wd_finding *f)
{
    if (!f->at.file)
        return;
    if (is_line_enough(l) && f->at.line && strcmp(f->at.file, l->audit->schema->documents[0]->name) == 0) {
        wd_buf_printf(out, l->is_sentence ? "line %u" : "%u", (unsigned)f->at.line);
        return;
    }
    wd_put_name_fit(out, wd_base_name(wd_bytes_of(f->at.file)), l->page->width < WIDE ? 20 : 32);
    if (f->at.line)
        wd_buf_printf(out, ":%u", (unsigned)f->at.line);
}

/* What it takes on the wire has a column where that is another figure; then the units are in the heading
 * alone. */
static bool has_wire(const struct list *l) { return l->audit->summary.has_wire; }
static size_t each_end(const struct list *l)
{
    return PATH_AT + l->path + 2 + l->message + (has_wire(l) ? EACH_BESIDE_WIRE : EACH_WIDTH);
}
static size_t wire_end(const struct list *l) { return each_end(l) + (has_wire(l) ? WIRE_WIDTH : 0); }

static size_t phrase_at(const struct list *l) { return wire_end(l) + 2; }

static size_t phrase_and_place(const struct list *l, const struct wd_finding *f)
{
    struct wd_buf said = { 0 }, place = { 0 };
    wd_finding_phrase(&said, l->audit, f);
    put_place(&place, l, f);
    size_t columns =
        wd_name_columns(wd_buf_bytes(&said), l->page->width) + 2 + wd_columns(wd_buf_bytes(&place));
    wd_buf_free(&said);
    wd_buf_free(&place);
    return columns;
}

static void measure_finding(struct list *l, const struct wd_finding *f, size_t *longest)
{
    bool is_wide = l->page->width >= WIDE;
    size_t path = wd_name_columns(path_shown(l, f), is_wide ? PATH_WIDEST : 22);
    size_t message = wd_name_columns(f->message, is_wide ? MESSAGE_WIDEST : 12);
    size_t rest = l->is_sentence ? 0 : phrase_and_place(l, f);
    l->path = path > l->path ? path : l->path;
    l->message = message > l->message ? message : l->message;
    *longest = rest > *longest ? rest : *longest;
}

/* One set of widths for all phrases and one for all sentences, so that groups stand under each other. */
static void measure(struct list *l, bool of_sentences)
{
    size_t shown[WD_GROUP_COUNT] = { 0 }, longest = 36;
    l->is_sentence = of_sentences;
    l->path = l->message = 0;
    for (size_t i = 0; i < l->audit->finding_count; i++) {
        const struct wd_finding *f = &l->audit->findings[i];
        enum wd_group group = wd_finding_group(l->audit, f);
        if (is_sentence(group) == of_sentences && is_listed(l->audit, f, group) &&
            shown[group]++ < shown_at_most(l))
            measure_finding(l, f, &longest);
    }
    l->right = phrase_at(l) + longest < l->page->width ? phrase_at(l) + longest : l->page->width;
}

static void replace_opening(struct wd_buf *phrase, size_t len, const char *instead)
{
    struct wd_buf shorter = { 0 };
    wd_buf_puts(&shorter, instead);
    wd_buf_put(&shorter, wd_bytes_at(phrase->at + len, phrase->len - len));
    wd_buf_reset(phrase);
    wd_buf_put(phrase, wd_buf_bytes(&shorter));
    wd_buf_free(&shorter);
}

/* contact.address.street 0.82 -> address.street 0.82 */
static bool drop_key(struct wd_buf *phrase)
{
    const uint8_t *blank = memchr(phrase->at, ' ', phrase->len);
    const uint8_t *dot = memchr(phrase->at, '.', blank ? (size_t)(blank - phrase->at) : 0);
    if (dot)
        replace_opening(phrase, (size_t)(dot - phrase->at) + 1, "");
    return dot != NULL;
}

/* "4 fields, 3 personal" in fewer columns. */
static void count_personal(struct wd_buf *phrase, const struct wd_audit *a, const struct wd_finding *f)
{
    uint64_t fields, personal;
    if (!f->row || strcmp(f->rule->id, "WD101") != 0)
        return;
    wd_finding_below(a, f, &fields, &personal);
    if (!personal)
        return;
    wd_buf_reset(phrase);
    wd_put_count(phrase, personal);
    wd_buf_puts(phrase, " of ");
    wd_put_count(phrase, fields);
    wd_buf_puts(phrase, " personal");
}

/* What all phrases of a kind begin with goes first, so that what tells them apart stays. */
static void shorten(struct wd_buf *phrase, const struct wd_audit *a, const struct wd_finding *f, size_t room)
{
    static const struct { const char *opening, *instead; } forms[] = {
        { "equals ", "= " }, { "one value per ", "one per " },
    };
    if (wd_finding_fact(f, "category"))
        while (wd_name_columns(wd_buf_bytes(phrase), phrase->len) > room && drop_key(phrase))
            ;
    count_personal(phrase, a, f);
    for (size_t i = 0; i < WD_COUNT(forms); i++)
        if (wd_bytes_starts(wd_buf_bytes(phrase), forms[i].opening))
            replace_opening(phrase, strlen(forms[i].opening), forms[i].instead);
}

/* One line: the phrase gives way to the place at the right edge. */
static void put_phrase(struct list *l, const struct wd_finding *f, size_t column)
{
    struct wd_buf place = { 0 }, phrase = { 0 };
    put_place(&place, l, f);
    wd_finding_phrase(&phrase, l->audit, f);
    size_t place_width = wd_columns(wd_buf_bytes(&place));
    size_t room =
        l->right > column + place_width + 2 ? l->right - column - place_width - (place_width ? 2 : 0) : 0;
    if (wd_name_columns(wd_buf_bytes(&phrase), phrase.len) > room)
        shorten(&phrase, l->audit, f, room);
    wd_page_to(l->page, column);
    wd_page_name(l->page, WD_TINT_PLAIN, wd_buf_bytes(&phrase), room);
    wd_buf_put(wd_page_cell(l->page), wd_buf_bytes(&place));
    wd_page_right(l->page, WD_TINT_FAINT, l->right);
    wd_buf_free(&place);
    wd_buf_free(&phrase);
}

/* A sentence, wrapped beside its path; behind it the message, where the sentence does not name it, and the
 * place. */
static void put_sentence(struct list *l, const struct wd_finding *f, size_t column)
{
    struct wd_buf after = { 0 };
    if (f->path.len && f->message.len &&
        (!f->text.len || !memmem(f->text.at, f->text.len, f->message.at, f->message.len)))
        wd_put_name_fit(&after, f->message, MESSAGE_WIDEST);
    if (f->at.file && after.len)
        wd_buf_puts(&after, ", ");
    put_place(&after, l, f);
    wd_put_name(wd_page_cell(l->page), f->text);
    wd_page_to(l->page, column);
    wd_page_wrap(l->page, WD_TINT_PLAIN, column);
    if (after.len && l->page->column + 2 + wd_columns(wd_buf_bytes(&after)) > l->page->width) {
        wd_page_end(l->page);
        wd_page_to(l->page, column);
    } else
        wd_page_to(l->page, l->page->column + 2);
    wd_buf_put(wd_page_cell(l->page), wd_buf_bytes(&after));
    wd_page_left(l->page, WD_TINT_FAINT);
    wd_buf_free(&after);
}

static void put_each(struct list *l, const struct wd_finding *f, size_t end)
{
    uint64_t each = wd_finding_each(f);
    if (!each)
        return;
    struct wd_buf *cell = wd_page_cell(l->page);
    wd_put_count(cell, each);
    wd_buf_puts(cell, has_wire(l) ? "" : " B");
    wd_page_right(l->page, WD_TINT_PLAIN, end);
}

static void put_wire(struct list *l, const struct wd_finding *f)
{
    uint64_t bits = wd_finding_wire_bits(f);
    if (!has_wire(l) || !bits)
        return;
    wd_put_bits(wd_page_cell(l->page), bits, f->type->count);
    wd_page_right(l->page, WD_TINT_PLAIN, wire_end(l));
}

static void put_finding(struct list *l, const struct wd_finding *f)
{
    size_t message_at = PATH_AT + l->path + 2;
    wd_page_to(l->page, SEVERITY_AT);
    wd_page_put(l->page, wd_severity_tint(f->severity), short_severity[f->severity]);
    wd_page_to(l->page, PATH_AT);
    wd_page_name(l->page, WD_TINT_STRONG, path_shown(l, f), l->path);
    if (l->is_sentence)
        put_sentence(l, f, l->path ? message_at : PATH_AT);
    else {
        wd_page_to(l->page, message_at);
        wd_page_name(l->page, WD_TINT_PLAIN, f->message, l->message);
        put_each(l, f, each_end(l));
        put_wire(l, f);
        put_phrase(l, f, phrase_at(l));
    }
    wd_page_end(l->page);
}

static void put_group_title(struct list *l)
{
    struct wd_buf *cell = wd_page_cell(l->page);
    wd_buf_puts(cell, wd_group_title(l->audit, l->group));
    if (l->group == WD_GROUP_UNREAD && l->audit->usage && l->audit->usage->consumer_count) {
        wd_buf_puts(cell, " by ");
        put_names(cell, l->audit->usage, 3, " and ");
    }
    wd_page_to(l->page, 2);
    wd_page_left(l->page, WD_TINT_STRONG);
    uint64_t saves = l->is_sentence || l->group == WD_GROUP_PERSONAL_UNREAD || l->group == WD_GROUP_PERSONAL
                         ? 0 : wd_group_saves(l->audit, l->group);
    if (saves) {
        cell = wd_page_cell(l->page);
        wd_buf_puts(cell, "saves ");
        wd_put_size(cell, saves);
        wd_buf_puts(cell, ", ");
        wd_put_percent(cell, wd_share_of(saves, l->audit->summary.payload_bytes));
        if (has_wire(l)) {
            wd_buf_puts(cell, "; wire ");
            wd_put_size(cell, wd_group_saves_wire(l->audit, l->group));
        }
        wd_page_right(l->page, WD_TINT_STRONG, l->right);
    }
    wd_page_end(l->page);
}

static void put_group(struct list *l)
{
    size_t count = 0, limit = shown_at_most(l);
    for (size_t i = 0; i < l->audit->finding_count; i++) {
        const struct wd_finding *f = &l->audit->findings[i];
        if (!is_listed(l->audit, f, l->group))
            continue;
        if (count == 0)
            put_group_title(l);
        if (count++ < limit)
            put_finding(l, f);
    }
    if (count > limit) {
        wd_page_to(l->page, SEVERITY_AT);
        wd_page_putf(l->page, WD_TINT_FAINT, "... %zu more (--all)", count - limit);
        wd_page_end(l->page);
    }
    if (count)
        wd_page_end(l->page);
}

static bool has_phrases(const struct wd_audit *a)
{
    for (size_t i = 0; i < a->finding_count; i++)
        if (!is_sentence(wd_finding_group(a, &a->findings[i])))
            return true;
    return false;
}

/* What the columns of phrases are. */
static void put_columns(const struct list *l)
{
    if (!has_phrases(l->audit))
        return;
    wd_page_to(l->page, PATH_AT);
    wd_page_put(l->page, WD_TINT_FAINT, "field");
    if (l->message >= strlen("message")) {
        wd_page_to(l->page, PATH_AT + l->path + 2);
        wd_page_put(l->page, WD_TINT_FAINT, "message");
    }
    wd_buf_puts(wd_page_cell(l->page), "B/msg");
    wd_page_right(l->page, WD_TINT_FAINT, each_end(l));
    if (has_wire(l)) {
        wd_buf_puts(wd_page_cell(l->page), "wire");
        wd_page_right(l->page, WD_TINT_FAINT, wire_end(l));
    }
    if (l->audit->schema && phrase_at(l) < l->right) {
        wd_buf_puts(wd_page_cell(l->page), is_line_enough(l) ? "line" : "where");
        wd_page_right(l->page, WD_TINT_FAINT, l->right);
    }
    wd_page_end(l->page);
}

static void put_groups(struct wd_page *page, const struct wd_audit *a)
{
    struct list l = { .page = page, .audit = a };
    for (int g = 0; g < WD_GROUP_COUNT; g++) {
        l.group = (enum wd_group)g;
        if (g == 0 || is_sentence(l.group) != l.is_sentence)
            measure(&l, is_sentence(l.group));
        if (g == 0)
            put_columns(&l);
        put_group(&l);
    }
}

/* ---- the whole ---- */

static void put_nothing(struct wd_page *page, const struct wd_audit *a)
{
    const char *why =
        !a->profile ? "Nothing to report from the schema alone."
        : !a->profile->messages
            ? "Nothing to report, because there is no message in the traffic: wirediet profile says why."
        : a->unasked_count ? "Nothing to report from what could be asked."
                           : "Nothing to report: every field is read, changes, and is declared.";
    wd_page_prose(page, WD_TINT_STRONG, 2, why);
    wd_page_end(page);
}

void wd_text_audit(struct wd_buf *out, const struct wd_audit *audit, const struct wd_style *style)
{
    struct wd_page page = wd_page_open(out, style);
    put_heading(&page, audit);
    put_headline(&page, audit);
    if (style->verbosity >= 0)
        put_groups(&page, audit);
    if (audit->finding_count == 0)
        put_nothing(&page, audit);
    wd_text_audit_end(&page, audit);
    wd_page_close(&page);
}
