/* pipeline/settle.c - what something that stays needs is taken back, and what that leaves empty is added,
 * until nothing changes. What was kept once is never marked again, so this ends. */
#include "base/map.h"
#include "model/path.h"
#include "pipeline/planner.h"

/* ---- targets: what goes while what holds it stays ---- */

/* What is declared around a field. Not every level is: of a list in Protobuf only the elements are. */
static const struct wd_schema_field *holder_of(const struct wd_schema_message *message, struct wd_bytes path)
{
    const struct wd_schema_field *holder = NULL;
    while (!holder && path.len && !wd_bytes_is(path, ".")) {
        path = wd_path_parent(path);
        holder = wd_schema_field_find(message, path);
    }
    return holder;
}

static bool has_going_holder(const struct wd_planner *p, size_t m, size_t f)
{
    const struct wd_schema_message *message = &p->schema->messages[m];
    const struct wd_schema_field *holder = holder_of(message, message->fields[f].path);
    return holder && p->places[m][holder - message->fields].goes;
}

static void list_targets(struct wd_planner *p)
{
    p->target_count = 0;
    for (size_t m = 0; m < p->schema->message_count; m++) {
        const struct wd_schema_message *message = &p->schema->messages[m];
        if (p->message_goes[m])
            p->targets[p->target_count++] = (struct wd_edit_target){message, NULL};
        for (size_t f = 0; f < message->field_count && !p->message_goes[m]; f++)
            if (p->places[m][f].goes && !has_going_holder(p, m, f))
                p->targets[p->target_count++] = (struct wd_edit_target){message, &message->fields[f]};
    }
}

static void keep_target(struct wd_planner *p, size_t i, struct wd_bytes why)
{
    const struct wd_edit_target *target = &p->targets[i];
    size_t m = (size_t)(target->message - p->schema->messages);
    if (target->field)
        wd_planner_keep_field(p, m, (size_t)(target->field - target->message->fields), why);
    else
        wd_planner_keep_message(p, m, why);
}

static bool release_tied(struct wd_planner *p)
{
    bool has_released = false;
    for (size_t i = 0; i < p->target_count; i++) {
        const struct wd_edit_target *t = &p->targets[i];
        if (!t->field)
            continue;
        struct wd_place_plan *place =
            &p->places[t->message - p->schema->messages][t->field - t->message->fields];
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
static struct wd_map *text_of_targets(const struct wd_planner *p)
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

static bool is_going(const struct wd_planner *p, const struct wd_edit_target *t)
{
    size_t m = (size_t)(t->message - p->schema->messages);
    return t->field ? p->places[m][t->field - t->message->fields].goes : p->message_goes[m];
}

/* A message that several channels carry is one text. */
static struct wd_bytes say_shared(const struct wd_planner *p, const struct wd_edit_target *t,
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

static bool release_for(struct wd_planner *p, const struct wd_map *taken,
                        const struct wd_schema_message *message, const struct wd_node *node)
{
    const uint64_t *target = taker_of(taken, node);
    if (!target || !is_going(p, &p->targets[*target]))
        return false;
    keep_target(p, *target, say_shared(p, &p->targets[*target], message));
    return true;
}

/* Every field that stays keeps what declares it, and every message its own text. */
static bool release_shared(struct wd_planner *p)
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

static bool release_needed(struct wd_planner *p)
{
    struct wd_edit_obstacle *obstacles;
    size_t count = wd_edit_obstacles(p->schema, p->targets, p->target_count, p->stage, p->arena, &obstacles);
    for (size_t i = 0; count && i < p->target_count; i++)
        if (obstacles[i].why)
            keep_target(p, i,
                        wd_arena_printf(p->arena, "%s (%s:%u)", obstacles[i].why, obstacles[i].at.file,
                                        obstacles[i].at.line));
    return count > 0;
}

/* ---- containers left empty, when nobody reads them as such ---- */

static bool is_emptied(const struct wd_planner *p, size_t m, size_t container)
{
    const struct wd_schema_message *message = &p->schema->messages[m];
    bool has_child = false;
    for (size_t f = 0; f < message->field_count; f++) {
        if (f == container || !wd_planner_is_below(message->fields[f].path, message->fields[container].path))
            continue;
        has_child = true;
        if (!p->places[m][f].goes)
            return false;
    }
    return has_child;
}

static bool mark_emptied(struct wd_planner *p)
{
    bool has_marked = false;
    for (size_t m = 0; m < p->schema->message_count; m++) {
        for (size_t f = p->schema->messages[m].field_count; f-- > 1;) {
            struct wd_place_plan *place = &p->places[m][f];
            if (place->goes || place->is_kept || wd_path_is_entry(wd_planner_path(p, m, f)) ||
                !is_emptied(p, m, f) || wd_planner_why(p, m, f).len)
                continue;
            place->goes = true;
            has_marked = true;
        }
    }
    return has_marked;
}

void wd_planner_settle(struct wd_planner *p)
{
    bool has_changed;
    do {
        list_targets(p);
        has_changed = release_tied(p) || release_shared(p) || release_needed(p) || mark_emptied(p);
    } while (has_changed);
}
