/* Any bytes as a usage file: an error with its place, or consumers whose paths are paths and whose
 * answers obey the three values. */
#include <stdlib.h>

#include "fuzz.h"
#include "model/path.h"
#include "usage/usage.h"

static void require(bool holds)
{
    if (!holds)
        abort();
}

static const struct wd_bytes root = { (const uint8_t *)".", 1 };

static enum wd_use ask(const struct wd_consumer *consumer, const struct wd_consumer_message *m,
                       struct wd_bytes path)
{
    struct wd_bytes where;
    enum wd_direction direction = m->direction < 0 ? WD_DIRECTION_COUNT : (enum wd_direction)m->direction;
    return wd_usage_of(consumer, m->message, m->channel, direction, path, &where);
}

/* Reads are used and so is what holds them; escapes are never unused. */
static void check_message(const struct wd_consumer *consumer, const struct wd_consumer_message *m)
{
    for (size_t i = 0; i < m->read_count && i < 64; i++) {
        struct wd_bytes again = { 0 };
        struct wd_arena *arena = wd_arena_open();
        require(wd_path_normal(m->reads[i].path, arena, &again) && wd_bytes_eq(again, m->reads[i].path));
        wd_arena_close(arena);
        require(wd_path_meets(m->reads[i].path, m->reads[i].path) &&
                wd_path_is_under(m->reads[i].path, root));
        require(ask(consumer, m, m->reads[i].path) == WD_USE_USED);
        struct wd_bytes parent = wd_path_parent(m->reads[i].path);
        if (parent.len)
            require(ask(consumer, m, parent) == WD_USE_USED);
    }
    for (size_t i = 0; i < m->escape_count && i < 64; i++)
        require(ask(consumer, m, m->escapes[i].path) != WD_USE_UNUSED);
    if (!m->is_complete)
        require(ask(consumer, m, wd_bytes_of("never.read.by.anyone")) != WD_USE_UNUSED);
    require(wd_usage_subscribes(consumer, m->message, m->channel, WD_DIRECTION_COUNT));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct wd_arena *arena = wd_arena_open();
    struct wd_limits limits = wd_limits_default();
    struct wd_usage usage = { 0 };
    struct wd_err err = { 0 };
    int rc = wd_usage_parse("u", wd_bytes_at(data, size), &limits, arena, &usage, &err);
    require(rc == WD_OK || (err.code == rc && strncmp(err.text, "u:", 2) == 0 && !strchr(err.text, '\n')));
    require(rc == WD_OK || usage.consumer_count == 0);
    for (size_t i = 0; i < usage.consumer_count && i < 64; i++) {
        require(usage.consumers[i].name.len > 0 && usage.consumers[i].source < WD_USAGE_SOURCE_COUNT);
        for (size_t k = 0; k < usage.consumers[i].message_count && k < 64; k++)
            check_message(&usage.consumers[i], &usage.consumers[i].messages[k]);
    }
    wd_arena_close(arena);
    return 0;
}
