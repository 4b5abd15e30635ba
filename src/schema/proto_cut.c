/* What goes of a text, and what is written where it stood:
 *
 *     // about a           a comment of its own, above        |
 *     string a = 1;  // a  the declaration, and one behind    | one region, of whole lines
 *     string b = 2; string c = 3;                              a region within a line: b and the blank behind
 */
#include "schema/proto_cut.h"

#include <stdlib.h>

#include "base/buf.h"
#include "schema/links.h"
#include "schema/patch.h"
#include "schema/proto_path.h"

enum { COLUMNS = 100 };

struct region {
    size_t start, end;
    const struct wd_node *node;      /* the first that goes with it */
    struct wd_bytes put;             /* in its place */
};

struct cutter {
    const struct wd_proto_file *file;
    const struct wd_gone *gone;
    struct wd_arena *arena;
    struct wd_proto_tokens tokens;
    struct region *regions;          /* as they follow in the text */
    size_t count, cap;
    struct wd_proto_change *changes;
    size_t change_count, change_cap;
};

/* --- regions --- */

static bool is_space(uint8_t c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

static size_t back_over_space(struct wd_bytes text, size_t off)
{
    while (off > 0 && is_space(text.at[off - 1]))
        off--;
    return off;
}

static size_t over_space(struct wd_bytes text, size_t off)
{
    while (off < text.len && is_space(text.at[off]))
        off++;
    return off;
}

static bool begins_line(struct wd_bytes text, size_t off)
{
    size_t at = back_over_space(text, off);
    return at == 0 || text.at[at - 1] == '\n';
}

static bool ends_line(struct wd_bytes text, size_t off)
{
    size_t at = over_space(text, off);
    return at == text.len || text.at[at] == '\n';
}

/* What follows a closing brace is its own only on the same line. */
static size_t end_with_comment(const struct cutter *c, const struct wd_node *node)
{
    struct wd_bytes text = c->tokens.text;
    size_t end = node->span.off + node->span.len;
    struct wd_proto_gap gap = wd_proto_gap_of(&c->tokens, wd_proto_tokens_find(&c->tokens, end));
    bool is_block = text.at[end - 1] == '}';
    bool is_same_line = gap.behind.end && !memchr(text.at + end, '\n', gap.behind.start - end);
    return gap.behind.end && (!is_block || is_same_line) ? gap.behind.end : end;
}

static void add_region(struct cutter *c, const struct wd_node *node)
{
    size_t start = node->span.off;
    struct wd_proto_gap gap = wd_proto_gap_of(&c->tokens, wd_proto_tokens_find(&c->tokens, start));
    WD_GROW(c->regions, c->count, c->cap);
    c->regions[c->count++] = (struct region){ .start = gap.above.end ? gap.above.start : start,
                                              .end = end_with_comment(c, node),
                                              .node = node };
}

/* The topmost of those that go, in the order of the text. */
static void find_regions(struct cutter *c)
{
    const struct wd_node *root = c->file->document->root, *n = root->first;
    while (n) {
        if (wd_gone_has(c->gone, n)) {
            add_region(c, n);
            n = wd_node_past(n, root);
        } else {
            n = wd_node_after(n, root);
        }
    }
}

static size_t line_below(struct wd_bytes text, size_t off)
{
    size_t at = over_space(text, off);
    return at < text.len && text.at[at] == '\n' ? over_space(text, at + 1) : at;
}

/* Neighbours on a line go together, so that a line that loses all goes as a whole; and so do lines. */
static void join_neighbours(struct cutter *c)
{
    struct wd_bytes text = c->tokens.text;
    size_t kept = 0;
    for (size_t i = 1; i < c->count; i++) {
        struct region *last = &c->regions[kept], *next = &c->regions[i];
        bool is_on_line = over_space(text, last->end) >= next->start;
        bool is_below = begins_line(text, last->start) && line_below(text, last->end) >= next->start &&
                        ends_line(text, next->end);
        if (is_on_line || is_below) {
            last->end = next->end;
            if (!last->put.len)
                last->put = next->put;
        } else {
            c->regions[++kept] = *next;
        }
    }
    c->count = c->count ? kept + 1 : 0;
}

static struct region *region_of(struct cutter *c, const struct wd_node *node)
{
    size_t low = 0, high = c->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (c->regions[middle].node->span.off < node->span.off)
            low = middle + 1;
        else
            high = middle;
    }
    return low < c->count && c->regions[low].node == node ? &c->regions[low] : NULL;
}

/* --- what takes their place --- */

static struct wd_bytes indentation(struct wd_bytes text, size_t off)
{
    size_t line = wd_line_start(text, off), at = line;
    while (at < off && (text.at[at] == ' ' || text.at[at] == '\t'))
        at++;
    return wd_bytes_at(text.at + line, at - line);
}

