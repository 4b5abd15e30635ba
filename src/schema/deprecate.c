/* schema/deprecate.c - `deprecated: true` written into schemas, each in the style that it has.
 *
 *     type: string       ->  deprecated: true        - a: 1      ->  - deprecated: true
 *                            type: string                              a: 1
 *     {"type": "string"} ->  {"deprecated": true, "type": "string"}
 *     true               ->  {deprecated: true}      *name       ->  {<<: *name, deprecated: true}
 *     {"name": "a", ...} ->  {"deprecated": true, "default": "", "name": "a", ...}    a field of Avro
 *
 * Many readers ignore what stands beside a $ref (draft-07, AsyncAPI), all understand
 *
 *     $ref: '#/x'        ->  deprecated: true        {$ref: x}   ->  {deprecated: true, allOf: [{$ref: x}]}
 *                            allOf:
 *                            - $ref: '#/x'
 */
#include "base/buf.h"
#include "schema/cut.h"
#include "schema/links.h"
#include "schema/patch.h"
#include "schema/resolve.h"

struct marker {
    struct wd_patch patch;
    const struct wd_document *document;
    struct wd_arena *arena;
};

static const char *word_of(const struct marker *m)
{
    return m->document->is_json ? "\"deprecated\": true" : "deprecated: true";
}

static void put_in_block(struct marker *m, const struct wd_node *schema, const char *const *words)
{
    struct wd_buf put = {0};
    size_t start = schema->span.off;
    for (; *words; words++) {
        wd_buf_puts(&put, *words);
        wd_buf_puts(&put, wd_line_break(m->patch.text));
        for (size_t off = wd_line_start(m->patch.text, start); off < start; off++)
            wd_buf_byte(&put, ' ');
    }
    wd_patch_add(&m->patch, start, start, wd_arena_copy(m->arena, wd_buf_bytes(&put)));
    wd_buf_free(&put);
}

/* What separates the entries: the line break and the indentation of the first, or a blank, or nothing in
 * compact JSON. */
static struct wd_bytes separator(const struct marker *m, const struct wd_node *schema, size_t first)
{
    struct wd_bytes text = m->patch.text;
    const struct wd_node *member = schema->first;
    size_t line = wd_line_start(text, first), bracket = schema->span.off;
    size_t value = member->span.off, colon = member->key_span.off + member->key_span.len;
    if (line > bracket) {
        size_t start = line - (line > 1 && text.at[line - 1] == '\n' && text.at[line - 2] == '\r' ? 2 : 1);
        return wd_bytes_at(text.at + start, first - start);
    }
    return wd_bytes_of(m->document->is_json && value == colon + 1 ? "" : " ");
}

static void put_in_flow(struct marker *m, const struct wd_node *schema, const char *const *words)
{
    struct wd_buf put = {0};
    size_t bracket = schema->span.off + 1;
    size_t at = schema->first ? wd_skip_space(m->patch.text, bracket, true) : bracket;
    for (; *words; words++) {
        wd_buf_puts(&put, *words);
        if (!schema->first)
            break;
        wd_buf_byte(&put, ',');
        wd_buf_put(&put, separator(m, schema, at));
    }
    wd_patch_add(&m->patch, at, at, wd_arena_copy(m->arena, wd_buf_bytes(&put)));
    wd_buf_free(&put);
}

/* `words` end with NULL. */
static void put_words(struct marker *m, const struct wd_node *schema, const char *const *words)
{
    if (schema->is_flow)
        put_in_flow(m, schema, words);
    else
        put_in_block(m, schema, words);
}

static void replace(struct marker *m, const struct wd_node *node, const char *before, bool keeps,
                    const char *after)
{
    struct wd_bytes token = wd_bytes_at(m->patch.text.at + node->span.off, keeps ? node->span.len : 0);
    wd_patch_add(
        &m->patch, node->span.off, node->span.off + node->span.len,
        wd_arena_printf(m->arena, "%s%.*s%s", before, (int)token.len, (const char *)token.at, after));
}

/* ---- beside a $ref ---- */

static void insert(struct marker *m, size_t at, struct wd_bytes put)
{
    wd_patch_add(&m->patch, at, at, put);
}

/* The map becomes the one entry of `allOf`: its further lines move two columns in. */
static void wrap_block(struct marker *m, const struct wd_node *schema)
{
    struct wd_bytes text = m->patch.text;
    size_t start = schema->span.off, end = start + schema->span.len;
    int indent = (int)(start - wd_line_start(text, start));
    const char *nl = wd_line_break(text);
    insert(m, start,
           wd_arena_printf(m->arena, "%s%s%*sallOf:%s%*s- ", word_of(m), nl, indent, "", nl, indent, ""));
    for (size_t line = wd_line_end(text, start); line < end; line = wd_line_end(text, line))
        if (!strchr("\r\n", text.at[line]))
            insert(m, line, wd_bytes_of("  "));
}

