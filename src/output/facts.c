#include "output/facts.h"

#include <stdlib.h>

#include "model/path.h"
#include "output/figure.h"

const struct wd_reason_words wd_reason_words[WD_REASON_COUNT] = {
    [WD_REASON_TLS_NO_KEYS] = { "TLS without keys", "give the key log of a client or server with --keylog" },
    [WD_REASON_GAP] = { "packets missing from the capture",
                        "capture with a larger buffer (tcpdump -B 65536)" },
    [WD_REASON_INCOMPLETE] = { "cut off before it was complete", "capture until the connections close" },
    [WD_REASON_UNKNOWN_PROTOCOL] = { "a protocol that is not read",
                                     "read are HTTP/1.1, WebSocket and event streams" },
    [WD_REASON_LIMIT] = { "a limit was reached", "see --limits, and raise it with --limit" },
    [WD_REASON_MALFORMED_LINK] = { "broken link headers", "capture again" },
    [WD_REASON_MALFORMED_IP] = { "broken IP headers", "capture again" },
    [WD_REASON_MALFORMED_TRANSPORT] = { "broken TCP headers", "capture again" },
    [WD_REASON_MALFORMED_HTTP] = { "broken HTTP", "look at the peer: it does not follow RFC 9112" },
    [WD_REASON_MALFORMED_FRAMING] = { "broken WebSocket frames",
                                      "look at the peer: it does not follow RFC 6455" },
    [WD_REASON_MALFORMED_ENCODING] = { "compressed data that does not unpack",
                                       "capture from the start of the connection" },
    [WD_REASON_UNSUPPORTED_ENCODING] = { "a compression that is not read",
                                         "read are gzip, deflate, br and zstd" },
    [WD_REASON_FRAGMENT] = { "IP fragments that never met", "capture where packets are whole" },
    [WD_REASON_UNKNOWN_LINK] = { "a link type that is not read", "capture on Ethernet, loopback or 'any'" },
    [WD_REASON_MALFORMED_TLS] = { "broken TLS", "look at the peer: it does not follow RFC 8446" },
    [WD_REASON_TLS_UNSUPPORTED] = { "TLS with a cipher or version that is not read", "read are TLS 1.2 and 1.3" },
};

double wd_profile_decoded(const struct wd_profile *profile)
{
    const struct wd_ledger *l = &profile->ledger;
    return l->captured_bytes ? 1 - wd_share_of(l->layer[WD_LAYER_UNDECODED], l->captured_bytes) : 1;
}

bool wd_profile_is_told(const struct wd_profile *profile)
{
    bool is_told = profile->input_count > 0;
    for (size_t i = 0; i < profile->input_count; i++)
        is_told &= profile->inputs[i].kind != WD_INPUT_CAPTURE;
    return is_told;
}

bool wd_profile_lacks(const struct wd_profile *profile, enum wd_layer layer)
{
    bool is_lacking = profile->input_count > 0 && !profile->ledger.layer[layer];
    for (size_t i = 0; i < profile->input_count; i++)
        is_lacking &= profile->inputs[i].lacks >> layer & 1;
    return is_lacking;
}

void wd_put_lacks(struct wd_buf *out, const struct wd_profile *profile)
{
    bool has[WD_INPUT_KIND_COUNT] = { false }, lacks_heads = false;
    for (size_t i = 0; i < profile->input_count; i++) {
        const struct wd_input *in = &profile->inputs[i];
        has[in->kind] = true;
        lacks_heads |= in->kind == WD_INPUT_HAR && in->lacks >> WD_LAYER_HTTP & 1;
    }
    if (has[WD_INPUT_HAR]) {
        wd_buf_puts(
            out,
            "Not contained in a HAR: link, IP, TCP and TLS headers, WebSocket framing and control frames, what was resent, "
            "and what messages took once compressed");
        wd_buf_puts(out, lacks_heads ? "; the size of HTTP heads was not always stated." : ".");
    }
    if (has[WD_INPUT_NDJSON])
        wd_buf_printf(
            out,
            "%sNot contained in lines of JSON: anything but the messages; framing is what stands around them in the file.",
            has[WD_INPUT_HAR] ? " " : "");
}

