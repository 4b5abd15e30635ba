/* Random values of random schemas by Avro C: our walker sees what that was told, and who owns how many bytes and bits.
 * MESSAGES=10000 for more. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include <avro.h>
#include <inttypes.h>
#include <stdlib.h>

#include "document/avro.h"
#include "field/codec.h"
#include "field/cost.h"
#include "field/text.h"

enum { EACH = 10, DEEPEST = 4, ROOM = 1 << 16 };

/* What a value should look like on the tape. */
struct row { struct wd_bytes path, text; uint8_t type; uint32_t key, value, syntax; };

struct told {
    uint64_t seed;
    struct wd_arena *arena;
    struct wd_buf schema;
    unsigned names;
    struct row *rows;
    size_t count, cap;
    uint32_t key, syntax;   /* of the row to come */
    size_t told, ambiguous;
};

static uint32_t dice(struct told *t, uint32_t sides)
{
    t->seed ^= t->seed << 13;
    t->seed ^= t->seed >> 7;
    t->seed ^= t->seed << 17;
    return (uint32_t)(t->seed >> 30) % sides;
}

static uint32_t long_len(int64_t n)
{
    uint64_t bits = (uint64_t)n << 1 ^ (uint64_t)(n >> 63);
    uint32_t len = 1;
    for (; bits > 0x7f; bits >>= 7)
        len++;
    return len;
}

/* --- a schema --- */

static void put_any(struct told *t, int depth);

static void put_record(struct told *t, int depth)
{
    uint32_t count = dice(t, 6) + (depth == 0);
    wd_buf_printf(&t->schema, "{\"type\":\"record\",\"name\":\"R%u\",\"fields\":[", t->names++);
    for (uint32_t i = 0; i < count; i++) {
        wd_buf_printf(&t->schema, "%s{\"name\":\"f%u\",\"type\":", i ? "," : "", i);
        put_any(t, depth + 1);
        wd_buf_byte(&t->schema, '}');
    }
    wd_buf_puts(&t->schema, "]}");
}

static void put_around(struct told *t, const char *before, int depth, const char *after)
{
    wd_buf_puts(&t->schema, before);
    put_any(t, depth + 1);
    wd_buf_puts(&t->schema, after);
}

static void put_any(struct told *t, int depth)
{
    static const char *const primitives[] = { "null", "boolean", "int", "long", "float", "double", "bytes", "string" };
    uint32_t kind = dice(t, depth < DEEPEST ? 9 : 4);
    switch (kind) {
    case 1: wd_buf_printf(&t->schema, "[\"null\",\"%s\"]", primitives[1 + dice(t, 7)]); break;
    case 2: wd_buf_printf(&t->schema, "{\"type\":\"fixed\",\"name\":\"F%u\",\"size\":%u}", t->names++, 1 + dice(t, 20)); break;
    case 3: wd_buf_printf(&t->schema, "{\"type\":\"enum\",\"name\":\"E%u\",\"symbols\":[\"A\",\"B_2\",\"c\"]}", t->names++); break;
    case 4: put_record(t, depth); break;
    case 5: put_around(t, "{\"type\":\"array\",\"items\":", depth, "}"); break;
    case 6: put_around(t, "{\"type\":\"map\",\"values\":", depth, "}"); break;
    default: wd_buf_printf(&t->schema, "\"%s\"", primitives[dice(t, 8)]); break;
    }
}

/* --- a value, told to Avro C and noted --- */

static struct row *note(struct told *t, struct wd_bytes path, uint8_t type, uint32_t value, struct wd_bytes text)
{
    WD_GROW(t->rows, t->count, t->cap);
    struct row *row = &t->rows[t->count++];
    *row = (struct row){ path, text, type, t->key, value, t->syntax };
    t->key = t->syntax = 0;
    return row;
}

