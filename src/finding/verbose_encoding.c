/* finding/verbose_encoding.c - WD301. The same information in fewer bytes, field by field, and whitespace
 * by message. A field that goes or is sent once has no encoding worth discussing: it is passed over. */
#include <stdlib.h>

#include "finding/rules.h"
#include "finding/waste.h"

enum {
    KEPT_DIGITS = 6,     /* after the point: finer than most sensors and all screens */
    NEEDLESS_DIGITS = 8, /* on average, to be called needless */
    LONG_KEY = 16,       /* with quotes */
    SHORT_KEY = 8,       /* what a key of two or three letters costs, with its quotes and room to breathe */
    KEY_TO_VALUE = 4,    /* key bytes over value bytes: a clear margin */
    QUOTES = 2,
};
static const double LEAST_SHARE = 0.001;   /* of the message's bytes; less is not worth a line */
static const double MUCH_SPACE = 0.02;

/* One way to be verbose: what it is called, what it would save, what to say and to do. */
struct habit {
    const char *name;
    uint64_t (*saves)(const struct wd_row *row);
    const char *text, *remedy;
    bool is_estimated;
    bool is_of_json;           /* binary encodings write no digits and no quotes */
    void (*adds)(struct wd_draft *d, const struct wd_row *row);  /* facts and words of its own; NULL: none */
};

static bool all_are(const struct wd_row *row, enum wd_shape shape)
{
    return row->shape_values > 0 && row->shapes[shape] == row->shape_values &&
           row->types[WD_TYPE_STRING] == row->occurrences;
}

static uint64_t quoted_numbers(const struct wd_row *row)
{
    return all_are(row, WD_SHAPE_NUMERIC_STRING) ? row->occurrences * QUOTES : 0;
}

static uint64_t needless_digits(const struct wd_row *row)
{
    if (row->shape_values == 0 || row->types[WD_TYPE_NUMBER] + row->types[WD_TYPE_INTEGER] < row->occurrences)
        return 0;
    double digits = (double)row->digits / (double)row->shape_values;
    return digits >= NEEDLESS_DIGITS ? (uint64_t)((digits - KEPT_DIGITS) * (double)row->occurrences) : 0;
}

static uint64_t long_keys(const struct wd_row *row)
{
    uint64_t average = row->occurrences ? row->key_bytes / row->occurrences : 0;
    if (average < LONG_KEY || row->value_bytes == 0 || row->key_bytes / KEY_TO_VALUE < row->value_bytes)
        return 0;
    return row->key_bytes - row->occurrences * SHORT_KEY;
}

/* Four letters for three bytes: a binary message or a link would do. Digests and tokens are meant to be
 * text. */
static uint64_t base64_text(const struct wd_row *row)
{
    static const enum wd_shape text[] = { WD_SHAPE_HASH, WD_SHAPE_HEX,          WD_SHAPE_UUID,
                                          WD_SHAPE_JWT,  WD_SHAPE_VENDOR_TOKEN, WD_SHAPE_HIGH_ENTROPY };
    uint64_t average = row->occurrences ? row->value_bytes / row->occurrences : 0;
    if (!all_are(row, WD_SHAPE_BASE64))
        return 0;
    for (size_t i = 0; i < WD_COUNT(text); i++)
        if (row->shapes[text[i]] && average < 256)
            return 0;
    return average >= 64 ? row->value_bytes / 4 : 0;
}

/* Every value that was looked at held a document, as base64 or not: then so did the others, and wasted as
 * much. */
static uint64_t wasted_by_documents(const struct wd_row *row, bool is_base64)
{
    const struct wd_nested *n = row->nested;
    if (!n || n->values != row->shape_values || n->base64 != (is_base64 ? n->values : 0) || !n->bytes ||
        row->types[WD_TYPE_STRING] != row->occurrences)
        return 0;
    return (uint64_t)((double)n->waste_bytes / (double)n->bytes * (double)row->value_bytes + 0.5);
}

