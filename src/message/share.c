#include "message/share.h"

#include "base/arena.h"

void wd_marks_put(struct wd_mark_list *list, uint32_t len, uint64_t bits)
{
    uint32_t end = list->count ? list->at[list->count - 1].end : 0;
    WD_GROW(list->at, list->count, list->cap);
    list->at[list->count++] = (struct wd_bit_mark){ end + len, (uint32_t)bits };
}

/* Bits of the bytes [from, to) among those that a symbol made. */
static uint64_t part_of(const struct wd_bit_mark *mark, uint32_t start, uint32_t from, uint32_t to)
{
    uint64_t bits = mark->bits;
    uint32_t len = mark->end - start;
    return (to - start) * bits / len - (from - start) * bits / len;
}

/* A symbol that is not kept as a whole is kept byte by byte, so that each bears what it does in the whole. */
static void keep_part(const struct wd_share *s, const struct wd_bit_mark *mark, uint32_t to,
                      struct wd_mark_list *kept)
{
    if (s->at == s->start && to == mark->end) {
        wd_marks_put(kept, to - s->at, mark->bits);
        return;
    }
    for (uint32_t at = s->at; at < to; at++)
        wd_marks_put(kept, 1, part_of(mark, s->start, at, at + 1));
}

uint64_t wd_share_walk(struct wd_share *s, size_t len, struct wd_mark_list *kept)
{
    uint64_t bits = 0;
    while (len && s->next < s->marks.count) {
        const struct wd_bit_mark *mark = &s->marks.at[s->next];
        uint32_t left = mark->end - s->at, n = len < left ? (uint32_t)len : left;
        bits += part_of(mark, s->start, s->at, s->at + n);
        if (kept)
            keep_part(s, mark, s->at + n, kept);
        s->at += n;
        len -= n;
        if (s->at == mark->end) {
            s->start = mark->end;
            s->next++;
        }
    }
    return bits * WD_SHARE_BIT;
}