void wd_put_left_out(struct wd_buf *out, const struct wd_profile *profile)
{
    uint64_t packets = 0, others = 0;
    for (size_t i = 0; i < profile->input_count; i++)
        *(profile->inputs[i].kind == WD_INPUT_CAPTURE ? &packets : &others) += profile->inputs[i].left_out;
    if (!packets && !others)
        return;
    if (packets)
        wd_put_plural(out, packets, "packet", "packets");
    wd_buf_puts(out, packets && others ? " and " : "");
    if (others)
        wd_put_plural(out, others, "message or exchange", "messages or exchanges");
    wd_buf_puts(out, " left out by --from, --to or --filter");
}

static const enum wd_shape private_shapes[] = {
    WD_SHAPE_EMAIL,        WD_SHAPE_JWT,          WD_SHAPE_PEM,
    WD_SHAPE_AUTH_HEADER,  WD_SHAPE_VENDOR_TOKEN, WD_SHAPE_URL_CREDENTIALS,
    WD_SHAPE_CREDIT_CARD,  WD_SHAPE_IBAN,         WD_SHAPE_IMEI,
    WD_SHAPE_MAC,          WD_SHAPE_IPV4,         WD_SHAPE_IPV6,
    WD_SHAPE_PHONE,        WD_SHAPE_USER_AGENT,   WD_SHAPE_UUID,
    WD_SHAPE_HIGH_ENTROPY, WD_SHAPE_DATE,
};

const char *wd_row_likeness(const struct wd_row *row)
{
    for (size_t i = 0; i < WD_COUNT(private_shapes); i++) {
        enum wd_shape shape = private_shapes[i];
        /* Weak shapes: many ordinary values have them. They count against saving a sketch, but are no news.
         */
        if (shape == WD_SHAPE_DATE || shape == WD_SHAPE_HIGH_ENTROPY)
            continue;
        if (row->shape_values && row->shapes[shape] > 0 && row->shapes[shape] >= (row->shape_values + 1) / 2)
            return wd_shape_names[shape];
    }
    return NULL;
}

struct order { size_t index; uint64_t first, second; };

static int by_order(const void *a, const void *b)
{
    const struct order *x = a, *y = b;
    if (x->first != y->first)
        return x->first < y->first ? 1 : -1;
    if (x->second != y->second)
        return x->second < y->second ? 1 : -1;
    return (x->index > y->index) - (x->index < y->index);
}

/* Sorts, and keeps the indices of the first `keep`; takes `orders`. */
static size_t *indices(struct order *orders, size_t count, size_t keep)
{
    if (count)
        qsort(orders, count, sizeof *orders, by_order);
    size_t *index = wd_alloc(keep * sizeof *index + 1);
    for (size_t i = 0; i < keep; i++)
        index[i] = orders[i].index;
    wd_free(orders);
    return index;
}

size_t *wd_types_by_cost(const struct wd_profile *profile, bool is_by_wire)
{
    struct order *orders = wd_alloc(profile->type_count * sizeof *orders + 1);
    for (size_t t = 0; t < profile->type_count; t++)
        orders[t] = (struct order){ t, is_by_wire ? profile->types[t].wire_payload_bytes : profile->types[t].payload_bytes,
                                    profile->types[t].count };
    return indices(orders, profile->type_count, profile->type_count);
}

/* Repetition is nearly free once compressed, so by wire bits the order is the cost alone. */
static size_t *rows_by_wire(const struct wd_type_profile *type, size_t keep)
{
    struct order *orders = wd_alloc(type->row_count * sizeof *orders + 1);
    for (size_t r = 0; r < type->row_count; r++)
        orders[r] = (struct order){ r, type->rows[r].wire_bits, wd_row_bytes(&type->rows[r]) };
    return indices(orders, type->row_count, keep);
}

