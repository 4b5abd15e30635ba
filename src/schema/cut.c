/* schema/cut.c
 *
 *     properties:            block: the lines of a member, and the comment above it
 *       # who is on call     <- goes
 *       owner:               <- goes
 *         type: string       <- goes
 *       cpu: ...
 *
 *     {"a": 1, "b": 2}       flow: up to the next member, or from the end of the one before
 *      ------^               a goes
 *            ^------         b goes
 */
#include "schema/cut.h"

#include "base/buf.h"
#include "schema/links.h"

void wd_gone_add(struct wd_gone *gone, const struct wd_node *node)
{
    wd_map_put(gone->set, wd_bytes_at(&node, sizeof node), NULL);
}

bool wd_gone_has(const struct wd_gone *gone, const struct wd_node *node)
{
    return wd_map_get(gone->set, wd_bytes_at(&node, sizeof node)) != NULL;
}

bool wd_gone_covers(const struct wd_gone *gone, const struct wd_node *node)
{
    while (node && !wd_gone_has(gone, node))
        node = node->parent;
    return node != NULL;
}

struct cutter {
    struct wd_bytes text;
    const struct wd_gone *gone;
    struct wd_buf out;
    size_t copied;          /* up to here the old text is dealt with */
    struct wd_edit_result result;
};

static size_t count_lines(struct wd_bytes text)
{
    size_t lines = 0;
    for (size_t i = 0; i < text.len; i++)
        lines += text.at[i] == '\n';
    return lines;
}

static void copy_to(struct cutter *c, size_t off)
{
    if (off > c->copied) {
        wd_buf_put(&c->out, wd_bytes_at(c->text.at + c->copied, off - c->copied));
        c->copied = off;
    }
}

static void cut(struct cutter *c, size_t start, size_t end)
{
    copy_to(c, start);
    if (end > c->copied)
        c->copied = end;
}

/* --- places --- */

static size_t start_of(const struct wd_node *n)
{
    if (n->key_span.len)
        return n->key_span.off;
    return n->anchor.len && n->anchor.off < n->span.off ? n->anchor.off : n->span.off;
}

static size_t end_of(const struct wd_node *n)
{
    size_t end = n->span.off + n->span.len, key_end = n->key_span.off + n->key_span.len;
    return end > key_end ? end : key_end;
}

static size_t line_start(struct wd_bytes text, size_t off)
{
    while (off > 0 && text.at[off - 1] != '\n')
        off--;
    return off;
}

/* Behind the line break of the line that `off` is on. */
static size_t line_end(struct wd_bytes text, size_t off)
{
    while (off < text.len && text.at[off] != '\n')
        off++;
    return off < text.len ? off + 1 : off;
}

static size_t indent_of(struct wd_bytes text, size_t line)
{
    size_t off = line;
    while (off < text.len && text.at[off] == ' ')
        off++;
    return off - line;
}

/* Comments that stand directly above and are indented alike belong to what follows. */
static size_t above_comments(struct wd_bytes text, size_t line)
{
    size_t indent = indent_of(text, line);
    while (line > 0) {
        size_t above = line_start(text, line - 1), mark = above + indent;
        if (indent_of(text, above) != indent || mark >= text.len || text.at[mark] != '#')
            break;
        line = above;
    }
    return line;
}

/* --- block style --- */

/* The first member of a map that is itself a list item shares the line with its dash: the dash must stay. */
static bool shares_line(struct wd_bytes text, const struct wd_node *n)
{
    size_t start = start_of(n), line = line_start(text, start);
    if (n->parent->kind == WD_NODE_LIST)
        return false;
    return line + indent_of(text, line) != start;
}

static void cut_block_item(struct cutter *c, const struct wd_node *n)
{
    if (shares_line(c->text, n) && n->next) {
        cut(c, start_of(n), start_of(n->next));
        return;
    }
    size_t line = line_start(c->text, start_of(n));
    size_t end = n->span.len ? end_of(n) - 1 : end_of(n);
    cut(c, above_comments(c->text, line), line_end(c->text, end));
}

