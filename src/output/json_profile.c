/* output/json_profile.c - profile/1. Documented keys first, in their documented order and always there; then
 * what was added, only where it says something. One line per field, so that profiles can be compared line by
 * line. */
#include "output/facts.h"
#include "output/figure.h"
#include "output/json.h"
#include "output/writers.h"

static void put_time(struct wd_json *in, const char *key, int64_t ns)
{
    wd_json_next(in, key);
    wd_buf_byte(in->out, '"');
    if (ns)
        wd_put_time(in->out, ns);
    wd_buf_byte(in->out, '"');
}

static void put_lacks(struct wd_json *in, const struct wd_input *input)
{
    if (!input->lacks)
        return;
    struct wd_json list = wd_json_list(in, "not_contained", false);
    for (int i = 0; i < WD_LAYER_COUNT; i++)
        if (input->lacks >> i & 1)
            wd_json_word(&list, NULL, wd_layer_names[i]);
    wd_json_close(&list);
}

static void put_inputs(struct wd_json *root, const struct wd_profile *p)
{
    struct wd_json list = wd_json_list(root, "inputs", true);
    for (size_t i = 0; i < p->input_count; i++) {
        const struct wd_input *in = &p->inputs[i];
        struct wd_json o = wd_json_object(&list, NULL, false);
        wd_json_text(&o, "name", in->name);
        wd_json_count(&o, "bytes", in->bytes);
        wd_json_count(&o, "packets", in->packets);
        put_time(&o, "first", in->first_ns);
        put_time(&o, "last", in->last_ns);
        wd_json_some(&o, "dropped", in->dropped);
        if (in->kind != WD_INPUT_CAPTURE)
            wd_json_word(&o, "kind", wd_input_kind_names[in->kind]);
        wd_json_some(&o, "messages", in->messages);
        wd_json_some(&o, "left_out", in->left_out);
        put_lacks(&o, in);
        wd_json_close(&o);
    }
    wd_json_close(&list);
}

static void put_totals(struct wd_json *root, const struct wd_profile *p)
{
    struct wd_json o = wd_json_object(root, "totals", true);
    wd_json_count(&o, "captured_bytes", p->ledger.captured_bytes);
    wd_json_count(&o, "missing_bytes", p->ledger.missing_bytes);
    wd_json_count(&o, "packets", p->ledger.packets);
    wd_json_count(&o, "connections", p->connections);
    wd_json_count(&o, "messages", p->messages);
    wd_json_count(&o, "malformed", p->malformed);
    wd_json_count(&o, "payload_bytes", p->payload_bytes);
    wd_json_count(&o, "wire_payload_bytes", p->wire_payload_bytes);
    struct wd_json layers = wd_json_object(&o, "layers", false);
    for (int i = 0; i < WD_LAYER_COUNT; i++)
        wd_json_count(&layers, wd_layer_names[i], p->ledger.layer[i]);
    wd_json_close(&layers);
    wd_json_some(&o, "damaged", p->ledger.damaged);
    wd_json_some(&o, "ambiguous_bytes", p->ledger.ambiguous_bytes);
    wd_json_close(&o);
}

static void put_undecoded(struct wd_json *root, const struct wd_ledger *l)
{
    struct wd_json list = wd_json_list(root, "undecoded", true);
    for (int i = 0; i < WD_REASON_COUNT; i++) {
        if (!l->reason_bytes[i] && !l->reason_streams[i])
            continue;
        struct wd_json o = wd_json_object(&list, NULL, false);
        wd_json_word(&o, "reason", wd_reason_names[i]);
        wd_json_count(&o, "bytes", l->reason_bytes[i]);
        wd_json_count(&o, "streams", l->reason_streams[i]);
        wd_json_close(&o);
    }
    wd_json_close(&list);
}

static void put_connections(struct wd_json *root, const struct wd_profile *p)
{
    struct wd_json o = wd_json_object(root, "connections", false);
    wd_json_count(&o, "opened", p->counts.opened);
    wd_json_count(&o, "reconnects", p->reconnects);
    wd_json_count(&o, "pings", p->counts.pings);
    wd_json_count(&o, "pongs", p->counts.pongs);
    wd_json_count(&o, "closes", p->counts.closes);
    wd_json_some(&o, "fragmented", p->counts.messages_fragmented);
    wd_json_some(&o, "compressed", p->counts.messages_compressed);
    wd_json_close(&o);
}

static void put_directions(struct wd_json *in, const char *key, const uint64_t counts[2])
{
    struct wd_json o = wd_json_object(in, key, false);
    wd_json_count(&o, wd_direction_names[WD_C2S], counts[0]);
    wd_json_count(&o, wd_direction_names[WD_S2C], counts[1]);
    wd_json_close(&o);
}

static void put_servers(struct wd_json *in, const struct wd_profile *p)
{
    if (!p->server_name_count)
        return;
    struct wd_json list = wd_json_list(in, "server_names", true);
    for (size_t i = 0; i < p->server_name_count; i++) {
        struct wd_json row = wd_json_object(&list, NULL, false);
        wd_json_text(&row, "name", p->server_names[i].name);
        wd_json_count(&row, "connections", p->server_names[i].connections);
        wd_json_close(&row);
    }
    wd_json_close(&list);
}

