/* Properties of edits over whole schemas, as they are, as JSON in three layouts and with CRLF line ends: removing nothing
 * changes no byte; whatever fields and messages go, exactly the rest is left, and every line of the new text is a line of the old
 * one, in order, whole or less what stood between brackets; marking twice is marking once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "base/buf.h"
#include "base/file.h"
#include "rest.h"
#include "styled.h"

static const char *const files[] = {
    "testdata/captures/chat.asyncapi.yaml",
    "testdata/captures/dashboard.asyncapi.yaml",
    "testdata/captures/ticker.asyncapi.yaml",
    "testdata/schemas/desk-ws-msgpack.asyncapi.yaml",
    "testdata/schemas/fleet.asyncapi.yaml",
    "testdata/schemas/home-panel.asyncapi.yaml",
    "testdata/schemas/orders.asyncapi.yaml",
    "testdata/schemas/vitals.asyncapi.yaml",
    "testdata/schemas/split/api.yaml",
    "testdata/schemas/v2.yaml",
    "testdata/schemas/v3.yaml",
    "testdata/prune/styles.yaml",
    "testdata/prune/unions.schema.json",
    "schemas/dashboard/dashboard.yaml",
    "schemas/profile-1.schema.json",
    "schemas/findings-1.schema.json",
};

#ifndef STYLES
#define STYLES 3   /* more of them for a longer run */
#endif

enum { SUBSETS = 12, TARGETS = 400 };

enum layout { AS_IT_IS, COMPACT, PRETTY, PRETTY_CRLF, STYLED, LAYOUTS = STYLED + STYLES };   /* from STYLED on: seeds */

struct scene {
    const char *name;
    enum layout layout;
    struct wd_limits limits;
    struct wd_arena *arena;
    struct wd_schema *schema;
    size_t edits, refused;
    uint32_t random;
};

/* ---- the layouts ---- */

/* Depth is limited by the reader of the document. */
static void put_pretty(struct wd_buf *out, const struct wd_node *n, unsigned depth, const char *line_end, struct wd_arena *arena)
{
    bool is_map = n->kind == WD_NODE_MAP;
    const struct wd_node *const *members = NULL;
    if ((!is_map && n->kind != WD_NODE_LIST) || !n->first) {
        wd_buf_put(out, wd_node_canonical(n, arena));
        return;
    }
    size_t count = is_map ? wd_node_members(n, arena, &members) : n->count;
    const struct wd_node *child = n->first;
    wd_buf_byte(out, is_map ? '{' : '[');
    for (size_t i = 0; i < count; i++, child = is_map ? child : child->next) {
        const struct wd_node *at = is_map ? members[i] : child;
        wd_buf_printf(out, "%s%s%*s", i ? "," : "", line_end, (int)(2 * depth + 2), "");
        if (is_map) {
            wd_put_json(out, at->key);
            wd_buf_puts(out, ": ");
        }
        put_pretty(out, at, depth + 1, line_end, arena);
    }
    wd_buf_printf(out, "%s%*s%c", line_end, (int)(2 * depth), "", is_map ? '}' : ']');
}

static struct wd_bytes lay_out(struct scene *s, struct wd_bytes text)
{
    struct wd_document *d = NULL;
    struct wd_err err = { 0 };
    struct wd_buf out = { 0 };
    if (s->layout == AS_IT_IS)
        return text;
    if (wd_document_parse(s->name, text, &s->limits, s->arena, &d, &err) < 0)
        fail_msg("%s", err.text);
    if (s->layout >= STYLED)
        return styled_document(d, (uint32_t)s->layout * 31 + (uint32_t)text.len, s->arena);
    if (s->layout == COMPACT)
        return wd_node_canonical(d->root, s->arena);
    put_pretty(&out, d->root, 0, s->layout == PRETTY ? "\n" : "\r\n", s->arena);
    struct wd_bytes made = wd_arena_copy(s->arena, wd_buf_bytes(&out));
    wd_buf_free(&out);
    return made;
}

static void read_schema(struct scene *s)
{
    struct wd_err err = { 0 };
    struct wd_bytes text, other;
    const char *srcdir = getenv("srcdir");
    char name[512];
    snprintf(name, sizeof name, "%s/%s", srcdir ? srcdir : ".", s->name);
    if (wd_file_read(name, s->limits.document, s->arena, &text, &err) < 0)
        fail_msg("%s", err.text);
    other = lay_out(s, text);
    const char *names[] = { name };
    if (wd_schema_parse(names, &other, 1, NULL, &s->limits, &s->schema, &err) < 0)
        fail_msg("%s", err.text);
}

