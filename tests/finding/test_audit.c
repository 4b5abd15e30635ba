/* The engine: precedence, suppressions, order, verdicts and sums; and that every rule can explain itself. */
#include "build.h"

#include "finding/draft.h"
#include "finding/suppress.h"

static int setup(void **state)
{
    setenv("SOURCE_DATE_EPOCH", "1772323200", 1);  /* 2026-03-01 */
    *state = world_open();
    return 0;
}

static int teardown(void **state)
{
    world_close(*state);
    return 0;
}

/* ---- the rules themselves ---- */

static void test_rules_explain_themselves(void **state)
{
    (void)state;
    const char *last = "";
    for (size_t i = 0; wd_rules[i]; i++) {
        const struct wd_rule *r = wd_rules[i];
        assert_true(strcmp(last, r->id) < 0);
        last = r->id;
        assert_ptr_equal(wd_rule_find(text(r->id)), r);
        assert_ptr_equal(wd_rule_find(text(r->name)), r);
        const char *const parts[] = { r->title, r->asks, r->why, r->measured, r->remedy };
        for (size_t k = 0; k < WD_COUNT(parts); k++)
            assert_true(parts[k] && strlen(parts[k]) > 10);
        size_t all = strlen(r->asks) + strlen(r->why) + strlen(r->measured) + strlen(r->remedy);
        if (all > 2200)
            fail_msg("%s explains itself in %zu bytes: half a screen is enough", r->id, all);
    }
    assert_ptr_equal(wd_rule_find(text("wd101")), wd_rule_find(text("unused-field")));
    assert_null(wd_rule_find(text("WD999")));
}

static void test_sentences(void **state)
{
    (void)state;
    struct wd_buf b = { 0 };
    const struct wd_bytes names[] = { text("a"), text("b"), text("c"), text("d"), text("e") };
    wd_say_count(&b, 1234567);
    wd_buf_byte(&b, '|');
    wd_say_count(&b, 999);
    wd_buf_byte(&b, '|');
    wd_say_plural(&b, 1, "field", "fields");
    wd_buf_byte(&b, '|');
    wd_say_share(&b, 0.0005);
    wd_buf_byte(&b, '|');
    wd_say_share(&b, 0.123);
    wd_buf_byte(&b, '|');
    wd_say_ms(&b, 999);
    wd_buf_byte(&b, '|');
    wd_say_ms(&b, 31400);
    wd_buf_byte(&b, '|');
    wd_say_ms(&b, 7200000);
    wd_buf_byte(&b, '|');
    wd_say_names(&b, names, 2, " nor ");
    wd_buf_byte(&b, '|');
    wd_say_names(&b, names, 5, " nor ");
    assert_string_equal(
        wd_buf_cstr(&b),
        "1,234,567|999|1 field|less than 0.1 %|12.3 %|999 ms|31 s|2 h|a nor b|a, b, c nor 2 more");
    wd_buf_free(&b);
}

/* ---- precedence ---- */

static void test_one_finding_for_one_waste(void **state)
{
    struct world *w = *state;
    add_type(w, "m", 100);
    add_row(w, "a", WD_TYPE_NUMBER, 9, 50);
    add_row(w, "dead", WD_TYPE_NULL, 9, 0)->empty = 100;
    struct wd_row *slow = add_row(w, "slow", WD_TYPE_NUMBER, 9, 5);
    slow->equals = &w->rows[0][1].path;
    slow->equals_count = 1;
    const struct wd_bytes other = text("other");
    struct wd_row *still = add_row(w, "still", WD_TYPE_STRING, 9, 0);
    still->distinct = 30;
    still->series = still->constant_series = 30;
    still->equals = &other;
    still->equals_count = 1;
    add_row(w, "other", WD_TYPE_STRING, 9, 0)->distinct = 30;
    const struct wd_audit *a = world_run(w);
    assert_non_null(find(a, "WD201", "dead"));
    assert_null(find(a, "WD202", "dead"));
    assert_true(has_also(find(a, "WD207", "slow"), "WD203"));
    assert_null(find(a, "WD203", "slow"));
    assert_true(has_also(find(a, "WD207", "still"), "WD202"));

    add_consumer(w, "web", "m", "a other");
    a = world_run(w);
    const struct wd_finding *f = find(a, "WD101", "slow");
    assert_int_equal(f->also_count, 2);
    assert_string_equal(f->also[0], "WD203");
    assert_string_equal(f->also[1], "WD207");
    assert_true(has_also(find(a, "WD101", "dead"), "WD201"));
    assert_int_equal(count_of(a, "WD201") + count_of(a, "WD203") + count_of(a, "WD207"), 0);
}

