/* profile/file_row.c - one field of a profile file. */
#include "profile/file_reader.h"

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

static int get_member(const struct reader *r, const json_t *object, struct wd_nested *nested)
{
    struct wd_bytes path = { 0 };
    uint64_t values = 0, bytes = 0;
    TRY(get_text(r, object, "path", &path));
    TRY(get_count(r, object, "values", &values));
    TRY(get_count(r, object, "bytes", &bytes));
    size_t before = nested->member_count;
    bool is_last = !before || wd_bytes_cmp(wd_nested_path(&nested->members[before - 1]), path) < 0;
    if (!path.len || path.len > WD_NESTED_PATH || !is_last || before == WD_NESTED_MEMBERS)
        return fail(r, "members", "a few paths, sorted");
    wd_nested_add_member(nested, path, values, bytes);
    return WD_OK;
}

static int get_nested(const struct reader *r, const json_t *object, struct wd_row *row)
{
    const json_t *v = json_object_get(object, "nested"), *list;
    size_t count;
    if (!v)
        return WD_OK;
    if (!json_is_object(v))
        return fail(r, "nested", "an object");
    struct wd_nested *nested = row->nested = wd_nested_open(WD_CODEC_MIXED);
    TRY(get_codec(r, v, &nested->codec));
    TRY(get_count(r, v, "values", &nested->values));
    TRY(get_count(r, v, "base64", &nested->base64));
    TRY(get_count(r, v, "bytes", &nested->bytes));
    TRY(get_count(r, v, "waste_bytes", &nested->waste_bytes));
    TRY(get_list(r, v, "members", &list, &count));
    for (size_t i = 0; i < count; i++)
        TRY(get_member(r, json_array_get(list, i), nested));
    const struct part parts[] = {
        { nested->values, row->shape_values, "values" },
        { nested->base64, nested->values, "base64" },
        { nested->waste_bytes, nested->bytes, "waste_bytes" },
    };
    TRY(check_parts(r, parts, WD_COUNT(parts)));
    return get_flag(r, v, "folded", &nested->is_folded);
}

static int get_encodings(const struct reader *r, const json_t *object, struct wd_row *row)
{
    const json_t *v = json_object_get(object, "encodings");
    struct wd_encodings *e = &row->encodings;
    if (v && !json_is_object(v))
        return fail(r, "encodings", "an object of counts");
#define GET(name) TRY(get_count(r, v, #name, &e->name));
    WD_ENCODINGS(GET)
#undef GET
    const struct part parts[] = {
        { e->records, row->occurrences, "records" },
        { e->integers, row->types[WD_TYPE_INTEGER], "integers" },
        { e->negatives, e->integers, "negatives" },
        { e->uuids, row->types[WD_TYPE_STRING], "uuids" },
        { e->words, row->types[WD_TYPE_STRING], "words" },
    };
    return check_parts(r, parts, WD_COUNT(parts));
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

int get_row(const struct reader *r, const json_t *object, struct wd_row *row)
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
    TRY(get_nested(r, object, row));
    TRY(get_encodings(r, object, row));
    TRY(get_hold(r, object, row));
    TRY(get_equals(r, object, row));
    TRY(get_sketch(r, object, row));
    TRY(get_flag(r, object, "folded", &row->is_folded));
    TRY(get_flag(r, object, "estimated", &row->is_estimated));
    TRY(get_flag(r, object, "discriminator", &row->is_discriminator));
    TRY(get_flag(r, object, "entity_key", &row->is_entity_key));
    return check_row(r, object, row);
}