/* ---- lines ---- */

static size_t line_end(struct wd_bytes text, size_t off)
{
    while (off < text.len && text.at[off] != '\n')
        off++;
    return off < text.len ? off + 1 : off;
}

/* The line with some of it cut out, or with the {} of what lost all that it had. */
static bool is_less_of(struct wd_bytes line, struct wd_bytes old)
{
    size_t at = 0;
    for (size_t i = 0; i < line.len; i++) {
        size_t found = at;
        while (found < old.len && old.at[found] != line.at[i])
            found++;
        bool is_written = memchr(" {}[],-", line.at[i], 7); /* `},` moves up to its `{`, a key to the dash */
        if (found < old.len)
            at = found + 1;
        else if (!is_written)
            return false;
    }
    return true;
}

/* Where the old line ends that the new one is; 0: none. */
static size_t find_line(struct wd_bytes line, struct wd_bytes old, size_t at)
{
    for (size_t end; at < old.len; at = end) {
        end = line_end(old, at);
        if (is_less_of(line, wd_bytes_at(old.at + at, end - at)))
            return end;
    }
    return 0;
}

/* A bracket that was cut over several lines joins the first and the last. */
static size_t find_joined(struct wd_bytes line, struct wd_bytes old, size_t at)
{
    bool has_bracket = memchr(line.at, '[', line.len) || memchr(line.at, '{', line.len);
    for (size_t end = at, lines = 0; has_bracket && end < old.len && lines < 12; lines++) {
        end = line_end(old, end);
        if (is_less_of(line, wd_bytes_at(old.at + at, end - at)))
            return end;
    }
    return 0;
}

/* The first line that is new; empty when none is. */
static struct wd_bytes new_line(struct wd_bytes new, struct wd_bytes old)
{
    size_t at = 0;
    for (size_t off = 0; off < new.len;) {
        size_t end = line_end(new, off);
        struct wd_bytes line = wd_bytes_at(new.at + off, end - off);
        size_t found = find_line(line, old, at);
        if (!found)
            found = find_joined(line, old, at);
        if (!found)
            return line;
        at = found;
        off = end;
    }
    return wd_bytes_of("");
}

/* ---- edits ---- */

static void check_edit(struct scene *s, const struct wd_edit_target *targets, size_t count)
{
    struct wd_err err = { 0 };
    struct wd_arena *arena = wd_arena_open();
    struct wd_edit_result *results = NULL;
    struct rest rest = { .old = s->schema, .targets = targets, .count = count };
    s->edits++;
    if (wd_edit_apply(s->schema, targets, count, WD_EDIT_REMOVE, arena, &results, &err) < 0) {
        struct wd_edit_obstacle *obstacles;
        if (!wd_edit_obstacles(s->schema, targets, count, WD_EDIT_REMOVE, arena, &obstacles))
            fail_msg("%s: %s", s->name, err.text);
        s->refused++;
        wd_arena_close(arena);
        return;
    }
    const char *wrong = rest_check(&rest, results, &s->limits);
    struct wd_shown shown;
    if (wrong)
        fail_msg("%s, layout %d, without %s and %zu more: %s\n%.*s", s->name, (int)s->layout,
                 wd_show(&shown, targets[0].field ? targets[0].field->path : targets[0].message->name), count - 1, wrong,
                 (int)results[0].text.len, (const char *)results[0].text.at);
    for (size_t d = 0; s->layout < STYLED && d < s->schema->document_count; d++) {
        struct wd_bytes line = new_line(results[d].text, s->schema->documents[d]->text);
        if (line.len)
            fail_msg("%s, without %zu fields: a line is new: %s", s->name, count, wd_show(&shown, line));
    }
    wd_arena_close(arena);
}

static void check_nothing(struct scene *s)
{
    struct wd_err err = { 0 };
    struct wd_edit_result *results = NULL;
    for (int stage = WD_EDIT_REMOVE; stage <= WD_EDIT_DEPRECATE; stage++) {
        assert_int_equal(wd_edit_apply(s->schema, NULL, 0, (enum wd_edit_stage)stage, s->arena, &results, &err), WD_OK);
        for (size_t d = 0; d < s->schema->document_count; d++)
            assert_true(wd_bytes_eq(results[d].text, s->schema->documents[d]->text));
    }
}

