/* pipeline/prove.c - the pruned schema is parsed again and held against the old one, the consumers and the
 * traffic. It asks the plan what was to go, and nothing of how that was done. */
#include "base/escape.h"
#include "model/path.h"
#include "pipeline/prune.h"
#include "schema/schema.h"
#include "schema/spots.h"

struct prover {
    const struct wd_audit *audit;
    const struct wd_prune_plan *plan;
    const struct wd_schema *old, *new;
    enum wd_edit_stage stage;
    struct wd_arena *arena;
    struct wd_proof *proof;
    const struct wd_schema_message **now; /* per old message; NULL: gone */
};

static void fails(struct prover *p, bool *which, const char *what, struct wd_bytes message,
                  struct wd_bytes path)
{
    struct wd_shown a, b;
    *which = false;
    if (!p->proof->failure.len)
        p->proof->failure =
            wd_arena_printf(p->arena, "%s: %s %s", what, wd_show(&a, message), wd_show(&b, path));
}

/* By their exact steps: {} is a step of its own here, not any member. */
static bool is_below(struct wd_bytes path, struct wd_bytes top)
{
    return path.len >= top.len && memcmp(path.at, top.at, top.len) == 0 &&
           (path.len == top.len || memchr(".[{", path.at[top.len], 3));
}

/* The plan names the path, or what holds it; "" asks for the whole message. */
static bool is_planned(const struct prover *p, const struct wd_schema_message *m, struct wd_bytes path)
{
    for (size_t i = 0; i < p->plan->target_count; i++) {
        const struct wd_edit_target *t = &p->plan->targets[i];
        if (t->message == m && (!t->field || (path.len && is_below(path, t->field->path))))
            return true;
    }
    return false;
}

static bool is_removed(const struct prover *p, const struct wd_schema_message *m, struct wd_bytes path)
{
    return p->stage == WD_EDIT_REMOVE && is_planned(p, m, path);
}

/* ---- the model differs by exactly the removed set ---- */

static bool is_same_message(const struct wd_schema_message *a, const struct wd_schema_message *b)
{
    return wd_bytes_eq(a->name, b->name) && wd_bytes_eq(a->channel, b->channel) &&
           wd_bytes_eq(a->key, b->key) && a->directions == b->directions && a->is_opaque == b->is_opaque;
}

/* Messages come in the order of the text, which an edit does not change. */
static void pair_messages(struct prover *p)
{
    size_t at = 0;
    p->now = wd_arena_array(p->arena, const struct wd_schema_message *, p->old->message_count);
    for (size_t m = 0; m < p->old->message_count; m++) {
        const struct wd_schema_message *old = &p->old->messages[m];
        if (is_removed(p, old, wd_bytes_of("")))
            continue;
        if (at < p->new->message_count && is_same_message(old, &p->new->messages[at]))
            p->now[m] = &p->new->messages[at++];
        else
            fails(p, &p->proof->differs_exactly, "a message is no longer declared", old->name,
                  wd_bytes_of(""));
    }
    if (at != p->new->message_count)
        fails(p, &p->proof->differs_exactly, "a message is new", p->new->messages[at].name, wd_bytes_of(""));
}

static bool are_same_constants(const struct wd_schema_field *a, const struct wd_schema_field *b)
{
    if (a->has_const != b->has_const || a->has_enum != b->has_enum || a->constant_count != b->constant_count)
        return false;
    for (size_t i = 0; i < a->constant_count; i++)
        if (!wd_bytes_eq(a->constants[i].json, b->constants[i].json))
            return false;
    return true;
}

static bool is_same_field(const struct wd_schema_field *a, const struct wd_schema_field *b)
{
    return a->types == b->types && a->is_required == b->is_required &&
           a->is_conditional == b->is_conditional && a->is_closed == b->is_closed && a->is_map == b->is_map &&
           a->privacy == b->privacy && wd_bytes_eq(a->format, b->format) &&
           wd_bytes_eq(a->description, b->description) && are_same_constants(a, b);
}

static bool is_same_default(const struct wd_schema_field *a, const struct wd_schema_field *b)
{
    return a->has_default == b->has_default && wd_bytes_eq(a->default_value.json, b->default_value.json);
}

static bool is_target(const struct prover *p, const struct wd_schema_field *field)
{
    for (size_t i = 0; i < p->plan->target_count; i++)
        if (p->plan->targets[i].field == field)
            return true;
    return false;
}

