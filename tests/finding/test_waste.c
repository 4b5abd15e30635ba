/* WD201 to WD204, WD207 and WD301: what the traffic alone shows. */
#include "build.h"

static int setup(void **state)
{
    *state = world_open();
    return 0;
}

static int teardown(void **state)
{
    world_close(*state);
    return 0;
}

/* ---- WD201 ---- */

static void test_always_empty(void **state)
{
    struct world *w = *state;
    add_type(w, "m", 100);
    add_row(w, "null", WD_TYPE_NULL, 9, 0)->empty = 100;
    add_row(w, "text", WD_TYPE_STRING, 9, 0)->empty = 100;
    struct wd_row *list = add_row(w, "list", WD_TYPE_ARRAY, 9, 0);
    list->empty = 100;
    list->compared = 99;
    struct wd_row *half =
        add_row(w, "half", WD_TYPE_ARRAY, 9, 0); /* empty now and then: compared only when it is */
    half->empty = 60;
    half->compared = 50;
    add_row(w, "sometimes", WD_TYPE_STRING, 9, 9)->empty = 99;
    see_constant(add_row(w, "zero", WD_TYPE_NUMBER, 9, 0), "0.0");
    see_constant(add_row(w, "one", WD_TYPE_NUMBER, 9, 0), "1");
    add_message(w, "m");
    add_field(w, "zero", 0)->has_default = true;
    w->fields[0][1].default_value.json = text("0");
    add_field(w, "one", 0)->has_default = true;
    w->fields[0][2].default_value.json = text("0");
    const struct wd_audit *a = world_run(w);
    assert_string_equal(paths_of(w, "WD201"), "list null text zero");
    assert_string_equal(fact(find(a, "WD201", "null"), "value")->word, "null");
    assert_string_equal(fact(find(a, "WD201", "list"), "value")->word, "empty");
    assert_string_equal(fact(find(a, "WD201", "zero"), "value")->word, "default");
    assert_int_equal(find(a, "WD201", "null")->severity, WD_WARNING);
    assert_int_equal(find(a, "WD201", "null")->saves_bytes, 900);
    assert_true(has_also(find(a, "WD201", "zero"), "WD202") == false);  /* the default is not named twice */
    assert_non_null(find(a, "WD202", "one"));

    add_consumer(w, "web", "m", "null text list half sometimes zero one");
    assert_int_equal(find(world_run(w), "WD201", "null")->severity, WD_NOTE);
}

static void test_too_little_seen(void **state)
{
    struct world *w = *state;
    add_type(w, "few", 19);
    add_row(w, "null", WD_TYPE_NULL, 9, 0)->empty = 19;
    add_row(w, "same", WD_TYPE_STRING, 90, 0);
    add_row(w, "slow", WD_TYPE_STRING, 9, 1);
    const struct wd_bytes slow = text("slow");
    add_row(w, "twin", WD_TYPE_NUMBER, 9, 18)->equals = &slow;
    w->rows[0][4].equals_count = 1;
    add_type(w, "once", 100);  /* each on a connection of its own: nothing was ever compared */
    w->types[1].compared_messages = 0;
    struct wd_row *row = add_row(w, "same", WD_TYPE_STRING, 90, 0);
    row->compared = 0;
    row->series = 100;
    row->constant_series = 0;
    row->repeated_bytes = 0;
    const struct wd_audit *a = world_run(w);
    assert_int_equal(count_of(a, "WD201") + count_of(a, "WD202") + count_of(a, "WD203") +
                         count_of(a, "WD204") + count_of(a, "WD207"),
                     0);
    static const char *const rules[] = { "WD201", "WD202", "WD203", "WD204", "WD207" };
    for (size_t i = 0; i < WD_COUNT(rules); i++)
        assert_true(is_unasked(a, rules[i]));
    assert_string_equal(a->unasked[a->unasked_count - 2].why,
                        "not asked of 1 message type seen fewer than 20 times");

    w->config.thresholds.min_messages = 19;
    a = world_run(w);
    assert_false(is_unasked(a, "WD201"));
    assert_int_equal(count_of(a, "WD201"), 1);
}

/* ---- WD202 ---- */