static void check_each(struct scene *s)
{
    for (size_t m = 0; m < s->schema->message_count; m++) {
        const struct wd_schema_message *message = &s->schema->messages[m];
        struct wd_edit_target whole = { message, NULL };
        if (s->schema->message_count > 1)
            check_edit(s, &whole, 1);
        for (size_t f = 1; f < message->field_count; f++) {
            struct wd_edit_target target = { message, &message->fields[f] };
            check_edit(s, &target, 1);
        }
    }
}

/* xorshift: the same subsets each time. */
static uint32_t draw(struct scene *s, uint32_t below)
{
    s->random ^= s->random << 13;
    s->random ^= s->random >> 17;
    s->random ^= s->random << 5;
    return s->random % below;
}

/* From one field in twelve to one in two. */
static size_t draw_targets(struct scene *s, struct wd_edit_target *targets)
{
    size_t count = 0;
    uint32_t one_in = 2 + draw(s, 11);
    for (size_t m = 0; m < s->schema->message_count; m++) {
        const struct wd_schema_message *message = &s->schema->messages[m];
        if (s->schema->message_count > 1 && draw(s, 8) == 0 && count < TARGETS && m)
            targets[count++] = (struct wd_edit_target){ message, NULL };
        for (size_t f = 1; f < message->field_count && count < TARGETS; f++)
            if (draw(s, one_in) == 0)
                targets[count++] = (struct wd_edit_target){ message, &message->fields[f] };
    }
    return count;
}

/* Marked, each declaration says so; and again, nothing more. */
static void check_marks(struct scene *s, const struct wd_edit_target *targets, size_t count)
{
    struct wd_err err = { 0 };
    struct wd_edit_result *once, *twice;
    struct wd_bytes texts[8];
    struct wd_schema *marked = NULL;
    assert_int_equal(wd_edit_apply(s->schema, targets, count, WD_EDIT_DEPRECATE, s->arena, &once, &err), WD_OK);
    assert_true(s->schema->document_count <= WD_COUNT(texts));
    for (size_t d = 0; d < s->schema->document_count; d++)
        texts[d] = once[d].text;
    if (wd_schema_reparse(s->schema, texts, &s->limits, &marked, &err) < 0)
        fail_msg("%s: %s", s->name, err.text);
    struct wd_edit_target same[TARGETS];
    for (size_t i = 0; i < count; i++) {
        const struct wd_schema_message *m = &marked->messages[targets[i].message - s->schema->messages];
        same[i] = (struct wd_edit_target){ m, targets[i].field ? wd_schema_field_find(m, targets[i].field->path) : NULL };
        assert_int_equal(m->field_count, targets[i].message->field_count);
    }
    assert_int_equal(wd_edit_apply(marked, same, count, WD_EDIT_DEPRECATE, s->arena, &twice, &err), WD_OK);
    for (size_t d = 0; d < marked->document_count; d++)
        assert_true(wd_bytes_eq(once[d].text, twice[d].text));
    wd_schema_free(marked);
}

static void check_scene(const char *name, enum layout layout, size_t *edits, size_t *refused)
{
    struct wd_edit_target targets[TARGETS];
    struct scene s = { .name = name, .layout = layout, .limits = wd_limits_default(), .arena = wd_arena_open(),
                       .random = 88172645u };
    read_schema(&s);
    check_nothing(&s);
    check_each(&s);
    for (int i = 0; i < SUBSETS; i++) {
        size_t count = draw_targets(&s, targets);
        check_edit(&s, targets, count);
        check_marks(&s, targets, count);
    }
    *edits += s.edits;
    *refused += s.refused;
    wd_schema_free(s.schema);
    wd_arena_close(s.arena);
}

static void test_rest(void **state)
{
    (void)state;
    size_t edits = 0, refused = 0;
    for (size_t i = 0; i < WD_COUNT(files); i++)
        for (int layout = 0; layout < LAYOUTS; layout++)
            check_scene(files[i], (enum layout)layout, &edits, &refused);
    print_message("%zu edits, %zu of them refused\n", edits, refused);
    assert_true(refused * 20 <= edits);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_rest) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
