/* A reference is FILE#FRAGMENT, either part may be missing:
 *
 *     common/user.yaml#/components/schemas/user       file, relative to the document that refers to it
 *     #/definitions/a~1b%20c                          pointer: ~1 is '/', ~0 is '~', %20 a blank
 *     #user                                           $anchor (2020-12) or $id (draft-07)
 */
#include "schema/resolve.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/escape.h"
#include "base/nearest.h"
#include "schema/files.h"
#include "schema/proto.h"

/* How many references one pointer, and one chain, may pass through. */
enum { CHAIN = 64 };

/* ---- sources ---- */

void wd_resolver_open(struct wd_resolver *r, const char *root, const char *first)
{
    bool is_file = first && strcmp(first, "-") != 0;
    struct wd_bytes directory = wd_file_directory(wd_bytes_of(is_file ? first : ""));
    bool is_absolute = is_file && first[0] == '/';
    r->root = root ? root : directory.len || !is_absolute ? wd_arena_string(r->arena, directory) : "/";
    const char *opened = r->root[0] ? r->root : ".";
    r->real_root = realpath(opened, NULL);
    r->known = wd_map_open();
    r->root_fd = open(opened, O_PATH | O_DIRECTORY | O_CLOEXEC);
}

void wd_resolver_close(struct wd_resolver *r)
{
    for (size_t i = 0; i < r->count; i++)
        wd_map_close(r->sources[i]->anchors);
    wd_free(r->sources);
    wd_free(r->targets);
    wd_map_close(r->known);
    free(r->real_root);
    if (r->root_fd >= 0)
        close(r->root_fd);
}

/* Below the root by its real directory; where that does not exist (texts in memory), by its name. */
static const char *path_below_root(struct wd_resolver *r, const char *name)
{
    struct wd_bytes all = wd_bytes_of(name), directory = wd_file_directory(all);
    size_t slash = directory.len || name[0] == '/' ? directory.len + 1 : 0;
    struct wd_bytes base = wd_bytes_at(all.at + slash, all.len - slash);
    char *real = realpath(directory.len ? wd_arena_string(r->arena, directory) : slash ? "/" : ".", NULL);
    const char *path = NULL;
    if (real && r->real_root) {
        size_t n = strcmp(r->real_root, "/") == 0 ? 0 : strlen(r->real_root);
        if (strncmp(real, r->real_root, n) == 0 && (real[n] == '/' || real[n] == '\0'))
            path = wd_file_join(wd_bytes_of(real + n), base, r->arena);
    } else if (wd_bytes_is(directory, r->root)) {
        path = wd_file_join(wd_bytes_of(""), base, r->arena);
    }
    free(real);
    return path;
}

static int add_source(struct wd_resolver *r, struct wd_document *document, const char *path)
{
    if (r->count >= r->limits->schema_files)
        return wd_fail(r->err, WD_EPARSE, (struct wd_place){ .file = document->name }, "more than %" PRIu64
                       " schema files; raise it with --limit schema-files=...", r->limits->schema_files);
    struct wd_source *source = wd_arena_new(r->arena, struct wd_source);
    *source = (struct wd_source){ .document = document, .path = path };
    WD_GROW(r->sources, r->count, r->cap);
    r->sources[r->count++] = source;
    return WD_OK;
}

int wd_resolver_adopt(struct wd_resolver *r, struct wd_document *document)
{
    bool is_file = strcmp(document->name, "-") != 0;
    return add_source(r, document, is_file ? path_below_root(r, document->name) : NULL);
}

int wd_resolver_add(struct wd_resolver *r, const char *name, const struct wd_bytes *text,
                    struct wd_document **out)
{
    struct wd_document *document;
    if (text)
        TRY(wd_document_parse(name, *text, r->limits, r->arena, &document, r->err));
    else
        TRY(wd_document_read(name, r->limits, r->arena, &document, r->err));
    *out = document;
    return wd_resolver_adopt(r, document);
}

static struct wd_source *source_of(const struct wd_resolver *r, const struct wd_document *document)
{
    for (size_t i = 0; i < r->count; i++)
        if (r->sources[i]->document == document)
            return r->sources[i];
    return NULL;
}

bool wd_resolver_has(const struct wd_resolver *r, const struct wd_document *document)
{
    return source_of(r, document) != NULL;
}

