/* Any bytes as .wirediet.yaml: an error with its place, or a configuration whose figures are in their
 * ranges. */
#include <stdlib.h>

#include "fuzz.h"
#include "model/message.h"
#include "model/path.h"
#include "usage/config.h"

static void require(bool holds)
{
    if (!holds)
        abort();
}

static bool is_share(double x)
{
    return x >= 0 && x <= 1;
}

static void check_suppression(const struct wd_suppression *s, struct wd_arena *arena)
{
    struct wd_bytes path;
    require(s->rule.len > 0 && s->at.line > 0);
    require(s->expires.len == 0 || s->expires.len == 10);
    require(s->path.len == 0 || (wd_path_normal(s->path, arena, &path) && wd_bytes_eq(path, s->path)));
}

static void check(const struct wd_config *c, struct wd_arena *arena)
{
    const struct wd_thresholds *t = &c->thresholds;
    require(is_share(t->changed_beyond) && is_share(t->slow_ratio) && is_share(t->snapshot_ratio) &&
            is_share(t->min_share) && is_share(t->min_confidence));
    for (size_t i = 0; i < c->schema_count; i++)
        require(wd_bytes_starts(c->schemas[i], "d/") || wd_bytes_starts(c->schemas[i], "/") ||
                wd_bytes_is(c->schemas[i], "-"));
    for (size_t i = 0; i < c->message_count; i++)
        require(c->messages[i].channel.len &&
                (c->messages[i].name.len > 0) != (c->messages[i].field.len > 0) &&
                c->messages[i].direction < WD_DIRECTION_COUNT);
    for (size_t i = 0; i < c->suppression_count; i++)
        check_suppression(&c->suppressions[i], arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct wd_arena *arena = wd_arena_open();
    struct wd_config config = { 0 };
    struct wd_err err = { 0 };
    int rc = wd_config_parse("d/c", wd_bytes_at(data, size), arena, &config, &err);
    require(rc == WD_OK || (err.code == rc && strncmp(err.text, "d/c:", 4) == 0 && !strchr(err.text, '\n')));
    if (rc == WD_OK)
        check(&config, arena);
    wd_arena_close(arena);
    return 0;
}
