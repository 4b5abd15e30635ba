/* .wirediet.yaml: what it says is what is done; what it cannot say is an error with its place. */
#include "usage/config.h"
#include "usage/usage.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/file.h"
#include "model/message.h"

static int setup(void **state)
{
    *state = wd_arena_open();
    return 0;
}

static int teardown(void **state)
{
    wd_arena_close(*state);
    return 0;
}

static const char full[] =
    "# everything\n"
    "schemas: [chat.yaml, /abs/x.yaml]\n"
    "captures: [a.pcapng]\n"
    "profiles:\n"
    "consumers:\n"
    "- {name: web, usage: web.usage.yaml}\n"
    "messages:\n"
    "- {channel: /live, direction: s2c, field: data.kind}\n"
    "- {channel: /poll, name: poll}\n"
    "- {channel: /bin, codec: msgpack}\n"
    "- {channel: /raw, message: desk.Envelope}\n"
    "entities: [{message: metrics, key: data.id}]\n"
    "maps: [{message: rates, path: pairs}]\n"
    "sensitive: [{path: host.serial, category: user.device.device_id}]\n"
    "thresholds: {slow_ratio: 0.2, min_messages: 5}\n"
    "limits: {memory: 1M, flows: 7}\n"
    "suppressions:\n"
    "- {rule: WD202, message: metrics, path: 'disks[].mount', reason: it is the key, expires: 2027-02-28}\n"
    "- rule: WD101\n";

static void test_everything(void **state)
{
    struct wd_config c;
    struct wd_err err = { 0 };
    if (wd_config_parse("deep/er/.wirediet.yaml", wd_bytes_of(full), *state, &c, &err) < 0)
        fail_msg("%s", err.text);
    assert_int_equal(c.schema_count, 2);
    assert_true(wd_bytes_is(c.schemas[0], "deep/er/chat.yaml"));
    assert_true(wd_bytes_is(c.schemas[1], "/abs/x.yaml"));
    assert_true(wd_bytes_is(c.captures[0], "deep/er/a.pcapng"));
    assert_int_equal(c.profile_count, 0);
    assert_true(wd_bytes_is(c.consumers[0].usage, "deep/er/web.usage.yaml"));
    assert_int_equal(c.message_count, 4);
    assert_int_equal(c.messages[0].direction, WD_S2C);
    assert_true(wd_bytes_is(c.messages[0].field, "data.kind"));
    assert_int_equal(c.messages[1].direction, -1);
    assert_true(wd_bytes_is(c.messages[1].name, "poll"));
    assert_int_equal(c.messages[1].codec.len, 0);
    assert_true(wd_bytes_is(c.messages[2].codec, "msgpack"));
    assert_true(wd_bytes_is(c.messages[3].message, "desk.Envelope"));
    assert_true(wd_bytes_is(c.entities[0].key, "data.id"));
    assert_true(wd_bytes_is(c.maps[0].path, "pairs"));
    assert_true(wd_bytes_is(c.sensitive[0].category, "user.device.device_id"));
    assert_true(c.thresholds.slow_ratio == 0.2 && c.thresholds.snapshot_ratio == 0.80);
    assert_int_equal(c.thresholds.min_messages, 5);
    assert_int_equal(c.limits.memory, 1 << 20);
    assert_int_equal(c.limits.flows, 7);
    assert_int_equal(c.limits.depth, wd_limits_default().depth);
    assert_int_equal(c.suppression_count, 2);
    assert_true(wd_bytes_is(c.suppressions[0].expires, "2027-02-28"));
    assert_int_equal(c.suppressions[0].at.line, 18);
    assert_int_equal(c.suppressions[1].reason.len, 0);
    assert_string_equal(c.at.file, "deep/er/.wirediet.yaml");
}

