/* profile/wire.c - what fields cost once compressed.
 *
 * Most messages are not compressed: each byte is eight bits, and a row's are known from its bytes. So while messages are read
 * only the difference to that is kept, modulo 2^64; at the end the bytes are added.
 */
#include "field/cost.h"
#include "profile/observer.h"

static uint64_t plain_bits(const struct wd_field *f)
{
    return 8 * ((uint64_t)f->key_len + f->value_len + f->syntax_len + f->space_len);
}

void wire_message(struct wd_observer *o, struct type *type, const struct held *m)
{
    struct wd_type_profile *p = &type->profile;
    const struct wd_bit_marks none = { NULL, 0 };
    uint64_t bits = 8 * m->wire_len + m->odd_bits;
    p->wire_bits += bits;
    if (m->is_retold) {
        type->lacks_wire = p->is_wire_estimated = true;
        return;
    }
    if (!m->marks.at && !m->is_shared && bits == 8 * m->body_len)
        return;
    if (o->cost_cap < o->tape.count) {
        o->cost_cap = o->tape.cap;
        o->costs = wd_realloc(o->costs, o->cost_cap, sizeof *o->costs);
    }
    bool is_estimated = m->is_shared || (!m->marks.at && o->tape.count > 1);   /* of one value there is nothing to share */
    p->is_wire_estimated |= is_estimated;
    wd_tape_cost(&o->tape, m->body_len, m->is_too_long ? none : m->marks, bits, o->costs);
    for (uint32_t i = 0; i < o->tape.count; i++) {
        const struct wd_field *f = &o->tape.fields[i];
        uint32_t entry = f->path < type->row_of_cap ? type->row_of[f->path] : 0;
        if (!entry)
            entry = row_entry(o, type, f->path);
        struct wd_row *row = &p->rows[(entry & ROW_MASK) - 1];
        row->wire_bits += o->costs[i] - plain_bits(f);
        row->is_estimated |= is_estimated;
    }
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
