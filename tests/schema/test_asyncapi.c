/* AsyncAPI documents: which messages they promise, where, in which direction; references to files and their confinement. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "schema/schema.h"

static const char *path_of(struct wd_buf *buf, const char *name)
{
    const char *srcdir = getenv("srcdir");
    wd_buf_reset(buf);
    wd_buf_printf(buf, "%s/testdata/%s", srcdir ? srcdir : ".", name);
    return wd_buf_cstr(buf);
}

static struct wd_schema *load(const char *name, struct wd_err *err)
{
    struct wd_limits limits = wd_limits_default();
    struct wd_buf path = { 0 };
    const char *names[] = { path_of(&path, name) };
    struct wd_schema *schema = NULL;
    *err = (struct wd_err){ 0 };
    wd_schema_load(names, 1, NULL, &limits, &schema, err);
    wd_buf_free(&path);
    return schema;
}

static struct wd_schema *must_load(const char *name)
{
    struct wd_err err;
    struct wd_schema *schema = load(name, &err);
    if (!schema)
        fail_msg("%s", err.text);
    return schema;
}

/* name channel directions content-type fields; `-` where empty, `opaque` for fields */
static void put_message(struct wd_buf *out, const struct wd_schema_message *m)
{
    static const char *const directions[] = { "-", "c2s", "s2c", "both" };
    wd_buf_put(out, m->name);
    wd_buf_byte(out, ' ');
    wd_buf_put(out, m->channel.len ? m->channel : wd_bytes_of("-"));
    wd_buf_printf(out, " %s ", directions[m->directions & 3]);
    wd_buf_put(out, m->content_type.len ? m->content_type : wd_bytes_of("-"));
    if (m->is_opaque)
        wd_buf_puts(out, " opaque\n");
    else
        wd_buf_printf(out, " %zu\n", m->field_count);
}

#define JSON " application/json "
static const struct { const char *file, *format, *messages; } documents[] = {
    { "captures/dashboard.asyncapi.yaml", "asyncapi-3",
      "metrics /live s2c" JSON "69\nalert /live s2c" JSON "12\nsubscribe /live c2s" JSON "7\nack /live c2s" JSON "6\n" },
    { "captures/chat.asyncapi.yaml", "asyncapi-2",
      "message.new /ws/room/{room} s2c" JSON "48\ntyping /ws/room/{room} both" JSON "5\npresence /ws/room/{room} s2c" JSON "31\n"
      "history /ws/room/{room} s2c" JSON "13\nreceipt /ws/room/{room} both" JSON "5\nheartbeat /ws/room/{room} c2s" JSON "28\n"
      "message.send /ws/room/{room} c2s" JSON "40\n" },
    { "captures/ticker.asyncapi.yaml", "asyncapi-3",
      "quote /stream/quotes s2c" JSON "25\nstatus /stream/quotes s2c" JSON "5\nmessage /stream/quotes s2c" JSON "7\n" },
    { "schemas/home-panel.asyncapi.yaml", "asyncapi-3",
      "device.state /socket s2c" JSON "31\nscene.changed /socket s2c" JSON "11\nhello /socket c2s" JSON "8\nseen /socket c2s" JSON "3\n"
      "notice /events s2c" JSON "10\npoll /api/tariff s2c" JSON "12\n" },
    { "schemas/vitals.asyncapi.yaml", "asyncapi-3",
      "vitals /ward/{ward} s2c" JSON "41\nalarm /ward/{ward} s2c" JSON "8\nalarmAck /ward/{ward} c2s" JSON "6\n" },
    { "schemas/fleet.asyncapi.yaml", "asyncapi-3",
      "telemetry fleet/{vehicleId}/telemetry s2c" JSON "29\nstatus fleet/{vehicleId}/status s2c" JSON "5\nevent fleet/{vehicleId}/event s2c" JSON "7\n" },
    { "schemas/orders.asyncapi.yaml", "asyncapi-3",
      "picked orders.{region}.{event} s2c" JSON "28\npacked orders.{region}.{event} s2c" JSON "28\nshipped orders.{region}.{event} s2c" JSON "30\n" },
    { "schemas/desk-ws-msgpack.asyncapi.yaml", "asyncapi-3",
      "order /desk s2c application/msgpack 21\nfill /desk s2c application/msgpack 10\nbeat /desk c2s application/msgpack 11\n" },
    { "schemas/split/api.yaml", "asyncapi-3", "trade /trades/{symbol} s2c - 5\n" },
    { "schemas/v2.yaml", "asyncapi-2",
      "alert.loud /alerts s2c application/cbor 2\ninline /alerts s2c" JSON "2\nfromTrait /alerts s2c" JSON "2\nack /alerts c2s" JSON "2\n"
      "binary shared/{x} s2c" JSON "opaque\nempty shared/{x} c2s" JSON "opaque\n" },
    { "schemas/v3.yaml", "asyncapi-3",
      "ping - c2s - 1\norderPlaced /orders/{id} s2c" JSON "2\norder.query /orders/{id} c2s text/plain 2\nanswer /orders/{id} s2c - 1\n" },
};