static void wrap(struct marker *m, const struct wd_node *schema)
{
    if (!schema->is_flow && !schema->alias_of) {
        wrap_block(m, schema);
        return;
    }
    insert(m, schema->span.off,
           wd_arena_printf(m->arena, "{%s, %s: [", word_of(m), m->document->is_json ? "\"allOf\"" : "allOf"));
    insert(m, schema->span.off + schema->span.len, wd_bytes_of("]}"));
}

/* Where something beside the $ref is marked as well, what stands there is heard. */
static bool has_marked_inside(const struct wd_gone *marked, const struct wd_node *schema)
{
    for (const struct wd_node *n = schema->first; n; n = wd_node_after(n, schema))
        if (wd_gone_has(marked, n))
            return true;
    return false;
}

static bool is_true(const struct wd_node *node)
{
    return node && node->kind == WD_NODE_BOOLEAN && (node->text.at[0] | 0x20) == 't';
}

/* `deprecated:`, {deprecated}, or `? deprecated`: nothing is written that could be replaced, so the entry
 * is. */
static void put_for_nothing(struct marker *m, const struct wd_node *said)
{
    struct wd_bytes text = m->patch.text;
    size_t start = said->key_span.off, end = start + said->key_span.len,
           colon = wd_skip_space(text, end, true);
    size_t before = start;
    while (before && (text.at[before - 1] == ' ' || text.at[before - 1] == '\t'))
        before--;
    if (before && text.at[before - 1] == '?')
        start = before - 1;
    if (colon < text.len && text.at[colon] == ':')
        end = colon + 1;
    end = end > said->span.off ? end : said->span.off;
    wd_patch_add(&m->patch, start, end, wd_bytes_of(word_of(m)));
}

static void mark(struct marker *m, const struct wd_node *schema, const struct wd_gone *marked)
{
    const struct wd_node *said = wd_node_get(schema, "deprecated");
    bool is_beside = wd_ref_of(schema) && (schema->alias_of || !has_marked_inside(marked, schema));
    if (is_true(said) && !is_beside)
        return;
    if (is_beside)
        wrap(m, schema);
    else if (schema->kind == WD_NODE_MAP && schema->alias_of)
        replace(m, schema, "{<<: ", true, ", deprecated: true}");
    else if (said && said->parent == schema && said->span.len == 0)
        put_for_nothing(m, said);
    else if (said && said->parent == schema)
        replace(m, said, "true", false, "");
    else if (schema->kind == WD_NODE_MAP)
        put_words(m, schema, (const char *const[]){word_of(m), NULL});
    else if (schema->kind == WD_NODE_BOOLEAN)
        replace(m, schema, m->document->is_json ? "{\"deprecated\": true}" : "{deprecated: true}", false, "");
}

/* Both at once where neither is there, since they go to the same place. */
static void mark_with_default(struct marker *m, const struct wd_node *field, const struct wd_gone *marked,
                              const struct wd_bytes *value)
{
    const struct wd_node *said = wd_node_get(field, "deprecated");
    const char *key = m->document->is_json ? "\"default\"" : "default";
    const char *text = wd_arena_string(m->arena, *value);
    const char *word = (const char *)wd_arena_printf(m->arena, "%s: %s", key, text).at;
    if (said)
        mark(m, field, marked);
    put_words(m, field, (const char *const[]){said ? word : word_of(m), said ? NULL : word, NULL});
}

static void mark_node(struct marker *m, const struct wd_node *schema, const struct wd_gone *marked,
                      const struct wd_map *defaults)
{
    const uint64_t *value = wd_map_get(defaults, wd_bytes_at(&schema, sizeof schema));
    if (value)
        mark_with_default(m, schema, marked, (const struct wd_bytes *)(uintptr_t)*value);
    else
        mark(m, schema, marked);
}

struct wd_edit_result wd_cut_deprecate(const struct wd_document *document, const struct wd_gone *marked,
                                       const struct wd_map *defaults, struct wd_arena *arena)
{
    struct marker m = {.patch = {.text = document->text}, .document = document, .arena = arena};
    for (const struct wd_node *n = document->root; n; n = wd_node_after(n, document->root))
        if (wd_gone_has(marked, n))
            mark_node(&m, n, marked, defaults);
    struct wd_bytes text = wd_patch_make(&m.patch, arena);
    return (struct wd_edit_result){.document = document,
                                   .text = text,
                                   .lines_added = wd_line_count(text) - wd_line_count(document->text)};
}
