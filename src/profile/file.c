/* profile/file.c - profile/1 through jansson; every member is checked before it is believed. */
#include "profile/file.h"

#include <string.h>

#include "base/escape.h"
#include "base/file.h"
#include "profile/file_reader.h"

/* --- message types --- */

static int get_rows(const struct reader *r, const json_t *object, struct wd_type_profile *t)
{
    const json_t *list;
    size_t count;
    TRY(get_list(r, object, "fields", &list, &count));
    if (count > r->limits->fields + 3)
        return fail(r, "fields", "shorter than the limit 'fields' (raise it with --limit fields=...)");
    t->rows = wd_arena_array(r->arena, struct wd_row, count);
    for (size_t i = 0; i < count; i++) {
        t->row_count++;  /* before it is read, so that its sketch is closed when something later fails */
        TRY(get_row(r, json_array_get(list, i), &t->rows[i]));
        if (!t->has_wire_bits)
            t->rows[i].wire_bits = 0;
        if (t->rows[i].present > t->count || wd_row_bytes(&t->rows[i]) > t->payload_bytes)
            return fail(r, "fields", "no more than the messages that carry them");
    }
    return WD_OK;
}

static int get_type(const struct reader *r, const json_t *object, struct wd_type_profile *t)
{
    const struct { const char *name; uint64_t *at; } counts[] = {
        { "count", &t->count }, { "malformed", &t->malformed }, { "payload_bytes", &t->payload_bytes },
        { "wire_payload_bytes", &t->wire_payload_bytes }, { "wire_bits", &t->wire_bits }, { "connections", &t->connections },
        { "compared_messages", &t->compared_messages }, { "repeated_messages", &t->repeated_messages },
        { "other_fields", &t->other_fields },
    };
    int direction = WD_S2C, transport = WD_TRANSPORT_WEBSOCKET, named_by = WD_NAMED_BY_DEFAULT;
    TRY(get_text(r, object, "name", &t->name));
    TRY(get_text(r, object, "channel", &t->channel));
    TRY(get_text(r, object, "entity", &t->entity));
    TRY(get_text(r, object, "discriminator", &t->discriminator));
    TRY(get_text(r, object, "discovered", &t->discovered));
    TRY(get_word(r, object, "direction", wd_direction_names, WD_DIRECTION_COUNT, &direction));
    TRY(get_word(r, object, "transport", wd_transport_names, WD_TRANSPORT_COUNT, &transport));
    TRY(get_word(r, object, "named_by", wd_named_by_names, WD_NAMED_BY_COUNT, &named_by));
    TRY(get_flag(r, object, "direction_guessed", &t->is_direction_guessed));
    TRY(get_codec(r, object, &t->codec));
    t->direction = (enum wd_direction)direction;
    t->transport = (enum wd_transport)transport;
    t->named_by = (enum wd_named_by)named_by;
    for (size_t i = 0; i < WD_COUNT(counts); i++)
        TRY(get_count(r, object, counts[i].name, counts[i].at));
    t->has_wire_bits = json_object_get(object, "wire_bits") != NULL;
    TRY(get_flag(r, object, "wire_estimated", &t->is_wire_estimated));
    TRY(get_time(r, object, "first", &t->first_ns));
    TRY(get_time(r, object, "last", &t->last_ns));
    const struct part parts[] = {
        { t->malformed, t->count, "malformed" }, { t->compared_messages, t->count, "compared_messages" },
        { t->repeated_messages, t->compared_messages, "repeated_messages" },
    };
    TRY(check_parts(r, parts, WD_COUNT(parts)));
    return get_rows(r, object, t);
}

static int get_types(const struct reader *r, const json_t *root, struct wd_profile *p)
{
    const json_t *list;
    size_t count;
    TRY(get_list(r, root, "messages", &list, &count));
    if (count > 3 * r->limits->types + 6)  /* each channel and direction can have an (other) besides */
        return fail(r, "messages", "shorter than the limit 'types' (raise it with --limit types=...)");
    p->types = wd_arena_array(r->arena, struct wd_type_profile, count);
    for (size_t i = 0; i < count; i++) {
        p->type_count++;
        TRY(get_type(r, json_array_get(list, i), &p->types[i]));
    }
    return WD_OK;
}

/* --- the head --- */