static void put_tls(struct wd_json *root, const struct wd_profile *p)
{
    const struct wd_tls_counts *tls = &p->tls;
    struct wd_buf name = { 0 };
    if (!tls->connections)
        return;
    struct wd_json o = wd_json_object(root, "tls", true);
    wd_json_count(&o, "connections", tls->connections);
    wd_json_count(&o, "decrypted", tls->decrypted);
    wd_json_count(&o, "records", tls->records);
    struct wd_json list = wd_json_list(&o, "ciphers", true);
    for (size_t i = 0; i < tls->kind_count; i++) {
        if (!tls->kinds[i].connections && !tls->kinds[i].records[0] && !tls->kinds[i].records[1])
            continue;
        struct wd_json row = wd_json_object(&list, NULL, false);
        wd_buf_reset(&name);
        wd_suite_name(tls->kinds[i].suite, &name);
        wd_json_word(&row, "version", wd_tls_version_name(tls->kinds[i].version));
        wd_json_word(&row, "cipher", wd_buf_cstr(&name));
        wd_json_count(&row, "connections", tls->kinds[i].connections);
        wd_json_count(&row, "decrypted", tls->kinds[i].decrypted);
        put_directions(&row, "records", tls->kinds[i].records);
        put_directions(&row, "data_bytes", tls->kinds[i].data_bytes);
        put_time(&row, "first", tls->kinds[i].first_ns);
        put_time(&row, "last", tls->kinds[i].last_ns);
        wd_json_close(&row);
    }
    wd_json_close(&list);
    put_servers(&o, p);
    wd_json_close(&o);
    wd_buf_free(&name);
}

/* The counts of a closed set that are not zero, under their names. */
static void put_counts(struct wd_json *in, const char *key, const uint64_t *counts, const char *const *names,
                       int count)
{
    struct wd_json o = wd_json_object(in, key, false);
    for (int i = 0; i < count; i++)
        wd_json_some(&o, names[i], counts[i]);
    wd_json_close(&o);
}

static void put_hold(struct wd_json *in, const struct wd_row *row)
{
    uint64_t any = 0;
    for (int i = 0; i < WD_HOLD_BUCKETS; i++)
        any |= row->hold[i];
    if (!any)
        return;
    struct wd_json list = wd_json_list(in, "hold", false);
    for (uint64_t i = 0; i < WD_HOLD_BUCKETS; i++) {
        if (!row->hold[i])
            continue;
        struct wd_json pair = wd_json_list(&list, NULL, false);
        wd_json_count(&pair, NULL, i);
        wd_json_count(&pair, NULL, row->hold[i]);
        wd_json_close(&pair);
    }
    wd_json_close(&list);
    wd_json_count(in, "hold_ms", row->hold_ms);
}

static void put_equals(struct wd_json *in, const struct wd_row *row)
{
    if (!row->equals_count)
        return;
    struct wd_json list = wd_json_list(in, "equals", false);
    for (size_t i = 0; i < row->equals_count; i++)
        wd_json_text(&list, NULL, row->equals[i]);
    wd_json_close(&list);
}

static void put_sketch(struct wd_json *in, const struct wd_row *row)
{
    if (!row->sketch || wd_row_is_private(row))
        return;
    struct wd_buf text = { 0 };
    wd_sketch_write(row->sketch, &text);
    wd_json_text(in, "sketch", wd_buf_bytes(&text));
    wd_buf_free(&text);
}

static void put_nested(struct wd_json *in, const struct wd_nested *nested)
{
    if (!nested)
        return;
    struct wd_json o = wd_json_object(in, "nested", false);
    wd_json_word(&o, "codec", nested->codec);
    wd_json_count(&o, "values", nested->values);
    wd_json_some(&o, "base64", nested->base64);
    wd_json_count(&o, "bytes", nested->bytes);
    wd_json_count(&o, "waste_bytes", nested->waste_bytes);
    wd_json_true(&o, "folded", nested->is_folded);
    struct wd_json members = wd_json_list(&o, "members", false);
    for (size_t i = 0; i < nested->member_count; i++) {
        struct wd_json m = wd_json_object(&members, NULL, false);
        wd_json_text(&m, "path", wd_nested_path(&nested->members[i]));
        wd_json_count(&m, "values", nested->members[i].values);
        wd_json_count(&m, "bytes", nested->members[i].bytes);
        wd_json_close(&m);
    }
    wd_json_close(&members);
    wd_json_close(&o);
}

static void put_encodings(struct wd_json *in, const struct wd_encodings *e)
{
    if (!e->records)
        return;
    struct wd_json o = wd_json_object(in, "encodings", false);
#define PUT(name) wd_json_some(&o, #name, e->name);
    WD_ENCODINGS(PUT)
#undef PUT
    wd_json_close(&o);
}

