/* schema/cut.c
 *
 *     properties:            block: the lines of an entry, the comment above it, and one below that is deeper
 *       # who is on call     <- goes
 *       owner:               <- goes
 *         type: string       <- goes
 *         # format: email    <- goes
 *       cpu: ...
 *
 *     - a: 1                 the dash stays, whatever is behind it: `- b: 2`
 *       b: 2
 *
 *     {"a": 1, "b": 2}       flow: up to the next entry, or from the end of the one before
 *      ------^               a goes
 *            ^------         b goes
 *     [ a,                   an entry that has its lines for itself goes with them
 *       b,   # goes
 *       c ]
 *     [ a                    a comma in front goes with what stands behind it
 *     , b                    <- goes
 *     , c ]
 */
#include "schema/cut.h"

#include "schema/links.h"
#include "schema/patch.h"

/* ---- sets of nodes ---- */

bool wd_gone_add(struct wd_gone *gone, const struct wd_node *node, struct wd_cause cause)
{
    bool is_new;
    uint64_t *value = wd_map_put(gone->set, wd_bytes_at(&node, sizeof node), &is_new);
    if (is_new)
        *value = (uint64_t)cause.target << 1 | cause.is_reference;
    return is_new;
}

bool wd_gone_has(const struct wd_gone *gone, const struct wd_node *node)
{
    return wd_map_get(gone->set, wd_bytes_at(&node, sizeof node)) != NULL;
}

const struct wd_node *wd_gone_cover(const struct wd_gone *gone, const struct wd_node *node)
{
    while (node && !wd_gone_has(gone, node))
        node = node->parent;
    return node;
}

struct wd_cause wd_gone_cause(const struct wd_gone *gone, const struct wd_node *node)
{
    uint64_t value = *wd_map_get(gone->set, wd_bytes_at(&node, sizeof node));
    return (struct wd_cause){(uint32_t)(value >> 1), value & 1};
}

/* ---- places ---- */

struct cutter {
    struct wd_bytes text;
    const struct wd_gone *gone;
    struct wd_patch patch;
};

static void cut(struct cutter *c, size_t start, size_t end)
{
    wd_patch_add(&c->patch, start, end, wd_bytes_of(""));
}

static bool is_at(struct wd_bytes text, size_t off, char c)
{
    return off < text.len && text.at[off] == (uint8_t)c;
}

static size_t end_of(const struct wd_node *n)
{
    size_t end = n->span.off + n->span.len, key_end = n->key_span.off + n->key_span.len;
    return end > key_end ? end : key_end;
}

static bool has_brackets(struct wd_bytes text, const struct wd_node *collection)
{
    return is_at(text, collection->span.off, collection->kind == WD_NODE_MAP ? '{' : '[');
}

/* Where an entry begins, with its dash, question mark, anchor and tag: behind the entry before it. */
static size_t entry_start(struct wd_bytes text, const struct wd_node *parent, const struct wd_node *before)
{
    if (!parent->is_flow)
        return before ? wd_skip_space(text, end_of(before), true) : parent->span.off;
    size_t off = before ? end_of(before) : parent->span.off + has_brackets(text, parent);
    off = wd_skip_space(text, off, true);
    return before && is_at(text, off, ',') ? wd_skip_space(text, off + 1, true) : off;
}

static const struct wd_node *before(const struct wd_node *n)
{
    const struct wd_node *sibling = n->parent->first;
    if (sibling == n)
        return NULL;
    while (sibling->next != n)
        sibling = sibling->next;
    return sibling;
}

/* Behind the colon or dash, the tag and the anchor that announce a value. */
static size_t value_mark(struct wd_bytes text, const struct wd_node *n)
{
    size_t mark = 0;
    if (n->parent && n->parent->kind == WD_NODE_MAP)
        mark = wd_skip_space(text, n->key_span.off + n->key_span.len, true) + 1;
    else if (n->parent)
        mark = entry_start(text, n->parent, before(n)) + !n->parent->is_flow;
    for (;;) {
        size_t off = wd_skip_space(text, mark, true);
        if (off >= n->span.off || (!is_at(text, off, '&') && !is_at(text, off, '!')))
            return mark;
        while (off < n->span.off && wd_skip_space(text, off, true) == off)
            off++;
        mark = off;
    }
}