/* --- flow style: runs of neighbours go together --- */

static void cut_flow(struct cutter *c, const struct wd_node *parent)
{
    const struct wd_node *kept = NULL;
    for (const struct wd_node *n = parent->first; n;) {
        if (!wd_gone_has(c->gone, n)) {
            kept = n;
            n = n->next;
            continue;
        }
        const struct wd_node *last = n;
        while (last->next && wd_gone_has(c->gone, last->next))
            last = last->next;
        if (last->next)
            cut(c, start_of(n), start_of(last->next));
        else
            cut(c, kept ? end_of(kept) : start_of(n), end_of(last));
        n = last->next;
    }
}

static bool loses_children(const struct wd_gone *gone, const struct wd_node *node)
{
    for (const struct wd_node *c = node->alias_of ? NULL : node->first; c; c = c->next)
        if (wd_gone_has(gone, c))
            return true;
    return false;
}

static struct wd_edit_result finish(struct cutter *c, const struct wd_document *document, struct wd_arena *arena)
{
    copy_to(c, c->text.len);
    c->result.document = document;
    c->result.text = wd_arena_copy(arena, wd_buf_bytes(&c->out));
    wd_buf_free(&c->out);
    return c->result;
}

struct wd_edit_result wd_cut_document(const struct wd_document *document, const struct wd_gone *gone, struct wd_arena *arena)
{
    struct cutter c = { .text = document->text, .gone = gone };
    const struct wd_node *root = document->root;
    /* Nodes come in the order of the text; what is inside a cut lies before `copied` and changes nothing. */
    for (const struct wd_node *n = root; n; n = wd_node_after(n, root)) {
        if (n->is_flow && loses_children(gone, n))
            cut_flow(&c, n);
        else if (n->parent && !n->parent->is_flow && wd_gone_has(gone, n) && start_of(n) >= c.copied)
            cut_block_item(&c, n);
    }
    struct wd_edit_result result = finish(&c, document, arena);
    result.lines_removed = count_lines(document->text) - count_lines(result.text);
    return result;
}

/* --- deprecation --- */

static void insert(struct cutter *c, size_t off, struct wd_bytes text)
{
    copy_to(c, off);
    wd_buf_put(&c->out, text);
    c->result.lines_added += count_lines(text);
}

static void deprecate_flow(struct cutter *c, const struct wd_node *schema, bool is_json)
{
    const char *word = is_json ? "\"deprecated\": true" : "deprecated: true";
    size_t inside = schema->span.off + 1;
    struct wd_buf text = { 0 };
    struct wd_bytes space = { 0 };
    if (schema->first)
        space = wd_bytes_at(c->text.at + inside, start_of(schema->first) - inside);
    wd_buf_put(&text, space);
    wd_buf_puts(&text, word);
    if (schema->first)
        wd_buf_byte(&text, ',');
    if (schema->first && !space.len)
        wd_buf_byte(&text, ' ');
    insert(c, inside, wd_buf_bytes(&text));
    wd_buf_free(&text);
}

static void deprecate_block(struct cutter *c, const struct wd_node *schema)
{
    size_t start = start_of(schema->first), line = line_start(c->text, start);
    struct wd_buf text = { 0 };
    for (size_t i = line; i < start; i++)
        wd_buf_byte(&text, ' ');
    wd_buf_puts(&text, "deprecated: true\n");
    insert(c, line, wd_buf_bytes(&text));
    wd_buf_free(&text);
}

struct wd_edit_result wd_cut_deprecate(const struct wd_document *document, const struct wd_gone *marked, struct wd_arena *arena)
{
    struct cutter c = { .text = document->text, .gone = marked };
    for (const struct wd_node *n = document->root; n; n = wd_node_after(n, document->root)) {
        if (!wd_gone_has(marked, n) || n->kind != WD_NODE_MAP || n->alias_of || wd_node_get(n, "deprecated"))
            continue;
        if (n->is_flow)
            deprecate_flow(&c, n, document->is_json);
        else if (n->first)
            deprecate_block(&c, n);
    }
    return finish(&c, document, arena);
}