static void put_row(struct wd_json *list, const struct wd_row *row, bool has_wire_bits)
{
    struct wd_json o = wd_json_object(list, NULL, false);
    wd_json_text(&o, "path", row->path);
    wd_json_count(&o, "present", row->present);
    wd_json_count(&o, "occurrences", row->occurrences);
    wd_json_count(&o, "bytes", wd_row_bytes(row));
    wd_json_count(&o, "key_bytes", row->key_bytes);
    wd_json_count(&o, "value_bytes", row->value_bytes);
    wd_json_count(&o, "syntax_bytes", row->syntax_bytes);
    wd_json_count(&o, "whitespace_bytes", row->space_bytes);
    if (has_wire_bits)
        wd_json_count(&o, "wire_bits", row->wire_bits);
    put_counts(&o, "types", row->types, wd_type_names, WD_TYPE_COUNT);
    wd_json_some(&o, "empty", row->empty);
    wd_json_count(&o, "compared", row->compared);
    wd_json_count(&o, "changed", row->changed);
    wd_json_count(&o, "toggled", row->toggled);
    wd_json_count(&o, "changed_beyond", row->changed_beyond);
    wd_json_count(&o, "entity_compared", row->entity_compared);
    wd_json_count(&o, "entity_changed", row->entity_changed);
    wd_json_count(&o, "repeated_bytes", row->repeated_bytes);
    wd_json_some(&o, "series", row->series);
    wd_json_some(&o, "constant_series", row->constant_series);
    wd_json_count(&o, "distinct", row->distinct);
    wd_json_true(&o, "distinct_estimated", wd_row_is_distinct_estimated(row));
    wd_json_some(&o, "distinct_max", row->distinct_max);
    put_counts(&o, "shapes", row->shapes, wd_shape_names, WD_SHAPE_COUNT);
    wd_json_count(&o, "shape_values", row->shape_values);
    wd_json_some(&o, "value_len_max", row->value_len_max);
    wd_json_some(&o, "digits", row->digits);
    put_encodings(&o, &row->encodings);
    put_nested(&o, row->nested);
    put_hold(&o, row);
    put_equals(&o, row);
    put_sketch(&o, row);
    wd_json_true(&o, "folded", row->is_folded);
    wd_json_true(&o, "estimated", row->is_estimated);
    wd_json_true(&o, "discriminator", row->is_discriminator);
    wd_json_true(&o, "entity_key", row->is_entity_key);
    wd_json_close(&o);
}

static void put_type(struct wd_json *list, const struct wd_type_profile *type)
{
    struct wd_json o = wd_json_object(list, NULL, true);
    wd_json_text(&o, "name", type->name);
    wd_json_word(&o, "named_by", wd_named_by_names[type->named_by]);
    wd_json_text(&o, "channel", type->channel);
    wd_json_word(&o, "direction", wd_direction_names[type->direction]);
    wd_json_true(&o, "direction_guessed", type->is_direction_guessed);
    wd_json_word(&o, "transport", wd_transport_names[type->transport]);
    wd_json_word(&o, "codec", type->codec ? type->codec : "opaque");
    wd_json_count(&o, "count", type->count);
    wd_json_some(&o, "malformed", type->malformed);
    wd_json_count(&o, "payload_bytes", type->payload_bytes);
    wd_json_count(&o, "wire_payload_bytes", type->wire_payload_bytes);
    if (type->has_wire_bits)
        wd_json_count(&o, "wire_bits", type->wire_bits);
    wd_json_true(&o, "wire_estimated", type->is_wire_estimated);
    wd_json_text(&o, "entity", type->entity);
    if (type->discriminator.len)
        wd_json_text(&o, "discriminator", type->discriminator);
    if (type->discovered.len)
        wd_json_text(&o, "discovered", type->discovered);
    wd_json_some(&o, "connections", type->connections);
    wd_json_some(&o, "compared_messages", type->compared_messages);
    wd_json_some(&o, "repeated_messages", type->repeated_messages);
    wd_json_some(&o, "other_fields", type->other_fields);
    put_time(&o, "first", type->first_ns);
    put_time(&o, "last", type->last_ns);
    struct wd_json rows = wd_json_list(&o, "fields", true);
    for (size_t r = 0; r < type->row_count; r++)
        put_row(&rows, &type->rows[r], type->has_wire_bits);
    wd_json_close(&rows);
    wd_json_close(&o);
}

void wd_json_profile(struct wd_buf *out, const struct wd_profile *profile)
{
    struct wd_json root = wd_json_root(out);
    wd_json_word(&root, "wirediet", "profile/1");
    put_inputs(&root, profile);
    put_totals(&root, profile);
    put_undecoded(&root, &profile->ledger);
    put_connections(&root, profile);
    put_tls(&root, profile);
    wd_json_true(&root, "incomplete", profile->is_incomplete);
    struct wd_json list = wd_json_list(&root, "messages", true);
    for (size_t t = 0; t < profile->type_count; t++)
        put_type(&list, &profile->types[t]);
    wd_json_close(&list);
    wd_json_close(&root);
}
