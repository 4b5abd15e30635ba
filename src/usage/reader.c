#include "usage/reader.h"

#include <stdio.h>

#include "base/escape.h"
#include "model/message.h"
#include "model/path.h"

int wd_reader_fail(const struct wd_reader *r, const struct wd_node *node, const char *format, ...)
{
    char text[512];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    return wd_fail(r->err, WD_EPARSE, wd_node_place(r->document, node), "%s", text);
}

int wd_reader_map(const struct wd_reader *r, const struct wd_node *node, const char *what,
                  const char *const *known)
{
    if (node->kind == WD_NODE_MAP)
        return wd_node_known(r->document, node, known, r->err);
    return wd_reader_fail(r, node, "%s is a map (expected '%s: ...', found %s)", what, known[0],
                          wd_node_kind_name(node));
}

int wd_reader_need(const struct wd_reader *r, const struct wd_node *map, const char *what, const char *key,
                   const struct wd_node **out)
{
    const struct wd_node *node = wd_node_get(map, key);
    if (!node)
        return wd_reader_fail(r, map, "%s needs '%s'; add '%s: ...'", what, key, key);
    *out = node;
    return WD_OK;
}

int wd_reader_list(const struct wd_reader *r, const struct wd_node *node, size_t *count,
                   const struct wd_node **first)
{
    bool is_empty = !node || node->kind == WD_NODE_NULL;
    if (!is_empty && node->kind != WD_NODE_LIST)
        return wd_reader_fail(r, node, "expected a list, found %s; write '- ' before each entry",
                              wd_node_kind_name(node));
    *count = is_empty ? 0 : node->count;
    *first = is_empty ? NULL : node->first;
    return WD_OK;
}

int wd_reader_text(const struct wd_reader *r, const struct wd_node *node, struct wd_bytes *out)
{
    if (!node)
        return WD_OK;
    struct wd_bytes text;
    TRY(wd_node_string(r->document, node, &text, r->err));
    if (text.len == 0)
        return wd_reader_fail(r, node, "expected a text, found an empty one; fill it in or remove the key");
    *out = text;
    return WD_OK;
}

int wd_reader_path(const struct wd_reader *r, const struct wd_node *node, struct wd_bytes *out)
{
    struct wd_bytes text = { 0 };
    TRY(wd_reader_text(r, node, &text));
    if (!node || wd_path_normal(text, r->arena, out))
        return WD_OK;
    struct wd_shown shown;
    return wd_reader_fail(
        r, node,
        "'%s' is no field path; write user.name, items[].price, rates{}.bid, \"odd key\".x, "
        "or . for the whole message",
        wd_show(&shown, text));
}

int wd_reader_direction(const struct wd_reader *r, const struct wd_node *node, int *out)
{
    struct wd_bytes text = { 0 };
    TRY(wd_reader_text(r, node, &text));
    *out = -1;
    if (!node)
        return WD_OK;
    for (int i = 0; i < WD_DIRECTION_COUNT; i++)
        if (wd_bytes_is(text, wd_direction_names[i]))
            *out = i;
    return *out >= 0 ? WD_OK : wd_reader_fail(r, node, "a direction is c2s (client to server), s2c or p2p");
}

int wd_reader_texts(const struct wd_reader *r, const struct wd_node *node, const struct wd_bytes **out,
                    size_t *count)
{
    const struct wd_node *entry = NULL;
    TRY(wd_reader_list(r, node, count, &entry));
    struct wd_bytes *texts = wd_arena_array(r->arena, struct wd_bytes, *count);
    for (size_t i = 0; entry; entry = entry->next, i++)
        TRY(wd_reader_text(r, entry, &texts[i]));
    *out = texts;
    return WD_OK;
}
