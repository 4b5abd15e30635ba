#include "schema/patch.h"

#include <stdlib.h>

#include "base/buf.h"

void wd_patch_add(struct wd_patch *patch, size_t start, size_t end, struct wd_bytes put)
{
    WD_GROW(patch->at, patch->count, patch->cap);
    patch->at[patch->count++] = (struct wd_change){start, end, put};
}

static int by_start(const void *a, const void *b)
{
    const struct wd_change *x = a, *y = b;
    if (x->start != y->start)
        return x->start < y->start ? -1 : 1;
    return (x->end > y->end) - (x->end < y->end);
}

struct wd_bytes wd_patch_make(struct wd_patch *patch, struct wd_arena *arena)
{
    struct wd_buf out = {0};
    struct wd_bytes text = patch->text;
    size_t copied = 0;
    if (!patch->count)
        return text;
    qsort(patch->at, patch->count, sizeof *patch->at, by_start);
    for (size_t i = 0; i < patch->count; i++) {
        const struct wd_change *change = &patch->at[i];
        if (change->start > copied) {
            wd_buf_put(&out, wd_bytes_at(text.at + copied, change->start - copied));
            copied = change->start;
        }
        wd_buf_put(&out, change->put);
        if (change->end > copied)
            copied = change->end;
    }
    wd_buf_put(&out, wd_bytes_at(text.at + copied, text.len - copied));
    struct wd_bytes made = wd_arena_copy(arena, wd_buf_bytes(&out));
    wd_buf_free(&out);
    wd_free(patch->at);
    *patch = (struct wd_patch){0};
    return made;
}

static bool ends_line(struct wd_bytes text, size_t off)
{
    uint8_t c = text.at[off];
    return c == '\n' || (c == '\r' && (off + 1 == text.len || text.at[off + 1] != '\n'));
}

const char *wd_line_break(struct wd_bytes text)
{
    const uint8_t *cr = text.len ? memchr(text.at, '\r', text.len) : NULL;
    const uint8_t *lf = text.len ? memchr(text.at, '\n', text.len) : NULL;
    if (!cr || (lf && lf < cr))
        return "\n";
    return lf == cr + 1 ? "\r\n" : "\r";
}

size_t wd_line_start(struct wd_bytes text, size_t off)
{
    while (off > 0 && !ends_line(text, off - 1))
        off--;
    return off;
}

size_t wd_line_end(struct wd_bytes text, size_t off)
{
    while (off < text.len && !ends_line(text, off))
        off++;
    return off < text.len ? off + 1 : off;
}

size_t wd_line_indent(struct wd_bytes text, size_t line)
{
    size_t off = line;
    while (off < text.len && text.at[off] == ' ')
        off++;
    return off - line;
}

size_t wd_line_count(struct wd_bytes text)
{
    size_t lines = text.len && !ends_line(text, text.len - 1);
    for (size_t off = 0; off < text.len; off++)
        lines += ends_line(text, off);
    return lines;
}

size_t wd_skip_space(struct wd_bytes text, size_t off, bool is_across)
{
    for (; off < text.len; off++) {
        uint8_t c = text.at[off];
        if (is_across && c == '#') {
            while (off + 1 < text.len && text.at[off + 1] != '\n' && text.at[off + 1] != '\r')
                off++;
            continue;
        }
        if (c != ' ' && c != '\t' && !(is_across && (c == '\n' || c == '\r')))
            break;
    }
    return off;
}
