/* As what messages are read, when the schema has layouts and nothing says which one it is. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include "base/buf.h"
#include "watch.h"

#define FIELD(text, number_, kind_) { .name = { (const uint8_t *)text, sizeof text - 1 }, .number = number_, .kind = kind_, .oneof = -1 }
#define NAME(text) { (const uint8_t *)text, sizeof text - 1 }

/* message Tick { int32 n = 1; string s = 2; }  message Note { string s = 2; }  message Move { double x = 1; } */
static const struct wd_proto_field tick_fields[] = { FIELD("n", 1, WD_PROTO_INT32), FIELD("s", 2, WD_PROTO_STRING) };
static const struct wd_proto_field note_fields[] = { FIELD("s", 2, WD_PROTO_STRING) };
static const struct wd_proto_field move_fields[] = { FIELD("x", 1, WD_PROTO_DOUBLE) };
static const struct wd_proto_message tick = { NAME("p.Tick"), tick_fields, 2, -1 }, note = { NAME("p.Note"), note_fields, 1, -1 },
                                     move = { NAME("p.Move"), move_fields, 1, -1 };
static const struct wd_layout layouts[] = { { .proto = &tick }, { .proto = &note }, { .proto = &move } };
enum { TICK, NOTE, MOVE };

#define A_TICK "\x08\x05\x12\x01" "a"    /* n: 5, s: "a" */
#define A_NOTE "\x12\x02" "hi"          /* s: "hi"; a Tick, too */
#define A_MOVE "\x09\0\0\0\0\0\0\xf0\x3f" /* x: 1 */
#define SAY(line, body) say_bytes(line, wd_bytes_at(body, sizeof body - 1))
#define ASK(line, text) say_message(line, (struct wd_message){ .direction = WD_C2S, .body = wd_bytes_at(text, sizeof text - 1) })

static struct watch watch;
static struct wd_schema_message messages[3];

/* The layouts in `which` stand on `channel`, "" nowhere. */
static void start(struct line *line, const char *channel, const int *which, size_t count)
{
    watch_init(&watch);
    for (size_t i = 0; i < count; i++)
        messages[i] = (struct wd_schema_message){ .channel = wd_bytes_of(channel), .layout = &layouts[which[i]] };
    watch.schema.messages = messages;
    watch.schema.message_count = count;
    watch.has_schema = true;
    watch_start(&watch);
    line_open(line, &watch, WD_TRANSPORT_WEBSOCKET, "/live");
}

static struct wd_profile *finish(struct line *line)
{
    line_close(line);
    return watch_end(&watch);
}

static void assert_report(const char *expected)
{
    assert_string_equal(watch.report.len ? wd_buf_cstr(&watch.report) : "", expected);
    wd_buf_free(&watch.report);
}

/* One layout fits all that came: it is that, also for what comes after, and in the other direction. */
static void test_fit(void **state)
{
    struct line line;
    (void)state;
    start(&line, "", (const int[]){ TICK, MOVE }, 2);
    for (int i = 0; i < 70; i++)
        SAY(&line, A_TICK);
    SAY(&line, A_NOTE);
    ASK(&line, A_NOTE);   /* the first from there, after it was decided */
    struct wd_profile *p = finish(&line);
    assert_int_equal(p->type_count, 2);
    assert_string_equal(p->types[1].codec, "protobuf");
    assert_int_equal(p->types[1].count, 71);
    assert_int_equal(p->types[1].named_by, WD_NAMED_BY_SCHEMA);
    assert_bytes(p->types[0].name, "Tick");
    assert_bytes(p->types[1].name, "Tick");
    assert_true(has_row(&p->types[1], "n"));
    assert_report("");
    wd_profile_free(p);
}

/* What only one message contradicts is not it. */
static void test_one_misfit(void **state)
{
    struct line line;
    (void)state;
    start(&line, "", (const int[]){ NOTE }, 1);
    SAY(&line, A_NOTE);
    SAY(&line, A_TICK);
    struct wd_profile *p = finish(&line);
    assert_bytes(p->types[0].name, "message");
    assert_int_equal(p->types[0].named_by, WD_NAMED_BY_DEFAULT);
    assert_report("/live, s2c: none of the schema's messages fits what is sent there, so it is read without; say which it is "
                  "in .wirediet.yaml: messages: [{channel: /live, direction: s2c, message: ...}]\n");
    wd_profile_free(p);
}

