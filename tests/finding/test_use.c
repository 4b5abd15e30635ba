/* WD101 unused-field, WD102 unused-message, WD107 unknown-use: who reads it, and is that known. */
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

/* What two consumers do with one message, and the paths that must be called unread. */
static void test_unused_field(void **state)
{
    (void)state;
    static const struct { const char *what, *web, *wall, *unread; } rows[] = {
        { "one reads, one does not", "a", "", "host items" },
        { "both read everything", "a host.name host.os items[].id items[].size", "a", "" },
        { "nothing but the array's length", "items", "a", "host items[].size items[].id" },
        { "a member of an object", "host.name a", "", "host.os items" },
        { "an escape keeps what is below", "a ~host", "a", "items" },
        { "an escape of one member", "a ~host.os", "a", "items host.name" },
        { "the whole message escapes", "a ~.", "a", "" },
        { "a list of reads that is not complete", "...a", "a", "" },
        { "not complete, elsewhere", "a", "...", "" },
        { "two escapes", "~host ~items[].size a", "", "items[].id" },
    };
    for (size_t i = 0; i < WD_COUNT(rows); i++) {
        struct world *w = world_open();
        add_type(w, "m", 100);
        add_row(w, "a", WD_TYPE_NUMBER, 6, 99);
        add_row(w, "host", WD_TYPE_OBJECT, 9, 0);
        add_row(w, "host.name", WD_TYPE_STRING, 30, 99);
        add_row(w, "host.os", WD_TYPE_STRING, 60, 99);
        add_row(w, "items", WD_TYPE_ARRAY, 12, 0);
        add_row(w, "items[]", WD_TYPE_OBJECT, 3, 0);
        add_row(w, "items[].id", WD_TYPE_NUMBER, 9, 99);
        add_row(w, "items[].size", WD_TYPE_NUMBER, 15, 99);
        add_consumer(w, "web", "m", rows[i].web);
        add_consumer(w, "wall", "m", rows[i].wall);
        world_run(w);
        if (strcmp(paths_of(w, "WD101"), rows[i].unread) != 0)
            fail_msg("%s: %s", rows[i].what, paths_of(w, "WD101"));
        world_close(w);
    }
}

static void test_a_container_is_one_finding(void **state)
{
    struct world *w = *state;
    add_type(w, "m", 100);
    add_row(w, "host", WD_TYPE_OBJECT, 9, 0);
    add_row(w, "host.name", WD_TYPE_STRING, 30, 0);
    add_row(w, "host.net", WD_TYPE_OBJECT, 6, 0);
    add_row(w, "host.net.ip", WD_TYPE_STRING, 18, 99);
    add_row(w, "a", WD_TYPE_NUMBER, 6, 99);
    add_consumer(w, "web", "m", "a");
    const struct wd_audit *a = world_run(w);
    assert_int_equal(count_of(a, "WD101"), 1);
    const struct wd_finding *f = find(a, "WD101", "host");
    assert_int_equal(f->saves_bytes, (9 + 30 + 6 + 18) * 100);
    assert_int_equal(fact(f, "fields")->count, 2);
    assert_int_equal(fact(f, "consumers")->list_count, 1);
    assert_int_equal(f->severity, WD_WARNING);
    assert_true(f->confidence == 1.0);
    assert_true(has_also(f, "WD202"));  /* host.name is constant: folded into what takes it along */
    assert_null(find(a, "WD202", "host.name"));
    assert_true(f->row != NULL && f->type == &w->types[0] && f->field == NULL);
    assert_string_equal((const char *)f->text.at,
                        "The only consumer, web, does not read it or any of its 2 fields: 6,300 bytes, "
                        "88.7 % of the payload.");
}

static void test_what_keeps_a_field(void **state)
{
    struct world *w = *state;
    struct wd_type_profile *type = add_type(w, "m", 100);
    type->discriminator = text("head.type");
    type->entity = text("data.id");
    add_row(w, "head", WD_TYPE_OBJECT, 9, 0);
    add_row(w, "head.type", WD_TYPE_STRING, 9, 0)->is_discriminator = true;
    add_row(w, "head.spare", WD_TYPE_NUMBER, 9, 99);
    add_row(w, "data", WD_TYPE_OBJECT, 9, 0);
    add_row(w, "data.id", WD_TYPE_NUMBER, 9, 99)->is_entity_key = true;
    add_row(w, "data.x", WD_TYPE_NUMBER, 9, 99);
    add_row(w, "(other)", WD_TYPE_STRING, 9, 99);
    add_consumer(w, "web", "m", "");
    world_run(w);
    /* the discriminator and what holds it stay; what holds the entity's key is not removed as a whole;
     * (other) is no field */
    assert_string_equal(paths_of(w, "WD101"), "data.id data.x head.spare");
    assert_int_equal(w->audit.verdicts[0][0], WD_VERDICT_UNKNOWN);  /* (other) sorts before the root */
}

