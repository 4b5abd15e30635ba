/* Merging: whatever the order and the grouping, and whatever the parts do not know. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>

#include "output/output.h"
#include "profile/merge.h"
#include "watch.h"
#include "tests/dice.h"

/* --- parts --- */

static const char *const paths[] = { ".", "a", "a.b", "m.one", "m.two", "m{}", "z[]" };
static const char *const words[] = { "", "alpha", "beta" };

static struct wd_sketch *random_sketch(void)
{
    struct wd_sketch *s = wd_sketch_open();
    for (unsigned i = dice(4) == 0 ? 300 : dice(50); i; i--)
        wd_sketch_add(s, wd_hash_decimal_value(1 + dice(200), 0, false, WD_SKETCH_SEED));
    return s;
}

static void fill_row(struct wd_profile *p, struct wd_row *row, const char *path)
{
    uint64_t *counts[] = { &row->occurrences, &row->value_bytes, &row->syntax_bytes, &row->toggled, &row->series, &row->hold[3], &row->hold_ms,
                           &row->shapes[2], &row->shape_values, &row->digits, &row->value_len_max, &row->types[WD_TYPE_STRING] };
    struct wd_bytes *equals = wd_arena_array(p->arena, struct wd_bytes, WD_COUNT(paths));
    row->path = wd_bytes_of(path);
    row->present = 1 + dice(3);
    for (size_t i = 0; i < WD_COUNT(counts); i++)
        *counts[i] = 3 + dice(9);
    row->sketch = dice(3) ? random_sketch() : NULL;
    for (unsigned i = dice(3) ? 0 : 1 + dice(40); i; i--) {
        static const char *const kinds[] = { "json", "msgpack" };
        struct wd_nested one = { .codec = kinds[dice(2)], .values = 1, .base64 = dice(2), .bytes = 9, .waste_bytes = dice(9) };
        char name[3] = { 'a' + (char)dice(6), 'a' + (char)dice(6) };
        wd_nested_add(&row->nested, &one);
        wd_nested_add_member(row->nested, wd_bytes_of(name), 1, dice(9));
    }
#define FILL(name) row->encodings.name = dice(4) ? 0 : dice(99);
    WD_ENCODINGS(FILL)
#undef FILL
    row->encodings.records += dice(2);
    row->distinct = row->sketch ? wd_sketch_count(row->sketch) : dice(60);
    for (size_t i = 0; i < WD_COUNT(paths); i++)
        if (dice(2))
            equals[row->equals_count++] = wd_bytes_of(paths[i]);
    row->equals = equals;
    row->is_folded = path[1] == '{' && dice(2);
    row->is_estimated = dice(9) == 0;
}

static void fill_type(struct wd_profile *p, struct wd_type_profile *t, unsigned which)
{
    static const char *const codecs[] = { "json", "opaque", "mixed" };
    t->name = wd_bytes_of(which & 1 ? "x" : "y");
    t->channel = wd_bytes_of(which & 2 ? "/p" : "/q");
    t->direction = WD_S2C;
    t->transport = which & 4 ? WD_TRANSPORT_SSE : WD_TRANSPORT_WEBSOCKET;
    t->named_by = (enum wd_named_by)dice(WD_NAMED_BY_COUNT);
    t->codec = codecs[dice(3)];
    t->entity = wd_bytes_of(words[dice(3)]);
    t->discriminator = wd_bytes_of(words[dice(3)]);
    t->discovered = wd_bytes_of(words[dice(3)]);
    t->is_direction_guessed = dice(2);
    t->count = 9;
    t->connections = dice(4);
    t->first_ns = 1000 + dice(1000);
    t->last_ns = 3000 + dice(1000);
    t->rows = wd_arena_array(p->arena, struct wd_row, WD_COUNT(paths));
    for (size_t i = 0; i < WD_COUNT(paths); i++) {
        if (dice(3) == 0)
            continue;
        fill_row(p, &t->rows[t->row_count], paths[i]);
        t->payload_bytes += wd_row_bytes(&t->rows[t->row_count++]);
    }
    t->wire_payload_bytes = t->payload_bytes;
}