/* The same path of another message is another matter. */
static void test_messages_are_kept_apart(void **state)
{
    struct world *w = *state;
    add_type(w, "m", 100);
    add_row(w, "a", WD_TYPE_NUMBER, 9, 0);
    add_type(w, "n", 100);
    add_row(w, "a", WD_TYPE_NUMBER, 9, 0);
    add_type(w, "m", 100)->channel = text("/other");
    add_row(w, "a", WD_TYPE_NUMBER, 9, 0);
    add_consumer(w, "web", "m", "");
    add_consumer(w, "wall", "n", "a");
    ((struct wd_consumer_message *)(uintptr_t)w->usage.consumers[0].messages)->channel = text("/live");
    const struct wd_audit *a = world_run(w);
    assert_int_equal(count_of(a, "WD101"), 1);
    assert_int_equal(count_of(a, "WD202"), 1);  /* n's; m's stands in also */
    assert_int_equal(count_of(a, "WD102"), 1);  /* m on /other */
}

/* ---- suppressions ---- */

static void test_suppressions(void **state)
{
    (void)state;
    static const struct {
        const char *what, *rule, *message, *path, *reason, *expires;
        bool is_silent, is_stale;
    } rows[] = {
        { "by id", "WD202", "m", "o.x", "why", "", true, false },
        { "by name", "constant", "m", "o.x", "why", "", true, false },
        { "any message", "WD202", "", "o.x", "why", "", true, false },
        { "any path", "WD202", "m", "", "why", "", true, false },
        { "what holds it", "WD202", "m", "o", "why", "", true, false },
        { "on its last day", "WD202", "m", "o.x", "why", "2026-03-01", true, false },
        { "the day after", "WD202", "m", "o.x", "why", "2026-02-28", false, true },
        { "no reason", "WD202", "m", "o.x", "", "", false, true },
        { "a blank reason", "WD202", "m", "o.x", "  ", "", false, true },
        { "another rule", "WD203", "m", "o.x", "why", "", false, false },
        { "another message", "WD202", "n", "o.x", "why", "", false, false },
        { "another path", "WD202", "m", "o.y", "why", "", false, false },
        { "no such rule", "WD999", "m", "o.x", "why", "", false, true },
    };
    for (size_t i = 0; i < WD_COUNT(rows); i++) {
        struct world *w = world_open();
        add_type(w, "m", 100);
        add_row(w, "o", WD_TYPE_OBJECT, 9, 0);
        add_row(w, "o.x", WD_TYPE_NUMBER, 9, 0);
        suppress(w, rows[i].rule, rows[i].message, rows[i].path, rows[i].reason, rows[i].expires);
        const struct wd_audit *a = world_run(w);
        if ((find(a, "WD202", "o.x") == NULL) != rows[i].is_silent ||
            a->suppressed_count != rows[i].is_silent || a->summary.suppressed != a->suppressed_count ||
            count_of(a, "WD603") != rows[i].is_stale)
            fail_msg("%s", rows[i].what);
        assert_int_equal(a->verdicts[0][2], rows[i].is_silent ? WD_VERDICT_UNKNOWN : WD_VERDICT_UNCHANGED);
        if (rows[i].is_stale) {
            assert_int_equal(find(a, "WD603", rows[i].path)->at.line, 3);
            assert_int_equal(find(a, "WD603", rows[i].path)->severity, WD_WARNING);
        }
        world_close(w);
    }
}

