#include "model/profile.h"

#include <inttypes.h>
#include <stdlib.h>

uint64_t wd_row_mean_hold_ms(const struct wd_row *r)
{
    uint64_t count = 0;
    for (int i = 0; i < WD_HOLD_BUCKETS; i++)
        count += r->hold[i];
    uint64_t mean = count ? r->hold_ms / count + (r->hold_ms % count >= count - count / 2) : 0;
    return count && !mean ? 1 : mean;
}

void wd_row_close(struct wd_row *row)
{
    wd_sketch_close(row->sketch);
    wd_sample_close(row->sample);
    wd_nested_close(row->nested);
    row->sketch = NULL;
    row->sample = NULL;
    row->nested = NULL;
}

static int by_path(const void *a, const void *b)
{
    return wd_bytes_cmp(((const struct wd_row *)a)->path, ((const struct wd_row *)b)->path);
}

const struct wd_row *wd_type_row(const struct wd_type_profile *type, struct wd_bytes path)
{
    size_t low = 0, high = type->row_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int c = wd_bytes_cmp(type->rows[middle].path, path);
        if (c == 0)
            return &type->rows[middle];
        if (c < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

/* Directions sort as their names do, like everything else in the file. */
static int by_identity(const void *a, const void *b)
{
    const struct wd_type_profile *x = a, *y = b;
    int c = wd_bytes_cmp(x->channel, y->channel);
    if (!c)
        c = strcmp(wd_direction_names[x->direction], wd_direction_names[y->direction]);
    if (!c)
        c = wd_bytes_cmp(x->name, y->name);
    return c ? c : (int)x->transport - (int)y->transport;
}

void wd_profile_settle(struct wd_profile *profile)
{
    profile->messages = profile->malformed = profile->payload_bytes = profile->wire_payload_bytes = 0;
    for (size_t i = 0; i < profile->type_count; i++) {
        struct wd_type_profile *t = &profile->types[i];
        if (t->row_count)
            qsort(t->rows, t->row_count, sizeof *t->rows, by_path);
        profile->messages += t->count;
        profile->malformed += t->malformed;
        profile->payload_bytes += t->payload_bytes;
        profile->wire_payload_bytes += t->wire_payload_bytes;
    }
    if (profile->type_count)
        qsort(profile->types, profile->type_count, sizeof *profile->types, by_identity);
}

static bool agrees(struct wd_buf *out, const char *what, uint64_t got, uint64_t expected)
{
    if (got != expected)
        wd_buf_printf(out, "%s: %" PRIu64 " but the sum is %" PRIu64 ", %+" PRId64 "\n", what, expected, got,
                      (int64_t)(got - expected));
    return got == expected;
}

bool wd_profile_balances(const struct wd_profile *profile, struct wd_buf *out)
{
    const struct wd_ledger *l = &profile->ledger;
    bool is_ok = agrees(out, "captured bytes", wd_ledger_sum(l), l->captured_bytes);
    uint64_t reasons = 0, messages = 0, payload = 0, wire = 0;
    for (int i = 0; i < WD_REASON_COUNT; i++)
        reasons += l->reason_bytes[i];
    is_ok &= agrees(out, "undecoded bytes", reasons, l->layer[WD_LAYER_UNDECODED]);
    for (size_t t = 0; t < profile->type_count; t++) {
        const struct wd_type_profile *p = &profile->types[t];
        uint64_t rows = 0, bits = 0;
        for (size_t r = 0; r < p->row_count; r++) {
            rows += wd_row_bytes(&p->rows[r]);
            bits += p->rows[r].wire_bits;
        }
        is_ok &= agrees(out, "payload bytes of a message type", rows, p->payload_bytes);
        if (p->has_wire_bits)
            is_ok &= agrees(out, "wire bits of a message type", bits, p->wire_bits);
        messages += p->count;
        payload += p->payload_bytes;
        wire += p->wire_payload_bytes;
    }
    is_ok &= agrees(out, "messages", messages, profile->messages);
    is_ok &= agrees(out, "payload bytes", payload, profile->payload_bytes);
    is_ok &= agrees(out, "wire payload bytes", wire, profile->wire_payload_bytes);
    is_ok &= agrees(out, "payload layer", l->layer[WD_LAYER_PAYLOAD], profile->wire_payload_bytes);
    return is_ok;
}

static struct wd_server_name *server_named(struct wd_profile *p, struct wd_bytes name)
{
    for (size_t i = 0; i < p->server_name_count; i++)
        if (wd_bytes_eq(p->server_names[i].name, name))
            return &p->server_names[i];
    return NULL;
}

void wd_profile_name_server(struct wd_profile *p, struct wd_bytes name, uint64_t connections)
{
    struct wd_server_name *server = server_named(p, name);
    if (!server && p->server_name_count >= WD_SERVER_NAMES) {
        name = wd_bytes_of("(other)");
        server = server_named(p, name);
    }
    if (!p->server_names)
        p->server_names = wd_arena_array(p->arena, struct wd_server_name, WD_SERVER_NAMES + 1);
    if (!server) {
        server = &p->server_names[p->server_name_count++];
        *server = (struct wd_server_name){ .name = wd_arena_copy(p->arena, name) };
    }
    server->connections += connections;
}

void wd_profile_free(struct wd_profile *profile)
{
    if (!profile)
        return;
    for (size_t t = 0; t < profile->type_count; t++)
        for (size_t r = 0; r < profile->types[t].row_count; r++)
            wd_row_close(&profile->types[t].rows[r]);
    wd_arena_close(profile->arena);
    wd_free(profile);
}