bool wd_resolver_is_reached(const struct wd_resolver *r, const struct wd_document *document)
{
    return source_of(r, document)->is_reached;
}

/* ---- one reference ---- */

struct ref {
    struct wd_site from;
    const struct wd_node *node;   /* the `$ref` member */
    struct wd_bytes text, file, fragment;
    bool has_fragment;
    unsigned depth;               /* references that pointers passed through */
};

const struct wd_node *wd_ref_of(const struct wd_node *node)
{
    return wd_node_get(node, "$ref");
}

static struct wd_place place_of(const struct ref *ref)
{
    return wd_node_key_place(ref->from.document, ref->node);
}

static int hex_digit(uint8_t c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

static struct wd_bytes percent_decode(struct wd_bytes s, struct wd_arena *arena)
{
    uint8_t *text = wd_arena_alloc(arena, s.len + 1);
    size_t n = 0;
    for (size_t i = 0; i < s.len; i++) {
        bool is_code =
            s.at[i] == '%' && s.len - i > 2 && hex_digit(s.at[i + 1]) >= 0 && hex_digit(s.at[i + 2]) >= 0;
        text[n++] = is_code ? (uint8_t)(hex_digit(s.at[i + 1]) << 4 | hex_digit(s.at[i + 2])) : s.at[i];
        i += is_code ? 2 : 0;
    }
    return wd_bytes_at(text, n);
}

static int read_ref(struct wd_resolver *r, struct wd_site from, unsigned depth, struct ref *out)
{
    const struct wd_node *node = wd_ref_of(from.node);
    struct ref ref = { .from = from, .node = node, .depth = depth };
    TRY(wd_node_string(from.document, node, &ref.text, r->err));
    if (r->target_count >= r->limits->refs)
        return wd_fail(r->err, WD_EPARSE, place_of(&ref),
                       "more than %" PRIu64 " references; raise it with --limit refs=...", r->limits->refs);
    const uint8_t *hash = ref.text.len ? memchr(ref.text.at, '#', ref.text.len) : NULL;
    size_t n = hash ? (size_t)(hash - ref.text.at) : ref.text.len;
    ref.file = percent_decode(wd_bytes_at(ref.text.at, n), r->arena);
    ref.has_fragment = hash;
    if (hash)
        ref.fragment = percent_decode(wd_bytes_at(hash + 1, ref.text.len - n - 1), r->arena);
    *out = ref;
    return WD_OK;
}

static int fail_nowhere(struct wd_resolver *r, const struct ref *ref, struct wd_bytes best)
{
    struct wd_shown shown, other;
    if (best.len)
        return wd_fail(r->err, WD_EPARSE, place_of(ref),
                       "'$ref' leads nowhere: '%s' is not there; did you mean '%s'?",
                       wd_show(&shown, ref->text), wd_show(&other, best));
    return wd_fail(r->err, WD_EPARSE, place_of(ref),
                   "'$ref' leads nowhere: '%s' is not there; define it, or mend the name",
                   wd_show(&shown, ref->text));
}

/* ---- files ---- */

static bool has_scheme(struct wd_bytes file)
{
    for (size_t i = 0; i < file.len; i++) {
        uint8_t c = file.at[i];
        bool is_letter = (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
        if (c == ':')
            return i > 0;
        if (!is_letter && (i == 0 || !((c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.')))
            return false;
    }
    return false;
}

static int fail_file(struct wd_resolver *r, const struct ref *ref, const char *why, const char *remedy)
{
    struct wd_shown shown;
    return wd_fail(r->err, WD_EPARSE, place_of(ref), "'$ref' to '%s' %s; %s", wd_show(&shown, ref->text), why,
                   remedy);
}

static int read_source(struct wd_resolver *r, const struct ref *ref, const char *path,
                       struct wd_document **out)
{
    struct wd_bytes text;
    if (r->root_fd < 0)
        return fail_file(r, ref, "cannot be followed: there is no root directory", "name one with --root");
    const char *why = wd_file_read_beneath(r->root_fd, path, r->limits->document, r->arena, &text);
    if (why)
        return fail_file(r, ref, why, "put the file there, or mend the path");
    const char *slash = r->root[0] && r->root[strlen(r->root) - 1] != '/' ? "/" : "";
    struct wd_bytes name = wd_arena_printf(r->arena, "%s%s%s", r->root, slash, path);
    bool is_proto = r->read_proto && wd_proto_recognise(path, wd_bytes_of("")) == WD_PROTO_TEXT;
    if (is_proto)
        TRY(r->read_proto(r->ctx, (const char *)name.at, text, out));
    else
        TRY(wd_document_parse((const char *)name.at, text, r->limits, r->arena, out, r->err));
    return add_source(r, *out, path);
}

static int find_file(struct wd_resolver *r, const struct ref *ref, struct wd_source **out)
{
    const struct wd_source *from = source_of(r, ref->from.document);
    if (has_scheme(ref->file))
        return fail_file(r, ref, "is not followed: only files below the root are",
                         "keep a copy beside the schema and refer to that");
    if (ref->file.at[0] == '/')
        return fail_file(r, ref, "is an absolute path", "write it relative to this file");
    const char *path =
        from->path ? wd_file_join(wd_file_directory(wd_bytes_of(from->path)), ref->file, r->arena) : NULL;
    if (!path)
        return fail_file(r, ref, "leads out of the root", "name a higher directory with --root");
    for (size_t i = 0; i < r->count; i++) {
        if (r->sources[i]->path && strcmp(r->sources[i]->path, path) == 0) {
            *out = r->sources[i];
            return WD_OK;
        }
    }
    struct wd_document *document;
    TRY(read_source(r, ref, path, &document));
    *out = source_of(r, document);
    return WD_OK;
}

/* ---- anchors ---- */

static const struct wd_node *following(const struct wd_node *node)
{
    if (node->first && !node->alias_of)
        return node->first;
    while (node && !node->next)
        node = node->parent;
    return node ? node->next : NULL;
}

/* In the order of the text, the first of equals wins; what an alias shares is seen where it was written. */
static void index_anchors(struct wd_source *source)
{
    static const char *const keys[] = { "$anchor", "$dynamicAnchor", "$id", "id" };
    source->anchors = wd_map_open();
    for (const struct wd_node *node = source->document->root; node; node = following(node)) {
        for (size_t i = 0; i < WD_COUNT(keys); i++) {
            const struct wd_node *name = wd_node_get(node, keys[i]);
            if (!name || name->kind != WD_NODE_STRING || !name->text.len)
                continue;
            struct wd_bytes text = name->text;
            if (i > 1 && text.at[0] == '#')
                text = wd_bytes_at(text.at + 1, text.len - 1);
            else if (i == 3)
                continue;   /* draft-04's `id` counts only as a fragment: elsewhere it is just a word */
            bool is_new;
            uint64_t *value = wd_map_put(source->anchors, text, &is_new);
            if (is_new)
                *value = (uint64_t)(uintptr_t)node;
        }
    }
}

static const struct wd_node *find_anchor(struct wd_source *source, struct wd_bytes name)
{
    if (!name.len)
        return NULL;
    if (!source->anchors)
        index_anchors(source);
    const uint64_t *value = wd_map_get(source->anchors, name);
    return value ? (const struct wd_node *)(uintptr_t)*value : NULL;
}

/* ---- pointers ---- */

static struct wd_bytes unescape(struct wd_bytes token, struct wd_arena *arena)
{
    uint8_t *text = wd_arena_alloc(arena, token.len + 1);
    size_t n = 0;
    for (size_t i = 0; i < token.len; i++) {
        bool is_code =
            token.at[i] == '~' && i + 1 < token.len && (token.at[i + 1] == '0' || token.at[i + 1] == '1');
        text[n++] = !is_code ? token.at[i] : token.at[i + 1] == '0' ? '~' : '/';
        i += is_code;
    }
    return wd_bytes_at(text, n);
}

static const struct wd_node *element(const struct wd_node *list, struct wd_bytes token)
{
    uint64_t index;
    if (!wd_bytes_uint(token, &index) || index >= list->count)
        return NULL;
    const struct wd_node *item = list->first;
    while (index--)
        item = item->next;
    return item;
}

static const struct wd_node *child(const struct wd_node *node, struct wd_bytes token)
{
    return node->kind == WD_NODE_LIST ? element(node, token) : wd_node_get_bytes(node, token);
}

static int resolve_at(struct wd_resolver *r, struct wd_site from, unsigned depth, struct wd_site *out);

/* The child, through references where the pointer passes one. */
static int step(struct wd_resolver *r, const struct ref *ref, struct wd_site *site, struct wd_bytes token)
{
    const struct wd_node *found = child(site->node, token);
    for (unsigned depth = ref->depth; !found && wd_ref_of(site->node); depth++) {
        if (depth >= CHAIN)
            return fail_file(r, ref, "passes through itself", "let it name the schema directly");
        TRY(resolve_at(r, *site, depth + 1, site));
        found = child(site->node, token);
    }
    if (found) {
        site->node = found;
        return WD_OK;
    }
    struct wd_nearest nearest = { .name = token };
    for (const struct wd_node *member = site->node->first; member; member = member->next)
        wd_nearest_try(&nearest, member->key);
    return fail_nowhere(r, ref, nearest.best);
}

static int follow_pointer(struct wd_resolver *r, const struct ref *ref, struct wd_site *site)
{
    struct wd_bytes rest = ref->fragment;
    while (rest.len) {
        rest = wd_bytes_at(rest.at + 1, rest.len - 1);
        const uint8_t *slash = rest.len ? memchr(rest.at, '/', rest.len) : NULL;
        size_t n = slash ? (size_t)(slash - rest.at) : rest.len;
        TRY(step(r, ref, site, unescape(wd_bytes_at(rest.at, n), r->arena)));
        rest = wd_bytes_at(rest.at + n, rest.len - n);
    }
    return WD_OK;
}

/* `depth` bounds the recursion: a pointer that passes a reference resolves that first. */
static int resolve_new(struct wd_resolver *r, struct wd_site from, unsigned depth, struct wd_site *out)
{
    struct ref ref;
    TRY(read_ref(r, from, depth, &ref));
    struct wd_source *source = source_of(r, from.document);
    const struct wd_node *start = find_anchor(source, ref.file);   /* a schema that is bundled under its $id
                                                                      */
    if (ref.file.len && !start) {
        TRY(find_file(r, &ref, &source));
        source->is_reached = true;
    }
    struct wd_site site = { source->document, start ? start : source->document->root };
    if (ref.fragment.len && ref.fragment.at[0] != '/') {
        site.node = find_anchor(source, ref.fragment);
        if (!site.node)
            return fail_nowhere(r, &ref, wd_bytes_of(""));
    } else {
        TRY(follow_pointer(r, &ref, &site));
    }
    *out = site;
    return WD_OK;
}

static int resolve_at(struct wd_resolver *r, struct wd_site from, unsigned depth, struct wd_site *out)
{
    const struct wd_node *node = wd_ref_of(from.node);
    struct wd_bytes key = wd_bytes_at(&node, sizeof node);
    const uint64_t *known = wd_map_get(r->known, key);
    if (known) {
        *out = r->targets[*known];
        return WD_OK;
    }
    TRY(resolve_new(r, from, depth, out));
    *wd_map_put(r->known, key, NULL) = r->target_count;
    WD_GROW(r->targets, r->target_count, r->target_cap);
    r->targets[r->target_count++] = *out;
    return WD_OK;
}

int wd_resolve(struct wd_resolver *r, struct wd_site from, struct wd_site *out)
{
    return resolve_at(r, from, 0, out);
}

int wd_resolve_all(struct wd_resolver *r, struct wd_site from, struct wd_site *out)
{
    struct wd_site site = from;
    for (unsigned n = 0; wd_ref_of(site.node); n++) {
        struct wd_shown shown;
        if (n == CHAIN || (n && site.node == from.node))
            return wd_fail(
                r->err, WD_EPARSE, wd_node_key_place(from.document, wd_ref_of(from.node)),
                "'$ref' goes in a circle: '%s' leads back to it; let one of them hold something else",
                wd_show(&shown, wd_ref_of(from.node)->text));
        TRY(resolve_at(r, site, 0, &site));
    }
    *out = site;
    return WD_OK;
}

struct wd_bytes wd_ref_key(struct wd_resolver *r, const struct wd_node *node)
{
    const struct wd_node *ref = wd_ref_of(node);
    if (!ref || ref->kind != WD_NODE_STRING)
        return wd_bytes_of("");
    struct wd_bytes text = ref->text;
    size_t n = text.len;
    while (n && text.at[n - 1] != '/' && text.at[n - 1] != '#')
        n--;
    return unescape(percent_decode(wd_bytes_at(text.at + n, text.len - n), r->arena), r->arena);
}
