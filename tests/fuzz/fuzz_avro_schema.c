/* Any text is an Avro schema or is refused with a place. Fields come sorted, each once, below declared parents; each
 * layout has a fingerprint and walks a few bytes to the end or to a fault; removing a field leaves a schema, or there
 * is an obstacle; deprecating twice is deprecating once. */
#include <assert.h>

#include "field/codec.h"
#include "fuzz.h"
#include "model/path.h"
#include "schema/edit.h"
#include "schema/schema.h"

static const char *const names[] = { "fuzz.avsc" };

static struct wd_schema *parse(struct wd_bytes text, const struct wd_limits *limits)
{
    struct wd_schema *schema = NULL;
    struct wd_err err = { 0 };
    int rc = wd_schema_parse(names, &text, 1, "/nowhere-at-all", limits, &schema, &err);
    assert(rc == WD_OK || (rc == WD_EPARSE && err.text[0] && !schema));
    return schema;
}

static void check_fields(const struct wd_schema_message *m)
{
    for (size_t i = 0; i < m->field_count; i++) {
        const struct wd_schema_field *f = &m->fields[i];
        assert(i < 2 || wd_bytes_cmp(m->fields[i - 1].path, f->path) < 0);
        assert(i > 0 || wd_bytes_is(f->path, "."));
        assert(i == 0 || wd_schema_field_find(m, wd_path_parent(f->path)));
        assert(f->decl_count > 0 && !(f->is_free && f->is_closed));
    }
}

static void check_walk(const struct wd_layout *layout, const struct wd_limits *limits)
{
    static const uint8_t bodies[][8] = { { 0 }, { 2, 2, 2, 2, 2, 2, 2, 2 }, { 1, 2, 4, 6, 0, 0, 2, 0 } };
    struct wd_tape tape = { 0 };
    struct wd_paths *paths = wd_paths_open(limits, NULL);
    for (size_t i = 0; i < WD_COUNT(bodies); i++) {
        wd_codec_avro.walk(wd_bytes_at(bodies[i], 8), layout, paths, limits, &tape);
        assert(wd_tape_bytes(&tape) == 8);
    }
    wd_paths_close(paths);
    wd_tape_free(&tape);
}

static struct wd_schema *edit(const struct wd_schema *schema, const struct wd_edit_target *target,
                              enum wd_edit_stage stage, const struct wd_limits *limits, struct wd_arena *arena)
{
    struct wd_edit_result *results;
    struct wd_edit_obstacle *obstacles;
    struct wd_err err = { 0 };
    size_t in_the_way = wd_edit_obstacles(schema, target, 1, stage, arena, &obstacles);
    if (in_the_way || wd_edit_apply(schema, target, 1, stage, arena, &results, &err) < 0)
        return NULL;
    struct wd_schema *now = parse(results[0].text, limits);
    assert(now && now->message_count == schema->message_count);
    return now;
}

static void check_edit(const struct wd_schema *schema, size_t m, size_t f, const struct wd_limits *limits)
{
    struct wd_arena *arena = wd_arena_open();
    struct wd_edit_target target = { &schema->messages[m], &schema->messages[m].fields[f] };
    struct wd_schema *now = edit(schema, &target, WD_EDIT_REMOVE, limits, arena);
    assert(!now || !wd_schema_field_find(&now->messages[m], target.field->path));
    wd_schema_free(now);
    now = edit(schema, &target, WD_EDIT_DEPRECATE, limits, arena);
    if (now) {
        struct wd_edit_target again = { &now->messages[m], wd_schema_field_find(&now->messages[m], target.field->path) };
        assert(again.field && again.field->is_deprecated && again.field->has_default);
        struct wd_schema *twice = edit(now, &again, WD_EDIT_DEPRECATE, limits, arena);
        assert(twice && wd_bytes_eq(twice->documents[0]->text, now->documents[0]->text));
        wd_schema_free(twice);
    }
    wd_schema_free(now);
    wd_arena_close(arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct wd_limits limits = wd_limits_default();
    limits.yaml_nodes = 2000;
    limits.fields = 200;
    limits.document = 1 << 14;
    struct wd_schema *schema = parse(wd_bytes_at(data, size), &limits);
    size_t edits = 0;
    for (size_t m = 0; schema && m < schema->message_count; m++) {
        const struct wd_schema_message *message = &schema->messages[m];
        check_fields(message);
        if (!message->layout || !message->layout->avro)
            continue;
        check_walk(message->layout, &limits);
        for (size_t f = 1; f < message->field_count && edits++ < 20; f++)
            check_edit(schema, m, f, &limits);
    }
    wd_schema_free(schema);
    return 0;
}
