#include "finding/waste.h"

bool wd_is_compared(const struct wd_audit *audit, const struct wd_subject *s, const struct wd_cell *cell)
{
    return s->type && cell->row && !cell->is_special &&
           s->type->count >= audit->config->thresholds.min_messages && cell->row->compared > 0;
}

bool wd_is_scalar(const struct wd_cell *cell)
{
    return cell->row->types[WD_TYPE_ARRAY] + cell->row->types[WD_TYPE_OBJECT] == 0;
}

bool wd_comes_and_goes(const struct wd_subject *s, const struct wd_cell *cell)
{
    const struct wd_row *parent = cell->parent == WD_NO_CELL ? NULL : s->cells[cell->parent].row;
    return cell->row->toggled > (parent ? parent->toggled : 0);
}

/* Of the messages that name an entity, those whose value its entity had already: their share of the row's
 * bytes. */
static uint64_t entity_repeated(const struct wd_row *row)
{
    if (row->present == 0 || row->entity_compared <= row->entity_changed)
        return 0;
    uint64_t same = row->entity_compared - row->entity_changed, bytes = wd_row_bytes(row);
    double part = (double)same / (double)row->present;
    return part >= 1 ? bytes : (uint64_t)(part * (double)bytes);
}

uint64_t wd_repeated_bytes(const struct wd_subject *s, const struct wd_cell *cell, bool *is_estimated)
{
    const struct wd_row *row = cell->row;
    uint64_t bytes = wd_row_bytes(row), counted = row->repeated_bytes < bytes ? row->repeated_bytes : bytes;
    uint64_t reckoned = s->type->entity.len ? entity_repeated(row) : 0;
    *is_estimated = reckoned > counted;
    return reckoned > counted ? reckoned : counted;
}

uint64_t wd_wire_part(uint64_t part, uint64_t bytes, uint64_t bits)
{
    if (part >= bytes)
        return bits;
    return (uint64_t)((double)bits * ((double)part / (double)bytes));
}

bool wd_is_moot(const struct wd_audit *audit, const struct wd_subject *s, const struct wd_cell *cell)
{
    return cell->is_unread || cell->is_discriminator || wd_emptiness_of(audit, s, cell) ||
           wd_constancy_of(audit, s, cell);
}

bool wd_is_personal(const struct wd_audit *audit, const struct wd_subject *s, const struct wd_cell *cell)
{
    return audit->personal && audit->personal[s->type_index][cell->row_index].len;
}
