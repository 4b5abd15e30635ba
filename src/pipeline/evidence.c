/* pipeline/evidence.c - who reads a field, and what else it is there for by itself. */
#include "finding/audit.h"
#include "finding/suppress.h"
#include "model/path.h"
#include "pipeline/planner.h"

/* By their exact steps: {} is a step of its own here, not any member. */
bool wd_planner_is_below(struct wd_bytes path, struct wd_bytes top)
{
    if (wd_bytes_is(top, "."))
        return true;
    return path.len >= top.len && memcmp(path.at, top.at, top.len) == 0 &&
           (path.len == top.len || memchr(".[{", path.at[top.len], 3));
}

struct wd_bytes wd_planner_path(const struct wd_planner *p, size_t m, size_t f)
{
    return p->schema->messages[m].fields[f].path;
}

/* ---- what stays, and why ---- */

void wd_planner_note(struct wd_planner *p, struct wd_bytes message, struct wd_bytes path, struct wd_bytes why)
{
    for (size_t i = 0; i < p->kept_count; i++) {
        const struct wd_kept *k = &p->kept[i];
        bool is_covered = path.len ? k->path.len && wd_planner_is_below(path, k->path) : !k->path.len;
        if (is_covered && wd_bytes_eq(k->message, message) && wd_bytes_eq(k->why, why))
            return;
    }
    WD_GROW(p->kept, p->kept_count, p->kept_cap);
    p->kept[p->kept_count++] = (struct wd_kept){.message = message, .path = path, .why = why};
}

/* The field stays, and so does what holds it; what is below may still go. */
void wd_planner_keep_field(struct wd_planner *p, size_t m, size_t field, struct wd_bytes why)
{
    const struct wd_schema_message *message = &p->schema->messages[m];
    for (size_t f = 0; f < message->field_count; f++) {
        if (!wd_planner_is_below(wd_planner_path(p, m, field), wd_planner_path(p, m, f)))
            continue;
        p->places[m][f].goes = false;
        p->places[m][f].is_kept = true;
    }
    if (why.len)
        wd_planner_note(p, message->name, message->fields[field].path, why);
}

void wd_planner_keep_message(struct wd_planner *p, size_t m, struct wd_bytes why)
{
    p->message_goes[m] = false;
    wd_planner_note(p, p->schema->messages[m].name, wd_bytes_of(""), why);
}

/* ---- evidence: use, and what tells messages and entities apart ---- */

static void raise_use(struct wd_place_plan *place, enum wd_use use)
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
static void ask_declared(struct wd_planner *p, const struct wd_subject *s, size_t m)
{
    const struct wd_usage *usage = p->audit->usage;
    for (size_t f = 0; f < p->schema->messages[m].field_count; f++) {
        struct wd_bytes path = wd_planner_path(p, m, f);
        struct wd_place_plan *place = &p->places[m][f];
        raise_use(place, !s->is_received ? WD_USE_UNKNOWN
                                         : wd_usage_all(usage, s->name, s->channel, direction_of(s), path));
        place->is_entity_key |= is_entity_of(p->audit->config, s->name, path);
        place->is_discriminator |= is_naming(p->audit->config, s->channel, path);
    }
}

static void ask_cells(struct wd_planner *p, const struct wd_subject *s, size_t m)
{
    for (size_t c = 0; c < s->cell_count; c++) {
        const struct wd_cell *cell = &s->cells[c];
        if (!cell->field)
            continue;
        struct wd_place_plan *place = &p->places[m][cell->field - p->schema->messages[m].fields];
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

void wd_planner_gather(struct wd_planner *p)
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

/* ---- what each field says for itself ---- */

bool wd_planner_is_suppressed(const struct wd_planner *p, size_t m, struct wd_bytes path)
{
    for (size_t i = 0; i < p->rule_count; i++) {
        const struct wd_rule *rule = wd_rule_find(wd_bytes_of(p->rules[i]));
        if (rule && wd_is_suppressed(p->audit->config, p->today, rule, p->schema->messages[m].name, path))
            return true;
    }
    return false;
}

/* The first consumer that reads, or may read, the path: "wall may read it (wall.js:31)". */
static struct wd_bytes say_use(const struct wd_planner *p, const struct wd_schema_message *m,
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

struct wd_bytes wd_planner_why(const struct wd_planner *p, size_t m, size_t f)
{
    const struct wd_schema_message *message = &p->schema->messages[m];
    const struct wd_place_plan *place = &p->places[m][f];
    if (place->use != WD_USE_UNUSED)
        return say_use(p, message, message->fields[f].path, place->use);
    if (place->is_discriminator)
        return wd_bytes_of("messages are told apart by it");
    if (place->is_entity_key)
        return wd_bytes_of("entities are told apart by it");
    if (wd_planner_is_suppressed(p, m, message->fields[f].path))
        return wd_bytes_of("suppressed in the configuration");
    return wd_bytes_of(wd_ties_of_message(p->ties, message, &message->fields[f]));
}