/* What was accepted is kept, and with it what it stands in; the rest is still reported. */
static void test_a_suppressed_field_keeps_its_object(void **state)
{
    struct world *w = *state;
    add_type(w, "m", 100);
    add_row(w, "o", WD_TYPE_OBJECT, 9, 0);
    add_row(w, "o.x", WD_TYPE_NUMBER, 9, 99);
    add_row(w, "o.y", WD_TYPE_NUMBER, 9, 99);
    add_consumer(w, "web", "m", "");
    suppress(w, "WD101", "m", "o.x", "next quarter", "");
    world_run(w);
    assert_string_equal(paths_of(w, "WD101"), "o.y");
    assert_int_equal(w->audit.suppressed_count, 1);
    assert_int_equal(w->audit.summary.removable_bytes, 900);

    suppress(w, "WD101", "m", "o", "all of it", "");
    world_run(w);
    assert_string_equal(paths_of(w, "WD101"), "");
    assert_int_equal(w->audit.suppressed_count, 1);  /* one, at its top */
    assert_int_equal(w->audit.summary.removable_bytes, 0);
}

static void test_today(void **state)
{
    (void)state;
    setenv("SOURCE_DATE_EPOCH", "86400", 1);
    assert_int_equal(wd_today_days(), 1);
}

/* ---- order, floor, sums ---- */

static void test_order_and_floor(void **state)
{
    struct world *w = *state;
    add_type(w, "m", 100);
    add_row(w, "small", WD_TYPE_NUMBER, 3, 0);
    add_row(w, "large", WD_TYPE_NUMBER, 90, 0);
    add_row(w, "wrong", WD_TYPE_STRING, 6, 99);
    add_row(w, "slow", WD_TYPE_NUMBER, 300, 5);
    add_message(w, "m");
    add_field(w, "small", 0);
    add_field(w, "large", 0);
    add_field(w, "slow", 0);
    add_field(w, "wrong", 1u << WD_TYPE_NUMBER);
    const struct wd_audit *a = world_run(w);
    static const char *const expected[] = { "WD105", "WD202", "WD202", "WD204", "WD203" };
    assert_int_equal(a->finding_count, 5);
    for (size_t i = 0; i < 5; i++)
        assert_string_equal(a->findings[i].rule->id, expected[i]);
    assert_true(wd_bytes_is(a->findings[1].path, "large"));
    assert_int_equal(a->summary.errors, 1);
    assert_int_equal(a->summary.warnings, 2);
    assert_int_equal(a->summary.notes, 2);

    w->config.thresholds.min_share = 0.1;
    a = world_run(w);
    assert_null(find(a, "WD202", "small"));
    assert_non_null(find(a, "WD202", "large"));
    assert_non_null(find(a, "WD105", "wrong"));  /* saves nothing, and is no advice */
}

static void test_verdicts(void **state)
{
    struct world *w = *state;
    struct wd_type_profile *type = add_type(w, "m", 100);
    type->discriminator = text("type");
    add_row(w, "read", WD_TYPE_NUMBER, 9, 99);
    add_row(w, "same", WD_TYPE_STRING, 9, 0);
    add_row(w, "spare", WD_TYPE_NUMBER, 9, 99);
    add_row(w, "type", WD_TYPE_STRING, 9, 0)->is_discriminator = true;
    add_row(w, "vague", WD_TYPE_NUMBER, 9, 99);
    add_consumer(w, "web", "m", "read same ~vague");
    const struct wd_audit *a = world_run(w);
    static const enum wd_verdict expected[] = { WD_VERDICT_NEEDED, WD_VERDICT_NEEDED, WD_VERDICT_UNCHANGED,
                                                WD_VERDICT_UNREAD, WD_VERDICT_NEEDED, WD_VERDICT_UNKNOWN };
    for (size_t r = 0; r < 6; r++)
        assert_int_equal(a->verdicts[0][r], expected[r]);
    assert_int_equal(a->summary.payload_bytes, 4700);
    assert_int_equal(a->summary.verdict_bytes[WD_VERDICT_UNREAD], 900);
    assert_int_equal(a->summary.verdict_bytes[WD_VERDICT_UNCHANGED], 9 * 99);  /* what repeats */
    assert_int_equal(a->summary.verdict_bytes[WD_VERDICT_NEEDED], 200 + 900 + 900 + 9);
    assert_int_equal(a->summary.verdict_bytes[WD_VERDICT_UNKNOWN], 900);
    assert_int_equal(a->summary.removable_bytes, 900 + 9 * 99);
}

