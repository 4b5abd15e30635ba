#include "document/ruler.h"

enum { STRIDE = 64 };

static bool ends_line(struct wd_bytes text, size_t off)
{
    uint8_t c = text.at[off];
    return c == '\n' || (c == '\r' && (off + 1 == text.len || text.at[off + 1] != '\n'));
}

static bool starts_character(uint8_t c)
{
    return (c & 0xc0) != 0x80;
}

static void step(struct wd_bytes text, size_t off, struct wd_ruler_mark *mark)
{
    mark->characters += starts_character(text.at[off]);
    if (ends_line(text, off)) {
        mark->line++;
        mark->line_start = off + 1;
    }
}

struct wd_ruler wd_ruler_make(struct wd_bytes text, struct wd_arena *arena)
{
    struct wd_ruler ruler = { .text = text, .count = text.len / STRIDE + 1 };
    ruler.marks = wd_arena_array(arena, struct wd_ruler_mark, ruler.count);
    struct wd_ruler_mark mark = { .line = 1 };
    for (size_t off = 0; off < text.len; off++) {
        if (off % STRIDE == 0)
            ruler.marks[off / STRIDE] = mark;
        step(text, off, &mark);
    }
    if (text.len % STRIDE == 0)
        ruler.marks[text.len / STRIDE] = mark;
    return ruler;
}

/* The last mark with no more than so many characters before it. */
static size_t find_mark(const struct wd_ruler *ruler, size_t characters)
{
    size_t low = 0, high = ruler->count;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (ruler->marks[middle].characters <= characters)
            low = middle;
        else
            high = middle;
    }
    return low;
}

size_t wd_ruler_offset(const struct wd_ruler *ruler, size_t characters)
{
    size_t at = find_mark(ruler, characters);
    size_t off = at * STRIDE, seen = ruler->marks[at].characters;
    for (; off < ruler->text.len; off++) {
        if (!starts_character(ruler->text.at[off]))
            continue;
        if (seen == characters)
            return off;
        seen++;
    }
    return ruler->text.len;
}

struct wd_span wd_ruler_span(const struct wd_ruler *ruler, size_t off, size_t end)
{
    struct wd_ruler_mark mark = ruler->marks[off / STRIDE];
    for (size_t i = off / STRIDE * STRIDE; i < off; i++)
        step(ruler->text, i, &mark);
    return (struct wd_span){ .off = off, .len = end - off, .line = mark.line,
                             .column = (uint32_t)(off - mark.line_start + 1) };
}

size_t wd_ruler_line_end(const struct wd_ruler *ruler, size_t off)
{
    while (off < ruler->text.len && ruler->text.at[off] != '\n' && ruler->text.at[off] != '\r')
        off++;
    return off;
}
