/* Which file is called what, and where its imports are.
 *
 *     -s plant/line.proto -I .         plant/line.proto, below the root .
 *     -s plant/line.proto              line.proto, below plant; or, where it imports "plant/types.proto",
 *                                      plant/line.proto below .
 *
 * Imports are told apart by name alone, so a file must be called as others import it: of the roots that it
 * lies below, the first with which it is.
 */
#include "schema/proto.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/escape.h"
#include "base/file.h"
#include "base/map.h"
#include "schema/files.h"
#include "schema/proto_text.h"

struct root {
    const char *shown;           /* "" is here */
    const char *real;            /* NULL: no such directory */
    int fd;
};

struct source {
    const char *name;
    struct wd_bytes text;
    enum wd_proto_form form;
    const char *real;            /* its directory, NULL: none */
    struct wd_bytes base;        /* of its name */
    const char *virtual;         /* what imports call it */
};

struct reader {
    const struct wd_proto_sources *given;
    const struct wd_limits *limits;
    struct wd_arena *arena;
    struct wd_err *err;
    struct source *sources;
    struct root *roots;
    size_t root_count, root_cap;
    struct wd_map *imports;      /* what the sources import, by name */
    struct wd_map *known;        /* files that are read, by name */
    struct wd_proto_file *files;
    size_t count, cap;
    struct wd_document **named;
};

/* --- what a file is --- */

static bool ends_with(const char *name, const char *end)
{
    size_t length = strlen(name), tail = strlen(end);
    return length >= tail && strcasecmp(name + length - tail, end) == 0;
}

enum wd_proto_form wd_proto_recognise(const char *name, struct wd_bytes text)
{
    static const char *const sets[] = { ".binpb", ".pb", ".desc", ".protoset", ".fds" };
    static const char *const begins[] = { "syntax", "edition" };
    if (ends_with(name, ".proto"))
        return WD_PROTO_TEXT;
    for (size_t i = 0; i < WD_COUNT(sets); i++)
        if (ends_with(name, sets[i]))
            return WD_PROTO_SET;
    size_t first = wd_proto_past_space(text, 0);
    struct wd_bytes word = wd_proto_token(text, first);
    struct wd_bytes next = wd_proto_token(text, wd_proto_past_space(text, first + word.len));
    for (size_t i = 0; i < WD_COUNT(begins); i++)
        if (wd_bytes_is(word, begins[i]) && wd_bytes_is(next, "="))
            return WD_PROTO_TEXT;
    /* A set begins with a file, and that with its name: 0a LEN 0a LEN. No text has a NUL. */
    bool is_binary = text.len >= 4 && text.at[0] == 0x0a && memchr(text.at, 0, text.len);
    return is_binary ? WD_PROTO_SET : WD_PROTO_FOREIGN;
}

static int fail_foreign(struct reader *r, const char *name)
{
    return wd_fail(r->err, WD_EPARSE, (struct wd_place){ .file = name },
                   "neither a .proto file nor a descriptor set; give it the extension .proto or .binpb");
}

/* Directory and base; standard input lies here. */
static void split_name(struct reader *r, struct source *s)
{
    const char *name = strcmp(s->name, "-") == 0 ? "standard-input.proto" : s->name;
    struct wd_bytes all = wd_bytes_of(name), directory = wd_file_directory(all);
    size_t slash = directory.len || name[0] == '/' ? directory.len + 1 : 0;
    char *real = realpath(directory.len ? wd_arena_string(r->arena, directory) : slash ? "/" : ".", NULL);
    s->base = wd_bytes_at(all.at + slash, all.len - slash);
    s->real = real ? wd_arena_string(r->arena, wd_bytes_of(real)) : NULL;
    free(real);
}

static void note_imports(struct reader *r, struct wd_bytes text)
{
    struct wd_bytes name;
    for (size_t off = 0; wd_proto_next_import(text, &off, &name);)
        wd_map_put(r->imports, name, NULL);
}

static int take_sources(struct reader *r)
{
    r->sources = wd_arena_array(r->arena, struct source, r->given->count);
    for (size_t i = 0; i < r->given->count; i++) {
        struct source *s = &r->sources[i];
        s->name = wd_arena_string(r->arena, wd_bytes_of(r->given->names[i]));
        if (r->given->texts)
            s->text = wd_arena_copy(r->arena, r->given->texts[i]);
        else
            TRY(wd_file_read(s->name, r->limits->document * 4, r->arena, &s->text, r->err));
        s->form = wd_proto_recognise(s->name, s->text);
        if (s->form == WD_PROTO_FOREIGN)
            return fail_foreign(r, s->name);
        if (s->form == WD_PROTO_TEXT && s->text.len > r->limits->document)
            return wd_fail(r->err, WD_EPARSE, (struct wd_place){ .file = s->name }, "larger than %" PRIu64
                           " bytes; raise it with --limit document=...", r->limits->document);
        split_name(r, s);
        if (s->form == WD_PROTO_TEXT)
            note_imports(r, s->text);
    }
    return WD_OK;
}

