/* `deprecated = true` among the options of a field:
 *
 *     string a = 1;                         string a = 1 [deprecated = true];
 *     string a = 1 [json_name = "x"];       string a = 1 [json_name = "x", deprecated = true];
 *     string a = 1 [deprecated = false];    string a = 1 [deprecated = true];
 *     string a = 1 [                        string a = 1 [
 *       json_name = "x"                       json_name = "x",
 *     ];                                      deprecated = true
 *                                           ];
 */
#include "schema/links.h"
#include "schema/patch.h"
#include "schema/proto_cut.h"

struct marker {
    struct wd_patch patch;
    struct wd_proto_tokens tokens;
    struct wd_arena *arena;
};

/* The number of a field: what follows the first `=` behind its name. How many tokens there are when it has
 * none. */
static size_t number_of(const struct marker *m, const struct wd_node *field)
{
    size_t end = field->span.off + field->span.len;
    for (size_t i = wd_proto_tokens_find(&m->tokens, field->key_span.off);
         i + 1 < m->tokens.count && m->tokens.at[i + 1].start < end; i++)
        if (wd_proto_tokens_is(&m->tokens, i, "="))
            return i + 1;
    return m->tokens.count;
}

static bool is_bracket(const struct marker *m, size_t i)
{
    return wd_proto_tokens_is(&m->tokens, i, "{") || wd_proto_tokens_is(&m->tokens, i, "[") ||
           wd_proto_tokens_is(&m->tokens, i, "(");
}

/* The value of the option `deprecated` between the brackets; `close` when it is not said. */
static size_t said(const struct marker *m, size_t open, size_t close)
{
    for (size_t i = open + 1; i + 2 < close; i++) {
        bool is_first = i == open + 1 || wd_proto_tokens_is(&m->tokens, i - 1, ",");
        if (is_first && wd_proto_tokens_is(&m->tokens, i, "deprecated") &&
            wd_proto_tokens_is(&m->tokens, i + 1, "="))
            return i + 2;
        if (is_bracket(m, i))
            i = wd_proto_tokens_close(&m->tokens, i);
    }
    return close;
}

/* Where the last option begins, to stand below it. */
static size_t last_option(const struct marker *m, size_t open, size_t close)
{
    size_t last = open + 1;
    for (size_t i = open + 1; i < close; i++) {
        if (wd_proto_tokens_is(&m->tokens, i, ",") && i + 1 < close)
            last = i + 1;
        if (is_bracket(m, i))
            i = wd_proto_tokens_close(&m->tokens, i);
    }
    return last;
}

static bool is_first_of_line(struct wd_bytes text, size_t off)
{
    size_t line = wd_line_start(text, off);
    return wd_skip_space(text, line, false) == off;
}

static void join_options(struct marker *m, size_t open, size_t close)
{
    struct wd_bytes text = m->tokens.text;
    size_t end = m->tokens.at[close - 1].end, bracket = m->tokens.at[close].start;
    size_t option = m->tokens.at[last_option(m, open, close)].start, line = wd_line_start(text, bracket);
    if (!is_first_of_line(text, bracket) || !is_first_of_line(text, option)) {
        wd_patch_add(&m->patch, end, end, wd_bytes_of(", deprecated = true"));
        return;
    }
    size_t start = wd_line_start(text, option);
    bool has_cr = line >= 2 && text.at[line - 2] == '\r';
    wd_patch_add(&m->patch, end, end, wd_bytes_of(","));
    wd_patch_add(&m->patch, line, line,
                 wd_arena_printf(m->arena, "%.*sdeprecated = true%s", (int)(option - start),
                                 (const char *)text.at + start, has_cr ? "\r\n" : "\n"));
}

static void mark(struct marker *m, const struct wd_node *field)
{
    size_t number = number_of(m, field), open = number + 1;
    if (number >= m->tokens.count)
        return;
    size_t end = m->tokens.at[number].end;
    if (!wd_proto_tokens_is(&m->tokens, open, "[")) {
        wd_patch_add(&m->patch, end, end, wd_bytes_of(" [deprecated = true]"));
        return;
    }
    size_t close = wd_proto_tokens_close(&m->tokens, open), value = said(m, open, close);
    if (close >= m->tokens.count)
        return;
    if (value == close)
        join_options(m, open, close);
    else if (!wd_proto_tokens_is(&m->tokens, value, "true"))
        wd_patch_add(&m->patch, m->tokens.at[value].start, m->tokens.at[value].end, wd_bytes_of("true"));
}

struct wd_edit_result wd_proto_mark(const struct wd_proto_file *file, const struct wd_gone *marked,
                                    struct wd_arena *arena)
{
    const struct wd_document *document = file->document;
    struct marker m = { .patch = { .text = document->text }, .arena = arena };
    m.tokens = wd_proto_tokens_of(document->text, arena);
    for (const struct wd_node *n = document->root; n; n = wd_node_after(n, document->root))
        if (wd_gone_has(marked, n))
            mark(&m, n);
    struct wd_bytes text = wd_patch_make(&m.patch, arena);
    return (struct wd_edit_result){ .document = document,
                                    .text = text,
                                    .lines_added = wd_line_count(text) - wd_line_count(document->text) };
}
