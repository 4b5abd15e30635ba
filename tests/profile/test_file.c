/* Profiles written and read back: the same text again. And those that somebody else wrote: one clean line. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#include "output/output.h"
#include "pipeline/measure.h"
#include "profile/file.h"
#include "usage/config.h"
#include "watch.h"

static void print(struct wd_buf *out, const struct wd_profile *p)
{
    const struct wd_style style = { .columns = 80 };
    wd_buf_reset(out);
    wd_print_profile(out, p, WD_FORMAT_JSON, &style);
}

static void assert_fixed_point(struct wd_profile *p, const char *what)
{
    const struct wd_limits limits = wd_limits_default();
    struct wd_buf first = { 0 }, second = { 0 };
    struct wd_profile *again = NULL;
    struct wd_err err = { 0 };
    print(&first, p);
    if (wd_profile_parse(what, wd_buf_bytes(&first), &limits, &again, &err) != WD_OK)
        fail_msg("%s", err.text);
    print(&second, again);
    assert_string_equal(wd_buf_cstr(&first), wd_buf_cstr(&second));
    wd_profile_free(again);
    wd_profile_free(p);
    wd_buf_free(&first);
    wd_buf_free(&second);
}

/* --- our own --- */

static const char *const captures[] = {
    "captures/dashboard-naive", "captures/chat-deflate", "captures/ticker-sse-gzip", "captures/storm-fixed",
    "captures/vitals-tls12-dsb",
};

static void test_captures(void **state)
{
    (void)state;
    const struct wd_config config = wd_config_default();
    for (size_t i = 0; i < WD_COUNT(captures); i++) {
        const char *srcdir = getenv("srcdir");
        char name[300];
        const char *const names[] = { name };
        const struct wd_measure measure = { .captures = names, .capture_count = 1, .config = &config };
        struct wd_profile *p = NULL;
        struct wd_buf diagnostics = { 0 };
        struct wd_err err = { 0 };
        snprintf(name, sizeof name, "%s/testdata/%s.pcapng", srcdir ? srcdir : ".", captures[i]);
        if (wd_measure_run(&measure, &p, &diagnostics, &err) != WD_OK)
            fail_msg("%s", err.text);
        if (strstr(name, "storm"))
            assert_int_equal(p->reconnects, 60);  /* as the maker of the capture counted them */
        assert_fixed_point(p, name);
        wd_buf_free(&diagnostics);
    }
}

/* Whatever stands in names, paths and channels comes back as it was. */
static void test_strange_names(void **state)
{
    (void)state;
    struct watch watch;
    struct line line;
    watch_init(&watch);
    watch_start(&watch);
    line_open(&line, &watch, WD_TRANSPORT_SSE, "/a\xff\x01\"\\<&\xe2\x80\xa8/\xe2\x80\xae");
    say_message(&line, (struct wd_message){ .direction = WD_S2C, .event = wd_bytes_at("a\0b", 3), .body = wd_bytes_of("1") });
    say_event(&line, "\xc3\x28\x1b[31m", "{\"\\u0000\":1,\"\\ud800\":2,\"\\\"\\\\\\n.[]{}\":3,\"\":4,\"\xf0\x9f\x98\x80\":5,\"(other)\":6}");
    say_event(&line, "(other)", "[[[],{}],\"\xf4\x8f\xbf\xbf\"]");
    line_close(&line);
    assert_fixed_point(watch_end(&watch), "strange names");
}

static void test_limits_met(void **state)
{
    (void)state;
    struct watch watch;
    struct line line;
    watch_init(&watch);
    watch.config.limits.types = 1;
    watch.config.limits.fields = 2;
    watch_start(&watch);
    for (int i = 0; i < 8; i++) {
        char path[20];
        snprintf(path, sizeof path, "/%c", 'a' + i);
        line_open(&line, &watch, WD_TRANSPORT_SSE, path);
        line.channel.path = wd_bytes_of(path);
        say_event(&line, "x", "{\"a\":{\"b\":1}}");
        say_event(&line, "y", "{\"a\":{\"b\":1}}");
        line_close(&line);
    }
    struct wd_profile *p = watch_end(&watch), *again = NULL;
    struct wd_buf text = { 0 };
    struct wd_err err = { 0 };
    print(&text, p);
    if (wd_profile_parse("limits", wd_buf_bytes(&text), &watch.config.limits, &again, &err) != WD_OK)
        fail_msg("%s", err.text);
    wd_profile_free(again);
    wd_profile_free(p);
    wd_buf_free(&text);
}

