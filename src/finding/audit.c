/* finding/audit.c - the engine: gathers the evidence, asks every rule, sorts the answers. */
#include "finding/audit.h"

#include <stdlib.h>

#include "finding/engine.h"
#include "finding/privacy.h"
#include "finding/rules.h"
#include "finding/suppress.h"
#include "finding/waste.h"
#include "model/path.h"

/* ---- what rules call ---- */

const struct wd_subjects *wd_ask_subjects(const struct wd_ask *ask)
{
    return &((const struct engine *)ask->engine)->subjects;
}

void wd_ask_cannot(struct wd_ask *ask, const struct wd_rule *rule, const char *why)
{
    struct engine *engine = ask->engine;
    WD_GROW(engine->unasked, engine->unasked_count, engine->unasked_cap);
    engine->unasked[engine->unasked_count++] = (struct wd_unasked){ rule, why };
}

void wd_ask_each_row(struct wd_ask *ask, const struct wd_rule *rule, wd_judge *judge)
{
    const struct wd_subjects *subjects = wd_ask_subjects(ask);
    for (size_t i = 0; i < subjects->count; i++) {
        const struct wd_subject *s = &subjects->at[i];
        for (size_t c = 0; s->type && c < s->cell_count; c++)
            if (s->cells[c].row && !s->cells[c].is_special)
                judge(ask, rule, s, &s->cells[c]);
    }
}

void wd_ask_note_few(struct wd_ask *ask, const struct wd_rule *rule)
{
    uint64_t least = ask->audit->config->thresholds.min_messages, few = 0;
    for (size_t t = 0; t < ask->audit->profile->type_count; t++)
        few += ask->audit->profile->types[t].count < least;
    if (few == 0)
        return;
    struct wd_buf why = { 0 };
    wd_buf_puts(&why, "not asked of ");
    wd_say_plural(&why, few, "message type", "message types");
    wd_buf_puts(&why, " seen fewer than ");
    wd_say_plural(&why, least, "time", "times");
    wd_ask_cannot(ask, rule, wd_arena_string(ask->arena, wd_buf_bytes(&why)));
    wd_buf_free(&why);
}

void wd_ask_each_compared(struct wd_ask *ask, const struct wd_rule *rule, wd_judge *judge)
{
    wd_ask_each_row(ask, rule, judge); /* the tests themselves pass over types of which too little was seen */
    wd_ask_note_few(ask, rule);
}

/* ---- findings ---- */

static const struct wd_bytes *copy_list(struct wd_arena *arena, const struct wd_bytes *list, size_t count)
{
    struct wd_bytes *copy = wd_arena_array(arena, struct wd_bytes, count);
    for (size_t i = 0; i < count; i++)
        copy[i] = wd_arena_copy(arena, list[i]);
    return copy;
}

static const struct wd_fact *copy_facts(struct wd_arena *arena, const struct wd_finding *f)
{
    struct wd_fact *copy = wd_arena_array(arena, struct wd_fact, f->fact_count);
    for (size_t i = 0; i < f->fact_count; i++) {
        copy[i] = f->facts[i];
        copy[i].text = wd_arena_copy(arena, f->facts[i].text);
        copy[i].list = copy_list(arena, f->facts[i].list, f->facts[i].list_count);
    }
    return copy;
}

/* What the finding's bytes took on the wire: their share of what its fields took. */
static void weigh_wire(const struct wd_audit *audit, struct wd_finding *f)
{
    const struct wd_type_profile *type = f->type;
    if (!type || !audit->summary.has_wire || !f->saves_bytes)
        return;
    uint64_t bytes = f->row ? wd_row_bytes(f->row) : 0, bits = f->row ? f->row->wire_bits : 0;
    bool is_alone = f->row && !f->row->types[WD_TYPE_OBJECT] && !f->row->types[WD_TYPE_ARRAY];
    for (size_t r = 0; !is_alone && r < type->row_count; r++) {
        const struct wd_row *row = &type->rows[r];
        if (row == f->row || (f->row && !wd_path_is_under(row->path, f->path)))
            continue;
        bytes += wd_row_bytes(row);
        bits += row->wire_bits;
    }
    f->saves_wire_bytes = wd_wire_part(f->saves_bytes, bytes, bits) / 8;
    f->is_wire_estimated = type->is_wire_estimated || f->saves_bytes != bytes;
}

