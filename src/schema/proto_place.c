/* A location is a path and a span:
 *
 *     path      4, 0, 2, 1            the second field (2) of the first message (4) of FileDescriptorProto
 *     path      4, 0, 2, 1, 1         its name (1)
 *     span      7, 2, 31              line 7, columns 2 to 31; of four numbers the third is the last line
 */
#include "schema/proto_place.h"

#include <stdlib.h>

enum { MARK = 256 };

int wd_proto_path_compare(const int32_t *a, size_t a_depth, const int32_t *b, size_t b_depth)
{
    for (size_t i = 0; i < a_depth && i < b_depth; i++)
        if (a[i] != b[i])
            return a[i] < b[i] ? -1 : 1;
    return (a_depth > b_depth) - (a_depth < b_depth);
}

/* Several blocks of one path: as they follow in the text. */
static int by_path(const void *a, const void *b)
{
    const wd_proto_location *x = *(const wd_proto_location *const *)a;
    const wd_proto_location *y = *(const wd_proto_location *const *)b;
    int c = wd_proto_path_compare(x->path, x->n_path, y->path, y->n_path);
    return c ? c : wd_proto_path_compare(x->span, x->n_span, y->span, y->n_span);
}

static void sort_locations(struct wd_proto_places *p, const Google__Protobuf__SourceCodeInfo *info,
                           struct wd_arena *arena)
{
    p->count = info ? info->n_location : 0;
    p->at = wd_arena_array(arena, const wd_proto_location *, p->count);
    for (size_t i = 0; i < p->count; i++)
        p->at[i] = info->location[i];
    if (p->count)
        qsort(p->at, p->count, sizeof(wd_proto_location *), by_path);
}

static int compare_at(const struct wd_proto_places *p, size_t i, const int32_t *path, size_t depth)
{
    return wd_proto_path_compare(p->at[i]->path, p->at[i]->n_path, path, depth);
}

size_t wd_proto_places_first(const struct wd_proto_places *places, const int32_t *path, size_t depth)
{
    size_t low = 0, high = places->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (compare_at(places, middle, path, depth) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low < places->count && compare_at(places, low, path, depth) == 0 ? low : places->count;
}

/* --- lines and columns --- */

static size_t column_after(size_t column, uint8_t byte)
{
    return byte == '\t' ? column + 8 - column % 8 : byte == '\n' ? 0 : column + 1;
}

/* Files can be one line of millions of bytes: so marks, and not from the start of the line each time. */
static void count_lines(struct wd_proto_places *p, struct wd_arena *arena)
{
    struct wd_bytes text = p->text;
    p->line_count = 1;
    for (size_t i = 0; i < text.len; i++)
        p->line_count += text.at[i] == '\n';
    p->lines = wd_arena_array(arena, size_t, p->line_count);
    p->columns = wd_arena_array(arena, size_t, text.len / MARK + 1);
    for (size_t i = 0, n = 1, column = 0; i < text.len; i++) {
        if (i % MARK == 0)
            p->columns[i / MARK] = column;
        column = column_after(column, text.at[i]);
        if (text.at[i] == '\n')
            p->lines[n++] = i + 1;
    }
}

struct wd_proto_places wd_proto_places_of(const Google__Protobuf__FileDescriptorProto *file,
                                          struct wd_bytes text, struct wd_arena *arena)
{
    struct wd_proto_places places = { .text = text, .ruler = wd_ruler_make(text, arena) };
    sort_locations(&places, file->source_code_info, arena);
    count_lines(&places, arena);
    return places;
}

static bool find_offset(const struct wd_proto_places *p, int32_t line, int32_t column, size_t *out)
{
    if (line < 0 || (size_t)line >= p->line_count || column < 0)
        return false;
    size_t off = p->lines[line], at = 0, wanted = (size_t)column;
    size_t end = (size_t)line + 1 < p->line_count ? p->lines[line + 1] - 1 : p->text.len;
    size_t low = off / MARK, high = end / MARK;
    while (low < high) {   /* the last mark of the line that is not beyond */
        size_t middle = high - (high - low) / 2;
        if (middle * MARK < p->text.len && p->columns[middle] <= wanted)
            low = middle;
        else
            high = middle - 1;
    }
    if (low * MARK > off) {
        off = low * MARK;
        at = p->columns[low];
    }
    for (; at < wanted && off < end; off++)
        at = column_after(at, p->text.at[off]);
    *out = off;
    return at >= wanted;
}

bool wd_proto_places_span(const struct wd_proto_places *places, const wd_proto_location *l,
                          struct wd_span *out)
{
    size_t start, end;
    *out = (struct wd_span){ 0 };
    if (l->n_span != 3 && l->n_span != 4)
        return false;
    int32_t last = l->n_span == 4 ? l->span[2] : l->span[0];
    out->line = (uint32_t)l->span[0] + 1;
    out->column = (uint32_t)l->span[1] + 1;
    if (!places->text.len)
        return true;
    if (!find_offset(places, l->span[0], l->span[1], &start) ||
        !find_offset(places, last, l->span[l->n_span - 1], &end) || end <= start)
        return false;
    *out = wd_ruler_span(&places->ruler, start, end);
    return true;
}
