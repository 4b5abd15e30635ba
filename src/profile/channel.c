/* profile/channel.c - the name of a channel. Path segments that are identifiers are values and become {}. */
#include "base/shape.h"
#include "profile/observer.h"

/* The next segment at *off, which then stands after the slash behind it. */
static bool next_segment(struct wd_bytes path, size_t *off, struct wd_bytes *segment)
{
    if (*off > path.len)
        return false;
    size_t end = *off;
    while (end < path.len && path.at[end] != '/')
        end++;
    *segment = wd_bytes_at(path.at + *off, end - *off);
    *off = end + 1;
    return true;
}

static bool is_parameter(struct wd_bytes segment)
{
    return segment.len >= 2 && segment.at[0] == '{' && segment.at[segment.len - 1] == '}';
}

bool channel_fits(struct wd_bytes channel, struct wd_bytes pattern)
{
    size_t i = 0, j = 0;
    struct wd_bytes a = { 0 }, b = { 0 };
    for (;;) {
        bool has_a = next_segment(channel, &i, &a), has_b = next_segment(pattern, &j, &b);
        if (!has_a || !has_b)
            return has_a == has_b;
        if (!wd_bytes_eq(a, b) && !(is_parameter(b) && a.len))
            return false;
    }
}

static size_t parameters_of(struct wd_bytes pattern)
{
    size_t off = 0, count = 0;
    struct wd_bytes segment;
    while (next_segment(pattern, &off, &segment))
        count += is_parameter(segment);
    return count;
}

/* The most literal pattern that fits, configuration before schema; empty when none does. */
static struct wd_bytes template_for(const struct wd_observer *o, struct wd_bytes path)
{
    struct wd_bytes best = { 0 };
    size_t fewest = SIZE_MAX;
    for (size_t i = 0; i < o->config->message_count; i++) {
        struct wd_bytes pattern = o->config->messages[i].channel;
        if (pattern.len && channel_fits(path, pattern) && parameters_of(pattern) < fewest) {
            best = pattern;
            fewest = parameters_of(pattern);
        }
    }
    for (size_t i = 0; !best.len && o->schema && i < o->schema->message_count; i++) {
        struct wd_bytes pattern = o->schema->messages[i].channel;
        if (pattern.len && channel_fits(path, pattern) && parameters_of(pattern) < fewest)
            best = pattern;
    }
    return best;
}

struct wd_bytes channel_name(const struct wd_observer *o, const struct wd_channel *channel, struct wd_arena *arena)
{
    if (!channel->path.len)
        return wd_bytes_of("(unknown)");
    struct wd_bytes known = template_for(o, channel->path);
    if (known.len)
        return wd_arena_copy(arena, known);
    struct wd_buf name = { 0 };
    struct wd_bytes segment;
    for (size_t off = 0; next_segment(channel->path, &off, &segment);) {
        if (wd_shape_is_identifier(segment))
            wd_buf_puts(&name, "{}");
        else
            wd_buf_put(&name, segment);
        if (off <= channel->path.len)
            wd_buf_byte(&name, '/');
    }
    struct wd_bytes kept = wd_arena_copy(arena, wd_buf_bytes(&name));
    wd_buf_free(&name);
    return kept;
}
