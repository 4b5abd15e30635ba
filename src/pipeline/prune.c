/* pipeline/prune.c - what may go: the findings' fields, less what another message still needs. */
#include "pipeline/prune.h"

#include "base/escape.h"
#include "model/path.h"

struct planner {
    const struct wd_audit *audit;
    const struct wd_schema *schema;
    struct wd_arena *arena;
    bool **goes;                          /* [message][field] */
    const struct wd_finding ***reasons;   /* [message][field] */
    const struct wd_finding **message_reasons;
    bool *message_goes;
    struct wd_kept *kept;
    size_t kept_count, kept_cap;
};

static bool acts_on(const char *const *rules, size_t count, const struct wd_rule *rule)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(rules[i], rule->id) == 0)
            return true;
    return false;
}

/* A finding names a message; the schema can declare it on several channels. */
static bool is_about(const struct wd_finding *f, const struct wd_schema_message *m)
{
    if (!wd_bytes_eq(f->message, m->name))
        return false;
    bool is_channel = !f->channel.len || !m->channel.len || wd_bytes_eq(f->channel, m->channel);
    bool is_direction = f->direction < 0 || !m->directions || (m->directions & 1u << f->direction);
    return is_channel && is_direction;
}

static void keep(struct planner *p, struct wd_bytes message, struct wd_bytes path, struct wd_bytes why)
{
    WD_GROW(p->kept, p->kept_count, p->kept_cap);
    p->kept[p->kept_count++] = (struct wd_kept){ message, path, why };
}

/* --- from findings to fields --- */

static void mark_below(struct planner *p, size_t m, const struct wd_finding *finding)
{
    const struct wd_schema_message *message = &p->schema->messages[m];
    for (size_t f = 0; f < message->field_count; f++) {
        if (wd_bytes_is(message->fields[f].path, ".") || !wd_path_is_under(message->fields[f].path, finding->path))
            continue;
        p->goes[m][f] = true;
        p->reasons[m][f] = finding;
    }
}

static void mark_findings(struct planner *p, const char *const *rules, size_t rule_count)
{
    for (size_t i = 0; i < p->audit->finding_count; i++) {
        const struct wd_finding *finding = &p->audit->findings[i];
        if (!acts_on(rules, rule_count, finding->rule))
            continue;
        for (size_t m = 0; m < p->schema->message_count; m++) {
            if (!is_about(finding, &p->schema->messages[m]))
                continue;
            if (finding->path.len) {
                mark_below(p, m, finding);
            } else {
                p->message_goes[m] = true;
                p->message_reasons[m] = finding;
            }
        }
    }
}

/* --- what is shared must be free everywhere --- */

static bool has_decl(const struct wd_schema_field *field, const struct wd_node *member)
{
    for (size_t i = 0; i < field->decl_count; i++)
        if (field->decls[i].member == member)
            return true;
    return false;
}

/* Another message that declares the same member and needs it; NULL when none does. */
static const struct wd_schema_message *needed_by(const struct planner *p, const struct wd_node *member)
{
    for (size_t m = 0; m < p->schema->message_count; m++) {
        const struct wd_schema_message *message = &p->schema->messages[m];
        for (size_t f = 0; f < message->field_count && !p->message_goes[m]; f++)
            if (!p->goes[m][f] && has_decl(&message->fields[f], member))
                return message;
    }
    return NULL;
}

static void unmark_with_parents(struct planner *p, size_t m, size_t field)
{
    const struct wd_schema_message *message = &p->schema->messages[m];
    for (size_t f = 0; f < message->field_count; f++)
        if (wd_path_is_under(message->fields[field].path, message->fields[f].path))
            p->goes[m][f] = false;
}

static bool release_field(struct planner *p, size_t m, size_t f)
{
    const struct wd_schema_message *message = &p->schema->messages[m];
    const struct wd_schema_field *field = &message->fields[f];
    for (size_t i = 0; i < field->decl_count; i++) {
        const struct wd_schema_message *other = needed_by(p, field->decls[i].member);
        if (!other)
            continue;
        keep(p, message->name, field->path, wd_arena_printf(p->arena, "shared with %.*s, which needs it", (int)other->name.len,
                                                            (const char *)other->name.at));
        unmark_with_parents(p, m, f);
        return true;
    }
    return false;
}

static void release_shared(struct planner *p)
{
    bool has_released;
    do {
        has_released = false;
        for (size_t m = 0; m < p->schema->message_count; m++)
            for (size_t f = 0; f < p->schema->messages[m].field_count; f++)
                if (p->goes[m][f])
                    has_released |= release_field(p, m, f);
    } while (has_released);
}

static void release_messages(struct planner *p)
{
    for (size_t m = 0; m < p->schema->message_count; m++) {
        for (size_t other = 0; p->message_goes[m] && other < p->schema->message_count; other++) {
            if (p->schema->messages[other].node != p->schema->messages[m].node || p->message_goes[other])
                continue;
            p->message_goes[m] = false;
            keep(p, p->schema->messages[m].name, (struct wd_bytes){ 0 },
                 wd_arena_printf(p->arena, "also sent on %.*s, where it is needed", (int)p->schema->messages[other].channel.len,
                                 (const char *)p->schema->messages[other].channel.at));
        }
    }
}

/* --- containers left empty, when nobody reads them as such --- */

static bool is_emptied(const struct planner *p, size_t m, size_t container)
{
    const struct wd_schema_message *message = &p->schema->messages[m];
    bool has_child = false;
    for (size_t f = 0; f < message->field_count; f++) {
        if (f == container || !wd_path_is_under(message->fields[f].path, message->fields[container].path))
            continue;
        has_child = true;
        if (!p->goes[m][f])
            return false;
    }
    return has_child;
}

