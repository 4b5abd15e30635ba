/* profile/file.c - profile/1 through jansson; every member is checked before it is believed. */
#include "profile/file.h"

#include <jansson.h>
#include <string.h>

#include "base/escape.h"
#include "base/file.h"
#include "base/moment.h"
#include "field/codec.h"

struct reader {
    const char *file;
    struct wd_arena *arena;
    struct wd_err *err;
    const struct wd_limits *limits;
};

static int fail(const struct reader *r, const char *member, const char *expected)
{
    return wd_fail(
        r->err, WD_EPARSE, (struct wd_place){ .file = r->file },
        "not a profile that wirediet can use: '%s' should be %s; make it again with wirediet profile", member,
        expected);
}

/* --- members by kind; a missing one is zero, a wrong one an error --- */

/* Up to here every JSON reader knows integers exactly. */
static const json_int_t most_count = (json_int_t)1 << 53;

static int get_count(const struct reader *r, const json_t *object, const char *name, uint64_t *out)
{
    const json_t *v = json_object_get(object, name);
    if (!v)
        return WD_OK;
    if (!json_is_integer(v) || json_integer_value(v) < 0 || json_integer_value(v) > most_count)
        return fail(r, name, "a count, at most 2^53");
    *out = (uint64_t)json_integer_value(v);
    return WD_OK;
}

static int get_text(const struct reader *r, const json_t *object, const char *name, struct wd_bytes *out)
{
    const json_t *v = json_object_get(object, name);
    if (!v)
        return WD_OK;
    if (!json_is_string(v))
        return fail(r, name, "a string");
    *out = wd_arena_copy(r->arena, wd_bytes_at(json_string_value(v), json_string_length(v)));
    return WD_OK;
}

static int get_flag(const struct reader *r, const json_t *object, const char *name, bool *out)
{
    const json_t *v = json_object_get(object, name);
    if (v && !json_is_boolean(v))
        return fail(r, name, "true or false");
    *out = json_is_true(v);
    return WD_OK;
}

/* One of `names`; *out keeps its value when the member is missing. */
static int get_word(const struct reader *r, const json_t *object, const char *name, const char *const *names,
                    int count, int *out)
{
    const json_t *v = json_object_get(object, name);
    if (!v)
        return WD_OK;
    for (int i = 0; json_is_string(v) && i < count; i++) {
        if (wd_bytes_is(wd_bytes_at(json_string_value(v), json_string_length(v)), names[i])) {
            *out = i;
            return WD_OK;
        }
    }
    return fail(r, name, "a word that this version knows");
}

/* As they are written here: in UTC, with a T. */
static bool read_time(struct wd_bytes text, int64_t *out)
{
    enum { DATE = 10 };
    return text.len > DATE && text.at[DATE] == 'T' && text.at[text.len - 1] == 'Z' &&
           wd_moment_date(text, WD_ZONE_REQUIRED, out);
}

/* "" is no time. */
static int get_time(const struct reader *r, const json_t *object, const char *name, int64_t *out)
{
    const json_t *v = json_object_get(object, name);
    struct wd_bytes text = wd_bytes_at(json_string_value(v), json_string_length(v));
    if (v && !(json_is_string(v) && (!text.len || read_time(text, out))))
        return fail(r, name, "a time like 2026-03-03T09:00:00.000000000Z");
    return WD_OK;
}

/* An object of counts whose names come from a table. */
static int get_table(const struct reader *r, const json_t *object, const char *name, const char *const *names,
                     int count, uint64_t *out)
{
    const json_t *v = json_object_get(object, name);
    if (v && !json_is_object(v))
        return fail(r, name, "an object of counts");
    for (int i = 0; v && i < count; i++)
        TRY(get_count(r, v, names[i], &out[i]));
    return WD_OK;
}

static int get_list(const struct reader *r, const json_t *object, const char *name, const json_t **out,
                    size_t *count)
{
    *out = json_object_get(object, name);
    if (*out && !json_is_array(*out))
        return fail(r, name, "a list");
    *count = *out ? json_array_size(*out) : 0;
    for (size_t i = 0; i < *count; i++)
        if (!json_is_object(json_array_get(*out, i)) && strcmp(name, "equals") != 0 &&
            strcmp(name, "hold") != 0)
            return fail(r, name, "a list of objects");
    return WD_OK;
}

/* --- rows --- */

/* Profiles made before the sum was kept: of each hold the middle of its bucket. */
static int get_hold_ms(const struct reader *r, const json_t *object, struct wd_row *row)
{
    double sum = 0;
    for (int i = 0; i < WD_HOLD_BUCKETS; i++)
        sum += (double)row->hold[i] * 1.5 * (double)(UINT64_C(1) << i);
    row->hold_ms = sum < (double)WD_HOLD_MOST ? (uint64_t)sum : WD_HOLD_MOST;
    return get_count(r, object, "hold_ms", &row->hold_ms);
}

static int get_hold(const struct reader *r, const json_t *object, struct wd_row *row)
{
    const json_t *list;
    size_t count;
    TRY(get_list(r, object, "hold", &list, &count));
    for (size_t i = 0; i < count; i++) {
        const json_t *pair = json_array_get(list, i);
        const json_t *first = json_array_get(pair, 0), *second = json_array_get(pair, 1);
        json_int_t bucket = json_integer_value(first), n = json_integer_value(second);
        if (json_array_size(pair) != 2 || !json_is_integer(first) || !json_is_integer(second) || bucket < 0 ||
            bucket >= WD_HOLD_BUCKETS || n < 0 || n > most_count)
            return fail(r, "hold", "pairs of bucket and count");
        row->hold[bucket] = (uint64_t)n;
    }
    return get_hold_ms(r, object, row);
}

