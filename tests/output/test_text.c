/* Text for people: golden pages, and the promises that hold for any page: nothing is wider than it, nothing
 * is obeyed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/escape.h"
#include "demo.h"
#include "golden.h"
#include "hostile.h"
#include "output/text.h"

static const struct wd_style style_80 = { .columns = 80, .is_unicode = true };
static const struct wd_style style_140 = { .columns = 140, .is_unicode = true };
static const struct wd_style style_ascii = { .columns = 80 };
static const struct wd_style style_color = { .columns = 80, .is_unicode = true, .has_color = true };
static const struct wd_style style_all = { .columns = 100, .is_unicode = true, .show_all = true };
static const struct wd_style style_quiet = { .columns = 80, .is_unicode = true, .verbosity = -1 };

enum page { PROFILE, AUDIT, BALANCE, RULE, RULES, PAGE_COUNT };

static void print_page(struct wd_buf *out, struct demo *d, enum page page, const struct wd_style *style)
{
    switch (page) {
    case PROFILE: wd_print_profile(out, &d->profile, WD_FORMAT_TEXT, style); break;
    case AUDIT: wd_print_audit(out, &d->audit, WD_FORMAT_TEXT, style); break;
    case BALANCE: wd_print_balance(out, &d->profile, style); break;
    case RULE: wd_print_rule(out, demo_rules[10], style); break;
    case RULES: wd_print_rules(out, demo_rules, style); break;
    case PAGE_COUNT: break;
    }
}

static void pages_look_as_they_did(void **state)
{
    (void)state;
    static const struct { const char *name; enum page page; const struct wd_style *style; } pages[] = {
        { "profile-80.txt", PROFILE, &style_80 },       { "profile-140.txt", PROFILE, &style_140 },
        { "profile-ascii.txt", PROFILE, &style_ascii }, { "profile-color.txt", PROFILE, &style_color },
        { "profile-all.txt", PROFILE, &style_all },     { "profile-quiet.txt", PROFILE, &style_quiet },
        { "audit-80.txt", AUDIT, &style_80 },           { "audit-140.txt", AUDIT, &style_140 },
        { "audit-ascii.txt", AUDIT, &style_ascii },     { "audit-color.txt", AUDIT, &style_color },
        { "audit-quiet.txt", AUDIT, &style_quiet },     { "balance-80.txt", BALANCE, &style_80 },
        { "rule-80.txt", RULE, &style_80 },             { "rules-80.txt", RULES, &style_80 },
    };
    struct demo *d = demo_open();
    for (size_t i = 0; i < WD_COUNT(pages); i++) {
        struct wd_buf out = { 0 };
        print_page(&out, d, pages[i].page, pages[i].style);
        golden_check(pages[i].name, &out);
        wd_buf_free(&out);
    }
    demo_close(d);
}

static void empty_results_say_why(void **state)
{
    (void)state;
    struct wd_input input;
    struct wd_profile p;
    struct wd_buf out = { 0 };
    demo_empty(&p, &input);
    wd_print_profile(&out, &p, WD_FORMAT_TEXT, &style_80);
    golden_check("profile-empty.txt", &out);
    wd_buf_reset(&out);
    p.connections = 1;
    p.ledger.packets = 10;
    wd_ledger_undecoded(&p.ledger, WD_REASON_TLS_NO_KEYS, 1000);
    wd_ledger_add(&p.ledger, WD_LAYER_IP, 400);
    p.ledger.captured_bytes = 1400;
    wd_print_profile(&out, &p, WD_FORMAT_TEXT, &style_80);
    golden_check("profile-tls.txt", &out);
    wd_buf_reset(&out);
    struct demo *d = demo_open();
    d->audit.finding_count = 0;
    d->audit.summary.errors = d->audit.summary.warnings = d->audit.summary.notes = 0;
    wd_print_audit(&out, &d->audit, WD_FORMAT_TEXT, &style_80);
    golden_check("audit-nothing.txt", &out);
    wd_buf_reset(&out);
    d->audit.profile = NULL;
    d->audit.usage = NULL;
    d->audit.summary = (struct wd_summary){ 0 };
    wd_print_audit(&out, &d->audit, WD_FORMAT_TEXT, &style_80);
    golden_check("audit-schema-alone.txt", &out);
    wd_buf_free(&out);
    demo_close(d);
}

/* The command that is next names the same evidence, and can be pasted. */
static void what_is_next_names_the_evidence(void **state)
{
    (void)state;
    static const struct { const char *evidence, *next; } rows[] = {
        { "", "  Next: wirediet prune -o dashboard.slim.yaml\n" },
        { " --config a/b.yaml", "  Next: wirediet prune --config a/b.yaml -o dashboard.slim.yaml\n" },
        { " --config schemas/a-long-dashboard/.wirediet.yaml",
          "  Next:\n    wirediet prune --config schemas/a-long-dashboard/.wirediet.yaml \\\n"
          "      -o dashboard.slim.yaml\n" },
        { " -s a/dashboard.yaml -p 'my -own capture.pcapng' -u web.usage.yaml -u wall.usage.yaml",
          "  Next:\n    wirediet prune -s a/dashboard.yaml -p 'my -own capture.pcapng' \\\n"
          "      -u web.usage.yaml -u wall.usage.yaml -o dashboard.slim.yaml\n" },
    };
    struct demo *d = demo_open();
    for (size_t i = 0; i < WD_COUNT(rows); i++) {
        struct wd_style style = style_80;
        struct wd_buf out = { 0 };
        style.evidence = rows[i].evidence;
        wd_print_audit(&out, &d->audit, WD_FORMAT_TEXT, &style);
        if (!strstr(wd_buf_cstr(&out), rows[i].next))
            fail_msg("%s", wd_buf_cstr(&out));
        wd_buf_free(&out);
    }
    demo_close(d);
}

