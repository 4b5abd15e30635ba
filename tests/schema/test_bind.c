/* Which schema message a type of the traffic is held against. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "schema/address.h"
#include "schema/schema.h"

static const struct { const char *channel, *address; bool fits, fits_tail; } addresses[] = {
    { "/live", "/live", true, false }, { "/live", "live", true, false }, { "/live/", "/live", false, false },
    { "/ws/room/{}", "/ws/room/{room}", true, false }, { "/ws/room/7", "/ws/room/{room}", true, false },
    { "/ws/room/{room}", "/ws/room/{room}", true, false }, { "/ws/room/", "/ws/room/{room}", false, false },
    { "/ws/{}/x", "/ws/room/x", false, false }, { "/ws/room", "/ws/room/{room}", false, false },
    { "/v1/room-42/x", "/v1/room-{id}/x", true, false }, { "/a-b-c", "/{x}-c", true, false }, { "/a-b-c", "/{x}-d", false, false },
    { "/-c", "/{x}-c", false, false }, { "/base/live", "/live", false, true }, { "/base/live", "/", false, true }, { "/", "/", true, true },
};

static void test_addresses(void **state)
{
    (void)state;
    for (size_t i = 0; i < WD_COUNT(addresses); i++) {
        struct wd_bytes channel = wd_bytes_of(addresses[i].channel), address = wd_bytes_of(addresses[i].address);
        if (wd_address_fits(channel, address) != addresses[i].fits || wd_address_fits_tail(channel, address) != addresses[i].fits_tail)
            fail_msg("%s and %s", addresses[i].channel, addresses[i].address);
    }
}

/* ---- traffic by hand ---- */

struct seen { const char *path, *types; uint64_t count; const char *values[4]; };   /* types: letters of zbinsao */
#define SEEN(path, types, count, ...) { path, types, count, { __VA_ARGS__ } }

struct traffic {
    const char *name, *channel;
    enum wd_direction direction;
    enum wd_named_by named_by;
    const char *discriminator;
    struct seen rows[8];
};

static void fill_row(struct wd_row *row, const struct seen *seen)
{
    row->path = wd_bytes_of(seen->path);
    row->present = row->occurrences = seen->count;
    for (const char *t = seen->types; *t; t++)
        row->types[strchr("zbinsao", *t) - "zbinsao"] = seen->count;
    if (seen->values[0])
        row->sketch = wd_sketch_open();
    for (size_t i = 0; i < 4 && seen->values[i]; i++)
        wd_sketch_add(row->sketch, wd_sketch_hash_json(wd_bytes_of(seen->values[i])));
}

static struct wd_profile *make_profile(const struct traffic *traffic, size_t count)
{
    struct wd_profile *p = wd_alloc(sizeof *p);
    p->arena = wd_arena_open();
    p->type_count = count;
    p->types = wd_arena_array(p->arena, struct wd_type_profile, count);
    for (size_t i = 0; i < count; i++) {
        struct wd_type_profile *t = &p->types[i];
        *t = (struct wd_type_profile){ .name = wd_bytes_of(traffic[i].name), .channel = wd_bytes_of(traffic[i].channel),
                                       .direction = traffic[i].direction, .named_by = traffic[i].named_by, .codec = "json",
                                       .discriminator = wd_bytes_of(traffic[i].discriminator), .count = 100 };
        t->rows = wd_arena_array(p->arena, struct wd_row, 8);
        while (t->row_count < 8 && traffic[i].rows[t->row_count].path) {
            fill_row(&t->rows[t->row_count], &traffic[i].rows[t->row_count]);
            t->row_count++;
        }
    }
    wd_profile_settle(p);
    return p;
}

