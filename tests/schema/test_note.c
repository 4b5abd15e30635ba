/* What is written beside declarations, byte for byte; written twice it is there once; and without it the text is the old one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "schema/note.h"
#include "schema/schema.h"

/* Every field is noted, with its path as the line; those with `has_purpose` state one. `fields` 0: whatever came out is right that has as
 * many notes and slots missing as the last two say. */
static const struct row { const char *before, *after; size_t notes, slots; } rows[] = {
    /* block YAML: above the key; the slot where it is read */
    { "type: object\nproperties:\n  a:\n    type: string\n  b:\n    type: string\n",
      "type: object\nproperties:\n  # wirediet: a\n  a:\n    x-wirediet: {purpose: \"\"}\n    type: string\n"
      "  # wirediet: b\n  b:\n    x-wirediet: {purpose: \"\"}\n    type: string\n", 0, 0 },
    /* comments of others stay above it; a value in flow style bears the slot inside */
    { "type: object\nproperties:\n  # of a\n  a: {type: string}  # behind\n  b: {}\n",
      "type: object\nproperties:\n  # of a\n  # wirediet: a\n  a: {x-wirediet: {purpose: \"\"}, type: string}  # behind\n"
      "  # wirediet: b\n  b: {x-wirediet: {purpose: \"\"}}\n", 0, 0 },
    /* what an earlier run wrote is replaced, other words are not */
    { "type: object\nproperties:\n  # wirediet is a tool\n  # wirediet: what it was\n  a: {x-wirediet: {purpose: \"\"}}\n",
      "type: object\nproperties:\n  # wirediet is a tool\n  # wirediet: a\n  a: {x-wirediet: {purpose: \"\"}}\n", 0, 0 },
    /* what people said stays; who stated an owner gets a slot beside it */
    { "type: object\nproperties:\n  a: {x-wirediet: {purpose: the title}}\n  b: {x-wirediet: {owner: us}}\n  c:\n    x-wirediet:\n      owner: us\n",
      "type: object\nproperties:\n  # wirediet: a\n  a: {x-wirediet: {purpose: the title}}\n  # wirediet: b\n  b: {x-wirediet: {purpose: \"\", owner: us}}\n"
      "  # wirediet: c\n  c:\n    x-wirediet:\n      purpose: \"\"\n      owner: us\n", 0, 0 },
    /* beside a $ref nothing is read; true and aliases are no maps */
    { "$schema: http://json-schema.org/draft-07/schema#\nproperties:\n  a: {$ref: '#/definitions/x'}\n  b: true\n  c: &c {type: string}\n  d: *c\n"
      "definitions: {x: {type: string}}\n",
      "$schema: http://json-schema.org/draft-07/schema#\nproperties:\n  # wirediet: a\n  a: {$ref: '#/definitions/x'}\n  # wirediet: b\n  b: true\n"
      "  # wirediet: c\n  c: &c {x-wirediet: {purpose: \"\"}, type: string}\n  # wirediet: d\n  d: *c\ndefinitions: {x: {type: string}}\n", 0, 3 },
    /* nested, in lists, with CRLF */
    { "type: object\r\nproperties:\r\n  u:\r\n    properties:\r\n      n: {}\r\n",
      "type: object\r\nproperties:\r\n  # wirediet: u\r\n  u:\r\n    x-wirediet: {purpose: \"\"}\r\n    properties:\r\n      # wirediet: u.n\r\n"
      "      n: {x-wirediet: {purpose: \"\"}}\r\n", 0, 0 },
    { "type: array\nitems:\n  type: string\n", "type: array\n# wirediet: []\nitems:\n  x-wirediet: {purpose: \"\"}\n  type: string\n", 0, 0 },
    { "type: array\nprefixItems:\n- type: string\n- {type: number}\n",
      "type: array\nprefixItems:\n- type: string\n- {\"x-wirediet\": {\"measured\": {\"n\": 1}, purpose: \"\"}, type: number}\n", 1, 0 },
    /* a map in flow style has no lines of its own */
    { "type: object\nproperties: {a: {type: string}, b: {x-wirediet: {measured: {n: 0}}}}\n",
      "type: object\nproperties: {a: {\"x-wirediet\": {\"measured\": {\"n\": 1}, purpose: \"\"}, type: string}, b: {x-wirediet: {measured: {\"n\": 1}}}}\n", 0, 0 },
    /* JSON, in lines, compact, empty */
    { "{\n  \"type\": \"object\",\n  \"properties\": {\n    \"a\": {\n      \"type\": \"string\"\n    },\n    \"b\": {}\n  }\n}\n",
      "{\n  \"type\": \"object\",\n  \"properties\": {\n    \"a\": {\n      \"x-wirediet\": {\"measured\": {\"n\": 1}, \"purpose\": \"\"},\n      \"type\": \"string\"\n    },\n"
      "    \"b\": {\"x-wirediet\": {\"measured\": {\"n\": 1}, \"purpose\": \"\"}}\n  }\n}\n", 0, 0 },
    { "{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"string\"},\"b\":{\"x-wirediet\":{\"purpose\":\"p\"}},\"c\":true}}",
      "{\"type\":\"object\",\"properties\":{\"a\":{\"x-wirediet\": {\"measured\": {\"n\": 1}, \"purpose\": \"\"}, \"type\":\"string\"},"
      "\"b\":{\"x-wirediet\":{\"measured\": {\"n\": 1}, \"purpose\":\"p\"}},\"c\":true}}", 1, 0 },
    /* .proto: above the declaration; before it where a line holds several; what people filled in stays */
    { "syntax = \"proto3\";\nmessage M {\n  // of a\n  string a = 1;  // behind\n\tint32 b = 2;\n  // purpose: the title\n  string c = 3;\n}\n",
      "syntax = \"proto3\";\nmessage M {\n  // of a\n  // wirediet: a\n  // purpose:\n  string a = 1;  // behind\n\t// wirediet: b\n\t// purpose:\n\tint32 b = 2;\n"
      "  // purpose: the title\n  // wirediet: c\n  string c = 3;\n}\n", 0, 0 },
    { "syntax = \"proto3\";\nmessage M {\n  // wirediet: what it was\n  // purpose: p\n  string a = 1;\n}\n",
      "syntax = \"proto3\";\nmessage M {\n  // wirediet: a\n  // purpose: p\n  string a = 1;\n}\n", 0, 0 },
    { "syntax = \"proto3\";\nmessage M { string a = 1; /* b */ /* wirediet: old */ string b = 2; }\n",
      "syntax = \"proto3\";\nmessage M { /* wirediet: a */ string a = 1; /* b */ /* wirediet: b */ string b = 2; }\n", 0, 2 },
};

