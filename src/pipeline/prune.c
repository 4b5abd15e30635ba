/* pipeline/prune.c - what may go: fields that findings point at, less what has to stay.
 *
 *     findings of the rules -> marked -> less what is read, what tells things apart, what is suppressed
 *     then, until nothing changes:  less what else depends on a target, or shares its text
 *                                   plus containers that are left empty
 *
 * What was kept once is never marked again, so this ends.
 */
#include "pipeline/prune.h"

#include "finding/suppress.h"
#include "pipeline/planner.h"

/* ---- from findings to fields ---- */

static bool acts_on(const struct wd_planner *p, const struct wd_rule *rule)
{
    for (size_t i = 0; i < p->rule_count; i++)
        if (strcmp(p->rules[i], rule->id) == 0)
            return true;
    return false;
}

/* A finding about traffic names what describes that; else it names a message, which the schema can declare on
 * several channels. */
static bool is_about(const struct wd_planner *p, const struct wd_finding *f,
                     const struct wd_schema_message *m)
{
    if (f->type && p->audit->bindings && p->audit->profile)
        return p->audit->bindings[f->type - p->audit->profile->types].message == m;
    bool is_channel = !f->channel.len || !m->channel.len || wd_bytes_eq(f->channel, m->channel);
    bool is_direction = f->direction < 0 || !m->directions || (m->directions & 1u << f->direction);
    return wd_bytes_eq(f->message, m->name) && is_channel && is_direction;
}

static void mark_fields(struct wd_planner *p, size_t m, const struct wd_finding *finding)
{
    const struct wd_schema_message *message = &p->schema->messages[m];
    struct wd_bytes top = finding->field ? finding->field->path : finding->path;
    for (size_t f = 0; f < message->field_count; f++) {
        struct wd_place_plan *place = &p->places[m][f];
        if (wd_bytes_is(message->fields[f].path, ".") || !wd_planner_is_below(message->fields[f].path, top) ||
            place->goes)
            continue;
        place->goes = true;
        place->reason = finding;
    }
}

/* A message goes when no consumer takes it, whatever else is said about it. */
static void mark_message(struct wd_planner *p, size_t m, const struct wd_finding *finding)
{
    for (size_t i = 0; i < p->subjects.count; i++)
        if (p->subjects.at[i].message == &p->schema->messages[m] && !p->subjects.at[i].is_unread)
            return;
    p->message_goes[m] = true;
    p->message_reasons[m] = finding;
}

static void mark_findings(struct wd_planner *p)
{
    for (size_t i = 0; i < p->audit->finding_count; i++) {
        const struct wd_finding *finding = &p->audit->findings[i];
        for (size_t m = 0; m < p->schema->message_count && acts_on(p, finding->rule); m++) {
            if (!is_about(p, finding, &p->schema->messages[m]))
                continue;
            if (finding->path.len)
                mark_fields(p, m, finding);
            else
                mark_message(p, m, finding);
        }
    }
}

static void keep_by_itself(struct wd_planner *p)
{
    for (size_t m = 0; m < p->schema->message_count; m++) {
        if (p->message_goes[m] && wd_planner_is_suppressed(p, m, wd_bytes_of("")))
            wd_planner_keep_message(p, m, wd_bytes_of("suppressed in the configuration"));
        for (size_t f = 0; f < p->schema->messages[m].field_count; f++) {
            struct wd_bytes why = p->places[m][f].goes ? wd_planner_why(p, m, f) : wd_bytes_of("");
            if (why.len)
                wd_planner_keep_field(p, m, f, why);
        }
    }
}

/* ---- the plan ---- */

/* A cell of the target: declared in it, or below something that is. */
static bool is_of_target(const struct wd_subject *s, const struct wd_edit_target *t, size_t c,
                         const bool *goes)
{
    const struct wd_cell *cell = &s->cells[c];
    if (!t->field || (cell->parent != WD_NO_CELL && goes[cell->parent]))
        return true;
    return cell->field && wd_planner_is_below(cell->field->path, t->field->path);
}

