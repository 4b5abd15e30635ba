/* Who reads what: the reader is strict, and the answer is three-valued. */
#include "usage/usage.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <cmocka.h>

#include "model/path.h"

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

static int parse(struct wd_arena *arena, const char *text, struct wd_usage *usage, struct wd_err *err)
{
    struct wd_limits limits = wd_limits_default();
    return wd_usage_parse("u.yaml", wd_bytes_of(text), &limits, arena, usage, err);
}

/* ---- paths ---- */

static void test_paths_are_normal(void **state)
{
    static const struct { const char *given, *normal; } rows[] = {
        { ".", "." },
        { "a", "a" },
        { "a.b-c._d9", "a.b-c._d9" },
        { "items[].price", "items[].price" },
        { "[]", "[]" },
        { "[].price", "[].price" },
        { "{}.bid", "{}.bid" },
        { "rates{}[][].x", "rates{}[][].x" },
        { "\"a.b\".c", "\"a.b\".c" },
        { "\"plain\".c", "plain.c" },
        { "x.\"\\u0041\\u00e9\"", "x.\"A\xc3\xa9\"" },
        { "\"\\ud83d\\ude00\"", "\"\xf0\x9f\x98\x80\"" },
        { "\"\"", "\"\"" },
        { "\"\\\"\\\\\\n\"", "\"\\\"\\\\\\u000a\"" },
        { "", NULL }, { "a.", NULL }, { ".a", NULL }, { "a..b", NULL }, { "a[0]", NULL }, { "a[", NULL }, { "$.a", NULL },
        { "a b", NULL }, { "9a", NULL }, { "a]", NULL }, { "\"a", NULL }, { "\"\\x\"", NULL }, { "\"\\ud800\"", NULL },
        { "\"\\u12\"", NULL }, { "a\"b\"", NULL }, { "\xff", NULL }, { "(other)", NULL },
    };
    for (size_t i = 0; i < WD_COUNT(rows); i++) {
        struct wd_bytes out = { 0 }, again = { 0 };
        bool is_path = wd_path_normal(wd_bytes_of(rows[i].given), *state, &out);
        if (is_path != (rows[i].normal != NULL) || (is_path && !wd_bytes_is(out, rows[i].normal)))
            fail_msg("%s gave '%.*s'", rows[i].given, (int)out.len, (const char *)out.at);
        if (is_path) {
            assert_true(wd_path_normal(out, *state, &again));
            assert_true(wd_bytes_eq(out, again));
        }
    }
}

static void test_paths_meet(void **state)
{
    (void)state;
    static const struct { const char *path, *top; bool is_under; } rows[] = {
        { "a.b", "a", true }, { "a", "a", true }, { "a", "a.b", false }, { "ab", "a", false }, { "a.b", ".", true },
        { ".", ".", true }, { ".", "a", false }, { "a[].b", "a", true }, { "a[].b", "a[]", true }, { "a{}.b", "a.x", true },
        { "a.x.b", "a{}", true }, { "a[].b", "a{}", false }, { "a.\"x.y\".b", "a{}.b", true },
    };
    for (size_t i = 0; i < WD_COUNT(rows); i++)
        if (wd_path_is_under(wd_bytes_of(rows[i].path), wd_bytes_of(rows[i].top)) != rows[i].is_under)
            fail_msg("%s under %s", rows[i].path, rows[i].top);
    static const char *const parents[][2] = { { "a.b", "a" },   { "a", "." },  { "a[]", "a" },
                                              { "[].x", "[]" }, { "[]", "." }, { "a.\"x.y\"", "a" },
                                              { ".", "" } };
    for (size_t i = 0; i < WD_COUNT(parents); i++)
        assert_true(wd_bytes_is(wd_path_parent(wd_bytes_of(parents[i][0])), parents[i][1]));
}

/* ---- the three values ---- */

