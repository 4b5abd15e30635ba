/* profile/wire.c - what fields cost once compressed.
 *
 * Most messages are not compressed: each byte is eight bits, and a row's are known from its bytes. So while
 * messages are read only the difference to that is kept, modulo 2^64; at the end the bytes are added.
 */
#include "field/cost.h"
#include "profile/observer.h"

/* False: there is nothing to share. Else room for the costs of `count` entries. */
static bool begin(struct wd_observer *o, struct type *type, const struct held *m, uint64_t bits,
                  uint32_t count)
{
    struct wd_type_profile *p = &type->profile;
    p->wire_bits += bits;
    if (m->is_retold)
        type->lacks_wire = p->is_wire_estimated = true;
    if (m->is_retold || (!m->marks.at && !m->is_shared && bits == 8 * m->body_len))
        return false;
    if (o->cost_cap < count) {
        o->cost_cap = count + count / 2;
        o->costs = wd_realloc(o->costs, o->cost_cap, sizeof *o->costs);
    }
    return true;
}

static bool is_estimate(const struct held *m, uint32_t count)
{
    return m->is_shared || (!m->marks.at && count > 1);   /* of one value there is nothing to share */
}

void wire_message(struct wd_observer *o, struct type *type, const struct held *m)
{
    const struct wd_bit_marks none = { NULL, 0 };
    uint64_t bits = 8 * m->wire_len + m->odd_bits;
    if (!begin(o, type, m, bits, o->tape.count))
        return;
    bool is_estimated = is_estimate(m, o->tape.count);
    type->profile.is_wire_estimated |= is_estimated;
    wd_tape_cost(&o->tape, m->body_len, m->is_too_long ? none : m->marks, bits, o->costs);
    for (uint32_t i = 0; i < o->tape.count; i++) {
        const struct wd_field *f = &o->tape.fields[i];
        uint32_t entry = f->path < type->row_of_cap ? type->row_of[f->path] : 0;
        if (!entry)
            entry = row_entry(o, type, f->path);
        struct wd_row *row = &type->profile.rows[(entry & ROW_MASK) - 1];
        row->wire_bits += o->costs[i] - 8 * field_bytes(f);
        row->is_estimated |= is_estimated;
    }
}

void wire_repeat(struct wd_observer *o, const struct series *series, const struct held *m)
{
    struct type *type = series->type;
    const struct wd_echo *echo = &series->echo;
    uint64_t bits = 8 * m->wire_len + m->odd_bits;
    if (!begin(o, type, m, bits, echo->count))
        return;
    wd_echo_cost(echo, m->marks, bits, o->costs);
    for (uint32_t i = 0; i < echo->count; i++)
        type->profile.rows[(echo->entries[i].row & ROW_MASK) - 1].wire_bits += o->costs[i];
    if (!is_estimate(m, echo->count))
        return;
    type->profile.is_wire_estimated = true;
    for (uint32_t i = 0; i < echo->count; i++)
        type->profile.rows[(echo->entries[i].row & ROW_MASK) - 1].is_estimated = true;
}

void wire_finish(struct type *type)
{
    struct wd_type_profile *p = &type->profile;
    p->has_wire_bits = !type->lacks_wire;
    if (type->lacks_wire)
        p->wire_bits = 0;
    for (size_t r = 0; r < p->row_count; r++)
        p->rows[r].wire_bits = type->lacks_wire ? 0 : p->rows[r].wire_bits + 8 * wd_row_bytes(&p->rows[r]);
}
