/* finding/verdict.c - what becomes of each row: the colours of the treemap, and the sentence at the top.
 *
 *   unread            no consumer reads it (personal-unread: and it is personal): all of it can go
 *   unchanged         always empty, constant or slow: what repeats can go, the rest is needed
 *   unknown           nobody is known to read it, and nobody is known not to
 *   needed            everything else: read, or what messages are told apart by, or kept by a suppression
 *
 * Every byte of the payload is in exactly one sum.
 */
#include "finding/engine.h"
#include "finding/rules.h"
#include "finding/suppress.h"
#include "finding/waste.h"

struct judge {
    const struct wd_ask *ask;
    const struct wd_audit *audit;
    const struct wd_subject *subject;
    bool is_message_unread;
};

static bool is_kept(const struct judge *j, const struct wd_rule *rule, const struct wd_cell *cell)
{
    return wd_is_suppressed(j->audit->config, j->ask->today_days, rule, j->subject->name, cell->path);
}

static bool is_unread(const struct judge *j, const struct wd_cell *cell)
{
    return j->is_message_unread || (cell->is_unread && !is_kept(j, &wd_rule_unused_field, cell));
}

static bool is_unchanged(const struct judge *j, const struct wd_cell *cell)
{
    if (wd_emptiness_of(j->audit, j->subject, cell))
        return !is_kept(j, &wd_rule_always_empty, cell);
    if (wd_constancy_of(j->audit, j->subject, cell))
        return !is_kept(j, &wd_rule_constant, cell);
    return wd_is_slow(j->audit, j->subject, cell) && !is_kept(j, &wd_rule_slow_field, cell);
}

static enum wd_verdict verdict_of(const struct judge *j, const struct wd_cell *cell)
{
    if (is_unread(j, cell))
        return j->audit->personal[j->subject->type_index][cell->row_index].len ? WD_VERDICT_PERSONAL_UNREAD
                                                                               : WD_VERDICT_UNREAD;
    if (is_unchanged(j, cell))
        return WD_VERDICT_UNCHANGED;
    return cell->use == WD_USE_UNKNOWN && !cell->is_discriminator ? WD_VERDICT_UNKNOWN : WD_VERDICT_NEEDED;
}

static void add_row(const struct judge *j, const struct wd_cell *cell, enum wd_verdict verdict,
                    struct wd_summary *sum)
{
    uint64_t bytes = wd_row_bytes(cell->row), removable = 0;
    bool is_estimated;
    if (verdict == WD_VERDICT_UNREAD || verdict == WD_VERDICT_PERSONAL_UNREAD)
        removable = bytes;
    else if (verdict == WD_VERDICT_UNCHANGED)
        removable = wd_repeated_bytes(j->subject, cell, &is_estimated);
    sum->removable_bytes += removable;
    sum->removable_wire_bytes += wd_wire_part(removable, bytes, cell->row->wire_bits);   /* bits, until all are there */
    if (verdict != WD_VERDICT_UNCHANGED) {
        sum->verdict_bytes[verdict] += bytes;
        return;
    }
    sum->verdict_bytes[WD_VERDICT_UNCHANGED] += removable;
    sum->verdict_bytes[cell->use == WD_USE_UNKNOWN ? WD_VERDICT_UNKNOWN : WD_VERDICT_NEEDED] +=
        bytes - removable;
}

static void fill_subject(const struct wd_ask *ask, struct wd_audit *audit, const struct wd_subject *s,
                         uint8_t *verdicts)
{
    struct judge j = { ask, audit, s, false };
    j.is_message_unread =
        s->is_unread &&
        !wd_is_suppressed(audit->config, ask->today_days, &wd_rule_unused_message, s->name, wd_bytes_of(""));
    for (size_t i = 0; i < s->cell_count; i++) {
        const struct wd_cell *cell = &s->cells[i];
        if (!cell->row)
            continue;
        verdicts[cell->row_index] = (uint8_t)verdict_of(&j, cell);
        add_row(&j, cell, (enum wd_verdict)verdicts[cell->row_index], &audit->summary);
    }
}

/* Where nothing was compressed there is nothing to say twice; where a part is not known there is nothing to
 * say. */
static bool has_wire(const struct wd_profile *p)
{
    bool is_compressed = false;
    for (size_t t = 0; t < p->type_count; t++) {
        if (!p->types[t].has_wire_bits)
            return false;
        is_compressed |= p->types[t].wire_payload_bytes != p->types[t].payload_bytes;
    }
    return is_compressed;
}

void verdict_fill(struct wd_ask *ask, struct wd_audit *audit, const struct wd_subjects *subjects)
{
    if (!audit->profile)
        return;
    audit->summary.has_wire = has_wire(audit->profile);
    uint8_t **verdicts = wd_arena_array(audit->arena, uint8_t *, audit->profile->type_count);
    for (size_t t = 0; t < audit->profile->type_count; t++)
        verdicts[t] = wd_arena_array(audit->arena, uint8_t, audit->profile->types[t].row_count);
    for (size_t i = 0; i < subjects->count; i++)
        if (subjects->at[i].type)
            fill_subject(ask, audit, &subjects->at[i], verdicts[subjects->at[i].type_index]);
    audit->verdicts = verdicts;
    audit->summary.payload_bytes = audit->profile->payload_bytes;
    audit->summary.wire_payload_bytes = audit->profile->wire_payload_bytes;
    audit->summary.removable_wire_bytes /= 8;
}