static void test_errors(void **state)
{
    static const struct { const char *text, *expected; } rows[] = {
        { "[]", "c.yaml:1:1: a configuration is a map" },
        { "schema: [a]", "c.yaml:1:1:" },
        { "schema: [a]", "did you mean 'schemas'" },
        { "budgets: {}", "c.yaml:1:1: 'budgets' is not built yet; remove it" },
        { "policies: []", "'policies' is not built yet" },
        { "consumers: [{name: w, sources: [src]}]", "c.yaml:1:32: 'sources' is not built yet; give 'usage', a usage/1 file" },
        { "consumers: [{name: w}]", "a consumer needs 'usage'" },
        { "schemas: a.yaml", "c.yaml:1:10: expected a list, found a string" },
        { "schemas: [1]", "found an integer" },
        { "messages: [{channel: /x}]", "a message has either 'name'" },
        { "messages: [{channel: /x, name: a, field: b}]", "a message has either 'name'" },
        { "messages: [{name: a}]", "a message needs 'channel'" },
        { "messages: [{channel: /x, field: 'a b'}]", "'a b' is no field path" },
        { "entities: [{message: m}]", "an entity needs 'key'" },
        { "thresholds: {slow_ratio: 2}", "'slow_ratio' is a share; write a number from 0 to 1" },
        { "thresholds: {slow: 1}", "c.yaml:1:14:" },
        { "limits: {memroy: 1M}", "c.yaml:1:18: --limit: no limit is called 'memroy'" },
        { "limits: {memory: lots}", "expected a whole number" },
        { "limits: {memory: true}", "a limit is a whole number" },
        { "limits: []", "limits is a map" },
        { "suppressions: [{path: a}]", "a suppression needs 'rule'" },
        { "suppressions: [{rule: WD101, expires: soon}]", "'expires' is a day that exists" },
        { "suppressions: [{rule: WD101, expires: 2027-02-29}]", "c.yaml:1:39: 'expires' is a day that exists" },
        { "suppressions: [{rule: WD101, expires: 2027-04-31}]", "'expires' is a day that exists" },
        { "suppressions: [{rule: WD101, until: 2027-01-01}]", "c.yaml:1:30:" },
        { "sensitive: [{path: a}]", "a sensitive field needs 'category'" },
    };
    for (size_t i = 0; i < WD_COUNT(rows); i++) {
        struct wd_config c = wd_config_default();
        struct wd_err err = { 0 };
        int rc = wd_config_parse("c.yaml", wd_bytes_of(rows[i].text), *state, &c, &err);
        if (rc != WD_EPARSE || !strstr(err.text, rows[i].expected) || strncmp(err.text, "c.yaml:", 7) != 0)
            fail_msg("%s\n  gave %d %s", rows[i].text, rc, err.text);
        assert_null(c.at.file);
    }
}

/* What is said of a configuration that names what is not there: "" nothing. */
static void test_names_of_nothing(void **state)
{
    struct wd_row seen[] = { { .path = wd_bytes_of(".") }, { .path = wd_bytes_of("a") } };
    struct wd_type_profile types[] = {
        { wd_bytes_of("m"), wd_bytes_of("/room/{}"), WD_S2C, .rows = seen, .row_count = WD_COUNT(seen) },
        { wd_bytes_of("n"), wd_bytes_of("/health"), WD_S2C, .rows = seen, .row_count = 1 },
    };
    struct wd_profile profile = { .types = types, .type_count = WD_COUNT(types) };
    static const struct { const char *text, *said; } rows[] = {
        { "messages: [{channel: /room/7, name: m}, {channel: '/room/{id}', name: m}, {channel: health, name: m}]", "" },
        { "messages: [{channel: /room, name: m}]", "c.yaml:1:12: messages: the traffic has no such channel as '/room'" },
        { "messages: [{channel: /room/7/x, name: m}]", "such channel as '/room/7/x'" },
        { "messages: [{channel: /helth, name: m}]", "did you mean '/health'?" },
        { "messages: [{channel: /health, field: b}]", "messages: the traffic has no such field as 'b'" },
        { "entities: [{message: m, key: a}]\nmaps: [{message: m, path: a}]", "" },
        { "entities: [{message: n, key: a}]", "entities: the traffic has no such field as 'a'" },
        { "maps: [{message: m, path: a}, {message: o, path: a}]", "c.yaml:1:31: maps: the traffic has no such message as 'o'" },
        { "sensitive: [{path: a, category: user}, {path: b, category: user}]", "c.yaml:1:40: sensitive:" },
        { "suppressions: [{rule: WD101}, {rule: WD101, message: m}, {rule: WD101, path: a}]", "" },
        { "suppressions: [{rule: WD101, message: n, path: a}]", "c.yaml:1:16: suppressions: the traffic has no such field" },
    };
    for (size_t i = 0; i < WD_COUNT(rows); i++) {
        struct wd_config c;
        struct wd_err err = { 0 };
        struct wd_buf out = { 0 };
        assert_int_equal(wd_config_parse("c.yaml", wd_bytes_of(rows[i].text), *state, &c, &err), WD_OK);
        wd_config_check(&c, NULL, NULL, &out);
        assert_int_equal(out.len, 0);
        wd_config_check(&c, NULL, &profile, &out);
        if ((out.len > 0) != (rows[i].said[0] != 0) || (out.len && !strstr(wd_buf_cstr(&out), rows[i].said)))
            fail_msg("%s\n  gave %s", rows[i].text, out.len ? wd_buf_cstr(&out) : "nothing");
        wd_buf_free(&out);
    }
}