static struct wd_bytes step(struct told *t, struct wd_bytes path, const char *what)
{
    bool is_root = wd_bytes_is(path, "."), is_member = what[0] != '[' && what[0] != '{';
    return wd_arena_printf(t->arena, "%.*s%s%s", is_root ? 0 : (int)path.len, (const char *)path.at,
                           is_member && !is_root ? "." : "", what);
}

static void fill(struct told *t, avro_value_t *v, struct wd_bytes path);

static void fill_record(struct told *t, avro_value_t *v, struct wd_bytes path)
{
    size_t count;
    note(t, path, WD_TYPE_OBJECT, 0, wd_bytes_of(""));
    avro_value_get_size(v, &count);
    for (size_t i = 0; i < count; i++) {
        avro_value_t field;
        const char *name;
        avro_value_get_by_index(v, i, &field, &name);
        fill(t, &field, step(t, path, name));
    }
}

static void fill_entries(struct told *t, avro_value_t *v, struct wd_bytes path, bool is_map)
{
    static const char *const keys[] = { "k", "\xc3\xbc", "x y" };
    uint32_t count = dice(t, 4);
    t->syntax += count ? long_len(count) + 1 : 1;
    note(t, path, is_map ? WD_TYPE_OBJECT : WD_TYPE_ARRAY, 0, wd_bytes_of(""));
    for (uint32_t i = 0; i < count; i++) {
        avro_value_t entry;
        if (is_map)
            avro_value_add(v, keys[i], &entry, NULL, NULL);
        else
            avro_value_append(v, &entry, NULL);
        t->key = is_map ? (uint32_t)strlen(keys[i]) + 1 : 0;
        fill(t, &entry, step(t, path, is_map ? "{}" : "[]"));
    }
}

static void fill_text(struct told *t, avro_value_t *v, struct wd_bytes path, bool is_string)
{
    static const char *const texts[] = { "", "a", "Gr\xc3\xbc\xc3\x9f" "e", "a text that is longer than sixty-three bytes, so that its length takes two" };
    const char *text = texts[dice(t, WD_COUNT(texts))];
    size_t len = strlen(text);
    if (is_string)
        avro_value_set_string(v, text);
    else
        avro_value_set_bytes(v, (void *)(uintptr_t)text, len);
    note(t, path, is_string ? WD_TYPE_STRING : WD_TYPE_BYTES, long_len((int64_t)len) + (uint32_t)len, wd_bytes_at(text, len));
}

static void fill_integer(struct told *t, avro_value_t *v, struct wd_bytes path, bool is_int)
{
    static const int64_t some[] = { 0, -1, 63, 64, -64, -65, 100000, INT32_MAX, INT32_MIN, INT64_MAX, INT64_MIN, 1700000000000 };
    int64_t n = some[dice(t, is_int ? 9 : WD_COUNT(some))];
    if (is_int)
        avro_value_set_int(v, (int32_t)n);
    else
        avro_value_set_long(v, n);
    note(t, path, WD_TYPE_INTEGER, long_len(n), wd_arena_printf(t->arena, "%" PRId64, n));
}

static void fill_number(struct told *t, avro_value_t *v, struct wd_bytes path, bool is_float)
{
    static const struct { double n; const char *text; } some[] = { { 0.5, "0.5" }, { 3, "3" }, { -2.25, "-2.25" }, { 1e6, "1000000" } };
    uint32_t i = dice(t, WD_COUNT(some));
    if (is_float)
        avro_value_set_float(v, (float)some[i].n);
    else
        avro_value_set_double(v, some[i].n);
    note(t, path, i % 2 ? WD_TYPE_INTEGER : WD_TYPE_NUMBER, is_float ? 4 : 8, wd_bytes_of(some[i].text));
}

static void fill_boolean(struct told *t, avro_value_t *v, struct wd_bytes path)
{
    bool is_true = dice(t, 2);
    avro_value_set_boolean(v, is_true);
    note(t, path, WD_TYPE_BOOLEAN, 1, wd_bytes_of(is_true ? "true" : "false"));
}