/* What a consumer does with a message, and what follows for each path: '+' used, '?' unknown, '-' unused. */
static const struct {
    const char *what, *usage, *message, *expected;
} cases[] = {
    { "direct reads", "reads: [{path: minute}, {path: home.goals}, {path: away.goals}]\n    complete: true",
      "match.score",
      "+minute +home.goals +away.goals +home +away +. -match_id -home.name -home.crest_url -away.name -away.crest_url "
      "-scorers -scorers[].player -scorers[].minute -scorers[].shirt -stadium -attendance" },
    { "reads inside an array",
      "reads: [{path: home.name}, {path: away.name}, {path: 'scorers[].player'}]\n    complete: true",
      "match.score",
      "+home.name +scorers +scorers[] +scorers[].player -scorers[].minute -scorers[].shirt -minute -home.goals" },
    { "another message of the file", "reads: [{path: home.name}]\n    complete: true", "match.event",
      "-text -match_id -kind -reporter" },
    { "an object is posted away",
      "reads: [{path: temp_c}]\n    escapes: [{path: wind, where: weather.js:6}]\n    complete: true",
      "match.score",
      "+temp_c ?wind ?wind.speed ?wind.gust ?wind.bearing -station -taken_at -humidity -operator.name" },
    { "the whole message is written to a file",
      "reads: [{path: station}]\n    escapes: [{path: ., where: archive.py:9}]\n"
      "    complete: true",
      "match.score", "+station ?taken_at ?wind.speed ?operator.mail ?operator" },
    { "not complete", "reads: [{path: station}]\n    complete: false", "match.score",
      "+station ?taken_at ?wind.speed" },
    { "completeness not stated", "reads: [{path: station}]", "match.score", "+station ?taken_at" },
    { "an array is read, its elements' members are not", "reads: [{path: items}]\n    complete: true",
      "match.score", "+items +items[] -items[].price" },
    { "an object is read, its members are not", "reads: [{path: wind}]\n    complete: true", "match.score",
      "+wind -wind.speed" },
    { "a map by one of its keys", "reads: [{path: rates.EURUSD.bid}]\n    complete: true", "match.score",
      "+rates +rates{} +rates{}.bid -rates{}.ask +rates.EURUSD -rates.USDJPY" },
    { "a key of a map by the map", "reads: [{path: 'rates{}.bid'}]\n    complete: true", "match.score",
      "+rates.EURUSD.bid -rates.EURUSD.ask" },
    { "an escape inside what is read", "reads: [{path: a}]\n    escapes: [{path: a.b}]\n    complete: true",
      "match.score", "+a ?a.b ?a.b.c -a.c" },
    { "what could not be read is unknown", "reads: [{path: a}]\n    complete: true", "match.score",
      "?(other) ?(malformed)" },
};

static enum wd_use expected_use(char mark)
{
    return mark == '+' ? WD_USE_USED : mark == '?' ? WD_USE_UNKNOWN : WD_USE_UNUSED;
}