static void test_declared_only(void **state)
{
    struct world *w = *state;
    add_message(w, "m");
    add_field(w, "type", 1u << WD_TYPE_STRING)->has_const = true;
    w->fields[0][1].constants = constants(w, (const char *const[]){ "\"m\"" }, 1);
    w->fields[0][1].constant_count = 1;
    add_field(w, "a", 0);
    add_field(w, "b", 1u << WD_TYPE_OBJECT);
    add_field(w, "b.c", 0);
    add_consumer(w, "web", "m", "a");
    const struct wd_audit *a = world_run(w);
    assert_string_equal(paths_of(w, "WD101"), "b");  /* a text constant called type is how it is told apart */
    assert_int_equal(find(a, "WD101", "b")->at.line, 14);
    assert_int_equal(find(a, "WD101", "b")->severity, WD_WARNING);
    assert_int_equal(find(a, "WD101", "b")->saves_bytes, 0);
    assert_true(is_unasked(a, "WD103") && is_unasked(a, "WD202") && !is_unasked(a, "WD101"));
}

static void test_confidence_is_that_of_the_weakest(void **state)
{
    struct world *w = *state;
    add_type(w, "m", 100);
    add_row(w, "a", WD_TYPE_NUMBER, 6, 99);
    add_consumer(w, "web", "m", "");
    add_consumer(w, "wall", "m", "")->source = WD_USAGE_TRACE;
    assert_true(find(world_run(w), "WD101", "a")->confidence == 0.8);
}

/* ---- WD102 ---- */

static void test_unused_message(void **state)
{
    struct world *w = *state;
    struct wd_type_profile *type = add_type(w, "m", 100);
    type->discriminator = text("type");
    add_row(w, "type", WD_TYPE_STRING, 9, 0)->is_discriminator = true;
    add_row(w, "a", WD_TYPE_NUMBER, 6, 0);
    add_type(w, "other", 100);
    add_row(w, "a", WD_TYPE_NUMBER, 6, 99);
    add_consumer(w, "web", "other", "a");
    const struct wd_audit *a = world_run(w);
    assert_string_equal(paths_of(w, "WD102"), "m");
    assert_int_equal(count_of(a, "WD101"), 0);  /* the message is its own top */
    const struct wd_finding *f = find(a, "WD102", "");
    assert_int_equal(f->saves_bytes, (2 + 9 + 6) * 100);
    assert_true(has_also(f, "WD202"));
    assert_int_equal(w->audit.verdicts[0][2], WD_VERDICT_UNREAD);  /* its discriminator too */
    assert_int_equal(a->summary.verdict_bytes[WD_VERDICT_UNREAD], 1700);
}

static void test_subscribing_is_taking(void **state)
{
    struct world *w = *state;
    add_type(w, "beat", 100);
    add_row(w, "a", WD_TYPE_NUMBER, 6, 99);
    add_consumer(w, "web", "beat", "");
    world_run(w);
    assert_string_equal(paths_of(w, "WD102"), "");
    assert_string_equal(paths_of(w, "WD101"), "a");
}

static void test_a_consumer_that_lists_nothing_is_unknown(void **state)
{
    struct world *w = *state;
    add_type(w, "m", 100);
    add_row(w, "a", WD_TYPE_NUMBER, 6, 99);
    add_type(w, "other", 100);
    add_consumer(w, "web", "other", "");
    struct wd_consumer *silent = add_consumer(w, "wall", "other", "");
    silent->message_count = 0;
    const struct wd_audit *a = world_run(w);
    assert_int_equal(count_of(a, "WD102") + count_of(a, "WD101"), 0);
    assert_string_equal(paths_of(w, "WD107"), "m");

    silent->is_assumed_unused = true;
    world_run(w);
    assert_string_equal(paths_of(w, "WD102"), "m");
}