static void test_constant(void **state)
{
    (void)state;
    static const struct {
        const char *what;
        uint64_t changed, distinct, series, constant_series, entity_compared, entity_changed, toggled;
        const char *per;   /* NULL: no finding */
    } rows[] = {
        { "one value", 0, 1, 1, 1, 0, 0, 0, "overall" },
        { "one value on all connections", 0, 1, 4, 4, 0, 0, 0, "overall" },
        { "a value for each connection", 0, 4, 4, 4, 0, 0, 0, "connection" },
        { "on some connections never seen twice", 0, 4, 4, 3, 0, 0, 0, NULL },
        { "changed once", 1, 2, 1, 0, 0, 0, 0, NULL },
        { "a value for each entity", 90, 4, 1, 0, 80, 0, 0, "entity" },
        { "an entity changed", 90, 4, 1, 0, 80, 1, 0, NULL },
        { "entities never came back", 90, 90, 1, 0, 0, 0, 0, NULL },
        { "comes and goes on its own", 0, 1, 1, 1, 0, 0, 30, NULL },
    };
    for (size_t i = 0; i < WD_COUNT(rows); i++) {
        struct world *w = world_open();
        add_type(w, "m", 100)->entity = text("id");
        struct wd_row *row = add_row(w, "a", WD_TYPE_STRING, 9, rows[i].changed);
        row->distinct = rows[i].distinct;
        row->series = rows[i].series;
        row->constant_series = rows[i].constant_series;
        row->entity_compared = rows[i].entity_compared;
        row->entity_changed = rows[i].entity_changed;
        row->toggled = rows[i].toggled;
        const struct wd_finding *f = find(world_run(w), "WD202", "a");
        if ((f != NULL) != (rows[i].per != NULL) ||
            (f && strcmp(fact(f, "constant_per")->word, rows[i].per) != 0))
            fail_msg("%s: %s", rows[i].what, f ? fact(f, "constant_per")->word : "nothing");
        world_close(w);
    }
}

static void test_constant_saves_what_repeats(void **state)
{
    struct world *w = *state;
    struct wd_type_profile *type = add_type(w, "m", 100);
    type->discriminator = text("type");
    type->entity = text("id");
    add_row(w, "type", WD_TYPE_STRING, 9, 0)->is_discriminator = true;
    add_row(w, "a", WD_TYPE_STRING, 9, 0);
    struct wd_row *each = add_row(w, "each", WD_TYPE_STRING, 30, 99);
    each->entity_compared = 80;
    add_row(w, "id", WD_TYPE_NUMBER, 9, 0)->is_entity_key = true;
    add_row(w, "o", WD_TYPE_OBJECT, 9, 0)->toggled = 20;
    add_row(w, "o.x", WD_TYPE_STRING, 9, 0)->toggled = 20;  /* with its object */
    const struct wd_audit *a = world_run(w);
    assert_string_equal(paths_of(w, "WD202"), "each a o.x");
    assert_int_equal(find(a, "WD202", "a")->saves_bytes, 9 * 99);
    assert_int_equal(find(a, "WD202", "each")->saves_bytes,
                     30 * 100 * 80 / 100); /* reckoned from its entities */
    assert_string_equal(fact(find(a, "WD202", "each"), "saving")->word, "estimated");
    assert_int_equal(a->verdicts[0][2], WD_VERDICT_UNCHANGED);
    assert_true(find(a, "WD202", "a")->confidence > 0.97 && find(a, "WD202", "a")->confidence < 0.98);
}

/* ---- WD203 ---- */

static void test_slow_field(void **state)
{
    struct world *w = *state;
    add_type(w, "m", 101)->entity = text("id");
    add_row(w, "at", WD_TYPE_NUMBER, 9, 10);       /* 10 of 100: at the threshold */
    add_row(w, "over", WD_TYPE_NUMBER, 9, 11);
    add_row(w, "never", WD_TYPE_NUMBER, 9, 0);
    struct wd_row *entity = add_row(w, "entity", WD_TYPE_NUMBER, 30, 90);
    entity->entity_compared = 90;
    entity->entity_changed = 3;
    add_row(w, "fast", WD_TYPE_NUMBER, 9, 100);
    w->rows[0][1].hold[14] = 8;                    /* 16 to 33 s */
    w->rows[0][1].hold[3] = 2;
    w->rows[0][1].hold_ms = 203600;
    const struct wd_audit *a = world_run(w);
    assert_string_equal(paths_of(w, "WD203"), "entity at");
    const struct wd_finding *f = find(a, "WD203", "at");
    assert_int_equal(f->severity, WD_NOTE);
    assert_int_equal(f->saves_bytes, 9 * 90);
    assert_int_equal(fact(f, "cadence_ms")->count, 20360);
    assert_int_equal(fact(f, "cold_fields")->count, 3);
    assert_int_equal(fact(f, "hot_fields")->count, 2);
    assert_non_null(
        strstr((const char *)f->text.at, "Changes in 10 of 100 messages (10.0 %), about every 20 s;"));
    assert_int_equal(fact(find(a, "WD203", "entity"), "changed")->count, 3);
    assert_true(wd_bytes_is(fact(find(a, "WD203", "entity"), "entity")->text, "id"));

    w->config.thresholds.slow_ratio = 0.05;
    world_run(w);
    assert_string_equal(paths_of(w, "WD203"), "entity");
}

