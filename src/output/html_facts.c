/* output/html_facts.c - what the sections ask of the profile, the schema and the findings. */
#include "output/html_part.h"

#include <math.h>
#include <stdlib.h>

enum wd_verdict wd_html_verdict(const struct wd_html *h, size_t type, size_t row)
{
    return h->audit->verdicts ? (enum wd_verdict)h->audit->verdicts[type][row] : WD_VERDICT_UNKNOWN;
}

struct wd_bytes wd_html_personal(const struct wd_html *h, size_t type, size_t row)
{
    return h->audit->personal ? h->audit->personal[type][row] : wd_bytes_of("");
}

bool wd_html_is_value(const struct wd_row *row)
{
    return row->types[WD_TYPE_ARRAY] + row->types[WD_TYPE_OBJECT] < row->occurrences || row->empty > 0;
}

double wd_html_changed(const struct wd_row *row)
{
    if (row->entity_compared)
        return (double)row->entity_changed / (double)row->entity_compared;
    return row->compared ? (double)row->changed / (double)row->compared : 0;
}

const struct wd_schema_field *wd_html_declared(const struct wd_html *h, size_t type, struct wd_bytes path)
{
    const struct wd_schema_message *m = h->audit->bindings ? h->audit->bindings[type].message : NULL;
    return m ? wd_schema_field_cover(m, path) : NULL;
}

const struct wd_fact *wd_html_fact(const struct wd_finding *finding, const char *key)
{
    for (size_t i = 0; i < finding->fact_count; i++)
        if (strcmp(finding->facts[i].key, key) == 0)
            return &finding->facts[i];
    return NULL;
}

/* An index with what it is sorted by; the index breaks ties, so the order is that of the names. */
struct ranked { uint64_t bytes; size_t index; };

static int by_bytes(const void *a, const void *b)
{
    const struct ranked *x = a, *y = b;
    return x->bytes != y->bytes ? (x->bytes < y->bytes) - (x->bytes > y->bytes)
                                : (x->index > y->index) - (x->index < y->index);
}

static size_t *indices(struct wd_arena *arena, struct ranked *list, size_t count)
{
    qsort(list, count, sizeof *list, by_bytes);
    size_t *order = wd_arena_array(arena, size_t, count);
    for (size_t i = 0; i < count; i++)
        order[i] = list[i].index;
    return order;
}

size_t *wd_html_by_cost(const struct wd_html *h, size_t type)
{
    const struct wd_type_profile *t = &h->profile->types[type];
    struct ranked *list = wd_arena_array(h->arena, struct ranked, t->row_count);
    for (size_t i = 0; i < t->row_count; i++)
        list[i] = (struct ranked){ wd_row_bytes(&t->rows[i]), i };
    return indices(h->arena, list, t->row_count);
}

size_t *wd_html_types_by_cost(const struct wd_html *h)
{
    struct ranked *list = wd_arena_array(h->arena, struct ranked, h->profile->type_count);
    for (size_t i = 0; i < h->profile->type_count; i++)
        list[i] = (struct ranked){ h->profile->types[i].payload_bytes, i };
    return indices(h->arena, list, h->profile->type_count);
}