static void check_case(struct wd_arena *arena, const struct wd_usage *usage, size_t i)
{
    char *list = wd_arena_string(arena, wd_bytes_of(cases[i].expected)), *rest = NULL;
    for (char *word = strtok_r(list, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
        enum wd_use use = wd_usage_all(usage, wd_bytes_of(cases[i].message), wd_bytes_of("/x"), WD_S2C,
                                       wd_bytes_of(word + 1));
        if (use != expected_use(word[0]))
            fail_msg("%s: %s is %s", cases[i].what, word + 1, wd_use_names[use]);
    }
}

static void test_three_values(void **state)
{
    for (size_t i = 0; i < WD_COUNT(cases); i++) {
        struct wd_usage usage = { 0 };
        struct wd_err err = { 0 };
        struct wd_bytes text = wd_arena_printf(*state,
                                               "wirediet: usage/1\nconsumers:\n- name: web\n  messages:\n"
                                               "  - message: match.score\n    %s\n",
                                               cases[i].usage);
        if (parse(*state, (const char *)text.at, &usage, &err) < 0)
            fail_msg("%s: %s", cases[i].what, err.text);
        check_case(*state, &usage, i);
    }
}

static const char two[] =
    "wirediet: usage/1\n"
    "consumers:\n"
    "- name: web\n"
    "  source: trace\n"
    "  messages:\n"
    "  - {message: a, complete: true, reads: [{path: x, count: 7, where: ['web.js:1', 'web.js:2']}]}\n"
    "  - {message: b, channel: /b, direction: s2c, complete: true, reads: [{path: y}]}\n"
    "- name: wall\n"
    "  source: static\n"
    "  messages:\n"
    "  - {message: a, complete: true, escapes: [{path: m, where: 'wall.js:31'}]}\n";

static void test_over_all_consumers(void **state)
{
    struct wd_usage usage = { 0 };
    struct wd_err err = { 0 };
    assert_int_equal(parse(*state, two, &usage, &err), WD_OK);
    assert_int_equal(usage.consumer_count, 2);
    struct wd_bytes a = wd_bytes_of("a"), b = wd_bytes_of("b"), none = wd_bytes_of(""), where;
    assert_int_equal(wd_usage_all(&usage, a, none, WD_S2C, wd_bytes_of("x")), WD_USE_USED);
    assert_int_equal(wd_usage_all(&usage, a, none, WD_S2C, wd_bytes_of("m.z")), WD_USE_UNKNOWN);
    assert_int_equal(wd_usage_all(&usage, a, none, WD_S2C, wd_bytes_of("q")), WD_USE_UNUSED);

    assert_int_equal(wd_usage_of(&usage.consumers[0], a, none, WD_S2C, wd_bytes_of("x"), &where),
                     WD_USE_USED);
    assert_true(wd_bytes_is(where, "web.js:1"));
    assert_int_equal(wd_usage_of(&usage.consumers[1], a, none, WD_S2C, wd_bytes_of("m"), &where),
                     WD_USE_UNKNOWN);
    assert_true(wd_bytes_is(where, "wall.js:31"));

    /* narrowed by channel and direction */
    assert_int_equal(wd_usage_all(&usage, b, wd_bytes_of("/b"), WD_S2C, wd_bytes_of("y")), WD_USE_USED);
    assert_int_equal(wd_usage_all(&usage, b, wd_bytes_of("/c"), WD_S2C, wd_bytes_of("y")), WD_USE_UNUSED);
    assert_int_equal(wd_usage_all(&usage, b, wd_bytes_of("/b"), WD_C2S, wd_bytes_of("y")), WD_USE_UNUSED);
    assert_int_equal(wd_usage_all(&usage, b, none, WD_DIRECTION_COUNT, wd_bytes_of("y")), WD_USE_USED);
    assert_true(wd_usage_subscribes(&usage.consumers[0], b, wd_bytes_of("/b"), WD_S2C));
    assert_false(wd_usage_subscribes(&usage.consumers[1], b, wd_bytes_of("/b"), WD_S2C));

    /* unknown is never unused, unless somebody says so */
    struct wd_consumer assumed = usage.consumers[1];
    assumed.is_assumed_unused = true;
    assert_int_equal(wd_usage_of(&assumed, a, none, WD_S2C, wd_bytes_of("m"), NULL), WD_USE_UNUSED);
    struct wd_usage nobody = { 0 };
    assert_int_equal(wd_usage_all(&nobody, a, none, WD_S2C, wd_bytes_of("x")), WD_USE_UNKNOWN);
    struct wd_consumer silent = { .name = wd_bytes_of("s") };
    assert_int_equal(wd_usage_of(&silent, a, none, WD_S2C, wd_bytes_of("x"), NULL), WD_USE_UNKNOWN);
}

/* Who reads a list of messages has said nothing of one, and the other way round. */
static void test_lists_of_messages(void **state)
{
    (void)state;
    static const struct { const char *message, *read, *asked; enum wd_use use; } rows[] = {
        { "m", "[].en", "[].en", WD_USE_USED },    { "m", "[].en", "[].keep", WD_USE_UNUSED },
        { "m", "[].en", "en", WD_USE_UNKNOWN },    { "m", "[].en", "keep", WD_USE_UNKNOWN },
        { "m", "en", "[].en", WD_USE_UNKNOWN },    { "m", "en", "list[].x", WD_USE_UNUSED },
        { "m", "list[].x", "en", WD_USE_UNUSED },  { "*", "[].en", "keep", WD_USE_UNUSED },
        { "m", ".", "[].en", WD_USE_UNUSED },
    };
    for (size_t i = 0; i < WD_COUNT(rows); i++) {
        const struct wd_read read = { .path = wd_bytes_of(rows[i].read) };
        const struct wd_consumer_message entry = { .message = wd_bytes_of(rows[i].message), .direction = -1, .reads = &read,
                                                   .read_count = 1, .is_complete = true };
        const struct wd_consumer consumer = { .name = wd_bytes_of("c"), .messages = &entry, .message_count = 1 };
        assert_int_equal(wd_usage_of(&consumer, wd_bytes_of("m"), wd_bytes_of(""), WD_S2C, wd_bytes_of(rows[i].asked), NULL),
                         rows[i].use);
    }
}

static void test_reader_keeps_what_it_reads(void **state)
{
    struct wd_usage usage = { 0 };
    struct wd_err err = { 0 };
    assert_int_equal(parse(*state, two, &usage, &err), WD_OK);
    assert_int_equal(
        parse(*state, "{\"wirediet\": \"usage/1\", \"consumers\": [{\"name\": \"j\", \"messages\": []}]}",
              &usage, &err),
        WD_OK);
    assert_int_equal(usage.consumer_count, 3);
    assert_int_equal(usage.consumers[0].source, WD_USAGE_TRACE);
    assert_int_equal(usage.consumers[2].source, WD_USAGE_MANIFEST);
    const struct wd_consumer_message *m = &usage.consumers[0].messages[0];
    assert_int_equal(m->reads[0].count, 7);
    assert_int_equal(m->reads[0].where_count, 2);
    assert_int_equal(m->direction, -1);
    assert_int_equal(m->at.line, 6);
    assert_int_equal(usage.consumers[0].messages[1].direction, WD_S2C);
}

static void test_a_file_twice(void **state)
{
    char name[] = "/tmp/wirediet-usage-XXXXXX", other[sizeof name + 2];
    struct wd_limits limits = wd_limits_default();
    struct wd_usage usage = { 0 };
    struct wd_err err = { 0 };
    int fd = mkstemp(name);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, two, sizeof two - 1), sizeof two - 1);
    close(fd);
    snprintf(other, sizeof other, "/tmp/.%s", name + 4);  /* /tmp/./wirediet-... */
    assert_int_equal(wd_usage_load(name, &limits, *state, &usage, &err), WD_OK);
    assert_int_equal(wd_usage_load(name, &limits, *state, &usage, &err), WD_OK);
    assert_int_equal(wd_usage_load(other, &limits, *state, &usage, &err), WD_OK);
    assert_int_equal(usage.consumer_count, 2);
    assert_int_equal(parse(*state, "wirediet: usage/1\nconsumers:\n- {name: wall, messages: []}\n", &usage, &err), WD_EPARSE);
    assert_non_null(strstr(err.text, "u.yaml:3:10: a consumer 'wall' is given already (/tmp/wirediet-usage-"));
    assert_non_null(strstr(err.text, ":8); give it another name"));
    assert_int_equal(usage.consumer_count, 2);
    unlink(name);
}

