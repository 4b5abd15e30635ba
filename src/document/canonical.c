/* RFC 8785 in spirit: no blanks, members sorted, strings with as few escapes as JSON allows. Two differences:
 * members sort by bytes, and numbers stay decimals (base/decimal.h) since no double is their identity. */
#include "document/document.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/decimal.h"

struct level {
    const struct wd_node *node;
    const struct wd_node **members;   /* sorted; of a list, in order */
    size_t count, next;
};

struct writer {
    struct wd_buf out;
    struct wd_arena *arena;
    struct level *levels;
    size_t depth, cap;
};

static void put_string(struct wd_buf *out, struct wd_bytes text)
{
    static const char plain[] = "\b\t\n\f\r\"\\", letters[] = "btnfr\"\\";
    wd_buf_byte(out, '"');
    for (size_t i = 0; i < text.len; i++) {
        uint8_t c = text.at[i];
        const char *at = c ? strchr(plain, c) : NULL;
        if (at) {
            wd_buf_byte(out, '\\');
            wd_buf_byte(out, (uint8_t)letters[at - plain]);
        } else if (c < 0x20) {
            wd_buf_printf(out, "\\u%04x", c);
        } else {
            wd_buf_byte(out, c);
        }
    }
    wd_buf_byte(out, '"');
}

static size_t count_digits(struct wd_bytes text, size_t off)
{
    size_t end = off;
    while (end < text.len && text.at[end] >= '0' && text.at[end] <= '9')
        end++;
    return end - off;
}

/* RFC 8259 section 6. YAML writes more than that: 04e1, 1.e1, .5, +1. */
static bool is_json_number(struct wd_bytes text)
{
    size_t off = text.len && text.at[0] == '-', n = count_digits(text, off);
    bool is_good = n == 1 || (n > 1 && text.at[off] != '0');
    off += n;
    if (off < text.len && text.at[off] == '.') {
        n = count_digits(text, off + 1);
        is_good &= n > 0;
        off += 1 + n;
    }
    if (off < text.len && (text.at[off] | 0x20) == 'e') {
        off++;
        off += off < text.len && (text.at[off] == '+' || text.at[off] == '-');
        n = count_digits(text, off);
        is_good &= n > 0;
        off += n;
    }
    return is_good && off == text.len;
}

/* 0x1f and 0o17 are YAML's; beyond 64 bits, for .inf and .nan, and for what YAML alone writes so, JSON has no
 * number: the text stands in, in lower case. */
static void put_number(struct wd_buf *out, struct wd_bytes text)
{
    struct wd_decimal decimal;
    char lower[64];
    bool is_based = text.len > 2 && text.at[0] == '0' && (text.at[1] == 'x' || text.at[1] == 'o');
    if (is_based && text.len <= 2 + 16) {
        wd_buf_printf(out, "%llu", strtoull((const char *)text.at + 2, NULL, text.at[1] == 'x' ? 16 : 8));
        return;
    }
    if (wd_decimal_read(text, &decimal)) {
        wd_decimal_put(out, &decimal);
        return;
    }
    size_t n = text.len < sizeof lower ? text.len : 0;
    for (size_t i = 0; i < n; i++)
        lower[i] = (char)(text.at[i] >= 'A' && text.at[i] <= 'Z' ? text.at[i] | 0x20 : text.at[i]);
    if (is_json_number(text))
        wd_buf_put(out, text);
    else
        put_string(out, n ? wd_bytes_at(lower, n) : text);
}

static void put_scalar(struct wd_buf *out, const struct wd_node *node)
{
    switch (node->kind) {
    case WD_NODE_BOOLEAN:
        wd_buf_puts(out, node->text.at[0] == 't' || node->text.at[0] == 'T' ? "true" : "false");
        break;
    case WD_NODE_INTEGER:
    case WD_NODE_NUMBER:
        put_number(out, node->text);
        break;
    case WD_NODE_STRING:
        put_string(out, node->text);
        break;
    default:
        wd_buf_puts(out, "null");
    }
}

static int by_key(const void *a, const void *b)
{
    return wd_bytes_cmp((*(const struct wd_node *const *)a)->key, (*(const struct wd_node *const *)b)->key);
}

static void open_level(struct writer *w, const struct wd_node *node)
{
    struct level level = { .node = node };
    if (node->kind == WD_NODE_MAP) {
        const struct wd_node *const *members = NULL;
        level.count = wd_node_members(node, w->arena, &members);
        level.members = wd_arena_array(w->arena, const struct wd_node *, level.count);
        if (level.count)
            memcpy(level.members, members, level.count * sizeof *members);
        qsort(level.members, level.count, sizeof *level.members, by_key);
    } else {
        level.members = wd_arena_array(w->arena, const struct wd_node *, node->count);
        for (const struct wd_node *item = node->first; item; item = item->next)
            level.members[level.count++] = item;
    }
    WD_GROW(w->levels, w->depth, w->cap);
    w->levels[w->depth++] = level;
    wd_buf_byte(&w->out, node->kind == WD_NODE_MAP ? '{' : '[');
}

static void put_value(struct writer *w, const struct wd_node *node)
{
    if (node->kind == WD_NODE_MAP || node->kind == WD_NODE_LIST)
        open_level(w, node);
    else
        put_scalar(&w->out, node);
}

static void put_next(struct writer *w)
{
    struct level *top = &w->levels[w->depth - 1];
    bool is_map = top->node->kind == WD_NODE_MAP;
    if (top->next == top->count) {
        wd_buf_byte(&w->out, is_map ? '}' : ']');
        w->depth--;
        return;
    }
    const struct wd_node *member = top->members[top->next++];
    if (top->next > 1)
        wd_buf_byte(&w->out, ',');
    if (is_map) {
        put_string(&w->out, member->key);
        wd_buf_byte(&w->out, ':');
    }
    put_value(w, member);
}

struct wd_bytes wd_node_canonical(const struct wd_node *node, struct wd_arena *arena)
{
    struct writer w = { .arena = wd_arena_open() };
    put_value(&w, node);
    while (w.depth)
        put_next(&w);
    struct wd_bytes text = wd_arena_copy(arena, wd_buf_bytes(&w.out));
    wd_buf_free(&w.out);
    wd_free(w.levels);
    wd_arena_close(w.arena);
    return text;
}