static void test_nothing_but_comments(void **state)
{
    struct wd_config c;
    struct wd_err err = { 0 };
    assert_int_equal(wd_config_parse("c.yaml", wd_bytes_of("# later\n"), *state, &c, &err), WD_OK);
    assert_true(c.thresholds.min_confidence == 0.5);
    assert_int_equal(c.schema_count, 0);
}

static void write_text(const char *name, const char *text)
{
    struct wd_err err = { 0 };
    if (wd_file_write(name, wd_bytes_of(text), 0600, &err) < 0)
        fail_msg("%s", err.text);
}

/* root/.git root/.wirediet.yaml root/a/b: found from b, as root's; what stands in b itself goes first. */
static void test_search(void **state)
{
    char root[] = "/tmp/wirediet-config-XXXXXX", here[4096];
    assert_non_null(getcwd(here, sizeof here));
    assert_non_null(mkdtemp(root));
    assert_int_equal(chdir(root), 0);
    assert_int_equal(mkdir(".git", 0700) | mkdir("a", 0700) | mkdir("a/b", 0700), 0);
    write_text(".wirediet.yaml", "schemas: [s.yaml]\n");
    assert_int_equal(chdir("a/b"), 0);

    struct wd_config c;
    struct wd_err err = { 0 };
    assert_int_equal(wd_config_load(NULL, *state, &c, &err), WD_OK);
    assert_string_equal(c.at.file, "../../.wirediet.yaml");
    assert_true(wd_bytes_is(c.schemas[0], "../../s.yaml"));

    write_text(".wirediet.yaml", "schemas: [t.yaml]\n");
    assert_int_equal(wd_config_load(NULL, *state, &c, &err), WD_OK);
    assert_true(wd_bytes_is(c.schemas[0], "t.yaml"));
    unlink(".wirediet.yaml");
    unlink("../../.wirediet.yaml");
    assert_int_equal(wd_config_load(NULL, *state, &c, &err), WD_OK);
    assert_null(c.at.file);
    assert_int_equal(wd_config_load("none.yaml", *state, &c, &err), WD_EPARSE);

    assert_int_equal(chdir(root), 0);
    assert_int_equal(rmdir("a/b") | rmdir("a") | rmdir(".git"), 0);
    assert_int_equal(chdir(here), 0);
    assert_int_equal(rmdir(root), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_everything, setup, teardown),
        cmocka_unit_test_setup_teardown(test_errors, setup, teardown),
        cmocka_unit_test_setup_teardown(test_names_of_nothing, setup, teardown),
        cmocka_unit_test_setup_teardown(test_nothing_but_comments, setup, teardown),
        cmocka_unit_test_setup_teardown(test_search, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
