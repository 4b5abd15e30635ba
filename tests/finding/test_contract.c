/* WD103 to WD106 and WD601: the traffic held against the schema. */
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

static const uint32_t STRING = 1u << WD_TYPE_STRING, NUMBER = 1u << WD_TYPE_NUMBER,
                      INTEGER = 1u << WD_TYPE_INTEGER, OBJECT = 1u << WD_TYPE_OBJECT,
                      ARRAY = 1u << WD_TYPE_ARRAY;

static void test_never_sent(void **state)
{
    struct world *w = *state;
    add_type(w, "m", 100);
    add_row(w, "a", WD_TYPE_NUMBER, 6, 9);
    add_row(w, "list", WD_TYPE_ARRAY, 9, 0);
    add_row(w, "gone", WD_TYPE_NULL, 9, 0);
    add_row(w, "rates", WD_TYPE_OBJECT, 9, 0);
    add_row(w, "rates.EURUSD", WD_TYPE_NUMBER, 9, 9);
    add_row(w, "pairs", WD_TYPE_OBJECT, 9, 0);
    add_row(w, "pairs{}", WD_TYPE_NUMBER, 9, 9);
    add_row(w, "labels", WD_TYPE_OBJECT, 9, 0);
    add_message(w, "m");
    add_field(w, "a", NUMBER);
    add_field(w, "b", NUMBER)->is_deprecated = true;
    add_field(w, "gpu", OBJECT);
    add_field(w, "gpu.model", STRING);      /* with its object */
    add_field(w, "list", ARRAY);
    add_field(w, "list[]", OBJECT);         /* the array was always empty */
    add_field(w, "list[].x", NUMBER);
    add_field(w, "gone", OBJECT);
    add_field(w, "gone.x", NUMBER);         /* there never was an object to hold it */
    add_field(w, "rates", OBJECT);
    add_field(w, "rates{}", NUMBER)->is_map = true;
    add_field(w, "labels", OBJECT);
    add_field(w, "labels{}", STRING)->is_map = true;   /* allowed, not promised */
    add_field(w, "pairs", OBJECT);
    add_field(w, "pairs.USDJPY", NUMBER);   /* its keys were folded */
    add_message(w, "maintenance");
    const struct wd_audit *a = world_run(w);
    assert_string_equal(paths_of(w, "WD103"), "b gpu maintenance");
    assert_int_equal(find(a, "WD103", "gpu")->severity, WD_NOTE);
    assert_int_equal(find(a, "WD103", "gpu")->at.line, 14);
    assert_int_equal(find(a, "WD103", "")->at.line, 20);
    assert_true(find(a, "WD103", "gpu")->confidence < 0.9);
    assert_string_equal(fact(find(a, "WD103", "b"), "declared")->word, "deprecated");
}

/* Of traffic that could not be read nothing is missed; of what was partly read, less surely. */
static void test_unread_traffic(void **state)
{
    struct world *w = *state;
    add_message(w, "m");
    add_message(w, "alarm");
    w->profile.ledger.captured_bytes = w->profile.ledger.layer[WD_LAYER_UNDECODED] = 1000;
    const struct wd_audit *a = world_run(w);
    assert_string_equal(paths_of(w, "WD103"), "");
    size_t unasked = 0;
    for (size_t i = 0; i < a->unasked_count; i++)
        if (strcmp(a->unasked[i].rule->id, "WD103") == 0)
            unasked += strstr(a->unasked[i].why, "no message could be read") != NULL;
    assert_int_equal(unasked, 1);
}

static void test_partly_read_traffic(void **state)
{
    struct world *w = *state;
    add_type(w, "m", 100);
    add_message(w, "m");
    add_message(w, "alarm");
    w->profile.ledger.captured_bytes = 1000;
    w->profile.ledger.layer[WD_LAYER_UNDECODED] = 500;
    const struct wd_audit *a = world_run(w);
    assert_true(find(a, "WD103", "")->confidence < 0.36);
}