/* --- roots --- */

/* What `real` is below `root`, without the slash; NULL when it is not. */
static const char *rest_below(const char *root, const char *real)
{
    size_t n = strcmp(root, "/") == 0 ? 0 : strlen(root);
    if (!real || strncmp(real, root, n) != 0 || (real[n] != '/' && real[n] != '\0'))
        return NULL;
    return real[n] ? real + n + 1 : real + n;
}

static int add_root(struct reader *r, const char *shown, const char *real, bool is_asked)
{
    for (size_t i = 0; real && i < r->root_count; i++)
        if (r->roots[i].real && strcmp(r->roots[i].real, real) == 0)
            return WD_OK;
    int fd = real ? open(real, O_PATH | O_DIRECTORY | O_CLOEXEC) : -1;
    if (fd < 0 && is_asked)
        return wd_fail_input(r->err, shown, "cannot be opened as a directory (-I)");
    WD_GROW(r->roots, r->root_count, r->root_cap);
    r->roots[r->root_count++] = (struct root){ shown, real, fd };
    return WD_OK;
}

static int add_given_roots(struct reader *r)
{
    for (size_t i = 0; i < r->given->root_count; i++) {
        const char *shown = r->given->roots[i];
        char *real = realpath(shown[0] ? shown : ".", NULL);
        const char *kept = real ? wd_arena_string(r->arena, wd_bytes_of(real)) : NULL;
        free(real);
        TRY(add_root(r, wd_arena_string(r->arena, wd_bytes_of(shown)), kept, true));
    }
    return WD_OK;
}

static bool lies_below(struct reader *r, struct wd_bytes directory, struct wd_bytes import)
{
    struct stat st;
    const char *path = wd_file_join(wd_bytes_of(""), import, r->arena);
    if (!path || import.at[0] == '/')
        return false;
    struct wd_bytes whole = wd_arena_printf(r->arena, "%.*s/%s", (int)directory.len,
                                            (const char *)directory.at, path);
    return stat((const char *)whole.at, &st) == 0;
}

/* All that the text imports; `with_protoc`: but what comes with protoc. */
static bool has_imports(struct reader *r, const struct source *s, struct wd_bytes directory, bool with_protoc)
{
    struct wd_bytes import;
    for (size_t off = 0; wd_proto_next_import(s->text, &off, &import);)
        if (!(with_protoc && wd_bytes_starts(import, "google/protobuf/")) &&
            !lies_below(r, directory, import))
            return false;
    return true;
}

/* How many directories above its own the imports are found from; not above this directory: what lies there is
 * not ours to read for a stranger. -1: nowhere. */
static int levels_up(struct reader *r, const struct source *s, const char *here, bool with_protoc)
{
    struct wd_bytes at = wd_bytes_of(s->real);
    for (int levels = 0;; levels++) {
        if (has_imports(r, s, at, with_protoc))
            return levels;
        at = wd_file_directory(at);
        if (!rest_below(here, wd_arena_string(r->arena, at)))
            return -1;
    }
}

/* "a/b" to "a" to "". */
static const char *go_up(struct reader *r, const char *name, int levels)
{
    struct wd_bytes at = wd_bytes_of(name);
    for (; levels > 0; levels--)
        at = wd_file_directory(at);
    return wd_arena_string(r->arena, at);
}

/* Its directory, or the next above it that has its imports. */
static int add_own_root(struct reader *r, const struct source *s)
{
    struct wd_bytes directory = wd_file_directory(wd_bytes_of(s->name));
    const char *shown = s->name[0] == '/' && !directory.len ? "/" : wd_arena_string(r->arena, directory);
    char *here = s->real ? realpath(".", NULL) : NULL;
    int levels = here ? levels_up(r, s, here, false) : 0;
    if (levels < 0)
        levels = levels_up(r, s, here, true);
    free(here);
    if (levels <= 0)
        return add_root(r, shown, s->real, false);
    const char *real = go_up(r, s->real, levels);   /* "../b" is not above "." */
    return add_root(r, strstr(shown, "..") ? real : go_up(r, shown, levels), real, false);
}

/* --- names --- */

static const char *name_below(struct reader *r, const struct source *s, const struct root *root)
{
    const char *rest = root->real && s->real ? rest_below(root->real, s->real) : NULL;
    return rest ? wd_file_join(wd_bytes_of(rest), s->base, r->arena) : NULL;
}

