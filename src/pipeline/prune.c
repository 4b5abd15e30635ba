/* pipeline/prune.c - what may go: fields that findings point at, less what has to stay.
 *
 *     findings of the rules -> marked -> less what is read, what tells things apart, what is suppressed
 *     then, until nothing changes:  less what else depends on a target, or shares its text
 *                                   plus containers that are left empty
 *
 * What was kept once is never marked again, so this ends.
 */
#include "pipeline/prune.h"

#include "base/map.h"
#include "finding/audit.h"
#include "finding/subject.h"
#include "finding/suppress.h"
#include "model/path.h"
#include "schema/ties.h"

/* One declared field. */
struct place {
    bool goes, is_kept, is_asked;    /* is_asked: nothing in its object depends on it */
    const struct wd_finding *reason; /* NULL: left empty */
    enum wd_use use;                 /* over all consumers, channels and keys of maps */
    bool is_discriminator, is_entity_key;
};

struct planner {
    const struct wd_audit *audit;
    const struct wd_schema *schema;
    struct wd_arena *arena;
    const char *const *rules;
    size_t rule_count;
    int64_t today;
    struct wd_ties *ties;
    struct wd_subjects subjects;
    struct place **places; /* [message][field] */
    bool *message_goes;
    const struct wd_finding **message_reasons;
    struct wd_edit_target *targets; /* the topmost that go, as of now */
    size_t target_count;
    struct wd_kept *kept;
    size_t kept_count, kept_cap;
};

/* By their exact steps: {} is a step of its own here, not any member. */
static bool is_below(struct wd_bytes path, struct wd_bytes top)
{
    if (wd_bytes_is(top, "."))
        return true;
    return path.len >= top.len && memcmp(path.at, top.at, top.len) == 0 &&
           (path.len == top.len || memchr(".[{", path.at[top.len], 3));
}

static struct wd_bytes path_of(const struct planner *p, size_t m, size_t f)
{
    return p->schema->messages[m].fields[f].path;
}

/* ---- what stays, and why ---- */

static void note_kept(struct planner *p, struct wd_bytes message, struct wd_bytes path, struct wd_bytes why)
{
    for (size_t i = 0; i < p->kept_count; i++) {
        const struct wd_kept *k = &p->kept[i];
        bool is_covered = path.len ? k->path.len && is_below(path, k->path) : !k->path.len;
        if (is_covered && wd_bytes_eq(k->message, message) && wd_bytes_eq(k->why, why))
            return;
    }
    WD_GROW(p->kept, p->kept_count, p->kept_cap);
    p->kept[p->kept_count++] = (struct wd_kept){message, path, why};
}

/* The field stays, and so does what holds it; what is below may still go. */
static void keep_field(struct planner *p, size_t m, size_t field, struct wd_bytes why)
{
    const struct wd_schema_message *message = &p->schema->messages[m];
    for (size_t f = 0; f < message->field_count; f++) {
        if (!is_below(path_of(p, m, field), path_of(p, m, f)))
            continue;
        p->places[m][f].goes = false;
        p->places[m][f].is_kept = true;
    }
    if (why.len)
        note_kept(p, message->name, message->fields[field].path, why);
}

static void keep_message(struct planner *p, size_t m, struct wd_bytes why)
{
    p->message_goes[m] = false;
    note_kept(p, p->schema->messages[m].name, wd_bytes_of(""), why);
}

/* ---- evidence: use, and what tells messages and entities apart ---- */

static void raise_use(struct place *place, enum wd_use use)
{
    if (use > place->use)
        place->use = use;
}

static enum wd_direction direction_of(const struct wd_subject *s)
{
    return s->direction < 0 ? WD_DIRECTION_COUNT : (enum wd_direction)s->direction;
}