static uint64_t json_in_string(const struct wd_row *row)
{
    uint64_t wasted = wasted_by_documents(row, false);
    return wasted || row->nested ? wasted : all_are(row, WD_SHAPE_JSON_TEXT) ? row->occurrences * QUOTES : 0;
}

static uint64_t document_as_base64(const struct wd_row *row)
{
    return wasted_by_documents(row, true);
}

/* --- what single habits add to their finding --- */

static void add_digits(struct wd_draft *d, const struct wd_row *row)
{
    wd_draft_count(d, "digits", row->digits / row->shape_values);
}

static int by_cost(const void *a, const void *b)
{
    const struct wd_nested_member *x = *(const struct wd_nested_member *const *)a,
                                  *y = *(const struct wd_nested_member *const *)b;
    return x->bytes != y->bytes ? (x->bytes < y->bytes) - (x->bytes > y->bytes)
                                : wd_bytes_cmp(wd_nested_path(x), wd_nested_path(y));
}

/* The paths of the members, the most expensive first. */
static const struct wd_bytes *members_by_cost(const struct wd_nested *n, struct wd_arena *arena)
{
    const struct wd_nested_member *order[WD_NESTED_MEMBERS];
    struct wd_bytes *paths = wd_arena_array(arena, struct wd_bytes, n->member_count);
    for (size_t i = 0; i < n->member_count; i++)
        order[i] = &n->members[i];
    qsort(order, n->member_count, sizeof *order, by_cost);
    for (size_t i = 0; i < n->member_count; i++)
        paths[i] = wd_nested_path(order[i]);
    return paths;
}

static void add_document(struct wd_draft *d, const struct wd_row *row)
{
    const struct wd_nested *n = row->nested;
    if (!n)
        return;
    const struct wd_bytes *members = members_by_cost(n, d->ask->audit->arena);
    wd_draft_word(d, "document", n->codec);
    wd_draft_count(d, "looked_at", n->values);
    wd_draft_count(d, "wasted_of_those", n->waste_bytes);
    wd_draft_list(d, "members", members, n->member_count);
    if (!n->member_count)
        return;
    wd_buf_puts(&d->text, " (");
    wd_say_plural(&d->text, n->member_count, "member", "members");
    wd_buf_puts(&d->text, ": ");
    wd_say_names(&d->text, members, n->member_count, " and ");
    wd_buf_puts(&d->text, ")");
}

/* The one that saves most is the finding. */
static const struct habit habits[] = {
    { "number-as-string", quoted_numbers, "A number in quotes in each of the messages",
      "Send it as a JSON number.", false, true, NULL },
    { "needless-precision", needless_digits, "More digits after the point than anyone can use",
      "Round it before it is sent.", true, true, add_digits },
    { "long-key", long_keys, "The key is several times as long as the value",
      "Shorten the key, or send the values as an array whose order the schema states.", true, false, NULL },
    { "base64", base64_text, "Binary data as base64, a third larger than it is",
      "Send it in a binary message, or a link to it.", true, false, NULL },
    { "base64-document", document_as_base64, "A document as base64, a third larger than it is",
      "Send the object itself, or a binary message.", true, false, add_document },
    { "json-in-string", json_in_string, "JSON inside a string, quoted and escaped",
      "Send the object itself.", true, true, add_document },
};

static void report(struct wd_ask *ask, const struct wd_subject *s, const struct wd_cell *cell,
                   const struct habit *habit, uint64_t saves)
{
    const struct wd_row *row = cell->row;
    struct wd_draft d;
    wd_draft_open(&d, ask, &wd_rule_verbose_encoding, s, cell);
    d.finding.confidence = (habit->is_estimated ? 0.9 : 1.0) * wd_sureness(row->occurrences);
    d.finding.saves_bytes = saves;
    wd_draft_word(&d, "encoding", habit->name);
    wd_draft_count(&d, "occurrences", row->occurrences);
    wd_draft_count(&d, "key_bytes", row->key_bytes);
    wd_draft_count(&d, "value_bytes", row->value_bytes);
    if (habit->is_estimated)
        wd_draft_word(&d, "saving", "estimated");
    wd_buf_puts(&d.text, habit->text);
    if (habit->adds)
        habit->adds(&d, row);
    wd_buf_printf(&d.text, "; a shorter notation saves %s", habit->is_estimated ? "about " : "");
    wd_say_cost(&d.text, ask->audit, saves);
    wd_buf_puts(&d.text, ".");
    wd_buf_puts(&d.remedy, habit->remedy);
    wd_draft_send(&d);
}

