/* Any text is read or refused with a place. What is read tells the truth: spans lie in the text, members in
 * their parents and in order, keys and scalars stand where they say; the canonical text is a fixed point. */
#include <assert.h>

#include "document/document.h"
#include "fuzz.h"

static void check_span(const struct wd_document *d, struct wd_span span)
{
    assert(span.off <= d->text.len && span.len <= d->text.len - span.off);
    assert(span.line >= 1 && span.column >= 1 && span.column <= span.off + 1);
}

static void check_member(const struct wd_document *d, const struct wd_node *parent,
                         const struct wd_node *node, size_t after)
{
    size_t end = parent->span.off + parent->span.len;
    assert(node->parent == parent);
    assert(node->span.off >= after && node->span.off + node->span.len <= end);
    if (parent->kind != WD_NODE_MAP)
        return;
    check_span(d, node->key_span);
    assert(node->key_span.off >= after && node->key_span.off + node->key_span.len <= node->span.off);
    assert(wd_node_get_bytes(parent, node->key) != NULL || node->is_merge);
}

static void check_scalar(const struct wd_document *d, const struct wd_node *node)
{
    const uint8_t *slice = d->text.at + node->span.off;
    if (d->is_json && node->kind != WD_NODE_STRING)
        assert(wd_bytes_eq(node->text, wd_bytes_at(slice, node->span.len)));
    if (d->is_json && node->kind == WD_NODE_STRING)
        assert(node->span.len >= 2 && slice[0] == '"' && slice[node->span.len - 1] == '"');
    if (!node->is_quoted && !node->alias_of && node->span.len)
        assert(slice[0] != ' ' && slice[node->span.len - 1] != '\n');
}

/* Depth is limited by the parser, so recursion is too. */
static void check(const struct wd_document *d, const struct wd_node *node)
{
    check_span(d, node->span);
    if (node->alias_of) {
        assert(d->text.at[node->span.off] == '*' && node->first == node->alias_of->first);
        return;
    }
    if (node->kind != WD_NODE_MAP && node->kind != WD_NODE_LIST) {
        check_scalar(d, node);
        return;
    }
    size_t after = node->span.off, count = 0;
    for (const struct wd_node *member = node->first; member; member = member->next, count++) {
        check_member(d, node, member, after);
        check(d, member);
        after = member->span.off + member->span.len;
    }
    assert(count == node->count);
}

static void check_fixed_point(const struct wd_document *d, const struct wd_limits *limits,
                              struct wd_arena *arena)
{
    struct wd_err err = { 0 };
    struct wd_document *again;
    struct wd_bytes text = wd_node_canonical(d->root, arena);
    bool is_collection = d->root->kind == WD_NODE_MAP || d->root->kind == WD_NODE_LIST;
    if (!is_collection || text.len > limits->document)
        return;   /* a bare scalar would be read as YAML */
    int rc = wd_document_parse("again", text, limits, arena, &again, &err);
    assert(rc == WD_OK);
    assert(wd_bytes_eq(wd_node_canonical(again->root, arena), text));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct wd_limits limits = wd_limits_default();
    limits.yaml_nodes = 20000;
    limits.document = 1 << 20;
    struct wd_arena *arena = wd_arena_open();
    struct wd_err err = { 0 };
    struct wd_document *document;
    if (wd_document_parse("x", wd_bytes_at(data, size), &limits, arena, &document, &err) == WD_OK) {
        check(document, document->root);
        check_fixed_point(document, &limits, arena);
    } else {
        assert(err.code == WD_EPARSE && err.text[0]);
    }
    wd_arena_close(arena);
    return 0;
}