static bool is_entity_of(const struct wd_config *config, struct wd_bytes message, struct wd_bytes path)
{
    for (size_t i = 0; config && i < config->entity_count; i++)
        if (wd_bytes_eq(config->entities[i].message, message) && wd_path_meets(config->entities[i].key, path))
            return true;
    return false;
}

static bool is_naming(const struct wd_config *config, struct wd_bytes channel, struct wd_bytes path)
{
    for (size_t i = 0; config && i < config->message_count; i++) {
        const struct wd_config_message *c = &config->messages[i];
        bool is_channel = !c->channel.len || !channel.len || wd_bytes_eq(c->channel, channel);
        if (c->field.len && is_channel && wd_path_meets(c->field, path))
            return true;
    }
    return false;
}

/* The declared paths, as consumers would name them: also those that no traffic showed. */
static void ask_declared(struct planner *p, const struct wd_subject *s, size_t m)
{
    const struct wd_usage *usage = p->audit->usage;
    for (size_t f = 0; f < p->schema->messages[m].field_count; f++) {
        struct wd_bytes path = path_of(p, m, f);
        struct place *place = &p->places[m][f];
        raise_use(place, !s->is_received ? WD_USE_UNKNOWN
                                         : wd_usage_all(usage, s->name, s->channel, direction_of(s), path));
        place->is_entity_key |= is_entity_of(p->audit->config, s->name, path);
        place->is_discriminator |= is_naming(p->audit->config, s->channel, path);
    }
}

static void ask_cells(struct planner *p, const struct wd_subject *s, size_t m)
{
    for (size_t c = 0; c < s->cell_count; c++) {
        const struct wd_cell *cell = &s->cells[c];
        if (!cell->field)
            continue;
        struct place *place = &p->places[m][cell->field - p->schema->messages[m].fields];
        raise_use(place, cell->use);
        place->is_discriminator |= cell->is_discriminator;
        place->is_entity_key |= cell->is_entity_key;
    }
}

static bool keeps_nothing(void *ctx, const struct wd_subject *s, struct wd_bytes path)
{
    (void)ctx;
    (void)s;
    (void)path;
    return false;
}

static void gather_evidence(struct planner *p)
{
    struct wd_audit audit = *p->audit;
    audit.arena = p->arena;
    wd_subjects_gather(&audit, keeps_nothing, NULL, &p->subjects);
    for (size_t i = 0; i < p->subjects.count; i++) {
        const struct wd_subject *s = &p->subjects.at[i];
        if (!s->message)
            continue;
        size_t m = (size_t)(s->message - p->schema->messages);
        ask_declared(p, s, m);
        ask_cells(p, s, m);
    }
}

/* ---- from findings to fields ---- */

static bool acts_on(const struct planner *p, const struct wd_rule *rule)
{
    for (size_t i = 0; i < p->rule_count; i++)
        if (strcmp(p->rules[i], rule->id) == 0)
            return true;
    return false;
}

/* A finding about traffic names what describes that; else it names a message, which the schema can declare on
 * several channels. */
static bool is_about(const struct planner *p, const struct wd_finding *f, const struct wd_schema_message *m)
{
    if (f->type && p->audit->bindings && p->audit->profile)
        return p->audit->bindings[f->type - p->audit->profile->types].message == m;
    bool is_channel = !f->channel.len || !m->channel.len || wd_bytes_eq(f->channel, m->channel);
    bool is_direction = f->direction < 0 || !m->directions || (m->directions & 1u << f->direction);
    return wd_bytes_eq(f->message, m->name) && is_channel && is_direction;
}

static void mark_fields(struct planner *p, size_t m, const struct wd_finding *finding)
{
    const struct wd_schema_message *message = &p->schema->messages[m];
    struct wd_bytes top = finding->field ? finding->field->path : finding->path;
    for (size_t f = 0; f < message->field_count; f++) {
        struct place *place = &p->places[m][f];
        if (wd_bytes_is(message->fields[f].path, ".") || !is_below(message->fields[f].path, top) ||
            place->goes)
            continue;
        place->goes = true;
        place->reason = finding;
    }
}