static int get_lacks(const struct reader *r, const json_t *object, struct wd_input *in)
{
    const json_t *list = json_object_get(object, "not_contained");
    if (list && !json_is_array(list))
        return fail(r, "not_contained", "a list of layers");
    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *word = json_string_value(json_array_get(list, i));
        int layer = WD_LAYER_COUNT - 1;
        while (word && layer >= 0 && strcmp(word, wd_layer_names[layer]) != 0)
            layer--;
        if (!word || layer < 0)
            return fail(r, "not_contained", "a list of layers");
        in->lacks |= 1u << layer;
    }
    return WD_OK;
}

static int get_told(const struct reader *r, const json_t *object, struct wd_input *in)
{
    int kind = WD_INPUT_CAPTURE;
    TRY(get_word(r, object, "kind", wd_input_kind_names, WD_INPUT_KIND_COUNT, &kind));
    in->kind = (enum wd_input_kind)kind;
    TRY(get_count(r, object, "messages", &in->messages));
    TRY(get_count(r, object, "left_out", &in->left_out));
    return get_lacks(r, object, in);
}

static int get_inputs(const struct reader *r, const json_t *root, struct wd_profile *p)
{
    const json_t *list;
    TRY(get_list(r, root, "inputs", &list, &p->input_count));
    p->inputs = wd_arena_array(r->arena, struct wd_input, p->input_count);
    for (size_t i = 0; i < p->input_count; i++) {
        const json_t *object = json_array_get(list, i);
        TRY(get_text(r, object, "name", &p->inputs[i].name));
        TRY(get_count(r, object, "bytes", &p->inputs[i].bytes));
        TRY(get_count(r, object, "packets", &p->inputs[i].packets));
        TRY(get_time(r, object, "first", &p->inputs[i].first_ns));
        TRY(get_time(r, object, "last", &p->inputs[i].last_ns));
        TRY(get_count(r, object, "dropped", &p->inputs[i].dropped));
        TRY(get_told(r, object, &p->inputs[i]));
    }
    return WD_OK;
}

static int get_undecoded(const struct reader *r, const json_t *root, struct wd_ledger *l)
{
    const json_t *list;
    size_t count;
    TRY(get_list(r, root, "undecoded", &list, &count));
    for (size_t i = 0; i < count; i++) {
        int reason = -1;
        TRY(get_word(r, json_array_get(list, i), "reason", wd_reason_names, WD_REASON_COUNT, &reason));
        if (reason < 0)
            return fail(r, "reason", "there in each row of undecoded");
        TRY(get_count(r, json_array_get(list, i), "bytes", &l->reason_bytes[reason]));
        TRY(get_count(r, json_array_get(list, i), "streams", &l->reason_streams[reason]));
    }
    return WD_OK;
}

static int get_totals(const struct reader *r, const json_t *root, struct wd_profile *p)
{
    const json_t *totals = json_object_get(root, "totals"),
                 *connections = json_object_get(root, "connections");
    if (!json_is_object(totals))
        return fail(r, "totals", "an object");
    if (connections && !json_is_object(connections))
        return fail(r, "connections", "an object");
    struct wd_ledger *l = &p->ledger;
    TRY(get_count(r, totals, "captured_bytes", &l->captured_bytes));
    TRY(get_count(r, totals, "missing_bytes", &l->missing_bytes));
    TRY(get_count(r, totals, "packets", &l->packets));
    TRY(get_count(r, totals, "connections", &p->connections));
    TRY(get_count(r, totals, "damaged", &l->damaged));
    TRY(get_count(r, totals, "ambiguous_bytes", &l->ambiguous_bytes));
    TRY(get_table(r, totals, "layers", wd_layer_names, WD_LAYER_COUNT, l->layer));
    TRY(get_count(r, connections, "opened", &p->counts.opened));
    TRY(get_count(r, connections, "reconnects", &p->reconnects));
    TRY(get_count(r, connections, "pings", &p->counts.pings));
    TRY(get_count(r, connections, "pongs", &p->counts.pongs));
    TRY(get_count(r, connections, "closes", &p->counts.closes));
    TRY(get_count(r, connections, "fragmented", &p->counts.messages_fragmented));
    TRY(get_count(r, connections, "compressed", &p->counts.messages_compressed));
    return WD_OK;
}