static void fill_tls(struct wd_tls_counts *tls)
{
    for (unsigned n = dice(4); n; n--) {
        int64_t first = 100 + dice(50);
        struct wd_tls_kind one = { .connections = 1, .decrypted = dice(2), .records = { dice(9), 1 }, .data_bytes = { dice(99), dice(99) },
                                   .first_ns = first, .last_ns = first + dice(50) };
        wd_tls_kind_add(wd_tls_counts_kind(tls, WD_TLS_1_3, (uint16_t)(0x1301 + dice(3))), &one);
        tls->connections++;
        tls->decrypted += one.decrypted;
        tls->records += one.records[0] + 1;
    }
}

static struct wd_profile *random_part(void)
{
    struct wd_profile *p = wd_alloc(sizeof *p);
    p->arena = wd_arena_open();
    p->types = wd_arena_array(p->arena, struct wd_type_profile, 8);
    for (unsigned which = 0; which < 8; which++)
        if (dice(2))
            fill_type(p, &p->types[p->type_count++], which);
    wd_profile_settle(p);
    p->ledger.layer[WD_LAYER_PAYLOAD] = p->ledger.captured_bytes = p->wire_payload_bytes;
    p->inputs = wd_arena_array(p->arena, struct wd_input, 2);
    p->input_count = dice(3);
    for (size_t i = 0; i < p->input_count; i++)  /* in order of time, as a profile's own are */
        p->inputs[i] = (struct wd_input){ .name = wd_bytes_of("a.pcap"), .bytes = dice(3), .packets = dice(3),
                                          .first_ns = 100 + 2 * i + dice(2), .last_ns = 200 + dice(2), .dropped = dice(2) };
    p->reconnects = dice(5);
    fill_tls(&p->tls);
    p->is_incomplete = dice(2);
    return p;
}

static void print(struct wd_buf *out, const struct wd_profile *p)
{
    const struct wd_style style = { .columns = 80 };
    wd_print_profile(out, p, WD_FORMAT_JSON, &style);
    for (size_t t = 0; t < p->type_count; t++)  /* what a profile file leaves out of personal fields */
        for (size_t r = 0; r < p->types[t].row_count; r++)
            if (p->types[t].rows[r].sketch)
                wd_sketch_write(p->types[t].rows[r].sketch, out);
}

static struct wd_profile *merge(struct wd_profile *a, struct wd_profile *b)
{
    struct wd_profile *const parts[] = { a, b };
    struct wd_buf note = { 0 };
    struct wd_profile *merged = wd_profile_merge(parts, b ? 2 : 1, &note);
    wd_buf_free(&note);
    return merged;
}

static void assert_same(const struct wd_profile *a, const struct wd_profile *b)
{
    struct wd_buf x = { 0 }, y = { 0 }, why = { 0 };
    print(&x, a);
    print(&y, b);
    const char *left = wd_buf_cstr(&x), *right = wd_buf_cstr(&y);
    size_t at = 0;
    while (left[at] && left[at] == right[at])
        at++;
    if (left[at] != right[at]) {
        at -= at < 60 ? at : 60;
        fail_msg("%.160s\n--- against ---\n%.160s", left + at, right + at);
    }
    if (!wd_profile_balances(a, &why))
        fail_msg("%s", wd_buf_cstr(&why));
    wd_buf_free(&x);
    wd_buf_free(&y);
}

static void test_random(void **state)
{
    (void)state;
    for (int round = 0; round < 150; round++) {
        struct wd_profile *a = random_part(), *b = random_part(), *c = random_part();
        struct wd_profile *const abc[] = { a, b, c };
        struct wd_buf note = { 0 };
        struct wd_profile *ab = merge(a, b), *ba = merge(b, a), *bc = merge(b, c), *ab_c = merge(ab, c), *a_bc = merge(a, bc),
                          *ca = merge(c, a), *ca_b = merge(ca, b), *once = wd_profile_merge(abc, 3, &note), *alone = merge(a, NULL);
        assert_same(ab, ba);
        assert_same(ab_c, a_bc);
        assert_same(ab_c, ca_b);
        assert_same(ab_c, once);
        assert_same(alone, a);
        struct wd_profile *const all[] = { a, b, c, ab, ba, bc, ab_c, a_bc, ca, ca_b, once, alone };
        for (size_t i = 0; i < WD_COUNT(all); i++)
            wd_profile_free(all[i]);
        wd_buf_free(&note);
    }
}