static int get_equals(const struct reader *r, const json_t *object, struct wd_row *row)
{
    const json_t *list;
    TRY(get_list(r, object, "equals", &list, &row->equals_count));
    struct wd_bytes *paths = wd_arena_array(r->arena, struct wd_bytes, row->equals_count);
    for (size_t i = 0; i < row->equals_count; i++) {
        const json_t *v = json_array_get(list, i);
        if (!json_is_string(v))
            return fail(r, "equals", "a list of paths");
        paths[i] = wd_arena_copy(r->arena, wd_bytes_at(json_string_value(v), json_string_length(v)));
        if (i && wd_bytes_cmp(paths[i - 1], paths[i]) >= 0)
            return fail(r, "equals", "a sorted list of paths");
    }
    row->equals = paths;
    return WD_OK;
}

static int get_sketch(const struct reader *r, const json_t *object, struct wd_row *row)
{
    struct wd_bytes text = { 0 };
    TRY(get_text(r, object, "sketch", &text));
    if (text.len && !wd_sketch_read(text, &row->sketch))
        return fail(r, "sketch", "a sketch");
    return WD_OK;
}

/* What is counted of something is not more than it. */
struct part { uint64_t part, whole; const char *name; };

static int check_parts(const struct reader *r, const struct part *parts, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (parts[i].part > parts[i].whole)
            return fail(r, parts[i].name, "not more than what it is a part of");
    return WD_OK;
}

static int check_row(const struct reader *r, const json_t *object, const struct wd_row *row)
{
    uint64_t bytes = wd_row_bytes(row), types = 0;
    for (int i = 0; i < WD_TYPE_COUNT; i++)
        types += row->types[i];
    const struct part parts[] = {
        { row->present, row->occurrences, "present" }, { row->compared, row->present, "compared" },
        { row->changed, row->compared, "changed" }, { row->changed_beyond, row->changed, "changed_beyond" },
        { row->entity_compared, row->present, "entity_compared" }, { row->entity_changed, row->entity_compared, "entity_changed" },
        { row->repeated_bytes, bytes, "repeated_bytes" }, { row->constant_series, row->series, "constant_series" },
        { row->empty, row->occurrences, "empty" }, { types, row->occurrences, "types" },
    };
    uint64_t said = bytes;
    TRY(get_count(r, object, "bytes", &said));
    if (said != bytes)
        return fail(r, "bytes", "the sum of key, value, syntax and whitespace");
    return check_parts(r, parts, WD_COUNT(parts));
}

static int get_row(const struct reader *r, const json_t *object, struct wd_row *row)
{
    const struct { const char *name; uint64_t *at; } counts[] = {
        { "present", &row->present }, { "occurrences", &row->occurrences }, { "key_bytes", &row->key_bytes },
        { "value_bytes", &row->value_bytes }, { "syntax_bytes", &row->syntax_bytes }, { "whitespace_bytes", &row->space_bytes },
        { "wire_bits", &row->wire_bits },
        { "empty", &row->empty }, { "compared", &row->compared }, { "changed", &row->changed }, { "toggled", &row->toggled },
        { "changed_beyond", &row->changed_beyond }, { "entity_compared", &row->entity_compared },
        { "entity_changed", &row->entity_changed }, { "repeated_bytes", &row->repeated_bytes }, { "series", &row->series },
        { "constant_series", &row->constant_series }, { "distinct", &row->distinct }, { "distinct_max", &row->distinct_max },
        { "shape_values", &row->shape_values }, { "value_len_max", &row->value_len_max }, { "digits", &row->digits },
    };
    TRY(get_text(r, object, "path", &row->path));
    if (!row->path.len)
        return fail(r, "path", "there in each field");
    for (size_t i = 0; i < WD_COUNT(counts); i++)
        TRY(get_count(r, object, counts[i].name, counts[i].at));
    TRY(get_table(r, object, "types", wd_type_names, WD_TYPE_COUNT, row->types));
    TRY(get_table(r, object, "shapes", wd_shape_names, WD_SHAPE_COUNT, row->shapes));
    TRY(get_hold(r, object, row));
    TRY(get_equals(r, object, row));
    TRY(get_sketch(r, object, row));
    TRY(get_flag(r, object, "folded", &row->is_folded));
    TRY(get_flag(r, object, "estimated", &row->is_estimated));
    TRY(get_flag(r, object, "discriminator", &row->is_discriminator));
    TRY(get_flag(r, object, "entity_key", &row->is_entity_key));
    return check_row(r, object, row);
}

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

static int get_codec(const struct reader *r, const json_t *object, const char **out)
{
    struct wd_bytes name = wd_bytes_of("opaque");
    TRY(get_text(r, object, "codec", &name));
    const struct wd_codec *codec = wd_codec_find(name);
    if (!codec && !wd_bytes_is(name, WD_CODEC_MIXED))
        return fail(r, "codec", "a codec that this version knows");
    *out = codec ? codec->name : WD_CODEC_MIXED;
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