static void test_one_declaration_for_two_types(void **state)
{
    struct world *w = *state;
    add_type(w, "m", 100);
    add_type(w, "m", 100)->channel = text("/other");
    add_message(w, "m");
    add_field(w, "b", NUMBER);
    assert_int_equal(count_of(world_run(w), "WD103"), 1);
}

static void test_undeclared_field(void **state)
{
    struct world *w = *state;
    add_type(w, "m", 100);
    add_row(w, "a", WD_TYPE_NUMBER, 6, 9);
    add_row(w, "extra", WD_TYPE_OBJECT, 9, 0);
    add_row(w, "extra.x", WD_TYPE_NUMBER, 9, 9);
    add_row(w, "free", WD_TYPE_OBJECT, 9, 0);
    add_row(w, "free.x", WD_TYPE_NUMBER, 9, 9);
    add_row(w, "rates", WD_TYPE_OBJECT, 9, 0);
    add_row(w, "rates.EURUSD", WD_TYPE_NUMBER, 9, 9);
    add_row(w, "(malformed)", WD_TYPE_STRING, 9, 9);
    add_message(w, "m");
    add_field(w, "a", NUMBER);
    add_field(w, "free", OBJECT)->is_free = true;
    add_field(w, "rates", OBJECT);
    add_field(w, "rates{}", NUMBER)->is_map = true;
    const struct wd_audit *a = world_run(w);
    assert_string_equal(paths_of(w, "WD104"), "extra");
    const struct wd_finding *f = find(a, "WD104", "extra");
    assert_int_equal(f->severity, WD_WARNING);
    assert_int_equal(f->at.line, 10);  /* of the message: there is no declaration */
    assert_int_equal(fact(f, "bytes")->count, 1800);

    w->messages[0].is_opaque = true;
    assert_int_equal(count_of(world_run(w), "WD104"), 0);
}

static void test_unmatched_message(void **state)
{
    struct world *w = *state;
    add_type(w, "m", 100);
    add_type(w, "n", 100);
    add_row(w, "a", WD_TYPE_NUMBER, 6, 9);
    add_message(w, "m");
    const struct wd_audit *a = world_run(w);
    assert_string_equal(paths_of(w, "WD106"), "n");
    assert_string_equal(fact(find(a, "WD106", ""), "why")->word, "no message has its name");
    assert_int_equal(count_of(a, "WD104"), 0);  /* one finding, not one for each of its fields */
    w->has_schema = false;
    assert_true(is_unasked(world_run(w), "WD106"));
}

/* ---- WD105 ---- */

static void test_type_mismatch(void **state)
{
    (void)state;
    static const struct { enum wd_type seen; uint32_t declared; bool is_wrong; } rows[] = {
        { WD_TYPE_STRING, 1u << WD_TYPE_STRING, false },
        { WD_TYPE_STRING, 1u << WD_TYPE_NUMBER, true },
        { WD_TYPE_INTEGER, 1u << WD_TYPE_NUMBER, false },   /* 1 is a number */
        { WD_TYPE_NUMBER, 1u << WD_TYPE_INTEGER, true },    /* 1.5 is no integer */
        { WD_TYPE_NULL, 1u << WD_TYPE_STRING, true },
        { WD_TYPE_NULL, 1u << WD_TYPE_STRING | 1u << WD_TYPE_NULL, false },
        { WD_TYPE_NULL, 0, false },                         /* anything */
        { WD_TYPE_ARRAY, 1u << WD_TYPE_OBJECT, true },
    };
    for (size_t i = 0; i < WD_COUNT(rows); i++) {
        struct world *w = world_open();
        add_type(w, "m", 100);
        add_row(w, "a", rows[i].seen, 9, 9);
        add_message(w, "m");
        add_field(w, "a", rows[i].declared);
        if ((find(world_run(w), "WD105", "a") != NULL) != rows[i].is_wrong)
            fail_msg("row %zu", i);
        world_close(w);
    }
}