/* --- not ours --- */

#define TOTALS "\"totals\": {\"captured_bytes\": 9, \"messages\": 1, \"payload_bytes\": 9, \"wire_payload_bytes\": 9, \"layers\": {\"payload\": 9}}"
#define ROW "\"path\": \"a\", \"present\": 1, \"occurrences\": 1, \"key_bytes\": 3, \"value_bytes\": 6, \"types\": {\"string\": 1}"
#define TYPE "\"name\": \"m\", \"channel\": \"/\", \"count\": 1, \"payload_bytes\": 9, \"wire_payload_bytes\": 9"
#define HEAD "\"wirediet\": \"profile/1\", " TOTALS
#define WITH_TYPE(type) "{" HEAD ", \"messages\": [{" TYPE ", " type "}]}"
#define WITH_ROW(row) WITH_TYPE("\"fields\": [{" ROW ", " row "}]")
#define TIME(t) "{" HEAD ", \"inputs\": [{\"first\": \"" t "\"}], \"messages\": [{" TYPE ", \"fields\": [{" ROW "}]}]}"

/* What makes it unusable, or NULL when it is fine. */
static const struct { const char *text, *says; } vectors[] = {
    { WITH_ROW("\"compared\": 1"), NULL },
    { "", "not JSON" },
    { "{", "not JSON" },
    { "[]", "'.' should be an object" },
    { "7", "not JSON" },
    { "{}", "not a profile" },
    { "{\"wirediet\": \"profile/2\"}", "not a profile" },
    { "{\"wirediet\": \"usage/1\"}", "not a profile" },
    { "{\"wirediet\": [\"profile/1\"]}", "not a profile" },
    { "{\"wirediet\": \"profile/1\"}", "'totals'" },
    { "{\"wirediet\": \"profile/1\", \"totals\": []}", "'totals'" },
    { "{\"wirediet\": \"profile/1\", \"wirediet\": \"profile/1\"}", "not JSON" },
    { "{\"wirediet\": \"profile/1\", \"totals\": {}}", NULL },
    { "{\"wirediet\": \"profile/1\", \"totals\": {}, \"connections\": []}", "'connections'" },
    { "{\"wirediet\": \"profile/1\", \"totals\": {}, \"inputs\": {}}", "'inputs'" },
    { "{\"wirediet\": \"profile/1\", \"totals\": {}, \"inputs\": [1]}", "'inputs'" },
    { "{\"wirediet\": \"profile/1\", \"totals\": {}, \"messages\": \"x\"}", "'messages'" },
    { "{\"wirediet\": \"profile/1\", \"totals\": {\"packets\": -1}}", "'packets'" },
    { "{\"wirediet\": \"profile/1\", \"totals\": {\"packets\": 1.5}}", "'packets'" },
    { "{\"wirediet\": \"profile/1\", \"totals\": {\"packets\": \"1\"}}", "'packets'" },
    { "{\"wirediet\": \"profile/1\", \"totals\": {\"packets\": 9007199254740992}}", NULL },
    { "{\"wirediet\": \"profile/1\", \"totals\": {\"packets\": 9007199254740993}}", "'packets'" },
    { "{\"wirediet\": \"profile/1\", \"totals\": {\"packets\": 99999999999999999999}}", "not JSON" },
    { "{\"wirediet\": \"profile/1\", \"totals\": {\"captured_bytes\": 1}}", "does not balance" },
    { "{\"wirediet\": \"profile/1\", \"totals\": {\"messages\": 1}}", "'messages' should be the sum" },
    { "{\"wirediet\": \"profile/1\", \"totals\": {}, \"undecoded\": [{\"reason\": \"boredom\"}]}", "'reason'" },
    { "{\"wirediet\": \"profile/1\", \"totals\": {}, \"undecoded\": [{}]}", "'reason'" },
    { "{\"wirediet\": \"profile/1\", \"totals\": {}, \"undecoded\": [{\"reason\": \"gap\", \"bytes\": 1}]}", "does not balance" },
    { "{\"wirediet\": \"profile/1\", \"totals\": {}, \"incomplete\": 1}", "'incomplete'" },
    { WITH_TYPE("\"fields\": []"), "does not balance" },
    { WITH_TYPE("\"fields\": {}"), "'fields'" },
    { WITH_TYPE("\"fields\": [{}]"), "'path'" },
    { WITH_TYPE("\"direction\": \"up\""), "'direction'" },
    { WITH_TYPE("\"direction\": \"s2c\\u0000\""), "'direction'" },
    { WITH_TYPE("\"transport\": 1"), "'transport'" },
    { WITH_TYPE("\"named_by\": \"nobody\""), "'named_by'" },
    { WITH_TYPE("\"codec\": \"morse\""), "'codec'" },
    { WITH_TYPE("\"malformed\": 2"), "'malformed'" },
    { WITH_TYPE("\"compared_messages\": 2"), "'compared_messages'" },
    { WITH_TYPE("\"repeated_messages\": 1"), "'repeated_messages'" },
    { WITH_TYPE("\"fields\": [{" ROW "}, {" ROW "}]"), "'path' should be different" },
    { "{" HEAD ", \"messages\": [{" TYPE ", \"fields\": [{" ROW "}]}, {" TYPE ", \"fields\": [{" ROW "}]}]}",
      "'messages' should be different" },
    { "{\"wirediet\": \"profile/1\", \"totals\": {}, \"messages\": [{\"name\": \"a\", \"count\": 9007199254740992},"
      " {\"name\": \"b\", \"count\": 1}]}", "at most 2^53" },
    { WITH_TYPE("\"fields\": [{" ROW ", \"bytes\": 8}]"), "'bytes'" },
    { WITH_TYPE("\"fields\": [{" ROW ", \"syntax_bytes\": 1}]"), "'fields' should be no more" },
    { WITH_TYPE("\"fields\": [{\"path\": \"a\", \"present\": 2, \"occurrences\": 2, \"value_bytes\": 9}]"), "'fields' should be no more" },
    { WITH_TYPE("\"fields\": [{\"path\": \"a\", \"present\": 1, \"value_bytes\": 9}]"), "'present'" },
    { WITH_ROW("\"compared\": 2"), "'compared'" },
    { WITH_ROW("\"changed\": 1"), "'changed'" },
    { WITH_ROW("\"compared\": 1, \"changed\": 1, \"changed_beyond\": 2"), "'changed_beyond'" },
    { WITH_ROW("\"entity_changed\": 1"), "'entity_changed'" },
    { WITH_ROW("\"entity_compared\": 2"), "'entity_compared'" },
    { WITH_ROW("\"repeated_bytes\": 10"), "'repeated_bytes'" },
    { WITH_ROW("\"constant_series\": 1"), "'constant_series'" },
    { WITH_ROW("\"empty\": 2"), "'empty'" },
    { WITH_TYPE("\"fields\": [{\"path\": \"a\", \"types\": {\"null\": 1}}]"), "'types'" },
    { WITH_ROW("\"shapes\": []"), "'shapes'" },
    { WITH_ROW("\"shapes\": {\"email\": true}"), "'email'" },
    { WITH_ROW("\"hold\": [[1]]"), "'hold'" },
    { WITH_ROW("\"hold\": [[1, \"x\"]]"), "'hold'" },
    { WITH_ROW("\"hold\": [[40, 1]]"), "'hold'" },
    { WITH_ROW("\"hold\": [[-1, 1]]"), "'hold'" },
    { WITH_ROW("\"hold\": [7]"), "'hold'" },
    { WITH_ROW("\"hold\": [[39, 1]]"), NULL },
    { WITH_ROW("\"hold_ms\": -1"), "'hold_ms'" },
    { WITH_ROW("\"equals\": [1]"), "'equals'" },
    { WITH_ROW("\"equals\": [\"b\", \"a\"]"), "'equals'" },
    { WITH_ROW("\"equals\": [\"b\", \"b\"]"), "'equals'" },
    { WITH_ROW("\"equals\": [\"b\", \"c\"]"), NULL },
    { WITH_ROW("\"sketch\": \"no\""), "'sketch'" },
    { WITH_ROW("\"sketch\": \"AAAA\""), "'sketch'" },
    { WITH_ROW("\"folded\": \"yes\""), "'folded'" },
    { TIME("2026-03-03T09:00:00.123456789Z"), NULL },
    { TIME("1677-09-21T00:12:44Z"), NULL },
    { TIME("1677-09-21T00:12:43Z"), "'first'" },
    { TIME("1677-09-21T00:12:43.145224192Z"), NULL },
    { TIME("1677-09-21T00:12:43.145224191Z"), "'first'" },
    { TIME("1969-12-31T23:59:59.999999999Z"), NULL },
    { TIME("2262-04-11T23:47:16.854775807Z"), NULL },
    { TIME("2262-04-11T23:47:16.854775808Z"), "'first'" },
    { TIME("0001-01-01T00:00:00Z"), "'first'" },
    { TIME("9999-12-31T23:59:59Z"), "'first'" },
    { TIME("2026-13-03T09:00:00Z"), "'first'" },
    { TIME("2026-03-03 09:00:00Z"), "'first'" },
    { TIME("2026-03-03T09:00:00"), "'first'" },
    { TIME("2026-03-03T09:00:00Z "), "'first'" },
    { TIME("2026-3-3T9:0:0Z"), "'first'" },
    { TIME("-026-03-03T09:00:00Z"), "'first'" },
    { TIME("2026-03-03T09:00:00Z\\u0000"), "'first'" },
};