/* ---- WD107, and the direction ---- */

static void test_unknown_use(void **state)
{
    struct world *w = *state;
    add_type(w, "m", 100);
    add_row(w, "flags", WD_TYPE_OBJECT, 6, 0);
    add_row(w, "flags.x", WD_TYPE_BOOLEAN, 9, 99);
    add_row(w, "flags.y", WD_TYPE_BOOLEAN, 12, 99);
    add_row(w, "a", WD_TYPE_NUMBER, 6, 99);
    add_consumer(w, "web", "m", "flags.x a");
    add_consumer(w, "wall", "m", "~flags");
    const struct wd_audit *a = world_run(w);
    assert_string_equal(paths_of(w, "WD107"), "flags");
    const struct wd_finding *f = find(a, "WD107", "flags");
    assert_int_equal(fact(f, "fields")->count, 1);  /* flags.x is read by web: nothing hangs on it */
    assert_int_equal(fact(f, "bytes")->count, 1200);
    assert_true(wd_bytes_is(fact(f, "where")->text, "x.js:1"));
    assert_true(wd_bytes_is(fact(f, "consumer")->text, "wall"));
    assert_int_equal(f->severity, WD_NOTE);
    assert_int_equal(a->summary.verdict_bytes[WD_VERDICT_UNKNOWN], 1200 + 0);

    /* explicit: what it may read counts as unread */
    ((struct wd_consumer *)(uintptr_t)&w->usage.consumers[1])->is_assumed_unused = true;
    a = world_run(w);
    assert_int_equal(count_of(a, "WD107"), 0);
    assert_string_equal(paths_of(w, "WD101"), "flags.y");
    assert_true(find(a, "WD101", "flags.y")->confidence < 1);
}

/* The container's own bytes hang on the same doubt, as the verdict has it. */
static void test_unknown_container(void **state)
{
    struct world *w = *state;
    add_type(w, "m", 100);
    add_row(w, "flags", WD_TYPE_OBJECT, 6, 0);
    add_row(w, "flags.x", WD_TYPE_BOOLEAN, 9, 99);
    add_row(w, "flags.y", WD_TYPE_BOOLEAN, 12, 99);
    add_row(w, "a", WD_TYPE_NUMBER, 6, 99);
    add_consumer(w, "wall", "m", "a ~flags");
    const struct wd_audit *a = world_run(w);
    const struct wd_finding *f = find(a, "WD107", "flags");
    assert_int_equal(fact(f, "fields")->count, 2);
    assert_int_equal(fact(f, "bytes")->count, 2700);
    assert_int_equal(a->summary.verdict_bytes[WD_VERDICT_UNKNOWN], 2700);
}

static void test_incomplete_is_one_finding(void **state)
{
    struct world *w = *state;
    add_type(w, "m", 100);
    add_row(w, "a", WD_TYPE_NUMBER, 6, 99);
    add_row(w, "b", WD_TYPE_NUMBER, 6, 99);
    add_row(w, "c", WD_TYPE_NUMBER, 6, 99);
    add_consumer(w, "web", "m", "...a");
    const struct wd_audit *a = world_run(w);
    assert_string_equal(paths_of(w, "WD107"), "m");
    assert_int_equal(fact(find(a, "WD107", ""), "fields")->count, 2);
    assert_string_equal(fact(find(a, "WD107", ""), "reason")->word, "incomplete");
}

/* What a browser reads says nothing about what its server reads. */
static void test_a_direction_without_receivers_is_unknown(void **state)
{
    struct world *w = *state;
    add_type(w, "m", 100);
    add_row(w, "a", WD_TYPE_NUMBER, 6, 99);
    add_type(w, "hello", 100)->direction = WD_C2S;
    add_row(w, "b", WD_TYPE_NUMBER, 6, 99);
    add_type(w, "both", 100)->direction = WD_C2S;
    add_type(w, "both", 100);
    add_consumer(w, "web", "m", "a");
    add_consumer(w, "wall", "both", "");
    const struct wd_audit *a = world_run(w);
    assert_int_equal(count_of(a, "WD102") + count_of(a, "WD101"), 0);
    assert_string_equal(paths_of(w, "WD107"), "hello");
    assert_string_equal(fact(find(a, "WD107", ""), "reason")->word, "no-receiver");

    add_consumer(w, "server", "both", "");
    ((struct wd_consumer_message *)(uintptr_t)w->usage.consumers[2].messages)->direction = WD_C2S;
    world_run(w);
    assert_string_equal(paths_of(w, "WD107"), "");
    assert_string_equal(paths_of(w, "WD102"), "hello");  /* now there is one, and it does not take it */
    assert_true(wd_bytes_is(fact(find(a, "WD102", ""), "consumers")->list[0], "server"));
    assert_int_equal(fact(find(a, "WD102", ""), "consumers")->list_count, 1);
}