/* Prose in a column far to the right stays in it while there is room for words. */
static void prose_keeps_its_column(void **state)
{
    (void)state;
    static const struct { unsigned columns; size_t at, wrapped; } rows[] = { { 80, 42, 42 }, { 80, 70, 40 }, { 40, 10, 10 } };
    for (size_t i = 0; i < WD_COUNT(rows); i++) {
        struct wd_style style = style_80;
        struct wd_buf out = { 0 };
        style.columns = rows[i].columns;
        struct wd_page page = wd_page_open(&out, &style);
        wd_page_to(&page, rows[i].at);
        wd_buf_puts(wd_page_cell(&page), "no declared consumer receives what goes that way");
        wd_page_wrap(&page, WD_TINT_PLAIN, rows[i].at);
        wd_page_close(&page);
        const char *second = strchr(wd_buf_cstr(&out), '\n');
        assert_non_null(second);
        assert_int_equal(strspn(second + 1, " "), rows[i].wrapped);
        wd_buf_free(&out);
    }
}

static void many_values_are_an_estimate(void **state)
{
    (void)state;
    struct demo *d = demo_open();
    struct wd_row *row = &d->profile.types[3].rows[0];
    struct wd_style style = style_80;
    style.columns = 140;
    style.show_all = true;
    for (size_t i = 0; i < 3; i++) {
        static const char *const marks[] = { "  4,321", " ~4,321", ">=4,321" };
        struct wd_buf out = { 0 };
        row->distinct = i ? 4321 : WD_SPARSE;
        row->distinct_max = i == 2 ? 5000 : 0;
        wd_print_profile(&out, &d->profile, WD_FORMAT_TEXT, &style);
        assert_int_equal(strstr(wd_buf_cstr(&out), marks[i]) != NULL, i > 0);
        wd_buf_reset(&out);
        wd_print_profile(&out, &d->profile, WD_FORMAT_JSON, &style);
        assert_int_equal(strstr(wd_buf_cstr(&out), i ? "\"distinct\": 4321, \"distinct_estimated\": true" : "\"distinct\": 64, \"distinct_est") != NULL, i > 0);
        wd_buf_free(&out);
    }
    demo_close(d);
}

static void sums_that_differ_are_a_bug_and_say_so(void **state)
{
    (void)state;
    struct demo *d = demo_open();
    struct wd_buf out = { 0 };
    d->profile.types[3].payload_bytes += 7;
    d->profile.ledger.layer[WD_LAYER_LINK] -= 1;
    wd_print_balance(&out, &d->profile, &style_80);
    golden_check("balance-wrong.txt", &out);
    wd_buf_free(&out);
    demo_close(d);
}

static void compressed_traffic_has_a_column_for_the_wire(void **state)
{
    (void)state;
    struct demo *d = demo_open();
    struct wd_buf out = { 0 };
    for (size_t t = 0; t < d->profile.type_count; t++)
        d->profile.types[t].wire_payload_bytes /= 4;
    d->profile.wire_payload_bytes /= 4;
    d->profile.ledger.layer[WD_LAYER_PAYLOAD] = d->profile.wire_payload_bytes;
    d->profile.ledger.captured_bytes = wd_ledger_sum(&d->profile.ledger);
    d->profile.types[3].entity = wd_bytes_of("host.hostname");
    d->profile.types[3].malformed = 2;
    wd_print_profile(&out, &d->profile, WD_FORMAT_TEXT, &style_80);
    golden_check("profile-compressed.txt", &out);
    wd_buf_free(&out);
    demo_close(d);
}

/* ---- what holds for any page ---- */