/* --- distinct --- */

static struct wd_profile *part_with(const char *path, uint64_t distinct, int from, int to)
{
    struct wd_profile *p = wd_alloc(sizeof *p);
    p->arena = wd_arena_open();
    p->types = wd_arena_new(p->arena, struct wd_type_profile);
    p->type_count = 1;
    struct wd_row *row = wd_arena_new(p->arena, struct wd_row);
    p->types[0] = (struct wd_type_profile){ .name = wd_bytes_of("m"), .channel = wd_bytes_of("/"), .codec = "json",
                                            .named_by = WD_NAMED_BY_DEFAULT, .count = 1, .rows = row, .row_count = 1 };
    *row = (struct wd_row){ .path = wd_bytes_of(path), .present = 1, .occurrences = 1, .distinct = distinct };
    for (int i = from; i < to; i++) {
        row->sketch = row->sketch ? row->sketch : wd_sketch_open();
        wd_sketch_add(row->sketch, wd_hash_decimal_value((uint64_t)i, 0, false, WD_SKETCH_SEED));
    }
    if (row->sketch)
        row->distinct = wd_sketch_count(row->sketch);
    wd_profile_settle(p);
    return p;
}

static const struct { const char *what; struct { uint64_t distinct; int from, to; } parts[3]; uint64_t distinct, most; } bounds[] = {
    { "all with sketches", { { 0, 1, 11 }, { 0, 6, 16 }, { 0, 1, 4 } }, 15, 0 },
    { "one without", { { 0, 1, 11 }, { 0, 6, 16 }, { 20, 0, 0 } }, 20, 35 },
    { "one without that knew few", { { 0, 1, 11 }, { 0, 6, 16 }, { 3, 0, 0 } }, 15, 18 },
    { "none with", { { 5, 0, 0 }, { 7, 0, 0 }, { 2, 0, 0 } }, 7, 14 },
    { "one with", { { 5, 0, 0 }, { 7, 0, 0 }, { 0, 1, 4 } }, 7, 15 },
};

static void test_distinct(void **state)
{
    (void)state;
    for (size_t i = 0; i < WD_COUNT(bounds); i++) {
        struct wd_profile *p[3];
        for (int k = 0; k < 3; k++)
            p[k] = part_with("a", bounds[i].parts[k].distinct, bounds[i].parts[k].from, bounds[i].parts[k].to);
        for (int first = 0; first < 3; first++) {
            struct wd_profile *pair = merge(p[first], p[(first + 1) % 3]), *all = merge(p[(first + 2) % 3], pair);
            const struct wd_row *row = &all->types[0].rows[0];
            if (row->distinct != bounds[i].distinct || row->distinct_max != bounds[i].most)
                fail_msg("%s: %ju to %ju", bounds[i].what, (uintmax_t)row->distinct, (uintmax_t)row->distinct_max);
            wd_profile_free(pair);
            wd_profile_free(all);
        }
        for (int k = 0; k < 3; k++)
            wd_profile_free(p[k]);
    }
}

/* --- parts of one conversation --- */

enum { LINES = 4, MESSAGES = 300 };

/* Line k of a conversation of four, all of it for k < 0. */
static struct wd_profile *converse(int only, uint64_t from)
{
    struct watch watch;
    struct line lines[LINES];
    dice_seed = from;
    watch_init(&watch);
    watch_start(&watch);
    for (int i = 0; i < LINES; i++)
        if (only < 0 || i == only)
            line_open(&lines[i], &watch, WD_TRANSPORT_SSE, "/live");
    for (int n = 0; n < MESSAGES; n++) {
        unsigned line = dice(LINES), a = dice(3), shape = dice(40), extra = dice(1000);
        char body[200];
        int len = snprintf(body, sizeof body, "{\"a\":%u,\"list\":[%u,%u]", a, a, dice(2));
        if (shape < 10)
            len += snprintf(body + len, sizeof body - (size_t)len, ",\"copy\":%u", line == 1 && shape == 0 ? a + 1 : a);
        if (shape % 3 == 0)
            len += snprintf(body + len, sizeof body - (size_t)len, ",\"n\":%u", extra);
        if (shape % 7 == 0)
            len += snprintf(body + len, sizeof body - (size_t)len, ",\"n2\":%u", shape % 3 ? 0 : extra);
        strcpy(body + len, "}");
        watch.now_ns = INT64_C(1700000000000000000) + n * INT64_C(1000000000);
        if (only < 0 || (int)line == only)
            say_event(&lines[line], extra % 2 ? "x" : "y", body);
    }
    for (int i = 0; i < LINES; i++)
        if (only < 0 || i == only)
            line_close(&lines[i]);
    return watch_end(&watch);
}