static void check(const char *text, size_t len, const char *says)
{
    const struct wd_limits limits = wd_limits_default();
    struct wd_profile *p = NULL;
    struct wd_err err = { 0 };
    int rc = wd_profile_parse("p.json", wd_bytes_at(text, len), &limits, &p, &err);
    if (!says) {
        if (rc != WD_OK)
            fail_msg("%.200s: %s", text, err.text);
        assert_fixed_point(p, "p.json");
        return;
    }
    assert_null(p);
    if (rc != WD_EPARSE || strncmp(err.text, "p.json:", 7) != 0 || !strstr(err.text, says) || strchr(err.text, '\n'))
        fail_msg("%.200s: '%s' does not say %s", text, err.text, says);
}

static void test_vectors(void **state)
{
    (void)state;
    for (size_t i = 0; i < WD_COUNT(vectors); i++)
        check(vectors[i].text, strlen(vectors[i].text), vectors[i].says);
}

/* Sums that agree only because they wrapped around. */
/* What is no profile may be a payload: its values stay out of the error. */
static void test_no_excerpt(void **state)
{
    (void)state;
    static const char *const texts[] = { "{\"a\": hunter2}", "{\"a\": 1} \"hunter2\"", "{\"a\": \"hunter2 near x\\q\"}",
                                         "{\"near hunter2\": 1, \"near hunter2\": 2}" };
    for (size_t i = 0; i < WD_COUNT(texts); i++) {
        struct wd_limits limits = wd_limits_default();
        struct wd_profile *p = NULL;
        struct wd_err err = { 0 };
        assert_int_equal(wd_profile_parse("p.json", wd_bytes_of(texts[i]), &limits, &p, &err), WD_EPARSE);
        if (strstr(err.text, "hunter") || !strstr(err.text, "not JSON"))
            fail_msg("%s", err.text);
    }
}