static void test_mismatch_says_what(void **state)
{
    struct world *w = *state;
    add_type(w, "m", 100);
    struct wd_row *row = add_row(w, "a", WD_TYPE_NUMBER, 9, 9);
    row->types[WD_TYPE_NUMBER] = 90;
    row->types[WD_TYPE_STRING] = 10;
    add_message(w, "m");
    add_field(w, "a", NUMBER | INTEGER);
    const struct wd_finding *f = find(world_run(w), "WD105", "a");
    assert_int_equal(f->severity, WD_ERROR);
    assert_int_equal(fact(f, "wrong_type")->count, 10);
    assert_string_equal((const char *)f->text.at, "10 of 100 values are string, declared is number.");
}

static void test_constants(void **state)
{
    (void)state;
    static const struct {
        const char *what, *seen[4];
        const char *declared[3];
        bool is_enum, is_wrong;
    } rows[] = {
        { "const", { "\"a\"" }, { "\"a\"" }, false, false },
        { "another value", { "\"b\"" }, { "\"a\"" }, false, true },
        { "the const and another", { "\"a\"", "\"b\"" }, { "\"a\"" }, false, true },
        { "enum, some of it", { "\"a\"" }, { "\"a\"", "\"b\"" }, true, false },
        { "enum, all of it", { "\"a\"", "\"b\"" }, { "\"a\"", "\"b\"" }, true, false },
        { "outside the enum", { "\"a\"", "\"c\"" }, { "\"a\"", "\"b\"" }, true, true },
        { "by meaning", { "1.0", "\"\\u0061\"" }, { "1", "\"a\"" }, true, false },
        { "a string is no number", { "\"1\"" }, { "1" }, false, true },
    };
    for (size_t i = 0; i < WD_COUNT(rows); i++) {
        struct world *w = world_open();
        add_type(w, "m", 100);
        struct wd_row *row = add_row(w, "a", WD_TYPE_STRING, 9, 9);
        for (size_t k = 0; k < 4 && rows[i].seen[k]; k++)
            see_constant(row, rows[i].seen[k]);
        add_message(w, "m");
        struct wd_schema_field *field = add_field(w, "a", 0);
        size_t count = 0;
        while (count < 3 && rows[i].declared[count])
            count++;
        field->has_const = !rows[i].is_enum;
        field->has_enum = rows[i].is_enum;
        field->constants = constants(w, rows[i].declared, count);
        field->constant_count = count;
        if ((find(world_run(w), "WD105", "a") != NULL) != rows[i].is_wrong)
            fail_msg("%s", rows[i].what);
        field->is_conditional = true;
        w->fields[0][1].is_conditional = true;
        assert_null(find(world_run(w), "WD105", "a"));  /* only some branches say so */
        world_close(w);
    }
}

static void test_too_many_values_prove_nothing(void **state)
{
    struct world *w = *state;
    add_type(w, "m", 100);
    struct wd_row *row = add_row(w, "a", WD_TYPE_STRING, 9, 9);
    for (int i = 0; i < 500; i++) {
        char json[16];
        snprintf(json, sizeof json, "%d", i);
        see_constant(row, json);
    }
    add_message(w, "m");
    struct wd_schema_field *field = add_field(w, "a", 0);
    field->has_const = true;
    field->constants = constants(w, (const char *const[]){ "\"a\"" }, 1);
    field->constant_count = 1;
    assert_null(find(world_run(w), "WD105", "a"));
}

static void test_required(void **state)
{
    struct world *w = *state;
    add_type(w, "m", 100);
    add_row(w, "a", WD_TYPE_NUMBER, 9, 9)->occurrences = 97;
    add_row(w, "o", WD_TYPE_OBJECT, 9, 0)->types[WD_TYPE_OBJECT] = 60;
    w->rows[0][2].types[WD_TYPE_NULL] = 40;
    add_row(w, "o.x", WD_TYPE_NUMBER, 9, 9)->occurrences = 60;  /* there whenever its object is */
    w->rows[0][3].types[WD_TYPE_NUMBER] = 60;
    add_message(w, "m");
    add_field(w, "a", NUMBER)->is_required = true;
    add_field(w, "o", OBJECT | 1u << WD_TYPE_NULL);
    add_field(w, "o.x", NUMBER)->is_required = true;
    const struct wd_audit *a = world_run(w);
    assert_string_equal(paths_of(w, "WD105"), "a");
    assert_int_equal(fact(find(a, "WD105", "a"), "missing")->count, 3);
    assert_string_equal((const char *)find(a, "WD105", "a")->text.at,
                        "Required, but missing in 3 of 100 objects.");
}