static void weigh(struct wd_planner *p, const struct wd_subject *s, const struct wd_edit_target *t,
                  struct wd_prune_detail *detail)
{
    bool *goes = wd_arena_array(p->arena, bool, s->cell_count);
    detail->messages += s->type ? s->type->count : 0;
    for (size_t c = 0; c < s->cell_count; c++) {
        goes[c] = is_of_target(s, t, c, goes);
        detail->bytes += goes[c] && s->cells[c].row ? wd_row_bytes(s->cells[c].row) : 0;
    }
}

/* Nothing is declared below it. Paths are sorted: what is below begins alike, though others may, too. */
static bool is_leaf(const struct wd_schema_message *m, size_t f)
{
    struct wd_bytes path = m->fields[f].path;
    for (size_t next = f + 1; next < m->field_count; next++) {
        struct wd_bytes other = m->fields[next].path;
        if (other.len < path.len || memcmp(other.at, path.at, path.len) != 0)
            break;
        if (wd_planner_is_below(other, path))
            return false;
    }
    return true;
}

static void note_privacy(const struct wd_planner *p, const struct wd_edit_target *t,
                         struct wd_prune_detail *detail)
{
    for (size_t i = 0; i < p->audit->finding_count; i++) {
        const struct wd_finding *f = &p->audit->findings[i];
        bool is_personal = strcmp(f->rule->id, "WD401") == 0,
             is_credential = strcmp(f->rule->id, "WD402") == 0;
        if ((!is_personal && !is_credential) || !f->field || !is_about(p, f, t->message) ||
            (t->field && !wd_planner_is_below(f->field->path, t->field->path)))
            continue;
        detail->is_personal |= is_personal;
        detail->is_credential |= is_credential;
    }
}

static struct wd_prune_detail describe(struct wd_planner *p, const struct wd_edit_target *t)
{
    size_t m = (size_t)(t->message - p->schema->messages);
    struct wd_prune_detail detail = {.reason = t->field ? p->places[m][t->field - t->message->fields].reason
                                                        : p->message_reasons[m]};
    for (size_t f = 1; f < t->message->field_count; f++)
        detail.fields += is_leaf(t->message, f) &&
                         (!t->field || wd_planner_is_below(t->message->fields[f].path, t->field->path));
    for (size_t i = 0; i < p->subjects.count; i++)
        if (p->subjects.at[i].message == t->message)
            weigh(p, &p->subjects.at[i], t, &detail);
    note_privacy(p, t, &detail);
    return detail;
}

static void fill_plan(struct wd_planner *p, struct wd_prune_plan *plan)
{
    plan->targets = p->targets;
    plan->target_count = p->target_count;
    plan->details = wd_arena_array(p->arena, struct wd_prune_detail, p->target_count);
    for (size_t i = 0; i < p->target_count; i++) {
        plan->details[i] = describe(p, &p->targets[i]);
        plan->field_count += plan->details[i].fields;
        plan->saves_bytes += plan->details[i].bytes;
    }
    plan->kept_count = p->kept_count;
    plan->kept = wd_arena_array(p->arena, struct wd_kept, p->kept_count);
    if (p->kept_count)
        memcpy(plan->kept, p->kept, p->kept_count * sizeof *p->kept);
}

static const struct wd_fact *fact_of(const struct wd_finding *f, const char *key)
{
    for (size_t i = 0; i < f->fact_count; i++)
        if (strcmp(f->facts[i].key, key) == 0)
            return &f->facts[i];
    return NULL;
}

/* In fewer words than the finding's own: "wall may read it (wall.js:31)". */
static struct wd_bytes say_unknown(const struct wd_planner *p, const struct wd_finding *f)
{
    static const struct {
        const char *reason, *words;
    } said[] = {
        {"escape", " may read it"},
        {"incomplete", " may read more than its usage file lists"},
        {"silent", " may read it: its usage file lists no message"},
        {"no-receiver", "no declared consumer receives what goes that way"},
        {"unnamed", "no consumer could know it by its name"},
    };
    const struct wd_fact *reason = fact_of(f, "reason"), *consumer = fact_of(f, "consumer");
    const struct wd_fact *where = fact_of(f, "where");
    struct wd_bytes name = consumer ? consumer->text : wd_bytes_of("");
    for (size_t i = 0; reason && i < WD_COUNT(said); i++) {
        if (strcmp(reason->word, said[i].reason) != 0)
            continue;
        struct wd_bytes at = where ? where->text : wd_bytes_of("");
        return wd_arena_printf(p->arena, "%.*s%s%s%.*s%s", (int)name.len, (const char *)name.at,
                               said[i].words, at.len ? " (" : "", (int)at.len, (const char *)at.at,
                               at.len ? ")" : "");
    }
    return f->text;
}