static enum wd_direction direction_of(const struct wd_schema_message *message)
{
    return message->directions == 1u << WD_C2S ? WD_C2S : WD_S2C;
}

static void mark_emptied(struct planner *p)
{
    for (size_t m = 0; m < p->schema->message_count; m++) {
        const struct wd_schema_message *message = &p->schema->messages[m];
        for (size_t f = message->field_count; f-- > 0;) {
            const struct wd_schema_field *field = &message->fields[f];
            if (p->goes[m][f] || wd_bytes_is(field->path, ".") || wd_path_is_entry(field->path) || !is_emptied(p, m, f))
                continue;
            p->goes[m][f] = wd_usage_all(p->audit->usage, message->name, message->channel, direction_of(message), field->path) ==
                            WD_USE_UNUSED;
        }
    }
}

/* --- the plan --- */

static bool is_topmost(const struct planner *p, size_t m, size_t field)
{
    const struct wd_schema_message *message = &p->schema->messages[m];
    for (size_t f = 0; f < message->field_count; f++)
        if (f != field && p->goes[m][f] && wd_path_is_under(message->fields[field].path, message->fields[f].path))
            return false;
    return true;
}

static void add_target(const struct planner *p, struct wd_prune_plan *plan, size_t m, const struct wd_schema_field *field,
                       const struct wd_finding *reason)
{
    plan->targets[plan->target_count] = (struct wd_edit_target){ &p->schema->messages[m], field };
    plan->reasons[plan->target_count++] = reason;
}

/* Bytes of the rows that the target describes, in every type of the traffic bound to its message. */
static uint64_t bytes_of(const struct wd_audit *audit, const struct wd_edit_target *target)
{
    uint64_t sum = 0;
    for (size_t t = 0; audit->profile && audit->bindings && t < audit->profile->type_count; t++) {
        const struct wd_type_profile *type = &audit->profile->types[t];
        if (audit->bindings[t].message != target->message)
            continue;
        for (size_t r = 0; r < type->row_count; r++)
            if (!target->field || wd_path_is_under(type->rows[r].path, target->field->path))
                sum += wd_row_bytes(&type->rows[r]);
    }
    return sum;
}

static void fill_plan(struct planner *p, struct wd_prune_plan *plan)
{
    size_t most = 0;
    for (size_t m = 0; m < p->schema->message_count; m++)
        most += p->schema->messages[m].field_count + 1;
    plan->targets = wd_arena_array(p->arena, struct wd_edit_target, most);
    plan->reasons = wd_arena_array(p->arena, const struct wd_finding *, most);
    for (size_t m = 0; m < p->schema->message_count; m++) {
        const struct wd_schema_message *message = &p->schema->messages[m];
        if (p->message_goes[m]) {
            add_target(p, plan, m, NULL, p->message_reasons[m]);
            plan->field_count += message->field_count;
            continue;
        }
        for (size_t f = 0; f < message->field_count; f++) {
            if (!p->goes[m][f])
                continue;
            plan->field_count++;
            if (is_topmost(p, m, f))
                add_target(p, plan, m, &message->fields[f], p->reasons[m][f]);
        }
    }
    for (size_t i = 0; i < plan->target_count; i++)
        plan->saves_bytes += bytes_of(p->audit, &plan->targets[i]);
}

/* Unknown use keeps a field and says which consumer and why. */
static void keep_unknown(struct planner *p)
{
    for (size_t i = 0; i < p->audit->finding_count; i++) {
        const struct wd_finding *f = &p->audit->findings[i];
        if (strcmp(f->rule->id, "WD107") == 0)
            keep(p, f->message, f->path, f->text);
    }
}

int wd_prune_plan(const struct wd_audit *audit, const char *const *rules, size_t rule_count, struct wd_arena *arena,
                  struct wd_prune_plan *out, struct wd_err *err)
{
    if (!audit->schema)
        return wd_fail(err, WD_EUSAGE, (struct wd_place){ 0 }, "prune needs a schema; name it with -s");
    if (!audit->usage || !audit->usage->consumer_count)
        return wd_fail(err, WD_EUSAGE, (struct wd_place){ 0 },
                       "prune needs to know every consumer; name their usage files with -u (unknown is never unused)");
    size_t messages = audit->schema->message_count;
    struct planner p = { .audit = audit, .schema = audit->schema, .arena = arena };
    p.goes = wd_arena_array(arena, bool *, messages);
    p.reasons = wd_arena_array(arena, const struct wd_finding **, messages);
    p.message_goes = wd_arena_array(arena, bool, messages);
    p.message_reasons = wd_arena_array(arena, const struct wd_finding *, messages);
    for (size_t m = 0; m < messages; m++) {
        p.goes[m] = wd_arena_array(arena, bool, audit->schema->messages[m].field_count);
        p.reasons[m] = wd_arena_array(arena, const struct wd_finding *, audit->schema->messages[m].field_count);
    }
    *out = (struct wd_prune_plan){ 0 };
    mark_findings(&p, rules, rule_count);
    release_messages(&p);
    release_shared(&p);
    mark_emptied(&p);
    release_shared(&p);
    keep_unknown(&p);
    fill_plan(&p, out);
    out->kept = wd_arena_array(arena, struct wd_kept, p.kept_count);
    if (p.kept_count)
        memcpy(out->kept, p.kept, p.kept_count * sizeof *p.kept);
    out->kept_count = p.kept_count;
    wd_free(p.kept);
    return WD_OK;
}
