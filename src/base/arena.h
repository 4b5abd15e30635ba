/* base/arena.h - memory by lifetime.
 *
 * Shape   three lifetimes, three arenas: `run` (schemas, names, profile), `stream` (one connection),
 *         `scratch` (one message). Whoever allocates takes the arena as a parameter.
 * Owns    everything allocated from it, until reset or close.
 * Errors  none: running out of memory ends the program here, with exit status 4 and one line.
 */
#ifndef WD_BASE_ARENA_H
#define WD_BASE_ARENA_H

#include "base/bytes.h"

struct wd_arena;

struct wd_arena *wd_arena_open(void);
void wd_arena_close(struct wd_arena *arena);  /* NULL is fine */
void wd_arena_reset(struct wd_arena *arena);  /* forgets everything, keeps one block */

/* Zeroed, aligned to 16. `size` 0 gives a valid pointer. */
void *wd_arena_alloc(struct wd_arena *arena, size_t size);
void *wd_arena_calloc(struct wd_arena *arena, size_t count, size_t size);  /* overflow ends the program */
#define wd_arena_new(arena, type) ((type *)wd_arena_alloc((arena), sizeof(type)))
#define wd_arena_array(arena, type, n) ((type *)wd_arena_calloc((arena), (n), sizeof(type)))

/* A copy that is also NUL-terminated (the NUL is not counted in len). */
struct wd_bytes wd_arena_copy(struct wd_arena *arena, struct wd_bytes bytes);
char *wd_arena_string(struct wd_arena *arena, struct wd_bytes bytes);
struct wd_bytes wd_arena_printf(struct wd_arena *arena, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* The heap, for what grows and shrinks: never NULL, ends the program when memory is out. */
void *wd_alloc(size_t size);                                  /* zeroed */
void *wd_realloc(void *at, size_t count, size_t size);        /* not zeroed; overflow ends the program */
void wd_free(void *at);

/* Room for one more in a heap array: doubles `cap`. The new room is zeroed. */
#define WD_GROW(array, count, cap)                                                          \
    do {                                                                                    \
        if ((count) == (cap)) {                                                             \
            size_t grow_cap_ = (cap) ? (size_t)(cap) * 2 : 8;                               \
            (array) = wd_realloc((array), grow_cap_, sizeof *(array));                      \
            memset((array) + (cap), 0, (grow_cap_ - (size_t)(cap)) * sizeof *(array));      \
            (cap) = grow_cap_;                                                              \
        }                                                                                   \
    } while (0)

#endif
