/* Removes fields at random from .proto files, for peers to look at: proto_pruner SEED SHARE ROOT OUT FILE...
 *
 * FILEs are names below ROOT; what they import from there is read too, and stays. Of their fields one in SHARE
 * goes (0: none, and comments are held against what protoc says of them). Texts that changed are written below
 * OUT; to standard output goes a line for each declaration that went: its file, its first line and its last. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "schema/proto_cut.h"
#include "schema/proto_edit.h"

static uint64_t state;

static uint64_t next(void)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state;
}

struct run {
    struct wd_arena *arena;
    struct wd_proto_set set;
    struct wd_edit_target *targets;
    size_t count, cap;
    uint64_t share;
};

/* As a schema would name it: a field with one declaration. */
static void add_target(struct run *run, const struct wd_proto_file *file, const struct wd_node *node)
{
    struct wd_decl *decl = wd_arena_new(run->arena, struct wd_decl);
    struct wd_schema_field *field = wd_arena_new(run->arena, struct wd_schema_field);
    *decl = (struct wd_decl){ .document = file->document, .container = node->parent, .member = node };
    *field = (struct wd_schema_field){ .path = node->key, .decls = decl, .decl_count = 1 };
    WD_GROW(run->targets, run->count, run->cap);
    run->targets[run->count++] = (struct wd_edit_target){ .field = field };
}

/* Of a field's path: message, 2, index. */
static bool is_field(const struct wd_proto_spot *spot)
{
    bool is_nested = spot->depth > 4 && spot->path[spot->depth - 4] == 3;
    return spot->depth >= 4 && spot->path[0] == 4 && spot->path[spot->depth - 2] == 2 &&
           (spot->depth == 4 || is_nested);
}

static void choose(struct run *run)
{
    for (size_t f = 0; f < run->set.count; f++)
        for (size_t i = 0; i < run->set.files[f].spot_count && run->set.files[f].is_named; i++)
            if (is_field(&run->set.files[f].spots[i]) && run->share && next() % run->share == 0)
                add_target(run, &run->set.files[f], run->set.files[f].spots[i].node);
}

/* Whether fields have comments, and which, protoc says as well. */
static bool check_comments(const struct wd_proto_file *file, struct wd_arena *arena)
{
    struct wd_proto_tokens tokens = wd_proto_tokens_of(file->document->text, arena);
    const Google__Protobuf__SourceCodeInfo *info = file->descriptor->source_code_info;
    for (size_t i = 0; i < info->n_location; i++) {
        const Google__Protobuf__SourceCodeInfo__Location *l = info->location[i];
        struct wd_proto_spot spot = { l->path, l->n_path, wd_proto_node(file, l->path, l->n_path) };
        if (!spot.node || !is_field(&spot) || spot.node->kind == WD_NODE_MAP)
            continue;
        size_t end = spot.node->span.off + spot.node->span.len;
        struct wd_proto_gap before = wd_proto_gap_of(&tokens, wd_proto_tokens_find(&tokens, spot.node->span.off));
        struct wd_proto_gap behind = wd_proto_gap_of(&tokens, wd_proto_tokens_find(&tokens, end));
        if (!before.above.end != !l->leading_comments || !behind.behind.end != !l->trailing_comments) {
            fprintf(stderr, "%s:%u: protoc says otherwise of its comments\n", file->document->name, spot.node->span.line);
            return false;
        }
    }
    return true;
}

/* Those that may go. */
static void drop_objected(struct run *run, const struct wd_edit_obstacle *obstacles)
{
    size_t kept = 0;
    for (size_t i = 0; i < run->count; i++)
        if (!obstacles[i].why)
            run->targets[kept++] = run->targets[i];
    run->count = kept;
}

static void find(struct run *run, struct wd_gone *gone)
{
    for (size_t obstacles = 1; obstacles;) {
        struct wd_proto_targets targets = { .set = &run->set, .at = run->targets, .count = run->count };
        struct wd_edit_obstacle *why = wd_arena_array(run->arena, struct wd_edit_obstacle, run->count + 1);
        wd_map_close(gone->set);
        gone->set = wd_map_open();
        obstacles = wd_proto_edit_find(&targets, gone, run->arena, why);
        drop_objected(run, why);
    }
}

static void make_directories(char *path)
{
    for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        mkdir(path, 0777);
        *slash = '/';
    }
}

static void print_gone(const struct wd_proto_file *file, const struct wd_gone *gone)
{
    struct wd_bytes text = file->document->text;
    for (size_t i = 0; i < file->spot_count; i++) {
        const struct wd_node *node = file->spots[i].node;
        size_t last = node->span.line;
        if (!wd_gone_has(gone, node))
            continue;
        for (size_t off = node->span.off; off < node->span.off + node->span.len; off++)
            last += text.at[off] == '\n';
        printf("%s %u %zu\n", file->descriptor->name, node->span.line, last);
    }
}

static int write_text(const char *path, struct wd_bytes text, struct wd_err *err)
{
    FILE *file = fopen(path, "wb");
    bool is_written = file && fwrite(text.at, 1, text.len, file) == text.len;
    if (file && fclose(file) != 0)
        is_written = false;
    return is_written ? WD_OK : wd_fail_errno(err, path, "cannot be written");
}

static int write_all(struct run *run, const struct wd_gone *gone, const char *out, struct wd_err *err)
{
    for (size_t f = 0; f < run->set.count; f++) {
        const struct wd_proto_file *file = &run->set.files[f];
        struct wd_edit_result result = wd_proto_cut(file, gone, run->arena);
        if (wd_bytes_eq(result.text, file->document->text))
            continue;
        struct wd_bytes path = wd_arena_printf(run->arena, "%s/%s", out, file->descriptor->name);
        make_directories((char *)(uintptr_t)path.at);
        TRY(write_text((const char *)path.at, result.text, err));
        print_gone(file, gone);
    }
    return WD_OK;
}

static int prune(struct run *run, char **argv, size_t count, struct wd_err *err)
{
    struct wd_limits limits = wd_limits_default();
    const char **names = wd_arena_array(run->arena, const char *, count);
    const char *roots[] = { argv[3] };
    struct wd_gone gone = { 0 };
    limits.document <<= 4;
    limits.schema_files <<= 4;
    for (size_t i = 0; i < count; i++)
        names[i] = (const char *)wd_arena_printf(run->arena, "%s/%s", argv[3], argv[5 + i]).at;
    struct wd_proto_sources sources = { .names = names, .count = count, .roots = roots, .root_count = 1 };
    TRY(wd_proto_read(&sources, &limits, run->arena, &run->set, err));
    for (size_t f = 0; f < run->set.count && !run->share; f++)
        if (run->set.files[f].document->text.len && !check_comments(&run->set.files[f], run->arena))
            return WD_EPARSE;
    gone.set = wd_map_open();
    choose(run);
    find(run, &gone);
    int rc = write_all(run, &gone, argv[4], err);
    wd_map_close(gone.set);
    return rc;
}

int main(int argc, char **argv)
{
    struct run run = { .arena = wd_arena_open() };
    struct wd_err err = { 0 };
    if (argc < 6)
        return 2;
    state = strtoull(argv[1], NULL, 10) * 2 + 1;
    run.share = strtoull(argv[2], NULL, 10);
    int rc = prune(&run, argv, (size_t)argc - 5, &err);
    if (rc < 0)
        fprintf(stderr, "%s\n", err.text);
    wd_free(run.targets);
    wd_arena_close(run.arena);
    return wd_exit_status(rc);
}
