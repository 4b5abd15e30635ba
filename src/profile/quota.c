/* profile/quota.c - limits that all connections share:
 *
 *     limit   |########################################|
 *     one     |####################|                      as much as it leaves
 *     two     |                    |##########|           of what is left, the same
 *     three   |                               |#          what it needs
 *
 * So whoever takes all that can be had still leaves room for those that need little.
 */
#include "profile/observer.h"

static struct wd_bytes key_of(const struct wd_observer *o)
{
    return wd_bytes_at(&o->connection, sizeof o->connection);
}

uint64_t quota_room(const struct wd_observer *o, enum quota kind, uint64_t made, uint64_t limit)
{
    uint64_t left = limit > made ? limit - made : 0, quarter = limit / 4;
    if (made < quarter)   /* even who made all of them has not more than half after that: no need to look */
        return quarter;
    const uint64_t *own = o->quotas[kind] ? wd_map_get(o->quotas[kind], key_of(o)) : NULL;
    uint64_t has = own ? *own : 0;
    return left > has ? (left - has + 1) / 2 : 0;   /* `has` grows as `left` shrinks */
}

void quota_take(struct wd_observer *o, enum quota kind, uint64_t count)
{
    if (!count)
        return;
    if (!o->quotas[kind])
        o->quotas[kind] = wd_map_open();
    *wd_map_put(o->quotas[kind], key_of(o), NULL) += count;
}
