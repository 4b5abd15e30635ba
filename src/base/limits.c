#include "base/limits.h"

#include <stddef.h>

#include "base/amount.h"
#include "base/escape.h"

static const struct { const char *name; size_t at; uint64_t value; } rows[] = {
#define ROW(name, member, value, unit, effect) { name, offsetof(struct wd_limits, member), value },
    WD_LIMITS(ROW)
#undef ROW
};

static uint64_t *member(struct wd_limits *limits, size_t at)
{
    return (uint64_t *)((char *)limits + at);
}

struct wd_limits wd_limits_default(void)
{
    struct wd_limits limits;
    for (size_t i = 0; i < WD_COUNT(rows); i++)
        *member(&limits, rows[i].at) = rows[i].value;
    return limits;
}

int wd_limits_set(struct wd_limits *limits, const char *assignment, struct wd_err *err)
{
    struct wd_shown shown;
    const char *equals = strchr(assignment, '=');
    if (!equals)
        return wd_fail(err, WD_EUSAGE, (struct wd_place){ 0 }, "--limit %s: expected NAME=VALUE; --limits lists the names",
                       wd_show(&shown, wd_bytes_of(assignment)));
    struct wd_bytes name = wd_bytes_at(assignment, (size_t)(equals - assignment));
    for (size_t i = 0; i < WD_COUNT(rows); i++) {
        if (!wd_bytes_is(name, rows[i].name))
            continue;
        if (wd_amount_bytes(wd_bytes_of(equals + 1), member(limits, rows[i].at)))
            return WD_OK;
        return wd_fail(err, WD_EUSAGE, (struct wd_place){ 0 },
                       "--limit %s: expected a whole number, with k, M or G if you like", rows[i].name);
    }
    return wd_fail(err, WD_EUSAGE, (struct wd_place){ 0 }, "--limit: no limit is called '%s'; --limits lists them",
                   wd_show(&shown, name));
}
