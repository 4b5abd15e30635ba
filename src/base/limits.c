#include "base/limits.h"

#include <inttypes.h>
#include <stddef.h>

#include "base/amount.h"
#include "base/escape.h"

const struct wd_limit_row wd_limit_rows[WD_LIMIT_COUNT] = {
#define ROW(name, member, value, voice, unit, effect) \
    { name, offsetof(struct wd_limits, member), value, WD_LIMIT_##voice, unit, effect },
    WD_LIMITS(ROW)
#undef ROW
};

static uint64_t *member(struct wd_limits *limits, size_t at)
{
    return (uint64_t *)((char *)limits + at);
}

uint64_t wd_limits_value(const struct wd_limits *limits, enum wd_limit id)
{
    return *(const uint64_t *)((const char *)limits + wd_limit_rows[id].at);
}

uint64_t wd_limits_most(enum wd_limit id)
{
    switch (id) {
    case WD_LIMIT_depth: return WD_DEPTH_MAX;
    case WD_LIMIT_inflate_layers: return WD_LAYERS_MAX;
    case WD_LIMIT_protocols: return WD_PROTOCOLS_MAX;
    default: return UINT64_MAX;
    }
}

struct wd_limits wd_limits_default(void)
{
    struct wd_limits limits;
    for (size_t i = 0; i < WD_LIMIT_COUNT; i++)
        *member(&limits, wd_limit_rows[i].at) = wd_limit_rows[i].value;
    return limits;
}

static int set(struct wd_limits *limits, enum wd_limit id, const char *text, struct wd_err *err)
{
    const struct wd_limit_row *row = &wd_limit_rows[id];
    uint64_t value, most = wd_limits_most(id);
    if (!wd_amount_bytes(wd_bytes_of(text), &value))
        return wd_fail(err, WD_EUSAGE, (struct wd_place){ 0 },
                       "--limit %s: expected a whole number, with k, M or G if you like", row->name);
    if (value > most)
        return wd_fail(err, WD_EUSAGE, (struct wd_place){ 0 }, "--limit %s: expected at most %" PRIu64,
                       row->name, most);
    *member(limits, row->at) = value;
    return WD_OK;
}

int wd_limits_set(struct wd_limits *limits, const char *assignment, struct wd_err *err)
{
    struct wd_shown shown;
    const char *equals = strchr(assignment, '=');
    if (!equals)
        return wd_fail(err, WD_EUSAGE, (struct wd_place){ 0 },
                       "--limit %s: expected NAME=VALUE; --limits lists the names",
                       wd_show(&shown, wd_bytes_of(assignment)));
    struct wd_bytes name = wd_bytes_at(assignment, (size_t)(equals - assignment));
    for (int id = 0; id < WD_LIMIT_COUNT; id++)
        if (wd_bytes_is(name, wd_limit_rows[id].name))
            return set(limits, (enum wd_limit)id, equals + 1, err);
    return wd_fail(err, WD_EUSAGE, (struct wd_place){ 0 },
                   "--limit: no limit is called '%s'; --limits lists them", wd_show(&shown, name));
}
