/* infer/names.h - names of the traffic as the names that a format allows.
 *
 * Shape   a style says which bytes may stand where and how words are joined; a scope keeps names apart that
 *         became the same, in the order in which they are asked for: `a b` and `a-b` are a_b and a_b_2.
 * Owns    names are in the arena, a scope on the heap.
 * Errors  none: what has no byte that may stay is called by its fallback.
 */
#ifndef WD_INFER_NAMES_H
#define WD_INFER_NAMES_H

#include "base/arena.h"
#include "base/map.h"

enum wd_name_style {
    WD_NAME_KEY,       /* cpu.load-avg: letters, digits, `_`, `-` and `.`: keys of components */
    WD_NAME_WORD,      /* cpuLoad: what a person would call a channel */
    WD_NAME_SNAKE,     /* cpu_load */
    WD_NAME_TYPE,      /* CpuLoad */
    WD_NAME_PLAIN,     /* cpu_load, CpuLoad: as it is where it can be */
};

struct wd_bytes wd_name_make(enum wd_name_style style, struct wd_bytes text, const char *fallback,
                             struct wd_arena *arena);
/* How Protobuf calls a field in JSON by itself: cpu_load is cpuLoad. */
struct wd_bytes wd_name_camel(struct wd_bytes snake, struct wd_arena *arena);

struct wd_name_scope { struct wd_map *taken; struct wd_arena *arena; bool is_exact; };
struct wd_name_scope wd_name_scope_open(struct wd_arena *arena, bool is_exact);
void wd_name_scope_close(struct wd_name_scope *scope);
/* The name, or the first of name_2, name_3, ... that is free; taken now. Unless the scope is
 * exact, names that differ in case and `_` alone are the same, as they are to generators of code. */
struct wd_bytes wd_name_take(struct wd_name_scope *scope, struct wd_bytes name);

#endif