/* ---- WD601 ---- */

static void test_undocumented_field(void **state)
{
    struct world *w = *state;
    add_message(w, "m");
    add_field(w, "a", NUMBER);
    struct wd_schema_field *b = add_field(w, "b", NUMBER);
    b->purpose = text("title"), b->owner = text("us"), b->changes = text("never");
    add_field(w, "c", NUMBER)->purpose = text("x");
    add_field(w, "o", OBJECT);
    add_field(w, "o.x", NUMBER);
    add_field(w, "o.y", NUMBER);
    add_field(w, "p", OBJECT)->owner = text("them");
    add_field(w, "p.x", NUMBER);
    add_message(w, "n");
    add_field(w, "x", NUMBER);
    assert_true(is_unasked(world_run(w), "WD601"));  /* off until the schema states some */

    w->schema.states_wirediet = true;
    const struct wd_audit *a = world_run(w);
    assert_string_equal(paths_of(w, "WD601"), "a c o p.x n");
    assert_int_equal(fact(find(a, "WD601", "o"), "fields")->count, 2);
    assert_int_equal(fact(find(a, "WD601", "c"), "missing")->list_count, 2);
    assert_int_equal(fact(find(a, "WD601", "p.x"), "missing")->list_count, 2);
    assert_int_equal(find(a, "WD601", "a")->severity, WD_NOTE);
    assert_string_equal((const char *)find(a, "WD601", "c")->text.at,
                        "The schema states no owner and change rate.");
}

static void test_stated_rate_against_the_measured(void **state)
{
    (void)state;
    /* every message 1 s apart, a change about every 10 s */
    static const struct { const char *stated; bool is_wrong; } rows[] = {
        { "never", true }, { "always", true }, { "every 10 s", false }, { "every 30s", false }, { "every 1 h", true },
        { "100 ms", true }, { "now and then", false }, { "12 sec", false },
    };
    for (size_t i = 0; i < WD_COUNT(rows); i++) {
        struct world *w = world_open();
        add_type(w, "m", 1000);
        struct wd_row *row = add_row(w, "a", WD_TYPE_NUMBER, 9, 90);
        row->hold[13] = 90;
        row->hold_ms = 90 * 10000;
        add_message(w, "m")->purpose = text("p");
        w->messages[0].owner = text("o");
        add_field(w, "a", NUMBER)->changes = text(rows[i].stated);
        w->schema.states_wirediet = true;
        const struct wd_finding *f = find(world_run(w), "WD601", "a");
        if ((f != NULL) != rows[i].is_wrong)
            fail_msg("%s", rows[i].stated);
        world_close(w);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_never_sent, setup, teardown),
        cmocka_unit_test_setup_teardown(test_unread_traffic, setup, teardown),
        cmocka_unit_test_setup_teardown(test_partly_read_traffic, setup, teardown),
        cmocka_unit_test_setup_teardown(test_one_declaration_for_two_types, setup, teardown),
        cmocka_unit_test_setup_teardown(test_undeclared_field, setup, teardown),
        cmocka_unit_test_setup_teardown(test_unmatched_message, setup, teardown),
        cmocka_unit_test(test_type_mismatch),
        cmocka_unit_test_setup_teardown(test_mismatch_says_what, setup, teardown),
        cmocka_unit_test(test_constants),
        cmocka_unit_test_setup_teardown(test_too_many_values_prove_nothing, setup, teardown),
        cmocka_unit_test_setup_teardown(test_required, setup, teardown),
        cmocka_unit_test_setup_teardown(test_undocumented_field, setup, teardown),
        cmocka_unit_test(test_stated_rate_against_the_measured),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
