/* finding/type_mismatch.c - WD105. What was seen of a field against what is declared: types, constants,
 * presence. */
#include "finding/rules.h"
#include "finding/waste.h"
#include "model/path.h"

struct mismatch {
    struct wd_draft d;
    const struct wd_subject *subject;
    const struct wd_cell *cell;
    bool is_open;              /* something was found, the sentence has begun */
};

static struct wd_draft *begin(struct mismatch *m, struct wd_ask *ask)
{
    if (!m->is_open)
        wd_draft_open(&m->d, ask, &wd_rule_type_mismatch, m->subject, m->cell);
    else
        wd_buf_puts(&m->d.text, "; ");
    m->is_open = true;
    return &m->d;
}

static void say_types(struct wd_buf *out, uint32_t types)
{
    bool is_first = true;
    for (int t = 0; t < WD_TYPE_COUNT; t++) {
        bool is_implied = t == WD_TYPE_INTEGER && types & 1u << WD_TYPE_NUMBER;
        if (!(types & 1u << t) || is_implied)
            continue;
        wd_buf_printf(out, "%s%s", is_first ? "" : " or ", wd_type_names[t]);
        is_first = false;
    }
}

static void check_types(struct mismatch *m, struct wd_ask *ask)
{
    const struct wd_row *row = m->cell->row;
    uint32_t allowed = m->cell->field->types, seen = 0;
    uint64_t wrong = 0;
    if (allowed == 0)
        return;
    if (allowed & 1u << WD_TYPE_NUMBER)
        allowed |= 1u << WD_TYPE_INTEGER;
    for (int t = 0; t < WD_TYPE_COUNT; t++) {
        if (allowed & 1u << t || row->types[t] == 0)
            continue;
        seen |= 1u << t;
        wrong += row->types[t];
    }
    if (wrong == 0)
        return;
    struct wd_draft *d = begin(m, ask);
    wd_draft_count(d, "wrong_type", wrong);
    wd_draft_count(d, "occurrences", row->occurrences);
    wd_say_count(&d->text, wrong);
    wd_buf_puts(&d->text, " of ");
    wd_say_plural(&d->text, row->occurrences, "value", "values");
    wd_buf_puts(&d->text, wrong == 1 ? " is " : " are ");
    say_types(&d->text, seen);
    wd_buf_puts(&d->text, ", declared is ");
    say_types(&d->text, m->cell->field->types);
    if (m->cell->field->is_conditional)
        d->finding.confidence = 0.8;
}

/* Constants that were seen; false when the sketch cannot say. */
static bool count_allowed(const struct wd_row *row, const struct wd_schema_field *field, uint64_t *allowed)
{
    *allowed = 0;
    for (size_t i = 0; i < field->constant_count; i++) {
        int has = wd_sketch_has(row->sketch, wd_sketch_hash_json(field->constants[i].json));
        if (has < 0)
            return false;
        *allowed += (uint64_t)has;
    }
    return true;
}

/* More different values than declared ones among them: some are not declared. Which ones, nobody kept. */
static void check_constants(struct mismatch *m, struct wd_ask *ask)
{
    const struct wd_schema_field *field = m->cell->field;
    const struct wd_row *row = m->cell->row;
    uint64_t allowed, distinct;
    if (!(field->has_const || field->has_enum) || field->is_conditional || !row->sketch ||
        !wd_is_scalar(m->cell) || !wd_sketch_is_exact(row->sketch))
        return;
    distinct = wd_sketch_count(row->sketch);
    if (!count_allowed(row, field, &allowed) || distinct <= allowed)
        return;
    struct wd_draft *d = begin(m, ask);
    const char *what = field->has_const ? "const" : "enum";
    wd_draft_word(d, "contradicts", what);
    wd_draft_count(d, "undeclared_values", distinct - allowed);
    wd_say_plural(&d->text, distinct - allowed, "value", "values");
    wd_buf_printf(&d->text, " seen outside the declared %s", what);
}

static void check_presence(struct mismatch *m, struct wd_ask *ask)
{
    const struct wd_row *row = m->cell->row;
    const struct wd_row *parent =
        m->cell->parent == WD_NO_CELL ? NULL : m->subject->cells[m->cell->parent].row;
    if (!m->cell->field->is_required || m->cell->field->is_map || !parent ||
        wd_path_is_entry(m->cell->path) || row->occurrences >= parent->types[WD_TYPE_OBJECT])
        return;
    uint64_t objects = parent->types[WD_TYPE_OBJECT], missing = objects - row->occurrences;
    struct wd_draft *d = begin(m, ask);
    wd_draft_count(d, "missing", missing);
    wd_draft_count(d, "objects", objects);
    wd_buf_puts(&d->text, "required, but missing in ");
    wd_say_count(&d->text, missing);
    wd_buf_puts(&d->text, " of ");
    wd_say_plural(&d->text, objects, "object", "objects");
}

static void judge(struct wd_ask *ask, const struct wd_rule *rule, const struct wd_subject *s,
                  const struct wd_cell *cell)
{
    (void)rule;
    if (!cell->field)
        return;
    struct mismatch m = { .subject = s, .cell = cell };
    check_types(&m, ask);
    check_constants(&m, ask);
    check_presence(&m, ask);
    if (!m.is_open)
        return;
    m.d.text.at[0] =
        (uint8_t)(m.d.text.at[0] >= 'a' && m.d.text.at[0] <= 'z' ? m.d.text.at[0] - 0x20 : m.d.text.at[0]);
    wd_buf_puts(&m.d.text, ".");
    wd_buf_puts(&m.d.remedy, "Correct whichever is wrong: the sender, or the declaration.");
    wd_draft_send(&m.d);
}

static void check(struct wd_ask *ask)
{
    wd_ask_each_row(ask, &wd_rule_type_mismatch, judge);
}

const struct wd_rule wd_rule_type_mismatch = {
    .id = "WD105",
    .name = "type-mismatch",
    .title = "traffic disagrees with the schema",
    .severity = WD_ERROR,
    .needs = WD_NEEDS_SCHEMA | WD_NEEDS_PROFILE,
    .check = check,
    .asks = "The traffic contradicts the declaration: a value of another type, a value outside const or "
            "enum, or a required field that is missing.",
    .why = "A consumer generated from the schema fails on such a message, and so does every conclusion that "
           "is drawn from the schema, pruning included.",
    .measured = "Types are counted for each occurrence (1.0 is an integer, as in JSON Schema). Constants "
                "are compared by hash and only while all different values of the field are remembered, so a "
                "finding is certain, and none is no proof. No value is kept, so which value it was is not "
                "told. Fields that only some branches of oneOf or anyOf declare are judged by type alone.",
    .remedy = "Decide which of the two is right. wirediet decode shows one message; validating at the "
              "sender finds the rest.",
};
