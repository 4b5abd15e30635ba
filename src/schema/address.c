#include "schema/address.h"

static struct wd_bytes skip_slash(struct wd_bytes path)
{
    return path.len && path.at[0] == '/' ? wd_bytes_at(path.at + 1, path.len - 1) : path;
}

/* Off the front: up to the next '/', which goes too. False when nothing is left. */
static bool take_segment(struct wd_bytes *path, struct wd_bytes *segment)
{
    if (!path->at)
        return false;
    const uint8_t *slash = path->len ? memchr(path->at, '/', path->len) : NULL;
    size_t n = slash ? (size_t)(slash - path->at) : path->len;
    *segment = wd_bytes_at(path->at, n);
    *path = slash ? wd_bytes_at(slash + 1, path->len - n - 1) : (struct wd_bytes){ 0 };
    return true;
}

static size_t parameter_len(struct wd_bytes s, size_t off)
{
    if (off >= s.len || s.at[off] != '{')
        return 0;
    const uint8_t *end = memchr(s.at + off, '}', s.len - off);
    return end ? (size_t)(end - s.at) - off + 1 : 0;
}

static bool is_parameter(struct wd_bytes segment)
{
    return segment.len && parameter_len(segment, 0) == segment.len;
}

/* Like a file pattern with `{x}` for one or more bytes: when a literal does not fit, the last parameter takes
 * one byte more. */
static bool segment_fits(struct wd_bytes segment, struct wd_bytes pattern)
{
    size_t i = 0, j = 0, again_i = 0, again_j = SIZE_MAX;
    if (is_parameter(segment) || is_parameter(pattern))
        return is_parameter(pattern) && segment.len;
    while (i < segment.len || j < pattern.len) {
        size_t n = parameter_len(pattern, j);
        if (n && i < segment.len) {
            again_i = ++i;
            again_j = j += n;
        } else if (i < segment.len && j < pattern.len && segment.at[i] == pattern.at[j]) {
            i++;
            j++;
        } else if (again_j != SIZE_MAX && again_i < segment.len) {
            i = ++again_i;
            j = again_j;
        } else {
            return false;
        }
    }
    return true;
}

bool wd_address_fits(struct wd_bytes channel, struct wd_bytes address)
{
    struct wd_bytes a = skip_slash(channel), b = skip_slash(address), segment = { 0 }, pattern = { 0 };
    for (;;) {
        bool has_segment = take_segment(&a, &segment), has_pattern = take_segment(&b, &pattern);
        if (!has_segment || !has_pattern)
            return has_segment == has_pattern;
        if (!wd_bytes_eq(segment, pattern) && !segment_fits(segment, pattern))
            return false;
    }
}

bool wd_address_fits_tail(struct wd_bytes channel, struct wd_bytes address)
{
    struct wd_bytes rest = skip_slash(channel), segment = { 0 };
    if (!skip_slash(address).len)
        return true;   /* "/" below whatever the server's base path is */
    while (take_segment(&rest, &segment) && rest.at)
        if (wd_address_fits(rest, address))
            return true;
    return false;
}