/* ---- errors: place, what, remedy ---- */

#define HEAD "wirediet: usage/1\nconsumers:\n"
static void test_errors(void **state)
{
    static const struct { const char *text, *expected; } rows[] = {
        { "", "u.yaml:1:1: not a usage file; one starts with 'wirediet: usage/1'" },
        { "wirediet: profile/1\n", "u.yaml:1:11: not a usage file; one starts with 'wirediet: usage/1'" },
        { "wirediet: usage/1\n", "needs 'consumers'" },
        { "wirediet: usage/1\nconsumer: []\n", "u.yaml:2:1:" },
        { HEAD "  web: 1\n", "u.yaml:3:3: expected a list, found a map; write '- ' before each entry" },
        { HEAD "- name: web\n", "a consumer needs 'messages'; add 'messages: ...'" },
        { HEAD "- {messages: []}\n", "u.yaml:3:3: a consumer needs 'name'" },
        { HEAD "- {name: w, messages: [], sorce: trace}\n", "did you mean 'source'" },
        { HEAD "- {name: w, messages: [], source: guess}\n", "u.yaml:3:35: a source is static, trace, contract or manifest" },
        { HEAD "- {name: w, messages: [{reads: []}]}\n", "a message of a consumer needs 'message'" },
        { HEAD "- {name: w, messages: [{message: m, direction: down}]}\n", "a direction is c2s" },
        { HEAD "- {name: w, messages: [{message: m, complete: yes}]}\n", "'complete' needs true or false" },
        { HEAD "- {name: w, messages: [{message: m, reads: [{path: 'a[0]'}]}]}\n", "'a[0]' is no field path; write user.name" },
        { HEAD "- {name: w, messages: [{message: m, reads: [a]}]}\n", "a read is a map (expected 'path: ...', found a string)" },
        { HEAD "- {name: w, messages: [{message: m, reads: [{path: a, count: -1}]}]}\n", "'count' needs a whole number" },
        { HEAD "- {name: w, messages: [{message: m, escapes: [{where: x}]}]}\n", "an escape needs 'path'" },
        { HEAD "- {name: w, messages: []}\n- {name: w, messages: []}\n", "u.yaml:4:10: a consumer 'w' is given already (u.yaml:3)" },
        { HEAD "- {name: \"\", messages: []}\n", "expected a text, found an empty one" },
    };
    for (size_t i = 0; i < WD_COUNT(rows); i++) {
        struct wd_usage usage = { 0 };
        struct wd_err err = { 0 };
        assert_int_equal(parse(*state, rows[i].text, &usage, &err), WD_EPARSE);
        if (!strstr(err.text, rows[i].expected) || strncmp(err.text, "u.yaml:", 7) != 0)
            fail_msg("%s\n  gave %s", rows[i].text, err.text);
        assert_int_equal(usage.consumer_count, 0);
    }
}