/* A message goes when no consumer takes it, whatever else is said about it. */
static void mark_message(struct planner *p, size_t m, const struct wd_finding *finding)
{
    for (size_t i = 0; i < p->subjects.count; i++)
        if (p->subjects.at[i].message == &p->schema->messages[m] && !p->subjects.at[i].is_unread)
            return;
    p->message_goes[m] = true;
    p->message_reasons[m] = finding;
}

static void mark_findings(struct planner *p)
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

/* ---- what each field says for itself ---- */

static bool is_suppressed(const struct planner *p, size_t m, struct wd_bytes path)
{
    for (size_t i = 0; i < p->rule_count; i++) {
        const struct wd_rule *rule = wd_rule_find(wd_bytes_of(p->rules[i]));
        if (rule && wd_is_suppressed(p->audit->config, p->today, rule, p->schema->messages[m].name, path))
            return true;
    }
    return false;
}

/* The first consumer that reads, or may read, the path: "wall may read it (wall.js:31)". */
static struct wd_bytes say_use(const struct planner *p, const struct wd_schema_message *m,
                               struct wd_bytes path, enum wd_use use)
{
    for (size_t i = 0; i < p->audit->usage->consumer_count; i++) {
        const struct wd_consumer *consumer = &p->audit->usage->consumers[i];
        struct wd_bytes where, name = consumer->name;
        if (wd_usage_of(consumer, m->name, m->channel, WD_DIRECTION_COUNT, path, &where) != use)
            continue;
        const char *verb = use == WD_USE_USED ? "reads it" : "may read it";
        return where.len ? wd_arena_printf(p->arena, "%.*s %s (%.*s)", (int)name.len, (const char *)name.at,
                                           verb, (int)where.len, (const char *)where.at)
                         : wd_arena_printf(p->arena, "%.*s %s", (int)name.len, (const char *)name.at, verb);
    }
    return wd_bytes_of(use == WD_USE_USED ? "a consumer reads it" : "who reads it is not known");
}

static struct wd_bytes why_it_stays(struct planner *p, size_t m, size_t f)
{
    const struct wd_schema_message *message = &p->schema->messages[m];
    const struct place *place = &p->places[m][f];
    if (place->use != WD_USE_UNUSED)
        return say_use(p, message, message->fields[f].path, place->use);
    if (place->is_discriminator)
        return wd_bytes_of("messages are told apart by it");
    if (place->is_entity_key)
        return wd_bytes_of("entities are told apart by it");
    if (is_suppressed(p, m, message->fields[f].path))
        return wd_bytes_of("suppressed in the configuration");
    return wd_bytes_of(wd_ties_of_message(p->ties, message, &message->fields[f]));
}

static void keep_by_itself(struct planner *p)
{
    for (size_t m = 0; m < p->schema->message_count; m++) {
        if (p->message_goes[m] && is_suppressed(p, m, wd_bytes_of("")))
            keep_message(p, m, wd_bytes_of("suppressed in the configuration"));
        for (size_t f = 0; f < p->schema->messages[m].field_count; f++) {
            struct wd_bytes why = p->places[m][f].goes ? why_it_stays(p, m, f) : wd_bytes_of("");
            if (why.len)
                keep_field(p, m, f, why);
        }
    }
}

/* ---- targets: what goes while what holds it stays ---- */

static bool has_going_parent(const struct planner *p, size_t m, size_t f)
{
    const struct wd_schema_message *message = &p->schema->messages[m];
    const struct wd_schema_field *parent =
        wd_schema_field_find(message, wd_path_parent(message->fields[f].path));
    return parent && parent != &message->fields[f] && p->places[m][parent - message->fields].goes;
}

