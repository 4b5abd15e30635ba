/* tests/schema/styled.h - a document written again as YAML, in styles that a seed chooses entry by entry: block and flow, one line and
 * many, comments and empty lines anywhere, quotes or none, explicit keys, tags, dashes with and without company. */
#ifndef WD_TESTS_SCHEMA_STYLED_H
#define WD_TESTS_SCHEMA_STYLED_H

#include "base/buf.h"
#include "base/escape.h"
#include "document/document.h"

struct styled {
    struct wd_buf *out;
    struct wd_arena *arena;
    uint32_t seed;
    const char *line_end;
};

static inline bool styled_one_in(struct styled *s, uint32_t n)
{
    s->seed ^= s->seed << 13;
    s->seed ^= s->seed >> 17;
    s->seed ^= s->seed << 5;
    return (s->seed >> 8) % n == 0;
}

static inline unsigned styled_draw(struct styled *s, unsigned below)
{
    unsigned value = 0;
    while (value + 1 < below && styled_one_in(s, 2))
        value++;
    return value;
}

static inline void styled_line(struct styled *s, unsigned column)
{
    wd_buf_puts(s->out, s->line_end);
    wd_buf_printf(s->out, "%*s", (int)column, "");
}

static inline void styled_behind(struct styled *s)
{
    static const char *const comments[] = { " # c", "   # {a: [b, 'c", "  #", " # - x: y" };
    if (styled_one_in(s, 5))
        wd_buf_puts(s->out, comments[styled_draw(s, 4)]);
}

/* Empty lines and comments, then the next line at its column. */
static inline void styled_between(struct styled *s, unsigned column)
{
    while (styled_one_in(s, 5)) {
        bool is_comment = styled_one_in(s, 2);
        styled_line(s, is_comment ? column + 2 * styled_draw(s, 3) : 0);
        wd_buf_puts(s->out, is_comment ? "# over [it}" : "");
    }
    styled_line(s, column);
}

static inline bool styled_is_word(struct wd_bytes text)
{
    static const char *const taken[] = { "true", "false", "null", "True", "False", "Null", "TRUE", "FALSE", "NULL", "y", "n" };
    for (size_t i = 0; i < WD_COUNT(taken); i++)
        if (wd_bytes_is(text, taken[i]))
            return false;
    for (size_t i = 0; i < text.len; i++) {
        uint8_t c = text.at[i];
        bool is_letter = (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
        if (!is_letter && c != '_' && c != '$' && (!i || !(c >= '0' && c <= '9')) && (!i || (c != '-' && c != '/')))
            return false;
    }
    return text.len > 0;
}

static inline void styled_text(struct styled *s, struct wd_bytes text)
{
    bool has_quote = text.len && (memchr(text.at, '\'', text.len) || memchr(text.at, '\n', text.len));
    if (styled_is_word(text) && !styled_one_in(s, 4)) {
        wd_buf_put(s->out, text);
    } else if (!has_quote && styled_one_in(s, 2)) {
        wd_buf_byte(s->out, '\'');
        wd_buf_put(s->out, text);
        wd_buf_byte(s->out, '\'');
    } else {
        wd_put_json(s->out, text);
    }
}

static inline void styled_scalar(struct styled *s, const struct wd_node *n)
{
    if (n->kind == WD_NODE_STRING) {
        wd_buf_puts(s->out, styled_one_in(s, 12) ? "!!str " : "");
        styled_text(s, n->text);
    } else {
        wd_buf_put(s->out, wd_node_canonical(n, s->arena));
    }
}

static inline void styled_flow_gap(struct styled *s, unsigned column)
{
    if (styled_one_in(s, 3)) {
        styled_behind(s);
        styled_between(s, column + 1 + styled_draw(s, 4));
    } else if (styled_one_in(s, 2)) {
        wd_buf_byte(s->out, ' ');
    }
}

/* Depth is limited by the reader of the document. */
static inline void styled_flow(struct styled *s, const struct wd_node *n, unsigned column)
{
    bool is_map = n->kind == WD_NODE_MAP;
    if (!is_map && n->kind != WD_NODE_LIST) {
        styled_scalar(s, n);
        return;
    }
    wd_buf_byte(s->out, is_map ? '{' : '[');
    styled_flow_gap(s, column);
    for (const struct wd_node *c = n->first; c; c = c->next) {
        if (is_map) {
            wd_buf_puts(s->out, styled_one_in(s, 16) ? "? " : "");
            styled_text(s, c->key);
            wd_buf_puts(s->out, styled_one_in(s, 8) ? " : " : ": ");
        }
        styled_flow(s, c, column);
        if (!c->next && !styled_one_in(s, 6))
            break;
        wd_buf_puts(s->out, styled_one_in(s, 8) ? " ," : ",");
        wd_buf_puts(s->out, c->next ? " " : "");
        styled_flow_gap(s, column);
    }
    styled_flow_gap(s, column);
    wd_buf_byte(s->out, is_map ? '}' : ']');
}

static inline void styled_block(struct styled *s, const struct wd_node *n, unsigned column);

/* Behind `key:` or `- `: `column` is that of the parent's entries. */
static inline void styled_value(struct styled *s, const struct wd_node *n, unsigned column, bool is_item)
{
    bool is_collection = n->kind == WD_NODE_MAP || n->kind == WD_NODE_LIST;
    if (!is_collection || !n->first || styled_one_in(s, 4)) {
        wd_buf_puts(s->out, " ");
        styled_flow(s, n, column);
        styled_behind(s);
        return;
    }
    unsigned deeper = column + 1 + styled_draw(s, 4);
    if (is_item && styled_one_in(s, 2)) {
        wd_buf_printf(s->out, "%*s", (int)(deeper - column), "");
        styled_block(s, n, deeper + 1);
        return;
    }
    if (styled_one_in(s, 6))
        wd_buf_puts(s->out, n->kind == WD_NODE_MAP ? " !!map" : " !!seq");
    styled_behind(s);
    if (n->kind == WD_NODE_LIST && !is_item && styled_one_in(s, 2))
        deeper = column;
    styled_between(s, deeper);
    styled_block(s, n, deeper);
}

/* At its column already. */
static inline void styled_block(struct styled *s, const struct wd_node *n, unsigned column)
{
    for (const struct wd_node *c = n->first; c; c = c->next) {
        if (n->kind == WD_NODE_LIST) {
            wd_buf_byte(s->out, '-');
        } else {
            bool is_explicit = styled_one_in(s, 12);
            wd_buf_puts(s->out, is_explicit ? "?   " : "");
            styled_text(s, c->key);
            if (is_explicit) {
                styled_behind(s);
                styled_between(s, column);
            }
            wd_buf_puts(s->out, ":");
        }
        styled_value(s, c, column, n->kind == WD_NODE_LIST);
        if (c->next)
            styled_between(s, column);
    }
}

static inline struct wd_bytes styled_document(const struct wd_document *d, uint32_t seed, struct wd_arena *arena)
{
    struct wd_buf out = { 0 };
    struct styled s = { .out = &out, .arena = arena, .seed = seed * 2654435761u | 1 };
    s.line_end = styled_one_in(&s, 4) ? "\r\n" : "\n";
    wd_buf_puts(&out, "# again");
    styled_between(&s, 0);
    styled_block(&s, d->root, 0);
    wd_buf_puts(&out, styled_one_in(&s, 3) ? "" : s.line_end);
    struct wd_bytes text = wd_arena_copy(arena, wd_buf_bytes(&out));
    wd_buf_free(&out);
    return text;
}

#endif
