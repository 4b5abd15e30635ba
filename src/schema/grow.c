#include "schema/grow.h"

#include <stdlib.h>

#include "schema/patch.h"

/* One change to the text. What goes to the same place stands in the order of depth: the end of an inner map
 * is the end of the outer one too. */
struct piece {
    size_t start, end, column, order;
    struct wd_bytes text;
};

struct grower {
    const struct wd_document *document;
    struct wd_bytes text;
    const char *line_break;
    struct wd_arena *arena;
    struct wd_map *grown;          /* collections that were empty and got something */
    struct piece *pieces;
    size_t count, cap;
};

/* With the line breaks of the document. */
static struct wd_bytes kept(struct grower *g, struct wd_buf *made)
{
    struct wd_buf text = { 0 };
    for (size_t i = 0; i < made->len; i++) {
        if (made->at[i] == '\n')
            wd_buf_puts(&text, g->line_break);
        else
            wd_buf_byte(&text, made->at[i]);
    }
    struct wd_bytes copy = wd_arena_copy(g->arena, wd_buf_bytes(&text));
    wd_buf_free(&text);
    wd_buf_free(made);
    return copy;
}

static void add(struct grower *g, size_t start, size_t end, size_t column, struct wd_bytes text)
{
    WD_GROW(g->pieces, g->count, g->cap);
    g->pieces[g->count] = (struct piece){ start, end, column, g->count, text };
    g->count++;
}

static size_t end_of(const struct wd_node *n)
{
    size_t end = n->span.off + n->span.len, key_end = n->key_span.off + n->key_span.len;
    return end > key_end ? end : key_end;
}

static size_t column_of(struct wd_bytes text, size_t off)
{
    return off - wd_line_start(text, off);
}

/* --- blocks --- */

static size_t start_of(const struct wd_node *collection)
{
    const struct wd_node *first = collection->first;
    return collection->kind == WD_NODE_MAP && first ? first->key_span.off : collection->span.off;
}

static void grow_block(struct grower *g, const struct wd_node *into, const struct wd_node *put)
{
    struct wd_buf made = { 0 };
    size_t last = end_of(into->last), at = wd_line_end(g->text, last ? last - 1 : 0),
           column = column_of(g->text, start_of(into));
    bool is_ended = at && (g->text.at[at - 1] == '\n' || g->text.at[at - 1] == '\r');
    if (!is_ended)
        wd_buf_byte(&made, '\n');
    if (into->kind == WD_NODE_MAP)
        wd_write_yaml_member(&made, put, column);
    else
        wd_write_yaml(&made,
                      &(struct wd_node){ .kind = WD_NODE_LIST, .first = (struct wd_node *)put, .count = 1 },
                      column);
    if (!is_ended)
        made.len--;
    add(g, at, at, column, kept(g, &made));
}

/* --- brackets --- */

/* Each member has a line for itself: then the new one, too. */
static bool has_lines(const struct grower *g, const struct wd_node *into)
{
    size_t first = into->kind == WD_NODE_MAP ? into->first->key_span.off : into->first->span.off;
    size_t line = wd_line_start(g->text, first);
    return wd_skip_space(g->text, line, false) == first && line > into->span.off;
}

static void put_one(struct grower *g, struct wd_buf *out, const struct wd_node *into,
                    const struct wd_node *put, bool is_wide, size_t column)
{
    bool is_json = g->document->is_json, is_map = into->kind == WD_NODE_MAP;
    if (is_wide && is_map)
        wd_write_json_member(out, put, column);
    else if (is_wide)
        wd_write_json(out, put, column);
    else if (is_map)
        wd_write_flow_member(out, put, is_json);
    else
        wd_write_flow(out, put, is_json);
}

static void grow_flow(struct grower *g, const struct wd_node *into, const struct wd_node *put)
{
    struct wd_buf made = { 0 };
    bool is_wide = has_lines(g, into);
    size_t at = end_of(into->last),
           column = is_wide ? column_of(g->text, into->kind == WD_NODE_MAP ? into->first->key_span.off
                                                                           : into->first->span.off)
                            : 0;
    wd_buf_puts(&made, is_wide ? ",\n" : ", ");
    for (size_t i = 0; i < column; i++)
        wd_buf_byte(&made, ' ');
    put_one(g, &made, into, put, is_wide && g->document->is_json, column);
    add(g, at, at, 0, kept(g, &made));
}

/* --- what was empty --- */

/* {} in a block becomes a block, in JSON one with a line for each member; in a line it stays in it. */
static void fill(struct grower *g, const struct wd_node *into, const struct wd_node *with)
{
    struct wd_buf made = { 0 };
    size_t start = into->span.off, end = start + into->span.len,
           indent = wd_line_indent(g->text, wd_line_start(g->text, start));
    bool is_block = into->parent && !into->parent->is_flow && into->parent->kind == WD_NODE_MAP;
    if (g->document->is_json) {
        wd_write_json(&made, with, indent);
    } else if (is_block) {
        while (start && g->text.at[start - 1] == ' ')
            start--;
        wd_buf_byte(&made, '\n');
        wd_write_yaml(&made, with, column_of(g->text, into->key_span.off) + 2);
        made.len--;
    } else {
        wd_write_flow(&made, with, false);
    }
    add(g, start, end, 0, kept(g, &made));
}