/* Unknown use keeps a field: which consumer, and where. */
static void note_unknown(struct wd_planner *p)
{
    for (size_t i = 0; i < p->audit->finding_count; i++) {
        const struct wd_finding *f = &p->audit->findings[i];
        const struct wd_fact *fields = fact_of(f, "fields");
        size_t before = p->kept_count;
        if (strcmp(f->rule->id, "WD107") != 0 || !f->at.file) /* nowhere: the schema does not describe it */
            continue;
        wd_planner_note(p, f->message, f->path, say_unknown(p, f));
        if (p->kept_count > before && fields)
            p->kept[before].fields = fields->count;
    }
}

/* What a rule would remove, were it not for the configuration. */
static void note_suppressed(struct wd_planner *p)
{
    for (size_t i = 0; i < p->audit->suppressed_count; i++) {
        const struct wd_finding *f = &p->audit->suppressed[i];
        if (acts_on(p, f->rule) && (f->field || !f->path.len))
            wd_planner_note(p, f->message, f->path, wd_bytes_of("suppressed in the configuration"));
    }
}

static bool is_anything_left(const struct wd_planner *p)
{
    size_t left = 0;
    for (size_t m = 0; m < p->schema->message_count; m++)
        left += !p->message_goes[m];
    return left > 0 || !p->schema->message_count;
}

static void open_planner(struct wd_planner *p)
{
    size_t messages = p->schema->message_count, most = messages;
    p->today = wd_today_days();
    p->ties = wd_ties_open(p->schema);
    p->places = wd_arena_array(p->arena, struct wd_place_plan *, messages);
    p->message_goes = wd_arena_array(p->arena, bool, messages);
    p->message_reasons = wd_arena_array(p->arena, const struct wd_finding *, messages);
    for (size_t m = 0; m < messages; m++) {
        p->places[m] = wd_arena_array(p->arena, struct wd_place_plan, p->schema->messages[m].field_count);
        most += p->schema->messages[m].field_count;
    }
    p->targets = wd_arena_array(p->arena, struct wd_edit_target, most);
}

static int make_plan(struct wd_planner *p, struct wd_prune_plan *out, struct wd_err *err)
{
    wd_planner_gather(p);
    mark_findings(p);
    if (!is_anything_left(p))
        return wd_fail(
            err, WD_EUSAGE, (struct wd_place){.file = p->schema->documents[0]->name},
            "no consumer takes any message of it, so nothing would be left; check the usage files");
    note_suppressed(p);
    note_unknown(p);
    keep_by_itself(p);
    wd_planner_settle(p);
    *out = (struct wd_prune_plan){0};
    fill_plan(p, out);
    return WD_OK;
}

int wd_prune_plan(const struct wd_audit *audit, const char *const *rules, size_t rule_count,
                  enum wd_edit_stage stage, struct wd_arena *arena, struct wd_prune_plan *out, struct wd_err *err)
{
    if (!audit->schema)
        return wd_fail(err, WD_EUSAGE, (struct wd_place){0}, "prune needs a schema; name it with -s");
    if (!audit->usage || !audit->usage->consumer_count)
        return wd_fail(err, WD_EUSAGE, (struct wd_place){0},
                       "prune needs to know every consumer; name their usage files with -u "
                       "(unknown is never unused)");
    struct wd_planner p = {
        .audit = audit,
        .schema = audit->schema,
        .stage = stage,
        .arena = arena,
        .rules = rules,
        .rule_count = rule_count,
    };
    open_planner(&p);
    int rc = make_plan(&p, out, err);
    wd_ties_close(p.ties);
    wd_free(p.kept);
    return rc;
}
