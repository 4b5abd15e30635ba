#include "base/map.h"

#include "base/arena.h"
#include "base/hash.h"

struct entry {
    struct wd_bytes key;
    uint64_t hash, value;
};

/* `slots` holds entry index + 1, 0 for free; at most half full. */
struct wd_map {
    struct wd_arena *keys;
    struct wd_seed seed;
    struct entry *entries;
    size_t count, cap;
    uint32_t *slots;
    size_t slot_count;
};

struct wd_map *wd_map_open(void)
{
    struct wd_map *map = wd_alloc(sizeof *map);
    map->keys = wd_arena_open();
    map->seed = wd_seed_draw();
    return map;
}

void wd_map_close(struct wd_map *map)
{
    if (!map)
        return;
    wd_arena_close(map->keys);
    wd_free(map->entries);
    wd_free(map->slots);
    wd_free(map);
}

size_t wd_map_count(const struct wd_map *map)
{
    return map->count;
}

static size_t find_slot(const struct wd_map *map, struct wd_bytes key, uint64_t hash)
{
    size_t mask = map->slot_count - 1, i = hash & mask;
    for (; map->slots[i]; i = (i + 1) & mask) {
        const struct entry *e = &map->entries[map->slots[i] - 1];
        if (e->hash == hash && wd_bytes_eq(e->key, key))
            break;
    }
    return i;
}

static void grow_slots(struct wd_map *map)
{
    wd_free(map->slots);
    map->slot_count = map->slot_count ? map->slot_count * 2 : 16;
    map->slots = wd_alloc(map->slot_count * sizeof *map->slots);
    for (size_t i = 0; i < map->count; i++)
        map->slots[find_slot(map, map->entries[i].key, map->entries[i].hash)] = (uint32_t)(i + 1);
}

uint64_t *wd_map_get(const struct wd_map *map, struct wd_bytes key)
{
    if (map->count == 0)
        return NULL;
    size_t i = find_slot(map, key, wd_siphash(map->seed, key));
    return map->slots[i] ? &map->entries[map->slots[i] - 1].value : NULL;
}

uint64_t *wd_map_put(struct wd_map *map, struct wd_bytes key, bool *is_new)
{
    if (map->count * 2 >= map->slot_count)
        grow_slots(map);
    uint64_t hash = wd_siphash(map->seed, key);
    size_t i = find_slot(map, key, hash);
    if (is_new)
        *is_new = map->slots[i] == 0;
    if (map->slots[i] == 0) {
        WD_GROW(map->entries, map->count, map->cap);
        map->entries[map->count] = (struct entry){ wd_arena_copy(map->keys, key), hash, 0 };
        map->slots[i] = (uint32_t)++map->count;
    }
    return &map->entries[map->slots[i] - 1].value;
}

struct wd_bytes wd_map_key(const struct wd_map *map, size_t i)
{
    return map->entries[i].key;
}

uint64_t *wd_map_value(const struct wd_map *map, size_t i)
{
    return &map->entries[i].value;
}