static void list_targets(struct planner *p)
{
    p->target_count = 0;
    for (size_t m = 0; m < p->schema->message_count; m++) {
        const struct wd_schema_message *message = &p->schema->messages[m];
        if (p->message_goes[m])
            p->targets[p->target_count++] = (struct wd_edit_target){message, NULL};
        for (size_t f = 0; f < message->field_count && !p->message_goes[m]; f++)
            if (p->places[m][f].goes && !has_going_parent(p, m, f))
                p->targets[p->target_count++] = (struct wd_edit_target){message, &message->fields[f]};
    }
}

static void keep_target(struct planner *p, size_t i, struct wd_bytes why)
{
    const struct wd_edit_target *target = &p->targets[i];
    size_t m = (size_t)(target->message - p->schema->messages);
    if (target->field)
        keep_field(p, m, (size_t)(target->field - target->message->fields), why);
    else
        keep_message(p, m, why);
}

static bool release_tied(struct planner *p)
{
    bool has_released = false;
    for (size_t i = 0; i < p->target_count; i++) {
        const struct wd_edit_target *t = &p->targets[i];
        if (!t->field)
            continue;
        struct place *place = &p->places[t->message - p->schema->messages][t->field - t->message->fields];
        const char *tie = place->is_asked ? NULL : wd_ties_of_object(p->ties, t->message, t->field);
        place->is_asked = true;
        if (tie)
            keep_target(p, i, wd_bytes_of(tie));
        has_released |= tie != NULL;
    }
    return has_released;
}

/* ---- what is shared must be free everywhere ---- */

static void take_text(struct wd_map *taken, const struct wd_node *node, size_t target)
{
    *wd_map_put(taken, wd_bytes_at(&node, sizeof node), NULL) = target;
}

/* The node that a target takes away, with all that is written in it. */
static struct wd_map *text_of_targets(const struct planner *p)
{
    struct wd_map *taken = wd_map_open();
    for (size_t i = 0; i < p->target_count; i++) {
        const struct wd_edit_target *t = &p->targets[i];
        if (!t->field)
            take_text(taken, t->message->node, i);
        for (size_t d = 0; t->field && d < t->field->decl_count; d++)
            take_text(taken, t->field->decls[d].member, i);
    }
    return taken;
}

static const uint64_t *taker_of(const struct wd_map *taken, const struct wd_node *node)
{
    for (; node; node = node->parent) {
        const uint64_t *target = wd_map_get(taken, wd_bytes_at(&node, sizeof node));
        if (target)
            return target;
    }
    return NULL;
}

static bool is_going(const struct planner *p, const struct wd_edit_target *t)
{
    size_t m = (size_t)(t->message - p->schema->messages);
    return t->field ? p->places[m][t->field - t->message->fields].goes : p->message_goes[m];
}

/* A message that several channels carry is one text. */
static struct wd_bytes say_shared(const struct planner *p, const struct wd_edit_target *t,
                                  const struct wd_schema_message *needs)
{
    struct wd_bytes name = needs->name;
    if (t->message == needs)
        return wd_bytes_of("shared with a field that is needed");
    if (!wd_bytes_eq(t->message->name, needs->name))
        return wd_arena_printf(p->arena, "shared with %.*s, which needs it", (int)name.len,
                               (const char *)name.at);
    return wd_arena_printf(p->arena, "needed on %.*s, too", (int)needs->channel.len,
                           (const char *)needs->channel.at);
}

static bool release_for(struct planner *p, const struct wd_map *taken,
                        const struct wd_schema_message *message, const struct wd_node *node)
{
    const uint64_t *target = taker_of(taken, node);
    if (!target || !is_going(p, &p->targets[*target]))
        return false;
    keep_target(p, *target, say_shared(p, &p->targets[*target], message));
    return true;
}