static void test_unknown_messages(void **state)
{
    struct wd_buf out = { 0 };
    struct wd_schema_message messages[] = { { .name = wd_bytes_of("a"), .key = wd_bytes_of("a_key") },
                                            { .name = wd_bytes_of("metrics.update"), .key = wd_bytes_of("metrics_update") } };
    struct wd_schema schema = { .messages = messages, .message_count = 2 };
    struct wd_type_profile types[] = { { .name = wd_bytes_of("b") } };
    struct wd_profile profile = { .types = types, .type_count = 1 };
    static const struct { const char *name, *expected; } rows[] = {
        { "a", NULL }, { "b", NULL }, { "'*'", NULL },
        { "metrics.updat", "u.yaml:5:14: web reads 'metrics.updat', but neither schema nor traffic has such message; "
                           "did you mean 'metrics.update'?" },
        { "metrics_update", "did you mean 'metrics.update'?" },
        { "zebra", "correct the name or remove the entry" },
    };
    for (size_t i = 0; i < WD_COUNT(rows); i++) {
        struct wd_usage usage = { 0 };
        struct wd_err err = { 0 };
        struct wd_bytes text =
            wd_arena_printf(*state, HEAD "- name: web\n  messages:\n  - message: %s\n", rows[i].name);
        assert_int_equal(parse(*state, (const char *)text.at, &usage, &err), WD_OK);
        assert_int_equal(wd_usage_check(&usage, NULL, NULL, true, *state, &out, &err), WD_OK);
        int rc = wd_usage_check(&usage, &schema, &profile, true, *state, &out, &err);
        assert_int_equal(rc, rows[i].expected ? WD_EPARSE : WD_OK);
        if (rows[i].expected && !strstr(err.text, rows[i].expected))
            fail_msg("%s gave %s", rows[i].name, err.text);
    }
    struct wd_usage usage = { 0 };
    struct wd_err err = { 0 };
    assert_int_equal(parse(*state, HEAD "- {name: w, messages: [{message: b}]}\n", &usage, &err), WD_OK);
    assert_int_equal(wd_usage_check(&usage, &schema, NULL, true, *state, &out, &err), WD_EPARSE);
    assert_non_null(strstr(err.text, "the schema has no"));
    assert_int_equal(out.len, 0);
}