static void test_messages(void **state)
{
    (void)state;
    for (size_t i = 0; i < WD_COUNT(documents); i++) {
        struct wd_schema *schema = must_load(documents[i].file);
        struct wd_buf out = { 0 };
        for (size_t j = 0; j < schema->message_count; j++)
            put_message(&out, &schema->messages[j]);
        assert_string_equal(schema->format, documents[i].format);
        assert_string_equal(wd_buf_cstr(&out), documents[i].messages);
        wd_buf_free(&out);
        wd_schema_free(schema);
    }
}

static const struct wd_schema_message *find(const struct wd_schema *schema, const char *name)
{
    for (size_t i = 0; i < schema->message_count; i++)
        if (wd_bytes_is(schema->messages[i].name, name))
            return &schema->messages[i];
    fail_msg("no message %s", name);
    return NULL;
}

/* 2.x: a trait wins over the message; 3.0: the message wins over its traits, the last trait over the first. */
static void test_traits(void **state)
{
    (void)state;
    struct wd_schema *two = must_load("schemas/v2.yaml"), *three = must_load("schemas/v3.yaml");
    const struct wd_schema_message *loud = find(two, "alert.loud"), *ack = find(two, "ack");
    assert_true(wd_bytes_is(loud->purpose, "wakes people") && wd_bytes_is(loud->owner, "sre") && wd_bytes_is(loud->title, "Quiet"));
    assert_true(wd_bytes_is(ack->purpose, "tells that an alert was seen") && wd_bytes_is(ack->owner, "platform"));
    assert_true(loud->states_wirediet && two->states_wirediet && !three->states_wirediet);
    assert_true(wd_bytes_is(two->title, "Two") && wd_bytes_is(two->version, "1.2.3"));
    const struct wd_schema_message *query = find(three, "order.query"), *placed = find(three, "orderPlaced");
    assert_true(wd_bytes_is(query->title, "Last") && wd_bytes_is(query->key, "query"));
    assert_true(wd_schema_field_find(query, wd_bytes_of("q"))->is_deprecated);     /* 2020-12: siblings of $ref count */
    assert_false(wd_schema_field_find(placed, wd_bytes_of("q"))->is_deprecated);   /* AsyncAPI's own: they do not */
    assert_true(wd_bytes_is(placed->owner, "shop"));
    wd_schema_free(two);
    wd_schema_free(three);
}

static void test_files(void **state)
{
    (void)state;
    struct wd_schema *schema = must_load("schemas/split/api.yaml");
    const struct wd_schema_message *trade = &schema->messages[0];
    assert_int_equal(schema->document_count, 3);
    assert_int_equal(schema->named_count, 1);
    assert_ptr_equal(trade->document, schema->documents[1]);
    const struct wd_decl *currency = wd_schema_field_find(trade, wd_bytes_of("price.currency"))->decls;
    assert_ptr_equal(currency->document, schema->documents[2]);
    assert_true(wd_bytes_is(wd_schema_field_find(trade, wd_bytes_of("symbol"))->description, "ticker symbol"));

    struct wd_limits limits = wd_limits_default();
    struct wd_err err = { 0 };
    struct wd_bytes texts[3] = { schema->documents[0]->text, schema->documents[1]->text,
                                 wd_bytes_of("{\"definitions\": {\"money\": {\"properties\": {\"cents\": {\"type\": \"integer\"}}}}}") };
    struct wd_schema *again = NULL;
    assert_int_equal(wd_schema_reparse(schema, texts, &limits, &again, &err), WD_OK);
    assert_non_null(wd_schema_field_find(&again->messages[0], wd_bytes_of("price.cents")));
    assert_null(wd_schema_field_find(&again->messages[0], wd_bytes_of("price.currency")));
    wd_schema_free(again);
    wd_schema_free(schema);
}

/* A fragment named beside the document that refers to it adds no message. */
static void test_several_files(void **state)
{
    (void)state;
    struct wd_limits limits = wd_limits_default();
    struct wd_err err = { 0 };
    struct wd_buf a = { 0 }, b = { 0 }, c = { 0 };
    const char *names[] = { path_of(&a, "schemas/split/common.json"), path_of(&b, "schemas/split/api.yaml"), path_of(&c, "captures/ticker.asyncapi.yaml") };
    struct wd_schema *schema = NULL;
    assert_int_equal(wd_schema_load(names, 3, NULL, &limits, &schema, &err), WD_OK);
    assert_int_equal(schema->message_count, 4);
    assert_int_equal(schema->named_count, 3);
    wd_schema_free(schema);
    wd_buf_free(&a);
    wd_buf_free(&b);
    wd_buf_free(&c);
}

/* ---- confinement ---- */