static const char schema_text[] =
    "asyncapi: 3.0.0\n"
    "channels:\n"
    "  live:\n"
    "    address: /live/{room}\n"
    "    messages:\n"
    "      metrics: {payload: {type: object, properties: {type: {const: metrics}, cpu: {type: number}, mem: {type: number}}, required: [type, cpu]}}\n"
    "      alert: {payload: {type: object, properties: {type: {const: alert}, text: {type: string}}, required: [type, text]}}\n"
    "      side: {payload: {type: object, properties: {k: {enum: [buy, sell]}, n: {type: integer}}, required: [k]}}\n"
    "      hello: {payload: {type: object, properties: {type: {const: hello}, me: {type: string}}, required: [type, me]}}\n"
    "      bag: {payload: {type: object, properties: {rates: {type: object, additionalProperties: {type: number}}}, required: [rates]}}\n"
    "      team: {payload: {type: object, properties: {who: {type: object, properties: {ann: {type: string}, bob: {type: string}}, required: [ann]}}, required: [who]}}\n"
    "  other: {address: /other, messages: {text: {payload: {type: string}}, blob: {}}}\n"
    "operations:\n"
    "  tell: {action: send, channel: {$ref: '#/channels/live'}, messages: [{$ref: '#/channels/live/messages/metrics'}, {$ref: '#/channels/live/messages/alert'},\n"
    "         {$ref: '#/channels/live/messages/side'}, {$ref: '#/channels/live/messages/bag'}]}\n"
    "  hear: {action: receive, channel: {$ref: '#/channels/live'}, messages: [{$ref: '#/channels/live/messages/hello'}]}\n";

#define LIVE "/live/{room}"
static const struct { struct traffic traffic; const char *message, *why_not; } cases[] = {
    /* by name, and the constant agrees */
    { { "metrics", LIVE, WD_S2C, WD_NAMED_BY_DISCRIMINATOR, "type",
        { SEEN(".", "o", 100), SEEN("cpu", "n", 100), SEEN("type", "s", 100, "\"metrics\"") } }, "metrics", NULL },
    /* by structure alone, also on a folded channel */
    { { "message", "/live/{}", WD_S2C, WD_NAMED_BY_DEFAULT, NULL, { SEEN(".", "o", 100), SEEN("text", "s", 100), SEEN("type", "s", 100) } }, "alert", NULL },
    /* the constant names it where the traffic did not */
    { { "m", LIVE, WD_S2C, WD_NAMED_BY_DISCRIMINATOR, "type", { SEEN(".", "o", 100), SEEN("text", "s", 100), SEEN("type", "s", 100, "\"alert\"") } }, "alert", NULL },
    /* and is enough, however little of the rest is declared */
    { { "m", LIVE, WD_S2C, WD_NAMED_BY_DISCRIMINATOR, "type", { SEEN(".", "o", 100), SEEN("a", "s", 100), SEEN("b", "s", 100), SEEN("c", "s", 100),
        SEEN("d", "s", 100), SEEN("text", "s", 100), SEEN("type", "s", 100, "\"alert\"") } }, "alert", NULL },
    /* a constant that contradicts excludes, whatever else fits */
    { { "gauge", LIVE, WD_S2C, WD_NAMED_BY_DISCRIMINATOR, "type",
        { SEEN(".", "o", 100), SEEN("cpu", "n", 100), SEEN("type", "s", 100, "\"gauge\"") } }, NULL, "a constant of the schema contradicts the traffic" },
    { { "metrics", LIVE, WD_S2C, WD_NAMED_BY_DISCRIMINATOR, "type",
        { SEEN(".", "o", 100), SEEN("cpu", "n", 100), SEEN("type", "s", 100, "\"metric\"") } }, NULL, "a constant of the schema contradicts the traffic" },
    /* an enumeration that holds all values, one that does not */
    { { "message", LIVE, WD_S2C, WD_NAMED_BY_DEFAULT, NULL, { SEEN(".", "o", 100), SEEN("k", "s", 100, "\"buy\"", "\"\\u0073ell\"") } }, "side", NULL },
    { { "message", LIVE, WD_S2C, WD_NAMED_BY_DEFAULT, NULL, { SEEN(".", "o", 100), SEEN("k", "s", 100, "\"buy\"", "\"hold\"") } }, NULL,
      "an enumeration of the schema contradicts the traffic" },
    /* required: 5 % may miss it, not more */
    { { "message", LIVE, WD_S2C, WD_NAMED_BY_DEFAULT, NULL, { SEEN(".", "o", 100), SEEN("cpu", "n", 95), SEEN("mem", "n", 100), SEEN("type", "s", 100) } }, "metrics", NULL },
    { { "message", LIVE, WD_S2C, WD_NAMED_BY_DEFAULT, NULL, { SEEN(".", "o", 100), SEEN("cpu", "n", 94), SEEN("mem", "n", 100), SEEN("type", "s", 100) } }, NULL,
      "a required field is missing in over 5 % of the messages" },
    /* the traffic calls it so: then it is that message, and disagrees with it */
    { { "metrics", LIVE, WD_S2C, WD_NAMED_BY_TRANSPORT, NULL, { SEEN(".", "o", 100), SEEN("cpu", "n", 50), SEEN("type", "s", 100, "\"metrics\"") } }, "metrics", NULL },
    /* a document from the other side: the direction gives way */
    { { "hello", LIVE, WD_S2C, WD_NAMED_BY_DISCRIMINATOR, "type", { SEEN(".", "o", 100), SEEN("me", "s", 100), SEEN("type", "s", 100, "\"hello\"") } }, "hello", NULL },
    /* maps, folded or not */
    { { "message", LIVE, WD_S2C, WD_NAMED_BY_DEFAULT, NULL, { SEEN(".", "o", 100), SEEN("rates", "o", 100), SEEN("rates.eur", "n", 100), SEEN("rates.usd", "n", 100) } }, "bag", NULL },
    { { "message", LIVE, WD_S2C, WD_NAMED_BY_DEFAULT, NULL, { SEEN(".", "o", 100), SEEN("rates", "o", 100), SEEN("rates{}", "n", 200) } }, "bag", NULL },
    /* what was folded cannot be told apart: nothing is missed in it */
    { { "message", LIVE, WD_S2C, WD_NAMED_BY_DEFAULT, NULL, { SEEN(".", "o", 100), SEEN("who", "o", 100), SEEN("who{}", "s", 200) } }, "team", NULL },
    /* elsewhere */
    { { "metrics", "/nowhere", WD_S2C, WD_NAMED_BY_DISCRIMINATOR, "type", { SEEN(".", "o", 100), SEEN("cpu", "n", 100) } }, NULL, "the schema has no message on this channel" },
    { { "metrics", "/v1/live/9", WD_S2C, WD_NAMED_BY_DISCRIMINATOR, "type", { SEEN(".", "o", 100), SEEN("cpu", "n", 100), SEEN("type", "s", 100) } }, "metrics", NULL },
    { { "message", "(unknown)", WD_S2C, WD_NAMED_BY_DEFAULT, NULL, { SEEN(".", "o", 100), SEEN("cpu", "n", 100), SEEN("type", "s", 100, "\"metrics\"") } }, "metrics", NULL },
    /* a scalar; and what nobody described */
    { { "message", "/other", WD_S2C, WD_NAMED_BY_DEFAULT, NULL, { SEEN(".", "s", 100) } }, "text", NULL },
    { { "message", "/other", WD_S2C, WD_NAMED_BY_DEFAULT, NULL, { SEEN(".", "o", 100), SEEN("x", "s", 100) } }, "blob", NULL },
    /* too little in common */
    { { "message", LIVE, WD_S2C, WD_NAMED_BY_DEFAULT, NULL, { SEEN(".", "o", 100), SEEN("a", "s", 100), SEEN("b", "s", 100) } }, NULL,
      "a required field is missing in over 5 % of the messages" },
};