static int choose_name(struct reader *r, struct source *s)
{
    const char *first = NULL;
    for (size_t i = 0; i < r->root_count; i++) {
        const char *name = name_below(r, s, &r->roots[i]);
        if (name && wd_map_get(r->imports, wd_bytes_of(name))) {
            s->virtual = name;
            return WD_OK;
        }
        first = first ? first : name;
    }
    if (!first && r->given->root_count)
        return wd_fail(r->err, WD_EUSAGE, (struct wd_place){ .file = s->name },
                       "lies below none of the roots; name the one that its imports are found from with -I");
    s->virtual = first ? first : wd_arena_string(r->arena, s->base);
    return WD_OK;
}

static int fail_name(struct reader *r, const struct source *a, const struct source *b)
{
    struct wd_shown shown, other;
    return wd_fail(r->err, WD_EUSAGE, (struct wd_place){ .file = b->name },
                   "is called '%s', and so is %s; name the directory that both are below with -I",
                   wd_show(&shown, wd_bytes_of(b->virtual)), wd_show(&other, wd_bytes_of(a->name)));
}

static int name_sources(struct reader *r)
{
    struct wd_map *taken = wd_map_open();
    int rc = add_given_roots(r);
    for (size_t i = 0; rc >= 0 && !r->given->root_count && i < r->given->count; i++)
        if (r->sources[i].form == WD_PROTO_TEXT)
            rc = add_own_root(r, &r->sources[i]);
    for (size_t i = 0; rc >= 0 && i < r->given->count; i++) {
        bool is_new = true;
        if (r->sources[i].form != WD_PROTO_TEXT)
            continue;
        rc = choose_name(r, &r->sources[i]);
        uint64_t *at = rc >= 0 ? wd_map_put(taken, wd_bytes_of(r->sources[i].virtual), &is_new) : NULL;
        if (!is_new)
            rc = fail_name(r, &r->sources[*at], &r->sources[i]);
        else if (at)
            *at = i;
    }
    wd_map_close(taken);
    return rc;
}

/* --- what was compiled --- */

static int add_file(struct reader *r, const Google__Protobuf__FileDescriptorProto *descriptor,
                    const char *shown, struct wd_bytes text, bool is_named)
{
    bool is_new;
    const char *name = descriptor->name ? descriptor->name : "";
    wd_map_put(r->known, wd_bytes_of(name), &is_new);
    if (!is_new)
        return WD_OK;
    if (r->count >= r->limits->schema_files)
        return wd_fail(r->err, WD_EPARSE, (struct wd_place){ .file = shown }, "more than %" PRIu64
                       " schema files; raise it with --limit schema-files=...", r->limits->schema_files);
    WD_GROW(r->files, r->count, r->cap);
    struct wd_proto_file *file = &r->files[r->count++];
    *file = (struct wd_proto_file){ .descriptor = descriptor, .is_named = is_named };
    return wd_proto_plant(file, shown, text, r->limits, r->arena, r->err);
}

/* "" where it is the root itself. */
static const char *shown_below(struct reader *r, const struct root *root, const char *name)
{
    size_t n = strlen(root->shown);
    const char *slash = n && root->shown[n - 1] != '/' ? "/" : "";
    return (const char *)wd_arena_printf(r->arena, "%s%s%s", root->shown, slash, name).at;
}

/* An import's text, where protoc has found it. What comes with protoc lies below no root. */
static int add_import(struct reader *r, const Google__Protobuf__FileDescriptorProto *descriptor)
{
    struct wd_bytes text = wd_bytes_of("");
    const char *name = wd_file_join(wd_bytes_of(""), wd_bytes_of(descriptor->name), r->arena);
    for (size_t i = 0; name && i < r->root_count; i++) {
        if (r->roots[i].fd < 0 || faccessat(r->roots[i].fd, name, F_OK, 0) < 0)
            continue;
        const char *shown = shown_below(r, &r->roots[i], name);
        const char *why = wd_file_read_beneath(r->roots[i].fd, name, r->limits->document, r->arena, &text);
        if (why)
            return wd_fail(r->err, WD_EPARSE, (struct wd_place){ .file = shown },
                           "it is imported, and %s; imports lie below the roots (-I)", why);
        return add_file(r, descriptor, shown, text, false);
    }
    return add_file(r, descriptor, descriptor->name, text, false);
}

static const Google__Protobuf__FileDescriptorProto *find(const Google__Protobuf__FileDescriptorSet *set,
                                                         const char *name)
{
    for (size_t i = 0; i < set->n_file; i++)
        if (set->file[i]->name && strcmp(set->file[i]->name, name) == 0)
            return set->file[i];
    return NULL;
}

