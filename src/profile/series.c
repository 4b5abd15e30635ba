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
    echo_free(o, series);
    unlink_series(o, series);
    o->slots -= series->slot_cap;
    for (uint32_t i = 0; i < series->slot_cap; i++) {
        o->slots -= series->memories[i].place_cap;
        wd_free(series->memories[i].places);
    }
    wd_free(series->memories);
    wd_free(series->slots);
    *series->home = NULL;
    wd_free(series);
}

static void grow_lane(struct lane *lane)
{
    size_t cap = lane->family->cap;
    lane->series = wd_realloc(lane->series, cap, sizeof *lane->series);
    lane->has_carried = wd_realloc(lane->has_carried, cap, sizeof *lane->has_carried);
    memset(lane->series + lane->series_cap, 0, (cap - lane->series_cap) * sizeof *lane->series);
    memset(lane->has_carried + lane->series_cap, 0, (cap - lane->series_cap) * sizeof *lane->has_carried);
    lane->series_cap = cap;
    for (size_t k = 0; k < cap; k++)
        if (lane->series[k])
            lane->series[k]->home = &lane->series[k];
}

/* A series that was forgotten and begins again is still on the same connection. */
static void count_connection(struct lane *lane, struct type *type)
{
    if (!lane->has_carried[type->index] && type->last_connection != lane->connection)
        type->profile.connections++;
    lane->has_carried[type->index] = true;
    type->last_connection = lane->connection;
}

struct series *series_of(struct wd_observer *o, struct lane *lane, struct type *type)
{
    if (type->index >= lane->series_cap)
        grow_lane(lane);
    struct series *s = lane->series[type->index];
    if (!s) {
        s = wd_alloc(sizeof *s);
        s->type = type;
        s->id = ++o->series_ids;
        s->home = &lane->series[type->index];
        lane->series[type->index] = s;
        link_newest(o, s);
        count_connection(lane, type);
    } else if (o->newest != s && o->slots > o->limits.series_fields / 2) {  /* order matters only when some must go */
        unlink_series(o, s);
        link_newest(o, s);
    }
    return s;
}

/* What was used least lately is forgotten when there is too much in all, but never the series at hand. */
static void make_room(struct wd_observer *o, struct series *series)
{
    if (o->slots > o->limits.series_fields && o->newest != series) {
        unlink_series(o, series);
        link_newest(o, series);
    }
    while (o->slots > o->limits.series_fields && o->oldest != series) {
        note_limit(o, WD_LIMIT_series_fields);
        series_free(o, o->oldest);
    }
}

bool series_take(struct wd_observer *o, struct series *series, uint32_t count)
{
    o->slots += count;
    make_room(o, series);
    if (o->slots <= o->limits.series_fields)
        return true;
    o->slots -= count;
    return false;
}

/* Room for `rows` slots. */
void series_room(struct wd_observer *o, struct series *series, uint32_t rows)
{
    if (rows <= series->slot_cap)
        return;
    uint32_t cap = series->slot_cap ? series->slot_cap : 8;
    while (cap < rows)
        cap *= 2;
    series->slots = wd_realloc(series->slots, cap, sizeof *series->slots);
    series->memories = wd_realloc(series->memories, cap, sizeof *series->memories);
    memset(series->slots + series->slot_cap, 0, (cap - series->slot_cap) * sizeof *series->slots);
    memset(series->memories + series->slot_cap, 0, (cap - series->slot_cap) * sizeof *series->memories);
    o->slots += cap - series->slot_cap;
    series->slot_cap = cap;
    make_room(o, series);
}