static void judge(struct wd_ask *ask, const struct wd_rule *rule, const struct wd_subject *s,
                  const struct wd_cell *cell)
{
    (void)rule;
    const struct habit *worst = NULL;
    uint64_t most = 0;
    bool is_json = s->type->codec && strcmp(s->type->codec, "json") == 0;
    for (size_t i = 0; i < WD_COUNT(habits); i++) {
        uint64_t saves = habits[i].saves(cell->row);
        if (saves <= most || (habits[i].is_of_json && !is_json))
            continue;
        worst = &habits[i];
        most = saves;
    }
    if (worst && !wd_is_personal(ask->audit, s, cell) && wd_share(most, s->type->payload_bytes) >= LEAST_SHARE &&
        !wd_is_moot(ask->audit, s, cell))
        report(ask, s, cell, worst, most);
}

static void ask_space(struct wd_ask *ask, const struct wd_subject *s)
{
    uint64_t space = 0;
    for (size_t i = 0; i < s->cell_count; i++)
        space += s->cells[i].row ? s->cells[i].row->space_bytes : 0;
    if (wd_share(space, s->type->payload_bytes) < MUCH_SPACE)
        return;
    struct wd_draft d;
    wd_draft_open(&d, ask, &wd_rule_verbose_encoding, s, NULL);
    d.finding.saves_bytes = space;
    wd_draft_word(&d, "encoding", "whitespace");
    wd_draft_count(&d, "whitespace_bytes", space);
    wd_draft_share(&d, "whitespace_share", wd_share(space, s->type->payload_bytes));
    wd_say_share(&d.text, wd_share(space, s->type->payload_bytes));
    wd_buf_puts(&d.text, " of its bytes are blanks between the tokens: ");
    wd_say_cost(&d.text, ask->audit, space);
    wd_buf_puts(&d.text, ".");
    wd_buf_puts(&d.remedy, "Let the encoder write without indentation.");
    wd_draft_send(&d);
}

static void check(struct wd_ask *ask)
{
    const struct wd_subjects *subjects = wd_ask_subjects(ask);
    wd_ask_each_row(ask, &wd_rule_verbose_encoding, judge);
    for (size_t i = 0; i < subjects->count; i++)
        if (subjects->at[i].type && subjects->at[i].type->payload_bytes)
            ask_space(ask, &subjects->at[i]);
}

const struct wd_rule wd_rule_verbose_encoding = {
    .id = "WD301",
    .name = "verbose-encoding",
    .title = "the same in fewer bytes",
    .severity = WD_NOTE,
    .needs = WD_NEEDS_PROFILE,
    .check = check,
    .asks = "The value could say the same in fewer bytes: a number in quotes, digits that nobody can use, a "
            "key several times as long as its value, base64, a document inside a string, blanks between "
            "the tokens.",
    .why = "Such bytes carry nothing. Long digits also change in every message, so neither deltas nor "
           "compression help against them.",
    .measured = "From the shapes that values satisfied (all of those tried must agree), the digits after "
                "the point (8 or more on average), the bytes of keys and values, and the blanks. Documents in "
                "strings (JSON, or base64 of JSON or of a binary encoding) are walked one level: their members "
                "are named, and what quotes, escapes and base64 waste is counted on the values looked at and "
                "reckoned for the rest. Quotes and "
                "blanks are counted, other savings reckoned. Numbers that a double could not hold, and "
                "fields that look personal, are passed over, and so is what goes or is sent once anyway, or "
                "would save less than 0.1 % of its message.",
    .remedy = "Send numbers as numbers, rounded to what is shown; give keys that are short and still say "
              "what they mean; send binary data in binary messages; write JSON without indentation. "
              "Compression narrows the gap, at the price of memory per connection.",
};