/* ---- what an entry names is there ---- */

#define FIELD(text) { .path = wd_bytes_of(text) }
#define FREE(text) { .path = wd_bytes_of(text), .is_free = true }
#define ROW(text) { .path = wd_bytes_of(text) }

/* `m` is declared on /m and sent by servers, `bare` is declared without channel and direction, `t` is in the traffic
 * only, `raw` is declared in a format that is not read. */
static const struct { const char *entry; bool has_traffic; const char *expected; } entries[] = {
    { "message: m, reads: [{path: .}, {path: cpu}, {path: cpu.user}, {path: 'disks[].used'}, {path: 'disks[]'}]", true, NULL },
    { "message: m, reads: [{path: cpu.usr}]", true,
      "u.yaml:3:54: web reads 'cpu.usr' of 'm', but neither schema nor traffic has such field; did you mean 'cpu.user'?" },
    { "message: m, reads: [{path: cpu.usr}]", false, "but the schema has no such field; did you mean 'cpu.user'?" },
    { "message: m, reads: [{path: cpu.user}, {path: disks.used}]", true, "u.yaml:3:72: web reads 'disks.used'" },
    { "message: m, escapes: [{path: cpuu}]", true, "u.yaml:3:56: web hands on 'cpuu' of 'm'" },
    { "message: m, reads: [{path: cpu.user.deep}]", true, "web reads 'cpu.user.deep' of 'm'" },
    { "message: m, reads: [{path: something}]", true, "such field; correct the path or remove the entry" },
    /* maps by a key, what is open, what was seen */
    { "message: m, reads: [{path: rates.EUR.bid}, {path: 'rates{}.bid'}]", true, NULL },
    { "message: m, reads: [{path: rates.EUR.ask}]", true, "web reads 'rates.EUR.ask'" },
    { "message: m, reads: [{path: 'any.thing[].at.all'}, {path: any}]", true, NULL },
    { "message: m, reads: [{path: extra}]", true, NULL },
    { "message: m, reads: [{path: extra}]", false, "the schema has no such field" },
    { "message: '*', reads: [{path: extra}, {path: cpu.user}, {path: b}]", true, NULL },
    { "message: raw, reads: [{path: what.ever}]", true, NULL },
    /* traffic alone does not show all that can come */
    { "message: t, reads: [{path: a}, {path: x.y}]", true, NULL },
    { "message: t, reads: [{path: a}, {path: x.z}]", true,
      "? u.yaml:3:65: web reads 'x.z' of 't', but neither schema nor traffic has such field; did you mean 'x.y'? "
      "Until then what it does not list counts as unknown" },
    /* channel and direction */
    { "message: m, channel: /m, direction: s2c, reads: [{path: cpu}]", true, NULL },
    { "message: m, channel: /mm", true,
      "u.yaml:3:48: web reads 'm' on '/mm', but neither schema nor traffic has such message; did you mean '/m'?" },
    { "message: m, channel: /elsewhere", false, "the schema has no such message; correct the channel or remove the entry" },
    { "message: m, direction: c2s", true,
      "u.yaml:3:50: web reads 'm' sent c2s, but neither schema nor traffic has such message; did you mean 's2c'?" },
    { "message: '*', channel: /q", true, NULL },  /* where raw is sent is not stated, and it was not seen */
    { "message: t, channel: /m", true, "u.yaml:3:48: web reads 't' on '/m'" },
    { "message: bare, channel: /b, direction: s2c, reads: [{path: b}]", true, NULL },
    { "message: bare, channel: /c", true, "web reads 'bare' on '/c'" },
    { "message: bare, channel: /c, direction: c2s, reads: [{path: b}]", false, NULL },
    { "message: bare, direction: c2s", true, "did you mean 's2c'?" },
};