/* What is deprecated is given a default where it has none (Avro), wherever else the declaration is seen. */
static bool is_given_default(const struct prover *p, const struct wd_schema_field *field)
{
    if (p->stage != WD_EDIT_DEPRECATE || field->has_default)
        return false;
    for (size_t i = 0; i < p->plan->target_count; i++) {
        const struct wd_schema_field *target = p->plan->targets[i].field;
        for (size_t d = 0; target && d < target->decl_count; d++)
            for (size_t f = 0; f < field->decl_count; f++)
                if (target->decls[d].avro && target->decls[d].member == field->decls[f].member)
                    return true;
    }
    return false;
}

static void compare_field(struct prover *p, const struct wd_schema_message *m,
                          const struct wd_schema_field *old, const struct wd_schema_field *now)
{
    bool *differs = &p->proof->differs_exactly;
    bool is_gone = is_removed(p, m, old->path);
    p->proof->differences += is_gone;
    if (is_gone != (now == NULL))
        fails(p, differs, is_gone ? "still declared" : "no longer declared", m->name, old->path);
    if (!now || is_gone)
        return;
    if (!is_same_field(old, now) || !(is_given_default(p, old) || is_same_default(old, now)))
        fails(p, differs, "declared differently", m->name, old->path);
    if (p->stage == WD_EDIT_DEPRECATE && is_target(p, old)) {
        p->proof->differences++;
        if (!now->is_deprecated)
            fails(p, differs, "not marked as deprecated", m->name, old->path);
    } else if (old->is_deprecated != now->is_deprecated && !is_planned(p, m, old->path)) {
        fails(p, differs, "marked differently", m->name, old->path);
    }
}

static void compare_models(struct prover *p)
{
    for (size_t m = 0; m < p->old->message_count; m++) {
        const struct wd_schema_message *old = &p->old->messages[m], *now = p->now[m];
        size_t kept = 0;
        if (!now && is_removed(p, old, wd_bytes_of("")))
            p->proof->differences += old->field_count - (old->field_count > 0);
        for (size_t f = 0; now && f < old->field_count; f++) {
            kept += !is_removed(p, old, old->fields[f].path);
            compare_field(p, old, &old->fields[f], wd_schema_field_find(now, old->fields[f].path));
        }
        if (now && kept != now->field_count)
            fails(p, &p->proof->differs_exactly, "declares something new", old->name, wd_bytes_of(""));
    }
}

/* ---- every path that a consumer reads is still there ---- */

static enum wd_direction direction_of(const struct wd_schema_message *m)
{
    for (int d = 0; d < WD_DIRECTION_COUNT; d++)
        if (m->directions == 1u << d)
            return (enum wd_direction)d;
    return WD_DIRECTION_COUNT;
}

static void check_reads(struct prover *p)
{
    const struct wd_usage *usage = p->audit->usage;
    p->proof->consumers = usage->consumer_count;
    for (size_t m = 0; m < p->old->message_count; m++) {
        const struct wd_schema_message *old = &p->old->messages[m];
        for (size_t f = 0; f < old->field_count; f++) {
            struct wd_bytes path = old->fields[f].path;
            if (wd_usage_all(usage, old->name, old->channel, direction_of(old), path) != WD_USE_USED)
                continue;
            p->proof->reads++;
            if (!p->now[m] || !wd_schema_field_find(p->now[m], path))
                fails(p, &p->proof->reads_remain, "read, but no longer declared", old->name, path);
        }
    }
}

/* ---- captured messages, once pruned, fit ---- */

/* Occurrences of the parent object: how often a required member must be there. */
static uint64_t chances(const struct wd_type_profile *type, struct wd_bytes path)
{
    const struct wd_row *parent = wd_type_row(type, wd_path_parent(path));
    return parent ? parent->types[WD_TYPE_OBJECT] : 0;
}

static bool is_constant_of(const struct wd_row *row, const struct wd_schema_field *field)
{
    if ((!field->has_const && !field->has_enum) || !row->sketch || !wd_sketch_is_exact(row->sketch))
        return true;
    uint64_t known = 0;
    for (size_t i = 0; i < field->constant_count; i++)
        known += wd_sketch_has(row->sketch, wd_sketch_hash_json(field->constants[i].json)) == 1;
    return known == wd_sketch_count(row->sketch);
}

static uint64_t misfits_of(const struct wd_type_profile *type, const struct wd_schema_field *field)
{
    const struct wd_row *row = wd_type_row(type, field->path);
    uint64_t misfits = 0, seen = row ? row->occurrences : 0, expected = chances(type, field->path);
    if (field->is_required && seen < expected)
        misfits += expected - seen;
    for (int t = 0; row && field->types && t < WD_TYPE_COUNT; t++)
        if (!(field->types & 1u << t))
            misfits += row->types[t];
    return misfits + (row && !is_constant_of(row, field));
}