/* Every field that stays keeps what declares it, and every message its own text. */
static bool release_shared(struct planner *p)
{
    struct wd_map *taken = text_of_targets(p);
    bool has_released = false;
    for (size_t m = 0; m < p->schema->message_count; m++) {
        const struct wd_schema_message *message = &p->schema->messages[m];
        if (p->message_goes[m])
            continue;
        has_released |= release_for(p, taken, message, message->node);
        for (size_t f = 1; f < message->field_count; f++)
            for (size_t d = 0; !p->places[m][f].goes && d < message->fields[f].decl_count; d++)
                has_released |= release_for(p, taken, message, message->fields[f].decls[d].member);
    }
    wd_map_close(taken);
    return has_released;
}

static bool release_needed(struct planner *p)
{
    struct wd_edit_obstacle *obstacles;
    size_t count = wd_edit_obstacles(p->schema, p->targets, p->target_count, p->arena, &obstacles);
    for (size_t i = 0; count && i < p->target_count; i++)
        if (obstacles[i].why)
            keep_target(p, i,
                        wd_arena_printf(p->arena, "%s (%s:%u)", obstacles[i].why, obstacles[i].at.file,
                                        obstacles[i].at.line));
    return count > 0;
}

/* ---- containers left empty, when nobody reads them as such ---- */

static bool is_emptied(const struct planner *p, size_t m, size_t container)
{
    const struct wd_schema_message *message = &p->schema->messages[m];
    bool has_child = false;
    for (size_t f = 0; f < message->field_count; f++) {
        if (f == container || !is_below(message->fields[f].path, message->fields[container].path))
            continue;
        has_child = true;
        if (!p->places[m][f].goes)
            return false;
    }
    return has_child;
}

static bool mark_emptied(struct planner *p)
{
    bool has_marked = false;
    for (size_t m = 0; m < p->schema->message_count; m++) {
        for (size_t f = p->schema->messages[m].field_count; f-- > 1;) {
            struct place *place = &p->places[m][f];
            if (place->goes || place->is_kept || wd_path_is_entry(path_of(p, m, f)) || !is_emptied(p, m, f) ||
                why_it_stays(p, m, f).len)
                continue;
            place->goes = true;
            has_marked = true;
        }
    }
    return has_marked;
}

static void settle(struct planner *p)
{
    bool has_changed;
    do {
        list_targets(p);
        has_changed = release_tied(p) || release_shared(p) || release_needed(p) || mark_emptied(p);
    } while (has_changed);
}

/* ---- the plan ---- */

/* A cell of the target: declared in it, or below something that is. */
static bool is_of_target(const struct wd_subject *s, const struct wd_edit_target *t, size_t c,
                         const bool *goes)
{
    const struct wd_cell *cell = &s->cells[c];
    if (!t->field || (cell->parent != WD_NO_CELL && goes[cell->parent]))
        return true;
    return cell->field && is_below(cell->field->path, t->field->path);
}

static void weigh(struct planner *p, const struct wd_subject *s, const struct wd_edit_target *t,
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
        if (is_below(other, path))
            return false;
    }
    return true;
}

static void note_privacy(const struct planner *p, const struct wd_edit_target *t,
                         struct wd_prune_detail *detail)
{
    for (size_t i = 0; i < p->audit->finding_count; i++) {
        const struct wd_finding *f = &p->audit->findings[i];
        bool is_personal = strcmp(f->rule->id, "WD401") == 0,
             is_credential = strcmp(f->rule->id, "WD402") == 0;
        if ((!is_personal && !is_credential) || !f->field || !is_about(p, f, t->message) ||
            (t->field && !is_below(f->field->path, t->field->path)))
            continue;
        detail->is_personal |= is_personal;
        detail->is_credential |= is_credential;
    }
}

