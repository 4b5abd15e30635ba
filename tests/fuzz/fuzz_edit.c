/* Any schema without the fields that the first byte chooses: the edit says why it cannot be, or exactly the rest is left, and marking
 * twice is marking once. What the edit refuses it refuses for an obstacle, or because the text cannot be cut; it never gives
 * a text that says something else. */
#include <assert.h>
#include <stdlib.h>

#include "../schema/rest.h"
#include "fuzz.h"

enum { TARGETS = 16 };

static struct wd_schema *parse(struct wd_bytes text, const struct wd_limits *limits)
{
    static const char *const names[] = { "fuzz.yaml" };
    struct wd_schema *schema = NULL;
    struct wd_err err = { 0 };
    wd_schema_parse(names, &text, 1, "/nowhere-at-all", limits, &schema, &err);
    return schema;
}

/* The seventh field, or every third, or a message: whatever the byte says. */
static size_t choose(const struct wd_schema *schema, uint8_t choice, struct wd_edit_target *targets)
{
    size_t count = 0, at = 0, step = (choice & 3) == 3 ? 3 : SIZE_MAX, start = choice >> 3;
    for (size_t m = 0; m < schema->message_count; m++) {
        const struct wd_schema_message *message = &schema->messages[m];
        if (choice & 4 && start % schema->message_count == m && schema->message_count > 1)
            targets[count++] = (struct wd_edit_target){ message, NULL };
        for (size_t f = 1; f < message->field_count && count < TARGETS; f++, at++)
            if (at == start || (at > start && step != SIZE_MAX && (at - start) % step == 0))
                targets[count++] = (struct wd_edit_target){ message, &message->fields[f] };
    }
    return count;
}

static void check_removal(const struct wd_schema *schema, const struct wd_edit_target *targets, size_t count,
                          struct wd_arena *arena)
{
    struct wd_limits limits = wd_limits_default();
    struct wd_err err = { 0 };
    struct wd_edit_result *results = NULL;
    struct wd_edit_obstacle *obstacles;
    size_t in_the_way = wd_edit_obstacles(schema, targets, count, WD_EDIT_REMOVE, arena, &obstacles);
    int rc = wd_edit_apply(schema, targets, count, WD_EDIT_REMOVE, arena, &results, &err);
    assert(rc == WD_OK || (rc == WD_EPARSE && err.text[0]));
    assert(!in_the_way || rc < 0);
    if (rc < 0)
        return;
    struct rest rest = { .old = schema, .targets = targets, .count = count };
    const char *wrong = rest_check(&rest, results, &limits);
    if (wrong) {
        fprintf(stderr, "%s\n%.*s\n", wrong, (int)results[0].text.len, (const char *)results[0].text.at);
        abort();
    }
}

static void check_marks(const struct wd_schema *schema, const struct wd_edit_target *targets, size_t count,
                        struct wd_arena *arena)
{
    struct wd_limits limits = wd_limits_default();
    struct wd_err err = { 0 };
    struct wd_edit_result *once, *twice;
    struct wd_edit_target same[TARGETS + 1];
    int rc = wd_edit_apply(schema, targets, count, WD_EDIT_DEPRECATE, arena, &once, &err);
    assert(rc == WD_OK);
    struct wd_schema *marked = parse(once[0].text, &limits);
    assert(marked && marked->message_count == schema->message_count);
    for (size_t i = 0; i < count; i++) {
        const struct wd_schema_message *m = &marked->messages[targets[i].message - schema->messages];
        same[i] = (struct wd_edit_target){ m, targets[i].field ? wd_schema_field_find(m, targets[i].field->path) : NULL };
        assert(!targets[i].field == !same[i].field);
    }
    rc = wd_edit_apply(marked, same, count, WD_EDIT_DEPRECATE, arena, &twice, &err);
    assert(rc == WD_OK && wd_bytes_eq(once[0].text, twice[0].text));
    wd_schema_free(marked);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct wd_limits limits = wd_limits_default();
    struct wd_edit_target targets[TARGETS + 1];
    limits.yaml_nodes = 5000;
    limits.fields = 500;
    limits.refs = 1000;
    limits.document = 1 << 16;
    struct wd_schema *schema = size ? parse(wd_bytes_at(data + 1, size - 1), &limits) : NULL;
    if (!schema)
        return 0;
    struct wd_arena *arena = wd_arena_open();
    size_t count = choose(schema, data[0], targets);
    if (count) {
        check_removal(schema, targets, count, arena);
        check_marks(schema, targets, count, arena);
    }
    wd_arena_close(arena);
    wd_schema_free(schema);
    return 0;
}
