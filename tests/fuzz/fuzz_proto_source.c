/* A descriptor set beside any text: declarations stand where they are called as they should be, or it is refused
 * with a place. What is cut and marked then changes nothing else: nothing removed is the same text. The
 * first two bytes say how long the text is. */
#include <assert.h>

#include "fuzz.h"
#include "schema/proto_cut.h"
#include "schema/proto_edit.h"

struct run {
    struct wd_limits limits;
    struct wd_arena *arena;
    struct wd_proto_set set;
    struct wd_edit_target targets[16];
    size_t count;
};

static bool read_set(struct run *run, struct wd_bytes text, struct wd_bytes bytes)
{
    const Google__Protobuf__FileDescriptorSet *set;
    struct wd_err err = { 0 };
    int rc = wd_proto_unpack("fuzz.pb", bytes, &run->limits, run->arena, &set, &err);
    assert(rc == WD_OK || (rc == WD_EPARSE && err.text[0]));
    if (rc < 0)
        return false;
    run->set.files = wd_arena_array(run->arena, struct wd_proto_file, set->n_file);
    for (size_t i = 0; i < set->n_file; i++) {
        run->set.files[i] = (struct wd_proto_file){ .descriptor = set->file[i], .is_named = true };
        rc = wd_proto_plant(&run->set.files[i], "fuzz.proto", i ? wd_bytes_of("") : text, &run->limits, run->arena, &err);
        assert(rc == WD_OK || (rc == WD_EPARSE && err.text[0]));
        if (rc < 0)
            return false;
        run->set.count++;
    }
    return set->n_file > 0;
}

/* Each is found by its path, and lies inside the text. */
static void check_tree(const struct wd_proto_file *file)
{
    for (size_t i = 0; i < file->spot_count; i++) {
        const struct wd_proto_spot *spot = &file->spots[i];
        const struct wd_span *span = &spot->node->span;
        assert(wd_proto_node(file, spot->path, spot->depth));
        assert(span->off <= file->document->text.len && span->len <= file->document->text.len - span->off);
        assert(spot->node->parent);
    }
}

static void choose(struct run *run, uint32_t bits)
{
    const struct wd_proto_file *file = &run->set.files[0];
    for (size_t i = 0; i < file->spot_count && run->count < WD_COUNT(run->targets); i++) {
        bits = bits * 1664525 + 1013904223;
        if (bits >> 30)
            continue;
        struct wd_decl *decl = wd_arena_new(run->arena, struct wd_decl);
        struct wd_schema_field *field = wd_arena_new(run->arena, struct wd_schema_field);
        *decl = (struct wd_decl){ .document = file->document, .member = file->spots[i].node };
        *field = (struct wd_schema_field){ .decls = decl, .decl_count = 1 };
        run->targets[run->count++] = (struct wd_edit_target){ .field = field };
    }
}

static void check_cut(struct run *run)
{
    const struct wd_proto_file *file = &run->set.files[0];
    struct wd_edit_obstacle obstacles[WD_COUNT(run->targets)] = { 0 };
    struct wd_proto_targets targets = { .set = &run->set, .at = run->targets, .count = run->count };
    struct wd_gone gone = { wd_map_open() }, nothing = { wd_map_open() };
    wd_proto_edit_find(&targets, &gone, run->arena, obstacles);
    struct wd_bytes text = wd_proto_cut(file, &gone, run->arena).text;
    assert(wd_map_count(gone.set) || wd_bytes_eq(text, file->document->text));
    assert(wd_bytes_eq(wd_proto_cut(file, &nothing, run->arena).text, file->document->text));
    wd_map_close(gone.set);
    wd_map_close(nothing.set);
}

static void check_marked(struct run *run)
{
    const struct wd_proto_file *file = &run->set.files[0];
    struct wd_proto_targets targets = { .set = &run->set, .at = run->targets, .count = run->count };
    struct wd_gone marked = { wd_map_open() };
    wd_proto_edit_marked(&targets, &marked);
    struct wd_bytes text = wd_proto_mark(file, &marked, run->arena).text;
    assert(text.len >= file->document->text.len || wd_map_count(marked.set));
    wd_map_close(marked.set);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct run run = { .limits = wd_limits_default(), .arena = wd_arena_open() };
    run.limits.document = 1 << 18;
    if (size >= 2) {
        size_t len = (size_t)data[0] << 8 | data[1], most = size - 2;
        len = len < most ? len : most;
        if (read_set(&run, wd_bytes_at(data + 2, len), wd_bytes_at(data + 2 + len, most - len))) {
            for (size_t i = 0; i < run.set.count; i++)
                check_tree(&run.set.files[i]);
            choose(&run, (uint32_t)size * 2654435761u);
            check_cut(&run);
            check_marked(&run);
        }
    }
    wd_arena_close(run.arena);
    return 0;
}
