#include "finding/rules.h"
#include "finding/waste.h"

/* Two equal constants are no more related than two clocks that have stopped: the value must have moved
 * twice. */
enum { LEAST_EVIDENCE = 2 };
static const double NOT_SURE = 0.7;   /* below: a note */

/* How many chances to differ the field had. */
static uint64_t evidence_of(const struct wd_row *row)
{
    uint64_t others = row->distinct ? row->distinct - 1 : 0;
    return row->changed > others ? row->changed : others;
}

static const struct wd_cell *find_cell(const struct wd_subject *s, struct wd_bytes path)
{
    for (size_t i = 0; i < s->cell_count; i++)
        if (s->cells[i].row && wd_bytes_eq(s->cells[i].path, path))
            return &s->cells[i];
    return NULL;
}

static int by_declaration(const struct wd_cell *a, const struct wd_cell *b)
{
    bool has_a = a->field && a->field->decl_count, has_b = b->field && b->field->decl_count;
    if (has_a != has_b)
        return has_a ? -1 : 1;
    if (has_a) {
        const struct wd_place *x = &a->field->decls[0].at, *y = &b->field->decls[0].at;
        int c = strcmp(x->file ? x->file : "", y->file ? y->file : "");
        if (c || x->line != y->line || x->column != y->column)
            return c                    ? c
                   : x->line != y->line ? (x->line < y->line ? -1 : 1)
                                        : (x->column < y->column ? -1 : 1);
    }
    return wd_bytes_cmp(a->path, b->path);
}

/* Negative when `a` is the one to keep: what tells messages or entities apart, then what is read, then
 * what was declared first. */
static int by_merit(const struct wd_cell *a, const struct wd_cell *b)
{
    bool is_role_a = a->is_discriminator || a->is_entity_key,
         is_role_b = b->is_discriminator || b->is_entity_key;
    if (is_role_a != is_role_b)
        return is_role_a ? -1 : 1;
    if (a->use != b->use)
        return a->use > b->use ? -1 : 1;
    return by_declaration(a, b);
}

/* The equal field that makes this one superfluous, or NULL. It must be there whenever this one is. */
static const struct wd_cell *find_kept(const struct wd_subject *s, const struct wd_cell *cell)
{
    const struct wd_cell *kept = NULL;
    for (size_t i = 0; i < cell->row->equals_count; i++) {
        const struct wd_cell *other = find_cell(s, cell->row->equals[i]);
        if (other && other->row->present >= cell->row->present && by_merit(other, cell) < 0 &&
            (!kept || by_merit(other, kept) < 0))
            kept = other;
    }
    return kept;
}

static void judge(struct wd_ask *ask, const struct wd_rule *rule, const struct wd_subject *s,
                  const struct wd_cell *cell)
{
    if (!wd_is_compared(ask->audit, s, cell) || cell->is_discriminator || cell->is_entity_key ||
        evidence_of(cell->row) < LEAST_EVIDENCE)
        return;
    const struct wd_cell *kept = find_kept(s, cell);
    if (!kept)
        return;
    struct wd_draft d;
    wd_draft_open(&d, ask, rule, s, cell);
    d.finding.confidence = wd_sureness(evidence_of(cell->row));
    bool is_note = cell->use == WD_USE_USED || d.finding.confidence < NOT_SURE;
    d.finding.severity = is_note ? WD_NOTE : rule->severity;
    d.finding.saves_bytes = cell->tree_bytes;
    wd_draft_text(&d, "equals", kept->path);
    wd_draft_count(&d, "present", cell->row->present);
    wd_draft_count(&d, "changed", cell->row->changed);
    wd_draft_count(&d, "bytes", cell->tree_bytes);
    wd_buf_puts(&d.text, "Equal to ");
    wd_buf_put(&d.text, kept->path);
    wd_buf_puts(&d.text, " in each of ");
    wd_say_plural(&d.text, cell->row->present, "message", "messages");
    bool has_changed = cell->row->changed >= evidence_of(cell->row);
    wd_buf_puts(&d.text, has_changed ? ", through " : ", with ");
    wd_say_plural(&d.text, has_changed ? cell->row->changed : cell->row->distinct,
                  has_changed ? "change" : "value", has_changed ? "changes" : "different values");
    wd_buf_puts(&d.text, ": ");
    wd_say_cost(&d.text, ask->audit, cell->tree_bytes);
    wd_buf_puts(&d.text, ".");
    wd_buf_puts(&d.remedy, cell->use == WD_USE_USED ? "Let its consumers read " : "Keep only ");
    wd_buf_put(&d.remedy, kept->path);
    wd_buf_puts(&d.remedy, cell->use == WD_USE_USED ? " instead, then stop sending it." : ".");
    wd_draft_send(&d);
}

static void check(struct wd_ask *ask)
{
    wd_ask_each_compared(ask, &wd_rule_duplicate_field, judge);
}

const struct wd_rule wd_rule_duplicate_field = {
    .id = "WD207",
    .name = "duplicate-field",
    .title = "equals another field",
    .severity = WD_WARNING,
    .needs = WD_NEEDS_PROFILE,
    .check = check,
    .asks = "The field had the same value as another field of the message in every message that has both.",
    .why = "One fact is paid for twice, and one day the two will disagree.",
    .measured = "Values are compared in each message, by meaning. Two constants that are equal prove "
                "nothing, so the value must have changed at least twice; confidence is n/(n+3) for n "
                "changes. Of equal fields the one is kept that is read, else the one that is declared "
                "first; the finding names the other.",
    .remedy = "Keep one. Where both are read, move the consumers of the second first.",
};