static struct wd_schema *parse(const char *text)
{
    struct wd_limits limits = wd_limits_default();
    struct wd_err err = { 0 };
    struct wd_schema *schema = NULL;
    static const char *const names[] = { "a.yaml" };
    struct wd_bytes bytes = wd_bytes_of(text);
    if (wd_schema_parse(names, &bytes, 1, NULL, &limits, &schema, &err) < 0)
        fail_msg("%s", err.text);
    return schema;
}

static void test_binding(void **state)
{
    (void)state;
    struct wd_schema *schema = parse(schema_text);
    for (size_t i = 0; i < WD_COUNT(cases); i++) {
        struct wd_profile *profile = make_profile(&cases[i].traffic, 1);
        struct wd_binding *bindings;
        struct wd_err err = { 0 };
        assert_int_equal(wd_schema_bind(schema, profile, profile->arena, &bindings, &err), WD_OK);
        const struct wd_schema_message *m = bindings[0].message;
        if (!m != !cases[i].message || (m && !wd_bytes_is(m->name, cases[i].message)))
            fail_msg("case %zu: bound to %s, not %s (%s)", i, m ? (const char *)m->name.at : "nothing",
                     cases[i].message ? cases[i].message : "nothing", bindings[0].why_not ? bindings[0].why_not : "");
        if (cases[i].why_not)
            assert_string_equal(bindings[0].why_not, cases[i].why_not);
        wd_profile_free(profile);
    }
    wd_schema_free(schema);
}