static void fill_fixed(struct told *t, avro_value_t *v, struct wd_bytes path)
{
    size_t size = (size_t)avro_schema_fixed_size(avro_value_get_schema(v));
    void *bytes = wd_arena_alloc(t->arena, size);
    memset(bytes, 0x80 | (int)size, size);
    avro_value_set_fixed(v, bytes, size);
    note(t, path, WD_TYPE_BYTES, (uint32_t)size, wd_bytes_at(bytes, size));
}

static void fill_enum(struct told *t, avro_value_t *v, struct wd_bytes path)
{
    static const char *const symbols[] = { "A", "B_2", "c" };
    uint32_t i = dice(t, 3);
    avro_value_set_enum(v, (int)i);
    note(t, path, WD_TYPE_STRING, 1, wd_bytes_of(symbols[i]));
}

static void fill(struct told *t, avro_value_t *v, struct wd_bytes path)
{
    avro_value_t branch;
    switch (avro_value_get_type(v)) {
    case AVRO_UNION:
        avro_value_set_branch(v, (int)dice(t, 2), &branch);
        t->syntax++;
        fill(t, &branch, path);
        break;
    case AVRO_NULL:
        avro_value_set_null(v);
        note(t, path, WD_TYPE_NULL, 0, wd_bytes_of("null"));
        break;
    case AVRO_RECORD: fill_record(t, v, path); break;
    case AVRO_ARRAY: fill_entries(t, v, path, false); break;
    case AVRO_MAP: fill_entries(t, v, path, true); break;
    case AVRO_STRING: fill_text(t, v, path, true); break;
    case AVRO_BYTES: fill_text(t, v, path, false); break;
    case AVRO_INT32: fill_integer(t, v, path, true); break;
    case AVRO_INT64: fill_integer(t, v, path, false); break;
    case AVRO_FLOAT: fill_number(t, v, path, true); break;
    case AVRO_DOUBLE: fill_number(t, v, path, false); break;
    case AVRO_BOOLEAN: fill_boolean(t, v, path); break;
    case AVRO_FIXED: fill_fixed(t, v, path); break;
    case AVRO_ENUM: fill_enum(t, v, path); break;
    default: fail();
    }
}

/* --- what our walker makes of it --- */

/* One bit a byte: what each entry bears is what it owns, so the entries lie where they should. */
static void assert_costs(const struct wd_tape *tape, uint32_t len)
{
    struct wd_bit_mark *marks = wd_alloc(len * sizeof *marks);
    uint64_t *costs = wd_alloc(tape->count * sizeof *costs);
    for (uint32_t i = 0; i < len; i++)
        marks[i] = (struct wd_bit_mark){ i + 1, 1 };
    wd_tape_cost(tape, len, (struct wd_bit_marks){ marks, len }, len, costs);
    for (uint32_t i = 0; i < tape->count; i++) {
        const struct wd_field *f = &tape->fields[i];
        assert_int_equal(costs[i], (uint64_t)f->key_len + f->value_len + f->syntax_len);
    }
    wd_free(marks);
    wd_free(costs);
}

static void assert_row(const struct told *t, const struct row *want, const struct wd_field *f, const struct wd_paths *paths,
                       struct wd_bytes body)
{
    struct wd_buf path = { 0 }, scratch = { 0 };
    struct wd_bytes text = wd_field_text(f, body, &scratch);
    wd_paths_write(paths, f->path, &path);
    if (!wd_bytes_eq(wd_buf_bytes(&path), want->path) || f->type != want->type || !wd_bytes_eq(text, want->text) ||
        f->key_len != want->key || f->value_len != want->value || f->syntax_len != want->syntax)
        fail_msg("%.*s: %.*s %u+%u+%u %s, told %.*s %u+%u+%u %s", (int)t->schema.len, (const char *)t->schema.at, (int)path.len,
                 (const char *)path.at, f->key_len, f->value_len, f->syntax_len, wd_type_names[f->type], (int)want->path.len,
                 (const char *)want->path.at, want->key, want->value, want->syntax, wd_type_names[want->type]);
    wd_buf_free(&path);
    wd_buf_free(&scratch);
}

