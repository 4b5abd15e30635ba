/* field/path.h - the tree of field paths that a channel's messages have shown.
 *
 * Shape   a node is a member (by key), any element of an array, or any member of a map with dynamic keys. A
 *         walker descends by key; each node remembers which sibling followed it last time, so in steady state
 *         the next key is confirmed by one comparison instead of a look-up. Keys shaped like identifiers go
 *         to the map node at once; when a parent has more than `map_keys` distinct keys, all of them fold
 *         into one (see wd_paths_target). Fields of a layout, and the numbers of Protobuf's, are no keys: they
 *         never fold for what they look like, or because they are many.
 * Units   node numbers; the first three are fixed.
 * Owns    nodes and keys. Bounded by the limits `fields-total` (then everything new is WD_PATH_OTHER) and
 *         `path`.
 * Source  design: field paths.
 */
#ifndef WD_FIELD_PATH_H
#define WD_FIELD_PATH_H

#include "base/buf.h"
#include "base/limits.h"

enum { WD_PATH_ROOT = 0, WD_PATH_MALFORMED = 1, WD_PATH_OTHER = 2, WD_PATH_NONE = UINT32_MAX };

/* One cache line each: the walk touches a node per field. */
struct wd_path {
    const uint8_t
        *token; /* the key as it stands in JSON, quotes included; NULL for elements, maps and the root */
    uint32_t parent;
    uint32_t first, last, next;        /* children in order of appearance, and the next child of the parent */
    uint32_t element, map;             /* the [] and {} children, WD_PATH_NONE */
    uint32_t guess_first, guess_next;  /* what came first inside it, and after it, the last time */
    uint32_t guess_other; /* what came after it before that: two kinds of message often take turns */
    uint32_t target;                   /* itself, or the node it was folded into */
    uint32_t member_count;
    uint32_t key_off;                  /* the decoded key in the tree's text */
    uint16_t key_len, token_len;       /* keys longer than the limit `path` fold, so both fit */
    uint16_t depth;
    bool is_repeated : 1;              /* below an array or a map: a message can hold several values */
    bool is_folded : 1;                /* members go to `map` */
    bool is_field : 1;                 /* of a layout, or a number: what made it was wd_paths_field */
    bool is_number : 1;                /* its key is the number of a field, and no JSON key */
};
_Static_assert(sizeof(struct wd_path) <= 64, "one cache line");

/* What a walker that knows fields otherwise than by their keys remembers of a node. */
struct wd_path_note {
    uintptr_t who;                     /* the field that the node stands for */
    uint32_t what;                     /* its own, 0 at first */
};

struct wd_paths;
/* The nodes of all trees of a run together, and up to how many of them may be. */
struct wd_path_total { uint64_t made, most; };
/* `total` NULL: on its own, up to the limit `fields-total`. */
struct wd_paths *wd_paths_open(const struct wd_limits *limits, struct wd_path_total *total);
void wd_paths_close(struct wd_paths *paths);
uint32_t wd_paths_count(const struct wd_paths *paths);
/* Raised each time that nodes were folded together: counts kept by node must then be moved to
 * wd_paths_target. */
uint32_t wd_paths_folds(const struct wd_paths *paths);
/* How often since the last call a node was wanted for which the limit `fields-total` left no room. */
uint64_t wd_paths_take_refused(struct wd_paths *paths);
/* The nodes, for reading and for the guesses; moves when a node is added. (They come first in the tree, for
 * the hot path.) */
static inline struct wd_path *wd_paths_nodes(const struct wd_paths *paths)
{
    return *(struct wd_path *const *)(const void *)paths;
}

/* The node of member `key` (decoded, with the JSON token it was written as, or an empty view) under `parent`,
 * made when new. */
uint32_t wd_paths_member(struct wd_paths *paths, uint32_t parent, struct wd_bytes key, struct wd_bytes token);
/* The node of a field that is no dynamic key. A number and a name are two nodes also where they read the
 * same. */
uint32_t wd_paths_field(struct wd_paths *paths, uint32_t parent, struct wd_bytes name, bool is_number);
uint32_t wd_paths_element(struct wd_paths *paths, uint32_t parent);
/* The node of any member of a map. */
uint32_t wd_paths_map(struct wd_paths *paths, uint32_t parent);
/* The existing member, or WD_PATH_NONE. */
uint32_t wd_paths_find(const struct wd_paths *paths, uint32_t parent, struct wd_bytes key);
/* Declares that the keys under `parent` are dynamic (configuration, schema, too many of them). */
void wd_paths_fold(struct wd_paths *paths, uint32_t parent);

/* The notes, by node; they move when a node is added. */
struct wd_path_note *wd_paths_notes(struct wd_paths *paths);

/* Where walkers decode keys: one buffer for all messages. */
struct wd_buf *wd_paths_scratch(struct wd_paths *paths);

/* The last key of the path, decoded; empty for elements, maps and the root. */
struct wd_bytes wd_paths_key(const struct wd_paths *paths, uint32_t node);

/* Written out: "user.address", "items[].price", "rates{}.bid", "\"a.b\".c", ".", "(malformed)". */
void wd_paths_write(const struct wd_paths *paths, uint32_t node, struct wd_buf *out);

/* The node of a path in that notation, made when new; `{}` folds its parent. WD_PATH_NONE when it is no
 * path. */
uint32_t wd_paths_parse(struct wd_paths *paths, struct wd_bytes text);

#endif