static void emit(struct wd_ask *ask, const struct wd_finding *finding)
{
    struct engine *engine = ask->engine;
    const struct wd_audit *audit = ask->audit;
    WD_GROW(engine->pending, engine->count, engine->cap);
    struct pending *p = &engine->pending[engine->count++];
    p->finding = *finding;
    p->finding.message = wd_arena_copy(ask->arena, finding->message);
    p->finding.channel = wd_arena_copy(ask->arena, finding->channel);
    p->finding.path = wd_arena_copy(ask->arena, finding->path);
    p->finding.text = wd_arena_copy(ask->arena, finding->text);
    p->finding.remedy = wd_arena_copy(ask->arena, finding->remedy);
    p->finding.facts = copy_facts(ask->arena, finding);
    p->finding.saves_share =
        wd_share(finding->saves_bytes, audit->profile ? audit->profile->payload_bytes : 0);
    p->is_suppressed =
        wd_is_suppressed(audit->config, ask->today_days, finding->rule, finding->message, finding->path);
}

/* Advice that saves next to nothing is not worth a line; facts about contracts and people always are. */
static bool is_advice(const struct wd_rule *rule)
{
    return strcmp(rule->id, "WD101") == 0 || strncmp(rule->id, "WD2", 3) == 0 ||
           strncmp(rule->id, "WD3", 3) == 0;
}

static bool is_too_small(const struct wd_audit *audit, const struct wd_finding *f)
{
    return audit->profile && is_advice(f->rule) && f->saves_share < audit->config->thresholds.min_share;
}

static int by_worth(const void *a, const void *b)
{
    const struct wd_finding *x = a, *y = b;
    if (x->severity != y->severity)
        return x->severity > y->severity ? -1 : 1;
    if (x->saves_bytes != y->saves_bytes)
        return x->saves_bytes > y->saves_bytes ? -1 : 1;
    int c = wd_bytes_cmp(x->message, y->message);
    c = c ? c : wd_bytes_cmp(x->path, y->path);
    c = c ? c : strcmp(x->rule->id, y->rule->id);
    c = c ? c : wd_bytes_cmp(x->channel, y->channel);
    c = c ? c : x->direction - y->direction;
    return c ? c : wd_bytes_cmp(x->text, y->text);
}

static int by_worth_on_the_wire(const void *a, const void *b)
{
    const struct wd_finding *x = a, *y = b;
    if (x->severity == y->severity && x->saves_wire_bytes != y->saves_wire_bytes)
        return x->saves_wire_bytes > y->saves_wire_bytes ? -1 : 1;
    return by_worth(a, b);
}

static const struct wd_finding *collect(const struct wd_audit *audit, const struct engine *engine,
                                        bool is_suppressed, size_t *count)
{
    struct wd_finding *list = wd_arena_array(audit->arena, struct wd_finding, engine->count);
    *count = 0;
    for (size_t i = 0; i < engine->count; i++) {
        const struct pending *p = &engine->pending[i];
        if (p->is_suppressed != is_suppressed || p->is_folded || is_too_small(audit, &p->finding))
            continue;
        list[*count] = p->finding;
        weigh_wire(audit, &list[(*count)++]);
    }
    if (*count)
        qsort(list, *count, sizeof *list,
              audit->is_by_wire && audit->summary.has_wire ? by_worth_on_the_wire : by_worth);
    return list;
}

