/* pipeline/prove.c - the pruned schema is parsed again and held against the old one, the consumers and the traffic. */
#include "base/escape.h"
#include "model/path.h"
#include "pipeline/prune.h"
#include "schema/schema.h"

struct prover {
    const struct wd_audit *audit;
    const struct wd_prune_plan *plan;
    const struct wd_schema *old, *new;
    enum wd_edit_stage stage;
    struct wd_arena *arena;
    struct wd_proof *proof;
};

static void fails(struct prover *p, bool *which, const char *what, struct wd_bytes message, struct wd_bytes path)
{
    struct wd_shown a, b;
    *which = false;
    if (!p->proof->failure.len)
        p->proof->failure = wd_arena_printf(p->arena, "%s: %s %s", what, wd_show(&a, message), wd_show(&b, path));
}

static const struct wd_schema_message *counterpart(const struct wd_schema *schema, const struct wd_schema_message *m)
{
    for (size_t i = 0; i < schema->message_count; i++) {
        const struct wd_schema_message *other = &schema->messages[i];
        if (wd_bytes_eq(other->name, m->name) && wd_bytes_eq(other->channel, m->channel) && wd_bytes_eq(other->key, m->key) &&
            other->directions == m->directions)
            return other;
    }
    return NULL;
}

static bool is_removed(const struct prover *p, const struct wd_schema_message *m, struct wd_bytes path)
{
    for (size_t i = 0; i < p->plan->target_count && p->stage == WD_EDIT_REMOVE; i++) {
        const struct wd_edit_target *t = &p->plan->targets[i];
        if (t->message == m && (!t->field || (path.len && wd_path_is_under(path, t->field->path))))
            return true;
    }
    return false;
}

/* --- the model differs by exactly the removed set --- */

static bool is_same_field(const struct wd_schema_field *a, const struct wd_schema_field *b)
{
    if (a->types != b->types || a->is_required != b->is_required || a->is_conditional != b->is_conditional ||
        a->is_closed != b->is_closed || a->is_map != b->is_map || a->has_const != b->has_const || a->has_enum != b->has_enum ||
        a->has_default != b->has_default || a->constant_count != b->constant_count || !wd_bytes_eq(a->format, b->format))
        return false;
    for (size_t i = 0; i < a->constant_count; i++)
        if (!wd_bytes_eq(a->constants[i].json, b->constants[i].json))
            return false;
    return wd_bytes_eq(a->default_value.json, b->default_value.json);
}

static void compare_message(struct prover *p, const struct wd_schema_message *old, const struct wd_schema_message *new)
{
    size_t kept = 0;
    for (size_t f = 0; f < old->field_count; f++) {
        const struct wd_schema_field *field = &old->fields[f], *now = wd_schema_field_find(new, field->path);
        bool is_gone = is_removed(p, old, field->path);
        p->proof->differences += is_gone;
        kept += !is_gone;
        if (is_gone != (now == NULL))
            fails(p, &p->proof->differs_exactly, is_gone ? "still declared" : "no longer declared", old->name, field->path);
        else if (now && !is_same_field(field, now))
            fails(p, &p->proof->differs_exactly, "declared differently", old->name, field->path);
    }
    if (kept != new->field_count)
        fails(p, &p->proof->differs_exactly, "declares something new", old->name, (struct wd_bytes){ 0 });
}

static void compare_models(struct prover *p)
{
    size_t kept = 0;
    for (size_t m = 0; m < p->old->message_count; m++) {
        const struct wd_schema_message *old = &p->old->messages[m], *new = counterpart(p->new, old);
        bool is_gone = is_removed(p, old, (struct wd_bytes){ 0 });
        kept += !is_gone;
        if (is_gone != (new == NULL))
            fails(p, &p->proof->differs_exactly, is_gone ? "message still declared" : "message no longer declared", old->name, (struct wd_bytes){ 0 });
        else if (new)
            compare_message(p, old, new);
        else
            p->proof->differences++;
    }
    if (kept != p->new->message_count)
        fails(p, &p->proof->differs_exactly, "a message is new", (struct wd_bytes){ 0 }, (struct wd_bytes){ 0 });
}

