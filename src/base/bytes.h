/* base/bytes.h - a view of bytes that came from outside.
 *
 * Shape   pointer and length; NUL is data. Everything read from an input is held as wd_bytes, never as
 *         `char *`: `const char *` is for our own literals. So a string that was not ours cannot reach
 *         printf("%s") without somebody writing a conversion (see base/escape.h for the right ones).
 * Owns    nothing. Whoever keeps one copies it into the arena that lives long enough.
 */
#ifndef WD_BASE_BYTES_H
#define WD_BASE_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/types.h>

struct wd_bytes {
    const uint8_t *at;
    size_t len;
};

#define WD_COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* The view of a literal, or of any NUL-terminated string that outlives it. NULL gives the empty view. */
static inline struct wd_bytes wd_bytes_of(const char *s)
{
    return (struct wd_bytes){ (const uint8_t *)s, s ? strlen(s) : 0 };
}

static inline struct wd_bytes wd_bytes_at(const void *at, size_t len)
{
    return (struct wd_bytes){ at, len };
}

static inline bool wd_bytes_eq(struct wd_bytes a, struct wd_bytes b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.at, b.at, a.len) == 0);
}

static inline bool wd_bytes_is(struct wd_bytes a, const char *literal)
{
    return wd_bytes_eq(a, wd_bytes_of(literal));
}

/* Bytewise order, shorter first on a tie: the order of every sorted output. */
static inline int wd_bytes_cmp(struct wd_bytes a, struct wd_bytes b)
{
    size_t n = a.len < b.len ? a.len : b.len;
    int c = n ? memcmp(a.at, b.at, n) : 0;
    return c ? c : (a.len > b.len) - (a.len < b.len);
}

static inline bool wd_bytes_starts(struct wd_bytes a, const char *literal)
{
    size_t n = strlen(literal);
    return a.len >= n && (n == 0 || memcmp(a.at, literal, n) == 0);
}

/* What stands behind the last dot: `Order` of `desk.Order`; all of it when there is none. */
static inline struct wd_bytes wd_bytes_unqualified(struct wd_bytes name)
{
    const uint8_t *dot = name.len ? memrchr(name.at, '.', name.len) : NULL;
    return dot ? wd_bytes_at(dot + 1, (size_t)(name.at + name.len - (dot + 1))) : name;
}

/* ASCII case folded, as HTTP and media types compare. */
bool wd_bytes_is_nocase(struct wd_bytes a, const char *literal);

/* Without leading and trailing spaces and tabs. */
struct wd_bytes wd_bytes_trim(struct wd_bytes a);

/* A decimal unsigned integer that fills all of `a`; false when it is not one or does not fit. */
bool wd_bytes_uint(struct wd_bytes a, uint64_t *out);

#endif