static void test_overflow(void **state)
{
    (void)state;
    struct wd_buf text = { 0 };
    wd_buf_puts(&text, "{\"wirediet\": \"profile/1\", \"totals\": {}, \"messages\": [");
    for (int i = 0; i < 2048; i++)
        wd_buf_printf(&text, "%s{\"name\": \"m%d\", \"count\": 1, \"payload_bytes\": 9007199254740992, \"fields\": ["
                      "{\"path\": \".\", \"present\": 1, \"occurrences\": 1, \"value_bytes\": 9007199254740992}]}", i ? "," : "", i);
    wd_buf_puts(&text, "]}");
    check(wd_buf_cstr(&text), text.len, "at most 2^53");
    wd_buf_free(&text);
}

static void repeat(struct wd_buf *text, const char *head, const char *what, size_t count, const char *tail)
{
    wd_buf_reset(text);
    wd_buf_puts(text, head);
    for (size_t i = 0; i < count; i++)
        wd_buf_puts(text, what);
    wd_buf_puts(text, tail);
}

static void test_large_and_deep(void **state)
{
    (void)state;
    struct wd_buf text = { 0 };
    repeat(&text, "", "[", 100000, "");
    check(wd_buf_cstr(&text), text.len, "not JSON");
    repeat(&text, "{\"wirediet\": \"profile/1\", \"totals\": {}, \"x\": ", "{\"a\":", 5000, "");
    check(wd_buf_cstr(&text), text.len, "not JSON");
    repeat(&text, "{\"wirediet\": \"profile/1\", \"totals\": {}, \"messages\": [{}", ",{}", 20000, "]}");
    check(wd_buf_cstr(&text), text.len, "limit 'types'");
    repeat(&text, "{\"wirediet\": \"profile/1\", \"totals\": {}, \"messages\": [{\"fields\": [{}", ",{}", 20000, "]}]}");
    check(wd_buf_cstr(&text), text.len, "limit 'fields'");
    wd_buf_free(&text);
}