static size_t skip_sgr(struct wd_bytes line, size_t i)
{
    while (i < line.len && line.at[i] != 'm')
        i++;
    return i + 1;
}

static void without_color(struct wd_buf *plain, struct wd_bytes page)
{
    for (size_t i = 0; i < page.len;) {
        if (page.at[i] == 0x1b) {
            i = skip_sgr(page, i);
            continue;
        }
        wd_buf_byte(plain, page.at[i++]);
    }
}

static bool starts_command(struct wd_bytes line)
{
    size_t i = 0;
    while (i < line.len && line.at[i] == ' ')
        i++;
    return (line.len - i >= 2 && memcmp(line.at + i, "::", 2) == 0) || memmem(line.at, line.len, "##[", 3);
}

static void check_line(struct wd_bytes line, unsigned columns, const char *name)
{
    struct wd_buf escaped = { 0 };
    wd_put_terminal(&escaped, line);
    if (!wd_bytes_eq(line, wd_buf_bytes(&escaped)))
        fail_msg("a line holds what a terminal would obey, from \"%s\"", wd_buf_cstr(&escaped));
    if (wd_columns(line) > columns)
        fail_msg("%zu columns of %u: %s", wd_columns(line), columns, wd_buf_cstr(&escaped));
    if (line.len && line.at[line.len - 1] == ' ')
        fail_msg("ends in a blank: %s|", wd_buf_cstr(&escaped));
    if (starts_command(line))
        fail_msg("a command for a runner: %s from %s", wd_buf_cstr(&escaped), name);
    wd_buf_free(&escaped);
}

static void check_page(struct wd_bytes page, unsigned columns, const char *name)
{
    assert_true(page.len > 0 && page.at[page.len - 1] == '\n');
    for (size_t i = 0; i < page.len;) {
        const uint8_t *end = memchr(page.at + i, '\n', page.len - i);
        size_t len = (size_t)(end - (page.at + i));
        check_line(wd_bytes_at(page.at + i, len), columns, name);
        i += len + 1;
    }
}

static void check_widths(struct demo *d, const char *name)
{
    static const unsigned widths[] = { 20, 21, 33,  40,  47,  48,  56,  64,  79, 80,
                                       81, 99, 100, 110, 120, 139, 140, 200, 400 };
    for (int page = 0; page < PAGE_COUNT; page++) {
        for (size_t w = 0; w < WD_COUNT(widths); w++) {
            struct wd_style style = { .columns = widths[w], .is_unicode = w % 2, .show_all = w % 3 == 0 };
            struct wd_buf out = { 0 }, color = { 0 }, plain = { 0 };
            print_page(&out, d, (enum page)page, &style);
            check_page(wd_buf_bytes(&out), widths[w], name);
            style.has_color = true;
            print_page(&color, d, (enum page)page, &style);
            without_color(&plain, wd_buf_bytes(&color));
            assert_true(wd_bytes_eq(wd_buf_bytes(&out), wd_buf_bytes(&plain)));
            wd_buf_free(&out);
            wd_buf_free(&color);
            wd_buf_free(&plain);
        }
    }
}

static void nothing_leaves_the_page(void **state)
{
    (void)state;
    struct demo *d = demo_open();
    check_widths(d, "demo");
    demo_close(d);
}

static void nothing_of_an_input_is_obeyed(void **state)
{
    (void)state;
    for (size_t n = 0; n < WD_COUNT(hostile_names); n++) {
        struct demo *d = demo_open_hostile(hostile_names[n]);
        check_widths(d, hostile_names[n]);
        demo_close(d);
    }
}

static void absurd_terminals_are_made_sane(void **state)
{
    (void)state;
    static const unsigned widths[] = { 0, 1, 5, UINT32_MAX };
    struct demo *d = demo_open();
    for (size_t w = 0; w < WD_COUNT(widths); w++) {
        struct wd_style style = { .columns = widths[w] };
        for (int page = 0; page < PAGE_COUNT; page++) {
            struct wd_buf out = { 0 };
            print_page(&out, d, (enum page)page, &style);
            assert_true(out.len > 0 && out.len < 100000);
            wd_buf_free(&out);
        }
    }
    demo_close(d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pages_look_as_they_did),
        cmocka_unit_test(empty_results_say_why),
        cmocka_unit_test(what_is_next_names_the_evidence),
        cmocka_unit_test(prose_keeps_its_column),
        cmocka_unit_test(many_values_are_an_estimate),
        cmocka_unit_test(sums_that_differ_are_a_bug_and_say_so),
        cmocka_unit_test(compressed_traffic_has_a_column_for_the_wire),
        cmocka_unit_test(nothing_leaves_the_page),
        cmocka_unit_test(nothing_of_an_input_is_obeyed),
        cmocka_unit_test(absurd_terminals_are_made_sane),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
