#include "schema/links.h"

#include "base/buf.h"
#include "schema/files.h"

const struct wd_node *wd_node_after(const struct wd_node *node, const struct wd_node *root)
{
    if (node->first && !node->alias_of)
        return node->first;
    while (node != root && !node->next)
        node = node->parent;
    return node == root ? NULL : node->next;
}

static int hex(uint8_t c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* One step of a JSON Pointer in a URI fragment: %XX, then ~1 and ~0. */
static void decode_step(struct wd_bytes step, struct wd_buf *out)
{
    wd_buf_reset(out);
    for (size_t i = 0; i < step.len; i++) {
        uint8_t c = step.at[i];
        if (c == '%' && step.len - i > 2 && hex(step.at[i + 1]) >= 0 && hex(step.at[i + 2]) >= 0) {
            c = (uint8_t)(hex(step.at[i + 1]) << 4 | hex(step.at[i + 2]));
            i += 2;
        } else if (c == '~' && step.len - i > 1 && (step.at[i + 1] == '0' || step.at[i + 1] == '1')) {
            c = step.at[++i] == '1' ? '/' : '~';
        }
        wd_buf_byte(out, c);
    }
}

static const struct wd_node *child(const struct wd_node *node, struct wd_bytes step)
{
    uint64_t index;
    if (node->kind == WD_NODE_MAP)
        return wd_node_get_bytes(node, step);
    if (node->kind != WD_NODE_LIST || !wd_bytes_uint(step, &index))
        return NULL;
    const struct wd_node *item = node->first;
    while (item && index--)
        item = item->next;
    return item;
}

enum { REFS_ON_THE_WAY = 32 };

struct place { const struct wd_document *document; const struct wd_node *node; };

static struct place target_of(const struct wd_schema *schema, const struct wd_document *from, struct wd_bytes ref, int budget);

/* A pointer may pass through references: #/channels/live/messages/x where `live` is one. */
static struct place follow(const struct wd_schema *schema, struct place at, int budget)
{
    const struct wd_node *ref = at.node ? wd_node_get(at.node, "$ref") : NULL;
    if (!ref || ref->kind != WD_NODE_STRING)
        return at;
    return budget ? target_of(schema, at.document, ref->text, budget - 1) : (struct place){ 0 };
}

static struct place walk_pointer(const struct wd_schema *schema, struct place at, struct wd_bytes pointer, int budget)
{
    struct wd_buf step = { 0 };
    for (size_t off = 0; at.node && off < pointer.len;) {
        size_t end = ++off;
        while (end < pointer.len && pointer.at[end] != '/')
            end++;
        decode_step(wd_bytes_at(pointer.at + off, end - off), &step);
        const struct wd_node *next = child(at.node, wd_buf_bytes(&step));
        if (!next) {
            at = follow(schema, at, budget);
            next = at.node ? child(at.node, wd_buf_bytes(&step)) : NULL;
        }
        at.node = next;
        off = end;
    }
    wd_buf_free(&step);
    return at;
}

static const struct wd_document *document_of(const struct wd_schema *schema, const struct wd_document *from, struct wd_bytes file)
{
    if (!file.len)
        return from;
    struct wd_bytes directory = wd_file_directory(wd_bytes_of(from->name));
    const char *name = wd_file_join(directory, file, schema->arena);
    for (size_t i = 0; name && i < schema->document_count; i++) {
        const char *own = wd_file_join((struct wd_bytes){ 0 }, wd_bytes_of(schema->documents[i]->name), schema->arena);
        if (strcmp(own ? own : schema->documents[i]->name, name) == 0)
            return schema->documents[i];
    }
    return NULL;
}

static struct place target_of(const struct wd_schema *schema, const struct wd_document *from, struct wd_bytes ref, int budget)
{
    const uint8_t *hash = memchr(ref.at, '#', ref.len);
    struct wd_bytes file = wd_bytes_at(ref.at, hash ? (size_t)(hash - ref.at) : ref.len);
    struct wd_bytes pointer = hash ? wd_bytes_at(hash + 1, ref.len - file.len - 1) : (struct wd_bytes){ 0 };
    const struct wd_document *document = document_of(schema, from, file);
    if (!document || (pointer.len && pointer.at[0] != '/'))
        return (struct place){ 0 };
    return walk_pointer(schema, (struct place){ document, document->root }, pointer, budget);
}

struct wd_links wd_links_of(const struct wd_schema *schema)
{
    struct wd_links links = { 0 };
    for (size_t d = 0; d < schema->document_count; d++) {
        const struct wd_document *document = schema->documents[d];
        for (const struct wd_node *n = document->root; n; n = wd_node_after(n, document->root)) {
            if (!wd_bytes_is(n->key, "$ref") || n->kind != WD_NODE_STRING || !n->parent || n->parent->kind != WD_NODE_MAP)
                continue;
            WD_GROW(links.at, links.count, links.cap);
            links.at[links.count++] = (struct wd_link){ n->parent, target_of(schema, document, n->text, REFS_ON_THE_WAY).node };
        }
    }
    return links;
}

void wd_links_free(struct wd_links *links)
{
    wd_free(links->at);
    *links = (struct wd_links){ 0 };
}