/* Unless it is strict, a path that is nowhere is only told; the rest is an error either way. */
static void check_entry(struct wd_arena *arena, size_t i, bool is_strict)
{
    const struct wd_schema_field fields[] = {
        FIELD("."), FREE("any"), FIELD("cpu"), FIELD("cpu.user"), FIELD("disks"), FIELD("disks[]"),
        FIELD("disks[].used"), FIELD("rates"), FIELD("rates{}"), FIELD("rates{}.bid"),
    };
    const struct wd_schema_field bare[] = { FIELD("."), FIELD("b") };
    struct wd_row seen[] = { ROW("."), ROW("cpu"), ROW("extra") }, others[] = { ROW("."), ROW("a"), ROW("x.y") };
    const struct wd_bytes none = wd_bytes_of("");
    struct wd_schema_message messages[] = {
        { wd_bytes_of("m"), none, wd_bytes_of("/m"), 1u << WD_S2C, .fields = fields, .field_count = WD_COUNT(fields) },
        { wd_bytes_of("bare"), none, none, .fields = bare, .field_count = WD_COUNT(bare) },
        { wd_bytes_of("raw"), none, none, .is_opaque = true },
    };
    struct wd_type_profile types[] = {
        { wd_bytes_of("m"), wd_bytes_of("/m"), WD_S2C, .rows = seen, .row_count = WD_COUNT(seen) },
        { wd_bytes_of("bare"), wd_bytes_of("/b"), WD_S2C, .rows = seen, .row_count = 1 },
        { wd_bytes_of("t"), wd_bytes_of("/t"), WD_S2C, .rows = others, .row_count = WD_COUNT(others) },
    };
    struct wd_schema schema = { .messages = messages, .message_count = WD_COUNT(messages) };
    struct wd_profile profile = { .types = types, .type_count = WD_COUNT(types) };
    struct wd_usage usage = { 0 };
    struct wd_err err = { 0 };
    struct wd_buf out = { 0 };
    struct wd_bytes text = wd_arena_printf(arena, HEAD "- {name: web, messages: [{%s, complete: true}]}\n", entries[i].entry);
    const char *expected = entries[i].expected;
    assert_int_equal(parse(arena, (const char *)text.at, &usage, &err), WD_OK);
    int rc = wd_usage_check(&usage, &schema, entries[i].has_traffic ? &profile : NULL, is_strict, arena, &out, &err);
    bool is_unseen = expected && expected[0] == '?';
    bool is_told = is_unseen || (expected && !is_strict && strstr(out.len ? wd_buf_cstr(&out) : "", "such field"));
    const char *said = is_told ? wd_buf_cstr(&out) : err.text;
    if (rc != (expected && !is_told ? WD_EPARSE : WD_OK) || (expected && !strstr(said, expected + 2 * is_unseen)) ||
        (expected && !is_told && !is_strict && strstr(said, "such field")) ||
        is_told != (out.len > 0) || (rc == WD_OK && is_told == usage.consumers[0].messages[0].is_complete))
        fail_msg("%s\n  gave %d '%s' and '%s'", entries[i].entry, rc, err.text, wd_buf_cstr(&out));
    wd_buf_free(&out);
}

static void test_unknown_names(void **state)
{
    for (size_t i = 0; i < WD_COUNT(entries); i++)
        for (int is_strict = 0; is_strict <= 1; is_strict++)
            check_entry(*state, i, is_strict);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_paths_are_normal, setup, teardown),
        cmocka_unit_test_setup_teardown(test_paths_meet, setup, teardown),
        cmocka_unit_test_setup_teardown(test_three_values, setup, teardown),
        cmocka_unit_test_setup_teardown(test_over_all_consumers, setup, teardown),
        cmocka_unit_test_setup_teardown(test_reader_keeps_what_it_reads, setup, teardown),
        cmocka_unit_test(test_lists_of_messages),
        cmocka_unit_test_setup_teardown(test_a_file_twice, setup, teardown),
        cmocka_unit_test_setup_teardown(test_errors, setup, teardown),
        cmocka_unit_test_setup_teardown(test_unknown_messages, setup, teardown),
        cmocka_unit_test_setup_teardown(test_unknown_names, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
