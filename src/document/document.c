#include "document/document.h"

#include <inttypes.h>
#include <strings.h>

#include "base/escape.h"
#include "base/file.h"
#include "document/tree.h"

static size_t byte_order_mark(struct wd_bytes text)
{
    return wd_bytes_starts(text, "\xef\xbb\xbf") ? 3 : 0;
}

static bool looks_like_json(struct wd_bytes text, size_t from)
{
    while (from < text.len && strchr(" \t\r\n", text.at[from]) && text.at[from])
        from++;
    return from < text.len && (text.at[from] == '{' || text.at[from] == '[');
}

static int check_utf8(struct wd_tree *tree, struct wd_bytes text)
{
    for (size_t off = 0, start = 0; off < text.len; start = off) {
        if (text.at[off] < 0x80)
            off++;
        else if (wd_utf8_next(text, &off) < 0)
            return wd_tree_fail(tree, start, "not UTF-8; save the file as UTF-8");
    }
    return WD_OK;
}

static bool ends_with(const char *name, const char *end)
{
    size_t length = strlen(name), tail = strlen(end);
    return length >= tail && strcasecmp(name + length - tail, end) == 0;
}

/* What is called YAML and begins like JSON may be either: the flow style. */
static bool is_json(const struct wd_tree *tree, size_t from)
{
    const struct wd_document *d = tree->document;
    if (!looks_like_json(d->text, from))
        return false;
    if (!ends_with(d->name, ".yaml") && !ends_with(d->name, ".yml"))
        return true;
    struct wd_arena *scratch = wd_arena_open();
    struct wd_document trial = { .name = d->name, .text = d->text };
    struct wd_err why = { 0 };
    struct wd_tree tried = { .document = &trial, .limits = tree->limits, .arena = scratch, .err = &why,
                             .ruler = wd_ruler_make(trial.text, scratch) };
    bool reads = wd_json_document(&tried, from) >= 0;
    wd_tree_end(&tried);
    wd_arena_close(scratch);
    return reads;
}

static int parse(struct wd_tree *tree, struct wd_bytes text)
{
    size_t from = byte_order_mark(text);
    TRY(check_utf8(tree, text));
    tree->document->is_json = is_json(tree, from);
    if (tree->document->is_json)
        return wd_json_document(tree, from);
    TRY(wd_yaml_document(tree, from));
    if (tree->document->root)
        return WD_OK;
    struct wd_node nothing = { .span = wd_ruler_span(&tree->ruler, from, from) }, *node;
    return wd_tree_add(tree, &nothing, 0, 0, &node);
}

int wd_document_parse(const char *name, struct wd_bytes text, const struct wd_limits *limits,
                      struct wd_arena *arena, struct wd_document **out, struct wd_err *err)
{
    const char *kept = wd_arena_string(arena, wd_bytes_of(name));
    if (text.len > limits->document)
        return wd_fail(err, WD_EPARSE, (struct wd_place){ .file = kept },
                       "larger than %" PRIu64 " bytes; raise it with --limit document=...", limits->document);
    struct wd_document *document = wd_arena_new(arena, struct wd_document);
    *document = (struct wd_document){ .name = kept, .text = wd_arena_copy(arena, text) };
    struct wd_tree tree = { .document = document, .limits = limits, .arena = arena, .err = err,
                            .ruler = wd_ruler_make(document->text, arena) };
    int rc = parse(&tree, document->text);
    wd_tree_end(&tree);
    if (rc >= 0)
        *out = document;
    return rc;
}

int wd_document_read(const char *name, const struct wd_limits *limits, struct wd_arena *arena,
                     struct wd_document **out, struct wd_err *err)
{
    struct wd_bytes text;
    TRY(wd_file_read(name, limits->document, arena, &text, err));
    return wd_document_parse(name, text, limits, arena, out, err);
}