static int get_kind(const struct reader *r, const json_t *object, struct wd_tls_counts *tls)
{
    struct wd_bytes version = { 0 }, cipher = { 0 };
    struct wd_tls_kind kind = { 0 };
    TRY(get_text(r, object, "version", &version));
    TRY(get_text(r, object, "cipher", &cipher));
    TRY(get_count(r, object, "connections", &kind.connections));
    TRY(get_count(r, object, "decrypted", &kind.decrypted));
    TRY(get_table(r, object, "records", wd_direction_names, 2, kind.records));
    TRY(get_table(r, object, "data_bytes", wd_direction_names, 2, kind.data_bytes));
    TRY(get_time(r, object, "first", &kind.first_ns));
    TRY(get_time(r, object, "last", &kind.last_ns));
    if (!wd_tls_version_code(version, &kind.version))
        return fail(r, "version", "a version of TLS, or unknown");
    if (!wd_suite_code(cipher, &kind.suite))
        return fail(r, "cipher", "a cipher suite, or unknown");
    if (kind.decrypted > kind.connections)
        return fail(r, "decrypted", "not more than what it is a part of");
    wd_tls_kind_add(wd_tls_counts_kind(tls, kind.version, kind.suite), &kind);
    return WD_OK;
}

static int get_tls(const struct reader *r, const json_t *root, struct wd_profile *p)
{
    const json_t *object = json_object_get(root, "tls"), *list;
    size_t count;
    uint64_t connections = 0, decrypted = 0;
    if (!object)
        return WD_OK;
    if (!json_is_object(object))
        return fail(r, "tls", "an object");
    TRY(get_count(r, object, "connections", &p->tls.connections));
    TRY(get_count(r, object, "decrypted", &p->tls.decrypted));
    TRY(get_count(r, object, "records", &p->tls.records));
    TRY(get_list(r, object, "ciphers", &list, &count));
    for (size_t i = 0; i < count; i++)
        TRY(get_kind(r, json_array_get(list, i), &p->tls));
    for (size_t i = 0; i < p->tls.kind_count; i++) {
        connections += p->tls.kinds[i].connections;
        decrypted += p->tls.kinds[i].decrypted;
    }
    if (connections != p->tls.connections || decrypted != p->tls.decrypted)
        return fail(r, "tls", "the sum over its ciphers");
    return WD_OK;
}

static int check_balance(const struct reader *r, const struct wd_profile *p)
{
    struct wd_buf why = { 0 };
    int rc = WD_OK;
    if (!wd_profile_balances(p, &why)) {
        struct wd_bytes first =
            wd_bytes_at(why.at, (size_t)((uint8_t *)memchr(why.at, '\n', why.len) - why.at));
        struct wd_shown shown;
        rc = wd_fail(r->err, WD_EPARSE, (struct wd_place){ .file = r->file },
                     "the profile does not balance (%s); make it again with wirediet profile",
                     wd_show(&shown, first));
    }
    wd_buf_free(&why);
    return rc;
}

static bool add(uint64_t *sum, uint64_t count)
{
    return !__builtin_add_overflow(*sum, count, sum) && *sum <= (uint64_t)most_count;
}

/* Sums that wrap around could agree by chance, and those beyond the largest count could not be written and
 * read again. */
static bool is_sum_small(const struct wd_profile *p)
{
    uint64_t payload = 0, wire = 0, count = 0;
    for (size_t t = 0; t < p->type_count; t++) {
        const struct wd_type_profile *type = &p->types[t];
        uint64_t rows = 0;
        for (size_t i = 0; i < type->row_count; i++)
            if (!add(&rows, wd_row_bytes(&type->rows[i])))
                return false;
        if (!add(&payload, type->payload_bytes) || !add(&wire, type->wire_payload_bytes) ||
            !add(&count, type->count))
            return false;
    }
    return true;
}

/* The totals that the file states, where it does, are those of its messages. */
static int check_totals(const struct reader *r, const json_t *totals, const struct wd_profile *p)
{
    const struct { const char *name; uint64_t sum; } sums[] = {
        { "messages", p->messages }, { "malformed", p->malformed }, { "payload_bytes", p->payload_bytes },
        { "wire_payload_bytes", p->wire_payload_bytes },
    };
    for (size_t i = 0; i < WD_COUNT(sums); i++) {
        uint64_t said = sums[i].sum;
        TRY(get_count(r, totals, sums[i].name, &said));
        if (said != sums[i].sum)
            return fail(r, sums[i].name, "the sum over all messages");
    }
    return WD_OK;
}