/* Where statements have lines, those that are long have several. */
static void put_folded(struct wd_buf *out, struct wd_bytes statement, struct wd_bytes glue)
{
    size_t column = glue.len;
    for (size_t start = 0, end; start < statement.len; start = end) {
        for (end = start; end < statement.len && statement.at[end] != ' ';)
            end++;
        end += end < statement.len;
        bool is_item = start && statement.at[start - 1] == ' ' && start > 1 && statement.at[start - 2] == ',';
        if (is_item && glue.len > 1 && column + (end - start) > COLUMNS) {
            out->len--;
            wd_buf_put(out, glue);
            wd_buf_puts(out, "    ");
            column = glue.len + 4;
        }
        wd_buf_put(out, wd_bytes_at(statement.at + start, end - start));
        column += end - start;
    }
}

/* The statements, one behind the other: with `glue` between. */
static void put_statements(struct wd_buf *out, const struct wd_proto_missing *missing, struct wd_bytes glue)
{
    put_folded(out, missing->numbers, glue);
    if (missing->numbers.len && missing->names.len)
        wd_buf_put(out, glue);
    put_folded(out, missing->names, glue);
}

static struct wd_bytes keep(struct wd_buf *text, struct wd_arena *arena)
{
    struct wd_bytes kept = wd_arena_copy(arena, wd_buf_bytes(text));
    wd_buf_free(text);
    return kept;
}

static struct wd_bytes line_glue(const struct cutter *c, size_t off)
{
    struct wd_bytes indent = indentation(c->tokens.text, off);
    return wd_arena_printf(c->arena, "%s%.*s", wd_line_break(c->tokens.text), (int)indent.len,
                           (const char *)indent.at);
}

/* In the place of a declaration that goes: on lines of their own where that had some. */
static void put_in_place(struct cutter *c, struct region *region, const struct wd_node *node,
                         const struct wd_proto_missing *missing)
{
    struct wd_bytes text = c->tokens.text;
    struct wd_buf put = { 0 };
    bool has_lines = begins_line(text, node->span.off) && ends_line(text, region->end);
    put_statements(&put, missing, has_lines ? line_glue(c, node->span.off) : wd_bytes_of(" "));
    region->put = keep(&put, c->arena);
}

static void change(void *ctx, size_t start, size_t end, struct wd_bytes put)
{
    struct cutter *c = ctx;
    struct wd_proto_change *last = c->change_count ? &c->changes[c->change_count - 1] : NULL;
    if (last && start == end && last->end == end && last->start == start) {   /* one behind the other */
        last->put = wd_arena_printf(c->arena, "%.*s%.*s", (int)last->put.len, (const char *)last->put.at,
                                    (int)put.len, (const char *)put.at);
        return;
    }
    WD_GROW(c->changes, c->change_count, c->change_cap);
    c->changes[c->change_count++] = (struct wd_proto_change){ start, end, put };
}

/* Behind something that stays: where its line ends, else within the line. */
static void put_behind(struct cutter *c, size_t end, size_t indented_like,
                       const struct wd_proto_missing *missing)
{
    struct wd_bytes text = c->tokens.text;
    struct wd_buf put = { 0 };
    struct wd_proto_gap gap = wd_proto_gap_of(&c->tokens, wd_proto_tokens_find(&c->tokens, end));
    bool is_beside = gap.behind.end && !memchr(text.at + end, '\n', gap.behind.start - end);
    size_t at = is_beside ? gap.behind.end : end;
    bool has_line = ends_line(text, at);
    struct wd_bytes glue = has_line ? line_glue(c, indented_like) : wd_bytes_of(" ");
    wd_buf_put(&put, glue);
    put_statements(&put, missing, glue);
    at = has_line ? at : end;
    change(c, at, at, keep(&put, c->arena));
}

/* --- messages that lose fields --- */

/* What declares the message of a field's path. */
static const Google__Protobuf__DescriptorProto *message_at(const struct wd_proto_file *file,
                                                           const int32_t *path, size_t depth)
{
    const Google__Protobuf__DescriptorProto *m = NULL;
    for (size_t i = 0; i + 1 < depth; i += 2) {
        size_t count = m ? m->n_nested_type : file->descriptor->n_message_type;
        if (path[i] != (m ? WD_MESSAGE_NESTED : WD_FILE_MESSAGE) || path[i + 1] < 0 ||
            (size_t)path[i + 1] >= count)
            return NULL;
        m = m ? m->nested_type[path[i + 1]] : file->descriptor->message_type[path[i + 1]];
    }
    return m;
}

/* A field that goes, while its message stays. */
struct loss {
    const struct wd_node *node, *message;
    const Google__Protobuf__FieldDescriptorProto *field;
};

static bool read_loss(const struct cutter *c, const struct wd_proto_spot *spot, struct loss *out)
{
    if (spot->depth < 4 || spot->depth % 2 || spot->path[spot->depth - 2] != WD_MESSAGE_FIELD ||
        !wd_gone_cover(c->gone, spot->node))
        return false;
    size_t depth = spot->depth - 2, index = (size_t)spot->path[spot->depth - 1];
    const Google__Protobuf__DescriptorProto *m = message_at(c->file, spot->path, depth);
    const struct wd_node *message = wd_proto_node(c->file, spot->path, depth);
    if (!m || !message || index >= m->n_field || wd_gone_cover(c->gone, message))
        return false;
    *out = (struct loss){ spot->node, message, m->field[index] };
    return true;
}