/* Whether a body with a head could be read as a value, too. */
static bool is_ambiguous(struct told *t, const struct wd_layout *layout, struct wd_paths *paths, struct wd_bytes body)
{
    const struct wd_limits limits = wd_limits_default();
    struct wd_tape tape = { 0 };
    wd_codec_avro.walk(body, layout, paths, &limits, &tape);
    bool is_plain = !tape.fault && tape.fields[0].syntax_len < 5;
    wd_tape_free(&tape);
    t->told++;
    t->ambiguous += is_plain;
    return is_plain;
}

static void assert_message(struct told *t, const struct wd_layout *layout, struct wd_paths *paths, struct wd_bytes body)
{
    const struct wd_limits limits = wd_limits_default();
    struct wd_tape tape = { 0 };
    wd_codec_avro.walk(body, layout, paths, &limits, &tape);
    if (tape.fault)
        fail_msg("%.*s: %s", (int)t->schema.len, (const char *)t->schema.at, tape.fault);
    assert_int_equal(tape.count, t->count);
    for (uint32_t i = 0; i < tape.count; i++)
        assert_row(t, &t->rows[i], &tape.fields[i], paths, body);
    assert_costs(&tape, (uint32_t)body.len);
    wd_tape_free(&tape);
}

/* A value as it is, and behind the head of a registry. */
static void tell(struct told *t, avro_value_t *value, const struct wd_layout *layout, struct wd_paths *paths)
{
    static char bytes[ROOM];
    memcpy(bytes, "\0\0\0\1\7", 5);
    avro_value_reset(value);
    t->count = t->key = t->syntax = 0;
    fill(t, value, wd_bytes_of("."));
    avro_writer_t writer = avro_writer_memory(bytes + 5, ROOM - 5);
    assert_int_equal(avro_value_write(writer, value), 0);
    size_t len = (size_t)avro_writer_tell(writer);
    avro_writer_free(writer);
    assert_message(t, layout, paths, wd_bytes_at(bytes + 5, len));
    t->rows[0].syntax += 5;
    if (!is_ambiguous(t, layout, paths, wd_bytes_at(bytes, len + 5)))
        assert_message(t, layout, paths, wd_bytes_at(bytes, len + 5));
}

static void tell_schema(struct told *t)
{
    const struct wd_limits limits = wd_limits_default();
    struct wd_layout layout;
    struct wd_err err = { 0 };
    avro_schema_t schema;
    avro_value_t value;
    struct wd_paths *paths = wd_paths_open(&limits, NULL);
    wd_buf_reset(&t->schema);
    put_record(t, 0);
    assert_int_equal(avro_schema_from_json_length((const char *)t->schema.at, t->schema.len, &schema), 0);
    struct wd_bytes text = wd_arena_copy(t->arena, wd_buf_bytes(&t->schema));
    if (wd_avro_read_text("told.avsc", text, &limits, t->arena, &layout, &err) < 0)
        fail_msg("%s", err.text);
    avro_value_iface_t *class = avro_generic_class_from_schema(schema);
    avro_generic_value_new(class, &value);
    for (int i = 0; i < EACH; i++)
        tell(t, &value, &layout, paths);
    avro_value_decref(&value);
    avro_value_iface_decref(class);
    avro_schema_decref(schema);
    wd_paths_close(paths);
}

static void test_told(void **state)
{
    (void)state;
    const char *count = getenv("MESSAGES");
    struct told t = { .seed = 0x9e3779b97f4a7c15 };
    for (long i = count ? atol(count) : 500; i > 0; i -= EACH) {
        t.arena = wd_arena_open();
        tell_schema(&t);
        wd_arena_close(t.arena);
    }
    assert_true(t.ambiguous * 20 < t.told);
    wd_buf_free(&t.schema);
    wd_free(t.rows);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_told) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