/* ---- WD204 ---- */

static void test_full_snapshot(void **state)
{
    struct world *w = *state;
    add_type(w, "m", 100);
    add_row(w, "still", WD_TYPE_STRING, 86, 0);
    add_row(w, "moves", WD_TYPE_STRING, 12, 99);
    const struct wd_audit *a = world_run(w);
    const struct wd_finding *f = find(a, "WD204", "");  /* 86 * 99 of 10,000 */
    assert_int_equal(f->saves_bytes, 86 * 99);
    assert_int_equal(f->severity, WD_NOTE);
    w->config.thresholds.snapshot_ratio = 0.86;
    assert_int_equal(count_of(world_run(w), "WD204"), 0);
    w->config.thresholds.snapshot_ratio = 0.85;
    assert_int_equal(count_of(world_run(w), "WD204"), 1);
    w->types[0].compared_messages = 0;
    assert_int_equal(count_of(world_run(w), "WD204"), 0);
}

/* ---- WD207 ---- */

static void pair(struct world *w, size_t a, size_t b)
{
    struct wd_bytes *list = wd_arena_array(w->arena, struct wd_bytes, 2);
    list[0] = w->rows[0][b].path;
    list[1] = w->rows[0][a].path;
    w->rows[0][a].equals = &list[0];
    w->rows[0][b].equals = &list[1];
    w->rows[0][a].equals_count = w->rows[0][b].equals_count = 1;
}

static void test_duplicate_field(void **state)
{
    (void)state;
    static const struct {
        const char *what, *reads;
        uint64_t changed, present_z;
        const char *found;
    } rows[] = {
        { "the one that is read stays", "z", 50, 100, "a" },
        { "whichever it is", "a", 50, 100, "z" },
        { "both read: the one declared first stays", "a z", 50, 100, "a" },
        { "two stopped clocks", "a z", 0, 100, "" },
        { "one change is none", "a z", 1, 100, "" },
        { "the other is not always there", "z", 50, 90, "" },
    };
    for (size_t i = 0; i < WD_COUNT(rows); i++) {
        struct world *w = world_open();
        add_type(w, "m", 100);
        add_row(w, "a", WD_TYPE_NUMBER, 9, rows[i].changed);
        add_row(w, "z", WD_TYPE_NUMBER, 9, rows[i].changed)->present = rows[i].present_z;
        pair(w, 1, 2);
        add_message(w, "m");
        add_field(w, "z", 0);
        add_field(w, "a", 0);
        add_consumer(w, "web", "m", rows[i].reads);
        const struct wd_audit *audit = world_run(w);
        struct wd_buf all = { 0 };
        for (size_t k = 0; k < audit->finding_count; k++)
            if (strcmp(audit->findings[k].rule->id, "WD207") == 0 || has_also(&audit->findings[k], "WD207"))
                wd_buf_put(&all, audit->findings[k].path);
        if (!wd_bytes_is(wd_buf_bytes(&all), rows[i].found))
            fail_msg("%s: %s", rows[i].what, wd_buf_cstr(&all));
        wd_buf_free(&all);
        world_close(w);
    }
}

static void test_duplicate_says_of_what(void **state)
{
    struct world *w = *state;
    add_type(w, "m", 100);
    add_row(w, "a", WD_TYPE_NUMBER, 9, 50);
    add_row(w, "z", WD_TYPE_NUMBER, 9, 50);
    pair(w, 1, 2);
    const struct wd_finding *f = find(world_run(w), "WD207", "z");  /* neither declared: by path */
    assert_true(wd_bytes_is(fact(f, "equals")->text, "a"));
    assert_int_equal(f->saves_bytes, 900);
    assert_int_equal(f->severity, WD_WARNING);
    assert_string_equal((const char *)f->text.at,
                        "Equal to a in each of 100 messages, through 50 changes: 900 bytes, 45.0 % of the "
                        "payload.");
}

/* ---- WD301 ---- */

static struct wd_row *shaped(struct wd_row *row, enum wd_shape shape, uint64_t tried, uint64_t passed)
{
    row->shape_values = tried;
    row->shapes[shape] = passed;
    return row;
}