static struct wd_bytes write_notes(const struct wd_schema *schema, struct wd_arena *arena, struct wd_note_lack *lack)
{
    const struct wd_schema_message *m = &schema->messages[0];
    struct wd_note notes[16];
    size_t count = 0;
    for (size_t f = 1; f < m->field_count; f++)
        for (size_t d = 0; d < m->fields[f].decl_count; d++)
            notes[count++] = (struct wd_note){ m->fields[f].decls[d].member, m->fields[f].path, wd_bytes_of("{\"n\": 1}"),
                                               m->fields[f].purpose.len > 0 };
    return wd_note_write(schema->documents[0], notes, count, arena, lack).text;
}

static struct wd_bytes annotate(struct wd_bytes text, struct wd_arena *arena, struct wd_note_lack *lack)
{
    const char *name = text.at[0] == '{' ? "x.json" : wd_bytes_starts(text, "syntax") ? "x.proto" : "x.yaml";
    struct wd_limits limits = wd_limits_default();
    struct wd_schema *schema;
    struct wd_err err = { 0 };
    if (wd_schema_parse(&name, &text, 1, NULL, &limits, &schema, &err) < 0)
        fail_msg("%.*s: %s", (int)text.len, (const char *)text.at, err.text);
    struct wd_bytes out = wd_arena_copy(arena, write_notes(schema, arena, lack));
    wd_schema_free(schema);
    return out;
}

static void test_rows(void **state)
{
    (void)state;
    for (size_t i = 0; i < WD_COUNT(rows); i++) {
        struct wd_arena *arena = wd_arena_open();
        struct wd_note_lack lack = { 0 };
        struct wd_bytes once = annotate(wd_bytes_of(rows[i].before), arena, &lack);
        if (!wd_bytes_is(once, rows[i].after))
            fail_msg("row %zu:\n%.*s\ninstead of\n%s", i, (int)once.len, (const char *)once.at, rows[i].after);
        assert_int_equal(lack.notes, rows[i].notes);
        assert_int_equal(lack.slots, rows[i].slots);
        struct wd_bytes twice = annotate(once, arena, &lack);
        if (!wd_bytes_eq(once, twice))
            fail_msg("row %zu, written twice:\n%.*s", i, (int)twice.len, (const char *)twice.at);
        wd_arena_close(arena);
    }
}

/* A slot that nobody filled in states nothing: it does not ask for the purposes of all other fields. */
static void test_slot_states_nothing(void **state)
{
    (void)state;
    static const struct { const char *text; bool states; } texts[] = {
        { "type: object\nproperties:\n  a: {x-wirediet: {purpose: \"\"}}\n", false },
        { "type: object\nproperties:\n  a: {x-wirediet: {measured: {n: 1}}}\n", false },
        { "type: object\nproperties:\n  a: {x-wirediet: {purpose: the title}}\n", true },
        { "type: object\nproperties:\n  a: {x-wirediet: {owner: us}}\n", true },
    };
    for (size_t i = 0; i < WD_COUNT(texts); i++) {
        const char *name = "x.yaml";
        struct wd_bytes text = wd_bytes_of(texts[i].text);
        struct wd_limits limits = wd_limits_default();
        struct wd_schema *schema;
        struct wd_err err = { 0 };
        assert_int_equal(wd_schema_parse(&name, &text, 1, NULL, &limits, &schema, &err), WD_OK);
        assert_int_equal(schema->states_wirediet, texts[i].states);
        wd_schema_free(schema);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_rows), cmocka_unit_test(test_slot_states_nothing) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
