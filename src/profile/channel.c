/* profile/channel.c - the name of a channel. Path segments that are identifiers are values and become {}. */
#include "base/escape.h"
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

/* One segment against one of the pattern, which may hold one {parameter}: room-{id}, {id}.json */
static bool fits_segment(struct wd_bytes segment, struct wd_bytes pattern)
{
    const uint8_t *open = memchr(pattern.at, '{', pattern.len);
    if (!open)
        return wd_bytes_eq(segment, pattern);
    size_t before = (size_t)(open - pattern.at);
    const uint8_t *close = memchr(open, '}', pattern.len - before);
    if (!close)
        return wd_bytes_eq(segment, pattern);
    size_t after = pattern.len - before - (size_t)(close + 1 - open);
    return segment.len > before + after && memcmp(segment.at, pattern.at, before) == 0 &&
           memcmp(segment.at + segment.len - after, close + 1, after) == 0;
}

/* The same with and without its leading slash. */
static struct wd_bytes unslashed(struct wd_bytes path)
{
    size_t skip = path.len && path.at[0] == '/';
    return wd_bytes_at(path.at + skip, path.len - skip);
}

bool channel_fits(struct wd_bytes channel, struct wd_bytes pattern)
{
    size_t i = 0, j = 0;
    struct wd_bytes a = { 0 }, b = { 0 };
    channel = unslashed(channel);
    pattern = unslashed(pattern);
    for (;;) {
        bool has_a = next_segment(channel, &i, &a), has_b = next_segment(pattern, &j, &b);
        if (!has_a || !has_b)
            return has_a == has_b;
        if (!fits_segment(a, b))
            return false;
    }
}

bool channel_is_meant(const struct family *family, struct wd_bytes channel)
{
    return !channel.len || wd_bytes_eq(channel, family->name) || channel_fits(family->name, channel);
}

static size_t parameters_of(struct wd_bytes pattern)
{
    size_t off = 0, count = 0;
    struct wd_bytes segment;
    while (next_segment(pattern, &off, &segment))
        count += memchr(segment.at, '{', segment.len) ? 1 + is_parameter(segment) : 0;
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
    if (best.len || !o->schema)
        return best;
    for (size_t i = 0; i < o->schema->message_count; i++) {
        struct wd_bytes pattern = o->schema->messages[i].channel;
        if (pattern.len && channel_fits(path, pattern) && parameters_of(pattern) < fewest) {
            best = pattern;
            fewest = parameters_of(pattern);
        }
    }
    return best;
}

bool channel_is_declared(const struct wd_observer *o, struct wd_bytes path)
{
    return template_for(o, path).len > 0;
}

void channel_put_text(struct wd_buf *out, struct wd_bytes text)
{
    for (size_t off = 0, start = 0; off < text.len; start = off) {
        if (wd_utf8_next(text, &off) < 0)
            wd_buf_puts(out, "\xef\xbf\xbd");
        else
            wd_buf_put(out, wd_bytes_at(text.at + start, off - start));
    }
}

void channel_put_name(const struct wd_observer *o, const struct wd_channel *channel, struct wd_buf *out)
{
    if (!channel->path.len) {
        wd_buf_puts(out, "(unknown)");
        return;
    }
    struct wd_bytes known = template_for(o, channel->path), segment;
    if (known.len) {
        channel_put_text(out, known);
        return;
    }
    for (size_t off = 0; next_segment(channel->path, &off, &segment);) {
        if (wd_shape_is_identifier(segment))
            wd_buf_puts(out, "{}");
        else
            channel_put_text(out, segment);
        if (off <= channel->path.len)
            wd_buf_byte(out, '/');
    }
}