/* Two types of one channel that no constant tells apart: the name of one keeps the other from taking its message. */
static void test_names_are_kept(void **state)
{
    (void)state;
    struct wd_schema *schema = parse(
        "asyncapi: 2.6.0\nchannels:\n  /w:\n    subscribe: {message: {oneOf: [{name: vitals, payload: {properties: {kind: {type: string}, bpm: {type: integer}}}},\n"
        "      {name: trade, payload: {properties: {kind: {enum: [buy, sell]}, n: {type: integer}}}}]}}\n");
    const struct traffic traffic[] = {
        { "buy", "/w", WD_S2C, WD_NAMED_BY_DISCRIMINATOR, "kind", { SEEN(".", "o", 100), SEEN("kind", "s", 100, "\"buy\""), SEEN("n", "i", 100) } },
        { "ping", "/w", WD_S2C, WD_NAMED_BY_DISCRIMINATOR, "kind", { SEEN(".", "o", 100), SEEN("kind", "s", 100, "\"ping\"") } },
        { "sell", "/w", WD_S2C, WD_NAMED_BY_DISCRIMINATOR, "kind", { SEEN(".", "o", 100), SEEN("kind", "s", 100, "\"sell\""), SEEN("n", "i", 100) } },
        { "vitals", "/w", WD_S2C, WD_NAMED_BY_DISCRIMINATOR, "kind", { SEEN(".", "o", 100), SEEN("bpm", "i", 100), SEEN("kind", "s", 100, "\"vitals\"") } },
    };
    static const char *const expected[] = { "trade", NULL, "trade", "vitals" };
    struct wd_profile *profile = make_profile(traffic, WD_COUNT(traffic));
    struct wd_binding *bindings;
    struct wd_err err = { 0 };
    assert_int_equal(wd_schema_bind(schema, profile, profile->arena, &bindings, &err), WD_OK);
    for (size_t i = 0; i < WD_COUNT(traffic); i++) {
        const struct wd_schema_message *m = bindings[i].message;
        if (!m != !expected[i] || (m && !wd_bytes_is(m->name, expected[i])))
            fail_msg("%s: %s", traffic[i].name, m ? (const char *)m->name.at : "nothing");
    }
    assert_string_equal(bindings[1].why_not, "the nearest message is that of another type");
    assert_true(wd_bytes_is(bindings[1].nearest, "vitals"));
    wd_profile_free(profile);
    wd_schema_free(schema);
}

/* Called like a message that it cannot be: then it is no other message either. */
static void test_a_name_binds_to_no_other(void **state)
{
    (void)state;
    struct wd_schema *schema = parse(
        "asyncapi: 2.6.0\nchannels:\n  /w:\n    subscribe: {message: {oneOf: [{name: note, payload: {type: string}},\n"
        "      {name: memo, payload: {properties: {kind: {type: string}, text: {type: string}}}}]}}\n");
    struct traffic traffic = { "note", "/w", WD_S2C, WD_NAMED_BY_DISCRIMINATOR, "kind",
                               { SEEN(".", "o", 100), SEEN("kind", "s", 100), SEEN("text", "s", 100) } };
    static const char *const names[] = { "note", "post" }, *const expected[] = { NULL, "memo" };
    for (size_t i = 0; i < WD_COUNT(names); i++) {
        traffic.name = names[i];
        struct wd_profile *profile = make_profile(&traffic, 1);
        struct wd_binding *bindings;
        struct wd_err err = { 0 };
        assert_int_equal(wd_schema_bind(schema, profile, profile->arena, &bindings, &err), WD_OK);
        assert_int_equal(bindings[0].message == NULL, expected[i] == NULL);
        wd_profile_free(profile);
    }
    wd_schema_free(schema);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_addresses),
        cmocka_unit_test(test_binding),
        cmocka_unit_test(test_names_are_kept),
        cmocka_unit_test(test_a_name_binds_to_no_other),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
