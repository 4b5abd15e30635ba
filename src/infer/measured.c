/* infer/measured.c - cost and change beside a declaration, as annotate writes them, so that it can bring them
 * up to date:
 *
 *     # wirediet: 12 B/msg, 3.1 %; never changes       "load": {"type": "number",
 *     load: { type: number }                             "x-wirediet": {"measured": {...}}}
 *     // wirediet: 12 B/msg, 3.1 %; never changes
 *     double load = 3;
 */
#include <inttypes.h>

#include "infer/printer.h"

static double ratio(uint64_t part, uint64_t whole)
{
    return whole ? (double)part / (double)whole : 0;
}

/* --- in words --- */

static void put_number(struct wd_buf *out, double value)
{
    if (value > 0 && value < 0.05)
        wd_buf_puts(out, "<0.1");
    else
        wd_buf_printf(out, "%.*f", value < 9.95 ? 1 : 0, value);
}

static void put_share(struct wd_buf *out, double share)
{
    if (share > 0 && share < 0.0005)
        wd_buf_puts(out, "<0.1 %");
    else if (share < 1)
        wd_buf_printf(out, "%.1f %%", share > 0.999 ? 99.9 : 100 * share);
    else
        wd_buf_puts(out, "100 %");
}

/* "never", "always", "12 % of messages" */
static void put_rate(struct wd_buf *out, const struct wd_inferred_field *field)
{
    double percent = 100 * ratio(field->changed, field->compared);
    if (!field->changed)
        wd_buf_puts(out, "never");
    else if (field->changed >= field->compared)
        wd_buf_puts(out, "always");
    else if (percent < 1)
        wd_buf_puts(out, "<1 % of messages");
    else
        wd_buf_printf(out, "%.0f %% of messages", percent > 99 ? 99 : percent);
}

static void put_change(struct wd_buf *out, const struct wd_inferred_field *field)
{
    if (!field->compared)
        return;
    if (!field->changed) {
        wd_buf_puts(out, "; never changes");
    } else if (field->changed >= field->compared) {
        wd_buf_puts(out, "; changes in every message");
    } else {
        wd_buf_puts(out, "; changes in ");
        put_rate(out, field);
    }
}

void wd_infer_put_cost(struct wd_buf *out, const struct wd_infer_print *p,
                       const struct wd_inferred_message *message, const struct wd_inferred_field *field)
{
    put_number(out, ratio(field->bytes, message->type->count));
    wd_buf_puts(out, " B/msg, ");
    put_share(out, ratio(field->bytes, p->inferred->payload_bytes));
    put_change(out, field);
}

void wd_infer_put_message_cost(struct wd_buf *out, const struct wd_infer_print *p,
                               const struct wd_type_profile *type)
{
    wd_buf_printf(out, "%" PRIu64 " message%s, ", type->count, type->count == 1 ? "" : "s");
    put_number(out, ratio(type->payload_bytes, type->count));
    wd_buf_puts(out, " B/msg, ");
    put_share(out, ratio(type->payload_bytes, p->inferred->payload_bytes));
}

void wd_infer_put_source(struct wd_buf *out, const struct wd_infer_print *p)
{
    const struct wd_inferred *in = p->inferred;
    wd_buf_printf(out,
                  "Inferred from %" PRIu64 " captured message%s. It says what was seen, not what was meant.",
                  in->message_total, in->message_total == 1 ? "" : "s");
}

/* --- as facts --- */

static void put_facts(const struct wd_infer_print *p, uint64_t messages, uint64_t bytes,
                      struct wd_node *facts)
{
    wd_node_set(facts, "bytes_per_message", wd_make_decimal(p->arena, ratio(bytes, messages), 1));
    wd_node_set(facts, "share", wd_make_decimal(p->arena, ratio(bytes, p->inferred->payload_bytes), 4));
}

static struct wd_node *facts_in(const struct wd_infer_print *p, struct wd_node *own)
{
    return wd_node_set(own, "measured", wd_make_map(p->arena, true));
}

static struct wd_bytes kept(const struct wd_infer_print *p, struct wd_buf *text)
{
    struct wd_bytes made = wd_arena_copy(p->arena, wd_buf_bytes(text));
    wd_buf_free(text);
    return made;
}

/* --- beside the declaration --- */

static struct wd_buf comment(void)
{
    struct wd_buf text = { 0 };
    wd_buf_puts(&text, "wirediet: ");
    return text;
}

void wd_infer_measure_message(const struct wd_infer_print *p, const struct wd_inferred_message *message,
                              struct wd_node *schema)
{
    const struct wd_type_profile *type = message->type;
    if (p->is_bare)
        return;
    if (p->is_json) {
        struct wd_node *facts = facts_in(p, wd_node_set(schema, "x-wirediet", wd_make_map(p->arena, true)));
        wd_node_set(facts, "messages", wd_make_count(p->arena, type->count));
        put_facts(p, type->count, type->payload_bytes, facts);
        return;
    }
    struct wd_buf text = comment();
    wd_infer_put_message_cost(&text, p, type);
    schema->comment = kept(p, &text);
}

static void put_field_facts(const struct wd_infer_print *p, const struct wd_inferred_message *message,
                            const struct wd_inferred_field *field, struct wd_node *own)
{
    struct wd_node *facts = facts_in(p, own);
    struct wd_buf rate = { 0 };
    put_facts(p, message->type->count, field->bytes, facts);
    if (!field->compared)
        return;
    put_rate(&rate, field);
    wd_node_set(facts, "changes", wd_make_text(p->arena, kept(p, &rate)));
}

void wd_infer_measure_field(const struct wd_infer_print *p, const struct wd_inferred_message *message,
                            const struct wd_inferred_field *field, const struct wd_bytes *key,
                            struct wd_node *schema)
{
    struct wd_node *own = wd_make_map(p->arena, true);
    if (key)
        wd_node_set(own, "key", wd_make_text(p->arena, *key));
    if (!p->is_bare && p->is_json)
        put_field_facts(p, message, field, own);
    if (own->count)
        wd_node_set(schema, "x-wirediet", own);
    if (p->is_bare || p->is_json)
        return;
    struct wd_buf text = comment();
    wd_infer_put_cost(&text, p, message, field);
    schema->comment = kept(p, &text);
}