static bool is_same_message(const struct wd_type_profile *a, const struct wd_type_profile *b)
{
    return wd_bytes_eq(a->channel, b->channel) && a->direction == b->direction &&
           wd_bytes_eq(a->name, b->name) && a->transport == b->transport;
}

/* A message stands once, and a path once in it; both are sorted by now. */
static int check_identities(const struct reader *r, const struct wd_profile *p)
{
    for (size_t t = 0; t < p->type_count; t++) {
        if (t && is_same_message(&p->types[t - 1], &p->types[t]))
            return fail(r, "messages", "different in channel, direction, name or transport");
        for (size_t i = 1; i < p->types[t].row_count; i++)
            if (wd_bytes_eq(p->types[t].rows[i - 1].path, p->types[t].rows[i].path))
                return fail(r, "path", "different in each field of a message");
    }
    return WD_OK;
}

static int get_profile(const struct reader *r, const json_t *root, struct wd_profile *p)
{
    const char *kind = json_string_value(json_object_get(root, "wirediet"));
    if (!kind || strcmp(kind, "profile/1") != 0)
        return wd_fail(
            r->err, WD_EPARSE, (struct wd_place){ .file = r->file },
            "not a profile (expected \"wirediet\": \"profile/1\"); make one with wirediet profile CAPTURE, or read lines of JSON with --ndjson");
    TRY(get_inputs(r, root, p));
    TRY(get_totals(r, root, p));
    TRY(get_undecoded(r, root, &p->ledger));
    TRY(get_tls(r, root, p));
    TRY(get_flag(r, root, "incomplete", &p->is_incomplete));
    TRY(get_types(r, root, p));
    if (!is_sum_small(p))
        return fail(r, "messages", "of counts whose sums are at most 2^53");
    wd_profile_settle(p);
    TRY(check_identities(r, p));
    TRY(check_balance(r, p));
    return check_totals(r, json_object_get(root, "totals"), p);
}

/* The library ends with an excerpt; what is no profile may be a payload, whose values go nowhere. */
static struct wd_bytes without_excerpt(const char *why)
{
    const char *excerpt = strstr(why, " near ");
    return wd_bytes_at(why, excerpt ? (size_t)(excerpt - why) : strlen(why));
}

int wd_profile_parse(const char *name, struct wd_bytes text, const struct wd_limits *limits,
                     struct wd_profile **out, struct wd_err *err)
{
    json_error_t why;
    json_set_alloc_funcs(wd_alloc, wd_free);  /* else it takes a want of memory for broken JSON */
    json_t *root = json_loadb((const char *)text.at, text.len, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &why);
    if (!root) {
        struct wd_shown shown;
        struct wd_place at = { .file = name, .line = why.line > 0 ? (uint32_t)why.line : 1,
                               .column = why.column > 0 ? (uint32_t)why.column : 1 };
        return wd_fail(err, WD_EPARSE, at, "not JSON: %s; make the profile again with wirediet profile",
                       wd_show(&shown, without_excerpt(why.text)));
    }
    struct wd_profile *p = wd_alloc(sizeof *p);
    p->arena = wd_arena_open();
    struct reader r = { name, p->arena, err, limits };
    int rc = json_is_object(root) ? get_profile(&r, root, p) : fail(&r, ".", "an object");
    json_decref(root);
    if (rc < 0)
        wd_profile_free(p);
    else
        *out = p;
    return rc;
}

int wd_profile_read(const char *name, const struct wd_limits *limits, struct wd_profile **out,
                    struct wd_err *err)
{
    struct wd_arena *scratch = wd_arena_open();
    struct wd_bytes text;
    int rc = wd_file_read(name, limits->memory, scratch, &text, err);
    if (rc >= 0)
        rc = wd_profile_parse(name, text, limits, out, err);
    wd_arena_close(scratch);
    return rc;
}

bool wd_profile_sniff(struct wd_bytes head)
{
    size_t i = 0;
    while (i < head.len && strchr(" \t\r\n", head.at[i]) && head.at[i])
        i++;
    return i < head.len && head.at[i] == '{';
}