static void test_split_by_connection(void **state)
{
    (void)state;
    for (uint64_t from = 1; from < 30; from++) {
        struct wd_profile *whole = converse(-1, from), *parts[LINES];
        struct wd_buf note = { 0 };
        for (int i = 0; i < LINES; i++)
            parts[i] = converse(i, from);
        struct wd_profile *merged = wd_profile_merge(parts, LINES, &note);
        assert_int_equal(note.len, 0);
        assert_same(whole, merged);
        for (int i = 0; i < LINES; i++)
            wd_profile_free(parts[i]);
        wd_profile_free(whole);
        wd_profile_free(merged);
        wd_buf_free(&note);
    }
}

/* --- what is said --- */

static void assert_note(struct wd_profile *a, struct wd_profile *b, const char *says)
{
    struct wd_profile *const turns[2][2] = { { a, b }, { b, a } };
    for (int i = 0; i < 2; i++) {
        struct wd_buf note = { 0 };
        wd_profile_free(wd_profile_merge(turns[i], 2, &note));
        if (says ? !strstr(wd_buf_cstr(&note), says) : note.len)
            fail_msg("'%s' instead of '%s'", wd_buf_cstr(&note), says ? says : "nothing");
        wd_buf_free(&note);
    }
    wd_profile_free(a);
    wd_profile_free(b);
}

static struct wd_profile *folded_part(const char *path, bool is_folded)
{
    struct wd_profile *p = part_with(path, 1, 0, 0);
    p->types[0].rows[0].is_folded = is_folded;
    return p;
}

static struct wd_profile *named_part(enum wd_named_by by, const char *discriminator, const char *entity)
{
    struct wd_profile *p = part_with("a", 1, 0, 0);
    p->types[0].named_by = by;
    p->types[0].discriminator = wd_bytes_of(discriminator);
    p->types[0].entity = wd_bytes_of(entity);
    return p;
}

static void test_notes(void **state)
{
    (void)state;
    static const char folds[] = "/ c2s m: its parts folded different keys";
    assert_note(folded_part("m{}", true), folded_part("m.a", false), folds);
    assert_note(folded_part("m{}", true), folded_part("m.\"a b\"", false), folds);
    assert_note(folded_part("m.x.m{}", true), folded_part("m.x.m.a", false), folds);
    assert_note(folded_part("{}", true), folded_part("a", false), folds);
    assert_note(folded_part("m{}", true), folded_part("m{}", false), NULL);   /* there were identifiers only */
    assert_note(folded_part("m{}", true), folded_part("mm.a", false), NULL);
    assert_note(folded_part("m{}", true), folded_part("m.a.b", false), NULL);
    assert_note(folded_part("m{}", false), folded_part("m.a", false), NULL);
    assert_note(named_part(WD_NAMED_BY_DISCRIMINATOR, "a", ""), named_part(WD_NAMED_BY_DEFAULT, "", ""), "named in different ways");
    assert_note(named_part(WD_NAMED_BY_DISCRIMINATOR, "a", ""), named_part(WD_NAMED_BY_DISCRIMINATOR, "b", ""), "named in different ways");
    assert_note(named_part(WD_NAMED_BY_DEFAULT, "", "a"), named_part(WD_NAMED_BY_DEFAULT, "", ""), "different entity keys");
    assert_note(named_part(WD_NAMED_BY_DEFAULT, "", "a"), named_part(WD_NAMED_BY_DEFAULT, "", "a"), NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_random), cmocka_unit_test(test_distinct), cmocka_unit_test(test_split_by_connection),
        cmocka_unit_test(test_notes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