static void misfit(struct prover *p, uint64_t count, const char *what, struct wd_bytes message,
                   struct wd_bytes path)
{
    p->proof->misfits += count;
    fails(p, &p->proof->fits, what, message, path);
}

static void check_type(struct prover *p, const struct wd_type_profile *type,
                       const struct wd_schema_message *old, const struct wd_schema_message *new)
{
    p->proof->messages += type->count;
    for (size_t f = 0; f < new->field_count; f++) {
        const struct wd_schema_field *before = wd_schema_field_find(old, new->fields[f].path);
        uint64_t now = misfits_of(type, &new->fields[f]), then = before ? misfits_of(type, before) : 0;
        if (now > then)
            misfit(p, now - then, "captured messages no longer fit", new->name, new->fields[f].path);
    }
}

static void check_traffic(struct prover *p)
{
    const struct wd_profile *profile = p->audit->profile;
    for (size_t t = 0; profile && p->audit->bindings && t < profile->type_count; t++) {
        const struct wd_schema_message *old = p->audit->bindings[t].message;
        const struct wd_schema_message *new = old ? p->now[old - p->old->messages] : NULL;
        if (new)
            check_type(p, &profile->types[t], old, new);
    }
}

static bool is_in_list(const struct wd_node *list, struct wd_bytes name)
{
    for (const struct wd_node *item = list ? list->first : NULL; item; item = item->next)
        if (item->kind == WD_NODE_STRING && wd_bytes_eq(item->text, name))
            return true;
    return false;
}

/* What is gone may not be required anywhere: no message has it any more. The model does not show that, since
 * a name in `required` declares nothing. */
static void check_required(struct prover *p)
{
    struct wd_links links = wd_links_of(p->new, p->arena);
    struct wd_spots spots = {.links = &links};
    for (size_t i = 0; i < p->plan->target_count && p->stage == WD_EDIT_REMOVE; i++) {
        const struct wd_edit_target *t = &p->plan->targets[i];
        const struct wd_schema_message *now = p->now[t->message - p->old->messages];
        if (!t->field || !now || wd_path_is_entry(t->field->path))
            continue;
        const struct wd_schema_field *parent = wd_schema_field_find(now, wd_path_parent(t->field->path));
        if (parent)
            wd_spots_find(&spots, parent);
        for (size_t s = 0; parent && s < spots.count; s++)
            if (!spots.at[s].is_condition &&
                is_in_list(wd_node_get(spots.at[s].object, "required"), t->field->decls[0].member->key))
                misfit(p, 1, "still required", now->name, t->field->path);
    }
    wd_spots_close(&spots);
    wd_links_free(&links);
}

/* ---- all of it ---- */

static int parse_again(struct prover *p, const struct wd_edit_result *results, struct wd_err *err)
{
    const struct wd_schema *old = p->old;
    struct wd_bytes *texts = wd_arena_array(p->arena, struct wd_bytes, old->document_count);
    struct wd_err why = {0};
    for (size_t d = 0; d < old->document_count; d++)
        texts[d] = results[d].text;
    int rc = wd_schema_reparse(old, texts, &p->audit->config->limits, &p->proof->pruned, &why);
    if (rc < 0 && rc != WD_EPARSE) {
        *err = why;
        return rc;
    }
    p->proof->parses = rc >= 0;
    if (rc < 0)
        p->proof->failure = wd_arena_copy(p->arena, wd_bytes_of(why.text));
    return WD_OK;
}

int wd_prune_prove(const struct wd_audit *audit, const struct wd_prune_plan *plan, enum wd_edit_stage stage,
                   const struct wd_edit_result *results, struct wd_arena *arena, struct wd_proof *out,
                   struct wd_err *err)
{
    *out = (struct wd_proof){.failure = wd_bytes_of("")};
    struct prover p = {
        .audit = audit, .plan = plan, .old = audit->schema, .stage = stage, .arena = arena, .proof = out};
    TRY(parse_again(&p, results, err));
    if (!out->parses)
        return WD_OK;
    out->differs_exactly = out->reads_remain = out->fits = true;
    p.new = out->pruned;
    pair_messages(&p);
    compare_models(&p);
    check_reads(&p);
    check_traffic(&p);
    check_required(&p);
    return WD_OK;
}

void wd_prune_free(struct wd_proof *proof)
{
    wd_schema_free(proof->pruned);
    proof->pruned = NULL;
}