/* Comments that stand directly above and are indented alike belong to what follows. */
static size_t with_comments_above(struct wd_bytes text, size_t line, size_t floor)
{
    size_t indent = wd_line_indent(text, line);
    while (line > floor) {
        size_t above = wd_line_start(text, line - 1);
        if (above < floor || wd_line_indent(text, above) != indent || !is_at(text, above + indent, '#'))
            break;
        line = above;
    }
    return line;
}

/* Comments directly below that are deeper belong to what stood above. */
static size_t with_comments_below(struct wd_bytes text, size_t line, size_t indent)
{
    while (line < text.len) {
        size_t deeper = wd_line_indent(text, line);
        if (deeper <= indent || !is_at(text, line + deeper, '#'))
            break;
        line = wd_line_end(text, line);
    }
    return line;
}

static bool begins_line(struct wd_bytes text, size_t off)
{
    return wd_skip_space(text, wd_line_start(text, off), false) >= off;
}

/* ---- runs of neighbours that go ---- */

struct run {
    const struct wd_node *parent, *kept, *first, *last; /* kept: the entry before, NULL at the start */
    size_t start, end;
};

/* Nothing above this belongs to the run. */
static size_t floor_of(struct wd_bytes text, const struct run *r)
{
    if (r->kept)
        return wd_line_end(text, end_of(r->kept));
    return r->parent->is_flow  ? wd_line_end(text, r->parent->span.off)
           : r->parent->parent ? wd_line_end(text, value_mark(text, r->parent))
                               : 0;
}

static bool is_blank(struct wd_bytes text, size_t line)
{
    size_t off = wd_skip_space(text, line, false);
    return line < text.len && (off == text.len || text.at[off] == '\r' || text.at[off] == '\n');
}

/* What stood between two empty lines leaves one. */
static size_t with_blanks_below(struct wd_bytes text, size_t start, size_t end)
{
    if (start && is_blank(text, wd_line_start(text, start - 1)))
        while (is_blank(text, end))
            end = wd_line_end(text, end);
    return end;
}

static void cut_lines(struct cutter *c, const struct run *r, size_t end)
{
    size_t line = wd_line_start(c->text, r->start), floor = floor_of(c->text, r);
    size_t start = floor < line ? with_comments_above(c->text, line, floor) : line;
    end = with_comments_below(c->text, end, wd_line_indent(c->text, line));
    cut(c, start, with_blanks_below(c->text, start, end));
}

static void cut_block_run(struct cutter *c, const struct run *r)
{
    size_t end = wd_line_end(c->text, r->end);
    if (begins_line(c->text, r->start)) {
        cut_lines(c, r, end);
        return;
    }
    for (size_t next = end; next < c->text.len; next = wd_line_end(c->text, next)) {
        end = wd_skip_space(c->text, next, false); /* past empty lines, up to a comment or the next entry */
        if (end < c->text.len && c->text.at[end] != '\r' && c->text.at[end] != '\n')
            break;
    }
    cut(c, r->start, end);
}

/* What stands behind the run on its line: a comma, a comment, or another entry. */
struct behind {
    bool has_comma, ends_line;
    size_t end; /* of the run and its comma */
    size_t line_break, line_end;
};

static struct behind look_behind(struct wd_bytes text, const struct run *r)
{
    struct behind b = {0};
    size_t off = wd_skip_space(text, r->end, false);
    b.has_comma = is_at(text, off, ',');
    b.end = b.has_comma ? off + 1 : r->end;
    off = wd_skip_space(text, b.end, false);
    b.ends_line =
        off >= text.len || is_at(text, off, '#') || is_at(text, off, '\r') || is_at(text, off, '\n');
    b.line_break = b.line_end = wd_line_end(text, off);
    while (b.line_break > off && (text.at[b.line_break - 1] == '\n' || text.at[b.line_break - 1] == '\r'))
        b.line_break--;
    return b;
}

/* The comma behind the entry that is the last now; one at the very end is allowed in YAML, and kept where it
 * was. */
static void cut_comma(struct cutter *c, const struct wd_node *kept)
{
    size_t comma = wd_skip_space(c->text, end_of(kept), true);
    if (is_at(c->text, comma, ','))
        cut(c, comma, comma + 1);
}

