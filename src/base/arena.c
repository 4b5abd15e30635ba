#include "base/arena.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* Blocks in a chain, newest first. Each is twice the last one up to 1 MiB, so small arenas stay small. */
struct block {
    struct block *older;
    size_t used, cap;
    _Alignas(16) uint8_t data[];
};

struct wd_arena {
    struct block *newest;
};

enum { FIRST_BLOCK = 4096 - 64, LARGEST_BLOCK = 1 << 20 };

__attribute__((noreturn)) static void out_of_memory(void)
{
    static const char line[] = "wirediet: out of memory; lower --limit memory=... or give the process more\n";
    ssize_t n = write(STDERR_FILENO, line, sizeof line - 1);
    (void)n;
    _exit(4);
}

void *wd_alloc(size_t size)
{
    void *at = calloc(1, size ? size : 1);
    if (!at)
        out_of_memory();
    return at;
}

void *wd_realloc(void *at, size_t count, size_t size)
{
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes))
        out_of_memory();
    at = realloc(at, bytes ? bytes : 1);
    if (!at)
        out_of_memory();
    return at;
}

void wd_free(void *at)
{
    free(at);
}

struct wd_arena *wd_arena_open(void)
{
    return wd_alloc(sizeof(struct wd_arena));
}

static void free_blocks(struct block *block)
{
    while (block) {
        struct block *older = block->older;
        free(block);
        block = older;
    }
}

void wd_arena_close(struct wd_arena *arena)
{
    if (!arena)
        return;
    free_blocks(arena->newest);
    free(arena);
}

void wd_arena_reset(struct wd_arena *arena)
{
    if (!arena->newest)
        return;
    free_blocks(arena->newest->older);
    arena->newest->older = NULL;
    arena->newest->used = 0;
}

static void add_block(struct wd_arena *arena, size_t need)
{
    size_t cap = arena->newest ? arena->newest->cap * 2 : FIRST_BLOCK;
    if (cap > LARGEST_BLOCK)
        cap = LARGEST_BLOCK;
    if (cap < need)
        cap = need;
    if (cap > SIZE_MAX - sizeof(struct block))
        out_of_memory();
    struct block *block = malloc(sizeof *block + cap);
    if (!block)
        out_of_memory();
    *block = (struct block){ .older = arena->newest, .cap = cap };
    arena->newest = block;
}

void *wd_arena_alloc(struct wd_arena *arena, size_t size)
{
    if (size > SIZE_MAX - 16)
        out_of_memory();
    size = (size + 15) & ~(size_t)15;
    if (!arena->newest || size > arena->newest->cap - arena->newest->used)
        add_block(arena, size);
    void *at = arena->newest->data + arena->newest->used;
    arena->newest->used += size;
    return memset(at, 0, size);
}

void *wd_arena_calloc(struct wd_arena *arena, size_t count, size_t size)
{
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes))
        out_of_memory();
    return wd_arena_alloc(arena, bytes);
}

struct wd_bytes wd_arena_copy(struct wd_arena *arena, struct wd_bytes bytes)
{
    uint8_t *at = wd_arena_alloc(arena, bytes.len + 1);
    if (bytes.len)
        memcpy(at, bytes.at, bytes.len);
    return (struct wd_bytes){ at, bytes.len };
}

char *wd_arena_string(struct wd_arena *arena, struct wd_bytes bytes)
{
    return (char *)wd_arena_copy(arena, bytes).at;
}

struct wd_bytes wd_arena_printf(struct wd_arena *arena, const char *format, ...)
{
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int n = vsnprintf(NULL, 0, format, args);
    va_end(args);
    size_t len = n > 0 ? (size_t)n : 0;
    char *at = wd_arena_alloc(arena, len + 1);
    vsnprintf(at, len + 1, format, again);
    va_end(again);
    return wd_bytes_at(at, len);
}