/* All that goes into it, at the first of them. */
static void grow_empty(struct grower *g, const struct wd_growth *growths, size_t count)
{
    const struct wd_node *into = growths->at;
    struct wd_node *with =
        into->kind == WD_NODE_MAP ? wd_make_map(g->arena, false) : wd_make_list(g->arena, false);
    bool is_new;
    wd_map_put(g->grown, wd_bytes_at(&into, sizeof into), &is_new);
    for (size_t i = 0; i < count && is_new; i++)
        if (growths[i].at == into && !growths[i].is_replaced)
            wd_node_add(with, growths[i].put);
    if (is_new)
        fill(g, into, with);
}

/* --- all of them --- */

static void replace(struct grower *g, const struct wd_node *old, const struct wd_node *put)
{
    struct wd_buf made = { 0 };
    wd_write_flow(&made, put, g->document->is_json);
    add(g, old->span.off, old->span.off + old->span.len, 0, kept(g, &made));
}

static int by_place(const void *a, const void *b)
{
    const struct piece *x = a, *y = b;
    if (x->start != y->start)
        return x->start < y->start ? -1 : 1;
    if (x->column != y->column)
        return x->column > y->column ? -1 : 1;
    return (x->order > y->order) - (x->order < y->order);
}

static struct wd_bytes make_text(struct grower *g)
{
    struct wd_patch patch = { .text = g->text };
    struct wd_buf joined = { 0 };
    qsort(g->pieces, g->count, sizeof *g->pieces, by_place);
    for (size_t i = 0; i < g->count; i++) {
        const struct piece *piece = &g->pieces[i];
        wd_buf_put(&joined, piece->text);
        if (i + 1 < g->count && g->pieces[i + 1].start == piece->start)
            continue;
        wd_patch_add(&patch, piece->start, piece->end, wd_arena_copy(g->arena, wd_buf_bytes(&joined)));
        wd_buf_reset(&joined);
    }
    wd_buf_free(&joined);
    return wd_patch_make(&patch, g->arena);
}

/* It must read, and as what it was with more in it. */
static int prove(const struct wd_document *document, struct wd_bytes text, const struct wd_limits *limits,
                 struct wd_arena *arena, struct wd_err *err)
{
    struct wd_document *again;
    struct wd_err why = { 0 };
    if (wd_document_parse(document->name, text, limits, arena, &again, &why) >= 0)
        return WD_OK;
    return wd_fail(
        err, WD_EPARSE, (struct wd_place){ .file = document->name },
        "cannot be added to: what would be written does not read (%s); write it in block style or as JSON",
        why.text);
}

bool wd_grow_can(const struct wd_node *collection)
{
    if (collection->alias_of || (collection->kind != WD_NODE_MAP && collection->kind != WD_NODE_LIST))
        return false;
    return collection->is_flow || collection->first;
}

int wd_grow_write(const struct wd_document *document, const struct wd_growth *growths, size_t count,
                  const struct wd_limits *limits, struct wd_arena *arena, struct wd_edit_result *out,
                  struct wd_err *err)
{
    struct grower g = { .document = document, .text = document->text, .arena = arena, .grown = wd_map_open(),
                        .line_break = wd_line_break(document->text) };
    for (size_t i = 0; i < count; i++) {
        const struct wd_growth *growth = &growths[i];
        if (growth->is_replaced)
            replace(&g, growth->at, growth->put);
        else if (!growth->at->first)
            grow_empty(&g, growth, count - i);
        else if (growth->at->is_flow)
            grow_flow(&g, growth->at, growth->put);
        else
            grow_block(&g, growth->at, growth->put);
    }
    struct wd_bytes text = count ? make_text(&g) : document->text;
    wd_map_close(g.grown);
    wd_free(g.pieces);
    if (count)
        TRY(prove(document, text, limits, arena, err));
    size_t before = wd_line_count(document->text), after = wd_line_count(text);
    *out = (struct wd_edit_result){ .document = document,
                                    .text = text,
                                    .lines_added = after > before ? after - before : 0 };
    return WD_OK;
}

/* --- where --- */

enum { FOLLOWED_MOST = 64 };

static const struct wd_node *own_member(const struct wd_node *map, const char *key)
{
    const struct wd_node *member = wd_node_get(map, key);
    return member && member->parent == map ? member : NULL;
}

static const struct wd_node *behind_refs(const struct wd_links *links, const struct wd_node *object)
{
    for (int i = 0; object && i < FOLLOWED_MOST; i++) {
        const struct wd_node *target;
        if (object->alias_of)
            object = object->alias_of;
        target = object->kind == WD_NODE_MAP ? wd_links_target(links, object) : NULL;
        if (!target)
            return object->kind == WD_NODE_MAP ? object : NULL;
        object = target;
    }
    return NULL;
}

const struct wd_node *wd_grow_object(const struct wd_links *links, const struct wd_schema_field *field,
                                     const char *keyword)
{
    const struct wd_node *first = NULL;
    for (size_t d = 0; d < field->decl_count; d++) {
        const struct wd_node *object = behind_refs(links, field->decls[d].member);
        if (!object || !wd_grow_can(object))
            continue;
        if (own_member(object, keyword))
            return object;
        const struct wd_node *all = own_member(object, "allOf");
        for (const struct wd_node *part = all && all->kind == WD_NODE_LIST ? all->first : NULL; part;
             part = part->next) {
            const struct wd_node *inner = behind_refs(links, part);
            if (inner && wd_grow_can(inner) && own_member(inner, keyword))
                return inner;
        }
        first = first ? first : object;
    }
    return first;
}

const struct wd_document *wd_grow_document(const struct wd_schema *schema, const struct wd_node *node)
{
    while (node->parent)
        node = node->parent;
    for (size_t d = 0; d < schema->document_count; d++)
        if (schema->documents[d]->root == node)
            return schema->documents[d];
    return NULL;
}
