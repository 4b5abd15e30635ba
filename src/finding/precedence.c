/* finding/precedence.c - of several waste rules on one path the first is the finding, the others stand in
 * `also`; what nobody reads takes everything below it along. Source design: formats (findings). */
#include <stdlib.h>

#include "base/map.h"
#include "finding/engine.h"
#include "model/path.h"

/* In order of precedence. `of` names the group in which the first on a path wins; 0: it only yields to
 * what is unread. */
static const struct { const char *rule; uint8_t of; } order[] = {
    { "WD102", 1 }, { "WD101", 1 }, { "WD201", 1 }, { "WD207", 1 }, { "WD202", 1 }, { "WD203", 1 },
    { "WD204", 0 }, { "WD301", 0 }, { "WD304", 0 },
};

struct folder {
    struct wd_arena *arena;
    struct engine *engine;
    struct wd_map *first;     /* by message and path: the finding of group 1, +1 */
    struct wd_map *unread;    /* the same for WD101 and WD102 only */
    struct wd_buf key;
};

static struct wd_bytes key_of(struct folder *f, const struct wd_finding *finding, struct wd_bytes path)
{
    wd_buf_reset(&f->key);
    wd_buf_put(&f->key, finding->channel);
    wd_buf_printf(&f->key, "%c%d%c", 0, finding->direction, 0);
    wd_buf_put(&f->key, finding->message);
    wd_buf_byte(&f->key, 0);
    wd_buf_put(&f->key, path);
    return wd_buf_bytes(&f->key);
}

static struct pending *look_up(struct folder *f, const struct wd_map *map, const struct wd_finding *finding,
                               struct wd_bytes path)
{
    const uint64_t *at = wd_map_get(map, key_of(f, finding, path));
    return at ? &f->engine->pending[*at - 1] : NULL;
}

/* The unread message, or the unread field at or above the path. */
static struct pending *unread_above(struct folder *f, const struct wd_finding *finding)
{
    struct pending *found = look_up(f, f->unread, finding, wd_bytes_of(""));
    for (struct wd_bytes path = finding->path; !found && path.len; path = wd_path_parent(path))
        found = look_up(f, f->unread, finding, path);
    return found;
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void add_also(struct folder *f, struct wd_finding *into, const char *id)
{
    for (size_t i = 0; i < into->also_count; i++)
        if (strcmp(into->also[i], id) == 0)
            return;
    const char **also = wd_arena_array(f->arena, const char *, into->also_count + 1);
    for (size_t i = 0; i < into->also_count; i++)
        also[i] = into->also[i];
    also[into->also_count++] = id;
    qsort(also, into->also_count, sizeof *also, by_text);
    into->also = also;
}

static void place(struct folder *f, size_t i, size_t rank)
{
    struct pending *p = &f->engine->pending[i];
    struct pending *winner = unread_above(f, &p->finding);
    if (!winner && order[rank].of)
        winner = look_up(f, f->first, &p->finding, p->finding.path);
    if (winner) {
        p->is_folded = true;
        add_also(f, &winner->finding, p->finding.rule->id);
        return;
    }
    if (order[rank].of)
        *wd_map_put(f->first, key_of(f, &p->finding, p->finding.path), NULL) = i + 1;
    if (rank < 2)
        *wd_map_put(f->unread, key_of(f, &p->finding, p->finding.path), NULL) = i + 1;
}

void precedence_apply(struct engine *engine, struct wd_arena *arena)
{
    struct folder f = { .arena = arena, .engine = engine, .first = wd_map_open(), .unread = wd_map_open() };
    for (size_t rank = 0; rank < WD_COUNT(order); rank++)
        for (size_t i = 0; i < engine->count; i++)
            if (!engine->pending[i].is_suppressed &&
                strcmp(engine->pending[i].finding.rule->id, order[rank].rule) == 0)
                place(&f, i, rank);
    wd_map_close(f.first);
    wd_map_close(f.unread);
    wd_buf_free(&f.key);
}