/* What the schema does not describe may be taken under another name. */
static void test_a_message_without_a_known_name_is_unknown(void **state)
{
    struct world *w = *state;
    add_type(w, "m", 100);
    add_row(w, "a", WD_TYPE_NUMBER, 6, 99);
    add_type(w, "odd", 100);
    add_row(w, "b", WD_TYPE_NUMBER, 6, 99);
    add_consumer(w, "web", "m", "a");
    w->types[1].named_by = WD_NAMED_BY_DEFAULT;
    world_run(w);
    assert_string_equal(paths_of(w, "WD102"), "");  /* nothing named it but the lack of a name */

    w->types[1].named_by = WD_NAMED_BY_DISCRIMINATOR;
    world_run(w);
    assert_string_equal(paths_of(w, "WD102"), "odd");

    add_message(w, "m");
    add_field(w, "a", 0);
    const struct wd_audit *a = world_run(w);
    assert_int_equal(count_of(a, "WD102"), 0);
    assert_string_equal(paths_of(w, "WD107"), "odd");
    assert_string_equal(fact(find(a, "WD107", ""), "reason")->word, "unnamed");

    w->types[1].rows = w->rows[7];  /* binary: one opaque value, and what looked like JSON and was none */
    w->types[1].row_count = 0;
    w->types[1].rows[w->types[1].row_count++] = (struct wd_row){
        .path = text("."), .present = 90, .occurrences = 90, .value_bytes = 900, .types[WD_TYPE_BYTES] = 90
    };
    w->types[1].rows[w->types[1].row_count++] = (struct wd_row){ .path = text("(malformed)"), .present = 10,
                                                                 .occurrences = 10, .value_bytes = 100 };
    a = world_run(w);
    assert_int_equal(fact(find(a, "WD107", ""), "fields")->count, 1);
    w->types[1].rows = w->rows[1];
    w->types[1].row_count = 2;

    add_consumer(w, "wall", "odd", "");
    world_run(w);
    assert_string_equal(paths_of(w, "WD101"), "b");  /* listed, and nothing of it read */
}

static void test_without_usage_nothing_is_unread(void **state)
{
    struct world *w = *state;
    add_type(w, "m", 100);
    add_row(w, "a", WD_TYPE_NUMBER, 6, 99);
    const struct wd_audit *a = world_run(w);
    assert_true(is_unasked(a, "WD101") && is_unasked(a, "WD102") && is_unasked(a, "WD107"));
    assert_int_equal(count_of(a, "WD101"), 0);
    assert_int_equal(a->verdicts[0][1], WD_VERDICT_UNKNOWN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_unused_field),
        cmocka_unit_test_setup_teardown(test_a_container_is_one_finding, setup, teardown),
        cmocka_unit_test_setup_teardown(test_what_keeps_a_field, setup, teardown),
        cmocka_unit_test_setup_teardown(test_declared_only, setup, teardown),
        cmocka_unit_test_setup_teardown(test_confidence_is_that_of_the_weakest, setup, teardown),
        cmocka_unit_test_setup_teardown(test_unused_message, setup, teardown),
        cmocka_unit_test_setup_teardown(test_subscribing_is_taking, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_consumer_that_lists_nothing_is_unknown, setup, teardown),
        cmocka_unit_test_setup_teardown(test_unknown_use, setup, teardown),
        cmocka_unit_test_setup_teardown(test_unknown_container, setup, teardown),
        cmocka_unit_test_setup_teardown(test_incomplete_is_one_finding, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_direction_without_receivers_is_unknown, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_message_without_a_known_name_is_unknown, setup, teardown),
        cmocka_unit_test_setup_teardown(test_without_usage_nothing_is_unread, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
