#include "infer/names.h"

#include <inttypes.h>

#include "base/buf.h"

enum { LONGEST = 200 };

static bool is_small(uint8_t c)
{
    return c >= 'a' && c <= 'z';
}

static bool is_capital(uint8_t c)
{
    return c >= 'A' && c <= 'Z';
}

static bool is_digit(uint8_t c)
{
    return c >= '0' && c <= '9';
}

static bool is_alnum(uint8_t c)
{
    return is_small(c) || is_capital(c) || is_digit(c);
}

/* Where a word begins: behind what is no letter or digit, and at a capital behind a small letter or digit, or
 * before a small one in a row of capitals: cpuLoad, HTTPServer. */
static bool begins_word(struct wd_bytes text, size_t i)
{
    if (i == 0 || !is_alnum(text.at[i - 1]))
        return true;
    if (!is_capital(text.at[i]))
        return false;
    return !is_capital(text.at[i - 1]) || (i + 1 < text.len && is_small(text.at[i + 1]));
}

static uint8_t cased(uint8_t c, bool is_upper)
{
    if (is_upper)
        return is_small(c) ? (uint8_t)(c - 0x20) : c;
    return is_capital(c) ? (uint8_t)(c + 0x20) : c;
}

static void put_words(struct wd_buf *out, enum wd_name_style style, struct wd_bytes text)
{
    for (size_t i = 0; i < text.len; i++) {
        uint8_t c = text.at[i];
        if (!is_alnum(c))
            continue;
        bool begins = begins_word(text, i);
        if (style == WD_NAME_SNAKE && begins && out->len)
            wd_buf_byte(out, '_');
        if (style == WD_NAME_SNAKE)
            wd_buf_byte(out, cased(c, false));
        else
            wd_buf_byte(out, begins ? cased(c, style == WD_NAME_TYPE || out->len) : c);
    }
}

static void put_bytes(struct wd_buf *out, enum wd_name_style style, struct wd_bytes text)
{
    for (size_t i = 0; i < text.len; i++) {
        uint8_t c = text.at[i];
        bool stays = is_alnum(c) || c == '_' || (style == WD_NAME_KEY && (c == '-' || c == '.'));
        wd_buf_byte(out, stays ? c : '_');
    }
}

static bool has_alnum(const struct wd_buf *name)
{
    for (size_t i = 0; i < name->len; i++)
        if (is_alnum(name->at[i]))
            return true;
    return false;
}

struct wd_bytes wd_name_make(enum wd_name_style style, struct wd_bytes text, const char *fallback,
                             struct wd_arena *arena)
{
    struct wd_buf name = { 0 }, whole = { 0 };
    bool is_bytes = style == WD_NAME_KEY || style == WD_NAME_PLAIN;
    text.len = text.len < LONGEST ? text.len : LONGEST;
    (is_bytes ? put_bytes : put_words)(&name, style, text);
    if (!has_alnum(&name)) {
        wd_buf_reset(&name);
        wd_buf_puts(&name, fallback);
    }
    if (style != WD_NAME_KEY && is_digit(name.at[0]))
        wd_buf_puts(&whole, style == WD_NAME_TYPE ? "X" : style == WD_NAME_PLAIN ? "_" : "x");
    wd_buf_put(&whole, wd_buf_bytes(&name));
    struct wd_bytes made = wd_arena_copy(arena, wd_buf_bytes(&whole));
    wd_buf_free(&name);
    wd_buf_free(&whole);
    return made;
}

struct wd_bytes wd_name_camel(struct wd_bytes snake, struct wd_arena *arena)
{
    struct wd_buf name = { 0 };
    bool is_upper = false;
    for (size_t i = 0; i < snake.len; i++) {
        if (snake.at[i] != '_')
            wd_buf_byte(&name, is_upper ? cased(snake.at[i], true) : snake.at[i]);
        is_upper = snake.at[i] == '_';
    }
    struct wd_bytes made = wd_arena_copy(arena, wd_buf_bytes(&name));
    wd_buf_free(&name);
    return made;
}

/* --- scopes --- */

struct wd_name_scope wd_name_scope_open(struct wd_arena *arena, bool is_exact)
{
    return (struct wd_name_scope){ wd_map_open(), arena, is_exact };
}

void wd_name_scope_close(struct wd_name_scope *scope)
{
    wd_map_close(scope->taken);
}

/* False when it was taken; *last then counts what was tried for it. */
static bool claim(struct wd_name_scope *scope, struct wd_bytes name, uint64_t **last)
{
    struct wd_buf folded = { 0 };
    bool is_new;
    for (size_t i = 0; i < name.len; i++)
        if (scope->is_exact)
            wd_buf_byte(&folded, name.at[i]);
        else if (name.at[i] != '_')
            wd_buf_byte(&folded, cased(name.at[i], false));
    *last = wd_map_put(scope->taken, wd_buf_bytes(&folded), &is_new);
    wd_buf_free(&folded);
    return is_new;
}

struct wd_bytes wd_name_take(struct wd_name_scope *scope, struct wd_bytes name)
{
    uint64_t *last, *first, n;
    struct wd_bytes other = name;
    if (claim(scope, name, &first))
        return name;
    n = *first;
    do
        other = wd_arena_printf(scope->arena, "%.*s_%" PRIu64, (int)name.len, (const char *)name.at, ++n + 1);
    while (!claim(scope, other, &last));
    claim(scope, name, &first);
    *first = n;
    return other;
}