static void count_findings(struct wd_audit *audit)
{
    struct wd_summary *sum = &audit->summary;
    for (size_t i = 0; i < audit->finding_count; i++) {
        enum wd_severity severity = audit->findings[i].severity;
        *(severity == WD_ERROR ? &sum->errors : severity == WD_WARNING ? &sum->warnings : &sum->notes) += 1;
    }
    sum->suppressed = audit->suppressed_count;
}

/* ---- the run ---- */

static bool is_kept_path(void *ctx, const struct wd_subject *s, struct wd_bytes path)
{
    const struct wd_ask *ask = ctx;
    return wd_is_suppressed(ask->audit->config, ask->today_days, &wd_rule_unused_field, s->name, path);
}

/* What each row carries of a person. The privacy rules and the verdicts share the answer. */
static void fill_personal(struct wd_ask *ask)
{
    struct wd_audit *audit = ask->audit;
    if (!audit->profile)
        return;
    struct wd_bytes **personal = wd_arena_array(audit->arena, struct wd_bytes *, audit->profile->type_count);
    for (size_t t = 0; t < audit->profile->type_count; t++) {
        size_t rows = audit->profile->types[t].row_count;
        personal[t] = wd_arena_array(audit->arena, struct wd_bytes, rows);
        for (size_t r = 0; r < rows; r++) {
            double confidence = 0;
            struct wd_bytes category = wd_privacy_category(ask, t, r, &confidence);
            personal[t][r] =
                confidence >= audit->config->thresholds.min_confidence ? category : wd_bytes_of("");
        }
    }
    audit->personal = personal;
}

static const char *missing(const struct wd_audit *audit, unsigned needs)
{
    bool has_usage = audit->usage && audit->usage->consumer_count;
    if (needs & WD_NEEDS_USAGE && !has_usage)
        return "nobody said who reads what: give a usage file (-u)";
    if (needs & WD_NEEDS_SCHEMA && !audit->schema)
        return "there is no schema: give one (-s)";
    if (needs & WD_NEEDS_PROFILE && !audit->profile)
        return "there is no traffic: give a profile or a capture (-p)";
    if (needs & WD_NEEDS_PROFILE && !audit->profile->messages)
        return "no message could be read in the traffic: wirediet profile says why";
    return NULL;
}

static void ask_rules(struct wd_ask *ask)
{
    for (size_t i = 0; wd_rules[i]; i++) {
        const char *why = missing(ask->audit, wd_rules[i]->needs);
        if (why)
            wd_ask_cannot(ask, wd_rules[i], why);
        else
            wd_rules[i]->check(ask);
    }
}

static void settle(struct wd_ask *ask, struct engine *engine)
{
    struct wd_audit *audit = ask->audit;
    precedence_apply(engine, ask->arena);
    audit->findings = collect(audit, engine, false, &audit->finding_count);
    audit->suppressed = collect(audit, engine, true, &audit->suppressed_count);
    struct wd_unasked *unasked = wd_arena_array(ask->arena, struct wd_unasked, engine->unasked_count);
    if (engine->unasked_count)
        memcpy(unasked, engine->unasked, engine->unasked_count * sizeof *unasked);
    audit->unasked = unasked;
    audit->unasked_count = engine->unasked_count;
    count_findings(audit);
}

int wd_audit_run(struct wd_audit *audit, struct wd_err *err)
{
    struct engine engine = { 0 };
    struct wd_ask ask = {
        .audit = audit, .arena = audit->arena, .emit = emit, .today_days = wd_today_days(), .engine = &engine
    };
    if (!audit->profile && !audit->schema)
        return wd_fail(err, WD_EUSAGE, (struct wd_place){ 0 },
                       "nothing to audit: give a schema (-s), traffic (-p), or both");
    audit->summary = (struct wd_summary){ 0 };
    wd_subjects_gather(audit, is_kept_path, &ask, &engine.subjects);
    fill_personal(&ask);
    verdict_fill(&ask, audit, &engine.subjects);
    ask_rules(&ask);
    settle(&ask, &engine);
    wd_free(engine.pending);
    wd_free(engine.unasked);
    return WD_OK;
}