static void test_holds_of_old_files(void **state)
{
    (void)state;
    static const struct { const char *text; uint64_t ms; } files[] = {
        { WITH_ROW("\"hold\": [[3, 2], [10, 1]]"), 2 * 12 + 1536 }, { WITH_ROW("\"hold\": [[3, 2]], \"hold_ms\": 17"), 17 },
        { WITH_ROW("\"hold\": [[0, 2]], \"hold_ms\": 0"), 0 }, { WITH_ROW("\"hold\": [[39, 9007199254740992]]"), WD_HOLD_MOST },
    };
    const struct wd_limits limits = wd_limits_default();
    for (size_t i = 0; i < WD_COUNT(files); i++) {
        struct wd_profile *p = NULL;
        struct wd_err err = { 0 };
        assert_int_equal(wd_profile_parse("p.json", wd_bytes_of(files[i].text), &limits, &p, &err), WD_OK);
        assert_int_equal(p->types[0].rows[0].hold_ms, files[i].ms);
        wd_profile_free(p);
    }
}

/* Every cut of a real profile is an error, none a crash; and so is every byte that is another one, or it is a profile. */
static void test_damaged(void **state)
{
    (void)state;
    static const char whole[] = WITH_ROW("\"compared\": 1, \"hold\": [[1, 2]], \"equals\": [\"b\"], \"shapes\": {\"hex\": 1}");
    const struct wd_limits limits = wd_limits_default();
    char text[sizeof whole];
    for (size_t i = 0; i + 1 < sizeof whole; i++) {
        check(whole, i, "");
        for (int bit = 0; bit < 8; bit++) {
            struct wd_profile *p = NULL;
            struct wd_err err = { 0 };
            memcpy(text, whole, sizeof whole);
            text[i] = (char)(text[i] ^ 1 << bit);
            int rc = wd_profile_parse("p.json", wd_bytes_at(text, sizeof whole - 1), &limits, &p, &err);
            assert_true(rc == WD_OK ? p && !err.text[0] : !p && rc == WD_EPARSE && err.text[0]);
            wd_profile_free(p);
        }
    }
}

static void test_sniff(void **state)
{
    (void)state;
    assert_true(wd_profile_sniff(wd_bytes_of(" \t\r\n{")));
    assert_false(wd_profile_sniff(wd_bytes_of("\x0a\x0d\x0d\x0a")));
    assert_false(wd_profile_sniff(wd_bytes_at("\0{", 2)));
    assert_false(wd_profile_sniff(wd_bytes_of("")));
    assert_false(wd_profile_sniff(wd_bytes_of("[")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_captures), cmocka_unit_test(test_strange_names), cmocka_unit_test(test_limits_met),
        cmocka_unit_test(test_vectors), cmocka_unit_test(test_no_excerpt),
        cmocka_unit_test(test_overflow), cmocka_unit_test(test_large_and_deep),
        cmocka_unit_test(test_holds_of_old_files), cmocka_unit_test(test_damaged), cmocka_unit_test(test_sniff),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