/* --- every path that a consumer reads is still there --- */

static void check_reads(struct prover *p)
{
    const struct wd_usage *usage = p->audit->usage;
    p->proof->consumers = usage->consumer_count;
    for (size_t m = 0; m < p->old->message_count; m++) {
        const struct wd_schema_message *old = &p->old->messages[m], *new = counterpart(p->new, old);
        for (size_t f = 0; f < old->field_count; f++) {
            struct wd_bytes path = old->fields[f].path;
            enum wd_direction direction = old->directions == 1u << WD_C2S ? WD_C2S : WD_S2C;
            if (wd_usage_all(usage, old->name, old->channel, direction, path) != WD_USE_USED)
                continue;
            p->proof->reads++;
            if (!new || !wd_schema_field_find(new, path))
                fails(p, &p->proof->reads_remain, "read, but no longer declared", old->name, path);
        }
    }
}

/* --- captured messages, once pruned, fit --- */

static const struct wd_row *row_at(const struct wd_type_profile *type, struct wd_bytes path)
{
    for (size_t r = 0; r < type->row_count; r++)
        if (wd_bytes_eq(type->rows[r].path, path))
            return &type->rows[r];
    return NULL;
}

/* Occurrences of the parent object: how often a required member must be there. */
static uint64_t chances(const struct wd_type_profile *type, struct wd_bytes path)
{
    const struct wd_row *parent = row_at(type, wd_path_parent(path));
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
    const struct wd_row *row = row_at(type, field->path);
    uint64_t misfits = 0, seen = row ? row->occurrences : 0, expected = chances(type, field->path);
    if (field->is_required && seen < expected)
        misfits += expected - seen;
    for (int t = 0; row && field->types && t < WD_TYPE_COUNT; t++)
        if (!(field->types & 1u << t))
            misfits += row->types[t];
    return misfits + (row && !is_constant_of(row, field));
}

static void check_fit(struct prover *p)
{
    const struct wd_profile *profile = p->audit->profile;
    for (size_t t = 0; profile && p->audit->bindings && t < profile->type_count; t++) {
        const struct wd_type_profile *type = &profile->types[t];
        const struct wd_schema_message *old = p->audit->bindings[t].message, *new = old ? counterpart(p->new, old) : NULL;
        if (!new)
            continue;
        p->proof->messages += type->count;
        for (size_t f = 0; f < new->field_count; f++) {
            const struct wd_schema_field *before = wd_schema_field_find(old, new->fields[f].path);
            uint64_t now = misfits_of(type, &new->fields[f]), then = before ? misfits_of(type, before) : 0;
            if (now <= then)
                continue;
            p->proof->misfits += now - then;
            fails(p, &p->proof->fits, "captured messages no longer fit", new->name, new->fields[f].path);
        }
    }
}

int wd_prune_prove(const struct wd_audit *audit, const struct wd_prune_plan *plan, enum wd_edit_stage stage,
                   const struct wd_edit_result *results, struct wd_arena *arena, struct wd_proof *out,
                   struct wd_err *err)
{
    const struct wd_schema *old = audit->schema;
    struct wd_bytes *texts = wd_arena_array(arena, struct wd_bytes, old->document_count);
    for (size_t d = 0; d < old->document_count; d++)
        texts[d] = results[d].text;
    *out = (struct wd_proof){ .differs_exactly = true, .reads_remain = true, .fits = true };
    TRY(wd_schema_reparse(old, texts, &audit->config->limits, &out->pruned, err));
    out->parses = true;
    struct prover p = { audit, plan, old, out->pruned, stage, arena, out };
    compare_models(&p);
    check_reads(&p);
    check_fit(&p);
    return WD_OK;
}

void wd_prune_free(struct wd_proof *proof)
{
    wd_schema_free(proof->pruned);
    proof->pruned = NULL;
}