static bool has_comment(struct wd_bytes text, size_t from, size_t to)
{
    return to > from && memchr(text.at + from, '#', to - from);
}

/* Whether a comma that stands on a line below its entry parts it from the next. */
static bool is_comma_first(struct wd_bytes text, const struct wd_node *entry)
{
    size_t comma = wd_skip_space(text, end_of(entry), true);
    return is_at(text, comma, ',') && comma > end_of(entry) && begins_line(text, comma);
}

static void cut_comma_first_run(struct cutter *c, const struct run *r)
{
    if (r->kept && !has_comment(c->text, end_of(r->kept), r->start))
        cut(c, end_of(r->kept), r->end);
    else
        cut(c, r->start, entry_start(c->text, r->parent, r->last));
}

static void cut_flow_run(struct cutter *c, const struct run *r)
{
    struct behind b = look_behind(c->text, r);
    const struct wd_node *next = r->last->next;
    if (is_comma_first(c->text, next ? r->last : r->kept) &&
        (next || !has_comment(c->text, end_of(r->kept), r->end)))
        cut_comma_first_run(c, r);
    else if (begins_line(c->text, r->start) && b.ends_line) {
        cut_lines(c, r, b.line_end);
        if (!next && !b.has_comma)
            cut_comma(c, r->kept);
    } else if (next && b.ends_line) {
        size_t start = r->start;
        while (start > r->parent->span.off && (c->text.at[start - 1] == ' ' || c->text.at[start - 1] == '\t'))
            start--;
        cut(c, start, b.line_break);
    } else if (next) {
        cut(c, r->start, entry_start(c->text, r->parent, r->last));
    } else if (has_comment(c->text, end_of(r->kept), r->start)) {
        cut(c, r->start, b.end); /* the comma before the comment is the last now: YAML allows that */
    } else {
        cut(c, end_of(r->kept), r->end);
    }
}

static void cut_runs(struct cutter *c, const struct wd_node *parent)
{
    struct run r = {.parent = parent};
    const struct wd_node *previous = NULL;
    for (const struct wd_node *n = parent->first; n; previous = n, n = n->next) {
        if (!wd_gone_has(c->gone, n)) {
            r.kept = n;
            continue;
        }
        r.first = r.last = n;
        r.start = entry_start(c->text, parent, previous);
        while (r.last->next && wd_gone_has(c->gone, r.last->next))
            r.last = r.last->next;
        r.end = end_of(r.last);
        n = r.last;
        if (parent->is_flow)
            cut_flow_run(c, &r);
        else
            cut_block_run(c, &r);
    }
}

/* ---- collections that stay without an entry ---- */

static void empty_flow(struct cutter *c, const struct wd_node *n)
{
    bool is_map = n->kind == WD_NODE_MAP;
    size_t end = n->span.off + n->span.len;
    if (has_brackets(c->text, n))
        cut(c, n->span.off + 1, end - 1);
    else
        wd_patch_add(&c->patch, n->span.off, end, wd_bytes_of(is_map ? "{}" : "[]"));
}

static void empty_block(struct cutter *c, const struct wd_node *n)
{
    size_t mark = n->parent ? value_mark(c->text, n) : 0, line = wd_line_start(c->text, n->span.off),
           end = end_of(n);
    bool is_map = n->kind == WD_NODE_MAP;
    if (line <= mark) { /* it begins on the line that announces it */
        wd_patch_add(&c->patch, n->span.off, end, wd_bytes_of(is_map ? "{}" : "[]"));
        return;
    }
    wd_patch_add(&c->patch, mark, mark, wd_bytes_of(is_map ? " {}" : " []"));
    size_t start = with_comments_above(c->text, line, wd_line_end(c->text, mark));
    cut(c, start, with_comments_below(c->text, wd_line_end(c->text, end), wd_line_indent(c->text, line)));
}

static size_t count_gone(const struct wd_gone *gone, const struct wd_node *node)
{
    size_t count = 0;
    for (const struct wd_node *c = node->alias_of ? NULL : node->first; c; c = c->next)
        count += wd_gone_has(gone, c);
    return count;
}

static void cut_entries(struct cutter *c, const struct wd_node *n)
{
    size_t count = count_gone(c->gone, n);
    if (!count)
        return;
    if (count < n->count)
        cut_runs(c, n);
    else if (n->is_flow)
        empty_flow(c, n);
    else
        empty_block(c, n);
}

