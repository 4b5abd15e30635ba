/* base/map.h - byte strings to 64-bit values; the only hash table keyed by input.
 *
 * Shape   open addressing, SipHash with a random seed. Iteration is in order of insertion, so no output
 *         depends on the hash. Keys are copied into the map.
 * Owns    keys and table. Errors: none (out of memory ends the program).
 */
#ifndef WD_BASE_MAP_H
#define WD_BASE_MAP_H

#include "base/bytes.h"

struct wd_map;
struct wd_map *wd_map_open(void);
void wd_map_close(struct wd_map *map);  /* NULL is fine */
size_t wd_map_count(const struct wd_map *map);

/* The value's place, or NULL. Valid until the next insertion. */
uint64_t *wd_map_get(const struct wd_map *map, struct wd_bytes key);
/* The value's place, made (0) when it is not there. *is_new may be NULL. */
uint64_t *wd_map_put(struct wd_map *map, struct wd_bytes key, bool *is_new);
/* The i-th inserted, i < count. */
struct wd_bytes wd_map_key(const struct wd_map *map, size_t i);
uint64_t *wd_map_value(const struct wd_map *map, size_t i);

#endif
