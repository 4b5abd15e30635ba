/* model/usage.c - the three-valued question: used, unused, or unknown. */
#include "model/usage.h"

#include "model/path.h"

static bool is_about(const struct wd_consumer_message *entry, struct wd_bytes message,
                     struct wd_bytes channel, int direction)
{
    bool is_known_direction = direction >= 0 && direction < WD_DIRECTION_COUNT;
    return (wd_bytes_is(entry->message, "*") || wd_bytes_eq(entry->message, message)) &&
           (entry->channel.len == 0 || channel.len == 0 || wd_bytes_eq(entry->channel, channel)) &&
           (entry->direction < 0 || !is_known_direction || entry->direction == direction);
}

/* A read of a path reads its ancestors. An entry of an array or map that is read is used as well: their
 * number is visible, so none can be left out. */
static bool reads(struct wd_bytes read, struct wd_bytes path)
{
    if (wd_path_is_under(read, path))
        return true;
    while (wd_path_is_entry(path)) {
        path = wd_path_parent(path);
        if (wd_path_meets(read, path))
            return true;
    }
    return false;
}

/* A list of messages is read where one is asked for, or one where a list is: a container file of records, say.
 * Then nothing follows for the fields of the other. An entry for every message means many shapes. */
static bool is_of_another_shape(const struct wd_consumer_message *entry, struct wd_bytes read, struct wd_bytes path)
{
    return !wd_bytes_is(entry->message, "*") && !wd_bytes_is(read, ".") && !wd_bytes_is(path, ".") &&
           wd_bytes_starts(read, "[]") != wd_bytes_starts(path, "[]");
}

struct answer { enum wd_use use; struct wd_bytes where; };

static void raise_to(struct answer *answer, enum wd_use use, struct wd_bytes where)
{
    if (use > answer->use)
        *answer = (struct answer){ use, where };
}

static void ask_entry(const struct wd_consumer_message *entry, struct wd_bytes path, struct answer *answer)
{
    for (size_t i = 0; i < entry->read_count; i++) {
        const struct wd_read *read = &entry->reads[i];
        if (is_of_another_shape(entry, read->path, path))
            raise_to(answer, WD_USE_UNKNOWN, wd_bytes_of("it reads lists of messages, or one where these are lists"));
        if (!reads(read->path, path))
            continue;
        raise_to(answer, WD_USE_USED, read->where_count ? read->where[0] : wd_bytes_of(""));
        return;
    }
    for (size_t i = 0; i < entry->escape_count; i++) {
        const struct wd_escape *escape = &entry->escapes[i];
        if (wd_path_is_under(path, escape->path) || wd_path_is_under(escape->path, path))
            raise_to(answer, WD_USE_UNKNOWN, escape->where);
    }
    if (!entry->is_complete)
        raise_to(answer, WD_USE_UNKNOWN, wd_bytes_of("its list of reads is not complete"));
}

enum wd_use wd_usage_of(const struct wd_consumer *consumer, struct wd_bytes message, struct wd_bytes channel,
                        enum wd_direction direction, struct wd_bytes path, struct wd_bytes *where)
{
    struct answer answer = { WD_USE_UNUSED, wd_bytes_of("") };
    if (consumer->message_count == 0)
        raise_to(&answer, WD_USE_UNKNOWN, wd_bytes_of("it lists no message at all"));
    else if (path.len == 0 || path.at[0] == '(')  /* rows for what could not be read or was too much */
        raise_to(&answer, WD_USE_UNKNOWN, wd_bytes_of("the bytes could not be told apart"));
    for (size_t i = 0; i < consumer->message_count && answer.use < WD_USE_USED; i++)
        if (path.len && path.at[0] != '(' &&
            is_about(&consumer->messages[i], message, channel, (int)direction))
            ask_entry(&consumer->messages[i], path, &answer);
    if (answer.use == WD_USE_UNKNOWN && consumer->is_assumed_unused)
        answer = (struct answer){ WD_USE_UNUSED, wd_bytes_of("assumed unused") };
    if (where)
        *where = answer.where;
    return answer.use;
}

enum wd_use wd_usage_all(const struct wd_usage *usage, struct wd_bytes message, struct wd_bytes channel,
                         enum wd_direction direction, struct wd_bytes path)
{
    enum wd_use use = usage->consumer_count ? WD_USE_UNUSED : WD_USE_UNKNOWN;
    for (size_t i = 0; i < usage->consumer_count && use < WD_USE_USED; i++) {
        enum wd_use one = wd_usage_of(&usage->consumers[i], message, channel, direction, path, NULL);
        use = one > use ? one : use;
    }
    return use;
}

bool wd_usage_subscribes(const struct wd_consumer *consumer, struct wd_bytes message, struct wd_bytes channel,
                         enum wd_direction direction)
{
    for (size_t i = 0; i < consumer->message_count; i++)
        if (is_about(&consumer->messages[i], message, channel, (int)direction))
            return true;
    return false;
}