/* Two fit: neither is taken, unless the other direction is one of them. */
static void test_tie(void **state)
{
    struct line line;
    (void)state;
    start(&line, "", (const int[]){ TICK, NOTE }, 2);
    SAY(&line, A_NOTE);
    struct wd_profile *p = finish(&line);
    assert_bytes(p->types[0].name, "message");
    assert_report("/live, s2c: more than one of the schema's messages fits what is sent there, so it is read without; say "
                  "which it is in .wirediet.yaml: messages: [{channel: /live, direction: s2c, message: ...}]\n");
    wd_profile_free(p);
    start(&line, "", (const int[]){ TICK, NOTE }, 2);
    SAY(&line, A_NOTE);
    ASK(&line, A_TICK);
    p = finish(&line);
    assert_int_equal(p->type_count, 2);
    assert_bytes(p->types[0].name, "Tick");
    assert_bytes(p->types[1].name, "Tick");
    assert_report("");
    wd_profile_free(p);
}

/* Several are stated for the channel: each message is the one that it fits. */
static void test_each(void **state)
{
    struct line line;
    (void)state;
    start(&line, "/live", (const int[]){ TICK, MOVE }, 2);
    SAY(&line, A_TICK);
    SAY(&line, A_MOVE);
    SAY(&line, A_TICK);
    SAY(&line, "\x1a\x00");
    struct wd_profile *p = finish(&line);
    assert_int_equal(type_of(p, "Tick")->count, 2);
    assert_int_equal(type_of(p, "Move")->count, 1);
    assert_int_equal(type_of(p, "message")->count, 1);
    assert_int_equal(type_of(p, "Move")->malformed, 0);
    wd_profile_free(p);
}

/* One is stated: it is that, whatever the messages say. */
static void test_stated(void **state)
{
    struct line line;
    (void)state;
    start(&line, "/live", (const int[]){ NOTE }, 1);
    SAY(&line, A_TICK);
    struct wd_profile *p = finish(&line);
    assert_bytes(p->types[0].name, "Note");
    assert_report("");
    wd_profile_free(p);
}

/* Text, and binary messages that say what they are, need no layout; they are named as ever. */
static void test_others(void **state)
{
    struct line line;
    (void)state;
    start(&line, "", (const int[]){ TICK }, 1);
    for (int i = 0; i < 3; i++) {
        say_message(&line, (struct wd_message){ .direction = WD_S2C, .is_text = true, .body = wd_bytes_of("{\"type\":\"join\",\"a\":1}") });
        SAY(&line, A_TICK);
    }
    struct wd_profile *p = finish(&line);
    assert_int_equal(type_of(p, "join")->count, 3);
    assert_string_equal(type_of(p, "join")->codec, "json");
    assert_int_equal(type_of(p, "Tick")->count, 3);
    wd_profile_free(p);
    start(&line, "", (const int[]){ TICK }, 1);
    for (int i = 0; i < 3; i++)
        SAY(&line, "\x82\xa4type\xa4join\xa1n\xcd\x01\x00");   /* MessagePack: {"type": "join", "n": 256} */
    p = finish(&line);
    assert_string_equal(type_of(p, "join")->codec, "msgpack");
    assert_report("");
    wd_profile_free(p);
}

/* A container file of one int, 1; the schema comes with as many blanks as are asked for. */
static void put_file(struct wd_buf *out, size_t blanks)
{
    static const char sync[] = "0123456789abcdef";
    size_t len = 2 * (blanks + sizeof "\"int\"" - 1);
    wd_buf_put(out, wd_bytes_at("Obj\x01\x02\x16" "avro.schema", 17));
    for (; len > 0x7f; len >>= 7)
        wd_buf_byte(out, (uint8_t)(len | 0x80));
    wd_buf_byte(out, (uint8_t)len);
    for (size_t i = 0; i < blanks; i++)
        wd_buf_byte(out, ' ');
    wd_buf_puts(out, "\"int\"");
    wd_buf_byte(out, 0);
    wd_buf_puts(out, sync);
    wd_buf_put(out, wd_bytes_at("\x02\x02\x02", 3));
    wd_buf_puts(out, sync);
}

/* Each with another schema of 100 kB: what is kept of them ends at a MiB, what was kept is known again. */
static void test_many_schemas(void **state)
{
    struct line line;
    (void)state;
    start(&line, "", NULL, 0);
    for (size_t i = 0; i < 31; i++) {
        struct wd_buf file = { 0 };
        put_file(&file, 100000 + i % 30);
        say_bytes(&line, wd_buf_bytes(&file));
        wd_buf_free(&file);
    }
    struct wd_profile *p = finish(&line);
    assert_int_equal(p->type_count, 1);
    assert_int_equal(p->types[0].count, 31);
    assert_int_equal(row_of(&p->types[0], "[]")->present, 11);
    wd_profile_free(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_many_schemas),
        cmocka_unit_test(test_fit),  cmocka_unit_test(test_one_misfit), cmocka_unit_test(test_tie),
        cmocka_unit_test(test_each), cmocka_unit_test(test_stated),     cmocka_unit_test(test_others),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