/* ---- the new text holds the old tree, less what went ---- */

static const struct wd_node *staying(const struct wd_gone *gone, const struct wd_node *n)
{
    while (n && wd_gone_has(gone, n))
        n = n->next;
    return n;
}

static struct wd_bytes token(const struct wd_document *document, struct wd_span span)
{
    return wd_bytes_at(document->text.at + span.off, span.len);
}

static bool is_same(const struct wd_document *a, const struct wd_node *x, const struct wd_document *b,
                    const struct wd_node *y)
{
    bool is_collection = x->kind == WD_NODE_MAP || x->kind == WD_NODE_LIST;
    if (x->kind != y->kind || !wd_bytes_eq(x->key, y->key) || (x->alias_of == NULL) != (y->alias_of == NULL))
        return false;
    if (!wd_bytes_eq(token(a, x->anchor), token(b, y->anchor)))
        return false;
    if (x->alias_of)
        return wd_bytes_eq(token(a, x->span), token(b, y->span));
    return is_collection || (wd_bytes_eq(x->text, y->text) && x->is_quoted == y->is_quoted);
}

/* Both walks side by side. */
static bool holds_the_rest(const struct wd_document *old, const struct wd_document *new,
                           const struct wd_gone *gone)
{
    const struct wd_node *x = old->root, *y = new->root;
    while (is_same(old, x, new, y)) {
        const struct wd_node *first = x->alias_of ? NULL : staying(gone, x->first);
        const struct wd_node *now = y->alias_of ? NULL : y->first;
        if ((first == NULL) != (now == NULL))
            return false;
        if (first) {
            x = first;
            y = now;
            continue;
        }
        for (;;) {
            if (x == old->root || y == new->root)
                return x == old->root && y == new->root;
            const struct wd_node *next = staying(gone, x->next);
            if ((next == NULL) != (y->next == NULL))
                return false;
            x = next ? next : x->parent;
            y = next ? y->next : y->parent;
            if (next)
                break;
        }
    }
    return false;
}

static struct wd_limits no_limits(void)
{
    struct wd_limits limits = wd_limits_default();
    limits.document = limits.yaml_depth = limits.yaml_nodes = limits.yaml_aliases =
        UINT64_MAX; /* the old text was fine */
    return limits;
}

static int check(const struct wd_document *document, const struct wd_gone *gone, struct wd_bytes text,
                 struct wd_arena *arena, struct wd_err *err)
{
    struct wd_limits limits = no_limits();
    struct wd_document *again = NULL;
    struct wd_err other = {0};
    if (wd_document_parse(document->name, text, &limits, arena, &again, &other) == WD_ESYSTEM)
        return wd_fail(err, WD_ESYSTEM, (struct wd_place){.file = document->name},
                       "cannot be read again: no memory; give the process more memory");
    if (again && holds_the_rest(document, again, gone))
        return WD_OK;
    struct wd_place at = {.file = document->name};
    for (const struct wd_node *n = document->root; n && !at.line; n = wd_node_after(n, document->root))
        if (wd_gone_has(gone, n))
            at = wd_node_key_place(document, n);
    return wd_fail(err, WD_EPARSE, at,
                   "what is written from here on cannot be cut out of the text; "
                   "write each entry on a line of its own, or suppress the finding");
}

int wd_cut_document(const struct wd_document *document, const struct wd_gone *gone, struct wd_arena *arena,
                    struct wd_edit_result *out, struct wd_err *err)
{
    struct cutter c = {.text = document->text, .gone = gone, .patch = {.text = document->text}};
    const struct wd_node *root = document->root, *n = root;
    while (n && !wd_gone_has(gone, root)) {
        bool is_gone = wd_gone_has(gone, n);
        if (!is_gone)
            cut_entries(&c, n);
        n = is_gone ? wd_node_past(n, root) : wd_node_after(n, root);
    }
    bool is_changed = c.patch.count > 0;
    struct wd_bytes text = wd_patch_make(&c.patch, arena);
    if (is_changed)
        TRY(check(document, gone, text, arena, err));
    *out = (struct wd_edit_result){.document = document,
                                   .text = text,
                                   .lines_removed = wd_line_count(document->text) - wd_line_count(text)};
    return WD_OK;
}