static void write_file(const char *directory, const char *name, const char *text)
{
    char path[256];
    snprintf(path, sizeof path, "%s/%s", directory, name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static void test_links_out_of_the_root(void **state)
{
    (void)state;
    char directory[] = "/tmp/wirediet-schema-XXXXXX", inside[64], path[128], target[128];
    assert_non_null(mkdtemp(directory));
    snprintf(inside, sizeof inside, "%s/in", directory);
    assert_int_equal(mkdir(inside, 0700), 0);
    write_file(directory, "secret.yaml", "type: string\n");
    write_file(inside, "good.yaml", "type: integer\n");
    write_file(inside, "a.yaml", "properties: {a: {$ref: link.yaml}}\n");
    write_file(inside, "b.yaml", "properties: {a: {$ref: near.yaml}}\n");
    write_file(inside, "c.yaml", "properties: {a: {$ref: pipe}}\n");
    write_file(inside, "d.yaml", "properties: {a: {$ref: ../secret.yaml}}\n");
    snprintf(path, sizeof path, "%s/link.yaml", inside);
    assert_int_equal(symlink("../secret.yaml", path), 0);
    snprintf(path, sizeof path, "%s/near.yaml", inside);
    assert_int_equal(symlink("good.yaml", path), 0);
    snprintf(path, sizeof path, "%s/pipe", inside);
    assert_int_equal(mkfifo(path, 0600), 0);

    static const struct { const char *name, *root, *error; } cases[] = {
        { "a.yaml", NULL, "leads out of the root through a symbolic link" },
        { "b.yaml", NULL, NULL },
        { "c.yaml", NULL, "is no regular file" },
        { "d.yaml", NULL, "leads out of the root; name a higher directory with --root" },
        { "d.yaml", "up", NULL },
    };
    struct wd_limits limits = wd_limits_default();
    for (size_t i = 0; i < WD_COUNT(cases); i++) {
        struct wd_err err = { 0 };
        struct wd_schema *schema = NULL;
        snprintf(target, sizeof target, "%s/%s", inside, cases[i].name);
        const char *names[] = { target };
        int rc = wd_schema_load(names, 1, cases[i].root ? directory : NULL, &limits, &schema, &err);
        if (cases[i].error ? rc != WD_EPARSE || !strstr(err.text, cases[i].error) : rc != WD_OK)
            fail_msg("%s: %s", cases[i].name, err.text);
        wd_schema_free(schema);
    }
    snprintf(path, sizeof path, "rm -r %s", directory);
    assert_int_equal(system(path), 0);
}

static void test_a_missing_file(void **state)
{
    (void)state;
    struct wd_err err;
    assert_null(load("schemas/none.yaml", &err));
    assert_int_equal(err.code, WD_EPARSE);
    assert_non_null(strstr(err.text, "none.yaml: cannot be opened: No such file or directory"));
}

static const struct { const char *text, *message; } bad[] = {
    { "asyncapi: 3.0.0\nchannels: {a: {address: /a, messages: {m: {$ref: '#/components/messages/metric'}}}}\ncomponents: {messages: {metrics: {}}}\n",
      "a.yaml:2:44: '$ref' leads nowhere: '#/components/messages/metric' is not there; did you mean 'metrics'?" },
    { "asyncapi: 3.0.0\nchannels: {a: {messages: {m: {payload: {}}}}}\noperations: {o: {action: sends, channel: {$ref: '#/channels/a'}}}\n",
      "a.yaml:3:26: an operation needs 'action: send' or 'action: receive', found 'sends'; write one of them" },
    { "asyncapi: 3.0.0\noperations: {o: {action: send}}\n",
      "a.yaml:2:14: an operation needs a 'channel'; write channel: {$ref: '#/channels/...'}" },
    { "asyncapi: 2.6.0\nchannels: {/a: {subscribe: {message: 5}}}\n", "a.yaml:2:38: a message is a map, found an integer; write 'payload: ...' below it" },
    { "asyncapi: 2.6.0\nchannels: [a]\n", "a.yaml:2:11: 'channels' needs a map, found a list; write 'name: ...' lines below it" },
    { "asyncapi: 3.0.0\nchannels: {a: {$ref: '#/channels/b'}, b: {$ref: '#/channels/a'}}\n",
      "a.yaml:2:16: '$ref' goes in a circle: '#/channels/b' leads back to it; let one of them hold something else" },
    { "asyncapi: 3.0.0\nchannels: {a: {$ref: '#/channels/a/b'}}\n", "a.yaml:2:16: '$ref' to '#/channels/a/b' passes through itself; let it name the schema directly" },
};

static void test_bad_documents(void **state)
{
    (void)state;
    struct wd_limits limits = wd_limits_default();
    static const char *const names[] = { "a.yaml" };
    for (size_t i = 0; i < WD_COUNT(bad); i++) {
        struct wd_err err = { 0 };
        struct wd_schema *schema = NULL;
        struct wd_bytes text = wd_bytes_of(bad[i].text);
        assert_int_equal(wd_schema_parse(names, &text, 1, NULL, &limits, &schema, &err), WD_EPARSE);
        assert_string_equal(err.text, bad[i].message);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_messages), cmocka_unit_test(test_traits), cmocka_unit_test(test_files),
        cmocka_unit_test(test_several_files), cmocka_unit_test(test_links_out_of_the_root),
        cmocka_unit_test(test_a_missing_file), cmocka_unit_test(test_bad_documents),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