static void test_verbose_encoding(void **state)
{
    struct world *w = *state;
    add_type(w, "m", 100);
    shaped(add_row(w, "quoted", WD_TYPE_STRING, 12, 99), WD_SHAPE_NUMERIC_STRING, 50, 50);
    shaped(add_row(w, "mixed", WD_TYPE_STRING, 12, 99), WD_SHAPE_NUMERIC_STRING, 50, 49);
    shaped(add_row(w, "still", WD_TYPE_STRING, 12, 0), WD_SHAPE_NUMERIC_STRING, 1,
           1); /* sent once: no matter how */
    shaped(add_row(w, "precise", WD_TYPE_NUMBER, 24, 99), WD_SHAPE_URL, 50, 0)->digits = 50 * 14;
    shaped(add_row(w, "fine", WD_TYPE_NUMBER, 24, 99), WD_SHAPE_URL, 50, 0)->digits = 50 * 6;
    struct wd_row *key = add_row(w, "long", WD_TYPE_NUMBER, 0, 99);
    key->key_bytes = 2400;
    key->value_bytes = 300;
    struct wd_row *usual = add_row(w, "usual", WD_TYPE_NUMBER, 0, 99);
    usual->key_bytes = 1100;
    usual->value_bytes = 200;
    shaped(add_row(w, "binary", WD_TYPE_STRING, 400, 99), WD_SHAPE_BASE64, 50, 50);
    shaped(add_row(w, "token", WD_TYPE_STRING, 120, 99), WD_SHAPE_BASE64, 50, 50)
        ->shapes[WD_SHAPE_HIGH_ENTROPY] = 40;
    shaped(add_row(w, "inner", WD_TYPE_STRING, 90, 99), WD_SHAPE_JSON_TEXT, 50, 50);
    const struct wd_audit *a = world_run(w);
    assert_string_equal(paths_of(w, "WD301"), "binary long precise inner quoted");
    assert_int_equal(find(a, "WD301", "quoted")->saves_bytes, 200);
    assert_int_equal(find(a, "WD301", "binary")->saves_bytes, (400 - 133) * 100 / 4);
    assert_int_equal(find(a, "WD301", "precise")->saves_bytes, 800);
    assert_string_equal(fact(find(a, "WD301", "long"), "encoding")->word, "long-key");
    assert_string_equal(fact(find(a, "WD301", "inner"), "encoding")->word, "json-in-string");
    assert_int_equal(find(a, "WD301", "quoted")->severity, WD_NOTE);
}

/* Every value looked at was a document; half of the values were looked at. */
static void test_nested_document(void **state)
{
    struct world *w = *state;
    add_type(w, "m", 100);
    struct wd_row *row = shaped(add_row(w, "inner", WD_TYPE_STRING, 90, 99), WD_SHAPE_JSON_TEXT, 50, 50);
    row->nested = wd_nested_open("json");
    *row->nested = (struct wd_nested){ .codec = "json", .values = 50, .bytes = row->value_bytes / 2, .waste_bytes = 400 };
    wd_nested_add_member(row->nested, wd_bytes_of("n"), 50, 300);
    wd_nested_add_member(row->nested, wd_bytes_of("page"), 50, 900);
    const struct wd_finding *f = find(world_run(w), "WD301", "inner");
    assert_int_equal(f->saves_bytes, 800);
    assert_string_equal(fact(f, "document")->word, "json");
    assert_int_equal(fact(f, "wasted_of_those")->count, 400);
    assert_non_null(strstr(wd_arena_string(w->arena, f->text), "(2 members: page and n)"));
    row->nested->base64 = 50;
    assert_string_equal(fact(find(world_run(w), "WD301", "inner"), "encoding")->word, "base64-document");
    row->nested->base64 = 20;   /* now text and now base64: nothing is said of all */
    assert_null(find(world_run(w), "WD301", "inner"));
}

static void test_whitespace(void **state)
{
    struct world *w = *state;
    add_type(w, "m", 100);
    add_row(w, "a", WD_TYPE_STRING, 92, 99)->space_bytes = 600;
    const struct wd_finding *f = find(world_run(w), "WD301", "");
    assert_int_equal(f->saves_bytes, 600);
    assert_true(f->confidence == 1.0);
    w->rows[0][1].space_bytes = 150;
    assert_null(find(world_run(w), "WD301", ""));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_always_empty, setup, teardown),
        cmocka_unit_test_setup_teardown(test_too_little_seen, setup, teardown),
        cmocka_unit_test(test_constant),
        cmocka_unit_test_setup_teardown(test_constant_saves_what_repeats, setup, teardown),
        cmocka_unit_test_setup_teardown(test_slow_field, setup, teardown),
        cmocka_unit_test_setup_teardown(test_full_snapshot, setup, teardown),
        cmocka_unit_test(test_duplicate_field),
        cmocka_unit_test_setup_teardown(test_duplicate_says_of_what, setup, teardown),
        cmocka_unit_test_setup_teardown(test_verbose_encoding, setup, teardown),
        cmocka_unit_test_setup_teardown(test_nested_document, setup, teardown),
        cmocka_unit_test_setup_teardown(test_whitespace, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
