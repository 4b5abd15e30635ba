/* profile/series.c - one type on one connection, direction and logical stream. */
#include "profile/observer.h"

static void unlink_series(struct wd_observer *o, struct series *s)
{
    *(s->newer ? &s->newer->older : &o->newest) = s->older;
    *(s->older ? &s->older->newer : &o->oldest) = s->newer;
    s->newer = s->older = NULL;
}

static void link_newest(struct wd_observer *o, struct series *s)
{
    s->older = o->newest;
    s->newer = NULL;
    *(o->newest ? &o->newest->newer : &o->oldest) = s;
    o->newest = s;
}

void series_free(struct wd_observer *o, struct series *series)
{
    unlink_series(o, series);
    o->slots -= series->slot_cap;
    for (uint32_t i = 0; i < series->slot_cap; i++)
        wd_free(series->slots[i].places);
    wd_free(series->slots);
    *series->home = NULL;
    wd_free(series);
}

static uint32_t index_of(const struct lane *lane, const struct type *type)
{
    uint32_t i = 0;
    while (lane->family->list[i] != type)
        i++;
    return i;
}

struct series *series_of(struct wd_observer *o, struct lane *lane, struct type *type)
{
    uint32_t i = index_of(lane, type);
    if (i >= lane->series_cap) {
        size_t cap = lane->family->cap;
        lane->series = wd_realloc(lane->series, cap, sizeof *lane->series);
        memset(lane->series + lane->series_cap, 0, (cap - lane->series_cap) * sizeof *lane->series);
        lane->series_cap = cap;
        for (size_t k = 0; k < cap; k++)
            if (lane->series[k])
                lane->series[k]->home = &lane->series[k];
    }
    struct series *s = lane->series[i];
    if (!s) {
        s = wd_alloc(sizeof *s);
        s->type = type;
        s->id = ++o->series_ids;
        s->home = &lane->series[i];
        lane->series[i] = s;
        link_newest(o, s);
        if (type->last_connection != lane->connection)
            type->profile.connections++;
        type->last_connection = lane->connection;
    } else if (o->newest != s && o->slots > o->limits.series_fields / 2) {  /* order matters only when some must go */
        unlink_series(o, s);
        link_newest(o, s);
    }
    return s;
}

/* Room for `rows` slots; what was used least lately is forgotten when there are too many in all. */
void series_room(struct wd_observer *o, struct series *series, uint32_t rows)
{
    if (rows <= series->slot_cap)
        return;
    uint32_t cap = series->slot_cap ? series->slot_cap : 8;
    while (cap < rows)
        cap *= 2;
    series->slots = wd_realloc(series->slots, cap, sizeof *series->slots);
    memset(series->slots + series->slot_cap, 0, (cap - series->slot_cap) * sizeof *series->slots);
    o->slots += cap - series->slot_cap;
    series->slot_cap = cap;
    while (o->slots > o->limits.series_fields && o->oldest != series)
        series_free(o, o->oldest);
}
