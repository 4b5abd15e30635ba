/* model/path.h - field paths as text: user.name, items[].price, rates{}.bid, "a.b".c, and . for the root.
 *
 * Shape   a path is a row of steps: a member (bare, or a JSON string when the key is not a plain word), `[]`
 *         for any element, `{}` for any member of a map. Two paths meet step by step; `{}` meets every
 *         member, on either side.
 * Owns    nothing; wd_path_normal writes into the arena.
 * Errors  none: what is not a path has no steps from there on. "(malformed)" and "(other)" are no paths.
 * Source  design: field paths.
 */
#ifndef WD_MODEL_PATH_H
#define WD_MODEL_PATH_H

#include "base/arena.h"
#include "base/buf.h"

/* The next step of `path` from *off on, which moves behind it; false at the end and at what is not a
 * step. Start with *off 0. */
bool wd_path_next(struct wd_bytes path, size_t *off, struct wd_bytes *step);

/* True when `path` is `top` or lies below it. */
bool wd_path_is_under(struct wd_bytes path, struct wd_bytes top);
/* True when both have the same steps. */
bool wd_path_meets(struct wd_bytes a, struct wd_bytes b);
/* Without its last step: "a.b[]" gives "a.b", "a" gives ".", "." gives an empty view. */
struct wd_bytes wd_path_parent(struct wd_bytes path);
/* True when the last step is `[]` or `{}`. */
bool wd_path_is_entry(struct wd_bytes path);
bool wd_path_has_map(struct wd_bytes path);

/* Appends the step to member `key` (decoded): a dot when something stands before it, quotes when the key
 * is no plain word. */
void wd_path_put_member(struct wd_buf *out, struct wd_bytes key);
/* put_member without the dot. */
void wd_path_put_key(struct wd_buf *out, struct wd_bytes key);
/* A JSON string with no more escapes than it needs: the same text as any JSON printer gives. */
void wd_path_put_quoted(struct wd_buf *out, struct wd_bytes key);

/* As profiles and schemas write it (quotes only where they are needed); false when it is no path. */
bool wd_path_normal(struct wd_bytes path, struct wd_arena *arena, struct wd_bytes *out);

#endif