static void test_personal_and_unread(void **state)
{
    struct world *w = *state;
    add_type(w, "m", 100);
    add_row(w, "owner", WD_TYPE_OBJECT, 9, 0);
    struct wd_row *mail = add_row(w, "owner.email", WD_TYPE_STRING, 36, 20);
    mail->shape_values = mail->shapes[WD_SHAPE_EMAIL] = 21;
    add_row(w, "a", WD_TYPE_NUMBER, 9, 99);
    add_consumer(w, "web", "m", "a");
    const struct wd_audit *a = world_run(w);
    assert_true(wd_bytes_is(a->personal[0][3], "user.contact.email"));
    assert_int_equal(a->verdicts[0][3], WD_VERDICT_PERSONAL_UNREAD);
    assert_int_equal(a->verdicts[0][2], WD_VERDICT_UNREAD);  /* its object is only unread */
    assert_non_null(find(a, "WD101", "owner"));
    assert_non_null(find(a, "WD401", "owner.email"));        /* stands beside */
    assert_int_equal(a->summary.removable_bytes, 900 + 3600);
}

static void test_nothing_to_audit(void **state)
{
    struct world *w = *state;
    struct wd_err err = { 0 };
    struct wd_audit audit = { .arena = w->arena, .config = &w->config, .usage = &w->usage };
    assert_int_equal(wd_audit_run(&audit, &err), WD_EUSAGE);
    assert_non_null(strstr(err.text, "give a schema (-s)"));
}

/* ---- properties, over worlds made from a seed ---- */

static uint32_t next(uint32_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 17;
    return *seed ^= *seed << 5;
}

static const char *const some_paths[] = { "a",     "b",     "o",           "o.x",    "o.y",   "o.p",
                                          "o.p.q", "l",     "l[]",         "l[].u",  "l[].v", "m",
                                          "m{}",   "m{}.k", "\"odd key\"", "(other)" };

static bool is_container_at(size_t i)
{
    static const char *const containers[] = { "o", "o.p", "l", "l[]", "m", "m{}" };
    for (size_t k = 0; k < WD_COUNT(containers); k++)
        if (strcmp(containers[k], some_paths[i]) == 0)
            return true;
    return false;
}

static void fill_type(struct world *w, const char *name, uint32_t *seed)
{
    add_type(w, name, 1 + next(seed) % 60)->entity = text(next(seed) % 3 ? "" : "a");
    for (size_t i = 0; i < WD_COUNT(some_paths); i++) {
        if (next(seed) % 4 == 0)
            continue;
        enum wd_type kind = is_container_at(i) ? WD_TYPE_OBJECT : (enum wd_type)(next(seed) % 5);
        uint64_t most = w->types[w->profile.type_count - 1].count - 1;
        struct wd_row *row =
            add_row(w, some_paths[i], kind, 3 + next(seed) % 90, most ? next(seed) % most : 0);
        row->toggled = next(seed) % 5 == 0;
        row->is_discriminator = next(seed) % 12 == 0;
        row->entity_compared = next(seed) % (most + 1);
        row->entity_changed = row->entity_compared / 2;
    }
}

static void fill_world(struct world *w, uint32_t *seed)
{
    static const char *const names[] = { "one", "two", "three" };
    static const char *const reads[] = { "a o.x", "l[].u ~o", "...b", "~.", "", "m.key.k \"odd key\"" };
    for (size_t i = 0; i < 3; i++)
        fill_type(w, names[i], seed);
    for (size_t i = 0; i < 2; i++) {
        add_message(w, names[i]);
        for (size_t p = 0; p + 1 < WD_COUNT(some_paths); p++)
            if (next(seed) % 3)
                add_field(w, some_paths[p], next(seed) % 2 ? 0 : 1u << WD_TYPE_NUMBER)->is_required =
                    next(seed) % 2;
    }
    for (size_t i = next(seed) % 4; i-- > 0;)
        add_consumer(w, "c", names[next(seed) % 3], reads[next(seed) % WD_COUNT(reads)]);
    if (next(seed) % 3 == 0)
        suppress(w, "WD101", "", some_paths[next(seed) % 10], "because", "");
}

