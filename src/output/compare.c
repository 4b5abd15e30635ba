#include "output/compare.h"

#include "output/figure.h"

struct list { struct wd_difference *at; size_t count, cap; };

static void add(struct list *l, struct wd_difference d)
{
    if (wd_difference_before(&d) == wd_difference_after(&d) && (d.before && d.after) &&
        (d.row_before == NULL) == (d.row_after == NULL))
        return;
    WD_GROW(l->at, l->count, l->cap);
    l->at[l->count++] = d;
}

static int compare_types(const struct wd_type_profile *a, const struct wd_type_profile *b)
{
    int c = wd_bytes_cmp(a->channel, b->channel);
    if (c == 0)
        c = (a->direction > b->direction) - (a->direction < b->direction);
    return c ? c : wd_bytes_cmp(a->name, b->name);
}

/* Both are sorted by path: a merge. */
static void compare_rows(struct list *l, const struct wd_type_profile *a, const struct wd_type_profile *b)
{
    size_t i = 0, j = 0;
    while (i < a->row_count || j < b->row_count) {
        int c = i == a->row_count   ? 1
                : j == b->row_count ? -1
                                    : wd_bytes_cmp(a->rows[i].path, b->rows[j].path);
        add(l, (struct wd_difference){ a, b, c <= 0 ? &a->rows[i] : NULL, c >= 0 ? &b->rows[j] : NULL });
        i += c <= 0;
        j += c >= 0;
    }
}

struct wd_difference *wd_profiles_compare(const struct wd_profile *before, const struct wd_profile *after,
                                          size_t *count)
{
    struct list l = { 0 };
    size_t i = 0, j = 0;
    while (i < before->type_count || j < after->type_count) {
        int c = i == before->type_count   ? 1
                : j == after->type_count ? -1
                                         : compare_types(&before->types[i], &after->types[j]);
        const struct wd_type_profile *a = c <= 0 ? &before->types[i] : NULL,
                                     *b = c >= 0 ? &after->types[j] : NULL;
        add(&l, (struct wd_difference){ a, b, NULL, NULL });
        if (a && b)
            compare_rows(&l, a, b);
        i += c <= 0;
        j += c >= 0;
    }
    *count = l.count;
    return l.at;
}

static uint64_t each(const struct wd_difference *d, const struct wd_type_profile *type,
                     const struct wd_row *row)
{
    if (!type)
        return 0;
    bool is_whole = !d->row_before && !d->row_after;
    return wd_each(is_whole ? type->payload_bytes : row ? wd_row_bytes(row) : 0, type->count);
}

uint64_t wd_difference_before(const struct wd_difference *d) { return each(d, d->before, d->row_before); }
uint64_t wd_difference_after(const struct wd_difference *d) { return each(d, d->after, d->row_after); }

struct wd_bytes wd_difference_path(const struct wd_difference *d)
{
    const struct wd_row *row = d->row_after ? d->row_after : d->row_before;
    return row ? row->path : wd_bytes_of("");
}

const struct wd_type_profile *wd_difference_type(const struct wd_difference *d)
{
    return d->after ? d->after : d->before;
}

const char *wd_difference_word(const struct wd_difference *d)
{
    bool is_whole = !d->row_before && !d->row_after;
    if (is_whole ? !d->before : !d->row_before)
        return "new";
    if (is_whole ? !d->after : !d->row_after)
        return "gone";
    return wd_difference_after(d) > wd_difference_before(d) ? "grown" : "shrunk";
}