size_t *wd_rows_by_waste(const struct wd_type_profile *type, size_t *count, bool is_by_wire)
{
    size_t keep = *count < type->row_count ? *count : type->row_count;
    *count = keep;
    if (is_by_wire)
        return rows_by_wire(type, keep);
    struct order *orders = wd_alloc(type->row_count * sizeof *orders + 1);
    for (size_t r = 0; r < type->row_count; r++)
        orders[r] = (struct order){ r, wd_row_bytes(&type->rows[r]), wd_row_repeated(type, &type->rows[r]) };
    size_t *largest = indices(orders, type->row_count, keep);
    orders = wd_alloc(keep * sizeof *orders + 1);
    for (size_t i = 0; i < keep; i++) {
        const struct wd_row *row = &type->rows[largest[i]];
        orders[i] = (struct order){ largest[i], wd_row_repeated(type, row), wd_row_bytes(row) };
    }
    wd_free(largest);
    return indices(orders, keep, keep);
}

static bool locate(const struct wd_audit *audit, const struct wd_finding *f, size_t *type, size_t *row)
{
    if (!audit->profile || !f->type || !f->row)
        return false;
    *type = (size_t)(f->type - audit->profile->types);
    *row = (size_t)(f->row - f->type->rows);
    return *type < audit->profile->type_count && *row < f->type->row_count;
}

enum wd_verdict wd_finding_verdict(const struct wd_audit *audit, const struct wd_finding *finding)
{
    size_t t, r;
    return audit->verdicts && locate(audit, finding, &t, &r) ? audit->verdicts[t][r] : WD_VERDICT_UNKNOWN;
}

const struct wd_fact *wd_finding_fact(const struct wd_finding *finding, const char *key)
{
    for (size_t i = 0; i < finding->fact_count; i++)
        if (strcmp(finding->facts[i].key, key) == 0)
            return &finding->facts[i];
    return NULL;
}

static bool is_below(struct wd_bytes path, struct wd_bytes top)
{
    return !wd_bytes_eq(path, top) && wd_path_is_under(path, top);
}

/* The container's own bytes and those of everything below it. */
static uint64_t subtree_bytes(const struct wd_finding *f)
{
    uint64_t bytes = wd_row_bytes(f->row);
    for (size_t r = 0; r < f->type->row_count; r++)
        if (is_below(f->type->rows[r].path, f->path))
            bytes += wd_row_bytes(&f->type->rows[r]);
    return bytes;
}

uint64_t wd_finding_each(const struct wd_finding *finding)
{
    if (!finding->type)
        return 0;
    uint64_t bytes = finding->saves_bytes;
    if (bytes == 0)
        bytes = finding->row ? subtree_bytes(finding) : finding->path.len ? 0 : finding->type->payload_bytes;
    return wd_each(bytes, finding->type->count);
}

uint64_t wd_finding_wire_bits(const struct wd_finding *f)
{
    if (!f->type || !f->type->has_wire_bits)
        return 0;
    if (f->saves_bytes)
        return 8 * f->saves_wire_bytes;
    if (!f->row)
        return f->path.len ? 0 : f->type->wire_bits;
    uint64_t bits = f->row->wire_bits;
    for (size_t r = 0; r < f->type->row_count; r++)
        if (is_below(f->type->rows[r].path, f->path))
            bits += f->type->rows[r].wire_bits;
    return bits;
}

void wd_finding_below(const struct wd_audit *audit, const struct wd_finding *finding, uint64_t *fields,
                      uint64_t *personal)
{
    *fields = *personal = 0;
    size_t t, at;
    if (!locate(audit, finding, &t, &at) || !wd_row_is_container(finding->row))
        return;
    for (size_t r = 0; r < finding->type->row_count; r++) {
        if (!is_below(finding->type->rows[r].path, finding->path))
            continue;
        *fields += !wd_row_is_container(&finding->type->rows[r]);
        *personal += audit->personal && audit->personal[t][r].len > 0;
    }
}

bool wd_row_is_distinct_estimated(const struct wd_row *row)
{
    return row->distinct > WD_SPARSE;
}

bool wd_audit_knows_readers(const struct wd_audit *audit)
{
    return audit->usage && audit->usage->consumer_count;
}

bool wd_audit_has_rule(const struct wd_audit *audit, const char *id)
{
    for (size_t i = 0; i < audit->finding_count; i++)
        if (strcmp(audit->findings[i].rule->id, id) == 0)
            return true;
    return false;
}