static int take_compiled(struct reader *r, const Google__Protobuf__FileDescriptorSet *set)
{
    for (size_t i = 0; i < r->given->count; i++) {
        struct source *s = &r->sources[i];
        if (s->form != WD_PROTO_TEXT)
            continue;
        const Google__Protobuf__FileDescriptorProto *descriptor = find(set, s->virtual);
        if (!descriptor)
            return wd_fail(r->err, WD_ESYSTEM, (struct wd_place){ .file = s->name },
                           "protoc leaves it out; use another version of it");
        TRY(add_file(r, descriptor, s->name, s->text, true));
        r->named[i] = r->files[r->count - 1].document;
    }
    for (size_t i = 0; i < set->n_file; i++)
        if (set->file[i]->name && !wd_map_get(r->known, wd_bytes_of(set->file[i]->name)))
            TRY(add_import(r, set->file[i]));
    return WD_OK;
}

static int compile(struct reader *r)
{
    struct wd_protoc_file *files = wd_arena_array(r->arena, struct wd_protoc_file, r->given->count);
    int *fds = wd_arena_array(r->arena, int, r->root_count);
    struct wd_protoc_request request = { .files = files, .roots = fds, .limit = r->limits->document * 4 };
    for (size_t i = 0; i < r->given->count; i++)
        if (r->sources[i].form == WD_PROTO_TEXT)
            files[request.count++] = (struct wd_protoc_file){ r->sources[i].virtual, r->sources[i].name,
                                                              r->sources[i].text };
    for (size_t i = 0; i < r->root_count; i++)
        if (r->roots[i].fd >= 0)
            fds[request.root_count++] = r->roots[i].fd;
    struct wd_bytes bytes;
    const Google__Protobuf__FileDescriptorSet *set;
    if (!request.count)
        return WD_OK;
    TRY(wd_protoc_run(r->given->protoc, &request, r->arena, &bytes, r->err));
    TRY(wd_proto_unpack(files[0].shown, bytes, r->limits, r->arena, &set, r->err));
    return take_compiled(r, set);
}

/* --- descriptor sets --- */

static int take_set(struct reader *r, size_t i)
{
    const struct source *s = &r->sources[i];
    const Google__Protobuf__FileDescriptorSet *set;
    struct wd_document *document = wd_arena_new(r->arena, struct wd_document);
    *document = (struct wd_document){ .name = s->name, .text = s->text, .is_proto = true,
                                      .root = wd_arena_new(r->arena, struct wd_node) };
    document->root->kind = WD_NODE_MAP;
    r->named[i] = document;
    TRY(wd_proto_unpack(s->name, s->text, r->limits, r->arena, &set, r->err));
    if (!set->n_file)
        return wd_fail(r->err, WD_EPARSE, (struct wd_place){ .file = s->name },
                       "the descriptor set holds no file; expected what protoc -o or buf build -o writes");
    for (size_t f = 0; f < set->n_file; f++) {
        struct wd_bytes name = wd_bytes_of(set->file[f]->name);
        TRY(add_file(r, set->file[f], name.len ? set->file[f]->name : s->name, wd_bytes_of(""),
                     !wd_bytes_starts(name, "google/protobuf/")));
    }
    return WD_OK;
}

/* --- all --- */

static int read_all(struct reader *r)
{
    TRY(take_sources(r));
    TRY(name_sources(r));
    TRY(compile(r));
    for (size_t i = 0; i < r->given->count; i++)
        if (r->sources[i].form == WD_PROTO_SET)
            TRY(take_set(r, i));
    return WD_OK;
}

static void fill(const struct reader *r, struct wd_proto_set *out)
{
    out->files = wd_arena_array(r->arena, struct wd_proto_file, r->count);
    if (r->count)
        memcpy(out->files, r->files, r->count * sizeof *out->files);
    out->count = r->count;
    out->named = r->named;
    const char **roots = wd_arena_array(r->arena, const char *, r->root_count);
    for (size_t i = 0; i < r->root_count; i++)
        roots[i] = r->roots[i].shown;
    out->roots = roots;
    out->root_count = r->root_count;
}

int wd_proto_read(const struct wd_proto_sources *sources, const struct wd_limits *limits,
                  struct wd_arena *arena, struct wd_proto_set *out, struct wd_err *err)
{
    struct reader r = { .given = sources, .limits = limits, .arena = arena, .err = err,
                        .imports = wd_map_open(), .known = wd_map_open(),
                        .named = wd_arena_array(arena, struct wd_document *, sources->count) };
    int rc = read_all(&r);
    if (rc >= 0)
        fill(&r, out);
    for (size_t i = 0; i < r.root_count; i++)
        if (r.roots[i].fd >= 0)
            close(r.roots[i].fd);
    wd_free(r.roots);
    wd_free(r.files);
    wd_map_close(r.imports);
    wd_map_close(r.known);
    return rc;
}