static struct wd_prune_detail describe(struct planner *p, const struct wd_edit_target *t)
{
    size_t m = (size_t)(t->message - p->schema->messages);
    struct wd_prune_detail detail = {.reason = t->field ? p->places[m][t->field - t->message->fields].reason
                                                        : p->message_reasons[m]};
    for (size_t f = 1; f < t->message->field_count; f++)
        detail.fields +=
            is_leaf(t->message, f) && (!t->field || is_below(t->message->fields[f].path, t->field->path));
    for (size_t i = 0; i < p->subjects.count; i++)
        if (p->subjects.at[i].message == t->message)
            weigh(p, &p->subjects.at[i], t, &detail);
    note_privacy(p, t, &detail);
    return detail;
}

static void fill_plan(struct planner *p, struct wd_prune_plan *plan)
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

/* Unknown use keeps a field: which consumer, and where. */
static void note_unknown(struct planner *p)
{
    for (size_t i = 0; i < p->audit->finding_count; i++) {
        const struct wd_finding *f = &p->audit->findings[i];
        if (strcmp(f->rule->id, "WD107") != 0 || !f->field)
            continue;
        for (size_t m = 0; m < p->schema->message_count; m++)
            if (is_about(p, f, &p->schema->messages[m]))
                note_kept(p, f->message, f->path,
                          say_use(p, &p->schema->messages[m], f->path, WD_USE_UNKNOWN));
    }
}

/* What a rule would remove, were it not for the configuration. */
static void note_suppressed(struct planner *p)
{
    for (size_t i = 0; i < p->audit->suppressed_count; i++) {
        const struct wd_finding *f = &p->audit->suppressed[i];
        if (acts_on(p, f->rule) && (f->field || !f->path.len))
            note_kept(p, f->message, f->path, wd_bytes_of("suppressed in the configuration"));
    }
}

static bool is_anything_left(const struct planner *p)
{
    size_t left = 0;
    for (size_t m = 0; m < p->schema->message_count; m++)
        left += !p->message_goes[m];
    return left > 0 || !p->schema->message_count;
}

static void open_planner(struct planner *p)
{
    size_t messages = p->schema->message_count, most = messages;
    p->today = wd_today_days();
    p->ties = wd_ties_open(p->schema);
    p->places = wd_arena_array(p->arena, struct place *, messages);
    p->message_goes = wd_arena_array(p->arena, bool, messages);
    p->message_reasons = wd_arena_array(p->arena, const struct wd_finding *, messages);
    for (size_t m = 0; m < messages; m++) {
        p->places[m] = wd_arena_array(p->arena, struct place, p->schema->messages[m].field_count);
        most += p->schema->messages[m].field_count;
    }
    p->targets = wd_arena_array(p->arena, struct wd_edit_target, most);
}

static int make_plan(struct planner *p, struct wd_prune_plan *out, struct wd_err *err)
{
    gather_evidence(p);
    mark_findings(p);
    if (!is_anything_left(p))
        return wd_fail(
            err, WD_EUSAGE, (struct wd_place){.file = p->schema->documents[0]->name},
            "no consumer takes any message of it, so nothing would be left; check the usage files");
    note_suppressed(p);
    note_unknown(p);
    keep_by_itself(p);
    settle(p);
    *out = (struct wd_prune_plan){0};
    fill_plan(p, out);
    return WD_OK;
}

int wd_prune_plan(const struct wd_audit *audit, const char *const *rules, size_t rule_count,
                  struct wd_arena *arena, struct wd_prune_plan *out, struct wd_err *err)
{
    if (!audit->schema)
        return wd_fail(err, WD_EUSAGE, (struct wd_place){0}, "prune needs a schema; name it with -s");
    if (!audit->usage || !audit->usage->consumer_count)
        return wd_fail(err, WD_EUSAGE, (struct wd_place){0},
                       "prune needs to know every consumer; name their usage files with -u "
                       "(unknown is never unused)");
    struct planner p = {
        .audit = audit, .schema = audit->schema, .arena = arena, .rules = rules, .rule_count = rule_count};
    open_planner(&p);
    int rc = make_plan(&p, out, err);
    wd_ties_close(p.ties);
    wd_free(p.kept);
    return rc;
}
