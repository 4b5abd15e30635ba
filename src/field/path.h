/* field/path.h - the tree of field paths that a channel's messages have shown.
 *
 * Shape   a node is a member (by key), any element of an array, or any member of a map with dynamic keys. A walker
 *         descends by key; each node remembers which sibling followed it last time, so in steady state the next key is
 *         confirmed by one comparison instead of a look-up. Keys shaped like identifiers go to the map node at once;
 *         when a parent has more than `map_keys` distinct keys, all of them fold into one (see wd_paths_target).
 * Units   node numbers; 0 is the root.
 * Owns    nodes and keys. Bounded by limits `fields` (then wd_paths_other) and `path`.
 * Source  design: field paths.
 */
#ifndef WD_FIELD_PATH_H
#define WD_FIELD_PATH_H

#include "base/buf.h"
#include "base/limits.h"

enum { WD_PATH_ROOT = 0, WD_PATH_NONE = UINT32_MAX };

struct wd_paths;
struct wd_paths *wd_paths_open(const struct wd_limits *limits);
void wd_paths_close(struct wd_paths *paths);
uint32_t wd_paths_count(const struct wd_paths *paths);

/* The node of member `key` (decoded) under `parent`, made when new; of any element; of any map member. */
uint32_t wd_paths_member(struct wd_paths *paths, uint32_t parent, struct wd_bytes key);
uint32_t wd_paths_element(struct wd_paths *paths, uint32_t parent);
uint32_t wd_paths_map(struct wd_paths *paths, uint32_t parent);
/* Declares that the keys under `parent` are dynamic (configuration, schema). */
void wd_paths_fold(struct wd_paths *paths, uint32_t parent);

/* Where the counts of a node belong now: itself, or the node that it was folded into. */
uint32_t wd_paths_target(const struct wd_paths *paths, uint32_t node);
uint32_t wd_paths_parent(const struct wd_paths *paths, uint32_t node);
/* True below an array or a map: a message can hold several values. */
bool wd_paths_is_repeated(const struct wd_paths *paths, uint32_t node);
bool wd_paths_is_folded(const struct wd_paths *paths, uint32_t node);
/* The last key of the path, decoded; empty for elements, maps and the root. */
struct wd_bytes wd_paths_key(const struct wd_paths *paths, uint32_t node);

/* Written out: "user.address", "items[].price", "rates{}.bid", "\"a.b\".c", ".". */
void wd_paths_write(const struct wd_paths *paths, uint32_t node, struct wd_buf *out);

#endif