static int by_number(const void *a, const void *b)
{
    const int32_t *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

static int by_place(const void *a, const void *b)
{
    const struct loss *x = a, *y = b;
    return (x->node->span.off > y->node->span.off) - (x->node->span.off < y->node->span.off);
}

/* In the place of the first that is a member of the message itself, or of the oneof that goes with its
 * members; else behind the first oneof that loses one. */
static void put_missing(struct cutter *c, const struct loss *losses, size_t count,
                        const struct wd_proto_missing *missing)
{
    for (size_t i = 0; i < count; i++) {
        const struct wd_node *top = losses[i].node->parent == losses[i].message ? losses[i].node
                                                                                : losses[i].node->parent;
        struct region *region = wd_gone_has(c->gone, top) ? region_of(c, top) : NULL;
        if (region) {
            put_in_place(c, region, top, missing);
            return;
        }
    }
    const struct wd_node *oneof = losses[0].node->parent;
    put_behind(c, oneof->span.off + oneof->span.len, oneof->span.off, missing);
}

static void reserve(struct cutter *c, struct loss *losses, size_t count)
{
    const char *syntax = c->file->descriptor->syntax;
    struct wd_proto_reserve r = {
        .tokens = &c->tokens,
        .message = losses[0].message,
        .numbers = wd_arena_array(c->arena, int32_t, count),
        .names = wd_arena_array(c->arena, struct wd_bytes, count),
        .count = count,
        .has_bare_names = syntax && strcmp(syntax, "editions") == 0,
    };
    qsort(losses, count, sizeof *losses, by_place);
    for (size_t i = 0; i < count; i++) {
        r.numbers[i] = losses[i].field->number;
        r.names[i] = wd_bytes_of(losses[i].field->name);
    }
    qsort(r.numbers, count, sizeof *r.numbers, by_number);
    struct wd_proto_missing missing = wd_proto_reserve_merge(&r, c->arena, change, c);
    if (missing.end && (missing.numbers.len || missing.names.len))
        put_behind(c, missing.end, missing.start, &missing);
    else if (missing.numbers.len || missing.names.len)
        put_missing(c, losses, count, &missing);
}

/* Spots are sorted by path, so the fields of a message follow each other. */
static void reserve_all(struct cutter *c)
{
    struct loss *losses = wd_arena_array(c->arena, struct loss, c->file->spot_count);
    size_t count = 0;
    struct loss loss;
    for (size_t i = 0; i < c->file->spot_count; i++) {
        if (!read_loss(c, &c->file->spots[i], &loss))
            continue;
        if (count && losses[0].message != loss.message) {
            reserve(c, losses, count);
            count = 0;
        }
        losses[count++] = loss;
    }
    if (count)
        reserve(c, losses, count);
}

/* --- the new text --- */

/* A blank line before and one behind: one of them stood between what is gone and the next. */
static size_t over_blank_line(struct wd_bytes text, size_t start, size_t end)
{
    size_t above = start ? back_over_space(text, start - 1) : 0;
    bool is_below_blank = start && (above == 0 || text.at[above - 1] == '\n');
    size_t next = over_space(text, end);
    return is_below_blank && next < text.len && text.at[next] == '\n' ? next + 1 : end;
}

static void cut_region(struct wd_patch *patch, const struct region *r)
{
    struct wd_bytes text = patch->text;
    size_t start = r->start, end = r->end;
    bool begins = begins_line(text, start), ends = ends_line(text, end);
    if (r->put.len) {
        wd_patch_add(patch, start, end, r->put);
        return;
    }
    if (begins && ends) {
        start = wd_line_start(text, start);
        end = over_space(text, end);
        end = over_blank_line(text, start, end < text.len ? end + 1 : end);
    } else if (ends) {
        start = back_over_space(text, start);
    } else {
        end = over_space(text, end);
    }
    wd_patch_add(patch, start, end, wd_bytes_of(""));
}

static struct wd_edit_result result_of(const struct wd_document *document, struct wd_bytes text)
{
    size_t before = wd_line_count(document->text), after = wd_line_count(text);
    return (struct wd_edit_result){ .document = document,
                                    .text = text,
                                    .lines_removed = before > after ? before - after : 0,
                                    .lines_added = after > before ? after - before : 0 };
}

struct wd_edit_result wd_proto_cut(const struct wd_proto_file *file, const struct wd_gone *gone,
                                   struct wd_arena *arena)
{
    struct cutter c = { .file = file, .gone = gone, .arena = arena };
    struct wd_patch patch = { .text = file->document->text };
    c.tokens = wd_proto_tokens_of(patch.text, arena);
    find_regions(&c);
    reserve_all(&c);
    join_neighbours(&c);
    for (size_t i = 0; i < c.count; i++)
        cut_region(&patch, &c.regions[i]);
    for (size_t i = 0; i < c.change_count; i++)
        wd_patch_add(&patch, c.changes[i].start, c.changes[i].end, c.changes[i].put);
    struct wd_bytes text = wd_patch_make(&patch, arena);
    wd_free(c.regions);
    wd_free(c.changes);
    return result_of(file->document, text);
}