static void check_finding(const struct wd_audit *a, const struct wd_finding *f)
{
    assert_true(f->text.len > 10 && f->remedy.len > 10);
    assert_true(f->confidence >= 0 && f->confidence <= 1);
    assert_true(f->saves_bytes <= a->summary.payload_bytes);
    assert_true(f->path.len == 0 || f->path.at[0] != '(');
    for (size_t i = 0; i < f->fact_count; i++)
        for (size_t k = 0; k < i; k++)
            assert_string_not_equal(f->facts[i].key, f->facts[k].key);
}

/* What is called unread is unread by every consumer, and so is all below it: asked again, row by row, of
 * usage itself. */
static void check_unread(const struct world *w, const struct wd_finding *f)
{
    if (strcmp(f->rule->id, "WD101") != 0 || !f->type)
        return;
    for (size_t r = 0; r < f->type->row_count; r++) {
        struct wd_bytes path = f->type->rows[r].path;
        bool is_below = wd_bytes_eq(path, f->path) ||
                        (path.len > f->path.len && memcmp(path.at, f->path.at, f->path.len) == 0 &&
                         strchr(".[{", path.at[f->path.len]) && strcmp((const char *)f->path.at, ".") != 0);
        if (is_below)
            assert_int_equal(
                wd_usage_all(&w->usage, f->message, f->channel, (enum wd_direction)f->direction, path),
                WD_USE_UNUSED);
    }
}

static void test_properties(void **state)
{
    (void)state;
    for (uint32_t run = 1; run <= 300; run++) {
        uint32_t seed = run * 2654435761u;
        struct world *w = world_open();
        fill_world(w, &seed);
        const struct wd_audit *a = world_run(w);
        uint64_t sum = 0;
        for (int v = 0; v < WD_VERDICT_COUNT; v++)
            sum += a->summary.verdict_bytes[v];
        assert_int_equal(sum, w->profile.payload_bytes);
        assert_int_equal(a->summary.removable_bytes,
                         a->summary.verdict_bytes[WD_VERDICT_UNREAD] +
                             a->summary.verdict_bytes[WD_VERDICT_PERSONAL_UNREAD] +
                             a->summary.verdict_bytes[WD_VERDICT_UNCHANGED]);
        for (size_t i = 0; i < a->finding_count; i++) {
            check_finding(a, &a->findings[i]);
            check_unread(w, &a->findings[i]);
            assert_true(i == 0 || a->findings[i - 1].severity >= a->findings[i].severity);
        }
        struct wd_audit first = *a;
        const struct wd_audit *again = world_run(w);  /* the same input, the same output */
        assert_int_equal(again->finding_count, first.finding_count);
        for (size_t i = 0; i < first.finding_count; i++)
            assert_true(again->findings[i].rule == first.findings[i].rule &&
                        wd_bytes_eq(again->findings[i].text, first.findings[i].text));
        world_close(w);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rules_explain_themselves),
        cmocka_unit_test(test_sentences),
        cmocka_unit_test_setup_teardown(test_one_finding_for_one_waste, setup, teardown),
        cmocka_unit_test_setup_teardown(test_messages_are_kept_apart, setup, teardown),
        cmocka_unit_test_setup_teardown(test_suppressions, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_suppressed_field_keeps_its_object, setup, teardown),
        cmocka_unit_test_setup_teardown(test_today, setup, teardown),
        cmocka_unit_test_setup_teardown(test_order_and_floor, setup, teardown),
        cmocka_unit_test_setup_teardown(test_verdicts, setup, teardown),
        cmocka_unit_test_setup_teardown(test_personal_and_unread, setup, teardown),
        cmocka_unit_test_setup_teardown(test_nothing_to_audit, setup, teardown),
        cmocka_unit_test(test_properties),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
